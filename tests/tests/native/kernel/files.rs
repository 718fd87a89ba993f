//! A process with files in a world: what it synced survives, whatever the disk does with the rest.

use std::collections::BTreeSet;

use faultline_core::check::{Budget, ByHand, Model as _, Path, Step, successors};
use faultline_core::run::Run;
use faultline_core::scenario::{Faults, Preset, Scenario, Setup};
use faultline_core::sim::{
    Action, Boot, Command, Cx, DiskFault, Distribution, Environment, FileSystem, Files, Input,
    NodeId, Observed, Process, Spec, Storage as _, SyncId, TimedAction,
};
use faultline_core::view::NodeView;

use super::puppet::{Bell, Note, Say, latency_us, told, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// N0 writes "a" and syncs it, then writes "b" and does not. When told to, it fills three sectors.
/// `DRAWS` from its own stream besides, which must change nothing for its disk.
#[derive(Clone, Hash)]
struct Keeper<const DRAWS: bool>;

/// What a file holds, with equal bytes counted: "a1 x511".
fn contents(disk: &Files) -> String {
    let Ok(file) = disk.open("log") else { return "no file".into() };
    let mut bytes = vec![0; 4_096];
    let count = disk.read_at(file, 0, &mut bytes).expect("it can be read");
    let runs = bytes[..count].chunk_by(|a, b| a == b);
    let runs: Vec<String> =
        runs.map(|run| format!("{}{}", char::from(run[0]), run.len())).collect();
    runs.join(" ")
}

impl<const DRAWS: bool> Keeper<DRAWS> {
    fn write(offset: u64, bytes: &[u8], cx: &mut Cx<'_, Self>) {
        let disk = cx.disk_mut();
        let file = disk.open("log").or_else(|_| disk.create("log")).expect("there is room");
        disk.write_at(file, offset, bytes).expect("there is room");
    }
}

impl<const DRAWS: bool> Process for Keeper<DRAWS> {
    type Msg = Say;
    type Timer = Bell;
    type Disk = Files;
    type Fact = Note;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if DRAWS {
            (0..7).for_each(|_| _ = cx.choose(10));
        }
        if cx.me() == N0 {
            let contents = contents(cx.disk());
            cx.record(Note(format!("{boot:?} with {contents}")));
        }
        if cx.me() == N0 && boot == Boot::Fresh {
            Self::write(0, b"a", cx);
            cx.send_after_sync(N1, Say(1));
        }
    }

    fn on_message(&mut self, from: NodeId, _: Say, cx: &mut Cx<'_, Self>) {
        if from == NodeId::OUTSIDE {
            Self::write(0, &[b'x'; 1_536], cx);
        }
    }

    fn on_timer(&mut self, _: Bell, _: &mut Cx<'_, Self>) {}

    fn on_synced(&mut self, _: SyncId, cx: &mut Cx<'_, Self>) {
        Self::write(1, b"b", cx);
        cx.record(Note("has synced".into()));
    }

    fn on_sync_failed(&mut self, _: SyncId, cx: &mut Cx<'_, Self>) {
        cx.record(Note("knows that it failed".into()));
    }

    fn view(&self, _: &Files) -> NodeView {
        NodeView::default()
    }
}

impl<const DRAWS: bool> Keeper<DRAWS> {
    const SPEC: &'static Spec<Self, ()> = &Spec {
        environment: |_| Environment {
            network: latency_us(10_000, 10_000),
            sync: Distribution::Constant(5_000),
            ..Environment::default()
        },
        commands: &[Command {
            label: "Fill",
            accepts: |_, _| true,
            input: Input::Nothing,
            say: |_, _, _| Say(0),
        }],
        ..Spec::bare(|_| vec!["N0".into(), "N1".into()], |_, _| Self)
    };

    const SCENARIO: &'static Scenario = &Scenario {
        grain_us: 1,
        survives: Faults { victims: |_| vec![N0], down_at_once: |_| 1, ..Faults::NONE },
        ..Scenario::unlisted("keeper", |setup| Observed::boxed(Self::SPEC, setup))
    };

    fn play(seed: u64, actions: &[(u64, Action)]) -> Vec<String> {
        let timed =
            |(at_us, action): &(u64, Action)| TimedAction { at_us: *at_us, action: action.clone() };
        let setup = Setup::new(Self::SCENARIO, Preset::Naive, seed);
        let mut run = Run::new(setup, actions.iter().map(timed).collect());
        run.seek_time(1_000_000);
        told(&run)
    }
}

/// What N0 finds after a crash at `at_us`, with these faults before.
fn found<const DRAWS: bool>(seed: u64, at_us: u64, faults: &[(u64, Action)]) -> String {
    let crash = [(at_us, Action::Crash(N0)), (at_us + 1, Action::Restart(N0))];
    let lines = Keeper::<DRAWS>::play(seed, &[faults, &crash].concat());
    let recovered = with(&lines, "Recovered with");
    recovered[0].split_once("Recovered with ").expect("it says so").1.to_owned()
}

const fn disk(fault: DiskFault) -> Action {
    Action::Disk { node: N0, fault }
}

#[test]
fn what_was_synced_survives_and_the_rest_may_or_may_not() {
    let mut all = BTreeSet::new();
    for seed in 0..60 {
        let after = found::<false>(seed, 20_000, &[]);
        assert_eq!(after, found::<false>(seed, 20_000, &[]), "the same run keeps the same");
        all.insert(after);
    }
    // Of the second write: nothing, its byte, or the length without the byte.
    assert!(all.contains("a1") && all.contains("a1 b1"), "{all:?}");
    assert!(all.iter().all(|after| after.starts_with("a1")), "{all:?}");
}

#[test]
fn a_failing_sync_is_told_and_takes_what_waited_for_it_along() {
    let lines = Keeper::<false>::play(1, &[(0, disk(DiskFault::FailSyncs { count: 1 }))]);
    assert_eq!(with(&lines, "fails to sync"), ["5000 N0's disk fails to sync"]);
    assert_eq!(with(&lines, "knows that"), ["5000 N0 knows that it failed"]);
    assert_eq!(with(&lines, "has synced"), [""; 0]);
    assert_eq!(with(&lines, "N1 receives"), [""; 0]);
    // A node that is frozen meanwhile hears of it later.
    let fault = disk(DiskFault::FailSyncs { count: 1 });
    let frozen = [(0, fault), (1_000, Action::Pause(N0)), (9_000, Action::Resume(N0))];
    let lines = Keeper::<false>::play(1, &frozen);
    assert_eq!(with(&lines, "knows that"), ["9000 N0 knows that it failed"]);
    assert_eq!(with(&lines, "N1 receives"), [""; 0]);
}

#[test]
fn a_lost_sync_looks_like_any_other_until_the_crash() {
    let fault = [(0, disk(DiskFault::LostSyncs { count: 1 }))];
    let lines = Keeper::<false>::play(1, &fault);
    assert_eq!(with(&lines, "has synced"), ["5000 N0 has synced"]);
    assert_eq!(with(&lines, "N1 receives"), ["15000 N1 receives from N0: 1"]);
    let lost = (0..40).filter(|seed| !found::<false>(*seed, 20_000, &fault).starts_with('a'));
    assert!(lost.count() > 0, "what was acknowledged is gone");
}

#[test]
fn a_slow_disk_syncs_later() {
    let lines = Keeper::<false>::play(1, &[(0, disk(DiskFault::Slow { percent: 300 }))]);
    assert_eq!(with(&lines, "has synced"), ["15000 N0 has synced"]);
    assert_eq!(with(&lines, "N1 receives"), ["25000 N1 receives from N0: 1"]);
}

#[test]
fn a_torn_crash_is_drawn_from_a_stream_of_its_own() {
    let fill = Action::Command { command: 0, node: N0 };
    let faults = [(10_000, fill), (11_000, disk(DiskFault::TornSectors { bytes: 100 }))];
    let outcomes: Vec<String> = (0..60).map(|seed| found::<false>(seed, 20_000, &faults)).collect();
    let again: Vec<String> = (0..60).map(|seed| found::<true>(seed, 20_000, &faults)).collect();
    assert_eq!(outcomes, again, "what the process draws is nothing to the disk");
    let is_torn = |after: &&String| after.contains("x100");
    assert!(outcomes.iter().filter(is_torn).count() > 0, "{outcomes:?}");
    assert!(outcomes.iter().collect::<BTreeSet<_>>().len() > 5, "{outcomes:?}");
    // The second crash tears nothing any more, and draws anew.
    assert!(outcomes.iter().all(|after| after.starts_with('a') || after.starts_with('x')));
}

/// Taken by hand, a crash is as many steps as the disk has ways to come back, and each is a run.
#[test]
fn every_outcome_of_a_crash_is_explored() {
    let setup = Setup::new(Keeper::<false>::SCENARIO, Preset::Naive, 1);
    let budget = Budget { crashes: 1, ..Budget::default() };
    let model = ByHand::new(setup.clone(), budget, u64::MAX);
    let step = |action| Step { action, choices: Vec::new() };
    let synced = step(Action::CompleteSync(N0));
    let start = model.initial_states().remove(0);
    let after = model.next_state(&start, &synced).expect("a sync is under way");
    let steps = successors(&model, &after, u64::MAX).map(|(step, _)| step);
    let crashes = steps.filter(|step| matches!(step.action, Action::Crash(_)));
    let recovered: BTreeSet<String> = crashes
        .map(|crash| {
            let actions = vec![synced.clone(), crash, step(Action::Restart(N0))];
            let trial = model.trial(&Path { initial: 0, actions });
            let mut run = Run::new(setup.clone(), trial.actions);
            run.seek_time(trial.until_us);
            with(&told(&run), "Recovered with").concat()
        })
        .map(|line| line.split_once(" with ").map_or(line.clone(), |(_, what)| what.to_owned()))
        .collect();

    // The same writes on a disk alone, and every way it could come back.
    let mut disk = Files::default();
    let file = disk.create("log").expect("there is room");
    disk.write_at(file, 0, b"a").expect("there is room");
    disk.sync_asked(SyncId(0), true);
    disk.sync_started(SyncId(0));
    disk.sync_completed(SyncId(0));
    disk.write_at(file, 1, b"b").expect("there is room");
    let outcomes: BTreeSet<String> = disk.crash_outcomes().map(|left| contents(&left)).collect();
    assert_eq!(recovered, outcomes);
    assert_eq!(outcomes.len(), 3, "neither, the length alone, or both: {outcomes:?}");
}
