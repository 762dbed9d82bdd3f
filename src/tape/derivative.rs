//! Derivatives of results, on the same tape.

use super::builder::Builder;
use super::op::{Id, Op};

/// The derivative of a result by another one, with some others held, whatever they were made of. Where a function has a
/// corner it is that of either side.
pub fn derivative(builder: &mut Builder, of: Id, by: Id, held: &[Id]) -> Id {
    let zero = builder.constant(0.0);
    let mut needed = vec![false; of + 1];
    needed[of] = true;
    for id in (0..=of).rev() {
        if needed[id] && id != by && !held.contains(&id) {
            builder.op(id).operands().for_each(|operand| needed[operand] = true);
        }
    }
    // Operands come before what takes them: their slopes are known.
    let mut slopes: Vec<Id> = vec![zero; of + 1];
    for id in (0..=of).filter(|id| needed[*id]) {
        slopes[id] = match id {
            id if id == by => builder.constant(1.0),
            id if held.contains(&id) => zero,
            id => slope(builder, id, &slopes),
        };
    }
    slopes[of]
}

/// The slope of a result, from those of what it takes.
fn slope(b: &mut Builder, of: Id, known: &[Id]) -> Id {
    let op = b.op(of);
    let zero = b.constant(0.0);
    // What a choice depends on by its mask is a corner.
    let slopes: Vec<Id> = match op {
        op if op.is_mask() => Vec::new(),
        Op::Choose(_, x, y) => vec![zero, known[x], known[y]],
        op => op.operands().map(|id| known[id]).collect(),
    };
    if slopes.iter().all(|id| *id == zero) {
        zero
    } else {
        match op {
            Op::Neg(_) => b.push(Op::Neg(slopes[0])),
            Op::Add(..) => b.push(Op::Add(slopes[0], slopes[1])),
            Op::Sub(..) => {
                let other = b.push(Op::Neg(slopes[1]));
                b.push(Op::Add(slopes[0], other))
            }
            Op::Mul(x, y) => product_rule(b, (x, y), (slopes[0], slopes[1])),
            Op::Fma(x, y, _) => {
                let product = product_rule(b, (x, y), (slopes[0], slopes[1]));
                b.push(Op::Add(product, slopes[2]))
            }
            Op::Div(_, y) => {
                // x' / y - (x / y) y' / y
                let first = b.push(Op::Div(slopes[0], y));
                let second = b.push(Op::Mul(of, slopes[1]));
                let second = b.push(Op::Div(second, y));
                b.push(Op::Sub(first, second))
            }
            Op::Exp(_) => b.push(Op::Mul(of, slopes[0])),
            Op::Expm1(_) => {
                let one = b.constant(1.0);
                let exp = b.push(Op::Add(of, one));
                b.push(Op::Mul(exp, slopes[0]))
            }
            Op::Exprelr(x, m1) => {
                // With r = x / m1: r' = x' (1 - r) / m1 - r x', as m1' = (m1 + 1) x'. Near 0 by r = 1 - x / 2 + ..
                let one = b.constant(1.0);
                let left = b.push(Op::Sub(one, of));
                let far = b.push(Op::Div(left, m1));
                let far = b.push(Op::Sub(far, of));
                let sixth = b.constant(1.0 / 6.0);
                let half = b.constant(-0.5);
                let near = b.push(Op::Fma(x, sixth, half));
                let small = b.constant(0.01);
                let square = b.push(Op::Mul(x, x));
                let is_near = b.push(Op::Below(square, small));
                let slope = b.push(Op::Choose(is_near, near, far));
                b.push(Op::Mul(slope, slopes[0]))
            }
            Op::Ln(x) => b.push(Op::Div(slopes[0], x)),
            Op::Sqrt(_) => {
                let half = b.constant(0.5);
                let half = b.push(Op::Mul(half, slopes[0]));
                b.push(Op::Div(half, of))
            }
            Op::Tanh(_) => {
                let square = b.push(Op::Mul(of, of));
                let one = b.constant(1.0);
                let slope = b.push(Op::Sub(one, square));
                b.push(Op::Mul(slope, slopes[0]))
            }
            Op::Sin(x) => {
                let cos = b.push(Op::Cos(x));
                b.push(Op::Mul(cos, slopes[0]))
            }
            Op::Cos(x) => {
                let sin = b.push(Op::Sin(x));
                let sin = b.push(Op::Neg(sin));
                b.push(Op::Mul(sin, slopes[0]))
            }
            Op::SinTurns(x) => {
                // 2 pi cos(2 pi x).
                let turn = b.constant(std::f64::consts::TAU);
                let angle = b.push(Op::Mul(turn, x));
                let cos = b.push(Op::Cos(angle));
                let slope = b.push(Op::Mul(turn, cos));
                b.push(Op::Mul(slope, slopes[0]))
            }
            Op::Pow(x, y) => {
                // Of the base only: exponents are constants in what is written with ^.
                let one = b.constant(1.0);
                let less = b.push(Op::Sub(y, one));
                let power = b.push(Op::Pow(x, less));
                let power = b.push(Op::Mul(y, power));
                b.push(Op::Mul(power, slopes[0]))
            }
            Op::Min(x, y) => {
                let first = b.push(Op::Below(x, y));
                b.push(Op::Choose(first, slopes[0], slopes[1]))
            }
            Op::Max(x, y) => {
                let first = b.push(Op::Below(y, x));
                b.push(Op::Choose(first, slopes[0], slopes[1]))
            }
            Op::Choose(mask, ..) => b.push(Op::Choose(mask, slopes[1], slopes[2])),
            // Steps are flat; all others have no operands, or give masks.
            _ => zero,
        }
    }
}

fn product_rule(b: &mut Builder, (x, y): (Id, Id), (dx, dy): (Id, Id)) -> Id {
    let first = b.push(Op::Mul(dx, y));
    let second = b.push(Op::Mul(x, dy));
    b.push(Op::Add(first, second))
}
