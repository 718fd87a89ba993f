//! Names the cycles of a graph of dependencies.

use super::graph::Graph;
use super::{Anomaly, AnomalyKind, Dependency, DependencyKind};

/// From so many places a short cycle of overwriting is looked for; any is a proof.
const STARTS: usize = 64;

/// Returns one short cycle of each kind that each group of circular transactions has.
pub(super) fn cycles(graph: &Graph, with_real_time: bool) -> Vec<Anomaly> {
    let real_time = |kind| with_real_time && kind == DependencyKind::RealTime;
    let writes = |kind| kind == DependencyKind::WriteWrite || real_time(kind);
    let flow = |kind| kind != DependencyKind::ReadWrite && (writes(kind) || !is_real_time(kind));
    let all = |kind| with_real_time || !is_real_time(kind);
    let mut found = Vec::new();
    for members in graph.components(&writes) {
        let starts = members.iter().take(STARTS);
        let cycles = starts.filter_map(|it| graph.path((*it, *it), &members, &writes, false));
        found.extend(cycles.min_by_key(Vec::len).map(|cycle| anomaly(AnomalyKind::G0, cycle)));
    }
    for members in graph.components(&flow) {
        let close = |dependency: &Dependency| {
            let ends = (dependency.to, dependency.from);
            (dependency.kind == DependencyKind::WriteRead)
                .then(|| graph.path(ends, &members, &flow, false))?
        };
        found.extend(first_cycle(graph, &members, close).map(|it| anomaly(AnomalyKind::G1c, it)));
    }
    for members in graph.components(&all) {
        found.extend(anti_dependency_cycles(graph, &members, &flow, &all));
    }
    found
}

fn is_real_time(kind: DependencyKind) -> bool {
    kind == DependencyKind::RealTime
}

fn anti_dependency_cycles(
    graph: &Graph,
    members: &[usize],
    flow: &dyn Fn(DependencyKind) -> bool,
    all: &dyn Fn(DependencyKind) -> bool,
) -> Vec<Anomaly> {
    let is_anti = |dependency: &Dependency| dependency.kind == DependencyKind::ReadWrite;
    let single = |dependency: &Dependency| {
        let ends = (dependency.to, dependency.from);
        is_anti(dependency).then(|| graph.path(ends, members, flow, false))?
    };
    let spaced = |dependency: &Dependency| {
        let ends = (dependency.to, dependency.from);
        is_anti(dependency).then(|| graph.path(ends, members, all, true))?
    };
    let any = |dependency: &Dependency| {
        let ends = (dependency.to, dependency.from);
        let path = is_anti(dependency).then(|| graph.path(ends, members, all, false))??;
        path.iter().any(is_anti).then_some(path)
    };
    let mut found = Vec::new();
    if let Some(cycle) = first_cycle(graph, members, single) {
        found.push(anomaly(AnomalyKind::GSingle, cycle));
    } else if let Some(cycle) = first_cycle(graph, members, spaced) {
        found.push(anomaly(AnomalyKind::GNonadjacent, cycle));
    }
    found.extend(first_cycle(graph, members, any).map(|cycle| anomaly(AnomalyKind::G2Item, cycle)));
    found
}

/// Returns the first dependency among `members` that `close` gives a path back for, with that path.
fn first_cycle(
    graph: &Graph,
    members: &[usize],
    close: impl Fn(&Dependency) -> Option<Vec<Dependency>>,
) -> Option<Vec<Dependency>> {
    let inside = members.iter().flat_map(|member| graph.after(*member));
    let mut inside = inside.filter(|dependency| members.binary_search(&dependency.to).is_ok());
    inside.find_map(|dependency| {
        let mut cycle = vec![dependency.clone()];
        cycle.extend(close(dependency)?);
        Some(cycle)
    })
}

fn anomaly(kind: AnomalyKind, cycle: Vec<Dependency>) -> Anomaly {
    Anomaly {
        kind,
        transactions: cycle.iter().map(|dependency| dependency.from).collect(),
        reasons: cycle.iter().map(|dependency| dependency.reason.clone()).collect(),
        cycle,
    }
}
