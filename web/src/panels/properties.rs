//! What must hold, what must be reached, and the safeguards that make it so.

use std::rc::Rc;

use faultline_core::view::{Check, CheckKind, Verdict};
use yew::prelude::*;

use super::knobs::{KnobsProps, knobs};
use crate::format::{count, counted, instant};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Command, Opened, Side, SwitchView};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct PropertiesProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The verdicts.
    pub(crate) checks: Rc<[Check]>,
    /// Which run they are of, if two are compared.
    pub(crate) of: Option<Side>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Statements with their verdicts, safeguards and knobs.
#[component]
pub(crate) fn PropertiesPanel(props: &PropertiesProps) -> Html {
    let section = |kind: CheckKind, heading: &'static str| {
        let checks: Vec<&Check> = props.checks.iter().filter(|check| check.kind == kind).collect();
        if checks.is_empty() {
            return Html::default();
        }
        html! {
            <section class="section">
                <h2 class="label">{ heading }</h2>
                <ul class="checks">
                    { for checks.into_iter().map(|check| statement(check, props)) }
                </ul>
            </section>
        }
    };
    let opened = &props.opened;
    html! {
        <>
            { section(CheckKind::Invariant, "Must always hold") }
            { section(CheckKind::Goal, "Must be reached") }
            if !opened.switches.is_empty() {
                <section class="section">
                    <h2 class="label">{ "Safeguards" }</h2>
                    { for opened.switches.iter().map(|switch| safeguard(switch, props)) }
                </section>
            }
            { section(CheckKind::Alert, "Alerts") }
            { section(CheckKind::Sometimes, "Seen to happen") }
            // Knobs are turned in the open run, and in the other one with it.
            if !opened.knobs.is_empty() && props.of != Some(Side::Other) {
                <section class="section">
                    <h2 class="label">{ "Knobs" }</h2>
                    { knobs(&KnobsProps { opened: opened.clone(), on: props.on.clone() }) }
                </section>
            }
        </>
    }
}

/// How a verdict looks: class, sign, and what a screen reader says instead of the sign.
fn look(kind: CheckKind, verdict: &Verdict) -> (&'static str, &'static str, &'static str) {
    match (verdict, kind) {
        (Verdict::Broken { .. } | Verdict::Reached { .. }, CheckKind::Alert) => {
            ("warn", "▲", "rang")
        }
        (Verdict::Broken { .. }, _) => ("bad", "◆", "broken"),
        (Verdict::Reached { .. }, _) => ("good", "✓", "reached"),
        (Verdict::Holds, CheckKind::Alert) => ("faint", "○", "quiet"),
        (Verdict::Holds, _) => ("good", "✓", "holds"),
        (Verdict::NotYet, _) => ("faint", "○", "not yet"),
    }
}

fn statement(check: &Check, props: &PropertiesProps) -> Html {
    let (class, sign, said) = look(check.kind, &check.verdict);
    let value = match &check.verdict {
        Verdict::Broken { at_us, .. } | Verdict::Reached { at_us } => {
            let at_us = *at_us;
            // To the very step that broke it; what was reached is there at the end of the instant. Of
            // the run beside the open one, events have other numbers.
            let intent = match &check.verdict {
                Verdict::Broken { step, .. } if props.of != Some(Side::Other) => {
                    Intent::Ask(Command::to(*step, at_us))
                }
                Verdict::Broken { .. }
                | Verdict::Reached { .. }
                | Verdict::Holds
                | Verdict::NotYet => Intent::Seek(at_us),
            };
            let seek = props.on.reform(move |_: MouseEvent| intent.clone());
            let time = instant(at_us);
            html! {
                <button type="button" class={classes!("time", class)} onclick={seek}
                    aria-label={format!("Go to {time}")}>{ &time }</button>
            }
        }
        Verdict::Holds | Verdict::NotYet => html! { <span class="value">{ said }</span> },
    };
    let reason = match &check.verdict {
        // An alert may have gone quiet since, and what was missed may have been reached.
        Verdict::Broken { reason, at_us, .. }
            if matches!(check.kind, CheckKind::Alert | CheckKind::Goal) =>
        {
            Some(format!("At {}: {reason}", instant(*at_us)))
        }
        Verdict::Broken { reason, .. } => Some(reason.clone()),
        Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
    };
    html! {
        <li>
            <span class={classes!("sign", class)} role="img" aria-label={said}>{ sign }</span>
            <span class="statement">{ &check.name }</span>
            { value }
            <span class="judged">{ judged(check) }</span>
            if let Some(reason) = reason {
                <span class={classes!("reason", class)}>{ reason }</span>
            }
            { for guards(check, &props.opened, &props.on) }
        </li>
    }
}

/// Says which safeguards a promise needs, maybe several together, and which of these are off; each with a
/// run that breaks it for want of that one.
fn guards(check: &Check, opened: &Opened, on: &Callback<Intent>) -> Vec<Html> {
    let guard = |switch: &SwitchView| {
        let run =
            opened.guards.iter().find(|it| it.switch == switch.key && it.check == check.name)?;
        let (link, name) = (run.link.clone(), format!("the run without “{}”", switch.label));
        let see = if switch.is_on { "See it break without it" } else { "See it break" };
        let open = on.reform(move |_: MouseEvent| {
            Intent::Ask(Command::Adopt { link: link.clone(), name: name.clone() })
        });
        Some(html! {
            <span class="guard">
                if switch.is_on {
                    { format!("Needs “{}”. ", switch.label) }
                } else {
                    { format!("Off: “{}”. Without it, this can break. ", switch.label) }
                    <button type="button" class="link" onclick={turn_on(switch, on)}
                        aria-label={format!("Turn it on: {}", switch.label)}>
                        { "Turn it on" }
                    </button>
                    { " " }
                }
                <button type="button" class="link" onclick={open}
                    title="A run with every safeguard but this one"
                    aria-label={format!("{see}: {}", switch.label)}>{ see }</button>
            </span>
        })
    };
    opened.switches.iter().filter_map(guard).collect()
}

fn turn_on(switch: &SwitchView, on: &Callback<Intent>) -> Callback<MouseEvent> {
    let key = switch.key.clone();
    on.reform(move |_: MouseEvent| {
        Intent::Ask(Command::Set { key: key.clone(), value: "on".into() })
    })
}

/// Says how often a statement was judged, and what came of it.
fn judged(check: &Check) -> String {
    let states = counted(check.judged, "state");
    match (&check.verdict, check.kind) {
        (Verdict::Holds, CheckKind::Alert) => format!("Quiet in {states}."),
        (Verdict::Holds, _) => format!("Held in {states}."),
        (Verdict::Broken { .. }, CheckKind::Alert) => {
            format!("First rang in state {}.", count(check.judged))
        }
        (Verdict::Broken { .. }, CheckKind::Goal) => {
            format!("Found missed in state {}.", count(check.judged))
        }
        (Verdict::Broken { .. }, _) => format!("First broken in state {}.", count(check.judged)),
        (Verdict::Reached { .. }, _) => format!("First seen in state {}.", count(check.judged)),
        (Verdict::NotYet, _) => format!("Not in {states} so far."),
    }
}

fn safeguard(switch: &SwitchView, props: &PropertiesProps) -> Html {
    let (key, value) = (switch.key.clone(), if switch.is_on { "off" } else { "on" });
    let is_fixed = props.of == Some(Side::Other);
    let set = props.on.reform(move |_: MouseEvent| {
        if is_fixed {
            return Intent::Say("Safeguards are turned on and off in run A.");
        }
        Intent::Ask(Command::Set { key: key.clone(), value: value.into() })
    });
    html! {
        <div class="safeguard" key={switch.key.clone()}>
            <button type="button" role="switch" class="switch" onclick={set}
                aria-checked={switch.is_on.to_string()} aria-disabled={is_fixed.then_some("true")}
                title={switch.help.clone()}>
                <span class="knob-of-switch" aria-hidden="true"></span>
                <span class="switch-text">{ &switch.label }</span>
            </button>
            <p class="hint">{ &switch.help }</p>
        </div>
    }
}
