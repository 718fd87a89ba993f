//! How far a search is, and how it ended.

use faultline_core::view::{Check, CheckKind, Strategy};
use yew::prelude::*;

use super::hunted::{Hunted, Quarry};
use super::panel::button;
use super::plan::{FUTURES, MOMENTS};
use crate::format::{bytes, count, counted};
use crate::pages::lab::Intent;
use crate::wire::Task;

/// What is being done, as long as something is; and what was seen on the way.
pub(super) fn progress(hunted: &Hunted, checks: &[Check]) -> Html {
    let doing = hunted.task.as_ref().map(|task| {
        html! {
            <p class="hunt-doing">
                { doing(task, hunted) }
                if let Some(most) = most(hunted) {
                    <progress max={most.1.to_string()} value={most.0.to_string()} />
                }
            </p>
        }
    });
    html! { <>{ doing }{ seen(hunted, checks) }</> }
}

/// Returns how much has been done, and how much there is.
fn most(hunted: &Hunted) -> Option<(u64, u64)> {
    let done = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    match (&hunted.task, &hunted.quarry) {
        (Some(Task::Search(_)), Some(Quarry::Break { tries, .. })) => {
            Some((hunted.tally.tries, *tries))
        }
        (Some(Task::Measure { .. }), Some(Quarry::Seeds(seeds))) => {
            Some((measured(hunted), seeds * 2))
        }
        (Some(Task::Futures { .. }), _) => Some((done(hunted.futures.len()), MOMENTS * FUTURES)),
        _ => None,
    }
}

fn doing(task: &Task, hunted: &Hunted) -> String {
    let workers = counted(u64::try_from(hunted.workers).unwrap_or(1), "worker");
    match task {
        Task::Search(_) => {
            let rate = rate(hunted.tally.tries, hunted);
            let design = hunted.design();
            format!("Of {design}: {}, {rate} a second, {workers}.", runs(hunted))
        }
        Task::Survey => hunted.surveyed.as_ref().map_or("Exploring …".into(), |it| {
            let rate = rate(it.states, hunted);
            format!("{}, {rate} a second, {} deep.", counted(it.states, "state"), it.depth)
        }),
        Task::Shrink => {
            hunted.shrinking.map_or("Making it small …".into(), |(actions, tries)| {
                let (actions, tries) =
                    (counted(actions.into(), "action"), counted(tries.into(), "run"));
                format!("Making it small: {actions} left, {tries} tried.")
            })
        }
        Task::Cure => "Looking for the safeguards that would have prevented it …".into(),
        Task::Recheck => "Running kept findings again …".into(),
        Task::Measure { .. } => {
            let done = measured(hunted);
            format!("{}, {} a second, {workers}.", counted(done, "run"), rate(done, hunted))
        }
        Task::Futures { .. } => {
            let done = u64::try_from(hunted.futures.len()).unwrap_or(u64::MAX);
            format!("{} played, {workers}.", counted(done, "future"))
        }
    }
}

fn measured(hunted: &Hunted) -> u64 {
    hunted.samples.iter().map(|it| it.seeds.len() as u64).sum()
}

fn runs(hunted: &Hunted) -> String {
    let tally = &hunted.tally;
    let (runs, events) = (counted(tally.tries, "run"), counted(tally.events, "event"));
    format!("{runs}, {events}, the longest {}", count(tally.deepest.into()))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate to look at"
)]
fn rate(number: u64, hunted: &Hunted) -> String {
    count((number as f64 * 1_000.0 / hunted.elapsed_ms.max(1.0)) as u64)
}

/// What tries have seen: the things that should be seen sometimes, and faults that had an effect.
fn seen(hunted: &Hunted, checks: &[Check]) -> Html {
    let tally = &hunted.tally;
    if tally.tries == 0 {
        return Html::default();
    }
    let sometimes = checks.iter().filter(|it| it.kind == CheckKind::Sometimes);
    let seen = tally.seen.iter().zip(sometimes).map(|(times, check)| {
        html! {
            <li class={(*times == 0).then_some("never")}>
                { format!("{}: {}", check.name, times_of(*times)) }
            </li>
        }
    });
    let faults = tally.faults.iter().map(|(kind, (done, bit))| {
        let what =
            kind.counted(u16::MAX).split_once(' ').map_or_else(String::new, |it| it.1.to_owned());
        html! {
            <li class={(*bit == 0).then_some("never")}>
                { format!("{what}: in {}, with effect in {}", counted(*done, "run"), count(*bit)) }
            </li>
        }
    });
    html! {
        <details class="hunt-seen">
            <summary>{ "What the runs have seen" }</summary>
            <ul>{ for seen }{ for faults }</ul>
            <p class="hint">
                { format!("A worker took {} of memory at most.", bytes(hunted.memory_bytes)) }
            </p>
        </details>
    }
}

fn times_of(times: u64) -> String {
    if times == 0 { "never".into() } else { format!("in {}", counted(times, "run")) }
}

/// How it ended, if it found nothing; where time stood still, what else there is to try.
pub(super) fn ending(hunted: &Hunted, tries: u64, on: &Callback<Intent>) -> Html {
    if hunted.task.is_some() {
        return Html::default();
    }
    let sentence = sentence(hunted);
    let stands_still = matches!(
        hunted.quarry,
        Some(Quarry::Survey | Quarry::Break { strategy: Strategy::Priorities, .. })
    );
    let asks_on = stands_still && hunted.found.is_none() && !hunted.is_cancelled;
    let other = Intent::Hunt(Quarry::Break { strategy: Strategy::Swarm, tries });
    html! {
        <>
            if let Some(sentence) = sentence {
                <p class="hunt-ending" role="status">{ sentence }</p>
            }
            if asks_on {
                <p class="hunt-else">
                    <span class="hint">{ "What needs time to pass is found, if at all, by: " }</span>
                    { button("Random faults", "Search with time that passes", other, false, on) }
                </p>
            }
        </>
    }
}

fn sentence(hunted: &Hunted) -> Option<String> {
    if hunted.is_cancelled {
        return Some("Stopped.".into());
    }
    if hunted.found.is_some() {
        return None;
    }
    if let (Some(Quarry::Survey), Some(surveyed)) = (&hunted.quarry, &hunted.surveyed) {
        let (states, covers) = (count(surveyed.states), &surveyed.covers);
        return match &surveyed.gave_up {
            None if surveyed.is_complete => Some(format!(
                "All {states} states were seen, and no promise breaks in any. What that covers: \
                 {covers}."
            )),
            None => None,
            Some(why) => Some(format!(
                "{states} states were seen, and no promise breaks in any; then it was given up, since \
                 {why}: what was not seen may break. To be covered: {covers}."
            )),
        };
    }
    let is_search = matches!(hunted.quarry, Some(Quarry::Break { .. }));
    (is_search && hunted.tally.tries > 0).then(|| {
        format!(
            "No promise broke in {} of {} within these faults. That is no proof.{}",
            counted(hunted.tally.tries, "run"),
            hunted.design(),
            unconfirmed(hunted.tally.unconfirmed)
        )
    })
}

fn unconfirmed(count: u64) -> String {
    match count {
        0 => String::new(),
        _ => format!(
            " {} broke something only while time stood still: played as runs, in which time passes, they \
             break nothing.",
            counted(count, "of them").trim_end_matches('s')
        ),
    }
}
