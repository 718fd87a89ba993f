//! A store that a node keeps: mounted when the node starts, and mounted again where that may help.
//!
//! After a write or a sync has failed, the cache says what the medium may not hold, and no later sync makes
//! it good (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020, sections 3 and
//! 4). So a store in doubt is mounted again after a while: all is read and written anew. Who could not
//! mount it because of an error that may pass, such as a full disk, tries again likewise. Damage does not
//! pass: that refusal is final.
//!
//! Left out: waiting longer after each try. One node asks its own disk, and nobody waits in line behind it.

use std::fmt::Debug;
use std::hash::Hash;

use crate::sim::{FileError, FileSystem};

/// How long a node waits before it mounts its store again, or goes on with what had no room.
pub const AGAIN_US: u64 = 60_000;

/// Whether a store takes changes.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// What it recovered is on its way to the disk.
    Opening,
    /// It takes changes.
    Open,
    /// A write or a sync has failed: what is on the disk is not known. It may still be read.
    InDoubt,
}

/// What can be mounted.
pub trait Mountable {
    /// Why it does not open.
    type Error: Clone + Debug + PartialEq + Eq + Hash;

    /// Returns whether it takes changes.
    fn state(&self) -> State;

    /// Asks that what it took become durable, unless it asks for that by itself.
    fn sync(&mut self, _: &mut dyn FileSystem) {}

    /// Returns true if it waits for room on the disk.
    fn is_stalled(&self) -> bool {
        false
    }

    /// Returns the disk's error, if that is why it does not open.
    fn disk_error(error: &Self::Error) -> Option<&FileError>;
}

/// What has come of what a store did.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is news of its own")]
pub struct Turn {
    /// It takes changes from now on.
    pub serves: bool,
    /// It takes none any more.
    pub doubts: bool,
    /// It did not open, and for another reason than the last time.
    pub refuses: bool,
    /// The node is to [come back](Mount::come_back) after [`AGAIN_US`].
    pub wakes: bool,
}

/// What a node does that comes back.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// It mounts its store again.
    Mount,
    /// It lets the store go on.
    GoOn,
    /// Nothing helps.
    Nothing,
}

/// A store, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mount<S: Mountable> {
    /// None before the first start.
    opened: Option<Result<S, S::Error>>,
    /// The node will come back.
    is_awaited: bool,
}

impl<S: Mountable> Default for Mount<S> {
    fn default() -> Self {
        Self { opened: None, is_awaited: false }
    }
}

impl<S: Mountable> Mount<S> {
    /// Takes what has come of opening it.
    pub fn mount(&mut self, opened: Result<S, S::Error>) -> Turn {
        let refuses = match (&self.opened, &opened) {
            (Some(Err(before)), Err(error)) => before != error,
            (_, Err(_)) => true,
            (_, Ok(_)) => false,
        };
        self.opened = Some(opened);
        Turn { refuses, ..self.turn(State::Opening) }
    }

    /// Lets the store do something, and then sync; none if there is no store.
    pub fn with<D: FileSystem, T>(
        &mut self,
        disk: &mut D,
        act: impl FnOnce(&mut S, &mut D) -> T,
    ) -> Option<(T, Turn)> {
        let Some(Ok(store)) = &mut self.opened else { return None };
        let before = store.state();
        let done = act(store, disk);
        store.sync(disk);
        Some((done, self.turn(before)))
    }

    fn turn(&mut self, before: State) -> Turn {
        let mut turn = Turn::default();
        let may_help = match &self.opened {
            Some(Ok(store)) => {
                let state = store.state();
                turn.serves = before == State::Opening && state == State::Open;
                turn.doubts = before != State::InDoubt && state == State::InDoubt;
                store.is_stalled() || state == State::InDoubt
            }
            Some(Err(error)) => S::disk_error(error).is_some_and(FileError::may_pass),
            None => false,
        };
        turn.wakes = may_help && !self.is_awaited;
        self.is_awaited |= turn.wakes;
        turn
    }

    /// Returns what a node does that comes back.
    pub fn come_back(&mut self) -> Due {
        self.is_awaited = false;
        match &self.opened {
            Some(Ok(store)) if store.state() == State::InDoubt => Due::Mount,
            Some(Ok(_)) => Due::GoOn,
            Some(Err(error)) if S::disk_error(error).is_some_and(FileError::may_pass) => Due::Mount,
            Some(Err(_)) | None => Due::Nothing,
        }
    }

    /// Returns the store if it was opened, or why it was not; none before the first start.
    pub fn opened(&self) -> Option<Result<&S, &S::Error>> {
        self.opened.as_ref().map(Result::as_ref)
    }

    /// Returns the store, if it was opened.
    pub fn store(&self) -> Option<&S> {
        self.opened()?.ok()
    }

    /// Returns the store, if it was opened. Whoever changes it asks for what came of it.
    pub fn store_mut(&mut self) -> Option<&mut S> {
        self.opened.as_mut()?.as_mut().ok()
    }

    /// Returns the store while it takes changes.
    pub fn serving(&self) -> Option<&S> {
        self.store().filter(|store| store.state() == State::Open)
    }

    /// Says what the node does with it, which does what `works` says while all is well.
    pub fn label(&self, works: &str) -> String {
        let label = match self.opened().map(|it| it.map(S::state)) {
            None => "starts",
            Some(Err(error)) => match S::disk_error(error) {
                Some(error) if error.may_pass() => "tries its disk again",
                Some(_) | None => "refuses: damaged",
            },
            Some(Ok(State::Opening)) => "recovers",
            Some(Ok(State::Open)) => works,
            Some(Ok(State::InDoubt)) => "in doubt",
        };
        label.into()
    }

    /// Returns why it was not opened.
    pub fn refusal(&self) -> Option<&S::Error> {
        self.opened()?.err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Files;

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    enum Error {
        Disk(FileError),
        Damaged,
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct Store {
        state: State,
        is_stalled: bool,
    }

    impl Mountable for Store {
        type Error = Error;

        fn state(&self) -> State {
            self.state
        }

        fn is_stalled(&self) -> bool {
            self.is_stalled
        }

        fn disk_error(error: &Error) -> Option<&FileError> {
            if let Error::Disk(error) = error { Some(error) } else { None }
        }
    }

    const OPEN: Store = Store { state: State::Open, is_stalled: false };

    fn become_of(mount: &mut Mount<Store>, to: &Store) -> Turn {
        let become_it = |it: &mut Store, _: &mut Files| it.clone_from(to);
        mount.with(&mut Files::default(), become_it).expect("it is open").1
    }

    #[test]
    fn what_may_pass_is_tried_again_and_told_once_and_damage_is_final() {
        let mut mount = Mount::<Store>::default();
        assert_eq!(mount.label("serves"), "starts");
        let full = || Err(Error::Disk(FileError::Full));
        let told = Turn { refuses: true, wakes: true, ..Turn::default() };
        assert_eq!(mount.mount(full()), told);
        assert_eq!(mount.label("serves"), "tries its disk again");
        assert_eq!(mount.come_back(), Due::Mount);
        assert_eq!(mount.mount(full()), Turn { refuses: false, ..told });
        assert_eq!(mount.come_back(), Due::Mount);
        assert!(mount.mount(Ok(OPEN)).serves);
        assert_eq!(mount.label("serves"), "serves");

        let gone = Turn { refuses: true, ..Turn::default() };
        for error in [Error::Damaged, Error::Disk(FileError::NamesDamaged)] {
            assert_eq!(mount.mount(Err(error)), gone);
            assert_eq!(mount.label("serves"), "refuses: damaged");
            assert_eq!(mount.come_back(), Due::Nothing);
        }
    }

    /// However often it is asked meanwhile, the node comes back at the time that was set first.
    #[test]
    fn a_store_in_doubt_is_mounted_again_and_one_that_is_stalled_goes_on() {
        let mut mount = Mount::<Store>::default();
        mount.mount(Ok(OPEN));
        let stalled = Store { is_stalled: true, ..OPEN };
        assert_eq!(become_of(&mut mount, &stalled), Turn { wakes: true, ..Turn::default() });
        assert_eq!(become_of(&mut mount, &stalled), Turn::default());
        assert_eq!(mount.come_back(), Due::GoOn);
        assert!(become_of(&mut mount, &stalled).wakes);
        let doubt = Store { state: State::InDoubt, ..OPEN };
        assert_eq!(become_of(&mut mount, &doubt), Turn { doubts: true, ..Turn::default() });
        assert_eq!(mount.label("serves"), "in doubt");
        assert_eq!(become_of(&mut mount, &doubt), Turn::default());
        assert_eq!(mount.come_back(), Due::Mount);
    }
}
