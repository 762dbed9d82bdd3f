"""Infers two parameters of integrate-and-fire neurons from the statistics of their spikes, by approximate Bayesian computation.

A recording gives a rate and a CV. Which stimulus and which strength of noise make a neuron fire so? Each candidate is a neuron
of one population, with parameters of its own: all are simulated at once, in one call. Candidates whose statistics are near to
the recorded ones are kept and spread anew, round after round (population Monte Carlo, Beaumont et al. 2009).

    python infer.py
"""

import loligo
import numpy as np

#: Lowest and highest values of the priors, which are uniform: stimulus (pA) and noise (pA sqrt(s)).
LOW, HIGH = np.array([150.0, 0.5]), np.array([350.0, 8.0])
DURATION_S = 4.0


def statistics(parameters, seed, engine):
    """The rate (Hz) and the CV of a neuron for each row of parameters."""
    run = loligo.run(
        neurons=len(parameters), duration=f"{DURATION_S} s", seed=seed, engine=engine, record="intervals",
        stimulus={"amplitude": parameters[:, 0]}, noise={"kind": "white", "sigma": parameters[:, 1]},
    )  # fmt: skip
    population = run.populations[0]
    return np.column_stack([population.rates_hz, np.nan_to_num(population.cv)])


def infer(observed, *, candidates=20_000, rounds=4, kept=400, seed=1, engine="auto"):
    """Parameters of the posterior, a row each, with their weights."""
    generator = np.random.default_rng(seed)
    # How far apart statistics are that count the same.
    scale = np.array([max(observed[0], 1.0), max(observed[1], 0.05)])
    parameters = generator.uniform(LOW, HIGH, size=(candidates, 2))
    chosen, weights = parameters, np.full(candidates, 1 / candidates)
    for step in range(rounds):
        distance = np.linalg.norm((statistics(parameters, seed + step, engine) - observed) / scale, axis=1)
        nearest = np.argsort(distance)[:kept]
        if step == 0:
            chosen, weights = parameters[nearest], np.full(kept, 1 / kept)
        else:
            # Of the uniform prior over the density that they were drawn from.
            density = sum(
                w * np.exp(-0.5 * (((parameters[nearest] - centre) / width) ** 2).sum(axis=1)) for w, centre in zip(weights, chosen)
            )
            chosen, weights = parameters[nearest], 1 / density
            weights = weights / weights.sum()
        mean = weights @ chosen
        width = np.sqrt(2 * (weights @ (chosen - mean) ** 2))
        drawn = chosen[generator.choice(kept, size=4 * candidates, p=weights)] + width * generator.normal(size=(4 * candidates, 2))
        parameters = drawn[((LOW <= drawn) & (drawn <= HIGH)).all(axis=1)][:candidates]
    return chosen, weights


def main():
    true = np.array([[240.0, 3.0]])
    observed = statistics(np.repeat(true, 200, axis=0), seed=99, engine="auto").mean(axis=0)
    chosen, weights = infer(observed)
    mean = weights @ chosen
    deviation = np.sqrt(weights @ (chosen - mean) ** 2)
    print(f"recorded: {observed[0]:.1f} Hz, CV {observed[1]:.3f}")
    for name, truth, m, s in zip(("stimulus [pA]", "noise [pA sqrt(s)]"), true[0], mean, deviation):
        print(f"{name:20} {m:7.2f} +- {s:.2f}   (it was {truth})")


if __name__ == "__main__":
    main()
