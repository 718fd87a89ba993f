//! A node of this world: a server, the store, the power switch or a client.

use super::message::{Attempt, Fact, Msg, Timer};
use super::server::Server;
use super::store::{Store, Volume, on_power_message};
use super::view;
use crate::mechanism::writer::Writer;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, embed};
use crate::view::{NodeView, Role};

/// A server, the store, the power switch or a client.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// May lead.
    Server(Box<Server>),
    /// Keeps what clients write.
    Store(Store),
    /// Switches servers off.
    Power,
    /// Writes through whoever leads.
    Client(Writer),
}

impl Node {
    /// Returns the server that this is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_start(boot, cx),
            Self::Client(client) => cx.lift(|cx| client.on_start(boot, cx)),
            Self::Store(_) | Self::Power => {}
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_message(from, msg, cx),
            Self::Store(store) => store.on_message(from, &msg, cx),
            Self::Power => on_power_message(from, &msg, cx),
            Self::Client(client) => {
                if let Msg::Writer(msg) = msg {
                    cx.lift(|cx| client.on_message(from, msg, cx));
                }
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Self::Server(server), timer) => server.on_timer(timer, cx),
            (Self::Client(client), Timer::Writer(timer)) => {
                cx.lift(|cx| client.on_timer(timer, cx));
            }
            (Self::Client(_) | Self::Store(_) | Self::Power, _) => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Server(server) => view::show_server(server),
            Self::Client(client) => client.view(&disk.1.1),
            Self::Power => NodeView::new(Role::Gateway, "power switch"),
            Self::Store(_) => view::show_store(disk),
        }
    }
}

/// What survives a crash: the store's volume; how often a server has stood, and a client's last number.
pub(super) type Disk = (Cell<Volume>, (Cell<Attempt>, Cell<u32>));

embed!(Writer as Writer in Node, |disk| &mut disk.1.1);
