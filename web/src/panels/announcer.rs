//! What a screen reader says while the run goes on.

use faultline_core::sim::{TextKind, TextLine};
use yew::prelude::*;

use crate::preferences::Verbosity;
use crate::shared::Shared;
use crate::wire::{Frame, Opened};

/// What is announced.
#[derive(Properties, PartialEq)]
pub(crate) struct AnnouncerProps {
    /// How much is read out.
    pub(crate) verbosity: Verbosity,
    /// Whether the film runs: then only verdicts are read, or nobody could follow.
    pub(crate) plays: bool,
    /// Names the run: what was said of another one is not true of this one.
    pub(crate) run: Option<*const Opened>,
    /// The world at the cursor.
    pub(crate) frame: Option<Shared<Frame>>,
}

/// A live region that nobody sees.
#[component]
pub(crate) fn Announcer(props: &AnnouncerProps) -> Html {
    let is_read = |line: &&TextLine| match props.verbosity {
        Verbosity::Off => false,
        Verbosity::Verdicts => line.kind == TextKind::Verdict,
        Verbosity::All => !props.plays || line.kind == TextKind::Verdict,
    };
    let lines = props.frame.iter().flat_map(|frame| &frame.caption).filter(is_read);
    let lines: Vec<&str> = lines.map(|line| line.text.as_str()).collect();
    let event = props.frame.as_ref().map_or(0, |frame| frame.event);
    // What was said stays until there is more to say, since a film's frames pass faster than speech; or
    // until it is not so: in another run, or before it happened.
    let said = use_mut_ref(|| (None, 0, String::new()));
    let mut said = said.borrow_mut();
    if !lines.is_empty() || said.0 != props.run || event < said.1 {
        *said = (props.run, event, lines.join(". "));
    }
    html! {
        <div class="unseen" role="log" aria-live="polite" aria-label="Announcements">
            { said.2.clone() }
        </div>
    }
}
