//! Impedance: the spectrum of the membrane potential over that of a chirp.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::{Found, missing};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::plot::{Axis, Figure, Panel, Shape, colour, pretty_unit};
use crate::population::Population;
use crate::results::Results;
use crate::trace::{Samples, trace};
use crate::unit::tell;

/// Frequencies that are averaged over (Hz).
const WIDTH_HZ: f64 = 2.0;

/// The impedance of the first neuron of each population, beside that of its linear equations.
pub fn found(experiment: &Experiment, _results: &Results) -> Result<Found, Error> {
    let (mut panels, mut rows, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (n, population) in experiment.populations().iter().enumerate() {
        let remedy = "use --source \"chirp name=zap ..\" and a model with a membrane potential";
        let curve = curve(experiment, population);
        let curve =
            curve.ok_or_else(|| missing("a chirp named `zap`, below the threshold", remedy))?;
        let best = curve.iter().max_by(|a, b| a[1].total_cmp(&b[1])).map_or([0.0; 4], |row| *row);
        let model = population.model();
        let unit = match model.current_unit {
            "1" => "mV".to_owned(),
            unit => format!("mV / ({})", pretty_unit(unit)),
        };
        let [first, last] = [curve.first(), curve.last()].map(|row| row.map_or(0.0, |row| row[0]));
        let highest = curve.iter().map(|row| row[1].max(row[3])).fold(1e-9, f64::max);
        let x = Axis::linear("frequency [Hz]", first, last);
        let mut panel = Panel::new(x, Axis::from_zero(format!("impedance [{unit}]"), highest))
            .titled(format!("{}, largest at {} Hz", model.name, tell(best[0].round())));
        let points =
            |column: usize| curve.iter().map(|row| (row[0], row[column])).collect::<Vec<_>>();
        panel.add("chirp", colour(0), Shape::Dots { points: points(1), radius: 2.5, opacity: 1.0 });
        panel.add("linear equations", colour(1), Shape::line(points(3)));
        panels.push(panel);
        let low = curve.first().map_or(f64::NAN, |row| row[1]);
        lines.push(format!(
            "{}: largest at {} Hz, {} times that at {} Hz",
            model.name,
            tell(best[0].round()),
            tell((best[1] / low * 100.0).round() / 100.0),
            tell(first.round())
        ));
        rows.extend(curve.into_iter().map(|row| [vec![n as f64], row.to_vec()].concat()));
    }
    let header = ["population", "frequency_hz", "impedance", "phase_rad", "impedance_linear"];
    Ok(Found {
        figure: Figure::column("impedance", "Impedance by a chirp", panels),
        header: header.map(str::to_owned).to_vec(),
        rows,
        lines,
    })
}

/// Rows of frequency, impedance, its phase, and the impedance by linear equations.
fn curve(experiment: &Experiment, population: &Population) -> Option<Vec<[f64; 4]>> {
    let source = population.sources().iter().find(|source| source.name() == "zap")?;
    let value = |name: &str| {
        let index = source.parameters().iter().position(|p| p.name == name)?;
        Some(source.values()[index].of(0))
    };
    let (from, to) = (value("from")?, value("to")?);
    let samples = Samples { from: 0, to: experiment.steps(), every: 1 };
    let traced = trace::<f64>(experiment, population, 0, samples);
    if !traced.spike_steps.is_empty() || traced.variables.first()?.unit != "mV" {
        return None;
    }
    // Of the potential, what the chirp does to it: it starts at rest.
    let rest = *traced.values.first()?.first()?;
    let potential: Vec<f64> = traced.values[0].iter().map(|v| v - rest).collect();
    let (v, i) = (transformed(&potential), transformed(&traced.current));
    let df = 1e3 / experiment.duration_ms();
    let bin = (WIDTH_HZ / df).round().max(1.0) as usize;
    let (low, high) = (((from.max(WIDTH_HZ)) / df) as usize, (to / df) as usize);
    let response = population.model().plain().response(
        &population.parameters_of(0),
        experiment.dt_ms(),
        (0.0, 0.0),
    )?;
    let row = |first: usize| {
        let (mut cross, mut power) = (Complex::new(0.0, 0.0), 0.0);
        for k in first..first + bin {
            cross += v[k] * i[k].conj();
            power += i[k].norm_sqr();
        }
        let frequency = (first as f64 + 0.5 * (bin - 1) as f64) * df;
        let impedance = cross / power;
        [frequency, impedance.norm(), impedance.arg(), response.power(frequency).sqrt()]
    };
    let ends = high.min(v.len() / 2).saturating_sub(bin);
    Some((low..ends).step_by(bin).map(row).collect())
}

fn transformed(signal: &[f64]) -> Vec<Complex<f64>> {
    let mut values: Vec<Complex<f64>> = signal.iter().map(|x| Complex::new(*x, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(values.len()).process(&mut values);
    values
}
