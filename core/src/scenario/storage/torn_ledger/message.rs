//! What clients and replicas say to each other, and how it reads.

use crate::mechanism::ledger::{Block, BlockId, Slot, Transfer};
use crate::sim::{
    Describe, FileError, MessageKind, Names, NodeId, Operation, OperationStep, Payload,
};

/// How many replicas there are: the first nodes.
pub(super) const REPLICAS: u16 = 3;
/// As many, for what there is one of a replica.
pub(super) const COPIES: usize = REPLICAS as usize;
/// The one that makes blocks.
pub(super) const PRIMARY: NodeId = NodeId(0);

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A client asks for a transfer.
    Ask(Transfer),
    /// The client's transfer of this number is acknowledged; it is in the block at this position.
    Done(u32, u64),
    /// The viewer asks a client to transfer so many cents.
    PayNow(u64),
    /// The primary begins a generation, and asks what is there.
    Recover(u64),
    /// What is there, for the generation that asks.
    Inventory(u64, Vec<Slot>),
    /// Blocks, in order.
    Blocks {
        /// In whose name: the generation of the primary that serves, or 0 for a mere copy.
        generation: u64,
        /// Up to here all is acknowledged.
        committed: u64,
        /// The blocks.
        blocks: Vec<Block>,
    },
    /// The primary serves, and its last block is this.
    Beat {
        /// In this generation.
        generation: u64,
        /// The last block, and its position.
        tip: (u64, BlockId),
        /// Up to here all is acknowledged.
        committed: u64,
    },
    /// All up to this position is on disk, of the chain of this generation.
    Kept(u64, u64),
    /// Who has the block at this position: this one, or some from there on?
    Fetch(u64, Option<BlockId>),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A client asks for its next transfer.
    Next,
    /// A client asks again.
    Again,
    /// The primary makes the next block.
    Block,
    /// The primary says where it is, or asks again.
    Beat,
    /// A replica reads some blocks again, and asks for what is bad.
    Scrub,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A client asks for a transfer.
    Asks(Transfer),
    /// It hears that it is acknowledged, in the block at this position.
    Hears(Transfer, u64),
    /// A replica has read its disk.
    Scans {
        /// So many good blocks.
        good: u64,
        /// So many that are bad.
        bad: u64,
        /// So many that were torn off the end.
        torn: u64,
    },
    /// A block that was good is not any more.
    Finds(u64),
    /// A bad block has been written anew from a peer's copy.
    Mends(u64),
    /// All blocks behind this position are cut off: so many.
    Cuts(u64, u64),
    /// The primary cannot know yet what becomes of the block at this position.
    Doubts(u64),
    /// The primary goes on from these blocks, in this generation.
    Opens(u64, Vec<BlockId>),
    /// The primary makes a block.
    Seals(Block),
    /// All up to this position is acknowledged.
    Commits(u64),
    /// From this position on, blocks of these generations are on disk and vouched for.
    Keeps(u64, Vec<u64>),
    /// The disk has failed: nothing more is promised until the replica starts anew.
    Halts(FileError),
}

/// Returns an amount of cents as shown.
pub(super) fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Returns "C2·7: 1.50 from A3 to A1".
fn transfer_text(it: &Transfer) -> String {
    let (from, to) = (it.debit.account + 1, it.credit.account + 1);
    let (client, amount) = (it.client + 1, money(it.debit.amount));
    format!("C{client}·{}: {amount} from A{from} to A{to}", it.number)
}

fn label_of(it: &Transfer) -> String {
    format!("C{}·{}", it.client + 1, it.number)
}

/// Returns "block 3" or "blocks 3 to 5".
fn blocks_text(first: u64, count: u64) -> String {
    match count {
        1 => format!("block {first}"),
        _ => format!("blocks {first} to {}", (first + count).saturating_sub(1)),
    }
}

/// Returns "1 block" or "3 blocks".
fn count_text(count: u64) -> String {
    format!("{count} block{}", if count == 1 { "" } else { "s" })
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Ask(transfer) => label_of(transfer),
            Self::Done(number, _) => format!("done {number}"),
            Self::PayNow(_) => "pay".into(),
            Self::Recover(_) => "what is there".into(),
            Self::Inventory(_, slots) => format!("have {}", slots.len()),
            Self::Blocks { blocks, .. } => match &blocks[..] {
                [block] => format!("block {}", block.position),
                _ => format!("{} blocks", blocks.len()),
            },
            Self::Beat { tip, .. } => format!("at {}", tip.0),
            Self::Kept(_, through) => format!("kept {through}"),
            Self::Fetch(position, _) => format!("block {position}?"),
        }
        .chars()
        .take(12)
        .collect()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Ask(transfer) => format!("transfer {}", transfer_text(transfer)),
            Self::Done(number, position) => {
                format!("transfer {number} is acknowledged, in block {position}")
            }
            Self::PayNow(cents) => format!("pay {} now", money(*cents)),
            Self::Recover(generation) => format!("generation {generation} begins: what is there?"),
            Self::Inventory(_, slots) => {
                let bad = slots.iter().filter(|slot| slot.is_bad()).count();
                format!("{} places, {bad} of them bad", slots.len())
            }
            Self::Blocks { generation, blocks, .. } => {
                let first = blocks.first().map_or(0, |block| block.position);
                let text = blocks_text(first, blocks.len() as u64);
                let whose = if *generation == 0 { "a copy of " } else { "" };
                format!("{whose}{text}")
            }
            Self::Beat { tip, committed, .. } => {
                format!("the last block is {}, acknowledged up to {committed}", tip.0)
            }
            Self::Kept(_, through) => format!("all up to block {through} is on disk"),
            Self::Fetch(position, Some(_)) => format!("who has block {position}?"),
            Self::Fetch(position, None) => format!("what comes from block {position} on?"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Recover(generation)
            | Self::Inventory(generation, _)
            | Self::Blocks { generation, .. }
            | Self::Beat { generation, .. }
            | Self::Kept(generation, _) => Some(*generation).filter(|it| *it > 0),
            Self::Ask(_) | Self::Done(..) | Self::PayNow(_) | Self::Fetch(..) => None,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Done(..) | Self::Inventory(..) | Self::Kept(..) => MessageKind::Reply,
            Self::Beat { .. } => MessageKind::Heartbeat,
            Self::Ask(_)
            | Self::PayNow(_)
            | Self::Recover(_)
            | Self::Blocks { .. }
            | Self::Fetch(..) => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Ask(_) => 1 + 26,
            Self::PayNow(_) | Self::Recover(_) => 1 + 8,
            Self::Done(..) | Self::Kept(..) => 1 + 2 * 8,
            Self::Inventory(_, slots) => 1 + 8 + 13 * slots.len() as u64,
            Self::Blocks { blocks, .. } => 1 + 2 * 8 + 512 * blocks.len() as u64,
            Self::Beat { .. } => 1 + 4 * 8,
            Self::Fetch(..) => 1 + 3 * 8,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Next => "next",
            Self::Again => "again",
            Self::Block => "block",
            Self::Beat => "heartbeat",
            Self::Scrub => "scrub",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Next => "it asks for its next transfer",
            Self::Again => "it has heard nothing and asks again",
            Self::Block => "it makes the next block",
            Self::Beat => "it says where it is",
            Self::Scrub => "it reads some blocks again",
        }
        .into()
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Asks(transfer) => label_of(transfer),
            Self::Hears(transfer, _) => format!("{} done", label_of(transfer)),
            Self::Scans { .. } => "scans".into(),
            Self::Finds(position) => format!("bad {position}"),
            Self::Mends(position) => format!("mends {position}"),
            Self::Cuts(keep, _) => format!("cuts at {keep}"),
            Self::Doubts(position) => format!("doubts {position}"),
            Self::Opens(generation, _) => format!("opens {generation}"),
            Self::Seals(block) => format!("block {}", block.position),
            Self::Commits(through) => format!("commits {through}"),
            Self::Keeps(..) => "keeps".into(),
            Self::Halts(_) => "halts".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Asks(transfer) => format!("asks for {}", transfer_text(transfer)),
            Self::Hears(transfer, position) => {
                format!("hears that {} is acknowledged, in block {position}", label_of(transfer))
            }
            Self::Scans { good, bad, torn } => {
                let bad = if *bad > 0 { format!(", {bad} bad") } else { String::new() };
                let torn = if *torn > 0 { format!(", {torn} torn off") } else { String::new() };
                format!("has read its disk: {} good{bad}{torn}", count_text(*good))
            }
            Self::Finds(position) => format!("finds that block {position} is bad"),
            Self::Mends(position) => format!("mends block {position} from a peer's copy"),
            Self::Cuts(keep, gone) => format!("cuts off {}", blocks_text(keep + 1, *gone)),
            Self::Doubts(position) => {
                format!("cannot tell whether block {position} was torn or has rotted, and asks")
            }
            Self::Opens(generation, chain) => {
                format!("opens generation {generation}, after {}", count_text(chain.len() as u64))
            }
            Self::Seals(block) => match block.transfers.len() {
                0 => format!("makes block {}, which opens its generation", block.position),
                count => format!("makes block {} of {count} transfers", block.position),
            },
            Self::Commits(through) => format!("counts all up to block {through} as acknowledged"),
            Self::Keeps(from, generations) => {
                format!("has {} on disk", blocks_text(*from, generations.len() as u64))
            }
            Self::Halts(error) => {
                let text = error.to_string();
                format!("stops: {}", text.trim_end_matches('.'))
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Opens(generation, _) = self { Some(*generation) } else { None }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Finds(_) | Self::Halts(_))
    }

    fn operation(&self) -> Option<Operation> {
        let (transfer, step) = match self {
            Self::Asks(transfer) => (transfer, OperationStep::Begins),
            Self::Hears(transfer, _) => (transfer, OperationStep::Succeeds),
            Self::Scans { .. }
            | Self::Finds(_)
            | Self::Mends(_)
            | Self::Cuts(..)
            | Self::Doubts(_)
            | Self::Opens(..)
            | Self::Seals(_)
            | Self::Commits(_)
            | Self::Keeps(..)
            | Self::Halts(_) => return None,
        };
        Some(Operation { number: u64::from(transfer.number), step })
    }
}
