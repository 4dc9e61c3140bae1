//! Object query, search lag, ZOQL.

use serde_json::json;

use super::{ACCOUNT, World, account_body};
use crate::Config;

#[tokio::test]
async fn lists_filter_sort_page_and_expand() {
    let w = World::new(Config::default()).await;
    let id = w.account().await;
    for n in 0..12 {
        w.sim.seed_document(
            "invoices",
            json!({"accountNumber": ACCOUNT, "invoiceNumber": format!("INV{n:03}"), "amount": n * 10,
                   "balance": 1, "status": "Posted", "currency": "USD", "invoiceDate": "2026-11-16"}),
        );
    }
    let (_, hit) =
        w.get("/object-query/accounts?filter[]=crmid.EQ:9001001&expand[]=billto&expand[]=invoices").await;
    let account = &hit["data"][0];
    assert_eq!(account["id"], json!(id));
    assert_eq!(account["billTo"]["postalCode"], "5003");
    assert_eq!(account["invoices"].as_array().expect("invoices").len(), 10);
    assert_eq!(account["balance"], 12);
    assert!(account.get("parentId").is_none());
    let (_, page) = w.get("/object-query/invoices?filter[]=amount.GE:50&sort[]=amount.DESC&pageSize=5").await;
    let numbers = |v: &serde_json::Value| {
        v["data"]
            .as_array()
            .expect("data")
            .iter()
            .map(|r| r["amount"].as_i64().expect("amount"))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&page), [110, 100, 90, 80, 70]);
    let cursor = page["nextPage"].as_str().expect("cursor");
    let (_, page) = w
        .get(&format!(
            "/object-query/invoices?filter[]=amount.GE:50&sort[]=amount.DESC&pageSize=5&cursor={cursor}"
        ))
        .await;
    assert_eq!(numbers(&page), [60, 50]);
    assert!(page["nextPage"].is_null());
    let (_, few) = w
        .get("/object-query/accounts?fields[]=id,name&filter[]=accountnumber.IN:%5Bx,HS-24680135-9001001%5D")
        .await;
    assert_eq!(few["data"][0].as_object().expect("row").len(), 2);
    for bad in ["filter[]=nope.EQ:1", "filter[]=name", "pageSize=100", "expand[]=orders", "sort[]=nope.ASC"] {
        let (status, body) = w.get(&format!("/object-query/accounts?{bad}")).await;
        assert_eq!((status, &body["reasons"][0]["code"]), (400, &json!(50_000_027)), "{bad}");
    }
    let (_, one) = w.get(&format!("/object-query/accounts/{ACCOUNT}?expand[]=soldto")).await;
    assert_eq!(one["soldTo"]["firstName"], "Lars");
    assert_eq!(w.get("/object-query/accounts/none").await.0, 404);
}

#[tokio::test]
async fn new_records_reach_lists_after_the_lag() {
    let w = World::new(Config { search_lag_seconds: 60, ..Config::default() }).await;
    let id = w.account().await;
    let list = "/object-query/accounts?filter[]=crmid.EQ:9001001";
    assert_eq!(w.get(list).await.1["data"], json!([]));
    assert_eq!(w.get(&format!("/v1/accounts/{id}")).await.0, 200);
    w.sim.advance(61);
    assert_eq!(w.get(list).await.1["data"].as_array().expect("data").len(), 1);
}

#[tokio::test]
async fn updated_date_is_a_watermark() {
    let w = World::new(Config::default()).await;
    let id = w.account().await;
    w.sim.advance(1800);
    let list = "/object-query/accounts?filter[]=updateddate.GE:2026-11-16T09:20:00Z&sort[]=updateddate.ASC";
    assert_eq!(w.get(list).await.1["data"], json!([]));
    w.call("PUT", &format!("/v1/accounts/{id}"), Some(json!({"notes": "x"}))).await;
    assert_eq!(w.get(list).await.1["data"].as_array().expect("data").len(), 1);
}

#[tokio::test]
async fn zoql_finds_accounts_by_crm_id() {
    let w = World::new(Config::default()).await;
    w.account().await;
    let query = json!({"queryString": "select Id, AccountNumber, Name from Account where CrmId = '9001001'"});
    let (_, body) = w.post("/v1/action/query", query).await;
    assert_eq!(body["records"][0]["AccountNumber"], ACCOUNT);
    assert_eq!(body["done"], true);
    let (status, _) = w.post("/v1/action/query", json!({"queryString": "select Id from Orders"})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn the_control_side_works_over_http() {
    let w = World::new(Config::default()).await;
    let (_, made) = w.post("/_sim/accounts", account_body()).await;
    assert!(made["id"].is_string());
    let rule = json!({"path": "/v1/accounts", "fault": {"kind": "too_many_requests", "retry_after": 7}});
    assert_eq!(w.post("/_sim/faults", rule).await.0, 200);
    let (status, headers, _) = w.try_call("GET", "/v1/accounts/x", &[], None).await.expect("answer");
    assert_eq!((status.as_u16(), headers["retry-after"].to_str().expect("text")), (429, "7"));
    let (_, now) = w.post("/_sim/advance", json!({"seconds": 86400})).await;
    assert!(now["now"].as_str().expect("now").starts_with("2026-11-17"));
    let (_, state) = w.get("/_sim/state").await;
    assert_eq!(state["accounts"].as_array().expect("accounts").len(), 1);
    assert_eq!(state["products"].as_array().expect("products").len(), 5);
    let (_, calls) = w.get("/_sim/calls").await;
    assert_eq!(calls.as_array().expect("calls").len(), 2);
    assert_eq!(w.call("DELETE", "/_sim/faults", None).await.0, 200);
}
