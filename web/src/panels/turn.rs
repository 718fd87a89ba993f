//! Panels in turn: where another run is opened, everything on the page changes at once, and to draw all
//! of that takes longer than a frame of the screen lasts. The stage is drawn at once, and each panel a
//! frame after the one before it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};
use yew::prelude::*;

use crate::pages::lab::LabState;
use crate::shared::Shared;
use crate::wire::Opened;

/// What a panel keeps between two drawings.
#[derive(Default)]
struct Turn {
    /// What it shows.
    shown: Option<Shared<LabState>>,
    /// The run that it may show by now.
    due: Option<*const Opened>,
    /// The frame for which it waits.
    waits: Option<AnimationFrame>,
}

/// Returns the state that a panel shows: the latest, but where another run was opened the one before it
/// for so many frames.
#[hook]
pub(crate) fn use_in_turn(lab: &Shared<LabState>, frames: u32) -> Shared<LabState> {
    let turn: Rc<RefCell<Turn>> = use_mut_ref(Turn::default);
    let redraw = use_force_update();
    let run = address(lab);
    let mut kept = turn.borrow_mut();
    let shown = kept.shown.clone().filter(|shown| {
        let is_other = address(shown).is_some() && address(shown) != run;
        is_other && kept.due != run
    });
    if let Some(shown) = shown {
        if kept.waits.is_none() {
            drop(kept);
            wait(&turn, frames, run, redraw);
        }
        return shown;
    }
    kept.shown = Some(lab.clone());
    lab.clone()
}

fn address(lab: &LabState) -> Option<*const Opened> {
    lab.opened.as_ref().map(Shared::address)
}

/// Lets so many frames of the screen pass, then has the panel drawn. The frame that is waited for goes
/// with the panel.
fn wait(
    turn: &Rc<RefCell<Turn>>,
    frames: u32,
    run: Option<*const Opened>,
    redraw: UseForceUpdateHandle,
) {
    let later = Rc::downgrade(turn);
    let frame = request_animation_frame(move |_| {
        let Some(turn) = later.upgrade() else { return };
        if frames > 1 {
            return wait(&turn, frames - 1, run, redraw);
        }
        {
            let mut turn = turn.borrow_mut();
            (turn.due, turn.waits) = (run, None);
        }
        redraw.force_update();
    });
    turn.borrow_mut().waits = Some(frame);
}
