//! A device of `wgpu`: opened, tested; its errors as values.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tracing::{debug, info};

use super::{adapter, shader};
use crate::drive::Kernel;
use crate::error::Error;

/// An open device.
#[derive(Debug)]
pub struct Device {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    /// The first error that no call returned.
    failure: Arc<Mutex<Option<String>>>,
    compiled: AtomicUsize,
}

/// Loop iterations of the self-test: more than thirty times what a kernel's block needs.
const SELF_TEST_ITERATIONS: u32 = 32_768;

/// How messages of missing memory begin.
const OUT_OF_MEMORY: &str = "out of memory";

impl Device {
    /// Opens the most promising adapter whose name has `name` in it (any, without a name) and
    /// tests it. Software devices are taken only if `software` allows it.
    ///
    /// # Errors
    /// If there is no such adapter, or it cannot be opened, or it fails the test.
    pub fn open(name: Option<&str>, software: bool) -> Result<Self, Error> {
        Device::of(&adapter::find(name, software)?)
    }

    /// Opens all adapters and tests them: hardware, or software where there is no hardware and `software` allows it.
    ///
    /// # Errors
    /// If there is none, or one cannot be opened, or fails the test.
    pub fn open_all(software: bool) -> Result<Vec<Self>, Error> {
        adapter::all(software)?.iter().map(Device::of).collect()
    }

    fn of(adapter: &wgpu::Adapter) -> Result<Self, Error> {
        let info = adapter.get_info();
        let mut features = wgpu::Features::TIMESTAMP_QUERY;
        if info.device_type == wgpu::DeviceType::Cpu {
            features |= wgpu::Features::MAPPABLE_PRIMARY_BUFFERS;
        }
        let failed = |message: String| Error::Device { device: info.name.clone(), message };
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("loligo"),
            required_features: adapter.features() & features,
            required_limits: adapter.limits(),
            ..Default::default()
        }))
        .map_err(|error| failed(error.to_string()))?;
        let limits = device.limits();
        info!(device = info.name, driver = adapter::listed(&info).driver, "opened a device");
        info!(
            bytes_of_a_buffer = limits.max_storage_buffer_binding_size,
            workgroups = limits.max_compute_workgroups_per_dimension,
            invocations_of_a_workgroup = limits.max_compute_invocations_per_workgroup,
            "its limits"
        );
        debug!(features = ?device.features(), ?limits);
        let failure = Arc::new(Mutex::new(None));
        let note = |failure: &Arc<Mutex<Option<String>>>, message: String| {
            if let Ok(mut first) = failure.lock() {
                first.get_or_insert(message);
            }
        };
        let (on_error, on_loss) = (failure.clone(), failure.clone());
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let message = match &error {
                wgpu::Error::OutOfMemory { .. } => format!("{OUT_OF_MEMORY}: {error}"),
                _ => error.to_string(),
            };
            note(&on_error, message);
        }));
        device.set_device_lost_callback(move |reason, message| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                note(&on_loss, format!("device lost: {message}"));
            }
        });
        let compiled = AtomicUsize::new(0);
        let device = Device { device, queue, info, failure, compiled };
        device.self_test()?;
        Ok(device)
    }

    /// The device's name.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// Graphics interface and driver.
    pub fn driver(&self) -> String {
        adapter::listed(&self.info).driver
    }

    /// Whether a processor plays the device.
    pub fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// The most invocations of a workgroup.
    pub fn most_invocations(&self) -> u32 {
        self.device.limits().max_compute_invocations_per_workgroup
    }

    /// How many neurons an invocation had better step.
    pub(super) fn lanes(&self) -> shader::PerInvocation {
        match self.is_software() {
            true => shader::PerInvocation::Four,
            false => shader::PerInvocation::One,
        }
    }

    /// How many pipelines were compiled so far.
    pub fn compiled(&self) -> usize {
        self.compiled.load(Ordering::Relaxed)
    }

    /// A set of timestamps, where the device has them.
    pub(super) fn timestamps(&self, count: u32) -> Option<wgpu::QuerySet> {
        let has = self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY);
        has.then(|| {
            self.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("timestamps"),
                ty: wgpu::QueryType::Timestamp,
                count,
            })
        })
    }

    /// Nanoseconds of a tick of timestamps.
    pub(super) fn timestamp_period(&self) -> f64 {
        f64::from(self.queue.get_timestamp_period())
    }

    /// The device's limits.
    pub(super) fn limits(&self) -> wgpu::Limits {
        self.device.limits()
    }

    /// The limits that cut neurons up, by their names.
    pub(super) fn told_limits(&self) -> Vec<(&'static str, String)> {
        let limits = self.device.limits();
        vec![
            ("bytes of a buffer", limits.max_storage_buffer_binding_size.to_string()),
            ("workgroups", limits.max_compute_workgroups_per_dimension.to_string()),
            (
                "invocations of a workgroup",
                limits.max_compute_invocations_per_workgroup.to_string(),
            ),
            ("bus", self.info.device_pci_bus_id.clone()),
        ]
    }

    /// Returns the first error that no call returned.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.failure.lock().ok().and_then(|failure| failure.clone()) {
            None => Ok(()),
            Some(message) if message.starts_with(OUT_OF_MEMORY) => Err(Error::TooLarge {
                what: "the experiment".into(),
                needed: "more memory".into(),
                available: format!("{} has no more", self.info.name),
                remedy: "lower --neurons, or use --engine cpu".into(),
            }),
            Some(message) => Err(self.error(message)),
        }
    }

    pub(super) fn error(&self, message: impl ToString) -> Error {
        Error::Device { device: self.info.name.clone(), message: message.to_string() }
    }

    pub(super) fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    pub(super) fn submit(&self, encoder: wgpu::CommandEncoder) -> wgpu::SubmissionIndex {
        self.queue.submit([encoder.finish()])
    }

    /// Waits until a submission is done.
    pub(super) fn wait(&self, index: wgpu::SubmissionIndex) -> Result<(), Error> {
        let wait = wgpu::PollType::Wait { submission_index: Some(index), timeout: None };
        self.device.poll(wait).map_err(|error| self.error(error))?;
        self.check()
    }

    pub(super) fn bind(
        &self,
        pipeline: &wgpu::ComputePipeline,
        buffers: &[&wgpu::Buffer],
    ) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        self.group(pipeline, &entries)
    }

    pub(super) fn group(
        &self,
        pipeline: &wgpu::ComputePipeline,
        entries: &[wgpu::BindGroupEntry<'_>],
    ) -> wgpu::BindGroup {
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries,
        })
    }

    /// The compute pipeline of a kernel.
    pub(super) fn pipeline(
        &self,
        kernel: &Kernel,
        lanes: shader::PerInvocation,
        workgroup_size: u32,
        raster: bool,
    ) -> Result<wgpu::ComputePipeline, Error> {
        let constants = shader::constants(kernel, workgroup_size, raster);
        let text =
            shader::join(&shader::steps(kernel.model, kernel.variant, kernel.sources), lanes);
        self.compile(kernel.model.name, &text, shader::ENTRY_POINT, &constants)
    }

    pub(super) fn compile(
        &self,
        label: &str,
        text: &str,
        entry_point: &str,
        constants: &[(&str, f64)],
    ) -> Result<wgpu::ComputePipeline, Error> {
        let source = wgpu::ShaderSource::Wgsl(text.into());
        let module =
            self.trusted_module(wgpu::ShaderModuleDescriptor { label: Some(label), source });
        self.pipeline_of(&module, entry_point, constants)
    }

    fn pipeline_of(
        &self,
        module: &wgpu::ShaderModule,
        entry_point: &str,
        constants: &[(&str, f64)],
    ) -> Result<wgpu::ComputePipeline, Error> {
        self.check()?;
        self.compiled.fetch_add(1, Ordering::Relaxed);
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry_point),
            layout: None,
            module,
            entry_point: Some(entry_point),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
        self.check()?;
        Ok(pipeline)
    }

    /// Compiles WGSL; in release builds without run-time checks, which cost a third of the speed:
    /// a counter in every loop and a bound on every access (gfx-rs/wgpu#7698). Debug builds, and so
    /// the tests, keep them.
    #[expect(unsafe_code, reason = "the checks of loops and accesses cost a third of the speed")]
    fn trusted_module(&self, descriptor: wgpu::ShaderModuleDescriptor<'_>) -> wgpu::ShaderModule {
        if cfg!(debug_assertions) {
            return self.device.create_shader_module(descriptor);
        }
        // SAFETY: the text is this package's own, never a user's. Its loops are counted and end;
        // its indices are the invocation's number, which the padded buffers cover (`Shard::new`),
        // a word below `block.words`, which the raster covers (`Shard::encode`), and a step of a
        // block in the neuron's row, which the signal covers where one is played: an experiment is not
        // built else (`experiment/signal.rs`), and not changed after; for sums, the buffers of `Summer::new`,
        // in which a bin is below `bins`. It divides integers by lengths of 1 and more only.
        unsafe {
            self.device
                .create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
        }
    }

    /// Refuses a device that drops loop iterations.
    fn self_test(&self) -> Result<(), Error> {
        let counted = self.count_iterations(SELF_TEST_ITERATIONS)?;
        if counted == SELF_TEST_ITERATIONS {
            return Ok(());
        }
        Err(self.error(format!(
            "it ended a loop of {SELF_TEST_ITERATIONS} iterations after {counted}, silently: its \
             results would be wrong; use another adapter or --engine cpu"
        )))
    }

    /// Runs a loop of `wanted` iterations (a multiple of 16) and returns how many the device did.
    ///
    /// # Errors
    /// If the device fails.
    pub fn count_iterations(&self, wanted: u32) -> Result<u32, Error> {
        let pipeline = self.compile("self-test", shader::SELF_TEST, "count_iterations", &[])?;
        Ok(self.run_once(&pipeline, &[wanted / 16, 16], 1)?[0])
    }

    /// Runs a compute shader of one storage buffer (group 0, binding 0) that holds `words`, in
    /// `workgroups` workgroups, and returns what the buffer holds then. For tests of WGSL
    /// functions: nothing is trusted, all run-time checks are on.
    ///
    /// # Errors
    /// If the text is not valid, or the device fails.
    pub fn evaluate(
        &self,
        text: &str,
        entry_point: &str,
        words: &[u32],
        workgroups: u32,
    ) -> Result<Vec<u32>, Error> {
        let source = wgpu::ShaderSource::Wgsl(text.into());
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor { label: Some("test"), source });
        let pipeline = self.pipeline_of(&module, entry_point, &[])?;
        self.run_once(&pipeline, words, workgroups)
    }

    fn run_once(
        &self,
        pipeline: &wgpu::ComputePipeline,
        words: &[u32],
        workgroups: u32,
    ) -> Result<Vec<u32>, Error> {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let buffer = self.buffer_of("words", words, usage);
        let group = self.bind(pipeline, &[&buffer]);
        let mut encoder = self.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(workgroups, 1, 1);
        }
        let index = self.submit(encoder);
        self.wait(index)?;
        self.read(&buffer)
    }
}
