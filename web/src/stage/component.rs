//! The stage as a component: what stands still as SVG, what moves on canvases, all of it in words.

use std::cell::RefCell;
use std::rc::Rc;

use faultline_core::sim::NodeId;
use faultline_core::view::{NodeScene, Scene};
use gloo::render::{AnimationFrame, request_animation_frame};
use web_sys::{Element, HtmlCanvasElement};
use yew::{
    Callback, Html, NodeRef, Properties, classes, component, hook, html, use_effect,
    use_effect_with, use_memo, use_mut_ref, use_node_ref, use_state, use_state_eq,
};

use super::clock::DisplayClock;
use super::cuts::Cuts;
use super::geometry::Point;
use super::hands::{Hands, Press};
use super::hit::side_of_line;
use super::layout::{Layout, Spot};
use super::links::{Partition, barbs, brakes, in_use, links, pairs};
use super::ground::{Ground, Tier};
use super::node::{Face, NodeShape};
use super::painter::{Easel, Painter, Picture};
use super::settled::use_settled;
use super::shapes::px;
use super::sizing::use_area;
use super::words::stage_in_words;
use crate::format::counted;
use crate::selection::Selection;
use crate::wire::Frame;

/// Properties of [`Stage`].
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// The world to draw.
    pub frame: Rc<Frame>,
    /// The time on screen.
    pub clock: DisplayClock,
    /// What is picked.
    pub selected: Option<Selection>,
    /// The nodes involved in what broke.
    pub halo: Rc<[NodeId]>,
    /// Whether the viewer is about to draw a line across the stage.
    pub drawing_line: bool,
    /// Whether nothing may travel.
    pub reduced_motion: bool,
    /// Hears what is picked.
    pub on_select: Callback<Option<Selection>>,
    /// Hears for what a menu is wanted, and where, in client coordinates.
    pub on_menu: Callback<(Selection, f64, f64)>,
    /// Hears which nodes a line drawn across the stage cuts off.
    pub on_line: Callback<Vec<NodeId>>,
}

/// Draws the world.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let (root, below, above) = (use_node_ref(), use_node_ref(), use_node_ref());
    let area = use_area(&root);
    let scene = &props.frame.scene;
    let tiers: Vec<Tier> = scene.nodes.iter().map(Tier::of).collect();
    let layout = use_memo((tiers, area), |(tiers, area)| Layout::new(tiers, &Ground::default(), *area).seen_by(&crate::stage::camera::Camera::default()));
    let cuts =
        use_memo((scene.nodes.len(), scene.cuts.clone()), |(count, cuts)| Cuts::new(*count, cuts));
    let painter = use_mut_ref(Painter::default);
    let picture = Picture {
        frame: props.frame.clone(),
        layout: layout.clone(),
        is_still: props.reduced_motion,
        selected: match props.selected {
            Some(Selection::Message(name)) => Some(name),
            Some(Selection::Node(_) | Selection::Link(..)) | None => None,
        },
    };
    let canvases = [root.clone(), below.clone(), above.clone()];
    use_painting(&painter, picture, canvases, &props.clock);

    let hands = use_hands(props, &root, &layout, painter);
    let (line, side) = (hands.line.clone(), hands.side.clone());
    let marked = line.as_ref().and_then(|&(from, to)| side_of_line(from, to, &layout));
    let marked = marked.unwrap_or_else(|| (*side).clone());
    let class = classes!("stage", props.drawing_line.then_some("is-drawing"));
    html! {
        <div {class} ref={root} role="group" aria-label="Stage"
            onpointerdown={hear(&hands, Hands::down)} onpointermove={hear(&hands, Hands::moved)}
            onpointerup={hear(&hands, Hands::up)} onpointercancel={hear(&hands, Hands::cancel)}
            onclick={hear(&hands, Hands::click)} onkeydown={hear(&hands, Hands::key)}
            oncontextmenu={hear(&hands, Hands::context_menu)}>
            <svg class="stage-drawing" aria-hidden="true">
                <Partition cuts={cuts.clone()} layout={layout.clone()} />
            </svg>
            <canvas ref={below} aria-hidden="true" />
            <svg class="stage-drawing" focusable="false">
                { links(scene, &layout, props.selected) }
                { for nodes(props, &layout, &marked) }
                { barbs(&cuts, &layout) }
                { brakes(&scene.holds, &layout) }
                if let Some((from, to)) = *line { { cut_line(from, to, &marked, scene) } }
            </svg>
            <canvas ref={above} aria-hidden="true" />
            { weather(scene) }
            if props.drawing_line { { hint(line.is_some(), &marked) } }
            <StageText frame={props.frame.clone()} {cuts} halo={props.halo.clone()} />
        </div>
    }
}

/// Hears what the viewer does on the stage.
#[hook]
fn use_hands(
    props: &StageProps,
    root: &NodeRef,
    layout: &Rc<Layout>,
    painter: Rc<RefCell<Painter>>,
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
    let scene = &props.frame.scene;
    let standing = pairs(&scene.nodes, props.selected).into_iter();
    Hands {
        root: root.clone(),
        layout: layout.clone(),
        painter,
        links: Rc::new(standing.chain(in_use(scene)).collect()),
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

fn nodes<'a>(
    props: &'a StageProps,
    layout: &'a Layout,
    marked: &'a [NodeId],
) -> impl Iterator<Item = Html> + 'a {
    let shape = |(node, spot): (&NodeScene, &Spot)| {
        html! {
            <NodeShape key={node.id.0} spot={*spot} label_text={layout.label_text}
                node={Face::of(node)}
                is_selected={props.selected == Some(Selection::Node(node.id))}
                is_broken={props.halo.contains(&node.id)}
                is_marked={marked.contains(&node.id)} />
        }
    };
    props.frame.scene.nodes.iter().zip(&layout.spots).map(shape)
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

/// Says what the network does to every message, if it does anything.
fn weather(scene: &Scene) -> Html {
    let share = |percent: u8, what: &str| (percent > 0).then(|| format!("{percent} % {what}"));
    let parts: Vec<String> = [
        share(scene.loss_percent, "of messages lost"),
        share(scene.duplicate_percent, "of messages doubled"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return Html::default();
    }
    html! { <p class="stage-weather">{ parts.join(" · ") }</p> }
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
    frame: Rc<Frame>,
    cuts: Rc<Cuts>,
    halo: Rc<[NodeId]>,
}

/// Says all that the picture shows, for those who do not see it.
#[component]
fn StageText(props: &StageTextProps) -> Html {
    let props = Rc::new(props.clone());
    let props = use_settled(&props);
    let lines = stage_in_words(&props.frame.scene, &props.cuts, &props.halo);
    html! {
        <ul class="visually-hidden" aria-label="The stage in words">
            { for lines.into_iter().map(|line| html! { <li>{ line }</li> }) }
        </ul>
    }
}
