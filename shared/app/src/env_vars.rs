//! The only place that reads the environment of the process (`style.md` 21).
//!
//! Everything else takes an [`EnvMap`], so that tests say what the environment is. The map holds secrets:
//! its debug output shows names only.

use std::collections::BTreeMap;
use std::fmt;

/// Environment variables by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EnvMap(BTreeMap<String, String>);

impl EnvMap {
    /// An empty environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a variable; an empty or blank one counts as not set, as scripts and templates write it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Sets a variable in this map (not in the process).
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// The names of all variables that are set, in order; blank ones are left out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| !value.trim().is_empty()).map(|(name, _)| name.as_str())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for EnvMap {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for EnvMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The environment of this process; variables that are not text are left out.
pub fn process() -> EnvMap {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_counts_as_not_set() {
        let env = EnvMap::from_iter([("A", " "), ("B", " x ")]);
        assert_eq!(env.get("A"), None);
        assert_eq!(env.get("B"), Some("x"));
        assert_eq!(env.names().collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn debug_shows_names_only() {
        let env = EnvMap::from_iter([("HUBSPOT_ACCESS_TOKEN", "canary-1")]);
        assert_eq!(format!("{env:?}"), "{\"HUBSPOT_ACCESS_TOKEN\"}");
    }

    #[test]
    fn the_process_has_an_environment() {
        assert!(process().get("PATH").is_some());
    }
}
