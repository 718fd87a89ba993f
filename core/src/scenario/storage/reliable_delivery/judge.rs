//! What was handed over and taken, and what the Receiver's log holds of it.

use std::collections::BTreeSet;

use super::book::{Book, effects_on, records_on};
use super::index::INDEX;
use super::message::{FIRST_APP, Fact, Key, Message, RECEIVER, SENDER, name_of, without_stop};
use super::node::Node;
use super::outbox::Outbox;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::mechanism::mount::State;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::LogError;
use crate::sim::{Action, DiskFault, LongList, NodeId, Observer, Violation, World};

/// A message that is taken and has no effect for so long is worth a look.
const LONG_US: u64 = 300_000;

/// When something happened, in true time, and at which node.
type Moment = (u64, NodeId);

/// What has become of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Fate {
    /// When its app was told that it is taken.
    pub(super) told: Option<Moment>,
    /// At which places of the Sender's log it lies.
    pub(super) places: Vec<u64>,
    /// As which places of the Receiver's log it has taken effect, and when.
    pub(super) effects: Vec<(u64, Moment)>,
}

/// All that happened to messages.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// What has become of each message, by app and number.
    fates: SmallMap<u16, LongList<Fate>>,
    /// What lies in the Sender's log, by places.
    pub(super) outbox: LongList<Key>,
    /// Which effect lies in the Receiver's log, by places; none where a mark does.
    book: LongList<Option<Key>>,
    /// Messages that were taken and have no effect.
    owed: BTreeSet<Key>,
    /// How many were taken.
    pub(super) taken: u64,
    /// How much is to be on all accounts: the sum of what has taken effect, each message once.
    pub(super) due: u64,
    /// How many effects came beside the first of their messages.
    pub(super) repeated: u64,
    /// The first message that took effect twice, and when.
    pub(super) doubled: Option<(Key, [Moment; 2])>,
    /// The first effect that no app asked for.
    foreign: Option<(Message, Moment)>,
    /// When the Sender and the Receiver last read their logs.
    pub(super) read_us: [Option<u64>; 2],
    /// How often each of them has.
    pub(super) readings: [u32; 2],
    /// How many messages the Sender's index did not know when its log was last read.
    pub(super) unlisted: u32,
    /// How often the Sender has sent something again.
    pub(super) sent_again: u64,
    /// The first message that came to the Receiver again and was known.
    pub(super) known: Option<Key>,
    /// An app has asked again.
    pub(super) asked_again: bool,
    /// A sync has failed.
    pub(super) doubted: bool,
    /// Whose log was damaged or whose disk lied, which may make the node refuse.
    damaged: BTreeSet<NodeId>,
}

impl History {
    /// Returns what has become of a message.
    pub(super) fn fate(&self, key: Key) -> Option<&Fate> {
        self.fates.get(key.0)?.get(usize::try_from(key.1.checked_sub(1)?).ok()?)
    }

    fn fate_mut(&mut self, key: Key) -> Option<&mut Fate> {
        let fates = self.fates.get_mut(key.0)?;
        fates.get_mut(usize::try_from(key.1.checked_sub(1)?).ok()?)
    }

    /// Returns true if an app has handed this over.
    fn was_handed_over(&self, message: &Message) -> bool {
        self.fate(message.key).is_some() && *message == Message::of(message.key)
    }

    /// Lists the messages that have taken effect in the first so many places of the Receiver's log, with how
    /// often each has.
    pub(super) fn effective(&self, last: u64) -> Vec<(Key, usize)> {
        let count = |it: &Fate| it.effects.iter().filter(|(place, _)| *place <= last).count();
        let of = |(app, fates): (u16, &LongList<Fate>)| {
            let counts = (1..).zip(fates.iter().map(count));
            counts.map(move |(number, count)| ((app, number), count)).collect::<Vec<_>>()
        };
        self.fates.iter().flat_map(of).filter(|(_, count)| *count > 0).collect()
    }

    /// Lists what was taken and has no effect in the first so many places of the Receiver's log.
    pub(super) fn owed_after(&self, last: u64) -> BTreeSet<Key> {
        let gone = self.effective(u64::MAX).into_iter().map(|(key, _)| key).filter(|key| {
            let is_gone = |it: &Fate| it.told.is_some() && it.effects.iter().all(|it| it.0 > last);
            self.fate(*key).is_some_and(is_gone)
        });
        self.owed().chain(gone).collect()
    }

    /// Lists what was taken and has no effect.
    pub(super) fn owed(&self) -> impl ExactSizeIterator<Item = Key> + '_ {
        self.owed.iter().copied()
    }

    fn hands_over(&mut self, app: u16, number: u32) {
        let fates = self.fates.get_or_insert(app, LongList::default());
        if fates.len() < number as usize {
            fates.push(Fate::default());
        }
    }

    fn hears(&mut self, key: Key, told: Moment) {
        self.taken += 1;
        let Some(fate) = self.fate_mut(key) else { return };
        fate.told = Some(told);
        if fate.effects.is_empty() {
            self.owed.insert(key);
        }
    }

    fn takes(&mut self, place: u64, key: Key) {
        self.cut_outbox(place.saturating_sub(1));
        self.outbox.push(key);
        if let Some(fate) = self.fate_mut(key) {
            fate.places.push(place);
        }
    }

    /// The Sender's log has come to end there.
    fn cut_outbox(&mut self, last: u64) {
        let last = usize::try_from(last).unwrap_or(usize::MAX);
        let gone: Vec<Key> = self.outbox.iter_from(last.min(self.outbox.len())).copied().collect();
        for key in gone {
            if let Some(fate) = self.fate_mut(key) {
                fate.places.retain(|place| *place <= last as u64);
            }
        }
        if last < self.outbox.len() {
            self.outbox.truncate(last);
        }
    }

    fn applies(&mut self, place: u64, message: &Message, at: Moment) {
        let key = message.key;
        self.cut_book(place.saturating_sub(1));
        while (self.book.len() as u64) + 1 < place {
            self.book.push(None);
        }
        self.book.push(Some(key));
        if !self.was_handed_over(message) {
            self.foreign.get_or_insert((*message, at));
        }
        self.owed.remove(&key);
        let Some(fate) = self.fate_mut(key) else { return };
        fate.effects.push((place, at));
        if let [first, .., second] = fate.effects[..] {
            self.repeated += 1;
            self.doubled.get_or_insert((key, [first.1, second.1]));
        } else {
            self.due += u64::from(message.amount);
        }
    }

    /// The Receiver's log has come to end there.
    fn cut_book(&mut self, last: u64) {
        let length = usize::try_from(last).unwrap_or(usize::MAX).min(self.book.len());
        let gone: Vec<Key> = self.book.iter_from(length).flatten().copied().collect();
        for key in gone {
            let Some(fate) = self.fate_mut(key) else { continue };
            let before = fate.effects.len();
            fate.effects.retain(|(place, _)| *place <= last);
            let (is_owed, has_none) = (fate.told.is_some(), fate.effects.is_empty());
            if before > 0 && has_none {
                self.due -= u64::from(Message::of(key).amount);
            }
            if is_owed && has_none {
                self.owed.insert(key);
            }
        }
        self.book.truncate(length);
    }

    fn reads(&mut self, node: NodeId, at_us: u64) {
        let place = node.index();
        self.read_us[place] = Some(at_us);
        self.readings[place] += 1;
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        let at = (at_us, node);
        let app = (node.0 + 1).saturating_sub(FIRST_APP);
        match fact {
            Fact::HandsOver(number) => self.hands_over(app, *number),
            Fact::AsksAgain(_) => self.asked_again = true,
            Fact::Hears(number) => self.hears((app, *number), at),
            Fact::Takes(place, message) => self.takes(*place, message.key),
            Fact::SendsAgain(..) => self.sent_again += 1,
            Fact::ReadsOutbox(last, _, unlisted) => {
                self.cut_outbox(*last);
                self.unlisted = *unlisted;
                self.reads(node, at_us);
            }
            Fact::Applies(place, message) => self.applies(*place, message, at),
            Fact::Knows(key) => _ = self.known.get_or_insert(*key),
            Fact::ReadsBook(last) => {
                self.cut_book(*last);
                self.reads(node, at_us);
            }
            Fact::Doubts => self.doubted = true,
            Fact::Serves | Fact::Refuses(_) => {}
        }
    }

    fn on_action(&mut self, _: u64, action: &Action, _: &World<Node>) {
        let Action::Disk { node, fault } = action else { return };
        let is_harmed = match fault {
            // What the index lacks is in the log: damage to it is no reason to refuse.
            DiskFault::BitRot { file, .. }
            | DiskFault::ReadError { file, .. }
            | DiskFault::Misdirect { file, .. } => file != INDEX,
            DiskFault::LostSyncs { .. } => true,
            DiskFault::FailSyncs { .. }
            | DiskFault::TornSectors { .. }
            | DiskFault::Capacity { .. }
            | DiskFault::Slow { .. } => false,
        };
        if is_harmed {
            self.damaged.insert(*node);
        }
    }
}

fn sender(world: &World<Node>) -> Option<&Sender> {
    if let Node::Sender(it) = world.process(SENDER)? { Some(it) } else { None }
}

fn receiver(world: &World<Node>) -> Option<&Receiver> {
    if let Node::Receiver(it) = world.process(RECEIVER)? { Some(it) } else { None }
}

/// Returns the Sender's store, if it was opened.
pub(super) fn outbox(world: &World<Node>) -> Option<&Outbox> {
    sender(world)?.outbox.store()
}

/// Returns the Receiver's store, if it was opened.
pub(super) fn book(world: &World<Node>) -> Option<&Book> {
    receiver(world)?.book.store()
}

/// Returns who does not go on, and why.
fn refusals(world: &World<Node>) -> impl Iterator<Item = (NodeId, &LogError)> {
    let sender = sender(world).and_then(|it| it.outbox.refusal());
    let receiver = receiver(world).and_then(|it| it.book.refusal());
    [sender.map(|it| (SENDER, it)), receiver.map(|it| (RECEIVER, it))].into_iter().flatten()
}

/// Returns how many places the Receiver's log has: while it is down, how many its disk would give back.
pub(super) fn book_end(world: &World<Node>) -> u64 {
    if receiver(world).is_some() {
        return u64::MAX;
    }
    let records = records_on(world.disk(RECEIVER), super::settings(world.setup()));
    records.map_or(u64::MAX, |it| it.len() as u64)
}

/// Lists the messages whose effect is written to the Receiver's disk and whose mark is not.
pub(super) fn unmarked(world: &World<Node>, it: &History) -> Vec<Key> {
    let settings = super::settings(world.setup());
    let records = records_on(world.disk(RECEIVER), settings).unwrap_or_default();
    let marks: BTreeSet<_> = records.iter().filter_map(|(_, record)| record.mark()).collect();
    let is_marked = |message: &Message| {
        let places = it.fate(message.key).map_or(&[][..], |fate| &fate.places);
        places.iter().any(|place| marks.contains(&settings.id(*place, message)))
    };
    let effects = records.iter().filter_map(|(_, record)| record.effect());
    effects.filter(|message| !is_marked(message)).map(|message| message.key).collect()
}

/// What was taken has taken effect, or is on the Sender's list of what is still to be delivered.
pub(super) fn nothing_is_lost(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(outbox) = outbox(world) else { return Ok(()) };
    for key in it.owed() {
        let Some(fate) = it.fate(key) else { continue };
        if fate.places.iter().any(|place| outbox.is_pending(*place)) {
            continue;
        }
        let Some(told) = fate.told else { continue };
        let why = match fate.places[..] {
            [] => "is not in the Sender's log",
            _ => "is not among what the Sender has to deliver",
        };
        let app = &world.names()[told.1];
        let reason = format!(
            "message {} has no effect and {why}, and {app} was told that it is taken",
            name_of(key)
        );
        let read = it.read_us[SENDER.index()].map(|at_us| (at_us, SENDER));
        return Err(Violation::new(reason, [SENDER, told.1]).of([told].into_iter().chain(read)));
    }
    Ok(())
}

/// No message takes effect twice.
pub(super) fn effects_come_once(_: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some((key, moments)) = it.doubled else { return Ok(()) };
    let effect = Message::of(key).effect();
    let reason = format!("message {} took effect twice: {effect}, and again", name_of(key));
    Err(Violation::new(reason, [RECEIVER]).of(moments))
}

/// What takes effect, and what is read of it after a crash, is what apps have handed over.
pub(super) fn nothing_foreign_takes_effect(
    world: &World<Node>,
    it: &History,
) -> Result<(), Violation> {
    if let Some((message, at)) = it.foreign {
        return Err(foreign(&message).of([at]));
    }
    let read_us = it.read_us[RECEIVER.index()];
    let Some(at_us) = read_us.filter(|at_us| *at_us == world.now_us()) else { return Ok(()) };
    let Some(settings) = book(world).map(Book::settings) else { return Ok(()) };
    for (place, message) in effects_on(world.disk(RECEIVER), settings).unwrap_or_default() {
        let written = usize::try_from(place - 1).ok().and_then(|place| it.book.get(place));
        if written != Some(&Some(message.key)) || !it.was_handed_over(&message) {
            return Err(foreign(&message).of([(at_us, RECEIVER)]));
        }
    }
    Ok(())
}

fn foreign(message: &Message) -> Violation {
    let (name, effect) = (name_of(message.key), message.effect());
    let reason = format!("message {name} is {effect} in the Receiver's log: no app said that");
    Violation::new(reason, [RECEIVER])
}

/// What was taken before the last disturbance has taken effect, and both nodes are at work; or a log that
/// was damaged is refused.
pub(super) fn delivers(world: &World<Node>, it: &History) -> bool {
    let disturbed_us = world.disturbed_at_us();
    let is_old =
        |key: Key| it.fate(key).and_then(|it| it.told).is_some_and(|it| it.0 <= disturbed_us);
    let is_open = |state: Option<State>| state == Some(State::Open);
    let both = is_open(outbox(world).map(Outbox::state)) && is_open(book(world).map(Book::state));
    // Something was taken, and took effect.
    let has_delivered = it.taken > it.owed.len() as u64;
    let is_refused = refusals(world).any(|(node, _)| it.damaged.contains(&node));
    (both && has_delivered && !it.owed().any(is_old)) || is_refused
}

/// The accounts hold what the messages sum up to, each once.
pub(super) fn the_accounts_are_right(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(book) = book(world) else { return Ok(()) };
    let total: u64 = book.totals().iter().sum();
    if total == it.due {
        return Ok(());
    }
    let (due, drift) = (it.due, i128::from(total) - i128::from(it.due));
    let reason = format!("{total} on all accounts, and the messages make {due}: {drift:+}");
    let read = it.read_us[RECEIVER.index()].map(|at_us| (at_us, RECEIVER));
    Err(Violation::new(reason, [RECEIVER]).of(read))
}

/// An operator wants to know of what is on its way for long, and of a node that refuses.
pub(super) fn nothing_waits_long(world: &World<Node>, it: &History) -> Result<(), Violation> {
    if let Some((node, error)) = refusals(world).next() {
        return Err(Violation::new(without_stop(error), [node]));
    }
    let told = it.owed().filter_map(|key| Some((it.fate(key)?.told?, key)));
    match told.min().filter(|((at_us, _), _)| world.now_us() > at_us + LONG_US) {
        Some((told, key)) => {
            let reason =
                format!("message {} is on its way for {} ms", name_of(key), LONG_US / 1_000);
            Err(Violation::new(reason, [SENDER, RECEIVER]).of([told]))
        }
        None => Ok(()),
    }
}
