//! The page.

use faultline_web::app::App;

fn main() {
    let document = gloo::utils::document();
    if let Some(place) = document.get_element_by_id("app") {
        yew::Renderer::<App>::with_root(place).render();
    }
}
