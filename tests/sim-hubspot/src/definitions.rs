//! Property definitions: the default ones of a portal, the connector's own, and those made through the API.
//!
//! A default definition is one line of text: name, type, field type, then flags and options.
//! Flags: `calc` is calculated (cannot be written, raises no events), `ro` is read-only, `unique` has unique
//! values; `a|b|c` are the options of an enumeration.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kind::Kind;

/// The definitions and groups of one object type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Definitions {
    /// By property name, as HubSpot answers them.
    pub(crate) properties: BTreeMap<String, Value>,
    /// By group name.
    pub(crate) groups: BTreeMap<String, Value>,
}

const CONTACT: &str = "
email string text unique
firstname string text
lastname string text
phone string phonenumber
mobilephone string phonenumber
address string text
city string text
state string text
zip string text
country string text
hs_country_region_code string text
hs_state_code string text
company string text
jobtitle string text
hs_additional_emails string text
hubspot_owner_id enumeration select
lifecyclestage enumeration radio subscriber|lead|marketingqualifiedlead|salesqualifiedlead|opportunity|customer|evangelist|other
lastmodifieddate datetime date ro
createdate datetime date ro
hs_object_id number number ro
hs_merged_object_ids enumeration checkbox ro
";

const COMPANY: &str = "
name string text
domain string text
website string text
phone string phonenumber
address string text
address2 string text
city string text
state string text
zip string text
country string text
hs_country_code string text
hs_state_code string text
hs_tax_id string text
industry string text
type enumeration radio PROSPECT|PARTNER|RESELLER|VENDOR|OTHER
lifecyclestage enumeration radio subscriber|lead|marketingqualifiedlead|salesqualifiedlead|opportunity|customer|evangelist|other
numberofemployees number number
annualrevenue number number
description string textarea
timezone string text
hubspot_owner_id enumeration select
hs_parent_company_id number number calc
hs_all_assigned_business_unit_ids enumeration checkbox
hs_lastmodifieddate datetime date ro
createdate datetime date ro
hs_object_id number number ro
hs_merged_object_ids enumeration checkbox ro
";

const DEAL: &str = "
dealname string text
amount number number
dealstage enumeration radio
pipeline enumeration select
dealtype enumeration radio newbusiness|existingbusiness
closedate datetime date
description string textarea
deal_currency_code enumeration select
hs_exchange_rate number number calc
amount_in_home_currency number number calc
hs_deal_amount_calculation_preference enumeration select tcv|acv|arr|mrr|disabled
hs_tcv number number calc
hs_acv number number calc
hs_arr number number calc
hs_mrr number number calc
hs_is_closed bool booleancheckbox calc
hs_is_closed_won bool booleancheckbox calc
hs_is_closed_lost bool booleancheckbox calc
hs_closed_amount number number calc
hs_deal_stage_probability number number calc
hubspot_owner_id enumeration select
closed_won_reason string textarea
closed_lost_reason string textarea
hs_primary_associated_company number number calc
hs_line_item_global_term_hs_recurring_billing_period string text
hs_line_item_global_term_hs_recurring_billing_period_enabled bool booleancheckbox
hs_line_item_global_term_hs_discount_percentage number number
hs_line_item_global_term_hs_discount_percentage_enabled bool booleancheckbox
hs_lastmodifieddate datetime date ro
createdate datetime date ro
hs_object_id number number ro
hs_merged_object_ids enumeration checkbox ro
";

const PRICING: &str = "
name string text
description string textarea
hs_sku string text
price number number
discount number number
hs_discount_percentage number number
tax number number
hs_tax_category string text
recurringbillingfrequency enumeration select weekly|biweekly|monthly|quarterly|per_six_months|annually|per_two_years|per_three_years|per_four_years|per_five_years
hs_recurring_billing_period string text
hs_recurring_billing_start_date date date
hs_pricing_model enumeration select flat|volume|graduated|stairstep
hs_tier_ranges string textarea
hs_tier_prices string textarea
hs_cost_of_goods_sold number number
hs_lastmodifieddate datetime date ro
createdate datetime date ro
hs_object_id number number ro
hs_merged_object_ids enumeration checkbox ro
";

const PRODUCT: &str = "
hs_product_type enumeration select inventory|non_inventory|service
hs_status enumeration select active|inactive
hs_folder number number
hs_url string text
hs_images string text
hs_bundle_pricing_type string text
";

const LINE_ITEM: &str = "
hs_product_id number number
quantity number number
amount number number calc
hs_total_discount number number calc
hs_pre_discount_amount number number calc
hs_post_tax_amount number number calc
hs_tax_amount number number calc
hs_tax_rate_group_id number number
hs_recurring_billing_number_of_payments number number calc
hs_recurring_billing_terms enumeration select calc
hs_recurring_billing_end_date date date
hs_billing_start_delay_type enumeration select hs_recurring_billing_start_date|hs_billing_start_delay_days|hs_billing_start_delay_months
hs_billing_start_delay_days number number
hs_billing_start_delay_months number number
hs_billing_period_start_date date date
hs_billing_period_end_date date date
hs_term_in_months number number calc
hs_line_item_currency_code enumeration select
hs_mrr number number calc
hs_arr number number calc
hs_acv number number calc
hs_tcv number number calc
hs_margin number number calc
hs_position_on_quote number number
hs_bundle_id string text
hs_group_key string text
hs_hierarchy_type string text
hs_ramp_key string text
hs_ramp_phase_name string text
hs_use_prorating bool booleancheckbox
hs_billing_pause_mode string text
hs_billing_cycle_anchor_date date date
";

/// Fields that an administrator adds for billing dates; not part of the connector's own group.
const BILLING_DEAL: &str = "
z_service_activation_date date date
z_customer_activation_date date date
zuora_effective_date date date
zuora_cancellation_date date date
zuora_extends_subscription string text
";

const BILLING_LINE_ITEM: &str = "
billing_start_trigger enumeration select ContractEffective|ServiceActivation|CustomerAcceptance
";

/// What the connector writes back; one group on company and deal.
const WRITE_BACK: &str = "
zuora_account_id string text
zuora_account_number string text
zuora_subscription_number string text
zuora_order_number string text
zuora_sync_status enumeration select in_sync|pending|needs_attention|not_linked
zuora_last_synced_at datetime date
zuora_sync_error string textarea
zuora_mrr number number
zuora_arr number number
zuora_tcv number number
zuora_mrr_by_currency string text
zuora_balance number number
zuora_overdue_balance number number
zuora_currency string text
zuora_next_renewal_date date date
zuora_subscription_status string text
";

/// What a portal has at start.
///
/// The options of stage and pipeline follow from the portal's pipelines and are set later.
pub(crate) fn seeded(
    currencies: &[String],
    owner_id: &str,
    with_write_back: bool,
    with_billing_dates: bool,
) -> BTreeMap<Kind, Definitions> {
    let mut all = BTreeMap::new();
    for kind in Kind::ALL {
        let mut own = Definitions::default();
        let group = format!("{}information", kind.singular().replace('_', ""));
        own.add_group(&group, "Information");
        match kind {
            Kind::Contact => own.add_lines(CONTACT, &group, true),
            Kind::Company => own.add_lines(COMPANY, &group, true),
            Kind::Deal => {
                own.add_lines(DEAL, &group, true);
                own.add_lines(if with_billing_dates { BILLING_DEAL } else { "" }, &group, false);
            }
            Kind::Product => {
                own.add_lines(PRICING, &group, true);
                own.add_lines(PRODUCT, &group, true);
                for currency in currencies {
                    let line = format!("hs_price_{} number number", currency.to_ascii_lowercase());
                    own.add_lines(&line, &group, true);
                }
            }
            Kind::LineItem => {
                own.add_lines(PRICING, &group, true);
                own.add_lines(LINE_ITEM, &group, true);
                own.add_lines(if with_billing_dates { BILLING_LINE_ITEM } else { "" }, &group, false);
            }
        }
        own.set_options("deal_currency_code", currencies);
        own.set_options("hs_line_item_currency_code", currencies);
        own.set_options("hubspot_owner_id", &[owner_id.to_owned()]);
        if with_write_back && matches!(kind, Kind::Company | Kind::Deal) {
            own.add_group("zuora_billing", "Zuora billing");
            own.add_lines(WRITE_BACK, "zuora_billing", false);
        }
        all.insert(kind, own);
    }
    all
}

impl Definitions {
    /// The definition of a property, if the object type has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.properties.get(name).filter(|definition| definition["archived"] != true)
    }

    /// Whether values of this property are calculated by HubSpot.
    pub(crate) fn is_calculated(&self, name: &str) -> bool {
        self.get(name).is_some_and(|definition| definition["calculated"] == true)
    }

    /// Whether values cannot be written through the API.
    pub(crate) fn is_read_only(&self, name: &str) -> bool {
        self.get(name).is_some_and(|definition| definition["modificationMetadata"]["readOnlyValue"] == true)
    }

    /// Whether a value belongs to one record only.
    pub(crate) fn is_unique(&self, name: &str) -> bool {
        self.get(name).is_some_and(|definition| definition["hasUniqueValue"] == true)
    }

    /// The HubSpot type of a property.
    pub(crate) fn type_of(&self, name: &str) -> &str {
        self.get(name).and_then(|definition| definition["type"].as_str()).unwrap_or("string")
    }

    /// The allowed values, where the property has options.
    pub(crate) fn options(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .and_then(|definition| definition["options"].as_array())
            .map(|options| options.iter().filter_map(|option| option["value"].as_str()).collect())
            .unwrap_or_default()
    }

    /// Adds a property of the portal's own, in place of one with this name.
    pub(crate) fn add(&mut self, name: &str, type_of: &str, options: &[&str]) {
        let field = match type_of {
            "number" => "number",
            "date" | "datetime" => "date",
            "bool" => "booleancheckbox",
            "enumeration" => "select",
            _ => "text",
        };
        let group = self.groups.keys().next().cloned().unwrap_or_default();
        self.add_lines(&format!("{name} {type_of} {field}"), &group, false);
        if !options.is_empty() {
            let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
            self.set_options(name, &options);
        }
    }

    /// Adds a plain text property, for values that a test gives without declaring the property.
    pub(crate) fn ensure(&mut self, name: &str) {
        if !self.properties.contains_key(name) {
            let group = self.groups.keys().next().cloned().unwrap_or_default();
            self.add_lines(&format!("{name} string text"), &group, false);
        }
    }

    fn add_group(&mut self, name: &str, label: &str) {
        let group = json!({"name": name, "label": label, "displayOrder": -1, "archived": false});
        self.groups.insert(name.to_owned(), group);
    }

    fn set_options(&mut self, name: &str, values: &[String]) {
        if let Some(definition) = self.properties.get_mut(name) {
            definition["options"] = values.iter().enumerate().map(|(at, value)| option(value, at)).collect();
        }
    }

    fn add_lines(&mut self, lines: &str, group: &str, hubspot_defined: bool) {
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let mut words = line.split(' ');
            let (Some(name), Some(kind), Some(field)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let rest: Vec<&str> = words.collect();
            let has = |flag: &str| rest.contains(&flag);
            let options: Vec<Value> = if kind == "bool" {
                ["true", "false"].iter().enumerate().map(|(at, value)| option(value, at)).collect()
            } else {
                rest.iter()
                    .filter(|word| word.contains('|'))
                    .flat_map(|word| word.split('|'))
                    .enumerate()
                    .map(|(at, value)| option(value, at))
                    .collect()
            };
            let definition = json!({
                "name": name, "label": label_of(name), "type": kind, "fieldType": field, "groupName": group,
                "description": "", "options": options, "displayOrder": -1,
                "calculated": has("calc"), "externalOptions": name == "hubspot_owner_id",
                "hasUniqueValue": has("unique"), "hidden": false, "hubspotDefined": hubspot_defined,
                "formField": false, "archived": false, "dataSensitivity": "non_sensitive",
                "modificationMetadata": {
                    "archivable": !hubspot_defined, "readOnlyDefinition": hubspot_defined,
                    "readOnlyValue": has("calc") || has("ro"), "readOnlyOptions": false,
                },
            });
            self.properties.insert(name.to_owned(), definition);
        }
    }
}

fn option(value: &str, at: usize) -> Value {
    json!({"label": label_of(value), "value": value, "displayOrder": at, "hidden": false})
}

fn label_of(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text
}
