//! Sender and Receiver outside a world: the same two stores, on one disk of real files.
//!
//! An operation hands one message over. It is taken when the Sender's log is synced; then it is
//! delivered into the Receiver's log, which is a sync more. After a crash all that is not known to be
//! delivered is delivered again, and takes effect once.

use std::collections::BTreeMap;

use super::book::{Book, Received, effects_on};
use super::index::{self, INDEX};
use super::message::Message;
use super::outbox::Outbox;
use super::settings::{Id, Settings};
use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::mount::State;
use crate::mechanism::wal::{self, LogError};
use crate::sim::{FileSystem, SyncId};

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 6,
    copies: 1,
    keeps: 1_000,
    looked_up: "looked up",
    older: "Of older messages none is looked up by itself, so of those nothing is said.",
    open: |disk| {
        // A real disk may tear a sector.
        let log = wal::Settings { sectors_tear: true, ..wal::Settings::default() };
        let opened = Pair::open(Settings { log, ..Settings::default() }, disk);
        let pair = opened.map_err(|error| error.to_string())?;
        Ok(Box::new(pair))
    },
    sentence: |number| format!("hand over message {number}: {}", message_of(number).effect()),
};

/// Returns the message that an operation hands over: they all come from one app.
fn message_of(number: u64) -> Message {
    Message::of((1, u32::try_from(number).unwrap_or(u32::MAX)))
}

/// So many changes of the index make it worth writing them down.
const FLUSH_EACH: u32 = 256;
/// So many messages are delivered in one sync. Whoever runs this can see to something else between two.
const BATCH: u64 = 1_000;

/// Both stores, on one disk.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    settings: Settings,
    pub(super) outbox: Outbox,
    pub(super) book: Book,
    /// From which place each message came that waits to be DELIVERED.
    waiting: BTreeMap<Id, u64>,
    /// Why nothing is delivered any more.
    broken: Option<LogError>,
    /// The effects that were read from the disk when its log had come so far, by the names of their messages.
    effects: Option<(u64, Vec<Message>)>,
    /// The file of the index was damaged when it came up, and has not been written anew.
    has_bad_index: bool,
    /// It has.
    is_index_mended: bool,
}

impl Pair {
    /// Opens what is on the disk.
    ///
    /// # Errors
    ///
    /// If a log is damaged or the disk refuses.
    pub(super) fn open(settings: Settings, disk: &mut dyn FileSystem) -> Result<Self, LogError> {
        let outbox = Outbox::open(settings, disk)?;
        let book = Book::open(settings, disk)?;
        Ok(Self {
            settings,
            has_bad_index: index::is_damaged(disk, outbox.last()),
            is_index_mended: false,
            outbox,
            book,
            waiting: BTreeMap::new(),
            broken: None,
            effects: None,
        })
    }

    /// Carries what is due from one log to the other, and hears what is DELIVERED.
    fn deliver(&mut self, disk: &mut dyn FileSystem) -> Result<(), LogError> {
        while let Some(id) = self.book.next_delivered() {
            if let Some(place) = self.waiting.remove(&id) {
                self.outbox.delivered(place);
            }
        }
        // While one waits for the disk, a sync is to end, and with that the next batch is due.
        while self.deliver_batch(disk)? && self.waiting.is_empty() {}
        // What a damaged index lacked has been delivered again by then: nothing but the index forgot it.
        if self.has_bad_index && self.outbox.due(u64::MAX).next().is_none() {
            self.is_index_mended = self.outbox.rewrite(disk);
            self.has_bad_index = !self.is_index_mended;
        }
        Ok(())
    }

    /// Delivers the oldest messages that are due; false if none is.
    fn deliver_batch(&mut self, disk: &mut dyn FileSystem) -> Result<bool, LogError> {
        let due: Vec<u64> = self.outbox.due(BATCH).collect();
        for place in &due {
            let Some(message) = self.outbox.read(disk, *place)? else { continue };
            let id = self.settings.id(*place, &message);
            if self.waiting.contains_key(&id) {
                continue;
            }
            match self.book.receive(disk, id, &message)? {
                Received::Known => self.outbox.delivered(*place),
                Received::Applied(_) | Received::Waits => _ = self.waiting.insert(id, *place),
            }
        }
        self.book.sync(disk);
        if self.outbox.unwritten() >= FLUSH_EACH {
            self.outbox.flush(disk);
        }
        Ok(!due.is_empty())
    }

    /// Returns whether a message has taken effect, and as it should, by what the disk holds.
    fn effect(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, LogError> {
        let last = self.book.last();
        let read = self.effects.take_if(|(of, _)| *of == last);
        let all = read.map_or_else(|| effects_by_key(disk, self.settings), |(_, all)| Ok(all))?;
        let expected = message_of(number);
        let first = all.partition_point(|it| it.key < expected.key);
        let found: Vec<&Message> =
            all[first..].iter().take_while(|it| it.key == expected.key).collect();
        let held = match found.as_slice() {
            [] => Held::Missing,
            [one] if **one == expected => Held::Whole,
            _ => Held::Wrong,
        };
        self.effects = Some((last, all));
        Ok(held)
    }
}

/// Lists the effects that the disk holds by the names of their messages.
fn effects_by_key(disk: &dyn FileSystem, settings: Settings) -> Result<Vec<Message>, LogError> {
    let read = effects_on(disk, settings)?.into_iter();
    let mut all: Vec<Message> = read.map(|(_, message)| message).collect();
    all.sort_by_key(|it| it.key);
    Ok(all)
}

fn sentence(error: &LogError) -> String {
    error.to_string()
}

impl Engine for Pair {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        if let Some(error) = &self.broken {
            return Err(sentence(error));
        }
        self.outbox.take(disk, &message_of(number)).map(|_| ()).map_err(|error| sentence(&error))
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        self.outbox.sync(disk);
        if self.is_ready() { Ok(()) } else { Err(sentence(&LogError::InDoubt)) }
    }

    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.outbox.synced(disk, sync);
        let marked = self.book.synced(disk, sync);
        if self.is_ready() {
            self.broken = marked.and_then(|()| self.deliver(disk)).err();
        }
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.outbox.sync_failed(sync);
        self.book.sync_failed(sync);
    }

    fn is_ready(&self) -> bool {
        let are_open = [self.outbox.state(), self.book.state()] == [State::Open; 2];
        are_open && self.broken.is_none()
    }

    // An operation is one message, so its number is the message's place.
    fn written(&self) -> u64 {
        self.outbox.last()
    }

    fn acknowledged(&self) -> u64 {
        self.outbox.promised()
    }

    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String> {
        let pending = self.outbox.read(disk, number).map_err(|error| sentence(&error))?;
        let effect = self.effect(disk, number).map_err(|error| sentence(&error))?;
        Ok(match (pending, effect) {
            (Some(message), _) if message != message_of(number) => Held::Wrong,
            (Some(_), Held::Missing) => Held::Whole,
            (_, effect) => effect,
        })
    }

    fn mended(&self) -> Vec<String> {
        self.is_index_mended.then(|| format!("{INDEX}, from both logs")).into_iter().collect()
    }
}
