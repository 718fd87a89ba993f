//! What is selected: all of it, and what can be done to it.

use std::rc::Rc;

use faultline_core::sim::{MessageKind, NodeId};
use faultline_core::view::{CutScene, MessageScene, NodeScene, Status};
use yew::prelude::*;

use crate::format::{bytes, clock_error, counted, duration, instant, words};
use crate::pages::lab::{Intent, Offer, reason_against};
use crate::selection::Selection;
use crate::shared::Shared;
use crate::widgets::WidgetList;
use crate::wire::Frame;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct InspectProps {
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// What is selected.
    pub(crate) selected: Option<Selection>,
    /// What can be done to it.
    pub(crate) offers: Rc<[Offer]>,
    /// For each action of the offers: why it would do nothing.
    pub(crate) reasons: Rc<[Option<String>]>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The inspector.
#[component]
pub(crate) fn Inspect(props: &InspectProps) -> Html {
    let frame = &props.frame;
    let Some(selected) = props.selected else { return chooser(frame, &props.on) };
    let subject = match selected {
        Selection::Node(id) => {
            let node = frame.scene.nodes.iter().find(|node| node.id == id);
            node.map(|node| html! { <NodeCard node={node.clone()} now_us={frame.scene.now_us} /> })
        }
        Selection::Link(a, b) => Some(link(a, b, frame)),
        Selection::Message(name) => {
            let message = frame.scene.messages.iter().find(|message| message.name == name);
            message.map(|message| letter(message, frame))
        }
    };
    let Some(subject) = subject else {
        return html! {
            <section class="section">
                <p>{ "What was selected is no longer there at this time." }</p>
            </section>
        };
    };
    html! {
        <>
            { subject }
            <section class="section">
                <h2 class="label">{ "What you can do" }</h2>
                <Offers offers={props.offers.clone()} reasons={props.reasons.clone()}
                    on={props.on.clone()} />
            </section>
        </>
    }
}

/// Returns a node's name.
pub(crate) fn name_of(frame: &Frame, id: NodeId) -> &str {
    if id == NodeId::OUTSIDE {
        return "you";
    }
    let node = frame.scene.nodes.iter().find(|node| node.id == id);
    node.map_or("?", |node| node.name.as_str())
}

/// Nothing is selected: the nodes, to choose from.
fn chooser(frame: &Frame, on: &Callback<Intent>) -> Html {
    let entry = |node: &NodeScene| {
        let id = node.id;
        let select = on.reform(move |_: MouseEvent| Intent::Select(Some(Selection::Node(id))));
        html! {
            <button type="button" class="button" onclick={select}>{ &node.name }</button>
        }
    };
    html! {
        <section class="section">
            <p class="hint">
                { "Select a node, a link or a message on the stage. Right-click or long-press it \
                   for what you can do to it." }
            </p>
            <div class="buttons">{ for frame.scene.nodes.iter().map(entry) }</div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct NodeCardProps {
    node: NodeScene,
    now_us: u64,
}

#[component]
fn NodeCard(props: &NodeCardProps) -> Html {
    let NodeCardProps { node, now_us } = props;
    let status = match node.status {
        Status::Up => "up",
        Status::Paused => "paused: nothing is lost, everything is late",
        Status::Down => "down: memory is gone, the disk is kept",
    };
    let mut facts = vec![
        ("Role", words(&format!("{:?}", node.view.role)).to_lowercase()),
        ("Status", status.to_owned()),
    ];
    if let Some(epoch) = node.view.epoch {
        facts.push(("Epoch", epoch.to_string()));
    }
    if let Some((gained, needed)) = node.view.pips {
        facts.push(("Gathered", format!("{gained} of {needed}")));
    }
    if node.clock_error_us != 0 {
        facts.push(("Wall clock", clock_error(node.clock_error_us)));
    }
    if node.drift_ppm != 0 {
        let way = if node.drift_ppm < 0 { "slow" } else { "fast" };
        facts.push(("Clock rate", format!("{} ppm {way}", node.drift_ppm.unsigned_abs())));
    }
    facts.extend(load_facts(node, *now_us));
    facts.push(("State", format!("{:016x}", node.state_digest)));
    html! {
        <section class="section">
            <h2 class="subject">{ &node.name }</h2>
            if !node.view.label.is_empty() { <p class="hint">{ &node.view.label }</p> }
            { fact_list(&facts) }
            if !node.timers.is_empty() {
                <h3 class="label">{ "Timers" }</h3>
                <ul class="timers">
                    for timer in node.timers.iter() {
                        <li>
                            <span>{ &timer.label }</span>
                            <span class="value">
                                { format!("in {}", duration(timer.due_at_us.saturating_sub(*now_us))) }
                            </span>
                        </li>
                    }
                </ul>
            }
            <WidgetList key={node.name.clone()} widgets={node.view.widgets.clone()} now_us={*now_us} />
        </section>
    }
}

/// What a node has to do, as far as that says something.
fn load_facts(node: &NodeScene, now_us: u64) -> Vec<(&'static str, String)> {
    let load = &node.load;
    let mut facts = Vec::new();
    match load.inbox_limit {
        Some(limit) => facts.push(("Inbox", format!("{} of {limit}", load.inbox))),
        None if load.inbox > 0 => facts.push(("Inbox", format!("{} waiting", load.inbox))),
        None => {}
    }
    if load.refused > 0 {
        facts.push(("Refused", format!("{} found no room", counted(load.refused, "message"))));
    }
    if load.busy_us > 0 || load.busy > 0 {
        let percent = load.utilisation_percent(now_us);
        let share = format!("{} of {} now, {percent} % of the time", load.busy, load.servers);
        facts.push(("At work", share));
    }
    if node.slowness_us > 0 {
        facts.push(("Slowed down", format!("by {} an event", duration(node.slowness_us))));
    }
    let costs = &node.costs;
    let mut spent = vec![counted(costs.messages, "message"), bytes(costs.bytes)];
    spent.extend((costs.syncs > 0).then(|| counted(costs.syncs, "sync")));
    facts.push(("Cost so far", spent.join(", ")));
    facts
}

fn fact_list(facts: &[(&str, String)]) -> Html {
    let fact = |(name, text): &(&str, String)| {
        html! { <><dt>{ *name }</dt><dd>{ text }</dd></> }
    };
    html! { <dl class="facts">{ for facts.iter().map(fact) }</dl> }
}

fn link(a: NodeId, b: NodeId, frame: &Frame) -> Html {
    let (name_a, name_b) = (name_of(frame, a), name_of(frame, b));
    let way = |from, to| {
        let cut = frame.scene.cuts.iter().find(|cut| cut.from == from && cut.to == to);
        let travelling = frame.scene.messages.iter();
        let count = travelling.filter(|it| it.name.from == from && it.name.to == to).count();
        let is_held = frame.scene.holds.iter().any(|hold| hold.from == from && hold.to == to);
        let open = if is_held { "held: nothing arrives" } else { "open" };
        let open = format!("{open}, {count} on the way");
        match cut {
            None => open,
            Some(CutScene { period_us: Some(period_us), since_us, blocks, .. }) => {
                let now = if *blocks { "cut" } else { "open" };
                let (every, since) = (duration(*period_us), instant(*since_us));
                format!("{now} now; comes and goes every {every}, since {since}")
            }
            Some(cut) if is_held => format!("cut since {}, and held", instant(cut.since_us)),
            Some(cut) => format!("cut since {}", instant(cut.since_us)),
        }
    };
    html! {
        <section class="section">
            <h2 class="subject">{ format!("{name_a} — {name_b}") }</h2>
            <dl class="facts">
                <dt>{ format!("{name_a} → {name_b}") }</dt><dd>{ way(a, b) }</dd>
                <dt>{ format!("{name_b} → {name_a}") }</dt><dd>{ way(b, a) }</dd>
            </dl>
        </section>
    }
}

fn letter(message: &MessageScene, frame: &Frame) -> Html {
    let kind = match message.kind {
        MessageKind::Request => "request",
        MessageKind::Reply => "reply",
        MessageKind::Gossip => "gossip",
        MessageKind::Heartbeat => "heartbeat",
    };
    let name = message.name;
    let mut facts = vec![
        ("From", name_of(frame, name.from).to_owned()),
        ("To", name_of(frame, name.to).to_owned()),
        ("Kind", kind.to_owned()),
        ("Sent at", instant(message.sent_at_us)),
        ("Arrives at", instant(message.due_at_us)),
        ("On this link", format!("number {}", name.nth + 1)),
    ];
    if let Some(epoch) = message.epoch {
        facts.push(("Epoch", epoch.to_string()));
    }
    let remarks = [
        (message.is_error, "reports a failure"),
        (message.is_twin, "second copy of a message"),
        (message.is_delayed, "was held up by you or a script"),
    ];
    for (applies, remark) in remarks {
        if applies {
            facts.push(("Note", remark.to_owned()));
        }
    }
    html! {
        <section class="section">
            <h2 class="subject">{ &message.label }</h2>
            <p>{ &message.sentence }</p>
            { fact_list(&facts) }
        </section>
    }
}

/// What the buttons show.
#[derive(Properties, PartialEq)]
pub(crate) struct OffersProps {
    /// What can be done.
    pub(crate) offers: Rc<[Offer]>,
    /// For each action of the offers: why it would do nothing.
    pub(crate) reasons: Rc<[Option<String>]>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// A button for each thing that can be done; what would do nothing is off and says why.
#[component]
fn Offers(props: &OffersProps) -> Html {
    let entry = |(index, offer): (usize, &Offer)| {
        let reason = reason_against(&props.offers, &props.reasons, index).map(str::to_owned);
        // Not `disabled`: the reason must be within reach of keyboard and screen reader.
        let is_refused = reason.is_some().then_some("true");
        let act = (is_refused.is_none()).then(|| {
            let intent = offer.intent();
            props.on.reform(move |_: MouseEvent| intent.clone())
        });
        html! {
            <>
                if offer.begins_group && index > 0 { <span class="break"></span> }
                <button type="button" class="button" aria-disabled={is_refused}
                    aria-description={reason.clone()} title={reason} onclick={act}>
                    { &offer.label }
                </button>
            </>
        }
    };
    html! { <div class="buttons">{ for props.offers.iter().enumerate().map(entry) }</div> }
}
