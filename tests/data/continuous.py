"""The leaky integrate-and-fire neuron under white noise in continuous time: writes continuous.json.

Independent of Loligo: closed forms, with mpmath at 20 digits, checked by other ways. Needs mpmath, NumPy and SciPy.

The neuron: tau dV/dt = -(V - e_l) + (mu + sigma xi(t)) / g_l, a spike at v_th, then V is held at v_reset
for t_ref. xi is white noise, <xi(t) xi(t')> = delta(t - t'). In time steps of dt the noise is
sigma N(0, 1) / sqrt(dt), dt in s, so sigma is in pA sqrt(s). Left without a threshold, V is normal with
mean e_l + mu / g_l and standard deviation sigma / (g_l sqrt(2 tau)).

points: the rate (Siegert 1951, Phys Rev 81:617), the coefficient of variation of the intervals (Brunel 2000,
J Comput Neurosci 8:183) and the rate with the threshold raised by 0.5826 s, where s is the
standard deviation of the noise that one forward Euler step of 0.1 ms adds to V (Broadie, Glasserman and
Kou 1997, Math Finance 7:325). A neuron looked at only once a step misses the crossings between two looks,
as if its threshold were that much higher. The last is an approximation, for small steps.

spectra: the power spectrum of the spike train, two-sided, without the peak at 0 Hz (Lindner,
Schimansky-Geier and Longtin 2002, Phys Rev E 66:031916). The intervals are independent, so it follows from
rho, the Fourier transform of their density: S = rate (1 - |rho|^2) / |1 - rho|^2. The transform of the
time to the threshold is a ratio of parabolic cylinder functions (Siegert 1951).

Checks, each run by this script (it stops where one fails), with the greatest relative difference found
(mpmath 1.4.1, NumPy 2.4.6, SciPy 1.17.1; about 2 minutes):
- S against a numerical solution of the backward equation for rho, all 129 values: 3e-12.
- rate and CV against the mean and variance read off rho near 0 Hz: 6e-8 and 5e-8, as expected of the
  step of 1 mHz.
- S at 0.01 Hz against rate CV^2, its limit at 0 Hz: 3e-7. S at 10 kHz against the rate, its limit at high
  frequencies: below 1e-19.
At 32 digits the file comes out the same. Not run here: forward Euler simulations. At 0.1 ms, with 20 steps
held after a spike, rates of 5 of the points were 0.10 to 0.18 Hz above the raised-threshold formula.
"""

import json
import pathlib

import numpy as np
from mpmath import erfc, exp, expj, log, mp, mpf, pcfd, pi, quad, sqrt
from scipy.integrate import solve_ivp

mp.dps = 20
tau, t_ref, dt = mpf("0.01"), mpf("0.002"), mpf("0.0001")  # s
g_l, e_l, v_th, v_reset = 10, -75, -55, -75  # nS, mV; pA / nS = mV
POINTS = [(250, 3), (190, 5), (100, 8), (300, 1), (300, 2), (220, 4), (150, 6), (400, 5), (350, 3), (200, 3), (250, 1)]
SPECTRA = [(250, 3), (300, 1), (190, 5)]
FREQUENCIES = [
    2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 55, 57, 60, 65, 70, 72, 74, 75, 76, 77, 78, 79, 80, 85,
    90, 100, 110, 120, 140, 150, 160, 180, 200, 250, 300, 400, 500,
]  # fmt: skip


def bounds(mu, sigma, raised=0):
    """Reset and threshold, in standard deviations of the free V from its mean."""
    std = sigma / (g_l * sqrt(2 * tau))
    mean = e_l + mpf(mu) / g_l
    return (v_reset - mean) / std, (v_th + raised - mean) / std


def rate(mu, sigma, raised=0):
    low, high = (z / sqrt(2) for z in bounds(mu, sigma, raised))
    passage = tau * sqrt(pi) * quad(lambda x: exp(x * x) * erfc(-x), pieces(low, high))
    return 1 / (t_ref + passage)


def cv(mu, sigma):
    low, high = (z / sqrt(2) for z in bounds(mu, sigma))

    def inner(x):  # exp(x^2) times the integral up to x, with y = x - u, so that nothing overflows
        scale = 1 + 2 * max(0, -x)  # where x is far below 0 the integrand falls off as exp(-2 |x| u)
        return quad(lambda u: exp(2 * x * u - u * u) * scaled(u - x) ** 2, [k / scale for k in (0, 2, 5, 12, 30, 80)])

    def scaled(y):  # exp(y^2) (1 + erf(-y))
        return exp(y * y) * erfc(y)

    return rate(mu, sigma) * tau * sqrt(2 * pi * quad(inner, pieces(low, high)))


def pieces(low, high):
    """Cuts the range where the integrand bends: the pieces are about 2 wide."""
    n = max(1, int((high - low) / 2))
    return [low + (high - low) * k / n for k in range(n + 1)]


def rho(f, mu, sigma):
    low, high = bounds(mu, sigma)
    order = 2j * pi * f * tau
    passage = exp((low**2 - high**2) / 4) * pcfd(order, -low) / pcfd(order, -high)
    return expj(2 * pi * f * t_ref) * passage


def rho_by_equation(f, mu, sigma):
    """rho by the backward equation u'' - z u' + i w tau u = 0, bounded far below, as the Riccati equation of
    p = u' / u: p' = z p - p^2 - i w tau, from 12 deviations below the reset. The transform is u(low) / u(high)."""
    low, high = (float(z) for z in bounds(mu, sigma))
    a = 2j * np.pi * f * float(tau)

    def slope(z, y):
        return [z * y[0] - y[0] ** 2 - a, y[0]]

    options = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-14}
    start = min(low, 0.0) - 12
    p = solve_ivp(slope, (start, low), [a / start, 0j], **options).y[0, -1]
    area = solve_ivp(slope, (low, high), [p, 0j], **options).y[1, -1]
    return np.exp(1j * 2 * np.pi * f * float(t_ref) - area)


def spectrum(r, transform):
    return r * (1 - abs(transform) ** 2) / abs(1 - transform) ** 2


def digits(x):
    return float(mp.nstr(x, 10))


def differ(a, b):
    return float(abs(a / b - 1))


worst = dict.fromkeys(("equation", "rate", "cv", "low", "high"), 0.0)


def check(name, a, b, limit):
    worst[name] = max(worst[name], differ(a, b))
    assert differ(a, b) < limit, (name, a, b)


points, spectra = [], []
for mu, sigma in POINTS:
    r, c = rate(mu, sigma), cv(mu, sigma)
    step = dt / tau * sigma / sqrt(dt) / g_l
    shifted = rate(mu, sigma, mpf("0.5826") * step)
    points.append({"mu_pA": mu, "sigma_pA_sqrt_s": sigma, "rate_hz": digits(r), "cv": digits(c),
                   "rate_euler_0.1ms_hz": digits(shifted)})  # fmt: skip
    # log rho = i w mean - w^2 variance / 2 + ...
    h = mpf("1e-3")
    q = log(rho(h, mu, sigma)) / (2 * pi * h)
    check("rate", r, 1 / q.imag, 1e-5)
    check("cv", c, sqrt(-2 * q.real / (2 * pi * h)) * r, 1e-5)
    check("low", spectrum(r, rho(mpf("0.01"), mu, sigma)), r * c**2, 1e-3)
    check("high", spectrum(r, rho(10000, mu, sigma)), r, 1e-3)
    print(mu, sigma, points[-1])
for mu, sigma in SPECTRA:
    r = rate(mu, sigma)
    s = [spectrum(r, rho(f, mu, sigma)) for f in FREQUENCIES]
    for f, value in zip(FREQUENCIES, s, strict=True):
        check("equation", spectrum(float(r), rho_by_equation(f, mu, sigma)), float(value), 1e-7)
    spectra.append({"mu_pA": mu, "sigma_pA_sqrt_s": sigma, "hz": FREQUENCIES, "power_hz": [digits(x) for x in s]})
    print(mu, sigma, "at 5 Hz", digits(s[3]), "greatest", digits(max(s)), "at", FREQUENCIES[s.index(max(s))])
print(worst)
path = pathlib.Path(__file__).with_name("continuous.json")
about = (
    "made by continuous.py with mpmath: the leaky integrate-and-fire neuron under white noise in continuous time; "
    "tau 10 ms, g_l 10 nS, e_l and v_reset -75 mV, v_th -55 mV, t_ref 2 ms; two-sided spectra without the peak at 0 Hz"
)
path.write_text(json.dumps({"about": about, "points": points, "spectra": spectra}, indent=1) + "\n")
