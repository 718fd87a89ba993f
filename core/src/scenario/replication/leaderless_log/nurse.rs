//! A nurse: she reads the log at a replica, writes what she did, and says what she had read by then.

use super::message::{Ask, Fact, Msg, Note, Timer};
use super::node::{Config, Disk, Node};
use crate::mechanism::causal_log::Dot;
use crate::mechanism::clock::VersionVector;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::{NodeView, Role, Widget};

/// Least and most time between two visits.
const PAUSE_US: (u64, u64) = (250_000, 550_000);
/// She asks another replica when one is silent for so long.
const PATIENCE_US: u64 = 200_000;
/// So many entries are a shift; after it she only looks, and checks what is flagged.
const SHIFT: u64 = 20;

/// What a nurse knows by heart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pocket {
    /// How many entries she has written.
    pub(super) number: u64,
    /// What she has read.
    pub(super) context: VersionVector,
    /// The last entry, while nobody has told her that it is in the log.
    open: Option<Note>,
}

/// What she is doing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Doing {
    Nothing,
    /// She waits for the log, for the so many-eth time.
    Reads(u64),
    /// She waits to be told that her last entry is in it.
    Writes,
    /// She takes in what she was told.
    Remembers,
}

/// A nurse.
#[derive(Clone, Debug, Hash)]
pub(super) struct Nurse {
    config: Config,
    /// Which one, from 0.
    index: u16,
    /// Which replica she asks.
    pub(super) station: NodeId,
    doing: Doing,
    visits: u64,
    /// The viewer wants her to write.
    is_wanted: bool,
    /// What she will have been told once she cannot forget it.
    told: Option<(SyncId, Vec<Fact>)>,
}

impl Nurse {
    pub(super) fn new(config: Config, index: u16) -> Self {
        let station = NodeId(index % config.replicas);
        let (doing, visits) = (Doing::Nothing, 0);
        Self { config, index, station, doing, visits, is_wanted: false, told: None }
    }

    /// Says what she is doing.
    fn doing(&self, pocket: &Pocket) -> &'static str {
        match (self.doing, pocket.open) {
            (Doing::Reads(_), _) => "reads",
            (_, Some(Note::Dose)) => "writes a dose",
            (_, Some(Note::Check)) => "writes a check",
            (_, None) => "with the patient",
        }
    }

    fn id(&self, number: u64) -> Dot {
        Dot { by: NodeId(self.index), number }
    }

    fn pause(&mut self, cx: &mut Cx<'_, Node>) {
        self.doing = Doing::Nothing;
        let after_us = cx.jitter_us(PAUSE_US.0, PAUSE_US.1);
        cx.set_timer(if self.is_wanted { 0 } else { after_us }, Timer::Visit);
    }

    /// Asks for what she waits for.
    fn ask(&self, cx: &mut Cx<'_, Node>) {
        let pocket = cx.disk().1.get();
        let context = pocket.context.clone();
        let msg = match (self.doing, pocket.open) {
            (Doing::Reads(visit), _) => Msg::Read(visit, context),
            (Doing::Writes, Some(note)) => {
                Msg::Append { id: self.id(pocket.number), note, context }
            }
            (Doing::Writes | Doing::Nothing | Doing::Remembers, _) => return,
        };
        cx.send(self.station, msg);
        cx.set_timer(PATIENCE_US, Timer::Silent);
    }

    fn visit(&mut self, cx: &mut Cx<'_, Node>) {
        self.visits += 1;
        self.doing = Doing::Reads(self.visits);
        self.ask(cx);
    }

    fn go_to(&mut self, station: NodeId, cx: &mut Cx<'_, Node>) {
        self.station = station;
        cx.record(Fact::GoesTo(station));
        self.ask(cx);
    }

    /// Takes in what is in the log. After a visit she writes: what was flagged, if anything, is checked first.
    fn hear(&mut self, from: NodeId, chart: Msg, cx: &mut Cx<'_, Node>) {
        let Msg::Chart { ask, vector, news, unsettled, place } = chart else { return };
        let pocket = cx.disk().1.get();
        let awaited = match self.doing {
            Doing::Reads(visit) => Ask::Visit(visit),
            Doing::Writes => Ask::Entry(self.id(pocket.number)),
            Doing::Nothing | Doing::Remembers => return,
        };
        if ask != awaited {
            return;
        }
        let mut facts = vec![Fact::Sees(news.iter().map(|entry| entry.id).collect())];
        let pocket = cx.disk_mut().1.get_mut();
        pocket.context.merge(&vector);
        pocket.open = None;
        if let Ask::Entry(id) = ask {
            facts.push(Fact::Told { id, by: from, place });
        } else if !unsettled.is_empty() || pocket.number < SHIFT || self.is_wanted {
            let note = if unsettled.is_empty() { Note::Dose } else { Note::Check };
            pocket.number += 1;
            pocket.open = Some(note);
            facts.push(Fact::Appends { id: self.id(pocket.number), note });
            self.is_wanted = false;
        }
        cx.cancel_timer(Timer::Silent);
        self.doing = Doing::Remembers;
        // What she forgot again she could neither claim to have read nor number anew.
        self.told = Some((cx.sync(), facts));
    }
}

impl Kind<Node> for Nurse {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        if cx.disk().1.get().open.is_some() {
            self.doing = Doing::Writes;
            self.ask(cx);
        } else {
            self.pause(cx);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Chart { .. } => self.hear(from, msg, cx),
            Msg::GoTo(station) => self.go_to(station, cx),
            Msg::NoteNow => {
                self.is_wanted = true;
                if self.doing == Doing::Nothing {
                    cx.cancel_timer(Timer::Visit);
                    self.visit(cx);
                }
            }
            Msg::Read(..) | Msg::Append { .. } | Msg::Compare(_) | Msg::Tell(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Visit if self.doing == Doing::Nothing => self.visit(cx),
            Timer::Silent if matches!(self.doing, Doing::Reads(_) | Doing::Writes) => {
                self.go_to(NodeId((self.station.0 + 1) % self.config.replicas), cx);
            }
            Timer::Visit | Timer::Silent | Timer::Round | Timer::Reopen => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some((_, facts)) = self.told.take_if(|(of, _)| *of == sync) else { return };
        for fact in facts {
            cx.record(fact);
        }
        if cx.disk().1.get().open.is_some() {
            self.doing = Doing::Writes;
            self.ask(cx);
        } else {
            self.pause(cx);
        }
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        // What she knows is one value, and is kept: it is only files whose syncs fail.
        self.on_synced(sync, cx);
    }

    fn view(&self, disk: &Disk) -> NodeView {
        let pocket = disk.1.get();
        let read = Widget::field("entries that she has read", pocket.context.total());
        NodeView::new(Role::Client, self.doing(pocket)).with([read])
    }
}
