//! What a tenant's answers mean for `setup` and `doctor`.

use super::*;
use crate::testing::{Stub, json, otherwise};

#[tokio::test]
async fn fields_come_from_the_description_and_an_unknown_object_is_none() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET /v1/describe/Contact" => json(
            200,
            "<?xml version=\"1.0\"?><object><fields><field><name>crmId__c</name><type>text</type></field></fields></object>",
        ),
        "GET /v1/describe/Subscription" => json(200, "<html><body>Please wait</body></html>"),
        "GET /v1/describe/ProductRatePlan" => json(403, r#"{"success":false,"reasons":[{"code":50000010,"message":"no"}]}"#),
        _ => otherwise(),
    })
    .await;
    let zuora = stub.zuora();
    let found = zuora.fields(BillingObject::Contact).await.unwrap().unwrap();
    assert_eq!(found.first().map(|f| f.name.as_str()), Some("crmId__c"));
    assert_eq!(zuora.fields(BillingObject::Order).await.unwrap(), None);
    assert_eq!(zuora.fields(BillingObject::Subscription).await.unwrap_err().class, FaultClass::Permanent);
    assert_eq!(zuora.fields(BillingObject::ProductRatePlan).await.unwrap_err().class, FaultClass::Denied);
}

#[tokio::test]
async fn features_show_by_what_may_be_listed() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "GET /v1/orders?pageSize=1" => json(
            200,
            r#"{"success":false,"reasons":[{"code":"53100010","message":"Orders is not enabled"}]}"#,
        ),
        "GET /object-query/credit-memos?pageSize=1" => json(200, r#"{"data":[]}"#),
        _ => otherwise(),
    })
    .await;
    let facts = stub.zuora().facts().await.unwrap();
    assert_eq!(facts, TenantFacts { orders: false, memos: Some(true), clock: None });
    assert_eq!(clock("Mon, 16 Nov 2026 10:00:00 GMT"), "2026-11-16T10:00:00Z".parse().ok());
}

#[tokio::test]
async fn refused_credentials_are_an_error() {
    let stub = Stub::start(|seen| match seen.line.as_str() {
        "POST /oauth/token" => json(401, r#"{"reason":"Invalid client id"}"#),
        _ => otherwise(),
    })
    .await;
    assert_eq!(stub.zuora().facts().await.unwrap_err().class, FaultClass::Denied);
}
