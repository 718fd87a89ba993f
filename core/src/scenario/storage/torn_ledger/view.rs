//! How the ledger looks: three copies side by side, the balances, the disks, and who did what to them.

use super::judge::{self, History};
use super::message::{REPLICAS, money};
use super::node::Node;
use super::replica::Replica;
use crate::mechanism::ledger::{Ledger, Slot};
use crate::sim::{NodeId, World};
use crate::view::{Datum, LogMatrix, LogRow, NodeView, Panel, Role, Tone, Widget};

/// So many blocks are shown side by side, so many at a node, and so many sectors of each file.
const SHOWN: (usize, usize, u32) = (24, 6, 64);

fn cell(slot: &Slot, position: u64, sound: u64) -> Datum {
    let generation = slot.id().map(|id| id.generation);
    let datum = match slot {
        Slot::Good(_) => Datum::new(position.to_string()),
        Slot::Bad(Some(_)) => Datum::new(format!("{position} bad")).toned(Tone::Bad),
        Slot::Bad(None) => Datum::new(format!("{position} ?")).toned(Tone::Bad),
    };
    Datum { epoch: generation, ..datum }.durable_if(position <= sound)
}

fn cells(ledger: &Ledger, shown: usize, committed: u64) -> (u64, Vec<Datum>) {
    let before = ledger.slots().len().saturating_sub(shown);
    let slots = (before as u64 + 1..).zip(&ledger.slots()[before..]);
    let cell = |(position, slot)| {
        let datum = cell(slot, position, ledger.durable());
        if position <= committed { datum } else { datum.uncommitted() }
    };
    (before as u64 + 1, slots.map(cell).collect())
}

impl Replica {
    pub(super) fn show(&self) -> NodeView {
        let is_primary = self.primary.is_some();
        let role = if is_primary { Role::Leader } else { Role::Storage };
        let doubt = self.primary.as_ref().and_then(|it| it.doubt);
        let label = match (&self.ledger, doubt) {
            (None, _) if self.halted.is_some() => "disk failed".into(),
            (None, _) => "starts".into(),
            (Some(_), Some(position)) => format!("block {position}?"),
            (Some(ledger), None) if ledger.bad().next().is_some() => "mends".into(),
            (Some(_), None) if is_primary && !self.is_open() => "asks".into(),
            (Some(_), None) if is_primary && !self.serves() => "goes on".into(),
            (Some(_), None) if is_primary => "makes blocks".into(),
            (Some(_), None) => "keeps a copy".into(),
        };
        let blocks = self.ledger.as_ref().map(|it| cells(it, SHOWN.1, self.committed).1);
        // What it has read when it started it answers for when that is on disk anew.
        let sound = self.ledger.as_ref().filter(|_| self.is_ready).map(Ledger::sound);
        NodeView::new(role, label)
            .showing_if(sound)
            .meaning("up to this block all are good and on disk; below it the last ones")
            .with_first(Widget::cells("last blocks", blocks.unwrap_or_default()))
            .with([Widget::chips("bad blocks", self.bad_blocks(""))])
    }

    fn bad_blocks(&self, whose: &str) -> Vec<Datum> {
        let bad = self.ledger.iter().flat_map(Ledger::bad);
        bad.map(|it| Datum::new(format!("{whose}{it}")).toned(Tone::Bad)).collect()
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let row = |id: NodeId| {
        let name = world.names()[id].to_owned();
        let Some(replica) = judge::replica(world, id) else {
            return LogRow::new(name, 1, []).toned(Tone::Muted);
        };
        let cells = replica.ledger.as_ref().map(|it| cells(it, SHOWN.0, replica.committed));
        let (first, cells) = cells.unwrap_or((1, Vec::new()));
        LogRow::new(name, first, cells).with_pointer("acknowledged", replica.committed)
    };
    let copies = LogMatrix::new("blocks by position", NodeId::first(REPLICAS).map(row));
    let bad = |id: NodeId| {
        let whose = format!("{}: ", &world.names()[id]);
        judge::replica(world, id).map_or_else(Vec::new, |it| it.bad_blocks(&whose))
    };
    let found: u64 = history.found;
    let mut panels = vec![
        Panel::new(
            "Three copies",
            [
                Widget::LogMatrix(copies),
                Widget::chips("bad now", NodeId::first(REPLICAS).flat_map(bad)),
                Widget::field("found bad", Datum::count(found, Tone::Warn)),
                Widget::field("mended", history.mended),
                Widget::field("cut off", history.cuts),
            ],
        ),
        Panel::new("Balances", [balances(world)]),
        history.deeds.panel("Who did what", world.names()),
    ];
    for id in NodeId::first(REPLICAS) {
        let title = format!("Disk of {}", &world.names()[id]);
        panels.push(Panel::new(title, world.disk(id).picture(SHOWN.2).widgets()));
    }
    panels
}

/// The accounts of each replica; their sum has to be nothing.
fn balances(world: &World<Node>) -> Widget {
    let count = world.setup().count("accounts");
    let heads = (1..=count).map(|account| format!("A{account}")).chain(["sum".to_owned()]);
    let signed = |cents: i128| {
        let sign = if cents < 0 { "−" } else { "" };
        format!("{sign}{}", money(u64::try_from(cents.unsigned_abs()).unwrap_or(u64::MAX)))
    };
    Widget::of_nodes("by replica", world, NodeId::first(REPLICAS), heads, move |_, node| {
        let accounts = &node.replica()?.accounts;
        let of = |account| accounts.balances().find(|it| it.0 == account).map_or(0, |it| it.1);
        let sum = accounts.sum();
        let sum = Datum::new(signed(sum)).toned(Tone::Bad.when(sum != 0));
        let cells = (0..count).map(|account| Datum::new(signed(i128::from(of(account)))));
        Some(cells.chain([sum]).collect::<Vec<_>>())
    })
}
