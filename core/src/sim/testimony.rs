//! What clients asked and were told: kept by a simulation that attends to it, and by no other.
//!
//! A run's journal knows when a client's operation began and ended, not what was said. Whoever wants
//! to know that replays the run ([`crate::witness`]) with a simulation that keeps the facts
//! themselves. A row whose clients see the system as a known object says so by
//! [`super::Observer::seen_as`]; then what they were told can be judged.

use std::any::Any;
use std::collections::BTreeMap;

use super::{Describe, Names, NodeId, Operation, OperationStep};
use crate::view::HistoryVerdict;

/// A fact that is kept, told in words, and read again by whoever knows its type.
pub trait KeptFact: Describe + Any {}

impl<F: Describe + Any> KeptFact for F {}

/// When a client recorded a step of an operation.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// True time.
    pub at_us: u64,
    /// The event whose handler recorded it.
    pub event: u32,
    /// Its place among all steps of operations, in the order of recording.
    pub place: usize,
}

/// A client's operation: what it asked, and what it was told.
pub struct Told {
    /// Who asked.
    pub client: NodeId,
    /// Names it among the client's operations. A client that forgets may use a number again.
    pub number: u64,
    /// When it began.
    pub began: Moment,
    /// When it ended and what came of it; `None` while it is open, or if its client forgot it.
    pub ended: Option<(Moment, OperationStep)>,
    asks: Box<dyn KeptFact>,
    answer: Option<Box<dyn KeptFact>>,
}

impl Told {
    /// Returns the facts with which it began and ended, if they are of this type.
    pub fn facts<F: KeptFact>(&self) -> Option<(&F, Option<&F>)> {
        let asks: &dyn Any = &*self.asks;
        let answer = match &self.answer {
            Some(answer) => {
                let answer: &dyn Any = &**answer;
                Some(answer.downcast_ref()?)
            }
            None => None,
        };
        Some((asks.downcast_ref()?, answer))
    }
}

/// An object as which clients see a system, and how their facts read as calls to it.
pub trait SeenObject: Sync {
    /// Returns what it is called, such as "a register".
    fn name(&self) -> &'static str;
    /// Returns a call and its answer in words; `None` if the operation is none on this object.
    fn words(&self, told: &Told) -> Option<(String, Option<String>)>;
    /// Begins to judge whether there is an order of the operations in which one client at a time would
    /// have been told the same, trying at most `step_limit` calls.
    fn judging(&'static self, told: &[Told], step_limit: u64) -> Box<dyn Judging>;
    /// Judges that at once.
    fn judge(&'static self, told: &[Told], step_limit: u64) -> HistoryVerdict {
        let mut judging = self.judging(told, step_limit);
        loop {
            if let Some(verdict) = judging.go_on(u64::MAX) {
                return verdict;
            }
        }
    }
}

/// A judgement under way.
pub trait Judging {
    /// Tries so many calls more, if that many are needed; returns the verdict once it is there.
    fn go_on(&mut self, calls: u64) -> Option<HistoryVerdict>;
    /// Returns how many calls have been tried.
    fn calls(&self) -> u64;
}

/// All that clients asked and were told, in the order in which they asked.
pub struct Testimony {
    told: Vec<Told>,
    /// Operations that have not ended.
    open: BTreeMap<(NodeId, u64), usize>,
    steps: usize,
    object: Option<&'static dyn SeenObject>,
}

impl Testimony {
    /// Has heard nothing yet.
    pub fn new(object: Option<&'static dyn SeenObject>) -> Self {
        Self { told: Vec::new(), open: BTreeMap::new(), steps: 0, object }
    }

    /// Takes note of a step of an operation.
    pub fn hear(
        &mut self,
        (at_us, event): (u64, u32),
        client: NodeId,
        operation: Operation,
        fact: Box<dyn KeptFact>,
    ) {
        let moment = Moment { at_us, event, place: self.steps };
        self.steps += 1;
        let Operation { number, step } = operation;
        if !operation.ends() {
            // A client that begins the same again has forgotten the first: it stays open.
            self.open.insert((client, number), self.told.len());
            let (ended, answer) = (None, None);
            self.told.push(Told { client, number, began: moment, ended, asks: fact, answer });
        } else if let Some(index) = self.open.remove(&(client, number)) {
            let told = &mut self.told[index];
            told.ended = Some((moment, step));
            told.answer = Some(fact);
        }
    }

    /// Returns the operations, in the order in which they began.
    pub fn operations(&self) -> &[Told] {
        &self.told
    }

    /// Returns the object as which clients see the system, if the row says so.
    pub fn object(&self) -> Option<&'static dyn SeenObject> {
        self.object
    }

    /// Returns what was asked and answered, in words: as a call to the object if there is one, else
    /// as the client's own facts read.
    pub fn words(&self, told: &Told, names: &Names) -> (String, Option<String>) {
        let as_call = self.object.and_then(|object| object.words(told));
        as_call.unwrap_or_else(|| {
            let answer = told.answer.as_ref().map(|answer| answer.sentence(names));
            (told.asks.sentence(names), answer)
        })
    }
}
