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
    /// Finds an edit that makes one text of another, as short as one can be: if they differ in several places,
    /// it spans them all.
    pub fn between(before: &str, after: &str) -> Self {
        let is_same = |(one, other): &(char, char)| one == other;
        let start = before.chars().zip(after.chars()).take_while(is_same).count();
        let (old, new) = (before.chars().count(), after.chars().count());
        let ends = before.chars().rev().zip(after.chars().rev());
        let end = ends.take(old.min(new) - start).take_while(is_same).count();
        Self {
            at: count(start),
            deleted: count(old - start - end),
            inserted: after.chars().skip(start).take(new - start - end).collect(),
        }
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

    /// Returns what it comes to on the text after `other`, both made on the same text. If `other` has
    /// inserted in the midst of what it deletes, that stays, and what is left to delete behind it is an
    /// edit of its own, on the text after the first.
    #[must_use]
    pub fn over(&self, other: &Self) -> (Self, Option<Self>) {
        let left = self.end().min(other.at).saturating_sub(self.at);
        let right = self.end().saturating_sub(self.at.max(other.end()));
        let edit = |at, deleted| Self { at, deleted, inserted: self.inserted.clone() };
        match (left, right) {
            (0, 0) => (edit(other.moved(self.at), 0), None),
            (_, 0) => (edit(self.at, left), None),
            (0, _) => {
                let at = self.at.max(other.end()) - other.deleted;
                (edit(at.saturating_add(other.length()), right), None)
            }
            _ if other.inserted.is_empty() => (edit(self.at, left.saturating_add(right)), None),
            _ => {
                let at = self.at.saturating_add(self.length()).saturating_add(other.length());
                let rest = Self { at, deleted: right, inserted: String::new() };
                (edit(self.at, left), Some(rest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn splice(at: u32, deleted: u32, inserted: &str) -> Splice {
        Splice { at, deleted, inserted: inserted.into() }
    }

    fn over(text: &str, mine: &Splice, theirs: &Splice) -> String {
        let (first, rest) = mine.over(theirs);
        let text = first.apply(&theirs.apply(text));
        rest.map_or(text.clone(), |rest| rest.apply(&text))
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
        assert_eq!(Splice::between("日本", "日x本"), splice(1, 0, "x"));
        assert_eq!(splice(1, 1, "🦀").apply("é👩‍🚀"), "é🦀\u{200d}🚀");
        assert_eq!(splice(u32::MAX, u32::MAX, "z").apply("ab"), "abz");
        assert_eq!(splice(1, u32::MAX, "z").within(3), splice(1, 2, "z"));
    }

    #[test]
    fn a_cursor_keeps_its_place() {
        let theirs = splice(2, 3, "long");
        assert_eq!([0, 2, 4, 5, 9].map(|place| theirs.moved(place)), [0, 2, 2, 6, 10]);
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
            let edit = Splice::between(&one, &other);
            prop_assert_eq!(edit.apply(&one), other.clone());
            prop_assert_eq!(edit.is_empty(), one == other);
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
