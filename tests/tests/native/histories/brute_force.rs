//! The searches against the definitions: every order of small histories is tried, without memory and
//! without shortcuts.

use std::collections::BTreeSet;

use faultline_core::check::history::{
    Completion, FifoQueue, Finding, History, Keyed, Lock, Operation, Register,
    SequentialSpecification, TextRegister, Window, linearizable, linearizable_by_key,
    sequentially_consistent, sequentially_consistent_by_key,
};
use faultline_core::sim::Stream;

use super::drawn::{Drawn, draw, record};

/// Steps are not what is tested here.
const PLENTY: u64 = 1_000_000;
/// Histories of each object.
const HISTORIES: u64 = 6_000;

type Operations<S> =
    [Operation<<S as SequentialSpecification>::Input, <S as SequentialSpecification>::Output>];

/// Visits every order of some of the operations that respects `precedes` and gives every answer:
/// each with the state it leads to.
fn visit<S: SequentialSpecification>(
    object: &S,
    operations: &Operations<S>,
    precedes: &impl Fn(usize, usize) -> bool,
    taken: &mut Vec<usize>,
    state: &S::State,
    seen: &mut impl FnMut(&[usize], &S::State),
) {
    seen(taken, state);
    for (index, operation) in operations.iter().enumerate() {
        let is_next = |before: usize| taken.contains(&before) || !precedes(before, index);
        if taken.contains(&index) || !(0..operations.len()).all(is_next) {
            continue;
        }
        let mut after = state.clone();
        let answer = object.invoke(&mut after, &operation.input);
        let fits = match &operation.completion {
            Completion::Answered(output) => *output == answer,
            Completion::Unknown => true,
            Completion::Failed => false,
        };
        if fits {
            taken.push(index);
            visit(object, operations, precedes, taken, &after, seen);
            taken.pop();
        }
    }
}

fn real_time<S: SequentialSpecification>(
    operations: &Operations<S>,
) -> impl Fn(usize, usize) -> bool {
    |a, b| {
        let is_answered = matches!(operations[a].completion, Completion::Answered(_));
        is_answered && operations[a].returned.is_some_and(|end| end < operations[b].invoked)
    }
}

fn program_order<S: SequentialSpecification>(
    operations: &Operations<S>,
) -> impl Fn(usize, usize) -> bool {
    |a, b| {
        let is_answered = matches!(operations[a].completion, Completion::Answered(_));
        is_answered && operations[a].process == operations[b].process && a < b
    }
}

/// Whether some order gives every answer.
fn exists<S: SequentialSpecification>(
    object: &S,
    operations: &Operations<S>,
    precedes: &impl Fn(usize, usize) -> bool,
) -> bool {
    let answered: Vec<usize> = (0..operations.len())
        .filter(|index| matches!(operations[*index].completion, Completion::Answered(_)))
        .collect();
    let mut exists = false;
    let mut seen =
        |taken: &[usize], _: &S::State| exists |= answered.iter().all(|it| taken.contains(it));
    visit(object, operations, precedes, &mut Vec::new(), &object.initial(), &mut seen);
    exists
}

/// Checks that an order is one that the definition allows.
fn check_order<S: SequentialSpecification>(
    object: &S,
    operations: &Operations<S>,
    precedes: &impl Fn(usize, usize) -> bool,
    order: &[usize],
) {
    let mut state = object.initial();
    for (place, number) in order.iter().enumerate() {
        let answer = object.invoke(&mut state, &operations[*number].input);
        match &operations[*number].completion {
            Completion::Answered(output) => assert_eq!(*output, answer),
            Completion::Unknown => {}
            Completion::Failed => panic!("{number} has failed and is in the order"),
        }
        assert!(order[place + 1..].iter().all(|later| !precedes(*later, *number)), "{order:?}");
    }
    for operation in operations {
        let is_answered = matches!(operation.completion, Completion::Answered(_));
        let count = order.iter().filter(|number| **number == operation.number).count();
        assert!(count == 1 || (count == 0 && !is_answered), "{order:?}");
    }
}

/// Returns the operations as they were known when `events` events had happened; but that an operation
/// failed is always known.
fn beginning<S: SequentialSpecification>(
    history: &History<S::Input, S::Output>,
    events: usize,
) -> Vec<Operation<S::Input, S::Output>> {
    let begun = history.operations().iter().filter(|operation| operation.invoked < events);
    let known = begun.map(|operation| {
        let mut operation = operation.clone();
        if operation.completion != Completion::Failed && operation.returned >= Some(events) {
            operation.completion = Completion::Unknown;
        }
        operation
    });
    known.collect()
}

/// Checks that the window is the smallest impossible beginning, with every state it can be in.
fn check_window<S: SequentialSpecification>(
    object: &S,
    history: &History<S::Input, S::Output>,
    window: &Window,
) {
    let operations = &*beginning::<S>(history, window.last_event + 1);
    assert!(!exists(object, operations, &real_time::<S>(operations)));
    let operations = &*beginning::<S>(history, window.last_event);
    let precedes = real_time::<S>(operations);
    assert!(exists(object, operations, &precedes));
    assert!(window.is_complete);
    let is_due = |index: &usize| {
        *index != window.refused && matches!(operations[*index].completion, Completion::Answered(_))
    };
    let due: Vec<usize> = (0..operations.len()).filter(is_due).collect();
    let mut states = BTreeSet::new();
    let mut seen = |taken: &[usize], state: &S::State| {
        if due.iter().all(|it| taken.contains(it)) && !taken.contains(&window.refused) {
            states.insert(object.describe(state));
        }
    };
    visit(object, operations, &precedes, &mut Vec::new(), &object.initial(), &mut seen);
    let found: BTreeSet<String> = window.states.iter().map(|it| it.state.clone()).collect();
    if states.is_empty() {
        // The others need the refused operation, with another answer than it gave.
        assert_eq!(found.len(), 1);
    } else {
        assert_eq!(found, states);
    }
    let refused = &history.operations()[window.refused];
    let Completion::Answered(answer) = &refused.completion else { panic!("{refused:?}") };
    assert!(window.states.iter().all(|state| state.answer != answer.to_string()));
}

/// Compares both checkers with the definition on many small histories of an object.
fn compare<S: Drawn>(name: &str) {
    let object = S::object();
    let mut stream = Stream::new(1, ("brute force", name));
    let (mut linear, mut sequential) = (0, 0);
    for _ in 0..HISTORIES {
        let (length, processes) = (3 + stream.index(4), stream.range(1, 4));
        let events = draw::<S>(&mut stream, length, processes);
        let history = record(&events).expect("what is drawn can happen");
        let operations = history.operations();
        let precedes = real_time::<S>(operations);
        let is_linearizable = exists(&object, operations, &precedes);
        match linearizable(&object, &history, PLENTY).finding {
            Finding::Possible(order) => {
                assert!(is_linearizable, "{events:?}");
                check_order(&object, operations, &precedes, &order);
            }
            Finding::Impossible(window) => {
                assert!(!is_linearizable, "{events:?}");
                check_window(&object, &history, &window);
            }
            Finding::Unknown => panic!("{PLENTY} steps do not suffice for {events:?}"),
        }
        let precedes = program_order::<S>(operations);
        let is_sequential = exists(&object, operations, &precedes);
        assert!(is_sequential || !is_linearizable);
        match sequentially_consistent(&object, &history, PLENTY).finding {
            Finding::Possible(order) => {
                assert!(is_sequential, "{events:?}");
                check_order(&object, operations, &precedes, &order);
            }
            Finding::Impossible(standstill) => {
                assert!(!is_sequential, "{events:?}");
                assert!(!standstill.refused.is_empty());
            }
            Finding::Unknown => panic!("{PLENTY} steps do not suffice for {events:?}"),
        }
        linear += u64::from(is_linearizable);
        sequential += u64::from(is_sequential);
    }
    eprintln!("{name}: of {HISTORIES}, {linear} linearizable, {sequential} sequential");
    // A comparison in which everything or nothing passes compares nothing.
    assert!(linear > HISTORIES / 4 && sequential < HISTORIES * 39 / 40 && linear < sequential);
}

#[test]
fn a_register_is_judged_as_by_trying_every_order() {
    compare::<Register<u64>>("register");
}

#[test]
fn a_queue_is_judged_as_by_trying_every_order() {
    compare::<FifoQueue<u64>>("queue");
}

#[test]
fn a_lock_is_judged_as_by_trying_every_order() {
    compare::<Lock>("lock");
}

#[test]
fn a_text_is_judged_as_by_trying_every_order() {
    compare::<TextRegister>("text");
}

#[test]
fn two_registers_are_judged_as_by_trying_every_order() {
    compare::<Keyed<char, Register<u64>>>("two registers");
}

/// Linearizability is local: key by key the verdict is that of the whole. Sequential consistency is
/// not, and is judged as a whole whatever the keys say.
#[test]
fn key_by_key_the_verdicts_are_those_of_the_whole() {
    let (object, both) = (Register { initial: 0 }, Keyed::object());
    let mut stream = Stream::new(1, "by key");
    let (mut linear, mut sequential) = (0, 0);
    for _ in 0..HISTORIES {
        let events = draw::<Keyed<char, Register<u64>>>(&mut stream, 6, 3);
        let history = record(&events).expect("what is drawn can happen");
        let operations = history.operations();
        let precedes = real_time::<Keyed<char, Register<u64>>>(operations);
        let report = linearizable_by_key(&object, &history, PLENTY);
        let expected = exists(&both, operations, &precedes);
        assert_eq!(report.is_linearizable(), Some(expected), "{events:?}");
        assert_eq!(report.order(&history).is_some(), expected);
        if let Some(order) = report.order(&history) {
            check_order(&both, operations, &precedes, &order);
        }
        linear += u64::from(expected);
        let precedes = program_order::<Keyed<char, Register<u64>>>(operations);
        let expected = exists(&both, operations, &precedes);
        let report = sequentially_consistent_by_key(&object, &history, PLENTY);
        assert_eq!(matches!(report.finding, Finding::Possible(_)), expected, "{events:?}");
        if let Finding::Possible(order) = &report.finding {
            check_order(&both, operations, &precedes, order);
        }
        sequential += u64::from(expected);
    }
    eprintln!("by key: of {HISTORIES}, {linear} linearizable, {sequential} sequential");
    assert!(linear < sequential && sequential < HISTORIES);
}
