//! Counts the operations of a kernel's WGSL.

use wgpu::naga;

use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{
    BinaryOperator, Block, Expression, Function, Handle, Literal, MathFunction, Module, ScalarKind,
    Statement, TypeInner, UnaryOperator,
};

use super::rows::RowWords;
use super::shader::{self, PerInvocation};
use crate::drive::Kernel;
use crate::engine::cost::{Cost, Operation};
use crate::raster::WORD;

/// What a neuron-step of a kernel costs; none if the text cannot be read, which is a fault of this package.
pub fn cost(kernel: &Kernel, raster: bool) -> Option<Cost> {
    let text = shader::join(
        &shader::steps(kernel.model, kernel.variant, kernel.sources),
        PerInvocation::One,
    );
    let constants = shader::constants(kernel, 64, raster);
    let mut cost = count(&text, shader::ENTRY_POINT, &constants, &[0.0, 1.0 / WORD as f64, 0.5])?;
    let row = RowWords::of(*kernel);
    // State, streams and counts are read and written, the others only read.
    let words = row.coefficients + row.drive + 2 * (row.state + row.noise + 1);
    cost.bytes_per_block = 4.0 * words as f64;
    cost.raster_bytes = if raster { 4.0 / WORD as f64 } else { 0.0 };
    Some(cost)
}

/// Counts the operations of an entry point of a compute shader with constants. Those in no loop count
/// `weights[0]` times, those in a loop `weights[1]` times, in a loop in it `weights[2]` times, and so on.
pub fn count(
    text: &str,
    entry_point: &str,
    constants: &[(&str, f64)],
    weights: &[f64],
) -> Option<Cost> {
    let module = naga::front::wgsl::parse_str(text).ok()?;
    let info =
        Validator::new(ValidationFlags::all(), Capabilities::all()).validate(&module).ok()?;
    let constants = constants.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let entry = Some((naga::ShaderStage::Compute, entry_point));
    let (module, info) =
        naga::back::pipeline_constants::process_overrides(&module, &info, entry, &constants)
            .ok()?;
    let mut counter = Counter { module: &module, info: &info, weights, cost: Cost::default() };
    let entry = module.entry_points.iter().position(|entry| entry.name == entry_point)?;
    let of_entry =
        Of { function: &module.entry_points[entry].function, index: Index::Entry(entry) };
    counter.block(of_entry, &of_entry.function.body, 0);
    Some(counter.cost)
}

/// Where what was found of a function is.
#[derive(Clone, Copy)]
enum Index {
    Entry(usize),
    Function(Handle<Function>),
}

/// A function that is looked through.
#[derive(Clone, Copy)]
struct Of<'a> {
    function: &'a Function,
    index: Index,
}

struct Counter<'a> {
    module: &'a Module,
    info: &'a ModuleInfo,
    weights: &'a [f64],
    cost: Cost,
}

impl Counter<'_> {
    /// Counts a block in so many loops. Returns whether what comes after it is not reached.
    fn block(&mut self, of: Of<'_>, block: &Block, depth: usize) -> bool {
        for statement in block.iter() {
            let ends = match statement {
                Statement::Emit(range) => {
                    range.clone().for_each(|handle| self.expression(of, handle, depth));
                    false
                }
                Statement::Block(block) => self.block(of, block, depth),
                Statement::If { condition, accept, reject } => match self.known(of, *condition) {
                    Some(true) => self.block(of, accept, depth),
                    Some(false) => self.block(of, reject, depth),
                    None => self.dearer(of, accept, reject, depth),
                },
                Statement::Switch { cases, .. } => {
                    // None of the kernels has one: all cases count.
                    cases.iter().for_each(|case| {
                        self.block(of, &case.body, depth);
                    });
                    false
                }
                Statement::Loop { body, continuing, .. } => {
                    self.block(of, body, depth + 1);
                    self.block(of, continuing, depth + 1);
                    false
                }
                Statement::Call { function, .. } => {
                    let called = &self.module.functions[*function];
                    let called = Of { function: called, index: Index::Function(*function) };
                    self.block(called, &called.function.body, depth);
                    false
                }
                Statement::Return { .. } | Statement::Kill => true,
                _ => false,
            };
            if ends {
                return true;
            }
        }
        false
    }

    /// What a condition is, where that is known before the kernel runs.
    fn known(&self, of: Of<'_>, condition: Handle<Expression>) -> Option<bool> {
        let expression = match &of.function.expressions[condition] {
            Expression::Constant(constant) => {
                &self.module.global_expressions[self.module.constants[*constant].init]
            }
            expression => expression,
        };
        match expression {
            Expression::Literal(Literal::Bool(known)) => Some(*known),
            _ => None,
        }
    }

    /// Counts the dearer of two branches.
    fn dearer(&mut self, of: Of<'_>, accept: &Block, reject: &Block, depth: usize) -> bool {
        let before = self.cost.clone();
        let ends = [accept, reject].map(|branch| {
            self.cost = before.clone();
            let ends = self.block(of, branch, depth);
            (ends, self.cost.clone())
        });
        let all = |cost: &Cost| cost.operations.iter().map(|amount| amount.count).sum::<f64>();
        let [(a_ends, a), (b_ends, b)] = ends;
        self.cost = if all(&a) >= all(&b) { a } else { b };
        a_ends && b_ends
    }

    fn expression(&mut self, of: Of<'_>, handle: Handle<Expression>, depth: usize) {
        let weight = self.weights.get(depth).or(self.weights.last()).copied().unwrap_or(1.0);
        let expressions = &of.function.expressions;
        let operation = match expressions[handle] {
            // A sign is changed with the operation that takes it.
            Expression::Unary { op: UnaryOperator::Negate, .. } => None,
            Expression::Unary { .. } => Some((Operation::Integer, 1.0)),
            Expression::Binary { op, left, right } => {
                if op == BinaryOperator::InclusiveOr
                    && is_shift(&expressions[left])
                    && is_shift(&expressions[right])
                {
                    // A rotation: the two shifts have been counted.
                    Some((Operation::Integer, -1.0))
                } else {
                    Some((self.arithmetic(of, op, left), 1.0))
                }
            }
            Expression::Select { accept, .. } => Some((self.of_kind(of, accept), 1.0)),
            Expression::Math { fun, arg, .. } => self.function(of, fun, arg).map(|op| (op, 1.0)),
            Expression::As { expr, kind, convert: Some(_) } => {
                let from = self.kind(of, expr);
                let numbers = |kind| matches!(kind, Some(ScalarKind::Float));
                let integers = |kind| matches!(kind, Some(ScalarKind::Sint | ScalarKind::Uint));
                let converts =
                    numbers(from) && integers(Some(kind)) || integers(from) && numbers(Some(kind));
                converts.then_some((Operation::Conversion, 1.0))
            }
            _ => None,
        };
        if let Some((operation, count)) = operation {
            let lanes = self.lanes(of, handle);
            self.cost.add(operation, count * weight * lanes);
        }
    }

    fn arithmetic(&self, of: Of<'_>, op: BinaryOperator, operand: Handle<Expression>) -> Operation {
        match (op, self.of_kind(of, operand)) {
            (BinaryOperator::Divide | BinaryOperator::Modulo, Operation::Float) => {
                Operation::Division
            }
            (_, kind) => kind,
        }
    }

    fn function(
        &self,
        of: Of<'_>,
        function: MathFunction,
        argument: Handle<Expression>,
    ) -> Option<Operation> {
        Some(match function {
            MathFunction::Exp | MathFunction::Exp2 => Operation::Exponential,
            MathFunction::Log | MathFunction::Log2 => Operation::Logarithm,
            MathFunction::Sin | MathFunction::Cos | MathFunction::Tan => Operation::Sine,
            MathFunction::Tanh | MathFunction::Sinh | MathFunction::Cosh => {
                Operation::HyperbolicTangent
            }
            MathFunction::Pow => Operation::Power,
            MathFunction::Sqrt | MathFunction::InverseSqrt => Operation::SquareRoot,
            MathFunction::Fma => Operation::MultiplyAdd,
            _ => self.of_kind(of, argument),
        })
    }

    /// The arithmetic that values of an expression are of.
    fn of_kind(&self, of: Of<'_>, handle: Handle<Expression>) -> Operation {
        match self.kind(of, handle) {
            Some(ScalarKind::Float | ScalarKind::AbstractFloat) => Operation::Float,
            _ => Operation::Integer,
        }
    }

    fn inner<'a>(&'a self, of: Of<'_>, handle: Handle<Expression>) -> &'a TypeInner {
        let of_function = match of.index {
            Index::Entry(index) => self.info.get_entry_point(index),
            Index::Function(function) => &self.info[function],
        };
        of_function[handle].ty.inner_with(&self.module.types)
    }

    fn kind(&self, of: Of<'_>, handle: Handle<Expression>) -> Option<ScalarKind> {
        self.inner(of, handle).scalar_kind()
    }

    /// How many numbers an expression has.
    fn lanes(&self, of: Of<'_>, handle: Handle<Expression>) -> f64 {
        match self.inner(of, handle) {
            TypeInner::Vector { size, .. } => f64::from(*size as u8),
            _ => 1.0,
        }
    }
}

fn is_shift(expression: &Expression) -> bool {
    let shifts = [BinaryOperator::ShiftLeft, BinaryOperator::ShiftRight];
    matches!(expression, Expression::Binary { op, .. } if shifts.contains(op))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::Case;
    use crate::model::Model;

    const TEXT: &str = "
        override noisy: bool = false;
        @group(0) @binding(0) var<storage, read_write> x: array<f32>;
        fn twice(y: f32) -> f32 { return y + y; }
        fn rotated(u: u32) -> u32 { return (u << 3u) | (u >> 29u); }
        @compute @workgroup_size(1)
        fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            var s = x[id.x];
            for (var k = 0u; k < 10u; k += 1u) {
                s = fma(s, s, exp(-s)) / sqrt(s);
                if noisy { s = twice(s); }
                s += f32(rotated(bitcast<u32>(s)));
            }
            x[id.x] = s;
        }";

    #[test]
    fn operations_are_counted_as_they_are_written() {
        // A loop: its end is a comparison and its counter a sum, both of integers; a rotation is one.
        let expected = [
            (Operation::Float, 1.0),
            (Operation::MultiplyAdd, 1.0),
            (Operation::Exponential, 1.0),
            (Operation::SquareRoot, 1.0),
            (Operation::Division, 1.0),
            (Operation::Integer, 3.0),
            (Operation::Conversion, 1.0),
        ];
        let cost = count(TEXT, "main", &[], &[1.0, 1.0]).unwrap();
        for (operation, n) in expected {
            assert_eq!(cost.of(operation), n, "{operation:?}");
        }
        // A branch that is taken, and a loop that counts half.
        let noisy = count(TEXT, "main", &[("noisy", 1.0)], &[1.0, 0.5]).unwrap();
        assert_eq!(noisy.of(Operation::Float), 1.0);
        assert_eq!(noisy.of(Operation::Conversion), 0.5);
    }

    #[test]
    fn a_step_of_lif_is_what_counting_by_hand_gives() {
        let of = |noise| {
            let experiment =
                Case::new(Model::named("lif").unwrap(), noise).experiment(64, 3200).unwrap();
            cost(&experiment.populations()[0].kernel(), true).unwrap()
        };
        let (quiet, noisy) = (of("none"), of("white"));
        // In the printed step: two comparisons and a mask of them, four choices, a difference; two products with a
        // sum.
        assert_eq!(quiet.of(Operation::Float), 7.0);
        assert_eq!(quiet.of(Operation::MultiplyAdd), 2.0);
        // Box and Muller's transform: one root, two conversions at most, for two steps.
        assert_eq!(noisy.of(Operation::SquareRoot), 0.5);
        assert_eq!(noisy.of(Operation::Conversion), 1.0);
        // A word of xoshiro128++: two rotations, three sums and shifts, five masks; and what the transform does with its bits.
        let words = noisy.of(Operation::Integer) - quiet.of(Operation::Integer);
        assert!((10.0..=20.0).contains(&words), "{words}");
        assert_eq!(noisy.raster_bytes, 0.125);
    }
}
