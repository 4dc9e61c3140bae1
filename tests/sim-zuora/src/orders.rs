//! Orders: checks, atomic creation, reads, custom fields, asynchronous orders.

use serde_json::{Value, json};

use crate::amendments::{amend, renumber};
use crate::errors::{Outcome, Reply, code, not_found, refuse, resource};
use crate::json::{self, Object, object, objects, text};
use crate::order_actions::{Given, Owner, create, rule, triggers};
use crate::pricing::{broken, custom_fields};
use crate::schema;
use crate::state::{Order, OrderPart, Stamp, Tenant};
use crate::subscription_view::{Detail, subscription};
use crate::subscriptions::{Family, SubVersion};
use crate::views;

/// What one order does to one subscription.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// Place of the existing subscription; none when it is new.
    pub(crate) index: Option<usize>,
    pub(crate) owner: Owner,
    pub(crate) number: String,
    pub(crate) before: Option<SubVersion>,
    pub(crate) after: SubVersion,
    pub(crate) actions: Vec<Value>,
    pub(crate) custom: Object,
}

/// An order that was checked and worked out, but not stored.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) owner: Owner,
    pub(crate) number: String,
    pub(crate) works: Vec<Work>,
}

const SYNC_LIMIT: usize = 50;
const ASYNC_LIMIT: usize = 300;

fn order_number(t: &mut Tenant, body: &Object) -> Outcome<String> {
    let Some(number) = text(body, "orderNumber") else {
        let prefix = t.config.order_prefix.clone();
        return Ok(t.next_number("order", &prefix));
    };
    if number.contains('/') {
        return broken("The order number must not contain '/'.");
    }
    if number.starts_with(t.config.order_prefix.as_str()) {
        return broken("The order number must not begin with the tenant's prefix.");
    }
    if t.config.unique_numbers && t.order(number).is_some() {
        return rule(format!("The order number '{number}' is already in use."));
    }
    Ok(number.to_owned())
}

fn check_processing(body: &Object) -> Outcome<()> {
    let Some(options) = object(body, "processingOptions") else { return Ok(()) };
    crate::pricing::check(options, schema::PROCESSING)?;
    let yes = |key: &str| options.get(key) == Some(&Value::Bool(true));
    if yes("collectPayment") && !yes("runBilling") {
        return broken("collectPayment can be true only with runBilling.");
    }
    Ok(())
}

fn check_size(subscriptions: &[&Object], limit: usize) -> Outcome<()> {
    let actions: Vec<usize> = subscriptions.iter().map(|s| objects(s, "orderActions").len()).collect();
    if subscriptions.len() > limit
        || actions.iter().sum::<usize>() > limit
        || actions.iter().any(|n| *n > limit)
    {
        return broken(format!("At most {limit} subscriptions and {limit} order actions in one call."));
    }
    if subscriptions.is_empty() {
        return Err(refuse(code(resource::ORDER, 22), "'subscriptions' is required"));
    }
    if actions.contains(&0) {
        return Err(refuse(code(resource::ORDER, 22), "'orderActions' is required"));
    }
    Ok(())
}

/// The owner of an order, from `existingAccountNumber`.
pub(crate) fn owner(t: &Tenant, body: &Object) -> Outcome<Owner> {
    let Some(number) = text(body, "existingAccountNumber") else {
        let message = "'existingAccountNumber' is required (newAccount is not simulated)";
        return Err(refuse(code(resource::ORDER, 22), message));
    };
    if body.get("newAccount").is_some_and(|a| !a.is_null()) {
        return broken("existingAccountNumber and newAccount cannot be used together.");
    }
    match t.accounts.values().find(|a| a.number == number) {
        None => Err(refuse(code(resource::ORDER, 40), format!("Cannot find the account '{number}'."))),
        Some(account) if account.status != "Active" => rule(format!("The account '{number}' is not active.")),
        Some(account) => Ok(Owner::from(account)),
    }
}

/// Checks an order and works out its effects on copies.
pub(crate) fn build(t: &mut Tenant, body: &Object, owner: Owner, limit: usize) -> Outcome<Built> {
    if let Some(place) = json::find_four_byte(&Value::Object(body.clone()), "") {
        return broken(format!("'{place}' has 4-byte UTF-8 characters."));
    }
    custom_fields(t, body, "Order")?;
    let number = order_number(t, body)?;
    let subscriptions = objects(body, "subscriptions");
    check_size(&subscriptions, limit)?;
    let mut given = Given::default();
    let mut works: Vec<Work> = Vec::new();
    for entry in subscriptions {
        crate::pricing::check(entry, schema::ORDER_SUBSCRIPTION)?;
        let custom = custom_fields(t, entry, "Subscription")?;
        let mut work: Option<Work> = None;
        let mut before = None;
        for action in objects(entry, "orderActions") {
            crate::pricing::check(action, schema::ORDER_ACTION)?;
            custom_fields(t, action, "OrderAction")?;
            let day = triggers(action)?.effective;
            if before.is_some_and(|before| day < before) {
                let message = "The actions of a subscription must be in ascending order of their dates.";
                return Err(refuse(code(resource::ORDER, 30), message));
            }
            before = Some(day);
            let outer = text(entry, "subscriptionNumber");
            match (text(action, "type"), work.as_mut()) {
                (Some("CreateSubscription"), None) => {
                    if outer.is_some() {
                        return broken("subscriptionNumber beside orderActions must be empty on a create.");
                    }
                    let (owner, sub_number, after) = create(t, &owner, action, &number, &mut given)?;
                    let number = sub_number;
                    let actions = Vec::new();
                    let custom = custom.clone();
                    work = Some(Work { index: None, owner, number, before: None, after, actions, custom });
                }
                (Some("CreateSubscription"), Some(_)) => {
                    return broken("CreateSubscription must be the first and only one of its subscription.");
                }
                (_, Some(work)) => amend(t, &mut work.after, action, &mut given)?,
                (_, None) => {
                    let mut started = begin(t, outer, &owner, &works)?;
                    started.custom = custom.clone();
                    amend(t, &mut started.after, action, &mut given)?;
                    work = Some(started);
                }
            }
            if let Some(work) = work.as_mut() {
                work.actions.push(Value::Object(action.clone()));
            }
        }
        if let Some(mut work) = work {
            work.after.custom.extend(custom);
            if text(entry, "notes").is_some() {
                work.after.notes = text(entry, "notes").map(str::to_owned);
            }
            works.push(work);
        }
    }
    for work in &mut works {
        if work.index.is_some() {
            work.after.version = work.before.as_ref().map_or(1, |b| b.version + 1);
            work.after.order_number.clone_from(&number);
            work.after.stamp = Stamp::new(t.now);
            renumber(t, &mut work.after);
        }
    }
    Ok(Built { owner, number, works })
}

/// The work on an existing subscription.
fn begin(t: &Tenant, number: Option<&str>, owner: &Owner, works: &[Work]) -> Outcome<Work> {
    let Some(number) = number else {
        return Err(refuse(code(resource::ORDER, 22), "'subscriptionNumber' is required"));
    };
    if works.iter().any(|w| w.number == number) {
        return broken(format!("The subscription '{number}' appears twice."));
    }
    let hit = t.families.iter().rposition(|f| f.number == number);
    let family = hit.and_then(|i| t.families.get(i));
    let Some((family, version)) = family.and_then(|f| f.latest().map(|v| (f, v.clone()))) else {
        return Err(refuse(code(resource::ORDER, 40), format!("Cannot find the subscription '{number}'.")));
    };
    if family.account_id != owner.id {
        return rule(format!(
            "The subscription '{number}' does not belong to the account '{}'.",
            owner.number
        ));
    }
    Ok(Work {
        index: hit,
        owner: owner.clone(),
        number: number.to_owned(),
        before: Some(version.clone()),
        after: version,
        actions: Vec::new(),
        custom: Object::new(),
    })
}

fn checked(t: &mut Tenant, body: &Object, limit: usize) -> Outcome<Built> {
    let found = json::problems(body, schema::ORDER, &[]);
    if found.iter().any(|p| p.field == "orderDate") && text(body, "orderDate").is_none() {
        return Err(crate::errors::no_order_date());
    }
    crate::pricing::check(body, schema::ORDER)?;
    check_processing(body)?;
    if text(body, "status").is_some_and(|s| !["Completed", "Pending"].contains(&s)) {
        return rule("Draft and scheduled orders are not simulated.");
    }
    let owner = owner(t, body)?;
    build(t, body, owner, limit)
}

/// `POST /v1/orders`: all or nothing.
pub(crate) fn create_order(t: &mut Tenant, body: &Object, return_ids: bool) -> Outcome {
    let built = checked(t, body, SYNC_LIMIT)?;
    Ok(commit(t, body, built, return_ids))
}

fn commit(t: &mut Tenant, body: &Object, built: Built, return_ids: bool) -> Reply {
    let mut parts = Vec::new();
    let mut listed = Vec::new();
    let mut pending = false;
    let currency =
        built.works.first().map_or_else(|| built.owner.currency.clone(), |w| w.after.currency.clone());
    for work in built.works {
        pending |= work.after.status.starts_with("Pending");
        parts.push(OrderPart {
            number: work.number.clone(),
            base_version: work.before.as_ref().map_or(0, |b| b.version),
            new_version: work.after.version,
            custom: work.custom,
            actions: work.actions,
        });
        let owner = t.accounts.get(&work.after.owner).map(|a| a.number.clone());
        listed.push(json!({
            "subscriptionNumber": work.number, "subscriptionId": work.after.id,
            "status": work.after.status_at(t.today()),
            "subscriptionOwnerNumber": owner, "subscriptionOwnerId": work.after.owner,
        }));
        match work.index.and_then(|i| t.families.get_mut(i)) {
            Some(family) => {
                family.account_id.clone_from(&work.after.owner);
                family.versions.push(work.after);
            }
            None => t.families.push(Family {
                number: work.number,
                original_id: work.after.id.clone(),
                account_id: work.owner.id,
                versions: vec![work.after],
            }),
        }
    }
    let id = t.id();
    let status = if pending { "Pending" } else { "Completed" };
    let mut fields = body.clone();
    fields.remove("subscriptions");
    let order = Order {
        id: id.clone(),
        number: built.number.clone(),
        account_id: built.owner.id.clone(),
        date: json::date(body, "orderDate").unwrap_or_else(|| t.today()),
        status: status.to_owned(),
        currency,
        fields,
        subscriptions: parts,
        stamp: Stamp::new(t.now),
    };
    t.orders.push(order);
    if return_ids {
        let ids: Vec<&Value> = listed.iter().filter_map(|s| s.get("subscriptionId")).collect();
        return Reply::ok(json!({
            "success": true, "orderId": id, "accountId": built.owner.id, "status": status,
            "subscriptionIds": ids, "subscriptions": listed, "invoiceIds": [], "creditMemoIds": [],
        }));
    }
    for entry in &mut listed {
        if let Some(entry) = entry.as_object_mut() {
            entry.remove("subscriptionId");
            entry.remove("subscriptionOwnerId");
        }
    }
    Reply::ok(json!({
        "success": true, "orderNumber": built.number, "accountNumber": built.owner.number, "status": status,
        "subscriptions": listed, "invoiceNumbers": [], "creditMemoNumbers": [],
    }))
}

/// `POST /v1/async/orders`: done at once, answered as a job.
pub(crate) fn create_async(t: &mut Tenant, body: &Object) -> Outcome {
    let outcome = checked(t, body, ASYNC_LIMIT).map(|built| commit(t, body, built, false));
    let id = t.id();
    let job = match outcome {
        Ok(reply) => {
            let mut result = json::into_object(reply.body);
            result.remove("success");
            json!({"success": true, "status": "Completed", "errors": null, "result": result})
        }
        Err(reply) => {
            let reason = reply.body.pointer("/reasons/0").cloned().unwrap_or_default();
            let message = reason.get("message").and_then(Value::as_str).unwrap_or_default();
            let code = reason.get("code").and_then(Value::as_u64).unwrap_or_default();
            json!({"success": true, "status": "Failed", "errors": format!("[{code}]: {message}"), "result": null})
        }
    };
    t.jobs.insert(id.clone(), job);
    Ok(Reply::ok(json!({"success": true, "jobId": id})))
}

/// `GET /v1/async-jobs/{id}`.
pub(crate) fn job(t: &Tenant, id: &str) -> Outcome {
    t.jobs.get(id).cloned().map(Reply::ok).ok_or_else(|| not_found("job", id))
}

/// `GET /v1/orders/{number}`.
pub(crate) fn get(t: &Tenant, key: &str) -> Outcome {
    let order = t.order(key).ok_or_else(|| not_found("order", key))?;
    Ok(Reply::ok(json!({"success": true, "order": views::order(t, order)})))
}

/// `PUT /v1/orders/{number}/customFields`.
pub(crate) fn put_custom(t: &mut Tenant, key: &str, body: &Object) -> Outcome {
    let custom = custom_fields(t, body, "Order")?;
    let now = t.now;
    let id = t.order(key).map(|o| o.id.clone()).ok_or_else(|| not_found("order", key))?;
    for order in t.orders.iter_mut().filter(|o| o.id == id) {
        let mut fields = object(&order.fields, "customFields").cloned().unwrap_or_default();
        fields.extend(custom.clone());
        order.fields.insert("customFields".to_owned(), Value::Object(fields));
        order.stamp.updated = now;
    }
    Ok(Reply::ok(json!({"success": true})))
}

/// `PUT /v1/subscriptions/{number}/customFields`: no new version.
pub(crate) fn put_subscription_custom(t: &mut Tenant, key: &str, body: &Object) -> Outcome {
    crate::pricing::check(body, "customFields/o!")?;
    let custom = custom_fields(t, body, "Subscription")?;
    let now = t.now;
    let index = t.family_index(key).ok_or_else(|| not_found("subscription", key))?;
    if let Some(version) = t.families.get_mut(index).and_then(|f| f.versions.last_mut()) {
        version.custom.extend(custom);
        version.stamp.updated = now;
    }
    Ok(Reply::ok(json!({"success": true})))
}

/// `GET /v1/orders` and its filtered forms.
pub(crate) fn list(t: &Tenant, keep: impl Fn(&Order) -> bool, paging: &Paging) -> Outcome {
    let mut orders: Vec<&Order> = t.orders.iter().filter(|o| keep(o)).collect();
    orders.sort_by_key(|o| std::cmp::Reverse((o.stamp.updated, o.id.clone())));
    let (page, next) = paging.cut(&orders);
    let list: Vec<Value> = page.iter().map(|o| Value::Object(views::order(t, o))).collect();
    let mut body = json::into_object(json!({"success": true, "orders": list}));
    if let Some(next) = next {
        body.insert("nextPage".to_owned(), json!(next));
    }
    Ok(Reply::ok(Value::Object(body)))
}

/// `page` and `pageSize` of a `/v1` list.
#[derive(Debug, Clone)]
pub(crate) struct Paging {
    /// Size of a page.
    pub(crate) size: usize,
    /// Page, from 1.
    pub(crate) page: usize,
    /// Address of the list without its query.
    pub(crate) address: String,
}

impl Paging {
    /// The rows of the page, and the address of the next one.
    pub(crate) fn cut<'a, T>(&self, rows: &'a [T]) -> (&'a [T], Option<String>) {
        let from = self.page.saturating_sub(1).saturating_mul(self.size).min(rows.len());
        let to = from.saturating_add(self.size).min(rows.len());
        let next = (to < rows.len())
            .then(|| format!("{}?page={}&pageSize={}", self.address, self.page + 1, self.size));
        (rows.get(from..to).unwrap_or_default(), next)
    }
}

/// `GET /v1/subscriptions/{key}`.
pub(crate) fn get_subscription(t: &Tenant, key: &str, detail: Detail) -> Outcome {
    let (family, version) = t.version(key).ok_or_else(|| not_found("subscription", key))?;
    let mut body = subscription(t, family, version, detail);
    body.insert("success".to_owned(), Value::Bool(true));
    Ok(Reply::ok(Value::Object(body)))
}

/// `GET /v1/subscriptions/accounts/{key}`: latest versions, newest first.
pub(crate) fn subscriptions_of(t: &Tenant, key: &str, paging: &Paging, detail: Detail) -> Outcome {
    let account = t.account(key).ok_or_else(|| not_found("account", key))?;
    let mut rows: Vec<(&Family, &SubVersion)> = t
        .families
        .iter()
        .filter(|f| f.account_id == account.id)
        .filter_map(|f| f.latest().map(|v| (f, v)))
        .collect();
    rows.sort_by_key(|(_, v)| std::cmp::Reverse((v.stamp.updated, v.id.clone())));
    let (page, next) = paging.cut(&rows);
    let list: Vec<Value> = page.iter().map(|(f, v)| Value::Object(subscription(t, f, v, detail))).collect();
    let mut body = json::into_object(json!({"success": true, "subscriptions": list}));
    if let Some(next) = next {
        body.insert("nextPage".to_owned(), json!(next));
    }
    Ok(Reply::ok(Value::Object(body)))
}
