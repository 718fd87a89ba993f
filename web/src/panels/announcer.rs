//! What a screen reader says while the run goes on.

use faultline_core::sim::{TextKind, TextLine};
use yew::prelude::*;

use crate::preferences::Verbosity;
use crate::shared::Shared;
use crate::wire::Frame;

/// What is announced.
#[derive(Properties, PartialEq)]
pub(crate) struct AnnouncerProps {
    /// How much is read out.
    pub(crate) verbosity: Verbosity,
    /// Whether the film runs: then only verdicts are read, or nobody could follow.
    pub(crate) plays: bool,
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
    // What was said stays until there is more to say: a film's frames pass faster than speech.
    let text = use_mut_ref(String::new);
    if !lines.is_empty() {
        text.replace(lines.join(". "));
    }
    html! {
        <div class="unseen" role="log" aria-live="polite" aria-label="Announcements">
            { text.borrow().clone() }
        </div>
    }
}
