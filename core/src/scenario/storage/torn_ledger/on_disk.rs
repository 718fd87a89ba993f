//! One copy of the ledger outside a world: the same engine, on real files.
//!
//! Alone it has no peers to ask. What its superblock says was on disk before must be good, else it refuses to
//! open; of what may not have been, it keeps all up to the first bad block.

use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::ledger::{Block, Ledger, Posting, Settings, Transfer, superblock};
use crate::sim::{FileSystem, SyncId};

/// So many of the last operations are looked up.
const KEEPS: u64 = 1_000;
/// So many accounts the operations move money between.
const ACCOUNTS: u64 = 8;

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 12,
    copies: 1,
    keeps: KEEPS,
    looked_up: "looked up",
    older: "Older blocks are checked when the engine comes up, each by its sum and the block behind \
            it; only the last 1,000 are compared with what was written.",
    open: |disk| Ok(Box::new(open(disk)?)),
    sentence: |number| {
        let Transfer { debit, credit, .. } = transfer_of(number);
        let (from, to) = (debit.account + 1, credit.account + 1);
        format!("block {number}: {} cents from A{from} to A{to}", debit.amount)
    },
};

/// With every safeguard that one copy has; segments are as long as suits a disk that is there.
const SETTINGS: Settings = Settings { is_summed: true, is_placed: true, segment_blocks: 16_384 };

/// Each operation is a block with one transfer.
fn transfer_of(number: u64) -> Transfer {
    let side = |account: u64| Posting {
        account: u16::try_from(account % ACCOUNTS).unwrap_or_default(),
        amount: 100 + number % 9_900,
    };
    let count = u32::try_from(number).unwrap_or(u32::MAX);
    Transfer { client: 0, number: count, debit: side(number), credit: side(number + 1) }
}

fn open(disk: &mut dyn FileSystem) -> Result<OnFiles, String> {
    let (mut ledger, scan) = Ledger::open(disk, SETTINGS).map_err(|error| error.to_string())?;
    // A torn first one has no other to be made good from, and need not.
    let has_mended = scan.copies.bad > 0 && scan.copies.kept != [None; 2];
    let on_files = |ledger| OnFiles { ledger, has_mended, has_failed: false };
    let Some(bad) = ledger.bad().next() else { return Ok(on_files(ledger)) };
    if bad <= scan.copies.superblock.durable {
        return Err(format!("Block {bad} of the ledger is damaged, and there is no other copy."));
    }
    let cut = ledger.cut(disk, bad - 1).and_then(|()| ledger.sync(disk));
    cut.map_err(|error| error.to_string())?;
    Ok(on_files(ledger))
}

struct OnFiles {
    ledger: Ledger,
    /// One copy of the superblock was bad when it came up.
    has_mended: bool,
    has_failed: bool,
}

impl Engine for OnFiles {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let block = Block {
            position: number,
            generation: 1,
            previous: self.ledger.tip(),
            transfers: vec![transfer_of(number)],
        };
        self.ledger.append(disk, &block).map_err(|error| error.to_string())
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        self.ledger.sync(disk).map_err(|error| error.to_string())
    }

    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.has_failed |= self.ledger.synced(disk, sync).is_err();
    }

    fn sync_failed(&mut self, _: SyncId) {
        self.has_failed = true;
    }

    fn is_ready(&self) -> bool {
        !self.has_failed && !self.ledger.is_settling()
    }

    fn written(&self) -> u64 {
        self.ledger.len()
    }

    fn acknowledged(&self) -> u64 {
        self.ledger.durable()
    }

    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String> {
        if number > self.ledger.len() {
            return Ok(Held::Missing);
        }
        match self.ledger.read(disk, number) {
            Some(block) if block.transfers == [transfer_of(number)] => Ok(Held::Whole),
            Some(_) => Ok(Held::Wrong),
            None => Err(format!("Block {number} of the ledger is damaged.")),
        }
    }

    fn mended(&self) -> Vec<String> {
        let words = || format!("one copy of the {}, from the other one", superblock::FILE);
        self.has_mended.then(words).into_iter().collect()
    }
}
