//! A client: one transfer at a time, asked for again and again until it is acknowledged.

use super::message::{Fact, Msg, PRIMARY, Timer};
use super::node::Node;
use crate::mechanism::ledger::{Posting, Transfer};
use crate::sim::{Boot, Cx, Describe as _, Files, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between an acknowledgement and the next transfer.
const THINK_US: (u64, u64) = (4_000, 12_000);
/// How long it waits before it asks again.
const PATIENCE_US: u64 = 150_000;
/// The least and the most that it transfers, in cents.
const CENTS: (u64, u64) = (100, 9_999);

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    /// Which one, from 0.
    place: u16,
    /// How many accounts there are.
    accounts: u16,
    /// The number of its last transfer.
    number: u32,
    /// The transfer that is under way.
    open: Option<Transfer>,
    /// How many it was told are acknowledged.
    acknowledged: u32,
}

impl Client {
    pub(super) fn new(place: u16, accounts: u16) -> Self {
        Self { place, accounts, number: 0, open: None, acknowledged: 0 }
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Next);
    }

    fn pay(&mut self, amount: u64, cx: &mut Cx<'_, Node>) {
        let accounts = u64::from(self.accounts);
        let from = cx.choose(accounts);
        let to = (from + 1 + cx.choose(accounts - 1)) % accounts;
        let side =
            |account| Posting { account: u16::try_from(account).unwrap_or_default(), amount };
        self.number += 1;
        let transfer = Transfer {
            client: self.place,
            number: self.number,
            debit: side(from),
            credit: side(to),
        };
        self.open = Some(transfer);
        cx.record(Fact::Asks(transfer));
        cx.cancel_timer(Timer::Next);
        self.ask(cx);
    }

    fn ask(&self, cx: &mut Cx<'_, Node>) {
        if let Some(transfer) = self.open {
            cx.send(PRIMARY, Msg::Ask(transfer));
            cx.set_timer(PATIENCE_US, Timer::Again);
        }
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            // It has forgotten its count; milliseconds are ahead of it.
            self.number = u32::try_from(cx.wall_us() / 1_000).unwrap_or_default();
        }
        Self::think(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Done(number, position) => {
                let Some(transfer) = self.open.take_if(|it| it.number == number) else { return };
                self.acknowledged += 1;
                cx.record(Fact::Hears(transfer, position));
                cx.cancel_timer(Timer::Again);
                Self::think(cx);
            }
            Msg::PayNow(cents) if self.open.is_none() => self.pay(cents, cx),
            Msg::PayNow(_)
            | Msg::Ask(_)
            | Msg::Recover(_)
            | Msg::Inventory(..)
            | Msg::Blocks { .. }
            | Msg::Beat { .. }
            | Msg::Kept(..)
            | Msg::Fetch(..) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Next => {
                let cents = CENTS.0 + cx.choose(CENTS.1 - CENTS.0 + 1);
                self.pay(cents, cx);
            }
            Timer::Again => self.ask(cx),
            Timer::Block | Timer::Beat | Timer::Scrub => {}
        }
    }

    fn view(&self, _: &Files) -> NodeView {
        let label = self.open.map_or_else(|| "thinks".into(), |it| Msg::Ask(it).label());
        NodeView::new(Role::Client, label)
            .showing(self.acknowledged)
            .meaning("transfers acknowledged to it")
    }
}
