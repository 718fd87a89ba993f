//! Transactions that are tried again, and registers that do not give away who overwrote whom.

use faultline_core::check::recorded::{self, Values};
use faultline_core::check::transactions::{
    AnomalyKind, DuplicateWrite, Isolation, Precedence, anomalies,
};

/// Judges transactions that come one after the other, each with how it ended.
fn judge(
    transactions: &[(&str, &str)],
    values: Values,
) -> Result<Vec<AnomalyKind>, DuplicateWrite> {
    let mut text = String::new();
    for ((kind, steps), process) in transactions.iter().zip(0..) {
        let event =
            |kind| format!("{{:process {process}, :type {kind}, :f :txn, :value {steps}}}\n");
        text += &event(":invoke");
        text += &event(kind);
    }
    let events = recorded::read(&text).expect("it is EDN");
    let recorded = recorded::transactions(&events, values).expect("it is a history");
    let found = anomalies(&recorded.history, Precedence::Dependencies)?;
    Ok(found.into_iter().map(|anomaly| anomaly.kind).collect())
}

#[track_caller]
fn expect(transactions: &[(&str, &str)], expected: &[AnomalyKind]) {
    assert_eq!(judge(transactions, Values::Registers), Ok(expected.to_vec()));
    // The same on lists.
    let on_lists = |steps: &&str| {
        let steps = steps.replace(":w", ":append");
        ["1", "2"].iter().fold(steps, |steps, value| {
            steps.replace(&format!("[:r x {value}]"), &format!("[:r x [{value}]]"))
        })
    };
    let lists: Vec<(&str, String)> =
        transactions.iter().map(|(kind, steps)| (*kind, on_lists(steps))).collect();
    let lists: Vec<(&str, &str)> = lists.iter().map(|(kind, steps)| (*kind, &**steps)).collect();
    assert_eq!(judge(&lists, Values::Lists), Ok(expected.to_vec()), "{lists:?}");
}

const READS: (&str, &str) = (":ok", "[[:r x 1]]");
const WRITES: (&str, &str) = (":ok", "[[:w x 1]]");
const FAILS: (&str, &str) = (":fail", "[[:w x 1]]");
const LOST: (&str, &str) = (":info", "[[:w x 1]]");

#[test]
fn a_failed_attempt_is_not_the_writer_of_what_a_later_one_wrote() {
    expect(&[FAILS, WRITES, READS], &[]);
    expect(&[WRITES, FAILS, READS], &[]);
    expect(&[FAILS, LOST, READS], &[]);
    expect(&[FAILS, FAILS, READS], &[AnomalyKind::G1a]);
    expect(&[FAILS, FAILS, WRITES, FAILS, READS], &[]);
}

/// Whose value it is that was read, nobody knows; so that one of the two wrote it twice is no proof of
/// an intermediate read.
#[test]
fn of_what_a_lost_attempt_may_have_written_nothing_is_inferred() {
    let twice = (":ok", "[[:w x 1] [:w x 2]]");
    expect(&[twice, READS], &[AnomalyKind::G1b, AnomalyKind::GSingle]);
    expect(&[LOST, twice, READS], &[]);
    expect(&[twice, LOST, READS], &[]);
    expect(&[LOST, LOST, READS], &[]);
}

#[test]
fn two_that_commit_the_same_value_are_no_history_that_can_be_judged() {
    for values in [WRITES, (":ok", "[[:w x 1] [:w x 1]]")] {
        let error = judge(&[FAILS, values, WRITES], Values::Registers).unwrap_err();
        assert!(error.to_string().ends_with("both wrote 1 to x"), "{error}");
    }
    let error = judge(&[FAILS, WRITES, READS, WRITES], Values::Registers).unwrap_err();
    assert_eq!(
        (error.transactions, error.to_string()),
        ([1, 3], "T1 and T3 both wrote 1 to x".into())
    );
}

/// Each read what the other wrote and then wrote the same key. A database may have put either write
/// before what was read, so that nothing proves a dirty write; that they read from each other is
/// proven.
#[test]
fn reading_before_writing_is_no_proof_of_a_dirty_write() {
    let circle = [(":ok", "[[:r y 2] [:w y 3] [:w x 1]]"), (":ok", "[[:r x 1] [:w x 4] [:w y 2]]")];
    let found = judge(&circle, Values::Registers).expect("every value names its writer");
    assert_eq!(found, [AnomalyKind::G1c]);
    assert!(!Isolation::ReadUncommitted.forbids(found[0]));
}
