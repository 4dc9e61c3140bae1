//! Bodies as exact text, catalogue answers in both spellings, the ways to find a plan; price tables in
//! [`tiers`](mod@tiers).

mod tiers;

use super::*;
use crate::testing::{Answer, Seen, Stub, config, intent, json, otherwise};
use crate::words::{model, period};
use connector_domain::billing::product::{
    CatalogCharge, ChargeModel as Model, ChargeType as Kind, ObservedProduct,
};
use connector_domain::dates::BillingPeriod;
use connector_domain::fault::FaultClass;
use connector_domain::ids::HubSpotId;
use connector_domain::plan::Action;
use connector_ports::billing::{Billing, ProductQuery};

fn prices(list: &[(&str, &str)]) -> BTreeMap<Currency, Decimal> {
    list.iter().map(|(code, price)| (Currency::parse(code).unwrap(), price.parse().unwrap())).collect()
}

fn desired(period: Option<BillingPeriod>) -> Box<DesiredProduct> {
    Box::new(DesiredProduct {
        id: HubSpotId::parse("501").unwrap(),
        name: "Gateway".into(),
        description: "A box".into(),
        sku: Some("GW-1".into()),
        period,
        prices: prices(&[("USD", "19.90"), ("EUR", "18")]),
        tier_model: None,
        tiers: BTreeMap::new(),
        tax: None,
        unit_of_measure: "Each".into(),
        numbers: ["HS1P501".into(), "HS1P501R".into(), "HS1P501C".into()],
    })
}

fn render(config: crate::Config, action: Action) -> Result<Rendered, PortError> {
    crate::Zuora::new(config).unwrap().render(&action)
}

fn parts(rendered: &Rendered) -> (Effect, &str, Option<&str>) {
    (rendered.effect, &rendered.number, rendered.target.as_deref())
}

#[test]
fn a_product_is_created_and_renamed() {
    let created = render(config(), Action::CreateProduct(desired(None))).unwrap();
    assert_eq!(parts(&created), (Effect::CreateProduct, "HS1P501", None));
    assert_eq!(
        created.body,
        r#"{"Name":"Gateway","SKU":"GW-1","Description":"A box","EffectiveStartDate":"2000-01-01","EffectiveEndDate":"3000-01-01","ProductNumber":"HS1P501"}"#
    );
    let mut bare = desired(None);
    (bare.sku, bare.description) = (None, String::new());
    let created = render(config(), Action::CreateProduct(bare.clone())).unwrap();
    assert!(created.body.starts_with(r#"{"Name":"Gateway","EffectiveStartDate""#));
    let updated = Action::UpdateProduct { product: "p1".into(), desired: bare };
    let updated = render(config(), updated).unwrap();
    assert_eq!(parts(&updated), (Effect::UpdateProduct, "HS1P501", Some("p1")));
    assert_eq!(updated.body, r#"{"Name":"Gateway","Description":""}"#);
}

#[test]
fn a_rate_plan_carries_the_product_id_one_way_or_the_other() {
    let action = |product| Action::CreateRatePlan { desired: desired(None), product };
    let plan = render(config(), action(Some("p1".into()))).unwrap();
    assert_eq!(parts(&plan), (Effect::CreateRatePlan, "HS1P501R", None));
    let start = concat!(
        r#"{"Name":"Gateway","ProductId":"p1","Description":"A box","EffectiveStartDate":"2000-01-01","#,
        r#""EffectiveEndDate":"3000-01-01","ActiveCurrencies":["EUR","USD"],"#,
        r#""ProductRatePlanNumber":"HS1P501R","#
    );
    let external = r#""ExternalRatePlanIds":["501"],"ExternalIdSourceSystem":"HubSpot"}"#;
    assert_eq!(plan.body, format!("{start}{external}"));
    let mut linked = config();
    linked.link_field = Some("HubSpotProductId__c".to_owned());
    let plan = render(linked, action(Some("p1".into()))).unwrap();
    assert_eq!(plan.body, format!(r#"{start}"HubSpotProductId__c":"501"}}"#));
    assert_eq!(render(config(), action(None)).unwrap_err().class, FaultClass::Bug);
}

#[test]
fn a_plan_and_its_charge_begin_with_the_same_four_currencies() {
    let mut many = desired(None);
    many.prices =
        prices(&[("USD", "1"), ("SEK", "2"), ("NOK", "3"), ("EUR", "4"), ("DKK", "5"), ("CHF", "6")]);
    let plan = Action::CreateRatePlan { desired: many.clone(), product: Some("p1".into()) };
    let plan = render(config(), plan).unwrap().body;
    assert!(plan.contains(r#""ActiveCurrencies":["CHF","DKK","EUR","NOK"],"#), "{plan}");
    let charge = Action::CreateCharge { desired: many.clone(), plan: Some("r1".into()) };
    let charge = render(config(), charge).unwrap().body;
    let tiers = concat!(
        r#""ProductRatePlanChargeTier":[{"Currency":"CHF","Price":6},{"Currency":"DKK","Price":5},"#,
        r#"{"Currency":"EUR","Price":4},{"Currency":"NOK","Price":3}]}}"#
    );
    assert!(charge.ends_with(tiers), "{charge}");
    let prices = many.prices;
    let all = Action::SetPrices { plan: "r1".into(), charge: "c1".into(), prices, tiers: None, period: None };
    assert_eq!(render(config(), all).unwrap().body.matches(r#""Currency""#).count(), 6);
}

#[test]
fn a_charge_says_its_period_in_the_words_of_crud() {
    let body = |period| {
        let action = Action::CreateCharge { desired: desired(period), plan: Some("r1".into()) };
        let rendered = render(config(), action).unwrap();
        assert_eq!(parts(&rendered), (Effect::CreateCharge, "HS1P501C", None));
        rendered.body
    };
    let start = r#"{"ProductRatePlanId":"r1","Name":"Gateway","Description":"A box","ChargeModel":"Per Unit Pricing","#;
    let middle = r#""TriggerEvent":"ContractEffective","UseDiscountSpecificAccountingCode":false,"UOM":"Each","DefaultQuantity":1,"#;
    let end = concat!(
        r#""ProductRatePlanChargeNumber":"HS1P501C","ProductRatePlanChargeTierData":"#,
        r#"{"ProductRatePlanChargeTier":[{"Currency":"EUR","Price":18},{"Currency":"USD","Price":19.9}]}}"#
    );
    let once = r#""ChargeType":"OneTime","BillCycleType":"DefaultFromCustomer","#;
    assert_eq!(body(None), format!("{start}{once}{middle}{end}"));
    let base = r#""ListPriceBase":"Per Billing Period","#;
    for (period, words) in [
        (BillingPeriod::Week, r#""Week""#),
        (BillingPeriod::Month, r#""Month""#),
        (BillingPeriod::Quarter, r#""Quarter""#),
        (BillingPeriod::SemiAnnual, r#""Semi-Annual""#),
        (BillingPeriod::Months(12), r#""Annual""#),
        (BillingPeriod::Months(24), r#""Specific Months","SpecificBillingPeriod":24"#),
        (BillingPeriod::Weeks(2), r#""Specific Weeks","SpecificBillingPeriod":2"#),
    ] {
        let recurring = r#""ChargeType":"Recurring","BillCycleType":"DefaultFromCustomer","BillingPeriod":"#;
        assert_eq!(body(Some(period)), format!("{start}{recurring}{words},{middle}{base}{end}"));
    }
    let homeless = Action::CreateCharge { desired: desired(None), plan: None };
    assert_eq!(render(config(), homeless).unwrap_err().class, FaultClass::Bug);
}

#[test]
fn prices_are_set_for_all_currencies_at_once() {
    let prices = prices(&[("USD", "0.123456789"), ("EUR", "11.90")]);
    let action =
        Action::SetPrices { plan: "r1".into(), charge: "c1".into(), prices, tiers: None, period: None };
    let rendered = render(config(), action).unwrap();
    assert_eq!(parts(&rendered), (Effect::SetPrices, "c1", Some("c1")));
    assert_eq!(
        rendered.body,
        r#"{"ProductRatePlanId":"r1","ChargeModel":"Per Unit Pricing","BillCycleType":"DefaultFromCustomer","TriggerEvent":"ContractEffective","UseDiscountSpecificAccountingCode":false,"ProductRatePlanChargeTierData":{"ProductRatePlanChargeTier":[{"Currency":"EUR","Price":11.9},{"Currency":"USD","Price":0.123456789}]}}"#
    );
}

#[tokio::test]
async fn currencies_are_added_to_those_that_a_plan_has() {
    let codes = ["CHF", "DKK", "EUR", "GBP", "NOK", "USD"].map(|code| Currency::parse(code).unwrap());
    let action = Action::ActivateCurrencies { plan: "r1".into(), currencies: codes.into() };
    let rendered = render(config(), action).unwrap();
    assert_eq!(parts(&rendered), (Effect::ActivateCurrencies, "r1", Some("r1")));
    assert_eq!(rendered.body, r#"{"ActiveCurrencies":["CHF","DKK","EUR","GBP","NOK","USD"]}"#);
    let mut frozen = intent(rendered.effect, &rendered.number, rendered.target.as_deref());
    frozen.body = rendered.body;
    let path = "/v1/object/product-rate-plan/r1";
    for (has, want) in [
        (r#"{"Id":"r1","ActiveCurrencies":["USD","SEK"]}"#, Ok::<usize, FaultClass>(2)),
        (r#"{"Id":"r1","ActiveCurrencies":"USD, SEK"}"#, Ok(2)),
        (r#"{"Id":"r1","ActiveCurrencies":["USD","NOK","GBP","EUR","DKK","CHF","SEK"]}"#, Ok(0)),
        // Not told: the body as it is, which names all that the connector knows of.
        (r#"{"Id":"r1"}"#, Ok(1)),
    ] {
        let stub = Stub::start(move |seen| match seen.line.split_once(' ') {
            Some(("GET", asked)) if asked == format!("{path}?fields=ActiveCurrencies") => json(200, has),
            Some(("PUT", asked)) if asked == format!("{path}?rejectUnknownFields=true") => {
                json(200, r#"{"Success":true,"Id":"r1"}"#)
            }
            _ => otherwise(),
        })
        .await;
        let sent = stub.zuora().send(&frozen, "key").await;
        let calls = stub.calls();
        assert!(calls.iter().all(|seen| seen.header("idempotency-key").is_none()));
        let bodies: Vec<String> =
            calls.into_iter().map(|seen| seen.body).filter(|body| !body.is_empty()).collect();
        assert_eq!(sent.map(|_| bodies.len()).map_err(|error| error.class), want);
        if want == Ok(2) {
            assert_eq!(bodies[0], r#"{"ActiveCurrencies":["USD","SEK","CHF","DKK","EUR","GBP"]}"#);
            assert_eq!(bodies[1], r#"{"ActiveCurrencies":["USD","SEK","CHF","DKK","EUR","GBP","NOK"]}"#);
        }
    }
}

#[test]
fn both_spellings_mean_the_same() {
    for (spellings, want) in [
        (["Per Unit Pricing", "PerUnit"], Model::PerUnit),
        (["Flat Fee Pricing", "FlatFee"], Model::FlatFee),
        (["Tiered Pricing", "Tiered"], Model::Tiered),
        (["Volume Pricing", "Volume"], Model::Volume),
        (["Overage Pricing", "Overage"], Model::Overage),
        (["Tiered with Overage Pricing", "TieredWithOverage"], Model::TieredWithOverage),
        (["Discount-Percentage", "DiscountPercentage"], Model::DiscountPercentage),
        (["Discount-Fixed Amount", "DiscountFixedAmount"], Model::DiscountFixedAmount),
    ] {
        assert_eq!(spellings.map(model), [want.clone(), want]);
    }
    assert_eq!(model("Delivery Pricing"), Model::Other("Delivery Pricing".to_owned()));
    let (two, none) = (Some(Decimal::TWO), None);
    for (text, specific, want) in [
        ("Month", none, Some(BillingPeriod::Month)),
        ("Quarter", none, Some(BillingPeriod::Quarter)),
        ("Semi-Annual", none, Some(BillingPeriod::SemiAnnual)),
        ("Semi_Annual", none, Some(BillingPeriod::SemiAnnual)),
        ("Annual", none, Some(BillingPeriod::Annual)),
        ("Eighteen_Months", none, Some(BillingPeriod::Months(18))),
        ("Two Years", none, Some(BillingPeriod::Months(24))),
        ("Three_Years", none, Some(BillingPeriod::Months(36))),
        ("Five_Years", none, Some(BillingPeriod::Months(60))),
        ("Specific Months", two, Some(BillingPeriod::Months(2))),
        ("Specific_Weeks", two, Some(BillingPeriod::Weeks(2))),
        ("Specific_Months", none, None),
        ("Week", none, Some(BillingPeriod::Week)),
        ("Subscription_Term", none, None),
        ("Specific Days", two, None),
        ("", none, None),
    ] {
        assert_eq!(period(text, specific), want, "{text}");
    }
}

const PRODUCT: &str = r#"{"id":"p1","productNumber":"HS1P501","sKU":"GW-1","name":"Gateway","productRatePlans":[
 {"id":"r1","productId":"p1","productRatePlanNumber":"HS1P501R","HubSpotProductId__c":"501","grade":1.5,"productRatePlanCharges":[
  {"id":"c1","chargeModel":"Per Unit Pricing","chargeType":"Recurring","billingPeriod":"Specific Months","specificBillingPeriod":24,"productRatePlanChargeTiers":[
   {"currency":"USD","tier":2,"startingUnit":11,"price":1},
   {"currency":"USD","tier":1,"startingUnit":0,"price":9999999999999.999999999},
   {"currency":"EUR","active":false,"tier":1,"price":7},
   {"currency":"EUR","tier":2,"price":"0.123456789"}]},
  {"id":"c2","chargeModel":"Discount-Percentage","chargeType":"Recurring","billingPeriod":"Month","productRatePlanChargeTiers":[{"currency":"USD","discountPercentage":0},{"currency":"EUR","discountPercentage":10}]},
  {"id":"c3","chargeModel":"DiscountFixedAmount","chargeType":"OneTime","billingPeriod":"Month","productRatePlanChargeTiers":[{"currency":"USD","discountAmount":0}]},
  {"id":"c4","chargeModel":"PerUnit","chargeType":"Odd"}]},
 {"id":"r2","productId":"p1","productRatePlanNumber":"R-2"}]}"#;
const EXTERNAL: &str = r#"{"success":true,"productRatePlans":[{"id":"r1","ExternalIdSourceSystem":"HubSpot","externallyManagedPlanIds":["501"],"status":"Active"}]}"#;
const ABSENT: &str = r#"{"success":false,"reasons":[{"code":50000040,"message":"Cannot find"}]}"#;

fn charges() -> Vec<CatalogCharge> {
    let charge = |id: &str, model, charge_type, period, prices, default_discount| CatalogCharge {
        id: id.into(),
        model,
        charge_type,
        period,
        prices,
        tiers: BTreeMap::new(),
        default_discount,
    };
    let told = prices(&[("USD", "9999999999999.999999999"), ("EUR", "0.123456789")]);
    let none = BTreeMap::new;
    vec![
        charge("c1", Model::PerUnit, Kind::Recurring, Some(BillingPeriod::Months(24)), told, false),
        charge("c2", Model::DiscountPercentage, Kind::Recurring, Some(BillingPeriod::Month), none(), true),
        charge("c3", Model::DiscountFixedAmount, Kind::OneTime, None, none(), false),
        charge("c4", Model::Other("PerUnit of type \"Odd\"".to_owned()), Kind::Usage, None, none(), false),
    ]
}

fn query(sku: Option<&str>) -> ProductQuery {
    ProductQuery {
        id: HubSpotId::parse("501").unwrap(),
        sku: sku.map(str::to_owned),
        numbers: ["HS1P501".into(), "HS1P501R".into(), "HS1P501C".into()],
    }
}

fn page(rows: &[&str], next: Option<&str>) -> Answer {
    let next = next.map(|next| format!(r#","nextPage":"{next}""#)).unwrap_or_default();
    json(200, &format!(r#"{{"data":[{}]{next}}}"#, rows.join(",")))
}

/// The path and what is filtered for, without the expansions.
fn wanted(seen: &Seen) -> String {
    let (path, query) = seen.line.split_once('?').unwrap_or((&seen.line, ""));
    let keep = |part: &&str| part.contains("filter") || part.starts_with("cursor");
    let kept: Vec<&str> = query.split('&').filter(keep).map(|p| p.split_once('=').unwrap().1).collect();
    format!("{} {}", path.trim_start_matches("GET "), kept.join(" ")).trim().to_owned()
}

fn ids(products: &[ObservedProduct]) -> Vec<(&str, Vec<&str>)> {
    products.iter().map(|p| (p.id.as_str(), p.plans.iter().map(|plan| plan.id.as_str()).collect())).collect()
}

#[tokio::test]
async fn a_plan_found_by_external_id_takes_its_charges_from_the_other_answers() {
    let stub = Stub::start(|seen| match wanted(seen).as_str() {
        "/v1/product-rate-plans/external-id/501" => json(200, EXTERNAL),
        "/object-query/products productnumber.EQ:HS1P501" => page(&[PRODUCT], None),
        "/object-query/products sku.EQ:GW%201%2F%C3%84" => page(&[], None),
        _ => otherwise(),
    })
    .await;
    let found = stub.zuora().find_products(&query(Some("GW 1/Ä"))).await.unwrap();
    assert_eq!(ids(&found.by_external_id), [("p1", vec!["r1"])]);
    assert_eq!(found.by_external_id[0].plans[0].charges, charges());
    let ours = found.by_number.unwrap();
    assert_eq!(ids(std::slice::from_ref(&ours)), [("p1", vec!["r1", "r2"])]);
    assert_eq!(
        (ours.sku.as_deref(), &ours.plans[0].external_ids[..]),
        (Some("GW-1"), &["501".to_owned()][..])
    );
    assert!(found.by_sku.is_empty());
    assert_eq!(stub.calls().len(), 3);
    let expanded = "expand%5B%5D=productrateplans&expand%5B%5D=productrateplans.productrateplancharges&expand%5B%5D=productrateplans.productrateplancharges.productrateplanchargetiers";
    assert!(stub.calls().iter().any(|seen| seen.line.contains(expanded)));
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is() {
    let stub = Stub::start(|seen| match wanted(seen).as_str() {
        "/v1/product-rate-plans/external-id/501" => json(404, ABSENT),
        "/object-query/products productnumber.EQ:HS1P501" => page(&[], None),
        _ => otherwise(),
    })
    .await;
    assert_eq!(stub.zuora().find_products(&query(None)).await.unwrap(), Default::default());
    assert_eq!(stub.calls().len(), 2);
}

#[tokio::test]
async fn a_plan_elsewhere_is_read_by_its_key_or_found_page_by_page() {
    let plan = &PRODUCT[PRODUCT.find(r#"{"id":"r1""#).unwrap()
        ..PRODUCT
            .find(
                r#",
 {"id":"r2""#,
            )
            .unwrap()];
    for (keyed, shown) in [(200, true), (404, true), (400, true), (404, false)] {
        let stub = Stub::start(move |seen| match wanted(seen).as_str() {
            "/v1/product-rate-plans/external-id/501" => json(200, EXTERNAL),
            "/object-query/products productnumber.EQ:HS1P501" => page(&[], None),
            "/object-query/product-rate-plans/r1" if keyed == 200 => json(200, plan),
            "/object-query/product-rate-plans/r1" => json(keyed, ABSENT),
            "/object-query/products" => page(&[r#"{"id":"p0"}"#], Some("2")),
            "/object-query/products 2" if shown => page(&[PRODUCT], Some("3")),
            "/object-query/products 2" => page(&[], None),
            _ => otherwise(),
        })
        .await;
        let found = stub.zuora().find_products(&query(None)).await;
        if shown {
            let found = found.unwrap();
            assert_eq!(ids(&found.by_external_id), [("p1", vec!["r1"])], "{keyed}");
            assert_eq!(found.by_external_id[0].plans[0].charges, charges(), "{keyed}");
            assert_eq!(found.by_number, None);
        } else {
            assert_eq!(found.unwrap_err().class, FaultClass::Transient);
        }
    }
}

#[tokio::test]
async fn a_link_field_stands_for_the_external_id() {
    let plan = &PRODUCT[PRODUCT.find(r#"{"id":"r1""#).unwrap()
        ..PRODUCT
            .find(
                r#",
 {"id":"r2""#,
            )
            .unwrap()];
    // The filter works; it does not and the product has our number; it does not and the product is elsewhere.
    for (filter, numbered) in [(200, false), (400, true), (404, false)] {
        let mut stub = Stub::start(move |seen| match wanted(seen).as_str() {
            "/object-query/product-rate-plans HubSpotProductId__c.EQ:501" if filter == 200 => {
                page(&[plan], None)
            }
            "/object-query/product-rate-plans HubSpotProductId__c.EQ:501" => json(filter, "{}"),
            "/object-query/products productnumber.EQ:HS1P501" if numbered => page(&[PRODUCT], None),
            "/object-query/products productnumber.EQ:HS1P501" => page(&[], None),
            "/object-query/products" if !numbered => page(&[PRODUCT], None),
            _ => otherwise(),
        })
        .await;
        stub.config.link_field = Some("HubSpotProductId__c".to_owned());
        let found = stub.zuora().find_products(&query(None)).await.unwrap();
        assert_eq!(ids(&found.by_external_id), [("p1", vec!["r1"])], "{filter}");
        assert_eq!(found.by_external_id[0].plans[0].external_ids, ["501"]);
        assert_eq!(found.by_number.is_some(), numbered);
    }
}

#[tokio::test]
async fn trouble_is_not_absence() {
    for (external, products, class) in [
        (503, 200, FaultClass::Transient),
        (200, 429, FaultClass::Throttled { until: None }),
        (403, 200, FaultClass::Denied),
    ] {
        let stub = Stub::start(move |seen| match wanted(seen).as_str() {
            "/v1/product-rate-plans/external-id/501" if external == 200 => json(200, EXTERNAL),
            "/v1/product-rate-plans/external-id/501" => json(external, "{}"),
            "/object-query/products productnumber.EQ:HS1P501" if products == 200 => page(&[], None),
            "/object-query/products productnumber.EQ:HS1P501" => json(products, "{}"),
            _ => otherwise(),
        })
        .await;
        assert_eq!(stub.zuora().find_products(&query(None)).await.unwrap_err().class, class);
    }
}

#[tokio::test]
async fn only_an_empty_list_of_plans_is_absence() {
    for (body, want) in [
        (r#"{"success":true,"productRatePlans":[]}"#, Some(&[][..])),
        ("[]", Some(&[])),
        (EXTERNAL, Some(&["r1"])),
        (r#"{"success":true,"ProductRatePlans":[{"Id":"r1"}]}"#, Some(&["r1"])),
        (r#"[{"id":"r1","externallyManagedPlanIds":["501"]}]"#, Some(&["r1"])),
        (r#"{"success":true,"id":"r1","externallyManagedPlanIds":["501"]}"#, Some(&["r1"])),
        (r#"{"success":true,"id":"r1","externallyManagedPlanIds":null}"#, Some(&["r1"])),
        (r#"{"success":true,"productRatePlans":null}"#, None),
        (r#"{"success":true,"productRatePlans":[{"name":"x"}]}"#, None),
        (r#"{"success":true,"productRatePlans":{"id":"r1"}}"#, None),
        (r#"{"success":true,"data":[{"id":"r1"}]}"#, None),
        (r#"{"success":true}"#, None),
        ("{}", None),
        ("null", None),
        ("", None),
        ("<html>", None),
    ] {
        let stub = Stub::start(move |seen| match wanted(seen).as_str() {
            "/v1/product-rate-plans/external-id/501" => json(200, body),
            "/object-query/products productnumber.EQ:HS1P501" => page(&[PRODUCT], None),
            _ => otherwise(),
        })
        .await;
        let found = stub.zuora().find_products(&query(None)).await;
        let told = found.map_err(|error| error.class).map(|found| {
            let plans = found.by_external_id.iter().flat_map(|product| &product.plans);
            plans.map(|plan| (plan.id.to_string(), plan.external_ids.clone())).collect::<Vec<_>>()
        });
        let plan = |id: &&str| ((*id).to_owned(), vec!["501".to_owned()]);
        let want = want.map(|ids: &[&str]| ids.iter().map(plan).collect()).ok_or(FaultClass::Transient);
        assert_eq!(told, want, "{body}");
    }
}

#[tokio::test]
async fn a_one_time_charge_gets_a_period_where_zuora_wants_one() {
    const REFUSED: &str = r#"{"Success":false,"Errors":[{"Code":"MISSING_REQUIRED_VALUE","Message":"Missing required value: BillingPeriod"}]}"#;
    let other = REFUSED.replace("BillingPeriod", "UOM");
    let create = |period| Action::CreateCharge { desired: desired(period), plan: Some("r1".into()) };
    let prices = prices(&[("EUR", "0.123456789")]);
    let set = Action::SetPrices { plan: "r1".into(), charge: "c1".into(), prices, tiers: None, period: None };
    for (action, first, second, keys) in [
        (create(None), REFUSED, r#"{"Success":true,"Id":"c1"}"#, &[Some("key"), Some("key-p")][..]),
        (create(None), REFUSED, REFUSED, &[Some("key"), Some("key-p")]),
        (create(None), &other, "", &[Some("key")]),
        (create(Some(BillingPeriod::Month)), REFUSED, "", &[Some("key")]),
        (set, REFUSED, r#"{"Success":true,"Id":"c1"}"#, &[None, None]),
    ] {
        let rendered = render(config(), action).unwrap();
        let mut frozen = intent(rendered.effect, &rendered.number, Some("c1"));
        frozen.body = rendered.body.clone();
        let (first, again) = (first.to_owned(), second.to_owned());
        let stub = Stub::start(move |seen| match seen.line.as_str() {
            "POST /oauth/token" => otherwise(),
            _ if seen.body.starts_with(r#"{"BillingPeriod":"Month","ProductRatePlanId""#) => {
                json(200, &again)
            }
            _ => json(400, &first),
        })
        .await;
        let sent = stub.zuora().send(&frozen, "key").await;
        let calls = stub.calls();
        let told: Vec<Option<&str>> = calls.iter().map(|seen| seen.header("idempotency-key")).collect();
        assert_eq!(told, keys);
        assert_eq!(calls[0].body, rendered.body);
        match sent {
            Ok(written) => {
                assert_eq!(written.id.as_deref(), Some("c1"));
                assert_eq!(calls[1].body.replace(r#""BillingPeriod":"Month","#, ""), rendered.body);
            }
            Err(error) => {
                assert_ne!(second, r#"{"Success":true,"Id":"c1"}"#);
                assert_eq!(error.class, FaultClass::Permanent);
            }
        }
    }
}
