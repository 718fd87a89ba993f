//! Making a counterexample small: fewer actions, the same violation.

use super::Trial;

/// Leaves out one action after the other, from the end, for as long as the same check still breaks,
/// until none can be left out; then ends the run where it breaks. `goes_on` is asked before every
/// run and can stop the work; what has been reached by then is returned.
///
/// Returns `None` if the trial breaks nothing to begin with.
pub fn shrink(trial: &Trial, mut goes_on: impl FnMut() -> bool) -> Option<Trial> {
    let outcome = trial.run_to_violation();
    let (broken, _) = outcome.violation()?;
    let breaks_it = |trial: &Trial| {
        let outcome = trial.run_to_violation();
        outcome.violation().is_some_and(|(index, _)| index == broken)
    };
    let mut smallest = trial.clone();
    let mut is_smaller = true;
    while is_smaller {
        is_smaller = false;
        for index in (0..smallest.actions.len()).rev() {
            if !goes_on() {
                return Some(smallest);
            }
            let mut candidate = smallest.clone();
            candidate.actions.remove(index);
            if breaks_it(&candidate) {
                smallest = candidate;
                is_smaller = true;
            }
        }
    }
    smallest.until_us = smallest.run_to_violation().at_us;
    Some(smallest)
}
