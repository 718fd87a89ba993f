//! Makes histories of objects from recorded events.

use super::{Datum, EventKind, ReadError, RecordedEvent};
use crate::check::history::{
    At, Completion, FifoQueue, History, Lock, LockAnswer, LockCall, QueueAnswer, QueueCall,
    Register, RegisterAnswer, RegisterCall, SequentialSpecification, TextAnswer, TextCall,
    TextRegister,
};

/// An object whose calls and answers can be read from recorded events.
pub trait Recorded: SequentialSpecification {
    /// Returns the object as it is before the first recorded call.
    fn object() -> Self;

    /// Returns the call that an invocation asks for.
    ///
    /// # Errors
    ///
    /// What is wrong with the function or its value, in a sentence.
    fn call(process: u64, function: &str, value: &Datum) -> Result<Self::Input, String>;

    /// Returns the answer to `call`.
    ///
    /// # Errors
    ///
    /// What is wrong with the value, in a sentence.
    fn answer(call: &Self::Input, value: &Datum) -> Result<Self::Output, String>;

    /// Whether the value of an invocation can hold its key as well: `[key value]`, as Jepsen writes
    /// what it calls independent keys. See [`history`].
    fn is_keyed(function: &str, value: &Datum) -> bool;
}

/// A history with the line of each event.
#[derive(Clone, Debug)]
pub struct RecordedHistory<S: SequentialSpecification> {
    /// The history, of one object a key; the key is [`Datum::Nil`] if none was recorded.
    pub history: History<At<Datum, S::Input>, S::Output>,
    /// The line of each event of the history.
    pub lines: Vec<usize>,
}

/// Makes the history of an object from recorded events.
///
/// A pair may be a key with a value, or a value that happens to be a pair. Where keys come with the
/// values, they come with each of them: so pairs are taken for that only if the value of every
/// invocation without a key of its own is one (`[key nil]` for a read). An answer is of the key that
/// was asked.
///
/// # Errors
///
/// The first event that the object or the history cannot have, by its line.
pub fn history<S: Recorded>(events: &[RecordedEvent]) -> Result<RecordedHistory<S>, ReadError> {
    let mut history: History<At<Datum, S::Input>, S::Output> = History::new();
    let bare = |event: &&RecordedEvent| event.kind == EventKind::Invoke && event.key == Datum::Nil;
    let has_pairs =
        events.iter().filter(bare).all(|event| S::is_keyed(&event.function, &event.value));
    for event in events {
        let wrong = |sentence| ReadError { line: event.line, sentence };
        let process = event.process;
        let recorded = match event.kind {
            EventKind::Invoke => {
                let pair = pair(&event.value).filter(|_| has_pairs && event.key == Datum::Nil);
                let (key, value) = pair.unwrap_or((&event.key, &event.value));
                let input = S::call(process, &event.function, value).map_err(wrong)?;
                history.invoke(process, At { key: key.clone(), input })
            }
            EventKind::Ok => {
                let call = history.open_operation(process).map(|open| &open.input);
                let answer = call.map(|call| {
                    let value = answered(event, has_pairs, &call.key)?;
                    S::answer(&call.input, value)
                });
                let answer = answer.transpose().map_err(wrong)?;
                let answer = answer.map_or(Completion::Unknown, Completion::Answered);
                history.complete(process, answer)
            }
            EventKind::Fail => history.complete(process, Completion::Failed),
            EventKind::Info => history.complete(process, Completion::Unknown),
        };
        recorded.map_err(|error| wrong(error.to_string()))?;
    }
    Ok(RecordedHistory { history, lines: events.iter().map(|event| event.line).collect() })
}

/// Returns what an event says that a call at `asked` was answered: without the key, if that comes with
/// the value. An answer that says nothing, such as that of a write, needs no key.
fn answered<'a>(
    event: &'a RecordedEvent,
    has_pairs: bool,
    asked: &Datum,
) -> Result<&'a Datum, String> {
    match pair(&event.value) {
        Some((key, value)) if has_pairs && event.key == Datum::Nil => {
            if key == asked {
                return Ok(value);
            }
            Err(format!("the answer is of key {key}, and the call was of key {asked}"))
        }
        Some(_) | None => Ok(&event.value),
    }
}

fn pair(value: &Datum) -> Option<(&Datum, &Datum)> {
    match value.items() {
        Some([first, second]) => Some((first, second)),
        Some(_) | None => None,
    }
}

fn is_pair(value: &Datum) -> bool {
    pair(value).is_some()
}

fn unknown(function: &str, known: &str) -> String {
    format!("there is no call `{function}`: {known}")
}

impl Recorded for Register<Datum> {
    fn object() -> Self {
        Self { initial: Datum::Nil }
    }

    fn call(_: u64, function: &str, value: &Datum) -> Result<RegisterCall<Datum>, String> {
        match (function, value.items()) {
            ("read", _) => Ok(RegisterCall::Read),
            ("write", _) => Ok(RegisterCall::Write(value.clone())),
            ("cas", Some([expected, new])) => {
                Ok(RegisterCall::CompareAndSet { expected: expected.clone(), new: new.clone() })
            }
            ("cas", _) => Err(format!("cas takes [expected new], not {value}")),
            _ => Err(unknown(function, "a register has read, write and cas")),
        }
    }

    fn answer(call: &RegisterCall<Datum>, value: &Datum) -> Result<RegisterAnswer<Datum>, String> {
        Ok(match call {
            RegisterCall::Read => RegisterAnswer::Value(value.clone()),
            RegisterCall::Write(_) => RegisterAnswer::Written,
            RegisterCall::CompareAndSet { .. } => RegisterAnswer::Swapped(true),
        })
    }

    fn is_keyed(function: &str, value: &Datum) -> bool {
        let second = value.items().and_then(|items| items.get(1));
        is_pair(value) && (function != "cas" || second.is_some_and(is_pair))
    }
}

impl Recorded for TextRegister {
    fn object() -> Self {
        Self
    }

    fn call(_: u64, function: &str, value: &Datum) -> Result<TextCall, String> {
        match function {
            "get" => Ok(TextCall::Get),
            "put" => text(value).map(TextCall::Put),
            "append" => text(value).map(TextCall::Append),
            _ => Err(unknown(function, "a key-value store has get, put and append")),
        }
    }

    fn answer(call: &TextCall, value: &Datum) -> Result<TextAnswer, String> {
        match call {
            TextCall::Get => text(value).map(TextAnswer::Text),
            TextCall::Put(_) | TextCall::Append(_) => Ok(TextAnswer::Done),
        }
    }

    fn is_keyed(_: &str, value: &Datum) -> bool {
        is_pair(value)
    }
}

/// Returns a text; nothing is the empty one.
fn text(value: &Datum) -> Result<String, String> {
    match value {
        Datum::Nil => Ok(String::new()),
        Datum::Text(_) | Datum::Integer(_) | Datum::Bool(_) => Ok(value.to_string()),
        Datum::List(_) => Err(format!("a value is a text, not {value}")),
    }
}

impl Recorded for FifoQueue<Datum> {
    fn object() -> Self {
        Self::default()
    }

    fn call(_: u64, function: &str, value: &Datum) -> Result<QueueCall<Datum>, String> {
        match function {
            "enqueue" => Ok(QueueCall::Enqueue(value.clone())),
            "dequeue" => Ok(QueueCall::Dequeue),
            _ => Err(unknown(function, "a queue has enqueue and dequeue")),
        }
    }

    fn answer(call: &QueueCall<Datum>, value: &Datum) -> Result<QueueAnswer<Datum>, String> {
        Ok(match (call, value) {
            (QueueCall::Enqueue(_), _) => QueueAnswer::Enqueued,
            (QueueCall::Dequeue, Datum::Nil) => QueueAnswer::Empty,
            (QueueCall::Dequeue, item) => QueueAnswer::Item(item.clone()),
        })
    }

    fn is_keyed(_: &str, value: &Datum) -> bool {
        is_pair(value)
    }
}

impl Recorded for Lock {
    fn object() -> Self {
        Self
    }

    fn call(process: u64, function: &str, value: &Datum) -> Result<LockCall, String> {
        // The process is the owner, unless the value names another.
        let owner = value.number().unwrap_or(process);
        match function {
            "acquire" => Ok(LockCall::Acquire(owner)),
            "release" => Ok(LockCall::Release(owner)),
            _ => Err(unknown(function, "a lock has acquire and release")),
        }
    }

    fn answer(_: &LockCall, value: &Datum) -> Result<LockAnswer, String> {
        Ok(LockAnswer(*value != Datum::Bool(false)))
    }

    fn is_keyed(_: &str, value: &Datum) -> bool {
        is_pair(value)
    }
}
