//! A node does so much at one time: what comes meanwhile waits, finds no room, or finds nobody.

use faultline_core::sim::{
    Action, Boot, Capacity, Clock, Cx, MessageName, NetworkConfig, NodeId, Overflow,
};

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, note, play, with};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// N0 says five numbers at once; N1 works ten milliseconds on each and says it back.
#[derive(Clone, Default, Hash)]
struct Shop<const SERVERS: u16, const INBOX: u32, const REFUSES: bool>;

impl<const SERVERS: u16, const INBOX: u32, const REFUSES: bool> Behaviour
    for Shop<SERVERS, INBOX, REFUSES>
{
    const CAPACITY: Capacity = Capacity {
        servers: SERVERS,
        inbox: if INBOX == 0 { None } else { Some(INBOX) },
        overflow: if REFUSES { Overflow::Refuse } else { Overflow::Drop },
    };

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N1 {
            cx.set_timer(12_000, Bell(0));
        } else if boot == Boot::Fresh {
            (0..5).for_each(|number| cx.send(N1, Say(number)));
        }
    }

    fn on_message(&mut self, from: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N1 {
            cx.work(10_000);
            cx.send(from, Say(number + 100));
        }
    }

    fn on_refused(&mut self, to: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        note(cx, format!("hears that node {} had no room for {number}", to.0));
    }
}

type Plain = Shop<1, 0, false>;

/// The times of lines with `what`, in milliseconds.
fn ms(lines: &[String], what: &str) -> Vec<u64> {
    let time = |line: &str| line.split_once(' ').and_then(|(at_us, _)| at_us.parse::<u64>().ok());
    with(lines, what).into_iter().filter_map(time).map(|at_us| at_us / 1_000).collect()
}

#[test]
fn a_busy_node_takes_the_next_when_it_is_free_and_its_effects_leave_at_the_end() {
    let lines = play::<Plain>(&[], 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 20, 30, 40, 50]);
    assert_eq!(ms(&lines, "N1 has done its work"), [20, 30, 40, 50, 60]);
    assert_eq!(ms(&lines, "N0 receives"), [30, 40, 50, 60, 70]);
    // The timer was due at 12 ms, behind everything that had come before.
    assert_eq!(ms(&lines, "N1: bell"), [60]);
}

#[test]
fn several_servers_work_side_by_side() {
    let lines = play::<Shop<2, 0, false>>(&[], 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 10, 20, 20, 30]);
    assert_eq!(ms(&lines, "N0 receives"), [30, 30, 40, 40, 50]);
    assert_eq!(ms(&lines, "N1: bell"), [30]);
}

#[test]
fn a_full_inbox_drops_or_refuses() {
    let lines = play::<Shop<1, 2, false>>(&[], 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 20, 30]);
    assert_eq!(ms(&lines, "finds no room in the inbox"), [10, 10]);
    assert_eq!(with(&lines, "hears that node"), [""; 0]);
    let lines = play::<Shop<1, 2, true>>(&[], 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 20, 30]);
    let refused = [
        "20000 N0 hears that node 1 had no room for 3",
        "20000 N0 hears that node 1 had no room for 4",
    ];
    assert_eq!(with(&lines, "hears that node"), refused);
}

#[test]
fn a_message_taken_out_of_the_inbox_makes_room() {
    let name = |nth| MessageName { from: N0, to: N1, nth };
    // A third waits for the moment of its arrival; one that waits is dropped, or sent off again.
    let delay = |nth, by_us| Action::DelayMessage { message: name(nth), by_us };
    let drop = [
        (1_000, delay(3, 5_000)),
        (1_000, delay(4, 5_000)),
        (11_000, Action::DropMessage(name(1))),
    ];
    let lines = play::<Shop<1, 2, false>>(&drop, 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 20, 30]);
    assert_eq!(ms(&lines, "finds no room in the inbox"), [15]);
    let later = [(1_000, delay(3, 5_000)), (1_000, delay(4, 500_000)), (11_000, delay(1, 200_000))];
    let lines = play::<Shop<1, 2, false>>(&later, 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 20, 30, 211, 510]);
    assert_eq!(ms(&lines, "finds no room in the inbox"), [0; 0]);
}

#[test]
fn a_crash_loses_what_is_at_work_and_what_waits() {
    let crash = [(15_000, Action::Crash(N1)), (16_000, Action::Restart(N1))];
    let lines = play::<Plain>(&crash, 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10]);
    assert_eq!(ms(&lines, "the receiver is down"), [15, 15, 15, 15]);
    assert_eq!(ms(&lines, "N0 receives"), [0; 0]);
    assert_eq!(ms(&lines, "done its work"), [0; 0]);
    assert_eq!(ms(&lines, "N1: bell"), [28]);
}

#[test]
fn a_pause_stops_work_until_it_ends() {
    let pause = [(15_000, Action::Pause(N1)), (45_000, Action::Resume(N1))];
    let lines = play::<Plain>(&pause, 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 45, 55, 65, 75]);
    assert_eq!(ms(&lines, "done its work"), [45, 55, 65, 75, 85]);
    // Over before the work would have been: nothing has changed.
    let short = [(15_000, Action::Pause(N1)), (18_000, Action::Resume(N1))];
    assert_eq!(play::<Plain>(&short, 1_000_000), play::<Plain>(&[], 1_000_000));
    let crash = [(15_000, Action::Pause(N1)), (45_000, Action::Crash(N1))];
    assert_eq!(ms(&play::<Plain>(&crash, 1_000_000), "done its work"), [0; 0]);
}

#[test]
fn a_slow_node_takes_longer_for_everything() {
    let slow = |by_us| Action::Slow { node: N1, by_us };
    let lines = play::<Plain>(&[(5_000, slow(5_000)), (42_000, slow(0))], 1_000_000);
    assert_eq!(ms(&lines, "N1 receives"), [10, 25, 40, 55, 65]);
    assert_eq!(ms(&lines, "done its work"), [25, 40, 55, 65, 75]);
    // However slow: nothing overflows.
    assert_eq!(ms(&play::<Plain>(&[(5_000, slow(u64::MAX))], 1_000_000), "N1 receives"), [10]);
}

/// N1 is busy from its start; what N0 says comes in the same instant.
#[derive(Clone, Default, Hash)]
struct AtOnce;

impl Behaviour for AtOnce {
    const NETWORK: NetworkConfig = latency_us(0, 0);

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N1 {
            cx.work(10_000);
        } else if boot == Boot::Fresh {
            cx.send(N1, Say(7));
        }
    }
}

#[test]
fn what_came_at_time_zero_and_waits_is_lost_in_a_crash_too() {
    assert_eq!(ms(&play::<AtOnce>(&[], 100_000), "N1 receives"), [10]);
    let crash = [(5_000, Action::Crash(N1)), (6_000, Action::Restart(N1))];
    assert_eq!(ms(&play::<AtOnce>(&crash, 100_000), "N1 receives"), [0; 0]);
}

/// N1 works long on the first and short on the second, both at once, and each answer waits for the
/// sync of what was written for it.
#[derive(Clone, Default, Hash)]
struct TwoHands;

impl Behaviour for TwoHands {
    const CAPACITY: Capacity = Capacity { servers: 2, inbox: None, overflow: Overflow::Drop };
    const SYNC_US: (u64, u64) = (200_000, 200_000);

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N0 {
            cx.send(N1, Say(100));
            cx.send(N1, Say(10));
        }
    }

    fn on_message(&mut self, from: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.me() == N1 {
            *cx.disk_mut().get_mut() = number;
            cx.work(u64::from(number) * 1_000);
            cx.send_after_sync(from, Say(number));
        }
    }
}

#[test]
fn each_answer_waits_for_its_own_sync_in_whatever_order_they_begin() {
    let lines = play::<TwoHands>(&[], 1_000_000);
    let heard = ["230000 N0 receives from N1: 10", "320000 N0 receives from N1: 100"];
    assert_eq!(with(&lines, "N0 receives"), heard);
}

/// N1's clocks are wrong from the beginning, and N1 sets them right by what N0 says.
#[derive(Clone, Default, Hash)]
struct Follower;

impl Behaviour for Follower {
    fn clock(id: NodeId) -> Clock {
        if id == N1 { Clock::wrong_by(700_000, 100_000) } else { Clock::default() }
    }

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let wall_us = cx.wall_us();
        note(cx, format!("begins at {wall_us}"));
        if cx.me() == N1 {
            cx.set_timer(110_000, Bell(0));
        }
    }

    fn on_bell(&mut self, number: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        let (monotonic_us, wall_us) = (cx.now_us(), cx.wall_us());
        note(cx, format!("reads {monotonic_us}, wall {wall_us}"));
        if number == 0 {
            cx.step_wall(-710_000);
            // A step is an effect: it happens when the handler has returned.
            assert_eq!(cx.wall_us(), wall_us);
            cx.set_timer(11_000, Bell(1));
        }
    }
}

#[test]
fn a_clock_can_be_wrong_from_the_beginning_and_its_node_can_set_it() {
    let lines = play::<Follower>(&[], 1_000_000);
    assert_eq!(with(&lines, "begins at"), ["0 N0 begins at 0", "0 N1 begins at 700000"]);
    let read = ["100000 N1 reads 110000, wall 810000", "110000 N1 reads 121000, wall 111000"];
    assert_eq!(with(&lines, "reads"), read);
}
