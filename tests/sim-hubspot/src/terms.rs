//! How often a line item is paid, and for how long: shares of a year, kept exact until an amount is made of them.

use rust_decimal::Decimal;

/// Some part or multiple of a year (or of one), as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    top: u64,
    bottom: u64,
}

/// A year.
pub(crate) const YEAR: Share = Share { top: 1, bottom: 1 };
/// A month.
pub(crate) const MONTH: Share = Share { top: 1, bottom: 12 };

impl Share {
    /// This much of that.
    pub(crate) fn times(self, other: Share) -> Share {
        Share { top: self.top * other.top, bottom: self.bottom * other.bottom }
    }

    /// The smaller of the two.
    pub(crate) fn at_most(self, other: Share) -> Share {
        if self.top * other.bottom <= other.top * self.bottom { self } else { other }
    }

    /// This much of an amount; the only division, and the last step.
    pub(crate) fn of(self, amount: Decimal) -> Decimal {
        amount * Decimal::from(self.top) / Decimal::from(self.bottom)
    }
}

/// Payments in a year, by `recurringbillingfrequency`; `None` for a line that is paid once.
pub(crate) fn payments_a_year(frequency: &str) -> Option<Share> {
    let (top, bottom) = match frequency {
        "weekly" => (52, 1),
        "biweekly" => (26, 1),
        "monthly" => (12, 1),
        "quarterly" => (4, 1),
        "per_six_months" => (2, 1),
        "annually" => (1, 1),
        "per_two_years" => (1, 2),
        "per_three_years" => (1, 3),
        "per_four_years" => (1, 4),
        "per_five_years" => (1, 5),
        _ => return None,
    };
    Some(Share { top, bottom })
}

/// The years of `P12M`, `P1Y6M`, `P26W`; `None` for an empty or zero term, which is evergreen.
pub(crate) fn years_of_term(period: &str) -> Option<Share> {
    // Years, months, weeks and days over a common bottom: 12 * 52 * 365.
    const BOTTOM: u64 = 227_760;
    let mut top = 0_u64;
    let mut digits = String::new();
    for sign in period.strip_prefix('P')?.chars() {
        if sign.is_ascii_digit() {
            digits.push(sign);
            continue;
        }
        let count = u64::from(std::mem::take(&mut digits).parse::<u16>().ok()?);
        top += count
            * match sign {
                'Y' => BOTTOM,
                'M' => BOTTOM / 12,
                'W' => BOTTOM / 52,
                'D' => BOTTOM / 365,
                _ => return None,
            };
    }
    (top > 0 && digits.is_empty()).then_some(Share { top, bottom: BOTTOM })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_parts_of_a_year() {
        for (term, months) in [
            ("P12M", Some("12")),
            ("P1Y6M", Some("18")),
            ("P52W", Some("12")),
            ("P13W", Some("3")),
            ("P365D", Some("12")),
            ("P0M", None),
            ("", None),
            ("0", None),
            ("P12", None),
            ("PM", None),
        ] {
            let found = years_of_term(term).map(|years| years.of(Decimal::from(12)).normalize().to_string());
            assert_eq!(found.as_deref(), months, "{term}");
        }
    }
}
