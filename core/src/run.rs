//! A run: setup, actions and checkpoints; stepped, stepped back, and sought through.
//!
//! A run is a function of (scenario, revision, knobs, seed, actions). The simulation at the cursor is
//! therefore disposable: going back means to copy the nearest checkpoint and to go forward from
//! there. The journal keeps what is known of the run up to its frontier, so that a cursor in the
//! past still has a future to show; changing the actions forgets the future from there on.

use crate::drive;
use crate::order::sort_by_key;
use crate::scenario::Setup;
use crate::sim::{Action, Journal, Lengths, Simulation, Step, TextLine, TimedAction};

/// Goes up whenever the kernel makes another run of the same inputs, counted from the first release.
pub const KERNEL_REVISION: u32 = 3;

/// Checkpoints are thinned out beyond this many.
const CHECKPOINT_LIMIT: usize = 128;
/// Events between checkpoints, at first.
const FIRST_SPACING: u32 = 64;
/// Steps between the checkpoints of the trail, which make stepping back cheap.
const TRAIL_SPACING: u32 = 128;
/// Checkpoints in the trail.
const TRAIL_LIMIT: usize = 16;

/// A place in a run: how many events and actions lie before it. Ordered along the run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Events handled.
    pub events: u32,
    /// Actions applied.
    pub actions: u32,
}

/// Where to go.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The end of this instant.
    Time(u64),
    /// The middle of an instant, or its end if it has no more steps.
    Within {
        /// True time.
        at_us: u64,
        /// How many events and actions of the instant lie before the place.
        steps: u32,
    },
    /// This place, or the first one after it.
    Position(Position),
}

/// A copy of the simulation at some place, and how much of the journal lies before it.
struct Checkpoint {
    position: Position,
    simulation: Box<dyn Simulation>,
    lengths: Lengths,
}

/// A run with a cursor.
pub struct Run {
    setup: Setup,
    actions: Vec<TimedAction>,
    simulation: Box<dyn Simulation>,
    position: Position,
    /// The time shown: at or after the last event, before the next.
    cursor_us: u64,
    journal: Journal,
    /// How far the journal reaches.
    known: Position,
    known_us: u64,
    /// By position; the first is the beginning.
    checkpoints: Vec<Checkpoint>,
    spacing: u32,
    /// Checkpoints close behind the cursor.
    trail: Vec<Checkpoint>,
}

impl Run {
    /// Creates a run at its beginning. Actions are put in order of time, each rounded up to the
    /// scenario's grain.
    pub fn new(setup: Setup, actions: Vec<TimedAction>) -> Self {
        let actions = in_order(&setup, actions);
        let simulation = setup.build();
        let beginning = Checkpoint {
            position: Position::default(),
            simulation: simulation.fork(),
            lengths: Lengths::default(),
        };
        Self {
            setup,
            actions,
            simulation,
            position: Position::default(),
            cursor_us: 0,
            journal: Journal::recording(),
            known: Position::default(),
            known_us: 0,
            checkpoints: vec![beginning],
            spacing: FIRST_SPACING,
            trail: Vec::new(),
        }
    }

    /// Returns what the run was built from.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Returns the actions, in order of time.
    pub fn actions(&self) -> &[TimedAction] {
        &self.actions
    }

    /// Returns the simulation at the cursor.
    pub fn simulation(&self) -> &dyn Simulation {
        &*self.simulation
    }

    /// Returns the cursor's place.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Returns the time shown at the cursor.
    pub fn now_us(&self) -> u64 {
        self.cursor_us
    }

    /// Returns what is known of the run, the future of the cursor included.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Returns the place up to which the run is known.
    pub fn known(&self) -> Position {
        self.known
    }

    /// Returns the time up to which the run is known.
    pub fn known_us(&self) -> u64 {
        self.known_us
    }

    /// Returns when the next event or action is due; `None` when nothing is left to happen.
    pub fn next_at_us(&self) -> Option<u64> {
        drive::next_at_us(&*self.simulation, self.position, &self.actions)
    }

    /// Does the next action, if it is due before or with the next event, else the next event.
    /// Returns false when nothing is left to happen.
    pub fn step(&mut self) -> bool {
        self.step_into(&mut Journal::ignoring())
    }

    /// Does the same and tells what happened; `None` when nothing is left to happen.
    pub fn step_in_words(&mut self) -> Option<Vec<TextLine>> {
        let mut again = Journal::of_text();
        self.journal.want_text(true);
        let has_stepped = self.step_into(&mut again);
        self.journal.want_text(false);
        again.text.append(&mut self.journal.text);
        has_stepped.then_some(again.text)
    }

    /// Does one step; what is known already is written to `again`.
    fn step_into(&mut self, again: &mut Journal) -> bool {
        let at_frontier = self.position == self.known;
        let journal = if at_frontier { &mut self.journal } else { again };
        if !drive::step(&mut *self.simulation, &mut self.position, &self.actions, journal) {
            return false;
        }
        self.cursor_us = self.cursor_us.max(self.simulation.now_us());
        if at_frontier {
            self.known = self.position;
            self.known_us = self.known_us.max(self.cursor_us);
            let last = self.checkpoints.last().map_or(0, |last| last.position.events);
            if self.position.events >= last + self.spacing {
                self.checkpoints.push(self.checkpoint());
                self.thin_out();
            }
        }
        true
    }

    /// Undoes the last event or action. Returns false at the beginning.
    pub fn step_back(&mut self) -> bool {
        let before = self.before();
        before.map(|before| self.seek(before)).is_some()
    }

    /// Returns the place before the last event or action; `None` at the beginning.
    pub fn before(&self) -> Option<Position> {
        let Position { events, actions } = self.position;
        match self.simulation.last_step() {
            Step::Event(number) => Some(Position { events: number, actions }),
            Step::Action { index, .. } => Some(Position { events, actions: index }),
            Step::Time { .. } => None,
        }
    }

    /// Returns the simulation as it is at a known place, or at the first one after it. The cursor
    /// stays where it is.
    pub fn simulation_at(&self, place: Position) -> Option<Box<dyn Simulation>> {
        let checkpoint = self.nearest(Target::Position(place))?;
        let (mut simulation, mut position) = (checkpoint.simulation.fork(), checkpoint.position);
        let mut journal = Journal::ignoring();
        while position < place.min(self.known) {
            if !drive::step(&mut *simulation, &mut position, &self.actions, &mut journal) {
                break;
            }
        }
        Some(simulation)
    }

    /// Goes to this place, or to the first one after it.
    pub fn seek(&mut self, position: Position) {
        while !self.seek_some(Target::Position(position), u32::MAX) {}
    }

    /// Goes to the end of this instant.
    pub fn seek_time(&mut self, at_us: u64) {
        while !self.seek_some(Target::Time(at_us), u32::MAX) {}
    }

    /// Goes towards `target`, at most `steps` steps; returns whether it has arrived. The first call
    /// goes to the nearest checkpoint if that is closer.
    pub fn seek_some(&mut self, target: Target, steps: u32) -> bool {
        let is_behind = match target {
            Target::Time(at_us) => at_us < self.cursor_us,
            Target::Within { at_us, steps } => {
                (at_us, steps) < (self.cursor_us, self.steps_into(self.cursor_us))
            }
            Target::Position(position) => position < self.position,
        };
        // The known future has checkpoints as well: jump if one lies between here and there.
        let nearest = self.nearest(target).map(|checkpoint| checkpoint.position);
        if is_behind || nearest > Some(self.position) {
            self.restore(target);
        }
        for done in 0..=steps {
            if self.is_at(target) {
                if let Target::Time(at_us) | Target::Within { at_us, .. } = target {
                    if self.next_at_us().is_none() {
                        // Nothing else will happen, so nothing else would notice what is overdue.
                        let journal = &mut self.journal;
                        let at_frontier = self.position == self.known && at_us > self.known_us;
                        let ignored = &mut Journal::ignoring();
                        self.simulation.advance(at_us, if at_frontier { journal } else { ignored });
                    }
                    self.cursor_us = at_us;
                    if self.position == self.known {
                        self.known_us = self.known_us.max(at_us);
                    }
                }
                return true;
            }
            if done == steps || !self.step() {
                break;
            }
            // Only the last stretch stays in the trail: to copy more on the way would be in vain.
            let reach = TRAIL_SPACING * u32::try_from(TRAIL_LIMIT).unwrap_or(u32::MAX);
            let furthest = self.position.events.saturating_add(reach);
            let is_close = !matches!(target, Target::Position(it) if it.events > furthest);
            if is_behind && is_close && done % TRAIL_SPACING == TRAIL_SPACING - 1 {
                self.leave_trail();
            }
        }
        self.next_at_us().is_none()
    }

    fn is_at(&self, target: Target) -> bool {
        match target {
            Target::Time(at_us) => self.next_at_us().is_none_or(|next_us| next_us > at_us),
            Target::Within { at_us, steps } => self.next_at_us().is_none_or(|next_us| {
                next_us > at_us || (next_us == at_us && self.steps_into(at_us) >= steps)
            }),
            Target::Position(position) => self.position >= position,
        }
    }

    /// Returns where the cursor is, for another run of the same schedule.
    pub fn place(&self) -> Target {
        let at_us = self.cursor_us;
        if self.next_at_us().is_none_or(|next_us| next_us > at_us) {
            Target::Time(at_us)
        } else {
            Target::Within { at_us, steps: self.steps_into(at_us) }
        }
    }

    /// Returns how many events and actions of this instant lie before the cursor.
    pub fn steps_into(&self, at_us: u64) -> u32 {
        let Position { events, actions } = self.position;
        let done = self.journal.events.get(..events as usize).unwrap_or_default();
        let events = done.iter().rev().take_while(|event| event.at_us == at_us).count();
        let done = self.actions.get(..actions as usize).unwrap_or_default();
        let actions = done.iter().rev().take_while(|timed| timed.at_us == at_us).count();
        u32::try_from(events + actions).unwrap_or(u32::MAX)
    }

    /// Returns the time that an action done now gets: the time shown, rounded up to the grain, and
    /// later than every event that has happened.
    pub fn stamp(&self) -> u64 {
        let grain_us = self.setup.scenario().grain_us.max(1);
        let at_us = self.cursor_us.div_ceil(grain_us) * grain_us;
        let last = self.position.events.checked_sub(1);
        let last = last.and_then(|event| self.journal.events.get(event as usize));
        if last.is_some_and(|event| event.at_us >= at_us) { at_us + grain_us } else { at_us }
    }

    /// Does something to the world now: puts it into the list of actions, forgets the future from
    /// there on, and goes to just after it.
    pub fn act(&mut self, action: Action) -> TimedAction {
        let timed = TimedAction { at_us: self.stamp(), action };
        let place = self.actions.partition_point(|other| other.at_us <= timed.at_us);
        let mut actions = self.actions.clone();
        actions.insert(place, timed.clone());
        let (position, cursor_us) = (self.position, self.cursor_us);
        self.replace_actions(actions);
        self.seek(position);
        self.cursor_us = cursor_us;
        while (self.position.actions as usize) <= place && self.step() {}
        timed
    }

    /// Takes an action out. The cursor goes to a place that the run shares with what it was.
    pub fn remove_action(&mut self, index: usize) {
        if index < self.actions.len() {
            let mut actions = self.actions.clone();
            actions.remove(index);
            self.replace_actions(actions);
        }
    }

    /// Replaces the list of actions and forgets all that depended on the difference. The cursor goes
    /// to the last checkpoint that both lists share, behind or ahead of where it was; seek to go on.
    pub fn replace_actions(&mut self, actions: Vec<TimedAction>) {
        let actions = in_order(&self.setup, actions);
        let shared = self.actions.iter().zip(&actions).take_while(|(a, b)| a == b).count();
        // Where the lists part, the earlier of the two next actions is the first difference.
        let parts_at_us = [self.actions.get(shared), actions.get(shared)]
            .into_iter()
            .flatten()
            .map(|action| action.at_us)
            .min();
        self.actions = actions;
        let Some(parts_at_us) = parts_at_us else { return };
        let is_shared = |checkpoint: &Checkpoint| {
            let at_beginning = checkpoint.position == Position::default();
            let is_before = checkpoint.simulation.now_us() < parts_at_us;
            at_beginning || (is_before && checkpoint.position.actions as usize <= shared)
        };
        self.checkpoints.retain(is_shared);
        self.trail.clear();
        if let Some(last) = self.checkpoints.last() {
            self.simulation = last.simulation.fork();
            self.position = last.position;
            self.cursor_us = last.simulation.now_us();
            self.known = self.position;
            self.known_us = self.cursor_us;
            self.journal.truncate(last.lengths);
        }
    }

    /// Returns the link to the run at the cursor.
    pub fn link_at_cursor(&self) -> String {
        let digest = Some(self.simulation.digest());
        let link = crate::link::format(&self.setup, &self.actions, Some(self.cursor_us), digest);
        match self.place() {
            Target::Within { steps, .. } => crate::link::with_steps(link, steps),
            Target::Time(_) | Target::Position(_) => link,
        }
    }

    /// Returns the text of the known events `from..to` and of the actions among them.
    pub fn text(&self, from: u32, to: u32) -> Vec<TextLine> {
        let start = Position { events: from, actions: 0 };
        let Some(checkpoint) = self.nearest(Target::Position(start)) else { return Vec::new() };
        let mut simulation = checkpoint.simulation.fork();
        let mut position = checkpoint.position;
        let mut journal = Journal::ignoring();
        while position < self.known && position.events < to {
            if position.events >= from && !journal.keeps_text() {
                journal = Journal::of_text();
            }
            drive::step(&mut *simulation, &mut position, &self.actions, &mut journal);
        }
        journal.text
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            position: self.position,
            simulation: self.simulation.fork(),
            lengths: self.journal.lengths(),
        }
    }

    /// Keeps every other checkpoint when there are too many.
    fn thin_out(&mut self) {
        if self.checkpoints.len() > CHECKPOINT_LIMIT {
            let mut place = 0;
            self.checkpoints.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.spacing *= 2;
        }
    }

    /// Leaves a checkpoint at the cursor unless one is close behind: coming back to what happens
    /// next, and telling it in words, is cheap then.
    pub fn rest(&mut self) {
        let nearest = self.nearest(Target::Position(self.position));
        let is_far = nearest.is_none_or(|checkpoint| {
            checkpoint.position.events + TRAIL_SPACING <= self.position.events
        });
        if is_far {
            self.leave_trail();
        }
    }

    fn leave_trail(&mut self) {
        if self.trail.len() == TRAIL_LIMIT {
            self.trail.remove(0);
        }
        self.trail.push(self.checkpoint());
    }

    /// Returns the last checkpoint from which `target` lies ahead.
    fn nearest(&self, target: Target) -> Option<&Checkpoint> {
        let is_ahead = |checkpoint: &&Checkpoint| match target {
            Target::Time(at_us) => checkpoint.simulation.now_us() <= at_us,
            Target::Within { at_us, .. } => {
                let at_beginning = checkpoint.position == Position::default();
                at_beginning || checkpoint.simulation.now_us() < at_us
            }
            // Equal counts of events can stand before or after an action: take the earlier one.
            Target::Position(position) => checkpoint.position <= position,
        };
        let sparse = self.checkpoints.iter().rev().find(is_ahead);
        let near = self.trail.iter().filter(is_ahead).max_by_key(|checkpoint| checkpoint.position);
        sparse.into_iter().chain(near).max_by_key(|checkpoint| checkpoint.position)
    }

    fn restore(&mut self, target: Target) {
        if let Some(checkpoint) = self.nearest(target) {
            let (simulation, position) = (checkpoint.simulation.fork(), checkpoint.position);
            self.cursor_us = simulation.now_us();
            self.simulation = simulation;
            self.position = position;
        }
    }
}

/// Rounds the actions' times up to the scenario's grain and puts them in order.
fn in_order(setup: &Setup, mut actions: Vec<TimedAction>) -> Vec<TimedAction> {
    let grain_us = setup.scenario().grain_us.max(1);
    for action in &mut actions {
        action.at_us = action.at_us.div_ceil(grain_us).saturating_mul(grain_us);
    }
    sort_by_key(&mut actions, |action| action.at_us);
    actions
}
