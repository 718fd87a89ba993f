//! A sorted table: blocks, a Bloom filter, an index, a footer.
//!
//! Blocks, filter and index are [`frame`]s; the footer says where filter and index are. Keys of a block
//! leave out what they share with the key before. A table is written once and never changed.

use serde::{Deserialize, Serialize};

use super::bloom::Bloom;
use super::{Entry, Key, Sequence, Settings, StoreError, Value};
use crate::mechanism::frame;
use crate::sim::{Extent, FileSystem};

/// The last bytes of a table but for its sum.
const MAGIC: [u8; 8] = *b"FaultLSM";

/// Where the filter is, where the index is, the magic, and the sum of these.
const FOOTER_BYTES: usize = 8 + 8 + 8 + 4;

/// What all names of tables end in.
const SUFFIX: &str = ".table";

/// Returns the name of the table with this number.
pub fn file_name(number: u64) -> String {
    format!("{number:06}{SUFFIX}")
}

/// Returns true if a table could have this name.
pub fn is_name(name: &str) -> bool {
    name.ends_with(SUFFIX)
}

/// What the manifest says of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableFacts {
    /// Names its file.
    pub number: u64,
    /// The first key.
    pub first: Key,
    /// The last key.
    pub last: Key,
    /// The newest write in it.
    pub newest: Sequence,
    /// How many versions it holds.
    pub entries: u64,
    /// How long its file is.
    pub bytes: u64,
}

impl TableFacts {
    /// Returns the name of the file.
    pub fn file_name(&self) -> String {
        file_name(self.number)
    }

    /// Returns true if a key from `first` to `last` may be in it.
    pub fn overlaps(&self, first: &[u8], last: &[u8]) -> bool {
        self.first.as_slice() <= last && self.last.as_slice() >= first
    }
}

/// A block, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Block {
    last: Key,
    at: u64,
    bytes: u32,
}

/// An entry as it stands in a block.
#[derive(Serialize, Deserialize)]
struct Packed {
    /// So many bytes of the key are those of the key before.
    shared: u32,
    rest: Vec<u8>,
    sequence: Sequence,
    value: Value,
}

/// A table whose index and filter are in memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// What the manifest says of it.
    pub facts: TableFacts,
    index: Vec<Block>,
    filter: Option<Bloom>,
    is_summed: bool,
}

/// What a table answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest version that the reader may see, if there is one.
    pub value: Option<Value>,
    /// How many blocks were read.
    pub blocks: u64,
    /// The filter said that the key is not there.
    pub is_filtered: bool,
}

impl Table {
    /// Writes entries, sorted by key and newest first, into a new file, and asks for its sync. Nothing is
    /// written if there are none.
    ///
    /// # Errors
    ///
    /// If the disk is full. What was written of the file is of no use then.
    pub fn write(
        disk: &mut dyn FileSystem,
        number: u64,
        entries: &[Entry],
        settings: &Settings,
    ) -> Result<Option<Self>, StoreError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(None);
        };
        let (mut bytes, index) = blocks(entries, settings.block_bytes as usize);
        let filter = (settings.bloom_bits_per_key > 0).then(|| {
            let bits = settings.bloom_bits_per_key;
            let mut keys: Vec<&[u8]> = entries.iter().map(|entry| &entry.key[..]).collect();
            keys.dedup();
            Bloom::new(keys.into_iter(), bits, Bloom::best_hashes(bits))
        });
        let filter_at = bytes.len() as u64;
        frame::append(&mut bytes, &packed(&filter));
        let index_at = bytes.len() as u64;
        frame::append(&mut bytes, &packed(&index));
        let mut footer = Vec::with_capacity(FOOTER_BYTES);
        footer.extend(filter_at.to_le_bytes());
        footer.extend(index_at.to_le_bytes());
        footer.extend(MAGIC);
        footer.extend(frame::CRC32C.checksum(&footer).to_le_bytes());
        bytes.extend(footer);
        let facts = TableFacts {
            number,
            first: first.key.clone(),
            last: last.key.clone(),
            newest: entries.iter().map(|entry| entry.sequence).max().unwrap_or_default(),
            entries: entries.len() as u64,
            bytes: bytes.len() as u64,
        };
        let file = disk.create(&facts.file_name())?;
        disk.write_at(file, 0, &bytes)?;
        disk.sync(Extent::File(file))?;
        Ok(Some(Self { facts, index, filter, is_summed: settings.is_summed }))
    }

    /// Reads index and filter of a table that is there.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not what was written.
    pub fn open(
        disk: &dyn FileSystem,
        facts: TableFacts,
        is_summed: bool,
    ) -> Result<Self, StoreError> {
        let name = facts.file_name();
        let file = disk.open(&name)?;
        let length = disk.len_bytes(file)?;
        let footer_at = length.saturating_sub(FOOTER_BYTES as u64);
        let damaged = |at_byte| StoreError::Damaged { file: name.clone(), at_byte };
        let mut footer = [0; FOOTER_BYTES];
        disk.read_at(file, footer_at, &mut footer)?;
        let number = |from: usize| {
            footer[from..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let sum = frame::CRC32C.checksum(&footer[..FOOTER_BYTES - 4]).to_le_bytes();
        let is_right = footer[16..24] == MAGIC && (!is_summed || footer[24..] == sum);
        let (filter_at, index_at) = (number(0), number(8));
        if !is_right || length != facts.bytes || filter_at > index_at || index_at > footer_at {
            return Err(damaged(footer_at));
        }
        let section = |from: u64, to: u64| -> Result<Vec<u8>, StoreError> {
            let mut bytes = vec![0; usize::try_from(to - from).unwrap_or_default()];
            disk.read_at(file, from, &mut bytes)?;
            let (body, _) = frame::decode(&bytes, is_summed).ok_or_else(|| damaged(from))?;
            Ok(body.to_vec())
        };
        let filter = unpacked(&section(filter_at, index_at)?).ok_or_else(|| damaged(filter_at))?;
        let index = unpacked(&section(index_at, footer_at)?).ok_or_else(|| damaged(index_at))?;
        Ok(Self { facts, index, filter, is_summed })
    }

    /// Returns the newest version of `key` that is not newer than `at`.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or is not what was written.
    pub fn get(
        &self,
        disk: &dyn FileSystem,
        key: &[u8],
        at: Sequence,
    ) -> Result<Found, StoreError> {
        let mut found = Found::default();
        if !self.facts.overlaps(key, key) {
            return Ok(found);
        }
        if self.filter.as_ref().is_some_and(|filter| !filter.may_hold(key)) {
            found.is_filtered = true;
            return Ok(found);
        }
        let from = self.index.partition_point(|block| block.last.as_slice() < key);
        for block in &self.index[from..] {
            found.blocks += 1;
            for entry in self.read(disk, block)? {
                if entry.key.as_slice() > key {
                    return Ok(found);
                }
                if entry.key == key && entry.sequence <= at {
                    found.value = Some(entry.value);
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// Lists all versions of keys from `from` to before `to`.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or is not what was written.
    pub fn entries_within(
        &self,
        disk: &dyn FileSystem,
        from: &[u8],
        to: Option<&[u8]>,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        let first = self.index.partition_point(|block| block.last.as_slice() < from);
        for block in &self.index[first..] {
            let within = |key: &[u8]| key >= from && to.is_none_or(|to| key < to);
            let read = self.read(disk, block)?;
            let is_past =
                read.last().is_some_and(|it| to.is_some_and(|to| it.key.as_slice() >= to));
            entries.extend(read.into_iter().filter(|entry| within(&entry.key)));
            if is_past {
                break;
            }
        }
        Ok(entries)
    }

    fn read(&self, disk: &dyn FileSystem, block: &Block) -> Result<Vec<Entry>, StoreError> {
        let file = disk.open(&self.facts.file_name())?;
        let mut bytes = vec![0; block.bytes as usize];
        disk.read_at(file, block.at, &mut bytes)?;
        let entries = frame::decode(&bytes, self.is_summed).and_then(|(body, _)| unpack(body));
        entries
            .ok_or_else(|| StoreError::Damaged { file: self.facts.file_name(), at_byte: block.at })
    }
}

/// Writes entries into blocks; returns their bytes and the index.
fn blocks(entries: &[Entry], block_bytes: usize) -> (Vec<u8>, Vec<Block>) {
    let (mut bytes, mut index) = (Vec::new(), Vec::new());
    let mut rest = entries;
    while !rest.is_empty() {
        let mut size = 0;
        let fits = rest.iter().take_while(|entry| {
            let is_empty = size == 0;
            size += entry.key.len() + entry.value.as_ref().map_or(0, Vec::len) + 4;
            is_empty || size <= block_bytes
        });
        let (block, behind) = rest.split_at(fits.count());
        let at = bytes.len();
        frame::append(&mut bytes, &pack(block));
        let length = u32::try_from(bytes.len() - at).unwrap_or(u32::MAX);
        index.extend(block.last().map(|last| Block {
            last: last.key.clone(),
            at: at as u64,
            bytes: length,
        }));
        rest = behind;
    }
    (bytes, index)
}

fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut before: &[u8] = &[];
    let pack = |entry: &Entry, before: &[u8]| {
        let shared = entry.key.iter().zip(before).take_while(|(a, b)| a == b).count();
        Packed {
            shared: u32::try_from(shared).unwrap_or(u32::MAX),
            rest: entry.key[shared..].to_vec(),
            sequence: entry.sequence,
            value: entry.value.clone(),
        }
    };
    let mut list = Vec::with_capacity(entries.len());
    for entry in entries {
        list.push(pack(entry, before));
        before = &entry.key;
    }
    packed(&list)
}

fn unpack(body: &[u8]) -> Option<Vec<Entry>> {
    let list: Vec<Packed> = unpacked(body)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(list.len());
    for Packed { shared, rest, sequence, value } in list {
        let before = entries.last().map_or(&[][..], |entry| &entry.key);
        let mut key = before.get(..shared as usize)?.to_vec();
        key.extend(rest);
        entries.push(Entry { key, sequence, value });
    }
    Some(entries)
}

/// Returns the bytes of what can always be written down.
pub(super) fn packed<T: Serialize>(it: &T) -> Vec<u8> {
    postcard::to_allocvec(it).unwrap_or_default()
}

/// Reads what [`packed`] wrote, and nothing else.
pub(super) fn unpacked<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (it, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(it)
}
