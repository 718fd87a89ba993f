//! Copies come to be equal, and equal to the algorithms as the papers have them.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;

use super::operation::{Edit, Operation};
use super::reference::Reference;
use super::{Algorithm, Sequence};
use crate::mechanism::clock::VersionVector;
use crate::sim::NodeId;

const BOTH: [Algorithm; 2] = [Algorithm::Rga, Algorithm::Fugue];

fn everything(copy: &Sequence) -> Vec<Operation> {
    copy.since(&VersionVector::default())
}

fn digest(copy: &Sequence) -> u64 {
    let mut hasher = DefaultHasher::new();
    copy.hash(&mut hasher);
    hasher.finish()
}

/// Takes operations apart.
fn single(operations: Vec<Operation>) -> Vec<Operation> {
    let ones = operations.into_iter().flat_map(|it| {
        (0..it.length()).map(move |at| {
            let mut one = it.clone().skip(at);
            match &mut one.edit {
                Edit::Insert { text, .. } => *text = text.chars().take(1).collect(),
                Edit::Delete { length, .. } => *length = 1,
            }
            one
        })
    });
    ones.collect()
}

/// Calls `visit` with every order of the items.
fn permute<T: Clone>(items: &mut Vec<T>, from: usize, visit: &mut impl FnMut(&[T])) {
    if from + 1 >= items.len() {
        visit(items);
        return;
    }
    for at in from..items.len() {
        items.swap(from, at);
        permute(items, from + 1, visit);
        items.swap(from, at);
    }
}

/// A small edit: at the beginning, in the middle or at the end, or a deletion of the first letter.
fn edit(copy: &mut Sequence, agent: u16, kind: u32) {
    if kind == 3 {
        copy.delete(NodeId(agent), 0, 1);
    } else {
        let letter = char::from(b'a' + u8::try_from(agent).unwrap_or(0));
        copy.insert(NodeId(agent), copy.shown() * kind / 2, &letter.to_string());
    }
}

/// Every five edits of three people, of whom one has heard of the first, in every order, each twice.
#[test]
fn every_order_of_small_sets_comes_to_the_same_text() {
    for algorithm in BOTH {
        let mut base = Sequence::new(algorithm);
        base.insert(NodeId(9), 0, "xy");
        for script in 0..4_u32.pow(5) {
            let kind = |number: u32| script / 4_u32.pow(number) % 4;
            let mut copies = [base.clone(), base.clone(), base.clone()];
            edit(&mut copies[0], 0, kind(0));
            let told = copies[0].clone();
            copies[2].merge(&told);
            edit(&mut copies[0], 0, kind(1));
            edit(&mut copies[1], 1, kind(2));
            edit(&mut copies[1], 1, kind(3));
            edit(&mut copies[2], 2, kind(4));
            let mut all = base.clone();
            for copy in &copies {
                all.merge(copy);
            }
            let reference = Reference::of(algorithm, &everything(&all));
            assert_eq!(all.text(), reference.text(), "{algorithm:?} {script}");
            let mut operations = single(all.since(&base.version()));
            permute(&mut operations, 0, &mut |order| {
                let mut copy = base.clone();
                for operation in order {
                    copy.apply(operation.clone());
                    copy.apply(operation.clone());
                }
                assert_eq!(copy.waiting(), 0);
                assert!(copy == all && copy.text() == reference.text(), "{order:?}");
            });
        }
    }
}

/// What happens to the copies.
#[derive(Clone, Debug)]
enum Step {
    Type(u16, u32, String),
    Delete(u16, u32, u32),
    /// One copy hears all that another has.
    Hear(u16, u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3_u16, 0..40_u32, "[a-zäß]{1,3}").prop_map(|(who, at, text)| Step::Type(who, at, text)),
        2 => (0..3_u16, 0..40_u32, 1..4_u32).prop_map(|(who, at, count)| Step::Delete(who, at, count)),
        1 => (0..3_u16, 0..3_u16).prop_map(|(to, from)| Step::Hear(to, from)),
    ];
    prop::collection::vec(step, 0..60)
}

/// Types a text and compares with what a reader expects and with where the paper hangs it.
fn type_in(copy: &mut Sequence, who: u16, at: u32, text: &str) {
    let at = at.min(copy.shown());
    let before = everything(copy);
    let mut expected: Vec<char> = copy.text().chars().collect();
    let place = at as usize;
    expected.splice(place..place, text.chars());
    let version = copy.version();
    copy.insert(NodeId(who), at, text);
    assert_eq!(copy.text(), expected.iter().collect::<String>());
    let new = copy.since(&version);
    let Some(Operation { edit: Edit::Insert { parent, side, .. }, .. }) = new.first() else {
        panic!("{new:?}");
    };
    assert_eq!((*parent, *side), Reference::of(copy.algorithm(), &before).place(place));
}

/// Plays steps, and lets everybody hear of everything at the end.
fn play(algorithm: Algorithm, steps: &[Step]) -> Vec<Sequence> {
    let mut copies = vec![Sequence::new(algorithm); 3];
    for step in steps {
        match step {
            Step::Type(who, at, text) => type_in(&mut copies[usize::from(*who)], *who, *at, text),
            &Step::Delete(who, at, count) => {
                let copy = &mut copies[usize::from(who)];
                let mut expected: Vec<char> = copy.text().chars().collect();
                let begin = expected.len().min(at as usize);
                let end = expected.len().min((at + count) as usize);
                expected.drain(begin..end);
                copy.delete(NodeId(who), at, count);
                assert_eq!(copy.text(), expected.iter().collect::<String>());
            }
            &Step::Hear(to, from) => {
                let told = copies[usize::from(from)].clone();
                copies[usize::from(to)].merge(&told);
            }
        }
    }
    for (to, from) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
        let told = copies[from].clone();
        copies[to].merge(&told);
    }
    copies
}

proptest! {
    #[test]
    fn copies_that_heard_of_everything_are_equal(steps in steps(), order in any::<u64>()) {
        for algorithm in BOTH {
            let copies = play(algorithm, &steps);
            let operations = everything(&copies[0]);
            let text = Reference::of(algorithm, &operations).text();
            for copy in &copies {
                prop_assert_eq!(copy.text(), text.as_str());
                prop_assert!(copy == &copies[0]);
                prop_assert_eq!(digest(copy), digest(&copies[0]));
                prop_assert_eq!(copy.shown() as usize, text.chars().count());
            }
            // One more hears of it operation by operation, in some order.
            let mut ones = single(operations);
            ones.sort_by_key(|it| {
                (u64::from(it.id.counter) ^ order).wrapping_mul(order | 1) ^ u64::from(it.id.agent.0)
            });
            let mut late = Sequence::new(algorithm);
            for one in ones.iter().chain(&ones) {
                late.apply(one.clone());
            }
            prop_assert!(late == copies[0]);
            prop_assert_eq!(late.text(), text);
        }
    }

    #[test]
    fn every_letter_knows_its_place(steps in steps()) {
        let copy = &play(Algorithm::Fugue, &steps)[0];
        let mut place = 0;
        for run in copy.runs() {
            for by in 0..run.length {
                prop_assert_eq!(copy.shown_before(run.first.later(by)), Some(place));
                place += u32::from(!run.is_deleted);
            }
        }
    }

    #[test]
    fn neighbouring_runs_are_one(steps in steps()) {
        let runs: Vec<_> = play(Algorithm::Rga, &steps)[0].runs().collect();
        for pair in runs.windows(2) {
            let follows = pair[0].first.later(pair[0].length) == pair[1].first;
            prop_assert!(!(follows && pair[0].is_deleted == pair[1].is_deleted));
        }
    }
}

#[test]
fn what_is_typed_and_deleted_in_a_row_is_one_operation() {
    let mut copy = Sequence::new(Algorithm::Fugue);
    for (at, letter) in (0..).zip(["h", "e", "l", "l", "o"]) {
        copy.insert(NodeId(1), at, letter);
    }
    for at in [4, 3, 2] {
        copy.delete(NodeId(1), at, 1);
    }
    copy.delete(NodeId(1), 0, 1);
    assert_eq!(copy.text(), "e");
    let lengths: Vec<u32> = everything(&copy).iter().map(Operation::length).collect();
    assert_eq!(lengths, [5, 3, 1]);
    assert_eq!(copy.runs().count(), 3);
}

#[test]
fn an_operation_waits_for_what_it_needs() {
    let mut author = Sequence::new(Algorithm::Rga);
    author.insert(NodeId(0), 0, "ab");
    let mut other = author.clone();
    other.insert(NodeId(1), 1, "x");
    other.delete(NodeId(1), 0, 1);
    let mut late = Sequence::new(Algorithm::Rga);
    let by_other = other.since(&author.version());
    for one in by_other.iter().rev() {
        late.apply(one.clone());
    }
    assert_eq!((late.text(), late.waiting()), (String::new(), 2));
    late.merge(&author);
    assert_eq!((late.text(), late.waiting()), ("xb".into(), 0));
    assert!(late == other);
}

/// Pieces of what one author did that overlap come to the same as the whole.
#[test]
fn pieces_may_overlap() {
    let mut author = Sequence::new(Algorithm::Fugue);
    author.insert(NodeId(0), 0, "abcdef");
    for at in [4, 3, 2, 1] {
        author.delete(NodeId(0), at, 1);
    }
    let whole = everything(&author);
    let ones = single(whole.clone());
    for begin in 0..ones.len() {
        for end in begin..=ones.len() {
            let mut copy = Sequence::new(Algorithm::Fugue);
            for piece in ones[begin..end].iter().chain(&whole) {
                copy.apply(piece.clone());
            }
            assert!(copy == author && copy.text() == "af", "{begin}..{end}");
        }
    }
}
