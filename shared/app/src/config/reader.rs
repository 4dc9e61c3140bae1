//! From checked values to the parts of a [`Config`], with the rules that concern several settings.

use super::problem::{Origin, Problems};
use super::registry::{self, SETTINGS};
use super::show::Settings;
use super::source::CLOCK_OFFSET;
use super::urls::{self, Besides, Refusal};
use super::value::Value;
use super::{Catalog, Companies, Config, Hubspot, Limits, Queues, Repair, Store, Surroundings, Zuora};
use crate::env_vars::EnvMap;
use connector_domain::ids::{AppId, PortalId};
use connector_domain::money::Currency;
use connector_domain::policy::{
    AccountDefaults, CancelPolicy, Candidates, CatalogMaster, ClosedLost, DealPolicy, DealProperties,
    Discounts, Labels, LateChanges, Numbering, StateRequired, SyncWhen, TaxPolicy, UnnamedLines,
};
use connector_engine::card::links::Page;
use connector_http::BaseUrl;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Takes checked values out of the settings. A disagreement with the registry is reported, never passed over.
pub(super) struct Reader<'a> {
    pub(super) settings: Settings,
    pub(super) problems: &'a mut Problems,
    /// Where the installation begins, for what is missing in it.
    pub(super) place: Origin,
    /// Whether the file could be read; if not, nothing in it is called missing.
    pub(super) readable: bool,
}

impl Reader<'_> {
    /// One installation; none when a problem leaves a part of it undefined.
    pub(super) fn config(&mut self, surroundings: Surroundings, env: &EnvMap) -> Option<Config> {
        self.check_required();
        self.check_not_carried();
        let allow_loopback = self.flag("allow_loopback");
        let loopback = !surroundings.lambda || allow_loopback;
        let extra_hosts = self.texts("zuora.extra_hosts");
        let hubspot_url = self.base("hubspot.base_url", urls::HUBSPOT_HOSTS, &[], loopback);
        let zuora_url = self.base("zuora.base_url", &urls::zuora_hosts(), &extra_hosts, loopback);
        let ui_url = self.ui_url(zuora_url.as_ref(), &extra_hosts, loopback);
        let public_url = self.public_url(loopback);
        let store = self.store(surroundings);
        let clock_offset = self.clock_offset(env, [hubspot_url.as_ref(), zuora_url.as_ref()]);
        let hubspot = self.hubspot(hubspot_url);
        let zuora = self.zuora(zuora_url, ui_url, extra_hosts);
        let mut config = Config {
            companies: self.companies()?,
            deals: self.deals()?,
            accounts: self.accounts(),
            numbering: self
                .choice("numbering", &[("derived", Numbering::Derived), ("zuora", Numbering::Zuora)])?,
            labels: Labels {
                bill_to: self.text("labels.bill_to"),
                sold_to: self.text("labels.sold_to"),
                invoice_owner: self.text("labels.invoice_owner"),
            },
            billing_trigger_property: self.text("line_items.billing_trigger_property"),
            discounts: self.choice(
                "discounts",
                &[("net_price", Discounts::NetPrice), ("discount_charges", Discounts::DiscountCharges)],
            )?,
            links: Page::ALL
                .iter()
                .map(|page| (page.as_str(), self.text(&format!("links.{}", page.as_str()))))
                .collect(),
            taxes: TaxPolicy {
                vat_property: self.text("taxes.vat_property"),
                exempt_property: self.text("taxes.exempt_property"),
                code_property: self.text("taxes.code_property"),
                inclusive: self.flag("taxes.prices_include_tax"),
            },
            catalog: Catalog {
                master: self.choice(
                    "catalog.master",
                    &[
                        ("linked", CatalogMaster::Linked),
                        ("zuora", CatalogMaster::Zuora),
                        ("link_only", CatalogMaster::LinkOnly),
                    ],
                )?,
                link_field: self.optional_text("catalog.link_field"),
                unit_of_measure: self.text("catalog.unit_of_measure"),
            },
            repair: self.choice(
                "reconcile.repair",
                &[("links", Repair::Links), ("none", Repair::None), ("all", Repair::All)],
            )?,
            allowed_users: self.allowed_users(),
            limits: Limits {
                zuora_concurrency: self.number("limits.zuora_concurrency"),
                hubspot_per_10s: self.number("limits.hubspot_per_10s"),
            },
            mapping_file: self.optional_text("mapping_file").map(PathBuf::from),
            allow_loopback,
            clock_offset,
            hubspot: hubspot?,
            zuora: zuora?,
            public_url: public_url?,
            store: store?,
            settings: Settings::default(),
        };
        config.settings = std::mem::take(&mut self.settings);
        Some(config)
    }
    fn check_required(&mut self) {
        if !self.readable {
            return;
        }
        for setting in SETTINGS.iter().filter(|setting| setting.required) {
            self.need(setting.path, "");
        }
    }

    /// Reports a setting without a value, unless its value was refused already.
    fn need(&mut self, path: &str, why: &str) {
        if self.settings.get(path).is_some() || self.settings.is_spoiled(path) {
            return;
        }
        let Some(setting) = registry::find(path) else { return self.problems.internal(path) };
        let place = self.place.clone();
        let fix =
            format!("Set {path} ({}) in the file or {} in the environment.", setting.doc, setting.variable());
        self.problems.add(path, &place, format!("A required setting is missing{why}."), fix);
    }

    fn refuse(&mut self, path: &str, message: impl Into<String>, fix: impl Into<String>) {
        let origin = self.settings.origin(path).clone();
        self.problems.add(path, &origin, message, fix);
    }

    /// Settings that this version would pass over.
    fn check_not_carried(&mut self) {
        if self.settings.get("mapping_file").is_some() {
            self.refuse(
                "mapping_file",
                "A mapping of fields is not carried by this version.",
                "Remove the setting; the mapping that is built in applies.",
            );
        }
    }

    fn base(&mut self, path: &str, published: &[&str], extra: &[String], loopback: bool) -> Option<BaseUrl> {
        let text = self.optional_text(path)?;
        match urls::base(&text, published, Besides { extra_hosts: extra, loopback }) {
            Ok(base) => {
                let plain = base.url().as_str().trim_end_matches('/').to_owned();
                self.settings.normalise(path, Value::Text(plain));
                Some(base)
            }
            Err(refusal) => self.refused(path, refusal),
        }
    }

    fn refused<T>(&mut self, path: &str, (message, fix): Refusal) -> Option<T> {
        self.refuse(path, message, fix);
        None
    }

    fn ui_url(&mut self, base: Option<&BaseUrl>, extra: &[String], loopback: bool) -> Option<BaseUrl> {
        if self.settings.get("zuora.ui_url").is_none() && !self.settings.is_spoiled("zuora.ui_url") {
            let belonging = urls::ui_of(base?)?;
            self.settings.put("zuora.ui_url", Value::Text(belonging), Origin::Default);
        }
        self.base("zuora.ui_url", &urls::zuora_ui_hosts(), extra, loopback)
    }

    fn public_url(&mut self, loopback: bool) -> Option<String> {
        let text = self.optional_text("public.url")?;
        match urls::public(&text, loopback) {
            Ok(url) => {
                self.settings.normalise("public.url", Value::Text(url.clone()));
                Some(url)
            }
            Err(refusal) => self.refused("public.url", refusal),
        }
    }

    fn store(&mut self, surroundings: Surroundings) -> Option<Store> {
        let aws = self.choice("store.kind", &[("sqlite", false), ("aws", true)])?;
        if !aws {
            if surroundings.lambda {
                self.refuse(
                    "store.kind",
                    "In a Lambda the store must be \"aws\": a Lambda's disk does not last.",
                    "Set store.kind = \"aws\" with its tables and queues.",
                );
            }
            return Some(Store::Sqlite { data_dir: PathBuf::from(self.text("store.data_dir")) });
        }
        let mut needed = |path: &str| {
            self.need(path, " with store.kind = \"aws\"");
            self.optional_text(path)
        };
        let (state_table, audit_table) = (needed("store.state_table"), needed("store.audit_table"));
        let (company, contact) = (needed("queues.company"), needed("queues.contact"));
        let (product, deal) = (needed("queues.product"), needed("queues.deal"));
        let line_item = needed("queues.line_item");
        Some(Store::Aws {
            state_table: state_table?,
            audit_table: audit_table?,
            secret_arn: self.optional_text("store.secret_arn"),
            queues: Queues {
                company: company?,
                contact: contact?,
                product: product?,
                deal: deal?,
                line_item: line_item?,
            },
        })
    }

    /// D-32: a shifted clock must never meet a real vendor.
    fn clock_offset(&mut self, env: &EnvMap, bases: [Option<&BaseUrl>; 2]) -> SignedDuration {
        // A hundred years either way: more leaves the calendar that dates can be reckoned in.
        const LIMIT: i64 = 100 * 366 * 86_400;
        let Some(text) = env.get(CLOCK_OFFSET) else { return SignedDuration::ZERO };
        let origin = Origin::Variable(CLOCK_OFFSET.to_owned());
        if bases.iter().any(|base| base.is_some_and(|base| !base.is_loopback())) {
            self.problems.add(
                "",
                &origin,
                "The clock may be shifted only when every base URL is a loopback address.",
                "Unset the variable; it is for tests against simulators.",
            );
        }
        match text.parse::<i64>() {
            Ok(seconds) if (-LIMIT..=LIMIT).contains(&seconds) => SignedDuration::from_secs(seconds),
            Ok(_) | Err(_) => {
                let fix = "Write seconds as a whole number, for example 86400 or -3600.";
                self.problems.add("", &origin, "The offset of the clock cannot be read.", fix);
                SignedDuration::ZERO
            }
        }
    }

    fn hubspot(&mut self, base_url: Option<BaseUrl>) -> Option<Hubspot> {
        let home_currency = match self.settings.get("hubspot.home_currency") {
            Some(Value::Currency(code)) => Some(code.clone()),
            Some(_) => self.disagree("hubspot.home_currency"),
            None => None,
        };
        let currencies = self.currencies("hubspot.currencies");
        if let (Some(home), Some(all)) = (&home_currency, &currencies)
            && !all.contains(home)
        {
            let message = format!("The home currency {home} is not among the currencies.");
            self.refuse("hubspot.currencies", message, format!("Add \"{home}\" to hubspot.currencies."));
        }
        let time_zone = match self.settings.get("hubspot.time_zone") {
            Some(Value::Zone(_, zone)) => Some(zone.clone()),
            Some(_) => self.disagree("hubspot.time_zone"),
            None => None,
        };
        Some(Hubspot {
            portal: PortalId(self.id("hubspot.portal_id")?),
            app: AppId(self.id("hubspot.app_id")?),
            base_url: base_url?,
            time_zone,
            home_currency,
            currencies,
        })
    }

    fn zuora(
        &mut self,
        base_url: Option<BaseUrl>,
        ui_url: Option<BaseUrl>,
        extra_hosts: Vec<String>,
    ) -> Option<Zuora> {
        let multi_currency = self.flag("zuora.multi_currency");
        let currencies = self.currencies("zuora.currencies");
        if !multi_currency && currencies.as_ref().is_some_and(|all| all.len() > 1) {
            self.refuse(
                "zuora.currencies",
                "There are several currencies, but zuora.multi_currency is false.",
                "Name the tenant's one currency, or set zuora.multi_currency = true.",
            );
        }
        Some(Zuora {
            entity_id: self.optional_text("zuora.entity_id"),
            org_ids: self.texts("zuora.org_ids"),
            deal_field: self.text("zuora.deal_field"),
            contact_field: self.text("zuora.contact_field"),
            base_url: base_url?,
            ui_url,
            extra_hosts,
            multi_currency,
            currencies,
        })
    }

    fn companies(&mut self) -> Option<Companies> {
        let sync_when = match self.settings.get("companies.sync_when") {
            Some(Value::SyncWhen(when)) => when.clone(),
            Some(_) | None => self.disagree::<SyncWhen>("companies.sync_when")?,
        };
        let countries = self.texts("companies.state_countries").into_iter().collect();
        let always = self.choice("companies.state_required", &[("where_used", false), ("always", true)])?;
        Some(Companies {
            sync_when,
            state_required: if always { StateRequired::Always } else { StateRequired::WhereUsed(countries) },
            candidates: self.choice(
                "companies.candidates",
                &[("park", Candidates::Park), ("create", Candidates::Create)],
            )?,
            parents: self.flag("companies.parents"),
        })
    }

    fn deals(&mut self) -> Option<DealPolicy> {
        let won_stages = match self.settings.get("deals.won_stages") {
            Some(Value::Stages(stages)) => stages.clone(),
            Some(_) | None => self.disagree("deals.won_stages")?,
        };
        let default_term_months = match self.settings.get("deals.default_term") {
            Some(Value::Months(months)) => *months,
            Some(_) | None => self.disagree("deals.default_term")?,
        };
        let renewal_term = match self.settings.get("deals.renewal_term") {
            Some(Value::Term(term)) => *term,
            Some(_) | None => self.disagree("deals.renewal_term")?,
        };
        let rules = match self.settings.get("deals.rules") {
            Some(Value::Rules(rules)) => rules.clone(),
            Some(_) | None => self.disagree("deals.rules")?,
        };
        Some(DealPolicy {
            won_stages,
            default_term_months,
            auto_renew: self.flag("deals.auto_renew"),
            renewal_term,
            closed_lost: self.choice(
                "deals.closed_lost",
                &[
                    ("confirm", ClosedLost::Confirm),
                    ("cancel", ClosedLost::Cancel),
                    ("ignore", ClosedLost::Ignore),
                ],
            )?,
            cancel_policy: self.choice(
                "deals.cancel_policy",
                &[
                    ("end_of_billed_period", CancelPolicy::EndOfBilledPeriod),
                    ("end_of_term", CancelPolicy::EndOfTerm),
                    ("today", CancelPolicy::Today),
                ],
            )?,
            cancel_after: SignedDuration::from_secs(self.number("deals.cancel_after_seconds")),
            late_changes: self.choice(
                "deals.late_changes",
                &[("park", LateChanges::Park), ("allow", LateChanges::Allow)],
            )?,
            unnamed_lines: self.choice(
                "deals.renewal_unnamed_lines",
                &[
                    ("park", UnnamedLines::Park),
                    ("keep", UnnamedLines::Keep),
                    ("remove", UnnamedLines::Remove),
                ],
            )?,
            rules,
            properties: DealProperties {
                service_activation: self.text("deals.service_activation_property"),
                customer_acceptance: self.text("deals.customer_acceptance_property"),
                effective_date: self.text("deals.effective_date_property"),
                cancellation_date: self.text("deals.cancellation_date_property"),
                extends: self.text("deals.extends_property"),
                suspend_date: self.text("deals.suspend_date_property"),
                resume_date: self.text("deals.resume_date_property"),
                auto_renew: self.text("deals.auto_renew_property"),
                renewal_term: self.text("deals.renewal_term_property"),
            },
        })
    }

    fn accounts(&mut self) -> AccountDefaults {
        AccountDefaults {
            payment_term: self.text("accounts.payment_term"),
            bill_cycle_day: self.number("accounts.bill_cycle_day"),
            batch: self.text("accounts.batch"),
        }
    }

    fn allowed_users(&mut self) -> Option<BTreeSet<String>> {
        match self.settings.get("cards.allowed_users") {
            Some(Value::Texts(users)) => Some(users.iter().cloned().collect()),
            Some(_) => self.disagree("cards.allowed_users"),
            None => None,
        }
    }

    fn disagree<T>(&mut self, path: &str) -> Option<T> {
        self.problems.internal(path);
        None
    }

    fn optional_text(&mut self, path: &str) -> Option<String> {
        match self.settings.get(path) {
            Some(Value::Text(text)) => Some(text.clone()),
            Some(_) => self.disagree(path),
            None => None,
        }
    }

    fn text(&mut self, path: &str) -> String {
        match self.optional_text(path) {
            Some(text) => text,
            None => self.disagree(path).unwrap_or_default(),
        }
    }

    fn texts(&mut self, path: &str) -> Vec<String> {
        match self.settings.get(path) {
            Some(Value::Texts(texts)) => texts.clone(),
            Some(_) | None => self.disagree(path).unwrap_or_default(),
        }
    }

    fn flag(&mut self, path: &str) -> bool {
        match self.settings.get(path) {
            Some(Value::Flag(flag)) => *flag,
            Some(_) | None => self.disagree(path).unwrap_or_default(),
        }
    }

    fn number<N: TryFrom<i64> + Default>(&mut self, path: &str) -> N {
        let number = match self.settings.get(path) {
            Some(Value::Number(number)) => N::try_from(*number).ok(),
            Some(_) | None => None,
        };
        number.or_else(|| self.disagree(path)).unwrap_or_default()
    }

    /// A required number; its absence is reported elsewhere.
    fn id(&mut self, path: &str) -> Option<u64> {
        self.settings.get(path)?;
        Some(self.number(path))
    }

    fn currencies(&mut self, path: &str) -> Option<BTreeSet<Currency>> {
        match self.settings.get(path) {
            Some(Value::Currencies(codes)) => Some(codes.clone()),
            Some(_) => self.disagree(path),
            None => None,
        }
    }

    /// The meaning of a word. A word of the registry that has none here is reported.
    fn choice<T: Copy>(&mut self, path: &str, meanings: &[(&str, T)]) -> Option<T> {
        let word = self.text(path);
        match meanings.iter().find(|(known, _)| *known == word) {
            Some((_, meaning)) => Some(*meaning),
            None => self.disagree(path),
        }
    }
}
