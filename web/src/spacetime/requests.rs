//! Which client's request brought what about: a colour of its own and a dash of its own, and the name
//! at its beginning and in the key. These colours are no epoch's and no message's.

use std::collections::BTreeSet;

use faultline_core::order::set_of;
use faultline_core::sim::NodeId;
use yew::{Html, html};

use super::plan::Plan;
use super::scale::Scale;
use crate::format::counted;
use crate::stage::px;
use crate::wire::{RequestView, SpaceTime};

/// So many colours are used in turn.
pub(super) const HUES: usize = 6;
/// Lengths of dashes and gaps, used in turn. Five of them with six colours tell thirty requests apart.
pub(super) const DASHES: [&[f64]; 5] =
    [&[], &[7.0, 3.0], &[2.0, 2.5], &[9.0, 3.0, 2.0, 3.0], &[4.0, 2.0, 1.5, 2.0, 1.5, 2.0]];
/// At most so many requests are named in the key.
const MOST_NAMED: usize = 12;

/// Returns the name of a request: "C1 #17". A client's requests of a second kind are numbered from 2³¹ on
/// and begin anew here: "C1 #2′".
pub(super) fn name(request: &RequestView, names: &[String]) -> String {
    let client = if request.client == NodeId::OUTSIDE {
        "you"
    } else {
        names.get(request.client.index()).map_or("?", String::as_str)
    };
    let prime = if request.number >> 31 > 0 { "′" } else { "" };
    format!("{client} #{}{prime}", request.number & (u32::MAX >> 1))
}

/// Returns the requests that begin in an event.
pub(super) fn begun(spacetime: &SpaceTime, event: u32) -> impl Iterator<Item = &RequestView> {
    let from = spacetime.requests.partition_point(|it| it.event < event);
    let later = spacetime.requests.get(from..).unwrap_or_default().iter();
    later.take_while(move |it| it.event == event)
}

/// Returns the requests of which something is in view, by place.
fn in_view(spacetime: &SpaceTime, plan: &Plan, scale: &Scale) -> BTreeSet<u16> {
    let numbered = (spacetime.first..).zip(&spacetime.events);
    let shown = numbered.filter(|(number, event)| {
        scale.y_of(event.node).is_some()
            && plan.place(*number).is_some_and(|place| scale.shows(place, place))
    });
    set_of(shown.filter_map(|(_, event)| event.request))
}

/// Returns the key: each request in view with its line, and what is said of those that share one.
pub(super) fn key(spacetime: &SpaceTime, plan: &Plan, scale: &Scale, names: &[String]) -> Html {
    let shown = in_view(spacetime, plan, scale);
    let entry = |place: u16| {
        let request = spacetime.requests.get(usize::from(place))?;
        let (hue, dash) = look(place.into());
        let dash: Vec<String> = dash.iter().map(|length| px(*length)).collect();
        let color = format!("var(--q{})", hue + 1);
        Some(html! {
            <li>
                <svg width="26" height="8" viewBox="0 0 26 8" aria-hidden="true">
                    <path d="M0 4H26" stroke-width="2.5" stroke-dasharray={dash.join(" ")}
                        style={format!("stroke:{color}")} />
                </svg>
                { name(request, names) }
            </li>
        })
    };
    html! {
        <div class="st-key" role="group" tabindex="0" aria-label="Requests by colour and dash">
            <ul>{ for shown.iter().copied().take(MOST_NAMED).filter_map(entry) }</ul>
            <span>{ note(shown.len()) }</span>
        </div>
    }
}

/// Returns the colour and the dashes of the request in this place: both come in turn.
pub(super) fn look(place: usize) -> (usize, &'static [f64]) {
    (place % HUES, DASHES[place % DASHES.len()])
}

/// Says how far the key goes, and whether colours come again.
fn note(count: usize) -> String {
    if count == 0 {
        return "No client's request brought about anything in view.".into();
    }
    let hidden = count.saturating_sub(MOST_NAMED);
    let more = if hidden > 0 { format!("and {hidden} more.") } else { String::new() };
    if count <= HUES {
        return more;
    }
    let of_them = counted(count as u64, "request");
    let turns =
        format!("{of_them} in view: {HUES} colours come in turn, {} dashes too.", DASHES.len());
    format!("{more} {turns}").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_when_colours_come_again() {
        assert_eq!(note(HUES), "");
        assert!(note(HUES + 1).starts_with("7 requests in view: 6 colours come in turn"));
        assert!(note(0).starts_with("No client's request"));
        assert!(note(20).starts_with("and 8 more. 20 requests"));
    }

    #[test]
    fn as_many_requests_look_different_as_colours_times_dashes() {
        let many = HUES * DASHES.len();
        let looks: BTreeSet<String> = (0..many).map(|place| format!("{:?}", look(place))).collect();
        assert_eq!(looks.len(), many);
        assert_eq!(look(many), look(0));
    }
}
