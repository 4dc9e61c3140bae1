//! Money: price, monthly recurring revenue and contract value of a charge, all in decimals.

use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use rust_decimal::{Decimal, RoundingStrategy};

/// Charge model, in the spelling of the Orders API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    FlatFee,
    PerUnit,
    Tiered,
    Volume,
    Overage,
    TieredWithOverage,
    DiscountFixedAmount,
    DiscountPercentage,
}

impl Model {
    /// From the spelling of the catalogue's CRUD calls.
    pub(crate) fn from_catalog(text: &str) -> Option<Model> {
        Some(match text {
            "Flat Fee Pricing" => Model::FlatFee,
            "Per Unit Pricing" => Model::PerUnit,
            "Tiered Pricing" => Model::Tiered,
            "Volume Pricing" => Model::Volume,
            "Overage Pricing" => Model::Overage,
            "Tiered with Overage Pricing" => Model::TieredWithOverage,
            "Discount-Fixed Amount" => Model::DiscountFixedAmount,
            "Discount-Percentage" => Model::DiscountPercentage,
            _ => return None,
        })
    }

    /// The spelling of the Orders API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Model::FlatFee => "FlatFee",
            Model::PerUnit => "PerUnit",
            Model::Tiered => "Tiered",
            Model::Volume => "Volume",
            Model::Overage => "Overage",
            Model::TieredWithOverage => "TieredWithOverage",
            Model::DiscountFixedAmount => "DiscountFixedAmount",
            Model::DiscountPercentage => "DiscountPercentage",
        }
    }

    /// The spelling of object query (that of the catalogue).
    pub(crate) fn catalog_name(self) -> &'static str {
        match self {
            Model::FlatFee => "Flat Fee Pricing",
            Model::PerUnit => "Per Unit Pricing",
            Model::Tiered => "Tiered Pricing",
            Model::Volume => "Volume Pricing",
            Model::Overage => "Overage Pricing",
            Model::TieredWithOverage => "Tiered with Overage Pricing",
            Model::DiscountFixedAmount => "Discount-Fixed Amount",
            Model::DiscountPercentage => "Discount-Percentage",
        }
    }

    /// Whether the price stands in tiers.
    pub(crate) fn has_tiers(self) -> bool {
        matches!(self, Model::Tiered | Model::Volume | Model::TieredWithOverage)
    }

    /// Whether the charge takes something off others.
    pub(crate) fn is_discount(self) -> bool {
        matches!(self, Model::DiscountFixedAmount | Model::DiscountPercentage)
    }
}

/// Charge type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChargeType {
    OneTime,
    Recurring,
    Usage,
}

impl ChargeType {
    /// From its only spelling.
    pub(crate) fn parse(text: &str) -> Option<ChargeType> {
        Some(match text {
            "OneTime" => ChargeType::OneTime,
            "Recurring" => ChargeType::Recurring,
            "Usage" => ChargeType::Usage,
            _ => return None,
        })
    }

    /// Its only spelling.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ChargeType::OneTime => "OneTime",
            ChargeType::Recurring => "Recurring",
            ChargeType::Usage => "Usage",
        }
    }
}

/// One price tier of one currency.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tier {
    /// First unit.
    pub(crate) start: Decimal,
    /// Last unit; none on the last tier.
    pub(crate) end: Option<Decimal>,
    /// Price.
    pub(crate) price: Decimal,
    /// Flat fee for the tier instead of a price per unit.
    pub(crate) flat: bool,
}

/// What a price stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// So many months.
    Months(u32),
    /// So many days (weeks count seven).
    Days(u32),
    /// The whole term.
    Term,
}

/// The length of a billing period, in either spelling.
pub(crate) fn billing_period(name: &str, specific: Option<u32>) -> Option<Period> {
    Some(match name {
        "Month" => Period::Months(1),
        "Quarter" => Period::Months(3),
        "Semi_Annual" | "Semi-Annual" => Period::Months(6),
        "Annual" => Period::Months(12),
        "Eighteen_Months" => Period::Months(18),
        "Two_Years" => Period::Months(24),
        "Three_Years" => Period::Months(36),
        "Five_Years" => Period::Months(60),
        "Specific_Months" | "Specific Months" => Period::Months(specific.filter(|n| *n > 0)?),
        "Week" => Period::Days(7),
        "Specific_Weeks" | "Specific Weeks" => Period::Days(specific.filter(|n| *n > 0)?.checked_mul(7)?),
        "Specific_Days" | "Specific Days" => Period::Days(specific.filter(|n| *n > 0)?),
        "Subscription_Term" | "Subscription Term" => Period::Term,
        _ => return None,
    })
}

/// The length a price stands for, given the price base (either spelling) and the billing period.
pub(crate) fn price_base(name: &str, specific: Option<u32>, billing: Period) -> Option<Period> {
    Some(match name.replace('_', " ").as_str() {
        "Per Billing Period" => billing,
        "Per Month" => Period::Months(1),
        "Per Week" => Period::Days(7),
        "Per Year" => Period::Months(12),
        "Per Specific Months" => Period::Months(specific.filter(|n| *n > 0)?),
        _ => return None,
    })
}

/// Digits after the point of a currency's amounts.
pub(crate) fn minor_units(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Rounds an amount half up at the currency's minor units.
pub(crate) fn round(amount: Decimal, currency: &str) -> Decimal {
    amount.round_dp_with_strategy(minor_units(currency), RoundingStrategy::MidpointAwayFromZero)
}

/// An amount as text with the currency's digits.
pub(crate) fn money(amount: Decimal, currency: &str) -> String {
    let digits = usize::try_from(minor_units(currency)).unwrap_or(2);
    format!("{:.digits$}", round(amount, currency))
}

/// The price of a quantity for one price period.
pub(crate) fn extended(model: Model, price: Decimal, quantity: Decimal, tiers: &[Tier]) -> Decimal {
    match model {
        Model::FlatFee => price,
        Model::PerUnit => price * quantity,
        Model::Tiered | Model::TieredWithOverage => tiered(quantity, tiers),
        Model::Volume => volume(quantity, tiers),
        Model::Overage | Model::DiscountFixedAmount | Model::DiscountPercentage => Decimal::ZERO,
    }
}

fn tiered(quantity: Decimal, tiers: &[Tier]) -> Decimal {
    let mut sum = Decimal::ZERO;
    let mut below = Decimal::ZERO;
    for tier in tiers {
        if quantity <= below {
            break;
        }
        let top = tier.end.map_or(quantity, |end| end.min(quantity));
        sum += if tier.flat { tier.price } else { (top - below) * tier.price };
        below = tier.end.unwrap_or(quantity);
    }
    sum
}

fn volume(quantity: Decimal, tiers: &[Tier]) -> Decimal {
    if quantity <= Decimal::ZERO {
        return Decimal::ZERO;
    }
    tiers
        .iter()
        .find(|t| t.end.is_none_or(|end| quantity <= end))
        .map_or(Decimal::ZERO, |tier| if tier.flat { tier.price } else { tier.price * quantity })
}

/// Days that the vendor's formula counts as a month for weekly prices.
const DAYS_OF_A_MONTH: u32 = 30;

/// Per month, unrounded: weekly prices by the vendor's formula (price by days, times 30).
pub(crate) fn per_month(amount: Decimal, period: Period, term_months: Option<Decimal>) -> Decimal {
    match period {
        Period::Months(n) => amount / Decimal::from(n.max(1)),
        Period::Days(n) => amount * Decimal::from(DAYS_OF_A_MONTH) / Decimal::from(n.max(1)),
        Period::Term => term_months.filter(|m| *m > Decimal::ZERO).map_or(Decimal::ZERO, |m| amount / m),
    }
}

/// Whole months and left-over days between two dates, with the days of the month they fall in.
pub(crate) fn months_between(start: Date, end: Date) -> (i32, i32, i32) {
    if end <= start {
        return (0, 0, 30);
    }
    let mut months = start.until((Unit::Month, end)).map_or(0, |span| span.get_months());
    // Month ends (31st to 30th) count from the first day, not from the clamped one.
    if add_months(start, months.saturating_add(1)) <= end {
        months = months.saturating_add(1);
    }
    let reached = add_months(start, months);
    let next = add_months(start, months.saturating_add(1));
    (months, days_between(reached, end), days_between(reached, next).max(1))
}

/// The date so many months later.
pub(crate) fn add_months(date: Date, months: i32) -> Date {
    date.saturating_add(months.months())
}

/// Days between two dates.
pub(crate) fn days_between(start: Date, end: Date) -> i32 {
    start.until((Unit::Day, end)).map_or(0, |span| span.get_days())
}

/// Months from one day to another; parts of a month count by its days.
fn months_since(anchor: Date, day: Date) -> Decimal {
    let (months, days, of) = months_between(anchor, day);
    Decimal::from(months) + Decimal::from(days) / Decimal::from(of)
}

/// Digits that are kept of a number of months, so that two parts of a month make a whole one again.
const MONTH_DIGITS: u32 = 18;

/// The value of a price over a time, unrounded. Months are those of the anchor (the start of the
/// charge), so that the values of two times that follow each other add up.
pub(crate) fn over_time(
    amount: Decimal,
    period: Period,
    anchor: Date,
    (start, end): (Date, Date),
    term: (Date, Date),
) -> Decimal {
    match period {
        Period::Months(n) => {
            let months = months_since(anchor, end) - months_since(anchor, start);
            amount * months.round_dp(MONTH_DIGITS) / Decimal::from(n.max(1))
        }
        Period::Days(n) => amount * Decimal::from(days_between(start, end)) / Decimal::from(n.max(1)),
        Period::Term => {
            let whole = days_between(term.0, term.1);
            if whole == 0 {
                return Decimal::ZERO;
            }
            amount * Decimal::from(days_between(start, end)) / Decimal::from(whole)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().expect("decimal")
    }

    fn day(text: &str) -> Date {
        text.parse().expect("date")
    }

    fn api_pack() -> Vec<Tier> {
        let tier = |start: &str, end: Option<&str>, price: &str| Tier {
            start: d(start),
            end: end.map(d),
            price: d(price),
            flat: false,
        };
        vec![
            tier("1", Some("1000"), "0.10"),
            tier("1001", Some("10000"), "0.08"),
            tier("10001", None, "0.05"),
        ]
    }

    #[test]
    fn tiers_add_up_and_volume_does_not() {
        assert_eq!(extended(Model::Tiered, Decimal::ZERO, d("12000"), &api_pack()), d("920.00"));
        assert_eq!(extended(Model::Volume, Decimal::ZERO, d("12000"), &api_pack()), d("600.00"));
        assert_eq!(extended(Model::Tiered, Decimal::ZERO, d("1000"), &api_pack()), d("100.00"));
        assert_eq!(extended(Model::Tiered, Decimal::ZERO, d("0"), &api_pack()), Decimal::ZERO);
    }

    #[test]
    fn periods_become_months() {
        let month = |name: &str, amount: &str| {
            let period = billing_period(name, Some(18)).expect("period");
            round(per_month(d(amount), period, Some(d("12"))), "USD")
        };
        assert_eq!(month("Month", "20800"), d("20800"));
        assert_eq!(month("Quarter", "100"), d("33.33"));
        assert_eq!(month("Semi_Annual", "600"), d("100"));
        assert_eq!(month("Annual", "60000"), d("5000"));
        assert_eq!(month("Specific_Months", "1800"), d("100"));
        assert_eq!(month("Week", "140"), d("600"));
        assert_eq!(month("Subscription_Term", "1200"), d("100"));
    }

    #[test]
    fn price_base_decides_what_a_price_means() {
        let annual = Period::Months(12);
        assert_eq!(price_base("Per_Billing_Period", None, annual), Some(Period::Months(12)));
        assert_eq!(price_base("Per_Month", None, annual), Some(Period::Months(1)));
        assert_eq!(price_base("Per Year", None, Period::Months(1)), Some(Period::Months(12)));
        assert_eq!(price_base("Per_Specific_Months", None, annual), None);
        assert_eq!(price_base("PerMonth", None, annual), None);
    }

    #[test]
    fn contract_value_is_exact() {
        let term = (day("2026-11-16"), day("2027-11-16"));
        let of = |amount: &str, period| over_time(d(amount), period, term.0, term, term);
        assert_eq!(of("20800", Period::Months(1)), d("249600"));
        assert_eq!(of("60000", Period::Months(12)), d("60000"));
        assert_eq!(of("100", Period::Months(3)), d("400"));
        assert_eq!(of("7", Period::Days(7)), d("365"));
        assert_eq!(of("1200", Period::Term), d("1200"));
        let monthly = |from: &str, to: &str| {
            over_time(d("310"), Period::Months(1), day("2027-01-01"), (day(from), day(to)), term)
        };
        assert_eq!(monthly("2027-01-01", "2027-02-15"), d("465"));
        // A cut in the middle of a month changes nothing in all.
        let parts = monthly("2027-01-01", "2027-01-10") + monthly("2027-01-10", "2027-04-01");
        assert_eq!(round(parts, "KWD"), d("930"));
    }

    #[test]
    fn month_ends_count_whole_months() {
        assert_eq!(months_between(day("2027-01-31"), day("2027-02-28")).0, 1);
        assert_eq!(months_between(day("2027-01-31"), day("2028-01-31")), (12, 0, 29));
        assert_eq!(months_between(day("2027-01-15"), day("2027-02-14")), (0, 30, 31));
    }

    #[test]
    fn amounts_round_half_up_by_currency() {
        assert_eq!(round(d("10.005"), "USD"), d("10.01"));
        assert_eq!(round(d("10.5"), "JPY"), d("11"));
        assert_eq!(round(d("1.2345"), "KWD"), d("1.235"));
        assert_eq!(round(d("-10.005"), "EUR"), d("-10.01"));
        assert_eq!(money(d("73500"), "JPY"), "73500");
        assert_eq!(money(d("25800"), "NOK"), "25800.00");
    }
}
