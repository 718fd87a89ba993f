//! What is promised, judged from outside: from the office's book, from the keys, and from each client's
//! own clock.

use super::C1;
use super::client::{Client, Step};
use super::instance::Instance;
use super::message::{Fact, Key, Value};
use super::node::Node;
use crate::mechanism::recent::Recent;
use crate::mechanism::small_map::SmallMap;
use crate::scenario::Setup;
use crate::sim::{Names, NodeId, Observer, Violation, World};
use crate::view::instant;

/// So many tickets and deletions are remembered.
const REMEMBERED: usize = 24;
/// A key may outlive its time by as much as two commands one after the other take.
const GRACE_US: u64 = 100_000;
/// If nobody has sold a ticket for so long, an operator should look.
const LONG_US: u64 = 1_500_000;

/// A sale as it was written down.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sale {
    pub(super) seller: NodeId,
    pub(super) ticket: u32,
    pub(super) token: u64,
    /// When, and by which node.
    at: (u64, NodeId),
    /// The ticket had been sold before.
    pub(super) is_double: bool,
}

/// What became of a wish to delete the key.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Deletion {
    pub(super) instance: NodeId,
    pub(super) asked: Value,
    pub(super) has: Value,
    pub(super) is_done: bool,
}

impl Sale {
    /// Returns the number under which it was made, if it had one.
    pub(super) fn epoch(self) -> Option<u64> {
        (self.token > 0).then_some(self.token)
    }
}

impl Deletion {
    /// Returns true if whoever asked had set the key.
    pub(super) fn is_own(&self) -> bool {
        self.asked == self.has
    }

    /// Says who asked, and what became of it.
    pub(super) fn text(&self, names: &Names) -> String {
        let (instance, asked) = (&names[self.instance], &names[self.asked.owner()]);
        match (self.is_own(), self.is_done) {
            (true, _) => format!("{instance}: {asked} its own"),
            (false, true) => format!("{instance}: {asked} deletes another's"),
            (false, false) => format!("{instance}: not {asked}'s, kept"),
        }
    }
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a turn of its own")]
pub(super) struct History {
    /// The last sales, oldest first.
    pub(super) sales: Recent<Sale, REMEMBERED>,
    /// The highest ticket that was sold.
    highest: u32,
    /// The first sale of a ticket that had been sold before, and the sale before, if that was lately.
    double: Option<(Sale, Option<Sale>)>,
    /// Under which number C1 was refused first, and the higher one that was here.
    refused_first: Option<[u64; 2]>,
    /// When the last ticket was sold.
    last_sold_us: u64,
    /// Tickets that clients have sold.
    pub(super) sold: u64,
    /// The last wishes to delete, oldest first.
    pub(super) deletions: Recent<Deletion, REMEMBERED>,
    /// The last keys that were set: as which value, when and where.
    set: Recent<(Value, (u64, NodeId)), REMEMBERED>,
    /// Since when each client has, or had, the lock.
    held_us: SmallMap<NodeId, u64>,
    /// Since when each client waits.
    waiting: SmallMap<NodeId, u64>,
    pub(super) found_no_majority: bool,
    pub(super) was_refused: bool,
    pub(super) has_taken_over: bool,
    pub(super) was_silent: bool,
    /// Somebody has set an instance's clock: from then on no time to live means anything.
    clock_was_set: bool,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Begins { .. } | Fact::Stops => self.waiting.insert(node, at_us),
            Fact::Holds { .. } => {
                self.waiting.remove(node);
                self.held_us.insert(node, at_us);
            }
            Fact::Returns => self.waiting.remove(node),
            Fact::FindsNoMajority { .. } => self.found_no_majority = true,
            Fact::Sells { .. } => self.sold += 1,
            Fact::Sets { value } => self.set.push((value, (at_us, node))),
            Fact::Deletes { has, asked } => self.on_deletion((node, asked, has, true)),
            Fact::Keeps { has, asked } => self.on_deletion((node, asked, has, false)),
            Fact::TakesOver { .. } => self.has_taken_over = true,
            Fact::Recovers { is_silent } => self.was_silent |= is_silent,
            Fact::ClockIsSet => self.clock_was_set = true,
            Fact::Writes { seller, ticket, token } => {
                let is_double = ticket <= self.highest;
                let sale = Sale { seller, ticket, token, at: (at_us, node), is_double };
                if is_double {
                    let before = self.sales.iter().find(|it| it.ticket == ticket).copied();
                    self.double.get_or_insert((sale, before));
                }
                self.highest = self.highest.max(ticket);
                self.last_sold_us = at_us;
                self.sales.push(sale);
            }
            Fact::Refuses { seller, token, highest } => {
                self.was_refused = true;
                let is_first = seller == C1 && self.refused_first.is_none();
                self.refused_first = self.refused_first.or(is_first.then_some([token, highest]));
            }
            Fact::Expires { .. } => {}
        }
    }

    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        let process = world.process(node)?;
        let is_over = process.client().and_then(|it| left_us(world, node, it)) == Some(0);
        let ttl_us = process.instance().and_then(|it| ttl_left_us(world, node, it));
        match ttl_us {
            Some(u64::MAX) => Some("no expiry set".into()),
            Some(_) | None => is_over.then(|| "late".into()),
        }
    }
}

impl History {
    fn on_deletion(&mut self, (instance, asked, has, is_done): (NodeId, Value, Value, bool)) {
        self.deletions.push(Deletion { instance, asked, has, is_done });
    }

    fn longest_wait(&self, now_us: u64) -> u64 {
        self.waiting.values().map(|since_us| now_us - since_us).max().unwrap_or_default()
    }
}

/// Returns the clients, in order.
pub(super) fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(u16::try_from(setup.knob("clients")).unwrap_or(u16::MAX))
}

/// Returns the clients that are up.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Client)> {
    clients(world.setup()).filter_map(|id| Some((id, world.process(id)?.client()?)))
}

/// Returns the instances that are up.
pub(super) fn instances(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Instance)> {
    world.ids().filter_map(|id| Some((id, world.process(id)?.instance()?)))
}

/// Returns how long a client still has the lock by its own clock; `None` if it does not.
pub(super) fn left_us(world: &World<Node>, id: NodeId, client: &Client) -> Option<u64> {
    let (clock, now_us) = (world.clock(id), world.now_us());
    Some(client.until?.left_us(clock.monotonic_us(now_us), clock.wall_us(now_us)))
}

/// Returns how long the key of an instance still lives by its wall clock, `u64::MAX` for ever; nothing if
/// it has none, or one whose time is over.
pub(super) fn ttl_left_us(world: &World<Node>, id: NodeId, instance: &Instance) -> Option<u64> {
    let wall_us = world.clock(id).wall_us(world.now_us());
    match instance.key?.expires_wall_us {
        None => Some(u64::MAX),
        Some(at_us) => (at_us > wall_us).then(|| at_us - wall_us),
    }
}

/// Returns the key of an instance, and how long it still lives, if it lives.
pub(super) fn live_key(world: &World<Node>, id: NodeId) -> Option<(Key, u64)> {
    let instance = world.process(id)?.instance()?;
    instance.key.zip(ttl_left_us(world, id, instance))
}

/// Returns true if whoever set a key still wants the lock, or has it, under that value.
pub(super) fn is_current(world: &World<Node>, key: Key) -> bool {
    let client = world.process(key.value.owner()).and_then(Node::client);
    client.is_some_and(|it| it.value == key.value && it.step != Step::Idle)
}

/// No ticket is sold twice: whoever sells one has read what the seller before it has written.
pub(super) fn no_ticket_twice(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((sale, before)) = history.double else { return Ok(()) };
    let (ticket, name) = (sale.ticket, &world.names()[sale.seller]);
    let seller = before.map_or("somebody", |it| &world.names()[it.seller]);
    let reason = format!("{name} sold ticket {ticket}, which {seller} had sold before");
    Err(Violation::new(reason, [sale.seller]).of(before.iter().chain([&sale]).map(|it| it.at)))
}

/// No two clients have the lock at one time, each by its own clock, as long as nobody sets an instance's
/// clock: a time to live is read off that.
pub(super) fn one_holds(world: &World<Node>, history: &History) -> Result<(), Violation> {
    if history.clock_was_set { Ok(()) } else { one_believes(world, history) }
}

/// No two clients believe that they have the lock, each by its own clock.
pub(super) fn one_believes(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let holds = |(id, client): (NodeId, &Client)| {
        left_us(world, id, client).is_some_and(|left_us| left_us > 0).then_some(id)
    };
    let holders: Vec<NodeId> = up(world).filter_map(holds).collect();
    if holders.len() < 2 {
        return Ok(());
    }
    let names = world.names().list(holders.iter().copied());
    let since = |id: &NodeId| Some((*history.held_us.get(*id)?, *id));
    let moments: Vec<_> = holders.iter().filter_map(since).collect();
    Err(Violation::new(format!("{names} have the lock at one time"), holders).of(moments))
}

/// No key outlives its time to live, so that a dead client blocks nobody for longer; as long as nobody
/// sets an instance's clock.
pub(super) fn keys_expire(world: &World<Node>, history: &History) -> Result<(), Violation> {
    if history.clock_was_set {
        return Ok(());
    }
    let limit_us = super::config(world.setup()).ttl_us + GRACE_US;
    for (id, instance) in instances(world) {
        let Some(key) = instance.key.filter(|_| ttl_left_us(world, id, instance).is_some()) else {
            continue;
        };
        let age_us = world.clock(id).wall_us(world.now_us()).saturating_sub(key.set_wall_us);
        if age_us > limit_us {
            let (name, owner) = (&world.names()[id], &world.names()[key.value.owner()]);
            let reason = format!("{owner}'s key at {name} is {} ms old", age_us / 1_000);
            let mut newest_first = history.set.iter().rev();
            let set = newest_first.find(|(value, _)| *value == key.value).map(|(_, at)| *at);
            return Err(Violation::new(reason, [id, key.value.owner()]).of(set));
        }
    }
    Ok(())
}

/// Returns how long it may take until a ticket is sold again: instances are silent for one time to live,
/// keys of the dead may live for another, and clients may split the keys between them a few times.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    3_000_000 + 3 * setup.knob("ttl") * 1_000
}

/// A ticket has been sold since the last disturbance.
pub(super) fn sells(world: &World<Node>, history: &History) -> bool {
    history.sold > 0 && history.last_sold_us > world.disturbed_at_us()
}

/// Tickets are sold all the time.
pub(super) fn tickets_are_sold(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let since_us = world.now_us().saturating_sub(history.last_sold_us);
    if since_us <= LONG_US {
        return Ok(());
    }
    Err(Violation::new(format!("no ticket was sold for {} ms", since_us / 1_000), []))
}

/// No client goes on although its time is over by its own clock.
pub(super) fn clients_know(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let is_late = |(id, client): &(NodeId, &Client)| {
        // Who has written waits for the answer, for as long as it takes.
        !matches!(client.step, Step::Writes { .. }) && left_us(world, *id, client) == Some(0)
    };
    let Some((id, _)) = up(world).find(is_late) else { return Ok(()) };
    let reason = format!("{} has not noticed that its time is over", &world.names()[id]);
    Err(Violation::new(reason, [id]))
}

/// Returns how long the client that has waited longest has waited.
pub(super) fn longest_wait_ms(world: &World<Node>, history: &History) -> i64 {
    i64::try_from(history.longest_wait(world.now_us()) / 1_000).unwrap_or(i64::MAX)
}

/// Returns how many messages were sent for each ticket that was sold.
pub(super) fn messages_a_ticket(world: &World<Node>, history: &History) -> i64 {
    i64::try_from(world.costs().messages / history.sold.max(1)).unwrap_or(i64::MAX)
}

/// Returns how many instances hold a key.
pub(super) fn keys(world: &World<Node>, _: &History) -> i64 {
    let held = instances(world).filter(|(id, it)| ttl_left_us(world, *id, it).is_some());
    i64::try_from(held.count()).unwrap_or(i64::MAX)
}

/// Returns what became of C1's ticket after it was frozen past its time: it was sold twice (0), or C1 was
/// refused (1).
pub(super) fn what_became_of_the_ticket(_: &World<Node>, history: &History) -> Option<u8> {
    let is_double = history.double.is_some_and(|(sale, _)| sale.seller == C1);
    if is_double { Some(0) } else { history.refused_first.map(|_| 1) }
}

/// Says what became of C1's ticket.
pub(super) fn the_ticket_in_words(world: &World<Node>, history: &History) -> String {
    if let Some((Sale { ticket, .. }, before)) = history.double {
        let by =
            |it: Sale| format!(", as {} had at {}", &world.names()[it.seller], instant(it.at.0));
        return format!("C1 sold ticket {ticket}{}", before.map(by).unwrap_or_default());
    }
    let Some([token, highest]) = history.refused_first else { return String::new() };
    format!("Tickets refused C1's number {token}: it had seen {highest}")
}

/// Returns true if a client has had the lock.
pub(super) fn has_held(_: &World<Node>, history: &History) -> bool {
    !history.held_us.is_empty()
}

/// Returns true if another has the lock while C1 stands still.
pub(super) fn is_replaced(world: &World<Node>, _: &History) -> bool {
    let is_other = |(id, it): (NodeId, &Client)| id != C1 && left_us(world, id, it) > Some(0);
    !world.is_running(C1) && up(world).any(is_other)
}

/// Returns true if everything works again: all instances answer, and a ticket was sold since.
pub(super) fn is_healed(world: &World<Node>, history: &History) -> bool {
    let (answering, all) =
        (instances(world).filter(|(_, it)| !it.is_silent), super::config(world.setup()));
    answering.count() == all.instances().count() && sells(world, history)
}
