//! Order actions: their dates and terms, and the creation of a subscription.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde_json::Value;

use crate::errors::{Outcome, code, refuse, resource};
use crate::json::{self, Object, object, objects, text};
use crate::pricing::{Triggers, broken, check, custom_fields, new_charge};
use crate::schema;
use crate::state::{Account, Stamp, Tenant};
use crate::subscriptions::{SubPlan, SubVersion};

/// The account an order is for: a real one, or the stand-in of a preview.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) currency: String,
}

impl From<&Account> for Owner {
    fn from(account: &Account) -> Owner {
        Owner { id: account.id.clone(), number: account.number.clone(), currency: account.currency.clone() }
    }
}

/// Numbers given by the request at hand, to find duplicates inside it.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) numbers: Vec<String>,
}

impl Given {
    /// Takes a number; false when it was there already.
    pub(crate) fn take(&mut self, kind: &str, number: &str) -> bool {
        let key = format!("{kind}:{number}");
        if self.numbers.contains(&key) {
            return false;
        }
        self.numbers.push(key);
        true
    }
}

/// A rule like that on changing a cancelled subscription.
pub(crate) fn rule<T>(message: impl Into<String>) -> Outcome<T> {
    Err(refuse(58_730_020, message))
}

/// The dates of an action.
pub(crate) fn triggers(action: &Object) -> Outcome<Triggers> {
    let mut dates: [Option<Date>; 3] = [None; 3];
    for entry in objects(action, "triggerDates") {
        check(entry, schema::TRIGGER_DATE)?;
        let slot = match text(entry, "name") {
            Some("ContractEffective") => 0,
            Some("ServiceActivation") => 1,
            Some("CustomerAcceptance") => 2,
            other => return broken(format!("'{}' is not a valid trigger date.", other.unwrap_or_default())),
        };
        let Some(place) = dates.get_mut(slot) else { continue };
        if place.replace(json::date(entry, "triggerDate").unwrap_or(Date::MIN)).is_some() {
            return broken("A trigger date is given twice.");
        }
    }
    let [Some(effective), activation, acceptance] = dates else {
        return Err(refuse(code(resource::ORDER, 22), "The trigger date ContractEffective is required."));
    };
    if [Some(effective), activation, acceptance].contains(&Some(Date::MIN)) {
        return Err(refuse(code(resource::ORDER, 22), "'triggerDate' is required."));
    }
    Ok(Triggers { effective, activation, acceptance })
}

/// Shared with the amendments.
pub(crate) fn span(period: u32, unit: &str) -> Outcome<Span> {
    let n = i64::from(period);
    Ok(match unit {
        "Day" => n.days(),
        "Week" => n.weeks(),
        "Month" => n.months(),
        "Year" => n.years(),
        _ => return broken(format!("'{unit}' is not a valid periodType.")),
    })
}

/// Shared with the amendments.
pub(crate) fn whole(body: &Object, key: &str) -> Option<u32> {
    body.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
}

/// Shared with the amendments.
pub(crate) fn renewal(body: &Object) -> Outcome<Option<(u32, String)>> {
    let Some(first) = objects(body, "renewalTerms").first().copied() else { return Ok(None) };
    check(first, schema::RENEWAL_TERM)?;
    let unit = text(first, "periodType").unwrap_or("Month").to_owned();
    let Some(period) = whole(first, "period").filter(|p| *p > 0) else {
        return Err(refuse(code(resource::ORDER, 22), "'period' of renewalTerms is required"));
    };
    span(period, &unit)?;
    Ok(Some((period, unit)))
}

/// Shared with the amendments.
pub(crate) fn check_renewal_setting(body: &Object) -> Outcome<()> {
    match text(body, "renewalSetting") {
        None | Some("RENEW_WITH_SPECIFIC_TERM" | "RENEW_TO_EVERGREEN") => Ok(()),
        Some(other) => broken(format!("'{other}' is not a valid renewalSetting.")),
    }
}

/// A contact of the subscription's own, which must belong to an account.
pub(crate) fn own_contact(t: &Tenant, body: &Object, key: &str, owner: &str) -> Outcome<Option<String>> {
    let Some(id) = text(body, key) else { return Ok(None) };
    if !t.config.flexible_billing {
        let message = format!("'{key}' needs the feature Flexible Billing Attributes.");
        return Err(refuse(code(resource::ORDER, 10), message));
    }
    match t.contacts.get(id) {
        Some(contact) if contact.account_id == owner => Ok(Some(id.to_owned())),
        _ => broken(format!("The contact '{id}' of '{key}' does not belong to the account.")),
    }
}

/// The first version of a subscription, for `CreateSubscription`.
pub(crate) fn create(
    t: &mut Tenant,
    owner: &Owner,
    action: &Object,
    order_number: &str,
    given: &mut Given,
) -> Outcome<(Owner, String, SubVersion)> {
    let Some(body) = object(action, "createSubscription") else {
        return Err(refuse(code(resource::ORDER, 22), "'createSubscription' is required"));
    };
    check(body, schema::CREATE_SUBSCRIPTION)?;
    let dates = triggers(action)?;
    let mut owner = owner.clone();
    if let Some(number) = text(body, "subscriptionOwnerAccountNumber") {
        owner = match t.account(number) {
            Some(account) => Owner::from(account),
            None => return rule(format!("Cannot find the subscription owner account '{number}'.")),
        };
    }
    let invoice_owner = match text(body, "invoiceOwnerAccountNumber") {
        Some(number) => match t.account(number) {
            Some(account) => account.id.clone(),
            None => return rule(format!("Cannot find the invoice owner account '{number}'.")),
        },
        None => owner.id.clone(),
    };
    let currency = text(body, "currency").unwrap_or(&owner.currency).to_owned();
    if !t.config.has_currency(&currency) {
        return broken(format!("The currency '{currency}' is not active in this tenant."));
    }
    if currency != owner.currency && !t.config.multiple_currencies {
        let message = "'currency' needs the feature Multiple Currencies.";
        return Err(refuse(code(resource::ORDER, 10), message));
    }
    if let Some(term) = text(body, "paymentTerm")
        && !t.config.payment_terms.iter().any(|p| p == term)
    {
        return broken(format!("The payment term '{term}' does not exist."));
    }
    let number = match text(body, "subscriptionNumber") {
        Some(number) => number.to_owned(),
        None => {
            let prefix = t.config.subscription_prefix.clone();
            t.next_number("subscription", &prefix)
        }
    };
    let taken = t.config.unique_numbers && t.families.iter().any(|f| f.number == number);
    if taken || !given.take("subscription", &number) {
        return rule(format!("The subscription number '{number}' is already in use."));
    }
    let id = t.id();
    let mut version = SubVersion {
        id,
        version: 1,
        status: "Active".to_owned(),
        bill_to: own_contact(t, body, "billToContactId", &invoice_owner)?,
        sold_to: own_contact(t, body, "soldToContactId", &owner.id)?,
        owner: owner.id.clone(),
        invoice_owner,
        payment_term: text(body, "paymentTerm").map(str::to_owned),
        currency,
        term_type: String::new(),
        initial_term: None,
        initial_period: "Month".to_owned(),
        current_term: None,
        current_period: "Month".to_owned(),
        renewal_setting: "RENEW_WITH_SPECIFIC_TERM".to_owned(),
        renewal_term: None,
        auto_renew: false,
        start: dates.effective,
        term_start: dates.effective,
        term_end: None,
        contract_effective: dates.effective,
        service_activation: dates.activation,
        customer_acceptance: dates.acceptance,
        cancelled: None,
        suspensions: Vec::new(),
        charged: BTreeMap::new(),
        invoice_separately: body.get("invoiceSeparately") == Some(&Value::Bool(true)),
        notes: text(body, "notes").map(str::to_owned),
        custom: Object::new(),
        order_number: order_number.to_owned(),
        plans: Vec::new(),
        stamp: Stamp::new(t.now),
    };
    first_term(body, &mut version)?;
    if t.config.require_service_activation && dates.activation.is_none() {
        version.status = "Pending Activation".to_owned();
    } else if t.config.require_customer_acceptance && dates.acceptance.is_none() {
        version.status = "Pending Acceptance".to_owned();
    }
    let (old, new) = (objects(body, "subscribeToRatePlans"), objects(body, "subscribeToProducts"));
    if !old.is_empty() && !new.is_empty() {
        return broken("Use either subscribeToRatePlans or subscribeToProducts, not both.");
    }
    if old.is_empty() && new.is_empty() {
        return Err(refuse(code(resource::ORDER, 22), "A subscription needs at least one rate plan."));
    }
    for plan in old.into_iter().chain(new) {
        add_plan(t, plan, &mut version, dates, given, "New")?;
    }
    Ok((owner, number, version))
}

fn first_term(body: &Object, version: &mut SubVersion) -> Outcome<()> {
    let Some(terms) = object(body, "terms") else {
        return Err(refuse(code(resource::ORDER, 22), "'terms' is required"));
    };
    check(terms, schema::TERMS)?;
    check_renewal_setting(terms)?;
    let Some(initial) = object(terms, "initialTerm") else {
        return Err(refuse(code(resource::ORDER, 22), "'initialTerm' is required"));
    };
    check(initial, schema::INITIAL_TERM)?;
    let term_type = text(initial, "termType").unwrap_or_default();
    version.auto_renew = terms.get("autoRenew") == Some(&Value::Bool(true));
    if let Some(start) = json::date(initial, "startDate") {
        version.start = start;
        version.term_start = start;
    }
    version.term_type = term_type.to_owned();
    match term_type {
        "EVERGREEN" => {
            let renews = version.auto_renew
                || !objects(terms, "renewalTerms").is_empty()
                || text(terms, "renewalSetting").is_some();
            if renews {
                return broken("An evergreen subscription cannot have renewal terms.");
            }
            if initial.contains_key("period") || initial.contains_key("endDate") {
                return broken("An evergreen subscription cannot have a period.");
            }
        }
        "TERMED" => {
            let unit = text(initial, "periodType").unwrap_or_default();
            let end = match (whole(initial, "period"), json::date(initial, "endDate")) {
                (Some(period), None) if period > 0 => {
                    version.initial_term = Some(period);
                    version.initial_period = unit.to_owned();
                    version.term_start.saturating_add(span(period, unit)?)
                }
                (None, Some(end)) if end > version.term_start => {
                    let days = crate::amounts::days_between(version.term_start, end);
                    version.initial_term = u32::try_from(days).ok();
                    version.initial_period = "Day".to_owned();
                    end
                }
                _ => return broken("A termed subscription needs a period of at least 1 and a periodType."),
            };
            version.term_end = Some(end);
            version.current_term = version.initial_term;
            version.current_period.clone_from(&version.initial_period);
        }
        other => return broken(format!("'{other}' is not a valid termType.")),
    }
    if let Some(setting) = text(terms, "renewalSetting") {
        version.renewal_setting = setting.to_owned();
    }
    version.renewal_term = renewal(terms)?;
    if version.auto_renew
        && version.renewal_setting == "RENEW_WITH_SPECIFIC_TERM"
        && version.renewal_term.is_none()
    {
        return Err(refuse(code(resource::ORDER, 22), "'renewalTerms' is required"));
    }
    Ok(())
}

/// Adds a rate plan to a version.
pub(crate) fn add_plan(
    t: &mut Tenant,
    body: &Object,
    version: &mut SubVersion,
    dates: Triggers,
    given: &mut Given,
    change: &'static str,
) -> Outcome<()> {
    check(body, schema::ADD_PRODUCT)?;
    let found = match (text(body, "productRatePlanId"), text(body, "productRatePlanNumber")) {
        (Some(id), _) => t.plans.get(id),
        (None, Some(number)) => {
            t.plans.values().find(|p| text(&p.fields, "ProductRatePlanNumber") == Some(number))
        }
        (None, None) => {
            return Err(refuse(code(resource::ORDER, 22), "'productRatePlanId' is required"));
        }
    };
    let lag = t.config.catalog_lag_seconds;
    let ready = found.filter(|p| crate::clock::plus(p.stamp.created, lag) <= t.now);
    let Some(plan) = ready.cloned() else {
        return Err(refuse(code(resource::ORDER, 40), "Cannot find the product rate plan."));
    };
    let product = t.products.get(&plan.product_id).map(|p| p.fields.clone()).unwrap_or_default();
    for fields in [&product, &plan.fields] {
        let early = json::date(fields, "EffectiveStartDate").is_some_and(|d| d > dates.effective);
        let late = json::date(fields, "EffectiveEndDate").is_some_and(|d| d < dates.effective);
        if early || late {
            let name = text(fields, "Name").unwrap_or_default();
            return broken(format!("'{name}' is not effective on {}.", dates.effective));
        }
    }
    if !plan.currencies.contains(&version.currency) {
        return broken(format!("The currency '{}' is not active on the rate plan.", version.currency));
    }
    let custom = custom_fields(t, body, "RatePlan")?;
    let overrides = objects(body, "chargeOverrides");
    let charges: Vec<_> = t.charges_of(&plan.id).cloned().collect();
    let mut chosen = Vec::new();
    for over in &overrides {
        let id = text(over, "productRatePlanChargeId");
        let number = text(over, "productRatePlanChargeNumber");
        let hit = charges.iter().find(|c| match id {
            Some(id) => c.id == id,
            None => number.is_some() && text(&c.fields, "ProductRatePlanChargeNumber") == number,
        });
        let Some(hit) = hit else {
            let message = "Cannot find the product rate plan charge on the rate plan.";
            return Err(refuse(code(resource::ORDER, 40), message));
        };
        if chosen.contains(&hit.id) {
            return broken("A charge is overridden twice.");
        }
        chosen.push(hit.id.clone());
        if let Some(number) = text(over, "chargeNumber") {
            let mut numbers = t.families.iter().flat_map(|f| &f.versions).flat_map(SubVersion::charges);
            let taken = t.config.unique_numbers && numbers.any(|c| c.number == number);
            if taken || !given.take("charge", number) {
                let message = format!("The charge number '{number}' is already in use.");
                return if change == "Add" {
                    Err(refuse(code(resource::ORDER, 30), message))
                } else {
                    rule(message)
                };
            }
        }
    }
    let number = match text(body, "subscriptionRatePlanNumber") {
        Some(number) => number.to_owned(),
        None => t.next_number("rate-plan", "SRP-"),
    };
    let mut plans = t.families.iter().filter_map(|f| f.latest()).flat_map(|v| &v.plans);
    let taken = t.config.unique_numbers && plans.any(|p| p.number == number);
    if taken || !given.take("rate-plan", &number) {
        return rule(format!("The rate plan number '{number}' is already in use."));
    }
    if text(body, "uniqueToken").is_some_and(|token| !given.take("token", token)) {
        return broken("A uniqueToken is used twice.");
    }
    let mut built = Vec::new();
    for charge in &charges {
        let over = overrides.iter().copied().find(|o| {
            text(o, "productRatePlanChargeId") == Some(&charge.id)
                || (text(o, "productRatePlanChargeId").is_none()
                    && text(o, "productRatePlanChargeNumber")
                        == text(&charge.fields, "ProductRatePlanChargeNumber"))
        });
        built.push(new_charge(t, charge, over, version, dates)?);
    }
    let id = t.id();
    version.plans.push(SubPlan {
        all_ids: vec![id.clone()],
        original_id: id.clone(),
        id,
        number,
        plan_id: plan.id,
        product_id: plan.product_id,
        externally_managed: text(body, "externallyManagedPlanId").map(str::to_owned),
        unique_token: text(body, "uniqueToken").map(str::to_owned),
        custom,
        charges: built,
        removed: None,
        last_change: change,
        stamp: Stamp::new(t.now),
    });
    Ok(())
}
