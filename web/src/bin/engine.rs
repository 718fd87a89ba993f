//! The engine worker: hands the page's commands to a [`Session`] and posts what it answers.
//!
//! Long work is done in slices of a few milliseconds. Between two slices the worker sends itself a
//! message, which queues behind whatever the page has sent meanwhile: that is how a cancellation
//! gets in. (`setTimeout` would do, were it not held back to 4 ms.)

use std::cell::{Cell, RefCell};
use std::panic;
use std::rc::Rc;

use faultline_web::BUILD;
use faultline_web::engine::{Letter, Session, Voice, carry_out, last_good_us, run_disk};
use faultline_web::wire::{Command, DISK, HUNTER, Order, Update, Word};
use js_sys::WebAssembly::Memory;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};

/// How long a slice takes at most. A command never waits longer than this and one event.
const SLICE_MS: f64 = 6.0;
/// How often a search says how far it has come.
const WORD_EVERY_MS: f64 = 250.0;

fn main() {
    match scope().name().as_str() {
        HUNTER => return hunt(),
        DISK => return run_disk(),
        _ => {}
    }
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        post(&Letter::Panicked { text, at_us: last_good_us() });
    }));
    if let Err(error) = Worker::start() {
        panic::panic_any(format!("the worker could not start: {error:?}"));
    }
}

/// Searches instead of owning a run: does one order after the other, each in one go. Whoever wants it to
/// stop ends the worker.
fn hunt() {
    panic::set_hook(Box::new(|info| say(&Word::Panicked(info.to_string()))));
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let bytes = Uint8Array::new(&event.data()).to_vec();
        let Ok(order) = postcard::from_bytes::<Order>(&bytes) else {
            return say(&Word::Failed(
                "The search worker got a message that it cannot read.".into(),
            ));
        };
        let mut said_ms = now_ms();
        let mut is_due = || {
            let is_due = now_ms() - said_ms >= WORD_EVERY_MS;
            if is_due {
                said_ms = now_ms();
            }
            is_due
        };
        let mut say = |word| say(&word);
        let memory_bytes = &memory_bytes;
        carry_out(&order, &mut Voice { say: &mut say, is_due: &mut is_due, memory_bytes });
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    say(&Word::Hello { build: BUILD.into() });
}

/// Returns how much memory this worker's module has taken.
fn memory_bytes() -> u64 {
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: ArrayBuffer = memory.buffer().unchecked_into();
    buffer.byte_length().into()
}

/// Says something to whoever gave the order.
fn say(word: &Word) {
    // Serialising plain data into a growing buffer has no way to fail.
    post_bytes(&postcard::to_allocvec(word).unwrap_or_default());
}

/// The worker's own state, shared by its two handlers.
struct Worker {
    session: RefCell<Session>,
    /// How many commands have come in.
    taken_in: Cell<u32>,
    /// Whether a slice is on its way through the channel.
    is_working: Cell<bool>,
    /// A message sent here comes back as the next slice.
    next_slice: MessagePort,
}

impl Worker {
    fn start() -> Result<(), JsValue> {
        let channel = MessageChannel::new()?;
        let worker = Rc::new(Self {
            session: RefCell::new(Session::default()),
            taken_in: Cell::new(0),
            is_working: Cell::new(false),
            next_slice: channel.port2(),
        });
        let slicer = Rc::clone(&worker);
        let on_slice = Closure::<dyn Fn()>::new(move || slicer.work());
        channel.port1().set_onmessage(Some(on_slice.as_ref().unchecked_ref()));
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event| worker.take_in(&event));
        scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // Both live as long as the worker.
        on_slice.forget();
        on_message.forget();
        post_updates(vec![Update::Hello { build: BUILD.into() }]);
        Ok(())
    }

    /// Takes in one command.
    fn take_in(&self, event: &MessageEvent) {
        self.taken_in.set(self.taken_in.get().wrapping_add(1));
        let bytes = Uint8Array::new(&event.data()).to_vec();
        let Ok(command) = postcard::from_bytes::<Command>(&bytes) else {
            post_updates(vec![Update::Failed(
                "The engine got a message that it cannot read.".into(),
            )]);
            return self.go_on(false);
        };
        let mut session = self.session.borrow_mut();
        let mut updates = Vec::new();
        let has_more = session.command(command, &mut updates);
        post_updates(updates);
        if let Some(link) = session.take_changed_link() {
            post(&Letter::Link(link));
        }
        drop(session);
        self.go_on(has_more);
    }

    /// Does one slice of what is under way.
    fn work(&self) {
        self.is_working.set(false);
        let end_ms = now_ms() + SLICE_MS;
        let mut updates = Vec::new();
        let has_more = self.session.borrow_mut().slice(|| now_ms() < end_ms, &mut updates);
        post_updates(updates);
        self.go_on(has_more);
    }

    /// Asks for the next slice, or says that nothing is under way.
    fn go_on(&self, has_more: bool) {
        if !has_more {
            post(&Letter::Settled(self.taken_in.get()));
        } else if !self.is_working.replace(true) {
            // A port whose other end lives in the same worker takes every message.
            let _ = self.next_slice.post_message(&JsValue::NULL);
        }
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |performance| performance.now())
}

/// Posts what came of a command or a slice, if anything did.
fn post_updates(updates: Vec<Update>) {
    if !updates.is_empty() {
        post(&Letter::Updates(updates));
    }
}

fn post(letter: &Letter) {
    post_bytes(&letter.bytes());
}

/// Posts bytes; their buffer is handed over, not copied again.
fn post_bytes(bytes: &[u8]) {
    let buffer: ArrayBuffer = Uint8Array::from(bytes).buffer();
    let transferred = js_sys::Array::of1(&buffer);
    // This fails only for what cannot be cloned or was handed over before: a fresh buffer can.
    let _ = scope().post_message_with_transfer(&buffer, &transferred);
}
