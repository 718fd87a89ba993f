//! What the browser says of its room, files in and out of it, and what outlives a reload.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlElement, StorageEstimate, StorageManager, Url};

/// What a browser says of its storage.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Room {
    /// Bytes in use, and bytes there may be, if it says.
    pub(super) used_and_most: Option<(f64, f64)>,
    /// Whether it has promised not to clear them by itself.
    pub(super) is_kept: bool,
}

fn manager() -> Option<StorageManager> {
    let navigator = gloo::utils::window().navigator();
    let storage = js_sys::Reflect::get(&navigator, &"storage".into()).ok()?;
    storage.dyn_into().ok()
}

/// Asks what room there is; `asks_to_keep` asks the browser not to clear it by itself as well.
pub(super) async fn look(asks_to_keep: bool) -> Room {
    let Some(manager) = manager() else { return Room::default() };
    if asks_to_keep && let Ok(asked) = manager.persist() {
        let _ = JsFuture::from(asked).await;
    }
    let mut room = Room::default();
    if let Ok(asked) = manager.persisted() {
        let is_kept = JsFuture::from(asked).await;
        room.is_kept = is_kept.is_ok_and(|it| it.is_truthy());
    }
    if let Ok(asked) = manager.estimate()
        && let Ok(estimate) = JsFuture::from(asked).await
    {
        let estimate: StorageEstimate = estimate.unchecked_into();
        room.used_and_most = estimate.get_usage().zip(estimate.get_quota());
    }
    room
}

/// Says what the browser has answered when it was asked to keep it.
pub(super) fn answer(room: Room) -> &'static str {
    if room.is_kept {
        "This browser said yes: it will not clear the store by itself."
    } else {
        "This browser said no: it may clear the store when room is short."
    }
}

/// Has the browser save these bytes as a file.
pub(super) fn save(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let address = Url::create_object_url_with_blob(&Blob::new_with_u8_array_sequence(&parts)?)?;
    let link = gloo::utils::document().create_element("a")?;
    link.set_attribute("href", &address)?;
    link.set_attribute("download", name)?;
    link.unchecked_into::<HtmlElement>().click();
    Url::revoke_object_url(&address)
}

/// Reads a file that the viewer has chosen.
pub(super) async fn load(file: web_sys::File) -> Option<Vec<u8>> {
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&bytes).to_vec())
}

fn key(slug: &str) -> String {
    format!("faultline.disk.{slug}")
}

/// Returns up to which operation a store's were acknowledged, and the last one known of, as this
/// browser remembers it.
pub(super) fn remembered(slug: &str) -> Option<(u64, u64)> {
    let storage = gloo::utils::window().local_storage().ok()??;
    let text = storage.get_item(&key(slug)).ok()??;
    let (acknowledged, issued) = text.split_once(' ')?;
    Some((acknowledged.parse().ok()?, issued.parse().ok()?))
}

/// Remembers it.
pub(super) fn remember(slug: &str, (acknowledged, issued): (u64, u64)) {
    if let Ok(Some(storage)) = gloo::utils::window().local_storage() {
        // Where there is no room, a reload knows of fewer.
        drop(storage.set_item(&key(slug), &format!("{acknowledged} {issued}")));
    }
}
