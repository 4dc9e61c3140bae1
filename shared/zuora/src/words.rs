//! Words of the vendor that stand in several answers: charge models, charge types, periods, price formats. Zuora
//! spells them the CRUD way or the orders way (`zuora.md` 4 and trap 5): letters and digits decide, nothing else.

use connector_domain::billing::product::{ChargeModel, ChargeType};
use connector_domain::dates::{BillingPeriod, Term};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Letters and digits in lower case.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The charge model in either spelling.
pub(crate) fn model(text: &str) -> ChargeModel {
    match plain(text).as_str() {
        "flatfee" | "flatfeepricing" => ChargeModel::FlatFee,
        "perunit" | "perunitpricing" => ChargeModel::PerUnit,
        "tiered" | "tieredpricing" => ChargeModel::Tiered,
        "volume" | "volumepricing" => ChargeModel::Volume,
        "overage" | "overagepricing" => ChargeModel::Overage,
        "tieredwithoverage" | "tieredwithoveragepricing" => ChargeModel::TieredWithOverage,
        "discountfixedamount" => ChargeModel::DiscountFixedAmount,
        "discountpercentage" => ChargeModel::DiscountPercentage,
        _ => ChargeModel::Other(text.to_owned()),
    }
}

/// The charge type; none for a word that nobody has listed.
pub(crate) fn charge_type(text: &str) -> Option<ChargeType> {
    match plain(text).as_str() {
        "onetime" => Some(ChargeType::OneTime),
        "recurring" => Some(ChargeType::Recurring),
        "usage" => Some(ChargeType::Usage),
        _ => None,
    }
}

/// The billing period in either spelling; none for `Subscription Term`, days, and what nobody has listed.
pub(crate) fn period(text: &str, specific: Option<Decimal>) -> Option<BillingPeriod> {
    let specific = || specific.and_then(|n| n.to_u32()).filter(|n| *n > 0);
    match plain(text).as_str() {
        "week" => Some(BillingPeriod::Week),
        "month" => Some(BillingPeriod::Month),
        "quarter" => Some(BillingPeriod::Quarter),
        "semiannual" => Some(BillingPeriod::SemiAnnual),
        "annual" => Some(BillingPeriod::Annual),
        "eighteenmonths" => Some(BillingPeriod::Months(18)),
        "twoyears" => Some(BillingPeriod::Months(24)),
        "threeyears" => Some(BillingPeriod::Months(36)),
        "fiveyears" => Some(BillingPeriod::Months(60)),
        "specificmonths" => specific().map(BillingPeriod::Months),
        "specificweeks" => specific().map(BillingPeriod::Weeks),
        _ => None,
    }
}

/// The length of a term of so many periods, months unless Zuora says otherwise (SDK `TermPeriodType`); none for
/// days, which the connector does not order.
pub(crate) fn term(length: Option<Decimal>, kind: Option<&str>) -> Option<Term> {
    let length = length.and_then(|n| n.to_u32()).filter(|n| *n > 0)?;
    match plain(kind.unwrap_or("Month")).as_str() {
        "month" => Some(Term::Months(length)),
        "year" => length.checked_mul(12).map(Term::Months),
        "week" => Some(Term::Weeks(length)),
        _ => None,
    }
}

/// The price is one amount for the whole range (`Flat Fee`, `FlatFee`).
pub(crate) fn is_flat(price_format: Option<&str>) -> bool {
    price_format.is_some_and(|text| plain(text) == "flatfee")
}
