//! What clients asked of a system, what it answered, and in which order: plain data, filled by
//! whoever was there.
//!
//! The words are those of Herlihy and Wing 1990 and of Jepsen: an operation is invoked by a process,
//! and its invocation is answered, fails (it certainly did not happen), or is lost: nobody knows, and
//! it may have taken effect at any later time, or never. Order is the order of recording; a place in
//! it is an event's number. Times are left out: who wants to draw them keeps the times of the events.

use std::collections::BTreeMap;
use std::fmt;

/// How an operation ended, as far as its process knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completion<O> {
    /// It took effect between its invocation and its return, and this is the answer.
    Answered(O),
    /// It certainly did not take effect.
    Failed,
    /// Nobody knows: it may have taken effect at any time after its invocation, or never.
    Unknown,
}

/// One operation of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<I, O> {
    /// Its place among the operations of the recorded history, in the order of invocation.
    pub number: usize,
    /// Who invoked it.
    pub process: u64,
    /// What was asked.
    pub input: I,
    /// How it ended.
    pub completion: Completion<O>,
    /// The event of its invocation.
    pub invoked: usize,
    /// The event of its return; `None` if it was lost or is still open.
    pub returned: Option<usize>,
}

impl<I, O> Operation<I, O> {
    /// Whether it was answered at or before `event`.
    pub fn is_answered_by(&self, event: usize) -> bool {
        let is_answered = matches!(self.completion, Completion::Answered(_));
        is_answered && self.returned.is_some_and(|returned| returned <= event)
    }

    /// Whether neither of the two certainly took effect before the other was invoked.
    pub fn is_concurrent_with(&self, other: &Self) -> bool {
        let precedes = |a: &Self, b: &Self| a.returned.is_some_and(|end| end < b.invoked);
        !precedes(self, other) && !precedes(other, self)
    }
}

/// A history of operations with inputs `I` and answers `O`.
#[derive(Clone, Debug)]
pub struct History<I, O> {
    operations: Vec<Operation<I, O>>,
    /// The operation each process has open or, after one was lost, ended with.
    open: BTreeMap<u64, Open>,
    events: usize,
}

#[derive(Copy, Clone, Debug)]
enum Open {
    Waiting(usize),
    Lost,
}

/// An event that cannot follow the ones before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct HistoryError {
    /// The number of the event that was refused.
    pub event: usize,
    /// Whose event it is.
    pub process: u64,
    /// What is wrong with it.
    pub reason: HistoryErrorReason,
}

/// Why an event cannot follow the ones before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum HistoryErrorReason {
    /// A process invokes an operation while another of its own is open.
    StillOpen,
    /// A process invokes an operation after one of its own was lost: it would no longer be one
    /// thread of control. Jepsen goes on under a new process number.
    Lost,
    /// An operation ends that was never invoked, or has ended before.
    NothingOpen,
}

impl fmt::Display for HistoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = self.process;
        match self.reason {
            HistoryErrorReason::StillOpen => write!(
                formatter,
                "process {process} invokes an operation while another of its own is open"
            ),
            HistoryErrorReason::Lost => write!(
                formatter,
                "process {process} goes on after an operation with an unknown outcome; \
                 it has to go on under a new number"
            ),
            HistoryErrorReason::NothingOpen => {
                write!(formatter, "process {process} ends an operation but has none open")
            }
        }
    }
}

impl std::error::Error for HistoryError {}

impl<I, O> Default for History<I, O> {
    fn default() -> Self {
        Self { operations: Vec::new(), open: BTreeMap::new(), events: 0 }
    }
}

impl<I, O> History<I, O> {
    /// Creates a history in which nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that a process invokes an operation, and returns the operation's number.
    ///
    /// # Errors
    ///
    /// The process has an operation open, or has lost one.
    pub fn invoke(&mut self, process: u64, input: I) -> Result<usize, HistoryError> {
        match self.open.get(&process) {
            Some(Open::Waiting(_)) => {
                return Err(self.error(process, HistoryErrorReason::StillOpen));
            }
            Some(Open::Lost) => return Err(self.error(process, HistoryErrorReason::Lost)),
            None => {}
        }
        let number = self.operations.len();
        self.open.insert(process, Open::Waiting(number));
        self.operations.push(Operation {
            number,
            process,
            input,
            completion: Completion::Unknown,
            invoked: self.events,
            returned: None,
        });
        self.events += 1;
        Ok(number)
    }

    /// Records that the open operation of a process ends, and returns the operation's number. A
    /// process whose operation ends [`Completion::Unknown`] can invoke nothing more.
    ///
    /// # Errors
    ///
    /// The process has no operation open.
    pub fn complete(
        &mut self,
        process: u64,
        completion: Completion<O>,
    ) -> Result<usize, HistoryError> {
        let Some(Open::Waiting(number)) = self.open.get(&process).copied() else {
            return Err(self.error(process, HistoryErrorReason::NothingOpen));
        };
        let operation = &mut self.operations[number];
        if matches!(completion, Completion::Unknown) {
            self.open.insert(process, Open::Lost);
        } else {
            self.open.remove(&process);
            operation.returned = Some(self.events);
        }
        operation.completion = completion;
        self.events += 1;
        Ok(number)
    }

    /// Returns the operation that a process waits for.
    pub fn open_operation(&self, process: u64) -> Option<&Operation<I, O>> {
        match self.open.get(&process)? {
            Open::Waiting(number) => self.operations.get(*number),
            Open::Lost => None,
        }
    }

    /// Returns every operation in the order of invocation. One that is still open counts as unknown.
    pub fn operations(&self) -> &[Operation<I, O>] {
        &self.operations
    }

    /// Returns how many events were recorded.
    pub fn events(&self) -> usize {
        self.events
    }

    fn error(&self, process: u64, reason: HistoryErrorReason) -> HistoryError {
        HistoryError { event: self.events, process, reason }
    }
}
