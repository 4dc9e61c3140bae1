//! What commands print: results on standard output, diagnostics on standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this module is for")]

use connector_app::config::ConfigProblem;
use serde::Serialize;

/// A line of a result.
pub(super) fn line(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

/// A line for the person who waits.
pub(super) fn note(text: impl AsRef<str>) {
    eprintln!("{}", text.as_ref());
}

/// A result as one JSON document.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("the result cannot be printed: {error}"),
    }
}

/// Everything that is wrong with a configuration.
pub(super) fn config_problems(problems: &[ConfigProblem], as_json: bool) {
    if as_json {
        json(
            &serde_json::json!({ "ok": false, "problems": problems.iter().map(ToString::to_string).collect::<Vec<_>>() }),
        );
        return;
    }
    for problem in problems {
        eprintln!("{problem}");
    }
}

/// An error with its chain.
pub(super) fn error(error: &anyhow::Error, as_json: bool) {
    if as_json {
        json(&serde_json::json!({ "ok": false, "error": format!("{error:#}") }));
    } else {
        eprintln!("error: {error:#}");
    }
}
