//! What a viewer has predicted, how sure they were, and what the run said: kept in this browser.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// At most so many answered bets of a scenario are kept; the oldest go first.
const RECORD_LIMIT: usize = 200;
/// Up to this far apart, how sure somebody was and how often they were right are the same.
const TOLERANCE_PERCENT: u64 = 15;

/// How sure a viewer is of a prediction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// As likely wrong as right.
    Guess,
    /// Rather right.
    FairlySure,
    /// Hardly wrong.
    Sure,
}

impl Confidence {
    /// All, from the least.
    pub const ALL: [Self; 3] = [Self::Guess, Self::FairlySure, Self::Sure];

    /// Returns it as shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Guess => "a guess",
            Self::FairlySure => "fairly sure",
            Self::Sure => "sure",
        }
    }

    /// Returns how often such a prediction should come true, in a hundred.
    pub const fn percent(self) -> u64 {
        match self {
            Self::Guess => 50,
            Self::FairlySure => 75,
            Self::Sure => 95,
        }
    }
}

/// A prediction that the run has not answered yet.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Bet {
    /// The option; nothing for "not sure".
    pub choice: Option<u8>,
    /// How sure of it, if that was said.
    pub confidence: Option<Confidence>,
}

/// A prediction that a run has answered.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The run's seed.
    pub seed: u64,
    /// The beat that asked.
    pub beat: u16,
    /// The option; nothing for "not sure".
    pub choice: Option<u8>,
    /// How sure of it, if that was said.
    pub confidence: Option<Confidence>,
    /// What the run said.
    pub answer: u8,
}

impl Record {
    fn is_right(&self) -> bool {
        self.choice == Some(self.answer)
    }
}

/// A puzzle that was solved, with the fewest faults so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// With how many faults.
    pub used: u16,
    /// The run that does it.
    pub link: String,
}

/// All that a viewer has answered in one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Answered bets, oldest first.
    pub records: Vec<Record>,
    /// Solved puzzles by index.
    pub solutions: BTreeMap<u16, Solution>,
}

impl Ledger {
    /// Notes what the run said to a bet, unless the same run has answered it before.
    pub fn settle(&mut self, record: Record) {
        if self.has_answered(record.seed, record.beat) {
            return;
        }
        if self.records.len() == RECORD_LIMIT {
            self.records.remove(0);
        }
        self.records.push(record);
    }

    /// Returns true if a bet on this beat was answered by a run of this seed.
    pub fn has_answered(&self, seed: u64, beat: u16) -> bool {
        self.records.iter().any(|it| (it.seed, it.beat) == (seed, beat))
    }

    /// Notes a solution of a puzzle, if it is the first or takes fewer faults than the one before.
    pub fn solve(&mut self, puzzle: u16, solution: Solution) {
        let is_better = |old: &Solution| solution.used < old.used;
        if self.solutions.get(&puzzle).is_none_or(is_better) {
            self.solutions.insert(puzzle, solution);
        }
    }

    /// Says how well the viewer predicts, and how well they know it; nothing if nothing was bet.
    ///
    /// Of the predictions of which somebody said how sure they were, compared are the share that should
    /// have come true, had each been as likely as that says, and the share that did: calibration, as
    /// with Brier 1950.
    pub fn score(&self) -> Option<String> {
        let bets = || self.records.iter().filter(|it| it.choice.is_some());
        let count = bets().count() as u64;
        if count == 0 {
            let unsure = !self.records.is_empty();
            return unsure.then(|| "You were not sure so far, and bet on nothing.".into());
        }
        let right = bets().filter(|it| it.is_right()).count() as u64;
        let verdict = self.calibration().map(|it| format!(", and {it}")).unwrap_or_default();
        let mut text = format!("{right} of {count} came true{verdict}.");
        for confidence in Confidence::ALL {
            let of_it = || bets().filter(|it| it.confidence == Some(confidence));
            if of_it().next().is_some() {
                let right = of_it().filter(|it| it.is_right()).count();
                let all = of_it().count();
                _ = write!(text, " When {}: {right} of {all}.", confidence.label());
            }
        }
        Some(text)
    }

    /// Says how well the viewer knows how well they predict, if they ever said how sure they were.
    fn calibration(&self) -> Option<&'static str> {
        let bets = self.records.iter().filter(|it| it.choice.is_some());
        let said: Vec<_> = bets.filter_map(|it| Some((it.confidence?, it.is_right()))).collect();
        let count = said.len() as u64;
        let right = said.iter().filter(|(_, is_right)| *is_right).count() as u64;
        let sure: u64 = said.iter().map(|(confidence, _)| confidence.percent()).sum();
        let (expected, came_true) = (sure.checked_div(count)?, 100 * right / count);
        Some(if expected > came_true + TOLERANCE_PERCENT {
            "you were surer than right"
        } else if came_true > expected + TOLERANCE_PERCENT {
            "you were right more often than you were sure"
        } else {
            "you were about as sure as you were right"
        })
    }

    /// Writes it as text, a line an entry, for [`Ledger::read`].
    pub fn write(&self) -> String {
        let mut text = String::new();
        for Record { seed, beat, choice, confidence, answer } in &self.records {
            let choice = choice.map_or("-".into(), |choice| choice.to_string());
            let sure = Confidence::ALL.iter().position(|it| Some(*it) == *confidence);
            let sure = sure.map_or("-".into(), |sure| sure.to_string());
            _ = writeln!(text, "bet {seed} {beat} {choice} {sure} {answer}");
        }
        for (puzzle, Solution { used, link }) in &self.solutions {
            _ = writeln!(text, "solved {puzzle} {used} {link}");
        }
        text
    }

    /// Reads what was written; what cannot be read is left out.
    pub fn read(text: &str) -> Self {
        let mut ledger = Self::default();
        for line in text.lines() {
            let parts: Vec<&str> = line.split(' ').collect();
            match parts.as_slice() {
                ["bet", rest @ ..] => {
                    if let Some(record) = read_record(rest) {
                        ledger.settle(record);
                    }
                }
                ["solved", puzzle, used, link] => {
                    if let (Ok(puzzle), Ok(used)) = (puzzle.parse(), used.parse()) {
                        ledger.solve(puzzle, Solution { used, link: (*link).into() });
                    }
                }
                _ => {}
            }
        }
        ledger
    }
}

fn read_record(parts: &[&str]) -> Option<Record> {
    let [seed, beat, choice, sure, answer] = parts else { return None };
    let choice = if *choice == "-" { None } else { Some(choice.parse().ok()?) };
    let level = |sure: &str| Confidence::ALL.get(sure.parse::<usize>().ok()?).copied();
    let confidence = if *sure == "-" { None } else { Some(level(sure)?) };
    Some(Record {
        seed: seed.parse().ok()?,
        beat: beat.parse().ok()?,
        choice,
        confidence,
        answer: answer.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seed: u64, choice: Option<u8>, confidence: Confidence) -> Record {
        Record { seed, beat: 1, choice, confidence: Some(confidence), answer: 1 }
    }

    fn ledger(records: &[(Option<u8>, Confidence)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (&(choice, confidence), seed) in records.iter().zip(1..) {
            ledger.settle(record(seed, choice, confidence));
        }
        ledger
    }

    #[test]
    fn a_run_answers_a_bet_once() {
        let mut ledger = Ledger::default();
        ledger.settle(record(1, Some(0), Confidence::Sure));
        ledger.settle(record(1, Some(1), Confidence::Sure));
        assert_eq!(ledger.records.len(), 1);
        assert!(ledger.has_answered(1, 1) && !ledger.has_answered(2, 1));
    }

    #[test]
    fn it_survives_being_written_and_nonsense_is_left_out() {
        let mut kept = ledger(&[(Some(1), Confidence::Guess), (None, Confidence::Sure)]);
        kept.solve(0, Solution { used: 2, link: "#/s/x?a=AA".into() });
        kept.solve(0, Solution { used: 3, link: "#/s/x?a=BB".into() });
        assert_eq!(kept.solutions[&0].used, 2);
        assert_eq!(Ledger::read(&kept.write()), kept);
        assert_eq!(Ledger::read("bet 1 2\nsolved x y z\n\nbet 1 1 9 7 1\n"), Ledger::default());
    }

    #[test]
    fn it_stays_bounded() {
        let many = vec![(Some(1), Confidence::Guess); 1_000];
        assert_eq!(ledger(&many).records.len(), RECORD_LIMIT);
    }

    #[test]
    fn the_score_says_who_was_too_sure() {
        let (right, wrong) = (Some(1), Some(0));
        let says = |records: &[(Option<u8>, Confidence)]| ledger(records).score().unwrap();
        assert!(says(&[(wrong, Confidence::Sure)]).contains("surer than right"));
        let lucky = says(&[(right, Confidence::Guess), (right, Confidence::Guess)]);
        assert!(lucky.contains("right more often"), "{lucky}");
        assert!(lucky.contains("When a guess: 2 of 2."), "{lucky}");
        let fair = says(&[(right, Confidence::Guess), (wrong, Confidence::Guess)]);
        assert!(fair.starts_with("1 of 2 came true") && fair.contains("about as sure"), "{fair}");
        assert!(says(&[(None, Confidence::Guess)]).contains("not sure"));
        assert_eq!(Ledger::default().score(), None);
        let mut unsaid = Ledger::default();
        unsaid.settle(Record { confidence: None, ..record(1, right, Confidence::Guess) });
        assert_eq!(unsaid.score().unwrap(), "1 of 1 came true.", "nobody asked how sure");
        assert_eq!(Ledger::read(&unsaid.write()), unsaid);
    }
}
