//! Which nodes the last step changed.

use yew::{hook, use_mut_ref};

use super::painter::Pace;
use crate::wire::Frame;

/// Nodes as they are and as they were before the last step.
#[derive(Debug, Default)]
struct Seen {
    /// Events and actions so far.
    step: Option<(u32, u32)>,
    now: Vec<u64>,
    before: Vec<u64>,
}

impl Seen {
    /// Takes the nodes as they are now.
    fn look(&mut self, step: (u32, u32), digests: impl Iterator<Item = u64>) {
        if self.step == Some(step) {
            return;
        }
        let now: Vec<u64> = digests.collect();
        // Of a world that is new to the viewer, nothing has changed.
        let is_known = self.step.is_some() && self.now.len() == now.len();
        self.before = if is_known { std::mem::take(&mut self.now) } else { now.clone() };
        self.now = now;
        self.step = Some(step);
    }

    fn has_changed(&self) -> Vec<bool> {
        self.now.iter().zip(&self.before).map(|(now, before)| now != before).collect()
    }
}

/// Returns for each node whether the last step changed it; for none while the film runs.
#[hook]
pub(crate) fn use_changed(frame: &Frame, pace: Pace) -> Vec<bool> {
    let seen = use_mut_ref(Seen::default);
    let mut seen = seen.borrow_mut();
    let digests = frame.scene.nodes.iter().map(|node| node.state_digest);
    seen.look((frame.event, frame.actions), digests);
    if pace == Pace::Still { seen.has_changed() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_until_the_next_step() {
        let mut seen = Seen::default();
        seen.look((1, 0), [5, 6].into_iter());
        assert_eq!(seen.has_changed(), [false, false], "all is new");
        seen.look((2, 0), [5, 7].into_iter());
        assert_eq!(seen.has_changed(), [false, true]);
        seen.look((2, 0), [5, 7].into_iter());
        assert_eq!(seen.has_changed(), [false, true], "drawn again");
        seen.look((2, 1), [5, 7].into_iter());
        assert_eq!(seen.has_changed(), [false, false]);
        seen.look((3, 1), [5, 7, 8].into_iter());
        assert_eq!(seen.has_changed(), [false; 3], "another world");
    }
}
