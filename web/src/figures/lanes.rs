//! Where a history's operations stand: a lane a client, and rows in it where operations overlap.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::wire::HistoryOperation;

/// At most so many rows in a lane: what overlaps more stands over what is below it.
pub(super) const MOST_ROWS: usize = 4;

/// An operation in its row.
pub(super) struct Placed<'a> {
    /// Which operation.
    pub(super) operation: &'a HistoryOperation,
    /// Its lane.
    pub(super) lane: usize,
    /// Its row in the lane.
    pub(super) row: usize,
}

/// Returns when an operation is over: one without an end reaches as far as the history.
pub(super) fn end_us(operation: &HistoryOperation, heard_us: u64) -> u64 {
    operation.ended.map_or(heard_us, |(at_us, _)| at_us).max(operation.began_us)
}

/// Places the operations of a window, each in the first row of its client's lane that is free; and says
/// how many rows each lane has.
pub(super) fn placed<'a>(
    operations: impl Iterator<Item = (&'a HistoryOperation, usize)>,
    lanes: usize,
    heard_us: u64,
) -> (Vec<Placed<'a>>, Vec<usize>) {
    // Until when each row of each lane is taken.
    let mut taken: Vec<Vec<u64>> = vec![Vec::new(); lanes];
    let mut all = Vec::new();
    for (operation, lane) in operations {
        let Some(rows) = taken.get_mut(lane) else { continue };
        let free = rows.iter().position(|&until_us| until_us <= operation.began_us);
        let row = free.unwrap_or(rows.len()).min(MOST_ROWS - 1);
        let end_us = end_us(operation, heard_us);
        if row == rows.len() {
            rows.push(end_us);
        } else {
            rows[row] = end_us;
        }
        all.push(Placed { operation, lane, row });
    }
    (all, taken.iter().map(|rows| rows.len().max(1)).collect())
}

/// Moves the focus to the nth button of the group in which a key was pressed.
pub(crate) fn focus_nth(event: &KeyboardEvent, nth: usize) {
    // Listeners are delegated: the element that listens is not the one to look below.
    let pressed = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let group = pressed.and_then(|it| it.closest("[role=group]").ok().flatten());
    let all = group.and_then(|group| group.query_selector_all("button").ok());
    let index = u32::try_from(nth).unwrap_or_default();
    let found = all.and_then(|all| all.item(index));
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        drop(found.focus());
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::{NodeId, OperationStep};

    use super::*;
    use crate::wire::Part;

    fn operation(began_us: u64, ended_us: Option<u64>) -> HistoryOperation {
        HistoryOperation {
            place: 0,
            client: NodeId(0),
            began_us,
            began_in: 0,
            ended: ended_us.map(|at_us| (at_us, OperationStep::Succeeds)),
            asked: String::new(),
            answered: None,
            point_us: None,
            part: Part::None,
        }
    }

    #[test]
    fn what_overlaps_stands_in_rows_of_its_own() {
        let all = [
            operation(0, Some(5)),
            operation(3, None),
            operation(5, Some(6)),
            operation(6, Some(7)),
        ];
        let (placed, rows) = placed(all.iter().map(|it| (it, 0)), 2, 100);
        assert_eq!(placed.iter().map(|it| it.row).collect::<Vec<_>>(), [0, 1, 0, 0]);
        assert_eq!(rows, [2, 1]);
    }
}
