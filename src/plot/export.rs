//! The files of a figure: SVG as drawn, PNG and PDF made of the same drawing.

use resvg::{tiny_skia, usvg};

use super::figure::Figure;
use super::png::encoded;
use super::{font, svg};
use crate::error::Error;

/// A format of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Vectors, for the web and for drawing programs.
    Svg,
    /// Vectors, for print.
    Pdf,
}

impl Format {
    /// The ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Svg => "svg",
            Format::Pdf => "pdf",
        }
    }
}

/// Pixels for a unit of a figure.
const PIXELS: f32 = 2.0;

/// The bytes of a figure's files, one for each format.
///
/// # Errors
/// If a renderer fails.
pub fn files(figure: &Figure, formats: &[Format]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let text = svg::draw(figure);
    let failed = |message: String| Error::Figure { figure: figure.name.clone(), message };
    let needs_tree = formats.iter().any(|format| *format != Format::Svg);
    let tree = match needs_tree {
        true => {
            let options = usvg::Options { fontdb: font::database(), ..Default::default() };
            let tree = usvg::Tree::from_str(&text, &options);
            Some(tree.map_err(|error| failed(error.to_string()))?)
        }
        false => None,
    };
    let mut files = Vec::new();
    for format in formats {
        let bytes = match (format, &tree) {
            (Format::Png, Some(tree)) => png(tree),
            (Format::Pdf, Some(tree)) => pdf(tree),
            _ => Some(text.clone().into_bytes()),
        };
        let bytes = bytes.ok_or_else(|| failed(format!("no {} can be made", format.ending())))?;
        files.push((format!("{}.{}", figure.name, format.ending()), bytes));
    }
    Ok(files)
}

fn png(tree: &usvg::Tree) -> Option<Vec<u8>> {
    let size = tree.size().scale_by(PIXELS)?.to_int_size();
    let mut pixmap = tiny_skia::Pixmap::new(size.width(), size.height())?;
    pixmap.fill(tiny_skia::Color::WHITE);
    let scale = tiny_skia::Transform::from_scale(PIXELS, PIXELS);
    resvg::render(tree, scale, &mut pixmap.as_mut());
    // Nothing is transparent.
    let pixels: Vec<u8> =
        pixmap.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    encoded(&pixels, size.width(), size.height())
}

fn pdf(tree: &usvg::Tree) -> Option<Vec<u8>> {
    use krilla_svg::SurfaceExt;
    let size = krilla::geom::Size::from_wh(tree.size().width(), tree.size().height())?;
    let mut document = krilla::Document::new();
    let mut page = document.start_page_with(krilla::page::PageSettings::new(size));
    let mut surface = page.surface();
    surface.draw_svg(tree, size, krilla_svg::SvgSettings::default())?;
    surface.finish();
    page.finish();
    document.finish().ok()
}
