//! The folder of a run's files: nothing in it is overwritten unasked, and it changes as a whole or not at all.
//!
//! Files are written into a temporary folder beside it, which is locked as long as the run lasts, and takes its place
//! at the end. A run that is killed leaves the old results whole; what it left over is cleared away by the next.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use tracing::debug;

use super::names::is_known;
use super::places::{aside, beside_of, clear, entries, locked, make, real, restore};
use crate::checkpoint;
use crate::error::{Error, Place, Problem};

/// Where folders go when none is named.
const DEFAULT_PARENT: &str = "loligo-out";

/// What the content of a file is written to.
pub trait WriteSeek: Write + Seek + Send {}

impl<T: Write + Seek + Send> WriteSeek for T {}

/// A folder for results.
#[derive(Debug)]
pub struct Folder {
    /// Where the files will be.
    path: PathBuf,
    /// Where they are written; none for the folder of a single file, which is written there.
    temporary: Option<Temporary>,
}

/// A folder beside another, of this run alone.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    /// Held until the end, given back by the system if the run is killed.
    _lock: Option<File>,
    /// Folders that were made for it, the innermost first: those that stay empty go again.
    made: Vec<PathBuf>,
}

impl Folder {
    /// The folder at `path`. Results of an earlier run are refused, or with `force` replaced at the end.
    ///
    /// # Errors
    /// If there are results already, another run writes there, or nothing can be written there.
    pub fn at(path: &Path, force: bool) -> Result<Self, Error> {
        let place = Place::Flag(format!("--out {}", path.display()));
        let path = real(path);
        if path.exists() && !path.is_dir() {
            return Err(Problem::new("this is no folder", &place, "name another one").into());
        }
        let free = || {
            let present = entries(&path).into_iter().find(|name| is_known(name));
            match present.filter(|_| !force) {
                None => Ok(()),
                Some(present) => Err(Error::from(Problem::new(
                    format!("there are results already: {}", path.join(present).display()),
                    &place,
                    "name another folder, or replace them with --force",
                ))),
            }
        };
        free()?;
        let folder = Self::beside(path.clone(), &place, Vec::new(), force)?;
        // No other run is under way: what lies aside is of one that was killed.
        restore(&path);
        free()?;
        Ok(folder)
    }

    /// The next numbered folder under `loligo-out`.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn numbered() -> Result<Self, Error> {
        let parent = Path::new(DEFAULT_PARENT);
        let io = |source| Error::Io { action: "write", path: parent.to_owned(), source };
        let made = make(parent).map_err(io)?;
        clear(parent);
        let number = |name: String| name.parse::<u32>().ok();
        let last = entries(parent).into_iter().filter_map(number).max();
        // Another run may take the number at the same moment: making the folder decides.
        for number in last.unwrap_or(0) + 1.. {
            let path = parent.join(format!("{number:04}"));
            match fs::create_dir(&path) {
                Ok(()) => {
                    let place = Place::Flag(path.display().to_string());
                    let made = [vec![path.clone()], made].concat();
                    return Self::beside(path, &place, made, false);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Error::Io { action: "write", path, source }),
            }
        }
        Err(io(std::io::Error::other("no number is left")))
    }

    /// A folder whose files are written beside it first.
    fn beside(
        path: PathBuf,
        place: &Place,
        mut made: Vec<PathBuf>,
        force: bool,
    ) -> Result<Self, Error> {
        let failed = |error: std::io::Error| {
            let message = format!("files cannot be written there: {error}");
            Error::from(Problem::new(message, place, "name another folder"))
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let parent = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let Some(name) = name else {
            return Err(Problem::new("this folder has no name", place, "name another one").into());
        };
        made.extend(make(&parent).map_err(failed)?);
        let temporary = beside_of(&parent.join(&name));
        if temporary.join(checkpoint::FILE).is_file() && !force {
            let _lock = locked(&temporary).map_err(|()| in_use(place))?;
            let message = "a run was ended there at a checkpoint";
            let remedy =
                format!("go on with `loligo resume {}`, or drop it with --force", path.display());
            return Err(Problem::new(message, place, remedy).into());
        }
        for _ in 0..2 {
            match fs::create_dir(&temporary) {
                Ok(()) => {
                    let lock = locked(&temporary).map_err(|()| in_use(place))?;
                    // Better said now than after an hour of work: a folder that cannot be changed.
                    let probe = path.join(".probe.unfinished");
                    if path.is_dir() {
                        let made = OpenOptions::new().write(true).create_new(true).open(&probe);
                        if let Err(error) = made.and_then(|_| fs::remove_file(&probe)) {
                            let _ = fs::remove_dir(&temporary);
                            return Err(failed(error));
                        }
                    }
                    let temporary = Temporary { path: temporary, _lock: lock, made };
                    return Ok(Folder { path, temporary: Some(temporary) });
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    let is_folder =
                        fs::symlink_metadata(&temporary).is_ok_and(|data| data.is_dir());
                    if !is_folder {
                        let message = format!("{} is in the way", temporary.display());
                        return Err(Problem::new(message, place, "remove it").into());
                    }
                    // Of a run that was killed, unless somebody holds it.
                    let lock = locked(&temporary).map_err(|()| in_use(place))?;
                    fs::remove_dir_all(&temporary).map_err(failed)?;
                    drop(lock);
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Err(in_use(place))
    }

    /// The folder of a single file that a flag names, made if need be, and the file's name in it.
    ///
    /// # Errors
    /// If the folder cannot be made or written to, or no file can have that name.
    pub fn around<'a>(file: &'a Path, flag: &str) -> Result<(Self, &'a str), Error> {
        let place = Place::Flag(format!("{flag} {}", file.display()));
        // A folder, and a device, which would be replaced by a file.
        let is_taken = fs::metadata(file).is_ok_and(|data| !data.is_file());
        let name = file.file_name().and_then(|name| name.to_str()).filter(|_| !is_taken);
        let name = name.ok_or_else(|| {
            Problem::new("this is not the name of a file", &place, "add a name, such as figure.png")
        })?;
        let path = file.parent().unwrap_or(Path::new("")).to_owned();
        let folder = Folder { path, temporary: None };
        fs::create_dir_all(&folder.path)
            .and_then(|()| {
                fs::metadata(if folder.path == Path::new("") {
                    Path::new(".")
                } else {
                    &folder.path
                })
            })
            .map_err(|error| {
                let message = format!("files cannot be written there: {error}");
                Problem::new(message, &place, "name another folder")
            })?;
        Ok((folder, name))
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of a run that was ended at a checkpoint, to go on with it: what else it has left is cleared away.
    ///
    /// # Errors
    /// If there is no such run, or it is still under way.
    pub fn resume(path: &Path) -> Result<Self, Error> {
        let place = Place::Flag(format!("resume {}", path.display()));
        let path = &real(path);
        let temporary = beside_of(path);
        if !temporary.join(checkpoint::FILE).is_file() {
            let message = "no run was ended there at a checkpoint";
            let remedy = "name the folder of a run with --checkpoint, as --out had it";
            return Err(Problem::new(message, &place, remedy).into());
        }
        let lock = locked(&temporary).map_err(|()| in_use(&place))?;
        // The run may have been killed when it put its results in place.
        restore(path);
        for name in entries(&temporary).iter().filter(|name| !checkpoint::is_of_unfinished(name)) {
            let stale = temporary.join(name);
            fs::remove_file(&stale).map_err(|source| Error::Io {
                action: "write",
                path: stale,
                source,
            })?;
        }
        let temporary = Temporary { path: temporary, _lock: lock, made: Vec::new() };
        Ok(Folder { path: path.to_owned(), temporary: Some(temporary) })
    }

    /// A folder that exists, on the file system that the files will be on.
    pub fn existing(&self) -> &Path {
        self.temporary.as_ref().map_or(&self.path, |temporary| &temporary.path)
    }

    /// Writes a file whole or not at all. Returns where it will be.
    ///
    /// # Errors
    /// If the file cannot be written or filled.
    pub fn write(
        &self,
        name: &str,
        fill: impl Fn(&mut dyn WriteSeek) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        self.fill(name, |into| {
            let io = |source| Error::Io { action: "write", path: self.path.join(name), source };
            // Never through a link that somebody left there.
            let file = OpenOptions::new().write(true).create_new(true).open(into).map_err(io)?;
            let mut file = BufWriter::new(file);
            fill(&mut file)?;
            file.flush().map_err(io)
        })
    }

    /// The same for what makes a file itself, where there is none.
    ///
    /// # Errors
    /// If the file cannot be written or filled.
    pub fn fill(
        &self,
        name: &str,
        fill: impl Fn(&Path) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        let into = match &self.temporary {
            Some(temporary) => temporary.path.join(name),
            None => self.path.join(format!(".{name}.{}.unfinished", std::process::id())),
        };
        let io = |source| Error::Io { action: "write", path: path.clone(), source };
        let attempt = || {
            fill(&into).map_err(|error| match error {
                // Formats do not know the file's name.
                Error::Io { action, source, .. } => {
                    Error::Io { action, path: path.clone(), source }
                }
                other => other,
            })?;
            match self.temporary {
                Some(_) => Ok(()),
                None => fs::rename(&into, &path).map_err(io),
            }
        };
        let written = attempt();
        debug!(file = %path.display(), is_written = written.is_ok());
        if written.is_err() {
            // The error that counts is the first one.
            let _ = fs::remove_file(&into);
        }
        written.map(|()| path)
    }

    /// Puts the files in their place, instead of the results that were there; files of others stay.
    ///
    /// # Errors
    /// If that fails: the files stay in the temporary folder then, which is told.
    pub fn finish(&self) -> Result<(), Error> {
        let Some(Temporary { path: temporary, .. }) = &self.temporary else { return Ok(()) };
        let io = |source| Error::Io {
            action: "put the files in place:",
            path: self.path.clone(),
            source,
        };
        let present = entries(&self.path);
        if present.iter().all(|name| is_known(name)) {
            // A folder takes the place of another only if that is empty: the old one goes aside first.
            if present.is_empty() {
                fs::rename(temporary, &self.path).map_err(io)?;
                drop_checkpoint(&self.path);
                return Ok(());
            }
            let old = aside(&self.path);
            fs::rename(&self.path, &old).map_err(io)?;
            if let Err(error) = fs::rename(temporary, &self.path) {
                let _ = fs::rename(&old, &self.path);
                return Err(io(error));
            }
            drop_checkpoint(&self.path);
            return fs::remove_dir_all(&old).map_err(io);
        }
        // Among files of others: the summary goes first and comes last, so that old and new are told apart.
        const LAST: &str = "summary.json";
        let stale = present.iter().filter(|name| is_known(name));
        let _ = fs::remove_file(self.path.join(LAST));
        for name in stale.filter(|name| *name != LAST) {
            fs::remove_file(self.path.join(name)).map_err(io)?;
        }
        let mut names = entries(temporary);
        // What it takes to go on stays until all others are there.
        names.retain(|name| !checkpoint::is_of_unfinished(name));
        names.sort_by_key(|name| name == LAST);
        for name in names {
            fs::rename(temporary.join(&name), self.path.join(&name)).map_err(io)?;
        }
        // Aside at once: if the run is killed while it clears this away, there is nothing to be gone on with.
        let old = aside(&self.path);
        match fs::rename(temporary, &old) {
            Ok(()) => fs::remove_dir_all(old).map_err(io),
            Err(_) => fs::remove_dir_all(temporary).map_err(io),
        }
    }

    /// Whether it can be gone on with what is written here.
    pub fn has_checkpoint(&self) -> bool {
        self.existing().join(checkpoint::FILE).is_file()
    }

    /// Whether the run of a folder is done: there are results, and no other run is to be gone on with. What a run that was
    /// killed at its very end has left is cleared away.
    pub fn is_done(path: &Path) -> bool {
        let path = &real(path);
        let is_done = path.join("summary.json").is_file() && !beside_of(path).exists();
        if is_done {
            restore(path);
            // Not a file of somebody else that is called that.
            if checkpoint::Checkpoint::read(path).is_ok() {
                drop_checkpoint(path);
            }
        }
        is_done
    }
}

impl Drop for Folder {
    /// A run that was refused or failed leaves nothing.
    fn drop(&mut self) {
        if let Some(Temporary { path, made, .. }) = &self.temporary {
            // With a checkpoint, it can be gone on with.
            if path.join(checkpoint::FILE).is_file() {
                return;
            }
            if path.exists() {
                let _ = fs::remove_dir_all(path);
            }
            // Only those that are empty.
            for folder in made {
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// The results are there: what was kept to go on is of no use any more. The checkpoint goes last: if the run is killed here,
/// it tells that the others are its own.
fn drop_checkpoint(path: &Path) {
    for name in [checkpoint::SPIKES, checkpoint::EXPERIMENT, checkpoint::FILE] {
        let _ = fs::remove_file(path.join(name));
    }
}

fn in_use(place: &Place) -> Error {
    let message = "another run is writing there";
    Problem::new(message, place, "wait for it, or name another folder").into()
}

/// An error of writing whose file [`Folder::write`] will name.
pub fn io_error(source: impl Into<std::io::Error>) -> Error {
    Error::Io { action: "write", path: PathBuf::new(), source: source.into() }
}
