//! The folder of a run's files: nothing in it is overwritten unasked, no file appears half-written.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use super::known_files;
use crate::error::{Error, Place, Problem};

/// Where folders go when none is named.
const DEFAULT_PARENT: &str = "loligo-out";

/// What the content of a file is written to.
pub trait Sink: Write + Seek {}

impl<T: Write + Seek> Sink for T {}

/// A folder for results.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, made if need be. Results of an earlier run are refused, or with
    /// `force` replaced.
    ///
    /// # Errors
    /// If there are results already, or the folder cannot be made or written to.
    pub fn at(path: &Path, force: bool) -> Result<Self, Error> {
        let place = Place::Flag(format!("--out {}", path.display()));
        if !force && let Some(present) = known_files().find(|name| path.join(name).exists()) {
            return Err(Problem::new(
                format!("there are results already: {}", path.join(present).display()),
                &place,
                "name another folder, or replace them with --force",
            )
            .into());
        }
        Self::made(path, &place)
    }

    /// The folder of a single file that a flag names, made if need be, and the file's name in it.
    ///
    /// # Errors
    /// If the folder cannot be made or written to, or no file can have that name.
    pub fn around<'a>(file: &'a Path, flag: &str) -> Result<(Self, &'a str), Error> {
        let place = Place::Flag(format!("{flag} {}", file.display()));
        let name = file.file_name().and_then(|name| name.to_str()).filter(|_| !file.is_dir());
        let name = name.ok_or_else(|| {
            Problem::new("this is not the name of a file", &place, "add a name, such as figure.png")
        })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Ok((Self::made(folder, &place)?, name))
    }

    /// The folder at `path`, made if need be and tried: better said now than after an hour of work.
    fn made(path: &Path, place: &Place) -> Result<Self, Error> {
        let probe = path.join(".probe.unfinished");
        fs::create_dir_all(path)
            .and_then(|()| File::create(&probe))
            .and_then(|_| fs::remove_file(&probe))
            .map_err(|error| {
                let message = format!("files cannot be written there: {error}");
                Problem::new(message, place, "name another folder")
            })?;
        Ok(Folder { path: path.to_owned() })
    }

    /// The next numbered folder under `loligo-out`.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn numbered() -> Result<Self, Error> {
        let parent = Path::new(DEFAULT_PARENT);
        let io = |source| Error::Io { action: "write", path: parent.to_owned(), source };
        fs::create_dir_all(parent).map_err(io)?;
        let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
        let last = fs::read_dir(parent).map_err(io)?.flatten().filter_map(number).max();
        // Another run may take the number at the same moment: making the folder decides.
        for number in last.unwrap_or(0) + 1.. {
            let path = parent.join(format!("{number:04}"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Folder { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Error::Io { action: "write", path, source }),
            }
        }
        Err(io(std::io::Error::other("no number is left")))
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the results of an earlier run that were not written anew.
    ///
    /// # Errors
    /// If a file cannot be removed.
    pub fn remove_others(&self, written: &[PathBuf]) -> Result<(), Error> {
        let stale = known_files().map(|name| self.path.join(name));
        for path in stale.filter(|path| path.exists() && !written.contains(path)) {
            fs::remove_file(&path).map_err(|source| Error::Io {
                action: "remove",
                path,
                source,
            })?;
        }
        Ok(())
    }

    /// Writes a file whole or not at all: under another name first, then renamed.
    ///
    /// # Errors
    /// If the file cannot be written or filled.
    pub fn write(
        &self,
        name: &str,
        fill: impl Fn(&mut dyn Sink) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!(".{name}.unfinished"));
        let io = |source| Error::Io { action: "write", path: path.clone(), source };
        let attempt = || {
            let mut file = BufWriter::new(File::create(&unfinished).map_err(io)?);
            fill(&mut file).map_err(|error| match error {
                // Formats do not know the file's name.
                Error::Io { action, source, .. } => {
                    Error::Io { action, path: path.clone(), source }
                }
                other => other,
            })?;
            file.flush().map_err(io)?;
            fs::rename(&unfinished, &path).map_err(io)
        };
        let written = attempt();
        if written.is_err() {
            // The error that counts is the first one.
            let _ = fs::remove_file(&unfinished);
        }
        written.map(|()| path)
    }
}

/// An error of writing whose file [`Folder::write`] will name.
pub fn io_error(source: impl Into<std::io::Error>) -> Error {
    Error::Io { action: "write", path: PathBuf::new(), source: source.into() }
}
