//! Several reports side by side: a row for each work, a column for each device.

use serde::Serialize;

use super::report::{Measurement, Report};

/// Reports side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The devices; ratios are to the first.
    pub columns: Vec<Column>,
    /// The works, with at least one measurement each.
    pub rows: Vec<Row>,
}

/// A device of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The name in a table and in a legend: the device, and whether software plays it.
    pub name: String,
    /// The name of the report.
    pub report: String,
    /// Driver and graphics interface, or instruction set and threads.
    pub driver: String,
    /// Whether a processor plays the device.
    pub is_software: bool,
}

/// What is done: the same for all columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// The model.
    pub model: String,
    /// The integrator.
    pub integrator: String,
    /// The kind of noise.
    pub noise: String,
    /// What is recorded.
    pub recording: String,
}

/// A work at a number of neurons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The work.
    #[serde(flatten)]
    pub work: Work,
    /// How many neurons.
    pub neurons: usize,
    /// A cell for each column, where it was measured.
    pub cells: Vec<Option<Cell>>,
}

/// A measurement, and its ratio to that of the first column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The median over the windows.
    pub neuron_steps_per_s: f64,
    /// The slowest window.
    pub slowest: f64,
    /// The fastest window.
    pub fastest: f64,
    /// How many times as fast as the first column, by the medians.
    pub ratio: Option<f64>,
    /// The least and the most that the windows of both allow.
    pub ratio_spread: Option<[f64; 2]>,
}

/// How a device is called for people: without trademarks and versions, and told if software plays it. `driver` begins with the
/// interface of a graphics device.
pub fn label(
    engine: &str,
    device: &str,
    driver: &str,
    is_software: bool,
    precision: &str,
) -> String {
    let plain = device.replace("(R)", "").replace("(TM)", "").replace("(tm)", "");
    let first = |text: &str| text.split([',', '(']).next().unwrap_or_default().trim().to_owned();
    let name = first(&plain).split_whitespace().collect::<Vec<_>>().join(" ");
    let precision = if precision == "f32" { String::new() } else { format!(", {precision}") };
    match engine {
        "gpu" if is_software => format!("software {} ({name}){precision}", first(driver)),
        "gpu" => format!("{name}{precision}"),
        _ => format!("CPU: {name}{precision}"),
    }
}

impl Work {
    /// That of a measurement.
    pub fn of(result: &Measurement) -> Self {
        Work {
            model: result.model.clone(),
            integrator: result.integrator.clone(),
            noise: result.noise.clone(),
            recording: result.recording.clone(),
        }
    }

    /// In words.
    pub fn name(&self) -> String {
        let Work { model, integrator, noise, recording } = self;
        format!("{model}, {integrator}, noise {noise}, recording {recording}")
    }
}

impl Comparison {
    /// Of reports with their names, in their order.
    pub fn new(reports: &[(String, Report)]) -> Self {
        let mut columns: Vec<Column> = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        for (report, Report { results, .. }) in reports {
            for result in results {
                let column = column(report, result);
                let index = columns.iter().position(|known| *known == column);
                let index = index.unwrap_or_else(|| {
                    columns.push(column);
                    columns.len() - 1
                });
                let work = Work::of(result);
                let known = rows.iter().position(|r| r.work == work && r.neurons == result.neurons);
                let row = known.unwrap_or_else(|| {
                    rows.push(Row { work, neurons: result.neurons, cells: Vec::new() });
                    rows.len() - 1
                });
                let cells = &mut rows[row].cells;
                cells.resize(cells.len().max(index + 1), None);
                cells[index] = Some(cell(result));
            }
        }
        for row in &mut rows {
            row.cells.resize(columns.len(), None);
            let first = row.cells.first().copied().flatten();
            for cell in row.cells.iter_mut().flatten() {
                let ratio = first.map(|first| cell.against(first));
                cell.ratio = ratio.map(|(ratio, _)| ratio);
                cell.ratio_spread = ratio.map(|(_, spread)| spread);
            }
        }
        let works = rows.iter().map(|row| row.work.clone()).fold(Vec::new(), |mut works, work| {
            if !works.contains(&work) {
                works.push(work);
            }
            works
        });
        let order = |row: &Row| (works.iter().position(|work| *work == row.work), row.neurons);
        rows.sort_by_key(order);
        distinguish(&mut columns);
        Comparison { columns, rows }
    }

    /// The works, in the order of the rows.
    pub fn works(&self) -> Vec<&Work> {
        let mut works: Vec<&Work> = self.rows.iter().map(|row| &row.work).collect();
        works.dedup();
        works
    }

    /// Neurons and neuron-steps per second of a work in a column.
    pub fn points(&self, work: &Work, column: usize) -> Vec<(f64, f64)> {
        let rows = self.rows.iter().filter(|row| row.work == *work);
        rows.filter_map(|row| Some((row.neurons as f64, row.cells[column]?.neuron_steps_per_s)))
            .collect()
    }
}

impl Cell {
    /// The ratio to another cell, and its spread.
    fn against(&self, other: Cell) -> (f64, [f64; 2]) {
        let ratio = self.neuron_steps_per_s / other.neuron_steps_per_s;
        (ratio, [self.slowest / other.fastest, self.fastest / other.slowest])
    }
}

fn cell(result: &Measurement) -> Cell {
    let Measurement { neuron_steps_per_s, slowest, fastest, .. } = *result;
    Cell { neuron_steps_per_s, slowest, fastest, ratio: None, ratio_spread: None }
}

fn column(report: &str, result: &Measurement) -> Column {
    let Measurement { engine, device, is_software, precision, driver, .. } = result;
    Column {
        name: label(engine, device, driver, *is_software, precision),
        report: report.to_owned(),
        driver: driver.clone(),
        is_software: *is_software,
    }
}

/// Adds the name of the report to devices of the same name, or the driver within a report.
fn distinguish(columns: &mut [Column]) {
    let all = columns.to_vec();
    for column in columns {
        let alike: Vec<_> = all.iter().filter(|other| other.name == column.name).collect();
        if alike.len() > 1 {
            let in_report = alike.iter().filter(|other| other.report == column.report).count();
            let by = if in_report > 1 { &column.driver } else { &column.report };
            column.name = format!("{} ({by})", column.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::measurement;
    use super::*;

    fn report(results: Vec<Measurement>) -> Report {
        Report { results, ..Report::new() }
    }

    #[test]
    fn devices_are_columns_and_ratios_have_their_spread() {
        let a = report(vec![
            measurement("NVIDIA H200", "lif", 1000, 100.0),
            measurement("NVIDIA H200", "lif", 10, 10.0),
        ]);
        let b = report(vec![
            measurement("llvmpipe (LLVM 15.0.6, 256 bits)", "lif", 1000, 50.0),
            measurement("llvmpipe (LLVM 15.0.6, 256 bits)", "izhikevich", 1000, 5.0),
        ]);
        let comparison = Comparison::new(&[("a".into(), a), ("b".into(), b)]);
        let names: Vec<_> = comparison.columns.iter().map(|column| &column.name).collect();
        assert_eq!(names, ["NVIDIA H200", "software Vulkan (llvmpipe)"]);
        let rows: Vec<_> =
            comparison.rows.iter().map(|r| (r.work.model.as_str(), r.neurons)).collect();
        assert_eq!(rows, [("lif", 10), ("lif", 1000), ("izhikevich", 1000)]);
        let cell = comparison.rows[1].cells[1].unwrap();
        assert_eq!(cell.ratio, Some(0.5));
        // 45 to 55 over 90 to 110.
        let [low, high] = cell.ratio_spread.unwrap();
        assert!((low - 45.0 / 110.0).abs() < 1e-12 && (high - 55.0 / 90.0).abs() < 1e-12);
        assert_eq!(comparison.rows[0].cells[1], None);
        // Nothing to compare with.
        assert_eq!(comparison.rows[2].cells[1].unwrap().ratio, None);
        let work = comparison.works()[0].clone();
        assert_eq!(comparison.points(&work, 0), [(10.0, 10.0), (1000.0, 100.0)]);
    }

    #[test]
    fn devices_of_the_same_name_are_told_apart() {
        let one = || report(vec![measurement("NVIDIA H200", "lif", 10, 1.0)]);
        let comparison = Comparison::new(&[("old".into(), one()), ("new".into(), one())]);
        let names: Vec<_> = comparison.columns.iter().map(|column| &column.name).collect();
        assert_eq!(names, ["NVIDIA H200 (old)", "NVIDIA H200 (new)"]);
    }

    #[test]
    fn software_is_told_and_trademarks_are_not() {
        let xeon = "Intel(R) Xeon(R) Processor";
        assert_eq!(label("cpu", xeon, "AVX-512", false, "f64"), "CPU: Intel Xeon Processor, f64");
        let played = label("gpu", "llvmpipe (LLVM 15, 256 bits)", "Vulkan, Mesa", true, "f32");
        assert_eq!(played, "software Vulkan (llvmpipe)");
        assert_eq!(label("gpu", "NVIDIA H200", "Vulkan, NVIDIA", false, "f32"), "NVIDIA H200");
    }
}
