//! What the open row calls its epochs: "term", "ballot", "version".
//!
//! One row is open at a time, on the page as in the engine, and its word stands in dozens of sentences
//! and tooltips. So it is set once, where a run is opened, and not handed down through every picture.

use std::cell::RefCell;
use std::rc::Rc;

/// The word where no run is open, as on the pages that show every picture once.
const USUAL: &str = "epoch";

thread_local! {
    static WORD: RefCell<Rc<str>> = RefCell::new(USUAL.into());
}

/// From now on epochs are called this.
pub(crate) fn call_epochs(word: &str) {
    WORD.set(word.into());
}

/// No run is open any more.
pub(crate) fn forget_epochs() {
    call_epochs(USUAL);
}

/// Returns what epochs are called.
pub(crate) fn epoch_word() -> Rc<str> {
    WORD.with_borrow(Clone::clone)
}

/// Returns an epoch in words: "term 3".
pub(crate) fn epoch_in_words(epoch: u64) -> String {
    format!("{} {epoch}", epoch_word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_called_what_the_open_row_calls_them() {
        assert_eq!(epoch_in_words(3), "epoch 3");
        call_epochs("term");
        assert_eq!(epoch_in_words(3), "term 3");
        forget_epochs();
        assert_eq!(&*epoch_word(), "epoch");
    }
}
