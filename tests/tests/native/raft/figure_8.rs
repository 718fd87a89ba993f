//! Raft Figures 7 and 8, brought about in the row `raft-log` by crashes and cuts.

use faultline_core::check::Trial;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::view::{Check, Role};

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
/// committed entry is overwritten; if it does not, none is.
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
