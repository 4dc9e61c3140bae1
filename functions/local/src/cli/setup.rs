//! `connector setup`: prints what it will do, does it, prints what came of it.
//!
//! Exit status: 0 nothing is missing (any more) · 1 something was refused or could not be read · 3 something is
//! left for a person, or with `--dry-run` something would be made.

use super::{Common, DIFFERENCES, DONE, FAILED, Refusal, configuration, output, with_secrets};
use connector_app::clock::SystemClock;
use connector_app::config::{Config, Secrets};
use connector_app::vendors::{StaticSecrets, Vendors};
use connector_engine::installation::Sides;
use connector_engine::installation::compare::Standing;
use connector_engine::installation::setup::{Outcome, Step, carry_out, inspect, plan, tally, words};
use connector_engine::installation::wishes::{LinkFields, Wishes, wishes};
use serde::Serialize;
use std::sync::Arc;

/// An installation, as far as `setup` and `doctor` need it; the store is not among it.
pub(super) struct Installation {
    pub(super) config: Config,
    pub(super) vendors: Vendors,
    pub(super) wishes: Wishes,
    pub(super) clock: Arc<SystemClock>,
}

impl Installation {
    pub(super) async fn new(config: Config, secrets: Secrets) -> Result<Self, Refusal> {
        let clock = Arc::new(SystemClock::new(config.clock_offset.as_secs()));
        let vendors = Vendors::new(&config, Arc::new(StaticSecrets(secrets)), clock.clone()).await?;
        let fields = LinkFields {
            contact: config.zuora.contact_field.clone(),
            deal: config.zuora.deal_field.clone(),
            plan: config.catalog.link_field.clone(),
        };
        let wishes = wishes(&config.policy(), &fields);
        Ok(Self { config, vendors, wishes, clock })
    }

    pub(super) fn sides(&self) -> Sides<'_> {
        Sides { crm: &*self.vendors.hubspot, billing: &*self.vendors.zuora }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    portal: u64,
    there: usize,
    changes: usize,
    by_hand: usize,
    failed: usize,
    items: Vec<ToldItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldItem {
    side: &'static str,
    area: String,
    name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fix: String,
}

/// How a step stands, in a word or two.
fn state(step: &Step) -> &'static str {
    match (&step.outcome, &step.item.standing) {
        (Outcome::Refused { .. }, _) => "refused",
        (Outcome::Made, _) => "created",
        (Outcome::Planned, _) => "to create",
        (Outcome::ByHand, _) if step.item.needed => "by hand",
        (Outcome::ByHand, _) => "by hand, optional",
        (Outcome::Left, Standing::There) => "there",
        (Outcome::Left, Standing::Unfit { .. }) => "does not fit",
        (Outcome::Left, Standing::NotRead(_) | Standing::Missing) => "not read",
    }
}

fn told(portal: u64, steps: &[Step]) -> Told {
    let tally = tally(steps);
    let item = |step: &Step| {
        let (detail, fix) = words(step);
        let item = &step.item;
        let (side, area, name) = (item.side.as_str(), item.area.clone(), item.name.clone());
        ToldItem { side, area, name, state: state(step), detail, fix }
    };
    Told {
        portal,
        there: tally.there,
        changes: tally.changes,
        by_hand: tally.by_hand,
        failed: tally.failed,
        items: steps.iter().map(item).collect(),
    }
}

impl Told {
    /// One line, with the word for what changes.
    fn summary(&self, changes: &str) -> String {
        let mut text = format!("{} there, {} {changes}, {} by hand", self.there, self.changes, self.by_hand);
        if self.failed > 0 {
            text.push_str(&format!(", {} refused or not read", self.failed));
        }
        text
    }

    /// Everything that is not simply there; with what is wrong and what to do, or without.
    fn print(&self, with_words: bool) {
        for item in self.items.iter().filter(|item| item.state != "there") {
            output::line(format!("  {:<18} {} {}: {}", item.state, item.side, item.area, item.name));
            let words = [&item.detail, &item.fix].into_iter().filter(|text| with_words && !text.is_empty());
            for text in words {
                output::line(format!("  {:<18}   {text}", ""));
            }
        }
    }
}

pub(super) async fn run(common: &Common, dry_run: bool) -> Result<u8, Refusal> {
    let (configs, env) = configuration(common)?;
    let (mut all, mut failed, mut open) = (Vec::new(), false, false);
    for (config, secrets) in with_secrets(configs, &env)? {
        let done = one(Installation::new(config, secrets).await?, dry_run, common.json).await;
        failed |= done.failed > 0;
        open |= done.by_hand > 0 || (dry_run && done.changes > 0);
        all.push(done);
    }
    if common.json {
        output::json(&serde_json::json!({ "dryRun": dry_run, "installations": all }));
    }
    Ok(match (failed, open) {
        (true, _) => FAILED,
        (false, true) => DIFFERENCES,
        (false, false) => DONE,
    })
}

async fn one(installation: Installation, dry_run: bool, json: bool) -> Told {
    let portal = installation.config.hubspot.portal.0;
    let steps = plan(inspect(installation.sides(), &installation.wishes).await);
    let planned = told(portal, &steps);
    let makes = !dry_run && planned.changes > 0;
    if !json {
        output::line(format!("Portal {portal}: {}", planned.summary("to create")));
        planned.print(!makes);
    }
    if !makes {
        return planned;
    }
    let done = told(portal, &carry_out(installation.sides().crm, steps).await);
    if !json {
        output::line(format!("Done: {}", done.summary("created")));
        done.print(true);
    }
    done
}
