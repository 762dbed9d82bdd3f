//! Does the code hold its shape? No file imports one that imports it back, and no file is long.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The files below `src` by the path of their module: `analysis::signal`; the library's root is empty, the binary's
/// `main`.
fn modules() -> BTreeMap<String, String> {
    fn walk(folder: &Path, path: &str, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{path}{name}::"), found);
            } else if let Some(stem) = name.strip_suffix(".rs") {
                let module = if stem == "lib" { String::new() } else { format!("{path}{stem}") };
                found.insert(module, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    found
}

/// The code of a file without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The paths in a tree such as `a::{b, c::{d, e}}`.
fn leaves(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| leaves(&format!("{}{}", before.trim(), part.trim()))).collect()
}

/// All paths that some code names: in `use`, and from `crate`, `super` or `loligo` on.
fn paths(code: &str) -> Vec<String> {
    let mut found: Vec<String> = code
        .split("use ")
        .skip(1)
        .filter_map(|rest| rest.split_once(';'))
        .flat_map(|(tree, _)| leaves(tree))
        .collect();
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for root in ["crate::", "super::", "loligo::"] {
        let parts = code.split(root).skip(1).filter(|rest| !rest.starts_with('{'));
        found.extend(parts.map(|rest| {
            let end = rest.find(|c: char| !is_path(c)).unwrap_or(rest.len());
            format!("{root}{}", &rest[..end])
        }));
    }
    found
}

/// The module that a path in another one leads to, if it is one of this package.
fn target(path: &str, from: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let own: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = path.split("::").map(str::trim).collect();
    let supers = parts.iter().take_while(|part| **part == "super").count();
    let whole: Vec<&str> = match parts[0] {
        "crate" | "loligo" => parts[1..].to_vec(),
        "super" => [&own[..own.len().checked_sub(supers)?], &parts[supers..]].concat(),
        // A child, such as `check::steps`.
        child if modules.contains_key(&[&own[..], &[child]].concat().join("::")) => {
            [&own[..], &parts[..]].concat()
        }
        _ => return None,
    };
    (0..=whole.len()).rev().map(|n| whole[..n].join("::")).find(|name| modules.contains_key(name))
}

/// What each file imports.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let modules = modules();
    let of = |(name, text): (&String, &String)| {
        let found = paths(&code(text)).into_iter().filter_map(|path| target(&path, name, &modules));
        (name.clone(), found.filter(|other| other != name).collect())
    };
    modules.iter().map(of).collect()
}

#[test]
fn no_file_imports_one_that_imports_it_back() {
    let imports = imports();
    // The reading of `use` itself: files that are known to import others, by each form of path.
    let has = |from: &str, to: &str| imports[from].contains(to);
    assert!(has("engine", "error") && has("experiment::build", "experiment::check"));
    assert!(
        has("output", "output::summary") && has("cli::run", "output") && has("", "engine::choice")
    );
    let circles: Vec<String> = imports
        .iter()
        .flat_map(|(name, others)| others.iter().map(move |other| (name, other)))
        .filter(|(name, other)| name < other && imports[*other].contains(*name))
        .map(|(name, other)| format!("{name} <-> {other}"))
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn no_file_is_long() {
    let long: Vec<String> = modules()
        .iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > 420)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}
