//! `connector config check` and `connector config show`.

use super::{Common, DONE, Refusal, configuration, output};
use std::path::PathBuf;

pub(super) fn check(common: &Common, file: Option<PathBuf>) -> Result<u8, Refusal> {
    let mut common = common.clone();
    common.config = file.or(common.config);
    let (configs, _) = configuration(&common)?;
    if common.json {
        output::json(&serde_json::json!({ "ok": true, "problems": [], "installations": configs.len() }));
    } else {
        output::line(format!("The configuration is complete: {} installation(s).", configs.len()));
    }
    Ok(DONE)
}

pub(super) fn show(common: &Common) -> Result<u8, Refusal> {
    let (configs, _) = configuration(common)?;
    if common.json {
        output::json(&configs.iter().map(connector_app::config::Config::show).collect::<Vec<_>>());
    } else {
        for config in &configs {
            output::line(config.show_toml());
        }
    }
    Ok(DONE)
}
