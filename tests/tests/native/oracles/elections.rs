//! What an election costs by the size of the group.

use faultline_core::mechanism::bully::messages_of_election;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup, find};
use faultline_core::sim::{Action, NodeId, TimedAction};
use faultline_core::view::CheckKind;

/// Source: Garcia-Molina 1982, "Elections in a Distributed Computing System": with the highest dead and the
/// lowest to notice, ELECTION, OK and COORDINATOR messages come to n² − n − 1 (n = 5: 19). Exact.
#[test]
fn the_worst_election_of_bullies_takes_n_squared_minus_n_minus_one_messages() {
    for n in 3..=20_u16 {
        let (leader, messages) = messages_of_election(n, 0, false);
        assert_eq!(messages, u64::from(n) * u64::from(n) - u64::from(n) - 1, "n = {n}");
        assert_eq!(leader, Some(NodeId(n - 2)), "the highest of those that live");
    }
}

/// Returns the messages of each group's election after the leaders crash at 1 s, and stay down.
fn messages_after_a_crash(n: u16, seed: u64) -> [i64; 3] {
    let row = find("election-styles").expect("it is listed");
    let mut setup = Setup::new(row, Preset::Naive, seed);
    setup.set("nodes", &n.to_string()).expect("the row has this knob");
    let leaders = [1, 2, 3].map(|group| NodeId(group * (n + 1) - 2));
    let crash = |id| TimedAction { at_us: 1_000_000, action: Action::Crash(id) };
    let mut run = Run::new(setup, leaders.map(crash).to_vec());
    run.seek_time(4_000_000);
    let readings = run.simulation().readings();
    [0, 1, 2].map(|index: usize| readings[index])
}

/// In the row's own network, with its latencies and timeouts, a crash costs bullies exactly as many
/// messages as the paper's worst case, since every member misses the leader and holds one election. A lease
/// costs a question and a grant; Raft two rounds of questions and answers and the first entry, to or from
/// each of the others, one of which is dead: 5n − 7, and more if several stand.
#[test]
fn a_crash_costs_bullies_a_square_and_raft_a_multiple_of_the_size() {
    for n in [3_u16, 5, 7, 9] {
        let size = i64::from(n);
        let costs: Vec<[i64; 3]> = (1..=9).map(|seed| messages_after_a_crash(n, seed)).collect();
        eprintln!("n = {n}: {costs:?}");
        assert!(costs.iter().all(|cost| cost[0] == size * size - size - 1), "{costs:?}");
        assert!(costs.iter().all(|cost| cost[1] == 2), "{costs:?}");
        assert_eq!(costs.iter().map(|cost| cost[2]).min(), Some(5 * size - 7), "{costs:?}");
    }
}

/// Returns true if the naive leases overlap when the holder's clock has this rate, and it is cut off from
/// the other servers, not from its store.
fn leases_overlap(drift_ppm: i32, seed: u64) -> bool {
    let row = find("election-styles").expect("it is listed");
    let (holder, store) = (NodeId(10), NodeId(11));
    let at = |at_us, action| TimedAction { at_us, action };
    let actions = vec![
        at(400_000, Action::Drift { node: holder, drift_ppm }),
        at(1_000_000, Action::Partition(vec![holder])),
        at(1_000_000, Action::Mend { from: holder, to: store }),
        at(1_000_000, Action::Mend { from: store, to: holder }),
    ];
    let mut run = Run::new(Setup::new(row, Preset::Naive, seed), actions);
    run.seek_time(3_000_000);
    let checks = run.simulation().checks();
    checks.iter().any(|check| check.kind == CheckKind::Invariant && check.is_violated())
}

/// Source: Gray & Cheriton 1989, section 2, on clock error: a holder that stops a tenth early is safe with
/// clocks that are wrong by 5 %, and not with one that runs at 60 %: it holds 0.9 / 0.6 of the lease.
#[test]
fn leases_overlap_when_a_clock_is_worse_than_their_margin_and_not_before() {
    for seed in 1..=5 {
        assert!(!leases_overlap(0, seed) && !leases_overlap(-50_000, seed), "{seed}");
        assert!(leases_overlap(-400_000, seed), "{seed}");
    }
}
