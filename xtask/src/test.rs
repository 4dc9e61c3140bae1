//! `cargo xtask test`: every check that the repository has, in an order that finds cheap faults first.

use crate::package;
use crate::run::{cargo, command, exists, output, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

enum Outcome {
    Passed,
    Skipped(String),
}

struct Step {
    name: &'static str,
    run: fn(&mut World) -> Result<Outcome>,
}

/// What earlier steps leave for later ones.
#[derive(Default)]
struct World {
    dynamodb: Option<Helper>,
    ministack: Option<Helper>,
}

/// A helper process that prints one JSON line when it is ready and ends when its input closes.
struct Helper {
    child: Child,
    ready: serde_json::Value,
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if self.child.wait().is_err() {
            println!("a helper process did not end by itself");
        }
    }
}

const STEPS: [Step; 12] = [
    Step { name: "format", run: format },
    Step { name: "install: python", run: install_python },
    Step { name: "install: dynamodb local", run: install_npm },
    Step { name: "hubspot app", run: hubspot_app },
    Step { name: "clippy", run: clippy },
    Step { name: "dependencies", run: dependencies },
    Step { name: "build", run: build },
    Step { name: "rust tests", run: rust_tests },
    Step { name: "stories on DynamoDB and SQS", run: aws_stories },
    Step { name: "documentation", run: rust_doc },
    Step { name: "contracts with the vendors", run: contracts },
    Step { name: "template and emulated AWS", run: aws_tests },
];

/// Runs all steps; false when one failed.
pub(crate) fn run_all(only: Option<&str>) -> Result<bool> {
    let mut world = World::default();
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), Vec::new());
    for step in STEPS.iter().filter(|s| only.is_none_or(|text| s.name.contains(text))) {
        println!("\n==== {} ====", step.name);
        let began = Instant::now();
        let outcome = (step.run)(&mut world);
        let seconds = began.elapsed().as_secs();
        match outcome {
            Ok(Outcome::Passed) => {
                passed += 1;
                println!("==== {}: passed in {seconds} s", step.name);
            }
            Ok(Outcome::Skipped(why)) => {
                println!("==== {}: skipped: {why}", step.name);
                skipped.push(format!("{}: {why}", step.name));
            }
            Err(error) => {
                println!("==== {}: FAILED after {seconds} s: {error:#}", step.name);
                failed.push(step.name);
            }
        }
    }
    for why in &skipped {
        println!("skipped: {why}");
    }
    for name in &failed {
        println!("failed: {name}");
    }
    println!("steps: {passed} passed, {} failed, {} skipped", failed.len(), skipped.len());
    Ok(failed.is_empty())
}

fn venv() -> PathBuf {
    root().join("target/venv")
}

fn python() -> Command {
    let mut python = command(venv().join("bin/python"));
    python.env("VIRTUAL_ENV", venv());
    python
}

fn records() -> PathBuf {
    root().join("target/recordings")
}

fn format(_: &mut World) -> Result<Outcome> {
    run(cargo().args(["fmt", "--all", "--check"])).context("run cargo fmt --all")?;
    Ok(Outcome::Passed)
}

fn install_python(_: &mut World) -> Result<Outcome> {
    if !exists("python3", "--version") {
        bail!("python3 is missing; on Debian: apt-get install python3 python3-venv");
    }
    if !venv().join("bin/python").exists() {
        run(command("python3").arg("-m").arg("venv").arg(venv()))?;
    }
    let mut pip = python();
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["-r", "tests/contracts/requirements.txt", "-r", "tests/aws/requirements.txt"]);
    run(&mut pip)?;
    Ok(Outcome::Passed)
}

fn install_npm(_: &mut World) -> Result<Outcome> {
    if !exists("npm", "--version") {
        bail!("npm is missing; on Debian: apt-get install nodejs npm");
    }
    run(command("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", "tests/aws"]))?;
    Ok(Outcome::Passed)
}

/// Cards, pages and gallery of the HubSpot app. Pictures are compared in shape only where a Chromium is installed;
/// the script says so when there is none.
fn hubspot_app(_: &mut World) -> Result<Outcome> {
    if !exists("npm", "--version") {
        bail!("npm is missing; on Debian: apt-get install nodejs npm");
    }
    let npm = |arguments: &[&str]| {
        let mut npm = command("npm");
        npm.current_dir(root().join("infra/hubspot-app")).args(arguments);
        run(&mut npm)
    };
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    for script in ["typecheck", "lint", "test"] {
        npm(&["run", "--silent", script])?;
    }
    npm(&["run", "--silent", "screenshots", "--", "--check"])?;
    Ok(Outcome::Passed)
}

fn clippy(_: &mut World) -> Result<Outcome> {
    run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Outcome::Passed)
}

fn dependencies(_: &mut World) -> Result<Outcome> {
    if !exists("cargo-deny", "--version") {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed (cargo install cargo-deny); licences, sources and bans are checked by the \
             repository rules all the same, known vulnerabilities are not"
                .to_owned(),
        ));
    }
    run(cargo().args(["deny", "check"]))?;
    Ok(Outcome::Passed)
}

fn build(_: &mut World) -> Result<Outcome> {
    run(cargo().args(["build", "--workspace", "--all-features", "--quiet"]))?;
    run(cargo().args(["test", "--workspace", "--all-features", "--no-run", "--quiet"]))?;
    Ok(Outcome::Passed)
}

fn emulation(arguments: &[&str]) -> Result<Helper> {
    let mut helper = command(venv().join("bin/python"));
    helper.current_dir(root().join("tests/aws")).args(["-m", "emulation"]).args(arguments);
    helper.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = helper.spawn().context("the emulation could not be started")?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.as_mut() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    let ready = serde_json::from_str(&line).with_context(|| format!("the emulation said {line:?}"))?;
    Ok(Helper { child, ready })
}

fn endpoint(helper: &Helper, name: &str) -> Result<String> {
    let text = helper.ready.get(name).and_then(|v| v.as_str()).context("the emulation names no endpoint")?;
    Ok(text.to_owned())
}

fn rust_tests(world: &mut World) -> Result<Outcome> {
    if records().exists() {
        fs::remove_dir_all(records())?;
    }
    fs::create_dir_all(records())?;
    let mut test = cargo();
    test.args(["test", "--workspace", "--all-features", "--quiet"]).env("SIM_RECORD_DIR", records());
    start_aws(world)?;
    with_aws(&mut test, world)?;
    run(&mut test)?;
    Ok(Outcome::Passed)
}

fn start_aws(world: &mut World) -> Result<()> {
    if world.dynamodb.is_none() {
        world.dynamodb = Some(emulation(&["dynamodb"])?);
    }
    if world.ministack.is_none() {
        world.ministack = Some(emulation(&["services"])?);
    }
    Ok(())
}

fn with_aws(test: &mut Command, world: &World) -> Result<()> {
    if let Some(helper) = &world.dynamodb {
        test.env("DYNAMODB_ENDPOINT", endpoint(helper, "DYNAMODB_ENDPOINT")?);
    }
    if let Some(helper) = &world.ministack {
        test.env("SQS_ENDPOINT", endpoint(helper, "SQS_ENDPOINT")?);
    }
    for (name, value) in
        [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "us-east-1")]
    {
        test.env(name, value);
    }
    Ok(())
}

fn aws_stories(world: &mut World) -> Result<Outcome> {
    start_aws(world)?;
    let mut test = cargo();
    test.args(["test", "--workspace", "--all-features", "--quiet", "--test", "stories"]);
    test.env("SIM_RECORD_DIR", records()).env("CONNECTOR_IT_BACKEND", "aws");
    with_aws(&mut test, world)?;
    run(&mut test)?;
    world.dynamodb = None;
    world.ministack = None;
    Ok(Outcome::Passed)
}

fn rust_doc(_: &mut World) -> Result<Outcome> {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--quiet", "--document-private-items"]);
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Passed)
}

fn contracts(_: &mut World) -> Result<Outcome> {
    let found = fs::read_dir(records()).map(|entries| entries.count()).unwrap_or_default();
    if found == 0 {
        bail!("no recorded calls: run the step \"rust tests\" first");
    }
    let mut pytest = python();
    pytest.args(["-m", "pytest", "-q", "-rs", "tests/contracts"]).env("SIM_RECORD_DIR", records());
    run(pytest.env("SIM_BIN_DIR", root().join("target/debug")))?;
    Ok(Outcome::Passed)
}

fn aws_tests(_: &mut World) -> Result<Outcome> {
    package::build_in("host", true, "lambda-test")?;
    println!("{}", output(command("du").args(["-sh", "target/lambda-test"]))?.trim());
    let mut pytest = python();
    pytest.args(["-m", "pytest", "-q", "-rs", "tests/aws"]);
    pytest
        .env("CONNECTOR_PACKAGES", root().join("target/lambda-test"))
        .env("SIM_BIN_DIR", root().join("target/debug"));
    run(&mut pytest)?;
    Ok(Outcome::Passed)
}
