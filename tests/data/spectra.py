"""Spectra of a test signal by SciPy: writes spectra.json. Independent of Loligo."""

import json
import pathlib

import numpy as np
from scipy import signal

n, dt = 500, 0.002
t = np.arange(n) * dt
x = np.sin(2 * np.pi * 40 * t) + 0.5 * np.cos(2 * np.pi * 123.4 * t) + 0.01 * ((np.arange(n) * 7919) % 101) + 3
fs = 1 / dt
welch = signal.welch(x, fs, nperseg=128)[1]
periodogram = signal.periodogram(x, fs, detrend="constant")[1]
tapers = signal.windows.dpss(n, 4, 7)
mt = np.mean(np.abs(np.fft.rfft(tapers * (x - x.mean()), axis=1)) ** 2, axis=0) * dt
mt[1:-1] *= 2
path = pathlib.Path(__file__).with_name("spectra.json")
path.write_text(json.dumps({
    "about": "made by spectra.py with SciPy; scaling density, one-sided",
    "dt_s": dt, "signal": x.tolist(), "periodogram": periodogram.tolist(),
    "welch_128": welch.tolist(), "multitaper_nw4_k7": mt.tolist(),
}) + "\n")
