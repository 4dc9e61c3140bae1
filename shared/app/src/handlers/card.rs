//! The card of a company or deal: what it shows, a page of one of its lists, and its buttons. Identity comes from
//! the signed query; the record's id comes from our own card code and is only ever looked up inside the signed
//! portal.

mod buttons;
mod gather;
#[cfg(test)]
mod tests;
mod whose;

pub(super) use buttons::{Press, confirm, preview, sync};
pub(super) use gather::Gatherer;

use super::caller::{Caller, refusal};
use super::settings::Facts;
use super::site::{Site, kind_of};
use crate::request::{Request, Response};
use crate::router::CardObject;
use connector_domain::ids::HubSpotId;
use connector_domain::object::{ObjectRef, StateKey};
use connector_engine::Engine;
use connector_engine::card::build::{Looking, Standing, card, eyes};
use connector_engine::card::format::Reader;
use connector_engine::card::gathered::Gathered;
use connector_engine::card::links::Links;
use connector_engine::card::model::ListPage;
use connector_engine::card::rows::{Place, debit_memos, list};
use connector_ports::account_view::{AccountList, AccountView};
use connector_ports::clock::Clock;
use std::sync::Arc;

/// What the pages and cards of an installation need beside its engine.
pub struct Cards {
    pub(super) gatherer: Gatherer,
    links: Links,
    pub(super) facts: Facts,
}

impl Cards {
    /// Cards over a tenant.
    pub fn new(view: Arc<dyn AccountView>, clock: Arc<dyn Clock>, links: Links, facts: Facts) -> Self {
        Self { gatherer: Gatherer::new(view, clock), links, facts }
    }
}

/// A request that HubSpot signed for this portal, about one record.
struct Asked<'a> {
    caller: Caller,
    engine: &'a Engine,
    cards: &'a Cards,
    key: StateKey,
}

/// None: the request is not for this portal, or this process has no cards.
fn asked<'a>(site: &'a Site, request: &Request, object: CardObject, id: &HubSpotId) -> Option<Asked<'a>> {
    let caller = Caller::read(site, request)?;
    let (engine, cards) = (site.engine.as_ref()?, site.cards.as_ref()?);
    let key = StateKey::new(site.portal, ObjectRef::new(kind_of(object), id.clone()));
    Some(Asked { caller, engine, cards, key })
}

/// How the user reads, by `?locale=` and `?timezone=`.
pub(super) fn reader(request: &Request) -> Reader {
    Reader::new(request.query_value("locale").as_deref(), request.query_value("timezone").as_deref())
}

pub(super) async fn view(
    site: &Site,
    request: &Request,
    object: CardObject,
    id: &HubSpotId,
    correlation: &str,
) -> Response {
    let Some(Asked { caller, engine, cards, key }) = asked(site, request, object, id) else {
        return Response::unauthorized(correlation);
    };
    let standing = match whose::standing(engine, &cards.gatherer, &key).await {
        Ok(standing) => standing,
        Err(error) => {
            tracing::error!(object.kind = %key.object.kind, object.id = %key.object.id, correlation.id = %correlation, error = error.for_log(), "a card could not be shown");
            return Response::trouble(correlation);
        }
    };
    let reader = reader(request);
    let looking = Looking {
        reader: &reader,
        links: &cards.links,
        rights: caller.rights(site),
        now: engine.clock.now(),
    };
    match request.query_value("list") {
        None => {
            let own = standing.stored.state.subscription().map(|link| &link.subscription);
            let gathered = match &standing.account {
                Some(linked) => Some(cards.gatherer.gather(linked, own).await),
                None => None,
            };
            Response::json(200, &card(&key, &standing, gathered.as_ref(), &looking), correlation)
        }
        Some(name) => {
            let page = request.query_value("page").map_or(Ok(1), |page| page.parse::<u32>());
            let (Some(list), Ok(page @ 1..)) = (list_by(&name), page) else {
                return refusal("not_found", "There is no such list.", correlation);
            };
            let answer = one_page(cards, &standing, list, page, &looking).await;
            Response::json(200, &answer, correlation)
        }
    }
}

fn list_by(name: &str) -> Option<AccountList> {
    match name {
        "subscriptions" => Some(AccountList::Subscriptions),
        "orders" => Some(AccountList::Orders),
        "invoices" => Some(AccountList::Invoices),
        "payments" => Some(AccountList::Payments),
        "creditMemos" => Some(AccountList::CreditMemos),
        "debitMemos" => Some(AccountList::DebitMemos),
        _ => None,
    }
}

async fn one_page(
    cards: &Cards,
    standing: &Standing,
    which: AccountList,
    page: u32,
    looking: &Looking<'_>,
) -> ListPage {
    let (window, place) = Place::of(page);
    let seen = match &standing.account {
        Some(linked) => cards.gatherer.window(linked, which, window).await,
        None => {
            let mut nothing = Gathered::nothing(looking.now);
            nothing.take_list(which, Some((none_of(which), false)));
            nothing
        }
    };
    let eyes = eyes(looking, standing, Some(&seen));
    page_of(&seen, which, place, &eyes)
}

fn none_of(which: AccountList) -> connector_ports::account_view::Rows {
    use connector_ports::account_view::Rows;
    match which {
        AccountList::Subscriptions => Rows::Subscriptions(Vec::new()),
        AccountList::Orders => Rows::Orders(Vec::new()),
        AccountList::Invoices => Rows::Invoices(Vec::new()),
        AccountList::Payments => Rows::Payments(Vec::new()),
        AccountList::CreditMemos => Rows::CreditMemos(Vec::new()),
        AccountList::DebitMemos => Rows::DebitMemos(Vec::new()),
    }
}

fn page_of(
    seen: &Gathered,
    which: AccountList,
    place: Place,
    eyes: &connector_engine::card::rows::Eyes<'_>,
) -> ListPage {
    match which {
        AccountList::Subscriptions => ListPage::Subscriptions(list(&seen.subscriptions, place, eyes)),
        AccountList::Orders => ListPage::Orders(list(&seen.orders, place, eyes)),
        AccountList::Invoices => ListPage::Invoices(list(&seen.invoices, place, eyes)),
        AccountList::Payments => ListPage::Payments(list(&seen.payments, place, eyes)),
        AccountList::CreditMemos => ListPage::CreditMemos(list(&seen.credit_memos, place, eyes)),
        AccountList::DebitMemos => ListPage::DebitMemos(debit_memos(&seen.debit_memos, place, eyes)),
    }
}
