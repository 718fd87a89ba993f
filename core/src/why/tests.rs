use super::*;
use crate::scenario::{Preset, Scenario, Setup, find};
use crate::sim::{
    Action, Alert, Boot, Cx, Describe, Environment, Goal, Invariant, MessageKind, Names, Observed,
    Operation, Payload, Process, Spec, TimedAction, Violation, World,
};
use crate::view::NodeView;

fn broken() -> (Run, u32) {
    broken_with(42).expect("the naive design breaks")
}

fn broken_with(seed: u64) -> Option<(Run, u32)> {
    let setup = Setup::new(find("single-leader").unwrap(), Preset::Naive, seed);
    let actions = setup.scenario().script(&setup, 0);
    let horizon_us = setup.scenario().horizon_us;
    let mut run = Run::new(setup, actions);
    run.seek_time(horizon_us);
    let first = run.simulation().checks().into_iter().find_map(|check| match check.verdict {
        Verdict::Broken { event, moments, .. } if !moments.is_empty() => Some(event),
        Verdict::Broken { .. } | Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
    });
    Some((run, first?))
}

#[test]
fn a_contradiction_is_told_from_all_its_sides() {
    let (run, event) = broken();
    let threads = run.why(event, 0).threads;
    let nodes: BTreeSet<_> = threads.iter().filter_map(|it| it.head.node).collect();
    assert!(nodes.len() > 1, "{threads:#?}");
    assert!(threads.is_sorted_by_key(|it| it.head.at_us));
    let missed = threads.iter().filter_map(|it| it.missed.as_deref());
    assert!(missed.clone().any(|it| it.contains("stopped by the cut")), "{threads:#?}");
    assert_eq!(missed.clone().count(), missed.collect::<BTreeSet<_>>().len());
}

#[test]
fn what_several_chains_share_is_told_once() {
    let (run, event) = broken();
    let threads = run.why(event, 0).threads;
    let lines = threads.iter().flat_map(|it| [&it.head].into_iter().chain(&it.chain));
    let lines: Vec<_> = lines.filter(|it| it.kind != TextKind::Action).collect();
    let events: BTreeSet<u32> = lines.iter().map(|it| it.event).collect();
    assert_eq!(events.len(), lines.len(), "{threads:#?}");
    assert!(threads.iter().all(|it| it.chain.len() < 10), "each ends with a request: {threads:#?}");
}

#[test]
fn an_event_that_breaks_nothing_has_one_thread() {
    let (run, event) = broken();
    let threads = run.why(event - 1, 0).threads;
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0].head.event, event - 1);
}

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// N0 sends N1 a message at once, which takes 5 ms, and another at 70 ms. N1 rings at 80 ms.
#[derive(Clone, Hash)]
struct Sender {
    /// Whether N1 begins an operation when it hears.
    begins: bool,
}

/// Something happened; true if a client's operation began with it.
#[derive(Clone, Debug, Hash)]
struct Note(bool);

impl Describe for Note {
    fn label(&self) -> String {
        "note".into()
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }

    fn operation(&self) -> Option<Operation> {
        self.0.then_some(Operation { number: 0, step: OperationStep::Begins })
    }
}

#[derive(Clone, Debug, Hash)]
struct Ping;

impl Describe for Ping {
    fn label(&self) -> String {
        "ping".into()
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }
}

impl Payload for Ping {
    fn kind(&self) -> MessageKind {
        MessageKind::Request
    }

    fn bytes(&self) -> u64 {
        1
    }
}

impl Process for Sender {
    type Msg = Ping;
    type Timer = ();
    type Disk = ();
    type Fact = Note;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        if cx.me() == N0 {
            cx.send(N1, Ping);
        }
        cx.set_timer(if cx.me() == N0 { 70_000 } else { 80_000 }, ());
    }

    fn on_message(&mut self, _: NodeId, _: Ping, cx: &mut Cx<'_, Self>) {
        cx.record(Note(self.begins));
    }

    fn on_timer(&mut self, (): (), cx: &mut Cx<'_, Self>) {
        if cx.me() == N0 {
            cx.send(N1, Ping);
        }
        cx.record(Note(false));
    }

    fn view(&self, (): &()) -> NodeView {
        NodeView::default()
    }
}

/// Breaks when it is time, for a reason and with a moment of its own.
fn until(
    end_us: u64,
    world: &World<Sender>,
    reason: &str,
    moment_us: u64,
) -> Result<(), Violation> {
    let is_over = world.now_us() >= end_us;
    if is_over { Err(Violation::new(reason, [N1]).of([(moment_us, N1)])) } else { Ok(()) }
}

fn no_clock_is_ahead(world: &World<Sender>) -> Result<(), Violation> {
    let is_ahead = world.clock(N1).error_us(world.now_us()) > 0;
    if is_ahead { Err(Violation::new("N1 is ahead", [N1])) } else { Ok(()) }
}

static SPEC: Spec<Sender, ()> = Spec {
    environment: |_| Environment::uniform((5_000, 5_000), (0, 0)),
    invariants: &[
        Invariant { name: "no clock is ahead", check: |world, ()| no_clock_is_ahead(world) },
        Invariant { name: "first", check: |world, ()| until(80_000, world, "it rang", 80_000) },
        Invariant {
            name: "second",
            check: |world, ()| until(80_000, world, "it had heard", 5_000),
        },
        Invariant { name: "third", check: |world, ()| until(75_000, world, "twice", 5_000) },
    ],
    alerts: &[Alert { name: "bell", check: |world, ()| until(80_000, world, "listen", 5_000) }],
    goals: &[Goal { name: "never", within_us: |_| 45_000, reached: |_, ()| false }],
    ..Spec::bare(|_| vec!["N0".into(), "N1".into()], |_, setup| Sender { begins: setup.seed == 2 })
};

static SCENARIO: Scenario = Scenario::unlisted("sender", |setup| Observed::boxed(&SPEC, setup));

fn run_until(at_us: u64, actions: Vec<(u64, Action)>) -> Run {
    run_of((1, at_us), actions)
}

fn run_of((seed, at_us): (u64, u64), actions: Vec<(u64, Action)>) -> Run {
    let timed = actions.into_iter().map(|(at_us, action)| TimedAction { at_us, action });
    let mut run = Run::new(Setup::new(&SCENARIO, Preset::Naive, seed), timed.collect());
    run.seek_time(at_us);
    run
}

/// Returns the number of the event with which this promise broke.
fn event_of(run: &Run, name: &str) -> u32 {
    let check = run.simulation().checks().into_iter().find(|check| check.name == name);
    match check.map(|check| check.verdict) {
        Some(Verdict::Broken { event, .. }) => event,
        other => panic!("{name} is {other:?}"),
    }
}

/// Both messages go back to the start of N0, which is listed above only if the first did not begin
/// another story.
#[test]
fn only_what_is_listed_is_said_to_be_told_above() {
    for (seed, is_listed) in [(1, true), (2, false)] {
        let run = run_of((seed, 76_000), Vec::new());
        let threads = run.why(event_of(&run, "third"), 0).threads;
        let [first, second] = threads.as_slice() else { panic!("{threads:#?}") };
        let join = second.joins.as_ref().expect("both were sent by N0");
        assert_eq!(join.is_listed, is_listed, "{threads:#?}");
        let is_told = first.chain.iter().any(|line| line.event == join.cause.event);
        assert_eq!(is_told, is_listed, "{threads:#?}");
    }
}

#[test]
fn of_several_promises_that_break_at_once_one_is_explained() {
    let run = run_until(85_000, Vec::new());
    let event = event_of(&run, "first");
    assert_eq!((event_of(&run, "second"), event_of(&run, "bell")), (event, event));
    let story = run.why(event, 0);
    assert_eq!(story.of.as_deref(), Some("it rang"));
    let heads: Vec<u32> = story.threads.iter().map(|it| it.head.event).collect();
    assert_eq!(heads, [event], "what the other two are made of is another story");
}

#[test]
fn what_an_action_broke_begins_with_the_action() {
    let actions = vec![
        (30_000, Action::Lose { percent: 100 }),
        (50_000, Action::StepClock { node: N1, by_us: 1_000 }),
        (72_000, Action::Crash(N0)),
        (90_000, Action::Crash(N1)),
    ];
    let run = run_until(75_000, actions);
    assert!(run.simulation().bites(0) > 0, "it has bitten, but later");
    let story = run.why(event_of(&run, "no clock is ahead"), 40);
    assert_eq!(story.of.as_deref(), Some("N1 is ahead"));
    let [thread] = story.threads.as_slice() else { panic!("{story:#?}") };
    assert_eq!((thread.head.kind, thread.head.at_us), (TextKind::Action, 50_000));
    assert!(thread.chain.is_empty() && story.past.is_empty(), "{story:#?}");
    assert_eq!(
        story.done,
        std::slice::from_ref(&thread.head),
        "what had changed something by then"
    );
}

#[test]
fn what_did_not_happen_in_time_has_no_event_that_led_to_it() {
    let run = run_until(75_000, Vec::new());
    let story = run.why(event_of(&run, "never"), 40);
    assert!(story.of.is_some_and(|it| it.contains("not reached within")));
    assert!(story.threads.is_empty() && story.past.is_empty(), "{:#?}", story.threads);
}

#[test]
fn a_message_of_which_one_copy_arrived_is_not_missed() {
    let first = MessageName { from: N0, to: N1, nth: 0 };
    let actions =
        vec![(1_000, Action::DuplicateMessage(first)), (6_000, Action::Cut { from: N0, to: N1 })];
    let run = run_until(85_000, actions);
    let fell = run.journal().messages.iter().filter(|it| it.fate == Fate::Cut);
    assert_eq!(fell.clone().count(), 2, "{:#?}", fell.collect::<Vec<_>>());
    let threads = run.why(event_of(&run, "first"), 0).threads;
    let missed = threads.last().and_then(|it| it.missed.as_deref());
    let expected =
        "Messages that N1 had not had by then: 1 stopped by the cut (the first at 0.070 s).";
    assert_eq!(missed, Some(expected), "{threads:#?}");
}
