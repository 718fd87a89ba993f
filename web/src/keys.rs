//! The keyboard: which key asks for what. Known by everybody who has used a player, or shown by `?`.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::stage::Zoom;

/// What a key asks for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// Play or pause.
    TogglePlay,
    /// One event back.
    StepBack,
    /// One event on.
    Step,
    /// Back to the last interesting event.
    PreviousInteresting,
    /// On to the next interesting event.
    NextInteresting,
    /// To the start.
    ToStart,
    /// To the end of what is known.
    ToEnd,
    /// Play slower.
    Slower,
    /// Play faster.
    Faster,
    /// Select the node with this index.
    SelectNode(u16),
    /// Crash the selected node.
    Crash,
    /// Restart the selected node.
    Restart,
    /// Fire the selected node's next timer.
    FireTimer,
    /// Draw a line across the stage to partition it.
    DrawLine,
    /// Cut the selected link one way.
    CutOneWay,
    /// Hold the selected link both ways, or release it.
    Hold,
    /// Slow the selected node down, or let it run.
    Slow,
    /// Heal the network.
    Heal,
    /// Drop the selected message.
    DropMessage,
    /// Deliver the selected message twice.
    DuplicateMessage,
    /// Open the scenario's commands, or repeat the last one.
    Ask,
    /// Choose what to run until.
    RunUntil,
    /// Explain the signs on the stage.
    Legend,
    /// Look at the stage from closer, from further away, or at all of it.
    Zoom(Zoom),
    /// See only what the selected node knows, or all again.
    Watch,
    /// Run the scenario's first script.
    RunScript,
    /// Put the other design beside this one, or end that.
    Compare,
    /// On to the next difference of two runs.
    NextDifference,
    /// Back to the difference before.
    PreviousDifference,
    /// Search the log.
    Search,
    /// Go to the next hit, or back to the one before.
    GoToHit(bool),
    /// Show only what has changed, or everything.
    ChangesOnly,
    /// Search for a run that breaks a promise.
    BreakIt,
    /// Show these keys.
    Help,
    /// Undo the last change.
    Undo,
    /// Do it again.
    Redo,
    /// Leave what is open.
    Leave,
}

/// The keys as the help dialog lists them.
pub const HELP: &[(&str, &str)] = &[
    ("S", "Do what the big button says: run the script from the start"),
    ("Space", "Play on from here, or pause"),
    ("← →", "One event back, one on"),
    ("Shift ← →", "To the previous or next interesting event"),
    ("Home End", "To the start, to the end of what is known"),
    ("[ ]", "Slower, faster"),
    ("G", "Run until …"),
    ("1 – 9", "Select a node"),
    ("K", "Crash the selected node"),
    ("R", "Restart the selected node"),
    ("T", "Fire the selected node's next timer"),
    ("P", "Draw a line that splits the network"),
    ("O", "Cut the selected link one way"),
    ("W", "Hold the selected link, or release it"),
    ("E", "Slow the selected node down, or let it run"),
    ("H", "Heal the network"),
    ("D", "Drop the selected message"),
    ("U", "Deliver the selected message twice"),
    ("C", "Open the scenario's commands; then repeat the last one"),
    ("B", "Break it: search for a run that breaks a promise"),
    ("L", "Explain the signs on the stage"),
    ("V", "Compare naive and hardened side by side, or end that"),
    ("N", "Compared: to the next difference; with Shift, to the one before"),
    ("+ − 0", "Zoom in, zoom out, show all of the stage"),
    ("Y", "See only what the selected node knows, or all again"),
    ("Alt ← ↑ → ↓", "Move the focused node; with Shift, by less"),
    ("/", "Search the log"),
    ("F3", "To the next hit; with Shift, back to the one before"),
    ("X", "Only what has changed, or everything"),
    ("Ctrl Z", "Undo the last change; with Shift, do it again"),
    ("Menu", "What can be done to the focused thing"),
    ("Esc", "Leave what is open"),
    ("?", "Show these keys"),
];

/// Reads a key. Letters, digits and signs count only if `letter_keys` is set.
pub fn shortcut(key: &str, ctrl: bool, shift: bool, letter_keys: bool) -> Option<Shortcut> {
    if ctrl {
        return match key {
            "z" => Some(Shortcut::Undo),
            "Z" | "y" => Some(Shortcut::Redo),
            _ => None,
        };
    }
    match key {
        " " => Some(Shortcut::TogglePlay),
        "ArrowLeft" if shift => Some(Shortcut::PreviousInteresting),
        "ArrowRight" if shift => Some(Shortcut::NextInteresting),
        "ArrowLeft" => Some(Shortcut::StepBack),
        "ArrowRight" => Some(Shortcut::Step),
        "Home" => Some(Shortcut::ToStart),
        "End" => Some(Shortcut::ToEnd),
        "Escape" => Some(Shortcut::Leave),
        "F3" => Some(Shortcut::GoToHit(!shift)),
        "n" | "N" if letter_keys && shift => Some(Shortcut::PreviousDifference),
        _ if letter_keys => letter(key),
        _ => None,
    }
}

fn letter(key: &str) -> Option<Shortcut> {
    Some(match key {
        "[" => Shortcut::Slower,
        "]" => Shortcut::Faster,
        "k" | "K" => Shortcut::Crash,
        "r" | "R" => Shortcut::Restart,
        "t" | "T" => Shortcut::FireTimer,
        "p" | "P" => Shortcut::DrawLine,
        "o" | "O" => Shortcut::CutOneWay,
        "w" | "W" => Shortcut::Hold,
        "e" | "E" => Shortcut::Slow,
        "h" | "H" => Shortcut::Heal,
        "d" | "D" => Shortcut::DropMessage,
        "u" | "U" => Shortcut::DuplicateMessage,
        "c" | "C" => Shortcut::Ask,
        "g" | "G" => Shortcut::RunUntil,
        "b" | "B" => Shortcut::BreakIt,
        "l" | "L" => Shortcut::Legend,
        "+" | "=" => Shortcut::Zoom(Zoom::In),
        "-" | "_" | "−" => Shortcut::Zoom(Zoom::Out),
        "0" => Shortcut::Zoom(Zoom::Fit),
        "y" | "Y" => Shortcut::Watch,
        "s" | "S" => Shortcut::RunScript,
        "x" | "X" => Shortcut::ChangesOnly,
        "v" | "V" => Shortcut::Compare,
        "n" | "N" => Shortcut::NextDifference,
        "/" => Shortcut::Search,
        "?" => Shortcut::Help,
        _ => {
            let digit = key.parse::<u16>().ok().filter(|digit| (1..=9).contains(digit))?;
            Shortcut::SelectNode(digit - 1)
        }
    })
}

/// Reads a key press, unless it is meant for the control that has the focus.
pub fn shortcut_of(event: &KeyboardEvent, letter_keys: bool) -> Option<Shortcut> {
    if event.default_prevented() || event.alt_key() || event.is_composing() {
        return None;
    }
    let ctrl = event.ctrl_key() || event.meta_key();
    let shortcut = shortcut(&event.key(), ctrl, event.shift_key(), letter_keys)?;
    let focused = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_within = |selector: &str| {
        focused.as_ref().is_some_and(|element| element.closest(selector).ok().flatten().is_some())
    };
    // Typing and controls with keys of their own come first, and so does a dialog.
    if is_within("textarea,select,input:not([type=radio]):not([type=checkbox]),dialog") {
        return None;
    }
    let moves = matches!(
        shortcut,
        Shortcut::Step
            | Shortcut::StepBack
            | Shortcut::NextInteresting
            | Shortcut::PreviousInteresting
            | Shortcut::ToStart
            | Shortcut::ToEnd
    );
    let is_taken = (shortcut == Shortcut::TogglePlay
        && is_within("button,a,summary,input,[role=button],[role=slider]"))
        || (moves && is_within("input,[role=slider],[role=tablist],[role=menu],.st-key"));
    (!is_taken).then_some(shortcut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_and_space_work_without_letter_keys() {
        assert_eq!(shortcut(" ", false, false, false), Some(Shortcut::TogglePlay));
        assert_eq!(shortcut("ArrowRight", false, true, false), Some(Shortcut::NextInteresting));
        assert_eq!(shortcut("k", false, false, false), None);
        assert_eq!(shortcut("k", false, false, true), Some(Shortcut::Crash));
    }

    #[test]
    fn digits_select_nodes_from_the_first() {
        assert_eq!(shortcut("1", false, false, true), Some(Shortcut::SelectNode(0)));
        assert_eq!(shortcut("9", false, false, true), Some(Shortcut::SelectNode(8)));
        assert_eq!(shortcut("0", false, false, true), Some(Shortcut::Zoom(Zoom::Fit)));
        assert_eq!(shortcut("12", false, false, true), None);
    }

    #[test]
    fn the_browsers_own_keys_are_left_alone() {
        assert_eq!(shortcut("r", true, false, true), None);
        assert_eq!(shortcut("z", true, false, true), Some(Shortcut::Undo));
        assert_eq!(shortcut("Z", true, true, true), Some(Shortcut::Redo));
    }
}
