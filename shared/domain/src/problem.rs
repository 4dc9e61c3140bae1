//! What a person must know and can mend: code, field, what is wrong, what to do.
//!
//! Details name record ids, property names, amounts and currencies; never names or e-mail addresses of people,
//! because problems are kept in the store and written to logs. Each code has a page in `docs/problems`.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $class:ident, $title:literal, $fix:literal;)+) => {
        /// The registry of problem codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[doc = $title] #[serde(rename = $code)] $name,)+
        }

        impl ProblemCode {
            /// All codes, for documentation and tests.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$name),+];

            /// The code that operators see, for example `HZ0301`.
            pub fn code(self) -> &'static str {
                match self { $(ProblemCode::$name => $code),+ }
            }

            /// Whose business it is.
            pub fn class(self) -> ProblemClass {
                match self { $(ProblemCode::$name => ProblemClass::$class),+ }
            }

            /// What is wrong, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(ProblemCode::$name => $title),+ }
            }

            /// What a person can do about it.
            pub fn fix(self) -> &'static str {
                match self { $(ProblemCode::$name => $fix),+ }
            }
        }
    };
}

/// Whose business a problem is; `retry --class` selects by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemClass {
    /// The record in HubSpot is incomplete or contradictory.
    Data,
    /// A person must choose between possibilities.
    Decision,
    /// What is asked for cannot be expressed, or this version does not carry it.
    Unsupported,
    /// Zuora said no.
    Zuora,
    /// HubSpot said no.
    Hubspot,
    /// The connector itself.
    Internal,
}

impl ProblemClass {
    /// The name in output and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            ProblemClass::Data => "data",
            ProblemClass::Decision => "decision",
            ProblemClass::Unsupported => "unsupported",
            ProblemClass::Zuora => "zuora",
            ProblemClass::Hubspot => "hubspot",
            ProblemClass::Internal => "internal",
        }
    }
}

problem_codes! {
    CompanyName = "HZ0101", Data, "The company has no name that Zuora accepts.",
        "Give the company a name with at least one letter or digit.";
    CompanyCountry = "HZ0102", Data, "The company or contact has no country.",
        "Fill in the country of the record named.";
    CountryUnknown = "HZ0103", Data, "The country is not one that Zuora knows.",
        "Write the country as its English name or as a two-letter ISO code.";
    StateMissing = "HZ0104", Data, "The state is missing and needed for this country.",
        "Fill in the state of the record named.";
    StateUnknown = "HZ0105", Data, "The state is not one of this country.",
        "Write the state as its English name or as its two-letter code.";
    LabelAmbiguous = "HZ0106", Decision, "Several contacts carry a label that only one may carry.",
        "Leave the label on one contact.";
    AccountAmbiguous = "HZ0107", Decision, "Several Zuora accounts carry this company's CRM id.",
        "Decide which account is the right one, and leave the company's record id as CRM id on that account alone.";
    AccountCandidate = "HZ0108", Decision, "Zuora has an account of the same name that is not linked.",
        "Write the company's record id into the account's CRM id to link it, or set companies.candidates = \"create\" to create another one.";
    ContactName = "HZ0109", Data, "The contact has no name that Zuora accepts.",
        "Give the contact a first or last name with at least one letter or digit.";
    CompanyVat = "HZ0110", Data, "The VAT number of the company is longer than Zuora holds.",
        "Correct the VAT number; it has at most 25 characters.";
    ProductPrice = "HZ0201", Data, "The product has no price.",
        "Set the product's price in HubSpot.";
    ProductFrequency = "HZ0202", Data, "The billing frequency of the product is not known.",
        "Choose one of HubSpot's billing frequencies.";
    ProductAmbiguous = "HZ0203", Decision, "Several Zuora rate plans fit this product.",
        "Leave the product's record id as external plan id on one rate plan.";
    ProductModel = "HZ0204", Unsupported, "The charge model of the rate plan cannot be ordered by the connector.",
        "Sell the product without the connector, or use a plan whose charge is flat fee, per unit, tiered, volume or usage.";
    ProductCharges = "HZ0205", Decision, "It is not clear which charge of the rate plan the line means.",
        "Keep one charge besides the discount charges on the rate plan.";
    ProductTiers = "HZ0206", Data, "The price table of the product cannot be read.",
        "Give every range of the table a price in each currency that deals use, without gaps; the last range has no end.";
    ProductName = "HZ0207", Data, "The product has no name that Zuora accepts.",
        "Give the product a name with at least one letter or digit.";
    ProductGone = "HZ0208", Data, "The product of a line item does not exist in HubSpot any more.",
        "Restore the product, or replace the line item by one of an existing product.";
    ProductLinkOnly = "HZ0209", Decision, "The product is not in Zuora, and products are only linked, not created, in this installation.",
        "Create the product in Zuora with the HubSpot product id as external plan id, or change catalog.master.";
    PlanDiscount = "HZ0210", Data, "The rate plan has no discount charge of the kind that the line needs.",
        "Add a fixed-amount and a percentage discount charge to the rate plan in Zuora, or set discounts = \"net_price\".";
    DealCompany = "HZ0301", Data, "The deal has no company.",
        "Associate the deal with the company that buys.";
    DealCompanies = "HZ0302", Decision, "The deal has several companies and none is the primary one.",
        "Mark one company as primary.";
    DealLines = "HZ0303", Data, "The deal has no line items.",
        "Add the products that were sold as line items.";
    LineProduct = "HZ0304", Data, "A line item is not made from a product of the library.",
        "Replace the line item by one of a product, or add the product to the library first.";
    MixedTerms = "HZ0305", Data, "The recurring line items have different terms.",
        "Give all recurring line items the same term.";
    DealCurrency = "HZ0306", Data, "The currency of the deal is not active.",
        "Choose a currency that is active in HubSpot and in Zuora, or activate it in both.";
    PlanCurrency = "HZ0307", Data, "The rate plan has no price in the deal's currency.",
        "Add a price in this currency to the rate plan in Zuora, or sell in a currency that it has.";
    LineQuantity = "HZ0308", Data, "The quantity of a line item is missing or not a number above zero.",
        "Set the quantity of the line item named.";
    LinePrice = "HZ0309", Data, "A line item has no price, or one that Zuora cannot hold.",
        "Set the unit price of the line item named, with at most 9 decimals.";
    FlatFeeQuantity = "HZ0310", Data, "A flat fee was sold with a quantity other than 1.",
        "Set the quantity to 1 and put the whole amount into the price.";
    CloseDate = "HZ0311", Data, "The deal has no close date.",
        "Set the close date; it becomes order date and start of the subscription.";
    LineFrequency = "HZ0312", Data, "The billing frequency of a line item is unknown or does not fit its product in Zuora.",
        "Choose a billing frequency that fits: none for a one-time product, one of HubSpot's periods for a recurring one.";
    LineTerm = "HZ0313", Data, "The term of a line item cannot be read or is not a multiple of its billing frequency.",
        "Write the term as months or years, a multiple of the billing frequency.";
    LineTotal = "HZ0314", Data, "HubSpot's amount of a line item differs from quantity times net price.",
        "Check price, quantity and discount of the line item named; both numbers are given.";
    LineDates = "HZ0315", Data, "Start dates of line items do not make one subscription.",
        "Let all recurring line items start on one day, or join the phases of a ramp without a gap (or with one ramp key).";
    DealContact = "HZ0316", Data, "A contact labelled on the deal does not belong to the deal's company.",
        "Associate the contact with the company, or move the label to one of its contacts.";
    LineDiscount = "HZ0317", Data, "The discount of a line item is not usable.",
        "Give either a percentage between 0 and 100 or an amount per unit not above the price.";
    DealChanged = "HZ0318", Decision, "The deal and its subscription differ, and it is not clear which of the two is right.",
        "Set the deal to what the subscription says, or the subscription to what the deal says, then retry; the values are given.";
    LineTrigger = "HZ0319", Data, "The billing start trigger of a line item is not known.",
        "Use ContractEffective, ServiceActivation or CustomerAcceptance.";
    SubscriptionTaken = "HZ0320", Decision, "Zuora has a subscription or order with this deal's number that does not belong to it.",
        "Find out who made it; rename or remove it, then retry.";
    DealLost = "HZ0321", Decision, "The deal is no longer won, but what it ordered still runs; cancelling it must be confirmed.",
        "Confirm the cancellation on the deal's card (or with `connector sync deal <id> --confirm`), or set the deal to won again.";
    LineTiers = "HZ0322", Data, "The price table of a line item cannot be read.",
        "Give every range of the table a price in the deal's currency, without gaps; the last range has no end.";
    CompanyRefused = "HZ0323", Data, "The deal waits for its company, which cannot be synced.",
        "Mend the problem of the company; the deal follows by itself.";
    ProductRefused = "HZ0324", Data, "The deal waits for a product, which cannot be synced.",
        "Mend the problem of the product; the deal follows by itself.";
    CompanyGone = "HZ0325", Data, "The company does not exist in HubSpot, or not any more.",
        "Restore the company, or associate its deals with another one.";
    DealNotWon = "HZ0326", Data, "The deal is not won, so there is nothing to order.",
        "Move the deal to a stage that counts as won in its pipeline; it then syncs by itself.";
    DealGone = "HZ0327", Data, "The deal does not exist in HubSpot, or not any more.",
        "Check the record id; a deleted deal can be restored in HubSpot.";
    LineModel = "HZ0328", Data, "The line item is priced by tiers, its charge in Zuora is not.",
        "Sell the product at one price, or give its rate plan a tiered or volume charge.";
    DealExtends = "HZ0329", Data, "The deal is to change a subscription, but it is not clear which.",
        "Write the number of an active subscription of the same customer and currency into the deal.";
    RenewalLines = "HZ0330", Decision, "A renewal deal does not say what becomes of a product of the subscription.",
        "Add a line item for the product named, take it off the subscription, or set deals.renewal_unnamed_lines.";
    EffectiveDate = "HZ0331", Decision, "The change would take effect on a day that is not possible.",
        "Set the effective date of the deal to a day inside the subscription's term and not before its last change or invoice.";
    Totals = "HZ0332", Data, "Zuora's own figures for the order differ from the deal's.",
        "Compare the line item named with its rate plan in Zuora (price base, discounts, tiers); both numbers are given. Nothing was ordered.";
    DealMoved = "HZ0333", Decision, "The deal's company or currency is not that of its subscription any more.",
        "Set the deal back, or cancel the subscription and make a new deal for the other company or currency.";
    CancelDate = "HZ0334", Data, "The subscription cannot end on the day that the deal or the policy says.",
        "Set the cancellation date of the deal to a day between the start and the end of the subscription's term.";
    ZuoraRefused = "HZ0401", Zuora, "Zuora refused the request.",
        "Read Zuora's own words in the detail, mend the data or the tenant's settings, then retry.";
    ZuoraDenied = "HZ0402", Zuora, "The Zuora user of the connector lacks a right, or its credentials are not valid.",
        "Check client id and secret and the role of the API user, then retry.";
    WriteBackRefused = "HZ0501", Hubspot, "HubSpot refused the values that the connector writes back.",
        "Create the zuora_ properties in HubSpot if they are missing, or change the validation rule that refuses them.";
    HubspotDenied = "HZ0502", Hubspot, "The HubSpot app lacks a scope, or its token is not valid.",
        "Check the access token and the scopes of the app, then retry.";
    HubspotRefused = "HZ0503", Hubspot, "HubSpot refused the request.",
        "Read HubSpot's own words in the detail.";
    Internal = "HZ0901", Internal, "The connector met something that it does not understand.",
        "Report it with the correlation id; nothing was guessed and nothing was lost.";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One problem of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem.
    pub code: ProblemCode,
    /// The record and property at fault, for example `company 9001001 country` or `line item 31 price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The particulars: values, numbers, the vendor's own words.
    pub detail: String,
}

impl Problem {
    /// A problem with its particulars.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, field: None, detail: detail.into() }
    }

    /// Names the record and property at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.code.title())?;
        if let Some(field) = &self.field {
            write!(f, " [{field}]")?;
        }
        if !self.detail.is_empty() {
            write!(f, " {}", self.detail)?;
        }
        write!(f, " What to do: {}", self.code.fix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_explain_themselves() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ProblemCode::ALL {
            assert!(seen.insert(code.code()), "{code} twice");
            assert!(!code.title().is_empty() && !code.fix().is_empty());
        }
    }

    #[test]
    fn a_problem_reads_as_code_place_particulars_and_fix() {
        let problem = Problem::new(ProblemCode::LinePrice, "The price is empty.").at("line item 31 price");
        assert_eq!(
            problem.to_string(),
            "HZ0309 A line item has no price, or one that Zuora cannot hold. [line item 31 price] The price is empty. \
             What to do: Set the unit price of the line item named, with at most 9 decimals."
        );
    }
}
