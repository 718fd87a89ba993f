//! What the panel knows of a store.

use faultline_core::durable::Fuse;

use super::room::Room;
use crate::format::{count, counted};
use crate::wire::{
    DiskOutcome as Outcome, DiskWord, Examined, FoundOnDisk as Found, Progress, Rate, Store,
};

/// What can be done now.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    /// It is at something, which can be stopped or not.
    Busy {
        /// What: "Writing".
        what: &'static str,
        /// Whether it writes to the store, so that the plug can be pulled.
        writes: bool,
    },
    /// It waits for orders.
    Ready,
    /// There is no worker: the plug has been pulled, or it was lost.
    Off,
    /// The store cannot be opened.
    Refused {
        /// Because another window has it open.
        is_locked: bool,
    },
}

/// What the panel shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) store: Option<Store>,
    pub(super) found: Option<Found>,
    pub(super) rates: Vec<Rate>,
    pub(super) examined: Option<Examined>,
    pub(super) room: Room,
    /// How far the order under way is.
    pub(super) progress: Option<Progress>,
    /// The latest news, and whether it is bad.
    pub(super) news: (String, bool),
    /// Up to which operation all were acknowledged, and the last one known of.
    pub(super) told: (u64, u64),
    /// After how many operations the engine is told to sync.
    pub(super) sync_each: u32,
    /// The byte that is to be flipped.
    pub(super) offset: u64,
    /// This window has no files: nothing outlives a worker.
    pub(super) is_in_memory: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            phase: Phase::Busy { what: "Opening", writes: false },
            store: None,
            found: None,
            rates: Vec::new(),
            examined: None,
            room: Room::default(),
            progress: None,
            news: (String::new(), false),
            told: (0, 0),
            sync_each: 10,
            offset: 0,
            is_in_memory: false,
        }
    }
}

impl State {
    /// Takes in what the worker says; returns bytes that are to be saved as a file, if there are
    /// any.
    pub(super) fn hear(&mut self, word: DiskWord) -> Option<Vec<u8>> {
        match word {
            DiskWord::Hello { .. } => None,
            DiskWord::Waits => {
                self.say("Another window or worker has the files; trying again.", false);
                None
            }
            DiskWord::Came(progress) => {
                if self.writes() {
                    self.told = (progress.acknowledged, progress.written);
                }
                self.progress = Some(progress);
                None
            }
            DiskWord::Dead(progress, fuse) => {
                self.told = (progress.acknowledged, progress.written);
                self.progress = Some(progress);
                self.pulled(fuse);
                None
            }
            DiskWord::Done(store, outcome) => {
                self.rest(store);
                self.learn(outcome)
            }
            DiskWord::Failed(store, sentence) => {
                self.rest(store);
                self.say(&sentence, true);
                None
            }
            DiskWord::Refused { sentence, is_locked } => {
                (self.phase, self.store) = (Phase::Refused { is_locked }, None);
                self.say(&sentence, true);
                None
            }
            DiskWord::Panicked(text) => {
                let text = text.lines().last().unwrap_or_default().to_owned();
                self.lost(&format!("The disk worker stopped: {text}."));
                None
            }
        }
    }

    fn writes(&self) -> bool {
        matches!(self.phase, Phase::Busy { writes: true, .. })
    }

    fn rest(&mut self, store: Option<Store>) {
        self.phase = if store.is_some() { Phase::Ready } else { Phase::Off };
        self.progress = None;
        if let Some(store) = store.as_ref().filter(|store| !store.is_copy) {
            self.told = (store.acknowledged, store.written);
            self.is_in_memory = !store.is_in_browser;
        }
        self.store = store;
    }

    fn learn(&mut self, outcome: Outcome) -> Option<Vec<u8>> {
        match outcome {
            Outcome::Nothing => self.say("", false),
            Outcome::Cleared => {
                (self.told, self.found) = ((0, 0), None);
                self.say("All files of this store are removed. Recover to begin a new one.", false);
            }
            Outcome::Found(found) => {
                self.say(&recovered(&found), !found.tally.is_kept());
                self.found = Some(found);
            }
            Outcome::Wrote { count: number, took_ms } => {
                let news = format!("Wrote {} in {took_ms:.0} ms.", counted(number, "operation"));
                self.say(&news, false);
            }
            Outcome::Taken(bytes) => {
                self.say("The store is exported as a file.", false);
                return Some(bytes);
            }
            Outcome::Measured(rates) => {
                self.say("Measured.", false);
                self.rates = rates;
            }
            Outcome::Examined(examined) => {
                let Examined { properties, kills, acknowledged } = examined;
                self.say(
                    &format!(
                        "This browser's files did all {properties} things that a disk must do. The \
                         plug was pulled {} times: of {}, none is lost.",
                        count(kills.into()),
                        counted(acknowledged, "acknowledged operation"),
                    ),
                    false,
                );
                self.examined = Some(examined);
            }
        }
        None
    }

    fn pulled(&mut self, fuse: Fuse) {
        let Fuse { writes, bytes } = fuse;
        let (writes, bytes) = (counted(writes.into(), "write"), counted(bytes.into(), "byte"));
        self.say(
            &format!(
                "The plug was pulled: after {writes}, {bytes} of the next are in the file. Only the \
                 files are left."
            ),
            false,
        );
        (self.phase, self.store) = (Phase::Off, None);
    }

    /// The worker is gone.
    pub(super) fn lost(&mut self, sentence: &str) {
        (self.phase, self.store, self.progress) = (Phase::Off, None, None);
        self.say(sentence, true);
    }

    pub(super) fn say(&mut self, news: &str, is_bad: bool) {
        self.news = (news.to_owned(), is_bad);
    }
}

/// Says what was found, in a sentence.
fn recovered(found: &Found) -> String {
    let tally = &found.tally;
    if tally.issued == 0 {
        return "The store is new: nothing is in it yet.".into();
    }
    let acknowledged = counted(tally.acknowledged, "acknowledged operation");
    let (lost, wrong) = (tally.lost.len() as u64, tally.wrong.len() as u64);
    match (lost, wrong) {
        (0, 0) => format!("Recovered: of {acknowledged}, none is lost."),
        (lost, 0) => format!("Of {acknowledged}, {} lost.", is_or_are(lost)),
        (lost, wrong) => {
            format!(
                "Of {acknowledged}, {} lost and {} not what was written.",
                is_or_are(lost),
                is_or_are(wrong)
            )
        }
    }
}

fn is_or_are(number: u64) -> String {
    if number == 1 { "1 is".into() } else { format!("{} are", count(number)) }
}

#[cfg(test)]
mod tests {
    use faultline_core::durable::Tally;

    use super::*;

    fn found(lost: Vec<u64>) -> Found {
        let tally = Tally { acknowledged: 1_200, issued: 1_203, lost, ..Tally::default() };
        Found { tally, lost: Vec::new(), wrong: Vec::new(), took_ms: 1.0 }
    }

    fn store(acknowledged: u64, is_copy: bool) -> Store {
        Store {
            is_in_browser: true,
            is_copy,
            written: acknowledged + 2,
            acknowledged,
            next: String::new(),
            files: Vec::new(),
            shown: None,
        }
    }

    #[test]
    fn what_was_found_is_a_sentence() {
        assert_eq!(
            recovered(&found(vec![])),
            "Recovered: of 1,200 acknowledged operations, none is lost."
        );
        assert_eq!(recovered(&found(vec![7])), "Of 1,200 acknowledged operations, 1 is lost.");
    }

    #[test]
    fn a_pulled_plug_keeps_what_was_told_until_the_store_is_open_again() {
        let mut state = State::default();
        state.hear(DiskWord::Done(Some(store(5, false)), Outcome::Nothing));
        assert_eq!(state.told, (5, 7));
        state.phase = Phase::Busy { what: "Writing", writes: true };
        let progress = Progress { written: 20, acknowledged: 10, percent: None };
        state.hear(DiskWord::Dead(progress, Fuse { writes: 3, bytes: 1 }));
        assert_eq!((state.told, state.phase.clone()), ((10, 20), Phase::Off));
        assert!(state.news.0.contains("after 3 writes, 1 byte of the next"), "{}", state.news.0);
        let refused = DiskWord::Refused { sentence: "No.".into(), is_locked: true };
        state.hear(refused);
        assert_eq!(state.told, (10, 20));
        state.hear(DiskWord::Done(Some(store(3, true)), Outcome::Nothing));
        assert_eq!(state.told, (10, 20), "a copy says nothing of what was promised");
        state.hear(DiskWord::Done(None, Outcome::Cleared));
        assert_eq!((state.told, state.phase), ((0, 0), Phase::Off));
    }
}
