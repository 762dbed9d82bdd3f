//! Spike times (s) from a file.

use super::file::DataFile;
use super::names::seconds;
use super::time_axis::{decimals, is_single};
use super::variable::{Kind, shortened};
use crate::error::Error;

impl DataFile {
    /// The spike times (s) of a variable: by name, or the only one there is. Times in another unit than seconds are
    /// told by their name (`t_ms`, `spikes (ms)`).
    ///
    /// # Errors
    /// If none or several could be meant, or it holds no times, ascending from 0 on.
    pub fn spike_times(&self, name: Option<&str>, flag: &str) -> Result<Vec<f64>, Error> {
        let n = match (name, self.entries().len()) {
            // An empty file is a train without spikes.
            (None, 0) => return Ok(Vec::new()),
            // Of two trains none is guessed, also if one has no spikes.
            _ => self.chosen(name, flag, |entry| !matches!(entry.kind, Kind::Other(_)))?,
        };
        let variable = self.read(n)?;
        let name = shortened(&variable.name);
        let size = seconds(&variable.name)
            .map_err(|why| self.problem(why, "choose the variable with the spike times"))?;
        let times = on_grid(&variable.values, size);
        if let Some(bad) = times.iter().position(|time| !time.is_finite() || *time < 0.0) {
            let message = format!(
                "`{name}` has {} at index {bad} (from 0), which is no spike time",
                times[bad]
            );
            return Err(self.problem(message, "give times in s from 0 on"));
        }
        if let Some(bad) = times.windows(2).position(|pair| pair[1] < pair[0]) {
            let message = format!(
                "`{name}` falls from {} to {} s at index {bad}",
                times[bad],
                times[bad + 1]
            );
            return Err(self.problem(message, "sort the spike times"));
        }
        Ok(times)
    }
}

/// Times in seconds, on the grid they are from: those that were stored in single precision get back the decimals that
/// they had, and a unit of milliseconds makes no new digits.
fn on_grid(times: &[f64], size: f64) -> Vec<f64> {
    let largest = times.iter().fold(0.0f64, |most, t| most.max(t.abs()));
    let spacing = f64::from(f32::EPSILON) * largest;
    let of_singles = || {
        // A grid that is finer than the spacing of the numbers fits anything.
        let fits = |&decimals: &i32| {
            let scale = 10f64.powi(decimals);
            times.iter().all(|t| ((t * scale).round() / scale) as f32 == *t as f32)
        };
        (0..=9).take_while(|decimals| 10f64.powi(-decimals) > 4.0 * spacing).find(fits)
    };
    let decimals = match is_single(times) {
        true => decimals(times).or_else(of_singles),
        false => decimals(times),
    };
    let per_second = (1.0 / size).round();
    times
        .iter()
        .map(|&t| match decimals {
            Some(decimals) if size <= 1.0 => {
                let scale = 10f64.powi(decimals);
                (t * scale).round() / (scale * per_second)
            }
            _ => t * size,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::on_grid;

    #[test]
    fn times_get_back_their_decimals() {
        let singles: Vec<f64> =
            (0..5000).map(|k| f64::from((f64::from(k) * 0.007) as f32)).collect();
        let exact: Vec<f64> = (0..5000).map(|k| f64::from(k * 7) / 1000.0).collect();
        assert_eq!(on_grid(&singles, 1.0), exact);
        let ms: Vec<f64> = (0..5000).map(|k| f64::from(k * 7)).collect();
        assert_eq!(on_grid(&ms, 1e-3), exact);
        let any = [0.1234567890123, 0.7];
        assert_eq!(on_grid(&any, 1.0), any);
        // Nothing is made up for times that are on no grid.
        let off = [f64::from(std::f32::consts::PI), f64::from(0.1f32 + 3.0)];
        assert!(on_grid(&off, 1.0).iter().zip(off).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
