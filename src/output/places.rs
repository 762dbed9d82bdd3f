//! The places of a folder's files while they are written, and what runs that were killed left there.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::names::is_known;
use crate::checkpoint;

/// Makes a folder and those above it; tells which were made, the innermost first.
pub fn make(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let missing: Vec<PathBuf> = folder
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .map(Path::to_owned)
        .collect();
    fs::create_dir_all(folder)?;
    Ok(missing)
}

/// Where the old results are while new ones take their place.
pub fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.old"))
}

/// Puts old results back that a run had put aside when it was killed; clears them away if the new ones are there.
pub fn restore(path: &Path) {
    let old = aside(path);
    let is_folder = fs::symlink_metadata(&old).is_ok_and(|data| data.is_dir());
    // A folder of somebody else is left alone.
    let is_own = |name: &String| is_known(name) || checkpoint::is_of_unfinished(name);
    if !is_folder || !entries(&old).iter().all(is_own) {
        return;
    }
    let _ = match entries(path).is_empty() {
        true => fs::rename(&old, path),
        false => fs::remove_dir_all(&old),
    };
}

/// Where the files of a folder are written first.
pub fn beside_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.unfinished"))
}

/// The folder that a path names: a link to one stands for it, as does `.`.
pub fn real(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => fs::canonicalize(path).unwrap_or(path.into()),
        false => path.into(),
    }
}

/// Clears away what runs into numbered folders left over that were killed.
pub fn clear(parent: &Path) {
    for name in entries(parent) {
        let number = name.strip_prefix('.').and_then(|name| name.strip_suffix(".unfinished"));
        let Some(number) = number.filter(|number| number.bytes().all(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        let path = parent.join(&name);
        if fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir())
            && !path.join(checkpoint::FILE).is_file()
            && let Ok(_lock) = locked(&path)
        {
            let _ = fs::remove_dir_all(&path);
            // Only if it is empty.
            let _ = fs::remove_dir(parent.join(number));
        }
    }
}

/// The names of what is in a folder; none if it cannot be read.
pub fn entries(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Locks a folder for this process; nothing where the system has no such locks.
pub fn locked(folder: &Path) -> Result<Option<File>, ()> {
    let Ok(file) = File::open(folder) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(()),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
