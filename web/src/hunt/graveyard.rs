//! Findings that this browser keeps: named, exportable, and run again when the page, the kernel or the
//! row is another one. The link of each has the digest of its run, so it can be said whether it is still
//! the same.

use gloo::events::EventListener;
use yew::prelude::*;

use super::hunted::Quarry;
use super::panel::button;
use crate::BUILD;
use crate::pages::lab::Intent;
use crate::preferences::{keep_text, kept_text};
use crate::route;
use crate::shared::Shared;
use crate::wire::{Catch, Opened, Rechecked};

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
    /// With which build, and which revision of kernel and row, it was last run.
    stamp: String,
    /// The run.
    link: String,
}

/// Keeps a finding, unless it is kept already.
pub(super) fn keep(found: &Catch, opened: &Opened) {
    let mut graves = read(&kept_text(KEY).unwrap_or_default());
    if graves.iter().any(|it| it.link == found.link) {
        return;
    }
    let name = format!("{}: {}", opened.card.title, found.check);
    let (check, link) = (found.check.clone(), found.link.clone());
    graves.push(Grave { name, check, stamp: stamp(opened), link });
    let surplus = graves.len().saturating_sub(MOST);
    graves.drain(..surplus);
    keep_text(KEY, &write(&graves));
    if let Ok(event) = Event::new(KEPT) {
        drop(gloo::utils::window().dispatch_event(&event));
    }
}

/// Returns by what a run comes out as it does: if this is another one, so may be the run.
fn stamp(opened: &Opened) -> String {
    format!("{BUILD}/{}", opened.revision)
}

/// Reads a finding a line; what cannot be read is left out.
fn read(text: &str) -> Vec<Grave> {
    let grave = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        let (name, check) = (parts.next()?, parts.next()?);
        Some(Grave { name, check, stamp: parts.next()?, link: parts.next()? })
    };
    text.lines().filter_map(grave).collect()
}

fn write(graves: &[Grave]) -> String {
    let line = |it: &Grave| {
        let name = it.name.replace(['\t', '\n'], " ");
        format!("{name}\t{}\t{}\t{}\n", it.check, it.stamp, it.link)
    };
    graves.iter().map(line).collect()
}

/// What the list shows.
#[derive(Properties, PartialEq)]
pub(super) struct GraveyardProps {
    /// Scenario and setup.
    pub(super) opened: Shared<Opened>,
    /// What has come of running them again.
    pub(super) rechecked: Vec<Rechecked>,
    /// Whether nothing is searched for and nothing was.
    pub(super) is_idle: bool,
    /// Where wishes go.
    pub(super) on: Callback<Intent>,
}

/// The findings of this scenario that are kept.
#[component]
pub(super) fn Graveyard(props: &GraveyardProps) -> Html {
    let GraveyardProps { opened, rechecked, is_idle, on } = props;
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
    let stamp = stamp(opened);
    let is_stale = |it: &&&Grave| it.stamp != stamp;
    let stale: Vec<String> = own.iter().filter(is_stale).map(|it| it.link.clone()).collect();
    {
        // What another build or revision has found is run again, once, as soon as there is time.
        let on = on.clone();
        use_effect_with((stale, *is_idle), move |(stale, is_idle)| {
            if *is_idle && !stale.is_empty() {
                on.emit(Intent::Hunt(Quarry::Recheck(stale.clone())));
            }
        });
    }
    use_effect_with((rechecked.clone(), stamp), |(rechecked, stamp)| note(rechecked, stamp));
    if own.is_empty() {
        return html! {
            <aside class="graveyard" aria-label="Kept findings">
                <h3>{ "Kept findings" }</h3>
                <p class="hint">
                    { "None yet. What a search finds can be kept in this browser; it is run again \
                       when the page or the scenario changes." }
                </p>
            </aside>
        };
    }
    let links: Vec<String> = own.iter().map(|it| it.link.clone()).collect();
    let export = format!("data:text/plain;charset=utf-8,{}", encoded(&write(&graves)));
    html! {
        <aside class="graveyard" aria-label="Kept findings" data-changes={changes.to_string()}>
            <h3>{ "Kept findings" }</h3>
            <ul>{ for own.iter().map(|it| line(it, opened, rechecked, &changes)) }</ul>
            <div class="hunt-buttons">
                { button("Run them again", "See whether each still breaks what it broke",
                    Intent::Hunt(Quarry::Recheck(links)), false, on) }
                <a class="button" href={export} download="faultline-findings.txt">
                    { "Export all" }
                </a>
            </div>
        </aside>
    }
}

/// Notes of each finding that was run again by what.
fn note(rechecked: &[Rechecked], stamp: &str) {
    if rechecked.is_empty() {
        return;
    }
    let mut graves = read(&kept_text(KEY).unwrap_or_default());
    for grave in &mut graves {
        if rechecked.iter().any(|it| it.link == grave.link) {
            stamp.clone_into(&mut grave.stamp);
        }
    }
    keep_text(KEY, &write(&graves));
}

/// Says what a kept run does now.
fn verdict(grave: &Grave, again: &Rechecked, revision: &str) -> String {
    let own = grave.link.split('&').find_map(|part| part.strip_prefix("r="));
    let made = match own {
        Some(own) if own != revision => {
            format!(" It was made with revision {own}; this is {revision}.")
        }
        _ => String::new(),
    };
    let does = match (&again.broken, again.is_same) {
        (None, _) => "It no longer breaks anything.".into(),
        (Some(check), _) if *check != grave.check => format!("It breaks “{check}” instead."),
        (Some(_), Some(true)) => "Still breaks: it is the same run to the bit.".into(),
        (Some(_), Some(false)) => "Still breaks the same, in a run that is another by now.".into(),
        (Some(_), None) => "Still breaks the same.".into(),
    };
    format!("{does}{made}")
}

fn line(
    grave: &Grave,
    opened: &Opened,
    rechecked: &[Rechecked],
    changes: &UseStateHandle<u32>,
) -> Html {
    let again = rechecked.iter().rev().find(|it| it.link == grave.link);
    let verdict = again.map(|again| verdict(grave, again, &opened.revision));
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
            <button type="button" class="icon" aria-label={format!("Forget {}", grave.name)}
                title="Forget it" onclick={forget}>{ "×" }</button>
            if let Some(verdict) = verdict { <p class="hint" role="status">{ verdict }</p> }
        </li>
    }
}

fn encoded(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grave(name: &str) -> Grave {
        Grave {
            name: name.into(),
            check: "a promise".into(),
            stamp: "1/3.1".into(),
            link: "#/s/row?seed=1&a=AA&d=00000000000000aa&r=3.1".into(),
        }
    }

    #[test]
    fn findings_survive_being_written_and_what_is_damaged_is_left_out() {
        let text = write(&[grave("one\ttwo"), grave("three")]);
        assert_eq!(read(&format!("{text}damaged\n")), [grave("one two"), grave("three")]);
    }

    #[test]
    fn what_a_kept_run_does_now_is_said() {
        let again = |broken: Option<&str>, is_same| Rechecked {
            link: String::new(),
            broken: broken.map(Into::into),
            is_same,
        };
        let said = |again: &Rechecked, revision| verdict(&grave("it"), again, revision);
        let same = again(Some("a promise"), Some(true));
        assert_eq!(said(&same, "3.1"), "Still breaks: it is the same run to the bit.");
        let other = again(Some("a promise"), Some(false));
        assert_eq!(
            said(&other, "3.2"),
            "Still breaks the same, in a run that is another by now. It was made with revision 3.1; \
             this is 3.2."
        );
        assert_eq!(said(&again(None, Some(false)), "3.1"), "It no longer breaks anything.");
        assert!(said(&again(Some("another"), None), "3.1").contains("“another” instead"));
    }
}
