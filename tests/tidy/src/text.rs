//! Rules about every file: nothing of the machine on which it was written, nothing of where it was downloaded.
//!
//! The needles are put together at run time, so that this file does not contain them.

use crate::files::File;

/// Home folders and workplaces of machines.
fn machine_folders() -> Vec<String> {
    ["root", "home", "work", "Users"].iter().map(|name| format!("/{name}/")).collect()
}

/// What points to a package registry or a mirror of one. Cargo's own name for crates.io is not among them.
fn registry_addresses() -> Vec<String> {
    let parts: [&[&str]; 10] = [
        &["index", "-url"],
        &["sparse", "+http"],
        &["registry", "=http"],
        &["registry", " = \"http"],
        &["replace", "-with"],
        &["registry", ".npmjs.org"],
        &["registry", ".yarnpkg.com"],
        &["pypi", ".org/simple"],
        &["files", ".pythonhosted.org"],
        &["/arti", "factory/"],
    ];
    parts.iter().map(|part| part.concat()).collect()
}

/// No file names an absolute path of somebody's machine.
pub fn machine_paths(files: &[File]) -> Vec<String> {
    let folders = machine_folders();
    lines(files, |line| folders.iter().any(|folder| has_absolute(line, folder)))
        .map(|at| format!("{at}: names a path of one machine; write it relative to the repository"))
        .collect()
}

/// Whether the folder stands there as the beginning of a path, not inside an address or a longer path.
fn has_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| {
            !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '~' | '}' | ')' | '/' | '*')
        }) || line.get(..at).is_some_and(|before| before.ends_with("file://"))
    })
}

/// No file names the address of a package registry.
pub fn registries(files: &[File]) -> Vec<String> {
    let addresses = registry_addresses();
    lines(files, |line| addresses.iter().any(|address| line.contains(address)))
        .map(|at| {
            format!("{at}: names a package registry; that is the business of each machine's own settings")
        })
        .collect()
}

/// npm's lock files say which versions, not where somebody once downloaded them (D-35).
pub fn npm_downloads(files: &[File]) -> Vec<String> {
    let locks: Vec<File> = files
        .iter()
        .filter(|file| file.path.ends_with("package-lock.json") || file.path.ends_with("npm-shrinkwrap.json"))
        .cloned()
        .collect();
    lines(&locks, |line| line.trim_start().starts_with("\"resolved\"") && line.contains("http"))
        .map(|at| {
            format!("{at}: a download address; write the lock file with omit-lockfile-registry-resolved=true")
        })
        .collect()
}

/// Documents name files that exist. Looked at is what stands in back quotes and begins with a top folder; names
/// with a placeholder (`<kind>`) are left out.
pub fn named_files(documents: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    for document in documents {
        for named in document.text.split('`').skip(1).step_by(2) {
            let is_path = ["shared/", "functions/", "tests/", "infra/", "docs/", "xtask/"]
                .iter()
                .any(|top| named.starts_with(top) && named.len() > top.len());
            let is_plain = named.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
            if is_path && is_plain && !exists(named) {
                out.push(format!("{}: names {named}, which does not exist", document.path));
            }
        }
    }
    out
}

fn lines<'a>(files: &'a [File], bad: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
    files.iter().flat_map(move |file| {
        let at: Vec<String> = file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| bad(line))
            .map(|(number, _)| format!("{}:{}", file.path, number + 1))
            .collect();
        at
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Vec<File> {
        vec![File::new("docs/a.md", text)]
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        for folder in machine_folders() {
            for text in
                [format!("cd {folder}main"), format!("`{folder}x`"), format!("\"{folder}x\""), folder.clone()]
            {
                assert_eq!(machine_paths(&file(&text)).len(), 1, "{text}");
            }
            for text in
                [format!("https://host{folder}x"), format!("a{folder}x"), format!("${{HOME}}{folder}x")]
            {
                assert!(machine_paths(&file(&text)).is_empty(), "{text}");
            }
        }
        let as_file = format!("path+file://{}main", machine_folders().concat());
        assert_eq!(machine_paths(&file(&as_file)).len(), 1);
    }

    #[test]
    fn addresses_of_registries_are_found() {
        for address in registry_addresses() {
            assert_eq!(registries(&file(&format!("x {address} y"))).len(), 1, "{address}");
        }
        assert!(
            registries(&file("source = \"registry+https://github.com/rust-lang/crates.io-index\""))
                .is_empty()
        );
    }

    #[test]
    fn a_lock_file_with_addresses_is_found() {
        let lock = "{\n  \"node_modules/a\": {\n    \"resolved\": \"https://host/a.tgz\"\n  }\n}\n";
        assert_eq!(npm_downloads(&[File::new("tests/card/package-lock.json", lock)]).len(), 1);
        assert!(npm_downloads(&[File::new("tests/card/other.json", lock)]).is_empty());
        let linked = "    \"resolved\": \"packages/a\",\n";
        assert!(npm_downloads(&[File::new("tests/card/package-lock.json", linked)]).is_empty());
    }

    #[test]
    fn a_named_file_that_is_gone_is_found() {
        let text = "See `shared/a.rs`, `shared/<kind>.rs`, `cargo test` and `docs/`.\nOr `tests/b/`.";
        let exists = |path: &str| path == "tests/b/";
        assert_eq!(named_files(&file(text), exists).len(), 1);
    }
}
