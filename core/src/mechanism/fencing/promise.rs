//! The word that members of a group give on epochs.

use super::Stale;
use crate::sim::NodeId;

/// The latest epoch that a member knows of, and to whom it gave it.
///
/// Each member gives an epoch once. If whoever leads an epoch had it from a majority, no other one has:
/// two majorities share a member. It belongs on the member's disk, and is there before anybody is told
/// (Lamport 1998, "The Part-Time Parliament", section 2.2; Raft's term and vote are the same).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Promise {
    /// The epoch; 0 before the first.
    pub epoch: u64,
    /// Whose it is, if this member gave it to anybody.
    pub to: Option<NodeId>,
}

impl Promise {
    /// Gives an epoch to somebody; to whom it was given, it is given again.
    ///
    /// # Errors
    ///
    /// It was given to somebody else, or a later epoch is known.
    pub fn give(&mut self, epoch: u64, to: NodeId) -> Result<(), Stale> {
        let is_others = epoch == self.epoch && self.to.is_some_and(|it| it != to);
        if epoch < self.epoch || is_others {
            return Err(Stale { epoch: self.epoch });
        }
        *self = Self { epoch, to: Some(to) };
        Ok(())
    }

    /// Hears of an epoch.
    pub fn learn(&mut self, epoch: u64) {
        if epoch > self.epoch {
            *self = Self { epoch, to: None };
        }
    }

    /// Takes the next epoch for itself, and returns it.
    pub fn take_next(&mut self, me: NodeId) -> u64 {
        *self = Self { epoch: self.epoch + 1, to: Some(me) };
        self.epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_given_once_and_none_before_a_later_one() {
        let (a, b) = (NodeId(1), NodeId(2));
        let mut promise = Promise::default();
        assert_eq!(promise.give(3, a), Ok(()));
        assert_eq!(promise.give(3, a), Ok(()), "the same word again");
        assert_eq!(promise.give(3, b), Err(Stale { epoch: 3 }));
        assert_eq!(promise.give(2, a), Err(Stale { epoch: 3 }));
        promise.learn(5);
        assert_eq!(promise.give(3, a), Err(Stale { epoch: 5 }));
        assert_eq!(promise.take_next(b), 6);
        promise.learn(6);
        assert_eq!(promise.to, Some(b), "what is known already changes nothing");
    }
}
