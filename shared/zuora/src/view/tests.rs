//! What goes over the wire when a card is read, and what is made of the answers.

use crate::testing::{Stub, json};
use connector_domain::ids::AccountId;
use connector_ports::account_view::{AccountList, AccountView, Along, Rows};

const ACCOUNT: &str = r#"{"id":"8ad1","accountNumber":"A1","name":"Fjordlys","status":"Active","currency":"NOK",
 "balance":125.5,"mrr":"25800","paymentTerm":"Net 30","autoPay":false,
 "billTo":{"id":"c1","firstName":"Ingrid","lastName":"Solheim"},
 "subscriptions":[
  {"id":"s0","name":"S-1","status":"Expired","isLatestVersion":false},
  {"id":"s1","name":"S-1","status":"Active","termType":"TERMED","currentTerm":12,"currentTermPeriodType":"Month",
   "isLatestVersion":true,"contractEffectiveDate":"2026-11-16","termEndDate":"2027-11-16","autoRenew":true,"cMRR":25800.00,
   "ratePlans":[{"name":"Seats","ratePlanCharges":[{"name":"x"},{"quantity":40}]},
                {"name":"Gone","amendmentType":"RemoveProduct"}]}],
 "invoices":[{"id":"i1","invoiceNumber":"INV1","status":"Posted","amount":10.10,"balance":0,"invoiceDate":"2026-11-16","dueDate":"2026-12-16"}],
 "payments":[],"creditMemos":[{"id":"m1","memoNumber":"CM1","memoDate":"2026-11-20","status":"Posted","totalAmount":1500,"balance":1500}]}"#;

#[tokio::test]
async fn one_call_brings_the_account_with_its_lists() {
    let stub =
        Stub::start(
            |seen| {
                if seen.line.contains("object-query") { json(200, ACCOUNT) } else { json(404, "") }
            },
        )
        .await;
    let view = stub.zuora().overview("8ad1", Along::Lists).await.unwrap().unwrap();
    let account = &view.account;
    assert_eq!((account.number.as_str(), account.bill_to.as_deref()), ("A1", Some("Ingrid Solheim")));
    assert_eq!(account.mrr, Some("25800".parse().unwrap()));
    let [subscription] = view.subscriptions.rows.as_slice() else { panic!("old versions are no rows") };
    assert_eq!(subscription.term, Some((12, "Month".to_owned())));
    let [product] = subscription.products.as_slice() else { panic!("a removed plan is no product") };
    assert_eq!((product.name.as_str(), product.quantity), ("Seats", Some(40.into())));
    assert_eq!(view.invoices.rows[0].amount, "10.10".parse().unwrap());
    assert_eq!(view.credit_memos.as_ref().unwrap().rows[0].number, "CM1");
    // Zuora did not show debit memos at all: the tenant has none.
    assert!(view.debit_memos.is_none());
    let asked: Vec<String> = stub.calls().into_iter().map(|c| c.line).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(
        asked[0].starts_with("GET /object-query/accounts/8ad1?pageSize=50&expand%5B%5D=billto"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_tenant_that_refuses_memos_is_asked_without_them() {
    let stub = Stub::start(|seen| {
        if seen.line.contains("memos") {
            json(
                400,
                r#"{"success":false,"reasons":[{"code":50000027,"message":"Invalid expand parameter"}]}"#,
            )
        } else if seen.line.contains("object-query") {
            json(200, r#"{"id":"8ad1","accountNumber":"A1"}"#)
        } else {
            json(404, "")
        }
    })
    .await;
    let view = stub.zuora().overview("8ad1", Along::Lists).await.unwrap().unwrap();
    assert!(view.credit_memos.is_none() && view.debit_memos.is_none());
}

#[tokio::test]
async fn a_list_is_asked_for_newest_first_and_goes_on_where_it_ended() {
    let stub = Stub::start(|seen| {
        if seen.line.contains("credit-memos") {
            json(403, r#"{"success":false,"reasons":[{"code":50000010,"message":"not enabled"}]}"#)
        } else if seen.line.contains("object-query") {
            json(200, r#"{"data":[{"orderNumber":"O-1","orderDate":"2026-11-16","status":"Completed"}],"nextPage":"c2"}"#)
        } else {
            json(404, "")
        }
    })
    .await;
    let (zuora, account) = (stub.zuora(), AccountId::from("8ad1"));
    let window = zuora.list(&account, AccountList::Orders, Some("c1")).await.unwrap().unwrap();
    let Rows::Orders(rows) = &window.rows else { panic!("orders") };
    assert_eq!((rows[0].number.as_str(), window.next.as_deref()), ("O-1", Some("c2")));
    let line = stub.calls().into_iter().map(|c| c.line).find(|l| l.contains("/orders")).unwrap();
    for part in ["filter%5B%5D=accountid.EQ:8ad1", "sort%5B%5D=orderdate.DESC", "cursor=c1", "pageSize=50"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert_eq!(zuora.list(&account, AccountList::CreditMemos, None).await.unwrap(), None);
}
