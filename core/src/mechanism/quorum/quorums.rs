//! How many answers are enough.

use super::message::Version;
use crate::mechanism::majority::majority;
use crate::sim::NodeId;

/// N, R and W: of how many replicas a read and a write wait for how many (Gifford 1979, "Weighted
/// Voting for Replicated Data", with one vote each).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quorums {
    /// N: the replicas are the nodes below this.
    pub replicas: u16,
    /// R: a read waits for so many.
    pub read: u16,
    /// W: a write waits for so many.
    pub write: u16,
}

impl Quorums {
    /// Waits for more than half of `replicas` both to read and to write.
    pub fn majorities(replicas: u16) -> Self {
        let needed = u16::try_from(majority(u32::from(replicas))).unwrap_or(u16::MAX);
        Self { replicas, read: needed, write: needed }
    }

    /// Returns true if every read meets every write before it: R + W > N.
    pub fn reads_meet_writes(self) -> bool {
        u32::from(self.read) + u32::from(self.write) > u32::from(self.replicas)
    }

    /// Returns true if every two writes meet: 2W > N. Who asks R replicas for the newest tag before
    /// writing needs R + W > N as well.
    pub fn writes_meet_writes(self) -> bool {
        2 * u32::from(self.write) > u32::from(self.replicas)
    }

    /// Returns true if so many replicas are enough for this phase of an operation.
    pub fn are_enough(self, phase: Phase, replicas: usize) -> bool {
        replicas >= usize::from(self.needed(phase))
    }

    /// Returns how many replicas this phase of an operation waits for, at most all of them.
    pub fn needed(self, phase: Phase) -> u16 {
        match phase {
            Phase::Query => self.read.min(self.replicas),
            Phase::Store => self.write.min(self.replicas),
        }
    }

    /// Lists the replicas.
    pub fn ids(self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator {
        NodeId::first(self.replicas)
    }
}

/// What an operation is doing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Asks R replicas what they hold.
    Query,
    /// Has W replicas store a version.
    Store,
}

/// How the newer of two versions is told.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// By its tag, wherever and whenever it is met.
    #[default]
    ByTag,
    /// It is what came last, at each replica for itself: replicas that hear two writers in different
    /// orders never agree again, and a reader can only go by what most of them say.
    ByArrival,
}

impl Order {
    /// Returns true if a replica that holds `held` takes over `offered`.
    pub fn is_newer(self, offered: Version, held: Version) -> bool {
        match self {
            Self::ByTag => offered.tag > held.tag,
            Self::ByArrival => offered != held,
        }
    }

    /// Returns which of these answers a reader believes, which are in the order of their arrival.
    pub fn choose(self, answers: impl Iterator<Item = Version> + Clone) -> Version {
        let chosen = match self {
            Self::ByTag => answers.max_by_key(|version| version.tag),
            Self::ByArrival => {
                let says = |version: Version| answers.clone().filter(|it| *it == version).count();
                // Of several that are told as often, the first one heard.
                let first_most = |best: Version, it| if says(it) > says(best) { it } else { best };
                answers.clone().reduce(first_most)
            }
        };
        chosen.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorums_meet_exactly_if_every_two_sets_of_their_sizes_do() {
        for replicas in 1_u16..=5 {
            let sets = |size: u16| {
                (0_u32..1 << replicas).filter(move |set| set.count_ones() == u32::from(size))
            };
            for read in 1..=replicas {
                for write in 1..=replicas {
                    let quorums = Quorums { replicas, read, write };
                    let meet = |a, b| sets(a).all(|one| sets(b).all(|other| one & other != 0));
                    assert_eq!(quorums.reads_meet_writes(), meet(read, write), "{quorums:?}");
                    assert_eq!(quorums.writes_meet_writes(), meet(write, write), "{quorums:?}");
                }
            }
            let majorities = Quorums::majorities(replicas);
            assert!(majorities.reads_meet_writes() && majorities.writes_meet_writes());
        }
    }
}
