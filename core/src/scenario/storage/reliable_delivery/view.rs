//! How it looks: each message on its way from hand to effect, the accounts, and both disks.

use super::book::Book;
use super::judge::{self, History};
use super::message::{ACCOUNTS, Message, RECEIVER, SENDER, name_of};
use super::node::Node;
use super::outbox::Outbox;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::mechanism::wal::{LogError, State};
use crate::sim::World;
use crate::view::{Datum, LogMatrix, LogRow, NodeView, Panel, Role, Tone, Widget};

/// So many of the last messages are shown, and so many sectors of each file.
const SHOWN: (usize, u32) = (14, 24);

/// Says what a node does, which does that while all is well.
fn label(state: Option<Result<State, &LogError>>, works: &'static str) -> &'static str {
    match state {
        None => "starts",
        Some(Err(_)) => "refuses: damaged",
        Some(Ok(State::Opening)) => "recovers",
        Some(Ok(State::Open)) => works,
        Some(Ok(State::InDoubt)) => "in doubt",
    }
}

impl Sender {
    pub(super) fn show(&self) -> NodeView {
        let state = self.outbox.as_ref().map(|it| it.as_ref().map(Outbox::state));
        let under_way = self.under_way().map(|place| Datum::from(place).uncommitted());
        let unwritten = self.outbox().map_or(0, Outbox::unwritten);
        let end = self.outbox().map_or([0; 3], |it| [it.last(), it.durable(), it.promised()]);
        NodeView::new(Role::Queue, label(state, "delivers"))
            .showing_if(self.outbox().map(Outbox::pending))
            .meaning("messages that are still to be delivered")
            .with_first(Widget::log_end("the last messages", end[0], end[1], end[2]))
            .with([Widget::cells("places under way", under_way)])
            .with([Widget::field("what the file of the index lacks", unwritten)])
    }
}

impl Receiver {
    pub(super) fn show(&self) -> NodeView {
        let state = self.book.as_ref().map(|it| it.as_ref().map(Book::state));
        let waiting = self.book().into_iter().flat_map(Book::waiting);
        let waiting = waiting.map(|(_, number)| Datum::from(number).uncommitted());
        let (last, durable) = self.book().map_or((0, 0), |it| (it.last(), it.durable()));
        NodeView::new(Role::Storage, label(state, "keeps accounts"))
            .showing_if(self.book().map(|it| it.totals().iter().sum::<u64>()))
            .meaning("what is on all accounts together")
            .with_first(Widget::log_end("the last records", last, durable, durable))
            .with([Widget::cells("wait to be DELIVERED", waiting)])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let disk = |node, title| Panel::new(title, world.disk(node).picture(SHOWN.1).widgets());
    vec![
        Panel::new("Each message on its way", [messages(world, history)]),
        Panel::new("The accounts", [accounts(world, history)]),
        disk(SENDER, "The Sender's disk"),
        disk(RECEIVER, "The Receiver's disk"),
    ]
}

/// The last messages by their places in the Sender's log: how often each took effect, and whether the
/// Sender knows.
fn messages(world: &World<Node>, it: &History) -> Widget {
    let before = it.outbox.len().saturating_sub(SHOWN.0);
    let first = before as u64 + 1;
    let shown = || (first..).zip(it.outbox.iter_from(before).copied());
    let outbox = judge::outbox(world);
    let durable = outbox.map_or(0, Outbox::durable);
    let log = shown().map(|(place, key)| Datum::new(name_of(key)).durable_if(place <= durable));
    let effects = shown().map(|(_, key)| match it.fate(key).map_or(0, |it| it.effects.len()) {
        0 => Datum::none(),
        1 => Datum::new("once").toned(Tone::Good),
        2 => Datum::new("twice").toned(Tone::Bad),
        more => Datum::new(format!("{more} times")).toned(Tone::Bad),
    });
    let heard = shown().map(|(place, _)| match outbox {
        Some(outbox) if !outbox.is_pending(place) => Datum::new("✓"),
        _ => Datum::none(),
    });
    let rows = [
        LogRow::new("in the Sender's log", first, log),
        LogRow::new("took effect", first, effects),
        LogRow::new("Sender heard DELIVERED", first, heard),
    ];
    Widget::LogMatrix(LogMatrix::new("messages by their places", rows))
}

/// What is on each account, and what the messages that took effect make, each once.
fn accounts(world: &World<Node>, it: &History) -> Widget {
    let totals = judge::book(world).map(Book::totals);
    let row = |(account, name): (usize, &&str)| {
        let of = |message: &Message| usize::from(message.account) == account;
        let due = it.effective().map(Message::of).filter(of);
        let due: u64 = due.map(|it| u64::from(it.amount)).sum();
        let total = totals.and_then(|it| it.get(account)).copied();
        let too_much = total.map_or(0, |it| it.saturating_sub(due));
        let total = total.map_or(Datum::none(), Datum::from);
        ((*name).to_owned(), [total, due.into(), Datum::count(too_much, Tone::Bad)])
    };
    let columns = ["on the account", "each message once", "too much"];
    Widget::matrix("in the Receiver's log", columns, ACCOUNTS.iter().enumerate().map(row))
}
