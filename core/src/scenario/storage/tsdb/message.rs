//! What thermometers, the store and the dashboard say to each other, and how it reads.

use std::rc::Rc;

use crate::mechanism::time_series::{Answer, Point, Query, Refusal, StoreError, What};
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// Who keeps the points.
pub(super) const STORE: NodeId = NodeId(0);
/// Who asks for them.
pub(super) const DASHBOARD: NodeId = NodeId(1);
/// The first thermometer.
pub(super) const FIRST: NodeId = NodeId(2);

/// Returns what a thermometer is called whose series has this number.
pub(super) fn thermometer(series: u16) -> String {
    format!("T{}", series + 1)
}

/// Returns a reading in words.
pub(super) fn reading(bits: u64) -> String {
    let value = f64::from_bits(bits);
    // Nobody reads a thermometer as minus nothing.
    if value.is_nan() { "no reading".into() } else { format!("{} °C", value + 0.0) }
}

/// Returns how many there are of something, in words.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// The times of points that were not taken, and why.
pub(super) type Refused = Rc<[(u64, Refusal)]>;

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A thermometer sends readings; the number tells its batch from its others.
    Write(u32, Rc<[Point]>),
    /// The store has taken that batch, but for these.
    Taken(u32, Refused),
    /// The store has not, or does not know; it is to be sent again.
    NotTaken(u32, StoreError),
    /// The dashboard asks.
    Ask(u32, Query),
    /// The store answers.
    Answer(u32, Rc<Answer>),
    /// The store does not.
    NoAnswer(u32, StoreError),
    /// The viewer has the dashboard ask.
    AskNow(What),
    /// The viewer has a thermometer read so many degrees.
    Read(i64),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A thermometer reads, or the dashboard asks.
    Next,
    /// Who waits for an answer has waited long enough.
    GiveUp,
    /// The store reads the next block for a query.
    ReadOn,
    /// The store opens its files again, or tries again what had no room.
    Again,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A thermometer sends a batch for the first time.
    Sends(u32, Rc<[Point]>),
    /// It sends it again.
    SendsAgain(u32),
    /// It hears that its batch is kept, but for these.
    IsTold(u32, Refused),
    /// It has no room for so many readings, and forgets them.
    Drops(u32),
    /// The dashboard asks.
    Asks(u32, Query),
    /// It has its answer.
    Gets(u32, Query, Rc<Answer>),
    /// It hears that there is none.
    IsRefused(u32, StoreError),
    /// It waits no longer.
    GivesUp(u32),
    /// The store serves, with points up to this time.
    Serves(Option<u64>),
    /// The store cannot be opened.
    Refuses(StoreError),
    /// A sync has failed.
    SyncFailed,
    /// A shard is sealed: its number, points and bits.
    Seals(u64, u64, u64),
    /// What is too old is forgotten: from this time on it is kept.
    Forgets(u64),
}

fn why(error: &StoreError) -> String {
    if *error == StoreError::Busy {
        return "the store is not open yet".into();
    }
    error.to_string().trim_end_matches('.').to_owned()
}

fn asked(query: Query) -> String {
    let what = match query.what {
        What::Points => "points",
        What::Rollups => "rollups",
    };
    let of = thermometer(query.series);
    format!("{what} of {of} from {} ms to before {} ms", query.from, query.to)
}

fn answered(answer: &Answer) -> String {
    let found = if answer.rollups.is_empty() {
        count(answer.points.len(), "point")
    } else {
        count(answer.rollups.len(), "rollup")
    };
    let blocks = count(answer.blocks as usize, "block");
    format!("{found}, all from {} ms on, out of {blocks}", answer.covers_from)
}

fn refused(refused: &[(u64, Refusal)]) -> String {
    let late = refused.iter().filter(|(_, why)| *why == Refusal::TooLate).count();
    match (late, refused.len() - late) {
        (0, 0) => "kept".into(),
        (late, 0) => format!("kept but for {late} that came too late"),
        (late, other) => format!("kept but for {late} that came too late, {other} that contradict"),
    }
}

fn sent(points: &[Point]) -> String {
    let of = |point: Option<&Point>| {
        point.map_or_else(String::new, |it| format!("{} at {} ms", reading(it.bits), it.at))
    };
    format!("{}: {} … {}", count(points.len(), "reading"), of(points.first()), of(points.last()))
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Write(_, points) => count(points.len(), "reading"),
            Self::Taken(_, refused) if refused.is_empty() => "kept".into(),
            Self::Taken(_, refused) => format!("{} too late", refused.len()),
            Self::NotTaken(..) => "send again".into(),
            Self::Ask(_, Query { what: What::Points, .. }) | Self::AskNow(What::Points) => {
                "points?".into()
            }
            Self::Ask(..) | Self::AskNow(_) => "rollups?".into(),
            Self::Answer(_, answer) if answer.rollups.is_empty() => {
                count(answer.points.len(), "point")
            }
            Self::Answer(_, answer) => count(answer.rollups.len(), "rollup"),
            Self::NoAnswer(..) => "no answer".into(),
            Self::Read(degrees) => format!("{degrees} °C"),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Write(number, points) => format!("batch {number}, {}", sent(points)),
            Self::Taken(number, these) => format!("batch {number} is {}", refused(these)),
            Self::NotTaken(number, error) => {
                format!("batch {number} is to be sent again: {}", why(error))
            }
            Self::Ask(number, query) => format!("question {number}: {}", asked(*query)),
            Self::Answer(number, answer) => {
                format!("answer to question {number}: {}", answered(answer))
            }
            Self::NoAnswer(number, error) => {
                format!("no answer to question {number}: {}", why(error))
            }
            Self::AskNow(What::Points) => "ask for points now".into(),
            Self::AskNow(What::Rollups) => "ask for rollups now".into(),
            Self::Read(degrees) => format!("read {degrees} °C now"),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::NotTaken(..) | Self::NoAnswer(..))
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Write(..) | Self::Ask(..) | Self::AskNow(_) | Self::Read(_) => {
                MessageKind::Request
            }
            Self::Taken(..) | Self::NotTaken(..) | Self::Answer(..) | Self::NoAnswer(..) => {
                MessageKind::Reply
            }
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Write(_, points) => 1 + 8 + 2 * 8 * points.len() as u64,
            Self::Taken(_, refused) => 1 + 8 + 8 * refused.len() as u64,
            Self::Answer(_, answer) => {
                1 + 2 * 8 + 2 * 8 * answer.points.len() as u64 + 6 * 8 * answer.rollups.len() as u64
            }
            Self::Ask(..) => 1 + 5 * 8,
            Self::NotTaken(..) | Self::NoAnswer(..) | Self::AskNow(_) | Self::Read(_) => 1 + 8,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Next => "next".into(),
            Self::GiveUp => "give up".into(),
            Self::ReadOn => "read on".into(),
            Self::Again => "again".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Next => "it is time for the next".into(),
            Self::GiveUp => "it has waited long enough".into(),
            Self::ReadOn => "the next block is read".into(),
            Self::Again => "it tries again".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Sends(_, points) => count(points.len(), "reading"),
            Self::SendsAgain(_) => "sends again".into(),
            Self::IsTold(_, refused) if refused.is_empty() => "kept".into(),
            Self::IsTold(_, refused) => format!("{} too late", refused.len()),
            Self::Drops(_) => "no room".into(),
            Self::Asks(..) => "asks".into(),
            Self::Gets(..) => "gets".into(),
            Self::IsRefused(..) => "no answer".into(),
            Self::GivesUp(_) => "gives up".into(),
            Self::Serves(_) => "serves".into(),
            Self::Refuses(_) => "refuses".into(),
            Self::SyncFailed => "sync failed".into(),
            Self::Seals(number, ..) => format!("seals {number}"),
            Self::Forgets(_) => "forgets".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Sends(number, points) => format!("sends batch {number}, {}", sent(points)),
            Self::SendsAgain(number) => format!("sends batch {number} again"),
            Self::IsTold(number, these) => {
                format!("hears that batch {number} is {}", refused(these))
            }
            Self::Drops(readings) => {
                format!("has no room for {}", count(*readings as usize, "reading"))
            }
            Self::Asks(number, query) => format!("asks question {number}: {}", asked(*query)),
            Self::Gets(number, _, answer) => format!("gets answer {number}: {}", answered(answer)),
            Self::IsRefused(number, error) => {
                format!("gets no answer to question {number}: {}", why(error))
            }
            Self::GivesUp(number) => format!("waits no longer for answer {number}"),
            Self::Serves(None) => "serves, and is empty".into(),
            Self::Serves(Some(newest)) => format!("serves, with points up to {newest} ms"),
            Self::Refuses(error) => format!("does not open: {}", why(error)),
            Self::SyncFailed => "hears that a sync failed, and takes no more points".into(),
            Self::Seals(number, points, bits) => {
                format!("has sealed shard {number}: {points} points in {} bytes", bits.div_ceil(8))
            }
            Self::Forgets(kept_from) => format!("keeps what is from {kept_from} ms on"),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::SyncFailed | Self::Refuses(_) | Self::Drops(_))
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::Sends(number, _) | Self::Asks(number, _) => (*number, OperationStep::Begins),
            Self::IsTold(number, _) | Self::Gets(number, ..) => (*number, OperationStep::Succeeds),
            Self::IsRefused(number, _) => (*number, OperationStep::Fails),
            Self::GivesUp(number) => (*number, OperationStep::IsAbandoned),
            Self::SendsAgain(_)
            | Self::Drops(_)
            | Self::Serves(_)
            | Self::Refuses(_)
            | Self::SyncFailed
            | Self::Seals(..)
            | Self::Forgets(_) => return None,
        };
        Some(Operation { number: u64::from(number), step })
    }
}
