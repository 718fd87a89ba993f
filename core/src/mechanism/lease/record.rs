//! A grant as it stands in a lock file.

use crate::mechanism::frame::CRC32C;
use crate::sim::NodeId;

/// When a grant ends.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// So many microseconds after it was given, or was last seen to be renewed; 0 for one that was
    /// given back.
    After(u64),
    /// When somebody's wall clock shows so many microseconds.
    AtWall(u64),
}

/// One grant.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its number; each is higher than the one before.
    pub token: u64,
    /// Who has the lock.
    pub owner: NodeId,
    /// How often it has been renewed in the file.
    pub beat: u32,
    /// When it ends.
    pub expiry: Expiry,
}

impl Record {
    /// How long a record is in a file: token, owner, beat, the kind of its end, its end, CRC-32C; all
    /// little-endian. It divides no sector, so that some records lie across two.
    pub const BYTES: usize = 8 + 2 + 4 + 1 + 8 + 4;

    /// Writes the record down.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let (kind, us) = match self.expiry {
            Expiry::After(us) => (0, us),
            Expiry::AtWall(us) => (1, us),
        };
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.token.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.owner.0.to_le_bytes());
        bytes[10..14].copy_from_slice(&self.beat.to_le_bytes());
        bytes[14] = kind;
        bytes[15..23].copy_from_slice(&us.to_le_bytes());
        let checksum = CRC32C.checksum(&bytes[..23]);
        bytes[23..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads a record; `None` if `is_checked` and its checksum is not that of its bytes.
    pub fn decode(bytes: &[u8; Self::BYTES], is_checked: bool) -> Option<Self> {
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        if is_checked && number(23, 27) != u64::from(CRC32C.checksum(&bytes[..23])) {
            return None;
        }
        let us = number(15, 23);
        Some(Self {
            token: number(0, 8),
            owner: NodeId(u16::from_le_bytes([bytes[8], bytes[9]])),
            beat: u32::from_le_bytes([bytes[10], bytes[11], bytes[12], bytes[13]]),
            expiry: if bytes[14] == 0 { Expiry::After(us) } else { Expiry::AtWall(us) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Record =
        Record { token: 7, owner: NodeId(2), beat: 3, expiry: Expiry::AtWall(1 << 40) };

    #[test]
    fn what_is_written_is_read() {
        for expiry in [Expiry::After(300_000), RECORD.expiry] {
            let record = Record { expiry, ..RECORD };
            assert_eq!(Record::decode(&record.encode(), true), Some(record));
        }
    }

    #[test]
    fn no_bit_can_flip_unnoticed() {
        for bit in 0..Record::BYTES * 8 {
            let mut bytes = RECORD.encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::decode(&bytes, true), None, "bit {bit}");
            assert!(Record::decode(&bytes, false).is_some());
        }
    }

    /// A length can survive a crash without its bytes, which then read as zeros.
    #[test]
    fn zeros_are_a_grant_only_to_whoever_checks_nothing() {
        let zeros = [0; Record::BYTES];
        assert_eq!(Record::decode(&zeros, true), None);
        assert_eq!(Record::decode(&zeros, false).map(|record| record.token), Some(0));
    }
}
