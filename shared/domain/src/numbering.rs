//! The numbers that we choose for what we create in Zuora (`contract.md` 6, D-11, D-13, D-16).
//!
//! They are derived from HubSpot ids, so a second creation is refused by Zuora itself, and so an object can be
//! looked up again after a crash. No digest takes part: an edited deal keeps its number.

use crate::ids::{AccountNumber, HubSpotId, OrderNumber, PortalId, SubscriptionNumber};

/// `HS-<portal>-<company id>`.
pub fn account(portal: PortalId, company: &HubSpotId) -> AccountNumber {
    AccountNumber(format!("HS-{portal}-{company}"))
}

/// `HS-<portal>-D<deal id>`, and `…-R2`, `…-R3` for a deal that was cancelled and won again.
pub fn subscription(portal: PortalId, deal: &HubSpotId, life: u32) -> SubscriptionNumber {
    if life <= 1 {
        SubscriptionNumber(format!("HS-{portal}-D{deal}"))
    } else {
        SubscriptionNumber(format!("HS-{portal}-D{deal}-R{life}"))
    }
}

/// `HS-<portal>-D<deal id>-<n>`, n counts the orders of the deal from 1.
pub fn order(portal: PortalId, deal: &HubSpotId, n: u32) -> OrderNumber {
    OrderNumber(format!("HS-{portal}-D{deal}-{n}"))
}

/// The charge number of a line item on the deal's subscription: `HS-<portal>-L<line item id>`, with the life
/// of the subscription behind it from the second on (at most 50 characters).
pub fn charge(portal: PortalId, line: &HubSpotId, life: u32) -> String {
    if life <= 1 { format!("HS-{portal}-L{line}") } else { format!("HS-{portal}-L{line}-R{life}") }
}

/// Product number: letters and digits only, as Zuora wants it (D-11).
pub fn product(portal: PortalId, product: &HubSpotId) -> String {
    format!("HS{portal}P{product}")
}

/// Product rate plan number.
pub fn rate_plan(portal: PortalId, product: &HubSpotId) -> String {
    format!("HS{portal}P{product}R")
}

/// Product rate plan charge number.
pub fn rate_plan_charge(portal: PortalId, product: &HubSpotId) -> String {
    format!("HS{portal}P{product}C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_contract() {
        let (portal, id) = (PortalId(24680135), HubSpotId::parse("7001").unwrap());
        assert_eq!(account(portal, &id).as_str(), "HS-24680135-7001");
        assert_eq!(subscription(portal, &id, 1).as_str(), "HS-24680135-D7001");
        assert_eq!(subscription(portal, &id, 2).as_str(), "HS-24680135-D7001-R2");
        assert_eq!(order(portal, &id, 1).as_str(), "HS-24680135-D7001-1");
        assert!(rate_plan_charge(portal, &id).bytes().all(|b| b.is_ascii_alphanumeric()));
    }
}
