//! Timers, clocks and pauses.

use faultline_core::sim::{Action, Boot, Cx, NodeId};

use super::puppet::{Behaviour, Bell, Puppet, Say, note, play, run_of, told, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// Sets a timer of a second and tells its clocks when it fires.
#[derive(Clone, Default, Hash)]
struct Sleeper;

impl Behaviour for Sleeper {
    const NODES: u16 = 1;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(1_000_000, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        let (monotonic_us, wall_us) = (cx.now_us(), cx.wall_us());
        note(cx, format!("woke at {monotonic_us}, wall {wall_us}"));
    }
}

const fn drift(drift_ppm: i32) -> Action {
    Action::Drift { node: N0, drift_ppm }
}

#[test]
fn a_timer_fires_by_its_node_s_clock() {
    let woke =
        |actions: &[(u64, Action)]| with(&play::<Sleeper>(actions, 3_000_000), "woke").join("; ");
    assert_eq!(woke(&[]), "1000000 N0 woke at 1000000, wall 1000000");
    // A tenth fast from half a second on: the other half second takes 10/11 of its time.
    assert_eq!(woke(&[(500_000, drift(100_000))]), "954546 N0 woke at 1000000, wall 1000000");
    // A fifth slow for a while, then right again: 100 ms are lost.
    let slow = [(200_000, drift(-200_000)), (700_000, drift(0))];
    assert_eq!(woke(&slow), "1100000 N0 woke at 1000000, wall 1000000");
}

#[test]
fn a_stepped_wall_clock_moves_no_timer() {
    let ahead = Action::StepClock { node: N0, by_us: 5_000_000 };
    let lines = play::<Sleeper>(&[(300_000, ahead)], 3_000_000);
    assert_eq!(with(&lines, "woke"), ["1000000 N0 woke at 1000000, wall 6000000"]);
    let back = Action::StepClock { node: N0, by_us: i64::MIN };
    let lines = play::<Sleeper>(&[(300_000, back)], 3_000_000);
    assert_eq!(with(&lines, "woke"), ["1000000 N0 woke at 1000000, wall 0"]);
}

#[test]
fn the_monotonic_clock_starts_with_its_node() {
    let restart = [(200_000, Action::Crash(N0)), (400_000, Action::Restart(N0))];
    let lines = play::<Sleeper>(&restart, 3_000_000);
    assert_eq!(with(&lines, "woke"), ["1400000 N0 woke at 1000000, wall 1400000"]);
}

#[test]
fn a_timer_can_be_fired_by_hand_once() {
    let mut run = run_of::<Sleeper>(1, &[]);
    run.seek_time(250_000);
    let timer = run.simulation().scene().nodes[0].timers[0].name;
    run.act(Action::FireTimer(timer));
    run.seek_time(3_000_000);
    assert_eq!(with(&told(&run), "woke"), ["250000 N0 woke at 250000, wall 250000"]);
}

#[test]
fn a_clock_s_rate_can_be_anything() {
    for drift_ppm in [i32::MIN, -1_000_000, -500_000, 1_000_000, i32::MAX] {
        let lines = play::<Sleeper>(&[(100_000, drift(drift_ppm))], 3_000_000);
        assert_eq!(with(&lines, "woke at 1000000").len(), 1, "{drift_ppm}: {lines:?}");
    }
}

/// Sets a timer twice and another one that it cancels.
#[derive(Clone, Default, Hash)]
struct Fickle;

impl Behaviour for Fickle {
    const NODES: u16 = 1;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(10_000, Bell(1));
        cx.set_timer(30_000, Bell(1));
        cx.set_timer(20_000, Bell(2));
        cx.set_timer(25_000, Bell(3));
        cx.cancel_timer(Bell(2));
    }
}

#[test]
fn setting_a_pending_timer_replaces_it_and_cancelling_ends_it() {
    assert_eq!(
        with(&play::<Fickle>(&[], 1_000_000), "bell"),
        ["25000 N0: bell 3", "30000 N0: bell 1"]
    );
}

/// N0 counts to N1, one number every 10 ms; N1 has a timer of its own.
#[derive(Clone, Default, Hash)]
struct Teacher {
    next: u32,
}

impl Behaviour for Teacher {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(if cx.me() == N0 { 10_000 } else { 55_000 }, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 && self.next < 10 {
            cx.send(N1, Say(self.next));
            self.next += 1;
            cx.set_timer(10_000, Bell(0));
        }
    }
}

#[test]
fn a_pause_delays_everything_and_loses_nothing() {
    let pause = [(35_000, Action::Pause(N1)), (85_000, Action::Resume(N1))];
    let lines = play::<Teacher>(&pause, 1_000_000);
    let at_n1: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("N1 receives") || line.contains("N1: bell"))
        .collect();
    // What came due in the pause comes at its end, in the order in which it came due.
    let expected = [
        "20000 N1 receives from N0: 0",
        "30000 N1 receives from N0: 1",
        "85000 N1 receives from N0: 2",
        "85000 N1 receives from N0: 3",
        "85000 N1: bell 0",
        "85000 N1 receives from N0: 4",
        "85000 N1 receives from N0: 5",
        "85000 N1 receives from N0: 6",
        "90000 N1 receives from N0: 7",
        "100000 N1 receives from N0: 8",
        "110000 N1 receives from N0: 9",
    ];
    assert_eq!(at_n1, expected);
}

#[test]
fn a_crash_in_a_pause_ends_it_and_what_waited_finds_nobody() {
    let actions =
        [(35_000, Action::Pause(N1)), (62_000, Action::Crash(N1)), (75_000, Action::Restart(N1))];
    let lines = play::<Teacher>(&actions, 1_000_000);
    assert_eq!(with(&lines, "N1 receives").len() + with(&lines, "the receiver is down").len(), 10);
    assert_eq!(with(&lines, "the receiver is down").len(), 4);
    assert_eq!(with(&lines, "N1: bell"), ["130000 N1: bell 0"]);
}
