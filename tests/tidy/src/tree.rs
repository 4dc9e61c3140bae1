//! What a binary really links: `cargo tree` knows features and platform, the lock file does not.

use crate::files::root;
use anyhow::{Context as _, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// A package of a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Linked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A second TLS or cryptography stack: larger packages, two sets of roots, two places for advisories.
const OTHER_STACKS: [(&str, &str); 9] = [
    ("ring", "rustls uses aws-lc-rs here"),
    ("openssl", "TLS is rustls"),
    ("openssl-sys", "TLS is rustls, and nothing is linked from the system"),
    ("native-tls", "TLS is rustls"),
    ("schannel", "TLS is rustls"),
    ("boring", "TLS is rustls"),
    ("boring-sys", "TLS is rustls"),
    ("rustls-openssl", "rustls uses aws-lc-rs here"),
    ("rustls-graviola", "rustls uses aws-lc-rs here"),
];

/// Of these there is one major version at most.
const ONCE: [&str; 9] = [
    "hyper",
    "hyper-util",
    "hyper-rustls",
    "rustls",
    "tokio-rustls",
    "rustls-webpki",
    "h2",
    "http",
    "aws-lc-rs",
];

/// Asks cargo for the packages that a package of the workspace links on this platform, itself included.
pub fn of(package: &str, features: &[&str], edges: &str) -> Result<BTreeSet<Linked>> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["tree", "--locked", "--prefix", "none", "--format", "{p}"]);
    command.args(["--package", package, "--edges", edges]);
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    let output = command.output().context("cargo tree does not start")?;
    ensure!(
        output.status.success(),
        "cargo tree of {package} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let linked = parse(&String::from_utf8_lossy(&output.stdout));
    ensure!(linked.iter().any(|l| l.name == package), "cargo tree does not list {package} itself");
    Ok(linked)
}

/// Reads lines such as `rustls v0.23.46` or `connector-app v0.1.0 (…) (*)`.
pub fn parse(output: &str) -> BTreeSet<Linked> {
    output
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
            Some(Linked { name: name.to_owned(), version: version.to_owned() })
        })
        .collect()
}

/// The part of a version that says what is compatible: `1` of 1.12.0, `0.23` of 0.23.46.
fn major(version: &str) -> String {
    let mut parts = version.split('.');
    match (parts.next(), parts.next()) {
        (Some("0"), Some(minor)) => format!("0.{minor}"),
        (Some(major), _) => major.to_owned(),
        (None, _) => String::new(),
    }
}

/// Complaints about a second TLS stack, or a second major version of its parts.
pub fn second_stacks(binary: &str, linked: &BTreeSet<Linked>) -> Vec<String> {
    let mut out = Vec::new();
    for (name, why) in OTHER_STACKS {
        if linked.iter().any(|l| l.name == name) {
            out.push(format!(
                "{binary} links {name}: {why}; `cargo tree -p {binary} -i {name}` says who brings it"
            ));
        }
    }
    let mut majors: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for l in linked.iter().filter(|l| ONCE.contains(&l.name.as_str())) {
        majors.entry(&l.name).or_default().insert(major(&l.version));
    }
    for (name, versions) in majors.into_iter().filter(|(_, versions)| versions.len() > 1) {
        out.push(format!("{binary} links {name} in versions {versions:?}; one is enough"));
    }
    out
}

/// Complaints about packages whose name begins so.
pub fn without(binary: &str, linked: &BTreeSet<Linked>, prefix: &str, why: &str) -> Vec<String> {
    linked
        .iter()
        .filter(|l| l.name.starts_with(prefix))
        .map(|l| format!("{binary} needs {}: {why}", l.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(lines: &[&str]) -> BTreeSet<Linked> {
        parse(&lines.join("\n"))
    }

    #[test]
    fn lines_of_cargo_tree_are_read() {
        let read =
            tree(&["connector-app v0.1.0 (somewhere) (*)", "rustls v0.23.46", "", "[build-dependencies]"]);
        assert_eq!(read.len(), 2);
        assert!(read.contains(&Linked { name: "rustls".into(), version: "0.23.46".into() }));
    }

    #[test]
    fn a_second_stack_is_found() {
        assert_eq!(second_stacks("x", &tree(&["rustls v0.23.46", "ring v0.17.14"])).len(), 1);
        assert_eq!(second_stacks("x", &tree(&["openssl-sys v0.9.1", "native-tls v0.2.0"])).len(), 2);
        assert_eq!(second_stacks("x", &tree(&["hyper v0.14.1", "hyper v1.12.0"])).len(), 1);
        assert_eq!(second_stacks("x", &tree(&["rustls v0.21.0", "rustls v0.23.46"])).len(), 1);
        assert!(
            second_stacks("x", &tree(&["rustls v0.23.1", "rustls v0.23.46", "hyper v1.12.0"])).is_empty()
        );
    }

    #[test]
    fn an_unwanted_family_is_found() {
        let linked = tree(&["aws-sdk-sqs v1.119.0", "aws-lc-rs v1.19.0"]);
        assert_eq!(without("x", &linked, "aws-sdk-", "because").len(), 1);
    }
}
