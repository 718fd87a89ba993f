//! Measures Faultline against its peers, side by side in one run, and prints ratios as JSON.
//!
//! Absolute figures say as much about the machine as about the program; a ratio of two programs that
//! take turns on one machine says more. So every section runs its contestants alternately, several
//! times, and reports the median of each and their ratio.
//!
//! `faultline-bench [--json] [--quick] [SECTION …]` prints one JSON object with a member for each
//! section; with `--json` on one line. Sections: see [`SECTIONS`].

mod explorer;
mod measure;
mod ping_pong;
mod stateright_peer;
mod stateright_way;
mod turmoil_peer;

use std::process::ExitCode;

use serde_json::{Map, Value};

use measure::Effort;

/// A part of the report: its name, and what measures it.
type Section = (&'static str, fn(Effort) -> Value);

/// All parts, in the order in which they are measured.
const SECTIONS: [Section; 2] = [("explorer", explorer::section), ("ping_pong", ping_pong::section)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, what] = arguments.as_slice()
        && flag == measure::MEMORY_FLAG
    {
        return explorer::measure_memory(what);
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
                return ExitCode::FAILURE;
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
