//! What nurses and replicas say, and how it reads.

use serde::{Deserialize, Serialize};

use super::node::{EVERYBODY, Entry};
use crate::mechanism::causal_log::Dot;
use crate::mechanism::clock::VersionVector;
use crate::mechanism::wal::LogError;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// What a nurse's entry says.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Note {
    /// A dose was given.
    Dose,
    /// Doses that were given unaware of each other have been looked at.
    Check,
}

/// What a nurse waits for: the answer to a visit, or to an entry.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    /// The log, for the so many-eth time.
    Visit(u64),
    /// That this entry is in the log.
    Entry(Dot),
}

/// What can be said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// A nurse who has read so much asks for the log.
    Read(u64, VersionVector),
    /// A nurse who has read so much writes.
    Append { id: Dot, note: Note, context: VersionVector },
    /// This is in the log.
    Chart {
        /// What was asked.
        ask: Ask,
        /// All of it, as a vector.
        vector: VersionVector,
        /// What whoever asked had not read.
        news: Vec<Entry>,
        /// What is unsettled.
        unsettled: Vec<Dot>,
        /// Where the new entry stands, from 1.
        place: u64,
    },
    /// A replica asks another one for what it lacks.
    Compare(VersionVector),
    /// Entries for another replica.
    Tell(Vec<Entry>),
    /// The viewer has a nurse read, and write.
    NoteNow,
    /// The viewer sends a nurse to another replica.
    GoTo(NodeId),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A nurse goes to see the log.
    Visit,
    /// A nurse hears nothing.
    Silent,
    /// A replica compares vectors with the next one.
    Round,
    /// A replica opens its log again.
    Reopen,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A nurse has read these; she had not before.
    Sees(Vec<Dot>),
    /// A nurse writes.
    Appends { id: Dot, note: Note },
    /// She is told by a replica that it is in the log, and where.
    Told { id: Dot, by: NodeId, place: u64 },
    /// She asks this replica from now on.
    GoesTo(NodeId),
    /// A replica takes an entry, under this name.
    Takes { id: Dot, dot: Dot },
    /// A replica has an entry from another one.
    Hears { id: Dot, dot: Dot },
    /// An entry waits for its past.
    Waits(Dot),
    /// An entry is here in another copy.
    Folds(Dot),
    /// One entry takes the place of another one.
    Overwrites { old: Dot, new: Dot },
    /// A replica has so many entries, and serves.
    Serves(u64),
    /// It does not know what is on its disk.
    Doubts,
    /// It does not serve.
    Refuses(LogError),
}

/// Returns “B3”: the third entry of the second nurse.
pub(super) fn entry_text(id: Dot) -> String {
    let letter = char::from(b'A'.saturating_add(u8::try_from(id.by.0).unwrap_or(25)));
    format!("{letter}{}", id.number)
}

/// Returns “A1, B3”; of many only the first, and how many more.
pub(super) fn entries_text(ids: &[Dot]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> = ids.iter().take(SHOWN).map(|id| entry_text(*id)).collect();
    match ids.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn vector_text(vector: &VersionVector, names: &Names) -> String {
    if vector.updates(EVERYBODY) > 0 {
        return format!("up to place {}", vector.updates(EVERYBODY));
    }
    let part = |id| format!("{} {}", &names[id], vector.updates(id));
    let known = names.ids().filter(|id| vector.updates(*id) > 0).map(part);
    let known: Vec<String> = known.collect();
    if known.is_empty() { "nothing".into() } else { known.join(", ") }
}

fn ids_of(entries: &[Entry]) -> Vec<Dot> {
    entries.iter().map(|entry| entry.id).collect()
}

impl Describe for Note {
    fn label(&self) -> String {
        match self {
            Self::Dose => "dose",
            Self::Check => "check",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Dose => "a dose was given",
            Self::Check => "what was flagged has been checked",
        }
        .into()
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Read(..) => "read".into(),
            Self::Append { id, .. } => format!("+{}", entry_text(*id)),
            Self::Chart { ask: Ask::Entry(id), .. } => format!("{} is in", entry_text(*id)),
            Self::Chart { news, .. } if news.is_empty() => "no news".into(),
            Self::Chart { news, .. } => format!("log +{}", news.len()),
            Self::Compare(_) => "news?".into(),
            Self::Tell(entries) => match entries.as_slice() {
                [entry] => entry_text(entry.id),
                more => format!("{} entries", more.len()),
            },
            Self::NoteNow => "write".into(),
            Self::GoTo(_) => "go".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Read(_, context) => {
                format!("what is in the log beyond ({})?", vector_text(context, names))
            }
            Self::Append { id, note, context } => {
                let (what, read) = (note.sentence(names), vector_text(context, names));
                format!("write {}: {what}; it follows on ({read})", entry_text(*id))
            }
            Self::Chart { ask, vector, news, unsettled, place } => {
                let what = match ask {
                    Ask::Entry(id) => format!("{} is in the log, at {place}; ", entry_text(*id)),
                    Ask::Visit(_) => String::new(),
                };
                let (all, flags) = (vector_text(vector, names), unsettled.len());
                format!("{what}the log is ({all}), new: {}, flagged: {flags}", news.len())
            }
            Self::Compare(vector) => {
                format!("what is new beyond ({})?", vector_text(vector, names))
            }
            Self::Tell(entries) => format!("entries: {}", entries_text(&ids_of(entries))),
            Self::NoteNow => "go and write an entry".into(),
            Self::GoTo(replica) => format!("go to {}", &names[*replica]),
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Read(..) | Self::Append { .. } | Self::NoteNow | Self::GoTo(_) => {
                MessageKind::Request
            }
            Self::Chart { .. } => MessageKind::Reply,
            Self::Compare(_) | Self::Tell(_) => MessageKind::Gossip,
        }
    }

    fn bytes(&self) -> u64 {
        // A number has eight bytes, and a vector a number for each replica.
        let of = |entries: &[Entry]| -> u64 {
            entries.iter().map(|it| 33 + 8 * it.context.replicas()).sum()
        };
        match self {
            Self::Read(_, context) => 9 + 8 * context.replicas(),
            Self::Append { context, .. } => 18 + 8 * context.replicas(),
            Self::Chart { vector, news, unsettled, .. } => {
                25 + 8 * vector.replicas() + of(news) + 16 * unsettled.len() as u64
            }
            Self::Compare(vector) => 1 + 8 * vector.replicas(),
            Self::Tell(entries) => 1 + of(entries),
            Self::NoteNow | Self::GoTo(_) => 1,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Visit => "visit",
            Self::Silent => "no answer",
            Self::Round => "round",
            Self::Reopen => "open again",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Visit => "this nurse goes to see the log",
            Self::Silent => "no answer has come",
            Self::Round => "it is time to compare with the next replica",
            Self::Reopen => "it opens its log again",
        }
        .into()
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Sees(_) => "reads".into(),
            Self::Appends { id, .. } => format!("writes {}", entry_text(*id)),
            Self::Told { id, .. } => format!("{} is in", entry_text(*id)),
            Self::GoesTo(_) => "goes".into(),
            Self::Takes { id, .. } => format!("takes {}", entry_text(*id)),
            Self::Hears { id, .. } => format!("hears {}", entry_text(*id)),
            Self::Waits(id) => format!("{} waits", entry_text(*id)),
            Self::Folds(id) => format!("{} again", entry_text(*id)),
            Self::Overwrites { old, .. } => format!("{} is gone", entry_text(*old)),
            Self::Serves(_) => "serves".into(),
            Self::Doubts => "doubts".into(),
            Self::Refuses(_) => "refuses".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let spelled = |dot: &Dot| match dot.by {
            EVERYBODY => format!("place {}", dot.number),
            by => format!("{} of {}", dot.number, &names[by]),
        };
        match self {
            Self::Sees(ids) if ids.is_empty() => "reads the log, and nothing is new".into(),
            Self::Sees(ids) => format!("reads {}", entries_text(ids)),
            Self::Appends { id, note } => {
                format!("writes {}: {}", entry_text(*id), note.sentence(names))
            }
            Self::Told { id, by, place } => {
                let (what, by) = (entry_text(*id), &names[*by]);
                format!("is told by {by} that {what} is in the log, at {place}")
            }
            Self::GoesTo(replica) => format!("goes to {}", &names[*replica]),
            Self::Takes { id, dot } => format!("takes {} as {}", entry_text(*id), spelled(dot)),
            Self::Hears { id, dot } => format!("hears of {}, {}", entry_text(*id), spelled(dot)),
            Self::Waits(id) => {
                format!("lets {} wait: something that it follows on is not here", entry_text(*id))
            }
            Self::Folds(id) => format!("has {} in another copy already", entry_text(*id)),
            Self::Overwrites { old, new } => {
                format!("puts {} in the place of {}", entry_text(*new), entry_text(*old))
            }
            Self::Serves(entries) => format!("has a log of {entries} entries, and serves"),
            Self::Doubts => "does not know what its disk holds, and opens its log again".into(),
            Self::Refuses(error) => format!("does not open its log: {error}"),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Overwrites { .. } | Self::Doubts | Self::Refuses(_))
    }

    fn operation(&self) -> Option<Operation> {
        let (id, step) = match self {
            Self::Appends { id, .. } => (id, OperationStep::Begins),
            Self::Told { id, .. } => (id, OperationStep::Succeeds),
            Self::Sees(_)
            | Self::GoesTo(_)
            | Self::Takes { .. }
            | Self::Hears { .. }
            | Self::Waits(_)
            | Self::Folds(_)
            | Self::Overwrites { .. }
            | Self::Serves(_)
            | Self::Doubts
            | Self::Refuses(_) => return None,
        };
        Some(Operation { number: id.number, step })
    }
}
