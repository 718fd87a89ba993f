//! What a coordinator makes of the answers to a read.

use crate::mechanism::quorum::{Order, Version};
use crate::sim::{NodeId, digest_of};

/// What a replica says of a key.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// What it holds.
    Data(Version),
    /// Only a hash of that: enough to see that it is the same.
    Digest(u64),
}

impl Answer {
    /// Answers with what is held, in full or only with its digest.
    pub fn of(version: Version, in_full: bool) -> Self {
        if in_full { Self::Data(version) } else { Self::Digest(digest_of(&version)) }
    }

    fn digest(self) -> u64 {
        match self {
            Self::Data(version) => digest_of(&version),
            Self::Digest(digest) => digest,
        }
    }
}

/// The answers to one read so far, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Comparison(Vec<(NodeId, Answer)>);

impl Comparison {
    /// Hears an answer. Only the first of each replica counts.
    pub fn hear(&mut self, from: NodeId, answer: Answer) {
        if !self.0.iter().any(|(id, _)| *id == from) {
            self.0.push((from, answer));
        }
    }

    /// Returns how many replicas have answered.
    pub fn heard(&self) -> usize {
        self.0.len()
    }

    /// Lists what replicas hold that have answered in full.
    pub fn held(&self) -> impl Iterator<Item = (NodeId, Version)> + Clone + '_ {
        let in_full = |(id, answer): &(NodeId, Answer)| match answer {
            Answer::Data(version) => Some((*id, *version)),
            Answer::Digest(_) => None,
        };
        self.0.iter().filter_map(in_full)
    }

    /// Returns true if not all have the same.
    pub fn differs(&self) -> bool {
        self.0.windows(2).any(|pair| pair[0].1.digest() != pair[1].1.digest())
    }

    /// Returns what all have that have answered, if it is the same and one of them has said it in full.
    pub fn agreed(&self) -> Option<Version> {
        self.held().next().map(|(_, version)| version).filter(|_| !self.differs())
    }

    /// Returns the newest that is held by any who has answered in full. Who holds nothing has nothing
    /// to say: it may have missed it.
    pub fn newest(&self, order: Order) -> Version {
        order.choose(self.held().map(|(_, version)| version).filter(|it| !it.is_nothing()))
    }

    /// Returns who is to be sent the newest, of those that have answered in full.
    pub fn stale(&self, order: Order) -> Vec<NodeId> {
        let newest = self.newest(order);
        let is_stale = |it: &(NodeId, Version)| order.is_newer(newest, it.1);
        self.held().filter(is_stale).map(|(id, _)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mechanism::quorum::Tag;

    fn version(number: u64, value: u64) -> Version {
        Version { tag: Tag { number, writer: NodeId(9) }, value }
    }

    fn heard(answers: impl IntoIterator<Item = Answer>) -> Comparison {
        let mut comparison = Comparison::default();
        for (answer, id) in answers.into_iter().zip(0..) {
            comparison.hear(NodeId(id), answer);
        }
        comparison
    }

    /// The row's own example: v2, v2, v1.
    #[test]
    fn of_v2_v2_v1_the_third_is_sent_v2() {
        let [v1, v2] = [1, 2].map(|number| version(number, number));
        let digests = heard([Answer::Data(v2), Answer::of(v2, false), Answer::of(v1, false)]);
        assert!(digests.differs() && digests.agreed().is_none());
        let in_full = heard([v2, v2, v1].map(Answer::Data));
        assert_eq!(in_full.newest(Order::ByTag), v2);
        assert_eq!(in_full.stale(Order::ByTag), [NodeId(2)]);
    }

    #[test]
    fn a_digest_is_enough_to_agree_and_not_to_answer() {
        let v2 = version(2, 2);
        assert_eq!(heard([Answer::of(v2, false), Answer::Data(v2)]).agreed(), Some(v2));
        assert_eq!(heard([Answer::of(v2, false), Answer::of(v2, false)]).agreed(), None);
    }

    /// Without tombstones, who has deleted a key and who has missed it say the same.
    #[test]
    fn nothing_is_filled_and_a_tombstone_is_not() {
        let (v1, gone) = (version(1, 1), version(2, 0));
        let removed = heard([Version::default(), Version::default(), v1].map(Answer::Data));
        assert_eq!(removed.newest(Order::ByTag), v1);
        assert_eq!(removed.stale(Order::ByTag), [NodeId(0), NodeId(1)]);
        let kept = heard([gone, Version::default(), v1].map(Answer::Data));
        assert_eq!(kept.newest(Order::ByTag), gone);
        assert_eq!(kept.stale(Order::ByTag), [NodeId(1), NodeId(2)]);
    }

    proptest! {
        /// Repair by versions only ever replaces older by newer, and makes all who answered alike.
        #[test]
        fn repair_never_replaces_newer_by_older(numbers in prop::collection::vec(0..5_u64, 1..6)) {
            // A version's number says what it is.
            let held = |number: u64| match number {
                0 => Version::default(),
                _ => version(number, number % 2),
            };
            let comparison = heard(numbers.iter().map(|number| Answer::Data(held(*number))));
            let newest = comparison.newest(Order::ByTag);
            prop_assert_eq!(newest.tag.number, numbers.iter().copied().max().unwrap_or_default());
            let stale = comparison.stale(Order::ByTag);
            for (id, version) in comparison.held() {
                prop_assert_eq!(stale.contains(&id), version.tag < newest.tag);
            }
        }
    }
}
