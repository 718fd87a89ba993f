//! The number at the resource.

/// Refused: the resource knows a later epoch.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stale {
    /// The highest epoch that it knows.
    pub epoch: u64,
}

/// The highest epoch that a resource was shown. It belongs on the resource's disk: one that forgets it in a
/// crash lets everybody in.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fence {
    epoch: u64,
}

impl Fence {
    /// Returns the highest epoch so far; 0 before the first.
    pub fn epoch(self) -> u64 {
        self.epoch
    }

    /// Raises the epoch, before its holder does anything: from now on nothing older is admitted.
    ///
    /// # Errors
    ///
    /// This epoch, or a later one, was granted before: each is granted once.
    pub fn seal(&mut self, epoch: u64) -> Result<(), Stale> {
        if epoch <= self.epoch {
            return Err(Stale { epoch: self.epoch });
        }
        self.epoch = epoch;
        Ok(())
    }

    /// Admits an act of this epoch, and from now on none of an earlier one.
    ///
    /// # Errors
    ///
    /// A later epoch was shown before.
    pub fn admit(&mut self, epoch: u64) -> Result<(), Stale> {
        if epoch < self.epoch {
            return Err(Stale { epoch: self.epoch });
        }
        self.epoch = epoch;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_sealed_admits_its_own_epoch_and_no_earlier_one() {
        let mut fence = Fence::default();
        assert_eq!(fence.seal(2), Ok(()));
        assert_eq!(fence.admit(1), Err(Stale { epoch: 2 }));
        assert_eq!(fence.admit(2), Ok(()));
        assert_eq!(fence.seal(2), Err(Stale { epoch: 2 }), "an epoch is granted once");
        assert_eq!(fence.admit(5), Ok(()), "a token is shown with the first act");
        assert_eq!(fence.seal(4), Err(Stale { epoch: 5 }));
    }

    proptest! {
        /// Whatever comes in whatever order: what is let in never goes back, and no seal is granted twice.
        #[test]
        fn epochs_never_go_back(steps in prop::collection::vec((any::<bool>(), 0..9_u64), 0..60)) {
            let (mut fence, mut last, mut seals) = (Fence::default(), 0, Vec::new());
            for (is_seal, epoch) in steps {
                let entered = if is_seal { fence.seal(epoch) } else { fence.admit(epoch) };
                let is_entered = entered.is_ok();
                prop_assert!(!is_entered || epoch >= last);
                if is_entered {
                    last = epoch;
                    prop_assert!(!is_seal || !seals.contains(&epoch));
                    seals.extend(is_seal.then_some(epoch));
                }
                prop_assert_eq!(fence.epoch(), last);
            }
        }
    }
}
