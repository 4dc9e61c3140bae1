//! Quantity and price of a line in the words of its charge: the charge's model rules (issue: charge models), and
//! discounts go one of two ways, never both.

use crate::billing::deal::{LineDiscount, Off, Pricing, TierPricing};
use crate::billing::product::{CatalogCharge, CatalogLink, ChargeModel, ChargeType};
use crate::billing::tiers::{self, Tier, TierModel};
use crate::mapping::deal::{CheckedLine, Reduction};
use crate::money::{Currency, fits_zuora, round_amount, smallest_amount};
use crate::policy::Discounts;
use crate::problem::{Problem, ProblemCode};
use rust_decimal::Decimal;

/// A line's pricing, and the discount charge beside it in that mode.
pub(super) struct Priced {
    pub(super) pricing: Pricing,
    pub(super) discount: Option<LineDiscount>,
}

/// Prices a line. What differs without harm becomes a notice; what cannot be expressed is refused.
pub(super) fn price(
    line: &CheckedLine,
    charge: &CatalogCharge,
    link: &CatalogLink,
    currency: &Currency,
    discounts: Discounts,
    notices: &mut Vec<String>,
) -> Result<Priced, Problem> {
    let at = format!("line item {}", line.id);
    let refuse = |code, field: &str, detail: String| Problem::new(code, detail).at(format!("{at} {field}"));
    match (charge.charge_type, line.period) {
        (ChargeType::Recurring, None) => {
            return Err(refuse(
                ProblemCode::LineFrequency,
                "recurringbillingfrequency",
                "The line is one-time, the charge in Zuora is recurring.".to_owned(),
            ));
        }
        (ChargeType::OneTime, Some(period)) => {
            return Err(refuse(
                ProblemCode::LineFrequency,
                "recurringbillingfrequency",
                format!("The line bills each {period}, the charge in Zuora is one-time."),
            ));
        }
        (ChargeType::Usage, _) | (ChargeType::Recurring, Some(_)) | (ChargeType::OneTime, None) => {}
    }
    let way = Way::of(line, charge, link, discounts)?;
    match &charge.model {
        ChargeModel::PerUnit | ChargeModel::FlatFee => {
            if line.tiers.is_some() {
                return Err(refuse(
                    ProblemCode::LineModel,
                    "hs_pricing_model",
                    format!("The line is priced by tiers, charge {} in Zuora is not.", charge.id),
                ));
            }
            one_price(line, charge, way)
        }
        ChargeModel::Tiered => table(line, charge, TierModel::Tiered, currency, way, notices),
        ChargeModel::Volume => table(line, charge, TierModel::Volume, currency, way, notices),
        ChargeModel::Overage | ChargeModel::TieredWithOverage if charge.charge_type == ChargeType::Usage => {
            no_discount(line, "A charge with overage takes no discount.")?;
            Ok(Priced { pricing: Pricing::UsageAsPlanned, discount: None })
        }
        ChargeModel::Overage
        | ChargeModel::TieredWithOverage
        | ChargeModel::DiscountFixedAmount
        | ChargeModel::DiscountPercentage
        | ChargeModel::Other(_) => Err(Problem::new(
            ProblemCode::ProductModel,
            format!("Charge {} is {:?}, {:?}.", charge.id, charge.charge_type, charge.model),
        )
        .at(at)),
    }
}

/// How a line's discount goes to Zuora.
enum Way {
    /// In the price, or there is none.
    Price,
    /// On a discount charge.
    Charge(LineDiscount),
}

impl Way {
    fn of(
        line: &CheckedLine,
        charge: &CatalogCharge,
        link: &CatalogLink,
        discounts: Discounts,
    ) -> Result<Self, Problem> {
        let (model, off) = match (discounts, line.reduction) {
            (Discounts::NetPrice, _) | (_, Reduction::None) => return Ok(Way::Price),
            // What is used is not known before; its price is what can be reduced.
            (Discounts::DiscountCharges, _) if charge.charge_type == ChargeType::Usage => {
                return Ok(Way::Price);
            }
            (Discounts::DiscountCharges, Reduction::Percentage(percent)) => {
                (ChargeModel::DiscountPercentage, Off::Percentage(percent))
            }
            (Discounts::DiscountCharges, Reduction::PerUnit(amount)) => {
                let amount = amount.saturating_mul(line.quantity).normalize();
                (ChargeModel::DiscountFixedAmount, Off::Amount(amount))
            }
        };
        match link.charges.iter().find(|c| c.model == model) {
            Some(found) => Ok(Way::Charge(LineDiscount { charge: found.id.clone(), off })),
            // Plans of our own have one charge; the discount is taken once all the same.
            None if link.ours => Ok(Way::Price),
            None => Err(Problem::new(
                ProblemCode::PlanDiscount,
                format!("The line takes off {}.", describe(line.reduction)),
            )
            .at(format!("line item {} discount", line.id))),
        }
    }
}

fn describe(reduction: Reduction) -> String {
    match reduction {
        Reduction::None => "nothing".to_owned(),
        Reduction::Percentage(percent) => format!("{percent} percent"),
        Reduction::PerUnit(amount) => format!("{amount} per unit"),
    }
}

fn no_discount(line: &CheckedLine, detail: &str) -> Result<(), Problem> {
    if line.reduction == Reduction::None {
        return Ok(());
    }
    Err(Problem::new(ProblemCode::LineDiscount, detail).at(format!("line item {} discount", line.id)))
}

fn one_price(line: &CheckedLine, charge: &CatalogCharge, way: Way) -> Result<Priced, Problem> {
    let at = format!("line item {}", line.id);
    let list =
        line.list_price.ok_or_else(|| Problem::new(ProblemCode::LinePrice, "").at(format!("{at} price")))?;
    let (price, discount) = match way {
        Way::Price => (line.reduced(list), None),
        Way::Charge(discount) => (list, Some(discount)),
    };
    if !fits_zuora(price) {
        return Err(Problem::new(
            ProblemCode::LinePrice,
            format!("The net price {price} has more digits than Zuora holds."),
        )
        .at(format!("{at} price")));
    }
    let quantity = line.quantity;
    if charge.model == ChargeModel::FlatFee
        && quantity != Decimal::ONE
        && charge.charge_type != ChargeType::Usage
    {
        return Err(Problem::new(ProblemCode::FlatFeeQuantity, format!("The quantity is {quantity}."))
            .at(format!("{at} quantity")));
    }
    let pricing = match (charge.charge_type, &charge.model) {
        (ChargeType::Recurring, ChargeModel::FlatFee) => Pricing::RecurringFlatFee { price },
        (ChargeType::Recurring, _) => Pricing::RecurringPerUnit { quantity, price },
        (ChargeType::OneTime, ChargeModel::FlatFee) => Pricing::OneTimeFlatFee { price },
        (ChargeType::OneTime, _) => Pricing::OneTimePerUnit { quantity, price },
        (ChargeType::Usage, ChargeModel::FlatFee) => {
            no_discount(line, "A flat fee for usage takes no discount.")?;
            Pricing::UsageAsPlanned
        }
        (ChargeType::Usage, _) => Pricing::UsagePerUnit { price },
    };
    Ok(Priced { pricing, discount })
}

/// Zuora's table rules; HubSpot's is compared with it and a difference is said, not carried over (AS-12).
fn table(
    line: &CheckedLine,
    charge: &CatalogCharge,
    model: TierModel,
    currency: &Currency,
    way: Way,
    notices: &mut Vec<String>,
) -> Result<Priced, Problem> {
    let at = format!("line item {}", line.id);
    let Some(zuora) = charge.tiers.get(currency).filter(|t| !t.is_empty()) else {
        return Err(Problem::new(
            ProblemCode::ProductModel,
            format!("Zuora does not tell the price table of charge {} in {currency}.", charge.id),
        )
        .at(at));
    };
    if let Some((theirs, tiers)) = &line.tiers
        && (*theirs != model || !tiers::same(tiers, zuora))
    {
        notices.push(format!(
            "{at}: HubSpot's price table ({}) differs from Zuora's ({}); Zuora's is used.",
            tiers::describe(tiers),
            tiers::describe(zuora)
        ));
    }
    let (own, discount) = match (way, line.reduction) {
        (Way::Charge(discount), _) => (None, Some(discount)),
        (Way::Price, Reduction::None) => (None, None),
        (Way::Price, _) => (Some(reduced(line, zuora)?), None),
    };
    let pricing = TierPricing {
        model,
        quantity: line.quantity,
        own_table: own.is_some(),
        tiers: own.unwrap_or_else(|| zuora.clone()),
    };
    let pricing = match charge.charge_type {
        ChargeType::Recurring => Pricing::RecurringTiers(pricing),
        ChargeType::OneTime => Pricing::OneTimeTiers(pricing),
        ChargeType::Usage => Pricing::UsageTiers(pricing),
    };
    let priced = Priced { pricing, discount };
    if net(&priced).is_sign_negative() && !net(&priced).is_zero() {
        let detail =
            format!("It takes off more than the {} that Zuora's table costs.", priced.pricing.amount());
        return Err(Problem::new(ProblemCode::LineDiscount, detail).at(format!("{at} discount")));
    }
    if let (Some(theirs), true) = (line.amount, charge.charge_type != ChargeType::Usage) {
        let ours = round_amount(net(&priced), currency);
        if (ours - theirs).abs() > smallest_amount(currency) {
            notices.push(format!(
                "{at}: by Zuora's price table it costs {ours} {currency}, HubSpot says {theirs}; Zuora's is used."
            ));
        }
    }
    Ok(priced)
}

/// The table with the line's discount in each price.
fn reduced(line: &CheckedLine, tiers: &[Tier]) -> Result<Vec<Tier>, Problem> {
    let at = format!("line item {} discount", line.id);
    tiers
        .iter()
        .map(|tier| {
            if matches!(line.reduction, Reduction::PerUnit(_)) && tier.flat {
                let detail = "An amount per unit cannot be taken off a range with one flat price.";
                return Err(Problem::new(ProblemCode::LineDiscount, detail).at(at.clone()));
            }
            let price = line.reduced(tier.price);
            if price.is_sign_negative() && !price.is_zero() || !fits_zuora(price) {
                let detail = format!("A range's price {} would become {price}.", tier.price);
                return Err(Problem::new(ProblemCode::LineDiscount, detail).at(at.clone()));
            }
            Ok(Tier { price, ..tier.clone() })
        })
        .collect()
}

fn net(priced: &Priced) -> Decimal {
    let gross = priced.pricing.amount();
    match priced.discount.as_ref().map(|d| d.off) {
        None => gross,
        Some(Off::Amount(amount)) => gross - amount,
        Some(Off::Percentage(percent)) => {
            gross.saturating_mul(Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED
        }
    }
}
