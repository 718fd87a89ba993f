//! How soon somebody probes a member that has died, by the functions that `swim-membership` calls.

use faultline_core::mechanism::swim::{Probes, Selection};
use faultline_core::sim::{NodeId, Stream};

/// The member that has died: any one will do.
const DEAD: NodeId = NodeId(0);

fn others_of(me: NodeId, members: u16) -> impl Iterator<Item = NodeId> {
    NodeId::first(members).filter(move |it| *it != me)
}

/// Returns the mean number of periods until the first of all others probes the dead one.
fn mean_first_detection(members: u16, trials: u32) -> f64 {
    let mut stream = Stream::new(2002, ("swim", members));
    let mut draw = |options: u64| stream.range(0, options - 1);
    let mut probers: Vec<Probes> =
        others_of(DEAD, members).map(|me| Probes::new(others_of(me, members), &mut draw)).collect();
    let mut periods = 0_u32;
    for _ in 0..trials {
        loop {
            periods += 1;
            let mut is_detected = false;
            for prober in &mut probers {
                is_detected |= prober.next(Selection::Random, |_| true, &mut draw) == Some(DEAD);
            }
            if is_detected {
                break;
            }
        }
    }
    f64::from(periods) / f64::from(trials)
}

/// Source: Das, Gupta & Motivala 2002, section 3.1: with N members, each of N−1 others misses the dead
/// one in a period with 1 − 1/(N−1), so the mean is 1/(1 − (1 − 1/(N−1))^(N−1)); for N = 10 it is 1.5301,
/// for many e/(e−1) = 1.582. Tolerance 1 % at 100,000 trials (4 % at 4,000 for 60 members).
#[test]
fn random_probes_find_the_dead_as_soon_as_the_paper_says() {
    let found = mean_first_detection(10, 100_000);
    println!("N 10: {found}");
    assert!((found - 1.5301).abs() <= 0.01 * 1.5301, "N 10: {found}");
    let found = mean_first_detection(60, 4_000);
    println!("N 60: {found}");
    assert!((found - 1.582).abs() <= 0.04 * 1.582, "N 60: {found}");
}

/// Source: the same paper, section 4.3: in turn, a member is probed again after at most 2N−1 periods,
/// wherever in its turn a prober is when somebody dies. Bound.
#[test]
fn in_turn_nobody_waits_for_more_than_two_turns() {
    for members in [2_u16, 3, 10, 25] {
        let mut stream = Stream::new(7, ("turns", members));
        let mut draw = |options: u64| stream.range(0, options - 1);
        let me = NodeId(members - 1);
        let mut prober = Probes::new(others_of(me, members), &mut draw);
        let (mut waited, mut worst) = (0_u16, 0_u16);
        for _ in 0..20_000 {
            waited += 1;
            if prober.next(Selection::InTurn, |_| true, &mut draw) == Some(DEAD) {
                worst = worst.max(waited);
                waited = 0;
            }
        }
        println!("{members} members: at most {worst} periods");
        assert!(worst < 2 * members, "{members} members: {worst} periods");
    }
}
