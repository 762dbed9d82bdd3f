"""Brian2CUDA: Brian2's standalone code for a GPU, f32.

What makes it fast: the whole run is one compiled program, with -use_fast_math, which is the package's default;
constants are float32 too (the package writes them as double, which would make the exponentials double); the group
has no synapses; the current is a constant; the Hodgkin-Huxley neuron is solved by exponential Euler. The
deviates are cuRAND's, drawn by its host functions for many steps at once and read from memory. The clock is one of
its own, around the steps: the package's counts processor time and does not wait for the device. Spikes stay on
the device until the end; that copy is not timed.

Brian2CUDA needs nvcc, make and a C++ compiler when it runs. The compute capability is asked of nvidia-smi, since
the package's own way takes the sample program deviceQuery, which is hardly ever there. `--capability 9.0` says
it, and `--generate FOLDER` writes and compiles the program and ends, which takes no GPU.

Tried without a GPU, with `--generate`: see README.md. That the programs run was not tried.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import brian2
import brian2cuda
import numpy as np

import gpu

# Potentials are in mV, currents in pA or uA/cm2, as plain numbers; only times have units.
LIF = "dv/dt = (e_l - v + current / g_l) / (tau_m*ms) {noise} : 1 (unless refractory)"

HODGKIN_HUXLEY = """
dv/dt = (current - g_na*m**3*h*(v - e_na) - g_k*n**4*(v - e_k) - g_l*(v - e_l)) / (c_m*ms) : 1
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
alpha_m = 1/exprel(2.5 - 0.1*(v + 65))/ms : Hz
beta_m = 4*exp(-(v + 65)/18)/ms : Hz
alpha_h = 0.07*exp(-(v + 65)/20)/ms : Hz
beta_h = 1/(exp(3 - 0.1*(v + 65)) + 1)/ms : Hz
alpha_n = 0.1/exprel(1 - 0.1*(v + 65))/ms : Hz
beta_n = 0.125*exp(-(v + 65)/80)/ms : Hz
"""

# Where the program leaves how long its steps took.
CLOCK = "stepping_s.txt"
BEGIN = """
CUDA_SAFE_CALL(cudaDeviceSynchronize());
const auto stepping_begin = std::chrono::steady_clock::now();
"""
END = f"""
CUDA_SAFE_CALL(cudaDeviceSynchronize());
const std::chrono::duration<double> stepping = std::chrono::steady_clock::now() - stepping_begin;
std::ofstream(brian::results_dir + "{CLOCK}") << stepping.count();
"""


def group(work):
    p = work.parameters
    if work.lif():
        # With the noise of one step, sigma xi sqrt(dt) / (g_l tau_m), Euler-Maruyama is Euler with a
        # current of sigma xi / sqrt(dt).
        noise = "+ sigma*xi*second**0.5 / (g_l*tau_m*ms)" if work.noise == "white" else ""
        # A neuron moves again in the step at whose start the refractory time is over, so a spike
        # takes its own step more.
        neurons = brian2.NeuronGroup(
            work.neurons, LIF.format(noise=noise), method="euler", threshold="v >= v_th",
            reset="v = v_reset", refractory=(p.t_ref + p.dt) * brian2.ms,
        )
    else:
        # Exponential Euler takes no xi; a value that is drawn once per step is the same noise.
        current = "stimulus + noise_std*randn() : 1 (constant over dt)" if work.noise == "white" else "stimulus : 1"
        neurons = brian2.NeuronGroup(
            work.neurons, HODGKIN_HUXLEY + "current = " + current, method="exponential_euler",
            threshold="v >= v_spike", refractory="v >= v_spike or t - lastspike < (t_lockout + 0.5*dt_ms)*ms",
        )
        neurons.m, neurons.h, neurons.n = p.gates()
    neurons.v = p.v_init
    return neurons


def capability_of_gpu():
    command = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])


def compile_program(folder):
    """Compiles it with two changes: constants are float, as the numbers are that they are given, else what they
    meet is double; and C++17, since the package asks for C++11, which Thrust does not take from CUDA 13 on."""
    for source in (folder / "code_objects").glob("*.cu"):
        source.write_text(re.sub(r"const double (\w+ = [-\d. e]+f;)", r"const float \1", source.read_text()))
    makefile = folder / "makefile"
    makefile.write_text(makefile.read_text().replace("-std=c++11", "-std=c++17"))
    subprocess.run(["make", f"-j{os.cpu_count()}"], cwd=folder, check=True)


def get_ready(work, asked):
    p = work.parameters
    brian2.set_device("cuda_standalone", build_on_run=False)
    brian2.prefs.core.default_float_dtype = np.float32
    backend = brian2.prefs.devices.cuda_standalone.cuda_backend
    backend.detect_gpus = False
    backend.gpu_id = 0
    backend.compute_capability = asked.flags.capability or capability_of_gpu()
    brian2.prefs.codegen.cpp.headers += ["<chrono>"]
    brian2.seed(work.seed)
    brian2.defaultclock.dt = p.dt * brian2.ms
    neurons = group(work)
    monitor = brian2.SpikeMonitor(neurons, record=asked.records)
    network = brian2.Network(neurons, monitor)
    values = {**vars(p), "current": p.stimulus, "noise_std": work.noise_std(), "dt_ms": p.dt}
    if not work.lif():
        del values["current"]
    brian2.device.insert_code("before_network_run", BEGIN)
    brian2.device.insert_code("after_network_run", END)
    network.run(work.steps * p.dt * brian2.ms, namespace=values)
    directory = asked.flags.generate or tempfile.mkdtemp(prefix="brian2cuda_peer_")
    brian2.device.build(directory=directory, compile=False, run=False, with_output=False)
    compile_program(Path(directory))
    if asked.flags.generate:
        print(f"{directory}: compiled, and not run", file=sys.stderr)
        sys.exit()

    def step_all():
        brian2.device.run(directory, with_output=False)
        seconds = float((Path(brian2.device.results_dir) / CLOCK).read_text())
        if not asked.records:
            return seconds, int(np.asarray(monitor.count).sum(dtype=np.int64))
        return seconds, np.asarray(monitor.i), np.rint(np.asarray(monitor.t) / (p.dt * 1e-3))

    return step_all


if __name__ == "__main__":
    gpu.main(
        "Brian2CUDA", brian2cuda.__version__, gpu.name_of_gpu, get_ready,
        {"--capability": {"type": float}, "--generate": {"metavar": "FOLDER"}},
    )
