//! Accounts and contacts: `/v1/accounts`, `/v1/contacts`.

use serde_json::{Value, json};

use crate::countries;
use crate::errors::{Outcome, Reply, code, not_found, refuse, refuse_problems, resource};
use crate::json::{self, Object, has_four_byte, object, text};
use crate::schema;
use crate::state::{Account, Contact, Stamp, Tenant};
use crate::views;

/// Checks the fields of a contact body; `who` goes into the messages.
fn check_contact(t: &Tenant, body: &Object, spec: &str, res: u32, who: &str) -> Outcome<()> {
    let found = json::problems(body, spec, t.config.custom("Contact"));
    if !found.is_empty() {
        return Err(refuse_problems(res, &found));
    }
    for (key, value) in body {
        if value.as_str().is_some_and(has_four_byte) {
            return Err(refuse(code(res, 20), format!("{who}: '{key}' has 4-byte UTF-8 characters.")));
        }
    }
    Ok(())
}

fn check_place(fields: &Object, res: u32) -> Outcome<()> {
    match countries::problem(text(fields, "country"), text(fields, "state")) {
        Some(message) => Err(refuse(code(res, 20), message)),
        None => Ok(()),
    }
}

fn check_account_values(t: &Tenant, body: &Object) -> Outcome<()> {
    let bad = |message: String| Err(refuse(code(resource::ACCOUNT, 20), message));
    for key in ["name", "crmId", "salesRep", "notes"] {
        if text(body, key).is_some_and(has_four_byte) {
            return bad(format!("'{key}' has 4-byte UTF-8 characters."));
        }
    }
    if body.get("billCycleDay").is_some_and(|v| v.as_i64().is_none_or(|d| !(0..=31).contains(&d))) {
        return bad("'billCycleDay' must be between 0 and 31.".to_owned());
    }
    if let Some(term) = text(body, "paymentTerm")
        && !t.config.payment_terms.iter().any(|p| p == term)
    {
        return bad(format!("The payment term '{term}' does not exist."));
    }
    if let Some(batch) = text(body, "batch") {
        let number = batch.strip_prefix("Batch").and_then(|n| n.parse::<u32>().ok());
        if !number.is_some_and(|n| (1..=50).contains(&n)) {
            return bad(format!("The batch '{batch}' does not exist."));
        }
    }
    if body.get("autoPay") == Some(&Value::Bool(true)) {
        let message = "A default payment method is required for auto-pay.";
        return Err(refuse(code(resource::ACCOUNT, 30), message));
    }
    parent(t, body)?;
    if let Some(info) = body.get("taxInfo").filter(|i| !i.is_null()) {
        let info = info.as_object().cloned().unwrap_or_default();
        let found = json::problems(&info, schema::TAX_INFO, &[]);
        if !found.is_empty() {
            return Err(refuse_problems(resource::ACCOUNT, &found));
        }
        match text(&info, "exemptStatus") {
            None | Some("No" | "Yes" | "PendingVerification") => {}
            Some(other) => return bad(format!("'{other}' is not a valid exemptStatus.")),
        }
    }
    Ok(())
}

/// The id of the parent account that a body names; both ways of naming it must mean the same one.
fn parent(t: &Tenant, body: &Object) -> Outcome<Option<String>> {
    let missing =
        |key: &str| refuse(code(resource::ACCOUNT, 40), format!("Cannot find the parent account '{key}'."));
    let by_id = match text(body, "parentId") {
        Some(id) => Some(t.accounts.get(id).ok_or_else(|| missing(id))?.id.clone()),
        None => None,
    };
    let by_number = match text(body, "parentAccountNumber") {
        Some(number) => {
            let hit = t.accounts.values().find(|a| a.number == number);
            Some(hit.ok_or_else(|| missing(number))?.id.clone())
        }
        None => None,
    };
    if by_id.is_some() && by_number.is_some() && by_id != by_number {
        let message = "parentId and parentAccountNumber name different accounts.";
        return Err(refuse(code(resource::ACCOUNT, 20), message));
    }
    Ok(by_id.or(by_number))
}

fn new_contact(t: &mut Tenant, account_id: &str, body: &Object) -> String {
    let id = t.id();
    let mut fields = body.clone();
    fields.remove("accountId");
    fields.remove("accountNumber");
    let stamp = Stamp::new(t.now);
    let contact = Contact { id: id.clone(), account_id: account_id.to_owned(), fields, stamp };
    t.contacts.insert(id.clone(), contact);
    id
}

const NESTED: [&str; 4] = ["billToContact", "soldToContact", "shipToContact", "subscription"];

/// `POST /v1/accounts`.
pub(crate) fn create(t: &mut Tenant, body: &Object) -> Outcome {
    let found = json::problems(body, schema::CREATE_ACCOUNT, t.config.custom("Account"));
    if !found.is_empty() {
        return Err(refuse_problems(resource::ACCOUNT, &found));
    }
    if body.get("subscription").is_some_and(|s| !s.is_null()) {
        return Err(refuse(code(resource::ACCOUNT, 10), "A subscription in this call is not simulated."));
    }
    if body.get("billCycleDay").is_none_or(Value::is_null) {
        return Err(refuse(code(resource::ACCOUNT, 22), "'billCycleDay' is required"));
    }
    check_account_values(t, body)?;
    let currency = text(body, "currency").unwrap_or_default().to_owned();
    if !t.config.has_currency(&currency) {
        let message = format!("The currency '{currency}' is not active in this tenant.");
        return Err(refuse(code(resource::ACCOUNT, 20), message));
    }
    for key in ["billToContact", "soldToContact", "shipToContact"] {
        if let Some(contact) = object(body, key) {
            check_contact(t, contact, schema::ACCOUNT_CONTACT, resource::ACCOUNT, key)?;
            check_place(contact, resource::ACCOUNT)?;
        }
    }
    let number = match text(body, "accountNumber") {
        Some(number) => {
            let rest = number.strip_prefix(t.config.account_prefix.as_str());
            if rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())) {
                let message =
                    format!("The account number '{number}' must not begin with the tenant's prefix.");
                return Err(refuse(code(resource::ACCOUNT, 20), message));
            }
            number.to_owned()
        }
        None => {
            let prefix = t.config.account_prefix.clone();
            t.next_number("account", &prefix)
        }
    };
    insert(t, body, number, currency)
}

fn flag(body: &Object, key: &str) -> bool {
    body.get(key) == Some(&Value::Bool(true))
}

/// Stores an account whose body was checked (or comes from a test).
pub(crate) fn insert(t: &mut Tenant, body: &Object, number: String, currency: String) -> Outcome {
    if t.config.unique_numbers && t.account(&number).is_some() {
        let message = format!("The account number '{number}' is already in use.");
        return Err(refuse(code(resource::ACCOUNT, 30), message));
    }
    let id = t.id();
    let bill_to = match object(body, "billToContact") {
        Some(contact) => new_contact(t, &id, contact),
        None => String::new(),
    };
    let sold_to = match object(body, "soldToContact") {
        Some(contact) if !flag(body, "soldToSameAsBillTo") => new_contact(t, &id, contact),
        _ => bill_to.clone(),
    };
    let ship_to = match object(body, "shipToContact") {
        Some(contact) if !flag(body, "shipToSameAsBillTo") => new_contact(t, &id, contact),
        _ => sold_to.clone(),
    };
    let mut fields = body.clone();
    for key in NESTED.iter().chain(&["accountNumber", "currency", "soldToSameAsBillTo", "shipToSameAsBillTo"])
    {
        fields.remove(*key);
    }
    fields.retain(|_, v| !v.is_null());
    if let Some(parent) = parent(t, body)? {
        fields.insert("parentId".to_owned(), json!(parent));
    }
    fields.remove("parentAccountNumber");
    for (key, value) in [
        ("paymentTerm", json!("Due Upon Receipt")),
        ("batch", json!("Batch1")),
        ("autoPay", json!(true)),
        ("invoiceDeliveryPrefsEmail", json!(false)),
        ("invoiceDeliveryPrefsPrint", json!(false)),
    ] {
        fields.entry(key).or_insert(value);
    }
    let status = text(body, "status").unwrap_or("Active").to_owned();
    fields.remove("status");
    let stamp = Stamp::new(t.now);
    let answer = json!({
        "success": true, "accountId": id, "accountNumber": number, "billToContactId": bill_to,
        "soldToContactId": sold_to, "shipToContactId": ship_to,
    });
    let account =
        Account { id: id.clone(), number, status, currency, bill_to, sold_to, ship_to, fields, stamp };
    t.accounts.insert(id, account);
    Ok(Reply::ok(answer))
}

/// `GET /v1/accounts/{key}`.
pub(crate) fn get(t: &Tenant, key: &str) -> Outcome {
    let account = t.account(key).ok_or_else(|| not_found("account", key))?;
    Ok(Reply::ok(views::account_detail(t, account)))
}

/// `GET /v1/accounts/{key}/summary`.
pub(crate) fn summary(t: &Tenant, key: &str) -> Outcome {
    let account = t.account(key).ok_or_else(|| not_found("account", key))?;
    Ok(Reply::ok(views::account_summary(t, account)))
}

/// `PUT /v1/accounts/{key}`.
pub(crate) fn update(t: &mut Tenant, key: &str, body: &Object) -> Outcome {
    let account = t.account(key).cloned().ok_or_else(|| not_found("account", key))?;
    if account.status == "Canceled" {
        return Err(refuse(51_500_030, "The account was cancelled and cannot be updated."));
    }
    let found = json::problems(body, schema::UPDATE_ACCOUNT, t.config.custom("Account"));
    if !found.is_empty() {
        return Err(refuse_problems(resource::ACCOUNT, &found));
    }
    check_account_values(t, body)?;
    if body.get("name").is_some_and(|n| n.as_str().is_none_or(str::is_empty)) {
        return Err(refuse(code(resource::ACCOUNT, 22), "'name' must not be empty"));
    }
    let mut ancestor = parent(t, body)?;
    while let Some(id) = ancestor {
        if id == account.id {
            let message = "An account cannot be its own parent or ancestor.";
            return Err(refuse(code(resource::ACCOUNT, 30), message));
        }
        ancestor = t.accounts.get(&id).and_then(|a| text(&a.fields, "parentId")).map(str::to_owned);
    }
    let mut changed = account.clone();
    let mut contacts = Vec::new();
    for (id_key, nested_key) in [
        ("billToContactId", "billToContact"),
        ("soldToContactId", "soldToContact"),
        ("shipToContactId", "shipToContact"),
    ] {
        let slot = match id_key {
            "billToContactId" => &mut changed.bill_to,
            "soldToContactId" => &mut changed.sold_to,
            _ => &mut changed.ship_to,
        };
        if let Some(id) = text(body, id_key) {
            if body.get(nested_key).is_some_and(|v| !v.is_null()) {
                let message = format!("'{id_key}' and '{nested_key}' cannot be used together.");
                return Err(refuse(code(resource::ACCOUNT, 20), message));
            }
            if t.contacts.get(id).is_none_or(|c| c.account_id != account.id) {
                let message = format!("The contact '{id}' does not belong to this account.");
                return Err(refuse(code(resource::ACCOUNT, 20), message));
            }
            *slot = id.to_owned();
        }
        if let Some(patch) = object(body, nested_key) {
            check_contact(t, patch, &optional(schema::ACCOUNT_CONTACT), resource::ACCOUNT, nested_key)?;
            let mut contact = t.contacts.get(slot.as_str()).cloned().ok_or_else(|| {
                refuse(code(resource::ACCOUNT, 30), format!("The account has no contact for '{nested_key}'."))
            })?;
            merge(&mut contact.fields, patch);
            check_names(&contact.fields, resource::ACCOUNT)?;
            check_place(&contact.fields, resource::ACCOUNT)?;
            contact.stamp.updated = t.now;
            contacts.push(contact);
        }
    }
    for (key, value) in body {
        if !NESTED.contains(&key.as_str()) && !key.ends_with("ContactId") {
            changed.fields.insert(key.clone(), value.clone());
        }
    }
    if let Some(patch) = object(body, "taxInfo") {
        let mut info = object(&account.fields, "taxInfo").cloned().unwrap_or_default();
        merge(&mut info, patch);
        changed.fields.insert("taxInfo".to_owned(), Value::Object(info));
    }
    changed.fields.retain(|_, v| !v.is_null());
    changed.stamp.updated = t.now;
    for contact in contacts {
        t.contacts.insert(contact.id.clone(), contact);
    }
    t.accounts.insert(changed.id.clone(), changed);
    Ok(Reply::ok(json!({"success": true})))
}

fn optional(spec: &str) -> String {
    spec.replace('!', "")
}

fn merge(fields: &mut Object, patch: &Object) {
    for (key, value) in patch {
        fields.insert(key.clone(), value.clone());
    }
    fields.retain(|_, v| !v.is_null());
}

fn check_names(fields: &Object, res: u32) -> Outcome<()> {
    for key in ["firstName", "lastName"] {
        if text(fields, key).is_none() {
            return Err(refuse(code(res, 22), format!("'{key}' is required")));
        }
    }
    Ok(())
}

/// `POST /v1/contacts`.
pub(crate) fn create_contact(t: &mut Tenant, body: &Object) -> Outcome {
    check_contact(t, body, schema::CREATE_CONTACT, resource::CONTACT, "contact")?;
    check_place(body, resource::CONTACT)?;
    let key = text(body, "accountId").or_else(|| text(body, "accountNumber"));
    let key =
        key.ok_or_else(|| refuse(code(resource::CONTACT, 22), "'accountId' or 'accountNumber' is required"))?;
    let account_id = t
        .account(key)
        .map(|a| a.id.clone())
        .ok_or_else(|| refuse(code(resource::CONTACT, 40), format!("Cannot find account '{key}'.")))?;
    let id = new_contact(t, &account_id, body);
    get_contact(t, &id)
}

/// `GET /v1/contacts/{id}`.
pub(crate) fn get_contact(t: &Tenant, id: &str) -> Outcome {
    let contact = t.contacts.get(id).ok_or_else(|| not_found("contact", id))?;
    let mut body = views::contact(t, contact);
    body.insert("success".to_owned(), Value::Bool(true));
    Ok(Reply::ok(Value::Object(body)))
}

/// `PUT /v1/contacts/{id}`.
pub(crate) fn update_contact(t: &mut Tenant, id: &str, body: &Object) -> Outcome {
    check_contact(t, body, schema::UPDATE_CONTACT, resource::CONTACT, "contact")?;
    let mut contact = t.contacts.get(id).cloned().ok_or_else(|| not_found("contact", id))?;
    merge(&mut contact.fields, body);
    check_names(&contact.fields, resource::CONTACT)?;
    check_place(&contact.fields, resource::CONTACT)?;
    contact.stamp.updated = t.now;
    t.contacts.insert(id.to_owned(), contact);
    get_contact(t, id)
}

/// `DELETE /v1/contacts/{id}`.
pub(crate) fn delete_contact(t: &mut Tenant, id: &str) -> Outcome {
    if !t.contacts.contains_key(id) {
        return Err(not_found("contact", id));
    }
    if t.accounts.values().any(|a| a.bill_to == id || a.sold_to == id || a.ship_to == id) {
        return Err(refuse(code(resource::CONTACT, 30), "The contact is in use by an account."));
    }
    t.contacts.remove(id);
    Ok(Reply::ok(json!({"success": true})))
}
