//! The part of a world that differs from row to row: processes, disks and payloads.
//!
//! The kernel is compiled once and reaches them through [`Behaviour`]; [`Nodes`] is its one
//! implementation, compiled for each row. What stands here is paid for a hundred times over in the
//! page's download, so it holds handlers and payloads, and no rule of the world.

use std::hash::Hash;

use super::effects::Effect;
use super::kernel::{Happening, Kernel};
use super::{
    Boot, Command, CommandLabel, Cx, Describe, DiskFault, InputValue, Journal, NodeId, Payload,
    Process, StableHasher, Storage, SyncId, digest_of,
};
use crate::scenario::Setup;
use crate::view::{NodeView, Widget};

/// Which handler runs.
#[derive(Copy, Clone, Debug)]
pub(super) enum Call {
    Start(Boot),
    /// The payload is in this place.
    Message {
        from: NodeId,
        place: u32,
    },
    /// `to` had no room for the payload in this place.
    Refused {
        to: NodeId,
        place: u32,
    },
    /// The timer in this place of the node's table.
    Timer(u32),
    Synced(SyncId),
    SyncFailed(SyncId),
}

/// Processes, disks and payloads, as the kernel sees them.
pub(super) trait Behaviour {
    /// Makes a node's process, as it is before it starts.
    fn spawn(&mut self, id: NodeId, setup: &Setup);
    /// Drops a node's process, timers and unfinished work; its disk keeps what a crash leaves.
    fn kill(&mut self, id: NodeId, choose: &mut dyn FnMut(u64) -> u64);
    /// Runs a handler, and carries out what it asked for unless that takes time.
    fn run(&mut self, kernel: &mut Kernel, journal: &mut Journal, it: &Happening, call: Call);
    /// Carries out what a handler that took time had asked for.
    fn finish(&mut self, kernel: &mut Kernel, journal: &mut Journal, id: NodeId, event: u32);

    /// Returns the payload in this place.
    fn message(&self, place: u32) -> &dyn Payload;
    /// Hashes the payload in this place.
    fn hash_message(&self, place: u32, hasher: &mut StableHasher);
    /// Copies a payload from one place to another.
    fn copy_message(&mut self, from: u32, to: u32);
    /// Drops the payload in this place.
    fn drop_message(&mut self, place: u32);
    /// Puts what a command says into this place; without a value, what it says as usual.
    fn say(
        &mut self,
        command: usize,
        value: Option<&InputValue>,
        nth: u32,
        setup: &Setup,
        place: u32,
    );
    /// Returns the commands' labels and what they take.
    fn command_labels(&self, setup: &Setup) -> Vec<CommandLabel>;
    /// Returns true if this node can be asked; false as well if there is no such command.
    fn accepts(&self, command: usize, id: NodeId, setup: &Setup) -> bool;

    /// Returns the timer in this place of a node's table.
    fn timer(&self, id: NodeId, place: u32) -> &dyn Describe;
    /// Returns the low bits of a timer's digest.
    fn timer_digest(&self, id: NodeId, place: u32) -> u32;
    /// Hashes a timer.
    fn hash_timer(&self, id: NodeId, place: u32, hasher: &mut StableHasher);
    /// Lists the timers that are set, by place, in the order of their values.
    fn timers(&self, id: NodeId) -> &[u32];
    /// A timer fired: its place is free.
    fn free_timer(&mut self, id: NodeId, place: u32);

    /// A sync begins.
    fn sync_started(&mut self, id: NodeId, sync: SyncId);
    /// A sync is complete; false if it failed.
    fn sync_completed(&mut self, id: NodeId, sync: SyncId) -> bool;
    /// Returns which share of its usual time a sync takes, in a hundred.
    fn sync_percent(&self, id: NodeId) -> u32;
    /// Returns how many bytes have been written to a disk in all.
    fn written_bytes(&self, id: NodeId) -> u64;
    /// Returns true if a fault would change a disk.
    fn disk_can_suffer(&self, id: NodeId, fault: &DiskFault) -> bool;
    /// Hurts a disk.
    fn hurt_disk(&mut self, id: NodeId, fault: &DiskFault);
    /// Shows a node. One that is down shows what its disk would give it back.
    fn view(&self, id: NodeId, setup: &Setup) -> NodeView;
    /// Shows a node as it would come back if it crashed now and lost all that is not durable.
    fn view_after_crash(&self, id: NodeId, setup: &Setup) -> NodeView;
    /// Returns whether a disk holds writes that no sync covers, and what it shows of itself.
    fn disk_scene(&self, id: NodeId) -> (bool, Vec<Widget>);
    /// Hashes a node's process and disk.
    fn hash_node(&self, id: NodeId, hasher: &mut StableHasher);
}

/// A node's timers: values by place, and the places of those that are set, by value.
#[derive(Clone, Debug)]
struct Timers<T> {
    values: Vec<T>,
    set: Vec<u32>,
    free: Vec<u32>,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { values: Vec::new(), set: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy + Ord> Timers<T> {
    fn find(&self, timer: &T) -> Result<usize, usize> {
        self.set.binary_search_by(|&place| self.values[place as usize].cmp(timer))
    }

    /// Returns the place of `timer`, new if it is not set.
    fn insert(&mut self, timer: T) -> u32 {
        match self.find(&timer) {
            Ok(at) => self.set[at],
            Err(at) => {
                let place = self.free.pop().unwrap_or_else(|| {
                    self.values.push(timer);
                    u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX)
                });
                self.values[place as usize] = timer;
                self.set.insert(at, place);
                place
            }
        }
    }

    fn remove(&mut self, at: usize) -> u32 {
        let place = self.set.remove(at);
        self.free.push(place);
        place
    }
}

/// A node's process, disk and timers.
#[derive(Clone)]
struct Seat<P: Process> {
    /// `None` while the node is down.
    process: Option<P>,
    disk: P::Disk,
    timers: Timers<P::Timer>,
    /// What handlers at work have asked for, by the number of their event.
    at_work: Vec<(u32, Vec<Effect<P>>)>,
}

/// Every node's process, disk and timers, and every message's payload.
pub(super) struct Nodes<P: Process> {
    spawn: fn(NodeId, &Setup) -> P,
    commands: &'static [Command<P>],
    seats: Vec<Seat<P>>,
    /// By place; the kernel says which place is whose.
    messages: Vec<Option<P::Msg>>,
    /// Facts of the last step, for the observer.
    recorded: Vec<(NodeId, P::Fact)>,
    /// An empty list to collect effects in.
    spare: Vec<Effect<P>>,
}

/// A copy is made between two steps, when nothing recorded is left and the spare list is empty: only
/// what lasts is copied, since copying is compiled for each row.
impl<P: Process> Clone for Nodes<P> {
    fn clone(&self) -> Self {
        debug_assert!(self.recorded.is_empty());
        Self {
            spawn: self.spawn,
            commands: self.commands,
            seats: self.seats.clone(),
            messages: self.messages.clone(),
            recorded: Vec::new(),
            spare: Vec::new(),
        }
    }
}

impl<P: Process> Nodes<P> {
    /// Makes the seats of `count` nodes, all empty.
    pub(super) fn new(
        count: u16,
        spawn: fn(NodeId, &Setup) -> P,
        commands: &'static [Command<P>],
    ) -> Self {
        let seat = |_| Seat {
            process: None,
            disk: P::Disk::default(),
            timers: Timers::default(),
            at_work: Vec::new(),
        };
        Self {
            spawn,
            commands,
            seats: (0..count).map(seat).collect(),
            messages: Vec::new(),
            recorded: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Returns a node's process; `None` while it is down.
    pub(super) fn process(&self, id: NodeId) -> Option<&P> {
        self.seats.get(id.index())?.process.as_ref()
    }

    /// Returns a node's disk.
    pub(super) fn disk(&self, id: NodeId) -> &P::Disk {
        &self.seats[id.index()].disk
    }

    /// Takes the facts recorded since the last call.
    pub(super) fn recorded(&mut self) -> &mut Vec<(NodeId, P::Fact)> {
        &mut self.recorded
    }

    fn put(&mut self, place: u32, msg: P::Msg) {
        let place = place as usize;
        if self.messages.len() <= place {
            self.messages.resize(place + 1, None);
        }
        self.messages[place] = Some(msg);
    }

    fn take(&mut self, place: u32) -> Option<P::Msg> {
        self.messages.get_mut(place as usize)?.take()
    }

    /// Carries out what a handler asked for, in order, and leaves `effects` empty.
    fn perform(
        &mut self,
        kernel: &mut Kernel,
        journal: &mut Journal,
        (me, event): (NodeId, u32),
        effects: &mut Vec<Effect<P>>,
    ) {
        for effect in effects.drain(..) {
            match effect {
                Effect::Send { to, msg } => {
                    let place = kernel.reserve_place();
                    self.put(place, msg);
                    kernel.send(self, me, to, place, event, journal);
                }
                Effect::SendAfterSync { to, msg } => {
                    let place = kernel.reserve_place();
                    self.put(place, msg);
                    kernel.send_after_sync(self, me, to, place, event, journal);
                }
                Effect::SetTimer { after_us, timer } => {
                    let place = self.seats[me.index()].timers.insert(timer);
                    kernel.set_timer(me, place, after_us, event);
                }
                Effect::CancelTimer(timer) => {
                    let timers = &mut self.seats[me.index()].timers;
                    if let Ok(at) = timers.find(&timer) {
                        kernel.forget_timer(me, timers.remove(at));
                    }
                }
                Effect::StepWall(by_us) => kernel.step_wall(me, by_us),
                Effect::MoveTo(zone) => kernel.network.move_to(me, zone),
                Effect::Record(fact) => {
                    fact.hash(kernel.digest());
                    kernel.record(me, &fact, journal);
                    self.recorded.push((me, fact));
                }
                Effect::Observe { quantity, took_us } => {
                    kernel.observe(me, quantity, took_us, journal);
                }
            }
        }
    }
}

impl<P: Process> Behaviour for Nodes<P> {
    fn spawn(&mut self, id: NodeId, setup: &Setup) {
        self.seats[id.index()].process = Some((self.spawn)(id, setup));
    }

    fn kill(&mut self, id: NodeId, choose: &mut dyn FnMut(u64) -> u64) {
        let seat = &mut self.seats[id.index()];
        seat.process = None;
        seat.timers = Timers::default();
        seat.at_work.clear();
        seat.disk.crashed(choose);
    }

    fn run(&mut self, kernel: &mut Kernel, journal: &mut Journal, it: &Happening, call: Call) {
        let effects = std::mem::take(&mut self.spare);
        let msg = match call {
            Call::Message { place, .. } | Call::Refused { place, .. } => self.take(place),
            Call::Start(_) | Call::Timer(_) | Call::Synced(_) | Call::SyncFailed(_) => None,
        };
        let Seat { process: Some(process), disk, timers, at_work } =
            &mut self.seats[it.node.index()]
        else {
            return;
        };
        let mut cx = Cx::new(it.node, kernel, disk, effects);
        match (call, msg) {
            (Call::Start(boot), _) => process.on_start(boot, &mut cx),
            (Call::Message { from, .. }, Some(msg)) => process.on_message(from, msg, &mut cx),
            (Call::Refused { to, .. }, Some(msg)) => process.on_refused(to, msg, &mut cx),
            (Call::Timer(place), _) => process.on_timer(timers.values[place as usize], &mut cx),
            (Call::Synced(sync), _) => process.on_synced(sync, &mut cx),
            (Call::SyncFailed(sync), _) => process.on_sync_failed(sync, &mut cx),
            (Call::Message { .. } | Call::Refused { .. }, None) => {}
        }
        let Cx { work_us, asks_sync, awaits_sync, mut effects, .. } = cx;
        let everything = asks_sync || (awaits_sync && disk.is_dirty());
        let sync = (everything || disk.wants_sync()).then(|| kernel.name_sync(it.node));
        if let Some(sync) = sync {
            disk.sync_asked(sync, everything);
        }
        if kernel.begin_work(it, work_us, sync) {
            at_work.push((it.number, effects));
            return;
        }
        if let Some(sync) = sync {
            kernel.begin_sync(self, it.node, sync, it.number);
        }
        self.perform(kernel, journal, (it.node, it.number), &mut effects);
        self.spare = effects;
    }

    fn finish(&mut self, kernel: &mut Kernel, journal: &mut Journal, id: NodeId, event: u32) {
        let at_work = &mut self.seats[id.index()].at_work;
        if let Some(at) = at_work.iter().position(|(of, _)| *of == event) {
            let (_, mut effects) = at_work.remove(at);
            self.perform(kernel, journal, (id, kernel.number()), &mut effects);
        }
    }

    fn message(&self, place: u32) -> &dyn Payload {
        match self.messages.get(place as usize) {
            Some(Some(msg)) => msg,
            Some(None) | None => unreachable!("the kernel asks for payloads that are there"),
        }
    }

    fn hash_message(&self, place: u32, hasher: &mut StableHasher) {
        if let Some(Some(msg)) = self.messages.get(place as usize) {
            msg.hash(hasher);
        }
    }

    fn copy_message(&mut self, from: u32, to: u32) {
        if let Some(msg) = self.messages.get(from as usize).cloned().flatten() {
            self.put(to, msg);
        }
    }

    fn drop_message(&mut self, place: u32) {
        drop(self.take(place));
    }

    fn say(
        &mut self,
        command: usize,
        value: Option<&InputValue>,
        nth: u32,
        setup: &Setup,
        place: u32,
    ) {
        let Command { input, say, .. } = &self.commands[command];
        let msg = match value {
            Some(value) => say(nth, setup, value),
            None => say(nth, setup, &input.usual()),
        };
        self.put(place, msg);
    }

    fn command_labels(&self, setup: &Setup) -> Vec<CommandLabel> {
        let label = |it: &Command<P>| CommandLabel {
            label: it.label,
            input: it.input,
            among: it.input.among(setup),
        };
        self.commands.iter().map(label).collect()
    }

    fn accepts(&self, command: usize, id: NodeId, setup: &Setup) -> bool {
        self.commands.get(command).is_some_and(|command| (command.accepts)(id, setup))
    }

    fn timer(&self, id: NodeId, place: u32) -> &dyn Describe {
        &self.seats[id.index()].timers.values[place as usize]
    }

    fn timer_digest(&self, id: NodeId, place: u32) -> u32 {
        let digest = digest_of(&self.seats[id.index()].timers.values[place as usize]);
        u32::try_from(digest & 0xffff_ffff).unwrap_or_default()
    }

    fn hash_timer(&self, id: NodeId, place: u32, hasher: &mut StableHasher) {
        self.seats[id.index()].timers.values[place as usize].hash(hasher);
    }

    fn timers(&self, id: NodeId) -> &[u32] {
        &self.seats[id.index()].timers.set
    }

    fn free_timer(&mut self, id: NodeId, place: u32) {
        let timers = &mut self.seats[id.index()].timers;
        if let Some(at) = timers.set.iter().position(|&set| set == place) {
            timers.remove(at);
        }
    }

    fn sync_started(&mut self, id: NodeId, sync: SyncId) {
        self.seats[id.index()].disk.sync_started(sync);
    }

    fn sync_completed(&mut self, id: NodeId, sync: SyncId) -> bool {
        self.seats[id.index()].disk.sync_completed(sync)
    }

    fn sync_percent(&self, id: NodeId) -> u32 {
        self.seats[id.index()].disk.sync_percent()
    }

    fn written_bytes(&self, id: NodeId) -> u64 {
        self.seats[id.index()].disk.written_bytes()
    }

    fn disk_can_suffer(&self, id: NodeId, fault: &DiskFault) -> bool {
        // Disks are cheap to copy, and only the disk itself knows.
        self.seats[id.index()].disk.clone().fault(fault)
    }

    fn hurt_disk(&mut self, id: NodeId, fault: &DiskFault) {
        self.seats[id.index()].disk.fault(fault);
    }

    fn view(&self, id: NodeId, setup: &Setup) -> NodeView {
        let seat = &self.seats[id.index()];
        match &seat.process {
            Some(process) => process.view(&seat.disk),
            None => (self.spawn)(id, setup).view(&seat.disk),
        }
    }

    fn view_after_crash(&self, id: NodeId, setup: &Setup) -> NodeView {
        let mut disk = self.seats[id.index()].disk.clone();
        disk.crashed(&mut |_| 0);
        (self.spawn)(id, setup).view(&disk)
    }

    fn disk_scene(&self, id: NodeId) -> (bool, Vec<Widget>) {
        let disk = &self.seats[id.index()].disk;
        (disk.is_dirty(), disk.show())
    }

    fn hash_node(&self, id: NodeId, hasher: &mut StableHasher) {
        let seat = &self.seats[id.index()];
        seat.process.hash(hasher);
        seat.disk.hash(hasher);
    }
}
