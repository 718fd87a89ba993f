//! How messages, timers and facts read.

use super::message::{Decided, Fact, Msg, Timer, Why, Writes};
use super::roster::{Night, Wish};
use crate::mechanism::mvcc::Key;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

impl Wish {
    fn text(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Return => "come back",
            Self::Insert => "insert a shift",
            Self::Change => "change",
        }
    }
}

impl Why {
    /// Says it in a word or two.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Changed => "row changed",
            Self::Held(_) => "row held",
            Self::Unlocked => "lost its locks",
            Self::TooOld => "too old",
            Self::Silence => "silence",
            Self::Dangerous(_) => "dangerous",
            Self::Forgotten => "not known",
        }
    }

    /// Says it in a few words.
    pub(super) fn short(self) -> String {
        match self {
            Self::Changed => "row changed since its snapshot".into(),
            Self::Held(holder) => format!("row is {holder}'s"),
            Self::Unlocked => "lost its locks".into(),
            Self::TooOld => "snapshot too old".into(),
            Self::Silence => "a shard was silent".into(),
            Self::Dangerous(it) => {
                format!("dangerous: {} → {} → {}", it.reader, it.pivot, it.writer)
            }
            Self::Forgotten => "not known any more".into(),
        }
    }
}

/// Returns a row in words: whose it is, or what.
pub(super) fn row(key: Key, names: &Names) -> String {
    match key.table % 3 {
        0 => names[NodeId(key.row)].to_string(),
        1 => "extra shift".into(),
        _ => "conflict row".into(),
    }
}

/// Says what is written.
pub(super) fn writes(writes: &Writes, names: &Names) -> String {
    let one = |(key, value): &(Key, Option<u64>)| {
        let to = match (key.table % 3, value) {
            (0, Some(0)) => " off",
            (0, _) => " on",
            (1, None) => " deleted",
            _ => "",
        };
        format!("{}{to}", row(*key, names))
    };
    writes.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Do(_, wish) => match wish {
                Wish::Insert => "insert".into(),
                Wish::Leave | Wish::Return | Wish::Change => wish.text().into(),
            },
            Self::Begin(_) => "begin".into(),
            Self::Began { snapshot, .. } => format!("as of {snapshot}"),
            Self::Read(it) if it.locks => format!("{} locks", it.tx),
            Self::Read(it) => format!("{} reads", it.tx),
            Self::Rows { .. } => "rows".into(),
            Self::Denied { .. } => "denied".into(),
            Self::Rollback(tx) => format!("{tx} ends"),
            Self::Commit { reading, .. } => format!("{} commit?", reading.tx),
            Self::Prepare { reading, .. } => format!("prepare {}", reading.tx),
            Self::Vote { vote: Ok(_), .. } => "yes".into(),
            Self::Vote { vote: Err(_), .. } => "no".into(),
            Self::Decide { tx, stamp: Some(_), .. } => format!("commit {tx}"),
            Self::Decide { tx, stamp: None, .. } => format!("abort {tx}"),
            Self::Applied(_) => "applied".into(),
            Self::InDoubt(tx) => format!("{tx}?"),
            Self::Done { why: None, .. } => "done".into(),
            Self::Done { why: Some(_), .. } => "aborted".into(),
        }
        .chars()
        .take(12)
        .collect()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Do(night, wish) => format!("{}: {}", night.name(), wish.text()),
            Self::Begin(_) => "Begin a transaction".into(),
            Self::Began { tx, snapshot, .. } => format!("{tx} reads as of commit {snapshot}"),
            Self::Read(it) if it.locks => {
                format!("{} reads {} as of {}, for update", it.tx, it.night.name(), it.snapshot)
            }
            Self::Read(it) => format!("{} reads {} as of {}", it.tx, it.night.name(), it.snapshot),
            Self::Rows { tx, rows } => {
                let there = rows.iter().filter(|it| it.value > Some(0));
                let there: Vec<String> = there.map(|it| row(it.key, names)).collect();
                let there = if there.is_empty() { "nobody".into() } else { there.join(", ") };
                format!("For {tx}, on call or inserted: {there}")
            }
            Self::Denied { tx, why } => format!("{tx} cannot have the rows: {}", why.short()),
            Self::Rollback(tx) => format!("{tx} ends without a change"),
            Self::Commit { reading, writes: all, .. } => {
                format!("{} wants to commit: {}", reading.tx, writes(all, names))
            }
            Self::Prepare { reading, writes: all } if all.is_empty() => {
                format!("Prepare {}, which only reads here", reading.tx)
            }
            Self::Prepare { reading, writes: all } => {
                format!("Prepare {}: {}", reading.tx, writes(all, names))
            }
            Self::Vote { tx, vote: Ok(overwrites) } if overwrites.is_empty() => {
                format!("{tx} is prepared")
            }
            Self::Vote { tx, vote: Ok(overwrites) } => {
                let one = |it: &crate::mechanism::mvcc::Overwrite| {
                    format!("{} → {}", it.reader, it.writer)
                };
                let all: Vec<String> = overwrites.iter().map(one).collect();
                format!("{tx} is prepared; overwritten reads: {}", all.join(", "))
            }
            Self::Vote { tx, vote: Err(why) } => format!("{tx} cannot: {}", why.short()),
            Self::Decide { tx, stamp: Some(stamp), .. } => format!("{tx} is commit {stamp}"),
            Self::Decide { tx, stamp: None, .. } => format!("{tx} is aborted"),
            Self::Applied(tx) => format!("{tx} is on disk"),
            Self::InDoubt(tx) => format!("What became of {tx}?"),
            Self::Done { tx, why: None } => format!("{tx} has committed"),
            Self::Done { tx, why: Some(why) } => format!("{tx} is aborted: {}", why.short()),
        }
    }

    fn epoch(&self) -> Option<u64> {
        let tx = match self {
            Self::Do(..) | Self::Begin(_) => return None,
            Self::Began { tx, .. }
            | Self::Rows { tx, .. }
            | Self::Denied { tx, .. }
            | Self::Rollback(tx)
            | Self::Vote { tx, .. }
            | Self::Decide { tx, .. }
            | Self::Applied(tx)
            | Self::InDoubt(tx)
            | Self::Done { tx, .. } => tx,
            Self::Read(reading) | Self::Commit { reading, .. } | Self::Prepare { reading, .. } => {
                &reading.tx
            }
        };
        Some(tx.0)
    }

    fn is_error(&self) -> bool {
        matches!(
            self,
            Self::Denied { .. } | Self::Vote { vote: Err(_), .. } | Self::Done { why: Some(_), .. }
        )
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Do(..)
            | Self::Begin(_)
            | Self::Read(_)
            | Self::Rollback(_)
            | Self::Commit { .. }
            | Self::Prepare { .. }
            | Self::Decide { .. }
            | Self::InDoubt(_) => MessageKind::Request,
            Self::Began { .. }
            | Self::Rows { .. }
            | Self::Denied { .. }
            | Self::Vote { .. }
            | Self::Applied(_)
            | Self::Done { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::Begin(_) | Self::Rollback(_) | Self::Applied(_) | Self::InDoubt(_) => 1,
            Self::Do(..) | Self::Denied { .. } | Self::Done { .. } => 2,
            Self::Began { .. } | Self::Decide { .. } => 3,
            Self::Read(_) => 4,
            Self::Rows { rows, .. } => 1 + 3 * rows.len() as u64,
            Self::Commit { reads, writes, .. } => 4 + (3 * reads.len() + 2 * writes.len()) as u64,
            Self::Prepare { writes, .. } => 4 + 2 * writes.len() as u64,
            Self::Vote { vote, .. } => 2 + 2 * vote.as_ref().map_or(0, Vec::len) as u64,
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Turn => "its turn".into(),
            Self::Late => "ask again".into(),
            Self::Thought => "has thought".into(),
            Self::Again => "try again".into(),
            Self::Look => "look".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Turn => "has its turn by the timetable".into(),
            Self::Late => "has waited long enough for an answer".into(),
            Self::Thought => "has thought about what it has read".into(),
            Self::Again => "tries again".into(),
            Self::Look => "looks at what is under way".into(),
        }
    }
}

impl Fact {
    fn night(&self) -> Option<Night> {
        match self {
            Self::Wants { night, .. }
            | Self::Reads { night, .. }
            | Self::Stays { night, .. }
            | Self::Aborts { night, .. }
            | Self::GivesUp { night, .. } => Some(*night),
            Self::Decides(decided) => Some(decided.night),
            Self::HasDone { .. }
            | Self::Returns
            | Self::Waits { .. }
            | Self::Asks(_)
            | Self::Recovers(_) => None,
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Wants { wish, .. } => format!("wants to {}", wish.text()),
            Self::Reads { on_call, .. } => format!("reads {on_call}"),
            Self::Stays { .. } => "no change".into(),
            Self::Aborts { tx, .. } => format!("{tx} aborts"),
            Self::HasDone { tx, .. } => format!("{tx} done"),
            Self::GivesUp { .. } => "gives up".into(),
            Self::Returns => "is back".into(),
            Self::Decides(it) => format!("commits {}", it.tx),
            Self::Waits { tx, .. } => format!("{tx} waits"),
            Self::Asks(tx) => format!("{tx}?"),
            Self::Recovers(_) => "recovers".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let night = self.night().map_or("", Night::name);
        match self {
            Self::Wants { wish: Wish::Change, .. } => format!("looks at {night}"),
            Self::Wants { wish, .. } => format!("wants to {} on {night}", wish.text()),
            Self::Reads { tx, on_call, shifts, .. } => {
                format!("has read in {tx}, for {night}: {on_call} on call, shifts: {shifts}")
            }
            Self::Stays { .. } => format!("changes nothing on {night}"),
            Self::Aborts { tx, why, .. } => {
                format!("hears that {tx} for {night} is aborted: {}", why.short())
            }
            Self::HasDone { tx, .. } => format!("hears that {tx} has committed"),
            Self::GivesUp { .. } => format!("gives {night} up: it was aborted too often"),
            Self::Returns => "is back, and has forgotten what it was doing".into(),
            Self::Decides(decided) => {
                let Decided { tx, client, writes: all, .. } = &**decided;
                let (client, all) = (&names[*client], writes(all, names));
                format!("commits {tx} of {client} for {night}: {all}")
            }
            Self::Waits { tx, holder } => format!("has {tx} wait for the locks of {holder}"),
            Self::Asks(tx) => format!("asks what became of {tx}"),
            Self::Recovers(open) => format!("is back, with {open} under way"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Reads { tx, .. } | Self::Aborts { tx, .. } | Self::HasDone { tx, .. } => {
                Some(tx.0)
            }
            Self::Decides(it) => Some(it.tx.0),
            Self::Waits { tx, .. } | Self::Asks(tx) => Some(tx.0),
            Self::Wants { .. }
            | Self::Stays { .. }
            | Self::GivesUp { .. }
            | Self::Returns
            | Self::Recovers(_) => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Aborts { .. } | Self::GivesUp { .. })
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::Wants { number, .. } => (number, OperationStep::Begins),
            Self::HasDone { number, .. } => (number, OperationStep::Succeeds),
            Self::Stays { number, .. } => (number, OperationStep::Fails),
            Self::GivesUp { number, .. } => (number, OperationStep::IsAbandoned),
            Self::Reads { .. }
            | Self::Aborts { .. }
            | Self::Returns
            | Self::Decides(_)
            | Self::Waits { .. }
            | Self::Asks(_)
            | Self::Recovers(_) => return None,
        };
        Some(Operation { number: *number, step })
    }
}
