//! What happened before what, against clocks that count.

use std::collections::{BTreeMap, BTreeSet};

use faultline_core::sim::{
    Action, Boot, Cause, Cx, EventKind, Journal, NetworkConfig, NodeId, OperationStep,
};

use super::puppet::{Behaviour, Bell, Puppet, Say, latency_us, note, run_of};

/// Four nodes that tell each other anything at any time, work on it, and lose some of it.
#[derive(Clone, Default, Hash)]
struct Gossips;

impl Behaviour for Gossips {
    const NODES: u16 = 4;
    const NETWORK: NetworkConfig =
        NetworkConfig { loss_percent: 10, duplicate_percent: 10, ..latency_us(1_000, 30_000) };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(1_000, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        Self::tell(cx);
        *cx.disk_mut().get_mut() += 1;
        cx.sync();
        let after_us = cx.jitter_us(5_000, 40_000);
        cx.set_timer(after_us, Bell(0));
    }

    fn on_message(&mut self, _: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if cx.choose(3) == 0 {
            Self::tell(cx);
            cx.work(3_000);
        }
    }
}

impl Gossips {
    fn tell(cx: &mut Cx<'_, Puppet<Self>>) {
        let to = NodeId(u16::try_from(cx.choose(4)).unwrap_or_default());
        cx.send(to, Say(7));
    }
}

/// Fidge 1988 and Mattern 1989: a vector for each event, of how many events of each node it knows.
fn vectors(journal: &Journal, count: u32) -> Vec<BTreeMap<NodeId, u32>> {
    let mut vectors: Vec<BTreeMap<NodeId, u32>> = Vec::new();
    let mut last_of: BTreeMap<NodeId, usize> = BTreeMap::new();
    for number in 0..count as usize {
        let event = journal.events.get(number).expect("it has happened");
        let mut vector = BTreeMap::new();
        let mut learn = |of: usize| {
            for (&node, &count) in &vectors[of] {
                let known = vector.entry(node).or_insert(0);
                *known = count.max(*known);
            }
        };
        if let Cause::Event(cause) = event.cause {
            learn(cause as usize);
        }
        // What falls on its way is no event of its receiver.
        if event.kind != EventKind::Fell {
            if let Some(&last) = last_of.get(&event.node) {
                learn(last);
            }
            last_of.insert(event.node, number);
            *vector.entry(event.node).or_insert(0) += 1;
        }
        vectors.push(vector);
    }
    vectors
}

#[test]
fn happens_before_is_what_vector_clocks_say() {
    const COUNT: u32 = 150;
    let actions = [(60_000, Action::Crash(NodeId(2))), (90_000, Action::Restart(NodeId(2)))];
    for seed in 1..=3 {
        let mut run = run_of::<Gossips>(seed, &actions);
        while run.position().events < COUNT {
            run.step();
        }
        let (journal, vectors) = (run.journal(), vectors(run.journal(), COUNT));
        let mut concurrent = 0;
        for later in 0..COUNT {
            let mut past = BTreeSet::new();
            for earlier in 0..later {
                let event = journal.events.get(earlier as usize).expect("it has happened");
                let own = vectors[earlier as usize].get(&event.node).copied().unwrap_or(0);
                let known = vectors[later as usize].get(&event.node).copied().unwrap_or(0);
                let is_before = event.kind != EventKind::Fell && known >= own;
                assert_eq!(journal.happens_before(earlier, later), is_before);
                assert!(!journal.happens_before(later, earlier));
                concurrent += u32::from(!is_before);
                past.extend(is_before.then_some(earlier));
            }
            let told = journal.causal_past(later, usize::MAX);
            assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), past);
            assert!(told.is_sorted_by(|a, b| a > b), "the latest come first");
            assert_eq!(journal.causal_past(later, 3), told[..told.len().min(3)]);
        }
        assert!(concurrent > 1_000, "{concurrent} pairs of concurrent events");
    }
}

/// On a command N0 asks N1, which asks N2, which answers N0. The second time nobody answers.
#[derive(Clone, Default, Hash)]
struct Relay {
    asked: u32,
}

impl Behaviour for Relay {
    const NODES: u16 = 3;

    fn on_message(&mut self, from: NodeId, _: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        if from == NodeId::OUTSIDE {
            note(cx, format!("begins {}", self.asked));
            self.asked += 1;
            if self.asked == 1 {
                cx.send(NodeId(1), Say(1));
            }
        } else if cx.me() == NodeId(0) {
            note(cx, "ends 0");
        } else {
            cx.send(NodeId((cx.me().0 + 1) % 3), Say(1));
        }
    }
}

#[test]
fn an_operation_s_cost_in_messages_is_the_length_of_its_chain() {
    let ask = Action::Command { command: 0, node: NodeId(0) };
    let mut run = run_of::<Relay>(1, &[(5_000, ask.clone()), (7_000, ask)]);
    run.seek_time(1_000_000);
    let finished = run.journal().finished_operations();
    assert_eq!(finished.len(), 1, "the other one has not ended: {finished:?}");
    let it = finished[0];
    assert_eq!((it.client, it.number, it.step), (NodeId(0), 0, OperationStep::Succeeds));
    assert_eq!((it.begun_us, it.took_us, it.hops), (5_000, 30_000, Some(3)));
}

#[test]
fn the_past_of_an_event_is_told_in_order_of_time() {
    let ask = Action::Command { command: 0, node: NodeId(0) };
    let mut run = run_of::<Relay>(1, &[(5_000, ask)]);
    run.seek_time(1_000_000);
    let last = run.position().events - 1;
    let tell = |limit| {
        let past = run.past(last, limit);
        past.into_iter().map(|line| format!("{} {}", line.at_us, line.text)).collect::<Vec<_>>()
    };
    let all = [
        "0 N0 starts",
        "0 N1 starts",
        "0 N2 starts",
        "5000 N0 receives from you: 1000",
        "15000 N1 receives from N0: 1",
        "25000 N2 receives from N1: 1",
    ];
    assert_eq!(tell(100), all);
    assert_eq!(tell(2), all[4..]);
    assert_eq!(run.past(0, 10).len(), 0);
}
