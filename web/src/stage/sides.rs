//! The sides of a split network: all but the largest as tinted regions that say who is cut off.

use std::rc::Rc;

use faultline_core::sim::NodeId;
use yew::{Html, Properties, classes, component, html};

use super::contour::Region;
use super::cuts::Cuts;
use super::geometry::{Point, real};
use super::layout::{LABEL_LINES, LETTER_WIDTH, Layout};
use super::node::reach;
use super::placing::{Obstacle, gap, titles};
use super::shapes::px;
use super::words::since_in_words;

/// Places for words are tried so far from each other.
const STEP: f64 = 12.0;
/// A label is taken for no longer than this, however it reads at the moment.
const USUAL_LETTERS: usize = 20;

/// One side that is cut off.
#[derive(Clone, Debug, PartialEq)]
struct Side {
    region: Region,
    text: String,
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
        let places = |side: &Vec<NodeId>| -> Vec<Point> {
            let spots = side.iter().filter_map(|id| layout.spots.get(id.index()));
            let mut places: Vec<Point> = spots.map(|spot| spot.at).collect();
            // Members of a group that is drawn as one are all at one place.
            places.dedup();
            places
        };
        let points: Vec<Vec<Point>> = cuts.sides.iter().map(places).collect();
        let largest = layout.spots.iter().map(|spot| spot.radius).fold(0.0, f64::max);
        let clear = reach(largest, 1) + 8.0;
        let since = since_in_words(cuts.since_us, cuts.period_us);
        let text = layout.label_text * 0.96;
        let mut taken = stands(layout);
        let side = |index: usize| {
            let mut others = points.clone();
            let side = others.remove(index);
            let region = Region::around(&side, &others, clear, layout.area);
            let name = names.get(index).map_or("", String::as_str);
            let said = format!("{name} cut off {since}");
            let half = (real(said.chars().count()) * text * LETTER_WIDTH / 2.0, text * 0.7);
            let words = place_within(&region, half, &taken, layout);
            taken.extend(words);
            Side { region, text: said, words }
        };
        let cut_off = (1..points.len()).map(side).collect();
        Self { cut_off, is_open: !cuts.blocks, text }
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
        let letters = spot.label_letters.min(USUAL_LETTERS);
        let high = layout.line_height() * real(spot.label_lines.max(LABEL_LINES)) / 2.0;
        let middle = Point::new(spot.at.x, Layout::label_top(spot) + high);
        let label = (real(letters) * layout.letter_width() / 2.0, high);
        let around = reach(spot.radius, 1);
        [(spot.at, (around, around)), (middle, label)]
    });
    both.chain(titles(layout)).filter(|(_, half)| half.0 > 0.0).collect()
}

/// Returns where in a region there is room for words of this size, as high and as far to the right
/// as can be; at its line if there is none within, and nothing if there is none there either.
fn place_within(
    region: &Region,
    half: (f64, f64),
    taken: &[Obstacle],
    layout: &Layout,
) -> Option<Obstacle> {
    let area = layout.area;
    let steps = |length: f64| {
        (0..).map(|nth: u32| f64::from(nth) * STEP).take_while(move |it| *it < length)
    };
    let is_free = |wanted: &Obstacle| taken.iter().all(|it| gap(it, wanted) >= 2.0);
    let corners_within = |&(at, (wide, high)): &Obstacle| {
        let corners = [(-wide, -high), (wide, -high), (wide, high), (-wide, high)];
        corners.iter().filter(|&&(x, y)| region.contains(at + Point::new(x, y))).count()
    };
    // At the top are the stage's buttons.
    let rows = steps(area.height - half.1).filter(|y| *y - half.1 >= area.tools());
    let places = rows.flat_map(|y| {
        let across = steps(area.width - half.0 * 2.0);
        across.map(move |x| (Point::new(area.width - half.0 - x, y), half))
    });
    let free: Vec<(Obstacle, usize)> =
        places.filter(is_free).map(|place| (place, corners_within(&place))).collect();
    // If there is no room within, half of it may lie across the line.
    let best = |least: usize| free.iter().find(|(_, within)| *within >= least);
    best(4).or_else(|| best(2)).or_else(|| best(1)).map(|(place, _)| *place)
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
                <text class="region-since" x={px(at.x)} y={px(at.y + text * 0.35)}
                    font-size={px(*text)}>{ &side.text }</text>
            }
        </>}
    };
    let class = classes!("stage-partition", is_open.then_some("is-open"));
    html! { <g {class} aria-hidden="true">{ for cut_off.iter().map(side) }</g> }
}
