//! A small write-ahead log on any disk, with the mistakes that people make as switches.

use faultline_core::sim::{Extent, FileError, FileId, FileSystem, SyncId};

const HEADER_BYTES: usize = 12;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);

/// What the log does right.
#[derive(Copy, Clone, Debug)]
pub struct Care {
    /// A record is acknowledged when a sync says so, not when it is written.
    pub syncs_bytes: bool,
    /// The log's name is synced too.
    pub syncs_names: bool,
    /// Recovery checks what it reads.
    pub checks_sums: bool,
    /// Recovery cuts a torn tail off before it appends.
    pub cuts_tail: bool,
}

pub const CAREFUL: Care =
    Care { syncs_bytes: true, syncs_names: true, checks_sums: true, cuts_tail: true };

/// An append-only log of records: length, CRC32C of all that follows it, number, bytes.
#[derive(Clone, Debug)]
pub struct Wal {
    care: Care,
    file: FileId,
    end: u64,
    next: u32,
    acknowledged: u32,
    syncing: Vec<(SyncId, u32)>,
}

impl Wal {
    /// Opens or makes the log; returns it with the records that are there.
    pub fn open(disk: &mut dyn FileSystem, care: Care) -> Result<(Self, Vec<Vec<u8>>), FileError> {
        let file = match disk.open("wal") {
            Ok(file) => file,
            Err(FileError::NotFound(_)) => disk.create("wal")?,
            Err(error) => return Err(error),
        };
        let mut bytes = vec![0; usize::try_from(disk.len_bytes(file)?).unwrap()];
        disk.read_at(file, 0, &mut bytes)?;
        let (mut records, mut end) = (Vec::new(), 0);
        while let Some(record) = decode(&bytes[end..], records.len(), care) {
            end += HEADER_BYTES + record.len();
            records.push(record.to_vec());
        }
        if care.cuts_tail && end < bytes.len() {
            disk.truncate(file, end as u64)?;
        }
        let next = u32::try_from(records.len()).unwrap();
        let end = end as u64;
        let mut wal = Self { care, file, end, next, acknowledged: 0, syncing: Vec::new() };
        if care.syncs_names {
            disk.sync(Extent::Names)?;
        }
        wal.sync(disk)?;
        Ok((wal, records))
    }

    pub fn append(&mut self, disk: &mut dyn FileSystem, payload: &[u8]) -> Result<(), FileError> {
        let mut record = Vec::from(u32::try_from(payload.len()).unwrap().to_le_bytes());
        let body: Vec<u8> = [&self.next.to_le_bytes(), payload].concat();
        record.extend(CRC.checksum(&body).to_le_bytes());
        record.extend(body);
        disk.write_at(self.file, self.end, &record)?;
        self.end += record.len() as u64;
        self.next += 1;
        Ok(())
    }

    /// Asks that every record so far become durable.
    pub fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), FileError> {
        if self.care.syncs_bytes {
            self.syncing.push((disk.sync(Extent::File(self.file))?, self.next));
        } else {
            self.acknowledged = self.next;
        }
        Ok(())
    }

    pub fn on_synced(&mut self, sync: SyncId) {
        while self.syncing.first().is_some_and(|(of, _)| *of <= sync) {
            self.acknowledged = self.syncing.remove(0).1;
        }
    }

    /// Returns how many records the outside world may count on.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged as usize
    }
}

fn decode(bytes: &[u8], number: usize, care: Care) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, body) = rest.split_first_chunk::<4>()?;
    let body = body.get(..4 + u32::from_le_bytes(*length) as usize)?;
    let (found, payload) = body.split_first_chunk::<4>()?;
    let is_next = u32::from_le_bytes(*found) as usize == number && !payload.is_empty();
    let is_sound = !care.checks_sums || CRC.checksum(body) == u32::from_le_bytes(*sum);
    (is_next && is_sound).then_some(payload)
}
