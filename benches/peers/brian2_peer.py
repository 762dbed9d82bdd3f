"""Brian2: C++ standalone code in float32, in one process per core.

What makes it fast: the whole run is compiled for this processor, with -ffast-math; constants are float32
too (Brian writes them as double, which would make the exponentials double); the group has no synapses;
the current is a constant; the Hodgkin-Huxley neuron is solved by exponential Euler. Two processes are
faster than Brian's OpenMP threads, which meet several times in a step and leave thresholds and spikes to
one thread.

The project is built in target/peers, where a second run finds it compiled; only the steps are timed,
by the clock of the compiled program.
"""

from pathlib import Path

import brian2
import numpy as np

from peer import in_processes, main
from works import EULER

BUILDS = Path(__file__).resolve().parents[2] / "target" / "peers" / "brian2-builds"

FLAGS = ["-w", "-O3", "-ffast-math", "-march=native", "-fsingle-precision-constant"]

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


ADAPTIVE_EXPONENTIAL = """
dv/dt = (g_l*(e_l - v) + g_l*delta_t*exp((v - v_t)/delta_t) - w + current) / (c_m*ms) {noise_v} : 1
dw/dt = (a*(v - e_l) - w) / (tau_w*ms) : 1
"""

IZHIKEVICH = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + current) / ms {noise_v} : 1
du/dt = a*(b*v - u) / ms : 1
"""


def group_of_equations(work):
    """With the noise of a step as for LIF."""
    p = work.parameters
    is_adex = work.model == "adaptive_exponential"
    noise = "+ sigma*xi*second**0.5 / (c_m*ms)" if is_adex else "+ sigma*xi*second**0.5 / ms"
    equations = (ADAPTIVE_EXPONENTIAL if is_adex else IZHIKEVICH).format(noise_v=noise)
    threshold, reset = ("v >= v_peak", "v = v_reset; w += b") if is_adex else ("v >= 30", "v = c; u += d")
    neurons = brian2.NeuronGroup(work.neurons, equations, method="euler", threshold=threshold, reset=reset)
    neurons.v = p.v_init
    if is_adex:
        neurons.w = 0
    else:
        neurons.u = p.b * p.v_init
    return neurons


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
            threshold="v >= v_spike", refractory="v >= v_spike",
        )
        neurons.m, neurons.h, neurons.n = p.gates()
    neurons.v = p.v_init
    return neurons


def get_ready(work):
    p = work.parameters
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.prefs.core.default_float_dtype = np.float32
    brian2.prefs.codegen.cpp.extra_compile_args_gcc = FLAGS
    brian2.seed(work.seed)
    brian2.defaultclock.dt = p.dt * brian2.ms
    neurons = group_of_equations(work) if work.model in EULER else group(work)
    monitor = brian2.SpikeMonitor(neurons)
    network = brian2.Network(neurons, monitor)
    values = {**vars(p), "current": p.stimulus, "noise_std": work.noise_std()}
    if work.model == "hodgkin_huxley":
        del values["current"]
    network.run(work.steps * p.dt * brian2.ms, namespace=values)
    directory = str(BUILDS / f"{work.model}-{work.noise}-{work.seed}")
    brian2.device.build(directory=directory, compile=True, run=False, clean=False)

    def step_all():
        brian2.device.run(directory)
        step = np.rint(np.asarray(monitor.t) / (p.dt * 1e-3))
        return np.asarray(monitor.i), step, brian2.device._last_run_time

    return step_all


if __name__ == "__main__":
    main("Brian2", brian2.__version__, lambda work: in_processes(work, get_ready))
