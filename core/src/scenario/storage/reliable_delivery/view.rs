//! How it looks: which messages are where between hand and effect, the accounts, and both disks.

use super::book::{Book, Record, records_on};
use super::judge::{self, History};
use super::message::{ACCOUNTS, Key, Message, RECEIVER, SENDER, name_of};
use super::node::{Disk, Node};
use super::outbox::Outbox;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::sim::World;
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

/// So many of the last records are shown, and so many sectors of each file.
const RECORDS: usize = 4;
const SECTORS: u32 = 24;

impl Sender {
    pub(super) fn show(&self) -> NodeView {
        let under_way = self.under_way().map(|place| Datum::from(place).uncommitted());
        let unwritten = self.outbox.store().map_or(0, Outbox::unwritten);
        let end = self.outbox.store().map_or([0; 3], |it| [it.last(), it.durable(), it.promised()]);
        NodeView::new(Role::Queue, self.outbox.label("delivers"))
            .showing_if(self.outbox.store().map(Outbox::pending))
            .meaning("messages of which it has not heard DELIVERED; below it the end of its log")
            .with_first(Widget::log_end("the end of its log, by places", end[0], end[1], end[2]))
            .with([Widget::cells("places under way", under_way)])
            .with([Widget::field("what the file of the index lacks", unwritten)])
    }
}

impl Receiver {
    pub(super) fn show(&self, disk: &Disk) -> NodeView {
        let waiting = self.book.store().into_iter().flat_map(Book::waiting);
        let waiting = waiting.map(|(_, number)| Datum::from(number).uncommitted());
        // Of a Receiver that is down: what its disk would give it back.
        let records = records_on(disk, self.settings).unwrap_or_default();
        let durable = self.book.store().map_or(u64::MAX, Book::durable);
        let last = records.len().saturating_sub(RECORDS);
        let cell =
            |(place, it): &(u64, Record)| Datum::new(label_of(*it)).durable_if(*place <= durable);
        NodeView::new(Role::Storage, self.book.label("keeps accounts"))
            .showing_if(self.book.store().map(|it| it.totals().iter().sum::<u64>()))
            .meaning("what is on all accounts together")
            .with_first(Widget::cells("the last records", records[last..].iter().map(cell)))
            .with([Widget::cells("wait to be DELIVERED", waiting)])
    }
}

/// Says what a record holds: an effect by its message, a mark by its number, or both.
fn label_of(record: Record) -> String {
    let effect = record.effect().map(|it| name_of(it.key));
    match (effect, record.mark()) {
        (Some(effect), Some(_)) => format!("{effect} ✓"),
        (Some(effect), None) => effect,
        (None, mark) => format!("✓ {}", mark.unwrap_or_default().1),
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let disk = |node, title| Panel::new(title, world.disk(node).picture(SECTORS).widgets());
    vec![
        Panel::new("From hand to effect", messages(world, history)),
        Panel::new("The accounts", [accounts(world, history)]),
        disk(SENDER, "The Sender's disk"),
        disk(RECEIVER, "The Receiver's disk"),
    ]
}

/// Which messages are where between hand and effect, and which went wrong.
fn messages(world: &World<Node>, it: &History) -> Vec<Widget> {
    let (outbox, end) = (judge::outbox(world), judge::book_end(world));
    let is_pending = |key: Key| {
        let fate = it.fate(key);
        fate.zip(outbox)
            .is_some_and(|(it, log)| it.places.iter().any(|place| log.is_pending(*place)))
    };
    let (on_their_way, lost): (Vec<Key>, Vec<Key>) =
        it.owed_after(end).into_iter().partition(|key| outbox.is_none() || is_pending(*key));
    let names =
        |keys: Vec<Key>, tone| keys.into_iter().map(move |it| Datum::new(name_of(it)).toned(tone));
    let effective = it.effective(end);
    let unheard = effective.iter().map(|it| it.0).filter(|key| is_pending(*key)).collect();
    let unmarked = judge::unmarked(world, it);
    let often = effective.iter().filter(|(_, count)| *count > 1);
    let often = often.map(|(key, count)| Datum::new(format!("{} × {count}", name_of(*key))));
    vec![
        Widget::chips("taken, without effect yet", names(on_their_way, Tone::Neutral)),
        Widget::chips("took effect, Sender has not heard", names(unheard, Tone::Neutral)),
        Widget::chips("effect written, mark not", names(unmarked, Tone::Warn)),
        Widget::chips("took effect more than once", often.map(|it| it.toned(Tone::Bad))),
        Widget::chips("taken, and lost", names(lost, Tone::Bad)),
    ]
}

/// What is on each account, and what the messages that took effect make, each once.
fn accounts(world: &World<Node>, it: &History) -> Widget {
    let totals = judge::book(world).map(Book::totals);
    let effective = it.effective(judge::book_end(world));
    let row = |(account, name): (usize, &&str)| {
        let of = |message: &Message| usize::from(message.account) == account;
        let due = effective.iter().map(|it| Message::of(it.0)).filter(of);
        let due: u64 = due.map(|it| u64::from(it.amount)).sum();
        let total = totals.and_then(|it| it.get(account)).copied();
        let too_much = total.map(|it| Datum::count(it.saturating_sub(due), Tone::Bad));
        let total = total.map_or(Datum::none(), Datum::from);
        ((*name).to_owned(), [total, due.into(), too_much.unwrap_or(Datum::none())])
    };
    let columns = ["has", "should have", "too much"];
    Widget::matrix("in the Receiver's log", columns, ACCOUNTS.iter().enumerate().map(row))
}
