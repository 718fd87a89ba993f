//! A handle that can be cut off in any of its owner's writes, or run out of room.

use std::cell::Cell;
use std::rc::Rc;

use super::super::fuse::Power;
use super::super::{Fuse, Handle, Memory};
use crate::sim::FileError;

/// What several handles have in common.
#[derive(Clone, Default)]
pub(super) struct Limits {
    power: Rc<Cell<Power>>,
    /// So many bytes can still be written beyond the ends of the files; none for no end of them.
    room_bytes: Rc<Cell<Option<u64>>>,
}

impl Limits {
    pub(super) fn cut_off_at(fuse: Fuse) -> Self {
        let power = Rc::new(Cell::new(Power::Until { fuse, spent: 0 }));
        Self { power, ..Self::default() }
    }

    pub(super) fn room(&self, bytes: Option<u64>) {
        self.room_bytes.set(bytes);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.power.get().check().is_err()
    }

    /// Returns handles of these files under these limits.
    pub(super) fn on(&self, files: &[Memory]) -> Vec<Failing> {
        let handle = |file: &Memory| Failing { file: file.clone(), limits: self.clone() };
        files.iter().map(handle).collect()
    }

    fn spend(&self, bytes: usize) -> usize {
        let mut power = self.power.get();
        let carried_out = power.spend(bytes);
        self.power.set(power);
        carried_out
    }

    /// Takes room for a file that grows, or gives back that of one that shrinks.
    fn take(&self, from: u64, to: u64) -> Result<(), FileError> {
        if let Some(room) = self.room_bytes.get() {
            let rest = (room + from).checked_sub(to).ok_or(FileError::Full)?;
            self.room_bytes.set(Some(rest));
        }
        Ok(())
    }
}

pub(super) struct Failing {
    file: Memory,
    limits: Limits,
}

impl Handle for Failing {
    fn len_bytes(&self) -> Result<u64, FileError> {
        self.file.len_bytes()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        self.file.read_at(offset, into)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        self.limits.power.get().check()?;
        let length = self.file.len_bytes()?;
        self.limits.take(length, length.max(offset + bytes.len() as u64))?;
        let carried_out = self.limits.spend(bytes.len());
        self.file.write_at(offset, &bytes[..carried_out])?;
        self.limits.power.get().check()
    }

    fn truncate(&mut self, len_bytes: u64) -> Result<(), FileError> {
        self.limits.power.get().check()?;
        self.limits.spend(0);
        self.limits.power.get().check()?;
        self.limits.take(self.file.len_bytes()?, len_bytes)?;
        self.file.truncate(len_bytes)
    }

    fn flush(&mut self) -> Result<(), FileError> {
        self.limits.power.get().check()?;
        self.file.flush()
    }
}
