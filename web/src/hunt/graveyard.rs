//! Findings that this browser keeps: named, exportable, and run again when the page is another one.

use gloo::events::EventListener;
use yew::prelude::*;

use super::panel::button;
use super::plan::{Hunted, Quarry};
use crate::BUILD;
use crate::pages::lab::Intent;
use crate::preferences::{keep_text, kept_text};
use crate::route;
use crate::shared::Shared;
use crate::wire::{Catch, Opened};

/// The name under which they are kept.
const KEY: &str = "faultline.findings";
/// Tells the list that there is one more.
const KEPT: &str = "faultline-kept";
/// At most so many are kept; the oldest go first.
const MOST: usize = 200;

/// A finding that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Grave {
    /// What it is called.
    name: String,
    /// The promise that it breaks.
    check: String,
    /// The build with which it was last seen to.
    build: String,
    /// The run.
    link: String,
}

/// Keeps a finding, unless it is kept already.
pub(super) fn keep(found: &Catch, title: &str) {
    let mut graves = read(&kept_text(KEY).unwrap_or_default());
    if graves.iter().any(|it| it.link == found.link) {
        return;
    }
    let (name, check) = (format!("{title}: {}", found.check), found.check.clone());
    graves.push(Grave { name, check, build: BUILD.into(), link: found.link.clone() });
    let surplus = graves.len().saturating_sub(MOST);
    graves.drain(..surplus);
    keep_text(KEY, &write(&graves));
    if let Ok(event) = Event::new(KEPT) {
        drop(gloo::utils::window().dispatch_event(&event));
    }
}

/// Reads a finding a line; what cannot be read is left out.
fn read(text: &str) -> Vec<Grave> {
    let grave = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        let (name, check) = (parts.next()?, parts.next()?);
        Some(Grave { name, check, build: parts.next()?, link: parts.next()? })
    };
    text.lines().filter_map(grave).collect()
}

fn write(graves: &[Grave]) -> String {
    let line = |it: &Grave| {
        let name = it.name.replace(['\t', '\n'], " ");
        format!("{name}\t{}\t{}\t{}\n", it.check, it.build, it.link)
    };
    graves.iter().map(line).collect()
}

/// What the list shows.
#[derive(Properties, PartialEq)]
pub(super) struct GraveyardProps {
    /// Scenario and setup.
    pub(super) opened: Shared<Opened>,
    /// What has come of running them again.
    pub(super) hunted: Shared<Hunted>,
    /// Where wishes go.
    pub(super) on: Callback<Intent>,
}

/// The findings of this scenario that are kept.
#[component]
pub(super) fn Graveyard(props: &GraveyardProps) -> Html {
    let GraveyardProps { opened, hunted, on } = props;
    let changes = use_state_eq(|| 0_u32);
    {
        let changes = changes.clone();
        use_effect_with(*changes, move |before| {
            let next = before + 1;
            let hear = move |_: &Event| changes.set(next);
            let listener = EventListener::new(&gloo::utils::window(), KEPT, hear);
            move || drop(listener)
        });
    }
    let prefix = format!("{}?", route::lab_of(&opened.card.slug));
    let is_own = |it: &&Grave| it.link.starts_with(&prefix);
    let graves = read(&kept_text(KEY).unwrap_or_default());
    let own: Vec<&Grave> = graves.iter().filter(is_own).collect();
    let is_stale = |it: &&&Grave| it.build != BUILD;
    let stale: Vec<String> = own.iter().filter(is_stale).map(|it| it.link.clone()).collect();
    {
        // What another build has found is run again, once, as soon as nothing else is under way.
        let on = on.clone();
        let is_idle = hunted.task.is_none() && hunted.quarry.is_none();
        use_effect_with((stale, is_idle), move |(stale, is_idle)| {
            if *is_idle && !stale.is_empty() {
                on.emit(Intent::Hunt(Quarry::Recheck(stale.clone())));
            }
        });
    }
    use_effect_with(hunted.clone(), |hunted| note_rechecked(hunted));
    if own.is_empty() {
        return html! {
            <aside class="graveyard" aria-label="Kept findings">
                <h3>{ "Kept findings" }</h3>
                <p class="hint">{ "None yet. What a search finds can be kept in this browser; it is run again when the page changes." }</p>
            </aside>
        };
    }
    let links: Vec<String> = own.iter().map(|it| it.link.clone()).collect();
    let export = format!("data:text/plain;charset=utf-8,{}", encoded(&write(&graves)));
    html! {
        <aside class="graveyard" aria-label="Kept findings" data-changes={changes.to_string()}>
            <h3>{ "Kept findings" }</h3>
            <ul>{ for own.iter().map(|it| line(it, hunted, &changes)) }</ul>
            <div class="hunt-buttons">
                { button("Run them again", "See whether each still breaks what it broke", Intent::Hunt(Quarry::Recheck(links)), false, on) }
                <a class="button" href={export} download="faultline-findings.txt">{ "Export all" }</a>
            </div>
        </aside>
    }
}

/// Notes of each finding that was run again that this build has seen to it.
fn note_rechecked(hunted: &Hunted) {
    if hunted.rechecked.is_empty() {
        return;
    }
    let mut graves = read(&kept_text(KEY).unwrap_or_default());
    for grave in &mut graves {
        if hunted.rechecked.iter().any(|(link, _)| *link == grave.link) {
            grave.build = BUILD.into();
        }
    }
    keep_text(KEY, &write(&graves));
}

fn line(grave: &Grave, hunted: &Hunted, changes: &UseStateHandle<u32>) -> Html {
    let again = hunted.rechecked.iter().rev().find(|(link, _)| *link == grave.link);
    let verdict = match again.map(|(_, broken)| broken) {
        None => String::new(),
        Some(None) => "It no longer breaks anything.".into(),
        Some(Some(check)) if *check == grave.check => "Still breaks the same.".into(),
        Some(Some(check)) => format!("Now breaks “{check}” instead."),
    };
    let forget = {
        let (link, changes) = (grave.link.clone(), changes.clone());
        Callback::from(move |_: MouseEvent| {
            let mut graves = read(&kept_text(KEY).unwrap_or_default());
            graves.retain(|it| it.link != link);
            keep_text(KEY, &write(&graves));
            changes.set(*changes + 1);
        })
    };
    html! {
        <li>
            <a href={grave.link.clone()}>{ &grave.name }</a>
            <button type="button" class="icon" aria-label={format!("Forget {}", grave.name)} title="Forget it" onclick={forget}>{ "×" }</button>
            if !verdict.is_empty() { <p class="hint" role="status">{ verdict }</p> }
        </li>
    }
}

fn encoded(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_survive_being_written_and_what_is_damaged_is_left_out() {
        let grave = |name: &str| Grave {
            name: name.into(),
            check: "a promise".into(),
            build: "1".into(),
            link: "#/s/row?seed=1&a=AA".into(),
        };
        let text = write(&[grave("one\ttwo"), grave("three")]);
        assert_eq!(read(&format!("{text}damaged\n")), [grave("one two"), grave("three")]);
    }
}
