//! What the last step changed.

use faultline_core::view::Datum;
use yew::{hook, use_mut_ref};

/// Cells as they are and as they were before the last change.
#[derive(Default)]
struct Seen {
    changed_at_us: u64,
    now: Vec<Datum>,
    before: Vec<Datum>,
}

impl Seen {
    /// Takes the cells as they are now.
    fn look(&mut self, values: &[Datum], now_us: u64) {
        if self.now != values {
            self.before = std::mem::replace(&mut self.now, values.to_vec());
            self.changed_at_us = now_us;
        } else if self.changed_at_us != now_us {
            // The next step has come, and changed nothing here.
            self.before.clone_from(&self.now);
        }
    }

    fn has_changed(&self) -> Vec<bool> {
        let before = self.before.iter().map(Some).chain(std::iter::repeat(None));
        self.now.iter().zip(before).map(|(now, before)| Some(now) != before).collect()
    }
}

/// Returns for each cell whether the last step changed it.
#[hook]
pub(crate) fn use_changes(values: &[Datum], now_us: u64) -> Vec<bool> {
    let first = || Seen { changed_at_us: now_us, now: values.to_vec(), before: values.to_vec() };
    let seen = use_mut_ref(first);
    let mut seen = seen.borrow_mut();
    seen.look(values, now_us);
    seen.has_changed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(texts: &[&str]) -> Vec<Datum> {
        texts.iter().map(|text| Datum::new(*text)).collect()
    }

    #[test]
    fn a_change_shows_until_the_next_step() {
        let mut seen = Seen::default();
        seen.look(&row(&["a", "b"]), 1);
        seen.look(&row(&["a", "b"]), 2);
        assert_eq!(seen.has_changed(), [false, false]);
        seen.look(&row(&["a", "c", "d"]), 3);
        assert_eq!(seen.has_changed(), [false, true, true]);
        seen.look(&row(&["a", "c", "d"]), 3);
        assert_eq!(seen.has_changed(), [false, true, true], "drawn again at the same time");
        seen.look(&row(&["a", "c", "d"]), 4);
        assert_eq!(seen.has_changed(), [false, false, false]);
    }
}
