//! Logical clocks against the kernel's own record of what led to what.

use std::cmp::Ordering;

use faultline_core::mechanism::clock::{HybridClock, HybridTimestamp, LamportClock, VectorClock};
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Clock, Cx, Describe, Distribution, Environment, Journal, MessageKind, Names,
    NetworkConfig, NodeId, Observed, Observer, Payload, Process, Simulation, Spec,
};
use faultline_core::view::NodeView;

const NODES: u16 = 4;
/// How far each node's wall clock is off at the beginning, in microseconds.
const WRONG_BY_US: [i64; NODES as usize] = [0, 7_000, -3_000, 15_000];
/// Wall clocks run faster or slower by this, by turns.
const DRIFT_PPM: i32 = 100;
/// Events of a run, starts included.
const EVENTS: usize = 250;
/// No run takes longer than this.
const LONGEST_US: u64 = 10_000_000;

/// An event's stamps by three clocks, and the wall clock there.
#[derive(Clone, Debug, Hash)]
struct Stamps {
    lamport: u64,
    vector: VectorClock,
    hybrid: HybridTimestamp,
    wall_us: u64,
}

impl Describe for Stamps {
    fn label(&self) -> String {
        self.lamport.to_string()
    }

    fn sentence(&self, _: &Names) -> String {
        format!("{self:?}")
    }
}

impl Payload for Stamps {
    fn kind(&self) -> MessageKind {
        MessageKind::Gossip
    }

    fn bytes(&self) -> u64 {
        8 * (3 + u64::from(NODES))
    }
}

/// Tells others at random times, and when told; each event has one stamp, which what it sends carries.
#[derive(Clone, Hash)]
struct Talker {
    lamport: LamportClock,
    vector: VectorClock,
    hybrid: HybridClock,
}

impl Talker {
    /// Stamps this event, which received a message with those stamps or none.
    fn stamp(&mut self, sent: Option<&Stamps>, cx: &mut Cx<'_, Self>) -> Stamps {
        let (me, wall_us) = (cx.me(), cx.wall_us());
        let (lamport, hybrid) = if let Some(sent) = sent {
            self.vector.receive(me, &sent.vector);
            (self.lamport.receive(sent.lamport), self.hybrid.receive(wall_us, sent.hybrid))
        } else {
            self.vector.tick(me);
            (self.lamport.tick(), self.hybrid.tick(wall_us))
        };
        let stamps = Stamps { lamport, vector: self.vector.clone(), hybrid, wall_us };
        cx.record(stamps.clone());
        stamps
    }

    fn tell_somebody(stamps: Stamps, cx: &mut Cx<'_, Self>) {
        let away = 1 + u16::try_from(cx.choose(u64::from(NODES) - 1)).unwrap_or_default();
        cx.send(NodeId((cx.me().0 + away) % NODES), stamps);
    }
}

impl Process for Talker {
    type Msg = Stamps;
    type Timer = ();
    type Disk = ();
    type Fact = Stamps;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        self.stamp(None, cx);
        cx.set_timer(1, ());
    }

    fn on_message(&mut self, _: NodeId, msg: Stamps, cx: &mut Cx<'_, Self>) {
        let stamps = self.stamp(Some(&msg), cx);
        if cx.choose(3) == 0 {
            Self::tell_somebody(stamps, cx);
        }
    }

    fn on_timer(&mut self, (): (), cx: &mut Cx<'_, Self>) {
        let stamps = self.stamp(None, cx);
        Self::tell_somebody(stamps, cx);
        let pause_us = cx.jitter_us(1_000, 60_000);
        cx.set_timer(pause_us, ());
    }

    fn view(&self, (): &()) -> NodeView {
        NodeView::default()
    }
}

/// The stamps of all events, in their order.
#[derive(Clone, Default, Hash)]
struct Ear(Vec<Stamps>);

impl Observer<Talker> for Ear {
    fn on_fact(&mut self, _: u64, _: NodeId, fact: &Stamps) {
        self.0.push(fact.clone());
    }
}

static SPEC: Spec<Talker, Ear> = Spec {
    environment: |_| Environment {
        network: NetworkConfig {
            latency: Distribution::Uniform { low_us: 500, high_us: 80_000 },
            loss_percent: 10,
            duplicate_percent: 10,
            ..NetworkConfig::default()
        },
        clock: |id, _| {
            let drift_ppm = if id.0 % 2 == 0 { DRIFT_PPM } else { -DRIFT_PPM };
            Clock::wrong_by(WRONG_BY_US[id.index()], drift_ppm)
        },
        ..Environment::default()
    },
    ..Spec::bare(
        |_| (0..NODES).map(|number| format!("N{number}")).collect(),
        |_, _| Talker {
            lamport: LamportClock::default(),
            vector: VectorClock::new(NODES),
            hybrid: HybridClock::default(),
        },
    )
};

static SCENARIO: Scenario = Scenario::unlisted("clocks", |setup| Observed::boxed(&SPEC, setup));

/// Plays one run; returns the record, and each stamped event with its number in it.
fn play(seed: u64) -> (Journal, Vec<(u32, Stamps)>) {
    let mut simulation = Observed::new(&SPEC, &Setup::new(&SCENARIO, Preset::Naive, seed));
    let mut journal = Journal::recording();
    while journal.events.len() < EVENTS {
        assert!(simulation.step(&mut journal), "they go on talking");
    }
    assert!(simulation.now_us() < LONGEST_US);
    let numbered = (0_u32..).zip(&journal.events);
    let stamped: Vec<u32> =
        numbered.filter(|(_, event)| event.facts == 1).map(|(number, _)| number).collect();
    let heard = &simulation.observer().0;
    assert_eq!(stamped.len(), heard.len(), "each stamped event recorded one fact");
    assert!(heard.len() > EVENTS / 2);
    (journal, stamped.into_iter().zip(heard.iter().cloned()).collect())
}

/// Sources: Lamport 1978 (clock condition); Fidge 1988 and Mattern 1989 (a → b ⇔ V(a) < V(b));
/// Kulkarni et al. 2014 (e → f implies a smaller stamp). Every pair of every run; exact.
#[test]
fn clocks_know_of_each_pair_of_events_what_they_promise() {
    let (mut ordered, mut concurrent, mut misleading) = (0_u32, 0_u32, 0_u32);
    for seed in 0..10 {
        let (journal, events) = play(seed);
        for (place, (later, b)) in events.iter().enumerate() {
            for (earlier, a) in &events[..place] {
                let is_before = journal.happens_before(*earlier, *later);
                let order = is_before.then_some(Ordering::Less);
                assert_eq!(a.vector.partial_cmp(&b.vector), order, "{seed}: {earlier} → {later}");
                let back = is_before.then_some(Ordering::Greater);
                assert_eq!(b.vector.partial_cmp(&a.vector), back, "{seed}: {later} → {earlier}");
                assert!(!journal.happens_before(*later, *earlier));
                if is_before {
                    ordered += 1;
                    assert!(a.lamport < b.lamport, "seed {seed}: {earlier} → {later}");
                    assert!(a.hybrid < b.hybrid, "seed {seed}: {earlier} → {later}");
                } else {
                    concurrent += 1;
                    misleading += u32::from(a.lamport != b.lamport);
                }
            }
        }
    }
    println!("{ordered} pairs ordered, {concurrent} concurrent, of them {misleading} unequal");
    assert!(ordered > 10_000 && concurrent > 10_000, "runs have both");
    assert!(misleading > 0, "a smaller Lamport clock alone proves nothing");
}

/// Source: Kulkarni et al. 2014: l ≥ pt, and l − pt ≤ ε where no two physical clocks
/// are more than ε apart. Every event of every run; exact.
#[test]
fn hybrid_clocks_stay_near_physical_time() {
    let apart_us = WRONG_BY_US.iter().max().unwrap() - WRONG_BY_US.iter().min().unwrap();
    let drift_us = 2 * LONGEST_US * u64::from(DRIFT_PPM.unsigned_abs()) / 1_000_000;
    let epsilon_us = u64::try_from(apart_us).unwrap() + drift_us;
    let mut furthest_us = 0;
    for seed in 0..20 {
        for (number, stamps) in play(seed).1 {
            let Stamps { hybrid, wall_us, .. } = stamps;
            assert!(hybrid.physical_us >= wall_us, "seed {seed}, event {number}");
            furthest_us = furthest_us.max(hybrid.physical_us - wall_us);
            assert!(hybrid.packed().is_some(), "48 and 16 bits are enough");
        }
    }
    println!("l − pt up to {furthest_us} µs of ε = {epsilon_us} µs");
    assert!(furthest_us <= epsilon_us, "{furthest_us} µs");
    assert!(furthest_us > 10_000, "the bound is put to the test: {furthest_us} µs");
}
