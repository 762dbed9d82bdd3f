//! A figure in a file that a flag names.

use std::path::Path;

use loligo::error::{Error, Place, Problem};
use loligo::output::folder::Folder;
use loligo::plot::Format;

/// The folder of the figure that a flag names, its name without the ending, and its format.
///
/// # Errors
/// If the folder cannot be made, or the ending tells no format.
pub fn of(path: &Path, flag: &str) -> Result<(Folder, (String, Format)), Error> {
    let (folder, name) = Folder::around(path, flag)?;
    let known = [Format::Png, Format::Svg, Format::Pdf];
    let named = name.rsplit_once('.').and_then(|(name, ending)| {
        let format = known.into_iter().find(|format| format.ending() == ending)?;
        Some((name.to_owned(), format))
    });
    let named = named.ok_or_else(|| {
        let place = Place::Flag(format!("{flag} {}", path.display()));
        Problem::new("the ending tells no format of figures", &place, "use .png, .svg or .pdf")
    })?;
    Ok((folder, named))
}
