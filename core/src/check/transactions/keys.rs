//! What one key went through, as far as clients saw it.

use std::collections::{BTreeMap, BTreeSet};

/// One step of a transaction, with what it read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicroOperation<K, V> {
    /// Adds an element to the end of a key's list. No element is appended to one key by two
    /// transactions that commit.
    Append(K, V),
    /// Reads a key's list.
    ReadList(K, Vec<V>),
    /// Replaces a key's value. No value is written to one key by two transactions that commit.
    Write(K, V),
    /// Reads a key's value; `None` before the first write.
    Read(K, Option<V>),
}

impl<K, V> MicroOperation<K, V> {
    /// Returns its key.
    pub fn key(&self) -> &K {
        match self {
            Self::Append(key, _)
            | Self::ReadList(key, _)
            | Self::Write(key, _)
            | Self::Read(key, _) => key,
        }
    }

    /// Returns what it appends or writes.
    pub fn written(&self) -> Option<&V> {
        match self {
            Self::Append(_, value) | Self::Write(_, value) => Some(value),
            Self::ReadList(..) | Self::Read(..) => None,
        }
    }
}

/// Who wrote a version of a key.
#[derive(Copy, Clone, Debug)]
pub(super) struct Writer {
    pub(super) transaction: usize,
    /// Whether the transaction wrote no later version of the key.
    pub(super) is_last: bool,
    /// Whether nobody else may have written the same value: somebody whose transaction perhaps
    /// committed, and who tried again.
    pub(super) is_alone: bool,
}

/// A version of a key, named by the value written, of a list by its last element; `None` before the
/// first write.
pub(super) type Version<'a, V> = Option<&'a V>;

/// One key's versions.
#[derive(Debug)]
pub(super) struct Key<'a, V> {
    /// Who wrote each version.
    pub(super) writers: BTreeMap<&'a V, Writer>,
    /// Who read which version from somebody: not from itself.
    pub(super) reads: Vec<(usize, Version<'a, V>)>,
    /// The reads of whole lists.
    pub(super) lists: Vec<(usize, &'a [V])>,
    /// Which versions are known to replace which, directly or not.
    pub(super) later: BTreeMap<Version<'a, V>, BTreeSet<&'a V>>,
}

impl<V> Default for Key<'_, V> {
    fn default() -> Self {
        Self {
            writers: BTreeMap::new(),
            reads: Vec::new(),
            lists: Vec::new(),
            later: BTreeMap::new(),
        }
    }
}

impl<'a, V: Ord> Key<'a, V> {
    /// Returns who wrote the version, if it was written.
    pub(super) fn writer(&self, version: Option<&V>) -> Option<Writer> {
        self.writers.get(version?).copied()
    }

    /// Whether it is certain which version this is. Of a value that two may have written nothing can
    /// be inferred.
    pub(super) fn is_certain(&self, version: Option<&V>) -> bool {
        self.writer(version).is_none_or(|writer| writer.is_alone)
    }

    /// Notes that `after` replaces `before`, or what replaced it.
    pub(super) fn order(&mut self, before: Option<&'a V>, after: &'a V) {
        let is_certain = self.is_certain(before) && self.is_certain(Some(after));
        if before != Some(after) && is_certain {
            self.later.entry(before).or_default().insert(after);
        }
    }

    /// Returns the longest list that was read, by whom, and each other reader whose list is not a
    /// beginning of it.
    pub(super) fn longest_list(&self) -> Option<(usize, &'a [V], Vec<usize>)> {
        let (reader, longest) = self
            .lists
            .iter()
            .copied()
            .max_by_key(|(reader, list)| (list.len(), std::cmp::Reverse(*reader)))?;
        let differs = self.lists.iter().filter(|(_, list)| !longest.starts_with(list));
        Some((reader, longest, differs.map(|(reader, _)| *reader).collect()))
    }
}
