//! One number of a run, to be compared over many seeds.

use crate::check::Trial;
use crate::drive;
use crate::run::Position;
use crate::scenario::Setup;
use crate::sim::{Journal, TimedAction};
use crate::view::{CheckKind, Measure, Verdict};

/// So many readings of each metric are taken over the horizon.
const READINGS: u64 = 200;

/// Lists what [`measure`] measures of a run of this setup, in its order: how long each goal took, when
/// the first promise broke, how far each metric went at most, and what it all cost.
pub fn measures(setup: &Setup) -> Vec<Measure> {
    let simulation = setup.build();
    let named = |label: String, unit: &str| Measure { label, unit: unit.into() };
    let checks = simulation.checks();
    let goals = checks.iter().filter(|it| it.kind == CheckKind::Goal);
    let goals = goals.map(|it| named(format!("time until {}", it.name), "ms"));
    let broken = [named("time until a promise breaks".into(), "ms")];
    let metrics = simulation.metrics();
    let most = metrics.iter().map(|it| named(format!("{}, at most", it.label), &it.unit));
    let costs = [named("messages".into(), ""), named("syncs".into(), "")];
    goals.chain(broken).chain(most).chain(costs).collect()
}

/// Plays these actions with this seed for as long as a run of the scenario is shown; returns each of the
/// [`measures`], where there is something to measure, in its unit.
pub fn measure(setup: &Setup, actions: &[TimedAction], seed: u64) -> Vec<Option<i64>> {
    let mut setup = setup.clone();
    setup.seed = seed;
    let Trial { setup, actions, until_us } = Trial::new(setup, actions.to_vec());
    let mut simulation = setup.build();
    let mut journal = Journal::ignoring();
    let mut position = Position::default();
    let every_us = (setup.scenario().horizon_us / READINGS).max(1);
    let mut next_reading_us = every_us;
    let mut most: Vec<Option<i64>> = vec![None; simulation.metrics().len()];
    loop {
        let next_us = drive::next_at_us(&*simulation, position, &actions).unwrap_or(u64::MAX);
        let to_us = next_us.min(until_us);
        while next_reading_us <= to_us {
            for (most, reading) in most.iter_mut().zip(simulation.readings()) {
                *most = (*most).max(Some(reading));
            }
            next_reading_us += every_us;
        }
        if next_us > until_us {
            simulation.advance(until_us, &mut journal);
            break;
        }
        drive::step(&mut *simulation, &mut position, &actions, &mut journal);
    }
    let checks = simulation.checks();
    let time = |at_us: u64| i64::try_from(at_us / 1_000).ok();
    let reached = |verdict: &Verdict| match verdict {
        Verdict::Reached { at_us } => time(*at_us),
        Verdict::Holds | Verdict::Broken { .. } | Verdict::NotYet => None,
    };
    let goals = checks.iter().filter(|it| it.kind == CheckKind::Goal);
    let mut values: Vec<Option<i64>> = goals.map(|it| reached(&it.verdict)).collect();
    let broken = checks.iter().filter(|it| it.is_violated()).filter_map(|it| match it.verdict {
        Verdict::Broken { at_us, .. } => Some(at_us),
        Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
    });
    values.push(broken.min().and_then(time));
    values.append(&mut most);
    let costs = simulation.costs();
    let counted = [costs.messages, costs.syncs];
    values.extend(counted.map(|count| i64::try_from(count).ok()));
    values
}
