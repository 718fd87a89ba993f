//! What stands around events and messages: lanes, faults and verdicts across them, epochs, times.

use std::rc::Rc;

use yew::{Html, Properties, classes, component, html};

use super::plan::{Order, Plan};
use super::scale::{BOTTOM, RIGHT, Scale, TOP};
use crate::epoch::epoch_word;
use crate::format::instant;
use crate::shared::Shared;
use crate::stage::{hue_class, micros, px, real, whole};
use crate::wire::{MarkGlyph, MarkView, SpaceTime, Timeline};

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct BackdropProps {
    pub(super) timeline: Shared<Timeline>,
    pub(super) spacetime: Shared<SpaceTime>,
    pub(super) plan: Rc<Plan>,
    pub(super) scale: Scale,
}

/// Draws what stands still while time goes by within a window.
#[component]
pub(super) fn Backdrop(props: &BackdropProps) -> Html {
    let BackdropProps { timeline, spacetime, plan, scale } = props;
    let (left, room, bottom) = (scale.sheet.left, scale.sheet.room(), scale.bottom());
    let (x, width, height) = (px(left - 4.0), px(room + 8.0), px(bottom + BOTTOM));
    let lane = |rank: usize| {
        let y = px(scale.y(rank));
        html! { <line class="st-lane" x1={px(left)} y1={y.clone()} x2={px(left + room)} y2={y} /> }
    };
    let marks = placed(&timeline.marks, spacetime, plan);
    html! {
        <svg class="st-drawing" aria-hidden="true" style={format!("height:{height}px")}>
            { for (0..scale.lanes.len()).map(lane) }
            // An inner drawing, so that no line leaves the window.
            <svg x={x.clone()} y="0" width={width.clone()} height={height.clone()}
                viewBox={format!("{x} 0 {width} {height}")}>
                { epochs(&marks, scale, bottom) }
                { bars(&marks, scale, bottom) }
            </svg>
            if marks.iter().any(|(mark, _)| matches!(mark.kind, MarkGlyph::Epoch(_))) {
                <text class="st-time is-last" x={px(left - 8.0)} y={px(bottom + 11.5)}>
                    { "highest" }
                </text>
            }
            { times(props, bottom) }
        </svg>
    }
}

/// Returns the marks of a stretch with their places.
fn placed<'a>(
    marks: &'a [MarkView],
    spacetime: &SpaceTime,
    plan: &Plan,
) -> Vec<(&'a MarkView, f64)> {
    let end = spacetime.first as usize + spacetime.events.len();
    // The epoch in which the stretch begins is named by the last mark before it.
    let before = |mark: &&MarkView| matches!(mark.kind, MarkGlyph::Epoch(_));
    let early = marks.iter().take_while(|mark| mark.event <= spacetime.first);
    let epoch = early.filter(before).last().into_iter();
    let within = marks.iter().filter(|mark| {
        (mark.event > spacetime.first || spacetime.first == 0) && mark.event as usize <= end
    });
    let place = |mark: &'a MarkView| (mark, plan.cursor(mark.event, mark.at_us));
    let epoch = epoch.filter(|_| spacetime.first > 0).map(place);
    epoch.chain(within.map(place)).collect()
}

/// Returns a band for each epoch, from where it first appeared to where a higher one did. What each
/// node is in is told beside its lane: others may be behind, and not know it.
fn epochs(marks: &[(&MarkView, f64)], scale: &Scale, bottom: f64) -> Html {
    let epochs: Vec<(f64, u64, u64)> = (marks.iter())
        .filter_map(|(mark, place)| match mark.kind {
            MarkGlyph::Epoch(epoch) => Some((*place, epoch, mark.at_us)),
            MarkGlyph::Fault
            | MarkGlyph::Asked
            | MarkGlyph::Violation
            | MarkGlyph::Goal
            | MarkGlyph::Alert
            | MarkGlyph::Beat => None,
        })
        .collect();
    let ends = epochs.iter().skip(1).map(|&(place, ..)| place).chain([scale.to]);
    let word = epoch_word();
    let mut is_explained = false;
    let mut band = |(&(from, epoch, at_us), to): (&(f64, u64, u64), f64)| {
        if !scale.shows(from, to) {
            return Html::default();
        }
        let start = scale.x(from.max(scale.from));
        let wide = (scale.x(to.min(scale.to)) - start).max(0.0);
        // With when that was: who has been in it may be in a lower one now.
        let full = format!("{word} {epoch}: the highest so far, since {}", instant(at_us));
        let tip = full.clone();
        let full = Some(full).filter(|it| !is_explained && has_room(it, wide));
        is_explained |= full.is_some();
        let text = full.unwrap_or_else(|| epoch.to_string());
        html! {
            <g class={hue_class(epoch)}>
                <title>{ tip }</title>
                <rect class="st-epoch" x={px(start)} y={px(bottom + 2.0)} width={px(wide)}
                    height="12" rx="2" />
                if has_room(&text, wide) {
                    <text class="st-epoch-text" x={px(start + 4.0)} y={px(bottom + 11.5)}>
                        { text }
                    </text>
                }
            </g>
        }
    };
    html! { <>{ for epochs.iter().zip(ends).map(&mut band) }</> }
}

/// Returns true if a text fits into a band.
fn has_room(text: &str, wide: f64) -> bool {
    wide > 6.5 * real(text.chars().count()) + 8.0
}

/// Returns faults as bars across the lanes, and the signs of verdicts.
fn bars(marks: &[(&MarkView, f64)], scale: &Scale, bottom: f64) -> Html {
    // Written last, on all lines: the next fault may be close.
    let (mut words, mut free_from) = (Vec::new(), f64::MIN);
    let mut bar = |(mark, place): &(&MarkView, f64)| {
        let x = scale.x(*place);
        let at = |y: f64| format!("translate({} {})", px(x), px(y));
        let glyph = match mark.kind {
            MarkGlyph::Fault | MarkGlyph::Asked => {
                let asked = (mark.kind == MarkGlyph::Asked).then_some("asked");
                // To the left of its bar where the sheet ends.
                let wide = 14.0 + real(mark.text.chars().count()) * 6.0;
                let is_last = x + wide > scale.sheet.width;
                let has_room = if is_last { x - wide } else { x } > free_from;
                if has_room {
                    free_from = if is_last { x } else { x + wide };
                    let aside = if is_last { -5.0 } else { 5.0 };
                    let class = classes!("st-fault-text", is_last.then_some("is-last"), asked);
                    words.push(html! {
                        <text {class} x={px(x + aside)} y={px(TOP - 6.0)}>
                            { &mark.text }
                        </text>
                    });
                }
                // One without words begins below those of its neighbour.
                let top = if has_room { TOP - 14.0 } else { TOP - 3.0 };
                html! {
                    <line class={classes!("st-fault", asked)} x1={px(x)} y1={px(top)} x2={px(x)}
                        y2={px(bottom)} />
                }
            }
            MarkGlyph::Violation => html! {<>
                <line class="st-violation-line" x1={px(x)} x2={px(x)} y1={px(TOP)}
                    y2={px(bottom)} />
                <path class="st-violation" transform={at(TOP - 1.0)} d="M0-7l7 7-7 7-7-7z" />
            </>},
            MarkGlyph::Goal => html! { <circle class="st-goal" transform={at(TOP - 2.0)} r="4" /> },
            MarkGlyph::Alert => html! {
                <path class="st-alert" transform={at(TOP - 2.0)}
                    d="M-5 4Q-4 2-4-1a4 4 0 0 1 8 0Q4 2 5 4zM-1.5 6h3" />
            },
            MarkGlyph::Beat => {
                html! { <circle class="st-beat" transform={at(TOP - 2.0)} r="2.5" /> }
            }
            MarkGlyph::Epoch(_) => Html::default(),
        };
        html! { <g><title>{ &mark.text }</title>{ glyph }</g> }
    };
    let shown = marks.iter().filter(|(_, place)| scale.shows(*place, *place));
    let bars: Vec<Html> = shown.map(&mut bar).collect();
    html! { <>{ for bars }<g>{ for words }</g></> }
}

/// Returns the times below the lanes: at round distances, or at columns.
fn times(props: &BackdropProps, bottom: f64) -> Html {
    let BackdropProps { spacetime, plan, scale, .. } = props;
    let most = whole(scale.sheet.room() / 84.0, 40).max(1);
    let label = |place: f64, text: String| {
        let x = scale.x(place);
        let class =
            if x > scale.sheet.width - RIGHT - 16.0 { "st-time is-last" } else { "st-time" };
        html! { <text {class} x={px(x)} y={px(bottom + 28.0)}>{ text }</text> }
    };
    if plan.order() == Order::Logical {
        let step = (scale.to - scale.from) / f64::from(most);
        let column = |nth: u32| {
            let place = (scale.from + f64::from(nth) * step).ceil();
            let event = plan.event_at(place)?;
            let event = spacetime.events.get((event - spacetime.first) as usize)?;
            let is_known = place <= plan.extent().1;
            is_known.then(|| label(place, instant(event.at_us)))
        };
        return html! { <>{ for (0..most).filter_map(column) }</> };
    }
    let (from_us, to_us) = (moment(scale.from), moment(scale.to));
    let step_us = round_step(to_us.saturating_sub(from_us), most);
    let time = |index: u64| label(micros(index * step_us), instant(index * step_us));
    html! { <>{ for (from_us.div_ceil(step_us)..=to_us / step_us).map(time) }</> }
}

/// Returns the time at a place, by time.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place by time is a number of microseconds, and never below zero here"
)]
pub(super) fn moment(place: f64) -> u64 {
    place.max(0.0) as u64
}

/// Returns the smallest of 1, 2 and 5 times a power of ten that makes at most `most` steps.
fn round_step(span_us: u64, most: u32) -> u64 {
    let least = (span_us / u64::from(most.max(1))).max(1);
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            if power * factor >= least {
                return power * factor;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_at_round_distances() {
        assert_eq!(round_step(1_000_000, 8), 200_000);
        assert_eq!(round_step(1_000_000, 10), 100_000);
        assert_eq!(round_step(3, 10), 1);
        assert_eq!(round_step(0, 0), 1);
    }
}
