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

// Opening and closing rates of the gates (m, h, n) [1/ms].
struct Rates {
    alpha: vec3<f32>,
    beta: vec3<f32>,
}

// x / (exp(x) - 1), given exp(x). For abs(x) < 1 the quotient loses digits (and is 0/0 at 0), so
// the Taylor series serves there; the first term left out is x^8 / 1209600, below 9e-7.
fn exprelr(x: f32, exp_x: f32) -> f32 {
    let x2 = x * x;
    let series = 1.0 - 0.5 * x + x2 * (1.0 / 12.0 - x2 * (1.0 / 720.0 - x2 * (1.0 / 30240.0)));
    let far = x2 > 1.0;
    return select(series, x / select(1.0, exp_x - 1.0, far), far);
}

// All six rates from two exponentials: with a = exp(-u/80), exp(-u/20) = a^4 and exp(-u/10) = a^8,
// which costs at most 8 times the relative error of exp.
fn rates(v: f32) -> Rates {
    let u = v + 65.0;
    let exp_80 = exp(u * (-1.0 / 80.0));
    let exp_40 = exp_80 * exp_80;
    let exp_20 = exp_40 * exp_40;
    let exp_10 = exp_20 * exp_20;
    let exp_18 = exp(u * (-1.0 / 18.0));
    let alpha_m = exprelr(2.5 - 0.1 * u, 12.182494 * exp_10); // exp(2.5)
    let alpha_h = 0.07 * exp_20;
    let alpha_n = 0.1 * exprelr(1.0 - 0.1 * u, 2.7182818 * exp_10); // exp(1)
    let beta_m = 4.0 * exp_18;
    let beta_h = 1.0 / (20.085537 * exp_10 + 1.0); // exp(3)
    let beta_n = 0.125 * exp_80;
    return Rates(vec3(alpha_m, alpha_h, alpha_n), vec3(beta_m, beta_h, beta_n));
}

// The gates after dt, their equations solved with the rates held.
fn relax(gates: vec3<f32>, r: Rates, dt: f32) -> vec3<f32> {
    let rate = r.alpha + r.beta;
    let steady = r.alpha / rate;
    return steady + (gates - steady) * exp(-dt * rate);
}

// The conductances of sodium, potassium and leak with the gates (m, h, n).
fn conductances(p: Params, gates: vec3<f32>) -> vec3<f32> {
    let n2 = gates.z * gates.z;
    return vec3(p.g_na * gates.x * gates.x * gates.x * gates.y, p.g_k * n2 * n2, p.g_l);
}

// The membrane potential after a step, its equation solved with the gates held.
fn relax_v(p: Params, v: f32, gates: vec3<f32>, current: f32) -> f32 {
    let g = conductances(p, gates);
    let g_sum = g.x + g.y + g.z;
    let v_steady = (g.x * p.e_na + g.y * p.e_k + g.z * p.e_l + current) / g_sum;
    return v_steady + (v - v_steady) * exp(-g_sum * p.dt_per_c);
}

// Gates over the step around t, with V(t) held; then V over the step from t, with the gates of its
// middle held (Hines 1984, Int J Biomed Comput 15:69-76).
fn staggered(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    let gates = relax(x.yzw, rates(x.x), p.dt);
    return vec4(relax_v(p, x.x, gates, current), gates);
}

// V and gates over the step, each with the others' old values held.
fn exponential_euler(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    return vec4(relax_v(p, x.x, x.yzw, current), relax(x.yzw, rates(x.x), p.dt));
}

// dt times the derivatives of (v, m, h, n).
fn slope(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    let r = rates(x.x);
    let g = conductances(p, x.yzw);
    let ionic = dot(g, vec3(x.x) - vec3(p.e_na, p.e_k, p.e_l));
    let opening = r.alpha * (1.0 - x.yzw) - r.beta * x.yzw;
    return vec4(p.dt_per_c * (current - ionic), p.dt * opening);
}

fn rk4(p: Params, x: vec4<f32>, current: f32) -> vec4<f32> {
    let k1 = slope(p, x, current);
    let k2 = slope(p, x + 0.5 * k1, current);
    let k3 = slope(p, x + 0.5 * k2, current);
    let k4 = slope(p, x + k3, current);
    return x + k1 / 6.0 + k2 / 3.0 + k3 / 3.0 + k4 / 6.0;
}
