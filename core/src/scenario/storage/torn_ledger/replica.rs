//! A replica: it keeps a copy of the ledger, mends what is bad from its peers, and follows the primary.

use super::message::{Fact, Msg, PRIMARY, REPLICAS, Timer};
use super::node::Node;
use super::primary::Primary;
use crate::mechanism::ledger::{Accounts, Block, BlockId, Ledger, Settings, Slot};
use crate::sim::{Boot, Cx, FileError, Files, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// At most so many blocks are sent, asked for or read again at one time.
pub(super) const BATCH: usize = 8;

/// After so many turns everything has been read again.
const SCRUBS: u64 = 8;

/// How a replica behaves.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// What it believes.
    pub(super) settings: Settings,
    /// Safeguard: a quorum is asked before anything is cut, and before the primary goes on.
    pub(super) asks_quorum: bool,
    /// Safeguard: bad blocks are mended from peers.
    pub(super) mends: bool,
    /// How often the primary makes a block.
    pub(super) block_us: u64,
    /// How often some blocks are read again.
    pub(super) scrub_us: u64,
}

/// A replica.
#[derive(Clone, Debug, Hash)]
pub(super) struct Replica {
    pub(super) config: Config,
    /// Its copy; none before the first start.
    pub(super) ledger: Option<Ledger>,
    /// Why it has stopped, if it has.
    pub(super) halted: Option<FileError>,
    /// What it read when it started is on disk, so it may vouch for it.
    pub(super) is_ready: bool,
    /// The latest generation that it has heard of.
    pub(super) generation: u64,
    /// The primary has asked what is there, and is still to be told.
    owes_inventory: bool,
    /// Up to here all is acknowledged, as far as it knows.
    pub(super) committed: u64,
    /// Up to here its blocks are known to be the primary's of this generation.
    pub(super) matched: u64,
    /// Up to here it has said that it has them on disk.
    kept: u64,
    /// What the acknowledged blocks add up to.
    pub(super) accounts: Accounts,
    /// Which block is read again next.
    cursor: u64,
    /// What makes it the primary; none in a follower.
    pub(super) primary: Option<Primary>,
}

/// Returns the other replicas.
pub(super) fn peers(me: NodeId) -> impl Iterator<Item = NodeId> {
    NodeId::first(REPLICAS).filter(move |id| *id != me)
}

impl Replica {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            ledger: None,
            halted: None,
            is_ready: false,
            generation: 0,
            owes_inventory: false,
            committed: 0,
            matched: 0,
            kept: 0,
            accounts: Accounts::default(),
            cursor: 0,
            primary: None,
        }
    }

    /// A disk that fails cannot be relied on: the replica stops, and only a new start, which reads what
    /// is really there, lets it go on (Rebello et al. 2020).
    pub(super) fn halt(&mut self, error: FileError, cx: &mut Cx<'_, Node>) {
        cx.record(Fact::Halts(error.clone()));
        self.halted = Some(error);
        self.ledger = None;
    }

    /// Changes its copy and asks that the change become durable; false if it has none, or the disk fails.
    pub(super) fn change(
        &mut self,
        cx: &mut Cx<'_, Node>,
        change: impl FnOnce(&mut Ledger, &mut Files) -> Result<(), FileError>,
    ) -> bool {
        let Some(ledger) = &mut self.ledger else { return false };
        let disk = cx.disk_mut();
        match change(ledger, disk).and_then(|()| ledger.sync(disk)) {
            Ok(()) => true,
            Err(error) => {
                self.halt(error, cx);
                false
            }
        }
    }

    /// Keeps a later generation.
    pub(super) fn enter(&mut self, generation: u64, cx: &mut Cx<'_, Node>) {
        self.generation = generation;
        self.change(cx, |ledger, _| {
            ledger.enter(generation);
            Ok(())
        });
    }

    /// Returns where the ledger ends for a replica that asks nobody: before a bad end, or, if it cannot
    /// mend either, before the first bad block.
    fn believed_end(&self, ledger: &Ledger) -> u64 {
        if self.config.asks_quorum {
            return ledger.len();
        }
        if !self.config.mends {
            return ledger.bad().next().map_or(ledger.len(), |bad| bad - 1);
        }
        let good = ledger.slots().iter().rposition(|slot| !slot.is_bad());
        good.map_or(0, |place| place as u64 + 1)
    }

    /// Cuts off what is behind a position.
    pub(super) fn cut(&mut self, keep: u64, cx: &mut Cx<'_, Node>) {
        let before = self.ledger.as_ref().map_or(0, Ledger::len);
        if self.change(cx, |ledger, disk| ledger.cut(disk, keep)) {
            cx.record(Fact::Cuts(keep, before - keep));
            self.matched = self.matched.min(keep);
            self.kept = self.kept.min(keep);
            if self.accounts.applied() > keep {
                self.accounts = Accounts::default();
            }
        }
    }

    /// Takes note of a primary's generation; false if that is over.
    fn follows(&mut self, generation: u64) -> bool {
        if generation > self.generation {
            self.generation = generation;
            self.matched = 0;
        }
        generation == self.generation && self.primary.is_none()
    }

    fn tell_inventory(&mut self, cx: &mut Cx<'_, Node>) {
        if let Some(ledger) = self.ledger.as_ref().filter(|_| self.is_ready && self.owes_inventory)
        {
            cx.send(PRIMARY, Msg::Inventory(self.generation, ledger.slots().to_vec()));
            self.owes_inventory = false;
        }
    }

    /// Takes blocks by the primary's word: what it says is the ledger, and what differs is cut.
    fn follow(&mut self, blocks: &[Block], cx: &mut Cx<'_, Node>) {
        for block in blocks {
            let Some(ledger) = self.ledger.as_ref().filter(|it| !it.is_settling()) else { return };
            let (position, id) = (block.position, block.id());
            if position > ledger.len() + 1 {
                cx.send(PRIMARY, Msg::Fetch(ledger.len() + 1, None));
                return;
            }
            let before = ledger.slot(position - 1).and_then(Slot::id);
            let differs = position > 1 && before.is_some_and(|it| it != block.previous);
            match ledger.slot(position) {
                _ if differs && self.config.settings.is_placed => {
                    return self.cut(position - 2, cx);
                }
                Some(slot) if slot.id().is_some_and(|it| it != id) => {
                    return self.cut(position - 1, cx);
                }
                Some(Slot::Bad(_)) => self.mend(block, cx),
                Some(Slot::Good(_)) => {}
                None => {
                    self.change(cx, |ledger, disk| ledger.append(disk, block));
                }
            }
            self.matched = self.matched.max(position);
        }
        self.vouch(cx);
    }

    /// Takes a block that somebody has a copy of, if it is the one that is missing.
    fn take_copy(&mut self, block: &Block, cx: &mut Cx<'_, Node>) {
        let Some(ledger) = self.ledger.as_ref().filter(|it| !it.is_settling()) else { return };
        let (position, id) = (block.position, block.id());
        match ledger.slot(position) {
            Some(Slot::Bad(Some(expected))) if expected == id => self.mend(block, cx),
            // Who does not know what belongs there takes what says that it does.
            Some(Slot::Bad(None)) if !self.config.settings.is_placed => self.mend(block, cx),
            None if position == ledger.len() + 1 && self.wants(position, id) => {
                self.change(cx, |ledger, disk| ledger.append(disk, block));
            }
            Some(_) | None => {}
        }
    }

    fn mend(&mut self, block: &Block, cx: &mut Cx<'_, Node>) {
        let position = block.position;
        if self.config.mends && self.change(cx, |ledger, disk| ledger.mend(disk, (position, block)))
        {
            cx.record(Fact::Mends(position));
        }
    }

    /// Compares its copy with the primary's last block, and asks for what it lacks.
    fn compare(&mut self, (position, id): (u64, BlockId), cx: &mut Cx<'_, Node>) {
        let Some(ledger) = &self.ledger else { return };
        match ledger.slot(position) {
            Some(Slot::Good(it)) if it == id => self.matched = self.matched.max(position),
            Some(_) => cx.send(PRIMARY, Msg::Fetch(position, None)),
            None => cx.send(PRIMARY, Msg::Fetch(ledger.len() + 1, None)),
        }
        self.vouch(cx);
    }

    /// Tells the primary up to where it has its blocks on disk.
    fn vouch(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(ledger) = self.ledger.as_ref().filter(|_| self.is_ready) else { return };
        let through = ledger.sound().min(self.matched);
        self.note_kept(through, cx);
        if through > 0 {
            cx.send(PRIMARY, Msg::Kept(self.generation, through));
        }
        self.apply(self.committed.min(self.matched), cx);
    }

    /// Records what it vouches for from now on.
    pub(super) fn note_kept(&mut self, through: u64, cx: &mut Cx<'_, Node>) {
        let Some(ledger) = self.ledger.as_ref().filter(|_| through > self.kept) else { return };
        let generation =
            |position| ledger.slot(position).and_then(Slot::id).map_or(0, |id| id.generation);
        let generations = (self.kept + 1..=through).map(generation).collect();
        cx.record(Fact::Keeps(self.kept + 1, generations));
        self.kept = through;
    }

    /// Adds up the acknowledged blocks, as it reads them; returns those that it had not applied before.
    pub(super) fn apply(&mut self, through: u64, cx: &mut Cx<'_, Node>) -> Vec<Block> {
        let mut applied = Vec::new();
        while self.accounts.applied() < through {
            let Some(block) = self.read(self.accounts.applied() + 1, cx) else { break };
            self.accounts.apply(&block);
            applied.push(block);
        }
        applied
    }

    /// Reads a block, and says so if it finds it bad.
    pub(super) fn read(&mut self, position: u64, cx: &mut Cx<'_, Node>) -> Option<Block> {
        let ledger = self.ledger.as_mut()?;
        let was_good = matches!(ledger.slot(position), Some(Slot::Good(_)));
        let block = ledger.read(cx.disk(), position);
        if was_good && block.is_none() {
            cx.record(Fact::Finds(position));
        }
        block
    }

    /// Sends a peer what it asks for, as far as it is here.
    fn lend(&mut self, to: NodeId, (from, id): (u64, Option<BlockId>), cx: &mut Cx<'_, Node>) {
        if !self.is_ready {
            return;
        }
        let has = |it: &Ledger| id.is_none_or(|id| it.slot(from) == Some(Slot::Good(id)));
        if !self.ledger.as_ref().is_some_and(has) {
            return;
        }
        let count = if id.is_some() { 1 } else { BATCH as u64 };
        let blocks: Vec<Block> =
            (from..from + count).map_while(|position| self.read(position, cx)).collect();
        if !blocks.is_empty() {
            let generation = if self.is_open() { self.generation } else { 0 };
            cx.send(to, Msg::Blocks { generation, committed: self.committed, blocks });
        }
    }

    /// Asks its peers for the last few bad blocks: each that is mended names the one before it.
    pub(super) fn ask_for_bad(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(ledger) = self.ledger.as_ref().filter(|_| self.config.mends && self.is_ready)
        else {
            return;
        };
        let bad: Vec<u64> = ledger.bad().rev().take(BATCH).collect();
        let wanted: Vec<_> =
            bad.iter().map(|it| (*it, ledger.slot(*it).and_then(Slot::id))).collect();
        for (position, id) in wanted {
            if let Some(block) = self.draft(position) {
                self.mend(&block, cx);
            } else {
                peers(cx.me()).for_each(|peer| cx.send(peer, Msg::Fetch(position, id)));
            }
        }
    }

    /// Reads some blocks again: what has rotted is found before its other copies rot.
    fn scrub(&mut self, cx: &mut Cx<'_, Node>) {
        let count = self.ledger.as_ref().map_or(0, Ledger::len);
        for _ in 0..count.min(BATCH as u64).max(count / SCRUBS) {
            self.cursor = self.cursor.min(count) % count + 1;
            self.read(self.cursor, cx);
        }
        self.ask_for_bad(cx);
    }
}

impl Kind<Node> for Replica {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        let (ledger, scan) = match Ledger::open(cx.disk_mut(), self.config.settings) {
            Ok(opened) => opened,
            Err(error) => return self.halt(error, cx),
        };
        let bad = ledger.bad().count() as u64;
        cx.record(Fact::Scans { good: ledger.len() - bad, bad, torn: scan.torn });
        self.generation = ledger.generation();
        let keep = self.believed_end(&ledger);
        let is_longer = keep < ledger.len();
        self.ledger = Some(ledger);
        if is_longer {
            self.cut(keep, cx);
        }
        if cx.me() == PRIMARY {
            let generation = self.generation + 1;
            self.enter(generation, cx);
            self.primary = Some(Primary::default());
            cx.set_timer(self.config.block_us, Timer::Block);
        }
        cx.set_timer(self.config.scrub_us, Timer::Scrub);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if self.ledger.is_none() {
            return;
        }
        match msg {
            Msg::Recover(generation) => {
                // To a primary that has forgotten later generations it names the latest.
                self.follows(generation);
                self.owes_inventory = true;
                self.tell_inventory(cx);
            }
            Msg::Blocks { generation, committed, blocks } => {
                if generation == 0 || self.primary.is_some() {
                    for block in &blocks {
                        self.take_copy(block, cx);
                    }
                } else if self.follows(generation) {
                    self.committed = self.committed.max(committed);
                    self.follow(&blocks, cx);
                }
            }
            Msg::Beat { generation, tip, committed } => {
                if self.follows(generation) {
                    self.committed = self.committed.max(committed);
                    self.compare(tip, cx);
                }
            }
            Msg::Fetch(position, id) => self.lend(from, (position, id), cx),
            Msg::Ask(transfer) => self.on_ask(transfer, cx),
            Msg::Inventory(generation, slots) => self.on_inventory(from, (generation, slots), cx),
            Msg::Kept(generation, through) => self.on_kept(from, (generation, through), cx),
            Msg::Done(..) | Msg::PayNow(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        if self.halted.is_some() {
            return;
        }
        match timer {
            Timer::Scrub => {
                self.scrub(cx);
                cx.set_timer(self.config.scrub_us, Timer::Scrub);
            }
            Timer::Block => self.on_block_due(cx),
            Timer::Beat => self.on_beat_due(cx),
            Timer::Next | Timer::Again => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(ledger) = &mut self.ledger else { return };
        if let Err(error) = ledger.synced(cx.disk_mut(), sync) {
            return self.halt(error, cx);
        }
        if !self.is_ready && !ledger.is_settling() {
            self.is_ready = true;
            self.tell_inventory(cx);
            if self.primary.is_none() {
                // What it has missed, without waiting to be told.
                let end = self.ledger.as_ref().map_or(0, Ledger::len);
                cx.send(PRIMARY, Msg::Fetch(end + 1, None));
            }
        }
        if self.primary.is_some() {
            self.on_primary_synced(cx);
        } else {
            self.vouch(cx);
        }
    }

    fn on_sync_failed(&mut self, _: SyncId, cx: &mut Cx<'_, Node>) {
        if self.ledger.is_some() {
            self.halt(FileError::Device("a sync has failed".into()), cx);
        }
    }

    fn view(&self, _: &Files) -> NodeView {
        self.show()
    }
}
