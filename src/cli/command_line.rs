//! The command line, as it is written down.

/// Flags with a value that say where files go, which part of an experiment is simulated, and in which colours that is told.
const WHERE: [&str; 4] = ["--out", "--shard", "--checkpoint", "--color"];

/// Flags of what is printed and replaced.
const HOW: [&str; 4] = ["--force", "--quiet", "--json", "--verbose"];

/// The words of the command line, as a shell has them, without where files go and what is printed, and without some more
/// flags with a value.
pub fn words(without: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    let mut all = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = all.next() {
        let flag = word.split('=').next().unwrap_or_default();
        let has_value = WHERE.contains(&flag) || without.contains(&flag);
        if has_value && flag == word {
            all.next();
        } else if !has_value && !HOW.contains(&flag) && !is_verbose(&word) {
            words.push(quoted(&word));
        }
    }
    words
}

/// Whether a word is -v, or -vv.
fn is_verbose(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b == b'v'))
}

/// The command line as a comment: the same experiment gives the same bytes.
pub fn head() -> String {
    format!("# loligo {}\n", words(&[]).join(" "))
}

/// A word as a shell has it, on one line.
pub fn quoted(word: &str) -> String {
    let word = word.replace(|c: char| c.is_control(), " ");
    let is_plain = |c: char| c.is_alphanumeric() || "-_=.,:/+@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
