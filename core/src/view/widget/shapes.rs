//! State with a shape of its own: hash rings, trees, graphs, maps.

use serde::{Deserialize, Serialize};

use super::{Datum, Tone};
use crate::order::sort_by_key;

/// A place on a [`Ring`] that belongs to somebody.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token {
    /// The place.
    pub at: u64,
    /// The owner, by its place in [`Ring::owners`].
    pub owner: u16,
}

/// A key on a [`Ring`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RingKey {
    /// Its hash.
    pub at: u64,
    /// The key.
    pub key: Datum,
}

/// A stretch of a [`Ring`] that stands out, such as a range on its way to another owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RingArc {
    /// Where it begins; that place is not part of it.
    pub from: u64,
    /// Where it ends, clockwise; that place is part of it.
    pub to: u64,
    /// What is with it: "moves to D".
    pub text: String,
    /// How good or bad that is.
    pub tone: Tone,
}

/// A ring of hashes from 0 to 2^bits (consistent hashing; Karger et al. 1997, and Dynamo, section
/// 4.2): a key belongs to the owner of the first token at or after its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ring {
    /// What the ring is.
    pub label: String,
    /// The number of bits of a hash, at most 64.
    pub bits: u8,
    /// Who owns parts of it. Dashed for one that does not serve yet.
    pub owners: Vec<Datum>,
    /// Where their parts end, in any order.
    pub tokens: Vec<Token>,
    /// Keys worth showing.
    pub keys: Vec<RingKey>,
    /// Stretches that stand out.
    pub arcs: Vec<RingArc>,
}

impl Ring {
    /// Makes a ring that nobody owns.
    pub fn new(label: impl Into<String>, bits: u8) -> Self {
        Self { label: label.into(), bits, ..Self::default() }
    }

    /// Adds an owner with its tokens.
    #[must_use]
    pub fn with_owner(
        mut self,
        owner: impl Into<Datum>,
        tokens: impl IntoIterator<Item = u64>,
    ) -> Self {
        // More owners than that have no place on a screen.
        let place = u16::try_from(self.owners.len()).unwrap_or(u16::MAX);
        self.owners.push(owner.into());
        self.tokens.extend(tokens.into_iter().map(|at| Token { at, owner: place }));
        self
    }

    /// Adds a key.
    #[must_use]
    pub fn with_key(mut self, at: u64, key: impl Into<Datum>) -> Self {
        self.keys.push(RingKey { at, key: key.into() });
        self
    }

    /// Returns the number of places.
    pub fn size(&self) -> u128 {
        1 << self.bits.min(64)
    }

    /// Returns the stretches between the tokens, clockwise from the first: where each begins, where
    /// it ends, and whose it is. The first one to begin may wrap around.
    pub fn ranges(&self) -> Vec<(u64, u64, u16)> {
        let mut tokens = self.tokens.clone();
        sort_by_key(&mut tokens, |token| (token.at, token.owner));
        tokens.dedup_by_key(|token| token.at);
        let before = tokens.iter().cycle().skip(tokens.len().saturating_sub(1));
        before.zip(&tokens).map(|(before, token)| (before.at, token.at, token.owner)).collect()
    }

    /// Returns who owns a place.
    pub fn owner_of(&self, at: u64) -> Option<u16> {
        let next = self.tokens.iter().filter(|token| token.at >= at).min_by_key(|token| token.at);
        let first = || self.tokens.iter().min_by_key(|token| token.at);
        next.or_else(first).map(|token| token.owner)
    }

    /// Returns the length of a stretch: from a place, exclusive, clockwise to another. From a place
    /// to itself it is the whole ring.
    pub fn length(&self, from: u64, to: u64) -> u128 {
        let size = self.size();
        let length = (u128::from(to) + size - u128::from(from) % size) % size;
        if length == 0 { size } else { length }
    }

    /// Returns the share of the ring that an owner has, in thousandths.
    pub fn share_thousandths(&self, owner: u16) -> u64 {
        let own = self.ranges().into_iter().filter(|&(.., of)| of == owner);
        let length: u128 = own.map(|(from, to, _)| self.length(from, to)).sum();
        // Rounded to the nearest; a ring has at most 2^64 places, so nothing overflows.
        let share = (length * 1_000 + self.size() / 2) / self.size();
        u64::try_from(share).unwrap_or(1_000)
    }
}

/// A node of a [`Tree`] with all that is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Branch {
    /// What leads to it from its parent: a letter of a trie, the bounds of a B-tree; may be empty.
    pub edge: String,
    /// What the node holds, in order: one value, or the keys of a B-tree's node.
    pub cells: Vec<Datum>,
    /// Why it stands out, in a word or two: "differs".
    pub mark: Option<String>,
    /// What is below it, in order.
    pub children: Vec<Self>,
}

impl Branch {
    /// Makes a node with one value.
    pub fn new(value: impl Into<Datum>) -> Self {
        Self { cells: vec![value.into()], ..Self::default() }
    }

    /// Makes a node with several values.
    pub fn of(cells: impl IntoIterator<Item = Datum>) -> Self {
        Self { cells: cells.into_iter().collect(), ..Self::default() }
    }

    /// Says what leads to the node.
    #[must_use]
    pub fn by(self, edge: impl Into<String>) -> Self {
        Self { edge: edge.into(), ..self }
    }

    /// Marks the node.
    #[must_use]
    pub fn marked(self, mark: impl Into<String>) -> Self {
        Self { mark: Some(mark.into()), ..self }
    }

    /// Gives the node what is below it.
    #[must_use]
    pub fn with(self, children: impl IntoIterator<Item = Self>) -> Self {
        Self { children: children.into_iter().collect(), ..self }
    }
}

/// A tree: a B-tree, a Merkle tree, a trie, the spans of a request, a hierarchy of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tree {
    /// What the tree is.
    pub label: String,
    /// The nodes without a parent, in order.
    pub roots: Vec<Branch>,
}

/// A directed edge of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// Where it begins, by place in [`Graph::nodes`].
    pub from: u16,
    /// Where it ends.
    pub to: u16,
    /// What it is: "waits for"; may be empty.
    pub text: String,
    /// How good or bad it is.
    pub tone: Tone,
}

/// Who waits for, calls, comes from or depends on whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Graph {
    /// What the graph is.
    pub label: String,
    /// The nodes.
    pub nodes: Vec<Datum>,
    /// The edges.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// Makes a graph without edges.
    pub fn new(label: impl Into<String>, nodes: impl IntoIterator<Item = Datum>) -> Self {
        Self { label: label.into(), nodes: nodes.into_iter().collect(), edges: Vec::new() }
    }

    /// Adds an edge.
    #[must_use]
    pub fn with_edge(self, from: u16, to: u16, text: impl Into<String>) -> Self {
        self.with_toned_edge(from, to, text, Tone::Neutral)
    }

    /// Adds edges of which nothing is to be said.
    #[must_use]
    pub fn with_edges(self, edges: impl IntoIterator<Item = (u16, u16)>) -> Self {
        edges.into_iter().fold(self, |graph, (from, to)| graph.with_edge(from, to, ""))
    }

    /// Adds an edge with a tone.
    #[must_use]
    pub fn with_toned_edge(
        mut self,
        from: u16,
        to: u16,
        text: impl Into<String>,
        tone: Tone,
    ) -> Self {
        self.edges.push(Edge { from, to, text: text.into(), tone });
        self
    }
}

/// A place on the earth, or on any flat ground that is measured likewise.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// East, in thousandths of a degree; negative is west.
    pub longitude_mdeg: i32,
    /// North, in thousandths of a degree; negative is south.
    pub latitude_mdeg: i32,
}

impl Position {
    /// Makes a position from thousandths of a degree east and north.
    pub const fn new(longitude_mdeg: i32, latitude_mdeg: i32) -> Self {
        Self { longitude_mdeg, latitude_mdeg }
    }
}

/// Something at a place on a [`Map`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MapPlace {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub at: Position,
    /// What is to be said of it; may be empty.
    pub value: Datum,
}

/// A way between two places of a [`Map`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MapLink {
    /// Where it begins, by place in [`Map::places`].
    pub from: u16,
    /// Where it ends.
    pub to: u16,
    /// What is to be said of it: "140 ms", "cut"; may be empty.
    pub text: String,
    /// How good or bad it is.
    pub tone: Tone,
}

/// A part of a [`Map`] between two circles of longitude and two of latitude, such as a geohash cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// Its south-western corner.
    pub south_west: Position,
    /// Its north-eastern corner.
    pub north_east: Position,
    /// What is to be said of it.
    pub value: Datum,
}

/// Places, the ways between them, and areas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Map {
    /// What the map shows.
    pub label: String,
    /// Places.
    pub places: Vec<MapPlace>,
    /// Ways between places.
    pub links: Vec<MapLink>,
    /// Areas, below the places.
    pub areas: Vec<Area>,
}

impl Map {
    /// Makes an empty map.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// Adds a place.
    #[must_use]
    pub fn with_place(
        mut self,
        name: impl Into<String>,
        at: Position,
        value: impl Into<Datum>,
    ) -> Self {
        self.places.push(MapPlace { name: name.into(), at, value: value.into() });
        self
    }

    /// Adds a way between two places.
    #[must_use]
    pub fn with_link(mut self, from: u16, to: u16, text: impl Into<String>, tone: Tone) -> Self {
        self.links.push(MapLink { from, to, text: text.into(), tone });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_the_first_token_at_or_after_it() {
        let ring = Ring::new("ring", 8).with_owner("A", [64, 192]).with_owner("B", [128]);
        assert_eq!(ring.owner_of(0), Some(0));
        assert_eq!(ring.owner_of(64), Some(0));
        assert_eq!(ring.owner_of(65), Some(1));
        assert_eq!(ring.owner_of(193), Some(0), "around the end");
        assert_eq!(Ring::new("nobody's", 8).owner_of(7), None);
    }

    #[test]
    fn the_shares_of_all_owners_are_the_ring() {
        let ring =
            Ring::new("ring", 64).with_owner("A", [0, 1 << 62]).with_owner("B", [u64::MAX / 2 + 1]);
        assert_eq!(ring.share_thousandths(0), 750);
        assert_eq!(ring.share_thousandths(1), 250);
        assert_eq!(Ring::new("one", 4).with_owner("A", [3]).share_thousandths(0), 1_000);
        assert_eq!(Ring::new("none", 4).with_owner("A", []).share_thousandths(0), 0);
    }

    #[test]
    fn ranges_go_round_from_token_to_token() {
        let ring = Ring::new("ring", 8).with_owner("A", [200, 10]).with_owner("B", [100]);
        assert_eq!(ring.ranges(), [(200, 10, 0), (10, 100, 1), (100, 200, 0)]);
        assert_eq!(ring.length(200, 10), 66);
    }
}
