//! Processes as a model with nothing around them but a network that forgets nothing.
//!
//! [`super::ByHand`] explores a scenario's whole world, with all that a world can do. For a question about
//! one mechanism that is too much: most of a world's states differ in what is under way, and each costs a
//! copy of the world. Here
//!
//! - **a message that was sent can be delivered ever after**, as often as one likes: the network is the
//!   set of what was sent, as in the specifications of Paxos and Raft in TLA+ (Lamport 2001; Ongaro 2014,
//!   appendix B). That covers loss, doubling, and every order; a state in which a message has been
//!   delivered is not another one than that in which it has not.
//! - **a handler is run once.** What an actor does is a function of what it is and of what it is confronted
//!   with, so states are made of numbers that stand for actors, inboxes and histories, and a step is
//!   looked up.
//! - **a disk syncs at once, or the node crashes** before that; see [`Actor`].
//!
//! Timers fire in any order, and clocks stand still. Left out: cuts (a message need not be delivered),
//! commands with an input, choices of handlers and of disks (the first is taken).

use std::cell::RefCell;
use std::hash::Hash;
use std::rc::Rc;

use super::interner::{Interner, Memo};
use super::{Budget, Model};
use crate::sim::{Actor, Boot, NodeId, Observer, Process, Stimulus};

/// A design whose nodes are explored as actors.
pub trait Troupe {
    /// How a node behaves.
    type Process: Process;
    /// What is judged of history. Facts of one step come together, and at time 0.
    type Observer: Observer<Self::Process>;

    /// Makes a node, as it is before it starts.
    fn spawn(&self, id: NodeId) -> Self::Process;
    /// Returns what a client says to this node if it is the `nth` command of all; `None` if it says
    /// nothing there.
    fn command(
        &self,
        nth: u16,
        to: NodeId,
        actor: &Actor<Self::Process>,
    ) -> Option<<Self::Process as Process>::Msg>;
    /// Returns whether a timer may fire.
    fn fires(&self, at: NodeId, timer: <Self::Process as Process>::Timer) -> bool;
    /// Returns whether a message will never again make a difference to this actor, nor to what becomes of
    /// it: then states that differ in it alone are one.
    fn is_dead(
        &self,
        actor: &Actor<Self::Process>,
        from: NodeId,
        msg: &<Self::Process as Process>::Msg,
    ) -> bool;
    /// Says what is broken, if an invariant is.
    fn violation(
        &self,
        actors: &[Rc<Actor<Self::Process>>],
        observer: &Self::Observer,
    ) -> Option<String>;
}

/// A state, by the numbers of its parts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stage<const N: usize> {
    actors: [u32; N],
    /// What each may be sent, of all that was sent to it.
    inboxes: [u32; N],
    observer: u32,
    crashes: u16,
    commands: u16,
}

/// What can happen at an actor.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cue {
    /// The message with this number arrives.
    Message(u32),
    /// The timer at this place among those that are set fires.
    Timer(u32),
    /// A client says the command with this number.
    Command(u16),
    /// It crashes.
    Crash,
    /// It comes back.
    Restart,
}

/// One thing that can happen.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Where.
    pub at: NodeId,
    /// What.
    pub cue: Cue,
    /// In which of the syncs that it leads to the node crashes, if it does.
    pub crashes_in: Option<u32>,
}

/// What comes of a cue.
#[derive(Copy, Clone, Debug)]
struct Outcome {
    actor: u32,
    /// A list of messages.
    sent: u32,
    /// A list of facts.
    facts: u32,
    syncs: u32,
}

/// What a message says, and of whom and to whom.
type Letter<P> = (NodeId, NodeId, <P as Process>::Msg);

/// All that has been met so far, by number.
struct Tables<G: Troupe> {
    actors: Interner<Actor<G::Process>>,
    letters: Interner<Letter<G::Process>>,
    lists: Interner<Vec<u32>>,
    facts: Interner<(NodeId, Vec<<G::Process as Process>::Fact>)>,
    observers: Interner<G::Observer>,
    outcomes: Memo<Outcome>,
    heard: Memo<u32>,
    added: Memo<u32>,
    pruned: Memo<u32>,
}

/// A troupe of `N` nodes as a model.
pub struct Actors<G: Troupe, const N: usize> {
    troupe: G,
    budget: Budget,
    tables: RefCell<Tables<G>>,
}

impl<G: Troupe, const N: usize> Actors<G, N> {
    /// Makes a model in which crashes and commands happen at most so often; losses and doublings need no
    /// budget, since all are covered.
    pub fn new(troupe: G, budget: Budget) -> Self {
        let tables = Tables {
            actors: Interner::new(),
            letters: Interner::new(),
            lists: Interner::new(),
            facts: Interner::new(),
            observers: Interner::new(),
            outcomes: Memo::new(),
            heard: Memo::new(),
            added: Memo::new(),
            pruned: Memo::new(),
        };
        Self { troupe, budget, tables: RefCell::new(tables) }
    }

    /// Returns how many different actors, messages and histories have been met.
    pub fn met(&self) -> (usize, usize, usize) {
        let tables = self.tables.borrow();
        (tables.actors.count(), tables.letters.count(), tables.observers.count())
    }

    /// Tells an act in words.
    pub fn words(&self, act: &Act) -> String {
        let Act { at, cue, crashes_in } = act;
        let crash = if crashes_in.is_some() { ", and crashes before it has synced" } else { "" };
        if let Cue::Message(number) = cue {
            let tables = self.tables.borrow();
            let (from, _, msg) = &**tables.letters.value(*number);
            return format!("{at:?} gets {msg:?} from {from:?}{crash}");
        }
        format!("{at:?}: {cue:?}{crash}")
    }
}

impl<G: Troupe> Tables<G> {
    /// Returns what comes of a cue at an actor; the number of the actor's node is part of the cue, since
    /// two nodes can be alike.
    fn outcome(&mut self, troupe: &G, count: u16, actor: u32, act: &Act) -> Option<Outcome> {
        let (kind, number) = match act.cue {
            Cue::Message(number) => (0_u64, number),
            Cue::Timer(number) => (1, number),
            Cue::Command(nth) => (2, u32::from(nth)),
            Cue::Crash => (3, 0),
            Cue::Restart => (4, 0),
        };
        let cut = u64::from(act.crashes_in.map_or(0, |sync| sync + 1));
        let cue = kind << 29 | cut << 26 | u64::from(act.at.0) << 22 | u64::from(number);
        let key = u64::from(actor) << 32 | cue;
        if let Some(outcome) = self.outcomes.get(key) {
            return Some(outcome);
        }
        let outcome = self.play(troupe, count, actor, act)?;
        self.outcomes.learn(key, outcome);
        Some(outcome)
    }

    /// Lets an actor do what it does.
    fn play(&mut self, troupe: &G, count: u16, actor: u32, act: &Act) -> Option<Outcome> {
        let mut actor = Actor::clone(self.actors.value(actor));
        let stimulus = match act.cue {
            Cue::Message(number) => {
                let (from, _, msg) = &**self.letters.value(number);
                Stimulus::Message { from: *from, msg: msg.clone() }
            }
            Cue::Timer(number) => Stimulus::Timer(actor.timers().nth(number as usize)?),
            Cue::Command(nth) => {
                let msg = troupe.command(nth, act.at, &actor)?;
                Stimulus::Message { from: NodeId::OUTSIDE, msg }
            }
            Cue::Crash => {
                actor.crash();
                return Some(self.done(act.at, actor, Vec::new(), Vec::new(), 0));
            }
            Cue::Restart => {
                actor.replace(troupe.spawn(act.at));
                Stimulus::Start(Boot::Recovered)
            }
        };
        let reaction = actor.react((act.at, count), stimulus, act.crashes_in);
        Some(self.done(act.at, actor, reaction.sent, reaction.facts, reaction.syncs))
    }

    fn done(
        &mut self,
        at: NodeId,
        actor: Actor<G::Process>,
        sent: Vec<(NodeId, <G::Process as Process>::Msg)>,
        facts: Vec<<G::Process as Process>::Fact>,
        syncs: u32,
    ) -> Outcome {
        let sent = sent.into_iter().map(|(to, msg)| self.letters.number((at, to, msg)));
        let sent: Vec<u32> = sent.collect();
        Outcome {
            actor: self.actors.number(actor),
            sent: self.lists.number(sent),
            facts: self.facts.number((at, facts)),
            syncs,
        }
    }

    /// Returns the history after these facts.
    fn hear(&mut self, observer: u32, facts: u32) -> u32 {
        let key = u64::from(observer) << 32 | u64::from(facts);
        if let Some(heard) = self.heard.get(key) {
            return heard;
        }
        let mut next = G::Observer::clone(self.observers.value(observer));
        let (node, facts) = &**self.facts.value(facts);
        for fact in facts {
            next.on_fact(0, *node, fact);
        }
        let heard = self.observers.number(next);
        self.heard.learn(key, heard);
        heard
    }

    /// Returns an inbox with one more message.
    fn add(&mut self, inbox: u32, letter: u32) -> u32 {
        let key = u64::from(inbox) << 32 | u64::from(letter);
        if let Some(added) = self.added.get(key) {
            return added;
        }
        let mut letters = Vec::clone(self.lists.value(inbox));
        if let Err(place) = letters.binary_search(&letter) {
            letters.insert(place, letter);
        }
        let added = self.lists.number(letters);
        self.added.learn(key, added);
        added
    }

    /// Returns an inbox without what makes no difference any more.
    fn prune(&mut self, troupe: &G, actor: u32, inbox: u32) -> u32 {
        let key = u64::from(actor) << 32 | u64::from(inbox);
        if let Some(pruned) = self.pruned.get(key) {
            return pruned;
        }
        let mut letters = Vec::clone(self.lists.value(inbox));
        let actor = Rc::clone(self.actors.value(actor));
        letters.retain(|letter| {
            let (from, _, msg) = &**self.letters.value(*letter);
            !troupe.is_dead(&actor, *from, msg)
        });
        let pruned = self.lists.number(letters);
        self.pruned.learn(key, pruned);
        pruned
    }

    /// Carries out what came of something at a node.
    fn settle<const N: usize>(&mut self, troupe: &G, stage: &mut Stage<N>, at: usize, it: Outcome) {
        stage.actors[at] = it.actor;
        stage.observer = self.hear(stage.observer, it.facts);
        let sent = Rc::clone(self.lists.value(it.sent));
        for &letter in sent.iter() {
            let to = self.letters.value(letter).1.index();
            stage.inboxes[to] = self.add(stage.inboxes[to], letter);
        }
        for at in 0..N {
            stage.inboxes[at] = self.prune(troupe, stage.actors[at], stage.inboxes[at]);
        }
    }
}

fn count_of<const N: usize>() -> u16 {
    u16::try_from(N).unwrap_or(u16::MAX)
}

impl<G: Troupe, const N: usize> Model for Actors<G, N> {
    type State = Stage<N>;
    type Action = Act;

    fn initial_states(&self) -> Vec<Stage<N>> {
        let mut tables = self.tables.borrow_mut();
        let nothing = tables.lists.number(Vec::new());
        let observer = tables.observers.number(G::Observer::default());
        let mut stage =
            Stage { actors: [0; N], inboxes: [nothing; N], observer, crashes: 0, commands: 0 };
        for id in NodeId::first(count_of::<N>()) {
            let mut actor = Actor::new(self.troupe.spawn(id));
            let start = Stimulus::Start(Boot::Fresh);
            let reaction = actor.react((id, count_of::<N>()), start, None);
            let outcome = tables.done(id, actor, reaction.sent, reaction.facts, reaction.syncs);
            tables.settle(&self.troupe, &mut stage, id.index(), outcome);
        }
        vec![stage]
    }

    fn actions(&self, stage: &Stage<N>, acts: &mut Vec<Act>) {
        let mut tables = self.tables.borrow_mut();
        let may_crash = stage.crashes < self.budget.crashes;
        for at in NodeId::first(count_of::<N>()) {
            let number = stage.actors[at.index()];
            let actor = Rc::clone(tables.actors.value(number));
            let first = acts.len();
            let mut add = |cue| acts.push(Act { at, cue, crashes_in: None });
            if actor.process().is_none() {
                add(Cue::Restart);
            } else {
                let inbox = Rc::clone(tables.lists.value(stage.inboxes[at.index()]));
                inbox.iter().for_each(|letter| add(Cue::Message(*letter)));
                let timers = actor.timers().zip(0..);
                let fire = timers.filter(|(timer, _)| self.troupe.fires(at, *timer));
                fire.for_each(|(_, nth)| add(Cue::Timer(nth)));
                if stage.commands < self.budget.commands {
                    add(Cue::Command(stage.commands));
                }
            }
            if may_crash {
                for nth in first..acts.len() {
                    let act = acts[nth];
                    let outcome = tables.outcome(&self.troupe, count_of::<N>(), number, &act);
                    let syncs = outcome.map_or(0, |it| it.syncs);
                    acts.extend((0..syncs).map(|sync| Act { crashes_in: Some(sync), ..act }));
                }
                if actor.process().is_some() {
                    acts.push(Act { at, cue: Cue::Crash, crashes_in: None });
                }
            }
        }
    }

    fn next_state(&self, stage: &Stage<N>, act: &Act) -> Option<Stage<N>> {
        let mut tables = self.tables.borrow_mut();
        let at = act.at.index();
        let outcome = tables.outcome(&self.troupe, count_of::<N>(), stage.actors[at], act)?;
        let mut next = *stage;
        tables.settle(&self.troupe, &mut next, at, outcome);
        next.commands += u16::from(matches!(act.cue, Cue::Command(_)));
        next.crashes += u16::from(act.cue == Cue::Crash || act.crashes_in.is_some());
        (next != *stage).then_some(next)
    }

    fn violation(&self, stage: &Stage<N>) -> Option<String> {
        let tables = self.tables.borrow();
        let actors = stage.actors.map(|number| Rc::clone(tables.actors.value(number)));
        self.troupe.violation(&actors, tables.observers.value(stage.observer))
    }
}
