//! What a row says about itself: complete, consistent and short enough for its place on the screen.

use std::collections::BTreeSet;

use faultline_core::run::Run;
use faultline_core::scenario::{self, Preset, Scenario, Setup};
use faultline_core::view::{CheckKind, Role};
use faultline_tests::{all, default_actions, rows_and_presets};

/// Names that a link uses for itself.
const RESERVED: [&str; 7] = ["seed", "preset", "a", "at", "d", "r", "vs"];

/// Fails unless every name is there, and there once.
fn distinct<'a>(what: &str, names: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(!name.trim().is_empty(), "{what}: an empty name");
        assert!(seen.insert(name), "{what}: “{name}” twice");
    }
}

/// Fails unless this reads as a sentence.
fn sentence(what: &str, text: &str) {
    assert!(text.ends_with(['.', '?', '!', ')', '”']), "{what} is no sentence: “{text}”");
    assert!(text.starts_with(|c: char| !c.is_lowercase()), "{what} begins small: “{text}”");
}

#[test]
fn rows_have_distinct_names_and_titles() {
    distinct("slugs", all().map(|row| row.slug));
    distinct("titles", all().map(|row| row.title));
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(all().all(|row| row.slug.chars().all(is_plain)), "slugs are part of addresses");
}

#[test]
fn every_text_is_there() {
    for row in all() {
        let texts = [
            ("question", row.question),
            ("promise", row.promise),
            ("constraint", row.constraint),
            ("guarantee", row.guarantee),
            ("naive", row.naive),
            ("hardened", row.hardened),
            ("breaks", row.breaks),
            ("survives", row.survives.claim),
            ("saturates first", row.saturates_first),
        ];
        for (name, text) in texts {
            sentence(&format!("{} {name}", row.slug), text);
        }
        let lists: [(&str, &[&str]); 8] = [
            ("seeds", row.seeds),
            ("requirements", row.requirements),
            ("pitfalls", row.pitfalls),
            ("sources", row.sources),
            ("modelled", row.fidelity.modelled),
            ("simplified", row.fidelity.simplified),
            ("omitted", row.fidelity.omitted),
            ("prerequisites", row.prerequisites),
        ];
        for (name, list) in lists {
            distinct(&format!("{} {name}", row.slug), list.iter().copied());
            assert!(!list.is_empty() || name == "prerequisites", "{}: no {name}", row.slug);
        }
        assert!(row.question.ends_with('?'), "{}: the question asks nothing", row.slug);
        assert!(!row.primitives.is_empty(), "{} is made of nothing", row.slug);
        assert!((1..=3).contains(&row.difficulty), "{}", row.slug);
        assert!(row.revision >= 1, "{}", row.slug);
    }
}

#[test]
fn each_of_the_eight_worries_is_faced_or_excluded() {
    let worries = ["replay", "late", "partial", "partition", "retr", "clock", "loss", "machine"];
    for row in all() {
        distinct(row.slug, row.faced.iter().map(|(worry, _)| *worry));
        for worry in worries {
            let is_faced = row.faced.iter().any(|(name, answer)| {
                let name = name.to_lowercase();
                // A lossy network and a lost message are the same worry.
                let is_it = name.contains(worry) || (worry == "loss" && name.contains("lossy"));
                is_it && answer.len() > 20
            });
            assert!(is_faced, "{} does not face “{worry}…”: {:?}", row.slug, row.faced);
        }
    }
}

#[test]
fn prerequisites_exist_and_do_not_go_round() {
    fn depth(slug: &str, path: &mut Vec<String>) {
        assert!(!path.iter().any(|other| other == slug), "{path:?} comes back to {slug}");
        path.push(slug.to_owned());
        let row = scenario::find(slug);
        for prerequisite in row.unwrap_or_else(|| panic!("no row {slug}")).prerequisites {
            depth(prerequisite, path);
        }
        path.pop();
    }
    all().for_each(|row| depth(row.slug, &mut Vec::new()));
}

#[test]
fn knobs_and_switches_can_be_named_in_a_link() {
    for row in all() {
        let keys = row.knobs.iter().map(|knob| knob.key);
        let keys: Vec<&str> = keys.chain(row.switches.iter().map(|switch| switch.key)).collect();
        distinct(row.slug, keys.iter().copied());
        for key in keys {
            let is_plain = key.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '_');
            assert!(is_plain && !RESERVED.contains(&key), "{}: {key}", row.slug);
        }
        for knob in row.knobs {
            let is_in_range = (knob.min..=knob.max).contains(&knob.default) && knob.min < knob.max;
            assert!(is_in_range, "{}: {knob:?}", row.slug);
        }
        assert!(!row.knobs.is_empty(), "{} has nothing to turn", row.slug);
        assert!(!row.switches.is_empty(), "{} has no safeguard", row.slug);
        for switch in row.switches {
            sentence(switch.key, switch.help);
        }
    }
}

#[test]
fn scripts_are_on_the_grain_in_order_and_within_the_horizon() {
    for (row, preset) in rows_and_presets() {
        assert!(row.scripts.len() >= 2, "{} has no second twist", row.slug);
        distinct(row.slug, row.scripts.iter().map(|script| script.label));
        let setup = Setup::new(row, preset, 1);
        for (script, index) in row.scripts.iter().zip(0..) {
            sentence(script.label, script.help);
            let mut needed = setup.clone();
            for (key, value) in script.settings {
                needed.set(key, value).expect("a script sets what there is to what it can be");
            }
            let actions = (script.actions)(&needed);
            assert!(!actions.is_empty(), "{}: “{}” does nothing", row.slug, script.label);
            assert!(actions.is_sorted_by_key(|timed| timed.at_us), "{}", row.slug);
            for timed in &actions {
                assert_eq!(timed.at_us % row.grain_us, 0, "{}: {timed:?}", row.slug);
                // A twist may go on after the default script and its aftermath.
                let latest_us = if index == 0 { row.horizon_us } else { 2 * row.horizon_us };
                assert!(timed.at_us < latest_us, "{}: {timed:?}", row.slug);
            }
        }
        let other = Setup::new(row, Preset::ALL[usize::from(preset == Preset::ALL[0])], 1);
        assert_eq!(default_actions(&setup), default_actions(&other), "one schedule, both presets");
    }
}

#[test]
fn the_lesson_fits_its_place() {
    for row in all() {
        let simulation = Setup::new(row, Preset::Naive, 1).build();
        let lesson = simulation.lesson();
        assert!((5..=9).contains(&lesson.len()), "{}: {} beats", row.slug, lesson.len());
        distinct(row.slug, lesson.iter().map(|beat| beat.title.as_str()));
        for beat in &lesson {
            let length = beat.say.chars().count();
            assert!(length <= 140, "{}: {length} characters: “{}”", row.slug, beat.say);
            sentence(&beat.title, &beat.say);
        }
        let has = |preset| lesson.iter().any(|beat| beat.preset == preset);
        assert!(Preset::ALL.into_iter().all(has), "{}: the lesson shows one preset only", row.slug);
        let mut bets = lesson.iter().filter_map(|beat| beat.bet.as_ref()).peekable();
        assert!(bets.peek().is_some(), "{}: nothing to predict", row.slug);
        for (question, options) in bets {
            assert!(question.ends_with('?'), "{}: “{question}”", row.slug);
            assert!(options.len() >= 2, "{}: “{question}” has one answer", row.slug);
            distinct(question, options.iter().map(String::as_str));
        }
    }
}

#[test]
fn checks_and_metrics_are_there_and_have_distinct_names() {
    for row in all() {
        let simulation = Setup::new(row, Preset::Hardened, 1).build();
        let checks = simulation.checks();
        distinct(row.slug, checks.iter().map(|check| check.name.as_str()));
        let kinds = [CheckKind::Invariant, CheckKind::Goal, CheckKind::Alert, CheckKind::Sometimes];
        for kind in kinds {
            assert!(checks.iter().any(|check| check.kind == kind), "{}: no {kind:?}", row.slug);
        }
        let metrics = simulation.metrics();
        assert!(metrics.len() >= 2, "{}: {} metrics", row.slug, metrics.len());
        distinct(row.slug, metrics.iter().map(|metric| metric.label.as_str()));
        let labels = simulation.command_labels();
        distinct(row.slug, labels.into_iter().map(|it| it.label));
    }
}

#[test]
fn the_diagram_connects_its_boxes() {
    for row in all() {
        let boxes = row.diagram.boxes;
        distinct(row.slug, boxes.iter().map(|(name, _, _)| *name));
        assert!(boxes.len() >= 2, "{}", row.slug);
        let mut connected = vec![false; boxes.len()];
        for &(from, to, what) in row.diagram.arrows {
            assert!(!what.is_empty(), "{}", row.slug);
            for end in [from, to] {
                assert!(usize::from(end) < boxes.len(), "{}: arrow {from} → {to}", row.slug);
                connected[usize::from(end)] = true;
            }
        }
        assert!(connected.iter().all(|it| *it), "{}: a box stands alone", row.slug);
    }
}

/// Plays the default script and looks at the stage every few events.
fn look(row: &'static Scenario, preset: Preset, mut at: impl FnMut(&Run)) {
    let setup = Setup::new(row, preset, 1);
    let actions = default_actions(&setup);
    let mut run = Run::new(setup, actions);
    while run.now_us() < row.horizon_us && run.step() {
        if run.position().events.is_multiple_of(7) {
            at(&run);
        }
    }
}

#[test]
fn labels_fit_the_stage_and_the_stage_says_who_is_who() {
    for (row, preset) in rows_and_presets() {
        let mut roles: BTreeSet<String> = BTreeSet::new();
        let mut panels = 0;
        look(row, preset, |run| {
            let scene = run.simulation().scene();
            for message in &scene.messages {
                let length = message.label.chars().count();
                assert!((1..=12).contains(&length), "{}: “{}”", row.slug, message.label);
                assert!(!message.sentence.is_empty());
            }
            distinct(row.slug, scene.nodes.iter().map(|node| node.name.as_str()));
            roles.extend(scene.nodes.iter().map(|node| format!("{:?}", node.view.role)));
            panels = panels.max(scene.panels.len());
            let is_inside = |node: &faultline_core::view::NodeScene| !node.view.widgets.is_empty();
            assert!(scene.nodes.iter().any(is_inside), "{}: nothing to inspect", row.slug);
        });
        assert!(panels > 0, "{}: no panel shows the mechanism", row.slug);
        let only_peers = roles.iter().all(|role| *role == format!("{:?}", Role::Peer));
        assert!(roles.len() > 1 || only_peers, "{}: everybody is {roles:?}", row.slug);
    }
}
