//! What write-back is for.

use faultline_core::check::history::{Finding, Register, linearizable};
use faultline_core::mechanism::quorum::{Call, Config, Contact, Fact, Order, Quorums, Writers};
use faultline_core::sim::{Distribution, NodeId};

use super::register::{Plan, history, play};

/// Schedules tried, one for each seed.
const SCHEDULES: u64 = 2_000;
/// Schedules tried with each kind of fault.
const SCHEDULES_WITH_FAULTS: u64 = 500;
/// Calls that the checker may try for one history: far more than it needs for a dozen operations.
const STEPS: u64 = 1_000_000;

/// One that writes, two that read, or several of both; messages take any time up to a long one.
fn plan(writers: Writers, writes_back: bool) -> Plan {
    let config = Config {
        quorums: Quorums::majorities(3),
        order: Order::ByTag,
        stand_ins: 0,
        contact: Contact::Everybody,
        writers,
        writes_back,
        resend_us: None,
        patience_us: None,
    };
    let reads = vec![Call::Read; 4];
    let write_thrice = |client: u64| (1..=3).map(|nth| Call::Write(10 * client + nth)).collect();
    let calls = match writers {
        Writers::One => vec![write_thrice(1), reads.clone(), reads],
        Writers::Many => vec![write_thrice(1), write_thrice(2), reads.clone(), reads],
    };
    let latency = Distribution::Uniform { low_us: 1_000, high_us: 100_000 };
    Plan { config, calls, latency, fault_percent: 0 }
}

fn is_linearizable(heard: &[(NodeId, Fact)]) -> bool {
    let history = history(heard).expect("clients do one thing at a time");
    match linearizable(&Register { initial: 0 }, &history, STEPS).finding {
        Finding::Possible(_) => true,
        Finding::Impossible(_) => false,
        Finding::Unknown => panic!("the checker ran out of steps"),
    }
}

/// Returns how many of the schedules give a history that is not linearizable.
fn bad_schedules(plan: &Plan, schedules: u64, down: &[NodeId]) -> usize {
    let operations = plan.calls.iter().map(Vec::len).sum::<usize>();
    let is_bad = |seed: &u64| {
        let heard = play(plan, *seed, down);
        let ended = heard
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::HasRead { .. } | Fact::HasWritten { .. }));
        assert_eq!(ended.count(), operations, "a majority is up: every operation returns");
        !is_linearizable(&heard)
    };
    (0..schedules).filter(is_bad).count()
}

/// Source: Attiya, Bar-Noy & Dolev 1995 (ABD): with the write-back a register is atomic,
/// without it only regular. Exact: over the same schedules, some and none.
#[test]
fn without_write_back_a_history_is_not_linearizable_and_with_it_none_is() {
    for writers in [Writers::One, Writers::Many] {
        let without = bad_schedules(&plan(writers, false), SCHEDULES, &[]);
        let with = bad_schedules(&plan(writers, true), SCHEDULES, &[]);
        println!("{writers:?} writer(s): {without} and {with} of {SCHEDULES} schedules");
        assert!(without > 0, "{writers:?}: two reads see new and then old in some schedule");
        assert_eq!(with, 0, "{writers:?}: with write-back none does");
    }
}

/// Source: the same; it withstands that any minority has stopped. Exact.
#[test]
fn with_write_back_no_stopped_minority_matters() {
    for stopped in 0..3 {
        let plan = plan(Writers::Many, true);
        assert_eq!(bad_schedules(&plan, SCHEDULES_WITH_FAULTS, &[NodeId(stopped)]), 0);
    }
}

/// Source: the same, for a network that is made reliable by asking again (the paper assumes one).
/// Exact: a message lost or delivered twice changes no answer.
#[test]
fn with_write_back_lost_and_doubled_messages_do_not_matter() {
    let mut plan = plan(Writers::Many, true);
    plan.fault_percent = 20;
    plan.config.resend_us = Some(150_000);
    assert_eq!(bad_schedules(&plan, SCHEDULES_WITH_FAULTS, &[]), 0);
}
