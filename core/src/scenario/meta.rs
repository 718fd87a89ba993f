//! What a scenario is: plain data that describes a lesson and builds its world.

use serde::{Deserialize, Serialize};

use super::{Knob, Setup};
use crate::durable::OnDisk;
use crate::order::sort_by_key;
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Action, DiskFault, NodeId, Simulation, TimedAction};
use crate::view::{Layout, Role};

/// A group of scenarios.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Family {
    /// Agreeing on a value, a leader or an order.
    Consensus,
    /// Several copies of one thing, and what their readers are promised.
    Replication,
    /// Several hands on one thing.
    Collaboration,
    /// What survives when the power goes.
    Storage,
    /// The page's own failure handling; listed nowhere.
    Diagnostics,
}

impl Family {
    /// Returns the name as shown.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Consensus => "Consensus and coordination",
            Self::Replication => "Replication and consistency",
            Self::Collaboration => "Collaboration and CRDTs",
            Self::Storage => "Storage and durability",
            Self::Diagnostics => "Diagnostics",
        }
    }
}

/// A safeguard that can be turned off. The naive preset has all of them off, the hardened one on.
#[derive(Clone, Debug)]
pub struct Switch {
    /// Names it in links and for [`Setup::is_on`].
    pub key: &'static str,
    /// As shown: "Majority to lead".
    pub label: &'static str,
    /// What it does when it is on, in a sentence.
    pub help: &'static str,
}

/// A named list of actions. The first of a scenario breaks its naive preset, and not its hardened one.
#[derive(Clone, Debug)]
pub struct Script {
    /// As shown on its button: "Split the network".
    pub label: &'static str,
    /// What happens in it, in a sentence.
    pub help: &'static str,
    /// Knobs and switches that it needs otherwise than the viewer has them, and their values, as
    /// [`Setup::set`] takes them.
    pub settings: &'static [(&'static str, &'static str)],
    /// The actions, in order of time.
    pub actions: fn(&Setup) -> Vec<TimedAction>,
}

/// Makes an action of a script: what is done, and when.
pub const fn at(at_us: u64, action: Action) -> TimedAction {
    TimedAction { at_us, action }
}

/// A kind of [`DiskFault`] that a design may claim to survive. Some strike at a place in a file, and
/// only a row knows which files there are: it names one, and how many of its first bytes may be struck.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum DiskFaultKind {
    /// Syncs report success and make nothing durable.
    LostSyncs,
    /// Syncs report failure.
    FailSyncs,
    /// A crash leaves parts of sectors.
    TornSectors,
    /// Syncs take long.
    Slow,
    /// Bits of the medium flip.
    BitRot {
        /// The file's name.
        file: &'static str,
        /// Within so many bytes from its beginning.
        within_bytes: u64,
    },
    /// Writes land at another sector of their file.
    Misdirect {
        /// The file's name.
        file: &'static str,
        /// At one of the sectors that begin within so many bytes.
        within_bytes: u64,
    },
    /// Sectors cannot be read.
    ReadError {
        /// The file's name.
        file: &'static str,
        /// Within so many bytes from its beginning.
        within_bytes: u64,
    },
    /// Disks are full for a while.
    Capacity {
        /// There is room for at least so many bytes.
        least_bytes: u64,
    },
}

impl DiskFaultKind {
    /// Returns true if a fault is of this kind and within its bounds.
    pub fn covers(self, fault: &DiskFault) -> bool {
        match (self, fault) {
            (Self::LostSyncs, DiskFault::LostSyncs { .. })
            | (Self::FailSyncs, DiskFault::FailSyncs { .. })
            | (Self::TornSectors, DiskFault::TornSectors { .. })
            | (Self::Slow, DiskFault::Slow { .. }) => true,
            (Self::BitRot { file, within_bytes }, DiskFault::BitRot { file: of, offset, .. })
            | (Self::ReadError { file, within_bytes }, DiskFault::ReadError { file: of, offset }) => {
                file == of && *offset < within_bytes
            }
            (
                Self::Misdirect { file, within_bytes },
                DiskFault::Misdirect { file: of, to_sector },
            ) => file == of && u64::from(*to_sector) * (SECTOR_BYTES as u64) < within_bytes,
            (Self::Capacity { least_bytes }, DiskFault::Capacity { bytes }) => {
                *bytes >= least_bytes
            }
            _ => false,
        }
    }
}

/// What a design claims to survive. The search draws only from this.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a claim of its own")]
pub struct Faults {
    /// Who may be hurt.
    pub victims: fn(&Setup) -> Vec<NodeId>,
    /// How many may be down at one time.
    pub down_at_once: fn(&Setup) -> u16,
    /// Nodes may freeze for a while.
    pub pauses: bool,
    /// The network may split in two.
    pub partitions: bool,
    /// Single directions of links may be cut.
    pub one_way_cuts: bool,
    /// Largest share of messages lost, in a hundred.
    pub loss_percent: u8,
    /// Largest share of messages delivered twice, in a hundred.
    pub duplicate_percent: u8,
    /// Largest step of a wall clock, either way.
    pub clock_step_us: u64,
    /// Largest rate error of a clock, either way, in parts per million.
    pub drift_ppm: u32,
    /// Links may hold what they carry for any time, and lose none of it.
    pub holds: bool,
    /// Partitions may come and go in quick turns.
    pub flapping: bool,
    /// Nodes may only hear, or only be heard: every link to or from one is cut one way.
    pub deaf_or_mute: bool,
    /// How much longer every event may take a slow node.
    pub slow_us: u64,
    /// What disks may do.
    pub disk: &'static [DiskFaultKind],
    /// The claim in words, with its timing assumptions.
    pub claim: &'static str,
}

impl Faults {
    /// No fault at all, and so no claim.
    pub const NONE: Self = Self {
        victims: |_| Vec::new(),
        down_at_once: |_| 0,
        pauses: false,
        partitions: false,
        one_way_cuts: false,
        loss_percent: 0,
        duplicate_percent: 0,
        clock_step_us: 0,
        drift_ppm: 0,
        holds: false,
        flapping: false,
        deaf_or_mute: false,
        slow_us: 0,
        disk: &[],
        claim: "Nothing is claimed.",
    };

    /// What most designs here claim to survive: whatever the asynchronous model allows a network that
    /// loses and doubles some messages and delays any (Lynch 1996, "Distributed Algorithms", chapter 14),
    /// nodes that freeze, and wall clocks that say anything. Rates of clocks are within 5 %, nodes are not
    /// slow, and disks keep what they synced. A row says who may be hurt and how many at one time, what
    /// differs, and the claim in words.
    pub const ASYNCHRONOUS: Self = Self {
        pauses: true,
        partitions: true,
        one_way_cuts: true,
        loss_percent: 30,
        duplicate_percent: 30,
        clock_step_us: 60_000_000,
        drift_ppm: 50_000,
        holds: true,
        flapping: true,
        deaf_or_mute: true,
        ..Self::NONE
    };
}

/// One of the ten primitives of which every system here is made.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Primitive {
    /// Durability by write-ahead log and fsync.
    WriteAheadLog,
    /// Ordering by sequence numbers.
    SequenceNumbers,
    /// Logs of what was already done.
    DedupLog,
    /// Version vectors or gossip.
    VersionVectors,
    /// Heartbeats.
    Heartbeats,
    /// Leases.
    Leases,
    /// Append-only logs.
    AppendOnlyLog,
    /// Replay.
    Replay,
    /// Conflict resolution by the application.
    ConflictResolution,
    /// Partitioning and compaction.
    Partitioning,
}

/// What the model is and is not.
#[derive(Clone, Debug)]
pub struct Fidelity {
    /// What runs for real.
    pub modelled: &'static [&'static str],
    /// What is simpler than in the world.
    pub simplified: &'static [&'static str],
    /// What is left out, and why.
    pub omitted: &'static [&'static str],
}

/// A block diagram: boxes in layers from left to right, and what flows between them.
#[derive(Clone, Debug)]
pub struct Diagram {
    /// Name, part played, and layer of each box.
    pub boxes: &'static [(&'static str, Role, u8)],
    /// From box, to box, and what flows.
    pub arrows: &'static [(u8, u8, &'static str)],
}

/// One row of the catalogue.
pub struct Scenario {
    /// Stable; part of links and golden file names.
    pub slug: &'static str,
    /// The questions it answers, by their numbers in the catalogue.
    pub seeds: &'static [&'static str],
    /// Goes up whenever the same setup and actions give another run.
    pub revision: u32,
    /// As shown.
    pub title: &'static str,
    /// Where it belongs.
    pub family: Family,
    /// 1 first steps, 2 some background, 3 advanced.
    pub difficulty: u8,
    /// Slugs of scenarios to know first.
    pub prerequisites: &'static [&'static str],
    /// What it answers.
    pub question: &'static str,
    /// What the system promises, in one sentence a newcomer understands.
    pub promise: &'static str,
    /// Why keeping that promise is not obvious.
    pub constraint: &'static str,
    /// How strong the promise is: strong, session, eventual …, and for what.
    pub guarantee: &'static str,
    /// The obvious design, which breaks.
    pub naive: &'static str,
    /// The design that holds.
    pub hardened: &'static str,
    /// What breaks the naive design.
    pub breaks: &'static str,
    /// What the hardened design survives.
    pub survives: Faults,
    /// Functional and numeric requirements, and what is out of scope.
    pub requirements: &'static [&'static str],
    /// Replay, late data, partial writes, partitions, retries, clocks, lossy networks, dying machines:
    /// each faced, or excluded with the reason.
    pub faced: &'static [(&'static str, &'static str)],
    /// What gives out first as the scale knob goes up.
    pub saturates_first: &'static str,
    /// What people get wrong.
    pub pitfalls: &'static [&'static str],
    /// The primitives it is made of.
    pub primitives: &'static [Primitive],
    /// Paper and section, RFC, a system's own documentation.
    pub sources: &'static [&'static str],
    /// What the model is and is not.
    pub fidelity: Fidelity,
    /// The parts and what flows between them.
    pub diagram: Diagram,
    /// Numbers that can be turned.
    pub knobs: &'static [Knob],
    /// Safeguards that can be turned off.
    pub switches: &'static [Switch],
    /// What is done to it: first the default script, then the twists that are stacked on it; see
    /// [`Scenario::script`].
    pub scripts: &'static [Script],
    /// How long the default script and its aftermath take.
    pub horizon_us: u64,
    /// Live actions are stamped with a multiple of this.
    pub grain_us: u64,
    /// How the nodes are best arranged on a stage.
    pub layout: fn(&Setup) -> Layout,
    /// Builds the world and its judgement.
    pub build: fn(&Setup) -> Box<dyn Simulation>,
    /// Its engine as it runs outside a world, on files that a browser keeps; none if it has no such.
    pub on_disk: Option<&'static OnDisk>,
}

impl Scenario {
    /// Makes a scenario without a lesson, for what tests and benchmarks build: it claims nothing, has
    /// nothing to turn, and is listed nowhere.
    pub const fn unlisted(slug: &'static str, build: fn(&Setup) -> Box<dyn Simulation>) -> Self {
        Self {
            slug,
            seeds: &[],
            revision: 1,
            title: "",
            family: Family::Diagnostics,
            difficulty: 1,
            prerequisites: &[],
            question: "",
            promise: "",
            constraint: "",
            guarantee: "",
            naive: "",
            hardened: "",
            breaks: "",
            survives: Faults::NONE,
            requirements: &[],
            faced: &[],
            saturates_first: "",
            pitfalls: &[],
            primitives: &[],
            sources: &[],
            fidelity: Fidelity { modelled: &[], simplified: &[], omitted: &[] },
            diagram: Diagram { boxes: &[], arrows: &[] },
            knobs: &[],
            switches: &[],
            scripts: &[],
            horizon_us: 10_000_000,
            grain_us: 1_000,
            layout: |_| Layout::Ring,
            build,
            on_disk: None,
        }
    }

    /// Returns the actions of the script with this index, in order of time; none if there is none.
    /// The first is the default script; each other is a twist that comes on top of it. The setup is
    /// the script's own: see [`Setup::for_script`].
    pub fn script(&self, setup: &Setup, index: usize) -> Vec<TimedAction> {
        let Some(script) = self.scripts.get(index) else { return Vec::new() };
        let mut actions = (script.actions)(setup);
        if index > 0 {
            actions.extend(self.script(setup, 0));
        }
        sort_by_key(&mut actions, |timed| timed.at_us);
        actions
    }

    /// Returns kernel revision and row revision as links carry them: "1.3".
    pub fn revision_text(&self) -> String {
        format!("{}.{}", crate::run::KERNEL_REVISION, self.revision)
    }
}
