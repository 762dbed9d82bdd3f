//! `spikes.nwb`: the neurons as units of Neurodata Without Borders (nwb.org), for pynwb, pynapple, SpikeInterface.
//!
//! `/units` has a row for each neuron whose spikes were kept: `id` (its index), `population` (the index of its population) and
//! `spike_times` (s). `/scratch/experiment` has the bytes of a TOML file; the description tells version, seed and steps. The
//! identifier is the hash of the experiment, and the dates are those of no day: the same experiment gives the same file.
//!
//! What pynwb knows a file by cannot be written by hdf5-pure, so a file that pynwb made (template.py) is filled.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use hdf5_pure::{Dataset, File, FileAccessProperties, H5Element, SyncPolicy};
use sha2::{Digest, Sha256};

use super::Table;
use crate::error::Error;
use crate::output::folder::io_error;
use crate::sink::Spool;
use crate::spikes::Spikes;
use crate::window::time_ms;

/// A file without units.
const TEMPLATE: &[u8] = include_bytes!("nwb/template.nwb.gz");

/// Spikes that are in memory at once: more are sorted into files for some of the neurons each.
pub const AT_ONCE: u64 = 1 << 24;

/// Numbers that are written at once.
const PIECE: usize = 1 << 16;

/// Writes the spikes into a file that is not there yet.
pub fn write(path: &Path, table: &Table<'_>) -> Result<(), Error> {
    let results = table.results;
    let version = env!("CARGO_PKG_VERSION");
    let (seed, steps, dt_ms) = (results.seed, results.steps, results.dt_ms);
    let description =
        format!("simulated by Loligo {version}: seed {seed}, {steps} steps of {dt_ms} ms");
    let digest = Sha256::digest(table.experiment.as_bytes());
    let identifier = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let mut template = Vec::new();
    GzDecoder::new(TEMPLATE).read_to_end(&mut template).map_err(io_error)?;
    replace(&mut template, "SESSION_DESCRIPTION", &description, 128);
    replace(&mut template, "IDENTIFIER", &identifier, 64);
    fs::write(path, template).map_err(io_error)?;
    let properties = FileAccessProperties::new().with_sync_policy(SyncPolicy::OnClose);
    let file = File::open_rw_with_options(path, properties).map_err(wrong)?;
    let set = |name: &str| file.dataset(name).map_err(wrong);
    append(&mut set("scratch/experiment")?, table.experiment.as_bytes())?;

    let neurons: Vec<u32> =
        table.sample().unwrap_or_else(|| (0..results.neurons() as u32).collect());
    let counts = counts(table)?;
    let of = |neuron: &u32| u64::from(counts[*neuron as usize]);
    let (mut ids, mut populations) = (set("units/id")?, set("units/population")?);
    let mut ends = set("units/spike_times_index")?;
    let mut end = 0;
    for some in neurons.chunks(PIECE) {
        append(&mut ids, &some.iter().map(|neuron| i64::from(*neuron)).collect::<Vec<_>>())?;
        let population = |neuron: &u32| table.population_of(*neuron) as u32;
        append(&mut populations, &some.iter().map(population).collect::<Vec<_>>())?;
        let index = some.iter().map(|neuron| {
            end += of(neuron);
            end
        });
        append(&mut ends, &index.collect::<Vec<u64>>())?;
    }

    let mut times = set("units/spike_times")?;
    each_train(table, path, (&neurons, &counts), AT_ONCE, &mut |steps| {
        let seconds = |piece: &[u32]| -> Vec<f64> {
            piece.iter().map(|&step| time_ms(step, dt_ms) * 1e-3).collect()
        };
        steps.chunks(PIECE).try_for_each(|piece| append(&mut times, &seconds(piece)))
    })?;
    file.close().map_err(wrong)
}

fn wrong(error: hdf5_pure::Error) -> Error {
    io_error(std::io::Error::other(error.to_string()))
}

/// Puts a text in the place of the one that the template has, filled up with points to its length, and fills it up with zeros.
fn replace(template: &mut [u8], placeholder: &str, text: &str, length: usize) {
    let placeholder = format!("{placeholder:.<length$}");
    let begin = template.windows(length).position(|bytes| bytes == placeholder.as_bytes());
    if let Some(place) = begin.and_then(|begin| template.get_mut(begin..begin + length)) {
        place.fill(0);
        place.iter_mut().zip(text.bytes()).for_each(|(own, byte)| *own = byte);
    }
}

/// Adds to a set of the template.
fn append<T: H5Element>(set: &mut Dataset, data: &[T]) -> Result<(), Error> {
    if data.is_empty() {
        return Ok(());
    }
    set.append(data).map_err(wrong)
}

/// The number of spikes of each neuron.
fn counts(table: &Table<'_>) -> Result<Vec<u32>, Error> {
    let mut counts = vec![0; table.results.neurons()];
    table.each(&mut |spikes| {
        spikes.neurons.iter().for_each(|neuron| counts[*neuron as usize] += 1);
        Ok(())
    })?;
    Ok(counts)
}

/// Files that spikes are sorted into at once: systems let a process have 256 and more open.
const FILES: usize = 100;

/// Hands out the spikes of all trains, one after the other, those of so many neurons at once as have no more than `at_once`. If
/// that is not all, spikes go through files beside `path`, one for each such group.
fn each_train(
    table: &Table<'_>,
    path: &Path,
    (neurons, counts): (&[u32], &[u32]),
    at_once: u64,
    take: &mut dyn FnMut(&[u32]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut groups = Vec::new();
    let mut rest = neurons;
    while !rest.is_empty() {
        let mut spikes = 0;
        let fits = |neuron: &&u32| {
            spikes += u64::from(counts[**neuron as usize]);
            spikes <= at_once
        };
        let (some, others) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        groups.push(some);
        rest = others;
    }
    if let [all] = groups[..] {
        return take(&trains(&mut |take| table.each(take), all, counts)?);
    }
    for groups in groups.chunks(FILES) {
        let file = |n| Spool::create(&path.with_extension(format!("{n}.spool")));
        let mut files = (0..groups.len()).map(file).collect::<Result<Vec<_>, _>>()?;
        let mut parts = vec![Spikes::default(); groups.len()];
        table.each(&mut |spikes| {
            for (&neuron, &step) in spikes.neurons.iter().zip(&spikes.steps) {
                let group = groups.partition_point(|group| group.last() < Some(&neuron));
                if let Some(part) =
                    parts.get_mut(group).filter(|_| groups[group].first() <= Some(&neuron))
                {
                    part.neurons.push(neuron);
                    part.steps.push(step);
                }
            }
            for (file, part) in files.iter_mut().zip(&mut parts) {
                if !part.steps.is_empty() {
                    file.append(part)?;
                    part.neurons.clear();
                    part.steps.clear();
                }
            }
            Ok(())
        })?;
        for (file, group) in files.iter().zip(groups) {
            take(&trains(&mut |take| file.read(take), group, counts)?)?;
        }
    }
    Ok(())
}

/// Hands out spikes, some at a time.
type Each<'a> = dyn FnMut(&mut dyn FnMut(&Spikes) -> Result<(), Error>) -> Result<(), Error> + 'a;

/// The steps of spikes of some neurons, one neuron's after the other's.
fn trains(each: &mut Each<'_>, neurons: &[u32], counts: &[u32]) -> Result<Vec<u32>, Error> {
    let (Some(&first), Some(&last)) = (neurons.first(), neurons.last()) else {
        return Ok(Vec::new());
    };
    // Where the next spike of each neuron between the first and the last goes.
    let mut next = vec![0; (last - first) as usize + 1];
    let mut end = 0;
    for &neuron in neurons {
        next[(neuron - first) as usize] = end;
        end += counts[neuron as usize] as usize;
    }
    let mut steps = vec![0; end];
    each(&mut |spikes| {
        for (&neuron, &step) in spikes.neurons.iter().zip(&spikes.steps) {
            if (first..=last).contains(&neuron) {
                let next = &mut next[(neuron - first) as usize];
                steps[*next] = step;
                *next += 1;
            }
        }
        Ok(())
    })?;
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    #[test]
    fn trains_are_the_same_however_many_are_in_memory() {
        let experiment = Experiment::builder().neurons(40).duration_ms(300.0).build().unwrap();
        let results = crate::run(&experiment).unwrap();
        let table = Table::new(&results, "", None);
        let (counts, neurons) = (counts(&table).unwrap(), (0..40).collect::<Vec<u32>>());
        let all = |neurons: &[u32], at_once| {
            let (mut steps, mut times) = (Vec::new(), 0);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("spikes.nwb");
            each_train(&table, &path, (neurons, &counts), at_once, &mut |some| {
                steps.extend(some);
                times += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!(folder.path().read_dir().unwrap().count(), 0);
            (steps, times)
        };
        let whole = &results.populations[0].recorded.as_ref().unwrap().kept;
        let trains = &whole.as_ref().unwrap().whole_trains;
        let wanted: Vec<u32> = trains.iter().flatten().copied().collect();
        assert_eq!(all(&neurons, u64::MAX), (wanted.clone(), 1));
        let (steps, times) = all(&neurons, 50);
        assert!(steps == wanted && (10..40).contains(&times), "{times}");
        assert_eq!(all(&neurons, 0), (wanted, 40));
        let some: Vec<u32> = [3, 7, 39].iter().flat_map(|n| trains.train(*n)).copied().collect();
        assert_eq!(all(&[3, 7, 39], 20).0, some);
    }
}
