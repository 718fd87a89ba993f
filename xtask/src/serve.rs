//! `serve`: builds the page and serves it to this machine.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::build;
use crate::step::Steps;

/// Where the page is served unless `--port` says otherwise.
pub(crate) const PORT: u16 = 8080;

/// `cargo xtask serve`: builds, serves, and stops when it is interrupted.
pub(crate) fn main(port: u16) -> Result<()> {
    let mut steps = Steps::new(build::STEPS + 1);
    // Taken first: a port in use is better known before minutes of building than after.
    let server = Server::http(("127.0.0.1", port))
        .map_err(anyhow::Error::from_boxed)
        .with_context(|| format!("port {port} cannot be used: pass another with --port"))?;
    let dist = build::page(|| steps.begin())?;
    steps.begin().say(&format!("serving at http://127.0.0.1:{port}/ until Ctrl-C"));
    for request in server.incoming_requests() {
        // A browser that went away takes nothing with it.
        drop(answer(request, &dist));
    }
    Ok(())
}

fn answer(request: Request, dist: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::empty(405));
    }
    let Some(file) = file_for(request.url(), dist) else {
        return request.respond(Response::from_string("not found").with_status_code(404));
    };
    let content_type = Header::from_bytes("Content-Type", media_type(&file));
    // The next build has the same names with other contents where names carry no hash.
    let fresh = Header::from_bytes("Cache-Control", "no-cache");
    let headers = content_type.into_iter().chain(fresh);
    let response = Response::from_file(File::open(&file)?);
    request.respond(headers.fold(response, Response::with_header))
}

/// The file that an address names, if it is inside the folder.
fn file_for(url: &str, dist: &Path) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.trim_start_matches('/');
    let path = Path::new(path);
    if !path.components().all(|component| matches!(component, Component::Normal(_))) {
        return None;
    }
    let file = dist.join(path);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    file.is_file().then_some(file)
}

/// Browsers compile WebAssembly while it arrives only if it is called by its name.
fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("rs" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn only_files_inside_the_folder_are_served() {
        let folder = workspace::root();
        assert_eq!(file_for("/Cargo.toml?v=1", folder), Some(folder.join("Cargo.toml")));
        assert_eq!(file_for("/xtask/../Cargo.toml", folder), None);
        assert_eq!(file_for("//etc/passwd", &folder.join("xtask")), None);
        assert_eq!(file_for("/missing", folder), None);
    }

    #[test]
    fn web_assembly_has_its_media_type() {
        assert_eq!(media_type(Path::new("engine_bg.wasm")), "application/wasm");
        assert_eq!(media_type(Path::new("mystery")), "application/octet-stream");
    }
}
