//! Text that several people write: recorded documents come out as they were, and what two people type at
//! one place is interleaved by exactly those algorithms that are known for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;

use faultline_core::mechanism::crdt::sequence::{Algorithm, Sequence};
use faultline_core::sim::{NodeId, Stream};
use faultline_tests::editing_trace::EditingTrace;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::data;

const BOTH: [Algorithm; 2] = [Algorithm::Rga, Algorithm::Fugue];

/// Recorded by others: edits, letters in the end, and the first half of the text's SHA-256.
const RECORDED: [(&str, u64, u32, &str); 2] = [
    ("seph-blog1", 137_993, 56_769, "fd42bef4fbb237f8"),
    ("json-crdt-blog-post", 21_447, 31_510, "41a9a06d4269d16c"),
];

#[test]
fn recorded_documents_come_out_as_they_were() {
    let Some(folder) = data::folder("editing-traces") else { return };
    for (name, patches, letters, digest) in RECORDED {
        let file = File::open(folder.join(name).with_extension("json.gz")).expect("it is there");
        let mut text = String::new();
        GzDecoder::new(file).read_to_string(&mut text).expect("it is compressed");
        let trace = EditingTrace::read(&text).expect("it is a trace");
        assert_eq!(trace.patches(), patches);
        for algorithm in BOTH {
            let copy = trace.replay(algorithm);
            assert_eq!(copy.shown(), letters);
            assert_eq!(copy.text(), trace.end_content);
            let found = Sha256::digest(copy.text());
            let found = found.iter().take(8).fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").expect("a string takes all");
                hex
            });
            assert_eq!(found, digest, "{name} by {algorithm:?}");
            let mut other = Sequence::new(algorithm);
            other.merge(&copy);
            assert!(other == copy && other.text() == copy.text());
        }
    }
}

/// What two people type at one place without having heard of each other.
#[derive(Copy, Clone, Debug)]
struct Typing {
    /// How many letters each types.
    letters: [u32; 2],
    /// Each letter before the one typed last, instead of after it.
    is_backward: bool,
}

/// Who typed each letter, in the order of the text.
type Outcome = String;

impl Typing {
    /// Returns what comes out, over all that may decide: whose name is smaller, how much each had typed
    /// elsewhere before, and who hears of the other first.
    fn outcomes(self, algorithm: Algorithm) -> BTreeSet<Outcome> {
        let mut outcomes = BTreeSet::new();
        let most = self.letters[0] + self.letters[1];
        for names in [[1, 2], [2, 1]] {
            for head_start in 0..=most {
                for ahead in [0, 1] {
                    let mut base = Sequence::new(algorithm);
                    base.insert(NodeId(0), 0, "()");
                    let mut copies = [base.clone(), base];
                    for _ in 0..head_start {
                        let end = copies[ahead].shown();
                        copies[ahead].insert(NodeId(names[ahead]), end, ".");
                    }
                    for (who, letter) in [(0, "A"), (1, "B")] {
                        for nth in 0..self.letters[who] {
                            let place = if self.is_backward { 1 } else { 1 + nth };
                            copies[who].insert(NodeId(names[who]), place, letter);
                        }
                    }
                    let mut merged = copies.clone();
                    merged[0].merge(&copies[1]);
                    merged[1].merge(&copies[0]);
                    assert_eq!(merged[0].text(), merged[1].text());
                    let text = merged[0].text();
                    outcomes.insert(text.chars().filter(|it| it.is_alphabetic()).collect());
                }
            }
        }
        outcomes
    }

    /// Returns the two outcomes in which each one's letters stay together.
    fn whole(self) -> BTreeSet<Outcome> {
        let [a, b] = [("A", 0), ("B", 1)].map(|(it, who)| it.repeat(self.letters[who] as usize));
        [format!("{a}{b}"), format!("{b}{a}")].into()
    }
}

/// Weidner & Kleppmann 2023, table 1.
#[test]
fn what_is_typed_at_one_place_is_interleaved_by_rga_backwards_only_and_by_fugue_never() {
    for letters in (1..=4).flat_map(|a| (1..=4).map(move |b| [a, b])) {
        let forward = Typing { letters, is_backward: false };
        let backward = Typing { letters, is_backward: true };
        for (typing, algorithm) in
            [(forward, Algorithm::Rga), (forward, Algorithm::Fugue), (backward, Algorithm::Fugue)]
        {
            assert_eq!(typing.outcomes(algorithm), typing.whole(), "{typing:?} {algorithm:?}");
        }
        let by_rga = backward.outcomes(Algorithm::Rga);
        assert!(by_rga.is_superset(&backward.whole()));
        assert_eq!(by_rga.len() > 2, letters[0] + letters[1] > 2, "{letters:?}: {by_rga:?}");
    }
}

/// Returns all ways to pick `count` keys from `keys`, in order.
fn picks(keys: &[u32], count: u32) -> Vec<Vec<u32>> {
    let Some(rest) = count.checked_sub(1) else { return vec![Vec::new()] };
    let firsts = keys.iter().enumerate();
    let with = firsts.flat_map(|(at, &key)| {
        picks(&keys[at + 1..], rest).into_iter().map(move |more| [vec![key], more].concat())
    });
    with.collect()
}

/// Fractional indexing gives a letter some number between those of its neighbours: over all numbers that two
/// people may pick, every way to interleave them comes out.
#[test]
fn fractional_indexing_interleaves_in_every_way() {
    for (a, b, binomial) in [(1, 1, 2), (2, 2, 6), (1, 3, 4), (3, 2, 10), (3, 3, 20)] {
        let keys: Vec<u32> = (1..=a + b).collect();
        let mut outcomes = BTreeSet::new();
        for by_a in picks(&keys, a) {
            for by_b in
                picks(&keys, b).iter().filter(|by_b| by_b.iter().all(|it| !by_a.contains(it)))
            {
                let all = by_a.iter().map(|&it| (it, 'A')).chain(by_b.iter().map(|&it| (it, 'B')));
                let all: BTreeSet<(u32, char)> = all.collect();
                outcomes.insert(all.into_iter().map(|(_, letter)| letter).collect::<Outcome>());
            }
        }
        assert_eq!(outcomes.len(), binomial, "{a} and {b}");
        let typing = Typing { letters: [a, b], is_backward: false };
        assert!(BOTH.iter().all(|&algorithm| typing.outcomes(algorithm).len() == 2));
    }
}

/// A document of one paragraph a person, which nobody else touches: the texts after a transaction, how many
/// transactions of each person that includes, and its place in the list.
#[derive(Clone, Debug)]
struct Moment {
    paragraphs: Vec<String>,
    includes: Vec<usize>,
    place: usize,
}

impl Moment {
    fn text(&self) -> String {
        format!("[{}]", self.paragraphs.join("]["))
    }

    /// Takes over the paragraphs of which `other` knows more.
    fn hear(&mut self, other: &Self) {
        for who in 0..self.paragraphs.len() {
            if self.includes[who] < other.includes[who] {
                self.includes[who] = other.includes[who];
                self.paragraphs[who].clone_from(&other.paragraphs[who]);
            }
        }
    }
}

/// Makes a trace of several authors in the format of the recorded ones, and the text in which it ends. No two
/// ever insert at one place, so every algorithm must come to it.
fn draw_trace(seed: u64, people: usize, transactions: usize) -> Value {
    let mut stream = Stream::new(seed, "trace");
    let mut draw = |below: usize| {
        usize::try_from(stream.range(0, below.max(1) as u64 - 1)).expect("it is small")
    };
    let first =
        Moment { paragraphs: vec![String::new(); people], includes: vec![0; people], place: 0 };
    let mut txns = vec![json!({"parents": [], "agent": 0, "patches": [[0, 0, first.text()]]})];
    let mut moments = vec![first; people];
    while txns.len() < transactions {
        let (who, other) = (draw(people), draw(people));
        let told = moments[other].clone();
        let mut parents = vec![moments[who].place];
        if draw(3) == 0 && told.includes.iter().zip(&moments[who].includes).any(|(it, my)| it > my)
        {
            let knows_less = |my: usize, it: usize| my <= it;
            let pairs = || moments[who].includes.iter().copied().zip(told.includes.iter().copied());
            if pairs().all(|(my, it)| knows_less(my, it)) {
                parents.clear();
            }
            parents.push(told.place);
            moments[who].hear(&told);
        }
        let moment = &mut moments[who];
        let begin: usize = moment.paragraphs[..who].iter().map(|it| it.len() + 2).sum();
        let length = moment.paragraphs[who].len();
        let at = draw(length + 1);
        let deleted = draw((length - at).min(3) + 1);
        let inserted = ["x", "yz", "", "typed in a row "][draw(4)];
        moment.paragraphs[who].replace_range(at..at + deleted, inserted);
        moment.includes[who] += 1;
        moment.place = txns.len();
        let patches = json!([[begin + 1 + at, deleted, inserted]]);
        txns.push(json!({"parents": parents, "agent": who, "patches": patches}));
    }
    let mut last = moments[0].clone();
    for moment in &moments {
        last.hear(moment);
    }
    let heads = moments.iter().filter(|it| {
        let others = moments.iter().filter(|other| other.place != it.place);
        others
            .clone()
            .all(|other| other.includes.iter().zip(&it.includes).any(|(its, my)| its < my))
    });
    let heads: BTreeSet<usize> = heads.map(|it| it.place).collect();
    txns.push(json!({"parents": heads, "agent": 0, "patches": []}));
    json!({"kind": "concurrent", "endContent": last.text(), "numAgents": people, "txns": txns})
}

#[test]
fn documents_of_several_authors_come_out_alike_where_nobody_competes_for_a_place() {
    for seed in 0..20 {
        for people in [2, 3, 5] {
            let json = draw_trace(seed, people, 200).to_string();
            let trace = EditingTrace::read(&json).expect("it is a trace");
            for algorithm in BOTH {
                let copy = trace.replay(algorithm);
                assert_eq!(copy.text(), trace.end_content, "seed {seed} by {algorithm:?}");
                assert_eq!(copy.waiting(), 0);
            }
        }
    }
}

/// The example of the format's own description.
#[test]
fn a_trace_of_two_authors_is_read_as_its_format_says() {
    let trace = json!({
        "kind": "concurrent", "endContent": "yoooo ho ho\n", "numAgents": 2,
        "txns": [
            {"parents": [], "numChildren": 1, "agent": 0, "patches": [[0, 0, "hi there\n"]]},
            {"parents": [0], "numChildren": 1, "agent": 0, "patches": [[0, 8, ""], [0, 0, "yoooo"]]},
            {"parents": [1], "numChildren": 0, "agent": 1, "patches": [[5, 0, " ho ho"]]},
        ],
    });
    let trace = EditingTrace::read(&trace.to_string()).expect("it is a trace");
    for algorithm in BOTH {
        assert_eq!(trace.replay(algorithm).text(), trace.end_content);
    }
}
