//! `-v`: what goes on inside, to stderr. `RUST_LOG` chooses more finely.

use std::env::VarError;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::uptime;

use loligo::error::{Error, Place, Problem};

/// The variable that chooses what is logged, in place of `-v`: `RUST_LOG=loligo=debug,wgpu_core=warn`.
const VARIABLE: &str = "RUST_LOG";

/// Begins to log, if that is asked for.
///
/// # Errors
/// If the variable cannot be understood.
pub fn begin(verbose: u8) -> Result<(), Error> {
    let wrong = |why: String| {
        let place = Place::Flag(VARIABLE.into());
        Error::from(Problem::new(
            why,
            &place,
            "write for example RUST_LOG=loligo=debug,wgpu_core=warn",
        ))
    };
    let chosen = match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => text,
        Err(error @ VarError::NotUnicode(_)) => return Err(wrong(error.to_string())),
        _ => match verbose {
            0 => return Ok(()),
            1 => "loligo=info".into(),
            2 => "loligo=debug,wgpu_core=info,wgpu_hal=info".into(),
            _ => "loligo=trace,wgpu_core=debug,wgpu_hal=debug,naga=info".into(),
        },
    };
    let filter = EnvFilter::try_new(&chosen).map_err(|error| wrong(error.to_string()))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(uptime())
        .with_target(verbose > 1)
        .with_writer(anstream::stderr)
        .log_internal_errors(false);
    // Something that logs already goes on.
    let _ = lines.try_init();
    Ok(())
}
