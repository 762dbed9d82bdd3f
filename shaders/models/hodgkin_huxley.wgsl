// The squid giant axon (Hodgkin and Huxley, J Physiol 117:500-544, 1952), rest at -65 mV.
//
//     C dV/dt = I - g_na m^3 h (V - E_na) - g_k n^4 (V - E_k) - g_l (V - E_l)
//     dx/dt   = alpha_x(V) (1 - x) - beta_x(V) x,   x = m, h, n
//
// Twin: src/model/hodgkin_huxley.rs. Potentials in mV, time in ms, currents in uA/cm2,
// conductances in mS/cm2.

struct Params {
    dt: f32,       // time step
    dt_per_c: f32, // time step over capacitance [ms cm2/uF]
    g_na: f32,     // sodium conductance, all channels open
    g_k: f32,      // potassium conductance, all channels open
    g_l: f32,      // leak conductance
    e_na: f32,     // sodium reversal potential
    e_k: f32,      // potassium reversal potential
    e_l: f32,      // leak reversal potential
    v_spike: f32,  // an upward crossing of this potential is a spike
    lockout: f32,  // steps for which a spike locks further ones out
}

struct State {
    v: f32,        // membrane potential
    m: f32,        // sodium activation
    h: f32,        // sodium inactivation
    n: f32,        // potassium activation
    v_before: f32, // membrane potential one step ago
    locked: f32,   // steps left in which no spike counts
}

const STAGGERED = 0u;
const EXPONENTIAL_EULER = 1u;
const EULER = 2u;

fn spiked(p: Params, s: State) -> bool {
    return s.v >= p.v_spike && s.v_before < p.v_spike && s.locked <= 0.0;
}

fn reset(p: Params, s: State) -> State {
    return State(s.v, s.m, s.h, s.n, s.v_before, p.lockout);
}

fn advance(p: Params, s: State, current: f32) -> State {
    var x = vec4(s.v, s.m, s.h, s.n);
    switch integrator {
        case STAGGERED: { x = staggered(p, x, current); }
        case EXPONENTIAL_EULER: { x = exponential_euler(p, x, current); }
        case EULER: { x += slope(p, x, current); }
        default: { x = rk4(p, x, current); }
    }
    return State(x.x, x.y, x.z, x.w, s.v, select(s.locked, s.locked - 1.0, s.locked > 0.0));
}

// Opening and closing rates (alpha, beta) of the gates [1/ms].
struct Rates {
    m: vec2<f32>,
    h: vec2<f32>,
    n: vec2<f32>,
}

// x / (exp(x) - 1), given exp(x). For abs(x) <= 1 the quotient loses digits (and is 0/0 at 0); there
// serves a polynomial, see src/real.rs.
fn exprelr(x: f32, exp_x: f32) -> f32 {
    let x2 = x * x;
    let near = fma(x, -0.5, fma(fma(-0.0013407429, x2, 0.08331548), x2, 1.000001));
    let far = x2 > 1.0;
    return select(near, x / select(1.0, exp_x - 1.0, far), far);
}

// (1 - exp(-y)) / y for 0 <= y <= 1.6, see src/real.rs.
fn phi(y: f32) -> f32 {
    let y2 = y * y;
    let c54 = fma(y, -7.142414e-4, 0.007263451);
    let c32 = fma(y, -0.04083901, 0.16637642);
    let c10 = fma(y, -0.4999659, 1.0);
    return fma(fma(c54, y2, c32), y2, c10);
}

// All six rates from two exponentials: with a = exp(-u/80), exp(-u/20) = a^4 and exp(-u/10) = a^8,
// which costs at most 8 times the relative error of exp. Beyond a range of u the rates stay as they
// are at its end.
fn rates(v: f32) -> Rates {
    let u = clamp(v + 65.0, select(-870.0, -66.0, fine), 1000.0);
    let exp_80 = exp(u * (-1.0 / 80.0));
    let exp_40 = exp_80 * exp_80;
    let exp_20 = exp_40 * exp_40;
    let exp_10 = exp_20 * exp_20;
    let exp_18 = exp(u * (-1.0 / 18.0));
    let alpha_m = exprelr(fma(u, -0.1, 2.5), 12.182494 * exp_10); // exp(2.5)
    let alpha_h = 0.07 * exp_20;
    let alpha_n = 0.1 * exprelr(fma(u, -0.1, 1.0), 2.7182818 * exp_10); // exp(1)
    let beta_m = 4.0 * exp_18;
    let beta_h = 1.0 / fma(20.085537, exp_10, 1.0); // exp(3)
    let beta_n = 0.125 * exp_80;
    return Rates(vec2(alpha_m, beta_m), vec2(alpha_h, beta_h), vec2(alpha_n, beta_n));
}

// x after a step towards a steady state: dx/dt = source - rate x, solved with both held. `source` and
// `rate` are per step.
fn relax(x: f32, source: f32, rate: f32) -> f32 {
    if fine {
        return fma(fma(-rate, x, source), phi(rate), x);
    }
    let steady = source / rate;
    return fma(x - steady, exp(-rate), steady);
}

// A gate after dt, with its rates held.
fn relax_gate(gate: f32, rates: vec2<f32>, dt: f32) -> f32 {
    return relax(gate, dt * rates.x, dt * (rates.x + rates.y));
}

// The gates (m, h, n) after dt, with their rates held.
fn relax_gates(gates: vec3<f32>, r: Rates, dt: f32) -> vec3<f32> {
    return vec3(
        relax_gate(gates.x, r.m, dt),
        relax_gate(gates.y, r.h, dt),
        relax_gate(gates.z, r.n, dt),
    );
}

// The conductances of sodium, potassium and leak with the gates (m, h, n).
fn conductances(p: Params, gates: vec3<f32>) -> vec3<f32> {
    let m2 = gates.x * gates.x;
    let n2 = gates.z * gates.z;
    return vec3(p.g_na * (m2 * (gates.x * gates.y)), p.g_k * (n2 * n2), p.g_l);
}

// The membrane potential after a step, with its gates held.
fn relax_v(p: Params, v: f32, gates: vec3<f32>, current: f32) -> f32 {
    let g = conductances(p, gates);
    let source = fma(g.x, p.e_na, fma(g.y, p.e_k, fma(g.z, p.e_l, current)));
    return relax(v, p.dt_per_c * source, p.dt_per_c * (g.x + g.y + g.z));
}

// Gates over the step around t, with V(t) held; then V over the step from t, with the gates of its
// middle held (Hines 1984, Int J Biomed Comput 15:69-76).
fn staggered(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    let gates = relax_gates(x.yzw, rates(x.x), p.dt);
    return vec4(relax_v(p, x.x, gates, current), gates);
}

// V and gates over the step, each with the others' old values held.
fn exponential_euler(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    return vec4(relax_v(p, x.x, x.yzw, current), relax_gates(x.yzw, rates(x.x), p.dt));
}

// The change of a gate per unit of time.
fn opening(gate: f32, rates: vec2<f32>) -> f32 {
    return rates.x * (1.0 - gate) - rates.y * gate;
}

// dt times the derivatives of (v, m, h, n).
fn slope(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    let r = rates(x.x);
    let ionic = dot(conductances(p, x.yzw), vec3(x.x) - vec3(p.e_na, p.e_k, p.e_l));
    let gates = vec3(opening(x.y, r.m), opening(x.z, r.h), opening(x.w, r.n));
    return vec4(p.dt_per_c * (current - ionic), p.dt * gates);
}

fn rk4(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    let k1 = slope(p, x, current);
    let k2 = slope(p, x + 0.5 * k1, current);
    let k3 = slope(p, x + 0.5 * k2, current);
    let k4 = slope(p, x + k3, current);
    return x + k1 / 6.0 + k2 / 3.0 + k3 / 3.0 + k4 / 6.0;
}
