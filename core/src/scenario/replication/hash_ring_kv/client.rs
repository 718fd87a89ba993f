//! A client: it knows the ring itself and asks a key's replicas, as Dynamo's client library does
//! (section 6.4).

use super::message::{Fact, Msg, Say, Timer, key_text};
use super::node::{Disk, Node};
use super::plan::Config;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between two operations.
const THINK_US: (u64, u64) = (80_000, 180_000);
/// A replica that is silent for so long gets a stand-in.
const SILENT_US: u64 = 50_000;
/// After so long everybody is asked anew.
const AGAIN_US: u64 = 250_000;

/// What a client keeps on its disk, so that no number is used twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Counts {
    /// Operations begun.
    operations: u64,
    /// The last write of each of its keys.
    numbers: SmallMap<u16, u64>,
}

/// An answer: who gave it, what it holds, and whether it is one of the key's own replicas.
type Answer = (NodeId, u64, bool);

/// An operation.
#[derive(Clone, Debug, Hash)]
struct Open {
    id: u64,
    key: u16,
    /// The number of a write; none for a read.
    number: Option<u64>,
    /// Its answers of this round.
    answers: Vec<Answer>,
    /// Whether stand-ins have been asked in this round.
    is_sloppy: bool,
    /// Whether the client knows the outcome; for a write, stand-ins of silent replicas are still asked then,
    /// once.
    is_told: bool,
}

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    config: Config,
    /// Which client it is, from 0.
    index: u16,
    ring: u8,
    /// Names the present attempt; only its answers count.
    round: u64,
    open: Option<Open>,
    wanted: Option<bool>,
}

impl Client {
    pub(super) fn new(config: Config, index: u16) -> Self {
        Self { config, index, ring: 1, round: 0, open: None, wanted: None }
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Think);
    }

    fn is_idle(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.is_told)
    }

    /// Begins the next operation.
    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        let (keys, clients) = (self.config.keys, self.config.clients);
        let wanted = self.wanted.take();
        let is_write = wanted.unwrap_or_else(|| cx.chance(self.config.writes_percent));
        let own = keys.saturating_sub(self.index).div_ceil(clients.max(1));
        let any = cx.choose(if is_write { own } else { keys }.into());
        let any = u16::try_from(any).unwrap_or_default();
        // One client writes each key: two that write one are another row.
        let key = if is_write { self.index + any * clients } else { any };
        let counts = cx.disk_mut().1.get_mut();
        counts.operations += 1;
        let id = counts.operations;
        let number = is_write.then(|| {
            let number = counts.numbers.get_or_insert(key, 0);
            *number += 1;
            *number
        });
        cx.record(match number {
            Some(number) => Fact::Writes { id, key, number },
            None => Fact::Reads { id, key },
        });
        self.open =
            Some(Open { id, key, number, answers: Vec::new(), is_sloppy: false, is_told: false });
        self.ask(cx);
    }

    /// Asks a key's own replicas, in a new round.
    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(open) = &mut self.open else { return };
        self.round += 1;
        (open.answers, open.is_sloppy) = (Vec::new(), false);
        let owners = self.config.owners(open.key, self.ring);
        self.send(&owners, cx);
        cx.set_timer(SILENT_US, Timer::StandIns);
        cx.set_timer(AGAIN_US, Timer::Again);
    }

    fn send(&self, to: &[NodeId], cx: &mut Cx<'_, Node>) {
        let Some(&Open { id, key, number, .. }) = self.open.as_ref() else { return };
        // A round of an earlier life must not be taken for this one.
        let round = id << 16 | self.round & 0xffff;
        let say = match number {
            Some(number) => Say::Put { round, key, number },
            None => Say::Get { round, key },
        };
        for &node in to {
            cx.send_after_sync(node, Msg { ring: self.ring, say: say.clone() });
        }
    }

    /// Asks the next nodes instead of those replicas that are silent.
    fn ask_stand_ins(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(open) = &mut self.open else { return };
        let owners = self.config.owners(open.key, self.ring);
        let has_answered = |id: &&NodeId| open.answers.iter().any(|it| it.0 == **id);
        let silent = owners.len() - owners.iter().filter(has_answered).count();
        let is_needed = open.number.is_some() || !open.is_told;
        open.is_sloppy = true;
        let key = open.key;
        let walk = self.config.walk(key, self.ring);
        let nodes: Vec<NodeId> = walk.into_iter().skip(owners.len()).take(silent).collect();
        if is_needed && !nodes.is_empty() {
            self.send(&nodes, cx);
            cx.record(Fact::AsksStandIns { key, nodes });
        }
        self.tell(cx);
    }

    fn answered(&mut self, round: u64, answer: Answer, cx: &mut Cx<'_, Node>) {
        let Some(open) = &mut self.open else { return };
        let is_known = open.answers.iter().any(|it| it.0 == answer.0);
        if round == open.id << 16 | self.round & 0xffff && !is_known {
            open.answers.push(answer);
            self.tell(cx);
        }
    }

    /// Is told the outcome as soon as enough have answered: the key's own, or, if these are silent, any.
    fn tell(&mut self, cx: &mut Cx<'_, Node>) {
        let (reads, writes) = (self.config.reads(), self.config.writes());
        let Some(open) = &mut self.open else { return };
        let enough = usize::from(if open.number.is_some() { writes } else { reads });
        let is_own = open.answers.iter().filter(|it| it.2).count() >= enough;
        if open.is_told || !(is_own || open.is_sloppy && open.answers.len() >= enough) {
            return;
        }
        open.is_told = true;
        let (id, key) = (open.id, open.key);
        let latest = open.answers.iter().map(|it| it.1).max().unwrap_or_default();
        let by = open.answers.iter().filter(|it| it.2 || !is_own).map(|it| it.0).collect();
        cx.record(match open.number {
            Some(number) => Fact::Wrote { id, key, number, is_own, by },
            None => Fact::Saw { id, key, number: latest, is_own, by },
        });
        cx.cancel_timer(Timer::Again);
        Self::think(cx);
    }

    pub(super) fn doing(&self) -> String {
        match &self.open {
            Some(Open { key, number: Some(_), is_told: false, .. }) => {
                format!("writes {}", key_text(*key))
            }
            Some(Open { key, number: None, is_told: false, .. }) => {
                format!("reads {}", key_text(*key))
            }
            Some(_) | None => "thinks".into(),
        }
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::IsBack);
        }
        Self::think(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if msg.ring > self.ring {
            self.ring = msg.ring;
            if !self.is_idle() {
                self.ask(cx);
            }
            return;
        }
        match msg.say {
            Say::Stored { round, is_own } => self.answered(round, (from, 0, is_own), cx),
            Say::Holds { round, number, is_own } => {
                self.answered(round, (from, number, is_own), cx);
            }
            Say::WriteNow | Say::ReadNow => {
                self.wanted = Some(msg.say == Say::WriteNow);
                if self.is_idle() {
                    cx.cancel_timer(Timer::Think);
                    self.begin(cx);
                }
            }
            // It counts as silent: a stand-in is asked.
            Say::NotYet
            | Say::Put { .. }
            | Say::Get { .. }
            | Say::Offer { .. }
            | Say::Took { .. }
            | Say::Complete
            | Say::Noted
            | Say::Compare(_)
            | Say::Items { .. }
            | Say::News
            | Say::Join => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Think => self.begin(cx),
            Timer::StandIns => self.ask_stand_ins(cx),
            Timer::Again if !self.is_idle() => self.ask(cx),
            Timer::Again | Timer::Offer | Timer::Compare => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        NodeView::new(Role::Client, self.doing()).in_epoch(u64::from(self.ring))
    }
}
