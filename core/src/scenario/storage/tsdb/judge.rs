//! What was read and promised, what is there after a crash, and what answers say.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::message::{DASHBOARD, FIRST, Fact, Refused, STORE, reading, thermometer};
use super::node::Node;
use super::server::Server;
use crate::mechanism::mount::State;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::time_series::rollup::{Rollup, rollups_of};
use crate::mechanism::time_series::{Answer, Engine, Point, Query, Refusal, StoreError, What};
use crate::order::sort_by_key;
use crate::sim::{Action, DiskFault, LongList, NodeId, Observer, Violation, World};

/// A reading that was sent.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sent {
    series: u16,
    point: Point,
    /// When its thermometer was told that it is kept.
    told_us: Option<u64>,
}

/// An answer, as far as it is judged when it comes.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Got {
    pub(super) at_us: u64,
    pub(super) query: Query,
    pub(super) covers_from: u64,
    pub(super) found: u32,
    pub(super) blocks: u32,
}

/// A rollup of an answer that no readings make which the store can have had.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct WrongRollup {
    at_us: u64,
    series: u16,
    /// Where its interval begins.
    start: u64,
    /// Of how many readings it is; 0 if there is none.
    found: u32,
    /// How many of that interval were promised when the answer was asked for, and how many were ever sent.
    between: (u32, u32),
}

/// All that happened to the store.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// Every reading that was sent, in that order.
    sent: LongList<Sent>,
    /// Of each thermometer's batch under way the number, the first reading, and how many there are.
    flying: SmallMap<u16, (u32, u64, u64)>,
    /// The newest reading that was sent.
    newest: u64,
    /// The newest of each series that its thermometer was told is kept.
    newest_told: SmallMap<u16, u64>,
    /// When the dashboard asked what it waits for.
    asked_us: u64,
    pub(super) got: Option<Got>,
    /// The first reading that an answer lacks, and when that came.
    missing: Option<(Sent, Got)>,
    /// The first reading of an answer that was not sent so.
    invented: Option<(u16, Point, u64)>,
    /// The first wrong rollup of an answer.
    wrong_rollup: Option<WrongRollup>,
    /// When the store last began to serve.
    served_us: Option<u64>,
    /// How often it has begun to serve.
    pub(super) openings: u32,
    /// When it last did not open.
    refused_us: Option<u64>,
    /// When a sync last failed.
    pub(super) failed_us: Option<u64>,
    /// A medium was damaged, which nothing here claims to survive.
    pub(super) is_damaged: bool,
    /// How many readings thermometers were told are kept, and how many that they came too late.
    pub(super) told: u64,
    pub(super) late: u64,
    /// When a thermometer was last told that something came too late, and which one.
    late_us: Option<(u64, NodeId)>,
    /// The first shard that was sealed: its number, points and bits.
    pub(super) sealed: Option<(u64, u64, u64)>,
    /// How often something was forgotten.
    pub(super) forgets: u32,
}

impl History {
    fn sends(&mut self, node: NodeId, number: u32, points: &[Point]) {
        let first = self.sent.len() as u64;
        let series = node.0 - FIRST.0;
        for point in points {
            self.newest = self.newest.max(point.at);
            self.sent.push(Sent { series, point: *point, told_us: None });
        }
        self.flying.insert(node.0, (number, first, points.len() as u64));
    }

    fn is_told(&mut self, at_us: u64, node: NodeId, number: u32, refused: &Refused) {
        let late = refused.iter().filter(|(_, why)| *why == Refusal::TooLate).count() as u64;
        self.late += late;
        self.late_us = if late > 0 { Some((at_us, node)) } else { self.late_us };
        let Some(&(of, first, count)) = self.flying.get(node.0) else { return };
        for place in (first..first + count).filter(|_| of == number) {
            let Some(it) = usize::try_from(place).ok().and_then(|it| self.sent.get_mut(it)) else {
                continue;
            };
            if refused.iter().all(|(at, _)| *at != it.point.at) {
                it.told_us = Some(at_us);
                self.told += 1;
                self.newest_told.insert(it.series, it.point.at);
            }
        }
    }

    /// Judges an answer by all that was sent, and by all that was promised before it was asked for.
    fn gets(&mut self, at_us: u64, query: Query, answer: &Answer) {
        let found = answer.points.len() + answer.rollups.len();
        let got = Got {
            at_us,
            query,
            covers_from: answer.covers_from,
            found: size(found),
            blocks: answer.blocks,
        };
        self.got = Some(got);
        if query.what == What::Rollups {
            self.wrong_rollup = self.wrong_rollup.or(self.first_wrong_rollup(got, answer));
            return;
        }
        let mut found: BTreeMap<u64, u64> =
            answer.points.iter().map(|it| (it.at, it.bits)).collect();
        let covered = query.from.max(answer.covers_from)..query.to;
        let asked_us = self.asked_us;
        let is_promised = |it: &Sent| it.told_us.is_some_and(|told_us| told_us <= asked_us);
        let mut missing = None;
        for it in self.sent.iter().filter(|it| it.series == query.series) {
            let bits = found.get(&it.point.at).copied();
            if bits == Some(it.point.bits) {
                found.remove(&it.point.at);
            } else if bits.is_none() && covered.contains(&it.point.at) && is_promised(it) {
                missing = missing.or(Some((*it, got)));
            }
        }
        self.missing = self.missing.or(missing);
        let invented = found.into_iter().next();
        let invented = invented.map(|(at, bits)| (query.series, Point { at, bits }, at_us));
        self.invented = self.invented.or(invented);
    }

    /// Compares the rollups of an answer with the readings of the intervals that it covers: each is of all that
    /// were promised and of none that was not sent. Where all were promised, it is theirs to the bit.
    fn first_wrong_rollup(&self, got: Got, answer: &Answer) -> Option<WrongRollup> {
        let query = got.query;
        let span = super::ROLLUP_MS;
        let mut sent: BTreeMap<u64, Vec<&Sent>> = BTreeMap::new();
        for it in self.sent.iter().filter(|it| it.series == query.series) {
            sent.entry(it.point.at - it.point.at % span).or_default().push(it);
        }
        let found: BTreeMap<u64, Rollup> = answer.rollups.iter().copied().collect();
        let from = query.from.max(got.covers_from);
        let is_covered = |start: u64| start >= from && start.saturating_add(span) <= query.to;
        let starts: BTreeSet<u64> = sent.keys().chain(found.keys()).copied().collect();
        starts.into_iter().filter(|start| is_covered(*start)).find_map(|start| {
            let mut points = sent.get(&start).cloned().unwrap_or_default();
            sort_by_key(&mut points, |it| it.point.at);
            let is_promised = |it: &&Sent| it.told_us.is_some_and(|told| told <= self.asked_us);
            let promised = points.iter().copied().filter(is_promised).count();
            let rollup = found.get(&start).copied();
            let count = rollup.map_or(0, |it| it.count + it.missing);
            let is_known = promised == points.len();
            let right = rollups_of(points.iter().map(|it| it.point), span);
            let is_right = (promised..=points.len()).contains(&(count as usize))
                && (!is_known || rollup == right.first().map(|it| it.1));
            let between = (size(promised), size(points.len()));
            let (at_us, series) = (got.at_us, query.series);
            (!is_right).then_some(WrongRollup { at_us, series, start, found: count, between })
        })
    }

    /// Returns how far the newest reading of this series that is kept lies behind the newest of all that
    /// were sent.
    pub(super) fn behind(&self, series: u16) -> u64 {
        self.newest - self.newest_told.get(series).copied().unwrap_or_default().min(self.newest)
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Sends(number, points) => self.sends(node, *number, points),
            Fact::IsTold(number, refused) => self.is_told(at_us, node, *number, refused),
            Fact::Asks(..) => self.asked_us = at_us,
            Fact::Gets(_, query, answer) => self.gets(at_us, *query, answer),
            Fact::Serves(_) => {
                self.served_us = Some(at_us);
                self.openings += 1;
            }
            Fact::Refuses(_) => self.refused_us = Some(at_us),
            Fact::SyncFailed => self.failed_us = Some(at_us),
            Fact::Seals(number, points, bits) => {
                self.sealed.get_or_insert((*number, *points, *bits));
            }
            Fact::Forgets(_) => self.forgets += 1,
            Fact::SendsAgain(_) | Fact::Drops(_) | Fact::IsRefused(..) | Fact::GivesUp(_) => {}
        }
    }

    fn on_action(&mut self, _: u64, action: &Action, _: &World<Node>) {
        if let Action::Disk { fault, .. } = action {
            self.is_damaged |= matches!(
                fault,
                DiskFault::BitRot { .. }
                    | DiskFault::ReadError { .. }
                    | DiskFault::Misdirect { .. }
                    | DiskFault::LostSyncs { .. }
            );
        }
    }
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Returns the node that has the store.
pub(super) fn server(world: &World<Node>) -> Option<&Server> {
    world.process(STORE)?.server()
}

/// Returns the store, if it serves.
pub(super) fn engine(world: &World<Node>) -> Option<&Engine> {
    server(world)?.engine.store().filter(|it| it.state() != State::Opening)
}

/// Returns all that the store has of a series, from the bytes of its disk; none if it is damaged.
pub(super) fn all_of(world: &World<Node>, series: u16, what: What) -> Option<Answer> {
    ask(world, series, what)?.ok()
}

/// Asks the store for all that it has of a series; none if it does not serve.
fn ask(world: &World<Node>, series: u16, what: What) -> Option<Result<Answer, StoreError>> {
    let query = Query { series, from: 0, to: u64::MAX, what };
    Some(engine(world)?.answer(world.disk(STORE), query))
}

/// The same, for who judges: an undamaged store that cannot read what it has written is wrong.
fn readable(
    world: &World<Node>,
    it: &History,
    (series, what): (u16, What),
) -> Result<Option<Answer>, Violation> {
    match ask(world, series, what) {
        Some(Err(error)) if !it.is_damaged => {
            let reason =
                format!("the store cannot read {}'s readings: {error}", thermometer(series));
            let moments = [(world.now_us(), STORE)];
            Err(Violation::new(reason.trim_end_matches('.'), [STORE]).of(moments))
        }
        answer => Ok(answer.and_then(Result::ok)),
    }
}

pub(super) fn series(world: &World<Node>) -> std::ops::Range<u16> {
    0..world.setup().count("sensors")
}

/// What a thermometer was told is kept, no crash takes as long as retention keeps it.
pub(super) fn promises_are_kept(world: &World<Node>, it: &History) -> Result<(), Violation> {
    if let (Some(at_us), Some(Err(error))) =
        (it.refused_us, server(world).and_then(|server| server.engine.opened()))
        && !it.is_damaged
    {
        let reason = format!("the store does not open: {error}");
        return Err(Violation::new(reason.trim_end_matches('.'), [STORE]).of([(at_us, STORE)]));
    }
    let Some(at_us) = it.served_us.filter(|at_us| *at_us == world.now_us()) else {
        return Ok(());
    };
    let kept_from = it.newest.saturating_sub(world.setup().knob("retention"));
    for series in series(world) {
        let Some(answer) = readable(world, it, (series, What::Points))? else { continue };
        let found: BTreeMap<u64, u64> = answer.points.iter().map(|it| (it.at, it.bits)).collect();
        let is_gone = |it: &&Sent| {
            let is_promised = it.told_us.is_some() && it.point.at >= kept_from;
            it.series == series && is_promised && !found.contains_key(&it.point.at)
        };
        let mut gone = it.sent.iter().filter(is_gone);
        if let Some((first, told_us)) = gone.next().and_then(|it| Some((it, it.told_us?))) {
            let node = NodeId(FIRST.0 + series);
            let count = 1 + gone.count();
            let (whose, at) = (thermometer(series), first.point.at);
            let reason = format!(
                "{count} of {whose}'s readings are gone, the first of {at} ms: {whose} was told that they \
                 are kept"
            );
            return Err(Violation::new(reason, [STORE, node]).of([(told_us, node), (at_us, STORE)]));
        }
    }
    Ok(())
}

/// What an answer has was read by a thermometer, to the bit.
pub(super) fn answers_are_what_was_sent(_: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some((series, point, at_us)) = it.invented else { return Ok(()) };
    let reason = format!(
        "an answer has {} at {} ms: {} sent nothing like it",
        reading(point.bits),
        point.at,
        thermometer(series)
    );
    Err(Violation::new(reason, [DASHBOARD, STORE]).of([(at_us, DASHBOARD)]))
}

/// An answer holds all that was promised of the time that it says it covers, which is all that is kept.
pub(super) fn answers_are_whole(world: &World<Node>, it: &History) -> Result<(), Violation> {
    if let Some((sent, got)) = it.missing {
        let node = NodeId(FIRST.0 + sent.series);
        let reason = format!(
            "an answer of all from {} ms on lacks {}'s reading of {} ms, of which {} was told that it is \
             kept",
            got.covers_from,
            thermometer(sent.series),
            sent.point.at,
            thermometer(sent.series)
        );
        let moments = [(sent.told_us.unwrap_or_default(), node), (got.at_us, DASHBOARD)];
        return Err(Violation::new(reason, [DASHBOARD, STORE]).of(moments));
    }
    let Some(got) = it.got.filter(|got| got.at_us == world.now_us()) else { return Ok(()) };
    let kept_from = it.newest.saturating_sub(world.setup().knob("retention"));
    if got.covers_from > got.query.from.max(kept_from) && !it.is_damaged {
        let reason = format!(
            "an answer covers what is from {} ms on, and what is from {kept_from} ms on is to be kept",
            got.covers_from
        );
        return Err(Violation::new(reason, [DASHBOARD, STORE]).of([(got.at_us, DASHBOARD)]));
    }
    Ok(())
}

/// The rollups that the dashboard is given are those of the readings that were promised, and the rollups that
/// the store has those of the points that it has, to the bit. Judged when the dashboard has rollups before
/// it.
pub(super) fn rollups_are_right(world: &World<Node>, it: &History) -> Result<(), Violation> {
    if let Some(wrong) = it.wrong_rollup {
        let (promised, sent) = wrong.between;
        let reason = format!(
            "an answer's rollup of {} from {} ms on is of {} readings, or not what they add up to: {sent} were \
             sent, and {promised} of them were kept when it was asked for",
            thermometer(wrong.series),
            wrong.start,
            wrong.found
        );
        let nodes = [DASHBOARD, STORE];
        return Err(Violation::new(reason, nodes).of([(wrong.at_us, DASHBOARD)]));
    }
    let is_now = |got: &Got| got.at_us == world.now_us() && got.query.what == What::Rollups;
    let Some(got) = it.got.filter(is_now) else { return Ok(()) };
    let span = super::ROLLUP_MS;
    for series in series(world) {
        let points = readable(world, it, (series, What::Points))?;
        let found = readable(world, it, (series, What::Rollups))?;
        let (Some(points), Some(found)) = (points, found) else {
            continue;
        };
        let is_whole = |start: u64| start >= points.covers_from;
        let found = Rc::new(found.rollups);
        for (start, right) in rollups_of(points.points, span) {
            let has = found.iter().find(|(of, _)| *of == start).map(|it| it.1);
            if is_whole(start) && has != Some(right) {
                let count = |count: u32| format!("{count} readings");
                let has = has.map_or_else(|| "nothing".into(), |it| count(it.count + it.missing));
                let reason = format!(
                    "the rollup of {} from {start} ms on is of {has}, and there are {}",
                    thermometer(series),
                    count(right.count + right.missing)
                );
                let nodes = [STORE, NodeId(FIRST.0 + series)];
                return Err(Violation::new(reason, nodes).of([(got.at_us, DASHBOARD)]));
            }
        }
    }
    Ok(())
}

/// An operator wants to know when readings are refused.
pub(super) fn nothing_is_late(_: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some((at_us, node)) = it.late_us else { return Ok(()) };
    let reason = format!("{} readings came too late and are not kept", it.late);
    Err(Violation::new(reason, [STORE, node]).of([(at_us, node)]))
}

/// An operator wants to know when no reading is taken.
pub(super) fn takes_points(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let why = match server(world).and_then(|server| server.engine.opened()) {
        Some(Err(error)) => error.to_string(),
        Some(Ok(engine)) if engine.state() == State::InDoubt => "a sync has failed".into(),
        Some(Ok(engine)) => match engine.shards().and_then(|it| it.stalled()) {
            Some(error) => error.to_string(),
            None => return Ok(()),
        },
        None => return Ok(()),
    };
    let moments = it.failed_us.map(|at_us| (at_us, STORE));
    Err(Violation::new(why.trim_end_matches('.'), [STORE]).of(moments))
}

/// Returns true if a query holds a shard that retention has done with.
pub(super) fn holds_what_is_forgotten(world: &World<Node>, _: &History) -> bool {
    let store = engine(world).and_then(Engine::shards);
    store.is_some_and(|store| store.doomed().next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ten readings in two intervals, the last of which is not acknowledged, judges an answer.
    fn judged(change: impl FnOnce(&mut Answer)) -> Option<WrongRollup> {
        let node = FIRST;
        let points: Vec<Point> = (0..10).map(|at| Point::new(at * 25, 1.0)).collect();
        let mut history = History::default();
        for (number, point) in (1..).zip(&points) {
            history.on_fact(1, node, &Fact::Sends(number, [*point].into()));
            if number < 10 {
                history.on_fact(2, node, &Fact::IsTold(number, Refused::default()));
            }
        }
        let query = Query { series: 0, from: 0, to: u64::MAX, what: What::Rollups };
        history.on_fact(3, DASHBOARD, &Fact::Asks(1, query));
        let mut answer = Answer { rollups: rollups_of(points, 125), ..Answer::default() };
        change(&mut answer);
        history.on_fact(4, DASHBOARD, &Fact::Gets(1, query, answer.into()));
        history.wrong_rollup
    }

    #[test]
    fn a_rollup_that_an_answer_lacks_invents_or_gets_wrong_is_found() {
        assert_eq!(judged(|_| ()), None);
        let wrong = |change: fn(&mut Answer)| judged(change).map(|it| (it.start, it.found));
        assert_eq!(wrong(|it| _ = it.rollups.remove(0)), Some((0, 0)));
        assert_eq!(wrong(|it| it.rollups.push((250, Rollup::default()))), Some((250, 0)));
        assert_eq!(wrong(|it| it.rollups[0].1.sum_bits = 0), Some((0, 5)));
        assert_eq!(wrong(|it| it.rollups[1].1.count = 3), Some((125, 3)));
        assert_eq!(wrong(|it| it.rollups[1].1.count = 6), Some((125, 6)));
        // The last reading was under way: it may be there.
        assert_eq!(wrong(|it| it.rollups[1].1.count = 4), None);
        // What is older than what the answer covers is not its matter.
        assert_eq!(
            wrong(|it| {
                it.rollups.remove(0);
                it.covers_from = 10;
            }),
            None
        );
    }
}
