//! What stands around the stage. Each panel gets what it shows and says what the viewer wants.

pub(crate) mod announcer;
pub(crate) mod banner;
pub(crate) mod card;
pub(crate) mod dialog;
pub(crate) mod faults;
pub(crate) mod glyph;
pub(crate) mod help;
pub(crate) mod inspect;
pub(crate) mod knobs;
pub(crate) mod lesson;
mod lesson_end;
pub(crate) mod log;
pub(crate) mod menu;
pub(crate) mod popover;
pub(crate) mod properties;
pub(crate) mod scroll;
pub(crate) mod share;
pub(crate) mod side;
pub(crate) mod source;
pub(crate) mod splitter;
pub(crate) mod stage_head;
pub(crate) mod state_panel;
pub(crate) mod strip;
pub(crate) mod tabs;
pub(crate) mod timeline;
pub(crate) mod top_bar;
pub(crate) mod transport;
