//! Archives of arrays, for NumPy: traces and spectrograms, and what [`formats`](super::formats) makes of spikes.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytemuck::NoUninit;
use npyz::{AutoSerialize, DType, Deserialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::folder::{WriteSeek, io_error};
use crate::analysis::signal::Spectrogram;
use crate::error::Error;
use crate::trace::Trace;

/// Writes traces: `t_ms` (one per sample), and per variable and `current` an array of a row per
/// neuron; `neuron`, the index of each in the experiment; `spike_neuron` (such an index) and `spike_step`.
///
/// # Errors
/// If writing fails.
pub fn write_traces(
    file: &mut dyn WriteSeek,
    t_ms: &[f64],
    neurons: &[u32],
    traces: &[Trace],
) -> Result<(), Error> {
    let mut archive = Archive::new(file);
    archive.array("t_ms", &[t_ms.len() as u64], t_ms.iter().copied())?;
    archive.array("neuron", &[neurons.len() as u64], neurons.iter().copied())?;
    let shape = [traces.len() as u64, t_ms.len() as u64];
    let variables = traces.first().map(|trace| &trace.variables[..]).unwrap_or_default();
    for (row, variable) in variables.iter().enumerate() {
        // Populations of other models have other variables.
        let same =
            traces.iter().all(|t| t.variables.get(row).is_some_and(|v| v.name == variable.name));
        if same {
            let values = traces.iter().flat_map(|trace| trace.values[row].iter().copied());
            archive.array(variable.name, &shape, values)?;
        }
    }
    archive.array("current", &shape, traces.iter().flat_map(|t| t.current.iter().copied()))?;
    let spikes: Vec<(u32, u32)> = neurons
        .iter()
        .zip(traces)
        .flat_map(|(&neuron, trace)| trace.spike_steps.iter().map(move |&step| (neuron, step)))
        .collect();
    let shape = [spikes.len() as u64];
    archive.array("spike_neuron", &shape, spikes.iter().map(|spike| spike.0))?;
    archive.array("spike_step", &shape, spikes.iter().map(|spike| spike.1))?;
    archive.finish()
}

/// Writes a spectrogram: `frequency_hz`, `time_s`, and `power` with a row per time.
///
/// # Errors
/// If writing fails.
pub fn write_spectrogram(file: &mut dyn WriteSeek, spectrogram: &Spectrogram) -> Result<(), Error> {
    let Spectrogram { df_hz, time_s: (first, step), columns } = spectrogram;
    let rows = columns.first().map_or(0, Vec::len);
    let mut archive = Archive::new(file);
    archive.array("frequency_hz", &[rows as u64], (0..rows).map(|k| k as f64 * df_hz))?;
    let times = (0..columns.len()).map(|n| first + n as f64 * step);
    archive.array("time_s", &[columns.len() as u64], times)?;
    let shape = [columns.len() as u64, rows as u64];
    archive.array("power", &shape, columns.iter().flatten().copied())?;
    archive.finish()
}

/// An archive of arrays being written.
pub struct Archive<'a> {
    zip: ZipWriter<Once<'a>>,
}

/// A file that fails once: an archive that is given up writes its end all the same, and would complain on stderr that
/// it cannot. After the failure it writes nowhere, and only knows where it would be.
struct Once<'a> {
    file: &'a mut dyn WriteSeek,
    has_failed: bool,
    position: u64,
    end: u64,
}

impl<'a> Once<'a> {
    fn new(file: &'a mut dyn WriteSeek) -> Self {
        Once { file, has_failed: false, position: 0, end: 0 }
    }

    fn unless_failed<T>(
        &mut self,
        nothing: T,
        work: impl FnOnce(&mut dyn WriteSeek) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        if self.has_failed {
            return Ok(nothing);
        }
        let done = work(self.file);
        self.has_failed = done.is_err();
        done
    }
}

impl Write for Once<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.unless_failed(bytes.len(), |file| file.write(bytes))?;
        self.position += count as u64;
        self.end = self.end.max(self.position);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.unless_failed((), |file| file.flush())
    }
}

impl Seek for Once<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let there = match to {
            SeekFrom::Start(position) => position,
            SeekFrom::End(by) => self.end.saturating_add_signed(by),
            SeekFrom::Current(by) => self.position.saturating_add_signed(by),
        };
        self.position = self.unless_failed(there, |file| file.seek(to))?;
        Ok(self.position)
    }
}

impl<'a> Archive<'a> {
    /// An empty one.
    pub fn new(file: &'a mut dyn WriteSeek) -> Self {
        Archive { zip: ZipWriter::new(Once::new(file)) }
    }

    /// Adds an array; an empty shape is a scalar.
    ///
    /// # Errors
    /// If writing fails.
    pub fn array<T: AutoSerialize + NoUninit>(
        &mut self,
        name: &str,
        shape: &[u64],
        values: impl IntoIterator<Item = T>,
    ) -> Result<(), Error> {
        self.begin::<T>(name, shape)?;
        // Many numbers at a time: a call for each would take longer than all the rest.
        let mut values = values.into_iter();
        let mut some = Vec::new();
        loop {
            some.extend(values.by_ref().take(1 << 16));
            if some.is_empty() {
                return Ok(());
            }
            self.more(&some)?;
            some.clear();
        }
    }

    /// Begins an array, to which [`more`](Self::more) adds as many values as its shape has.
    ///
    /// # Errors
    /// If writing fails.
    pub fn begin<T: AutoSerialize>(&mut self, name: &str, shape: &[u64]) -> Result<(), Error> {
        self.entry(name, T::default_dtype(), shape)
    }

    /// Adds values to the array that was begun.
    ///
    /// # Errors
    /// If writing fails.
    pub fn more<T: NoUninit>(&mut self, values: &[T]) -> Result<(), Error> {
        self.zip.write_all(bytemuck::cast_slice(values)).map_err(io_error)
    }

    /// Adds texts, as UTF-8 of equal lengths: an array of them, or the only one as a scalar.
    ///
    /// # Errors
    /// If writing fails.
    pub fn texts(&mut self, name: &str, texts: &[&str], is_array: bool) -> Result<(), Error> {
        let length = texts.iter().map(|text| text.len()).max().unwrap_or(0).max(1);
        let dtype = format!("|S{length}")
            .parse()
            .map(DType::Plain)
            .map_err(|_| io_error(std::io::Error::other("no type of numpy")))?;
        let shape = [texts.len() as u64];
        self.entry(name, dtype, if is_array { &shape } else { &[] })?;
        for text in texts {
            let mut bytes = text.as_bytes().to_vec();
            bytes.resize(length, 0);
            self.more(&bytes)?;
        }
        Ok(())
    }

    fn entry(&mut self, name: &str, dtype: DType, shape: &[u64]) -> Result<(), Error> {
        // No date, so that the same experiment gives the same bytes. Not compressed, as by numpy.savez:
        // compressing spikes takes longer than simulating them.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(true);
        self.zip.start_file(format!("{name}.npy"), options).map_err(io_error)?;
        self.zip.write_all(&header(&dtype, shape)).map_err(io_error)
    }

    /// Ends it.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(self) -> Result<(), Error> {
        self.zip.finish().map(drop).map_err(io_error)
    }
}

/// What an array begins with: its type and shape (numpy.lib.format, version 1.0).
fn header(dtype: &DType, shape: &[u64]) -> Vec<u8> {
    let lengths: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let lengths = match shape.len() {
        0 | 1 => lengths.trim_end(),
        _ => lengths.trim_end_matches(", "),
    };
    let descr = dtype.descr();
    let mut text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({lengths}), }}");
    const BEFORE: usize = 10;
    // The data begins at a multiple of 64.
    let length = (BEFORE + text.len() + 1).next_multiple_of(64) - BEFORE;
    text += &" ".repeat(length - text.len() - 1);
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

/// An archive of arrays being read.
pub struct Arrays {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
}

impl Arrays {
    /// Opens an archive.
    ///
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| io(error.into()))?;
        Ok(Arrays { path: path.to_owned(), zip })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A text.
    ///
    /// # Errors
    /// If there is no such text, or it is broken.
    pub fn text(&mut self, name: &str) -> Result<String, Error> {
        let texts: Vec<Vec<u8>> = self.get(name)?;
        let text = texts.into_iter().next().unwrap_or_default();
        Ok(String::from_utf8_lossy(&text).trim_end_matches('\0').to_owned())
    }

    /// Whether there is an array of a name.
    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(&format!("{name}.npy")).is_some()
    }

    /// The numbers of an array. That they are those that were written is checked (CRC-32).
    ///
    /// # Errors
    /// If there is no such array, or it is broken.
    pub fn get<T: Deserialize>(&mut self, name: &str) -> Result<Vec<T>, Error> {
        let io = |source| Error::Io { action: "read", path: self.path.clone(), source };
        let mut entry =
            self.zip.by_name(&format!("{name}.npy")).map_err(|error| io(error.into()))?;
        let values =
            npyz::NpyFile::new(&mut entry).and_then(|array| array.into_vec()).map_err(io)?;
        // The checksum is looked at when all was read.
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(io)?;
        Ok(values)
    }
}
