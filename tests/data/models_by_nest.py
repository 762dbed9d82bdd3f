"""Spike times of the models that NEST has too, by NEST, without noise. Writes models_by_nest.json beside it.

Needs nest-simulator (3.10 wrote the file). The values are those of Loligo's models. Steps of 0.01 ms."""

import json
from math import exp
from pathlib import Path

import nest

T = 300.0
DT = 0.01

# Rates of Traub and Miles at rest.
RESTING = {
    "m": (0.32 * 13 / (exp(13 / 4) - 1), 0.28 * -40 / (exp(-40 / 5) - 1)),
    "h": (0.128 * exp(17 / 18), 4 / (1 + exp(40 / 5))),
    "n": (0.032 * 15 / (exp(15 / 5) - 1), 0.5 * exp(10 / 40)),
}
ADEX = dict(C_m=281.0, g_L=30.0, E_L=-70.6, V_th=-50.4, Delta_T=2.0, tau_w=144.0, a=4.0, b=80.5, V_reset=-70.6, V_peak=0.0, t_ref=0.0, V_m=-70.6, w=0.0)
IZHIKEVICH = dict(a=0.02, b=0.2, c=-65.0, d=8.0, V_th=30.0, V_m=-65.0, U_m=-13.0, consistent_integration=True)
GLIF = dict(
    C_m=58.72, g=9.43, E_L=-78.85, V_th=-51.68, V_reset=-78.85, t_ref=3.75, V_m=-78.85,
    voltage_reset_fraction=0.2, voltage_reset_add=18.51, th_spike_add=0.37, th_spike_decay=0.009,
    th_voltage_index=0.005, th_voltage_decay=0.09, asc_init=[0.0, 0.0], asc_decay=[0.003, 0.1],
    asc_amps=[-9.18, -198.94], asc_r=[1.0, 1.0],
)
# A patch of 1e-4 cm2. NEST's spike is the peak, Loligo's the upward crossing of 0 mV.
TRAUB = dict(
    C_m=100.0, g_Na=10_000.0, g_K=8_000.0, g_L=10.0, E_Na=50.0, E_K=-100.0, E_L=-67.0, V_T=-67.0, V_m=-67.0, t_ref=2.0,
    **{f"Act_{x}" if x != "h" else "Inact_h": a / (a + b) for x, (a, b) in RESTING.items()},
)
AREA = 100.0  # pA for 1 uA/cm2
# Spike-dependent threshold (with its reset rules), after-spike currents, adapting threshold.
MECHANISMS = {1: (False, False, False), 2: (True, False, False), 3: (False, True, False), 4: (True, True, False), 5: (True, True, True)}


def glif(n):
    rules, currents, voltage = MECHANISMS[n]
    return dict(GLIF, spike_dependent_threshold=rules, after_spike_currents=currents, adapting_threshold=voltage)


MODELS = {
    "adaptive_exponential": ("aeif_psc_delta", ADEX, [500.0, 800.0, 1500.0]),
    "izhikevich": ("izhikevich", IZHIKEVICH, [5.0, 10.0, 20.0]),
    **{f"glif{n}": ("glif_psc", glif(n), [270.0, 400.0, 800.0]) for n in MECHANISMS},
    "traub_miles": ("hh_cond_exp_traub", TRAUB, [0.5, 2.0, 6.0]),
}


def spike_times(model, values, amplitude):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=DT, print_time=False)
    if model == "glif_psc":
        # It has no constant current of its own: a generator's comes some steps after time 0.
        neuron = nest.Create(model, params=values)
        nest.Connect(nest.Create("dc_generator", params={"amplitude": amplitude}), neuron, syn_spec={"delay": DT})
    else:
        neuron = nest.Create(model, params=dict(values, I_e=amplitude * (AREA if values is TRAUB else 1)))
    recorder = nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    nest.Simulate(T)
    return [round(float(t), 6) for t in recorder.events["times"]]


if __name__ == "__main__":
    found = {}
    for name, (model, values, amplitudes) in MODELS.items():
        times = [spike_times(model, values, amplitude) for amplitude in amplitudes]
        found[name] = {"amplitude": amplitudes, "spike_times_ms": times}
        print(name, [len(t) for t in times], [t[:2] for t in times])
    Path(__file__).with_suffix(".json").write_text(json.dumps(found) + "\n")
