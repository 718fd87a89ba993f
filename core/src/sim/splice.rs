//! An edit of a text: letters at one place are replaced by others.
//!
//! Places count characters, not bytes, and whatever lies beyond the text is its end: every edit of every text
//! is one. An edit that was made on a text seen some moments ago is moved over what has happened since, as
//! operational transformation does it (Ellis & Gibbs 1989, section 4): letters that its author had not seen
//! are never deleted by it.

use serde::{Deserialize, Serialize};

/// An edit of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Splice {
    /// How many characters stand before it.
    pub at: u32,
    /// How many it deletes.
    pub deleted: u32,
    /// What it puts there instead.
    pub inserted: String,
}

fn count(letters: usize) -> u32 {
    u32::try_from(letters).unwrap_or(u32::MAX)
}

/// Returns the byte before which so many characters stand; the text's end if it has no more.
fn byte_of(text: &str, characters: u32) -> usize {
    text.char_indices().nth(characters as usize).map_or(text.len(), |(byte, _)| byte)
}

impl Splice {
    /// Returns an edit that puts something before a text.
    pub fn insertion(inserted: &str) -> Self {
        Self { inserted: inserted.into(), ..Self::default() }
    }

    /// Returns true if it changes no text.
    pub fn is_empty(&self) -> bool {
        self.deleted == 0 && self.inserted.is_empty()
    }

    /// Returns how many characters it inserts.
    pub fn length(&self) -> u32 {
        count(self.inserted.chars().count())
    }

    fn end(&self) -> u32 {
        self.at.saturating_add(self.deleted)
    }

    /// Returns the text after it.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let (begin, end) = (byte_of(text, self.at), byte_of(text, self.end()));
        [&text[..begin], &*self.inserted, &text[end..]].concat()
    }

    /// Returns it as it is on a text of so many characters: deleting only what is there.
    #[must_use]
    pub fn within(self, length: u32) -> Self {
        let at = self.at.min(length);
        Self { at, deleted: self.deleted.min(length - at), inserted: self.inserted }
    }

    /// Returns where a place of the text is after it. What is inserted there comes behind the place.
    pub fn moved(&self, place: u32) -> u32 {
        if place <= self.at {
            place
        } else if place < self.end() {
            self.at
        } else {
            (place - self.deleted).saturating_add(self.length())
        }
    }

    /// Returns what it comes to on the text after `other`, both made on the same text: one edit, or two that
    /// are apart, in order of place, if `other` has inserted in the midst of what it deletes.
    pub fn over(&self, other: &Self) -> Vec<Self> {
        let left = self.end().min(other.at).saturating_sub(self.at);
        let right = self.end().saturating_sub(self.at.max(other.end()));
        let edit = |at, deleted| Self { at, deleted, inserted: self.inserted.clone() };
        match (left, right) {
            (0, 0) => vec![edit(other.moved(self.at), 0)],
            (_, 0) => vec![edit(self.at, left)],
            (0, _) => {
                let at = self.at.max(other.end()) - other.deleted;
                vec![edit(at.saturating_add(other.length()), right)]
            }
            _ if other.inserted.is_empty() => vec![edit(self.at, left.saturating_add(right))],
            _ => {
                let at = other.at.saturating_add(other.length());
                let rest = Self { at, deleted: right, inserted: String::new() };
                vec![edit(self.at, left), rest]
            }
        }
    }
}

/// So many letters in a row stand in both of two texts by more than chance.
const LEAST_COMMON: usize = 4;
/// Of texts that differ over more pairs of letters than this, it is not asked what they have in common there.
const MOST_PAIRS: usize = 4_000_000;

/// What makes one text of another: edits of that text, apart, in order of place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits(Vec<Splice>);

impl Edits {
    /// Finds edits that make one text of another. What both have in common between two differences, and long
    /// enough, is left alone: so a place in it keeps its place.
    pub fn between(before: &str, after: &str) -> Self {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        let mut found = Vec::new();
        find_differences(0, &letters(before), &letters(after), &mut found);
        Self(found)
    }

    /// Returns what the change from `seen` to `wanted` comes to on the text as it is `now`, others having
    /// changed that since it was seen.
    pub fn rebased(seen: &str, wanted: &str, now: &str) -> Self {
        let Self(mine) = Self::between(seen, wanted);
        let Self(theirs) = Self::between(seen, now);
        // From the last one on: the places of those before it are still the same.
        let mine = theirs
            .iter()
            .rev()
            .fold(mine, |mine, theirs| mine.iter().flat_map(|edit| edit.over(theirs)).collect());
        Self(mine.into_iter().filter(|edit| !edit.is_empty()).collect())
    }

    /// Returns true if they change nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns them so that each can be made on the text after those before it: the last place comes first.
    pub fn in_turn(&self) -> impl Iterator<Item = &Splice> {
        self.0.iter().rev()
    }

    /// Returns the text after all of them.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        self.in_turn().fold(text.to_owned(), |text, edit| edit.apply(&text))
    }

    /// Returns where a place of the text is after all of them.
    pub fn moved(&self, place: u32) -> u32 {
        self.in_turn().fold(place, |place, edit| edit.moved(place))
    }
}

/// Finds where two texts differ; they begin so many characters into the whole.
fn find_differences(at: usize, before: &[char], after: &[char], found: &mut Vec<Splice>) {
    let is_same = |(one, other): &(&char, &char)| one == other;
    let start = before.iter().zip(after).take_while(is_same).count();
    let (at, before, after) = (at + start, &before[start..], &after[start..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(is_same).count();
    let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
    if before.is_empty() && after.is_empty() {
        return;
    }
    let (place, other_place, common) = longest_common(before, after);
    if common < LEAST_COMMON {
        let inserted = after.iter().collect();
        return found.push(Splice { at: count(at), deleted: count(before.len()), inserted });
    }
    find_differences(at, &before[..place], &after[..other_place], found);
    let (place, other_place) = (place + common, other_place + common);
    find_differences(at + place, &before[place..], &after[other_place..], found);
}

/// Returns where the most letters in a row stand that are the same in both, and how many.
fn longest_common(one: &[char], other: &[char]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    if one.len().saturating_mul(other.len()) > MOST_PAIRS {
        return best;
    }
    // How many letters up to here are the same, by place in the other: from the last place on, so that
    // what stands before is still that of the letter before.
    let mut same = vec![0; other.len() + 1];
    for (place, letter) in (1..).zip(one) {
        for other_place in (1..=other.len()).rev() {
            let is_same = other[other_place - 1] == *letter;
            let length = if is_same { same[other_place - 1] + 1 } else { 0 };
            same[other_place] = length;
            if length > best.2 {
                best = (place - length, other_place - length, length);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn splice(at: u32, deleted: u32, inserted: &str) -> Splice {
        Splice { at, deleted, inserted: inserted.into() }
    }

    fn over(text: &str, mine: &Splice, theirs: &Splice) -> String {
        Edits(mine.over(theirs)).apply(&theirs.apply(text))
    }

    #[test]
    fn what_was_not_seen_is_not_deleted() {
        let (all, typed) = (splice(0, 6, "new"), splice(3, 0, "THEIRS"));
        assert_eq!(over("abcdef", &all, &typed), "newTHEIRS");
        assert_eq!(over("abcdef", &splice(3, 3, ""), &typed), "abcTHEIRS");
        assert_eq!(over("abcdef", &splice(0, 3, ""), &typed), "THEIRSdef");
        assert_eq!(over("abcdef", &splice(1, 4, "x"), &splice(2, 2, "")), "axf");
        assert_eq!(over("abcdef", &splice(3, 0, "mine"), &splice(2, 2, "T")), "abmineTef");
    }

    #[test]
    fn letters_are_counted_not_bytes() {
        assert_eq!(Edits::between("日本", "日x本"), Edits(vec![splice(1, 0, "x")]));
        assert_eq!(splice(1, 1, "🦀").apply("é👩‍🚀"), "é🦀\u{200d}🚀");
        assert_eq!(splice(u32::MAX, u32::MAX, "z").apply("ab"), "abz");
        assert_eq!(splice(1, u32::MAX, "z").within(3), splice(1, 2, "z"));
    }

    #[test]
    fn a_cursor_keeps_its_place() {
        let theirs = splice(2, 3, "long");
        assert_eq!([0, 2, 4, 5, 9].map(|place| theirs.moved(place)), [0, 2, 2, 6, 10]);
    }

    #[test]
    fn what_two_texts_have_in_common_is_left_alone() {
        let both = Edits::between("bread and milk", "much bread and milky tea");
        assert_eq!(both, Edits(vec![splice(0, 0, "much "), splice(14, 0, "y tea")]));
        assert_eq!(both.moved(6), 11, "a place between two changes keeps its place");
        // A letter or two are the same by chance.
        let other = Edits::between("read", "utter words");
        assert_eq!(other, Edits(vec![splice(0, 4, "utter words")]));
    }

    #[test]
    fn others_may_have_changed_the_text_in_several_places() {
        let (seen, now) = ("bread and milk", "much bread and milky tea");
        let rebased = |wanted| Edits::rebased(seen, wanted, now).apply(now);
        assert_eq!(rebased("bread and no milk"), "much bread and no milky tea");
        assert_eq!(rebased("bread milk"), "much bread milky tea");
        assert_eq!(rebased("bread and cold milk!"), "much bread and cold milk!y tea");
        assert_eq!(rebased(""), "much y tea");
        assert_eq!(rebased(seen), now);
    }

    #[test]
    fn texts_too_long_to_be_compared_differ_as_a_whole() {
        let long = |letter: &str| letter.repeat(2_500);
        let (one, other) = (format!("x{}y", long("ab")), format!("y{}x", long("ab")));
        let edits = Edits::between(&one, &other);
        assert_eq!((edits.0.len(), edits.apply(&one)), (1, other));
    }

    /// Texts of few letters, so that they have much in common.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["[ab]{0,8}", "[aé🦀\u{301}\n]{0,12}", any::<String>()]
    }

    fn splices() -> impl Strategy<Value = Splice> {
        let places = || prop_oneof![0..12_u32, any::<u32>()];
        let any = (places(), places(), "[xyé🦀\u{301}]{0,4}");
        any.prop_map(|(at, deleted, inserted)| Splice { at, deleted, inserted })
    }

    proptest! {
        #[test]
        fn an_edit_between_two_texts_makes_one_of_the_other(one in texts(), other in texts()) {
            let edits = Edits::between(&one, &other);
            prop_assert_eq!(edits.apply(&one), other.clone());
            prop_assert_eq!(edits.is_empty(), one == other);
            let are_apart = edits.0.windows(2).all(|pair| pair[0].end() < pair[1].at);
            prop_assert!(are_apart, "{:?}", edits);
        }

        #[test]
        fn a_change_over_none_is_itself(one in texts(), other in texts()) {
            prop_assert_eq!(Edits::rebased(&one, &other, &one).apply(&one), other.clone());
            prop_assert_eq!(Edits::rebased(&one, &one, &other).apply(&other), other.clone());
        }

        #[test]
        fn no_change_takes_what_others_have_inserted(
            lengths in prop::collection::vec(LEAST_COMMON..9, 1..5),
            wanted in "[а-я]{0,30}",
        ) {
            let mut letters = 'а'..='я';
            let part = |length: usize| letters.by_ref().take(length).collect::<String>();
            let parts: Vec<String> = lengths.into_iter().map(part).collect();
            let (seen, now) = (parts.concat(), format!("T{}T", parts.join("T")));
            let after = Edits::rebased(&seen, &wanted, &now).apply(&now);
            prop_assert_eq!(after.replace('T', ""), wanted);
            prop_assert_eq!(after.matches('T').count(), parts.len() + 1);
        }

        #[test]
        fn every_edit_is_one_of_every_text(text in texts(), edit in splices()) {
            let after = edit.apply(&text);
            let length = count(text.chars().count());
            let within = edit.clone().within(length);
            prop_assert_eq!(within.apply(&text), after.clone());
            prop_assert_eq!(count(after.chars().count()), length - within.deleted + within.length());
            prop_assert!(within.moved(length) <= count(after.chars().count()));
        }

        #[test]
        fn edits_apart_come_out_the_same_in_either_order(
            parts in [texts(), texts(), texts(), texts(), texts()],
            inserted in [texts(), texts()],
        ) {
            let text = parts.concat();
            let lengths = parts.each_ref().map(|part| count(part.chars().count()));
            let [before, deleted, between, other_deleted, _] = lengths;
            prop_assume!(between > 0);
            let [one, other] = inserted;
            let one = Splice { at: before, deleted, inserted: one };
            let at = before + deleted + between;
            let other = Splice { at, deleted: other_deleted, inserted: other };
            prop_assert_eq!(over(&text, &one, &other), over(&text, &other, &one));
        }

        #[test]
        fn no_edit_takes_what_the_other_has_inserted(text in "[ab]{0,12}", one in splices(), other in splices()) {
            let (theirs, mine) = ("T".repeat(3), "M".repeat(2));
            let length = count(text.chars().count());
            let one = Splice { inserted: mine.clone(), ..one }.within(length);
            let other = Splice { inserted: theirs.clone(), ..other }.within(length);
            let after = over(&text, &one, &other);
            prop_assert!(after.contains(&theirs) && after.contains(&mine), "{}", after);
            // What neither has deleted is still there, and nothing else.
            let kept = text.chars().zip(0..).filter(|&(_, at)| {
                [&one, &other].iter().all(|it| at < it.at || at >= it.end())
            });
            let kept: String = kept.map(|(letter, _)| letter).collect();
            prop_assert_eq!(after.replace(&theirs, "").replace(&mine, ""), kept);
        }

        #[test]
        fn edits_over_edits_are_total(text in texts(), one in splices(), other in splices()) {
            prop_assert!(over(&text, &one, &other).chars().count() < 1_000_000);
        }
    }
}
