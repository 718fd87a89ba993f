//! A disk worker: runs a row's storage engine on files that this browser keeps.
//!
//! The engine is the one of the row's world; the world knows nothing of this, and a run stays a
//! function of its inputs. Work goes in slices of a few milliseconds, so that an order to stop gets
//! in, and so that a worker that is ended lets go of its files at once. Where the plug is pulled is
//! decided by a fuse in the disk, to the byte, and not by the moment at which a browser ends a
//! worker.

use std::panic;
use std::rc::Rc;

use faultline_core::durable::{
    Cut, Disk as _, Handle, OnDisk, Pool, Runner, SyncEach, pack, unpack,
};
use faultline_core::scenario::all;
use faultline_core::sim::files::SECTOR_BYTES;
use faultline_core::sim::{FileError, FileSystem as _};
use faultline_core::view::SectorState;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use super::disk_files::{self, now_ms, scope};
use super::disk_inbox::{Inbox, Pace, SLICE_MS, Stopped, WORD_EVERY_MS, progress};
use super::disk_trials;
use crate::BUILD;
use crate::wire::{
    Bit, DiskEngine, DiskOrder, DiskOutcome as Outcome, DiskWord, FoundOnDisk as Found, Place,
    Progress, Shown, Store,
};

/// Of operations that are lost, so many are named.
const MOST_NAMED: usize = 12;

/// How an engine was ended.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Ended {
    /// The plug was pulled: the disk is a copy of what that left.
    Killed,
    /// It was stopped before all was found.
    Stopped,
}

/// A store that is open.
pub(super) struct Open {
    slug: String,
    pub(super) on_disk: &'static OnDisk,
    pub(super) disk: Pool<Box<dyn Handle>>,
    /// None if the engine does not come up, or was killed.
    pub(super) runner: Option<Runner>,
    is_in_browser: bool,
    is_copy: bool,
    /// How the viewer has ended the engine, if at all.
    ended: Option<Ended>,
    /// The last operation that was carried out whole.
    whole: u64,
    /// The file whose bytes are shown, unless it is gone, and from which sector on.
    shown: Option<(String, Option<u32>)>,
}

/// Begins to serve. Lives as long as the worker.
pub fn run_disk() {
    panic::set_hook(Box::new(|info| say(&DiskWord::Panicked(info.to_string()))));
    let Some(inbox) = Inbox::new().map(Rc::new) else { return };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let bytes = Uint8Array::new(&event.data()).to_vec();
        match postcard::from_bytes(&bytes) {
            Ok(DiskOrder::Pull(fuse)) => inbox.fuse.set(Some(fuse)),
            Ok(DiskOrder::Stop) => inbox.is_stopped.set(true),
            Ok(order) => {
                inbox.orders.borrow_mut().push_back(order);
                if !inbox.is_busy.replace(true) {
                    spawn_local(serve(Rc::clone(&inbox)));
                }
            }
            Err(_) => say(&DiskWord::Panicked("it got an order that it cannot read".into())),
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    say(&DiskWord::Hello { build: BUILD.into() });
}

pub(super) fn say(word: &DiskWord) {
    let bytes = postcard::to_allocvec(word).unwrap_or_default();
    let _ = scope().post_message(&Uint8Array::from(bytes.as_slice()).buffer());
}

/// Does what is asked, one order after the other.
async fn serve(inbox: Rc<Inbox>) {
    loop {
        let order = inbox.orders.borrow_mut().pop_front();
        let Some(order) = order else { break };
        inbox.fuse.set(None);
        inbox.is_stopped.set(false);
        let mut store = inbox.store.borrow_mut().take();
        let word = match carry_out(&inbox, &mut store, order).await {
            Ok(Ok(outcome)) => DiskWord::Done(store.as_ref().map(Open::view), outcome),
            Ok(Err(sentence)) => DiskWord::Failed(store.as_ref().map(Open::view), sentence),
            Err(word) => word,
        };
        inbox.store.replace(store);
        say(&word);
    }
    inbox.is_busy.set(false);
}

/// What came of an order, or a sentence; or a word that says all.
type Done = Result<Result<Outcome, String>, DiskWord>;

async fn carry_out(inbox: &Inbox, store: &mut Option<Open>, order: DiskOrder) -> Done {
    Ok(match order {
        DiskOrder::Open { slug, place, acknowledged, issued, shown, flipped } => {
            let left = store.take().and_then(|store| store.left(&slug));
            let (is_left, began_ms) = (left.is_some(), now_ms());
            let opened = Open::open(slug, place, left).await;
            let opened = store.insert(opened.map_err(|sentence| refused(sentence, None))?);
            opened.shown = shown;
            if let Err(sentence) = opened.come_up(inbox).await {
                let is_stopped = opened.ended == Some(Ended::Stopped);
                let store = opened.view();
                return if is_stopped {
                    Ok(Err(sentence))
                } else {
                    Err(refused(sentence, Some(store)))
                };
            }
            // What was promised elsewhere, nobody expects of new files in memory.
            let is_expected = opened.is_in_browser || opened.is_copy || is_left;
            let told = if is_expected { (acknowledged, issued) } else { (0, 0) };
            match opened.found(inbox, told, began_ms).await {
                Ok(mut found) => {
                    found.flipped = opened.still_flipped(flipped);
                    Ok(Outcome::Found(Box::new(found)))
                }
                Err(Stopped) => Err(opened.stopped()),
            }
        }
        DiskOrder::Write { count, sync_each, fuse } => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            if fuse.is_some() {
                inbox.fuse.set(fuse);
            }
            store.write(inbox, count, SyncEach(sync_each)).await?
        }
        DiskOrder::Show { file, from } => {
            if let Some(store) = store {
                store.shown = Some((file, from));
            }
            Ok(Outcome::Nothing)
        }
        DiskOrder::Flip(bit) => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            store.flip(bit)
        }
        DiskOrder::Take(slug) => take(store.as_ref(), &slug).await.map(Outcome::Taken),
        DiskOrder::Put(bytes) => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            store.put(inbox, &bytes).await.map(|()| Outcome::Put)
        }
        DiskOrder::Clear(slug) => {
            *store = None;
            match disk_files::remove(&slug).await {
                // Without files it was in memory, and is gone with its store.
                Ok(()) | Err(FileError::Unavailable) => {}
                Err(error) => return Ok(Err(error.to_string())),
            }
            let opened = Open::open(slug, Place::Browser, None).await;
            let opened = store.insert(opened.map_err(|sentence| refused(sentence, None))?);
            opened.come_up(inbox).await.map(|()| Outcome::Cleared)
        }
        DiskOrder::Measure(slug) => {
            let measured = disk_trials::measure(inbox, &slug).await;
            measured.map(|rates| rates.map_or(Outcome::Stopped, Outcome::Measured))
        }
        DiskOrder::Examine { slug, kills } => {
            disk_trials::examine(inbox, &slug, kills).await.map(Outcome::Examined)
        }
        DiskOrder::Pull(_) | DiskOrder::Stop => Ok(Outcome::Nothing),
    })
}

const NOT_OPEN: &str = "No store is open here.";
const NOT_UP: &str = "The engine of this store is not up: recover first.";
const STOPPED: &str = "Stopped, and not all was looked up: recover to begin again.";
const COPY: &str = "This is a copy to look at: nothing is written to it.";

fn refused(sentence: String, store: Option<Store>) -> DiskWord {
    let is_locked = sentence == FileError::Locked.to_string();
    DiskWord::Refused { sentence, is_locked, store }
}

pub(super) fn on_disk(slug: &str) -> Result<&'static OnDisk, String> {
    let row = all().find(|row| row.slug == slug).and_then(|row| row.on_disk);
    row.ok_or_else(|| "This scenario keeps nothing on a disk.".to_owned())
}

/// Returns how many handles an engine's pool has: two more for the names.
pub(super) fn handles_of(on_disk: &OnDisk) -> usize {
    usize::from(on_disk.files) + 2
}

impl Open {
    /// Returns what this one leaves for the next of the same row, if nothing but memory has it.
    fn left(self, slug: &str) -> Option<Vec<Vec<u8>>> {
        let is_its_own = self.slug == slug && !self.is_in_browser && !self.is_copy;
        if is_its_own { self.disk.images().ok() } else { None }
    }

    /// Opens the files of a store. In a window that has none, they are what was `left` in memory,
    /// or new.
    async fn open(slug: String, place: Place, left: Option<Vec<Vec<u8>>>) -> Result<Self, String> {
        let on_disk = on_disk(&slug)?;
        let count = handles_of(on_disk);
        let say_wait = || say(&DiskWord::Waits);
        let (handles, is_in_browser) = match place {
            Place::Copy => (disk_files::read(&slug, count).await.map(disk_files::in_memory), false),
            Place::Browser => match disk_files::open(&slug, count, say_wait).await {
                // Nothing outlives this worker then, and the page says so.
                Err(FileError::Unavailable) => {
                    let images = left.unwrap_or_else(|| vec![Vec::new(); count]);
                    (Ok(disk_files::in_memory(images)), false)
                }
                handles => (handles, true),
            },
        };
        let opened = handles.and_then(|handles| Pool::open(handles, on_disk.format));
        Ok(Self {
            slug,
            on_disk,
            disk: opened.map_err(|error| error.to_string())?,
            runner: None,
            is_in_browser,
            is_copy: place == Place::Copy,
            ended: None,
            whole: 0,
            shown: None,
        })
    }

    /// Lets the engine come up on what is there.
    async fn come_up(&mut self, inbox: &Inbox) -> Result<(), String> {
        self.runner = None;
        match come_up(inbox, self.on_disk, &mut self.disk).await? {
            Ok(runner) => self.runner = Some(runner),
            Err(Stopped) => return Err(self.stopped()),
        }
        Ok(())
    }

    /// What is found in part only is not told: what was promised is kept in mind until all is looked up.
    fn stopped(&mut self) -> String {
        (self.runner, self.ended) = (None, Some(Ended::Stopped));
        STOPPED.into()
    }

    /// Compares what is there with what was promised.
    async fn found(
        &mut self,
        inbox: &Inbox,
        (acknowledged, issued): (u64, u64),
        began_ms: f64,
    ) -> Result<Found, Stopped> {
        let mut found = Found { took_ms: now_ms() - began_ms, ..Found::default() };
        let Some(runner) = &mut self.runner else { return Err(Stopped) };
        let mut tally = runner.tally(acknowledged, issued);
        let mut pace = Pace::new(inbox);
        loop {
            let number = tally.next;
            match runner.count(&self.disk, &mut tally) {
                Ok(true) => {}
                Ok(false) => break,
                Err(sentence) => {
                    found.unreadable += u64::from(number <= acknowledged);
                    found.why_unreadable.get_or_insert(sentence);
                }
            }
            let all = (tally.issued + 1 - tally.first).max(1);
            let percent = (number - tally.first) * 100 / all;
            pace.step(|| progress(runner, Some(percent))).await?;
        }
        let named = |numbers: &[u64]| {
            let numbers = numbers.iter().take(MOST_NAMED);
            numbers.map(|number| (self.on_disk.sentence)(*number)).collect()
        };
        (found.lost, found.wrong) = (named(&tally.lost), named(&tally.wrong));
        let [looked_up, older] = [self.on_disk.looked_up, self.on_disk.older].map(str::to_owned);
        Ok(Found { mended: runner.mended(), looked_up, older, tally, ..found })
    }

    /// Returns those bits whose bytes are still what they were when they were flipped.
    fn still_flipped(&self, flipped: Vec<(Bit, u8)>) -> Vec<Bit> {
        let is_still = |(bit, byte): &(Bit, u8)| {
            let mut now = [0];
            let file = self.disk.open(&bit.file);
            let read = file.and_then(|file| self.disk.read_at(file, bit.offset, &mut now));
            read == Ok(1) && now == [*byte]
        };
        flipped.into_iter().filter(is_still).map(|(bit, _)| bit).collect()
    }

    async fn write(&mut self, inbox: &Inbox, count: Option<u64>, each: SyncEach) -> Done {
        if self.is_copy {
            return Ok(Err(COPY.into()));
        }
        let written = self.write_on(inbox, count, each).await;
        if let Some(cut) = self.disk.cut_at() {
            return Err(self.killed(cut));
        }
        // A plug that had time left stays in: it was not meant for another order.
        self.disk.arm(None);
        Ok(written)
    }

    /// The engine is gone, and a copy of what lies on the disk is all that can be looked at.
    fn killed(&mut self, cut: Cut) -> DiskWord {
        let acknowledged = self.runner.take().map_or(0, |runner| runner.acknowledged());
        // The one that was under way is not among those that were written.
        let written = self.whole.max(acknowledged);
        (self.ended, self.shown) = (Some(Ended::Killed), None);
        match self.disk.remains(disk_files::holding) {
            Ok(remains) => self.disk = remains,
            Err(error) => return refused(error.to_string(), None),
        }
        DiskWord::Dead(self.view(), Progress { written, acknowledged, percent: None }, cut)
    }

    async fn write_on(
        &mut self,
        inbox: &Inbox,
        count: Option<u64>,
        each: SyncEach,
    ) -> Result<Outcome, String> {
        let Some(runner) = &mut self.runner else { return Err(NOT_UP.into()) };
        runner.sync_each(&mut self.disk, each)?;
        let (began_ms, first) = (now_ms(), runner.written());
        let mut said_ms = began_ms;
        self.whole = first;
        loop {
            let fuse = inbox.fuse.take();
            if fuse.is_some() {
                self.disk.arm(fuse);
            }
            let end_ms = now_ms() + SLICE_MS;
            while now_ms() < end_ms {
                let done = runner.written() - first;
                if count.is_some_and(|count| done >= count) || inbox.is_stopped.get() {
                    let took_ms = now_ms() - began_ms;
                    return Ok(Outcome::Wrote { count: done, took_ms });
                }
                // What is left to do of those before may take longer than a slice.
                if runner.rest_some(&mut self.disk)? {
                    continue;
                }
                runner.operate(&mut self.disk)?;
                self.whole = runner.written();
            }
            if now_ms() - said_ms >= WORD_EVERY_MS {
                said_ms = now_ms();
                let percent = |count: u64| (runner.written() - first) * 100 / count.max(1);
                say(&DiskWord::Came(progress(runner, count.map(percent))));
            }
            inbox.yield_now().await;
        }
    }

    fn flip(&mut self, bit: Bit) -> Result<Outcome, String> {
        if self.is_copy || self.ended == Some(Ended::Killed) {
            return Err(COPY.into());
        }
        let flipped = self.disk.flip(&bit.file, bit.offset, bit.bit);
        let from = self.shown.take().and_then(|(file, from)| from.filter(|_| file == bit.file));
        self.shown = Some((bit.file.clone(), from));
        flipped.map(|byte| Outcome::Flipped(bit, byte)).map_err(|error| error.to_string())
    }

    /// Puts another store in the place of this one, if it is one and has room; else nothing is
    /// changed.
    async fn put(&mut self, inbox: &Inbox, bytes: &[u8]) -> Result<(), String> {
        let images = unpack(&self.slug, bytes)?;
        if self.is_copy || self.ended == Some(Ended::Killed) {
            return Err(COPY.into());
        }
        // It is opened elsewhere first: what cannot be opened replaces nothing.
        let copy = Pool::open(disk_files::in_memory(images.clone()), self.on_disk.format);
        let mut copy = copy.map_err(|error| error.to_string())?;
        if come_up(inbox, self.on_disk, &mut copy).await?.is_err() {
            return Err("Stopped: the store is as it was before.".into());
        }
        let as_before = |sentence: String| format!("{sentence} The store is as it was before.");
        let before = self.disk.images().map_err(|error| error.to_string())?;
        self.disk.replace(&images).map_err(|error| as_before(error.to_string()))?;
        if let Err(sentence) = self.come_up(inbox).await {
            // There is room for its files, and not for what the engine does when it comes up.
            self.disk.replace(&before).map_err(|error| error.to_string())?;
            // This is not stopped.
            inbox.is_stopped.set(false);
            self.ended = None;
            self.come_up(inbox).await?;
            return Err(as_before(sentence));
        }
        Ok(())
    }

    fn view(&self) -> Store {
        let length = |name: String| {
            let file = self.disk.open(&name).ok()?;
            let length = self.disk.len_bytes(file).ok()?;
            Some((name, length))
        };
        let files: Vec<_> = self.disk.names().into_iter().filter_map(length).collect();
        let picture = |name: &String, from: Option<u32>| {
            let (first, sectors) = self.disk.picture(name, from).ok()?;
            let (_, length) = files.iter().find(|(it, _)| it == name)?;
            Some(Shown { first, sectors, all: length.div_ceil(SECTOR_BYTES as u64) })
        };
        // Else the first in which something is not flushed, or the first in which anything is.
        let is_cached = |shown: &Shown| {
            shown.sectors.sectors.iter().any(|sector| sector.state == SectorState::Cached)
        };
        let others = || {
            let mut all = files.iter().filter_map(|(name, _)| picture(name, None));
            let cached = all.clone().find(is_cached);
            let is_any = |shown: &Shown| {
                let bytes = shown.sectors.sectors.iter().flat_map(|sector| &sector.bytes);
                bytes.into_iter().any(|byte| *byte != 0)
            };
            cached.or_else(|| all.find(is_any))
        };
        Store {
            is_in_browser: self.is_in_browser,
            is_copy: self.is_copy,
            engine: self.engine(),
            shown: self
                .shown
                .as_ref()
                .and_then(|(name, from)| picture(name, *from))
                .or_else(others),
            files: files.clone(),
        }
    }

    fn engine(&self) -> DiskEngine {
        match &self.runner {
            Some(runner) => DiskEngine::Up {
                written: runner.written(),
                acknowledged: runner.acknowledged(),
                next: (self.on_disk.sentence)(runner.written() + 1),
            },
            None => match self.ended {
                Some(Ended::Killed) => DiskEngine::Killed,
                Some(Ended::Stopped) => DiskEngine::Stopped,
                None => DiskEngine::Refused,
            },
        }
    }
}

/// Lets an engine come up on a disk; its syncs are ended one by one, unless it is stopped before.
async fn come_up(
    inbox: &Inbox,
    on_disk: &'static OnDisk,
    disk: &mut Pool<Box<dyn Handle>>,
) -> Result<Result<Runner, Stopped>, String> {
    let mut runner = Runner::begin(on_disk, disk, SyncEach::default())?;
    let mut pace = Pace::new(inbox);
    while runner.rest_some(disk)? {
        if let Err(stopped) = pace.step(|| progress(&runner, None)).await {
            return Ok(Err(stopped));
        }
    }
    runner.up().map(Ok)
}

/// Returns a row's store as the bytes of one file.
async fn take(store: Option<&Open>, slug: &str) -> Result<Vec<u8>, String> {
    let images = match store {
        Some(store) => store.disk.images(),
        None => disk_files::read(slug, handles_of(on_disk(slug)?)).await,
    };
    images.map(|images| pack(slug, images)).map_err(|error| error.to_string())
}
