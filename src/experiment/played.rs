//! The file of a signal that is played: where it is, and whether it is still the same.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Place, Problem};
use crate::setting::{Literal, Setting};

/// The path of the file that a setting names: in a TOML file it is beside that.
pub fn path_of(setting: &Setting) -> PathBuf {
    match &setting.value {
        Literal::Text(text) => beside(setting, text.trim()),
        _ => PathBuf::new(),
    }
}

/// The path of a file by a name that a setting has.
pub fn beside(setting: &Setting, name: &str) -> PathBuf {
    match &setting.value_place {
        Place::File { path, .. } => path.parent().unwrap_or("".as_ref()).join(name),
        _ => PathBuf::from(name),
    }
}

/// The file must be the one that the experiment was done with.
pub fn check_hash(path: &Path, expected: &str, place: &Place) -> Result<(), Error> {
    let found = hash(path, place)?;
    if found == expected {
        return Ok(());
    }
    let message =
        format!("{} is another file than was played: its hash is {found}", path.display());
    Err(Problem::new(message, place, "find the file, or play this one with --force").into())
}

/// The hash of a file: SHA-256.
///
/// # Errors
/// If it cannot be read.
pub fn hash(path: &Path, place: &Place) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        Problem::new(message, place, "give a file that exists")
    })?;
    let digest = Sha256::digest(&bytes);
    Ok(digest.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}")))
}
