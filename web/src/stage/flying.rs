//! Messages on their way: which are seen, where, and how much of them.

use faultline_core::order::sort_by_key;
use faultline_core::sim::{MessageKind, NodeId};
use faultline_core::view::{FallenScene, MessageScene};

use super::geometry::{Point, micros};
use super::ghosts::fallen_share;
use super::layout::Spot;
use super::motion::{Way, beside_ends, held_share, share, still_place};
use super::painter::Picture;
use super::placing::{Obstacle, Room, clear_of};
use super::sprites::Detail;

/// A message on its way, with as much of it as there is room for.
pub(crate) struct Flying<'a> {
    pub(crate) message: &'a MessageScene,
    pub(crate) way: Way,
    /// How much of the way it has gone.
    pub(crate) share: f64,
    pub(crate) at: Point,
    pub(crate) body: (f64, f64),
    pub(crate) detail: Detail,
}

/// Returns true if a message is drawn with words.
fn is_worded(message: &MessageScene, detail: Detail) -> bool {
    detail == Detail::Labelled && message.kind != MessageKind::Heartbeat
}

/// Lists the messages that are on their way to where they will fall, which nobody can tell yet, with
/// the share of the way at which they will.
pub(crate) fn falling(
    picture: &Picture,
    now_us: f64,
) -> impl Iterator<Item = (&MessageScene, Way, f64)> {
    let ahead = move |it: &&FallenScene| {
        micros(it.at_us) > now_us && micros(it.message.sent_at_us) <= now_us
    };
    let fallen = picture.frame.scene.fallen.iter().filter(ahead);
    fallen.filter_map(|it| Some((&it.message, way_of(picture, &it.message)?, fallen_share(it))))
}

/// Returns how far a message reaches from its middle in the direction in which it travels.
pub(crate) fn extent((half_width, half_height): (f64, f64), way: Point) -> f64 {
    let ahead = way.unit();
    (half_width / ahead.x.abs().max(1e-6)).min(half_height / ahead.y.abs().max(1e-6))
}

pub(crate) fn spot(picture: &Picture, id: NodeId) -> Option<&Spot> {
    picture.layout.spots.get(id.index())
}

/// Returns the way of a message, if it is seen to go somewhere.
pub(crate) fn way_of(picture: &Picture, message: &MessageScene) -> Option<Way> {
    picture.layout.way(message.name.from, message.name.to, message.is_twin)
}

/// Lists the messages under way that are seen to go somewhere.
pub(crate) fn under_way(
    picture: &Picture,
    now_us: f64,
) -> impl Iterator<Item = (&MessageScene, Way)> {
    let messages = picture.frame.scene.messages.iter();
    let sent = messages.filter(move |message| micros(message.sent_at_us) <= now_us);
    sent.filter_map(|message| Some((message, way_of(picture, message)?)))
}

/// Returns true if one end of a message is drawn as a node of its own.
pub(crate) fn is_near(picture: &Picture, message: &MessageScene) -> bool {
    let is_shown = |id| spot(picture, id).is_some_and(|spot| !spot.is_hidden);
    is_shown(message.name.from) || is_shown(message.name.to)
}

/// Returns true if a node is drawn at this place.
pub(crate) fn is_behind_node(picture: &Picture, at: Point) -> bool {
    let mut shown = picture.layout.spots.iter().filter(|spot| !spot.is_hidden);
    shown.any(|spot| spot.at.distance(at) < spot.radius)
}

/// Places messages, each with the share of its way that it goes at most: with its label where there is
/// room for that, and no nearer to its ends than beside the `labels` there. `body` is half the size of one with so much of it.
pub(crate) fn placed<'a>(
    picture: &Picture,
    mut flying: Vec<(&'a MessageScene, Way, f64)>,
    now_us: f64,
    detail: Detail,
    (labels, room): (&[Obstacle], &mut Room),
    body: &mut impl FnMut(&MessageScene, Detail) -> Option<(f64, f64)>,
) -> Vec<Flying<'a>> {
    // Who is picked keeps its label.
    sort_by_key(&mut flying, |(message, ..)| picture.selected != Some(message.name));
    let place = |(message, way, end): (&'a MessageScene, Way, f64)| {
        let full = body(message, detail)?;
        let (extent, share) = (extent(full, way.to - way.from), share(message, now_us).min(end));
        let is_worded = is_worded(message, detail);
        let (at, share) = if picture.is_still {
            (still_place(&way, share, extent), share)
        } else {
            // Where it is does not depend on whether its label is in sight.
            let reach = if is_worded { full } else { (0.0, 0.0) };
            let end = |id: NodeId, way: &Way| {
                let label = labels.get(id.index());
                let clear = label.map_or(0.0, |label| clear_of(label, way, reach));
                clear.max(if is_worded { extent } else { 0.0 })
            };
            let ends = (end(message.name.from, &way), end(message.name.to, &way.back()));
            let share = beside_ends(&way, ends, share);
            let share = held_share(&picture.frame.scene, message, (&way, extent), share);
            (way.at(share), share)
        };
        let has_room = !is_worded || room.take((at, full));
        let detail = if has_room { detail } else { Detail::Small };
        let body = if has_room { full } else { body(message, detail)? };
        // What shows no label passes behind nodes, as links do.
        let is_above = (has_room && is_worded) || picture.selected == Some(message.name);
        let is_seen = is_above || !is_behind_node(picture, at);
        is_seen.then_some(Flying { message, way, share, at, body, detail })
    };
    flying.into_iter().filter_map(place).collect()
}
