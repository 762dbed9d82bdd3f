//! Signals. Ctrl-C: the first asks to stop at the next block, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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

/// Listens for Ctrl-C from now on, and for what else ends a process: SIGTERM, and SIGHUP when its terminal closes. A signal
/// that is ignored (`nohup`, a script's background) stays so. What comes of it is told if that takes a while, unless nothing
/// is to be told.
pub fn listen(quiet: bool, comes: &'static str) -> Interrupt {
    let interrupt = Interrupt::default();
    let requested = interrupt.0.clone();
    if !quiet {
        let tell = move || told(&requested, comes);
        // Where there is no thread to be had, it is not told.
        let _ = std::thread::Builder::new().name("interrupt".into()).spawn(tell);
    }
    if let Err(error) = handle(&interrupt.0) {
        terminal::say(&format!("warning: Ctrl-C will not keep what is done ({error})"));
    }
    interrupt
}

/// Waits for a request, and tells what comes of it if that takes a while.
fn told(requested: &AtomicBool, comes: &str) {
    const LOOK: Duration = Duration::from_millis(50);
    const WHILE: Duration = Duration::from_millis(500);
    while !requested.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
    }
    std::thread::sleep(WHILE);
    terminal::say(&format!("ending: {comes}; Ctrl-C once more ends at once"));
}

#[cfg(unix)]
fn handle(requested: &Arc<AtomicBool>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)) {
        // In this order: the second time, it is requested already.
        let status = i32::from(INTERRUPTED);
        signal_hook::flag::register_conditional_shutdown(signal, status, requested.clone())?;
        signal_hook::flag::register(signal, requested.clone())?;
    }
    Ok(())
}

/// Whether this process was started with a signal ignored, where the system tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

#[cfg(not(unix))]
fn handle(requested: &Arc<AtomicBool>) -> Result<(), ctrlc::Error> {
    let requested = requested.clone();
    ctrlc::set_handler(move || {
        if requested.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    })
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
