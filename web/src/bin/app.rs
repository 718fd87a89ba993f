//! The page.

use std::panic;

use faultline_web::app::App;

/// What is left to say when the page itself fails; its run is in the address bar.
const LAST_WORDS: &str = "This page stopped with an error. Reload it: your run is in the address.";

fn main() {
    panic::set_hook(Box::new(|_| say_last_words()));
    let document = gloo::utils::document();
    if let Some(place) = document.get_element_by_id("app") {
        yew::Renderer::<App>::with_root(place).render();
    }
}

/// Shows a sentence without the help of what has just failed.
fn say_last_words() {
    let document = gloo::utils::document();
    let (Some(body), Ok(alert)) = (document.body(), document.create_element("p")) else { return };
    alert.set_class_name("last-words");
    alert.set_text_content(Some(LAST_WORDS));
    // In this order, so that the alert is read out; what fails now has nobody left to hear of it.
    let is_alert = alert.set_attribute("role", "alert");
    drop(is_alert.and_then(|()| body.append_child(&alert)));
}
