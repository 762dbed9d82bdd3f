//! Traces over time: the membrane potential of each neuron with its threshold and spikes, gates and ionic currents of
//! the first, the injected current.

use super::{
    Axis, COLOURS, Figure, GREY, HEIGHT, Panel, Points, Shape, colour, extent, pretty_unit,
    thinned, time_axis,
};
use crate::experiment::Experiment;
use crate::population::Population;
use crate::trace::Trace;
use crate::window::time_ms;

/// Neurons that have a row of their own; of more, the first are drawn.
const MOST_ROWS: usize = 12;

/// The least height of a row in units.
const ROW: f64 = 115.0;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Traced<'a> {
    /// Where the traces are from.
    pub experiment: &'a Experiment,
    /// The time of each sample (ms).
    pub t_ms: &'a [f64],
    /// The neurons: the population of each, and its index there.
    pub neurons: &'a [(&'a Population, usize)],
    /// A trace of each.
    pub traces: &'a [Trace],
}

impl Traced<'_> {
    /// The figure of the traces.
    pub fn figure(&self) -> Figure {
        let shown = self.traces.len().min(MOST_ROWS);
        let mut panels: Vec<Panel> = (0..shown).map(|n| self.potential(n)).collect();
        panels.extend(self.of_the_first());
        panels.push(self.injected(shown));
        let title = match self.traces.len() {
            1 => self.name(0),
            n if n > shown => format!("the first {shown} of {n} neurons"),
            _ => String::new(),
        };
        let height = HEIGHT.max(ROW * panels.len() as f64 + 60.0);
        Figure { height, ..Figure::column("trace", title, panels) }
    }

    /// The time axis.
    fn time(&self) -> Axis {
        let (scale, label) = time_axis(self.experiment.duration_ms());
        let (low, high) = extent(self.t_ms.iter().map(|t| t * scale));
        Axis::linear(label, low, high)
    }

    /// The points of a row of samples. A state that diverged is no point.
    fn points(&self, values: &[f64]) -> Points {
        let (scale, _) = time_axis(self.experiment.duration_ms());
        let all = self.t_ms.iter().map(|t| t * scale).zip(values.iter().copied());
        thinned(all.filter(|point| point.1.is_finite()).collect())
    }

    /// A neuron by its index in the experiment, and its population where there are several.
    fn name(&self, n: usize) -> String {
        let (population, index) = self.neurons[n];
        let index = population.first_neuron + index;
        match self.experiment.populations.len() {
            1 => format!("neuron {index}"),
            _ => format!("neuron {index} ({}:{index})", population.name),
        }
    }

    /// The potential of one neuron, its threshold, and its spikes above.
    fn potential(&self, n: usize) -> Panel {
        let (population, index) = self.neurons[n];
        let trace = &self.traces[n];
        let values = trace.values.first().map(Vec::as_slice).unwrap_or_default();
        let parameter = |name: &str| {
            let values = &population.parameters[population.model.parameter(name)?];
            Some((values.of(index), name.to_owned()))
        };
        let level = parameter("v_th").or(parameter("v_spike"));
        let (low, high) = extent(values.iter().copied().chain(level.as_ref().map(|level| level.0)));
        let margin = if high > low { 0.06 * (high - low) } else { 1.0 };
        // Spikes are drawn above the potential.
        let mut panel =
            Panel::new(self.time(), Axis::linear("V [mV]", low - margin, high + 3.0 * margin));
        if self.traces.len() > 1 {
            panel.title = self.name(n);
        }
        panel.add("", colour(n), Shape::line(self.points(values)));
        if let Some((level, name)) = level {
            let name = if n == 0 { name } else { String::new() };
            panel.add(name, GREY, Shape::Level(level));
        }
        let (scale, _) = time_axis(self.experiment.duration_ms());
        let spike = |step: &u32| {
            let time = time_ms(*step, self.experiment.dt_ms) * scale;
            (time, high + 0.8 * margin, high + 2.6 * margin)
        };
        let strokes = trace.spike_steps.iter().map(spike).collect();
        panel.add("", colour(n), Shape::Strokes { strokes, width: 1.0 });
        panel
    }

    /// Gates and ionic currents of the first neuron: curves of several would hide each other.
    fn of_the_first(&self) -> Vec<Panel> {
        let (Some(first), Some((population, _))) = (self.traces.first(), self.neurons.first())
        else {
            return Vec::new();
        };
        let model = population.model;
        let gates = model.states.iter().filter(|state| state.unit == "1").map(|state| state.name);
        let currents =
            model.observables.iter().filter(|o| o.name.starts_with("i_")).map(|o| o.name);
        let unit = pretty_unit(model.current_unit);
        let groups: [(Vec<&str>, String); 2] =
            [(gates.collect(), "open".into()), (currents.collect(), format!("ionic I [{unit}]"))];
        let mut panels = Vec::new();
        for (names, label) in groups.into_iter().filter(|(names, _)| !names.is_empty()) {
            let rows: Vec<(&str, &Vec<f64>)> = first
                .variables
                .iter()
                .zip(&first.values)
                .filter(|(variable, _)| names.contains(&variable.name))
                .map(|(variable, values)| (variable.name, values))
                .collect();
            let (low, high) = extent(rows.iter().flat_map(|(_, values)| values.iter().copied()));
            let margin = 0.06 * (high - low);
            let mut panel =
                Panel::new(self.time(), Axis::linear(label, low - margin, high + margin));
            if self.traces.len() > 1 {
                panel.title = self.name(0);
            }
            for (n, (name, values)) in rows.into_iter().enumerate() {
                panel.add(name, colour(n), Shape::line(self.points(values)));
            }
            panels.push(panel);
        }
        panels
    }

    /// The injected currents of the neurons, as many as colours can tell apart.
    fn injected(&self, shown: usize) -> Panel {
        let unit = self.neurons.first().map_or("", |(population, _)| population.model.current_unit);
        let drawn = &self.traces[..shown.min(COLOURS)];
        let (low, high) = extent(drawn.iter().flat_map(|trace| trace.current.iter().copied()));
        let margin = if high > low { 0.06 * (high - low) } else { 1.0 };
        let label = format!("injected I [{}]", pretty_unit(unit));
        let mut panel = Panel::new(self.time(), Axis::linear(label, low - margin, high + margin));
        for (n, trace) in drawn.iter().enumerate() {
            let name = if self.traces.len() > 1 { self.name(n) } else { String::new() };
            panel.add(name, colour(n), Shape::line(self.points(&trace.current)));
        }
        panel
    }
}
