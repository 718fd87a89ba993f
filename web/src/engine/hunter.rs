//! A search worker: does one [`Order`] at a time, and says what comes of it as it goes.
//!
//! It is plain Rust, tested natively: what it says goes to a function, and so does the question whether
//! it is time to say something.

use std::collections::BTreeSet;

use faultline_core::check::{
    Finding, Survey, Trial, attempt, cures, forks, future, is_within_claim, measure, measures,
    shrink,
};
use faultline_core::export;
use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::sim::{TextKind, TextLine};
use faultline_core::view::Tally;

use super::session::default_script;
use crate::wire::{Caption, Catch, Order, Task, Word};

/// So many steps of a survey between two looks at the clock.
const SURVEY_STEPS: u64 = 500;
/// A run of more steps than this is not told step by step.
const CAPTION_LIMIT: usize = 40;
/// So many links of each chain of causes are told.
const CHAIN: usize = 6;

/// To whom a worker speaks, and when.
pub struct Voice<'a> {
    /// Posts a word to the page.
    pub say: &'a mut dyn FnMut(Word),
    /// Whether it is time to say how far the work has come.
    pub is_due: &'a mut dyn FnMut() -> bool,
}

/// Does what is ordered. The last word is [`Word::Done`] or [`Word::Failed`].
pub fn carry_out(order: &Order, voice: &mut Voice<'_>) {
    let end = match trial_of(&order.link) {
        Ok(trial) => work(order, &trial, voice),
        Err(sentence) => Err(sentence),
    };
    (voice.say)(match end {
        Ok(()) => Word::Done,
        Err(sentence) => Word::Failed(sentence),
    });
}

fn trial_of(text: &str) -> Result<Trial, String> {
    let opened = link::parse(text, 1).map_err(|error| error.to_string())?;
    let actions = opened.actions.unwrap_or_else(|| default_script(&opened.setup));
    Ok(Trial::new(opened.setup, actions))
}

fn work(order: &Order, trial: &Trial, voice: &mut Voice<'_>) -> Result<(), String> {
    let numbers = order.first..order.first + u64::from(order.count);
    match order.task {
        Task::Search(strategy) => {
            let mut since = Tally::default();
            for number in numbers {
                (voice.say)(Word::At(number));
                let (tally, finding) = attempt(&trial.setup, strategy, number);
                since.add(&tally);
                if let Some(finding) = finding {
                    (voice.say)(Word::Tried(since));
                    (voice.say)(Word::Found(found(number, &finding)));
                    return Ok(());
                }
                if (voice.is_due)() {
                    (voice.say)(Word::Tried(std::mem::take(&mut since)));
                }
            }
            (voice.say)(Word::Tried(since));
            Ok(())
        }
        Task::Survey => survey(trial, voice),
        Task::Shrink => shrink_one(order.first, trial, voice),
        Task::Cure => {
            (voice.say)(Word::Cured(cures(trial)));
            Ok(())
        }
        Task::Recheck => {
            let broken = Finding::of(trial).map(|finding| finding.check);
            (voice.say)(Word::Rechecked { link: order.link.clone(), broken });
            Ok(())
        }
        Task::Measure { preset } => {
            let mut setup = trial.setup.clone();
            if let Some(preset) = preset {
                setup.apply(preset);
            }
            (voice.say)(Word::Measures(measures(&setup)));
            for seed in numbers {
                (voice.say)(Word::At(seed));
                let values = measure(&setup, &trial.actions, seed);
                let mut setup = setup.clone();
                setup.seed = seed;
                let link = link::format(&setup, &trial.actions, None, None);
                (voice.say)(Word::Measured { seed, values, link });
            }
            Ok(())
        }
        Task::Futures { moments, seeds } => {
            let finding = Finding::of(trial).ok_or("This run breaks no promise.")?;
            let moments = forks(&finding, moments);
            for number in numbers {
                let place = usize::try_from(number / seeds.max(1)).unwrap_or(usize::MAX);
                let Some(at_us) = moments.get(place) else { break };
                (voice.say)(Word::At(number));
                // Seeds of their own, so that no future is the run itself.
                let seed = number % seeds.max(1) + 1;
                (voice.say)(Word::Future(future(&finding, *at_us, seed)));
            }
            Ok(())
        }
    }
}

fn survey(trial: &Trial, voice: &mut Voice<'_>) -> Result<(), String> {
    let mut survey = Survey::new(&trial.setup);
    loop {
        let surveyed = survey.run(SURVEY_STEPS);
        let is_over = surveyed.is_over;
        if is_over || (voice.is_due)() {
            (voice.say)(Word::Surveyed(surveyed));
        }
        if is_over {
            break;
        }
    }
    let finding = survey.finding().map_err(|sentence| {
        format!("By hand a promise breaks, where time stands still; {sentence}.")
    })?;
    if let Some(finding) = finding {
        (voice.say)(Word::Found(found(0, &finding)));
    }
    Ok(())
}

fn shrink_one(number: u64, trial: &Trial, voice: &mut Voice<'_>) -> Result<(), String> {
    let mut tries = 0;
    let smallest = shrink(trial, |left| {
        tries += 1;
        if (voice.is_due)() {
            let actions = u32::try_from(left.actions.len()).unwrap_or(u32::MAX);
            (voice.say)(Word::Shrinking { actions, tries });
        }
        true
    });
    let smallest = smallest.and_then(|trial| Finding::of(&trial));
    let smallest = smallest.ok_or("This run breaks no promise, so there is nothing to shrink.")?;
    let mut run = Run::new(smallest.trial.setup.clone(), smallest.trial.actions.clone());
    run.seek_time(smallest.at_us);
    let captions = captions(&smallest, &run);
    let (mermaid, shiviz) = (export::mermaid(&run), export::shiviz(&run).unwrap_or_default());
    let test = test_of(&smallest);
    let found = found(number, &smallest);
    (voice.say)(Word::Shrunk(Catch { captions, test, mermaid, shiviz, ..found }));
    Ok(())
}

fn found(number: u64, finding: &Finding) -> Catch {
    let Finding { trial, check, reason, at_us } = finding;
    Catch {
        number,
        link: finding.link(),
        check: check.clone(),
        reason: reason.clone(),
        at_us: *at_us,
        actions: u32::try_from(trial.actions.len()).unwrap_or(u32::MAX),
        is_claimed: is_within_claim(&trial.setup, &trial.actions),
        ..Catch::default()
    }
}

/// Returns a test that holds for as long as the run breaks the promise.
fn test_of(finding: &Finding) -> String {
    let (link, check) = (finding.link(), &finding.check);
    format!(
        "#[test]\nfn it_breaks() {{\n    let opened = faultline_core::link::parse({link:?}, 1).unwrap();\n    \
         let actions = opened.actions.unwrap();\n    let trial = faultline_core::check::Trial::new(opened.setup, \
         actions);\n    let outcome = trial.run_to_violation();\n    \
         assert_eq!(outcome.violation().unwrap().1.name, {check:?});\n}}\n"
    )
}

/// Tells a small run step by step: what is done to it, what breaks, and between them what led to that.
fn captions(finding: &Finding, run: &Run) -> Vec<Caption> {
    let story = run.why(run.simulation().last_step(), 0);
    let told = story
        .threads
        .iter()
        .flat_map(|thread| std::iter::once(&thread.head).chain(thread.chain.iter().take(CHAIN)));
    let told: BTreeSet<(u64, &str)> = told.map(|line| (line.at_us, line.text.as_str())).collect();
    let is_told = |line: &TextLine| match line.kind {
        TextKind::Action => true,
        TextKind::Verdict => line.text.contains(&finding.check),
        TextKind::Event | TextKind::Send | TextKind::Fact | TextKind::Loss => {
            told.contains(&(line.at_us, line.text.as_str()))
        }
    };
    let lines = run.text(0, u32::MAX).into_iter().filter(is_told);
    let caption = |line: TextLine| Caption { at_us: line.at_us, kind: line.kind, text: line.text };
    lines.take(CAPTION_LIMIT).map(caption).collect()
}

#[cfg(test)]
mod tests {
    use faultline_core::view::Strategy;

    use super::*;

    fn said(order: &Order) -> Vec<Word> {
        let mut words = Vec::new();
        let mut say = |word| words.push(word);
        carry_out(order, &mut Voice { say: &mut say, is_due: &mut || true });
        words
    }

    fn order(link: &str, task: Task, first: u64, count: u32) -> Order {
        Order { link: link.into(), task, first, count }
    }

    fn first_found(words: &[Word]) -> Option<&Catch> {
        words.iter().find_map(|word| {
            if let Word::Found(found) | Word::Shrunk(found) = word { Some(found) } else { None }
        })
    }

    #[test]
    fn what_is_found_shrinks_is_told_and_can_be_cured() {
        let link = "#/s/g-counter?seed=1";
        let words = said(&order(link, Task::Search(Strategy::Swarm), 1, 50));
        let found = first_found(&words).expect("the naive counter breaks within fifty tries");
        assert_eq!(words.last(), Some(&Word::Done));
        let words = said(&order(&found.link, Task::Shrink, found.number, 1));
        let small = first_found(&words).unwrap();
        assert!(small.actions <= found.actions, "{small:?}");
        assert!(small.captions.iter().any(|it| it.kind == TextKind::Verdict), "{small:?}");
        let words = said(&order(&small.link, Task::Cure, 0, 1));
        let Some(Word::Cured(cures)) = words.first() else { panic!("{words:?}") };
        assert!(cures.iter().all(|it| !it.switches.is_empty()), "{cures:?}");
        assert!(!cures.is_empty());
    }

    #[test]
    fn a_range_of_numbers_gives_the_same_in_one_piece_or_in_two() {
        let link = "#/s/lock-from-scratch?seed=1&preset=hardened";
        let tally = |first, count| {
            let words = said(&order(link, Task::Search(Strategy::Swarm), first, count));
            let mut sum = Tally::default();
            for word in words {
                if let Word::Tried(tally) = word {
                    sum.add(&tally);
                }
            }
            sum
        };
        let mut parts = tally(1, 3);
        parts.add(&tally(4, 3));
        assert_eq!(parts, tally(1, 6));
    }

    #[test]
    fn futures_of_a_failing_run_fail_for_sure_at_its_end() {
        let link = "#/s/g-counter?seed=1";
        let words = said(&order(link, Task::Futures { moments: 5, seeds: 3 }, 0, 200));
        let futures: Vec<_> = words
            .iter()
            .filter_map(|word| if let Word::Future(future) = word { Some(future) } else { None })
            .collect();
        let last_us = futures.iter().map(|it| it.at_us).max().unwrap();
        assert!(futures.iter().filter(|it| it.at_us == last_us).all(|it| it.fails), "{futures:?}");
        assert_eq!(words.last(), Some(&Word::Done));
    }

    #[test]
    fn what_cannot_be_done_is_said_in_a_sentence() {
        for (link, task) in [
            ("#/s/nonsense?seed=1", Task::Survey),
            ("#/s/g-counter?seed=1&preset=hardened", Task::Shrink),
            ("#/s/g-counter?seed=1&preset=hardened", Task::Futures { moments: 3, seeds: 3 }),
        ] {
            let words = said(&order(link, task, 0, 1));
            let Some(Word::Failed(sentence)) = words.last() else { panic!("{words:?}") };
            assert!(sentence.ends_with('.') || sentence.ends_with('?'), "{sentence}");
        }
    }

    #[test]
    fn seeds_are_measured_one_by_one() {
        let link = "#/s/g-counter?seed=1";
        let words = said(&order(link, Task::Measure { preset: None }, 7, 2));
        let [Word::Measures(measures), rest @ ..] = &words[..] else { panic!("{words:?}") };
        let values = rest.iter().filter_map(|word| {
            let Word::Measured { seed, values, .. } = word else { return None };
            Some((*seed, values.len()))
        });
        let values: Vec<_> = values.collect();
        assert_eq!(values, [(7, measures.len()), (8, measures.len())]);
    }
}
