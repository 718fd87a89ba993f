//! Kinds of faults as people count them: "one crash and two dropped messages".

use serde::{Deserialize, Serialize};

use super::Action;

/// A kind of fault. What undoes a fault, and what the scenario itself offers, is none.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FaultKind {
    /// A node stops.
    Crash,
    /// A node freezes.
    Pause,
    /// Links are cut: a side, or one direction, for good or for periods.
    Cut,
    /// A direction is held.
    Hold,
    /// One message is lost.
    Drop,
    /// One message is delivered twice.
    Duplicate,
    /// One message is late, or early.
    Delay,
    /// The network loses a share of messages.
    Loss,
    /// The network delivers a share of messages twice.
    Duplication,
    /// A clock is set, or runs at a wrong rate.
    Clock,
    /// A node is slow.
    Slow,
    /// A disk goes wrong.
    Disk,
    /// A timer fires early.
    Timer,
    /// The world is taken by hand.
    ByHand,
}

impl FaultKind {
    /// Returns the kind of an action, if it is a fault.
    pub fn of(action: &Action) -> Option<Self> {
        match action {
            Action::Crash(_) => Some(Self::Crash),
            Action::Pause(_) => Some(Self::Pause),
            Action::Partition(_) | Action::Cut { .. } | Action::Flap { .. } => Some(Self::Cut),
            Action::Hold { .. } => Some(Self::Hold),
            Action::Lose { percent } => (*percent > 0).then_some(Self::Loss),
            Action::Duplicate { percent } => (*percent > 0).then_some(Self::Duplication),
            Action::StepClock { .. } => Some(Self::Clock),
            Action::Drift { drift_ppm, .. } => (*drift_ppm != 0).then_some(Self::Clock),
            Action::DropMessage(_) => Some(Self::Drop),
            Action::DuplicateMessage(_) => Some(Self::Duplicate),
            Action::DelayMessage { .. } | Action::DeliverMessage(_) => Some(Self::Delay),
            Action::FireTimer(_) => Some(Self::Timer),
            Action::Slow { by_us, .. } => (*by_us > 0).then_some(Self::Slow),
            Action::Disk { fault, .. } => (!fault.ends_a_fault()).then_some(Self::Disk),
            Action::TakeByHand
            | Action::CompleteSync(_)
            | Action::Choose(_)
            | Action::Reseed(_) => Some(Self::ByHand),
            Action::Restart(_)
            | Action::Resume(_)
            | Action::Mend { .. }
            | Action::Release { .. }
            | Action::Heal
            | Action::Command { .. }
            | Action::CommandWith { .. } => None,
        }
    }

    /// Returns so many faults of this kind in words: "1 crash", "2 dropped messages".
    pub fn counted(self, count: u16) -> String {
        let (one, many) = match self {
            Self::Crash => ("crash", "crashes"),
            Self::Pause => ("pause", "pauses"),
            Self::Cut => ("cut", "cuts"),
            Self::Hold => ("held link", "held links"),
            Self::Drop => ("dropped message", "dropped messages"),
            Self::Duplicate => ("doubled message", "doubled messages"),
            Self::Delay => ("delayed message", "delayed messages"),
            Self::Loss => ("lossy network", "lossy networks"),
            Self::Duplication => ("doubling network", "doubling networks"),
            Self::Clock => ("wrong clock", "wrong clocks"),
            Self::Slow => ("slow node", "slow nodes"),
            Self::Disk => ("disk fault", "disk faults"),
            Self::Timer => ("fired timer", "fired timers"),
            Self::ByHand => ("step by hand", "steps by hand"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}
