//! Finding the spikes in a tile.

use multiversion::multiversion;

use crate::raster::{MOST_COLUMNS, MOST_WORDS, RasterTile, WORD};

/// A spike in four bytes: its step within the block times [`MOST_COLUMNS`], plus its neuron's index in the
/// tile.
pub type TileSpike = u32;

/// Room for the spikes that are found before they are stored.
const BUFFER: usize = 256;

/// Appends the spikes of a tile; those of a neuron in order of time.
///
/// # Panics
/// If it has more than [`MOST_COLUMNS`] neurons or [`MOST_WORDS`] words.
pub fn scan(raster: &RasterTile<'_>, spikes: &mut Vec<TileSpike>) {
    assert!(raster.neurons <= MOST_COLUMNS && raster.words <= MOST_WORDS);
    let mut found = [0; BUFFER];
    let rows: Vec<&[u32]> = raster.bits.chunks(raster.stride).take(raster.words).collect();
    // Two words of a neuron at a time: most hold no spike, so that looking is what costs.
    for (first_word, pair) in (0..).step_by(2).zip(rows.chunks(2)) {
        let early = &pair[0][..raster.neurons];
        let late = pair.get(1).map_or(&NO_SPIKES[..], |late| late);
        find(early, late, first_word, &mut found, spikes);
    }
}

/// A row of words without a spike.
const NO_SPIKES: [u32; MOST_COLUMNS] = [0; MOST_COLUMNS];

/// Appends the spikes of two words of each neuron; `found` is room to work in.
#[multiversion(targets("x86_64+bmi1"))]
fn find(
    early: &[u32],
    late: &[u32],
    first_word: u32,
    found: &mut [TileSpike; BUFFER],
    spikes: &mut Vec<TileSpike>,
) {
    let mut count = 0;
    for (column, (&early, &late)) in (0..).zip(early.iter().zip(late)) {
        let bits = u64::from(early) | u64::from(late) << WORD;
        let spike = |step: u32| (first_word * WORD as u32 + step) * MOST_COLUMNS as u32 + column;
        // Most words have no spike and almost all of the others one: it is written in any case and
        // counted if it is there, so that there is no branch to guess wrong.
        found[count] = spike(bits.trailing_zeros());
        count += usize::from(bits != 0);
        let mut others = bits & bits.wrapping_sub(1);
        while others != 0 {
            found[count] = spike(others.trailing_zeros());
            count += 1;
            others &= others - 1;
        }
        if count > BUFFER - 2 * WORD {
            spikes.extend_from_slice(&found[..count]);
            count = 0;
        }
    }
    spikes.extend_from_slice(&found[..count]);
}

/// The index of a spike's neuron in the tile.
pub fn column(spike: TileSpike) -> usize {
    spike as usize % MOST_COLUMNS
}

/// The step of a spike within the block.
pub fn step(spike: TileSpike) -> u32 {
    spike / MOST_COLUMNS as u32
}
