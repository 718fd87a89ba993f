//! The graph of dependencies between transactions.

/// Why one transaction must come before another (Adya 1999, section 3.1).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyKind {
    /// ww: it wrote a version that the other's replaced.
    WriteWrite,
    /// wr: it wrote a version that the other read.
    WriteRead,
    /// rw, an anti-dependency: it read a version that the other's replaced.
    ReadWrite,
    /// It had returned before the other was invoked.
    RealTime,
}

impl DependencyKind {
    /// Returns the name in the literature.
    pub fn name(self) -> &'static str {
        match self {
            Self::WriteWrite => "ww",
            Self::WriteRead => "wr",
            Self::ReadWrite => "rw",
            Self::RealTime => "rt",
        }
    }
}

/// One transaction comes before another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// The number of the transaction that comes before.
    pub from: usize,
    /// The number of the transaction that comes after.
    pub to: usize,
    /// Why.
    pub kind: DependencyKind,
    /// Why, in a sentence.
    pub reason: String,
}

/// Dependencies, by the transaction that comes before. Transactions are named by their numbers.
#[derive(Debug, Default)]
pub(super) struct Graph {
    from: Vec<Vec<Dependency>>,
}

/// For each member, reached by an anti-dependency or not: the place before it and the dependency.
type Origins<'a> = Vec<[Option<((usize, bool), &'a Dependency)>; 2]>;

/// What a path may use.
pub(super) type Allowed<'a> = &'a dyn Fn(DependencyKind) -> bool;

impl Graph {
    pub(super) fn new(transactions: usize) -> Self {
        Self { from: vec![Vec::new(); transactions] }
    }

    /// Adds a dependency, unless there is one of its kind between the two.
    pub(super) fn add(
        &mut self,
        (from, to): (usize, usize),
        kind: DependencyKind,
        reason: impl FnOnce() -> String,
    ) {
        let is_same = |it: &Dependency| it.to == to && it.kind == kind;
        if from != to && !self.from[from].iter().any(is_same) {
            self.from[from].push(Dependency { from, to, kind, reason: reason() });
        }
    }

    /// Returns the dependencies of others on a transaction.
    pub(super) fn after(&self, transaction: usize) -> &[Dependency] {
        &self.from[transaction]
    }

    /// Returns the groups of transactions that depend on each other in circles, those of one member
    /// left out (Tarjan 1972, without recursion).
    pub(super) fn components(&self, allowed: Allowed<'_>) -> Vec<Vec<usize>> {
        let mut search = Components {
            graph: self,
            allowed,
            index: vec![None; self.from.len()],
            low: vec![0; self.from.len()],
            is_open: vec![false; self.from.len()],
            open: Vec::new(),
            count: 0,
            found: Vec::new(),
        };
        for root in 0..self.from.len() {
            if search.index[root].is_none() {
                search.visit(root);
            }
        }
        search.found
    }

    /// Returns a shortest path among `members`, which is sorted, by allowed dependencies. If
    /// `is_spaced`, no two anti-dependencies are adjacent and there is none at either end.
    pub(super) fn path(
        &self,
        (from, to): (usize, usize),
        members: &[usize],
        allowed: Allowed<'_>,
        is_spaced: bool,
    ) -> Option<Vec<Dependency>> {
        // Where a path can be: a member, and whether an anti-dependency led there.
        let place = |transaction: usize| members.binary_search(&transaction).ok();
        let mut came_by: Origins<'_> = vec![[None, None]; members.len()];
        let mut queue = std::collections::VecDeque::from([(place(from)?, is_spaced)]);
        while let Some((here, was_anti)) = queue.pop_front() {
            for dependency in self.after(members[here]) {
                let is_anti = is_spaced && dependency.kind == DependencyKind::ReadWrite;
                let Some(there) = place(dependency.to) else { continue };
                let is_seen = came_by[there][usize::from(is_anti)].is_some();
                if !allowed(dependency.kind) || (is_anti && was_anti) || is_seen {
                    continue;
                }
                came_by[there][usize::from(is_anti)] = Some(((here, was_anti), dependency));
                if dependency.to == to && !is_anti {
                    return Some(trace(&came_by, there, (place(from)?, is_spaced)));
                }
                queue.push_back((there, is_anti));
            }
        }
        None
    }
}

/// Follows a path back to its start.
fn trace(came_by: &Origins<'_>, end: usize, start: (usize, bool)) -> Vec<Dependency> {
    let mut path = Vec::new();
    let mut at = (end, false);
    while let Some((before, dependency)) = came_by[at.0][usize::from(at.1)] {
        path.push(dependency.clone());
        at = before;
        if at == start {
            break;
        }
    }
    path.reverse();
    path
}

struct Components<'a> {
    graph: &'a Graph,
    allowed: Allowed<'a>,
    index: Vec<Option<usize>>,
    /// The earliest index that can be reached, as far as is known.
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    count: usize,
    found: Vec<Vec<usize>>,
}

impl Components<'_> {
    fn enter(&mut self, node: usize) {
        self.index[node] = Some(self.count);
        self.low[node] = self.count;
        self.count += 1;
        self.open.push(node);
        self.is_open[node] = true;
    }

    fn visit(&mut self, root: usize) {
        self.enter(root);
        let mut path = vec![(root, 0)];
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            let Some(dependency) = self.graph.after(node).get(*edge) else {
                path.pop();
                self.leave(node);
                if let Some((parent, _)) = path.last() {
                    self.low[*parent] = self.low[*parent].min(self.low[node]);
                }
                continue;
            };
            *edge += 1;
            if !(self.allowed)(dependency.kind) {
                continue;
            }
            match self.index[dependency.to] {
                None => {
                    self.enter(dependency.to);
                    path.push((dependency.to, 0));
                }
                Some(index) if self.is_open[dependency.to] => {
                    self.low[node] = self.low[node].min(index);
                }
                Some(_) => {}
            }
        }
    }

    /// Closes the component of which `node` is the first, if it is.
    fn leave(&mut self, node: usize) {
        if Some(self.low[node]) != self.index[node] {
            return;
        }
        let start = self.open.iter().rposition(|it| *it == node).unwrap_or_default();
        let mut members = self.open.split_off(start);
        for member in &members {
            self.is_open[*member] = false;
        }
        if members.len() > 1 {
            members.sort_unstable();
            self.found.push(members);
        }
    }
}
