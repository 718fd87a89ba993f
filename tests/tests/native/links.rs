//! Links: every run can be written and read again, and any text gives a run or a sentence.

use faultline_core::check::draw_schedule;
use faultline_core::link::{self, Opened};
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::{Action, NodeId, Stream, TimedAction};
use faultline_tests::{all, default_actions, rows_and_presets};
use proptest::prelude::*;

/// Writes a run as a link, reads it again and expects the same.
fn round_trip(setup: &Setup, actions: &[TimedAction], at_us: u64, digest: u64) -> String {
    let text = link::format(setup, actions, Some(at_us), Some(digest));
    let expected = Opened {
        setup: setup.clone(),
        actions: Some(actions.to_vec()),
        at_us: Some(at_us),
        steps: None,
        digest: Some(digest),
        revision: Some(setup.scenario().revision_text()),
        versus: None,
    };
    for preset in Preset::ALL {
        let compared = link::parse(&link::with_versus(text.clone(), preset), 0);
        assert_eq!(compared, Ok(Opened { versus: Some(preset), ..expected.clone() }), "{text}");
    }
    let within = link::parse(&link::with_steps(text.clone(), 3), 0);
    assert_eq!(within, Ok(Opened { steps: Some(3), ..expected.clone() }), "{text}");
    assert_eq!(link::parse(&text, 0), Ok(expected), "{text}");
    text
}

#[test]
fn links_round_trip_for_every_script_schedule_knob_and_switch() {
    for (row, preset) in rows_and_presets() {
        let usual = Setup::new(row, preset, u64::MAX);
        round_trip(&usual, &default_actions(&usual), 12_345_678, u64::MAX);
        for script in 0..row.scripts.len() {
            let setup = usual.clone().for_script(script);
            round_trip(&setup, &row.script(&setup, script), 0, 0);
        }
        for number in 0..40 {
            round_trip(&usual, &draw_schedule(&usual, number), number, number);
        }
        for knob in row.knobs {
            for value in [knob.min, knob.max] {
                let mut setup = usual.clone();
                setup.set(knob.key, &value.to_string()).expect("a knob takes its limits");
                round_trip(&setup, &[], 1, 1);
            }
        }
        for knob in row.knobs.iter().filter(|knob| !knob.choices().is_empty()) {
            assert_eq!(knob.max - knob.min + 1, knob.choices().len() as u64, "{}", knob.key);
            for (choice, value) in knob.choices().iter().zip(knob.min..) {
                let [mut by_word, mut by_number] = [usual.clone(), usual.clone()];
                by_word.set(knob.key, choice.key).expect("its own word");
                by_number.set(knob.key, &value.to_string()).expect("older links have numbers");
                assert_eq!((by_word.knob(knob.key), &by_word), (value, &by_number));
                let text = round_trip(&by_word, &[], 1, 1);
                let is_usual = value == knob.default;
                let says = format!("&{}={}&", knob.key, choice.key);
                assert!(is_usual || text.contains(&says), "{text}");
            }
            let error = usual.clone().set(knob.key, "nonsense").unwrap_err().to_string();
            assert!(knob.choices().iter().all(|it| error.contains(it.key)), "{error}");
        }
        for switch in row.switches {
            let mut setup = usual.clone();
            let flipped = if setup.is_on(switch.key) { "off" } else { "on" };
            setup.set(switch.key, flipped).expect("a switch can be turned");
            round_trip(&setup, &[], 1, 1);
        }
    }
}

#[test]
fn a_link_is_short() {
    for (row, preset) in rows_and_presets() {
        let setup = Setup::new(row, preset, 4_242_424_242);
        let actions: Vec<TimedAction> = (0..40).flat_map(|n| draw_schedule(&setup, n)).collect();
        for (count, limit) in [(20, 250), (50, 500)] {
            let mut some: Vec<TimedAction> = actions.iter().take(count).cloned().collect();
            some.sort_by_key(|timed| timed.at_us);
            assert_eq!(some.len(), count);
            let text = round_trip(&setup, &some, 12_500_000, u64::MAX);
            assert!(text.len() <= limit, "{} characters for {count} actions: {text}", text.len());
        }
    }
}

/// Opens a text as the page does: a run that goes on for a while, or a sentence.
fn open(text: &str) {
    match link::parse(text, 1) {
        Ok(opened) => {
            let place = opened.place();
            let mut run = Run::new(opened.setup, opened.actions.unwrap_or_default());
            run.seek_some(place, 300);
            for _ in 0..100 {
                run.step();
            }
            assert!(!run.simulation().scene().nodes.is_empty());
            assert!(link::parse(&run.link_at_cursor(), 1).is_ok());
        }
        Err(error) => {
            let sentence = error.to_string();
            let is_one = sentence.ends_with('.') && !sentence.contains('\n');
            assert!(is_one && (10..300).contains(&sentence.len()), "{sentence}");
        }
    }
}

/// Returns a valid link with faults, for a row chosen by number.
fn valid(number: usize) -> String {
    let rows: Vec<_> = rows_and_presets().collect();
    let (row, preset) = rows[number % rows.len()];
    let setup = Setup::new(row, preset, number as u64);
    let actions = draw_schedule(&setup, number as u64);
    link::format(&setup, &actions, Some(1_500_000), Some(7))
}

fn config() -> ProptestConfig {
    // A failure prints its smallest input; there is no folder of seeds to keep.
    ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_give_a_run_or_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        open(&text);
        open(&format!("#/s/{text}"));
        for row in all() {
            open(&format!("#/s/{}?{text}", row.slug));
            open(&format!("#/s/{}?seed=1&a={text}", row.slug));
        }
    }

    #[test]
    fn a_damaged_link_gives_a_run_or_a_sentence(
        number in 0..1_000_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), "[ -~]{0,3}"), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut text = valid(number);
        open(&text);
        for (place, with) in cuts {
            // Links are plain ASCII, so any place is a character.
            let place = place.index(text.len());
            text.replace_range(place..=place, &with);
            if text.is_empty() {
                break;
            }
        }
        open(&text);
        text.truncate(end.index(text.len() + 1));
        open(&text);
    }

    #[test]
    fn any_actions_that_can_be_written_can_be_run(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        // As the codec would read them, had somebody made the bytes up.
        if let Ok((steps, _)) = postcard::take_from_bytes::<Vec<(u64, Action)>>(&bytes) {
            let timed = steps.into_iter().map(|(at, action)| TimedAction {
                at_us: at % 10_000_000,
                action,
            });
            let actions: Vec<TimedAction> = timed.collect();
            for (row, preset) in rows_and_presets() {
                let mut run = Run::new(Setup::new(row, preset, 1), actions.clone());
                run.seek_some(faultline_core::run::Target::Time(10_000_000), 500);
            }
        }
    }
}

#[test]
fn made_up_lists_of_actions_run_or_are_refused() {
    use base64_like::encode;
    for row in all() {
        let mut stream = Stream::new(3, "bytes");
        for _ in 0..500 {
            let count = stream.range(0, 6);
            let mut bytes = vec![u8::try_from(count).unwrap_or_default()];
            (0..count * 4).for_each(|_| {
                bytes.push(u8::try_from(stream.range(0, 20)).unwrap_or_default());
            });
            open(&format!("#/s/{}?seed=1&a={}&at=3s", row.slug, encode(&bytes)));
        }
    }
}

#[test]
fn a_link_to_nodes_and_commands_that_are_not_there_changes_nothing() {
    for (row, preset) in rows_and_presets() {
        let setup = Setup::new(row, preset, 1);
        let nobody = NodeId(999);
        let actions = [
            Action::Crash(nobody),
            Action::Partition(vec![nobody, NodeId::OUTSIDE]),
            Action::Command { command: u16::MAX, node: NodeId(0) },
        ];
        let actions: Vec<TimedAction> =
            actions.into_iter().map(|action| TimedAction { at_us: 100_000, action }).collect();
        let mut run = Run::new(setup, actions);
        run.seek_time(1_000_000);
        assert!((0..3).all(|index| run.simulation().bites(index) == 0), "{}", row.slug);
    }
}

/// The alphabet of links, so that made-up bytes reach the reader of actions.
mod base64_like {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// Encodes as base64url without padding (RFC 4648, section 5).
    pub(super) fn encode(bytes: &[u8]) -> String {
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let three = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            for place in 0..=chunk.len() {
                let sextet = (bits >> (18 - 6 * place)) & 63;
                text.push(char::from(ALPHABET[sextet as usize]));
            }
        }
        text
    }
}
