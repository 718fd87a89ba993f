//! Registers that are known to be broken, and one that is not, used by several clients at once.

use std::collections::BTreeMap;

use faultline_core::check::history::{
    Completion, Finding, History, Register, RegisterAnswer, RegisterCall, linearizable,
};
use faultline_core::sim::Stream;

const PLENTY: u64 = 1_000_000;
const CLIENTS: u64 = 4;
const OPERATIONS: u64 = 150;

/// What is wrong with a register.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Some reads are answered by a copy that is behind.
    StaleRead,
    /// Some writes are acknowledged and forgotten.
    LostWrite,
    /// Some writes without an answer take effect twice, the second time much later.
    RepeatedWrite,
}

/// Lets clients use a register, each value written once; every call takes effect between its
/// invocation and its answer, but for the fault.
fn run(fault: Fault, seed: u64) -> History<RegisterCall<u64>, RegisterAnswer<u64>> {
    let mut stream = Stream::new(seed, "faulty");
    let mut history = History::new();
    let mut waiting: BTreeMap<u64, RegisterCall<u64>> = BTreeMap::new();
    let mut effects: BTreeMap<u64, RegisterAnswer<u64>> = BTreeMap::new();
    let mut clients: Vec<u64> = (0..CLIENTS).collect();
    let (mut value, mut behind, mut again) = (0, 0, Vec::new());
    let mut written = 0;
    while (history.operations().len() as u64) < OPERATIONS || !waiting.is_empty() {
        let slot = stream.index(clients.len());
        let client = clients[slot];
        if stream.chance(6) {
            value = again.pop().unwrap_or(value);
        }
        let Some(call) = waiting.get(&client) else {
            if (history.operations().len() as u64) < OPERATIONS {
                written += 1;
                let call = if stream.chance(50) {
                    RegisterCall::Read
                } else {
                    RegisterCall::Write(written)
                };
                history.invoke(client, call.clone()).expect("the process is free");
                waiting.insert(client, call);
            }
            continue;
        };
        if let Some(answer) = effects.remove(&client) {
            let is_lost = stream.chance(if fault == Fault::RepeatedWrite { 10 } else { 4 });
            if let (true, Fault::RepeatedWrite, RegisterCall::Write(written)) =
                (is_lost, fault, call)
            {
                again.push(*written);
            }
            waiting.remove(&client);
            if is_lost {
                clients[slot] += CLIENTS;
                history.complete(client, Completion::Unknown).expect("the process waits");
            } else {
                history.complete(client, Completion::Answered(answer)).expect("the process waits");
            }
            continue;
        }
        let is_faulty = stream.chance(20);
        let answer = match call {
            RegisterCall::Write(_) if is_faulty && fault == Fault::LostWrite => {
                RegisterAnswer::Written
            }
            RegisterCall::Write(written) => {
                behind = value;
                value = *written;
                RegisterAnswer::Written
            }
            RegisterCall::Read if is_faulty && fault == Fault::StaleRead => {
                RegisterAnswer::Value(behind)
            }
            RegisterCall::Read | RegisterCall::CompareAndSet { .. } => RegisterAnswer::Value(value),
        };
        effects.insert(client, answer);
    }
    history
}

/// Returns how many of a hundred histories are linearizable.
fn passes(fault: Fault) -> usize {
    let judge = |seed| {
        let report = linearizable(&Register { initial: 0 }, &run(fault, seed), PLENTY);
        match report.finding {
            Finding::Possible(_) => true,
            Finding::Impossible(window) => {
                assert!(window.is_complete && !window.states.is_empty());
                false
            }
            Finding::Unknown => panic!("{PLENTY} steps do not suffice for seed {seed}"),
        }
    };
    (1..=100).filter(|seed| judge(*seed)).count()
}

#[test]
fn a_correct_register_always_passes() {
    assert_eq!(passes(Fault::None), 100);
}

#[test]
fn broken_registers_are_caught() {
    // Some runs are not hit, or where no client can tell: a write whose first effect nobody saw may
    // well have had only the second.
    for (fault, most) in
        [(Fault::StaleRead, 10), (Fault::LostWrite, 30), (Fault::RepeatedWrite, 60)]
    {
        let passes = passes(fault);
        eprintln!("{fault:?}: {passes} of 100 histories show nothing of it");
        assert!(passes <= most, "{fault:?}: {passes} of 100 pass");
    }
}
