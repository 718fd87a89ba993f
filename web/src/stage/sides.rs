//! The sides of a split network: all but the largest as tinted regions that say who is cut off.

use std::rc::Rc;

use faultline_core::sim::NodeId;
use yew::{Html, Properties, classes, component, html};

use super::contour::{Group, Region};
use super::cuts::Cuts;
use super::geometry::{Point, real};
use super::layout::{LETTER_WIDTH, Layout, Spot};
use super::node::reach;
use super::placing::{Obstacle, gap, titles};
use super::shapes::px;
use super::words::since_in_words;

/// Places for words are tried so far from each other.
const STEP: f64 = 12.0;
/// A label is taken for no longer than this, however it reads at the moment.
const USUAL_LETTERS: usize = 24;

/// One side that is cut off.
#[derive(Clone, Debug, PartialEq)]
struct Side {
    region: Region,
    /// Who is cut off, and since when.
    said: [String; 2],
    /// In one line, or in two.
    lines: Vec<String>,
    /// Where the words are, if there is room for them.
    words: Option<Obstacle>,
}

/// The sides that are cut off.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sides {
    cut_off: Vec<Side>,
    /// Whether they are together again at this moment.
    is_open: bool,
    text: f64,
}

impl Sides {
    /// Finds the regions, each in one piece, and room for the words; `names` says who is on a side.
    pub(crate) fn new(cuts: &Cuts, layout: &Layout, names: &[String]) -> Self {
        let group = |side: &Vec<NodeId>| -> Group {
            let spots = || side.iter().filter_map(|id| layout.spots.get(id.index()));
            let mut places: Vec<(Point, f64)> =
                spots().map(|spot| (spot.at, reach(spot.radius, 1))).collect();
            // Members of a group that is drawn as one are all at one place.
            places.dedup();
            let labels = spots().filter(|spot| !spot.is_hidden && spot.label_letters > 0);
            Group { places, words: labels.map(|spot| label_of(spot, layout)).collect() }
        };
        let points: Vec<Group> = cuts.sides.iter().map(group).collect();
        let text = layout.label_text * 0.96;
        let mut taken = stands(layout);
        let without = |index: usize| {
            let mut others = points.clone();
            (others.remove(index), others)
        };
        let region = |index: usize| {
            let (side, others) = without(index);
            let name = names.get(index).map_or("", String::as_str);
            let since_us = cuts.each_since_us.get(index).copied().unwrap_or(cuts.since_us);
            Side {
                region: Region::around(&side, &others, layout.area),
                said: [format!("{name} cut off"), since_in_words(since_us, cuts.period_us)],
                lines: Vec::new(),
                words: None,
            }
        };
        let mut cut_off: Vec<Side> = (1..points.len()).map(region).collect();
        for index in 0..cut_off.len() {
            let (group, others) = without(index + 1);
            let mut strangers: Vec<&Side> = cut_off.iter().collect();
            let side = strangers.remove(index);
            let around =
                Surroundings { group: &group, others: &others, side, strangers: &strangers };
            let Some((words, lines)) = around.words(text, &taken, layout) else { continue };
            taken.push(words);
            (cut_off[index].words, cut_off[index].lines) = (Some(words), lines);
        }
        Self { cut_off, is_open: !cuts.blocks, text }
    }

    /// Returns the region of each side but the first.
    #[cfg(test)]
    pub(super) fn regions(&self) -> impl Iterator<Item = &Region> {
        self.cut_off.iter().map(|side| &side.region)
    }

    /// Returns where the words are.
    pub(crate) fn words(&self) -> impl Iterator<Item = Obstacle> {
        self.cut_off.iter().filter_map(|side| side.words)
    }
}

/// Returns all nodes and the room of their labels, however these read at the moment.
fn stands(layout: &Layout) -> Vec<Obstacle> {
    let shown = layout.spots.iter().filter(|spot| !spot.is_hidden);
    let both = shown.flat_map(|spot| {
        // With what is on its head.
        let (around, head) = (reach(spot.radius, 1), spot.head());
        let middle = spot.at - Point::new(0.0, (head - around) / 2.0);
        [(middle, (around, f64::midpoint(head, around))), label_of(spot, layout)]
    });
    both.chain(titles(layout)).filter(|(_, half)| half.0 > 0.0).collect()
}

/// Returns the room of a label, however it reads at the moment.
fn label_of(spot: &Spot, layout: &Layout) -> Obstacle {
    let letters = spot.label_letters.min(USUAL_LETTERS);
    let high = layout.line_height() * real(spot.label_lines.max(1)) / 2.0;
    let middle = Point::new(spot.at.x, Layout::label_top(spot) + high);
    (middle, (real(letters) * layout.letter_width() / 2.0, high))
}

/// A side, and those that its words must not seem to name.
struct Surroundings<'a> {
    group: &'a Group,
    others: &'a [Group],
    side: &'a Side,
    strangers: &'a [&'a Side],
}

impl Surroundings<'_> {
    /// Returns where there is room for the words that name the side, and their lines: within its region, as
    /// high and as far to the right as can be; or on the line around it, as close to one who is on it as can be; or else beside
    /// it, as close as can be and closer than to anybody else. Two lines are tried where one has no room.
    fn words(
        &self,
        text: f64,
        taken: &[Obstacle],
        layout: &Layout,
    ) -> Option<(Obstacle, Vec<String>)> {
        let (one, two) = (vec![self.side.said.join(" ")], self.side.said.to_vec());
        let half = |lines: &[String]| {
            let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            (real(letters) * text * LETTER_WIDTH / 2.0, text * (0.1 + 0.6 * real(lines.len())))
        };
        let own = |lines| self.own(half(lines), taken, layout);
        own(&one)
            .map(|words| (words, one.clone()))
            .or_else(|| own(&two).map(|words| (words, two.clone())))
            .or_else(|| self.beside(half(&one), taken, layout).map(|words| (words, one.clone())))
    }

    /// Returns true if nothing is in a box: neither what is taken nor the region of another side.
    fn is_free(&self, wanted: &Obstacle, taken: &[Obstacle]) -> bool {
        let strangers = || {
            let regions = self.strangers.iter().map(|side| &side.region);
            regions.filter(|region| gap(region.bounds(), wanted) <= 0.0)
        };
        taken.iter().all(|it| gap(it, wanted) >= 2.0)
            && !strangers().any(|region| region.contains(wanted.0))
            && !strangers().flat_map(Region::outline).any(|it| holds(wanted, it))
    }

    /// Returns a place within the region, or on the line around it.
    fn own(&self, half: (f64, f64), taken: &[Obstacle], layout: &Layout) -> Option<Obstacle> {
        let area = layout.area;
        let is_on_stage = |(at, _): &Obstacle| {
            (half.0..=area.width - half.0).contains(&at.x)
                && (area.tools() + half.1..=area.height - half.1).contains(&at.y)
        };
        let on_line = || {
            let all = self.side.region.outline().map(|at| (at, half)).filter(is_on_stage);
            let free = all.filter(|it| self.is_free(it, taken));
            free.min_by(|(one, _), (other, _)| self.far(*one).total_cmp(&self.far(*other)))
        };
        // Most places are ruled out by the region's bounds alone, so that is asked first.
        let mut own = places(half, layout).filter(|it| self.is_within(it));
        own.find(|it| self.is_free(it, taken)).or_else(on_line)
    }

    /// Returns how far a point is from the closest who is on the side.
    fn far(&self, point: Point) -> f64 {
        self.group.places.iter().map(|(at, _)| at.distance(point)).fold(f64::MAX, f64::min)
    }

    fn is_within(&self, &(at, (wide, high)): &Obstacle) -> bool {
        let corners = [(-wide, -high), (wide, -high), (wide, high), (-wide, high)];
        corners.iter().all(|&(x, y)| self.side.region.contains(at + Point::new(x, y)))
    }

    fn beside(&self, half: (f64, f64), taken: &[Obstacle], layout: &Layout) -> Option<Obstacle> {
        let away = |group: &Group, words: &Obstacle| {
            let boxes = group.places.iter().map(|&(at, reach)| (at, (reach, reach)));
            let all = boxes.chain(group.words.iter().copied());
            all.map(|it| gap(&it, words)).fold(f64::MAX, f64::min)
        };
        let mut best: Option<(f64, Obstacle)> = None;
        for words in places(half, layout) {
            let own = away(self.group, &words);
            // Only what would be better is worth a closer look.
            if best.is_none_or(|(best, _)| own < best)
                && self.others.iter().all(|it| away(it, &words) > own)
                && self.is_free(&words, taken)
            {
                best = Some((own, words));
            }
        }
        best.map(|(_, words)| words)
    }
}

/// Returns where words of this size can be on the stage, the highest and rightmost first.
fn places(half: (f64, f64), layout: &Layout) -> impl Iterator<Item = Obstacle> {
    let area = layout.area;
    // At the top are the stage's buttons.
    let (across, down) =
        ((half.0, area.width - half.0), (area.tools() + half.1, area.height - half.1));
    grid(across, down).map(move |at| (at, half))
}

/// Returns places from the upper right corner on, row by row.
fn grid((left, right): (f64, f64), (top, bottom): (f64, f64)) -> impl Iterator<Item = Point> {
    let steps = |length: f64| {
        (0..).map(|nth: u32| f64::from(nth) * STEP).take_while(move |it| *it < length)
    };
    let across = move |y: f64| steps(right - left).map(move |x| Point::new(right - x, y));
    steps(bottom - top).flat_map(move |down| across(top + down))
}

/// Returns true if a point lies in a box.
fn holds(&(at, half): &Obstacle, point: Point) -> bool {
    (point.x - at.x).abs() < half.0 && (point.y - at.y).abs() < half.1
}

/// Properties of [`Partition`].
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct PartitionProps {
    pub(crate) sides: Rc<Sides>,
}

/// Draws the regions, each with a dashed line around it.
#[component]
pub(crate) fn Partition(props: &PartitionProps) -> Html {
    let Sides { cut_off, is_open, text } = &*props.sides;
    let side = |side: &Side| {
        html! {<>
            <path class="region" d={side.region.path()} />
            <path class="region-border" d={side.region.path()} />
            if let Some((at, _)) = side.words {
                for (line, nth) in side.lines.iter().zip(0_u8..) {
                    <text class="region-since" x={px(at.x)} font-size={px(*text)}
                        y={px(at.y + text * (0.35 + 1.2 * f64::from(nth)
                            - 0.6 * real(side.lines.len() - 1)))}>{ line }</text>
                }
            }
        </>}
    };
    let class = classes!("stage-partition", is_open.then_some("is-open"));
    html! { <g {class} aria-hidden="true">{ for cut_off.iter().map(side) }</g> }
}

#[cfg(test)]
mod tests {
    use faultline_core::view::CutScene;

    use super::*;
    use crate::stage::camera::Camera;
    use crate::stage::ground::{Ground, Tier};
    use crate::stage::layout::Area;

    #[test]
    fn the_line_of_a_cut_runs_through_no_label() {
        // A server and a client are cut off from four servers and a client.
        let tiers = [[Tier::Server; 5].as_slice(), &[Tier::Client; 2]].concat();
        let (one, other) = ([0_u16, 5], [1_u16, 2, 3, 4, 6]);
        let pairs = one.iter().flat_map(|&from| other.map(|to| [(from, to), (to, from)]));
        let cut = |(from, to)| CutScene {
            from: NodeId(from),
            to: NodeId(to),
            since_us: 0,
            period_us: None,
            blocks: true,
        };
        let cuts: Vec<CutScene> = pairs.flatten().map(cut).collect();
        let cuts = Cuts::new(tiers.len(), &cuts);
        for (width, height) in [(828.0, 430.0), (708.0, 320.0), (390.0, 390.0)] {
            let area = Area { width, height, text: 14.0 };
            let layout = Layout::new(&tiers, &Ground::default(), area).seen_by(&Camera::default());
            let sides = Sides::new(&cuts, &layout, &[]);
            assert_eq!(sides.cut_off.len(), 1);
            let region = &sides.cut_off[0].region;
            for (id, spot) in (0_u16..).zip(&layout.spots).filter(|(_, it)| it.label_letters > 0) {
                let (middle, half) = label_of(spot, &layout);
                // Between two labels side by side the line has their ends.
                for aside in [-0.8, 0.0, 0.8] {
                    let corner = middle + Point::new(half.0 * aside, half.1);
                    let what = format!("{id} on {width} × {height}");
                    assert_eq!(region.contains(corner), one.contains(&id), "{what}");
                }
            }
        }
    }

    #[test]
    fn of_several_sides_each_has_its_words_on_or_in_its_own_line() {
        // As in Raft's Figure 8: S5 with C2, S3, S4 and a reader, all apart from S1, S2 and C1.
        let tiers = [[Tier::Server; 5].as_slice(), &[Tier::Client; 3]].concat();
        let side_of = [0, 0, 1, 2, 3, 0, 3, 4];
        let ids = || NodeId::first(8);
        let pairs = ids().flat_map(|from| ids().map(move |to| (from, to)));
        let apart = pairs.filter(|(from, to)| side_of[from.index()] != side_of[to.index()]);
        let cuts: Vec<CutScene> = apart
            .map(|(from, to)| CutScene {
                from,
                to,
                since_us: 1_100_000,
                period_us: None,
                blocks: true,
            })
            .collect();
        let cuts = Cuts::new(tiers.len(), &cuts);
        let name = |side: &Vec<NodeId>| {
            let names: Vec<String> = side.iter().map(|id| format!("S{}", id.0)).collect();
            names.join(", ")
        };
        let names: Vec<String> = cuts.sides.iter().map(name).collect();
        for (width, height, least) in [(828.0, 430.0, 4), (708.0, 320.0, 4), (390.0, 390.0, 2)] {
            let area = Area { width, height, text: 14.0 };
            let layout = Layout::new(&tiers, &Ground::default(), area).seen_by(&Camera::default());
            let sides = Sides::new(&cuts, &layout, &names);
            let told = sides.words().count();
            assert!(told >= least, "{told} of 4 have words on {width} × {height}");
            assert_eq!(sides.cut_off.len(), 4);
            for (place, side) in sides.cut_off.iter().enumerate() {
                let what = format!("{} on {width} × {height}", side.said.join(" "));
                // What has no room on a small stage is not said.
                let Some(words) = side.words else { continue };
                let is_at = |side: &Side| {
                    side.region.contains(words.0)
                        || side.region.outline().any(|point| holds(&words, point))
                };
                assert!(is_at(side), "{what}: {words:?}");
                let mut others = sides.cut_off.iter().enumerate();
                assert!(!others.any(|(other, side)| other != place && is_at(side)), "{what}");
            }
        }
    }
}
