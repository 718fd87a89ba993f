//! Every order in which three servers can hold two elections and append two entries, one crash
//! included, over a network that loses, doubles and reorders at will.
//!
//! The servers are explored as [`Actors`]: the handlers are those that every row runs, and everything
//! around them is left to chance. What is not visited does not exist. Nobody repeats anything by itself
//! (no heartbeats), since whatever was sent can arrive again at any time, or never: that is loss,
//! duplication and reordering without a bound.
//!
//! Two terms do not show why a leader says what precedes its entries: for that, logs depart from each
//! other in two terms and meet in a third, which one of the small sizes has (as in Figure 7). And old
//! entries are lost by being counted only where more is to be copied than a message holds, or in a fourth
//! term: that has a test of its own, in [`super::figure_8`].

use std::rc::Rc;
use std::time::Instant;

use faultline_core::check::{
    Act, Actors, Budget, Counterexample, Exploration, Explorer, Limit, Progress, Status, Traversal,
    Troupe,
};
use faultline_core::mechanism::raft::{Disk, Message, Timer};
use faultline_core::scenario::Setup;
use faultline_core::sim::{Actor, NodeId};

use super::group::{self, Host, Number, Say, Seen, setup};

/// Three servers, some of which stand for election.
struct Servers {
    setup: Setup,
    candidates: u16,
    /// Whether what makes no difference any more is forgotten.
    forgets: bool,
}

impl Troupe for Servers {
    type Process = Host;
    type Observer = Seen;

    fn spawn(&self, _: NodeId) -> Host {
        group::host(&self.setup)
    }

    /// Each command is another one, so that it shows if one takes the place of the other.
    fn command(&self, nth: u16, _: NodeId, actor: &Actor<Host>) -> Option<Say> {
        let leads = actor.process().is_some_and(|host| host.raft.is_leader());
        leads.then(|| Say::Propose(Number(u64::from(nth) + 1)))
    }

    fn fires(&self, at: NodeId, timer: Timer) -> bool {
        timer == Timer::Election && at.0 < self.candidates
    }

    /// A server's term never falls, its vote in a term never changes once it is durable, and whoever has
    /// ceased to lead, or follows, in a term will neither lead nor stand in that term again. So an answer
    /// counts only in the term and for the office for which it was asked. And whoever has voted says no
    /// to all others of that term, who are in that term already and learn nothing; to the one whom it
    /// voted for it has said yes, and would say so again.
    fn is_dead(&self, actor: &Actor<Host>, _: NodeId, say: &Say) -> bool {
        let (Say::Raft(message), true) = (say, self.forgets) else { return false };
        let own = actor.disk().get();
        let is = |office: fn(&Host) -> bool| actor.process().is_some_and(office);
        let leads = is(|host| host.raft.is_leader());
        let follows = !leads && is(|host| host.raft.leader().is_some());
        match message {
            Message::Vote { term, .. } if *term < own.term => true,
            Message::Vote { term, granted } => *term == own.term && (!granted || leads || follows),
            Message::Appended { term, .. } | Message::Refused { term, .. } => {
                *term <= own.term && !leads
            }
            Message::RequestVote { term, .. } => *term == own.term && own.vote.is_some(),
            Message::RequestPreVote { .. }
            | Message::PreVote { .. }
            | Message::AppendEntries { .. }
            | Message::InstallSnapshot { .. }
            | Message::Confirm { .. }
            | Message::Confirmed { .. } => false,
        }
    }

    fn violation(&self, actors: &[Rc<Actor<Host>>], seen: &Seen) -> Option<String> {
        let disks = || actors.iter().map(|actor| actor.disk());
        let node = |id: NodeId| -> (Option<&Host>, &Disk<Number>) {
            (actors[id.index()].process(), actors[id.index()].disk())
        };
        let checks = [
            group::one_leader(seen),
            group::logs_match(disks()),
            group::same_applied(seen),
            group::complete(node, seen),
        ];
        checks.into_iter().find_map(|check| check.err().map(|broken| broken.reason))
    }
}

/// What may happen.
#[derive(Copy, Clone, Debug)]
struct Size {
    terms: u64,
    candidates: u16,
    writes: u16,
    crashes: u16,
}

struct Explored {
    progress: Progress,
    found: Option<Counterexample<Act>>,
    /// How many different servers, messages and histories there were.
    met: (usize, usize, usize),
}

/// Explores depth first if it is to be done to the end, since then only one path is held in memory;
/// breadth first for a counterexample, since then it is a shortest one.
fn explore(size: Size, off: &[&str], forgets: bool) -> Explored {
    explore_up_to(u64::MAX, size, off, forgets)
}

/// As [`explore`], and stops after so many states.
fn explore_up_to(state_limit: u64, size: Size, off: &[&str], forgets: bool) -> Explored {
    let Size { terms, candidates, writes, crashes } = size;
    let order = if off.is_empty() { Traversal::DepthFirst } else { Traversal::BreadthFirst };
    let off = [&["pre-vote"], off].concat();
    let setup = setup(1, &[("servers", 3), ("terms", terms)], &off);
    let budget = Budget { commands: writes, crashes, ..Budget::default() };
    let model: Actors<Servers, 3> = Actors::new(Servers { setup, candidates, forgets }, budget);
    let began = Instant::now();
    let mut explorer =
        Explorer::new(model, Exploration { order, state_limit, ..Exploration::default() });
    let mut progress = explorer.progress();
    while progress.status == Status::Running {
        progress = explorer.run(STEPS_A_REPORT);
        let seconds = began.elapsed().as_secs_f64();
        eprintln!("{size:?} without {off:?}: {progress:?} in {seconds:.1} s");
    }
    let found = explorer.counterexample().cloned();
    for act in found.iter().flat_map(|it| &it.path.actions) {
        eprintln!("    {}", explorer.model().words(act));
    }
    Explored { progress, found, met: explorer.model().met() }
}

/// After so many steps it is said how far an exploration has come.
const STEPS_A_REPORT: u64 = 500_000_000;

fn is_safe(explored: &Explored) -> bool {
    explored.progress.status == Status::Complete && explored.found.is_none()
}

/// Small enough to be explored to their end at every change of this code. How many states there are is
/// told as well: an exploration that no longer reaches some of them would find nothing in them either.
#[test]
fn small_groups_are_safe_whatever_arrives_when() {
    for (size, states) in [
        (Size { terms: 1, candidates: 3, writes: 2, crashes: 0 }, 32_348),
        (Size { terms: 1, candidates: 2, writes: 2, crashes: 1 }, 162_632),
        (Size { terms: 2, candidates: 3, writes: 0, crashes: 0 }, 19_686),
        (Size { terms: 2, candidates: 2, writes: 1, crashes: 0 }, 69_617),
        (Size { terms: 2, candidates: 2, writes: 0, crashes: 1 }, 63_019),
        (Size { terms: 3, candidates: 2, writes: 0, crashes: 0 }, 491_450),
    ] {
        let explored = explore(size, &[], true);
        assert!(is_safe(&explored), "{size:?}");
        assert_eq!(explored.progress.distinct, states, "{size:?}");
    }
}

/// The whole size. `FAULTLINE_EXPLORE=1` explores it to its end, best in a release build: that takes a
/// processor for the better part of an hour, and several gigabytes. Otherwise its first states are.
#[test]
fn two_terms_two_writes_and_a_crash_are_safe_whatever_arrives_when() {
    let size = Size { terms: 2, candidates: 3, writes: 2, crashes: 1 };
    if std::env::var_os("FAULTLINE_EXPLORE").is_some() {
        assert!(is_safe(&explore(size, &[], true)));
    } else {
        let explored = explore_up_to(100_000, size, &[], true);
        assert_eq!(explored.progress.status, Status::Limited(Limit::States));
        assert!(explored.found.is_none());
    }
}

/// Forgetting what makes no difference changes how many states there are, and nothing that is in them:
/// the same servers, messages and histories are met.
#[test]
fn what_is_forgotten_made_no_difference() {
    for size in [
        Size { terms: 1, candidates: 2, writes: 1, crashes: 1 },
        Size { terms: 2, candidates: 2, writes: 0, crashes: 0 },
    ] {
        let (forgetful, other) = (explore(size, &[], true), explore(size, &[], false));
        assert!(is_safe(&forgetful) && is_safe(&other));
        assert_eq!(forgetful.met, other.met, "{size:?}");
        assert!(forgetful.progress.distinct < other.progress.distinct);
    }
}

/// The same exploration finds what a missing rule lets happen, in the fewest steps there are.
#[test]
fn what_a_missing_rule_lets_happen_is_found() {
    let crash = Size { terms: 1, candidates: 3, writes: 0, crashes: 1 };
    let write = Size { terms: 2, candidates: 2, writes: 0, crashes: 0 };
    for (rule, size, reason) in [
        ("durable-vote", crash, "a term has two leaders"),
        ("up-to-date", write, "the latest leader lacks what was applied"),
    ] {
        let explored = explore(size, &[rule], true);
        let found = explored.found.expect("a counterexample");
        assert_eq!(found.reason, reason, "without {rule}");
        assert!(is_safe(&explore(size, &[], true)));
    }
}
