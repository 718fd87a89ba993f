//! What is promised, judged from outside: from what the resource applied, from what holders were told,
//! and from each holder's own clock.

use super::W1;
use super::message::{Fact, Part};
use super::node::Node;
use super::worker::{ASK_AGAIN_US, PART_US, Phase, Worker};
use crate::mechanism::lanes::Lanes;
use crate::mechanism::lease::Lease;
use crate::mechanism::recent::Recent;
use crate::mechanism::small_map::SmallMap;
use crate::scenario::Setup;
use crate::sim::{Action, NodeId, Observer, Violation, World};
use crate::view::Tone;

/// So many grants and parts are remembered.
const REMEMBERED: usize = 64;
/// A worker that waits longer than this is worth an operator's attention.
const LONG_WAIT_US: u64 = 700_000;

/// A part as it was applied.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Applied {
    pub(super) writer: NodeId,
    pub(super) part: Part,
    /// When, and by which node.
    pub(super) at: (u64, NodeId),
    /// Another holder had come in between.
    pub(super) is_interleaved: bool,
}

/// A part that came after a later holder's.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Late {
    /// It was applied, after this one of another holder.
    Applied(Applied, Applied),
    /// It was refused, since this number had been here.
    Refused(Part, u64),
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a turn of its own")]
pub(super) struct History {
    /// What the resource has applied, oldest first.
    pub(super) applied: Recent<Applied, REMEMBERED>,
    /// A later holder's part, and the first part that was applied after such a one.
    interleaved: Option<[Applied; 2]>,
    /// The part under the highest number, and the first that was applied after one under a higher number.
    newest: Option<Applied>,
    overtaken: Option<[Applied; 2]>,
    /// Who held the lock under which number, and since when, latest last.
    held: Recent<(u64, (u64, NodeId)), REMEMBERED>,
    /// The first number that was held twice, and since when by whom.
    doubled: Option<(u64, [(u64, NodeId); 2])>,
    /// The highest number that somebody held.
    highest: u64,
    /// What the keeper found on its disk and when, and a higher number that it had told somebody.
    forgotten: Option<(u64, (u64, NodeId), u64)>,
    /// A part was refused.
    pub(super) was_refused: bool,
    /// What became of W1's first part that came too late.
    pub(super) late: Option<Late>,
    /// Since when each worker waits.
    waiting: SmallMap<NodeId, u64>,
    /// When each worker last finished a job.
    finished: SmallMap<NodeId, u64>,
    pub(super) jobs: u64,
    pub(super) is_granted: bool,
    /// A lease has ended while its holder lived.
    pub(super) has_ended: bool,
    pub(super) has_renewed: bool,
    /// The keeper has come up again, and waits.
    pub(super) has_recovered: bool,
    pub(super) has_waited: bool,
    /// Who held the lock when.
    pub(super) lanes: Lanes,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        let mut turn = |what: &'static str, tone, token| {
            self.lanes.turn(at_us, node, (what, tone), token);
        };
        match *fact {
            Fact::Begins { .. } => {
                turn("waits", Tone::Neutral, None);
                self.waiting.insert(node, at_us);
            }
            Fact::Holds { token } => {
                turn("holds the lock", Tone::Good, Some(token));
                self.waiting.remove(node);
                self.on_held((at_us, node), token);
            }
            Fact::Stops { .. } => {
                turn("waits", Tone::Neutral, None);
                self.waiting.insert(node, at_us);
                self.has_ended = true;
            }
            Fact::Finishes { .. } => {
                turn("idle", Tone::Muted, None);
                self.finished.insert(node, at_us);
                self.jobs += 1;
            }
            Fact::Returns => self.waiting.remove(node),
            Fact::Grants { token, .. } => {
                turn("has lent it", Tone::Good, Some(token));
                self.is_granted = true;
            }
            Fact::Frees { .. } | Fact::TakesBack { .. } => turn("has it", Tone::Muted, None),
            Fact::Recovers { token, waits } => {
                if waits {
                    turn("waits for a lease", Tone::Warn, None);
                }
                (self.has_recovered, self.has_waited) = (true, self.has_waited || waits);
                if token < self.highest {
                    self.forgotten.get_or_insert((token, (at_us, node), self.highest));
                }
            }
            Fact::IsBlind => {}
            Fact::Renews { .. } => self.has_renewed = true,
            Fact::Applies { writer, part } => self.on_applied((at_us, node), writer, part),
            Fact::Refuses { writer, part, highest } => {
                self.was_refused = true;
                let late = (writer == W1).then_some(Late::Refused(part, highest));
                self.late = self.late.or(late);
            }
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
    fn on_held(&mut self, since: (u64, NodeId), token: u64) {
        if let Some((_, before)) = self.held.iter().find(|(held, _)| *held == token) {
            self.doubled.get_or_insert((token, [*before, since]));
        }
        self.highest = self.highest.max(token);
        self.held.push((token, since));
    }

    fn on_applied(&mut self, at: (u64, NodeId), writer: NodeId, part: Part) {
        let is_same = |it: &Applied| (it.writer, it.part.token) == (writer, part.token);
        // After the last part of another grant comes one of this grant, which was here before.
        let last = self.applied.iter().next_back().filter(|last| !is_same(last)).copied();
        let was_here = self.applied.iter().any(is_same);
        let between = last.filter(|_| was_here);
        let applied = Applied { writer, part, at, is_interleaved: between.is_some() };
        if let Some(between) = between {
            self.interleaved.get_or_insert([between, applied]);
        }
        match self.newest {
            Some(newest) if newest.part.token > part.token => {
                self.overtaken.get_or_insert([newest, applied]);
                self.late = self.late.or((writer == W1).then_some(Late::Applied(applied, newest)));
            }
            Some(_) | None => self.newest = Some(applied),
        }
        self.applied.push(applied);
    }

    /// Returns how long the worker that has waited longest has waited.
    fn longest_wait(&self, now_us: u64) -> Option<(NodeId, u64)> {
        let waits = self.waiting.iter().map(|(id, since_us)| (id, now_us - since_us));
        waits.max_by_key(|(_, wait_us)| *wait_us)
    }
}

/// Returns the workers, in order.
pub(super) fn workers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(u16::try_from(setup.knob("workers")).unwrap_or(u16::MAX))
}

/// Returns the workers that are up.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Worker)> {
    workers(world.setup()).filter_map(|id| Some((id, world.process(id)?.worker()?)))
}

/// Returns how long the lease of a worker still lasts by its own clock; 0 if it is over.
pub(super) fn left_us(world: &World<Node>, id: NodeId, lease: Lease) -> u64 {
    let (clock, now_us) = (world.clock(id), world.now_us());
    lease.until.left_us(clock.monotonic_us(now_us), clock.wall_us(now_us))
}

/// Returns true if somebody has held the lock.
pub(super) fn has_held(_: &World<Node>, history: &History) -> bool {
    history.highest > 0
}

/// Returns true if a worker goes on under a lease that is over by its own clock.
pub(super) fn lease_is_over(world: &World<Node>, id: NodeId) -> bool {
    let phase = world.process(id).and_then(Node::worker).map(|worker| worker.phase);
    matches!(phase, Some(Phase::Holding(lease)) if left_us(world, id, lease) == 0)
}

/// Returns the workers that have the lock, as their own clocks say, whether they are frozen or not.
pub(super) fn holders(world: &World<Node>) -> Vec<NodeId> {
    let holds = |(id, worker): (NodeId, &Worker)| match worker.phase {
        Phase::Holding(lease) => (left_us(world, id, lease) > 0).then_some(id),
        Phase::Idle | Phase::Waiting => None,
    };
    up(world).filter_map(holds).collect()
}

/// The resource never applies a part of a job after it has applied a part of a later holder's.
pub(super) fn jobs_stay_whole(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some([between, applied]) = history.interleaved else { return Ok(()) };
    let (Applied { writer, part, .. }, other) = (applied, between.writer);
    let (name, other_name) = (&world.names()[writer], &world.names()[other]);
    let reason = format!(
        "part {} of {name} under {} was applied after a part of {other_name}, and others of \
         {name} before that",
        part.number, part.token
    );
    Err(Violation::new(reason, [writer, other]).of([between.at, applied.at]))
}

/// Once the resource has applied a part under a number, it applies none under an older one: a worker whose
/// lease is over writes nothing more once a later one has written.
pub(super) fn the_late_are_kept_out(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let Some([newest, late]) = history.overtaken else { return Ok(()) };
    let text = |it: Applied| {
        format!("part {} of {} under {}", it.part.number, &world.names()[it.writer], it.part.token)
    };
    let reason = format!("{} was applied after {}", text(late), text(newest));
    Err(Violation::new(reason, [late.writer, newest.writer]).of([newest.at, late.at]))
}

/// No two workers hold the lock at one time, each by its own clock: a holder that is frozen may not
/// know that its lease is over, but its clock does.
pub(super) fn one_holds(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let holders = holders(world);
    if holders.len() < 2 {
        return Ok(());
    }
    let names = world.names().list(holders.iter().copied());
    let since = |id: &NodeId| history.held.iter().rev().find(|(_, (_, by))| by == id);
    let moments: Vec<_> = holders.iter().filter_map(since).map(|(_, moment)| *moment).collect();
    Err(Violation::new(format!("{names} hold the lock at one time"), holders).of(moments))
}

/// Each grant has a number of its own, judged from what holders were told.
pub(super) fn numbers_are_new(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((token, moments)) = history.doubled else { return Ok(()) };
    let [first, second] = moments.map(|(_, holder)| holder);
    let (first_name, second_name) = (&world.names()[first], &world.names()[second]);
    let reason = format!("{first_name} and then {second_name} held the lock under {token}");
    Err(Violation::new(reason, [first, second]).of(moments))
}

/// Whatever number a holder was told, the keeper's disk gives it back, or a higher one.
pub(super) fn nothing_is_forgotten(_: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((found, found_at, told)) = history.forgotten else { return Ok(()) };
    let reason = format!("the file ends with {found} after a crash, but {told} was given away");
    let told = history.held.iter().find(|(token, _)| *token == told).map(|(_, moment)| *moment);
    Err(Violation::new(reason, [found_at.1]).of(told.into_iter().chain([found_at])))
}

/// Returns how long it may take until everybody has had a turn: who holds the lock may be dead, the
/// keeper may have come up just now, others may ask again only after a while, and all are before it.
pub(super) fn turn_us(setup: &Setup) -> u64 {
    let job_us = setup.knob("parts") * PART_US.1 + 100_000;
    3 * ASK_AGAIN_US + 2 * setup.knob("lease") * 1_000 + 2 * setup.knob("workers") * job_us
}

/// Every worker has finished a job since the last disturbance.
pub(super) fn all_have_had_a_turn(world: &World<Node>, history: &History) -> bool {
    let since_us = world.disturbed_at_us();
    let has_had = |id| history.finished.get(id).is_some_and(|at_us| *at_us > since_us);
    workers(world.setup()).all(has_had)
}

/// No worker waits long for the lock.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    match history.longest_wait(world.now_us()) {
        Some((worker, wait_us)) if wait_us > LONG_WAIT_US => {
            let (name, ms) = (&world.names()[worker], wait_us / 1_000);
            Err(Violation::new(format!("{name} has waited for {ms} ms"), [worker]))
        }
        Some(_) | None => Ok(()),
    }
}

/// No worker goes on under a lease that is over by its own clock.
pub(super) fn holders_know(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let mut workers = workers(world.setup());
    let Some(id) = workers.find(|id| lease_is_over(world, *id)) else { return Ok(()) };
    let reason = format!("{} has not noticed that its lease is over", &world.names()[id]);
    Err(Violation::new(reason, [id]))
}

/// Returns how long the worker that has waited longest has waited.
pub(super) fn longest_wait_ms(world: &World<Node>, history: &History) -> i64 {
    let wait_us = history.longest_wait(world.now_us()).map_or(0, |(_, wait_us)| wait_us);
    i64::try_from(wait_us / 1_000).unwrap_or(i64::MAX)
}

/// Returns how many messages were sent for each job that was finished.
pub(super) fn messages_a_job(world: &World<Node>, history: &History) -> i64 {
    i64::try_from(world.costs().messages / history.jobs.max(1)).unwrap_or(i64::MAX)
}

/// Returns what the resource did with W1's part that came too late: it applied it (0), or refused it (1).
pub(super) fn what_became_of_the_late_part(_: &World<Node>, history: &History) -> Option<u8> {
    history.late.map(|late| u8::from(matches!(late, Late::Refused(..))))
}

/// Says what became of W1's part that came too late.
pub(super) fn the_late_part_in_words(world: &World<Node>, history: &History) -> String {
    let text = |part: Part| format!("part {} under {}", part.number, part.token);
    match history.late {
        Some(Late::Applied(late, between)) => {
            let (late, between, name) =
                (text(late.part), text(between.part), &world.names()[between.writer]);
            format!("Store applied W1's {late} after {name}'s {between}")
        }
        Some(Late::Refused(part, highest)) => {
            format!("Store refused W1's {}: it had seen {highest}", text(part))
        }
        None => String::new(),
    }
}

/// Says of a worker that its lease is over, and of the resource what it applied last.
fn remark(world: &World<Node>, history: &History, id: NodeId) -> Option<String> {
    if id == super::config(world.setup()).resource() {
        let Applied { writer, part, is_interleaved, .. } = history.applied.iter().next_back()?;
        let last = format!("last: {}'s part {}", &world.names()[*writer], part.number);
        return Some(if *is_interleaved { format!("{last}, another came between") } else { last });
    }
    lease_is_over(world, id).then(|| "lease over".into())
}
