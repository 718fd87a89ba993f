//! The only thing the page and the engine worker say to each other, as postcard bytes.
//!
//! The page sends [`Command`]s, the engine answers with [`Update`]s. Every command that can take
//! long is done in slices and reported as it goes; every failure is one sentence. The engine owns
//! the run; the page holds the last [`Frame`] and interpolates between `sent_at_us` and `due_at_us`.

mod command;
mod compare;
mod disk;
mod figures;
mod hunt;
mod opened;
mod timeline;
mod trace;
mod update;

pub use command::{Bound, Command, Typed, Until};
pub use compare::{Against, Compared, FirstDifference, Outcome, Schedule, Side};
pub use disk::{
    Bit, DISK, DiskOrder, DiskWord, Engine as DiskEngine, Examined, Found as FoundOnDisk,
    Outcome as DiskOutcome, Place, Progress, ROUNDS, Rate, Shown, Store,
};
pub use figures::{
    Bar, Distribution, Figures, HistoryAnswer, HistoryFinding, HistoryOperation, HistoryView,
    Listed, ListedEntry, Measure, Part, Price, Spent,
};
pub use hunt::{Caption, Catch, HUNTER, Harvest, Order, Rechecked, Sample, Task, Word};
pub use opened::{Card, Guard, KnobView, Opened, SwitchView, ZoneView};
pub use timeline::{ActionName, ActionView, Kept, LaneView, MarkGlyph, MarkView, Timeline};
pub use trace::{
    ChangeLine, Changes, EventView, Found, Hit, LooseMessage, MessageView, RequestView, Since,
    SpaceTime, Told, Without,
};
pub use update::{Frame, Heard, Reproduced, Stop, Update, Why};
