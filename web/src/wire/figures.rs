//! What is counted and measured: figures at the cursor, and the history of clients' operations.

use faultline_core::sim::{Costs, NodeId, OperationStep};
use serde::{Deserialize, Serialize};

/// Figures of the run up to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// What each metric reads at the cursor.
    pub readings: Vec<i64>,
    /// What each node has cost, by identity.
    pub node_costs: Vec<Costs>,
    /// How long the clients' operations that have ended took, in microseconds.
    pub latency: Distribution,
    /// Messages one after the other on the way to their answers: two are a round trip.
    pub hops: Distribution,
    /// What else nodes found to take time, each with its name, in microseconds.
    pub observed: Vec<(String, Distribution)>,
}

/// What two designs cost under one schedule, up to the same moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Both were gone through up to here.
    pub until_us: u64,
    /// Naive, then hardened.
    pub designs: [Spent; 2],
}

/// What a run has cost up to some moment, and how its clients were served.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// What was counted.
    pub costs: Costs,
    /// Operations that were acknowledged.
    pub answered: u64,
    /// Half of those took no longer.
    pub median_us: u64,
    /// 99 of 100 of those took no longer.
    pub p99_us: u64,
    /// The longest that one has taken, whatever came of it, or has been under way.
    pub wait_us: u64,
    /// Messages one after the other on the way to all their answers: two are a round trip.
    pub hops: u64,
    /// So many answers have such a way. One that a sync for somebody else brought has none.
    pub traced: u64,
}

/// Many readings in few numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// How many readings there are.
    pub count: u64,
    /// What they come to.
    pub sum: u64,
    /// Half of them are no larger, to three digits.
    pub median: u64,
    /// 95 of 100 are no larger, to three digits.
    pub p95: u64,
    /// 99 of 100 are no larger, to three digits.
    pub p99: u64,
    /// The largest.
    pub max: u64,
    /// From the first bar that has a reading to the last.
    pub bars: Vec<Bar>,
}

/// A bar of a histogram.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The least value in it.
    pub from: u64,
    /// The least value above it.
    pub to: u64,
    /// How many readings lie in it.
    pub count: u64,
}

/// What the bars of a histogram count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// How long operations took, in microseconds.
    Took,
    /// How many messages one after the other their answers had to wait for.
    Hops,
    /// What nodes found to take time, by its name in [`Figures::observed`]: its place there is another
    /// one wherever another quantity is observed first.
    Observed(String),
}

/// What a bar counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Of which histogram.
    pub measure: Measure,
    /// The least value in the bar.
    pub from: u64,
    /// The least value above it.
    pub to: u64,
    /// How many there are.
    pub total: u64,
    /// The cursor when this was asked.
    pub as_of_us: u64,
    /// The latest of them, latest first.
    pub entries: Vec<ListedEntry>,
}

/// One of those that a bar counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedEntry {
    /// Whose.
    pub node: NodeId,
    /// When an operation began, or when a node found how long something took.
    pub at_us: u64,
    /// How long it took.
    pub took_us: u64,
    /// An operation's number among its client's, and messages one after the other on the way to its
    /// answer, if known.
    pub operation: Option<(u64, Option<u32>)>,
}

/// What clients asked and were told, around the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// The history reaches up to here.
    pub heard_us: u64,
    /// Everybody who has asked something.
    pub clients: Vec<NodeId>,
    /// Operations, in the order in which they began.
    pub operations: Vec<HistoryOperation>,
    /// How many there are in all.
    pub total: u64,
    /// The object as which clients see the system, if the scenario says so.
    pub object: Option<String>,
    /// The verdict, once asked for.
    pub verdict: Option<HistoryFinding>,
}

/// An operation of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryOperation {
    /// Its place in the history.
    pub place: u32,
    /// Whose.
    pub client: NodeId,
    /// When it began.
    pub began_us: u64,
    /// The event in which it began.
    pub began_in: u32,
    /// When it ended and what came of it; `None` if nobody knows.
    pub ended: Option<(u64, OperationStep)>,
    /// What was asked, in words.
    pub asked: String,
    /// What was answered, in words.
    pub answered: Option<String>,
    /// When it takes effect, in the order that was found.
    pub point_us: Option<u64>,
    /// What it has to do with what is impossible.
    pub part: Part,
}

/// What an operation has to do with an impossible stretch of a history.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Nothing.
    #[default]
    None,
    /// It was under way at the same time.
    Concurrent,
    /// Its answer cannot be explained.
    Refused,
}

/// Whether one client at a time could have been told the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFinding {
    /// The history was judged up to here.
    pub judged_us: u64,
    /// So many operations were judged.
    pub operations: u64,
    /// The answer.
    pub answer: HistoryAnswer,
}

/// The answer to whether one client at a time could have been told the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryAnswer {
    /// Yes, as the points show.
    Possible,
    /// No.
    Impossible {
        /// Where the smallest impossible stretch begins.
        from_us: u64,
        /// Where it ends: with an answer that cannot be explained.
        to_us: u64,
        /// The event of that answer.
        event: u32,
        /// Why, in sentences.
        reason: String,
    },
    /// The search was given up before it knew.
    Unknown {
        /// Calls tried.
        steps: u64,
    },
}
