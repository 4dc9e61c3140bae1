//! `GET /v1/describe/{object}`: the one answer that is XML. A few of the vendor's own fields, and the tenant's
//! custom fields.

use std::fmt::Write as _;

use crate::config::Config;

/// The vendor's own fields of an object: name and type.
const OWN: [(&str, &[(&str, &str)]); 10] = [
    ("Account", &[("AccountNumber", "text"), ("Name", "text"), ("CrmId", "text"), ("Batch", "picklist")]),
    (
        "Contact",
        &[("FirstName", "text"), ("LastName", "text"), ("WorkEmail", "text"), ("Country", "picklist")],
    ),
    ("Product", &[("Name", "text"), ("SKU", "text")]),
    ("ProductRatePlan", &[("Name", "text"), ("EffectiveStartDate", "date")]),
    ("ProductRatePlanCharge", &[("Name", "text"), ("ChargeModel", "picklist")]),
    ("Order", &[("OrderNumber", "text"), ("OrderDate", "date")]),
    ("OrderAction", &[("Type", "picklist")]),
    ("Subscription", &[("Name", "text"), ("AutoRenew", "boolean"), ("TermStartDate", "date")]),
    ("RatePlan", &[("Name", "text")]),
    ("RatePlanCharge", &[("ChargeNumber", "text"), ("MRR", "decimal")]),
];

/// The document for a path, if it is one of a described object; names of objects are taken in any case.
pub(crate) fn document(config: &Config, path: &str) -> Option<String> {
    let asked = path.strip_prefix("/v1/describe/")?;
    let (object, own) = OWN.iter().find(|(name, _)| name.eq_ignore_ascii_case(asked))?;
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<object>\n  <name>{object}</name>\n  \
         <label>{object}</label>\n  <fields>\n"
    );
    let mut field = |name: &str, kind: &str, is_custom: bool| {
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "    <field>\n      <name>{name}</name>\n      <label>{name}</label>\n      \
             <custom>{is_custom}</custom>\n      <maxlength>255</maxlength>\n      <type>{kind}</type>\n      \
             <contexts>\n        <context>export</context>\n      </contexts>\n    </field>\n"
        );
    };
    for (name, kind) in *own {
        field(name, kind, false);
    }
    for name in config.custom(object) {
        field(name, "text", true);
    }
    text.push_str("  </fields>\n</object>\n");
    Some(text)
}
