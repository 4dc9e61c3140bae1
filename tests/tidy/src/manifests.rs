//! Rules about `Cargo.toml` and `Cargo.lock`, read as text: sections and lines are enough, and any tool that
//! writes them keeps that form.

use crate::files::File;

/// Where cargo says that a package came from crates.io, whatever mirror a machine uses.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The lines of one section, without blanks and comments.
fn section<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let header = format!("[{name}]");
    text.lines()
        .map(str::trim)
        .skip_while(|line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

fn says(lines: &[&str], key: &str, value: &str) -> bool {
    lines.iter().any(|line| {
        line.split_once('=').is_some_and(|(k, v)| k.trim() == key && v.trim().trim_matches('"') == value)
    })
}

/// The workspace forbids unsafe code, and every member takes over the workspace's lints.
pub fn lints(workspace: &File, members: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    if !says(&section(&workspace.text, "workspace.lints.rust"), "unsafe_code", "forbid") {
        out.push(format!("{}: [workspace.lints.rust] must say unsafe_code = \"forbid\"", workspace.path));
    }
    for member in members {
        if !says(&section(&member.text, "lints"), "workspace", "true") {
            out.push(format!("{}: add `[lints]` with `workspace = true`", member.path));
        }
    }
    out
}

/// Every package of the lock file is ours or comes from crates.io with a checksum.
pub fn sources(lock: &str) -> Vec<String> {
    let mut out = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            package.lines().find_map(|line| {
                let (k, v) = line.split_once('=')?;
                (k.trim() == key).then(|| v.trim().trim_matches('"').to_owned())
            })
        };
        let name = value("name").unwrap_or_default();
        match value("source") {
            None => {}
            Some(source) if source != CRATES_IO => {
                out.push(format!("Cargo.lock: {name} comes from {source}; dependencies come from crates.io"));
            }
            Some(_) if value("checksum").is_none() => out.push(format!("Cargo.lock: {name} has no checksum")),
            Some(_) => {}
        }
    }
    out
}

/// A member of the workspace, as far as `cargo run` is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its folder.
    pub folder: String,
    /// Whether a plain `cargo run` includes it.
    pub is_default: bool,
    /// The binary that it runs by default, if it says one.
    pub default_run: Option<String>,
}

/// `cargo run` plays the story, and `cargo build` builds the product (`contract.md` 2).
pub fn default_members(members: &[Member]) -> Vec<String> {
    let mut out = Vec::new();
    let defaults: Vec<&str> = members.iter().filter(|m| m.is_default).map(|m| m.folder.as_str()).collect();
    if defaults != ["functions/local", "tests/dev"] {
        out.push(format!("default-members must be functions/local and tests/dev, they are {defaults:?}"));
    }
    let runs: Vec<&str> =
        members.iter().filter(|m| m.default_run.is_some()).map(|m| m.folder.as_str()).collect();
    if runs != ["tests/dev"] {
        out.push(format!("exactly tests/dev must have default-run, but {runs:?} have it"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_without_the_lints_is_found() {
        let workspace =
            File::new("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n[profile.dev]\n");
        let good = File::new("a/Cargo.toml", "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n");
        let bad =
            File::new("b/Cargo.toml", "[package]\nname = \"b\"\n[lints]\n[dependencies]\nworkspace = true\n");
        assert!(lints(&workspace, std::slice::from_ref(&good)).is_empty());
        assert_eq!(lints(&workspace, &[good, bad]).len(), 1);
        let weak = File::new("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"warn\"\n");
        assert_eq!(lints(&weak, &[]).len(), 1);
    }

    #[test]
    fn a_dependency_from_elsewhere_is_found() {
        let ours = "[[package]]\nname = \"connector-domain\"\nversion = \"0.1.0\"\n\n";
        let good = format!("[[package]]\nname = \"a\"\nsource = \"{CRATES_IO}\"\nchecksum = \"0\"\n\n");
        assert!(sources(&format!("{ours}{good}")).is_empty());
        assert_eq!(sources("[[package]]\nname = \"a\"\nsource = \"git+https://host/a\"\n").len(), 1);
        assert_eq!(sources(&good.replace("checksum", "dependencies")).len(), 1);
    }

    #[test]
    fn another_default_is_found() {
        let member = |folder: &str, is_default, run: Option<&str>| Member {
            folder: folder.into(),
            is_default,
            default_run: run.map(str::to_owned),
        };
        let local = member("functions/local", true, None);
        let dev = member("tests/dev", true, Some("connector-dev"));
        assert!(default_members(&[local.clone(), dev.clone()]).is_empty());
        assert_eq!(default_members(&[local.clone(), dev.clone(), member("xtask", true, Some("x"))]).len(), 2);
        assert_eq!(default_members(&[local, member("tests/dev", true, None)]).len(), 1);
    }
}
