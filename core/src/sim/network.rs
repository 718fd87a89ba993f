//! The network: directed links with latency, loss, duplication, order, bandwidth, cuts and holds.

use std::collections::BTreeMap;
use std::hash::Hash as _;
use std::rc::Rc;

use super::{Distribution, NodeId, StableHasher, Stream};

/// How the network treats every message unless an action says otherwise.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetworkConfig {
    /// How long a message takes. Messages overtake each other when this varies, unless links are
    /// first in, first out.
    pub latency: Distribution,
    /// Share of messages lost, in a hundred.
    pub loss_percent: u8,
    /// Share of messages delivered twice, in a hundred.
    pub duplicate_percent: u8,
    /// No message overtakes another on the same link, as on a connection. Acts on single packets are
    /// outside this order.
    pub is_fifo: bool,
    /// How much a link carries: messages on it queue behind each other. `None` for any amount.
    pub bytes_per_s: Option<u64>,
}

/// Where the nodes stand, and how far apart: regions, data centres, racks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Zones {
    /// As shown.
    pub names: Vec<String>,
    /// Each node's zone.
    pub of: Vec<u8>,
    /// How long a message takes from one zone (row) to another (column), in place of the network's
    /// general latency.
    pub latency: Vec<Vec<Distribution>>,
}

impl Zones {
    /// Returns a node's zone.
    pub fn zone_of(&self, id: NodeId) -> Option<u8> {
        self.of.get(id.index()).copied()
    }

    fn latency(&self, from: NodeId, to: NodeId) -> Option<Distribution> {
        let row = self.latency.get(usize::from(self.zone_of(from)?))?;
        row.get(usize::from(self.zone_of(to)?)).copied()
    }
}

/// What the network decided for one message.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) latency_us: u64,
    pub(super) lost: bool,
    /// The latency of a second copy.
    pub(super) twin_latency_us: Option<u64>,
}

/// Directed links, each with something of its own.
type Links<T> = BTreeMap<(NodeId, NodeId), T>;

/// The links of a world.
#[derive(Clone, Debug)]
pub struct Network {
    seed: u64,
    /// Has taken in what the name of every message's stream begins with.
    names: StableHasher,
    config: NetworkConfig,
    zones: Option<Rc<Zones>>,
    /// Loss and duplication set by actions, on top of the configuration.
    loss_percent: u8,
    duplicate_percent: u8,
    /// The actions that set them.
    loss_action: u32,
    duplicate_action: u32,
    /// Blocked directions, each with when it was cut and the action that did it. Shared between the
    /// copies of a world: a thousand nodes cut in two are half a million directions.
    cuts: Rc<Links<Cut>>,
    /// Directions on which nothing arrives until it is let go, each with the action that did it.
    holds: Rc<Links<u32>>,
    /// What has come to the end of such a link, in order: its link, the action that holds it, its place.
    parked: Vec<((NodeId, NodeId), u32, u32)>,
    /// How many messages each node has sent to each other; the last list is what came from outside.
    sent: Vec<Vec<(NodeId, u32)>>,
    /// Until when links are busy, and when their last message arrives.
    lines: Links<Line>,
}

/// A direction that carries one message after the other.
#[derive(Copy, Clone, Debug, Default)]
struct Line {
    free_at_us: u64,
    last_due_us: u64,
}

/// A blocked direction.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) since_us: u64,
    pub(super) action: u32,
    /// For a link that comes and goes: how long it stays as it is, cut first. 0 for a steady cut.
    pub(super) period_us: u64,
}

impl Cut {
    fn blocks_at(self, now_us: u64) -> bool {
        let passed = now_us.saturating_sub(self.since_us).checked_div(self.period_us);
        passed.is_none_or(|periods| periods % 2 == 0)
    }
}

impl Network {
    /// Creates a network in which every node reaches every other.
    pub(super) fn new(
        seed: u64,
        count: u16,
        config: NetworkConfig,
        zones: Option<Rc<Zones>>,
    ) -> Self {
        let mut names = StableHasher::chained(0);
        "network".hash(&mut names);
        Self {
            seed,
            names,
            config,
            zones,
            loss_percent: 0,
            duplicate_percent: 0,
            loss_action: 0,
            duplicate_action: 0,
            cuts: Rc::default(),
            holds: Rc::default(),
            parked: Vec::new(),
            sent: vec![Vec::new(); usize::from(count) + 1],
            lines: Links::new(),
        }
    }

    /// Returns true if messages from `from` reach `to`. A link that comes and goes does not.
    pub fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        !self.cuts.contains_key(&(from, to)) && !self.holds.contains_key(&(from, to))
    }

    /// Returns true if no link is cut or held and actions cause no loss or duplication.
    pub fn is_whole(&self) -> bool {
        self.cuts.is_empty()
            && self.holds.is_empty()
            && self.loss_percent == 0
            && self.duplicate_percent == 0
    }

    /// Returns the share of messages lost, in a hundred.
    pub fn loss_percent(&self) -> u8 {
        self.loss_percent.max(self.config.loss_percent)
    }

    /// Returns the share of messages delivered twice, in a hundred.
    pub fn duplicate_percent(&self) -> u8 {
        self.duplicate_percent.max(self.config.duplicate_percent)
    }

    /// Returns true if no message overtakes another on the same link.
    pub(super) fn is_fifo(&self) -> bool {
        self.config.is_fifo
    }

    /// Hashes what has an influence on what happens next in a world without time.
    pub(super) fn identify(&self, hasher: &mut StableHasher) {
        for link in self.cuts.keys() {
            (1_u8, link).hash(hasher);
        }
        for link in self.holds.keys() {
            (2_u8, link).hash(hasher);
        }
        (0_u8, self.loss_percent, self.duplicate_percent).hash(hasher);
    }

    /// Returns where the nodes stand, if the scenario says.
    pub fn zones(&self) -> Option<&Zones> {
        self.zones.as_deref()
    }

    /// Puts a node into another zone; nothing if there is no such zone.
    pub(super) fn move_to(&mut self, id: NodeId, zone: u8) {
        let Some(zones) = &mut self.zones else { return };
        let is_there = usize::from(zone) < zones.names.len() && zones.zone_of(id) != Some(zone);
        if is_there && let Some(of) = Rc::make_mut(zones).of.get_mut(id.index()) {
            *of = zone;
        }
    }

    /// Lists the blocked directions, each with when it was cut.
    pub fn cuts(&self) -> impl Iterator<Item = (NodeId, NodeId, u64)> + '_ {
        self.cuts.iter().map(|(&(from, to), cut)| (from, to, cut.since_us))
    }

    /// Lists the directions on which everything is held.
    pub fn holds(&self) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        self.holds.keys().copied()
    }

    /// Returns the cut that blocks a direction at this time.
    pub(super) fn cut_of(&self, from: NodeId, to: NodeId, now_us: u64) -> Option<Cut> {
        if self.cuts.is_empty() {
            return None;
        }
        self.cuts.get(&(from, to)).copied().filter(|cut| cut.blocks_at(now_us))
    }

    /// Returns true if a direction is cut, even if it is whole for the moment.
    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.contains_key(&(from, to))
    }

    /// Returns true if any direction is held.
    pub(super) fn holds_any(&self) -> bool {
        !self.holds.is_empty()
    }

    /// Returns the action that holds a direction.
    pub(super) fn hold_of(&self, from: NodeId, to: NodeId) -> Option<u32> {
        if self.holds.is_empty() {
            return None;
        }
        self.holds.get(&(from, to)).copied()
    }

    /// Counts a message on its link and returns its place there.
    pub(super) fn next_on(&mut self, from: NodeId, to: NodeId) -> u32 {
        let outside = self.sent.len() - 1;
        let links = &mut self.sent[from.index().min(outside)];
        let place = links.partition_point(|(other, _)| *other < to);
        if links.get(place).is_none_or(|(other, _)| *other != to) {
            links.insert(place, (to, 0));
        }
        let count = &mut links[place].1;
        *count += 1;
        *count - 1
    }

    /// Draws the passage of every message to come from another seed.
    pub(super) fn reseed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// Decides a message's passage from a stream of its own, so that one message more or less on
    /// any link changes nothing for the others.
    pub(super) fn passage(
        &mut self,
        from: NodeId,
        to: NodeId,
        nth: u32,
        bytes: u64,
        now_us: u64,
    ) -> Passage {
        let between = self.zones.as_ref().and_then(|zones| zones.latency(from, to));
        let latency = between.unwrap_or(self.config.latency);
        let (loss, duplication) = (self.loss_percent(), self.duplicate_percent());
        let mut passage =
            if let (Distribution::Constant(latency_us), 0, 0) = (latency, loss, duplication) {
                Passage { latency_us, lost: false, twin_latency_us: None }
            } else {
                let mut name = self.names.clone();
                (from, to, nth).hash(&mut name);
                let mut stream = Stream::named(self.seed, &name);
                let latency_us = latency.sample_us(&mut stream);
                // The last draws of a stream can be left out; one in the middle would shift the others.
                let draws = loss > 0 || duplication > 0;
                let is_lost = draws && stream.chance(loss);
                let is_doubled = draws && stream.chance(duplication);
                let twin_latency_us =
                    is_doubled.then(|| latency_us.saturating_add(latency.sample_us(&mut stream)));
                Passage { latency_us, lost: is_lost, twin_latency_us }
            };
        if self.config.is_fifo || self.config.bytes_per_s.is_some() {
            self.queue_up((from, to), bytes, now_us, &mut passage);
        }
        passage
    }

    /// Lets a message wait for those before it on the same link.
    fn queue_up(&mut self, link: (NodeId, NodeId), bytes: u64, now_us: u64, it: &mut Passage) {
        let queue = self.lines.entry(link).or_default();
        if let Some(bytes_per_s) = self.config.bytes_per_s {
            let takes_us = u128::from(bytes) * 1_000_000 / u128::from(bytes_per_s.max(1));
            let takes_us = u64::try_from(takes_us).unwrap_or(u64::MAX);
            queue.free_at_us = queue.free_at_us.max(now_us).saturating_add(takes_us);
            it.latency_us = it.latency_us.saturating_add(queue.free_at_us - now_us);
        }
        if self.config.is_fifo {
            queue.last_due_us = queue.last_due_us.max(now_us.saturating_add(it.latency_us));
            it.latency_us = queue.last_due_us - now_us;
            // A second copy keeps to the order as well: it overtakes nothing, and nothing overtakes it.
            if let Some(twin_us) = &mut it.twin_latency_us {
                queue.last_due_us = queue.last_due_us.max(now_us.saturating_add(*twin_us));
                *twin_us = queue.last_due_us - now_us;
            }
        }
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

    /// Lets nothing arrive on one direction.
    pub(super) fn hold(&mut self, from: NodeId, to: NodeId, action: u32) {
        if from != to {
            Rc::make_mut(&mut self.holds).entry((from, to)).or_insert(action);
        }
    }

    /// Keeps what has come to the end of a held link.
    pub(super) fn park(&mut self, from: NodeId, to: NodeId, action: u32, place: u32) {
        self.parked.push(((from, to), action, place));
    }

    /// Lists what is kept at the end of held links, in order: the action that holds it, its place.
    pub(super) fn parked(&self) -> Vec<(u32, u32)> {
        self.parked.iter().map(|&(_, action, place)| (action, place)).collect()
    }

    /// Lets one direction go, and returns the places of what was kept, in order.
    pub(super) fn release(&mut self, from: NodeId, to: NodeId) -> Vec<u32> {
        Rc::make_mut(&mut self.holds).remove(&(from, to));
        let is_there = |it: &mut ((NodeId, NodeId), u32, u32)| it.0 == (from, to);
        self.parked.extract_if(.., is_there).map(|(_, _, place)| place).collect()
    }

    /// The message in this place is no longer at the end of a held link.
    pub(super) fn unpark(&mut self, place: u32) {
        self.parked.retain(|(_, _, parked)| *parked != place);
    }

    /// Restores every direction, and ends loss and duplication caused by actions. Returns the places
    /// of what was held, in order.
    pub(super) fn heal(&mut self) -> Vec<u32> {
        self.cuts = Rc::default();
        self.holds = Rc::default();
        self.loss_percent = 0;
        self.duplicate_percent = 0;
        std::mem::take(&mut self.parked).into_iter().map(|(_, _, place)| place).collect()
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
