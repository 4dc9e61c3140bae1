//! Decimal numbers on the wire, exact in both directions.
//!
//! Zuora keeps 13 digits left and 9 right of the point and writes numbers mostly as JSON numbers, in places as
//! strings (`zuora.md` 10). Neither fits a binary float, so the digits are taken from the JSON text itself.
//! A structure that holds a [`Num`] must be read from JSON directly: `serde(flatten)` around it and `untagged`
//! would put a float in between.

use connector_domain::money::parse_decimal;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A decimal number: written as a JSON number without needless zeros, read from a number or a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Num(pub(crate) Decimal);

impl Num {
    /// Zero.
    pub(crate) const ZERO: Self = Self(Decimal::ZERO);
}

impl Serialize for Num {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.normalize().to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text: String = if raw.get().starts_with('"') {
            serde_json::from_str(raw.get()).map_err(D::Error::custom)?
        } else {
            raw.get().to_owned()
        };
        parse_decimal(&text).map(Self).ok_or_else(|| D::Error::custom("not a decimal number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive_both_directions() {
        for text in ["11.9", "0.123456789", "9999999999999.999999999", "0", "-3", "25000"] {
            let read: Num = serde_json::from_str(text).unwrap();
            assert_eq!(read.0, text.parse().unwrap());
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
            let quoted: Num = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(quoted, read);
        }
    }

    #[test]
    fn needless_zeros_are_dropped_and_exponents_are_read() {
        assert_eq!(serde_json::to_string(&Num("25.00".parse().unwrap())).unwrap(), "25");
        assert_eq!(serde_json::from_str::<Num>("1.5E+2").unwrap().0, "150".parse().unwrap());
    }

    #[test]
    fn what_is_no_number_is_refused_and_null_is_nothing() {
        for bad in ["\"\"", "true", "\"1,000\"", "{}"] {
            assert!(serde_json::from_str::<Num>(bad).is_err(), "{bad} was accepted");
        }
        assert_eq!(serde_json::from_str::<Option<Num>>("null").unwrap(), None);
    }
}
