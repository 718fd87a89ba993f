//! A recorded document written anew, keystroke by keystroke: edits a second, and bytes a letter of the text in
//! which it ends, tombstones and log included.
//!
//! The recordings are made elsewhere: `FAULTLINE_DATA` names the folder with them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use faultline_core::mechanism::crdt::sequence::Algorithm;
use faultline_tests::editing_trace::EditingTrace;
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

use crate::measure::{self, Effort, rounded, timed};

const DOCUMENTS: [&str; 2] = ["seph-blog1", "json-crdt-blog-post"];
const ALGORITHMS: [(&str, Algorithm); 2] = [("rga", Algorithm::Rga), ("fugue", Algorithm::Fugue)];

fn read(document: &str) -> Option<EditingTrace> {
    let folder = std::env::var_os("FAULTLINE_DATA")?;
    let file = Path::new(&folder).join("editing-traces").join(document).with_extension("json.gz");
    let mut text = String::new();
    GzDecoder::new(File::open(file).ok()?).read_to_string(&mut text).ok()?;
    EditingTrace::read(&text).ok()
}

/// What can be done alone: `fugue seph-blog1`. It returns the number of edits.
pub(crate) fn contestant(name: &str) -> Option<Box<dyn Fn() -> u64>> {
    let (algorithm, document) = name.split_once(' ')?;
    let &(_, algorithm) = ALGORITHMS.iter().find(|(name, _)| *name == algorithm)?;
    let trace = read(document)?;
    Some(Box::new(move || {
        let copy = trace.replay(algorithm);
        assert_eq!(copy.text(), trace.end_content, "the document comes out as it was");
        trace.patches()
    }))
}

/// Measures both algorithms on every document.
pub(crate) fn section(effort: Effort) -> Value {
    let mut report = Map::new();
    for document in DOCUMENTS {
        let Some(trace) = read(document) else {
            return json!("skipped: no data (FAULTLINE_DATA names the folder)");
        };
        let turns = ALGORITHMS.map(|(_, algorithm)| {
            let trace = &trace;
            move || {
                timed(|| {
                    trace.replay(algorithm);
                    trace.patches()
                })
            }
        });
        let turns: Vec<&dyn Fn() -> Option<f64>> = turns.iter().map(|turn| turn as _).collect();
        let rates = measure::take_turns(effort, &turns);
        for ((name, _), rate) in ALGORITHMS.iter().zip(rates) {
            let bytes = measure::alone(&format!("{name} {document}"), None).and_then(|it| it.bytes);
            #[expect(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
            let per_letter = bytes.map(|it| rounded(it as f64 / trace.end_content.len() as f64));
            report.insert(
                format!("{name}_{document}"),
                json!({
                    "edits": trace.patches(),
                    "edits_per_second": rate.map(f64::round),
                    "edits_per_second_aim": 1_000_000,
                    "bytes_a_letter": per_letter,
                }),
            );
        }
    }
    Value::Object(report)
}
