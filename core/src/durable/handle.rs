//! What a pool is made of: files that are open for good.

use std::cell::RefCell;
use std::rc::Rc;

use crate::sim::FileError;

/// A file that is open for good, for one owner: what a browser's `FileSystemSyncAccessHandle`
/// offers. It is closed when it is dropped.
pub trait Handle {
    /// Returns its length in bytes.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn len_bytes(&self) -> Result<u64, FileError>;

    /// Reads into `into` from byte `offset`; returns how many bytes there were before the end.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, FileError>;

    /// Writes all of `bytes` at byte `offset`, with zeros in any gap before it. After an error any
    /// part of them may have been written.
    ///
    /// # Errors
    ///
    /// If there is no room, or the device refuses.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileError>;

    /// Cuts the file to `len_bytes`, or grows it with zeros.
    ///
    /// # Errors
    ///
    /// If there is no room, or the device refuses.
    fn truncate(&mut self, len_bytes: u64) -> Result<(), FileError>;

    /// Makes durable what was written.
    ///
    /// # Errors
    ///
    /// If the device refuses; what it has kept, nobody knows then.
    fn flush(&mut self) -> Result<(), FileError>;
}

impl Handle for Box<dyn Handle> {
    fn len_bytes(&self) -> Result<u64, FileError> {
        (**self).len_bytes()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        (**self).read_at(offset, into)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        (**self).write_at(offset, bytes)
    }

    fn truncate(&mut self, len_bytes: u64) -> Result<(), FileError> {
        (**self).truncate(len_bytes)
    }

    fn flush(&mut self) -> Result<(), FileError> {
        (**self).flush()
    }
}

#[derive(Clone, Debug, Default)]
struct Content {
    written: Vec<u8>,
    flushed: Vec<u8>,
}

/// A file in memory: for windows that have no files, for copies of files that another window has
/// open, and for tests. Copies of the handle mean the same file.
#[derive(Clone, Debug, Default)]
pub struct Memory(Rc<RefCell<Content>>);

impl Memory {
    /// Makes a file that holds these bytes.
    pub fn holding(bytes: Vec<u8>) -> Self {
        Self(Rc::new(RefCell::new(Content { flushed: bytes.clone(), written: bytes })))
    }

    /// Returns a copy of the file that shares nothing with it.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    /// Loses power: what was not flushed is gone.
    pub fn lose_power(&self) {
        let content = &mut *self.0.borrow_mut();
        content.written.clone_from(&content.flushed);
    }
}

/// Returns a length as a place in memory.
fn place(bytes: u64) -> Result<usize, FileError> {
    usize::try_from(bytes).map_err(|_| FileError::Full)
}

impl Handle for Memory {
    fn len_bytes(&self) -> Result<u64, FileError> {
        Ok(self.0.borrow().written.len() as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        let content = self.0.borrow();
        let bytes = content.written.get(place(offset)?..).unwrap_or_default();
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        let from = place(offset)?;
        let to = from.checked_add(bytes.len()).ok_or(FileError::Full)?;
        let written = &mut self.0.borrow_mut().written;
        if written.len() < to {
            written.resize(to, 0);
        }
        written[from..to].copy_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, len_bytes: u64) -> Result<(), FileError> {
        self.0.borrow_mut().written.resize(place(len_bytes)?, 0);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), FileError> {
        let content = &mut *self.0.borrow_mut();
        content.flushed.clone_from(&content.written);
        Ok(())
    }
}
