//! A HubSpot contact.

use super::Address;
use crate::ids::HubSpotId;

/// The facts of a contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Record id.
    pub id: HubSpotId,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Mobile phone.
    pub mobile_phone: Option<String>,
    /// Address.
    pub address: Address,
}

impl std::fmt::Debug for Contact {
    /// Personal data cannot reach a log by way of `{:?}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact").field("id", &self.id).finish_non_exhaustive()
    }
}
