//! Faults, violations and the like as lines across whatever has a time axis.

use yew::{Html, classes, html};

use crate::format::instant;
use crate::shared::Shared;
use crate::stage::micros;
use crate::wire::{MarkGlyph, MarkView, Timeline};

/// More lines than this would hide what they cross.
const MOST_LINES: usize = 80;
/// An axis grows by this part of the scenario's horizon at a time, so that it does not creep.
const AXIS_PARTS: u64 = 4;

/// Returns where the axis of a run ends that is known up to `known_us`.
pub(crate) fn axis_us(horizon_us: u64, known_us: u64) -> u64 {
    let part_us = (horizon_us / AXIS_PARTS).max(1);
    horizon_us.max(known_us.div_ceil(part_us) * part_us).max(1)
}

/// Properties of [`mark_lines`].
pub(crate) struct MarkLinesProps {
    /// Whose marks.
    pub(crate) timeline: Shared<Timeline>,
    /// From when to when the axis reaches.
    pub(crate) window: (u64, u64),
}

/// Draws marks of faults as thin lines and violations as diamonds.
pub(crate) fn mark_lines(props: &MarkLinesProps) -> Html {
    let (from_us, to_us) = props.window;
    let shown = props.timeline.marks.iter().filter(|mark| is_line(mark));
    let shown = shown.filter(|mark| (from_us..=to_us).contains(&mark.at_us));
    let line = |mark: &MarkView| {
        let share = micros(mark.at_us - from_us) / micros((to_us - from_us).max(1));
        let is_violation = mark.kind == MarkGlyph::Violation;
        let is_asked = (mark.kind == MarkGlyph::Asked).then_some("asked");
        let class = classes!("mark-line", is_violation.then_some("is-violation"), is_asked);
        let title = format!("{} · {}", instant(mark.at_us), mark.text);
        html! { <i {class} {title} style={format!("left:{:.2}%", share * 100.0)} /> }
    };
    html! { <>{ for shown.take(MOST_LINES).map(line) }</> }
}

fn is_line(mark: &MarkView) -> bool {
    mark.is_done() || mark.kind == MarkGlyph::Violation
}

/// Returns the fault or violation closest to a time, if one is no farther than `within_us`.
pub(crate) fn mark_near(marks: &[MarkView], at_us: u64, within_us: u64) -> Option<&MarkView> {
    let near = marks.iter().filter(|mark| is_line(mark) && mark.at_us.abs_diff(at_us) <= within_us);
    near.min_by_key(|mark| mark.at_us.abs_diff(at_us))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at_us: u64, kind: MarkGlyph) -> MarkView {
        MarkView { at_us, event: 0, kind, text: String::new() }
    }

    #[test]
    fn an_axis_grows_in_steps() {
        assert_eq!(axis_us(8, 3), 8);
        assert_eq!(axis_us(8, 9), 10);
        assert_eq!(axis_us(8, 10), 10);
        assert_eq!(axis_us(0, 0), 1);
    }

    #[test]
    fn the_nearest_fault_is_found_and_a_beat_is_none() {
        let marks =
            [mark(10, MarkGlyph::Fault), mark(14, MarkGlyph::Violation), mark(13, MarkGlyph::Beat)];
        assert_eq!(mark_near(&marks, 13, 2).map(|mark| mark.at_us), Some(14));
        assert_eq!(mark_near(&marks, 11, 2).map(|mark| mark.at_us), Some(10));
        assert_eq!(mark_near(&marks, 30, 2), None);
    }
}
