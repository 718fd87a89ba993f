//! Lamport's algorithm: requests stand in a queue that everybody keeps.

use super::Message;
use crate::mechanism::clock::{LamportClock, LamportTimestamp};
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What a member knows of another one, from the latest of its messages by its clock.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Known {
    /// Its clock then.
    time: u64,
    /// Its request then.
    pending: Option<u64>,
}

/// One member.
///
/// The paper's queue is spread over what is known of each member: one request of each, at most. A
/// member enters when its own request is before all others that it knows of, and it has heard from
/// everybody since (rule 5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lamport {
    me: NodeId,
    clock: LamportClock,
    mine: Option<u64>,
    others: SmallMap<NodeId, Known>,
}

impl Lamport {
    /// Makes a member that wants nothing; `others` are all but itself.
    pub fn new(me: NodeId, others: impl IntoIterator<Item = NodeId>) -> Self {
        let others = others.into_iter().map(|id| (id, Known::default())).collect();
        Self { me, clock: LamportClock::default(), mine: None, others }
    }

    /// Asks everybody (rule 1), or once more whoever has not been heard since.
    pub fn request(&mut self) -> Vec<(NodeId, Message)> {
        let time = match self.mine {
            Some(time) => time,
            None => self.clock.tick(),
        };
        self.mine = Some(time);
        let silent = self.others.iter().filter(|(_, known)| known.time <= time);
        silent.map(|(id, _)| (id, Message::Request { time })).collect()
    }

    /// Hears a message, and returns what to answer (rules 2 and 4).
    pub fn on_message(&mut self, from: NodeId, message: Message) -> Option<Message> {
        self.clock.receive(message.time());
        let known = self.others.get_mut(from)?;
        let (Known { time, .. }, is_request) = (*known, matches!(message, Message::Request { .. }));
        let pending = match message {
            Message::Request { time } => Some(time),
            Message::Acknowledge { pending, .. } => pending,
            Message::Release { .. } => None,
            Message::Reply { .. } => return None,
        };
        if message.time() > time {
            *known = Known { time: message.time(), pending };
        }
        // A request that comes again is answered again: the first answer may be lost.
        is_request.then(|| Message::Acknowledge { time: self.clock.tick(), pending: self.mine })
    }

    /// Returns the request's place in the order of all, if it may enter now (rule 5).
    pub fn may_enter(&self) -> Option<LamportTimestamp> {
        let mine = LamportTimestamp { time: self.mine?, node: self.me };
        let is_behind = |(node, known): (NodeId, &Known)| {
            let is_later = |time| LamportTimestamp { time, node } > mine;
            known.time > mine.time && known.pending.is_none_or(is_later)
        };
        self.others.iter().all(is_behind).then_some(mine)
    }

    /// Leaves, and tells everybody (rule 3).
    pub fn release(&mut self) -> Vec<(NodeId, Message)> {
        if self.mine.take().is_none() {
            return Vec::new();
        }
        let time = self.clock.tick();
        self.others.iter().map(|(id, _)| (id, Message::Release { time })).collect()
    }
}
