//! What the primary does besides: it recovers what a majority has, makes blocks, and acknowledges them.

use std::collections::VecDeque;

use super::message::{COPIES, Fact, Msg, PRIMARY, REPLICAS, Timer};
use super::node::Node;
use super::replica::{BATCH, Replica, peers};
use crate::mechanism::ledger::{
    Accounts, Block, BlockId, Choice, Ledger, MOST_TRANSFERS, Slot, Transfer, choose,
};
use crate::mechanism::majority::majority;
use crate::sim::{Cx, NodeId};

/// How often it says where it is, or asks again.
const BEAT_US: u64 = 40_000;

/// What makes a replica the primary.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Primary {
    /// The block that opened its generation; none as long as it does not know what it goes on from.
    pub(super) opening: Option<u64>,
    /// The others have been asked what they hold.
    has_asked: bool,
    /// What the others hold, as they have said.
    inventories: [Option<Vec<Slot>>; COPIES],
    /// What it goes on from, as far as it lacks any of it.
    wanted: Vec<BlockId>,
    /// The block that is in doubt.
    pub(super) doubt: Option<u64>,
    /// Up to where each has its blocks on disk.
    pub(super) kept: [u64; COPIES],
    /// What waits for the next block.
    queue: VecDeque<Transfer>,
    /// What the ledger adds up to with all that is not acknowledged yet.
    drafts: Accounts,
    /// Blocks that are not acknowledged yet.
    drafted: VecDeque<Block>,
}

impl Replica {
    /// Returns true if it is the primary and knows what it goes on from.
    pub(super) fn is_open(&self) -> bool {
        self.primary.as_ref().is_some_and(|it| it.opening.is_some())
    }

    /// Returns true if it is the primary and acknowledges transfers.
    pub(super) fn serves(&self) -> bool {
        let opening = self.primary.as_ref().and_then(|it| it.opening);
        opening.is_some_and(|opening| self.committed >= opening)
    }

    /// Returns true if its generation is on disk: no other life of it has this one.
    fn has_kept_generation(&self, ledger: &Ledger) -> bool {
        ledger.durable_generation() >= self.generation
    }

    /// Returns a block that it made and that is not acknowledged yet.
    pub(super) fn draft(&self, position: u64) -> Option<Block> {
        self.primary.as_ref()?.drafted.iter().find(|it| it.position == position).cloned()
    }

    /// Returns true if it goes on from this block.
    pub(super) fn wants(&self, position: u64, id: BlockId) -> bool {
        let place = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX);
        self.primary.as_ref().is_some_and(|it| it.wanted.get(place) == Some(&id))
    }

    pub(super) fn on_inventory(
        &mut self,
        from: NodeId,
        (generation, slots): (u64, Vec<Slot>),
        cx: &mut Cx<'_, Node>,
    ) {
        if generation > self.generation && !self.is_open() {
            // It had forgotten some: the one that it begins is later than all that anybody has heard of,
            // and nobody hears of it before it is on disk.
            self.primary = Some(Primary::default());
            return self.enter(generation + 1, cx);
        }
        if let Some(primary) = self.primary.as_mut().filter(|_| generation == self.generation)
            && let Some(place) = primary.inventories.get_mut(from.index())
        {
            *place = Some(slots);
            self.recover(cx);
        }
    }

    /// Finds out what to go on from, gets it, and opens the generation when it is all on disk.
    fn recover(&mut self, cx: &mut Cx<'_, Node>) {
        if self.is_open() || !self.is_ready {
            return;
        }
        if self.config.asks_quorum && !self.agree(cx) {
            return;
        }
        let Some(ledger) = self.ledger.as_ref().filter(|it| !it.is_settling()) else { return };
        let wanted = self.primary.as_ref().map_or(&[][..], |it| &it.wanted);
        let missing = (ledger.len() + 1..).zip(wanted.iter().skip(ledger.slots().len()));
        let missing: Vec<_> = missing.take(BATCH).map(|(at, id)| (at, *id)).collect();
        let is_whole = missing.is_empty() && ledger.sound() == ledger.len();
        for (position, id) in missing {
            peers(PRIMARY).for_each(|peer| cx.send(peer, Msg::Fetch(position, Some(id))));
        }
        self.ask_for_bad(cx);
        if is_whole {
            self.open(cx);
        }
    }

    /// Asks what a majority holds and makes its own copy fit; false as long as that is not known or has
    /// to be cut first.
    fn agree(&mut self, cx: &mut Cx<'_, Node>) -> bool {
        let (Some(ledger), Some(primary)) = (&mut self.ledger, &mut self.primary) else {
            return false;
        };
        let mut copies: Vec<Option<&[Slot]>> =
            primary.inventories.iter().map(|it| it.as_deref()).collect();
        copies[PRIMARY.index()] = Some(ledger.slots());
        let ids = match choose(&copies, majority(u32::from(REPLICAS)) as usize) {
            Choice::Chain(ids) => ids,
            Choice::Wait(doubt) => {
                if let Some(position) = doubt.filter(|_| doubt != primary.doubt) {
                    cx.record(Fact::Doubts(position));
                }
                primary.doubt = doubt.or(primary.doubt);
                return false;
            }
        };
        primary.doubt = None;
        let differs = |(slot, id): (&Slot, &BlockId)| slot.id().is_some_and(|it| it != *id);
        let differing = ledger.slots().iter().zip(&ids).position(differs);
        let keep = differing.unwrap_or(ids.len()) as u64;
        for (position, id) in (1..=keep.min(ledger.len())).zip(&ids) {
            if ledger.slot(position) == Some(Slot::Bad(None)) {
                ledger.expect(position, *id);
            }
        }
        let is_longer = ledger.len() > keep;
        primary.wanted = ids;
        if is_longer && !ledger.is_settling() {
            self.cut(keep, cx);
        }
        !is_longer
    }

    /// Begins to serve: the first block of a generation says nothing, and vouches for all before it.
    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(ledger) = &self.ledger else { return };
        let end = ledger.len();
        let chain: Vec<BlockId> = ledger.slots().iter().filter_map(|slot| slot.id()).collect();
        let mut drafts = Accounts::default();
        for position in 1..=end {
            let Some(block) = self.read(position, cx) else { return };
            drafts.apply(&block);
        }
        let generation = self.generation;
        if let Some(primary) = &mut self.primary {
            primary.opening = Some(end + 1);
            primary.drafts = drafts;
            primary.wanted.clear();
        }
        cx.record(Fact::Opens(generation, chain));
        self.seal(Vec::new(), cx);
    }

    /// Makes a block, writes it, and sends it to the others.
    fn seal(&mut self, transfers: Vec<Transfer>, cx: &mut Cx<'_, Node>) {
        let (Some(ledger), Some(primary)) = (&self.ledger, &mut self.primary) else { return };
        let block = Block {
            position: ledger.len() + 1,
            generation: self.generation,
            previous: ledger.tip(),
            transfers,
        };
        primary.drafts.apply(&block);
        primary.drafted.push_back(block.clone());
        cx.record(Fact::Seals(block.clone()));
        if self.change(cx, |ledger, disk| ledger.append(disk, &block)) {
            let (generation, committed) = (self.generation, self.committed);
            for peer in peers(PRIMARY) {
                let blocks = vec![block.clone()];
                cx.send(peer, Msg::Blocks { generation, committed, blocks });
            }
        }
    }

    pub(super) fn on_ask(&mut self, transfer: Transfer, cx: &mut Cx<'_, Node>) {
        let Some(primary) = &mut self.primary else { return };
        let client = NodeId(REPLICAS.saturating_add(transfer.client));
        match primary.drafts.last_of(transfer.client) {
            Some((number, position)) if number == transfer.number => {
                if position <= self.accounts.applied() {
                    cx.send(client, Msg::Done(number, position));
                }
            }
            // A late copy of what its client has long heard of.
            Some((number, _)) if number > transfer.number => {}
            Some(_) | None => {
                primary.queue.retain(|it| it.client != transfer.client);
                primary.queue.push_back(transfer);
            }
        }
    }

    pub(super) fn on_block_due(&mut self, cx: &mut Cx<'_, Node>) {
        cx.set_timer(self.config.block_us, Timer::Block);
        // One block at a time: what lies before a block was on disk when it was made.
        let is_written = self.ledger.as_ref().is_some_and(|it| it.durable() == it.len());
        if !self.serves() || !is_written {
            return;
        }
        let Some(primary) = &mut self.primary else { return };
        let drafts = &primary.drafts;
        let is_new =
            |it: &Transfer| drafts.last_of(it.client).is_none_or(|(last, _)| it.number > last);
        primary.queue.retain(is_new);
        let count = primary.queue.len().min(MOST_TRANSFERS);
        let transfers: Vec<Transfer> = primary.queue.drain(..count).collect();
        if !transfers.is_empty() {
            self.seal(transfers, cx);
        }
    }

    pub(super) fn on_beat_due(&mut self, cx: &mut Cx<'_, Node>) {
        if self.primary.is_none() {
            return;
        }
        cx.set_timer(BEAT_US, Timer::Beat);
        let Some(ledger) = self.ledger.as_ref().filter(|it| self.has_kept_generation(it)) else {
            return;
        };
        let (generation, committed) = (self.generation, self.committed);
        let tip = (ledger.len(), ledger.tip());
        let msg = if self.is_open() {
            Msg::Beat { generation, tip, committed }
        } else {
            Msg::Recover(generation)
        };
        peers(PRIMARY).for_each(|peer| cx.send(peer, msg.clone()));
        self.recover(cx);
    }

    pub(super) fn on_primary_synced(&mut self, cx: &mut Cx<'_, Node>) {
        let may_ask =
            self.is_ready && self.ledger.as_ref().is_some_and(|it| self.has_kept_generation(it));
        let asks = |it: &&mut Primary| may_ask && it.opening.is_none() && !it.has_asked;
        if let Some(primary) = self.primary.as_mut().filter(asks) {
            primary.has_asked = true;
            self.on_beat_due(cx);
        } else {
            self.recover(cx);
        }
        self.note_sound(cx);
        self.acknowledge(cx);
    }

    fn note_sound(&mut self, cx: &mut Cx<'_, Node>) {
        let sound = self.ledger.as_ref().map_or(0, Ledger::sound);
        if self.is_open() {
            self.note_kept(sound, cx);
        }
    }

    pub(super) fn on_kept(
        &mut self,
        from: NodeId,
        (generation, through): (u64, u64),
        cx: &mut Cx<'_, Node>,
    ) {
        if let Some(primary) = self.primary.as_mut().filter(|_| generation == self.generation)
            && let Some(place) = primary.kept.get_mut(from.index())
        {
            *place = through;
            self.acknowledge(cx);
        }
    }

    /// Acknowledges what a majority has on disk, once that holds of the block that opened this
    /// generation: an older block could still be replaced by a newer one that one copy alone has
    /// (Ongaro & Ousterhout 2014, section 5.4.2).
    fn acknowledge(&mut self, cx: &mut Cx<'_, Node>) {
        let (Some(ledger), Some(primary)) = (&self.ledger, &mut self.primary) else { return };
        let Some(opening) = primary.opening else { return };
        primary.kept[PRIMARY.index()] = ledger.sound();
        let mut kept = primary.kept;
        kept.sort_unstable();
        let through = kept[kept.len() - majority(u32::from(REPLICAS)) as usize];
        if through >= opening && through > self.committed {
            self.committed = through;
            primary.drafted.retain(|block| block.position > through);
            cx.record(Fact::Commits(through));
        }
        for block in self.apply(self.committed, cx) {
            for transfer in block.transfers.iter().filter(|_| block.position >= opening) {
                let client = NodeId(REPLICAS.saturating_add(transfer.client));
                cx.send(client, Msg::Done(transfer.number, block.position));
            }
        }
    }
}
