//! Commands and what they take: total, in words, in links, and without a trace in runs that have none.

use faultline_core::check::draw_schedule;
use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::{Action, Input, InputValue, NodeId, Splice, TimedAction};
use faultline_tests::all;
use proptest::prelude::*;

/// Commands of the row that takes every kind of input.
const SAY: u16 = 2;
const COUNT: u16 = 3;
const PAINT: u16 = 4;
const LAND: u16 = 5;
const WRITE: u16 = 6;

fn test_setup() -> Setup {
    Setup::of("test-panics", Preset::Naive, 1).expect("it can be opened")
}

fn given(command: u16, value: InputValue) -> Action {
    Action::CommandWith { command, node: NodeId(0), value }
}

/// Gives one value to the first node and returns what it shows, whether that changed anything, and
/// the action in words.
fn heard(action: Action) -> (String, bool, String) {
    let mut run = Run::new(test_setup(), Vec::new());
    run.seek_time(100_000);
    let timed = run.act(action);
    run.seek_time(101_000);
    let simulation = run.simulation();
    let sentence = timed.action.sentence(simulation.names(), &simulation.command_labels());
    let shown = format!("{:?}", simulation.scene().nodes[0].view.widgets[1]);
    (shown, simulation.bites(0) > 0, sentence)
}

#[test]
fn what_is_given_is_heard_and_said() {
    let cases = [
        (
            given(SAY, InputValue::Text("grüß dich".into())),
            "grüß dich",
            "Say aloud “grüß dich” at A",
        ),
        (given(COUNT, InputValue::Number(-9)), "-9", "Count to -9 sheep at A"),
        (given(PAINT, InputValue::Choice(2)), "choice 2", "Paint it “blue” at A"),
        (
            given(LAND, InputValue::Point { x: 0, y: 1_000 }),
            "place 0, 1000",
            "Land at (0, 1000) at A",
        ),
        (
            given(WRITE, InputValue::Edit(Splice { at: 2, deleted: 4, inserted: "🦀".into() })),
            "a 🦀",
            "Write behind letter 2, delete 4, insert “🦀” at A",
        ),
        (Action::Command { command: COUNT, node: NodeId(0) }, "\"3\"", "Count at A"),
    ];
    for (action, shown, said) in cases {
        let (widget, bit, sentence) = heard(action);
        assert!(bit && widget.contains(shown), "{widget} does not show {shown}");
        assert_eq!(sentence, said);
    }
}

#[test]
fn what_does_not_fit_does_nothing_and_has_a_reason() {
    let misfits = [
        given(SAY, InputValue::Text("x".repeat(25))),
        given(SAY, InputValue::Number(1)),
        given(COUNT, InputValue::Number(100)),
        given(PAINT, InputValue::Choice(3)),
        given(LAND, InputValue::Point { x: 1_001, y: 0 }),
        given(WRITE, InputValue::Edit(Splice::insertion(&"x".repeat(25)))),
        given(WRITE, InputValue::Edit(Splice::default())),
        given(0, InputValue::Number(1)),
        given(99, InputValue::Nothing),
        Action::CommandWith { command: LAND, node: NodeId(1), value: InputValue::Nothing },
        Action::CommandWith { command: SAY, node: NodeId(9), value: InputValue::Nothing },
    ];
    for action in misfits {
        let run = Run::new(test_setup(), Vec::new());
        let reason = run.simulation().why_not(&action);
        assert!(reason.is_some(), "{action:?}");
        let (_, bit, sentence) = heard(action);
        assert!(!bit && sentence.ends_with(|c: char| c.is_alphanumeric()), "{sentence}");
    }
}

#[test]
fn a_command_without_a_value_takes_the_usual_one() {
    for row in all() {
        let setup = Setup::new(row, Preset::Hardened, 1);
        let simulation = setup.build();
        for (label, (view, command)) in
            simulation.command_labels().iter().zip(simulation.commands().iter().zip(0_u16..))
        {
            assert_eq!(label.input.why_not(&label.input.usual()), None, "{}", view.label);
            let node = view.nodes[0];
            let value = label.input.usual();
            let shown = |action| {
                let mut run = Run::new(setup.clone(), Vec::new());
                run.seek_time(500_000);
                run.act(action);
                run.seek_time(2_000_000);
                format!("{:?}", run.simulation().scene())
            };
            let with = shown(Action::CommandWith { command, node, value });
            assert_eq!(shown(Action::Command { command, node }), with, "{}", view.label);
        }
    }
}

/// Old links say what they always said: the bytes of a command without a value.
#[test]
fn a_command_without_a_value_is_written_as_ever() {
    let setup = Setup::of("g-counter", Preset::Naive, 1).expect("it is listed");
    let at = |at_us, action| TimedAction { at_us, action };
    let old = [at(500_000, Action::Command { command: 1, node: NodeId(3) })];
    let text = link::format(&setup, &old, None, None);
    assert!(text.contains("&a=AfQDEQED&"), "{text}");
    let new = [at(500_000, given(1, InputValue::Number(5)))];
    let text = link::format(&setup, &new, None, None);
    assert_eq!(link::parse(&text, 0).expect("it is a link").actions.as_deref(), Some(&new[..]));
}

#[test]
fn drawn_schedules_give_what_fits() {
    for row in all() {
        let (mut asks, mut given) = (false, 0);
        for number in 0..60 {
            let setup = Setup::new(row, Preset::Hardened, number);
            let labels = setup.build().command_labels();
            asks |= labels.iter().any(|it| it.input != Input::Nothing);
            for timed in draw_schedule(&setup, number) {
                let Action::CommandWith { command, value, .. } = timed.action else { continue };
                let input = labels[usize::from(command)].input;
                assert_ne!(input, Input::Nothing, "{}", row.slug);
                assert_eq!(input.why_not(&value), None, "{}", row.slug);
                given += 1;
            }
        }
        assert_eq!(asks, given > 0, "{}: {given} commands were given anything", row.slug);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_a_link(text in "\\PC{0,24}|[\\x00-\\x{ffff}]{0,10}", number: i64, x: u16, at: u32) {
        let values = [
            InputValue::Edit(Splice { at, deleted: at, inserted: text.clone() }),
            InputValue::Text(text),
            InputValue::Number(number),
            InputValue::Choice(x),
            InputValue::Point { x, y: x },
            InputValue::Nothing,
        ];
        for value in values {
            let actions = [TimedAction { at_us: 1_000_000, action: given(SAY, value) }];
            let text = link::format(&test_setup(), &actions, None, None);
            prop_assert!(text.is_ascii());
            let opened = link::parse(&text, 0).expect("it is a link");
            prop_assert_eq!(opened.actions.as_deref(), Some(&actions[..]));
        }
    }
}
