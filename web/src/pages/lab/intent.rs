//! What a viewer can want of the lab, whichever button, key or menu they say it with.

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, Step};

use super::study::Wish;
use super::trace::TraceIntent;
use crate::hunt::Quarry;
use crate::preferences::Verbosity;
use crate::selection::Selection;
use crate::stage::Zoom;
use crate::wire::{Command, Measure, Side, Typed, Until};

/// What the viewer wants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Intent {
    /// Something only the engine can do.
    Ask(Command),
    /// To do something to the world, in this order.
    Do(Vec<Action>),
    /// To have typed this in a text.
    Type(Typed),
    /// To replay the same actions from another seed.
    Reseed,
    /// Nothing that can be had: this sentence says why.
    Say(&'static str),
    /// To open this link, as it is.
    Open(String),
    /// To play or to pause.
    Play(bool),
    /// To go to a time; of many in a row, only the last counts.
    Seek(u64),
    /// To go to the start of the run and watch it.
    Replay,
    /// To see what a script does.
    RunScript(u16),
    /// To have the run of which the lesson tells, at this moment.
    BackToScript,
    /// To see the same schedule with all safeguards off or on.
    Flip(Preset),
    /// The same, as a story: from the start if the lesson has a bet there that was not met yet.
    Retry(Preset),
    /// To go to a beat of the lesson.
    GoToBeat(usize),
    /// Something about commands, bets or puzzles.
    Study(Wish),
    /// To see the lesson, so as to predict.
    Bets,
    /// To play at the speed with this index.
    Speed(usize),
    /// To look at something, or at nothing in particular.
    Select(Option<Selection>),
    /// To know what can be done to something, at a place on the screen.
    Menu(Selection, f64, f64),
    /// To draw a line across the stage, or not to.
    DrawLine(bool),
    /// To have the split that is drawn stay, or come and go.
    Split(Split),
    /// To have the signs on the stage explained, or not.
    ShowLegend(bool),
    /// To look at the stage from closer, from further away, or at all of it.
    Zoom(Zoom),
    /// To see only what the selected node knows, or all again.
    Watch(bool),
    /// To have something searched for.
    Hunt(Quarry),
    /// To have the search stop.
    StopHunt,
    /// To know what led to this step, or why a promise broke in it.
    Why(Step),
    /// To close the answer to that.
    CloseWhy,
    /// To have the operations in a bar of a histogram listed.
    List(BarOf),
    /// To close that list.
    CloseList,
    /// To know whether an order of operations explains what clients were told.
    JudgeHistory,
    /// To see a tab beside the stage.
    Side(SideTab),
    /// To see a tab below the stage.
    Strip(StripTab),
    /// On a small screen: to pull a sheet up, or all of them down.
    Sheet(Option<Sheet>),
    /// To open a dialog, or to close it.
    Dialog(Option<Dialog>),
    /// Of two runs side by side, to have the panels show this one.
    ShowSide(Side),
    /// To run until something comes true.
    Until(Until),
    /// To choose what to run until, or to leave that.
    ChooseUntil(bool),
    /// To search the log.
    Search,
    /// To put a message away.
    Dismiss,
    /// To have the lesson beside the stage, or not.
    ShowLesson(bool),
    /// To have single letters as shortcuts, or not.
    LetterKeys(bool),
    /// To have more or less read out.
    Verbosity(Verbosity),
    /// To have the panels below the stage this high, in pixels.
    StripHeight(u32),
    /// To go from light to dark and back.
    NextTheme,
    /// To look closely at what happened.
    Trace(TraceIntent),
    /// To leave whatever is open.
    Leave,
}

impl Intent {
    /// Returns true if the run after this cannot be compared with the one before.
    pub(crate) fn changes_the_schedule(&self) -> bool {
        if let Self::Trace(intent) = self {
            return intent.changes_the_schedule();
        }
        let Self::Ask(command) = self else {
            return matches!(
                self,
                Self::Do(_)
                    | Self::Type(_)
                    | Self::Reseed
                    | Self::RunScript(_)
                    | Self::BackToScript
            );
        };
        matches!(
            command,
            Command::Set { .. }
                | Command::Reseed(_)
                | Command::AddAction { .. }
                | Command::EditAction { .. }
                | Command::RemoveAction(_)
                | Command::MuteAction(_)
                | Command::Unmute { .. }
                | Command::ClearActions
                | Command::Undo
                | Command::Redo
                | Command::OpenLane { .. }
                | Command::Adopt { .. }
        )
    }

    /// Returns true if this takes the viewer to another moment of the run.
    pub(crate) fn moves_the_cursor(&self) -> bool {
        if let Self::Trace(intent) = self {
            return intent.moves_the_cursor();
        }
        if let Self::Ask(command) = self {
            return !command.leaves_the_cursor();
        }
        matches!(
            self,
            Self::Do(_)
                | Self::Type(_)
                | Self::Reseed
                | Self::Play(true)
                | Self::Seek(_)
                | Self::Replay
                | Self::RunScript(_)
                | Self::BackToScript
                | Self::GoToBeat(_)
                | Self::Until(_)
        )
    }
}

/// A bar of a histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BarOf {
    /// Which histogram.
    pub(crate) measure: Measure,
    /// The least value in the bar.
    pub(crate) from: u64,
    /// The least value above it.
    pub(crate) to: u64,
}

/// Through whose eyes the stage is seen.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Eyes {
    /// Those of somebody who sees everything.
    #[default]
    Everything,
    /// The selected node's.
    OfSelected,
}

impl Eyes {
    /// Returns the selected node's eyes, or everybody's.
    pub(crate) const fn of_selected(is_so: bool) -> Self {
        if is_so { Self::OfSelected } else { Self::Everything }
    }
}

/// What becomes of a split that is drawn.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Split {
    /// It stays until it is healed.
    #[default]
    Stays,
    /// It comes and goes.
    ComesAndGoes,
}

/// A tab beside the stage.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SideTab {
    /// The lesson; on wide screens it has a place of its own.
    Lesson,
    /// What is selected.
    Inspect,
    /// The scenario's panels, charts and costs.
    State,
    /// What must hold and what makes it hold.
    #[default]
    Properties,
    /// The scenario's file.
    Source,
    /// Its engine on real files; of those that have one.
    Disk,
}

impl SideTab {
    /// All tabs, from left to right.
    pub(crate) const ALL: [Self; 6] =
        [Self::Lesson, Self::Inspect, Self::State, Self::Properties, Self::Source, Self::Disk];

    /// Returns the name as shown.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Lesson => "Lesson",
            Self::Inspect => "Inspect",
            Self::State => "State",
            Self::Properties => "Properties",
            Self::Source => "Source",
            Self::Disk => "Disk",
        }
    }
}

/// A tab below the stage.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum StripTab {
    /// Messages over time, a lane a node.
    #[default]
    SpaceTime,
    /// Everything that happened, in words.
    Log,
    /// What was done to the system.
    Faults,
    /// What clients asked and were told.
    History,
    /// Searching for what breaks a promise.
    Hunt,
}

impl StripTab {
    /// All tabs, from left to right.
    pub(crate) const ALL: [Self; 5] =
        [Self::SpaceTime, Self::Log, Self::Faults, Self::History, Self::Hunt];

    /// Returns the name as shown.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::SpaceTime => "Space-time",
            Self::Log => "Log",
            Self::Faults => "Faults",
            Self::History => "History",
            Self::Hunt => "Break it",
        }
    }
}

/// What can be pulled up over the stage of a small screen.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// The tabs beside the stage.
    Side,
    /// The tabs below it.
    Strip,
}

/// What asks for all attention.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// The keys.
    Help,
    /// The link, and other ways to pass the run on.
    Share,
    /// What is modelled and what is not.
    Card,
}
