//! Two runs side by side, as the lab shows them.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::TextLine;

use super::intent::{Intent, StripTab};
use super::state::LabState;
use super::trace::Trace;
use crate::contrast::{Place, turns};
use crate::shared::Shared;
use crate::wire::{Against, Command, Compared, Frame, Opened, Side, Timeline};

/// Why there is no film of two runs.
pub(crate) const NO_FILM: &str =
    "Two runs are compared step by step: → steps both, N goes to the next difference.";

/// Why there is nothing to compare.
pub(crate) const NOTHING_TO_COMPARE: &str =
    "This scenario has no safeguards to compare with and without.";

/// The run beside the open one.
#[derive(Clone, PartialEq)]
pub(crate) struct Beside {
    /// How the two differ.
    pub(crate) compared: Shared<Compared>,
    /// Its world, once it is there.
    pub(crate) frame: Option<Shared<Frame>>,
    /// Its text around the cursor.
    pub(crate) log: Rc<[TextLine]>,
    /// What is known of it over time, once it has been shown.
    pub(crate) timeline: Option<Shared<Timeline>>,
    /// Which of the two the panels show, and a small screen's stage. The engine says so: what it tells
    /// of nodes, changes and operations is of this one.
    pub(crate) shown: Side,
    /// The tab below the stage before the two were put beside each other.
    came_from: StripTab,
}

/// When what the panels tell has to be asked for anew: whenever it is another moment.
#[derive(Clone, PartialEq)]
pub(super) enum Moment {
    /// A beat of the clock, while the film runs.
    Film(u64),
    /// The world that is shown.
    Still(Option<Shared<Frame>>),
}

impl LabState {
    /// Takes in how the two runs differ, or that there is one only.
    pub(super) fn hear_compared(&mut self, compared: Option<Box<Compared>>) {
        let Some(compared) = compared else {
            if let Some(beside) = self.beside.take().filter(|_| self.strip == StripTab::Log) {
                self.strip = beside.came_from;
            }
            self.against = None;
            self.show_side(Side::This);
            return;
        };
        self.against.clone_from(&compared.against);
        let compared = Shared::new(*compared);
        if let Some(beside) = &mut self.beside {
            Rc::make_mut(beside).compared = compared;
            return;
        }
        self.plays = false;
        self.draws_line = false;
        let came_from = std::mem::replace(&mut self.strip, StripTab::Log);
        let (log, shown) = (Rc::from([]), Side::This);
        let beside = Beside { compared, frame: None, log, timeline: None, shown, came_from };
        self.beside = Some(Rc::new(beside));
    }

    /// Takes in the other run's world.
    pub(super) fn hear_other(&mut self, frame: Frame) {
        if let Some(beside) = &mut self.beside {
            Rc::make_mut(beside).frame = Some(Shared::new(frame));
        }
        self.offer();
    }

    /// Takes in what is known of the other run over time.
    pub(super) fn hear_other_timeline(&mut self, timeline: Timeline) {
        if let Some(beside) = &mut self.beside {
            Rc::make_mut(beside).timeline = Some(Shared::new(timeline));
        }
    }

    /// Takes in the other run's text.
    pub(super) fn hear_other_log(&mut self, lines: Vec<TextLine>) {
        if let Some(beside) = &mut self.beside {
            Rc::make_mut(beside).log = lines.into();
        }
    }

    /// Has the panels show one of the two. What was told of the other one is of the other one.
    pub(super) fn show_side(&mut self, side: Side) {
        if let Some(beside) = &mut self.beside {
            Rc::make_mut(beside).shown = side;
        }
        self.look(Trace::forget_nodes);
        self.asked.listed = None;
        self.reasons = Rc::from([]);
        self.offer();
    }

    /// Returns which of two runs the panels beside the stage show.
    pub(crate) fn side_shown(&self) -> Side {
        self.beside.as_ref().map_or(Side::This, |beside| beside.shown)
    }

    /// Returns the world that they show.
    pub(crate) fn shown_frame(&self) -> Option<&Shared<Frame>> {
        let other = self.beside.as_ref().filter(|beside| beside.shown == Side::Other);
        other.and_then(|beside| beside.frame.as_ref()).or(self.frame.as_ref())
    }

    /// Returns the moment of which they tell: that very world, or, while the film runs, a beat of the
    /// clock. Another world may have come about in as many events: what was said of the one is not said
    /// of the other.
    pub(super) fn moment(&self, beat_of_clock: impl FnOnce() -> u64) -> Moment {
        if self.plays {
            return Moment::Film(beat_of_clock());
        }
        Moment::Still(self.shown_frame().cloned())
    }

    /// Returns the lab as the panels beside the stage show it: of two runs, the chosen one.
    pub(crate) fn as_shown(&self) -> Self {
        let mut shown = self.clone();
        let other = self.beside.as_ref().filter(|beside| beside.shown == Side::Other);
        if let Some(beside) = other
            && let Some(frame) = &beside.frame
        {
            shown.checks = frame.checks.as_slice().into();
            shown.frame = Some(frame.clone());
            // The engine tells of it before it has the other run shown.
            shown.timeline = beside.timeline.clone().unwrap_or_default();
            shown.price = None;
            shown.opened = shown.opened.map(|opened| {
                let mut opened = (*opened).clone();
                for switch in &mut opened.switches {
                    let mut apart = beside.compared.schedule.switches.iter();
                    let other = apart.find(|(label, _)| *label == switch.label);
                    switch.is_on = other.map_or(switch.is_on, |(_, side)| *side == Side::Other);
                }
                Shared::new(opened)
            });
        }
        shown
    }

    /// Returns the wish to go to the next or the previous moment at which the two runs part, or a
    /// sentence on why there is none.
    pub(super) fn to_difference(&self, is_next: bool) -> Result<Intent, &'static str> {
        let Some(beside) = &self.beside else {
            return Err("Nothing is compared: V puts another run beside this one.");
        };
        let Some(frame) = &self.frame else { return Err("No run is open yet.") };
        step_to_difference(&beside.compared, frame, is_next)
    }

    /// Returns the wish to put the other design beside this one, or to end that; or a sentence on
    /// why that cannot be.
    pub(super) fn toggle_comparison(&self) -> Result<Intent, &'static str> {
        if self.beside.is_some() {
            return Ok(Intent::Ask(Command::Compare(None)));
        }
        let preset = self.opened.as_ref().and_then(|opened| other_preset(opened));
        let preset = preset.ok_or(NOTHING_TO_COMPARE)?;
        Ok(Intent::Ask(Command::Compare(Some(Against::Preset(preset)))))
    }
}

/// Returns the design to put beside the open one, if there are two.
pub(crate) fn other_preset(opened: &Opened) -> Option<Preset> {
    let is_hardened = opened.preset == Some(Preset::Hardened);
    let other = if is_hardened { Preset::Naive } else { Preset::Hardened };
    (!opened.switches.is_empty()).then_some(other)
}

/// Returns the wish to go to the next or the previous moment at which two runs part, or a sentence on
/// why there is none.
pub(crate) fn step_to_difference(
    compared: &Compared,
    frame: &Frame,
    is_next: bool,
) -> Result<Intent, &'static str> {
    let turns = turns(compared);
    let mut places = turns.iter().map(|turn| turn.place);
    let place = if is_next {
        places.find(|place| place.is_ahead_of(frame))
    } else {
        places.rfind(|place| place.is_behind(frame))
    };
    match place {
        Some(place) => Ok(go_to(place)),
        None if is_next && !compared.is_over => Err("No later difference has been found yet."),
        None if is_next => Err("No later difference is known."),
        None => Err("There is no earlier difference."),
    }
}

/// Returns the wish to go to a place in both runs.
pub(crate) fn go_to(place: Place) -> Intent {
    match place {
        Place::After(event) => Intent::Ask(Command::SeekEvent { event }),
        Place::EndOf(at_us) => Intent::Seek(at_us),
    }
}
