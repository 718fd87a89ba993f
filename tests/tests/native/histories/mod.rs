//! The checkers of histories: against definitions, against each other, and against histories made
//! elsewhere.

mod brute_force;
mod drawn;
mod faulty;
mod known;
mod reading;
mod retries;
mod transactions;
