"""The works that all peers do and the neurons' parameters: written here once, for Loligo too."""

import argparse
from dataclasses import dataclass, replace
from math import exp, sqrt

# (model, noise): (neurons, steps)
WORKS = {
    ("lif", "white"): (16384, 10000),
    ("lif", "none"): (16384, 10000),
    ("hodgkin_huxley", "white"): (4096, 10000),
    ("hodgkin_huxley", "none"): (4096, 10000),
    ("adaptive_exponential", "white"): (16384, 10000),
    ("izhikevich", "white"): (16384, 10000),
}


@dataclass
class Lif:
    """Leaky integrate-and-fire neuron: ms, mV, nS, pA."""

    dt: float = 0.1
    tau_m: float = 10.0
    g_l: float = 10.0
    e_l: float = -75.0
    v_th: float = -55.0
    v_reset: float = -75.0
    v_init: float = -75.0
    t_ref: float = 2.0
    stimulus: float = 250.0
    sigma: float = 3.0  # pA sqrt(s)

    def hold(self):
        """Steps after a spike in which the potential is held."""
        return round(self.t_ref / self.dt)


@dataclass
class HodgkinHuxley:
    """Squid axon: ms, mV, mS/cm2, uF/cm2, uA/cm2."""

    dt: float = 0.01
    c_m: float = 1.0
    g_na: float = 120.0
    g_k: float = 36.0
    g_l: float = 0.3
    e_na: float = 50.0
    e_k: float = -77.0
    e_l: float = -54.4
    v_init: float = -65.0
    v_spike: float = 0.0
    t_lockout: float = 2.0
    stimulus: float = 10.0
    sigma: float = 0.3  # uA/cm2 sqrt(s)

    def lockout(self):
        """Steps after a spike in which no other counts."""
        return round(self.t_lockout / self.dt)

    def gates(self):
        """The gates m, h, n in their steady state at v_init."""
        u = self.v_init + 65.0
        rates = (
            ((2.5 - 0.1 * u) / (exp(2.5 - 0.1 * u) - 1), 4 * exp(-u / 18)),
            (0.07 * exp(-u / 20), 1 / (exp(3 - 0.1 * u) + 1)),
            ((0.1 - 0.01 * u) / (exp(1 - 0.1 * u) - 1), 0.125 * exp(-u / 80)),
        )
        return [alpha / (alpha + beta) for alpha, beta in rates]


@dataclass
class AdaptiveExponential:
    """Brette and Gerstner 2005, by forward Euler: ms, mV, nS, pF, pA."""

    dt: float = 0.05
    c_m: float = 281.0
    g_l: float = 30.0
    e_l: float = -70.6
    v_t: float = -50.4
    delta_t: float = 2.0
    tau_w: float = 144.0
    a: float = 4.0
    b: float = 80.5
    v_reset: float = -70.6
    v_peak: float = 0.0
    v_init: float = -70.6
    stimulus: float = 800.0
    sigma: float = 5.0  # pA sqrt(s)


@dataclass
class Izhikevich:
    """Izhikevich 2003, regular spiking, by forward Euler: ms, mV, and currents without a unit."""

    dt: float = 0.1
    a: float = 0.02
    b: float = 0.2
    c: float = -65.0
    d: float = 8.0
    v_init: float = -65.0
    stimulus: float = 10.0
    sigma: float = 0.1  # sqrt(s)


PARAMETERS = {
    "lif": Lif,
    "hodgkin_huxley": HodgkinHuxley,
    "adaptive_exponential": AdaptiveExponential,
    "izhikevich": Izhikevich,
}
EULER = ("adaptive_exponential", "izhikevich")  # by forward Euler in all peers, and in Loligo


@dataclass
class Work:
    model: str
    noise: str
    neurons: int
    steps: int
    threads: int
    seed: int
    parameters: Lif | HodgkinHuxley | AdaptiveExponential | Izhikevich

    def lif(self):
        return self.model == "lif"

    def noise_std(self):
        """Standard deviation of the noise current of a step: sigma / sqrt(dt in s), or 0."""
        p = self.parameters
        return p.sigma / sqrt(p.dt * 1e-3) if self.noise == "white" else 0.0


def read_work():
    """The work that the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=PARAMETERS, default="lif")
    parser.add_argument("--noise", choices=("white", "none"), default="white")
    parser.add_argument("--neurons", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="another value of a parameter, to see the check of rates fail")
    args = parser.parse_args()
    neurons, steps = WORKS[args.model, args.noise]
    changed = {key: float(value) for key, value in (pair.split("=") for pair in args.set)}
    return Work(args.model, args.noise, args.neurons or neurons, args.steps or steps, args.threads,
                args.seed, replace(PARAMETERS[args.model](), **changed))
