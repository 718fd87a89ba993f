//! The point of no return: from each moment of a failing run, the share of its futures that fail.

use std::collections::BTreeMap;

use faultline_core::view::Future;
use yew::prelude::*;

use super::hunted::Hunted;
use crate::format::instant;
use crate::pages::lab::Intent;
use crate::wire::Command;

/// A bar a moment: how many of its futures fail. A bar opens a future that goes well, if there is one.
pub(super) fn futures(hunted: &Hunted, on: &Callback<Intent>) -> Html {
    let mut moments: BTreeMap<u64, Vec<&Future>> = BTreeMap::new();
    for future in &hunted.futures {
        moments.entry(future.at_us).or_default().push(future);
    }
    if moments.is_empty() {
        return Html::default();
    }
    let is_lost = |futures: &Vec<&Future>| futures.iter().all(|it| it.fails);
    let lost_us = moments.iter().rev().take_while(|(_, it)| is_lost(it)).last().map(|it| *it.0);
    let broke_us = moments.keys().next_back().copied();
    let verdict = match lost_us {
        Some(0) => "Whatever the luck, this schedule fails from its beginning.".to_owned(),
        Some(_) if lost_us == broke_us => {
            "It was not lost before it broke: until then some futures go well.".to_owned()
        }
        Some(at_us) => format!("From {} on every future fails: the run is lost.", instant(at_us)),
        None => "Even at its last moment some futures go well.".to_owned(),
    };
    html! {
        <section class="hunt-futures" aria-label="Point of no return">
            <h3>{ "Point of no return" }</h3>
            <p class="hint">
                { "From each moment the run goes on with other luck, under the same schedule; a bar says \
                   how many of these futures fail. " }
                <b>{ verdict }</b>
            </p>
            <div class="future-bars">
                { for moments.iter().map(|(at_us, it)| bar(*at_us, it, on)) }
            </div>
        </section>
    }
}

fn bar(at_us: u64, futures: &[&Future], on: &Callback<Intent>) -> Html {
    let (all, fail) = (futures.len(), futures.iter().filter(|it| it.fails).count());
    let shown = futures.iter().find(|it| !it.fails).or(futures.first());
    let Some(shown) = shown else { return Html::default() };
    let what = if shown.fails { "opens one" } else { "opens one that does not" };
    let words = format!("From {}: {fail} of {all} futures fail; {what}", instant(at_us));
    let link = shown.link.clone();
    let name = format!("another future from {}", instant(at_us));
    let open = on.reform(move |_: MouseEvent| {
        Intent::Ask(Command::Adopt { link: link.clone(), name: name.clone() })
    });
    let height = (fail * 100).checked_div(all).unwrap_or_default();
    html! {
        <button type="button" class="future-bar" title={words.clone()} aria-label={words}
            onclick={open}>
            <i style={format!("height:{height}%")} />
            <span aria-hidden="true">{ format!("{fail}/{all}") }</span>
            <small aria-hidden="true">{ instant(at_us) }</small>
        </button>
    }
}
