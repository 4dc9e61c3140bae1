//! Whether a deal is won, and what a won deal does: by rule, or by what it names (issue: separate deals).

use crate::crm::deal::Deal;
use crate::ids::SubscriptionNumber;
use crate::policy::{DealDoes, DealRule, Policy};
use crate::problem::{Problem, ProblemCode};
use std::collections::BTreeSet;

/// Whether a deal is won: the stages named in the configuration for its pipeline, else HubSpot's own judgement.
pub fn is_won(deal: &Deal, policy: &Policy) -> bool {
    let named = deal.pipeline.as_deref().and_then(|p| policy.deals.won_stages.get(p));
    match (named, deal.stage.as_deref()) {
        (Some(stages), Some(stage)) => stages.contains(stage),
        (Some(_), None) => false,
        (None, _) => deal.closed_won,
    }
}

/// What a deal is to do once it is won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A subscription of its own.
    New,
    /// Further lines on this subscription.
    Extend(SubscriptionNumber),
    /// The next term of this subscription.
    Renew(SubscriptionNumber),
    /// Nothing.
    Nothing,
}

/// Finds the role of a deal: the first rule that fits, else by the subscription that it names.
pub fn role(deal: &Deal, policy: &Policy) -> Result<Role, Problem> {
    let named = deal.property(&policy.deals.properties.extends).map(str::trim).filter(|t| !t.is_empty());
    let is_renewal = deal.deal_type.as_deref().is_some_and(|t| t.to_ascii_lowercase().contains("renew"));
    let does = match policy.deals.rules.iter().find(|rule| fits(rule, deal)) {
        Some(rule) => rule.does,
        None if named.is_none() => DealDoes::New,
        None if is_renewal => DealDoes::Renew,
        None => DealDoes::Extend,
    };
    let number = || {
        named.map(SubscriptionNumber::from).ok_or_else(|| {
            Problem::new(ProblemCode::DealExtends, "")
                .at(format!("deal {} {}", deal.id, policy.deals.properties.extends))
        })
    };
    Ok(match does {
        DealDoes::New => Role::New,
        DealDoes::Nothing => Role::Nothing,
        DealDoes::Extend => Role::Extend(number()?),
        DealDoes::Renew => Role::Renew(number()?),
    })
}

fn fits(rule: &DealRule, deal: &Deal) -> bool {
    let among = |values: &BTreeSet<String>, value: Option<&str>| {
        values.is_empty() || value.is_some_and(|v| values.iter().any(|x| x.eq_ignore_ascii_case(v.trim())))
    };
    let pipeline =
        rule.pipelines.is_empty() || deal.pipeline.as_ref().is_some_and(|p| rule.pipelines.contains(p));
    let property = rule.property.as_ref().is_none_or(|(name, values)| {
        deal.property(name).is_some_and(|value| !value.trim().is_empty() && among(values, Some(value)))
    });
    pipeline && among(&rule.deal_types, deal.deal_type.as_deref()) && property
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{HubSpotId, PortalId};

    fn deal(deal_type: &str, extends: &str, pipeline: &str) -> Deal {
        Deal {
            id: HubSpotId::parse("7001").unwrap(),
            name: None,
            pipeline: Some(pipeline.into()),
            stage: None,
            closed_won: true,
            closed_lost: false,
            close_date: None,
            currency: None,
            service_activation: None,
            customer_acceptance: None,
            deal_type: Some(deal_type.into()),
            other: [("zuora_extends_subscription".to_owned(), extends.to_owned())].into(),
            merged_ids: Vec::new(),
        }
    }

    #[test]
    fn without_rules_the_named_subscription_decides() {
        let policy = Policy::defaults(PortalId(1));
        assert_eq!(role(&deal("newbusiness", "", "p"), &policy), Ok(Role::New));
        assert_eq!(role(&deal("existingbusiness", "", "p"), &policy), Ok(Role::New));
        assert_eq!(role(&deal("existingbusiness", " S-1 ", "p"), &policy), Ok(Role::Extend("S-1".into())));
        assert_eq!(role(&deal("Renewal", "S-1", "p"), &policy), Ok(Role::Renew("S-1".into())));
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rule = |pipeline: &str, deal_type: &str, does| DealRule {
            pipelines: [pipeline].into_iter().filter(|p| !p.is_empty()).map(str::to_owned).collect(),
            deal_types: [deal_type].into_iter().filter(|t| !t.is_empty()).map(str::to_owned).collect(),
            property: None,
            does,
        };
        let mut policy = Policy::defaults(PortalId(1));
        policy.deals.rules =
            vec![rule("services", "", DealDoes::Nothing), rule("", "ExistingBusiness", DealDoes::Extend)];
        assert_eq!(role(&deal("newbusiness", "", "services"), &policy), Ok(Role::Nothing));
        assert_eq!(role(&deal("newbusiness", "", "p"), &policy), Ok(Role::New));
        let unnamed = role(&deal("existingbusiness", "", "p"), &policy).unwrap_err();
        assert_eq!(unnamed.code, ProblemCode::DealExtends);
    }

    #[test]
    fn a_property_with_values_or_filled_at_all_decides() {
        let rule = |values: &[&str], does| DealRule {
            pipelines: BTreeSet::new(),
            deal_types: BTreeSet::new(),
            property: Some(("motion".to_owned(), values.iter().map(|v| (*v).to_owned()).collect())),
            does,
        };
        let mut policy = Policy::defaults(PortalId(1));
        policy.deals.rules = vec![rule(&["Renewal"], DealDoes::Renew), rule(&[], DealDoes::Nothing)];
        let with = |motion: &str| {
            let mut deal = deal("newbusiness", "S-1", "p");
            deal.other.insert("motion".into(), motion.into());
            role(&deal, &policy)
        };
        assert_eq!(with("renewal "), Ok(Role::Renew("S-1".into())));
        assert_eq!(with("other"), Ok(Role::Nothing));
        // Not filled: no rule fits, and the named subscription decides.
        assert_eq!(with(" "), Ok(Role::Extend("S-1".into())));
        // All conditions of a rule must hold.
        policy.deals.rules[0].pipelines.insert("q".into());
        let mut other = deal("newbusiness", "S-1", "p");
        other.other.insert("motion".into(), "renewal".into());
        assert_eq!(role(&other, &policy), Ok(Role::Nothing));
    }
}
