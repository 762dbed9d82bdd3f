// The squid giant axon (Hodgkin and Huxley, J Physiol 117:500-544, 1952), rest at -65 mV.
//
//     C dV/dt = I - g_na m^3 h (V - E_na) - g_k n^4 (V - E_k) - g_l (V - E_l)
//     dx/dt   = alpha_x(V) (1 - x) - beta_x(V) x,   x = m, h, n
//
// Twin: src/model/hodgkin_huxley.rs. Potentials in mV, time in ms, currents in uA/cm2,
// conductances in mS/cm2.

// Rates and conductances are per step.
struct Coefficients {
    dt: Real,       // time step
    beta_m: Real,   // factor of the rate beta_m: 4/ms dt
    alpha_h: Real,  // of alpha_h: 0.07/ms dt
    alpha_n: Real,  // of alpha_n: 0.1/ms dt
    beta_n: Real,   // of beta_n: 0.125/ms dt
    dt_per_c: Real, // time step over capacitance [ms cm2/uF]: a current's change of the potential
    g_na: Real,     // sodium conductance, all channels open, times dt_per_c
    g_k: Real,      // potassium conductance, all channels open, times dt_per_c
    g_l: Real,      // leak conductance times dt_per_c
    e_na: Real,     // sodium reversal potential
    e_k: Real,      // potassium reversal potential
    e_l: Real,      // leak reversal potential
    v_spike: Real,  // an upward crossing of this potential is a spike
    lockout: Real,  // steps for which a spike locks further ones out
}

struct State {
    v: Real,        // membrane potential
    m: Real,        // sodium activation
    h: Real,        // sodium inactivation
    n: Real,        // potassium activation
    v_before: Real, // membrane potential one step ago
    locked: Real,   // steps left in which no spike counts
}

const STAGGERED = 0u;
const EXPONENTIAL_EULER = 1u;
const EULER = 2u;

fn spiked(p: Coefficients, s: State) -> Mask {
    return (s.v >= p.v_spike) & (s.v_before < p.v_spike) & (s.locked <= Real(0.0));
}

fn reset(p: Coefficients, s: State) -> State {
    return State(s.v, s.m, s.h, s.n, s.v_before, p.lockout);
}

fn advance(p: Coefficients, s: State, input: Input) -> State {
    let current = input.current;
    var next = Variables(s.v, Gates(s.m, s.h, s.n));
    switch integrator {
        case STAGGERED: { next = staggered(p, next, current); }
        case EXPONENTIAL_EULER: { next = exponential_euler(p, next, current); }
        case EULER: { next = along(next, slope(p, next, current), 1.0); }
        default: { next = rk4(p, next, current); }
    }
    let locked = select(s.locked, s.locked - 1.0, s.locked > Real(0.0));
    return State(next.v, next.gates.m, next.gates.h, next.gates.n, s.v, locked);
}

struct Gates {
    m: Real,
    h: Real,
    n: Real,
}

// What follows the equations.
struct Variables {
    v: Real,
    gates: Gates,
}

// Opening and closing rate of a gate, per step.
struct Rate {
    alpha: Real,
    beta: Real,
}

struct Rates {
    m: Rate,
    h: Rate,
    n: Rate,
}

// x / (exp(x) - 1), given exp(x) - 1. For abs(x) <= 1 the quotient loses digits (and is 0/0 at 0); there
// serves a polynomial, see src/real/single.rs.
fn exprelr(x: Real, exp_m1: Real) -> Real {
    let x2 = x * x;
    let even = fma(fma(Real(-0.0013407429), x2, Real(0.08331548)), x2, Real(1.000001));
    let near = fma(x, Real(-0.5), even);
    let far = x2 > Real(1.0);
    return select(near, x / select(Real(1.0), exp_m1, far), far);
}

// All six rates from two exponentials: with a = exp(-u/80), exp(-u/20) = a^4 and exp(-u/10) = a^8,
// which costs at most 8 times the relative error of exp. Beyond a range of u the rates stay as they
// are at its end.
fn rates(p: Coefficients, v: Real) -> Rates {
    let u = clamp(v + 65.0, Real(select(-870.0, -66.0, fine)), Real(1000.0));
    let exp_80 = exp(u * (-1.0 / 80.0));
    let exp_40 = exp_80 * exp_80;
    let exp_20 = exp_40 * exp_40;
    let exp_10 = exp_20 * exp_20;
    let exp_18 = exp(u * (-1.0 / 18.0));
    let exp_m = fma(Real(12.182494), exp_10, Real(-1.0)); // exp(2.5)
    let exp_n = fma(Real(2.7182818), exp_10, Real(-1.0)); // exp(1)
    let exp_h = fma(Real(20.085537), exp_10, Real(1.0)); // exp(3)
    let m = fma(u, Real(-0.1), Real(2.5));
    return Rates(
        Rate(p.dt * exprelr(m, exp_m), p.beta_m * exp_18),
        Rate(p.alpha_h * exp_20, p.dt / exp_h),
        Rate(p.alpha_n * exprelr(m - 1.5, exp_n), p.beta_n * exp_80),
    );
}

// (1 - exp(-y)) / y: what is left of a step of the length y towards a steady state that is approached
// meanwhile. Polynomials serve, see src/real/single.rs, where y is small, and everywhere if the step is fine:
// y is not above 3.5 then.
fn phi(y: Real) -> Real {
    if !fine {
        return select(phi_up_to_1_6(y), (1.0 - exp(-y)) / y, y > Real(1.6));
    }
    let y2 = y * y;
    let c76 = fma(y, Real(-5.527273e-6), Real(1.1520967e-4));
    let c54 = fma(y, Real(-0.0011724396), Real(0.008000625));
    let c32 = fma(y, Real(-0.041380577), Real(0.16654573));
    let c10 = fma(y, Real(-0.49998204), Real(1.0));
    return fma(fma(fma(c76, y2, c54), y2, c32), y2, c10);
}

// The same, up to 1.6.
fn phi_up_to_1_6(y: Real) -> Real {
    let y2 = y * y;
    let c54 = fma(y, Real(-7.142414e-4), Real(0.007263451));
    let c32 = fma(y, Real(-0.04083901), Real(0.16637642));
    let c10 = fma(y, Real(-0.4999659), Real(1.0));
    return fma(fma(c54, y2, c32), y2, c10);
}

// phi, but up to 1.6 if the step is fine.
fn phi_near(y: Real) -> Real {
    if !fine {
        return phi(y);
    }
    return phi_up_to_1_6(y);
}

// phi, but up to 0.1 if the step is fine.
fn phi_nearest(y: Real) -> Real {
    if !fine {
        return phi(y);
    }
    return fma(fma(Real(0.16097656), y, Real(-0.49982438)), y, Real(1.0));
}

// What a gate opens in a step, if its slope stayed as it is.
fn drift(gate: Real, rate: Rate) -> Real {
    return fma(-(rate.alpha + rate.beta), gate, rate.alpha);
}

// The gates after a step, with their rates held.
fn relax_gates(gates: Gates, r: Rates) -> Gates {
    return Gates(
        fma(drift(gates.m, r.m), phi_near(r.m.alpha + r.m.beta), gates.m),
        fma(drift(gates.h, r.h), phi_nearest(r.h.alpha + r.h.beta), gates.h),
        fma(drift(gates.n, r.n), phi_nearest(r.n.alpha + r.n.beta), gates.n),
    );
}

// The conductances of sodium and potassium, per step.
struct Conductances {
    na: Real,
    k: Real,
}

fn conductances(p: Coefficients, gates: Gates) -> Conductances {
    let n2 = gates.n * gates.n;
    return Conductances(p.g_na * ((gates.m * gates.m) * (gates.m * gates.h)), p.g_k * (n2 * n2));
}

// The change of the membrane potential in a step, if its slope stayed as it is.
fn drift_of_v(p: Coefficients, v: Real, g: Conductances, current: Real) -> Real {
    let leak = fma(p.g_l, p.e_l - v, p.dt_per_c * current);
    return fma(g.na, p.e_na - v, fma(g.k, p.e_k - v, leak));
}

// The membrane potential after a step, with its gates held.
fn relax_v(p: Coefficients, v: Real, gates: Gates, current: Real) -> Real {
    let g = conductances(p, gates);
    return fma(drift_of_v(p, v, g, current), phi(g.na + g.k + p.g_l), v);
}

// Gates over the step around t, with V(t) held; then V over the step from t, with the gates of its
// middle held (Hines 1984, Int J Biomed Comput 15:69-76).
fn staggered(p: Coefficients, x: Variables, current: Real) -> Variables {
    let gates = relax_gates(x.gates, rates(p, x.v));
    return Variables(relax_v(p, x.v, gates, current), gates);
}

// V and gates over the step, each with the others' old values held.
fn exponential_euler(p: Coefficients, x: Variables, current: Real) -> Variables {
    let v = relax_v(p, x.v, x.gates, current);
    return Variables(v, relax_gates(x.gates, rates(p, x.v)));
}

// dt times the derivatives.
fn slope(p: Coefficients, x: Variables, current: Real) -> Variables {
    let r = rates(p, x.v);
    let v = drift_of_v(p, x.v, conductances(p, x.gates), current);
    return Variables(
        v,
        Gates(drift(x.gates.m, r.m), drift(x.gates.h, r.h), drift(x.gates.n, r.n)),
    );
}

// The variables moved along a slope by a fraction of the step.
fn along(x: Variables, k: Variables, fraction: f32) -> Variables {
    return Variables(
        x.v + fraction * k.v,
        Gates(
            x.gates.m + fraction * k.gates.m,
            x.gates.h + fraction * k.gates.h,
            x.gates.n + fraction * k.gates.n,
        ),
    );
}

fn rk4(p: Coefficients, x: Variables, current: Real) -> Variables {
    let k1 = slope(p, x, current);
    let k2 = slope(p, along(x, k1, 0.5), current);
    let k3 = slope(p, along(x, k2, 0.5), current);
    let k4 = slope(p, along(x, k3, 1.0), current);
    let half = along(along(x, k1, 1.0 / 6.0), k2, 1.0 / 3.0);
    return along(along(half, k3, 1.0 / 3.0), k4, 1.0 / 6.0);
}
