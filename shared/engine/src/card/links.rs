//! Deep links into Zuora's own pages. Zuora publishes no contract for them, so each is a template (`zuora.md` 1.2).

use std::collections::BTreeMap;

/// What can be opened in Zuora.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Page {
    /// An account.
    Account,
    /// A subscription's version.
    Subscription,
    /// An order.
    Order,
    /// An invoice.
    Invoice,
    /// A payment.
    Payment,
    /// A credit memo.
    CreditMemo,
    /// A debit memo.
    DebitMemo,
}

impl Page {
    /// All of them, for configuration.
    pub const ALL: [Page; 7] = [
        Page::Account,
        Page::Subscription,
        Page::Order,
        Page::Invoice,
        Page::Payment,
        Page::CreditMemo,
        Page::DebitMemo,
    ];

    /// The name in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Page::Account => "account",
            Page::Subscription => "subscription",
            Page::Order => "order",
            Page::Invoice => "invoice",
            Page::Payment => "payment",
            Page::CreditMemo => "credit_memo",
            Page::DebitMemo => "debit_memo",
        }
    }

    /// The template where the administrator says nothing. Those of orders and memos are not confirmed by Zuora
    /// (`zuora.md` 1.2).
    pub fn template(self) -> &'static str {
        match self {
            Page::Account => "/apps/CustomerAccount.do?method=view&id={id}",
            Page::Subscription => "/platform/subscriptions/{id}",
            Page::Order => "/platform/apps/com_zuora/order/{id}",
            Page::Invoice => "/platform/apps/com_zuora/invoice/{id}",
            Page::Payment => "/apps/NewPayment.do?method=view&id={id}",
            Page::CreditMemo => "/platform/apps/com_zuora/creditmemo/{id}",
            Page::DebitMemo => "/platform/apps/com_zuora/debitmemo/{id}",
        }
    }
}

/// Makes links for one tenant.
#[derive(Debug, Clone, Default)]
pub struct Links {
    base: Option<String>,
    templates: BTreeMap<Page, String>,
}

impl Links {
    /// Links below the tenant's user interface; without one there are no links.
    pub fn new(base: Option<&str>) -> Self {
        Self { base: base.map(|base| base.trim_end_matches('/').to_owned()), templates: BTreeMap::new() }
    }

    /// Replaces a template: `{id}` and `{number}` stand for the keys; an empty one switches the links off.
    #[must_use]
    pub fn with(mut self, page: Page, template: &str) -> Self {
        self.templates.insert(page, template.to_owned());
        self
    }

    /// The link to an object; none when the template needs a key that is not known.
    pub fn to(&self, page: Page, id: Option<&str>, number: &str) -> Option<String> {
        let base = self.base.as_ref()?;
        let template = self.templates.get(&page).map_or(page.template(), String::as_str);
        if template.is_empty() {
            return None;
        }
        let mut path = template.to_owned();
        for (mark, key) in [("{id}", id), ("{number}", Some(number))] {
            if path.contains(mark) {
                path = path.replace(mark, &encoded(key.filter(|key| !key.is_empty())?));
            }
        }
        Some(format!("{base}{path}"))
    }
}

/// All but unreserved characters as escapes: a key must not change the address around it.
fn encoded(key: &str) -> String {
    let mut out = String::new();
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_needs_its_key_and_a_base() {
        let links = Links::new(Some("https://test.zuora.com/"));
        let invoice = links.to(Page::Invoice, Some("8ad0"), "INV1");
        assert_eq!(invoice.as_deref(), Some("https://test.zuora.com/platform/apps/com_zuora/invoice/8ad0"));
        assert_eq!(links.to(Page::Invoice, None, "INV1"), None);
        assert_eq!(links.to(Page::Invoice, Some(""), "INV1"), None);
        assert_eq!(Links::new(None).to(Page::Invoice, Some("8ad0"), "INV1"), None);
    }

    #[test]
    fn templates_can_be_replaced_and_switched_off_and_keys_stay_keys() {
        let links = Links::new(Some("https://z.example"))
            .with(Page::Order, "/search?term={number}")
            .with(Page::Payment, "");
        let order = links.to(Page::Order, None, "O 1&x=/..");
        assert_eq!(order.as_deref(), Some("https://z.example/search?term=O%201%26x%3D%2F.."));
        assert_eq!(links.to(Page::Payment, Some("1"), "P-1"), None);
    }
}
