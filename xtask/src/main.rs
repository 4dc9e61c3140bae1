//! The project's own commands: `cargo xtask test`, `cargo xtask package`.
//!
//! Not here: anything that a test itself checks. This program installs what cargo cannot, starts what tests talk
//! to, runs them all, and says what passed, failed or was skipped.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

mod package;
mod run;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Tasks around the connector's repository.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need and run every test.
    Test {
        /// Only the steps whose name contains this text.
        #[arg(long)]
        only: Option<String>,
    },
    /// Build the Lambda packages that template.yaml points to.
    Package {
        /// `arm64` or `x86_64` (each needs its Rust target and a linker for it), or `host`.
        #[arg(long, default_value = "arm64")]
        arch: String,
        /// Build without optimisation, for tests.
        #[arg(long)]
        debug: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test { only } => test::run_all(only.as_deref()),
        Task::Package { arch, debug } => package::build(&arch, debug).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
