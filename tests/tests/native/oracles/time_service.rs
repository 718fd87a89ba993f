//! Offset, delay and error bound of a time service, against the clocks of the world.

use faultline_core::mechanism::clock::{ClockFilter, Exchange, Offset};
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Clock, Cx, Describe, Distribution, Environment, Journal, MessageKind, Names,
    NetworkConfig, NodeId, Observed, Observer, Payload, Process, Simulation, Spec,
};
use faultline_core::view::NodeView;

const SERVER: NodeId = NodeId(0);
/// How far the server's clock is ahead at the beginning.
const AHEAD_US: i64 = 250_000;
/// Time between questions.
const PERIOD_US: u64 = 1_000_000;
/// Questions asked.
const QUESTIONS: usize = 5_000;

/// A question, or its answer: the asker's clock, then the server's twice.
#[derive(Copy, Clone, Debug, Hash)]
enum Word {
    Asks(u64),
    Answers(u64, u64, u64),
}

impl Describe for Word {
    fn label(&self) -> String {
        "time".into()
    }

    fn sentence(&self, _: &Names) -> String {
        format!("{self:?}")
    }
}

impl Payload for Word {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Asks(_) => MessageKind::Request,
            Self::Answers(..) => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        48
    }
}

/// What the asker knows after an answer: from that one alone, and from the best of the last ones.
#[derive(Copy, Clone, Debug, Hash)]
struct Known {
    alone: Offset,
    filtered: Offset,
}

impl Describe for Known {
    fn label(&self) -> String {
        String::new()
    }

    fn sentence(&self, _: &Names) -> String {
        format!("{self:?}")
    }
}

/// The server, or a client that asks it; the clocks drift by `DRIFT_PPM`, one each way.
#[derive(Clone, Default, Hash)]
struct Asker<const DRIFT_PPM: i32>(ClockFilter);

impl<const DRIFT_PPM: i32> Asker<DRIFT_PPM> {
    /// By how much the two rates differ at most, as one of them sees it.
    const APART_PPM: u32 = if DRIFT_PPM == 0 { 0 } else { 2 * DRIFT_PPM.unsigned_abs() + 1 };

    const SPEC: &'static Spec<Self, Ear> = &Spec {
        environment: |_| Environment {
            network: NetworkConfig {
                latency: Distribution::LogNormal { median_us: 10_000, sigma_percent: 80 },
                ..NetworkConfig::default()
            },
            clock: |id, _| Self::clock(id),
            ..Environment::default()
        },
        ..Spec::bare(|_| vec!["server".into(), "client".into()], |_, _| Self::default())
    };

    const SCENARIO: &'static Scenario =
        &Scenario::unlisted("time", |setup| Observed::boxed(Self::SPEC, setup));

    fn clock(id: NodeId) -> Clock {
        match id {
            SERVER => Clock::wrong_by(AHEAD_US, DRIFT_PPM),
            _ => Clock::wrong_by(0, -DRIFT_PPM),
        }
    }

    /// Returns what was known at every answer, with how far the server was really ahead then.
    fn play(seed: u64) -> Vec<(Known, i64)> {
        let setup = Setup::new(Self::SCENARIO, Preset::Naive, seed);
        let mut simulation = Observed::new(Self::SPEC, &setup);
        let mut journal = Journal::ignoring();
        while simulation.observer().0.len() < QUESTIONS {
            assert!(simulation.step(&mut journal), "it goes on asking");
        }
        let truth_us = |at_us| {
            let wall_us = |id| Self::clock(id).wall_us(at_us).cast_signed();
            wall_us(SERVER) - wall_us(NodeId(1))
        };
        let heard = simulation.observer().0.iter();
        heard.map(|&(at_us, known)| (known, truth_us(at_us))).collect()
    }
}

impl<const DRIFT_PPM: i32> Process for Asker<DRIFT_PPM> {
    type Msg = Word;
    type Timer = ();
    type Disk = ();
    type Fact = Known;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        if cx.me() != SERVER {
            cx.set_timer(PERIOD_US, ());
        }
    }

    fn on_message(&mut self, from: NodeId, word: Word, cx: &mut Cx<'_, Self>) {
        let now_us = cx.wall_us();
        match word {
            Word::Asks(asked_us) => cx.send(from, Word::Answers(asked_us, now_us, now_us)),
            Word::Answers(asked_us, heard_us, replied_us) => {
                let exchange = Exchange::new(asked_us, heard_us, replied_us, now_us);
                let exchange = exchange.expect("no clock is set back here");
                self.0.add(exchange);
                let alone = exchange.offset(now_us, Self::APART_PPM);
                let filtered = self.0.offset(now_us, Self::APART_PPM);
                cx.record(Known { alone, filtered: filtered.expect("one was added") });
            }
        }
    }

    fn on_timer(&mut self, (): (), cx: &mut Cx<'_, Self>) {
        cx.send(SERVER, Word::Asks(cx.wall_us()));
        cx.set_timer(PERIOD_US, ());
    }

    fn view(&self, (): &()) -> NodeView {
        NodeView::default()
    }
}

/// What was known, and the true time of it.
#[derive(Clone, Default, Hash)]
struct Ear(Vec<(u64, Known)>);

impl<const DRIFT_PPM: i32> Observer<Asker<DRIFT_PPM>> for Ear {
    fn on_fact(&mut self, at_us: u64, _: NodeId, fact: &Known) {
        self.0.push((at_us, *fact));
    }
}

/// Source: RFC 5905, section 8: the true offset is inside θ ± δ/2. Every exchange; exact, since clocks
/// without drift are whole microseconds apart.
#[test]
fn the_true_offset_is_within_half_the_delay() {
    for (known, truth_us) in Asker::<0>::play(1) {
        assert!(known.alone.contains(truth_us), "{known:?}, in truth {truth_us}");
        assert!(known.filtered.contains(truth_us), "{known:?}, in truth {truth_us}");
    }
}

/// Source: RFC 5905, sections 8 and 10: with rates that differ, the bound grows with the sample's age.
/// Every exchange; tolerance two microseconds, to which the clocks are read (the RFC's precision). The
/// exchange with the least delay errs less than the last one.
#[test]
fn the_bound_holds_while_clocks_drift_and_the_filter_errs_less() {
    let (mut alone_us, mut filtered_us) = (0, 0);
    for (known, truth_us) in Asker::<50>::play(2) {
        for (offset, sum_us) in [(known.alone, &mut alone_us), (known.filtered, &mut filtered_us)] {
            let off_us = offset.offset_us.abs_diff(truth_us);
            assert!(off_us <= offset.error_us + 2, "{offset:?}, in truth {truth_us}");
            *sum_us += off_us;
        }
    }
    let mean = |sum_us: u64| sum_us / QUESTIONS as u64;
    println!("mean error: {} µs alone, {} µs filtered", mean(alone_us), mean(filtered_us));
    assert!(2 * filtered_us < alone_us, "{filtered_us} µs and {alone_us} µs in all");
}
