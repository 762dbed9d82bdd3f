: A current clamp with white noise: a normal deviate of its own for each step.

NEURON {
    THREADSAFE
    POINT_PROCESS NoisyClamp
    RANGE amp, std
    ELECTRODE_CURRENT i
    RANDOM deviate
}

UNITS { (nA) = (nanoamp) }

PARAMETER {
    amp = 0 (nA)
    std = 0 (nA)
}

ASSIGNED {
    i (nA)
    current (nA)
}

INITIAL { current = amp }

BEFORE STEP { current = random_normal(deviate, amp, std) }

BREAKPOINT { i = current }
