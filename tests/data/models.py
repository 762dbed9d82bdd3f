"""Spike times of the catalogue's models without noise, by SciPy: independent of Loligo, equations written again from the
papers that the models name. Writes models.json beside it. Needs scipy.

Each model starts at its start values and gets a constant current; spikes are events, found to 1e-9 ms."""

import json
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

T = 300.0


def exprel(x):
    return np.expm1(x) / x if abs(x) > 1e-6 else 1 + x / 2


def follow(slopes, start, fires, reset=None, refractory=0.0, duration=T):
    """Spike times (ms): `fires` is 0 at a spike, rising; `reset` gives the state after it, held for `refractory`."""
    times, t, y = [], 0.0, np.array(start, float)

    def event(t, y):
        return fires(y)

    event.terminal, event.direction = reset is not None, 1
    while t < duration and len(times) < 40:
        found = solve_ivp(lambda t, y: slopes(y), (t, duration), y, method="LSODA", rtol=1e-10, atol=1e-10, events=event, max_step=1.0)
        hits = found.t_events[0]
        if reset is None:
            times += list(hits)
            break
        if not len(hits):
            break
        times.append(float(hits[0]))
        y = np.array(reset(found.y_events[0][0]), float)
        t = float(hits[0]) + refractory
    return times


def eif(i):
    c, g, el, d, vt = 1.0, 0.1, -65.0, 3.48, -59.9
    f = lambda y: [(g * (el - y[0]) + g * d * np.exp(min((y[0] - vt) / d, 50)) + i) / c]
    return follow(f, [-65.0], lambda y: y[0] + 30, lambda y: [-68.0], 1.7)


def qif(i):
    f = lambda y: [(0.04 * (y[0] + 65) * (y[0] + 50) + 0.1 * i) / 10]
    return follow(f, [-65.0], lambda y: y[0] - 30, lambda y: [-70.0])


def adex(i):
    c, g, el, vt, d, tw, a, b = 281.0, 30.0, -70.6, -50.4, 2.0, 144.0, 4.0, 80.5
    f = lambda y: [(-g * (y[0] - el) + g * d * np.exp(min((y[0] - vt) / d, 40)) - y[1] + i) / c, (a * (y[0] - el) - y[1]) / tw]
    return follow(f, [-70.6, 0.0], lambda y: y[0], lambda y: [-70.6, y[1] + b])


def izhikevich(i):
    f = lambda y: [0.04 * y[0] ** 2 + 5 * y[0] + 140 - y[1] + i, 0.02 * (0.2 * y[0] - y[1])]
    return follow(f, [-65.0, -13.0], lambda y: y[0] - 30, lambda y: [-65.0, y[1] + 8])


def glif(n):
    rules, currents, voltage = n in (2, 4, 5), n in (3, 4, 5), n == 5
    c, g, el, th, tref = 58.72, 9.43, -78.85, -51.68, 3.75
    k, add = np.array([0.003, 0.1]), np.array([-9.18, -198.94])

    def run(i):
        # v, spike threshold, two currents, voltage threshold
        def slopes(y):
            v, s, j, w = y[0], y[1], y[2:4], y[4]
            return [(g * (el - v) + i + (j.sum() if currents else 0)) / c, -0.009 * s, *(-k * j), 0.005 * (v - el) - 0.09 * w if voltage else 0.0]

        def reset(y):
            v = el + 0.2 * (y[0] - el) + 18.51 if rules else el
            return [v, y[1] * np.exp(-0.009 * tref) + (0.37 if rules else 0), *((y[2:4] * np.exp(-k * tref) + add) if currents else y[2:4]), y[4]]

        return follow(slopes, [el, 0, 0, 0, 0], lambda y: y[0] - th - (y[1] if rules else 0) - (y[4] if voltage else 0), reset, tref)

    return run


def gate(alpha, beta):
    return alpha / (alpha + beta)


def traub_rates(u):
    """Of the potential counted from the shift of the threshold, -63 mV in Traub and Miles as Kopell writes it."""
    am, bm = 0.32 * 4 / exprel(-(u - 13) / 4), 0.28 * 5 / exprel((u - 40) / 5)
    ah, bh = 0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))
    an, bn = 0.032 * 5 / exprel(-(u - 15) / 5), 0.5 * np.exp((10 - u) / 40)
    return (am, bm), (ah, bh), (an, bn)


def relax(rates, x):
    return rates[0] * (1 - x) - rates[1] * x


def traub_miles(i):
    def slopes(y):
        v, m, h, n = y
        rm, rh, rn = traub_rates(v + 67)
        return [i - 100 * m**3 * h * (v - 50) - 80 * n**4 * (v + 100) - 0.1 * (v + 67), relax(rm, m), relax(rh, h), relax(rn, n)]

    return follow(slopes, [-67, *(gate(*r) for r in traub_rates(0.0))], lambda y: y[0])


def wang_buzsaki(i):
    def rates(v):
        am, bm = 1 / exprel(-(v + 35) / 10), 4 * np.exp(-(v + 60) / 18)
        return gate(am, bm), (0.07 * np.exp(-(v + 58) / 20), 1 / (np.exp(-0.1 * (v + 28)) + 1)), (0.1 / exprel(-(v + 34) / 10), 0.125 * np.exp(-(v + 44) / 80))

    def slopes(y):
        v, h, n = y
        m, rh, rn = rates(v)
        return [i - 35 * m**3 * h * (v - 55) - 9 * n**4 * (v + 90) - 0.1 * (v + 65), 5 * relax(rh, h), 5 * relax(rn, n)]

    _, rh, rn = rates(-64.0)
    return follow(slopes, [-64, gate(*rh), gate(*rn)], lambda y: y[0])


def connor_stevens(i):
    def rates(v):
        m = 0.38 * 10 / exprel(-(v + 29.7) / 10), 15.2 * np.exp(-0.0556 * (v + 54.7))
        h = 0.266 * np.exp(-0.05 * (v + 48)), 3.8 / (1 + np.exp(-0.1 * (v + 18)))
        n = 0.02 * 10 / exprel(-(v + 45.7) / 10), 0.25 * np.exp(-0.0125 * (v + 55.7))
        a = (0.0761 * np.exp(0.0314 * (v + 94.22)) / (1 + np.exp(0.0346 * (v + 1.17)))) ** (1 / 3)
        b = (1 / (1 + np.exp(0.0688 * (v + 53.3)))) ** 4
        return m, h, n, (a, 0.3632 + 1.158 / (1 + np.exp(0.0497 * (v + 55.96)))), (b, 1.24 + 2.678 / (1 + np.exp(0.0624 * (v + 50))))

    def slopes(y):
        v, m, h, n, a, b = y
        rm, rh, rn, (ai, ta), (bi, tb) = rates(v)
        current = 120 * m**3 * h * (v - 55) + 20 * n**4 * (v + 72) + 47.7 * a**3 * b * (v + 75) + 0.3 * (v + 17)
        return [i - current, relax(rm, m), relax(rh, h), relax(rn, n), (ai - a) / ta, (bi - b) / tb]

    rm, rh, rn, (a, _), (b, _) = rates(-68.0)
    return follow(slopes, [-68, gate(*rm), gate(*rh), gate(*rn), a, b], lambda y: y[0])


def morris_lecar(i):
    w_inf = lambda v: 0.5 * (1 + np.tanh((v - 2) / 30))

    def slopes(y):
        v, w = y
        m = 0.5 * (1 + np.tanh((v + 1.2) / 18))
        return [(i - 4.4 * m * (v - 120) - 8 * w * (v + 84) - 2 * (v + 60)) / 20, 0.04 * (w_inf(v) - w) * np.cosh((v - 2) / 60)]

    return follow(slopes, [-60.9, w_inf(-60.9)], lambda y: y[0])


def fitzhugh_nagumo(i):
    f = lambda y: [y[0] - y[0] ** 3 / 3 - y[1] + i, 0.08 * (y[0] + 0.7 - 0.8 * y[1])]
    return follow(f, [-1.2, (-1.2 + 0.7) / 0.8], lambda y: y[0] - 1)


def hindmarsh_rose(i):
    f = lambda y: [y[1] - y[0] ** 3 + 3 * y[0] ** 2 - y[2] + i, 1 - 5 * y[0] ** 2 - y[1], 0.006 * (4 * (y[0] + 1.6) - y[2])]
    return follow(f, [-1.6, 1 - 5 * 1.6**2, 0.0], lambda y: y[0] - 0.5)


def pospischil(i):
    vt = -56.2
    p_inf = lambda v: 1 / (1 + np.exp(-(v + 35) / 10))

    def slopes(y):
        v, m, h, n, p = y
        rm, rh, rn = traub_rates(v - vt)
        tau = 608 / (3.3 * np.exp((v + 35) / 20) + np.exp(-(v + 35) / 20))
        current = 56 * m**3 * h * (v - 50) + (6 * n**4 + 0.075 * p) * (v + 90) + 0.0205 * (v + 70.3)
        return [i - current, relax(rm, m), relax(rh, h), relax(rn, n), (p_inf(v) - p) / tau]

    v = -70.3
    return follow(slopes, [v, *(gate(*r) for r in traub_rates(v - vt)), p_inf(v)], lambda y: y[0])


def resonate_and_fire(i):
    b, w, k = 0.1, 2 * np.pi * 0.05, 3.0
    f = lambda y: [w * y[1] - b * y[0], -w * y[0] - b * y[1] + k * i]
    return follow(f, [0.0, 0.0], lambda y: y[0] - 10, lambda y: [10.0, 0.0])


MODELS = {
    "exponential_integrate_and_fire": (eif, [0.4, 1, 3]),
    "quadratic_integrate_and_fire": (qif, [30, 100, 300]),
    "adaptive_exponential": (adex, [500, 800, 1500]),
    "izhikevich": (izhikevich, [5, 10, 20]),
    **{f"glif{n}": (glif(n), [270, 400, 800]) for n in range(1, 6)},
    "traub_miles": (traub_miles, [0.5, 2, 6]),
    "wang_buzsaki": (wang_buzsaki, [0.3, 1, 3]),
    "connor_stevens": (connor_stevens, [7, 10, 20]),
    "morris_lecar": (morris_lecar, [60, 100, 150]),
    "fitzhugh_nagumo": (fitzhugh_nagumo, [0.2, 0.5, 1]),
    "hindmarsh_rose": (hindmarsh_rose, [1, 2, 4]),
    "pospischil": (pospischil, [0.6, 1, 3]),
    "resonate_and_fire": (resonate_and_fire, [1.3, 1.6, 2.5]),
}

if __name__ == "__main__":
    found = {}
    for name, (run, amplitudes) in MODELS.items():
        times = [[round(t, 6) for t in run(i)] for i in amplitudes]
        found[name] = {"duration_ms": T, "amplitude": amplitudes, "spike_times_ms": times}
        print(name, [len(t) for t in times])
    Path(__file__).with_suffix(".json").write_text(json.dumps(found) + "\n")
