//! Futures left behind: each a lane below the timeline, and all of them a list.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::marks::class_of;
use super::stretch::Stretch;
use crate::format::{counted, instant};
use crate::pages::lab::Intent;
use crate::panels::glyph::{Glyph, glyph};
use crate::shared::Shared;
use crate::wire::{Command, LaneView, MarkGlyph, Timeline};

/// What is shown.
pub(crate) struct ForksProps {
    /// The run as far as it is known, with its lanes.
    pub(crate) timeline: Shared<Timeline>,
    /// What of it is shown.
    pub(crate) stretch: Stretch,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The lanes, the latest first, on the timeline's own scale.
pub(crate) fn forks(props: &ForksProps) -> Html {
    let ForksProps { timeline, stretch, on } = props;
    if timeline.lanes.is_empty() {
        // Before anything has happened there is no past to change; the line keeps its room.
        let is_early = timeline.known_us == 0;
        return html! {
            <p class={classes!("forks", "no-forks", "hint", is_early.then_some("is-early"))}>
                { "Change something in the past, and the future that you leave stays here." }
            </p>
        };
    }
    html! {
        <ul class="forks" aria-label="Futures left behind">
            for lane in timeline.lanes.iter().rev() {
                <li class="fork" key={lane.link.clone()}>
                    <ForkName lane={lane.clone()} on={on.clone()} />
                    { line(lane, *stretch, &open(lane, on)) }
                </li>
            }
        </ul>
    }
}

/// The same as a list with room for a thumb.
pub(crate) fn fork_list(props: &ForksProps) -> Html {
    let ForksProps { timeline, on, .. } = props;
    html! {
        <ol class="fork-list">
            for lane in timeline.lanes.iter().rev() {
                <li key={lane.link.clone()}>
                    <ForkName lane={lane.clone()} on={on.clone()} />
                    <span class="hint">{ told(lane) }</span>
                </li>
            }
        </ol>
    }
}

fn open(lane: &LaneView, on: &Callback<Intent>) -> Callback<MouseEvent> {
    let lane = lane.link.clone();
    on.reform(move |_: MouseEvent| Intent::Ask(Command::OpenLane { lane: lane.clone() }))
}

/// Says what became of a future.
fn told(lane: &LaneView) -> String {
    let broken = lane.marks.iter().find(|mark| mark.kind == MarkGlyph::Violation);
    let broken = broken.map_or("nothing broke".to_owned(), |mark| {
        format!("{} at {}", mark.text, instant(mark.at_us))
    });
    let (from, to) = (instant(lane.from_us), instant(lane.known_us));
    let left_out = match lane.marks_left_out {
        0 => String::new(),
        left_out => format!("; {} not kept", counted(left_out.into(), "mark")),
    };
    format!("another way from {from}, known to {to}; {broken}{left_out}")
}

fn line(lane: &LaneView, stretch: Stretch, open: &Callback<MouseEvent>) -> Html {
    let (from, to) = (stretch.percent(lane.from_us), stretch.percent(lane.known_us));
    let marks = lane.marks.iter().filter(|mark| stretch.has(mark.at_us));
    let style = format!("left:{from};width:calc({to} - {from})");
    // A name that can be pressed says the same beside it.
    html! {
        <div class="fork-line" onclick={open.clone()} aria-hidden="true"
            title={format!("{}: {}", lane.name, told(lane))}>
            <span class="fork-known" {style}></span>
            if stretch.has(lane.from_us) {
                <span class="fork-stub" style={format!("left:{from}")}></span>
            }
            for mark in marks {
                if !matches!(mark.kind, MarkGlyph::Epoch(_) | MarkGlyph::Beat) {
                    <span class={classes!("fork-mark", class_of(mark.kind))}
                        style={format!("left:{}", stretch.percent(mark.at_us))}></span>
                }
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ForkNameProps {
    lane: LaneView,
    on: Callback<Intent>,
}

/// A future's name: press it to go there; it can be renamed and forgotten.
#[component]
fn ForkName(props: &ForkNameProps) -> Html {
    let ForkNameProps { lane, on } = props;
    let (name, told) = (&lane.name, told(lane));
    let renames = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with(*renames, move |renames| {
            if let (true, Some(field)) = (*renames, field.cast::<HtmlInputElement>()) {
                drop(field.focus());
                field.select();
            }
        });
    }
    let (link, forgotten) = (lane.link.clone(), lane.link.clone());
    let remove = on
        .reform(move |_: MouseEvent| Intent::Ask(Command::RemoveLane { lane: forgotten.clone() }));
    if *renames {
        let (on, field_, renames_) = (on.clone(), field.clone(), renames.setter());
        let on_submit = Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let name = field_.cast::<HtmlInputElement>().map(|it| it.value()).unwrap_or_default();
            on.emit(Intent::Ask(Command::RenameLane { lane: link.clone(), name }));
            renames_.set(false);
        });
        let renames = renames.setter();
        let on_key = Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                renames.set(false);
            }
        });
        return html! {
            <form class="fork-name" onsubmit={on_submit} onkeydown={on_key}>
                <input ref={field} type="text" maxlength="120" aria-label="Name of this future"
                    value={name.clone()} />
                <button type="submit" class="button">{ "Keep" }</button>
            </form>
        };
    }
    let rename = {
        let renames = renames.setter();
        Callback::from(move |_: MouseEvent| renames.set(true))
    };
    html! {
        <div class="fork-name">
            <button type="button" class="fork-open" onclick={open(lane, on)}
                aria-label={format!("Go back to this future: {name}")}
                title={format!("Go back to this future: {name}\n{told}")}>{ name }</button>
            <button type="button" class="icon small" onclick={rename} title="Rename"
                aria-label={format!("Rename this future: {name}")}>{ glyph(Glyph::Rename) }</button>
            <button type="button" class="icon small" onclick={remove} title="Forget"
                aria-label={format!("Forget this future: {name}")}>{ glyph(Glyph::Close) }</button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::MarkView;

    #[test]
    fn a_future_is_told_by_what_broke_in_it() {
        let mark = MarkView {
            at_us: 1_500_000,
            event: 3,
            kind: MarkGlyph::Violation,
            text: "Broken: one seat".into(),
        };
        let lane = LaneView {
            name: "without it".into(),
            link: String::new(),
            muted: Vec::new(),
            from_us: 1_000_000,
            at_us: 1_000_000,
            known_us: 2_000_000,
            marks: vec![mark],
            marks_left_out: 2,
        };
        assert_eq!(
            told(&lane),
            "another way from 1.000 s, known to 2.000 s; Broken: one seat at 1.500 s; \
             2 marks not kept"
        );
        let calm = LaneView { marks: Vec::new(), marks_left_out: 0, ..lane };
        assert!(told(&calm).ends_with("nothing broke"));
    }
}
