//! The judges against the kernel's whole record, and against stamps that no right clock gives.

use std::cmp::Ordering;

use super::SPEC;
use super::judge::{History, Stamped};
use super::node::Node;
use crate::check::draw_schedule;
use crate::drive;
use crate::run::Position;
use crate::scenario::{Preset, Setup};
use crate::sim::{Action, InputValue, Journal, NodeId, Observed, Simulation, TimedAction, World};
use crate::view::{Tone, Widget};

/// Plays a run; returns its world, what was observed, and the kernel's record.
fn play(setup: &Setup, actions: &[TimedAction]) -> (Observed<Node, History>, Journal) {
    let mut simulation = Observed::new(&SPEC, setup);
    let (mut journal, mut position) = (Journal::recording(), Position::default());
    while simulation.now_us() < setup.scenario().horizon_us {
        assert!(drive::step(&mut simulation, &mut position, actions, &mut journal));
    }
    (simulation, journal)
}

fn hardened(seed: u64) -> Setup {
    Setup::of("vector-clocks", Preset::Hardened, seed).expect("it is listed")
}

fn drawn(seed: u64) -> (Observed<Node, History>, Journal) {
    let setup = hardened(seed);
    play(&setup, &draw_schedule(&setup, seed))
}

fn stamped(history: &History) -> Vec<&Stamped> {
    history.stamped.iter().filter(|it| !history.pasts.is_undone(it.event)).collect()
}

/// Sources: Mattern 1989 (a → b ⇔ V(a) < V(b)), Lamport 1978 and Kulkarni et al. 2014 (e → f gives a
/// smaller stamp), on the stamps that the row's own processes gave. Every pair of events of whole runs
/// with crashes, cuts and wrong clocks, against [`Journal::happens_before`], which goes back from cause
/// to cause. Exact.
#[test]
fn stamps_tell_what_the_journal_tells_of_every_pair() {
    let (mut ordered, mut concurrent) = (0_u32, 0_u32);
    for seed in 1..=3 {
        let (simulation, journal) = drawn(seed);
        let events = stamped(simulation.observer());
        for (place, b) in events.iter().enumerate() {
            for a in &events[..place] {
                let is_before = journal.happens_before(a.event, b.event);
                let order = is_before.then_some(Ordering::Less);
                let pair = format!("seed {seed}: {} → {}", a.event, b.event);
                assert_eq!(a.stamps.vector.partial_cmp(&b.stamps.vector), order, "{pair}");
                assert!(!is_before || a.stamps.lamport < b.stamps.lamport, "{pair}");
                assert!(!is_before || a.stamps.hybrid < b.stamps.hybrid, "{pair}");
                *(if is_before { &mut ordered } else { &mut concurrent }) += 1;
            }
        }
    }
    assert!(ordered > 20_000 && concurrent > 1_000, "{ordered} and {concurrent}");
}

/// What the judge keeps up along a run is what the journal tells afterwards, of every pair of events
/// of a node that no crash undid.
#[test]
fn the_judge_s_pasts_are_the_kernel_s() {
    for seed in 1..=3 {
        let (simulation, journal) = drawn(seed);
        let history = simulation.observer();
        let events = stamped(history);
        for (place, b) in events.iter().enumerate() {
            for a in &events[..place] {
                let (earlier, later) = (a.event, b.event);
                let expected = journal.happens_before(earlier, later);
                assert_eq!(history.pasts.happens_before(earlier, later), expected, "seed {seed}");
                let path = history.pasts.path(earlier, later);
                assert_eq!(path.is_some(), expected);
                let Some(hops) = path else { continue };
                // A proof is a chain: each message was sent at or after what came before it arrived.
                let mut known = earlier;
                for (sent, heard) in hops {
                    assert!(known == sent || journal.happens_before(known, sent));
                    assert!(journal.happens_before(sent, heard));
                    known = heard;
                }
                assert!(known == later || journal.happens_before(known, later));
            }
        }
    }
}

/// Every event of a run is judged, the first included, and by a bound that is put to the test.
#[test]
fn hybrid_clocks_come_as_far_ahead_as_clocks_are_apart() {
    let setup = hardened(1);
    let (simulation, _) = play(&setup, &setup.scenario().script(&setup, 0));
    let apart_us = simulation.observer().apart_us();
    assert_eq!(apart_us, 1_501_000, "A's 1.5 s, and C's 1 ms the other way");
    let ahead = |it: &Stamped| it.stamps.hybrid.physical_us - it.stamps.wall_us;
    let furthest_us = simulation.observer().stamped.iter().map(ahead).max();
    assert!(furthest_us.is_some_and(|us| us > 1_400_000 && us <= apart_us), "{furthest_us:?}");
}

/// Names of the invariants that break if every replica's clocks are these.
fn broken_by(corrupt: impl Fn(&mut Stamped)) -> Vec<&'static str> {
    let setup = hardened(1);
    let (simulation, _) = play(&setup, &setup.scenario().script(&setup, 0));
    let world: &World<Node> = simulation.world();
    let mut history = simulation.observer().clone();
    assert!(SPEC.invariants.iter().all(|it| (it.check)(world, &history).is_ok()));
    history.rejudge(corrupt);
    let broken = SPEC.invariants.iter().filter(|it| (it.check)(world, &history).is_err());
    broken.map(|it| it.name).collect()
}

#[test]
fn each_wrong_clock_is_found_by_its_own_judge() {
    assert_eq!(broken_by(|_| {}), [""; 0]);
    // A vector clock that does not count its own events.
    let vector = broken_by(|it| it.stamps.vector = crate::mechanism::clock::VectorClock::new(4));
    assert_eq!(vector, ["a → b exactly if V(a) < V(b)"]);
    assert_eq!(broken_by(|it| it.stamps.lamport = 7), ["Lamport's clock grows along causes"]);
    let hybrid = ["hybrid clocks grow along causes, within the clocks' skew"];
    assert_eq!(broken_by(|it| it.stamps.hybrid.logical = 0), hybrid, "no logical part");
    assert_eq!(broken_by(|it| it.stamps.hybrid.physical_us += 2_000_000), hybrid, "too far ahead");
    let behind = |it: &mut Stamped| it.stamps.hybrid.physical_us = it.stamps.wall_us / 2;
    assert_eq!(broken_by(behind), hybrid, "behind its clock");
    // A vector that claims to know what it does not: concurrent events come out ordered.
    let knows_all = |it: &mut Stamped| {
        (0..it.event).for_each(|_| it.stamps.vector.tick(NodeId(0)));
        (0..it.event).for_each(|_| it.stamps.vector.tick(NodeId(1)));
        (0..it.event).for_each(|_| it.stamps.vector.tick(NodeId(2)));
        (0..it.event).for_each(|_| it.stamps.vector.tick(NodeId(3)));
    };
    assert_eq!(broken_by(knows_all), vector);
}

/// Picks A1 and C2 in the default run, where C has read A1 from A's wrong clock and answers it.
#[test]
fn two_picked_writes_are_compared_with_the_proof_in_words() {
    let setup = hardened(1);
    let pick = |node, number| {
        let (command, value) = (1, InputValue::Number(number));
        let action = Action::CommandWith { command, node: NodeId(node), value };
        TimedAction { at_us: 2_000_000, action }
    };
    let mut actions = setup.scenario().script(&setup, 0);
    actions.splice(1..1, [pick(2, 2), pick(0, 1)]);
    let (simulation, _) = play(&setup, &actions);
    let panels = (SPEC.panels)(simulation.world(), simulation.observer());
    let [Widget::Text(proof), Widget::Table(table)] = &panels[0].widgets[..] else {
        panic!("{:?}", panels[0]);
    };
    assert!(proof.starts_with("A1 came before C2: A told C (0.951 s → 0.972 s)."), "{proof}");
    let says = |clock: &str| {
        let row = table.rows.iter().find(|row| row.cells[0].text == clock);
        row.map(|row| (row.cells[3].text.as_str(), row.cells[3].tone))
    };
    assert_eq!(says("wall"), Some(("after", Tone::Bad)));
    assert_eq!(says("vector"), Some(("before", Tone::Good)));
    assert_eq!(says("Lamport"), Some(("not after", Tone::Neutral)));
    assert_eq!(says("hybrid"), Some(("not after", Tone::Neutral)));
}
