//! Clients' operations: each row's facts say when one begins and ends, so that costs are per operation.

use std::fmt;

use faultline_core::check::draw_schedule;
use faultline_core::check::history::{
    Completion, Finding, History, SequentialSpecification, linearizable,
};
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup, find};
use faultline_core::sim::{OperationStep, TextKind, TimedAction};
use faultline_tests::default_actions;

/// The rows with clients, and how a client's fact reads when it has its answer.
const ANSWERED: [(&str, [&str; 2]); 2] = [
    ("single-leader", [" has write ", " acknowledged by "]),
    ("g-counter", [" acknowledges ", " to its visitor"]),
];

fn played(row: &'static Scenario, preset: Preset, actions: &[TimedAction]) -> Run {
    let mut run = Run::new(Setup::new(row, preset, 1), actions.to_vec());
    run.seek_time(row.horizon_us);
    run
}

#[test]
fn every_answer_is_the_end_of_an_operation() {
    for (slug, answered) in ANSWERED {
        let row = find(slug).expect("a listed row");
        for preset in Preset::ALL {
            let run = played(row, preset, &default_actions(&Setup::new(row, preset, 1)));
            let lines = run.text(0, u32::MAX);
            let is_answer = |text: &str| answered.iter().all(|part| text.contains(part));
            let answers =
                lines.iter().filter(|it| it.kind == TextKind::Fact && is_answer(&it.text));
            let answers = answers.count();
            assert!(answers > 20, "{slug}: {answers}");
            assert_eq!(run.simulation().costs().operations, answers as u64, "{slug}");
            let finished = run.journal().finished_operations();
            assert_eq!(finished.len(), answers, "{slug}: each end has a beginning");
            assert!(finished.iter().all(|it| it.step == OperationStep::Succeeds), "{slug}");
        }
    }
}

/// A write goes from its client to the leader, on to a follower and all the way back; a visitor's
/// click waits for nothing but a disk.
#[test]
fn in_calm_an_operation_waits_for_as_many_messages_as_its_design_says() {
    let cases = [
        ("single-leader", Preset::Hardened, 4),
        ("single-leader", Preset::Naive, 2),
        ("g-counter", Preset::Hardened, 0),
        ("g-counter", Preset::Naive, 0),
    ];
    for (slug, preset, hops) in cases {
        let run = played(find(slug).expect("a listed row"), preset, &[]);
        let finished = run.journal().finished_operations();
        // Now and then a heartbeat, or another client's write, carries an entry along and is answered
        // first: then the answer was not brought about by the write alone, whose hops are not known.
        let known = finished.iter().filter_map(|it| it.hops);
        assert!(known.clone().all(|it| it == hops), "{slug}: {finished:?}");
        let as_designed = known.count();
        assert!(10 * as_designed >= 9 * finished.len(), "{slug}: {finished:?}");
    }
}

/// A log to which many append. The answer to an append is its place among all that were answered.
struct AppendOnlyLog;

/// A call to an [`AppendOnlyLog`].
#[derive(Copy, Clone, Debug)]
struct Append;

impl fmt::Display for Append {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("append")
    }
}

impl SequentialSpecification for AppendOnlyLog {
    type State = usize;
    type Input = Append;
    type Output = usize;

    fn initial(&self) -> usize {
        0
    }

    fn invoke(&self, length: &mut usize, _: &Append) -> usize {
        *length += 1;
        *length
    }

    fn is_read_only(&self, _: &Append) -> bool {
        false
    }

    fn describe(&self, length: &usize) -> String {
        format!("{length} entries")
    }
}

/// Returns the entry that a fact tells a client of: "… has write 3 acknowledged by …, as entry 7".
fn entry_told(text: &str) -> Option<u64> {
    let is_answer = ANSWERED[0].1.iter().all(|part| text.contains(part));
    text.rsplit_once(", as entry ").filter(|_| is_answer)?.1.parse().ok()
}

/// Returns what the clients of `single-leader` saw in a run.
fn writes_of(run: &Run) -> History<Append, usize> {
    let lines = run.text(0, u32::MAX);
    let facts = lines.iter().filter(|it| it.kind == TextKind::Fact);
    let told: Vec<_> =
        facts.filter_map(|it| Some((it.step.number(), entry_told(&it.text)?))).collect();
    let mut entries: Vec<u64> = told.iter().map(|(_, entry)| *entry).collect();
    entries.sort_unstable();
    let mut history = History::new();
    for record in &run.journal().operations {
        let client = u64::from(record.node.0);
        if record.operation.step == OperationStep::Begins {
            history.invoke(client, Append).expect("one write at a time");
            continue;
        }
        let entry = told.iter().find(|(event, _)| *event == record.event).map(|(_, entry)| *entry);
        // Blank entries and writes of which no client has heard stand in between.
        let place = entries.partition_point(|it| Some(*it) <= entry);
        history.complete(client, Completion::Answered(place)).expect("it was begun");
    }
    history
}

/// Whatever befalls the servers, the clients see one log that grows in one order, as the checker for
/// histories has it, which knows nothing of leaders and terms.
#[test]
fn acknowledged_writes_are_linearizable() {
    let row = find("single-leader").expect("a listed row");
    let is_linearizable = |run: &Run| {
        let report = linearizable(&AppendOnlyLog, &writes_of(run), 1_000_000);
        matches!(report.finding, Finding::Possible(_))
    };
    for seed in 1..=20 {
        let setup = Setup::new(row, Preset::Hardened, seed);
        let mut run = Run::new(setup.clone(), draw_schedule(&setup, seed));
        run.seek_time(row.horizon_us);
        assert!(is_linearizable(&run), "seed {seed}");
    }
    // The naive preset acknowledges two writes for one entry, and the checker sees that too.
    let naive = Setup::new(row, Preset::Naive, 1);
    assert!(!is_linearizable(&played(row, Preset::Naive, &default_actions(&naive))));
}
