//! Grading: whether a run solves its row's puzzles.
//!
//! The run is the submission. Counted are the faults that were done before the goal came true and
//! have changed or blocked something: what did nothing is no means to anything. A run in which a
//! script of the row has its hand was not begun for the puzzle, and solves nothing.

use crate::run::Run;
use crate::sim::FaultKind;
use crate::view::{FaultUse, Grade, PuzzleView};

/// Grades the run at its cursor: a grade for each puzzle of its row.
pub fn grades(run: &Run) -> Vec<Grade> {
    let puzzles = run.simulation().puzzles();
    puzzles.iter().zip(0..).map(|(puzzle, index)| grade(run, puzzle, index)).collect()
}

fn grade(run: &Run, puzzle: &PuzzleView, index: usize) -> Grade {
    let simulation = run.simulation();
    let reached_us = simulation.puzzle_reached_us(index);
    let mut faults: Vec<FaultUse> =
        puzzle.budget.iter().map(|&(kind, allowed)| FaultUse { kind, used: 0, allowed }).collect();
    let applied = run.actions().iter().zip(0_u32..run.position().actions);
    for (timed, action) in applied {
        let is_in_time = reached_us.is_none_or(|reached_us| timed.at_us <= reached_us);
        let has_bitten = simulation.bites(action) > 0;
        let Some(kind) = FaultKind::of(&timed.action).filter(|_| is_in_time && has_bitten) else {
            continue;
        };
        match faults.iter_mut().find(|fault| fault.kind == kind) {
            Some(fault) => fault.used = fault.used.saturating_add(1),
            None => faults.push(FaultUse { kind, used: 1, allowed: 0 }),
        }
    }
    let setup = run.setup();
    let usual = setup.scenario().knobs.iter().map(|knob| knob.default);
    let is_set_up =
        setup.preset() == Some(puzzle.preset) && setup.knobs().iter().copied().eq(usual);
    Grade { is_set_up, follows_script: follows_script(run), reached_us, faults }
}

/// Returns true if something that a script of the row does is done in the run, at the very time.
fn follows_script(run: &Run) -> bool {
    let setup = run.setup();
    let scenario = setup.scenario();
    let mut scripted = (0..scenario.scripts.len()).flat_map(|it| scenario.script(setup, it));
    scripted.any(|it| FaultKind::of(&it.action).is_some() && run.actions().contains(&it))
}
