//! The one font there is, within the program: figures look the same everywhere.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb;

/// The name of the font, and what to take where a viewer has not got it.
pub const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

const BYTES: &[u8] = include_bytes!("font/DejaVuSans-subset.ttf");

/// The font for those who draw.
pub fn database() -> Arc<fontdb::Database> {
    static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut database = fontdb::Database::new();
        database.load_font_data(BYTES.to_vec());
        database.set_sans_serif_family("DejaVu Sans");
        Arc::new(database)
    });
    DATABASE.clone()
}

/// The width of a text at a size.
pub fn width(text: &str, size: f64) -> f64 {
    static FACE: LazyLock<Option<ttf_parser::Face<'static>>> =
        LazyLock::new(|| ttf_parser::Face::parse(BYTES, 0).ok());
    /// Of a letter on average, where the font does not tell.
    const AVERAGE: f64 = 0.6;
    let advance = |c: char| {
        let face = FACE.as_ref()?;
        let glyph = face.glyph_index(c)?;
        Some(f64::from(face.glyph_hor_advance(glyph)?) / f64::from(face.units_per_em()))
    };
    text.chars().map(|c| size * advance(c).unwrap_or(AVERAGE)).sum()
}

/// A text that is no wider than `most`: its end is cut.
pub fn fitted(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while !kept.is_empty() && width(&kept, size) + width("…", size) > most {
        kept.pop();
    }
    kept + "…"
}
