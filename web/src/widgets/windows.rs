//! Windows of a stream over event time, with the watermark.

use faultline_core::view::{Window, WindowEvent, WindowRow, Windows};
use yew::{Html, classes, html};

use super::axis::TimeAxis;
use super::datum::{datum_in_words, tone_class, tone_in_words, tone_sign};
use super::frame::{empty, framed, left, more};
use crate::stage::hue_class;

/// More rows than this are counted below instead.
const MOST_ROWS: usize = 12;
/// More events in a row than this lose their oldest.
const MOST_EVENTS: usize = 80;
/// More windows in a row than this lose their oldest.
const MOST_WINDOWS: usize = 40;
/// Windows that would need more lines than this are left out.
const MOST_LINES: usize = 8;

/// Draws the rows, each with its windows above its events.
pub(super) fn windows(windows: &Windows) -> Html {
    let Some(axis) = axis(windows) else {
        return framed("widget-windows", &windows.label, empty());
    };
    let row = |row: &WindowRow| stream_row(row, windows.watermark_us, axis);
    let mark = windows.watermark_us.map(|at_us| {
        let share = axis.share(at_us);
        let class = classes!("watermark-name", (share > 0.5).then_some("is-late"));
        html! { <b {class} style={left(share)}>{ format!("watermark {}", axis.time(at_us)) }</b> }
    });
    let body = html! {<>
        <div class="time-rows">
            if let Some(mark) = mark {
                <div class="time-row" aria-hidden="true">
                    <div></div><div class="watermark-names">{ mark }</div>
                </div>
            }
            { for windows.rows.iter().take(MOST_ROWS).map(row) }
            <div class="time-row" aria-hidden="true">
                <div></div>
                <div class="time-axis">
                    <span>{ axis.time(axis.from_us) }</span><span>{ "event time" }</span>
                    <span>{ axis.time(axis.to_us) }</span>
                </div>
            </div>
        </div>
        { more(windows.rows.len().saturating_sub(MOST_ROWS), "rows") }
        { more(windows.rows.iter().take(MOST_ROWS).map(hidden).sum(), "windows") }
    </>};
    framed("widget-windows", &windows.label, body)
}

/// Returns the stretch of event time that holds everything.
pub(super) fn axis(windows: &Windows) -> Option<TimeAxis> {
    let rows = || windows.rows.iter();
    let spans = || rows().flat_map(|row| &row.windows);
    let events = || rows().flat_map(|row| &row.events).map(|event| event.at_us);
    let marks = || rows().filter_map(|row| row.watermark_us).chain(windows.watermark_us);
    let from = spans().map(|window| window.from_us).chain(events()).chain(marks()).min()?;
    let to = spans().map(|window| window.to_us).chain(events()).chain(marks()).max()?;
    Some(TimeAxis::new(from, to))
}

/// Returns how many windows of a row find no place.
fn hidden(row: &WindowRow) -> usize {
    let shown = last_windows(row);
    let drawn = stacked(shown).into_iter().filter(|&line| line < MOST_LINES).count();
    row.windows.len() - drawn
}

fn last_windows(row: &WindowRow) -> &[Window] {
    &row.windows[row.windows.len().saturating_sub(MOST_WINDOWS)..]
}

fn stream_row(row: &WindowRow, watermark_us: Option<u64>, axis: TimeAxis) -> Html {
    let events = row.events.iter().skip(row.events.len().saturating_sub(MOST_EVENTS));
    let shown = last_windows(row);
    let lines = stacked(shown);
    let depth = lines.iter().max().map_or(0, |most| most + 1).min(MOST_LINES);
    let windows = shown.iter().zip(lines).filter(|(_, line)| *line < MOST_LINES);
    let windows = windows.map(|(window, line)| window_box(window, line, axis));
    let is_own = row.watermark_us.is_some();
    let style = format!("--depth:{depth}");
    html! {
        <div class="time-row">
            <div class="time-name" title={row.name.clone()}>{ &row.name }</div>
            <div class="stream-track" {style} role="img" aria-label={row_in_words(row, axis)}>
                { for windows }
                { for events.map(|event| event_dot(event, axis)) }
                if let Some(at_us) = row.watermark_us.or(watermark_us) {
                    <i class={classes!("watermark", is_own.then_some("is-own"))}
                        style={left(axis.share(at_us))}></i>
                }
            </div>
        </div>
    }
}

/// Returns for each window the line on which it overlaps none before it.
fn stacked(windows: &[Window]) -> Vec<usize> {
    let mut ends: Vec<u64> = Vec::new();
    let place = |window: &Window| {
        let free = ends.iter().position(|&end| end <= window.from_us);
        let line = free.unwrap_or(ends.len());
        if line == ends.len() {
            ends.push(0);
        }
        ends[line] = window.to_us;
        line
    };
    windows.iter().map(place).collect()
}

fn window_box(window: &Window, line: usize, axis: TimeAxis) -> Html {
    let Window { from_us, to_us, result } = window;
    let from = axis.share(*from_us);
    let width = (axis.share(*to_us) - from) * 100.0;
    let class = classes!(
        "stream-window",
        result.epoch.map(hue_class),
        tone_class(result.tone),
        (!result.committed).then_some("is-open"),
    );
    let style = format!("{};width:{width:.2}%;--at:{line}", left(from));
    html! {
        <span {class} {style} title={window_in_words(window, axis)}>
            { tone_sign(result.tone) }
            if let Some(epoch) = result.epoch { <b>{ epoch }</b> }
            <span>{ &result.text }</span>
        </span>
    }
}

fn event_dot(event: &WindowEvent, axis: TimeAxis) -> Html {
    let class = classes!("stream-event", tone_class(event.tone));
    html! {
        <i {class} style={left(axis.share(event.at_us))} title={event_in_words(event, axis)}></i>
    }
}

fn window_in_words(window: &Window, axis: TimeAxis) -> String {
    let (from, to) = (axis.time(window.from_us), axis.time(window.to_us));
    let result = &window.result;
    // Of a window, "not final" is the word.
    let said = datum_in_words(result).replace("not committed", "not final");
    format!("{from} to {to}: {said}")
}

fn event_in_words(event: &WindowEvent, axis: TimeAxis) -> String {
    let tone = tone_in_words(event.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
    format!("{} at {}{tone}", event.text, axis.time(event.at_us)).trim_start().to_owned()
}

/// Returns a row in words.
pub(super) fn row_in_words(row: &WindowRow, axis: TimeAxis) -> String {
    const MOST_SAID: usize = 12;
    let hidden = row.windows.len().saturating_sub(MOST_SAID);
    let before = (hidden > 0).then(|| format!("{hidden} windows before"));
    let windows = row.windows.iter().skip(hidden).map(|window| window_in_words(window, axis));
    let of_tone = |wanted| row.events.iter().filter(|event| event.tone == wanted).count();
    let events =
        |count: usize, word: &str| (count > 0).then(|| crate::format::counted(count as u64, word));
    let events = [
        events(row.events.len(), "event"),
        events(of_tone(faultline_core::view::Tone::Warn), "late event"),
        events(of_tone(faultline_core::view::Tone::Bad), "dropped event"),
    ];
    let own = row.watermark_us.map(|at_us| format!("own watermark {}", axis.time(at_us)));
    let parts = before.into_iter().chain(windows).chain(events.into_iter().flatten()).chain(own);
    let parts: Vec<String> = parts.collect();
    let said = if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") };
    format!("{}: {said}", row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_overlap_stand_on_lines_of_their_own() {
        let window = |from_us, to_us| Window { from_us, to_us, result: "3".into() };
        assert_eq!(stacked(&[window(0, 10), window(5, 15), window(10, 20)]), [0, 1, 0]);
        assert_eq!(stacked(&[window(0, 10), window(10, 20)]), [0, 0]);
    }

    #[test]
    fn the_axis_holds_windows_events_and_watermarks() {
        let mut windows = Windows::default();
        assert_eq!(axis(&windows), None);
        windows.watermark_us = Some(9);
        let event = WindowEvent { at_us: 30, text: String::new(), tone: <_>::default() };
        windows.rows.push(WindowRow { events: vec![event], ..WindowRow::default() });
        assert_eq!(axis(&windows), Some(TimeAxis::new(9, 30)));
    }
}
