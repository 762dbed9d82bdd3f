"""NumPy: arrays of neurons stepped together, in one process per core.

What makes it fast: float32 throughout (Python's numbers take the arrays' precision, and are passed
faster than NumPy's), every operation in place, as few operations as can be, and all arrays of a process
together fit the core's cache. NumPy's logarithm, exponential, sine and cosine in float32 are
vectorised, so Box and Muller's transform of raw bits makes normal deviates three times as fast as
`Generator.standard_normal`.
"""

from math import exp, pi

import numpy as np

from peer import in_processes, main

f32 = np.float32


class Normals:
    """Normal deviates of a standard deviation, `size` at a time."""

    def __init__(self, size, std, seed):
        self.bits = np.random.SFC64(seed)
        self.half = (size + 1) // 2
        self.uniform = np.empty((2, self.half), f32)
        self.normal = np.empty((2, self.half), f32)
        self.scale = -2 * std * std
        self.out = self.normal.reshape(-1)[:size]

    def draw(self):
        bits = self.bits.random_raw(self.half).view(np.int32).reshape(2, self.half)
        radius, angle = self.uniform
        cos, sin = self.normal
        np.multiply(bits, 2.0**-31, self.uniform, dtype=f32, casting="unsafe")
        # The radius takes a number in (0, 1], the angle one in [-pi, pi].
        np.abs(radius, radius)
        np.add(radius, 2.0**-33, radius)
        np.log(radius, radius)
        np.multiply(radius, self.scale, radius)
        np.sqrt(radius, radius)
        np.multiply(angle, pi, angle)
        np.cos(angle, cos)
        np.sin(angle, sin)
        np.multiply(self.normal, radius, self.normal)
        return self.out


def lif(work):
    p, n, hold = work.parameters, work.neurons, work.parameters.hold()
    relaxation = p.dt / p.tau_m
    # u is the potential above v_reset; `free` is 0 for a neuron that is held there.
    u = np.full(n, p.v_init - p.v_reset, f32)
    free = np.ones(n, f32)
    keep = 1 - relaxation
    drift = relaxation * (p.e_l - p.v_reset + p.stimulus / p.g_l)
    threshold = p.v_th - p.v_reset
    noise = Normals(n, relaxation / p.g_l * work.noise_std(), work.seed)
    fired = np.empty(n, bool)

    def step_all():
        spikes = []
        for step in range(work.steps):
            np.multiply(u, keep, u)
            np.add(u, drift, u)
            if work.noise == "white":
                np.add(u, noise.draw(), u)
            np.multiply(u, free, u)
            np.greater_equal(u, threshold, fired)
            spikes.append(fired.nonzero()[0])
            free[spikes[-1]] = 0
            u[spikes[-1]] = 0
            if step >= hold:
                free[spikes[step - hold]] = 1
        return gather(spikes)

    return step_all


def hodgkin_huxley(work):
    p, n = work.parameters, work.neurons
    v = np.full(n, p.v_init, f32)
    gates = np.repeat(np.array(p.gates(), f32)[:, None], n, axis=1)
    m, h, n_gate = gates
    alpha, rate = np.empty((3, n), f32), np.empty((3, n), f32)
    u, x, exp_10, g, g_na, steady = np.empty((6, n), f32)
    noise = Normals(n, work.noise_std(), work.seed)
    above, before, fired = np.empty((3, n), bool)

    def linear_over_exp(out, at_rest, scale):
        """scale y / (exp(y) - 1) with y = at_rest - u / 10."""
        np.multiply(u, -0.1, out)
        np.add(out, at_rest, out)
        np.add(out, 1e-20, out)  # where y = 0 the quotient is 1; other y do not change
        np.expm1(out, x)
        np.divide(out, x, out)
        if scale != 1:
            np.multiply(out, scale, out)

    def relax_gates():
        """Solves each gate's equation over the step with V held: five exponentials and two expm1."""
        np.add(v, 65, u)
        linear_over_exp(alpha[0], 2.5, 1)
        linear_over_exp(alpha[2], 1.0, 0.1)
        np.multiply(u, (-1 / 18), rate[0])
        np.exp(rate[0], rate[0])
        np.multiply(rate[0], 4, rate[0])
        np.multiply(u, (-1 / 80), rate[2])
        np.exp(rate[2], rate[2])
        # exp(-u/20) and exp(-u/10) are powers of exp(-u/80).
        np.square(rate[2], x)
        np.square(x, x)
        np.square(x, exp_10)
        np.multiply(rate[2], 0.125, rate[2])
        np.multiply(x, 0.07, alpha[1])
        np.multiply(exp_10, exp(3), rate[1])
        np.add(rate[1], 1, rate[1])
        np.reciprocal(rate[1], rate[1])
        np.add(rate, alpha, rate)
        np.divide(alpha, rate, alpha)
        np.multiply(rate, (-p.dt), rate)
        np.exp(rate, rate)
        np.subtract(gates, alpha, gates)
        np.multiply(gates, rate, gates)
        np.add(gates, alpha, gates)

    def relax_v():
        """Solves the membrane's equation over the step with the gates held."""
        np.square(m, g_na)
        np.multiply(g_na, m, g_na)
        np.multiply(g_na, h, g_na)
        np.multiply(g_na, (p.g_na), g_na)
        np.square(n_gate, g)
        np.square(g, g)
        np.multiply(g, (p.g_k), g)
        np.multiply(g, (p.e_k), steady)
        np.add(steady, (p.g_l * p.e_l + p.stimulus), steady)
        if work.noise == "white":
            np.add(steady, noise.draw(), steady)
        np.multiply(g_na, (p.e_na), x)
        np.add(steady, x, steady)
        np.add(g, g_na, g)
        np.add(g, (p.g_l), g)
        np.divide(steady, g, steady)
        np.multiply(g, (-p.dt / p.c_m), g)
        np.exp(g, g)
        np.subtract(v, steady, v)
        np.multiply(v, g, v)
        np.add(v, steady, v)

    def step_all():
        spikes = []
        before[:] = v >= p.v_spike
        for _ in range(work.steps):
            relax_gates()
            relax_v()
            np.greater_equal(v, (p.v_spike), above)
            np.greater(above, before, fired)
            spikes.append(fired.nonzero()[0])
            before[:] = above
        return gather(spikes)

    return step_all


def gather(spikes):
    """The arrays (neuron, step) of the spikes of each step."""
    return np.concatenate(spikes), np.repeat(np.arange(len(spikes)), [len(s) for s in spikes])


def get_ready(work):
    return (lif if work.lif() else hodgkin_huxley)(work)


if __name__ == "__main__":
    main("NumPy", np.__version__, lambda work: in_processes(work, get_ready))
