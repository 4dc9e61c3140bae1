//! `/object-query/…`: lists and keyed reads with filters, sorting, paging, expansion and field
//! selection; and the ZOQL query on accounts.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::errors::{Outcome, Reply, query_error};
use crate::json::{self, Object};
use crate::query_rows::{self, Row};
use crate::state::Tenant;

/// Code of a wrong filter or parameter.
const INVALID_PARAMETER: u32 = 50_000_027;

/// Query parameters, decoded, in order.
pub(crate) type Params = Vec<(String, String)>;

struct Target {
    path: &'static str,
    single: &'static str,
    object: &'static str,
    filters: &'static str,
    expands: &'static str,
}

const TARGETS: &[Target] = &[
    Target {
        path: "accounts",
        single: "account",
        object: "Account",
        filters: "id updateddate accountnumber balance batch billcycleday billtoid communicationprofileid crmid \
                  currency defaultpaymentmethodid invoicetemplateid lastinvoicedate name parentid shiptoid \
                  soldtoid status",
        expands: "billto soldto shipto defaultpaymentmethod subscriptions payments refunds creditmemos debitmemos \
                  invoices usages paymentmethods subscriptions.rateplans subscriptions.rateplans.rateplancharges",
    },
    Target {
        path: "subscriptions",
        single: "subscription",
        object: "Subscription",
        filters: "id updateddate accountid contracteffectivedate creatoraccountid creatorinvoiceownerid \
                  invoiceownerid name originalid previoussubscriptionid renewalterm status islatestversion \
                  subscriptionversionamendmentid termenddate termstartdate version cmrr externallymanagedby \
                  invoicescheduleid quotenumber__qt",
        expands: "account invoiceowner billtocontact soldtocontact order rateplans rateplans.rateplancharges \
                  rateplans.rateplancharges.rateplanchargetiers rateplans.productrateplan invoiceitems",
    },
    Target {
        path: "orders",
        single: "orders",
        object: "Order",
        filters: "id updateddate orderdate ordernumber accountid status invoicescheduleid",
        expands: "account orderlineitems orderactions",
    },
    Target {
        path: "invoices",
        single: "invoice",
        object: "Invoice",
        filters: "id updateddate accountid amount balance duedate invoicedate invoicenumber reversed sourceid \
                  sourcetype status einvoicestatus",
        expands: "account invoiceitems billtocontact",
    },
    Target {
        path: "credit-memos",
        single: "creditmemo",
        object: "CreditMemo",
        filters: "id updateddate balance einvoicestatus memodate memonumber sourcetype status totalamount \
                  invoiceid accountid",
        expands: "account creditmemoitems",
    },
    Target {
        path: "debit-memos",
        single: "debitmemo",
        object: "DebitMemo",
        filters: "id updateddate balance duedate einvoicestatus memodate memonumber sourcetype status totalamount \
                  invoiceid accountid",
        expands: "account debitmemoitems",
    },
    Target {
        path: "payments",
        single: "payment",
        object: "Payment",
        filters: "id updateddate createddate accountid amount effectivedate gatewayorderid gatewaystate \
                  paymentmethodid paymentmethodsnapshotid paymentnumber referenceid source sourcename status \
                  unappliedamount",
        expands: "account paymentmethod paymentapplications",
    },
    Target {
        path: "products",
        single: "product",
        object: "Product",
        filters: "id updateddate name effectiveenddate effectivestartdate sku productnumber category",
        expands: "productrateplans productrateplans.productrateplancharges \
                  productrateplans.productrateplancharges.productrateplanchargetiers \
                  productrateplans.externalproductrateplans",
    },
    Target {
        path: "product-rate-plans",
        single: "productrateplan",
        object: "ProductRatePlan",
        filters: "id updateddate name productid effectivestartdate effectiveenddate productrateplannumber",
        expands: "product productrateplancharges productrateplancharges.productrateplanchargetiers \
                  externalproductrateplans",
    },
    Target {
        path: "product-rate-plan-charges",
        single: "productrateplancharge",
        object: "ProductRatePlanCharge",
        filters: "id updateddate name productrateplanid chargemodel chargetype productrateplanchargenumber",
        expands: "productrateplan productrateplanchargetiers",
    },
    Target {
        path: "rate-plans",
        single: "rateplan",
        object: "RatePlan",
        filters: "id name updateddate productid amendmentid subscriptionid subscriptionownerid invoiceownerid \
                  externallymanagedplanid originalrateplanid subscriptionofferid subscriptionrateplannumber",
        expands: "subscription productrateplan rateplancharges rateplancharges.rateplanchargetiers",
    },
    Target {
        path: "rate-plan-charges",
        single: "rateplancharge",
        object: "RatePlanCharge",
        filters: "id updateddate name rateplanid chargenumber chargetype chargemodel subscriptionid \
                  productrateplanchargeid islastsegment",
        expands: "rateplan rateplanchargetiers productrateplancharge",
    },
    Target {
        path: "contacts",
        single: "contact",
        object: "Contact",
        filters: "id updateddate accountid firstname lastname workemail personalemail country",
        expands: "account",
    },
];

fn bad<T>(message: impl Into<String>) -> Outcome<T> {
    Err(query_error(400, INVALID_PARAMETER, message))
}

fn all<'a>(params: &'a Params, name: &'a str) -> impl Iterator<Item = &'a str> {
    params.iter().filter(move |(k, _)| k == name).map(|(_, v)| v.as_str())
}

fn one<'a>(params: &'a Params, name: &'a str) -> Option<&'a str> {
    all(params, name).next()
}

/// The value of a field, whatever the case of its name.
fn field<'a>(row: &'a Object, name: &str) -> &'a Value {
    row.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map_or(&Value::Null, |(_, v)| v)
}

fn compare(value: &Value, text: &str) -> Option<Ordering> {
    match value {
        Value::Number(_) => Some(json::dec(value)?.cmp(&json::dec(&json!(text))?)),
        Value::Bool(flag) => Some(flag.cmp(&text.parse::<bool>().ok()?)),
        Value::String(own) => {
            if own.len() > 10
                && let (Ok(a), Ok(b)) = (own.parse::<Timestamp>(), text.parse::<Timestamp>())
            {
                return Some(a.cmp(&b));
            }
            Some(own.to_lowercase().cmp(&text.to_lowercase()))
        }
        _ => None,
    }
}

struct Filter {
    name: String,
    op: String,
    value: String,
}

fn filter(text: &str, target: &Target, custom: &[String]) -> Outcome<Filter> {
    let parts =
        text.split_once(':').and_then(|(left, value)| left.rsplit_once('.').map(|(n, o)| (n, o, value)));
    let Some((name, op, value)) = parts else { return bad(format!("Invalid filter: {text}")) };
    let known = target.filters.split_whitespace().any(|f| f.eq_ignore_ascii_case(name))
        || custom.iter().any(|f| f == name);
    if !known {
        return bad(format!("Invalid filter parameter: {name}"));
    }
    if !["EQ", "NE", "LT", "GT", "LE", "GE", "SW", "IN"].contains(&op) {
        return bad(format!("Invalid filter operator: {op}"));
    }
    if op == "IN" && !(value.starts_with('[') && value.ends_with(']')) {
        return bad("The value of IN must be a list in brackets.");
    }
    if name.eq_ignore_ascii_case("updateddate") && value.parse::<Timestamp>().is_err() && value != "null" {
        return bad(format!("Invalid value of updateddate: {value}"));
    }
    Ok(Filter { name: name.to_owned(), op: op.to_owned(), value: value.to_owned() })
}

impl Filter {
    fn keeps(&self, row: &Object) -> bool {
        let value = field(row, &self.name);
        let equals = |text: &str| {
            if text == "null" { value.is_null() } else { compare(value, text) == Some(Ordering::Equal) }
        };
        match self.op.as_str() {
            "EQ" => equals(&self.value),
            "NE" => !equals(&self.value),
            "LT" => compare(value, &self.value) == Some(Ordering::Less),
            "GT" => compare(value, &self.value) == Some(Ordering::Greater),
            "LE" => compare(value, &self.value).is_some_and(|o| o != Ordering::Greater),
            "GE" => compare(value, &self.value).is_some_and(|o| o != Ordering::Less),
            "SW" => value.as_str().is_some_and(|s| s.to_lowercase().starts_with(&self.value.to_lowercase())),
            _ => self.value.trim_matches(['[', ']']).split(',').any(|v| equals(v.trim())),
        }
    }
}

fn page_size(params: &Params) -> Outcome<usize> {
    match one(params, "pageSize") {
        None => Ok(10),
        Some(text) => match text.parse::<usize>() {
            Ok(size) if (1..=99).contains(&size) => Ok(size),
            _ => bad("pageSize must be between 1 and 99."),
        },
    }
}

fn expands(params: &Params, target: &Target) -> Outcome<Vec<String>> {
    let mut paths: Vec<String> = Vec::new();
    for path in all(params, "expand[]").chain(all(params, "expand")).flat_map(|v| v.split(',')) {
        let path = path.trim().to_lowercase();
        if !target.expands.split_whitespace().any(|e| e == path) {
            return bad(format!("Invalid expand parameter: {path}"));
        }
        paths.push(path);
    }
    Ok(paths)
}

/// Puts related records into a row, as far as the paths ask.
fn expand(t: &Tenant, path: &'static str, row: &mut Object, paths: &[String], size: usize, params: &Params) {
    let heads: std::collections::BTreeSet<&str> =
        paths.iter().map(|p| p.split_once('.').map_or(p.as_str(), |(head, _)| head)).collect();
    for head in heads {
        let Some((name, kind, related)) = query_rows::related(t, path, row, head) else { continue };
        let deeper: Vec<String> = paths
            .iter()
            .filter_map(|p| p.split_once('.').filter(|(h, _)| *h == head).map(|(_, rest)| rest.to_owned()))
            .collect();
        let mut bodies = Vec::new();
        for mut child in related.many.into_iter().filter(|r| t.searchable(r.stamp)).take(size) {
            expand(t, kind, &mut child.body, &deeper, size, params);
            bodies.push(Value::Object(shape(child.body, kind, params, false)));
        }
        let value =
            if related.list { Value::Array(bodies) } else { bodies.into_iter().next().unwrap_or_default() };
        row.insert(name.to_owned(), value);
    }
}

/// Field selection and null fields.
fn shape(mut row: Object, path: &str, params: &Params, base: bool) -> Object {
    let single = TARGETS.iter().find(|t| t.path == path).map_or(path, |t| t.single);
    let own = format!("{single}.fields[]");
    let mut wanted: Vec<String> =
        all(params, &own).flat_map(|v| v.split(',')).map(str::to_lowercase).collect();
    if base {
        wanted.extend(all(params, "fields[]").flat_map(|v| v.split(',')).map(str::to_lowercase));
    }
    if !wanted.is_empty() {
        row.retain(|k, v| wanted.contains(&k.to_lowercase()) || v.is_array() || v.is_object());
    }
    if one(params, "includeNullFields") != Some("true") {
        row.retain(|_, v| !v.is_null());
    }
    row
}

fn target(name: &str) -> Outcome<&'static Target> {
    TARGETS.iter().find(|t| t.path == name).ok_or_else(|| {
        query_error(404, 50_000_040, format!("The object '{name}' is not known to object query."))
    })
}

fn rows(t: &Tenant, path: &str) -> Outcome<Vec<Row>> {
    if path.ends_with("-memos") && !t.config.invoice_settlement {
        return Err(query_error(403, 50_000_010, "Invoice Settlement is not enabled."));
    }
    Ok(query_rows::rows(t, path))
}

/// `GET /object-query/{objects}`.
pub(crate) fn list(t: &Tenant, name: &str, params: &Params) -> Outcome {
    let target = target(name)?;
    let size = page_size(params)?;
    let custom = t.config.custom(target.object);
    let paths = expands(params, target)?;
    let filters = all(params, "filter[]")
        .chain(all(params, "filter"))
        .map(|text| filter(text, target, custom))
        .collect::<Outcome<Vec<Filter>>>()?;
    let mut hits: Vec<Object> = rows(t, target.path)?
        .into_iter()
        .filter(|r| t.searchable(r.stamp))
        .map(|r| r.body)
        .filter(|r| filters.iter().all(|f| f.keeps(r)))
        .collect();
    sort(&mut hits, params, target, custom)?;
    let from = match one(params, "cursor") {
        None => 0,
        Some(cursor) => match cursor.strip_prefix("cur-").and_then(|n| n.parse::<usize>().ok()) {
            Some(from) => from,
            None => return bad("Invalid cursor."),
        },
    };
    let total = hits.len();
    let data: Vec<Value> = hits
        .into_iter()
        .skip(from)
        .take(size)
        .map(|mut row| {
            expand(t, target.path, &mut row, &paths, size, params);
            Value::Object(shape(row, target.path, params, true))
        })
        .collect();
    let next = from.saturating_add(size);
    let mut body = json::into_object(json!({"data": data}));
    if next < total {
        body.insert("nextPage".to_owned(), json!(format!("cur-{next}")));
    } else {
        body.insert("nextPage".to_owned(), Value::Null);
    }
    Ok(Reply::ok(Value::Object(body)))
}

fn sort(rows: &mut [Object], params: &Params, target: &Target, custom: &[String]) -> Outcome<()> {
    let Some(sort) = one(params, "sort[]").or_else(|| one(params, "sort")) else { return Ok(()) };
    let (name, direction) = sort.rsplit_once('.').unwrap_or((sort, "ASC"));
    let known = target.filters.split_whitespace().any(|f| f.eq_ignore_ascii_case(name))
        || custom.iter().any(|f| f == name);
    if !known || !["ASC", "DESC"].contains(&direction) {
        return bad(format!("Invalid sort parameter: {sort}"));
    }
    rows.sort_by(|a, b| {
        let (a, b) = (field(a, name), field(b, name));
        let order = match b {
            Value::String(text) => compare(a, text),
            Value::Null => None,
            other => compare(a, &other.to_string()),
        };
        order.unwrap_or_else(|| a.is_null().cmp(&b.is_null()).reverse())
    });
    if direction == "DESC" {
        rows.reverse();
    }
    Ok(())
}

/// `GET /object-query/{objects}/{key}`: by id or number, without search lag.
pub(crate) fn get(t: &Tenant, name: &str, key: &str, params: &Params) -> Outcome {
    let target = target(name)?;
    let size = page_size(params)?;
    let paths = expands(params, target)?;
    let found = rows(t, target.path)?.into_iter().map(|r| r.body).find(|r| {
        [
            "id",
            "accountNumber",
            "orderNumber",
            "invoiceNumber",
            "memoNumber",
            "paymentNumber",
            "productNumber",
        ]
        .iter()
        .any(|k| r.get(*k).and_then(Value::as_str) == Some(key))
            || (name == "subscriptions"
                && r.get("name").and_then(Value::as_str) == Some(key)
                && r.get("isLatestVersion") == Some(&Value::Bool(true)))
    });
    let Some(mut row) = found else {
        return Err(query_error(404, 50_000_040, format!("Cannot find {} with key '{key}'.", target.single)));
    };
    expand(t, target.path, &mut row, &paths, size, params);
    Ok(Reply::ok(Value::Object(shape(row, target.path, params, true))))
}

/// `POST /v1/action/query` for accounts by one or more equalities.
pub(crate) fn zoql(t: &Tenant, body: &Object) -> Outcome {
    let fault = |message: &str| {
        Err(Reply::new(400, json!({"FaultCode": "fns:MALFORMED_QUERY", "FaultMessage": message})))
    };
    let Some(query) = json::text(body, "queryString") else {
        return fault("You have an error in your ZOQL syntax");
    };
    let lower = query.to_lowercase();
    let Some((head, conditions)) = lower.find(" where ").and_then(|at| query.split_at_checked(at)) else {
        return fault("The query needs a condition");
    };
    let Some((fields, object)) = head.get(7..).and_then(|h| {
        let at = h.to_lowercase().find(" from ")?;
        Some((h.get(..at)?, h.get(at + 6..)?.trim()))
    }) else {
        return fault("You have an error in your ZOQL syntax");
    };
    if !object.eq_ignore_ascii_case("account") || !lower.starts_with("select ") {
        return fault("Only accounts are simulated");
    }
    let mut wanted = Vec::new();
    for condition in conditions.get(7..).unwrap_or_default().split(" and ") {
        let Some((name, value)) = condition.split_once('=') else {
            return fault("Only equalities are simulated");
        };
        wanted.push((name.trim().to_owned(), value.trim().trim_matches('\'').to_owned()));
    }
    let records: Vec<Value> = query_rows::rows(t, "accounts")
        .into_iter()
        .filter(|r| t.searchable(r.stamp))
        .map(|r| r.body)
        .filter(|r| {
            wanted.iter().all(|(name, value)| compare(field(r, name), value) == Some(Ordering::Equal))
        })
        .map(|r| {
            let mut record = Object::new();
            for name in fields.split(',').map(str::trim) {
                let value = field(&r, name);
                if !value.is_null() {
                    record.insert(name.to_owned(), value.clone());
                }
            }
            record.insert("Id".to_owned(), field(&r, "id").clone());
            Value::Object(record)
        })
        .collect();
    Ok(Reply::ok(json!({"size": records.len(), "records": records, "done": true})))
}
