"""NEST: `iaf_psc_delta` with a `noise_generator`, in double precision (there is no other).

What makes it fast: one process per core (NEST's own threads meet after every millisecond); spikes go to
memory; nothing is printed. The membrane equation is solved exactly over a step instead of by Euler, at
the same cost.
"""

import nest

from peer import in_processes, main


def get_ready(work):
    p = work.parameters
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=p.dt, local_num_threads=1, rng_seed=work.seed, print_time=False)
    neuron = {
        "tau_m": p.tau_m,
        "C_m": p.tau_m * p.g_l,
        "E_L": p.e_l,
        "V_th": p.v_th,
        "V_reset": p.v_reset,
        "V_m": p.v_init,
        "t_ref": p.t_ref,
        "I_e": p.stimulus,
    }
    neurons = nest.Create("iaf_psc_delta", work.neurons, params=neuron)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    if work.noise == "white":
        noise = nest.Create("noise_generator", params={"std": work.noise_std(), "dt": p.dt})
        nest.Connect(noise, neurons)
    nest.Prepare()

    def step_all():
        nest.Run(work.steps * p.dt)
        events = recorder.events
        return events["senders"] - 1, (events["times"] / p.dt).round()

    return step_all


if __name__ == "__main__":
    main("NEST", nest.__version__, lambda work: in_processes(work, get_ready))
