//! Which client's request brought what about, read off causes and the steps of clients' operations.
//!
//! What happens belongs to the last request to begin on its chain of causes. Three things are known
//! better. An operation that ends in an event has its answer there, whatever made the answerer speak:
//! a leader that hears of one write's last acknowledgement answers every write that commits with it. A
//! reply to a node that the chain has not passed answers something else. And a timer that fires when
//! its request is over is the node's own clockwork, though its first round was set for that request.

use std::collections::BTreeMap;

use faultline_core::order::set_of;
use faultline_core::sim::{
    Cause, EventKind, Journal, MessageKind, NodeId, OperationRecord, OperationStep,
};

use crate::wire::{EventView, LooseMessage, RequestView};

/// A request: the event in which it began, its client and its number. They sort as they began.
type Request = (u32, NodeId, u64);

/// Names the request of each event and of each message that ended in none, and returns the requests.
/// `events` are those from number `first` on; of them so many as `before` are there for what came of them
/// only.
pub(super) fn credit(
    journal: &Journal,
    (first, before): (u32, usize),
    events: &mut [EventView],
    loose: &mut [LooseMessage],
) -> Vec<RequestView> {
    let from = journal.operations.partition_point(|it| it.event < first);
    let mut steps = journal.operations.get(from..).unwrap_or_default();
    let open = open_after(journal.operations.get(..from).unwrap_or_default());
    let mut sweep = Sweep { first, events, open, handed: Vec::new() };
    let mut own = Vec::with_capacity(events.len());
    for (number, event) in (first..).zip(&*events) {
        let (here, later) = steps.split_at(steps.partition_point(|it| it.event <= number));
        own.push(sweep.event(event, here));
        steps = later;
    }
    let lost: Vec<_> = loose.iter().map(|message| sweep.lost(message)).collect();
    let parts = [&own, &sweep.handed].map(|each| each.get(before..).unwrap_or_default());
    let all: Vec<Request> =
        set_of(parts.concat().iter().chain(&lost).flatten().copied()).into_iter().collect();
    let place = |request: Option<Request>| u16::try_from(all.binary_search(&request?).ok()?).ok();
    for (event, request) in events.iter_mut().zip(own) {
        event.request = place(request);
    }
    for (message, request) in loose.iter_mut().zip(lost) {
        message.request = place(request);
    }
    let view = |&(event, client, number): &Request| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        RequestView { client, number, event }
    };
    all.iter().map(view).collect()
}

/// Returns the requests without an end among these steps, and the event in which each began.
fn open_after(steps: &[OperationRecord]) -> BTreeMap<(NodeId, u64), u32> {
    let mut open = BTreeMap::new();
    for OperationRecord { event, node, operation, .. } in steps {
        let key = (*node, operation.number);
        if operation.step == OperationStep::Begins {
            open.insert(key, *event);
        } else {
            open.remove(&key);
        }
    }
    open
}

/// What is known while one goes along the events.
struct Sweep<'a> {
    first: u32,
    events: &'a [EventView],
    /// Requests without an end so far, and the event in which each began.
    open: BTreeMap<(NodeId, u64), u32>,
    /// By event, the request to which that belongs which it brings about.
    handed: Vec<Option<Request>>,
}

impl Sweep<'_> {
    /// Returns the request of the next event, in which these steps were taken.
    fn event(&mut self, event: &EventView, steps: &[OperationRecord]) -> Option<Request> {
        let brought = self.brought(event);
        let (mut ended, mut begun) = (Vec::new(), None);
        for OperationRecord { event, node, operation, .. } in steps {
            let key = (*node, operation.number);
            if operation.step == OperationStep::Begins {
                self.open.insert(key, *event);
                begun = begun.or(Some((*event, key.0, key.1)));
            } else if let Some(began) = self.open.remove(&key) {
                ended.push((began, key.0, key.1));
            }
        }
        let ended = brought.filter(|it| ended.contains(it)).or(ended.first().copied());
        self.handed.push(begun.or(ended).or(brought));
        ended.or(brought).or(begun)
    }

    /// Returns the request that brought an event about, as far as causes tell.
    fn brought(&self, event: &EventView) -> Option<Request> {
        let Cause::Event(cause) = event.cause else { return None };
        if let Some(message) = event.message {
            return self.of_message(cause, event.node, message.kind);
        }
        let is_over =
            |(began, client, number): &Request| self.open.get(&(*client, *number)) != Some(began);
        let is_clockwork = event.kind == EventKind::TimerFired;
        self.handed_by(cause).filter(|request| !is_clockwork || !is_over(request))
    }

    /// Returns the request of a message that ended in no event.
    fn lost(&self, message: &LooseMessage) -> Option<Request> {
        let Cause::Event(cause) = message.cause else { return None };
        self.of_message(cause, message.to, message.kind)
    }

    /// Returns the request of a message that was sent in one event to `to`. A reply to a node that had
    /// no part in the request that made the sender speak answers that node's own, if it has but one.
    fn of_message(&self, sent_in: u32, to: NodeId, kind: MessageKind) -> Option<Request> {
        let request = self.handed_by(sent_in)?;
        if kind != MessageKind::Reply || request.1 == to || self.has_passed(to, request, sent_in) {
            return Some(request);
        }
        let mut own = self.open.range((to, 0)..=(to, u64::MAX));
        let (&(client, number), &began) = own.next()?;
        own.next().is_none().then_some((began, client, number))
    }

    /// Returns true if the chain from a request to an event leads over a node.
    fn has_passed(&self, node: NodeId, request: Request, mut at: u32) -> bool {
        while let Some(event) = self.at(at).filter(|_| at >= request.0) {
            let Cause::Event(cause) = event.cause else { return event.node == node };
            if event.node == node {
                return true;
            }
            at = cause;
        }
        false
    }

    fn handed_by(&self, event: u32) -> Option<Request> {
        let place = event.checked_sub(self.first)? as usize;
        self.handed.get(place).copied().flatten()
    }

    fn at(&self, event: u32) -> Option<&EventView> {
        self.events.get(event.checked_sub(self.first)? as usize)
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::run::Run;
    use faultline_core::scenario::{self, Preset, Setup};
    use faultline_core::sim::{Fate, Operation};

    use super::super::spacetime::{looking_back, spacetime};
    use super::*;
    use crate::wire::{MessageView, SpaceTime};

    const LEADER: NodeId = NodeId(0);
    const FOLLOWER: NodeId = NodeId(1);
    const ONE: NodeId = NodeId(2);
    const OTHER: NodeId = NodeId(3);

    fn timer(node: NodeId, cause: Cause) -> EventView {
        EventView {
            at_us: 0,
            kind: EventKind::TimerFired,
            node,
            peer: node,
            cause,
            previous: None,
            has_fact: false,
            message: None,
            request: None,
        }
    }

    fn delivery(kind: MessageKind, node: NodeId, sent_in: u32) -> EventView {
        let message = Some(MessageView { kind, sent_at_us: 0, fate: Fate::Carried });
        let timer = timer(node, Cause::Event(sent_in));
        EventView { kind: EventKind::Delivered, message, ..timer }
    }

    /// Returns what each event is credited with: clients and numbers.
    fn credited(
        mut events: Vec<EventView>,
        steps: &[(u32, NodeId, u64, OperationStep)],
    ) -> Vec<Option<(NodeId, u32)>> {
        let mut journal = Journal::recording();
        for &(event, node, number, step) in steps {
            let operation = Operation { number, step };
            journal.operations.push(OperationRecord { at_us: 0, event, node, operation });
        }
        let requests = credit(&journal, (0, 0), &mut events, &mut []);
        let of = |place: u16| {
            let request = requests[usize::from(place)];
            (request.client, request.number)
        };
        events.iter().map(|event| event.request.map(of)).collect()
    }

    use MessageKind::{Heartbeat, Reply, Request as Ask};
    use OperationStep::{Begins, Succeeds};

    #[test]
    fn who_is_answered_is_not_who_made_the_leader_speak() {
        let events = vec![
            timer(ONE, Cause::Beginning),
            timer(OTHER, Cause::Beginning),
            delivery(Ask, LEADER, 0),
            delivery(Ask, LEADER, 1),
            delivery(Ask, FOLLOWER, 3),
            delivery(Reply, LEADER, 4),
            // With the second write's acknowledgement both are committed.
            delivery(Reply, ONE, 5),
            delivery(Reply, OTHER, 5),
            // Said again, when both are over: of the first nobody knows what it answers.
            delivery(Reply, ONE, 5),
            delivery(Reply, OTHER, 5),
        ];
        let steps = [
            (0, ONE, 7, Begins),
            (1, OTHER, 9, Begins),
            (6, ONE, 7, Succeeds),
            (7, OTHER, 9, Succeeds),
        ];
        let (one, other) = (Some((ONE, 7)), Some((OTHER, 9)));
        let expected = [one, other, one, other, other, other, one, other, None, other];
        assert_eq!(credited(events.clone(), &steps), expected);
        // An answer that ends nothing goes to the client's only open request.
        let open = [(0, ONE, 7, Begins), (1, OTHER, 9, Begins)];
        assert_eq!(credited(events, &open)[6], one);
    }

    #[test]
    fn an_answer_belongs_to_what_it_answers_and_what_follows_to_what_begins_there() {
        let events = vec![
            timer(ONE, Cause::Beginning),
            delivery(Ask, LEADER, 0),
            delivery(Reply, ONE, 1),
            delivery(Ask, LEADER, 2),
        ];
        let steps = [(0, ONE, 1, Begins), (2, ONE, 1, Succeeds), (2, ONE, 2, Begins)];
        let (first, second) = (Some((ONE, 1)), Some((ONE, 2)));
        assert_eq!(credited(events, &steps), [first, first, first, second]);
    }

    #[test]
    fn a_timer_serves_a_request_until_that_is_over() {
        let events = vec![
            timer(ONE, Cause::Beginning),
            delivery(Ask, LEADER, 0),
            timer(LEADER, Cause::Event(1)),
            delivery(Heartbeat, FOLLOWER, 2),
            delivery(Reply, ONE, 1),
            timer(LEADER, Cause::Event(2)),
            delivery(Heartbeat, FOLLOWER, 5),
            // What was on its way goes on being the request's.
            delivery(Heartbeat, FOLLOWER, 2),
        ];
        let steps = [(0, ONE, 1, Begins), (4, ONE, 1, Succeeds)];
        let one = Some((ONE, 1));
        assert_eq!(credited(events, &steps), [one, one, one, one, one, None, None, one]);
    }

    /// Wherever an operation ends, in every row, the event is that operation's.
    #[test]
    fn every_answer_is_credited_to_the_operation_that_ends_there() {
        let (mut answers, mut others) = (0, 0);
        for scenario in scenario::all() {
            let mut run = Run::new(Setup::new(scenario, Preset::Naive, 3), Vec::new());
            run.seek_time(1_500_000);
            let all = spacetime(&run, 10_000);
            let request = |place: Option<u16>| place.map(|it| all.requests[usize::from(it)]);
            let ends = || run.journal().operations.iter().filter(|it| it.operation.ends());
            for end in ends().filter(|end| (end.event as usize) < all.events.len()) {
                let event = &all.events[end.event as usize];
                let own = request(event.request).unwrap();
                let is_own = |it: &OperationRecord| {
                    it.event == end.event
                        && (it.node, it.operation.number) == (own.client, own.number.into())
                };
                assert!(ends().any(is_own), "{}: event {}", scenario.slug, end.event);
                answers += 1;
                let cause = if let Cause::Event(cause) = event.cause { Some(cause) } else { None };
                let of_cause = cause.and_then(|cause| request(all.events[cause as usize].request));
                let is_other = of_cause.is_some_and(|it| it.client != own.client);
                others += usize::from(is_other);
            }
        }
        // Answers that another client's request made the answerer give.
        assert!(answers > 500 && others > 10, "{answers}, {others}");
    }

    /// An end far from its beginning is credited to it, and what is looked back over decides little else.
    #[test]
    fn a_request_that_began_before_all_that_is_looked_at_is_known() {
        let (mut early, mut same, mut all) = (0, 0, 0);
        for scenario in scenario::all() {
            let mut run = Run::new(Setup::new(scenario, Preset::Naive, 3), Vec::new());
            run.seek_time(1_500_000);
            let whole = spacetime(&run, 10_000);
            let part = looking_back(&run, 100, 50);
            let earliest = part.first.saturating_sub(50);
            early += part.requests.iter().filter(|it| it.event < earliest).count();
            let request =
                |traced: &SpaceTime, place: Option<u16>| Some(traced.requests[usize::from(place?)]);
            for (event, number) in part.events.iter().zip(part.first..) {
                let place = number.checked_sub(whole.first).unwrap() as usize;
                let known = request(&whole, whole.events[place].request);
                same += usize::from(request(&part, event.request) == known);
                all += 1;
            }
        }
        assert!(early > 0 && same * 10 > all * 9, "{early} early, {same} of {all} the same");
    }
}
