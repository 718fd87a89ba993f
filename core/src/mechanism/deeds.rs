//! What operators and automation did, latest first: an audit, folded from facts by an observer.

use std::collections::VecDeque;

use crate::sim::{Names, NodeId};
use crate::view::{Panel, Widget, instant};

/// So many of the last deeds are remembered.
const LIMIT: usize = 12;

/// The last deeds: when, whose, and what.
#[derive(Clone, Debug, Default, Hash)]
pub struct Deeds(VecDeque<(u64, NodeId, String)>);

impl Deeds {
    /// Notes what a node did.
    pub fn push(&mut self, at_us: u64, node: NodeId, what: String) {
        self.0.push_back((at_us, node, what));
        if self.0.len() > LIMIT {
            self.0.pop_front();
        }
    }

    /// Lists them.
    pub fn panel(&self, title: &str, names: &Names) -> Panel {
        let rows = self.0.iter().rev().map(|(at_us, node, what)| {
            (instant(*at_us), [format!("{} {what}", &names[*node]).into()])
        });
        Panel::new(title, [Widget::matrix("latest first", ["what"], rows)])
    }
}
