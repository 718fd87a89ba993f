//! Small histories drawn at random: mostly true, sometimes not.

use std::collections::BTreeMap;

use faultline_core::check::history::{
    At, Completion, FifoQueue, History, HistoryError, Keyed, Lock, LockCall, QueueCall, Register,
    RegisterCall, SequentialSpecification, TextCall, TextRegister,
};
use faultline_core::sim::Stream;

/// An invocation or a completion.
#[derive(Clone, Debug)]
pub(super) enum Event<I, O> {
    Invoke(u64, I),
    Complete(u64, Completion<O>),
}

/// The events of an object's history.
pub(super) type Events<S> =
    Vec<Event<<S as SequentialSpecification>::Input, <S as SequentialSpecification>::Output>>;

/// Records events.
pub(super) fn record<I: Clone, O: Clone>(
    events: &[Event<I, O>],
) -> Result<History<I, O>, HistoryError> {
    let mut history = History::new();
    for event in events {
        match event.clone() {
            Event::Invoke(process, input) => history.invoke(process, input)?,
            Event::Complete(process, completion) => history.complete(process, completion)?,
        };
    }
    Ok(history)
}

/// An object with few calls, so that a small history says much.
pub(super) trait Drawn: SequentialSpecification + Sized {
    fn object() -> Self;
    fn draw(&self, stream: &mut Stream, process: u64) -> Self::Input;
}

impl Drawn for Register<u64> {
    fn object() -> Self {
        Self { initial: 0 }
    }
    fn draw(&self, stream: &mut Stream, _: u64) -> RegisterCall<u64> {
        match stream.range(0, 4) {
            0 | 1 => RegisterCall::Read,
            2 | 3 => RegisterCall::Write(stream.range(0, 2)),
            _ => RegisterCall::CompareAndSet {
                expected: stream.range(0, 2),
                new: stream.range(0, 2),
            },
        }
    }
}

impl Drawn for FifoQueue<u64> {
    fn object() -> Self {
        Self::default()
    }
    fn draw(&self, stream: &mut Stream, _: u64) -> QueueCall<u64> {
        if stream.chance(50) { QueueCall::Enqueue(stream.range(0, 2)) } else { QueueCall::Dequeue }
    }
}

impl Drawn for Lock {
    fn object() -> Self {
        Self
    }
    fn draw(&self, stream: &mut Stream, process: u64) -> LockCall {
        if stream.chance(50) { LockCall::Acquire(process) } else { LockCall::Release(process) }
    }
}

impl Drawn for Keyed<char, Register<u64>> {
    fn object() -> Self {
        Self::new(Register::object())
    }
    fn draw(&self, stream: &mut Stream, process: u64) -> At<char, RegisterCall<u64>> {
        let key = ['x', 'y'][stream.index(2)];
        At { key, input: Register::object().draw(stream, process) }
    }
}

impl Drawn for TextRegister {
    fn object() -> Self {
        Self
    }
    fn draw(&self, stream: &mut Stream, _: u64) -> TextCall {
        let text = ["a", "b"][stream.index(2)].to_owned();
        match stream.range(0, 3) {
            0 | 1 => TextCall::Get,
            2 => TextCall::Put(text),
            _ => TextCall::Append(text),
        }
    }
}

/// What a process waits for, and the true answer once the call has taken effect.
struct Pending<S: SequentialSpecification> {
    input: S::Input,
    answer: Option<S::Output>,
}

/// Draws the events of a history with `operations` operations by at most `processes` processes. The
/// object is true, but for some answers, each of which is that of another call at another time;
/// every eighth call or so has no known outcome.
pub(super) fn draw<S: Drawn>(stream: &mut Stream, operations: usize, processes: u64) -> Events<S> {
    let object = S::object();
    let mut state = object.initial();
    let mut old = state.clone();
    let mut names: Vec<u64> = (0..processes).collect();
    let mut waiting: BTreeMap<u64, Pending<S>> = BTreeMap::new();
    let mut events = Vec::new();
    let mut begun = 0;
    while begun < operations || !waiting.is_empty() {
        let slot = stream.index(names.len());
        let process = names[slot];
        let Some(pending) = waiting.get_mut(&process) else {
            if begun < operations {
                begun += 1;
                let input = object.draw(stream, process);
                events.push(Event::Invoke(process, input.clone()));
                waiting.insert(process, Pending { input, answer: None });
            } else {
                names.remove(slot);
            }
            continue;
        };
        if pending.answer.is_none() && stream.chance(80) {
            if stream.chance(40) {
                old = state.clone();
            }
            pending.answer = Some(object.invoke(&mut state, &pending.input));
            continue;
        }
        let Some(Pending { input, answer }) = waiting.remove(&process) else { continue };
        let completion = match answer {
            _ if stream.chance(12) => Completion::Unknown,
            None => Completion::Failed,
            Some(_) if stream.chance(60) => {
                Completion::Answered(object.invoke(&mut old.clone(), &input))
            }
            Some(answer) => Completion::Answered(answer),
        };
        if completion == Completion::Unknown {
            // A client that never heard back goes on as somebody else, or hears nothing at all.
            names[slot] += processes;
        }
        if completion != Completion::Unknown || stream.chance(50) {
            events.push(Event::Complete(process, completion));
        }
    }
    events
}
