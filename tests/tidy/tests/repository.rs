//! The rules, applied to this repository.
#![expect(clippy::unwrap_used, reason = "a rule that cannot read its input has to stop the test")]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use connector_tidy::files::{self, File};
use connector_tidy::layers::{self, Edge, Kind, Package};
use connector_tidy::manifests::{self, Member};
use connector_tidy::rust::{self, MayRead};
use connector_tidy::{kinds, licences, problems, text, tree};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The packages of the product's binaries, with the features that reach everything they can be.
const PRODUCT: [(&str, &[&str]); 5] = [
    ("connector-local", &[]),
    ("webhook-intake", &[]),
    ("sync-worker", &[]),
    ("crm-card", &[]),
    ("reconcile", &[]),
];

/// Who reads the environment besides the connector's one place.
const READERS: &[MayRead] = &[
    MayRead { path: "shared/app/src/env_vars.rs", reason: "the one place" },
    MayRead { path: "functions/local/src/cli/mod.rs", reason: "options that say where the configuration is" },
    MayRead { path: "shared/aws/tests/it/endpoints.rs", reason: "tests find the emulator's address there" },
    MayRead { path: "tests/it/tests/properties/main.rs", reason: "a seed is given to find a failure again" },
    MayRead { path: "tests/it/tests/stories/world.rs", reason: "stories find the emulator's address there" },
    MayRead {
        path: "tests/sim-hubspot/src/calls.rs",
        reason: "a simulator shares no code with the connector",
    },
    MayRead { path: "tests/sim-zuora/src/lib.rs", reason: "a simulator shares no code with the connector" },
    MayRead { path: "xtask/src/run.rs", reason: "cargo names itself to the programs that it runs" },
];

#[track_caller]
fn none(rule: &str, complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{rule}\n  {}\n", complaints.join("\n  "));
}

fn all() -> Vec<File> {
    files::all().unwrap()
}

/// The workspace alone, without asking for any dependency.
fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.current_dir(files::root()).no_deps();
    command.exec().unwrap()
}

fn folder(manifest: &str) -> String {
    let root = files::root();
    let path = std::path::Path::new(manifest);
    let folder = path.parent().and_then(|folder| folder.strip_prefix(&root).ok());
    folder.map(|folder| folder.to_string_lossy().replace('\\', "/")).unwrap_or_default()
}

#[test]
fn dependencies_point_down() {
    let workspace = workspace();
    let packages: Vec<Package> = workspace
        .workspace_packages()
        .iter()
        .map(|package| Package {
            folder: folder(package.manifest_path.as_str()),
            edges: package
                .dependencies
                .iter()
                .filter_map(|dependency| {
                    let manifest = dependency.path.as_ref()?.join("Cargo.toml");
                    let kind = match dependency.kind {
                        DependencyKind::Development => Kind::Dev,
                        DependencyKind::Build => Kind::Build,
                        _ => Kind::Normal,
                    };
                    Some(Edge { to: folder(manifest.as_str()), kind, optional: dependency.optional })
                })
                .collect(),
        })
        .collect();
    assert!(packages.iter().any(|p| p.folder == "shared/engine" && !p.edges.is_empty()), "{packages:?}");
    none("Dependencies point down (ARCHITECTURE.md, style 2.4).", layers::check(&packages));
}

#[test]
fn the_first_build_needs_no_aws_sdk() {
    for package in ["connector-dev", "connector-local"] {
        let linked = tree::of(package, &[], "normal,build").unwrap();
        let why = "a newcomer's first `cargo run` would compile the AWS SDK (D-36)";
        for prefix in ["aws-sdk-", "aws-config", "aws-smithy-", "lambda_runtime", "connector-aws"] {
            none("The demo is quick to build.", tree::without(package, &linked, prefix, why));
        }
    }
}

#[test]
fn every_kind_has_its_files_queue_and_worker() {
    let kinds = kinds::parse(&files::read("shared/domain/src/object.rs"));
    assert!(kinds.len() >= 5, "ObjectKind::as_str was not understood: {kinds:?}");
    let paths: BTreeSet<String> = all().into_iter().map(|file| file.path).collect();
    let mut complaints = kinds::files(&kinds, &paths);
    complaints.extend(kinds::template(&kinds, &File::new("template.yaml", &files::read("template.yaml"))));
    none("Every ObjectKind is complete (docs/adding-an-object.md).", complaints);
}

#[test]
fn every_problem_code_has_its_page() {
    let registry = files::read("shared/domain/src/problem.rs");
    let codes = problems::parse(&registry);
    let named = registry.matches(" = \"HZ").count();
    assert!(codes.len() >= 50 && codes.len() == named, "{} of {named} codes were understood", codes.len());
    let mut complaints = problems::pages(&codes, &all());
    complaints.extend(problems::index(&codes, &files::read("docs/problems/README.md")));
    none("Every problem code has a page in docs/problems.", complaints);
}

#[test]
fn there_is_one_tls_stack() {
    let mut complaints = Vec::new();
    let mut report = String::from("packages linked, by binary (proc macros left out):\n");
    for (package, features) in PRODUCT {
        let linked = tree::of(package, features, "normal,no-proc-macro").unwrap();
        let name = if features.is_empty() {
            package.to_owned()
        } else {
            format!("{package} +{}", features.join("+"))
        };
        writeln!(report, "  {name:24} {}", linked.len()).unwrap();
        let has_tls =
            linked.iter().any(|l| l.name == "rustls") && linked.iter().any(|l| l.name == "aws-lc-rs");
        assert!(has_tls, "{name} links no rustls with aws-lc-rs: is the list of binaries still right?");
        complaints.extend(tree::second_stacks(package, &linked));
    }
    // Shown with `cargo test -p connector-tidy -- --nocapture`.
    println!("{report}");
    none("The product has one TLS stack: rustls with aws-lc-rs.", complaints);
}

#[test]
fn dependencies_come_from_crates_io() {
    let lock = files::read("Cargo.lock");
    assert!(lock.matches("[[package]]").count() > 100, "Cargo.lock was not read");
    none("Dependencies come from crates.io, with checksums.", manifests::sources(&lock));
}

#[test]
fn licences_are_on_the_list() {
    let host = host();
    let mut command = MetadataCommand::new();
    command.current_dir(files::root());
    // What this machine builds is what it has downloaded; cargo deny looks at the other platforms.
    command.other_options(["--locked".to_owned(), "--filter-platform".to_owned(), host]);
    let metadata = command.exec().unwrap();
    assert!(metadata.packages.len() > 100, "only {} packages", metadata.packages.len());
    let complaints = metadata
        .packages
        .iter()
        .filter_map(|package| {
            licences::check(&format!("{} {}", package.name, package.version), package.license.as_deref())
        })
        .collect();
    none("Licences are on the list in tests/tidy/src/licences.rs (and in deny.toml).", complaints);
}

/// The platform of this machine, as cargo names it.
fn host() -> String {
    let output = std::process::Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn cargo_deny_accepts_the_same_licences() {
    let deny = files::read("deny.toml");
    let complaints = licences::ACCEPTED
        .iter()
        .filter(|(licence, _)| !deny.contains(&format!("\"{licence}\"")))
        .map(|(licence, _)| format!("deny.toml does not list {licence}"))
        .collect();
    none("deny.toml and tests/tidy/src/licences.rs agree.", complaints);
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let manifest = |path: &str| File::new(path, &files::read(path));
    let members: Vec<File> = workspace()
        .workspace_packages()
        .iter()
        .map(|package| manifest(&format!("{}/Cargo.toml", folder(package.manifest_path.as_str()))))
        .collect();
    assert!(members.len() >= 20, "{members:?}");
    none("The workspace's lints hold in every member.", manifests::lints(&manifest("Cargo.toml"), &members));
}

#[test]
fn cargo_run_plays_the_story() {
    let metadata = workspace();
    let defaults = metadata.workspace_default_packages();
    let mut members: Vec<Member> = metadata
        .workspace_packages()
        .iter()
        .map(|package| Member {
            folder: folder(package.manifest_path.as_str()),
            is_default: defaults.iter().any(|d| d.id == package.id),
            default_run: package.default_run.clone(),
        })
        .collect();
    members.sort_by(|a, b| a.folder.cmp(&b.folder));
    none(
        "`cargo run` starts the demo, `cargo build` builds the product.",
        manifests::default_members(&members),
    );
}

#[test]
fn every_source_file_says_what_it_is() {
    none("Each .rs file begins with `//!`.", rust::without_module_text(&all()));
}

#[test]
fn no_file_of_the_product_is_too_long() {
    none("No .rs file in shared/ and functions/ is longer than 600 lines.", rust::too_long(&all()));
}

#[test]
fn lints_are_silenced_with_a_reason() {
    let files = all();
    let mut complaints = rust::allows(&files);
    complaints.extend(rust::expects_without_reason(&files));
    none("Lints are silenced with `expect` and a reason.", complaints);
}

#[test]
fn the_environment_is_read_in_one_place() {
    none(
        "Only shared/app/src/env_vars.rs reads the environment.",
        rust::environment_readers(&all(), READERS),
    );
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    let files = all();
    let mut complaints = text::machine_paths(&files);
    complaints.extend(text::registries(&files));
    complaints.extend(text::npm_downloads(&files));
    none("No committed file names one machine's paths or downloads.", complaints);
}

#[test]
fn documents_name_files_that_exist() {
    let root = files::root();
    let documents: Vec<File> = all().into_iter().filter(|file| file.path.ends_with(".md")).collect();
    assert!(documents.iter().any(|document| document.path == "docs/adding-an-object.md"), "no checklists");
    let complaints = text::named_files(&documents, |path| root.join(path).exists());
    none("Documents name files that exist.", complaints);
}

#[test]
fn ci_runs_every_test_with_one_command() {
    let path = files::root().join(".ci/run");
    let script = std::fs::read_to_string(&path).unwrap_or_default();
    let calls = script.lines().any(|line| line.trim().starts_with("cargo xtask test"));
    assert!(calls, ".ci/run must exist and call `cargo xtask test`");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert!(mode & 0o111 != 0, ".ci/run must be executable: git update-index --chmod=+x .ci/run");
    }
}

#[test]
fn the_licence_is_apache_2() {
    let text = files::read("LICENSE");
    assert!(
        text.contains("Apache License") && text.contains("END OF TERMS AND CONDITIONS"),
        "LICENSE is not whole"
    );
    let complaints = workspace()
        .workspace_packages()
        .iter()
        .filter(|package| package.license.as_deref() != Some("Apache-2.0"))
        .map(|package| format!("{}: must say license.workspace = true", package.name))
        .collect();
    none("Every package is under Apache-2.0.", complaints);
}
