//! The ceilings of a graphics device: kernels of one operation, of memory, of nothing.

use std::time::Instant;

use super::device::Device;
use super::shader::{self, PerInvocation};
use crate::engine::ceilings::{Ceilings, highest_rate};
use crate::engine::cost::{Amount, Operation};
use crate::error::Error;

const TEXT: &str = include_str!("../../../shaders/ceilings.wgsl");

/// Invocations of a workgroup.
const WORKGROUP: usize = 64;

/// Invocations at once: a few times what the largest graphics processors hold, and for a processor that plays one enough for
/// all of its threads.
const INVOCATIONS: usize = 1 << 20;
const INVOCATIONS_PLAYED: usize = 1 << 13;

/// Bytes that are read and written once: more than caches hold.
const MEMORY: usize = 1 << 28;

/// Turns of a kernel at most: software devices end loops after 65,535.
const MOST_TURNS: u32 = 1 << 14;

/// Chains of an invocation, and how often each is operated on in a turn.
const CHAINS: [char; 8] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const REPEATS: usize = 16;

/// Measures the ceilings of a device, of some operations; none if it was told to end.
///
/// # Errors
/// If the device fails.
pub fn measure(
    device: &Device,
    operations: &[Operation],
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Ceilings>, Error> {
    let mut operations_per_s = Vec::new();
    for &operation in operations {
        if !go_on() {
            return Ok(None);
        }
        operations_per_s.push(Amount { operation, count: rate(device, [operation; 2])? });
    }
    Ok(Some(Ceilings {
        operations_per_s,
        mixed_per_s: rate(device, [Operation::Float, Operation::Integer])?,
        memory_bytes_per_s: memory(device)?,
        readback_bytes_per_s: if device.maps_storage() { None } else { Some(readback(device)?) },
        launch_s: launch(device)?,
        is_graphics: !device.is_software(),
    }))
}

/// A kernel on a device with its buffers.
struct Small<'a> {
    device: &'a Device,
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    turns: Option<wgpu::Buffer>,
    workgroups: u32,
}

impl<'a> Small<'a> {
    fn new(
        device: &'a Device,
        text: &str,
        entry_point: &str,
        invocations: usize,
        lanes: PerInvocation,
    ) -> Result<Self, Error> {
        use wgpu::BufferUsages as Usage;
        let constants = [("workgroup_size", WORKGROUP as f64)];
        let pipeline = device.compile("ceilings", text, entry_point, &constants)?;
        let half = vec![0.5_f32.to_bits(); invocations * lanes as usize];
        let values = device.buffer_of("values", &half, Usage::STORAGE);
        let turns = (entry_point == "compute")
            .then(|| device.buffer("work", 16, Usage::UNIFORM | Usage::COPY_DST));
        device.check()?;
        let entries: Vec<_> = (turns.iter().map(|turns| (0, turns)))
            .chain([(1, &values)])
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let group = device.group(&pipeline, &entries);
        device.check()?;
        let workgroups = (invocations / WORKGROUP) as u32;
        Ok(Small { device, pipeline, group, turns, workgroups })
    }

    /// Runs it `times` times, of so many turns each, and waits.
    fn run(&self, turns: u32, times: u32) -> Result<(), Error> {
        if let Some(buffer) = &self.turns {
            self.device.write(
                buffer,
                bytemuck::cast_slice(&[turns, 1e-3_f32.to_bits(), (-1e-3_f32).to_bits(), 0]),
            );
        }
        let mut encoder = self.device.encoder();
        for _ in 0..times {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.group, &[]);
            pass.dispatch_workgroups(self.workgroups, 1, 1);
        }
        let index = self.device.submit(encoder);
        self.device.wait(index)
    }
}

/// How many of two operations, in turn, the device does per second.
pub fn rate(device: &Device, of: [Operation; 2]) -> Result<f64, Error> {
    let lanes = device.lanes();
    let invocations = if device.is_software() { INVOCATIONS_PLAYED } else { INVOCATIONS };
    let small = Small::new(device, &text(lanes, of), "compute", invocations, lanes)?;
    small.run(1, 1)?;
    let per_turn = invocations * lanes as usize * CHAINS.len() * REPEATS;
    highest_rate(per_turn as f64, MOST_TURNS, |turns| small.run(turns, 1))
}

/// The WGSL of two operations in turn on the chains.
fn text(lanes: PerInvocation, of: [Operation; 2]) -> String {
    let mut operate = String::from("fn operate(chains: Chains) -> Chains {\n");
    for (k, chain) in CHAINS.iter().enumerate() {
        let (read, _) = cast(of[k % 2]);
        operate += &format!("    var {chain} = {read}(chains.{chain});\n");
    }
    for repeat in 0..REPEATS {
        for (k, chain) in CHAINS.iter().enumerate() {
            let operation = operated(of[k % 2], &chain.to_string(), repeat);
            operate += &format!("    {chain} = {operation};\n");
        }
    }
    let results = CHAINS.iter().enumerate().map(|(k, chain)| {
        let (_, written) = cast(of[k % 2]);
        format!("{written}({chain})")
    });
    operate += &format!("    return Chains({});\n}}\n", results.collect::<Vec<_>>().join(", "));
    [shader::types(lanes).as_str(), TEXT, &operate].join("\n")
}

/// How a chain of an operation is taken from numbers, and given back.
fn cast(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::Integer => ("bitcast<Bits>", "bitcast<Real>"),
        _ => ("", ""),
    }
}

/// An operation on `x` whose results stay in a range where none is out of the ordinary.
fn operated(operation: Operation, x: &str, repeat: usize) -> String {
    match operation {
        Operation::Float if repeat.is_multiple_of(2) => format!("{x} + Real(work.up)"),
        Operation::Float => format!("{x} + Real(work.down)"),
        Operation::MultiplyAdd => format!("fma({x}, Real(0.999), Real(0.001))"),
        // A sum and a mask in turn, so that no compiler makes one of two. The exponent stays as it is.
        Operation::Integer if repeat.is_multiple_of(2) => {
            format!("{x} + Bits(0x{:x}u)", 3 + repeat)
        }
        Operation::Integer => format!("{x} ^ Bits(0x{:x}u)", 5 + repeat),
        Operation::Conversion => format!("Real(bitcast<Ints>({x}))"),
        Operation::Division => format!("Real(1.5) / ({x} + Real(0.5))"),
        Operation::SquareRoot => format!("sqrt({x} + Real(0.5))"),
        Operation::Exponential => format!("exp(Real(0.1) - {x})"),
        Operation::Logarithm => format!("log({x} + Real(2.0))"),
        Operation::Sine => format!("sin({x} + Real(0.5))"),
        Operation::HyperbolicTangent => format!("tanh({x} + Real(0.5))"),
        Operation::Power => format!("pow({x} + Real(0.5), Real(0.7))"),
    }
}

/// Bytes read and written per second.
fn memory(device: &Device) -> Result<f64, Error> {
    let lanes = device.lanes();
    let limits = device.limits();
    let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) as usize;
    let per_invocation = 4 * lanes as usize;
    let by_dispatch = limits.max_compute_workgroups_per_dimension as usize * WORKGROUP;
    let invocations = (MEMORY.min(most) / per_invocation).min(by_dispatch) / WORKGROUP * WORKGROUP;
    let text = text(lanes, [Operation::Float; 2]);
    let small = Small::new(device, &text, "stream", invocations, lanes)?;
    small.run(0, 1)?;
    let bytes = (2 * invocations * per_invocation) as f64;
    highest_rate(bytes, 64, |turns| small.run(0, turns))
}

/// Bytes per second to the host, where they are read once.
fn readback(device: &Device) -> Result<f64, Error> {
    use wgpu::BufferUsages as Usage;
    let bytes = (MEMORY / 4).min(device.limits().max_buffer_size as usize);
    let buffer = device.buffer("values", bytes, Usage::STORAGE | Usage::COPY_SRC);
    let staging = device.buffer("read", bytes, Usage::MAP_READ | Usage::COPY_DST);
    device.check()?;
    highest_rate(bytes as f64, 16, |turns| {
        for _ in 0..turns {
            let mut encoder = device.encoder();
            encoder.copy_buffer_to_buffer(&buffer, 0, &staging, 0, bytes as u64);
            let index = device.submit(encoder);
            staging.map_async(wgpu::MapMode::Read, .., |_| {});
            device.wait(index)?;
            let view = staging.get_mapped_range(..).map_err(|error| device.error(error))?;
            let words: &[u32] = bytemuck::cast_slice(&view);
            std::hint::black_box(words.iter().fold(0_u32, |sum, word| sum ^ word));
            drop(view);
            staging.unmap();
        }
        Ok(())
    })
}

/// Seconds from handing over nothing to knowing that it is done: the median of some.
fn launch(device: &Device) -> Result<f64, Error> {
    let text = text(PerInvocation::One, [Operation::Float; 2]);
    let small = Small::new(device, &text, "compute", WORKGROUP, PerInvocation::One)?;
    let mut times = Vec::new();
    for _ in 0..51 {
        let start = Instant::now();
        small.run(0, 1)?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
