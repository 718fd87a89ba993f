//! A member that keeps a list of all members, and what each safeguard adds to that.

use super::message::{Fact, Msg, Timer, claim_text, name_of};
use super::view;
use crate::mechanism::failure_detector::in_short;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::swim::{Claim, Condition, Members, Probes, Selection, Update, Updates};
use crate::sim::{Boot, Cx, NodeId, Process};
use crate::view::{Datum, NodeView, Role, Widget};

/// After so long, the answer to a ping is late: twice the longest way there and back.
pub(super) const LATE_US: u64 = 40_000;
/// How many updates ride along on a message.
const RIDERS: usize = 6;
/// λ: an update is told λ·log n times.
const LAMBDA: u32 = 4;

/// How a member watches the others.
#[derive(Copy, Clone, Debug, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    /// Others are asked to probe for it.
    pub(super) is_indirect: bool,
    /// Who does not answer is a suspect first, and has time to object.
    pub(super) has_suspicion: bool,
    /// A member objects under a new incarnation.
    pub(super) has_incarnations: bool,
    /// Updates ride along on probes and answers.
    pub(super) is_gossiping: bool,
    /// The dead are probed now and then.
    pub(super) knocks: bool,
    /// Whom to probe next.
    pub(super) selection: Selection,
    /// How many are asked to probe for it.
    pub(super) helpers: u8,
    /// The length of a period.
    pub(super) period_us: u64,
    /// How long a suspect has time to object.
    pub(super) objection_us: u64,
}

/// A probe under way.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Probe {
    pub(super) number: u64,
    pub(super) target: NodeId,
    is_answered: bool,
}

/// A member with its list.
#[derive(Clone, Debug, Hash)]
pub(super) struct Node {
    pub(super) me: NodeId,
    pub(super) config: Config,
    /// What it believes of the others.
    pub(super) members: Members,
    /// How often it has objected.
    pub(super) incarnation: u64,
    /// What it has to tell.
    pub(super) updates: Updates,
    probes: Probes,
    /// In which order it knocks on the dead.
    knocks: Probes,
    pub(super) probe: Option<Probe>,
    next_probe: u64,
    /// Probes for others: by number, for whom and by which number there.
    relayed: SmallMap<u64, (NodeId, u64)>,
    /// Relayed probes before this one were made before the last period.
    relayed_before: u64,
}

impl Node {
    /// Makes a member that takes everybody for alive.
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        Self {
            me,
            config,
            members: Members::default(),
            incarnation: 0,
            updates: Updates::default(),
            probes: Probes::default(),
            knocks: Probes::default(),
            probe: None,
            next_probe: 0,
            relayed: SmallMap::default(),
            relayed_before: 0,
        }
    }

    /// Returns what rides along on a message: first of all, what is believed of its receiver, if that
    /// is bad, so that it can object.
    fn news_for(&mut self, to: NodeId, cx: &Cx<'_, Self>) -> Vec<Update> {
        let claim = self.members.of(to);
        let is_bad = claim.condition != Condition::Alive;
        let mut news: Vec<Update> =
            is_bad.then_some(Update { member: to, claim }).into_iter().collect();
        if self.config.is_gossiping {
            let riders = self.updates.take(RIDERS, Updates::times(LAMBDA, cx.node_count()));
            news.extend(riders.into_iter().filter(|it| !(is_bad && it.member == to)));
        }
        news
    }

    fn ping(&mut self, to: NodeId, cx: &mut Cx<'_, Self>) -> u64 {
        let probe = self.next_probe;
        self.next_probe += 1;
        let news = self.news_for(to, cx);
        cx.send(to, Msg::Ping { probe, news });
        probe
    }

    /// Begins a period: judges the last probe and makes the next one.
    fn begin_period(&mut self, cx: &mut Cx<'_, Self>) {
        if let Some(Probe { target, is_answered: false, .. }) = self.probe.take() {
            self.miss(target, cx);
        }
        let relayed_before = self.relayed_before;
        self.relayed.retain(|number, _| number >= relayed_before);
        self.relayed_before = self.next_probe;
        let members = self.members.clone();
        let is_listed = |it: NodeId| !members.is(it, Condition::Dead);
        let next = self.probes.next(self.config.selection, is_listed, &mut |n| cx.choose(n));
        if let Some(target) = next {
            let number = self.ping(target, cx);
            self.probe = Some(Probe { number, target, is_answered: false });
            cx.set_timer(LATE_US, Timer::Late);
        }
        if self.config.knocks {
            let is_dead = |it: NodeId| members.is(it, Condition::Dead);
            let next = self.knocks.next(Selection::InTurn, is_dead, &mut |n| cx.choose(n));
            if let Some(dead) = next {
                self.ping(dead, cx);
            }
        }
        cx.set_timer(self.config.period_us, Timer::Period);
    }

    /// A probe has failed, directly and by helpers.
    fn miss(&mut self, member: NodeId, cx: &mut Cx<'_, Self>) {
        let Claim { incarnation, condition } = self.members.of(member);
        if condition == Condition::Alive {
            cx.record(Fact::Misses(member));
            let suspected = self.config.has_suspicion;
            let condition = if suspected { Condition::Suspect } else { Condition::Dead };
            let claim = Claim { incarnation, condition };
            self.believe(None, Update { member, claim }, cx);
        }
    }

    /// Asks others to probe, those first who are believed to be alive.
    fn ask_helpers(&mut self, Probe { number, target, .. }: Probe, cx: &mut Cx<'_, Self>) {
        let others = NodeId::first(cx.node_count()).filter(|it| *it != self.me && *it != target);
        let (mut alive, mut rest): (Vec<NodeId>, Vec<NodeId>) =
            others.partition(|it| self.members.is(*it, Condition::Alive));
        for _ in 0..self.config.helpers {
            let some = if alive.is_empty() { &mut rest } else { &mut alive };
            if some.is_empty() {
                return;
            }
            let place = usize::try_from(cx.choose(some.len() as u64)).unwrap_or(0);
            let helper = some.swap_remove(place);
            let news = self.news_for(helper, cx);
            cx.send(helper, Msg::PingReq { probe: number, target, news });
        }
    }

    /// Hears a word of somebody, and believes it if it overrides what was believed.
    fn believe(&mut self, from: Option<NodeId>, update: Update, cx: &mut Cx<'_, Self>) {
        let Update { member, claim } = update;
        let was_suspect = self.members.is(member, Condition::Suspect);
        if was_suspect && claim.condition == Condition::Alive {
            cx.record(Fact::HearsAlive(member, claim.incarnation));
        }
        if !self.members.hear(update) {
            return;
        }
        cx.record(Fact::Believes { update, from });
        if self.config.is_gossiping {
            self.updates.begin(update);
        }
        if claim.condition == Condition::Suspect {
            cx.set_timer(self.config.objection_us, Timer::TimeToObject(member));
        } else {
            cx.cancel_timer(Timer::TimeToObject(member));
        }
    }

    /// Hears what others say of this member itself.
    fn hear_of_myself(&mut self, from: NodeId, claim: Claim, cx: &mut Cx<'_, Self>) {
        if claim.condition == Condition::Alive {
            // A word of its own, from before a crash: what it says next must not be older.
            self.incarnation = self.incarnation.max(claim.incarnation);
            return;
        }
        if self.config.has_incarnations && claim.incarnation >= self.incarnation {
            self.incarnation = claim.incarnation + 1;
        }
        cx.record(Fact::Objects { to: claim, with: self.incarnation });
        let claim = Claim { incarnation: self.incarnation, condition: Condition::Alive };
        if self.config.is_gossiping {
            self.updates.begin(Update { member: self.me, claim });
        }
        cx.send(from, Msg::Objection(self.incarnation));
    }

    fn hear(&mut self, from: NodeId, news: &[Update], cx: &mut Cx<'_, Self>) {
        for update in news {
            if update.member == self.me {
                self.hear_of_myself(from, update.claim, cx);
            } else {
                self.believe(Some(from), *update, cx);
            }
        }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    /// Nothing: who restarts takes everybody for alive, and learns its incarnation from others.
    type Disk = ();
    type Fact = Fact;

    const EPOCH: &'static str = "incarnation";

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if boot == Boot::Recovered {
            cx.record(Fact::ComesBack);
        }
        let me = self.me;
        let others: Vec<NodeId> = NodeId::first(cx.node_count()).filter(|it| *it != me).collect();
        self.probes = Probes::new(others.iter().copied(), &mut |n| cx.choose(n));
        self.knocks = Probes::new(others, &mut |n| cx.choose(n));
        // An answer to a probe from before a crash must not pass for one to a new probe.
        self.next_probe = cx.nonce(1 << 40);
        let first_us = cx.jitter_us(0, self.config.period_us);
        cx.set_timer(first_us, Timer::Period);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        self.hear(from, msg.news(), cx);
        match msg {
            Msg::Ping { probe, .. } => {
                let news = self.news_for(from, cx);
                cx.send(from, Msg::Ack { probe, news });
            }
            Msg::PingReq { probe, target, .. } => {
                let number = self.ping(target, cx);
                self.relayed.insert(number, (from, probe));
            }
            Msg::Ack { probe, .. } => {
                if let Some(&(origin, number)) = self.relayed.get(probe) {
                    self.relayed.remove(probe);
                    let news = self.news_for(origin, cx);
                    cx.send(origin, Msg::Ack { probe: number, news });
                } else if let Some(own) = self.probe.as_mut().filter(|it| it.number == probe) {
                    if !own.is_answered && own.target != from {
                        cx.record(Fact::IsHelped(from));
                    }
                    own.is_answered = true;
                }
            }
            Msg::Objection(incarnation) => {
                let claim = Claim { incarnation, condition: Condition::Alive };
                self.believe(Some(from), Update { member: from, claim }, cx);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Period => self.begin_period(cx),
            Timer::Late => {
                let late = self.probe.filter(|probe| !probe.is_answered);
                if let Some(probe) = late.filter(|_| self.config.is_indirect) {
                    self.ask_helpers(probe, cx);
                }
            }
            Timer::TimeToObject(member) => {
                let Claim { incarnation, .. } = self.members.of(member);
                let claim = Claim { incarnation, condition: Condition::Dead };
                self.believe(None, Update { member, claim }, cx);
            }
        }
    }

    fn view(&self, (): &()) -> NodeView {
        let news = self.updates.list().map(|(told, update)| {
            let (name, claim) = (name_of(update.member), claim_text(update.claim));
            let text = format!("{name} {claim}, told {told}×");
            Datum::new(text).toned(update.claim.condition.tone())
        });
        let probed = self.probe.map_or("nobody".into(), |probe| name_of(probe.target));
        let list = self.members.iter().map(|(id, claim)| (name_of(id), claim.condition));
        NodeView::new(Role::Peer, in_short(list)).in_epoch(self.incarnation).with([
            Widget::chips(
                "Its list, where not alive: ? suspect, † dead",
                view::doubts(&self.members),
            ),
            Widget::field("Incarnation", self.incarnation),
            Widget::field("Probes", probed),
            Widget::chips("Rides along on its messages", news),
        ])
    }
}
