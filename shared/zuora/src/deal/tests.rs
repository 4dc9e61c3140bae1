//! Orders as exact text, answers as Zuora writes them.

use super::*;
use crate::testing::{Stub, config, json, otherwise};
use connector_domain::billing::deal::DealProjection;
use connector_domain::billing::deal::TriggerEvent as Trigger;
use connector_domain::dates::BillingPeriod;
use connector_domain::fault::FaultClass;
use connector_domain::money::Currency;
use connector_domain::plan::Action;
use connector_ports::billing::Billing;
use rust_decimal::Decimal;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn line(id: &str, pricing: Pricing) -> SubscribedLine {
    SubscribedLine {
        line: HubSpotId::parse(id).unwrap(),
        product: HubSpotId::parse("501").unwrap(),
        plan: "plan".into(),
        external_id: true,
        charge: "charge".into(),
        charge_number: format!("HS-1-L{id}"),
        pricing,
        period: Some(BillingPeriod::Month),
        period_differs: false,
        trigger: None,
        zero_percentages: Vec::new(),
        zero_amounts: Vec::new(),
    }
}

fn order_of(lines: Vec<SubscribedLine>) -> DesiredOrder {
    DesiredOrder {
        deal: HubSpotId::parse("7001").unwrap(),
        order: "HS-1-D7001-1".into(),
        subscription: "HS-1-D7001".into(),
        account_currency: Some(Currency::parse("EUR").unwrap()),
        bill_to: None,
        sold_to: None,
        projection: DealProjection {
            account: "HS-1-9".into(),
            invoice_owner: None,
            currency: Currency::parse("EUR").unwrap(),
            term: Term::Months(12),
            start: "2026-11-16".parse().unwrap(),
            service_activation: None,
            customer_acceptance: None,
            bill_to: None,
            sold_to: None,
            lines,
        },
    }
}

fn render(config: Config, order: DesiredOrder) -> Result<Rendered, PortError> {
    crate::Zuora::new(config).unwrap().render(&Action::CreateOrder(Box::new(order)))
}

#[test]
fn a_plain_order_says_what_it_must_and_no_more() {
    let per_unit = Pricing::RecurringPerUnit { quantity: d("25.0"), price: d("11.90") };
    let rendered = render(config(), order_of(vec![line("9001", per_unit)])).unwrap();
    assert_eq!(
        (rendered.effect, rendered.number.as_str(), rendered.target),
        (Effect::CreateOrder, "HS-1-D7001-1", None)
    );
    assert_eq!(
        rendered.body,
        concat!(
            r#"{"orderNumber":"HS-1-D7001-1","orderDate":"2026-11-16","existingAccountNumber":"HS-1-9","#,
            r#""description":"HubSpot deal 7001","#,
            r#""subscriptions":[{"customFields":{"hubspotDealId__c":"7001"},"#,
            r#""orderActions":[{"type":"CreateSubscription","#,
            r#""triggerDates":[{"name":"ContractEffective","triggerDate":"2026-11-16"}],"#,
            r#""createSubscription":{"subscriptionNumber":"HS-1-D7001","#,
            r#""terms":{"autoRenew":false,"renewalSetting":"RENEW_WITH_SPECIFIC_TERM","#,
            r#""initialTerm":{"startDate":"2026-11-16","period":12,"periodType":"Month","termType":"TERMED"},"#,
            r#""renewalTerms":[{"period":12,"periodType":"Month"}]},"#,
            r#""subscribeToRatePlans":[{"productRatePlanId":"plan","externallyManagedPlanId":"501","#,
            r#""uniqueToken":"li-9001","chargeOverrides":[{"productRatePlanChargeId":"charge","#,
            r#""chargeNumber":"HS-1-L9001","pricing":{"recurringPerUnit":{"quantity":25,"listPrice":11.9,"#,
            r#""listPriceBase":"Per_Billing_Period"}}}]}]}}]}],"#,
            r#""processingOptions":{"runBilling":false,"collectPayment":false}}"#
        )
    );
}

#[test]
fn everything_that_an_order_can_say_is_said() {
    let mut first = line("9001", Pricing::RecurringFlatFee { price: d("0.123456789") });
    first.period = Some(BillingPeriod::Months(24));
    first.period_differs = true;
    first.trigger = Some(Trigger::ServiceActivation);
    first.zero_percentages = vec!["p1".into()];
    first.zero_amounts = vec!["f1".into()];
    let mut second =
        line("9002", Pricing::OneTimePerUnit { quantity: d("3"), price: d("9999999999999.999999999") });
    (second.period, second.external_id) = (None, false);
    let mut third = line("9003", Pricing::OneTimeFlatFee { price: d("-50.00") });
    third.period = None;
    let mut order = order_of(vec![first, second, third]);
    order.bill_to = Some(Party::Known("c1".into()));
    order.sold_to = Some(Party::Known("c2".into()));
    order.projection.currency = Currency::parse("USD").unwrap();
    order.projection.invoice_owner = Some("HS-1-8".into());
    order.projection.term = Term::Weeks(6);
    order.projection.service_activation = Some("2026-12-01".parse().unwrap());
    order.projection.customer_acceptance = Some("2026-12-02".parse().unwrap());
    let body = render(config(), order).unwrap().body;
    assert_eq!(
        body.split_once(r#""triggerDates":"#).unwrap().1,
        concat!(
            r#"[{"name":"ContractEffective","triggerDate":"2026-11-16"},"#,
            r#"{"name":"ServiceActivation","triggerDate":"2026-12-01"},"#,
            r#"{"name":"CustomerAcceptance","triggerDate":"2026-12-02"}],"#,
            r#""createSubscription":{"subscriptionNumber":"HS-1-D7001","invoiceOwnerAccountNumber":"HS-1-8","#,
            r#""currency":"USD","billToContactId":"c1","soldToContactId":"c2","#,
            r#""terms":{"autoRenew":false,"renewalSetting":"RENEW_WITH_SPECIFIC_TERM","#,
            r#""initialTerm":{"startDate":"2026-11-16","period":6,"periodType":"Week","termType":"TERMED"},"#,
            r#""renewalTerms":[{"period":6,"periodType":"Week"}]},"#,
            r#""subscribeToRatePlans":[{"productRatePlanId":"plan","externallyManagedPlanId":"501","#,
            r#""uniqueToken":"li-9001","chargeOverrides":[{"productRatePlanChargeId":"charge","#,
            r#""chargeNumber":"HS-1-L9001","#,
            r#""pricing":{"recurringFlatFee":{"listPrice":0.123456789,"listPriceBase":"Per_Billing_Period"}},"#,
            r#""billing":{"billingPeriod":"Specific_Months","specificBillingPeriod":24},"#,
            r#""startDate":{"triggerEvent":"ServiceActivation"}},"#,
            r#"{"productRatePlanChargeId":"p1","pricing":{"discount":{"discountPercentage":0}}},"#,
            r#"{"productRatePlanChargeId":"f1","pricing":{"discount":{"discountAmount":0}}}]},"#,
            r#"{"productRatePlanId":"plan","uniqueToken":"li-9002","chargeOverrides":["#,
            r#"{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9002","#,
            r#""pricing":{"oneTimePerUnit":{"listPrice":9999999999999.999999999,"quantity":3}}}]},"#,
            r#"{"productRatePlanId":"plan","externallyManagedPlanId":"501","uniqueToken":"li-9003","#,
            r#""chargeOverrides":[{"productRatePlanChargeId":"charge","chargeNumber":"HS-1-L9003","#,
            r#""pricing":{"oneTimeFlatFee":{"listPrice":-50}}}]}]}}]}],"#,
            r#""processingOptions":{"runBilling":false,"collectPayment":false}}"#
        )
    );
}

#[test]
fn an_evergreen_order_has_no_renewal() {
    let mut order = order_of(Vec::new());
    order.projection.term = Term::Evergreen;
    let body = render(config(), order).unwrap().body;
    let terms =
        r#""terms":{"autoRenew":false,"initialTerm":{"startDate":"2026-11-16","termType":"EVERGREEN"}},"#;
    assert!(body.contains(terms), "{body}");
}

#[test]
fn a_currency_is_said_when_it_may_differ_and_the_tenant_can() {
    let says = |multi: bool, account: Option<&str>| {
        let mut order = order_of(Vec::new());
        order.account_currency = account.map(|code| Currency::parse(code).unwrap());
        let mut config = config();
        config.multi_currency = multi;
        render(config, order).unwrap().body.contains(r#""currency":"EUR""#)
    };
    assert!(says(true, None) && says(true, Some("USD")));
    assert!(!says(true, Some("EUR")) && !says(false, None) && !says(false, Some("USD")));
}

#[test]
fn with_a_link_field_plans_have_no_external_id() {
    let mut config = config();
    config.link_field = Some("HubSpotId__c".to_owned());
    config.deal_field = "Deal__c".to_owned();
    let order = order_of(vec![line("9001", Pricing::OneTimeFlatFee { price: d("1") })]);
    let body = render(config, order).unwrap().body;
    assert!(!body.contains("externallyManagedPlanId") && body.contains(r#"{"Deal__c":"7001"}"#), "{body}");
}

#[test]
fn what_cannot_be_rendered_is_a_mistake() {
    let mut order = order_of(Vec::new());
    order.bill_to = Some(Party::New { account: "acc".into(), contact: Box::default() });
    assert_eq!(render(config(), order).unwrap_err().class, FaultClass::Bug);
    let mut odd = line("9001", Pricing::OneTimeFlatFee { price: d("1") });
    (odd.period, odd.period_differs) = (None, true);
    assert_eq!(render(config(), order_of(vec![odd])).unwrap_err().class, FaultClass::Bug);
}

#[tokio::test]
async fn orders_and_subscriptions_are_read_by_number() {
    let absent = r#"{"success":false,"reasons":[{"code":50000040,"message":"Cannot find"}]}"#;
    let stub = Stub::start(move |seen| match seen.line.as_str() {
        "GET /v1/orders/HS-1-D7-1" => json(
            200,
            r#"{"success":true,"order":{"orderNumber":"HS-1-D7-1","status":"Completed","existingAccountNumber":"HS-1-9","subscriptions":[{"subscriptionNumber":"HS-1-D7","orderActions":[]}]}}"#,
        ),
        "GET /v1/subscriptions/HS-1-D7" => json(
            200,
            r#"{"success":true,"id":"s","subscriptionNumber":"HS-1-D7","status":"Active","accountNumber":"HS-1-9","orderNumber":"HS-1-D7-1","contractedMrr":297.5,"hubspotdealid__c":"7","ratePlans":[{"ratePlanCharges":[{"price":11.9}]}]}"#,
        ),
        "GET /v1/orders/none" => json(200, absent),
        "GET /v1/subscriptions/none" => json(404, absent),
        "GET /v1/orders/elsewhere" => {
            json(404, r#"{"code":"404","message":"no Route matched with those values"}"#)
        }
        _ => otherwise(),
    })
    .await;
    let zuora = stub.zuora();
    let order = zuora.order(&"HS-1-D7-1".into()).await.unwrap().unwrap();
    assert_eq!(
        order,
        ObservedOrder {
            number: "HS-1-D7-1".into(),
            status: Some("Completed".to_owned()),
            account: Some("HS-1-9".into()),
            subscriptions: vec!["HS-1-D7".into()],
        }
    );
    let subscription = zuora.subscription(&"HS-1-D7".into()).await.unwrap().unwrap();
    assert_eq!(
        subscription,
        ObservedSubscription {
            number: "HS-1-D7".into(),
            status: "Active".to_owned(),
            account: Some("HS-1-9".into()),
            deal: Some("7".to_owned()),
            order: Some("HS-1-D7-1".into()),
        }
    );
    assert_eq!(zuora.order(&"none".into()).await.unwrap(), None);
    assert_eq!(zuora.subscription(&"none".into()).await.unwrap(), None);
    // A 404 that is not Zuora's own word is trouble, not absence.
    assert_eq!(zuora.order(&"elsewhere".into()).await.unwrap_err().class, FaultClass::Permanent);
}

#[tokio::test]
async fn a_deal_is_found_by_its_field_or_else_among_the_accounts_subscriptions() {
    for indexed in [true, false] {
        let stub = Stub::start(move |seen| {
            let account = "GET /object-query/subscriptions?pageSize=20&filter%5B%5D=accountid.EQ:acc";
            match seen.line.strip_prefix(account) {
                Some("&filter%5B%5D=hubspotDealId__c.EQ:7") if indexed => json(
                    200,
                    r#"{"data":[{"id":"v2","name":"A-S1","status":"Active","isLatestVersion":true,"hubspotDealId__c":"7"},{"id":"v1","name":"A-S1","status":"Expired","isLatestVersion":false,"hubspotDealId__c":"7"}]}"#,
                ),
                Some("&filter%5B%5D=hubspotDealId__c.EQ:7") => {
                    json(400, r#"{"reasons":[{"code":50000027,"message":"Invalid filter"}]}"#)
                }
                Some("") => json(
                    200,
                    r#"{"data":[{"name":"A-S0","status":"Active","cMRR":1.5},{"name":"A-S1","status":"Active","HubSpotDealId__c":"7"},{"name":"A-S2","status":"Active","hubspotDealId__c":"77"}]}"#,
                ),
                _ => otherwise(),
            }
        })
        .await;
        let deal = HubSpotId::parse("7").unwrap();
        let found = stub.zuora().subscriptions_of_deal(&"acc".into(), &deal).await.unwrap();
        let numbers: Vec<&str> = found.iter().map(|s| s.number.as_str()).collect();
        assert_eq!((numbers, found[0].deal.as_deref()), (vec!["A-S1"], Some("7")), "indexed: {indexed}");
    }
}
