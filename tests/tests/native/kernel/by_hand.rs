//! A world that is taken by hand at any moment goes on only as it is told, and can be gone through
//! forwards and backwards like any other.

use faultline_core::run::{Position, Run};
use faultline_core::sim::{
    Action, Boot, Capacity, Cx, NetworkConfig, NodeId, Overflow, Stream, SyncId,
};

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, run_of, told, with};
use crate::any_action;

/// Three nodes with everything at once: work, syncs, timers, full inboxes, order on links.
#[derive(Clone, Default, Hash)]
struct Everything {
    said: u32,
}

impl Behaviour for Everything {
    const NODES: u16 = 3;
    const NETWORK: NetworkConfig = NetworkConfig { is_fifo: true, ..latency_us(1_000, 30_000) };
    const CAPACITY: Capacity = Capacity { servers: 1, inbox: Some(3), overflow: Overflow::Refuse };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(2_000, Bell(0));
    }

    fn on_bell(&mut self, bell: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        self.said += 1;
        let to = NodeId(u16::try_from(cx.choose(3)).unwrap_or_default());
        cx.send(to, Say(self.said));
        let after_us = cx.jitter_us(2_000, 8_000);
        cx.set_timer(after_us, Bell(bell));
    }

    fn on_message(&mut self, from: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        *cx.disk_mut().get_mut() = number;
        let work_us = cx.jitter_us(0, 9_000);
        cx.work(work_us);
        if from != NodeId::OUTSIDE && number.is_multiple_of(2) {
            cx.send_after_sync(from, Say(number + 1));
        }
    }

    fn on_refused(&mut self, _: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(1_000, Bell(1));
    }

    fn on_synced(&mut self, _: SyncId, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.work(500);
    }
}

type Sight = (Position, u64, u64);

fn sight(run: &Run) -> Sight {
    (run.position(), run.simulation().digest(), run.simulation().now_us())
}

/// Goes through a finished run straight, backwards, and by leaps; every place must be the same.
fn go_through(run: &mut Run) {
    run.seek(Position::default());
    let mut sights = vec![sight(run)];
    while sights.len() < 600 && run.step() {
        sights.push(sight(run));
    }
    for expected in sights.iter().rev().skip(1) {
        assert!(run.step_back());
        assert_eq!(sight(run), *expected);
    }
    let mut places = Stream::new(3, "places");
    for _ in 0..20 {
        let expected = sights[places.index(sights.len())];
        run.seek(expected.0);
        assert_eq!(sight(run), expected);
    }
}

fn is_by_hand(run: &Run) -> bool {
    run.actions().iter().any(|timed| timed.action == Action::TakeByHand)
}

#[test]
fn a_world_with_everything_survives_any_action_and_goes_back_and_forth() {
    for seed in 1..=12 {
        let mut stream = Stream::new(seed, "everything");
        let mut run = run_of::<Everything>(seed, &[]);
        for _ in 0..80 {
            (0..stream.range(0, 6)).for_each(|_| _ = run.step());
            let action = any_action::draw(&mut stream, run.simulation());
            run.act(action);
            let fork = run.simulation().fork();
            assert_eq!(fork.digest(), run.simulation().digest());
        }
        go_through(&mut run);
    }
}

#[test]
fn a_world_taken_by_hand_at_any_moment_does_what_it_is_told() {
    for seed in 1..=12 {
        let mut stream = Stream::new(seed, "by hand");
        let mut run = run_of::<Everything>(seed, &[]);
        run.seek_time(stream.range(0, 80_000));
        if stream.chance(50) {
            run.act(Action::Pause(NodeId(1)));
        }
        run.act(Action::TakeByHand);
        while run.step() {}
        let mut done = 0;
        for _ in 0..60 {
            let possible = run.simulation().possible_actions();
            let action = if possible.is_empty() || stream.chance(20) {
                any_action::draw(&mut stream, run.simulation())
            } else {
                possible[stream.index(possible.len())].clone()
            };
            let is_possible = possible.contains(&action);
            let digest = run.simulation().digest();
            assert!(!is_possible || run.simulation().why_not(&action).is_none(), "{action:?}");
            run.act(action);
            while run.step() {}
            assert_ne!(run.simulation().digest(), digest);
            done += u32::from(is_possible);
        }
        assert!(is_by_hand(&run) && done > 20, "{done}");
        go_through(&mut run);
    }
}

#[test]
fn what_is_at_work_when_a_world_is_taken_by_hand_ends_then() {
    let mut run = run_of::<Everything>(1, &[]);
    let is_at_work = |run: &Run| {
        let lines = told(run);
        with(&lines, "receives").len() > with(&lines, "has done its work").len()
    };
    while !is_at_work(&run) {
        assert!(run.step());
    }
    run.act(Action::TakeByHand);
    while run.step() {}
    let done = with(&told(&run), "has done its work").len();
    let name = run.simulation().scene().messages.first().map(|message| message.name);
    run.act(Action::DeliverMessage(name.expect("something is on its way")));
    while run.step() {}
    let lines = told(&run);
    assert!(done > 0, "{lines:?}");
    assert!(lines.last().is_some_and(|line| line.contains("receives")), "{lines:?}");
}

/// Writes and syncs when it starts.
#[derive(Clone, Default, Hash)]
struct Writer;

impl Behaviour for Writer {
    const NODES: u16 = 1;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        *cx.disk_mut().get_mut() = 1;
        cx.sync();
    }
}

#[test]
fn a_node_frozen_in_a_world_taken_by_hand_hears_of_its_sync_when_it_goes_on() {
    let mut run = run_of::<Writer>(1, &[]);
    let it = NodeId(0);
    for action in [Action::TakeByHand, Action::Pause(it), Action::CompleteSync(it)] {
        run.act(action);
        while run.step() {}
    }
    assert_eq!(with(&told(&run), "learns"), [""; 0]);
    run.act(Action::Resume(it));
    while run.step() {}
    assert_eq!(with(&told(&run), "learns that its disk has synced").len(), 1);
}
