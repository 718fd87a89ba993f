//! Where the handles of actions stand on the timeline: each where it can be hit.
//!
//! A handle stands at its action's time if there is room; handles that would overlap fan out, each
//! with a line to its time; and where too many crowd, one handle stands for all of them.

/// Handles stand this many pixels apart.
pub(crate) const ROOM_PX: f64 = 12.0;
/// More handles than this in one crowd become one.
const CROWD: usize = 5;

/// A handle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handle {
    /// The indices of its actions, which follow one another.
    pub(crate) actions: std::ops::Range<usize>,
    /// Where it stands, in pixels.
    pub(crate) x: f64,
    /// Where its actions are: the first of them.
    pub(crate) true_x: f64,
}

/// Places handles for actions at `xs`, in order, on a line of this width.
pub(crate) fn handles(xs: &[f64], width: f64) -> Vec<Handle> {
    let crowds = crowds(xs);
    let fanned: usize = crowds.iter().map(|crowd| parts(crowd.len())).sum();
    // Where even a fan has no room, every crowd is one handle.
    let has_room = real(fanned) * ROOM_PX <= width;
    let mut handles = Vec::new();
    for crowd in crowds {
        let is_one = crowd.len() > CROWD || !has_room;
        let parts = if is_one { vec![crowd] } else { crowd.map(|it| it..it + 1).collect() };
        handles.extend(parts.into_iter().map(|actions| {
            let true_x = xs.get(actions.start).copied().unwrap_or_default();
            Handle { actions, x: true_x, true_x }
        }));
    }
    spread(&mut handles, width);
    handles
}

/// How many handles a crowd of so many actions gets.
const fn parts(count: usize) -> usize {
    if count > CROWD { 1 } else { count }
}

/// Returns the indices of actions that lie within a handle's room of the first of them.
fn crowds(xs: &[f64]) -> Vec<std::ops::Range<usize>> {
    let mut crowds: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, x) in xs.iter().enumerate() {
        match crowds.last_mut() {
            Some(crowd) if x - xs.get(crowd.start).unwrap_or(x) < ROOM_PX => crowd.end = index + 1,
            Some(_) | None => crowds.push(index..index + 1),
        }
    }
    crowds
}

/// Moves handles apart, each as little as it can be: neighbours that are too close become a block
/// around the mean of their places.
fn spread(handles: &mut [Handle], width: f64) {
    // Blocks: how many handles, and the sum of where each would have the block begin.
    let mut blocks: Vec<(usize, f64)> = Vec::new();
    for handle in handles.iter() {
        let mut block = (1, handle.true_x);
        while let Some(&(count, sum)) = blocks.last() {
            if start(block) >= start((count, sum)) + real(count) * ROOM_PX {
                break;
            }
            blocks.pop();
            let shift = real(count * block.0) * ROOM_PX;
            block = (count + block.0, sum + block.1 - shift);
        }
        blocks.push(block);
    }
    let mut rest = handles.iter_mut();
    let mut least = 0.0_f64;
    let mut left: usize = blocks.iter().map(|block| block.0).sum();
    for block in blocks {
        let most = width - real(left.saturating_sub(1)) * ROOM_PX;
        let from = start(block).min(most).max(least);
        for place in 0..block.0 {
            if let Some(handle) = rest.next() {
                handle.x = from + real(place) * ROOM_PX;
            }
        }
        least = from + real(block.0) * ROOM_PX;
        left -= block.0;
    }
}

fn start((count, sum): (usize, f64)) -> f64 {
    sum / real(count)
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 actions")]
fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(xs: &[f64]) -> Vec<f64> {
        handles(xs, 400.0).iter().map(|handle| handle.x).collect()
    }

    #[test]
    fn a_handle_with_room_stands_at_its_time() {
        assert_eq!(places(&[0.0, 50.0, 399.0]), [0.0, 50.0, 399.0]);
        assert_eq!(places(&[]), [0.0; 0]);
    }

    #[test]
    fn handles_of_one_moment_fan_out_around_it() {
        assert_eq!(places(&[100.0, 100.0, 100.0]), [88.0, 100.0, 112.0]);
        assert_eq!(places(&[0.0, 0.0]), [0.0, 12.0], "not over the edge");
        assert_eq!(places(&[400.0, 400.0]), [388.0, 400.0]);
        let pushed = places(&[100.0, 100.0, 104.0, 130.0]);
        assert!(pushed.windows(2).all(|pair| pair[1] - pair[0] >= ROOM_PX - 1e-9), "{pushed:?}");
    }

    #[test]
    fn a_crowd_is_one_handle_and_no_action_is_without_one() {
        let mut xs = vec![100.0; 40];
        xs.push(300.0);
        let handles = handles(&xs, 400.0);
        assert_eq!(handles.len(), 2);
        assert_eq!(handles[0].actions, 0..40);
        let many: Vec<f64> = (0..1_000).map(|place| f64::from(place) * 0.4).collect();
        let handles = super::handles(&many, 400.0);
        assert!(handles.len() <= 34, "{}", handles.len());
        assert_eq!(handles.iter().map(|handle| handle.actions.len()).sum::<usize>(), 1_000);
        assert!(handles.iter().all(|handle| (0.0..=400.0).contains(&handle.x)));
    }
}
