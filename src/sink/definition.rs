//! What a sink is.

use crate::error::Error;
use crate::raster::RasterTile;

/// Takes the spikes of a run.
pub trait Sink: Sync {
    /// Takes a tile, from any thread. The blocks of a tile come in order of time.
    fn tile(&self, tile: &RasterTile<'_>);

    /// Takes the spikes of each population at each step of a block, from an engine that shows no tiles but takes sums itself.
    fn activity(&mut self, _populations: &[Vec<u32>]) {}

    /// Is told that all tiles of the steps before `end` were taken.
    ///
    /// # Errors
    /// If the run must end here: what was taken is kept, and so is what still comes of blocks under way.
    fn block(&mut self, end: u32) -> Result<(), Error>;
}

impl Sink for Vec<&mut dyn Sink> {
    fn tile(&self, tile: &RasterTile<'_>) {
        self.iter().for_each(|sink| sink.tile(tile));
    }

    fn activity(&mut self, populations: &[Vec<u32>]) {
        self.iter_mut().for_each(|sink| sink.activity(populations));
    }

    fn block(&mut self, end: u32) -> Result<(), Error> {
        // All are told, also after one has failed: they have taken the same tiles. The first error counts.
        let told: Vec<_> = self.iter_mut().map(|sink| sink.block(end)).collect();
        told.into_iter().collect()
    }
}
