//! What must be said at the stage: a promise broke, a promise held, something went wrong.

use std::rc::Rc;

use faultline_core::order::sort_by_key;
use faultline_core::scenario::Preset;
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use super::lesson::steps_left;
use crate::client::Trouble;
use crate::figures::price_in_words;
use crate::format::instant;
use crate::pages::lab::{
    Broken, Intent, LabState, SAFEGUARDS, Sheet, SideTab, StripTab, all_broken,
};
use crate::wire::{Against, Command, Reproduced};

/// What is said above the stage, on a phone over its lower edge, until it is put away.
pub(crate) fn banners(lab: &LabState, on: &Callback<Intent>) -> Html {
    html! {
        <div class="banners">
            if let Some(sentence) = lab.said { <p class="said" role="status">{ sentence }</p> }
            if let Some(trouble) = &lab.trouble { { broken_engine(trouble, on) } }
            { reproduced(&lab.reproduced, on) }
            // A search says itself what it opened, and leads back.
            if let Some(at_us) = lab.left_at_us.filter(|_| lab.strip != StripTab::Hunt) {
                { way_back(at_us, on) }
            }
            if let Some((sentence, is_failure)) = &lab.notice {
                { notice(sentence, *is_failure, on) }
            }
        </div>
    }
}

/// What stands in the promise's place: the step that the film waits with, or what became of the promise.
pub(crate) fn told(lab: &LabState, on: &Callback<Intent>) -> Html {
    let verdict = match (lab.broken(), lab.held()) {
        (Some(broken), _) => broken_promise(&broken, lab, on),
        (None, Some(broken)) => held(broken, lab, on),
        (None, None) => Html::default(),
    };
    html! { <>{ verdict }{ waiting_step(lab, on) }</> }
}

/// Another run was opened in place of the viewer's: leads back to that, as it was, where they left it.
fn way_back(at_us: u64, on: &Callback<Intent>) -> Html {
    let on = on.clone();
    let back = Callback::from(move |_: MouseEvent| {
        on.emit(Intent::Ask(Command::Undo));
        on.emit(Intent::Seek(at_us));
    });
    html! {
        <div class="banner" role="status">
            <span class="what">{ "This is another run. Yours is kept as it was." }</span>
            <span class="banner-buttons">
                <button type="button" class="button" onclick={back}>{ "Back to the run I had" }</button>
            </span>
        </div>
    }
}

/// Says which promise fell next, or falls at this moment, in a line; opened, it lists all that fell after
/// the first, with the way there and why.
fn others(broken: &Broken, lab: &LabState, on: &Callback<Intent>) -> Html {
    let mut others: Vec<Broken> =
        all_broken(&lab.checks).filter(|it| it.promise != broken.promise).collect();
    sort_by_key(&mut others, |it| it.at_us);
    let is_now = |it: &&Broken| it.at_us == lab.now_us();
    let Some(told) = others.iter().find(is_now).or(others.first()) else {
        return Html::default();
    };
    let others_left = others.len() - 1;
    let link = |it: &Broken| {
        let at_us = it.at_us;
        let go = on.reform(move |_: MouseEvent| Intent::Seek(at_us));
        let label = format!("Go to {}, where this fell: {}", instant(at_us), it.promise);
        html! {
            <li aria-current={is_now(&it).then_some("true")}>
                <button type="button" class="link" title={it.promise.clone()} aria-label={label}
                    onclick={go}>{ instant(at_us) }</button>
                <span title={it.promise.clone()}>{ " " }{ &it.reason }</span>
            </li>
        }
    };
    html! {
        <details class="also">
            <summary>
                { "Also fell: " }
                <span class="fell" aria-current={is_now(&told).then_some("true")}
                    title={told.reason.clone()}>{ instant(told.at_us) }{ " " }{ &told.reason }</span>
                if others_left > 0 { <span class="more-fell">{ format!(" and {others_left} more") }</span> }
            </summary>
            <ul>{ for others.iter().map(link) }</ul>
        </details>
    }
}

fn broken_promise(broken: &Broken, lab: &LabState, on: &Callback<Intent>) -> Html {
    let (step, at_us) = (broken.step, broken.at_us);
    let why = on.reform(move |_: MouseEvent| Intent::Why(step));
    let jump = on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    let is_hardened = lab.opened.as_ref().is_some_and(|it| it.preset == Some(Preset::Hardened));
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
                <p>{ "The promise was: " }{ &broken.promise }{ "." }</p>
                { others(broken, lab, on) }
                <p class="verdict-links">
                    if !is_hardened { { what_next(lab, on) } }
                    <button type="button" class="link" onclick={why}>{ "Why?" }</button>
                    if lab.now_us() != at_us {
                        <button type="button" class="link" onclick={jump}>{ "Go to the moment" }</button>
                    }
                    <button type="button" class="link compare" onclick={beside}
                        title="Naive and hardened side by side, under one schedule (V)">
                        { "Compare" }
                    </button>
                    if !is_hardened && step_left(lab).is_some() { { safeguards(true, on) } }
                </p>
            </div>
        </div>
    }
}

/// Returns the next step of the naive design, as long as there is one to come: none from before the
/// breach, where nothing is said of it.
fn step_left(lab: &LabState) -> Option<usize> {
    let broken_us = lab.broken().map_or(0, |it| it.at_us);
    let beats = lab.frame.as_ref().map_or(&[][..], |frame| &frame.beats);
    let came_up_us = |step: usize| beats.get(step).copied().flatten();
    let (left, is_over) = (lab.naive_left(), lab.is_over());
    let is_next = |step: &usize| came_up_us(*step).map_or(!is_over, |at_us| at_us >= broken_us);
    left.into_iter().find(is_next)
}

/// First what is left of the naive run, then the run with safeguards.
fn what_next(lab: &LabState, on: &Callback<Intent>) -> Html {
    let Some(step) = step_left(lab) else { return safeguards(false, on) };
    let is_awaited = lab.awaited_step.is_some();
    if lab.plays || is_awaited {
        return Html::default();
    }
    let has_come_up = lab.unread().contains(&step);
    let go_on = on.reform(
        move |_: MouseEvent| {
            if has_come_up { Intent::GoToBeat(step) } else { Intent::Play(true) }
        },
    );
    let opened = lab.opened.as_ref();
    let title = opened.and_then(|it| it.lesson.get(step)).map(|it| it.title.as_str());
    html! {
        <button type="button" class="button primary" onclick={go_on}>
            { "Go on: " }{ title.unwrap_or_default() }
        </button>
    }
}

fn safeguards(is_second: bool, on: &Callback<Intent>) -> Html {
    let flip = on.reform(|_: MouseEvent| Intent::Retry(Preset::Hardened));
    let (class, text) =
        if is_second { ("link", "Turn the safeguards on") } else { ("button primary", SAFEGUARDS) };
    html! {
        <button type="button" {class} aria-label={SAFEGUARDS} onclick={flip}>{ text }</button>
    }
}

fn held(broken: &Broken, lab: &LabState, on: &Callback<Intent>) -> Html {
    let verdict = if lab.is_over() {
        "✓ Held: same schedule, safeguards on".to_owned()
    } else {
        format!("✓ Holds so far, at {}: same schedule, safeguards on", instant(lab.now_us()))
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
                    <span title={broken.reason.clone()}>
                        { format!("Without them it broke at {}. ", instant(broken.at_us)) }
                    </span>
                    { bill(lab, on) }
                </p>
            </div>
        </div>
    }
}

/// What the safeguards cost, and the way to all of it.
fn bill(lab: &LabState, on: &Callback<Intent>) -> Html {
    let Some(price) = &lab.price else { return Html::default() };
    let show = Callback::from({
        let on = on.clone();
        move |_: MouseEvent| {
            on.emit(Intent::Side(SideTab::State));
            on.emit(Intent::Sheet(Some(Sheet::Side)));
        }
    });
    html! {
        <>
            <b>{ "The price: " }</b>{ price_in_words(price) }{ " " }
            <button type="button" class="link" onclick={show}>{ "All costs" }</button>
        </>
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

/// The film waits at a step of the lesson: says so, and how to go on. What the step has to say is told
/// here only where the lesson is out of sight: elsewhere the player says that it waits. The style sheet
/// knows.
fn waiting_step(lab: &LabState, on: &Callback<Intent>) -> Html {
    let (Some(waits), Some(opened)) = (lab.waits(), &lab.opened) else { return Html::default() };
    let Some(beat) = opened.lesson.get(lab.beat) else { return Html::default() };
    let question = beat.bet.as_ref().filter(|_| waits.asks).map(|(question, _)| question);
    let predict = on.reform(|_: MouseEvent| Intent::Bets);
    let (label, intent) = (waits.label, waits.go_on);
    let go_on = on.reform(move |_: MouseEvent| intent.clone());
    html! {
        <div class="banner bet-banner" role="status">
            <div class="what">
                <p class="stop-reason">{ waits.reason }</p>
                <b>{ &beat.title }</b>
                <span>
                    { ". " }{ &beat.say }
                    for question in question { { " " }<em>{ question }</em> }
                    for open in lab.open_bets() {
                        { format!(" Your bet of step {} is still open.", open + 1) }
                    }
                </span>
                <span>{ steps_left(&lab.naive_left(), opened, on) }</span>
            </div>
            <span class="banner-buttons">
                if question.is_some() {
                    <button type="button" class="button" onclick={predict}>{ "Bet" }</button>
                }
                <button type="button" class="button primary" onclick={go_on}>{ label }</button>
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
