//! Events in words, from what the diagram knows of them.

use faultline_core::sim::{EventKind, Fate, MessageKind, NodeId};

use super::requests;
use crate::epoch::epoch_in_words;
use crate::format::{counted, instant};
use crate::wire::{EventView, MarkView, SpaceTime};

/// More marks than this are not read out.
const MOST_SAID: usize = 40;

/// Says what happened, for whose request, and which one begins: "C1 receives a reply from S1 (for C1
/// #17; C1 #18 begins)".
pub(super) fn event_of(
    spacetime: &SpaceTime,
    (number, event): (u32, &EventView),
    names: &[String],
) -> String {
    let said = self::event(event, names);
    let own = event.request.and_then(|place| spacetime.requests.get(usize::from(place)));
    let name = |request| requests::name(request, names);
    let of_own = own.filter(|own| own.event != number).map(|own| format!("for {}", name(own)));
    let begun = requests::begun(spacetime, number).map(|it| format!("{} begins", name(it)));
    let parts: Vec<String> = of_own.into_iter().chain(begun).collect();
    if parts.is_empty() { said } else { format!("{said} ({})", parts.join("; ")) }
}

/// Says what happened: "S2 receives a reply from S1".
pub(super) fn event(event: &EventView, names: &[String]) -> String {
    let name = |node: NodeId| {
        if node == NodeId::OUTSIDE {
            return "you";
        }
        names.get(node.index()).map_or("a node", String::as_str)
    };
    let (node, peer) = (name(event.node), name(event.peer));
    let message = event.message.map_or("a message", |it| message(it.kind));
    let what = match event.kind {
        EventKind::Started => format!("{node} starts"),
        EventKind::Recovered => format!("{node} recovers"),
        EventKind::Delivered => format!("{node} receives {message} from {peer}"),
        EventKind::TimerFired => format!("a timer of {node} fires"),
        EventKind::Synced => format!("{node}'s disk syncs"),
        EventKind::Fell => {
            let fate = event.message.map_or("comes to nothing", |it| fell(it.fate));
            format!("{message} from {peer} to {node} {fate}")
        }
        EventKind::Finished => format!("{node} has done its work"),
        EventKind::Refused => format!("{node} hears that {peer} has no room for {message}"),
    };
    format!("{}: {what}", instant(event.at_us))
}

fn message(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Request => "a request",
        MessageKind::Reply => "a reply",
        MessageKind::Gossip => "gossip",
        MessageKind::Heartbeat => "a heartbeat",
    }
}

fn fell(fate: Fate) -> &'static str {
    match fate {
        Fate::Carried => "comes to nothing",
        Fate::Lost => "is lost",
        Fate::Cut => "is stopped by a cut",
        Fate::Down => "finds nobody",
        Fate::Refused => "finds no room",
        Fate::Dropped => "is dropped",
    }
}

/// Says what a stretch of time shows, in a few lines.
pub(super) fn summary(
    spacetime: &SpaceTime,
    marks: &[MarkView],
    (from_us, to_us): (u64, u64),
) -> Vec<String> {
    let window = from_us..=to_us;
    let events = || spacetime.events.iter().filter(|event| window.contains(&event.at_us));
    let arrived = events().filter(|event| event.kind == EventKind::Delivered).count();
    let fallen = events().filter(|event| event.kind == EventKind::Fell).count();
    let loose = spacetime.loose.iter().filter(|it| it.fate != Fate::Carried);
    let lost = loose.filter(|it| window.contains(&it.end_at_us)).count() + fallen;
    let mut lines = vec![format!(
        "From {} to {}: {}, {} received, {} came to nothing.",
        instant(from_us),
        instant(to_us),
        counted(events().count() as u64, "event"),
        counted(arrived as u64, "message"),
        counted(lost as u64, "message"),
    )];
    let here = || marks.iter().filter(|mark| window.contains(&mark.at_us));
    let said = here().take(MOST_SAID);
    lines.extend(said.map(|mark| format!("{}: {}", instant(mark.at_us), mark.text)));
    let more = here().count().saturating_sub(MOST_SAID);
    if more > 0 {
        lines.push(format!("and {} more", counted(more as u64, "mark")));
    }
    lines
}

/// Says which node is in which epoch at the cursor; nothing if none is in any.
pub(super) fn own_epochs(names: &[String], epochs: &[Option<u64>]) -> Option<String> {
    let own = names.iter().zip(epochs);
    let said =
        own.filter_map(|(name, epoch)| Some(format!("{name} in {}", epoch_in_words((*epoch)?))));
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| format!("At the cursor: {}.", said.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::causes::tests::{delivery, stretch, timer};
    use super::*;

    #[test]
    fn each_node_is_said_to_be_in_its_own_epoch() {
        let names = ["S1".to_owned(), "C1".to_owned(), "S2".to_owned()];
        let said = own_epochs(&names, &[Some(1), None, Some(2)]).unwrap();
        assert_eq!(said, "At the cursor: S1 in epoch 1, S2 in epoch 2.");
        assert_eq!(own_epochs(&names, &[None, None, None]), None);
    }

    #[test]
    fn an_event_is_said_with_who_and_when() {
        let names = ["S1".to_owned(), "S2".to_owned()];
        let all = stretch(vec![timer(0), delivery(0, 1, 0)]);
        let said: Vec<_> = all.events.iter().map(|it| event(it, &names)).collect();
        let expected = ["0.000 s: a timer of S1 fires", "0.001 s: S2 receives a request from S1"];
        assert_eq!(said, expected);
        let lines = summary(&all, &[], (0, 1_000));
        let all =
            "From 0.000 s to 0.001 s: 2 events, 1 message received, 0 messages came to nothing.";
        assert_eq!(lines, [all]);
    }
}
