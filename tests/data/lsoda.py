"""Spike times of the Hodgkin-Huxley neuron over 1 s by LSODA (SciPy): writes hodgkin_huxley_1s.json.

Independent of Loligo: the equations are typed from the paper, the solver is ODEPACK's. A spike is an
upward crossing of 0 mV. Start: V = -65 mV, gates at their steady state.
"""

import json
import pathlib

import numpy as np
from scipy.integrate import solve_ivp


def x_over_expm1(x):
    return 1.0 if x == 0 else x / np.expm1(x)


def rates(v):
    u = v + 65
    return (
        (x_over_expm1(2.5 - 0.1 * u), 4 * np.exp(-u / 18)),
        (0.07 * np.exp(-u / 20), 1 / (np.exp(3 - 0.1 * u) + 1)),
        (0.1 * x_over_expm1(1 - 0.1 * u), 0.125 * np.exp(-u / 80)),
    )


def slope(_, x, current):
    v, m, h, n = x
    (am, bm), (ah, bh), (an, bn) = rates(v)
    ionic = 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.4)
    return [
        current - ionic,
        am * (1 - m) - bm * m,
        ah * (1 - h) - bh * h,
        an * (1 - n) - bn * n,
    ]


def spike(_, x, __):
    return x[0]


spike.direction = 1
cases = []
for current in (7.0, 10.0, 20.0):
    start = [-65.0] + [a / (a + b) for a, b in rates(-65.0)]
    solution = solve_ivp(
        slope, (0, 1000), start, "LSODA", args=(current,), events=spike, rtol=1e-10, atol=1e-12
    )
    times = [round(float(t), 6) for t in solution.t_events[0]]
    cases.append({"I0": current, "spike_times_ms": times})
    print(current, len(times), times[:3])
path = pathlib.Path(__file__).with_name("hodgkin_huxley_1s.json")
path.write_text(json.dumps({"about": "made by lsoda.py", "T0_ms": 1000, "cases": cases}, indent=1) + "\n")
