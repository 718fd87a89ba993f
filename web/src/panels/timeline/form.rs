//! What of an action can be changed: its fields, by its shape alone.
//!
//! Nothing in here knows what an action does. Nodes can be others, numbers larger or smaller, and
//! an action of one shape can become another of the same. What a command takes with it has a field
//! of its own, the same one as where it is asked for.

use faultline_core::order::sort;
use faultline_core::sim::{Action, CommandView, DiskFault, InputView, NodeId, TimerName};

use crate::shared::Shared;
use crate::wire::{Frame, Opened};

/// The longest time that can be entered, in microseconds: an hour.
const LONGEST_US: i64 = 3_600_000_000;

/// What names and commands stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    /// The nodes' names, by identity.
    pub(crate) names: Vec<String>,
    /// What the viewer can ask.
    pub(crate) commands: Vec<CommandView>,
    /// The timers that run at the cursor, and what they are called.
    pub(crate) timers: Vec<(TimerName, String)>,
}

impl Words {
    /// Returns what can be named in an action of this run.
    pub(crate) fn of(opened: Option<&Shared<Opened>>, frame: Option<&Shared<Frame>>) -> Self {
        let nodes = frame.map(|frame| frame.scene.nodes.as_slice()).unwrap_or_default();
        let timers = nodes.iter().flat_map(|node| {
            let named = |label: &str| format!("{}: {label}", node.name);
            node.timers.iter().map(move |timer| (timer.name, named(&timer.label)))
        });
        Self {
            names: nodes.iter().map(|node| node.name.clone()).collect(),
            commands: opened.map(|opened| opened.commands.clone()).unwrap_or_default(),
            timers: timers.collect(),
        }
    }

    /// Returns the command with this index, if there is one.
    pub(crate) fn command(&self, command: u16) -> Option<&CommandView> {
        self.commands.get(usize::from(command))
    }

    /// Returns what an action takes with it, if it is a command that takes something.
    pub(crate) fn input(&self, action: &Action) -> Option<&InputView> {
        let Action::Command { command, .. } = action else { return None };
        let input = &self.command(*command)?.input;
        (*input != InputView::Nothing).then_some(input)
    }
}

/// A field as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    /// One of several; the first number is the chosen one.
    Choice(&'static str, usize, Vec<String>),
    /// A node; if there are any, one of these.
    Node(&'static str, NodeId, Vec<NodeId>),
    /// A timer.
    Timer(TimerName),
    /// Some of the nodes.
    Nodes(&'static str, Vec<NodeId>),
    /// A number within limits, in a unit.
    Number {
        /// What it is.
        label: &'static str,
        /// What it counts.
        unit: &'static str,
        /// As entered.
        value: i64,
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A name.
    Text(&'static str, String),
}

/// What was entered into a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// The option with this index.
    Choice(usize),
    /// This node.
    Node(NodeId),
    /// This timer.
    Timer(TimerName),
    /// This node is among the chosen ones, or no longer.
    Toggle(NodeId),
    /// This number.
    Number(i64),
    /// This name.
    Text(String),
}

/// Returns the fields of an action.
pub(crate) fn fields(action: &Action, words: &Words) -> Vec<Field> {
    let mut copy = action.clone();
    let kinds = kinds(action);
    let mut fields = Vec::new();
    if let Some(chosen) = kinds.iter().position(|(_, kind)| is_alike(kind, action)) {
        let labels = kinds.iter().map(|(label, _)| (*label).to_owned()).collect();
        fields.push(Field::Choice("What", chosen, labels));
    }
    fields.extend(slots(&mut copy).into_iter().map(|slot| slot.field(words)));
    fields
}

/// Returns the action with one field changed. What does not fit changes nothing.
pub(crate) fn changed(action: &Action, place: usize, entry: Entry) -> Action {
    let kinds = kinds(action);
    let mut place = place;
    if !kinds.is_empty() {
        if let (0, Entry::Choice(chosen)) = (place, &entry) {
            let kind = kinds.into_iter().nth(*chosen);
            return kind.map_or_else(|| action.clone(), |(_, kind)| kind);
        }
        let Some(before) = place.checked_sub(1) else { return action.clone() };
        place = before;
    }
    let mut copy = action.clone();
    if let Some(slot) = slots(&mut copy).into_iter().nth(place) {
        slot.enter(entry);
    }
    copy
}

/// Returns true if two actions are of one kind, whatever their fields say.
fn is_alike(one: &Action, other: &Action) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Returns what an action could be instead without another field: one of its own shape.
fn kinds(action: &Action) -> Vec<(&'static str, Action)> {
    match action {
        Action::Crash(node)
        | Action::Restart(node)
        | Action::Pause(node)
        | Action::Resume(node) => {
            vec![
                ("Crash", Action::Crash(*node)),
                ("Restart", Action::Restart(*node)),
                ("Pause", Action::Pause(*node)),
                ("Resume", Action::Resume(*node)),
            ]
        }
        Action::Cut { from, to }
        | Action::Mend { from, to }
        | Action::Hold { from, to }
        | Action::Release { from, to } => {
            let (from, to) = (*from, *to);
            vec![
                ("Cut", Action::Cut { from, to }),
                ("Mend", Action::Mend { from, to }),
                ("Hold", Action::Hold { from, to }),
                ("Release", Action::Release { from, to }),
            ]
        }
        Action::Lose { percent } | Action::Duplicate { percent } => vec![
            ("Lose", Action::Lose { percent: *percent }),
            ("Duplicate", Action::Duplicate { percent: *percent }),
        ],
        Action::Partition(side) | Action::Flap { side, .. } => {
            let period_us =
                if let Action::Flap { period_us, .. } = action { *period_us } else { 500_000 };
            vec![
                ("Cut off", Action::Partition(side.clone())),
                ("Cut off and back", Action::Flap { side: side.clone(), period_us }),
            ]
        }
        Action::DropMessage(name)
        | Action::DuplicateMessage(name)
        | Action::DeliverMessage(name)
        | Action::DelayMessage { message: name, .. } => {
            let by_us =
                if let Action::DelayMessage { by_us, .. } = action { *by_us } else { 100_000 };
            vec![
                ("Drop", Action::DropMessage(*name)),
                ("Deliver twice", Action::DuplicateMessage(*name)),
                ("Delay", Action::DelayMessage { message: *name, by_us }),
                ("Deliver now", Action::DeliverMessage(*name)),
            ]
        }
        Action::Heal
        | Action::StepClock { .. }
        | Action::Drift { .. }
        | Action::FireTimer(_)
        | Action::Command { .. }
        | Action::CommandWith { .. }
        | Action::Slow { .. }
        | Action::Disk { .. }
        | Action::TakeByHand
        | Action::CompleteSync(_)
        | Action::Reseed(_)
        | Action::Choose(_) => Vec::new(),
    }
}

/// A number's place in an action.
enum Number<'a> {
    U8(&'a mut u8),
    U16(&'a mut u16),
    U32(&'a mut u32),
    U64(&'a mut u64),
    I32(&'a mut i32),
    I64(&'a mut i64),
}

/// A place in an action that can hold something else.
enum Slot<'a> {
    Node(&'static str, &'a mut NodeId),
    Side(&'a mut Vec<NodeId>),
    Command(&'a mut u16),
    /// Who is asked for the command with this index.
    Asked(u16, &'a mut NodeId),
    Timer(&'a mut TimerName),
    Number {
        label: &'static str,
        unit: Unit,
        limits: (i64, i64),
        number: Number<'a>,
    },
    Text(&'static str, &'a mut String),
}

/// What a number counts: its sign, and how many of what is stored it stands for.
#[derive(Copy, Clone)]
struct Unit(&'static str, i64);

const MILLISECONDS: Unit = Unit("ms", 1_000);
const PERCENT: Unit = Unit("%", 1);
const PARTS_PER_MILLION: Unit = Unit("ppm", 1);
const BYTES: Unit = Unit("bytes", 1);
const COUNT: Unit = Unit("", 1);

fn slots(action: &mut Action) -> Vec<Slot<'_>> {
    let ms = |label, number| Slot::Number {
        label,
        unit: MILLISECONDS,
        limits: (0, LONGEST_US),
        number: Number::U64(number),
    };
    match action {
        Action::Crash(node)
        | Action::Restart(node)
        | Action::Pause(node)
        | Action::Resume(node)
        | Action::CompleteSync(node) => vec![Slot::Node("Node", node)],
        Action::Partition(side) => vec![Slot::Side(side)],
        Action::Flap { side, period_us } => vec![Slot::Side(side), ms("Every", period_us)],
        Action::Cut { from, to }
        | Action::Mend { from, to }
        | Action::Hold { from, to }
        | Action::Release { from, to } => vec![Slot::Node("From", from), Slot::Node("To", to)],
        Action::Lose { percent } | Action::Duplicate { percent } => {
            vec![number("Share", PERCENT, (0, 100), Number::U8(percent))]
        }
        Action::StepClock { node, by_us } => vec![
            Slot::Node("Node", node),
            number("Ahead by", MILLISECONDS, (-LONGEST_US, LONGEST_US), Number::I64(by_us)),
        ],
        Action::Drift { node, drift_ppm } => vec![
            Slot::Node("Node", node),
            number("Fast by", PARTS_PER_MILLION, (-500_000, 500_000), Number::I32(drift_ppm)),
        ],
        Action::Slow { node, by_us } => vec![Slot::Node("Node", node), ms("More an event", by_us)],
        Action::DropMessage(name)
        | Action::DuplicateMessage(name)
        | Action::DeliverMessage(name) => vec![
            Slot::Node("From", &mut name.from),
            Slot::Node("To", &mut name.to),
            number("Messages before it", COUNT, (0, 1_000_000), Number::U32(&mut name.nth)),
        ],
        Action::DelayMessage { message, by_us } => vec![
            Slot::Node("From", &mut message.from),
            Slot::Node("To", &mut message.to),
            number("Messages before it", COUNT, (0, 1_000_000), Number::U32(&mut message.nth)),
            ms("Later by", by_us),
        ],
        Action::Command { command, node } | Action::CommandWith { command, node, .. } => {
            let asked = Slot::Asked(*command, node);
            vec![Slot::Command(command), asked]
        }
        Action::Disk { node, fault } => {
            let mut slots = vec![Slot::Node("Node", node)];
            slots.extend(disk_slots(fault));
            slots
        }
        Action::FireTimer(timer) => vec![Slot::Timer(timer)],
        Action::Reseed(seed) => vec![number("Seed", COUNT, (0, 1_000_000), Number::U64(seed))],
        Action::Heal | Action::TakeByHand | Action::Choose(_) => Vec::new(),
    }
}

fn disk_slots(fault: &mut DiskFault) -> Vec<Slot<'_>> {
    const MOST: (i64, i64) = (0, u32::MAX as i64);
    match fault {
        DiskFault::LostSyncs { count } | DiskFault::FailSyncs { count } => {
            vec![number("Syncs", COUNT, (1, 65_535), Number::U16(count))]
        }
        DiskFault::BitRot { file, offset, bit } => vec![
            Slot::Text("File", file),
            number("Byte", COUNT, MOST, Number::U64(offset)),
            number("Bit", COUNT, (0, 7), Number::U8(bit)),
        ],
        DiskFault::Misdirect { file, to_sector } => {
            vec![Slot::Text("File", file), number("To sector", COUNT, MOST, Number::U32(to_sector))]
        }
        DiskFault::TornSectors { bytes } => {
            vec![number("Kept of a sector", BYTES, (0, 65_535), Number::U16(bytes))]
        }
        DiskFault::Capacity { bytes } => {
            vec![number("Room for", BYTES, MOST, Number::U64(bytes))]
        }
        DiskFault::ReadError { file, offset } => {
            vec![Slot::Text("File", file), number("Byte", COUNT, MOST, Number::U64(offset))]
        }
        DiskFault::Slow { percent } => {
            vec![number("Of the usual time", PERCENT, (1, 1_000_000), Number::U32(percent))]
        }
    }
}

fn number<'a>(label: &'static str, unit: Unit, limits: (i64, i64), number: Number<'a>) -> Slot<'a> {
    Slot::Number { label, unit, limits, number }
}

impl Slot<'_> {
    fn field(self, words: &Words) -> Field {
        match self {
            Self::Node(label, node) => Field::Node(label, *node, Vec::new()),
            Self::Asked(command, node) => {
                let takers = words.command(command).map(|it| it.nodes.clone());
                Field::Node("At", *node, takers.unwrap_or_default())
            }
            Self::Timer(timer) => Field::Timer(*timer),
            Self::Side(side) => Field::Nodes("Nodes on one side", side.clone()),
            Self::Command(command) => {
                let labels = words.commands.iter().map(|command| command.label.clone());
                Field::Choice("What", usize::from(*command), labels.collect())
            }
            Self::Number { label, unit: Unit(unit, scale), limits: (min, max), number } => {
                let (value, min, max) = (number.get() / scale, min / scale, max / scale);
                Field::Number { label, unit, value, min, max }
            }
            Self::Text(label, text) => Field::Text(label, text.clone()),
        }
    }

    fn enter(self, entry: Entry) {
        match (self, entry) {
            (Self::Node(_, node) | Self::Asked(_, node), Entry::Node(other)) => *node = other,
            (Self::Timer(timer), Entry::Timer(other)) => *timer = other,
            (Self::Side(side), Entry::Toggle(node)) => toggle(side, node),
            (Self::Command(place), Entry::Choice(index)) => {
                *place = u16::try_from(index).unwrap_or(*place);
            }
            (Self::Number { unit, limits: (min, max), number, .. }, Entry::Number(value)) => {
                number.set(value.saturating_mul(unit.1).clamp(min, max));
            }
            (Self::Text(_, text), Entry::Text(other)) => *text = other,
            _ => {}
        }
    }
}

/// Puts a node on the side or takes it off; a side without any node is none.
fn toggle(side: &mut Vec<NodeId>, node: NodeId) {
    match side.iter().position(|other| *other == node) {
        Some(place) if side.len() > 1 => drop(side.remove(place)),
        Some(_) => {}
        None => {
            side.push(node);
            sort(side);
        }
    }
}

impl Number<'_> {
    fn get(&self) -> i64 {
        match self {
            Self::U8(number) => i64::from(**number),
            Self::U16(number) => i64::from(**number),
            Self::U32(number) => i64::from(**number),
            Self::U64(number) => i64::try_from(**number).unwrap_or(i64::MAX),
            Self::I32(number) => i64::from(**number),
            Self::I64(number) => **number,
        }
    }

    /// Sets what fits; what does not changes nothing.
    fn set(self, value: i64) {
        match self {
            Self::U8(number) => *number = value.try_into().unwrap_or(*number),
            Self::U16(number) => *number = value.try_into().unwrap_or(*number),
            Self::U32(number) => *number = value.try_into().unwrap_or(*number),
            Self::U64(number) => *number = value.try_into().unwrap_or(*number),
            Self::I32(number) => *number = value.try_into().unwrap_or(*number),
            Self::I64(number) => *number = value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words { names: vec!["A".into(), "B".into()], ..Words::default() }
    }

    #[test]
    fn an_action_becomes_another_of_its_shape_and_keeps_its_target() {
        let cut = Action::Cut { from: NodeId(0), to: NodeId(1) };
        let held = changed(&cut, 0, Entry::Choice(2));
        assert_eq!(held, Action::Hold { from: NodeId(0), to: NodeId(1) });
        assert_eq!(
            changed(&held, 2, Entry::Node(NodeId(3))),
            Action::Hold { from: NodeId(0), to: NodeId(3) }
        );
        let labels = ["Cut", "Mend", "Hold", "Release"].map(str::to_owned).to_vec();
        assert_eq!(fields(&held, &words()).first(), Some(&Field::Choice("What", 2, labels)));
    }

    #[test]
    fn numbers_are_entered_in_their_unit_and_kept_within_limits() {
        let lose = Action::Lose { percent: 20 };
        assert_eq!(changed(&lose, 1, Entry::Number(250)), Action::Lose { percent: 100 });
        assert_eq!(changed(&lose, 1, Entry::Number(-5)), Action::Lose { percent: 0 });
        let step = Action::StepClock { node: NodeId(0), by_us: 0 };
        let back = changed(&step, 1, Entry::Number(-250));
        assert_eq!(back, Action::StepClock { node: NodeId(0), by_us: -250_000 });
        assert!(matches!(fields(&back, &words())[1], Field::Number { value: -250, .. }));
    }

    #[test]
    fn a_side_keeps_at_least_one_node() {
        let alone = Action::Partition(vec![NodeId(1)]);
        assert_eq!(changed(&alone, 1, Entry::Toggle(NodeId(1))), alone);
        let both = changed(&alone, 1, Entry::Toggle(NodeId(0)));
        assert_eq!(both, Action::Partition(vec![NodeId(0), NodeId(1)]));
    }

    #[test]
    fn another_timer_can_be_meant_and_a_command_asked_of_those_who_take_it() {
        let timer = |node, digest| TimerName { node: NodeId(node), digest };
        let fire = Action::FireTimer(timer(0, 7));
        assert_eq!(fields(&fire, &words()), [Field::Timer(timer(0, 7))]);
        let other = changed(&fire, 0, Entry::Timer(timer(1, 9)));
        assert_eq!(other, Action::FireTimer(timer(1, 9)));
        let input = InputView::Text { label: String::new(), max_chars: 3, default: "a".into() };
        let command = CommandView { label: "Say".into(), nodes: vec![NodeId(1)], input };
        let words = Words { commands: vec![command], ..words() };
        let asked = Action::Command { command: 0, node: NodeId(1) };
        let at = Field::Node("At", NodeId(1), vec![NodeId(1)]);
        assert_eq!(fields(&asked, &words).last(), Some(&at));
        assert!(words.input(&asked).is_some() && words.input(&fire).is_none());
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for action in [Action::Heal, Action::Crash(NodeId(0)), Action::Lose { percent: 3 }] {
            for place in 0..4 {
                assert_eq!(changed(&action, place, Entry::Toggle(NodeId(7))), action);
                assert_eq!(changed(&action, place, Entry::Choice(99)), action);
            }
        }
    }
}
