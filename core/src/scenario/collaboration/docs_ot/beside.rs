//! The same keystrokes by a CRDT: each client's copy is typed into when its person types, and hears of what
//! others typed when the client takes their operations. It is judged by nobody and changes nothing: a
//! comparison.

use std::collections::BTreeMap;

use crate::mechanism::crdt::sequence::{Algorithm, Operation, Sequence};
use crate::mechanism::ot::Name;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{NodeId, Splice};

/// So many lives of a client have names of their own.
const LIVES: u16 = 64;

/// A client's copy.
#[derive(Clone, Debug, Hash)]
struct Copy {
    /// In whose name it types: the client in this life.
    agent: NodeId,
    text: Sequence,
}

/// All copies.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Beside {
    copies: SmallMap<NodeId, Copy>,
    lives: SmallMap<NodeId, u16>,
    /// What the keystrokes of each operation are here.
    made: BTreeMap<Name, Vec<Operation>>,
    /// How many pieces copies took over from others.
    pub(super) pieces: u64,
}

impl Beside {
    /// A client begins with what these operations come to.
    pub(super) fn open(&mut self, client: NodeId, history: impl Iterator<Item = Name>) {
        let life = self.lives.get_or_insert(client, 0);
        // The lower client stands first here too, where two type at one place.
        let agent = NodeId(client.0 * LIVES + *life % LIVES);
        *life += 1;
        let mut text = Sequence::new(Algorithm::Fugue);
        for operation in history.filter_map(|name| self.made.get(&name)).flatten() {
            text.apply(operation.clone());
        }
        self.copies.insert(client, Copy { agent, text });
    }

    /// A client is gone.
    pub(super) fn close(&mut self, client: NodeId) {
        self.copies.remove(client);
    }

    /// A person makes an edit, as a part of this operation.
    pub(super) fn edit(&mut self, client: NodeId, name: Name, edit: &Splice) {
        let Some(Copy { agent, text }) = self.copies.get_mut(client) else { return };
        let before = text.version();
        text.delete(*agent, edit.at, edit.deleted);
        text.insert(*agent, edit.at, &edit.inserted);
        self.made.entry(name).or_default().extend(text.since(&before));
    }

    /// A client takes somebody's operation.
    pub(super) fn take(&mut self, client: NodeId, name: Name) {
        let Some(Copy { text, .. }) = self.copies.get_mut(client) else { return };
        for operation in self.made.get(&name).into_iter().flatten() {
            text.apply(operation.clone());
            self.pieces += 1;
        }
    }

    /// Returns how many bytes the keystrokes of an operation take, written as the operation is.
    pub(super) fn bytes_of(&self, name: Name) -> u64 {
        let made = self.made.get(&name);
        made.map_or(0, |it| postcard::to_allocvec(it).unwrap_or_default().len() as u64)
    }

    /// Returns a client's copy.
    pub(super) fn copy(&self, client: NodeId) -> Option<&Sequence> {
        self.copies.get(client).map(|it| &it.text)
    }
}

/// Returns how many deleted letters a copy keeps.
pub(super) fn tombstones(copy: &Sequence) -> u64 {
    copy.runs().filter(|run| run.is_deleted).map(|run| u64::from(run.length)).sum()
}
