#![no_main]

use libfuzzer_sys::fuzz_target;
use loligo::input::text::Options;

// The first three bytes choose what is told of the table.
fuzz_target!(|input: &[u8]| {
    let [delimiter, decimal, header, bytes @ ..] = input else { return };
    let delimiters = [None, Some("comma"), Some("semicolon"), Some("tab"), Some("blanks"), Some("|")];
    let decimals = [None, Some("point"), Some("comma")];
    let headers = [None, Some("none"), Some("1"), Some("2"), Some("1000000")];
    let options = Options::read(
        "--",
        delimiters[usize::from(*delimiter) % delimiters.len()],
        decimals[usize::from(*decimal) % decimals.len()],
        headers[usize::from(*header) % headers.len()],
    );
    if let Ok(options) = options {
        loligo_fuzz::read(bytes, &options);
    }
});
