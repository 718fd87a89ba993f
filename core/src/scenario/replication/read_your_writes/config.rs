//! How the nodes of a world go about it: knobs and switches in the row's own terms.

use super::home_of;
use super::message::Mode;
use crate::scenario::Setup;
use crate::sim::NodeId;

/// What a region does with a client that has seen more than it has.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Behind {
    Forward,
    Wait,
    Refuse,
}

/// How the nodes of a world go about it.
#[derive(Copy, Clone, Debug, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    pub(super) regions: u16,
    pub(super) clients: u16,
    pub(super) writes_percent: u8,
    pub(super) ship_us: u64,
    pub(super) travel_us: u64,
    /// What all clients choose; `None` if each chooses for itself.
    pub(super) choice: Option<Mode>,
    pub(super) behind: Behind,
    pub(super) has_tokens: bool,
    pub(super) raises_by_reads: bool,
    pub(super) keeps_token: bool,
    pub(super) labels: bool,
    pub(super) leaves_no_gap: bool,
    pub(super) counts_once: bool,
}

impl Config {
    pub(super) fn of(setup: &Setup) -> Self {
        let chosen = usize::try_from(setup.knob("choice")).unwrap_or_default();
        Self {
            regions: setup.count("regions"),
            clients: setup.count("clients"),
            writes_percent: u8::try_from(setup.knob("writes")).unwrap_or(100),
            ship_us: setup.knob("ship") * 1_000,
            travel_us: setup.knob("travel") * 1_000,
            choice: chosen.checked_sub(1).and_then(|it| Mode::ALL.get(it)).copied(),
            behind: match setup.knob("behind") {
                0 => Behind::Forward,
                1 => Behind::Wait,
                _ => Behind::Refuse,
            },
            has_tokens: setup.is_on("token"),
            raises_by_reads: setup.is_on("reads"),
            keeps_token: setup.is_on("keep"),
            labels: setup.is_on("marks"),
            leaves_no_gap: setup.is_on("gaps"),
            counts_once: setup.is_on("once"),
        }
    }

    pub(super) fn home_of(&self, record: u16) -> NodeId {
        home_of(record, self.regions)
    }

    pub(super) fn mode_of(&self, record: u16) -> Mode {
        self.choice.unwrap_or(Mode::ALL[usize::from(record) % Mode::ALL.len()])
    }
}
