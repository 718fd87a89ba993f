//! The small drawings on buttons. Each stands beside a label that a screen reader hears instead.

use yew::prelude::*;

/// A drawing of 16 by 16.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// A bar and a triangle to the left.
    ToStart,
    /// A chevron to the left.
    StepBack,
    /// A triangle to the right.
    Play,
    /// Two bars.
    Pause,
    /// A chevron to the right.
    Step,
    /// A triangle to the right and a bar.
    NextInteresting,
    /// A triangle to the right and a flag.
    RunUntil,
    /// A pencil.
    Rename,
    /// A magnifying glass.
    Zoom,
    /// A cross.
    Close,
    /// A chevron to the left with a wall.
    Collapse,
    /// A chevron to the right with a wall.
    Expand,
    /// An arrow that turns back.
    Undo,
    /// An arrow that turns forth.
    Redo,
    /// A half-filled circle.
    Theme,
}

/// Draws a glyph.
pub(crate) fn glyph(glyph: Glyph) -> Html {
    let (filled, path) = match glyph {
        Glyph::ToStart => (true, "M2 2h2v12H2zM14 2v12L5 8z"),
        Glyph::Play => (true, "M3 1.5v13L14 8z"),
        Glyph::Pause => (true, "M3 2h3.5v12H3zM9.5 2H13v12H9.5z"),
        Glyph::NextInteresting => (true, "M12 2h2v12h-2zM2 2v12l9-6z"),
        Glyph::StepBack => (false, "M10.5 3 5 8l5.5 5"),
        Glyph::Step => (false, "M5.5 3 11 8l-5.5 5"),
        Glyph::RunUntil => (false, "M2 8h7M6 4.5 9.5 8 6 11.5M12.5 2v12"),
        Glyph::Rename => (false, "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7"),
        Glyph::Zoom => (false, "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14"),
        Glyph::Close => (false, "M3.5 3.5l9 9m0-9l-9 9"),
        Glyph::Collapse => (false, "M3 2.5v11M13 3.5 8 8l5 4.5"),
        Glyph::Expand => (false, "M13 2.5v11M3 3.5 8 8l-5 4.5"),
        Glyph::Undo => (false, "M6.5 3 3 6.5 6.5 10M3.5 6.5h6a3.5 3.5 0 0 1 0 7H7"),
        Glyph::Redo => (false, "M9.5 3 13 6.5 9.5 10M12.5 6.5h-6a3.5 3.5 0 0 0 0 7H9"),
        Glyph::Theme => (false, "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4v8a4 4 0 0 0 0-8z"),
    };
    let (fill, stroke) = if filled { ("currentColor", "none") } else { ("none", "currentColor") };
    html! {
        <svg class="glyph" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"
            {fill} {stroke} stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d={path} />
        </svg>
    }
}
