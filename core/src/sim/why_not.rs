//! Why an action would change nothing, said in words: every action is total, and none is silent.

use super::act::timer_named;
use super::behaviour::Behaviour;
use super::clock::DRIFT_LIMITS_PPM;
use super::kernel::Kernel;
use super::{Action, NodeId};
use crate::order::set_of;

impl Kernel {
    /// Says why `action` would change nothing now, if so.
    pub(super) fn why_not(&self, action: &Action, nodes: &dyn Behaviour) -> Option<String> {
        match action {
            Action::Partition(side) | Action::Flap { side, .. } => self.why_not_partition(side),
            Action::Cut { from, to }
            | Action::Mend { from, to }
            | Action::Hold { from, to }
            | Action::Release { from, to } => self
                .why_not_known(*from)
                .or_else(|| self.why_not_known(*to))
                .or_else(|| self.why_not_link(action, *from, *to)),
            Action::Heal => self.network.is_whole().then(|| "the network is whole".into()),
            Action::Lose { percent } => (self.network.loss_by_action() == (*percent).min(100))
                .then(|| "the network loses that share already".into()),
            Action::Duplicate { percent } => (self.network.duplication_by_action()
                == (*percent).min(100))
            .then(|| "the network duplicates that share already".into()),
            Action::DropMessage(name)
            | Action::DuplicateMessage(name)
            | Action::DelayMessage { message: name, .. }
            | Action::DeliverMessage(name) => {
                self.find(*name).is_none().then(|| "the message is no longer in flight".into())
            }
            Action::TakeByHand => {
                self.by_hand.is_some().then(|| "nothing happens by itself already".into())
            }
            Action::Reseed(seed) => {
                (self.setup.seed == *seed).then(|| "it draws from that seed already".into())
            }
            Action::Choose(_) => {
                self.by_hand.is_none().then(|| "nodes choose for themselves".into())
            }
            Action::Command { command, node } => self.why_not_command(*command, *node, nodes),
            Action::CommandWith { command, node, value } => {
                self.why_not_command(*command, *node, nodes).or_else(|| {
                    let labels = nodes.command_labels(&self.setup);
                    labels.get(usize::from(*command))?.input.why_not(value)
                })
            }
            Action::Crash(id)
            | Action::Restart(id)
            | Action::Pause(id)
            | Action::Resume(id)
            | Action::CompleteSync(id)
            | Action::StepClock { node: id, .. }
            | Action::Drift { node: id, .. }
            | Action::Slow { node: id, .. }
            | Action::Disk { node: id, .. } => {
                self.why_not_known(*id).or_else(|| self.why_not_node(action, *id, nodes))
            }
            Action::FireTimer(name) => self.why_not_known(name.node).or_else(|| {
                let is_set = timer_named(*name, nodes).is_some();
                (!is_set).then(|| "that timer is not set".into())
            }),
        }
    }

    fn why_not_known(&self, id: NodeId) -> Option<String> {
        (id.index() >= self.nodes.len()).then(|| "there is no such node".into())
    }

    /// For what is done to one direction of one link.
    fn why_not_link(&self, action: &Action, from: NodeId, to: NodeId) -> Option<String> {
        let (is_cut, is_held) =
            (self.network.is_cut(from, to), self.network.hold_of(from, to).is_some());
        let is_loop = from == to;
        if matches!(action, Action::Cut { .. }) {
            (is_loop || is_cut).then(|| "that direction is cut already".into())
        } else if matches!(action, Action::Mend { .. }) {
            (!is_cut).then(|| "that direction is not cut".into())
        } else if matches!(action, Action::Hold { .. }) {
            (is_loop || is_held).then(|| "that direction is held already".into())
        } else {
            (!is_held).then(|| "that direction is not held".into())
        }
    }

    /// For what is done to one node that there is.
    fn why_not_node(&self, action: &Action, id: NodeId, nodes: &dyn Behaviour) -> Option<String> {
        let (node, name) = (&self.nodes[id.index()], &self.names[id]);
        match action {
            Action::Crash(_) => self.why_not_up(id),
            Action::Restart(_) => (node.is_up || node.is_starting).then(|| format!("{name} is up")),
            Action::Pause(_) => self
                .why_not_up(id)
                .or_else(|| node.is_paused.then(|| format!("{name} is paused already"))),
            Action::Resume(_) => (!node.is_paused).then(|| format!("{name} is not paused")),
            Action::CompleteSync(_) => {
                node.syncing.is_empty().then(|| "no sync is under way".into())
            }
            Action::StepClock { by_us, .. } => (*by_us == 0).then(|| "the step is zero".into()),
            Action::Drift { drift_ppm, .. } if node.clock.drift_ppm() == *drift_ppm => {
                Some("the clock runs at that rate already".into())
            }
            Action::Drift { drift_ppm, .. } => {
                (!DRIFT_LIMITS_PPM.contains(drift_ppm)).then(|| "no clock is that wrong".into())
            }
            Action::Slow { by_us, .. } => (node.slowness_us == *by_us).then(|| match by_us {
                0 => "the node is at full speed already".into(),
                _ => "the node is that slow already".into(),
            }),
            Action::Disk { fault, .. } => (!nodes.disk_can_suffer(id, fault))
                .then(|| "the disk has nothing for it to change".into()),
            Action::Partition(_)
            | Action::Flap { .. }
            | Action::Cut { .. }
            | Action::Mend { .. }
            | Action::Hold { .. }
            | Action::Release { .. }
            | Action::Heal
            | Action::Lose { .. }
            | Action::Duplicate { .. }
            | Action::DropMessage(_)
            | Action::DuplicateMessage(_)
            | Action::DelayMessage { .. }
            | Action::DeliverMessage(_)
            | Action::FireTimer(_)
            | Action::TakeByHand
            | Action::Choose(_)
            | Action::Reseed(_)
            | Action::Command { .. }
            | Action::CommandWith { .. } => None,
        }
    }

    fn why_not_up(&self, id: NodeId) -> Option<String> {
        let node = &self.nodes[id.index()];
        (!node.is_up && !node.is_starting).then(|| format!("{} is down", &self.names[id]))
    }

    /// Returns the nodes that are listed and those that are not.
    pub(super) fn sides(&self, listed: &[NodeId]) -> (Vec<NodeId>, Vec<NodeId>) {
        let listed = set_of(listed.iter().copied());
        self.names.ids().partition(|id| listed.contains(id))
    }

    fn why_not_partition(&self, side: &[NodeId]) -> Option<String> {
        let (inside, outside) = self.sides(side);
        if inside.is_empty() || outside.is_empty() {
            return Some("everybody is on one side".into());
        }
        let is_open = |&a: &NodeId| {
            outside.iter().any(|&b| !self.network.is_cut(a, b) || !self.network.is_cut(b, a))
        };
        (!inside.iter().any(is_open)).then(|| "these sides are cut apart already".into())
    }

    fn why_not_command(&self, command: u16, node: NodeId, nodes: &dyn Behaviour) -> Option<String> {
        let command = usize::from(command);
        if nodes.command_labels(&self.setup).len() <= command {
            return Some("there is no such command".into());
        }
        if node.index() >= self.nodes.len() {
            return Some("there is no such node".into());
        }
        if !nodes.accepts(command, node, &self.setup) {
            return Some(format!("{} does not take this command", &self.names[node]));
        }
        self.why_not_up(node)
    }
}
