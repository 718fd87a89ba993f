//! Whose turn it is and when: what is set aside ahead of its time, what waits behind work, what is
//! done to a node that is about to start, and what comes back for want of room.

use faultline_core::sim::{
    Action, Boot, Capacity, Cause, Cx, EventKind, MessageName, NetworkConfig, NodeId, Overflow,
    SyncId,
};
use faultline_core::view::{LoadScene, Status};

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, note, play, run_of, told, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// N0 says two numbers at once; N1 works ten milliseconds on each.
#[derive(Clone, Default, Hash)]
struct Pair;

impl Behaviour for Pair {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 && boot == Boot::Fresh {
            (0..2).for_each(|number| cx.send(N1, Say(number)));
        }
    }

    fn on_message(&mut self, _: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.work(10_000);
    }
}

#[test]
fn load_counts_what_has_been_and_not_what_was_about_to_be() {
    // The second number comes at 15 ms, in the middle of the work on the first: the world knows that
    // at 10 ms, when it sees that nothing can happen before the work is done.
    let second = MessageName { from: N0, to: N1, nth: 1 };
    let delay = (1_000, Action::DelayMessage { message: second, by_us: 5_000 });
    let load_at = |actions: &[(u64, Action)], at_us| {
        let mut run = run_of::<Pair>(1, actions);
        run.seek_time(at_us);
        run.simulation().scene().nodes[1].load
    };
    let look = |at_us| (at_us, Action::StepClock { node: N0, by_us: 1 });
    let seen = |at_us| {
        let LoadScene { inbox, busy, busy_us, .. } = load_at(&[delay.clone(), look(at_us)], at_us);
        (inbox, busy, busy_us)
    };
    assert_eq!(seen(12_000), (0, 1, 2_000), "it is still on its way");
    assert_eq!(seen(16_000), (1, 1, 6_000));
    assert_eq!(seen(22_000), (0, 1, 12_000));
    assert_eq!(seen(40_000), (0, 0, 20_000));
    let crash = [delay.clone(), (12_000, Action::Crash(N1)), look(50_000)];
    assert_eq!(load_at(&crash, 50_000).busy_us, 2_000, "a crash ends the work there and then");
}

/// N1 writes on each number and hears of its sync, which takes a millisecond, behind other work.
#[derive(Clone, Default, Hash)]
struct Clerk;

impl Behaviour for Clerk {
    const SYNC_US: (u64, u64) = (1_000, 1_000);

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            (0..3).for_each(|number| cx.send(N1, Say(number)));
        }
    }

    fn on_message(&mut self, _: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        *cx.disk_mut().get_mut() = number;
        cx.sync();
        cx.work(10_000);
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Puppet<Self>>) {
        note(cx, format!("hears of sync {}", sync.0));
        cx.work(2_000);
    }
}

#[test]
fn news_of_a_sync_waits_in_the_same_line_as_everything_else() {
    let lines = play::<Clerk>(&[], 1_000_000);
    // Work on the first ends at 20 ms, its sync at 21: in the middle of the work on the second.
    let heard =
        ["42000 N1 hears of sync 0", "44000 N1 hears of sync 1", "46000 N1 hears of sync 2"];
    assert_eq!(with(&lines, "hears of sync"), heard);
    let mut run = run_of::<Clerk>(1, &[]);
    run.seek_time(1_000_000);
    let busy_us = run.simulation().scene().nodes[1].load.busy_us;
    assert_eq!(busy_us, 3 * 12_000, "one server is never at two things");
}

/// N0 greets when it starts, and hears a bell ten milliseconds later.
#[derive(Clone, Default, Hash)]
struct Early;

impl Behaviour for Early {
    const NETWORK: NetworkConfig = latency_us(1_000, 1_000);

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        note(cx, format!("starts {boot:?}"));
        cx.set_timer(10_000, Bell(1));
    }

    fn on_bell(&mut self, number: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        note(cx, format!("rings {number}"));
    }

    fn on_message(&mut self, _: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        note(cx, format!("hears {number}"));
    }
}

#[test]
fn a_node_that_is_about_to_start_can_be_crashed() {
    let lines = play::<Early>(&[(0, Action::Crash(N0)), (5_000, Action::Restart(N0))], 100_000);
    // It had never started, so there is nothing to recover.
    assert_eq!(with(&lines, "N0 starts "), ["5000 N0 starts Fresh"]);
    let again = [
        (2_000, Action::Crash(N0)),
        (4_000, Action::Restart(N0)),
        (4_000, Action::Crash(N0)),
        (6_000, Action::Restart(N0)),
    ];
    let lines = play::<Early>(&again, 100_000);
    assert_eq!(with(&lines, "N0 starts "), ["0 N0 starts Fresh", "6000 N0 starts Recovered"]);
}

#[test]
fn a_node_that_is_about_to_start_can_be_frozen_and_told_something() {
    let say = (0, Action::Command { command: 0, node: N0 });
    let pause = [(0, Action::Pause(N0)), say, (5_000, Action::Resume(N0))];
    let lines = play::<Early>(&pause, 100_000);
    let told = [
        "5000 N0 starts",
        "5000 N0 starts Fresh",
        "5000 N0 receives from you: 1000",
        "5000 N0 hears 1000",
        "15000 N0 rings 1",
    ];
    assert_eq!(with(&lines, "N0 "), told);
    let mut run = run_of::<Early>(1, &pause);
    run.seek_time(1_000);
    assert_eq!(run.simulation().scene().nodes[0].status, Status::Paused);
}

#[test]
fn a_timer_that_was_fired_stays_fired_when_the_clock_changes_its_rate() {
    let mut run = run_of::<Early>(1, &[]);
    run.seek_time(1_000);
    let timer = run.simulation().scene().nodes[0].timers[0].name;
    let drift = Action::Drift { node: N0, drift_ppm: 100_000 };
    let lines = play::<Early>(&[(1_000, Action::FireTimer(timer)), (1_000, drift)], 100_000);
    assert_eq!(with(&lines, "N0 rings"), ["1000 N0 rings 1"]);
}

/// N0 says three numbers at once to N1, who works and refuses what does not fit.
#[derive(Clone, Default, Hash)]
struct Full;

impl Behaviour for Full {
    const CAPACITY: Capacity = Capacity { servers: 1, inbox: Some(1), overflow: Overflow::Refuse };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            (0..3).for_each(|number| cx.send(N1, Say(number)));
        }
    }

    fn on_message(&mut self, _: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.work(10_000);
    }

    fn on_refused(&mut self, to: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        note(cx, format!("has {number} back from N{}", to.0));
    }
}

#[test]
fn what_comes_back_is_a_message_of_the_way_back() {
    let mut run = run_of::<Full>(1, &[]);
    run.seek_time(12_000);
    let back = &run.simulation().scene().messages[0];
    assert_eq!(back.name, MessageName { from: N1, to: N0, nth: 0 });
    run.seek_time(100_000);
    assert_eq!(with(&told(&run), "has 2 back"), ["20000 N0 has 2 back from N1"]);
    let events = &run.journal().events;
    let number = |kind| events.iter().position(|event| event.kind == kind).unwrap();
    let (fell, heard) = (number(EventKind::Fell), number(EventKind::Refused));
    let fell = u32::try_from(fell).unwrap();
    assert_eq!(events[heard].cause, Cause::Event(fell), "it comes of what the receiver did");
    assert!(run.journal().happens_before(fell, u32::try_from(heard).unwrap()));
    // It can be lost on its way like any other.
    let drop = Action::DropMessage(MessageName { from: N1, to: N0, nth: 0 });
    assert_eq!(with(&play::<Full>(&[(12_000, drop)], 100_000), "has 2 back"), [""; 0]);
    let cut = Action::Cut { from: N1, to: N0 };
    let lines = play::<Full>(&[(12_000, cut)], 100_000);
    assert_eq!(with(&lines, "has 2 back"), [""; 0]);
    assert_eq!(with(&lines, "N1 → N0").len(), 1);
}
