//! Histories whose verdict is known: by hand, from courses, and from Jepsen.

use std::fs;
use std::path::Path;

use faultline_core::check::history::{
    Access, At, Completion, FifoQueue, Finding, Guarantee, History, HistoryErrorReason, Keyed,
    Lock, LockAnswer, LockCall, QueueAnswer, QueueCall, Register, RegisterAnswer, RegisterCall,
    Report, SessionBreach, TextAnswer, TextCall, TextRegister, Window, linearizable,
    linearizable_by_key, sequentially_consistent, session_breaches,
};
use faultline_core::check::recorded::{self, Datum, Recorded};

use crate::data;

const PLENTY: u64 = 10_000_000;
const REGISTER: Register<u64> = Register { initial: 0 };

type RegisterHistory = History<RegisterCall<u64>, RegisterAnswer<u64>>;

/// A call, when it begins, and when it ends with which answer.
type Interval = (RegisterCall<u64>, u64, Option<(u64, RegisterAnswer<u64>)>);

/// Records operations that are given by their intervals; each is a process of its own.
fn intervals(given: &[Interval]) -> RegisterHistory {
    let mut moments = Vec::new();
    for ((input, begin, end), process) in given.iter().zip(0..) {
        moments.push((*begin, process, Some(input.clone()), None));
        if let Some((at, answer)) = end {
            moments.push((*at, process, None, Some(answer.clone())));
        }
    }
    moments.sort_by_key(|(at, ..)| *at);
    let mut history = History::new();
    for (_, process, input, answer) in moments {
        if let Some(input) = input {
            history.invoke(process, input).expect("the process is free");
        }
        if let Some(answer) = answer {
            history.complete(process, Completion::Answered(answer)).expect("the process waits");
        }
    }
    history
}

fn write(value: u64, begin: u64, end: u64) -> Interval {
    (RegisterCall::Write(value), begin, Some((end, RegisterAnswer::Written)))
}

fn read(value: u64, begin: u64, end: u64) -> Interval {
    (RegisterCall::Read, begin, Some((end, RegisterAnswer::Value(value))))
}

fn is_linearizable<E>(report: &Report<E>) -> Option<bool> {
    match report.finding {
        Finding::Possible(_) => Some(true),
        Finding::Impossible(_) => Some(false),
        Finding::Unknown => None,
    }
}

fn window(report: Report<Window>) -> Window {
    match report.finding {
        Finding::Impossible(window) => window,
        Finding::Possible(_) | Finding::Unknown => panic!("{report:?}"),
    }
}

/// MIT 6.5840 (then 6.824), lecture on linearizability: the read of the new value may come last.
#[test]
fn a_read_of_the_old_value_fits_while_the_write_is_open() {
    let history = intervals(&[write(100, 0, 100), read(100, 25, 75), read(0, 30, 60)]);
    let report = linearizable(&REGISTER, &history, PLENTY);
    assert_eq!(report.finding, Finding::Possible(vec![2, 0, 1]));
}

/// The same lecture: once the new value was read, the old one is gone.
#[test]
fn a_read_of_the_old_value_after_one_of_the_new_fits_nowhere() {
    let history = intervals(&[write(200, 0, 100), read(200, 10, 30), read(0, 40, 90)]);
    let window = window(linearizable(&REGISTER, &history, PLENTY));
    assert_eq!((window.refused, &*window.concurrent), (2, &[0][..]));
    // Events in order: w( r( r) r( r) w).
    assert_eq!((window.first_event, window.last_event), (0, 4));
    assert_eq!(window.states.len(), 1);
    let state = &window.states[0];
    assert_eq!((&*state.state, &*state.answer, &*state.order), ("200", "200", &[0, 1][..]));
    // Nothing but the clock forbids it.
    let report = sequentially_consistent(&REGISTER, &history, PLENTY);
    assert_eq!(report.finding, Finding::Possible(vec![2, 0, 1]));
}

#[test]
fn a_lost_write_may_take_effect_late_or_never_but_not_twice() {
    let lost = (RegisterCall::Write(7), 0, None);
    for (reads, fits) in [([0, 0, 0], true), ([0, 7, 7], true), ([7, 0, 7], false)] {
        let mut given = vec![lost.clone()];
        given.extend(reads.iter().zip(1..).map(|(value, at)| read(*value, 10 * at, 10 * at + 5)));
        let report = linearizable(&REGISTER, &intervals(&given), PLENTY);
        assert_eq!(is_linearizable(&report), Some(fits), "{reads:?}");
    }
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let history = intervals(&[write(200, 0, 100), read(200, 10, 30), read(0, 40, 90)]);
    let needed = linearizable(&REGISTER, &history, PLENTY).steps;
    assert_eq!(is_linearizable(&linearizable(&REGISTER, &history, 0)), None);
    let mut answers: Vec<Option<bool>> = (0..=needed)
        .map(|steps| {
            let report = linearizable(&REGISTER, &history, steps);
            assert!(report.steps <= steps);
            is_linearizable(&report)
        })
        .collect();
    answers.dedup();
    assert_eq!(answers, [None, Some(false)]);
    let report = sequentially_consistent(&REGISTER, &history, 2);
    assert_eq!((report.finding, report.steps), (Finding::Unknown, 2));
}

/// Herlihy and Wing 1990, section 3.3: two queues, each of them sequentially consistent, that are
/// not so together.
#[test]
fn sequential_consistency_is_not_local() {
    let enqueue = |key, item| (At { key, input: QueueCall::Enqueue(item) }, QueueAnswer::Enqueued);
    let dequeue = |key, item| (At { key, input: QueueCall::Dequeue }, QueueAnswer::Item(item));
    let steps = [
        (0, enqueue('p', 1)),
        (1, enqueue('q', 2)),
        (0, enqueue('q', 1)),
        (1, enqueue('p', 2)),
        (0, dequeue('p', 2)),
        (1, dequeue('q', 1)),
    ];
    let mut whole = History::new();
    let mut parts = [('p', History::new()), ('q', History::new())];
    for (process, (at, answer)) in steps {
        for (key, part) in &mut parts {
            if *key == at.key {
                part.invoke(process, at.input.clone()).expect("the process is free");
                part.complete(process, Completion::Answered(answer.clone()))
                    .expect("the process waits");
            }
        }
        whole.invoke(process, at).expect("the process is free");
        whole.complete(process, Completion::Answered(answer)).expect("the process waits");
    }
    let queue = FifoQueue::<u64>::default();
    for (_, part) in &parts {
        assert_eq!(is_linearizable(&sequentially_consistent(&queue, part, PLENTY)), Some(true));
    }
    let both = Keyed::new(queue);
    let report = sequentially_consistent(&both, &whole, PLENTY);
    let Finding::Impossible(standstill) = report.finding else { panic!("{report:?}") };
    assert!(!standstill.refused.is_empty());
}

/// The second client got 2, so the first one must have taken 1; but it was answered 2. To see what
/// it should have been answered takes a search of its own, and the steps may run out there as well.
#[test]
fn a_window_without_its_states_does_not_call_itself_complete() {
    let mut history = History::new();
    for item in [1, 2] {
        history.invoke(0, QueueCall::Enqueue(item)).unwrap();
        history.complete(0, Completion::Answered(QueueAnswer::Enqueued)).unwrap();
    }
    history.invoke(1, QueueCall::Dequeue).unwrap();
    history.invoke(2, QueueCall::Dequeue).unwrap();
    history.complete(2, Completion::Answered(QueueAnswer::Item(2))).unwrap();
    history.complete(1, Completion::Answered(QueueAnswer::Item(2))).unwrap();
    let mut complete = Vec::new();
    for steps in 0..100 {
        let report = linearizable(&FifoQueue::default(), &history, steps);
        let Finding::Impossible(window) = report.finding else { continue };
        assert_eq!(window.is_complete, !window.states.is_empty(), "{steps} steps: {window:?}");
        complete.push(window.is_complete);
    }
    assert!(complete.contains(&false) && complete.contains(&true));
}

#[test]
fn a_lock_held_twice_is_found() {
    let mut history = History::new();
    for process in [1, 2] {
        history.invoke(process, LockCall::Acquire(process)).expect("the process is free");
        history
            .complete(process, Completion::Answered(LockAnswer(true)))
            .expect("the process waits");
    }
    let window = window(linearizable(&Lock, &history, PLENTY));
    assert_eq!((window.refused, &*window.states[0].state), (1, "held by 1"));
    assert_eq!(window.states[0].answer, "refused");
}

#[test]
fn a_history_that_cannot_have_happened_is_refused_at_its_event() {
    let mut history: History<u64, u64> = History::new();
    history.invoke(1, 0).expect("the process is free");
    let error = history.invoke(1, 0).unwrap_err();
    assert_eq!((error.event, error.process, error.reason), (1, 1, HistoryErrorReason::StillOpen));
    let error = history.complete(2, Completion::Failed).unwrap_err();
    assert_eq!((error.event, error.process, error.reason), (1, 2, HistoryErrorReason::NothingOpen));
    history.complete(1, Completion::Unknown).expect("the process waits");
    let error = history.invoke(1, 0).unwrap_err();
    assert_eq!((error.event, error.process, error.reason), (2, 1, HistoryErrorReason::Lost));
    assert!(history.complete(1, Completion::Answered(0)).is_err());
    assert_eq!((history.operations().len(), history.events()), (1, 2));
}

/// One key's part is the whole history's part: with and without partitioning the verdict is the same.
#[test]
fn checking_by_key_and_as_a_whole_agree() {
    for answer in ["", "a"] {
        let mut history = History::new();
        for (key, input, output) in [
            ('x', TextCall::Append("a".into()), TextAnswer::Done),
            ('y', TextCall::Put("b".into()), TextAnswer::Done),
            ('x', TextCall::Get, TextAnswer::Text(answer.into())),
            ('y', TextCall::Get, TextAnswer::Text("b".into())),
        ] {
            history.invoke(0, At { key, input }).expect("the process is free");
            history.complete(0, Completion::Answered(output)).expect("the process waits");
        }
        let by_key = linearizable_by_key(&TextRegister, &history, PLENTY);
        let whole = linearizable(&Keyed::new(TextRegister), &history, PLENTY);
        assert_eq!(by_key.is_linearizable(), Some(answer == "a"));
        assert_eq!(is_linearizable(&whole), by_key.is_linearizable());
        if let Some((key, part)) = by_key.first_window() {
            assert_eq!((*key, part.refused, part.last_event), ('x', 2, 5));
            assert_eq!(window(whole).last_event, part.last_event);
        }
    }
}

/// Terry et al. 1994, section 3: each guarantee, broken and kept.
#[test]
fn each_session_guarantee_is_told_from_the_others() {
    let cases = [
        ((Access::Write, 5), (Access::Read, 4), Guarantee::ReadYourWrites),
        ((Access::Read, 5), (Access::Read, 4), Guarantee::MonotonicReads),
        ((Access::Write, 5), (Access::Write, 4), Guarantee::MonotonicWrites),
        ((Access::Read, 5), (Access::Write, 5), Guarantee::WritesFollowReads),
    ];
    for ((first, version), (second, lower), guarantee) in cases {
        let breaches = |second_process, second_key, later| {
            let mut history = History::new();
            history.invoke(1, At { key: 'x', input: first }).expect("the process is free");
            history.complete(1, Completion::Answered(version)).expect("the process waits");
            history
                .invoke(second_process, At { key: second_key, input: second })
                .expect("the process is free");
            history
                .complete(second_process, Completion::Answered(later))
                .expect("the process waits");
            session_breaches(&history)
        };
        let breach = SessionBreach { guarantee, process: 1, earlier: 0, later: 1 };
        assert_eq!(breaches(1, 'x', lower), [breach]);
        // A later version, another session and another key are all fine.
        assert_eq!(breaches(1, 'x', version + 1), []);
        assert_eq!(breaches(2, 'x', lower), []);
        assert_eq!(breaches(1, 'y', lower), []);
    }
}

/// Reads and judges a file: whether it is linearizable, and how many operations it has.
fn judge<S: Recorded>(file: &Path) -> (Option<bool>, usize) {
    let text = fs::read_to_string(file).expect("the file can be read");
    let events = recorded::read(&text).expect("the file holds a history");
    let recorded = recorded::history::<S>(&events).expect("the history is the object's");
    let report = linearizable_by_key(&S::object(), &recorded.history, PLENTY);
    if report.is_linearizable() == Some(false) {
        let (_, window) = report.first_window().expect("a part is impossible");
        assert!(window.is_complete && !window.states.is_empty());
    }
    (report.is_linearizable(), recorded.history.operations().len())
}

/// Jepsen's histories of etcd, and those of a key-value store, from the tests of porcupine.
#[test]
fn histories_made_elsewhere_have_their_known_verdicts() {
    let Some(folder) = data::folder("histories") else { return };
    let etcd = [("000", false), ("002", true), ("003", false), ("005", true), ("007", true)];
    for (number, is_linearizable) in etcd {
        let (found, operations) =
            judge::<Register<Datum>>(&folder.join(format!("etcd_{number}.log")));
        assert_eq!(found, Some(is_linearizable), "etcd {number}");
        assert!(operations > 70);
    }
    for (name, operations) in [("c01-bad", 38), ("c01-ok", 58), ("c10-bad", 405), ("c10-ok", 337)] {
        let found = judge::<TextRegister>(&folder.join(format!("kv-{name}.txt")));
        assert_eq!(found, (Some(name.ends_with("ok")), operations), "{name}");
    }
}
