//! What happened, looked at closely: events and messages, one event in words, what is searched for
//! and what has changed.

use faultline_core::sim::{Cause, EventKind, Fate, MessageKind, NodeId, Step, TextLine};
use serde::{Deserialize, Serialize};

use super::ActionName;

/// A stretch of the run around the cursor for the space-time diagram.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpaceTime {
    /// The number of the first event.
    pub first: u32,
    /// Events, by number.
    pub events: Vec<EventView>,
    /// Messages that ended in no event: lost, stopped, dropped, or still on their way.
    pub loose: Vec<LooseMessage>,
    /// The clients' requests that these events are part of, in the order in which they began.
    pub requests: Vec<RequestView>,
    /// How many known events come after these; before them come as many as `first` says.
    pub more: u32,
}

/// An event.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// True time.
    pub at_us: u64,
    /// What happened.
    pub kind: EventKind,
    /// Where.
    pub node: NodeId,
    /// Of a message: who sent it; otherwise the node itself.
    pub peer: NodeId,
    /// What brought it about.
    pub cause: Cause,
    /// The event before it on the same node.
    pub previous: Option<u32>,
    /// Whether its handler recorded a fact.
    pub has_fact: bool,
    /// The message that came, or came to nothing.
    pub message: Option<MessageView>,
    /// The client's request that it is part of, by its place among the stretch's requests: of an answer
    /// the one that it answers, even if another one begins in the same event.
    pub request: Option<u16>,
}

/// What a client asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// Who asked.
    pub client: NodeId,
    /// Which of the client's requests, from 1.
    pub number: u32,
    /// The event in which it began.
    pub event: u32,
}

/// A message that ended in an event.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// What it is for.
    pub kind: MessageKind,
    /// When it left.
    pub sent_at_us: u64,
    /// What became of it.
    pub fate: Fate,
}

/// A message that ended in no event.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseMessage {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// What it is for.
    pub kind: MessageKind,
    /// The event in which it was sent.
    pub cause: Cause,
    /// When it left.
    pub sent_at_us: u64,
    /// When it ended, or will arrive.
    pub end_at_us: u64,
    /// What became of it.
    pub fate: Fate,
    /// The client's request that it was sent for, by its place among the stretch's requests.
    pub request: Option<u16>,
}

/// One event in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Events are numbered from 0.
    pub event: u32,
    /// The event and its effects.
    pub lines: Vec<TextLine>,
    /// What would be done so that it does not happen; or why that cannot be.
    pub without: Result<String, String>,
}

/// What is not to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Without {
    /// The event with this number.
    Event(u32),
    /// This action.
    Action(ActionName),
}

/// A moment since which changes are told.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// True time.
    pub at_us: u64,
    /// How many events had happened and how many actions had been applied, if the run is still the
    /// one in which they were counted. Else the end of the instant is meant.
    pub place: Option<(u32, u32)>,
}

/// What a search has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was searched for.
    pub query: String,
    /// In order; the first few if there are very many.
    pub hits: Vec<Hit>,
    /// How many there are.
    pub total: u32,
    /// How many events have been looked at.
    pub searched: u32,
    /// Whether there is no more to look at.
    pub is_done: bool,
    /// What is wrong with the query, or what was left out, in a sentence.
    pub remark: Option<String>,
}

/// One hit.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// What it belongs to.
    pub step: Step,
    /// True time.
    pub at_us: u64,
}

/// What has changed between two moments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Since when, in true time.
    pub since_us: u64,
    /// In the order of nodes; what concerns no single node comes last.
    pub lines: Vec<ChangeLine>,
    /// How many more there are.
    pub more: u32,
}

/// One change: "S2: votes 1 → 2".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLine {
    /// The node, if it is one's.
    pub node: Option<NodeId>,
    /// What has changed.
    pub what: String,
    /// What it was; nothing if it is new.
    pub before: Option<String>,
    /// What it is; nothing if it is gone.
    pub after: Option<String>,
}
