//! A block: some transfers, and what tells that it is the right block in the right place.
//!
//! It fills one sector: a CRC-32C of all that follows it, position, generation, generation and sum of the
//! block before it, the number of transfers, and the transfers; all little-endian, zeros to the end.

use crate::mechanism::frame::CRC32C;
use crate::sim::files::SECTOR_BYTES;

/// How long a block is.
pub const BLOCK_BYTES: usize = SECTOR_BYTES;
/// How many transfers fit in a block.
pub const MOST_TRANSFERS: usize = 16;

/// Before the transfers.
const HEADER_BYTES: usize = 33;
const TRANSFER_BYTES: usize = 26;

/// One side of a transfer.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Posting {
    /// Whose account.
    pub account: u16,
    /// How much, in minor units: cents.
    pub amount: u64,
}

/// Money that goes from one account to another. Both sides are written down, as in double-entry
/// bookkeeping, and say the same.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Who asked for it.
    pub client: u16,
    /// Which of that client's it is: they are counted from 1.
    pub number: u32,
    /// Who pays.
    pub debit: Posting,
    /// Who is paid.
    pub credit: Posting,
}

/// Names a block among all that were ever made for its position: in one generation there is at most
/// one for each.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// In which generation it was made.
    pub generation: u64,
    /// Its sum.
    pub sum: u32,
}

/// A block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Block {
    /// Its place in the ledger, from 1.
    pub position: u64,
    /// In which generation it was made.
    pub generation: u64,
    /// The block before it; of the first, nothing.
    pub previous: BlockId,
    /// What it says; at most [`MOST_TRANSFERS`].
    pub transfers: Vec<Transfer>,
}

impl Block {
    /// Returns its bytes on disk.
    pub fn encode(&self) -> [u8; BLOCK_BYTES] {
        let count = self.transfers.len().min(MOST_TRANSFERS);
        let mut bytes = Vec::with_capacity(BLOCK_BYTES);
        bytes.extend([0; 4]);
        bytes.extend(self.position.to_le_bytes());
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.previous.generation.to_le_bytes());
        bytes.extend(self.previous.sum.to_le_bytes());
        bytes.push(u8::try_from(count).unwrap_or_default());
        for transfer in &self.transfers[..count] {
            bytes.extend(transfer.client.to_le_bytes());
            bytes.extend(transfer.number.to_le_bytes());
            for side in [transfer.debit, transfer.credit] {
                bytes.extend(side.account.to_le_bytes());
                bytes.extend(side.amount.to_le_bytes());
            }
        }
        let mut sector = [0; BLOCK_BYTES];
        sector[..bytes.len()].copy_from_slice(&bytes);
        let sum = CRC32C.checksum(&sector[4..]);
        sector[..4].copy_from_slice(&sum.to_le_bytes());
        sector
    }

    /// Returns its name.
    pub fn id(&self) -> BlockId {
        let [a, b, c, d, ..] = self.encode();
        BlockId { generation: self.generation, sum: u32::from_le_bytes([a, b, c, d]) }
    }

    /// Reads a sector; `None` if it is no block, or, where `is_summed`, not what was written. The name is
    /// what the sector says that it is.
    pub fn decode(sector: &[u8; BLOCK_BYTES], is_summed: bool) -> Option<(BlockId, Self)> {
        let mut rest = Reader(sector);
        let sum = u32::from_le_bytes(rest.take()?);
        if is_summed && CRC32C.checksum(&sector[4..]) != sum {
            return None;
        }
        let position = u64::from_le_bytes(rest.take()?);
        let generation = u64::from_le_bytes(rest.take()?);
        let previous = BlockId {
            generation: u64::from_le_bytes(rest.take()?),
            sum: u32::from_le_bytes(rest.take()?),
        };
        let [count] = rest.take()?;
        if position == 0 || usize::from(count) > MOST_TRANSFERS {
            return None;
        }
        let transfers = (0..count).map(|_| rest.transfer()).collect::<Option<_>>()?;
        let block = Self { position, generation, previous, transfers };
        Some((BlockId { generation, sum }, block))
    }
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn posting(&mut self) -> Option<Posting> {
        let account = u16::from_le_bytes(self.take()?);
        Some(Posting { account, amount: u64::from_le_bytes(self.take()?) })
    }

    fn transfer(&mut self) -> Option<Transfer> {
        let client = u16::from_le_bytes(self.take()?);
        let number = u32::from_le_bytes(self.take()?);
        Some(Transfer { client, number, debit: self.posting()?, credit: self.posting()? })
    }
}

/// A full block fits in a sector.
const _: () = assert!(HEADER_BYTES + MOST_TRANSFERS * TRANSFER_BYTES <= BLOCK_BYTES);
