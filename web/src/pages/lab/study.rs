//! What the viewer does with the scenario beyond breaking it: commands, bets and puzzles.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use faultline_core::sim::{Action, NodeId};

use crate::bets::{Bet, Ledger, Record, Solution};
use crate::format::counted;
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
    /// Predictions, by beat.
    pub(crate) bets: BTreeMap<usize, Bet>,
    /// The beats whose answers this viewer has seen in a run of this seed: no bet counts any more.
    pub(crate) shown: BTreeSet<usize>,
    /// All answers so far.
    pub(crate) ledger: Ledger,
    /// The name under which the answers are kept, once they are read.
    pub(crate) kept_as: Option<String>,
    /// The puzzles that were said to be solved by this run.
    said: BTreeSet<u16>,
    /// Whether the run's first moment is still to be seen.
    is_new: bool,
    /// The run's seed.
    seed: u64,
}

impl Study {
    /// Returns the study as it is when a link is opened: answers stay.
    pub(super) fn reopened(&self) -> Self {
        Self { is_new: true, said: BTreeSet::new(), ..self.clone() }
    }

    /// A run was opened or changed as a whole. Another seed gives other answers.
    pub(super) fn open(&mut self, opened: &Opened, before: Option<&Opened>) {
        let is_other = before.is_none_or(|it| it.card.slug != opened.card.slug);
        if is_other {
            *self = Self { is_new: true, ..Self::default() };
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
            let Some(answer) = *answer else { continue };
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
                format!("This link solves the puzzle “{title}” with {used}; par is {par}.")
            } else {
                format!("Solved: “{title}”, with {used}; par is {par}. The link is your answer.")
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
            self.ledger.solve(index, Solution { used: grade.used(), link: link.into() });
        }
    }
}
