//! `spikes.parquet`: a table with a row per spike, sorted by time, then by neuron.
//!
//! Columns `time_ms` (f64), `step` and `neuron` (u32), `population` (text). Steps and neurons are stored as differences
//! (DELTA_BINARY_PACKED), without a codec. A group of rows is a stretch of time of about a million spikes. The file's
//! metadata has `loligo` (the version), `experiment` (TOML), `seed`, `dt_ms`, `steps`, `neurons`.

use std::sync::Arc;

use ::parquet::basic::{Encoding, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{ColumnPath, Type};

use super::{Table, times_ms};
use crate::error::Error;
use crate::output::folder::{WriteSeek, io_error};

/// Rows of a group: what memory holds, and what a reader can skip.
const ROWS: usize = 1 << 20;

/// Writes the spikes.
pub fn write(file: &mut dyn WriteSeek, table: &Table<'_>) -> Result<(), Error> {
    let results = table.results;
    let wrong = |error: ::parquet::errors::ParquetError| io_error(std::io::Error::other(error));
    let told = [
        ("loligo", env!("CARGO_PKG_VERSION").to_owned()),
        ("experiment", table.experiment.to_owned()),
        ("seed", results.seed.to_string()),
        ("dt_ms", results.dt_ms.to_string()),
        ("steps", results.steps.to_string()),
        ("neurons", results.neurons().to_string()),
    ];
    let told = told.map(|(key, value)| KeyValue::new(key.to_owned(), value)).to_vec();
    let delta = |properties: ::parquet::file::properties::WriterPropertiesBuilder, name: &str| {
        let column = || ColumnPath::from(name);
        properties
            .set_column_dictionary_enabled(column(), false)
            .set_column_encoding(column(), Encoding::DELTA_BINARY_PACKED)
    };
    let properties = WriterProperties::builder()
        .set_created_by(format!("loligo version {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(told));
    let properties = ["step", "neuron"].into_iter().fold(properties, delta).build();
    let schema = schema().map_err(wrong)?;
    let mut writer =
        SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(wrong)?;
    let names: Vec<ByteArray> = table.populations().map(|p| ByteArray::from(p.name())).collect();
    let mut group = |steps: &[u32], neurons: &[u32]| -> Result<(), Error> {
        let mut rows = writer.next_row_group().map_err(wrong)?;
        let times = times_ms(steps, results.dt_ms);
        let populations: Vec<ByteArray> =
            neurons.iter().map(|&neuron| names[table.population_of(neuron)].clone()).collect();
        column::<DoubleType>(&mut rows, &times).map_err(wrong)?;
        column::<Int32Type>(&mut rows, bytemuck::cast_slice(steps)).map_err(wrong)?;
        column::<Int32Type>(&mut rows, bytemuck::cast_slice(neurons)).map_err(wrong)?;
        column::<ByteArrayType>(&mut rows, &populations).map_err(wrong)?;
        rows.close().map(drop).map_err(wrong)
    };
    let (mut steps, mut neurons): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    table.each(&mut |spikes| {
        let mut from = 0;
        while from < spikes.steps.len() {
            let to = spikes.steps.len().min(from + ROWS - steps.len());
            steps.extend_from_slice(&spikes.steps[from..to]);
            neurons.extend_from_slice(&spikes.neurons[from..to]);
            if steps.len() == ROWS {
                group(&steps, &neurons)?;
                steps.clear();
                neurons.clear();
            }
            from = to;
        }
        Ok(())
    })?;
    if !steps.is_empty() {
        group(&steps, &neurons)?;
    }
    writer.close().map(drop).map_err(wrong)
}

/// The columns.
fn schema() -> Result<Arc<Type>, ::parquet::errors::ParquetError> {
    let column = |name: &str, physical: Physical, logical: Option<LogicalType>| {
        let builder =
            Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        builder.with_logical_type(logical).build().map(Arc::new)
    };
    let whole = || Some(LogicalType::integer(32, false));
    let columns = vec![
        column("time_ms", Physical::DOUBLE, None)?,
        column("step", Physical::INT32, whole())?,
        column("neuron", Physical::INT32, whole())?,
        column("population", Physical::BYTE_ARRAY, Some(LogicalType::String))?,
    ];
    Type::group_type_builder("spikes").with_fields(columns).build().map(Arc::new)
}

/// Writes the next column of a group.
fn column<T: ::parquet::data_type::DataType>(
    rows: &mut SerializedRowGroupWriter<'_, &mut dyn WriteSeek>,
    values: &[T::T],
) -> Result<(), ::parquet::errors::ParquetError> {
    let Some(mut column) = rows.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
