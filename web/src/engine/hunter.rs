//! A search worker: does one [`Order`] at a time, and says what comes of it as it goes.
//!
//! It is plain Rust, tested natively: what it says goes to a function, and so does the question whether
//! it is time to say something.

use std::ops::Range;

use faultline_core::check::{
    Finding, Survey, Trial, attempt, cures, forks, future, incurable, is_within_claim, measure,
    measures, shrink, told,
};
use faultline_core::export;
use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::Preset;
use faultline_core::sim::TextLine;
use faultline_core::view::{Future, Strategy, Tally};

use super::session::default_script;
use crate::wire::{Caption, Catch, Harvest, Order, Rechecked, Sample, Task, Word};

/// So many steps of a survey between two looks at the clock.
const SURVEY_STEPS: u64 = 500;
/// A survey is given up where its worker has taken so much memory: all states that wait to be gone on
/// from are held, and how large one is depends on the row.
const SURVEY_BYTES: u64 = 384 << 20;

/// To whom a worker speaks, and when.
pub struct Voice<'a> {
    /// Posts a word to the page.
    pub say: &'a mut dyn FnMut(Word),
    /// Whether it is time to say how far the work has come.
    pub is_due: &'a mut dyn FnMut() -> bool,
    /// How much memory the worker has taken.
    pub memory_bytes: &'a dyn Fn() -> u64,
}

/// Does what is ordered. The last word is [`Word::Done`] or [`Word::Failed`].
pub fn carry_out(order: &Order, voice: &mut Voice<'_>) {
    let end = match trial_of(&order.link) {
        Ok(trial) => work(order, &trial, voice),
        Err(sentence) => Err(sentence),
    };
    let memory_bytes = (voice.memory_bytes)();
    (voice.say)(match end {
        Ok(()) => Word::Done { memory_bytes },
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
            search(numbers, trial, strategy, voice);
            Ok(())
        }
        Task::Survey => survey(trial, voice),
        Task::Shrink => shrink_one(order.first, trial, voice),
        Task::Cure => {
            let cures = cures(trial);
            let otherwise = if cures.is_empty() { incurable(trial) } else { None };
            (voice.say)(Word::Cured { cures, otherwise });
            Ok(())
        }
        Task::Recheck => {
            (voice.say)(Word::Rechecked(recheck(&order.link, trial)?));
            Ok(())
        }
        Task::Measure { preset } => {
            measure_seeds(numbers, trial, preset, voice);
            Ok(())
        }
        Task::Futures { moments, seeds } => {
            play_futures(numbers, trial, (moments, seeds.max(1)), voice)
        }
    }
}

/// Does one number after the other until `does` returns false; what has come of them is said when it is
/// due, and at the end.
fn in_turn<T: Default>(
    numbers: Range<u64>,
    voice: &mut Voice<'_>,
    harvest: fn(T) -> Harvest,
    mut does: impl FnMut(u64, &mut T) -> bool,
) {
    let end = numbers.end;
    let mut since = T::default();
    for number in numbers {
        let goes_on = does(number, &mut since);
        let next = number + 1;
        if !goes_on || next == end || (voice.is_due)() {
            (voice.say)(Word::Came { next, of: harvest(std::mem::take(&mut since)) });
        }
        if !goes_on {
            break;
        }
    }
}

fn search(numbers: Range<u64>, trial: &Trial, strategy: Strategy, voice: &mut Voice<'_>) {
    let mut first = None;
    in_turn(numbers, voice, Harvest::Tries, |number, since: &mut Tally| {
        let (tally, finding) = attempt(&trial.setup, strategy, number);
        since.add(&tally);
        first = finding.map(|finding| found(number, &finding));
        first.is_none()
    });
    if let Some(found) = first {
        (voice.say)(Word::Found(found));
    }
}

fn measure_seeds(
    numbers: Range<u64>,
    trial: &Trial,
    preset: Option<Preset>,
    voice: &mut Voice<'_>,
) {
    let mut setup = trial.setup.clone();
    if let Some(preset) = preset {
        setup.apply(preset);
    }
    let link = link::format(&setup, &trial.actions, None, None);
    (voice.say)(Word::Measures { measures: measures(&setup), link });
    in_turn(numbers, voice, Harvest::Samples, |seed, since: &mut Vec<Sample>| {
        since.push(Sample { seed, values: measure(&setup, &trial.actions, seed) });
        true
    });
}

/// Plays futures, of which each moment has `seeds`.
fn play_futures(
    numbers: Range<u64>,
    trial: &Trial,
    (moments, seeds): (u64, u64),
    voice: &mut Voice<'_>,
) -> Result<(), String> {
    let finding = Finding::of(trial).ok_or("This run breaks no promise.")?;
    let moments = forks(&finding, moments);
    in_turn(numbers, voice, Harvest::Futures, |number, since: &mut Vec<Future>| {
        let place = usize::try_from(number / seeds).unwrap_or(usize::MAX);
        let Some(at_us) = moments.get(place) else { return false };
        // Seeds of their own, so that no future is the run itself.
        since.push(future(&finding, *at_us, number % seeds + 1));
        true
    });
    Ok(())
}

/// Plays a kept run again: what it breaks, and whether it is the same run.
fn recheck(text: &str, trial: &Trial) -> Result<Rechecked, String> {
    let opened = link::parse(text, 1).map_err(|error| error.to_string())?;
    let is_same = opened.digest.zip(opened.at_us).map(|(digest, at_us)| {
        let mut run = Run::new(trial.setup.clone(), trial.actions.clone());
        run.seek_time(at_us);
        run.simulation().digest() == digest
    });
    let broken = Finding::of(trial).map(|finding| finding.check);
    Ok(Rechecked { link: text.into(), broken, is_same })
}

fn survey(trial: &Trial, voice: &mut Voice<'_>) -> Result<(), String> {
    let mut survey = Survey::new(&trial.setup);
    loop {
        if (voice.memory_bytes)() > SURVEY_BYTES {
            survey.give_up("it had taken all the memory that a worker may take");
        }
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
    let caption = |line: TextLine| Caption { at_us: line.at_us, kind: line.kind, text: line.text };
    let captions = told(&smallest, &run).into_iter().map(caption).collect();
    let (mermaid, shiviz) = (export::mermaid(&run), export::shiviz(&run).unwrap_or_default());
    let test = test_of(&smallest);
    // With the digest, so that whoever opens it is told whether it is still this run.
    let link = run.link_at_cursor();
    let found = found(number, &smallest);
    (voice.say)(Word::Shrunk(Catch { link, captions, test, mermaid, shiviz, ..found }));
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
        seed: trial.setup.seed,
        knobs: trial.setup.knobs().to_vec(),
        is_claimed: is_within_claim(&trial.setup, &trial.actions),
        ..Catch::default()
    }
}

/// Returns a test that holds for as long as the run breaks the promise.
fn test_of(finding: &Finding) -> String {
    let (link, check) = (finding.link(), &finding.check);
    format!(
        "#[test]\n\
         fn it_breaks() {{\n    \
         let opened = faultline_core::link::parse({link:?}, 1).unwrap();\n    \
         let actions = opened.actions.unwrap();\n    \
         let trial = faultline_core::check::Trial::new(opened.setup, actions);\n    \
         let outcome = trial.run_to_violation();\n    \
         assert_eq!(outcome.violation().unwrap().1.name, {check:?});\n\
         }}\n"
    )
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::TextKind;

    use super::*;

    const MEMORY_BYTES: u64 = 5 << 20;
    const DONE: Word = Word::Done { memory_bytes: MEMORY_BYTES };

    fn said(order: &Order) -> Vec<Word> {
        let mut words = Vec::new();
        let mut say = |word| words.push(word);
        let mut voice =
            Voice { say: &mut say, is_due: &mut || true, memory_bytes: &|| MEMORY_BYTES };
        carry_out(order, &mut voice);
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
        assert_eq!(words.last(), Some(&DONE));
        let words = said(&order(&found.link, Task::Shrink, found.number, 1));
        let small = first_found(&words).unwrap();
        assert!(small.actions <= found.actions, "{small:?}");
        assert!(small.captions.iter().any(|it| it.kind == TextKind::Verdict), "{small:?}");
        let words = said(&order(&small.link, Task::Cure, 0, 1));
        let Some(Word::Cured { cures, otherwise: None }) = words.first() else {
            panic!("{words:?}")
        };
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
                if let Word::Came { of: Harvest::Tries(tally), .. } = word {
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
        let mut futures = Vec::new();
        for word in &words {
            if let Word::Came { of: Harvest::Futures(some), .. } = word {
                futures.extend(some);
            }
        }
        let last_us = futures.iter().map(|it| it.at_us).max().unwrap();
        assert!(futures.iter().filter(|it| it.at_us == last_us).all(|it| it.fails), "{futures:?}");
        assert_eq!(words.last(), Some(&DONE));
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
        let [Word::Measures { measures, link }, rest @ ..] = &words[..] else {
            panic!("{words:?}")
        };
        assert!(link.starts_with("#/s/g-counter?seed=1&"), "{link}");
        let mut values = Vec::new();
        for word in rest {
            if let Word::Came { of: Harvest::Samples(samples), .. } = word {
                values.extend(samples.iter().map(|it| (it.seed, it.values.len())));
            }
        }
        assert_eq!(values, [(7, measures.len()), (8, measures.len())]);
    }

    #[test]
    fn a_kept_run_is_known_again_by_its_digest() {
        let words = said(&order("#/s/g-counter?seed=42", Task::Shrink, 0, 1));
        let kept = first_found(&words).unwrap();
        let again = |link: &str| match &said(&order(link, Task::Recheck, 0, 1))[..] {
            [Word::Rechecked(again), Word::Done { .. }] => again.clone(),
            words => panic!("{words:?}"),
        };
        let same = again(&kept.link);
        assert_eq!((same.broken.as_deref(), same.is_same), (Some(&*kept.check), Some(true)));
        let digest = kept.link.find("&d=").unwrap();
        let (before, after) = kept.link.split_at(digest);
        let other = format!("{before}&d=0000000000000000{}", &after["&d=0123456789abcdef".len()..]);
        assert_eq!(again(&other).is_same, Some(false), "{other}");
        assert_eq!(again(before).is_same, None);
    }

    #[test]
    fn a_survey_that_takes_too_much_memory_is_given_up_and_says_so() {
        let order = order("#/s/raft-log?seed=1&preset=hardened", Task::Survey, 0, 1);
        let mut words = Vec::new();
        let mut say = |word| words.push(word);
        let mut voice =
            Voice { say: &mut say, is_due: &mut || true, memory_bytes: &|| SURVEY_BYTES + 1 };
        carry_out(&order, &mut voice);
        let Some(Word::Surveyed(surveyed)) = words.first() else { panic!("{words:?}") };
        assert!(surveyed.is_over && !surveyed.is_complete, "{surveyed:?}");
        assert!(surveyed.gave_up.as_ref().is_some_and(|why| why.contains("memory")));
        assert_eq!(words.last(), Some(&Word::Done { memory_bytes: SURVEY_BYTES + 1 }));
    }
}
