//! Stretches of true time, one lane a row, with the cursor that stage and transport share.

use faultline_core::view::Span;
use yew::{Html, classes, html};

use super::axis::TimeAxis;
use super::datum::{tone_class, tone_in_words, tone_sign};
use super::frame::{empty, framed, left, more};
use crate::epoch::epoch_in_words;
use crate::stage::hue_class;

/// More lanes than this are counted below instead.
pub(super) const MOST_LANES: usize = 24;
/// More stretches on a lane than this lose their oldest.
const MOST_SPANS: usize = 160;

/// Draws lanes from the first stretch to now.
pub(super) fn lanes(label: &str, rows: &[(String, Vec<Span>)], now_us: u64) -> Html {
    if rows.is_empty() {
        return framed("widget-lanes", label, empty());
    }
    let spans = || rows.iter().flat_map(|(_, spans)| spans);
    let from_us = spans().map(|span| span.from_us).min().unwrap_or(0);
    let ends = spans().filter_map(|span| span.to_us).max().unwrap_or(0);
    let axis = TimeAxis::new(from_us, ends.max(now_us));
    let row = |(heading, spans): &(String, Vec<Span>)| {
        let shown = spans.iter().skip(spans.len().saturating_sub(MOST_SPANS));
        html! {
            <div class="time-row">
                <div class="time-name" title={heading.clone()}>{ heading }</div>
                <div class="time-track" role="img" aria-label={in_words(heading, spans)}>
                    { for shown.map(|span| stretch(span, axis, now_us)) }
                    <i class="time-now" style={left(axis.share(now_us))} />
                </div>
            </div>
        }
    };
    let body = html! {<>
        <div class="time-rows">
            { for rows.iter().take(MOST_LANES).map(row) }
            <div class="time-row" aria-hidden="true">
                <div></div>
                <div class="time-axis">
                    <span>{ axis.time(axis.from_us) }</span><span>{ axis.time(axis.to_us) }</span>
                </div>
            </div>
        </div>
        { more(rows.len().saturating_sub(MOST_LANES), "lanes") }
    </>};
    framed("widget-lanes", label, body)
}

fn stretch(span: &Span, axis: TimeAxis, now_us: u64) -> Html {
    let from = axis.share(span.from_us);
    let width = (axis.share(span.to_us.unwrap_or(now_us)) - from).max(0.0);
    let class = classes!(
        "time-span",
        span.epoch.map(hue_class),
        tone_class(span.tone),
        span.to_us.is_none().then_some("is-ongoing"),
    );
    let style = format!("{};width:{:.2}%", left(from), width * 100.0);
    html! {
        <span {class} {style} title={span_in_words(span, axis)}>
            if let Some(epoch) = span.epoch { <b>{ epoch }</b> }
            { tone_sign(span.tone) }
            <span>{ &span.text }</span>
        </span>
    }
}

fn span_in_words(span: &Span, axis: TimeAxis) -> String {
    let end = span.to_us.map_or_else(|| "until now".into(), |to| format!("to {}", axis.time(to)));
    let epoch = span.epoch.map(|epoch| format!(", {}", epoch_in_words(epoch))).unwrap_or_default();
    let tone = tone_in_words(span.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
    format!("{}{epoch}{tone}, {} {end}", span.text, axis.time(span.from_us))
}

/// Returns a lane in words, its last stretches first if there are many.
pub(super) fn in_words(heading: &str, spans: &[Span]) -> String {
    const MOST_SAID: usize = 12;
    let axis = TimeAxis::new(0, spans.iter().map(|span| span.from_us).max().unwrap_or(0));
    let hidden = spans.len().saturating_sub(MOST_SAID);
    let before = (hidden > 0).then(|| format!("{hidden} before"));
    let spans = spans.iter().skip(hidden).map(|span| span_in_words(span, axis));
    let said: Vec<String> = before.into_iter().chain(spans).collect();
    let said = if said.is_empty() { "nothing".into() } else { said.join("; ") };
    format!("{heading}: {said}")
}
