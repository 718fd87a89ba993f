//! Sorted runs as one, without what nobody can see any more.

use super::{Entry, Sequence};

/// Merges versions that are each sorted by key and, of one key, newest first.
pub struct Merge<I: Iterator<Item = Entry>> {
    inputs: Vec<std::iter::Peekable<I>>,
}

impl<I: Iterator<Item = Entry>> Merge<I> {
    /// Begins to merge.
    pub fn new(inputs: impl IntoIterator<Item = I>) -> Self {
        Self { inputs: inputs.into_iter().map(Iterator::peekable).collect() }
    }
}

impl<I: Iterator<Item = Entry>> Iterator for Merge<I> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let heads = self.inputs.iter_mut().enumerate();
        let heads = heads.filter_map(|(place, input)| Some((place, input.peek()?)));
        let least = heads
            .min_by(|(_, a), (_, b)| a.key.cmp(&b.key).then_with(|| b.sequence.cmp(&a.sequence)));
        let (place, _) = least?;
        self.inputs[place].next()
    }
}

/// Leaves out of a merged run what nobody sees who reads as of `oldest` or later: all versions of a
/// key but the newest of that time, and a deletion that hides nothing below.
pub fn without_hidden(
    merged: impl Iterator<Item = Entry>,
    oldest: Sequence,
    hides_below: impl Fn(&[u8]) -> bool,
) -> impl Iterator<Item = Entry> {
    let mut settled: Option<Vec<u8>> = None;
    merged.filter(move |entry| {
        if settled.as_ref() == Some(&entry.key) {
            return false;
        }
        if entry.sequence > oldest {
            return true;
        }
        settled = Some(entry.key.clone());
        entry.value.is_some() || hides_below(&entry.key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, sequence: Sequence, value: Option<&str>) -> Entry {
        Entry { key: key.into(), sequence, value: value.map(Into::into) }
    }

    fn merged() -> impl Iterator<Item = Entry> {
        let newer = vec![entry("a", 7, None), entry("b", 6, Some("6"))];
        let older = vec![entry("a", 3, Some("3")), entry("b", 2, Some("2")), entry("c", 1, None)];
        Merge::new([newer.into_iter(), older.into_iter()])
    }

    fn sequences(entries: impl Iterator<Item = Entry>) -> Vec<Sequence> {
        entries.map(|entry| entry.sequence).collect()
    }

    #[test]
    fn runs_are_merged_by_key_and_newest_first() {
        assert_eq!(sequences(merged()), [7, 3, 6, 2, 1]);
    }

    #[test]
    fn only_what_somebody_can_see_is_kept() {
        assert_eq!(sequences(without_hidden(merged(), 9, |_| true)), [7, 6, 1]);
        assert_eq!(sequences(without_hidden(merged(), 9, |_| false)), [6]);
        // Who reads as of 5 sees 3, and of b the 2.
        assert_eq!(sequences(without_hidden(merged(), 5, |_| false)), [7, 3, 6, 2]);
    }
}
