//! Numbers that can be turned, and what can be chosen.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::format::count;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Command, KnobView, Opened};

/// What is shown.
pub(crate) struct KnobsProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// One slider a number, one list a choice.
pub(crate) fn knobs(props: &KnobsProps) -> Html {
    html! {
        <div class="knobs">
            for knob in props.opened.knobs.iter() {
                if knob.choices.is_empty() {
                    <Slider key={knob.key.clone()} knob={knob.clone()} on={props.on.clone()} />
                } else {
                    { chooser(knob, &props.on) }
                }
            }
        </div>
    }
}

fn chooser(knob: &KnobView, on: &Callback<Intent>) -> Html {
    let key = knob.key.clone();
    let on_change = on.reform(move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        Intent::Ask(Command::Set { key: key.clone(), value })
    });
    html! {
        <label class="knob">
            <span>{ &knob.label }</span>
            <select onchange={on_change}>
                for (choice, value) in knob.choices.iter().zip(knob.min..) {
                    <option value={value.to_string()} selected={value == knob.value}>
                        { choice }
                    </option>
                }
            </select>
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct SliderProps {
    knob: KnobView,
    on: Callback<Intent>,
}

/// While it is dragged, only the number follows; the run is replayed when it is let go.
#[component]
fn Slider(props: &SliderProps) -> Html {
    let knob = &props.knob;
    let shown = use_state_eq(|| knob.value);
    {
        let shown = shown.setter();
        use_effect_with(knob.value, move |value| shown.set(*value));
    }
    let value_of = |event: &Event| {
        let field: HtmlInputElement = event.target_unchecked_into();
        field.value().parse::<u64>().ok()
    };
    let on_input = {
        let shown = shown.setter();
        Callback::from(move |event: InputEvent| {
            if let Some(value) = value_of(&event) {
                shown.set(value);
            }
        })
    };
    let on_change = {
        let (key, on) = (knob.key.clone(), props.on.clone());
        Callback::from(move |event: Event| {
            if let Some(value) = value_of(&event) {
                let value = value.to_string();
                on.emit(Intent::Ask(Command::Set { key: key.clone(), value }));
            }
        })
    };
    let text = format!("{}{}", count(*shown), knob.unit);
    html! {
        <label class="knob">
            <span>{ &knob.label }</span><output>{ &text }</output>
            <input type="range" min={knob.min.to_string()} max={knob.max.to_string()}
                value={shown.to_string()} aria-valuetext={text} oninput={on_input}
                onchange={on_change} />
        </label>
    }
}
