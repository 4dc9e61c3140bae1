//! The data that the acceptance stories start from. All people and firms are invented.

use jiff::SignedDuration;

use crate::events::Cause;
use crate::kind::Kind;
use crate::state::State;

/// Id, name, domain, phone, street, city, state, zip, country, country code.
type CompanyRow = [&'static str; 10];

const COMPANIES: [CompanyRow; 7] = [
    [
        "9001001",
        "Fjordlys Energi AS",
        "fjordlys.example",
        "+47 55 01 10 01",
        "Strandgaten 14",
        "Bergen",
        "Vestland",
        "5003",
        "Norway",
        "NO",
    ],
    [
        "9001002",
        "Brightpath Learning Ltd",
        "brightpath.example",
        "+44 20 7946 0102",
        "31 Paul Street",
        "London",
        "Greater London",
        "EC2A 4NE",
        "United Kingdom",
        "GB",
    ],
    [
        "9001003",
        "Tamarind Robotics Pvt Ltd",
        "tamarind.example",
        "+91 80 5550 0103",
        "22 Lavelle Road",
        "Bengaluru",
        "Karnataka",
        "560001",
        "India",
        "IN",
    ],
    [
        "9001004",
        "Kestrel Freight Inc.",
        "kestrelfreight.example",
        "+1 512 555 0104",
        "400 Congress Avenue",
        "Austin",
        "Texas",
        "78701",
        "United States",
        "US",
    ],
    [
        "9001005",
        "Kestrel Freight Incorporated",
        "kestrel-freight.example",
        "+1 512 555 0105",
        "400 Congress Avenue",
        "Austin",
        "Texas",
        "78701",
        "United States",
        "US",
    ],
    [
        "9001006",
        "Atelier Lumen SARL",
        "lumen.example",
        "+33 4 72 00 01 06",
        "8 rue Mercière",
        "Lyon",
        "",
        "69002",
        "France",
        "FR",
    ],
    [
        "9001007",
        "Merlion Optics Pte Ltd",
        "merlion.example",
        "+65 6555 0107",
        "9 Raffles Boulevard",
        "Singapore",
        "",
        "018956",
        "Singapore",
        "SG",
    ],
];

/// Id, first name, last name, company, job, labels.
type ContactRow =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const CONTACTS: [ContactRow; 7] = [
    ("5001", "Ingrid", "Solheim", "9001001", "Finance manager", &["Bill To"]),
    ("5002", "Lars", "Nygaard", "9001001", "Head of operations", &["Sold To"]),
    ("5003", "Mette", "Dahl", "9001001", "Assistant", &[]),
    ("5004", "Tom", "Okafor", "9001002", "Director", &[]),
    ("5005", "Priya", "Raman", "9001003", "Chief of staff", &["Bill To", "Sold To"]),
    ("5006", "Dana", "Whitfield", "9001004", "Controller", &["Bill To"]),
    ("5007", "Camille", "Perrin", "9001006", "Gérante", &["Bill To"]),
];

/// Id, name, SKU, frequency, term, type, price by currency (USD EUR GBP JPY NOK INR).
type ProductRow =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, [&'static str; 6]);

const PRODUCTS: [ProductRow; 6] = [
    (
        "1200000001",
        "Kestrel Platform",
        "KP-CORE",
        "monthly",
        "P12M",
        "service",
        ["49.00", "45.00", "39.00", "7350", "520.00", "4000.00"],
    ),
    ("1200000002", "API Calls Pack", "KP-API", "monthly", "P12M", "service", [""; 6]),
    (
        "1200000003",
        "Onboarding Workshop",
        "KP-ONB",
        "",
        "",
        "service",
        ["2500.00", "2500.00", "2500.00", "375000", "25000.00", "200000.00"],
    ),
    (
        "1200000004",
        "Premium Support",
        "KP-SUP",
        "annually",
        "P12M",
        "service",
        ["6000.00", "6000.00", "6000.00", "900000", "60000.00", "480000.00"],
    ),
    (
        "1200000005",
        "Sensor Gateway",
        "KP-SNS",
        "monthly",
        "P12M",
        "inventory",
        ["12.00", "11.00", "9.50", "1780", "125.00", "990.00"],
    ),
    (
        "1200000006",
        "Metered Storage",
        "KP-STO",
        "monthly",
        "P12M",
        "service",
        ["0.02", "0.02", "0.02", "2", "0.20", "2.00"],
    ),
];

/// The tiers of the API Calls Pack: 1 to 1,000 at 0.10; to 10,000 at 0.08; above at 0.05 USD.
const TIERED_PRODUCT: &str = "1200000002";
const TIER_RANGES: &str = r#"[{"start":1,"end":1000},{"start":1001,"end":10000},{"start":10001}]"#;
const TIER_PRICES: &str = r#"[{"index":0,"price":0.10,"currency":"USD"},{"index":1,"price":0.08,"currency":"USD"},{"index":2,"price":0.05,"currency":"USD"}]"#;

/// Puts the data into a portal, as if it had been there for a month; raises no events.
pub(crate) fn acceptance(state: &mut State, now: jiff::Timestamp) {
    let cause = Cause::silent(now - SignedDuration::from_hours(30 * 24));
    let owned = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    for [id, name, domain, phone, street, city, region, zip, country, code] in COMPANIES {
        let properties = owned(&[
            ("name", name),
            ("domain", domain),
            ("website", &format!("https://{domain}")),
            ("phone", phone),
            ("address", street),
            ("city", city),
            ("state", region),
            ("zip", zip),
            ("country", country),
            ("hs_country_code", code),
            ("hubspot_owner_id", crate::state::OWNER_ID),
        ]);
        state.create(Kind::Company, Some(id), properties, &cause);
    }
    for (id, first, last, company, job, labels) in CONTACTS {
        let Some(row) = COMPANIES.iter().find(|row| row.first() == Some(&company)) else { continue };
        let [_, name, domain, phone, street, city, region, zip, country, _] = *row;
        let email = format!("{}.{}@{domain}", first.to_lowercase(), last.to_lowercase());
        let properties = owned(&[
            ("email", &email),
            ("firstname", first),
            ("lastname", last),
            ("phone", &format!("{phone}{}", id.trim_start_matches("500"))),
            ("jobtitle", job),
            ("company", name),
            ("address", street),
            ("city", city),
            ("state", region),
            ("zip", zip),
            ("country", country),
        ]);
        state.create(Kind::Contact, Some(id), properties, &cause);
        let types: Vec<u32> = ["primary"]
            .iter()
            .chain(labels)
            .filter_map(|label| state.types.by_label(Kind::Contact, Kind::Company, label))
            .map(|kind| kind.type_id)
            .collect();
        let (from, to) = ((Kind::Contact, id.to_owned()), (Kind::Company, company.to_owned()));
        state.link(&from, &to, &types, &cause);
    }
    let currencies = ["usd", "eur", "gbp", "jpy", "nok", "inr"];
    for (id, name, sku, frequency, term, kind, prices) in PRODUCTS {
        let mut properties = owned(&[
            ("name", name),
            ("hs_sku", sku),
            ("description", &format!("{name}, as listed")),
            ("price", prices.first().copied().unwrap_or_default()),
            ("recurringbillingfrequency", frequency),
            ("hs_recurring_billing_period", term),
            ("hs_product_type", kind),
            ("hs_status", "active"),
        ]);
        for (currency, price) in currencies.iter().zip(prices) {
            properties.push((format!("hs_price_{currency}"), price.to_owned()));
        }
        if id == TIERED_PRODUCT {
            properties.extend(owned(&[
                ("hs_pricing_model", "graduated"),
                ("hs_tier_ranges", TIER_RANGES),
                ("hs_tier_prices", TIER_PRICES),
            ]));
        } else {
            properties.extend(owned(&[("hs_pricing_model", "flat")]));
        }
        state.create(Kind::Product, Some(id), properties, &cause);
    }
}
