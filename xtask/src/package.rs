//! Lambda packages: one folder per function under `target/lambda`, with a `bootstrap` and the configuration file.

use crate::run::{cargo, root, run};
use anyhow::{Context, Result, bail};
use std::fs;

/// The functions; the same names as in `functions/` and `template.yaml`.
pub(crate) const FUNCTIONS: [&str; 4] = ["webhook-intake", "sync-worker", "crm-card", "reconcile"];

/// Builds and lays out the packages.
pub(crate) fn build(arch: &str, debug: bool) -> Result<()> {
    build_in(arch, debug, "lambda")
}

/// As [`build`], into another folder below `target`.
pub(crate) fn build_in(arch: &str, debug: bool, folder: &str) -> Result<()> {
    let target = match arch {
        "host" => None,
        "arm64" => Some("aarch64-unknown-linux-gnu"),
        "x86_64" => Some("x86_64-unknown-linux-gnu"),
        other => bail!("unknown architecture {other}: use arm64, x86_64 or host"),
    };
    let mut build = cargo();
    build.arg("build");
    if !debug {
        build.arg("--release");
    }
    if debug {
        // The same set of features as the other test steps, so that nothing is compiled twice.
        build.args(["--workspace", "--all-features"]);
    } else {
        for name in FUNCTIONS {
            build.args(["-p", name]);
        }
    }
    if let Some(target) = target {
        build.args(["--target", target]);
    }
    run(&mut build).context(
        "the functions could not be built; for another architecture install its Rust target (rustup target add) \
         and a linker for it",
    )?;
    let mut built = root().join("target");
    if let Some(target) = target {
        built = built.join(target);
    }
    built = built.join(if debug { "debug" } else { "release" });
    for name in FUNCTIONS {
        let package = root().join("target").join(folder).join(name);
        fs::create_dir_all(&package)?;
        fs::copy(built.join(name), package.join("bootstrap"))
            .with_context(|| format!("{name} was not built"))?;
        let config = root().join("connector.toml");
        let text = if config.exists() {
            fs::read_to_string(config)?
        } else {
            "# all settings come from the environment\n".to_owned()
        };
        fs::write(package.join("connector.toml"), text)?;
    }
    Ok(())
}
