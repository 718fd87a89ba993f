//! Whether one was awake oneself.

/// A watcher that looks at regular times, and notices that it could not.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vigil {
    every_us: u64,
    looked_us: u64,
}

impl Vigil {
    /// Begins at `now_us`, meaning to look every `every_us`.
    pub fn new(now_us: u64, every_us: u64) -> Self {
        Self { every_us, looked_us: now_us }
    }

    /// Looks at `now_us`. Returns for how long the watcher slept if it comes later than a whole turn:
    /// it was frozen, and what it did not hear in that time is nobody's fault but its own.
    pub fn look(&mut self, now_us: u64) -> Option<u64> {
        let late_us = now_us.saturating_sub(self.looked_us).saturating_sub(self.every_us);
        self.looked_us = now_us;
        (late_us > self.every_us).then_some(late_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_look_tells_how_long_the_watcher_slept() {
        let mut vigil = Vigil::new(1_000, 50);
        assert_eq!(vigil.look(1_050), None);
        assert_eq!(vigil.look(1_150), None, "a turn late is no sleep");
        assert_eq!(vigil.look(1_500), Some(300));
        assert_eq!(vigil.look(1_550), None);
    }
}
