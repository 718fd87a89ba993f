//! Values that many components show and none changes.

use std::ops::Deref;
use std::rc::Rc;

/// A shared value that is equal to itself only. Components compare what they are given sixty times
/// a second: for a timeline of thousands of entries, a glance at the address must do.
#[derive(Debug)]
pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }

    /// Returns the allocation.
    pub fn rc(&self) -> Rc<T> {
        self.0.clone()
    }

    /// Returns the address, as a name for this very value.
    pub fn address(&self) -> *const T {
        Rc::as_ptr(&self.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for Shared<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_value_is_equal_to_itself_only() {
        let one = Shared::new(vec![1]);
        assert_eq!(one, one.clone());
        assert_ne!(one, Shared::new(vec![1]));
        assert_eq!(one.first(), Some(&1));
    }
}
