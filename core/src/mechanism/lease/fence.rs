//! Fencing: what is protected refuses whoever comes too late.

/// A resource's memory of the newest holder that it has heard of.
///
/// Every grant has a token that is higher than all before it, and a holder shows its token with every
/// request. Whoever was frozen past its lease, or whose message was, is refused as soon as a later
/// holder has been here; no clock is asked. Burrows 2006, "The Chubby lock service for loosely-coupled
/// distributed systems", §2.4 (sequencers).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fence {
    highest: u64,
}

/// Why a token is not admitted: a higher one was here before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The highest token so far.
    pub highest: u64,
}

impl Fence {
    /// Returns the highest token that was admitted; 0 before the first.
    pub fn highest(self) -> u64 {
        self.highest
    }

    /// Lets a request with this token pass, and from now on none with a lower one.
    ///
    /// # Errors
    ///
    /// If a higher token was here before.
    pub fn admit(&mut self, token: u64) -> Result<(), Stale> {
        if token < self.highest {
            return Err(Stale { highest: self.highest });
        }
        self.highest = token;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_behind_a_later_holder() {
        let mut fence = Fence::default();
        assert_eq!(fence.admit(33), Ok(()));
        assert_eq!(fence.admit(33), Ok(()), "a holder comes as often as it likes");
        assert_eq!(fence.admit(34), Ok(()));
        assert_eq!(fence.admit(33), Err(Stale { highest: 34 }));
        assert_eq!(fence.highest(), 34, "whoever is refused leaves no trace");
    }
}
