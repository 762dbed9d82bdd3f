"""The experiment of docs/python.md in Brian2 and here: the same statistics."""

import loligo
import numpy as np
import pytest


def test_the_same_experiment_has_the_same_statistics():
    brian2 = pytest.importorskip("brian2", reason="it is tried in an environment of its own", exc_type=(ImportError, AttributeError))
    from brian2 import Mohm, NeuronGroup, SpikeMonitor, defaultclock, ms, mV, pA, second

    brian2.prefs.codegen.target = "numpy"
    brian2.seed(1)
    defaultclock.dt = 0.1 * ms
    names = {"tau": 10 * ms, "E": -75 * mV, "R": 100 * Mohm, "I": 210 * pA, "sigma": 3 * mV}
    group = NeuronGroup(
        1000, "dv/dt = (E - v + R*I)/tau + sigma*sqrt(2/tau)*xi : volt (unless refractory)", threshold="v > -55*mV",
        reset="v = -75*mV", refractory=2 * ms, method="euler", namespace=names,
    )  # fmt: skip
    group.v = -75 * mV
    monitor = SpikeMonitor(group)
    network = brian2.Network(group, monitor)
    network.run(2 * second)
    theirs = np.asarray(monitor.count) / 2.0
    trains = [np.sort(np.asarray(times / ms)) for times in monitor.spike_trains().values()]
    cvs = np.array([np.diff(train).std() / np.diff(train).mean() for train in trains if len(train) > 3])

    run = loligo.run(
        model="lif", neurons=1000, duration="2 s", engine="cpu", tau_m=10 * ms, g_l="10 nS", e_l=-75 * mV, v_th="-55 mV",
        v_reset="-75 mV", v_init="-75 mV", t_ref=2 * ms, stimulus={"amplitude": 210 * pA},
        noise={"sigma": "3 mV", "convention": "brian"},
    )  # fmt: skip
    ours, own_cvs = run.rates_hz, run.populations[0].cv

    def apart(a, b):
        """By how many standard errors means differ."""
        return abs(a.mean() - b.mean()) / np.sqrt(a.var() / len(a) + b.var() / len(b))

    assert apart(ours, theirs) < 4, (ours.mean(), theirs.mean())
    assert apart(own_cvs[np.isfinite(own_cvs)], cvs) < 4, (np.nanmean(own_cvs), cvs.mean())
    # The test can tell: a sigma of a tenth more is seen.
    other = loligo.run(run.experiment, noise={"sigma": "3.3 mV"}, engine="cpu")
    assert apart(other.rates_hz, theirs) > 8
