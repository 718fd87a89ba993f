//! Cuts, loss and duplication, and the count of what a fault really did.

use faultline_core::sim::{Action, Boot, Cx, MessageName, NetworkConfig, NodeId};

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, play, run_of, told, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// Both count to each other, one number every millisecond; a message takes ten.
#[derive(Clone, Default, Hash)]
struct Chatter {
    next: u32,
}

impl Behaviour for Chatter {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(1_000, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.send(if cx.me() == N0 { N1 } else { N0 }, Say(self.next));
        self.next += 1;
        if self.next < 1_000 {
            cx.set_timer(1_000, Bell(0));
        }
    }
}

/// N0 and N1 exchange a thousand numbers each, sent at 1 ms, 2 ms, … and heard 10 ms later.
const MESSAGES: usize = 2_000;

#[test]
fn a_cut_stops_what_is_in_flight_and_what_is_sent_across_it() {
    let cut = Action::Cut { from: N0, to: N1 };
    let actions = [(100_500, cut), (120_500, Action::Mend { from: N0, to: N1 })];
    let lines = play::<Chatter>(&actions, 2_000_000);
    let stopped = with(&lines, "is stopped by the cut");
    // Ten were in flight and arrive during the cut; twenty more are sent into it.
    let at: Vec<u64> =
        stopped.iter().map(|line| line.split_once(' ').unwrap().0.parse().unwrap()).collect();
    let mut expected: Vec<u64> = (101..=110).chain(101..=120).map(|ms: u64| ms * 1_000).collect();
    expected.sort_unstable();
    assert_eq!(at, expected);
    assert!(stopped.iter().all(|line| line.contains("N0 → N1")), "the other way is open");
    assert_eq!(with(&lines, "N0 receives").len(), 1_000);
    assert_eq!(with(&lines, "N1 receives").len(), 970);
}

#[test]
fn a_cut_that_is_mended_before_anything_arrives_stops_nothing_in_flight() {
    let actions = [(500, Action::Partition(vec![N0])), (900, Action::Heal)];
    let mut run = run_of::<Chatter>(1, &actions);
    run.seek_time(2_000_000);
    assert_eq!(with(&told(&run), "receives").len(), MESSAGES);
    assert_eq!(run.simulation().bites(0), 0, "a partition that stopped nothing did not bite");
    assert_eq!(run.simulation().bites(1), 1, "the heal restored links");
}

#[test]
fn a_partition_cuts_both_ways_and_counts_each_message_it_stops() {
    let actions = [(100_500, Action::Partition(vec![N1])), (120_500, Action::Heal)];
    let mut run = run_of::<Chatter>(1, &actions);
    run.seek_time(2_000_000);
    let lines = told(&run);
    let stopped = with(&lines, "is stopped by the cut").len();
    assert_eq!(stopped, 60);
    assert_eq!(run.simulation().bites(0) as usize, stopped);
    assert_eq!(with(&lines, "receives").len() + stopped, MESSAGES);
}

#[test]
fn a_fault_that_changes_nothing_is_counted_as_such() {
    let actions = [
        (10_000, Action::Restart(N0)),
        (10_000, Action::Heal),
        (10_000, Action::Partition(vec![N0, N1])),
        (10_000, Action::Cut { from: N0, to: N0 }),
        (10_000, Action::Crash(NodeId(77))),
        (10_000, Action::DropMessage(MessageName { from: N0, to: N1, nth: 999 })),
        (10_000, Action::Lose { percent: 0 }),
        (10_000, Action::StepClock { node: N0, by_us: 0 }),
        (10_000, Action::Command { command: 9, node: N0 }),
    ];
    let mut run = run_of::<Chatter>(1, &actions);
    run.seek_time(2_000_000);
    for (action, index) in actions.iter().zip(0..) {
        assert_eq!(run.simulation().bites(index), 0, "{action:?}");
    }
    assert_eq!(with(&told(&run), "receives").len(), MESSAGES);
}

#[test]
fn loss_takes_about_its_share_and_its_action_answers_for_it() {
    let mut run = run_of::<Chatter>(1, &[(0, Action::Lose { percent: 30 })]);
    run.seek_time(2_000_000);
    let lost = with(&told(&run), "is lost on the way").len();
    // Binomial with n = 2000, p = 0.3: mean 600, standard deviation 20.5; five of them.
    assert!((498..=702).contains(&lost), "{lost} of {MESSAGES} lost at 30 %");
    assert_eq!(run.simulation().bites(0) as usize, lost);
    let everything = play::<Chatter>(&[(0, Action::Lose { percent: 100 })], 2_000_000);
    assert_eq!(with(&everything, "receives").len(), 0);
}

#[test]
fn duplication_delivers_twice_and_heal_ends_it() {
    let actions = [(0, Action::Duplicate { percent: 100 }), (500_500, Action::Heal)];
    let lines = play::<Chatter>(&actions, 2_000_000);
    assert_eq!(with(&lines, "receives").len(), MESSAGES + 2 * 500);
    let actions = [(0, Action::Duplicate { percent: 20 })];
    let mut run = run_of::<Chatter>(1, &actions);
    run.seek_time(2_000_000);
    let heard = with(&told(&run), "receives").len();
    // Mean 2400, standard deviation 17.9.
    assert!((2_310..=2_490).contains(&heard), "{heard} heard of {MESSAGES} at 20 % twice");
    assert_eq!(run.simulation().bites(0) as usize, heard - MESSAGES);
}

#[test]
fn loss_and_duplication_decide_apart() {
    let twice = |actions: &[(u64, Action)]| {
        let mut run = run_of::<Chatter>(1, actions);
        run.seek_time(2_000_000);
        let lines = told(&run);
        let heard: Vec<&str> = with(&lines, "receives");
        let is_second = |(at, line): &(usize, &&str)| {
            let what = line.split_once(' ').map(|(_, what)| what);
            heard[..*at].iter().any(|other| other.split_once(' ').map(|(_, it)| it) == what)
        };
        let seconds = heard.iter().enumerate().filter(is_second);
        (seconds.map(|(_, line)| (*line).to_owned()).collect::<Vec<_>>(), run)
    };
    let double = (0, Action::Duplicate { percent: 20 });
    let (without_loss, _) = twice(std::slice::from_ref(&double));
    let (with_loss, run) = twice(&[double, (0, Action::Lose { percent: 30 })]);
    // What is lost cannot come twice; what comes twice came twice without the loss.
    assert!(with_loss.len() > 100 && run.simulation().bites(1) > 400);
    assert!(with_loss.iter().all(|line| without_loss.contains(line)));
}

#[test]
fn the_end_of_a_loss_bites_and_a_loss_without_messages_does_not() {
    let actions = [
        (2_000_000, Action::Lose { percent: 50 }),
        (2_000_000, Action::Duplicate { percent: 50 }),
        (2_100_000, Action::Lose { percent: 0 }),
        (2_100_000, Action::Duplicate { percent: 0 }),
    ];
    let mut run = run_of::<Chatter>(1, &actions);
    run.seek_time(3_000_000);
    let bites: Vec<u32> = (0..4).map(|index| run.simulation().bites(index)).collect();
    assert_eq!(bites, [0, 0, 1, 1]);
}

#[test]
fn single_messages_can_be_dropped_doubled_delayed_and_hurried() {
    let name = |nth| MessageName { from: N0, to: N1, nth };
    let at_us = 5_500;
    let actions = [
        (at_us, Action::DropMessage(name(0))),
        (at_us, Action::DuplicateMessage(name(1))),
        (at_us, Action::DelayMessage { message: name(2), by_us: 700_000 }),
        (at_us, Action::DeliverMessage(name(3))),
        // Not sent yet: nothing to do.
        (at_us, Action::DropMessage(name(900))),
    ];
    let mut run = run_of::<Chatter>(1, &actions);
    run.seek_time(2_000_000);
    let lines = told(&run);
    let of = |number: u32| {
        let what = format!("N0: {number}");
        let heard = with(&lines, "N1 receives");
        heard
            .into_iter()
            .filter(|line| line.ends_with(&what))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(with(&lines, "is dropped"), ["5500 N0 → N1: 0 is dropped"]);
    assert_eq!(of(0), [""; 0]);
    assert_eq!(of(1), ["12000 N1 receives from N0: 1", "13000 N1 receives from N0: 1"]);
    assert_eq!(of(2), ["713000 N1 receives from N0: 2"]);
    assert_eq!(of(3), ["5500 N1 receives from N0: 3"]);
    let bites: Vec<u32> = (0..5).map(|index| run.simulation().bites(index)).collect();
    assert_eq!(bites, [1, 1, 1, 1, 0]);
}

/// N0 counts to N1 over a network that reorders, loses and duplicates. On a command, N2 joins in.
#[derive(Clone, Default, Hash)]
struct Crowd {
    next: u32,
}

impl Behaviour for Crowd {
    const NODES: u16 = 3;
    const NETWORK: NetworkConfig =
        NetworkConfig { loss_percent: 10, duplicate_percent: 10, ..latency_us(1_000, 90_000) };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.set_timer(1_000, Bell(0));
        }
    }

    fn on_message(&mut self, from: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if from == NodeId::OUTSIDE {
            // More draws and more messages, at a node and on links that have nothing to do with it.
            let tenth = cx.jitter_us(0, 10);
            (0..20).for_each(|_| cx.send(N0, Say(500)));
            cx.set_timer(tenth, Bell(1));
        }
    }

    fn on_bell(&mut self, bell: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        if bell == 0 {
            cx.send(N1, Say(self.next));
            self.next += 1;
            let pause_us = cx.jitter_us(500, 3_000);
            cx.set_timer(pause_us, Bell(0));
        }
    }
}

#[test]
fn a_message_more_on_one_link_shifts_nothing_on_another() {
    let alone = play::<Crowd>(&[], 1_000_000);
    let joined = Action::Command { command: 0, node: NodeId(2) };
    let crowded = play::<Crowd>(&[(100_000, joined)], 1_000_000);
    assert!(with(&crowded, "500").len() > 10);
    for what in ["from N0: ", " N0: bell", "N0 → N1"] {
        let (alone, crowded) = (with(&alone, what), with(&crowded, what));
        assert!(alone == crowded, "{:?}", alone.iter().zip(&crowded).find(|(a, b)| a != b));
    }
}

#[test]
fn the_network_reorders_when_latencies_differ() {
    let lines = play::<Crowd>(&[], 1_000_000);
    let heard: Vec<u32> = with(&lines, "N1 receives")
        .iter()
        .map(|line| line.rsplit_once(": ").unwrap().1.parse().unwrap())
        .collect();
    assert!(heard.len() > 100);
    assert!(!heard.is_sorted());
}

#[test]
fn no_delay_is_so_long_that_a_run_cannot_go_past_it() {
    let name = MessageName { from: N0, to: N1, nth: 2 };
    let delay = Action::DelayMessage { message: name, by_us: u64::MAX };
    let mut run = run_of::<Chatter>(1, &[(5_500, delay.clone()), (6_500, delay)]);
    while run.step() {}
    assert_eq!(with(&told(&run), "receives").len(), MESSAGES);
    assert!(run.now_us() < 4_000_000_000, "{}", run.now_us());
}
