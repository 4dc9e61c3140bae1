//! Which right a call needs, and where a person grants it (`hubspot.md` 3.4, `zuora.md` 1.3). Pure.

use connector_domain::fault::FaultClass;
use connector_domain::object::ObjectKind;
use connector_ports::PortError;

/// Scopes that a sync needs.
pub(super) const FOR_SYNC: [&str; 7] = [
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.line_items.read",
    "crm.objects.products.read",
];

/// The scope that lets a token read records of a kind.
pub(super) fn to_read(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Company => "crm.objects.companies.read",
        ObjectKind::Contact => "crm.objects.contacts.read",
        ObjectKind::Product => "crm.objects.products.read",
        ObjectKind::Deal => "crm.objects.deals.read",
        ObjectKind::LineItem => "crm.objects.line_items.read",
    }
}

/// The scope that lets a token read definitions of a kind; one that reads its records does as well.
pub(super) fn to_read_definitions(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Company => "crm.schemas.companies.read",
        ObjectKind::Contact => "crm.schemas.contacts.read",
        ObjectKind::Product => "crm.objects.products.read",
        ObjectKind::Deal => "crm.schemas.deals.read",
        ObjectKind::LineItem => "crm.schemas.line_items.read",
    }
}

/// The scope that lets a token make properties and groups of a kind. Line items and products have none of their
/// own.
pub(super) fn to_define(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Company => "crm.schemas.companies.write",
        ObjectKind::Contact => "crm.schemas.contacts.write",
        ObjectKind::Deal => "crm.schemas.deals.write",
        ObjectKind::LineItem | ObjectKind::Product => "e-commerce",
    }
}

/// The scope that is asked for where any scope of the two records will do.
pub(super) const TO_LABEL: &str = "crm.objects.companies.write";

/// How a person gives a HubSpot token a scope.
pub(super) fn grant(scope: &str) -> String {
    format!(
        "Add {scope} to requiredScopes in the app's app-hsmeta.json (infra/hubspot-app), upload the project, \
         reinstall the app in the portal, and put the token of its Distribution tab into HUBSPOT_ACCESS_TOKEN."
    )
}

/// How a person gives the Zuora client its rights.
pub(super) const GRANT_ZUORA: &str = "In Zuora, Administration, Manage Users: the user who owns the OAuth client \
                                      needs a role with access to this; the client has the rights of its user.";

/// Whether the vendor said that we may not.
pub(super) fn is_refused(error: &PortError) -> bool {
    error.class == FaultClass::Denied
}

/// Whether the vendor said no, for whatever reason.
pub(super) fn is_definite(error: &PortError) -> bool {
    matches!(error.class, FaultClass::Denied | FaultClass::Permanent)
}

/// What a person does about a HubSpot call that failed.
pub(super) fn hubspot_fix(error: &PortError, scope: &str) -> String {
    if error.status == Some(401) {
        return "Put a valid token of the app into HUBSPOT_ACCESS_TOKEN (the app's Distribution tab)."
            .to_owned();
    }
    if is_refused(error) { grant(scope) } else { again(error) }
}

/// What a person does about a Zuora call that failed.
pub(super) fn zuora_fix(error: &PortError) -> String {
    if is_refused(error) { GRANT_ZUORA.to_owned() } else { again(error) }
}

fn again(error: &PortError) -> String {
    match error.class {
        FaultClass::Transient | FaultClass::Throttled { .. } | FaultClass::Unknown => {
            "Run the command again; what was made stays and is not made twice.".to_owned()
        }
        FaultClass::Permanent | FaultClass::Denied | FaultClass::Bug => {
            "The vendor's own words above say what it does not accept.".to_owned()
        }
    }
}
