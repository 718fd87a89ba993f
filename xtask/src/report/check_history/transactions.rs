//! The judgement of a history of transactions, as a report and as text.

use std::fmt::Write as _;

use faultline_core::check::recorded::{
    self, ReadError, RecordedEvent, RecordedTransactions, Values,
};
use faultline_core::check::transactions::{Anomaly, Isolation, Precedence, anomalies};
use serde_json::{Value, json};

use super::Judgement;

/// Judges whether transactions were isolated so well.
pub(super) fn isolated(
    events: &[RecordedEvent],
    values: Values,
    isolation: Isolation,
    precedence: Precedence,
) -> Result<Judgement, ReadError> {
    let recorded = recorded::transactions(events, values)?;
    let found = anomalies(&recorded.history, precedence);
    let mut found = found.map_err(|duplicate| {
        let second = &recorded.history.operations()[duplicate.transactions[1]];
        ReadError { line: recorded.lines[second.invoked], sentence: duplicate.to_string() }
    })?;
    found.retain(|anomaly| isolation.forbids(anomaly.kind));
    let operations = recorded.history.operations().len();
    let name = match precedence {
        Precedence::Dependencies => isolation.key().to_owned(),
        Precedence::RealTime => format!("{} in real time", isolation.key()),
    };
    let not = if found.is_empty() { "" } else { "not " };
    let mut text = format!("{not}{name} ({operations} transactions)\n");
    for anomaly in &found {
        _ = writeln!(text, "{}:", anomaly.kind.name());
        for reason in &anomaly.reasons {
            _ = writeln!(text, "  {reason}");
        }
        let lines = lines(anomaly, &recorded);
        let lines = lines.iter().map(|(number, line)| format!("T{number} line {line}"));
        _ = writeln!(text, "  ({})", lines.collect::<Vec<_>>().join(", "));
    }
    let json = json!({
        "isolation": isolation.key(),
        "real_time": precedence == Precedence::RealTime,
        "holds": found.is_empty(),
        "operations": operations,
        "anomalies": found.iter().map(|it| json(it, &recorded)).collect::<Vec<_>>(),
    });
    Ok(Judgement { json, text })
}

/// Returns the transactions of an anomaly with the lines of their invocations.
fn lines(anomaly: &Anomaly, recorded: &RecordedTransactions) -> Vec<(usize, usize)> {
    let line = |number: &usize| {
        let transaction = &recorded.history.operations()[*number];
        (*number, recorded.lines[transaction.invoked])
    };
    anomaly.transactions.iter().map(line).collect()
}

fn json(anomaly: &Anomaly, recorded: &RecordedTransactions) -> Value {
    let transactions = lines(anomaly, recorded).into_iter();
    let transactions = transactions.map(|(number, line)| json!({ "number": number, "line": line }));
    json!({
        "name": anomaly.kind.name(),
        "transactions": transactions.collect::<Vec<_>>(),
        "dependencies": anomaly.cycle.iter().map(|it| it.kind.name()).collect::<Vec<_>>(),
        "reasons": anomaly.reasons,
    })
}
