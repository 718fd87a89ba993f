//! Stretches of true time, one lane a row, with the cursor that stage and transport share.

use faultline_core::view::Span;
use yew::{Html, classes, html};

use super::datum::tone_class;
use crate::format::short_instant;
use crate::stage::{hue_class, micros};

/// Draws lanes from the first stretch to now.
pub(crate) fn lanes(label: &str, rows: &[(String, Vec<Span>)], now_us: u64) -> Html {
    let spans = || rows.iter().flat_map(|(_, spans)| spans);
    let from_us = spans().map(|span| span.from_us).min().unwrap_or(0);
    let ends = spans().filter_map(|span| span.to_us).max().unwrap_or(0);
    let to_us = ends.max(now_us).max(from_us + 1);
    let scale = Scale { from_us, to_us };
    let row = |(heading, spans): &(String, Vec<Span>)| {
        html! {
            <div class="lane">
                <div class="lane-name">{ heading }</div>
                <div class="lane-track" role="img" aria-label={in_words(heading, spans)}>
                    { for spans.iter().map(|span| stretch(span, scale, now_us)) }
                    <i class="lane-now" style={format!("left:{:.2}%", scale.percent(now_us))} />
                </div>
            </div>
        }
    };
    html! {
        <div class="widget">
            <div class="widget-label">{ label }</div>
            <div class="lanes">{ for rows.iter().map(row) }</div>
            <div class="lane-axis" aria-hidden="true">
                <span>{ short_instant(from_us) }</span><span>{ short_instant(to_us) }</span>
            </div>
        </div>
    }
}

#[derive(Copy, Clone)]
struct Scale {
    from_us: u64,
    to_us: u64,
}

impl Scale {
    fn percent(self, at_us: u64) -> f64 {
        let whole = micros(self.to_us - self.from_us);
        (micros(at_us.saturating_sub(self.from_us)) / whole * 100.0).clamp(0.0, 100.0)
    }
}

fn stretch(span: &Span, scale: Scale, now_us: u64) -> Html {
    let left = scale.percent(span.from_us);
    let width = scale.percent(span.to_us.unwrap_or(now_us)) - left;
    let class = classes!(
        "lane-span",
        span.epoch.map(hue_class),
        tone_class(span.tone),
        span.to_us.is_none().then_some("is-open"),
    );
    let style = format!("left:{left:.2}%;width:{width:.2}%");
    html! { <span {class} {style} title={span_in_words(span)}>{ span_text(span) }</span> }
}

fn span_text(span: &Span) -> String {
    match span.epoch {
        Some(epoch) => format!("{epoch} {}", span.text),
        None => span.text.clone(),
    }
}

fn span_in_words(span: &Span) -> String {
    let end =
        span.to_us.map_or_else(|| "until now".into(), |to| format!("to {}", short_instant(to)));
    let epoch = span.epoch.map(|epoch| format!(", epoch {epoch}")).unwrap_or_default();
    format!("{}{epoch}, {} {end}", span.text, short_instant(span.from_us))
}

fn in_words(heading: &str, spans: &[Span]) -> String {
    let spans: Vec<String> = spans.iter().map(span_in_words).collect();
    let spans = if spans.is_empty() { "nothing".into() } else { spans.join("; ") };
    format!("{heading}: {spans}")
}
