//! Orders and subscriptions by number, and those of a deal.

use super::*;
use connector_domain::billing::deal::ObservedOrder;
use connector_domain::billing::product::{ChargeModel, ChargeType};
use connector_domain::billing::subscription::{ObservedCharge, ObservedRatePlan, ObservedSubscription};

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
    let seen = zuora.subscription(&"HS-1-D7".into()).await.unwrap().unwrap();
    assert_eq!((seen.number.as_str(), seen.status.as_str()), ("HS-1-D7", "Active"));
    assert_eq!((seen.deal.as_deref(), seen.order), (Some("7"), Some("HS-1-D7-1".into())));
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

const SEATS: &str = r#"{"number":"HS-1-L9001","productRatePlanChargeId":"c1","model":"PerUnit","type":"Recurring",
 "billingPeriod":"Specific_Months","specificBillingPeriod":24,"quantity":25,"price":9999999999999.999999999,
 "effectiveStartDate":"2026-11-16","effectiveEndDate":"2027-11-16","chargedThroughDate":"2026-12-16","segment":1}"#;
const CALLS: &str = r#"{"number":"HS-1-L9002","model":"Tiered","type":"Recurring","billingPeriod":"Month","quantity":"12",
 "tiers":[{"tier":2,"startingUnit":11,"price":80,"priceFormat":"FlatFee"},
  {"tier":1,"startingUnit":"1","endingUnit":"10","price":"9.90","priceFormat":"PerUnit"}]}"#;
const DISCOUNTS: &str = r#"{"number":"C-1","model":"DiscountPercentage","type":"Recurring","discountPercentage":12.50},
 {"number":"C-2","model":"DiscountFixedAmount","type":"OneTime","billingPeriod":"Month","tiers":[{"tier":1,"discountAmount":"5"}]},
 {"number":"C-3","model":"DiscountPercentage","type":"Recurring","pricing":[{"currency":"EUR","discountPercentage":3}]}"#;
const RAMP: &str = r#"{"number":"C-4","model":"FlatFee","type":"Usage","chargeSegments":[
  {"segment":2,"price":7,"quantity":3,"effectiveStartDate":"2027-11-16","effectiveEndDate":null},
  {"segment":1,"price":5,"effectiveStartDate":"2026-11-16","effectiveEndDate":"2027-11-16","chargedThroughDate":"2027-01-16"}]},
 {"number":"C-5","model":"Clairvoyance","type":"Sometimes","quantity":"many","price":{},"effectiveStartDate":"soon"}"#;

async fn read(body: String) -> Result<Option<ObservedSubscription>, FaultClass> {
    let stub = Stub::start(move |seen| match seen.line.as_str() {
        "GET /v1/subscriptions/S-1" => json(200, &body),
        _ => otherwise(),
    })
    .await;
    stub.zuora().subscription(&"S-1".into()).await.map_err(|error| error.class)
}

#[tokio::test]
async fn the_whole_subscription_is_read() {
    let plans = format!(
        r#"[{{"id":"rp1","subscriptionRatePlanNumber":"SRP-1","productRatePlanId":"p1","externallyManagedPlanId":"501","lastChangeType":"Update","ratePlanCharges":[{SEATS},{CALLS},{DISCOUNTS}]}},
            {{"id":"rp2","lastChangeType":"Remove","ratePlanCharges":[{RAMP}]}},{{"id":"rp3"}}]"#
    );
    let body = format!(
        r#"{{"success":true,"id":"v3","subscriptionNumber":"S-1","status":"Active","accountNumber":"A-1",
        "invoiceOwnerAccountNumber":"A-2","orderNumber":"O-3","currency":"EUR","termType":"TERMED","initialTerm":6,
        "initialTermPeriodType":"Month","currentTerm":"1","currentTermPeriodType":"Year","autoRenew":true,
        "renewalSetting":"RENEW_WITH_SPECIFIC_TERM","renewalTerm":4,"renewalTermPeriodType":"Week",
        "contractEffectiveDate":"2026-11-01","subscriptionStartDate":"2026-11-16","subscriptionEndDate":"2027-06-30",
        "termStartDate":"2026-11-16","termEndDate":"2027-11-16","serviceActivationDate":"2026-11-17",
        "customerAcceptanceDate":"2026-11-18","billToContact":{{"id":"b1","isSpecifiedInSubscription":true}},
        "soldToContact":{{"id":"s1","isSpecifiedInSubscription":false}},"hubspotdealid__c":7,"ratePlans":{plans}}}"#
    );
    let seen = read(body).await.unwrap().unwrap();
    let charge = |number: &str, model, charge_type| ObservedCharge {
        number: number.to_owned(),
        charge: None,
        model,
        charge_type,
        quantity: None,
        price: None,
        tiers: Vec::new(),
        discount_percentage: None,
        discount_amount: None,
        period: None,
        starts: None,
        ends: None,
        charged_through: None,
    };
    let recurring = Some(ChargeType::Recurring);
    let mut calls = table(TierModel::Tiered, false).tiers;
    calls[1].to = None;
    let first = ObservedRatePlan {
        id: "rp1".to_owned(),
        number: Some("SRP-1".to_owned()),
        plan: Some("p1".into()),
        external_id: Some("501".to_owned()),
        removed: false,
        charges: vec![
            ObservedCharge {
                charge: Some("c1".into()),
                quantity: Some(d("25")),
                price: Some(d("9999999999999.999999999")),
                period: Some(BillingPeriod::Months(24)),
                starts: Some(day("2026-11-16")),
                ends: Some(day("2027-11-16")),
                charged_through: Some(day("2026-12-16")),
                ..charge("HS-1-L9001", ChargeModel::PerUnit, recurring)
            },
            ObservedCharge {
                quantity: Some(d("12")),
                tiers: calls,
                period: Some(BillingPeriod::Month),
                ..charge("HS-1-L9002", ChargeModel::Tiered, recurring)
            },
            ObservedCharge {
                discount_percentage: Some(d("12.5")),
                ..charge("C-1", ChargeModel::DiscountPercentage, recurring)
            },
            ObservedCharge {
                discount_amount: Some(d("5")),
                ..charge("C-2", ChargeModel::DiscountFixedAmount, Some(ChargeType::OneTime))
            },
            ObservedCharge {
                discount_percentage: Some(d("3")),
                ..charge("C-3", ChargeModel::DiscountPercentage, recurring)
            },
        ],
    };
    let bare = |id: &str, removed, charges| ObservedRatePlan {
        id: id.to_owned(),
        number: None,
        plan: None,
        external_id: None,
        removed,
        charges,
    };
    // The last segment speaks where the charge does not; what nobody has listed is kept by name or left out.
    let ramp = ObservedCharge {
        quantity: Some(d("3")),
        price: Some(d("7")),
        starts: Some(day("2027-11-16")),
        charged_through: Some(day("2027-01-16")),
        ..charge("C-4", ChargeModel::FlatFee, Some(ChargeType::Usage))
    };
    let strange = charge("C-5", ChargeModel::Other("Clairvoyance".to_owned()), None);
    let want = ObservedSubscription {
        account: Some("A-1".into()),
        invoice_owner: Some("A-2".into()),
        deal: Some("7".to_owned()),
        order: Some("O-3".into()),
        currency: Some(Currency::parse("EUR").unwrap()),
        term: Some(Term::Months(12)),
        start: Some(day("2026-11-16")),
        term_start: Some(day("2026-11-16")),
        term_end: Some(day("2027-11-16")),
        auto_renew: Some(true),
        renewal_term: Some(Term::Weeks(4)),
        service_activation: Some(day("2026-11-17")),
        customer_acceptance: Some(day("2026-11-18")),
        cancelled_on: Some(day("2027-06-30")),
        bill_to: Some("b1".into()),
        sold_to: None,
        plans: vec![first, bare("rp2", true, vec![ramp, strange]), bare("rp3", false, Vec::new())],
        ..ObservedSubscription::bare("S-1".into(), "Active")
    };
    assert_eq!(seen, want);
}

#[tokio::test]
async fn what_is_not_told_or_not_understood_is_none() {
    let odd = r#"{"success":true,"subscriptionNumber":"S-1","status":null,"currency":"money","autoRenew":"perhaps","currentTerm":30,"currentTermPeriodType":"Day","renewalTerm":0,"termEndDate":"","ratePlans":null}"#;
    let seen = read(odd.to_owned()).await.unwrap().unwrap();
    assert_eq!(seen, ObservedSubscription::bare("S-1".into(), ""));
    assert_eq!(read(r#"{"success":true,"status":"Active"}"#.to_owned()).await, Err(FaultClass::Transient));
}

#[tokio::test]
async fn terms_and_cancellations_are_read_in_all_their_forms() {
    let year = r#""currentTerm":12,"currentTermPeriodType":"Month""#;
    for (fields, term, term_end, renewal, cancelled) in [
        (r#""termType":"EVERGREEN","renewalTerm":0"#, Some(Term::Evergreen), None, None, None),
        (
            r#""termType":"EVERGREEN","termEndDate":"2027-01-01","subscriptionEndDate":"2027-01-01""#,
            Some(Term::Evergreen),
            None,
            None,
            Some("2027-01-01"),
        ),
        (
            r#""termEndDate":"2027-11-16","subscriptionEndDate":"2027-11-16","renewalSetting":"RENEW_TO_EVERGREEN""#,
            Some(Term::Months(12)),
            Some("2027-11-16"),
            Some(Term::Evergreen),
            None,
        ),
        (
            r#""status":"Cancelled","termEndDate":"2027-11-16","subscriptionEndDate":"2027-11-16""#,
            Some(Term::Months(12)),
            Some("2027-11-16"),
            None,
            Some("2027-11-16"),
        ),
        (r#""scheduledCancelDate":"2027-03-01""#, Some(Term::Months(12)), None, None, Some("2027-03-01")),
        (r#""cancelledDate":"2027-02-01""#, Some(Term::Months(12)), None, None, Some("2027-02-01")),
    ] {
        let body = format!(r#"{{"success":true,"subscriptionNumber":"S-1",{year},{fields}}}"#);
        let seen = read(body).await.unwrap().unwrap();
        let days = (seen.term_end, seen.cancelled_on);
        assert_eq!((seen.term, seen.renewal_term), (term, renewal), "{fields}");
        assert_eq!(days, (term_end.map(day), cancelled.map(day)), "{fields}");
    }
}
