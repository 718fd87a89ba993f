//! Where nodes stand: a hint of the scenario's that the screen honours as far as there is room.

use serde::{Deserialize, Serialize};

/// How the nodes are best arranged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// On a ring, clients beside it: for peers, and whenever nothing else says more.
    #[default]
    Ring,
    /// By the environment's zones, each a field of its own with its name.
    Zones,
    /// In layers by the part that nodes play: clients, gateways, coordinators, servers, storage.
    Layers,
    /// On a map. One place a node, by identity: its longitude to the east and latitude to the north,
    /// in thousandths of a degree.
    Map(Vec<Place>),
    /// Anywhere. One place a node, by identity: to the right and down, in thousandths of the stage.
    Free(Vec<Place>),
}

/// A place on a stage or map.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Across: to the right, or to the east.
    pub x: i32,
    /// Along: down the stage, or to the north.
    pub y: i32,
}
