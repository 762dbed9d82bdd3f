#![no_main]

use libfuzzer_sys::fuzz_target;
use loligo::input::text::Options;

fuzz_target!(|bytes: &[u8]| loligo_fuzz::read(bytes, &Options::unknown("--")));
