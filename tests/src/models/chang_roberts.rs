//! Leader election on a ring: Chang & Roberts 1979, as the module `ChangRoberts` of the TLA+ Examples.
//! Any subset of the nodes may start an election; the smallest identity among them wins.

use faultline_core::check::Model;

/// A ring of up to eight nodes; the identity of a node is its index.
#[derive(Copy, Clone, Debug)]
pub struct ChangRoberts<const N: usize>;

/// Whether a node may still win.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Standing {
    /// It may.
    Candidate,
    /// It has seen a smaller identity, or never wanted to.
    Lost,
    /// Its identity came round.
    Won,
}

/// The variables of one process of the specification.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The identities on their way to this node, a bit each.
    messages: u8,
    /// Whether it is past its first step, in which an initiator sends its identity.
    has_begun: bool,
    is_initiator: bool,
    standing: Standing,
}

/// A step of a process, by its label in the specification.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `n0`: the node begins.
    Begin(usize),
    /// `n1`: the node handles the message with this identity.
    Handle(usize, usize),
}

impl<const N: usize> Model for ChangRoberts<N> {
    type State = [Node; N];
    type Action = Action;

    fn initial_states(&self) -> Vec<[Node; N]> {
        let initiators = 0_u32..1 << N;
        initiators
            .map(|initiators| {
                std::array::from_fn(|index| {
                    let is_initiator = initiators & (1 << index) != 0;
                    let standing = if is_initiator { Standing::Candidate } else { Standing::Lost };
                    Node { messages: 0, has_begun: false, is_initiator, standing }
                })
            })
            .collect()
    }

    fn actions(&self, state: &[Node; N], actions: &mut Vec<Action>) {
        for (index, node) in state.iter().enumerate() {
            if !node.has_begun {
                actions.push(Action::Begin(index));
                continue;
            }
            let waiting = (0..N).filter(|identity| node.messages & (1 << identity) != 0);
            actions.extend(waiting.map(|identity| Action::Handle(index, identity)));
        }
    }

    fn next_state(&self, state: &[Node; N], action: &Action) -> Option<[Node; N]> {
        let mut next = *state;
        match *action {
            Action::Begin(index) => {
                next[index].has_begun = true;
                if state[index].is_initiator {
                    next[(index + 1) % N].messages |= 1 << index;
                }
            }
            Action::Handle(index, identity) => {
                let node = &mut next[index];
                node.messages &= !(1 << identity);
                let passes_on = node.standing == Standing::Lost || identity < index;
                if passes_on {
                    node.standing = Standing::Lost;
                    next[(index + 1) % N].messages |= 1 << identity;
                } else if identity == index {
                    node.standing = Standing::Won;
                }
            }
        }
        Some(next)
    }

    fn violation(&self, state: &[Node; N]) -> Option<String> {
        let winner = state.iter().position(|node| node.standing == Standing::Won)?;
        let others = (0..N).filter(|other| *other != winner);
        let is_correct = state[winner].is_initiator
            && others.into_iter().all(|other| {
                let node = &state[other];
                node.standing == Standing::Lost && (!node.is_initiator || other > winner)
            });
        (!is_correct).then(|| format!("node {winner} won without being the smallest initiator"))
    }

    fn sights(&self) -> &[&'static str] {
        &["a node has won"]
    }

    fn shows(&self, state: &[Node; N], _sight: usize) -> bool {
        state.iter().any(|node| node.standing == Standing::Won)
    }

    fn thread(&self, action: &Action) -> u32 {
        match *action {
            Action::Begin(index) | Action::Handle(index, _) => u32::try_from(index).unwrap_or(0),
        }
    }
}
