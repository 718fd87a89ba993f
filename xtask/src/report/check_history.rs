//! `check-history`: a history recorded elsewhere, judged.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use faultline_core::check::history::{
    At, Completion, FifoQueue, Lock, Operation, Register, TextRegister, Window, linearizable_by_key,
};
use faultline_core::check::recorded::{self, Datum, Recorded, RecordedEvent, RecordedHistory};
use lexopt::prelude::*;
use serde_json::{Value, json};

use super::output;
use crate::BadArguments;

/// Calls tried before the answer is that nobody knows: some seconds, and less than a gigabyte.
const USUAL_STEPS: u64 = 5_000_000;

/// What the command line says.
#[derive(Debug)]
struct Request {
    model: Model,
    file: PathBuf,
    is_json: bool,
    steps: u64,
}

/// What the history is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Model {
    Register,
    KeyValue,
    Queue,
    Lock,
}

/// What was found, with every operation as text.
struct Judgement {
    is_linearizable: Option<bool>,
    operations: usize,
    keys: usize,
    steps: u64,
    window: Option<WindowText>,
}

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

/// `cargo xtask check-history --model cas-register FILE`.
pub(crate) fn main(arguments: lexopt::Parser) -> Result<()> {
    let request = Request::read(arguments)?;
    let judgement = request.judge()?;
    if request.is_json {
        return output::print(&judgement.json());
    }
    Ok(io::stdout().lock().write_all(judgement.text().as_bytes())?)
}

impl Request {
    fn read(mut arguments: lexopt::Parser) -> Result<Self> {
        let (mut model, mut file, mut is_json, mut steps) = (None, None, false, USUAL_STEPS);
        while let Some(argument) = arguments.next()? {
            match argument {
                Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
                Long("model") => model = Some(Model::named(&arguments.value()?.string()?)?),
                Long("steps") => steps = arguments.value()?.parse()?,
                Long("json") => is_json = true,
                other @ (Value(_) | Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let bad = |sentence: &str| BadArguments(sentence.into());
        let model = model.ok_or_else(|| bad("check-history needs --model, such as --model kv"))?;
        let file = file.ok_or_else(|| bad("check-history needs a file with a history"))?;
        Ok(Self { model, file, is_json, steps })
    }

    fn judge(&self) -> Result<Judgement> {
        let name = self.file.display();
        let unreadable = |error| BadArguments(format!("{name} cannot be read: {error}"));
        let text = fs::read_to_string(&self.file).map_err(unreadable)?;
        let judged = recorded::read(&text).and_then(|events| match self.model {
            Model::Register => judge::<Register<Datum>>(&events, self.steps),
            Model::KeyValue => judge::<TextRegister>(&events, self.steps),
            Model::Queue => judge::<FifoQueue<Datum>>(&events, self.steps),
            Model::Lock => judge::<Lock>(&events, self.steps),
        });
        Ok(judged.map_err(|error| BadArguments(format!("{name}, {error}")))?)
    }
}

impl Model {
    fn named(name: &str) -> Result<Self> {
        Ok(match name {
            "register" | "cas-register" => Self::Register,
            "kv" => Self::KeyValue,
            "queue" => Self::Queue,
            "lock" => Self::Lock,
            _ => {
                let sentence = format!(
                    "--model takes register, cas-register, kv, queue or lock, not `{name}`"
                );
                return Err(BadArguments(sentence).into());
            }
        })
    }
}

fn judge<S: Recorded>(
    events: &[RecordedEvent],
    steps: u64,
) -> Result<Judgement, recorded::ReadError> {
    let recorded = recorded::history::<S>(events)?;
    let report = linearizable_by_key(&S::object(), &recorded.history, steps);
    let window = report.first_window().map(|(key, window)| WindowText::new(key, window, &recorded));
    Ok(Judgement {
        is_linearizable: report.is_linearizable(),
        operations: recorded.history.operations().len(),
        keys: report.keys.len(),
        steps: report.steps(),
        window,
    })
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
        let call = operation.input.input.to_string();
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

impl Judgement {
    fn json(&self) -> Value {
        json!({
            "linearizable": self.is_linearizable,
            "operations": self.operations,
            "keys": self.keys,
            "window": self.window.as_ref().map(WindowText::json),
            "steps": self.steps,
        })
    }

    fn text(&self) -> String {
        let answer = match self.is_linearizable {
            Some(true) => "linearizable",
            Some(false) => "not linearizable",
            None => "not known: the steps ran out, see --steps",
        };
        let Self { operations, keys, steps, .. } = self;
        let keys = if *keys == 1 { "1 key".into() } else { format!("{keys} keys") };
        let window = self.window.as_ref().map(WindowText::text).unwrap_or_default();
        format!("{answer} ({operations} operations on {keys}, {steps} steps)\n{window}")
    }
}
