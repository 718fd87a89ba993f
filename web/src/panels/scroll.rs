//! Bringing something into view without moving the page.

use web_sys::Element;

/// Scrolls `list`, and nothing around it, so that `item` is in view; `covered` pixels at the lower
/// edge do not count, since something lies over them.
pub(crate) fn reveal(list: &Element, item: &Element, covered: f64) {
    let (window, place) = (list.get_bounding_client_rect(), item.get_bounding_client_rect());
    let bottom = window.bottom() - covered;
    if place.top() >= window.top() && place.bottom() <= bottom {
        return;
    }
    // A third from the top: what comes after matters more than what came before.
    scroll_by(list, place.top() - window.top() - (bottom - window.top()) / 3.0);
}

/// Scrolls `list` so that `item` is at its upper edge, as far as there is something below.
pub(crate) fn move_up(list: &Element, item: &Element) {
    let (window, place) = (list.get_bounding_client_rect(), item.get_bounding_client_rect());
    scroll_by(list, place.top() - window.top());
}

#[expect(clippy::cast_possible_truncation, reason = "pixels on a screen")]
fn scroll_by(list: &Element, px: f64) {
    list.set_scroll_top(list.scroll_top() + px as i32);
}
