//! A node: the server, or a client and its person.

use super::editor::Editor;
use super::message::{Fact, Msg, Timer};
use super::server::Server;
use crate::sim::{Files, NodeId, World, kinds};

/// What survives a crash: the server's log and snapshot. Clients keep nothing.
pub(super) type Disk = Files;

/// The node that keeps the document.
pub(super) const SERVER: NodeId = NodeId(0);

kinds! {
    /// One node.
    Node in "revision" {
        /// Keeps the document.
        Server(Server),
        /// Shows it to a person who writes.
        Editor(Editor),
    }
}

impl Node {
    /// Returns the client that it is, if it is one.
    pub(super) fn editor(&self) -> Option<&Editor> {
        if let Self::Editor(editor) = self { Some(editor) } else { None }
    }
}

/// Returns the server while it runs.
pub(super) fn server(world: &World<Node>) -> Option<&Server> {
    if let Some(Node::Server(server)) = world.process(SERVER) { Some(server) } else { None }
}

/// Returns all clients' nodes.
pub(super) fn clients(world: &World<Node>) -> impl Iterator<Item = NodeId> + use<> {
    world.ids().skip(1)
}

/// Returns the clients that run.
pub(super) fn editors(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Editor)> {
    world.up().filter_map(|(id, node)| Some((id, node.editor()?)))
}
