//! The objects that histories are usually about: a register, a text that grows, a queue, a lock.

use std::collections::VecDeque;
use std::fmt::{self, Debug, Display};

use super::SequentialSpecification;

/// A register with reads, writes and compare-and-set.
#[derive(Clone, Debug)]
pub struct Register<V> {
    /// What it holds before the first write.
    pub initial: V,
}

/// A call to a [`Register`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterCall<V> {
    /// Asks for the value.
    Read,
    /// Sets the value.
    Write(V),
    /// Sets the value if it is the expected one.
    CompareAndSet {
        /// What it has to be.
        expected: V,
        /// What it becomes.
        new: V,
    },
}

/// What a [`Register`] answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterAnswer<V> {
    /// A read's value.
    Value(V),
    /// A write is done.
    Written,
    /// Whether the value was the expected one and has been set.
    Swapped(bool),
}

impl<V: Display> Display for RegisterCall<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => formatter.write_str("read"),
            Self::Write(value) => write!(formatter, "write {value}"),
            Self::CompareAndSet { expected, new } => {
                write!(formatter, "compare-and-set {expected} to {new}")
            }
        }
    }
}

impl<V: Display> Display for RegisterAnswer<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => write!(formatter, "{value}"),
            Self::Written => formatter.write_str("written"),
            Self::Swapped(true) => formatter.write_str("set"),
            Self::Swapped(false) => formatter.write_str("not set"),
        }
    }
}

impl<V: Clone + Ord + Debug + Display> SequentialSpecification for Register<V> {
    type State = V;
    type Input = RegisterCall<V>;
    type Output = RegisterAnswer<V>;

    fn initial(&self) -> V {
        self.initial.clone()
    }

    fn invoke(&self, state: &mut V, input: &RegisterCall<V>) -> RegisterAnswer<V> {
        match input {
            RegisterCall::Read => RegisterAnswer::Value(state.clone()),
            RegisterCall::Write(value) => {
                state.clone_from(value);
                RegisterAnswer::Written
            }
            RegisterCall::CompareAndSet { expected, new } => {
                let is_expected = state == expected;
                if is_expected {
                    state.clone_from(new);
                }
                RegisterAnswer::Swapped(is_expected)
            }
        }
    }

    fn is_read_only(&self, input: &RegisterCall<V>) -> bool {
        matches!(input, RegisterCall::Read)
    }

    fn describe(&self, state: &V) -> String {
        state.to_string()
    }
}

/// A text, empty at first, that can be read, replaced and appended to: one key of the key-value
/// store of MIT's course 6.5840.
#[derive(Copy, Clone, Debug, Default)]
pub struct TextRegister;

/// A call to a [`TextRegister`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextCall {
    /// Asks for the text.
    Get,
    /// Replaces the text.
    Put(String),
    /// Adds to the end of the text.
    Append(String),
}

/// What a [`TextRegister`] answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextAnswer {
    /// The text.
    Text(String),
    /// A put or an append is done.
    Done,
}

impl Display for TextCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get => formatter.write_str("get"),
            Self::Put(text) => write!(formatter, "put “{text}”"),
            Self::Append(text) => write!(formatter, "append “{text}”"),
        }
    }
}

impl Display for TextAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "“{text}”"),
            Self::Done => formatter.write_str("done"),
        }
    }
}

impl SequentialSpecification for TextRegister {
    type State = String;
    type Input = TextCall;
    type Output = TextAnswer;

    fn initial(&self) -> String {
        String::new()
    }

    fn invoke(&self, state: &mut String, input: &TextCall) -> TextAnswer {
        match input {
            TextCall::Get => return TextAnswer::Text(state.clone()),
            TextCall::Put(text) => state.clone_from(text),
            TextCall::Append(text) => state.push_str(text),
        }
        TextAnswer::Done
    }

    fn is_read_only(&self, input: &TextCall) -> bool {
        matches!(input, TextCall::Get)
    }

    fn describe(&self, state: &String) -> String {
        format!("“{state}”")
    }
}

/// A queue: first in, first out, without bound.
#[derive(Clone, Debug, Default)]
pub struct FifoQueue<V> {
    /// What is in it before the first call, the oldest first.
    pub initial: VecDeque<V>,
}

/// A call to a [`FifoQueue`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueCall<V> {
    /// Adds an item at the end.
    Enqueue(V),
    /// Takes the oldest item.
    Dequeue,
}

/// What a [`FifoQueue`] answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueAnswer<V> {
    /// The item is in the queue.
    Enqueued,
    /// The oldest item is taken.
    Item(V),
    /// There was no item.
    Empty,
}

impl<V: Display> Display for QueueCall<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enqueue(item) => write!(formatter, "enqueue {item}"),
            Self::Dequeue => formatter.write_str("dequeue"),
        }
    }
}

impl<V: Display> Display for QueueAnswer<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enqueued => formatter.write_str("enqueued"),
            Self::Item(item) => write!(formatter, "{item}"),
            Self::Empty => formatter.write_str("empty"),
        }
    }
}

impl<V: Clone + Ord + Debug + Display> SequentialSpecification for FifoQueue<V> {
    type State = VecDeque<V>;
    type Input = QueueCall<V>;
    type Output = QueueAnswer<V>;

    fn initial(&self) -> VecDeque<V> {
        self.initial.clone()
    }

    fn invoke(&self, state: &mut VecDeque<V>, input: &QueueCall<V>) -> QueueAnswer<V> {
        match input {
            QueueCall::Enqueue(item) => {
                state.push_back(item.clone());
                QueueAnswer::Enqueued
            }
            QueueCall::Dequeue => state.pop_front().map_or(QueueAnswer::Empty, QueueAnswer::Item),
        }
    }

    fn is_read_only(&self, _: &QueueCall<V>) -> bool {
        false
    }

    fn describe(&self, state: &VecDeque<V>) -> String {
        let items: Vec<String> = state.iter().map(V::to_string).collect();
        if items.is_empty() { "empty".into() } else { items.join(", ") }
    }
}

/// A log that only grows: whatever is appended gets a place behind all that was appended before. Places
/// may be skipped, as a new leader of a replicated log does for entries of its own.
///
/// How many are skipped is the log's choice, and an object must not choose (see
/// [`SequentialSpecification`]). So the call carries the place that its client was told, and the log
/// only says whether that can be.
#[derive(Copy, Clone, Debug, Default)]
pub struct AppendLog;

/// A call to an [`AppendLog`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Append {
    /// What is appended.
    pub item: String,
    /// Where, as its client was told. One without an answer need not have happened.
    pub place: Option<u64>,
}

/// The place of what was appended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub u64);

impl Display for Append {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "append {}", self.item)
    }
}

impl Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "entry {}", self.0)
    }
}

impl SequentialSpecification for AppendLog {
    /// The last place that is taken.
    type State = u64;
    type Input = Append;
    type Output = Place;

    fn initial(&self) -> u64 {
        0
    }

    fn invoke(&self, last: &mut u64, input: &Append) -> Place {
        match input.place {
            Some(place) if place > *last => {
                *last = place;
                Place(place)
            }
            Some(_) | None => Place(last.saturating_add(1)),
        }
    }

    fn is_read_only(&self, _: &Append) -> bool {
        false
    }

    fn describe(&self, last: &u64) -> String {
        if *last == 0 { "empty".into() } else { format!("filled up to entry {last}") }
    }
}

/// A lock that one owner holds at a time and only its holder releases.
#[derive(Copy, Clone, Debug, Default)]
pub struct Lock;

/// A call to a [`Lock`], by an owner.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockCall {
    /// Takes the lock if it is free.
    Acquire(u64),
    /// Gives the lock back if this owner holds it.
    Release(u64),
}

/// Whether the lock has changed hands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockAnswer(pub bool);

impl Display for LockCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acquire(owner) => write!(formatter, "acquire for {owner}"),
            Self::Release(owner) => write!(formatter, "release by {owner}"),
        }
    }
}

impl Display for LockAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0 { "done" } else { "refused" })
    }
}

impl SequentialSpecification for Lock {
    type State = Option<u64>;
    type Input = LockCall;
    type Output = LockAnswer;

    fn initial(&self) -> Option<u64> {
        None
    }

    fn invoke(&self, holder: &mut Option<u64>, input: &LockCall) -> LockAnswer {
        let (from, to) = match *input {
            LockCall::Acquire(owner) => (None, Some(owner)),
            LockCall::Release(owner) => (Some(owner), None),
        };
        let is_possible = *holder == from;
        if is_possible {
            *holder = to;
        }
        LockAnswer(is_possible)
    }

    fn is_read_only(&self, _: &LockCall) -> bool {
        false
    }

    fn describe(&self, holder: &Option<u64>) -> String {
        holder.map_or_else(|| "free".into(), |owner| format!("held by {owner}"))
    }
}
