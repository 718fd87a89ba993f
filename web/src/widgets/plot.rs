//! A chart's lines as SVG text, drawn by plotters.
//!
//! plotters wants colours as numbers, and the page's colours change with its theme. So every part
//! is drawn in a colour of its own that nobody sees, and then gets a class instead.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::prelude::*;

use super::scale::Scale;
use super::series::Series;
use crate::stage::micros;
use faultline_core::order::sort;

/// Kept free at the left of the plot, for values.
pub(crate) const LEFT: u32 = 44;
/// Kept free below the plot, for times.
pub(crate) const BOTTOM: u32 = 18;
/// Kept free at the right of the plot.
pub(crate) const EDGE: u32 = 8;
/// Kept free above the plot, for the unit.
pub(crate) const TOP: u32 = 16;
/// Lines that can be told apart; more take turns.
pub(crate) const STROKES: usize = 4;
/// Signs on a line, so that it is known without its colour.
const SIGNS: u64 = 5;

const MESH: RGBColor = RGBColor(1, 0, 1);
const TEXT: RGBColor = RGBColor(1, 0, 2);

fn stroke(series: usize) -> RGBColor {
    RGBColor(1, 1, u8::try_from(series % STROKES).unwrap_or(0))
}

/// Draws the series from the beginning to `horizon_us`. None if there is no room.
pub(crate) fn plot(
    series: &[Series],
    horizon_us: u64,
    scale: &Scale,
    (width, height): (u32, u32),
) -> Option<String> {
    if width < LEFT + 40 || height < TOP + BOTTOM + 30 {
        return None;
    }
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        draw(&root, series, horizon_us.max(1), scale, width).ok()?;
        root.present().ok()?;
    }
    Some(with_classes(&text))
}

/// The axis of values: heights from 0 to 1, with a line at each of these.
struct Heights(Vec<f64>);

impl Ranged for Heights {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, height: &f64, (from, to): (i32, i32)) -> i32 {
        let along = height * f64::from(to - from);
        #[expect(clippy::cast_possible_truncation, reason = "a height is a share of the limits")]
        let pixels = along.round() as i32;
        from + pixels
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.0.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        0.0..1.0
    }
}

fn draw<Backend: DrawingBackend>(
    root: &DrawingArea<Backend, plotters::coord::Shift>,
    series: &[Series],
    horizon_us: u64,
    scale: &Scale,
    width: u32,
) -> Result<(), DrawingAreaErrorKind<Backend::ErrorType>> {
    let seconds = |us: u64| micros(us) / 1e6;
    let ticks: Vec<f64> = scale.ticks().iter().map(|&value| scale.height(value)).collect();
    let mut chart = ChartBuilder::on(root)
        .margin_top(TOP)
        .margin_right(EDGE)
        .x_label_area_size(BOTTOM)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(0.0..seconds(horizon_us), Heights(ticks))?;
    let digits = usize::from(horizon_us < 3_000_000);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(MESH)
        .light_line_style(TRANSPARENT)
        .axis_style(MESH)
        .label_style(("sans-serif", 11).into_font().color(&TEXT))
        .x_labels((width / 55) as usize)
        .y_labels(8)
        .x_label_formatter(&|at| format!("{at:.digits$} s"))
        .y_label_formatter(&|height| scale.label_at(*height))
        .draw()?;
    for (index, it) in series.iter().enumerate() {
        let points = steps(&thin(&it.readings, horizon_us, width as usize));
        let place = |(at_us, value): (u64, i64)| (seconds(at_us), scale.height(value));
        let line = points.into_iter().map(place);
        chart.draw_series(LineSeries::new(line, stroke(index).stroke_width(2)))?;
        if series.len() > 1 {
            let signs = sign_places(&it.readings, horizon_us, index).into_iter().map(place);
            let style = stroke(index).filled();
            match index % STROKES {
                0 => chart.draw_series(signs.map(|at| Circle::new(at, 3, style)))?,
                1 => chart.draw_series(signs.map(|at| TriangleMarker::new(at, 4, style)))?,
                2 => chart
                    .draw_series(signs.map(|at| {
                        EmptyElement::at(at) + Rectangle::new([(-3, -3), (3, 3)], style)
                    }))?,
                _ => chart.draw_series(signs.map(|at| Circle::new(at, 3, stroke(index))))?,
            };
        }
    }
    Ok(())
}

/// Returns where a line has its signs: every so often, each line's at other times.
fn sign_places(readings: &[(u64, i64)], horizon_us: u64, series: usize) -> Vec<(u64, i64)> {
    let shift_us = horizon_us / SIGNS / 6 * (series as u64 % 4 + 1);
    let times = (0..SIGNS).map(|nth| horizon_us / SIGNS * nth + shift_us);
    let known_us = readings.last().map_or(0, |&(at_us, _)| at_us);
    let at = |at_us: u64| {
        let after = readings.partition_point(|&(reading_us, _)| reading_us <= at_us);
        Some((at_us, readings.get(after.checked_sub(1)?)?.1))
    };
    times.filter(|&at_us| at_us <= known_us).filter_map(at).collect()
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
        sort(&mut indices);
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
        let color = hex(stroke(series));
        let class = format!("class=\"chart-line chart-line-{series}\"");
        text = text.replace(&format!("stroke=\"{color}\""), &class);
        let class = format!("class=\"chart-sign chart-sign-{series}\"");
        text = text.replace(&format!("fill=\"{color}\""), &class);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(readings: &[(u64, i64)]) -> Series {
        Series { name: "writes".into(), readings: readings.to_vec(), total: 0, now: None }
    }

    fn plotted(all: &[Series], horizon_us: u64, size: (u32, u32)) -> Option<String> {
        plot(all, horizon_us, &Scale::of(all, false), size)
    }

    #[test]
    fn every_line_has_a_class_and_no_colour() {
        let line = |at| series(&[(0, at), (900_000, at + 3)]);
        let all = [line(1), line(2), line(5), line(9)];
        let text = plotted(&all, 1_000_000, (316, 110)).unwrap();
        for class in ["chart-line-0", "chart-line-3", "chart-sign-1", "chart-mesh", "chart-text"] {
            assert!(text.contains(class), "{class} is missing in {text}");
        }
        assert!(!text.contains("#01"), "an unseen colour is left in {text}");
    }

    #[test]
    fn charts_without_readings_or_room_do_not_fail() {
        assert!(plotted(&[], 0, (316, 110)).is_some());
        assert!(plotted(&[series(&[])], 5, (316, 110)).is_some());
        let extremes = [series(&[(0, i64::MAX), (1, i64::MIN)])];
        assert!(plotted(&extremes, 5, (316, 110)).is_some());
        assert!(plotted(&[], 1, (20, 20)).is_none());
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
}
