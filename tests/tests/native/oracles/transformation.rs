//! Operational transformation: recorded documents come out as they were, and where its text is that of a CRDT
//! on the same keystrokes.

use std::fs::File;
use std::io::Read;

use faultline_core::mechanism::crdt::sequence::{Algorithm, Sequence};
use faultline_core::mechanism::ot::{Client, Context, Entry, Pending, Rules, Taken, rebase};
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup, find};
use faultline_core::sim::{NodeId, Splice, Stream};
use faultline_tests::editing_trace::EditingTrace;
use flate2::read::GzDecoder;

use crate::data;

const ALL: Rules = Rules { one_in_flight: true, both_sides: true, in_order: true };

/// A client with its copy by the CRDT, and what it has on its way.
struct Author {
    site: NodeId,
    client: Client,
    copy: Sequence,
    /// What the server has not ordered yet, by the revision it was made on.
    up: Vec<(u32, Pending)>,
}

/// A server without a network: authors hear of its log when the test says so.
struct Group {
    authors: Vec<Author>,
    log: Vec<Entry>,
}

impl Group {
    fn new(sites: u16, text: &str) -> Self {
        let mut base = Sequence::new(Algorithm::Fugue);
        base.insert(NodeId(100), 0, text);
        let author = |site| Author {
            site,
            client: Client::open((site, 1), ALL, 0, text.to_owned()),
            copy: base.clone(),
            up: Vec::new(),
        };
        Self { authors: NodeId::first(sites).map(author).collect(), log: Vec::new() }
    }

    /// The same keystrokes on both.
    fn edit(&mut self, who: usize, at: u32, deleted: u32, inserted: &str) {
        let author = &mut self.authors[who];
        author.client.edit(Splice { at, deleted, inserted: inserted.into() });
        author.copy.delete(author.site, at, deleted);
        author.copy.insert(author.site, at, inserted);
        author.send();
    }

    /// The server orders what is on its way from an author.
    fn order(&mut self, who: usize) {
        for (revision, pending) in std::mem::take(&mut self.authors[who].up) {
            let unseen = self.log[revision as usize..].iter();
            let name = pending.name;
            let (operation, _) = rebase(name, &pending.operation, unseen, Context::AllSince);
            self.log.push(Entry { name, operation });
        }
    }

    /// An author hears of the whole log, and of all that others have typed by then.
    fn hear(&mut self, who: usize) {
        let client = &mut self.authors[who].client;
        for (at, entry) in (0..).zip(&self.log).skip(client.revision() as usize) {
            let taken = client.take(at, entry, &mut 0);
            assert!(matches!(taken, Taken::Own | Taken::Theirs { .. }));
        }
        self.authors[who].send();
    }

    /// Everything is ordered and heard, by the CRDT too.
    fn settle(&mut self) {
        while self.authors.iter().any(|it| it.client.pending().len() > 0) {
            for who in 0..self.authors.len() {
                self.order(who);
            }
            for who in 0..self.authors.len() {
                self.hear(who);
            }
        }
        let copies: Vec<Sequence> = self.authors.iter().map(|it| it.copy.clone()).collect();
        for author in &mut self.authors {
            for copy in &copies {
                author.copy.merge(copy);
            }
        }
    }

    /// Returns the text of all, and that of all CRDTs.
    fn texts(&self) -> (String, String) {
        let (text, copy) = (self.authors[0].client.text(), self.authors[0].copy.text());
        for author in &self.authors {
            assert_eq!((author.client.text(), author.copy.text()), (text, copy.clone()));
        }
        (text.to_owned(), copy)
    }
}

impl Author {
    fn send(&mut self) {
        let revision = self.client.revision();
        self.up.extend(self.client.send().into_iter().map(|it| (revision, it)));
    }
}

/// <https://github.com/josephg/editing-traces>: each edit goes to the server and comes back. A second client
/// gets the log alone, and now and then is many operations behind.
#[test]
fn recorded_documents_come_out_of_the_log_as_they_were() {
    let Some(folder) = data::folder("editing-traces") else { return };
    for name in ["json-crdt-blog-post", "seph-blog1"] {
        let file = File::open(folder.join(name).with_extension("json.gz")).expect("it is there");
        let mut text = String::new();
        GzDecoder::new(file).read_to_string(&mut text).expect("it is compressed");
        let trace = EditingTrace::read(&text).expect("it is a trace");
        let mut group = Group::new(2, &trace.start_content);
        for (number, (at, deleted, inserted)) in trace.edits().enumerate() {
            let edit = Splice { at: *at, deleted: *deleted, inserted: inserted.clone() };
            group.authors[0].client.edit(edit);
            group.authors[0].send();
            // Several edits are put together while one is on its way.
            if number % 3 == 0 {
                group.order(0);
                group.hear(0);
            }
            if number % 100 == 0 {
                group.hear(1);
            }
        }
        while group.authors[0].client.pending().len() > 0 {
            group.order(0);
            group.hear(0);
        }
        group.hear(1);
        assert!(group.authors.iter().all(|it| it.client.text() == trace.end_content), "{name}");
    }
}

/// One after the other, and at once in parts of the text that are not the same: the text is the CRDT's.
#[test]
fn where_no_two_insert_at_one_place_the_text_is_that_of_the_crdt() {
    for seed in 0..200 {
        let mut stream = Stream::new(seed, "apart");
        let mut group = Group::new(3, "aaaa|bbbb|cccc");
        for _ in 0..30 {
            let who = stream.index(3);
            let text = group.authors[who].client.text().to_owned();
            // Everybody edits the own part, which begins behind as many bars.
            let bars = text.char_indices().filter(|(_, it)| *it == '|').map(|(at, _)| at);
            let ends: Vec<usize> = bars.chain([text.len()]).collect();
            let begin = who.checked_sub(1).map_or(0, |before| ends[before] + 1);
            let at = begin + stream.index(ends[who] - begin + 1);
            let deleted = stream.index(3).min(ends[who] - at);
            let [at, deleted] = [at, deleted].map(|it| u32::try_from(it).expect("it is small"));
            group.edit(who, at, deleted, ["", "x", "yz"][stream.index(3)]);
            group.order(stream.index(3));
            if stream.index(4) == 0 {
                group.settle();
            }
        }
        group.settle();
        let (text, copy) = group.texts();
        assert_eq!(text, copy, "{seed}");
    }
}

/// Two who type at one place stand in the same order in both; whoever comes first at the server.
#[test]
fn two_at_one_place_stand_as_in_the_crdt() {
    for first in [0, 1] {
        let mut group = Group::new(2, "()");
        group.edit(0, 1, 0, "one");
        group.edit(1, 1, 0, "two");
        group.order(first);
        group.settle();
        assert_eq!(group.texts(), ("(onetwo)".to_owned(), "(onetwo)".to_owned()));
    }
}

/// What stood between two insertions is deleted by a third: operations have forgotten it, the CRDT has not.
#[test]
fn over_what_is_deleted_the_crdt_remembers_and_operations_do_not() {
    let mut group = Group::new(3, "(-)");
    group.edit(2, 1, 1, "");
    group.order(2);
    group.edit(1, 1, 0, "before");
    group.edit(0, 2, 0, "after");
    group.settle();
    assert_eq!(group.texts(), ("(afterbefore)".to_owned(), "(beforeafter)".to_owned()));
}

/// What the lesson says of the price: in the default run an operation takes fewer bytes than what a CRDT tells
/// of the same keystrokes, and more than one transformation.
#[test]
fn an_operation_is_smaller_than_what_a_crdt_tells_and_must_be_moved() {
    let row = find("docs-ot").expect("it is listed");
    for seed in 1..=20 {
        let setup = Setup::new(row, Preset::Hardened, seed);
        let actions = faultline_tests::default_actions(&setup);
        let mut run = Run::new(setup, actions);
        run.seek_time(row.horizon_us);
        let metrics = run.simulation().metrics();
        let read = |label: &str| {
            let of = (0_u16..).zip(&metrics).find(|(_, it)| it.label == label).map(|(at, _)| at);
            let samples = run.journal().samples.iter().rev();
            let last = samples.clone().find(|it| Some(it.metric) == of).map(|it| it.value);
            last.unwrap_or_else(|| panic!("no reading of {label}"))
        };
        let [bytes, by_crdt] =
            ["bytes per operation, transformed", "bytes per operation, CRDT"].map(read);
        let moves = read("transformations per operation");
        eprintln!(
            "seed {seed}: {bytes} and {by_crdt} tenths of bytes, {moves} tenths of transformations"
        );
        assert!(0 < bytes && bytes < by_crdt, "{bytes} {by_crdt}");
        assert!(moves > 10, "{moves}");
    }
}
