//! Are the shaders valid WGSL, and laid out as the Rust side has it?

use loligo::drive::NoiseForm;
use loligo::engine::gpu::shader::{self, ENTRY_POINT, PerInvocation, SELF_TEST};
use loligo::model::{Model, Variant, models};
use wgpu::naga;

fn parse(text: &str) -> naga::Module {
    naga::front::wgsl::parse_str(text)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(text)))
}

/// The kernel with one neuron per invocation.
fn join(model: &Model, variant: Variant) -> String {
    shader::join(&shader::steps(model, variant, None), PerInvocation::One)
}

/// The first step of a model.
const FIRST: Variant = Variant { integrator: 0, fine: false };

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
        // A word of WGSL's own has an underscore behind it.
        (member.trim_end_matches('_') != field.trim_end_matches('_')
            || *offset as usize != 4 * place
            || !is_f32)
            .then(|| format!("{name}.{member} at {offset} is {field} in Rust"))
    })
}

#[test]
fn every_kernel_is_valid() {
    let lanes = [PerInvocation::One, PerInvocation::Two, PerInvocation::Four];
    let steps = models().into_iter().flat_map(|model| {
        model.variants().into_iter().map(|variant| shader::steps(model, variant, None))
    });
    let kernels = steps.flat_map(|step| lanes.map(|lanes| shader::join(&step, lanes)));
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

/// Printed steps are kept, so that a change of them is seen. `LOLIGO_BLESS=1` writes them anew.
#[test]
fn printed_steps_are_those_that_are_kept() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders/models");
    let mut kept = Vec::new();
    // Of the models that are written in Rust: the others are printed from files that are there.
    for model in models().into_iter().filter(|model| model.text.is_none()) {
        for variant in model.variants() {
            let fine = if variant.fine { "_fine" } else { "" };
            let name = model.integrators[variant.integrator].name;
            let path = folder.join(format!("{}_{name}{fine}.wgsl", model.name));
            let printed = shader::step(model, variant);
            if std::env::var_os("LOLIGO_BLESS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &printed).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(golden == printed, "{}: printed anew by LOLIGO_BLESS=1", path.display());
            kept.push(path);
        }
    }
    let there = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let stale: Vec<_> = there.filter(|path| !kept.contains(path)).collect();
    assert!(stale.is_empty(), "of no model: {stale:?}");
}

#[test]
fn the_layout_is_that_of_the_tape() {
    for model in models() {
        let module = parse(&join(model, FIRST));
        let tape = model.dynamics.tape(FIRST);
        for (name, fields) in [("Coefficients", &tape.coefficients), ("State", &tape.states)] {
            assert_eq!(mismatch_of(&module, fields)(name), None, "{}", model.name);
        }
    }
}

/// [`mismatch`] for owned names.
fn mismatch_of<'a>(
    module: &'a naga::Module,
    names: &'a [String],
) -> impl Fn(&str) -> Option<String> + 'a {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    move |name| mismatch(module, name, &names)
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
    for model in models() {
        let tape = model.dynamics.tape(FIRST);
        let structs = [("Coefficients", &tape.coefficients), ("State", &tape.states)];
        for (name, fields) in structs.into_iter().filter(|(_, fields)| fields.len() > 1) {
            let text = exchange_first_members(&join(model, FIRST), name);
            let module = parse(&text);
            assert!(mismatch_of(&module, fields)(name).is_some(), "{} {name}", model.name);
        }
    }
}

#[test]
fn the_drive_is_laid_out_as_it_is_uploaded() {
    // engine/gpu/shard.rs uploads these words in this order.
    let names = |module: &naga::Module, name: &str| {
        members(module, name).into_iter().map(|(name, ..)| name).collect::<Vec<_>>()
    };
    let module = parse(&join(models()[0], FIRST));
    assert_eq!(names(&module, "Stimulus"), ["amplitude", "gain", "row"]);
    assert_eq!(names(&module, "Noise"), ["scale", "common_scale", "leak"]);
    assert_eq!(names(&module, "Stream"), ["s0", "s1", "s2", "s3"]);
    assert_eq!(names(&module, "Block"), ["first_step", "words", "end_step", "stride"]);
}

#[test]
fn constants_are_those_of_rust() {
    for model in models() {
        let text = join(model, FIRST);
        let is = |name: &str, value: usize| text.contains(&format!("const {name} = {value}u;"));
        assert!(is("NO_NOISE", NoiseForm::None as usize));
        assert!(is("WHITE", NoiseForm::White as usize));
    }
}

/// What the engines and the units take for granted of every model.
#[test]
fn the_catalogue_is_within_what_the_engines_know() {
    for model in models() {
        // The compiled steps of the CPU engine go up to the fourth.
        let most = if model.text.is_none() { 4 } else { usize::MAX };
        assert!((1..=most).contains(&model.integrators.len()), "{}: integrators", model.name);
        assert!(["pA", "uA/cm2", "1"].contains(&model.current_unit), "{}: current", model.name);
        let measure = loligo::unit::measure;
        assert!(measure(model.white_noise_unit()).is_some());
        assert!(model.parameters.iter().all(|p| measure(p.unit).is_some()), "{}", model.name);
    }
}

#[test]
fn the_kernel_has_the_one_entry_point() {
    for model in models() {
        let module = parse(&join(model, FIRST));
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
