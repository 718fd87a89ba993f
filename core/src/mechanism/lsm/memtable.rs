//! The newest writes, sorted, in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Entry, Key, Sequence, Value};

/// A sorted table in memory: for each key its versions, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memtable {
    entries: BTreeMap<(Key, Reverse<Sequence>), Value>,
    bytes: u64,
}

impl Memtable {
    /// Puts a version in.
    pub fn insert(&mut self, entry: Entry) {
        self.bytes += (entry.key.len() + entry.value.as_ref().map_or(0, Vec::len)) as u64;
        self.entries.insert((entry.key, Reverse(entry.sequence)), entry.value);
    }

    /// Returns the newest version of `key` that is not newer than `at`; none if it holds none.
    pub fn get(&self, key: &[u8], at: Sequence) -> Option<&Value> {
        let from = (key.to_vec(), Reverse(at));
        let next = self.entries.range(from..).next();
        next.filter(|((found, _), _)| found == key).map(|(_, value)| value)
    }

    /// Lists all versions from `from` on: by key, and of one key the newest first.
    pub fn entries_from(&self, from: &[u8]) -> impl Iterator<Item = Entry> + '_ {
        let from = (from.to_vec(), Reverse(Sequence::MAX));
        self.entries.range(from..).map(|((key, Reverse(sequence)), value)| Entry {
            key: key.clone(),
            sequence: *sequence,
            value: value.clone(),
        })
    }

    /// Returns how many bytes keys and values have.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns how many versions it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_the_newest_version_of_its_time() {
        let mut table = Memtable::default();
        for (key, sequence, value) in [("b", 1, Some("one")), ("b", 4, None), ("a", 2, Some("x"))] {
            let value = value.map(|it| it.as_bytes().to_vec());
            table.insert(Entry { key: key.into(), sequence, value });
        }
        assert_eq!(table.get(b"b", 0), None);
        assert_eq!(table.get(b"b", 3), Some(&Some(b"one".to_vec())));
        assert_eq!(table.get(b"b", 9), Some(&None));
        assert_eq!(table.get(b"aa", 9), None);
        let order: Vec<Sequence> = table.entries_from(b"").map(|entry| entry.sequence).collect();
        assert_eq!(order, [2, 4, 1]);
        assert_eq!((table.len(), table.bytes()), (3, 7));
    }
}
