//! Definitions of the portal for `setup` and `doctor`: groups, properties, labels, account information, scopes
//! (`hubspot.md` 3.4, 4.5, 4.6, 4.8).
//!
//! Nothing here is cached: a person has just changed something and wants to see it. Nothing is updated or removed.

mod dto;
#[cfg(test)]
mod tests;

use crate::adapter::HubSpot;
use crate::client::{Call, VERSION, read};
use crate::error::Fault;
use async_trait::async_trait;
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::object::ObjectKind;
use connector_http::Reply;
use connector_ports::PortError;
use connector_ports::installation::{
    CrmInstallation, LabelPair, LabelWish, PortalFacts, PropertyFound, PropertyWish, ValueKind,
};
use dto::{Details, List, Named, Property, TokenInfo};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A kind in paths.
fn of_type(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Company => "companies",
        ObjectKind::Contact => "contacts",
        ObjectKind::Product => "products",
        ObjectKind::Deal => "deals",
        ObjectKind::LineItem => "line_items",
    }
}

/// A pair in paths: the side from which the connector asks comes first.
fn of_pair(pair: LabelPair) -> [&'static str; 2] {
    match pair {
        LabelPair::CompanyContact => ["companies", "contacts"],
        LabelPair::DealContact => ["deals", "contacts"],
        LabelPair::DealCompany => ["deals", "companies"],
    }
}

/// What people fill a value in with.
fn field_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "text",
        ValueKind::LongText => "textarea",
        ValueKind::Number => "number",
        ValueKind::Date | ValueKind::DateTime => "date",
        ValueKind::Choice => "select",
    }
}

/// The body that makes a property; `name`, `label`, `groupName`, `type` and `fieldType` are required, and so are
/// all parts of an option but its description.
fn body(wish: &PropertyWish) -> Value {
    let option = |(at, choice): (usize, &connector_ports::installation::Choice)| json!({"label": choice.label, "value": choice.value, "displayOrder": at, "hidden": false});
    let options: Vec<Value> = wish.choices.iter().enumerate().map(option).collect();
    let mut body = json!({
        "name": wish.name, "label": wish.label, "description": wish.description, "groupName": wish.group,
        "type": wish.kind.type_word(), "fieldType": field_word(wish.kind), "formField": false, "hidden": false,
    });
    if let (Some(object), false) = (body.as_object_mut(), options.is_empty()) {
        object.insert("options".to_owned(), Value::Array(options));
    }
    body
}

/// The vendor's clock, as every HTTP answer tells it.
fn clock(reply: &Reply) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(reply.header("date")?).ok()
}

impl HubSpot {
    async fn list<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &[&str],
    ) -> Result<Vec<T>, PortError> {
        let read_all = async {
            let reply = self.api.call(Call::get(path)).await.map_err(Fault::for_read)?;
            read::<List<T>>(&reply).map_err(Fault::for_read)
        };
        let list: List<T> = read_all.await.map_err(|fault| fault.into_port(operation))?;
        Ok(list.results)
    }

    async fn create(&self, operation: &'static str, path: &[&str], body: Value) -> Result<(), PortError> {
        let made = self.api.call(Call::post(path, body)).await;
        made.map(|_| ()).map_err(|fault| fault.into_port(operation))
    }
}

#[async_trait]
impl CrmInstallation for HubSpot {
    async fn facts(&self) -> Result<PortalFacts, PortError> {
        let path = ["account-info", VERSION, "details"];
        let asked = async {
            let reply = self.api.call(Call::get(&path)).await.map_err(Fault::for_read)?;
            let details: Details = read(&reply).map_err(Fault::for_read)?;
            Ok((clock(&reply), details))
        };
        let told: Result<_, Fault> = asked.await;
        let (clock, details) = told.map_err(|fault| fault.into_port("hubspot read account information"))?;
        Ok(PortalFacts {
            id: PortalId(details.portal_id),
            account_type: details.account_type,
            time_zone: details.time_zone,
            home_currency: details.company_currency,
            further_currencies: details.additional_currencies.unwrap_or_default().into_iter().collect(),
            clock,
        })
    }

    /// `POST /oauth/v2/private-apps/get/access-token-info`, documented for private apps
    /// (<https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview>); any refusal means that
    /// HubSpot does not tell it for this token.
    async fn scopes(&self) -> Result<Option<BTreeSet<String>>, PortError> {
        let operation = "hubspot read scopes of the token";
        match self.api.token_info().await {
            Ok(reply) => Ok(read::<TokenInfo>(&reply).ok().and_then(|info| info.scopes)),
            Err(fault) => match fault.class {
                FaultClass::Permanent | FaultClass::Denied | FaultClass::Bug => Ok(None),
                FaultClass::Transient | FaultClass::Throttled { .. } | FaultClass::Unknown => {
                    Err(fault.for_read().into_port(operation))
                }
            },
        }
    }

    async fn probe(&self, kind: ObjectKind) -> Result<(), PortError> {
        let path = ["crm", "objects", VERSION, of_type(kind)];
        let call = Call::get(&path).query("limit", "1".to_owned());
        let read = self.api.call(call).await.map_err(Fault::for_read);
        read.map(|_| ()).map_err(|fault| fault.into_port("hubspot read a record"))
    }

    async fn groups(&self, kind: ObjectKind) -> Result<BTreeSet<String>, PortError> {
        let path = ["crm", "properties", VERSION, of_type(kind), "groups"];
        let groups: Vec<Named> = self.list("hubspot read property groups", &path).await?;
        Ok(groups.into_iter().map(|group| group.name).collect())
    }

    async fn properties(&self, kind: ObjectKind) -> Result<Vec<PropertyFound>, PortError> {
        let path = ["crm", "properties", VERSION, of_type(kind)];
        let all: Vec<Property> = self.list("hubspot read properties", &path).await?;
        Ok(all.into_iter().map(Property::into_port).collect())
    }

    async fn labels(&self, pair: LabelPair) -> Result<Vec<String>, PortError> {
        let [from, to] = of_pair(pair);
        let path = ["crm", "associations", VERSION, from, to, "labels"];
        let all: Vec<dto::Label> = self.list("hubspot read association labels", &path).await?;
        Ok(all.into_iter().filter_map(|label| label.label).filter(|text| !text.trim().is_empty()).collect())
    }

    async fn create_group(&self, kind: ObjectKind, name: &str, label: &str) -> Result<(), PortError> {
        let path = ["crm", "properties", VERSION, of_type(kind), "groups"];
        let body = json!({"name": name, "label": label, "displayOrder": -1});
        self.create("hubspot create property group", &path, body).await
    }

    async fn create_property(&self, kind: ObjectKind, wish: &PropertyWish) -> Result<(), PortError> {
        let path = ["crm", "properties", VERSION, of_type(kind)];
        self.create("hubspot create property", &path, body(wish)).await
    }

    async fn create_label(&self, pair: LabelPair, wish: &LabelWish) -> Result<(), PortError> {
        let [from, to] = of_pair(pair);
        let path = ["crm", "associations", VERSION, from, to, "labels"];
        // Without `inverseLabel` it reads the same from both sides.
        let body = json!({"name": wish.name, "label": wish.text});
        self.create("hubspot create association label", &path, body).await
    }
}
