//! What the last step changed.

use std::collections::BTreeMap;

use yew::{hook, use_mut_ref};

/// Values as they are and as they were before the last change, each under its key.
struct Seen<K, V> {
    changed_at_us: u64,
    now: BTreeMap<K, V>,
    before: BTreeMap<K, V>,
}

impl<K: Ord + Clone, V: PartialEq + Clone> Seen<K, V> {
    fn new(values: &[(K, V)], now_us: u64) -> Self {
        let now: BTreeMap<K, V> = values.iter().cloned().collect();
        Self { changed_at_us: now_us, before: now.clone(), now }
    }

    /// Takes the values as they are now.
    fn look(&mut self, values: &[(K, V)], now_us: u64) {
        let now: BTreeMap<K, V> = values.iter().cloned().collect();
        if self.now != now {
            self.before = std::mem::replace(&mut self.now, now);
            self.changed_at_us = now_us;
        } else if self.changed_at_us != now_us {
            // The next step has come, and changed nothing here.
            self.before.clone_from(&self.now);
        }
    }

    fn has_changed(&self, key: &K) -> bool {
        self.now.get(key) != self.before.get(key)
    }
}

/// Returns for each value whether the last step changed it, or brought it. A value is the same one
/// while its key is: an index of a log, not the place on screen where it happens to stand.
#[hook]
pub(crate) fn use_changes<K, V>(values: &[(K, V)], now_us: u64) -> Vec<bool>
where
    K: Ord + Clone + 'static,
    V: PartialEq + Clone + 'static,
{
    let seen = use_mut_ref(|| Seen::new(values, now_us));
    let mut seen = seen.borrow_mut();
    seen.look(values, now_us);
    values.iter().map(|(key, _)| seen.has_changed(key)).collect()
}

/// Returns values under their places as keys.
pub(crate) fn by_place<V: Clone>(values: &[V]) -> Vec<(usize, V)> {
    values.iter().cloned().enumerate().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(seen: &mut Seen<usize, String>, texts: &[&str], now_us: u64) -> Vec<bool> {
        let values = by_place(&texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        seen.look(&values, now_us);
        values.iter().map(|(key, _)| seen.has_changed(key)).collect()
    }

    #[test]
    fn a_change_shows_until_the_next_step() {
        let mut seen = Seen::new(&[(0, "a".to_owned()), (1, "b".to_owned())], 1);
        assert_eq!(look(&mut seen, &["a", "b"], 2), [false, false]);
        assert_eq!(look(&mut seen, &["a", "c", "d"], 3), [false, true, true]);
        let again = look(&mut seen, &["a", "c", "d"], 3);
        assert_eq!(again, [false, true, true], "drawn again at the same time");
        assert_eq!(look(&mut seen, &["a", "c", "d"], 4), [false, false, false]);
    }

    #[test]
    fn what_moves_with_its_key_has_not_changed() {
        let mut seen = Seen::new(&[(7_u64, 'a'), (8, 'b')], 1);
        seen.look(&[(8, 'b'), (9, 'c')], 2);
        assert!(!seen.has_changed(&8) && seen.has_changed(&9));
    }
}
