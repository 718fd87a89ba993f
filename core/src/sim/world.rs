//! The world as judgement sees it: live state only, with the row's own types.

use super::behaviour::Nodes;
use super::kernel::Kernel;
use super::{Clock, Costs, Load, Names, Network, NodeId, Observer, Process, Spec};
use crate::scenario::Setup;

/// Nodes, network, disks and clocks at one moment.
#[derive(Clone)]
pub struct World<P: Process> {
    pub(super) kernel: Kernel,
    pub(super) nodes: Nodes<P>,
}

impl<P: Process> World<P> {
    /// Builds the world; every node's start is queued at time zero.
    pub fn new<O: Observer<P>>(spec: &Spec<P, O>, setup: &Setup) -> Self {
        let kernel = Kernel::new((spec.names)(setup), &(spec.environment)(setup), setup);
        let nodes = Nodes::new(kernel.names.count(), spec.spawn, spec.commands);
        Self { kernel, nodes }
    }

    /// Returns true time.
    pub fn now_us(&self) -> u64 {
        self.kernel.now_us
    }

    /// Returns what the world was built from.
    pub fn setup(&self) -> &Setup {
        &self.kernel.setup
    }

    /// Returns the nodes' names.
    pub fn names(&self) -> &Names {
        &self.kernel.names
    }

    /// Returns the nodes, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<P> {
        self.kernel.names.ids()
    }

    /// Returns a node's process; `None` while it is down.
    pub fn process(&self, id: NodeId) -> Option<&P> {
        self.nodes.process(id)
    }

    /// Returns the nodes that are up, frozen ones included, with their processes.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &P)> {
        self.ids().filter_map(|id| Some((id, self.process(id)?)))
    }

    /// Returns a node's disk, whether it is up or down.
    pub fn disk(&self, id: NodeId) -> &P::Disk {
        self.nodes.disk(id)
    }

    /// Returns a node's clock.
    pub fn clock(&self, id: NodeId) -> &Clock {
        &self.kernel.nodes[id.index()].clock
    }

    /// Returns what a node has been through up to now.
    pub fn load(&self, id: NodeId) -> Load {
        self.kernel.nodes[id.index()].load_at(self.kernel.now_us)
    }

    /// Returns how many messages wait in a node's inbox.
    pub fn inbox(&self, id: NodeId) -> u32 {
        self.kernel.nodes[id.index()].inbox_at(self.kernel.now_us)
    }

    /// Returns true if the node is up and not frozen.
    pub fn is_running(&self, id: NodeId) -> bool {
        self.kernel.nodes.get(id.index()).is_some_and(|node| node.is_up && !node.is_paused)
    }

    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.kernel.network
    }

    /// Returns what the run has cost.
    pub fn costs(&self) -> Costs {
        self.kernel.costs
    }

    /// Returns what one node has cost: its messages, bytes, syncs and events.
    pub fn costs_of(&self, id: NodeId) -> Costs {
        self.kernel.node_costs[id.index()]
    }

    /// Returns when the last action that changed something was applied.
    pub fn disturbed_at_us(&self) -> u64 {
        self.kernel.last_disturbance_us
    }

    /// Returns when the last action that changed something was applied, if since then every node is
    /// up and running at its usual speed and the network is whole.
    pub fn calm_since_us(&self) -> Option<u64> {
        self.kernel.calm_since_us(&self.nodes)
    }
}
