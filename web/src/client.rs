//! The page's side of the engine: starts the worker, talks to it, and notices when it is gone.
//!
//! The engine may panic or hang: it runs scenario code. Then the worker is ended, the page gets one
//! sentence with a link to just before, and the next command starts a new worker. What the page has
//! kept of the run is in the page's state, which opens it there anew.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use gloo::timers::callback::Interval;
use js_sys::{JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Storage, Worker};
use yew::Callback;

use crate::BUILD;
use crate::engine::Letter;
use crate::wire::{Command, Update};

/// How often the watchdog looks.
const LOOK_EVERY_MS: u32 = 500;
/// How many looks without a word, while an answer is due, mean that the engine hangs: 5 s. Looks are
/// counted instead of time read, so that a laptop may sleep.
const LOOKS_UNTIL_HUNG: u32 = 10;
/// The same before the first word: the engine's files may be slow to arrive.
const LOOKS_UNTIL_NOT_LOADED: u32 = 60;
/// Remembers across a reload that the reload was tried.
const RELOADED_KEY: &str = "faultline-reloaded";

/// What the page says when the engine stopped answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, in a sentence.
    pub sentence: String,
    /// The run's link, set to just before, if a run was open.
    pub link: Option<String>,
    /// The last true time at which all was well.
    pub at_us: u64,
}

/// A handle on the engine. Dropping it ends the worker.
pub struct Engine(Rc<RefCell<Client>>);

impl Engine {
    /// Starts the engine. `on_settled` is called when all that was sent has been taken in and nothing
    /// is under way: whatever has not been answered by then will not be.
    pub fn start(
        on_update: Callback<Update>,
        on_trouble: Callback<Trouble>,
        on_settled: Callback<()>,
    ) -> Self {
        let engine = Self(Rc::new(RefCell::new(Client {
            on_update,
            on_trouble,
            on_settled,
            hired: None,
            known: Known::default(),
        })));
        hire(&engine.0);
        engine
    }

    /// Returns the run as it was just before the engine stopped, if it has. Whoever sends anything
    /// else than to open a run has to open that one first: a new engine knows of none.
    pub fn lost(&self) -> Option<String> {
        let client = self.0.borrow();
        client.known.just_before().filter(|_| client.hired.is_none())
    }

    /// Returns the link to the open run, as it is decided now; its cursor may be elsewhere.
    pub fn link(&self) -> Option<String> {
        self.0.borrow().known.link.clone()
    }

    /// Sends a command. If the engine had stopped, a new one is started first.
    pub fn send(&self, command: Command) {
        let is_hired = self.0.borrow().hired.is_some();
        if !is_hired {
            hire(&self.0);
        }
        self.deliver(command);
    }

    fn deliver(&self, command: Command) {
        let mut client = self.0.borrow_mut();
        if let Command::Open { request, link, .. } = &command {
            client.known.open(*request, link);
        }
        if let Some(hired) = &mut client.hired {
            hired.deliver(command);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.0.borrow_mut().hired = None;
    }
}

/// What outlives a worker.
struct Client {
    on_update: Callback<Update>,
    on_trouble: Callback<Trouble>,
    on_settled: Callback<()>,
    hired: Option<Hired>,
    known: Known,
}

/// What is known of where the engine is: what a new one has to open, should this one be lost.
#[derive(Debug, Default)]
struct Known {
    /// The run as last known.
    link: Option<String>,
    /// The last true time of it known to be good.
    at_us: u64,
    /// The run that is being opened. Until it is open, and if it cannot be, the engine has
    /// the run before.
    opens: Option<Opens>,
}

/// A run that is being opened.
#[derive(Debug)]
struct Opens {
    /// Names the question.
    request: u32,
    /// What is opened.
    link: String,
    /// The last true time of it known to be good.
    at_us: u64,
}

impl Known {
    fn open(&mut self, request: u32, link: &str) {
        self.opens = Some(Opens { request, link: link.to_owned(), at_us: 0 });
    }

    /// A question to open a run has been answered. One that was asked later has not.
    fn answered(&mut self, answered: u32) {
        self.opens.take_if(|opens| opens.request <= answered);
    }

    /// Takes in what an update says of it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all else says nothing of it")]
    fn hear(&mut self, update: &Update) {
        match update {
            Update::Opened { request, .. } => {
                // The engine has named its link before, and its frame follows.
                self.answered(*request);
                self.at_us = 0;
            }
            Update::Unopened { request, .. } => self.answered(*request),
            Update::Frame(frame) => {
                // Of an instant that is not over, only what lies before it is surely good.
                let now_us = frame.scene.now_us;
                let is_over = frame.next_at_us != Some(now_us);
                let before_us = self.at_us.min(now_us.saturating_sub(1));
                self.at_us = if is_over { now_us } else { before_us };
            }
            Update::Progress { at_us, .. } => self.good_until(at_us.saturating_sub(1)),
            _ => {}
        }
    }

    /// All was well up to `good_us` in what the engine was at.
    fn good_until(&mut self, good_us: u64) {
        match &mut self.opens {
            Some(opens) => opens.at_us = good_us,
            None => self.at_us = good_us,
        }
    }

    /// Returns the last true time known to be good.
    fn good_us(&self) -> u64 {
        self.opens.as_ref().map_or(self.at_us, |opens| opens.at_us)
    }

    /// Returns the link to what the engine was at, set to the last true time known to be good.
    fn just_before(&self) -> Option<String> {
        let link = self.opens.as_ref().map(|opens| &opens.link).or(self.link.as_ref())?;
        Some(with_time(link, self.good_us()))
    }
}

/// A running worker and how far it has answered.
struct Hired {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(ErrorEvent)>,
    _watchdog: Interval,
    /// Whether the worker has said which build it is. Until then, commands wait here: a worker drops
    /// what comes before it listens.
    has_greeted: bool,
    waiting: Vec<Command>,
    sent: u32,
    settled: u32,
    looks_without_word: u32,
}

impl Hired {
    fn deliver(&mut self, command: Command) {
        if self.sent == self.settled {
            self.looks_without_word = 0;
        }
        self.sent = self.sent.wrapping_add(1);
        if self.has_greeted {
            self.post(&command);
        } else {
            self.waiting.push(command);
        }
    }

    fn post(&self, command: &Command) {
        // Plain data can always be serialised, and bytes cloned; else the watchdog would say so.
        let bytes = postcard::to_allocvec(command).unwrap_or_default();
        let _ = self.worker.post_message(&Uint8Array::from(bytes.as_slice()));
    }

    fn greet(&mut self) {
        self.has_greeted = true;
        for command in std::mem::take(&mut self.waiting) {
            self.post(&command);
        }
    }
}

impl Drop for Hired {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Starts a worker for `client`.
fn hire(client: &Rc<RefCell<Client>>) {
    let worker = engine_address().and_then(|address| {
        Worker::new(&address).map_err(|_| "This browser would not start the engine.".into())
    });
    let worker = match worker {
        Ok(worker) => worker,
        Err(sentence) => {
            let on_trouble = client.borrow().on_trouble.clone();
            return on_trouble.emit(Trouble { sentence, link: None, at_us: 0 });
        }
    };
    let on_message = Closure::new(with_client(client, |client, event: MessageEvent| {
        read(client, &Uint8Array::new(&event.data()).to_vec());
    }));
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let on_error = Closure::new(with_client(client, |client, event: ErrorEvent| {
        event.prevent_default();
        // A worker whose script is not there reports an event without a message.
        let message = Reflect::get(&event, &"message".into()).ok();
        stopped(client, &message.and_then(|text| text.as_string()).unwrap_or_default());
    }));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let look = with_client(client, |client, ()| look_after(client));
    let watchdog = Interval::new(LOOK_EVERY_MS, move || look(()));
    client.borrow_mut().hired = Some(Hired {
        worker,
        _on_message: on_message,
        _on_error: on_error,
        _watchdog: watchdog,
        has_greeted: false,
        waiting: Vec::new(),
        sent: 0,
        settled: 0,
        looks_without_word: 0,
    });
}

/// Makes a handler that reaches the client as long as the page keeps it.
fn with_client<T, F: Fn(&Rc<RefCell<Client>>, T)>(
    client: &Rc<RefCell<Client>>,
    handler: F,
) -> impl Fn(T) + use<T, F> {
    let client: Weak<RefCell<Client>> = Rc::downgrade(client);
    move |input| {
        if let Some(client) = client.upgrade() {
            handler(&client, input);
        }
    }
}

/// Takes in a letter from the worker. No borrow is held while the page is told: it may send at once.
fn read(client: &Rc<RefCell<Client>>, bytes: &[u8]) {
    if let Some(hired) = &mut client.borrow_mut().hired {
        hired.looks_without_word = 0;
    }
    match Letter::from_bytes(bytes) {
        Some(Letter::Updates(updates)) => {
            let is_other = |it: &Update| matches!(it, Update::Hello { build } if build != BUILD);
            if updates.iter().any(is_other) {
                return other_build(client);
            }
            for update in updates {
                tell(client, update);
            }
        }
        Some(Letter::Link(link)) => client.borrow_mut().known.link = Some(link),
        Some(Letter::Settled(taken_in)) => settle(client, taken_in),
        Some(Letter::Panicked { text, at_us }) => {
            client.borrow_mut().known.good_until(at_us);
            let what = text.lines().last().unwrap_or_default();
            give_up(client, sentence("The engine stopped with a panic", what));
        }
        None => other_build(client),
    }
}

fn settle(client: &Rc<RefCell<Client>>, taken_in: u32) {
    let on_settled = {
        let mut client = client.borrow_mut();
        let Some(hired) = &mut client.hired else { return };
        hired.settled = taken_in;
        (taken_in == hired.sent).then(|| client.on_settled.clone())
    };
    if let Some(on_settled) = on_settled {
        on_settled.emit(());
    }
}

fn tell(client: &Rc<RefCell<Client>>, update: Update) {
    let on_update = {
        let mut client = client.borrow_mut();
        client.known.hear(&update);
        if let Update::Hello { .. } = &update {
            if let Some(storage) = session_storage() {
                drop(storage.remove_item(RELOADED_KEY));
            }
            if let Some(hired) = &mut client.hired {
                hired.greet();
            }
        }
        client.on_update.clone()
    };
    on_update.emit(update);
}

/// The worker reported an error that was no panic of ours. Before its first word, its files are not
/// there or not ours: the site was replaced while this page was open, or there is no connection.
fn stopped(client: &Rc<RefCell<Client>>, message: &str) {
    let has_greeted = client.borrow().hired.as_ref().is_none_or(|hired| hired.has_greeted);
    if has_greeted {
        give_up(client, sentence("The engine stopped", message));
    } else {
        other_build(client);
    }
}

/// Says what happened and, if that is known, why.
fn sentence(what: &str, why: &str) -> String {
    match why.trim().trim_end_matches('.') {
        "" => format!("{what}."),
        why => format!("{what}: {why}."),
    }
}

/// Page and engine are not of one build: one reload puts that right, unless it did not.
fn other_build(client: &Rc<RefCell<Client>>) {
    let storage = session_storage();
    let has_reloaded = storage.as_ref().and_then(|it| it.get_item(RELOADED_KEY).ok()).flatten();
    if has_reloaded.is_some() {
        return give_up(
            client,
            "The engine's files are missing or of another version than this page; \
             try again later, or clear this site's data."
                .into(),
        );
    }
    client.borrow_mut().hired = None;
    let is_noted = storage.is_some_and(|it| it.set_item(RELOADED_KEY, BUILD).is_ok());
    match web_sys::window() {
        // Without the note, a reload might follow a reload for ever.
        Some(window) if is_noted && window.location().reload().is_ok() => {}
        _ => give_up(client, "This page is out of date: please reload it.".into()),
    }
}

fn session_storage() -> Option<Storage> {
    gloo::utils::window().session_storage().ok().flatten()
}

/// Notices a worker that owes an answer and says nothing.
fn look_after(client: &Rc<RefCell<Client>>) {
    let (looks, has_greeted) = {
        let mut client = client.borrow_mut();
        let Some(hired) = &mut client.hired else { return };
        if hired.has_greeted && hired.sent == hired.settled {
            return;
        }
        hired.looks_without_word += 1;
        (hired.looks_without_word, hired.has_greeted)
    };
    if has_greeted && looks >= LOOKS_UNTIL_HUNG {
        let seconds = LOOK_EVERY_MS * LOOKS_UNTIL_HUNG / 1_000;
        give_up(client, format!("The engine did not answer for {seconds} s and was ended."));
    } else if looks >= LOOKS_UNTIL_NOT_LOADED {
        give_up(client, "The engine could not be loaded; check the connection.".into());
    }
}

/// Ends the worker and tells the page.
fn give_up(client: &Rc<RefCell<Client>>, sentence: String) {
    let (hired, on_trouble, trouble) = {
        let mut client = client.borrow_mut();
        let known = &client.known;
        let trouble = Trouble { sentence, link: known.just_before(), at_us: known.good_us() };
        (client.hired.take(), client.on_trouble.clone(), trouble)
    };
    drop(hired);
    on_trouble.emit(trouble);
}

/// Reads the engine's address from the document, where the build wrote it.
pub(crate) fn engine_address() -> Result<String, String> {
    let element = gloo::utils::document().get_element_by_id("engine");
    let names = element.and_then(|element| element.text_content());
    names
        .and_then(|text| JSON::parse(&text).ok())
        .and_then(|names| Reflect::get(&names, &"script".into()).ok())
        .and_then(|script| script.as_string())
        .ok_or_else(|| "This page does not say where its engine is; it was not built whole.".into())
}

/// Returns `link` with its cursor at `at_us`. A digest is left out: it belongs to another time.
fn with_time(link: &str, at_us: u64) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let is_of_place = |pair: &str| ["at=", "step=", "d="].iter().any(|key| pair.starts_with(key));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_of_place(pair));
    let at = format!("at={}.{:06}s", at_us / 1_000_000, at_us % 1_000_000);
    let pairs: Vec<&str> = kept.chain([at.as_str()]).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_a_sentence() {
        assert_eq!(sentence("It stopped", " no room"), "It stopped: no room.");
        assert_eq!(sentence("It stopped", "No room."), "It stopped: No room.");
        assert_eq!(sentence("It stopped", ""), "It stopped.");
    }

    #[test]
    fn a_link_that_could_not_be_opened_leaves_the_run_before() {
        let mut known = Known::default();
        known.open(1, "#/s/a");
        known.link = Some("#/s/a?seed=1".into());
        known.opens = None;
        known.good_until(3_000_000);
        known.open(2, "#/s/b");
        assert_eq!(known.just_before().as_deref(), Some("#/s/b?at=0.000000s"));
        known.hear(&Update::Progress { at_us: 2_000_001, events: 9 });
        assert_eq!((known.good_us(), known.at_us), (2_000_000, 3_000_000));
        known.hear(&Update::Failed("The engine is busy.".into()));
        assert_eq!(known.just_before().as_deref(), Some("#/s/b?at=2.000000s"));
        known.open(3, "#/s/c");
        let unopened =
            |request| Update::Unopened { request, sentence: "There is no such run.".into() };
        known.hear(&unopened(2));
        assert_eq!(known.just_before().as_deref(), Some("#/s/c?at=0.000000s"));
        known.hear(&unopened(3));
        assert_eq!(known.just_before().as_deref(), Some("#/s/a?seed=1&at=3.000000s"));
    }

    #[test]
    fn a_link_is_set_to_another_time() {
        let link = with_time("#/s/x?seed=4&at=9s&step=2&a=k0&d=ff&r=1.1", 1_250_000);
        assert_eq!(link, "#/s/x?seed=4&a=k0&r=1.1&at=1.250000s");
        assert_eq!(with_time("#/s/x", 0), "#/s/x?at=0.000000s");
    }
}
