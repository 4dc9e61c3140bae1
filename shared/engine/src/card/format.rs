//! Figures, days and moments for people: separators and orders of the reader's locale, the reader's time zone.
//!
//! A table of the locales that HubSpot offers its users (as Unicode's CLDR writes them), and a plain form for all
//! others. Currencies are named by their code: `$` and `kr` mean several.

use super::model::{Day, Moment, Money};
use connector_domain::money::{Currency, round_amount};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// Thin and wide spaces that do not break.
const THIN: &str = "\u{202f}";
const WIDE: &str = "\u{a0}";
/// What stays between a number and its currency.
const GAP: char = '\u{a0}';

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DayForm {
    /// 2026-11-16
    Iso,
    /// Nov 16, 2026
    American,
    /// 16 Nov 2026
    British,
    /// 16.11.2026, with the given separator
    Backwards(char),
    /// 2026/11/16
    Slashed,
}

/// How a reader writes numbers and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    group: &'static str,
    decimal: char,
    /// Groups of two after the first three, as in India.
    lakh: bool,
    /// Four digits are not grouped.
    four_whole: bool,
    /// The currency stands in front.
    code_first: bool,
    day: DayForm,
    half_days: bool,
}

/// Grouped by commas, ISO days: for whoever names no locale that is known here.
const PLAIN: Locale = Locale {
    group: ",",
    decimal: '.',
    lakh: false,
    four_whole: false,
    code_first: true,
    day: DayForm::Iso,
    half_days: false,
};

impl Default for Locale {
    fn default() -> Self {
        PLAIN
    }
}

impl Locale {
    /// Reads a tag such as `en-us`, `nb_NO` or `de`; anything else is the plain form.
    pub fn parse(tag: &str) -> Self {
        let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        let region = parts.next_back().unwrap_or_default();
        let points =
            Locale { group: ".", decimal: ',', code_first: false, day: DayForm::Backwards('/'), ..PLAIN };
        let spaces = Locale { group: WIDE, day: DayForm::Backwards('.'), ..points };
        match (language, region) {
            ("en", "in") => Locale { lakh: true, day: DayForm::British, ..PLAIN },
            ("en", "us" | "en" | "") => Locale { day: DayForm::American, half_days: true, ..PLAIN },
            ("en", "ca") => Locale { half_days: true, ..PLAIN },
            ("en", _) => Locale { day: DayForm::British, ..PLAIN },
            ("hi", _) => Locale { lakh: true, day: DayForm::Backwards('/'), ..PLAIN },
            ("ja" | "zh", _) => Locale { day: DayForm::Slashed, ..PLAIN },
            ("ko" | "th" | "he", _) => PLAIN,
            ("de" | "it", "ch" | "li") => Locale { group: "’", decimal: '.', code_first: true, ..spaces },
            ("fr", "ca") => Locale { day: DayForm::Iso, ..spaces },
            ("fr", _) => Locale { group: THIN, day: DayForm::Backwards('/'), ..spaces },
            ("es", "mx" | "us" | "419") => Locale { day: DayForm::Backwards('/'), ..PLAIN },
            ("es", _) => Locale { four_whole: true, ..points },
            ("pt", "pt") => Locale { group: WIDE, four_whole: true, ..points },
            ("pt", _) => Locale { code_first: true, ..points },
            ("nl", _) => Locale { code_first: true, day: DayForm::Backwards('-'), ..points },
            ("de", "at") => Locale { group: WIDE, ..spaces },
            ("de" | "da" | "tr" | "ro" | "sl" | "hr" | "is", _) => {
                Locale { day: DayForm::Backwards('.'), ..points }
            }
            ("it" | "el" | "id" | "vi" | "ca", _) => points,
            ("sv" | "lt", _) => Locale { day: DayForm::Iso, ..spaces },
            ("pl" | "bg", _) => Locale { four_whole: true, ..spaces },
            ("nb" | "nn" | "no" | "fi" | "cs" | "sk" | "ru" | "uk" | "hu" | "lv" | "et", _) => spaces,
            _ => PLAIN,
        }
    }

    /// A number with its digits as they are.
    pub fn number(&self, value: Decimal) -> String {
        let text = value.abs().to_string();
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::new();
        if value.is_sign_negative() && !value.is_zero() {
            out.push('-');
        }
        let count = whole.len();
        let grouped = count > if self.four_whole { 4 } else { 3 };
        for (place, digit) in whole.chars().enumerate() {
            let left = count - place;
            let here = if self.lakh && left > 3 { (left - 3) % 2 == 0 } else { left % 3 == 0 };
            if grouped && place > 0 && here {
                out.push_str(self.group);
            }
            out.push(digit);
        }
        if !rest.is_empty() {
            out.push(self.decimal);
            out.push_str(rest);
        }
        out
    }
}

/// How one reader sees figures and times.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Numbers and days.
    pub locale: Locale,
    /// Times.
    pub zone: TimeZone,
}

impl Default for Reader {
    fn default() -> Self {
        Self { locale: Locale::default(), zone: TimeZone::UTC }
    }
}

impl Reader {
    /// From what a request names; what is not known falls back to the plain form, and to UTC.
    pub fn new(locale: Option<&str>, zone: Option<&str>) -> Self {
        Self {
            locale: locale.map(Locale::parse).unwrap_or_default(),
            zone: zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC),
        }
    }

    /// An amount with its currency, with the currency's decimals; more of them only when Zuora has more.
    pub fn money(&self, amount: Decimal, currency: &str) -> Money {
        let mut shown = amount.normalize();
        if let Ok(known) = Currency::parse(currency) {
            let rounded = round_amount(amount, &known);
            if rounded == amount {
                shown = rounded;
            }
            if shown.scale() < known.minor_units() {
                shown.rescale(known.minor_units());
            }
        }
        let number = self.locale.number(shown);
        let text = match currency {
            "" => number,
            code if self.locale.code_first => match number.strip_prefix('-') {
                Some(positive) => format!("-{code}{GAP}{positive}"),
                None => format!("{code}{GAP}{number}"),
            },
            code => format!("{number}{GAP}{code}"),
        };
        Money { amount: shown.to_string(), currency: currency.to_owned(), text }
    }

    /// A quantity without needless zeros.
    pub fn quantity(&self, value: Decimal) -> String {
        self.locale.number(value.normalize())
    }

    /// A day.
    pub fn day(&self, date: Date) -> Day {
        Day { date: date.to_string(), text: self.day_text(date) }
    }

    /// A day for people.
    pub fn day_text(&self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self.locale.day {
            DayForm::Iso => date.to_string(),
            DayForm::American => format!("{} {day}, {year}", name_of(month)),
            DayForm::British => format!("{day} {} {year}", name_of(month)),
            DayForm::Backwards(between) => format!("{day:02}{between}{month:02}{between}{year:04}"),
            DayForm::Slashed => format!("{year:04}/{month:02}/{day:02}"),
        }
    }

    /// A month for people.
    pub fn month_text(&self, date: Date) -> String {
        match self.locale.day {
            DayForm::American | DayForm::British => format!("{} {}", name_of(date.month()), date.year()),
            DayForm::Iso => format!("{:04}-{:02}", date.year(), date.month()),
            DayForm::Backwards(between) => format!("{:02}{between}{:04}", date.month(), date.year()),
            DayForm::Slashed => format!("{:04}/{:02}", date.year(), date.month()),
        }
    }

    /// A moment in the reader's zone.
    pub fn moment(&self, at: Timestamp) -> Moment {
        let here = at.to_zoned(self.zone.clone());
        let (hour, minute) = (here.hour(), here.minute());
        let time = if self.locale.half_days {
            let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
            format!("{twelve}:{minute:02} {}", if hour < 12 { "AM" } else { "PM" })
        } else {
            format!("{hour:02}:{minute:02}")
        };
        Moment { at: at.to_string(), text: format!("{}, {time}", self.day_text(here.date())) }
    }

    /// The day that it is for the reader.
    pub fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.zone.clone()).date()
    }
}

fn name_of(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|place| MONTHS.get(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(locale: &str, amount: &str, currency: &str) -> String {
        let reader = Reader::new(Some(locale), None);
        reader.money(amount.parse().unwrap(), currency).text.replace([GAP, '\u{202f}'], "_")
    }

    #[test]
    fn amounts_are_written_as_the_reader_writes_them() {
        for (locale, amount, currency, want) in [
            ("en-us", "25800", "NOK", "NOK_25,800.00"),
            ("en-gb", "-1500.5", "GBP", "-GBP_1,500.50"),
            ("en-in", "12345678.9", "INR", "INR_1,23,45,678.90"),
            ("de", "1500", "EUR", "1.500,00_EUR"),
            ("de-ch", "1500", "CHF", "CHF_1’500.00"),
            ("fr-FR", "25800", "EUR", "25_800,00_EUR"),
            ("nb_NO", "25800", "NOK", "25_800,00_NOK"),
            ("es", "1500", "EUR", "1500,00_EUR"),
            ("es", "15000", "EUR", "15.000,00_EUR"),
            ("pt-br", "334600", "BRL", "BRL_334.600,00"),
            ("ja", "73500", "JPY", "JPY_73,500"),
            ("xx", "0", "USD", "USD_0.00"),
            ("en", "0.125", "USD", "USD_0.125"),
            ("en", "1.5", "KWD", "KWD_1.500"),
            ("en", "999", "", "999"),
        ] {
            assert_eq!(money(locale, amount, currency), want, "{locale} {amount} {currency}");
        }
    }

    #[test]
    fn days_and_moments_follow_locale_and_zone() {
        let at: Timestamp = "2026-11-15T23:30:00Z".parse().unwrap();
        for (locale, zone, want) in [
            ("en-us", "Europe/Oslo", "Nov 16, 2026, 12:30 AM"),
            ("en-gb", "Europe/London", "15 Nov 2026, 23:30"),
            ("nb", "Europe/Oslo", "16.11.2026, 00:30"),
            ("fr", "nowhere", "15/11/2026, 23:30"),
            ("sv", "America/New_York", "2026-11-15, 18:30"),
            ("", "", "2026-11-15, 23:30"),
        ] {
            let reader = Reader::new(Some(locale), Some(zone));
            assert_eq!(reader.moment(at).text, want, "{locale} {zone}");
        }
    }

    #[test]
    fn every_reader_gets_every_digit() {
        for locale in ["en", "de", "fr", "hi", "es", "pl", "zz", "ja", "de-at", "pt-pt"] {
            let text = Reader::new(Some(locale), None).money("1234567.89".parse().unwrap(), "EUR").text;
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, "123456789", "{locale}: {text}");
        }
    }
}
