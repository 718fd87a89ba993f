//! A chart's lines as SVG text, drawn by plotters.
//!
//! plotters wants colours as numbers, and the page's colours change with its theme. So every part
//! is drawn in a colour of its own that nobody sees, and then gets a class instead.

use plotters::prelude::*;

use crate::stage::micros;

/// Readings of one metric: true time and value.
pub(crate) type Series = (String, Vec<(u64, i64)>);

/// Kept free at the left of the plot, for values.
pub(crate) const LEFT: u32 = 40;
/// Kept free below the plot, for times.
pub(crate) const BOTTOM: u32 = 18;
/// Kept free at the top and right of the plot.
pub(crate) const EDGE: u32 = 6;
/// Lines that can be told apart; more take turns.
pub(crate) const STROKES: usize = 4;

const MESH: RGBColor = RGBColor(1, 0, 1);
const TEXT: RGBColor = RGBColor(1, 0, 2);

fn stroke(series: usize) -> RGBColor {
    RGBColor(1, 1, u8::try_from(series % STROKES).unwrap_or(0))
}

/// Draws the series from the beginning to `horizon_us`. None if there is no room.
pub(crate) fn plot(
    series: &[Series],
    horizon_us: u64,
    (width, height): (u32, u32),
) -> Option<String> {
    if width < LEFT + 40 || height < BOTTOM + 30 {
        return None;
    }
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        draw(&root, series, horizon_us, width).ok()?;
        root.present().ok()?;
    }
    Some(with_classes(&text))
}

fn draw<Backend: DrawingBackend>(
    root: &DrawingArea<Backend, plotters::coord::Shift>,
    series: &[Series],
    horizon_us: u64,
    width: u32,
) -> Result<(), DrawingAreaErrorKind<Backend::ErrorType>> {
    let horizon_us = horizon_us.max(1);
    let seconds = |us: u64| micros(us) / 1e6;
    let (low, high) = range(series);
    let mut chart = ChartBuilder::on(root)
        .margin_top(EDGE)
        .margin_right(EDGE)
        .x_label_area_size(BOTTOM)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(0.0..seconds(horizon_us), low..high)?;
    let digits = usize::from(horizon_us < 3_000_000);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(MESH)
        .light_line_style(TRANSPARENT)
        .axis_style(MESH)
        .label_style(("sans-serif", 11).into_font().color(&TEXT))
        .x_labels((width / 90) as usize)
        .y_labels(3)
        .x_label_formatter(&|at| format!("{at:.digits$} s"))
        .y_label_formatter(&|value| short(*value))
        .draw()?;
    for (index, (_, readings)) in series.iter().enumerate() {
        let points = steps(&thin(readings, horizon_us, width as usize));
        let points = points.into_iter().map(|(at, value)| (seconds(at), drawable(value)));
        chart.draw_series(LineSeries::new(points, stroke(index).stroke_width(2)))?;
    }
    Ok(())
}

/// Returns the values that the chart spans: zero, and all readings.
fn range(series: &[Series]) -> (i64, i64) {
    let values = || series.iter().flat_map(|(_, readings)| readings).map(|&(_, value)| value);
    let low = drawable(values().min().unwrap_or(0).min(0));
    let high = drawable(values().max().unwrap_or(0).max(1));
    // A line at the very top would be cut in half.
    (low, high + (high / 16).max(i64::from(high > 8)))
}

/// Keeps a value where plotters can still subtract two of them.
fn drawable(value: i64) -> i64 {
    value.clamp(-1_000_000_000_000_000, 1_000_000_000_000_000)
}

/// Returns a value in a few letters: "12k".
fn short(value: i64) -> String {
    match value.unsigned_abs() {
        0..10_000 => value.to_string(),
        10_000..10_000_000 => format!("{}k", value / 1_000),
        10_000_000.. => format!("{}M", value / 1_000_000),
    }
}

/// A reading holds until the next one, so the line goes in steps.
fn steps(readings: &[(u64, i64)]) -> Vec<(u64, i64)> {
    let mut points = Vec::with_capacity(readings.len() * 2);
    for &(at_us, value) in readings {
        if let Some(&(_, before)) = points.last()
            && before != value
        {
            points.push((at_us, before));
        }
        points.push((at_us, value));
    }
    points
}

/// Keeps of every column of pixels the first, lowest, highest and last reading: the picture is the
/// same, and ten thousand readings are drawn in no time.
fn thin(readings: &[(u64, i64)], horizon_us: u64, columns: usize) -> Vec<(u64, i64)> {
    if readings.len() <= columns * 2 {
        return readings.to_vec();
    }
    let column = |at_us: u64| u128::from(at_us) * columns as u128 / u128::from(horizon_us);
    let mut kept = Vec::with_capacity(columns * 4);
    for group in readings.chunk_by(|one, next| column(one.0) == column(next.0)) {
        let by_value = |&(_, index): &(i64, usize)| index;
        let values = || group.iter().enumerate().map(|(index, &(_, value))| (value, index));
        let mut indices = [
            0,
            values().min().as_ref().map_or(0, by_value),
            values().max().as_ref().map_or(0, by_value),
            group.len() - 1,
        ];
        indices.sort_unstable();
        let mut last = None;
        for index in indices {
            if last != Some(index) {
                kept.push(group[index]);
                last = Some(index);
            }
        }
    }
    kept
}

fn with_classes(text: &str) -> String {
    let hex = |color: RGBColor| format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2);
    let mut text = text
        .replace(&format!("stroke=\"{}\"", hex(MESH)), "class=\"chart-mesh\"")
        .replace(&format!("fill=\"{}\"", hex(TEXT)), "class=\"chart-text\"");
    for series in 0..STROKES {
        let class = format!("class=\"chart-line chart-line-{series}\"");
        text = text.replace(&format!("stroke=\"{}\"", hex(stroke(series))), &class);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(readings: &[(u64, i64)]) -> Series {
        ("writes".into(), readings.to_vec())
    }

    #[test]
    fn every_line_has_a_class_and_no_colour() {
        let both = [series(&[(0, 1), (500_000, 4)]), series(&[(0, 2), (900_000, 3)])];
        let text = plot(&both, 1_000_000, (316, 110)).unwrap();
        for class in ["chart-line-0", "chart-line-1", "chart-mesh", "chart-text"] {
            assert!(text.contains(class), "{class} is missing in {text}");
        }
        assert!(!text.contains("#01"), "an unseen colour is left in {text}");
    }

    #[test]
    fn charts_without_readings_or_room_do_not_fail() {
        assert!(plot(&[], 0, (316, 110)).is_some());
        assert!(plot(&[series(&[])], 5, (316, 110)).is_some());
        assert!(plot(&[series(&[(0, i64::MAX), (1, i64::MIN)])], 5, (316, 110)).is_some());
        assert!(plot(&[], 1, (20, 20)).is_none());
    }

    #[test]
    fn a_reading_holds_until_the_next() {
        assert_eq!(steps(&[(0, 1), (5, 1), (9, 3)]), [(0, 1), (5, 1), (9, 1), (9, 3)]);
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let readings: Vec<(u64, i64)> = (0..10_000)
            .map(|at| (at, if at == 777 { 99 } else { i64::from(at % 3 == 0) }))
            .collect();
        let kept = thin(&readings, 10_000, 100);
        assert!(kept.len() <= 400);
        assert!(kept.contains(&(777, 99)));
        assert!(kept.is_sorted());
        assert_eq!((kept[0], kept[kept.len() - 1]), (readings[0], readings[9_999]));
    }

    #[test]
    fn the_range_holds_zero_and_all_readings() {
        assert_eq!(range(&[]), (0, 1));
        let (low, high) = range(&[series(&[(0, -4), (1, 20)])]);
        assert!(low <= -4 && high >= 20);
    }
}
