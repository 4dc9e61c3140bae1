//! Accounts and contacts: bodies and look-ups (`zuora.md` 3).

use crate::client::{Call, Tenant};
use crate::config::Config;
use crate::dto::account::{
    AccountDetail, AccountRow, Contact, ContactRow, CreateAccount, CreateContact, TaxInfo, UpdateAccount,
};
use crate::dto::custom_field;
use crate::query::{Query, is_refused_filter, said};
use crate::send::rendered;
use connector_domain::billing::company::{DesiredAccount, DesiredContact, ObservedAccount};
use connector_domain::billing::deal::KnownContacts;
use connector_domain::ids::{AccountId, AccountNumber, HubSpotId, ZuoraContactId};
use connector_domain::money::Currency;
use connector_domain::plan::NewSoldTo;
use connector_domain::state::Effect;
use connector_ports::PortError;
use connector_ports::billing::{AccountQuery, AccountsFound, Rendered};
use std::collections::{BTreeMap, BTreeSet};

const RENDER: &str = "zuora render account";
/// More accounts with one name or CRM id than this are a case for a person anyway.
const ACCOUNT_PAGE: u8 = 20;
const CONTACTS: &str = "zuora contacts of account";
const CONTACT_PAGE: u8 = 50;
/// 2,000 contacts of one account.
const CONTACT_PAGES: usize = 40;

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

impl<'a> Contact<'a> {
    /// All fields that are filled.
    fn filled(contact: &'a DesiredContact, field: &'a str) -> Self {
        Contact {
            first_name: some(&contact.first_name),
            last_name: some(&contact.last_name),
            work_email: some(&contact.work_email),
            work_phone: some(&contact.work_phone),
            mobile_phone: some(&contact.mobile_phone),
            address1: some(&contact.address1),
            address2: some(&contact.address2),
            city: some(&contact.city),
            state: some(&contact.state),
            zip_code: some(&contact.zip),
            country: some(&contact.country),
            custom: contact.crm_id.iter().map(|id| (field, id.as_str())).collect(),
        }
    }

    /// Takes over one field by the name that [`DesiredContact::fields`] gives it; an empty value clears it.
    fn set(&mut self, name: &str, value: &'a str, field: &'a str) -> bool {
        let slot = match name {
            "first_name" => &mut self.first_name,
            "last_name" => &mut self.last_name,
            "work_email" => &mut self.work_email,
            "work_phone" => &mut self.work_phone,
            "mobile_phone" => &mut self.mobile_phone,
            "address1" => &mut self.address1,
            "address2" => &mut self.address2,
            "city" => &mut self.city,
            "state" => &mut self.state,
            "zip" => &mut self.zip_code,
            "country" => &mut self.country,
            "crm_id" => {
                self.custom.insert(field, value);
                return true;
            }
            _ => return false,
        };
        *slot = Some(value);
        true
    }
}

/// `POST /v1/accounts`.
pub(crate) fn create(config: &Config, desired: &DesiredAccount) -> Result<Rendered, PortError> {
    let body = CreateAccount {
        name: &desired.name,
        account_number: desired.number.as_ref().map(AccountNumber::as_str),
        crm_id: desired.crm_id.as_str(),
        currency: desired.currency.as_str(),
        bill_cycle_day: desired.bill_cycle_day,
        auto_pay: false,
        payment_term: &desired.payment_term,
        batch: &desired.batch,
        bill_to_contact: Contact::filled(&desired.bill_to, &config.contact_field),
        sold_to_contact: desired.sold_to.as_ref().map(|c| Contact::filled(c, &config.contact_field)),
        sold_to_same_as_bill_to: desired.sold_to.is_none().then_some(true),
        parent_id: desired.parent.as_ref().map(AccountId::as_str),
        tax_info: Some(TaxInfo {
            exempt_status: desired.tax_exempt.map(Into::into),
            vat_id: desired.vat_id.as_deref().and_then(some),
        })
        .filter(|told| *told != TaxInfo::default()),
    };
    rendered(RENDER, Effect::CreateAccount, key_of(desired), None, &body)
}

/// `PUT /v1/accounts/{id}` with the changed fields alone, so that what finance changed elsewhere stays (D-1).
///
/// [`NewSoldTo::Created`] cannot be rendered: the engine plans again once the contact has an id.
pub(crate) fn update(
    config: &Config,
    account: &AccountId,
    desired: &DesiredAccount,
    changed: &BTreeSet<String>,
    sold_to: Option<&NewSoldTo>,
) -> Result<Rendered, PortError> {
    let mut body = UpdateAccount::default();
    let field = config.contact_field.as_str();
    for name in changed {
        let known = match name.split_once('.') {
            None if name == "name" => body.name.replace(&desired.name).is_none(),
            None if name == "crm_id" => body.crm_id.replace(desired.crm_id.as_str()).is_none(),
            None if name == "parent" => {
                body.parent_id = desired.parent.as_ref().map(AccountId::as_str);
                body.parent_id.is_some()
            }
            // Empty where it was taken away.
            None if name == "vat_id" => {
                let told = desired.vat_id.as_deref();
                body.tax_info.get_or_insert_default().vat_id = told;
                told.is_some()
            }
            None if name == "tax_exempt" => {
                let told = desired.tax_exempt.map(Into::into);
                body.tax_info.get_or_insert_default().exempt_status = told;
                told.is_some()
            }
            Some(("bill_to", part)) => change(&mut body.bill_to_contact, Some(&desired.bill_to), part, field),
            Some(("sold_to", part)) => {
                change(&mut body.sold_to_contact, desired.sold_to.as_ref(), part, field)
            }
            None | Some(_) => false,
        };
        if !known {
            return Err(PortError::bug(RENDER, format!("an account has no field {name}")));
        }
    }
    body.sold_to_contact_id = match sold_to {
        None => None,
        Some(NewSoldTo::Existing(id)) => Some(id.as_str()),
        Some(NewSoldTo::Created) => {
            return Err(PortError::bug(RENDER, "the sold-to contact has no id yet"));
        }
    };
    rendered(RENDER, Effect::UpdateAccount, key_of(desired), Some(account.as_str()), &body)
}

/// `POST /v1/contacts`.
pub(crate) fn create_contact(
    config: &Config,
    account: &AccountId,
    contact: &DesiredContact,
) -> Result<Rendered, PortError> {
    let body = CreateContact {
        account_id: account.as_str(),
        contact: Contact::filled(contact, &config.contact_field),
    };
    // The company's own address is at most one contact of an account.
    let who = contact.crm_id.as_ref().map_or("company", HubSpotId::as_str);
    let number = format!("{account}/{who}");
    rendered("zuora render contact", Effect::CreateContact, number, Some(account.as_str()), &body)
}

fn key_of(desired: &DesiredAccount) -> String {
    desired.number.as_ref().map_or_else(|| desired.crm_id.to_string(), ToString::to_string)
}

fn change<'a>(
    body: &mut Option<Contact<'a>>,
    desired: Option<&'a DesiredContact>,
    name: &str,
    field: &'a str,
) -> bool {
    let value = desired.and_then(|c| c.fields().into_iter().find(|(key, _)| *key == name));
    value.is_some_and(|(_, value)| body.get_or_insert_default().set(name, value, field))
}

impl From<AccountRow> for ObservedAccount {
    fn from(row: AccountRow) -> Self {
        Self {
            id: AccountId(row.id),
            number: AccountNumber(row.account_number),
            crm_id: said(row.crm_id),
            name: row.name.unwrap_or_default(),
            currency: row.currency.and_then(|code| Currency::parse(&code).ok()),
            status: said(row.status),
            bill_to: said(row.bill_to_id).map(ZuoraContactId),
            sold_to: said(row.sold_to_id).map(ZuoraContactId),
        }
    }
}

impl From<AccountDetail> for ObservedAccount {
    fn from(detail: AccountDetail) -> Self {
        Self {
            id: AccountId(detail.basic_info.id),
            number: AccountNumber(detail.basic_info.account_number),
            crm_id: said(detail.basic_info.crm_id),
            name: detail.basic_info.name.unwrap_or_default(),
            currency: detail
                .billing_and_payment
                .and_then(|billing| billing.currency)
                .and_then(|code| Currency::parse(&code).ok()),
            status: said(detail.basic_info.status),
            bill_to: detail.bill_to_contact.and_then(|c| said(c.id)).map(ZuoraContactId),
            sold_to: detail.sold_to_contact.and_then(|c| said(c.id)).map(ZuoraContactId),
        }
    }
}

/// `GET /v1/accounts/{key}`, key = id or number.
pub(crate) async fn account(tenant: &Tenant, key: &str) -> Result<Option<ObservedAccount>, PortError> {
    let path = ["v1", "accounts", key];
    let answer = tenant.call(&Call::keyed("zuora read account", &path, key)).await?;
    answer.map(|answer| answer.parse::<AccountDetail>().map(ObservedAccount::from)).transpose()
}

/// By number, by CRM id and by name, at once (`zuora.md` 3.5).
pub(crate) async fn find(tenant: &Tenant, query: &AccountQuery) -> Result<AccountsFound, PortError> {
    let by_number = async {
        match &query.number {
            Some(number) => account(tenant, number.as_str()).await,
            None => Ok(None),
        }
    };
    let (by_number, by_crm_id, by_name) =
        futures::join!(by_number, by_crm_id(tenant, &query.crm_ids), by_name(tenant, query));
    Ok(distinct(by_number?, by_crm_id?, by_name?))
}

async fn by_crm_id(tenant: &Tenant, ids: &[HubSpotId]) -> Result<Vec<ObservedAccount>, PortError> {
    let ids: Vec<&str> = ids.iter().map(HubSpotId::as_str).collect();
    let Some(track) = ids.first() else { return Ok(Vec::new()) };
    let rows: Vec<AccountRow> = Query::new("zuora find account by crm id", "accounts", ACCOUNT_PAGE, track)
        .one_of("crmid", &ids)
        .rows(tenant, 1)
        .await?;
    Ok(rows.into_iter().map(ObservedAccount::from).collect())
}

async fn by_name(tenant: &Tenant, query: &AccountQuery) -> Result<Vec<ObservedAccount>, PortError> {
    if query.name.trim().is_empty() {
        return Ok(Vec::new());
    }
    let track = query.crm_ids.first().map_or("", HubSpotId::as_str);
    let rows: Result<Vec<AccountRow>, PortError> =
        Query::new("zuora find account by name", "accounts", ACCOUNT_PAGE, track)
            .equal("name", &query.name)
            .rows(tenant, 1)
            .await;
    match rows {
        Ok(rows) => {
            // Some texts mean something else in a filter, `null` for one.
            let wanted = query.name.trim().to_lowercase();
            let found = rows.into_iter().map(ObservedAccount::from);
            Ok(found.filter(|account| account.name.trim().to_lowercase() == wanted).collect())
        }
        // A name that Zuora's filters cannot take finds no candidates; keys still do.
        Err(error) if is_refused_filter(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Puts each account into the first list that has it.
fn distinct(
    by_number: Option<ObservedAccount>,
    by_crm_id: Vec<ObservedAccount>,
    by_name: Vec<ObservedAccount>,
) -> AccountsFound {
    let mut seen: BTreeSet<AccountId> = by_number.iter().map(|account| account.id.clone()).collect();
    let mut fresh = |list: Vec<ObservedAccount>| -> Vec<ObservedAccount> {
        list.into_iter().filter(|account| seen.insert(account.id.clone())).collect()
    };
    let by_crm_id = fresh(by_crm_id);
    AccountsFound { by_number, by_crm_id, by_name: fresh(by_name) }
}

/// The contacts of an account that carry a HubSpot contact id; where two carry the same, the first of the list.
/// When the tenant does not take the filter, those of them that the account itself shows.
pub(crate) async fn contacts_of(
    tenant: &Tenant,
    config: &Config,
    account: &AccountId,
) -> Result<KnownContacts, PortError> {
    let rows: Result<Vec<ContactRow>, PortError> =
        Query::new(CONTACTS, "contacts", CONTACT_PAGE, account.as_str())
            .equal("accountid", account.as_str())
            .rows(tenant, CONTACT_PAGES)
            .await;
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) if is_refused_filter(&error) => shown_contacts(tenant, account).await?,
        Err(error) => return Err(error),
    };
    // A filter that is not taken may also be passed over.
    let of_another =
        |row: &ContactRow| custom_field(&row.fields, "accountId").is_some_and(|id| id != account.as_str());
    let mut known = BTreeMap::new();
    for row in rows.into_iter().filter(|row| !of_another(row)) {
        let id = custom_field(&row.fields, &config.contact_field).and_then(|id| HubSpotId::parse(&id).ok());
        if let Some(id) = id {
            known.entry(id).or_insert(ZuoraContactId(row.id));
        }
    }
    Ok(known)
}

/// The bill-to and the sold-to contact, as the account shows them.
async fn shown_contacts(tenant: &Tenant, account: &AccountId) -> Result<Vec<ContactRow>, PortError> {
    let path = ["v1", "accounts", account.as_str()];
    let Some(answer) = tenant.call(&Call::keyed(CONTACTS, &path, account.as_str())).await? else {
        return Ok(Vec::new());
    };
    let detail: AccountDetail = answer.parse()?;
    let shown = [detail.bill_to_contact, detail.sold_to_contact].into_iter().flatten();
    Ok(shown.filter_map(|c| Some(ContactRow { id: said(c.id)?, fields: c.fields })).collect())
}

#[cfg(test)]
mod tests;
