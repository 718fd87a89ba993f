//! The space-time diagram: a lane per node, time to the right, messages as slanted lines.
//!
//! Lines of one kind are one path, so that thousands of them are as cheap as a few; and it says so
//! when it leaves some out.

use std::fmt::Write as _;
use std::rc::Rc;

use faultline_core::sim::{Fate, NodeId};
use web_sys::{Element, MouseEvent, PointerEvent};
use yew::{Callback, Html, Properties, component, html, use_memo, use_node_ref, use_state_eq};

use crate::format::{count, counted, instant, short_instant};
use crate::stage::{hue_class, micros, px, real, use_area, use_settled, whole};
use crate::widgets::part_of;
use crate::wire::{MarkGlyph, MarkView, SpaceTime};

/// More messages than this in one window would be a grey area.
const MOST_LINES: usize = 2_000;
/// More marks than this are not read out.
const MOST_SAID: usize = 40;
/// Kept free for names, at the left, and for marks, at the top.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 22.0;
/// Kept free at the bottom for epochs and times.
const BOTTOM: f64 = 34.0;
/// Lanes are at least this far apart; if need be, the diagram scrolls.
const LEAST_PITCH: f64 = 14.0;

/// Properties of [`SpaceTimeView`].
#[derive(Clone, PartialEq, Properties)]
pub struct SpaceTimeViewProps {
    /// What happened.
    pub spacetime: SpaceTime,
    /// The nodes' names, by identity.
    pub names: Vec<String>,
    /// Faults, violations and the like.
    pub marks: Vec<MarkView>,
    /// From when to when.
    pub window: (u64, u64),
    /// True time on screen; what comes after it is dimmed.
    pub now_us: u64,
    /// Hears where to go.
    pub on_seek: Callback<u64>,
}

/// Draws what happened where and when.
#[component]
pub fn SpaceTimeView(props: &SpaceTimeViewProps) -> Html {
    let place = use_node_ref();
    let area = use_area(&place);
    let hovered = use_state_eq(|| None::<u64>);
    let (from_us, to_us) = (props.window.0, props.window.1.max(props.window.0 + 1));
    let at_us = {
        let place = place.clone();
        move |event: &MouseEvent| {
            let box_ = place.cast::<Element>()?.get_bounding_client_rect();
            let along = f64::from(event.client_x()) - box_.left() - LEFT;
            let share = along / (box_.width() - LEFT - RIGHT);
            (share >= 0.0).then(|| {
                from_us + part_of(to_us - from_us, whole((share * 1_000.0).round(), 1_000))
            })
        }
    };
    let on_move = {
        let (at_us, hovered) = (at_us.clone(), hovered.clone());
        Callback::from(move |event: PointerEvent| hovered.set(at_us(&event)))
    };
    let on_leave = {
        let hovered = hovered.clone();
        Callback::from(move |_: PointerEvent| hovered.set(None))
    };
    let on_click = {
        let on_seek = props.on_seek.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(at_us) = at_us(&event) {
                on_seek.emit(at_us);
            }
        })
    };
    let lowest = TOP + BOTTOM + real(props.names.len()) * LEAST_PITCH;
    let scale = Scale::new((from_us, to_us), (area.width, area.height), props.names.len());
    html! {
        <div class="spacetime" ref={place} style={format!("min-height:{lowest}px")}
            onpointermove={on_move} onpointerleave={on_leave} onclick={on_click}>
            <Lines spacetime={props.spacetime.clone()} names={props.names.clone()}
                marks={props.marks.clone()} {scale} />
            { cursors(&scale, props.now_us, *hovered) }
            <Words spacetime={props.spacetime.clone()} marks={props.marks.clone()}
                window={(from_us, to_us)} />
        </div>
    }
}

/// Where times and lanes are on screen.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Scale {
    from_us: u64,
    to_us: u64,
    width: f64,
    height: f64,
    pitch: f64,
}

impl Scale {
    fn new((from_us, to_us): (u64, u64), (width, height): (f64, f64), lanes: usize) -> Self {
        let room = (height - TOP - BOTTOM).max(0.0);
        let pitch = (room / real(lanes.max(1))).clamp(LEAST_PITCH, 60.0);
        Self { from_us, to_us, width, height, pitch }
    }

    fn x(&self, at_us: u64) -> f64 {
        let share = (micros(at_us) - micros(self.from_us)) / micros(self.to_us - self.from_us);
        LEFT + share * (self.width - LEFT - RIGHT)
    }

    fn y(&self, lane: usize) -> f64 {
        TOP + (real(lane) + 0.5) * self.pitch
    }

    /// Returns the height of a node's lane. What the viewer asks for comes from above whom it asks.
    fn y_of(&self, node: NodeId, other: NodeId) -> f64 {
        if node == NodeId::OUTSIDE {
            self.y(other.index()) - self.pitch * 0.45
        } else {
            self.y(node.index())
        }
    }

    fn bottom(&self, lanes: usize) -> f64 {
        TOP + real(lanes) * self.pitch
    }

    fn shows(&self, from_us: u64, to_us: u64) -> bool {
        from_us <= self.to_us && to_us >= self.from_us
    }
}

/// Everything that stands, as one path a kind.
#[derive(Debug, Default, PartialEq)]
struct Paths {
    carried: String,
    arrivals: String,
    fallen: String,
    crosses: String,
    facts: String,
    left_out: u64,
}

impl Paths {
    fn new(spacetime: &SpaceTime, scale: &Scale, lanes: usize) -> Self {
        let mut paths = Self::default();
        let knows = |node: NodeId| node == NodeId::OUTSIDE || node.index() < lanes;
        let shown = || {
            spacetime.messages.iter().filter(|(from, sent_us, to, end_us, _)| {
                scale.shows(*sent_us, *end_us) && knows(*from) && to.index() < lanes
            })
        };
        let hidden = shown().count().saturating_sub(MOST_LINES);
        let first_us = spacetime.messages.first().map_or(0, |message| message.1);
        let is_cut = spacetime.left_out > 0 && scale.from_us < first_us;
        paths.left_out = hidden as u64 + if is_cut { u64::from(spacetime.left_out) } else { 0 };
        for &(from, sent_us, to, end_us, fate) in shown().skip(hidden) {
            let (x1, y1) = (px(scale.x(sent_us)), scale.y_of(from, to));
            let (x2, y2) = (px(scale.x(end_us)), scale.y_of(to, from));
            let (y1_text, y2_text) = (px(y1), px(y2));
            // What was lost on the way ends midway; what met a crashed node ends there.
            let midway = px(f64::midpoint(y1, y2));
            // Writing to a string cannot fail.
            let _ = match fate {
                Fate::Carried => {
                    let _ = write!(paths.arrivals, "M{x2} {y2_text}h0");
                    write!(paths.carried, "M{x1} {y1_text}L{x2} {y2_text}")
                }
                Fate::Down | Fate::Refused => {
                    let _ = write!(paths.crosses, "M{x2} {y2_text}m-3-3l6 6m0-6l-6 6");
                    write!(paths.fallen, "M{x1} {y1_text}L{x2} {y2_text}")
                }
                Fate::Lost | Fate::Cut | Fate::Dropped => {
                    write!(paths.fallen, "M{x1} {y1_text}L{x2} {midway}")
                }
            };
        }
        for &(node, at_us, _) in &spacetime.events {
            if scale.shows(at_us, at_us) && node.index() < lanes {
                let _ =
                    write!(paths.facts, "M{} {}h0", px(scale.x(at_us)), px(scale.y(node.index())));
            }
        }
        paths
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LinesProps {
    spacetime: SpaceTime,
    names: Vec<String>,
    marks: Vec<MarkView>,
    scale: Scale,
}

/// Draws what stands still while time goes by within a window.
#[component]
fn Lines(props: &LinesProps) -> Html {
    let scale = &props.scale;
    let lanes = props.names.len();
    let paths = use_memo((props.spacetime.clone(), *scale, lanes), |(spacetime, scale, lanes)| {
        Paths::new(spacetime, scale, *lanes)
    });
    if scale.width < LEFT + RIGHT + 20.0 {
        return Html::default();
    }
    let (right, bottom) = (scale.width - RIGHT, scale.bottom(lanes));
    let (x, width, height) = (px(LEFT - 4.0), px(right - LEFT + 8.0), px(bottom + BOTTOM));
    let name_size = if scale.pitch < 16.0 { "10" } else { "12" };
    let lane = |(index, name): (usize, &String)| {
        let y = scale.y(index);
        html! {<>
            <line class="st-lane" x1={px(LEFT)} y1={px(y)} x2={px(right)} y2={px(y)} />
            <text class="st-name" x={px(LEFT - 12.0)} y={px(y + 4.0)} font-size={name_size}>
                { name }
            </text>
        </>}
    };
    html! {
        <svg class="st-drawing" aria-hidden="true">
            { for props.names.iter().enumerate().map(lane) }
            // An inner drawing, so that no line leaves the window.
            <svg x={x.clone()} y="0" width={width.clone()} height={height.clone()}
                viewBox={format!("{x} 0 {width} {height}")}>
                <path class="st-carried" d={paths.carried.clone()} />
                <path class="st-fallen" d={paths.fallen.clone()} />
                <path class="st-cross" d={paths.crosses.clone()} />
                <path class="st-arrival" d={paths.arrivals.clone()} />
                <path class="st-fact" d={paths.facts.clone()} />
                { epochs(&props.marks, scale, bottom) }
                { marks(&props.marks, scale, bottom) }
            </svg>
            { times(scale, bottom) }
            if paths.left_out > 0 {
                <text class="st-left-out" x={px(right)} y="13">
                    { format!("{} not drawn", counted(paths.left_out, "earlier message")) }
                </text>
            }
        </svg>
    }
}

/// Returns a band for each epoch, from where it appeared to where the next one did.
fn epochs(marks: &[MarkView], scale: &Scale, bottom: f64) -> Html {
    let epochs: Vec<(u64, u64)> = (marks.iter())
        .filter_map(|mark| match mark.kind {
            MarkGlyph::Epoch(epoch) => Some((mark.at_us, epoch)),
            MarkGlyph::Fault
            | MarkGlyph::Violation
            | MarkGlyph::Goal
            | MarkGlyph::Alert
            | MarkGlyph::Beat => None,
        })
        .collect();
    let ends = epochs.iter().skip(1).map(|&(at_us, _)| at_us).chain([scale.to_us]);
    let band = |(&(from_us, epoch), to_us): (&(u64, u64), u64)| {
        if !scale.shows(from_us, to_us) {
            return Html::default();
        }
        let from = scale.x(from_us.max(scale.from_us));
        let wide = scale.x(to_us.min(scale.to_us)) - from;
        html! {
            <g class={hue_class(epoch)}>
                <rect class="st-epoch" x={px(from)} y={px(bottom + 2.0)} width={px(wide)}
                    height="12" rx="2" />
                if wide > 7.0 * real(epoch.to_string().len()) + 4.0 {
                    <text class="st-epoch-text" x={px(from + 4.0)} y={px(bottom + 11.5)}>
                        { epoch }
                    </text>
                }
            </g>
        }
    };
    html! { <>{ for epochs.iter().zip(ends).map(band) }</> }
}

fn marks(marks: &[MarkView], scale: &Scale, bottom: f64) -> Html {
    let mut free_from = f64::MIN;
    let mut mark = |mark: &MarkView| {
        let x = scale.x(mark.at_us);
        let at = |y: f64| format!("translate({} {})", px(x), px(y));
        let glyph = match mark.kind {
            MarkGlyph::Fault => {
                let has_room = x > free_from;
                if has_room {
                    free_from = x + 14.0 + real(mark.text.chars().count()) * 6.0;
                }
                html! {<>
                    <line class="st-fault" x1={px(x)} y1="4" x2={px(x)} y2={px(bottom)} />
                    if has_room {
                        <text class="st-fault-text" x={px(x + 5.0)} y="13">{ &mark.text }</text>
                    }
                </>}
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
    let shown = marks.iter().filter(|mark| scale.shows(mark.at_us, mark.at_us));
    html! { <>{ for shown.map(&mut mark) }</> }
}

/// Returns the times below the lanes, at round distances.
fn times(scale: &Scale, bottom: f64) -> Html {
    let room = scale.width - LEFT - RIGHT;
    let step_us = round_step(scale.to_us - scale.from_us, whole(room / 84.0, 40).max(1));
    let first = scale.from_us.div_ceil(step_us);
    let last = scale.to_us / step_us;
    // Finer than a hundredth of a second, all digits are needed to tell two times apart.
    let text = |at_us| if step_us < 10_000 { instant(at_us) } else { short_instant(at_us) };
    let time = |index: u64| {
        let at_us = index * step_us;
        let x = scale.x(at_us);
        let class = if x > scale.width - RIGHT - 16.0 { "st-time is-last" } else { "st-time" };
        html! { <text {class} x={px(x)} y={px(bottom + 28.0)}>{ text(at_us) }</text> }
    };
    html! { <>{ for (first..=last).map(time) }</> }
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

/// Returns the time on screen, what comes after it, and the time under the pointer.
fn cursors(scale: &Scale, now_us: u64, hovered_us: Option<u64>) -> Html {
    let inside = now_us.clamp(scale.from_us, scale.to_us);
    let style = |at_us: u64| format!("left:{}px", px(scale.x(at_us)));
    html! {
        <div class="st-cursors" aria-hidden="true">
            <i class="st-future" style={format!("{};right:{RIGHT}px", style(inside))} />
            if inside == now_us { <i class="st-now" style={style(now_us)} /> }
            if let Some(at_us) = hovered_us {
                <i class="st-hovered" style={style(at_us)}><b>{ instant(at_us) }</b></i>
            }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct WordsProps {
    spacetime: SpaceTime,
    marks: Vec<MarkView>,
    window: (u64, u64),
}

/// Says what the diagram shows.
#[component]
fn Words(props: &WordsProps) -> Html {
    let props = use_settled(&Rc::new(props.clone()));
    html! {
        <ul class="visually-hidden" aria-label="The space-time diagram in words">
            { for in_words(&props).into_iter().map(|line| html! { <li>{ line }</li> }) }
        </ul>
    }
}

fn in_words(WordsProps { spacetime, marks, window: (from_us, to_us) }: &WordsProps) -> Vec<String> {
    let window = *from_us..=*to_us;
    let sent = || spacetime.messages.iter().filter(|message| window.contains(&message.1));
    let fallen = sent().filter(|message| message.4 != Fate::Carried).count();
    let mut lines = vec![format!(
        "From {} to {}: {}, {} of them did not arrive.",
        short_instant(*from_us),
        short_instant(*to_us),
        counted(sent().count() as u64, "message"),
        count(fallen as u64),
    )];
    let here = || marks.iter().filter(|mark| window.contains(&mark.at_us));
    let said = here().take(MOST_SAID);
    lines.extend(said.map(|mark| format!("{}: {}", instant(mark.at_us), mark.text)));
    let more = here().count().saturating_sub(MOST_SAID);
    if more > 0 {
        lines.push(format!("and {} more", counted(more as u64, "mark")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale() -> Scale {
        Scale::new((1_000, 2_000), (268.0, 156.0), 4)
    }

    fn message(sent_us: u64, fate: Fate) -> (NodeId, u64, NodeId, u64, Fate) {
        (NodeId(0), sent_us, NodeId(1), sent_us + 100, fate)
    }

    fn lines(path: &str) -> usize {
        path.matches('M').count()
    }

    #[test]
    fn messages_are_sorted_by_fate_and_cut_to_the_window() {
        let fates = [Fate::Carried, Fate::Lost, Fate::Cut, Fate::Down];
        let messages = fates.map(|fate| message(1_500, fate)).into_iter();
        let before = message(100, Fate::Carried);
        let spacetime =
            SpaceTime { messages: messages.chain([before]).collect(), ..SpaceTime::default() };
        let paths = Paths::new(&spacetime, &scale(), 4);
        assert_eq!((lines(&paths.carried), lines(&paths.fallen)), (1, 3));
        assert_eq!((lines(&paths.arrivals), lines(&paths.crosses)), (1, 1));
        assert_eq!(paths.left_out, 0);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let messages = (0..2_500).map(|nth| message(1_000 + nth / 3, Fate::Carried)).collect();
        let spacetime = SpaceTime { messages, left_out: 7, ..SpaceTime::default() };
        let paths = Paths::new(&spacetime, &scale(), 4);
        assert_eq!((lines(&paths.carried), paths.left_out), (MOST_LINES, 500));
        let earlier = Scale { from_us: 0, ..scale() };
        assert_eq!(Paths::new(&spacetime, &earlier, 4).left_out, 507);
    }

    #[test]
    fn nodes_that_are_not_there_have_no_line() {
        let stranger = (NodeId(9), 1_500, NodeId(1), 1_600, Fate::Carried);
        let viewer = (NodeId::OUTSIDE, 1_500, NodeId(1), 1_600, Fate::Carried);
        let spacetime = SpaceTime {
            messages: vec![stranger, viewer],
            events: vec![(NodeId(9), 1_500, 0), (NodeId(3), 1_500, 1)],
            left_out: 0,
        };
        let paths = Paths::new(&spacetime, &scale(), 4);
        assert_eq!((lines(&paths.carried), lines(&paths.facts)), (1, 1));
    }

    #[test]
    fn times_stand_at_round_distances() {
        assert_eq!(round_step(1_000_000, 8), 200_000);
        assert_eq!(round_step(1_000_000, 10), 100_000);
        assert_eq!(round_step(3, 10), 1);
        assert_eq!(round_step(0, 0), 1);
    }

    #[test]
    fn lanes_and_times_fill_the_window() {
        let scale = scale();
        assert!((scale.x(1_000) - LEFT).abs() < 1e-9);
        assert!((scale.x(2_000) - (268.0 - RIGHT)).abs() < 1e-9);
        assert!((scale.pitch - 25.0).abs() < 1e-9);
        assert!(scale.shows(900, 1_100) && !scale.shows(100, 900));
    }
}
