//! A value that changes at most once a second, for words that nobody could read faster.

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use yew::{hook, use_effect_with, use_mut_ref, use_ref, use_state};

use super::canvas::now_ms;
use super::geometry::whole;

const LEAST_MS: u32 = 1_000;

/// Returns `value` as it was at most a second ago. A value that stays is shown in the end.
#[hook]
pub(crate) fn use_settled<T: 'static>(value: &Rc<T>) -> Rc<T> {
    let shown = use_state(|| value.clone());
    let latest = use_mut_ref(|| value.clone());
    let shown_at_ms = use_ref(|| Cell::new(now_ms()));
    let waiting = use_mut_ref(|| (false, None::<Timeout>));
    latest.borrow_mut().clone_from(value);
    {
        let shown = shown.clone();
        use_effect_with(Rc::as_ptr(value).cast::<()>(), move |_| {
            let is_up_to_date = Rc::ptr_eq(&*shown, &latest.borrow());
            if is_up_to_date || waiting.borrow().0 {
                return;
            }
            let wait = whole(f64::from(LEAST_MS) - (now_ms() - shown_at_ms.get()), LEAST_MS);
            let timeout = {
                let waiting = waiting.clone();
                Timeout::new(wait, move || {
                    waiting.borrow_mut().0 = false;
                    shown_at_ms.set(now_ms());
                    let latest = latest.borrow().clone();
                    shown.set(latest);
                })
            };
            *waiting.borrow_mut() = (true, Some(timeout));
        });
    }
    (*shown).clone()
}
