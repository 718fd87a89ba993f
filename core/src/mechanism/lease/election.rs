//! Who leads, by leases: some servers grant the right to lead, each to one at a time.

use super::{Message, Until};
use crate::mechanism::fencing::Promise;
use crate::mechanism::majority::majority;
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What is to be sent, and to whom.
pub type Sends = Vec<(NodeId, Message)>;

/// What all servers agree on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The servers, each of which may lead. Of several that miss a leader the last asks first.
    pub members: Vec<NodeId>,
    /// Those of them that grant: a majority of these makes a leader. One alone is a lock server.
    pub granters: Vec<NodeId>,
    /// How long a lease lasts, by the clock of whoever grants it.
    pub duration_us: u64,
    /// How often a leader renews it.
    pub renew_us: u64,
    /// How long a server waits for grants, and how much longer than the next in rank it waits before it
    /// asks.
    pub attempt_us: u64,
    /// Safeguard: who grants a lease gives the epoch to its holder alone, and remembers that.
    pub epochs: bool,
}

/// What a server is at.
#[derive(Clone, Debug, Hash)]
enum Stage {
    /// It waits until no lease can be left.
    Waits,
    /// It asks for a lease.
    Asks { epoch: u64, denied: SmallMap<NodeId, ()> },
    /// It has one, unless that has run out meanwhile.
    Holds { epoch: u64 },
}

/// A server of a group that is led by whoever has a lease (Gray & Cheriton 1989, section 2; Burrows 2006,
/// "Chubby", section 2.3, for leases that a majority grants to a master).
///
/// It decides by the passing of time alone: a holder counts from when it asked and stops a tenth
/// earlier ([`Until::after`]), a granter counts from when it heard, and one that has crashed grants nothing
/// until all that it may have granted is over. As long as no clock's rate is wrong by more than that
/// tenth covers, no two lead at a time. A server is told its time with each event, and says when it wants
/// to be heard again ([`LeaseElection::due_us`]).
#[derive(Clone, Debug, Hash)]
pub struct LeaseElection {
    me: NodeId,
    config: Config,
    stage: Stage,
    /// Who it has seen to lead last.
    leader: Option<NodeId>,
    /// To whom it has granted a lease, and until when.
    grant: Option<(NodeId, u64)>,
    /// Before this it grants nothing: it may have done so before it crashed.
    silent_until_us: u64,
    /// Who has granted it a lease, and until when it counts that.
    ends: SmallMap<NodeId, Until>,
    promise: Promise,
    due_us: u64,
}

impl LeaseElection {
    /// Makes a server that has heard of nobody. What it promised before a crash is `promise`; after one it
    /// is silent for a while.
    pub fn new(me: NodeId, config: Config, promise: Promise, has_crashed: bool) -> Self {
        let (stage, silent_until_us) =
            (Stage::Waits, if has_crashed { config.duration_us } else { 0 });
        let (leader, grant, ends, due_us) = (None, None, SmallMap::default(), 0);
        let mut new =
            Self { me, config, stage, leader, grant, silent_until_us, ends, promise, due_us };
        new.wait(0);
        new
    }

    /// Returns the epoch that it leads by a lease that lasts at `now_us`.
    pub fn reign(&self, now_us: u64) -> Option<u64> {
        let Stage::Holds { epoch } = self.stage else { return None };
        (self.left_us(now_us) > 0).then_some(epoch)
    }

    /// Returns whom it takes for the leader.
    pub fn leader(&self, now_us: u64) -> Option<NodeId> {
        if self.reign(now_us).is_some() { Some(self.me) } else { self.leader }
    }

    /// Returns true if it asks for a lease.
    pub fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asks { .. })
    }

    /// Returns how long its own lease lasts at `now_us`: as long as enough of its grants do.
    pub fn left_us(&self, now_us: u64) -> u64 {
        let mut left: Vec<u64> = self.ends.values().map(|it| it.left_us(now_us, 0)).collect();
        left.sort_unstable_by(|a, b| b.cmp(a));
        left.get(self.needed() - 1).copied().unwrap_or_default()
    }

    /// Returns what has to be on disk before anything that it wants sent is.
    pub fn promise(&self) -> Promise {
        self.promise
    }

    /// Returns when it wants to be woken, in the time of its events.
    pub fn due_us(&self) -> u64 {
        self.due_us
    }

    /// Asks for a lease.
    pub fn ask(&mut self, now_us: u64) -> Sends {
        self.ends = SmallMap::default();
        let epoch = self.promise.epoch + 1;
        self.stage = Stage::Asks { epoch, denied: SmallMap::default() };
        self.due_us = now_us + self.config.attempt_us;
        self.take_own(now_us, epoch);
        self.to(&self.config.granters, Message::Ask { epoch, asked_us: now_us })
    }

    /// Its time has come.
    pub fn on_due(&mut self, now_us: u64) -> Sends {
        if now_us < self.due_us {
            return Vec::new();
        }
        match &self.stage {
            Stage::Waits => self.ask(now_us),
            Stage::Asks { .. } => self.fail(now_us),
            Stage::Holds { .. } if self.left_us(now_us) == 0 => {
                self.wait(now_us);
                Vec::new()
            }
            &Stage::Holds { epoch } => {
                self.take_own(now_us, epoch);
                let renew = Message::Renew { epoch, asked_us: now_us };
                self.due_us = now_us + self.config.renew_us.min(self.left_us(now_us));
                self.to(&self.config.members, renew)
            }
        }
    }

    /// A message has come.
    pub fn on_message(&mut self, now_us: u64, from: NodeId, message: Message) -> Sends {
        match message {
            Message::Ask { epoch, asked_us } => {
                self.on_asked(now_us, from, epoch, Message::Granted { epoch, asked_us })
            }
            Message::Renew { epoch, asked_us } => {
                // Even where a later epoch is known: somebody leads, and to ask would be in vain.
                self.on_leader(now_us, from);
                self.on_asked(now_us, from, epoch, Message::Renewed { epoch, asked_us })
            }
            Message::Granted { epoch, asked_us } | Message::Renewed { epoch, asked_us } => {
                self.on_granted(now_us, from, epoch, asked_us);
                Vec::new()
            }
            Message::Denied { epoch } => self.on_denied(now_us, from, epoch),
            Message::GiveBack => {
                self.grant = self.grant.filter(|(to, _)| *to != from);
                Vec::new()
            }
        }
    }

    /// Whatever checks epochs says that a later one has begun.
    pub fn on_later(&mut self, now_us: u64, epoch: u64) {
        self.promise.learn(epoch);
        if matches!(self.stage, Stage::Holds { epoch: own } if own < epoch) {
            self.wait(now_us);
        }
    }

    /// Somebody else leads.
    fn on_leader(&mut self, now_us: u64, from: NodeId) {
        self.leader = Some(from);
        if matches!(self.stage, Stage::Waits) {
            let leader = self.leader;
            self.wait(now_us);
            self.leader = leader;
        }
    }

    /// Somebody asks for a lease, or to keep it.
    fn on_asked(&mut self, now_us: u64, from: NodeId, epoch: u64, yes: Message) -> Sends {
        if !self.config.granters.contains(&self.me) {
            self.promise.learn(epoch);
            return Vec::new();
        }
        let is_granted = self.grants(now_us, from, epoch);
        let no = Message::Denied { epoch: self.promise.epoch };
        vec![(from, if is_granted { yes } else { no })]
    }

    fn on_granted(&mut self, now_us: u64, from: NodeId, of: u64, asked_us: u64) {
        let (Stage::Asks { epoch, .. } | Stage::Holds { epoch }) = &self.stage else { return };
        let epoch = *epoch;
        if epoch != of {
            return;
        }
        self.count(from, asked_us);
        if self.is_asking() && self.left_us(now_us) > 0 {
            self.stage = Stage::Holds { epoch };
            // All are told at once that there is a leader.
            self.due_us = now_us;
        }
    }

    fn on_denied(&mut self, now_us: u64, from: NodeId, later: u64) -> Sends {
        self.promise.learn(later);
        let spare = self.config.granters.len() - self.needed();
        match &mut self.stage {
            Stage::Asks { denied, .. } => {
                denied.insert(from, ());
                if denied.len() > spare { self.fail(now_us) } else { Vec::new() }
            }
            Stage::Holds { .. } | Stage::Waits => Vec::new(),
        }
    }

    /// Grants a lease, unless another one has it or, by the safeguard, has had a later one.
    fn grants(&mut self, now_us: u64, to: NodeId, epoch: u64) -> bool {
        let is_others = self.grant.is_some_and(|(it, until_us)| it != to && now_us < until_us);
        if is_others || now_us < self.silent_until_us {
            return false;
        }
        if !self.config.epochs {
            self.promise.learn(epoch);
        } else if self.promise.give(epoch, to).is_err() {
            return false;
        }
        self.grant = Some((to, now_us + self.config.duration_us));
        true
    }

    /// Grants itself a lease, if it grants any.
    fn take_own(&mut self, now_us: u64, epoch: u64) {
        let me = self.me;
        if self.config.granters.contains(&me) && self.grants(now_us, me, epoch) {
            self.count(me, now_us);
            if self.is_asking() && self.left_us(now_us) > 0 {
                self.stage = Stage::Holds { epoch };
                self.due_us = now_us;
            }
        }
    }

    fn count(&mut self, granter: NodeId, asked_us: u64) {
        let until = Until::after(asked_us, self.config.duration_us);
        let Until::Monotonic(end_us) = until else { return };
        // Answers overtake each other.
        let is_later = |it: &Until| it.left_us(end_us, 0) == 0;
        if self.ends.get(granter).is_none_or(is_later) {
            self.ends.insert(granter, until);
        }
    }

    /// Too few grant it: what others have granted, or may have, is free again.
    fn fail(&mut self, now_us: u64) -> Sends {
        let Stage::Asks { denied, .. } = &self.stage else { return Vec::new() };
        let granted = self.config.granters.iter().filter(|id| denied.get(**id).is_none());
        let granted: Vec<NodeId> = granted.copied().collect();
        self.grant = self.grant.filter(|(to, _)| *to != self.me);
        self.wait(now_us);
        self.to(&granted, Message::GiveBack)
    }

    /// Waits until no lease that it knows of can be left, and then for its turn.
    fn wait(&mut self, now_us: u64) {
        self.stage = Stage::Waits;
        self.leader = None;
        let above = self.config.members.iter().rev().position(|id| *id == self.me);
        let turn_us = self.config.attempt_us * above.unwrap_or_default() as u64;
        self.due_us = now_us + self.config.duration_us + turn_us;
    }

    fn needed(&self) -> usize {
        let all = u32::try_from(self.config.granters.len()).unwrap_or(u32::MAX);
        majority(all) as usize
    }

    fn to(&self, whom: &[NodeId], message: Message) -> Sends {
        whom.iter().filter(|id| **id != self.me).map(|id| (*id, message)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURATION_US: u64 = 300_000;

    fn server(me: u16, granters: u16, epochs: bool) -> LeaseElection {
        let config = Config {
            members: NodeId::first(3).collect(),
            granters: NodeId::first(granters).collect(),
            duration_us: DURATION_US,
            renew_us: 60_000,
            attempt_us: 40_000,
            epochs,
        };
        LeaseElection::new(NodeId(me), config, Promise::default(), false)
    }

    /// Hands each message on at once, except to or from who is `dead`; returns how many there were.
    fn settle(group: &mut [LeaseElection], now_us: u64, from: u16, sends: Sends, dead: u16) -> u32 {
        let mut flights: Vec<(NodeId, NodeId, Message)> =
            sends.into_iter().map(|(to, message)| (NodeId(from), to, message)).collect();
        let mut count = 0;
        while let Some((from, to, message)) = flights.pop() {
            count += 1;
            if to.0 != dead {
                let answers = group[to.index()].on_message(now_us, from, message);
                flights.extend(answers.into_iter().map(|(back, it)| (to, back, it)));
            }
        }
        count
    }

    #[test]
    fn a_majority_makes_a_leader_and_the_next_waits_until_its_lease_is_over() {
        let mut group: Vec<_> = (0..3).map(|me| server(me, 3, true)).collect();
        let sends = group[2].ask(0);
        // Two questions, and the answer of the one that lives.
        assert_eq!(settle(&mut group, 0, 2, sends, 0), 3);
        assert_eq!(group[2].reign(0), Some(1));
        assert_eq!(group[2].left_us(0), DURATION_US * 9 / 10);
        let sends = group[1].ask(DURATION_US - 1);
        settle(&mut group, DURATION_US - 1, 1, sends, 0);
        assert_eq!(group[1].reign(DURATION_US - 1), None, "its own grant is not over yet");
        assert_eq!(group[2].reign(DURATION_US - 1), None, "the holder has stopped");
        let sends = group[1].ask(DURATION_US);
        settle(&mut group, DURATION_US, 1, sends, 0);
        assert!(group[1].reign(DURATION_US).is_some_and(|epoch| epoch > 1));
    }

    #[test]
    fn a_single_granter_grants_to_itself_and_counts_one_lease_at_a_time() {
        let mut group: Vec<_> = (0..3).map(|me| server(me, 1, false)).collect();
        assert_eq!(group[0].ask(5), []);
        assert_eq!(group[0].reign(5), Some(1));
        let sends = group[2].ask(6);
        assert_eq!(settle(&mut group, 6, 2, sends, 9), 2, "a question and a denial");
        assert_eq!(group[2].reign(6), None);
    }

    #[test]
    fn who_comes_back_grants_nothing_until_what_it_granted_is_over() {
        let config = server(0, 1, true).config;
        let mut granter = LeaseElection::new(NodeId(0), config, Promise::default(), true);
        let ask = Message::Ask { epoch: 1, asked_us: 0 };
        let answer = |granter: &mut LeaseElection, now_us| {
            granter.on_message(now_us, NodeId(2), ask).first().map(|(_, it)| *it)
        };
        let before = answer(&mut granter, DURATION_US - 1);
        assert_eq!(before, Some(Message::Denied { epoch: 0 }));
        let after = answer(&mut granter, DURATION_US);
        assert_eq!(after, Some(Message::Granted { epoch: 1, asked_us: 0 }));
    }

    /// A lease that is over by the granter's fast clock does not make a second leader of its epoch.
    #[test]
    fn an_epoch_is_granted_to_one_whatever_the_clocks_say() {
        let mut group: Vec<_> = (0..3).map(|me| server(me, 3, true)).collect();
        for me in [1, 2] {
            group[usize::from(me)].stage = Stage::Waits;
            let sends = group[usize::from(me)].ask(0);
            // The others' clocks have run far ahead.
            settle(&mut group, DURATION_US * u64::from(me), me, sends, 9);
        }
        let epochs: Vec<_> = group.iter().filter_map(|it| it.reign(0)).collect();
        assert!(epochs.is_sorted_by(|a, b| a < b), "{epochs:?}");
    }

    #[test]
    fn a_grant_for_too_few_is_given_back() {
        let mut group: Vec<_> = (0..3).map(|me| server(me, 3, true)).collect();
        let sends = group[2].ask(0);
        assert_eq!(sends.len(), 2);
        let back = group[2].on_due(40_000);
        assert!(back.iter().all(|(_, message)| *message == Message::GiveBack));
        settle(&mut group, 40_000, 2, back, 9);
        let sends = group[1].ask(50_000);
        settle(&mut group, 50_000, 1, sends, 9);
        assert!(group[1].reign(50_000).is_some());
    }
}
