//! Terms and days: zones, month ends, weeks, years, delays, renewals, triggers (D-4, D-5). Dates by hand.

use crate::world::{PLATFORM, SUPPORT, WORKSHOP, World, monthly, world, world_with};
use connector_dev::Options;
use serde_json::Value;
use sim_hubspot::Line;

/// A deal that is won in London's winter or summer, with a close date to the second.
fn won(world: &World, id: &str, close: &str, more: &[(&str, &str)], lines: &[Line<'_>]) {
    let mut all = vec![
        ("dealname", "A deal"),
        ("pipeline", "default"),
        ("dealstage", "closedwon"),
        ("deal_currency_code", "EUR"),
        ("closedate", close),
    ];
    all.extend_from_slice(more);
    // Deals of one customer are ordered one after another.
    let customers = ["9001001", "9001002", "9001003", "9001006", "9001007"];
    let customer = customers[id.parse::<usize>().unwrap() % customers.len()];
    world.hubspot.add_deal(id, Some(customer), &all, lines);
}

fn seats<'a>(id: &'a str, term: &'a str, frequency: &'a str) -> Line<'a> {
    Line {
        term: Some(term).filter(|t| !t.is_empty()),
        frequency: Some(frequency),
        ..monthly(id, PLATFORM, "10", "45.00")
    }
}

fn days(world: &World, deal: &str) -> (String, String) {
    let found = world.subscription_of(deal);
    let day = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (day("startDate"), day("endDate"))
}

/// The charge of a line on its subscription.
fn charge(world: &World, deal: &str, line: &str) -> Value {
    let number = format!("HS-24680135-L{line}");
    let plans = world.subscription_of(deal)["ratePlans"].clone();
    let charges = plans.as_array().unwrap().iter().flat_map(|p| p["charges"].as_array().unwrap().clone());
    charges.into_iter().find(|c| c["number"] == number.as_str()).unwrap()
}

#[tokio::test]
async fn a_term_counts_from_the_day_in_the_portals_zone() {
    let world = world().await;
    // Close date, term, frequency, first day, last day.
    let table = [
        ("2026-11-16T23:59:59Z", "P12M", "monthly", "2026-11-16", "2027-11-16"),
        // Half past midnight in London's summer.
        ("2026-06-30T23:30:00Z", "P12M", "monthly", "2026-07-01", "2027-07-01"),
        ("2028-02-29T12:00:00Z", "P12M", "annually", "2028-02-29", "2029-02-28"),
        ("2028-02-29T12:00:00Z", "P4Y", "per_four_years", "2028-02-29", "2032-02-29"),
        ("2027-01-31T12:00:00Z", "P1M", "monthly", "2027-01-31", "2027-02-28"),
        ("2027-01-31T12:00:00Z", "P3M", "quarterly", "2027-01-31", "2027-04-30"),
        ("2027-01-31T12:00:00Z", "P52W", "weekly", "2027-01-31", "2028-01-30"),
        ("2026-11-16T12:00:00Z", "P26W", "biweekly", "2026-11-16", "2027-05-17"),
        ("2026-11-16T12:00:00Z", "P5Y", "per_five_years", "2026-11-16", "2031-11-16"),
        ("2026-11-16T12:00:00Z", "P18M", "per_six_months", "2026-11-16", "2028-05-16"),
        ("2026-11-16T12:00:00Z", "36", "per_three_years", "2026-11-16", "2029-11-16"),
        ("2026-11-16T12:00:00Z", "", "per_two_years", "2026-11-16", ""),
    ];
    for (index, (close, term, frequency, ..)) in table.iter().enumerate() {
        let line = format!("82{index:02}");
        won(&world, &format!("72{index:02}"), close, &[], &[seats(&line, term, frequency)]);
    }
    world.settle().await;
    for (index, (close, term, frequency, first, last)) in table.into_iter().enumerate() {
        let found = days(&world, &format!("72{index:02}"));
        assert_eq!(found, (first.to_owned(), last.to_owned()), "{close} {term} {frequency}");
    }
}

#[tokio::test]
async fn delays_of_all_lines_delay_the_subscription_and_one_of_many_is_refused() {
    let world = world().await;
    let close = "2026-11-16T10:00:00Z";
    let delayed = |id: &'static str, term: &'static str, name: &str, by: &str| {
        seats(id, term, "monthly").with(name, by)
    };
    let (days_, months) = ("hs_billing_start_delay_days", "hs_billing_start_delay_months");
    won(&world, "7301", close, &[], &[delayed("8301", "P12M", days_, "15")]);
    let support = Line { frequency: Some("annually"), ..monthly("8303", SUPPORT, "1", "6000.00") };
    let two = [delayed("8302", "P12M", months, "3"), support.clone().with(months, "3")];
    won(&world, "7302", close, &[], &two);
    let one = [delayed("8304", "P12M", months, "3"), Line { id: "8305", ..support.clone() }];
    won(&world, "7303", close, &[], &one);
    // Without an end nothing need end together.
    let open = [seats("8306", "", "monthly"), Line { id: "8307", term: None, ..support }.with(days_, "30")];
    won(&world, "7304", close, &[], &open);
    won(&world, "7305", close, &[], &[delayed("8308", "P12M", days_, "soon")]);
    let workshop = Line { frequency: None, term: None, ..monthly("8310", WORKSHOP, "1", "2500.00") };
    let once =
        [seats("8309", "P12M", "monthly"), workshop.with("hs_recurring_billing_start_date", "2027-02-01")];
    won(&world, "7306", close, &[], &once);
    world.settle().await;
    assert_eq!(
        days(&world, "7301"),
        ("2026-12-01".to_owned(), "2027-12-01".to_owned()),
        "{}",
        world.error("7301")
    );
    assert_eq!(
        days(&world, "7302"),
        ("2027-02-16".to_owned(), "2028-02-16".to_owned()),
        "{}",
        world.error("7302")
    );
    world.parked("deals", "7303", "HZ0315");
    assert_eq!(days(&world, "7304"), ("2026-11-16".to_owned(), String::new()), "{}", world.error("7304"));
    assert_eq!(charge(&world, "7304", "8307")["startDate"], "2026-12-16");
    world.parked("deals", "7305", "HZ0315");
    assert_eq!(charge(&world, "7306", "8310")["startDate"], "2027-02-01", "{}", world.error("7306"));
    assert_eq!(world.orders(), 4);
    let ordered = world.zuora.orders().iter().all(|o| o["date"] == "2026-11-16");
    assert!(ordered, "the order keeps the close date");
}

#[tokio::test]
async fn who_renews_by_itself_and_for_how_long() {
    let config = "[deals]\nauto_renew = true\nauto_renew_property = \"renews\"\nrenewal_term = \"P6M\"\n\
                  renewal_term_property = \"renewal_length\"\n";
    let world = world_with(config, |_: &mut Options| {}).await;
    world.hubspot.add_property("deals", "renews", "string", &[]);
    world.hubspot.add_property("deals", "renewal_length", "string", &[]);
    let close = "2026-11-16T10:00:00Z";
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, bool, u64);
    let table: [Row<'_>; 5] = [
        ("7401", &[], "P12M", true, 6),
        ("7402", &[("renews", "no")], "P12M", false, 6),
        ("7403", &[("renewal_length", "24")], "P12M", true, 24),
        ("7404", &[("renews", "yes"), ("renewal_length", "P1Y")], "P24M", true, 12),
        ("7405", &[("renews", "yes")], "", false, 0),
    ];
    for (id, more, term, ..) in &table {
        won(&world, id, close, more, &[seats(&id.replace("74", "84"), term, "monthly")]);
    }
    won(&world, "7406", close, &[("renewal_length", "for ever")], &[seats("8406", "P12M", "monthly")]);
    world.settle().await;
    for (id, _, _, auto, length) in table {
        let found = world.subscription_of(id);
        assert_eq!(found["autoRenew"], auto, "{id}");
        if length > 0 {
            assert_eq!(found["renewalTerm"], length, "{id}: {found}");
        }
    }
    world.parked("deals", "7406", "HZ0313");
    // Later by an order.
    world.hubspot.update("deals", "7401", &[("renews", "no")]);
    world.sync("7401").await;
    assert_eq!(world.subscription_of("7401")["autoRenew"], false, "{}", world.error("7401"));
}

#[tokio::test]
async fn a_subscription_that_waits_for_its_activation_is_in_order() {
    let world = world_with("", |options: &mut Options| options.zuora.require_service_activation = true).await;
    let close = "2026-11-16T10:00:00Z";
    let waits = seats("8501", "P12M", "monthly").with("billing_start_trigger", "ServiceActivation");
    won(&world, "7501", close, &[], &[waits]);
    let active = seats("8502", "P12M", "monthly").with("billing_start_trigger", "service activation");
    won(&world, "7502", close, &[("z_service_activation_date", "2026-12-01")], &[active]);
    let unknown = seats("8503", "P12M", "monthly").with("billing_start_trigger", "whenever");
    won(&world, "7503", close, &[], &[unknown]);
    world.settle().await;
    let status = world.subscription_of("7501")["status"].as_str().unwrap_or_default().to_owned();
    assert!(status.starts_with("Pending"), "{status}");
    for id in ["7501", "7502"] {
        assert_eq!(world.property("deals", id, "zuora_sync_status"), "in_sync", "{}", world.error(id));
    }
    assert_eq!(world.subscription_of("7502")["serviceActivationDate"], "2026-12-01");
    assert_eq!(
        charge(&world, "7502", "8502")["triggerEvent"].to_string().replace('_', ""),
        "\"ServiceActivation\""
    );
    world.parked("deals", "7503", "HZ0319");
    world.sync("7501").await;
    assert_eq!(world.orders(), 2);
}
