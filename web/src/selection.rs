//! What the viewer has picked on the stage.

use faultline_core::sim::{MessageName, NodeId};

/// One thing on the stage.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A node.
    Node(NodeId),
    /// A link, both directions of it. The lower identity comes first.
    Link(NodeId, NodeId),
    /// A message on its way.
    Message(MessageName),
}

impl Selection {
    /// Selects the link between two nodes, whichever is named first.
    pub fn link(one: NodeId, other: NodeId) -> Self {
        Self::Link(one.min(other), one.max(other))
    }

    /// Returns true if the link between these two nodes is selected, or ends at the selected node.
    pub fn touches(self, one: NodeId, other: NodeId) -> bool {
        match self {
            Self::Node(node) => node == one || node == other,
            Self::Link(..) => self == Self::link(one, other),
            Self::Message(name) => Self::link(name.from, name.to) == Self::link(one, other),
        }
    }
}
