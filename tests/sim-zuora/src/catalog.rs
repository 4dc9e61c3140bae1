//! The product catalogue: object CRUD on products, rate plans, charges and tiers, and the reads by
//! plan id and external id.

use serde_json::{Value, json};

use crate::catalog_charge;
use crate::errors::{Outcome, Reply, crud_refuse, not_found};
use crate::json::{self, Kind, Object, objects, text};
use crate::schema;
use crate::state::{Plan, Product, Stamp, Tenant};

/// Context of a CRUD call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crud {
    /// Query parameter `rejectUnknownFields`.
    pub(crate) reject_unknown: bool,
    /// Header `X-Zuora-WSDL-Version`; 79 when absent.
    pub(crate) wsdl: u32,
}

/// From which WSDL version the catalogue's number fields exist.
const NUMBERS_FROM: u32 = 133;

fn crud_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "INVALID_VALUE",
        Kind::Unknown => "INVALID_FIELD",
        Kind::Missing => "MISSING_REQUIRED_VALUE",
    }
}

/// Checks a CRUD body and gives back what the tenant would take from it.
pub(crate) fn accept(
    t: &Tenant,
    body: &Object,
    spec: &str,
    object: &str,
    number_field: &str,
    crud: Crud,
) -> Outcome<Object> {
    let mut body = body.clone();
    let mut old_number = false;
    if crud.wsdl < NUMBERS_FROM && body.contains_key(number_field) {
        old_number = true;
        body.remove(number_field);
    }
    if old_number && crud.reject_unknown {
        return Err(crud_refuse("INVALID_FIELD", format!("invalid field {number_field}")));
    }
    for problem in json::problems(&body, spec, t.config.custom(object)) {
        if problem.kind == Kind::Unknown && !crud.reject_unknown {
            body.remove(&problem.field);
            continue;
        }
        return Err(crud_refuse(crud_code(problem.kind), problem.message));
    }
    if let Some(number) = text(&body, number_field)
        && !number.chars().all(|c| c.is_ascii_alphanumeric())
    {
        return Err(crud_refuse(
            "INVALID_VALUE",
            format!("{number_field} may have letters and digits only."),
        ));
    }
    for key in ["Name", "Description"] {
        if text(&body, key).is_some_and(json::has_four_byte) {
            return Err(crud_refuse("INVALID_VALUE", format!("{key} has 4-byte UTF-8 characters.")));
        }
    }
    Ok(body)
}

fn check_dates(fields: &Object) -> Outcome<()> {
    let (start, end) = (json::date(fields, "EffectiveStartDate"), json::date(fields, "EffectiveEndDate"));
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        return Err(crud_refuse("INVALID_VALUE", "EffectiveEndDate is before EffectiveStartDate."));
    }
    Ok(())
}

fn check_one_of(fields: &Object, key: &str, allowed: &[&str]) -> Outcome<()> {
    match text(fields, key) {
        Some(value) if !allowed.contains(&value) => {
            Err(crud_refuse("INVALID_VALUE", format!("'{value}' is not a valid value of {key}.")))
        }
        _ => Ok(()),
    }
}

/// The usual CRUD answer.
pub(crate) fn done(id: &str) -> Outcome {
    Ok(Reply::ok(json!({"Success": true, "Id": id})))
}

/// A CRUD call on an id that does not exist.
pub(crate) fn no_such(object: &str, id: &str) -> Reply {
    let mut reply = crud_refuse("INVALID_ID", format!("Cannot find {object} with id '{id}'."));
    reply.status = crate::errors::NOT_FOUND;
    reply
}

fn check_product(t: &Tenant, fields: &Object, own: Option<&str>) -> Outcome<()> {
    check_dates(fields)?;
    check_one_of(fields, "Category", &["Base Products", "Add On Services", "Miscellaneous Products"])?;
    for key in ["SKU", "ProductNumber"] {
        let Some(value) = text(fields, key) else { continue };
        let taken = t.products.values().any(|p| own != Some(&p.id) && text(&p.fields, key) == Some(value));
        if taken {
            return Err(crud_refuse("DUPLICATE_VALUE", format!("The {key} '{value}' is already in use.")));
        }
    }
    Ok(())
}

/// `POST /v1/object/product`.
pub(crate) fn create_product(t: &mut Tenant, body: &Object, crud: Crud) -> Outcome {
    let mut fields = accept(t, body, schema::PRODUCT, "Product", "ProductNumber", crud)?;
    check_product(t, &fields, None)?;
    if text(&fields, "SKU").is_none() {
        let sku = t.next_number("sku", "SKU-");
        fields.insert("SKU".to_owned(), json!(sku));
    }
    if text(&fields, "ProductNumber").is_none() {
        let number = t.next_number("product", "PC-");
        fields.insert("ProductNumber".to_owned(), json!(number));
    }
    let id = t.id();
    t.products.insert(id.clone(), Product { id: id.clone(), fields, stamp: Stamp::new(t.now) });
    done(&id)
}

/// `PUT /v1/object/product/{id}`.
pub(crate) fn update_product(t: &mut Tenant, id: &str, body: &Object, crud: Crud) -> Outcome {
    let mut product = t.products.get(id).cloned().ok_or_else(|| no_such("Product", id))?;
    let spec = schema::PRODUCT.replace('!', "");
    let patch = accept(t, body, &spec, "Product", "ProductNumber", crud)?;
    overlay(&mut product.fields, patch);
    if text(&product.fields, "Name").is_none() {
        return Err(crud_refuse("MISSING_REQUIRED_VALUE", "'Name' is required"));
    }
    check_product(t, &product.fields, Some(id))?;
    product.stamp.updated = t.now;
    t.products.insert(id.to_owned(), product);
    done(id)
}

/// Puts the fields of a patch over others; null removes.
pub(crate) fn overlay(fields: &mut Object, patch: Object) {
    fields.extend(patch);
    fields.retain(|_, v| !v.is_null());
}

fn string_list(fields: &mut Object, key: &str) -> Option<Vec<String>> {
    let list = fields.remove(key)?;
    let list = list.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn check_plan(t: &Tenant, plan: &Plan) -> Outcome<()> {
    check_dates(&plan.fields)?;
    if let Some(number) = text(&plan.fields, "ProductRatePlanNumber") {
        let taken = t
            .plans
            .values()
            .any(|p| p.id != plan.id && text(&p.fields, "ProductRatePlanNumber") == Some(number));
        if taken {
            let message = format!("The ProductRatePlanNumber '{number}' is already in use.");
            return Err(crud_refuse("DUPLICATE_VALUE", message));
        }
    }
    for external in &plan.external_ids {
        let taken = t.plans.values().any(|p| {
            p.id != plan.id && p.external_source == plan.external_source && p.external_ids.contains(external)
        });
        if taken {
            let message = format!("The external rate plan id '{external}' is already in use.");
            return Err(crud_refuse("DUPLICATE_VALUE", message));
        }
    }
    for currency in &plan.currencies {
        if !t.config.has_currency(currency) {
            let message = format!("The currency '{currency}' is not active in this tenant.");
            return Err(crud_refuse("INVALID_VALUE", message));
        }
    }
    Ok(())
}

/// How many currencies one call may add or change beside the default one.
const CURRENCY_CHANGES: usize = 4;

/// `POST /v1/object/product-rate-plan`.
pub(crate) fn create_plan(t: &mut Tenant, body: &Object, crud: Crud) -> Outcome {
    let mut fields =
        accept(t, body, schema::PRODUCT_RATE_PLAN, "ProductRatePlan", "ProductRatePlanNumber", crud)?;
    let product_id = text(&fields, "ProductId").unwrap_or_default().to_owned();
    if !t.products.contains_key(&product_id) {
        return Err(crud_refuse("INVALID_ID", format!("Cannot find Product with id '{product_id}'.")));
    }
    let external_source = text(&fields, "ExternalIdSourceSystem").map(str::to_owned);
    fields.remove("ExternalIdSourceSystem");
    let external_ids = string_list(&mut fields, "ExternalRatePlanIds").unwrap_or_default();
    let asked = string_list(&mut fields, "ActiveCurrencies").unwrap_or_default();
    let default = t.config.default_currency();
    if asked.iter().filter(|c| **c != default).count() > CURRENCY_CHANGES {
        return Err(crud_refuse("INVALID_VALUE", "At most four currencies beside the default one."));
    }
    let mut currencies = vec![default];
    for currency in asked {
        if !currencies.contains(&currency) {
            currencies.push(currency);
        }
    }
    let id = t.id();
    let stamp = Stamp::new(t.now);
    let mut plan = Plan { id, product_id, fields, currencies, external_ids, external_source, stamp };
    check_plan(t, &plan)?;
    if text(&plan.fields, "ProductRatePlanNumber").is_none() {
        let number = t.next_number("plan", "PRP-");
        plan.fields.insert("ProductRatePlanNumber".to_owned(), json!(number));
    }
    let id = plan.id.clone();
    t.plans.insert(id.clone(), plan);
    done(&id)
}

/// `PUT /v1/object/product-rate-plan/{id}`.
pub(crate) fn update_plan(t: &mut Tenant, id: &str, body: &Object, crud: Crud) -> Outcome {
    let mut plan = t.plans.get(id).cloned().ok_or_else(|| no_such("ProductRatePlan", id))?;
    let spec = schema::PRODUCT_RATE_PLAN
        .replace('!', "")
        .replace("ExternalRatePlanIds/a", "")
        .replace("ExternalIdSourceSystem/s", "");
    let mut patch = accept(t, body, &spec, "ProductRatePlan", "ProductRatePlanNumber", crud)?;
    if text(&patch, "ProductId").is_some_and(|p| p != plan.product_id) {
        return Err(crud_refuse("INVALID_VALUE", "ProductId cannot be changed."));
    }
    if let Some(asked) = string_list(&mut patch, "ActiveCurrencies") {
        let added = asked.iter().filter(|c| !plan.currencies.contains(c)).count();
        let removed = plan.currencies.iter().filter(|c| !asked.contains(c)).count();
        if added + removed > CURRENCY_CHANGES {
            return Err(crud_refuse("INVALID_VALUE", "At most four changes of currencies in one call."));
        }
        plan.currencies = asked;
    }
    overlay(&mut plan.fields, patch);
    check_plan(t, &plan)?;
    plan.stamp.updated = t.now;
    t.plans.insert(id.to_owned(), plan);
    done(id)
}

/// `GET /v1/object/{product|product-rate-plan|product-rate-plan-charge}/{id}`.
pub(crate) fn get_object(t: &Tenant, kind: &str, id: &str) -> Outcome {
    let mut body = match kind {
        "product" => t.products.get(id).map(|p| p.fields.clone()),
        "product-rate-plan" => t.plans.get(id).map(|p| {
            let mut fields = p.fields.clone();
            fields.insert("ActiveCurrencies".to_owned(), json!(p.currencies));
            fields.insert("ExternalRatePlanIds".to_owned(), json!(p.external_ids));
            fields
        }),
        // Tiers and the number are read by object query; this read does not have them.
        "product-rate-plan-charge" => t.charges.get(id).map(|c| {
            let mut fields = c.fields.clone();
            fields.remove("ProductRatePlanChargeNumber");
            fields
        }),
        _ => t
            .charges
            .values()
            .flat_map(|c| &c.tiers)
            .find(|tier| tier.id == id)
            .map(|tier| json::into_object(catalog_charge::crud_tier(tier))),
    }
    .ok_or_else(|| no_such(kind, id))?;
    body.insert("Id".to_owned(), json!(id));
    Ok(Reply::ok(Value::Object(body)))
}

/// `DELETE /v1/object/…/{id}`.
pub(crate) fn delete_object(t: &mut Tenant, kind: &str, id: &str) -> Outcome {
    let in_use = match kind {
        "product" => t.plans.values().any(|p| p.product_id == id),
        "product-rate-plan" => t.charges.values().any(|c| c.plan_id == id),
        _ => t.families.iter().flat_map(|f| &f.versions).any(|v| v.uses_charge(id)),
    };
    if in_use {
        return Err(crud_refuse("CANNOT_DELETE", "The object is in use."));
    }
    let gone = match kind {
        "product" => t.products.remove(id).is_some(),
        "product-rate-plan" => t.plans.remove(id).is_some(),
        _ => t.charges.remove(id).is_some(),
    };
    if gone { Ok(Reply::ok(json!({"success": true, "id": id}))) } else { Err(no_such(kind, id)) }
}

fn plan_detail(plan: &Plan) -> Object {
    json::into_object(json!({
        "id": plan.id,
        "name": plan.fields.get("Name"),
        "description": plan.fields.get("Description"),
        "status": "Active",
        "effectiveStartDate": plan.fields.get("EffectiveStartDate"),
        "effectiveEndDate": plan.fields.get("EffectiveEndDate"),
        "productRatePlanNumber": plan.fields.get("ProductRatePlanNumber"),
        "externallyManagedPlanIds": plan.external_ids,
        "ExternalIdSourceSystem": plan.external_source,
    }))
}

/// `GET /v1/product-rate-plans/{id}`.
pub(crate) fn get_plan(t: &Tenant, key: &str) -> Outcome {
    let plan = t
        .plans
        .get(key)
        .or_else(|| t.plans.values().find(|p| text(&p.fields, "ProductRatePlanNumber") == Some(key)))
        .ok_or_else(|| not_found("product rate plan", key))?;
    let mut body = plan_detail(plan);
    body.insert("success".to_owned(), Value::Bool(true));
    Ok(Reply::ok(Value::Object(body)))
}

/// `GET /v1/product-rate-plans/external-id/{externalId}`.
pub(crate) fn plans_by_external_id(t: &Tenant, external: &str) -> Outcome {
    let hits: Vec<Value> = t
        .plans
        .values()
        .filter(|p| p.external_ids.iter().any(|e| e == external))
        .map(|p| Value::Object(plan_detail(p)))
        .collect();
    if hits.is_empty() {
        return Err(not_found("product rate plan", external));
    }
    Ok(Reply::ok(json!({"success": true, "productRatePlans": hits})))
}

/// The tier bodies of a charge body.
pub(crate) fn tier_bodies(fields: &Object) -> Vec<&Object> {
    json::object(fields, "ProductRatePlanChargeTierData")
        .map_or_else(Vec::new, |data| objects(data, "ProductRatePlanChargeTier"))
}
