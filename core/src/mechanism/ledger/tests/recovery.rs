//! The rule of recovery, for every state of three small copies.

use super::super::{Accounts, BlockId, Choice, Slot, choose};
use super::block;

fn id(generation: u64, position: usize) -> BlockId {
    BlockId { generation, sum: u32::try_from(position).expect("it is small") }
}

/// Every copy of at most so many blocks, each of them good or bad.
fn copies(longest: usize) -> Vec<Vec<Slot>> {
    (0..=longest)
        .flat_map(|length| {
            (0..1_usize << length).map(move |bad| {
                let slot = |place: usize| {
                    let id = id(1, place);
                    if bad >> place & 1 == 1 { Slot::Bad(Some(id)) } else { Slot::Good(id) }
                };
                (0..length).map(slot).collect()
            })
        })
        .collect()
}

/// What was acknowledged, and so is or was on two of three, is never cut; what is chosen is there to be
/// had; and a majority of sound copies never waits.
#[test]
fn no_block_that_a_majority_has_had_is_ever_cut() {
    let all = copies(3);
    let (mut chosen, mut waits) = (0, 0);
    for (a, b, c) in all.iter().flat_map(|a| {
        let all = &all;
        all.iter().flat_map(move |b| all.iter().map(move |c| (a, b, c)))
    }) {
        let mut lengths = [a.len(), b.len(), c.len()];
        lengths.sort_unstable();
        let acknowledged = lengths[1];
        for heard in 0..8 {
            let said =
                |copy: usize, slots: &'_ Vec<Slot>| (heard >> copy & 1 == 1).then(|| slots.clone());
            let said = [said(0, a), said(1, b), said(2, c)];
            let said: Vec<Option<&[Slot]>> = said.iter().map(|it| it.as_deref()).collect();
            let sound =
                said.iter().flatten().filter(|it| it.iter().all(|slot| !slot.is_bad())).count();
            match choose(&said, 2) {
                Choice::Wait(_) => {
                    waits += 1;
                    assert!(sound < 2 || said.iter().flatten().count() > sound, "{said:?}");
                }
                Choice::Chain(ids) => {
                    chosen += 1;
                    assert!(ids.len() >= acknowledged, "{said:?}");
                    for (it, place) in ids.iter().zip(0..) {
                        let has = |slots: &&[Slot]| slots.get(place) == Some(&Slot::Good(*it));
                        assert!(said.iter().flatten().any(has), "{said:?}");
                    }
                }
            }
        }
    }
    assert!(chosen > 1_000 && waits > 1_000, "{chosen} chosen, {waits} waits");
}

/// Figure 2 of the paper in small: the first copy has acknowledged a block that the second lacks and the
/// third, which has it, is away. Cutting it there loses it.
#[test]
fn a_bad_last_block_waits_for_whoever_may_have_it() {
    let (one, two) = (id(1, 0), id(1, 1));
    let rotten = [Slot::Good(one), Slot::Bad(Some(two))];
    let (short, whole) = ([Slot::Good(one)], [Slot::Good(one), Slot::Good(two)]);
    assert_eq!(choose(&[Some(&rotten), Some(&short), None], 2), Choice::Wait(Some(2)));
    let all = [Some(&rotten[..]), Some(&short), Some(&whole)];
    assert_eq!(choose(&all, 2), Choice::Chain(vec![one, two]));
    let all = [Some(&rotten[..]), Some(&short), Some(&short)];
    assert_eq!(choose(&all, 2), Choice::Chain(vec![one]));
}

/// A longer log of an earlier generation loses against a shorter one of a later.
#[test]
fn the_last_generation_counts_before_the_length() {
    let old = [Slot::Good(id(1, 0)), Slot::Good(id(1, 1)), Slot::Good(id(1, 2))];
    let new = [Slot::Good(id(1, 0)), Slot::Good(id(2, 1))];
    let expected = Choice::Chain(vec![id(1, 0), id(2, 1)]);
    assert_eq!(choose(&[Some(&old), Some(&new), None], 2), expected);
    let bad = [Slot::Good(id(1, 0)), Slot::Bad(Some(id(2, 1)))];
    assert_eq!(choose(&[Some(&old), Some(&bad), None], 2), Choice::Wait(Some(2)));
    // The third lacks it as well: it was never acknowledged, and the older log goes on.
    let ids = Choice::Chain(vec![id(1, 0), id(1, 1), id(1, 2)]);
    assert_eq!(choose(&[Some(&old), Some(&bad), Some(&old[..1])], 2), ids);
}

/// What one copy does not know of its own bad blocks another one does.
#[test]
fn names_are_taken_from_whoever_has_a_later_block_in_common() {
    let ids: Vec<BlockId> = (0..3).map(|place| id(1, place)).collect();
    let blind = [Slot::Bad(None), Slot::Bad(Some(ids[1])), Slot::Good(ids[2])];
    let whole: Vec<Slot> = ids.iter().map(|id| Slot::Good(*id)).collect();
    assert_eq!(choose(&[Some(&blind), Some(&whole), None], 2), Choice::Chain(ids));
    assert_eq!(choose(&[Some(&blind), Some(&blind), None], 2), Choice::Wait(Some(1)));
}

#[test]
fn accounts_add_up_to_nothing_and_a_changed_amount_shows() {
    let mut accounts = Accounts::default();
    let mut good = block(1, 1, BlockId::default());
    accounts.apply(&good);
    assert_eq!((accounts.applied(), accounts.sum()), (1, 0));
    assert_eq!(accounts.balances().collect::<Vec<_>>(), [(1, -202), (2, 202)]);
    assert_eq!(accounts.last_of(0), Some((1, 1)));
    good.transfers[0].debit.amount ^= 4;
    accounts.apply(&good);
    assert_ne!(accounts.sum(), 0);
}
