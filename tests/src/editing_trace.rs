//! Recorded keystrokes of people who wrote a document, alone or several at a time.
//!
//! The format is that of <https://github.com/josephg/editing-traces>. Alone, each transaction begins with
//! what the one before it left. With several authors it names its parents, by their places in the list: it
//! begins with what those come to together.

use std::collections::BTreeMap;

use faultline_core::mechanism::crdt::sequence::{Algorithm, Sequence};
use faultline_core::sim::NodeId;
use serde::Deserialize;

/// A recorded document.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditingTrace {
    /// What the document was at first.
    #[serde(default)]
    pub start_content: String,
    /// What it was in the end.
    pub end_content: String,
    txns: Vec<Transaction>,
}

#[derive(Clone, Debug, Deserialize)]
struct Transaction {
    parents: Option<Vec<usize>>,
    #[serde(default)]
    agent: u16,
    /// Where, how many letters are deleted, and what is inserted; one after the other.
    patches: Vec<(u32, u32, String)>,
}

impl EditingTrace {
    /// Reads a trace.
    ///
    /// # Errors
    /// The text is no trace.
    pub fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    /// Returns how many edits it has.
    pub fn patches(&self) -> u64 {
        self.txns.iter().map(|txn| txn.patches.len() as u64).sum()
    }

    /// Returns its edits one after the other: where, how many letters are deleted, and what is inserted.
    pub fn edits(&self) -> impl Iterator<Item = &(u32, u32, String)> {
        self.txns.iter().flat_map(|txn| &txn.patches)
    }

    /// Writes the document anew, each author on a copy of their own, and returns the copy after the last
    /// transaction.
    ///
    /// # Panics
    /// A transaction names parents that come later.
    pub fn replay(&self, algorithm: Algorithm) -> Sequence {
        let mut root = Sequence::new(algorithm);
        root.insert(NodeId(0), 0, &self.start_content);
        let parents = |place: usize| match &self.txns[place].parents {
            Some(parents) => parents.clone(),
            None => place.checked_sub(1).into_iter().collect(),
        };
        let mut children = vec![0_u32; self.txns.len()];
        (0..self.txns.len()).flat_map(parents).for_each(|parent| children[parent] += 1);
        let mut after: BTreeMap<usize, Sequence> = BTreeMap::new();
        for (place, txn) in self.txns.iter().enumerate() {
            let mut begin: Option<Sequence> = None;
            for parent in parents(place) {
                children[parent] -= 1;
                let is_last = children[parent] == 0;
                let told =
                    if is_last { after.remove(&parent) } else { after.get(&parent).cloned() };
                let told = told.expect("a parent comes earlier");
                match &mut begin {
                    None => begin = Some(told),
                    Some(begin) => begin.merge(&told),
                }
            }
            let mut copy = begin.unwrap_or_else(|| root.clone());
            for (at, deleted, inserted) in &txn.patches {
                copy.delete(NodeId(txn.agent), *at, *deleted);
                copy.insert(NodeId(txn.agent), *at, inserted);
            }
            after.insert(place, copy);
        }
        after.pop_last().map_or(root, |(_, copy)| copy)
    }
}
