//! What all servers together have done, folded from their facts: for judging and for looking on.

use super::log::Term;
use super::message::{Fact, Why};
use crate::mechanism::lanes::Lanes;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Aside, NodeId};
use crate::view::Tone;

/// The elections of a run.
#[derive(Clone, Debug, Default, Hash)]
pub struct History {
    /// Who led each term first.
    leaders: SmallMap<Term, NodeId>,
    /// When each of them began to lead it.
    began_us: Aside<SmallMap<(Term, NodeId), u64>>,
    /// A term that two servers led, one after the other or both at a time.
    doubled: Option<(Term, NodeId, NodeId)>,
    /// When a server last became leader, and which.
    last_election: Option<(u64, NodeId)>,
    /// How many stood in the latest term.
    stood: (Term, u32),
    was_split: bool,
    gave_up: bool,
    dropped: bool,
    /// What each server has been.
    pub lanes: Lanes,
    /// Whom each server last gave or denied its vote, which may be itself, and in which term.
    pub votes: SmallMap<NodeId, (bool, NodeId, Term)>,
}

impl History {
    /// Takes note of what `node` recorded.
    pub fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        let mut turn = |what, tone, term| self.lanes.turn(at_us, node, (what, tone), Some(term));
        match *fact {
            // The term that it asks about has not begun.
            Fact::Probes { .. } => self.lanes.turn(at_us, node, ("asks", Tone::Neutral), None),
            Fact::Stands { term } => {
                turn("stands", Tone::Warn, term);
                self.votes.insert(node, (true, node, term));
                self.on_candidate(term);
            }
            Fact::Votes { term, candidate } => {
                self.votes.insert(node, (true, candidate, term));
            }
            Fact::Denies { term, candidate, .. } => {
                self.votes.insert(node, (false, candidate, term));
            }
            Fact::Leads { term } => {
                turn("leads", Tone::Good, term);
                self.began_us.0.get_or_insert((term, node), at_us);
                let first = *self.leaders.get_or_insert(term, node);
                if first != node {
                    self.doubled.get_or_insert((term, first, node));
                }
                self.last_election = Some((at_us, node));
            }
            Fact::Follows { term, .. } => turn("follows", Tone::Muted, term),
            Fact::StepsDown { term, why } => {
                turn("waits", Tone::Warn, term);
                self.gave_up |= why != Why::HigherTerm;
            }
            Fact::Drops { .. } => self.dropped = true,
            Fact::Commits { .. } | Fact::Compacts { .. } | Fact::Installs { .. } => {}
        }
    }

    fn on_candidate(&mut self, term: Term) {
        let (latest, count) = self.stood;
        if term > latest {
            self.was_split |= count > 1 && self.leaders.get(latest).is_none();
            self.stood = (term, 1);
        } else if term == latest {
            self.stood.1 += 1;
        }
    }

    /// Returns a term with two leaders, if there is one. `leading` lists who leads now, as found in the
    /// world; the rest is history.
    pub fn two_leaders(
        &self,
        leading: impl IntoIterator<Item = (NodeId, Term)>,
    ) -> Option<(Term, NodeId, NodeId)> {
        let other = |(id, term): (NodeId, Term)| {
            let first = self.leaders.get(term).copied().filter(|first| *first != id)?;
            Some((term, first, id))
        };
        leading.into_iter().find_map(other).or(self.doubled)
    }

    /// Returns the moment in which `leader` began to lead this term, if it ever did.
    pub fn beginning(&self, term: Term, leader: NodeId) -> Option<(u64, NodeId)> {
        self.began_us.0.get((term, leader)).map(|at_us| (*at_us, leader))
    }

    /// Returns the moments in which anybody began to lead one of these terms, each once.
    pub fn beginnings(&self, terms: impl IntoIterator<Item = Term>) -> Vec<(u64, NodeId)> {
        let terms: Vec<Term> = terms.into_iter().collect();
        let of_these = self.began_us.0.iter().filter(|((term, _), _)| terms.contains(term));
        of_these.map(|((_, leader), at_us)| (*at_us, leader)).collect()
    }

    /// Returns when a server last became leader, and which.
    pub fn last_election(&self) -> Option<(u64, NodeId)> {
        self.last_election
    }

    /// Returns true if a second server has led.
    pub fn leader_changed(&self) -> bool {
        self.leaders.values().any(|id| Some(id) != self.leaders.values().next())
    }

    /// Returns true if several servers stood in a term that nobody came to lead.
    pub fn was_split(&self) -> bool {
        self.was_split
    }

    /// Returns true if a leader stepped down though it had heard of no higher term.
    pub fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Returns true if a server dropped entries that its leader does not have.
    pub fn dropped(&self) -> bool {
        self.dropped
    }
}
