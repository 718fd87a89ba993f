//! Judging a history of 10,000 operations on 100 registers: ours key by key, ours as one object, and
//! Stateright's tester, as one object and with the keys taken apart for it.
//!
//! Each runs in a process of its own with a limit of time, because some of them never end.

use std::collections::BTreeMap;
use std::time::Duration;

use faultline_core::check::history::{
    At, Completion, Finding, History, Keyed, Register, RegisterAnswer, RegisterCall, linearizable,
    linearizable_by_key,
};
use faultline_core::sim::Stream;
use serde_json::{Value, json};

use crate::measure::{self, Effort, rounded};
use crate::stateright_peer;

/// How many clients there are at a time.
const CLIENTS: usize = 10;
/// How many registers there are.
const KEYS: u64 = 100;
/// One operation in so many is never answered.
const OPERATIONS_PER_UNKNOWN: u64 = 500;
/// What is written is one of so many values, so that a value read does not tell who wrote it.
const VALUES: u64 = 5;
/// Calls tried at most where the whole history is one object.
const STEP_LIMIT: u64 = 5_000_000;

/// What clients saw: calls and answers of registers by key.
pub(crate) type Registers = History<At<u64, RegisterCall<u64>>, RegisterAnswer<u64>>;

/// A client with an operation under way.
struct Pending {
    process: u64,
    call: At<u64, RegisterCall<u64>>,
    answer: Option<RegisterAnswer<u64>>,
}

/// Makes the history of so many operations of clients that act at random on registers that take one
/// call at a time: each operation is invoked, takes effect some time later, and returns later still.
fn make_history(operations: u64) -> Registers {
    let mut stream = Stream::new(1, "a history of registers");
    let mut history = History::new();
    let mut registers: BTreeMap<u64, u64> = BTreeMap::new();
    let mut clients: Vec<Option<Pending>> = (0..CLIENTS).map(|_| None).collect();
    let mut next_process = 0..;
    let mut begun = 0;
    while begun < operations || clients.iter().any(Option::is_some) {
        let client = &mut clients[stream.index(CLIENTS)];
        match client.take() {
            None if begun == operations => {}
            None => {
                begun += 1;
                let key = stream.range(0, KEYS - 1);
                let is_read = stream.chance(50);
                let value = stream.range(0, VALUES - 1);
                let input = if is_read { RegisterCall::Read } else { RegisterCall::Write(value) };
                let call = At { key, input };
                // A new name each time: one that has lost an operation may not go on.
                let process = next_process.next().unwrap_or_default();
                history.invoke(process, call.clone()).expect("a new process is idle");
                *client = Some(Pending { process, call, answer: None });
            }
            Some(pending) if pending.answer.is_none() => {
                let held = registers.entry(pending.call.key).or_default();
                let answer = if let RegisterCall::Write(value) = pending.call.input {
                    *held = value;
                    RegisterAnswer::Written
                } else {
                    RegisterAnswer::Value(*held)
                };
                *client = Some(Pending { answer: Some(answer), ..pending });
            }
            Some(Pending { process, answer, .. }) => {
                let is_lost = stream.range(1, OPERATIONS_PER_UNKNOWN) == 1;
                let answer = answer.filter(|_| !is_lost);
                let completion = answer.map_or(Completion::Unknown, Completion::Answered);
                history.complete(process, completion).expect("the process has it open");
            }
        }
    }
    history
}

/// What can be judged alone: `ours by_key 10000`. It returns the number of operations judged, 0 if
/// the answer is not known; all histories are linearizable.
pub(crate) fn contestant(name: &str) -> Option<Box<dyn Fn() -> u64>> {
    let [who, way, operations] = name.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let history = make_history(operations.parse().ok()?);
    let judge: fn(&Registers) -> Option<bool> = match (who, way) {
        ("ours", "by_key") => |history| {
            let register = Register { initial: 0 };
            linearizable_by_key(&register, history, u64::MAX).is_linearizable()
        },
        ("ours", "whole") => |history| {
            let registers = Keyed::new(Register { initial: 0 });
            match linearizable(&registers, history, STEP_LIMIT).finding {
                Finding::Possible(_) => Some(true),
                Finding::Impossible(_) => Some(false),
                Finding::Unknown => None,
            }
        },
        ("stateright", way) => {
            // Put into its terms, and the keys taken apart, before the clock starts.
            let parts = stateright_peer::parts(&history, way == "by_key");
            return ["by_key", "whole"].contains(&way).then(|| -> Box<dyn Fn() -> u64> {
                Box::new(move || {
                    assert!(stateright_peer::are_linearizable(&parts), "registers made it");
                    history.operations().len() as u64
                })
            });
        }
        _ => return None,
    };
    Some(Box::new(move || {
        let answer = judge(&history);
        assert_ne!(answer, Some(false), "the history was made by registers");
        if answer.is_some() { history.operations().len() as u64 } else { 0 }
    }))
}

/// Measures the judges.
pub(crate) fn section(effort: Effort) -> Value {
    let (operations, limit) = match effort {
        Effort::Quick => (1_000, Duration::from_secs(5)),
        Effort::Full => (10_000, Duration::from_mins(1)),
    };
    let names = ["ours by_key", "ours whole", "stateright by_key", "stateright whole"];
    let seconds = names.map(|name| {
        // Milliseconds are worth repeating; what ends at the limit is not.
        let name = format!("{name} {operations}");
        let mut times = Vec::new();
        for _ in 0..effort.rounds() {
            let Some(alone) = measure::alone(&name, Some(limit)).filter(|it| it.done > 0) else {
                break;
            };
            times.push(alone.seconds);
        }
        measure::percentile(times, 50)
    });
    let [ours, whole, peer_by_key, peer_whole] = seconds;
    let time = |seconds: Option<f64>| match seconds {
        Some(seconds) => json!(measure::significant(seconds)),
        None => json!(format!("no answer within {} s or the limit of steps", limit.as_secs())),
    };
    let ratio = |other: Option<f64>| Some(rounded(other? / ours?));
    let unknown = make_history(operations);
    let unknown = unknown.operations().iter().filter(|it| it.completion == Completion::Unknown);
    json!({
        "operations": operations,
        "keys": KEYS,
        "of_unknown_outcome": unknown.count(),
        "ours_by_key_seconds": time(ours),
        "ours_whole_seconds": time(whole),
        "stateright_by_key_seconds": time(peer_by_key),
        "stateright_whole_seconds": time(peer_whole),
        "ratio_to_ours_whole": ratio(whole),
        "ratio_to_stateright_by_key": ratio(peer_by_key),
        "ratio_to_stateright_whole": ratio(peer_whole),
    })
}
