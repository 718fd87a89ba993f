//! The same workloads natively and in WebAssembly, in turns.
//!
//! The module is built for the page's target but for speed, not size, and runs in Node.js, whose
//! engine is Chromium's.

use std::path::{Path, PathBuf};
use std::process::Command;

use faultline_bench_workloads::{WORKLOADS, Workload};
use serde_json::{Map, Value, json};

use crate::measure::{self, Effort, rounded, timed};

const TARGET: &str = "wasm32-unknown-unknown";
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/wasm/run.mjs");

/// Measures every workload; says in one sentence why it cannot.
pub(crate) fn section(effort: Effort) -> Value {
    let module = match build() {
        Ok(module) => module,
        Err(reason) => {
            eprintln!("wasm is left out: {reason}");
            return json!({ "left_out": reason });
        }
    };
    let mut report = Map::new();
    for (place, workload) in WORKLOADS.iter().enumerate() {
        report.insert(workload.name.into(), compare(effort, &module, place, workload));
    }
    Value::Object(report)
}

/// Builds the module and returns where it is.
fn build() -> Result<PathBuf, String> {
    let has_node = Command::new("node").arg("--version").output().is_ok();
    if !has_node {
        return Err("there is no Node.js here to run a WebAssembly module with.".into());
    }
    let target = target_folder().ok_or("the folder of this program cannot be found.")?;
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--manifest-path", MANIFEST])
        .args(["--package", "faultline-bench-wasm", "--target", TARGET, "--target-dir"])
        .arg(&target)
        .output()
        .map_err(|error| format!("cargo cannot be started ({error})."))?;
    let module = target.join(TARGET).join("release/faultline_bench_wasm.wasm");
    if output.status.success() {
        return Ok(module);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("may not be installed") || said.contains("can't find crate for `core`") {
        return Err(format!("the Rust in use lacks the {TARGET} target."));
    }
    let first = said.lines().find(|line| line.starts_with("error")).unwrap_or("it says nothing");
    Err(format!("the module does not compile ({first})."))
}

/// This program is two folders below it.
fn target_folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    program.parent().and_then(Path::parent).map(Path::to_path_buf)
}

fn compare(effort: Effort, module: &Path, place: usize, workload: &Workload) -> Value {
    let amount = match effort {
        Effort::Quick => workload.quick,
        Effort::Full => workload.full,
    };
    let native = || timed(|| (workload.work)(amount.into()));
    let wasm = || run(module, place, amount);
    let rates = measure::take_turns(effort, &[&native, &wasm]);
    let ratio = rates[0].zip(rates[1]).map(|(native, wasm)| rounded(wasm / native));
    let mut report = json!({
        "unit": workload.unit,
        "native_per_second": rates[0].map(rounded),
        "wasm_per_second": rates[1].map(rounded),
        "wasm_to_native": ratio,
    });
    if workload.unit == "runs" {
        report["wasm_seconds_for_10000"] = json!(rates[1].map(|rate| rounded(10_000.0 / rate)));
        report["wasm_seconds_for_10000_aim"] = json!(20);
    }
    report
}

/// Runs one workload in Node.js and returns how much of it a second.
fn run(module: &Path, place: usize, amount: u32) -> Option<f64> {
    let warm_up = amount / 10;
    let output = Command::new("node")
        .arg(SCRIPT)
        .arg(module)
        .args([place.to_string(), warm_up.to_string(), amount.to_string()])
        .output()
        .ok()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).ok()?;
    let (done, seconds) = text.trim().split_once(' ')?;
    let (done, seconds): (f64, f64) = (done.parse().ok()?, seconds.parse().ok()?);
    (done > 0.0).then_some(done / seconds)
}
