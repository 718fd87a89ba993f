//! The first thing to read: what is promised, and the button that puts it to the test. What the film
//! waits with and what became of the promise stand in the promise's place, so that they hide nothing.

use yew::prelude::*;

use crate::pages::lab::{Intent, Split, Telling};
use crate::shared::Shared;
use crate::wire::Opened;

/// What the button does with the film, unlike Play, which goes on from the cursor.
const SCRIPT_TOLD: &str = "Plays this from the start, without what was done by hand, and stops at each step of the lesson.";
/// The same for who has seen the breach.
const SCRIPT_TO_BREACH: &str =
    "Plays this from the start, without what was done by hand, straight to the breach.";

/// What the head shows.
#[derive(Properties, PartialEq)]
pub(crate) struct StageHeadProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// Whether nothing has been done or played yet.
    pub(crate) is_fresh: bool,
    /// How a film of the script tells the story.
    pub(crate) telling: Telling,
    /// The puzzle that was set up: then the run is its own, and no script's.
    pub(crate) puzzle: Option<u16>,
    /// Whether a drag draws a partition line.
    pub(crate) draws_line: bool,
    /// What becomes of the split that it makes.
    pub(crate) split: Split,
    /// Whether letters are shortcuts.
    pub(crate) letter_keys: bool,
    /// What stands in the promise's place, if anything does.
    pub(crate) children: Html,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// One sentence and one button.
#[component]
pub(crate) fn StageHead(props: &StageHeadProps) -> Html {
    let StageHeadProps { opened, on, .. } = props;
    let puzzle = props.puzzle.and_then(|it| opened.puzzles.get(usize::from(it)));
    let script = opened.card.scripts.first().map(|(label, help)| {
        let run = on.reform(|_: MouseEvent| Intent::RunScript(0));
        let is_first = props.is_fresh && puzzle.is_none();
        let class = classes!("button", "big", is_first.then_some("primary"));
        let film = match props.telling {
            Telling::StepByStep => SCRIPT_TOLD,
            Telling::ToTheBreach => SCRIPT_TO_BREACH,
        };
        html! {
            <button type="button" {class} title={format!("{help} {film}")} onclick={run}
                aria-keyshortcuts={props.letter_keys.then_some("S")}>
                { label }
                if props.letter_keys { <kbd aria-hidden="true">{ "S" }</kbd> }
            </button>
        }
    });
    let draws = props.draws_line;
    let draw = on.reform(move |_: MouseEvent| Intent::DrawLine(!draws));
    let flap = on.reform(|event: Event| {
        let flaps = event.target_unchecked_into::<web_sys::HtmlInputElement>().checked();
        Intent::Split(if flaps { Split::ComesAndGoes } else { Split::Stays })
    });
    html! {
        <div class="stage-head">
            <div class="head-place">
                if let Some(puzzle) = puzzle {
                    <p class="promise">
                        <span class="label">{ format!("Puzzle: {}", puzzle.title) }</span>{ &puzzle.task }
                    </p>
                } else {
                    <p class="promise">
                        <span class="label">{ "It promises" }</span>{ &opened.card.promise }
                    </p>
                }
                { props.children.clone() }
            </div>
            <div class="stage-buttons">
                { script }
                <button type="button" class="button big line-button" onclick={draw}
                    aria-pressed={draws.to_string()}
                    title="Draw a line across the stage to split the network (P)">
                    { "Draw a split" }
                </button>
                if draws {
                    <label class="flap-choice">
                        <input type="checkbox" checked={props.split == Split::ComesAndGoes} onchange={flap} />
                        { "comes and goes every 500 ms" }
                    </label>
                }
            </div>
        </div>
    }
}
