//! What survives a crash, and when it is safe to speak of it.

use faultline_core::sim::{Action, Boot, Cx, NodeId, SyncId};

use super::puppet::{Behaviour, Bell, Puppet, Say, note, play, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// Writes 1 and syncs it, then writes 2 and does not; tells what it starts with.
#[derive(Clone, Default, Hash)]
struct Writer {
    memory: u32,
}

impl Behaviour for Writer {
    const NODES: u16 = 1;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let disk = *cx.disk().get();
        note(cx, format!("{boot:?} with memory {} and disk {disk}", self.memory));
        self.memory = 7;
        if boot == Boot::Fresh {
            *cx.disk_mut().get_mut() = 1;
            cx.sync();
        }
    }

    fn on_synced(&mut self, _: SyncId, cx: &mut Cx<'_, Puppet<Self>>) {
        *cx.disk_mut().get_mut() = 2;
        note(cx, "wrote 2");
    }
}

#[test]
fn a_crash_drops_memory_and_unsynced_writes_and_keeps_synced_ones() {
    let lines =
        play::<Writer>(&[(20_000, Action::Crash(N0)), (30_000, Action::Restart(N0))], 50_000);
    assert_eq!(with(&lines, "wrote"), ["5000 N0 wrote 2"]);
    assert_eq!(with(&lines, "Recovered"), ["30000 N0 Recovered with memory 0 and disk 1"]);
}

#[test]
fn a_crash_before_a_sync_completes_loses_what_it_would_have_covered() {
    let lines =
        play::<Writer>(&[(4_999, Action::Crash(N0)), (30_000, Action::Restart(N0))], 50_000);
    assert_eq!(with(&lines, "wrote"), [""; 0]);
    assert_eq!(with(&lines, "Recovered"), ["30000 N0 Recovered with memory 0 and disk 0"]);
}

/// Writes, then speaks twice: at once, and when the write is durable.
#[derive(Clone, Default, Hash)]
struct Promiser;

impl Behaviour for Promiser {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 && boot == Boot::Fresh {
            // Written after the request to send: the whole handler is covered all the same.
            cx.send_after_sync(N1, Say(2));
            *cx.disk_mut().get_mut() = 9;
            cx.send(N1, Say(1));
        }
    }
}

#[test]
fn a_message_that_waits_for_a_sync_leaves_when_it_completes() {
    let lines = play::<Promiser>(&[], 50_000);
    let heard = ["10000 N1 receives from N0: 1", "15000 N1 receives from N0: 2"];
    assert_eq!(with(&lines, "receives"), heard);
}

#[test]
fn a_crash_loses_a_message_that_waits_together_with_the_write() {
    let crash = [(3_000, Action::Crash(N0)), (3_000, Action::Restart(N0))];
    let lines = play::<Promiser>(&crash, 50_000);
    assert_eq!(with(&lines, "receives"), ["10000 N1 receives from N0: 1"]);
}

/// Has nothing to sync and asks to wait for it.
#[derive(Clone, Default, Hash)]
struct Clean;

impl Behaviour for Clean {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.send_after_sync(N1, Say(1));
        }
    }
}

#[test]
fn a_clean_disk_makes_nobody_wait() {
    assert_eq!(with(&play::<Clean>(&[], 50_000), "receives"), ["10000 N1 receives from N0: 1"]);
}

/// Writes and syncs every millisecond, faster than its disk.
#[derive(Clone, Default, Hash)]
struct Busy {
    written: u32,
}

impl Behaviour for Busy {
    const NODES: u16 = 1;
    const SYNC_US: (u64, u64) = (500, 20_000);

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if boot == Boot::Recovered {
            let disk = *cx.disk().get();
            return note(cx, format!("remembers {disk}"));
        }
        cx.set_timer(1_000, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        self.written += 1;
        *cx.disk_mut().get_mut() = self.written;
        // Asking twice in one handler asks for one sync.
        assert_eq!(cx.sync(), cx.sync());
        if self.written < 40 {
            cx.set_timer(1_000, Bell(0));
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Puppet<Self>>) {
        let durable = *cx.disk().durable();
        note(cx, format!("synced {} holds {durable}", sync.0));
    }
}

#[test]
fn syncs_complete_in_order_and_each_covers_what_was_written_before_it() {
    let lines = play::<Busy>(&[], 1_000_000);
    let told: Vec<String> =
        with(&lines, "synced").iter().map(|line| line.split_once(' ').unwrap().1.into()).collect();
    let expected: Vec<String> = (0..40).map(|n| format!("N0 synced {n} holds {}", n + 1)).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_crash_keeps_the_last_completed_sync_and_forgets_those_under_way() {
    let crash = [(25_500, Action::Crash(N0)), (26_000, Action::Restart(N0))];
    let lines = play::<Busy>(&crash, 1_000_000);
    let completed = with(&lines, "synced").len();
    assert!((1..25).contains(&completed), "{completed} syncs in 25 ms");
    assert_eq!(with(&lines, "remembers"), [format!("26000 N0 remembers {completed}")]);
}

#[test]
fn a_disk_goes_on_while_its_node_is_frozen() {
    let actions =
        [(2_000, Action::Pause(N0)), (20_000, Action::Crash(N0)), (30_000, Action::Restart(N0))];
    let lines = play::<Writer>(&actions, 50_000);
    assert_eq!(with(&lines, "wrote"), [""; 0], "the process never heard of its sync");
    assert_eq!(with(&lines, "Recovered with"), ["30000 N0 Recovered with memory 0 and disk 1"]);
}

#[test]
fn a_frozen_node_hears_of_its_sync_and_keeps_its_promise_when_it_goes_on() {
    let actions = [(2_000, Action::Pause(N0)), (30_000, Action::Resume(N0))];
    let lines = play::<Promiser>(&actions, 60_000);
    let heard = ["10000 N1 receives from N0: 1", "40000 N1 receives from N0: 2"];
    assert_eq!(with(&lines, "N1 receives"), heard);
    assert_eq!(with(&lines, "learns"), ["30000 N0 learns that its disk has synced"]);
    // Frozen again in the same instant, it hears of it once all the same.
    let actions = [
        (2_000, Action::Pause(N0)),
        (30_000, Action::Resume(N0)),
        (30_000, Action::Pause(N0)),
        (35_000, Action::Resume(N0)),
    ];
    let lines = play::<Promiser>(&actions, 60_000);
    assert_eq!(with(&lines, "learns"), ["35000 N0 learns that its disk has synced"]);
    assert_eq!(with(&lines, "N1 receives from N0: 2").len(), 1);
}
