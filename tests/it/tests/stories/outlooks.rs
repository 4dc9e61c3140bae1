//! AS-17: what a plan shows, that it writes nothing, and that the sync then does exactly that.

use crate::world::{GATEWAY, PLATFORM, World, key, monthly, seats, world_with};
use connector_dev::Options;
use connector_domain::state::mark;
use connector_engine::decision::Decision;
use connector_engine::reconcile;
use std::collections::BTreeMap;

async fn plan(world: &World, object: &str, id: &str) -> Decision {
    let engine = world.running().unwrap().engine().clone();
    let marks = BTreeMap::from([(mark::WANTED.to_owned(), "a person".to_owned())]);
    reconcile::plan(&engine, &key(object, id), &marks).await.unwrap()
}

fn words(decision: &Decision) -> Vec<String> {
    decision.steps.iter().map(|s| s.action.to_string()).collect()
}

/// Everything that stands on both sides; a plan must not touch it.
fn everything(world: &World) -> (usize, usize, String) {
    (world.zuora.writes(), world.hubspot.writes(), world.hubspot.dump().to_string())
}

fn open(world: &World, id: &str, company: &str, currency: &str, lines: &[sim_hubspot::Line<'_>]) {
    let properties = [
        ("dealname", "A deal"),
        ("pipeline", "default"),
        ("dealstage", "contractsent"),
        ("deal_currency_code", currency),
        ("closedate", "2026-11-16T10:00:00Z"),
    ];
    world.hubspot.add_deal(id, Some(company), &properties, lines);
}

#[tokio::test]
async fn as_17_an_open_deal_shows_account_order_and_two_invoices_with_tax() {
    let world = world_with("", |options: &mut Options| options.zuora.tax_percent = Some(25.into())).await;
    assert!(world.zuora.mark_taxable("KP-CORE") > 0);
    open(&world, "7001", "9001001", "NOK", &seats());
    world.settle().await;
    let before = everything(&world);
    let shown = plan(&world, "deal", "7001").await;
    assert_eq!(everything(&world), before, "a plan writes nothing");
    assert!(shown.outlook.if_won);
    let first: Vec<String> = shown.outlook.first.iter().flat_map(|(_, would)| words(would)).collect();
    assert!(first.len() == 1 && first[0].starts_with("create account HS-24680135-9001001"), "{first:?}");
    let previewed = shown.outlook.previewed.clone().unwrap();
    assert_eq!(previewed.invoices.len(), 2, "{previewed:?}");
    // A fourth of the seats' own amount on each invoice; the workshop and support are not taxed.
    for invoice in &previewed.invoices {
        let taxed = invoice.items.iter().filter(|i| !i.tax.is_zero());
        for item in taxed {
            assert_eq!(item.tax, (item.amount / rust_decimal::Decimal::from(4)).round_dp(2), "{item:?}");
        }
        assert!(!invoice.tax.is_zero(), "{invoice:?}");
    }
    let order = words(&shown);
    assert_eq!(order.len(), 1, "{order:?}");
    // Won: exactly that.
    world.hubspot.update("deals", "7001", &[("dealstage", "closedwon")]);
    let shown_when_won = plan(&world, "deal", "7001").await;
    assert_eq!(words(&shown_when_won), order);
    world.settle().await;
    assert_eq!(world.orders(), 1, "{}", world.error("7001"));
    let account = world.account_of("9001001")["number"].as_str().unwrap().to_owned();
    assert!(order[0].contains("create order HS-24680135-D7001-1 dated 2026-11-16"), "{order:?}");
    assert!(order[0].contains(&format!("on account {account}")), "{order:?}");
    assert!(order[0].contains("40 x 520.00 per month"), "{order:?}");
    assert_eq!(world.subscription_of("7001")["mrr"], "25800.00");
    assert!(plan(&world, "deal", "7001").await.steps.is_empty(), "nothing is left to do");
}

#[tokio::test]
async fn an_open_deal_with_a_new_product_shows_what_comes_first() {
    let world = world_with("", |_: &mut Options| {}).await;
    open(&world, "7002", "9001003", "USD", &[monthly("8021", GATEWAY, "12", "19.00")]);
    world.settle().await;
    let before = everything(&world);
    let shown = plan(&world, "deal", "7002").await;
    assert_eq!(everything(&world), before);
    let first: Vec<String> = shown.outlook.first.iter().flat_map(|(_, would)| words(would)).collect();
    let kinds: Vec<String> =
        first.iter().map(|w| w.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(kinds.len(), 4, "{first:?}");
    assert!(shown.outlook.no_invoices.is_some());
    world.hubspot.update("deals", "7002", &[("dealstage", "closedwon")]);
    world.settle().await;
    assert_eq!(world.subscription_of("7002")["mrr"], "228.00", "{}", world.error("7002"));
    // Account, product, rate plan, charge and the order: what was shown and nothing else.
    assert_eq!(world.zuora.writes(), first.len() + shown.steps.len(), "{first:?} {:?}", words(&shown));
}

#[tokio::test]
async fn a_change_a_loss_and_a_company_show_what_they_would_do() {
    let world =
        world_with("[deals]\nclosed_lost = \"cancel\"\ncancel_policy = \"today\"\n", |_: &mut Options| {})
            .await;
    world.won("7001", Some("9001001"), "NOK", &seats());
    world.settle().await;
    world.hubspot.set_auto_deliver(false);
    world.hubspot.update("line_items", "8001", &[("quantity", "55")]);
    world.hubspot.add_line("7001", &monthly("8004", PLATFORM, "1", "500.00"));
    world.hubspot.update("companies", "9001001", &[("name", "Fjordlys Holding AS")]);
    let before = everything(&world);
    let shown = words(&plan(&world, "deal", "7001").await);
    let of_company = words(&plan(&world, "company", "9001001").await);
    assert_eq!(everything(&world), before);
    assert!(
        shown.len() == 1
            && shown[0].contains("55 x 520.00 (was 40 x 520.00)")
            && shown[0].contains("add product"),
        "{shown:?}"
    );
    assert!(of_company.len() == 1 && of_company[0].contains("name"), "{of_company:?}");
    let writes = world.zuora.writes();
    world.hubspot.set_auto_deliver(true);
    world.settle().await;
    assert_eq!(world.zuora.writes(), writes + 2, "{}", world.error("7001"));
    assert_eq!(world.subscription_of("7001")["mrr"], "34100.00");
    world.hubspot.set_auto_deliver(false);
    world.hubspot.update("deals", "7001", &[("dealstage", "closedlost")]);
    let before = everything(&world);
    let shown = words(&plan(&world, "deal", "7001").await);
    assert_eq!(everything(&world), before);
    assert!(shown.len() == 1 && shown[0].contains("cancel subscription on"), "{shown:?}");
    world.hubspot.set_auto_deliver(true);
    world.sync("7001").await;
    assert_eq!(world.orders(), 3, "{}", world.error("7001"));
}
