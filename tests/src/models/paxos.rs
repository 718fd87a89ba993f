//! Single-decree Paxos behind a register: Lamport 2001, "Paxos Made Simple", as Stateright's example
//! `paxos` writes it. A server that is asked to write proposes, and answers once its proposal is
//! decided; one that is asked to read answers only if it knows the decision.

use super::register::{Message, RegisterServer, RequestId};

/// A round and the server that leads it. There are no more rounds than requests to write.
type Ballot = (u8, u8);
/// A request, the client that waits for it, and the value to write.
type Proposal = (RequestId, u8, u8);
/// What an acceptor has accepted last.
type Accepted = Option<(Ballot, Proposal)>;

/// What the servers say to each other.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Paxos {
    /// Phase 1a.
    Prepare(Ballot),
    /// Phase 1b, with what the sender has accepted.
    Prepared(Ballot, Accepted),
    /// Phase 2a.
    Accept(Ballot, Proposal),
    /// Phase 2b.
    Accepted(Ballot),
    /// A majority has accepted.
    Decided(Ballot, Proposal),
}

/// One of `S` servers: leader and acceptor.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server<const S: usize> {
    ballot: Ballot,
    /// What this server proposes, if it leads.
    proposal: Option<Proposal>,
    /// Who answered phase 1, and what they had accepted.
    prepares: [Option<Accepted>; S],
    /// Who answered phase 2.
    accepts: [bool; S],
    accepted: Accepted,
    is_decided: bool,
}

type Sent = Vec<(u8, Message<Paxos>)>;

impl<const S: usize> Server<S> {
    const MAJORITY: usize = S / 2 + 1;

    fn broadcast(me: u8, message: Paxos, sent: &mut Sent) {
        let all = (0..S).filter_map(|index| u8::try_from(index).ok());
        sent.extend(all.filter(|to| *to != me).map(|to| (to, Message::Internal(message))));
    }

    fn propose(&mut self, me: u8, proposal: Proposal, sent: &mut Sent) -> bool {
        if self.proposal.is_some() {
            return false;
        }
        self.proposal = Some(proposal);
        self.prepares = [None; S];
        self.accepts = [false; S];
        self.ballot = (self.ballot.0 + 1, me);
        self.prepares[usize::from(me)] = Some(self.accepted);
        Self::broadcast(me, Paxos::Prepare(self.ballot), sent);
        true
    }

    fn on_prepared(&mut self, me: u8, from: u8, accepted: Accepted, sent: &mut Sent) {
        self.prepares[usize::from(from)] = Some(accepted);
        if self.prepares.iter().flatten().count() != Self::MAJORITY {
            return;
        }
        // What the latest ballot accepted must be proposed again; else the client's own.
        let latest = self.prepares.iter().flatten().max().copied().flatten();
        let Some(proposal) = latest.map(|(_, proposal)| proposal).or(self.proposal) else {
            return;
        };
        self.proposal = Some(proposal);
        self.accepted = Some((self.ballot, proposal));
        self.accepts[usize::from(me)] = true;
        Self::broadcast(me, Paxos::Accept(self.ballot, proposal), sent);
    }

    fn on_accepted(&mut self, me: u8, from: u8, sent: &mut Sent) {
        self.accepts[usize::from(from)] = true;
        if self.accepts.iter().filter(|accepts| **accepts).count() != Self::MAJORITY {
            return;
        }
        let Some(proposal) = self.proposal else {
            return;
        };
        self.is_decided = true;
        Self::broadcast(me, Paxos::Decided(self.ballot, proposal), sent);
        let (request, client, _) = proposal;
        sent.push((client, Message::PutOk(request)));
    }

    fn on_internal(&mut self, me: u8, from: u8, message: Paxos, sent: &mut Sent) -> bool {
        match message {
            Paxos::Prepare(ballot) if self.ballot < ballot => {
                self.ballot = ballot;
                sent.push((from, Message::Internal(Paxos::Prepared(ballot, self.accepted))));
            }
            Paxos::Prepared(ballot, accepted) if ballot == self.ballot => {
                self.on_prepared(me, from, accepted, sent);
            }
            Paxos::Accept(ballot, proposal) if self.ballot <= ballot => {
                self.ballot = ballot;
                self.accepted = Some((ballot, proposal));
                sent.push((from, Message::Internal(Paxos::Accepted(ballot))));
            }
            Paxos::Accepted(ballot) if ballot == self.ballot => self.on_accepted(me, from, sent),
            Paxos::Decided(ballot, proposal) => {
                self.ballot = ballot;
                self.accepted = Some((ballot, proposal));
                self.is_decided = true;
            }
            Paxos::Prepare(_) | Paxos::Prepared(..) | Paxos::Accept(..) | Paxos::Accepted(_) => {
                return false;
            }
        }
        true
    }
}

impl<const S: usize> RegisterServer for Server<S> {
    type Internal = Paxos;

    fn new() -> Self {
        Self {
            ballot: (0, 0),
            proposal: None,
            prepares: [None; S],
            accepts: [false; S],
            accepted: None,
            is_decided: false,
        }
    }

    fn receive(&mut self, me: u8, from: u8, message: Message<Paxos>, sent: &mut Sent) -> bool {
        if self.is_decided {
            let (Message::Get(request), Some((_, (_, _, value)))) = (message, self.accepted) else {
                return false;
            };
            sent.push((from, Message::GetOk(request, value)));
            return true;
        }
        match message {
            Message::Put(request, value) => self.propose(me, (request, from, value), sent),
            Message::Internal(message) => self.on_internal(me, from, message, sent),
            Message::Get(_) | Message::PutOk(_) | Message::GetOk(..) => false,
        }
    }
}
