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
    let by = place.top() - window.top() - (bottom - window.top()) / 3.0;
    #[expect(clippy::cast_possible_truncation, reason = "pixels on a screen")]
    list.set_scroll_top(list.scroll_top() + by as i32);
}
