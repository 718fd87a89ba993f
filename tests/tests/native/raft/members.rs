//! One server joins or leaves at a time, and the bug of 2015.

use faultline_core::sim::{Action, NodeId};

use super::group::{Group, setup};

const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];

/// "bug in single-server membership changes" (Ongaro 2015, raft-dev): of four members, a leader begins to
/// let a fifth in and is cut off; the next leader lets the first one leave before anything of its own term
/// is committed. The majority of the one list and that of the other then share nobody.
fn two_changes_at_once(off: &[&str], seed: u64) -> Vec<String> {
    let mut group = Group::new(&setup(seed, &[], off));
    group.run_for(500_000);
    let is_led_by = |group: &Group, id| group.leader().is_some_and(|(_, leader)| leader == id);
    assert!(is_led_by(&group, S[0]));
    group.change(S[0], S[4]);
    group.run_for(200_000);
    // S1 lets S5 return, and only S5 hears of it.
    group.act(&Action::Partition(vec![S[0], S[4]]));
    group.change(S[0], S[4]);
    group.run_for(50_000);
    // The others elect one of them, who lets S1 leave. One of the two others does not hear of it.
    let is_new = |group: &Group| group.leader().is_some_and(|(_, id)| id != S[0]);
    let found = group.run_until(10_000_000, is_new);
    assert!(found.is_some(), "three of four elect a leader");
    let (_, second) = group.leader().expect("it was found");
    let deaf = *S[1..4].iter().rev().find(|id| **id != second).expect("there are three");
    group.cut(second, deaf);
    group.change(second, S[0]);
    group.run_for(200_000);
    // Now S1 reaches the one that has heard of neither.
    group.mend(S[0], deaf);
    group.mend(deaf, S[0]);
    group.run_for(3_000_000);
    group.broken()
}

#[test]
fn a_change_before_anything_is_committed_in_the_term_loses_what_is_committed() {
    let found = (0..20).filter(|seed| !two_changes_at_once(&["settled-change"], *seed).is_empty());
    let count = found.count();
    assert!(count > 10, "{count}");
}

#[test]
fn a_change_that_waits_for_its_term_loses_nothing() {
    for seed in 0..20 {
        assert_eq!(two_changes_at_once(&[], seed), Vec::<String>::new(), "seed {seed}");
    }
}

/// A leader that leaves leads until that is committed; the others elect another one (thesis §4.2.2).
#[test]
fn a_leader_that_leaves_is_replaced_and_may_return() {
    for seed in 0..20 {
        let mut group = Group::new(&setup(seed, &[], &[]));
        group.run_for(500_000);
        let (term, first) = group.leader().expect("the first one leads");
        group.change(first, first);
        group.run_for(3_000_000);
        let (next_term, second) = group.leader().expect("another one leads");
        assert!(second != first && next_term > term, "seed {seed}");
        group.propose(second, 1);
        group.change(second, first);
        group.run_for(1_000_000);
        group.act(&Action::Crash(second));
        group.run_for(3_000_000);
        assert!(group.leader().is_some(), "seed {seed}: four of five go on");
        assert_eq!(group.broken(), Vec::<String>::new(), "seed {seed}");
    }
}
