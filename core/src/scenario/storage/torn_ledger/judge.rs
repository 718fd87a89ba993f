//! What was agreed on and promised, and what the replicas make of it.

use std::collections::BTreeMap;

use super::message::{COPIES, Fact, PRIMARY, REPLICAS};
use super::node::Node;
use super::replica::Replica;
use crate::mechanism::deeds::Deeds;
use crate::mechanism::ledger::{Accounts, Block, BlockId, Choice, Settings, Slot, choose, scan};
use crate::mechanism::majority::majority;
use crate::sim::{Describe as _, LongList, Names, NodeId, Observer, Violation, World};

/// A block of which a majority had a copy on disk.
#[derive(Clone, Debug, Hash)]
pub(super) struct Agreed {
    /// In which generation it was made.
    pub(super) generation: u64,
    /// Client and number of each of its transfers.
    transfers: Vec<(u16, u32)>,
    /// The digest of all transfers up to here.
    digest: u64,
    /// When it was acknowledged.
    at_us: u64,
    /// When first a client was told, and which.
    told: Option<(u64, NodeId)>,
}

/// What a replica or the primary did to something that was promised.
#[derive(Clone, Debug, Hash)]
struct Loss {
    at_us: u64,
    by: NodeId,
    position: u64,
    told: (u64, NodeId),
}

/// At every so manieth event goals look at the disks.
const LOOK_EVERY: u64 = 32;

/// All that happened to the ledger.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// The ledger, as far as it was acknowledged.
    pub(super) agreed: LongList<Agreed>,
    /// What it adds up to.
    truth: Accounts,
    /// What the primary made, by position and generation.
    made: BTreeMap<(u64, u64), Block>,
    /// The generations of the primary's blocks, from the first position on.
    chain: Vec<u64>,
    /// The generations of the blocks that each replica had on disk and vouched for.
    kept: [LongList<u64>; COPIES],
    /// A block that was cut off where it had been vouched for, although it was acknowledged.
    cut: Option<Loss>,
    /// An acknowledged transfer that the ledger no longer has.
    lost: Option<Loss>,
    /// When each replica last began to read its disk, and whether it has finished.
    started_us: [u64; COPIES],
    /// How long the primary took last to come up again.
    pub(super) recovery_us: u64,
    /// How many blocks were found bad, mended, and cut off.
    pub(super) found: u64,
    pub(super) mended: u64,
    pub(super) cuts: u64,
    /// The last replica that found a block bad, when, and which block.
    pub(super) last_found: Option<(u64, NodeId, u64)>,
    /// How many blocks each found bad.
    pub(super) found_by: [u64; COPIES],
    /// How many each mended.
    pub(super) mended_by: [u64; COPIES],
    /// How many each cut off.
    pub(super) cut_by: [u64; COPIES],
    /// The block that the primary was in doubt of, when that was, and whether it knows by now.
    pub(super) doubt: Option<(u64, u64)>,
    /// How many generations have been opened.
    pub(super) openings: u32,
    /// How many transfers clients were told are acknowledged.
    pub(super) acknowledged: u64,
    /// How many blocks crashes have torn.
    pub(super) torn: u64,
    /// What the replicas did to their copies.
    pub(super) deeds: Deeds,
}

fn place(position: u64) -> usize {
    usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX)
}

impl History {
    fn opens(&mut self, at_us: u64, chain: &[BlockId]) {
        self.chain = chain.iter().map(|id| id.generation).collect();
        self.recovery_us = at_us.saturating_sub(self.started_us[PRIMARY.index()]);
        self.openings += 1;
        let is_other =
            |(agreed, place): &(&Agreed, usize)| self.chain.get(*place) != Some(&agreed.generation);
        let Some((_, first)) = self.agreed.iter().zip(0..).find(is_other) else { return };
        let told = {
            let mut gone = self.agreed.iter_from(first).zip(first as u64 + 1..);
            gone.find_map(|(agreed, position)| Some((position, agreed.told?)))
        };
        if let Some((position, told)) = told {
            self.lost.get_or_insert(Loss { at_us, by: PRIMARY, position, told });
        }
        self.agreed.truncate(first);
        self.truth = Accounts::default();
        for (agreed, position) in self.agreed.iter().zip(1_u64..) {
            if let Some(block) = self.made.get(&(position, agreed.generation)) {
                self.truth.apply(block);
            }
        }
    }

    fn commits(&mut self, at_us: u64, through: u64) {
        for position in self.agreed.len() as u64 + 1..=through {
            let Some(&generation) = self.chain.get(place(position)) else { return };
            let Some(block) = self.made.get(&(position, generation)) else { return };
            self.truth.apply(block);
            self.agreed.push(Agreed {
                generation,
                transfers: block.transfers.iter().map(|it| (it.client, it.number)).collect(),
                digest: self.truth.digest(),
                at_us,
                told: None,
            });
        }
    }

    fn hears(&mut self, at_us: u64, client: NodeId, (asked, position): ((u16, u32), u64)) {
        self.acknowledged += 1;
        match self.agreed.get_mut(place(position)) {
            Some(agreed) if agreed.transfers.contains(&asked) => {
                agreed.told.get_or_insert((at_us, client));
            }
            // It was promised, and gone before the promise arrived.
            _ => {
                let told = (at_us, client);
                self.lost.get_or_insert(Loss { at_us, by: PRIMARY, position, told });
            }
        }
    }

    fn is_cut(&mut self, at_us: u64, by: NodeId, (keep, gone): (u64, u64)) {
        self.cuts += gone;
        self.cut_by[by.index()] += gone;
        let Some(kept) = self.kept.get_mut(by.index()) else { return };
        let broken = {
            let mut vouched = kept.iter_from(place(keep + 1).min(kept.len())).zip(keep + 1..);
            vouched.find_map(|(generation, position)| {
                let agreed = self.agreed.get(place(position))?;
                let told = agreed.told?;
                (agreed.generation == *generation).then_some((position, told))
            })
        };
        if let Some((position, told)) = broken {
            self.cut.get_or_insert(Loss { at_us, by, position, told });
        }
        kept.truncate(place(keep + 1));
    }

    fn keeps(&mut self, by: NodeId, from: u64, generations: &[u64]) {
        if let Some(kept) = self.kept.get_mut(by.index()) {
            kept.truncate(place(from));
            for generation in generations {
                kept.push(*generation);
            }
        }
    }

    fn note(&mut self, (at_us, node): (u64, NodeId), fact: &Fact) {
        self.deeds.push(at_us, node, fact.sentence(&Names::default()));
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        let me = node.index();
        match fact {
            Fact::Scans { bad, torn, .. } => {
                self.started_us[me] = at_us;
                self.torn += torn;
                self.found += bad;
                self.found_by[me] += bad;
                self.note((at_us, node), fact);
            }
            Fact::Finds(position) => {
                self.found += 1;
                self.found_by[me] += 1;
                self.last_found = Some((at_us, node, *position));
                self.note((at_us, node), fact);
            }
            Fact::Mends(_) => {
                self.mended += 1;
                self.mended_by[me] += 1;
                self.note((at_us, node), fact);
            }
            Fact::Cuts(keep, gone) => {
                self.is_cut(at_us, node, (*keep, *gone));
                self.note((at_us, node), fact);
            }
            Fact::Doubts(position) => {
                self.doubt = Some((at_us, *position));
                self.note((at_us, node), fact);
            }
            Fact::Opens(_, chain) => {
                self.opens(at_us, chain);
                self.note((at_us, node), fact);
            }
            Fact::Seals(block) => {
                self.chain.truncate(place(block.position));
                self.chain.push(block.generation);
                self.made.insert((block.position, block.generation), block.clone());
            }
            Fact::Commits(through) => self.commits(at_us, *through),
            Fact::Keeps(from, generations) => self.keeps(node, *from, generations),
            Fact::Hears(it, position) => {
                self.hears(at_us, node, ((it.client, it.number), *position));
            }
            Fact::Halts(_) => self.note((at_us, node), fact),
            Fact::Asks(_) => {}
        }
    }
}

/// Returns a replica, if it is up.
pub(super) fn replica(world: &World<Node>, id: NodeId) -> Option<&Replica> {
    world.process(id)?.replica()
}

/// Returns the replicas that are up.
pub(super) fn replicas(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Replica)> {
    NodeId::first(REPLICAS).filter_map(|id| Some((id, replica(world, id)?)))
}

fn names(world: &World<Node>, loss: &Loss, what: &str) -> Violation {
    let (by, client) = (&world.names()[loss.by], &world.names()[loss.told.1]);
    let reason = format!("{by} {what} block {}, acknowledged to {client}", loss.position);
    Violation::new(reason, [loss.by, loss.told.1]).of([loss.told, (loss.at_us, loss.by)])
}

/// What clients were told is in the ledger stays there.
pub(super) fn promises_are_kept(world: &World<Node>, it: &History) -> Result<(), Violation> {
    it.lost.as_ref().map_or(Ok(()), |loss| Err(names(world, loss, "goes on without")))
}

/// No replica cuts off what it had vouched for and what was acknowledged.
pub(super) fn nothing_acknowledged_is_cut(
    world: &World<Node>,
    it: &History,
) -> Result<(), Violation> {
    it.cut.as_ref().map_or(Ok(()), |loss| Err(names(world, loss, "cuts off")))
}

/// What a replica has applied is what was agreed on, transfer by transfer.
pub(super) fn what_is_applied_was_agreed_on(
    world: &World<Node>,
    it: &History,
) -> Result<(), Violation> {
    for (id, replica) in replicas(world) {
        let applied = replica.accounts.applied();
        let Some(agreed) = applied.checked_sub(1).and_then(|_| it.agreed.get(place(applied)))
        else {
            continue;
        };
        if agreed.digest != replica.accounts.digest() {
            let name = &world.names()[id];
            let reason = format!(
                "{name} has applied {applied} blocks, and they are not the {applied} that were agreed on"
            );
            let moments = [(agreed.at_us, PRIMARY), (world.now_us(), id)];
            return Err(Violation::new(reason, [id]).of(moments));
        }
    }
    Ok(())
}

/// On every replica the balances add up to nothing.
pub(super) fn debits_equal_credits(world: &World<Node>, _: &History) -> Result<(), Violation> {
    for (id, replica) in replicas(world) {
        let sum = replica.accounts.sum();
        if sum != 0 {
            let reason = format!(
                "on {} the balances add up to {sum} cents, not to nothing",
                &world.names()[id]
            );
            return Err(Violation::new(reason, [id]).of([(world.now_us(), id)]));
        }
    }
    Ok(())
}

/// Goals look at every block of every disk. Nothing changes so fast that each event needs that.
fn is_time_to_look(world: &World<Node>) -> bool {
    world.costs().events.is_multiple_of(LOOK_EVERY)
}

/// Returns what each disk holds, for one who believes nothing without its sum and place.
fn disks(world: &World<Node>) -> Vec<Vec<Slot>> {
    let segment_blocks = super::SEGMENT_BLOCKS;
    let settings = Settings { is_summed: true, is_placed: true, segment_blocks };
    let slots = |id| scan(world.disk(id), settings).map(|it| it.slots).unwrap_or_default();
    NodeId::first(REPLICAS).map(slots).collect()
}

/// Returns true if the disks themselves, all three together, do not tell what the ledger is: what was
/// acknowledged and is lost on all of them no design brings back, and the right one stops.
fn is_past_mending(disks: &[Vec<Slot>], agreed: usize) -> bool {
    let copies: Vec<Option<&[Slot]>> = disks.iter().map(|it| Some(&it[..])).collect();
    let has =
        |place: usize| disks.iter().any(|it| it.get(place).is_some_and(|slot| !slot.is_bad()));
    matches!(choose(&copies, majority(u32::from(REPLICAS)) as usize), Choice::Wait(_))
        || !(0..agreed).all(has)
}

/// The primary takes transfers and acknowledges them.
pub(super) fn serves(world: &World<Node>, it: &History) -> bool {
    replica(world, PRIMARY).is_some_and(Replica::serves)
        || is_time_to_look(world) && is_past_mending(&disks(world), it.agreed.len())
}

/// Every disk has all that is acknowledged, and nothing bad.
pub(super) fn all_are_whole(world: &World<Node>, it: &History) -> bool {
    if !is_time_to_look(world) {
        return false;
    }
    let (disks, agreed) = (disks(world), it.agreed.len());
    let is_there = |(agreed, slot): (&Agreed, &Slot)| matches!(slot, Slot::Good(id) if id.generation == agreed.generation);
    let is_whole =
        |slots: &Vec<Slot>| slots.len() >= agreed && it.agreed.iter().zip(slots).all(is_there);
    it.acknowledged > 0 && disks.iter().all(is_whole) || is_past_mending(&disks, agreed)
}

/// An operator wants to know of every disk that goes bad.
pub(super) fn all_that_is_read_is_good(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some((at_us, id, position)) = it.last_found else { return Ok(()) };
    let reason = format!("{} reads block {position} again, and it is bad", &world.names()[id]);
    Err(Violation::new(reason, [id]).of([(at_us, id)]))
}

/// An operator wants to know when nothing is acknowledged.
pub(super) fn takes_transfers(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let waits = replica(world, PRIMARY).and_then(|it| it.primary.as_ref()?.doubt);
    let Some(position) = waits else { return Ok(()) };
    let at_us = it.doubt.map_or(0, |(at_us, _)| at_us);
    let reason = format!("S1 waits: too few say what became of block {position}");
    Err(Violation::new(reason, [PRIMARY]).of([(at_us, PRIMARY)]))
}

/// Returns true if a bad block was mended.
pub(super) fn was_mended(_: &World<Node>, it: &History) -> bool {
    it.mended > 0
}
