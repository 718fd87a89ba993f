//! What the panel knows of a store.

use std::collections::BTreeMap;

use super::room::Room;
use super::words::{LOCKED, not_up, pulled, recovered, survived};
use crate::format::{count, counted};
use crate::wire::{
    Bit, DiskEngine, DiskOutcome as Outcome, DiskWord, Examined, FoundOnDisk as Found, Progress,
    ROUNDS, Rate, Store,
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
        /// Whether the plug has been pulled meanwhile.
        is_pulled: bool,
    },
    /// It waits for orders.
    Ready,
    /// There is no engine: the plug has been pulled, or the worker was lost.
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
    /// Why the store does not come up, for as long as it does not.
    pub(super) refusal: Option<String>,
    /// The bits that were flipped and that nobody has written over, and what their bytes were then.
    pub(super) flipped: BTreeMap<Bit, u8>,
    /// The files that the last recovery has removed, and those that it has made.
    pub(super) changed: [Vec<String>; 2],
    /// The viewer is asked whether all is to be removed.
    pub(super) asks_clear: bool,
    /// Up to which operation all were acknowledged, and the last one known of.
    pub(super) told: (u64, u64),
    /// After how many operations the engine is told to sync.
    pub(super) sync_each: u32,
    /// This window has no files: nothing outlives a worker.
    pub(super) is_in_memory: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            phase: Phase::Busy { what: "Opening", writes: false, is_pulled: false },
            store: None,
            found: None,
            rates: Vec::new(),
            examined: None,
            room: Room::default(),
            progress: None,
            news: (String::new(), false),
            refusal: None,
            flipped: BTreeMap::new(),
            changed: Default::default(),
            asks_clear: false,
            told: (0, 0),
            sync_each: 10,
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
            DiskWord::Dead(store, progress, cut) => {
                self.rest(Some(store));
                self.told = (progress.acknowledged, progress.written);
                self.say(&pulled(cut), false);
                None
            }
            DiskWord::Done(store, outcome) => {
                if let Outcome::Found(_) = outcome {
                    self.changed = changed(self.store.as_ref(), store.as_ref());
                }
                self.rest(store);
                self.learn(outcome)
            }
            DiskWord::Failed(store, sentence) => {
                self.rest(store);
                self.say(&sentence, true);
                None
            }
            DiskWord::Refused { sentence, is_locked, store } => {
                let sentence = match &store {
                    _ if is_locked => LOCKED.into(),
                    Some(_) => not_up(&sentence, self.told.0),
                    None => sentence,
                };
                self.rest(store);
                self.phase = Phase::Refused { is_locked };
                self.say(&sentence, true);
                self.refusal = Some(sentence);
                None
            }
            DiskWord::Panicked(text) => {
                let text = text.lines().last().unwrap_or_default().to_owned();
                self.lost(&format!("The disk worker stopped: {text}."));
                None
            }
        }
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self.phase, Phase::Busy { writes: true, .. })
    }

    /// The file whose bytes are shown, and from which sector on if that is where bits were flipped:
    /// they are to be found again.
    pub(super) fn shown(&self) -> Option<(String, Option<u32>)> {
        let shown = self.store.as_ref()?.shown.as_ref()?;
        let file = shown.sectors.label.clone();
        let from = self.flipped.keys().any(|bit| bit.file == file).then_some(shown.first);
        Some((file, from))
    }

    /// Whether the plug has been pulled while something is written.
    pub(super) fn is_pulled(&self) -> bool {
        matches!(self.phase, Phase::Busy { is_pulled: true, .. })
    }

    /// Notes that the plug has been pulled, or not after all.
    pub(super) fn note_pull(&mut self, pulled: bool) {
        if let Phase::Busy { is_pulled, .. } = &mut self.phase {
            *is_pulled = pulled;
        }
    }

    fn rest(&mut self, store: Option<Store>) {
        self.phase = match store.as_ref().map(|store| &store.engine) {
            Some(DiskEngine::Up { .. }) => Phase::Ready,
            Some(DiskEngine::Refused) => Phase::Refused { is_locked: false },
            Some(DiskEngine::Killed | DiskEngine::Stopped) | None => Phase::Off,
        };
        self.progress = None;
        if self.phase != (Phase::Refused { is_locked: false }) {
            self.refusal = None;
        }
        if let Some(store) = store.as_ref().filter(|store| !store.is_copy) {
            self.is_in_memory = !store.is_in_browser;
            if let DiskEngine::Up { written, acknowledged, .. } = store.engine {
                self.told = (acknowledged, written);
            }
        }
        self.store = store;
    }

    fn learn(&mut self, outcome: Outcome) -> Option<Vec<u8>> {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Stopped => self.say("Stopped.", false),
            Outcome::Flipped(flipped, byte) => {
                self.flip(flipped.clone(), byte);
                let Bit { file, offset, bit } = flipped;
                let news = format!(
                    "Bit {bit} of byte {} of {file} is flipped, and the engine does not know. \
                     Recover to see what it says.",
                    count(offset)
                );
                self.say(&news, false);
            }
            Outcome::Put => {
                self.forget();
                let operations = counted(self.told.1, "operation");
                self.say(&format!("The imported store is here now: {operations}."), false);
            }
            Outcome::Cleared => {
                self.forget();
                self.say("All files of this store are removed, and a new one is begun.", false);
            }
            Outcome::Found(found) => {
                let is_good = found.tally.is_kept() && found.why_unreadable.is_none();
                self.say(&recovered(&found), !is_good);
                self.flipped.retain(|bit, _| found.flipped.contains(bit));
                self.found = Some(*found);
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
                let news = format!("Measured: each figure is the median of {ROUNDS} short rounds.");
                self.say(&news, false);
                self.rates = rates;
            }
            Outcome::Examined(examined) => {
                self.say(&survived(&examined), false);
                self.examined = Some(examined);
            }
        }
        None
    }

    /// Notes a flipped bit, or that it is flipped back, and what its byte is now.
    fn flip(&mut self, flipped: Bit, byte: u8) {
        for (bit, was) in &mut self.flipped {
            if (&bit.file, bit.offset) == (&flipped.file, flipped.offset) {
                *was = byte;
            }
        }
        if self.flipped.remove(&flipped).is_none() {
            self.flipped.insert(flipped, byte);
        }
    }

    /// Another store is here now, of which nothing was recovered.
    fn forget(&mut self) {
        (self.found, self.changed) = (None, Default::default());
        self.flipped.clear();
    }

    /// The worker is gone.
    pub(super) fn lost(&mut self, sentence: &str) {
        (self.phase, self.store, self.progress) = (Phase::Off, None, None);
        let rest =
            if self.is_in_memory { " All that was in its memory is gone with it." } else { "" };
        self.say(&format!("{sentence}{rest}"), true);
    }

    pub(super) fn say(&mut self, news: &str, is_bad: bool) {
        self.news = (news.to_owned(), is_bad);
    }
}

/// Returns which files are gone, and which are new.
fn changed(before: Option<&Store>, now: Option<&Store>) -> [Vec<String>; 2] {
    let (Some(before), Some(now)) = (before, now) else { return Default::default() };
    let without = |these: &Store, those: &Store| {
        let is_there = |name: &String| those.files.iter().any(|(it, _)| it == name);
        let names = these.files.iter().map(|(name, _)| name);
        names.filter(|name| !is_there(name)).cloned().collect()
    };
    [without(before, now), without(now, before)]
}

#[cfg(test)]
mod tests {
    use faultline_core::durable::Cut;

    use super::*;

    fn store(engine: DiskEngine, is_copy: bool) -> Store {
        Store { is_in_browser: !is_copy, is_copy, engine, files: Vec::new(), shown: None }
    }

    fn up(acknowledged: u64) -> DiskEngine {
        DiskEngine::Up { written: acknowledged + 2, acknowledged, next: String::new() }
    }

    fn writing(is_pulled: bool) -> Phase {
        Phase::Busy { what: "Writing", writes: true, is_pulled }
    }

    #[test]
    fn a_pulled_plug_keeps_what_was_told_until_the_store_is_open_again() {
        let mut state = State::default();
        state.hear(DiskWord::Done(Some(store(up(5), false)), Outcome::Nothing));
        assert_eq!(state.told, (5, 7));
        state.phase = writing(true);
        let progress = Progress { written: 20, acknowledged: 10, percent: None };
        let left = store(DiskEngine::Killed, false);
        let cut = Cut { writes: 3, bytes: 1, of_bytes: 512 };
        state.hear(DiskWord::Dead(left.clone(), progress, cut));
        assert_eq!((state.told, state.phase.clone()), ((10, 20), Phase::Off));
        assert!(
            state.news.0.contains("3 file writes later, with 1 of the next"),
            "{}",
            state.news.0
        );
        // What it left is there to be looked at, and looking at it says nothing new.
        let news = state.news.clone();
        state.hear(DiskWord::Done(Some(left), Outcome::Nothing));
        assert_eq!((state.phase.clone(), &state.news), (Phase::Off, &news));
        assert!(state.store.is_some());
        let refused = |store| DiskWord::Refused { sentence: "No.".into(), is_locked: true, store };
        state.hear(refused(None));
        assert_eq!(state.told, (10, 20));
        state.hear(DiskWord::Done(Some(store(up(3), true)), Outcome::Nothing));
        assert_eq!(state.told, (10, 20), "a copy says nothing of what was promised");
        let new = DiskEngine::Up { written: 0, acknowledged: 0, next: String::new() };
        state.hear(DiskWord::Done(Some(store(new, false)), Outcome::Cleared));
        assert_eq!((state.told, state.phase), ((0, 0), Phase::Ready));
    }

    #[test]
    fn a_plug_that_did_not_go_in_time_is_pulled_no_more() {
        let mut state = State { phase: writing(false), ..State::default() };
        state.note_pull(true);
        assert!(state.is_pulled());
        let wrote = Outcome::Wrote { count: 9, took_ms: 1.0 };
        state.hear(DiskWord::Done(Some(store(up(9), false)), wrote));
        assert_eq!((state.is_pulled(), state.phase.clone()), (false, Phase::Ready));
        state.note_pull(true);
        assert!(!state.is_pulled(), "nothing is under way");
    }

    #[test]
    fn a_measurement_that_is_stopped_tells_no_figures() {
        let mut state = State::default();
        state.hear(DiskWord::Done(Some(store(up(5), false)), Outcome::Stopped));
        assert_eq!((state.news, state.rates), (("Stopped.".into(), false), Vec::new()));
    }

    #[test]
    fn a_recovery_that_is_stopped_keeps_what_was_told() {
        let mut state = State { told: (10, 20), ..State::default() };
        let stopped = store(DiskEngine::Stopped, false);
        state.hear(DiskWord::Failed(Some(stopped), "Stopped.".into()));
        assert_eq!((state.told, state.phase), ((10, 20), Phase::Off));
    }

    #[test]
    fn an_engine_that_does_not_come_up_shows_its_files() {
        let mut state = State::default();
        let store = Some(store(DiskEngine::Refused, false));
        let sentence = "Damaged.".to_owned();
        state.hear(DiskWord::Refused { sentence, is_locked: false, store: store.clone() });
        state.hear(DiskWord::Done(store, Outcome::Nothing));
        assert_eq!(state.phase, Phase::Refused { is_locked: false });
        let sentence = "Damaged. The engine is not up.".to_owned();
        assert!(state.store.is_some() && state.news == (sentence, true));
    }

    #[test]
    fn what_was_flipped_is_marked_until_it_is_written_over_or_flipped_back() {
        let mut state = State::default();
        let bit = |bit| Bit { file: "a".into(), offset: 9, bit };
        let up = || Some(store(up(5), false));
        for (place, byte) in [(0, 1), (1, 3), (2, 7), (1, 5)] {
            state.hear(DiskWord::Done(up(), Outcome::Flipped(bit(place), byte)));
        }
        assert_eq!(state.flipped, [(bit(0), 5), (bit(2), 5)].into());
        let found = Found { flipped: vec![bit(2)], ..Found::default() };
        state.hear(DiskWord::Done(up(), Outcome::Found(Box::new(found))));
        assert_eq!(state.flipped, [(bit(2), 5)].into());
        state.hear(DiskWord::Done(up(), Outcome::Cleared));
        assert!(state.flipped.is_empty());
    }

    #[test]
    fn files_that_a_recovery_removes_and_makes_are_told() {
        let with = |names: [&str; 2]| {
            let files = names.map(|name| (name.to_owned(), 1)).into();
            Some(Store { files, ..store(up(5), false) })
        };
        let mut state = State::default();
        state.hear(DiskWord::Done(with(["3.log", "manifest"]), Outcome::Nothing));
        let found = Outcome::Found(Box::default());
        state.hear(DiskWord::Done(with(["4.table", "manifest"]), found));
        assert_eq!(state.changed, [vec!["3.log".to_owned()], vec!["4.table".to_owned()]]);
    }
}
