//! Rasters: a bit per neuron and step, as an engine hands them out.

/// How many steps a word of spike bits holds.
pub const WORD: usize = 32;

/// The most neurons of a tile.
pub const MOST_COLUMNS: usize = 1024;

/// The most words of a block: a step within it and a column fit 32 bits, with a word to spare.
pub const MOST_WORDS: usize = u32::MAX as usize / MOST_COLUMNS / WORD;

/// The spike bits of some neighbouring neurons over some words of 32 steps.
///
/// Bit `b` of `bits[word * stride + column]` is step `first_step + 32 * word + b` of neuron
/// `first_neuron + column`.
#[derive(Clone, Copy, Debug)]
pub struct RasterTile<'a> {
    /// Number of the tile: the same neurons have the same number in every block of a run, and neurons
    /// with higher indices a higher one.
    pub tile: usize,
    /// Global index of the first neuron.
    pub first_neuron: usize,
    /// How many neurons; columns past them are not theirs.
    pub neurons: usize,
    /// The step of the lowest bit of the first word.
    pub first_step: u32,
    /// How many words per neuron.
    pub words: usize,
    /// From a word of a neuron to its next one.
    pub stride: usize,
    /// The bits.
    pub bits: &'a [u32],
}
