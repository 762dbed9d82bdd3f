//! The command line, as it is written down.

/// The command line as a comment, without where files go and what is printed: the same experiment gives the same bytes.
pub fn head() -> String {
    const ELSEWHERE: [&str; 6] =
        ["--out", "--shard", "--checkpoint", "--force", "--quiet", "--json"];
    let mut words = Vec::new();
    let mut all = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = all.next() {
        let flag = word.split('=').next().unwrap_or_default();
        if !ELSEWHERE.contains(&flag) {
            words.push(quoted(&word));
        } else if ["--out", "--shard", "--checkpoint"].contains(&&*word) {
            all.next();
        }
    }
    format!("# loligo {}\n", words.join(" "))
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
