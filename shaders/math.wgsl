// Functions that printed steps call, beside those of WGSL. Twins: src/real/single.rs, which tells where the
// polynomials are from and how far they err.

// x / (exp(x) - 1), given exp(x) - 1. For abs(x) <= 1 the quotient loses digits (and is 0/0 at 0); there
// serves a polynomial, see src/real/single.rs.
fn exprelr(x: Real, exp_m1: Real) -> Real {
    let x2 = x * x;
    let even = fma(fma(Real(-0.0013407429), x2, Real(0.08331548)), x2, Real(1.000001));
    let near = fma(x, Real(-0.5), even);
    let far = x2 > Real(1.0);
    return select(near, x / select(Real(1.0), exp_m1, far), far);
}

// exp(x) - 1, by the same polynomial near 0; exp(x) is as large as it can be beyond.
fn expm1(x: Real) -> Real {
    let x2 = x * x;
    let even = fma(fma(Real(-0.0013407429), x2, Real(0.08331548)), x2, Real(1.000001));
    return select(x / fma(x, Real(-0.5), even), exp(min(x, Real(88.0))) - 1.0, x2 > Real(1.0));
}

// Whether x is 0 or above. By its bits, x >= 0 is true of 0 and false of -0, where a device may end that flushes small
// numbers: a potential that approaches a threshold of 0 from below does not reach it.
fn not_negative(x: Real) -> Mask {
    return bitcast<Ints>(x) >= Ints(0);
}

// (1 - exp(-y)) / y: what is left of a step of the length y towards a steady state that is approached meanwhile.
fn phi(y: Real) -> Real {
    return select(phi_near(y), (1.0 - exp(-y)) / y, y > Real(1.6));
}

// The same, up to 3.5.
fn phi_far(y: Real) -> Real {
    let y2 = y * y;
    let c76 = fma(y, Real(-5.527273e-6), Real(1.1520967e-4));
    let c54 = fma(y, Real(-0.0011724396), Real(0.008000625));
    let c32 = fma(y, Real(-0.041380577), Real(0.16654573));
    let c10 = fma(y, Real(-0.49998204), Real(1.0));
    return fma(fma(fma(c76, y2, c54), y2, c32), y2, c10);
}

// Up to 1.6.
fn phi_near(y: Real) -> Real {
    let y2 = y * y;
    let c54 = fma(y, Real(-7.142414e-4), Real(0.007263451));
    let c32 = fma(y, Real(-0.04083901), Real(0.16637642));
    let c10 = fma(y, Real(-0.4999659), Real(1.0));
    return fma(fma(c54, y2, c32), y2, c10);
}

// Up to 0.1.
fn phi_nearest(y: Real) -> Real {
    return fma(fma(Real(0.16097656), y, Real(-0.49982438)), y, Real(1.0));
}

// sin(2 pi x), for x of some turns: the built-in sine may err by 2^-11.
fn sin_turns(turns: Real) -> Real {
    let x = turns - floor(turns + 0.5);
    let y = max(min(x, Real(0.5) - x), Real(-0.5) - x);
    let y2 = y * y;
    var p = Real(39.71092);
    p = fma(p, y2, Real(-76.57499));
    p = fma(p, y2, Real(81.60223));
    p = fma(p, y2, Real(-41.34168));
    p = fma(p, y2, Real(6.2831853));
    return p * y;
}
