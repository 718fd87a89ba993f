//! Files of this site, fetched when they are needed.

use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Fetches a text file.
///
/// # Errors
/// One sentence, if the file is not there.
pub async fn text(address: &str) -> Result<String, String> {
    let response = get(address).await?;
    let text = match response.text() {
        Ok(text) => JsFuture::from(text).await,
        Err(error) => Err(error),
    };
    text.ok().and_then(|text| text.as_string()).ok_or_else(|| unreadable(address))
}

/// Fetches a JSON file.
///
/// # Errors
/// One sentence, if the file is not there or does not say what is expected.
pub async fn json<T: DeserializeOwned>(address: &str) -> Result<T, String> {
    let response = get(address).await?;
    let value: Result<JsValue, JsValue> = match response.json() {
        Ok(value) => JsFuture::from(value).await,
        Err(error) => Err(error),
    };
    let value = value.map_err(|_| unreadable(address))?;
    serde_wasm_bindgen::from_value(value).map_err(|_| unreadable(address))
}

async fn get(address: &str) -> Result<Response, String> {
    let missing = || format!("The file {address} could not be fetched: is this page offline?");
    let answer = JsFuture::from(gloo::utils::window().fetch_with_str(address)).await;
    let response: Response =
        answer.ok().and_then(|answer| answer.dyn_into().ok()).ok_or_else(missing)?;
    if response.ok() { Ok(response) } else { Err(missing()) }
}

fn unreadable(address: &str) -> String {
    format!("The file {address} is not what this page expects: reload the page.")
}
