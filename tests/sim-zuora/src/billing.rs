//! What charges bill and when: the periods and amounts of previews and of bill runs, and the bill run.
//!
//! Periods begin with the charge and are cut at its end; the account's bill cycle day is not followed. A
//! bill run invoices what is not invoiced yet; it gives no credit for what was invoiced and fell away.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::json;

use crate::amounts::{ChargeType, Period, add_months, round};
use crate::json::{Object, into_object, num, num_or_null, object, text};
use crate::seed;
use crate::state::{Account, Tenant};
use crate::subscriptions::{BilledPeriod, Charged, SubCharge, SubPlan, SubVersion};
use crate::views::catalog_names;

/// How far to bill.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Through {
    /// So many periods of each charge.
    Periods(usize),
    /// All periods that are due by this day.
    Day(Date),
    /// All periods of the term; one of an evergreen subscription.
    TermEnd,
}

/// A billing period of a charge, or what is left of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Where the period begins.
    pub(crate) period: Date,
    /// Where the piece begins.
    pub(crate) start: Date,
    /// First day after it; for one-time charges its first day.
    pub(crate) end: Date,
}

/// Longest list of periods.
const MOST: usize = 1200;

/// The periods that a charge bills from a day on.
pub(crate) fn pieces(version: &SubVersion, charge: &SubCharge, from: Date, through: Through) -> Vec<Piece> {
    let (Some(first), Some(last)) = (charge.segments.first(), charge.last()) else { return Vec::new() };
    if charge.kind == ChargeType::Usage || charge.model.is_discount() {
        return Vec::new();
    }
    let anchor = first.start;
    let close = version.segment_end(last);
    if charge.kind == ChargeType::OneTime {
        let late = matches!(through, Through::Day(day) if anchor > day);
        let gone = close.is_some_and(|end| end <= anchor);
        let piece = Piece { period: anchor, start: anchor, end: anchor };
        return if anchor < from || late || gone { Vec::new() } else { vec![piece] };
    }
    let mut found = Vec::new();
    let mut start = anchor;
    for count in 1..=i32::try_from(MOST).unwrap_or(i32::MAX) {
        let next = match charge.billing {
            Period::Months(n) => {
                add_months(anchor, i32::try_from(n.max(1)).unwrap_or(1).saturating_mul(count))
            }
            Period::Days(n) => start.saturating_add(i64::from(n.max(1)).days()),
            Period::Term => close.unwrap_or_else(|| add_months(start, 12)),
        };
        let end = close.map_or(next, |close| next.min(close));
        let due = if charge.arrears { end } else { start };
        let enough = match through {
            Through::Periods(n) => found.len() >= n,
            Through::Day(day) => due > day,
            Through::TermEnd => close.is_none() && !found.is_empty(),
        };
        if enough || close.is_some_and(|close| start >= close) {
            break;
        }
        if end > from {
            let begin = start.max(from);
            found.push(Piece { period: start, start: begin, end });
        }
        start = next;
    }
    found
}

/// The amount of a piece after discounts, rounded, without tax.
pub(crate) fn amount(version: &SubVersion, charge: &SubCharge, piece: &Piece) -> Decimal {
    let to =
        if charge.kind == ChargeType::OneTime { piece.start.saturating_add(1.days()) } else { piece.end };
    let mut full = version.value_between(charge, piece.start, to);
    let shares = version.values_between(piece.start, to);
    let share = shares.charges.get(charge.number.as_str()).copied().unwrap_or_default();
    if !share.gross.is_zero() {
        full = full * (share.gross - share.off) / share.gross;
    }
    round(full, &version.currency)
}

/// What of an amount is the price and what is the tax on it, by the tenant's tax rate.
pub(crate) fn taxed(
    t: &Tenant,
    charge: &SubCharge,
    payer: &str,
    amount: Decimal,
    currency: &str,
) -> (Decimal, Decimal) {
    let catalog = t.charges.get(&charge.charge_id).map(|c| &c.fields);
    let listed = catalog.and_then(|f| f.get("Taxable")).and_then(serde_json::Value::as_bool);
    let exempt = t.accounts.get(payer).and_then(|a| object(&a.fields, "taxInfo"));
    let exempt = exempt.and_then(|i| text(i, "exemptStatus")) == Some("Yes");
    let percent = t.config.tax_percent.filter(|_| !exempt);
    let Some(percent) = percent.filter(|_| charge.taxable.or(listed) == Some(true)) else {
        return (amount, Decimal::ZERO);
    };
    if catalog.and_then(|f| text(f, "TaxMode")) == Some("TaxInclusive") {
        let whole = Decimal::ONE_HUNDRED + percent;
        let price = round(amount * Decimal::ONE_HUNDRED / whole, currency);
        return (price, amount - price);
    }
    (amount, round(amount * percent / Decimal::ONE_HUNDRED, currency))
}

/// What one invoice stands for: payer, currency, bill-to, payment term, and the subscription when it is
/// invoiced on its own.
type Group = (String, String, String, String, Option<String>);

fn group(version: &SubVersion, number: &str, payer: &Account) -> Group {
    (
        payer.id.clone(),
        version.currency.clone(),
        version.bill_to.clone().unwrap_or_else(|| payer.bill_to.clone()),
        version
            .payment_term
            .clone()
            .unwrap_or_else(|| text(&payer.fields, "paymentTerm").unwrap_or_default().to_owned()),
        version.invoice_separately.then(|| number.to_owned()),
    )
}

/// An item of an invoice: its fields, its price and its tax.
type Item = (Object, Decimal, Decimal);

/// Invoices all that is due by a day and not invoiced yet; gives back the invoices' numbers.
pub(crate) fn bill_through(t: &mut Tenant, date: Date) -> Vec<String> {
    let mut groups: BTreeMap<Group, Vec<Item>> = BTreeMap::new();
    for index in 0..t.families.len() {
        let Some(family) = t.families.get(index) else { continue };
        let Some(version) = family.latest().filter(|v| !v.status.starts_with("Pending")).cloned() else {
            continue;
        };
        let number = family.number.clone();
        let Some(payer) = t.accounts.get(&version.invoice_owner).cloned() else { continue };
        let mut charged = version.charged.clone();
        for (plan, charge) in version.plans.iter().flat_map(|p| p.charges.iter().map(move |c| (p, c))) {
            for piece in pieces(&version, charge, Date::MIN, Through::Day(date)) {
                let Some(more) = mark(&version, charge, &piece, &mut charged) else { continue };
                let (price, tax) = taxed(t, charge, &payer.id, more, &version.currency);
                let fields = item(t, &version, &number, plan, charge, &piece, price, tax);
                groups.entry(group(&version, &number, &payer)).or_default().push((fields, price, tax));
            }
        }
        if let Some(latest) = t.families.get_mut(index).and_then(|f| f.versions.last_mut()) {
            latest.charged = charged;
        }
    }
    groups.into_iter().filter_map(|(group, items)| invoice(t, date, group, items)).collect()
}

/// Marks a period as invoiced; gives back what is still to be invoiced for it, if anything.
fn mark(
    version: &SubVersion,
    charge: &SubCharge,
    piece: &Piece,
    charged: &mut BTreeMap<String, Charged>,
) -> Option<Decimal> {
    let due = amount(version, charge, piece);
    let before = charged.get(&charge.number).map_or(&[][..], |c| c.periods.as_slice());
    let earlier: Vec<Decimal> = before.iter().filter(|b| b.start == piece.period).map(|b| b.amount).collect();
    let more = due - earlier.iter().copied().sum::<Decimal>();
    if !earlier.is_empty() && more <= Decimal::ZERO {
        return None;
    }
    let processed = if charge.arrears { piece.end } else { piece.start };
    let entry = charged.entry(charge.number.clone()).or_insert_with(|| Charged {
        through: piece.end,
        processed,
        periods: Vec::new(),
    });
    entry.through = entry.through.max(piece.end);
    entry.processed = entry.processed.max(processed);
    entry.periods.push(BilledPeriod { start: piece.period, amount: more });
    (more > Decimal::ZERO).then_some(more)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one record")]
fn item(
    t: &Tenant,
    version: &SubVersion,
    number: &str,
    plan: &SubPlan,
    charge: &SubCharge,
    piece: &Piece,
    price: Decimal,
    tax: Decimal,
) -> Object {
    let (_, product) = catalog_names(t, plan);
    let segment = charge.segments.iter().rev().find(|s| s.start <= piece.start).or(charge.last());
    into_object(json!({
        "chargeAmount": num(price), "taxAmount": num(tax), "chargeName": charge.name,
        "chargeNumber": charge.number, "chargeDate": piece.start, "serviceStartDate": piece.start,
        "serviceEndDate": piece.end.saturating_sub(1.days()).max(piece.start), "processingType": "Charge",
        "subscriptionId": version.id, "subscriptionNumber": number, "ratePlanChargeId": charge.id,
        "productRatePlanChargeId": charge.charge_id, "productRatePlanId": plan.plan_id,
        "productId": plan.product_id, "sKU": product.get("SKU"), "uOM": charge.uom,
        "quantity": num_or_null(segment.and_then(|s| s.quantity)),
        "unitPrice": num_or_null(segment.and_then(|s| s.price)),
    }))
}

fn invoice(t: &mut Tenant, date: Date, group: Group, items: Vec<Item>) -> Option<String> {
    let (payer, currency, bill_to, term, _) = group;
    let price: Decimal = items.iter().map(|i| i.1).sum();
    let tax: Decimal = items.iter().map(|i| i.2).sum();
    if (price + tax).is_zero() {
        return None;
    }
    let number = t.next_number("invoice", "INV");
    let days = term.strip_prefix("Net ").and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
    let fields = json!({
        "accountId": payer, "invoiceNumber": number, "status": "Posted", "currency": currency,
        "amount": num(price + tax), "amountWithoutTax": num(price), "taxAmount": num(tax),
        "balance": num(price + tax), "paymentAmount": 0, "invoiceDate": date, "targetDate": date,
        "dueDate": date.saturating_add(days.days()), "postedDate": t.now.to_string(),
        "billToContactId": bill_to, "paymentTerm": term, "reversed": false, "source": "BillRun",
        "sourceType": "Subscription", "transferredToAccounting": "No",
    });
    let id = seed::document(t, "invoices", into_object(fields));
    for (mut fields, _, _) in items {
        fields.insert("invoiceId".to_owned(), json!(id));
        seed::document(t, "invoice-items", fields);
    }
    Some(number)
}
