//! What a person, a script or the search does to the world.

use serde::{Deserialize, Serialize};

use super::{CommandLabel, DiskFault, InputValue, MessageName, Names, NodeId, TimerName};

/// One thing done to the world. Every action is total: in any state it does its work or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Stops a node; its memory and unsynced writes are lost.
    Crash(NodeId),
    /// Starts a crashed node again with what its disk kept.
    Restart(NodeId),
    /// Freezes a node (a garbage-collection pause): nothing is lost, everything is late.
    Pause(NodeId),
    /// Lets a paused node go on.
    Resume(NodeId),
    /// Cuts every link between the listed nodes and all others, both ways.
    Partition(Vec<NodeId>),
    /// Cuts one direction of one link.
    Cut {
        /// The blocked sender.
        from: NodeId,
        /// Whom it no longer reaches.
        to: NodeId,
    },
    /// Restores one direction of one link.
    Mend {
        /// The sender.
        from: NodeId,
        /// Whom it reaches again.
        to: NodeId,
    },
    /// Restores every link, and ends loss and duplication set by actions.
    Heal,
    /// Makes the network lose this share of messages.
    Lose {
        /// In a hundred.
        percent: u8,
    },
    /// Makes the network deliver this share of messages twice.
    Duplicate {
        /// In a hundred.
        percent: u8,
    },
    /// Moves a node's wall clock.
    StepClock {
        /// Whose clock.
        node: NodeId,
        /// By how much; positive is ahead.
        by_us: i64,
    },
    /// Changes the rate of a node's clocks.
    Drift {
        /// Whose clocks.
        node: NodeId,
        /// Rate error in parts per million; positive runs fast.
        drift_ppm: i32,
    },
    /// Loses one message in flight.
    DropMessage(MessageName),
    /// Delivers one message in flight twice.
    DuplicateMessage(MessageName),
    /// Delivers one message in flight later.
    DelayMessage {
        /// Which message.
        message: MessageName,
        /// By how much.
        by_us: u64,
    },
    /// Delivers one message in flight at once.
    DeliverMessage(MessageName),
    /// Fires a pending timer at once.
    FireTimer(TimerName),
    /// Issues the scenario's command with this index at a node, with what it usually takes.
    Command {
        /// Index into the scenario's list of commands.
        command: u16,
        /// The node that hears it.
        node: NodeId,
    },
    /// Lets nothing arrive on one direction until it is released; nothing is lost.
    Hold {
        /// The sender.
        from: NodeId,
        /// Whom nothing reaches.
        to: NodeId,
    },
    /// Lets everything that was held on one direction arrive, in order.
    Release {
        /// The sender.
        from: NodeId,
        /// Whom it reaches again.
        to: NodeId,
    },
    /// Cuts every link between the listed nodes and all others, and restores it, again and again:
    /// the less stable a partition, the more often both sides make up their minds anew.
    Flap {
        /// The nodes on one side.
        side: Vec<NodeId>,
        /// How long the links stay cut, and then whole.
        period_us: u64,
    },
    /// Makes every event cost a node more time. 0 ends it.
    Slow {
        /// Which node.
        node: NodeId,
        /// How much more, each.
        by_us: u64,
    },
    /// Makes a node's disk go wrong.
    Disk {
        /// Whose disk.
        node: NodeId,
        /// How.
        fault: DiskFault,
    },
    /// From now on nothing but a node's start happens by itself: messages are delivered, timers fire
    /// and syncs complete only when an action says so, and handlers draw nothing at random: a jitter is
    /// the least, a choice is made by [`Action::Choose`]. What an
    /// explorer finds is a list of actions in such a world.
    TakeByHand,
    /// Completes the oldest sync of a node's disk at once.
    CompleteSync(NodeId),
    /// Decides what the next handler chooses in a world taken by hand, or the disk in the next crash,
    /// where else the first option is taken each time: an option for each choice, in order.
    Choose(Vec<u64>),
    /// Issues a command with what it asks for; nothing happens if that does not fit.
    CommandWith {
        /// Index into the scenario's list of commands.
        command: u16,
        /// The node that hears it.
        node: NodeId,
        /// What is given.
        value: InputValue,
    },
    /// From now on every draw is another, as if the run had had this seed: how long messages and syncs
    /// take, what is lost, what nodes draw. What has happened, and what is under way, stays.
    Reseed(u64),
}

impl Action {
    /// Returns what is done, in words: "Cut S1 and S2 off".
    pub fn sentence(&self, names: &Names, commands: &[CommandLabel]) -> String {
        let message = |name: &MessageName| {
            format!("message {} from {} to {}", name.nth + 1, &names[name.from], &names[name.to])
        };
        match self {
            Self::Crash(node) => format!("Crash {}", &names[*node]),
            Self::Restart(node) => format!("Restart {}", &names[*node]),
            Self::Pause(node) => format!("Pause {}", &names[*node]),
            Self::Resume(node) => format!("Resume {}", &names[*node]),
            Self::Partition(side) => format!("Cut {} off", names.list(side.iter().copied())),
            Self::Cut { from, to } => format!("Cut {} → {}", &names[*from], &names[*to]),
            Self::Mend { from, to } => format!("Mend {} → {}", &names[*from], &names[*to]),
            Self::Heal => "Heal the network".into(),
            Self::Lose { percent } => format!("Lose {percent} % of messages"),
            Self::Duplicate { percent } => format!("Duplicate {percent} % of messages"),
            Self::StepClock { node, by_us } => {
                let way = if *by_us < 0 { "back" } else { "ahead" };
                let by = duration(by_us.unsigned_abs());
                format!("Set {}'s clock {way} by {by}", &names[*node])
            }
            Self::Drift { node, drift_ppm } => {
                let way = if *drift_ppm < 0 { "slow" } else { "fast" };
                format!("Make {}'s clock {} ppm {way}", &names[*node], drift_ppm.unsigned_abs())
            }
            Self::DropMessage(name) => format!("Drop {}", message(name)),
            Self::DuplicateMessage(name) => format!("Duplicate {}", message(name)),
            Self::DelayMessage { message: name, by_us } => {
                format!("Delay {} by {}", message(name), duration(*by_us))
            }
            Self::DeliverMessage(name) => format!("Deliver {} now", message(name)),
            Self::FireTimer(timer) => format!("Fire a timer of {}", &names[timer.node]),
            Self::Command { command, node } => {
                format!("{} at {}", asked(commands, *command, None, names), &names[*node])
            }
            Self::CommandWith { command, node, value } => {
                format!("{} at {}", asked(commands, *command, Some(value), names), &names[*node])
            }
            Self::Hold { from, to } => format!("Hold {} → {}", &names[*from], &names[*to]),
            Self::Release { from, to } => format!("Release {} → {}", &names[*from], &names[*to]),
            Self::Flap { side, period_us } => {
                let side = names.list(side.iter().copied());
                format!("Cut {side} off and back every {}", duration(*period_us))
            }
            Self::TakeByHand => "Let nothing happen by itself".into(),
            Self::Reseed(seed) => format!("Draw anew from here, with seed {seed}"),
            Self::Choose(choices) => {
                let choices: Vec<_> = choices.iter().map(u64::to_string).collect();
                format!("Choose {} next", choices.join(", "))
            }
            Self::CompleteSync(node) => format!("Complete a sync of {}", &names[*node]),
            Self::Disk { node, fault } => fault.sentence(&names[*node]),
            Self::Slow { node, by_us: 0 } => format!("Let {} run at full speed", &names[*node]),
            Self::Slow { node, by_us } => {
                format!("Slow {} down by {} an event", &names[*node], duration(*by_us))
            }
        }
    }
}

fn asked(
    commands: &[CommandLabel],
    command: u16,
    value: Option<&InputValue>,
    names: &Names,
) -> String {
    let command = commands.get(usize::from(command));
    command.map_or_else(|| "Unknown command".into(), |it| it.words(value, names))
}

/// An action and when it happens. At one instant, all actions run before all events.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimedAction {
    /// True time.
    pub at_us: u64,
    /// What is done.
    pub action: Action,
}

/// Returns a duration in words: "350 ms", "1.2 s".
pub(crate) fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{}.{} s", us / 1_000_000, us / 100_000 % 10),
    }
}
