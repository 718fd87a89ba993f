//! The monitor: it decides who is suspected, who is dead and who may come back, and moves partitions.

use super::message::{BeatId, Fact, Msg, Partitions, Timer, name_of};
use super::node::{Config, Node};
use crate::mechanism::failure_detector::{Arrivals, Condition, Vigil, in_short};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, NodeId, SyncId};

/// What the monitor thinks of a worker.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// It is there.
    Alive,
    /// It may be dead: it keeps what it has, and gets nothing new.
    Suspected,
    /// It is dead as soon as that is on disk; nothing that it says now changes this.
    Condemned(SyncId),
    /// It is dead, and others have its partitions.
    Dead,
}

impl State {
    /// Returns the state in words.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Suspected => "suspected",
            Self::Condemned(_) => "dead, not on disk yet",
            Self::Dead => "declared dead",
        }
    }

    /// Returns true if the worker is listed as a member.
    pub(super) fn is_listed(self) -> bool {
        matches!(self, Self::Alive | Self::Suspected)
    }
}

/// What the monitor knows of a worker.
#[derive(Clone, Debug, Hash)]
pub(super) struct Member {
    pub(super) state: State,
    /// The last heartbeat that counted.
    pub(super) beat: BeatId,
    pub(super) arrivals: Arrivals,
    /// What it serves, by its last heartbeat.
    pub(super) ready: Partitions,
}

impl Member {
    /// Returns its state as lists of members know it.
    pub(super) fn condition(&self) -> Condition {
        match self.state {
            State::Alive => Condition::Alive,
            State::Suspected => Condition::Suspect,
            State::Condemned(_) | State::Dead => Condition::Dead,
        }
    }
}

/// The monitor.
#[derive(Clone, Debug, Hash)]
pub(super) struct Monitor {
    config: Config,
    pub(super) members: SmallMap<NodeId, Member>,
    /// Whose each partition is.
    pub(super) owners: Vec<Option<NodeId>>,
    vigil: Vigil,
    /// After its own restart it learns from heartbeats until then who has which partition.
    learns_until_us: u64,
}

impl Monitor {
    /// Makes the monitor, as it is before it starts.
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            members: SmallMap::default(),
            owners: vec![None; usize::from(Partitions::ALL)],
            vigil: Vigil::new(0, config.look_us()),
            learns_until_us: 0,
        }
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        for id in self.config.workers() {
            let grave = cx.disk().get().graves.get(id).copied();
            let last = BeatId { incarnation: grave.unwrap_or_default(), sequence: 0 };
            // Who was declared dead may have come back since: that is known at its next heartbeat.
            let state = if grave.is_some() { State::Dead } else { State::Alive };
            self.members.insert(id, Member { state, ..self.expected(last, now_us) });
        }
        if boot == Boot::Fresh {
            for (id, place) in self.config.workers().zip(0..) {
                self.config.first_share(place).iter().for_each(|it| self.set_owner(it, Some(id)));
            }
        } else {
            self.learns_until_us = now_us + self.config.burial.patience_us(&self.arrivals(now_us));
        }
        self.vigil = Vigil::new(now_us, self.config.look_us());
        cx.record(Fact::Watches { every_us: self.config.look_us() });
        cx.set_timer(self.config.look_us(), Timer::Look);
    }

    fn arrivals(&self, now_us: u64) -> Arrivals {
        Arrivals::new(now_us, self.config.period_us)
    }

    /// Returns a member that is expected to be heard of from now on.
    fn expected(&self, beat: BeatId, now_us: u64) -> Member {
        let (arrivals, ready) = (self.arrivals(now_us), Partitions::default());
        Member { state: State::Alive, beat, arrivals, ready }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Beat(beat, ready) => self.on_beat(from, beat, ready, cx),
            Msg::Move => self.level(0, cx),
            Msg::Own(..) | Msg::Buried(_) => {}
        }
    }

    fn on_beat(&mut self, from: NodeId, beat: BeatId, ready: Partitions, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        let Some(member) = self.members.get(from) else { return };
        if matches!(member.state, State::Condemned(_)) {
            return;
        }
        if self.config.has_incarnations {
            let grave = cx.disk().get().graves.get(from).copied().unwrap_or_default();
            if beat.incarnation <= grave {
                return cx.send(from, Msg::Buried(beat.incarnation));
            }
            if beat <= member.beat {
                // Late, or doubled: it says nothing about now.
                return;
            }
        }
        if beat.incarnation > member.beat.incarnation || member.state == State::Dead {
            self.members.insert(from, self.expected(beat, now_us));
            cx.record(Fact::Lists(from, beat.incarnation));
        }
        let Some(member) = self.members.get_mut(from) else { return };
        if member.beat != beat {
            member.arrivals.heard(now_us);
        }
        (member.beat, member.ready) = (beat, ready);
        if member.state == State::Suspected {
            member.state = State::Alive;
            cx.record(Fact::Trusts(from));
        }
        let is_learning = now_us < self.learns_until_us;
        for partition in ready.iter().filter(|_| is_learning) {
            let owner = self.owner(partition).unwrap_or(from);
            self.set_owner(partition, Some(owner));
        }
        let own = self.share_of(from);
        cx.send(from, Msg::Own(beat, own));
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Look => {
                let slept_us = self.vigil.look(cx.now_us()).filter(|_| self.config.knows_sleep);
                if let Some(slept_us) = slept_us {
                    self.excuse(slept_us, cx);
                }
                self.look(cx);
                self.give_away(cx);
                self.level(2, cx);
                cx.set_timer(self.config.look_us(), Timer::Look);
            }
            Timer::Beat => {}
        }
    }

    /// It slept itself: what it did not hear meanwhile proves nothing.
    fn excuse(&mut self, slept_us: u64, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        for id in self.config.workers() {
            if let Some(member) = self.members.get_mut(id) {
                member.arrivals.excuse(now_us, slept_us);
            }
        }
        cx.record(Fact::Slept(slept_us));
    }

    /// Suspects who has been silent for too long, and condemns who has been for far too long.
    fn look(&mut self, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        for id in self.config.workers() {
            let Some(member) = self.members.get_mut(id) else { continue };
            let suspicion = self.config.suspicion.filter(|_| member.state == State::Alive);
            if suspicion.is_some_and(|it| it.suspects(&member.arrivals, now_us)) {
                member.state = State::Suspected;
                cx.record(Fact::Suspects(id));
            }
            let is_listed = member.state.is_listed();
            if is_listed && self.config.burial.suspects(&member.arrivals, now_us) {
                let incarnation = member.beat.incarnation;
                cx.disk_mut().get_mut().graves.insert(id, incarnation);
                member.state = State::Condemned(cx.sync());
                cx.record(Fact::Condemns(id, incarnation));
            }
        }
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        for id in self.config.workers() {
            let Some(member) = self.members.get_mut(id) else { continue };
            if matches!(member.state, State::Condemned(by) if by <= sync) {
                member.state = State::Dead;
                cx.record(Fact::Declares(id, member.beat.incarnation));
                let own = self.share_of(id);
                own.iter().for_each(|partition| self.set_owner(partition, None));
            }
        }
        self.give_away(cx);
    }

    /// Gives partitions without an owner to those who have least and are not suspected.
    fn give_away(&mut self, cx: &mut Cx<'_, Node>) {
        if cx.now_us() < self.learns_until_us {
            return;
        }
        for partition in 0..Partitions::ALL {
            let Some((_, to)) = self.least().filter(|_| self.owner(partition).is_none()) else {
                continue;
            };
            self.set_owner(partition, Some(to));
            cx.record(Fact::Moves(partition, to));
        }
    }

    /// Moves a partition from who has most to who has least, if they differ by at least `gap` and
    /// everything is served: one move at a time.
    fn level(&mut self, gap: usize, cx: &mut Cx<'_, Node>) {
        let listed = self.members.iter().filter(|(_, member)| member.state.is_listed());
        let most = listed.map(|(id, _)| (self.count_of(id), id)).max();
        let Some(((least, to), (most, from))) = self.least().zip(most) else { return };
        if self.unserved() > 0 || to == from || most < least + gap {
            return;
        }
        if let Some(partition) = self.share_of(from).iter().next() {
            self.set_owner(partition, Some(to));
            cx.record(Fact::Moves(partition, to));
        }
    }

    /// Returns who of those not suspected has the fewest partitions, and how many.
    fn least(&self) -> Option<(usize, NodeId)> {
        let alive = self.members.iter().filter(|(_, member)| member.state == State::Alive);
        alive.map(|(id, _)| (self.count_of(id), id)).min()
    }

    fn count_of(&self, id: NodeId) -> usize {
        self.owners.iter().filter(|owner| **owner == Some(id)).count()
    }

    /// Returns the partitions that are a worker's.
    pub(super) fn share_of(&self, id: NodeId) -> Partitions {
        (0..Partitions::ALL).filter(|&it| self.owner(it) == Some(id)).collect()
    }

    /// Returns how many workers it lists, of how many.
    pub(super) fn listed(&self) -> String {
        let listed = self.members.iter().filter(|(_, it)| it.state.is_listed()).count();
        format!("{listed}/{}", self.members.len())
    }

    /// Says whom it does not trust: "W1† W3?".
    pub(super) fn doubts(&self) -> String {
        in_short(self.members.iter().map(|(id, it)| (name_of(id), it.condition())))
    }

    /// Returns how many partitions somebody serves, as far as the monitor knows.
    pub(super) fn served(&self) -> u64 {
        u64::from(Partitions::ALL) - self.unserved() as u64
    }

    /// Returns how many partitions nobody serves, as far as the monitor knows.
    pub(super) fn unserved(&self) -> usize {
        let is_served = |partition: u16| {
            let owner = self.owner(partition).and_then(|id| self.members.get(id));
            owner.is_some_and(|it| it.state.is_listed() && it.ready.has(partition))
        };
        (0..Partitions::ALL).filter(|&partition| !is_served(partition)).count()
    }

    /// Returns how many partitions are on their way to a worker that is there, and are served by nobody
    /// meanwhile.
    pub(super) fn on_their_way(&self) -> usize {
        let is_on_its_way = |partition: u16| {
            let owner = self.owner(partition).and_then(|id| self.members.get(id));
            owner.is_some_and(|it| it.beat.sequence > 0 && !it.ready.has(partition))
        };
        (0..Partitions::ALL).filter(|&partition| is_on_its_way(partition)).count()
    }

    fn owner(&self, partition: u16) -> Option<NodeId> {
        self.owners.get(usize::from(partition)).copied().flatten()
    }

    fn set_owner(&mut self, partition: u16, owner: Option<NodeId>) {
        if let Some(place) = self.owners.get_mut(usize::from(partition)) {
            *place = owner;
        }
    }
}
