//! Hires search workers, gives them orders, and ends those that nobody needs or that hang.
//!
//! Every worker is an instance of the engine's own module, told by its name that it is to search. It may
//! panic or hang, since it runs scenario code: then it is ended and replaced, and what it was at is done
//! by another one. To cancel is to end all that are busy, so it works at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use gloo::timers::callback::{Interval, Timeout};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions};
use yew::Callback;

use super::board::Board;
use super::hunted::Quarry;
use super::plan::{Outcome, Plan};
use crate::BUILD;
use crate::client::engine_address;
use crate::shared::Shared;
use crate::wire::{Catch, HUNTER, Opened, Order, Word};

/// At most this many workers, whatever the machine has: each has memory of its own.
const MOST_WORKERS: usize = 8;
/// How often the watchdog looks.
const LOOK_EVERY_MS: u32 = 500;
/// A worker that says nothing for so many looks hangs: 10 s.
const LOOKS_UNTIL_HUNG: u32 = 20;
/// What is shown changes at most this often.
const SHOW_EVERY_MS: u32 = 250;

/// Whoever runs the search workers.
pub(crate) struct Foreman(Rc<RefCell<Crew>>);

struct Crew {
    plan: Plan,
    hands: BTreeMap<usize, Hand>,
    /// Names the next worker.
    next_hand: usize,
    board: Board,
    on_find: Callback<Shared<Catch>>,
    began_ms: f64,
    /// Shows what has come of it, a moment later.
    showing: Option<Timeout>,
    /// Looks after workers that hang, as long as something is under way.
    watchdog: Option<Interval>,
}

/// A worker.
struct Hand {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(ErrorEvent)>,
    has_greeted: bool,
    /// What it is at; before it has greeted, what it is to begin with.
    order: Option<Order>,
    looks_without_word: u32,
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Foreman {
    /// Hires nobody yet. On the `board` stands what there is to show; `on_find` is told what was found,
    /// once it is small.
    pub(crate) fn new(board: Board, on_find: Callback<Shared<Catch>>) -> Self {
        Self(Rc::new(RefCell::new(Crew {
            plan: Plan::default(),
            hands: BTreeMap::new(),
            next_hand: 0,
            board,
            on_find,
            began_ms: 0.0,
            showing: None,
            watchdog: None,
        })))
    }

    /// Begins a search on the run of a link, which the viewer has open, in place of any other.
    pub(crate) fn begin(&self, quarry: Quarry, link: &str, opened: Option<Shared<Opened>>) {
        {
            let mut crew = self.0.borrow_mut();
            crew.dismiss_busy();
            crew.began_ms = now_ms();
            crew.plan.begin(quarry, link, opened);
        }
        let crew = Rc::downgrade(&self.0);
        let watchdog = Interval::new(LOOK_EVERY_MS, move || look_after(&crew));
        self.0.borrow_mut().watchdog = Some(watchdog);
        employ(&self.0);
        show(&self.0);
    }

    /// Stops what is under way and forgets what has come of it: another run is opened.
    pub(crate) fn forget(&self) {
        {
            let mut crew = self.0.borrow_mut();
            crew.dismiss_busy();
            crew.plan = Plan::default();
        }
        show(&self.0);
    }

    /// Stops what is under way, at once.
    pub(crate) fn cancel(&self) {
        {
            let mut crew = self.0.borrow_mut();
            crew.dismiss_busy();
            crew.plan.cancel();
        }
        show(&self.0);
    }
}

impl Crew {
    fn dismiss_busy(&mut self) {
        self.hands.retain(|_, hand| hand.order.is_none());
    }

    fn elapsed_ms(&self) -> f64 {
        now_ms() - self.began_ms
    }
}

/// Has everybody who has nothing to do do something, and hires as many as there is work for.
fn employ(crew: &Rc<RefCell<Crew>>) {
    {
        let mut crew = crew.borrow_mut();
        let crew = &mut *crew;
        for needless in crew.plan.idle_work() {
            crew.hands.remove(&needless);
            crew.plan.lose_needless(needless);
        }
        for (&worker, hand) in &mut crew.hands {
            if hand.order.is_none()
                && let Some(order) = crew.plan.next(worker)
            {
                hand.take(order);
            }
        }
    }
    while crew.borrow().hands.len() < most_workers() {
        let (worker, order) = {
            let mut crew = crew.borrow_mut();
            let worker = crew.next_hand;
            let Some(order) = crew.plan.next(worker) else { break };
            crew.next_hand += 1;
            (worker, order)
        };
        match hire(crew, worker) {
            Ok(mut hand) => {
                hand.order = Some(order);
                crew.borrow_mut().hands.insert(worker, hand);
            }
            Err(sentence) => {
                // Another one would not start either.
                crew.borrow_mut().plan.hear(worker, Word::Failed(sentence));
                break;
            }
        }
    }
    let mut crew = crew.borrow_mut();
    if crew.plan.hunted.task.is_none() {
        crew.watchdog = None;
    }
}

impl Hand {
    fn take(&mut self, order: Order) {
        self.looks_without_word = 0;
        if self.has_greeted {
            self.post(&order);
        }
        self.order = Some(order);
    }

    fn post(&self, order: &Order) {
        // Plain data can always be serialised, and bytes cloned; else the watchdog would say so.
        let bytes = postcard::to_allocvec(order).unwrap_or_default();
        let _ = self.worker.post_message(&Uint8Array::from(bytes.as_slice()));
    }
}

fn hire(crew: &Rc<RefCell<Crew>>, worker: usize) -> Result<Hand, String> {
    let refused = |_| "This browser would not start a search worker.".to_owned();
    let options = WorkerOptions::new();
    options.set_name(HUNTER);
    let started = Worker::new_with_options(&engine_address()?, &options).map_err(refused)?;
    let hears: Weak<RefCell<Crew>> = Rc::downgrade(crew);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(crew) = hears.upgrade() {
            hear(&crew, worker, &event);
        }
    });
    started.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let breaks: Weak<RefCell<Crew>> = Rc::downgrade(crew);
    let on_error = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
        event.prevent_default();
        if let Some(crew) = breaks.upgrade() {
            lose(&crew, worker, "its files are not there, or it ran out of memory");
        }
    });
    started.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Hand {
        worker: started,
        _on_message: on_message,
        _on_error: on_error,
        has_greeted: false,
        order: None,
        looks_without_word: 0,
    })
}

fn hear(crew: &Rc<RefCell<Crew>>, worker: usize, event: &MessageEvent) {
    let Ok(word) = postcard::from_bytes::<Word>(&Uint8Array::new(&event.data()).to_vec()) else {
        return lose(crew, worker, "it spoke another version's language; reload the page");
    };
    let outcome = {
        let mut crew = crew.borrow_mut();
        let crew = &mut *crew;
        let Some(hand) = crew.hands.get_mut(&worker) else { return };
        hand.looks_without_word = 0;
        if let Word::Hello { build } = &word
            && build == BUILD
        {
            hand.has_greeted = true;
            if let Some(order) = &hand.order {
                hand.post(order);
            }
        } else if matches!(word, Word::Done { .. } | Word::Failed(_)) {
            hand.order = None;
        }
        if let Word::Hello { build } = &word
            && build != BUILD
        {
            Err("it is of another version; reload the page".into())
        } else if let Word::Panicked(text) = &word {
            Err(text.lines().last().unwrap_or_default().to_owned())
        } else {
            Ok(crew.plan.hear(worker, word))
        }
    };
    match outcome {
        Err(why) => return lose(crew, worker, &why),
        Ok(Outcome::Open(found)) => {
            let on_find = crew.borrow().on_find.clone();
            on_find.emit(found);
        }
        // Nothing that it has is needed any more.
        Ok(Outcome::Replace) => drop(crew.borrow_mut().hands.remove(&worker)),
        Ok(Outcome::Shown) => {}
    }
    employ(crew);
    show_soon(crew);
}

/// A worker is gone: another one does what it was at.
fn lose(crew: &Rc<RefCell<Crew>>, worker: usize, why: &str) {
    {
        let mut crew = crew.borrow_mut();
        if crew.hands.remove(&worker).is_none() {
            return;
        }
        crew.plan.lose(worker, why);
    }
    employ(crew);
    show_soon(crew);
}

fn look_after(crew: &Weak<RefCell<Crew>>) {
    let Some(crew) = crew.upgrade() else { return };
    let hung: Vec<usize> = {
        let mut crew = crew.borrow_mut();
        let busy = crew.hands.iter_mut().filter(|(_, hand)| hand.order.is_some());
        busy.filter_map(|(worker, hand)| {
            hand.looks_without_word += 1;
            (hand.looks_without_word >= LOOKS_UNTIL_HUNG).then_some(*worker)
        })
        .collect()
    };
    let seconds = LOOK_EVERY_MS * LOOKS_UNTIL_HUNG / 1_000;
    for worker in hung {
        lose(&crew, worker, &format!("no word for {seconds} s"));
    }
}

fn show_soon(crew: &Rc<RefCell<Crew>>) {
    let is_over = crew.borrow().plan.hunted.task.is_none();
    if is_over {
        return show(crew);
    }
    if crew.borrow().showing.is_none() {
        let later = Rc::downgrade(crew);
        let timeout = Timeout::new(SHOW_EVERY_MS, move || {
            if let Some(crew) = later.upgrade() {
                show(&crew);
            }
        });
        crew.borrow_mut().showing = Some(timeout);
    }
}

fn show(crew: &Rc<RefCell<Crew>>) {
    let (board, hunted) = {
        let mut crew = crew.borrow_mut();
        crew.showing = None;
        let (elapsed_ms, workers) = (crew.elapsed_ms(), crew.hands.len());
        let hunted = &mut crew.plan.hunted;
        if hunted.task.is_some() || hunted.elapsed_ms == 0.0 {
            (hunted.elapsed_ms, hunted.workers) = (elapsed_ms, workers);
        }
        (crew.board.clone(), Shared::new(crew.plan.hunted.clone()))
    };
    board.show(hunted);
}

/// One processor is left to the page.
fn most_workers() -> usize {
    let processors = gloo::utils::window().navigator().hardware_concurrency();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let processors = processors as usize;
    processors.saturating_sub(1).clamp(1, MOST_WORKERS)
}

fn now_ms() -> f64 {
    gloo::utils::window().performance().map_or(0.0, |clock| clock.now())
}
