//! Civil dates, terms and billing periods. Billing dates have no zone; an instant becomes a date in one place,
//! in the portal's zone ([`civil_date`]).

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// The calendar date of an instant in the portal's time zone (`hubspot.md` trap 15).
pub fn civil_date(instant: Timestamp, zone: &TimeZone) -> Date {
    instant.to_zoned(zone.clone()).date()
}

/// Reads a HubSpot datetime (ISO 8601, epoch milliseconds, or a bare date) as a date in the portal's zone.
/// A bare date has no zone and is taken as it is.
pub fn parse_crm_date(text: &str, zone: &TimeZone) -> Option<Date> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(civil_date(instant, zone));
    }
    if text.len() >= 11 && text.bytes().all(|b| b.is_ascii_digit()) {
        let instant = Timestamp::from_millisecond(text.parse().ok()?).ok()?;
        return Some(civil_date(instant, zone));
    }
    text.parse::<Date>().ok()
}

/// A date property (no time): ISO date, or epoch milliseconds at midnight UTC.
pub fn parse_plain_date(text: &str) -> Option<Date> {
    parse_crm_date(text, &TimeZone::UTC)
}

/// How long a subscription runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// No end.
    Evergreen,
    /// A number of months (P1Y is 12 months, D-4).
    Months(u32),
    /// A number of weeks.
    Weeks(u32),
}

/// A term that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a term such as P12M, P1Y or P12W")]
pub struct TermError(pub String);

impl Term {
    /// Reads HubSpot's duration (`PnYnM`, `PnW`, a bare number of months); empty, 0 and `P0M` are evergreen (D-4).
    /// Days are refused: a term of days is not offered by HubSpot's line items.
    pub fn parse(text: &str) -> Result<Self, TermError> {
        let text = text.trim();
        let refuse = || TermError(text.chars().take(40).collect());
        if text.is_empty() {
            return Ok(Term::Evergreen);
        }
        if let Ok(months) = text.parse::<u32>() {
            return Ok(Self::months(months));
        }
        let body = text.strip_prefix('P').or_else(|| text.strip_prefix('p')).ok_or_else(refuse)?;
        let (mut months, mut weeks, mut number, mut any) = (0_u32, 0_u32, String::new(), false);
        for c in body.chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            let n: u32 = number.parse().map_err(|_| refuse())?;
            number.clear();
            any = true;
            match c.to_ascii_uppercase() {
                'Y' => months = n.checked_mul(12).and_then(|m| months.checked_add(m)).ok_or_else(refuse)?,
                'M' => months = months.checked_add(n).ok_or_else(refuse)?,
                'W' => weeks = weeks.checked_add(n).ok_or_else(refuse)?,
                'D' if n == 0 => {}
                _ => return Err(refuse()),
            }
        }
        if !any || !number.is_empty() || (months > 0 && weeks > 0) {
            return Err(refuse());
        }
        Ok(if weeks > 0 { Term::Weeks(weeks) } else { Self::months(months) })
    }

    fn months(months: u32) -> Self {
        if months == 0 { Term::Evergreen } else { Term::Months(months) }
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Term::Evergreen => f.write_str("evergreen"),
            Term::Months(n) => write!(f, "{n} months"),
            Term::Weeks(n) => write!(f, "{n} weeks"),
        }
    }
}

/// The first day after a term; none for evergreen and for dates beyond the calendar. Month ends are kept as far
/// as the month has them (31 January and one month is 28 or 29 February), counted from the start and never from
/// a date that was cut already.
pub fn add_term(start: Date, term: Term) -> Option<Date> {
    match term {
        Term::Evergreen => None,
        Term::Months(n) => start.checked_add(Span::new().try_months(n).ok()?).ok(),
        Term::Weeks(n) => start.checked_add(Span::new().try_weeks(n).ok()?).ok(),
    }
}

/// A billing frequency that HubSpot does not document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of HubSpot's billing frequencies")]
pub struct FrequencyError(pub String);

/// How often a recurring charge bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingPeriod {
    /// Every week.
    Week,
    /// Every month.
    Month,
    /// Every three months.
    Quarter,
    /// Every six months.
    SemiAnnual,
    /// Every twelve months.
    Annual,
    /// Every so many months (24, 36, 48, 60, or what a Zuora plan says).
    Months(u32),
    /// Every so many weeks.
    Weeks(u32),
}

impl BillingPeriod {
    /// Reads HubSpot's `recurringbillingfrequency` (`hubspot.md` 4.7). `Ok(None)` is a one-time line.
    pub fn parse_frequency(text: &str) -> Result<Option<Self>, FrequencyError> {
        let period = match text.trim().to_ascii_lowercase().as_str() {
            "" | "one_time" | "onetime" | "one-time" => return Ok(None),
            "weekly" => BillingPeriod::Week,
            "biweekly" => BillingPeriod::Weeks(2),
            "monthly" => BillingPeriod::Month,
            "quarterly" => BillingPeriod::Quarter,
            "per_six_months" => BillingPeriod::SemiAnnual,
            "annually" => BillingPeriod::Annual,
            "per_two_years" => BillingPeriod::Months(24),
            "per_three_years" => BillingPeriod::Months(36),
            "per_four_years" => BillingPeriod::Months(48),
            "per_five_years" => BillingPeriod::Months(60),
            _ => return Err(FrequencyError(text.chars().take(40).collect())),
        };
        Ok(Some(period))
    }

    /// The length in months; `None` for periods of weeks.
    pub fn in_months(self) -> Option<u32> {
        match self {
            BillingPeriod::Month => Some(1),
            BillingPeriod::Quarter => Some(3),
            BillingPeriod::SemiAnnual => Some(6),
            BillingPeriod::Annual => Some(12),
            BillingPeriod::Months(n) => Some(n),
            BillingPeriod::Week | BillingPeriod::Weeks(_) => None,
        }
    }

    /// The period as a length of time.
    pub fn as_term(self) -> Term {
        match (self.in_months(), self.in_weeks()) {
            (Some(months), _) => Term::Months(months),
            (None, weeks) => Term::Weeks(weeks.unwrap_or(1)),
        }
    }

    /// Whether two ways of writing a period mean the same.
    pub fn same_as(self, other: Self) -> bool {
        match (self.in_months(), other.in_months()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.in_weeks() == other.in_weeks(),
            _ => false,
        }
    }

    fn in_weeks(self) -> Option<u32> {
        match self {
            BillingPeriod::Week => Some(1),
            BillingPeriod::Weeks(n) => Some(n),
            BillingPeriod::Month
            | BillingPeriod::Quarter
            | BillingPeriod::SemiAnnual
            | BillingPeriod::Annual
            | BillingPeriod::Months(_) => None,
        }
    }
}

impl std::fmt::Display for BillingPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BillingPeriod::Week => f.write_str("week"),
            BillingPeriod::Month => f.write_str("month"),
            BillingPeriod::Quarter => f.write_str("quarter"),
            BillingPeriod::SemiAnnual => f.write_str("half-year"),
            BillingPeriod::Annual => f.write_str("year"),
            BillingPeriod::Months(n) => write!(f, "{n} months"),
            BillingPeriod::Weeks(n) => write!(f, "{n} weeks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_year_is_twelve_months_and_nothing_is_evergreen() {
        assert_eq!(Term::parse("P1Y"), Ok(Term::Months(12)));
        assert_eq!(Term::parse("P12M"), Ok(Term::Months(12)));
        assert_eq!(Term::parse("P1Y6M"), Ok(Term::Months(18)));
        assert_eq!(Term::parse("P12W"), Ok(Term::Weeks(12)));
        for evergreen in ["", "0", "P0M", "P0Y"] {
            assert_eq!(Term::parse(evergreen), Ok(Term::Evergreen), "{evergreen:?}");
        }
        for bad in ["P", "12X", "P12", "PM", "P1M2W", "P30D", "forever"] {
            assert!(Term::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn a_close_date_near_midnight_is_taken_in_the_portal_zone() {
        let oslo = TimeZone::get("Europe/Oslo").unwrap();
        assert_eq!(parse_crm_date("2026-11-15T23:30:00Z", &oslo), Some("2026-11-16".parse().unwrap()));
        assert_eq!(parse_crm_date("2026-11-16", &oslo), Some("2026-11-16".parse().unwrap()));
        assert_eq!(parse_crm_date("1794787200000", &TimeZone::UTC), Some("2026-11-16".parse().unwrap()));
        assert_eq!(parse_crm_date("soon", &oslo), None);
    }

    #[test]
    fn periods_are_compared_by_length() {
        assert!(BillingPeriod::Annual.same_as(BillingPeriod::Months(12)));
        assert!(!BillingPeriod::Week.same_as(BillingPeriod::Month));
        assert_eq!(BillingPeriod::parse_frequency("per_six_months"), Ok(Some(BillingPeriod::SemiAnnual)));
        assert_eq!(BillingPeriod::parse_frequency(""), Ok(None));
        assert!(BillingPeriod::parse_frequency("daily").is_err());
    }
}
