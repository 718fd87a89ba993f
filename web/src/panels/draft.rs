//! What stands in a text area while its text is changed elsewhere too.
//!
//! What is typed waits a moment, so that a few letters make one edit. Until the engine has taken it in, what
//! it says of the text is older than what stands here.

use faultline_core::sim::{Edits, Splice};

/// A text as the viewer sees and changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// What stands in the area.
    text: String,
    /// The text on which that was typed.
    seen: String,
    /// The text as the engine last told it.
    told: String,
    /// The number of the last edit that was sent, until a frame knows of it.
    awaited: Option<u32>,
    /// Up to which edit the last frame knew of them.
    known: u32,
    /// Whether an input method is at work: then the area must be left alone.
    pub(crate) is_composing: bool,
}

impl Draft {
    /// Returns what stands in the area.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The engine to which edits were sent is lost.
    pub(crate) fn begin_anew(&mut self) {
        self.awaited = None;
    }

    /// Hears how the text is where edits up to `typed_up_to` are known. Returns what changes in the area.
    pub(crate) fn hear(&mut self, told: &str, typed_up_to: u32) -> Option<Edits> {
        // Who knows of fewer than before is another engine: it will never know of what was sent to the last.
        if typed_up_to < std::mem::replace(&mut self.known, typed_up_to) {
            self.awaited = None;
        }
        if self.awaited.is_some_and(|awaited| typed_up_to < awaited) {
            return None;
        }
        self.awaited = None;
        told.clone_into(&mut self.told);
        self.take_in()
    }

    /// Takes in what was told last, under what was typed since. Returns what changes in the area.
    pub(crate) fn take_in(&mut self) -> Option<Edits> {
        if self.is_composing || self.awaited.is_some() {
            return None;
        }
        let text = Edits::rebased(&self.seen, &self.text, &self.told).apply(&self.told);
        let change = Edits::between(&self.text, &text);
        self.seen.clone_from(&self.told);
        self.text = text;
        (!change.is_empty()).then_some(change)
    }

    /// The viewer has typed. Text that does not fit is not taken, for the reason that `why_not` gives.
    pub(crate) fn write(
        &mut self,
        text: String,
        why_not: impl FnMut(Splice) -> Option<String>,
    ) -> Result<(), String> {
        let edits = Edits::between(&self.seen, &text);
        if let Some(reason) = edits.in_turn().cloned().find_map(why_not) {
            return Err(reason);
        }
        self.text = text;
        Ok(())
    }

    /// Returns what was typed since it was last asked for, if anything: the text before and after.
    pub(crate) fn send(&mut self, request: u32) -> Option<(String, String)> {
        if self.is_composing || self.text == self.seen {
            return None;
        }
        let seen = std::mem::replace(&mut self.seen, self.text.clone());
        self.awaited = Some(request);
        Some((seen, self.text.clone()))
    }

    /// Returns what was typed and not sent, if anything: the text before and after.
    pub(crate) fn unsent(&self) -> Option<(&str, &str)> {
        (self.text != self.seen).then_some((&self.seen, &self.text))
    }
}

/// Returns how many characters stand before a place that is counted as browsers do, in UTF-16 units.
pub(crate) fn characters_before(text: &str, units: u32) -> u32 {
    let mut left = units as usize;
    let is_before = |letter: &char| {
        let fits = letter.len_utf16() <= left;
        left = left.saturating_sub(letter.len_utf16());
        fits
    };
    u32::try_from(text.chars().take_while(is_before).count()).unwrap_or(u32::MAX)
}

/// Returns that place as browsers count it.
pub(crate) fn units_before(text: &str, characters: u32) -> u32 {
    let units = text.chars().take(characters as usize).map(char::len_utf16).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(_: Splice) -> Option<String> {
        None
    }

    #[test]
    fn what_others_type_comes_in_under_what_is_typed() {
        let mut draft = Draft::default();
        assert_eq!(draft.hear("abc", 0), Some(Edits::between("", "abc")));
        draft.write("abc mine".into(), fits).unwrap();
        let change = draft.hear("theirs abc", 0).unwrap();
        assert_eq!((draft.text(), change.moved(5)), ("theirs abc mine", 12));
        assert_eq!(draft.send(7), Some(("theirs abc".into(), "theirs abc mine".into())));
        // What the engine says before it knows of that is older than what stands here.
        assert_eq!(draft.hear("theirs abc", 6), None);
        assert_eq!(draft.text(), "theirs abc mine");
        assert_eq!(draft.hear("theirs abc mine", 7), None);
        assert_eq!(draft.send(8), None, "nothing is left to send");
    }

    #[test]
    fn the_cursor_and_what_is_typed_stay_between_changes_in_two_places() {
        let mut draft = Draft::default();
        draft.hear("bread and milk", 0);
        draft.write("bread and no milk".into(), fits).unwrap();
        let change = draft.hear("much bread and milky tea", 0).unwrap();
        assert_eq!((draft.text(), change.moved(13)), ("much bread and no milky tea", 18));
        draft.write("much bread milky tea".into(), fits).unwrap();
        draft.hear("two: much bread and milky teas", 0);
        assert_eq!(draft.text(), "two: much bread milky teas");
    }

    #[test]
    fn what_was_refused_is_gone() {
        let mut draft = Draft::default();
        draft.hear("ab", 0);
        assert_eq!(draft.write("abcd".into(), |_| Some("no".into())), Err("no".into()));
        assert_eq!(draft.text(), "ab");
        draft.write("abc".into(), fits).unwrap();
        assert!(draft.send(1).is_some());
        assert!(draft.hear("ab", 1).is_some());
        assert_eq!(draft.text(), "ab");
    }

    #[test]
    fn what_another_engine_was_sent_is_not_waited_for() {
        let mut draft = Draft::default();
        draft.hear("ab", 5);
        draft.write("abc".into(), fits).unwrap();
        assert!(draft.send(6).is_some());
        assert_eq!(draft.hear("xab", 5), None, "the same engine will know of it");
        assert!(draft.hear("ab", 0).is_some());
        assert_eq!(draft.text(), "ab");
        draft.write("abd".into(), fits).unwrap();
        assert!(draft.send(7).is_some());
        draft.begin_anew();
        assert!(draft.hear("ab", 0).is_some());
        assert_eq!(draft.text(), "ab");
    }

    #[test]
    fn what_is_measured_is_what_waits() {
        let few =
            |edit: Splice| (edit.length() > 3).then(|| "at most 3 characters at once".to_owned());
        let mut draft = Draft::default();
        draft.write("abc".into(), few).unwrap();
        assert!(draft.write("abcdef".into(), few).is_err());
        assert_eq!(draft.unsent(), Some(("", "abc")));
        assert!(draft.send(1).is_some());
        assert_eq!(draft.unsent(), None);
        draft.write("abcdef".into(), few).unwrap();
        assert_eq!(draft.unsent(), Some(("abc", "abcdef")));
    }

    #[test]
    fn an_input_method_is_not_disturbed() {
        let mut draft = Draft { is_composing: true, ..Draft::default() };
        draft.write("に".into(), fits).unwrap();
        assert_eq!((draft.hear("x", 0), draft.send(1)), (None, None));
        draft.is_composing = false;
        assert!(draft.take_in().is_some());
        assert_eq!(draft.text(), "にx");
    }

    #[test]
    fn places_are_counted_as_browsers_do() {
        let text = "a🦀é";
        assert_eq!([0, 1, 3, 4, 9].map(|units| characters_before(text, units)), [0, 1, 2, 3, 3]);
        assert_eq!(characters_before(text, 2), 1, "half a letter is none");
        assert_eq!([0, 1, 2, 3, 9].map(|place| units_before(text, place)), [0, 1, 3, 4, 4]);
    }
}
