//! Work on threads of its own: Python goes on, Ctrl-C is heard, and a forked process has threads as well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// How often signals are looked at, and progress is told.
const LOOK: Duration = Duration::from_millis(20);

/// Threads of each process: those of a parent are not there in a child that it forked.
static POOLS: LazyLock<Mutex<HashMap<u32, Arc<ThreadPool>>>> = LazyLock::new(Mutex::default);

/// The threads of this process, as many as RAYON_NUM_THREADS or the machine says.
pub fn pool() -> PyResult<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(|poison| poison.into_inner());
    let process = std::process::id();
    if let Some(pool) = pools.get(&process) {
        return Ok(pool.clone());
    }
    let pool = ThreadPoolBuilder::new().build();
    let pool = Arc::new(pool.map_err(|error| PyRuntimeError::new_err(error.to_string()))?);
    // Those of a parent are never used here, nor waited for.
    pools.drain().for_each(|(_, old)| std::mem::forget(old));
    pools.insert(process, pool.clone());
    Ok(pool)
}

/// What work is told and tells.
#[derive(Debug, Default)]
pub struct Watch {
    stop: AtomicBool,
    done: AtomicU64,
}

impl Watch {
    /// Takes the steps that are done; whether to go on.
    pub fn go_on(&self, steps: u32) -> bool {
        self.done.store(u64::from(steps), Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }
}

/// Does work on the threads of this process. Meanwhile `progress` is called with the steps done, and a signal, or an exception
/// of `progress`, asks the work to end: it is returned beside what came of it.
pub fn work<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    is_short: bool,
    work: impl FnOnce(&Watch) -> T + Send,
) -> PyResult<(T, Option<PyErr>)> {
    let (pool, watch) = (pool()?, Watch::default());
    if is_short && progress.is_none() {
        return Ok((py.detach(|| pool.install(|| work(&watch))), None));
    }
    let progress = progress.map(|progress| progress.clone().unbind());
    py.detach(|| {
        std::thread::scope(|scope| {
            let (tell, told) = channel();
            let (pool, watch) = (&pool, &watch);
            scope.spawn(move || tell.send(pool.install(|| work(watch))));
            let mut interruption = None;
            loop {
                match told.recv_timeout(LOOK) {
                    Ok(result) => {
                        if let (Some(progress), None) = (&progress, &interruption) {
                            interruption = Python::attach(|py| call(py, progress, watch).err());
                        }
                        return Ok((result, interruption));
                    }
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(PyRuntimeError::new_err("the simulation ended by itself"));
                    }
                    Err(RecvTimeoutError::Timeout) if interruption.is_none() => {
                        interruption = Python::attach(|py| {
                            py.check_signals()?;
                            progress.as_ref().map_or(Ok(()), |progress| call(py, progress, watch))
                        })
                        .err();
                        watch.stop.store(interruption.is_some(), Ordering::Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
            }
        })
    })
}

fn call(py: Python<'_>, progress: &Py<PyAny>, watch: &Watch) -> PyResult<()> {
    progress.call1(py, (watch.done.load(Ordering::Relaxed),)).map(drop)
}
