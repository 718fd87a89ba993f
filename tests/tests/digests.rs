//! A run has the same digest natively and in WebAssembly.
//!
//! Both compute the same table and compare it with the one that is kept, `digests.txt`. After a
//! change that is meant to give other runs, and that has raised a revision, the native test writes
//! it anew: `UPDATE_DIGESTS=1 cargo test -p faultline-tests --test digests`.

use faultline_tests::{DIGEST_TABLE, digest_lines, kept_lines};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn native_digests_are_those_of_the_table() {
    let lines = digest_lines();
    if std::env::var_os("UPDATE_DIGESTS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/digests.txt");
        let table = faultline_tests::updated(DIGEST_TABLE, &lines);
        std::fs::write(file, table).expect("the table can be written");
        return;
    }
    similar(&lines);
}

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen_test::wasm_bindgen_test]
fn wasm_digests_are_those_of_the_table() {
    similar(&digest_lines());
}

/// Fails with the first line that differs.
fn similar(lines: &[String]) {
    for (now, kept) in lines.iter().zip(kept_lines(DIGEST_TABLE)) {
        assert_eq!(now, kept, "this run differs from the one in the table");
    }
    assert_eq!(
        lines.len(),
        kept_lines(DIGEST_TABLE).count(),
        "the table lists other runs: UPDATE_DIGESTS=1 writes it anew"
    );
}
