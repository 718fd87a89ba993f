//! A prediction: what will happen, how sure, and what the run said.

use faultline_core::sim::{Answered, BeatView};
use yew::prelude::*;

use crate::bets::{Bet, Confidence};
use crate::format::capitalized;
use crate::pages::lab::{Intent, Study, Wish};

/// Shows the question of a beat, its options, how sure one is, and how the run answered.
pub(super) fn bet(
    place: usize,
    beat: &BeatView,
    answer: Option<&Answered>,
    study: &Study,
    on: &Callback<Intent>,
) -> Html {
    let Some((question, options)) = &beat.bet else { return Html::default() };
    let made = study.bets.get(&place).copied();
    let is_closed = study.shown.contains(&place);
    let option = |index: Option<u8>, text: &str| {
        let is_right = answer.is_some_and(|answer| Some(answer.option) == index);
        let is_chosen = made.is_some_and(|bet| bet.choice == index);
        let choose = on.reform(move |_: Event| Intent::Study(Wish::Bet(place, index)));
        html! {
            <label class={classes!(is_right.then_some("right"))}>
                <input type="radio" name={format!("bet-{place}")} checked={is_chosen}
                    disabled={is_closed} onchange={choose} />
                <span>{ text }</span>
                if is_right { <span class="mark">{ "this happened" }</span> }
            </label>
        }
    };
    html! {
        <fieldset class="bet">
            <legend>{ question }</legend>
            for (index, text) in (0_u8..).zip(options.iter()) {
                { option(Some(index), text) }
            }
            { option(None, "Not sure") }
            if let Some(bet) = made.filter(|bet| bet.choice.is_some()) {
                { how_sure(place, bet, is_closed, on) }
            }
            { outcome_line(made, answer, is_closed) }
        </fieldset>
    }
}

/// How sure one is: a row of three, as long as the run has not answered.
fn how_sure(place: usize, bet: Bet, is_closed: bool, on: &Callback<Intent>) -> Html {
    if is_closed {
        let said = bet.confidence.map(|it| format!("You were {}.", said(it)));
        return html! { for said in said { <p class="hint">{ said }</p> } };
    }
    let level = |confidence: Confidence| {
        let choose = on.reform(move |_: Event| Intent::Study(Wish::Confidence(place, confidence)));
        html! {
            <label>
                <input type="radio" name={format!("sure-{place}")} onchange={choose}
                    checked={bet.confidence == Some(confidence)} />
                <span>{ confidence.label() }</span>
            </label>
        }
    };
    html! {
        <div class="how-sure" role="group" aria-label="How sure are you?">
            <span class="hint">{ "How sure?" }</span>
            { for Confidence::ALL.into_iter().map(level) }
        </div>
    }
}

fn said(confidence: Confidence) -> &'static str {
    if confidence == Confidence::Guess { "guessing" } else { confidence.label() }
}

/// Says what the run said, to a bet or to none.
fn outcome_line(made: Option<Bet>, answer: Option<&Answered>, is_closed: bool) -> Html {
    match (made, answer) {
        (Some(bet), Some(answer)) => html! {
            <p class="outcome" role="status">
                <b>{ outcome(answer.option, bet.choice) }</b>{ " " }{ because(answer) }
            </p>
        },
        (None, Some(answer)) => html! {
            <p class="outcome" role="status">
                <b>{ "You did not bet." }</b>{ " " }{ because(answer) }
            </p>
        },
        (None, None) if is_closed => html! {
            <p class="hint">
                { "You have seen how it ends, so a bet would be after the fact. Another seed is \
                   another run to bet on." }
            </p>
        },
        (Some(_), None) if is_closed => html! {
            <p class="hint">{ "You have seen how it ends: this bet is settled." }</p>
        },
        _ => Html::default(),
    }
}

fn text_of(options: &[String], option: u8) -> &str {
    options.get(usize::from(option)).map_or("", String::as_str)
}

/// Says by what the run gave the answer away: the row's own sentence, with its times.
fn because(answer: &Answered) -> Html {
    html! { <span class="because">{ capitalized(&answer.because) }{ "." }</span> }
}

/// Shows the bet of another step that has come up, as long as the run has not settled it.
pub(super) fn open_bet(
    place: usize,
    beat: &BeatView,
    study: &Study,
    on: &Callback<Intent>,
) -> Html {
    let Some((question, options)) = &beat.bet else { return Html::default() };
    match study.bets.get(&place) {
        None => bet(place, beat, None, study, on),
        Some(made) => {
            let chosen = made.choice.map_or("not sure", |choice| text_of(options, choice));
            html! {
                <p class="outcome open-bet">
                    { question }{ " " }<b>{ format!("You bet: {chosen}.") }</b>
                    { " The run has not said yet." }
                </p>
            }
        }
    }
}

/// Shows how the bet of another beat ended: what the viewer said, and what the run did.
pub(super) fn settled_bet(
    place: usize,
    beat: &BeatView,
    answer: Option<&Answered>,
    study: &Study,
) -> Html {
    let (Some((question, options)), Some(answer)) = (&beat.bet, answer) else {
        return Html::default();
    };
    let made = study.bets.get(&place).copied();
    let said = settled(question, options, answer.option, made);
    html! {
        <p class="outcome">
            { said }
            // Who did not ask is told in short; the step itself says why.
            if made.is_some() { { " " }{ because(answer) } }
        </p>
    }
}

/// Says in a sentence what the run did, and what the viewer had said if they bet. What happens need not
/// be right: no word of praise is for the design.
fn settled(question: &str, options: &[String], answer: u8, made: Option<Bet>) -> String {
    let happened = text_of(options, answer);
    match made.map(|bet| bet.choice) {
        None => format!("{question} You did not bet. It happened: “{happened}”."),
        Some(None) => format!("{question} You were not sure. It happened: “{happened}”."),
        Some(Some(choice)) if choice == answer => {
            format!("{question} You foresaw it: “{happened}”.")
        }
        Some(Some(choice)) => {
            let chosen = text_of(options, choice);
            format!("{question} You bet “{chosen}”. It happened: “{happened}”.")
        }
    }
}

fn outcome(answer: u8, choice: Option<u8>) -> &'static str {
    match choice {
        None => "Now you know.",
        Some(choice) if choice == answer => "You saw it coming.",
        Some(_) => "The run says otherwise.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_what_happened_and_what_the_viewer_had_said_of_it() {
        let options = ["Acknowledges them".to_owned(), "Refuses them".to_owned()];
        let bet = |choice| Some(Bet { choice: Some(choice), confidence: None });
        let says = |made| settled("What does S1 do?", &options, 0, made);
        let to_none = "What does S1 do? You did not bet. It happened: “Acknowledges them”.";
        assert_eq!(says(None), to_none);
        assert_eq!(says(bet(0)), "What does S1 do? You foresaw it: “Acknowledges them”.");
        assert!(
            says(bet(1)).ends_with("You bet “Refuses them”. It happened: “Acknowledges them”.")
        );
    }
}
