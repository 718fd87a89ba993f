//! How the panel looks: functions that return its parts.

use faultline_core::view::{Sector, SectorState};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::bytes::Bytes;
use super::panel::Wish;
use super::state::{Phase, State};
use super::words::unpromised;
use crate::format::{bytes as bytes_of, capitalized, count, counted};
use crate::widgets::SectorsView;
use crate::wire::{DiskEngine, FoundOnDisk as Found, Place, Rate, Shown, Store};

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
                <p>{ "The engine of this scenario, with every safeguard, outside the simulation: what \
                    it does here changes nothing in the run." }</p>
                <p class="disk-badge">{ "Its disk: " }<b>{ place(state) }</b>
                    { ". The run's disk is simulated." }</p>
                if state.is_in_memory {
                    <p>{ NO_FILES }</p>
                }
            </section>
            { news(state) }
            { orders(state, on) }
            // A new store has recovered nothing.
            if let Some(found) = state.found.as_ref().filter(|found| found.tally.issued > 0) {
                { what_was_found(found, &state.changed) }
            }
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
fn place(state: &State) -> &'static str {
    match &state.store {
        Some(store) if store.is_copy => "a copy of what another window has open, read once",
        _ if state.is_in_memory => "memory",
        Some(_) | None => "files that this browser keeps",
    }
}

/// What it means that a window has no files.
const NO_FILES: &str = "This window has no files to write to, as private ones have none: all is in \
                        memory. That outlives a killed engine, but not this tab or a reload.";

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
    let refusal = state.refusal.as_ref().filter(|refusal| *refusal != sentence);
    html! {<>
        <p {class} role="status">
            if *is_bad { <span aria-hidden="true">{ "◆ " }</span> }
            { sentence }{ " " }{ doing }{ " " }{ progress }
        </p>
        // What was done since does not change it.
        if let Some(refusal) = refusal {
            <p class="disk-news bad"><span aria-hidden="true">{ "◆ " }</span>{ refusal }</p>
        }
    </>}
}

/// What the engine says, or has said before it was killed.
fn counts(state: &State) -> Html {
    let engine = state.store.as_ref().map(|store| &store.engine);
    let (acknowledged, written, next) = match engine {
        Some(DiskEngine::Up { written, acknowledged, next }) if !state.writes() => {
            (*acknowledged, *written, Some(next))
        }
        Some(DiskEngine::Up { .. } | DiskEngine::Killed | DiskEngine::Stopped) => {
            (state.told.0, state.told.1, None)
        }
        Some(DiskEngine::Refused) | None => return Html::default(),
    };
    html! {
        <dl class="disk-counts">
            <dt>{ "Written" }</dt><dd>{ count(written) }</dd>
            if engine == Some(&DiskEngine::Killed) {
                <dt>{ "Under way" }</dt><dd>{ "the next operation, when the plug went" }</dd>
            }
            <dt>{ "Acknowledged" }</dt><dd>{ count(acknowledged) }</dd>
            if let Some(next) = next { <dt>{ "Next" }</dt><dd><code>{ next }</code></dd> }
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
    // In memory there is nothing that could end an engine at work and leave its files, but the plug.
    let recover = on.reform(|_: MouseEvent| Wish::Open(Place::Browser));
    let can_recover = !is_busy || (writes && !state.is_in_memory);
    html! {
        <section class="section">
            { counts(state) }
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
                { button("Pull the plug", "Kill the engine in the middle of a write; if it writes nothing, it \
                    begins to", Wish::Pull,
                    !(can_write || writes) || state.is_pulled(), on) }
                <button type="button" disabled={!can_recover} onclick={recover}
                    class={classes!("button", (state.phase == Phase::Off).then_some("primary"))}
                    title="Kill the engine where it is, and open what is in the files">
                    { "Recover" }
                </button>
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
    html! {<>
        <label class="disk-policy">{ "Sync " }
            <select onchange={choose} disabled={matches!(state.phase, Phase::Busy { .. })}>
                for (each, name) in POLICIES {
                    <option value={each.to_string()} selected={each == state.sync_each}>
                        { name }
                    </option>
                }
            </select>
        </label>
        if state.sync_each == 0 {
            <p class="hint">{ "The engine is told nothing. What it syncs by itself, as a table or a \
                snapshot that it writes now and then, is acknowledged all the same." }</p>
        }
    </>}
}

fn what_was_found(found: &Found, [gone, new]: &[Vec<String>; 2]) -> Html {
    let tally = &found.tally;
    let unpromised = unpromised(found);
    let looked_up = match tally.looked_up() {
        all if all == tally.acknowledged => "all of them".to_owned(),
        last => format!("the last {}", count(last)),
    };
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
                <dt>{ "Acknowledged before" }</dt><dd>{ count(tally.acknowledged) }</dd>
                <dt>{ capitalized(&found.looked_up) }</dt><dd>{ looked_up }</dd>
                <dt>{ "Lost of these" }</dt>
                <dd class={(!tally.is_kept()).then_some("bad")}>
                    { count(tally.lost.len() as u64) }
                </dd>
                if found.unreadable > 0 {
                    <dt>{ "Cannot be read" }</dt>
                    <dd class="bad">{ count(found.unreadable) }</dd>
                }
                <dt>{ "Found beyond" }</dt><dd>{ count(tally.recovered) }</dd>
                <dt>{ "Took" }</dt><dd>{ format!("{:.0} ms", found.took_ms) }</dd>
                if !gone.is_empty() { <dt>{ "Files removed" }</dt><dd>{ gone.join(", ") }</dd> }
                if !new.is_empty() { <dt>{ "Files made" }</dt><dd>{ new.join(", ") }</dd> }
            </dl>
            if !tally.lost.is_empty() { { named("Lost", tally.lost.len(), &found.lost) } }
            if !tally.wrong.is_empty() {
                { named("Not what was written", tally.wrong.len(), &found.wrong) }
            }
            if !unpromised.is_empty() { <p class="hint">{ unpromised }</p> }
            if tally.looked_up() < tally.acknowledged {
                <p class="hint">{ &found.older }</p>
            }
        </section>
    }
}

fn files(state: &State, store: &Store, on: &Callback<Wish>) -> Html {
    let is_off = matches!(state.phase, Phase::Busy { .. });
    let shown = store.shown.as_ref().map(|shown| shown.sectors.label.as_str());
    let file = |(name, length): &(String, u64)| {
        let wish = Wish::Show(name.clone(), None);
        let show = on.reform(move |_: MouseEvent| wish.clone());
        html! {
            <li key={name.clone()}>
                <button type="button" class="link" aria-pressed={(shown == Some(name)).to_string()}
                    disabled={is_off} onclick={show}>{ name }</button>
                <span class="hint">{ bytes_of(*length) }</span>
            </li>
        }
    };
    html! {
        <section class="section">
            <h2 class="label">{ "Files" }</h2>
            <p class="hint">{ match store.engine {
                _ if store.files.is_empty() => "There are none yet.",
                _ if state.writes() => "As they were before this order began.",
                _ if store.is_copy => "Open a sector to see its bytes.",
                DiskEngine::Up { .. } => "Open a sector to see its bytes, and flip a bit of one.",
                DiskEngine::Killed => "As the killed engine left them: nothing is recovered yet.",
                DiskEngine::Stopped => "The recovery was stopped: not all is looked up.",
                DiskEngine::Refused => "The engine does not come up on these. Flip back what was \
                    flipped and recover, import another store, or clear this one.",
            } }</p>
            <ul class="disk-files">{ for store.files.iter().map(file) }</ul>
            if let Some(shown) = &store.shown { { sectors(state, store, shown, on) } }
        </section>
    }
}

/// The sectors of a file, the bytes of the open one, and the bits of the chosen byte.
fn sectors(state: &State, store: &Store, shown: &Shown, on: &Callback<Wish>) -> Html {
    let Shown { first, mut sectors, all } = shown.clone();
    for bit in state.flipped.keys().filter(|bit| bit.file == sectors.label) {
        let place = bit.offset / u64::from(sectors.sector_bytes);
        let place = usize::try_from(place).unwrap_or_default().checked_sub(first as usize);
        if let Some(sector) = place.and_then(|place| sectors.sectors.get_mut(place)) {
            sector.state = SectorState::Rotten;
        }
    }
    let why_not = match store.engine {
        _ if store.is_copy => Some("This is a copy to look at: nothing is written to it."),
        DiskEngine::Killed => Some("Recover first: this is a copy of what lies there."),
        DiskEngine::Up { .. } | DiskEngine::Stopped | DiskEngine::Refused => {
            matches!(state.phase, Phase::Busy { .. }).then_some("The engine is at work.")
        }
    };
    let (file, why_not) = (AttrValue::from(sectors.label.clone()), why_not.map(AttrValue::from));
    let (on, sector_bytes) = (on.clone(), sectors.sector_bytes);
    // What is not durable is shown first, whenever it is another file or another engine.
    let key = format!("{} {first} {}", sectors.label, store.engine == DiskEngine::Killed);
    let pages = pages(state, shown, all, &on);
    let bytes = Callback::from(move |(index, sector): (usize, Sector)| {
        let (file, why_not, on) = (file.clone(), why_not.clone(), on.clone());
        html! { <Bytes {file} at={(index, sector_bytes)} {sector} {why_not} {on} /> }
    });
    html! {<>
        { pages }
        <SectorsView {key} first={first as usize} {sectors} now_us={state.told.1} {bytes} />
    </>}
}

/// Says which part of a file is shown, and leads to the parts before and behind it.
fn pages(state: &State, shown: &Shown, all: u64, on: &Callback<Wish>) -> Html {
    let (first, here) = (shown.first, shown.sectors.sectors.len() as u64);
    if here >= all {
        return Html::default();
    }
    let part = u32::try_from(here).unwrap_or(u32::MAX);
    let end = u64::from(first) + here;
    let is_off = matches!(state.phase, Phase::Busy { .. });
    let show = |from: u32| Wish::Show(shown.sectors.label.clone(), Some(from));
    html! {
        <div class="buttons disk-pages">
            { button("Earlier", "Show the sectors before these", show(first.saturating_sub(part)),
                is_off || first == 0, on) }
            <span class="hint">{ format!("Sectors {first} to {} of {}", end - 1, count(all)) }</span>
            { button("Later", "Show the sectors behind these", show(first.saturating_add(part)),
                is_off || end >= all, on) }
        </div>
    }
}

/// Room, and the store as a file.
fn keeping(state: &State, on: &Callback<Wish>) -> Html {
    let is_busy = matches!(state.phase, Phase::Busy { .. });
    let is_copy = state.store.as_ref().is_some_and(|store| store.is_copy);
    // What another window has open can be neither cleared nor taken along.
    let is_locked = state.phase == Phase::Refused { is_locked: true };
    let engine = state.store.as_ref().map(|store| &store.engine);
    let is_in_place = matches!(engine, Some(DiskEngine::Up { .. } | DiskEngine::Refused));
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
                { button("Export", "Save the whole store as one file", Wish::Take,
                    is_busy || is_locked, on) }
                <label class={classes!("button", "disk-import")}>
                    { "Import" }
                    <input type="file" class="visually-hidden" disabled={is_busy || !is_in_place || is_copy}
                        onchange={load} />
                </label>
                { button("Clear", "Remove all files of this store", Wish::AskClear(true),
                    is_busy || is_locked || is_copy || state.asks_clear, on) }
            </div>
            if state.asks_clear {
                <div class="buttons" role="group" aria-label="Clear this store?">
                    <p>{ "All that is in this store will be gone for good." }</p>
                    { button("Remove all", "Remove all files of this store", Wish::Clear, false, on) }
                    { button("Keep all", "Remove nothing", Wish::AskClear(false), false, on) }
                </div>
            }
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
    format!("All of this site together uses {used} of {most}. {kept}")
}

/// Operations a second, and what every disk must do.
fn measures(state: &State, on: &Callback<Wish>) -> Html {
    let is_locked = state.phase == Phase::Refused { is_locked: true };
    let is_busy = matches!(state.phase, Phase::Busy { .. });
    // Both are done on files of their own, and leave this store as it is.
    let is_off = is_busy || is_locked || state.store.as_ref().is_some_and(|it| it.is_copy);
    html! {
        <section class="section">
            <h2 class="label">{ "Operations a second" }</h2>
            if !state.rates.is_empty() {
                { rates(&state.rates) }
                <p class="hint">{ "Each round begins with an empty store. On the simulated disk only the \
                    processor counts: here its syncs end at once, and in a run each takes milliseconds." }</p>
            }
            <div class="buttons">
                { button("Measure", "Write with each policy in turn, in short rounds, on a simulated disk \
                    and on files of its own",
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
                <td>{ count(rounded(rate.simulated)) }</td>
                <td>{ count(rounded(rate.real)) }</td>
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

/// Two figures count: the rest is chance.
fn rounded(rate: f64) -> u64 {
    let rate = whole(rate);
    let unit = 10_u64.pow(rate.checked_ilog10().unwrap_or_default().saturating_sub(1));
    (rate + unit / 2) / unit * unit
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures to be read")]
fn whole(figure: f64) -> u64 {
    figure as u64
}
