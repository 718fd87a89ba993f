//! The lesson of each row as a viewer meets it: every step with what is on the stage at that moment, what
//! has broken by then, and how the run settles its bets.
//!
//! A step that stops before what it tells of, a number that the run does not have, or a bet whose evidence
//! is beside the point shows here on paper. Who changes a lesson reads its record from first to last.

use std::fmt::Write as _;

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{BeatView, TextKind};
use faultline_core::view::{NodeScene, Status, Verdict, Widget};
use faultline_tests::{all, default_actions};

/// The seed of a first visit.
const SEED: u64 = 42;
/// How many of the last lines of the log are told with a step.
const LAST_LINES: usize = 4;
/// How many of a node's cells.
const LAST_CELLS: usize = 3;

#[test]
fn lessons_are_told_as_they_were_read() {
    for row in all() {
        insta::with_settings!({
            omit_expression => true,
            prepend_module_to_snapshot => false,
            snapshot_path => "../../golden",
        }, {
            insta::assert_snapshot!(format!("{}-lesson", row.slug), lesson(row));
        });
    }
}

fn lesson(row: &'static Scenario) -> String {
    let mut text = format!("{}\n{}\n", row.title, row.promise);
    for preset in Preset::ALL {
        let setup = Setup::new(row, preset, SEED);
        let actions = default_actions(&setup);
        let mut run = Run::new(setup, actions);
        run.seek_time(row.horizon_us);
        let lines = run.text(0, u32::MAX);
        let beats = run.simulation().beats().to_vec();
        let answers: Vec<_> =
            (0..beats.len()).map(|it| run.simulation().answer(it).cloned()).collect();
        let lesson = run.simulation().lesson();
        for (((beat, came_up), answer), number) in lesson.iter().zip(&beats).zip(&answers).zip(1..)
        {
            let (true, Some(at_us)) = (beat.preset == preset, *came_up) else { continue };
            _ = writeln!(
                text,
                "\n{number}. {} ({}, {})\n   {}",
                beat.title,
                preset.key(),
                time(at_us),
                beat.say
            );
            seek_beat(&mut run, number - 1, at_us);
            let told = lines.iter().filter(|it| it.at_us <= at_us);
            let told: Vec<_> = told.filter(|it| it.kind != TextKind::Send).collect();
            for line in &told[told.len().saturating_sub(LAST_LINES)..] {
                _ = writeln!(text, "   | {} {}", time(line.at_us), line.text);
            }
            stage(&mut text, &run);
            if let (Some(_), Some(answer)) = (&beat.bet, answer) {
                bet(&mut text, beat, (answer.option, answer.at_us), &answer.because);
            }
        }
    }
    text
}

/// Goes to the very step in which a beat comes up, which need not be the last of its instant.
fn seek_beat(run: &mut Run, beat: usize, at_us: u64) {
    run.seek_time(at_us.saturating_sub(1));
    while run.simulation().beats()[beat].is_none() && run.step() {}
}

fn stage(text: &mut String, run: &Run) {
    let scene = run.simulation().scene();
    let nodes: Vec<String> = scene.nodes.iter().map(node).collect();
    _ = writeln!(text, "   stage: {}", nodes.join("; "));
    for check in run.simulation().checks().iter().filter(|it| it.is_violated()) {
        if let Verdict::Broken { at_us, reason, .. } = &check.verdict {
            _ = writeln!(text, "   broken {}: {}: {reason}", time(*at_us), check.name);
        }
    }
}

fn node(node: &NodeScene) -> String {
    let view = &node.view;
    let mut words = vec![node.name.clone()];
    match node.status {
        Status::Up => {}
        Status::Paused => words.push("(paused)".into()),
        Status::Down => words.push("(down)".into()),
    }
    words.push(format!("{:?}", view.role).to_lowercase());
    words.extend(view.epoch.map(|epoch| epoch.to_string()));
    words.extend(view.value.clone());
    words.extend(Some(view.label.clone()).filter(|it| !it.is_empty()));
    words.extend(view.widgets.iter().find_map(cells));
    words.join(" ")
}

/// Returns the last of a row of cells, as the stage shows the first row of a node below it.
fn cells(widget: &Widget) -> Option<String> {
    let (Widget::Cells { cells, .. } | Widget::Chips { chips: cells, .. }) = widget else {
        return None;
    };
    let said = cells[cells.len().saturating_sub(LAST_CELLS)..].iter().map(|cell| {
        let epoch = cell.epoch.map(|epoch| format!("{epoch} ")).unwrap_or_default();
        let open = if cell.committed { "" } else { "?" };
        format!("{epoch}{}{open}", cell.text)
    });
    Some(format!("[{}]", said.collect::<Vec<_>>().join(", "))).filter(|_| !cells.is_empty())
}

fn bet(text: &mut String, beat: &BeatView, (option, at_us): (u8, u64), because: &str) {
    let Some((question, options)) = &beat.bet else { return };
    let said = options.get(usize::from(option)).map_or("", String::as_str);
    _ = writeln!(text, "   bet: {question} [{}]", options.join(" | "));
    _ = writeln!(text, "   settled {}: {said}. {because}.", time(at_us));
}

fn time(at_us: u64) -> String {
    format!("{}.{:03} ms", at_us / 1_000, at_us % 1_000)
}
