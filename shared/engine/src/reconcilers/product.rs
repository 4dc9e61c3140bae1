//! Product to rate plan: found by external plan id, by our number, or by SKU; created when a won deal asks (D-11).

use crate::Engine;
use crate::decision::{Decision, Step};
use connector_domain::billing::product::{CatalogLink, ObservedPlan, ObservedProduct};
use connector_domain::crm::Fetched;
use connector_domain::crm::product::Product;
use connector_domain::mapping::product::{WantedPrices, map_product};
use connector_domain::money::{Currency, parse_decimal};
use connector_domain::numbering;
use connector_domain::object::StateKey;
use connector_domain::plan::product::plan_product;
use connector_domain::plan::{Action, product_fields};
use connector_domain::policy::CatalogMaster;
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{Link, SyncStatus, Then, mark};
use connector_ports::PortError;
use connector_ports::billing::{ProductQuery, ProductsFound};
use connector_ports::states::Stored;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// A rate plan is created with at most so many currencies besides the tenant's own (`zuora.md` 4).
const CURRENCIES_AT_CREATION: usize = 4;

pub(super) async fn decide(
    engine: &Engine,
    key: &StateKey,
    stored: &Stored,
    forced: bool,
) -> Result<Decision, PortError> {
    let mut decision = Decision::from(&stored.state);
    let link = stored.state.catalog().cloned();
    let wanted = wanted_prices(&stored.marks);
    if link.is_none() && !stored.marks.contains_key(mark::WANTED) {
        // Products are not synced for their own sake (Z-105); nothing asks for this one.
        return Ok(decision.status(SyncStatus::NotLinked));
    }
    let product = match engine.crm.product(&key.object.id).await? {
        Fetched::Found(product) => product,
        Fetched::Gone if link.is_some() => {
            return Ok(decision
                .status(SyncStatus::InSync)
                .notice("The product does not exist in HubSpot any more; its rate plan is left as it is."));
        }
        Fetched::Gone => {
            return Ok(decision.parked(vec![
                Problem::new(ProblemCode::ProductGone, "").at(format!("product {}", key.object.id)),
            ]));
        }
    };
    let ours_complete = link.as_ref().is_some_and(|l| l.ours && l.is_complete()) && !forced;
    let link = if ours_complete {
        link.unwrap_or_default()
    } else {
        match find(engine, key, &product).await? {
            Found::Link(found) => found,
            Found::Nothing => CatalogLink { ours: true, external_id: true, ..CatalogLink::default() },
            Found::Person(problem) => {
                return Ok(decision.parked(vec![problem.at(format!("product {}", product.id))]));
            }
        }
    };
    if link.is_complete() && !link.ours {
        decision.state.link = Some(Link::Catalog(link));
        return Ok(decision.status(SyncStatus::InSync));
    }
    if !link.is_complete() && engine.policy.catalog != CatalogMaster::Linked {
        return Ok(decision.parked(vec![
            Problem::new(ProblemCode::ProductLinkOnly, "").at(format!("product {}", product.id)),
        ]));
    }
    let portal = engine.crm.portal().await?;
    let mut wanted = also_known(&wanted, &link);
    if wanted.is_empty() {
        // No deal has asked yet, a person has: the home currency is the one that a product has by itself.
        wanted.insert(portal.home_currency.clone(), None);
    }
    if !link.is_complete() && wanted.len() > CURRENCIES_AT_CREATION {
        // The others follow right after: a rate plan takes only so many at once.
        wanted = wanted.into_iter().take(CURRENCIES_AT_CREATION).collect();
        decision.due_in = Some(SignedDuration::from_secs(1));
    }
    let mapped = map_product(&product, &wanted, &portal, &engine.policy);
    decision.state.notices.extend(mapped.notices);
    if link.product.is_some() {
        decision.state.link = Some(Link::Catalog(link.clone()));
    }
    let Some(desired) = mapped.desired else { return Ok(decision.parked(mapped.problems)) };
    let remember = Then::Catalog { applied: product_fields(&desired) };
    let actions = plan_product(&link, stored.state.applied_fields(), &desired);
    decision.steps = actions
        .into_iter()
        .map(|action| {
            // What is remembered as told belongs to the writes that tell it.
            let tells = matches!(
                action,
                Action::CreateCharge { .. } | Action::UpdateProduct { .. } | Action::SetPrices { .. }
            );
            Step { then: tells.then(|| remember.clone()), action }
        })
        .collect();
    Ok(decision.status(SyncStatus::InSync))
}

/// Prices that deals asked for: `price.NOK` = `520.00`.
fn wanted_prices(marks: &BTreeMap<String, String>) -> WantedPrices {
    marks
        .iter()
        .filter_map(|(name, value)| {
            Some((Currency::parse(name.strip_prefix(mark::PRICE)?).ok()?, parse_decimal(value)))
        })
        .collect()
}

/// The currencies that the charge has already stay in the list, starting from the price it has.
fn also_known(wanted: &WantedPrices, link: &CatalogLink) -> WantedPrices {
    let mut all: WantedPrices = link
        .sold_charges()
        .flat_map(|c| c.prices.iter().map(|(cur, price)| (cur.clone(), Some(*price))))
        .collect();
    for (currency, price) in wanted {
        all.entry(currency.clone()).or_insert(*price);
    }
    all
}

enum Found {
    Link(CatalogLink),
    Nothing,
    Person(Problem),
}

async fn find(engine: &Engine, key: &StateKey, product: &Product) -> Result<Found, PortError> {
    let numbers = [
        numbering::product(key.portal, &product.id),
        numbering::rate_plan(key.portal, &product.id),
        numbering::rate_plan_charge(key.portal, &product.id),
    ];
    let query = ProductQuery { id: product.id.clone(), sku: product.sku.clone(), numbers };
    Ok(choose(engine.billing.find_products(&query).await?, &query))
}

/// External id first, then our own number (a creation of ours that may be half done), then a unique SKU.
fn choose(found: ProductsFound, query: &ProductQuery) -> Found {
    let external: Vec<(ObservedProduct, ObservedPlan)> = found
        .by_external_id
        .into_iter()
        .flat_map(|p| p.plans.clone().into_iter().map(move |plan| (p.clone(), plan)))
        .collect();
    let ours = found.by_number;
    let is_ours = |p: &ObservedProduct| ours.as_ref().is_some_and(|o| o.id == p.id);
    match external.as_slice() {
        [] => {}
        [(product, plan)] => return Found::Link(link(product, Some(plan), is_ours(product), true)),
        several => {
            let ids: Vec<_> = several.iter().map(|(_, plan)| plan.id.to_string()).collect();
            return Found::Person(Problem::new(
                ProblemCode::ProductAmbiguous,
                format!("They are rate plans {}.", ids.join(", ")),
            ));
        }
    }
    if let Some(product) = &ours {
        let plan = product
            .plans
            .iter()
            .find(|plan| plan.number.as_ref() == query.numbers.get(1))
            .or(product.plans.first());
        return Found::Link(link(product, plan, true, true));
    }
    match found.by_sku.as_slice() {
        [] => Found::Nothing,
        [product] => match product.plans.as_slice() {
            [plan] if !plan.external_ids.is_empty() => Found::Person(Problem::new(
                ProblemCode::ProductAmbiguous,
                format!(
                    "Rate plan {} has this SKU, but carries external plan id {}.",
                    plan.id,
                    plan.external_ids.join(", ")
                ),
            )),
            [plan] => Found::Link(link(product, Some(plan), false, false)),
            plans => Found::Person(Problem::new(
                ProblemCode::ProductAmbiguous,
                format!(
                    "The product with this SKU has {} rate plans and none carries the HubSpot product id.",
                    plans.len()
                ),
            )),
        },
        several => Found::Person(Problem::new(
            ProblemCode::ProductAmbiguous,
            format!("{} products have this SKU.", several.len()),
        )),
    }
}

fn link(
    product: &ObservedProduct,
    plan: Option<&ObservedPlan>,
    ours: bool,
    external_id: bool,
) -> CatalogLink {
    CatalogLink {
        product: Some(product.id.clone()),
        plan: plan.map(|p| p.id.clone()),
        charges: plan.map(|p| p.charges.clone()).unwrap_or_default(),
        ours,
        external_id,
    }
}
