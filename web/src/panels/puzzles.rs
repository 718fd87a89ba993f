//! Puzzles: what to bring about with how few faults, graded as one goes.

use faultline_core::scenario::Preset;
use faultline_core::view::{FaultUse, Grade, PuzzleView};
use yew::prelude::*;

use super::glossary::explained;
use crate::format::{counted, instant};
use crate::pages::lab::{Dialog, Intent, Study};
use crate::route::with_puzzle;
use crate::wire::Opened;

/// Lists the puzzles with their grades.
pub(super) fn puzzles(
    opened: &Opened,
    grades: &[Grade],
    study: &Study,
    on: &Callback<Intent>,
) -> Html {
    let entry = |(index, (puzzle, grade)): (u16, (&PuzzleView, &Grade))| {
        let solved_with = study.ledger.solutions.get(&index).map(|it| it.used);
        card(opened, (index, puzzle), grade, (solved_with, study.puzzle), on)
    };
    html! {
        <>
            <p class="hint">
                { "Make it happen with as few faults as you can. To undo a fault costs nothing, nor \
                   does anything under “Commands”. Your run is the answer, and its link keeps it." }
            </p>
            <ol class="puzzles">
                { for (0..).zip(opened.puzzles.iter().zip(grades)).map(entry) }
            </ol>
        </>
    }
}

fn card(
    opened: &Opened,
    (index, puzzle): (u16, &PuzzleView),
    grade: &Grade,
    (solved_with, set_up): (Option<u16>, Option<u16>),
    on: &Callback<Intent>,
) -> Html {
    let preset = puzzle.preset.key();
    let link = format!("#/s/{}?seed={}&preset={preset}&a=", opened.card.slug, opened.seed);
    let link = with_puzzle(&link, index);
    let begin = on.reform(move |_: MouseEvent| Intent::Open(link.clone()));
    let share = on.reform(|_: MouseEvent| Intent::Dialog(Some(Dialog::Share)));
    let is_solved = grade.is_solved();
    let is_set_up = set_up == Some(index);
    html! {
        <li class={classes!("puzzle", is_solved.then_some("solved"), is_set_up.then_some("now"))}
            aria-current={is_set_up.then_some("true")}>
            <h3>{ &puzzle.title }</h3>
            <p>{ explained(&puzzle.task, &opened.glossary) }</p>
            <ul class="budget" aria-label="Faults you may use">
                if grade.is_begun() {
                    { for grade.faults.iter().copied().map(fault) }
                } else {
                    for &(kind, allowed) in puzzle.budget.iter() {
                        <li>{ format!("up to {}", kind.counted(allowed)) }</li>
                    }
                }
            </ul>
            <p class={classes!("grade", is_solved.then_some("good"))} role="status">
                { verdict(puzzle, grade) }
            </p>
            if let Some(used) = solved_with.filter(|_| !is_solved) {
                <p class="hint">{ format!("✓ Solved before, with {}.", counted(used.into(), "fault")) }</p>
            }
            <details>
                <summary>{ "A hint" }</summary>
                <p>{ &puzzle.hint }</p>
            </details>
            <p class="puzzle-buttons">
                <button type="button" class={classes!("button", (!grade.is_begun()).then_some("primary"))}
                    onclick={begin}>
                    { way_in(grade) }
                </button>
                if is_solved {
                    <button type="button" class="button primary" onclick={share}>
                        { "Share your answer" }
                    </button>
                }
            </p>
        </li>
    }
}

/// What the button is called that opens a run without faults.
fn way_in(grade: &Grade) -> &'static str {
    if grade.is_begun() { "Begin anew" } else { "Set it up" }
}

/// How much of a kind is used, and whether that is too much.
fn fault(FaultUse { kind, used, allowed }: FaultUse) -> Html {
    let text = if allowed == 0 {
        format!("✗ {}: not allowed", kind.counted(used))
    } else if used > allowed {
        format!("✗ {used} of {}: too many", kind.counted(allowed))
    } else {
        format!("{used} of {}", kind.counted(allowed))
    };
    html! { <li class={classes!((used > allowed).then_some("bad"))}>{ text }</li> }
}

/// How far the present run has come, in a sentence.
fn verdict(puzzle: &PuzzleView, grade: &Grade) -> String {
    if !grade.is_set_up {
        let design = match puzzle.preset {
            Preset::Naive => "naive",
            Preset::Hardened => "hardened",
        };
        return format!(
            "“Set it up” opens the {design} design with its usual settings, and nothing done to it."
        );
    }
    if grade.follows_script {
        return format!(
            "This run does not count: it follows a script. “{}” opens one that does not.",
            way_in(grade)
        );
    }
    let (used, par) = (grade.used(), puzzle.par);
    let faults = counted(used.into(), "fault");
    match grade.reached_us {
        None if grade.is_within_budget() => "It has not happened yet.".into(),
        None => "It has not happened yet, and you have used more faults than you may.".into(),
        Some(at_us) if !grade.is_within_budget() => {
            format!("It happened at {}, but with more faults than you may use.", instant(at_us))
        }
        Some(at_us) => {
            let versus = match used.cmp(&par) {
                std::cmp::Ordering::Less => format!("fewer than the {par} we knew of"),
                std::cmp::Ordering::Equal => "the fewest that are known".into(),
                std::cmp::Ordering::Greater => format!("and {par} can be enough"),
            };
            format!("✓ Solved at {} with {faults}, {versus}.", instant(at_us))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::sim::FaultKind;

    #[test]
    fn the_verdict_says_what_is_missing() {
        let puzzle = PuzzleView {
            title: String::new(),
            task: String::new(),
            hint: String::new(),
            preset: Preset::Naive,
            budget: vec![(FaultKind::Crash, 1)],
            par: 1,
        };
        let grade = |is_set_up, reached_us, used| Grade {
            is_set_up,
            follows_script: false,
            reached_us,
            faults: vec![FaultUse { kind: FaultKind::Crash, used, allowed: 1 }],
        };
        let says = |grade: &Grade| verdict(&puzzle, grade);
        assert!(says(&grade(false, None, 0)).contains("naive"));
        let scripted = Grade { follows_script: true, ..grade(true, Some(1), 1) };
        assert!(says(&scripted).contains("does not count"));
        for grade in [scripted, Grade { follows_script: true, ..grade(true, None, 0) }] {
            assert!(says(&grade).contains(way_in(&grade)), "it names the button that is there");
        }
        assert_eq!(says(&grade(true, None, 0)), "It has not happened yet.");
        assert!(says(&grade(true, None, 2)).contains("more faults than you may"));
        assert!(says(&grade(true, Some(1_500_000), 2)).contains("1.500 s, but with more"));
        assert_eq!(
            says(&grade(true, Some(1_500_000), 1)),
            "✓ Solved at 1.500 s with 1 fault, the fewest that are known."
        );
    }
}
