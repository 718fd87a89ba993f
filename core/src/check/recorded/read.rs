//! Reads the events of a history from text in one of three forms, which tell themselves apart:
//!
//! - Jepsen's log: `INFO  jepsen.util - 0␉:invoke␉:write␉3`, where `␉` is a tab; lines without a tab
//!   are about something else and skipped;
//! - Jepsen's EDN: maps such as `{:process 0, :type :invoke, :f :write, :key "x", :value 3}`, one
//!   after the other or all in one `[…]`;
//! - JSON: the same maps, `{"process": 0, "type": "invoke", "f": "write", "key": "x", "value": 3}`,
//!   again one after the other or all in one `[…]`.
//!
//! `type` is `invoke`, `ok`, `fail` (it certainly did not happen) or `info` (nobody knows). `key` may
//! be left out. Other fields are ignored, and so are events whose process is not a number: Jepsen's
//! nemesis is no client.

use std::fmt;

use clojure_reader::edn::{self, Edn};
use serde_json::Value;

use super::Datum;

/// Deeper lists than these are not values of a history.
const DEPTH_LIMIT: u32 = 32;

/// What happened to an operation.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A process asks.
    Invoke,
    /// It got its answer.
    Ok,
    /// The operation certainly did not happen.
    Fail,
    /// Nobody knows whether it happened.
    Info,
}

/// One event of a recorded history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Where it begins in the text; the first line is 1.
    pub line: usize,
    /// Whose operation it is.
    pub process: u64,
    /// What happened to it.
    pub kind: EventKind,
    /// What is asked for, such as `read`.
    pub function: String,
    /// Whose object, if there are several.
    pub key: Datum,
    /// What is given or answered.
    pub value: Datum,
}

/// A text that is no history, at one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Where; the first line is 1.
    pub line: usize,
    /// What is wrong.
    pub sentence: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.sentence)
    }
}

impl std::error::Error for ReadError {}

/// The fields of an event as the text gives them.
#[derive(Default)]
struct Fields {
    process: Datum,
    kind: Datum,
    function: Datum,
    key: Datum,
    value: Datum,
}

/// Reads the events of a history.
///
/// # Errors
///
/// The first line that is not part of a history, or that there is no event at all.
pub fn read(text: &str) -> Result<Vec<RecordedEvent>, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    let events = if text.trim_start().starts_with(['{', '[', '(', '#', ';']) {
        read_maps(text)?
    } else {
        read_log(text)?
    };
    if events.is_empty() {
        return Err(ReadError { line: 1, sentence: "there is no operation in this text".into() });
    }
    Ok(events)
}

fn read_log(text: &str) -> Result<Vec<RecordedEvent>, ReadError> {
    let mut events = Vec::new();
    for (line, row) in (1..).zip(text.lines()) {
        let mut columns = row.split('\t');
        let (Some(prefix), Some(kind)) = (columns.next(), columns.next()) else { continue };
        let datum = |text: Option<&str>| -> Result<Datum, ReadError> {
            let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
                return Ok(Datum::Nil);
            };
            let wrong = |_| error(line, format!("`{text}` is not EDN"));
            from_edn(&edn::read_string(text).map_err(wrong)?, line, 0)
        };
        let fields = Fields {
            process: datum(prefix.split_whitespace().next_back())?,
            kind: datum(Some(kind))?,
            function: datum(columns.next())?,
            key: Datum::Nil,
            value: datum(columns.next())?,
        };
        events.extend(event(line, fields)?);
    }
    Ok(events)
}

/// Where reading is in a text of maps.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// Skips what separates one map from the next.
    fn skip(&mut self) {
        loop {
            let next = self.rest.trim_start_matches([' ', '\t', '\r', '\n', ',', '\u{c}']);
            let next = match next.strip_prefix(';') {
                Some(comment) => comment.find('\n').map_or("", |end| &comment[end..]),
                None => next,
            };
            if next.len() == self.rest.len() {
                return;
            }
            self.go_on(next);
        }
    }

    fn go_on(&mut self, rest: &'a str) {
        let read = &self.rest[..self.rest.len() - rest.len()];
        self.line += read.matches('\n').count();
        self.rest = rest;
    }
}

fn read_maps(text: &str) -> Result<Vec<RecordedEvent>, ReadError> {
    let mut cursor = Cursor { rest: text, line: 1 };
    cursor.skip();
    let closing = match cursor.rest.chars().next() {
        Some('[') => Some(']'),
        Some('(') => Some(')'),
        _ => None,
    };
    if closing.is_some() {
        let inside = &cursor.rest[1..];
        cursor.go_on(inside);
    }
    let mut events = Vec::new();
    loop {
        cursor.skip();
        if let Some(after) = closing.and_then(|closing| cursor.rest.strip_prefix(closing)) {
            cursor.go_on(after);
            cursor.skip();
            if cursor.rest.is_empty() {
                return Ok(events);
            }
            return Err(error(cursor.line, "something follows the end of the list".into()));
        }
        if cursor.rest.is_empty() {
            if closing.is_some() {
                return Err(error(cursor.line, "the list of events does not end".into()));
            }
            return Ok(events);
        }
        let is_json = cursor
            .rest
            .strip_prefix('{')
            .is_some_and(|inside| inside.trim_start().starts_with('"'));
        let (fields, rest) = if is_json { json(&cursor)? } else { edn(&cursor)? };
        events.extend(event(cursor.line, fields)?);
        cursor.go_on(rest);
    }
}

fn edn<'a>(cursor: &Cursor<'a>) -> Result<(Fields, &'a str), ReadError> {
    let line = cursor.line;
    let (form, rest) = edn::read(cursor.rest)
        .map_err(|wrong| error(line, format!("this is not EDN ({:?})", wrong.code)))?;
    // Since version 0.3 Jepsen writes `#jepsen.history.Op{…}`.
    let mut form = &form;
    while let Edn::Tagged(_, inside) = form {
        form = inside;
    }
    let Edn::Map(map) = form else {
        return Err(error(line, "an event is a map such as {:process 0, :type :invoke, …}".into()));
    };
    let field = |name: &str| {
        map.get(&Edn::key(name.to_owned())).map_or(Ok(Datum::Nil), |it| from_edn(it, line, 0))
    };
    let fields = Fields {
        process: field("process")?,
        kind: field("type")?,
        function: field("f")?,
        key: field("key")?,
        value: field("value")?,
    };
    Ok((fields, rest))
}

fn from_edn(form: &Edn<'_>, line: usize, depth: u32) -> Result<Datum, ReadError> {
    if depth > DEPTH_LIMIT {
        return Err(error(line, "a value has lists within lists beyond reason".into()));
    }
    let list = |items: &mut dyn Iterator<Item = &Edn<'_>>| {
        items.map(|item| from_edn(item, line, depth + 1)).collect::<Result<_, _>>().map(Datum::List)
    };
    match form {
        Edn::Nil => Ok(Datum::Nil),
        Edn::Bool(value) => Ok(Datum::Bool(*value)),
        Edn::Int(number) => Ok(Datum::Integer(*number)),
        Edn::Str(text) | Edn::Key(text) | Edn::Symbol(text) => Ok(Datum::Text(text.to_string())),
        Edn::Vector(items) | Edn::List(items) => list(&mut items.iter()),
        Edn::Set(items) => list(&mut items.iter()),
        Edn::Tagged(_, inside) => from_edn(inside, line, depth + 1),
        Edn::Map(_) | Edn::Double(_) | Edn::Rational(_) | Edn::Char(_) | _ => {
            Ok(Datum::Text(form.to_string()))
        }
    }
}

fn json<'a>(cursor: &Cursor<'a>) -> Result<(Fields, &'a str), ReadError> {
    let line = cursor.line;
    let mut values = serde_json::Deserializer::from_str(cursor.rest).into_iter::<Value>();
    let value = values.next().unwrap_or(Ok(Value::Null));
    let value = value.map_err(|wrong| {
        error(line + wrong.line().saturating_sub(1), format!("this is not JSON ({wrong})"))
    })?;
    let rest = &cursor.rest[values.byte_offset()..];
    let field = |name: &str| value.get(name).map_or(Ok(Datum::Nil), |it| from_json(it, line, 0));
    let fields = Fields {
        process: field("process")?,
        kind: field("type")?,
        function: field("f")?,
        key: field("key")?,
        value: field("value")?,
    };
    Ok((fields, rest))
}

fn from_json(value: &Value, line: usize, depth: u32) -> Result<Datum, ReadError> {
    if depth > DEPTH_LIMIT {
        return Err(error(line, "a value has lists within lists beyond reason".into()));
    }
    Ok(match value {
        Value::Null => Datum::Nil,
        Value::Bool(value) => Datum::Bool(*value),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Datum::Text(number.to_string()), Datum::Integer)
        }
        Value::String(text) => Datum::Text(text.clone()),
        Value::Array(items) => {
            let items = items.iter().map(|item| from_json(item, line, depth + 1));
            Datum::List(items.collect::<Result<_, _>>()?)
        }
        Value::Object(_) => Datum::Text(value.to_string()),
    })
}

/// Makes an event of its fields; `None` if it is no client's.
fn event(line: usize, fields: Fields) -> Result<Option<RecordedEvent>, ReadError> {
    let process = match fields.process {
        Datum::Integer(number) => u64::try_from(number)
            .map_err(|_| error(line, format!("there is no process {number}")))?,
        Datum::Text(_) => return Ok(None),
        Datum::Nil | Datum::Bool(_) | Datum::List(_) => {
            return Err(error(line, "an event needs the number of its process".into()));
        }
    };
    let kind = match fields.kind.text() {
        Some("invoke") => EventKind::Invoke,
        Some("ok") => EventKind::Ok,
        Some("fail") => EventKind::Fail,
        Some("info") => EventKind::Info,
        Some(_) | None => {
            let sentence =
                format!("an event's type is invoke, ok, fail or info, not {}", fields.kind);
            return Err(error(line, sentence));
        }
    };
    let Some(function) = fields.function.text().map(str::to_owned) else {
        return Err(error(line, "an event needs the name of what is asked for".into()));
    };
    Ok(Some(RecordedEvent { line, process, kind, function, key: fields.key, value: fields.value }))
}

fn error(line: usize, sentence: String) -> ReadError {
    ReadError { line, sentence }
}
