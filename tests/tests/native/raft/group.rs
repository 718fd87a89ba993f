//! A group of servers that run Raft and nothing else, and are told what to append by the test.

use faultline_core::mechanism::raft::{
    self, Applied, Config, Disk, Election, Fact, Index, Log, Message, Raft, Safeguards, Term,
    Timer, mismatch,
};
use faultline_core::scenario::{Faults, Knob, Preset, Scenario, Setup, Switch, Unit};
use faultline_core::sim::{
    Action, Boot, Command, Cx, Describe, Distribution, Embed, Environment, Input, InputValue,
    Invariant, Journal, LongList, MessageKind, Metric, Names, NetworkConfig, NodeId, Observed,
    Observer, Payload, Process, Simulation, Spec, SyncId, Violation, World,
};
use faultline_core::view::{Check, NodeView};

/// The command that proposes an entry, and the one that changes the members.
const PROPOSE: u16 = 0;
const CHANGE: u16 = 1;

/// What the logs carry.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Number(pub(crate) u64);

impl raft::Command for Number {
    fn label(&self) -> String {
        self.0.to_string()
    }

    fn bytes(&self) -> u64 {
        8
    }
}

/// A server and what its log has led to.
#[derive(Clone, Hash)]
pub(crate) struct Host {
    pub(crate) raft: Raft<Number>,
    /// No server stands for election when it has come to this term.
    last_term: Term,
}

/// What is said to a server: by another one, or by the test.
#[derive(Clone, Debug, Hash)]
pub(crate) enum Say {
    Raft(Message<Number>),
    Propose(Number),
    Change(NodeId),
}

/// What a server remembers.
#[derive(Clone, Debug, Hash)]
pub(crate) enum Note {
    Raft(Fact),
    /// It has applied entries: each with its place and a digest of the log up to it.
    Applied(Vec<(Index, u64)>),
}

impl Describe for Say {
    fn label(&self) -> String {
        match self {
            Self::Raft(message) => message.label(),
            Self::Propose(Number(number)) => number.to_string(),
            Self::Change(server) => format!("change {}", server.0),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(message) => message.sentence(names),
            Self::Propose(Number(number)) => format!("append {number}"),
            Self::Change(server) => format!("change {}", server.0),
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Raft(message) = self { message.epoch() } else { None }
    }
}

impl Payload for Say {
    fn kind(&self) -> MessageKind {
        MessageKind::Request
    }

    fn bytes(&self) -> u64 {
        1
    }
}

impl Describe for Note {
    fn label(&self) -> String {
        if let Self::Raft(fact) = self { fact.label() } else { "applies".into() }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::Applied(entries) => format!("applies {} entries", entries.len()),
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Raft(fact) = self { fact.epoch() } else { None }
    }
}

impl Embed<Raft<Number>> for Host {
    fn msg(msg: Message<Number>) -> Say {
        Say::Raft(msg)
    }

    fn timer(timer: Timer) -> Timer {
        timer
    }

    fn fact(fact: Fact) -> Note {
        Note::Raft(fact)
    }

    fn disk(disk: &mut Disk<Number>) -> &mut Disk<Number> {
        disk
    }
}

impl Host {
    fn settle(&mut self, cx: &mut Cx<'_, Self>) {
        let before = self.raft.applied();
        let applied: Vec<Applied<Number>> = self.raft.take_committed(cx.disk());
        drop(applied);
        let log = &cx.disk().get().log;
        let places = before + 1..=self.raft.applied();
        let entries: Vec<_> =
            places.filter_map(|index| Some((index, log.digest_at(index)?))).collect();
        if !entries.is_empty() {
            cx.record(Note::Applied(entries));
        }
    }
}

impl Process for Host {
    type Msg = Say;
    type Timer = Timer;
    type Disk = Disk<Number>;
    type Fact = Note;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        cx.lift(|cx| self.raft.on_start(boot, cx));
        if boot == Boot::Fresh && cx.me() == NodeId(0) && self.last_term == Term::MAX {
            cx.lift(|cx| self.raft.campaign(cx));
        }
    }

    fn on_message(&mut self, from: NodeId, say: Say, cx: &mut Cx<'_, Self>) {
        match say {
            Say::Raft(message) => cx.lift(|cx| self.raft.on_message(from, message, cx)),
            Say::Propose(number) => {
                // Whoever does not lead has nothing to say to it.
                _ = cx.lift(|cx| self.raft.propose(number, cx));
            }
            Say::Change(server) => _ = cx.lift(|cx| self.raft.change_members(server, cx)),
        }
        self.settle(cx);
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        if timer == Timer::Election && cx.disk().get().term >= self.last_term {
            return cx.set_timer(1, timer);
        }
        cx.lift(|cx| self.raft.on_timer(timer, cx));
        self.settle(cx);
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        cx.lift(|cx| self.raft.on_synced(sync, cx));
        self.settle(cx);
    }

    fn view(&self, disk: &Disk<Number>) -> NodeView {
        self.raft.view(disk)
    }
}

/// What each place of the log was first applied as.
#[derive(Clone, Default, Hash)]
pub(crate) struct Seen {
    leaders: Vec<(Term, NodeId)>,
    applied: LongList<u64>,
    has_diverged: bool,
}

impl Observer<Host> for Seen {
    fn on_fact(&mut self, _: u64, id: NodeId, fact: &Note) {
        match fact {
            Note::Raft(Fact::Leads { term }) => {
                self.leaders.push((*term, id));
                self.leaders.sort_unstable();
                self.leaders.dedup();
            }
            Note::Raft(_) => {}
            Note::Applied(entries) => {
                for &(index, digest) in entries {
                    let place = usize::try_from(index - 1).expect("a log is short");
                    match self.applied.get(place) {
                        Some(known) => self.has_diverged |= *known != digest,
                        None => self.applied.push(digest),
                    }
                }
            }
        }
    }
}

fn knob(setup: &Setup, key: &str) -> u64 {
    setup.knob(key)
}

const fn count(key: &'static str, default: u64) -> Knob {
    Knob { key, label: key, unit: Unit::Count, min: 0, default, max: 1_000_000 }
}

const fn switch(key: &'static str) -> Switch {
    Switch { key, label: key, help: "" }
}

/// The group as a scenario: its size, times, and rules are knobs and switches.
pub(crate) const SCENARIO: &Scenario = &Scenario {
    survives: Faults {
        victims: |setup| servers(setup).collect(),
        down_at_once: |_| 1,
        loss_percent: 100,
        duplicate_percent: 100,
        ..Faults::NONE
    },
    knobs: &[
        count("servers", 5),
        count("shortest", 150_000),
        count("longest", 300_000),
        count("heartbeat", 75_000),
        count("latency", 5_000),
        count("jitter", 5_000),
        count("sync", 500),
        // No server stands when it has come to this term; 0 for no end.
        count("terms", 0),
    ],
    switches: &[
        switch("pre-vote"),
        switch("own-term"),
        switch("up-to-date"),
        switch("durable-vote"),
        switch("settled-change"),
    ],
    ..Scenario::unlisted("raft-alone", |setup| Observed::boxed(SPEC, setup))
};

fn servers(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::first(u16::try_from(knob(setup, "servers")).expect("a few"))
}

pub(crate) fn host(setup: &Setup) -> Host {
    let config = Config {
        members: servers(setup).collect(),
        election: Election::ByVotes,
        election_timeout_us: (knob(setup, "shortest"), knob(setup, "longest")),
        heartbeat_us: knob(setup, "heartbeat"),
        pre_vote: setup.is_on("pre-vote"),
        check_quorum: false,
    };
    let safeguards = Safeguards {
        commits_own_term: setup.is_on("own-term"),
        compares_logs: setup.is_on("up-to-date"),
        keeps_votes: setup.is_on("durable-vote"),
        settles_before_change: setup.is_on("settled-change"),
    };
    let terms = knob(setup, "terms");
    let last_term = if terms == 0 { Term::MAX } else { terms };
    Host { raft: Raft::new(config).with(safeguards), last_term }
}

fn environment(setup: &Setup) -> Environment {
    let low_us = knob(setup, "latency");
    let latency = Distribution::Uniform { low_us, high_us: low_us + knob(setup, "jitter") };
    let sync_us = knob(setup, "sync");
    Environment {
        network: NetworkConfig { latency, ..NetworkConfig::default() },
        sync: Distribution::Uniform { low_us: sync_us, high_us: sync_us },
        ..Environment::default()
    }
}

const NUMBER: Input = Input::Number { label: "", unit: "", min: 0, max: 1_000, default: 7 };

const SPEC: &Spec<Host, Seen> = &Spec {
    environment,
    commands: &[
        Command {
            label: "Propose",
            accepts: |_, _| true,
            input: NUMBER,
            say: |_, _, given| Say::Propose(Number(given.number().cast_unsigned())),
        },
        Command {
            label: "Change",
            accepts: |_, _| true,
            input: NUMBER,
            say: |_, _, given| Say::Change(NodeId(u16::try_from(given.number()).expect("a few"))),
        },
    ],
    metrics: &[
        Metric { label: "led term", unit: "", read: |world, _| led(world).map_or(0, |it| it.0) },
        Metric { label: "leader", unit: "", read: |world, _| led(world).map_or(0, |it| it.1) },
    ],
    invariants: &[
        Invariant { name: "one leader a term", check: |_, seen| one_leader(seen) },
        Invariant { name: "logs match", check: |world, _| logs_match(disks(world)) },
        Invariant { name: "all apply the same", check: |_, seen| same_applied(seen) },
        Invariant {
            name: "leaders have all that is applied",
            check: |world, seen| complete(|id| (world.process(id), world.disk(id)), seen),
        },
    ],
    ..Spec::bare(
        |setup| servers(setup).map(|id| format!("S{}", id.0 + 1)).collect(),
        |_, setup| host(setup),
    )
};

/// Returns the highest term that a server leads, and which one does.
fn led(world: &World<Host>) -> Option<(i64, i64)> {
    let leads = |id: NodeId| {
        let is_leader = world.process(id)?.raft.is_leader();
        let term = i64::try_from(world.disk(id).get().term).ok()?;
        is_leader.then_some((term, i64::from(id.0)))
    };
    world.ids().filter_map(leads).max()
}

fn broken(is_broken: bool, reason: &str) -> Result<(), Violation> {
    if is_broken { Err(Violation::new(reason, [])) } else { Ok(()) }
}

fn disks(world: &World<Host>) -> impl Iterator<Item = &Disk<Number>> {
    world.ids().map(|id| world.disk(id))
}

pub(crate) fn one_leader(seen: &Seen) -> Result<(), Violation> {
    let is_doubled = seen.leaders.windows(2).any(|two| two[0].0 == two[1].0);
    broken(is_doubled, "a term has two leaders")
}

pub(crate) fn logs_match<'a>(
    disks: impl Iterator<Item = &'a Disk<Number>>,
) -> Result<(), Violation> {
    let logs: Vec<&Log<Number>> = disks.map(|disk| &disk.durable().log).collect();
    broken(mismatch(&logs).is_some(), "two logs share an entry and not all before it")
}

pub(crate) fn same_applied(seen: &Seen) -> Result<(), Violation> {
    broken(seen.has_diverged, "two servers apply different entries in one place")
}

/// The leader of the latest term has all that anybody has applied.
pub(crate) fn complete<'a>(
    node: impl Fn(NodeId) -> (Option<&'a Host>, &'a Disk<Number>),
    seen: &Seen,
) -> Result<(), Violation> {
    let Some((term, leader)) = seen.leaders.last() else { return Ok(()) };
    let (host, disk) = node(*leader);
    let state = disk.get();
    let leads = host.is_some_and(|host| host.raft.is_leader());
    let index = seen.applied.len() as Index;
    let known = seen.applied.last().copied();
    let lacks = index > 0 && state.log.digest_at(index) != known;
    broken(leads && state.term == *term && lacks, "the latest leader lacks what was applied")
}

/// A group as a test drives it.
pub(crate) struct Group(pub(crate) Box<dyn Simulation>);

/// Returns a setup with all rules on, but for `off`.
pub(crate) fn setup(seed: u64, knobs: &[(&str, u64)], off: &[&str]) -> Setup {
    let mut setup = Setup::new(SCENARIO, Preset::Hardened, seed);
    for (key, value) in knobs {
        setup.set(key, &value.to_string()).expect("a knob of the group");
    }
    for key in off {
        setup.set(key, "off").expect("a rule of the group");
    }
    setup
}

impl Group {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self(setup.build())
    }

    pub(crate) fn act(&mut self, action: &Action) {
        assert!(self.0.act(0, action, &mut Journal::ignoring()), "{action:?} changes nothing");
    }

    fn command(&mut self, command: u16, node: NodeId, value: i64) {
        self.act(&Action::CommandWith { command, node, value: InputValue::Number(value) });
    }

    pub(crate) fn propose(&mut self, node: NodeId, number: i64) {
        self.command(PROPOSE, node, number);
    }

    /// Asks `node` to let `server` leave or return.
    pub(crate) fn change(&mut self, node: NodeId, server: NodeId) {
        self.command(CHANGE, node, i64::from(server.0));
    }

    pub(crate) fn cut(&mut self, from: NodeId, to: NodeId) {
        self.act(&Action::Cut { from, to });
    }

    pub(crate) fn mend(&mut self, from: NodeId, to: NodeId) {
        self.act(&Action::Mend { from, to });
    }

    pub(crate) fn run_for(&mut self, for_us: u64) {
        let until_us = self.0.now_us() + for_us;
        self.run_until(until_us, |_| false);
    }

    /// Runs until something is so, at most up to a time; returns when it was.
    pub(crate) fn run_until(
        &mut self,
        until_us: u64,
        is_so: impl Fn(&Self) -> bool,
    ) -> Option<u64> {
        while self.0.next_at_us().is_some_and(|at_us| at_us <= until_us) {
            if is_so(self) {
                return Some(self.0.now_us());
            }
            self.0.step(&mut Journal::ignoring());
        }
        self.0.advance(until_us, &mut Journal::ignoring());
        is_so(self).then(|| self.0.now_us())
    }

    /// Returns the server that leads in the highest term, and the term.
    pub(crate) fn leader(&self) -> Option<(Term, NodeId)> {
        let readings = self.0.readings();
        let [term, id] = readings[..] else { panic!("two metrics: {readings:?}") };
        let id = NodeId(u16::try_from(id).expect("a few"));
        (term > 0).then_some((term.cast_unsigned(), id))
    }

    /// Returns which invariants are broken.
    pub(crate) fn broken(&self) -> Vec<String> {
        let checks = self.0.checks().into_iter();
        checks.filter(Check::is_violated).map(|check| check.name).collect()
    }
}
