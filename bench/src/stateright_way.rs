//! The same systems as a user of Stateright would write them: with its actors, network and
//! linearizability tester for Paxos, with maps and sets for two-phase commit (as its examples do).

use std::borrow::Cow;
use std::collections::BTreeSet;

use faultline_tests::models::{Message, Paxos, RegisterServer, Server};
use stateright::actor::register::{RegisterActor, RegisterMsg};
use stateright::actor::{Actor, ActorModel, Id, Network, Out};
use stateright::semantics::LinearizabilityTester;
use stateright::semantics::register::Register;
use stateright::{Expectation, Model, Property};

/// What its actors say: request numbers, values as letters, and what the servers say.
type Letter = RegisterMsg<u64, char, Paxos>;

/// One of three Paxos servers: our protocol, so that only the framework differs.
#[derive(Clone)]
pub(crate) struct PaxosActor;

impl Actor for PaxosActor {
    type Msg = Letter;
    type Timer = ();
    type State = Server<3>;
    type Storage = ();
    type Random = ();

    fn on_start(&self, _: Id, _: &Option<()>, _: &mut Out<Self>) -> Server<3> {
        Server::new()
    }

    fn on_msg(
        &self,
        id: Id,
        state: &mut Cow<Server<3>>,
        from: Id,
        letter: Letter,
        out: &mut Out<Self>,
    ) {
        let mut server = **state;
        let mut sent = Vec::new();
        if server.receive(number(id), number(from), from_letter(&letter), &mut sent) {
            *state.to_mut() = server;
            for (to, message) in sent {
                out.send(Id::from(usize::from(to)), to_letter(message));
            }
        }
    }
}

/// Narrows what is small by construction.
fn small(n: u64) -> u8 {
    u8::try_from(n).expect("a handful of clients make a handful of requests")
}

fn number(id: Id) -> u8 {
    small(usize::from(id) as u64)
}

fn from_letter(letter: &Letter) -> Message<Paxos> {
    match *letter {
        RegisterMsg::Internal(message) => Message::Internal(message),
        RegisterMsg::Put(request, value) => Message::Put(small(request), small(value.into())),
        RegisterMsg::Get(request) => Message::Get(small(request)),
        RegisterMsg::PutOk(request) => Message::PutOk(small(request)),
        RegisterMsg::GetOk(request, value) => Message::GetOk(small(request), small(value.into())),
    }
}

fn to_letter(message: Message<Paxos>) -> Letter {
    match message {
        Message::Internal(message) => RegisterMsg::Internal(message),
        Message::Put(request, value) => RegisterMsg::Put(request.into(), value.into()),
        Message::Get(request) => RegisterMsg::Get(request.into()),
        Message::PutOk(request) => RegisterMsg::PutOk(request.into()),
        Message::GetOk(request, value) => RegisterMsg::GetOk(request.into(), value.into()),
    }
}

/// Three Paxos servers and so many clients.
pub(crate) fn paxos(
    clients: usize,
) -> ActorModel<RegisterActor<PaxosActor>, (), LinearizabilityTester<Id, Register<char>>> {
    ActorModel::new((), LinearizabilityTester::new(Register(char::default())))
        .actors((0..3).map(|_| RegisterActor::Server(PaxosActor)))
        .actors((0..clients).map(|_| RegisterActor::Client { put_count: 1, server_count: 3 }))
        .init_network(Network::new_unordered_nonduplicating([]))
        .property(Expectation::Always, "linearizable", |_, state| {
            state.history.serialized_history().is_some()
        })
        .property(Expectation::Sometimes, "a value is chosen", |_, state| {
            let mut letters = state.network.iter_deliverable().map(|envelope| envelope.msg);
            letters.any(|letter| {
                matches!(letter, RegisterMsg::GetOk(_, value) if *value != char::default())
            })
        })
        .record_msg_in(RegisterMsg::record_returns)
        .record_msg_out(RegisterMsg::record_invocations)
}

/// Two-phase commit with so many resource managers.
#[derive(Clone)]
pub(crate) struct TwoPhaseCommit(pub(crate) usize);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    managers: Vec<Standing>,
    coordinator: Standing,
    prepared: BTreeSet<usize>,
    sent: BTreeSet<Sent>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Standing {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sent {
    Prepared(usize),
    Commit,
    Abort,
}

#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Commit,
    Abort,
    ReceivePrepared(usize),
    Prepare(usize),
    ChooseToAbort(usize),
    ReceiveCommit(usize),
    ReceiveAbort(usize),
}

impl Model for TwoPhaseCommit {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            managers: vec![Standing::Working; self.0],
            coordinator: Standing::Working,
            prepared: BTreeSet::new(),
            sent: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let is_open = state.coordinator == Standing::Working;
        if is_open && state.prepared.len() == self.0 {
            actions.push(Action::Commit);
        }
        if is_open {
            actions.push(Action::Abort);
        }
        for (index, manager) in state.managers.iter().enumerate() {
            if is_open && state.sent.contains(&Sent::Prepared(index)) {
                actions.push(Action::ReceivePrepared(index));
            }
            if *manager == Standing::Working {
                actions.extend([Action::Prepare(index), Action::ChooseToAbort(index)]);
            }
            if state.sent.contains(&Sent::Commit) {
                actions.push(Action::ReceiveCommit(index));
            }
            if state.sent.contains(&Sent::Abort) {
                actions.push(Action::ReceiveAbort(index));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Commit => {
                next.coordinator = Standing::Committed;
                next.sent.insert(Sent::Commit);
            }
            Action::Abort => {
                next.coordinator = Standing::Aborted;
                next.sent.insert(Sent::Abort);
            }
            Action::ReceivePrepared(index) => {
                next.prepared.insert(index);
            }
            Action::Prepare(index) => {
                next.managers[index] = Standing::Prepared;
                next.sent.insert(Sent::Prepared(index));
            }
            Action::ChooseToAbort(index) | Action::ReceiveAbort(index) => {
                next.managers[index] = Standing::Aborted;
            }
            Action::ReceiveCommit(index) => next.managers[index] = Standing::Committed,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("consistent", |_, state: &State| {
                let has = |wanted| state.managers.contains(&wanted);
                !(has(Standing::Committed) && has(Standing::Aborted))
            }),
            Property::sometimes("all have committed", |_, state: &State| {
                state.managers.iter().all(|it| *it == Standing::Committed)
            }),
            Property::sometimes("all have aborted", |_, state: &State| {
                state.managers.iter().all(|it| *it == Standing::Aborted)
            }),
        ]
    }
}
