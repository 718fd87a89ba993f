//! What must be said over the stage: a promise broke, a promise held, something went wrong.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::{TextKind, TextLine};
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use crate::client::Trouble;
use crate::format::{counted, instant};
use crate::pages::lab::{Broken, Intent, LabState, TraceIntent};
use crate::wire::{Against, Command, Frame, Reproduced, Why, Without};

/// Everything that lies over the lower edge of the stage. On a small screen the verdict stands
/// above the stage instead, in place of the promise.
pub(crate) fn banners(lab: &LabState, on: &Callback<Intent>) -> Html {
    html! {
        <div class="banners">
            <div class="messages">{ messages(lab, on) }</div>
            // Of two runs, each says by itself how it stands.
            if lab.beside.is_none() { { verdict(lab, on) } }
        </div>
    }
}

fn verdict(lab: &LabState, on: &Callback<Intent>) -> Html {
    let is_hardened = lab.opened.as_ref().is_some_and(|it| it.preset == Some(Preset::Hardened));
    match (lab.broken(), lab.held()) {
        (Some(broken), _) => broken_promise(&broken, is_hardened, on),
        (None, Some((broken, is_over))) => held(broken, is_over, lab.now_us(), on),
        (None, None) => Html::default(),
    }
}

fn messages(lab: &LabState, on: &Callback<Intent>) -> Html {
    html! {
        <>
            if let Some(answer) = &lab.why { { why(answer, on) } }
            if let Some(trouble) = &lab.trouble { { broken_engine(trouble, on) } }
            { reproduced(&lab.reproduced, on) }
            { waiting_bet(lab, on) }
            if let Some((sentence, is_failure)) = &lab.notice {
                { notice(sentence, *is_failure, on) }
            }
        </>
    }
}

fn broken_promise(broken: &Broken, is_hardened: bool, on: &Callback<Intent>) -> Html {
    let (event, at_us) = (broken.event, broken.at_us);
    let why = on.reform(move |_: MouseEvent| Intent::Why(event));
    let jump = on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    let flip = on.reform(|_: MouseEvent| Intent::Flip(Preset::Hardened));
    let other = if is_hardened { Preset::Naive } else { Preset::Hardened };
    let beside =
        on.reform(move |_: MouseEvent| Intent::Ask(Command::Compare(Some(Against::Preset(other)))));
    html! {
        <div class="banner verdict bad" role="alert">
            <div class="what">
                <p class="headline">
                    <b class="when">{ format!("◆ Broken at {}", instant(at_us)) }</b>
                    <span class="reason">{ &broken.reason }</span>
                </p>
                <p>
                    { "The promise was: " }{ &broken.promise }{ ". " }
                    <button type="button" class="link" onclick={why}>{ "Why?" }</button>
                    { " " }
                    <button type="button" class="link" onclick={jump}>{ "Go to the moment" }</button>
                    { " " }
                    <button type="button" class="link" onclick={beside}
                        title="Naive and hardened side by side, under one schedule (V)">
                        { "Compare" }
                    </button>
                </p>
            </div>
            if !is_hardened {
                <button type="button" class="button primary" onclick={flip}>
                    { "Turn the safeguards on and replay" }
                </button>
            }
        </div>
    }
}

fn held(broken: &Broken, is_over: bool, now_us: u64, on: &Callback<Intent>) -> Html {
    let verdict = if is_over {
        "✓ Held: same schedule, safeguards on".to_owned()
    } else {
        format!("✓ Holds so far, at {}: same schedule, safeguards on", instant(now_us))
    };
    let watch = on.reform(|_: MouseEvent| Intent::Replay);
    html! {
        <div class="banner verdict good" role="status">
            <div class="what">
                <p class="headline">
                    <b class="when">{ verdict }</b>
                    <button type="button" class="link" onclick={watch}>{ "Watch it" }</button>
                </p>
                <p>
                    { format!("Without them it broke at {}: ", instant(broken.at_us)) }
                    { &broken.reason }{ "." }
                </p>
            </div>
        </div>
    }
}

fn broken_engine(trouble: &Rc<Trouble>, on: &Callback<Intent>) -> Html {
    let replay = trouble.link.clone().map(|link| {
        let open = on.reform(move |_: MouseEvent| Intent::Open(link.clone()));
        html! {
            <button type="button" class="button primary" onclick={open}>
                { "Replay to just before" }
            </button>
        }
    });
    html! {
        <div class="banner bad" role="alert">
            <b class="when">{ "The engine stopped" }</b>
            <span class="what">{ &trouble.sentence }</span>
            <span class="banner-buttons">{ replay }{ dismiss(on) }</span>
        </div>
    }
}

fn notice(sentence: &AttrValue, is_failure: bool, on: &Callback<Intent>) -> Html {
    let (class, role) = if is_failure { ("banner bad", "alert") } else { ("banner", "status") };
    html! {
        <div {class} {role}><span class="what">{ sentence }</span>{ dismiss(on) }</div>
    }
}

/// Whether the link gave the run that it was made from.
fn reproduced(reproduced: &Reproduced, on: &Callback<Intent>) -> Html {
    let (class, sentence) = match reproduced {
        Reproduced::NotAsked => return Html::default(),
        Reproduced::ToTheBit => ("banner good", "✓ Reproduced to the bit"),
        Reproduced::OtherRevision(sentence) | Reproduced::Differs(sentence) => {
            ("banner warn", sentence.as_str())
        }
    };
    html! {
        <div {class} role="status"><span class="what">{ sentence }</span>{ dismiss(on) }</div>
    }
}

/// The film waits for a bet. Where the lesson stands beside the stage, the style sheet hides this.
fn waiting_bet(lab: &LabState, on: &Callback<Intent>) -> Html {
    let Some(beat) = lab.awaited_bet.map(usize::from) else { return Html::default() };
    let is_answered = |frame: &Frame| frame.answers.get(beat).is_some_and(Option::is_some);
    if lab.frame.as_deref().is_some_and(is_answered) {
        return Html::default();
    }
    let beat = lab.opened.as_ref().and_then(|opened| opened.lesson.get(beat));
    let Some((question, _)) = beat.and_then(|beat| beat.bet.as_ref()) else {
        return Html::default();
    };
    if lab.plays {
        return Html::default();
    }
    let predict = on.reform(|_: MouseEvent| Intent::Bets);
    let play = on.reform(|_: MouseEvent| Intent::Play(true));
    html! {
        <div class="banner bet-banner" role="status">
            <span class="what">{ question }</span>
            <span class="banner-buttons">
                <button type="button" class="button" onclick={predict}>{ "Bet" }</button>
                <button type="button" class="button primary" onclick={play}>{ "Show me" }</button>
            </span>
        </div>
    }
}

fn dismiss(on: &Callback<Intent>) -> Html {
    html! {
        <button type="button" class="icon" aria-label="Put this message away"
            onclick={on.reform(|_: MouseEvent| Intent::Dismiss)}>{ glyph(Glyph::Close) }</button>
    }
}

/// What had been done to the system, the chain of causes, latest first, and all else that came before.
fn why(why: &Why, on: &Callback<Intent>) -> Html {
    let close = on.reform(|_: MouseEvent| Intent::CloseWhy);
    let list = |lines: &[TextLine]| html! { <ol>{ for lines.iter().map(|it| cause(it, on)) }</ol> };
    html! {
        <section class="why" aria-label="Why">
            <header>
                <h2 class="label">{ "Why" }</h2>
                <button type="button" class="icon" aria-label="Close" onclick={close}>
                    { glyph(Glyph::Close) }
                </button>
            </header>
            if !why.done.is_empty() {
                <h3 class="label">{ "Done to the system by then" }</h3>
                { list(&why.done) }
            }
            <h3 class="label">{ "What led to it: each line was brought about by the one below it" }</h3>
            if why.chain.is_empty() {
                <p class="hint">{ "Nothing is known to have brought this about." }</p>
            }
            { list(&why.chain) }
            if !why.past.is_empty() {
                <details>
                    <summary>{ format!(
                        "Everything that happened before it: the last {}",
                        counted(why.past.len() as u64, "event"),
                    ) }</summary>
                    { list(&why.past) }
                </details>
            }
        </section>
    }
}

/// A line of the answer to why, with the moment to go to.
fn cause(line: &TextLine, on: &Callback<Intent>) -> Html {
    let (event, at_us, is_action) = (line.event, line.at_us, line.kind == TextKind::Action);
    let seek = on.reform(move |_: MouseEvent| {
        // An action belongs to a time, not to an event.
        if is_action { Intent::Seek(at_us) } else { Intent::Ask(Command::SeekEvent { event }) }
    });
    let without =
        on.reform(move |_: MouseEvent| TraceIntent::Without(Without::Event(event)).into());
    html! {
        <li>
            <button type="button" class="time" onclick={seek}>{ instant(at_us) }</button>
            <span>{ &line.text }</span>
            if !is_action {
                <button type="button" class="link" onclick={without}
                    aria-label={format!("The run without this: {}", line.text)}
                    title="Forks a run in which this does not happen">{ "without" }</button>
            }
        </li>
    }
}
