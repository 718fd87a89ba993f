//! Nodes and directed edges.

use faultline_core::view::{Datum, Edge, Graph};
use yew::{Html, classes, html};

use super::datum::{datum_in_words, tone_class, tone_letter};
use super::frame::{empty, framed, more, shortened};
use super::graph_layout::{HALF_HEIGHT, Plan, WIDTH, plan};
use crate::stage::{Point, hue_class, px, real};

/// More nodes than this are counted instead, with their edges.
const MOST_NODES: usize = 40;
/// More edges than this are counted instead.
const MOST_EDGES: usize = 120;
/// How wide a letter of a name is, at most.
const LETTER: f64 = 6.4;

/// Draws a graph.
pub(super) fn graph(graph: &Graph, words: String) -> Html {
    if graph.nodes.is_empty() {
        return framed("widget-graph", &graph.label, empty());
    }
    let nodes = &graph.nodes[..graph.nodes.len().min(MOST_NODES)];
    let is_shown = |place: u16| usize::from(place) < nodes.len();
    let shown: Vec<Edge> = (graph.edges.iter())
        .filter(|edge| is_shown(edge.from) && is_shown(edge.to))
        .take(MOST_EDGES)
        .cloned()
        .collect();
    let plan = plan(nodes.len(), &shown);
    let drawn = Drawn { half_widths: half_widths(nodes, plan.room), plan, edges: &shown };
    let body = html! {<>
        <svg class="drawing graph" role="img" aria-label={words}
            viewBox={format!("0 0 {WIDTH} {}", px(drawn.plan.height))}>
            { for shown.iter().map(|edge| drawn.edge(edge)) }
            { for nodes.iter().enumerate().map(|(place, node)| drawn.node(place, node)) }
            { for shown.iter().map(|edge| drawn.edge_name(edge)) }
        </svg>
        { more(graph.nodes.len() - nodes.len(), "nodes") }
        { more(graph.edges.len() - shown.len(), "edges") }
    </>};
    framed("widget-graph", &graph.label, body)
}

fn half_widths(nodes: &[Datum], room: f64) -> Vec<f64> {
    let width = |node: &Datum| {
        let letters = name(node).chars().count() + usize::from(node.durable) * 2;
        ((real(letters) * LETTER + 16.0).max(28.0)).min(room) / 2.0
    };
    nodes.iter().map(width).collect()
}

/// Returns what stands in a node: its sign, its epoch, its name.
fn name(node: &Datum) -> String {
    let sign = tone_letter(node.tone).map(str::to_owned);
    let epoch = node.epoch.map(|epoch| epoch.to_string());
    let text = (!node.text.is_empty()).then(|| node.text.clone());
    sign.into_iter().chain(epoch).chain(text).collect::<Vec<_>>().join(" ")
}

struct Drawn<'a> {
    plan: Plan,
    half_widths: Vec<f64>,
    edges: &'a [Edge],
}

impl Drawn<'_> {
    fn node(&self, place: usize, node: &Datum) -> Html {
        let (at, half) = (self.plan.places[place], self.half_widths[place]);
        let class = classes!(
            "graph-node",
            node.epoch.map(hue_class),
            tone_class(node.tone),
            (!node.committed).then_some("is-open"),
        );
        let letters = crate::stage::whole((half * 2.0 - 12.0) / LETTER, 40);
        let text = shortened(&name(node), usize::try_from(letters).unwrap_or(1).max(2));
        html! {
            <g {class} transform={crate::stage::translate(at.x, at.y)}>
                <title>{ datum_in_words(node) }</title>
                <rect x={px(-half)} y={px(-HALF_HEIGHT)} width={px(half * 2.0)}
                    height={px(HALF_HEIGHT * 2.0)} rx="6" />
                <text y="4">{ text }</text>
            </g>
        }
    }

    /// Returns where an edge begins, is bent to, and ends.
    fn way(&self, edge: &Edge) -> (Point, Point, Point) {
        let (from, to) = (usize::from(edge.from), usize::from(edge.to));
        let (start, end) = (self.plan.places[from], self.plan.places[to]);
        let ahead = (end - start).unit();
        // Past a node on the way, and beside an edge that comes back, in a bow.
        let is_blocked = self.plan.places.iter().enumerate().any(|(node, &at)| {
            node != from && node != to && at.distance_to_stretch(start, end) < HALF_HEIGHT + 6.0
        });
        let comes_back =
            self.edges.iter().any(|other| (other.from, other.to) == (edge.to, edge.from));
        let length = start.distance(end);
        let bow = match (is_blocked, comes_back) {
            (true, _) => length.min(150.0) * 0.42,
            (false, true) => 18.0,
            (false, false) => 0.0,
        };
        let control = start.towards(end, 0.5) + ahead.turned() * bow;
        let leave = self.border(from, (control - start).unit(), 1.0);
        let arrive = self.border(to, (control - end).unit(), 3.0);
        (leave, control, arrive)
    }

    /// Returns where a straight way out of a node leaves its outline.
    fn border(&self, node: usize, heading: Point, gap: f64) -> Point {
        let (half_width, half_height) = (self.half_widths[node] + gap, HALF_HEIGHT + gap);
        let reach = |half: f64, part: f64| {
            if part.abs() < 1e-6 { f64::INFINITY } else { half / part.abs() }
        };
        let length = reach(half_width, heading.x).min(reach(half_height, heading.y));
        self.plan.places[node] + heading * if length.is_finite() { length } else { 0.0 }
    }

    fn edge(&self, edge: &Edge) -> Html {
        let class = classes!("graph-edge", tone_class(edge.tone));
        if edge.from == edge.to {
            let at = self.border(usize::from(edge.from), Point::new(1.0, -0.3).unit(), 0.0);
            let d = format!("M{} {}c16 -14 16 14 1 8", px(at.x), px(at.y));
            return html! { <path {class} {d} /> };
        }
        let (start, control, end) = self.way(edge);
        let heading = (end - control).unit();
        let (base, side) = (end - heading * 7.0, heading.turned() * 3.5);
        let (one, other) = (base + side, base - side);
        let line = format!(
            "M{} {}Q{} {} {} {}",
            px(start.x),
            px(start.y),
            px(control.x),
            px(control.y),
            px(base.x),
            px(base.y)
        );
        let tip = format!(
            "M{} {}L{} {}L{} {}Z",
            px(end.x),
            px(end.y),
            px(one.x),
            px(one.y),
            px(other.x),
            px(other.y)
        );
        html! { <g {class}><path d={line} /><path class="tip" d={tip} /></g> }
    }

    /// Draws an edge's name above all edges and nodes.
    fn edge_name(&self, edge: &Edge) -> Html {
        let text = [tone_letter(edge.tone).unwrap_or_default(), &edge.text].concat();
        if text.is_empty() || edge.from == edge.to {
            return Html::default();
        }
        let (start, control, end) = self.way(edge);
        let middle = start.towards(end, 0.5).towards(control, 0.5);
        html! {
            <text class={classes!("graph-edge-name", tone_class(edge.tone))} x={px(middle.x)}
                y={px(middle.y + 4.0)}>{ shortened(&text, 16) }</text>
        }
    }
}
