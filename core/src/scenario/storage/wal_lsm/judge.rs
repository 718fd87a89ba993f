//! What was written and promised, and what is there after a crash.

use std::collections::BTreeMap;

use super::message::{Ask, Fact, Key, REGISTERS, Reply, STORE, Seen, value_of, write_of};
use super::node::Node;
use super::server::Server;
use crate::mechanism::lsm::{Sequence, Store};
use crate::mechanism::mount::State;
use crate::mechanism::raft::Command as _;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::Write;
use crate::sim::{
    Action, DiskFault, LongList, NodeId, Observer, SeenObject, Storage as _, Violation, World,
};

/// A write in the store's order.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Taken {
    pub(super) key: Key,
    pub(super) write: Write,
    pub(super) at_us: u64,
    /// When its client was told that it is kept.
    pub(super) told_us: Option<(u64, NodeId)>,
    /// When first somebody read it.
    read_us: Option<(u64, NodeId)>,
}

/// All that happened to the store.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// Every write that may still be there, in order: the first has number 1.
    pub(super) taken: LongList<Taken>,
    /// The number of each write, by its client and its number there; 0 for a question that was none.
    numbers: SmallMap<u16, LongList<Sequence>>,
    /// When it last began to serve, and with which writes.
    pub(super) served: Option<(u64, Sequence)>,
    /// How often it has begun to serve.
    pub(super) openings: u32,
    /// The first write that a crash took although a client was told that it is kept, or had read it.
    lost: Option<(Sequence, Taken, u64)>,
    /// Who was served bytes that nobody wrote, of which key, and when.
    garbage: Option<(u64, NodeId, Key)>,
    /// When the store last did not open.
    pub(super) refused_us: Option<u64>,
    /// A medium was damaged, which nothing here claims to survive.
    pub(super) is_damaged: bool,
    /// When a sync last failed, and which writes were in doubt.
    pub(super) failed: Option<(u64, (Sequence, Sequence))>,
    /// A client was told that nobody knows.
    pub(super) was_unknown: bool,
    /// How many writes clients were told are kept.
    pub(super) acknowledged: u64,
    /// How many bytes of keys and values the store has taken in all.
    user_bytes: u64,
}

impl History {
    /// Returns the write of this number.
    fn taken(&mut self, number: Sequence) -> Option<&mut Taken> {
        self.taken.get_mut(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    fn number(&self, write: Write) -> Sequence {
        let numbers = self.numbers.get(write.client);
        numbers.and_then(|it| it.get(write.number as usize)).copied().unwrap_or_default()
    }

    fn takes(&mut self, at_us: u64, number: Sequence, (key, write): (Key, Write)) {
        let numbers = self.numbers.get_or_insert(write.client, LongList::default());
        while numbers.len() <= write.number as usize {
            numbers.push(0);
        }
        if let Some(it) = numbers.get_mut(write.number as usize) {
            *it = number;
        }
        self.user_bytes += (key.text().len() + value_of(write).len()) as u64;
        self.taken.push(Taken { key, write, at_us, told_us: None, read_us: None });
    }

    /// The store serves with all writes up to this one: what came behind is gone.
    fn serves(&mut self, at_us: u64, last: Sequence) {
        let kept = usize::try_from(last).unwrap_or_default();
        let gone = (last + 1..).zip(self.taken.iter_from(kept.min(self.taken.len())));
        let promised = |it: &Taken| it.told_us.is_some() || it.read_us.is_some();
        let first = gone.filter(|(_, it)| promised(it)).map(|(n, it)| (n, *it, at_us)).next();
        self.lost = self.lost.or(first);
        self.taken.truncate(kept);
        self.served = Some((at_us, last));
        self.openings += 1;
    }

    fn hears(&mut self, at_us: u64, client: NodeId, ask: Ask, reply: &Reply) {
        let told = (at_us, client);
        match (ask, reply) {
            (Ask::Put(key, write), Reply::Done) => {
                self.acknowledged += 1;
                let number = self.number(write);
                match self.taken(number) {
                    Some(it) if it.write == write => it.told_us = Some(told),
                    // It was promised and lost before the promise arrived.
                    _ => {
                        let it = Taken { key, write, at_us, told_us: Some(told), read_us: None };
                        self.lost.get_or_insert((number, it, at_us));
                    }
                }
            }
            (Ask::Get(_), Reply::Found(Seen::Left(write))) => {
                let number = self.number(*write);
                if let Some(it) = self.taken(number).filter(|it| it.write == *write) {
                    it.read_us.get_or_insert(told);
                }
            }
            (Ask::Get(key), Reply::Found(Seen::Garbage)) => {
                self.garbage.get_or_insert((at_us, client, key));
            }
            (_, Reply::Unknown) => self.was_unknown = true,
            _ => {}
        }
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Takes(number, key, write) => self.takes(at_us, *number, (*key, *write)),
            Fact::Hears(_, ask, reply) => self.hears(at_us, node, *ask, reply),
            Fact::Serves(last) => self.serves(at_us, *last),
            Fact::Refuses(_) => self.refused_us = Some(at_us),
            Fact::SyncFailed { doubt } => self.failed = Some((at_us, *doubt)),
            Fact::Asks(..) | Fact::GivesUp(_) => {}
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

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&REGISTERS)
    }
}

/// Returns the node that has the store.
pub(super) fn server(world: &World<Node>) -> Option<&Server> {
    world.process(STORE)?.server()
}

/// Returns the store, if it serves.
pub(super) fn open_store(world: &World<Node>) -> Option<&Store> {
    server(world)?.open_store()
}

/// Returns how many bytes went to the disk for a thousand of the users', in the whole run; none before the
/// first write. What the store counts for itself a crash takes, and what its recovery writes counts as well.
pub(super) fn write_amplification_permille(world: &World<Node>, it: &History) -> Option<u64> {
    (world.disk(STORE).written_bytes() * 1_000).checked_div(it.user_bytes)
}

/// Returns how many bytes the disk holds for a thousand of what the users have there now; none as long as that
/// is nothing.
pub(super) fn space_amplification_permille(world: &World<Node>, it: &History) -> Option<u64> {
    let sizes = it.taken.iter().map(|it| (it.key.text(), value_of(it.write).len() as u64));
    let last: BTreeMap<_, u64> = sizes.collect();
    let live: u64 = last.iter().map(|(key, value)| key.len() as u64 + value).sum();
    (world.disk(STORE).used_bytes() * 1_000).checked_div(live)
}

/// What a client was told is kept, and what a client has read, no crash takes back.
pub(super) fn promises_are_kept(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some((number, taken, since_us)) = it.lost else { return Ok(()) };
    let names = world.names();
    let label = format!("{} = {}", taken.key.text(), taken.write.label());
    let (what, told) = match (taken.told_us, taken.read_us) {
        (Some(told), _) => ("was told that it is kept", told),
        (None, Some(read)) => ("has read it", read),
        (None, None) => return Ok(()),
    };
    let reason = format!("write {number}, {label}, is gone: {} {what}", &names[told.1]);
    Err(Violation::new(reason, [STORE, told.1]).of([told, (since_us, STORE)]))
}

/// After a crash the store holds what some first so many writes make: no hole, nothing else.
pub(super) fn what_is_there_is_a_beginning(
    world: &World<Node>,
    it: &History,
) -> Result<(), Violation> {
    let Some((at_us, last)) = it.served.filter(|(at_us, _)| *at_us == world.now_us()) else {
        return Ok(());
    };
    let Some(store) = open_store(world) else { return Ok(()) };
    let mut expected = BTreeMap::new();
    for taken in it.taken.iter().take(usize::try_from(last).unwrap_or_default()) {
        expected.insert(taken.key.text().into_bytes(), taken.write);
    }
    let wrong = |reason: String| Err(Violation::new(reason, [STORE]).of([(at_us, STORE)]));
    let found = match store.scan(world.disk(STORE), b"k", None, last, usize::MAX) {
        Ok(found) => found,
        Err(error) => {
            let error = error.to_string();
            let is_refused = it.is_damaged;
            return if is_refused { Ok(()) } else { wrong(error.trim_end_matches('.').into()) };
        }
    };
    for (key, value) in &found {
        let text = String::from_utf8_lossy(key);
        match (write_of(value), expected.remove(key)) {
            (Some(found), Some(expected)) if found == expected => {}
            (None, _) => return wrong(format!("of {text} there are bytes that nobody wrote")),
            (Some(found), expected) => {
                let expected = expected.map_or("nothing".into(), |it| it.label());
                let found = found.label();
                let reason =
                    format!("of {text} there is {found}, after {last} writes it was {expected}");
                return wrong(reason);
            }
        }
    }
    match expected.into_iter().next() {
        None => Ok(()),
        Some((key, write)) => {
            let (text, label) = (String::from_utf8_lossy(&key).into_owned(), write.label());
            wrong(format!("of {text} there is nothing, after {last} writes it was {label}"))
        }
    }
}

/// Bytes that nobody wrote are refused, not served.
pub(super) fn nothing_damaged_is_served(
    world: &World<Node>,
    it: &History,
) -> Result<(), Violation> {
    let Some((at_us, client, key)) = it.garbage else { return Ok(()) };
    let reason =
        format!("{} was served bytes of {} that nobody wrote", &world.names()[client], key.text());
    Err(Violation::new(reason, [client, STORE]).of([(at_us, client)]))
}

/// What a crash leaves can be opened; what a damaged medium leaves may be refused.
pub(super) fn a_crash_leaves_a_store(world: &World<Node>, it: &History) -> Result<(), Violation> {
    match (it.refused_us, server(world).and_then(|server| server.store.opened())) {
        (Some(at_us), Some(Err(error))) if !it.is_damaged => {
            let reason = format!("the store does not open: {error}");
            Err(Violation::new(reason.trim_end_matches('.'), [STORE]).of([(at_us, STORE)]))
        }
        _ => Ok(()),
    }
}

/// An operator wants to know when no write is taken.
pub(super) fn takes_writes(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let why = match server(world).and_then(|server| server.store.opened()) {
        Some(Err(error)) => error.to_string(),
        Some(Ok(store)) if store.state() == State::InDoubt => "a sync has failed".into(),
        Some(Ok(store)) => match store.stalled() {
            Some(error) => error.to_string(),
            None => return Ok(()),
        },
        None => return Ok(()),
    };
    let moments = it.failed.map(|(at_us, _)| (at_us, STORE));
    let reason = why.trim_end_matches('.');
    Err(Violation::new(reason, [STORE]).of(moments))
}

/// Returns true if the store has opened after a crash or a failed sync.
pub(super) fn came_back(_: &World<Node>, it: &History) -> bool {
    it.openings > 1
}

/// Returns true if some tables have been merged since the store was opened.
pub(super) fn has_merged(world: &World<Node>, _: &History) -> bool {
    let has = |store: &Store| store.version().levels.len() > 1 && store.measures().merged_bytes > 0;
    open_store(world).is_some_and(has)
}
