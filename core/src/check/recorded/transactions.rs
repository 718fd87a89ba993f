//! Makes histories of transactions from recorded events.
//!
//! A value is a list of steps as Elle reads them: `[[:append x 1] [:r y nil]]` for lists, `[[:w x 1]
//! [:r y nil]]` for registers. What an invocation reads does not count, and no function is looked at.

use super::{Datum, EventKind, ReadError, RecordedEvent};
use crate::check::history::{Completion, History, HistoryError};
use crate::check::transactions::{MicroOperation, TransactionHistory};

/// What the keys of transactions hold.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Lists that grow.
    Lists,
    /// Values that are replaced.
    Registers,
}

/// A history of transactions with the line of each event.
#[derive(Clone, Debug)]
pub struct RecordedTransactions {
    /// The history.
    pub history: TransactionHistory<Datum, Datum>,
    /// The line of each event of the history.
    pub lines: Vec<usize>,
}

/// Makes a history of transactions from recorded events.
///
/// # Errors
///
/// The first event that is no transaction's, or that the history cannot have, by its line.
pub fn transactions(
    events: &[RecordedEvent],
    values: Values,
) -> Result<RecordedTransactions, ReadError> {
    let mut history = History::new();
    for event in events {
        let wrong = |sentence| ReadError { line: event.line, sentence };
        let recorded: Result<usize, HistoryError> = match event.kind {
            EventKind::Invoke => {
                history.invoke(event.process, steps(&event.value, values).map_err(wrong)?)
            }
            EventKind::Ok => {
                let steps = steps(&event.value, values).map_err(wrong)?;
                history.complete(event.process, Completion::Answered(steps))
            }
            EventKind::Fail => history.complete(event.process, Completion::Failed),
            EventKind::Info => history.complete(event.process, Completion::Unknown),
        };
        recorded.map_err(|error| wrong(error.to_string()))?;
    }
    Ok(RecordedTransactions { history, lines: events.iter().map(|event| event.line).collect() })
}

fn steps(value: &Datum, values: Values) -> Result<Vec<MicroOperation<Datum, Datum>>, String> {
    let all = value.items().ok_or_else(|| format!("a transaction is a list, not {value}"))?;
    all.iter().map(|it| step(it, values)).collect()
}

fn step(step: &Datum, values: Values) -> Result<MicroOperation<Datum, Datum>, String> {
    let parts = match step.items() {
        Some([function, key, value]) => function.text().map(|function| (function, key, value)),
        Some(_) | None => None,
    };
    let known = match values {
        Values::Lists => "[append key element] or [r key list]",
        Values::Registers => "[w key value] or [r key value]",
    };
    let wrong = || format!("a step is {known}, not {step}");
    let (function, key, value) = parts.ok_or_else(wrong)?;
    let key = key.clone();
    match (values, function, value) {
        (Values::Lists, "append", element) => Ok(MicroOperation::Append(key, element.clone())),
        (Values::Lists, "r", Datum::Nil) => Ok(MicroOperation::ReadList(key, Vec::new())),
        (Values::Lists, "r", Datum::List(list)) => Ok(MicroOperation::ReadList(key, list.clone())),
        (Values::Registers, "w", value) => Ok(MicroOperation::Write(key, value.clone())),
        (Values::Registers, "r", Datum::Nil) => Ok(MicroOperation::Read(key, None)),
        (Values::Registers, "r", value) => Ok(MicroOperation::Read(key, Some(value.clone()))),
        (Values::Lists | Values::Registers, _, _) => Err(wrong()),
    }
}
