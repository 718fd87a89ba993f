//! What gets in while a disk worker is at an order, and what it says meanwhile.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use faultline_core::durable::{Fuse, Runner};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

use super::disk::{Open, say};
use super::disk_files::now_ms;
use crate::wire::{DiskOrder, DiskWord, Progress};

/// How long a slice takes at most.
pub(super) const SLICE_MS: f64 = 6.0;
/// How often it says how far it has come.
pub(super) const WORD_EVERY_MS: f64 = 100.0;
/// What can get in while an order is under way.
pub(super) struct Inbox {
    pub(super) orders: RefCell<VecDeque<DiskOrder>>,
    pub(super) is_busy: Cell<bool>,
    pub(super) fuse: Cell<Option<Fuse>>,
    pub(super) is_stopped: Cell<bool>,
    pub(super) store: RefCell<Option<Open>>,
    /// A channel to itself: what is sent queues behind whatever has come in meanwhile.
    channel: [MessagePort; 2],
}

impl Inbox {
    /// Makes an empty one, or none where there are no channels.
    pub(super) fn new() -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        Some(Self {
            orders: RefCell::default(),
            is_busy: Cell::default(),
            fuse: Cell::default(),
            is_stopped: Cell::default(),
            store: RefCell::default(),
            channel: [channel.port1(), channel.port2()],
        })
    }

    /// Lets messages in. `setTimeout` would be held back to 4 ms.
    pub(super) async fn yield_now(&self) {
        let [here, there] = &self.channel;
        let promise = Promise::new(&mut |resolve, _| {
            there.set_onmessage(Some(&resolve));
            let _ = here.post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(promise).await;
    }
}

/// Long work, a step at a time: messages get in between two slices, and now and then it says how far it is.
pub(super) struct Pace<'a> {
    inbox: &'a Inbox,
    end_ms: f64,
    said_ms: f64,
}

impl<'a> Pace<'a> {
    pub(super) fn new(inbox: &'a Inbox) -> Self {
        let now_ms = now_ms();
        Self { inbox, end_ms: now_ms + SLICE_MS, said_ms: now_ms }
    }

    /// Follows each step. Fails if the work is to stop.
    pub(super) async fn step(
        &mut self,
        progress: impl FnOnce() -> Progress,
    ) -> Result<(), Stopped> {
        let at_ms = now_ms();
        if at_ms >= self.end_ms {
            if at_ms - self.said_ms >= WORD_EVERY_MS {
                self.said_ms = at_ms;
                say(&DiskWord::Came(progress()));
            }
            self.inbox.yield_now().await;
            self.end_ms = now_ms() + SLICE_MS;
        }
        if self.inbox.is_stopped.get() { Err(Stopped) } else { Ok(()) }
    }
}

/// The viewer has stopped what was under way.
pub(super) struct Stopped;

pub(super) fn progress(runner: &Runner, percent: Option<u64>) -> Progress {
    Progress {
        written: runner.written(),
        acknowledged: runner.acknowledged(),
        percent: percent.and_then(|it| u8::try_from(it).ok()),
    }
}
