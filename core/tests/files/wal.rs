//! A small write-ahead log on any disk, with the mistakes that people make as switches.

use faultline_core::sim::{Extent, FileError, FileId, FileSystem, SyncId};

const HEADER_BYTES: usize = 12;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);

/// What people get wrong.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// A record is acknowledged when it is written, not when a sync says so.
    NoSync,
    /// The log's bytes are synced, its name is not.
    NoSyncOfNames,
    /// Recovery believes what it reads.
    NoChecksum,
    /// Recovery leaves a torn tail behind what it appends.
    TailStays,
}

/// An append-only log of records: length, CRC32C of all that follows it, number, bytes.
#[derive(Clone, Debug)]
pub(crate) struct Wal {
    mistake: Option<Mistake>,
    file: FileId,
    end: u64,
    next: u32,
    acknowledged: u32,
    syncing: Vec<(SyncId, u32)>,
}

impl Wal {
    /// Opens or makes the log; returns it with the records that are there.
    pub(crate) fn open(
        disk: &mut dyn FileSystem,
        mistake: Option<Mistake>,
    ) -> Result<(Self, Vec<Vec<u8>>), FileError> {
        let file = match disk.open("wal") {
            Ok(file) => file,
            Err(FileError::NotFound(_)) => disk.create("wal")?,
            Err(error) => return Err(error),
        };
        let mut bytes = vec![0; usize::try_from(disk.len_bytes(file)?).unwrap()];
        disk.read_at(file, 0, &mut bytes)?;
        let (mut records, mut end) = (Vec::new(), 0);
        while let Some(record) = decode(&bytes[end..], records.len(), mistake) {
            end += HEADER_BYTES + record.len();
            records.push(record.to_vec());
        }
        if mistake != Some(Mistake::TailStays) && end < bytes.len() {
            disk.truncate(file, end as u64)?;
        }
        let next = u32::try_from(records.len()).unwrap();
        let end = end as u64;
        let mut wal = Self { mistake, file, end, next, acknowledged: 0, syncing: Vec::new() };
        if mistake != Some(Mistake::NoSyncOfNames) {
            disk.sync(Extent::Names)?;
        }
        wal.sync(disk)?;
        Ok((wal, records))
    }

    pub(crate) fn append(
        &mut self,
        disk: &mut dyn FileSystem,
        payload: &[u8],
    ) -> Result<(), FileError> {
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
    pub(crate) fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), FileError> {
        if self.mistake == Some(Mistake::NoSync) {
            self.acknowledged = self.next;
        } else {
            self.syncing.push((disk.sync(Extent::File(self.file))?, self.next));
        }
        Ok(())
    }

    pub(crate) fn on_synced(&mut self, sync: SyncId) {
        while self.syncing.first().is_some_and(|(of, _)| *of <= sync) {
            self.acknowledged = self.syncing.remove(0).1;
        }
    }

    /// Returns how many records the outside world may count on.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged as usize
    }
}

fn decode(bytes: &[u8], number: usize, mistake: Option<Mistake>) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, body) = rest.split_first_chunk::<4>()?;
    let body = body.get(..4 + u32::from_le_bytes(*length) as usize)?;
    let (found, payload) = body.split_first_chunk::<4>()?;
    let is_next = u32::from_le_bytes(*found) as usize == number && !payload.is_empty();
    let is_sound =
        mistake == Some(Mistake::NoChecksum) || CRC.checksum(body) == u32::from_le_bytes(*sum);
    (is_next && is_sound).then_some(payload)
}
