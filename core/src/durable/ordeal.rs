//! An engine whose plug is pulled again and again, at any moment.

use super::{Disk, Fuse, OnDisk, Runner, SyncEach};
use crate::sim::Stream;

/// The plug goes within so many writes.
const WITHIN_WRITES: u64 = 60;
/// And within so many bytes of one.
const WITHIN_BYTES: u64 = 300;
/// So many of the last operations are looked up after each kill, and all that can be after each
/// tenth.
const RECENT: u64 = 100;
/// Every so many kills.
const ALL_EACH: u32 = 10;
/// Without a plug to pull, so many operations are carried out at most before the crash.
const MOST_OPERATIONS: u64 = 80;

/// What an engine has gone through so far.
#[derive(Clone, Debug)]
pub struct Ordeal {
    stream: Stream,
    /// How often its plug was pulled.
    pub kills: u32,
    /// How many of these cut it off while it came up.
    pub kills_in_recovery: u32,
    /// The last operation that it has promised.
    pub acknowledged: u64,
}

impl Ordeal {
    /// Begins with a store that holds the operations of earlier ordeals, or none.
    pub fn new(seed: u64) -> Self {
        let stream = Stream::new(seed, "ordeal");
        Self { stream, kills: 0, kills_in_recovery: 0, acknowledged: 0 }
    }

    /// Opens the engine, checks that all it ever promised is there, has it work, and pulls the
    /// plug.
    ///
    /// # Errors
    ///
    /// If a promise is broken, or it refuses what it should not, in a sentence.
    pub fn round(&mut self, on_disk: &'static OnDisk, disk: &mut dyn Disk) -> Result<(), String> {
        let each = [1, 10, 100, 0][self.stream.index(4)];
        if self.stream.chance(20) {
            // While it comes up, which is when few expect it.
            disk.arm(self.fuse());
            self.kills_in_recovery += 1;
        }
        let opened = Runner::open(on_disk, disk, SyncEach(each));
        let mut runner = match opened {
            Ok(runner) => runner,
            Err(_) if disk.is_dead() => return self.kill(disk),
            Err(sentence) => return Err(sentence),
        };
        self.check(&mut runner, disk)?;
        disk.arm(self.fuse());
        for _ in 0..self.stream.range(0, MOST_OPERATIONS) {
            let operated = runner.operate(disk);
            self.acknowledged = self.acknowledged.max(runner.acknowledged());
            match operated {
                Err(_) if disk.is_dead() => break,
                other => other?,
            }
        }
        self.kill(disk)
    }

    fn check(&self, runner: &mut Runner, disk: &dyn Disk) -> Result<(), String> {
        let mut tally = runner.tally(self.acknowledged, self.acknowledged);
        if !self.kills.is_multiple_of(ALL_EACH) {
            tally.only_last(RECENT);
        }
        while runner.count(disk, &mut tally)? {}
        let kills = self.kills;
        if let Some(number) = tally.lost.first() {
            return Err(format!("Operation {number} was acknowledged and is lost (kill {kills})."));
        }
        if let Some(number) = tally.wrong.first() {
            return Err(format!("Something foreign is in the place of {number} (kill {kills})."));
        }
        if tally.gone > 0 {
            return Err(format!("There is a hole in what was recovered (kill {kills})."));
        }
        Ok(())
    }

    fn fuse(&mut self) -> Fuse {
        let mut below = |most| u32::try_from(self.stream.range(0, most)).unwrap_or_default();
        Fuse { writes: below(WITHIN_WRITES), bytes: below(WITHIN_BYTES) }
    }

    fn kill(&mut self, disk: &mut dyn Disk) -> Result<(), String> {
        self.kills += 1;
        let stream = &mut self.stream;
        let mut choose = |options: u64| stream.range(0, options.saturating_sub(1));
        disk.restart(&mut choose).map_err(|error| error.to_string())
    }
}
