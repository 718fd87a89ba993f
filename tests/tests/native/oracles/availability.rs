//! How often a majority is up.

use faultline_core::mechanism::majority::majority;
use faultline_core::mechanism::quorum::{
    Call, Config, Contact, Fact, Order, Phase, Quorums, Writers,
};
use faultline_core::sim::{Distribution, NodeId, Stream};

use super::register::{Plan, play};

/// Chance that a replica is up, in a hundred.
const UP_PERCENT: u64 = 99;

/// A client that writes once and then reads, and gives up on either after a second.
fn plan(replicas: u16) -> Plan {
    let config = Config {
        quorums: Quorums::majorities(replicas),
        order: Order::ByTag,
        stand_ins: 0,
        contact: Contact::Everybody,
        writers: Writers::Many,
        writes_back: true,
        resend_us: Some(200_000),
        patience_us: Some(1_000_000),
    };
    let calls = vec![vec![Call::Write(7), Call::Read]];
    Plan { config, calls, latency: Distribution::Constant(1_000), fault_percent: 0 }
}

/// Returns the replicas that are not in `up`, as a set of bits.
fn others(replicas: u16, up: u32) -> Vec<NodeId> {
    NodeId::first(replicas).filter(|id| up >> id.0 & 1 == 0).collect()
}

/// Whether the register does what it is asked with these replicas up, found by asking it.
fn serves(replicas: u16, up: u32) -> bool {
    let heard = play(&plan(replicas), 1, &others(replicas, up));
    let has_read = |(_, fact): &(NodeId, Fact)| matches!(fact, Fact::HasRead { version, .. } if version.value == 7);
    let gives_up = heard.iter().any(|(_, fact)| matches!(fact, Fact::GivesUp { .. }));
    assert_ne!(heard.iter().any(has_read), gives_up, "both operations return, or none does");
    !gives_up
}

/// Source: closed form Σ C(n, k) pᵏ (1−p)ⁿ⁻ᵏ over k ≥ majority. The mechanism is run for every set of
/// replicas that are up, and serves exactly if the predicate says so; the chances of the sets add up
/// in whole numbers. Exact: p = .99 gives .999702 and .99999015 (.9999901494).
#[test]
fn a_majority_is_up_as_often_as_the_closed_form_says() {
    for (replicas, per_hundred_to_the_n) in [(3_u16, 999_702_u64), (5, 9_999_901_494)] {
        let quorums = Quorums::majorities(replicas);
        assert_eq!(u32::from(quorums.needed(Phase::Query)), majority(u32::from(replicas)));
        let mut available = 0;
        for up in 0_u32..1 << replicas {
            let count = up.count_ones();
            let enough = quorums.are_enough(Phase::Query, count as usize)
                && quorums.are_enough(Phase::Store, count as usize);
            assert_eq!(serves(replicas, up), enough, "{replicas} replicas, {up:b} up");
            if enough {
                let down = u32::from(replicas) - count;
                available += UP_PERCENT.pow(count) * (100 - UP_PERCENT).pow(down);
            }
        }
        assert_eq!(available, per_hundred_to_the_n);
    }
}

/// Source: the same closed form at p = .9, where a simulation can see the rest: .972 and .99144.
/// Tolerance: four standard errors of the share.
#[test]
fn a_simulation_finds_a_majority_as_often_within_its_error() {
    const TRIALS: u32 = 4_000;
    for (replicas, expected) in [(3_u16, 0.972), (5, 0.991_44)] {
        let mut stream = Stream::new(5, ("up", replicas));
        let mut draw = || (0..replicas).fold(0, |up, _| up << 1 | u32::from(stream.chance(90)));
        let served = (0..TRIALS).map(|_| u32::from(serves(replicas, draw()))).sum::<u32>();
        let found = f64::from(served) / f64::from(TRIALS);
        let error = (expected * (1.0 - expected) / f64::from(TRIALS)).sqrt();
        println!("{replicas} replicas: {found} of {expected}, standard error {error:.5}");
        assert!((found - expected).abs() <= 4.0 * error, "{replicas} replicas: {found}");
    }
}
