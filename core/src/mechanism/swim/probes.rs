//! Whom to probe next.

use crate::sim::NodeId;

/// How the next member is chosen.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Each as likely, each time (SWIM, section 3.1).
    Random,
    /// In turn, in an order that is shuffled after each turn (section 4.3).
    InTurn,
}

/// The members that a member probes, in the order in which it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Probes {
    order: Vec<NodeId>,
    /// The place of the next in turn.
    next: u32,
}

impl Probes {
    /// Probes these members, in an order that is shuffled first. `draw` returns a number below the one
    /// that it is given.
    pub fn new(
        members: impl IntoIterator<Item = NodeId>,
        draw: &mut impl FnMut(u64) -> u64,
    ) -> Self {
        let mut probes = Self { order: members.into_iter().collect(), next: 0 };
        probes.shuffle(draw);
        probes
    }

    /// Puts a new member at any place of the order.
    pub fn insert(&mut self, member: NodeId, draw: &mut impl FnMut(u64) -> u64) {
        let place = place(self.order.len() + 1, draw);
        self.order.insert(place, member);
        // What was next stays next.
        self.next += u32::from(place < self.at());
    }

    /// Returns the next member that `may_be` probed, if there is one.
    pub fn next(
        &mut self,
        selection: Selection,
        may_be: impl Fn(NodeId) -> bool,
        draw: &mut impl FnMut(u64) -> u64,
    ) -> Option<NodeId> {
        match selection {
            Selection::Random => {
                let some: Vec<NodeId> =
                    self.order.iter().copied().filter(|it| may_be(*it)).collect();
                (!some.is_empty()).then(|| some[place(some.len(), draw)])
            }
            Selection::InTurn => {
                // After so many, each has been looked at: at the end of this turn or in the next one.
                for _ in 0..2 * self.order.len() {
                    if self.at() >= self.order.len() {
                        self.shuffle(draw);
                        self.next = 0;
                    }
                    let member = self.order[self.at()];
                    self.next += 1;
                    if may_be(member) {
                        return Some(member);
                    }
                }
                None
            }
        }
    }

    fn at(&self) -> usize {
        usize::try_from(self.next).unwrap_or(usize::MAX)
    }

    /// Fisher & Yates.
    fn shuffle(&mut self, draw: &mut impl FnMut(u64) -> u64) {
        for last in (1..self.order.len()).rev() {
            self.order.swap(last, place(last + 1, draw));
        }
    }
}

/// Draws one of so many places.
fn place(count: usize, draw: &mut impl FnMut(u64) -> u64) -> usize {
    usize::try_from(draw(count as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Stream;

    fn turn(probes: &mut Probes, draw: &mut impl FnMut(u64) -> u64, count: usize) -> Vec<NodeId> {
        (0..count).filter_map(|_| probes.next(Selection::InTurn, |_| true, draw)).collect()
    }

    #[test]
    fn each_has_its_turn_once() {
        let mut stream = Stream::new(1, "turns");
        let mut draw = |options: u64| stream.range(0, options - 1);
        let mut probes = Probes::new(NodeId::first(5), &mut draw);
        let mut orders = Vec::new();
        for _ in 0..20 {
            let mut order = turn(&mut probes, &mut draw, 5);
            orders.push(order.clone());
            order.sort_unstable();
            assert!(order.into_iter().eq(NodeId::first(5)));
        }
        orders.dedup();
        assert!(orders.len() > 10, "turns differ");
    }

    #[test]
    fn a_new_member_has_its_turn_and_nobody_loses_one() {
        let mut stream = Stream::new(2, "new");
        let mut draw = |options: u64| stream.range(0, options - 1);
        for before in 0..=4 {
            let mut probes = Probes::new(NodeId::first(4), &mut draw);
            let mut seen = turn(&mut probes, &mut draw, before);
            probes.insert(NodeId(9), &mut draw);
            // The rest of this turn; the new one is in it, or in the next one.
            seen.extend(turn(&mut probes, &mut draw, 4 - before));
            seen.extend(turn(&mut probes, &mut draw, 5));
            assert!(seen.contains(&NodeId(9)));
            assert!(NodeId::first(4).all(|id| seen.contains(&id)));
        }
    }

    #[test]
    fn who_may_not_be_probed_is_passed_over() {
        let mut draw = |_| 0;
        let mut probes = Probes::new(NodeId::first(3), &mut draw);
        for selection in [Selection::InTurn, Selection::Random] {
            for _ in 0..5 {
                let next = probes.next(selection, |id| id == NodeId(2), &mut draw);
                assert_eq!(next, Some(NodeId(2)));
            }
            assert_eq!(probes.next(selection, |_| false, &mut draw), None);
        }
        let nobody = Probes::new([], &mut draw).next(Selection::InTurn, |_| true, &mut draw);
        assert_eq!(nobody, None);
    }
}
