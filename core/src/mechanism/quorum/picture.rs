//! What a register shows of its quorums: who holds what, and whom its clients have heard.

use super::client::{Client, Returned};
use super::message::Version;
use super::quorums::Quorums;
use crate::sim::{Cell, Names, NodeId};
use crate::view::{Datum, Tone, Widget};

impl From<Version> for Datum {
    fn from(Version { tag, value }: Version) -> Self {
        Self::from(value).in_epoch(tag.number)
    }
}

/// Shows the copy of the register that is on a disk.
pub(super) fn register(disk: &Cell<Version>) -> Widget {
    let is_durable = disk.get() == disk.durable();
    Widget::field("register", Datum::from(*disk.get()).durable_if(is_durable))
}

impl Quorums {
    /// Shows the copies that nodes hold, and whom the last write and the last read of any client have
    /// heard: where they share nobody, the read is blind.
    pub fn show_overlap(
        self,
        copies: &[(NodeId, Version)],
        clients: &[(NodeId, &Client)],
        names: &Names,
    ) -> Widget {
        let last = |of: fn(&Client) -> Option<&Returned>| {
            let all = clients.iter().filter_map(move |(id, client)| Some((of(client)?, *id)));
            all.max_by_key(|(returned, _)| returned.at_us)
        };
        let (write, read) = (last(Client::last_write), last(Client::last_read));
        let stored = write.map_or(&[][..], |(it, _)| &it.stored);
        let asked = read.map_or(&[][..], |(it, _)| &it.queried);
        let marks = |heard: &[NodeId]| {
            let mark = |(id, _): &(NodeId, Version)| match (stored.contains(id), asked.contains(id))
            {
                _ if !heard.contains(id) => Datum::none(),
                (true, true) => Datum::new("both").toned(Tone::Good),
                _ => "yes".into(),
            };
            copies.iter().map(mark).collect()
        };
        let heading = |what: &str, it: Option<(&Returned, NodeId)>| match it {
            Some((it, id)) => format!("{what} {}, {}", it.version.value, &names[id]),
            None => format!("{what}: none yet"),
        };
        let rows: [(_, Vec<_>); 3] = [
            ("holds".into(), copies.iter().map(|(_, version)| (*version).into()).collect()),
            (heading("last write", write), marks(stored)),
            (heading("last read", read), marks(asked)),
        ];
        let Self { replicas, read, write } = self;
        let label =
            format!("N = {replicas} replicas, read quorum R = {read}, write quorum W = {write}");
        Widget::matrix(label, copies.iter().map(|(id, _)| &names[*id]), rows)
    }
}
