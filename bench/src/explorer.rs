//! Distinct states a second on one thread, and bytes a state: our explorer against Stateright's.
//!
//! Stateright runs twice: on our models, where only the explorers differ, and on models written
//! its own way, which is what its users get. Bytes are the peak growth of the process's memory, the
//! frontier included, over the number of distinct states.

use faultline_bench_workloads::exploring::{self, PaxosSystem, TWO_PHASE_COMMIT};
use faultline_core::check::Traversal;
use serde_json::{Map, Value, json};

use crate::measure::{self, Effort, rounded, timed};
use crate::stateright_peer::{self, Adapter};
use crate::stateright_way;

/// What can be explored, by name: `ours bfs two_phase_commit_7`.
pub(crate) fn contestant(name: &str) -> Option<Box<dyn Fn() -> u64>> {
    let [who, order, model] = name.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let order = match order {
        "bfs" => Traversal::BreadthFirst,
        "dfs" => Traversal::DepthFirst,
        _ => return None,
    };
    Some(match (who, model) {
        ("ours", "two_phase_commit_7") => Box::new(move || exploring::two_phase_commit(order)),
        ("ours", "paxos_3_clients") => Box::new(move || exploring::paxos(order)),
        ("stateright", "two_phase_commit_7") => {
            Box::new(move || stateright_peer::explore(Adapter(TWO_PHASE_COMMIT), order))
        }
        ("stateright", "paxos_3_clients") => {
            Box::new(move || stateright_peer::explore(Adapter(PaxosSystem::new()), order))
        }
        ("stateright_way", "two_phase_commit_7") => {
            Box::new(move || stateright_peer::explore(stateright_way::TwoPhaseCommit(7), order))
        }
        ("stateright_way", "paxos_3_clients") => {
            Box::new(move || stateright_peer::explore(stateright_way::paxos(3), order))
        }
        _ => return None,
    })
}

/// Measures every model in both orders.
pub(crate) fn section(effort: Effort) -> Value {
    let mut report = Map::new();
    for model in ["two_phase_commit_7", "paxos_3_clients"] {
        for order in ["bfs", "dfs"] {
            report.insert(format!("{model}_{order}"), compare(effort, order, model));
        }
    }
    Value::Object(report)
}

fn compare(effort: Effort, order: &str, model: &str) -> Value {
    let names =
        ["ours", "stateright", "stateright_way"].map(|who| format!("{who} {order} {model}"));
    let explorers: Vec<_> = names.iter().filter_map(|name| contestant(name)).collect();
    let counts: Vec<u64> = explorers.iter().map(|explore| explore()).collect();
    assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "{model}: {counts:?}");
    let turns: Vec<_> = explorers.iter().map(|explore| move || timed(explore)).collect();
    let turns: Vec<&dyn Fn() -> Option<f64>> = turns.iter().map(|turn| turn as _).collect();
    let rates: Vec<f64> = measure::take_turns(effort, &turns).into_iter().flatten().collect();
    let bytes: Vec<Option<f64>> = names.iter().map(|name| bytes_a_state(name)).collect();
    json!({
        "distinct_states": counts[0],
        "ours_states_per_second": rates[0].round(),
        "stateright_states_per_second": rates[1].round(),
        "stateright_way_states_per_second": rates[2].round(),
        "ratio": rounded(rates[0] / rates[1]),
        "ratio_to_stateright_way": rounded(rates[0] / rates[2]),
        "ours_bytes_a_state": bytes[0],
        "stateright_bytes_a_state": bytes[1],
        "stateright_way_bytes_a_state": bytes[2],
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn bytes_a_state(name: &str) -> Option<f64> {
    let alone = measure::alone(name, None)?;
    Some(rounded(alone.bytes? as f64 / alone.done as f64))
}
