//! Finite capacity against the closed forms of queueing theory.
//!
//! A source sends calls at random to a station that works on each for a random time. Nothing here
//! knows a formula: the kernel's inbox, servers and clock make the queue, and its figures must come
//! out as Erlang (1917), Kendall (1953) and Little (1961) say. A service
//! takes ten milliseconds in the mean, so that rounding to microseconds costs nothing that shows.

use faultline_core::sim::{
    Boot, Capacity, Cx, Describe, Distribution, Environment, Journal, MessageKind, Names, NodeId,
    Observed, Observer, Overflow, Payload, Process, Simulation, Spec,
};
use faultline_core::summary::Summary;
use faultline_core::view::NodeView;

use super::puppet::{Behaviour, setup_of};

/// Mean time that a call takes to serve.
const SERVICE_US: u64 = 10_000;
/// The source.
const SOURCE: NodeId = NodeId(0);
/// The station.
const STATION: NodeId = NodeId(1);

/// A queueing system: how many servers, how often somebody calls (offered load in hundredths of one
/// server), and how many calls can wait.
trait System: 'static {
    const SERVERS: u16;
    const OFFERED_PERCENT: u64;
    const INBOX: Option<u32> = None;
    const OVERFLOW: Overflow = Overflow::Drop;
}

#[derive(Clone, Debug, Hash)]
enum Call {
    /// When it was made.
    Asks(u64),
    /// When the call was made that is answered.
    Answers(u64),
}

impl Describe for Call {
    fn label(&self) -> String {
        "call".into()
    }

    fn sentence(&self, _: &Names) -> String {
        format!("{self:?}")
    }
}

impl Payload for Call {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Asks(_) => MessageKind::Request,
            Self::Answers(_) => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        9
    }
}

/// What the source has heard.
#[derive(Clone, Debug, Hash)]
enum Heard {
    /// The answer to a call made so long ago.
    After(u64),
    /// That there was no room for a call.
    NoRoom,
}

impl Describe for Heard {
    fn label(&self) -> String {
        String::new()
    }

    fn sentence(&self, _: &Names) -> String {
        format!("hears {self:?}")
    }
}

/// The source or the station, by its place.
struct Player<S>(std::marker::PhantomData<S>);

impl<S> Clone for Player<S> {
    fn clone(&self) -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<S> std::hash::Hash for Player<S> {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl<S: System> Process for Player<S> {
    type Msg = Call;
    type Timer = ();
    type Disk = ();
    type Fact = Heard;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        if cx.me() == SOURCE {
            cx.set_timer(1, ());
        }
    }

    fn on_timer(&mut self, (): (), cx: &mut Cx<'_, Self>) {
        cx.send(STATION, Call::Asks(cx.now_us()));
        let mean_us = SERVICE_US * 100 / S::OFFERED_PERCENT;
        let next_us = cx.draw_us(&Distribution::Exponential { mean_us });
        cx.set_timer(next_us, ());
    }

    fn on_message(&mut self, from: NodeId, call: Call, cx: &mut Cx<'_, Self>) {
        match call {
            Call::Asks(made_us) => {
                let needs_us = cx.draw_us(&Distribution::Exponential { mean_us: SERVICE_US });
                cx.work(needs_us.max(1));
                cx.send(from, Call::Answers(made_us));
            }
            Call::Answers(made_us) => cx.record(Heard::After(cx.now_us() - made_us)),
        }
    }

    fn on_refused(&mut self, _: NodeId, _: Call, cx: &mut Cx<'_, Self>) {
        cx.record(Heard::NoRoom);
    }

    fn view(&self, (): &()) -> NodeView {
        NodeView::default()
    }
}

/// What the source has heard, beside the world.
#[derive(Clone, Default)]
struct Ear {
    sojourn_us: Summary,
    no_room: u64,
}

impl std::hash::Hash for Ear {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl<S: System> Observer<Player<S>> for Ear {
    fn on_fact(&mut self, _: u64, _: NodeId, fact: &Heard) {
        match fact {
            Heard::After(us) => self.sojourn_us.add(*us),
            Heard::NoRoom => self.no_room += 1,
        }
    }
}

#[derive(Clone, Default, Hash)]
struct Nobody;

impl Behaviour for Nobody {}

/// The figures of a system after a million calls, in units of the mean service.
struct Figures {
    /// Calls a service time.
    arrival_rate: f64,
    /// Mean number of calls waiting.
    queue: f64,
    /// Mean number of calls in the system.
    in_system: f64,
    /// Share of calls that wait at all.
    share_that_waits: f64,
    /// Mean time that a call waits.
    wait: f64,
    /// Mean time from call to answer.
    sojourn: f64,
    /// What 99 in a hundred do not exceed.
    sojourn_p99: f64,
    /// Share of the servers' time spent at work.
    utilisation: f64,
    /// Share of calls refused.
    refused: f64,
    /// Refusals of which the source has heard.
    heard_no_room: u64,
}

impl<S: System> Player<S> {
    const SPEC: &'static Spec<Self, Ear> = &Spec {
        environment: |_| Environment {
            capacity: |id, _| match id {
                STATION => Capacity { servers: S::SERVERS, inbox: S::INBOX, overflow: S::OVERFLOW },
                _ => Capacity::default(),
            },
            ..Environment::default()
        },
        ..Spec::bare(
            |_| vec!["source".into(), "station".into()],
            |_, _| Self(std::marker::PhantomData),
        )
    };
}

#[expect(clippy::cast_precision_loss, reason = "counts and times stay far below 2^53")]
fn figures_after<S: System>(calls: u64) -> Figures {
    let mut simulation = Observed::new(Player::<S>::SPEC, &setup_of::<Nobody>(7));
    let mut journal = Journal::ignoring();
    // A call is a timer, a delivery, an end of work and an answer; what is refused is less.
    for _ in 0..4 * calls {
        simulation.step(&mut journal);
    }
    let (load, ear) = (simulation.world().load(STATION), simulation.observer());
    let elapsed_us = simulation.now_us() as f64;
    let (service_us, busy_us) = (SERVICE_US as f64, load.busy_us as f64);
    Figures {
        arrival_rate: load.arrivals as f64 * service_us / elapsed_us,
        queue: load.queue_us as f64 / elapsed_us,
        in_system: (load.queue_us as f64 + busy_us) / elapsed_us,
        share_that_waits: load.waited as f64 / load.begun as f64,
        wait: load.waited_us as f64 / load.begun as f64 / service_us,
        sojourn: ear.sojourn_us.mean() / service_us,
        sojourn_p99: ear.sojourn_us.quantile(0.99) as f64 / service_us,
        utilisation: busy_us / elapsed_us / f64::from(S::SERVERS),
        refused: load.refused as f64 / load.arrivals as f64,
        heard_no_room: ear.no_room,
    }
}

/// Asserts that a figure is within this share of what it must be.
fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs() / expected;
    assert!(off <= tolerance, "{what}: {found} instead of {expected}, off by {off}");
}

/// Little 1961: L = λW, for the queue and for the whole system, whatever the distributions.
fn obeys_little(figures: &Figures) {
    close("Little, queue", figures.queue, figures.arrival_rate * figures.wait, 0.01);
    close("Little, system", figures.in_system, figures.arrival_rate * figures.sojourn, 0.01);
}

/// M/M/1 at ρ = 0.8. Source: closed forms, Kleinrock 1975, Queueing Systems I, §3.2.
#[test]
fn one_server_at_80_percent() {
    struct Mm1;
    impl System for Mm1 {
        const SERVERS: u16 = 1;
        const OFFERED_PERCENT: u64 = 80;
    }
    let figures = figures_after::<Mm1>(1_000_000);
    close("L", figures.in_system, 4.0, 0.03);
    close("Lq", figures.queue, 3.2, 0.03);
    close("W", figures.sojourn, 5.0, 0.03);
    close("Wq", figures.wait, 4.0, 0.03);
    close("p99 of W", figures.sojourn_p99, 23.03, 0.03);
    close("utilisation", figures.utilisation, 0.8, 0.03);
    obeys_little(&figures);
}

/// M/M/c with two servers and 1.6 erlangs. Source: Erlang 1917 (Erlang C).
#[test]
fn two_servers_with_1_6_erlangs() {
    struct Mm2;
    impl System for Mm2 {
        const SERVERS: u16 = 2;
        const OFFERED_PERCENT: u64 = 160;
    }
    let figures = figures_after::<Mm2>(1_000_000);
    close("P(wait)", figures.share_that_waits, 0.711_111, 0.02);
    close("μ·Wq", figures.wait, 1.777_78, 0.02);
    close("Lq", figures.queue, 1.777_78 * 1.6, 0.03);
    obeys_little(&figures);
}

/// M/M/c with five servers and 4 erlangs. Source: Erlang 1917 (Erlang C).
#[test]
fn five_servers_with_4_erlangs() {
    struct Mm5;
    impl System for Mm5 {
        const SERVERS: u16 = 5;
        const OFFERED_PERCENT: u64 = 400;
    }
    let figures = figures_after::<Mm5>(1_000_000);
    close("P(wait)", figures.share_that_waits, 0.554_113, 0.02);
    close("μ·Wq", figures.wait, 0.554_113, 0.02);
    obeys_little(&figures);
}

/// M/M/1/K at ρ = 1 with room for four to wait: of K + 1 = 6 states each is as likely, and who finds
/// the system full goes away. Source: Kleinrock 1975, §3.6.
#[test]
fn a_full_inbox_refuses_one_in_six() {
    struct Mm1k;
    impl System for Mm1k {
        const SERVERS: u16 = 1;
        const OFFERED_PERCENT: u64 = 100;
        const INBOX: Option<u32> = Some(4);
        const OVERFLOW: Overflow = Overflow::Refuse;
    }
    let figures = figures_after::<Mm1k>(400_000);
    close("share refused", figures.refused, 1.0 / 6.0, 0.02);
    close("L", figures.in_system, 2.5, 0.02);
    assert!(figures.heard_no_room > 50_000, "who is refused is told");
}
