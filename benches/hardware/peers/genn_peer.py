"""PyGeNN 5 (GeNN's code generator under Python), f32, on one GPU through its CUDA backend.

What makes it fast: the neuron is a few lines of code that GeNN puts into one kernel, compiled with
-use_fast_math; parameters are constants in it; spikes are recorded as bits on the device, and copied at the
end. The deviates are GeNN's own, cuRAND's XORWOW. Steps: Euler; Hines' staggered scheme, as Loligo. A step is
a launch: that is how GeNN works. The clock stops when the bits are in the host's memory.

PyGeNN is not on PyPI: pip installs its source (`pip install git+https://github.com/genn-team/genn@5.4.0`), for
which CUDA_PATH must be set, else it comes without the CUDA backend. It needs nvcc and make when it runs, too.

Tried with `--backend single_threaded_cpu`, all four works. The CUDA backend, on which this is to run, could not be
tried: neither that the code compiles there, nor what it gives.
"""

import re
import shutil
import tempfile
import time

import numpy as np
import pygenn

import gpu

LIF = """
V += relaxation * (e_l + {current} / g_l - V);
if (held > 0) {{
    V = v_reset;
    held -= 1;
}}
"""

# Gates over the step with V held, then V with the gates held (Hines 1984).
HODGKIN_HUXLEY = """
before = V;
const scalar u = V + 65;
const scalar exp_80 = exp(u * -0.0125);
const scalar exp_40 = exp_80 * exp_80;
const scalar exp_20 = exp_40 * exp_40;
const scalar exp_10 = exp_20 * exp_20;
const scalar y_m = 2.5 - 0.1 * u;
const scalar y_n = 1.0 - 0.1 * u;
const scalar near_m = 1.0 - y_m * (0.5 - y_m * 0.083333333);
const scalar alpha_m = (fabs(y_m) < 0.02) ? near_m : (y_m / (12.182494 * exp_10 - 1.0));
const scalar beta_m = 4.0 * exp(u * -0.055555556);
const scalar alpha_h = 0.07 * exp_20;
const scalar beta_h = 1.0 / (20.085537 * exp_10 + 1.0);
const scalar near_n = 1.0 - y_n * (0.5 - y_n * 0.083333333);
const scalar alpha_n = 0.1 * ((fabs(y_n) < 0.02) ? near_n : (y_n / (2.7182818 * exp_10 - 1.0)));
const scalar beta_n = 0.125 * exp_80;
const scalar m_steady = alpha_m / (alpha_m + beta_m);
const scalar h_steady = alpha_h / (alpha_h + beta_h);
const scalar n_steady = alpha_n / (alpha_n + beta_n);
m = m_steady + (m - m_steady) * exp(-dt * (alpha_m + beta_m));
h = h_steady + (h - h_steady) * exp(-dt * (alpha_h + beta_h));
n = n_steady + (n - n_steady) * exp(-dt * (alpha_n + beta_n));
const scalar of_na = g_na * m * m * m * h;
const scalar of_k = g_k * (n * n) * (n * n);
const scalar all = of_na + of_k + g_l;
const scalar steady = (of_na * e_na + of_k * e_k + g_l * e_l + {current}) / all;
V = steady + (V - steady) * exp(all * (-dt / c_m));
locked -= 1;
"""


def make_single(code):
    """Numbers with a point as floats: as doubles they would make the step double."""
    return re.sub(r"(\d+\.\d+)", r"\1f", code)


def make_model(work, asked):
    """The model of the neuron, its parameters and the start of its variables."""
    p = work.parameters
    current = "(stimulus + noise_std * gennrand_normal())" if work.noise == "white" else "stimulus"
    parameters = {"stimulus": p.stimulus}
    if work.noise == "white":
        parameters["noise_std"] = work.noise_std()
    if work.lif():
        parameters |= {"relaxation": p.dt / p.tau_m, "e_l": p.e_l, "g_l": p.g_l, "v_reset": p.v_reset, "v_th": p.v_th}
        start = {"V": p.v_init, "held": 0}
        code, threshold, reset = LIF, "V >= v_th", f"V = v_reset; held = {p.hold()};"
    else:
        names = ("c_m", "g_na", "g_k", "g_l", "e_na", "e_k", "e_l", "v_spike")
        parameters |= {name: getattr(p, name) for name in names}
        start = dict(zip(("V", "m", "h", "n", "before", "locked"), (p.v_init, *p.gates(), p.v_init, 0)))
        code = HODGKIN_HUXLEY
        threshold, reset = "before < v_spike && V >= v_spike && locked < 0", f"locked = {p.lockout()};"
    if not asked.records:
        start["count"] = 0
        reset += " count += 1;"
    kinds = {"held": "int", "locked": "int", "count": "unsigned int"}
    model = pygenn.create_neuron_model(
        work.model,
        params=list(parameters),
        vars=[(name, kinds.get(name, "scalar")) for name in start],
        sim_code=make_single(code.format(current=current)),
        threshold_condition_code=threshold,
        reset_code=reset,
    )
    return model, parameters, start


def get_ready(work, asked):
    dt = work.parameters.dt
    network = pygenn.GeNNModel("float", "peer", backend=asked.flags.backend, optimize_code=True)
    network.dt = dt
    network.seed = work.seed
    model, parameters, start = make_model(work, asked)
    neurons = network.add_neuron_population("neurons", work.neurons, model, parameters, start)
    neurons.spike_recording_enabled = asked.records
    folder = tempfile.mkdtemp(prefix="genn_peer_")
    network.build(folder)
    network.load(num_recording_timesteps=work.steps if asked.records else None)
    shutil.rmtree(folder)

    def step_all():
        for name, value in start.items():
            neurons.vars[name].values = np.full(work.neurons, value)
            neurons.vars[name].push_to_device()
        network.timestep = 0
        begin = time.perf_counter()
        for _ in range(work.steps):
            network.step_time()
        # Both wait for the device.
        if asked.records:
            network.pull_recording_buffers_from_device()
            seconds = time.perf_counter() - begin
            [(times, neuron)] = neurons.spike_recording_data
            # GeNN tells the time in f32.
            return seconds, neuron, np.rint(np.asarray(times, np.float64) / dt)
        neurons.vars["count"].pull_from_device()
        seconds = time.perf_counter() - begin
        return seconds, int(neurons.vars["count"].values.sum(dtype=np.int64))

    return step_all


def name_of_device(asked):
    return gpu.name_of_gpu(asked) if asked.flags.backend == "cuda" else "host"


if __name__ == "__main__":
    gpu.main(
        "GeNN", pygenn.__version__, name_of_device, get_ready,
        {"--backend": {"choices": ("cuda", "single_threaded_cpu"), "default": "cuda"}},
    )
