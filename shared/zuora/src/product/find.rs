//! Looking for a product: by external plan id or link field, by our number, by SKU (D-11).

use super::read;
use crate::client::{Call, Tenant};
use crate::config::Config;
use crate::dto::catalog::{ExternalPlan, PlanRow, ProductRow, plans_by_external_id};
use crate::error::Mode;
use crate::query::{Query, is_refused_filter};
use connector_domain::billing::product::{ObservedPlan, ObservedProduct};
use connector_domain::fault::FaultClass;
use connector_domain::ids::ZuoraProductId;
use connector_ports::PortError;
use connector_ports::billing::{ProductQuery, ProductsFound};

const OPERATION: &str = "zuora find product";
/// Expanded lists are cut at the size of the page (trap 10), so it is the highest.
const PAGE: u8 = 50;
/// 5,000 products, looked through only when a plan can be found in no other way.
const PAGES: usize = 100;
const BELOW_PRODUCT: [&str; 3] = [
    "productrateplans",
    "productrateplans.productrateplancharges",
    "productrateplans.productrateplancharges.productrateplanchargetiers",
];
const BELOW_PLAN: [&str; 2] = ["productrateplancharges", "productrateplancharges.productrateplanchargetiers"];

/// A plan that carries the product's id, and where it belongs.
struct Located {
    product: ZuoraProductId,
    number: Option<String>,
    sku: Option<String>,
    plan: ObservedPlan,
}

/// All look-ups at once; a plan whose charges none of them told needs one more.
pub(crate) async fn find(
    tenant: &Tenant,
    config: &Config,
    query: &ProductQuery,
) -> Result<ProductsFound, PortError> {
    let search = Search { tenant, link_field: config.link_field.as_deref(), id: query.id.as_str() };
    let [number, _, _] = &query.numbers;
    let by_sku = async {
        match query.sku.as_deref().filter(|sku| !sku.is_empty()) {
            Some(sku) => search.products("sku", sku).await,
            None => Ok(Vec::new()),
        }
    };
    match search.link_field {
        None => {
            let (plans, by_number, by_sku) =
                futures::join!(search.external(), search.products("productnumber", number), by_sku);
            let (plans, mut by_number, mut by_sku) = (plans?, by_number?, by_sku?);
            for found in by_number.iter_mut().chain(&mut by_sku).flat_map(|product| &mut product.plans) {
                if let Some(external) = plans.iter().find(|plan| plan.id == found.id.as_str()) {
                    found.external_ids = search.ids_of(external);
                }
            }
            let mut located = Vec::new();
            for plan in plans {
                match locate(&by_number, &by_sku, |found| found.id.as_str() == plan.id) {
                    found if !found.is_empty() => located.extend(found),
                    _ => located.extend(search.plan(&plan).await?),
                }
            }
            Ok(answer(located, number, by_number, by_sku))
        }
        Some(field) => {
            let (plans, by_number, by_sku) =
                futures::join!(search.linked(field), search.products("productnumber", number), by_sku);
            let (plans, by_number, by_sku) = (plans?, by_number?, by_sku?);
            let mut located = locate(&by_number, &by_sku, |plan| search.carries(plan));
            match plans {
                Some(plans) => located.extend(plans),
                // The field is not indexed: one look through the whole catalogue.
                None if located.is_empty() => {
                    located = search.everywhere(|plan| search.carries(plan)).await?
                }
                None => {}
            }
            Ok(answer(located, number, by_number, by_sku))
        }
    }
}

struct Search<'a> {
    tenant: &'a Tenant,
    link_field: Option<&'a str>,
    id: &'a str,
}

impl Search<'_> {
    /// `GET /v1/product-rate-plans/external-id/{id}`.
    async fn external(&self) -> Result<Vec<ExternalPlan>, PortError> {
        let path = ["v1", "product-rate-plans", "external-id", self.id];
        let Some(answer) = self.tenant.call(&Call::keyed(OPERATION, &path, self.id)).await? else {
            return Ok(Vec::new());
        };
        // Never an absence: a second plan would be made beside the one that this answer may tell of.
        plans_by_external_id(&answer.parse()?).ok_or_else(|| answer.unusable())
    }

    /// Products by a field that is their key.
    async fn products(&self, field: &str, value: &str) -> Result<Vec<ObservedProduct>, PortError> {
        let rows: Vec<ProductRow> =
            self.query("products").equal(field, value).expand(&BELOW_PRODUCT).rows(self.tenant, 1).await?;
        let products = rows.into_iter().map(|row| read::product(row, self.link_field));
        // Some texts mean something else in a filter, `null` for one.
        let same = |product: &ObservedProduct| match field {
            "sku" => product.sku.as_deref().is_none_or(|sku| sku.to_lowercase() == value.to_lowercase()),
            _ => true,
        };
        Ok(products.filter(same).collect())
    }

    /// Plans by the link field; `None` when Zuora does not take that filter.
    async fn linked(&self, field: &str) -> Result<Option<Vec<Located>>, PortError> {
        let rows: Result<Vec<PlanRow>, PortError> = self
            .query("product-rate-plans")
            .equal(field, self.id)
            .expand(&BELOW_PLAN)
            .rows(self.tenant, 1)
            .await;
        match rows {
            Ok(rows) => {
                let mut located = Vec::new();
                for row in rows {
                    located.push(self.located(row)?);
                }
                located.retain(|found| self.carries(&found.plan));
                Ok(Some(located))
            }
            Err(error) if is_refused_filter(&error) || error.status == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A plan with its charges by its own key, or else wherever it is.
    async fn plan(&self, plan: &ExternalPlan) -> Result<Vec<Located>, PortError> {
        let path = ["object-query", "product-rate-plans", &plan.id];
        let parameters: Vec<(&str, String)> = std::iter::once(("pageSize", PAGE.to_string()))
            .chain(BELOW_PLAN.iter().map(|path| ("expand[]", (*path).to_owned())))
            .collect();
        let mut call = Call::read(OPERATION, Mode::KeyedRead, &path, self.id);
        call.query = &parameters;
        let row = match self.tenant.call(&call).await {
            Ok(answer) => answer.map(|answer| answer.parse::<PlanRow>()).transpose()?,
            // Tenants differ in what object query offers.
            Err(error) if is_refused_filter(&error) || error.status == Some(404) => None,
            Err(error) => return Err(error),
        };
        let mut located = match row {
            Some(row) if row.product_id.is_some() => vec![self.located(row)?],
            Some(_) | None => self.everywhere(|found| found.id.as_str() == plan.id).await?,
        };
        if located.is_empty() {
            // Never an absence: a second plan would be made beside this one.
            let words = "a plan with this external id exists, but object query does not show it (yet)";
            return Err(PortError::new(OPERATION, FaultClass::Transient, words));
        }
        for found in &mut located {
            found.plan.external_ids = self.ids_of(plan);
        }
        Ok(located)
    }

    /// Looks through the products page by page until a plan is found.
    async fn everywhere(&self, wanted: impl Fn(&ObservedPlan) -> bool) -> Result<Vec<Located>, PortError> {
        let query = self.query("products").expand(&BELOW_PRODUCT);
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let (rows, next) = query.page::<ProductRow>(self.tenant, cursor.as_deref()).await?;
            let products: Vec<ObservedProduct> =
                rows.into_iter().map(|row| read::product(row, self.link_field)).collect();
            let located = locate(&products, &[], &wanted);
            if !located.is_empty() || next.is_none() || next == cursor {
                return Ok(located);
            }
            cursor = next;
        }
        Err(PortError::bug(OPERATION, "the catalogue is longer than is looked through"))
    }

    fn query(&self, object: &'static str) -> Query<'_> {
        Query::new(OPERATION, object, PAGE, self.id)
    }

    fn located(&self, row: PlanRow) -> Result<Located, PortError> {
        let homeless = || PortError::new(OPERATION, FaultClass::Transient, "a plan without product");
        let product = row.product_id.clone().ok_or_else(homeless)?;
        let plan = read::plan(row, self.link_field);
        Ok(Located { product: ZuoraProductId(product), number: None, sku: None, plan })
    }

    fn carries(&self, plan: &ObservedPlan) -> bool {
        plan.external_ids.iter().any(|id| id == self.id)
    }

    fn ids_of(&self, plan: &ExternalPlan) -> Vec<String> {
        plan.externally_managed_plan_ids.clone().unwrap_or_else(|| vec![self.id.to_owned()])
    }
}

/// The plans wanted, each once.
fn locate(
    first: &[ObservedProduct],
    second: &[ObservedProduct],
    wanted: impl Fn(&ObservedPlan) -> bool,
) -> Vec<Located> {
    let mut located: Vec<Located> = Vec::new();
    for product in first.iter().chain(second) {
        for plan in product.plans.iter().filter(|plan| wanted(plan)) {
            if !located.iter().any(|found| found.plan.id == plan.id) {
                located.push(Located {
                    product: product.id.clone(),
                    number: product.number.clone(),
                    sku: product.sku.clone(),
                    plan: plan.clone(),
                });
            }
        }
    }
    located
}

fn answer(
    located: Vec<Located>,
    number: &str,
    by_number: Vec<ObservedProduct>,
    by_sku: Vec<ObservedProduct>,
) -> ProductsFound {
    let mut by_external_id: Vec<ObservedProduct> = Vec::new();
    for Located { product, number, sku, plan } in located {
        match by_external_id.iter_mut().find(|found| found.id == product) {
            Some(found) if found.plans.iter().any(|known| known.id == plan.id) => {}
            Some(found) => found.plans.push(plan),
            None => by_external_id.push(ObservedProduct { id: product, number, sku, plans: vec![plan] }),
        }
    }
    // Filters compare without case; our number is exact.
    let by_number = by_number.into_iter().find(|product| product.number.as_deref() == Some(number));
    ProductsFound { by_external_id, by_number, by_sku }
}
