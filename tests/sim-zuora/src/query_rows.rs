//! Records as object query shows them, and how they hang together.

use serde_json::{Value, json};

use crate::clock::iso;
use crate::json::{Object, into_object, num, num_or_null, text};
use crate::state::{Contact, PlanCharge, Stamp, Tenant};
use crate::subscriptions::{Family, SubCharge, SubPlan, SubVersion};
use crate::views;

/// A record and its times.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The fields.
    pub(crate) body: Object,
    /// When it was made and changed.
    pub(crate) stamp: Stamp,
}

/// Records that hang on another one.
#[derive(Debug)]
pub(crate) struct Related {
    /// The records.
    pub(crate) many: Vec<Row>,
    /// Whether they are shown as a list.
    pub(crate) list: bool,
}

const USER: &str = "8ad00000000000000000000000000001";

fn row(value: Value, stamp: Stamp) -> Row {
    let mut body = into_object(value);
    body.insert("createdById".to_owned(), json!(USER));
    body.insert("updatedById".to_owned(), json!(USER));
    body.insert("createdDate".to_owned(), json!(iso(stamp.created)));
    body.insert("updatedDate".to_owned(), json!(iso(stamp.updated)));
    Row { body, stamp }
}

/// Every record of an object.
pub(crate) fn rows(t: &Tenant, path: &str) -> Vec<Row> {
    match path {
        "accounts" => accounts(t),
        "contacts" => t.contacts.values().map(contact).collect(),
        "subscriptions" => {
            t.families.iter().flat_map(|f| f.versions.iter().map(move |v| subscription(t, f, v))).collect()
        }
        "orders" => orders(t),
        "products" => t.products.values().map(|p| row(camel(&p.fields, &p.id), p.stamp)).collect(),
        "product-rate-plans" => t
            .plans
            .values()
            .map(|p| {
                let mut body = into_object(camel(&p.fields, &p.id));
                body.insert("productId".to_owned(), json!(p.product_id));
                row(Value::Object(body), p.stamp)
            })
            .collect(),
        "product-rate-plan-charges" => t.charges.values().map(plan_charge).collect(),
        "rate-plans" => each_plan(t, |v, p| vec![rate_plan(t, v, p)]),
        "rate-plan-charges" => each_plan(t, |v, p| p.charges.iter().map(|c| charge(v, p, c)).collect()),
        other => t
            .documents
            .get(other)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|fields| document(t, fields))
            .collect(),
    }
}

fn each_plan(t: &Tenant, make: impl Fn(&SubVersion, &SubPlan) -> Vec<Row>) -> Vec<Row> {
    let mut all = Vec::new();
    for family in &t.families {
        for version in &family.versions {
            for plan in &version.plans {
                all.extend(make(version, plan));
            }
        }
    }
    all
}

fn document(t: &Tenant, fields: &Object) -> Row {
    let parse = |key: &str| text(fields, key).and_then(|s| s.parse().ok()).unwrap_or(t.now);
    let stamp = Stamp { created: parse("createdDate"), updated: parse("updatedDate") };
    row(Value::Object(fields.clone()), stamp)
}

/// CRUD spelling to object query's: the first letter small, custom fields as they are.
fn camel(fields: &Object, id: &str) -> Value {
    let mut body = Object::new();
    for (key, value) in fields {
        let name = if key.ends_with("__c") {
            key.clone()
        } else {
            let mut letters = key.chars();
            letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect()
        };
        body.insert(name, value.clone());
    }
    body.insert("id".to_owned(), json!(id));
    Value::Object(body)
}

fn accounts(t: &Tenant) -> Vec<Row> {
    t.accounts
        .values()
        .map(|a| {
            let f = &a.fields;
            let own = views::balances(t, a).remove(&a.currency).unwrap_or_default();
            let last = t.documents.get("invoices").into_iter().flatten();
            let last = last
                .filter(|i| text(i, "accountId") == Some(&a.id))
                .filter_map(|i| text(i, "invoiceDate"))
                .max();
            let mut body = into_object(json!({
                "id": a.id, "accountNumber": a.number, "name": f.get("name"), "status": a.status,
                "currency": a.currency, "crmId": f.get("crmId"), "batch": f.get("batch"),
                "billCycleDay": f.get("billCycleDay"), "paymentTerm": f.get("paymentTerm"),
                "autoPay": f.get("autoPay"), "billToId": a.bill_to, "soldToId": a.sold_to, "shipToId": a.ship_to,
                "balance": num(own.balance()), "mrr": num(own.mrr), "totalInvoiceBalance": num(own.invoices),
                "totalDebitMemoBalance": num(own.debit_memos), "unappliedBalance": num(own.payments),
                "unappliedCreditMemoAmount": num(own.credit_memos), "creditBalance": 0, "lastInvoiceDate": last,
                "notes": f.get("notes"), "salesRepName": f.get("salesRep"), "parentId": f.get("parentId"),
                "purchaseOrderNumber": f.get("purchaseOrderNumber"),
                "communicationProfileId": f.get("communicationProfileId"),
                "invoiceDeliveryPrefsEmail": f.get("invoiceDeliveryPrefsEmail"),
                "invoiceDeliveryPrefsPrint": f.get("invoiceDeliveryPrefsPrint"),
            }));
            body.extend(views::custom_of(f));
            row(Value::Object(body), a.stamp)
        })
        .collect()
}

fn contact(c: &Contact) -> Row {
    let mut body = Object::new();
    for (key, value) in &c.fields {
        let name = match key.as_str() {
            "zipCode" => "postalCode",
            "nickname" => "nickName",
            "contactDescription" => "description",
            other => other,
        };
        body.insert(name.to_owned(), value.clone());
    }
    body.insert("id".to_owned(), json!(c.id));
    body.insert("accountId".to_owned(), json!(c.account_id));
    row(Value::Object(body), c.stamp)
}

fn orders(t: &Tenant) -> Vec<Row> {
    t.orders
        .iter()
        .map(|o| {
            let mut body = into_object(json!({
                "id": o.id, "orderNumber": o.number, "orderDate": o.date, "accountId": o.account_id,
                "status": o.status, "state": if o.status == "Completed" { "Complete" } else { "Executing" },
                "category": "NewSales", "description": text(&o.fields, "description"),
                "createdByMigration": false, "isScheduled": false,
            }));
            body.extend(crate::json::object(&o.fields, "customFields").cloned().unwrap_or_default());
            row(Value::Object(body), o.stamp)
        })
        .collect()
}

fn subscription(t: &Tenant, family: &Family, v: &SubVersion) -> Row {
    // Among those that the search shows, the newest is the latest.
    let latest = family.versions.iter().rev().find(|x| t.searchable(x.stamp)).or(family.latest());
    let previous = family.versions.iter().rev().find(|x| x.version < v.version).map(|x| x.id.clone());
    let order = t.order(&v.order_number).map(|o| o.id.clone());
    let mut body = into_object(json!({
        "id": v.id, "name": family.number, "accountId": v.owner, "status": v.status_at(t.today()),
        "version": v.version, "isLatestVersion": latest.is_some_and(|l| l.id == v.id || v.version > l.version),
        "originalId": family.original_id, "previousSubscriptionId": previous, "termType": v.term_type,
        "initialTerm": v.initial_term, "initialTermPeriodType": v.initial_period, "currentTerm": v.current_term,
        "currentTermPeriodType": v.current_period, "renewalTerm": v.renewal_term.as_ref().map_or(0, |r| r.0),
        "renewalTermPeriodType": v.renewal_term.as_ref().map(|r| r.1.clone()),
        "renewalSetting": v.renewal_setting, "autoRenew": v.auto_renew, "subscriptionStartDate": v.start,
        "subscriptionEndDate": v.end(), "termStartDate": v.term_start, "termEndDate": v.term_end,
        "contractEffectiveDate": v.contract_effective, "serviceActivationDate": v.service_activation,
        "contractAcceptanceDate": v.customer_acceptance, "cancelledDate": v.cancelled,
        "invoiceOwnerId": v.invoice_owner, "creatorAccountId": v.owner,
        "creatorInvoiceOwnerId": v.invoice_owner, "billToContactId": v.bill_to, "soldToContactId": v.sold_to,
        "paymentTerm": v.payment_term, "isInvoiceSeparate": v.invoice_separately, "notes": v.notes,
        "cMRR": num(v.mrr_on(t.today()).0), "currency": v.currency, "orderId": order, "revision": format!("{}.0", v.version),
    }));
    body.extend(v.custom.clone());
    row(Value::Object(body), v.stamp)
}

fn rate_plan(t: &Tenant, v: &SubVersion, p: &SubPlan) -> Row {
    let (plan, _) = views::catalog_names(t, p);
    let amendment = matches!(p.last_change, "Add" | "Update" | "Remove").then(|| match p.last_change {
        "Add" => "NewProduct",
        "Update" => "UpdateProduct",
        _ => "RemoveProduct",
    });
    let mut body = into_object(json!({
        "id": p.id, "name": plan.get("Name"), "productId": p.product_id, "productRatePlanId": p.plan_id,
        "subscriptionId": v.id, "subscriptionOwnerId": v.owner, "invoiceOwnerId": v.invoice_owner,
        "externallyManagedPlanId": p.externally_managed, "originalRatePlanId": p.original_id,
        "subscriptionRatePlanNumber": p.number, "amendmentType": amendment, "reverted": false,
    }));
    body.extend(p.custom.clone());
    row(Value::Object(body), p.stamp)
}

fn charge(v: &SubVersion, p: &SubPlan, c: &SubCharge) -> Row {
    let figures = v.metrics().charges.get(&c.number).copied().unwrap_or_default();
    let last = c.last();
    let mut body = into_object(json!({
        "id": c.id, "ratePlanId": p.id, "originalId": c.original_id, "productRatePlanChargeId": c.charge_id,
        "chargeNumber": c.number, "name": c.name, "description": c.description, "chargeType": c.kind.name(),
        "chargeModel": c.model.catalog_name(), "billingPeriod": c.billing_period,
        "specificBillingPeriod": c.specific_period,
        "listPriceBase": c.list_price_base.as_ref().map(|b| b.replace('_', " ")),
        "specificListPriceBase": c.specific_base, "uOM": c.uom, "triggerEvent": c.trigger_event,
        "quantity": num_or_null(last.and_then(|s| s.quantity)), "mRR": num(figures.mrr), "tCV": num(figures.tcv),
        "effectiveStartDate": last.map(|s| s.start), "effectiveEndDate": last.and_then(|s| v.segment_end(s)),
        "triggerDate": c.trigger_date, "endDateCondition": c.end_condition.replace('_', ""),
        "specificEndDate": c.specific_end, "upToPeriods": c.up_to.as_ref().map(|u| u.0),
        "upToPeriodsType": c.up_to.as_ref().map(|u| u.1.replace('_', " ")),
        "chargedThroughDate": v.charged.get(&c.number).map(|b| b.through),
        "processedThroughDate": v.charged.get(&c.number).map(|b| b.processed),
        "segment": c.segments.len(), "isLastSegment": true, "version": v.version, "subscriptionId": v.id,
        "subscriptionOwnerId": v.owner, "invoiceOwnerId": v.invoice_owner,
    }));
    body.extend(c.custom.clone());
    row(Value::Object(body), p.stamp)
}

fn charge_tiers(t: &Tenant, charge_id: &str) -> Vec<Row> {
    for (family, version) in t.families.iter().flat_map(|f| f.versions.iter().map(move |v| (f, v))) {
        let Some(charge) = version.charges().find(|c| c.id == charge_id) else { continue };
        let Some(last) = charge.last() else { continue };
        let currency = &version.currency;
        let make = |tier: Value| {
            let mut body = into_object(tier);
            body.insert("currency".to_owned(), json!(currency));
            body.insert("ratePlanChargeId".to_owned(), json!(charge_id));
            row(Value::Object(body), version.stamp)
        };
        if last.tiers.is_empty() {
            let plain = json!({
                "tier": 1, "price": num_or_null(last.price), "discountAmount": num_or_null(last.discount_amount),
                "discountPercentage": num_or_null(last.discount_percentage),
                "id": format!("{}t", family.original_id),
            });
            return vec![make(plain)];
        }
        return views::tiers(&last.tiers).into_iter().map(make).collect();
    }
    Vec::new()
}

fn plan_charge(c: &PlanCharge) -> Row {
    row(camel(&c.fields, &c.id), c.stamp)
}

fn plan_tiers(t: &Tenant, charge_id: &str) -> Vec<Row> {
    t.charges.get(charge_id).map_or_else(Vec::new, |c| {
        c.tiers
            .iter()
            .map(|tier| {
                let mut body = into_object(camel(&tier.fields, &tier.id));
                body.insert("tier".to_owned(), json!(tier.tier));
                body.insert("productRatePlanChargeId".to_owned(), json!(charge_id));
                body.insert("active".to_owned(), json!(true));
                row(Value::Object(body), c.stamp)
            })
            .collect()
    })
}

fn external_plans(t: &Tenant, plan_id: &str) -> Vec<Row> {
    t.plans.get(plan_id).map_or_else(Vec::new, |p| {
        p.external_ids
            .iter()
            .map(|external| {
                let body = json!({
                    "externalProductRatePlanId": external, "externalIdSourceSystem": p.external_source,
                    "ratePlanId": p.id, "id": format!("{}e", p.id.get(..31).unwrap_or_default()),
                });
                row(body, p.stamp)
            })
            .collect()
    })
}

/// What hangs on a record under an expand name: its JSON name, its object, and the records.
pub(crate) fn related(
    t: &Tenant,
    path: &str,
    own: &Object,
    name: &str,
) -> Option<(&'static str, &'static str, Related)> {
    let value = |key: &str| text(own, key).unwrap_or_default().to_owned();
    let with = |object: &'static str, key: &str, wanted: String| -> Vec<Row> {
        rows(t, object).into_iter().filter(|r| text(&r.body, key) == Some(&wanted)).collect()
    };
    let many = |json: &'static str, object: &'static str, list: Vec<Row>| {
        Some((json, object, Related { many: list, list: true }))
    };
    let single = |json: &'static str, object: &'static str, id: String| {
        Some((json, object, Related { many: with(object, "id", id), list: false }))
    };
    let id = value("id");
    match (path, name) {
        ("accounts", "billto") => single("billTo", "contacts", value("billToId")),
        ("accounts", "soldto") => single("soldTo", "contacts", value("soldToId")),
        ("accounts", "shipto") => single("shipTo", "contacts", value("shipToId")),
        ("accounts", "subscriptions") => {
            many("subscriptions", "subscriptions", with("subscriptions", "accountId", id))
        }
        ("accounts", "invoices") => many("invoices", "invoices", with("invoices", "accountId", id)),
        ("accounts", "payments") => many("payments", "payments", with("payments", "accountId", id)),
        ("accounts", "creditmemos") if t.config.invoice_settlement => {
            many("creditMemos", "credit-memos", with("credit-memos", "accountId", id))
        }
        ("accounts", "debitmemos") if t.config.invoice_settlement => {
            many("debitMemos", "debit-memos", with("debit-memos", "accountId", id))
        }
        ("accounts", "refunds") => many("refunds", "refunds", Vec::new()),
        ("accounts", "usages") => many("usages", "usages", Vec::new()),
        ("accounts", "paymentmethods") => many("paymentMethods", "payment-methods", Vec::new()),
        ("invoices", "invoiceitems") => {
            many("invoiceItems", "invoice-items", with("invoice-items", "invoiceId", id))
        }
        ("subscriptions", "invoiceitems") => {
            many("invoiceItems", "invoice-items", with("invoice-items", "subscriptionId", id))
        }
        (_, "account") => single("account", "accounts", value("accountId")),
        ("subscriptions", "invoiceowner") => single("invoiceOwner", "accounts", value("invoiceOwnerId")),
        ("subscriptions", "billtocontact") => single("billToContact", "contacts", value("billToContactId")),
        ("subscriptions", "soldtocontact") => single("soldToContact", "contacts", value("soldToContactId")),
        ("subscriptions", "order") => single("order", "orders", value("orderId")),
        ("subscriptions", "rateplans") => {
            many("ratePlans", "rate-plans", with("rate-plans", "subscriptionId", id))
        }
        ("rate-plans", "subscription") => single("subscription", "subscriptions", value("subscriptionId")),
        ("rate-plans", "productrateplan") => {
            single("productRatePlan", "product-rate-plans", value("productRatePlanId"))
        }
        ("rate-plans", "rateplancharges") => {
            many("ratePlanCharges", "rate-plan-charges", with("rate-plan-charges", "ratePlanId", id))
        }
        ("rate-plan-charges", "rateplan") => single("ratePlan", "rate-plans", value("ratePlanId")),
        ("rate-plan-charges", "rateplanchargetiers") => {
            many("ratePlanChargeTiers", "rate-plan-charge-tiers", charge_tiers(t, &id))
        }
        ("rate-plan-charges", "productrateplancharge") => {
            single("productRatePlanCharge", "product-rate-plan-charges", value("productRatePlanChargeId"))
        }
        ("products", "productrateplans") => {
            many("productRatePlans", "product-rate-plans", with("product-rate-plans", "productId", id))
        }
        ("product-rate-plans", "product") => single("product", "products", value("productId")),
        ("product-rate-plans", "productrateplancharges") => many(
            "productRatePlanCharges",
            "product-rate-plan-charges",
            with("product-rate-plan-charges", "productRatePlanId", id),
        ),
        ("product-rate-plans", "externalproductrateplans") => {
            many("externalProductRatePlans", "external-product-rate-plans", external_plans(t, &id))
        }
        ("product-rate-plan-charges", "productrateplan") => {
            single("productRatePlan", "product-rate-plans", value("productRatePlanId"))
        }
        ("product-rate-plan-charges", "productrateplanchargetiers") => {
            many("productRatePlanChargeTiers", "product-rate-plan-charge-tiers", plan_tiers(t, &id))
        }
        _ => None,
    }
}
