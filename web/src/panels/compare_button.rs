//! The button that puts another run beside this one: the other design, or an abandoned future.

use faultline_core::scenario::Preset;
use yew::prelude::*;

use super::popover::Popover;
use crate::pages::lab::{Intent, NOTHING_TO_COMPARE, other_preset};
use crate::shared::Shared;
use crate::wire::{Against, Command, Opened, Timeline};

/// What there is to compare with.
#[derive(Properties, PartialEq)]
pub(crate) struct CompareButtonProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The run, with its abandoned futures.
    pub(crate) timeline: Shared<Timeline>,
    /// Whether two runs are compared.
    pub(crate) compares: bool,
    /// Whether letters are shortcuts.
    pub(crate) letter_keys: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

const HELP: &str = "Naive and hardened side by side, under the same schedule (V)";

/// The button, with a choice if there is one.
#[component]
pub(crate) fn CompareButton(props: &CompareButtonProps) -> Html {
    let CompareButtonProps { opened, timeline, on, .. } = props;
    let open = use_state_eq(|| false);
    let preset = other_preset(opened);
    let face = html! {
        <>
            <span class="compare-word">{ "Compare" }</span>
            <span class="compare-sign">{ "A|B" }</span>
        </>
    };
    if props.compares || timeline.lanes.is_empty() {
        let intent = match preset {
            _ if props.compares => Intent::Ask(Command::Compare(None)),
            Some(preset) => Intent::Ask(Command::Compare(Some(Against::Preset(preset)))),
            None => Intent::Say(NOTHING_TO_COMPARE),
        };
        let compare = on.reform(move |_: MouseEvent| intent.clone());
        return html! {
            <button type="button" class="chip compare-button" title={HELP} onclick={compare}
                aria-pressed={props.compares.to_string()}
                aria-disabled={(!props.compares && preset.is_none()).then_some("true")}
                aria-keyshortcuts={props.letter_keys.then_some("V")}>{ face }</button>
        };
    }
    let on_open = {
        let open = open.setter();
        Callback::from(move |wants| open.set(wants))
    };
    let choice = |label: String, against: Against| {
        let compare =
            on.reform(move |_: MouseEvent| Intent::Ask(Command::Compare(Some(against.clone()))));
        html! { <button type="button" class="choice" onclick={compare}>{ label }</button> }
    };
    let design = |preset| {
        let what = if preset == Preset::Hardened { "on" } else { "off" };
        choice(format!("Same schedule, safeguards {what}"), Against::Preset(preset))
    };
    html! {
        <Popover open={*open} {on_open} class="chip compare-button" button={face}
            label={Some(AttrValue::from("Compare A|B …"))}>
            <h2 class="label">{ "Put beside this run" }</h2>
            { for preset.map(design) }
            { for timeline.lanes.iter().map(|lane| {
                let against = Against::Run { name: lane.name.clone(), link: lane.link.clone() };
                choice(format!("The other future: {}", lane.name), against)
            }) }
        </Popover>
    }
}
