//! Values of answers that are shown to people or compared, read leniently: what cannot be read is not told, and
//! never makes the whole answer useless.

use connector_domain::money::parse_decimal;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A value of whatever kind, or none. Digits come from the JSON text, so no float is in between
/// (see [`crate::decimal`]).
#[derive(Deserialize, Default)]
#[serde(transparent)]
pub(crate) struct Told(Option<Box<RawValue>>);

impl Told {
    /// A text that is not empty, or a number's digits.
    pub(crate) fn text(&self) -> Option<String> {
        let raw = self.0.as_ref()?.get();
        let text = match raw.bytes().next()? {
            b'"' => serde_json::from_str::<String>(raw).ok()?,
            b'-' | b'0'..=b'9' => raw.to_owned(),
            _ => return None,
        };
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A number, written as one or as text.
    pub(crate) fn number(&self) -> Option<Decimal> {
        parse_decimal(&self.text()?)
    }

    /// A calendar date; a time behind it is of no interest.
    pub(crate) fn date(&self) -> Option<Date> {
        self.text()?.get(..10)?.parse().ok()
    }

    /// Yes or no, written as JSON or as text.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self.0.as_ref()?.get().trim_matches('"').to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> Told {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn numbers_come_as_numbers_or_texts_and_keep_their_digits() {
        for json in ["9999999999999.999999999", "\"9999999999999.999999999\""] {
            assert_eq!(told(json).number(), Some("9999999999999.999999999".parse().unwrap()));
        }
        for json in ["null", "\"\"", "\"n/a\"", "true", "{}", "[1]"] {
            assert_eq!(told(json).number(), None, "{json}");
        }
    }

    #[test]
    fn dates_and_flags_are_read_as_far_as_they_go() {
        assert_eq!(told("\"2026-11-16\"").date(), told("\"2026-11-16 10:00:00\"").date());
        assert_eq!(told("\"2026-11-16\"").date(), Some("2026-11-16".parse().unwrap()));
        assert_eq!((told("\"soon\"").date(), told("20261116").date()), (None, None));
        assert_eq!(
            (told("true").flag(), told("\"False\"").flag(), told("1").flag()),
            (Some(true), Some(false), None)
        );
    }
}
