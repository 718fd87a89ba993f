//! What is typed in a text that a node keeps becomes actions, made for the text as it is by now.

use faultline_core::run::Run;
use faultline_core::sim::{Action, Edits, InputValue, NodeId, Splice};

use super::begin::Begun;
use super::lab::Lab;
use super::lookout::{LookFor, Lookout};
use super::work::{EVENT_LIMIT, too_long};
use crate::wire::{Stop, Typed, Update};

/// Does to a node's text what was done to it on the page, and goes on until the node has taken that in.
pub(super) fn type_in(lab: &mut Lab, typed: &Typed, out: &mut Vec<Update>) -> Begun {
    lab.note_typed(typed.request);
    let Some(text) = text_of(lab.run(), typed.node) else {
        out.push(Update::Note("That node keeps no text.".into()));
        return Begun::Moved(None);
    };
    let (command, node) = (typed.command, typed.node);
    let action = |edit: &Splice| Action::CommandWith {
        command,
        node,
        value: InputValue::Edit(edit.clone()),
    };
    let edits = Edits::rebased(&typed.seen, &typed.wanted, &text);
    let actions: Vec<Action> = edits.in_turn().map(action).collect();
    if let Some(reason) = actions.iter().find_map(|it| lab.run().simulation().why_not(it)) {
        out.push(Update::Note(format!("This was not typed: {reason}.")));
        return Begun::Moved(None);
    }
    if actions.is_empty() {
        return Begun::Moved(None);
    }
    let lookout = Lookout::new(lab.run(), LookFor::Pauses);
    lab.act(actions, out);
    let stop = end_instant(lab.run_mut(), lookout, EVENT_LIMIT);
    lab.tell_timeline(out);
    Begun::Moved(stop)
}

/// Goes to the end of this instant, but to no more than so many events. Returns what a film would have stopped
/// at there, or that the instant has no end within them.
fn end_instant(run: &mut Run, mut lookout: Lookout, most_events: u32) -> Option<Stop> {
    let now_us = run.now_us();
    let mut first = lookout.look(run).break_value().flatten();
    while run.next_at_us().is_some_and(|next_us| next_us <= now_us) {
        if run.position().events >= most_events {
            return Some(too_long());
        }
        let stop = lookout.play_one(run, now_us).break_value().flatten();
        first = first.or(stop);
    }
    run.seek_time(now_us);
    first
}

/// Returns the text that a node keeps, as a reader sees it.
fn text_of(run: &Run, node: NodeId) -> Option<String> {
    let scene = run.simulation().scene();
    let mut texts = scene.texts();
    texts.find(|(_, keeper)| *keeper == node).map(|(document, _)| document.text())
}

#[cfg(test)]
mod tests {
    use faultline_core::scenario::{Preset, Setup};

    use super::*;

    #[test]
    fn an_instant_is_played_to_its_end_and_never_past_the_limit() {
        let setup = Setup::of("offline-editors", Preset::Hardened, 3).unwrap();
        let mut run = Run::new(setup, Vec::new());
        while run.next_at_us() != Some(run.now_us()) || run.position().events == 0 {
            run.step();
        }
        let (now_us, limit) = (run.now_us(), run.position().events);
        let lookout = |run: &Run| Lookout::new(run, LookFor::Nothing);
        let watched = lookout(&run);
        assert_eq!(end_instant(&mut run, watched, limit), Some(too_long()));
        assert_eq!((run.now_us(), run.position().events), (now_us, limit));
        let watched = lookout(&run);
        assert_eq!(end_instant(&mut run, watched, EVENT_LIMIT), None);
        assert!(run.position().events > limit && run.next_at_us() != Some(now_us));
        // What is over needs no more events.
        let (watched, limit) = (lookout(&run), run.position().events);
        assert_eq!(end_instant(&mut run, watched, limit), None);
    }
}
