//! Every shape in which a scenario can show state.

use faultline_core::view::{Datum, Panel, Tone, Widget};
use yew::{Html, Properties, classes, component, html};

use super::cells::{Cells, Matrix};
use super::changes::use_changes;
use super::datum::{cell_content, tone_class, tone_sign};
use super::lanes::lanes;
use crate::format::count;
use crate::stage::{hue_class, micros};

/// Properties of [`WidgetView`].
#[derive(Clone, PartialEq, Properties)]
pub struct WidgetViewProps {
    /// What to draw.
    pub widget: Widget,
    /// True time on screen.
    pub now_us: u64,
}

/// Draws one piece of state.
#[component]
pub fn WidgetView(props: &WidgetViewProps) -> Html {
    let now_us = props.now_us;
    match &props.widget {
        Widget::Field { label, value } => {
            html! { <Field label={label.clone()} value={value.clone()} {now_us} /> }
        }
        Widget::Gauge { label, value, max, tone } => gauge(label, *value, *max, *tone),
        Widget::Cells { label, cells } => {
            html! { <Cells label={label.clone()} cells={cells.clone()} {now_us} /> }
        }
        Widget::Matrix { label, columns, rows } => html! {
            <Matrix label={label.clone()} columns={columns.clone()} rows={rows.clone()} {now_us} />
        },
        Widget::Lanes { label, rows } => lanes(label, rows, now_us),
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
    let has_changed = use_changes(std::slice::from_ref(value), props.now_us).contains(&true);
    let class = classes!(
        "field-value",
        value.epoch.map(hue_class),
        value.epoch.is_some().then_some("cell"),
        tone_class(value.tone),
        (!value.committed).then_some("is-open"),
        has_changed.then_some("is-changed"),
    );
    html! {
        <div class="widget field">
            <span class="field-name">{ &props.label }</span>
            <span {class}>{ cell_content(value) }</span>
        </div>
    }
}

/// Draws a part of a whole.
fn gauge(label: &str, value: u64, max: u64, tone: Tone) -> Html {
    let percent = (micros(value) / micros(max.max(1)) * 100.0).min(100.0);
    html! {
        <div class={classes!("widget", "gauge", tone_class(tone))}>
            <div class="field">
                <span class="field-name">{ label }</span>
                <span class="field-value">
                    { tone_sign(tone) }{ format!("{} of {}", count(value), count(max)) }
                </span>
            </div>
            <div class="gauge-track" role="meter" aria-label={label.to_owned()} aria-valuemin="0"
                aria-valuemax={max.to_string()} aria-valuenow={value.min(max).to_string()}>
                <i style={format!("width:{percent:.1}%")} />
            </div>
        </div>
    }
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
    let widget = |widget: &Widget| {
        html! { <WidgetView widget={widget.clone()} now_us={props.now_us} /> }
    };
    html! {
        <div class="panel-view">
            <h2 class="label">{ &props.panel.title }</h2>
            { for props.panel.widgets.iter().map(widget) }
        </div>
    }
}
