//! Ties the lab's state to engine, player, keyboard and address.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use faultline_core::scenario::Preset;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::intent::{BarOf, Dialog, Intent};
use super::kept;
use super::questions::use_questions;
use super::shortcuts::intent_of;
use super::state::{LabEvent, LabState};
use super::study::{LessonView, Wish};
use super::tracing::use_tracing;
use crate::client::Engine;
use crate::hunt::{Board, Foreman};
use crate::keys::shortcut_of;
use crate::player::{Player, rate_us};
use crate::preferences::Preferences;
use crate::route;
use crate::shared::Shared;
use crate::stage::DisplayClock;
use crate::wire::{Catch, Command, Kept, Update};

/// The seed of a run whose link names none: everybody first sees what the lesson tells of. Another
/// one is drawn on demand.
const FIRST_SEED: u64 = 42;
/// How long a change settles before the link is asked for.
const SETTLE_MS: u32 = 250;

/// The lab's state, what is shown of time, and where wishes go.
pub(super) struct Wiring {
    pub(super) state: UseReducerHandle<LabState>,
    pub(super) clock: DisplayClock,
    pub(super) on: Callback<Intent>,
}

type Latest = Rc<RefCell<Option<UseReducerHandle<LabState>>>>;

/// What the callbacks share. They are made once; the state they read is the latest.
pub(super) struct Desk {
    engine: Engine,
    player: RefCell<Player>,
    clock: DisplayClock,
    latest: Latest,
    dispatcher: UseReducerDispatcher<LabState>,
    /// How often a run was to be opened.
    opened: Cell<u32>,
    /// Runs the search workers.
    foreman: Foreman,
}

impl Desk {
    fn start(dispatcher: UseReducerDispatcher<LabState>, latest: Latest, board: Board) -> Rc<Self> {
        // Weak, so that the engine ends with the lab.
        Rc::new_cyclic(|desk: &Weak<Self>| {
            let (hears, breaks, settles) = (desk.clone(), desk.clone(), desk.clone());
            let on_settled = Callback::from(move |()| {
                if let Some(desk) = settles.upgrade() {
                    desk.settle();
                }
            });
            let on_update = Callback::from(move |update| {
                if let Some(desk) = hears.upgrade() {
                    desk.hear(update);
                }
            });
            let on_trouble = Callback::from(move |trouble| {
                if let Some(desk) = breaks.upgrade() {
                    desk.player.borrow_mut().forget();
                    desk.dispatcher.dispatch(LabEvent::Trouble(trouble));
                }
            });
            let finds = desk.clone();
            let on_find = Callback::from(move |found: Shared<Catch>| {
                if let Some(desk) = finds.upgrade() {
                    let name = format!("what breaks “{}”", found.check);
                    let link = found.link.clone();
                    desk.carry_out(Intent::Ask(Command::Adopt { link, name }));
                }
            });
            Self {
                foreman: Foreman::new(board, on_find),
                engine: Engine::start(on_update, on_trouble, on_settled),
                player: RefCell::default(),
                clock: DisplayClock::default(),
                latest,
                dispatcher,
                opened: Cell::new(0),
            }
        })
    }

    fn hear(&self, update: Update) {
        let mut answer = None;
        self.player.borrow_mut().hear_anything();
        if let Update::Frame(frame) = &update {
            let plays = self.plays() && frame.stop.is_none();
            let now_us = frame.scene.now_us;
            answer = self.player.borrow_mut().hear(now_us, frame.next_at_us, plays);
            if !plays {
                self.show_time(now_us);
            }
        } else if let Update::Failed(_) | Update::Unopened { .. } = &update {
            self.player.borrow_mut().forget();
        }
        self.dispatcher.dispatch(LabEvent::Told(update));
        if let Some(command) = answer {
            self.engine.send(command);
        }
    }

    /// The engine is done with all that it was asked.
    fn settle(&self) {
        let waiting = self.player.borrow_mut().settle();
        if let Some(command) = waiting {
            self.engine.send(command);
        }
        // Seldom: else every frame of the film would be drawn twice.
        if self.latest.borrow().as_ref().is_some_and(|lab| lab.progress.is_some()) {
            self.dispatcher.dispatch(LabEvent::Settled);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "runs are far shorter than 2^53 microseconds")]
    fn show_time(&self, now_us: u64) {
        self.clock.set_us(now_us as f64);
    }

    fn plays(&self) -> bool {
        self.latest.borrow().as_ref().is_some_and(|lab| lab.plays)
    }

    /// Sends a command; if it moves the cursor, the film waits for it.
    fn send(&self, command: Command) {
        self.reopen();
        if is_answered_by_frame(&command) {
            self.player.borrow_mut().expect_frame();
        }
        self.engine.send(command);
    }

    /// Asks for what a panel shows. Of an engine that is lost nothing is asked: that would start another,
    /// and put the trouble away unread. When the run is there again, so is the question.
    pub(super) fn ask(&self, command: Command) {
        if self.engine.lost().is_none() {
            self.send(command);
        }
    }

    /// Returns the number of the next question to open a run.
    fn next_request(&self) -> u32 {
        self.opened.update(|last| last + 1);
        self.opened.get()
    }

    fn open(&self, request: u32, link: String, kept: Kept) {
        self.player.borrow_mut().expect_frame();
        self.engine.send(Command::Open { request, link, default_seed: FIRST_SEED, kept });
    }

    /// Opens the run anew if its engine has stopped, with all that the page has kept of it.
    fn reopen(&self) {
        if let Some(link) = self.engine.lost() {
            let lab = self.latest.borrow().clone();
            let kept = lab.map(|lab| lab.kept_of_lost()).unwrap_or_default();
            self.open(self.next_request(), link, kept);
        }
    }

    fn run_script(&self, script: u16, at_us: u64) {
        self.send(Command::RunScript { script, at_us });
    }

    fn now_us(&self) -> u64 {
        self.latest.borrow().as_ref().map_or(0, |lab| lab.now_us())
    }

    fn seek(&self, at_us: u64) {
        self.reopen();
        let command = self.player.borrow_mut().seek(at_us);
        if let Some(command) = command {
            self.engine.send(command);
        }
    }

    /// Asks engine and player for what the viewer wants, and notes it in the state.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other wishes are for the page alone")]
    fn carry_out(&self, intent: Intent) {
        let intent = match intent {
            Intent::Bets => {
                focus_bet_soon();
                // Where there is room the lesson has a place of its own, and no tab.
                if has_room_for_the_lesson() { Intent::ShowLesson(true) } else { intent }
            }
            _ => intent,
        };
        match &intent {
            // They stand where the lesson does, which may be out of sight.
            Intent::Study(Wish::View(LessonView::Puzzles)) => self.carry_out(Intent::Bets),
            // Who wants to see that a promise holds has read the lesson before.
            Intent::Replay => self.player.borrow_mut().run_through(true),
            Intent::Play(_) | Intent::RunScript(_) | Intent::GoToBeat(_) | Intent::Open(_) => {
                self.player.borrow_mut().run_through(false);
            }
            _ => {}
        }
        match &intent {
            Intent::Ask(command) => self.send(command.clone()),
            Intent::Open(link) => self.open_link(link),
            Intent::Do(actions) if !actions.is_empty() => {
                self.send(Command::Act(actions.clone()));
            }
            Intent::Type(typed) => self.send(Command::Type(typed.clone())),
            Intent::Reseed => self.send(Command::Reseed(fresh_seed())),
            Intent::Seek(at_us) => self.seek(*at_us),
            Intent::Replay => self.seek(0),
            Intent::RunScript(script) => self.run_script(*script, 0),
            Intent::BackToScript => self.run_script(0, self.now_us()),
            Intent::Until(until) => {
                self.send(Command::RunUntil { until: until.clone(), again: false });
            }
            Intent::ShowSide(side) => self.send(Command::Show(*side)),
            Intent::Retry(preset) => {
                let lab = self.latest.borrow().clone();
                if lab.is_some_and(|lab| lab.has_bet_ahead(*preset)) {
                    return self.retry_from_start(*preset);
                }
                return self.carry_out(Intent::Flip(*preset));
            }
            Intent::Flip(preset) => self.send(Command::Flip(*preset)),
            Intent::GoToBeat(beat) => {
                let beat = u16::try_from(*beat).unwrap_or(u16::MAX);
                self.send(Command::GoToBeat { beat });
            }
            Intent::Trace(intent) => {
                let latest = self.latest.borrow().clone();
                let asked = latest.and_then(|lab| lab.trace.command(intent, lab.here()));
                if let Some(command) = asked {
                    self.send(command);
                }
            }
            Intent::List(BarOf { measure, from, to }) => {
                let (measure, from, to) = (measure.clone(), *from, *to);
                self.send(Command::ListOperations { measure, from, to });
            }
            Intent::JudgeHistory => self.send(Command::History { judge: true }),
            Intent::Hunt(quarry) => {
                if let Some(link) = self.engine.link() {
                    let opened = self.latest.borrow().as_ref().and_then(|lab| lab.opened.clone());
                    self.foreman.begin(quarry.clone(), &link, opened);
                }
            }
            Intent::StopHunt => self.foreman.cancel(),
            Intent::Why(step) => self.send(Command::Why { step: *step }),
            Intent::Dialog(Some(Dialog::Share)) => self.send(Command::Share),
            _ => {}
        }
        self.dispatcher.dispatch(LabEvent::Wanted(intent));
    }

    /// Opens a link with all that the page has kept of its run; a search was of the run before.
    fn open_link(&self, link: &str) {
        self.foreman.forget();
        let lab = self.latest.borrow().clone();
        let own = lab.as_ref().and_then(|lab| lab.kept_for(link));
        let kept = own.or_else(|| kept::take(link)).unwrap_or_default();
        let request = self.next_request();
        self.dispatcher.dispatch(LabEvent::Opens(request, kept.clone()));
        self.open(request, link.to_owned(), kept);
    }

    /// Plays the other design from the start: where the run stands, its lesson's bets would be settled
    /// before they were seen.
    fn retry_from_start(&self, preset: Preset) {
        self.player.borrow_mut().run_through(false);
        // In this order: what the run has come to is noted before it is left.
        self.dispatcher.dispatch(LabEvent::Wanted(Intent::Flip(preset)));
        self.send(Command::Seek { at_us: 0 });
        self.send(Command::Flip(preset));
        self.dispatcher.dispatch(LabEvent::Wanted(Intent::Play(true)));
    }

    fn press(&self, event: &KeyboardEvent) {
        let latest = self.latest.borrow().clone();
        let Some(lab) = latest else { return };
        let Some(shortcut) = shortcut_of(event, lab.preferences.letter_keys) else { return };
        event.prevent_default();
        match intent_of(shortcut, &lab) {
            Ok(intent) => self.carry_out(intent),
            Err(sentence) => self.carry_out(Intent::Say(sentence)),
        }
    }

    /// One animation frame of the film.
    fn tick(&self, elapsed_ms: f64) {
        let latest = self.latest.borrow().clone();
        // A film that has stopped may have one more frame on its way to the screen.
        let Some(lab) = latest.filter(|lab| lab.plays) else { return };
        let Some(opened) = lab.opened.as_ref().filter(|_| self.engine.lost().is_none()) else {
            return;
        };
        let rate = rate_us(opened.horizon_us, lab.speed);
        let (shown_us, command) = self.player.borrow_mut().tick(elapsed_ms, rate);
        self.clock.set_us(shown_us);
        if let Some(command) = command {
            self.engine.send(command);
        }
    }
}

/// Starts an engine, opens `link` in it, and keeps both in step with the viewer.
#[hook]
pub(super) fn use_lab(link: &str, visit: u32) -> Wiring {
    let state = use_reducer(|| LabState::new(Preferences::load()));
    let latest = use_mut_ref(|| None);
    let desk = {
        let (dispatcher, latest) = (state.dispatcher(), latest.clone());
        let board = state.board.clone();
        use_state(move || Desk::start(dispatcher, latest, board))
    };
    let desk = Rc::clone(&desk);
    latest.replace(Some(state.clone()));
    let on = {
        let desk = desk.clone();
        use_callback((), move |intent, ()| desk.carry_out(intent))
    };
    {
        let on = on.clone();
        use_effect_with((link.to_owned(), visit), move |(link, _)| {
            on.emit(Intent::Open(link.clone()));
        });
    }
    use_effect_with(state.preferences, |preferences| {
        preferences.save();
        preferences.apply();
    });
    use_film(&desk, state.plays);
    use_keyboard(&desk);
    use_questions(&desk, &state);
    use_tracing(&desk, &state);
    use_memory(&desk, &state);
    Wiring { state, clock: desk.clock.clone(), on }
}

/// Runs the film while it plays.
#[hook]
fn use_film(desk: &Rc<Desk>, plays: bool) {
    let desk = desk.clone();
    use_effect_with(plays, move |plays| {
        let next: Rc<RefCell<Option<AnimationFrame>>> = Rc::default();
        if *plays {
            roll(desk, &next, None);
        }
        move || drop(next.take())
    });
}

/// Asks for the next animation frame, in which the film moves on and asks again.
fn roll(desk: Rc<Desk>, next: &Rc<RefCell<Option<AnimationFrame>>>, before_ms: Option<f64>) {
    // Weak, so that whoever stops the film ends the chain.
    let later = Rc::downgrade(next);
    let frame = request_animation_frame(move |now_ms| {
        desk.tick(before_ms.map_or(0.0, |before_ms| now_ms - before_ms));
        if let Some(next) = later.upgrade() {
            roll(desk, &next, Some(now_ms));
        }
    });
    next.replace(Some(frame));
}

/// Hears every key of the page.
#[hook]
fn use_keyboard(desk: &Rc<Desk>) {
    let desk = desk.clone();
    use_effect_with((), move |()| {
        let document = gloo::utils::document();
        let options = EventListenerOptions::enable_prevent_default();
        let hear = move |event: &Event| {
            if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                desk.press(event);
            }
        };
        let listener = EventListener::new_with_options(&document, "keydown", options, hear);
        move || drop(listener)
    });
}

/// Keeps the address bar at the run as it is, so that work in progress survives a reload.
#[hook]
fn use_memory(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let frame = state.frame.as_ref().map(|frame| (frame.event, frame.scene.now_us, frame.digest));
    let opened = state.opened.as_ref().map(Shared::address);
    {
        let desk = desk.clone();
        // The dialog has a link of its own, with more to it.
        let is_shared = state.dialog == Some(Dialog::Share);
        let is_busy = state.plays || is_shared;
        let deps = (opened, frame, is_busy);
        use_effect_with(deps, move |&(_, frame, is_busy)| {
            let wait = (frame.is_some() && !is_busy)
                .then(|| Timeout::new(SETTLE_MS, move || desk.ask(Command::Share)));
            move || drop(wait)
        });
    }
    use_effect_with(state.link.clone(), |link| {
        if let Some(link) = link {
            route::remember(link);
        }
    });
    let lab = state.clone();
    // A film only goes on: what is kept stays, and the address is of where it began.
    let timeline = (!state.plays).then(|| state.timeline.address());
    let deps = (state.link.clone(), timeline, state.against.clone());
    use_effect_with(deps, move |(link, ..)| {
        if let Some(link) = link {
            kept::keep(link, lab.kept());
        }
    });
}

/// Returns true if the engine answers `command` with a frame.
fn is_answered_by_frame(command: &Command) -> bool {
    // Who watches somebody stays where they are, and sees more there.
    !command.leaves_the_cursor() || matches!(command, Command::Watch(_))
}

fn has_room_for_the_lesson() -> bool {
    let query = gloo::utils::window().match_media("(min-width: 1200px)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// Leads to what the viewer is asked, once it is drawn.
fn focus_bet_soon() {
    let focus = || {
        let option = gloo::utils::document().query_selector(".bet input, .bet button");
        if let Some(option) = option.ok().flatten().and_then(|it| it.dyn_into::<HtmlElement>().ok())
        {
            drop(option.focus());
        }
    };
    Timeout::new(SETTLE_MS, focus).forget();
}

/// Draws a seed short enough to say aloud.
fn fresh_seed() -> u64 {
    // Without a source of randomness, a seed that is always the same still gives a run.
    u64::from(getrandom::u32().unwrap_or_default() % 999_999 + 1)
}
