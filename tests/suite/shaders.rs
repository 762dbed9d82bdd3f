//! Are the shaders valid WGSL, and laid out as the Rust side has it?

use loligo::drive::{NoiseKind, StimulusKind};
use loligo::engine::gpu::shader::{self, ENTRY_POINT, PerInvocation, SELF_TEST};
use loligo::model::{MODELS, Model, Neuron, Row, Visitor};
use wgpu::naga;

fn parse(text: &str) -> naga::Module {
    naga::front::wgsl::parse_str(text)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(text)))
}

/// The kernel with one neuron per invocation.
fn join(model: &Model) -> String {
    shader::join(model, PerInvocation::One)
}

/// The members of a struct: name, offset, whether it is an f32.
fn members(module: &naga::Module, name: &str) -> Vec<(String, u32, bool)> {
    let (_, ty) = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(name)).unwrap();
    let naga::TypeInner::Struct { members, span } = &ty.inner else {
        panic!("{name} is no struct")
    };
    // Rows are packed one after the other in a storage buffer: no padding at the end.
    assert_eq!(*span as usize, 4 * members.len(), "{name} has padding");
    members
        .iter()
        .map(|member| {
            let is_f32 = matches!(
                module.types[member.ty].inner,
                naga::TypeInner::Scalar(naga::Scalar { kind: naga::ScalarKind::Float, width: 4 })
            );
            (member.name.clone().unwrap(), member.offset, is_f32)
        })
        .collect()
}

/// What is wrong with a struct of the shader, given the names that Rust has.
fn mismatch(module: &naga::Module, name: &str, rust: &[&str]) -> Option<String> {
    let wgsl = members(module, name);
    if wgsl.len() != rust.len() {
        return Some(format!("{name} has {} members, Rust {}", wgsl.len(), rust.len()));
    }
    wgsl.iter().zip(rust).enumerate().find_map(|(place, ((member, offset, is_f32), field))| {
        (member != field || *offset as usize != 4 * place || !is_f32)
            .then(|| format!("{name}.{member} at {offset} is {field} in Rust"))
    })
}

struct Names;

impl Visitor for Names {
    type Output = (&'static [&'static str], &'static [&'static str]);
    fn visit<N: Neuron>(self) -> Self::Output {
        (N::Coefficients::<f64>::NAMES, N::State::<f64>::NAMES)
    }
}

#[test]
fn every_kernel_is_valid() {
    let lanes = [PerInvocation::One, PerInvocation::Two, PerInvocation::Four];
    let kernels = MODELS.iter().flat_map(|model| lanes.map(|lanes| shader::join(model, lanes)));
    for text in kernels.chain([SELF_TEST.to_owned()]) {
        let module = parse(&text);
        let mut validator = naga::valid::Validator::new(
            naga::valid::ValidationFlags::all(),
            naga::valid::Capabilities::empty(),
        );
        validator
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
    }
}

#[test]
fn the_layout_is_that_of_rust() {
    for model in MODELS {
        let module = parse(&join(model));
        let (coefficients, state) = model.visit(Names).unwrap();
        assert_eq!(mismatch(&module, "Coefficients", coefficients), None, "{}", model.name);
        assert_eq!(mismatch(&module, "State", state), None, "{}", model.name);
    }
}

/// A struct's first two members exchanged, as by a careless edit.
fn exchange_first_members(text: &str, name: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let head = lines.iter().position(|line| *line == format!("struct {name} {{")).unwrap();
    lines.swap(head + 1, head + 2);
    lines.join("\n")
}

#[test]
fn another_layout_is_noticed() {
    for model in MODELS {
        let (coefficients, state) = model.visit(Names).unwrap();
        for (name, fields) in [("Coefficients", coefficients), ("State", state)] {
            let text = exchange_first_members(&join(model), name);
            assert!(mismatch(&parse(&text), name, fields).is_some(), "{} {name}", model.name);
        }
    }
}

#[test]
fn the_drive_is_laid_out_as_it_is_uploaded() {
    // engine/gpu/shard.rs uploads these words in this order.
    let names = |module: &naga::Module, name: &str| {
        members(module, name).into_iter().map(|(name, ..)| name).collect::<Vec<_>>()
    };
    let module = parse(&join(MODELS[0]));
    assert_eq!(
        names(&module, "Stimulus"),
        ["amplitude", "off", "from_step", "to_step", "gain", "row"]
    );
    assert_eq!(names(&module, "Noise"), ["scale", "common_scale", "leak"]);
    assert_eq!(names(&module, "Stream"), ["s0", "s1", "s2", "s3"]);
    assert_eq!(names(&module, "Block"), ["first_step", "words", "end_step", "stride"]);
}

#[test]
fn constants_are_those_of_rust() {
    for model in MODELS {
        let text = join(model);
        let is = |name: &str, value: usize| text.contains(&format!("const {name} = {value}u;"));
        assert!(is("PULSE", StimulusKind::Pulse as usize));
        assert!(is("FILE", StimulusKind::File as usize));
        assert!(is("NO_NOISE", NoiseKind::None as usize));
        assert!(is("WHITE", NoiseKind::White as usize));
        // A model with one way to step need not name its integrators.
        for (place, integrator) in model.integrators.iter().enumerate() {
            let name = integrator.name.to_uppercase();
            let named = text.contains(&format!("const {name} = "));
            assert!(!named || is(&name, place), "{}: {name}", model.name);
        }
    }
}

/// What the engines and the units take for granted of every model.
#[test]
fn the_catalogue_is_within_what_the_engines_know() {
    for model in MODELS {
        assert!((1..=4).contains(&model.integrators.len()), "{}: integrators", model.name);
        assert!(["pA", "uA/cm2"].contains(&model.current_unit), "{}: current", model.name);
        let measure = loligo::unit::measure;
        assert!(measure(model.white_noise_unit()).is_some());
        assert!(model.parameters.iter().all(|p| measure(p.unit).is_some()), "{}", model.name);
        assert!(model.visit(Names).is_some(), "{} is in the list, but has no type", model.name);
    }
}

#[test]
fn the_kernel_has_the_one_entry_point() {
    for model in MODELS {
        let module = parse(&join(model));
        let names: Vec<_> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, [ENTRY_POINT], "{}", model.name);
    }
}

/// An error of the device is a value, not a panic.
#[test]
fn errors_of_the_device_are_values() {
    let Some(device) = super::common::device() else { return };
    let wrong = device.evaluate("this is no WGSL", "main", &[0], 1).unwrap_err();
    assert!(matches!(wrong, loligo::error::Error::Device { .. }));
    assert!(wrong.to_string().contains(device.name()), "{wrong}");
}

/// The trap that the self-test is for: some software devices end loops after 65,535 iterations.
/// Whatever this device does, counting must tell the truth about it.
#[test]
fn lost_iterations_are_counted() {
    let Some(device) = super::common::device() else { return };
    assert_eq!(device.count_iterations(32_768).unwrap(), 32_768);
    let many = device.count_iterations(100_000).unwrap();
    if device.name().contains("llvmpipe") && device.driver().contains("Mesa 22.3") {
        // Bounded loops count down on their own; this device ends them silently.
        assert!(many < 100_000, "{many}");
    }
}
