//! How large an element is, and stays so when it is not.

use gloo::events::EventListener;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::{NodeRef, hook, use_effect_with, use_state_eq};

use super::layout::Area;
use super::palette::text_height;

/// Observes an element's size until dropped.
pub(crate) struct Observation {
    observer: ResizeObserver,
    _on_resize: Closure<dyn FnMut()>,
    _on_window_resize: EventListener,
}

impl Observation {
    /// Has `on_resize` called when the element's size has changed.
    pub(crate) fn start(element: &Element, on_resize: impl Fn() + Clone + 'static) -> Option<Self> {
        let on_window_resize = {
            // A change of the page's text size alone does not resize the element.
            let on_resize = on_resize.clone();
            EventListener::new(&web_sys::window()?.into(), "resize", move |_| on_resize())
        };
        let closure = Closure::<dyn FnMut()>::new(on_resize);
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _on_resize: closure, _on_window_resize: on_window_resize })
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Returns the size of an element, and has the component drawn anew when it changes.
#[hook]
pub(crate) fn use_area(element: &NodeRef) -> Area {
    let area = use_state_eq(Area::default);
    {
        let (area, element) = (area.setter(), element.clone());
        use_effect_with((), move |()| {
            let measured = element.clone();
            let measure = move || {
                if let Some(element) = measured.cast::<Element>() {
                    let box_ = element.get_bounding_client_rect();
                    let text = text_height(&element).unwrap_or(14.0);
                    area.set(Area { width: box_.width(), height: box_.height(), text });
                }
            };
            measure();
            let element = element.cast::<Element>();
            let observation = element.and_then(|element| Observation::start(&element, measure));
            move || drop(observation)
        });
    }
    *area
}
