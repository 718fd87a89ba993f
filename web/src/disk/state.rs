//! What the panel knows of a store.

use std::collections::BTreeSet;

use faultline_core::durable::Fuse;

use super::room::Room;
use crate::format::{count, counted};
use crate::wire::{
    Bit, DiskEngine, DiskOutcome as Outcome, DiskWord, Examined, FoundOnDisk as Found, Progress,
    Rate, Store,
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
    /// The bits that were flipped since the engine came up last.
    pub(super) flipped: BTreeSet<Bit>,
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
            flipped: BTreeSet::new(),
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
            DiskWord::Dead(store, progress, fuse) => {
                self.rest(Some(store));
                self.told = (progress.acknowledged, progress.written);
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
            DiskWord::Refused { sentence, is_locked, store } => {
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
        let from = self.flipped.iter().any(|bit| bit.file == file).then_some(shown.first);
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
            Some(DiskEngine::Killed) | None => Phase::Off,
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
            Outcome::Flipped(flipped) => {
                if !self.flipped.remove(&flipped) {
                    self.flipped.insert(flipped.clone());
                }
                let Bit { file, offset, bit } = flipped;
                let news = format!(
                    "Bit {bit} of byte {} of {file} is flipped, and the engine does not know. \
                     Recover to see what it says.",
                    count(offset)
                );
                self.say(&news, false);
            }
            Outcome::Put => {
                (self.found, self.flipped) = (None, BTreeSet::new());
                let operations = counted(self.told.1, "operation");
                self.say(&format!("The imported store is here now: {operations}."), false);
            }
            Outcome::Cleared => {
                (self.found, self.flipped) = (None, BTreeSet::new());
                self.say("All files of this store are removed, and a new one is begun.", false);
            }
            Outcome::Found(found) => {
                self.say(&recovered(&found), !found.tally.is_kept());
                self.flipped.clear();
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
                self.say(&survived(&examined), false);
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
                "The plug was pulled {writes} later, with {bytes} of the next in the file. Only the \
                 files are left; recover to see what they are worth."
            ),
            false,
        );
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

/// Says what was found, in a sentence.
fn recovered(found: &Found) -> String {
    let tally = &found.tally;
    if tally.issued == 0 {
        return "The store is new: nothing is in it yet.".into();
    }
    let acknowledged = counted(tally.acknowledged, "acknowledged operation");
    let looked_up = if tally.looked_up() < tally.acknowledged {
        format!("of {acknowledged} the last {} were looked up:", count(tally.looked_up()))
    } else {
        format!("of {acknowledged},")
    };
    let (lost, wrong) = (tally.lost.len() as u64, tally.wrong.len() as u64);
    match (lost, wrong) {
        (0, 0) => format!("Recovered: {looked_up} none is lost.{}", mended(found)),
        (lost, 0) => format!("Damage: {looked_up} {} lost.", is_or_are(lost)),
        (lost, wrong) => {
            format!(
                "Damage: {looked_up} {} lost and {} not what was written.",
                is_or_are(lost),
                is_or_are(wrong)
            )
        }
    }
}

/// Says what was damaged and is good again, behind another sentence; nothing if none was.
fn mended(found: &Found) -> String {
    if found.mended.is_empty() {
        return String::new();
    }
    format!(" Damage was found and made good: {}.", found.mended.join("; "))
}

/// Says what became of the operations that nobody had been promised; nothing if there were none.
pub(super) fn unpromised(found: &Found) -> String {
    let (recovered, gone) = (found.tally.recovered, found.tally.gone);
    let recovered = match recovered {
        0 => String::new(),
        _ => format!(
            "{} found beyond what had been promised. Recovery makes durable whatever it finds, so \
             from now on that is acknowledged, too.",
            was_or_were(recovered),
        ),
    };
    let gone = match gone {
        0 => String::new(),
        _ => format!("{} written and not promised, and did not last.", was_or_were(gone)),
    };
    [recovered, gone].join(" ").trim().to_owned()
}

/// Says what came of examining.
fn survived(examined: &Examined) -> String {
    let Examined { properties, kills, kills_in_recovery, acknowledged } = examined;
    format!(
        "This browser's files did all {properties} things that a disk must do. The plug was pulled {} \
         times, {} of them in the middle of a recovery: of {} the last were looked up after each, \
         and none is lost.",
        count((*kills).into()),
        count((*kills_in_recovery).into()),
        counted(*acknowledged, "acknowledged operation"),
    )
}

fn was_or_were(number: u64) -> String {
    let verb = if number == 1 { "was" } else { "were" };
    format!("{} {verb}", counted(number, "operation"))
}

fn is_or_are(number: u64) -> String {
    if number == 1 { "1 is".into() } else { format!("{} are", count(number)) }
}

#[cfg(test)]
mod tests {
    use faultline_core::durable::Tally;

    use super::*;

    fn found(tally: Tally) -> Found {
        Found { tally, lost: Vec::new(), wrong: Vec::new(), mended: Vec::new(), took_ms: 1.0 }
    }

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
    fn what_was_found_is_a_sentence_and_says_no_more_than_was_looked_up() {
        let all = Tally { acknowledged: 1_200, issued: 1_203, first: 1, ..Tally::default() };
        let last = Tally { first: 201, ..all.clone() };
        let sentence = |tally: &Tally| recovered(&found(tally.clone()));
        assert_eq!(
            [sentence(&all), sentence(&last)],
            [
                "Recovered: of 1,200 acknowledged operations, none is lost.",
                "Recovered: of 1,200 acknowledged operations the last 1,000 were looked up: none is \
                 lost.",
            ]
        );
        let damaged =
            Found { mended: vec!["copy b, from the other one".into()], ..found(all.clone()) };
        assert_eq!(
            recovered(&damaged),
            "Recovered: of 1,200 acknowledged operations, none is lost. Damage was found and made \
             good: copy b, from the other one."
        );
        let (all, last) = (Tally { lost: vec![7], ..all }, Tally { lost: vec![777, 778], ..last });
        assert_eq!(
            [sentence(&all), sentence(&last)],
            [
                "Damage: of 1,200 acknowledged operations, 1 is lost.",
                "Damage: of 1,200 acknowledged operations the last 1,000 were looked up: 2 are lost.",
            ]
        );
    }

    #[test]
    fn what_nobody_was_promised_is_told_with_the_reason() {
        let tally = Tally { acknowledged: 5, issued: 9, recovered: 3, gone: 1, ..Tally::default() };
        assert_eq!(
            unpromised(&found(tally)),
            "3 operations were found beyond what had been promised. Recovery makes durable whatever \
             it finds, so from now on that is acknowledged, too. 1 operation was written and not \
             promised, and did not last."
        );
        assert_eq!(unpromised(&found(Tally::default())), "");
    }

    #[test]
    fn a_pulled_plug_keeps_what_was_told_until_the_store_is_open_again() {
        let mut state = State::default();
        state.hear(DiskWord::Done(Some(store(up(5), false)), Outcome::Nothing));
        assert_eq!(state.told, (5, 7));
        state.phase = writing(true);
        let progress = Progress { written: 20, acknowledged: 10, percent: None };
        let left = store(DiskEngine::Killed, false);
        state.hear(DiskWord::Dead(left.clone(), progress, Fuse { writes: 3, bytes: 1 }));
        assert_eq!((state.told, state.phase.clone()), ((10, 20), Phase::Off));
        assert!(
            state.news.0.contains("3 writes later, with 1 byte of the next"),
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
    fn an_engine_that_does_not_come_up_shows_its_files() {
        let mut state = State::default();
        let store = Some(store(DiskEngine::Refused, false));
        let sentence = "Damaged.".to_owned();
        state.hear(DiskWord::Refused { sentence, is_locked: false, store: store.clone() });
        state.hear(DiskWord::Done(store, Outcome::Nothing));
        assert_eq!(state.phase, Phase::Refused { is_locked: false });
        assert!(state.store.is_some() && state.news == ("Damaged.".into(), true));
    }
}
