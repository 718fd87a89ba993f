//! The style sheet's colours and font, for the canvas, which cannot read them by itself.

use web_sys::{CssStyleDeclaration, Element};

/// Colours and font as they are now: the viewer may switch between light and dark at any time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Palette {
    pub(crate) paper: String,
    pub(crate) panel: String,
    pub(crate) line: String,
    pub(crate) ink: String,
    pub(crate) soft: String,
    pub(crate) faint: String,
    pub(crate) accent: String,
    pub(crate) bad: String,
    pub(crate) font: String,
    pub(crate) hues: [String; 8],
    /// Of clients' requests: none of them is an epoch's.
    pub(crate) requests: [String; 6],
}

impl Palette {
    /// Reads the custom properties and the font that apply to an element.
    pub(crate) fn of(element: &Element) -> Option<Self> {
        let style = web_sys::window()?.get_computed_style(element).ok()??;
        let read = |name: &str| read(&style, name);
        Some(Self {
            paper: read("--paper"),
            panel: read("--panel"),
            line: read("--line"),
            ink: read("--ink"),
            soft: read("--soft"),
            faint: read("--faint"),
            accent: read("--accent"),
            bad: read("--bad"),
            font: read("font-family"),
            hues: [1, 2, 3, 4, 5, 6, 7, 8].map(|hue| read(&format!("--e{hue}"))),
            requests: [1, 2, 3, 4, 5, 6].map(|hue| read(&format!("--q{hue}"))),
        })
    }
}

/// Returns the height of an element's text, in CSS pixels.
pub(crate) fn text_height(element: &Element) -> Option<f64> {
    let style = web_sys::window()?.get_computed_style(element).ok()??;
    read(&style, "font-size").strip_suffix("px")?.parse().ok()
}

fn read(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default().trim().to_owned()
}
