//! What each node has been doing, as stretches of time: folded from facts and crashes by an observer,
//! drawn as lanes.

use std::collections::VecDeque;

use super::small_map::SmallMap;
use crate::sim::{Action, NodeId, Process, World};
use crate::view::{Panel, Span, Tone, Widget};

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
            if (last.what, last.epoch) == (what, epoch) {
                return;
            }
            last.to_us = Some(at_us);
        }
        if lane.len() == LIMIT {
            lane.pop_front();
        }
        lane.push_back(Stretch { from_us: at_us, to_us: None, what, epoch, tone });
    }

    /// Notes when a node goes down, which it cannot say itself, and when it is started again.
    pub fn on_action(&mut self, at_us: u64, action: &Action) {
        if let Action::Crash(node) = action {
            self.turn(at_us, *node, ("down", Tone::Muted), None);
        } else if let Action::Restart(node) = action {
            self.turn(at_us, *node, ("is back", Tone::Neutral), None);
        }
    }

    /// Makes a panel of the lanes of some servers.
    pub fn panel<P: Process>(
        &self,
        title: &str,
        world: &World<P>,
        servers: impl IntoIterator<Item = NodeId>,
    ) -> Panel {
        Panel::new(title, [self.widget("servers", world, servers)])
    }

    /// Draws the lanes of `nodes`.
    pub fn widget<P: Process>(
        &self,
        label: &str,
        world: &World<P>,
        nodes: impl IntoIterator<Item = NodeId>,
    ) -> Widget {
        let row = |id: NodeId| {
            let spans = self.0.get(id).into_iter().flatten().map(Stretch::span).collect();
            (world.names()[id].to_owned(), spans)
        };
        Widget::Lanes { label: label.into(), rows: nodes.into_iter().map(row).collect() }
    }
}

impl Stretch {
    fn span(&self) -> Span {
        let &Self { from_us, to_us, what, epoch, tone } = self;
        Span { from_us, to_us, text: what.into(), epoch, tone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use crate::scenario::{Preset, Setup, find};
    use crate::sim::TimedAction;

    #[test]
    fn a_lane_knows_to_the_microsecond_when_its_node_was_down() {
        let setup = Setup::new(find("single-leader").unwrap(), Preset::Naive, 1);
        let crash = |at_us| TimedAction { at_us, action: Action::Crash(NodeId(0)) };
        let restart = TimedAction { at_us: 1_500_000, action: Action::Restart(NodeId(0)) };
        // The second crash changes nothing, so nobody hears of it.
        let mut run = Run::new(setup, vec![crash(1_000_000), crash(1_200_000), restart]);
        run.seek_time(1_500_000);
        let panels = run.simulation().scene().panels;
        let widgets = panels.iter().flat_map(|panel| &panel.widgets);
        let lanes = widgets
            .filter_map(|it| if let Widget::Lanes { rows, .. } = it { rows.first() } else { None });
        let (_, spans) = { lanes }.next().expect("the first server has a lane");
        let [.., down, back] = spans.as_slice() else { panic!("{spans:?}") };
        assert_eq!((down.from_us, down.to_us), (1_000_000, Some(1_500_000)), "{spans:?}");
        assert_eq!((down.text.as_str(), back.text.as_str()), ("down", "is back"));
    }
}
