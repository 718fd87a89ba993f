//! Each safeguard is load-bearing: without it alone, a kept run breaks a promise.
//!
//! `kept.txt` holds one run a line, found by the search and made small: the row, what was turned
//! off, what breaks, and the link. A safeguard without such a run would be decoration; an invariant
//! that no such run breaks would be untested. `UPDATE_KEPT=1 cargo test -p faultline-tests kept`
//! searches for the runs that are missing; those that still break what they broke stay.

use std::fmt::Write as _;

use faultline_core::check::{Trial, draw_schedule, shrink};
use faultline_core::link;
use faultline_core::scenario::{Preset, Scenario, Setup, all};
use faultline_core::view::{CheckKind, Verdict};

const KEPT: &str = include_str!("../../kept.txt");

/// How many schedules are tried for one run.
const TRIES: u64 = 3_000;

/// One kept run.
struct Kept<'a> {
    slug: &'a str,
    /// The safeguard that is off while all others are on; `None` if all are off.
    without: Option<&'a str>,
    breaks: &'a str,
    link: &'a str,
}

fn kept() -> impl Iterator<Item = Kept<'static>> {
    KEPT.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let [slug, off, breaks, link] =
            line.split(" | ").collect::<Vec<_>>().try_into().expect("four parts a line");
        let without = off.strip_prefix("without ");
        assert!(without.is_some() || off == "naive", "{line}");
        Kept { slug, without, breaks, link }
    })
}

fn setup_without(row: &'static Scenario, without: Option<&str>, seed: u64) -> Setup {
    let preset = if without.is_some() { Preset::Hardened } else { Preset::Naive };
    let mut setup = Setup::new(row, preset, seed);
    if let Some(key) = without {
        setup.set(key, "off").expect("it is a switch of this row");
    }
    setup
}

#[test]
fn every_kept_run_still_breaks_what_it_broke() {
    for Kept { slug, without, breaks, link } in kept() {
        let opened = link::parse(link, 0).unwrap_or_else(|error| panic!("{link}: {error}"));
        let row = opened.setup.scenario();
        assert_eq!(row.slug, slug);
        let expected = setup_without(row, without, opened.setup.seed);
        assert_eq!(opened.setup.switches(), expected.switches(), "{link}");
        let mut trial = Trial::new(opened.setup, opened.actions.unwrap_or_default());
        trial.until_us = opened.at_us.unwrap_or(trial.until_us);
        let outcome = trial.run();
        let is_broken =
            outcome.checks.iter().any(|check| check.is_violated() && check.name == breaks);
        assert!(is_broken, "“{breaks}” holds: {link}");
        // The safeguard alone makes the difference.
        if let Some(key) = without {
            trial.setup.set(key, "on").expect("it is a switch of this row");
            let with_it = trial.run();
            assert!(with_it.violation().is_none(), "{key} does not help: {link}");
        }
    }
}

#[test]
fn every_safeguard_and_every_invariant_has_a_kept_run() {
    for row in all() {
        let of_row: Vec<Kept> = kept().filter(|kept| kept.slug == row.slug).collect();
        for switch in row.switches {
            let has_run = of_row.iter().any(|kept| kept.without == Some(switch.key));
            assert!(has_run, "{}: nothing breaks without “{}”", row.slug, switch.key);
        }
        assert!(of_row.iter().any(|kept| kept.without.is_none()), "{}: no naive run", row.slug);
        for check in Setup::new(row, Preset::Naive, 1).build().checks() {
            let is_broken = of_row.iter().any(|kept| kept.breaks == check.name);
            assert!(
                is_broken || check.kind != CheckKind::Invariant,
                "{}: no kept run breaks “{}”",
                row.slug,
                check.name
            );
        }
    }
}

#[test]
fn kept_runs_are_small() {
    for Kept { link, .. } in kept() {
        let actions = link::parse(link, 0).map(|opened| opened.actions.unwrap_or_default().len());
        assert!(actions.is_ok_and(|count| count <= 12), "{link}");
    }
}

/// Keeps the runs that still break what they broke, searches for those that are missing, and writes
/// them all down.
#[test]
fn update_if_asked_to() {
    if std::env::var_os("UPDATE_KEPT").is_none() {
        return;
    }
    let mut text = String::from("# row | what is off | what breaks | link\n");
    for row in all() {
        for (without, breaks, trial) in runs_of(row) {
            let off = without.map_or("naive".to_owned(), |key| format!("without {key}"));
            let link = trial.link(Some(trial.until_us));
            _ = writeln!(text, "{} | {off} | {breaks} | {link}", row.slug);
        }
    }
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/kept.txt"), text)
        .expect("it can be written");
}

/// A safeguard that is off (`None` if all are), what breaks, and the run until it does.
type Found = (Option<&'static str>, String, Trial);

/// Returns the runs to be kept of a row: one for each safeguard, one for the naive preset, and one
/// for each invariant that these do not break.
fn runs_of(row: &'static Scenario) -> Vec<Found> {
    let still = kept().filter(|kept| kept.slug == row.slug).filter_map(|kept| {
        let opened = link::parse(kept.link, 0).ok()?;
        let trial = Trial::new(opened.setup, opened.actions.unwrap_or_default());
        let trial = until_broken(&trial, kept.without, Some(kept.breaks))?.1;
        Some((kept.without, kept.breaks.to_owned(), trial))
    });
    let mut runs: Vec<Found> = still.collect();
    let variants = || row.switches.iter().map(|switch| Some(switch.key)).chain([None]);
    for without in variants() {
        if runs.iter().all(|run| run.0 != without) {
            match search(row, without, None) {
                Some(found) => runs.push(found),
                None => eprintln!("{}: nothing found without {without:?}", row.slug),
            }
        }
    }
    for check in Setup::new(row, Preset::Naive, 1).build().checks() {
        let is_missing = runs.iter().all(|run| run.1 != check.name);
        if check.kind == CheckKind::Invariant && is_missing {
            match variants().find_map(|without| search(row, without, Some(&check.name))) {
                Some(found) => runs.push(found),
                None => eprintln!("{}: nothing breaks “{}”", row.slug, check.name),
            }
        }
    }
    runs
}

/// Searches for a run that breaks `breaks`, or anything, and leaves out all actions that it does not
/// need.
fn search(
    row: &'static Scenario,
    without: Option<&'static str>,
    breaks: Option<&str>,
) -> Option<Found> {
    let scripts = (0..row.scripts.len()).map(|script| {
        let setup = setup_without(row, without, 1);
        let actions = row.script(&setup, script);
        Trial::new(setup, actions)
    });
    let drawn = (1..=TRIES).map(|seed| {
        let setup = setup_without(row, without, seed);
        let actions = draw_schedule(&setup, seed);
        Trial::new(setup, actions)
    });
    let broken = |trial: &Trial| until_broken(trial, without, breaks);
    let (mut name, mut smallest) = scripts.chain(drawn).find_map(|trial| broken(&trial))?;
    // What breaks first can be made smaller, and its times rounder.
    let shrunk = shrink(&smallest, || true).and_then(|small| broken(&small));
    (name, smallest) = shrunk.unwrap_or((name, smallest));
    let mut place = 0;
    while place < smallest.actions.len() {
        let mut fewer = smallest.clone();
        fewer.actions.remove(place);
        if let Some((_, found)) = until_broken(&fewer, without, Some(&name)) {
            smallest = found;
        } else {
            place += 1;
        }
    }
    Some((without, name, smallest))
}

/// Returns what the run breaks, `breaks` if that is given, and the run until then; `None` if it does
/// not, or if it breaks anything with the safeguard on.
fn until_broken(
    trial: &Trial,
    without: Option<&str>,
    breaks: Option<&str>,
) -> Option<(String, Trial)> {
    let outcome = if breaks.is_some() { trial.run() } else { trial.run_to_violation() };
    let broken = outcome.checks.iter().filter(|check| check.is_violated()).filter_map(|check| {
        let Verdict::Broken { at_us, .. } = &check.verdict else { return None };
        Some((*at_us, &check.name))
    });
    let (at_us, name) =
        broken.filter(|(_, name)| breaks.is_none_or(|breaks| breaks == *name)).min()?;
    let mut whole = trial.clone();
    if let Some(key) = without {
        whole.setup.set(key, "on").expect("it is a switch of this row");
        if whole.run().violation().is_some() {
            return None;
        }
    }
    let mut until = trial.clone();
    until.until_us = at_us;
    Some((name.clone(), until))
}

/// A kept run is an explanation: each of its actions is there because nothing breaks without it.
#[test]
fn every_action_of_a_kept_run_is_needed() {
    for Kept { breaks, link, .. } in kept() {
        let opened = link::parse(link, 0).unwrap_or_else(|error| panic!("{link}: {error}"));
        let actions = opened.actions.unwrap_or_default();
        for left_out in 0..actions.len() {
            let mut fewer = actions.clone();
            let action = fewer.remove(left_out);
            let mut trial = Trial::new(opened.setup.clone(), fewer);
            trial.until_us = opened.at_us.unwrap_or(trial.until_us);
            let outcome = trial.run();
            let is_broken =
                outcome.checks.iter().any(|check| check.is_violated() && check.name == breaks);
            assert!(!is_broken, "{action:?} is not needed: {link}");
        }
    }
}
