//! An action keeps its target when another action is taken out or comes in.

use faultline_core::sim::{Action, Boot, Cx, MessageName, NodeId, TimedAction};

use super::puppet::{Behaviour, Bell, Puppet, Say, run_of, told, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);

/// Everybody counts to everybody.
#[derive(Clone, Default, Hash)]
struct Everybody {
    next: u32,
}

impl Behaviour for Everybody {
    const NODES: u16 = 3;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(5_000, Bell(0));
    }

    fn on_message(&mut self, from: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if from == NodeId::OUTSIDE {
            (0..5).for_each(|_| cx.send(N1, Say(500)));
        }
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        let me = cx.me();
        for other in NodeId::first(cx.node_count()).filter(|&other| other != me) {
            cx.send(other, Say(self.next));
        }
        self.next += 1;
        cx.set_timer(5_000, Bell(0));
    }
}

#[test]
fn a_dropped_message_stays_the_dropped_one_whatever_else_is_done() {
    let drop = (42_000, Action::DropMessage(MessageName { from: N0, to: N1, nth: 7 }));
    let others = [
        Action::Crash(N2),
        Action::Partition(vec![N2]),
        Action::Pause(N2),
        Action::Lose { percent: 0 },
        Action::Command { command: 0, node: N2 },
        Action::Drift { node: N2, drift_ppm: 90_000 },
    ];
    for other in others {
        let mut run = run_of::<Everybody>(1, &[(12_000, other.clone()), drop.clone()]);
        run.seek_time(100_000);
        assert_eq!(with(&told(&run), "is dropped"), ["42000 N0 → N1: 7 is dropped"], "{other:?}");
        run.remove_action(0);
        run.seek_time(100_000);
        assert_eq!(with(&told(&run), "is dropped"), ["42000 N0 → N1: 7 is dropped"]);
    }
}

#[test]
fn taking_an_action_out_gives_the_run_that_never_had_it() {
    let crash = (20_000, Action::Crash(N2));
    let pause = (33_000, Action::Pause(N1));
    let mut with_both = run_of::<Everybody>(1, &[crash, pause.clone()]);
    with_both.seek_time(200_000);
    with_both.remove_action(0);
    with_both.seek_time(200_000);
    let mut with_one = run_of::<Everybody>(1, &[pause]);
    with_one.seek_time(200_000);
    assert_eq!(with_both.simulation().digest(), with_one.simulation().digest());
    assert_eq!(told(&with_both), told(&with_one));
    assert_eq!(with_both.journal().events, with_one.journal().events);
}

#[test]
fn actions_are_put_on_the_grain_and_in_order() {
    let late_first = [(30_000, Action::Crash(N2)), (10_000, Action::Pause(N1))];
    let run = run_of::<Everybody>(1, &late_first);
    let expected = [
        TimedAction { at_us: 10_000, action: Action::Pause(N1) },
        TimedAction { at_us: 30_000, action: Action::Crash(N2) },
    ];
    assert_eq!(run.actions(), expected);
}
