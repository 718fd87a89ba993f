//! What is typed in a text that a node keeps becomes actions, made for the text as it is by now.

use faultline_core::run::{Run, Target};
use faultline_core::sim::{Action, InputValue, NodeId, Splice};

use super::begin::Begun;
use super::lab::Lab;
use super::work::Aim;
use crate::wire::{Typed, Update};

/// Does to a node's text what was done to it on the page, and goes on until the node has taken that in.
pub(super) fn type_in(lab: &mut Lab, typed: &Typed, out: &mut Vec<Update>) -> Begun {
    lab.note_typed(typed.request);
    let Some(text) = text_of(lab.run(), typed.node) else {
        out.push(Update::Note("That node keeps no text.".into()));
        return Begun::Moved(None);
    };
    let meant = Splice::between(&typed.seen, &typed.wanted);
    let (first, rest) = meant.over(&Splice::between(&typed.seen, &text));
    let edits = [Some(first), rest].into_iter().flatten().filter(|edit| !edit.is_empty());
    let mut has_acted = false;
    for edit in edits {
        let (command, node) = (typed.command, typed.node);
        let action = Action::CommandWith { command, node, value: InputValue::Edit(edit) };
        if let Some(reason) = lab.run().simulation().why_not(&action) {
            out.push(Update::Note(format!("This was not typed: {reason}.")));
            break;
        }
        lab.act(action, out);
        has_acted = true;
    }
    if !has_acted {
        return Begun::Moved(None);
    }
    lab.tell_timeline(out);
    let aim = Aim::Go(Target::Time(lab.run().now_us()));
    Begun::Aimed { aim, then: None, is_new: false }
}

/// Returns the text that a node keeps, as a reader sees it.
fn text_of(run: &Run, node: NodeId) -> Option<String> {
    let scene = run.simulation().scene();
    let mut texts = scene.texts();
    texts.find(|(_, keeper)| *keeper == node).map(|(document, _)| document.text())
}
