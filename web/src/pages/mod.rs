//! The places of the page: the gallery, the lab, all pictures, and the sentence for addresses that lead nowhere.

pub(crate) mod gallery;
pub(crate) mod lab;
pub(crate) mod lost;
pub(crate) mod signs;
pub(crate) mod widgets;
