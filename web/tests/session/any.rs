//! Commands and actions at random, sensible or not.

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, MessageName, NodeId, Step, Stream, TimerName};
use faultline_web::wire::{
    ActionView, Bound, Command, Kept, Measure, Side, Since, Typed, Until, Without,
};

use crate::page::Page;

/// Any action, sensible or not; never the commands of the row that fails on request.
pub(crate) fn any_action(page: &Page, stream: &mut Stream) -> Action {
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
            None => Action::FireTimer(TimerName { node: a, digest: 1 }),
        },
    }
}

#[expect(clippy::too_many_lines, reason = "an arm a command")]
pub(crate) fn any_command(page: &Page, stream: &mut Stream) -> Command {
    let now_us = page.now_us();
    let some_time_us = stream.range(0, 6_000_000);
    let index = u16::try_from(stream.range(0, 9)).unwrap();
    let event = u32::try_from(stream.range(0, 500)).unwrap();
    match stream.range(0, 44) {
        0 => Command::Open {
            request: 1,
            link: "#/s/no-such?seed=1".into(),
            default_seed: 1,
            kept: Kept::default(),
        },
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
        18 => Command::RunUntil { until: any_until(index, stream), again: stream.chance(50) },
        19..=23 => Command::Act(vec![any_action(page, stream)]),
        24 => Command::RemoveAction(page.action(index.into())),
        25 => match stream.range(0, 3) {
            0 => Command::RunScript { script: index, at_us: 0 },
            1 => Command::ClearActions,
            _ => Command::Cancel,
        },
        26 => Command::Undo,
        27 => Command::Redo,
        28 => Command::GoToBeat { beat: index },
        29 => Command::OpenLane { lane: page.lane(usize::from(index / 3)) },
        38 => Command::Trace { events: event * 10 },
        39 => Command::Tell { event },
        40 => Command::LookInto { node: NodeId(index) },
        41 => {
            let place = stream.chance(50).then_some((event, index.into()));
            let since = Since { at_us: some_time_us, place };
            Command::Changes { since: stream.chance(70).then_some(since) }
        }
        42 => Command::Without(match stream.range(0, 1) {
            0 => Without::Event(event),
            _ => Without::Action(page.action(index.into())),
        }),
        37 => Command::Find {
            query: ["a", "x then y within 3", "then", ""][usize::from(index % 4)].into(),
        },
        30 => match stream.range(0, 3) {
            3 => Command::Show(Side::BOTH[stream.index(2)]),
            0 => Command::Log { events: 20 },
            1 => Command::Watch(stream.chance(70).then_some(NodeId(index))),
            _ => Command::Why { step: Step::Event(u32::try_from(stream.range(0, 500)).unwrap()) },
        },
        31 | 32 => {
            let at_us = stream.range(0, 6_000_000);
            let was = page.action(index.into());
            Command::EditAction { was, at_us, action: any_action(page, stream) }
        }
        33 => Command::AddAction { at_us: some_time_us, action: any_action(page, stream) },
        34 => match stream.range(0, 2) {
            0 => Command::RenameLane {
                lane: page.lane(usize::from(index / 3)),
                name: "x".repeat(usize::from(index) * 40),
            },
            1 => Command::RemoveLane { lane: page.lane(usize::from(index / 3)) },
            _ => {
                let muted = page.timeline().muted.first().map(ActionView::timed);
                match muted {
                    Some(muted) => Command::Unmute { muted, is_back: stream.chance(50) },
                    None => Command::MuteAction(page.action(index.into())),
                }
            }
        },
        35 => {
            let quantity = || page.frame().figures.observed.first().map(|it| it.0.clone());
            let measure = match index % 3 {
                0 => Measure::Took,
                1 => Measure::Hops,
                _ => Measure::Observed(quantity().unwrap_or_default()),
            };
            let from = stream.range(0, 9_000);
            Command::ListOperations { measure, from, to: from + stream.range(0, 90_000) }
        }
        43 => {
            let (seen, wanted) = ("x".repeat(index.into()), "a\u{301}🦀".into());
            Command::Type(Typed {
                request: event,
                command: index,
                node: NodeId(index),
                seen,
                wanted,
            })
        }
        36 => Command::History { judge: stream.chance(50) },
        _ => {
            let actions = vec![any_action(page, stream), any_action(page, stream)];
            Command::Offer { request: 9, actions }
        }
    }
}

fn any_until(index: u16, stream: &mut Stream) -> Until {
    match stream.range(0, 5) {
        0 => Until::Violation,
        1 => Until::Check(index),
        2 => Until::Alert,
        3 => Until::Metric {
            metric: index / 3,
            bound: if stream.chance(50) { Bound::AtLeast } else { Bound::AtMost },
            value: i64::from(index) - 2,
        },
        4 => Until::Words { words: index.to_string(), kind: None },
        _ => Until::Beat,
    }
}
