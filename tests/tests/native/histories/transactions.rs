//! Transactions: the schedules of Hermitage, and small random ones against the definitions.

use std::collections::{BTreeMap, BTreeSet};

use faultline_core::check::history::{Completion, History};
use faultline_core::check::transactions::{
    self, Anomaly, AnomalyKind, Isolation, MicroOperation, Precedence, TransactionHistory,
};
use faultline_core::sim::Stream;

type Step = MicroOperation<char, u64>;
type Transactions = TransactionHistory<char, u64>;

/// Returns everything that went wrong.
fn anomalies(history: &Transactions, precedence: Precedence) -> Vec<Anomaly> {
    transactions::anomalies(history, precedence).expect("every value names its writer")
}

fn append(key: char, element: u64) -> Step {
    MicroOperation::Append(key, element)
}

fn list(key: char, elements: &[u64]) -> Step {
    MicroOperation::ReadList(key, elements.into())
}

fn write(key: char, value: u64) -> Step {
    MicroOperation::Write(key, value)
}

fn read(key: char, value: u64) -> Step {
    MicroOperation::Read(key, Some(value))
}

fn unwritten(key: char) -> Step {
    MicroOperation::Read(key, None)
}

/// Records transactions that are all invoked before the first of them returns; `None` aborts.
fn concurrent(transactions: &[(&[Step], bool)]) -> Transactions {
    let mut history = History::new();
    for ((steps, _), process) in transactions.iter().zip(0..) {
        history.invoke(process, steps.to_vec()).expect("the process is free");
    }
    for ((steps, commits), process) in transactions.iter().zip(0..) {
        let committed = Completion::Answered(steps.to_vec());
        let completion = if *commits { committed } else { Completion::Failed };
        history.complete(process, completion).expect("the process waits");
    }
    history
}

fn kinds(found: &[Anomaly]) -> Vec<AnomalyKind> {
    let kinds: BTreeSet<AnomalyKind> = found.iter().map(|anomaly| anomaly.kind).collect();
    kinds.into_iter().collect()
}

/// Checks which anomalies committed, concurrent transactions show.
#[track_caller]
fn expect(transactions: &[&[Step]], expected: &[AnomalyKind]) -> Vec<Anomaly> {
    let transactions: Vec<_> = transactions.iter().map(|steps| (*steps, true)).collect();
    let found = anomalies(&concurrent(&transactions), Precedence::Dependencies);
    assert_eq!(kinds(&found), expected, "{found:#?}");
    for anomaly in &found {
        assert!(!anomaly.reasons.is_empty());
        for (from, to) in anomaly.cycle.iter().zip(anomaly.cycle.iter().cycle().skip(1)) {
            assert_eq!(from.to, to.from, "not a cycle: {anomaly:#?}");
        }
    }
    found
}

#[test]
fn serial_transactions_show_nothing() {
    let serial: [&[Step]; 3] = [
        &[append('x', 1), append('y', 1)],
        &[list('x', &[1]), append('x', 2), list('x', &[1, 2])],
        &[list('x', &[1, 2]), list('y', &[1])],
    ];
    expect(&serial, &[]);
    expect(&[&[write('x', 1)], &[read('x', 1), write('x', 2)], &[read('x', 2)]], &[]);
}

/// Hermitage, G0: two transactions write two rows, each last in one of them.
#[test]
fn a_dirty_write_is_g0() {
    let found = expect(
        &[
            &[append('x', 1), append('y', 1)],
            &[append('x', 2), append('y', 2)],
            &[list('x', &[1, 2]), list('y', &[2, 1])],
        ],
        &[AnomalyKind::G0],
    );
    let expected = ["T0 wrote 1 to x, and T1 later 2", "T1 wrote 2 to y, and T0 later 1"];
    assert_eq!(found[0].reasons, expected);
}

/// Hermitage, G1a: what is read is rolled back later.
#[test]
fn reading_what_is_aborted_is_g1a() {
    let history =
        concurrent(&[(&[append('x', 1)], false), (&[list('x', &[1])], true), (&[], true)]);
    let found = anomalies(&history, Precedence::Dependencies);
    assert_eq!(kinds(&found), [AnomalyKind::G1a]);
    assert_eq!(found[0].transactions, [0, 1]);
    let history = concurrent(&[(&[write('x', 1)], false), (&[read('x', 1)], true)]);
    assert_eq!(kinds(&anomalies(&history, Precedence::Dependencies)), [AnomalyKind::G1a]);
}

/// Hermitage, G1b: what is read is written again by its transaction before it commits.
#[test]
fn reading_what_is_not_the_last_word_is_g1b() {
    let found = expect(
        &[&[append('x', 1), append('x', 2)], &[list('x', &[1])], &[list('x', &[1, 2])]],
        &[AnomalyKind::G1b, AnomalyKind::GSingle],
    );
    assert_eq!(found[0].transactions, [0, 1]);
    let found = expect(
        &[&[write('x', 1), write('x', 2)], &[read('x', 1)]],
        &[AnomalyKind::G1b, AnomalyKind::GSingle],
    );
    assert_eq!(found[0].reasons, ["T1 read 1 in x, which T0 wrote and then replaced"]);
}

/// Hermitage, G1c: each of two transactions reads what the other has written.
#[test]
fn reading_from_each_other_is_g1c() {
    expect(
        &[&[append('x', 1), list('y', &[2])], &[append('y', 2), list('x', &[1])]],
        &[AnomalyKind::G1c],
    );
    expect(&[&[write('x', 1), read('y', 2)], &[write('y', 2), read('x', 1)]], &[AnomalyKind::G1c]);
}

/// Hermitage, G-single: one transaction reads x before and y after another has written both.
#[test]
fn a_skewed_read_is_g_single() {
    let found = expect(
        &[&[list('x', &[]), list('y', &[2])], &[append('x', 1), append('y', 2)]],
        &[AnomalyKind::GSingle],
    );
    assert!(Isolation::SnapshotIsolation.forbids(found[0].kind));
    assert!(!Isolation::ReadCommitted.forbids(found[0].kind));
    expect(
        &[&[unwritten('x'), read('y', 2)], &[write('x', 1), write('y', 2)]],
        &[AnomalyKind::GSingle],
    );
}

/// Hermitage, P4: two transactions read the same version of a row and both write it.
#[test]
fn a_lost_update_is_p4() {
    let found = expect(
        &[
            &[list('x', &[]), append('x', 1)],
            &[list('x', &[]), append('x', 2)],
            &[list('x', &[1, 2])],
        ],
        &[AnomalyKind::LostUpdate, AnomalyKind::GSingle],
    );
    assert_eq!(found[0].transactions, [0, 1]);
    let updates: [&[Step]; 3] =
        [&[write('x', 1)], &[read('x', 1), write('x', 2)], &[read('x', 1), write('x', 3)]];
    let found = expect(&updates, &[AnomalyKind::LostUpdate, AnomalyKind::G2Item]);
    assert_eq!(found[0].reasons, ["each read 1 in x and then wrote x"]);
}

/// Hermitage, G2-item: two transactions read both rows, and each writes another one.
#[test]
fn write_skew_is_g2_item_and_snapshot_isolation_allows_it() {
    let found = expect(
        &[
            &[list('x', &[]), list('y', &[]), append('x', 1)],
            &[list('x', &[]), list('y', &[]), append('y', 2)],
        ],
        &[AnomalyKind::G2Item],
    );
    assert!(!Isolation::SnapshotIsolation.forbids(found[0].kind));
    assert!(Isolation::Serializable.forbids(found[0].kind));
    expect(
        &[
            &[unwritten('x'), unwritten('y'), write('x', 1)],
            &[unwritten('y'), write('y', 2), unwritten('x')],
        ],
        &[AnomalyKind::G2Item],
    );
}

/// Long fork: two readers see two writers in different orders. Snapshot isolation forbids it.
#[test]
fn a_long_fork_is_g_nonadjacent() {
    expect(
        &[
            &[append('x', 1)],
            &[append('y', 2)],
            &[list('x', &[1]), list('y', &[])],
            &[list('x', &[]), list('y', &[2])],
        ],
        &[AnomalyKind::GNonadjacent, AnomalyKind::G2Item],
    );
}

#[test]
fn what_no_database_explains_has_its_names() {
    expect(&[&[list('x', &[7])]], &[AnomalyKind::GarbageRead]);
    expect(&[&[append('x', 1), list('x', &[])]], &[AnomalyKind::Internal]);
    expect(&[&[write('x', 1), unwritten('x')]], &[AnomalyKind::Internal]);
    let forked: [&[Step]; 4] =
        [&[append('x', 1)], &[append('x', 2)], &[list('x', &[1])], &[list('x', &[2])]];
    let found = expect(&forked, &[AnomalyKind::IncompatibleOrder]);
    assert_eq!(found[0].transactions, [2, 3]);
}

#[test]
fn a_stale_read_breaks_only_the_strict_kinds() {
    let mut history = History::new();
    for (process, steps) in [(0, vec![append('x', 1)]), (1, vec![list('x', &[])])] {
        history.invoke(process, steps.clone()).expect("the process is free");
        history.complete(process, Completion::Answered(steps)).expect("the process waits");
    }
    assert_eq!(anomalies(&history, Precedence::Dependencies), []);
    let found = anomalies(&history, Precedence::RealTime);
    assert_eq!(kinds(&found), [AnomalyKind::GSingle]);
    assert!(found[0].needs_real_time());
}

/// One transaction of a random history, as it was.
#[derive(Clone, Debug)]
struct Drawn {
    steps: Vec<Step>,
    commits: bool,
    is_known: bool,
}

/// Draws lists that are appended to and read by transactions that are kept apart badly. The last
/// transaction reads both lists as they are in the end, so that no version's place is unknown.
fn draw(stream: &mut Stream) -> Vec<Drawn> {
    let count = 2 + stream.index(3);
    let mut drawn: Vec<Drawn> = Vec::new();
    let mut store: BTreeMap<char, Vec<u64>> = BTreeMap::new();
    let mut past = vec![store.clone()];
    for _ in 0..count {
        let commits = stream.chance(85);
        let snapshot = past[stream.index(past.len())].clone();
        let mut own: BTreeMap<char, Vec<u64>> = BTreeMap::new();
        let mut steps = Vec::new();
        for _ in 0..=stream.index(4) {
            let key = ['x', 'y'][stream.index(2)];
            if stream.chance(50) {
                let element = 10 * (drawn.len() as u64 + 1) + steps.len() as u64;
                own.entry(key).or_default().push(element);
                steps.push(append(key, element));
            } else {
                let from = if stream.chance(85) { &snapshot } else { &store };
                let mut seen = from.get(&key).cloned().unwrap_or_default();
                seen.extend(own.get(&key).into_iter().flatten());
                steps.push(list(key, &seen));
            }
        }
        if commits {
            extend(&mut store, own);
            past.push(store.clone());
        }
        drawn.push(Drawn { steps, commits, is_known: stream.chance(90) });
    }
    let end = ['x', 'y'].map(|key| list(key, store.get(&key).map_or(&[], Vec::as_slice)));
    drawn.push(Drawn { steps: end.into(), commits: true, is_known: true });
    drawn
}

/// Records the transactions. The last one begins when all others that return have returned; the
/// others overlap at random, or all of them if there is no `stream`.
fn record(drawn: &[Drawn], mut stream: Option<&mut Stream>) -> Transactions {
    let mut history = History::new();
    let mut open: Vec<u64> = Vec::new();
    let last = drawn.len() - 1;
    for (index, transaction) in drawn.iter().enumerate() {
        let returns = |_: &mut u64| stream.as_mut().is_some_and(|stream| stream.chance(50));
        let due: Vec<u64> = if index == last {
            std::mem::take(&mut open)
        } else {
            open.extract_if(.., returns).collect()
        };
        for process in due {
            complete(&mut history, drawn, process);
        }
        let process = index as u64;
        history.invoke(process, transaction.steps.clone()).expect("the process is free");
        open.push(process);
    }
    complete(&mut history, drawn, last as u64);
    history
}

fn complete(history: &mut Transactions, drawn: &[Drawn], process: u64) {
    let transaction = &drawn[usize::try_from(process).expect("there are few")];
    let completion = match (transaction.is_known, transaction.commits) {
        (true, true) => Completion::Answered(transaction.steps.clone()),
        (true, false) => Completion::Failed,
        (false, _) => Completion::Unknown,
    };
    history.complete(process, completion).expect("the process waits");
}

/// Visits every way to put `items` in order.
fn permutations(items: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == items.len() {
        return visit(items);
    }
    for index in from..items.len() {
        items.swap(from, index);
        permutations(items, from + 1, visit);
        items.swap(from, index);
    }
}

type Store = BTreeMap<char, Vec<u64>>;

fn extend(store: &mut Store, own: Store) {
    for (key, elements) in own {
        store.entry(key).or_default().extend(elements);
    }
}

/// Whether the reads of a transaction are those of a snapshot with its own writes; and its writes.
fn replay(transaction: &Drawn, snapshot: &Store) -> Option<Store> {
    let mut view = snapshot.clone();
    let mut own = Store::new();
    for step in &transaction.steps {
        match step {
            MicroOperation::Append(key, element) => {
                view.entry(*key).or_default().push(*element);
                own.entry(*key).or_default().push(*element);
            }
            MicroOperation::ReadList(key, seen) => {
                let is_seen = view.get(key).map_or(&[][..], Vec::as_slice) == seen;
                // Nobody knows what a lost transaction read.
                if transaction.is_known && !is_seen {
                    return None;
                }
            }
            MicroOperation::Write(..) | MicroOperation::Read(..) => return None,
        }
    }
    Some(own)
}

/// Whether the committed transactions, in some order of starts and commits, each read a snapshot;
/// serial ones start and commit at once, others may overlap if they write different keys. One that
/// precedes another commits before the other starts.
fn is_possible(drawn: &[Drawn], is_serial: bool, precedes: &impl Fn(usize, usize) -> bool) -> bool {
    let candidates: Vec<usize> =
        (0..drawn.len()).filter(|index| drawn[*index].commits || !drawn[*index].is_known).collect();
    let unknown: Vec<usize> =
        candidates.iter().copied().filter(|index| !drawn[*index].is_known).collect();
    (0..1_u32 << unknown.len()).any(|subset| {
        let left_out = |index: &usize| {
            unknown.iter().position(|it| it == index).is_some_and(|bit| subset >> bit & 1 == 0)
        };
        let members: Vec<usize> =
            candidates.iter().copied().filter(|index| !left_out(index)).collect();
        let mut is_possible = false;
        let mut order = members;
        let count = order.len();
        permutations(&mut order, 0, &mut |order| {
            is_possible = is_possible || starts_exist(drawn, order, is_serial, precedes);
        });
        assert!(count <= 5);
        is_possible
    })
}

/// Whether transactions that commit in this order can have started at some time before.
fn starts_exist(
    drawn: &[Drawn],
    order: &[usize],
    is_serial: bool,
    precedes: &impl Fn(usize, usize) -> bool,
) -> bool {
    // Each chooses its start on its own: what it sees depends only on the commits before it.
    let mut commits: Vec<Store> = vec![Store::new()];
    let mut written: Vec<BTreeSet<char>> = Vec::new();
    for (place, index) in order.iter().enumerate() {
        if order[place..].iter().any(|later| precedes(*later, *index)) {
            return false;
        }
        let last_before = order[..place].iter().rposition(|before| precedes(*before, *index));
        let earliest = last_before.map_or(0, |before| before + 1);
        let first = if is_serial { commits.len() - 1 } else { earliest };
        let fits = (first..commits.len()).find_map(|start| {
            let own = replay(&drawn[*index], &commits[start])?;
            let keys: BTreeSet<char> = own.keys().copied().collect();
            written[start..].iter().all(|others| others.is_disjoint(&keys)).then_some((own, keys))
        });
        let Some((own, keys)) = fits else { return false };
        let mut store = commits[commits.len() - 1].clone();
        extend(&mut store, own);
        commits.push(store);
        written.push(keys);
    }
    true
}

/// Compares the verdicts on random transactions with the definitions.
fn compare(precedence: Precedence, total: u32) {
    let mut stream = Stream::new(1, "transactions");
    let (mut serializable, mut snapshot) = (0, 0);
    for _ in 0..total {
        let drawn = draw(&mut stream);
        let history = record(&drawn, (precedence == Precedence::RealTime).then_some(&mut stream));
        let found = anomalies(&history, precedence);
        let operations = history.operations();
        let precedes = |a: usize, b: usize| {
            let end = operations[a].returned;
            precedence == Precedence::RealTime && end.is_some_and(|end| end < operations[b].invoked)
        };
        let is_free = |isolation: Isolation| !found.iter().any(|it| isolation.forbids(it.kind));
        let is_serializable = is_possible(&drawn, true, &precedes);
        let is_snapshot = is_possible(&drawn, false, &precedes);
        assert_eq!(is_free(Isolation::Serializable), is_serializable, "{drawn:?}\n{found:#?}");
        assert_eq!(is_free(Isolation::SnapshotIsolation), is_snapshot, "{drawn:?}\n{found:#?}");
        serializable += u32::from(is_serializable);
        snapshot += u32::from(is_snapshot);
    }
    eprintln!(
        "{precedence:?}: of {total}, {serializable} serializable, {snapshot} snapshot isolated"
    );
    assert!(serializable > total / 10 && serializable < snapshot && snapshot < total * 9 / 10);
}

#[test]
fn random_transactions_are_judged_as_by_trying_every_order_of_starts_and_commits() {
    compare(Precedence::Dependencies, 6_000);
}

#[test]
fn in_real_time_random_transactions_are_judged_as_by_trying_every_order() {
    compare(Precedence::RealTime, 6_000);
}

/// The same transactions on registers: each read sees the last element.
fn on_registers(drawn: &[Drawn]) -> Vec<Drawn> {
    let mut drawn = drawn.to_vec();
    for step in drawn.iter_mut().flat_map(|transaction| &mut transaction.steps) {
        *step = match step.clone() {
            MicroOperation::Append(key, element) => MicroOperation::Write(key, element),
            MicroOperation::ReadList(key, list) => MicroOperation::Read(key, list.last().copied()),
            other @ (MicroOperation::Write(..) | MicroOperation::Read(..)) => other,
        };
    }
    drawn
}

/// Registers do not give away the order of their versions, so that less is found; but what is found
/// is true.
#[test]
fn what_is_found_on_registers_is_true_of_the_lists() {
    let mut stream = Stream::new(2, "registers");
    let (mut found_some, mut impossible) = (0, 0);
    for _ in 0..6_000 {
        let drawn = draw(&mut stream);
        let found = anomalies(&record(&on_registers(&drawn), None), Precedence::Dependencies);
        let is_free = |isolation: Isolation| !found.iter().any(|it| isolation.forbids(it.kind));
        let is_serializable = is_possible(&drawn, true, &|_, _| false);
        let is_snapshot = is_possible(&drawn, false, &|_, _| false);
        assert!(!is_serializable || is_free(Isolation::Serializable), "{drawn:?}\n{found:#?}");
        assert!(!is_snapshot || is_free(Isolation::SnapshotIsolation), "{drawn:?}\n{found:#?}");
        impossible += u32::from(!is_serializable);
        found_some += u32::from(!is_free(Isolation::Serializable));
    }
    eprintln!("{found_some} of {impossible} that are not serializable are found on registers");
    assert!(found_some > impossible / 4);
}
