//! The rule of recovery: which blocks a new generation goes on from.
//!
//! It is the choice of a leader's log (Ongaro & Ousterhout 2014, section 5.4.1: the last block of the
//! highest generation, then the longest), made for copies of which blocks may be bad. What is bad counts
//! as what belongs there, until so many copies lack that block that it cannot have been acknowledged
//! (Alagappan et al. 2018, section 3.4.3): cut if a quorum lacks it, mend if anybody has it, else wait.

use super::{BlockId, Slot};

/// What follows from what the copies say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// More copies must be heard; and the position of the block that is in doubt, if it is one.
    Wait(Option<u64>),
    /// These blocks, from the first position on: each of them some copy has.
    Chain(Vec<BlockId>),
}

/// Chooses from what each copy holds, `None` for one that has not been heard. A majority is `needed`.
///
/// Whatever was acknowledged lies on a majority, each of which has it or knows that it had it; so of
/// those that were heard, one of each majority knows of it, and no majority lacks it.
pub fn choose(copies: &[Option<&[Slot]>], needed: usize) -> Choice {
    let heard: Vec<&[Slot]> = copies.iter().flatten().copied().collect();
    if heard.len() < needed {
        return Choice::Wait(None);
    }
    let mut ends: Vec<usize> = heard.iter().map(|slots| slots.len()).collect();
    loop {
        let last = |copy: usize| {
            let end = ends[copy];
            let id = end.checked_sub(1).and_then(|place| heard[copy][place].id());
            (id.map_or(0, |id| id.generation), end)
        };
        let best = (0..heard.len()).max_by_key(|copy| (last(*copy), std::cmp::Reverse(*copy)));
        let Some(best) = best.filter(|best| ends[*best] > 0) else {
            return Choice::Chain(Vec::new());
        };
        let chain = chain_of(&heard, best, ends[best]);
        let is_missing = |place: &usize| {
            chain[*place]
                .is_none_or(|id| heard.iter().all(|it| it.get(*place) != Some(&Slot::Good(id))))
        };
        let Some(missing) = (0..chain.len()).find(is_missing) else {
            return Choice::Chain(chain.into_iter().flatten().collect());
        };
        let lacks = |slots: &&&[Slot]| match (slots.get(missing), chain[missing]) {
            (None, _) => true,
            (Some(slot), Some(id)) => slot.id().is_some_and(|it| it != id),
            (Some(_), None) => false,
        };
        if heard.iter().filter(lacks).count() < needed {
            return Choice::Wait(Some(missing as u64 + 1));
        }
        ends[best] = missing;
        for (copy, slots) in heard.iter().enumerate() {
            if slots.get(missing).is_some_and(|slot| slot.id() == chain[missing]) {
                ends[copy] = ends[copy].min(missing);
            }
        }
    }
}

/// Returns the names of the first `end` blocks of a copy. Where it does not know one itself, another
/// does that has a later block in common with it: then all before are the same.
fn chain_of(heard: &[&[Slot]], copy: usize, end: usize) -> Vec<Option<BlockId>> {
    let mut chain: Vec<Option<BlockId>> = heard[copy][..end].iter().map(|it| it.id()).collect();
    for other in heard {
        let is_common = |place: &usize| {
            let theirs = other.get(*place).and_then(|slot| slot.id());
            theirs.is_some() && theirs == chain[*place]
        };
        let common = (0..end).rev().find(is_common).unwrap_or_default();
        for place in 0..common {
            chain[place] = chain[place].or_else(|| other[place].id());
        }
    }
    chain
}
