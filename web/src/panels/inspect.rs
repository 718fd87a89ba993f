//! What is selected: all of it, and what can be done to it.

use std::rc::Rc;

use faultline_core::sim::{MessageKind, NodeId};
use faultline_core::view::{CutScene, MessageScene, NodeScene};
use yew::prelude::*;

use super::changes::{ChangesProps, changes_list};
use super::node_card::{NodeCardProps, node_card};
use crate::epoch::epoch_word;
use crate::format::{capitalized, duration, instant};
use crate::pages::lab::{Intent, Offer, Trace, reason_against};
use crate::selection::Selection;
use crate::shared::Shared;
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
    /// What is inside the selected node, and what has changed.
    pub(crate) trace: Shared<Trace>,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The inspector.
#[component]
pub(crate) fn Inspect(props: &InspectProps) -> Html {
    let frame = &props.frame;
    let node = match props.selected {
        Some(Selection::Node(node)) => Some(node),
        Some(Selection::Link(..) | Selection::Message(_)) | None => None,
    };
    let changes = html! {
        { changes_list(&ChangesProps {
            trace: props.trace.clone(),
            frame: frame.clone(),
            node,
            plays: props.plays,
            on: props.on.clone(),
        }) }
    };
    let Some(selected) = props.selected else {
        return html! { <>{ chooser(frame, &props.on) }{ changes }</> };
    };
    if props.trace.changes_only {
        return changes;
    }
    let subject = match selected {
        Selection::Node(id) => {
            let node = frame.scene.nodes.iter().find(|node| node.id == id);
            node.map(|node| {
                html! {
                    { node_card(&NodeCardProps {
                        frame: frame.clone(),
                        node: node.clone(),
                        inside: props.trace.inside.clone(),
                    }) }
                }
            })
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
            if node.is_some() { { changes } }
            <section class="section">
                <h2 class="label">{ "What you can do" }</h2>
                { offers(&OffersProps {
                    offers: props.offers.clone(),
                    reasons: props.reasons.clone(),
                    on: props.on.clone(),
                }) }
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

/// Names and what they stand for.
pub(crate) fn fact_list(facts: &[(&str, String)]) -> Html {
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
    let (name, epoch_word) = (message.name, capitalized(&epoch_word()));
    let mut facts = vec![
        ("From", name_of(frame, name.from).to_owned()),
        ("To", name_of(frame, name.to).to_owned()),
        ("Kind", kind.to_owned()),
        ("Sent at", instant(message.sent_at_us)),
        ("Arrives at", instant(message.due_at_us)),
        ("On this link", format!("number {}", name.nth + 1)),
    ];
    if let Some(epoch) = message.epoch {
        facts.push((&epoch_word, epoch.to_string()));
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
pub(crate) struct OffersProps {
    /// What can be done.
    pub(crate) offers: Rc<[Offer]>,
    /// For each action of the offers: why it would do nothing.
    pub(crate) reasons: Rc<[Option<String>]>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// A button for each thing that can be done; what would do nothing is off and says why.
fn offers(props: &OffersProps) -> Html {
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
