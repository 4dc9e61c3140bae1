//! Every problem code has its page, every page its code, and the index lists all.

use crate::files::File;

/// A code as the registry in `problem.rs` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// For example `HZ0101`.
    pub code: String,
    /// For example `data`.
    pub class: String,
    /// What is wrong, in one sentence.
    pub title: String,
}

/// The sections that each page has, in this order.
const SECTIONS: [&str; 6] = [
    "## What it means",
    "## When it appears",
    "## What you see",
    "## What to do",
    "## What the connector does meanwhile",
    "## Not to be confused with",
];

/// Reads the registry: lines such as `CompanyName = "HZ0101", Data, "The company …",`.
pub fn parse(problem_rs: &str) -> Vec<Code> {
    problem_rs
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().split_once(" = \"HZ")?;
            let (digits, rest) = rest.split_once("\", ")?;
            let (class, rest) = rest.split_once(", \"")?;
            let title = rest.strip_suffix("\",").or_else(|| rest.strip_suffix('"'))?;
            let plain = |text: &str| text.chars().all(char::is_alphanumeric);
            (plain(name) && plain(digits) && plain(class)).then(|| Code {
                code: format!("HZ{digits}"),
                class: class.to_lowercase(),
                title: title.replace("\\\"", "\""),
            })
        })
        .collect()
}

/// Complaints about pages of `docs/problems`.
pub fn pages(codes: &[Code], files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for Code { code, class, title } in codes {
        let path = format!("docs/problems/{code}.md");
        let Some(page) = files.iter().find(|file| file.path == path) else {
            out.push(format!("{path} is missing: operators look a code up there"));
            continue;
        };
        let heading = format!("# {code} {title}");
        if page.text.lines().next() != Some(heading.as_str()) {
            out.push(format!("{path}: the first line must be `{heading}`, as problem.rs has it"));
        }
        if !page.text.contains(&format!("Class: `{class}`")) {
            out.push(format!("{path}: must say Class: `{class}`"));
        }
        let sections: Vec<&str> = page.text.lines().filter(|line| line.starts_with("## ")).collect();
        if sections != SECTIONS {
            out.push(format!("{path}: the sections must be {SECTIONS:?}"));
        }
    }
    for file in files {
        let Some(name) = file.path.strip_prefix("docs/problems/").and_then(|n| n.strip_suffix(".md")) else {
            continue;
        };
        if name != "README" && !codes.iter().any(|code| code.code == name) {
            out.push(format!("{}: no such code in shared/domain/src/problem.rs", file.path));
        }
    }
    out
}

/// Complaints about the index: each code once, below its class, with its title.
pub fn index(codes: &[Code], index: &str) -> Vec<String> {
    let mut class = "";
    let mut listed: Vec<(&str, String)> = Vec::new();
    for line in index.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            class = heading.trim_matches('`');
        }
        if line.starts_with("| [HZ") {
            listed.push((class, line.to_owned()));
        }
    }
    let mut out = Vec::new();
    for Code { code, class, title } in codes {
        let row = format!("| [{code}]({code}.md) | {title} |");
        if listed.iter().filter(|(below, line)| below == class && *line == row).count() != 1 {
            out.push(format!("docs/problems/README.md: needs `{row}` once, below `{class}`"));
        }
    }
    if listed.len() > codes.len() {
        out.push(format!("docs/problems/README.md: {} rows for {} codes", listed.len(), codes.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "problem_codes! {\n    CompanyName = \"HZ0101\", Data, \"The company has no name.\",\n        \"Give it one.\";\n    /// Doc.\n    Internal = \"HZ0901\", Internal, \"The \\\"connector\\\" itself.\",\n        \"Report it.\";\n}\n#[test] fn f() { assert!(x == \"HZ0101\"); }\n";

    fn page(code: &str, class: &str, title: &str) -> File {
        let text = format!("# {code} {title}\n\nClass: `{class}`.\n\n{}\n", SECTIONS.join("\n\ntext\n\n"));
        File::new(&format!("docs/problems/{code}.md"), &text)
    }

    fn good() -> Vec<File> {
        vec![
            page("HZ0101", "data", "The company has no name."),
            page("HZ0901", "internal", "The \"connector\" itself."),
        ]
    }

    #[test]
    fn the_registry_is_read() {
        let codes = parse(REGISTRY);
        assert_eq!(codes.len(), 2);
        assert_eq!(codes[1].title, "The \"connector\" itself.");
    }

    #[test]
    fn missing_stale_and_orphaned_pages_are_found() {
        let codes = parse(REGISTRY);
        assert!(pages(&codes, &good()).is_empty());
        assert_eq!(pages(&codes, &good()[..1]).len(), 1);
        let mut orphan = good();
        orphan.push(page("HZ0999", "data", "Gone."));
        assert_eq!(pages(&codes, &orphan).len(), 1);
        for (was, is) in [("no name", "a name"), ("`data`", "`zuora`"), ("## What to do", "## Do")] {
            let mut stale = good();
            stale[0].text = stale[0].text.replacen(was, is, 1);
            assert_eq!(pages(&codes, &stale).len(), 1, "{was}");
        }
    }

    #[test]
    fn gaps_of_the_index_are_found() {
        let codes = parse(REGISTRY);
        let index_text = "## `data`\n\n| [HZ0101](HZ0101.md) | The company has no name. |\n\n## `internal`\n\n| [HZ0901](HZ0901.md) | The \"connector\" itself. |\n";
        assert!(index(&codes, index_text).is_empty());
        assert_eq!(index(&codes, &index_text.replace("## `internal`", "")).len(), 1);
        assert_eq!(index(&codes, &index_text.replace("no name", "a name")).len(), 1);
        assert_eq!(index(&codes, &format!("{index_text}| [HZ0999](HZ0999.md) | Gone. |\n")).len(), 1);
    }
}
