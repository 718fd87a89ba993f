//! The stage in words: labels, accessible names, and the list that says all that the picture shows.

use faultline_core::sim::{Fate, NodeId};
use faultline_core::view::{
    CutScene, FallenScene, HoldScene, MessageScene, NodeScene, Role, Scene, Status,
};

use super::cuts::Cuts;
use crate::epoch::epoch_in_words;
use crate::format::{clock_error, counted, duration, instant};
use crate::wire::ZoneView;

/// A clock this far off is worth a word.
const WORTH_SAYING_US: u64 = 1_000;
/// More messages than this are counted instead of listed.
const MOST_LISTED: usize = 40;
/// Of a zone with more members than this, the rest is counted.
const MOST_NAMED: usize = 12;

/// More nodes than this are counted where there is little room.
const MOST_NAMED_IN_PASSING: usize = 5;

/// Returns what a role is called.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Peer => "peer",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
        Role::Client => "client",
        Role::Coordinator => "coordinator",
        Role::Storage => "storage",
        Role::Queue => "queue",
        Role::Gateway => "gateway",
    }
}

/// Returns the node's name on screen, or what an unknown one is called.
pub(crate) fn name_of(nodes: &[NodeScene], id: NodeId) -> &str {
    let unknown = if id == NodeId::OUTSIDE { "you" } else { "no node" };
    nodes.get(id.index()).map_or(unknown, |node| node.name.as_str())
}

/// Returns a clock's error for the label line, if it is worth a word: "clock +180 ms".
pub(crate) fn clock_badge(error_us: i64) -> Option<String> {
    let sign = if error_us < 0 { '\u{2212}' } else { '+' };
    (error_us.unsigned_abs() >= WORTH_SAYING_US)
        .then(|| format!("clock {sign}{}", duration(error_us.unsigned_abs())))
}

/// Breaks a text into at most `lines` lines of at most `letters` letters; marks what is cut off.
pub(crate) fn wrap(text: &str, letters: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut is_after_number = false;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        // A unit stays with its number as long as both fit into a line.
        let is_unit = is_after_number && length <= 2 && word.chars().all(char::is_alphabetic);
        is_after_number = word.ends_with(|it: char| it.is_ascii_digit());
        if let (true, Some(line)) = (is_unit, wrapped.last_mut())
            && line.chars().count() + 1 + length > letters
            && let Some((before, number)) = line.rsplit_once(' ')
        {
            let (before, number) = (before.len(), format!("{number} {word}"));
            line.truncate(before);
            wrapped.push(number);
            continue;
        }
        match wrapped.last_mut() {
            Some(line) if line.chars().count() + 1 + length <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(word.to_owned()),
        }
    }
    let is_cut = wrapped.len() > lines;
    wrapped.truncate(lines);
    let last = wrapped.len().saturating_sub(1);
    for (index, line) in wrapped.iter_mut().enumerate() {
        let goes_on = is_cut && index == last;
        let fits = line.chars().count() + usize::from(goes_on) <= letters;
        if !fits {
            *line = line.chars().take(letters.saturating_sub(1)).collect();
        }
        if !fits || goes_on {
            line.push('…');
        }
    }
    wrapped
}

/// Returns all that the picture of a node says, except what changes from moment to moment.
pub(crate) fn node_in_words(node: &NodeScene, is_broken: bool) -> String {
    let mut parts = vec![node.name.clone(), role_name(node.view.role).to_owned()];
    match node.status {
        Status::Up => {}
        Status::Paused => parts.push("paused".into()),
        Status::Down => parts.push("crashed".into()),
    }
    parts.extend(node.view.epoch.map(epoch_in_words));
    parts.extend(node.view.value.iter().map(|value| match node.view.value_means.as_str() {
        "" => format!("value {value}"),
        means => format!("{value}: {means}"),
    }));
    parts.extend(node.view.pips.map(|(gained, needed)| format!("{gained} of {needed}")));
    let label = node.view.label.trim();
    if !label.is_empty() && label != role_name(node.view.role) {
        parts.push(label.to_owned());
    }
    if node.clock_error_us.unsigned_abs() >= WORTH_SAYING_US {
        parts.push(format!("clock {}", clock_error(node.clock_error_us)));
    }
    if node.slowness_us > 0 {
        parts.push(format!("slow: {} more an event", duration(node.slowness_us)));
    }
    if let (true, Some(limit)) = (node.load.is_full(), node.load.inbox_limit) {
        parts.push(format!("inbox full: {limit} of {limit}"));
    }
    if is_broken {
        parts.push("involved in what broke".into());
    }
    parts.join(", ")
}

/// Returns what a link is called, with what is blocked on it.
pub(crate) fn link_in_words(scene: &Scene, one: NodeId, other: NodeId) -> String {
    let name = |id| name_of(&scene.nodes, id);
    let is_here = |cut: &&CutScene| [(one, other), (other, one)].contains(&(cut.from, cut.to));
    let cuts = scene.cuts.iter().filter(is_here).map(|cut| {
        format!(
            "{} to {} cut {}",
            name(cut.from),
            name(cut.to),
            since_in_words(cut.since_us, cut.period_us)
        )
    });
    let is_held = |hold: &&HoldScene| [(one, other), (other, one)].contains(&(hold.from, hold.to));
    let holds = scene.holds.iter().filter(is_held);
    let holds = holds.map(|hold| format!("{} to {} held", name(hold.from), name(hold.to)));
    let link = format!("Link between {} and {}", name(one), name(other));
    std::iter::once(link).chain(cuts).chain(holds).collect::<Vec<_>>().join(", ")
}

/// Returns since when something is cut, or how often it comes and goes: "since 1.2 s".
pub(crate) fn since_in_words(since_us: u64, period_us: Option<u64>) -> String {
    let since = instant(since_us);
    match period_us {
        Some(period_us) => format!("every other {}, since {since}", duration(period_us)),
        None => format!("since {since}"),
    }
}

/// Returns who is on each side of a split, in as few words as fit on the stage.
pub(crate) fn sides_in_words(nodes: &[NodeScene], cuts: &Cuts) -> Vec<String> {
    let side = |side: &Vec<NodeId>| few_names(nodes, side);
    cuts.sides.iter().map(side).collect()
}

/// Returns the names of nodes, or how many there are if these are too many to be named in passing.
pub(crate) fn few_names(nodes: &[NodeScene], ids: &[NodeId]) -> String {
    if ids.len() > MOST_NAMED_IN_PASSING {
        return counted(ids.len() as u64, "node");
    }
    ids.iter().map(|&id| name_of(nodes, id)).collect::<Vec<_>>().join(", ")
}

/// Returns why a message did not make it.
pub(crate) fn fate_in_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Carried => "under way",
        Fate::Lost => "lost by the network",
        Fate::Cut => "stopped by a cut",
        Fate::Down => "met a crashed node",
        Fate::Refused => "found no room in the inbox",
        Fate::Dropped => "dropped",
    }
}

/// Returns the stage as a list of sentences.
pub(crate) fn stage_in_words(scene: &Scene, cuts: &Cuts, broken: &[NodeId]) -> Vec<String> {
    let mut lines: Vec<String> = scene
        .nodes
        .iter()
        .map(|node| {
            let timers = node.timers.iter().map(|timer| {
                let left = timer.due_at_us.saturating_sub(scene.now_us);
                format!("{} fires in {}", timer.label, duration(left))
            });
            let node = node_in_words(node, broken.contains(&node.id));
            std::iter::once(node).chain(timers).collect::<Vec<_>>().join(", ")
        })
        .collect();
    lines.extend(traffic_in_words(scene, cuts));
    lines
}

/// Returns what is cut, held, under way and what fell, as a list of sentences.
pub(crate) fn traffic_in_words(scene: &Scene, cuts: &Cuts) -> Vec<String> {
    let mut lines = Vec::new();
    let name = |id| name_of(&scene.nodes, id);
    if !cuts.sides.is_empty() {
        let sides: Vec<String> = (cuts.sides.iter())
            .map(|side| side.iter().map(|&id| name(id)).collect::<Vec<_>>().join(", "))
            .collect();
        let since = since_in_words(cuts.since_us, cuts.period_us);
        let now = if cuts.blocks { "" } else { " (whole just now)" };
        lines.push(format!("The network is split {since}{now}: {}", sides.join(" | ")));
    }
    lines.extend(cuts.single.iter().take(MOST_LISTED).map(|cut| {
        let since = since_in_words(cut.since_us, cut.period_us);
        format!("{} to {}: cut {since}", name(cut.from), name(cut.to))
    }));
    lines.extend(and_more(cuts.single.len(), "cut"));
    lines.extend(scene.holds.iter().take(MOST_LISTED).map(|hold| {
        format!(
            "{} to {}: held, nothing arrives and nothing is lost",
            name(hold.from),
            name(hold.to)
        )
    }));
    lines.extend(and_more(scene.holds.len(), "held way"));
    lines.extend(scene.messages.iter().take(MOST_LISTED).map(|message| carried(scene, message)));
    lines.extend(and_more(scene.messages.len(), "message").map(|more| format!("{more} under way")));
    lines.extend(scene.fallen.iter().rev().take(MOST_LISTED).map(|fallen| fell(scene, fallen)));
    lines
}

/// Says how many things are left out of a list.
fn and_more(count: usize, thing: &str) -> Option<String> {
    let more = count.checked_sub(MOST_LISTED).filter(|&more| more > 0)?;
    Some(format!("and {} more", counted(more as u64, thing)))
}

/// Returns who stands in which zone.
pub(crate) fn zones_in_words(nodes: &[NodeScene], zones: &[ZoneView]) -> Vec<String> {
    let line = |zone: &ZoneView| {
        let names: Vec<&str> =
            zone.nodes.iter().take(MOST_NAMED).map(|&id| name_of(nodes, id)).collect();
        let more = zone.nodes.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("In {}: {}{more}", zone.name, names.join(", "))
    };
    zones.iter().filter(|zone| !zone.nodes.is_empty()).map(line).collect()
}

fn carried(scene: &Scene, message: &MessageScene) -> String {
    let left = duration(message.due_at_us.saturating_sub(scene.now_us));
    let traits = [
        (message.is_error, ", an error"),
        (message.is_twin, ", second copy"),
        (message.is_delayed, ", delayed"),
    ];
    let traits: String =
        traits.iter().filter(|(is_so, _)| *is_so).map(|(_, words)| *words).collect();
    format!("{}, arrives in {left}{traits}", route(scene, message))
}

fn fell(scene: &Scene, fallen: &FallenScene) -> String {
    let at = instant(fallen.at_us);
    format!("{}, {} at {at}", route(scene, &fallen.message), fate_in_words(fallen.fate))
}

fn route(scene: &Scene, message: &MessageScene) -> String {
    let name = |id| name_of(&scene.nodes, id);
    let words = if message.sentence.is_empty() { &message.label } else { &message.sentence };
    format!("{} to {}: {words}", name(message.name.from), name(message.name.to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_wrap_at_words_and_say_when_they_are_cut() {
        assert_eq!(wrap("leads until 1.767 s", 18, 2), ["leads until", "1.767 s"]);
        assert_eq!(wrap("x=7 acknowledged", 20, 2), ["x=7 acknowledged"]);
        assert_eq!(wrap("x=7 acknowledged", 12, 2), ["x=7", "acknowledged"]);
        assert_eq!(wrap("acknowledged", 8, 2), ["acknowl…"]);
        assert_eq!(wrap("one two three four", 7, 2), ["one two", "three…"]);
        assert_eq!(wrap("one two three", 5, 2), ["one", "two…"]);
        assert!(wrap("", 5, 2).is_empty());
        assert_eq!(wrap("a", 0, 2), ["…"]);
    }

    #[test]
    fn a_clock_has_a_badge_from_a_millisecond_on() {
        assert_eq!(clock_badge(999), None);
        assert_eq!(clock_badge(180_000).as_deref(), Some("clock +180 ms"));
        assert_eq!(clock_badge(-1_500_000).as_deref(), Some("clock \u{2212}1.5 s"));
    }
}
