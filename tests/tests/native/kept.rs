//! Each safeguard is load-bearing: without it alone, a kept run breaks a promise.
//!
//! `kept.txt` holds one run a line, found by the search and made small: the row, what was turned
//! off, what breaks, and the link. A safeguard without such a run would be decoration; an invariant
//! that no such run breaks would be untested. `UPDATE_KEPT=1 cargo test -p faultline-tests kept`
//! searches for the runs that are missing; those that still break what they broke stay. Of the first
//! few runs that it finds, each made small, it keeps the smallest, and it refuses one that is too long
//! to be an explanation.

use faultline_core::check::{Trial, draw_schedule, draw_trial, shrink};
use faultline_core::link;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::view::{CheckKind, Verdict};
use faultline_tests::{all, kept_lines, updated};

const KEPT: &str = include_str!("../../kept.txt");

/// A kept run has at most so many actions.
const ACTION_LIMIT: usize = 12;
/// How many drawn schedules are tried for one run.
const TRIES: u64 = 2_000;
/// So many of those that break something are made small.
const FINDINGS: usize = 6;
/// So many runs may be made to make one of them small.
const SHRINK_RUNS: u32 = 600;

/// One kept run.
struct Kept<'a> {
    slug: &'a str,
    /// The safeguard that is off while all others are on; `None` if all are off.
    without: Option<&'a str>,
    breaks: &'a str,
    link: &'a str,
}

fn kept() -> impl Iterator<Item = Kept<'static>> {
    kept_lines(KEPT).map(|line| {
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
        assert!(actions.is_ok_and(|count| count <= ACTION_LIMIT), "{link}");
    }
}

/// Keeps the runs that still break what they broke, searches for those that are missing, and writes
/// them all down.
#[test]
fn update_if_asked_to() {
    if std::env::var_os("UPDATE_KEPT").is_none() {
        return;
    }
    let mut lines = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for row in all() {
        let (runs, sentences) = runs_of(row);
        missing.extend(sentences);
        for (without, breaks, trial) in runs {
            let off = without.map_or("naive".to_owned(), |key| format!("without {key}"));
            let link = trial.link(Some(trial.until_us));
            lines.push(format!("{} | {off} | {breaks} | {link}", row.slug));
        }
    }
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/kept.txt"), updated(KEPT, &lines))
        .expect("it can be written");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// A safeguard that is off (`None` if all are), what breaks, and the run until it does.
type Found = (Option<&'static str>, String, Trial);

/// Returns the runs to be kept of a row: one for each safeguard, one for the naive preset, and one
/// for each invariant that these do not break; and a sentence for each that is missing.
fn runs_of(row: &'static Scenario) -> (Vec<Found>, Vec<String>) {
    let still = kept().filter(|kept| kept.slug == row.slug).filter_map(|kept| {
        let opened = link::parse(kept.link, 0).ok()?;
        let trial = Trial::new(opened.setup, opened.actions.unwrap_or_default());
        let trial = until_broken(&trial, kept.without, Some(kept.breaks))?.1;
        Some((kept.without, kept.breaks.to_owned(), trial))
    });
    let (mut runs, mut missing): (Vec<Found>, Vec<String>) = (still.collect(), Vec::new());
    let variants = || row.switches.iter().map(|switch| Some(switch.key)).chain([None]);
    for without in variants() {
        if runs.iter().all(|run| run.0 != without) {
            match search(row, without, None) {
                Ok(found) => runs.push(found),
                Err(sentence) => missing.push(sentence),
            }
        }
    }
    for check in Setup::new(row, Preset::Naive, 1).build().checks() {
        let is_missing = runs.iter().all(|run| run.1 != check.name);
        if check.kind == CheckKind::Invariant && is_missing {
            let mut found =
                variants().filter_map(|without| search(row, without, Some(&check.name)).ok());
            match found.next() {
                Some(found) => runs.push(found),
                None => missing.push(format!("{}: nothing breaks “{}”.", row.slug, check.name)),
            }
        }
    }
    (runs, missing)
}

/// Searches for runs that break `breaks`, or anything, and returns the smallest; a sentence if there is
/// none that is small enough.
fn search(
    row: &'static Scenario,
    without: Option<&'static str>,
    breaks: Option<&str>,
) -> Result<Found, String> {
    let broken = candidates(row, without).filter_map(|it| until_broken(&it, without, breaks));
    let small = broken.take(FINDINGS).map(|found| made_small(found, without, breaks));
    let small: Vec<(String, Trial)> = small.collect();
    let size = |(_, trial): &&(String, Trial)| (trial.actions.len(), trial.until_us);
    let off = without.unwrap_or("any safeguard");
    match small.iter().min_by_key(size) {
        Some((name, trial)) if trial.actions.len() <= ACTION_LIMIT => {
            Ok((without, name.clone(), trial.clone()))
        }
        Some((name, trial)) => Err(format!(
            "{}: without {off} “{name}” breaks, but the smallest of {} runs has {} actions, and a \
             kept run has at most {ACTION_LIMIT}.",
            row.slug,
            small.len(),
            trial.actions.len()
        )),
        None => Err(format!(
            "{}: none of {TRIES} schedules breaks {} without {off}.",
            row.slug,
            breaks.unwrap_or("anything")
        )),
    }
}

/// The scripts, and then what is drawn: with the usual knobs and with others, by turns.
fn candidates(
    row: &'static Scenario,
    without: Option<&'static str>,
) -> impl Iterator<Item = Trial> {
    let scripts = (0..row.scripts.len()).map(move |script| {
        let setup = setup_without(row, without, 1).for_script(script);
        let actions = row.script(&setup, script);
        Trial::new(setup, actions)
    });
    let drawn = (1..=TRIES).map(move |number| {
        let mut setup = setup_without(row, without, number);
        if number % 2 == 0 {
            for (knob, &value) in
                row.knobs.iter().zip(draw_trial(row, Preset::Naive, number).setup.knobs())
            {
                setup.set(knob.key, &value.to_string()).expect("it was drawn between its limits");
            }
        }
        let actions = draw_schedule(&setup, number);
        Trial::new(setup, actions)
    });
    scripts.chain(drawn)
}

/// Makes a run small, its times rounder, and leaves out all actions that it does not need.
fn made_small(
    (mut name, mut smallest): (String, Trial),
    without: Option<&str>,
    breaks: Option<&str>,
) -> (String, Trial) {
    let mut runs = 0;
    let goes_on = |_: &_| {
        runs += 1;
        runs <= SHRINK_RUNS
    };
    let shrunk = shrink(&smallest, goes_on).and_then(|it| until_broken(&it, without, breaks));
    if let Some(shrunk) = shrunk {
        (name, smallest) = shrunk;
    }
    let mut place = 0;
    while place < smallest.actions.len() {
        let mut fewer = smallest.clone();
        fewer.actions.remove(place);
        match until_broken(&fewer, without, Some(&name)) {
            Some((_, found)) => smallest = found,
            None => place += 1,
        }
    }
    (name, smallest)
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
