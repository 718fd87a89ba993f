//! The end of a lesson: what was seen, and where to go from here.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use yew::prelude::*;

use super::answers::answers;
use crate::format::counted;
use crate::pages::gallery::Row;
use crate::pages::lab::{Dialog, Intent, LessonView, Study, Wish};
use crate::route::lab_of;
use crate::shared::Shared;
use crate::wire::Opened;

/// What the card shows.
pub(super) struct LessonEndProps {
    /// Scenario and setup.
    pub(super) opened: Shared<Opened>,
    /// What the viewer predicted and solved.
    pub(super) study: Rc<Study>,
    /// What the safeguards cost, if the same schedule was run without them.
    pub(super) price: Option<AttrValue>,
    /// All scenarios, as far as they are known.
    pub(super) rows: Rc<[Row]>,
    /// Where wishes go.
    pub(super) on: Callback<Intent>,
}

/// The card under the last beat.
pub(super) fn lesson_end(props: &LessonEndProps) -> Html {
    let LessonEndProps { opened, on, .. } = props;
    let (other, label) = match opened.preset {
        Some(Preset::Hardened) => (Preset::Naive, "Same schedule, naive"),
        _ => (Preset::Hardened, "Same schedule, hardened"),
    };
    let flip = on.reform(move |_: MouseEvent| Intent::Retry(other));
    let puzzle = on.reform(|_: MouseEvent| Intent::Study(Wish::View(LessonView::Puzzles)));
    let share = on.reform(|_: MouseEvent| Intent::Dialog(Some(Dialog::Share)));
    html! {
        <section class="lesson-end" aria-labelledby="lesson-end">
            <h3 id="lesson-end">{ "In short" }</h3>
            <p><b>{ "Can break the naive design: " }</b>{ &opened.card.breaks }</p>
            <p><b>{ "The hardened one survives: " }</b>{ &opened.card.survives }</p>
            if let Some(price) = &props.price { <p><b>{ "The price: " }</b>{ price }</p> }
            { answers(opened, &props.study, on) }
            { scripts(opened, on) }
            if !opened.puzzles.is_empty() {
                <p>
                    <button type="button" class="link" onclick={puzzle}>
                        { format!("Your turn: {}", counted(opened.puzzles.len() as u64, "puzzle")) }
                    </button>
                </p>
            }
            <p class="lesson-end-buttons">
                <button type="button" class="button" onclick={flip}>{ label }</button>
                <button type="button" class="button" onclick={share}>{ "Share this run" }</button>
            </p>
            { neighbours(props) }
        </section>
    }
}

/// What else can be seen here: the scripts that the lesson does not tell of.
fn scripts(opened: &Opened, on: &Callback<Intent>) -> Html {
    let others = (0_u16..).zip(&opened.card.scripts).skip(1);
    let entry = |(script, (label, help)): (u16, &(String, String))| {
        let run = on.reform(move |_: MouseEvent| Intent::RunScript(script));
        html! {
            <li>
                <button type="button" class="link" onclick={run}>{ label }</button>
                <p class="hint">{ help }</p>
            </li>
        }
    };
    if opened.card.scripts.len() < 2 {
        return Html::default();
    }
    html! {
        <>
            <h3>{ "More to see here" }</h3>
            <ul class="more-scripts">{ for others.map(entry) }</ul>
        </>
    }
}

/// The scenarios to go on with.
fn neighbours(props: &LessonEndProps) -> Html {
    let slug = &props.opened.card.slug;
    let next = props.rows.iter().filter(|row| row.prerequisites.contains(slug));
    let link =
        |row: &Row| html! { <li>{ "Next: " }<a href={lab_of(&row.slug)}>{ &row.title }</a></li> };
    html! { <ul>{ for next.map(link) }</ul> }
}
