//! What a disk worker finds out about disks and engines: how fast they are, and whether they do what
//! they must.

use faultline_core::durable::{
    Disk, Handle, OnDisk, Ordeal, Pool, Runner, Survived, SyncEach, conformance,
};
use faultline_core::sim::{FileError, Files};

use super::disk::{handles_of, on_disk, say};
use super::disk_files::{self, now_ms};
use super::disk_inbox::{Inbox, SLICE_MS, WORD_EVERY_MS};
use crate::wire::{DiskWord, Examined, Progress, ROUNDS, Rate};

/// How long each round of a measurement takes. Another program may take the processor for a while: so there
/// are several, all policies in turn, and the median counts.
const ROUND_MS: f64 = 100.0;
/// The policies that are measured: sync after each operation, each 10, each 100, never.
const POLICIES: [u32; 4] = [1, 10, 100, 0];
/// The store on which a browser's files are measured and examined.
const SCRATCH: &str = "scratch";
/// Room on the simulated disk.
const SIMULATED_BYTES: u64 = 64 << 20;

/// Measures each policy on a simulated disk, and on files of this browser that are its own; in a window that
/// has none, in memory. None if it is stopped: what is not measured to the end is no figure.
pub(super) async fn measure(inbox: &Inbox, slug: &str) -> Result<Option<Vec<Rate>>, String> {
    let measured = measure_scratch(inbox, slug).await;
    let _ = disk_files::remove(SCRATCH).await;
    measured
}

async fn measure_scratch(inbox: &Inbox, slug: &str) -> Result<Option<Vec<Rate>>, String> {
    let on_disk = on_disk(slug)?;
    let in_words = |error: FileError| error.to_string();
    let mut files = match scratch(on_disk).await {
        Err(FileError::Unavailable) => {
            let images = vec![Vec::new(); handles_of(on_disk)];
            Pool::open(disk_files::in_memory(images), on_disk.format)
        }
        opened => opened,
    }
    .map_err(in_words)?;
    let nothing = files.images().map_err(in_words)?;
    let mut rounds = [const { [Vec::new(), Vec::new()] }; POLICIES.len()];
    for round in 0..ROUNDS {
        for (place, each) in POLICIES.into_iter().enumerate() {
            let mut disk = Files::with_limits(u32::from(on_disk.files), SIMULATED_BYTES);
            let Some(simulated) = rate_on(inbox, on_disk, &mut disk, SyncEach(each)).await? else {
                return Ok(None);
            };
            // Each round begins with nothing on both: what one policy leaves to do is no other's burden.
            files.replace(&nothing).map_err(in_words)?;
            let Some(real) = rate_on(inbox, on_disk, &mut files, SyncEach(each)).await? else {
                return Ok(None);
            };
            let [of_simulated, of_files] = &mut rounds[place];
            of_simulated.push(simulated);
            of_files.push(real);
            let done = (round * POLICIES.len() + place + 1) * 100;
            let percent = u8::try_from(done / (ROUNDS * POLICIES.len())).ok();
            say(&DiskWord::Came(Progress { percent, ..Progress::default() }));
        }
    }
    let rate = |(sync_each, of): (u32, [Vec<f64>; 2])| {
        let [simulated, real] = of.map(median);
        Rate { sync_each, simulated, real }
    };
    Ok(Some(POLICIES.into_iter().zip(rounds).map(rate).collect()))
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// Opens files of its own, with nothing in them.
async fn scratch(on_disk: &OnDisk) -> Result<Pool<Box<dyn Handle>>, FileError> {
    disk_files::remove(SCRATCH).await?;
    let handles = disk_files::open(SCRATCH, handles_of(on_disk), || {}).await?;
    Pool::open(handles, on_disk.format)
}

/// Returns how many operations a second a new engine does on an empty disk, of the time that they take
/// themselves; none if it is stopped.
async fn rate_on(
    inbox: &Inbox,
    on_disk: &'static OnDisk,
    disk: &mut dyn Disk,
    sync_each: SyncEach,
) -> Result<Option<f64>, String> {
    let mut runner = Runner::open(on_disk, disk, sync_each)?;
    let (mut count, mut busy_ms) = (0.0, 0.0);
    while busy_ms < ROUND_MS {
        if inbox.is_stopped.get() {
            return Ok(None);
        }
        let began_ms = now_ms();
        while now_ms() < began_ms + SLICE_MS {
            runner.operate(disk)?;
            count += 1.0;
        }
        busy_ms += now_ms() - began_ms;
        inbox.yield_now().await;
    }
    Ok(Some(count * 1_000.0 / f64::max(busy_ms, 1.0)))
}

/// Checks what disks and engines must do on files of this browser.
pub(super) async fn examine(inbox: &Inbox, slug: &str, kills: u32) -> Result<Examined, String> {
    let examined = examine_scratch(inbox, slug, kills).await;
    // What it was made of is of no use any more; if it stays, the next one clears it.
    let _ = disk_files::remove(SCRATCH).await;
    examined
}

async fn examine_scratch(inbox: &Inbox, slug: &str, kills: u32) -> Result<Examined, String> {
    let on_disk = on_disk(slug)?;
    let mut disk = scratch(on_disk).await.map_err(|error| error.to_string())?;
    let properties = conformance::check_all(&mut disk, u32::from(on_disk.files))?;
    let mut ordeal = Ordeal::new(1);
    let mut said_ms = now_ms();
    while ordeal.so_far().kills < kills && !inbox.is_stopped.get() {
        ordeal.round(on_disk, &mut disk)?;
        if now_ms() - said_ms >= WORD_EVERY_MS {
            said_ms = now_ms();
            let so_far = ordeal.so_far();
            let percent = u8::try_from(so_far.kills * 100 / kills.max(1)).ok();
            let acknowledged = so_far.acknowledged;
            say(&DiskWord::Came(Progress { written: acknowledged, acknowledged, percent }));
        }
        inbox.yield_now().await;
    }
    let properties = u32::try_from(properties).unwrap_or(u32::MAX);
    let Survived { kills, kills_in_recovery, acknowledged } = ordeal.end(on_disk, &mut disk)?;
    let looked_up = on_disk.looked_up.to_owned();
    Ok(Examined { properties, kills, kills_in_recovery, acknowledged, looked_up })
}
