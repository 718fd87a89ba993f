//! An engine whose plug is pulled again and again, at any moment.

use super::{Disk, Fuse, OnDisk, Runner, SyncEach};
use crate::sim::Stream;

/// The plug goes within so many writes.
const WITHIN_WRITES: u64 = 60;
/// And within so many bytes of one.
const WITHIN_BYTES: u64 = 300;
/// While it comes up, the plug goes within so many syncs at the latest.
const WITHIN_SYNCS: u64 = 2;
/// So many of the last operations are looked up after each kill, and all that can be after each
/// tenth and after the last.
pub(super) const RECENT: u64 = 100;
/// Every so many kills.
const ALL_EACH: u32 = 10;
/// Without a plug to pull, so many operations are carried out at most before the crash.
const MOST_OPERATIONS: u64 = 80;

/// An engine in its trial. What it has survived is known at its [end](Self::end) only.
#[derive(Clone, Debug)]
pub struct Ordeal {
    stream: Stream,
    so_far: Survived,
    /// The last operation that it was asked for, or has found.
    issued: u64,
}

/// What an engine has gone through.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Survived {
    /// How often its plug was pulled.
    pub kills: u32,
    /// How many of these cut it off while it came up.
    pub kills_in_recovery: u32,
    /// The last operation that it has promised.
    pub acknowledged: u64,
}

impl Ordeal {
    /// Begins with an empty store.
    pub fn new(seed: u64) -> Self {
        Self { stream: Stream::new(seed, "ordeal"), so_far: Survived::default(), issued: 0 }
    }

    /// Returns what it has gone through so far; of the last kill nothing is known yet.
    pub fn so_far(&self) -> Survived {
        self.so_far
    }

    /// Opens the engine, checks that all it ever promised is there and nothing that nobody asked
    /// for, has it work, and pulls the plug.
    ///
    /// # Errors
    ///
    /// If a promise is broken, or it refuses what it should not, in a sentence.
    pub fn round(&mut self, on_disk: &'static OnDisk, disk: &mut dyn Disk) -> Result<(), String> {
        let each = SyncEach([1, 10, 100, 0][self.stream.index(4)]);
        let opened = if self.stream.chance(20) {
            // While it comes up, which is when few expect it.
            disk.arm(Some(self.fuse()));
            let syncs = u32::try_from(self.stream.range(0, WITHIN_SYNCS)).unwrap_or_default();
            Runner::open_within(on_disk, disk, each, syncs)
        } else {
            Runner::open(on_disk, disk, each).map(Some)
        };
        let opened = match opened {
            Err(_) if disk.is_dead() => None,
            opened => opened?,
        };
        let Some(mut runner) = opened else {
            self.so_far.kills_in_recovery += 1;
            return self.kill(disk);
        };
        let is_all = self.so_far.kills.is_multiple_of(ALL_EACH);
        self.check(&mut runner, disk, is_all)?;
        disk.arm(Some(self.fuse()));
        for _ in 0..self.stream.range(0, MOST_OPERATIONS) {
            // One that is cut off may be there all the same.
            self.issued = runner.written() + 1;
            let operated = runner.operate(disk);
            self.so_far.acknowledged = self.so_far.acknowledged.max(runner.acknowledged());
            match operated {
                Err(_) if disk.is_dead() => break,
                other => other?,
            }
        }
        self.kill(disk)
    }

    /// Opens the engine once more, as after the last kill nobody has, and checks all that can be.
    ///
    /// # Errors
    ///
    /// If a promise is broken, or it refuses to come up, in a sentence.
    pub fn end(
        mut self,
        on_disk: &'static OnDisk,
        disk: &mut dyn Disk,
    ) -> Result<Survived, String> {
        let mut runner = Runner::open(on_disk, disk, SyncEach::default())?;
        self.check(&mut runner, disk, true)?;
        Ok(self.so_far)
    }

    fn check(&mut self, runner: &mut Runner, disk: &dyn Disk, is_all: bool) -> Result<(), String> {
        let Survived { kills, acknowledged, .. } = self.so_far;
        let (written, issued) = (runner.written(), self.issued);
        if written > issued {
            return Err(format!(
                "Operation {written} is there; nobody asked for it (kill {kills})."
            ));
        }
        let mut tally = runner.tally(acknowledged, issued);
        if !is_all {
            tally.only_last(RECENT);
        }
        while runner.count(disk, &mut tally)? {}
        if let Some(number) = tally.lost.first() {
            return Err(format!("Operation {number} was acknowledged and is lost (kill {kills})."));
        }
        if let Some(number) = tally.wrong.first() {
            return Err(format!("Something foreign is in the place of {number} (kill {kills})."));
        }
        if tally.recovered != written.saturating_sub(acknowledged) {
            return Err(format!("There is a hole in what was recovered (kill {kills})."));
        }
        if runner.acknowledged() < written {
            return Err(format!("What was found is not made durable (kill {kills})."));
        }
        (self.issued, self.so_far.acknowledged) = (written, runner.acknowledged());
        Ok(())
    }

    fn fuse(&mut self) -> Fuse {
        let mut below = |most| u32::try_from(self.stream.range(0, most)).unwrap_or_default();
        Fuse { writes: below(WITHIN_WRITES), bytes: below(WITHIN_BYTES) }
    }

    fn kill(&mut self, disk: &mut dyn Disk) -> Result<(), String> {
        self.so_far.kills += 1;
        let stream = &mut self.stream;
        let mut choose = |options: u64| stream.range(0, options.saturating_sub(1));
        disk.restart(&mut choose).map_err(|error| error.to_string())
    }
}
