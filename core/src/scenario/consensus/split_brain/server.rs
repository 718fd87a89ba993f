//! A server: sees who is there, takes over when it must, and serves clients from the store.

use super::message::{Attempt, Fact, Msg, Timer};
use super::node::Node;
use super::store::Block;
use crate::mechanism::majority::majority;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{Message, Receipt, Write};
use crate::sim::{Boot, Cx, LongList, NodeId};

/// How often a server says that it is there.
const TICK_US: u64 = 50_000;
/// How often a leader sends the store again what it has not answered.
const RESEND_US: u64 = 200_000;
/// How long a server that was switched off is gone.
const BOOT_US: u64 = 300_000;
/// How long an attempt to take over may take.
const ATTEMPT_US: u64 = 400_000;
/// Most time by which servers wait longer than others before they stand.
const STAGGER_US: u64 = 200_000;

/// How a server goes about it.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Config {
    /// The servers are the nodes below this.
    pub(super) servers: u16,
    pub(super) store: NodeId,
    pub(super) power: NodeId,
    /// Who has not been heard for this long is not there.
    pub(super) timeout_us: u64,
    /// Safeguard: a majority has to see no leader, and a leader has to be in touch with a majority.
    pub(super) needs_majority: bool,
    /// Safeguard: a new leader seals the store before it serves.
    pub(super) seals: bool,
    /// Safeguard: whoever had the store before is switched off first.
    pub(super) shoots: bool,
}

/// What a server last heard of another one.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Heard {
    at_us: u64,
    hears: u64,
    leads: Option<u64>,
    objects: bool,
}

/// What a server is at.
#[derive(Clone, Debug, Hash)]
pub(super) enum Stage {
    /// It is switched off.
    Off,
    /// It serves nobody.
    Follows,
    /// It wants to lead and asks who has the store.
    Looks {
        /// Whom it has had switched off, who had the store in that epoch.
        shot: Option<(NodeId, u64)>,
    },
    /// It waits until the last holder is switched off.
    Shoots { server: NodeId, epoch: u64 },
    /// It seals the store.
    Seals { epoch: u64 },
    /// It leads.
    Leads(Lead),
}

/// What a leader knows.
#[derive(Clone, Debug, Hash)]
pub(super) struct Lead {
    pub(super) epoch: u64,
    /// The next block to be written.
    next: u64,
    /// The latest write of each client with its block, written or on its way.
    latest: SmallMap<u16, (Write, u64)>,
    /// What is on its way to the store, by block, with who asked for it.
    waiting: SmallMap<u64, (Write, NodeId)>,
    /// When it last sent all of that again.
    resent_us: u64,
}

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    config: Config,
    pub(super) stage: Stage,
    heard: SmallMap<NodeId, Heard>,
    /// The highest epoch that it has heard of.
    epoch: u64,
    /// When it last saw a leader, or will have heard of one if there is any.
    seen_us: u64,
    /// How much longer it waits than others before it stands.
    patience_us: u64,
    attempt: Attempt,
    /// When its attempt began.
    stood_us: u64,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            stage: Stage::Follows,
            heard: SmallMap::default(),
            epoch: 0,
            seen_us: 0,
            patience_us: 0,
            attempt: 0,
            stood_us: 0,
        }
    }

    pub(super) fn lead(&self) -> Option<&Lead> {
        if let Stage::Leads(lead) = &self.stage { Some(lead) } else { None }
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers);
        }
        self.follow(cx);
        // Somebody has to be first.
        if boot == Boot::Fresh && cx.me() == NodeId(0) {
            (self.seen_us, self.patience_us) = (0, 2 * TICK_US);
        }
        let after_us = cx.jitter_us(1, TICK_US);
        cx.set_timer(after_us, Timer::Tick);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Tick => self.tick(cx),
            Timer::Boot => {
                self.follow(cx);
                self.tick(cx);
            }
            Timer::Writer(_) => {}
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Off { attempt, by, epoch } = msg {
            return self.on_off(attempt, by, epoch, cx);
        }
        if matches!(self.stage, Stage::Off) {
            return;
        }
        let is_asked = |attempt: Attempt| attempt == self.attempt;
        match msg {
            Msg::Writer(Message::Write(write)) => self.on_write(from, write, cx),
            Msg::Alive { hears, leads, objects } => {
                let heard = Heard { at_us: cx.now_us(), hears, leads, objects };
                self.on_alive(from, heard, cx);
            }
            Msg::Shows { attempt, epoch, holder, blocks } if is_asked(attempt) => {
                self.on_shown((epoch, holder), &blocks, cx);
            }
            Msg::Confirmed { attempt } if is_asked(attempt) => {
                if let Stage::Shoots { server, epoch } = self.stage {
                    // By now somebody else may have the store.
                    self.stage = Stage::Looks { shot: Some((server, epoch)) };
                    self.ask(cx);
                }
            }
            Msg::Sealed { attempt, epoch, blocks } if is_asked(attempt) => {
                if matches!(self.stage, Stage::Seals { .. }) {
                    self.begin_to_lead(epoch, &blocks, cx);
                }
            }
            Msg::Done { epoch, index } => self.on_done(epoch, index, cx),
            Msg::Fenced { epoch } => self.on_fenced(epoch, cx),
            Msg::Shows { .. }
            | Msg::Confirmed { .. }
            | Msg::Sealed { .. }
            | Msg::Writer(_)
            | Msg::Look { .. }
            | Msg::Seal { .. }
            | Msg::Put { .. }
            | Msg::Shoot { .. }
            | Msg::Off { .. }
            | Msg::IsOff { .. } => {}
        }
    }

    /// Returns true if `heard` is of late.
    fn is_recent(&self, heard: &Heard, now_us: u64) -> bool {
        heard.at_us + self.config.timeout_us > now_us
    }

    /// Returns the leader that it sees, if any: of several the one of the highest epoch.
    pub(super) fn leader(&self, me: NodeId, now_us: u64) -> Option<NodeId> {
        if self.lead().is_some() {
            return Some(me);
        }
        let recent = self.heard.iter().filter(|(_, heard)| self.is_recent(heard, now_us));
        recent.filter_map(|(id, heard)| Some((heard.leads?, id))).max().map(|(_, id)| id)
    }

    /// Lists the servers that it hears, and that hear it.
    pub(super) fn in_touch(
        &self,
        me: NodeId,
        now_us: u64,
    ) -> impl Iterator<Item = (NodeId, &Heard)> {
        let is_both_ways =
            move |it: &(NodeId, &Heard)| self.is_recent(it.1, now_us) && it.1.hears & bit(me) != 0;
        self.heard.iter().filter(is_both_ways)
    }

    fn is_majority(&self, others: usize) -> bool {
        others + 1 >= majority(u32::from(self.config.servers)) as usize
    }

    /// The safeguard: only those count that hear and are heard, see no leader either, and do not stand
    /// themselves. Who merely does not hear the leader itself may be the one that is cut off.
    fn may_stand(&self, me: NodeId, now_us: u64) -> bool {
        let agrees = self.in_touch(me, now_us).filter(|(_, heard)| !heard.objects).count();
        !self.config.needs_majority || self.is_majority(agrees)
    }

    fn follow(&mut self, cx: &mut Cx<'_, Node>) {
        self.stage = Stage::Follows;
        self.seen_us = cx.now_us() + self.config.timeout_us;
        self.patience_us = cx.jitter_us(0, STAGGER_US);
    }

    fn step_down(&mut self, why: &'static str, cx: &mut Cx<'_, Node>) {
        cx.record(Fact::StepsDown { why });
        self.follow(cx);
    }

    fn tick(&mut self, cx: &mut Cx<'_, Node>) {
        if matches!(self.stage, Stage::Off) {
            return;
        }
        let (me, now_us) = (cx.me(), cx.now_us());
        cx.set_timer(TICK_US, Timer::Tick);
        let leader = self.leader(me, now_us);
        if leader.is_some() {
            self.seen_us = now_us;
        }
        match &self.stage {
            Stage::Off => {}
            Stage::Leads(_) => {
                if self.config.needs_majority
                    && !self.is_majority(self.in_touch(me, now_us).count())
                {
                    self.step_down("it is in touch with no majority", cx);
                } else {
                    self.put_again(cx);
                }
            }
            Stage::Follows => {
                let is_due = now_us >= self.seen_us + self.patience_us;
                if leader.is_none() && is_due && self.may_stand(me, now_us) {
                    self.stand(cx);
                }
            }
            Stage::Looks { .. } | Stage::Shoots { .. } | Stage::Seals { .. } => {
                // Others may stand by now as well: the store lets one of them in.
                let is_over = now_us >= self.stood_us + ATTEMPT_US;
                if leader.is_some() || is_over {
                    self.follow(cx);
                } else {
                    self.ask(cx);
                }
            }
        }
        self.say_alive(cx);
    }

    /// What is on its way for long may be lost. Written twice, it is the same block.
    fn put_again(&mut self, cx: &mut Cx<'_, Node>) {
        let (now_us, store) = (cx.now_us(), self.config.store);
        let Stage::Leads(lead) = &mut self.stage else { return };
        if now_us < lead.resent_us + RESEND_US {
            return;
        }
        lead.resent_us = now_us;
        for (index, &(write, _)) in lead.waiting.iter() {
            cx.send(store, Msg::Put { epoch: lead.epoch, index, write });
        }
    }

    fn say_alive(&self, cx: &mut Cx<'_, Node>) {
        let (me, now_us) = (cx.me(), cx.now_us());
        let recent = self.heard.iter().filter(|(_, heard)| self.is_recent(heard, now_us));
        let hears = recent.map(|(id, _)| bit(id)).sum();
        let leads = self.lead().map(|lead| lead.epoch);
        let is_idle = matches!(self.stage, Stage::Follows);
        let objects = !is_idle || self.leader(me, now_us).is_some();
        for id in NodeId::first(self.config.servers).filter(|id| *id != me) {
            cx.send(id, Msg::Alive { hears, leads, objects });
        }
    }

    fn on_alive(&mut self, from: NodeId, heard: Heard, cx: &mut Cx<'_, Node>) {
        self.heard.insert(from, heard);
        let Some(epoch) = heard.leads else { return };
        self.epoch = self.epoch.max(epoch);
        let is_later = |own: u64| (own, cx.me()) < (epoch, from);
        if self.lead().is_some_and(|lead| is_later(lead.epoch)) {
            self.step_down("somebody leads by a later epoch", cx);
        } else if matches!(self.stage, Stage::Looks { .. } | Stage::Shoots { .. }) {
            // Somebody was faster.
            self.follow(cx);
        }
    }

    fn stand(&mut self, cx: &mut Cx<'_, Node>) {
        let attempts = cx.disk_mut().1.0.get_mut();
        *attempts += 1;
        self.attempt = *attempts;
        (self.stage, self.stood_us) = (Stage::Looks { shot: None }, cx.now_us());
        cx.record(Fact::Stands);
        self.say_alive(cx);
        self.ask(cx);
    }

    /// Asks what its attempt waits for.
    fn ask(&self, cx: &mut Cx<'_, Node>) {
        let (attempt, Config { store, power, .. }) = (self.attempt, self.config);
        match self.stage {
            // The number of the attempt is on disk before anybody hears of it.
            Stage::Looks { .. } => cx.send_after_sync(store, Msg::Look { attempt }),
            Stage::Shoots { server, epoch } => {
                cx.send(power, Msg::Shoot { attempt, server, epoch });
            }
            Stage::Seals { epoch } => cx.send(store, Msg::Seal { attempt, epoch }),
            Stage::Off | Stage::Follows | Stage::Leads(_) => {}
        }
    }

    fn on_shown(
        &mut self,
        (epoch, holder): (u64, Option<NodeId>),
        blocks: &LongList<Option<Block>>,
        cx: &mut Cx<'_, Node>,
    ) {
        let Stage::Looks { shot } = self.stage else { return };
        if self.config.needs_majority && epoch > self.epoch {
            // Somebody has just taken over: it is to be heard of, not shot.
            self.epoch = epoch;
            return self.follow(cx);
        }
        let to_shoot = holder.filter(|id| self.config.shoots && *id != cx.me());
        if let Some(server) = to_shoot.filter(|id| shot != Some((*id, epoch))) {
            // Not confirmed, no take-over.
            cx.record(Fact::Shoots { server });
            self.stage = Stage::Shoots { server, epoch };
            self.ask(cx);
        } else if self.config.seals {
            // The next epoch and no later one: if anybody was faster, the store refuses.
            self.stage = Stage::Seals { epoch: epoch + 1 };
            self.ask(cx);
        } else {
            self.begin_to_lead(epoch.max(self.epoch) + 1, blocks, cx);
        }
    }

    fn begin_to_lead(
        &mut self,
        epoch: u64,
        blocks: &LongList<Option<Block>>,
        cx: &mut Cx<'_, Node>,
    ) {
        let mut latest: SmallMap<u16, (Write, u64)> = SmallMap::default();
        for (index, block) in (0..).zip(blocks.iter()) {
            let Some(Block { write, .. }) = *block else { continue };
            let known = latest.get_or_insert(write.client, (write, index));
            *known = (*known).max((write, index));
        }
        let (next, waiting) = (blocks.len().max(1) as u64, SmallMap::default());
        let resent_us = cx.now_us();
        self.epoch = self.epoch.max(epoch);
        self.stage = Stage::Leads(Lead { epoch, next, latest, waiting, resent_us });
        cx.record(Fact::Leads { epoch });
        self.say_alive(cx);
    }

    fn on_write(&mut self, client: NodeId, write: Write, cx: &mut Cx<'_, Node>) {
        let (me, now_us, store) = (cx.me(), cx.now_us(), self.config.store);
        let hint = self.leader(me, now_us);
        let Stage::Leads(lead) = &mut self.stage else {
            let refused = Message::Refused { write, leader: hint, term: self.epoch };
            return cx.send(client, Msg::Writer(refused));
        };
        match lead.latest.get(write.client).copied() {
            // A retry of what is done; what is on its way is answered when it is.
            Some((latest, index)) if latest == write => {
                if lead.waiting.get(index).is_none() {
                    acknowledge(client, write, index, lead.epoch, cx);
                }
            }
            // A copy that comes so late that its client has long gone on.
            Some((latest, _)) if latest > write => {}
            Some(_) | None => {
                let (epoch, index) = (lead.epoch, lead.next);
                lead.next += 1;
                lead.latest.insert(write.client, (write, index));
                lead.waiting.insert(index, (write, client));
                cx.send(store, Msg::Put { epoch, index, write });
            }
        }
    }

    fn on_done(&mut self, epoch: u64, index: u64, cx: &mut Cx<'_, Node>) {
        let Stage::Leads(lead) = &mut self.stage else { return };
        if lead.epoch != epoch {
            return;
        }
        if let Some((write, client)) = lead.waiting.get(index).copied() {
            lead.waiting.remove(index);
            acknowledge(client, write, index, epoch, cx);
        }
    }

    fn on_fenced(&mut self, epoch: u64, cx: &mut Cx<'_, Node>) {
        self.epoch = self.epoch.max(epoch);
        match &self.stage {
            Stage::Leads(lead) if lead.epoch < epoch => {
                self.step_down("the store is sealed with a later epoch", cx);
            }
            // Somebody was faster.
            Stage::Seals { epoch: asked } if *asked <= epoch => self.follow(cx),
            Stage::Off
            | Stage::Follows
            | Stage::Looks { .. }
            | Stage::Shoots { .. }
            | Stage::Seals { .. }
            | Stage::Leads(_) => {}
        }
    }

    /// The board cuts the power: whatever it was about to do, it does not.
    fn on_off(&mut self, attempt: Attempt, by: NodeId, epoch: u64, cx: &mut Cx<'_, Node>) {
        // A copy of an order that was obeyed long ago must not hit who leads by a later right.
        if self.lead().is_some_and(|lead| lead.epoch > epoch) {
            return;
        }
        if !matches!(self.stage, Stage::Off) {
            cx.record(Fact::IsOff { by });
        }
        self.stage = Stage::Off;
        (self.heard, self.epoch) = (SmallMap::default(), 0);
        cx.cancel_timer(Timer::Tick);
        cx.set_timer(BOOT_US, Timer::Boot);
        cx.send(self.config.power, Msg::IsOff { attempt, by });
    }
}

/// Returns the bit of a server.
pub(super) fn bit(id: NodeId) -> u64 {
    1 << (id.0 % 64)
}

fn acknowledge(client: NodeId, write: Write, index: u64, epoch: u64, cx: &mut Cx<'_, Node>) {
    let receipt = Receipt { write, index, term: epoch, by: cx.me(), led_in: epoch };
    cx.send(client, Msg::Writer(Message::Acknowledged(receipt)));
}
