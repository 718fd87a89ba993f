use super::*;
use crate::scenario::{Preset, Scenario, Setup, find};
use crate::sim::{
    Action, Alert, Boot, Cx, Describe, Environment, Goal, Invariant, MessageKind, Names, Observed,
    Operation, Payload, Process, Spec, TimedAction, Violation, World,
};
use crate::view::NodeView;

fn broken() -> (Run, Step) {
    broken_with(42).expect("the naive design breaks")
}

fn broken_with(seed: u64) -> Option<(Run, Step)> {
    let setup = Setup::new(find("single-leader").unwrap(), Preset::Naive, seed);
    let actions = setup.scenario().script(&setup, 0);
    let horizon_us = setup.scenario().horizon_us;
    let mut run = Run::new(setup, actions);
    run.seek_time(horizon_us);
    let first = run.simulation().checks().into_iter().find_map(|check| match check.verdict {
        Verdict::Broken { step, moments, .. } if !moments.is_empty() => Some(step),
        Verdict::Broken { .. } | Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
    });
    Some((run, first?))
}

#[test]
fn a_contradiction_is_told_from_all_its_sides() {
    let (run, step) = broken();
    let threads = run.why(step, 0).threads;
    let nodes: BTreeSet<_> = threads.iter().filter_map(|it| it.head.node).collect();
    assert!(nodes.len() > 1, "{threads:#?}");
    assert!(threads.is_sorted_by_key(|it| it.head.at_us));
    let missed = threads.iter().filter_map(|it| it.missed.as_deref());
    assert!(missed.clone().any(|it| it.contains("stopped by the cut")), "{threads:#?}");
    assert_eq!(missed.clone().count(), missed.collect::<BTreeSet<_>>().len());
}

#[test]
fn what_several_chains_share_is_told_once() {
    let (run, step) = broken();
    let threads = run.why(step, 0).threads;
    let lines = threads.iter().flat_map(|it| [&it.head].into_iter().chain(&it.chain));
    let lines: Vec<_> = lines.filter(|it| it.kind != TextKind::Action).collect();
    let events: BTreeSet<u32> = lines.iter().map(|it| it.step.number()).collect();
    assert_eq!(events.len(), lines.len(), "{threads:#?}");
    assert!(threads.iter().all(|it| it.chain.len() < 10), "each ends with a request: {threads:#?}");
}

#[test]
fn an_event_that_breaks_nothing_has_one_thread() {
    let (run, step) = broken();
    let before = Step::Event(step.number() - 1);
    let threads = run.why(before, 0).threads;
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0].head.step, before);
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

/// Returns the step in which this promise broke.
fn step_of(run: &Run, name: &str) -> Step {
    let check = run.simulation().checks().into_iter().find(|check| check.name == name);
    match check.map(|check| check.verdict) {
        Some(Verdict::Broken { step, .. }) => step,
        other => panic!("{name} is {other:?}"),
    }
}

/// Both messages go back to the start of N0, which is listed above only if the first did not begin
/// another story.
#[test]
fn only_what_is_listed_is_said_to_be_told_above() {
    for (seed, is_listed) in [(1, true), (2, false)] {
        let run = run_of((seed, 76_000), Vec::new());
        let threads = run.why(step_of(&run, "third"), 0).threads;
        let [first, second] = threads.as_slice() else { panic!("{threads:#?}") };
        let join = second.joins.as_ref().expect("both were sent by N0");
        assert_eq!(join.is_listed, is_listed, "{threads:#?}");
        let is_told = first.chain.iter().any(|line| line.step == join.cause.step);
        assert_eq!(is_told, is_listed, "{threads:#?}");
    }
}

#[test]
fn of_several_promises_that_break_at_once_one_is_explained() {
    let run = run_until(85_000, Vec::new());
    let step = step_of(&run, "first");
    assert!(matches!(step, Step::Event(_)));
    assert_eq!((step_of(&run, "second"), step_of(&run, "bell")), (step, step));
    let story = run.why(step, 0);
    assert_eq!(story.of.as_deref(), Some("it rang"));
    let heads: Vec<Step> = story.threads.iter().map(|it| it.head.step).collect();
    assert_eq!(heads, [step], "what the other two are made of is another story");
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
    let step = step_of(&run, "no clock is ahead");
    assert!(matches!(step, Step::Action { index: 1, .. }), "{step:?}");
    let story = run.why(step, 40);
    assert_eq!(story.of.as_deref(), Some("N1 is ahead"));
    let [thread] = story.threads.as_slice() else { panic!("{story:#?}") };
    assert_eq!((thread.head.kind, thread.head.step), (TextKind::Action, step));
    assert!(thread.chain.is_empty() && story.past.is_empty(), "{story:#?}");
    assert_eq!(
        story.done,
        std::slice::from_ref(&thread.head),
        "what had changed something by then"
    );
}

/// Each line says whose it is, and of a step in the middle of an instant the story ends there.
#[test]
fn what_an_action_broke_is_not_told_of_the_event_before_it_nor_of_the_actions_after_it() {
    let actions = vec![
        (5_000, Action::Pause(N0)),
        (5_000, Action::StepClock { node: N1, by_us: 1_000 }),
        (5_000, Action::Cut { from: N0, to: N1 }),
    ];
    let run = run_until(75_000, actions);
    let step = step_of(&run, "no clock is ahead");
    let Step::Action { index: 1, before } = step else { panic!("{step:?}") };
    for event in [before - 1, before] {
        assert_eq!(run.why(Step::Event(event), 0).of, None, "event {event} broke nothing");
    }
    let done: Vec<Step> = run.why(step, 0).done.iter().map(|line| line.step).collect();
    assert_eq!(done, [0, 1].map(|index| Step::Action { index, before }));
    let text = run.text(0, u32::MAX);
    let verdict = text.iter().find(|line| line.text.contains("N1 is ahead"));
    assert_eq!(verdict.map(|line| (line.kind, line.step)), Some((TextKind::Verdict, step)));
    assert!(text.is_sorted_by_key(|line| line.step.number()));
    let marks = run.journal().marks.iter();
    let broken: Vec<Step> =
        marks.filter(|mark| mark.kind == MarkKind::Violation(0)).map(|mark| mark.step).collect();
    assert_eq!(broken, [step]);
}

/// Where nothing happens any more, what is overdue is noticed when time passes to an action.
#[test]
fn what_only_time_broke_is_not_told_of_the_action_at_its_end() {
    let actions = vec![
        (1_000, Action::Pause(N1)),
        (2_000, Action::Pause(N0)),
        (80_000, Action::Slow { node: N0, by_us: 5 }),
    ];
    let run = run_until(90_000, actions);
    let step = step_of(&run, "first");
    assert!(matches!(step, Step::Time { .. }), "{step:?}");
    let story = run.why(step, 40);
    assert_eq!(story.of.as_deref(), Some("it rang"));
    assert!(story.threads.is_empty() && story.past.is_empty(), "{story:#?}");
    let done: Vec<u64> = story.done.iter().map(|line| line.at_us).collect();
    assert_eq!(done, [1_000, 2_000], "not what was done when it had broken");
}

#[test]
fn what_did_not_happen_in_time_has_no_event_that_led_to_it() {
    let run = run_until(75_000, Vec::new());
    let story = run.why(step_of(&run, "never"), 40);
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
    let threads = run.why(step_of(&run, "first"), 0).threads;
    let missed = threads.last().and_then(|it| it.missed.as_deref());
    let expected =
        "Messages that N1 had not had by then: 1 stopped by the cut (the first at 0.070 s).";
    assert_eq!(missed, Some(expected), "{threads:#?}");
}
