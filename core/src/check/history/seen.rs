//! A row's clients, and the object as which they see its system.
//!
//! A row declares its object in one place, [`Observer::seen_as`], by a [`SeenAs`]: which object it is, and
//! how the facts with which an operation begins and ends read as a call and an answer. A system of one
//! object has one key; a store has many, which are judged one by one.
//!
//! [`Observer::seen_as`]: crate::sim::Observer::seen_as

use super::linearizability::Linearizing;
use super::{At, Completion, Finding, History, KeyedReport, SequentialSpecification};
use crate::order::sort_by_key;
use crate::sim::{Judging, KeptFact, OperationStep, SeenObject, Told};
use crate::view::HistoryVerdict;

/// An operation as a call to an object.
pub struct Call<I, O> {
    /// Whose object; empty if there is only one.
    pub key: String,
    /// What was asked.
    pub input: I,
    /// What was answered, if anything.
    pub output: Option<O>,
}

/// The object as which clients see a system, and how their facts of type `F` read as calls to it.
pub struct SeenAs<S: SequentialSpecification, F: 'static> {
    /// What it is called, such as "a register".
    pub name: &'static str,
    /// What it does when one client at a time uses it.
    pub specification: S,
    /// Reads the fact with which an operation began, and the one with which it succeeded if it did;
    /// `None` if it is no call to this object.
    pub read: fn(asks: &F, answer: Option<&F>) -> Option<CallOf<S>>,
}

/// A call to an object with this specification.
pub type CallOf<S> =
    Call<<S as SequentialSpecification>::Input, <S as SequentialSpecification>::Output>;

type HistoryOf<S> = History<
    At<String, <S as SequentialSpecification>::Input>,
    <S as SequentialSpecification>::Output,
>;

impl<S: SequentialSpecification, F: KeptFact> SeenAs<S, F> {
    fn call(&self, told: &Told) -> Option<CallOf<S>> {
        let (asks, answer) = told.facts::<F>()?;
        let has_succeeded = told.ended.is_some_and(|(_, step)| step == OperationStep::Succeeds);
        (self.read)(asks, answer.filter(|_| has_succeeded))
    }

    /// Returns the history, and for each of its operations which one it is of `told`.
    fn history(&self, told: &[Told]) -> (HistoryOf<S>, Vec<usize>) {
        let mut calls: Vec<_> = told.iter().map(|told| self.call(told)).collect();
        let called = || told.iter().enumerate().filter(|(index, _)| calls[*index].is_some());
        let begins = called().map(|(index, told)| (told.began.place, index, None));
        let ends = called().filter_map(|(index, told)| {
            let (moment, step) = told.ended?;
            Some((moment.place, index, Some(step)))
        });
        let mut steps: Vec<_> = begins.chain(ends).collect();
        sort_by_key(&mut steps, |(place, ..)| *place);
        let (mut history, mut numbers) = (History::new(), Vec::new());
        for (_, index, ends) in steps {
            // Every operation is a process of its own: that each client waits for its answers is in
            // the order of the steps already, and not every client does.
            let process = index as u64;
            let Some(call) = &mut calls[index] else { continue };
            let is_in_order = match ends {
                None => {
                    numbers.push(index);
                    history.invoke(process, At { key: call.key.clone(), input: call.input.clone() })
                }
                Some(step) => history.complete(process, completion(step, call.output.take())),
            };
            debug_assert!(is_in_order.is_ok(), "a testimony is in order");
        }
        (history, numbers)
    }
}

fn completion<O>(step: OperationStep, output: Option<O>) -> Completion<O> {
    match (step, output) {
        (OperationStep::Fails, _) => Completion::Failed,
        (OperationStep::Succeeds, Some(output)) => Completion::Answered(output),
        (OperationStep::Succeeds | OperationStep::Begins | OperationStep::IsAbandoned, _) => {
            Completion::Unknown
        }
    }
}

impl<S: SequentialSpecification + Sync, F: KeptFact> SeenObject for SeenAs<S, F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn words(&self, told: &Told) -> Option<(String, Option<String>)> {
        let Call { key, input, output } = self.call(told)?;
        let asked = if key.is_empty() { input.to_string() } else { At { key, input }.to_string() };
        Some((asked, output.map(|output| output.to_string())))
    }

    fn judging(&'static self, told: &[Told], step_limit: u64) -> Box<dyn Judging> {
        let (history, numbers) = self.history(told);
        let under_way = Linearizing::new(&history, step_limit);
        Box::new(JudgingSeen { specification: &self.specification, history, numbers, under_way })
    }
}

/// A judgement under way.
struct JudgingSeen<S: SequentialSpecification + 'static> {
    specification: &'static S,
    history: HistoryOf<S>,
    /// Which operation each is among those told.
    numbers: Vec<usize>,
    under_way: Linearizing<String, S>,
}

impl<S: SequentialSpecification> Judging for JudgingSeen<S> {
    fn go_on(&mut self, calls: u64) -> Option<HistoryVerdict> {
        let is_done = self.under_way.go_on(self.specification, calls);
        let report = &self.under_way.report;
        is_done.then(|| verdict(report, report.order(&self.history), &self.numbers))
    }

    fn calls(&self) -> u64 {
        self.under_way.steps()
    }
}

/// Puts a report in terms of the operations told.
fn verdict<K>(
    report: &KeyedReport<K>,
    order: Option<Vec<usize>>,
    numbers: &[usize],
) -> HistoryVerdict {
    let told = |order: &[usize]| -> Vec<usize> {
        order.iter().filter_map(|number| numbers.get(*number).copied()).collect()
    };
    let refused = report.first_window().and_then(|(_, window)| {
        let refused = *numbers.get(window.refused)?;
        Some((refused, window))
    });
    match (order, refused) {
        (Some(order), _) => HistoryVerdict::Possible { order: told(&order) },
        (None, Some((refused, window))) => {
            let state = |it: &super::Refusal| (it.state.clone(), it.answer.clone());
            let is_decided = |finding: &Finding<_>| !matches!(finding, Finding::Unknown);
            HistoryVerdict::Impossible {
                refused,
                concurrent: told(&window.concurrent),
                states: window.states.iter().map(state).collect(),
                order: window.states.first().map(|first| told(&first.order)).unwrap_or_default(),
                // A key that was not decided may break earlier.
                is_complete: window.is_complete
                    && report.keys.iter().all(|(_, report)| is_decided(&report.finding)),
            }
        }
        (None, None) => HistoryVerdict::Unknown { steps: report.steps() },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Register, RegisterAnswer, RegisterCall};
    use super::*;
    use crate::sim::{Describe, Names, NodeId, Operation, Testimony};

    /// A step of operation `number` at a store of registers by key.
    #[derive(Clone, Debug)]
    struct Said {
        number: u64,
        step: OperationStep,
        key: &'static str,
        /// Writes it if it is a beginning; reads it if it is the end of a read.
        value: Option<u64>,
    }

    impl Describe for Said {
        fn label(&self) -> String {
            String::new()
        }

        fn sentence(&self, _: &Names) -> String {
            "says something".into()
        }

        fn operation(&self) -> Option<Operation> {
            Some(Operation { number: self.number, step: self.step })
        }
    }

    static STORE: SeenAs<Register<u64>, Said> = SeenAs {
        name: "a store",
        specification: Register { initial: 0 },
        read: |asks, answer| {
            let key = asks.key.to_owned();
            Some(match asks.value {
                Some(value) => Call {
                    key,
                    input: RegisterCall::Write(value),
                    output: answer.map(|_| RegisterAnswer::Written),
                },
                None => Call {
                    key,
                    input: RegisterCall::Read,
                    output: answer.and_then(|it| it.value).map(RegisterAnswer::Value),
                },
            })
        },
    };

    fn testimony(said: &[(u64, OperationStep, &'static str, Option<u64>)]) -> Testimony {
        let mut testimony = Testimony::new(Some(&STORE));
        for (&(number, step, key, value), at_us) in said.iter().zip(0..) {
            let said = Said { number, step, key, value };
            let operation = said.operation().unwrap();
            testimony.hear((at_us, 0), NodeId(1), operation, Box::new(said));
        }
        testimony
    }

    use OperationStep::{Begins, Fails, IsAbandoned, Succeeds};

    #[test]
    fn a_lost_write_may_be_read_and_a_failed_one_may_not() {
        let judged = |ends| {
            let said = [
                (1, Begins, "x", Some(7)),
                (1, ends, "x", None),
                (2, Begins, "x", None),
                (2, Succeeds, "x", Some(7)),
            ];
            let testimony = testimony(&said);
            STORE.judge(testimony.operations(), 1_000)
        };
        assert_eq!(judged(IsAbandoned), HistoryVerdict::Possible { order: vec![0, 1] });
        assert_eq!(judged(Succeeds), HistoryVerdict::Possible { order: vec![0, 1] });
        let HistoryVerdict::Impossible { refused, states, .. } = judged(Fails) else {
            panic!("a write that failed was read");
        };
        assert_eq!((refused, states), (1, vec![("0".into(), "0".into())]));
    }

    #[test]
    fn a_judgement_that_is_left_and_gone_on_with_comes_out_the_same() {
        let mut said = Vec::new();
        for number in 0..12 {
            said.push((number, Begins, "x", Some(number)));
            said.push((number + 100, Begins, "y", None));
        }
        said.extend((0..12).map(|number| (number, IsAbandoned, "x", None)));
        said.extend([(200, Begins, "x", None), (200, Succeeds, "x", Some(77))]);
        let testimony = testimony(&said);
        for step_limit in [5, 100, 1_000, 100_000] {
            let whole = STORE.judge(testimony.operations(), step_limit);
            let mut judging = STORE.judging(testimony.operations(), step_limit);
            let mut before = 0;
            let verdict = loop {
                if let Some(verdict) = judging.go_on(7) {
                    break verdict;
                }
                assert_eq!(judging.calls(), before + 7, "no more than it was told to");
                before = judging.calls();
            };
            assert_eq!(verdict, whole);
        }
    }

    #[test]
    fn keys_are_judged_one_by_one_and_said_in_words() {
        let said = [
            (1, Begins, "x", Some(7)),
            (2, Begins, "y", None),
            (1, Succeeds, "x", None),
            (2, Succeeds, "y", Some(7)),
        ];
        let testimony = testimony(&said);
        let told = testimony.operations();
        let verdict = STORE.judge(told, 1_000);
        assert!(matches!(verdict, HistoryVerdict::Impossible { refused: 1, .. }), "{verdict:?}");
        let names = Names::new(Vec::new());
        assert_eq!(testimony.words(&told[1], &names), ("y: read".into(), Some("7".into())));
        assert!(matches!(STORE.judge(told, 0), HistoryVerdict::Unknown { .. }));
    }

    #[test]
    fn an_operation_begun_again_leaves_the_first_one_open() {
        let said = [(1, Begins, "x", Some(7)), (1, Begins, "x", Some(8)), (1, Succeeds, "x", None)];
        let testimony = testimony(&said);
        let ended: Vec<bool> = testimony.operations().iter().map(|it| it.ended.is_some()).collect();
        assert_eq!(ended, [false, true]);
    }
}
