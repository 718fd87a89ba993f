//! What nodes of the directory say, and how it reads.

use crate::mechanism::gossip::{Entry, Version};
use crate::sim::{Describe, MessageKind, Names, NodeId, Payload};

/// Where a node serves: a number that is drawn anew for every announcement, and of which the last
/// digits are shown as a port.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Address(pub(super) u64);

impl Address {
    /// Returns the port, as shown: ":4821".
    pub(super) fn port(self) -> String {
        format!(":{}", 1_000 + self.0 % 9_000)
    }
}

/// An entry with the node of which it is.
pub(super) type Of = (NodeId, Entry<Address>);

/// What a datagram of entries is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// They are new to the sender: rumor mongering.
    Rumors,
    /// Directories are compared: anti-entropy.
    Compare,
}

/// What a node can be told.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// Serve somewhere else, and announce it.
    Move,
    /// Stop to serve, and announce it.
    Withdraw,
    /// These entries, and, if it asks, what about yours?
    Tell {
        /// What it is for.
        why: Why,
        /// What the sender tells.
        entries: Vec<Of>,
        /// Whether it wants entries in return.
        asks: bool,
    },
    /// Which of the rumors that were told had been news.
    Heard(Vec<(NodeId, Address, bool)>),
    /// Take this address out: without tombstones, nothing else can say so.
    Forget(Address),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// The node moves, or withdraws its address.
    Change,
    /// Time to tell rumors.
    Round,
    /// Time to compare directories.
    Compare,
}

/// What happens to an announcement.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// The node announced where it serves, or that it no longer does.
    Says(Entry<Address>),
    /// The node took over what it was told of another.
    Learns {
        /// Who told it.
        from: NodeId,
        /// Whether as a rumor or in a comparison.
        why: Why,
        /// Of whom.
        owner: NodeId,
        /// What.
        entry: Entry<Address>,
    },
    /// The node took an owner's address out of its directory.
    Forgets(NodeId, Address),
    /// The node restarted, with an empty directory.
    ComesBack,
}

/// Returns an entry in words: ":4821" or ":4821 withdrawn".
pub(super) fn entry_text(entry: &Entry<Address>) -> String {
    let port = entry.value.port();
    if entry.is_deleted { format!("{port} withdrawn") } else { port }
}

/// Returns an entry in few letters: ":4821" or, withdrawn, "†:4821".
pub(super) fn sign_text(entry: &Entry<Address>) -> String {
    let port = entry.value.port();
    if entry.is_deleted { format!("†{port}") } else { port }
}

fn list(entries: &[Of], names: &Names) -> String {
    let text = |(owner, entry): &Of| {
        let Version { generation, number } = entry.version;
        format!("{} {} ({generation}.{number})", &names[*owner], entry_text(entry))
    };
    let texts: Vec<String> = entries.iter().map(text).collect();
    if texts.is_empty() { "nothing".into() } else { texts.join(", ") }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Move => "move".into(),
            Self::Withdraw => "withdraw".into(),
            Self::Tell { entries, asks: true, .. } if entries.is_empty() => "any news?".into(),
            Self::Tell { why: Why::Rumors, entries, .. } => match &entries[..] {
                [(owner, entry)] if entry.is_deleted => format!("N{} †", owner.0 + 1),
                [(owner, _)] => format!("N{}", owner.0 + 1),
                more => format!("{} rumors", more.len()),
            },
            Self::Tell { why: Why::Compare, entries, .. } => format!("all {}", entries.len()),
            Self::Heard(heard) => match heard.iter().filter(|(.., was_news)| *was_news).count() {
                0 => "known".into(),
                _ => "new".into(),
            },
            Self::Forget(_) => "forget".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Move => "serve at another address".into(),
            Self::Withdraw => "serve no more".into(),
            Self::Tell { why, entries, asks } => {
                let what = match why {
                    Why::Rumors => "rumors",
                    Why::Compare => "directory",
                };
                let question = if *asks { "; and yours?" } else { "" };
                format!("{what}: {}{question}", list(entries, names))
            }
            Self::Heard(heard) => {
                let text = |(owner, address, was_news): &(NodeId, Address, bool)| {
                    let was = if *was_news { "was new" } else { "was known" };
                    format!("{} {} {was}", &names[*owner], address.port())
                };
                heard.iter().map(text).collect::<Vec<_>>().join(", ")
            }
            Self::Forget(address) => format!("forget {}", address.port()),
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Move | Self::Withdraw | Self::Forget(_) => MessageKind::Request,
            Self::Tell { .. } => MessageKind::Gossip,
            Self::Heard(_) => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Move | Self::Withdraw => 1,
            // Owner, generation, number and address, and a byte for a tombstone.
            Self::Tell { entries, .. } => 1 + 1 + 33 * entries.len() as u64,
            Self::Heard(heard) => 1 + 17 * heard.len() as u64,
            Self::Forget(_) => 9,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Change => "change".into(),
            Self::Round => "rumors".into(),
            Self::Compare => "compare".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Change => "the service moves or ends".into(),
            Self::Round => "time to tell rumors".into(),
            Self::Compare => "time to compare directories".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Says(entry) if entry.is_deleted => "withdraws".into(),
            Self::Says(entry) => format!("at {}", entry.value.port()),
            Self::Learns { .. } => "learns".into(),
            Self::Forgets(..) => "forgets".into(),
            Self::ComesBack => "came back".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Says(entry) => {
                let Version { generation, number } = entry.version;
                let what = entry_text(entry);
                format!("announces {what} as version {generation}.{number}")
            }
            Self::Learns { from, owner, entry, .. } => {
                let Version { generation, number } = entry.version;
                let (owner, from, what) = (&names[*owner], &names[*from], entry_text(entry));
                format!("learns of {owner} from {from}: {what} ({generation}.{number})")
            }
            Self::Forgets(owner, address) => {
                format!("takes {}'s {} out", &names[*owner], address.port())
            }
            Self::ComesBack => "is back, and knows nobody's address".into(),
        }
    }
}
