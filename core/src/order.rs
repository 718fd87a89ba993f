//! Putting lists in order, and making trees of them, in few bytes.
//!
//! The standard library's sorts are made for millions of items, and the compiler writes them out anew
//! for every type and every way to compare: four to six kilobytes each time in what a visitor downloads.
//! Collecting into a tree sorts first, and costs the same. The lists of this project are short. So one
//! merge sort works on places and is compiled once; per type, only comparing and swapping is left.
//!
//! Left out: what the checkers go through by the hundred thousand is sorted by the standard library.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Puts items in order; equal ones keep theirs.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Puts items in the order of their keys; of equal ones the order is kept.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Puts items in the order of `compare`; equal ones keep theirs.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let is_after = |one: usize, other: usize| compare(&items[one], &items[other]).is_gt();
    let Some(mut places) = places(items.len(), &is_after) else { return };
    // Each cycle of places is gone round once: an item moves to where it belongs, and what stood
    // there moves on.
    for first in 0..items.len() {
        let mut at = first;
        loop {
            let from = std::mem::replace(&mut places[at], at);
            if from == first {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Returns from where each place's item comes; nothing if all are in order.
fn places(count: usize, is_after: &dyn Fn(usize, usize) -> bool) -> Option<Vec<usize>> {
    if (1..count).all(|place| !is_after(place - 1, place)) {
        return None;
    }
    let mut from: Vec<usize> = (0..count).collect();
    let mut to = from.clone();
    let mut run = 1;
    while run < count {
        for (from, to) in from.chunks(run * 2).zip(to.chunks_mut(run * 2)) {
            let (one, other) = from.split_at(run.min(from.len()));
            merge(one, other, to, is_after);
        }
        std::mem::swap(&mut from, &mut to);
        run *= 2;
    }
    Some(from)
}

/// Merges two lists that are in order.
fn merge<'a>(
    mut one: &'a [usize],
    mut other: &'a [usize],
    to: &mut [usize],
    is_after: &dyn Fn(usize, usize) -> bool,
) {
    for place in to {
        let list = match (one.first(), other.first()) {
            (Some(&first), Some(&second)) if is_after(first, second) => &mut other,
            (None, _) => &mut other,
            (Some(_), _) => &mut one,
        };
        if let Some((&first, rest)) = list.split_first() {
            *place = first;
            *list = rest;
        }
    }
}

/// Collects into a set.
pub fn set_of<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// Collects into a map; of equal keys the last counts.
pub fn map_of<K: Ord, V>(items: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library(items in prop::collection::vec((0..9_u8, 0..99_u8), 0..70)) {
            let (mut own, mut theirs) = (items.clone(), items.clone());
            sort_by_key(&mut own, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(&own, &theirs, "equal ones keep their order");
            sort(&mut own);
            theirs.sort_unstable();
            prop_assert_eq!(own, theirs);
        }

        #[test]
        fn collects_as_the_standard_library(items in prop::collection::vec((0..9_u8, 0..99_u8), 0..70)) {
            prop_assert_eq!(set_of(items.clone()), items.iter().copied().collect());
            prop_assert_eq!(map_of(items.clone()), items.into_iter().collect());
        }
    }
}
