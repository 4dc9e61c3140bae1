//! Association types between object types: HubSpot's own and the portal's labels.

use serde_json::{Value, json};

use crate::kind::Kind;

/// One association type in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssociationType {
    pub(crate) from: Kind,
    pub(crate) to: Kind,
    pub(crate) category: &'static str,
    pub(crate) type_id: u32,
    /// The label text; absent on plain associations.
    pub(crate) label: Option<String>,
    /// The internal name, as object reads give it.
    pub(crate) name: String,
    /// The type that the same association has in the other direction.
    pub(crate) inverse: u32,
}

impl AssociationType {
    /// Whether this is the plain association, which every associated pair has.
    pub(crate) fn is_plain(&self) -> bool {
        self.category == HUBSPOT && self.label.is_none()
    }

    /// Whether this marks the primary company.
    pub(crate) fn is_primary(&self) -> bool {
        self.label.as_deref() == Some("Primary")
    }

    /// As the associations API answers it.
    pub(crate) fn as_value(&self) -> Value {
        json!({"category": self.category, "typeId": self.type_id, "label": self.label})
    }
}

/// Category of HubSpot's own types.
pub(crate) const HUBSPOT: &str = "HUBSPOT_DEFINED";
/// Category of a portal's labels.
pub(crate) const USER: &str = "USER_DEFINED";

/// The type of a company's association to its parent.
pub(crate) const CHILD_TO_PARENT: u32 = 14;

/// HubSpot's own types, one line for each pair: from, to, type id, inverse type id, label, name, inverse name.
type BuiltIn = (Kind, Kind, u32, u32, Option<&'static str>, Option<&'static str>, &'static str, &'static str);

const BUILT_IN: [BuiltIn; 11] = {
    use Kind::{Company, Contact, Deal, LineItem};
    const PRIMARY: Option<&str> = Some("Primary");
    [
        (Deal, Company, 5, 6, PRIMARY, PRIMARY, "deal_to_company", "company_to_deal"),
        (Deal, Company, 341, 342, None, None, "deal_to_company_unlabeled", "company_to_deal_unlabeled"),
        (Deal, Contact, 3, 4, None, None, "deal_to_contact", "contact_to_deal"),
        (Contact, Company, 1, 2, PRIMARY, PRIMARY, "contact_to_company", "company_to_contact"),
        (
            Contact,
            Company,
            279,
            280,
            None,
            None,
            "contact_to_company_unlabeled",
            "company_to_contact_unlabeled",
        ),
        (
            Contact,
            Company,
            931,
            930,
            Some("Billing contact"),
            Some("Billing contact"),
            "billing_contact_to_company",
            "company_to_billing_contact",
        ),
        (
            Company,
            Company,
            13,
            14,
            Some("Parent Company"),
            Some("Child Company"),
            "parent_to_child_company",
            "child_to_parent_company",
        ),
        (Company, Company, 450, 450, None, None, "company_to_company", "company_to_company"),
        (Deal, LineItem, 19, 20, None, None, "deal_to_line_item", "line_item_to_deal"),
        (Deal, Deal, 451, 451, None, None, "deal_to_deal", "deal_to_deal"),
        (Contact, Contact, 449, 449, None, None, "contact_to_contact", "contact_to_contact"),
    ]
};

/// The portal's labels, by pair: from, to, label text, internal name.
const CUSTOM: [(Kind, Kind, &str, &str); 5] = [
    (Kind::Contact, Kind::Company, "Bill To", "bill_to_contact_company"),
    (Kind::Contact, Kind::Company, "Sold To", "sold_to_contact_company"),
    (Kind::Contact, Kind::Deal, "Bill To", "bill_to_contact_deal"),
    (Kind::Contact, Kind::Deal, "Sold To", "sold_to_contact_deal"),
    (Kind::Company, Kind::Deal, "Invoice Owner", "invoice_owner"),
];

/// All association types of a portal.
#[derive(Debug, Clone)]
pub(crate) struct AssociationTypes {
    all: Vec<AssociationType>,
    next_id: u32,
}

impl AssociationTypes {
    /// HubSpot's own types, and the portal's labels where `with_labels` says so.
    ///
    /// Type ids of labels start at `first_label_id`: they differ from portal to portal.
    pub(crate) fn seeded(with_labels: bool, first_label_id: u32) -> AssociationTypes {
        let mut types = AssociationTypes { all: Vec::new(), next_id: first_label_id };
        for (from, to, id, inverse, label, inverse_label, name, inverse_name) in BUILT_IN {
            types.push(from, to, HUBSPOT, (id, label, name), inverse);
            if id != inverse {
                types.push(to, from, HUBSPOT, (inverse, inverse_label, inverse_name), id);
            }
        }
        if with_labels {
            for (from, to, label, name) in CUSTOM {
                types.add_label(from, to, label, None, name);
            }
        }
        types
    }

    fn push(
        &mut self,
        from: Kind,
        to: Kind,
        category: &'static str,
        (type_id, label, name): (u32, Option<&str>, &str),
        inverse: u32,
    ) {
        let label = label.map(str::to_owned);
        self.all.push(AssociationType { from, to, category, type_id, label, name: name.to_owned(), inverse });
    }

    /// Adds a label of the portal in both directions; answers the two types.
    pub(crate) fn add_label(
        &mut self,
        from: Kind,
        to: Kind,
        label: &str,
        inverse_label: Option<&str>,
        name: &str,
    ) -> Vec<AssociationType> {
        let (first, second) = (self.next_id, self.next_id + 1);
        self.next_id += 2;
        let single_between_equals = from == to && inverse_label.is_none();
        let inverse = if single_between_equals { first } else { second };
        self.push(from, to, USER, (first, Some(label), name), inverse);
        if !single_between_equals {
            self.push(to, from, USER, (second, Some(inverse_label.unwrap_or(label)), name), first);
        }
        self.all.iter().filter(|kind| kind.type_id == first || kind.type_id == second).cloned().collect()
    }

    /// The types of one direction.
    pub(crate) fn between(&self, from: Kind, to: Kind) -> impl Iterator<Item = &AssociationType> {
        self.all.iter().filter(move |kind| kind.from == from && kind.to == to)
    }

    /// A type of one direction by id.
    pub(crate) fn find(&self, from: Kind, to: Kind, type_id: u32) -> Option<&AssociationType> {
        self.between(from, to).find(|kind| kind.type_id == type_id)
    }

    /// The object type at the far end of a type id, for associations named in a creation.
    pub(crate) fn target_of(&self, from: Kind, type_id: u32) -> Option<Kind> {
        self.all.iter().find(|kind| kind.from == from && kind.type_id == type_id).map(|kind| kind.to)
    }

    /// The plain type of a direction.
    pub(crate) fn plain(&self, from: Kind, to: Kind) -> Option<&AssociationType> {
        self.between(from, to).find(|kind| kind.is_plain())
    }

    /// A type by its label text, its internal name, or `primary`.
    pub(crate) fn by_label(&self, from: Kind, to: Kind, label: &str) -> Option<&AssociationType> {
        self.between(from, to).find(|kind| {
            kind.label.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(label)) || kind.name == label
        })
    }

    /// Changes the texts of a label; false if the portal has no such label.
    pub(crate) fn relabel(
        &mut self,
        from: Kind,
        to: Kind,
        type_id: u32,
        label: &str,
        inverse: Option<&str>,
    ) -> bool {
        let Some(found) = self.find(from, to, type_id).filter(|kind| kind.category == USER).cloned() else {
            return false;
        };
        for kind in &mut self.all {
            if kind.type_id == type_id {
                kind.label = Some(label.to_owned());
            } else if kind.type_id == found.inverse {
                kind.label = Some(inverse.unwrap_or(label).to_owned());
            }
        }
        true
    }

    /// Removes a label in both directions; false if the portal has no such label.
    pub(crate) fn remove(&mut self, from: Kind, to: Kind, type_id: u32) -> bool {
        let Some(found) = self.find(from, to, type_id).filter(|kind| kind.category == USER).cloned() else {
            return false;
        };
        self.all.retain(|kind| kind.type_id != type_id && kind.type_id != found.inverse);
        true
    }
}
