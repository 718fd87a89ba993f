//! Every shape in which a scenario can show state.

use std::collections::BTreeMap;

use faultline_core::view::{Datum, Panel, Tone, Widget};
use yew::{Html, Properties, classes, component, html};

use super::bits::BitsView;
use super::cells::{Cells, Chips, Matrix};
use super::changes::use_changes;
use super::datum::{cell_content, tone_class, tone_in_words, tone_sign, value_classes};
use super::document::document;
use super::graph::graph;
use super::histogram::histogram;
use super::lanes::lanes;
use super::log_matrix::LogMatrixView;
use super::map::map;
use super::plane::plane;
use super::ring::RingView;
use super::sectors::SectorsView;
use super::sparkline::sparkline;
use super::table::TableView;
use super::tree::TreeView;
use super::windows::windows;
use super::words::widget_in_words;
use crate::format::count;
use crate::stage::micros;

/// Properties of [`WidgetView`].
#[derive(Clone, PartialEq, Properties)]
pub struct WidgetViewProps {
    /// What to draw.
    pub widget: Widget,
    /// True time on screen.
    pub now_us: u64,
}

/// Draws one piece of state. Lists and grids are read as they are; a drawing carries its words.
#[component]
pub fn WidgetView(props: &WidgetViewProps) -> Html {
    let now_us = props.now_us;
    let words = || widget_in_words(&props.widget).join(". ");
    match &props.widget {
        Widget::Field { label, value } => {
            html! { <Field label={label.clone()} value={value.clone()} {now_us} /> }
        }
        Widget::Gauge { label, value, max, tone } => gauge(label, *value, *max, *tone),
        Widget::Cells { label, cells } => {
            html! { <Cells label={label.clone()} cells={cells.clone()} {now_us} /> }
        }
        Widget::Chips { label, chips } => {
            html! { <Chips label={label.clone()} cells={chips.clone()} {now_us} /> }
        }
        Widget::Matrix { label, columns, rows } => html! {
            <Matrix label={label.clone()} columns={columns.clone()} rows={rows.clone()} {now_us} />
        },
        Widget::Table(table) => html! { <TableView table={table.clone()} {now_us} /> },
        Widget::LogMatrix(logs) => html! { <LogMatrixView logs={logs.clone()} {now_us} /> },
        Widget::Lanes { label, rows } => lanes(label, rows, now_us),
        Widget::Series(shown) => sparkline(shown, now_us, words()),
        Widget::Plane(shown) => plane(shown, words()),
        Widget::Windows(shown) => windows(shown),
        Widget::Histogram(shown) => histogram(shown, words()),
        Widget::Ring(ring) => html! { <RingView ring={ring.clone()} words={words()} /> },
        Widget::Tree(tree) => html! { <TreeView tree={tree.clone()} {now_us} /> },
        Widget::Graph(shown) => graph(shown, words()),
        Widget::Map(shown) => map(shown, words()),
        Widget::Bits(bits) => {
            html! { <BitsView bits={bits.clone()} {now_us} words={words()} /> }
        }
        Widget::Sectors(sectors) => {
            html! { <SectorsView sectors={sectors.clone()} {now_us} /> }
        }
        Widget::Document(shown) => document(shown),
        Widget::Text(text) => html! { <p class="widget-text">{ text }</p> },
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FieldProps {
    label: String,
    value: Datum,
    now_us: u64,
}

/// Draws a name and a value.
#[component]
fn Field(props: &FieldProps) -> Html {
    let value = &props.value;
    let has_changed = use_changes(&[((), value.clone())], props.now_us).contains(&true);
    let class = classes!("field-value", value_classes(value, has_changed));
    html! {
        <div class="widget field">
            <span class="field-name">{ &props.label }</span>
            <span {class}>
                if value.text.is_empty() && value.epoch.is_none() { { "—" } }
                { cell_content(value) }
            </span>
        </div>
    }
}

/// Draws a part of a whole.
fn gauge(label: &str, value: u64, max: u64, tone: Tone) -> Html {
    let percent = (micros(value) / micros(max.max(1)) * 100.0).min(100.0);
    let said = format!("{} of {}", count(value), count(max));
    let tone_said = tone_in_words(tone).map(|tone| format!(", {tone}")).unwrap_or_default();
    html! {
        <div class={classes!("widget", "gauge", tone_class(tone))}>
            <div class="field">
                <span class="field-name">{ label }</span>
                <span class="field-value">{ tone_sign(tone) }{ said.clone() }</span>
            </div>
            <div class="gauge-track" role="meter" aria-label={label.to_owned()} aria-valuemin="0"
                aria-valuemax={max.to_string()} aria-valuenow={value.min(max).to_string()}
                aria-valuetext={format!("{said}{tone_said}")}>
                <i style={format!("width:{percent:.1}%")} />
            </div>
        </div>
    }
}

/// Properties of [`WidgetList`].
#[derive(Clone, PartialEq, Properties)]
pub struct WidgetListProps {
    /// What to draw.
    pub widgets: Vec<Widget>,
    /// True time on screen.
    pub now_us: u64,
}

/// Draws pieces of state below each other. A piece is the same one while its name is, so that it
/// keeps its scroll and its choices when others come or go.
#[component]
pub fn WidgetList(props: &WidgetListProps) -> Html {
    let now_us = props.now_us;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let one = |widget: &Widget, key: String| {
        html! { <WidgetView {key} widget={widget.clone()} {now_us} /> }
    };
    let mut all = Vec::with_capacity(props.widgets.len());
    for widget in &props.widgets {
        let number = seen.entry(widget.label()).or_default();
        *number += 1;
        all.push(one(widget, format!("{} {number}", widget.label())));
    }
    html! { <div class="widget-list">{ for all }</div> }
}

/// Properties of [`PanelView`].
#[derive(Clone, PartialEq, Properties)]
pub struct PanelViewProps {
    /// What to draw.
    pub panel: Panel,
    /// True time on screen.
    pub now_us: u64,
}

/// Draws a panel: its title and what it holds.
#[component]
pub fn PanelView(props: &PanelViewProps) -> Html {
    html! {
        <div class="panel-view">
            <h2 class="label">{ &props.panel.title }</h2>
            <WidgetList widgets={props.panel.widgets.clone()} now_us={props.now_us} />
        </div>
    }
}
