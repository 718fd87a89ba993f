//! The stage as a component: what stands still as SVG, what moves on canvases, all of it in words.

use std::cell::RefCell;
use std::rc::Rc;

use faultline_core::sim::NodeId;
use faultline_core::view::{NodeScene, Scene};
use gloo::render::{AnimationFrame, request_animation_frame};
use web_sys::{Element, HtmlCanvasElement};
use yew::{
    AttrValue, Callback, Html, NodeRef, Properties, classes, component, hook, html, use_effect,
    use_effect_with, use_memo, use_mut_ref, use_node_ref, use_state, use_state_eq,
};

use super::changed::use_changed;
use super::clock::DisplayClock;
use super::cuts::Cuts;
use super::fields::{Census, GroupDisk, censuses, fields};
use super::geometry::Point;
use super::ground::{Ground, Tier};
use super::hands::{Hands, Press};
use super::hit::side_of_line;
use super::knowledge::{known_in_words, last_heard};
use super::layout::{Layout, Spot};
use super::links::{Mark, barbs, brakes, links, marks, pairs};
use super::node::{Face, NodeShape, difference_mark};
use super::painter::{Easel, Pace, Painter, Picture};
use super::placing::{Obstacle, labels, obstacles, ringed};
use super::settled::use_settled;
use super::shapes::px;
use super::sides::{Partition, Sides};
use super::sizing::use_area;
use super::tools::{Eye, Tools};
use super::view::{Hold, Zoom, use_view, use_zooming};
use super::words::{name_of, sides_in_words, stage_in_words, traffic_in_words, zones_in_words};
use crate::format::counted;
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::Frame;

/// Properties of [`Stage`].
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// The world to draw.
    pub frame: Shared<Frame>,
    /// The time on screen.
    pub clock: DisplayClock,
    /// What decides where nodes stand.
    #[prop_or_default]
    pub(crate) ground: Rc<Ground>,
    /// Names what is on the stage: this browser keeps under it where nodes were put. Nothing is kept
    /// without a name.
    #[prop_or_default]
    pub row: AttrValue,
    /// How fast the film runs.
    #[prop_or_default]
    pub pace: Pace,
    /// The latest wish to come closer or go further away, and how many there have been.
    #[prop_or_default]
    pub zoom: (u32, Zoom),
    /// What is picked.
    pub selected: Option<Selection>,
    /// The nodes involved in what broke.
    pub halo: Rc<[NodeId]>,
    /// Of two runs: the nodes that do not look alike in both.
    #[prop_or_default]
    pub differing: Rc<[NodeId]>,
    /// Of two runs, where they first part: the node in which they do.
    #[prop_or_default]
    pub parting: Option<NodeId>,
    /// Whether the viewer is about to draw a line across the stage.
    pub drawing_line: bool,
    /// Whether nothing may travel.
    pub reduced_motion: bool,
    /// Whether this is an illustration: it has no buttons of its own and hears nothing.
    #[prop_or_default]
    pub is_sample: bool,
    /// Hears what is picked.
    pub on_select: Callback<Option<Selection>>,
    /// Hears for what a menu is wanted, and where, in client coordinates.
    pub on_menu: Callback<(Selection, f64, f64)>,
    /// Hears which nodes a line drawn across the stage cuts off.
    pub on_line: Callback<Vec<NodeId>>,
    /// Hears whether the viewer wants to see only what the picked node knows.
    #[prop_or_default]
    pub on_watch: Option<Callback<bool>>,
}

/// Draws the world.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let root = use_node_ref();
    let area = use_area(&root);
    let scene = &props.frame.scene;
    let view = use_view(&props.row);
    let tiers: Vec<Tier> = scene.nodes.iter().map(Tier::of).collect();
    let ground = props.ground.with(&scene.nodes);
    let home =
        use_memo((tiers, ground, area), |(tiers, ground, area)| Layout::new(tiers, ground, *area));
    let layout = {
        let deps = (home, view.moved.clone(), view.camera);
        use_memo(deps, |(home, moved, camera)| (**home).clone().with_moved(moved).seen_by(camera))
    };
    use_zooming(&view.hold, props.zoom, &root, &layout);
    let cuts =
        use_memo((scene.nodes.len(), scene.cuts.clone()), |(count, cuts)| Cuts::new(*count, cuts));
    let sides = {
        let names = sides_in_words(&scene.nodes, &cuts);
        let deps = (cuts.clone(), layout.clone(), names);
        use_memo(deps, |(cuts, layout, names)| Sides::new(cuts, layout, names))
    };
    let marks = marks(&scene.nodes, &cuts, &layout, sides.words());
    let changed = use_changed(&props.frame, props.pace);
    let painter = use_mut_ref(Painter::default);
    let picture = Picture {
        frame: props.frame.clone(),
        layout: layout.clone(),
        cuts: cuts.clone(),
        words: sides
            .words()
            .chain(marks.iter().filter_map(|it| Some(it.since.as_ref()?.1)))
            .chain(spots_of(&props.differing, &layout).map(difference_mark))
            .collect(),
        is_still: props.reduced_motion,
        pace: props.pace,
        selected: match props.selected {
            Some(Selection::Message(name)) => Some(name),
            Some(Selection::Node(_) | Selection::Link(..)) | None => None,
        },
    };
    let (below, above) = (use_node_ref(), use_node_ref());
    use_painting(&painter, picture, [root.clone(), below.clone(), above.clone()], &props.clock);
    let hands = use_hands(props, &root, &layout, painter, view.hold.clone());
    let (line, side) = (hands.line.clone(), hands.side.clone());
    let marked = line.as_ref().and_then(|&(from, to)| side_of_line(from, to, &layout));
    let marked = marked.unwrap_or_else(|| (*side).clone());
    let groups: Rc<[Census]> = censuses(&props.frame, &layout, &props.halo).into();
    let drawn = Drawn {
        props,
        layout: &layout,
        cuts: &cuts,
        sides: &sides,
        marks: &marks,
        changed: &changed,
        marked: &marked,
        groups: &groups,
    };
    let class = classes!("stage", props.drawing_line.then_some("is-drawing"));
    let drawing = html! {<>
        <svg class="stage-drawing" aria-hidden="true">{ drawn.behind() }</svg>
        <canvas ref={below} aria-hidden="true" />
        <svg class="stage-drawing" focusable="false">{ drawn.front(*line) }</svg>
        <canvas ref={above} aria-hidden="true" />
    </>};
    if props.is_sample {
        return html! { <div {class} ref={root} aria-hidden="true" inert=true>{ drawing }</div> };
    }
    html! {
        <div class="stage-frame" style={format!("--wide:{};--high:{}", px(area.width), px(area.height))}>
            <div {class} ref={root} role="group" aria-label="Stage"
                onpointerdown={hear(&hands, Hands::down)} onpointermove={hear(&hands, Hands::moved)}
                onpointerup={hear(&hands, Hands::up)} onpointercancel={hear(&hands, Hands::cancel)}
                onclick={hear(&hands, Hands::click)} onkeydown={hear(&hands, Hands::key)}
                onfocusin={hear(&hands, Hands::focus_in)}
                oncontextmenu={hear(&hands, Hands::context_menu)}>
                { drawing }
                if props.drawing_line { { hint(line.is_some(), &marked) } }
                <StageText frame={props.frame.clone()} {cuts} halo={props.halo.clone()}
                    ground={props.ground.clone()} groups={groups.clone()} />
            </div>
            <Tools hold={view.hold.clone()} layout={layout.clone()} eye={eye(props)}
                frame={props.frame.clone()}
                is_usual={view.camera.is_usual()} is_moved={!view.moved.is_empty()} />
        </div>
    }
}

/// Returns where these nodes stand, as far as they are drawn.
fn spots_of<'a>(nodes: &'a [NodeId], layout: &'a Layout) -> impl Iterator<Item = &'a Spot> {
    let spots = nodes.iter().filter_map(|node| layout.spots.get(node.index()));
    spots.filter(|spot| !spot.is_hidden)
}

/// Hears what the viewer does on the stage.
#[hook]
fn use_hands(
    props: &StageProps,
    root: &NodeRef,
    layout: &Rc<Layout>,
    painter: Rc<RefCell<Painter>>,
    hold: Hold,
) -> Hands {
    let line = use_state_eq(|| None::<(Point, Point)>);
    let side = use_state(Vec::<NodeId>::new);
    {
        let (line, side) = (line.setter(), side.setter());
        use_effect_with(props.drawing_line, move |_| {
            line.set(None);
            side.set(Vec::new());
        });
    }
    Hands {
        root: root.clone(),
        layout: layout.clone(),
        painter,
        frame: props.frame.clone(),
        links: Rc::new(pairs(&props.frame.scene.nodes, props.selected)),
        hold,
        is_drawing: props.drawing_line,
        line,
        side,
        press: use_mut_ref(Press::default),
        on_select: props.on_select.clone(),
        on_menu: props.on_menu.clone(),
        on_line: props.on_line.clone(),
    }
}

fn hear<Event: 'static>(hands: &Hands, what: fn(&Hands, &Event)) -> Callback<Event> {
    let hands = hands.clone();
    Callback::from(move |event: Event| what(&hands, &event))
}

/// For the selected node, if it can be looked through.
fn eye(props: &StageProps) -> Option<Eye> {
    let (Some(on_watch), Some(Selection::Node(node))) = (&props.on_watch, props.selected) else {
        return None;
    };
    Some(Eye {
        name: name_of(&props.frame.scene.nodes, node).to_owned().into(),
        is_on: props.frame.heard.as_ref().is_some_and(|heard| heard.node == node),
        on_watch: on_watch.clone(),
    })
}

/// All that stands still.
struct Drawn<'a> {
    props: &'a StageProps,
    layout: &'a Rc<Layout>,
    cuts: &'a Rc<Cuts>,
    sides: &'a Rc<Sides>,
    marks: &'a [Mark],
    changed: &'a [bool],
    marked: &'a [NodeId],
    groups: &'a [Census],
}

impl Drawn<'_> {
    /// Returns what lies behind links and messages: zones, layers, the sides of a split.
    fn behind(&self) -> Html {
        let is_watched = self.props.frame.heard.is_some();
        html! {<>
            { fields(self.layout, self.taken()) }
            if !is_watched { <Partition sides={self.sides.clone()} /> }
        </>}
    }

    /// Returns where nodes, their words and those of a split are.
    fn taken(&self) -> Vec<Obstacle> {
        let nodes = &self.props.frame.scene.nodes;
        let mut taken = obstacles(&labels(nodes, self.layout), self.layout);
        taken.extend(ringed(nodes, self.layout));
        taken.extend(self.sides.words());
        taken
    }

    /// Returns nodes and links, what blocks these, and the line being drawn.
    fn front(&self, line: Option<(Point, Point)>) -> Html {
        let scene = &self.props.frame.scene;
        let is_watched = self.props.frame.heard.is_some();
        html! {<>
            { links(scene, self.layout, (!is_watched).then_some(&**self.cuts), self.props.selected) }
            { self.groups() }
            { for self.nodes() }
            if !is_watched {
                { barbs(self.marks, self.layout) }
                { brakes(&scene.holds, self.layout) }
            }
            if let Some((from, to)) = line { { cut_line(from, to, self.marked, scene) } }
        </>}
    }

    fn nodes(&self) -> impl Iterator<Item = Html> + '_ {
        let Self { props, layout, .. } = self;
        let heard = props.frame.heard.as_ref();
        let now_us = props.frame.scene.now_us;
        let face = move |node: &NodeScene| match heard {
            Some(heard) if heard.node != node.id => {
                Face::unknown(node, last_heard(heard, node.id, now_us))
            }
            _ => {
                let has_changed = self.changed.get(node.id.index()).copied().unwrap_or_default();
                Face::of(node).marked(has_changed)
            }
        };
        let shape = move |(node, spot): (&NodeScene, &Spot)| {
            html! {
                <NodeShape key={node.id.0} spot={*spot} label_text={layout.label_text}
                    node={face(node)}
                    is_selected={props.selected == Some(Selection::Node(node.id))}
                    is_broken={heard.is_none() && props.halo.contains(&node.id)}
                    is_marked={self.marked.contains(&node.id)}
                    differs={props.differing.contains(&node.id)}
                    parts={props.parting == Some(node.id)} />
            }
        };
        let nodes = props.frame.scene.nodes.iter().zip(&layout.spots);
        nodes.filter(|(_, spot)| !spot.is_hidden).map(shape)
    }

    /// Returns the groups whose members are not drawn.
    fn groups(&self) -> Html {
        let closed = self.layout.groups.iter().zip(self.groups).enumerate();
        let closed = closed.filter(|(_, (group, _))| !group.is_open);
        let disk = closed.map(|(index, (group, census))| {
            let (at, radius) = (group.spot.at, group.spot.radius);
            html! { <GroupDisk key={index} {index} {at} {radius} census={census.clone()} /> }
        });
        html! { <g class="stage-groups">{ for disk }</g> }
    }
}

/// Returns the line being drawn, on to the stage's edges, with how many nodes it parts.
fn cut_line(from: Point, to: Point, marked: &[NodeId], scene: &Scene) -> Html {
    let beyond = (to - from).unit() * 4_000.0;
    let (start, end) = (from - beyond, to + beyond);
    let middle = from.towards(to, 0.5);
    let parts = format!("{} | {}", scene.nodes.len() - marked.len(), marked.len());
    html! {
        <g class="stage-line" aria-hidden="true">
            <line x1={px(start.x)} y1={px(start.y)} x2={px(end.x)} y2={px(end.y)} />
            if !marked.is_empty() {
                <text x={px(middle.x)} y={px(middle.y - 12.0)}>{ parts }</text>
            }
        </g>
    }
}

fn hint(is_drawn: bool, marked: &[NodeId]) -> Html {
    let nodes = counted(marked.len() as u64, "node");
    let text = match (is_drawn, marked.is_empty()) {
        (false, true) => "Draw a line across the stage, or press the nodes of one side.".into(),
        (false, false) => format!("{nodes} marked: Enter on a node cuts them off."),
        (true, true) => "Nobody is beyond this line.".into(),
        (true, false) => format!("Let go to cut {nodes} off."),
    };
    html! { <p class="stage-hint" role="status">{ text }</p> }
}

/// Keeps the canvases up to date, once a frame of the screen.
#[hook]
fn use_painting(
    painter: &Rc<RefCell<Painter>>,
    picture: Picture,
    refs: [NodeRef; 3],
    clock: &DisplayClock,
) {
    {
        let painter = painter.clone();
        use_effect(move || painter.borrow_mut().show(picture));
    }
    let painter = painter.clone();
    use_effect_with(clock.clone(), move |clock| {
        let clock = clock.clone();
        let slot = Rc::new(RefCell::new(None));
        let each = Rc::new(move |now_ms: f64| {
            let [root, below, above] = &refs;
            let (stage, below, above) = (
                root.cast::<Element>(),
                below.cast::<HtmlCanvasElement>(),
                above.cast::<HtmlCanvasElement>(),
            );
            if let (Some(stage), Some(below), Some(above)) = (stage, below, above) {
                let easel = Easel { stage, below, above };
                painter.borrow_mut().paint(&easel, clock.now_us(), now_ms);
            }
        });
        every_frame(&slot, each);
        move || drop(slot.borrow_mut().take())
    });
}

/// Calls `each` before every frame of the screen, until the slot is emptied.
fn every_frame(slot: &Rc<RefCell<Option<AnimationFrame>>>, each: Rc<dyn Fn(f64)>) {
    let again = slot.clone();
    *slot.borrow_mut() = Some(request_animation_frame(move |now_ms| {
        each(now_ms);
        every_frame(&again, each);
    }));
}

#[derive(Clone, PartialEq, Properties)]
struct StageTextProps {
    frame: Shared<Frame>,
    cuts: Rc<Cuts>,
    halo: Rc<[NodeId]>,
    ground: Rc<Ground>,
    groups: Rc<[Census]>,
}

/// Says all that the picture shows, for those who do not see it.
#[component]
fn StageText(props: &StageTextProps) -> Html {
    let props = Rc::new(props.clone());
    let props = use_settled(&props);
    let scene = &props.frame.scene;
    let mut lines = match &props.frame.heard {
        Some(heard) => known_in_words(scene, heard, props.halo.contains(&heard.node)),
        None if props.groups.is_empty() => stage_in_words(scene, &props.cuts, &props.halo),
        // Hundreds of nodes would be read out for minutes: what is drawn as one is said as one.
        None => {
            let groups = props.groups.iter().map(Census::in_words);
            groups.chain(traffic_in_words(scene, &props.cuts)).collect()
        }
    };
    lines.extend(zones_in_words(&scene.nodes, &props.ground.zones));
    html! {
        <ul class="visually-hidden" aria-label="The stage in words">
            { for lines.into_iter().map(|line| html! { <li>{ line }</li> }) }
        </ul>
    }
}
