//! A canvas as sharp as the screen, measured in CSS pixels.

use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::geometry::whole;

/// Returns the canvas's context, sized, cleared and scaled so that one unit is one CSS pixel.
pub(crate) fn cleared(
    canvas: &HtmlCanvasElement,
    width: f64,
    height: f64,
) -> Option<CanvasRenderingContext2d> {
    let sharpness = sharpness();
    let (device_width, device_height) =
        (device_pixels(width * sharpness), device_pixels(height * sharpness));
    if (canvas.width(), canvas.height()) != (device_width, device_height) {
        canvas.set_width(device_width);
        canvas.set_height(device_height);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(sharpness, 0.0, 0.0, sharpness, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    Some(context)
}

/// Returns how many device pixels make a CSS pixel.
pub(crate) fn sharpness() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(0.5, 4.0)
}

/// Returns the milliseconds since the page was opened.
pub(crate) fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

fn device_pixels(length: f64) -> u32 {
    whole(length.round(), 16_384).max(1)
}
