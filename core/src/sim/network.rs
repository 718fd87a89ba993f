//! The network: directed links with latency, loss, duplication and cuts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{NodeId, Stream};

/// How the network treats every message unless an action says otherwise.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct NetworkConfig {
    /// Least time a message takes.
    pub latency_low_us: u64,
    /// Most time a message takes. Messages overtake each other when this exceeds the least.
    pub latency_high_us: u64,
    /// Share of messages lost, in a hundred.
    pub loss_percent: u8,
    /// Share of messages delivered twice, in a hundred.
    pub duplicate_percent: u8,
}

/// What the network decided for one message.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) latency_us: u64,
    pub(super) lost: bool,
    /// The latency of a second copy.
    pub(super) twin_latency_us: Option<u64>,
}

/// The links of a world.
#[derive(Clone, Debug)]
pub struct Network {
    seed: u64,
    config: NetworkConfig,
    /// Loss and duplication set by actions, on top of the configuration.
    loss_percent: u8,
    duplicate_percent: u8,
    /// The actions that set them.
    loss_action: u32,
    duplicate_action: u32,
    /// Blocked directions, each with when it was cut and the action that did it. Shared between the
    /// copies of a world: a thousand nodes cut in two are half a million directions.
    cuts: Rc<BTreeMap<(NodeId, NodeId), Cut>>,
    /// How many messages each directed link has carried.
    sent: BTreeMap<(NodeId, NodeId), u32>,
}

/// A blocked direction.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) since_us: u64,
    pub(super) action: u32,
}

impl Network {
    /// Creates a network in which every node reaches every other.
    pub(super) fn new(seed: u64, config: NetworkConfig) -> Self {
        Self {
            seed,
            config,
            loss_percent: 0,
            duplicate_percent: 0,
            loss_action: 0,
            duplicate_action: 0,
            cuts: Rc::default(),
            sent: BTreeMap::new(),
        }
    }

    /// Returns true if messages from `from` reach `to`.
    pub fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        !self.cuts.contains_key(&(from, to))
    }

    /// Returns true if no link is cut and actions cause no loss or duplication.
    pub fn is_whole(&self) -> bool {
        self.cuts.is_empty() && self.loss_percent == 0 && self.duplicate_percent == 0
    }

    /// Returns the share of messages lost, in a hundred.
    pub fn loss_percent(&self) -> u8 {
        self.loss_percent.max(self.config.loss_percent)
    }

    /// Returns the share of messages delivered twice, in a hundred.
    pub fn duplicate_percent(&self) -> u8 {
        self.duplicate_percent.max(self.config.duplicate_percent)
    }

    /// Lists the blocked directions, each with when it was cut.
    pub fn cuts(&self) -> impl Iterator<Item = (NodeId, NodeId, u64)> + '_ {
        self.cuts.iter().map(|(&(from, to), cut)| (from, to, cut.since_us))
    }

    pub(super) fn cut_of(&self, from: NodeId, to: NodeId) -> Option<Cut> {
        self.cuts.get(&(from, to)).copied()
    }

    /// Counts a message on its link and returns its place there.
    pub(super) fn next_on(&mut self, from: NodeId, to: NodeId) -> u32 {
        let count = self.sent.entry((from, to)).or_default();
        let nth = *count;
        *count += 1;
        nth
    }

    /// Decides a message's passage from a stream of its own, so that one message more or less on
    /// any link changes nothing for the others.
    pub(super) fn passage(&self, from: NodeId, to: NodeId, nth: u32) -> Passage {
        let mut stream = Stream::new(self.seed, ("network", from, to, nth));
        let NetworkConfig { latency_low_us, latency_high_us, .. } = self.config;
        let latency_us = stream.range(latency_low_us, latency_high_us);
        let lost = stream.chance(self.loss_percent());
        let twin_latency_us = stream
            .chance(self.duplicate_percent())
            .then(|| latency_us + stream.range(latency_low_us, latency_high_us));
        Passage { latency_us, lost, twin_latency_us }
    }

    /// Cuts one direction, unless it is cut already.
    pub(super) fn cut(&mut self, from: NodeId, to: NodeId, cut: Cut) {
        if from != to {
            Rc::make_mut(&mut self.cuts).entry((from, to)).or_insert(cut);
        }
    }

    /// Restores one direction.
    pub(super) fn mend(&mut self, from: NodeId, to: NodeId) {
        Rc::make_mut(&mut self.cuts).remove(&(from, to));
    }

    /// Restores every direction, and ends loss and duplication caused by actions.
    pub(super) fn heal(&mut self) {
        self.cuts = Rc::default();
        self.loss_percent = 0;
        self.duplicate_percent = 0;
    }

    /// Sets the loss caused by the action with this index.
    pub(super) fn set_loss(&mut self, percent: u8, action: u32) {
        self.loss_percent = percent.min(100);
        self.loss_action = action;
    }

    /// Sets the duplication caused by the action with this index.
    pub(super) fn set_duplication(&mut self, percent: u8, action: u32) {
        self.duplicate_percent = percent.min(100);
        self.duplicate_action = action;
    }

    /// Returns the loss caused by actions, in a hundred.
    pub(super) fn loss_by_action(&self) -> u8 {
        self.loss_percent
    }

    /// Returns the duplication caused by actions, in a hundred.
    pub(super) fn duplication_by_action(&self) -> u8 {
        self.duplicate_percent
    }

    /// Returns the action to which a loss is owed, if it is owed to one.
    pub(super) fn loss_owed_to(&self) -> Option<u32> {
        (self.loss_percent > self.config.loss_percent).then_some(self.loss_action)
    }

    /// Returns the action to which a second copy is owed, if it is owed to one.
    pub(super) fn duplication_owed_to(&self) -> Option<u32> {
        (self.duplicate_percent > self.config.duplicate_percent).then_some(self.duplicate_action)
    }
}
