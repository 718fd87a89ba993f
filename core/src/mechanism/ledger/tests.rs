//! Crashes, rot, and writes that go astray, tried out one by one.

mod crashes;
mod damage;
mod recovery;

use super::{Block, Ledger, Posting, Settings, Transfer};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::sim::{FileError, Files, SyncId};

const SAFE: Settings = Settings { is_summed: true, is_placed: true, segment_blocks: 32 };

impl Hears for Ledger {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        self.synced(disk, sync).expect("the disk works");
    }

    fn sync_failed(&mut self, _: SyncId) {
        panic!("no sync fails here");
    }
}

/// A copy that runs.
type Bench = bench::Bench<Ledger>;

impl Bench {
    fn of(files: Files) -> Self {
        let opened = Self::open(files, false, |disk| Ledger::open(disk, SAFE).map(|it| it.0));
        opened.expect("the disk works")
    }

    /// A new copy with so many blocks, all on disk.
    fn with_blocks(count: u64) -> Self {
        let mut bench = Self::of(Files::default());
        bench.settle();
        for _ in 0..count {
            bench.append(1);
            bench.settle();
        }
        bench
    }

    /// Does something, and asks that it become durable.
    fn change(&mut self, change: impl FnOnce(&mut Ledger, &mut Watched) -> Result<(), FileError>) {
        let changed = self.act(|ledger, disk| {
            change(ledger, disk)?;
            ledger.sync(disk)
        });
        changed.expect("the disk works");
    }

    fn append(&mut self, generation: u64) -> Block {
        let block = block(self.engine.len() + 1, generation, self.engine.tip());
        self.change(|ledger, disk| ledger.append(disk, &block));
        block
    }

    fn read(&mut self, position: u64) -> Option<Block> {
        self.engine.read(&self.disk, position)
    }
}

fn block(position: u64, generation: u64, previous: super::BlockId) -> Block {
    let number = u32::try_from(position).expect("it is small");
    let side = |account| Posting { account, amount: 100 + position };
    let transfer = Transfer { client: 0, number, debit: side(1), credit: side(2) };
    Block { position, generation, previous, transfers: vec![transfer; 2] }
}
