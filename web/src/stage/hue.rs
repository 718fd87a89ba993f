//! The eight hues of epochs. Hue means nothing else anywhere, and the number is always beside it.

/// Returns the class that sets the hue of an epoch, and the ink that is legible on it.
pub(crate) fn hue_class(epoch: u64) -> &'static str {
    const CLASSES: [&str; 8] =
        ["hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7", "hue-8"];
    // Epoch 1 has the first hue; 0, before the first, has the last.
    CLASSES[usize::try_from((epoch % 8 + 7) % 8).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_cycle_from_epoch_one() {
        assert_eq!(hue_class(1), "hue-1");
        assert_eq!(hue_class(8), "hue-8");
        assert_eq!(hue_class(9), "hue-1");
        assert_eq!(hue_class(0), "hue-8");
        assert_eq!(hue_class(u64::MAX), "hue-7");
    }

    /// Returns the red, green and blue of `--name: #rrggbb` in a style sheet.
    fn color(sheet: &str, name: &str) -> [f64; 3] {
        let start = sheet.find(&format!("--{name}:")).unwrap() + name.len() + 3;
        let hex = sheet[start..].trim_start().strip_prefix('#').unwrap();
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
    }

    /// Relative luminance, as WCAG 2 defines it.
    fn luminance([red, green, blue]: [f64; 3]) -> f64 {
        let linear = |part: f64| {
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn text_on_every_hue_is_legible() {
        let tokens = include_str!("../../../static/style.css");
        let inks = include_str!("../../../static/stage.css");
        for hue in 1..=8 {
            let fill = luminance(color(tokens, &format!("e{hue}")));
            let ink = luminance(color(inks, &format!("e{hue}-ink")));
            let contrast = (fill.max(ink) + 0.05) / (fill.min(ink) + 0.05);
            assert!(contrast >= 4.5, "hue {hue}: {contrast:.2}");
        }
    }
}
