//! Signals. Ctrl-C: the first asks to stop at the next block, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::outcome::INTERRUPTED;
use super::terminal;

/// Whether the user asked to stop.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Whether the user asked to stop.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Listens for Ctrl-C (and SIGTERM) from now on.
pub fn listen() -> Interrupt {
    let interrupt = Interrupt::default();
    let requested = interrupt.0.clone();
    let listening = ctrlc::set_handler(move || {
        if requested.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    });
    if let Err(error) = listening {
        terminal::say(&format!("warning: Ctrl-C will not keep what is done ({error})"));
    }
    interrupt
}

/// Lets a file that may not grow any more be an error of writing, with a message, and not the end of the process.
pub fn outlive_limits() {
    #[cfg(unix)]
    {
        let unused = Arc::new(AtomicBool::new(false));
        // Where that fails, the process ends as it would have.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, unused);
    }
}
