: White noise as a current: tau is the time step, so that the Euler-Maruyama step of x forgets
: the old value and leaves strength/sqrt(tau) times the normal deviate of the step.

NEURON {
    SUFFIX noise
    NONSPECIFIC_CURRENT i
    RANGE tau, strength
}

PARAMETER {
    tau = 0.01 (ms)
    strength = 0
}

STATE { x }

WHITE_NOISE { w }

INITIAL { x = 0 }

BREAKPOINT {
    SOLVE states METHOD stochastic
    i = -x
}

DERIVATIVE states {
    x' = (strength*w - x)/tau
}
