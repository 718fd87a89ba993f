//! A node as a tree: what it is, its state, its disk, what waits for it, its clocks and costs.
//!
//! Which parts are open is the browser's to keep: nothing here sets it again, so it stays as the
//! viewer left it from step to step and from node to node.

use std::rc::Rc;

use faultline_core::view::{NodeInside, NodeScene, Status, WaitingScene};
use yew::prelude::*;

use super::inspect::{fact_list, name_of};
use crate::epoch::epoch_word;
use crate::format::{bytes, capitalized, clock_error, counted, duration, instant, words};
use crate::shared::Shared;
use crate::widgets::WidgetList;
use crate::wire::Frame;

/// What the card shows.
pub(crate) struct NodeCardProps {
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// The node.
    pub(crate) node: NodeScene,
    /// What is inside it, as far as the engine has said.
    pub(crate) inside: Option<Rc<NodeInside>>,
}

/// The node's card.
pub(crate) fn node_card(props: &NodeCardProps) -> Html {
    let NodeCardProps { frame, node, .. } = props;
    let now_us = frame.scene.now_us;
    let inside = props.inside.as_deref().filter(|inside| inside.id == node.id);
    html! {
        <>
            <section class="section">
                <h2 class="subject">{ &node.name }</h2>
                if !node.view.label.is_empty() { <p class="hint">{ &node.view.label }</p> }
                { fact_list(&facts(node, &capitalized(&epoch_word()))) }
            </section>
            <div class="inside-tree">
                { branch("State", String::new(), true, state(node, now_us)) }
                { branch("Timers", node.timers.len().to_string(), true, timers(node, now_us)) }
                { branch("Disk", inside.map_or_else(String::new, disk_word), false,
                    inside.map_or_else(Html::default, |it| disk(node, it, now_us))) }
                { branch("Inbox", format!("{} waiting", node.load.inbox), false,
                    inbox(inside, frame)) }
                { branch("Clocks", clock_error(node.clock_error_us), false,
                    fact_list(&clocks(node, inside, now_us))) }
                { branch("Load and costs", String::new(), false,
                    fact_list(&load(node, now_us))) }
            </div>
        </>
    }
}

/// Returns a part of the tree, open at first or not.
fn branch(name: &'static str, value: String, is_open: bool, body: Html) -> Html {
    html! {
        <details key={name} open={is_open}>
            <summary>{ name }<span class="value">{ value }</span></summary>
            <div class="inside">{ body }</div>
        </details>
    }
}

fn facts<'a>(node: &NodeScene, epoch_word: &'a str) -> Vec<(&'a str, String)> {
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
        facts.push((epoch_word, epoch.to_string()));
    }
    if let Some((gained, needed)) = node.view.pips {
        facts.push(("Gathered", format!("{gained} of {needed}")));
    }
    facts
}

fn state(node: &NodeScene, now_us: u64) -> Html {
    if node.view.widgets.is_empty() {
        return html! { <p class="hint">{ "It shows nothing of its state." }</p> };
    }
    html! {
        <WidgetList key={node.name.clone()} widgets={node.view.widgets.clone()} {now_us} />
    }
}

fn timers(node: &NodeScene, now_us: u64) -> Html {
    if node.timers.is_empty() {
        return html! { <p class="hint">{ "No timer is set." }</p> };
    }
    html! {
        <ul class="timers">
            for timer in node.timers.iter() {
                <li>
                    <span>{ &timer.label }</span>
                    <span class="value">
                        { format!("in {}", duration(timer.due_at_us.saturating_sub(now_us))) }
                    </span>
                </li>
            }
        </ul>
    }
}

fn disk_word(inside: &NodeInside) -> String {
    match (inside.is_dirty, inside.syncs) {
        (true, _) => "unsynced writes".into(),
        (false, 0) => "all is durable".into(),
        (false, syncs) => format!("{} under way", counted(syncs.into(), "sync")),
    }
}

fn disk(node: &NodeScene, inside: &NodeInside, now_us: u64) -> Html {
    let kept = &inside.after_crash.widgets;
    let loses = *kept != node.view.widgets;
    html! {
        <>
            <WidgetList widgets={inside.disk.clone()} {now_us} />
            if loses {
                <p class="hint">{ "If it crashed now, it would come back with this:" }</p>
                <WidgetList widgets={kept.clone()} {now_us} />
            } else {
                <p class="hint">{ "A crash now would take nothing of the state that it shows." }</p>
            }
        </>
    }
}

fn inbox(inside: Option<&NodeInside>, frame: &Frame) -> Html {
    let Some(inside) = inside.filter(|inside| !inside.waiting.is_empty()) else {
        return html! { <p class="hint">{ "Nothing waits." }</p> };
    };
    let message = |message: &WaitingScene| {
        html! {
            <li>
                <span>{ &message.sentence }</span>
                <small>{ format!("from {}, since {}", name_of(frame, message.from),
                    instant(message.since_us)) }</small>
            </li>
        }
    };
    html! {
        <>
            <ol class="waiting-list">{ for inside.waiting.iter().map(message) }</ol>
            if inside.waiting_more > 0 {
                <p class="hint">{ format!("and {} more", inside.waiting_more) }</p>
            }
        </>
    }
}

fn clocks(
    node: &NodeScene,
    inside: Option<&NodeInside>,
    now_us: u64,
) -> Vec<(&'static str, String)> {
    let rate = match node.drift_ppm {
        0 => "as it should be".to_owned(),
        ppm if ppm < 0 => format!("{} ppm slow", ppm.unsigned_abs()),
        ppm => format!("{ppm} ppm fast"),
    };
    let mut facts = vec![("True time", instant(now_us))];
    if let Some(inside) = inside {
        facts.push(("Wall clock", instant(inside.wall_us)));
        facts.push(("Since it started", instant(inside.monotonic_us)));
    }
    facts.push(("Wall clock error", clock_error(node.clock_error_us)));
    facts.push(("Rate", rate));
    facts
}

/// What a node has to do and has cost, as far as that says something.
fn load(node: &NodeScene, now_us: u64) -> Vec<(&'static str, String)> {
    let load = &node.load;
    let mut facts = Vec::new();
    if let Some(limit) = load.inbox_limit {
        facts.push(("Inbox", format!("{} of {limit}", load.inbox)));
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
    facts.push(("Sent", format!("{}, {}", counted(costs.messages, "message"), bytes(costs.bytes))));
    facts.push(("Received", counted(costs.delivered, "message")));
    facts.push(("Handled", counted(costs.events, "event")));
    if costs.syncs > 0 {
        facts.push(("Disk", counted(costs.syncs, "sync")));
    }
    facts.push(("State", format!("{:016x}", node.state_digest)));
    facts
}
