//! The judgement of a history of objects, as a report and as text.

use std::fmt::Write as _;

use faultline_core::check::history::{
    At, Completion, Finding, Operation, Standstill, Window, linearizable_by_key,
    sequentially_consistent_by_key,
};
use faultline_core::check::recorded::{
    self, Datum, ReadError, Recorded, RecordedEvent, RecordedHistory,
};
use serde_json::{Value, json};

use super::Judgement;

/// The smallest impossible window, with every operation as text.
struct WindowText {
    key: Option<String>,
    /// The lines of its first and last event.
    lines: (usize, usize),
    refused: OperationText,
    concurrent: Vec<OperationText>,
    /// Each possible state, with the answer it would give.
    states: Vec<(String, String)>,
    /// The lines of the invocations that lead to the first of these states, in order.
    order: Vec<usize>,
    is_complete: bool,
}

struct OperationText {
    line: usize,
    process: u64,
    call: String,
    /// None if nobody knows.
    answer: Option<String>,
}

/// Judges whether a history is linearizable, key by key.
pub(super) fn linearizable<S: Recorded>(
    events: &[RecordedEvent],
    steps: u64,
) -> Result<Judgement, ReadError> {
    let recorded = recorded::history::<S>(events)?;
    let report = linearizable_by_key(&S::object(), &recorded.history, steps);
    let window = report.first_window().map(|(key, window)| WindowText::new(key, window, &recorded));
    let operations = recorded.history.operations().len();
    let verdict = report.is_linearizable();
    Ok(Judgement {
        json: json!({
            "linearizable": verdict,
            "operations": operations,
            "keys": report.keys.len(),
            "window": window.as_ref().map(WindowText::json),
            "steps": report.steps(),
        }),
        text: headline("linearizable", verdict, operations, report.steps())
            + &window.as_ref().map(WindowText::text).unwrap_or_default(),
    })
}

/// Judges whether a history is sequentially consistent, as a whole.
pub(super) fn sequential<S: Recorded + Clone>(
    events: &[RecordedEvent],
    steps: u64,
) -> Result<Judgement, ReadError> {
    let recorded = recorded::history::<S>(events)?;
    let report = sequentially_consistent_by_key(&S::object(), &recorded.history, steps);
    let (verdict, standstill) = match &report.finding {
        Finding::Possible(_) => (Some(true), None),
        Finding::Impossible(standstill) => (Some(false), Some(standstill)),
        Finding::Unknown => (None, None),
    };
    let operations = recorded.history.operations().len();
    let refused = standstill.map(|standstill| refused(standstill, &recorded)).unwrap_or_default();
    let mut text = headline("sequentially consistent", verdict, operations, report.steps);
    if let Some(standstill) = standstill {
        let placed = standstill.order.len();
        _ = writeln!(text, "At most {placed} operations have a place, and then there is:");
        _ = writeln!(text, "  {}", standstill.state);
        _ = writeln!(text, "No process can go on, with what it would have been answered:");
    }
    for (operation, answer) in &refused {
        _ = writeln!(text, "  {}, but would be {answer}", operation.text());
    }
    let next = refused
        .iter()
        .map(|(operation, answer)| json!({ "operation": operation.json(), "answer": answer }));
    Ok(Judgement {
        json: json!({
            "sequential": verdict,
            "operations": operations,
            "standstill": standstill.map(|standstill| json!({
                "placed": standstill.order.len(),
                "state": standstill.state,
                "refused": next.collect::<Vec<_>>(),
            })),
            "steps": report.steps,
        }),
        text,
    })
}

/// Returns each process's next operation, with the answer that it would have got.
fn refused<S: Recorded>(
    standstill: &Standstill,
    recorded: &RecordedHistory<S>,
) -> Vec<(OperationText, String)> {
    let refused = standstill.refused.iter().map(|(number, answer)| {
        let operation = &recorded.history.operations()[*number];
        (OperationText::new(operation, recorded.lines[operation.invoked]), answer.clone())
    });
    refused.collect()
}

fn headline(name: &str, verdict: Option<bool>, operations: usize, steps: u64) -> String {
    let verdict = match verdict {
        Some(true) => name.to_owned(),
        Some(false) => format!("not {name}"),
        None => format!("not known whether {name}: the steps ran out, see --steps"),
    };
    format!("{verdict} ({operations} operations, {steps} steps)\n")
}

impl WindowText {
    fn new<S: Recorded>(key: &Datum, window: &Window, recorded: &RecordedHistory<S>) -> Self {
        let operations = recorded.history.operations();
        let describe = |number: usize| {
            OperationText::new(&operations[number], recorded.lines[operations[number].invoked])
        };
        let order = window.states.first().map(|state| &*state.order).unwrap_or_default();
        Self {
            key: (*key != Datum::Nil).then(|| key.to_string()),
            lines: (recorded.lines[window.first_event], recorded.lines[window.last_event]),
            refused: describe(window.refused),
            concurrent: window.concurrent.iter().copied().map(describe).collect(),
            states: window.states.iter().map(|it| (it.state.clone(), it.answer.clone())).collect(),
            order: order.iter().map(|it| recorded.lines[operations[*it].invoked]).collect(),
            is_complete: window.is_complete,
        }
    }

    fn json(&self) -> Value {
        let states = self.states.iter();
        let states = states.map(|(state, answer)| json!({ "state": state, "answer": answer }));
        json!({
            "key": self.key,
            "first_line": self.lines.0,
            "last_line": self.lines.1,
            "refused": self.refused.json(),
            "concurrent": self.concurrent.iter().map(OperationText::json).collect::<Vec<_>>(),
            "states": states.collect::<Vec<_>>(),
            "order_lines": self.order,
            "complete": self.is_complete,
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |line: String| _ = writeln!(text, "{line}");
        let (first, last) = self.lines;
        let key = self.key.as_ref().map(|key| format!(" of key {key}")).unwrap_or_default();
        line(format!("The smallest impossible window{key} is lines {first} to {last}:"));
        line(format!("  {} fits no order.", self.refused.text()));
        if !self.concurrent.is_empty() {
            line("Concurrent with it:".into());
        }
        for operation in &self.concurrent {
            line(format!("  {}", operation.text()));
        }
        if !self.states.is_empty() {
            line("The states it could have found, with what they would have answered:".into());
        }
        for (state, answer) in &self.states {
            line(format!("  {state}: {answer}"));
        }
        if !self.is_complete {
            line("The steps ran out: a smaller window or more states are possible.".into());
        }
        text
    }
}

impl OperationText {
    fn new<I: ToString, O: ToString>(operation: &Operation<At<Datum, I>, O>, line: usize) -> Self {
        let answer = match &operation.completion {
            Completion::Answered(answer) => Some(answer.to_string()),
            Completion::Failed | Completion::Unknown => None,
        };
        let At { key, input } = &operation.input;
        let call = if *key == Datum::Nil {
            input.to_string()
        } else {
            format!("{key}: {}", input.to_string())
        };
        Self { line, process: operation.process, call, answer }
    }

    fn json(&self) -> Value {
        json!({
            "line": self.line,
            "process": self.process,
            "call": self.call,
            "answer": self.answer,
        })
    }

    fn text(&self) -> String {
        let answer = self.answer.as_deref().unwrap_or("nobody knows");
        format!("line {}: process {}: {} → {answer}", self.line, self.process, self.call)
    }
}
