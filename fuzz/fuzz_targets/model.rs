#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use loligo::model::equations::check;

fuzz_target!(|text: &str| {
    if let Err(error) = check(Path::new("fuzz.toml"), text, "fuzz") {
        loligo_fuzz::shown(error);
    }
});
