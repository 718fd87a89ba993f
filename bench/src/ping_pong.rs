//! Messages a second on one thread: pairs of nodes that exchange datagrams without end, in our
//! kernel, in madsim and in turmoil. Every message takes 1 to 10 ms of virtual time.
//!
//! Ours is measured twice: with a journal that keeps nothing, which is what the peers do, and with a
//! fact for each message and a journal of every event, message, cause and fact, which is what the
//! screen needs.

use std::process::Command;

use faultline_bench_workloads::ping_pong::play;
use serde_json::{Map, Value, json};

use crate::measure::{self, Effort, rounded, timed};
use crate::turmoil_peer;

/// Where madsim's side is; it is built when it is first asked for.
const MADSIM_MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/madsim/Cargo.toml");

/// Measures one, five and twenty-five pairs.
pub(crate) fn section(effort: Effort) -> Value {
    let mut report = Map::new();
    report.insert("1_pair".into(), compare::<1>(effort));
    report.insert("5_pairs".into(), compare::<5>(effort));
    report.insert("25_pairs".into(), compare::<25>(effort));
    Value::Object(report)
}

fn compare<const PAIRS: u16>(effort: Effort) -> Value {
    let messages = match effort {
        Effort::Quick => 20_000,
        Effort::Full => 200_000,
    };
    let ours = || timed(|| play::<PAIRS, false>(false, 5 * messages));
    let recorded = || timed(|| play::<PAIRS, true>(true, 5 * messages));
    let turmoil = || timed(|| turmoil_peer::ping_pong(PAIRS, messages / 5));
    let madsim = || madsim(PAIRS, messages);
    // The first run of madsim builds it.
    let is_there = madsim().is_some();
    let contestants: [&dyn Fn() -> Option<f64>; 4] = [&ours, &recorded, &turmoil, &madsim];
    let count = if is_there { 4 } else { 3 };
    let rates = measure::take_turns(effort, &contestants[..count]);
    let rate = |index: usize| rates.get(index).copied().flatten();
    let ratio = |ours: usize, other: usize| Some(rounded(rate(ours)? / rate(other)?));
    json!({
        "ours_messages_per_second": rate(0).map(f64::round),
        "ours_facts_and_causes_messages_per_second": rate(1).map(f64::round),
        "turmoil_messages_per_second": rate(2).map(f64::round),
        "madsim_messages_per_second": rate(3).map(f64::round),
        "ratio_to_turmoil": ratio(0, 2),
        "ratio_to_madsim": ratio(0, 3),
        "facts_and_causes_ratio_to_madsim": ratio(1, 3),
    })
}

/// Runs madsim's side in a process of its own and returns the messages a second it says it did.
fn madsim(pairs: u16, messages: u64) -> Option<f64> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--manifest-path", MADSIM_MANIFEST, "--"])
        .args([pairs.to_string(), messages.to_string()])
        .env("RUSTFLAGS", "--cfg madsim")
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
