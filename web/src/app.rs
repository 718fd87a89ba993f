//! The page: goes where the address says, and reads the catalogue.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::epoch::forget_epochs;
use crate::fetch;
use crate::pages::gallery::{Gallery, Row};
use crate::pages::lab::Lab;
use crate::pages::lost::{LostProps, lost};
use crate::pages::signs::signs;
use crate::pages::widgets::Pictures;
use crate::preferences::Preferences;
use crate::route::{Route, lab_of, use_visit};

/// Where the rows of the gallery are, beside the page.
const CATALOGUE: &str = "catalogue.json";

/// The whole page.
#[component]
pub fn App() -> Html {
    let visit = use_visit();
    let catalogue = use_catalogue();
    use_effect_with((), |()| Preferences::load().apply());
    let rows = || match &*catalogue {
        Some(Ok(rows)) => rows.clone(),
        Some(Err(_)) | None => Rc::from([]),
    };
    let lab = |link: &str| {
        html! { <Lab link={link.to_owned()} visit={visit.number} rows={rows()} /> }
    };
    if matches!(visit.route, Route::Signs | Route::Pictures) {
        forget_epochs();
    }
    match &visit.route {
        Route::Lab(link) => lab(link),
        Route::Home => match &*catalogue {
            None => html! { <p class="waiting" role="status">{ "Reading the catalogue …" }</p> },
            Some(Ok(rows)) if !rows.is_empty() => lab(&lab_of(&rows[0].slug)),
            Some(result) => gallery(Some(result)),
        },
        Route::Gallery => gallery(catalogue.as_ref()),
        Route::Signs => html! { { signs() } },
        Route::Pictures => html! { <Pictures /> },
        Route::Unknown(path) => {
            let sentence = format!("The address “{path}” leads nowhere on this page.");
            html! { <main>{ lost(&LostProps { sentence: sentence.into(), afresh: None }) }</main> }
        }
    }
}

type Catalogue = Result<Rc<[Row]>, String>;

fn gallery(catalogue: Option<&Catalogue>) -> Html {
    let rows = catalogue.and_then(|read| read.as_ref().ok()).cloned();
    let failure = catalogue.and_then(|read| read.as_ref().err()).cloned().map(AttrValue::from);
    html! { <Gallery {rows} {failure} /> }
}

/// Reads the catalogue once.
#[hook]
fn use_catalogue() -> UseStateHandle<Option<Catalogue>> {
    let catalogue = use_state(|| None);
    {
        let catalogue = catalogue.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                let rows: Result<Vec<Row>, String> = fetch::json(CATALOGUE).await;
                catalogue.set(Some(rows.map(Rc::from)));
            });
        });
    }
    catalogue
}
