//! A mechanism alone: servers and clients of it in a world of their own, over a network that loses and
//! doubles, played until nothing is left to happen.

use faultline_core::sim::{Journal, NodeId, Observed, Observer, Process, Simulation as _};

/// Makes `Node`, which is a server or a client of a mechanism, embedded as in a row. Both share
/// messages, timers and facts; only the disks differ. `$begin` is what a client does when it has come
/// up.
macro_rules! node_of {
    ($server:ty, $client:ty, $begin:expr) => {
        #[derive(Clone, Hash)]
        enum Node {
            Server($server),
            Client(Box<$client>),
        }

        type Disk = (<$server as Process>::Disk, <$client as Process>::Disk);

        super::either::embed!($server, $client, 0);
        super::either::embed!($client, $client, 1);

        impl Process for Node {
            type Msg = <$client as Process>::Msg;
            type Timer = <$client as Process>::Timer;
            type Disk = Disk;
            type Fact = <$client as Process>::Fact;

            fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
                match self {
                    Self::Server(server) => cx.lift(|cx| server.on_start(boot, cx)),
                    Self::Client(client) => {
                        let begin: fn(&mut $client, &mut Cx<'_, $client>) = $begin;
                        cx.lift(|cx| {
                            client.on_start(boot, cx);
                            begin(client, cx);
                        });
                    }
                }
            }

            fn on_message(&mut self, from: NodeId, msg: Self::Msg, cx: &mut Cx<'_, Self>) {
                match self {
                    Self::Server(server) => cx.lift(|cx| server.on_message(from, msg, cx)),
                    Self::Client(client) => cx.lift(|cx| client.on_message(from, msg, cx)),
                }
            }

            fn on_timer(&mut self, timer: Self::Timer, cx: &mut Cx<'_, Self>) {
                match self {
                    Self::Server(server) => cx.lift(|cx| server.on_timer(timer, cx)),
                    Self::Client(client) => cx.lift(|cx| client.on_timer(timer, cx)),
                }
            }

            fn view(&self, _: &Disk) -> NodeView {
                NodeView::default()
            }
        }
    };
}

/// Embeds one part of a `Node`, of which the disk has this place.
macro_rules! embed {
    ($part:ty, $client:ty, $field:tt) => {
        impl Embed<$part> for Node {
            fn msg(msg: <$client as Process>::Msg) -> <$client as Process>::Msg {
                msg
            }

            fn timer(timer: <$client as Process>::Timer) -> <$client as Process>::Timer {
                timer
            }

            fn fact(fact: <$client as Process>::Fact) -> <$client as Process>::Fact {
                fact
            }

            fn disk(disk: &mut Disk) -> &mut <$part as Process>::Disk {
                &mut disk.$field
            }
        }
    };
}

pub(super) use {embed, node_of};

/// What was recorded: where, and what.
#[derive(Clone, Hash)]
pub(super) struct Ear<F>(pub(super) Vec<(NodeId, F)>);

impl<F> Default for Ear<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Process> Observer<P> for Ear<P::Fact> {
    fn on_fact(&mut self, _: u64, node: NodeId, fact: &P::Fact) {
        self.0.push((node, fact.clone()));
    }
}

/// Plays on until nothing is left to happen; returns all that was recorded.
pub(super) fn played<P: Process>(
    mut simulation: Observed<P, Ear<P::Fact>>,
) -> Vec<(NodeId, P::Fact)> {
    let mut journal = Journal::ignoring();
    while simulation.step(&mut journal) {}
    simulation.observer().0.clone()
}
