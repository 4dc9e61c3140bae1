//! What differs is told, and what exists under another case is not made a second time.

use super::*;
use crate::installation::setup::{Outcome, Tally, plan, tally, words};
use crate::installation::wishes::{LinkFields, wishes};
use connector_domain::ids::PortalId;
use connector_domain::policy::Policy;

fn wanted() -> Wishes {
    let fields = LinkFields { contact: "crmId__c".into(), deal: "hubspotDealId__c".into(), plan: None };
    wishes(&Policy::defaults(PortalId(1)), &fields)
}

fn empty(wishes: &Wishes) -> Found {
    let mut found = Found::default();
    for kind in kinds(wishes) {
        found.groups.insert(kind, Ok(BTreeSet::from(["other".to_owned()])));
        found.properties.insert(kind, Ok(Vec::new()));
    }
    for pair in LabelPair::ALL {
        found.labels.insert(pair, Ok(vec!["Primary".to_owned()]));
    }
    for object in objects(wishes) {
        found.fields.insert(object, Ok(Some(Vec::new())));
    }
    found
}

/// As `setup` and the instructions leave it.
fn complete(wishes: &Wishes) -> Found {
    let mut found = empty(wishes);
    for property in &wishes.properties {
        let names = found.groups.get_mut(&property.on).unwrap().as_mut().unwrap();
        names.insert(property.wish.group.clone());
        found.properties.get_mut(&property.on).unwrap().as_mut().unwrap().push(PropertyFound {
            name: property.wish.name.clone(),
            type_word: property.wish.kind.type_word().to_owned(),
            choices: property.wish.choices.iter().map(|c| c.value.clone()).collect(),
            read_only: false,
        });
    }
    for label in &wishes.labels {
        found.labels.get_mut(&label.pair).unwrap().as_mut().unwrap().push(label.wish.text.clone());
    }
    for field in &wishes.fields {
        let all = found.fields.get_mut(&field.on).unwrap().as_mut().unwrap().as_mut().unwrap();
        all.push(FieldFound { name: field.name.clone(), type_word: "text".into(), longest: Some(255) });
    }
    found
}

fn standing(found: &Found, name: &str) -> Standing {
    let items = compare(&wanted(), found);
    items.into_iter().find(|item| item.name.starts_with(name)).unwrap().standing
}

fn change(found: &mut Found, name: &str, change: impl Fn(&mut PropertyFound)) {
    for all in found.properties.values_mut() {
        all.as_mut().unwrap().iter_mut().filter(|p| p.name == name).for_each(&change);
    }
}

#[test]
fn an_empty_installation_needs_everything_once() {
    let wanted = wanted();
    let steps = plan(compare(&wanted, &empty(&wanted)));
    // Two groups, 16 properties on each side, five of sellers, the trigger, five labels; two fields by hand and
    // one more that is optional.
    assert_eq!(tally(&steps), Tally { there: 0, changes: 2 + 32 + 5 + 1 + 5, by_hand: 2, failed: 0 });
    let by_hand: Vec<String> =
        steps.iter().filter(|s| s.outcome == Outcome::ByHand).map(|s| words(s).1).collect();
    for part in ["object Contact", "crmId__c", "type Text", "length 255", "Indexed"] {
        assert!(by_hand.first().unwrap().contains(part), "{part}: {by_hand:?}");
    }
    // The group of line items that was wished for is not there; another one serves.
    let trigger = steps.iter().find(|s| s.item.name.starts_with("billing_start_trigger")).unwrap();
    assert!(matches!(&trigger.item.make, Make::Property(_, wish) if wish.group == "other"));
}

#[test]
fn a_complete_installation_needs_nothing() {
    let wanted = wanted();
    let steps = plan(compare(&wanted, &complete(&wanted)));
    assert_eq!(tally(&steps), Tally { there: steps.len(), ..Tally::default() });
}

#[test]
fn what_exists_in_another_case_is_not_made_again() {
    let wanted = wanted();
    let mut found = complete(&wanted);
    found.labels.insert(LabelPair::DealCompany, Ok(vec!["invoice owner".into()]));
    assert_eq!(standing(&found, "\"Invoice Owner\""), Standing::There);
    let field = FieldFound { name: "HubSpotDealId__c".into(), type_word: "text".into(), longest: None };
    found.fields.insert(BillingObject::Order, Ok(Some(vec![field])));
    let Standing::Unfit { fix, severe: false, .. } = standing(&found, "hubspotDealId__c") else { panic!() };
    assert_eq!(fix, "Set zuora.deal_field = \"HubSpotDealId__c\".");
}

#[test]
fn types_that_do_not_fit_are_told() {
    let severity = |name: &str, to: fn(&mut PropertyFound)| {
        let mut found = complete(&wanted());
        change(&mut found, name, to);
        match standing(&found, name) {
            Standing::Unfit { severe, .. } => Some(severe),
            Standing::There => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(severity("zuora_mrr", |p| p.type_word = "date".into()), Some(true));
    assert_eq!(severity("zuora_mrr", |p| p.type_word = "string".into()), Some(false));
    assert_eq!(severity("zuora_mrr", |p| p.read_only = true), Some(true));
    assert_eq!(severity("zuora_sync_status", |p| p.choices.clear()), Some(true));
    assert_eq!(severity("zuora_effective_date", |p| p.type_word = "datetime".into()), None);
    assert_eq!(severity("zuora_effective_date", |p| p.type_word = "string".into()), Some(true));
    assert_eq!(severity("billing_start_trigger", |p| p.type_word = "string".into()), None);
    assert_eq!(severity("billing_start_trigger", |p| p.choices.clear()), Some(false));
}

#[test]
fn what_could_not_be_read_is_not_taken_for_missing() {
    let wanted = wanted();
    let mut found = complete(&wanted);
    let unread = Unread { why: "HTTP 403".into(), fix: "grant it".into(), refused: true };
    found.properties.insert(ObjectKind::Deal, Err(unread));
    let steps = plan(compare(&wanted, &found));
    let Tally { changes, failed, .. } = tally(&steps);
    assert_eq!((changes, failed), (0, 16 + 5));
}
