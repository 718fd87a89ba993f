//! What a search changes besides what it does to the system: it plays seeds of its own, going through
//! every order takes the smallest world, and making a find small turns knobs to what is usual. That is
//! said, with a way back to the run one had.

use yew::prelude::*;

use super::hunted::Hunted;
use super::panel::button;
use crate::format::count;
use crate::pages::lab::Intent;
use crate::wire::{Catch, Command, KnobView, Opened};

/// Returns in what a find's setup is another one than that of the run the viewer had, as a sentence.
fn difference(before: &Opened, found: &Catch) -> Option<String> {
    let seed = (before.seed != found.seed)
        .then(|| (format!("seed {}", before.seed), format!("seed {}", found.seed)));
    let knobs = before.knobs.iter().zip(&found.knobs).filter(|(knob, now)| knob.value != **now);
    let knobs = knobs.map(|(knob, now)| (named(knob, knob.value), named(knob, *now)));
    let (had, has): (Vec<String>, Vec<String>) = seed.into_iter().chain(knobs).unzip();
    let sentence = || format!("Your run had {}; this one has {}.", had.join(", "), has.join(", "));
    (!had.is_empty()).then(sentence)
}

/// Returns a knob and one of its values, in words.
fn named(knob: &KnobView, value: u64) -> String {
    let chosen = usize::try_from(value - knob.min.min(value)).ok();
    let choice = chosen.and_then(|place| knob.choices.get(place)).cloned();
    let value = choice.unwrap_or_else(|| format!("{}{}", count(value), knob.unit));
    format!("{} {value}", knob.label.to_lowercase())
}

/// Says what the world of an exhaustive search will be, where it is not the one that is open.
pub(super) fn smallest(opened: &Opened) -> Option<String> {
    let is_counted = |knob: &&KnobView| knob.unit.is_empty() && knob.choices.is_empty();
    let larger = opened.knobs.iter().filter(is_counted).filter(|knob| knob.value != knob.min);
    let smaller: Vec<String> = larger
        .map(|knob| format!("{} instead of {}", named(knob, knob.min), count(knob.value)))
        .collect();
    (!smaller.is_empty()).then(|| format!("It takes {}.", smaller.join(", ")))
}

/// What is other in the find than in the run that was open, and the way back to that.
pub(super) fn before(hunted: &Hunted, found: &Catch, on: &Callback<Intent>) -> Html {
    let Some((link, before)) = &hunted.before else { return Html::default() };
    let sentence = difference(before, found);
    let name = "the run before the search".to_owned();
    let back = Intent::Ask(Command::Adopt { link: link.clone(), name });
    html! {
        <p class="hunt-before">
            <span class="hint">{ sentence }</span>
            { button("Back to your run", "Open the run that the search began with", back, false, on) }
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_named_as_its_knob_shows_it() {
        let mut knob = KnobView {
            key: "wait".into(),
            label: "Wait".into(),
            unit: " ms".into(),
            choices: Vec::new(),
            min: 1,
            max: 9_000,
            value: 1,
        };
        assert_eq!(named(&knob, 1_500), "wait 1,500 ms");
        knob.choices = vec!["never".into(), "always".into()];
        assert_eq!(named(&knob, 2), "wait always");
    }
}
