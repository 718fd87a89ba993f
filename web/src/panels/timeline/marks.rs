//! Marks on the timeline: a sign for each kind, its text on hovering, bands for epochs.
//!
//! Signs of one kind that would overlap are drawn as one. All of them are in the list under Faults,
//! in words.

use yew::prelude::*;

use super::stretch::Stretch;
use crate::format::{counted, instant};
use crate::shared::Shared;
use crate::wire::{MarkGlyph, MarkView, Timeline};

/// Signs of one kind stand this many pixels apart.
const ROOM_PX: f64 = 9.0;
/// A band narrower than this is drawn together with the next.
const BAND_PX: f64 = 2.0;
/// A sign that stands for many tells at most so many of them.
const TOLD: usize = 6;

/// Several marks of one kind, drawn as one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sign<'a> {
    /// The first of them.
    pub(crate) mark: &'a MarkView,
    /// All of them, in order of time.
    pub(crate) all: Vec<&'a MarkView>,
}

/// Returns the signs to draw of marks other than actions and epochs.
pub(crate) fn signs(marks: &[MarkView], stretch: Stretch, width: f64) -> Vec<Sign<'_>> {
    let kinds = [MarkGlyph::Goal, MarkGlyph::Alert, MarkGlyph::Beat, MarkGlyph::Violation];
    let of_kind = |kind| {
        let mut signs: Vec<Sign<'_>> = Vec::new();
        for mark in marks.iter().filter(|mark| mark.kind == kind && stretch.has(mark.at_us)) {
            let x = |mark: &MarkView| stretch.share(mark.at_us) * width;
            match signs.last_mut() {
                Some(sign) if x(mark) - x(sign.mark) < ROOM_PX => sign.all.push(mark),
                Some(_) | None => signs.push(Sign { mark, all: vec![mark] }),
            }
        }
        signs
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// An epoch, or several too short to tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Band {
    from_us: u64,
    to_us: u64,
    first: u64,
    /// How it begins and how the last of those joined in it does, in words of the row's own.
    texts: [String; 2],
}

/// Returns from each epoch's beginning to the next one's a band, joined where too narrow to see.
fn bands(marks: &[MarkView], known_us: u64, stretch: Stretch, width: f64) -> Vec<Band> {
    let epochs = marks.iter().filter_map(|mark| match mark.kind {
        MarkGlyph::Epoch(epoch) => Some((mark, epoch)),
        MarkGlyph::Fault
        | MarkGlyph::Asked
        | MarkGlyph::Violation
        | MarkGlyph::Goal
        | MarkGlyph::Alert
        | MarkGlyph::Beat => None,
    });
    let mut bands: Vec<Band> = Vec::new();
    for (mark, epoch) in epochs {
        let at_us = mark.at_us;
        let text = format!("{} · {}", instant(at_us), mark.text);
        if let Some(band) = bands.last_mut() {
            band.to_us = at_us;
            let px = (stretch.share(band.to_us) - stretch.share(band.from_us)) * width;
            if px < BAND_PX && stretch.has(at_us) {
                band.texts[1] = text;
                continue;
            }
        }
        bands.push(Band {
            from_us: at_us,
            to_us: known_us,
            first: epoch,
            texts: [text.clone(), text],
        });
    }
    if let Some(band) = bands.last_mut() {
        band.to_us = known_us;
    }
    bands.retain(|band| band.to_us >= stretch.from_us && band.from_us <= stretch.to_us);
    bands
}

/// What is drawn.
#[derive(Properties, PartialEq)]
pub(crate) struct MarksProps {
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// What of it is shown.
    pub(crate) stretch: Stretch,
    /// How wide that is, in pixels.
    pub(crate) width: f64,
}

/// Signs and bands. They change nothing: who wants to go there clicks the line beneath.
#[component]
pub(crate) fn Marks(props: &MarksProps) -> Html {
    let MarksProps { timeline, stretch, width } = props;
    let band = |band: Band| {
        let (from, to) = (stretch.percent(band.from_us), stretch.percent(band.to_us));
        let hue = band.first.saturating_sub(1) % 8 + 1;
        let style = format!("left:{from};width:calc({to} - {from});background:var(--e{hue})");
        let [first, last] = band.texts;
        let title = if first == last { first } else { format!("{first}\n… {last}") };
        html! { <span class="band" {style} {title}></span> }
    };
    html! {
        <>
            { for bands(&timeline.marks, timeline.known_us, *stretch, *width).into_iter().map(band) }
            { for signs(&timeline.marks, *stretch, *width).iter().map(|it| sign(it, *stretch)) }
        </>
    }
}

fn sign(sign: &Sign<'_>, stretch: Stretch) -> Html {
    let class = classes!("mark", class_of(sign.mark.kind), (sign.all.len() > 1).then_some("many"));
    let style = format!("left:{}", stretch.percent(sign.mark.at_us));
    html! { <span {class} {style} title={title(sign)}></span> }
}

fn title(sign: &Sign<'_>) -> String {
    let line = |mark: &&MarkView| format!("{} · {}", instant(mark.at_us), mark.text);
    let mut lines: Vec<String> = sign.all.iter().take(TOLD).map(line).collect();
    if sign.all.len() > TOLD {
        lines.push(format!("and {} more", sign.all.len() - TOLD));
    }
    lines.join("\n")
}

/// Returns the class that draws a kind of mark.
pub(crate) const fn class_of(kind: MarkGlyph) -> &'static str {
    match kind {
        MarkGlyph::Fault => "fault",
        MarkGlyph::Asked => "fault asked",
        MarkGlyph::Violation => "violation",
        MarkGlyph::Goal => "goal",
        MarkGlyph::Alert => "alert",
        MarkGlyph::Beat => "beat",
        MarkGlyph::Epoch(_) => "epoch",
    }
}

/// Returns what a kind of mark is called, for who does not see its sign.
pub(crate) const fn mark_name(kind: MarkGlyph) -> &'static str {
    match kind {
        MarkGlyph::Fault | MarkGlyph::Asked => "done",
        MarkGlyph::Violation => "broken",
        MarkGlyph::Goal => "goal",
        MarkGlyph::Alert => "alert",
        MarkGlyph::Beat => "lesson",
        MarkGlyph::Epoch(_) => "beginning",
    }
}

/// Says how many marks are not drawn by themselves, if any.
pub(crate) fn drawn_note(timeline: &Timeline, stretch: Stretch, width: f64) -> Option<String> {
    let signs = signs(&timeline.marks, stretch, width);
    let stand: usize = signs.iter().map(|sign| sign.all.len()).sum();
    let mut parts = Vec::new();
    if stand > signs.len() {
        let (all, few) = (stand as u64, signs.len() as u64);
        parts.push(format!("{} here are drawn as {few}", counted(all, "mark")));
    }
    if timeline.marks_left_out > 0 {
        let left_out = counted(timeline.marks_left_out.into(), "mark");
        parts.push(format!("of crowded kinds {left_out} are left out, evenly over the run"));
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at_us: u64, kind: MarkGlyph) -> MarkView {
        MarkView { at_us, event: 0, kind, text: format!("{at_us}") }
    }

    #[test]
    fn hundreds_of_marks_become_as_many_signs_as_there_is_room_for() {
        let mut marks: Vec<_> = (0..900).map(|at_us| mark(at_us, MarkGlyph::Alert)).collect();
        marks.push(mark(450, MarkGlyph::Violation));
        let stretch = Stretch::new(0, 900);
        let drawn = signs(&marks, stretch, 300.0);
        assert!(drawn.len() <= 300 / 9 + 2, "{}", drawn.len());
        assert_eq!(drawn.iter().map(|sign| sign.all.len()).sum::<usize>(), 901);
        assert_eq!(drawn.last().map(|sign| sign.mark.kind), Some(MarkGlyph::Violation), "on top");
        assert_eq!(title(&drawn[0]).lines().count(), TOLD + 1);
        let close = Stretch::new(100, 110);
        assert!(signs(&marks, close, 300.0).iter().all(|sign| sign.all.len() == 1));
    }

    #[test]
    fn bands_reach_from_epoch_to_epoch_and_join_where_they_are_too_narrow() {
        let marks = [(10, 1), (20, 2), (21, 3), (60, 4)];
        let marks = marks.map(|(at_us, epoch)| mark(at_us, MarkGlyph::Epoch(epoch)));
        let stretch = Stretch::new(0, 100);
        let all = bands(&marks, 100, stretch, 100.0);
        let told: Vec<_> = all.iter().map(|it| (it.from_us, it.to_us, it.first)).collect();
        assert_eq!(told, [(10, 20, 1), (20, 60, 2), (60, 100, 4)]);
        assert!(all[1].texts[0].ends_with("20") && all[1].texts[1].ends_with("21"));
        assert_eq!(bands(&marks, 100, stretch, 1_000.0).len(), 4);
        assert_eq!(bands(&marks, 100, Stretch::new(70, 80), 100.0).len(), 1);
        assert_eq!(bands(&[], 100, stretch, 100.0), []);
    }

    #[test]
    fn what_is_not_drawn_is_said() {
        let marks = vec![mark(1, MarkGlyph::Beat), mark(2, MarkGlyph::Beat)];
        let timeline = Timeline { marks, marks_left_out: 7, ..Timeline::default() };
        let note = drawn_note(&timeline, Stretch::new(0, 100), 100.0).unwrap();
        assert!(
            note.starts_with("2 marks here are drawn as 1; of crowded kinds 7 marks"),
            "{note}"
        );
        assert_eq!(drawn_note(&Timeline::default(), Stretch::new(0, 1), 1.0), None);
    }
}
