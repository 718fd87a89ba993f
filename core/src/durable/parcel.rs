//! A whole store as one file, to take along.

use serde::{Deserialize, Serialize};

use super::names::check_format;
use crate::mechanism::frame;

/// What such a file begins with.
const MAGIC: [u8; 8] = *b"FLstore\n";
/// Rises whenever the bytes change their meaning.
const FORMAT: u16 = 1;

#[derive(Serialize, Deserialize)]
struct Parcel {
    slug: String,
    images: Vec<Vec<u8>>,
}

/// Returns a row's store as the bytes of one file.
pub fn pack(slug: &str, images: Vec<Vec<u8>>) -> Vec<u8> {
    let parcel = Parcel { slug: slug.to_owned(), images };
    let mut body = FORMAT.to_le_bytes().to_vec();
    body.extend(postcard::to_allocvec(&parcel).unwrap_or_default());
    let mut bytes = MAGIC.to_vec();
    frame::append(&mut bytes, &body);
    bytes
}

/// Reads what [`pack`] has written for the same row.
///
/// # Errors
///
/// If it is something else, in a sentence.
pub fn unpack(slug: &str, bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else {
        return Err("This file is no store of this page.".into());
    };
    let damaged = || "This file is damaged: it is not what was exported.".to_owned();
    let (body, _) = frame::decode(rest, true).ok_or_else(damaged)?;
    let (format, rest) = body.split_first_chunk().ok_or_else(damaged)?;
    check_format(u16::from_le_bytes(*format), FORMAT).map_err(|error| error.to_string())?;
    let parcel: Parcel = postcard::from_bytes(rest).map_err(|_| damaged())?;
    if parcel.slug != slug {
        return Err(format!("This is a store of {}, not of {slug}.", parcel.slug));
    }
    Ok(parcel.images)
}
