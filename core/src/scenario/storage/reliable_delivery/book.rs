//! What the Receiver keeps: a log of effects, and of which messages are DELIVERED.
//!
//! An effect adds an amount to an account, and must come once; a message may come any number of times.
//! What tells the second from the first is a mark, and effect and mark belong into one record: a crash
//! leaves both or neither (Helland 2012, “Idempotence Is Not a Medical Condition”).

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::message::{ACCOUNTS, Message};
use super::settings::{Id, Settings};
use crate::mechanism::mount::{Mountable, State};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::{Log, LogError, Place};
use crate::sim::{FileError, FileSystem, SyncId};

/// What the file of the log is called.
pub(super) const BOOK: &str = "book.log";

/// A record of the log.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Record {
    /// The effect of a message.
    Effect(Message),
    /// A message is DELIVERED.
    Mark(Id),
    /// Both at once.
    Both(Message, Id),
}

impl Record {
    /// Returns the message whose effect this is.
    pub(super) fn effect(self) -> Option<Message> {
        match self {
            Self::Effect(message) | Self::Both(message, _) => Some(message),
            Self::Mark(_) => None,
        }
    }

    /// Returns the message that this marks.
    pub(super) fn mark(self) -> Option<Id> {
        match self {
            Self::Mark(id) | Self::Both(_, id) => Some(id),
            Self::Effect(_) => None,
        }
    }
}

/// Numbers that have been seen: all up to one, and some beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    up_to: u64,
    beyond: BTreeSet<u64>,
}

impl Seen {
    fn insert(&mut self, number: u64) {
        self.beyond.insert(number);
        while self.beyond.remove(&(self.up_to + 1)) {
            self.up_to += 1;
        }
    }

    fn contains(&self, number: u64) -> bool {
        number <= self.up_to || self.beyond.contains(&number)
    }
}

/// What came of a message that was received.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Received {
    /// It has taken effect, as this place of the log; whether a crash undoes that is open.
    Applied(u64),
    /// It was known, and no crash undoes that.
    Known,
    /// It is in hand: its mark waits for the disk, or is still to be written.
    Waits,
}

/// The Receiver's store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Book {
    settings: Settings,
    log: Log<Record>,
    /// What is on each account: the sum of all effects.
    totals: [u64; ACCOUNTS.len()],
    /// Which messages are marked, by who numbered them.
    marked: SmallMap<u16, Seen>,
    /// Effects that are not marked yet, with their places, oldest first.
    unmarked: VecDeque<(u64, Id)>,
    /// Marks that nobody was told of yet, with their places, oldest first.
    marks: VecDeque<(u64, Id)>,
}

impl Book {
    /// Opens what is on the disk.
    ///
    /// # Errors
    ///
    /// If the log is damaged or the disk refuses.
    pub(super) fn open(settings: Settings, disk: &mut dyn FileSystem) -> Result<Self, LogError> {
        let (log, records) = Log::open(settings.log, BOOK, disk)?;
        let mut book = Self {
            settings,
            log,
            totals: Default::default(),
            marked: SmallMap::default(),
            unmarked: VecDeque::new(),
            marks: VecDeque::new(),
        };
        for (_, record) in records {
            book.fold(record);
        }
        Ok(book)
    }

    fn fold(&mut self, record: Record) {
        if let Some(message) = record.effect()
            && let Some(total) = self.totals.get_mut(usize::from(message.account))
        {
            *total += u64::from(message.amount);
        }
        if let Some((source, number)) = record.mark() {
            self.marked.get_or_insert(source, Seen::default()).insert(number);
        }
    }

    fn write(&mut self, disk: &mut dyn FileSystem, record: Record) -> Result<u64, LogError> {
        let Place { sequence, .. } = self.log.append(disk, &record)?;
        self.fold(record);
        Ok(sequence)
    }

    /// Receives a message: for the first time, or again.
    ///
    /// # Errors
    ///
    /// If the disk refuses, or a sync has failed.
    pub(super) fn receive(
        &mut self,
        disk: &mut dyn FileSystem,
        id: Id,
        message: &Message,
    ) -> Result<Received, LogError> {
        // A process that runs knows what it has in hand. It is a crash that makes it forget. Only what is marked
        // can wait for its mark to be durable, and a new message is not searched for among all that do.
        let is_marked = self.marked.get(id.0).is_some_and(|it| it.contains(id.1));
        let in_hand = if is_marked { &self.marks } else { &self.unmarked };
        if in_hand.iter().any(|(_, it)| *it == id) {
            return Ok(Received::Waits);
        }
        if is_marked {
            return Ok(Received::Known);
        }
        let place = if self.settings.is_one_record {
            let place = self.write(disk, Record::Both(*message, id))?;
            self.marks.push_back((place, id));
            place
        } else {
            let place = self.write(disk, Record::Effect(*message))?;
            self.unmarked.push_back((place, id));
            place
        };
        Ok(Received::Applied(place))
    }

    /// Asks that all that was written become durable, in one sync.
    pub(super) fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.log.sync(disk);
    }

    /// Learns that a sync has made durable what it covered: what has been processed is marked.
    ///
    /// # Errors
    ///
    /// If the disk refuses a mark.
    pub(super) fn synced(
        &mut self,
        disk: &mut dyn FileSystem,
        sync: SyncId,
    ) -> Result<(), LogError> {
        self.log.synced(disk, sync);
        let durable = self.log.durable();
        while let Some((_, id)) = self.unmarked.pop_front_if(|(place, _)| *place <= durable) {
            let place = self.write(disk, Record::Mark(id))?;
            self.marks.push_back((place, id));
        }
        Ok(())
    }

    /// Learns that a sync has failed.
    pub(super) fn sync_failed(&mut self, sync: SyncId) {
        self.log.sync_failed(sync);
    }

    /// Returns the next message that is DELIVERED since, and no crash undoes that.
    pub(super) fn next_delivered(&mut self) -> Option<Id> {
        let durable = self.log.durable();
        self.marks.pop_front_if(|(place, _)| *place <= durable).map(|(_, id)| id)
    }

    /// Returns how far it has come.
    pub(super) fn state(&self) -> State {
        self.log.state()
    }

    /// Returns the last place of the log.
    pub(super) fn last(&self) -> u64 {
        self.log.last()
    }

    /// Returns up to which place no crash can undo anything.
    pub(super) fn durable(&self) -> u64 {
        self.log.durable()
    }

    /// Returns how it behaves.
    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// Returns what is on each account.
    pub(super) fn totals(&self) -> &[u64] {
        &self.totals
    }

    /// Lists the messages whose mark waits for the disk, or is still to be written.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Id> + '_ {
        self.unmarked.iter().chain(&self.marks).map(|(_, id)| *id)
    }
}

impl Mountable for Book {
    type Error = LogError;

    fn state(&self) -> State {
        self.log.state()
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.log.sync(disk);
    }

    fn disk_error(error: &LogError) -> Option<&FileError> {
        error.of_disk()
    }
}

/// Lists the records that a disk holds, as whoever opens it would read them.
///
/// # Errors
///
/// If whoever opens it would refuse.
pub(super) fn records_on(
    disk: &dyn FileSystem,
    settings: Settings,
) -> Result<Vec<(u64, Record)>, LogError> {
    let records = Log::records_on(settings.log, BOOK, disk)?;
    Ok((1..).zip(records).collect())
}

/// Lists the effects among them, with their places.
///
/// # Errors
///
/// As [`records_on`].
pub(super) fn effects_on(
    disk: &dyn FileSystem,
    settings: Settings,
) -> Result<Vec<(u64, Message)>, LogError> {
    let records = records_on(disk, settings)?.into_iter();
    Ok(records.filter_map(|(place, record)| Some((place, record.effect()?))).collect())
}
