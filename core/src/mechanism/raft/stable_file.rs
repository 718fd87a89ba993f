//! A server's disk in bytes: one file, to which every change is appended as a record.
//!
//! A record is a [`frame`]. A crash may leave the last records
//! whole, in part, or not at all, since what no sync covers survives as the sectors like it. Recovery
//! carries out the records again until one is cut short or does not have its sum, and cuts the file
//! there: what comes behind was promised to nobody. Pillai et al., "All File Systems Are Not Created
//! Equal" (OSDI 2014), section 4, tells what else logs have been seen to believe.
//!
//! Left out: giving room back. A snapshot ends what recovery has to carry out, but its bytes stay.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::log::Command;
use super::stable::{Change, Disk, Persistent, Stable};
use crate::mechanism::frame;
use crate::sim::{Cell, DiskFault, FileId, FileSystem as _, Files, Storage, SyncId};
use crate::view::Widget;

/// The file's name.
const FILE: &str = "raft.log";

/// A disk that keeps a server's state in one file.
#[derive(Clone, Debug, Hash)]
pub struct StableFile<C: Command> {
    files: Files,
    /// What the records come to: read, durable, and on the way there.
    state: Disk<C>,
    /// Where the next record goes.
    end: u64,
    /// Safeguard: a record is believed if it has its sum. Otherwise it is if it can be read.
    is_summed: bool,
    /// Safeguard: what a server says waits until the disk has what it is about. Otherwise it is said as
    /// soon as it is written to the cache, from where it reaches the disk some time later.
    is_patient: bool,
}

impl<C: Command> Default for StableFile<C> {
    fn default() -> Self {
        Self {
            files: Files::default(),
            state: Cell::default(),
            end: 0,
            is_summed: true,
            is_patient: true,
        }
    }
}

impl<C: Command + Serialize + DeserializeOwned> StableFile<C> {
    /// Turns the check of sums on or off.
    pub fn check_sums(&mut self, is_summed: bool) {
        self.is_summed = is_summed;
    }

    /// Lets messages that are to go after a sync wait for it, or not.
    pub fn wait_for_syncs(&mut self, is_patient: bool) {
        self.is_patient = is_patient;
    }

    /// Returns how many bytes the records take.
    pub fn len_bytes(&self) -> u64 {
        self.end
    }

    /// Returns the file, which is made if it is not there.
    fn file(&mut self) -> Option<FileId> {
        self.files.open(FILE).or_else(|_| self.files.create(FILE)).ok()
    }

    /// Returns what a record at the beginning of `bytes` says, and how long it is.
    fn decode(&self, bytes: &[u8]) -> Option<(Change<C>, usize)> {
        let (body, length) = frame::decode(bytes, self.is_summed)?;
        Some((postcard::from_bytes(body).ok()?, length))
    }

    /// Carries out all records that can be believed.
    fn replay(&mut self) {
        let mut bytes = Vec::new();
        if let Ok(file) = self.files.open(FILE) {
            let length = self.files.len_bytes(file).unwrap_or_default();
            bytes.resize(usize::try_from(length).unwrap_or_default(), 0);
            let read = self.files.read_at(file, 0, &mut bytes).unwrap_or_default();
            bytes.truncate(read);
        }
        let (mut state, mut at) = (Persistent::default(), 0);
        while let Some((change, length)) = self.decode(&bytes[at..]) {
            state.apply(change);
            at += length;
        }
        self.end = at as u64;
        self.state = Cell::default();
        *self.state.get_mut() = state;
        self.state.sync_started(SyncId(0));
        self.state.sync_completed(SyncId(0));
    }
}

impl<C: Command + Serialize + DeserializeOwned> Stable<C> for StableFile<C> {
    fn get(&self) -> &Persistent<C> {
        self.state.get()
    }

    fn durable(&self) -> &Persistent<C> {
        self.state.durable()
    }

    fn write(&mut self, change: Change<C>) {
        let body = postcard::to_allocvec(&change).unwrap_or_default();
        let mut record = Vec::with_capacity(frame::HEADER_BYTES + body.len());
        frame::append(&mut record, &body);
        if let Some(file) = self.file()
            && self.files.write_at(file, self.end, &record).is_ok()
        {
            self.end += record.len() as u64;
        }
        self.state.get_mut().apply(change);
    }

    /// Cuts off what is not believed: a later record must not be followed by a piece of an older one.
    fn recover(&mut self) {
        let end = self.end;
        if let Some(file) = self.file() {
            // A file can always be cut; growing it is not asked for.
            _ = self.files.truncate(file, end);
        }
    }
}

impl<C: Command + Serialize + DeserializeOwned> Storage for StableFile<C> {
    fn wants_sync(&self) -> bool {
        self.files.wants_sync()
    }

    fn is_dirty(&self) -> bool {
        self.is_patient && self.files.is_dirty()
    }

    fn sync_asked(&mut self, sync: SyncId, everything: bool) {
        self.files.sync_asked(sync, everything);
    }

    fn sync_started(&mut self, sync: SyncId) {
        self.files.sync_started(sync);
        self.state.sync_started(sync);
    }

    fn sync_completed(&mut self, sync: SyncId) -> bool {
        self.files.sync_completed(sync) && self.state.sync_completed(sync)
    }

    fn crashed(&mut self, choose: &mut dyn FnMut(u64) -> u64) {
        self.files.crashed(choose);
        self.replay();
    }

    fn fault(&mut self, fault: &DiskFault) -> bool {
        self.files.fault(fault)
    }

    fn show(&self) -> Vec<Widget> {
        self.files.show()
    }

    fn sync_percent(&self) -> u32 {
        self.files.sync_percent()
    }

    fn written_bytes(&self) -> u64 {
        self.files.written_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::raft::{Content, Entry, Position, Snapshot};
    use crate::sim::{NodeId, Stream};

    fn entry(term: u64, number: u64) -> Entry<u64> {
        Entry { term, content: Content::Command(number) }
    }

    fn changes() -> Vec<Change<u64>> {
        let entries = |kept, entries: &[Entry<u64>]| {
            let entries = entries.to_vec();
            Change::Entries { kept, entries }
        };
        let members = Content::Members(vec![NodeId(0), NodeId(2)]);
        let snapshot = Snapshot {
            last: Position { term: 1, index: 2 },
            state: vec![7; 900],
            ..Snapshot::default()
        };
        vec![
            Change::Term { term: 1, vote: Some(NodeId(3)) },
            entries(0, &[entry(1, 10), Entry { term: 1, content: members }, entry(1, u64::MAX)]),
            Change::Term { term: 2, vote: None },
            entries(2, &[entry(2, 12)]),
            Change::Snapshot(snapshot),
            entries(3, &[entry(2, 13), entry(2, 14)]),
        ]
    }

    /// The states before the first and after each change.
    fn states() -> Vec<Persistent<u64>> {
        let mut states = vec![Persistent::default()];
        for change in changes() {
            let mut next = states[states.len() - 1].clone();
            next.apply(change);
            states.push(next);
        }
        states
    }

    /// Writes all changes, with a complete sync after the first `synced`.
    fn written(synced: usize) -> StableFile<u64> {
        let mut disk = StableFile::default();
        for (change, n) in changes().into_iter().zip(1..) {
            disk.write(change);
            if n == synced {
                disk.sync_asked(SyncId(0), true);
                disk.sync_started(SyncId(0));
                assert!(disk.sync_completed(SyncId(0)));
            }
        }
        disk
    }

    /// Who does not wait for the disk says what a crash may undo.
    #[test]
    fn without_patience_nothing_waits_for_a_sync() {
        let mut disk = StableFile::<u64>::default();
        disk.write(changes().swap_remove(0));
        assert!(disk.is_dirty());
        disk.wait_for_syncs(false);
        assert!(!disk.is_dirty());
        disk.crashed(&mut |_| 0);
        assert_eq!(disk.get(), &Persistent::default());
    }

    #[test]
    fn what_is_written_is_read_and_what_is_synced_is_durable() {
        let states = states();
        for synced in 1..states.len() {
            let disk = written(synced);
            assert_eq!(disk.get(), &states[states.len() - 1]);
            assert_eq!(disk.durable(), &states[synced]);
        }
    }

    /// However sectors survive, torn ones included, a crash leaves a state between the durable one and
    /// the last, and the disk goes on from there.
    #[test]
    fn a_crash_leaves_a_beginning_of_the_changes_that_holds_all_durable_ones() {
        let states = states();
        let mut stream = Stream::new(1, "crashes");
        let mut left = std::collections::BTreeSet::new();
        for round in 0..4_000_u16 {
            let synced = 1 + usize::from(round) % (states.len() - 1);
            let mut disk = written(synced);
            if round % 3 == 0 {
                disk.fault(&DiskFault::TornSectors { bytes: round % 512 });
            }
            disk.crashed(&mut |options| stream.range(0, options - 1));
            let place = states.iter().position(|state| state == disk.get());
            assert!(place.is_some_and(|place| place >= synced), "{:?}", disk.get());
            left.insert((synced, place));
            disk.recover();
            disk.write(Change::Term { term: 9, vote: None });
            disk.sync_asked(SyncId(1), true);
            disk.sync_started(SyncId(1));
            disk.sync_completed(SyncId(1));
            let after = disk.get().clone();
            disk.crashed(&mut |_| 0);
            assert_eq!((disk.get(), disk.get().term), (&after, 9));
        }
        assert!(left.len() > 12, "{left:?}");
    }

    #[test]
    fn without_sums_a_torn_record_is_believed() {
        let states = states();
        let mut stream = Stream::new(1, "crashes");
        let believes = (0..4_000_u16).any(|round| {
            let mut disk = written(1 + usize::from(round) % 5);
            disk.check_sums(false);
            disk.fault(&DiskFault::TornSectors { bytes: round % 512 });
            disk.crashed(&mut |options| stream.range(0, options - 1));
            !states.contains(disk.get())
        });
        assert!(believes);
    }
}
