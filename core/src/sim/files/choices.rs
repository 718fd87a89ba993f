//! Every way to answer a series of questions, one after the other.

/// Walks through every series of answers that some piece of code may be given, depth first.
///
/// The code asks by [`choose`](Self::choose); what it is asked next may depend on the answers so
/// far. Run it once, then call [`advance`](Self::advance) and run it again, until that is false.
/// The first series answers 0 to everything.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Each answer of this series, and out of how many.
    answers: Vec<(u64, u64)>,
    asked: usize,
}

impl Choices {
    /// Returns one of `0..options`.
    pub fn choose(&mut self, options: u64) -> u64 {
        if self.asked == self.answers.len() {
            self.answers.push((0, options.max(1)));
        }
        self.asked += 1;
        self.answers[self.asked - 1].0
    }

    /// Moves on to the next series; false if there is none left.
    pub fn advance(&mut self) -> bool {
        self.asked = 0;
        while let Some((answer, options)) = self.answers.pop() {
            if answer + 1 < options {
                self.answers.push((answer + 1, options));
                return true;
            }
        }
        false
    }
}
