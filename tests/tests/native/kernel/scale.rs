//! Many nodes, many events.

use std::time::{Duration, Instant};

use faultline_core::run::{Position, Run};
use faultline_core::scenario::{Preset, Setup, all, find};
use faultline_core::sim::{Action, Boot, Cx, NetworkConfig, NodeId, Stream};
use faultline_tests::default_actions;

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, run_of};

/// A ring of 999 nodes: each tells its neighbour something every 100 ms.
#[derive(Clone, Default, Hash)]
struct Ring;

impl Behaviour for Ring {
    const NODES: u16 = 999;
    const NETWORK: NetworkConfig = latency_us(1_000, 50_000);

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let first_us = cx.jitter_us(0, 100_000);
        cx.set_timer(first_us, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        let neighbour = NodeId((cx.me().0 + 1) % cx.node_count());
        cx.send(neighbour, Say(1));
        cx.set_timer(100_000, Bell(0));
    }
}

#[test]
fn a_world_of_999_nodes_builds_and_runs() {
    let half = NodeId::first(499).collect();
    let actions = [(300_000, Action::Partition(half)), (600_000, Action::Heal)];
    let started = Instant::now();
    let mut run = run_of::<Ring>(1, &actions);
    run.seek_time(1_000_000);
    assert!(run.position().events > 15_000, "{:?}", run.position());
    // Two links of the ring cross the line, each about three times.
    assert!((2..=12).contains(&run.simulation().bites(0)), "{}", run.simulation().bites(0));
    assert_eq!(run.simulation().scene().nodes.len(), 999);
    eprintln!("999 nodes: {} events in {:?}", run.position().events, started.elapsed());
}

/// The size of a run that must fit and seek.
const MILLION: u32 = 1_000_000;
/// A browser gives a tab four gigabytes at most; a run takes no more than a part of them.
const MOST_KILOBYTES: u64 = 1_500_000;

#[test]
fn a_million_events_fit_and_any_of_them_is_near() {
    let row = all().next().or_else(|| find("test-panics")).expect("there is a row");
    let setup = Setup::new(row, Preset::Hardened, 1);
    let actions = default_actions(&setup);
    let before_kb = resident_kilobytes();
    let started = Instant::now();
    let mut run = Run::new(setup, actions);
    run.seek(Position { events: MILLION, actions: 0 });
    let forward = started.elapsed();
    assert_eq!(run.position().events, MILLION, "{} ends early", row.slug);
    let digest = run.simulation().digest();
    let grown_kb = resident_kilobytes().saturating_sub(before_kb);

    let mut places = Stream::new(7, "places");
    let mut slowest = Duration::ZERO;
    for _ in 0..40 {
        let events = u32::try_from(places.range(0, u64::from(MILLION))).expect("it is in range");
        let started = Instant::now();
        run.seek(Position { events, actions: 0 });
        slowest = slowest.max(started.elapsed());
        assert_eq!(run.position().events, events);
    }
    let started = Instant::now();
    assert!(run.step_back());
    let back = started.elapsed();
    run.seek(Position { events: MILLION, actions: 0 });
    assert_eq!(run.simulation().digest(), digest, "the end is the same from wherever one comes");

    let started = Instant::now();
    let fork = run.simulation().fork();
    let forking = started.elapsed();
    assert_eq!(fork.digest(), digest);
    eprintln!(
        "{}: {MILLION} events in {forward:?} ({:.0} a second), {grown_kb} kB; slowest of 40 seeks \
         {slowest:?}, step back {back:?}, fork {forking:?}",
        row.slug,
        f64::from(MILLION) / forward.as_secs_f64(),
    );
    assert!(grown_kb < MOST_KILOBYTES, "{grown_kb} kB");
}

/// Returns the memory that this process holds; 0 where the system does not tell.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
