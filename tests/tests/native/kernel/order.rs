//! What comes before what, and when a goal is judged.

use faultline_core::check::Trial;
use faultline_core::run::Run;
use faultline_core::sim::{Action, Boot, Cx, NodeId, TimedAction};

use super::puppet::{Behaviour, Bell, Puppet, Say, play, setup_of, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// N0 says 1 to N1 at the start; it is due at 10 ms, together with a timer of N1.
#[derive(Clone, Default, Hash)]
struct Once;

impl Behaviour for Once {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.send(N1, Say(1));
        } else if boot == Boot::Fresh {
            cx.set_timer(10_000, Bell(0));
        }
    }
}

#[test]
fn at_one_instant_actions_come_before_events() {
    let lines = play::<Once>(&[(10_000, Action::Crash(N1))], 100_000);
    assert_eq!(with(&lines, "the receiver is down").len(), 1);
    assert_eq!(with(&lines, "bell"), [""; 0]);
    let lines = play::<Once>(&[(10_001, Action::Crash(N1))], 100_000);
    assert_eq!(with(&lines, "N1 receives"), ["10000 N1 receives from N0: 1"]);
    assert_eq!(with(&lines, "bell"), ["10000 N1: bell 0"]);
}

#[test]
fn actions_at_one_instant_keep_their_order() {
    let down_and_up = [(5_000, Action::Crash(N1)), (5_000, Action::Restart(N1))];
    assert_eq!(with(&play::<Once>(&down_and_up, 100_000), "recovers").len(), 1);
    // The other way round the restart finds N1 up and changes nothing.
    let up_and_down = [(5_000, Action::Restart(N1)), (5_000, Action::Crash(N1))];
    assert_eq!(with(&play::<Once>(&up_and_down, 100_000), "recovers").len(), 0);
}

#[test]
fn events_at_one_instant_keep_the_order_in_which_they_were_asked_for() {
    let lines = play::<Once>(&[], 100_000);
    let starts_and_then: Vec<&str> = lines.iter().map(String::as_str).collect();
    let expected =
        ["0 N0 starts", "0 N1 starts", "10000 N1 receives from N0: 1", "10000 N1: bell 0"];
    assert_eq!(starts_and_then, expected);
}

#[test]
fn a_run_ends_when_it_ends_whatever_would_be_done_later() {
    let crash = |at_us| TimedAction { at_us, action: Action::Crash(N1) };
    let mut trial = Trial::new(setup_of::<Once>(1), vec![crash(5_000_000)]);
    trial.until_us = 1_000_000;
    let outcome = trial.run();
    assert_eq!((outcome.at_us, outcome.bites), (1_000_000, vec![0]));
    let mut run = Run::new(setup_of::<Once>(1), Vec::new());
    run.seek_time(1_000_000);
    assert_eq!(run.simulation().digest(), outcome.digest);
}

#[test]
fn a_goal_is_missed_even_if_nothing_happens_any_more() {
    // The goal of the puppets asks for a stored number within a second. These store none, and after
    // 10 ms nothing happens: a design that does nothing is not safe, it is useless.
    let outcome = Trial::new(setup_of::<Once>(1), Vec::new()).run();
    assert!(outcome.violation().is_some(), "{:?}", outcome.checks);
}

#[test]
fn a_goal_is_owed_only_where_every_node_runs_at_its_usual_speed() {
    let slow = |at_us, by_us| TimedAction { at_us, action: Action::Slow { node: N1, by_us } };
    let is_missed = |actions: &[TimedAction]| {
        Trial::new(setup_of::<Once>(1), actions.to_vec()).run().violation().is_some()
    };
    assert!(!is_missed(&[slow(20_000, 1_000)]), "nobody promised anything of a slow node");
    assert!(is_missed(&[slow(20_000, 1_000), slow(40_000, 0)]));
}
