//! Random deals, and what their sellers do to them.

use crate::rng::Rng;
use sim_hubspot::{Line, Sim};

/// What is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Good {
    /// Recurring per unit, with discount charges in Zuora.
    Seats,
    /// Recurring tiered in Zuora.
    Calls,
    /// One-time per unit.
    Workshop,
    /// Recurring flat fee, yearly in Zuora.
    Support,
    /// Usage per unit.
    Storage,
    /// Not in Zuora: recurring per unit.
    Gateway,
    /// Not in Zuora: one-time.
    Setup,
    /// Not in Zuora: a price for each range.
    Graduated,
    /// Not in Zuora: the range of the quantity makes the price.
    Volume,
    /// Not in Zuora: the range of the quantity makes the price of all together.
    Stairstep,
}

const TABLES: [Good; 4] = [Good::Calls, Good::Graduated, Good::Volume, Good::Stairstep];
const RECURRING: [Good; 8] = [
    Good::Seats,
    Good::Seats,
    Good::Calls,
    Good::Support,
    Good::Gateway,
    Good::Graduated,
    Good::Volume,
    Good::Stairstep,
];

pub(crate) const CURRENCIES: [&str; 4] = ["USD", "EUR", "JPY", "KWD"];
const COMPANIES: [&str; 6] = ["9001001", "9001002", "9001003", "9001004", "9001006", "9001007"];

impl Good {
    pub(crate) fn product(self) -> &'static str {
        match self {
            Good::Seats => "1200000001",
            Good::Calls => "1200000002",
            Good::Workshop => "1200000003",
            Good::Support => "1200000004",
            Good::Gateway => "1200000005",
            Good::Storage => "1200000006",
            Good::Setup => "1200000011",
            Good::Graduated => "1200000012",
            Good::Volume => "1200000013",
            Good::Stairstep => "1200000014",
        }
    }

    pub(crate) fn is_once(self) -> bool {
        matches!(self, Good::Workshop | Good::Setup)
    }

    pub(crate) fn is_table(self) -> bool {
        TABLES.contains(&self)
    }

    /// Plans of Zuora's without discount charges.
    fn has_no_discount_charges(self) -> bool {
        matches!(self, Good::Calls | Good::Workshop | Good::Support)
    }

    /// HubSpot's model and table: the first quantity of each range, and its price.
    pub(crate) fn table(self, currency: &str) -> Option<(&'static str, Vec<(u64, &'static str)>)> {
        let yen = currency == "JPY";
        Some(match self {
            Good::Calls if yen => ("graduated", vec![(1, "10"), (1001, "8"), (10_001, "5")]),
            Good::Calls => ("graduated", vec![(1, "0.10"), (1001, "0.08"), (10_001, "0.05")]),
            Good::Graduated if yen => ("graduated", vec![(1, "2000"), (11, "1500")]),
            Good::Graduated => ("graduated", vec![(1, "20.25"), (11, "15.5"), (51, "9.99")]),
            Good::Volume if yen => ("volume", vec![(1, "900"), (101, "700")]),
            Good::Volume => ("volume", vec![(1, "9.75"), (101, "7.5")]),
            Good::Stairstep if yen => ("stairstep", vec![(1, "10000"), (11, "18000")]),
            Good::Stairstep => ("stairstep", vec![(1, "100.5"), (11, "180"), (101, "1500")]),
            _ => return None,
        })
    }
}

/// The products that are not among those of the stories.
pub(crate) fn stock(hubspot: &Sim) {
    let put = |good: Good, name: &str, frequency: &str, term: &str, more: &[(&str, &str)]| {
        let mut all = vec![
            ("name", name),
            ("hs_sku", name),
            ("price", "30"),
            ("recurringbillingfrequency", frequency),
            ("hs_recurring_billing_period", term),
            ("hs_status", "active"),
        ];
        all.extend_from_slice(more);
        hubspot.put_silently("products", good.product(), &all);
    };
    put(Good::Setup, "Set-up", "", "", &[("hs_pricing_model", "flat")]);
    for (good, name) in
        [(Good::Graduated, "Packets"), (Good::Volume, "Sensors by volume"), (Good::Stairstep, "Storeys")]
    {
        let mut prices = Vec::new();
        let mut ranges = String::new();
        let mut model = "";
        // The yen has a shorter table in no case: a product has one set of ranges.
        let longest = good.table("USD").map_or(0, |(_, t)| t.len());
        for currency in CURRENCIES {
            let Some((name, table)) = good.table(currency) else { continue };
            model = name;
            for index in 0..longest {
                let price = table.get(index).or(table.last()).map_or("1", |(_, price)| *price);
                prices.push(format!(r#"{{"index":{index},"price":{price},"currency":"{currency}"}}"#));
            }
            if table.len() == longest {
                let starts: Vec<u64> = table.iter().map(|(start, _)| *start).collect();
                let ranged = starts.iter().enumerate().map(|(i, start)| match starts.get(i + 1) {
                    Some(next) => format!(r#"{{"start":{start},"end":{}}}"#, next - 1),
                    None => format!(r#"{{"start":{start}}}"#),
                });
                ranges = format!("[{}]", ranged.collect::<Vec<_>>().join(","));
            }
        }
        let prices = format!("[{}]", prices.join(","));
        let more =
            [("hs_pricing_model", model), ("hs_tier_ranges", ranges.as_str()), ("hs_tier_prices", &prices)];
        put(good, name, "monthly", "P12M", &more);
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Off {
    None,
    Percent(String),
    Each(String),
}

#[derive(Debug, Clone)]
pub(crate) struct LineOf {
    pub(crate) id: String,
    pub(crate) good: Good,
    pub(crate) quantity: String,
    pub(crate) price: String,
    pub(crate) off: Off,
    pub(crate) frequency: &'static str,
    pub(crate) term: String,
    pub(crate) start: String,
}

impl LineOf {
    fn as_line(&self, currency: &str) -> Line<'_> {
        let line = Line {
            id: &self.id,
            product: Some(self.good.product()),
            name: "Line",
            quantity: &self.quantity,
            price: &self.price,
            frequency: Some(self.frequency).filter(|f| !f.is_empty()),
            term: Some(self.term.as_str()).filter(|t| !t.is_empty()),
            discount: match &self.off {
                Off::Each(amount) => Some(amount),
                Off::None | Off::Percent(_) => None,
            },
            discount_percentage: match &self.off {
                Off::Percent(percent) => Some(percent),
                Off::None | Off::Each(_) => None,
            },
            ..Line::default()
        };
        let line = match self.good.table(currency) {
            Some((model, table)) => line.with_tiers(model, Some(currency), &table),
            None => line,
        };
        if self.start.is_empty() { line } else { line.with("hs_recurring_billing_start_date", &self.start) }
    }
}

/// What a seller does in HubSpot.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Win(Box<DealOf>),
    Put(&'static str, String, Vec<(&'static str, String)>),
    Add(String, &'static str, Box<LineOf>),
    Remove(String),
}

impl Op {
    pub(crate) fn apply(&self, hubspot: &Sim) {
        match self {
            Op::Win(deal) => {
                let lines: Vec<Line<'_>> = deal.lines.iter().map(|l| l.as_line(deal.currency)).collect();
                let properties = [
                    ("dealname", "A deal"),
                    ("pipeline", "default"),
                    ("dealstage", "closedwon"),
                    ("deal_currency_code", deal.currency),
                    ("closedate", &format!("{}T10:00:00Z", deal.close)),
                ];
                if deal.company.starts_with("9002") {
                    let name = format!("Company {}", deal.company);
                    let company = [("name", name.as_str()), ("country", "Norway"), ("city", "Bergen")];
                    hubspot.put_silently("companies", &deal.company, &company);
                }
                hubspot.add_deal(&deal.id, Some(&deal.company), &properties, &lines);
            }
            Op::Put(object, id, values) => {
                let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
                hubspot.update(object, id, &values);
            }
            Op::Add(deal, currency, line) => {
                hubspot.add_line(deal, &line.as_line(currency));
            }
            Op::Remove(line) => {
                hubspot.remove_line(line);
            }
        }
    }
}

/// A deal as its seller means it.
#[derive(Debug, Clone)]
pub(crate) struct DealOf {
    pub(crate) id: String,
    /// One of the stories' companies, which several deals share, or one of its own.
    pub(crate) company: String,
    pub(crate) currency: &'static str,
    pub(crate) close: &'static str,
    /// Months; 0 for no end.
    pub(crate) term: u32,
    pub(crate) ramp: bool,
    pub(crate) lines: Vec<LineOf>,
    /// Why it must be refused, and what mends it.
    pub(crate) broken: Option<(&'static str, Vec<Op>)>,
    next: u64,
}

/// Today is 2027-01-11: deals of last month, of today and of next month.
const CLOSES: [&str; 4] = ["2026-12-15", "2027-01-11", "2027-02-01", "2027-02-01"];

fn money(rng: &mut Rng, currency: &str, units: u64) -> String {
    let whole = rng.within(1, units);
    match currency {
        "JPY" => format!("{}", whole * 100),
        "KWD" => format!("{whole}.{:03}", rng.below(1000)),
        _ if rng.percent(10) => format!("{whole}.{:04}", rng.below(10_000)),
        _ => format!("{whole}.{:02}", rng.below(100)),
    }
}

fn quantity(rng: &mut Rng, good: Good) -> String {
    match good {
        Good::Support => "1".to_owned(),
        Good::Calls => rng.pick(&["1", "1000", "1001", "9999", "12000", "250000"]).to_owned(),
        Good::Graduated | Good::Stairstep => rng.pick(&["1", "10", "11", "50", "51", "150"]).to_owned(),
        Good::Volume => rng.pick(&["1", "100", "101", "500"]).to_owned(),
        _ if rng.percent(25) => format!("{}.{}", rng.within(1, 60), rng.within(1, 99)),
        _ => rng.within(1, 120).to_string(),
    }
}

fn frequency(rng: &mut Rng, good: Good, term: u32) -> &'static str {
    let all: [(&'static str, u32); 10] = [
        ("weekly", 0),
        ("biweekly", 0),
        ("monthly", 1),
        ("quarterly", 3),
        ("per_six_months", 6),
        ("annually", 12),
        ("per_two_years", 24),
        ("per_three_years", 36),
        ("per_four_years", 48),
        ("per_five_years", 60),
    ];
    match good {
        _ if good.is_once() => return "",
        Good::Storage => return "monthly",
        _ if rng.percent(40) => return "monthly",
        _ => {}
    }
    // Half a fortnight is no fortnight: terms of months take weeks as they come.
    let fitting: Vec<&'static str> = all
        .iter()
        .filter(|(_, months)| term == 0 || *months == 0 || term.is_multiple_of(*months))
        .map(|(name, _)| *name)
        .collect();
    rng.pick(&fitting)
}

/// A discount that the mode can carry.
fn off(rng: &mut Rng, good: Good, price: &str, currency: &str, charges: bool) -> Off {
    if rng.percent(50) || good == Good::Storage || (charges && good.has_no_discount_charges()) {
        return Off::None;
    }
    if rng.percent(60) || good.is_table() {
        return Off::Percent(rng.pick(&["10", "12.5", "33.3", "50", "7", "100"]).to_owned());
    }
    let whole: u64 = price.split('.').next().and_then(|w| w.parse().ok()).unwrap_or(1);
    let least = if currency == "JPY" { "1" } else { "0.25" };
    Off::Each(if whole > 2 { rng.within(1, whole - 1).to_string() } else { least.to_owned() })
}

fn text(term: u32) -> String {
    match term {
        0 => String::new(),
        12 => "P1Y".to_owned(),
        months => format!("P{months}M"),
    }
}

impl DealOf {
    pub(crate) fn random(rng: &mut Rng, number: u64, charges: bool) -> Self {
        let mut deal = Self {
            id: (70_000 + number).to_string(),
            company: match rng.percent(30) {
                true => rng.pick(&COMPANIES).to_owned(),
                false => (9_002_000 + number).to_string(),
            },
            currency: rng.pick(&CURRENCIES),
            close: rng.pick(&CLOSES),
            term: rng.pick(&[12, 12, 24, 24, 36, 60, 0]),
            ramp: rng.percent(12),
            lines: Vec::new(),
            broken: None,
            next: number * 100,
        };
        let common = rng.percent(15).then_some("2027-03-31");
        if deal.ramp {
            deal.term = 24;
            for start in ["", if deal.close.starts_with("2027-02") { "2028-02-01" } else { deal.later() }] {
                let mut line = deal.line(rng, Good::Seats, "", charges);
                line.term = "P12M".to_owned();
                line.frequency = rng.pick(&["monthly", "quarterly", "annually"]);
                start.clone_into(&mut line.start);
                deal.lines.push(line);
            }
            return deal;
        }
        for _ in 0..rng.within(1, 4) {
            let good = deal.fresh(rng);
            let line = deal.line(rng, good, common.unwrap_or_default(), charges);
            deal.lines.push(line);
        }
        if !deal.lines.iter().any(LineOf::is_recurring) {
            let line = deal.line(rng, Good::Seats, common.unwrap_or_default(), charges);
            deal.lines.push(line);
        }
        deal
    }

    /// The first day of a second year.
    fn later(&self) -> &'static str {
        match self.close {
            "2026-12-15" => "2027-12-15",
            _ => "2028-01-11",
        }
    }

    /// A product that the deal does not have yet; only seats may stand there twice.
    fn fresh(&self, rng: &mut Rng) -> Good {
        let wanted = match rng.below(10) {
            0 => Good::Workshop,
            1 => Good::Setup,
            2 => Good::Storage,
            _ => rng.pick(&RECURRING),
        };
        if self.lines.iter().any(|l| l.good == wanted) { Good::Seats } else { wanted }
    }

    fn line(&mut self, rng: &mut Rng, good: Good, start: &str, charges: bool) -> LineOf {
        self.next += 1;
        let price = if good.is_table() { String::new() } else { money(rng, self.currency, 300) };
        let off = off(rng, good, &price, self.currency, charges);
        let frequency = frequency(rng, good, self.term);
        LineOf {
            id: (8_000_000 + self.next).to_string(),
            good,
            quantity: quantity(rng, good),
            off,
            frequency,
            term: if good.is_once() { String::new() } else { text(self.term) },
            start: if good.is_once() { String::new() } else { start.to_owned() },
            price,
        }
    }

    /// What a seller does next. Whatever was wrong is mended first.
    pub(crate) fn edit(&mut self, rng: &mut Rng, may_break: bool, charges: bool) -> Vec<Op> {
        if let Some((_, mend)) = self.broken.take() {
            return mend;
        }
        if may_break && rng.percent(15) {
            return self.spoil(rng);
        }
        let mut ops = Vec::new();
        for _ in 0..rng.below(4) {
            ops.extend(self.one_edit(rng, charges));
        }
        ops
    }

    fn one_edit(&mut self, rng: &mut Rng, charges: bool) -> Vec<Op> {
        let index = usize::try_from(rng.below(self.lines.len() as u64)).unwrap_or_default();
        let currency = self.currency;
        let choice = if self.ramp { rng.below(6) } else { rng.below(12) };
        match choice {
            0 | 1 => {
                let line = &mut self.lines[index];
                line.quantity = quantity(rng, line.good);
                vec![Op::Put("line_items", line.id.clone(), vec![("quantity", line.quantity.clone())])]
            }
            2 | 3 => {
                let line = &mut self.lines[index];
                if line.good.is_table() || matches!(line.off, Off::Each(_)) {
                    return Vec::new();
                }
                line.price = money(rng, currency, 300);
                vec![Op::Put("line_items", line.id.clone(), vec![("price", line.price.clone())])]
            }
            4 | 5 => {
                let line = &mut self.lines[index];
                line.off = off(rng, line.good, &line.price, currency, charges);
                let (each, percent) = match &line.off {
                    Off::None => (String::new(), String::new()),
                    Off::Each(amount) => (amount.clone(), String::new()),
                    Off::Percent(percent) => (String::new(), percent.clone()),
                };
                let values = vec![("discount", each), ("hs_discount_percentage", percent)];
                vec![Op::Put("line_items", line.id.clone(), values)]
            }
            6 | 7 if self.lines.len() < 5 => {
                let good = self.fresh(rng);
                let start = self.lines.iter().find(|l| l.is_recurring()).map(|l| l.start.clone());
                let line = self.line(rng, good, &start.unwrap_or_default(), charges);
                self.lines.push(line.clone());
                vec![Op::Add(self.id.clone(), currency, Box::new(line))]
            }
            8 if self.lines[index].good.is_once()
                || self.lines.iter().filter(|l| l.is_recurring()).count() > 1 =>
            {
                vec![Op::Remove(self.lines.remove(index).id)]
            }
            9 => {
                // A quote tool replaces the record.
                self.next += 1;
                let old = self.lines[index].id.clone();
                self.lines[index].id = (8_000_000 + self.next).to_string();
                let line = Box::new(self.lines[index].clone());
                vec![Op::Remove(old), Op::Add(self.id.clone(), currency, line)]
            }
            10 => {
                let term = rng.pick(&[24, 36, 60, 12]);
                let fits = |l: &LineOf| match l.frequency {
                    "per_two_years" => term == 24,
                    "per_three_years" => term == 36,
                    "per_four_years" => false,
                    "per_five_years" => term == 60,
                    _ => true,
                };
                if self.term == 0 || !self.lines.iter().all(fits) {
                    return Vec::new();
                }
                self.term = term;
                let mut ops = Vec::new();
                for line in self.lines.iter_mut().filter(|l| l.is_recurring()) {
                    line.term = text(term);
                    let values = vec![("hs_recurring_billing_period", line.term.clone())];
                    ops.push(Op::Put("line_items", line.id.clone(), values));
                }
                ops
            }
            _ => Vec::new(),
        }
    }

    /// Something that must be refused.
    fn spoil(&mut self, rng: &mut Rng) -> Vec<Op> {
        let index = usize::try_from(rng.below(self.lines.len() as u64)).unwrap_or_default();
        let line = self.lines[index].clone();
        let (each, percent) = match &line.off {
            Off::None => (String::new(), String::new()),
            Off::Each(amount) => (amount.clone(), String::new()),
            Off::Percent(percent) => (String::new(), percent.clone()),
        };
        let off = vec![("discount", each), ("hs_discount_percentage", percent)];
        let of_line = |values: Vec<(&'static str, String)>| Op::Put("line_items", line.id.clone(), values);
        let text = |value: &str| value.to_owned();
        let (code, spoilt, whole) = match rng.below(10) {
            0 => {
                let both = vec![("discount", text("0.1")), ("hs_discount_percentage", text("10"))];
                ("HZ0317", of_line(both), of_line(off))
            }
            1 => {
                let much = vec![("discount", String::new()), ("hs_discount_percentage", text("120"))];
                ("HZ0317", of_line(much), of_line(off))
            }
            2 if !line.good.is_table() => {
                let whole = of_line(vec![("price", line.price.clone())]);
                ("HZ0309", of_line(vec![("price", rng.pick(&["", "1.0123456789", "-5"]).to_owned())]), whole)
            }
            3 => {
                let whole = of_line(vec![("quantity", line.quantity.clone())]);
                ("HZ0308", of_line(vec![("quantity", rng.pick(&["0", "", "-3"]).to_owned())]), whole)
            }
            4 if line.good == Good::Support => (
                "HZ0310",
                of_line(vec![("quantity", text("2"))]),
                of_line(vec![("quantity", line.quantity.clone())]),
            ),
            5 if line.is_recurring() => (
                "HZ0312",
                of_line(vec![("recurringbillingfrequency", text("now_and_then"))]),
                of_line(vec![("recurringbillingfrequency", line.frequency.to_owned())]),
            ),
            6 => (
                "HZ0306",
                of_line(vec![("hs_line_item_currency_code", text("GBP"))]),
                of_line(vec![("hs_line_item_currency_code", self.currency.to_owned())]),
            ),
            7 => (
                "HZ0304",
                of_line(vec![("hs_product_id", String::new())]),
                of_line(vec![("hs_product_id", line.good.product().to_owned())]),
            ),
            8 => {
                let of_deal = |code: &str| {
                    Op::Put("deals", self.id.clone(), vec![("deal_currency_code", code.to_owned())])
                };
                ("HZ0306", of_deal("CHF"), of_deal(self.currency))
            }
            _ => {
                let of_deal =
                    |value: &str| Op::Put("deals", self.id.clone(), vec![("closedate", value.to_owned())]);
                ("HZ0311", of_deal(""), of_deal(&format!("{}T10:00:00Z", self.close)))
            }
        };
        self.broken = Some((code, vec![whole]));
        vec![spoilt]
    }

    /// All started in time to come: changes count from the start.
    pub(crate) fn is_to_come(&self) -> bool {
        self.close == "2027-02-01" || self.lines.iter().any(|l| l.start == "2027-03-31")
    }
}

impl LineOf {
    pub(crate) fn is_recurring(&self) -> bool {
        !self.good.is_once()
    }

    /// Whether the months of the term hold a whole number of its periods.
    pub(crate) fn is_weekly(&self) -> bool {
        matches!(self.frequency, "weekly" | "biweekly")
    }
}
