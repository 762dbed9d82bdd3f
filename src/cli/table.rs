//! What a person reads: one short aligned table and where the files are.

use std::path::PathBuf;

use loligo::analysis::intervals::PopulationIntervals;
use loligo::output::folder::Folder;
use loligo::output::summary::Timing;
use loligo::results::notes::{has_cv, is_under_sampled};
use loligo::results::{PopulationResults, Results};
use loligo::unit::tell;

/// A speed in neuron-steps per second.
pub fn per_second(speed: f64) -> String {
    match speed {
        s if s >= 1e9 => format!("{:.2} G neuron-steps/s", s * 1e-9),
        s if s >= 1e6 => format!("{:.1} M neuron-steps/s", s * 1e-6),
        s => format!("{:.0} k neuron-steps/s", s * 1e-3),
    }
}

/// The line above a table: how long, how fine, which seed.
pub fn head(results: &Results) -> String {
    let Results { steps, dt_ms, seed, .. } = results;
    let duration = tell(results.duration_ms());
    let window = match results.window {
        window if window.steps() == *steps => String::new(),
        window => {
            let [from, to] = window.ends_ms(*dt_ms).map(tell);
            format!(", statistics from {from} to {to} ms")
        }
    };
    format!("{duration} ms in {steps} steps of {} ms, seed {seed}{window}\n", tell(*dt_ms))
}

/// The lines below a table: where the time went and where the files are.
pub fn foot(timing: &Timing, folder: Option<&Folder>, files: &[PathBuf]) -> String {
    let mut text = format!(
        "stepped in {:.2} s ({}), statistics {:.2} s, files {:.2} s\n",
        timing.stepping_s,
        per_second(timing.neuron_steps_per_s),
        timing.analysis_s,
        timing.output_s
    );
    if let Some(folder) = folder {
        text += &self::files(folder, files);
    }
    text
}

/// A line with a folder and the files in it.
pub fn files(folder: &Folder, files: &[PathBuf]) -> String {
    let names: Vec<_> = files.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    format!("{}: {}\n", folder.path().display(), names.join(" "))
}

/// What the columns are.
fn legend(results: &Results) -> String {
    let windows = results.recorded().find_map(|(_, recorded)| recorded.counts);
    let windows = windows.map_or(String::new(), |counts| {
        format!(", over windows of {} ms of each neuron (w)", tell(counts.window_ms))
    });
    format!(
        "rate: mean ± standard deviation over neurons; ISI: mean ± standard deviation of all intervals\n\
         CV, CV2, LV, LvR: mean over neurons; Fano: over neurons in {} ms (n){windows}\n",
        tell(results.window_ms())
    )
}

/// The table of a run: a row per population.
pub fn populations(results: &Results) -> String {
    let header = [
        "population",
        "model",
        "neurons",
        "spikes",
        "rate [Hz]",
        "ISI [ms]",
        "CV",
        "CV2",
        "LV",
        "LvR",
        "Fano n",
        "Fano w",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(results.populations.iter().map(row));
    aligned(&rows, &std::array::from_fn::<_, 12, _>(|column| column >= 2)) + &legend(results)
}

fn row(results: &PopulationResults) -> [String; 12] {
    let three = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.3}"));
    let spread = |mean: Option<f64>, std: Option<f64>| match (mean, std) {
        (Some(mean), Some(std)) => format!("{mean:.2} ± {std:.2}"),
        (Some(mean), None) => format!("{mean:.2}"),
        _ => "-".into(),
    };
    let PopulationResults { population, rates, recorded, .. } = results;
    let intervals = recorded.as_ref().map(|recorded| &recorded.intervals);
    let pooled = intervals.map(|intervals| intervals.pooled).unwrap_or_default();
    let of = |value: fn(&PopulationIntervals) -> Option<f64>| three(intervals.and_then(value));
    let counts = recorded.as_ref().and_then(|recorded| recorded.counts);
    [
        population.name().to_owned(),
        population.model().name.to_owned(),
        population.neurons().to_string(),
        rates.spikes.to_string(),
        spread(rates.hz.mean(), rates.hz.std()),
        spread(pooled.mean(), pooled.std()),
        of(|intervals| intervals.cv.mean()) + mark(results),
        of(|intervals| intervals.cv2_mean),
        of(|intervals| intervals.lv_mean),
        of(|intervals| intervals.lvr_mean),
        three(rates.fano_over_neurons),
        three(counts.and_then(|counts| counts.fano.mean())),
    ]
}

/// The mark of a CV that is too low for want of intervals.
pub fn mark(results: &PopulationResults) -> &'static str {
    if is_under_sampled(results) && has_cv(results) { "*" } else { "" }
}

/// Columns two spaces apart; numbers are set to the right. All rows have as many cells as
/// `to_the_right`.
pub fn aligned<R: AsRef<[String]>>(rows: &[R], to_the_right: &[bool]) -> String {
    let width = |column: usize| {
        rows.iter().map(|row| row.as_ref()[column].chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..to_the_right.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells =
            row.as_ref().iter().zip(&widths).zip(to_the_right).map(|((cell, &width), right)| {
                if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// The frequencies with most power, as a table.
pub fn strongest(frequency_hz: &[f64], power: &[f64]) -> String {
    let mut strongest: Vec<usize> = (0..power.len()).collect();
    strongest.sort_by(|a, b| power[*b].total_cmp(&power[*a]));
    let row = |k: usize| format!("{:>14} {:>12}\n", tell(frequency_hz[k]), tell(power[k]));
    let rows: String = strongest.into_iter().take(5).map(row).collect();
    "frequency [Hz]        power\n".to_owned() + &rows
}
