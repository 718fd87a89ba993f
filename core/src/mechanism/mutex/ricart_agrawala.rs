//! Ricart and Agrawala's algorithm: an answer is a permission, and is kept back.

use super::Message;
use crate::mechanism::clock::{LamportClock, LamportTimestamp};
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What one member has from and for another one.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Between {
    /// It has answered the present request.
    has_replied: bool,
    /// Its request that waits for an answer.
    deferred: Option<u64>,
}

/// One member. Of two requests, the later one by timestamp waits for the answer of whoever made the
/// earlier one, and that comes when it leaves (§3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RicartAgrawala {
    me: NodeId,
    clock: LamportClock,
    mine: Option<u64>,
    others: SmallMap<NodeId, Between>,
}

impl RicartAgrawala {
    /// Makes a member that wants nothing; `others` are all but itself.
    pub fn new(me: NodeId, others: impl IntoIterator<Item = NodeId>) -> Self {
        let others = others.into_iter().map(|id| (id, Between::default())).collect();
        Self { me, clock: LamportClock::default(), mine: None, others }
    }

    /// Asks everybody, or once more whoever has not answered.
    pub fn request(&mut self) -> Vec<(NodeId, Message)> {
        let time = match self.mine {
            Some(time) => time,
            None => self.clock.tick(),
        };
        self.mine = Some(time);
        let silent = self.others.iter().filter(|(_, between)| !between.has_replied);
        silent.map(|(id, _)| (id, Message::Request { time })).collect()
    }

    /// Hears a message, and returns what to answer at once.
    pub fn on_message(&mut self, from: NodeId, message: Message) -> Option<Message> {
        self.clock.receive(message.time());
        let between = self.others.get_mut(from)?;
        match message {
            Message::Request { time } => {
                let theirs = LamportTimestamp { time, node: from };
                let is_mine_first = |mine| LamportTimestamp { time: mine, node: self.me } < theirs;
                if self.mine.is_some_and(is_mine_first) {
                    between.deferred = between.deferred.max(Some(time));
                    return None;
                }
                Some(Message::Reply { time: self.clock.tick(), request: time })
            }
            Message::Reply { request, .. } => {
                between.has_replied |= self.mine == Some(request);
                None
            }
            Message::Acknowledge { .. } | Message::Release { .. } => None,
        }
    }

    /// Returns the request's place in the order of all, if everybody has answered it.
    pub fn may_enter(&self) -> Option<LamportTimestamp> {
        let mine = LamportTimestamp { time: self.mine?, node: self.me };
        self.others.values().all(|between| between.has_replied).then_some(mine)
    }

    /// Leaves, and answers whoever waits.
    pub fn release(&mut self) -> Vec<(NodeId, Message)> {
        if self.mine.take().is_none() {
            return Vec::new();
        }
        let mut answers = Vec::new();
        let members: Vec<NodeId> = self.others.iter().map(|(id, _)| id).collect();
        for id in members {
            let Some(between) = self.others.get_mut(id) else { continue };
            let deferred = std::mem::take(between).deferred;
            if let Some(request) = deferred {
                answers.push((id, Message::Reply { time: self.clock.tick(), request }));
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::super::Lamport;
    use super::*;
    use crate::sim::Stream;

    /// Either algorithm, for one test of both.
    #[derive(Clone)]
    enum Member {
        Lamport(Lamport),
        RicartAgrawala(RicartAgrawala),
    }

    macro_rules! either {
        ($member:expr, $it:ident => $do:expr) => {
            match $member {
                Member::Lamport($it) => $do,
                Member::RicartAgrawala($it) => $do,
            }
        };
    }

    fn members(count: u16, is_lamport: bool) -> Vec<Member> {
        let member = |me: NodeId| {
            let others = NodeId::first(count).filter(|id| *id != me);
            if is_lamport {
                Member::Lamport(Lamport::new(me, others))
            } else {
                Member::RicartAgrawala(RicartAgrawala::new(me, others))
            }
        };
        NodeId::first(count).map(member).collect()
    }

    /// Plays at random in a network that loses, doubles and reorders; returns the order of entries.
    fn play(is_lamport: bool, seed: u64) -> Vec<LamportTimestamp> {
        let mut stream = Stream::new(seed, "mutex");
        let mut members = members(4, is_lamport);
        let mut flying: Vec<(NodeId, NodeId, Message)> = Vec::new();
        let (mut inside, mut entries) = (None, Vec::new());
        for _ in 0..3_000 {
            let me = NodeId(u16::try_from(stream.index(4)).expect("four"));
            let member = &mut members[me.index()];
            let sent: Vec<(NodeId, Message)> = if inside == Some(me) {
                if stream.chance(30) {
                    inside = None;
                    either!(member, it => it.release())
                } else {
                    Vec::new()
                }
            } else if stream.chance(20) {
                either!(member, it => it.request())
            } else if !flying.is_empty() {
                let nth = stream.index(flying.len());
                let (from, to, message) =
                    if stream.chance(20) { flying[nth] } else { flying.swap_remove(nth) };
                let answer = either!(&mut members[to.index()], it => it.on_message(from, message));
                flying.extend(answer.filter(|_| !stream.chance(20)).map(|it| (to, from, it)));
                Vec::new()
            } else {
                Vec::new()
            };
            let kept = sent.into_iter().filter(|_| !stream.chance(20));
            flying.extend(kept.map(|(to, message)| (me, to, message)));
            for (id, member) in NodeId::first(4).zip(&members) {
                let entry = either!(member, it => it.may_enter());
                if let Some(entry) = entry.filter(|_| inside != Some(id)) {
                    assert_eq!(inside, None, "two are inside, seed {seed}");
                    inside = Some(id);
                    entries.push(entry);
                }
            }
        }
        entries
    }

    #[test]
    fn never_two_are_inside_and_they_enter_in_the_order_of_their_timestamps() {
        for is_lamport in [true, false] {
            for seed in 1..=60 {
                let entries = play(is_lamport, seed);
                assert!(entries.len() > 5, "{is_lamport} {seed}: {}", entries.len());
                assert!(entries.is_sorted_by(|a, b| a < b), "{entries:?}");
            }
        }
    }
}
