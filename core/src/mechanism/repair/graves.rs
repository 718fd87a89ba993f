//! Tombstones: how long it is remembered that something was deleted.
//!
//! Demers et al. 1987, section 2.1: a death certificate must be kept until every copy of what was deleted is
//! gone, and a fixed time is only a guess of when that is. Here a time can be waited for, or a word of every
//! replica that it has the tombstone; and then the time, for what was sent before.

use crate::mechanism::partition::Custody;
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// When a tombstone may be collected.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Collect {
    /// At an age: a bet that everybody has heard of it by then.
    ByAge,
    /// When all others have confirmed it, and after as long again, so that nothing is under way any more
    /// that was sent before.
    AfterRepair,
}

/// One tombstone.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Grave {
    /// All others have confirmed it.
    is_settled: bool,
    /// Its age, in ticks.
    ticks: u64,
}

/// The tombstones of a replica, from when it takes one until it may collect it. Ages are counted in ticks,
/// and not read off a clock: a replica that was frozen has heard nothing meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Graves {
    custody: Custody,
    graves: SmallMap<u16, Grave>,
}

impl Graves {
    /// A tombstone has come, newer than what was here.
    pub fn take(&mut self, key: u16) {
        self.custody.take(key);
        self.graves.insert(key, Grave::default());
    }

    /// Forgets a tombstone: it is collected, or something newer has come.
    pub fn release(&mut self, key: u16) {
        self.custody.release(key);
        self.graves.remove(key);
    }

    /// Returns true if all others have confirmed a tombstone. Then it stands for nothing any more: to
    /// readers and in trees it is as if it were collected.
    pub fn is_settled(&self, key: u16) -> bool {
        self.graves.get(key).is_some_and(|grave| grave.is_settled)
    }

    /// Lists the tombstones that a replica has not confirmed.
    pub fn not_confirmed_by(&self, id: NodeId) -> impl Iterator<Item = u16> + '_ {
        let is_open = move |key: &u16| self.custody.waits_for(*key, &[id]).next().is_some();
        let unsettled = self.graves.iter().filter(|(_, grave)| !grave.is_settled);
        unsettled.map(|(key, _)| key).filter(is_open)
    }

    /// A replica has confirmed that it has this very tombstone on its disk. True if that makes all of them.
    pub fn confirm(&mut self, key: u16, by: NodeId, others: &[NodeId]) -> bool {
        self.custody.confirm(key, by, others) && self.settle(key)
    }

    /// Somebody knows that all have this very tombstone. True if that was not known here.
    pub fn settle(&mut self, key: u16) -> bool {
        let unsettled = self.graves.get_mut(key).filter(|grave| !grave.is_settled);
        let Some(grave) = unsettled else { return false };
        *grave = Grave { is_settled: true, ticks: 0 };
        true
    }

    /// Lets all that count grow older by a tick. Returns those that have reached this age: they may be
    /// collected.
    pub fn tick(&mut self, collect: Collect, age_ticks: u64) -> Vec<u16> {
        let keys: Vec<u16> = self.graves.iter().map(|(key, _)| key).collect();
        let is_due = |key: &u16| {
            let Some(grave) = self.graves.get_mut(*key) else { return false };
            let counts = collect == Collect::ByAge || grave.is_settled;
            grave.ticks += u64::from(counts);
            counts && grave.ticks >= age_ticks
        };
        keys.into_iter().filter(is_due).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: [NodeId; 2] = [NodeId(1), NodeId(2)];

    #[test]
    fn by_age_it_goes_whoever_has_it() {
        let mut graves = Graves::default();
        graves.take(7);
        assert!(graves.tick(Collect::ByAge, 2).is_empty());
        assert_eq!(graves.tick(Collect::ByAge, 2), [7]);
    }

    #[test]
    fn after_repair_it_goes_when_all_have_it_and_then_the_age() {
        let mut graves = Graves::default();
        graves.take(7);
        for _ in 0..9 {
            assert!(graves.tick(Collect::AfterRepair, 2).is_empty(), "nobody has confirmed it");
        }
        assert!(!graves.confirm(7, NodeId(1), &OTHERS));
        assert!(graves.not_confirmed_by(NodeId(1)).next().is_none());
        assert_eq!(graves.not_confirmed_by(NodeId(2)).collect::<Vec<_>>(), [7]);
        assert!(!graves.is_settled(7) && graves.confirm(7, NodeId(2), &OTHERS));
        assert!(graves.is_settled(7) && !graves.confirm(7, NodeId(2), &OTHERS), "once");
        assert!(graves.not_confirmed_by(NodeId(2)).next().is_none(), "it is offered no more");
        assert!(graves.tick(Collect::AfterRepair, 2).is_empty(), "the age counts from now");
        assert_eq!(graves.tick(Collect::AfterRepair, 2), [7]);
        graves.release(7);
        assert!(graves.tick(Collect::AfterRepair, 2).is_empty());
    }

    #[test]
    fn the_word_of_one_who_knows_is_enough() {
        let mut graves = Graves::default();
        assert!(!graves.settle(7), "there is no such tombstone");
        graves.take(7);
        assert!(graves.settle(7) && !graves.settle(7) && graves.is_settled(7));
        assert!(graves.not_confirmed_by(NodeId(1)).next().is_none());
    }

    #[test]
    fn a_newer_tombstone_must_be_confirmed_anew() {
        let mut graves = Graves::default();
        graves.take(7);
        assert!(!graves.confirm(7, NodeId(1), &OTHERS));
        graves.take(7);
        assert!(!graves.confirm(7, NodeId(2), &OTHERS) && !graves.is_settled(7));
        assert!(graves.confirm(7, NodeId(1), &OTHERS));
    }
}
