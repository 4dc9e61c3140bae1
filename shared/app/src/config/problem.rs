//! What is wrong with a configuration: where, what, and what to do. Values that could be secrets are never
//! repeated.

use serde::Serialize;
use std::fmt;

/// Where a setting's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nobody set it.
    Default,
    /// The file, at this line if it is known.
    File(Option<usize>),
    /// An environment variable.
    Variable(String),
}

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigProblem {
    /// The setting, for example `hubspot.portal_id`; empty when the file as a whole is meant.
    pub key: String,
    /// Which `[[installation]]` table, counted from 1; none with a single installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation: Option<usize>,
    /// The file, when the problem stands in it (or when something is missing in it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in the file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The environment variable that holds the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do about it, as a sentence.
    pub fix: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.variable, &self.file, self.line) {
            (Some(variable), _, _) => write!(f, "{variable}: ")?,
            (None, Some(file), Some(line)) => write!(f, "{file}:{line}: ")?,
            (None, Some(file), None) => write!(f, "{file}: ")?,
            (None, None, _) => {}
        }
        if let Some(installation) = self.installation {
            write!(f, "installation {installation}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{} {}", self.message, self.fix)
    }
}

/// Collects problems with the context that they are found in.
#[derive(Debug)]
pub(super) struct Problems {
    file: Option<String>,
    installation: Option<usize>,
    found: Vec<ConfigProblem>,
}

impl Problems {
    /// An empty collection for this file, if there is one.
    pub(super) fn new(file: Option<&str>) -> Self {
        Self { file: file.map(str::to_owned), installation: None, found: Vec::new() }
    }

    /// What follows belongs to this installation, counted from 1; none for what concerns all.
    pub(super) fn within(&mut self, installation: Option<usize>) {
        self.installation = installation;
    }

    /// Adds a problem.
    pub(super) fn add(
        &mut self,
        key: &str,
        origin: &Origin,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (file, line, variable) = match origin {
            Origin::Default => (self.file.clone(), None, None),
            Origin::File(line) => (self.file.clone(), *line, None),
            Origin::Variable(name) => (None, None, Some(name.clone())),
        };
        let problem = ConfigProblem {
            key: key.to_owned(),
            installation: self.installation,
            file,
            line,
            variable,
            message: message.into(),
            fix: fix.into(),
        };
        // One wrong variable or shared section would otherwise be told once for each installation.
        let placed = problem.line.is_some() || problem.variable.is_some();
        let same = |other: &&mut ConfigProblem| {
            ConfigProblem { installation: None, ..(*other).clone() }
                == ConfigProblem { installation: None, ..problem.clone() }
        };
        match self.found.iter_mut().find(same).filter(|_| placed) {
            Some(known) if known.installation == problem.installation => {}
            Some(known) => known.installation = None,
            None => self.found.push(problem),
        }
    }

    /// A disagreement between the registry of settings and the code that reads it: a mistake of ours.
    pub(super) fn internal(&mut self, key: &str) {
        self.add(
            key,
            &Origin::Default,
            "The registry of settings and the code that reads it disagree.",
            "This is a mistake in the connector; report it.",
        );
    }

    /// All problems: in the order of the file's lines, then those without a line.
    pub(super) fn into_vec(mut self) -> Vec<ConfigProblem> {
        self.found.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        self.found
    }
}
