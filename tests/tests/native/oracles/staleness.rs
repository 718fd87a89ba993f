//! How often a read through partial quorums misses the latest write.

use faultline_core::mechanism::quorum::{Call, Config, Contact, Fact, Order, Quorums, Writers};
use faultline_core::sim::Distribution;

use super::register::{Plan, play};

/// Returns the share of reads that miss the write before them, with one client that writes to W
/// replicas and then reads from R, both drawn at random, without repair, so many times.
fn stale_share(pairs: u64, (replicas, read, write): (u16, u16, u16)) -> f64 {
    let config = Config {
        quorums: Quorums { replicas, read, write },
        order: Order::ByTag,
        stand_ins: 0,
        contact: Contact::RandomQuorum,
        writers: Writers::One,
        writes_back: false,
        resend_us: None,
        patience_us: None,
    };
    let calls = (1..=pairs).flat_map(|nth| [Call::Write(nth), Call::Read]).collect();
    let plan =
        Plan { config, calls: vec![calls], latency: Distribution::Constant(1), fault_percent: 0 };
    let (mut latest, mut reads, mut stale) = (0, 0_u32, 0_u32);
    for (_, fact) in play(&plan, 11, &[]) {
        match fact {
            Fact::HasWritten { version, .. } => latest = version.value,
            Fact::HasRead { version, .. } => {
                reads += 1;
                stale += u32::from(version.value < latest);
            }
            Fact::Begins { .. } | Fact::GivesUp { .. } | Fact::Adopts(_) => {}
        }
    }
    assert_eq!(u64::from(reads), pairs, "every read returns");
    f64::from(stale) / f64::from(reads)
}

/// Source: Bailis et al. 2012 (PBS), section 3.1, equation 1: C(N−W, R) / C(N, R); its examples for
/// N = 3. Tolerance 2 %.
#[test]
fn partial_quorums_are_stale_as_often_as_pbs_says() {
    let published = [
        ((3, 1, 1), 2.0 / 3.0),
        ((3, 2, 1), 1.0 / 3.0),
        ((3, 1, 2), 1.0 / 3.0),
        ((5, 2, 2), 3.0 / 10.0),
        ((5, 1, 3), 2.0 / 5.0),
    ];
    for ((replicas, read, write), expected) in published {
        let found = stale_share(40_000, (replicas, read, write));
        println!("N {replicas}, R {read}, W {write}: {found:.4} of {expected:.4}");
        let off = (found - expected).abs() / expected;
        assert!(off <= 0.02, "N {replicas}, R {read}, W {write}: {found}, off by {off}");
    }
}

/// Source: the same equation at R + W > N, where it gives 0. Exact.
#[test]
fn strict_quorums_miss_nothing() {
    for (replicas, read, write) in [(3, 2, 2), (3, 1, 3), (3, 3, 1), (5, 3, 3)] {
        let share = stale_share(4_000, (replicas, read, write));
        assert!(share <= 0.0, "N {replicas}, R {read}, W {write}: {share}");
    }
}
