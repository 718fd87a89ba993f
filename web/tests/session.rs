//! The engine as the page meets it, natively: every command, on every scenario.
#![allow(clippy::unwrap_used, reason = "what is not there where it must be fails the test")]

use faultline_core::scenario::{self, Preset};
use faultline_core::sim::{Action, Fate, MessageName, NodeId, Stream, TimerName};
use faultline_core::view::CheckKind;
use faultline_web::engine::{Letter, Session};
use faultline_web::wire::{Command, Frame, Opened, Reproduced, Stop, Timeline, Until, Update};

/// A page that believes all it is told.
#[derive(Default)]
struct Page {
    session: Session,
    opened: Option<Opened>,
    timeline: Option<Timeline>,
    frame: Option<Frame>,
    /// Everything since the last command.
    updates: Vec<Update>,
}

impl Page {
    fn open(link: &str) -> Self {
        let mut page = Self::default();
        page.send(Command::Open { link: link.into(), fresh_seed: 7 });
        assert!(page.opened.is_some(), "{link}: {:?}", page.updates);
        page
    }

    /// Sends a command and waits until nothing is under way.
    fn send(&mut self, command: Command) {
        self.begin(command);
        while self.slice(1_000) {}
    }

    /// Sends a command and returns whether there is more to do.
    fn begin(&mut self, command: Command) -> bool {
        self.updates.clear();
        let mut out = Vec::new();
        let has_more = self.session.command(command, &mut out);
        self.take(out);
        has_more
    }

    fn slice(&mut self, mut looks: u32) -> bool {
        let mut out = Vec::new();
        let budget = || {
            looks = looks.saturating_sub(1);
            looks > 0
        };
        let has_more = self.session.slice(budget, &mut out);
        self.take(out);
        has_more
    }

    fn take(&mut self, updates: Vec<Update>) {
        for update in updates {
            // What the page gets has travelled as bytes.
            let bytes = Letter::Update(update).bytes();
            let Some(Letter::Update(update)) = Letter::from_bytes(&bytes) else {
                panic!("an update does not survive the journey");
            };
            if let Update::Opened(opened) = &update {
                self.opened = Some((**opened).clone());
            }
            if let Update::Timeline(timeline) = &update {
                self.timeline = Some((**timeline).clone());
            }
            if let Update::Frame(frame) = &update {
                self.frame = Some((**frame).clone());
            }
            self.updates.push(update);
        }
    }

    fn frame(&self) -> &Frame {
        self.frame.as_ref().unwrap()
    }

    fn timeline(&self) -> &Timeline {
        self.timeline.as_ref().unwrap()
    }

    fn now_us(&self) -> u64 {
        self.frame().scene.now_us
    }

    fn failure(&self) -> Option<&str> {
        self.updates.iter().find_map(|update| {
            if let Update::Failed(sentence) = update { Some(sentence.as_str()) } else { None }
        })
    }

    fn link(&mut self) -> String {
        self.send(Command::Share);
        match self.updates.as_slice() {
            [Update::Shared { link }] => link.clone(),
            other => panic!("no link but {other:?}"),
        }
    }

    /// Opens the run's own link elsewhere: it must give this very run.
    fn assert_link_gives_this_run(&mut self) {
        let link = self.link();
        let other = Self::open(&link);
        let reproduced = &other.opened.as_ref().unwrap().reproduced;
        assert_eq!(*reproduced, Reproduced::ToTheBit, "{link}");
        assert_eq!(other.now_us(), self.now_us(), "{link}");
        assert_eq!(other.opened.as_ref().unwrap().seed, self.opened.as_ref().unwrap().seed);
    }
}

/// The links of every scenario in both presets.
fn every_link() -> Vec<String> {
    let listed = scenario::all().map(|scenario| scenario.slug);
    let slugs = listed.chain(["test-panics"]);
    let both =
        |slug| Preset::ALL.map(|preset| format!("#/s/{slug}?seed=3&preset={}", preset.key()));
    slugs.flat_map(both).collect()
}

/// Any action, sensible or not; never the commands of the row that fails on request.
fn any_action(page: &Page, stream: &mut Stream) -> Action {
    let frame = page.frame();
    let count = frame.scene.nodes.len() as u64;
    let mut node = || NodeId(u16::try_from(stream.range(0, count)).unwrap());
    let (a, b) = (node(), node());
    let message = frame.scene.messages.get(stream.index(frame.scene.messages.len()));
    let message = message.map_or(MessageName { from: a, to: b, nth: 0 }, |message| message.name);
    let timers = frame.scene.nodes.iter().flat_map(|node| &node.timers);
    let timer = timers.map(|timer| timer.name).next();
    let is_failing = page.opened.as_ref().unwrap().card.slug == "test-panics";
    match stream.range(0, 17) {
        0 | 1 => Action::Crash(a),
        2 | 3 => Action::Restart(a),
        4 => Action::Pause(a),
        5 => Action::Resume(a),
        6 => Action::Partition(vec![a, b]),
        7 => Action::Cut { from: a, to: b },
        8 => Action::Mend { from: a, to: b },
        9 => Action::Heal,
        10 => Action::Lose { percent: 40 },
        11 => Action::Duplicate { percent: 255 },
        12 => Action::StepClock { node: a, by_us: i64::MIN },
        13 => Action::Drift { node: a, drift_ppm: 200_000 },
        14 => Action::DropMessage(message),
        15 => Action::DuplicateMessage(message),
        16 => Action::DelayMessage { message, by_us: 70_000 },
        _ if is_failing => Action::DeliverMessage(message),
        _ => match timer {
            Some(name) if stream.chance(50) => Action::FireTimer(name),
            Some(_) => {
                Action::Command { command: u16::try_from(stream.range(0, 3)).unwrap(), node: a }
            }
            None => Action::FireTimer(TimerName { node: a, label_digest: 1 }),
        },
    }
}

fn any_command(page: &Page, stream: &mut Stream) -> Command {
    let now_us = page.now_us();
    let some_time_us = stream.range(0, 6_000_000);
    let index = u16::try_from(stream.range(0, 9)).unwrap();
    match stream.range(0, 31) {
        0 => Command::Open { link: "#/s/no-such?seed=1".into(), fresh_seed: 1 },
        1 => {
            let knobs = &page.opened.as_ref().unwrap().knobs;
            let value = stream.range(0, 9).to_string();
            let knob = knobs.get(stream.index(knobs.len()));
            Command::Set { key: knob.map_or("nothing".into(), |knob| knob.key.clone()), value }
        }
        2 => {
            let switches = &page.opened.as_ref().unwrap().switches;
            let switch = switches.get(stream.index(switches.len()));
            let value = if stream.chance(50) { "on" } else { "off" }.into();
            Command::Set { key: switch.map_or("nothing".into(), |it| it.key.clone()), value }
        }
        3 => Command::Flip(Preset::ALL[stream.index(2)]),
        4 => Command::Reseed(stream.range(0, u64::MAX)),
        5..=8 => Command::Advance { to_us: now_us + some_time_us / 6, pauses: stream.chance(50) },
        9 | 10 => Command::Step,
        11 | 12 => Command::StepBack,
        13 => Command::NextInteresting,
        14 => Command::PreviousInteresting,
        15 | 16 => Command::Seek { at_us: some_time_us },
        17 => Command::SeekEvent { event: u32::try_from(stream.range(0, 500)).unwrap() },
        18 => Command::RunUntil(match stream.range(0, 3) {
            0 => Until::Violation,
            1 => Until::Check(index),
            2 => Until::Alert,
            _ => Until::Beat,
        }),
        19..=23 => Command::Act(any_action(page, stream)),
        24 => Command::RemoveAction { index: index.into() },
        25 => match stream.range(0, 3) {
            0 => Command::RunScript { script: index },
            1 => Command::ClearActions,
            _ => Command::Cancel,
        },
        26 => Command::Undo,
        27 => Command::Redo,
        28 => Command::GoToBeat { beat: index },
        29 => Command::OpenLane { lane: index / 3 },
        30 => match stream.range(0, 1) {
            0 => Command::Log { events: 20 },
            _ => Command::Why { event: u32::try_from(stream.range(0, 500)).unwrap() },
        },
        _ => {
            let actions = vec![any_action(page, stream), any_action(page, stream)];
            Command::Offer { request: 9, actions }
        }
    }
}

#[test]
fn any_commands_in_any_order_are_answered_and_the_link_gives_the_same_run() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(11, ("commands", stream_number));
        let mut page = Page::open(link);
        for nth in 0..150 {
            let command = any_command(&page, &mut stream);
            page.send(command.clone());
            assert!(!page.updates.is_empty(), "{link}: no answer to {command:?}");
            if nth % 10 == 0 {
                page.assert_link_gives_this_run();
            }
        }
    }
}

#[test]
fn a_page_that_interrupts_at_any_time_leaves_a_sound_run() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(12, ("interruptions", stream_number));
        let mut page = Page::open(link);
        for _ in 0..100 {
            let command = any_command(&page, &mut stream);
            let mut has_more = page.begin(command);
            for _ in 0..stream.range(0, 3) {
                has_more = has_more && page.slice(1);
            }
        }
        page.send(Command::Cancel);
        page.assert_link_gives_this_run();
    }
}

#[test]
fn acting_at_every_boundary_gives_the_run_of_the_link() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(13, ("boundaries", stream_number));
        let mut page = Page::open(link);
        for _ in 0..60 {
            page.send(Command::Step);
            page.assert_link_gives_this_run();
            page.send(Command::Act(any_action(&page, &mut stream)));
            page.assert_link_gives_this_run();
        }
    }
}

#[test]
fn undo_and_redo_give_back_what_was() {
    for link in every_link() {
        let mut page = Page::open(&link);
        page.send(Command::Seek { at_us: 1_000_000 });
        let before = page.frame().digest;
        page.send(Command::Act(Action::Crash(NodeId(0))));
        page.send(Command::Seek { at_us: 2_000_000 });
        let crashed = page.frame().digest;
        let actions = page.timeline().actions.len();
        page.send(Command::Undo);
        assert_eq!(page.timeline().actions.len() + 1, actions, "{link}");
        assert_ne!(page.frame().digest, crashed, "{link}");
        page.send(Command::Seek { at_us: 1_000_000 });
        assert_eq!(page.frame().digest, before, "{link}");
        page.send(Command::Redo);
        page.send(Command::Seek { at_us: 2_000_000 });
        assert_eq!(page.frame().digest, crashed, "{link}");
        page.send(Command::Undo);
        page.send(Command::Undo);
        assert_eq!(page.failure(), Some("There is nothing to undo."), "{link}");
    }
}

#[test]
fn acting_in_the_past_keeps_the_old_future_as_a_lane() {
    for link in every_link() {
        let mut page = Page::open(&link);
        page.send(Command::Seek { at_us: 3_000_000 });
        let end = page.frame().digest;
        page.send(Command::Seek { at_us: 1_000_000 });
        let fork = page.frame().digest;
        page.send(Command::Act(Action::Crash(NodeId(0))));
        assert_eq!(page.timeline().lanes.len(), 1, "{link}");
        assert!(page.timeline().known_us < 1_100_000, "{link}");
        page.send(Command::OpenLane { lane: 0 });
        assert_eq!(page.now_us(), 1_000_000, "{link}");
        assert_eq!(page.frame().digest, fork, "{link}");
        assert!(page.timeline().known_us >= 3_000_000, "{link}: its future is known again");
        assert_eq!(page.timeline().lanes.len(), 1, "{link}: the other future is kept");
        page.send(Command::Seek { at_us: 3_000_000 });
        assert_eq!(page.frame().digest, end, "{link}");
        for _ in 0..20 {
            page.send(Command::StepBack);
            page.send(Command::Act(Action::Heal));
        }
        assert_eq!(page.timeline().lanes.len(), 8, "{link}");
    }
}

#[test]
fn cancelling_takes_no_longer_than_a_slice() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    page.send(Command::Seek { at_us: 500_000 });
    assert!(page.begin(Command::RunUntil(Until::Violation)));
    let before = page.frame().event;
    assert!(page.slice(1));
    page.begin(Command::Cancel);
    assert!(!page.slice(1), "nothing is under way any more");
    let handled = page.frame().event - before;
    assert!((1..=16).contains(&handled), "{handled} events in the shortest slice");
}

#[test]
fn what_is_meant_for_a_place_waits_until_the_run_is_there() {
    let mut page = Page::default();
    assert!(page.begin(Command::Open { link: "#/s/g-counter?seed=1&at=2s".into(), fresh_seed: 1 }));
    assert!(page.begin(Command::Flip(Preset::Hardened)));
    for percent in 1..20 {
        assert!(page.begin(Command::Seek { at_us: 2_000_000 + percent }));
        assert!(page.begin(Command::Set { key: "nodes".into(), value: percent.to_string() }));
    }
    assert!(page.begin(Command::Act(Action::Crash(NodeId(1)))));
    while page.slice(1) {}
    assert_eq!(page.opened.as_ref().unwrap().preset, Some(Preset::Hardened));
    let actions = &page.timeline().actions;
    assert!(actions.iter().any(|it| it.sentence == "Crash N2" && it.at_us >= 2_000_000));
}

#[test]
fn a_detour_needs_no_arrival() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    assert!(page.begin(Command::Seek { at_us: 9_000_000_000 }));
    assert!(page.slice(1));
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(page.now_us(), 1_000_000);
    assert!(page.timeline().known_us < 10_000_000);
}

#[test]
fn long_work_reports_and_questions_do_not_disturb_it() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    assert!(page.begin(Command::RunUntil(Until::Violation)));
    let mut reports = 0;
    for _ in 0..100_000 {
        page.begin(Command::Share);
        let has_more = page.slice(1);
        reports += page.updates.iter().filter(|u| matches!(u, Update::Progress { .. })).count();
        if !has_more {
            break;
        }
    }
    assert!(reports > 0);
    assert!(matches!(page.frame().stop, Some(Stop::NotReached(_))), "{:?}", page.frame().stop);
}

#[test]
fn playing_pauses_once_at_the_first_violation_and_once_at_each_bet() {
    for link in every_link() {
        let mut page = Page::open(&link);
        let horizon_us = page.opened.as_ref().unwrap().horizon_us;
        let (mut violations, mut bets) = (0, Vec::new());
        while page.now_us() < horizon_us {
            page.send(Command::Advance { to_us: horizon_us, pauses: true });
            match page.frame().stop.clone() {
                Some(Stop::Violation(check)) => {
                    let check = &page.frame().checks[usize::from(check)];
                    assert!(check.is_violated(), "{link}: {check:?}");
                    assert!(matches!(check.kind, CheckKind::Invariant | CheckKind::Goal));
                    violations += 1;
                }
                Some(Stop::Bet(beat)) => bets.push(beat),
                Some(stop) => panic!("{link}: {stop:?}"),
                None => assert_eq!(page.now_us(), horizon_us),
            }
        }
        assert!(violations <= 1, "{link}: {violations} pauses");
        assert!(bets.is_sorted_by(|a, b| a < b), "{link}: {bets:?}");
        let naive = page.opened.as_ref().unwrap().preset == Some(Preset::Naive);
        let has_script = !page.opened.as_ref().unwrap().card.scripts.is_empty();
        assert_eq!(violations == 1, naive && has_script, "{link}");
    }
}

#[test]
fn every_step_of_a_lesson_can_be_gone_to_from_either_preset() {
    for link in every_link() {
        let mut page = Page::open(&link);
        let lesson = page.opened.as_ref().unwrap().lesson.clone();
        for (index, beat) in lesson.iter().enumerate().rev() {
            page.send(Command::GoToBeat { beat: u16::try_from(index).unwrap() });
            let at_us = page.frame().beats[index];
            assert_eq!(at_us, Some(page.now_us()), "{link}: {}", beat.title);
            assert_eq!(page.opened.as_ref().unwrap().preset, Some(beat.preset));
        }
    }
}

#[test]
fn interesting_places_are_the_same_both_ways() {
    for link in every_link() {
        let mut page = Page::open(&link);
        let mut forth = vec![(page.frame().event, page.frame().actions)];
        for _ in 0..30 {
            page.send(Command::NextInteresting);
            if page.frame().stop.is_some() {
                page.send(Command::Seek { at_us: 0 });
                page.send(Command::SeekEvent { event: forth.last().unwrap().0 - 1 });
                break;
            }
            forth.push((page.frame().event, page.frame().actions));
        }
        // The start is where the run began to be shown, of note or not.
        for expected in forth.iter().skip(1).rev().skip(1) {
            page.send(Command::PreviousInteresting);
            assert_eq!((page.frame().event, page.frame().actions), *expected, "{link}");
        }
    }
}

#[test]
fn the_diagram_draws_one_arrow_for_each_delivery() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(14, ("diagram", stream_number));
        let mut page = Page::open(link);
        page.send(Command::ClearActions);
        for _ in 0..20 {
            page.send(Command::Act(any_action(&page, &mut stream)));
            let to_us = page.now_us() + 20_000;
            page.send(Command::Advance { to_us, pauses: false });
        }
        // Whatever was frozen thaws, so that all that is due has arrived.
        for node in 0..page.frame().scene.nodes.len() {
            page.send(Command::Act(Action::Resume(NodeId(u16::try_from(node).unwrap()))));
        }
        let now_us = page.now_us();
        page.send(Command::Advance { to_us: now_us, pauses: false });
        page.send(Command::Undo);
        page.send(Command::Redo);
        let timeline = page.timeline();
        assert_eq!(timeline.spacetime.left_out, 0, "{link}");
        let arrived = timeline.spacetime.messages.iter();
        let arrived = arrived.filter(|line| line.4 == Fate::Carried && line.3 <= timeline.known_us);
        let from_outside = timeline.actions.len() as u64;
        let delivered = page.frame().costs.delivered;
        let drawn = arrived.count() as u64;
        assert!(
            drawn <= delivered && drawn + from_outside >= delivered,
            "{link}: {drawn} of {delivered}"
        );
    }
}

#[test]
fn what_is_sent_stays_bounded() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    page.send(Command::Seek { at_us: 600_000_000 });
    let timeline = page.timeline();
    assert_eq!(timeline.spacetime.messages.len(), 1_500);
    assert!(timeline.spacetime.left_out > 1_000);
    assert!(timeline.series.iter().all(|points| points.len() <= 400));
    page.send(Command::Seek { at_us: 100_000_000 });
    let lines = &page.timeline().spacetime.messages;
    let (first, last) = (lines.first().unwrap().1, lines.last().unwrap().1);
    assert!((first..last).contains(&100_000_000), "the stretch follows the cursor");
}

#[test]
fn a_bad_link_or_value_gives_a_sentence_and_leaves_the_run() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    page.send(Command::Seek { at_us: 1_000_000 });
    let digest = page.frame().digest;
    let bad = [
        Command::Open { link: String::new(), fresh_seed: 1 },
        Command::Open { link: "#/s/test-panics?a=!!".into(), fresh_seed: 1 },
        Command::Open { link: "#/s/test-panics?at=99999999999s".into(), fresh_seed: 1 },
        Command::Set { key: "x".into(), value: "y".into() },
        Command::RunScript { script: 9 },
        Command::RemoveAction { index: 9 },
        Command::GoToBeat { beat: 9 },
        Command::OpenLane { lane: 9 },
    ];
    for command in bad {
        page.send(command.clone());
        let sentence = page.failure().unwrap_or_else(|| panic!("{command:?} was taken"));
        assert!(sentence.ends_with('.'), "{sentence}");
    }
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(page.frame().digest, digest);
}

#[test]
fn nothing_can_be_done_before_a_run_is_open() {
    let mut page = Page::default();
    page.send(Command::Step);
    assert_eq!(page.failure(), Some("No run is open yet."));
    assert_eq!(page.session.take_changed_link(), None);
}

#[test]
fn the_link_is_handed_out_once_a_change() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    assert!(page.session.take_changed_link().is_some());
    assert_eq!(page.session.take_changed_link(), None);
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(page.session.take_changed_link(), None);
    page.send(Command::Act(Action::Crash(NodeId(1))));
    let link = page.session.take_changed_link().unwrap();
    let other = Page::open(&link);
    let act =
        |page: &Page| page.timeline().actions.first().map(|act| (act.at_us, act.sentence.clone()));
    assert_eq!(act(&other), act(&page));
    assert_eq!(other.now_us(), page.now_us());
}

#[test]
fn the_last_step_is_told_in_words() {
    for link in every_link() {
        let mut page = Page::open(&link);
        page.send(Command::Seek { at_us: 500_000 });
        page.send(Command::Step);
        let first = page.frame().caption.first().unwrap_or_else(|| panic!("{link}: no caption"));
        assert_eq!(first.event + 1, page.frame().event, "{link}: {first:?}");
        page.send(Command::Act(Action::Crash(NodeId(0))));
        let caption = &page.frame().caption;
        assert!(caption.first().is_some_and(|line| line.text.starts_with("Crash")), "{caption:?}");
    }
}
