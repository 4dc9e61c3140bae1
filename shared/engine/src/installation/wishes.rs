//! What should exist: one group of properties that we write, the properties that sellers fill in, the labels, and
//! the fields in Zuora that carry our links (`contract.md` 6, 7 and 9). Pure.

use connector_domain::object::ObjectKind;
use connector_domain::policy::Policy;
use connector_ports::installation::{BillingObject, Choice, LabelPair, LabelWish, PropertyWish, ValueKind};

/// Internal name of the property group on company and deal.
pub const GROUP: &str = "zuora_billing";
/// What people see of it.
pub const GROUP_LABEL: &str = "Zuora billing";
/// HubSpot's own group of line item properties. The one property there is for sellers, who look for it among the
/// others.
const LINE_ITEM_GROUP: &str = "lineiteminformation";

/// Who fills a property in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilledBy {
    /// The connector; a wrong type makes HubSpot refuse the write.
    Connector,
    /// Sellers; a wrong type makes the connector misread it.
    Sellers,
}

/// A property that should exist on a kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// On which records.
    pub on: ObjectKind,
    /// The property.
    pub wish: PropertyWish,
    /// Who fills it in.
    pub filled_by: FilledBy,
}

/// A label that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Between which records.
    pub pair: LabelPair,
    /// The label.
    pub wish: LabelWish,
    /// The setting that holds its text.
    pub setting: &'static str,
}

/// A custom field that should exist in Zuora: text, indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// On which object.
    pub on: BillingObject,
    /// API name.
    pub name: String,
    /// The setting that holds the name.
    pub setting: &'static str,
    /// What it carries.
    pub carries: &'static str,
    /// The sync cannot do without it.
    pub needed: bool,
}

/// Everything that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// HubSpot properties.
    pub properties: Vec<Property>,
    /// HubSpot association labels.
    pub labels: Vec<Label>,
    /// Zuora custom fields.
    pub fields: Vec<Field>,
}

/// Names that the policy does not hold, because only the Zuora adapter needs them otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFields {
    /// `zuora.contact_field`.
    pub contact: String,
    /// `zuora.deal_field`.
    pub deal: String,
    /// `catalog.link_field`.
    pub plan: Option<String>,
}

/// What an installation with these settings needs.
pub fn wishes(policy: &Policy, fields: &LinkFields) -> Wishes {
    let mut properties = Vec::new();
    for on in [ObjectKind::Company, ObjectKind::Deal] {
        let ours = written_back().into_iter();
        properties.extend(ours.map(|wish| Property { on, wish, filled_by: FilledBy::Connector }));
    }
    let sellers = |on| move |wish| Property { on, wish, filled_by: FilledBy::Sellers };
    let mut of_deals: Vec<PropertyWish> = Vec::new();
    for wish in of_sellers(policy) {
        // Two settings may name the same property.
        if !wish.name.is_empty() && of_deals.iter().all(|known| known.name != wish.name) {
            of_deals.push(wish);
        }
    }
    properties.extend(of_deals.into_iter().map(sellers(ObjectKind::Deal)));
    properties.push(sellers(ObjectKind::LineItem)(billing_trigger(&policy.billing_trigger_property)));
    Wishes { properties, labels: labels(policy), fields: link_fields(fields) }
}

fn plain(name: &str, label: &str, kind: ValueKind, description: &str) -> PropertyWish {
    PropertyWish {
        name: name.to_owned(),
        label: label.to_owned(),
        description: description.to_owned(),
        group: GROUP.to_owned(),
        kind,
        choices: Vec::new(),
    }
}

fn choices(all: &[(&str, &str)]) -> Vec<Choice> {
    let choice = |(value, label): &(&str, &str)| Choice { value: (*value).into(), label: (*label).into() };
    all.iter().map(choice).collect()
}

/// The properties of `contract.md` 7, the same on company and deal.
fn written_back() -> Vec<PropertyWish> {
    use ValueKind::{Choice, Date, DateTime, LongText, Number, Text};
    const ALL: [(&str, &str, ValueKind, &str); 16] = [
        ("zuora_account_id", "Zuora account ID", Text, "Id of the billing account in Zuora."),
        ("zuora_account_number", "Zuora account number", Text, "Number of the billing account in Zuora."),
        (
            "zuora_subscription_number",
            "Zuora subscription number",
            Text,
            "Number of the subscription in Zuora.",
        ),
        ("zuora_order_number", "Zuora order number", Text, "Number of the order that made the subscription."),
        ("zuora_sync_status", "Zuora sync status", Choice, "Whether Zuora holds what this record says."),
        (
            "zuora_last_synced_at",
            "Zuora last synced at",
            DateTime,
            "When a sync last changed something for this record.",
        ),
        (
            "zuora_sync_error",
            "Zuora sync error",
            LongText,
            "What must be mended before this record can sync.",
        ),
        ("zuora_mrr", "Zuora MRR", Number, "Monthly recurring revenue, filled when there is one currency."),
        ("zuora_arr", "Zuora ARR", Number, "Yearly recurring revenue, filled when there is one currency."),
        ("zuora_tcv", "Zuora TCV", Number, "Total contract value, filled when there is one currency."),
        (
            "zuora_mrr_by_currency",
            "Zuora MRR by currency",
            Text,
            "Monthly recurring revenue in each currency.",
        ),
        ("zuora_balance", "Zuora balance", Number, "What the account owes."),
        (
            "zuora_overdue_balance",
            "Zuora overdue balance",
            Number,
            "What the account owes past its due dates.",
        ),
        ("zuora_currency", "Zuora currency", Text, "Currency of the figures."),
        ("zuora_next_renewal_date", "Zuora next renewal date", Date, "Day of the next renewal."),
        (
            "zuora_subscription_status",
            "Zuora subscription status",
            Text,
            "Status of the subscription in Zuora.",
        ),
    ];
    let wish = |(name, label, kind, what): &(&str, &str, ValueKind, &str)| {
        let description = format!("{what} Written by the Zuora connector; what people enter is overwritten.");
        let mut wish = plain(name, label, *kind, &description);
        if *kind == Choice {
            wish.choices = choices(&[
                ("in_sync", "In sync"),
                ("pending", "Pending"),
                ("needs_attention", "Needs attention"),
                ("not_linked", "Not linked"),
            ]);
        }
        wish
    };
    ALL.iter().map(wish).collect()
}

/// What sellers fill in on deals, by the names of the configuration.
fn of_sellers(policy: &Policy) -> [PropertyWish; 5] {
    let names = &policy.deals.properties;
    [
        plain(
            &names.effective_date,
            "Zuora effective date",
            ValueKind::Date,
            "Day on which a change of this deal takes effect in billing.",
        ),
        plain(
            &names.cancellation_date,
            "Zuora cancellation date",
            ValueKind::Date,
            "Day on which a cancellation takes effect in billing.",
        ),
        plain(
            &names.extends,
            "Zuora extends subscription",
            ValueKind::Text,
            "On an upsell or a renewal: number of the subscription that this deal changes.",
        ),
        plain(
            &names.service_activation,
            "Service Activation Date",
            ValueKind::Date,
            "Day on which the service is activated; billing of lines with this trigger starts.",
        ),
        plain(
            &names.customer_acceptance,
            "Customer Activation Date",
            ValueKind::Date,
            "Day on which the customer accepts; billing of lines with this trigger starts.",
        ),
    ]
}

/// When billing of a line starts (Z-078).
fn billing_trigger(name: &str) -> PropertyWish {
    let mut wish = plain(
        name,
        "Billing start trigger",
        ValueKind::Choice,
        "Event that starts the billing of this line item; empty means contract effective.",
    );
    LINE_ITEM_GROUP.clone_into(&mut wish.group);
    wish.choices = choices(&[
        ("ContractEffective", "Contract effective"),
        ("ServiceActivation", "Service activation"),
        ("CustomerAcceptance", "Customer acceptance"),
    ]);
    wish
}

/// The labels; internal names are those of the original connector (Z-034, Z-035, Z-071 to Z-073).
fn labels(policy: &Policy) -> Vec<Label> {
    let texts = &policy.labels;
    let label = |pair, name: &str, text: &str, setting| Label {
        pair,
        wish: LabelWish { name: name.to_owned(), text: text.to_owned() },
        setting,
    };
    vec![
        label(LabelPair::CompanyContact, "bill_to_contact_company", &texts.bill_to, "labels.bill_to"),
        label(LabelPair::CompanyContact, "sold_to_contact_company", &texts.sold_to, "labels.sold_to"),
        label(LabelPair::DealContact, "bill_to_contact_deal", &texts.bill_to, "labels.bill_to"),
        label(LabelPair::DealContact, "sold_to_contact_deal", &texts.sold_to, "labels.sold_to"),
        label(LabelPair::DealCompany, "invoice_owner", &texts.invoice_owner, "labels.invoice_owner"),
    ]
}

fn link_fields(names: &LinkFields) -> Vec<Field> {
    let field = |on, name: &str, setting, carries| {
        // Orders are told apart by their numbers; the field on them is for people who search in Zuora.
        let needed = on != BillingObject::Order;
        Field { on, name: name.to_owned(), setting, carries, needed }
    };
    let deal = |on| field(on, &names.deal, "zuora.deal_field", "the HubSpot deal id");
    let contact =
        field(BillingObject::Contact, &names.contact, "zuora.contact_field", "the HubSpot contact id");
    let plan = names.plan.as_deref().map(|name| {
        field(BillingObject::ProductRatePlan, name, "catalog.link_field", "the HubSpot product id")
    });
    let of_deals = [deal(BillingObject::Order), deal(BillingObject::Subscription)];
    std::iter::once(contact).chain(of_deals).chain(plan).collect()
}
