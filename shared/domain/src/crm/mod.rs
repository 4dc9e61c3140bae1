//! HubSpot's facts, read but not yet judged. Empty text and null both mean [`None`].

pub mod company;
pub mod contact;
pub mod deal;
pub mod line_item;
pub mod product;

use crate::ids::HubSpotId;

/// A record as HubSpot answers: it may be gone, and its id may have changed by a merge.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched<T> {
    /// The record.
    Found(T),
    /// Deleted, archived, or never there. Never a reason to cancel billing.
    Gone,
}

/// A postal address as HubSpot holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// First street line.
    pub line1: Option<String>,
    /// Second street line.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province, free text.
    pub state: Option<String>,
    /// State code, when HubSpot knows it; wins over the text.
    pub state_code: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Country, free text.
    pub country: Option<String>,
    /// ISO country code, when HubSpot knows it; wins over the text.
    pub country_code: Option<String>,
}

/// One label of an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// HubSpot-defined or the portal's own.
    pub hubspot_defined: bool,
    /// Type id, portal-specific unless HubSpot-defined.
    pub type_id: u32,
    /// The label's text, empty for the plain association.
    pub text: Option<String>,
}

/// An association from the record that was asked about to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// The other record.
    pub to: HubSpotId,
    /// All labels of this pair.
    pub labels: Vec<Label>,
}

impl Association {
    /// Whether a label has this text, without regard to case, spaces, `_` and `-`. HubSpot's API returns the
    /// text; a portal where somebody named the label like its internal name is understood as well.
    pub fn has_label(&self, text: &str) -> bool {
        self.labels.iter().filter_map(|l| l.text.as_deref()).any(|l| same_label(l, text))
    }

    /// Whether a HubSpot-defined type is among the labels.
    pub fn has_type(&self, type_id: u32) -> bool {
        self.labels.iter().any(|l| l.hubspot_defined && l.type_id == type_id)
    }
}

/// Whether two label texts mean the same label; see [`Association::has_label`].
pub fn same_label(a: &str, b: &str) -> bool {
    let fold = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    fold(a) == fold(b)
}
