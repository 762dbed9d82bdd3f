"""What is given: units, arrays, models of one's own; and what is wrong is told."""

import pickle

import loligo
import numpy as np
import pytest
from loligo._values import plain


def values(**keywords):
    experiment = loligo.Experiment(neurons=3, **keywords)
    return experiment.values(next(iter(keywords)))


def test_numbers_texts_lists_and_arrays():
    assert values(tau_m=12).tolist() == [12.0] * 3
    assert values(tau_m="0.012 s").tolist() == pytest.approx([12.0] * 3)
    for given in ([8, 10, 12], (8, 10, 12), np.array([8, 10, 12]), np.array([8, 10, 12], dtype=np.float32), ["8 ms", "10 ms", 12]):
        assert values(tau_m=given).tolist() == [8.0, 10.0, 12.0]
    # Neither contiguous nor writable.
    strided = np.arange(9.0).reshape(3, 3)[:, 1] + 8
    strided.flags.writeable = False
    assert values(tau_m=strided).tolist() == [9.0, 12.0, 15.0]
    assert values(tau_m=np.float64(7.5)).tolist() == [7.5] * 3
    drawn = values(tau_m="normal(10, 1, min=5)")
    assert len(set(drawn.tolist())) == 3
    # A distribution as a dict is the same one.
    as_dict = values(tau_m={"distribution": "normal", "mean": 10, "std": 1, "min": 5})
    assert as_dict.tolist() == drawn.tolist()


def test_groups_sources_and_populations():
    experiment = loligo.Experiment(
        neurons=2,
        noise={"kind": "ou", "sigma": np.array([30.0, 40.0]), "tau": "5 ms"},
        stimulus={"amplitude": 300},
        sources=[{"kind": "sine", "name": "theta", "frequency": "8 Hz"}, {"kind": "shot"}],
    )
    assert experiment.values("noise.sigma").tolist() == [30.0, 40.0]
    assert experiment.values("theta.frequency").tolist() == [8.0, 8.0]
    assert experiment.unit("shot.rate") == "Hz"
    two = loligo.Experiment(populations=[{"name": "a", "neurons": 3}, {"name": "b", "neurons": 4, "tau_m": 20}], seed=3)
    assert two.populations == ["a", "b"] and two.neurons == 7 and two.seed == 3
    assert two.values("tau_m", 1).tolist() == [20.0] * 4
    # Another experiment with other values.
    other = loligo.Experiment(two, seed=4, dt=0.05)
    assert other.seed == 4 and other.dt_ms == 0.05 and two.seed == 3
    assert loligo.Experiment(toml=two.to_toml()).to_toml() == two.to_toml()
    assert pickle.loads(pickle.dumps(two)).to_toml() == two.to_toml()
    assert loligo.Experiment({"neurons": 5}).neurons == 5


def test_large_seeds_stay_what_they_are():
    assert loligo.Experiment(seed=2**64 - 1).seed == 2**64 - 1


@pytest.mark.parametrize(
    "keywords, said",
    [
        (dict(tau_m="3 mV"), "a voltage, but a time is wanted"),
        (dict(tau_m=-1), "tau_m must be above 0"),
        (dict(tau_mm=1), "did you mean `tau_m`"),
        (dict(model="squid"), "there is no model `squid`"),
        (dict(neurons=3, tau_m=[1, 2]), "tau_m has 2 values, but there are 3 neurons"),
        (dict(tau_m=[[1, 2]]), "an array of 2 dimensions"),
        (dict(tau_m=np.array([1, np.nan, 3])), "the value nan at index 1 is no number"),
        (dict(tau_m=np.array(["a"])), "has no numbers"),
        (dict(tau_m=np.array([1j])), "has no numbers"),
        (dict(tau_m=object()), "has no numbers"),
        (dict(noise={"kind": "purple"}), "there is no noise `purple`"),
        (dict(sources=[{"name": "x"}]), "kind"),
        (dict(duration=0), "finite number above 0"),
        (dict(toml="a = = 3"), "not TOML"),
        (dict(source="missing.toml"), "cannot read"),
        (dict(stimulus={"signal": np.array([1.0, np.inf])}), "finite numbers"),
        (dict(stimulus={"signal": np.zeros((2, 2, 2))}), "one row, or of a row for each neuron"),
    ],
)
def test_what_is_wrong_is_told(keywords, said):
    keywords = dict(keywords)
    with pytest.raises((ValueError, TypeError)) as wrong:
        loligo.Experiment(keywords.pop("source", None), **keywords)
    assert said.lower() in str(wrong.value).lower()


@pytest.mark.parametrize(
    "keywords, said",
    [
        (dict(record="all"), "there is no record `all`"),
        (dict(taper="kaiser"), "there is no taper"),
        (dict(window=0), "less than a step"),
        (dict(segment="10 s"), "longer than the window"),
        (dict(segment="3 mV"), "a voltage"),
        (dict(precision="f16"), "there is no precision `f16`"),
    ],
)
def test_wrong_ways_of_running_are_told(keywords, said):
    with pytest.raises(ValueError, match=said):
        loligo.run(neurons=2, duration="100 ms", engine="cpu", **keywords)


def test_quantities_of_pint():
    pint = pytest.importorskip("pint")
    u = pint.UnitRegistry()
    assert values(tau_m=12 * u.millisecond).tolist() == [12.0] * 3
    assert values(tau_m=np.array([8.0, 9.0, 10.0]) * u.ms).tolist() == [8.0, 9.0, 10.0]
    assert values(v_th=-0.055 * u.volt).tolist() == pytest.approx([-55.0] * 3)
    for given in (120 * u.mS / u.cm**2, 1200 * u.S / u.m**2, 1200 * u.A / u.V / u.m**2):
        axon = loligo.Experiment(model="hodgkin_huxley", g_na=given)
        assert axon.values("g_na")[0] == pytest.approx(120.0)
    noisy = loligo.Experiment(noise={"sigma": 3 * u.pA * u.s**0.5})
    assert noisy.values("noise.sigma")[0] == pytest.approx(3.0)
    with pytest.raises(loligo.InputError, match="a voltage, but a time is wanted"):
        values(tau_m=3 * u.millivolt)


def test_times_with_units():
    pq = pytest.importorskip("quantities")
    times = np.array([100, 200, 400, 500]) * pq.ms
    assert loligo.intervals(times)["mean_s"] == pytest.approx(0.4 / 3)
    assert loligo.intervals([times])["mean_s"] == pytest.approx(0.4 / 3)
    assert loligo.spectrum(np.arange(10.0), 0.1 * pq.ms).df_hz == pytest.approx(1000.0)
    with pytest.raises(loligo.InputError, match="unit of the model's current"):
        loligo.Experiment(stimulus={"signal": np.ones(9) * pq.nA})


def test_quantities_of_quantities():
    pq = pytest.importorskip("quantities")
    assert values(tau_m=12 * pq.ms).tolist() == [12.0] * 3
    assert values(tau_m=np.array([8, 9, 10]) * pq.ms).tolist() == [8.0, 9.0, 10.0]


class Brian(float):
    """As brian2's: a float in units of the SI, with the exponents of its dimensions."""

    class dim:
        _dims = (0, 0, 1, 0, 0, 0, 0)

    def in_unit(self, unit):
        raise NotImplementedError


def test_quantities_of_brian():
    assert values(tau_m=Brian(0.0123456789123456)).tolist() == pytest.approx([12.3456789123456] * 3, rel=1e-15)


def test_groups_of_experiments_that_are_changed():
    ou = {"neurons": 2, "noise": {"kind": "ou", "sigma": 40, "tau": "5 ms"}}
    for base in (ou, loligo.Experiment(ou), loligo.Experiment(toml=loligo.Experiment(ou).to_toml())):
        changed = loligo.Experiment(base, noise={"sigma": 2})
        assert changed.values("noise.sigma").tolist() == [2, 2] and changed.values("noise.tau").tolist() == [5, 5]
        with pytest.raises(KeyError):
            loligo.Experiment(base, noise="none").values("noise.sigma")
        assert loligo.Experiment(base, noise={"kind": "white", "sigma": 1}).unit("noise.sigma") == "pA*sqrt(s)"
    theta = loligo.Experiment(sources=[{"kind": "sine", "name": "theta"}])
    file = loligo.Experiment(toml=theta.to_toml())
    assert loligo.Experiment(file, theta={"frequency": 5}).values("theta.frequency").tolist()[0] == 5
    grid = loligo.Experiment(neurons=1, sweep={"tau_m": [5, 10]})
    for base in (grid, loligo.Experiment(toml=grid.to_toml())):
        assert loligo.Experiment(base, tau_m=9).neurons == 1 and loligo.Experiment(base, sweep={}).neurons == 1
    other = {**MODEL, "parameters": {**MODEL["parameters"], "tau": "20 ms"}}
    twice = loligo.Experiment(loligo.Experiment(models={"m": MODEL}, model="m"), models={"m": other})
    assert pickle.loads(pickle.dumps(twice)).values("tau").tolist()[0] == 20


def test_how_a_file_is_run_goes_along():
    own = loligo.Experiment(toml='neurons = 2\nduration = 50\n[run]\nprecision = "f64"\nrecord = "none"\n')
    for experiment in (own, pickle.loads(pickle.dumps(own)), loligo.Experiment(toml=own.to_toml())):
        run = experiment.run(engine="cpu")
        assert run.summary["engine"]["precision"] == "f64" and run.populations[0].cv is None
    with pytest.raises(loligo.InputError, match="f32, not f64"):
        own.run(engine=loligo.Engine("cpu"))
    with pytest.raises(loligo.InputError, match="has no `recrod`"):
        loligo.run(loligo.Experiment(toml='[run]\nrecrod = "x"'), engine="cpu")


def test_signals_go_wherever_their_experiment_goes(tmp_path):
    signal = 300 + np.arange(600.0) / 10
    keywords = dict(neurons=6, duration=60, noise="none", stimulus={"signal": signal, "dt": 0.1})
    whole = loligo.run(keywords, engine="cpu")
    assert len(whole.step) > 5
    # Each call has an experiment of its own.
    merged = loligo.merge([pickle.loads(pickle.dumps(loligo.shard(keywords, k, 2, engine="cpu"))) for k in (1, 2)])
    assert np.array_equal(merged.step, whole.step)
    pickled = pickle.dumps(loligo.Experiment(keywords))
    assert np.array_equal(pickle.loads(pickled).run(engine="cpu").step, whole.step)
    whole.write(tmp_path / "out", figures=[])
    again = loligo.run(tmp_path / "out" / "experiment.toml", engine="cpu")
    assert np.array_equal(again.step, whole.step)
    more = loligo.Experiment(loligo.Experiment(keywords), sources=({"name": "b", "signal": signal, "dt": 0.1},))
    assert "b.gain" in more.to_toml()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: loligo.Experiment(sources=[{"kind": "sine"}, {"kind": "sine"}]),
        lambda: loligo.Experiment(sources=[{"kind": "ou", "name": "noise"}]),
        lambda: loligo.Experiment(populations={"a": {}}),
        lambda: loligo.Experiment(populations=["a"]),
        lambda: loligo.Experiment(sources=["sine"]),
        lambda: loligo.Experiment(sources=[]),
        lambda: loligo.Experiment(sources=[{"kind": 3}]),
        lambda: loligo.Experiment(sweep=[1, 2]),
        lambda: loligo.Experiment(models="x"),
        lambda: loligo.Experiment(toml=3),
        lambda: loligo.Experiment(3),
        lambda: loligo.Experiment(tau_m=np.ma.array([8, 9, 10], mask=[0, 1, 0]), neurons=3),
        lambda: loligo.Experiment(stimulus={"signal": [[1, 2], [3]]}),
        lambda: loligo.run(neurons=1, record=3),
        lambda: loligo.run(neurons=1, engine=None),
        lambda: loligo.run(neurons=1, window=[1]),
        lambda: loligo.bench(engine="cpu", window_s=float("nan")),
        lambda: loligo.bench(engine="cpu", neurons=-1),
        lambda: loligo.trace(neurons=1, every=2**40),
        lambda: loligo.trace(neurons=1, pick="12"),
        lambda: loligo.trace(neurons=2, pick=np.array([True, False])),
        lambda: loligo.trace(neurons=2, pick=[0.7]),
        lambda: loligo.trace(neurons=1, precision="f16"),
        lambda: loligo.shard(dict(neurons=3), -1, 2),
        lambda: loligo.spectrum(np.zeros(10), 1e-3, method="welch", segment=-1),
    ],
)
def test_whatever_is_wrong_is_an_error_of_input(wrong):
    with pytest.raises(loligo.InputError):
        wrong()


def test_numbers_of_any_kind():
    assert values(tau_m=np.longdouble(10)).tolist() == [10.0] * 3
    assert values(tau_m=np.frombuffer(b"x" + np.array([8.0, 9.0, 10.0]).tobytes(), offset=1)).tolist() == [8.0, 9.0, 10.0]
    assert loligo.Experiment(seed=2**53 + 1).seed == 2**53 + 1
    text = {**MODEL, "about": "a = b\nc"}
    assert loligo.Experiment(models={"m": text}, model="m").neurons > 0


def test_recordings_as_arrays():
    t = np.arange(0, 300, 0.1)
    signal = 300 + 50 * np.sin(2 * np.pi * 8e-3 * t)
    played = loligo.run(
        neurons=20, duration="300 ms", stimulus={"signal": signal, "dt": "0.1 ms"}, noise="none", engine="cpu"
    )
    sine = loligo.run(
        neurons=20, duration="300 ms", stimulus={"amplitude": 300}, noise="none", engine="cpu",
        sources=[{"kind": "sine", "amplitude": 50, "frequency": 8}],
    )  # fmt: skip
    assert played.counts.tolist() == sine.counts.tolist() and played.counts[0] > 10
    rows = np.array([signal, signal + 100.0])
    each = loligo.run(neurons=2, duration="300 ms", stimulus={"signal": rows, "dt": 0.1}, noise="none", engine="cpu")
    assert each.counts[1] > each.counts[0] == played.counts[0]


MODEL = {
    "current": "pA",
    "about": "a leaky membrane",
    "parameters": {"tau": "10 ms", "g": "10 nS", "e": "-70 mV", "threshold": "-50 mV"},
    "state": {"v": {"unit": "mV", "start": "e", "dv/dt": "(e - v + I/g)/tau"}},
    "spike": {"when": "v > threshold", "reset": {"v": "e"}},
}


#: The same as a text of TOML.
TEXT = """
current = "pA"
about = "a leaky membrane"
parameters = { tau = "10 ms", g = "10 nS", e = "-70 mV", threshold = "-50 mV" }
[state.v]
unit = "mV"
start = "e"
"dv/dt" = "(e - v + I/g)/tau"
[spike]
when = "v > threshold"
reset = { v = "e" }
"""


def test_models_of_ones_own():
    counts = []
    for own in (MODEL, TEXT):
        run = loligo.run(
            models={"mine": own}, model="mine", neurons=50, duration="300 ms", stimulus={"amplitude": 260}, noise="none", engine="cpu"
        )
        assert run.counts[0] > 5 and run.populations[0].model == "mine"
        counts.append(run.counts.tolist())
    assert counts[0] == counts[1]
    # The period of a leaky membrane without a refractory period: tau ln(I / (I - g (threshold - e))), in whole steps.
    period = 10 * np.log(260 / (260 - 10 * 20))
    assert np.diff(run.train(0)).mean() == pytest.approx(period, abs=0.2)
    grid = loligo.compare(
        models={"mine": MODEL}, model="mine", neurons=5, duration="200 ms", sweep={"tau": ["5 ms", "20 ms"]}, engine="cpu",
        stimulus={"amplitude": 300},
    )  # fmt: skip
    assert grid.populations[0].rates_hz.mean() > grid.populations[1].rates_hz.mean() > 0
    assert loligo.trace(models={"mine": MODEL}, model="mine", duration="20 ms", neurons=1).keys() == ["v", "current"]
    wrong = {**MODEL, "state": {"v": {"unit": "mV", "start": "e", "dv/dt": "(e - v)"}}}
    with pytest.raises(loligo.InputError, match="a voltage per time"):
        loligo.Experiment(models={"mine": wrong}, model="mine")


def test_models_of_the_catalogue_are_told():
    models = loligo.models()
    assert models["hodgkin_huxley"]["parameters"]["g_na"]["unit"] == "mS/cm2"
    for name in models:
        assert loligo.Experiment(model=name, neurons=2, duration="5 ms").neurons == 2


def test_spectra_and_intervals():
    generator = np.random.default_rng(1)
    signal = generator.normal(size=(3, 1000))
    found = loligo.spectrum(signal, 1e-3, scaling="scipy")
    powers = np.abs(np.fft.rfft(signal - signal.mean(axis=1, keepdims=True), axis=1)) ** 2 * 1e-3 / 1000
    assert found.power[1:100] == pytest.approx(2 * powers.mean(axis=0)[1:100])
    assert found.df_hz == pytest.approx(1.0)
    for keywords in (dict(method="welch", segment=200), dict(method="multitaper", nw=3)):
        assert len(loligo.spectrum(signal[0], 1e-3, **keywords).power) > 50
    for wrong in (dict(dt_s=0.0), dict(method="x"), dict(scaling="x"), dict(method="welch", segment=1), dict(method="multitaper", nw=0)):
        with pytest.raises(ValueError):
            loligo.spectrum(signal[0], **{"dt_s": 1e-3, **wrong})
    with pytest.raises(ValueError, match="finite"):
        loligo.spectrum([1, np.nan], 1e-3)
    times = np.cumsum(generator.exponential(0.02, 2000))
    statistics = loligo.intervals(times)
    intervals = np.diff(times)
    assert statistics["mean_s"] == pytest.approx(intervals.mean())
    assert statistics["cv"] == pytest.approx(intervals.std() / intervals.mean(), rel=1e-6)
    assert loligo.intervals([times[:100], times[100:200] - times[99]], duration_s=times[-1])["neurons"] == 2
    for wrong in (dict(times_s=[-1.0]), dict(times_s=[np.nan]), dict(times_s=[2.0], duration_s=1.0), dict(times_s=[])):
        with pytest.raises(ValueError):
            loligo.intervals(**wrong)
