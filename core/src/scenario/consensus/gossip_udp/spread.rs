//! How announcements have spread: by their age, and one of them from node to node.

use super::message::{Address, Why};
use super::node::Config;
use crate::mechanism::gossip::{Entry, Epidemic};
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// An age is counted in steps of this length.
const STEP_US: u64 = 20_000;
/// Ages of so many steps and more are not told apart.
const STEPS: u64 = 40;
/// A change is followed for so long before the next one is.
const FOLLOWED_US: u64 = 500_000;

/// An announcement and when it was made.
type Announced = (Entry<Address>, u64);

/// How announcements have spread.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Spreading {
    /// How many directories took an announcement over at each age, in steps.
    ages: SmallMap<u64, u64>,
    /// Each owner's last announcement.
    latest: SmallMap<NodeId, Announced>,
    /// How many announcements there were.
    announced: u64,
    /// How often a directory took an announcement over from a rumor.
    pub(super) by_rumor: u64,
    /// How often a directory took an announcement over in a comparison.
    pub(super) by_comparison: u64,
    /// How old an announcement was, at most, that was still the last of its owner when somebody took
    /// it over.
    pub(super) slowest_us: u64,
    /// The announcement that is followed.
    pub(super) followed: Option<(NodeId, Announced)>,
    /// Who told it to whom, in order.
    pub(super) contacts: Vec<(NodeId, NodeId)>,
}

impl Spreading {
    /// An owner has made an announcement.
    pub(super) fn on_says(&mut self, at_us: u64, owner: NodeId, entry: Entry<Address>) {
        self.announced += 1;
        self.latest.insert(owner, (entry, at_us));
        let is_free = |(_, (_, since_us)): (NodeId, Announced)| at_us > since_us + FOLLOWED_US;
        if self.followed.is_none_or(is_free) {
            self.followed = Some((owner, (entry, at_us)));
            self.contacts.clear();
        }
    }

    /// Somebody took an announcement over.
    pub(super) fn on_learns(
        &mut self,
        at_us: u64,
        (from, to): (NodeId, NodeId),
        why: Why,
        (owner, entry): (NodeId, Entry<Address>),
    ) {
        match why {
            Why::Rumors => self.by_rumor += 1,
            Why::Compare => self.by_comparison += 1,
        }
        let latest = self.latest.get(owner).filter(|(latest, _)| *latest == entry);
        if let Some((_, since_us)) = latest {
            let age_us = at_us - since_us;
            *self.ages.get_or_insert((age_us / STEP_US).min(STEPS), 0) += 1;
            self.slowest_us = self.slowest_us.max(age_us);
        }
        let is_followed = self.followed.is_some_and(|(of, (it, _))| (of, it) == (owner, entry));
        if is_followed && self.contacts.iter().all(|(_, known)| *known != to) {
            self.contacts.push((from, to));
        }
    }

    /// Returns how many directories rumors have not reached, in a hundred: Demers' residue, if all
    /// announcements have had their time.
    pub(super) fn residue_percent(&self, nodes: u64) -> i64 {
        let all = self.announced * nodes.saturating_sub(1);
        (100 * all.saturating_sub(self.by_rumor) / all.max(1)).cast_signed()
    }

    /// Returns the average share of nodes, in a hundred, that knew an announcement at each age, in
    /// microseconds: the infection curve.
    pub(super) fn curve(&self, nodes: u64) -> Vec<(u64, i64)> {
        let all = (self.announced * nodes).max(1);
        let mut known = self.announced;
        let point = |step: u64| {
            let newly = step.checked_sub(1).and_then(|before| self.ages.get(before));
            known += newly.copied().unwrap_or_default();
            (step * STEP_US, (100 * known / all).cast_signed())
        };
        (0..=STEPS).map(point).collect()
    }
}

/// Solves the epidemic equation for a group of so many, at the ages of the measured curve.
pub(super) fn equation(config: &Config, nodes: u16, loss_percent: u8) -> Vec<(u64, i64)> {
    let mut epidemic = Epidemic::new(config.rule, config.spread, nodes, loss_percent);
    let rounds = u32::try_from(1_000 * STEP_US / config.round_us.max(1)).unwrap_or(1_000);
    let point = |step: u64| {
        if step > 0 {
            epidemic.go_on(rounds);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a share of a hundred")]
        let known = libm::round(100.0 * (1.0 - epidemic.susceptible())) as i64;
        (step * STEP_US, known)
    };
    (0..=STEPS).map(point).collect()
}
