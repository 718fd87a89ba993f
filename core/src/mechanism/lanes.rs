//! What each node has been doing, as stretches of time: folded from facts by an observer, drawn as
//! lanes.

use std::collections::VecDeque;

use super::small_map::SmallMap;
use crate::sim::{NodeId, Process, World};
use crate::view::{Span, Tone, Widget};

/// How many stretches a lane remembers.
const LIMIT: usize = 24;

/// A stretch of a node's lane.
#[derive(Clone, Debug, Hash)]
struct Stretch {
    from_us: u64,
    to_us: Option<u64>,
    what: &'static str,
    epoch: Option<u64>,
    tone: Tone,
    /// The node crashed in it; an observer does not learn when.
    has_crashed: bool,
}

/// One lane a node.
#[derive(Clone, Debug, Default, Hash)]
pub struct Lanes(SmallMap<NodeId, VecDeque<Stretch>>);

impl Lanes {
    /// Ends the present stretch of a node's lane and begins the next, unless it is the same.
    pub fn turn(
        &mut self,
        at_us: u64,
        node: NodeId,
        (what, tone): (&'static str, Tone),
        epoch: Option<u64>,
    ) {
        let lane = self.0.get_or_insert(node, VecDeque::new());
        if let Some(last) = lane.back_mut() {
            if (last.what, last.epoch, last.has_crashed) == (what, epoch, false) {
                return;
            }
            last.to_us = Some(at_us);
        }
        if lane.len() == LIMIT {
            lane.pop_front();
        }
        let (from_us, to_us, has_crashed) = (at_us, None, false);
        lane.push_back(Stretch { from_us, to_us, what, epoch, tone, has_crashed });
    }

    /// A node is back after a crash, so its last stretch ended before now.
    pub fn recover(&mut self, at_us: u64, node: NodeId) {
        if let Some(last) = self.0.get_mut(node).and_then(VecDeque::back_mut) {
            last.has_crashed = true;
        }
        self.turn(at_us, node, ("is back", Tone::Neutral), None);
    }

    /// Draws the lanes of `nodes`.
    pub fn widget<P: Process>(
        &self,
        label: &str,
        world: &World<P>,
        nodes: impl IntoIterator<Item = NodeId>,
    ) -> Widget {
        let row = |id: NodeId| {
            let is_down = world.process(id).is_none();
            let lane = self.0.get(id).into_iter().flatten();
            let spans = lane.map(|stretch| stretch.span(is_down)).collect();
            (world.names()[id].to_owned(), spans)
        };
        Widget::Lanes { label: label.into(), rows: nodes.into_iter().map(row).collect() }
    }
}

impl Stretch {
    fn span(&self, is_down: bool) -> Span {
        let &Self { from_us, to_us, what, epoch, tone, has_crashed } = self;
        if has_crashed || (is_down && to_us.is_none()) {
            let text = format!("{what}, then down");
            return Span { from_us, to_us, text, epoch, tone: Tone::Muted };
        }
        Span { from_us, to_us, text: what.into(), epoch, tone }
    }
}
