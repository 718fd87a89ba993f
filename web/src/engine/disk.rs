//! A disk worker: runs a row's storage engine on files that this browser keeps.
//!
//! The engine is the one of the row's world; the world knows nothing of this, and a run stays a
//! function of its inputs. Work goes in slices of a few milliseconds, so that an order to stop gets
//! in, and so that a worker that is ended lets go of its files at once. Where the plug is pulled is
//! decided by a fuse in the disk, to the byte, and not by the moment at which a browser ends a
//! worker.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic;
use std::rc::Rc;

use faultline_core::durable::{
    Disk as _, Fuse, Handle, OnDisk, Ordeal, Pool, Runner, SyncEach, conformance, pack, unpack,
};
use faultline_core::scenario::all;
use faultline_core::sim::{FileError, FileSystem as _, Files};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageChannel, MessageEvent, MessagePort};

use super::disk_files::{self, now_ms, scope};
use crate::BUILD;
use crate::wire::{
    DiskOrder, DiskOutcome as Outcome, DiskWord, Examined, FoundOnDisk as Found, Place, Progress,
    Rate, Store,
};

/// How long a slice takes at most.
const SLICE_MS: f64 = 6.0;
/// How often it says how far it has come.
const WORD_EVERY_MS: f64 = 100.0;
/// How long each measurement takes.
const MEASURE_MS: f64 = 500.0;
/// The policies that are measured: sync after each operation, each 10, each 100, never.
const POLICIES: [u32; 4] = [1, 10, 100, 0];
/// Of operations that are lost, so many are named.
const MOST_NAMED: usize = 12;
/// The store on which a browser's files are examined.
const SCRATCH: &str = "scratch";
/// Room on the simulated disk.
const SIMULATED_BYTES: u64 = 64 << 20;

/// A store that is open.
struct Open {
    slug: String,
    on_disk: &'static OnDisk,
    disk: Pool<Box<dyn Handle>>,
    runner: Runner,
    is_in_browser: bool,
    is_copy: bool,
    /// The file whose bytes are shown.
    shown: Option<String>,
}

/// What can get in while an order is under way.
struct Inbox {
    orders: RefCell<VecDeque<DiskOrder>>,
    is_busy: Cell<bool>,
    fuse: Cell<Option<Fuse>>,
    is_stopped: Cell<bool>,
    store: RefCell<Option<Open>>,
    /// A channel to itself: what is sent queues behind whatever has come in meanwhile.
    channel: [MessagePort; 2],
}

/// Begins to serve. Lives as long as the worker.
pub fn run_disk() {
    panic::set_hook(Box::new(|info| say(&DiskWord::Panicked(info.to_string()))));
    let Ok(channel) = MessageChannel::new() else { return };
    let inbox = Rc::new(Inbox {
        orders: RefCell::default(),
        is_busy: Cell::default(),
        fuse: Cell::default(),
        is_stopped: Cell::default(),
        store: RefCell::default(),
        channel: [channel.port1(), channel.port2()],
    });
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

fn say(word: &DiskWord) {
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
        DiskOrder::Open { slug, place, acknowledged, issued } => {
            *store = None;
            let began_ms = now_ms();
            let mut opened =
                Open::open(slug, place).await.map_err(|sentence| refused(&sentence))?;
            let found = opened.found(inbox, (acknowledged, issued), began_ms).await;
            *store = Some(opened);
            found
        }
        DiskOrder::Write { count, sync_each, fuse } => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            if fuse.is_some() {
                inbox.fuse.set(fuse);
            }
            store.write(inbox, count, SyncEach(sync_each)).await?
        }
        DiskOrder::Show(name) => {
            if let Some(store) = store {
                store.shown = Some(name);
            }
            Ok(Outcome::Nothing)
        }
        DiskOrder::Flip(name, offset) => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            let flipped = store.disk.flip(&name, offset, 0);
            store.shown = Some(name);
            flipped.map(|()| Outcome::Nothing).map_err(|error| error.to_string())
        }
        DiskOrder::Take(slug) => take(store.as_ref(), &slug).await.map(Outcome::Taken),
        DiskOrder::Put(bytes) => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            store.put(&bytes).map(|()| Outcome::Nothing)
        }
        DiskOrder::Clear(slug) => {
            *store = None;
            let removed = disk_files::remove(&slug).await;
            removed.map(|()| Outcome::Cleared).map_err(|error| error.to_string())
        }
        DiskOrder::Measure => {
            let Some(store) = store else { return Ok(Err(NOT_OPEN.into())) };
            store.measure(inbox).await.map(Outcome::Measured)
        }
        DiskOrder::Examine { slug, kills } => {
            let examined = examine(inbox, &slug, kills).await;
            // What it was made of is of no use any more; if it stays, the next one clears it.
            let _ = disk_files::remove(SCRATCH).await;
            examined.map(Outcome::Examined)
        }
        DiskOrder::Pull(_) | DiskOrder::Stop => Ok(Outcome::Nothing),
    })
}

const NOT_OPEN: &str = "No store is open here.";

fn refused(sentence: &str) -> DiskWord {
    let is_locked = sentence == FileError::Locked.to_string();
    DiskWord::Refused { sentence: sentence.to_owned(), is_locked }
}

fn on_disk(slug: &str) -> Result<&'static OnDisk, String> {
    let row = all().find(|row| row.slug == slug).and_then(|row| row.on_disk);
    row.ok_or_else(|| "This scenario keeps nothing on a disk.".to_owned())
}

/// Returns how many handles an engine's pool has: two more for the names.
fn handles_of(on_disk: &OnDisk) -> usize {
    usize::from(on_disk.files) + 2
}

impl Open {
    /// Opens a store, and lets its engine come up.
    async fn open(slug: String, place: Place) -> Result<Self, String> {
        let on_disk = on_disk(&slug)?;
        let count = handles_of(on_disk);
        let say_wait = || say(&DiskWord::Waits);
        let (handles, is_in_browser) = match place {
            Place::Copy => (disk_files::read(&slug, count).await.map(disk_files::in_memory), false),
            Place::Browser => match disk_files::open(&slug, count, say_wait).await {
                // Nothing is kept then, and the page says so.
                Err(FileError::Unavailable) => {
                    (Ok(disk_files::in_memory(vec![Vec::new(); count])), false)
                }
                handles => (handles, true),
            },
        };
        let opened = handles.and_then(|handles| Pool::open(handles, on_disk.format));
        let mut disk = opened.map_err(|error| error.to_string())?;
        let runner = Runner::open(on_disk, &mut disk, SyncEach::default())?;
        let is_copy = place == Place::Copy;
        Ok(Self { slug, on_disk, disk, runner, is_in_browser, is_copy, shown: None })
    }

    /// Compares what is there with what was promised.
    async fn found(
        &mut self,
        inbox: &Inbox,
        (acknowledged, issued): (u64, u64),
        began_ms: f64,
    ) -> Result<Outcome, String> {
        let took_ms = now_ms() - began_ms;
        let mut tally = self.runner.tally(acknowledged, issued);
        loop {
            let end_ms = now_ms() + SLICE_MS;
            while now_ms() < end_ms {
                if !self.runner.count(&self.disk, &mut tally)? {
                    let named = |numbers: &[u64]| {
                        let numbers = numbers.iter().take(MOST_NAMED);
                        numbers.map(|number| (self.on_disk.sentence)(*number)).collect()
                    };
                    let (lost, wrong) = (named(&tally.lost), named(&tally.wrong));
                    return Ok(Outcome::Found(Found { tally, lost, wrong, took_ms }));
                }
            }
            inbox.yield_now().await;
        }
    }

    fn progress(&self, percent: Option<u64>) -> Progress {
        Progress {
            written: self.runner.written(),
            acknowledged: self.runner.acknowledged(),
            percent: percent.and_then(|it| u8::try_from(it).ok()),
        }
    }

    async fn write(&mut self, inbox: &Inbox, count: Option<u64>, each: SyncEach) -> Done {
        if self.is_copy {
            return Ok(Err("This is a copy to look at: nothing is written to it.".into()));
        }
        self.runner.sync_each(each);
        let (began_ms, first) = (now_ms(), self.runner.written());
        let mut said_ms = began_ms;
        loop {
            let fuse = inbox.fuse.take();
            if let Some(fuse) = fuse {
                self.disk.arm(fuse);
            }
            let end_ms = now_ms() + SLICE_MS;
            while now_ms() < end_ms {
                let done = self.runner.written() - first;
                if count.is_some_and(|count| done >= count) || inbox.is_stopped.get() {
                    let took_ms = now_ms() - began_ms;
                    return Ok(Ok(Outcome::Wrote { count: done, took_ms }));
                }
                if let Err(sentence) = self.runner.operate(&mut self.disk) {
                    if let Some(fuse) = self.disk.cut_at() {
                        return Err(DiskWord::Dead(self.progress(None), fuse));
                    }
                    return Ok(Err(sentence));
                }
            }
            if now_ms() - said_ms >= WORD_EVERY_MS {
                said_ms = now_ms();
                let percent = |count: u64| (self.runner.written() - first) * 100 / count.max(1);
                say(&DiskWord::Came(self.progress(count.map(percent))));
            }
            inbox.yield_now().await;
        }
    }

    /// Puts another store in the place of this one, if it is one.
    fn put(&mut self, bytes: &[u8]) -> Result<(), String> {
        let images = unpack(&self.slug, bytes)?;
        // It is opened elsewhere first: what cannot be opened replaces nothing.
        let copy = Pool::open(disk_files::in_memory(images.clone()), self.on_disk.format);
        let mut copy = copy.map_err(|error| error.to_string())?;
        Runner::open(self.on_disk, &mut copy, SyncEach::default())?;
        self.disk.replace(&images).map_err(|error| error.to_string())?;
        self.runner = Runner::open(self.on_disk, &mut self.disk, SyncEach::default())?;
        self.shown = None;
        Ok(())
    }

    fn view(&self) -> Store {
        let length = |name: String| {
            let file = self.disk.open(&name).ok()?;
            let length = self.disk.len_bytes(file).ok()?;
            Some((name, length))
        };
        let written = self.runner.written();
        Store {
            is_in_browser: self.is_in_browser,
            is_copy: self.is_copy,
            written,
            acknowledged: self.runner.acknowledged(),
            next: (self.on_disk.sentence)(written + 1),
            files: self.disk.names().into_iter().filter_map(length).collect(),
            shown: self.shown.as_ref().and_then(|name| self.disk.picture(name).ok()),
        }
    }

    /// Measures each policy on a simulated disk and on the store's own files.
    async fn measure(&mut self, inbox: &Inbox) -> Result<Vec<Rate>, String> {
        let mut rates = Vec::new();
        for sync_each in POLICIES {
            let mut disk = Files::with_limits(u32::from(self.on_disk.files), SIMULATED_BYTES);
            let mut runner = Runner::open(self.on_disk, &mut disk, SyncEach(sync_each))?;
            let mut simulated = || runner.operate(&mut disk);
            let simulated = rate(inbox, &mut simulated).await?;
            self.runner.sync_each(SyncEach(sync_each));
            let real = rate(inbox, &mut || self.runner.operate(&mut self.disk)).await?;
            rates.push(Rate { sync_each, simulated, real });
            say(&DiskWord::Came(self.progress(Some(rates.len() as u64 * 100 / 4))));
        }
        self.runner.sync(&mut self.disk)?;
        Ok(rates)
    }
}

/// Returns how many operations a second there are, of the time that they take themselves.
async fn rate(
    inbox: &Inbox,
    operate: &mut dyn FnMut() -> Result<(), String>,
) -> Result<f64, String> {
    let (mut count, mut busy_ms) = (0.0, 0.0);
    while busy_ms < MEASURE_MS && !inbox.is_stopped.get() {
        let began_ms = now_ms();
        while now_ms() < began_ms + SLICE_MS {
            operate()?;
            count += 1.0;
        }
        busy_ms += now_ms() - began_ms;
        inbox.yield_now().await;
    }
    Ok(count * 1_000.0 / f64::max(busy_ms, 1.0))
}

/// Returns a row's store as the bytes of one file.
async fn take(store: Option<&Open>, slug: &str) -> Result<Vec<u8>, String> {
    let images = match store {
        Some(store) => store.disk.images(),
        None => disk_files::read(slug, handles_of(on_disk(slug)?)).await,
    };
    images.map(|images| pack(slug, images)).map_err(|error| error.to_string())
}

/// Checks what disks and engines must do on files of this browser.
async fn examine(inbox: &Inbox, slug: &str, kills: u32) -> Result<Examined, String> {
    let on_disk = on_disk(slug)?;
    let say_error = |error: FileError| error.to_string();
    disk_files::remove(SCRATCH).await.map_err(say_error)?;
    let handles = disk_files::open(SCRATCH, handles_of(on_disk), || {}).await;
    let opened = handles.and_then(|handles| Pool::open(handles, on_disk.format));
    let mut disk = opened.map_err(say_error)?;
    let properties = conformance::check_all(&mut disk, u32::from(on_disk.files))?;
    let mut ordeal = Ordeal::new(1);
    let mut said_ms = now_ms();
    while ordeal.kills < kills && !inbox.is_stopped.get() {
        ordeal.round(on_disk, &mut disk)?;
        if now_ms() - said_ms >= WORD_EVERY_MS {
            said_ms = now_ms();
            let percent = u8::try_from(ordeal.kills * 100 / kills.max(1)).ok();
            let (written, acknowledged) = (ordeal.acknowledged, ordeal.acknowledged);
            say(&DiskWord::Came(Progress { written, acknowledged, percent }));
        }
        inbox.yield_now().await;
    }
    let properties = u32::try_from(properties).unwrap_or(u32::MAX);
    Ok(Examined { properties, kills: ordeal.kills, acknowledged: ordeal.acknowledged })
}

impl Inbox {
    /// Lets messages in. `setTimeout` would be held back to 4 ms.
    async fn yield_now(&self) {
        let [here, there] = &self.channel;
        let promise = Promise::new(&mut |resolve, _| {
            there.set_onmessage(Some(&resolve));
            let _ = here.post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(promise).await;
    }
}
