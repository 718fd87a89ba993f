//! What the last step changed.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use faultline_core::order::map_of;
use yew::{hook, use_mut_ref};

/// Digests of values, each under that of its key: what values are does not matter here, and a tree of
/// digests is compiled once.
type Digests = BTreeMap<u64, u64>;

/// Values as they are and as they were before the last change.
struct Seen {
    changed_at_us: u64,
    now: Digests,
    before: Digests,
}

impl Seen {
    fn new(now: Digests, now_us: u64) -> Self {
        Self { changed_at_us: now_us, before: now.clone(), now }
    }

    /// Takes the values as they are now.
    fn look(&mut self, now: Digests, now_us: u64) {
        if self.now != now {
            self.before = std::mem::replace(&mut self.now, now);
            self.changed_at_us = now_us;
        } else if self.changed_at_us != now_us {
            // The next step has come, and changed nothing here.
            self.before.clone_from(&self.now);
        }
    }

    fn has_changed(&self, key: u64) -> bool {
        self.now.get(&key) != self.before.get(&key)
    }
}

fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Returns for each value whether the last step changed it, or brought it. A value is the same one
/// while its key is: an index of a log, not the place on screen where it happens to stand.
#[hook]
pub(crate) fn use_changes<K: Hash, V: Hash>(values: &[(K, V)], now_us: u64) -> Vec<bool> {
    use_digests(values.iter().map(|(key, value)| (digest(key), digest(value))).collect(), now_us)
}

#[hook]
fn use_digests(values: Vec<(u64, u64)>, now_us: u64) -> Vec<bool> {
    let now = || map_of(values.iter().copied());
    let seen = use_mut_ref(|| Seen::new(now(), now_us));
    let mut seen = seen.borrow_mut();
    seen.look(now(), now_us);
    values.iter().map(|(key, _)| seen.has_changed(*key)).collect()
}

/// Returns values under their places as keys.
pub(crate) fn by_place<V: Clone>(values: &[V]) -> Vec<(usize, V)> {
    values.iter().cloned().enumerate().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests<K: Hash, V: Hash>(values: &[(K, V)]) -> Digests {
        map_of(values.iter().map(|(key, value)| (digest(key), digest(value))))
    }

    fn look(seen: &mut Seen, texts: &[&str], now_us: u64) -> Vec<bool> {
        let values = by_place(texts);
        seen.look(digests(&values), now_us);
        values.iter().map(|(key, _)| seen.has_changed(digest(key))).collect()
    }

    #[test]
    fn a_change_shows_until_the_next_step() {
        let mut seen = Seen::new(digests(&by_place(&["a", "b"])), 1);
        assert_eq!(look(&mut seen, &["a", "b"], 2), [false, false]);
        assert_eq!(look(&mut seen, &["a", "c", "d"], 3), [false, true, true]);
        let again = look(&mut seen, &["a", "c", "d"], 3);
        assert_eq!(again, [false, true, true], "drawn again at the same time");
        assert_eq!(look(&mut seen, &["a", "c", "d"], 4), [false, false, false]);
    }

    #[test]
    fn what_moves_with_its_key_has_not_changed() {
        let mut seen = Seen::new(digests(&[(7, 'a'), (8, 'b')]), 1);
        seen.look(digests(&[(8, 'b'), (9, 'c')]), 2);
        assert!(!seen.has_changed(digest(&8)) && seen.has_changed(digest(&9)));
    }
}
