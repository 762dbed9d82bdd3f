//! Pixels as PNG.

use image::{ExtendedColorType, ImageEncoder};

/// Pixels (red, green, blue) as PNG.
pub fn encoded(pixels: &[u8], width: u32, height: u32) -> Option<Vec<u8>> {
    let mut png = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8).ok()?;
    Some(png)
}
