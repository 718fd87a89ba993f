//! Diamonds close, orders do not matter to a client and its server, and a crash undoes nothing that was durable.

use proptest::prelude::*;

use super::operation::{LARGEST, Operation, moved_over_each_other};
use super::{Client, Context, Entry, Name, Rules, Store, Taken, comes_first, rebase};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::mechanism::mount::{Mountable, State};
use crate::mechanism::wal::{LogError, Settings};
use crate::sim::{Files, NodeId, Splice, Stream, SyncId};

const ALL: Rules = Rules { one_in_flight: true, both_sides: true, in_order: true };

/// Every operation on a text of so many letters that keeps or deletes each, and inserts `inserted` or nothing
/// before each and at the end.
fn operations(length: u32, inserted: &str) -> Vec<Operation> {
    let mut all = vec![Operation::default()];
    for at in (0..=length).rev() {
        let insertion = Operation::of(&Splice { at, deleted: 0, inserted: inserted.into() });
        let deletion = Operation::of(&Splice { at, deleted: 1, inserted: String::new() });
        if at < length {
            all.extend(all.clone().iter().map(|it| it.then(&deletion)));
        }
        all.extend(all.clone().iter().map(|it| it.then(&insertion)));
    }
    all
}

/// TP1: every pair of operations on every text of at most 4 letters comes to the same text both ways round.
#[test]
fn every_diamond_closes() {
    let mut pairs = 0_u64;
    let mut failures = 0_u64;
    for length in 0..=4 {
        let text = &"abcd"[..length as usize];
        let (mine, theirs) = (operations(length, "X"), operations(length, "YZ"));
        assert_eq!(mine.len(), 1 << (2 * length + 1));
        for one in &mine {
            let after_one = one.apply(text);
            for other in &theirs {
                let after_other = other.apply(text);
                for is_first in [false, true] {
                    let (one, other) = moved_over_each_other(one, other, is_first);
                    pairs += 1;
                    failures += u64::from(other.apply(&after_one) != one.apply(&after_other));
                }
            }
        }
    }
    assert_eq!((pairs, failures), (2 * (4 + 64 + 1_024 + 16_384 + 262_144), 0));
}

/// Three copies without a server: what they come to depends on the order. Between the insertions of one and
/// three the letter is deleted by two; moved over that first, they are at one place.
#[test]
fn three_without_a_server_do_not_close() {
    let text = "abc";
    let insert =
        |at, inserted: &str| Operation::of(&Splice { at, deleted: 0, inserted: inserted.into() });
    // The site with the lower number comes first, where two insert at one place.
    let (one, two, three) = (
        insert(2, "1"),
        Operation::of(&Splice { at: 1, deleted: 1, inserted: String::new() }),
        insert(1, "3"),
    );
    let (one_over_two, two_over_one) = moved_over_each_other(&one, &two, true);
    assert_eq!(two.then(&one_over_two), one.then(&two_over_one), "TP1");
    let after_two = three.over(&two, false).over(&one_over_two, false);
    let after_one = three.over(&one, false).over(&two_over_one, false);
    let both = one.then(&two_over_one).apply(text);
    assert_eq!(after_two.apply(&both), "a13c");
    assert_eq!(after_one.apply(&both), "a31c");
}

/// How often TP2 fails among all triples of single insertions and deletions on texts of 3 letters; a server
/// makes this no matter.
#[test]
fn tp2_fails_only_where_insertions_meet_over_what_a_third_has_deleted() {
    let simple = |site: &str| -> Vec<Operation> {
        let inserted = (0..=3).map(|at| Splice { at, deleted: 0, inserted: site.into() });
        let deleted = (0..3).map(|at| Splice { at, deleted: 1, inserted: String::new() });
        inserted.chain(deleted).map(|it| Operation::of(&it)).collect()
    };
    let (mut triples, mut failures) = (0, 0);
    let is_insertion = |it: &Operation| it.inserted_bytes() > 0;
    for one in simple("1") {
        for two in simple("2") {
            for three in simple("3") {
                let (one_after, two_after) = moved_over_each_other(&one, &two, true);
                let left = three.over(&one, false).over(&two_after, false);
                let right = three.over(&two, false).over(&one_after, false);
                triples += 1;
                if left != right {
                    failures += 1;
                    let insertions = [&one, &two, &three].into_iter().filter(|it| is_insertion(it));
                    assert_eq!(insertions.count(), 2, "{one:?} {two:?} {three:?}");
                }
            }
        }
    }
    assert_eq!(triples, 343);
    assert!(failures > 0);
}

fn edits() -> impl Strategy<Value = Splice> {
    (0..30_u32, 0..4_u32, "[a-cé]{0,3}").prop_map(|(at, deleted, inserted)| Splice {
        at,
        deleted,
        inserted,
    })
}

proptest! {
    #[test]
    fn composed_is_one_after_the_other(text in "[a-zé]{0,20}", one in edits(), more in prop::collection::vec(edits(), 0..6)) {
        let mut all = Operation::of(&one);
        let mut after = one.apply(&text);
        prop_assert_eq!(all.apply(&text), after.clone());
        for edit in more {
            all = all.then(&Operation::of(&edit.clone().within(30)));
            after = edit.apply(&after);
        }
        if after.chars().count() > 30 {
            prop_assert_eq!(all.apply(&text), after);
        }
    }

    /// Whatever it is moved over, an operation that was small enough still fits.
    #[test]
    fn what_fits_a_record_fits_it_moved(edit in edits(), others in prop::collection::vec(edits(), 0..20)) {
        let mine = Operation::of(&edit);
        prop_assert!(mine.weight() <= LARGEST);
        let moved = others.iter().fold(mine.clone(), |mine, other| mine.over(&Operation::of(other), true));
        prop_assert!(moved.weight() <= mine.weight());
        // Its length is written before it, in two bytes at most.
        let bytes = postcard::to_allocvec(&moved).expect("memory takes all");
        prop_assert!(bytes.len() <= mine.weight() as usize + 2);
    }
}

/// What is on a link, in order.
struct Link {
    up: Vec<(u32, Name, Operation)>,
    down: Vec<(u32, Entry)>,
}

/// Plays clients at a server in an order that the seed decides, until all is quiet; returns all texts, the
/// server's last.
fn play(rules: Rules, context: Context, sites: u16, steps: u32, seed: u64) -> Vec<String> {
    let mut stream = Stream::new(seed, "diamonds");
    let mut clients: Vec<(Client, Link)> = NodeId::first(sites)
        .map(|site| {
            let client = Client::open((site, 1), rules, 0, String::new());
            (client, Link { up: Vec::new(), down: Vec::new() })
        })
        .collect();
    let mut entries: Vec<Entry> = Vec::new();
    let mut left = steps;
    loop {
        let idle = clients.iter().all(|(_, link)| link.up.is_empty() && link.down.is_empty());
        if idle && left == 0 {
            break;
        }
        let who = stream.index(clients.len());
        let kind = stream.index(3);
        let (client, link) = &mut clients[who];
        match kind {
            0 if left > 0 => {
                left -= 1;
                let length = client.text().chars().count();
                let at = u32::try_from(stream.index(length + 1)).unwrap_or(0);
                let deleted = u32::try_from(stream.index(3)).unwrap_or(0);
                let letter = char::from(b'a' + u8::try_from(who).unwrap_or(0));
                let edit = Splice { at, deleted, inserted: letter.into() };
                client.edit(edit);
            }
            1 if !link.up.is_empty() => {
                let (revision, name, operation) = link.up.remove(0);
                let at = u32::try_from(entries.len()).unwrap_or(0);
                let unseen = entries[revision as usize..].iter();
                let (operation, _) = rebase(name, &operation, unseen, context);
                entries.push(Entry { name, operation });
                for (_, link) in &mut clients {
                    link.down.push((at, entries[at as usize].clone()));
                }
            }
            2 if !link.down.is_empty() => {
                let (at, entry) = link.down.remove(0);
                let taken = client.take(at, &entry, &mut 0);
                assert!(matches!(taken, Taken::Own | Taken::Theirs { .. }));
            }
            _ => {}
        }
        let (client, link) = &mut clients[who];
        let revision = client.revision();
        link.up.extend(client.send().into_iter().map(|it| (revision, it.name, it.operation)));
    }
    let server = entries.iter().fold(String::new(), |text, it| it.operation.apply(&text));
    let texts = clients.iter().map(|(client, _)| client.text().to_owned());
    texts.chain([server]).collect()
}

fn are_equal(texts: &[String]) -> bool {
    texts.iter().all(|text| *text == texts[0])
}

#[test]
fn all_texts_are_equal_when_quiet_and_each_rule_is_needed() {
    for seed in 0..300 {
        let texts = play(ALL, Context::AllSince, 3, 40, seed);
        assert!(are_equal(&texts), "{seed}: {texts:?}");
    }
    let differ = |rules: Rules, context| {
        (0..100).filter(|&seed| !are_equal(&play(rules, context, 3, 12, seed))).count()
    };
    assert!(differ(ALL, Context::LastOnly) > 10);
    assert!(differ(Rules { one_in_flight: false, ..ALL }, Context::AllSince) > 10);
    assert!(differ(Rules { both_sides: false, ..ALL }, Context::AllSince) > 10);
}

#[test]
fn what_comes_again_or_too_early_is_not_taken() {
    let mut client = Client::open((NodeId(1), 1), ALL, 0, String::new());
    let name = Name { site: NodeId(2), session: 1, number: 0 };
    let entry = Entry { name, operation: Operation::of(&Splice::insertion("x")) };
    assert_eq!(client.take(1, &entry, &mut 0), Taken::Gap);
    assert_eq!(client.take(0, &entry, &mut 0), Taken::Theirs { moves: 0 });
    assert_eq!(client.take(0, &entry, &mut 0), Taken::Known);
    assert_eq!((client.text(), client.revision()), ("x", 1));
}

/// What is done while an operation is on its way is put together; and what would not fit is kept apart.
#[test]
fn one_is_on_its_way_and_the_rest_is_one_buffer() {
    let mut client = Client::open((NodeId(1), 1), ALL, 0, String::new());
    client.edit(Splice::insertion("a"));
    assert_eq!(client.send().len(), 1);
    for at in 1..=30 {
        client.edit(Splice { at, deleted: 0, inserted: "b".into() });
    }
    assert!(client.send().is_empty());
    assert_eq!(client.pending().len(), 2);
    let pieces = client.edit(Splice { at: 1, deleted: u32::MAX, inserted: "🦀".repeat(150) });
    assert_eq!(pieces.len(), 3, "30 letters, and the crabs in two parts");
    assert_eq!(client.text().chars().count(), 151);
    assert!(client.pending().len() > 2, "too large for one record");
    assert!(client.pending().all(|it| it.operation.weight() <= LARGEST));
}

#[test]
fn of_two_insertions_at_one_place_the_lower_name_comes_first() {
    assert!(comes_first(NodeId(1), NodeId(2)) && !comes_first(NodeId(2), NodeId(1)));
    assert!(comes_first(NodeId(1), NodeId(1)), "of one author the older");
}

#[test]
fn a_place_moves_with_the_text() {
    let edit = Operation::of(&Splice { at: 2, deleted: 3, inserted: "long".into() });
    assert_eq!([0, 2, 3, 5, 9].map(|place| edit.moved(place)), [0, 2, 6, 6, 10]);
}

const SETTINGS: Settings = Settings { is_summed: true, refuses_damage: true, sectors_tear: true };
const EACH: u32 = 3;

impl Hears for Store {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        Self::synced(self, disk, sync);
        Mountable::sync(self, disk);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        Self::sync_failed(self, sync);
    }
}

fn open(files: Files, pictures: bool) -> Result<bench::Bench<Store>, LogError> {
    let mut bench = bench::Bench::open(files, pictures, |disk| Store::open(SETTINGS, EACH, disk))?;
    bench.settle();
    assert_eq!(bench.engine.state(), State::Open);
    Ok(bench)
}

fn name(number: u32) -> Name {
    Name { site: NodeId(1), session: 7, number }
}

/// At every change of the disk and whatever a crash leaves there: what was durable is recovered, and snapshot and
/// log come to the text that the log alone comes to.
#[test]
fn snapshot_and_log_recover_the_text_after_every_crash() {
    let mut bench = open(Files::default(), false).expect("it begins");
    let mut texts = vec![String::new()];
    let mut outcomes = 0;
    for number in 0..18 {
        bench.disk.pictures = Some(Vec::new());
        let edit = Splice { at: number, deleted: 0, inserted: "word ".into() };
        let durable = bench.engine.durable();
        bench.act(|store, disk| {
            let taken =
                store.take((number, name(number)), &Operation::of(&edit), Context::AllSince, disk);
            taken.expect("there is room");
            Mountable::sync(store, disk);
        });
        texts.push(bench.engine.text().to_owned());
        // Syncs share what was written, and end later.
        let _ = bench.complete();
        if number % 3 == 2 {
            bench.settle();
        }
        let now = bench.disk.files.clone();
        for files in bench.disk.pictures.take().unwrap_or_default().into_iter().chain([now]) {
            for left in files.crash_outcomes().take(64) {
                outcomes += 1;
                let read = Store::read(SETTINGS, &left).expect("a crash damages nothing");
                let count = read.0.len();
                assert!(count >= durable as usize, "{count} of {durable}");
                assert_eq!(read.1, texts[count]);
                if outcomes % 7 == 0 {
                    let again = open(left, false).expect("it opens");
                    assert_eq!(again.engine.text(), texts[count]);
                    assert_eq!(again.engine.next_number(name(0)) as usize, count);
                }
            }
        }
    }
    assert!(outcomes > 100, "{outcomes}");
    assert!(bench.engine.snapshot().0 >= EACH);
    let again = open(bench.crashed(&mut |_| 0), false).expect("it opens");
    let (revision, replayed) = again.engine.snapshot();
    assert_eq!((revision + replayed, again.engine.text()), (18, &*texts[18]));
    assert!(revision > 0, "a recovery goes on from a snapshot");
}
