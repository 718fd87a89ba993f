//! What the page is told of a run: plain data, bounded.

use faultline_core::check::grades;
use faultline_core::order::{map_of, set_of};
use faultline_core::run::Run;
use faultline_core::scenario::{Scenario, glossary_of};
use faultline_core::sim::{
    Action, BeatView, EventKind, Mark, MarkKind, NodeId, Simulation, Step, TextLine, TimedAction,
};
use faultline_core::view::{Check, CheckKind, Status};

use super::guards::guards;
use super::hearing::heard;
use super::without;
use crate::format::capitalized;
use crate::wire::{
    ActionView, Card, Figures, Frame, KnobView, MarkGlyph, MarkView, Opened, Reproduced, Stop,
    SwitchView, Timeline, Told, Why, Without, ZoneView,
};

/// At most so many points of each metric are sent.
const SERIES_LIMIT: usize = 400;
/// At most so many marks of each kind are sent.
const MARK_LIMIT: usize = 400;
/// Of what an event did, so many lines are told.
const LINE_LIMIT: usize = 60;
/// Of what came before an event, so many events are told.
const PAST_LIMIT: usize = 40;

/// Returns all that does not change while a run goes on.
pub(super) fn opened(run: &Run, reproduced: Reproduced) -> Opened {
    let setup = run.setup();
    let scenario = setup.scenario();
    let simulation = run.simulation();
    let knobs = scenario.knobs.iter().zip(setup.knobs()).map(|(knob, &value)| KnobView {
        key: knob.key.into(),
        label: knob.label.into(),
        unit: knob.unit.suffix().into(),
        choices: knob.choices().iter().map(|choice| choice.label.into()).collect(),
        min: knob.min,
        max: knob.max,
        value,
    });
    let switches = scenario.switches.iter().zip(setup.switches());
    let switches = switches.map(|(switch, &is_on)| SwitchView {
        key: switch.key.into(),
        label: switch.label.into(),
        help: switch.help.into(),
        is_on,
    });
    Opened {
        card: card(scenario),
        seed: setup.seed,
        preset: setup.preset(),
        knobs: knobs.collect(),
        switches: switches.collect(),
        commands: simulation.commands(),
        glossary: glossary(scenario, &simulation.lesson()),
        lesson: simulation.lesson(),
        puzzles: simulation.puzzles(),
        metrics: simulation.metrics(),
        horizon_us: scenario.horizon_us,
        epoch_word: simulation.epoch_word().into(),
        grain_us: scenario.grain_us,
        layout: (scenario.layout)(setup),
        zones: zones(simulation),
        guards: guards(scenario.slug),
        on_disk: scenario.on_disk.is_some(),
        revision: scenario.revision_text(),
        reproduced,
    }
}

/// Returns the terms that the lesson and the sentences above the stage use.
fn glossary(scenario: &Scenario, lesson: &[BeatView]) -> Vec<(String, String)> {
    let beats = lesson.iter().map(|beat| beat.say.as_str());
    let owned = |(word, sentence): (&str, &str)| (word.to_owned(), sentence.to_owned());
    let texts = [scenario.question, scenario.promise, scenario.breaks].into_iter();
    glossary_of(texts.chain(beats)).into_iter().map(owned).collect()
}

fn zones(simulation: &dyn Simulation) -> Vec<ZoneView> {
    let Some(zones) = simulation.zones() else { return Vec::new() };
    let named = zones.names.iter().zip(0_u8..);
    named
        .map(|(name, zone)| ZoneView {
            name: name.clone(),
            nodes: simulation.names().ids().filter(|&id| zones.zone_of(id) == Some(zone)).collect(),
        })
        .collect()
}

fn card(scenario: &Scenario) -> Card {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let diagram = &scenario.diagram;
    let boxes = diagram.boxes.iter().map(|&(name, role, layer)| (name.into(), role, layer));
    let arrows = diagram.arrows.iter().map(|&(from, to, what)| (from, to, what.into()));
    let fidelity = &scenario.fidelity;
    Card {
        slug: scenario.slug.into(),
        title: scenario.title.into(),
        family: scenario.family.title().into(),
        seeds: owned(scenario.seeds),
        question: scenario.question.into(),
        promise: scenario.promise.into(),
        constraint: scenario.constraint.into(),
        guarantee: scenario.guarantee.into(),
        naive: scenario.naive.into(),
        hardened: scenario.hardened.into(),
        breaks: scenario.breaks.into(),
        survives: scenario.survives.claim.into(),
        requirements: owned(scenario.requirements),
        faced: scenario.faced.iter().map(|&(worry, how)| (worry.into(), how.into())).collect(),
        saturates_first: scenario.saturates_first.into(),
        pitfalls: owned(scenario.pitfalls),
        primitives: scenario.primitives.to_vec(),
        sources: owned(scenario.sources),
        fidelity: [owned(fidelity.modelled), owned(fidelity.simplified), owned(fidelity.omitted)],
        boxes: boxes.collect(),
        arrows: arrows.collect(),
        scripts: scenario
            .scripts
            .iter()
            .map(|script| (script.label.into(), script.help.into()))
            .collect(),
    }
}

/// Returns the world at the cursor.
pub(super) fn frame(run: &Run, stop: Option<Stop>, watched: Option<NodeId>) -> Frame {
    let simulation = run.simulation();
    let mut scene = simulation.scene();
    // Between two events only time moves on.
    scene.now_us = run.now_us();
    let heard = watched.and_then(|node| {
        let is_down = scene.nodes.get(node.index())?.status == Status::Down;
        let events = run.journal().events.get(..run.position().events as usize)?;
        Some(heard(events, node, scene.nodes.len(), is_down))
    });
    let beats = simulation.beats().to_vec();
    Frame {
        event: run.position().events,
        actions: run.position().actions,
        next_at_us: run.next_at_us(),
        scene,
        checks: simulation.checks(),
        answers: (0..beats.len()).map(|beat| simulation.answer(beat).cloned()).collect(),
        beats,
        grades: grades(run),
        costs: simulation.costs(),
        figures: Figures::default(),
        digest: simulation.digest(),
        last: last_kind(run),
        caption: caption(run),
        stop,
        heard,
        typed_up_to: 0,
    }
}

/// Returns of what kind the last event was, if the last step was one.
fn last_kind(run: &Run) -> Option<EventKind> {
    let Step::Event(last) = run.simulation().last_step() else { return None };
    run.journal().events.get(last as usize).map(|record| record.kind)
}

/// Returns the last event or action and its effects, in words.
fn caption(run: &Run) -> Vec<TextLine> {
    let last = run.simulation().last_step();
    let text = run.text(last.number(), last.number().saturating_add(1)).into_iter();
    text.filter(|line| line.step == last).collect()
}

/// Returns what led to a step: what was done, the chains of causes, and what else came before it; and what
/// of that the run can't be without.
pub(super) fn why(run: &Run, step: Step) -> Why {
    let story = run.why(step, PAST_LIMIT);
    let chains = story.threads.iter().flat_map(|it| it.chain.iter().chain([&it.head]));
    let reason = |line: &TextLine| {
        let Step::Event(event) = line.step else { return None };
        Some((event, without::plan(run, Without::Event(event)).err()?))
    };
    let fixed = map_of(chains.chain(&story.past).filter_map(reason));
    Why { story, fixed }
}

/// Returns an event and its effects in words, and what a run without it would take.
pub(super) fn told(run: &Run, event: u32) -> Told {
    let text = run.text(event, event.saturating_add(1)).into_iter();
    let without = without::plan(run, Without::Event(event)).map(|plan| plan.how);
    let is_its = |line: &TextLine| line.step == Step::Event(event);
    Told { event, lines: text.filter(is_its).take(LINE_LIMIT).collect(), without }
}

/// Returns the run's actions with how often each has bitten so far.
pub(super) fn actions(run: &Run) -> Vec<ActionView> {
    let applied = run.position().actions;
    let bites = |index| (index < applied).then(|| run.simulation().bites(index));
    let vain = |mark: &Mark| match mark.kind {
        MarkKind::Action { index, bit: false } => Some(index),
        MarkKind::Action { .. }
        | MarkKind::Violation(_)
        | MarkKind::GoalMissed(_)
        | MarkKind::GoalReached(_)
        | MarkKind::Alert(_)
        | MarkKind::Beat(_)
        | MarkKind::Epoch(_) => None,
    };
    let vain = set_of(run.journal().marks.iter().filter_map(vain));
    let view = |(timed, index)| ActionView {
        bites: bites(index),
        is_vain: vain.contains(&index),
        ..action(run, timed)
    };
    run.actions().iter().zip(0..).map(view).collect()
}

/// Returns an action that has not bitten, in the run or not.
pub(super) fn action(run: &Run, timed: &TimedAction) -> ActionView {
    let simulation = run.simulation();
    let sentence = timed.action.sentence(simulation.names(), &simulation.command_labels());
    ActionView {
        at_us: timed.at_us,
        action: timed.action.clone(),
        sentence,
        bites: None,
        is_vain: false,
    }
}

/// Returns what is known of a run over time, without what a person has done to it.
pub(super) fn timeline(run: &Run) -> Timeline {
    let (marks, marks_left_out) = marks(run);
    let (series, readings) = series(run);
    let (known_us, events) = (run.known_us(), run.known().events);
    Timeline { known_us, events, marks, marks_left_out, series, readings, ..Timeline::default() }
}

/// Returns the marks of the known run in words, and how many were left out.
pub(super) fn marks(run: &Run) -> (Vec<MarkView>, u32) {
    let checks = run.simulation().checks();
    let names = MarkNames {
        invariants: names_of(&checks, CheckKind::Invariant),
        goals: names_of(&checks, CheckKind::Goal),
        alerts: names_of(&checks, CheckKind::Alert),
        actions: run.actions().iter().map(|it| (tick_of(it), action(run, it).sentence)).collect(),
        beats: run.simulation().lesson().into_iter().map(|beat| beat.title).collect(),
        epoch_word: run.simulation().epoch_word(),
    };
    let marks = &run.journal().marks;
    let kept = thinned(marks);
    let left_out = u32::try_from(marks.len() - kept.len()).unwrap_or(u32::MAX);
    (kept.into_iter().map(|mark| names.view(mark)).collect(), left_out)
}

/// Leaves out marks of the kinds of which there are too many, evenly over the run: a crowd of one
/// kind must not take the place of the few that tell most.
fn thinned(marks: &[Mark]) -> Vec<&Mark> {
    let place = |kind| match kind {
        MarkKind::Action { .. } => 0,
        MarkKind::Violation(_) | MarkKind::GoalMissed(_) => 1,
        MarkKind::GoalReached(_) => 2,
        MarkKind::Alert(_) => 3,
        MarkKind::Beat(_) => 4,
        MarkKind::Epoch(_) => 5,
    };
    let mut totals = [0_usize; 6];
    for mark in marks {
        totals[place(mark.kind)] += 1;
    }
    let mut seen = [0_usize; 6];
    let is_kept = |mark: &&Mark| {
        let kind = place(mark.kind);
        seen[kind] += 1;
        (seen[kind] - 1).is_multiple_of(totals[kind].div_ceil(MARK_LIMIT))
    };
    marks.iter().filter(is_kept).collect()
}

/// Returns the names of the checks of one kind, by index.
pub(super) fn names_of(checks: &[Check], kind: CheckKind) -> Vec<String> {
    checks.iter().filter(|check| check.kind == kind).map(|check| check.name.clone()).collect()
}

/// What the indices in marks stand for.
struct MarkNames {
    invariants: Vec<String>,
    goals: Vec<String>,
    alerts: Vec<String>,
    actions: Vec<(MarkGlyph, String)>,
    beats: Vec<String>,
    epoch_word: &'static str,
}

const fn tick_of(timed: &TimedAction) -> MarkGlyph {
    if matches!(timed.action, Action::Command { .. } | Action::CommandWith { .. }) {
        MarkGlyph::Asked
    } else {
        MarkGlyph::Fault
    }
}

impl MarkNames {
    fn view(&self, mark: &Mark) -> MarkView {
        let named = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
        let (kind, text) = match mark.kind {
            MarkKind::Action { index, bit } => {
                let done = self.actions.get(index as usize).cloned();
                let (kind, what) = done.unwrap_or((MarkGlyph::Fault, String::new()));
                (kind, if bit { what } else { format!("{what} (changed nothing at once)") })
            }
            MarkKind::Violation(index) => {
                let what = named(&self.invariants, index.into());
                (MarkGlyph::Violation, format!("Broken: {what}"))
            }
            MarkKind::GoalMissed(index) => {
                let what = named(&self.goals, index.into());
                (MarkGlyph::Violation, format!("Missed: {what}"))
            }
            MarkKind::GoalReached(index) => {
                let what = named(&self.goals, index.into());
                (MarkGlyph::Goal, format!("Reached: {what}"))
            }
            MarkKind::Alert(index) => (MarkGlyph::Alert, named(&self.alerts, index.into())),
            MarkKind::Beat(index) => (MarkGlyph::Beat, named(&self.beats, index.into())),
            MarkKind::Epoch(epoch) => {
                let word = self.epoch_word;
                (MarkGlyph::Epoch(epoch), format!("{} {epoch} begins", capitalized(word)))
            }
        };
        MarkView { at_us: mark.at_us, event: mark.step.events(), kind, text }
    }
}

/// Returns the readings of each metric, thinned, and how many there were.
///
/// Of each stretch of readings the lowest and the highest are kept, in their order, so that a spike
/// stays visible.
fn series(run: &Run) -> (Vec<Vec<(u64, i64)>>, Vec<u32>) {
    let mut series = vec![Vec::new(); run.simulation().metrics().len()];
    for sample in &run.journal().samples {
        if let Some(points) = series.get_mut(usize::from(sample.metric)) {
            points.push((sample.at_us, sample.value));
        }
    }
    let count = |points: &Vec<_>| u32::try_from(points.len()).unwrap_or(u32::MAX);
    let counts = series.iter().map(count).collect();
    series.iter_mut().for_each(thin);
    (series, counts)
}

fn thin(points: &mut Vec<(u64, i64)>) {
    if points.len() <= SERIES_LIMIT {
        return;
    }
    let stretch = points.len().div_ceil(SERIES_LIMIT / 2);
    let extremes = points.chunks(stretch).flat_map(|chunk| {
        let low = chunk.iter().min_by_key(|point| point.1).copied();
        let high = chunk.iter().max_by_key(|point| point.1).copied();
        let (first, second) = if low <= high { (low, high) } else { (high, low) };
        first.into_iter().chain(second.filter(|_| first != second))
    });
    *points = extremes.collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_one_kind_leaves_the_others_their_place() {
        let mark = |at_us, kind| Mark { at_us, step: Step::Event(0), kind };
        let mut marks: Vec<_> =
            (0..9_999).map(|at_us| mark(at_us, MarkKind::Epoch(at_us))).collect();
        marks.push(mark(9_999, MarkKind::Violation(0)));
        let kept = thinned(&marks);
        assert!(kept.len() <= MARK_LIMIT + 1, "{}", kept.len());
        assert_eq!(kept.last().map(|mark| mark.kind), Some(MarkKind::Violation(0)));
        assert!(kept.iter().any(|mark| mark.at_us > 9_900), "late ones are there too");
    }

    #[test]
    fn thinning_keeps_order_bound_and_spikes() {
        let mut points: Vec<_> = (0..10_000).map(|at_us| (at_us, 0)).collect();
        points[7_777].1 = 99;
        thin(&mut points);
        assert!(points.len() <= SERIES_LIMIT, "{}", points.len());
        assert!(points.is_sorted_by_key(|point| point.0));
        assert!(points.contains(&(7_777, 99)));
    }
}
