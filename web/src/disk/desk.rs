//! The page's side of a disk worker. To drop it is to kill the worker, whatever it is at.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions};
use yew::Callback;

use crate::BUILD;
use crate::client::engine_address;
use crate::wire::{DISK, DiskOrder, DiskWord};

/// A disk worker.
pub(super) struct Desk {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(ErrorEvent)>,
    has_greeted: bool,
    /// What is sent when it has greeted: a worker drops what comes before it listens.
    waiting: Vec<DiskOrder>,
}

impl Desk {
    /// Starts a worker. `on_word` hears what it says, or why it is gone.
    pub(super) fn hire(on_word: &Callback<Result<DiskWord, String>>) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_name(DISK);
        let worker = Worker::new_with_options(&engine_address()?, &options)
            .map_err(|_| "This browser would not start a worker for the disk.".to_owned())?;
        let hears = on_word.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            let word = postcard::from_bytes(&bytes).ok();
            let is_other =
                |word: &DiskWord| matches!(word, DiskWord::Hello { build } if build != BUILD);
            let word = word.filter(|word| !is_other(word));
            hears.emit(word.ok_or_else(|| "It is of another version; reload the page.".into()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let hears = on_word.clone();
        let on_error = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            hears.emit(Err("Its files are not there, or it ran out of memory.".into()));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            _on_message: on_message,
            _on_error: on_error,
            has_greeted: false,
            waiting: Vec::new(),
        })
    }

    /// The worker listens from now on.
    pub(super) fn greeted(&mut self) {
        self.has_greeted = true;
        for order in std::mem::take(&mut self.waiting) {
            self.post(&order);
        }
    }

    /// Gives it an order.
    pub(super) fn send(&mut self, order: DiskOrder) {
        if self.has_greeted { self.post(&order) } else { self.waiting.push(order) }
    }

    fn post(&self, order: &DiskOrder) {
        let bytes = postcard::to_allocvec(order).unwrap_or_default();
        let _ = self.worker.post_message(&Uint8Array::from(bytes.as_slice()).buffer());
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
