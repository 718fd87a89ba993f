//! What a viewer has chosen for this browser: kept locally, sent nowhere.

use web_sys::Storage;

/// Light or dark.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All themes, in the order in which the button goes through them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Returns the name, as stored and as the style sheet knows it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the theme after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// How much of what happens is read out by a screen reader.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Nothing.
    Off,
    /// What broke, was reached or rang.
    #[default]
    Verdicts,
    /// Every step.
    All,
}

impl Verbosity {
    /// All levels, from quiet to loud.
    pub const ALL: [Self; 3] = [Self::Off, Self::Verdicts, Self::All];

    /// Returns the name, as stored and as shown.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Verdicts => "verdicts",
            Self::All => "all",
        }
    }
}

/// Everything a viewer has chosen.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Whether single letters are shortcuts (WCAG 2.1.4 lets people turn them off).
    pub letter_keys: bool,
    /// How much is read out.
    pub verbosity: Verbosity,
    /// Whether the lesson stands beside the stage on a wide screen.
    pub lesson_open: bool,
    /// Whether the signs on the stage are explained.
    pub legend_open: bool,
    /// How high the panels below the stage are, in pixels.
    pub strip_px: u32,
}

/// The least and the most height of the panels below the stage.
pub const STRIP_PX: (u32, u32) = (120, 520);

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            letter_keys: true,
            verbosity: Verbosity::default(),
            lesson_open: true,
            legend_open: false,
            strip_px: 196,
        }
    }
}

impl Preferences {
    /// Reads what this browser has kept; what is missing or malformed is as usual.
    pub fn load() -> Self {
        let Some(storage) = storage() else { return Self::default() };
        let kept = |key: &str| storage.get_item(key).ok().flatten();
        let usual = Self::default();
        let theme = kept(THEME);
        let verbosity = kept(VERBOSITY);
        Self {
            theme: Theme::ALL
                .into_iter()
                .find(|known| Some(known.key()) == theme.as_deref())
                .unwrap_or_default(),
            letter_keys: kept(LETTER_KEYS).map_or(usual.letter_keys, |kept| kept == ON),
            verbosity: Verbosity::ALL
                .into_iter()
                .find(|known| Some(known.key()) == verbosity.as_deref())
                .unwrap_or_default(),
            lesson_open: kept(LESSON).map_or(usual.lesson_open, |kept| kept == ON),
            legend_open: kept(LEGEND).map_or(usual.legend_open, |kept| kept == ON),
            strip_px: kept(STRIP)
                .and_then(|kept| kept.parse().ok())
                .map_or(usual.strip_px, |px: u32| px.clamp(STRIP_PX.0, STRIP_PX.1)),
        }
    }

    /// Keeps the choices. Where a browser keeps nothing, they last until it is closed.
    pub fn save(&self) {
        let Some(storage) = storage() else { return };
        let on_off = |on: bool| if on { ON } else { OFF };
        for (key, value) in [
            (THEME, self.theme.key()),
            (LETTER_KEYS, on_off(self.letter_keys)),
            (VERBOSITY, self.verbosity.key()),
            (LESSON, on_off(self.lesson_open)),
            (LEGEND, on_off(self.legend_open)),
            (STRIP, &self.strip_px.to_string()),
        ] {
            drop(storage.set_item(key, value));
        }
    }

    /// Shows the page in the chosen theme. What is drawn on canvas keeps its inks on paper, so the style
    /// sheet is told which they are.
    pub fn apply(&self) {
        let is_dark = match self.theme {
            Theme::System => matches_media("(prefers-color-scheme: dark)"),
            Theme::Light => false,
            Theme::Dark => true,
        };
        if let Some(root) = gloo::utils::document().document_element() {
            drop(root.set_attribute("data-theme", self.theme.key()));
            drop(root.set_attribute("data-inks", if is_dark { "dark" } else { "light" }));
        }
    }
}

// The document reads the theme under this name too, before its first paint.
const THEME: &str = "faultline.theme";
const LETTER_KEYS: &str = "faultline.letter-keys";
const VERBOSITY: &str = "faultline.verbosity";
const LESSON: &str = "faultline.lesson";
const LEGEND: &str = "faultline.legend";
const STRIP: &str = "faultline.strip";
const ON: &str = "on";
const OFF: &str = "off";

/// Returns a text that this browser has kept under a name.
pub fn kept_text(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps a text under a name, or nothing if it is empty.
pub fn keep_text(name: &str, text: &str) {
    let Some(storage) = storage() else { return };
    drop(if text.is_empty() { storage.remove_item(name) } else { storage.set_item(name, text) });
}

fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

/// Returns whether the viewer's system asks for less motion.
pub fn wants_reduced_motion() -> bool {
    matches_media("(prefers-reduced-motion: reduce)")
}

fn matches_media(query: &str) -> bool {
    let query = gloo::utils::window().match_media(query);
    query.ok().flatten().is_some_and(|query| query.matches())
}
