//! Cards over HTTP, signed as HubSpot signs: what they show, what they keep to themselves, what their buttons do.

use crate::world::{PLATFORM, World, monthly, seats, world, world_with};
use serde_json::{Value, json};
use sim_zuora::{Fault, FaultRule};
use std::time::{Duration, Instant};

const ANA: (&str, &str) = ("882", "ana.b@example.com");
const LISTS: [&str; 6] = ["subscriptions", "orders", "invoices", "payments", "creditMemos", "debitMemos"];
const NO_BREAK: char = '\u{a0}';

async fn get(world: &World, path: &str) -> Value {
    let (status, answer) = world.hubspot.card_fetch("GET", path, None, ANA).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn post(world: &World, path: &str, body: Value) -> Value {
    let (status, answer) = world.hubspot.card_fetch("POST", path, Some(body), ANA).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

fn refused(answer: &Value) -> &str {
    assert_eq!(answer["ok"], false, "{answer}");
    answer["error"]["code"].as_str().unwrap()
}

fn queries(world: &World) -> Vec<String> {
    let calls = world.zuora.calls();
    calls.into_iter().map(|call| call.path).filter(|path| path.contains("/object-query/")).collect()
}

/// AS-07, with two invoices, a payment, a credit memo of 1,500.00 and a debit memo.
async fn fjordlys() -> World {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    assert_eq!(world.zuora.bill_through("2026-11-30".parse().unwrap()).len(), 1);
    assert_eq!(world.zuora.bill_through("2026-12-31".parse().unwrap()).len(), 1);
    let account = "HS-24680135-9001001";
    for (kind, fields) in [
        (
            "payments",
            json!({ "paymentNumber": "P-00000001", "effectiveDate": "2026-11-20", "type": "External",
                "amount": 20_000, "unappliedAmount": 0, "status": "Processed", "currency": "NOK" }),
        ),
        (
            "credit-memos",
            json!({ "memoNumber": "CM-00000001", "memoDate": "2026-11-21", "totalAmount": 1_500, "balance": 1_500,
                "status": "Posted", "currency": "NOK" }),
        ),
        (
            "debit-memos",
            json!({ "memoNumber": "DM-00000001", "memoDate": "2026-11-22", "dueDate": "2026-12-22",
                "totalAmount": 300, "balance": 300, "status": "Posted", "currency": "NOK" }),
        ),
    ] {
        let mut fields = fields;
        fields["accountNumber"] = json!(account);
        world.zuora.seed_document(kind, fields);
    }
    world
}

#[tokio::test]
async fn as_34_company_and_deal_show_everything_of_the_account_in_two_calls() {
    let world = fjordlys().await;
    for (object, id) in [("company", "9001001"), ("deal", "7001")] {
        world.zuora.clear_calls();
        let card = get(&world, &format!("/cards/{object}/{id}?locale=en-us&timezone=Europe/Oslo")).await;
        assert_eq!(queries(&world).len(), 2, "{:?}", queries(&world));
        assert_eq!(
            (&card["version"], &card["object"], &card["state"]),
            (&json!(1), &json!(object), &json!("in_sync"))
        );
        let account = &card["account"];
        assert_eq!(account["name"], "Fjordlys Energi AS");
        assert_eq!(account["billTo"], "Ingrid Solheim");
        assert_eq!(account["paymentTerm"], "Due Upon Receipt");
        assert_eq!(account["autoPay"], false);
        assert_eq!(account["balance"]["currency"], "NOK", "what is open is in kroner: {account}");
        let mut urls = vec![account["url"].as_str().unwrap().to_owned()];
        for (list, rows) in LISTS.iter().zip([1, 1, 2, 1, 1, 1]) {
            let list = &card["lists"][list];
            assert_eq!(
                (&list["state"], &list["total"], &list["hasMore"]),
                (&json!("ok"), &json!(rows), &json!(false))
            );
            for row in list["rows"].as_array().unwrap() {
                assert!(
                    !row["number"].as_str().unwrap().is_empty()
                        && !row["status"].as_str().unwrap().is_empty()
                );
                urls.push(row["url"].as_str().unwrap().to_owned());
            }
        }
        assert!(urls.iter().all(|url| url.starts_with("https://test.zuora.com/")), "{urls:?}");
        let subscription = &card["lists"]["subscriptions"]["rows"][0];
        assert_eq!(subscription["number"], "HS-24680135-D7001");
        assert_eq!(subscription["own"], object == "deal");
        assert_eq!(subscription["mrr"]["text"], format!("NOK{NO_BREAK}25,800.00"));
        assert_eq!(subscription["products"].as_array().unwrap().len(), 3);
        let memo = &card["lists"]["creditMemos"]["rows"][0];
        assert_eq!(
            memo["amount"],
            json!({ "amount": "1500.00", "currency": "NOK", "text": format!("NOK{NO_BREAK}1,500.00") })
        );
        assert_eq!(memo["date"], json!({ "date": "2026-11-21", "text": "Nov 21, 2026" }));
        assert_eq!(card["lists"]["orders"]["rows"][0]["number"], "HS-24680135-D7001-1");
        assert_eq!(card["freshness"]["stale"], false);
        let figures = card["statistics"].as_array().unwrap();
        assert_eq!(figures[0]["text"], format!("NOK{NO_BREAK}25,800.00"));
        assert!(figures[1]["text"].as_str().unwrap().starts_with("NOK"), "{figures:?}");
        assert_eq!(card["chart"]["currency"], "NOK");
        assert!(
            card["chart"]["months"].as_array().unwrap().iter().any(|m| m["paid"] == "20000.00"),
            "{card}"
        );
    }
    let card = get(&world, "/cards/deal/7001?locale=nb-no&timezone=Europe/Oslo").await;
    let memo = &card["lists"]["creditMemos"]["rows"][0];
    assert_eq!(memo["amount"]["text"], format!("1{NO_BREAK}500,00{NO_BREAK}NOK"));
    assert_eq!(memo["date"]["text"], "21.11.2026");
}

#[tokio::test]
async fn more_than_a_page_is_paged_not_cut() {
    let world = fjordlys().await;
    for n in 1..=120 {
        world.zuora.seed_document(
            "invoices",
            json!({ "accountNumber": "HS-24680135-9001001", "invoiceNumber": format!("OLD{n:04}"), "status": "Posted",
                "invoiceDate": format!("20{:02}-{:02}-15", 10 + n / 12, 1 + n % 12), "amount": n, "balance": 0 }),
        );
    }
    let first = get(&world, "/cards/company/9001001").await;
    let list = &first["lists"]["invoices"];
    assert_eq!(
        (&list["total"], &list["hasMore"], &list["pageSize"]),
        (&Value::Null, &json!(true), &json!(25))
    );
    assert!(first["account"]["overdue"].is_null(), "a sum of some invoices is no sum");
    let mut numbers: Vec<String> = Vec::new();
    let mut pages = 0;
    loop {
        pages += 1;
        let page = get(&world, &format!("/cards/company/9001001?list=invoices&page={pages}")).await;
        assert_eq!(page["list"], "invoices");
        let rows = page["data"]["rows"].as_array().unwrap();
        if pages == 1 {
            assert_eq!(rows.as_slice(), list["rows"].as_array().unwrap().as_slice());
        }
        numbers.extend(rows.iter().map(|row| row["number"].as_str().unwrap().to_owned()));
        if page["data"]["hasMore"] == false {
            assert_eq!(page["data"]["total"], 122);
            break;
        }
    }
    assert_eq!((pages, numbers.len()), (5, 122));
    assert_eq!(numbers[2], "OLD0120", "newest first");
    assert_eq!(numbers.last().unwrap(), "OLD0001");
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 122, "none twice");
    let beyond = get(&world, "/cards/company/9001001?list=invoices&page=40").await;
    assert_eq!((&beyond["data"]["rows"], &beyond["data"]["hasMore"]), (&json!([]), &json!(false)));
    assert_eq!(refused(&get(&world, "/cards/company/9001001?list=secrets").await), "not_found");
}

#[tokio::test]
async fn a_deals_own_subscription_stands_first_even_when_it_is_old() {
    let world = world().await;
    world.won("7001", Some("9001001"), "NOK", &[monthly("8001", PLATFORM, "40", "520.00")]);
    world.won("7002", Some("9001001"), "NOK", &[monthly("8002", PLATFORM, "1", "520.00")]);
    world.settle().await;
    for (deal, other) in [("7001", "7002"), ("7002", "7001")] {
        let rows = world.card("deal", deal).await["lists"]["subscriptions"]["rows"].clone();
        assert_eq!(rows[0]["number"], format!("HS-24680135-D{deal}"));
        assert_eq!((&rows[0]["own"], &rows[1]["own"]), (&json!(true), &json!(false)));
        assert_eq!(rows[1]["number"], format!("HS-24680135-D{other}"));
    }
}

#[tokio::test]
async fn forged_stale_and_foreign_requests_get_nothing_and_a_repeated_one_the_same() {
    let world = fjordlys().await;
    let path = "/cards/company/9001001?locale=en-us";
    let now = world.hubspot.now_ms();
    let good = world.hubspot.card_request_at("GET", path, None, ANA, now);
    let send = async |request: &sim_hubspot::SignedRequest| {
        let client = reqwest::Client::new();
        let mut call =
            client.request(request.method.parse().unwrap(), &request.url).body(request.body.clone());
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let first = send(&good).await;
    assert_eq!(first.0, 200);
    world.zuora.clear_calls();
    assert_eq!(send(&good).await, first, "the same request, the same answer");
    assert_eq!(queries(&world).len(), 0, "and nothing is asked for it");
    let nothing = (401, r#"{"error":"unauthorized"}"#.to_owned());
    let mut forged = good.clone();
    forged.url = forged.url.replace("9001001", "9001002");
    assert_eq!(send(&forged).await, nothing);
    let mut other_user = good.clone();
    other_user.url = other_user.url.replace("userId=882", "userId=1");
    assert_eq!(send(&other_user).await, nothing);
    let old = world.hubspot.card_request_at("GET", path, None, ANA, now - 301_000);
    assert_eq!(send(&old).await, nothing);
    let mut unsigned = good.clone();
    unsigned.headers.clear();
    assert_eq!(send(&unsigned).await, nothing);
    // A record that is not linked shows no account, whatever Zuora holds.
    let card = get(&world, "/cards/company/9001004").await;
    assert_eq!((&card["state"], &card["account"]), (&json!("not_linked"), &Value::Null));
    assert!(!card["sync"]["missing"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_slow_list_does_not_hold_up_the_others() {
    let world = fjordlys().await;
    let slow = |path: &str| FaultRule::on("GET", path, Fault::Slow { ms: 8_000 }).times(0);
    world.zuora.inject(slow("/object-query/orders"));
    let began = Instant::now();
    let card = get(&world, "/cards/company/9001001").await;
    let took = began.elapsed();
    assert!((Duration::from_millis(2_800)..Duration::from_millis(4_500)).contains(&took), "{took:?}");
    assert_eq!(card["freshness"]["late"], json!(["orders"]));
    assert_eq!((&card["state"], &card["lists"]["orders"]["state"]), (&json!("in_sync"), &json!("late")));
    assert_eq!(card["lists"]["invoices"]["rows"].as_array().unwrap().len(), 2);
    world.zuora.clear_faults();
    // The account with all its lists is as slow as its slowest list; asked for in pieces, the others are there.
    world.zuora.inject(slow("expand%5B%5D=invoices"));
    world.zuora.inject(slow("/object-query/invoices"));
    let card = get(&world, "/cards/company/9001001").await;
    assert_eq!(card["freshness"]["late"], json!(["invoices"]), "{card}");
    assert_eq!(card["account"]["name"], "Fjordlys Energi AS");
    assert_eq!(card["lists"]["creditMemos"]["rows"].as_array().unwrap().len(), 1);
    assert_eq!(card["lists"]["orders"]["state"], "ok");
}

#[tokio::test]
async fn while_zuora_is_down_the_last_minutes_are_shown_without_names_and_then_nothing() {
    let world = fjordlys().await;
    let fresh = get(&world, "/cards/company/9001001").await;
    world.zuora.inject(FaultRule::on("GET", "/object-query/", Fault::StatusBefore { status: 503 }).times(0));
    world.advance(60);
    let card = get(&world, "/cards/company/9001001").await;
    assert_eq!((&card["freshness"]["stale"], &card["state"]), (&json!(true), &json!("in_sync")), "{card}");
    assert_eq!(card["freshness"]["asOf"], fresh["freshness"]["asOf"]);
    assert_eq!(card["lists"]["invoices"]["state"], "stale");
    assert_eq!(card["lists"]["invoices"]["rows"], fresh["lists"]["invoices"]["rows"]);
    assert_eq!((&card["account"]["name"], &card["account"]["billTo"]), (&Value::Null, &Value::Null));
    let text = card.to_string();
    assert!(!text.contains("Ingrid") && !text.contains("Fjordlys"), "{text}");
    world.advance(900);
    let card = get(&world, "/cards/company/9001001").await;
    assert_eq!(card["state"], "unavailable");
    assert_eq!(card["account"]["number"], "HS-24680135-9001001");
    assert_eq!(card["freshness"]["late"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn without_invoice_settlement_memos_are_off() {
    let world = world_with("", |options| options.zuora.invoice_settlement = false).await;
    world.won("7003", Some("9001002"), "EUR", &[monthly("8301", PLATFORM, "25", "45.00")]);
    world.settle().await;
    let card = world.card("company", "9001002").await;
    for list in ["creditMemos", "debitMemos"] {
        assert_eq!(card["lists"][list]["state"], "off");
        let page = get(&world, &format!("/cards/company/9001002?list={list}&page=1")).await;
        assert_eq!(page["data"]["state"], "off");
    }
    assert_eq!(card["state"], "in_sync");
}

#[tokio::test]
async fn several_accounts_of_a_company_are_shown_for_a_person_to_decide() {
    let world = world().await;
    for number in ["A00000500", "A00000501"] {
        let contact = json!({ "firstName": "Dana", "lastName": "Whitfield", "country": "United States", "state": "Texas" });
        let id =
            world.zuora.seed_account(json!({ "accountNumber": number, "name": format!("Kestrel {number}"),
            "crmId": "9001004", "currency": "USD", "billToContact": contact, "soldToContact": contact }));
        assert!(!id.is_empty());
    }
    world.press("company", "9001004", "record_only").await;
    world.settle().await;
    world.parked("companies", "9001004", "HZ0107");
    let card = world.card("company", "9001004").await;
    assert_eq!((&card["state"], &card["account"]), (&json!("needs_attention"), &Value::Null));
    let mut numbers: Vec<&str> =
        card["otherAccounts"].as_array().unwrap().iter().map(|a| a["number"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["A00000500", "A00000501"], "{card}");
    assert!(card["otherAccounts"][0]["url"].as_str().unwrap().contains("CustomerAccount.do"));
    assert_eq!(world.zuora.writes(), 0);
}

#[tokio::test]
async fn a_deal_that_is_not_won_shows_its_companys_account() {
    let world = fjordlys().await;
    world.hubspot.add_deal(
        "7050",
        Some("9001001"),
        &[("dealname", "Next"), ("pipeline", "default"), ("dealstage", "contractsent")],
        &[monthly("8501", PLATFORM, "1", "520.00")],
    );
    world.settle().await;
    let card = world.card("deal", "7050").await;
    assert_eq!(
        (&card["state"], &card["account"]["number"]),
        (&json!("not_linked"), &json!("HS-24680135-9001001"))
    );
    assert_eq!(card["lists"]["subscriptions"]["rows"][0]["own"], false);
}

#[tokio::test]
async fn a_button_pressed_ten_times_makes_one_sync() {
    let world = world().await;
    let press = async |n: usize| {
        let body = json!({ "scope": "record_only", "requestKey": format!("press-{n}") });
        post(&world, "/cards/company/9001001/sync", body).await
    };
    let first = press(0).await;
    assert_eq!(first["requestId"], "press-0");
    let card = world.card("company", "9001001").await;
    assert!(["working", "in_sync"].contains(&card["state"].as_str().unwrap()), "{card}");
    futures::future::join_all((0..10).map(press)).await;
    world.settle().await;
    assert_eq!(world.accounts_of("9001001").len(), 1);
    assert_eq!(world.zuora.writes(), 1, "one account, and nothing told twice");
    assert_eq!(world.card("company", "9001001").await["state"], "in_sync");
}

#[tokio::test]
async fn as_17_the_preview_of_an_open_deal_shows_what_the_win_then_does() {
    let world = world_with("", |options| options.zuora.tax_percent = Some(25.into())).await;
    assert!(world.zuora.mark_taxable("KP-CORE") > 0);
    world.hubspot.add_deal(
        "7001",
        Some("9001001"),
        &[
            ("dealname", "Fjordlys 40 seats"),
            ("pipeline", "default"),
            ("dealstage", "contractsent"),
            ("deal_currency_code", "NOK"),
            ("closedate", "2026-11-16T10:00:00Z"),
        ],
        &seats(),
    );
    world.settle().await;
    world.zuora.clear_calls();
    let preview = post(&world, "/cards/deal/7001/preview?locale=en-us&timezone=Europe/Oslo", json!({})).await;
    assert_eq!(world.zuora.writes(), 0);
    assert!(world.zuora.accounts().is_empty() && world.zuora.orders().is_empty());
    assert_eq!((&preview["deal"], &preview["won"]), (&json!("7001"), &json!(false)));
    assert_eq!((&preview["problems"], &preview["nothingToDo"]), (&json!([]), &json!(false)), "{preview}");
    let steps: Vec<&str> = preview["steps"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    assert!(steps[0].starts_with("Create account HS-24680135-9001001"), "{steps:?}");
    assert!(steps.last().unwrap().starts_with("Create order HS-24680135-D7001-1"), "{steps:?}");
    assert_eq!(preview["orders"][0]["actions"][0]["type"], "CreateSubscription");
    let invoices = preview["invoices"].as_array().unwrap();
    assert_eq!(invoices.len(), 2, "{preview}");
    assert_eq!(
        invoices[0]["tax"]["text"],
        format!("NOK{NO_BREAK}5,200.00"),
        "25 percent of 40 seats: {preview}"
    );
    assert!(preview["invoicesMissing"].is_null());
    world.hubspot.put("deals", "7001", &[("dealstage", "closedwon")]);
    world.settle().await;
    assert_eq!(world.zuora.orders()[0]["number"], preview["orders"][0]["number"]);
    let after = post(&world, "/cards/deal/7001/preview", json!({})).await;
    assert_eq!((&after["won"], &after["nothingToDo"]), (&json!(true), &json!(true)), "{after}");
}

#[tokio::test]
async fn as_21_a_cancellation_waits_for_a_named_person() {
    let world = world_with("[cards]\nallowed_users = [\"882\"]\n", |_| {}).await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    world.hubspot.update(
        "deals",
        "7001",
        &[("dealstage", "closedlost"), ("zuora_cancellation_date", "2027-05-31")],
    );
    world.settle().await;
    let card = world.card("deal", "7001").await;
    assert_eq!(card["state"], "needs_attention");
    let token = card["confirm"]["token"].as_str().unwrap().to_owned();
    assert_eq!(world.zuora.orders().len(), 1, "nothing is cancelled before that");
    let path = "/cards/deal/7001/confirm";
    let body = json!({ "kind": "cancellation", "token": token });
    let (_, stranger) =
        world.hubspot.card_fetch("POST", path, Some(body.clone()), ("5", "bo@example.com")).await;
    assert_eq!(refused(&stranger), "forbidden");
    let wrong = json!({ "kind": "cancellation", "token": "another" });
    assert_eq!(refused(&post(&world, path, wrong).await), "wrong_token");
    world.settle().await;
    assert_eq!(world.zuora.orders().len(), 1);
    assert_eq!(post(&world, path, body.clone()).await, json!({ "state": "working" }));
    world.settle().await;
    assert_eq!(post(&world, path, body).await, json!({ "state": "working" }), "again: the same answer");
    world.settle().await;
    let orders = world.zuora.orders();
    assert_eq!((orders.len(), &orders[1]["actions"]), (2, &json!(["CancelSubscription"])));
    assert_eq!(world.card("deal", "7001").await["state"], "in_sync");
}

#[tokio::test]
async fn by_default_nobody_confirms_and_nobody_retries_all() {
    let world = world().await;
    let body = json!({ "kind": "cancellation", "token": "x" });
    assert_eq!(refused(&post(&world, "/cards/deal/7001/confirm", body).await), "forbidden");
    assert_eq!(refused(&post(&world, "/system-health/retry", json!({ "all": true })).await), "forbidden");
}

#[tokio::test]
async fn failures_are_listed_with_their_fix_and_tried_again() {
    let world = world_with("[cards]\nallowed_users = [\"ana.b@example.com\"]\n", |_| {}).await;
    world.hubspot.put_silently("companies", "9001004", &[("state", ""), ("hs_state_code", "")]);
    world.press("company", "9001004", "record_only").await;
    world.settle().await;
    let health = get(&world, "/system-health?locale=en-us").await;
    let failures = health["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{health}");
    assert_eq!((&failures[0]["object"], &failures[0]["id"]), (&json!("company"), &json!("9001004")));
    assert!(failures[0]["problem"]["fix"].as_str().unwrap().contains("state"));
    let company = health["counts"].as_array().unwrap().iter().find(|c| c["object"] == "company").unwrap();
    assert_eq!(company["failing"], 1);
    assert_eq!(company["atLeast"], false);
    let settled = ["inSync", "pending", "excluded"].map(|name| company[name].as_u64().unwrap());
    assert_eq!(settled, [0, 0, 0], "{health}");
    assert_eq!(health["lag"], json!({ "queued": 0, "oldestText": null }));
    world.hubspot.put_silently("companies", "9001004", &[("state", "Texas")]);
    let retried = post(&world, "/system-health/retry", json!({ "class": "data" })).await;
    assert_eq!(retried, json!({ "retried": 1 }));
    world.settle().await;
    assert_eq!(world.accounts_of("9001004").len(), 1);
    // DynamoDB's counts are remembered for a while.
    world.advance(301);
    let health = get(&world, "/system-health").await;
    assert_eq!(health["failures"], json!([]));
    let company = health["counts"].as_array().unwrap().iter().find(|c| c["object"] == "company").unwrap();
    assert_eq!((&company["failing"], &company["inSync"]), (&json!(0), &json!(1)), "mended, so in sync");
    let unknown = json!({ "object": "deal", "id": "404" });
    assert_eq!(refused(&post(&world, "/system-health/retry", unknown).await), "not_found");
}

#[tokio::test]
async fn the_settings_page_tests_the_connections_and_names_nobody() {
    let world = world_with("[cards]\nallowed_users = [\"ana.b@example.com\"]\n", |_| {}).await;
    let settings = get(&world, "/settings").await;
    let systems: Vec<(&Value, &Value)> =
        settings["connection"].as_array().unwrap().iter().map(|c| (&c["system"], &c["ok"])).collect();
    assert_eq!(systems, [(&json!("hubspot"), &json!(true)), (&json!("zuora"), &json!(true))], "{settings}");
    let text = settings["configuration"].to_string();
    assert!(text.contains("deals.closed_lost") && !text.contains("example.com"), "{text}");
    assert!(settings["mapping"].as_array().unwrap().len() >= 4);
    world.zuora.inject(FaultRule::on("GET", "/object-query/", Fault::StatusBefore { status: 503 }).times(0));
    let settings = get(&world, "/settings").await;
    assert_eq!(settings["connection"][1]["ok"], false, "{settings}");
}
