//! What servers and clients say to each other, and how it reads.

use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// What is said, and which ring its sender goes by: news of a join travels with every message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Msg {
    pub(super) ring: u8,
    pub(super) say: Say,
}

/// What nodes say. A write's number is its value, so that whoever reads it sees how old it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Say {
    /// A client writes.
    Put { round: u64, key: u16, number: u64 },
    /// It is on disk here; and whether as one of the key's own replicas.
    Stored { round: u64, is_own: bool },
    /// A client reads.
    Get { round: u64, key: u16 },
    /// This is here; and whether as on one of the key's own replicas.
    Holds { round: u64, number: u64, is_own: bool },
    /// It is yet to be handed over to this server: ask somebody else.
    NotYet,
    /// One of your keys is kept here: take it.
    Offer { key: u16, number: u64 },
    /// It is on disk here.
    Took { key: u16, number: u64 },
    /// You have all that was here of what is yours now.
    Complete,
    /// This is noted on disk.
    Noted,
    /// Nodes of a tree of hashes.
    Compare(Vec<(u16, u64)>),
    /// Keys and versions in leaves that differ; and whether the receiver's are wanted.
    Items { leaves: Vec<u16>, items: Vec<(u16, u64)>, wants: bool },
    /// This is the ring now.
    News,
    /// The viewer has a server join.
    Join,
    /// The viewer has a client write.
    WriteNow,
    /// The viewer has a client read.
    ReadNow,
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A server offers what it keeps for others.
    Offer,
    /// A server compares trees with the next one.
    Compare,
    /// A client comes up with its next operation.
    Think,
    /// A client asks stand-ins for those that are silent.
    StandIns,
    /// A client asks everybody again.
    Again,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A client writes.
    Writes { id: u64, key: u16, number: u64 },
    /// It is told that these disks have it, which are enough; and whether they are the key's own replicas'.
    Wrote { id: u64, key: u16, number: u64, is_own: bool, by: Vec<NodeId> },
    /// A client reads.
    Reads { id: u64, key: u16 },
    /// It is told this by these; and whether they are the key's own replicas.
    Saw { id: u64, key: u16, number: u64, is_own: bool, by: Vec<NodeId> },
    /// A client asks these instead of replicas that are silent.
    AsksStandIns { key: u16, nodes: Vec<NodeId> },
    /// A client is back; what it was told before is all that it has.
    IsBack,
    /// A server keeps this for those whose it is.
    Keeps { key: u16, number: u64 },
    /// All whose it is have it: it lets go.
    LetsGo { key: u16 },
    /// A server goes by this ring now, and has lost so many keys to others.
    Adopts { ring: u8, lost: u64 },
    /// A server has got all that this one had of its keys.
    HasAllOf(NodeId),
    /// A server learned this from another one's tree.
    Repairs { key: u16, number: u64 },
}

/// Returns "k3".
pub(super) fn key_text(key: u16) -> String {
    format!("k{}", key + 1)
}

/// Returns "k3=7".
pub(super) fn version_text(key: u16, number: u64) -> String {
    if number == 0 {
        format!("no {}", key_text(key))
    } else {
        format!("{}={number}", key_text(key))
    }
}

fn sure(is_own: bool) -> &'static str {
    if is_own { "" } else { ", with stand-ins" }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match &self.say {
            Say::Put { key, number, .. } | Say::Offer { key, number } => {
                version_text(*key, *number)
            }
            Say::Stored { is_own: true, .. } => "stored".into(),
            Say::Stored { is_own: false, .. } => "kept for it".into(),
            Say::Get { key, .. } => format!("{}?", key_text(*key)),
            Say::Holds { number: 0, .. } => "nothing".into(),
            Say::Holds { number, .. } => number.to_string(),
            Say::NotYet => "not yet".into(),
            Say::Took { .. } => "took it".into(),
            Say::Complete => "that's all".into(),
            Say::Noted => "noted".into(),
            Say::Compare(nodes) => format!("tree {}", nodes.len()),
            Say::Items { items, .. } => format!("keys: {}", items.len()),
            Say::News => format!("list {}", self.ring),
            Say::Join => "join".into(),
            Say::WriteNow => "write".into(),
            Say::ReadNow => "read".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match &self.say {
            Say::Put { key, number, .. } => format!("write {}", version_text(*key, *number)),
            Say::Stored { is_own: true, .. } => "it is on disk".into(),
            Say::Stored { is_own: false, .. } => "it is on disk, kept for another node".into(),
            Say::Get { key, .. } => format!("read {}", key_text(*key)),
            Say::Holds { number, is_own, .. } => {
                let what =
                    if *number == 0 { "nothing is".into() } else { format!("write {number} is") };
                let as_what = if *is_own { "" } else { ", not as one of its own replicas" };
                format!("{what} here{as_what}")
            }
            Say::NotYet => "it is yet to be handed over to this server".into(),
            Say::Offer { key, number } => {
                format!("{} is kept here, and yours", version_text(*key, *number))
            }
            Say::Took { key, number } => format!("{} is on disk", version_text(*key, *number)),
            Say::Complete => "you have all that was here of what is yours now".into(),
            Say::Noted => "it is noted that this was all".into(),
            Say::Compare(nodes) => format!("of the tree of common keys, hashes: {}", nodes.len()),
            Say::Items { leaves, items, .. } => {
                format!("leaves that differ: {}, and keys in them: {}", leaves.len(), items.len())
            }
            Say::News => format!("list {} of the servers holds now", self.ring),
            Say::Join => "join the other servers".into(),
            Say::WriteNow => "write now".into(),
            Say::ReadNow => "read now".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        Some(self.ring.into()).filter(|ring| *ring > 0)
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self.say {
            Say::Stored { .. }
            | Say::Holds { .. }
            | Say::NotYet
            | Say::Took { .. }
            | Say::Noted => MessageKind::Reply,
            Say::Compare(_) | Say::Items { .. } | Say::News => MessageKind::Gossip,
            Say::Put { .. }
            | Say::Get { .. }
            | Say::Offer { .. }
            | Say::Complete
            | Say::Join
            | Say::WriteNow
            | Say::ReadNow => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match &self.say {
            Say::Put { .. } | Say::Holds { .. } => 3,
            Say::Stored { .. } | Say::Get { .. } | Say::Offer { .. } | Say::Took { .. } => 2,
            Say::Compare(nodes) => 2 * nodes.len() as u64,
            Say::Items { leaves, items, .. } => 1 + (leaves.len() + 2 * items.len()) as u64,
            Say::NotYet
            | Say::Complete
            | Say::Noted
            | Say::News
            | Say::Join
            | Say::WriteNow
            | Say::ReadNow => 0,
        };
        2 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Offer => "offer",
            Self::Compare => "compare",
            Self::Think => "think",
            Self::StandIns => "stand-ins",
            Self::Again => "ask again",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Offer => "it offers what it keeps for others",
            Self::Compare => "it compares trees with the next server",
            Self::Think => "it has its next operation ready",
            Self::StandIns => "it asks stand-ins for those that are silent",
            Self::Again => "it asks everybody again",
        }
        .into()
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Writes { key, number, .. } => version_text(*key, *number),
            Self::Wrote { number, .. } => format!("{number} is safe"),
            Self::Reads { key, .. } => format!("{}?", key_text(*key)),
            Self::Saw { number, .. } => format!("sees {number}"),
            Self::AsksStandIns { .. } => "stand-ins".into(),
            Self::IsBack => "is back".into(),
            Self::Keeps { key, .. } => format!("keeps {}", key_text(*key)),
            Self::LetsGo { key } => format!("lets go {}", key_text(*key)),
            Self::Adopts { ring, .. } => format!("list {ring}"),
            Self::HasAllOf(_) => "has all".into(),
            Self::Repairs { key, .. } => format!("repairs {}", key_text(*key)),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Writes { key, number, .. } => format!("writes {}", version_text(*key, *number)),
            Self::Wrote { key, number, is_own, .. } => {
                let (what, how) = (version_text(*key, *number), sure(*is_own));
                format!("is told that {what} is on enough disks{how}")
            }
            Self::Reads { key, .. } => format!("reads {}", key_text(*key)),
            Self::Saw { key, number, is_own, .. } => {
                format!("is told {}{}", version_text(*key, *number), sure(*is_own))
            }
            Self::AsksStandIns { key, nodes } => {
                let nodes = names.list(nodes.iter().copied());
                format!("asks {nodes} to stand in for silent replicas of {}", key_text(*key))
            }
            Self::IsBack => "is back".into(),
            Self::Keeps { key, number } => {
                format!("keeps {} for those whose it is", version_text(*key, *number))
            }
            Self::LetsGo { key } => {
                format!("lets go of {}: all whose it is have it", key_text(*key))
            }
            Self::Adopts { ring, lost } => {
                format!(
                    "goes by list {ring} of the servers now; keys that it loses by that: {lost}"
                )
            }
            Self::HasAllOf(node) => {
                format!("has got all that {} had of its keys", &names[*node])
            }
            Self::Repairs { key, number } => {
                format!("learns {} from another one's tree", version_text(*key, *number))
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Adopts { ring, .. } = self { Some((*ring).into()) } else { None }
    }

    fn operation(&self) -> Option<Operation> {
        let (id, step) = match self {
            Self::Writes { id, .. } | Self::Reads { id, .. } => (id, OperationStep::Begins),
            Self::Wrote { id, .. } | Self::Saw { id, .. } => (id, OperationStep::Succeeds),
            Self::AsksStandIns { .. }
            | Self::IsBack
            | Self::Keeps { .. }
            | Self::LetsGo { .. }
            | Self::Adopts { .. }
            | Self::HasAllOf(_)
            | Self::Repairs { .. } => return None,
        };
        Some(Operation { number: *id, step })
    }
}
