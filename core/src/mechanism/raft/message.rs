//! What servers say to each other, what their timers are called, and what they remember of it.

use std::rc::Rc;

use super::log::{Command, Conflict, Content, Entry, Index, Position, Term};
use super::stable::Snapshot;
use crate::sim::{Describe, MessageKind, Names, NodeId, Payload};

/// What servers say to each other. A server that hears of a higher term joins it (§5.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message<C> {
    /// "Could I win an election in this term?" Binds nobody, so nobody joins the term for it.
    RequestPreVote {
        /// The term in which the sender would stand.
        term: Term,
        /// Where its log ends.
        last: Position,
    },
    /// The answer to it.
    PreVote {
        /// The term asked about if granted, else the sender's own.
        term: Term,
        /// Whether the sender would vote so.
        granted: bool,
    },
    /// "Vote for me" (`RequestVote` of Figure 2).
    RequestVote {
        /// The candidate's term.
        term: Term,
        /// Where its log ends.
        last: Position,
    },
    /// The answer to it.
    Vote {
        /// The voter's term.
        term: Term,
        /// Whether the candidate has the vote.
        granted: bool,
    },
    /// "Append this to your log"; without entries, "I lead" (`AppendEntries` of Figure 2).
    AppendEntries {
        /// The leader's term.
        term: Term,
        /// The entry that the new ones follow.
        previous: Position,
        /// The new ones.
        entries: Vec<Entry<C>>,
        /// How far the leader's log is committed.
        commit: Index,
    },
    /// "My log is as yours up to here, on disk."
    Appended {
        /// The follower's term.
        term: Term,
        /// The last entry known to be equal.
        matched: Index,
    },
    /// "My log has not the entry that these follow", or "you no longer lead".
    Refused {
        /// The follower's term.
        term: Term,
        /// The place of the entry that it was to follow.
        previous: Index,
        /// Where the logs depart, as far as the follower can tell; `None` if the sender's term is
        /// over, so that its log does not matter.
        conflict: Option<Conflict>,
    },
    /// "This is what your next entries led to" (`InstallSnapshot` of Figure 13).
    InstallSnapshot {
        /// The leader's term.
        term: Term,
        /// The state, instead of the entries.
        snapshot: Rc<Snapshot>,
    },
    /// "Do I still lead?", on behalf of reads (thesis §6.4).
    Confirm {
        /// The leader's term.
        term: Term,
        /// The how-manieth time in its term.
        round: u64,
    },
    /// "You do, as far as I know."
    Confirmed {
        /// The follower's term.
        term: Term,
        /// Which question this answers.
        round: u64,
    },
}

impl<C> Message<C> {
    /// Returns the term that the receiver must join if it is behind; `None` for a mere question.
    pub(super) fn binding_term(&self) -> Option<Term> {
        match self {
            Self::RequestPreVote { .. } | Self::PreVote { granted: true, .. } => None,
            Self::PreVote { granted: false, term }
            | Self::RequestVote { term, .. }
            | Self::Vote { term, .. }
            | Self::AppendEntries { term, .. }
            | Self::Appended { term, .. }
            | Self::Refused { term, .. }
            | Self::InstallSnapshot { term, .. }
            | Self::Confirm { term, .. }
            | Self::Confirmed { term, .. } => Some(*term),
        }
    }
}

impl<C: Command> Describe for Message<C> {
    fn label(&self) -> String {
        match self {
            Self::RequestPreVote { term, .. } => format!("pre? {term}"),
            Self::PreVote { granted: true, .. } => "pre yes".into(),
            Self::PreVote { granted: false, .. } => "pre no".into(),
            Self::RequestVote { term, .. } => format!("vote? {term}"),
            Self::Vote { granted: true, .. } => "vote yes".into(),
            Self::Vote { granted: false, .. } => "vote no".into(),
            Self::AppendEntries { entries, .. } if entries.is_empty() => "beat".into(),
            Self::AppendEntries { previous, .. } => format!("append {}", previous.index + 1),
            Self::Appended { matched, .. } => format!("ok {matched}"),
            Self::Refused { previous, .. } => format!("no {previous}"),
            Self::InstallSnapshot { snapshot, .. } => format!("snap {}", snapshot.last.index),
            Self::Confirm { .. } => "lead?".into(),
            Self::Confirmed { .. } => "lead yes".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        let end = |last: &Position| format!("log ends at {} of term {}", last.index, last.term);
        match self {
            Self::RequestPreVote { term, last } => {
                format!("RequestPreVote for term {term}, {}", end(last))
            }
            Self::PreVote { term, granted: true } => format!("PreVote granted for term {term}"),
            Self::PreVote { term, granted: false } => format!("PreVote refused, term {term}"),
            Self::RequestVote { term, last } => {
                format!("RequestVote term {term}, {}", end(last))
            }
            Self::Vote { term, granted: true } => format!("Vote granted, term {term}"),
            Self::Vote { term, granted: false } => format!("Vote refused, term {term}"),
            Self::AppendEntries { term, previous, entries, commit } => {
                let what = match entries.as_slice() {
                    [] => format!("no entries after {}", previous.index),
                    [_] => format!("entry {}", previous.index + 1),
                    many => {
                        let first = previous.index + 1;
                        format!("entries {first} to {}", previous.index + many.len() as Index)
                    }
                };
                format!("AppendEntries term {term}, {what}, committed to {commit}")
            }
            Self::Appended { term, matched } => {
                format!("Appended up to {matched}, on disk, term {term}")
            }
            Self::Refused { term, previous, conflict } => match conflict {
                None => format!("AppendEntries refused, term {term} has begun"),
                Some(Conflict { term: None, .. }) => {
                    format!("AppendEntries refused, no entry {previous} here, term {term}")
                }
                Some(Conflict { term: Some(other), .. }) => format!(
                    "AppendEntries refused, entry {previous} is of term {other} here, term {term}"
                ),
            },
            Self::InstallSnapshot { term, snapshot } => {
                format!("InstallSnapshot term {term}, entries up to {}", snapshot.last.index)
            }
            Self::Confirm { term, round } => format!("Do I lead term {term}? Round {round}"),
            Self::Confirmed { term, round } => format!("Term {term} goes on, round {round}"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        // The term that a pre-vote asks about has not begun.
        self.binding_term()
    }

    fn is_error(&self) -> bool {
        matches!(
            self,
            Self::PreVote { granted: false, .. }
                | Self::Vote { granted: false, .. }
                | Self::Refused { .. }
        )
    }
}

impl<C: Command> Payload for Message<C> {
    fn kind(&self) -> MessageKind {
        match self {
            Self::AppendEntries { entries, .. } if entries.is_empty() => MessageKind::Heartbeat,
            Self::RequestPreVote { .. }
            | Self::RequestVote { .. }
            | Self::AppendEntries { .. }
            | Self::InstallSnapshot { .. }
            | Self::Confirm { .. } => MessageKind::Request,
            Self::PreVote { .. }
            | Self::Vote { .. }
            | Self::Appended { .. }
            | Self::Refused { .. }
            | Self::Confirmed { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::RequestPreVote { .. } | Self::RequestVote { .. } => 1 + 3 * 8,
            Self::PreVote { .. } | Self::Vote { .. } => 1 + 8 + 1,
            Self::AppendEntries { entries, .. } => {
                let carried = |entry: &Entry<C>| match &entry.content {
                    Content::Blank => 0,
                    Content::Command(command) => command.bytes(),
                    Content::Members(members) => 8 * members.len() as u64,
                };
                1 + 4 * 8 + entries.iter().map(|entry| 8 + carried(entry)).sum::<u64>()
            }
            Self::Appended { .. } | Self::Confirm { .. } | Self::Confirmed { .. } => 1 + 2 * 8,
            Self::InstallSnapshot { snapshot, .. } => {
                1 + 3 * 8 + 8 * snapshot.members.len() as u64 + snapshot.state.len() as u64
            }
            Self::Refused { .. } => 1 + 4 * 8,
        }
    }
}

/// What a server waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// As a follower or candidate: no leader has spoken for too long.
    Election,
    /// As a leader: time to speak.
    Heartbeat,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Election => "election".into(),
            Self::Heartbeat => "heartbeat".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Election => "election timeout".into(),
            Self::Heartbeat => "heartbeat is due".into(),
        }
    }
}

/// Why a leader no longer leads.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// It heard of a higher term.
    HigherTerm,
    /// It has not heard from a majority for an election timeout.
    NoMajority,
    /// Its host, which decides who leads, says so.
    Host,
    /// It is no member any more, and that is committed.
    Removed,
}

/// A turn in the life of a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Asks whether it could win.
    Probes {
        /// The term in which it would stand.
        term: Term,
    },
    /// Stands for election.
    Stands {
        /// In this term.
        term: Term,
    },
    /// Gives its vote.
    Votes {
        /// In this term.
        term: Term,
        /// To whom.
        candidate: NodeId,
    },
    /// Refuses its vote.
    Denies {
        /// In this term.
        term: Term,
        /// To whom.
        candidate: NodeId,
        /// Whether because the candidate's log is behind; otherwise the vote is already given.
        is_behind: bool,
    },
    /// Becomes leader.
    Leads {
        /// Of this term.
        term: Term,
    },
    /// Accepts a leader.
    Follows {
        /// In this term.
        term: Term,
        /// Whom.
        leader: NodeId,
    },
    /// Leads no longer.
    StepsDown {
        /// The term in which it led.
        term: Term,
        /// Why.
        why: Why,
    },
    /// Counts entries as committed, as leader.
    Commits {
        /// Up to this place.
        index: Index,
    },
    /// Drops entries that its leader does not have.
    Drops {
        /// The first of them.
        first: Index,
        /// The last of them.
        last: Index,
    },
    /// Keeps a snapshot instead of the entries up to this place.
    Compacts {
        /// The last entry that it stands for.
        index: Index,
    },
    /// Takes its leader's snapshot for the entries up to this place.
    Installs {
        /// The last entry that it stands for.
        index: Index,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Probes { .. } => "probes".into(),
            Self::Stands { .. } => "stands".into(),
            Self::Votes { .. } => "votes".into(),
            Self::Denies { .. } => "denies".into(),
            Self::Leads { .. } => "leads".into(),
            Self::Follows { .. } => "follows".into(),
            Self::StepsDown { .. } => "steps down".into(),
            Self::Commits { .. } => "commits".into(),
            Self::Drops { .. } => "drops".into(),
            Self::Compacts { .. } => "compacts".into(),
            Self::Installs { .. } => "installs".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Probes { term } => format!("asks who would vote for it in term {term}"),
            Self::Stands { term } => format!("stands for election in term {term}"),
            Self::Votes { term, candidate } => {
                format!("votes for {} in term {term}", &names[*candidate])
            }
            Self::Denies { term, candidate, is_behind: true } => {
                format!("denies {} its vote in term {term}: its log is behind", &names[*candidate])
            }
            Self::Denies { term, candidate, is_behind: false } => {
                format!("denies {} its vote in term {term}: it is given", &names[*candidate])
            }
            Self::Leads { term } => format!("becomes leader of term {term}"),
            Self::Follows { term, leader } => {
                format!("follows {} in term {term}", &names[*leader])
            }
            Self::StepsDown { term, why } => {
                let why = match why {
                    Why::HigherTerm => "a higher term has begun",
                    Why::NoMajority => "it has not heard from a majority",
                    Why::Host => "its right to lead has ended",
                    Why::Removed => "it is no member any more",
                };
                format!("leads term {term} no longer: {why}")
            }
            Self::Commits { index } => format!("counts entries up to {index} as committed"),
            Self::Drops { first, last } if first == last => {
                format!("drops entry {first}, which its leader does not have")
            }
            Self::Drops { first, last } => {
                format!("drops entries {first} to {last}, which its leader does not have")
            }
            Self::Compacts { index } => format!("keeps a snapshot for the entries up to {index}"),
            Self::Installs { index } => {
                format!("takes its leader's snapshot for the entries up to {index}")
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Stands { term }
            | Self::Votes { term, .. }
            | Self::Denies { term, .. }
            | Self::Leads { term }
            | Self::Follows { term, .. }
            | Self::StepsDown { term, .. } => Some(*term),
            // It asks about a term that has not begun.
            Self::Probes { .. }
            | Self::Commits { .. }
            | Self::Drops { .. }
            | Self::Compacts { .. }
            | Self::Installs { .. } => None,
        }
    }
}
