//! The store against its full history, and caches over a channel that loses, doubles and reorders.

use proptest::prelude::*;

use super::Relation::{Equal, Greater, Less, NotEqual};
use super::*;

const FLAG: Key = 1;
const OWNER: Key = 2;

fn put(key: Key, value: u64) -> Operation {
    Operation::Put { key, value, lease: None }
}

fn make(then: impl Into<Vec<Operation>>) -> Command {
    Command::Transact(Transaction { then: then.into(), ..Transaction::default() })
}

fn apply(store: &mut Store, command: Command) -> Outcome {
    store.carry_out(&Request { id: None, command }).unwrap()
}

fn if_created(key: Key, revision: Revision, then: Operation, otherwise: Operation) -> Command {
    let (relation, target) = (Relation::Equal, Target::Created(revision));
    let compares = vec![Compare { key, relation, target }];
    Command::Transact(Transaction { compares, then: vec![then], otherwise: vec![otherwise] })
}

/// etcd, "Data model": a key has a life from its creation to its deletion, and its version counts
/// within that life; creation and modification are revisions of the store.
#[test]
fn a_key_knows_its_revisions_and_its_version() {
    let mut store = Store::default();
    let known = |store: &Store| {
        store.get(FLAG).map(|item| (item.value, item.created, item.modified, item.version))
    };
    apply(&mut store, make([put(FLAG, 7)]));
    apply(&mut store, make([put(OWNER, 1)]));
    apply(&mut store, make([put(FLAG, 8)]));
    assert_eq!((store.revision(), known(&store)), (3, Some((8, 1, 3, 2))));
    apply(&mut store, make([Operation::Delete(FLAG)]));
    assert_eq!((store.revision(), known(&store)), (4, None));
    apply(&mut store, make([put(FLAG, 9)]));
    assert_eq!((store.revision(), known(&store)), (5, Some((9, 5, 5, 1))));
    let at = |revision| store.items_at(revision).unwrap().iter().map(|it| it.1.value).collect();
    let states: [Vec<u64>; 6] = [0, 1, 2, 3, 4, 5].map(at);
    assert_eq!(states, [vec![], vec![7], vec![7, 1], vec![8, 1], vec![1], vec![9, 1]]);
}

#[test]
fn a_transaction_is_one_revision_and_one_that_changes_nothing_is_none() {
    let mut store = Store::default();
    let steps = [put(FLAG, 1), Operation::Get(FLAG), put(OWNER, 2)];
    let outcome = apply(&mut store, make(steps));
    assert_eq!((outcome.revision, outcome.read[0].map(|item| item.value)), (1, Some(1)));
    assert!(store.tape().iter().all(|event| event.revision == 1) && store.tape().len() == 2);
    assert_eq!(apply(&mut store, make([Operation::Get(FLAG)])).revision, 1);
    assert_eq!(apply(&mut store, make([Operation::Delete(9)])).revision, 1, "not there");
    let twice = apply(&mut store, make([put(FLAG, 2), Operation::Delete(FLAG)]));
    assert_eq!((twice.revision, twice.result), (1, Err(Refusal::KeyTwice)));
}

#[test]
fn of_two_who_find_nobody_one_becomes_the_owner() {
    let mut store = Store::default();
    let claim = |who| if_created(OWNER, 0, put(OWNER, who), Operation::Get(OWNER));
    assert_eq!(apply(&mut store, claim(1)).result, Ok(true));
    let second = apply(&mut store, claim(2));
    assert_eq!((second.result, second.revision), (Ok(false), 1));
    assert_eq!(second.read[0].map(|item| item.value), Some(1), "it is told who was first");
}

#[test]
fn each_relation_compares_as_it_says_and_what_is_not_there_has_no_value() {
    let mut store = Store::default();
    apply(&mut store, make([put(FLAG, 5)]));
    let holds = |relation, target| Compare { key: FLAG, relation, target }.holds(store.get(FLAG));
    let on = |number| [Equal, NotEqual, Less, Greater].map(|it| holds(it, Target::Value(number)));
    assert_eq!(on(5), [true, false, false, false]);
    assert_eq!(on(6), [false, true, true, false]);
    assert_eq!(on(4), [false, true, false, true]);
    assert!(holds(Equal, Target::Version(1)) && holds(Equal, Target::Modified(1)));
    let absent = |relation, target| Compare { key: 9, relation, target }.holds(None);
    assert!(!absent(NotEqual, Target::Value(3)) && absent(Equal, Target::Created(0)));
}

#[test]
fn a_retry_is_made_once_and_gets_the_same_answer() {
    let mut store = Store::default();
    let request = |number, value| {
        let command = make([put(FLAG, value)]);
        Request { id: Some((3, number)), command }
    };
    let first = store.carry_out(&request(1, 7)).unwrap();
    store.carry_out(&Request { id: Some((4, 9)), command: make([put(FLAG, 8)]) });
    assert_eq!(store.carry_out(&request(1, 7)), Some(first.clone()));
    assert_eq!((store.revision(), store.outcome_of((3, 1))), (2, Some(&first)));
    store.carry_out(&request(2, 9));
    assert_eq!(store.carry_out(&request(1, 7)), None, "its client has gone on");
    assert_eq!(store.revision(), 3);
}

#[test]
fn a_lease_takes_its_keys_along_unless_it_was_renewed_first() {
    let mut store = Store::default();
    let leased = |key| Operation::Put { key, value: 1, lease: Some(5) };
    assert_eq!(apply(&mut store, make([leased(OWNER)])).result, Err(Refusal::NoLease));
    apply(&mut store, Command::Grant { lease: 5, lasts_us: 100 });
    let again = apply(&mut store, Command::Grant { lease: 5, lasts_us: 900 });
    assert_eq!(again.result, Err(Refusal::LeaseExists));
    apply(&mut store, make([leased(OWNER), put(FLAG, 1)]));
    apply(&mut store, make([leased(7)]));
    apply(&mut store, Command::KeepAlive(5));
    let late = apply(&mut store, Command::Revoke { lease: 5, renewals: Some(0) });
    assert_eq!((late.result, store.revision()), (Ok(false), 2), "a renewal came before it");
    let end = apply(&mut store, Command::Revoke { lease: 5, renewals: Some(1) });
    assert_eq!((end.result, end.revision), (Ok(true), 3), "both keys in one revision");
    assert_eq!(store.items().iter().map(|(key, _)| *key).collect::<Vec<_>>(), [FLAG]);
    assert_eq!(apply(&mut store, Command::KeepAlive(5)).result, Err(Refusal::NoLease));
}

#[test]
fn a_leader_proposes_the_end_of_a_lease_after_its_whole_time_and_a_new_one_begins_anew() {
    let (mut store, mut clock) = (Store::default(), LeaseClock::default());
    apply(&mut store, Command::Grant { lease: 5, lasts_us: 100 });
    clock.follow(&store, true, 1_000);
    assert!(clock.take_due(1_099).is_empty());
    apply(&mut store, Command::KeepAlive(5));
    clock.follow(&store, true, 1_050);
    assert!(clock.take_due(1_149).is_empty());
    let end = [Command::Revoke { lease: 5, renewals: Some(1) }];
    assert_eq!((clock.take_due(1_150), clock.take_due(1_160)), (end.to_vec(), Vec::new()), "once");
    clock.follow(&store, false, 1_200);
    clock.follow(&store, true, 1_300);
    assert!(clock.take_due(1_399).is_empty());
    assert_eq!(clock.take_due(1_400), end);
}

#[test]
fn compaction_leaves_the_state_and_says_what_is_gone() {
    let mut store = Store::default();
    for command in [
        make([put(FLAG, 1), put(OWNER, 1)]),
        make([put(FLAG, 2)]),
        make([Operation::Delete(OWNER)]),
        make([put(FLAG, 3)]),
    ] {
        apply(&mut store, command);
    }
    let before = store.items_at(3);
    assert_eq!(apply(&mut store, Command::Compact(9)).result, Err(Refusal::NotThere));
    assert_eq!(apply(&mut store, Command::Compact(3)).result, Ok(true));
    assert_eq!(apply(&mut store, Command::Compact(3)).result, Err(Refusal::NotThere));
    assert_eq!((store.items_at(3), store.items_at(2)), (before, Err(Compacted { at: 3 })));
    assert_eq!(store.tape().len(), 2, "the deletion is gone, too");
    assert_eq!(store.since(2), Err(Compacted { at: 3 }));
    assert_eq!(store.since(3).map(<[Event]>::len), Ok(1));
}

const ALL: Rules = Rules { resumes: true, keeps_order: true, lists_again: true };

fn filled(revisions: u64) -> Store {
    let mut store = Store::default();
    for value in 1..=revisions {
        apply(&mut store, make([put(FLAG, value)]));
    }
    store
}

fn flag(informer: &Informer) -> Option<u64> {
    informer.items().iter().find(|(key, _)| *key == FLAG).map(|(_, item)| item.value)
}

#[test]
fn a_watch_on_another_server_goes_on_where_the_cache_is() {
    for (resumes, expected) in [(true, Some(3)), (false, Some(2))] {
        let mut informer = Informer::new(Rules { resumes, ..ALL });
        let store = filled(2);
        informer.on_list(store.revision(), &store.items());
        let store = filled(3);
        let after = informer.begin_watch(1);
        let batch = Watch::new(1, after, &store).next(&store).unwrap();
        informer.on_batch(&batch);
        assert_eq!((flag(&informer), informer.cursor()), (expected, 3), "resumes: {resumes}");
    }
}

#[test]
fn who_was_away_for_too_long_lists_again() {
    let mut store = filled(9);
    apply(&mut store, Command::Compact(6));
    let mut informer = Informer::new(ALL);
    informer.on_list(2, &store.items_at(6).unwrap());
    let after = informer.begin_watch(1);
    let gone = Watch::new(1, after, &store).next(&store).unwrap_err();
    assert_eq!(informer.on_compacted(1, gone), Heard::NeedsList);
    assert_eq!(informer.on_compacted(7, gone), Heard::Stranger);
    let mut careless = Informer::new(Rules { lists_again: false, ..ALL });
    careless.begin_watch(1);
    assert_eq!(careless.on_compacted(1, gone), Heard::Gap);
    assert_eq!(careless.begin_watch(2), Some(6), "as if it had seen all up to there");
}

#[test]
fn a_batch_that_is_late_doubled_or_lost_is_noticed() {
    let mut watch = Watch::new(1, Some(0), &Store::default());
    let batches = [2, 4, 5].map(|revisions| watch.next(&filled(revisions)).unwrap());
    let [first, second, third] = &batches;
    let mut informer = Informer::new(ALL);
    informer.begin_watch(1);
    assert_eq!(informer.on_batch(second), Heard::Gap);
    assert_eq!(informer.on_batch(first), Heard::Sees(first.events.clone()));
    assert_eq!(informer.on_batch(first), Heard::Sees(Vec::new()), "doubled");
    assert_eq!(informer.on_batch(third), Heard::Gap);
    let mut careless = Informer::new(Rules { keeps_order: false, ..ALL });
    careless.begin_watch(1);
    careless.on_batch(second);
    careless.on_batch(first);
    assert_eq!(flag(&careless), Some(2), "its cache went back from 4");
}

fn any_command() -> impl Strategy<Value = Command> {
    let key = || 0..3_u16;
    let lease = || 0..3_u64;
    let operation = prop_oneof![
        3 => (key(), 0..9_u64, prop::option::of(lease()))
            .prop_map(|(key, value, lease)| Operation::Put { key, value, lease }),
        1 => key().prop_map(Operation::Delete),
        1 => key().prop_map(Operation::Get),
    ];
    prop_oneof![
        6 => prop::collection::vec(operation, 0..4).prop_map(make),
        1 => (lease(), 1..9_u64).prop_map(|(lease, lasts_us)| Command::Grant { lease, lasts_us }),
        1 => lease().prop_map(Command::KeepAlive),
        1 => (lease(), prop::option::of(0..2_u64))
            .prop_map(|(lease, renewals)| Command::Revoke { lease, renewals }),
        1 => (0..40_u64).prop_map(Command::Compact),
    ]
}

proptest! {
    /// Whatever is asked and compacted: each revision that is still known is as it was when it was
    /// made, what follows it leads to the present, and a snapshot is the store to the bit.
    #[test]
    fn every_known_revision_is_as_it_was(commands in prop::collection::vec(any_command(), 0..40)) {
        let mut store = Store::default();
        let mut states = vec![Vec::new()];
        for (number, command) in (1..).zip(commands) {
            store.carry_out(&Request { id: Some((0, number)), command });
            if store.revision() == states.len() as u64 {
                states.push(store.items());
            }
            prop_assert_eq!(store.revision() + 1, states.len() as u64, "one at a time");
            let known = (0..).zip(&states).filter(|(revision, _)| *revision >= store.compacted());
            for (revision, state) in known {
                let known = store.items_at(revision);
                prop_assert_eq!(known.as_ref(), Ok(state));
                let mut informer = Informer::new(ALL);
                informer.on_list(revision, state);
                let after = informer.begin_watch(1);
                let batch = Watch::new(1, after, &store).next(&store);
                prop_assert!(informer.on_batch(&batch.unwrap()) != Heard::Gap);
                prop_assert_eq!(informer.items(), &store.items()[..]);
            }
            let bytes = postcard::to_allocvec(&store).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Store>(&bytes).unwrap(), store.clone());
        }
    }

    /// A cache over a channel that may do anything to single messages is a true copy as of its cursor,
    /// and the cursor never goes back.
    #[test]
    fn a_cache_is_a_true_copy_as_of_its_cursor(steps in prop::collection::vec((0..7_u8, any_command()), 0..60)) {
        let mut store = Store::default();
        let (mut informer, mut number) = (Informer::new(ALL), 1);
        let mut watch = Watch::new(1, informer.begin_watch(1), &store);
        let mut flying: Vec<Result<Batch, Compacted>> = Vec::new();
        for (what, command) in steps {
            store.carry_out(&Request { id: None, command });
            let before = informer.cursor();
            let heard = match (what, flying.is_empty()) {
                (0 | 1, _) => { flying.push(watch.next(&store)); None }
                (2, false) => { drop(flying.remove(0)); None }
                (3, false) => { let it = flying[0].clone(); flying.push(it); None }
                (4, false) => Some((number, flying.pop().unwrap())),
                (_, false) => Some((number, flying.remove(0))),
                (_, true) => None,
            };
            let heard = match heard {
                Some((_, Ok(batch))) => Some(informer.on_batch(&batch)),
                Some((of, Err(gone))) => Some(informer.on_compacted(of, gone)),
                None => None,
            };
            if heard == Some(Heard::NeedsList) {
                informer.on_list(store.revision(), &store.items());
            }
            if matches!(heard, Some(Heard::NeedsList | Heard::Gap)) {
                number += 1;
                watch = Watch::new(number, informer.begin_watch(number), &store);
                flying.retain(Result::is_ok);
            }
            prop_assert!(informer.cursor() >= before);
            if let Ok(items) = store.items_at(informer.cursor()) {
                prop_assert_eq!(informer.items(), &items[..]);
            }
        }
    }
}
