//! Rules about Rust source files (`style.md` 3: habits 21, 24 and 34).

use crate::files::File;

/// Longer files are split: a reader should hold one in the head.
const LONGEST: usize = 600;

/// Each file begins with `//!`: what it is, its terms, what is not here. Only inner attributes may stand before.
pub fn without_module_text(files: &[File]) -> Vec<String> {
    let begins = |file: &&File| !after_inner_attributes(&file.text).starts_with("//!");
    files
        .iter()
        .filter(|file| file.is_rust())
        .filter(begins)
        .map(|file| format!("{}: begin it with `//!` and a sentence on what it is", file.path))
        .collect()
}

/// Skips `#![…]` and blank lines.
fn after_inner_attributes(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(inside) = rest.strip_prefix("#![") {
        let Some(length) = closing(inside) else { return rest };
        rest = inside.get(length..).unwrap_or_default().trim_start();
    }
    rest
}

/// Where the attribute ends whose opening bracket was just read: behind its closing bracket.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// No file of the product is longer than 600 lines.
pub fn too_long(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.is_rust() && file.is_in(&["shared", "functions"]))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines; split it, {LONGEST} is the limit", file.path))
        .collect()
}

/// A lint is silenced with `expect` and a reason, never with `allow`: an `expect` that is not needed any more
/// is a warning, an `allow` stays for ever.
pub fn allows(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.is_rust() && file.is_in(&["shared", "functions"]))
        .flat_map(|file| {
            attributes(&file.text)
                .into_iter()
                .filter(|(_, attribute)| has_call(attribute, "allow"))
                .map(|(line, _)| format!("{}:{line}: use `expect(…, reason = \"…\")`", file.path))
        })
        .collect()
}

/// An `expect` of a lint says why.
pub fn expects_without_reason(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.is_rust())
        .flat_map(|file| {
            attributes(&file.text)
                .into_iter()
                .filter(|(_, a)| has_call(a, "expect") && !a.contains("reason"))
                .map(|(line, _)| format!("{}:{line}: say why, with `reason = \"…\"`", file.path))
        })
        .collect()
}

/// All attributes with the line on which they begin; text in comments is left out.
fn attributes(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut offset = 0;
    for (number, line) in text.lines().enumerate() {
        let start = line.trim_start();
        for opening in ["#[", "#!["] {
            if start.starts_with(opening) {
                let at = offset + (line.len() - start.len()) + opening.len();
                let rest = text.get(at..).unwrap_or_default();
                let length = closing(rest).unwrap_or(rest.len());
                found.push((number + 1, rest.get(..length).unwrap_or_default().to_owned()));
            }
        }
        offset += line.len() + 1;
    }
    found
}

/// Whether the text calls `name(`, as a word of its own.
fn has_call(text: &str, name: &str) -> bool {
    let call = format!("{name}(");
    text.match_indices(&call).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// A file that may read the environment of the process, and why.
#[derive(Debug, Clone, Copy)]
pub struct MayRead {
    /// Its path.
    pub path: &'static str,
    /// Why it is no business of the connector's configuration.
    pub reason: &'static str,
}

/// The environment is read in one place, so that there is one list of what can be set. A permission that nobody
/// uses is a complaint as well.
pub fn environment_readers(files: &[File], permitted: &[MayRead]) -> Vec<String> {
    let reads = |file: &File| file.text.lines().position(reads_environment).map(|at| at + 1);
    let mut out: Vec<String> = files
        .iter()
        .filter(|file| file.is_rust() && !permitted.iter().any(|may| may.path == file.path))
        .filter_map(|file| reads(file).map(|line| (file, line)))
        .map(|(file, line)| {
            format!(
                "{}:{line}: read the environment in shared/app/src/env_vars.rs only and pass it on",
                file.path
            )
        })
        .collect();
    for may in permitted {
        if !files.iter().any(|file| file.path == may.path && reads(file).is_some()) {
            out.push(format!(
                "{}: does not read the environment; take it off the list ({})",
                may.path, may.reason
            ));
        }
    }
    out
}

fn reads_environment(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    // `env::var`, `env::var_os`, `env::vars`, `env::vars_os`, and clap's own way.
    let by_std = ["env::", "var"].concat();
    let by_clap = code.trim_start().starts_with("#[") && (code.contains(" env = ") || code.contains("(env"));
    code.contains(&by_std) || by_clap
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Vec<File> {
        vec![File::new("shared/domain/src/a.rs", text)]
    }

    #[test]
    fn a_file_without_module_text_is_found() {
        assert_eq!(without_module_text(&file("use a;\n")).len(), 1);
        assert_eq!(without_module_text(&file("// no\n//! yes\n")).len(), 1);
        assert_eq!(without_module_text(&file("#![expect(a[0], reason = \"]\")]\nuse a;")).len(), 1);
        assert!(without_module_text(&file("//! What it is.\n")).is_empty());
        assert!(
            without_module_text(&file("#![expect(\n  a,\n  reason = \"b\"\n)]\n\n//! What it is.\n"))
                .is_empty()
        );
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(too_long(&file(&"x\n".repeat(601))).len(), 1);
        assert!(too_long(&file(&"x\n".repeat(600))).is_empty());
    }

    #[test]
    fn allow_attributes_are_found_wherever_they_hide() {
        for text in [
            "#[allow(dead_code)]\n",
            "#![allow(clippy::all)]\n",
            "    #[cfg_attr(\n        test,\n        allow(dead_code)\n    )]\n",
        ] {
            assert_eq!(allows(&file(text)).len(), 1, "{text}");
        }
        for text in
            ["#[expect(dead_code, reason = \"x\")]\n", "// #[allow(x)]\n", "disallow(x);\n#[disallow(x)]\n"]
        {
            assert!(allows(&file(text)).is_empty(), "{text}");
        }
        assert!(allows(&[File::new("tests/a.rs", "#[allow(x)]\n")]).is_empty());
    }

    #[test]
    fn an_expect_without_reason_is_found() {
        assert_eq!(expects_without_reason(&file("#[expect(dead_code)]\n")).len(), 1);
        assert!(expects_without_reason(&file("#[expect(\n  dead_code,\n  reason = \"x\"\n)]\n")).is_empty());
    }

    #[test]
    fn readers_of_the_environment_are_found() {
        let read = ["let a = std::env::", "var(\"A\");\n"].concat();
        let by_clap = "#[arg(long, env = \"A\")]\n".to_owned();
        for text in [read.clone(), by_clap] {
            assert_eq!(environment_readers(&file(&text), &[]).len(), 1, "{text}");
        }
        assert!(
            environment_readers(&file("let a = env!(\"CARGO\"); // env at build time\n"), &[]).is_empty()
        );
        let may = [MayRead { path: "shared/domain/src/a.rs", reason: "test" }];
        assert!(environment_readers(&file(&read), &may).is_empty());
        assert_eq!(environment_readers(&file("//! nothing\n"), &may).len(), 1);
    }
}
