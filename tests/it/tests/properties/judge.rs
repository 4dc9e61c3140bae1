//! What must be true of a subscription, by HubSpot's own figures.

use crate::deals::{DealOf, Good, LineOf};
use rust_decimal::Decimal;
use serde_json::Value;
use sim_hubspot::Sim;

pub(crate) fn number(value: &Value) -> Decimal {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn cent(currency: &str) -> Decimal {
    match currency {
        "JPY" => Decimal::ONE,
        "KWD" => Decimal::new(1, 3),
        _ => Decimal::new(1, 2),
    }
}

fn figure(hubspot: &Sim, line: &LineOf, name: &str) -> Decimal {
    hubspot.get("line_items", &line.id).map(|record| number(&record[name])).unwrap_or_default()
}

/// The monthly revenue of a line. HubSpot counts 52 weeks a year, Zuora the price of a day thirty times.
fn monthly(hubspot: &Sim, line: &LineOf) -> Decimal {
    let by_days = |days: u32| figure(hubspot, line, "amount") * Decimal::from(30) / Decimal::from(days);
    match line.frequency {
        "weekly" => by_days(7),
        "biweekly" => by_days(14),
        _ => figure(hubspot, line, "hs_mrr"),
    }
}

/// The monthly revenue of a product in Zuora, after discounts.
fn held(subscription: &Value, good: Good, what: &str) -> Decimal {
    let plans = subscription["ratePlans"].as_array().cloned().unwrap_or_default();
    plans
        .iter()
        .filter(|plan| plan["externallyManagedPlanId"] == good.product())
        .flat_map(|plan| plan["charges"].as_array().cloned().unwrap_or_default())
        .map(|charge| number(&charge[what]))
        .sum()
}

/// Compares a subscription with its deal; says every difference.
pub(crate) fn differences(hubspot: &Sim, deal: &DealOf, subscription: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let cent = cent(deal.currency);
    let mut compare = |what: String, wanted: Decimal, seen: Decimal, tolerance: Decimal| {
        if (wanted - seen).abs() > tolerance {
            found.push(format!("{what}: HubSpot {wanted}, Zuora {seen}, at most {tolerance} apart"));
        }
    };
    let counted: Vec<&LineOf> = deal.lines.iter().filter(|l| l.good != Good::Storage).collect();
    // Each line is rounded by itself on both sides; discounts are rounded beside their charge.
    let lines = Decimal::from(counted.len() as u64);
    let recurring: Vec<&LineOf> = counted.iter().copied().filter(|l| l.is_recurring()).collect();
    if !deal.ramp {
        let wanted: Decimal = recurring.iter().map(|l| monthly(hubspot, l)).sum();
        // A week's amount is rounded by HubSpot before it is counted four times and more.
        let weeks = if recurring.iter().any(|l| l.is_weekly()) { Decimal::from(4) } else { Decimal::ONE };
        compare("MRR".to_owned(), wanted, number(&subscription["mrr"]), cent * lines * weeks);
        let goods: Vec<Good> = recurring.iter().map(|l| l.good).collect();
        for (index, good) in goods.iter().enumerate() {
            if goods[..index].contains(good) {
                continue;
            }
            let of_good = recurring.iter().filter(|l| l.good == *good);
            let count = Decimal::from(of_good.clone().count() as u64);
            let wanted: Decimal = of_good.map(|l| monthly(hubspot, l)).sum();
            compare(
                format!("MRR of {good:?}"),
                wanted,
                held(subscription, *good, "mrr"),
                cent * count * weeks,
            );
        }
    }
    // Usage comes to nothing before it is used; its price is what was agreed.
    for line in deal.lines.iter().filter(|l| l.good == Good::Storage) {
        let wanted = line.price.parse().unwrap_or_default();
        compare("price of usage".to_owned(), wanted, held(subscription, line.good, "price"), Decimal::ZERO);
    }
    for line in counted.iter().filter(|l| !l.is_recurring()) {
        let wanted = figure(hubspot, line, "amount");
        compare(format!("{:?}", line.good), wanted, held(subscription, line.good, "tcv"), cent);
    }
    if deal.is_to_come() && deal.term > 0 && !recurring.iter().any(|l| l.is_weekly()) {
        let wanted: Decimal = counted.iter().map(|l| figure(hubspot, l, "hs_tcv")).sum();
        let periods = Decimal::from(deal.term) * lines;
        compare("TCV".to_owned(), wanted, number(&subscription["tcv"]), cent * periods / Decimal::TWO + cent);
        if deal.term <= 12 && lines == Decimal::ONE {
            // One line and twelve periods at most.
            compare("TCV".to_owned(), wanted, number(&subscription["tcv"]), cent * Decimal::from(7));
        }
    }
    let day =
        |name: &str| subscription[name].as_str().and_then(|text| text.parse::<jiff::civil::Date>().ok());
    let term = jiff::Span::new().months(i64::from(deal.term));
    if deal.term > 0 && day("termStartDate").map(|start| start + term) != day("termEndDate") {
        found.push(format!(
            "the term: HubSpot {} months, Zuora to {}",
            deal.term, subscription["termEndDate"]
        ));
    }
    if (deal.term == 0) != (subscription["termType"] == "EVERGREEN") {
        found.push(format!("the term: HubSpot {}, Zuora {}", deal.term, subscription["termType"]));
    }
    if subscription["currency"] != deal.currency {
        found.push(format!("the currency: {}", subscription["currency"]));
    }
    found
}

/// What a subscription comes to, without numbers and ids: charges by product, quantity, price, discount, dates.
pub(crate) fn essence(subscription: &Value, with_start: bool) -> Vec<String> {
    let plans = subscription["ratePlans"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<String> = plans
        .iter()
        .map(|plan| {
            let charges = plan["charges"].as_array().cloned().unwrap_or_default();
            let mut charges: Vec<String> = charges
                .iter()
                .map(|c| {
                    let start = if with_start { c["startDate"].to_string() } else { String::new() };
                    format!(
                        "{} {} x {} tiers {} off {} {} per {} {start}..{}",
                        c["model"],
                        c["quantity"],
                        c["price"],
                        c["tiers"],
                        c["discountPercentage"],
                        c["discountAmount"],
                        c["billingPeriod"],
                        c["endDate"]
                    )
                })
                .collect();
            charges.sort();
            format!("{}: {}", plan["externallyManagedPlanId"], charges.join("; "))
        })
        .collect();
    all.sort();
    all.push(format!(
        "{} {} to {}",
        subscription["termType"], subscription["startDate"], subscription["endDate"]
    ));
    all
}
