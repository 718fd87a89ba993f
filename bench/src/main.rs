//! Measures Faultline against its peers, side by side in one run, and prints ratios as JSON.
//!
//! Absolute figures say as much about the machine as about the program; a ratio of two programs that
//! take turns on one machine says more. So every section runs its contestants alternately, several
//! times, and reports the median of each and their ratio. Seconds are seconds of the processor.
//!
//! `faultline-bench [--json] [--quick] [SECTION …]` prints one JSON object with a member for each
//! section; with `--json` on one line. Sections: see [`SECTIONS`].

mod explorer;
mod linearizability;
mod measure;
mod ping_pong;
mod run;
mod sequence;
mod stateright_peer;
mod stateright_way;
mod turmoil_peer;
mod wasm;

use std::process::ExitCode;

use serde_json::{Map, Value};

use measure::Effort;

/// A part of the report: its name, and what measures it.
type Section = (&'static str, fn(Effort) -> Value);

/// All parts, in the order in which they are measured.
const SECTIONS: [Section; 6] = [
    ("explorer", explorer::section),
    ("linearizability", linearizability::section),
    ("ping_pong", ping_pong::section),
    ("run", run::section),
    ("sequence", sequence::section),
    ("wasm", wasm::section),
];

/// The exit status for arguments that mean nothing.
const BAD_ARGUMENTS: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, what] = arguments.as_slice()
        && flag == measure::ALONE_FLAG
    {
        return alone(what);
    }
    let mut is_compact = false;
    let mut effort = Effort::Full;
    let mut chosen = Vec::new();
    for argument in &arguments {
        match argument.as_str() {
            "--json" => is_compact = true,
            "--quick" => effort = Effort::Quick,
            name if SECTIONS.iter().any(|(known, _)| *known == name) => chosen.push(name),
            other => {
                let known: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
                eprintln!("“{other}” is no section; there are: {}.", known.join(", "));
                return ExitCode::from(BAD_ARGUMENTS);
            }
        }
    }
    let mut report = Map::new();
    for (name, measure) in SECTIONS {
        if chosen.is_empty() || chosen.contains(&name) {
            eprintln!("measuring: {name}");
            report.insert(name.to_owned(), measure(effort));
        }
    }
    let report = Value::Object(report);
    if is_compact {
        println!("{report}");
    } else {
        println!("{report:#}");
    }
    ExitCode::SUCCESS
}

/// Does one thing and prints how much it was, how long it took and how much memory.
fn alone(what: &str) -> ExitCode {
    let contestant = explorer::contestant(what)
        .or_else(|| run::contestant(what))
        .or_else(|| sequence::contestant(what))
        .or_else(|| linearizability::contestant(what));
    let Some(work) = contestant else { return ExitCode::from(BAD_ARGUMENTS) };
    measure::print_alone(work);
    ExitCode::SUCCESS
}
