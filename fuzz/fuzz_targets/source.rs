#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use loligo::model::Model;
use loligo::source::{Definition, Sources};

fuzz_target!(|text: &str| {
    let model = Model::default_one();
    let checked = Definition::parse(Path::new("fuzz.toml"), text, "fuzz", model)
        .and_then(|definition| Sources::check(definition, model.current_unit));
    if let Err(error) = checked {
        loligo_fuzz::shown(error);
    }
});
