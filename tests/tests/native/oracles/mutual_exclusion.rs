//! How many messages it takes to enter a critical section where all members ask each other.

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup, find};
use faultline_core::sim::{NodeId, TextKind};

const LAMPORT: u64 = 2;
const RICART_AGRAWALA: u64 = 3;

/// Plays the row without faults; returns entries, and the messages between members that led to them or
/// followed from them.
///
/// Up to a member's last exit all that it asked for has been answered, and all that it had to say has
/// been said: so the count is exact, although others are still at it.
fn entries_and_messages(design: u64, members: u16, seed: u64) -> (u64, u64) {
    let row = find("lock-from-scratch").expect("it is listed");
    let mut setup = Setup::new(row, Preset::Hardened, seed);
    for (key, value) in [("design", design), ("workers", u64::from(members)), ("parts", 1)] {
        setup.set(key, &value.to_string()).expect("the row has this knob");
    }
    let mut run = Run::new(setup, Vec::new());
    run.seek_time(8_000_000);
    let lines = run.text(0, u32::MAX);
    let (mut entries, mut messages) = (0, 0);
    for member in NodeId::first(members) {
        let name = &run.simulation().names()[member];
        let exits = lines.iter().filter(|line| {
            line.kind == TextKind::Fact
                && line.node == Some(member)
                && line.text.contains(" finishes job ")
        });
        let exits: Vec<u32> = exits.map(|line| line.step.number()).collect();
        let last = *exits.last().expect("everybody has a turn");
        let is_of_member = |text: &str| {
            let asks = text.starts_with(&format!("{name} sends to W"));
            let is_told = text.contains(&format!(" sends to {name}: "));
            let says = |words: &str| text.contains(words);
            match design {
                LAMPORT => {
                    asks && (says(": Request ") || says(": Released "))
                        || is_told && says(": Heard ")
                }
                _ => asks && says(": Request ") || is_told && says(": After you "),
            }
        };
        let sent = lines.iter().filter(|line| {
            line.kind == TextKind::Send && line.step.number() <= last && is_of_member(&line.text)
        });
        entries += exits.len() as u64;
        messages += sent.count() as u64;
    }
    (entries, messages)
}

/// Source: Lamport 1978, "Time, Clocks, and the Ordering of Events in a Distributed System", rules 1 to
/// 5: a request to, an answer from and a release to each of the others. Exact.
#[test]
fn lamport_s_mutex_takes_three_messages_for_each_other_member() {
    for (members, seed) in [(2, 1), (3, 2), (5, 3), (8, 4)] {
        let (entries, messages) = entries_and_messages(LAMPORT, members, seed);
        println!("n {members}: {messages} messages, {entries} entries");
        assert!(entries > 40, "{entries}");
        assert_eq!(messages, entries * 3 * (u64::from(members) - 1), "n {members}");
    }
}

/// Source: Ricart & Agrawala 1981, "An Optimal Algorithm for Mutual Exclusion in Computer Networks",
/// §5: a request to and a reply from each of the others. Exact.
#[test]
fn ricart_and_agrawala_s_mutex_takes_two() {
    for (members, seed) in [(2, 1), (3, 2), (5, 3), (8, 4)] {
        let (entries, messages) = entries_and_messages(RICART_AGRAWALA, members, seed);
        println!("n {members}: {messages} messages, {entries} entries");
        assert!(entries > 40, "{entries}");
        assert_eq!(messages, entries * 2 * (u64::from(members) - 1), "n {members}");
    }
}
