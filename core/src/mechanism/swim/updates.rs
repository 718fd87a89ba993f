//! What rides along on messages.

use super::{Claim, Update};
use crate::mechanism::small_map::SmallMap;
use crate::order::sort;
use crate::sim::NodeId;

/// Updates that are still to be told, at most one a member, each with how often it was (SWIM, section
/// 4.1): some λ·log n times make all know it, with a residue that falls with λ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Updates(SmallMap<NodeId, (Claim, u32)>);

impl Updates {
    /// Begins to tell an update, in place of an earlier one of the same member.
    pub fn begin(&mut self, update: Update) {
        self.0.insert(update.member, (update.claim, 0));
    }

    /// Returns how often an update is told in a group of so many: λ times the logarithm to base 2,
    /// rounded up.
    pub fn times(lambda: u32, members: u16) -> u32 {
        lambda * members.max(2).next_power_of_two().ilog2()
    }

    /// Takes at most so many updates for a message, those first that were told least often; what was
    /// told so many times is told no more.
    pub fn take(&mut self, most: usize, times: u32) -> Vec<Update> {
        let mut all: Vec<(u32, Update)> = self.list().collect();
        sort(&mut all);
        all.truncate(most);
        for (told, update) in &all {
            if told + 1 >= times {
                self.0.remove(update.member);
            } else if let Some((_, told)) = self.0.get_mut(update.member) {
                *told += 1;
            }
        }
        all.into_iter().map(|(_, update)| update).collect()
    }

    /// Lists what is still to be told, each with how often it was.
    pub fn list(&self) -> impl Iterator<Item = (u32, Update)> + '_ {
        self.0.iter().map(|(member, &(claim, told))| (told, Update { member, claim }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::swim::Condition;

    fn update(member: u16, incarnation: u64) -> Update {
        let claim = Claim { incarnation, condition: Condition::Suspect };
        Update { member: NodeId(member), claim }
    }

    #[test]
    fn the_least_told_goes_first_and_all_end() {
        let mut updates = Updates::default();
        (0..3).for_each(|member| updates.begin(update(member, 0)));
        assert_eq!(updates.take(2, 2), [update(0, 0), update(1, 0)]);
        assert_eq!(updates.take(2, 2), [update(2, 0), update(0, 0)]);
        assert_eq!(updates.take(2, 2), [update(1, 0), update(2, 0)]);
        assert_eq!(updates.take(2, 2), []);
    }

    #[test]
    fn a_newer_update_takes_the_place_and_begins_anew() {
        let mut updates = Updates::default();
        updates.begin(update(0, 0));
        updates.take(1, 2);
        updates.begin(update(0, 1));
        assert_eq!(updates.take(1, 2), [update(0, 1)]);
        assert_eq!(updates.list().collect::<Vec<_>>(), [(1, update(0, 1))]);
    }

    #[test]
    fn so_many_times_as_the_logarithm_says() {
        let times = [2, 8, 9, 16, 1_000].map(|members| Updates::times(3, members));
        assert_eq!(times, [3, 9, 12, 12, 30]);
    }
}
