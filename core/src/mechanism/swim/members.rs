//! What is believed of each member.

use crate::mechanism::failure_detector::Condition;
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What is said of a member. A greater claim overrides a smaller one (SWIM, section 4.2).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// How often the member has objected: only it raises the number.
    pub incarnation: u64,
    /// How it is.
    pub condition: Condition,
}

/// A claim with the member of which it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Update {
    /// Of whom.
    pub member: NodeId,
    /// What.
    pub claim: Claim,
}

/// A list of members. Whoever is not mentioned is alive, in its first incarnation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Members(SmallMap<NodeId, Claim>);

impl Members {
    /// Returns what is believed of a member.
    pub fn of(&self, member: NodeId) -> Claim {
        self.0.get(member).copied().unwrap_or_default()
    }

    /// Lists all of whom anything was heard, in order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, Claim)> {
        self.0.iter().map(|(member, claim)| (member, *claim))
    }

    /// Returns true if a member is believed to be in this condition.
    pub fn is(&self, member: NodeId, condition: Condition) -> bool {
        self.of(member).condition == condition
    }

    /// Hears a claim, and believes it if it overrides what was believed. Returns whether it did.
    pub fn hear(&mut self, update: Update) -> bool {
        let overrides = update.claim > self.of(update.member);
        if overrides {
            self.0.insert(update.member, update.claim);
        }
        overrides
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const M1: NodeId = NodeId(0);

    fn update(incarnation: u64, condition: Condition) -> Update {
        Update { member: M1, claim: Claim { incarnation, condition } }
    }

    /// SWIM, section 4.2, one line each; but for the last, which is memberlist's.
    #[test]
    fn words_override_each_other_as_in_the_paper() {
        use Condition::{Alive, Dead, Suspect};
        let overrides = |new: (u64, Condition), old: (u64, Condition)| {
            let mut members = Members::default();
            members.hear(update(old.0, old.1));
            members.hear(update(new.0, new.1))
        };
        for old in [Alive, Suspect] {
            assert!(overrides((2, Alive), (1, old)) && !overrides((1, Alive), (1, old)));
        }
        assert!(overrides((1, Suspect), (1, Alive)) && !overrides((1, Suspect), (2, Alive)));
        assert!(overrides((2, Suspect), (1, Suspect)) && !overrides((1, Suspect), (1, Suspect)));
        assert!(overrides((1, Dead), (1, Alive)) && overrides((1, Dead), (1, Suspect)));
        assert!(!overrides((1, Alive), (1, Dead)) && !overrides((1, Suspect), (1, Dead)));
        assert!(overrides((2, Alive), (1, Dead)), "who objects under a new incarnation is back");
    }

    proptest! {
        #[test]
        fn lists_agree_however_they_hear(
            (all, shuffled) in prop::collection::vec((0_u16..3, 0_u64..4, 0_u8..3), 0..12)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let heard = |words: &[(u16, u64, u8)]| {
                let mut members = Members::default();
                for &(id, incarnation, condition) in words {
                    let all = [Condition::Alive, Condition::Suspect, Condition::Dead];
                    let condition = all[usize::from(condition)];
                    let claim = Claim { incarnation, condition };
                    members.hear(Update { member: NodeId(id), claim });
                }
                NodeId::first(3).map(|id| members.of(id)).collect::<Vec<_>>()
            };
            prop_assert_eq!(heard(&all), heard(&[&shuffled[..], &all[..]].concat()));
        }
    }
}
