//! What was done to the system, how often it bit, and what else can be done to the network.

use faultline_core::sim::Action;
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use crate::format::{counted, instant};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{ActionView, Command, Opened, Timeline};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct FaultsProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// True time at the cursor.
    pub(crate) now_us: u64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The list of actions, and scripts to replace it by.
#[component]
pub(crate) fn FaultsPanel(props: &FaultsProps) -> Html {
    let FaultsProps { opened, timeline, on, .. } = props;
    let clear = on.reform(|_: MouseEvent| Intent::Ask(Command::ClearActions));
    let network = |label: &str, action: Action| {
        let act = on.reform(move |_: MouseEvent| Intent::Do(vec![action.clone()]));
        html! { <button type="button" class="button" onclick={act}>{ label }</button> }
    };
    html! {
        <div class="faults">
            <div class="fault-tools">
                <span class="label">{ "Scripts" }</span>
                { for (0..).zip(&opened.card.scripts).map(|(index, script)| run(index, script, on)) }
                <span class="label">{ "Network" }</span>
                { network("Lose 20 %", Action::Lose { percent: 20 }) }
                { network("Duplicate 20 %", Action::Duplicate { percent: 20 }) }
                { network("Heal", Action::Heal) }
                <button type="button" class="button" onclick={clear}
                    disabled={timeline.actions.is_empty()}>{ "Remove all" }</button>
            </div>
            if timeline.actions.is_empty() {
                <p class="hint">
                    { "Nothing has been done yet. Run a script, right-click anything on the stage, \
                       or press P and draw a line across it." }
                </p>
            }
            <ol class="fault-list">
                { for (0..).zip(&timeline.actions).map(|(index, action)| fault(index, action, props)) }
            </ol>
        </div>
    }
}

fn run(index: u16, (label, help): &(String, String), on: &Callback<Intent>) -> Html {
    let run = on.reform(move |_: MouseEvent| Intent::RunScript(index));
    html! {
        <button type="button" class="button" title={help.clone()} onclick={run}>{ label }</button>
    }
}

fn fault(index: u32, action: &ActionView, props: &FaultsProps) -> Html {
    let at_us = action.at_us;
    let seek = props.on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    let remove = props.on.reform(move |_: MouseEvent| Intent::Ask(Command::RemoveAction { index }));
    let (class, effect) = match action.bites {
        None => ("hint", "not reached yet".to_owned()),
        Some(0) => ("warn", "changed nothing".to_owned()),
        Some(bites) => ("value", format!("bit {}", counted(u64::from(bites), "time"))),
    };
    html! {
        <li class={classes!((at_us > props.now_us).then_some("ahead"))}>
            <button type="button" class="time" onclick={seek}>{ instant(at_us) }</button>
            <span class="statement">{ &action.sentence }</span>
            <span class={class}>{ effect }</span>
            <button type="button" class="icon" onclick={remove}
                aria-label={format!("Remove: {}", action.sentence)}>{ glyph(Glyph::Close) }</button>
        </li>
    }
}
