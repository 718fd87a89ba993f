//! What was asked and promised, and what the counter says.

use super::message::{Ask, COUNTER, Fact, Reply, without_stop};
use super::node::Node;
use super::server::Server;
use crate::mechanism::durable_counter::{Counter, area};
use crate::sim::{Action, DiskFault, NodeId, Observer, Violation, World};

/// Something struck a copy.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Damage {
    /// Which copy, by its place among the areas.
    copy: u8,
    at_us: u64,
    /// It strikes with the next write to the log, or to a snapshot that is being made.
    is_pending: bool,
    is_of_log: bool,
}

/// Whether half a sector may lie in any copy.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Tearing {
    #[default]
    Not,
    /// The next crash may leave it.
    Armed,
    /// A crash may have left it, and nothing was written anew since.
    Torn,
}

/// All that happened to the counter.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// How many +1 clients have asked for, each once.
    pub(super) asked: u64,
    /// How many they were told are counted, the last of it, and by whom.
    pub(super) acknowledged: u64,
    last_told: Option<(u64, NodeId)>,
    /// The highest count that a client was told.
    pub(super) read: Option<(u64, (u64, NodeId))>,
    /// When it last began to count, and from where.
    pub(super) served: Option<(u64, u64)>,
    /// How often it has begun to count.
    pub(super) openings: u32,
    /// When it last read its disk, and what was damaged of what is whole again since.
    opened_us: u64,
    damages: Vec<Damage>,
    /// Syncs lied, which nothing here claims to survive.
    is_outside: bool,
    tearing: Tearing,
    /// Which copies were damaged when it last came up, and had been mended by then.
    pub(super) mended: Vec<&'static str>,
    /// How often it came up although a copy was damaged.
    pub(super) mendings: u32,
    /// When it last refused to open.
    refused_us: Option<u64>,
    /// When a sync last failed.
    pub(super) doubted_us: Option<u64>,
    /// A question that was asked again was recognised.
    pub(super) asked_again: bool,
}

impl History {
    /// Returns true if every copy may be damaged.
    fn are_all_damaged(&self, copies: usize) -> bool {
        let is_damaged = |copy| self.damages.iter().any(|it| usize::from(it.copy) == copy);
        self.is_outside || self.tearing != Tearing::Not || (0..copies).all(is_damaged)
    }

    /// Returns true if something has struck a copy that was not written anew since.
    pub(super) fn is_struck(&self) -> bool {
        !self.damages.is_empty()
    }

    fn hears(&mut self, told: (u64, NodeId), reply: &Reply) {
        match reply {
            Reply::Counted => {
                self.acknowledged += 1;
                self.last_told = Some(told);
            }
            Reply::Count(count) if self.read.is_none_or(|(highest, _)| highest < *count) => {
                self.read = Some((*count, told));
            }
            Reply::Count(_) | Reply::Unknown | Reply::Refused(_) => {}
        }
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Asks(_, Ask::Add) => self.asked += 1,
            Fact::Hears(_, _, reply) => self.hears((at_us, node), reply),
            Fact::Finds(_, damaged) => {
                self.opened_us = at_us;
                self.mended.clone_from(damaged);
            }
            Fact::Serves(count) => {
                // All that was there when it read its disk has been written anew.
                let opened_us = self.opened_us;
                self.damages.retain(|it| it.is_pending || it.at_us >= opened_us);
                if self.tearing == Tearing::Torn {
                    self.tearing = Tearing::Not;
                }
                self.served = Some((at_us, *count));
                self.openings += 1;
                self.mendings += u32::from(!self.mended.is_empty());
            }
            Fact::Refuses(_) => self.refused_us = Some(at_us),
            Fact::Doubts => self.doubted_us = Some(at_us),
            Fact::AsksAgain(_) => self.asked_again = true,
            Fact::Counts { .. } => {
                for it in self.damages.iter_mut().filter(|it| it.is_pending && it.is_of_log) {
                    (it.is_pending, it.at_us) = (false, at_us);
                }
            }
            Fact::Asks(_, Ask::Read) => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        if matches!(action, Action::Crash(COUNTER)) && self.tearing == Tearing::Armed {
            self.tearing = Tearing::Torn;
        }
        let Action::Disk { fault, .. } = action else { return };
        let (file, is_pending) = match fault {
            DiskFault::BitRot { file, .. } | DiskFault::ReadError { file, .. } => (file, false),
            DiskFault::Misdirect { file, .. } => (file, true),
            DiskFault::LostSyncs { .. } => {
                self.is_outside = true;
                return;
            }
            DiskFault::TornSectors { .. } => {
                self.tearing = Tearing::Armed;
                return;
            }
            DiskFault::FailSyncs { .. } | DiskFault::Capacity { .. } | DiskFault::Slow { .. } => {
                return;
            }
        };
        for (copy, area) in (0..).zip(area::AREAS) {
            if file.split_once('.').is_some_and(|(of, _)| of == area) {
                let is_of_log = *file == area::log(area);
                self.damages.push(Damage { copy, at_us, is_pending, is_of_log });
            }
        }
    }
}

/// Returns the node that counts.
pub(super) fn server(world: &World<Node>) -> Option<&Server> {
    match world.process(COUNTER)? {
        Node::Server(server) => Some(server),
        Node::Client(_) => None,
    }
}

/// Returns the counter, if it counts.
pub(super) fn open_counter(world: &World<Node>) -> Option<&Counter> {
    server(world)?.counter.serving()
}

/// The number lies between what was promised and what was asked for.
pub(super) fn the_number_is_right(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(count) = open_counter(world).map(Counter::durable) else { return Ok(()) };
    let served = it.served.map(|(at_us, _)| (at_us, COUNTER));
    let wrong = |reason: String, moments: [Option<(u64, NodeId)>; 2]| {
        let told = moments[0].filter(|_| moments[1].is_some()).map(|(_, client)| client);
        let nodes = [Some(COUNTER), told].into_iter().flatten();
        let mut moments: Vec<_> = moments.into_iter().flatten().collect();
        moments.sort_unstable();
        Err(Violation::new(reason, nodes).of(moments))
    };
    if count > it.asked {
        let reason = format!("Counter says {count}, and only {} were asked for", it.asked);
        return wrong(reason, [served, None]);
    }
    if count < it.acknowledged {
        let told = it.acknowledged;
        let reason =
            format!("Counter says {count}, and clients were told of {told} that are counted");
        return wrong(reason, [it.last_told, served]);
    }
    match it.read {
        Some((read, told)) if count < read => {
            let name = &world.names()[told.1];
            let reason = format!("Counter says {count}, and {name} has been told {read}");
            wrong(reason, [Some(told), served])
        }
        _ => Ok(()),
    }
}

/// What is left after a crash, and damage to one copy, can be counted.
pub(super) fn one_copy_is_enough(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(error) = server(world).and_then(|server| server.counter.refusal()) else {
        return Ok(());
    };
    if it.are_all_damaged(area::AREAS.len()) {
        return Ok(());
    }
    let reason = format!("Counter does not open: {}", without_stop(error));
    Err(Violation::new(reason, [COUNTER]).of(it.refused_us.map(|at_us| (at_us, COUNTER))))
}

/// Returns true if the counter counts, or every copy is damaged.
pub(super) fn counts_or_is_lost(world: &World<Node>, it: &History) -> bool {
    open_counter(world).is_some() || it.are_all_damaged(area::AREAS.len())
}

/// An operator wants to know of a copy that is bad, before the other is.
pub(super) fn both_copies_are_good(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let opened = Some((it.opened_us, COUNTER)).filter(|_| it.openings > 0);
    match server(world).and_then(|server| server.counter.opened()) {
        Some(Err(error)) => {
            let moments = it.refused_us.map(|at_us| (at_us, COUNTER));
            Err(Violation::new(without_stop(error), [COUNTER]).of(moments))
        }
        Some(Ok(counter)) if !counter.damaged().is_empty() => {
            let copies = counter.damaged().join(" and copy ");
            let reason = format!("recovery found copy {copies} damaged, and wrote it anew");
            Err(Violation::new(reason, [COUNTER]).of(opened))
        }
        Some(Ok(_)) | None => Ok(()),
    }
}

/// Returns true if it came up after a crash or a failed sync.
pub(super) fn came_back(_: &World<Node>, it: &History) -> bool {
    it.openings > 1
}
