//! What a node holds, as one line of cells below its words: the first piece of its inside that is a
//! row of cells. Whatever finds no room there is in the inspector.

use faultline_core::view::{Datum, LogMatrix, NodeView, Widget};
use yew::{Html, classes, html};

use super::geometry::real;
use super::hue::hue_class;
use super::layout::LETTER_WIDTH;
use super::shapes::px;
use crate::widgets::{datum_in_words, tone_class, tone_letter};

/// A cell with more letters than this is cut off.
const MOST_LETTERS: usize = 14;
/// What a cell takes besides its letters, in letters.
const AROUND: usize = 1;
/// More cells than this are counted instead.
const MOST_CELLS: usize = 12;
/// So many have room below most nodes.
const USUAL_CELLS: usize = 2;

/// A row of cells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Inside {
    label: String,
    /// Those that matter most, in order.
    cells: Vec<Datum>,
    /// How many others there are.
    others: usize,
    /// Whether the others come before these, as of a log.
    keeps_last: bool,
}

impl Inside {
    /// Takes the first row of cells of what a node shows.
    pub(crate) fn of(view: &NodeView) -> Option<Self> {
        view.widgets.iter().find_map(Self::of_widget)
    }

    fn of_widget(widget: &Widget) -> Option<Self> {
        match widget {
            Widget::Cells { label, cells } => Self::last_of(label, cells, Datum::clone),
            Widget::Chips { label, chips } => Self::first_of(label, chips, Datum::clone),
            Widget::Matrix { label, columns, rows } => match (&columns[..], &rows[..]) {
                (_, [(_, cells)]) => Self::first_of(label, cells, Datum::clone),
                ([_], rows) => Self::first_of(label, rows, named),
                _ => None,
            },
            Widget::LogMatrix(LogMatrix { label, rows }) => match &rows[..] {
                [log] => {
                    let entry = |it: &Option<Datum>| it.clone().unwrap_or_else(Datum::none);
                    Self::last_of(label, &log.entries, entry)
                }
                _ => None,
            },
            Widget::Field { .. }
            | Widget::Gauge { .. }
            | Widget::Table(_)
            | Widget::Lanes { .. }
            | Widget::Series(_)
            | Widget::Plane(_)
            | Widget::Windows(_)
            | Widget::Histogram(_)
            | Widget::Ring(_)
            | Widget::Tree(_)
            | Widget::Graph(_)
            | Widget::Map(_)
            | Widget::Bits(_)
            | Widget::Sectors(_)
            | Widget::Document(_)
            | Widget::Text(_) => None,
        }
    }

    fn first_of<T>(label: &str, cells: &[T], cell: impl Fn(&T) -> Datum) -> Option<Self> {
        let kept = cells.iter().take(MOST_CELLS).map(cell).collect();
        let others = cells.len().saturating_sub(MOST_CELLS);
        let inside = Self { label: label.to_owned(), cells: kept, others, keeps_last: false };
        (!cells.is_empty()).then_some(inside)
    }

    fn last_of<T>(label: &str, cells: &[T], cell: impl Fn(&T) -> Datum) -> Option<Self> {
        let others = cells.len().saturating_sub(MOST_CELLS);
        let inside = Self::first_of(label, &cells[others..], cell)?;
        Some(Self { others, keeps_last: true, ..inside })
    }

    /// Returns the cells for which there is room on so many letters, and how many there is none for.
    fn fitting(&self, letters: usize) -> (&[Datum], usize) {
        let width = |cell: &Datum| letters_of(cell) + AROUND;
        let fits = |cells: &[Datum], more: usize| {
            cells.iter().map(width).sum::<usize>() + more_in_signs(more).len() <= letters
        };
        let all = self.cells.len();
        let of = |shown: usize| {
            let kept = if self.keeps_last { all - shown..all } else { 0..shown };
            (&self.cells[kept], all - shown + self.others)
        };
        (0..=all)
            .rev()
            .map(of)
            .find(|(cells, more)| fits(cells, *more))
            .unwrap_or((&[], all + self.others))
    }

    /// Returns true if there are more cells than there is room for below most nodes.
    pub(crate) fn may_hide_some(&self) -> bool {
        self.others > 0 || self.cells.len() > USUAL_CELLS
    }

    /// Returns how many letters of room it takes on a line of so many; none if nothing of it fits.
    pub(crate) fn letters(&self, letters: usize) -> usize {
        let (cells, more) = self.fitting(letters);
        if cells.is_empty() {
            return 0;
        }
        cells.iter().map(|cell| letters_of(cell) + AROUND).sum::<usize>()
            + more_in_signs(more).len()
    }

    /// Says all of it that might be drawn.
    pub(crate) fn in_words(&self) -> String {
        let said: Vec<String> = self.cells.iter().map(datum_in_words).collect();
        let others =
            if self.others > 0 { format!("{} more, ", self.others) } else { String::new() };
        format!("{}: {others}{}", self.label, said.join("; "))
    }

    /// Draws it around this height, with letters of this size, on a line of so many.
    pub(crate) fn drawn(&self, letters: usize, size: f64, middle_y: f64) -> Html {
        let (shown, more) = self.fitting(letters);
        if shown.is_empty() {
            return Html::default();
        }
        let letter = size * LETTER_WIDTH;
        let all = real(self.letters(letters)) * letter;
        let (sign, signs) = (more_in_signs(more), real(more_in_signs(more).len()) * letter);
        let mut x = -all / 2.0 + if self.keeps_last { signs } else { 0.0 };
        let sign_x = if self.keeps_last { (signs - all) / 2.0 } else { (all - signs) / 2.0 };
        let (y, height) = (middle_y - size * 0.62, size * 1.24);
        let text_y = px(middle_y + size * 0.34);
        let cell = |cell: &Datum| {
            let width = real(letters_of(cell) + AROUND) * letter;
            let (left, middle) = (x, x + width / 2.0);
            x += width;
            let class = classes!(
                "node-cell",
                cell.epoch.map(hue_class),
                tone_class(cell.tone),
                (!cell.committed).then_some("is-open"),
            );
            html! {
                <g {class}>
                    <rect x={px(left + 0.75)} y={px(y)} width={px(width - 1.5)} height={px(height)} rx="2.5" />
                    <text x={px(middle)} y={text_y.clone()} font-size={px(size * 0.92)}>
                        { text_of(cell) }
                    </text>
                </g>
            }
        };
        let cells: Vec<Html> = shown.iter().map(cell).collect();
        html! {
            <g class="node-inside">
                { for cells }
                if more > 0 {
                    <text class="node-label" x={px(sign_x)} y={text_y} font-size={px(size * 0.92)}>
                        { sign }
                    </text>
                }
            </g>
        }
    }
}

/// Returns the only cell of a row with what heads the row.
fn named((head, cells): &(String, Vec<Datum>)) -> Datum {
    let cell = cells.first().cloned().unwrap_or_else(Datum::none);
    Datum { text: format!("{head} {}", cell.text), ..cell }
}

/// Returns how many cells are left out, in signs.
fn more_in_signs(more: usize) -> String {
    if more == 0 { String::new() } else { format!("+{more} ") }
}

fn letters_of(cell: &Datum) -> usize {
    text_of(cell).chars().count()
}

/// Returns what a cell says: the number of its epoch, its sign and its text.
fn text_of(cell: &Datum) -> String {
    let epoch = cell.epoch.map(|epoch| epoch.to_string());
    let text = (!cell.text.is_empty()).then(|| cell.text.clone());
    let sign = tone_letter(cell.tone).map(str::to_owned);
    let parts: Vec<String> = [sign, epoch, text].into_iter().flatten().collect();
    let said = parts.join(" ");
    if said.chars().count() <= MOST_LETTERS {
        return said;
    }
    said.chars().take(MOST_LETTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(count: usize) -> Inside {
        let cells = (0..count).map(|nth| Datum::new(format!("w{nth}")).in_epoch(2));
        let view =
            NodeView::default().with([Widget::field("voted", "S2"), Widget::cells("log", cells)]);
        Inside::of(&view).unwrap()
    }

    #[test]
    fn the_first_row_of_cells_is_taken_and_the_end_of_a_log_is_kept() {
        assert_eq!(log(2).fitting(20).1, 0);
        let log = log(9);
        let (shown, more) = log.fitting(16);
        assert_eq!((shown.len(), more, shown[1].text.as_str()), (2, 7, "w8"));
        assert_eq!(log.letters(16), 13);
        assert_eq!(log.letters(3), 0, "nothing fits");
        assert!(log.in_words().starts_with("log: epoch 2 w0; epoch 2 w1"));
    }

    #[test]
    fn a_table_is_for_the_inspector() {
        let view = NodeView::default().with([Widget::Text("prose".into())]);
        assert_eq!(Inside::of(&view), None);
    }
}
