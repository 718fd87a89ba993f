//! Raft Figures 7 and 8, brought about in the row `raft-log`, and in a group alone, by crashes and cuts.

use faultline_core::check::Trial;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::{Action, NodeId};
use faultline_core::view::{Check, Role, Widget};

use super::group::{Group, setup};

/// Plays the row's default script, which follows Figure 8 from (a) to (d), with all safeguards but for
/// one; returns what breaks.
fn broken_without(key: Option<&str>, seed: u64) -> Vec<String> {
    let mut setup = Setup::of("raft-log", Preset::Hardened, seed).expect("the row is there");
    if let Some(key) = key {
        setup.set(key, "off").expect("it is a switch");
    }
    let actions = setup.scenario().script(&setup, 0);
    let outcome = Trial::new(setup, actions).run();
    outcome.checks.into_iter().filter(Check::is_violated).map(|it| it.name).collect()
}

/// "A leader cannot determine commitment using log entries from older terms" (§5.4.2): if it does, a
/// committed entry is overwritten; if it does not, none is. Here the blank entry that goes with the rule
/// already keeps S1 from being elected at (c); the rule by itself is judged below.
#[test]
fn counting_old_entries_loses_a_committed_one_and_counting_ones_own_does_not() {
    for seed in 1..=40 {
        let broken = broken_without(Some("own-term"), seed);
        let has_lost = |name: &str| broken.iter().any(|it| it.starts_with(name));
        assert!(has_lost("Leader Completeness"), "seed {seed}: {broken:?}");
        assert!(has_lost("State Machine Safety"), "seed {seed}: {broken:?}");
        assert_eq!(broken_without(None, seed), Vec::<String>::new(), "seed {seed}");
    }
}

/// Returns how long the log of a server of a group is.
fn length(group: &Group, id: NodeId) -> usize {
    let scene = group.0.scene();
    let length = |widget: &Widget| {
        let Widget::Cells { label, cells } = widget else { return None };
        let first: usize = label.strip_prefix("log from entry ")?.parse().ok()?;
        Some(first - 1 + cells.len())
    };
    let widgets = &scene.nodes[id.index()].view.widgets;
    widgets.iter().find_map(length).expect("a server shows its log")
}

/// Cuts a link both ways.
fn sever(group: &mut Group, (a, b): (NodeId, NodeId)) {
    group.cut(a, b);
    group.cut(b, a);
}

/// Mends it.
fn join(group: &mut Group, (a, b): (NodeId, NodeId)) {
    group.mend(a, b);
    group.mend(b, a);
}

/// Waits until this server leads, in a later term than any that is led now.
fn await_lead(group: &mut Group, id: NodeId) {
    let (before, _) = group.leader().unwrap_or_default();
    let leads = |it: &Group| it.leader().is_some_and(|(term, by)| term > before && by == id);
    assert!(group.run_until(group.0.now_us() + 60_000_000, leads).is_some(), "{id:?} leads");
}

/// Figure 8 where the blank entry with which a leader begins does not help by itself: so many entries of
/// an earlier term are to be copied that the first message has none of the leader's own. (c) is then as
/// in the paper, with the rule and without: on a majority is an entry of an earlier term, and nothing of
/// the present one. Returns what breaks when S5 has come back.
fn figure_8_with_a_long_log(off: &[&str], seed: u64) -> Vec<String> {
    let [s1, s2, s3, s4, s5] = [0, 1, 2, 3, 4].map(NodeId);
    let mut group = Group::new(&setup(seed, &[], &[&["pre-vote"], off].concat()));
    await_lead(&mut group, s1);
    group.run_for(100_000);
    // (a) S1 has much that it has copied to nobody.
    group.act(&Action::Partition(vec![s1]));
    for number in 0..100 {
        group.propose(s1, number);
    }
    group.run_for(20_000);
    group.act(&Action::Crash(s1));
    // (b) Of the others only S5 reaches a majority. It takes an entry, and nobody hears of it.
    for link in [(s2, s3), (s2, s4), (s3, s4)] {
        sever(&mut group, link);
    }
    await_lead(&mut group, s5);
    group.act(&Action::Partition(vec![s5]));
    group.propose(s5, 1_000);
    group.run_for(20_000);
    group.act(&Action::Crash(s5));
    // (c) S1 leads again by S2 and S3, and copies to both what one message can hold.
    group.act(&Action::Restart(s1));
    join(&mut group, (s1, s2));
    join(&mut group, (s1, s3));
    await_lead(&mut group, s1);
    let mut open = vec![s2, s3];
    while !open.is_empty() {
        let until_us = group.0.now_us() + 1_000_000;
        let has_more = |group: &Group| open.iter().any(|id| length(group, *id) > 1);
        let copied = group.run_until(until_us, has_more);
        assert!(copied.is_some(), "S1 copies its log");
        for id in open.extract_if(.., |id| length(&group, *id) > 1).collect::<Vec<_>>() {
            group.cut(s1, id);
        }
    }
    group.run_for(50_000);
    let lengths = [s1, s2, s3].map(|id| length(&group, id));
    assert!(lengths[1..].iter().all(|it| (60..lengths[0]).contains(it)), "{lengths:?}");
    // (d) S1 crashes, S5 is back, and reaches all others.
    group.act(&Action::Crash(s1));
    group.act(&Action::Restart(s5));
    for id in [s2, s3, s4] {
        join(&mut group, (s5, id));
    }
    await_lead(&mut group, s5);
    group.run_for(500_000);
    group.broken()
}

/// The rule alone, apart from the blank entry that goes with it in the row: copies of an entry of an
/// earlier term are not counted.
#[test]
fn a_majority_that_has_only_entries_of_earlier_terms_commits_nothing() {
    for seed in 0..20 {
        let broken = figure_8_with_a_long_log(&["own-term"], seed);
        assert!(broken.iter().any(|it| it == "leaders have all that is applied"), "seed {seed}");
        assert_eq!(figure_8_with_a_long_log(&[], seed), Vec::<String>::new(), "seed {seed}");
    }
}

/// The logs of Figure 7: the leader at the top is elected for term 8 by a, b, e and f, and makes all
/// logs like its own.
#[test]
fn the_leader_of_figure_7_is_elected_and_repairs_all_logs() {
    for seed in 1..=40 {
        let mut setup = Setup::of("raft-log", Preset::Hardened, seed).expect("the row is there");
        for (key, value) in [("figure", "1"), ("nodes", "7"), ("clients", "1"), ("readers", "0")] {
            setup.set(key, value).expect("it is a knob");
        }
        let mut run = Run::new(setup, Vec::new());
        run.seek_time(45_000);
        let text = run.text(0, u32::MAX);
        let said = |what: &str| text.iter().filter(|line| line.text.contains(what)).count();
        assert_eq!(said("becomes leader of term 8"), 1, "seed {seed}");
        // Of c and d both logs are longer, and of d the last term is later, too.
        assert_eq!(said("denies S1 its vote"), 2, "seed {seed}");
        assert_eq!(said("votes for S1 in term 8"), 4, "seed {seed}");
        run.seek_time(1_000_000);
        let scene = run.simulation().scene();
        let leads = scene.nodes.iter().filter(|node| node.view.role == Role::Leader);
        assert_eq!(leads.map(|node| &node.name[..]).collect::<Vec<_>>(), ["S1"], "seed {seed}");
        let text = run.text(0, u32::MAX);
        for follower in ["S4", "S5", "S6", "S7"] {
            let drops = |text: &str| text.starts_with(follower) && text.contains(" drops entr");
            assert!(text.iter().any(|line| drops(&line.text)), "seed {seed}: {follower}");
        }
        assert!(!run.simulation().is_violated(), "seed {seed}");
    }
}
