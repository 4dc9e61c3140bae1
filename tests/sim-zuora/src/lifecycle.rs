//! Actions on a subscription as a whole: terms, renewal, cancellation, suspension, transfer; and the
//! renewals that happen by themselves.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::amendments::{renumber, uplift};
use crate::amounts::days_between;
use crate::errors::{Outcome, code, refuse, resource};
use crate::json::{self, Object, object, text};
use crate::order_actions::{check_renewal_setting, own_contact, renewal, rule, span, whole};
use crate::pricing::{Triggers, broken, check};
use crate::schema;
use crate::state::{Account, Stamp, Tenant};
use crate::subscriptions::{SubVersion, Suspension};

fn required<T>(key: &str) -> Outcome<T> {
    Err(refuse(code(resource::ORDER, 22), format!("'{key}' is required")))
}

fn flag(body: &Object, key: &str) -> bool {
    body.get(key) == Some(&Value::Bool(true))
}

/// Contacts and payment term of a subscription's own, as terms, renewals and transfers carry them.
fn attributes(t: &Tenant, version: &mut SubVersion, body: &Object) -> Outcome<()> {
    for key in ["billToContact", "soldToContact"] {
        if object(body, key).is_some() {
            return broken(format!("A new contact in '{key}' is not simulated: give the id of one."));
        }
    }
    if flag(body, "clearingExistingBillToContact") {
        version.bill_to = None;
    }
    if flag(body, "clearingExistingSoldToContact") {
        version.sold_to = None;
    }
    if flag(body, "clearingExistingPaymentTerm") {
        version.payment_term = None;
    }
    if let Some(id) = own_contact(t, body, "billToContactId", &version.invoice_owner)? {
        version.bill_to = Some(id);
    }
    if let Some(id) = own_contact(t, body, "soldToContactId", &version.owner)? {
        version.sold_to = Some(id);
    }
    if let Some(term) = text(body, "paymentTerm") {
        if !t.config.flexible_billing {
            let message = "'paymentTerm' needs the feature Flexible Billing Attributes.";
            return Err(refuse(code(resource::ORDER, 10), message));
        }
        if !t.config.payment_terms.iter().any(|p| p == term) {
            return broken(format!("The payment term '{term}' does not exist."));
        }
        version.payment_term = Some(term.to_owned());
    }
    if let Some(separately) = body.get("invoiceSeparately").and_then(Value::as_bool) {
        version.invoice_separately = separately;
    }
    Ok(())
}

/// Applies `TermsAndConditions`.
pub(crate) fn terms(t: &Tenant, version: &mut SubVersion, body: &Object) -> Outcome<()> {
    check(body, schema::TERMS_AND_CONDITIONS)?;
    check_renewal_setting(body)?;
    if let Some(key) = body.keys().find(|k| k.starts_with("scheduled") || k.starts_with("clearingScheduled"))
    {
        return broken(format!("'{key}' is not simulated."));
    }
    attributes(t, version, body)?;
    if let Some(renew) = body.get("autoRenew").and_then(Value::as_bool) {
        version.auto_renew = renew;
    }
    if let Some(setting) = text(body, "renewalSetting") {
        version.renewal_setting = setting.to_owned();
    }
    if let Some(next) = renewal(body)? {
        version.renewal_term = Some(next);
    }
    if let Some(last) = object(body, "lastTerm") {
        check(last, schema::LAST_TERM)?;
        match text(last, "termType") {
            Some("EVERGREEN") => {
                version.term_type = "EVERGREEN".to_owned();
                version.term_end = None;
            }
            Some("TERMED") => termed(version, last)?,
            other => {
                return broken(format!("'{}' is not a valid termType.", other.unwrap_or_default()));
            }
        }
    }
    if version.term_type == "EVERGREEN" && version.auto_renew {
        return broken("An evergreen subscription cannot renew.");
    }
    Ok(())
}

fn termed(version: &mut SubVersion, last: &Object) -> Outcome<()> {
    let start = json::date(last, "startDate").unwrap_or(version.term_start);
    let (end, period, unit) = match (whole(last, "period").filter(|p| *p > 0), json::date(last, "endDate")) {
        (Some(period), None) => {
            let unit = text(last, "periodType").unwrap_or("Month");
            (start.saturating_add(span(period, unit)?), Some(period), unit)
        }
        (None, Some(end)) if end > start => (end, u32::try_from(days_between(start, end)).ok(), "Day"),
        _ => return broken("'period' or 'endDate' of lastTerm is required."),
    };
    version.term_type = "TERMED".to_owned();
    version.term_start = start;
    version.term_end = Some(end);
    version.current_term = period;
    version.current_period = unit.to_owned();
    Ok(())
}

/// Applies `RenewSubscription`.
pub(crate) fn renewal_action(t: &Tenant, version: &mut SubVersion, body: &Object) -> Outcome<()> {
    check(body, schema::RENEW)?;
    attributes(t, version, body)?;
    renew(version)
}

fn renew(version: &mut SubVersion) -> Outcome<()> {
    let Some(end) = version.term_end else { return rule("An evergreen subscription cannot be renewed.") };
    if version.renewal_setting == "RENEW_TO_EVERGREEN" {
        version.term_start = end;
        version.term_type = "EVERGREEN".to_owned();
        version.term_end = None;
        version.auto_renew = false;
        return Ok(());
    }
    let Some((period, unit)) = version.renewal_term.clone() else {
        return rule("The subscription has no renewal term.");
    };
    version.term_start = end;
    version.term_end = Some(end.saturating_add(span(period, &unit)?));
    version.current_term = Some(period);
    version.current_period = unit;
    Ok(())
}

fn in_term(version: &SubVersion, date: Date, what: &str) -> Outcome<()> {
    if date < version.start || version.term_end.is_some_and(|end| date > end) {
        return rule(format!("The {what} date {date} is outside the subscription's term."));
    }
    Ok(())
}

/// The end of what was invoiced; the action's own date while nothing was.
fn end_of_invoiced(version: &SubVersion, dates: Triggers) -> Date {
    version.charged_through().unwrap_or_else(|| dates.effective.max(version.start))
}

/// Applies `CancelSubscription`.
pub(crate) fn cancel(version: &mut SubVersion, body: &Object, dates: Triggers) -> Outcome<()> {
    check(body, schema::CANCEL)?;
    let date = match text(body, "cancellationPolicy") {
        Some("SpecificDate") => match json::date(body, "cancellationEffectiveDate") {
            Some(date) => date,
            None => return required("cancellationEffectiveDate"),
        },
        Some("EndOfCurrentTerm") => match version.term_end {
            Some(end) => end,
            None => return rule("An evergreen subscription has no end of term."),
        },
        Some("EndOfLastInvoicePeriod") => end_of_invoiced(version, dates),
        other => {
            return broken(format!("'{}' is not a valid cancellationPolicy.", other.unwrap_or_default()));
        }
    };
    in_term(version, date, "cancellation")?;
    version.status = "Cancelled".to_owned();
    version.cancelled = Some(date);
    version.auto_renew = false;
    Ok(())
}

fn later(body: &Object, from: Date, count: &str, unit: &str) -> Outcome<Date> {
    let Some(periods) = whole(body, count).filter(|n| *n > 0) else { return required(count) };
    let Some(unit) = text(body, unit) else { return required(unit) };
    Ok(from.saturating_add(span(periods, unit)?))
}

/// Applies `Suspend`.
pub(crate) fn suspend(t: &Tenant, version: &mut SubVersion, body: &Object, dates: Triggers) -> Outcome<()> {
    check(body, schema::SUSPEND)?;
    let from = match text(body, "suspendPolicy") {
        Some("Today") => t.today(),
        Some("EndOfLastInvoicePeriod") => end_of_invoiced(version, dates),
        Some("SpecificDate") => match json::date(body, "suspendSpecificDate") {
            Some(date) => date,
            None => return required("suspendSpecificDate"),
        },
        Some("FixedPeriodsFromToday") => later(body, t.today(), "suspendPeriods", "suspendPeriodsType")?,
        other => return broken(format!("'{}' is not a valid suspendPolicy.", other.unwrap_or_default())),
    };
    in_term(version, from, "suspension")?;
    if version.suspensions.last().and_then(|s| s.to).is_some_and(|to| from < to) {
        return rule(format!("The suspension date {from} is before the end of the last suspension."));
    }
    version.suspensions.push(Suspension { from, to: None });
    Ok(())
}

/// Applies `Resume`.
pub(crate) fn resume(t: &Tenant, version: &mut SubVersion, body: &Object) -> Outcome<()> {
    check(body, schema::RESUME)?;
    let Some(open) = version.open_suspension() else {
        return rule("The subscription is not suspended and cannot be resumed.");
    };
    let to = match text(body, "resumePolicy") {
        Some("Today") => t.today(),
        Some("SuspendDate") => open.from,
        Some("SpecificDate") => match json::date(body, "resumeSpecificDate") {
            Some(date) => date,
            None => return required("resumeSpecificDate"),
        },
        Some("FixedPeriodsFromSuspendDate") => later(body, open.from, "resumePeriods", "resumePeriodsType")?,
        Some("FixedPeriodsFromToday") => later(body, t.today(), "resumePeriods", "resumePeriodsType")?,
        other => return broken(format!("'{}' is not a valid resumePolicy.", other.unwrap_or_default())),
    };
    if to < open.from {
        return rule(format!("The resume date {to} is before the suspension on {}.", open.from));
    }
    if let Some(last) = version.suspensions.last_mut() {
        last.to = Some(to);
    }
    if flag(body, "extendsTerm")
        && let Some(end) = version.term_end
    {
        let days = i64::from(days_between(open.from, to));
        version.term_end = Some(end.saturating_add(days.days()));
    }
    Ok(())
}

fn destination<'a>(t: &'a Tenant, version: &SubVersion, number: &str) -> Outcome<&'a Account> {
    let Some(account) = t.accounts.values().find(|a| a.number == number) else {
        return Err(refuse(code(resource::ORDER, 40), format!("Cannot find the account '{number}'.")));
    };
    if account.status != "Active" {
        return rule(format!("The account '{number}' is not active."));
    }
    if account.currency != version.currency && !t.config.multiple_currencies {
        return rule(format!("The account '{number}' has another currency than the subscription."));
    }
    Ok(account)
}

/// Applies `OwnerTransfer`.
pub(crate) fn transfer(t: &Tenant, version: &mut SubVersion, body: &Object) -> Outcome<()> {
    check(body, schema::OWNER_TRANSFER)?;
    let (owner, payer) =
        (text(body, "destinationAccountNumber"), text(body, "destinationInvoiceAccountNumber"));
    if owner.is_none() && payer.is_none() {
        return required("destinationAccountNumber");
    }
    if let Some(number) = owner {
        version.owner = destination(t, version, number)?.id.clone();
    }
    if let Some(number) = payer {
        version.invoice_owner = destination(t, version, number)?.id.clone();
    }
    attributes(t, version, body)?;
    for (key, contact, account) in
        [("bill-to", &version.bill_to, &version.invoice_owner), ("sold-to", &version.sold_to, &version.owner)]
    {
        let own = contact.as_ref().and_then(|id| t.contacts.get(id));
        if own.is_some_and(|c| c.account_id != *account) {
            return rule(format!("The subscription's {key} contact belongs to another account: clear it."));
        }
    }
    Ok(())
}

/// Renews by themselves the subscriptions whose term is over, as far as they shall; each renewal makes
/// a version (the vendor also makes an order, which is not simulated).
pub(crate) fn renew_due(t: &mut Tenant) {
    let today = t.today();
    for index in 0..t.families.len() {
        while let Some(mut next) = t.families.get(index).and_then(|f| f.latest()).cloned() {
            let due = next.auto_renew
                && next.status_at(today) == "Active"
                && next.open_suspension().is_none()
                && next.term_end.is_some_and(|end| end <= today);
            if !due || renew(&mut next).is_err() {
                break;
            }
            if let Some(percent) = t.renewal_uplift {
                let day = next.term_start;
                uplift(&mut next, percent, day);
            }
            next.version += 1;
            next.stamp = Stamp::new(t.now);
            renumber(t, &mut next);
            if let Some(family) = t.families.get_mut(index) {
                family.versions.push(next);
            }
        }
    }
}
