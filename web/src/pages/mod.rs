//! The places of the page: the gallery, the lab, and the sentence for addresses that lead nowhere.

pub(crate) mod gallery;
pub(crate) mod lab;
pub(crate) mod lost;
pub(crate) mod signs;
