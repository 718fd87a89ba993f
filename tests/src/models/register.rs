//! Servers that hold one register, clients that each write and then read, and a network that delivers
//! every message once, in any order: the `RegisterActor` systems of Stateright 0.31.
//!
//! As there, a message that its receiver ignores is not a step and stays in the network, and the
//! clients' history is part of the state.

use std::fmt::Debug;
use std::hash::Hash;

use faultline_core::check::Model;

use super::history::{History, Request, Value};

/// Names a client's operation.
pub(super) type RequestId = u8;

/// What a server does; servers and clients are named by their index, servers first.
pub trait RegisterServer: Copy + Debug + Eq + Hash {
    /// What servers say to each other.
    type Internal: Copy + Debug + Ord + Hash;

    /// Returns the server at the start.
    fn new() -> Self;

    /// Handles a message; returns false if it is ignored. What is sent is appended to `sent` with
    /// its receiver.
    fn receive(
        &mut self,
        me: u8,
        from: u8,
        message: Message<Self::Internal>,
        sent: &mut Vec<(u8, Message<Self::Internal>)>,
    ) -> bool;
}

/// A message of clients and servers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message<I> {
    /// Between servers.
    Internal(I),
    /// Write this.
    Put(RequestId, Value),
    /// Read.
    Get(RequestId),
    /// It is written.
    PutOk(RequestId),
    /// This was read.
    GetOk(RequestId, Value),
}

/// A message on its way.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Envelope<I> {
    /// Who sent it.
    pub from: u8,
    /// Who is to receive it.
    pub to: u8,
    /// What it says.
    pub message: Message<I>,
}

/// `S` servers and `C` clients.
#[derive(Copy, Clone, Debug)]
pub struct RegisterSystem<R, const S: usize, const C: usize> {
    servers: [R; S],
}

/// A client: it writes its own value, waits, reads, and waits.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Client {
    awaiting: Option<RequestId>,
    operations: u8,
}

/// A state of the whole system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<R: RegisterServer, const S: usize, const C: usize> {
    servers: [R; S],
    clients: [Client; C],
    history: History<C>,
    /// In order, so that states with the same messages are the same.
    network: Vec<Envelope<R::Internal>>,
}

impl<R: RegisterServer, const S: usize, const C: usize> RegisterSystem<R, S, C> {
    /// Makes a system whose servers are as new.
    pub fn new() -> Self {
        Self { servers: [R::new(); S] }
    }
}

impl<R: RegisterServer, const S: usize, const C: usize> Default for RegisterSystem<R, S, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: RegisterServer, const S: usize, const C: usize> State<R, S, C> {
    fn send(&mut self, from: u8, to: u8, message: Message<R::Internal>) {
        if usize::from(from) >= S {
            let client = usize::from(from) - S;
            match message {
                Message::Put(_, value) => self.history.invoke(client, Request::Write(value)),
                Message::Get(_) => self.history.invoke(client, Request::Read),
                Message::Internal(_) | Message::PutOk(_) | Message::GetOk(..) => {}
            }
        }
        let envelope = Envelope { from, to, message };
        let (Ok(place) | Err(place)) = self.network.binary_search(&envelope);
        self.network.insert(place, envelope);
    }

    /// Returns this state without a message, with room for `more` others.
    fn without(&self, envelope: &Envelope<R::Internal>, more: usize) -> Self {
        let place = self.network.binary_search(envelope).unwrap_or(self.network.len());
        let (before, rest) = self.network.split_at(place);
        let mut network = Vec::with_capacity((self.network.len() + more).saturating_sub(1));
        network.extend_from_slice(before);
        network.extend_from_slice(rest.get(1..).unwrap_or_default());
        Self { network, ..*self }
    }

    /// Lets a client receive a message; returns `None` if it ignores it.
    fn deliver_to_client(&self, envelope: &Envelope<R::Internal>) -> Option<Self> {
        let index = usize::from(envelope.to) - S;
        let Client { awaiting, operations } = self.clients[index];
        let me = envelope.to;
        match envelope.message {
            Message::PutOk(request) if awaiting == Some(request) => {
                let mut next = self.without(envelope, 1);
                next.history.answer(index, value_of(index));
                // The request and its receiver as in `RegisterActor`: (k + 1) · me, and me + k.
                let request = (operations + 1) * me;
                next.clients[index] =
                    Client { awaiting: Some(request), operations: operations + 1 };
                next.send(me, server_for::<S>(me, operations), Message::Get(request));
                Some(next)
            }
            Message::GetOk(request, value) if awaiting == Some(request) => {
                let mut next = self.without(envelope, 0);
                next.history.answer(index, value);
                next.clients[index] = Client { awaiting: None, operations: operations + 1 };
                Some(next)
            }
            Message::Internal(_)
            | Message::Put(..)
            | Message::Get(_)
            | Message::PutOk(_)
            | Message::GetOk(..) => None,
        }
    }

    /// Lets a server receive a message; returns `None` if it ignores it.
    fn deliver_to_server(&self, envelope: &Envelope<R::Internal>) -> Option<Self> {
        let index = usize::from(envelope.to);
        let mut server = self.servers[index];
        let mut sent = Vec::new();
        if !server.receive(envelope.to, envelope.from, envelope.message, &mut sent) {
            return None;
        }
        let mut next = self.without(envelope, sent.len());
        next.servers[index] = server;
        for (to, message) in sent {
            next.send(envelope.to, to, message);
        }
        Some(next)
    }
}

/// Returns the value that a client writes: never 0, the value of a new register.
fn value_of(client: usize) -> Value {
    u8::try_from(client + 1).unwrap_or(u8::MAX)
}

/// Returns the server that a client sends its operation number `operation` to.
fn server_for<const S: usize>(client: u8, operation: u8) -> u8 {
    u8::try_from(usize::from(client + operation) % S).unwrap_or(0)
}

impl<R: RegisterServer, const S: usize, const C: usize> Model for RegisterSystem<R, S, C> {
    type State = State<R, S, C>;
    type Action = Envelope<R::Internal>;

    fn initial_states(&self) -> Vec<Self::State> {
        let mut state = State {
            servers: self.servers,
            clients: [Client { awaiting: None, operations: 1 }; C],
            history: History::new(),
            network: Vec::new(),
        };
        for index in 0..C {
            let me = u8::try_from(S + index).unwrap_or(u8::MAX);
            state.clients[index].awaiting = Some(me);
            state.send(me, server_for::<S>(me, 0), Message::Put(me, value_of(index)));
        }
        vec![state]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        // Messages that are alike lead to the same state.
        let from = actions.len();
        actions.extend_from_slice(&state.network);
        let mut kept = from;
        for index in from..actions.len() {
            if index == from || actions[index] != actions[kept - 1] {
                actions[kept] = actions[index];
                kept += 1;
            }
        }
        actions.truncate(kept);
    }

    fn next_state(&self, state: &Self::State, action: &Self::Action) -> Option<Self::State> {
        if usize::from(action.to) < S {
            state.deliver_to_server(action)
        } else {
            state.deliver_to_client(action)
        }
    }

    fn violation(&self, state: &Self::State) -> Option<String> {
        (!state.history.is_linearizable())
            .then(|| "the clients' history is not linearizable".to_owned())
    }

    fn sights(&self) -> &[&'static str] {
        &["a value is chosen"]
    }

    fn shows(&self, state: &Self::State, _sight: usize) -> bool {
        let mut messages = state.network.iter().map(|envelope| envelope.message);
        messages.any(|message| matches!(message, Message::GetOk(_, value) if value != 0))
    }

    fn thread(&self, action: &Self::Action) -> u32 {
        u32::from(action.to)
    }
}
