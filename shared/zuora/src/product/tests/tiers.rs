//! Price tables of charges, and their tax: bodies and what the catalogue shows.

use super::*;
use connector_domain::billing::product::ProductTax;

fn table(rows: &[(i64, Option<i64>, &str)], flat: bool) -> Vec<Tier> {
    rows.iter()
        .map(|(from, to, price)| Tier {
            from: Decimal::from(*from),
            to: to.map(Decimal::from),
            price: price.parse().unwrap(),
            flat,
        })
        .collect()
}

/// A product with a table per currency; the last range of the second has an end, which is not sent.
fn by_ranges(model: TierModel, flat: bool) -> Box<DesiredProduct> {
    let mut desired = desired(Some(BillingPeriod::Month));
    let currency = |code| Currency::parse(code).unwrap();
    desired.tier_model = Some(model);
    desired.tiers = [
        (currency("USD"), table(&[(0, Some(10), "19.90"), (11, None, "0.123456789")], flat)),
        (currency("EUR"), table(&[(1, Some(10), "18"), (11, Some(99), "9.50")], flat)),
    ]
    .into();
    desired
}

#[test]
fn a_charge_by_ranges_has_a_set_of_tiers_per_currency() {
    for (model, flat, words, format) in [
        (TierModel::Tiered, false, "Tiered Pricing", "Per Unit"),
        (TierModel::Volume, true, "Volume Pricing", "Flat Fee"),
    ] {
        let action = Action::CreateCharge { desired: by_ranges(model, flat), plan: Some("r1".into()) };
        let body = render(config(), action).unwrap().body;
        let middle = format!(r#""ChargeModel":"{words}","ChargeType":"Recurring""#);
        assert!(body.contains(&middle) && !body.contains("DefaultQuantity"), "{body}");
        let tiers = [
            r#"{"Currency":"EUR","StartingUnit":1,"EndingUnit":10,"Price":18,"PriceFormat":"_"},"#,
            r#"{"Currency":"EUR","StartingUnit":11,"Price":9.5,"PriceFormat":"_"},"#,
            r#"{"Currency":"USD","StartingUnit":0,"EndingUnit":10,"Price":19.9,"PriceFormat":"_"},"#,
            r#"{"Currency":"USD","StartingUnit":11,"Price":0.123456789,"PriceFormat":"_"}"#,
        ];
        let tiers = tiers.concat().replace('_', format);
        assert!(body.ends_with(&format!(r#""ProductRatePlanChargeTier":[{tiers}]}}}}"#)), "{body}");
    }
    let mut priceless = by_ranges(TierModel::Tiered, false);
    priceless.tiers = BTreeMap::new();
    let action = Action::CreateCharge { desired: priceless, plan: Some("r1".into()) };
    assert_eq!(render(config(), action).unwrap_err().class, FaultClass::Bug);
}

#[test]
fn a_charge_begins_with_the_tables_of_the_plans_first_currencies() {
    let mut many = by_ranges(TierModel::Tiered, false);
    many.prices = prices(&[("USD", "1"), ("SEK", "2"), ("NOK", "3"), ("EUR", "4"), ("DKK", "5")]);
    many.tiers = many.prices.keys().map(|code| (code.clone(), table(&[(1, None, "1")], false))).collect();
    let action = Action::CreateCharge { desired: many, plan: Some("r1".into()) };
    let body = render(config(), action).unwrap().body;
    assert!(body.contains(r#""Currency":"SEK""#) && !body.contains(r#""Currency":"USD""#), "{body}");
}

#[test]
fn a_taxable_charge_says_its_code_and_mode() {
    for (inclusive, mode) in [(true, "TaxInclusive"), (false, "TaxExclusive")] {
        let mut taxed = desired(None);
        taxed.tax = Some(ProductTax { code: "VAT 25".to_owned(), inclusive });
        let action = Action::CreateCharge { desired: taxed, plan: Some("r1".into()) };
        let body = render(config(), action).unwrap().body;
        let tax = format!(
            r#""DefaultQuantity":1,"Taxable":true,"TaxCode":"VAT 25","TaxMode":"{mode}","ProductRatePlanChargeNumber""#
        );
        assert!(body.contains(&tax), "{body}");
    }
}

#[test]
fn all_tables_of_a_charge_are_set_at_once() {
    let desired = by_ranges(TierModel::Volume, false);
    let action = Action::SetPrices {
        plan: "r1".into(),
        charge: "c1".into(),
        prices: desired.prices.clone(),
        tiers: Some((TierModel::Volume, desired.tiers.clone())),
        period: Some(BillingPeriod::Annual),
    };
    assert_eq!(
        render(config(), action).unwrap().body,
        concat!(
            r#"{"ProductRatePlanId":"r1","ChargeModel":"Volume Pricing","BillCycleType":"DefaultFromCustomer","#,
            r#""BillingPeriod":"Annual","TriggerEvent":"ContractEffective","#,
            r#""UseDiscountSpecificAccountingCode":false,"ListPriceBase":"Per Billing Period","#,
            r#""ProductRatePlanChargeTierData":{"ProductRatePlanChargeTier":["#,
            r#"{"Currency":"EUR","StartingUnit":1,"EndingUnit":10,"Price":18,"PriceFormat":"Per Unit"},"#,
            r#"{"Currency":"EUR","StartingUnit":11,"Price":9.5,"PriceFormat":"Per Unit"},"#,
            r#"{"Currency":"USD","StartingUnit":0,"EndingUnit":10,"Price":19.9,"PriceFormat":"Per Unit"},"#,
            r#"{"Currency":"USD","StartingUnit":11,"Price":0.123456789,"PriceFormat":"Per Unit"}]}}"#
        )
    );
}

const TABLES: &str = r#"{"id":"p1","productNumber":"HS1P501","productRatePlans":[{"id":"r1","productId":"p1","productRatePlanCharges":[
  {"id":"c1","chargeModel":"Tiered Pricing","chargeType":"Recurring","billingPeriod":"Month","productRatePlanChargeTiers":[
   {"currency":"USD","tier":2,"startingUnit":11,"price":"0.123456789","priceFormat":"PerUnit"},
   {"currency":"EUR","active":false,"tier":1,"startingUnit":0,"endingUnit":5,"price":7},
   {"currency":"USD","tier":1,"startingUnit":0,"endingUnit":10,"price":19.90,"priceFormat":"Flat Fee"},
   {"currency":"EUR","active":true,"tier":1,"startingUnit":1,"price":18},
   {"currency":"NOK","tier":1,"startingUnit":1,"endingUnit":5,"price":200},
   {"currency":"NOK","tier":2,"startingUnit":6}]},
  {"id":"c2","chargeModel":"PerUnit","chargeType":"Usage","productRatePlanChargeTiers":[{"currency":"USD","startingUnit":0,"price":2}]},
  {"id":"c3","chargeModel":"Volume","chargeType":"New","productRatePlanChargeTiers":[{"currency":"USD","startingUnit":0,"price":2}]}]}]}"#;

#[tokio::test]
async fn the_catalogue_shows_tables_in_their_order_and_only_where_they_are_whole() {
    let stub = Stub::start(|seen| match wanted(seen).as_str() {
        "/v1/product-rate-plans/external-id/501" => json(404, ABSENT),
        "/object-query/products productnumber.EQ:HS1P501" => page(&[TABLES], None),
        _ => otherwise(),
    })
    .await;
    let found = stub.zuora().find_products(&query(None)).await.unwrap();
    let charges = found.by_number.unwrap().plans.remove(0).charges;
    let tables = |index: usize| -> Vec<(&str, &[Tier])> {
        charges[index].tiers.iter().map(|(code, table)| (code.as_str(), &table[..])).collect()
    };
    let mut usd = table(&[(0, Some(10), "19.90"), (11, None, "0.123456789")], false);
    usd[0].flat = true;
    assert_eq!(tables(0), [("EUR", &table(&[(1, None, "18")], false)[..]), ("USD", &usd[..])]);
    assert_eq!(charges[0].prices, prices(&[("EUR", "18"), ("NOK", "200"), ("USD", "19.90")]));
    assert!(tables(1).is_empty() && tables(2).is_empty());
    assert_eq!(charges[2].model, Model::Other("Volume of type \"New\"".to_owned()));
}
