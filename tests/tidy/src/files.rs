//! The files of the repository: what git knows or would add; without git, what lies in the folders.

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that hold what tools make, for the walk without git.
const MADE_BY_TOOLS: [&str; 9] = [
    ".git",
    "target",
    "node_modules",
    ".venv",
    "__pycache__",
    ".ruff_cache",
    ".pytest_cache",
    ".mypy_cache",
    "data",
];

/// One file: its path from the top of the repository, with `/`, and its text (bytes that are no UTF-8 replaced).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// For example `shared/domain/src/lib.rs`.
    pub path: String,
    /// The content.
    pub text: String,
}

impl File {
    /// A file for the tests of a rule.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether it lies in one of these folders.
    pub fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| {
            self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || folder.ends_with('/'))
        })
    }

    /// Whether it is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// All files of the repository, in order of path.
pub fn all() -> Result<Vec<File>> {
    let root = root();
    let mut paths = match listed_by_git(&root) {
        Ok(paths) => paths,
        // A copy without history is held to the same rules.
        Err(_) => walked(&root)?,
    };
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        let full = root.join(&path);
        if !full.is_file() {
            continue;
        }
        let bytes = std::fs::read(&full).with_context(|| format!("cannot read {path}"))?;
        files.push(File { path, text: String::from_utf8_lossy(&bytes).into_owned() });
    }
    ensure!(files.len() > 50, "only {} files were found below {}", files.len(), root.display());
    Ok(files)
}

/// The text of one file; empty when there is none.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// The file with this path; an empty one when there is none, so that a rule complains instead of stopping.
pub fn find(files: &[File], path: &str) -> File {
    files.iter().find(|file| file.path == path).cloned().unwrap_or_else(|| File::new(path, ""))
}

fn listed_by_git(root: &Path) -> Result<Vec<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()?;
    ensure!(listed.status.success(), "git does not know this folder");
    let text = String::from_utf8(listed.stdout)?;
    let paths: Vec<String> = text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    ensure!(!paths.is_empty(), "git knows no files here");
    Ok(paths)
}

fn walked(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                if !MADE_BY_TOOLS.contains(&name.as_str()) {
                    folders.push(entry.path());
                }
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                paths.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_not_its_namesake() {
        let file = File::new("shared/app/src/lib.rs", "");
        assert!(file.is_in(&["shared"]));
        assert!(file.is_in(&["functions", "shared/app"]));
        assert!(!file.is_in(&["share", "shared/ap"]));
    }

    #[test]
    fn a_copy_without_git_is_walked() {
        let paths = walked(&root().join("tests/tidy")).unwrap();
        assert!(paths.contains(&"src/files.rs".to_owned()), "{paths:?}");
    }
}
