//! What is to be judged, and by which measure.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use faultline_core::check::history::{FifoQueue, Lock, Register, TextRegister};
use faultline_core::check::recorded::{self, Datum, ReadError, Recorded, RecordedEvent, Values};
use faultline_core::check::transactions::{Isolation, Precedence};
use lexopt::prelude::*;

use super::{object, transactions};
use crate::BadArguments;
use crate::report::output;

/// Calls tried before the answer is that nobody knows: some seconds, and less than a gigabyte.
const USUAL_STEPS: u64 = 5_000_000;

/// What the command line says.
#[derive(Debug)]
struct Request {
    model: Model,
    consistency: Consistency,
    file: PathBuf,
    is_json: bool,
    steps: u64,
}

/// What the history is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Model {
    Register,
    KeyValue,
    Queue,
    Lock,
    ListAppend,
    ReadWriteRegister,
}

/// What is asked of the history.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Consistency {
    Linearizable,
    Sequential,
    Isolated(Isolation, Precedence),
}

/// What was found.
#[derive(Debug)]
pub(super) struct Judgement {
    /// As a report.
    pub(super) json: serde_json::Value,
    /// For a person.
    pub(super) text: String,
}

/// `cargo xtask check-history --model cas-register FILE`.
pub(crate) fn main(arguments: lexopt::Parser) -> Result<()> {
    let request = Request::read(arguments)?;
    let name = request.file.display();
    let unreadable = |error| BadArguments(format!("{name} cannot be read: {error}"));
    let text = fs::read_to_string(&request.file).map_err(unreadable)?;
    let judged = request.judge(&text);
    let judgement = judged.map_err(|error| BadArguments(format!("{name}, {error}")))?;
    if request.is_json {
        return output::print(&judgement.json);
    }
    Ok(io::stdout().lock().write_all(judgement.text.as_bytes())?)
}

impl Request {
    fn read(mut arguments: lexopt::Parser) -> Result<Self> {
        let (mut model, mut consistency, mut file) = (None, None, None);
        let (mut is_json, mut steps) = (false, USUAL_STEPS);
        while let Some(argument) = arguments.next()? {
            match argument {
                Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
                Long("model") => model = Some(Model::named(&arguments.value()?.string()?)?),
                Long("consistency") => {
                    consistency = Some(Consistency::named(&arguments.value()?.string()?)?);
                }
                Long("steps") => steps = arguments.value()?.parse()?,
                Long("json") => is_json = true,
                other @ (Value(_) | Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let bad = |sentence: &str| BadArguments(sentence.into());
        let model = model.ok_or_else(|| bad("check-history needs --model, such as --model kv"))?;
        let file = file.ok_or_else(|| bad("check-history needs a file with a history"))?;
        let consistency = consistency.unwrap_or_else(|| model.usual_consistency());
        let is_isolated = |it| matches!(it, Consistency::Isolated(..));
        if is_isolated(consistency) != is_isolated(model.usual_consistency()) {
            let sentence = "list-append and rw-register are judged by an isolation, such as \
                            serializable; the others are linearizable or sequential";
            return Err(bad(sentence).into());
        }
        Ok(Self { model, consistency, file, is_json, steps })
    }

    fn judge(&self, text: &str) -> Result<Judgement, ReadError> {
        let events = recorded::read(text)?;
        match self.model {
            Model::Register => self.judge_object::<Register<Datum>>(&events),
            Model::KeyValue => self.judge_object::<TextRegister>(&events),
            Model::Queue => self.judge_object::<FifoQueue<Datum>>(&events),
            Model::Lock => self.judge_object::<Lock>(&events),
            Model::ListAppend => self.judge_transactions(&events, Values::Lists),
            Model::ReadWriteRegister => self.judge_transactions(&events, Values::Registers),
        }
    }

    fn judge_object<S: Recorded + Clone>(
        &self,
        events: &[RecordedEvent],
    ) -> Result<Judgement, ReadError> {
        if self.consistency == Consistency::Sequential {
            return object::sequential::<S>(events, self.steps);
        }
        object::linearizable::<S>(events, self.steps)
    }

    fn judge_transactions(
        &self,
        events: &[RecordedEvent],
        values: Values,
    ) -> Result<Judgement, ReadError> {
        let (isolation, precedence) = match self.consistency {
            Consistency::Isolated(isolation, precedence) => (isolation, precedence),
            Consistency::Linearizable | Consistency::Sequential => {
                (Isolation::Serializable, Precedence::Dependencies)
            }
        };
        transactions::isolated(events, values, isolation, precedence)
    }
}

impl Model {
    fn named(name: &str) -> Result<Self> {
        Ok(match name {
            "register" | "cas-register" => Self::Register,
            "kv" => Self::KeyValue,
            "queue" => Self::Queue,
            "lock" => Self::Lock,
            "list-append" => Self::ListAppend,
            "rw-register" => Self::ReadWriteRegister,
            _ => {
                let sentence = format!(
                    "--model takes register, cas-register, kv, queue, lock, list-append or \
                     rw-register, not `{name}`"
                );
                return Err(BadArguments(sentence).into());
            }
        })
    }

    fn usual_consistency(self) -> Consistency {
        match self {
            Self::Register | Self::KeyValue | Self::Queue | Self::Lock => Consistency::Linearizable,
            Self::ListAppend | Self::ReadWriteRegister => {
                Consistency::Isolated(Isolation::Serializable, Precedence::Dependencies)
            }
        }
    }
}

impl Consistency {
    fn named(name: &str) -> Result<Self> {
        let plain = Isolation::ALL.into_iter().find(|isolation| isolation.key() == name);
        if let Some(isolation) = plain {
            return Ok(Self::Isolated(isolation, Precedence::Dependencies));
        }
        Ok(match name {
            "linearizable" => Self::Linearizable,
            "sequential" => Self::Sequential,
            "strong-snapshot-isolation" => {
                Self::Isolated(Isolation::SnapshotIsolation, Precedence::RealTime)
            }
            "strict-serializable" => Self::Isolated(Isolation::Serializable, Precedence::RealTime),
            _ => {
                let sentence = format!(
                    "--consistency takes linearizable, sequential, read-uncommitted, \
                     read-committed, snapshot-isolation, strong-snapshot-isolation, serializable \
                     or strict-serializable, not `{name}`"
                );
                return Err(BadArguments(sentence).into());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: &[&str]) -> Result<Request> {
        Request::read(lexopt::Parser::from_args(words))
    }

    fn judge(words: &[&str], text: &str) -> Judgement {
        request(words).unwrap().judge(text).unwrap()
    }

    const STALE: &str = "\
        {:process 0, :type :invoke, :f :write, :value 1}\n\
        {:process 0, :type :ok, :f :write, :value 1}\n\
        {:process 1, :type :invoke, :f :read, :value nil}\n\
        {:process 1, :type :ok, :f :read, :value nil}\n";

    const SKEW: &str = "\
        {:process 0, :type :invoke, :f :txn, :value [[:r x nil] [:append y 1]]}\n\
        {:process 1, :type :invoke, :f :txn, :value [[:r y nil] [:append x 2]]}\n\
        {:process 0, :type :ok, :f :txn, :value [[:r x []] [:append y 1]]}\n\
        {:process 1, :type :ok, :f :txn, :value [[:r y []] [:append x 2]]}\n";

    #[test]
    fn a_stale_read_is_reported_with_its_window() {
        let judgement = judge(&["--model", "register", "FILE"], STALE);
        let json = &judgement.json;
        assert_eq!(json["linearizable"], false);
        assert_eq!((&json["operations"], &json["keys"]), (&2.into(), &1.into()));
        let window = &json["window"];
        assert_eq!((&window["first_line"], &window["last_line"]), (&3.into(), &4.into()));
        assert_eq!(window["refused"]["answer"], "nil");
        assert_eq!(window["states"][0]["answer"], "1");
        assert_eq!(window["order_lines"], serde_json::json!([1]));
        assert!(json["steps"].as_u64() > Some(0));
        assert!(judgement.text.contains("line 3: process 1: read → nil fits no order"));
        let words = ["--model", "register", "FILE", "--consistency", "sequential"];
        assert_eq!(judge(&words, STALE).json["sequential"], true);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let judgement = judge(&["--model", "register", "FILE", "--steps", "0"], STALE);
        assert!(judgement.json["linearizable"].is_null() && judgement.json["window"].is_null());
        assert_eq!(judgement.json["steps"], 0);
        assert!(judgement.text.starts_with("not known"));
    }

    #[test]
    fn a_process_that_goes_back_in_time_is_not_sequential() {
        let words = ["--model", "register", "FILE", "--consistency", "sequential"];
        let judgement = judge(&words, &STALE.replace(":process 1", ":process 0"));
        assert_eq!(judgement.json["sequential"], false);
        assert_eq!(judgement.json["standstill"]["refused"][0]["answer"], "1");
    }

    #[test]
    fn write_skew_is_serializable_to_nobody_but_a_snapshot() {
        let words = ["--model", "list-append", "FILE"];
        let judgement = judge(&words, SKEW);
        assert_eq!(judgement.json["holds"], false);
        let anomaly = &judgement.json["anomalies"][0];
        assert_eq!(anomaly["name"], "G2-item");
        assert_eq!(anomaly["dependencies"], serde_json::json!(["rw", "rw"]));
        assert_eq!(anomaly["transactions"][1]["line"], 2);
        assert!(judgement.text.contains("G2-item:\n  T0 read nothing in x, and T1 later wrote 2"));
        for kind in ["snapshot-isolation", "strong-snapshot-isolation", "read-committed"] {
            let words = ["--model", "list-append", "FILE", "--consistency", kind];
            assert_eq!(judge(&words, SKEW).json["holds"], true, "{kind}");
        }
    }

    #[test]
    fn bad_arguments_and_bad_files_are_one_sentence() {
        let bad: [&[&str]; 6] = [
            &["FILE"],
            &["--model", "kv"],
            &["--model", "tree", "FILE"],
            &["--model", "kv", "FILE", "--consistency", "eventual"],
            &["--model", "kv", "FILE", "--consistency", "serializable"],
            &["--model", "list-append", "FILE", "--consistency", "linearizable"],
        ];
        for words in bad {
            let error = request(words).unwrap_err();
            assert!(error.is::<BadArguments>(), "{words:?}");
            assert!(!error.to_string().contains('\n'));
        }
        assert!(request(&["--model", "kv", "FILE", "more"]).unwrap_err().is::<lexopt::Error>());
        let missing = main(lexopt::Parser::from_args(["--model", "kv", "no such file"]));
        assert!(missing.unwrap_err().is::<BadArguments>());
        let request = request(&["--model", "rw-register", "FILE"]).unwrap();
        assert_eq!(request.judge(SKEW).unwrap_err().line, 1);
    }
}
