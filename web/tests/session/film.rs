//! Watching changes nothing: at any speed, frame rate and with any pauses, the run is the same.

use std::collections::BTreeMap;

use faultline_core::link;
use faultline_core::run::{Position, Run};
use faultline_core::scenario::{self, Preset, Setup};
use faultline_core::sim::Stream;
use faultline_web::player::{Player, SPEEDS, rate_us};
use faultline_web::wire::{Command, Stop, Update};

use crate::page::Page;

/// What a viewer sees of a run: the digest after each number of events and actions.
type Seen = BTreeMap<(u32, u32), u64>;

/// How a viewer watches.
struct Viewing {
    speed: usize,
    frame_ms: f64,
    /// In a hundred frames, so many are followed by a pause, and so many take long.
    pauses: u8,
    stalls: u8,
}

/// Plays a run to its horizon as the page does it.
fn watch(link: &str, viewing: &Viewing, stream: &mut Stream) -> (Seen, u64) {
    let mut page = Page::open(link);
    let horizon_us = page.opened.as_ref().unwrap().horizon_us;
    let rate = rate_us(horizon_us, viewing.speed);
    let mut player = Player::default();
    let mut seen = Seen::new();
    let mut plays = true;
    while page.now_us() < horizon_us {
        let is_late = stream.chance(viewing.stalls);
        let elapsed_ms = if is_late { 900.0 } else { viewing.frame_ms };
        let (_, command) = player.tick(elapsed_ms, rate);
        if !plays {
            player.expect_frame();
            page.send(Command::Step);
        } else if let Some(command) = command {
            // What lies beyond the end is another run's business.
            page.send(if let Command::Advance { to_us, pauses } = command {
                Command::Advance { to_us: to_us.min(horizon_us), pauses }
            } else {
                command
            });
        } else {
            continue;
        }
        let frames = page.updates.clone();
        for update in frames {
            if let Update::Frame(frame) = update {
                let stops = matches!(frame.stop, Some(Stop::Violation(_) | Stop::Beat(_)));
                seen.insert((frame.event, frame.actions), frame.digest);
                // A viewer goes on by pressing play once more.
                assert_eq!(player.hear(frame.scene.now_us, frame.next_at_us, !stops), None);
            }
        }
        plays = !stream.chance(viewing.pauses);
    }
    page.send(Command::Seek { at_us: horizon_us });
    (seen, page.frame().digest)
}

/// The run as it is, event by event.
fn truth(link: &str) -> (Seen, u64) {
    let setup = link::parse(link, 7).unwrap().setup;
    let horizon_us = setup.scenario().horizon_us;
    let script = setup.scenario().script(&setup, 0);
    let mut run = Run::new(setup, script);
    let mut seen = Seen::new();
    loop {
        let Position { events, actions } = run.position();
        seen.insert((events, actions), run.simulation().digest());
        if run.next_at_us().is_none_or(|next_us| next_us > horizon_us) {
            run.seek_time(horizon_us);
            return (seen, run.simulation().digest());
        }
        run.step();
    }
}

#[test]
fn speed_frame_rate_and_pauses_change_nothing() {
    let slowest = SPEEDS.len() / 3;
    let viewings = [
        Viewing { speed: SPEEDS.len() - 1, frame_ms: 16.7, pauses: 0, stalls: 0 },
        Viewing { speed: SPEEDS.len() - 3, frame_ms: 4.2, pauses: 3, stalls: 5 },
        Viewing { speed: slowest + 3, frame_ms: 33.3, pauses: 1, stalls: 1 },
        Viewing { speed: slowest, frame_ms: 71.0, pauses: 1, stalls: 10 },
    ];
    for link in ["#/s/single-leader?seed=5", "#/s/g-counter?seed=5&preset=hardened"] {
        let (truth, end) = truth(link);
        assert!(truth.len() > 500, "{link}: {} places", truth.len());
        let mut stream = Stream::new(21, link);
        for viewing in &viewings {
            let (seen, last) = watch(link, viewing, &mut stream);
            let speed = SPEEDS[viewing.speed];
            assert!(seen.len() > 20, "{link} at {speed}×: {} frames", seen.len());
            for (place, digest) in seen {
                // What was seen beyond the horizon is not in the list.
                if let Some(true_digest) = truth.get(&place) {
                    assert_eq!(digest, *true_digest, "{link} at {speed}× after {place:?}");
                }
            }
            assert_eq!(last, end, "{link} at {speed}×");
        }
    }
}

/// A script on top of the lesson's is opened with what it needs, shortly before it does something.
#[test]
fn another_script_begins_shortly_before_its_own_first_action() {
    for row in scenario::all() {
        let mut page = Page::open(&format!("#/s/{}?seed=7&preset=hardened", row.slug));
        assert_eq!(page.timeline().script, Some(0));
        for (script, place) in row.scripts.iter().zip(0..).skip(1) {
            page.send(Command::RunScript { script: place, at_us: 0 });
            assert_eq!(page.timeline().other_script(), Some(place), "{}", script.label);
            let setup = Setup::new(row, Preset::Hardened, 7).for_script(usize::from(place));
            let first_us = (script.actions)(&setup).iter().map(|it| it.at_us).min().unwrap();
            let now_us = page.now_us();
            let is_short = now_us + 300_000 >= first_us || !script.settings.is_empty();
            assert!(now_us <= first_us && is_short, "{}", script.label);
        }
    }
}
