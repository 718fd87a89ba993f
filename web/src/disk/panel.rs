//! The panel: what the viewer wants, and what that asks of the worker.

use faultline_core::durable::Fuse;
use gloo::timers::callback::Interval;
use yew::prelude::*;

use super::desk::Desk;
use super::room::{self, Room};
use super::state::{Phase, State};
use super::view::view;
use crate::wire::{Bit, DiskOrder, DiskOutcome as Outcome, DiskWord, Place};

/// How often the watchdog looks.
const LOOK_EVERY_MS: u32 = 500;
/// A worker at work that says nothing for so many looks hangs: 10 s.
const LOOKS_UNTIL_HUNG: u32 = 20;
/// The plug goes within so many writes, and so many bytes of one.
const FUSE: (u32, u32) = (60, 120);
/// Without a word for so many looks after the plug was pulled, the worker is just ended: 1 s.
const LOOKS_UNTIL_ENDED: u32 = 2;
/// So often the plug is pulled to check a browser.
const KILLS: u32 = 200;

/// What the panel is about.
#[derive(Properties, PartialEq)]
pub(crate) struct DiskProps {
    /// The row whose engine it is.
    pub(crate) slug: AttrValue,
}

/// What can be wished for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// To write so many, or until stopped.
    Write(Option<u64>),
    /// To stop what is under way.
    Stop,
    /// To pull the plug, while something is written.
    Pull,
    /// To open what is there.
    Open(Place),
    /// To show a file, from this sector on.
    Show(String, Option<u32>),
    /// To flip this bit.
    Flip(Bit),
    /// To export the store.
    Take,
    /// To import these bytes.
    Put(Option<Vec<u8>>),
    /// To read a file that was chosen.
    Load(web_sys::File),
    /// To be asked whether all is to be removed, or no more.
    AskClear(bool),
    /// To remove all.
    Clear,
    /// To measure.
    Measure,
    /// To check what every disk must do.
    Examine,
    /// To have the browser keep it.
    Keep,
    /// To sync so often.
    SyncEach(u32),
}

/// What the panel hears.
pub(crate) enum Heard {
    /// Of the viewer.
    Wish(Wish),
    /// Of the worker, or why it is gone.
    Word(Box<Result<DiskWord, String>>),
    /// Of the browser.
    Room(Room),
    /// Of the browser, which was asked to keep it.
    Asked(Room),
    /// Of the watchdog.
    Look,
}

/// A row's store on real files.
pub(crate) struct DiskPanel {
    state: State,
    desk: Option<Desk>,
    looks_without_word: u32,
    _watchdog: Interval,
}

impl Component for DiskPanel {
    type Message = Heard;
    type Properties = DiskProps;

    fn create(context: &Context<Self>) -> Self {
        let link = context.link().clone();
        let mut panel = Self {
            state: State::default(),
            desk: None,
            looks_without_word: 0,
            _watchdog: Interval::new(LOOK_EVERY_MS, move || link.send_message(Heard::Look)),
        };
        panel.open(context, Place::Browser);
        panel
    }

    fn update(&mut self, context: &Context<Self>, heard: Heard) -> bool {
        match heard {
            Heard::Wish(wish) => self.wish(context, wish),
            Heard::Word(said) => match *said {
                Ok(DiskWord::Hello { .. }) => {
                    if let Some(desk) = &mut self.desk {
                        desk.greeted();
                    }
                }
                Ok(word) => self.hear(context, word),
                Err(sentence) => {
                    self.desk = None;
                    self.state.lost(&format!("The disk worker is gone. {sentence}"));
                }
            },
            Heard::Room(room) => self.state.room = room,
            Heard::Asked(room) => {
                self.state.room = room;
                self.state.say(room::answer(room), false);
            }
            Heard::Look => return self.look(),
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        view(&self.state, &context.link().callback(Heard::Wish))
    }
}

impl DiskPanel {
    fn hear(&mut self, context: &Context<Self>, word: DiskWord) {
        self.looks_without_word = 0;
        let (slug, told) = (&context.props().slug, self.state.told);
        let is_over = !matches!(word, DiskWord::Came(_) | DiskWord::Waits);
        let has_written = matches!(word, DiskWord::Done(_, Outcome::Wrote { .. }));
        let is_to_go = self.state.is_pulled() && has_written;
        if let Some(bytes) = self.state.hear(word)
            && room::save(&format!("{slug}.store"), &bytes).is_err()
        {
            self.state.say("This browser would not save the file.", true);
        }
        // Of what is in memory, and of what another window has written since, it has nothing to
        // say.
        if self.state.told != told && !self.state.is_in_memory {
            room::remember(slug, self.state.told);
        }
        if self.state.phase == Phase::Off && self.state.store.is_none() {
            self.desk = None;
        }
        if is_to_go {
            // All was written before the plug went: so it goes in what is written now.
            self.pull();
        }
        if is_over {
            context.link().send_future(async { Heard::Room(room::look(false).await) });
        }
    }

    /// Looks after a worker that is at something and says nothing; returns whether anything
    /// changed.
    fn look(&mut self) -> bool {
        if !matches!(self.state.phase, Phase::Busy { .. }) {
            self.looks_without_word = 0;
            return false;
        }
        self.looks_without_word += 1;
        let is_pulled = self.state.is_pulled();
        let most = if is_pulled { LOOKS_UNTIL_ENDED } else { LOOKS_UNTIL_HUNG };
        if self.looks_without_word < most {
            return false;
        }
        self.desk = None;
        let sentence = if is_pulled {
            "The worker was ended wherever it was. Only the files are left."
        } else {
            "The disk worker said nothing for 10 s and was ended. Recover to go on."
        };
        self.state.lost(sentence);
        true
    }

    fn order(&mut self, what: &'static str, order: DiskOrder) {
        let writes = matches!(order, DiskOrder::Write { .. });
        self.looks_without_word = 0;
        if !matches!(order, DiskOrder::Show { .. }) {
            self.state.say("", false);
        }
        self.state.asks_clear = false;
        self.state.phase = Phase::Busy { what, writes, is_pulled: false };
        self.state.progress = None;
        if let Some(desk) = &mut self.desk {
            desk.send(order);
        }
    }

    /// Starts a worker if there is none.
    fn hire(&mut self, context: &Context<Self>) -> bool {
        if self.desk.is_none() {
            match Desk::hire(&context.link().callback(|said| Heard::Word(Box::new(said)))) {
                Ok(desk) => self.desk = Some(desk),
                Err(sentence) => self.state.lost(&sentence),
            }
        }
        self.desk.is_some()
    }

    /// Opens the store in a worker of its own: what the one before knew is gone. Without files the
    /// worker's memory is the disk, so the same one goes on with a new engine.
    fn open(&mut self, context: &Context<Self>, place: Place) {
        if !self.state.is_in_memory {
            self.desk = None;
        }
        let slug = context.props().slug.to_string();
        // Another window may have gone on with it.
        if let Some(told) = room::remembered(&slug).filter(|_| !self.state.is_in_memory) {
            self.state.told = told;
        }
        if self.hire(context) {
            let (acknowledged, issued) = self.state.told;
            self.state.found = None;
            let shown = self.state.shown();
            let flipped = self.state.flipped.clone().into_iter().collect();
            let order = DiskOrder::Open { slug, place, acknowledged, issued, shown, flipped };
            self.order("Opening", order);
        }
    }

    fn write(&mut self, count: Option<u64>, fuse: Option<Fuse>) {
        let sync_each = self.state.sync_each;
        self.order("Writing", DiskOrder::Write { count, sync_each, fuse });
        self.state.note_pull(fuse.is_some());
    }

    fn pull(&mut self) {
        let fuse = Fuse { writes: random(FUSE.0), bytes: random(FUSE.1) };
        match &mut self.desk {
            Some(desk) if matches!(self.state.phase, Phase::Busy { .. }) => {
                desk.send(DiskOrder::Pull(fuse));
                self.state.note_pull(true);
            }
            // Nothing is written now, so it writes until the plug goes.
            _ => self.write(None, Some(fuse)),
        }
    }

    fn wish(&mut self, context: &Context<Self>, wish: Wish) {
        let slug = || context.props().slug.to_string();
        match wish {
            Wish::Write(count) => self.write(count, None),
            Wish::Stop => {
                self.state.note_pull(false);
                if let Some(desk) = &mut self.desk {
                    desk.send(DiskOrder::Stop);
                }
            }
            Wish::Pull => self.pull(),
            Wish::Open(place) => self.open(context, place),
            Wish::Show(file, from) => self.order("Reading", DiskOrder::Show { file, from }),
            Wish::Flip(bit) => self.order("Flipping", DiskOrder::Flip(bit)),
            Wish::Take => {
                if self.hire(context) {
                    self.order("Exporting", DiskOrder::Take(slug()));
                }
            }
            Wish::Put(Some(bytes)) => self.order("Importing", DiskOrder::Put(bytes)),
            Wish::Put(None) => self.state.say("This file cannot be read.", true),
            Wish::Load(file) => {
                let load = async { Heard::Wish(Wish::Put(room::load(file).await)) };
                context.link().send_future(load);
            }
            Wish::AskClear(asks) => self.state.asks_clear = asks,
            Wish::Clear => {
                if self.hire(context) {
                    self.order("Clearing", DiskOrder::Clear(slug()));
                }
            }
            Wish::Measure => {
                if self.hire(context) {
                    self.order("Measuring", DiskOrder::Measure(slug()));
                }
            }
            Wish::Examine => {
                if self.hire(context) {
                    let slug = slug();
                    self.order("Checking", DiskOrder::Examine { slug, kills: KILLS });
                }
            }
            Wish::Keep => {
                context.link().send_future(async { Heard::Asked(room::look(true).await) });
            }
            Wish::SyncEach(sync_each) => self.state.sync_each = sync_each,
        }
    }
}

/// Where the plug is pulled is chance, and told afterwards; no run depends on it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is below `most`")]
fn random(most: u32) -> u32 {
    (js_sys::Math::random() * f64::from(most)) as u32
}
