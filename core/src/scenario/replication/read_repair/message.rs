//! What replicas and clients say to each other, and how it reads.

use super::config::key_text;
use crate::mechanism::quorum::Version;
use crate::mechanism::repair::Answer;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// What is done with a key.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    Read,
    Write,
    Delete,
}

/// What nodes say. A write's number is its value, so that whoever reads it sees how old it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// A client writes; what is deleted has a version too.
    Put { round: u64, key: u16, version: Version },
    /// It is on disk here.
    Stored { round: u64 },
    /// A client reads: all that is held, or only its digest.
    Get { round: u64, key: u16, in_full: bool },
    /// This is here.
    Says { round: u64, answer: Answer },
    /// A reader has met this, and you had something else.
    Repair { key: u16, version: Version },
    /// Nodes of a tree of hashes.
    Compare(Vec<(u16, u64)>),
    /// Keys and versions in leaves that differ; and whether the receiver's are wanted.
    Items { leaves: Vec<u16>, items: Vec<(u16, Version)>, wants: bool },
    /// This tombstone is here: have you got it?
    Offer { key: u16, version: Version },
    /// It is on disk here; and whether all have it, as far as this one knows.
    Has { key: u16, version: Version, by_all: bool },
    /// The viewer has a client do something with one of its keys, in all three tables.
    Ask { deed: Deed, is_hot: bool },
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A replica compares trees with the next one.
    Compare,
    /// Tombstones grow older.
    Age,
    /// A client comes up with its next operation.
    Think,
    /// A client asks again.
    Again,
}

/// How a replica came by a version.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum How {
    Write,
    ReadRepair,
    Tree,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A client writes, or deletes.
    Writes { id: u64, key: u16, version: Version },
    /// It is told that enough disks have it.
    Wrote { id: u64, key: u16, version: Version },
    /// A client reads.
    Reads { id: u64, key: u16 },
    /// It is told this.
    Saw { id: u64, key: u16, version: Version },
    /// All replicas have answered its read.
    HeardAll { key: u16 },
    /// Replicas held different versions.
    Differs { key: u16, held: Vec<(NodeId, Version)> },
    /// It sends the newest to those that had something else.
    Repairs { key: u16, version: Version, nodes: Vec<NodeId> },
    /// A client is back.
    IsBack,
    /// A replica takes a version over for another one.
    Takes { key: u16, version: Version, held: Version, how: How },
    /// All replicas have this tombstone.
    Settles { key: u16 },
    /// A replica forgets a tombstone.
    Collects { key: u16, version: Version },
}

/// Returns "7", "†7" or "nothing".
pub(super) fn held_text(version: Version) -> String {
    match version {
        _ if version.is_nothing() => "nothing".into(),
        _ if version.is_tombstone() => format!("†{}", version.tag.number),
        Version { value, .. } => value.to_string(),
    }
}

/// Returns "r3=7", "r3†7" or "no r3".
pub(super) fn version_text(key: u16, version: Version) -> String {
    let key = key_text(key);
    match version {
        _ if version.is_nothing() => format!("no {key}"),
        _ if version.is_tombstone() => format!("{key}†{}", version.tag.number),
        Version { value, .. } => format!("{key}={value}"),
    }
}

fn digest_text(digest: u64) -> String {
    format!("#{:04x}", digest & 0xffff)
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Put { key, version, .. } => version_text(*key, *version),
            Self::Stored { .. } => "stored".into(),
            Self::Get { key, in_full: true, .. } => format!("{}?", key_text(*key)),
            Self::Get { key, .. } => format!("digest {}?", key_text(*key)),
            Self::Says { answer: Answer::Data(version), .. } => held_text(*version),
            Self::Says { answer: Answer::Digest(digest), .. } => digest_text(*digest),
            Self::Repair { key, version } => format!("fix {}", version_text(*key, *version)),
            Self::Compare(nodes) => format!("tree {}", nodes.len()),
            Self::Items { items, .. } => format!("keys: {}", items.len()),
            Self::Offer { key, version } => format!("{}?", version_text(*key, *version)),
            Self::Has { by_all: true, .. } => "all have it".into(),
            Self::Has { .. } => "have it".into(),
            Self::Ask { deed: Deed::Read, .. } => "read".into(),
            Self::Ask { deed: Deed::Write, .. } => "write".into(),
            Self::Ask { deed: Deed::Delete, .. } => "delete".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Put { key, version, .. } if version.is_tombstone() => {
                format!("delete {}: {}", key_text(*key), version_text(*key, *version))
            }
            Self::Put { key, version, .. } => format!("write {}", version_text(*key, *version)),
            Self::Stored { .. } => "it is on disk".into(),
            Self::Get { key, in_full: true, .. } => format!("read {}", key_text(*key)),
            Self::Get { key, .. } => format!("read only the digest of {}", key_text(*key)),
            Self::Says { answer: Answer::Data(version), .. } => {
                format!("{} is here", held_text(*version))
            }
            Self::Says { answer: Answer::Digest(digest), .. } => {
                format!("what is here has the digest {}", digest_text(*digest))
            }
            Self::Repair { key, version } => {
                format!("repair: another replica has {}", version_text(*key, *version))
            }
            Self::Compare(nodes) => format!("of the tree of table t, hashes: {}", nodes.len()),
            Self::Items { leaves, items, .. } => {
                format!("leaves that differ: {}, and keys in them: {}", leaves.len(), items.len())
            }
            Self::Offer { key, version } => {
                format!("the tombstone {} is here: have you got it", version_text(*key, *version))
            }
            Self::Has { key, version, by_all } => {
                let where_it_is = if *by_all { "all disks" } else { "disk" };
                format!("{} is on {where_it_is}", version_text(*key, *version))
            }
            Self::Ask { deed, is_hot } => {
                let deed = match deed {
                    Deed::Read => "read",
                    Deed::Write => "write",
                    Deed::Delete => "delete",
                };
                format!("{deed} a {} key in every table", if *is_hot { "hot" } else { "cold" })
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Put { version, .. }
            | Self::Repair { version, .. }
            | Self::Offer { version, .. }
            | Self::Has { version, .. } => Some(version.tag.number),
            Self::Stored { .. }
            | Self::Get { .. }
            | Self::Says { .. }
            | Self::Compare(_)
            | Self::Items { .. }
            | Self::Ask { .. } => None,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Stored { .. } | Self::Says { .. } | Self::Has { .. } => MessageKind::Reply,
            Self::Repair { .. } | Self::Compare(_) | Self::Items { .. } | Self::Offer { .. } => {
                MessageKind::Gossip
            }
            Self::Put { .. } | Self::Get { .. } | Self::Ask { .. } => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        // A version is its number, its writer and its value.
        let numbers = match self {
            Self::Put { .. } => 5,
            Self::Get { .. } | Self::Says { answer: Answer::Digest(_), .. } => 2,
            Self::Says { .. } | Self::Repair { .. } | Self::Offer { .. } | Self::Has { .. } => 4,
            Self::Stored { .. } => 1,
            Self::Compare(nodes) => 2 * nodes.len() as u64,
            Self::Items { leaves, items, .. } => 1 + (leaves.len() + 4 * items.len()) as u64,
            Self::Ask { .. } => 0,
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Compare => "compare",
            Self::Age => "age",
            Self::Think => "think",
            Self::Again => "ask again",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Compare => "it compares trees with the next replica",
            Self::Age => "its tombstones are older by a tick",
            Self::Think => "it has its next operation ready",
            Self::Again => "it asks everybody again",
        }
        .into()
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Writes { key, version, .. } | Self::Takes { key, version, .. } => {
                version_text(*key, *version)
            }
            Self::Wrote { version, .. } => format!("{} is safe", held_text(*version)),
            Self::Reads { key, .. } => format!("{}?", key_text(*key)),
            Self::Saw { version, .. } => format!("sees {}", held_text(*version)),
            Self::HeardAll { .. } => "heard all".into(),
            Self::Differs { .. } => "they differ".into(),
            Self::Repairs { key, .. } => format!("repairs {}", key_text(*key)),
            Self::IsBack => "is back".into(),
            Self::Settles { key } => format!("{}† is all", key_text(*key)),
            Self::Collects { key, .. } => format!("collects {}", key_text(*key)),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Writes { key, version, .. } if version.is_tombstone() => {
                format!("deletes {}: {}", key_text(*key), version_text(*key, *version))
            }
            Self::Writes { key, version, .. } => format!("writes {}", version_text(*key, *version)),
            Self::Wrote { key, version, .. } => {
                format!("is told that {} is on enough disks", version_text(*key, *version))
            }
            Self::Reads { key, .. } => format!("reads {}", key_text(*key)),
            Self::Saw { key, version, .. } => format!("is told {}", version_text(*key, *version)),
            Self::HeardAll { key } => format!("has heard all replicas about {}", key_text(*key)),
            Self::Differs { key, held } => {
                let held =
                    held.iter().map(|(id, it)| format!("{} {}", &names[*id], held_text(*it)));
                let held: Vec<String> = held.collect();
                format!("is told different things about {}: {}", key_text(*key), held.join(", "))
            }
            Self::Repairs { key, version, nodes } => {
                let nodes = names.list(nodes.iter().copied());
                format!("sends {} to {nodes}", version_text(*key, *version))
            }
            Self::IsBack => "is back".into(),
            Self::Takes { key, version, held, how } => {
                let how = match how {
                    How::Write => "from its writer",
                    How::ReadRepair => "from a reader",
                    How::Tree => "from another replica",
                };
                let (new, old) = (version_text(*key, *version), held_text(*held));
                format!("takes {new} for {old}, {how}")
            }
            Self::Settles { key } => {
                format!("knows that all replicas have the tombstone of {}", key_text(*key))
            }
            Self::Collects { key, version } => {
                format!("collects the tombstone {}", version_text(*key, *version))
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Writes { version, .. }
            | Self::Takes { version, .. }
            | Self::Collects { version, .. } => Some(version.tag.number),
            Self::Wrote { .. }
            | Self::Reads { .. }
            | Self::Saw { .. }
            | Self::HeardAll { .. }
            | Self::Differs { .. }
            | Self::Repairs { .. }
            | Self::IsBack
            | Self::Settles { .. } => None,
        }
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::Writes { id, .. } | Self::Reads { id, .. } => (*id, OperationStep::Begins),
            Self::Wrote { id, .. } | Self::Saw { id, .. } => (*id, OperationStep::Succeeds),
            Self::HeardAll { .. }
            | Self::Differs { .. }
            | Self::Repairs { .. }
            | Self::IsBack
            | Self::Takes { .. }
            | Self::Settles { .. }
            | Self::Collects { .. } => return None,
        };
        Some(Operation { number, step })
    }
}
