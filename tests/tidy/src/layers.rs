//! Which way dependencies point (`style.md` 2.4): the picture in `ARCHITECTURE.md`, as a table.
//!
//! A new package of `shared/` or `functions/` needs a line here; that is the moment to think about its place.

use std::collections::BTreeMap;

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Part of the program.
    Normal,
    /// Part of building it.
    Build,
    /// Part of its tests.
    Dev,
}

/// A dependency on another package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Folder of the other package.
    pub to: String,
    /// What for.
    pub kind: Kind,
    /// Only with a feature.
    pub optional: bool,
}

/// A package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its folder.
    pub folder: String,
    /// Its dependencies on other packages of the workspace.
    pub edges: Vec<Edge>,
}

/// For each package of the product, the packages that it may use.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("shared/domain", &[]),
    ("shared/ports", &["shared/domain"]),
    ("shared/http", &[]),
    ("shared/engine", &["shared/ports", "shared/domain"]),
    ("shared/hubspot", &["shared/ports", "shared/domain", "shared/http"]),
    ("shared/zuora", &["shared/ports", "shared/domain", "shared/http"]),
    ("shared/aws", &["shared/ports", "shared/domain"]),
    (
        "shared/app",
        &["shared/engine", "shared/hubspot", "shared/zuora", "shared/http", "shared/ports", "shared/domain"],
    ),
    (
        "shared/lambda",
        &[
            "shared/app",
            "shared/engine",
            "shared/aws",
            "shared/hubspot",
            "shared/zuora",
            "shared/ports",
            "shared/domain",
        ],
    ),
    ("functions/webhook-intake", &["shared/lambda"]),
    ("functions/sync-worker", &["shared/lambda"]),
    ("functions/crm-card", &["shared/lambda"]),
    ("functions/reconcile", &["shared/lambda"]),
    (
        "functions/local",
        &["shared/app", "shared/engine", "shared/hubspot", "shared/zuora", "shared/ports", "shared/domain"],
    ),
];

/// What may be used with a feature only: local mode reaches a deployed stack that way (D-36).
const MAY_USE_OPTIONALLY: [(&str, &str); 1] = [("functions/local", "shared/aws")];

/// Complaints about dependencies that point the wrong way.
pub fn check(packages: &[Package]) -> Vec<String> {
    let table: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut out = Vec::new();
    for Package { folder, edges } in packages {
        for Edge { to, kind, optional } in edges {
            if is_product(folder) && *kind != Kind::Dev {
                if to.starts_with("tests/") || to == "xtask" {
                    out.push(format!("{folder} depends on {to}: the product knows no test equipment"));
                    continue;
                }
                let with_feature = MAY_USE_OPTIONALLY.iter().any(|(from, may)| from == folder && may == to);
                match table.get(folder.as_str()) {
                    None => {}
                    Some(may) if may.contains(&to.as_str()) || (with_feature && *optional) => {}
                    Some(_) if with_feature => {
                        out.push(format!(
                            "{folder} may depend on {to} behind a feature only (optional = true)"
                        ));
                    }
                    Some(_) => {
                        out.push(format!(
                            "{folder} must not depend on {to}: dependencies point down, see MAY_USE"
                        ));
                    }
                }
            }
            // A shared mistake in a wire shape would otherwise be misspelt on both sides and pass.
            if folder.starts_with("tests/sim-") {
                out.push(format!("{folder} depends on {to}: a simulator shares no code with what it tests"));
            }
            if folder == "tests/tidy" {
                out.push(format!("{folder} depends on {to}: these rules must run while code is broken"));
            }
        }
        if is_product(folder) && !table.contains_key(folder.as_str()) {
            out.push(format!("{folder} is new: say in tests/tidy/src/layers.rs what it may depend on"));
        }
    }
    out
}

fn is_product(folder: &str) -> bool {
    folder.starts_with("shared/") || folder.starts_with("functions/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(folder: &str, to: &str, kind: Kind, optional: bool) -> usize {
        check(&[Package { folder: folder.into(), edges: vec![Edge { to: to.into(), kind, optional }] }]).len()
    }

    #[test]
    fn a_dependency_that_points_up_is_found() {
        for (folder, to) in [
            ("shared/domain", "shared/ports"),
            ("shared/ports", "shared/engine"),
            ("shared/http", "shared/domain"),
            ("shared/engine", "shared/hubspot"),
            ("shared/hubspot", "shared/zuora"),
            ("shared/zuora", "shared/engine"),
            ("shared/aws", "shared/http"),
            ("shared/app", "shared/aws"),
            ("functions/sync-worker", "shared/aws"),
            ("functions/local", "shared/lambda"),
        ] {
            assert_eq!(complaints(folder, to, Kind::Normal, false), 1, "{folder} to {to}");
            assert_eq!(complaints(folder, to, Kind::Build, true), 1, "{folder} to {to}");
        }
        assert_eq!(complaints("shared/engine", "shared/ports", Kind::Normal, false), 0);
    }

    #[test]
    fn test_equipment_stays_out_of_the_product() {
        assert_eq!(complaints("shared/app", "tests/sim-zuora", Kind::Normal, false), 1);
        assert_eq!(complaints("functions/local", "tests/dev", Kind::Build, false), 1);
        assert_eq!(complaints("functions/local", "tests/sim-zuora", Kind::Dev, false), 0);
        assert_eq!(complaints("tests/dev", "tests/sim-zuora", Kind::Normal, false), 0);
    }

    #[test]
    fn simulators_and_tidy_stand_alone() {
        assert_eq!(complaints("tests/sim-hubspot", "shared/domain", Kind::Dev, false), 1);
        assert_eq!(complaints("tests/tidy", "shared/domain", Kind::Normal, false), 1);
    }

    #[test]
    fn local_mode_reaches_aws_behind_a_feature_only() {
        assert_eq!(complaints("functions/local", "shared/aws", Kind::Normal, true), 0);
        assert_eq!(complaints("functions/local", "shared/aws", Kind::Normal, false), 1);
    }

    #[test]
    fn a_new_package_must_be_placed() {
        assert_eq!(check(&[Package { folder: "shared/new".into(), edges: Vec::new() }]).len(), 1);
    }
}
