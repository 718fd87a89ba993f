//! Whether the monitor's verdicts are right, judged by what the kernel saw: who was alive, whose
//! heartbeats came, and when the monitor itself was awake.

use super::compare::Comparison;
use super::message::{Fact, Partitions};
use super::monitor::{Member, Monitor, State};
use super::node::{MONITOR, Node};
use crate::mechanism::failure_detector::Arrivals;
use crate::mechanism::lanes::Lanes;
use crate::mechanism::small_map::SmallMap;
use crate::scenario::Setup;
use crate::sim::{Action, Cause, EventKind, Happened, NodeId, Observer, Violation, World};
use crate::view::Tone;

/// How much longer a time on a clock may really be, in a hundred: clocks are at most 5 % slow.
const SLOW_CLOCK_PERCENT: u64 = 106;
/// A disk's sync takes less.
const SYNC_US: u64 = 20_000;
/// A listed worker that has been silent for longer deserves a look, in percent of the period.
const LONG_SILENCE_PERCENT: u64 = 150;

/// A worker as the kernel saw it.
#[derive(Copy, Clone, Debug, Default, Hash)]
struct Seen {
    /// When something last happened there.
    last_us: u64,
    /// The event that sent its last heartbeat that came.
    counted: Option<u32>,
    /// When that came, by the time that the monitor was awake.
    heard_awake_us: u64,
    /// The highest incarnation in which it was declared dead, and when it last was.
    buried: u64,
    buried_us: u64,
    /// It was condemned, and nothing has happened there since.
    is_doomed: bool,
}

/// What happened, as far as it is judged.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    seen: SmallMap<NodeId, Seen>,
    /// How long the monitor was awake up to its last event.
    awake_us: u64,
    /// When that was.
    watched_us: Option<u64>,
    /// How often it means to look.
    every_us: u64,
    /// The shortest silence after which a worker was condemned, whose it was, when it last gave a sign
    /// of life, and when it was condemned.
    hastiest: Option<(u64, NodeId, [u64; 2])>,
    /// A worker that was listed in an incarnation in which it had been declared dead: when that was, and
    /// when it was listed.
    revived: Option<(NodeId, u64, [u64; 2])>,
    /// How often a worker was condemned that was alive.
    pub(super) false_deaths: u64,
    /// How often a worker was condemned.
    pub(super) deaths: u64,
    /// How often a partition was moved.
    pub(super) moves: u64,
    /// Whether one was when nobody had been condemned yet: who gets one is busy, and late with its signs.
    pub(super) has_moved_first: bool,
    /// When a suspicion of each worker was last taken back.
    trusted_us: SmallMap<NodeId, u64>,
    /// How often somebody was suspected.
    pub(super) suspicions: u64,
    /// A worker was listed again in a new incarnation.
    pub(super) has_rejoined: bool,
    /// The monitor excused everybody for its own sleep.
    pub(super) has_slept: bool,
    /// Who was what, when.
    pub(super) lanes: Lanes,
    /// What other detectors would have done.
    pub(super) comparison: Comparison,
}

impl Observer<Node> for History {
    fn on_event(&mut self, event: &Happened) {
        let (record, at_us) = (&event.record, event.record.at_us);
        if record.node != MONITOR {
            return self.on_worker(record.node, record.kind, at_us);
        }
        // Between two looks nothing need happen; what is longer was sleep.
        let passed_us = at_us - self.watched_us.replace(at_us).unwrap_or(at_us);
        self.awake_us += passed_us.min(self.every_us * 11 / 10);
        let cause = match record.cause {
            Cause::Event(number) => Some(number),
            Cause::Beginning | Cause::Action(_) => None,
        };
        match record.kind {
            EventKind::Delivered if record.peer != NodeId::OUTSIDE => {
                let awake_us = self.awake_us;
                let seen = self.seen.get_or_insert(record.peer, Seen::default());
                // One that was overtaken, or comes twice, says nothing about now.
                if cause > seen.counted {
                    (seen.counted, seen.heard_awake_us) = (cause, awake_us);
                    self.comparison.heard(record.peer, awake_us);
                }
            }
            EventKind::Recovered | EventKind::Started => {
                // Whoever comes up cannot know for how long anybody has been silent.
                let awake_us = self.awake_us;
                let ids: Vec<NodeId> = self.seen.iter().map(|(id, _)| id).collect();
                for id in ids {
                    self.seen.get_or_insert(id, Seen::default()).heard_awake_us = awake_us;
                }
            }
            EventKind::Delivered
            | EventKind::TimerFired
            | EventKind::Synced
            | EventKind::Fell
            | EventKind::Finished
            | EventKind::Refused => {}
        }
    }

    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Watches { every_us } => {
                self.every_us = every_us;
                self.comparison.begin(4 * every_us);
            }
            Fact::Lists(id, incarnation) => {
                let seen = self.seen.get_or_insert(id, Seen::default());
                let is_again = incarnation <= seen.buried;
                self.has_rejoined |= seen.buried > 0 && !is_again;
                let moments = [seen.buried_us, at_us];
                self.revived = self.revived.or(is_again.then_some((id, incarnation, moments)));
                self.lanes.turn(at_us, id, ("listed", Tone::Good), Some(incarnation));
            }
            Fact::Suspects(id) => {
                self.suspicions += 1;
                self.lanes.turn(at_us, id, ("suspected", Tone::Warn), None);
            }
            Fact::Trusts(id) => {
                self.trusted_us.insert(id, at_us);
                self.lanes.turn(at_us, id, ("listed", Tone::Good), None);
            }
            Fact::Condemns(id, _) => {
                self.deaths += 1;
                let silence_us = self.silence_us(id);
                let seen = self.seen.get_or_insert(id, Seen::default());
                seen.is_doomed = true;
                let silence = (silence_us, id, [seen.last_us, at_us]);
                self.hastiest = Some(self.hastiest.map_or(silence, |it| it.min(silence)));
            }
            Fact::Declares(id, incarnation) => {
                let seen = self.seen.get_or_insert(id, Seen::default());
                (seen.buried, seen.buried_us) = (seen.buried.max(incarnation), at_us);
                self.lanes.turn(at_us, id, ("declared dead", Tone::Bad), None);
            }
            Fact::Slept(_) => self.has_slept = true,
            Fact::Moves(..) => {
                self.moves += 1;
                self.has_moved_first |= self.deaths == 0;
            }
            Fact::Lives(_) => self.comparison.forget(node),
            Fact::Takes(_) => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.lanes.on_action(at_us, action);
    }

    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        remark(world, self, node)
    }
}

impl History {
    /// Something happened at a worker, so it was alive until then, unless it had to be started.
    fn on_worker(&mut self, id: NodeId, kind: EventKind, at_us: u64) {
        let awake_us = self.awake_us;
        let new = Seen { heard_awake_us: awake_us, ..Seen::default() };
        let seen = self.seen.get_or_insert(id, new);
        let was_dead = matches!(kind, EventKind::Recovered | EventKind::Started);
        let was_alive = std::mem::take(&mut seen.is_doomed) && !was_dead;
        seen.last_us = at_us;
        self.false_deaths += u64::from(was_alive);
    }

    /// Returns for how long no heartbeat of a worker has come while the monitor was awake.
    pub(super) fn silence_us(&self, id: NodeId) -> u64 {
        let heard_us = self.seen.get(id).map_or(0, |seen| seen.heard_awake_us);
        self.awake_us.saturating_sub(heard_us)
    }

    /// Returns how long ago something last happened at a worker.
    fn gone_us(&self, id: NodeId, now_us: u64) -> u64 {
        now_us - self.seen.get(id).map_or(0, |seen| seen.last_us)
    }
}

/// Returns true if a suspicion of anybody was taken back.
pub(super) fn has_trusted(_: &World<Node>, history: &History) -> bool {
    !history.trusted_us.is_empty()
}

/// Returns true if a suspicion of a worker was taken back since.
pub(super) fn is_trusted_since(history: &History, id: NodeId, since_us: u64) -> bool {
    history.trusted_us.get(id).is_some_and(|at_us| *at_us > since_us)
}

/// Says how unlikely a silence is, how far apart heartbeats usually come, and by how much that varies.
pub(super) fn arrivals_in_words(arrivals: &Arrivals, silence_us: u64) -> [String; 3] {
    let ms = |us: f64| format!("{:.0} ms", us / 1_000.0);
    let (mean_us, deviation_us) = arrivals.mean_and_deviation_us();
    [format!("{:.1}", arrivals.phi(silence_us).min(99.0)), ms(mean_us), ms(deviation_us)]
}

/// Returns the workers, in order.
pub(super) fn workers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    let last = u16::try_from(setup.knob("workers")).unwrap_or(u16::MAX);
    (1..=last).map(NodeId)
}

/// Returns the monitor, if it is up.
pub(super) fn monitor(world: &World<Node>) -> Option<&Monitor> {
    match world.process(MONITOR)? {
        Node::Monitor(monitor) => Some(monitor),
        Node::Worker(_) => None,
    }
}

/// Returns the workers as the monitor knows them; none while it is down.
pub(super) fn members(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Member)> {
    monitor(world).into_iter().flat_map(|it| it.members.iter())
}

/// Returns the partitions that are a worker's, as the monitor knows.
pub(super) fn share_of(world: &World<Node>, id: NodeId) -> Partitions {
    monitor(world).map(|it| it.share_of(id)).unwrap_or_default()
}

fn period_us(setup: &Setup) -> u64 {
    setup.knob("period") * 1_000
}

/// Returns the longest burst of losses or pause that must kill nobody: one heartbeat less than it takes
/// to be declared dead.
pub(super) fn burst_us(setup: &Setup) -> u64 {
    (setup.knob("misses") - 1) * period_us(setup)
}

/// Nobody is condemned who was silent for no longer than the declared burst, by the kernel's record of
/// what came while the monitor was awake.
pub(super) fn nobody_dies_in_a_burst(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let Some((silence_us, id, [alive_us, dead_us])) = history.hastiest else { return Ok(()) };
    let burst_us = burst_us(world.setup());
    if silence_us >= burst_us {
        return Ok(());
    }
    let (silence, burst) = (silence_us / 1_000, burst_us / 1_000);
    let reason = format!(
        "{} was declared dead after {silence} ms of silence; bursts of up to {burst} ms are to be \
         survived",
        &world.names()[id]
    );
    Err(Violation::new(reason, [id, MONITOR]).of([(alive_us, id), (dead_us, MONITOR)]))
}

/// Strong completeness (Chandra & Toueg 1996), with a bound: who has been silent for too long is
/// suspected, and declared dead after as many misses as that takes.
pub(super) fn the_silent_are_suspected(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let setup = world.setup();
    // Looks come up to twice their time apart unless the monitor slept.
    let margin_us = 3 * period_us(setup) / 4 + SYNC_US;
    let slow = |us: u64| us * SLOW_CLOCK_PERCENT / 100 + margin_us;
    let (suspect_us, dead_us) =
        (slow(super::suspicion_limit_us(setup)), slow(super::burial(setup).1));
    for (id, member) in members(world) {
        let silence_us = history.silence_us(id);
        let is_alive = member.state == State::Alive;
        if (is_alive && silence_us > suspect_us)
            || (member.state.is_listed() && silence_us > dead_us)
        {
            let what = if is_alive { "trusted" } else { "listed" };
            let (name, silence) = (&world.names()[id], silence_us / 1_000);
            let reason = format!("{name} has been silent for {silence} ms and is still {what}");
            let last = history.seen.get(id).map(|seen| (seen.last_us, id));
            return Err(Violation::new(reason, [id, MONITOR]).of(last));
        }
    }
    Ok(())
}

/// Who was declared dead comes back in a new incarnation only: what the dead one had said cannot revive
/// it, and whoever listened to it knows that it is another.
pub(super) fn nobody_comes_back_the_same(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let Some((id, incarnation, moments)) = history.revived else { return Ok(()) };
    let name = &world.names()[id];
    let reason =
        format!("{name} is listed in incarnation {incarnation}, in which it was declared dead");
    Err(Violation::new(reason, [id, MONITOR]).of(moments.map(|at_us| (at_us, MONITOR))))
}

/// Eventual accuracy (Chandra & Toueg 1996), with a bound: once all is calm, everybody is listed.
pub(super) fn calm_brings_everybody_back(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let settled_us = world.calm_since_us().map(|us| us + settle_us(world.setup()));
    if settled_us.is_none_or(|us| world.now_us() <= us) {
        return Ok(());
    }
    let Some((id, _)) = members(world).find(|(_, it)| !it.state.is_listed()) else {
        return Ok(());
    };
    let reason = format!("{} is alive, all is calm, and it is not listed", &world.names()[id]);
    let seen = history.seen.get(id).copied().unwrap_or_default();
    let moments = [(seen.buried_us, MONITOR), (seen.last_us, id)];
    Err(Violation::new(reason, [id, MONITOR]).of(moments))
}

/// Returns how long it may take after the last fault until everybody is listed: who has just been
/// condemned hears of it at its next heartbeat, and comes back.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    super::burial(setup).1 + 4 * period_us(setup) + setup.knob("load") * 1_000 + 200_000
}

/// Returns how long it may take until every partition is served: at worst one worker is back first and
/// takes all of them over, one after the other.
pub(super) fn serve_us(setup: &Setup) -> u64 {
    let each_us = setup.knob("load") * 1_000 + period_us(setup);
    2 * settle_us(setup) + u64::from(super::message::Partitions::ALL) * each_us
}

pub(super) fn all_are_listed(world: &World<Node>, _: &History) -> bool {
    listed(world) == i64::from(world.names().count()) - 1
}

pub(super) fn all_are_served(world: &World<Node>, _: &History) -> bool {
    monitor(world).is_some_and(|it| it.unserved() == 0)
}

/// Returns how many workers the monitor lists.
pub(super) fn listed(world: &World<Node>) -> i64 {
    let count = members(world).filter(|(_, it)| it.state.is_listed()).count();
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns how many partitions nobody serves.
pub(super) fn unserved(world: &World<Node>, _: &History) -> i64 {
    let count = monitor(world).map_or(0, Monitor::unserved);
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns the longest silence of a worker that is listed, in milliseconds.
pub(super) fn longest_silence_ms(world: &World<Node>, history: &History) -> i64 {
    let listed = members(world).filter(|(_, it)| it.state.is_listed());
    let longest_us = listed.map(|(id, _)| history.silence_us(id)).max().unwrap_or_default();
    i64::try_from(longest_us / 1_000).unwrap_or(i64::MAX)
}

/// No living worker is off the list.
pub(super) fn the_living_are_listed(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let is_wrong = |id: NodeId| world.process(id).is_some();
    let off = members(world).filter(|(id, it)| !it.state.is_listed() && is_wrong(*id));
    let off: Vec<NodeId> = off.map(|(id, _)| id).collect();
    if off.is_empty() {
        return Ok(());
    }
    let names = world.names().list(off.iter().copied());
    Err(Violation::new(format!("running, and declared dead: {names}"), off))
}

/// No partition has to wait for somebody to take it over.
pub(super) fn nothing_is_on_its_way(world: &World<Node>, _: &History) -> Result<(), Violation> {
    match monitor(world).map_or(0, Monitor::on_their_way) {
        0 => Ok(()),
        count => {
            let reason = format!("nobody serves {count} of the partitions");
            Err(Violation::new(reason, [MONITOR]))
        }
    }
}

/// Nobody who is listed has been silent for long.
pub(super) fn nobody_is_silent(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let longest_ms = longest_silence_ms(world, history).unsigned_abs();
    let limit_ms = world.setup().knob("period") * LONG_SILENCE_PERCENT / 100;
    if longest_ms <= limit_ms {
        return Ok(());
    }
    let reason = format!("somebody listed has been silent for {longest_ms} ms");
    Err(Violation::new(reason, [MONITOR]))
}

/// Returns for how long a worker has been gone that is down, declared dead, and whose work has gone to
/// others.
pub(super) fn replaced_after_us(world: &World<Node>, history: &History, id: NodeId) -> Option<u64> {
    let monitor = monitor(world)?;
    let is_dead = monitor.members.get(id)?.state == State::Dead && world.process(id).is_none();
    let is_replaced = is_dead && monitor.share_of(id).iter().next().is_none();
    is_replaced.then(|| history.gone_us(id, world.now_us()))
}

/// Returns true if a worker that runs has been declared dead.
pub(super) fn is_one_buried_alive(world: &World<Node>) -> bool {
    members(world).any(|(id, it)| it.state == State::Dead && world.process(id).is_some())
}

/// Returns true if a worker serves something.
pub(super) fn serves(world: &World<Node>, id: NodeId) -> bool {
    matches!(world.process(id), Some(Node::Worker(it)) if it.ready.iter().next().is_some())
}

/// Says what the monitor takes a worker for, if not for alive.
fn remark(world: &World<Node>, _: &History, id: NodeId) -> Option<String> {
    let state = monitor(world)?.members.get(id)?.state;
    (state != State::Alive).then(|| state.text().into())
}
