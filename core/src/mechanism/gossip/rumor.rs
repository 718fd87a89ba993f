//! Rumor mongering: whoever has news tells it, until that seems to be in vain.

use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// Who tells whom in a contact (Demers et al. 1987, section 1.3).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spread {
    /// Whoever calls, tells.
    Push,
    /// Whoever calls, asks.
    Pull,
    /// Both tell.
    PushPull,
}

impl Spread {
    /// Returns true if the caller tells what it knows.
    pub fn tells(self) -> bool {
        self != Self::Pull
    }

    /// Returns true if the caller asks what the other knows.
    pub fn asks(self) -> bool {
        self != Self::Push
    }
}

/// How interest in a rumor is lost.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Interest {
    /// With a chance of 1 in k.
    Coin,
    /// After k times in a row.
    Counter,
}

/// When a site stops to tell a rumor (Demers et al. 1987, section 1.4).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Only contacts in vain count, in which the other knew the rumor already; else all count:
    /// "blind".
    pub has_feedback: bool,
    /// How interest is lost in the contacts that count.
    pub interest: Interest,
    /// The constant of [`Interest`]; 0 counts as 1.
    pub k: u32,
}

/// The rumors that a site tells, each with the number of contacts that counted against it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rumors(SmallMap<NodeId, u32>);

impl Rumors {
    /// Begins to tell what is new of an owner.
    pub fn begin(&mut self, owner: NodeId) {
        self.0.insert(owner, 0);
    }

    /// Tells no more of an owner.
    pub fn end(&mut self, owner: NodeId) {
        self.0.remove(owner);
    }

    /// Returns true if this site tells what is new of an owner.
    pub fn is_hot(&self, owner: NodeId) -> bool {
        self.0.get(owner).is_some()
    }

    /// Lists the owners of whom there is something to tell.
    pub fn owners(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.0.iter().map(|(owner, _)| owner)
    }

    /// Takes note of a contact in which a rumor was told; `was_news` says whether the other did not
    /// know it, where there is feedback. A contact that was not in vain sets a counter back. `draw`
    /// returns a number below the one that it is given.
    pub fn told(
        &mut self,
        owner: NodeId,
        was_news: bool,
        rule: Rule,
        draw: impl FnOnce(u64) -> u64,
    ) {
        let Some(in_vain) = self.0.get_mut(owner) else { return };
        if rule.has_feedback && was_news {
            *in_vain = 0;
            return;
        }
        *in_vain += 1;
        let is_over = match rule.interest {
            Interest::Coin => draw(u64::from(rule.k.max(1))) == 0,
            Interest::Counter => *in_vain >= rule.k,
        };
        if is_over {
            self.end(owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N1: NodeId = NodeId(0);

    fn rule(has_feedback: bool, interest: Interest, k: u32) -> Rule {
        Rule { has_feedback, interest, k }
    }

    fn after(rule: Rule, contacts: &[bool]) -> bool {
        let mut rumors = Rumors::default();
        rumors.begin(N1);
        for was_news in contacts {
            rumors.told(N1, *was_news, rule, |_| 1);
        }
        rumors.is_hot(N1)
    }

    #[test]
    fn a_counter_ends_after_k_contacts_in_vain_in_a_row() {
        let rule = rule(true, Interest::Counter, 2);
        assert!(after(rule, &[false]) && !after(rule, &[false, false]));
        assert!(after(rule, &[false, true, false]) && !after(rule, &[true, false, false]));
    }

    #[test]
    fn the_blind_count_every_contact() {
        let rule = rule(false, Interest::Counter, 2);
        assert!(after(rule, &[true]) && !after(rule, &[true, true]));
    }

    #[test]
    fn a_coin_is_thrown_for_contacts_that_count() {
        let mut rumors = Rumors::default();
        let (coin, blind) = (rule(true, Interest::Coin, 3), rule(false, Interest::Coin, 3));
        rumors.begin(N1);
        rumors.told(N1, true, coin, |_| unreachable!("no coin for a useful contact"));
        rumors.told(N1, false, coin, |options| options - 1);
        assert!(rumors.is_hot(N1));
        rumors.told(N1, true, blind, |_| 0);
        assert!(!rumors.is_hot(N1));
        rumors.told(N1, true, blind, |_| unreachable!("it is told no more"));
    }

    #[test]
    fn a_coin_of_one_and_a_counter_of_one_are_the_same() {
        for interest in [Interest::Coin, Interest::Counter] {
            let mut rumors = Rumors::default();
            rumors.begin(N1);
            rumors.told(N1, false, rule(true, interest, 1), |_| 0);
            assert_eq!(rumors.owners().count(), 0);
        }
    }

    #[test]
    fn push_tells_pull_asks() {
        let does = [Spread::Push, Spread::Pull, Spread::PushPull].map(|it| (it.tells(), it.asks()));
        assert_eq!(does, [(true, false), (false, true), (true, true)]);
    }
}
