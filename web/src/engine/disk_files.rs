//! Files of the browser's origin private file system, as a pool's handles.

use faultline_core::durable::{Handle, Memory};
use faultline_core::sim::FileError;
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, DomException, File, FileSystemDirectoryHandle,
    FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};

/// The folder of all stores.
const FOLDER: &str = "stores";
/// A worker that is being ended may hold files so long, and another window for ever.
const PATIENCE_MS: f64 = 5_000.0;
/// How long to wait before the next try.
const AGAIN_MS: i32 = 40;
/// Beyond this, numbers are not exact in the browser's interface: 2⁵³.
const MOST_BYTES: u64 = 1 << 53;

/// One open file.
struct Opened {
    handle: FileSystemSyncAccessHandle,
    /// Made once: a new one for each call costs more than the call.
    at: FileSystemReadWriteOptions,
}

impl Opened {
    #[expect(clippy::cast_precision_loss, reason = "no more than 53 bits")]
    fn seek(&self, offset: u64) -> Result<(), FileError> {
        if offset > MOST_BYTES {
            return Err(FileError::Full);
        }
        self.at.set_at(offset as f64);
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are whole")]
impl Handle for Opened {
    fn len_bytes(&self) -> Result<u64, FileError> {
        self.handle.get_size().map(|length| length as u64).map_err(|error| in_words(&error))
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        self.seek(offset)?;
        let read = self.handle.read_with_u8_array_and_options(into, &self.at);
        read.map(|count| count as usize).map_err(|error| in_words(&error))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        self.seek(offset)?;
        let written = self.handle.write_with_u8_array_and_options(bytes, &self.at);
        let count = written.map_err(|error| in_words(&error))?;
        // A browser may write less than it was asked to and call that success: there is no room.
        if count as usize == bytes.len() { Ok(()) } else { Err(FileError::Full) }
    }

    #[expect(clippy::cast_precision_loss, reason = "no more than 53 bits")]
    fn truncate(&mut self, len_bytes: u64) -> Result<(), FileError> {
        self.seek(len_bytes)?;
        self.handle.truncate_with_f64(len_bytes as f64).map_err(|error| in_words(&error))
    }

    fn flush(&mut self) -> Result<(), FileError> {
        self.handle.flush().map_err(|error| in_words(&error))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// Says what a browser's refusal means.
fn in_words(error: &JsValue) -> FileError {
    let Some(exception) = error.dyn_ref::<DomException>() else {
        return FileError::Unavailable;
    };
    match exception.name().as_str() {
        "QuotaExceededError" => FileError::Full,
        "SecurityError" => FileError::Unavailable,
        "NoModificationAllowedError" | "InvalidStateError" => FileError::Locked,
        name => FileError::Device(format!("{name}: {}", exception.message())),
    }
}

pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

pub(super) fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |performance| performance.now())
}

async fn wait(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = JsFuture::from(promise).await;
}

/// Returns the folder of all stores.
async fn folder() -> Result<FileSystemDirectoryHandle, FileError> {
    let asked = js_sys::Reflect::get(&scope().navigator(), &"storage".into());
    let storage = asked.map_err(|error| in_words(&error))?;
    if storage.is_undefined() {
        return Err(FileError::Unavailable);
    }
    let root = JsFuture::from(scope().navigator().storage().get_directory()).await;
    let root: FileSystemDirectoryHandle = root.map_err(|error| in_words(&error))?.unchecked_into();
    subfolder(&root, FOLDER).await
}

async fn subfolder(
    folder: &FileSystemDirectoryHandle,
    name: &str,
) -> Result<FileSystemDirectoryHandle, FileError> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    let found = JsFuture::from(folder.get_directory_handle_with_options(name, &options)).await;
    Ok(found.map_err(|error| in_words(&error))?.unchecked_into())
}

/// Returns the first `count` files of a folder, made if they are not there.
async fn files(
    folder: &FileSystemDirectoryHandle,
    count: usize,
) -> Result<Vec<FileSystemFileHandle>, FileError> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let asked: Array = (0..count)
        .map(|place| folder.get_file_handle_with_options(&format!("{place:02}"), &options))
        .collect();
    let found = JsFuture::from(Promise::all(&asked)).await.map_err(|error| in_words(&error))?;
    Ok(Array::from(&found).iter().map(JsCast::unchecked_into).collect())
}

/// Opens these files, or none of them.
async fn open_all(files: &[FileSystemFileHandle]) -> Result<Vec<Box<dyn Handle>>, FileError> {
    let asked: Array = files.iter().map(FileSystemFileHandle::create_sync_access_handle).collect();
    // All are waited for before any is looked at, or a refused one would be reported as nobody's.
    let settled = JsFuture::from(Promise::all_settled(&asked)).await;
    settled.map_err(|error| in_words(&error))?;
    // One that is got is closed when it is dropped. If one is refused, the others must be let go of
    // all the same: a handle that nobody closes keeps its file from the next try, too.
    let mut opened: Vec<Result<Box<dyn Handle>, FileError>> = Vec::new();
    for promise in asked.iter() {
        let handle = JsFuture::from(promise.unchecked_into::<Promise>()).await;
        opened.push(match handle {
            Ok(handle) => Ok(Box::new(Opened {
                handle: handle.unchecked_into(),
                at: FileSystemReadWriteOptions::new(),
            })),
            Err(error) => Err(in_words(&error)),
        });
    }
    opened.into_iter().collect()
}

/// Opens so many files of a store for writing, and waits a while if somebody else has them.
/// `on_wait` is told once.
pub(super) async fn open(
    store: &str,
    count: usize,
    on_wait: impl Fn(),
) -> Result<Vec<Box<dyn Handle>>, FileError> {
    let folder = subfolder(&folder().await?, store).await?;
    let files = files(&folder, count).await?;
    let give_up_ms = now_ms() + PATIENCE_MS;
    let mut waits = false;
    loop {
        // The first is the lock, so that no two windows have half of them each.
        let (lock, rest) = files.split_at(1);
        let opened = async {
            let mut opened = open_all(lock).await?;
            opened.extend(open_all(rest).await?);
            Ok(opened)
        };
        match opened.await {
            Err(FileError::Locked) if now_ms() < give_up_ms => {
                if !waits {
                    on_wait();
                }
                waits = true;
                wait(AGAIN_MS).await;
            }
            result => return result,
        }
    }
}

/// Reads so many files of a store, whoever has them open.
pub(super) async fn read(store: &str, count: usize) -> Result<Vec<Vec<u8>>, FileError> {
    let folder = subfolder(&folder().await?, store).await?;
    let mut images = Vec::new();
    for file in files(&folder, count).await? {
        let file = JsFuture::from(file.get_file()).await.map_err(|error| in_words(&error))?;
        let bytes = JsFuture::from(file.unchecked_into::<File>().array_buffer()).await;
        let bytes: ArrayBuffer = bytes.map_err(|error| in_words(&error))?.unchecked_into();
        images.push(Uint8Array::new(&bytes).to_vec());
    }
    Ok(images)
}

/// Removes all files of a store.
pub(super) async fn remove(store: &str) -> Result<(), FileError> {
    let options = FileSystemRemoveOptions::new();
    options.set_recursive(true);
    let folder = folder().await?;
    let removed = JsFuture::from(folder.remove_entry_with_options(store, &options)).await;
    match removed {
        Err(error) if !is_not_there(&error) => Err(in_words(&error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn is_not_there(error: &JsValue) -> bool {
    error.dyn_ref::<DomException>().is_some_and(|it| it.name() == "NotFoundError")
}

/// Returns files in memory that hold these bytes, or nothing.
pub(super) fn in_memory(images: Vec<Vec<u8>>) -> Vec<Box<dyn Handle>> {
    images.into_iter().map(holding).collect()
}

/// Returns a file in memory that holds these bytes.
pub(super) fn holding(bytes: Vec<u8>) -> Box<dyn Handle> {
    Box::new(Memory::holding(bytes))
}
