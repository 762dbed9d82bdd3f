#![no_main]

use libfuzzer_sys::fuzz_target;
use loligo::input::text::Options;
use loligo::document::Document;
use loligo::setting::Setting;
use loligo::sweep::Sweep;

// A flag's value a line: what begins with `/` is a sweep, all else is KEY=VALUE.
fuzz_target!(|text: &str| {
    if text.contains("file") {
        return;
    }
    let (mut document, mut flags) = (Document::default(), Vec::new());
    for line in text.lines() {
        let _ = loligo::unit::read(line, "ms");
        let _ = Options::read("--", Some(line), Some(line), Some(line));
        match line.strip_prefix('/') {
            Some(sweep) => document.sweeps.extend(Sweep::parse(sweep)),
            None => flags.extend(Setting::assignment(line)),
        }
    }
    loligo_fuzz::build(&document, &flags);
});
