//! The object types of the CRM that are simulated, with every name HubSpot uses for them.

/// An object type of the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Contact,
    Company,
    Deal,
    Product,
    LineItem,
}

impl Kind {
    /// All simulated object types.
    pub(crate) const ALL: [Kind; 5] =
        [Kind::Contact, Kind::Company, Kind::Deal, Kind::Product, Kind::LineItem];

    /// Reads a path name (`companies`), a singular (`company`), an upper-case name or an objectTypeId (`0-2`).
    pub(crate) fn parse(text: &str) -> Option<Kind> {
        let lower = text.to_ascii_lowercase().replace([' ', '-'], "_");
        Kind::ALL.into_iter().find(|kind| {
            text == kind.type_id()
                || lower == kind.plural()
                || lower == kind.singular()
                || lower == kind.plural().replace('_', "")
        })
    }

    /// The name in paths.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Kind::Contact => "contacts",
            Kind::Company => "companies",
            Kind::Deal => "deals",
            Kind::Product => "products",
            Kind::LineItem => "line_items",
        }
    }

    /// The name in association type names and classic webhook subscriptions.
    pub(crate) fn singular(self) -> &'static str {
        match self {
            Kind::Contact => "contact",
            Kind::Company => "company",
            Kind::Deal => "deal",
            Kind::Product => "product",
            Kind::LineItem => "line_item",
        }
    }

    /// The key under `associations` of a record: with a space for line items, as HubSpot answers.
    pub(crate) fn association_key(self) -> &'static str {
        match self {
            Kind::LineItem => "line items",
            other => other.plural(),
        }
    }

    /// The objectTypeId.
    pub(crate) fn type_id(self) -> &'static str {
        match self {
            Kind::Contact => "0-1",
            Kind::Company => "0-2",
            Kind::Deal => "0-3",
            Kind::Product => "0-7",
            Kind::LineItem => "0-8",
        }
    }

    /// The name of the property that holds the time of the last change.
    pub(crate) fn modified_property(self) -> &'static str {
        match self {
            Kind::Contact => "lastmodifieddate",
            _ => "hs_lastmodifieddate",
        }
    }

    /// The properties answered when a read names none.
    pub(crate) fn default_properties(self) -> &'static [&'static str] {
        match self {
            Kind::Contact => &["email", "firstname", "lastname"],
            Kind::Company => &["domain", "name"],
            Kind::Deal => &["amount", "closedate", "dealname", "dealstage", "pipeline"],
            Kind::Product => &["description", "name", "price"],
            Kind::LineItem => &["amount", "hs_product_id", "name", "price", "quantity"],
        }
    }
}
