//! What should be against what is. Pure; what could not be read is told, never taken for missing.

use super::wishes::{FilledBy, GROUP, GROUP_LABEL, Property, Wishes};
use connector_domain::crm::same_label;
use connector_domain::object::ObjectKind;
use connector_ports::installation::{
    BillingObject, FieldFound, LabelPair, LabelWish, PropertyFound, PropertyWish, ValueKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the two systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// HubSpot.
    HubSpot,
    /// Zuora.
    Zuora,
}

impl Side {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::HubSpot => "HubSpot",
            Side::Zuora => "Zuora",
        }
    }
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The vendor's words.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// The vendor said no; anything else may be over when it is tried again.
    pub refused: bool,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Property groups by kind.
    pub groups: BTreeMap<ObjectKind, Result<BTreeSet<String>, Unread>>,
    /// Properties by kind.
    pub properties: BTreeMap<ObjectKind, Result<Vec<PropertyFound>, Unread>>,
    /// Label texts by pair.
    pub labels: BTreeMap<LabelPair, Result<Vec<String>, Unread>>,
    /// Fields by object; none for an object that the tenant does not describe.
    pub fields: BTreeMap<BillingObject, Result<Option<Vec<FieldFound>>, Unread>>,
}

/// How a thing stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is there and fits.
    There,
    /// It is not there.
    Missing,
    /// It is there and does not fit. It is never changed by us.
    Unfit {
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
        /// The sync suffers; otherwise it is only less useful.
        severe: bool,
    },
    /// It could not be seen.
    NotRead(Unread),
}

/// How a thing comes to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Make {
    /// A property group, by HubSpot's API.
    Group(ObjectKind),
    /// A property, by HubSpot's API.
    Property(ObjectKind, PropertyWish),
    /// A label, by HubSpot's API.
    Label(LabelPair, LabelWish),
    /// By a person, as told.
    ByHand(String),
}

/// One thing that should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where.
    pub side: Side,
    /// To what it belongs, for example `properties of deals`; things of one area stand together.
    pub area: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// How it comes to exist.
    pub make: Make,
    /// Why it matters.
    pub why: &'static str,
    /// The sync suffers without it.
    pub needed: bool,
}

/// The records of a kind in plain words.
pub fn plural(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Company => "companies",
        ObjectKind::Contact => "contacts",
        ObjectKind::Product => "products",
        ObjectKind::Deal => "deals",
        ObjectKind::LineItem => "line items",
    }
}

fn between(pair: LabelPair) -> &'static str {
    match pair {
        LabelPair::CompanyContact => "contact and company",
        LabelPair::DealContact => "contact and deal",
        LabelPair::DealCompany => "deal and company",
    }
}

/// Kinds whose definitions are looked at.
pub fn kinds(wishes: &Wishes) -> BTreeSet<ObjectKind> {
    wishes.properties.iter().map(|property| property.on).collect()
}

/// Objects whose fields are looked at.
pub fn objects(wishes: &Wishes) -> BTreeSet<BillingObject> {
    wishes.fields.iter().map(|field| field.on).collect()
}

/// Everything that should be, with how it stands: groups before their properties.
pub fn compare(wishes: &Wishes, found: &Found) -> Vec<Item> {
    let mut items = groups(wishes, found);
    items.extend(wishes.properties.iter().map(|property| of_property(property, found)));
    items.extend(labels(wishes, found));
    items.extend(fields(wishes, found));
    items
}

fn unasked() -> Unread {
    Unread { why: "It was not asked for.".into(), fix: String::new(), refused: false }
}

fn groups(wishes: &Wishes, found: &Found) -> Vec<Item> {
    let kinds: BTreeSet<ObjectKind> =
        wishes.properties.iter().filter(|p| p.wish.group == GROUP).map(|p| p.on).collect();
    let item = |on: ObjectKind| Item {
        side: Side::HubSpot,
        area: format!("property group of {}", plural(on)),
        name: format!("{GROUP} ({GROUP_LABEL})"),
        standing: match found.groups.get(&on) {
            Some(Ok(names)) if names.contains(GROUP) => Standing::There,
            Some(Ok(_)) => Standing::Missing,
            Some(Err(unread)) => Standing::NotRead(unread.clone()),
            None => Standing::NotRead(unasked()),
        },
        make: Make::Group(on),
        why: "The properties of the connector stand together in it.",
        needed: true,
    };
    kinds.into_iter().map(item).collect()
}

fn of_property(property: &Property, found: &Found) -> Item {
    let Property { on, wish, filled_by } = property;
    let standing = match found.properties.get(on) {
        Some(Ok(all)) => match all.iter().find(|p| p.name == wish.name) {
            Some(known) => fit(property, known),
            None => Standing::Missing,
        },
        Some(Err(unread)) => Standing::NotRead(unread.clone()),
        None => Standing::NotRead(unasked()),
    };
    let mut wish = wish.clone();
    // A group that the portal does not have would be refused; any other serves as well.
    if wish.group != GROUP
        && let Some(Ok(groups)) = found.groups.get(on)
        && !groups.contains(&wish.group)
        && let Some(first) = groups.first()
    {
        wish.group.clone_from(first);
    }
    Item {
        side: Side::HubSpot,
        area: format!("properties of {}", plural(*on)),
        name: format!("{} ({})", wish.name, kind_word(wish.kind)),
        standing,
        make: Make::Property(*on, wish),
        why: match filled_by {
            FilledBy::Connector => "Without it, what the connector writes back is refused (HZ0501).",
            FilledBy::Sellers => "Without it, sellers cannot say this, and the connector takes its default.",
        },
        needed: true,
    }
}

fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "text",
        ValueKind::LongText => "text of several lines",
        ValueKind::Number => "number",
        ValueKind::Date => "date",
        ValueKind::DateTime => "date and time",
        ValueKind::Choice => "selection",
    }
}

/// Whether an existing property can be used.
fn fit(property: &Property, known: &PropertyFound) -> Standing {
    let Property { wish, filled_by, .. } = property;
    let unfit = |severe, what: String, fix: &str| Standing::Unfit { what, fix: fix.to_owned(), severe };
    let (wanted, is) = (wish.kind.type_word(), known.type_word.as_str());
    if *filled_by == FilledBy::Connector && known.read_only {
        return unfit(
            true,
            "HubSpot takes no values for it from outside.".into(),
            "Rename or archive it in HubSpot (Settings, Properties), then run connector setup.",
        );
    }
    let readable = match (filled_by, wish.kind) {
        (FilledBy::Sellers, ValueKind::Date) => matches!(is, "date" | "datetime"),
        (FilledBy::Sellers, ValueKind::Text | ValueKind::LongText | ValueKind::Choice) => {
            matches!(is, "string" | "enumeration")
        }
        _ => is == wanted,
    };
    if !readable {
        // A text takes everything that we write, but lists and reports cannot count with it.
        let severe = *filled_by == FilledBy::Sellers || is != "string";
        let what = format!("It is a {is} in HubSpot's words, and should be a {wanted}.");
        let fix = match filled_by {
            FilledBy::Connector => {
                "Rename or archive it in HubSpot (Settings, Properties), then run connector setup."
            }
            FilledBy::Sellers => {
                "Change its type in HubSpot (Settings, Properties), or name another property in the configuration."
            }
        };
        return unfit(severe, what, fix);
    }
    let lacking: Vec<&str> = match is {
        "enumeration" => {
            wish.choices.iter().map(|c| c.value.as_str()).filter(|v| !known.choices.contains(*v)).collect()
        }
        _ => Vec::new(),
    };
    if lacking.is_empty() {
        return Standing::There;
    }
    unfit(
        *filled_by == FilledBy::Connector,
        format!("It lacks the values {}.", lacking.join(", ")),
        "Add them in HubSpot (Settings, Properties), with exactly these internal values.",
    )
}

fn labels(wishes: &Wishes, found: &Found) -> Vec<Item> {
    let item = |label: &super::wishes::Label| {
        let text = &label.wish.text;
        let mut name = format!("\"{text}\"");
        let standing = match found.labels.get(&label.pair) {
            Some(Ok(all)) => match all.iter().find(|known| same_label(known, text)) {
                Some(known) => {
                    if known != text {
                        name = format!("\"{text}\" (in the portal \"{known}\", which means the same)");
                    }
                    Standing::There
                }
                None => Standing::Missing,
            },
            Some(Err(unread)) => Standing::NotRead(unread.clone()),
            None => Standing::NotRead(unasked()),
        };
        Item {
            side: Side::HubSpot,
            area: format!("labels between {}", between(label.pair)),
            name,
            standing,
            make: Make::Label(label.pair, label.wish.clone()),
            why: "Sellers say with it who is billed, who receives, who pays; without it the defaults hold.",
            needed: true,
        }
    };
    wishes.labels.iter().map(item).collect()
}

fn fields(wishes: &Wishes, found: &Found) -> Vec<Item> {
    let item = |field: &super::wishes::Field| {
        let object = field.on.api_name();
        let standing = match found.fields.get(&field.on) {
            Some(Ok(Some(all))) => of_field(field, all),
            Some(Ok(None)) => Standing::NotRead(Unread {
                why: format!("The tenant does not describe the object {object}."),
                fix: format!("Look in Zuora whether {object} has the field {}.", field.name),
                refused: true,
            }),
            Some(Err(unread)) => Standing::NotRead(unread.clone()),
            None => Standing::NotRead(unasked()),
        };
        Item {
            side: Side::Zuora,
            area: format!("custom field of {object}"),
            name: field.name.clone(),
            standing,
            make: Make::ByHand(by_hand(field)),
            why: if field.needed {
                "It carries the link back to HubSpot; without it what exists cannot be recognised."
            } else {
                "It lets people search Zuora by the deal; the sync does without it."
            },
            needed: field.needed,
        }
    };
    wishes.fields.iter().map(item).collect()
}

/// What a person does in Zuora, where no API makes fields of standard objects (`zuora.md` 9).
fn by_hand(field: &super::wishes::Field) -> String {
    let super::wishes::Field { on, name, setting, carries, needed } = field;
    let optional = if *needed { "" } else { " (optional)" };
    format!(
        "In Zuora's Object Manager, object {}, add a custom field{optional}: API name {name}, type Text, length 255, \
         Filterable (Indexed) on, not required. It carries {carries}; {setting} names it.",
        on.api_name()
    )
}

fn of_field(field: &super::wishes::Field, all: &[FieldFound]) -> Standing {
    let exact = all.iter().find(|known| known.name == field.name);
    let other_case = || all.iter().find(|known| known.name.eq_ignore_ascii_case(&field.name));
    let Some(known) = exact.or_else(other_case) else { return Standing::Missing };
    let unfit = |severe, what, fix| Standing::Unfit { what, fix, severe };
    if known.type_word != "text" {
        return unfit(
            true,
            format!("It is of the type {}, and should be text.", known.type_word),
            format!("Make another field of the type Text, and name it in {}.", field.setting),
        );
    }
    if known.name != field.name {
        return unfit(
            false,
            format!("In the tenant it is written {}.", known.name),
            format!("Set {} = \"{}\".", field.setting, known.name),
        );
    }
    match known.longest {
        Some(longest) if longest < 32 => unfit(
            false,
            format!("It holds {longest} characters only."),
            "Make its length 255 in Zuora's Object Manager.".to_owned(),
        ),
        Some(_) | None => Standing::There,
    }
}

#[cfg(test)]
mod tests;
