//! How the panel looks: functions that return its parts.

use faultline_core::view::Widget;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::panel::Wish;
use super::state::{Phase, State};
use crate::format::{bytes, count, counted};
use crate::widgets::WidgetView;
use crate::wire::{FoundOnDisk as Found, Place, Rate, Store};

/// How many operations the button writes.
const SOME: u64 = 1_000;
/// The policies: after how many operations the engine is told to sync.
const POLICIES: [(u32, &str); 4] =
    [(1, "after each"), (10, "after each 10"), (100, "after each 100"), (0, "never")];

/// Draws the panel.
pub(super) fn view(state: &State, on: &Callback<Wish>) -> Html {
    html! {
        <div class="disk" data-phase={phase(state)}>
            <section class="section">
                <h2 class="label">{ "On real files" }</h2>
                <p class="buttons">
                    <span class="chip" title="What the stage and the other tabs show">
                        { "Run: simulated disk" }
                    </span>
                    { badge(state) }
                </p>
                <p>{ "The engine of this scenario, with every safeguard, outside the simulation: what \
                    it does here changes nothing in the run." }</p>
                if state.is_in_memory {
                    <p>{ NO_FILES }</p>
                }
                { news(state) }
                if let Some(store) = &state.store { { counts(store) } }
            </section>
            { orders(state, on) }
            if let Some(found) = &state.found { { what_was_found(found) } }
            if let Some(store) = &state.store { { files(state, store, on) } }
            { keeping(state, on) }
            { measures(state, on) }
            <section class="section">
                <p class="hint">{ "What a browser cannot show: here a process is killed, and the \
                    operating system keeps what it wrote, synced or not. Only a loss of power takes \
                    that away: crash the node in the simulation to see what a missing sync costs. \
                    Leaving this tab kills the engine, too." }</p>
            </section>
        </div>
    }
}

fn phase(state: &State) -> &'static str {
    match state.phase {
        Phase::Busy { .. } => "busy",
        Phase::Ready => "ready",
        Phase::Off => "off",
        Phase::Refused { .. } => "refused",
    }
}

/// Says where the files are.
fn badge(state: &State) -> Html {
    let (name, meaning) = match &state.store {
        None => ("this browser", "Files that this browser keeps"),
        Some(store) if store.is_copy => ("a copy", "What another window has open, read once"),
        Some(store) if store.is_in_browser => ("this browser", "Files that this browser keeps"),
        Some(_) => ("memory", NO_FILES),
    };
    html! { <span class="chip disk-badge" title={meaning}>{ format!("Here: {name}") }</span> }
}

/// What it means that a window has no files.
const NO_FILES: &str = "This window has no files to write to, as private ones have none: all is in \
                        memory, and nothing outlives a killed engine.";

fn news(state: &State) -> Html {
    let (sentence, is_bad) = &state.news;
    let doing = match &state.phase {
        Phase::Busy { what, .. } => {
            let percent = state.progress.and_then(|progress| progress.percent);
            percent.map_or_else(|| format!("{what} …"), |percent| format!("{what}: {percent} %"))
        }
        Phase::Ready | Phase::Off | Phase::Refused { .. } => String::new(),
    };
    let progress = state.progress.map(|it| {
        let (written, acknowledged) = (count(it.written), count(it.acknowledged));
        format!("{written} written, {acknowledged} acknowledged.")
    });
    let class = classes!("disk-news", is_bad.then_some("bad"));
    html! {
        <p {class} role="status">
            if *is_bad { <span aria-hidden="true">{ "◆ " }</span> }
            { sentence }{ " " }{ doing }{ " " }{ progress }
        </p>
    }
}

fn counts(store: &Store) -> Html {
    html! {
        <dl class="disk-counts">
            <dt>{ "Written" }</dt><dd>{ count(store.written) }</dd>
            <dt>{ "Acknowledged" }</dt><dd>{ count(store.acknowledged) }</dd>
            <dt>{ "Next" }</dt><dd><code>{ &store.next }</code></dd>
        </dl>
    }
}

/// A button that makes a wish.
fn button(label: &str, title: &str, wish: Wish, is_off: bool, on: &Callback<Wish>) -> Html {
    let wish = on.reform(move |_: MouseEvent| wish.clone());
    html! {
        <button type="button" class="button" title={title.to_owned()} disabled={is_off}
            onclick={wish}>
            { label }
        </button>
    }
}

/// What can be done to the store.
fn orders(state: &State, on: &Callback<Wish>) -> Html {
    let is_busy = matches!(state.phase, Phase::Busy { .. });
    let writes = matches!(state.phase, Phase::Busy { writes: true, .. });
    let is_ready = state.phase == Phase::Ready;
    let is_copy = state.store.as_ref().is_some_and(|store| store.is_copy);
    let can_write = is_ready && !is_copy;
    let is_locked = state.phase == Phase::Refused { is_locked: true };
    html! {
        <section class="section">
            { policy(state, on) }
            <div class="buttons">
                { button("Write 1,000", "Write 1,000 operations", Wish::Write(Some(SOME)),
                    !can_write, on) }
                if is_busy {
                    { button("Stop", "Stop what is under way", Wish::Stop, false, on) }
                } else {
                    { button("Write on", "Write until you stop it", Wish::Write(None),
                        !can_write, on) }
                }
                { button("Pull the plug", "Kill the engine in the middle of a write", Wish::Pull,
                    !(can_write || writes), on) }
                { button("Recover", "Kill the engine where it is, and open what is in the files",
                    Wish::Open(Place::Browser), is_busy && !writes, on) }
                if is_locked {
                    { button("Open a copy to read", "Read what the other window has on its disk",
                        Wish::Open(Place::Copy), false, on) }
                }
            </div>
        </section>
    }
}

fn policy(state: &State, on: &Callback<Wish>) -> Html {
    let choose = on.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        Wish::SyncEach(select.value().parse().unwrap_or_default())
    });
    html! {
        <label class="disk-policy">{ "Sync " }
            <select onchange={choose} disabled={matches!(state.phase, Phase::Busy { .. })}>
                for (each, name) in POLICIES {
                    <option value={each.to_string()} selected={each == state.sync_each}>
                        { name }
                    </option>
                }
            </select>
        </label>
    }
}

fn what_was_found(found: &Found) -> Html {
    let tally = &found.tally;
    let kept = tally.acknowledged - tally.lost.len() as u64;
    let named = |title: &str, all: usize, sentences: &[String]| {
        let more = all.saturating_sub(sentences.len()) as u64;
        html! {
            <details open=true>
                <summary>{ format!("{title}: {}", count(all as u64)) }</summary>
                <ul>
                    for sentence in sentences { <li><code>{ sentence }</code></li> }
                    if more > 0 { <li>{ format!("and {} more", count(more)) }</li> }
                </ul>
            </details>
        }
    };
    html! {
        <section class="section disk-found">
            <h2 class="label">{ "At the last recovery" }</h2>
            <dl class="disk-counts">
                <dt>{ "Acknowledged" }</dt><dd>{ count(tally.acknowledged) }</dd>
                <dt>{ "Recovered" }</dt>
                <dd>
                    { format!("{} of them, and {} beyond", count(kept), count(tally.recovered)) }
                </dd>
                <dt>{ "Lost" }</dt>
                <dd class={(!tally.is_kept()).then_some("bad")}>
                    { count(tally.lost.len() as u64) }
                    if tally.gone > 0 {
                        { format!("; {} that nobody was promised", count(tally.gone)) }
                    }
                </dd>
                <dt>{ "Took" }</dt><dd>{ format!("{:.0} ms", found.took_ms) }</dd>
            </dl>
            if !tally.lost.is_empty() { { named("Lost", tally.lost.len(), &found.lost) } }
            if !tally.wrong.is_empty() {
                { named("Not what was written", tally.wrong.len(), &found.wrong) }
            }
            if tally.first > 1 {
                <p class="hint">{ format!("Operations before {} were written over since.",
                    count(tally.first)) }</p>
            }
        </section>
    }
}

fn files(state: &State, store: &Store, on: &Callback<Wish>) -> Html {
    let is_off = state.phase != Phase::Ready;
    let shown = store.shown.as_ref().map(|shown| shown.label.as_str());
    let file = |(name, length): &(String, u64)| {
        let wish = Wish::Show(name.clone());
        let show = on.reform(move |_: MouseEvent| wish.clone());
        html! {
            <li key={name.clone()}>
                <button type="button" class="link" aria-pressed={(shown == Some(name)).to_string()}
                    disabled={is_off} onclick={show}>{ name }</button>
                <span class="hint">{ bytes(*length) }</span>
            </li>
        }
    };
    html! {
        <section class="section">
            <h2 class="label">{ "Files" }</h2>
            if store.files.is_empty() { <p class="hint">{ "There are none yet." }</p> }
            <ul class="disk-files">{ for store.files.iter().map(file) }</ul>
            if let Some(shown) = &store.shown {
                <WidgetView widget={Widget::Sectors(shown.clone())} now_us={store.written} />
                { flip(state, is_off || store.is_copy, on) }
            }
        </section>
    }
}

fn flip(state: &State, is_off: bool, on: &Callback<Wish>) -> Html {
    let choose = on.reform(|event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Wish::Offset(input.value().parse().unwrap_or_default())
    });
    html! {
        <div class="buttons">
            <label>{ "Byte " }
                <input type="number" min="0" step="1" value={state.offset.to_string()}
                    oninput={choose} />
            </label>
            { button("Flip a bit of it", "Change one bit of the file behind the engine's back; \
                recover to see what the engine says", Wish::Flip, is_off, on) }
        </div>
    }
}

/// Room, and the store as a file.
fn keeping(state: &State, on: &Callback<Wish>) -> Html {
    let is_busy = matches!(state.phase, Phase::Busy { .. });
    let is_ready = state.phase == Phase::Ready;
    let is_copy = state.store.as_ref().is_some_and(|store| store.is_copy);
    let on_load = on.clone();
    let load = Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let file = input.files().and_then(|files| files.get(0));
        // The same file can be chosen again.
        input.set_value("");
        if let Some(file) = file {
            on_load.emit(Wish::Load(file));
        }
    });
    html! {
        <section class="section">
            <h2 class="label">{ "Keeping it" }</h2>
            <p class="hint">{ room(state) }</p>
            <div class="buttons">
                if !state.room.is_kept {
                    { button("Keep it", "Ask this browser not to clear it by itself", Wish::Keep,
                        false, on) }
                }
                { button("Export", "Save the whole store as one file", Wish::Take, is_busy, on) }
                <label class={classes!("button", "disk-import")}>
                    { "Import" }
                    <input type="file" class="visually-hidden" disabled={!is_ready || is_copy}
                        onchange={load} />
                </label>
                { button("Clear", "Remove all files of this store", Wish::Clear,
                    is_busy || is_copy, on) }
            </div>
        </section>
    }
}

fn room(state: &State) -> String {
    let kept = if state.room.is_kept {
        "This browser has promised to keep it."
    } else {
        "This browser may clear it when room is short."
    };
    let Some((used, most)) = state.room.used_and_most else { return kept.to_owned() };
    let [used, most] = [used, most].map(|bytes| crate::format::bytes(whole(bytes)));
    format!("{used} of {most} in use by this site. {kept}")
}

/// Operations a second, and what every disk must do.
fn measures(state: &State, on: &Callback<Wish>) -> Html {
    let is_off = state.phase != Phase::Ready || state.store.as_ref().is_some_and(|it| it.is_copy);
    html! {
        <section class="section">
            <h2 class="label">{ "Operations a second" }</h2>
            if !state.rates.is_empty() { { rates(&state.rates) } }
            <div class="buttons">
                { button("Measure", "Write with each policy for half a second, on both disks",
                    Wish::Measure, is_off, on) }
                { button("Check this browser", "On files of its own: what every disk must do, and \
                    200 times the plug", Wish::Examine, is_off, on) }
            </div>
            if let Some(examined) = &state.examined {
                <p class="hint">{ format!("{} of disks checked, {} survived.",
                    counted(examined.properties.into(), "promise"),
                    counted(examined.kills.into(), "kill")) }</p>
            }
        </section>
    }
}

fn rates(rates: &[Rate]) -> Html {
    let row = |rate: &Rate| {
        let name = POLICIES.iter().find(|(each, _)| *each == rate.sync_each);
        html! {
            <tr>
                <th scope="row">{ name.map(|(_, name)| *name) }</th>
                <td>{ count(whole(rate.simulated)) }</td>
                <td>{ count(whole(rate.real)) }</td>
            </tr>
        }
    };
    html! {
        <table class="disk-rates">
            <thead><tr>
                <th scope="col">{ "Sync" }</th>
                <th scope="col">{ "simulated" }</th>
                <th scope="col">{ "these files" }</th>
            </tr></thead>
            <tbody>{ for rates.iter().map(row) }</tbody>
        </table>
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures to be read")]
fn whole(figure: f64) -> u64 {
    figure as u64
}
