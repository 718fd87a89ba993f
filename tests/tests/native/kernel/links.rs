//! Links that keep order, carry so much and no more, are long or short, are held, or come and go.

use faultline_core::run::Run;
use faultline_core::sim::{
    Action, Boot, Cx, Distribution, MessageName, NetworkConfig, NodeId, Stream, Zones,
};

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, play, run_of, told, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);

/// N0 counts to N1, a number every millisecond, over a connection that is as bad as it says.
#[derive(Clone, Default, Hash)]
struct Connection<const PERCENT: u8, const BYTES_PER_S: u64> {
    next: u32,
}

impl<const PERCENT: u8, const BYTES_PER_S: u64> Behaviour for Connection<PERCENT, BYTES_PER_S> {
    const NETWORK: NetworkConfig = NetworkConfig {
        is_fifo: true,
        loss_percent: PERCENT,
        duplicate_percent: PERCENT,
        bytes_per_s: if BYTES_PER_S == 0 { None } else { Some(BYTES_PER_S) },
        ..latency_us(1_000, 90_000)
    };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.set_timer(1_000, Bell(0));
        }
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.send(N1, Say(self.next));
        self.next += 1;
        if self.next < 300 {
            cx.set_timer(1_000, Bell(0));
        }
    }
}

/// The numbers that N1 has heard, in order.
fn heard(run: &Run) -> Vec<u32> {
    let lines = told(run);
    let number = |line: &&str| line.rsplit_once(' ').and_then(|(_, number)| number.parse().ok());
    with(&lines, "N1 receives").iter().filter_map(number).collect()
}

/// Pauses and holds at random, each undone.
fn drawn_waits(seed: u64) -> Vec<(u64, Action)> {
    let mut stream = Stream::new(seed, "waits");
    let mut actions = Vec::new();
    for _ in 0..6 {
        let begin_us = stream.range(0, 300) * 1_000;
        let end_us = begin_us + stream.range(0, 60) * 1_000;
        let (begin, end) = if stream.chance(50) {
            (Action::Pause(N1), Action::Resume(N1))
        } else {
            (Action::Hold { from: N0, to: N1 }, Action::Release { from: N0, to: N1 })
        };
        actions.extend([(begin_us, begin), (end_us, end)]);
    }
    actions.push((800_000, Action::Heal));
    actions.push((800_000, Action::Resume(N1)));
    actions.sort_by_key(|(at_us, _)| *at_us);
    actions
}

fn keeps_order<const PERCENT: u8, const BYTES_PER_S: u64>() {
    for seed in 1..=30 {
        for actions in [Vec::new(), drawn_waits(seed)] {
            let mut run = run_of::<Connection<PERCENT, BYTES_PER_S>>(seed, &actions);
            run.seek_time(5_000_000);
            let heard = heard(&run);
            assert!(heard.is_sorted(), "seed {seed}: {heard:?}");
            if PERCENT == 0 {
                assert_eq!(heard.len(), 300, "seed {seed}: nothing is lost");
            }
        }
    }
}

#[test]
fn a_connection_never_reorders() {
    keeps_order::<0, 0>();
    keeps_order::<0, 3_000>();
    keeps_order::<20, 0>();
    keeps_order::<20, 5_000>();
}

/// N0 says ten numbers of four bytes at once, over a link of a thousand bytes a second.
#[derive(Clone, Default, Hash)]
struct Burst;

impl Behaviour for Burst {
    const NETWORK: NetworkConfig =
        NetworkConfig { bytes_per_s: Some(1_000), ..latency_us(10_000, 10_000) };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            (0..10).for_each(|number| cx.send(N1, Say(number)));
        }
    }
}

#[test]
fn what_a_link_carries_arrives_one_after_the_other() {
    let expected: Vec<String> = (0..10)
        .map(|number| format!("{} N1 receives from N0: {number}", 10_000 + (number + 1) * 4_000))
        .collect();
    assert_eq!(with(&play::<Burst>(&[], 1_000_000), "receives"), expected);
}

/// N0 and N1 stand together, N2 far away: it takes longer to come back than to go there.
#[derive(Clone, Default, Hash)]
struct Far;

impl Behaviour for Far {
    const NODES: u16 = 3;

    fn zones() -> Option<Zones> {
        let row = |here, there| vec![Distribution::Constant(here), Distribution::Constant(there)];
        Some(Zones {
            names: vec!["east".into(), "west".into()],
            of: vec![0, 0, 1],
            latency: vec![
                row(1_000, 20_000),
                vec![Distribution::Constant(30_000), Distribution::Constant(2_000)],
            ],
        })
    }

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.send(N1, Say(1));
            cx.send(N2, Say(2));
        }
    }

    fn on_message(&mut self, from: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if number < 10 {
            cx.send(from, Say(number * 10));
        }
    }
}

#[test]
fn latency_is_that_between_the_zones() {
    let expected = [
        "1000 N1 receives from N0: 1",
        "2000 N0 receives from N1: 10",
        "20000 N2 receives from N0: 2",
        "50000 N0 receives from N2: 20",
    ];
    assert_eq!(with(&play::<Far>(&[], 1_000_000), "receives"), expected);
}

/// N0 counts to N1, one number every millisecond; a message takes ten.
#[derive(Clone, Default, Hash)]
struct Count {
    next: u32,
}

impl Behaviour for Count {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.set_timer(1_000, Bell(0));
        }
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.send(N1, Say(self.next));
        self.next += 1;
        if self.next < 500 {
            cx.set_timer(1_000, Bell(0));
        }
    }
}

const HOLD: Action = Action::Hold { from: N0, to: N1 };
const RELEASE: Action = Action::Release { from: N0, to: N1 };

/// When N1 heard each number.
fn times(lines: &[String]) -> Vec<(u64, u32)> {
    let parse = |line: &str| {
        let at_us = line.split_once(' ')?.0.parse().ok()?;
        Some((at_us, line.rsplit_once(' ')?.1.parse().ok()?))
    };
    with(lines, "N1 receives").into_iter().filter_map(parse).collect()
}

#[test]
fn nothing_arrives_on_a_held_link_and_nothing_is_lost() {
    // 150 ms sharp: a message is due at that very moment, and must not come before the held ones.
    for (end_us, end) in [(150_500, RELEASE), (150_000, RELEASE), (150_000, Action::Heal)] {
        let mut run = run_of::<Count>(1, &[(100_500, HOLD), (end_us, end)]);
        run.seek_time(2_000_000);
        let times = times(&told(&run));
        let numbers: Vec<u32> = times.iter().map(|(_, number)| *number).collect();
        assert_eq!(numbers, (0..500).collect::<Vec<_>>());
        let in_between = times.iter().filter(|(at_us, _)| (100_500..end_us).contains(at_us));
        assert_eq!(in_between.count(), 0);
        // Those that were due at 101 ms and later.
        let let_go = times.iter().filter(|(at_us, _)| *at_us == end_us).count();
        assert_eq!(let_go, 50, "{end_us}");
        assert_eq!(run.simulation().bites(0), if end_us == 150_500 { 50 } else { 49 });
        assert_eq!(run.simulation().bites(1), 1);
    }
}

#[test]
fn a_hold_does_not_reach_what_has_arrived_and_waits() {
    let actions = [
        (50_500, Action::Pause(N1)),
        (60_500, HOLD),
        (70_500, Action::Resume(N1)),
        (90_500, RELEASE),
    ];
    let times = times(&play::<Count>(&actions, 2_000_000));
    let heard_at = |at_us| times.iter().filter(|(it, _)| *it == at_us).count();
    assert_eq!((heard_at(70_500), heard_at(90_500)), (10, 30));
    assert!(times.is_sorted_by_key(|(_, number)| *number) && times.len() == 500);
}

#[test]
fn a_cut_in_a_pause_stops_what_comes_during_the_cut_and_nothing_else() {
    let actions = [
        (50_500, Action::Pause(N1)),
        (60_500, Action::Cut { from: N0, to: N1 }),
        (70_500, Action::Mend { from: N0, to: N1 }),
        (100_500, Action::Resume(N1)),
        (101_500, Action::Cut { from: N0, to: N1 }),
    ];
    let lines = play::<Count>(&actions[..4], 2_000_000);
    // Ten were on their way when the link was cut, ten were sent into the cut.
    assert_eq!(times(&lines).len(), 480);
    let stopped = with(&lines, "is stopped by the cut");
    assert!(stopped[0].starts_with("61000 "), "{stopped:?}");
}

#[test]
fn a_held_message_can_be_dropped_delayed_and_doubled() {
    let name = |nth| MessageName { from: N0, to: N1, nth };
    let actions = [
        (5_500, HOLD),
        (30_500, Action::DropMessage(name(0))),
        (30_500, Action::DelayMessage { message: name(1), by_us: 100_000 }),
        (30_500, Action::DelayMessage { message: name(2), by_us: 1_000 }),
        (30_500, Action::DuplicateMessage(name(3))),
        (40_500, RELEASE),
    ];
    let mut run = run_of::<Count>(1, &actions);
    run.seek_time(2_000_000);
    let lines = told(&run);
    let of = |wanted: u32| {
        let times = times(&lines).into_iter().filter(|(_, number)| *number == wanted);
        times.map(|(at_us, _)| at_us).collect::<Vec<_>>()
    };
    assert_eq!(of(0), [0; 0]);
    assert_eq!(with(&lines, "is dropped").len(), 1);
    assert_eq!(of(1), [130_500]);
    assert_eq!(of(2), [40_500]);
    assert_eq!(of(3), [40_500, 40_500]);
    assert!((1..5).all(|index| run.simulation().bites(index) == 1));
    // Number 2 came to the end of the link again, behind those that were there.
    let at_end: Vec<u32> =
        times(&lines).iter().filter(|(it, _)| *it == 40_500).map(|(_, number)| *number).collect();
    assert_eq!(at_end[..3], [3, 4, 5]);
}

#[test]
fn a_held_message_delivered_by_hand_comes_to_the_end_of_the_link_again() {
    let name = MessageName { from: N0, to: N1, nth: 0 };
    let actions = [(5_500, HOLD), (30_500, Action::DeliverMessage(name)), (40_500, RELEASE)];
    let times = times(&play::<Count>(&actions, 2_000_000));
    assert_eq!(times.iter().filter(|(_, number)| *number == 0).count(), 1);
    assert_eq!(times.len(), 500);
}

#[test]
fn a_flapping_link_is_cut_and_whole_in_turns() {
    let flap = Action::Flap { side: vec![N0], period_us: 20_000 };
    let lines = play::<Count>(&[(100_500, flap), (250_500, Action::Heal)], 2_000_000);
    let is_cut = |at_us: u64| {
        (100_500..250_500).contains(&at_us) && ((at_us - 100_500) / 20_000).is_multiple_of(2)
    };
    let arrives = |number: &u32| {
        let sent_us = (u64::from(*number) + 1) * 1_000;
        !is_cut(sent_us) && !is_cut(sent_us + 10_000)
    };
    let expected: Vec<u32> = (0..500).filter(arrives).collect();
    let numbers: Vec<u32> = times(&lines).into_iter().map(|(_, number)| number).collect();
    assert_eq!(numbers, expected);
}

/// Whether the goal that nobody ever reaches was missed: only in a world that is calm.
fn is_missed(actions: &[(u64, Action)]) -> bool {
    let mut run = run_of::<Count>(1, actions);
    run.seek_time(10_000_000);
    run.simulation().is_violated()
}

#[test]
fn a_link_that_is_held_or_comes_and_goes_is_not_whole() {
    let flap = Action::Flap { side: vec![N0], period_us: 20_000 };
    assert!(!is_missed(&[(1_000, flap.clone())]));
    assert!(is_missed(&[(1_000, flap), (500_000, Action::Heal)]));
    assert!(!is_missed(&[(1_000, HOLD)]));
    assert!(is_missed(&[(1_000, HOLD), (500_000, RELEASE)]));
}

#[test]
fn links_that_are_held_can_be_cut_as_well() {
    let both = [
        (1_000, HOLD),
        (1_000, Action::Hold { from: N1, to: N0 }),
        (2_000, Action::Partition(vec![N0])),
        (30_000, RELEASE),
    ];
    let mut run = run_of::<Count>(1, &both);
    run.seek_time(2_000_000);
    assert_eq!(times(&told(&run)).len(), 0);
    assert!(run.simulation().bites(2) > 0);
}

#[test]
fn a_cut_of_one_way_leaves_the_other_open() {
    let lines = play::<Far>(&[(500, Action::Cut { from: N1, to: N0 })], 1_000_000);
    assert_eq!(with(&lines, "N1 receives").len(), 1);
    assert_eq!(with(&lines, "N0 receives from N1").len(), 0);
    assert_eq!(with(&lines, "N0 receives from N2").len(), 1);
}
