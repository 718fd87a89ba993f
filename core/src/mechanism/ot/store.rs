//! The server's document: every operation is in a log on its disk, and now and then the text in a snapshot.
//!
//! A snapshot says at which revision it was taken, and is taken of what the log holds durably: so it is never
//! ahead of the log, and recovery goes on from it. It lies beside the one before until it is durable. The log
//! is kept whole, since a client that is far behind moves its operations over what it has missed, and since a
//! damaged snapshot costs nothing but time: then the log says all.

use serde::{Deserialize, Serialize};

use super::entry::{Context, Entry, Name, rebase};
use super::operation::Operation;
use crate::mechanism::mount::{Mountable, State};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::{Log, LogError, Settings};
use crate::mechanism::{files, frame};
use crate::sim::{FileError, FileSystem, LongList, NodeId, SyncId};

/// The file of operations.
pub const LOG: &str = "operations.log";
/// The file of the last snapshot.
pub const SNAPSHOT: &str = "text.snapshot";

/// The text of a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Snapshot {
    /// After how many operations.
    pub revision: u32,
    /// The text.
    pub text: String,
}

impl Snapshot {
    /// Reads the one on a disk; none if there is none, or it is damaged.
    fn on(disk: &dyn FileSystem) -> Option<Self> {
        let bytes = files::read_whole(disk, SNAPSHOT).ok()?;
        let (body, _) = frame::decode(&bytes, true)?;
        postcard::from_bytes(body).ok()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame::append(&mut bytes, &postcard::to_allocvec(self).unwrap_or_default());
        bytes
    }

    /// Goes on by these operations.
    fn advance<'a>(&mut self, entries: impl Iterator<Item = &'a Entry>) {
        for entry in entries {
            self.text = entry.operation.apply(&self.text);
            self.revision += 1;
        }
    }
}

/// A snapshot on its way to the disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Writing {
    sync: SyncId,
    /// Its bytes are durable, and its name is on the way.
    is_named: bool,
    snapshot: Snapshot,
}

/// A document with its history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    log: Log<Entry>,
    /// A snapshot is taken after so many operations.
    each: u32,
    entries: LongList<Entry>,
    /// The highest number of each session.
    numbers: SmallMap<(NodeId, u32), u32>,
    /// The text after all operations.
    head: Snapshot,
    /// What the disk goes on from in a recovery.
    kept: Snapshot,
    writing: Option<Writing>,
    /// How many operations recovery has added to a snapshot.
    replayed: u32,
}

impl Store {
    /// Reads what is on the disk. It takes more when its [state](Self::state) is open.
    ///
    /// # Errors
    ///
    /// If the log does not open.
    pub fn open(
        settings: Settings,
        each: u32,
        disk: &mut dyn FileSystem,
    ) -> Result<Self, LogError> {
        let (log, records) = Log::open(settings, LOG, disk)?;
        let entries: LongList<Entry> = records.into_iter().map(|(_, entry)| entry).collect();
        let kept = Self::snapshot_within(entries.len(), disk);
        let mut head = kept.clone();
        head.advance(entries.iter_from(kept.revision as usize));
        let replayed = head.revision - kept.revision;
        let mut numbers = SmallMap::default();
        for entry in entries.iter() {
            numbers.insert((entry.name.site, entry.name.session), entry.name.number);
        }
        Ok(Self { log, each, entries, numbers, head, kept, writing: None, replayed })
    }

    /// Returns what [`open`](Self::open) would find, and changes nothing: the names of all operations, and the
    /// text that snapshot and log come to.
    ///
    /// # Errors
    ///
    /// As `open`.
    pub fn read(
        settings: Settings,
        disk: &dyn FileSystem,
    ) -> Result<(Vec<Name>, String), LogError> {
        let entries: Vec<Entry> = Log::records_on(settings, LOG, disk)?;
        let mut head = Self::snapshot_within(entries.len(), disk);
        head.advance(entries.iter().skip(head.revision as usize));
        Ok((entries.into_iter().map(|it| it.name).collect(), head.text))
    }

    /// Returns the snapshot on the disk. One of what the log does not hold says nothing.
    fn snapshot_within(entries: usize, disk: &dyn FileSystem) -> Snapshot {
        let found = Snapshot::on(disk).filter(|it| it.revision as usize <= entries);
        found.unwrap_or_default()
    }

    /// Takes an operation that was made on the text of `revision`; returns over how many others it was moved.
    /// It is safe when [`durable`](Self::durable) has come past it.
    ///
    /// # Errors
    ///
    /// If the log takes none now: nothing is changed then.
    pub fn take(
        &mut self,
        (revision, name): (u32, Name),
        operation: &Operation,
        context: Context,
        disk: &mut dyn FileSystem,
    ) -> Result<u32, LogError> {
        let unseen = self.entries.iter_from(revision as usize);
        let (operation, moves) = rebase(name, operation, unseen, context);
        let entry = Entry { name, operation };
        self.log.append(disk, &entry)?;
        self.head.advance([&entry].into_iter());
        self.numbers.insert((name.site, name.session), name.number);
        self.entries.push(entry);
        Ok(moves)
    }

    /// Returns which number the session's next operation has: what has a lower one was sent again.
    pub fn next_number(&self, name: Name) -> u32 {
        self.numbers.get((name.site, name.session)).map_or(0, |last| last.saturating_add(1))
    }

    /// Returns how many operations there are.
    pub fn revision(&self) -> u32 {
        self.head.revision
    }

    /// Returns the text after all of them.
    pub fn text(&self) -> &str {
        &self.head.text
    }

    /// Returns the text after so many of them, no fewer than the snapshot has.
    pub fn text_at(&self, revision: u32) -> String {
        let mut text = self.kept.clone();
        let count = revision.saturating_sub(text.revision);
        text.advance(self.entries.iter_from(text.revision as usize).take(count as usize));
        text.text
    }

    /// Returns the operations from a revision on.
    pub fn since(&self, revision: u32) -> impl Iterator<Item = &Entry> {
        self.entries.iter_from(revision as usize)
    }

    /// Returns how many operations no crash can undo.
    pub fn durable(&self) -> u32 {
        u32::try_from(self.log.durable()).unwrap_or(u32::MAX)
    }

    /// Returns the revision of the snapshot on the disk, and how many operations the last recovery added to
    /// one.
    pub fn snapshot(&self) -> (u32, u32) {
        (self.kept.revision, self.replayed)
    }

    /// Returns whether it takes operations.
    pub fn state(&self) -> State {
        self.log.state()
    }

    /// Learns that a sync has ended. It may be the log's and the snapshot's.
    pub fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.log.synced(disk, sync);
        if let Some(written) = self.writing.take_if(|it| it.sync == sync) {
            self.snapshot_synced(written, disk);
        }
        if self.writing.is_none() && self.durable() >= self.kept.revision + self.each {
            self.begin_snapshot(disk);
        }
    }

    fn snapshot_synced(&mut self, written: Writing, disk: &mut dyn FileSystem) {
        if written.is_named {
            self.kept = written.snapshot;
        } else if let Ok(sync) = files::install(disk, SNAPSHOT) {
            self.writing = Some(Writing { sync, is_named: true, ..written });
        }
    }

    /// Begins to write down the text of what is durable. If the disk cannot, a later one will do.
    fn begin_snapshot(&mut self, disk: &mut dyn FileSystem) {
        let revision = self.durable();
        let snapshot = Snapshot { revision, text: self.text_at(revision) };
        if let Ok(sync) = files::write_beside(disk, SNAPSHOT, &snapshot.bytes()) {
            self.writing = Some(Writing { sync, is_named: false, snapshot });
        }
    }

    /// Learns that a sync has failed.
    pub fn sync_failed(&mut self, sync: SyncId) {
        self.log.sync_failed(sync);
        self.writing.take_if(|it| it.sync == sync);
    }
}

impl Mountable for Store {
    type Error = LogError;

    fn state(&self) -> State {
        self.state()
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.log.sync(disk);
    }

    fn disk_error(error: &LogError) -> Option<&FileError> {
        error.of_disk()
    }
}
