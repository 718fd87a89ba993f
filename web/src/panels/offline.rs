//! Who was taken offline by a press, and what takes a node offline, or back.

use std::collections::BTreeSet;

use faultline_core::sim::{Action, NodeId};
use faultline_core::view::{CutScene, Scene};

/// Who reaches whom.
pub(super) struct Links<'a> {
    nodes: Vec<NodeId>,
    cuts: &'a [CutScene],
}

impl<'a> Links<'a> {
    pub(super) fn of(scene: &'a Scene) -> Self {
        Self { nodes: scene.nodes.iter().map(|it| it.id).collect(), cuts: &scene.cuts }
    }

    fn others(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        self.nodes.iter().copied().filter(move |&it| it != node)
    }

    /// Returns true if a node reaches no other and none reaches it.
    fn is_offline(&self, node: NodeId) -> bool {
        let is_way = |from, to| self.cuts.iter().any(|cut| (cut.from, cut.to) == (from, to));
        let mut others = self.others(node).peekable();
        others.peek().is_some() && others.all(|it| is_way(node, it) && is_way(it, node))
    }

    /// Returns which nodes were taken offline one by one, and are. Who reaches nobody because all others
    /// are offline was not.
    pub(super) fn switched<'b>(&self, done: impl Iterator<Item = &'b Action>) -> BTreeSet<NodeId> {
        let mut switched = BTreeSet::new();
        for action in done {
            if let Action::Partition(side) = action
                && let [node] = side[..]
            {
                switched.insert(node);
            } else if let Action::Mend { from, to } = action {
                switched.retain(|it| it != from && it != to);
            } else if *action == Action::Heal {
                switched.clear();
            }
        }
        switched.retain(|&it| self.is_offline(it));
        switched
    }

    /// Returns what takes a node offline, or back: to all but those that were themselves `switched` off.
    pub(super) fn switch(&self, node: NodeId, switched: &BTreeSet<NodeId>) -> Vec<Action> {
        if !switched.contains(&node) {
            return vec![Action::Partition(vec![node])];
        }
        let mut back: Vec<NodeId> = self.others(node).filter(|it| !switched.contains(it)).collect();
        if back.is_empty() {
            back = self.others(node).collect();
        }
        let mend = |other| {
            [Action::Mend { from: node, to: other }, Action::Mend { from: other, to: node }]
        };
        back.into_iter().flat_map(mend).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: NodeId = NodeId(0);
    const BEN: NodeId = NodeId(1);
    const CAROL: NodeId = NodeId(2);

    fn cut(pairs: &[(NodeId, NodeId)]) -> Vec<CutScene> {
        let ways = pairs.iter().flat_map(|&(one, other)| [(one, other), (other, one)]);
        let cut = |(from, to)| CutScene { from, to, since_us: 0, period_us: None, blocks: true };
        ways.map(cut).collect()
    }

    fn links(cuts: &[CutScene]) -> Links<'_> {
        Links { nodes: vec![ANN, BEN, CAROL], cuts }
    }

    fn off(node: NodeId) -> Action {
        Action::Partition(vec![node])
    }

    #[test]
    fn who_was_taken_offline_is_read_off_the_run() {
        let all = cut(&[(ANN, BEN), (ANN, CAROL), (BEN, CAROL)]);
        let both = links(&all).switched([off(ANN), off(BEN)].iter());
        assert!(links(&all).is_offline(CAROL), "there is nobody left whom she reaches");
        assert_eq!(both, [ANN, BEN].into());
        let back = links(&all).switch(ANN, &both);
        let mend = |from, to| Action::Mend { from, to };
        assert_eq!(back, [mend(ANN, CAROL), mend(CAROL, ANN)], "Ben stays offline");
        let done = [[off(ANN), off(BEN)].as_slice(), &back].concat();
        let bens = cut(&[(ANN, BEN), (BEN, CAROL)]);
        let one = links(&bens).switched(done.iter());
        assert_eq!(one, [BEN].into());
        assert_eq!(links(&bens).switch(BEN, &one).len(), 4);
        assert_eq!(links(&bens).switch(ANN, &one), [off(ANN)]);
        assert!(links(&[]).switched([off(ANN), Action::Heal].iter()).is_empty());
        assert!(
            links(&[]).switched([off(ANN)].iter()).is_empty(),
            "who reaches all is not offline"
        );
    }
}
