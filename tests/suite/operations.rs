//! Is every operation of a tape the same for every consumer?

use super::common::device;
use loligo::engine::gpu::shader::{self, PerInvocation};
use loligo::real::{Reach, Real, Single};
use loligo::tape::{
    Builder, Deviates, Given, Hoisted, Id, Kind, Machine, Op, Program, Sharing, Tape, Values,
    clock, evaluate, wgsl,
};

/// A step that computes each operation of a tape, on the numbers of its state.
fn operations() -> (Tape, Vec<&'static str>) {
    let mut b = Builder::default();
    let (x, y) = (b.push(Op::State(0)), b.push(Op::State(1)));
    let (c, i) = (b.push(Op::Coefficient(0)), b.push(Op::Current));
    let m1 = b.push(Op::Expm1(x));
    let conductance = b.push(Op::Conductance);
    let digits = [0, 1, 2, 3].map(|n| b.push(Op::Clock(n)));
    let below = b.push(Op::Below(x, y));
    let at_most = b.push(Op::AtMost(y, c));
    let not_negative = b.push(Op::NotNegative(x));
    let not = b.push(Op::Not(below));
    let (and, or) = (b.push(Op::And(below, not_negative)), b.push(Op::Or(at_most, not)));
    let positive = b.push(Op::Mul(y, y));
    let (tanh, half) = (b.push(Op::Tanh(x)), b.constant(0.5));
    let turn = b.push(Op::Mul(tanh, half));
    let [normal, uniform] = [("a", Kind::Normal), ("b", Kind::Uniform)]
        .map(|(name, kind)| b.deviate(Deviates { name: name.into(), kind, sharing: Sharing::Own }));
    let ops = [
        ("neg", Op::Neg(x)),
        ("add", Op::Add(x, y)),
        ("sub", Op::Sub(x, c)),
        ("mul", Op::Mul(x, y)),
        ("div", Op::Div(x, y)),
        ("fma", Op::Fma(x, y, i)),
        ("min", Op::Min(x, y)),
        ("max", Op::Max(x, y)),
        ("exp", Op::Exp(x)),
        ("exprelr", Op::Exprelr(x, m1)),
        ("ln", Op::Ln(positive)),
        ("sqrt", Op::Sqrt(positive)),
        ("tanh", Op::Tanh(x)),
        ("sin", Op::Sin(x)),
        ("cos", Op::Cos(x)),
        ("sin of turns", Op::SinTurns(turn)),
        ("conductance", Op::Mul(x, conductance)),
        ("normal deviate", Op::Mul(x, normal)),
        ("uniform deviate", Op::Mul(x, uniform)),
        ("first digit of the step", Op::Mul(x, digits[0])),
        ("second digit of the step", Op::Mul(x, digits[1])),
        ("third digit of the step", Op::Mul(x, digits[2])),
        ("fourth digit of the step", Op::Mul(x, digits[3])),
        ("the same for a word", Op::Add(digits[1], digits[2])),
        ("pow", Op::Pow(positive, c)),
        ("floor", Op::Floor(x)),
        ("phi", Op::Phi(positive, Reach::Any)),
        ("below", Op::Choose(below, x, y)),
        ("at most", Op::Choose(at_most, x, y)),
        ("not negative", Op::Choose(not_negative, x, y)),
        ("not", Op::Choose(not, c, y)),
        ("and", Op::Choose(and, c, y)),
        ("or", Op::Choose(or, c, y)),
    ];
    let mut next: Vec<Id> = ops.iter().map(|(_, op)| b.push(*op)).collect();
    next.push(m1);
    let mut names: Vec<&str> = ops.iter().map(|(name, _)| *name).collect();
    names.push("expm1");
    let states = (0..next.len()).map(|n| format!("y{n}")).collect();
    let after = next.clone();
    (b.finish(vec!["c".into()], states, below, after, next), names)
}

/// Pairs of numbers, near 0 and far from it.
fn pairs() -> Vec<(f64, f64)> {
    let numbers = [-20.0, -1.7, -0.3, -1e-4, 0.0, 1e-4, 0.4, 1.0, 3.3, 12.0];
    numbers.iter().flat_map(|x| [-2.5, -0.2, 0.7, 1.9].map(|y| (*x, y))).take(64).collect()
}

/// What interpreting the operations gives, for each pair.
fn interpreted<R: Real>(tape: &Tape, same: Option<f64>) -> Vec<Vec<f64>> {
    let pairs = pairs();
    let lanes =
        |of: &dyn Fn(usize) -> f64| Box::new(std::array::from_fn::<R, 64, _>(|n| R::of(of(n))));
    let at = |n: usize| pairs[n.min(pairs.len() - 1)];
    let mut states = vec![lanes(&|n| at(n).0), lanes(&|n| at(n).1)];
    states.extend((2..tape.states.len()).map(|_| lanes(&|_| 0.0)));
    let coefficients = vec![lanes(&|_| 1.5)];
    let (current, exponential) = (lanes(&|_| 0.25), lanes(&|_| 1.0));
    let conductance = lanes(&|_| CONDUCTANCE);
    let deviates = DEVIATES.map(|x| lanes(&|_| x));
    let given = Given {
        coefficients: &coefficients,
        current: &current,
        conductance: &conductance,
        exponential: &exponential,
        deviates: &deviates,
        clock: clock(STEP).map(R::of),
        is_new_word: true,
    };
    let mut machine = Machine::new(Program::new(tape, &[same]));
    let begin = states.clone();
    machine.step(&mut states, given, 0, &mut [0; 64]);
    // Once more within the word, with what was computed for it.
    states = begin;
    machine.step(&mut states, Given { is_new_word: false, ..given }, 0, &mut [0; 64]);
    (0..pairs.len()).map(|n| states.iter().map(|row| row[n].to_f64()).collect()).collect()
}

/// What else a step is given.
const CONDUCTANCE: f64 = 0.75;
const DEVIATES: [f64; 2] = [-0.5, 0.375];
/// 5 + 3 2^5 + 7 2^16 + 2 2^27.
const STEP: u32 = 5 + (3 << 5) + (7 << 16) + (2 << 27);

fn values<'a>(coefficients: &'a [f64], states: &'a [f64]) -> Values<'a> {
    let of_step = Values::new(coefficients, states);
    Values { current: 0.25, conductance: CONDUCTANCE, deviates: &DEVIATES, step: STEP, ..of_step }
}

#[test]
fn every_operation_is_the_same_for_every_consumer() {
    let (tape, names) = operations();
    let exact: Vec<Vec<f64>> = pairs()
        .into_iter()
        .map(|(x, y)| {
            let mut states = vec![0.0; tape.states.len()];
            (states[0], states[1]) = (x, y);
            let values = values(&[1.5], &states);
            let results = evaluate(&tape.ops, values);
            tape.next.iter().map(|id| results[*id]).collect()
        })
        .collect();
    let check = |found: &[Vec<f64>], error: f64, who: &str| {
        for ((found, exact), pair) in found.iter().zip(&exact).zip(pairs()) {
            for ((found, exact), name) in found.iter().zip(exact).zip(&names) {
                // Sums of numbers near each other, and what is below the last digit of 1, are not exact.
                let slack = error * (exact.abs() + 1.0);
                assert!(
                    (found - exact).abs() <= slack,
                    "{who}: {name} of {pair:?} is {found}, not {exact}"
                );
            }
        }
    };
    for same in [None, Some(1.5)] {
        check(&interpreted::<f64>(&tape, same), 1e-12, "f64");
        // 2e-6 by the polynomials, and the argument's rounding in the exponential of 12.
        check(&interpreted::<Single<true>>(&tape, same), 1e-5, "f32");
        check(&interpreted::<Single<false>>(&tape, same), 1e-5, "f32, rounded twice");
    }
    // Moved to the host, nothing changes.
    let hoisted = Hoisted::new(&tape);
    let mut coefficients = Vec::new();
    hoisted.coefficients(&[1.5], &mut coefficients);
    let (x, y) = pairs()[3];
    let mut states = vec![0.0; tape.states.len()];
    (states[0], states[1]) = (x, y);
    let values = values(&coefficients, &states);
    let results = evaluate(&hoisted.tape.ops, values);
    for (id, exact) in hoisted.tape.next.iter().zip(&exact[3]) {
        assert!((results[*id] - exact).abs() < 1e-12);
    }
    let Some(device) = device() else { return };
    let step = wgsl::print(&tape, "a test");
    let count = tape.states.len();
    let inputs: Vec<String> = (2..count).map(|_| "0.0".to_owned()).collect();
    let outputs: Vec<String> = (0..count)
        .map(|n| format!("words[{count}u * id.x + {n}u] = bitcast<u32>(next.state.y{n});"))
        .collect();
    let text = format!(
        "{}struct Input {{ current: Real, exponential: Real }}\n\
         struct Moment {{ clock_0: Real, clock_1: Real, clock_2: Real, clock_3: Real, conductance: Real, deviate_a: Real, deviate_b: Real }}\n{}\n{step}\n\
         @group(0) @binding(0) var<storage, read_write> words: array<u32>;\n\
         @compute @workgroup_size(64)\nfn evaluate(@builtin(global_invocation_id) id: vec3<u32>) {{\n\
         let x = bitcast<f32>(words[{count}u * id.x]);\nlet y = bitcast<f32>(words[{count}u * id.x + 1u]);\n\
         let moment = Moment(5.0, 3.0, 7.0, 2.0, {CONDUCTANCE:?}, {:?}, {:?});\n\
         let next = step(Coefficients(1.5), State(x, y, {}), Input(0.25, 1.0), moment);\n{}\n}}",
        shader::types(PerInvocation::One),
        include_str!("../../shaders/math.wgsl"),
        DEVIATES[0],
        DEVIATES[1],
        inputs.join(", "),
        outputs.join("\n")
    );
    let mut words = vec![0u32; 64 * count];
    for (n, (x, y)) in pairs().into_iter().enumerate() {
        (words[count * n], words[count * n + 1]) = ((x as f32).to_bits(), (y as f32).to_bits());
    }
    let found = device.evaluate(&text, "evaluate", &words, 1).unwrap();
    let found: Vec<Vec<f64>> = found
        .chunks(count)
        .map(|row| row.iter().map(|word| f64::from(f32::from_bits(*word))).collect())
        .collect();
    check(&found[..pairs().len()], 2e-5, "WGSL");
}
