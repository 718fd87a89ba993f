//! A world as a graph for the explorer: what can happen next, and which moments are the same.
//!
//! In a world [taken by hand](super::Action::TakeByHand) time stands still and nothing happens by
//! itself, so what comes next is a choice among messages under way, timers that are set and syncs
//! that run: every order that an asynchronous network, clocks of any speed and disks of any speed
//! could bring about. Two moments are the same if processes, disks, messages and timers are, whenever
//! and in whichever order that came about.

use std::hash::{Hash, Hasher};

use super::behaviour::Behaviour;
use super::kernel::Kernel;
use super::{Action, StableHasher, TimerName};
use crate::order::sort;

impl Kernel {
    /// Lists what can be made to happen next by an action that is not a fault, in a fixed order.
    pub(super) fn possible_actions(&self, nodes: &dyn Behaviour) -> Vec<Action> {
        let mut messages: Vec<_> =
            self.flights.iter().flatten().map(|flight| flight.name).collect();
        sort(&mut messages);
        // Two copies of one message are the same message twice.
        messages.dedup();
        if self.network.is_fifo() {
            messages.dedup_by_key(|name| (name.from, name.to));
        }
        let mut actions: Vec<_> = messages.into_iter().map(Action::DeliverMessage).collect();
        for id in self.names.ids() {
            let node = &self.nodes[id.index()];
            if node.is_up && !node.is_paused {
                let named =
                    |&place: &u32| TimerName { node: id, digest: nodes.timer_digest(id, place) };
                actions.extend(nodes.timers(id).iter().map(named).map(Action::FireTimer));
            }
            if !node.syncing.is_empty() {
                actions.push(Action::CompleteSync(id));
            }
        }
        actions
    }

    /// Hashes everything that has an influence on what happens next, and leaves out how it came
    /// about: time, event numbers, causes, names of messages, costs.
    pub(super) fn identify(&self, nodes: &dyn Behaviour, hasher: &mut StableHasher) {
        for id in self.names.ids() {
            let node = &self.nodes[id.index()];
            (node.is_up, node.is_paused, node.is_starting, node.starts > 0).hash(hasher);
            (node.clock, node.slowness_us).hash(hasher);
            nodes.hash_node(id, hasher);
            for &place in nodes.timers(id) {
                true.hash(hasher);
                nodes.hash_timer(id, place, hasher);
            }
            (false, node.syncing.len() as u64, node.held.len() as u64).hash(hasher);
            for held in &node.held {
                // Syncs are numbered for ever; what counts is how many are still to come before.
                (held.sync.0.wrapping_sub(node.next_sync.0), held.to).hash(hasher);
                nodes.hash_message(held.place, hasher);
            }
        }
        self.network.identify(hasher);
        self.identify_flights(nodes, hasher);
    }

    /// Messages under way are a bag: what each adds does not depend on the others, unless links are
    /// first in, first out.
    fn identify_flights(&self, nodes: &dyn Behaviour, hasher: &mut StableHasher) {
        let is_fifo = self.network.is_fifo();
        let mut bag = 0_u64;
        for (flight, place) in self.flights.iter().zip(0_u32..) {
            let Some(flight) = flight else { continue };
            let mut one = StableHasher::chained(1);
            (flight.name.from, flight.name.to, flight.is_refusal).hash(&mut one);
            if is_fifo {
                let is_before = |other: &&super::node::Flight| {
                    (other.name.from, other.name.to) == (flight.name.from, flight.name.to)
                        && other.name.nth < flight.name.nth
                };
                (self.flights.iter().flatten().filter(is_before).count() as u64).hash(&mut one);
            }
            nodes.hash_message(place, &mut one);
            bag = bag.wrapping_add(one.finish());
        }
        bag.hash(hasher);
    }
}
