//! An election in the paper's network: nothing is lost, and every message takes the same time.

use std::collections::VecDeque;

use super::{Bully, Config, Message};
use crate::mechanism::fencing::Promise;
use crate::sim::NodeId;

/// How long a message takes.
const LATENCY_US: u64 = 1_000;
/// Longer than any election among as many members as there are node names.
const END_US: u64 = 60 * LATENCY_US;

/// Runs the election of a group of `count` whose highest member is dead, which the member of this rank
/// (from 0) notices first, and returns the leader and the number of messages. Everybody runs the bare
/// algorithm, or the one with both safeguards.
///
/// Without them it is n² − n − 1 at worst, when the lowest notices: every member asks all that are higher,
/// all but the dead one answer, and the new leader tells all that are lower.
pub fn messages_of_election(count: u16, rank: u16, is_safe: bool) -> (Option<NodeId>, u64) {
    let config = Config {
        members: NodeId::first(count).collect(),
        answer_us: 3 * LATENCY_US,
        silence_us: 2 * END_US,
        alive_us: 2 * END_US,
        majority: is_safe,
        epochs: is_safe,
    };
    let living = NodeId::first(count.saturating_sub(1));
    let mut members: Vec<Bully> =
        living.map(|id| Bully::new(id, config.clone(), Promise::default())).collect();
    let mut flights: VecDeque<(u64, NodeId, NodeId, Message)> = VecDeque::new();
    let mut messages = 0;
    let mut send = |flights: &mut VecDeque<_>, now_us, from, sends: super::Sends| {
        for (to, message) in sends {
            messages += 1;
            flights.push_back((now_us + LATENCY_US, from, to, message));
        }
    };
    if let Some(first) = members.get_mut(usize::from(rank)) {
        let sends = first.call_election(0);
        send(&mut flights, 0, NodeId(rank), sends);
    }
    for now_us in (0..=END_US / LATENCY_US).map(|step| step * LATENCY_US) {
        while flights.front().is_some_and(|(due_us, ..)| *due_us <= now_us) {
            let Some((_, from, to, message)) = flights.pop_front() else { break };
            if let Some(member) = members.get_mut(to.index()) {
                let sends = member.on_message(now_us, from, message);
                send(&mut flights, now_us, to, sends);
            }
        }
        for (member, id) in members.iter_mut().zip(NodeId::first(count)) {
            let sends = member.on_due(now_us);
            send(&mut flights, now_us, id, sends);
        }
    }
    let mut leaders = members.iter().filter(|it| it.reign().is_some()).filter_map(Bully::leader);
    let leader = leaders.next().filter(|_| leaders.next().is_none());
    let is_agreed = members.iter().all(|member| member.leader() == leader);
    (leader.filter(|_| is_agreed), messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Garcia-Molina 1982: in the worst case the lowest member notices.
    #[test]
    fn the_worst_election_takes_n_squared_minus_n_minus_one_messages() {
        for count in 3..=12_u16 {
            let (leader, messages) = messages_of_election(count, 0, false);
            let n = u64::from(count);
            assert_eq!(messages, n * n - n - 1, "n = {n}");
            assert_eq!(leader, Some(NodeId(count - 2)), "the highest of the living");
        }
        assert_eq!(messages_of_election(5, 0, false).1, 19);
    }

    /// The next in rank asks the dead one, and tells all others.
    #[test]
    fn the_best_election_takes_n_minus_one() {
        for count in 3..=12_u16 {
            let (leader, messages) = messages_of_election(count, count - 2, false);
            assert_eq!((leader, messages), (Some(NodeId(count - 2)), u64::from(count) - 1));
        }
    }

    /// Each of those that are told says yes.
    #[test]
    fn a_majority_costs_an_answer_of_each_lower_member() {
        for count in 3..=12_u16 {
            for rank in 0..count - 1 {
                let (leader, bare) = messages_of_election(count, rank, false);
                let (safe_leader, safe) = messages_of_election(count, rank, true);
                assert_eq!(leader, safe_leader);
                assert_eq!(safe, bare + u64::from(count) - 2, "n = {count}, rank {rank}");
            }
        }
    }

    #[test]
    fn the_higher_the_member_that_notices_the_fewer_messages() {
        let cost = |rank| messages_of_election(7, rank, false).1;
        assert!((0..6).map(cost).is_sorted_by(|a, b| a > b));
    }
}
