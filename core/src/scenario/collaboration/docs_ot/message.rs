//! What server and clients say, and how it reads.

use crate::mechanism::ot::{Component, Entry, Name, Operation};
use crate::mechanism::wal::LogError;
use crate::sim::{Describe, MessageKind, Names, Payload, Splice};

/// What a node can be told.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// The viewer lets the person do the next thing.
    Write,
    /// The viewer edits the text, wherever in it.
    Edit(Splice),
    /// A client begins: what is the text?
    Open { session: u32 },
    /// The text after so many operations.
    Document { session: u32, revision: u32, text: String },
    /// Take this operation, made on the text of this revision.
    Submit { revision: u32, name: Name, operation: Operation },
    /// What has come since this revision?
    Since(u32),
    /// These operations follow on this revision.
    Entries(u32, Vec<Entry>),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// The person at a client does something.
    Person,
    /// Time to ask the server.
    Ask,
    /// Time to open the store again.
    Reopen,
}

/// What happens at a node.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A client has the text, and shows it.
    Opens { session: u32, revision: u32 },
    /// Its person made an edit, as a part of this operation.
    Types(Name, Splice),
    /// It took an operation that makes this revision the next, after so many transformations.
    Takes { at: u32, name: Name, moves: u32, is_own: bool },
    /// The server noted an operation, as the one after this revision; it was moved over so many.
    Logs { at: u32, entry: Entry, moves: u32 },
    /// The server has read its disk: so many operations, of which so many were added to the snapshot.
    Recovers { revision: u32, replayed: u32 },
    /// It serves.
    Serves,
    /// A write or a sync has failed.
    Doubts,
    /// Its log cannot be opened.
    Refuses(LogError),
}

/// So many letters of an insertion are told.
const TOLD_LETTERS: usize = 24;

/// Returns an operation in words: "insert “bee ” behind 12".
pub(super) fn in_words(operation: &Operation) -> String {
    let mut before = 0_u32;
    let mut words = Vec::new();
    for component in operation.components() {
        match component {
            Component::Retain(letters) => before += letters,
            Component::Insert(text) => {
                let told: String = text.chars().take(TOLD_LETTERS).collect();
                words.push(format!("insert “{told}” behind {before}"));
            }
            Component::Delete(letters) => {
                words.push(format!("delete {letters} behind {before}"));
                before += letters;
            }
        }
    }
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}

/// Returns how many bytes an operation takes with what it is sent with.
pub(super) fn bytes_of(revision: u32, name: Name, operation: &Operation) -> u64 {
    let sent = (revision, name.site, name.number, operation);
    postcard::to_allocvec(&sent).unwrap_or_default().len() as u64
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Write => "write".into(),
            Self::Edit(_) => "edit".into(),
            Self::Open { .. } => "open".into(),
            Self::Document { revision, .. } => format!("text {revision}"),
            Self::Submit { revision, .. } => format!("op on {revision}"),
            Self::Since(revision) => format!("since {revision}?"),
            Self::Entries(at, entries) if entries.len() == 1 => format!("op {at}"),
            Self::Entries(_, entries) => format!("{} ops", entries.len()),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Write => "write on".into(),
            Self::Edit(edit) => {
                let (at, deleted, inserted) = (edit.at, edit.deleted, edit.length());
                format!("behind letter {at}, delete {deleted} and type {inserted}")
            }
            Self::Open { .. } => "what is the text?".into(),
            Self::Document { revision, text, .. } => {
                let letters = text.chars().count();
                format!("the text of revision {revision}, letters: {letters}")
            }
            Self::Submit { revision, operation, .. } => {
                format!("on revision {revision}: {}", in_words(operation))
            }
            Self::Since(revision) => format!("what has come since revision {revision}?"),
            Self::Entries(at, entries) => {
                let each = entries
                    .iter()
                    .map(|it| format!("{}: {}", &names[it.name.site], in_words(&it.operation)));
                format!("after revision {at}: {}", each.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Write | Self::Edit(_) | Self::Submit { .. } => MessageKind::Request,
            Self::Open { .. } | Self::Since(_) => MessageKind::Gossip,
            Self::Document { .. } | Self::Entries(..) => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Write => 1,
            Self::Edit(edit) => 9 + edit.inserted.len() as u64,
            Self::Open { .. } | Self::Since(_) => 5,
            Self::Document { text, .. } => 9 + text.len() as u64,
            Self::Submit { revision, name, operation } => 1 + bytes_of(*revision, *name, operation),
            Self::Entries(at, entries) => {
                let each = entries.iter().map(|it| bytes_of(*at, it.name, &it.operation));
                1 + each.sum::<u64>()
            }
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Person => "person".into(),
            Self::Ask => "ask".into(),
            Self::Reopen => "reopen".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Person => "the person at this client does something".into(),
            Self::Ask => "it is time to ask the server".into(),
            Self::Reopen => "it is time to open the store again".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Opens { .. } => "opens",
            Self::Types(..) => "typed",
            Self::Takes { is_own: true, .. } => "confirmed",
            Self::Takes { .. } => "takes",
            Self::Logs { .. } => "logs",
            Self::Recovers { .. } => "recovers",
            Self::Serves => "serves",
            Self::Doubts => "doubts",
            Self::Refuses(_) => "refuses",
        }
        .into()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Opens { revision, .. } => format!("shows the text of revision {revision}"),
            Self::Types(_, edit) => format!("types: {}", in_words(&Operation::of(edit))),
            Self::Takes { at, is_own: true, .. } => {
                format!("hears that its operation {at} is taken")
            }
            Self::Takes { at, name, moves, .. } => {
                let site = &names[name.site];
                format!("takes operation {at} by {site}, transformations: {moves}")
            }
            Self::Logs { at, entry, moves } => {
                let (site, what) = (&names[entry.name.site], in_words(&entry.operation));
                format!("logs operation {at} by {site}, moved over {moves}: {what}")
            }
            Self::Recovers { revision, replayed } => {
                format!("reads operations: {revision}, of them beyond the snapshot: {replayed}")
            }
            Self::Serves => "serves the document".into(),
            Self::Doubts => "does not know what its disk holds".into(),
            Self::Refuses(error) => format!("does not open its log: {error}"),
        }
    }
}
