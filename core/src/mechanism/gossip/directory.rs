//! What a site knows: one entry an owner, of which the newer counts.

use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// The version of an entry. Only its owner makes one; a later one is greater.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// How often the owner had started.
    pub generation: u64,
    /// How many changes the owner had made since it started.
    pub number: u64,
}

impl Version {
    /// Returns the version of the next change.
    #[must_use]
    pub fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }
}

/// What an owner says of itself.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry<V> {
    /// Which of two entries is newer.
    pub version: Version,
    /// What it says.
    pub value: V,
    /// It says that the value is no longer true: a death certificate, or tombstone (Demers et al.,
    /// section 2).
    pub is_deleted: bool,
}

/// Which of two entries of one owner counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Merge {
    /// The one with the greater version, however it came.
    NewestWins,
    /// The one that came last.
    LastHeardWins,
}

/// What a site knows of all owners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Directory<V>(SmallMap<NodeId, Entry<V>>);

impl<V> Default for Directory<V> {
    fn default() -> Self {
        Self(SmallMap::default())
    }
}

impl<V: Copy + Eq> Directory<V> {
    /// Returns what is known of an owner.
    pub fn get(&self, owner: NodeId) -> Option<&Entry<V>> {
        self.0.get(owner)
    }

    /// Lists what is known, by owner.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Entry<V>)> {
        self.0.iter()
    }

    /// Writes what the owner itself has decided.
    pub fn write(&mut self, owner: NodeId, entry: Entry<V>) {
        self.0.insert(owner, entry);
    }

    /// Forgets an owner, as if nothing had ever been heard of it: the next copy that comes is news.
    pub fn forget(&mut self, owner: NodeId) {
        self.0.remove(owner);
    }

    /// Returns true if this entry would replace what is known of its owner.
    pub fn is_news(&self, owner: NodeId, entry: &Entry<V>, merge: Merge) -> bool {
        self.get(owner).is_none_or(|known| match merge {
            Merge::NewestWins => entry.version > known.version,
            Merge::LastHeardWins => entry != known,
        })
    }

    /// Hears of an entry, and takes it over if it is news. Returns whether it was.
    pub fn hear(&mut self, owner: NodeId, entry: Entry<V>, merge: Merge) -> bool {
        let is_news = self.is_news(owner, &entry, merge);
        if is_news {
            self.write(owner, entry);
        }
        is_news
    }

    /// Returns what would be news to somebody who knows just `told`.
    pub fn news_to(&self, told: &[(NodeId, Entry<V>)], merge: Merge) -> Vec<(NodeId, Entry<V>)> {
        let told: Self = Self(told.iter().copied().collect());
        let news = self.iter().filter(|(owner, entry)| told.is_news(*owner, entry, merge));
        news.map(|(owner, entry)| (owner, *entry)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const N1: NodeId = NodeId(0);

    fn entry(generation: u64, number: u64, value: u64) -> Entry<u64> {
        Entry { version: Version { generation, number }, value, is_deleted: false }
    }

    /// One value for each version, as an owner with a durable generation makes them.
    fn entries() -> impl Strategy<Value = Vec<(NodeId, Entry<u64>)>> {
        let one = (0_u16..3, 0_u64..3, 0_u64..4);
        prop::collection::vec(one, 0..12).prop_map(|all| {
            all.into_iter().map(|(id, g, n)| (NodeId(id), entry(g, n, 10 * g + n))).collect()
        })
    }

    fn hearing(entries: &[(NodeId, Entry<u64>)], merge: Merge) -> Directory<u64> {
        let mut directory = Directory::default();
        for &(owner, entry) in entries {
            directory.hear(owner, entry, merge);
        }
        directory
    }

    proptest! {
        #[test]
        fn newest_wins_in_any_order_and_any_number_of_times(
            (all, shuffled) in entries().prop_flat_map(|all| {
                (Just(all.clone()), Just(all).prop_shuffle())
            }),
        ) {
            let twice = [&shuffled[..], &all[..]].concat();
            prop_assert_eq!(
                hearing(&all, Merge::NewestWins),
                hearing(&twice, Merge::NewestWins)
            );
        }

        #[test]
        fn an_exchange_of_news_makes_both_equal(a in entries(), b in entries()) {
            let merge = Merge::NewestWins;
            let (mut a, mut b) = (hearing(&a, merge), hearing(&b, merge));
            let told: Vec<_> = a.iter().map(|(owner, entry)| (owner, *entry)).collect();
            let answer = b.news_to(&told, merge);
            for (owner, entry) in told {
                b.hear(owner, entry, merge);
            }
            for (owner, entry) in answer {
                prop_assert!(a.hear(owner, entry, merge), "only news is sent");
            }
            prop_assert_eq!(a, b);
        }
    }

    #[test]
    fn a_later_generation_is_newer_whatever_its_number() {
        let mut directory = hearing(&[(N1, entry(1, 7, 17))], Merge::NewestWins);
        assert!(!directory.hear(N1, entry(1, 1, 99), Merge::NewestWins), "a number used again");
        assert!(directory.hear(N1, entry(2, 1, 21), Merge::NewestWins));
    }

    #[test]
    fn what_is_forgotten_comes_back_and_what_is_deleted_does_not() {
        let old = entry(1, 1, 5);
        let mut directory = hearing(&[(N1, old)], Merge::NewestWins);
        directory.forget(N1);
        assert!(directory.is_news(N1, &old, Merge::NewestWins));
        let deleted = Entry { version: old.version.next(), is_deleted: true, ..old };
        assert!(directory.hear(N1, deleted, Merge::NewestWins));
        assert!(!directory.hear(N1, old, Merge::NewestWins));
    }

    #[test]
    fn the_last_heard_wins_however_old_it_is() {
        let mut directory = hearing(&[(N1, entry(1, 2, 8))], Merge::LastHeardWins);
        assert!(directory.hear(N1, entry(1, 1, 5), Merge::LastHeardWins));
        assert!(!directory.hear(N1, entry(1, 1, 5), Merge::LastHeardWins));
    }
}
