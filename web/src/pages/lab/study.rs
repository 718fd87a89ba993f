//! What the viewer does with the scenario beyond breaking it: commands, bets and puzzles.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use faultline_core::sim::{Action, NodeId};

use super::state::LabState;
use crate::bets::{Bet, Confidence, Ledger, Record, Solution};
use crate::format::counted;
use crate::route::{puzzle_of, with_puzzle};
use crate::wire::{Frame, Opened};

/// What the lesson's place shows.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum LessonView {
    /// The steps, in order.
    #[default]
    Steps,
    /// The puzzles.
    Puzzles,
}

/// The bar of the scenario's commands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CommandBar {
    /// Whether it is open.
    pub(crate) is_open: bool,
    /// Whom the viewer chose to ask.
    pub(crate) node: Option<NodeId>,
    /// The command that is to have the focus.
    pub(crate) wanted: Option<u16>,
    /// Counts the wishes to have it open, each of which moves the focus.
    pub(crate) openings: u32,
    /// For each command: why it would do nothing now.
    pub(crate) reasons: Rc<[Option<String>]>,
    /// What was asked for last, to be repeated.
    pub(crate) last: Option<Action>,
}

impl CommandBar {
    /// Opens it, at a command or at the first.
    pub(super) fn open_at(&mut self, command: Option<u16>, node: Option<NodeId>) {
        self.is_open = true;
        self.wanted = command;
        self.node = node.or(self.node);
        self.openings += 1;
    }

    /// Remembers a command that is done, to be repeated.
    pub(super) fn remember(&mut self, actions: &[Action]) {
        if let [action @ (Action::Command { .. } | Action::CommandWith { .. })] = actions {
            self.last = Some(action.clone());
        }
    }

    /// Returns whom to ask: the viewer's choice, as long as some command can be put to it.
    pub(crate) fn asked(&self, opened: &Opened, selected: Option<NodeId>) -> Option<NodeId> {
        let takes = |node: &NodeId| opened.commands.iter().any(|it| it.nodes.contains(node));
        let first = || opened.commands.iter().find_map(|it| it.nodes.first().copied());
        self.node.filter(takes).or(selected.filter(takes)).or_else(first)
    }

    /// Returns one question for each command: whether it would do anything at this node.
    pub(crate) fn questions(opened: &Opened, node: NodeId) -> Vec<Action> {
        let indices = 0..u16::try_from(opened.commands.len()).unwrap_or(u16::MAX);
        indices.map(|command| Action::Command { command, node }).collect()
    }
}

/// Bets and puzzles of the open scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Study {
    /// What the lesson's place shows.
    pub(crate) view: LessonView,
    /// The puzzle that was set up.
    pub(crate) puzzle: Option<u16>,
    /// The one that the link asks for which is being opened.
    expected: Option<u16>,
    /// Predictions, by beat.
    pub(crate) bets: BTreeMap<usize, Bet>,
    /// The beats whose answers this viewer has seen in a run of this seed: no bet counts any more.
    pub(crate) shown: BTreeSet<usize>,
    /// The steps of the lesson that were read.
    pub(crate) read: BTreeSet<usize>,
    /// All answers so far.
    pub(crate) ledger: Ledger,
    /// The name under which the answers are kept, once they are read.
    pub(crate) kept_as: Option<String>,
    /// The puzzles that were said to be solved by this run.
    said: BTreeSet<u16>,
    /// Whether the run's first moment is still to be seen.
    pub(super) is_new: bool,
    /// The run's seed.
    seed: u64,
}

impl Study {
    /// Returns the study as it is when a link is opened: answers stay.
    pub(super) fn reopened(&self) -> Self {
        let mut study = Self { is_new: true, said: BTreeSet::new(), ..self.clone() };
        study.puzzle = study.expected.take();
        if study.puzzle.is_some() {
            study.view = LessonView::Puzzles;
        }
        study
    }

    /// A link is to be opened, with a puzzle or without.
    pub(super) fn expect_puzzle(&mut self, link: &str) {
        self.expected = puzzle_of(link);
    }

    /// Shows the steps or the puzzles. Who turns to the steps leaves the puzzle.
    pub(super) fn view(&mut self, view: LessonView) {
        self.view = view;
        self.puzzle.take_if(|_| view == LessonView::Steps);
    }

    /// Returns true if this step of the lesson was read.
    pub(super) fn has_read(&self, beat: u16) -> bool {
        self.read.contains(&usize::from(beat))
    }

    /// A run was opened or changed as a whole. Another seed gives other answers.
    pub(super) fn open(&mut self, opened: &Opened, before: Option<&Opened>) {
        let is_other = before.is_none_or(|it| it.card.slug != opened.card.slug);
        if is_other {
            let (puzzle, view) = (self.puzzle, self.puzzle.map(|_| self.view).unwrap_or_default());
            *self = Self { is_new: true, puzzle, view, ..Self::default() };
        }
        if is_other || self.seed != opened.seed {
            self.seed = opened.seed;
            self.bets.clear();
            self.said.clear();
            self.forget_what_was_shown();
        }
    }

    fn forget_what_was_shown(&mut self) {
        let of_seed = self.ledger.records.iter().filter(|it| it.seed == self.seed);
        self.shown = of_seed.map(|it| usize::from(it.beat)).collect();
    }

    /// The answers that this browser has kept under a name.
    pub(super) fn adopt(&mut self, name: &str, kept: &Ledger) {
        let since = std::mem::replace(&mut self.ledger, kept.clone());
        since.records.into_iter().for_each(|it| self.ledger.settle(it));
        since.solutions.into_iter().for_each(|(index, it)| self.ledger.solve(index, it));
        self.kept_as = Some(name.into());
        let seen = std::mem::take(&mut self.shown);
        self.forget_what_was_shown();
        self.shown.extend(seen);
    }

    /// Forgets all answers; what this run has shown, it has shown.
    pub(super) fn forget(&mut self) {
        self.ledger = Ledger::default();
        self.bets.clear();
    }

    /// Changes a bet, unless the run has shown the answer.
    pub(super) fn bet(&mut self, beat: usize, change: impl FnOnce(&mut Bet)) {
        if !self.shown.contains(&beat) {
            change(self.bets.entry(beat).or_default());
        }
    }

    /// Another schedule is another submission.
    pub(super) fn begin_anew(&mut self) {
        self.said.clear();
    }

    /// Returns true if a moment of the run has anything for [`Self::see`].
    pub(super) fn has_news_in(&self, frame: &Frame) -> bool {
        let mut answers = frame.answers.iter().enumerate();
        let mut grades = frame.grades.iter().zip(0_u16..);
        self.is_new
            || answers.any(|(beat, answer)| answer.is_some() && !self.shown.contains(&beat))
            || grades.any(|(grade, index)| grade.is_solved() && !self.said.contains(&index))
    }

    /// Looks at a moment of the run: settles the bets that it answers, and returns a sentence if it
    /// solves a puzzle.
    pub(super) fn see(
        &mut self,
        opened: &Opened,
        frame: &Frame,
        leaves_script: bool,
    ) -> Option<String> {
        for (beat, answer) in frame.answers.iter().enumerate() {
            let Some(answer) = answer.as_ref().map(|it| it.option) else { continue };
            if self.shown.insert(beat)
                && let (Some(bet), Ok(place)) = (self.bets.get(&beat), u16::try_from(beat))
            {
                let Bet { choice, confidence } = *bet;
                let seed = self.seed;
                self.ledger.settle(Record { seed, beat: place, choice, confidence, answer });
            }
        }
        let is_new = std::mem::take(&mut self.is_new);
        let mut sentence = None;
        for ((grade, puzzle), index) in frame.grades.iter().zip(&opened.puzzles).zip(0_u16..) {
            if !grade.is_solved() || !self.said.insert(index) {
                continue;
            }
            let (used, par) = (counted(grade.used().into(), "fault"), puzzle.par);
            let title = &puzzle.title;
            sentence = Some(if is_new {
                format!(
                    "This link solves the puzzle “{title}” with {used}; the fewest known is {par}."
                )
            } else {
                format!(
                    "Solved: “{title}”, with {used}; the fewest known is {par}. The link keeps it."
                )
            });
            if is_new && leaves_script {
                self.view = LessonView::Puzzles;
            }
        }
        sentence
    }

    /// Keeps the link to a run that solves puzzles.
    pub(super) fn keep_solutions(&mut self, frame: &Frame, link: &str) {
        for (grade, index) in frame.grades.iter().zip(0_u16..).filter(|(it, _)| it.is_solved()) {
            let link = with_puzzle(link, index);
            self.ledger.solve(index, Solution { used: grade.used(), link });
        }
    }
}

/// What a viewer can want of commands, bets and puzzles.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// To predict: the beat, and the option or nothing for "not sure".
    Bet(usize, Option<u8>),
    /// To be this sure of the prediction at a beat.
    Confidence(usize, Confidence),
    /// To have the answers that this browser has kept under a name.
    Kept(String, Rc<Ledger>),
    /// To forget all answers in this scenario.
    ForgetAnswers,
    /// To see the steps or the puzzles.
    View(LessonView),
    /// To have the scenario's commands at hand, or not.
    Commands(bool),
    /// To put commands to this node.
    CommandAt(NodeId),
    /// To give this command what it takes, at this node.
    AskFor(u16, NodeId),
}

impl LabState {
    /// Does what is wanted of commands, bets and puzzles.
    pub(super) fn pursue(&mut self, wish: &Wish) {
        let study = Rc::make_mut(&mut self.study);
        let commands = Rc::make_mut(&mut self.commands);
        match wish {
            Wish::Bet(beat, choice) => study.bet(*beat, |bet| bet.choice = *choice),
            Wish::Confidence(beat, confidence) => {
                study.bet(*beat, |bet| bet.confidence = Some(*confidence));
            }
            Wish::Kept(name, ledger) => study.adopt(name, ledger),
            Wish::ForgetAnswers => study.forget(),
            Wish::View(view) => study.view(*view),
            Wish::Commands(true) => commands.open_at(None, None),
            Wish::Commands(false) => commands.is_open = false,
            Wish::CommandAt(node) => commands.node = Some(*node),
            Wish::AskFor(command, node) => {
                // The menu that asked for it, and the sheet, make room.
                commands.open_at(Some(*command), Some(*node));
                self.menu_at = None;
                self.sheet = None;
            }
        }
    }

    /// Something is done to the world. One line, one cut: the next drag is for the stage again.
    pub(super) fn done(&mut self, actions: &[Action]) {
        self.draws_line = false;
        Rc::make_mut(&mut self.commands).remember(actions);
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::scenario::Preset;
    use faultline_core::sim::Answered;
    use faultline_core::view::{FaultUse, Grade, PuzzleView};

    use super::super::intent::Intent;
    use super::super::state::LabEvent;
    use super::super::state_tests::{after, frame, opened};
    use super::*;
    use crate::wire::Update;

    fn told_opened(seed: u64) -> LabEvent {
        let puzzle = PuzzleView {
            title: "Puzzle".into(),
            task: String::new(),
            hint: String::new(),
            preset: Preset::Naive,
            budget: Vec::new(),
            par: 1,
        };
        let opened = Opened { seed, puzzles: vec![puzzle], ..opened(Preset::Naive) };
        LabEvent::Told(Update::Opened { request: 1, opened: Box::new(opened) })
    }

    fn told(answer: Option<u8>, is_solved: bool) -> LabEvent {
        let kind = faultline_core::sim::FaultKind::Crash;
        let faults = vec![FaultUse { kind, used: 1, allowed: 1 }];
        let grade = Grade {
            is_set_up: true,
            follows_script: false,
            reached_us: is_solved.then_some(5),
            faults,
        };
        let frame = Frame {
            answers: vec![None, answer.map(answered), None],
            grades: vec![grade],
            ..frame(5, None, [true, true, false])
        };
        LabEvent::Told(Update::Frame(Box::new(frame)))
    }

    fn answered(option: u8) -> Answered {
        Answered { option, at_us: 5, because: String::new() }
    }

    fn bets(choice: u8) -> LabEvent {
        LabEvent::Wanted(Intent::Study(Wish::Bet(1, Some(choice))))
    }

    fn right(lab: &LabState) -> Vec<bool> {
        let records = lab.study.ledger.records.iter();
        records.map(|it| it.choice == Some(it.answer)).collect()
    }

    #[test]
    fn a_bet_counts_once_and_only_before_the_run_has_shown_the_answer() {
        let lab = after([
            told_opened(1),
            told(None, false),
            bets(0),
            LabEvent::Wanted(Intent::Study(Wish::Confidence(1, Confidence::Sure))),
            told(Some(1), false),
            // Back in time, wiser.
            told(None, false),
            bets(1),
            told(Some(1), false),
        ]);
        assert_eq!(right(&lab), [false]);
        assert_eq!(lab.study.ledger.records[0].confidence, Some(Confidence::Sure));
        assert_eq!(lab.study.bets[&1].choice, Some(0));
        let unasked = after([told_opened(1), told(Some(1), false), told(None, false), bets(1)]);
        assert!(unasked.study.bets.is_empty());
    }

    #[test]
    fn another_seed_is_another_run_to_bet_on() {
        let lab = after([
            told_opened(1),
            bets(0),
            told(Some(1), false),
            told_opened(2),
            told(None, false),
            bets(1),
            told(Some(1), false),
            // The first run again, which has been seen.
            told_opened(1),
            bets(1),
            told(Some(1), false),
        ]);
        assert_eq!(right(&lab), [false, true]);
    }

    #[test]
    fn what_was_kept_is_taken_over_and_not_lost_to_what_came_since() {
        let kept = Ledger::read("bet 9 1 0 1 0\nbet 1 1 1 1 1\n");
        let lab = after([
            told_opened(1),
            LabEvent::Wanted(Intent::Study(Wish::Kept("name".into(), Rc::new(kept)))),
            bets(0),
            told(Some(1), false),
        ]);
        assert_eq!(right(&lab), [true, true]);
        assert_eq!(lab.study.kept_as.as_deref(), Some("name"));
    }

    #[test]
    fn a_solved_puzzle_is_said_once_and_its_link_is_kept() {
        let share = || LabEvent::Told(Update::Shared { link: "#/s/slug?a=AA".into() });
        let lab = after([told_opened(1), told(None, true), share()]);
        let (sentence, _) = lab.notice.clone().unwrap();
        assert!(sentence.starts_with("This link solves the puzzle “Puzzle”"), "{sentence}");
        assert_eq!(lab.study.ledger.solutions[&0].link, "#/s/slug?a=AA&puzzle=0");
        let played = after([
            told_opened(1),
            told(None, false),
            told(None, true),
            LabEvent::Wanted(Intent::Dismiss),
            told(None, true),
        ]);
        assert_eq!(played.notice, None);
        assert!(
            after([told_opened(1), told(None, false), share()]).study.ledger.solutions.is_empty()
        );
    }

    #[test]
    fn commands_are_remembered_and_put_to_whom_was_chosen() {
        let ask = Action::Command { command: 0, node: NodeId(3) };
        let lab = after([
            LabEvent::Wanted(Intent::Study(Wish::AskFor(1, NodeId(2)))),
            LabEvent::Wanted(Intent::Do(vec![ask.clone()])),
            LabEvent::Wanted(Intent::Do(vec![Action::Heal])),
        ]);
        assert!(lab.commands.is_open);
        assert_eq!((lab.commands.wanted, lab.commands.node), (Some(1), Some(NodeId(2))));
        assert_eq!(lab.commands.last, Some(ask));
        let left = after([
            LabEvent::Wanted(Intent::Study(Wish::Commands(true))),
            LabEvent::Wanted(Intent::Leave),
        ]);
        assert!(!left.commands.is_open);
    }
}
