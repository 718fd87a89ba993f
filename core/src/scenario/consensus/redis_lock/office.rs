//! What the lock protects, and who numbers those that hold it.

use std::collections::VecDeque;

use super::message::{Fact, Msg, Value};
use super::node::Node;
use crate::mechanism::fencing::{Fence, Stale};
use crate::mechanism::revisions::{Command, Operation, Request, Transaction};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Cx, NodeId, SyncId};

/// What the office keeps on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Book {
    /// The newest number that was here.
    pub(super) fence: Fence,
    /// The last ticket that was sold.
    pub(super) sold: u32,
    /// The last sale of each client, so that a retry is written once.
    last: SmallMap<NodeId, Value>,
}

/// The ticket office. It knows how many tickets are sold, and writes down what it is told: who sells one
/// reads the number, prints the next ticket, and writes it back.
#[derive(Clone, Debug, Hash)]
pub(super) struct Office {
    /// Safeguard: it looks at the numbers of those who come.
    is_fenced: bool,
    /// Sales that are not on disk yet, oldest first: whose, which ticket, under which number.
    unsynced: VecDeque<(SyncId, (NodeId, Value, u32, u64))>,
}

impl Office {
    pub(super) fn new(is_fenced: bool) -> Self {
        Self { is_fenced, unsynced: VecDeque::new() }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        match *msg {
            Msg::Read { value, token } => {
                if let Err(Stale { epoch: highest }) = self.admit(token, cx) {
                    return refuse(from, value, token, highest, cx);
                }
                // Who reads under a number shuts out all before it, so that must not be forgotten.
                let count = Msg::Count { value, sold: cx.disk().1.get().sold };
                cx.send_after_sync(from, count);
            }
            Msg::Write { value, token, ticket } => self.write(from, (value, token, ticket), cx),
            Msg::Sell
            | Msg::Set { .. }
            | Msg::Expire { .. }
            | Msg::Delete { .. }
            | Msg::Answer { .. }
            | Msg::ReadOnly { .. }
            | Msg::Replicate { .. }
            | Msg::Next { .. }
            | Msg::Revision { .. }
            | Msg::Count { .. }
            | Msg::Written { .. }
            | Msg::Refused { .. } => {}
        }
    }

    fn write(
        &mut self,
        from: NodeId,
        (value, token, ticket): (Value, u64, u32),
        cx: &mut Cx<'_, Node>,
    ) {
        if cx.disk().1.get().last.get(from) == Some(&value) {
            let is_synced = self.unsynced.iter().all(|(_, sale)| sale.1 != value);
            if is_synced {
                cx.send(from, Msg::Written { value });
            }
            return;
        }
        if let Err(Stale { epoch: highest }) = self.admit(token, cx) {
            return refuse(from, value, token, highest, cx);
        }
        let book = cx.disk_mut().1.get_mut();
        book.sold = ticket;
        book.last.insert(from, value);
        self.unsynced.push_back((cx.sync(), (from, value, ticket, token)));
    }

    fn admit(&self, token: u64, cx: &mut Cx<'_, Node>) -> Result<(), Stale> {
        let mut fence = cx.disk().1.get().fence;
        if self.is_fenced && token != fence.epoch() {
            fence.admit(token)?;
            cx.disk_mut().1.get_mut().fence = fence;
        }
        Ok(())
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        while let Some((_, sale)) = self.unsynced.pop_front_if(|(of, _)| *of <= sync) {
            let (seller, value, ticket, token) = sale;
            cx.record(Fact::Writes { seller, ticket, token });
            cx.send(seller, Msg::Written { value });
        }
    }
}

fn refuse(seller: NodeId, value: Value, token: u64, highest: u64, cx: &mut Cx<'_, Node>) {
    cx.record(Fact::Refuses { seller, token, highest });
    cx.send(seller, Msg::Refused { value, highest });
}

/// The store of the `config-store` row: one server with a disk here. What a client puts is its name; the
/// revision in which that happens is the number.
#[derive(Clone, Debug, Hash)]
pub(super) struct Counter;

impl Counter {
    /// Gives the next number out, on disk first: none is given twice.
    pub(super) fn on_message(from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Next { value } = *msg {
            let put = Operation::Put { key: 0, value: u64::from(from.0), lease: None };
            let put = Transaction { then: vec![put], ..Transaction::default() };
            let store = cx.disk_mut().0.get_mut();
            // A client that asks again wants another number: its first answer may be another lock's.
            _ = store.carry_out(&Request { id: None, command: Command::Transact(put) });
            let token = store.revision();
            _ = store.carry_out(&Request { id: None, command: Command::Compact(token) });
            cx.send_after_sync(from, Msg::Revision { value, token });
        }
    }
}
