//! Loligo for Python: what the package's own Python stands on.
//!
//! Everything is simulated and computed by the library; here, values of Python become settings, results become arrays, and
//! work is done on threads of its own, so that Python can go on, and Ctrl-C is heard.

mod analysis;
mod arrays;
mod choices;
mod engine;
mod errors;
mod experiment;
mod population;
mod results;
mod run;
mod settings;
mod shard;
mod study;
mod trace;
mod worker;

use pyo3::prelude::*;

/// The compiled part of loligo.
#[pymodule]
fn _loligo(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<experiment::Experiment>()?;
    module.add_class::<results::Results>()?;
    module.add_class::<population::Population>()?;
    module.add_function(wrap_pyfunction!(run::run, module)?)?;
    module.add_function(wrap_pyfunction!(trace::trace, module)?)?;
    module.add_function(wrap_pyfunction!(analysis::spectrum, module)?)?;
    module.add_function(wrap_pyfunction!(analysis::intervals, module)?)?;
    module.add_function(wrap_pyfunction!(analysis::models, module)?)?;
    module.add_function(wrap_pyfunction!(engine::engines, module)?)?;
    module.add_function(wrap_pyfunction!(engine::bench, module)?)?;
    module.add_function(wrap_pyfunction!(shard::simulate_shard, module)?)?;
    module.add_function(wrap_pyfunction!(study::studies, module)?)?;
    module.add_function(wrap_pyfunction!(study::study_text, module)?)?;
    module.add_function(wrap_pyfunction!(study::found, module)?)?;
    module.add_function(wrap_pyfunction!(study::diff, module)?)?;
    module.add_function(wrap_pyfunction!(study::exercises, module)?)?;
    module.add_function(wrap_pyfunction!(shard::merge, module)?)?;
    Ok(())
}
