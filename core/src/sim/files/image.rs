//! The bytes of one file, in sectors that copies share until one of them is written.

use std::cell::OnceCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::super::digest_of;

/// The unit that a disk writes atomically, in bytes.
pub const SECTOR_BYTES: usize = 512;

/// Sectors a chunk: a write to a shared image copies one list of chunks and one chunk.
const CHUNK_SECTORS: usize = 64;

pub(super) type SectorBytes = [u8; SECTOR_BYTES];

const ZEROS: SectorBytes = [0; SECTOR_BYTES];

/// One version of a sector. It never changes, so its digest is worked out at most once.
pub(super) struct Sector {
    bytes: SectorBytes,
    digest: OnceCell<u64>,
}

impl Sector {
    pub(super) fn new(bytes: &SectorBytes) -> Rc<Self> {
        Rc::new(Self { bytes: *bytes, digest: OnceCell::new() })
    }

    pub(super) fn bytes(&self) -> &SectorBytes {
        &self.bytes
    }
}

impl fmt::Debug for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sector").finish_non_exhaustive()
    }
}

impl Hash for Sector {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(*self.digest.get_or_init(|| digest_of(&self.bytes)));
    }
}

type Chunk = [Option<Rc<Sector>>; CHUNK_SECTORS];

/// A file's bytes. A sector of zeros is `None`, so equal bytes have one form and one hash.
#[derive(Clone, Default)]
pub(super) struct Image {
    len_bytes: u64,
    chunks: Vec<Rc<Chunk>>,
}

/// Returns the sector that holds a byte, and the byte's place in it.
pub(super) fn place_of(offset: u64) -> (u32, usize) {
    let sector = u32::try_from(offset / SECTOR_BYTES as u64).unwrap_or(u32::MAX);
    (sector, usize::try_from(offset % SECTOR_BYTES as u64).unwrap_or(0))
}

/// Returns how many sectors hold so many bytes.
pub(super) fn sectors_of(len_bytes: u64) -> u64 {
    len_bytes.div_ceil(SECTOR_BYTES as u64)
}

impl Image {
    pub(super) fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    pub(super) fn sector(&self, sector: u32) -> &SectorBytes {
        let chunk = self.chunks.get(sector as usize / CHUNK_SECTORS);
        let found = chunk.and_then(|chunk| chunk[sector as usize % CHUNK_SECTORS].as_ref());
        found.map_or(&ZEROS, |sector| &sector.bytes)
    }

    pub(super) fn set_sector(&mut self, sector: u32, version: &Rc<Sector>) {
        let version = (version.bytes != ZEROS).then(|| version.clone());
        let chunk = sector as usize / CHUNK_SECTORS;
        if self.chunks.len() <= chunk {
            if version.is_none() {
                return;
            }
            self.chunks.resize(chunk + 1, Rc::new([const { None }; CHUNK_SECTORS]));
        }
        Rc::make_mut(&mut self.chunks[chunk])[sector as usize % CHUNK_SECTORS] = version;
    }

    /// Grows the file with zeros.
    pub(super) fn grow(&mut self, len_bytes: u64) {
        self.len_bytes = len_bytes;
    }

    /// Shortens the file: what lies past its end is gone, and does not come back if it grows.
    pub(super) fn cut(&mut self, len_bytes: u64) {
        self.len_bytes = len_bytes;
        let (last, kept) = place_of(len_bytes);
        if kept > 0 && self.sector(last)[kept..] != ZEROS[kept..] {
            let mut bytes = *self.sector(last);
            bytes[kept..].fill(0);
            self.set_sector(last, &Sector::new(&bytes));
        }
        let sectors = usize::try_from(sectors_of(len_bytes)).unwrap_or(usize::MAX);
        self.chunks.truncate(sectors.div_ceil(CHUNK_SECTORS));
        let in_last = sectors % CHUNK_SECTORS;
        let is_last_whole = in_last == 0 || self.chunks.len() <= sectors / CHUNK_SECTORS;
        if let Some(chunk) = self.chunks.last_mut().filter(|_| !is_last_whole)
            && chunk[in_last..].iter().any(Option::is_some)
        {
            Rc::make_mut(chunk)[in_last..].fill(None);
        }
    }

    /// Reads what lies before the end; returns how many bytes that is.
    pub(super) fn read(&self, offset: u64, into: &mut [u8]) -> usize {
        let left = self.len_bytes.saturating_sub(offset);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        let mut rest = &mut into[..count];
        let mut at = offset;
        while !rest.is_empty() {
            let (sector, start) = place_of(at);
            let (piece, later) = rest.split_at_mut(rest.len().min(SECTOR_BYTES - start));
            piece.copy_from_slice(&self.sector(sector)[start..start + piece.len()]);
            at += piece.len() as u64;
            rest = later;
        }
        count
    }
}

impl Hash for Image {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.len_bytes);
        let sectors = self.chunks.iter().flat_map(|chunk| chunk.iter()).enumerate();
        for (place, version) in sectors.filter_map(|(place, of)| Some((place, of.as_ref()?))) {
            state.write_u64(place as u64);
            version.hash(state);
        }
        state.write_u64(u64::MAX);
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("len_bytes", &self.len_bytes).finish_non_exhaustive()
    }
}
