//! A sealed shard: one file with a block of each series, written once.
//!
//! The file begins with a [`frame`] that says what is in it, rollups included; behind it lies a frame for
//! each series with its compressed block. What is in it stays in memory: rollups are answered from
//! there, and of the blocks only those are read that a query asks for.

use serde::{Deserialize, Serialize};

use super::gorilla::{Encoder, decode};
use super::log::{damage, read_file};
use super::{OpenShard, Point, Rollup, Series, Settings, StoreError};
use crate::mechanism::frame;
use crate::sim::FileSystem;

/// What all names of sealed shards end in.
pub const SUFFIX: &str = ".shard";

/// Of this and every earlier format, a shard can be read.
pub(super) const FORMAT: u16 = 1;

/// What a shard has of one series.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// Of which series.
    pub series: Series,
    /// How many points.
    pub points: u32,
    /// How many bits they take.
    pub bits: u64,
    /// The last point's time.
    pub last: u64,
    /// Where its frame begins, counted from the end of the header's.
    offset: u64,
    /// How long its frame is.
    length: u32,
    /// By the beginning of their intervals.
    pub rollups: Vec<(u64, Rollup)>,
}

/// A shard that is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SealedShard {
    /// Its number.
    pub number: u64,
    /// By series.
    pub blocks: Vec<Block>,
    /// Where the first block begins.
    from_byte: u64,
    /// How long its file is.
    pub bytes: u64,
}

/// Returns the name of a sealed shard's file.
pub fn file_name(shard: u64) -> String {
    format!("{shard:06}{SUFFIX}")
}

impl SealedShard {
    /// Compresses a young shard; returns it with the bytes of its file.
    pub fn seal(settings: &Settings, number: u64, young: &OpenShard) -> (Self, Vec<u8>) {
        let mut blocks = Vec::new();
        let mut bodies = Vec::new();
        for series in young.series() {
            let mut encoder = Encoder::new(settings.start_of(number));
            let mut last = 0;
            for point in young.points(series) {
                // Its shard's times are within a block's reach of the shard's start.
                _ = encoder.push(point);
                last = point.at;
            }
            let offset = bodies.len();
            frame::append(&mut bodies, encoder.bytes());
            blocks.push(Block {
                series,
                points: encoder.points(),
                bits: encoder.len_bits(),
                last,
                offset: offset as u64,
                length: u32::try_from(bodies.len() - offset).unwrap_or_default(),
                rollups: young.rollups(settings, series),
            });
        }
        let mut header = FORMAT.to_le_bytes().to_vec();
        header.extend(postcard::to_allocvec(&(number, &blocks)).unwrap_or_default());
        let mut bytes = Vec::new();
        frame::append(&mut bytes, &header);
        let from_byte = bytes.len() as u64;
        bytes.extend(bodies);
        (Self { number, blocks, from_byte, bytes: bytes.len() as u64 }, bytes)
    }

    /// Opens a sealed shard: reads what is in it.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not what was written, or is of a later format.
    pub fn open(
        disk: &(impl FileSystem + ?Sized),
        number: u64,
        is_summed: bool,
    ) -> Result<Self, StoreError> {
        let file = file_name(number);
        let bytes = read_file(disk, &file)?;
        let damaged = || StoreError::Damaged { file: file.clone(), at_byte: 0 };
        let (header, length) = frame::decode(&bytes, is_summed).ok_or_else(damaged)?;
        let (format, header) = header.split_first_chunk().ok_or_else(damaged)?;
        let format = u16::from_le_bytes(*format);
        // Without a sum it is not to be told from damage.
        if is_summed && format > FORMAT {
            return Err(StoreError::NewerFormat(format));
        }
        let header: (u64, Vec<Block>) = postcard::from_bytes(header).map_err(|_| damaged())?;
        if header.0 != number {
            return Err(damaged());
        }
        let (from_byte, bytes) = (length as u64, bytes.len() as u64);
        Ok(Self { number, blocks: header.1, from_byte, bytes })
    }

    /// Returns what it has of a series.
    pub fn block(&self, series: Series) -> Option<&Block> {
        self.blocks.iter().find(|block| block.series == series)
    }

    /// Returns the newest time of any point.
    pub fn newest(&self) -> Option<u64> {
        self.blocks.iter().map(|block| block.last).max()
    }

    /// Returns how many points it has, and how many bits their blocks take.
    pub fn size(&self) -> (u64, u64) {
        let of = |block: &Block| (u64::from(block.points), block.bits);
        let sizes = self.blocks.iter().map(of);
        sizes.fold((0, 0), |(points, bits), it| (points + it.0, bits + it.1))
    }

    /// Reads the bytes of a block: what [`decode`] and [`Decoder`](super::gorilla::Decoder) read.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not what was written.
    pub fn read_block(
        &self,
        disk: &(impl FileSystem + ?Sized),
        block: &Block,
        is_summed: bool,
    ) -> Result<Vec<u8>, StoreError> {
        let name = file_name(self.number);
        let file = disk.open(&name)?;
        let at_byte = self.from_byte.saturating_add(block.offset);
        // A length that nobody checks the sum of may be any number.
        let length = disk.len_bytes(file)?.min(u64::from(block.length));
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        let read = disk.read_at(file, at_byte, &mut bytes);
        let read = read.map_err(|error| damage(&name, at_byte, error))?;
        let body = frame::decode(&bytes[..read], is_summed).map(|(body, _)| body.to_vec());
        body.ok_or(StoreError::Damaged { file: name, at_byte })
    }

    /// Reads the points of a series, by time; none if it has none.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or are not what was written.
    pub fn read(
        &self,
        disk: &(impl FileSystem + ?Sized),
        series: Series,
        is_summed: bool,
    ) -> Result<Vec<Point>, StoreError> {
        let Some(block) = self.block(series) else { return Ok(Vec::new()) };
        let bytes = self.read_block(disk, block, is_summed)?;
        let at_byte = self.from_byte.saturating_add(block.offset);
        let damaged = StoreError::Damaged { file: file_name(self.number), at_byte };
        decode(&bytes, block.points).ok_or(damaged)
    }
}
