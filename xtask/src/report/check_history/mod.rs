//! `check-history`: a history recorded elsewhere, judged.

mod object;
mod request;
mod transactions;

use request::Judgement;
pub(crate) use request::main;
