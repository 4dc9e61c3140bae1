//! An update of one item, built once and sent alone or as part of a transaction.
//!
//! Every attribute goes through a placeholder, so that no name can collide with DynamoDB's reserved words.
//! Not here: what the attributes mean (`tables.rs`) and which conditions are set (`state_store.rs`).

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update as TransactUpdate,
};
use std::collections::HashMap;

/// What to set, add and remove on one item, and under which condition.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    table: String,
    pk: String,
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    condition: Option<String>,
    returns: bool,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Update {
    /// An update of the item with this key that does nothing yet.
    pub(crate) fn new(table: &str, pk: impl Into<String>) -> Self {
        Self {
            table: table.to_owned(),
            pk: pk.into(),
            set: Vec::new(),
            add: Vec::new(),
            remove: Vec::new(),
            condition: None,
            returns: false,
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    /// Sets an attribute.
    pub(crate) fn set(mut self, attribute: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(attribute), self.value(value));
        self.set.push(format!("{name} = {value}"));
        self
    }

    /// Adds to a number or to a set; an absent one counts as zero or empty.
    pub(crate) fn add(mut self, attribute: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(attribute), self.value(value));
        self.add.push(format!("{name} {value}"));
        self
    }

    /// Removes an attribute.
    pub(crate) fn remove(mut self, attribute: &str) -> Self {
        let name = self.name(attribute);
        self.remove.push(name);
        self
    }

    /// Sets an attribute, or removes it when there is no value.
    pub(crate) fn set_or_remove(self, attribute: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(attribute, value),
            None => self.remove(attribute),
        }
    }

    /// The condition, in the order of its parts.
    pub(crate) fn on(mut self, condition: &[Term<'_>]) -> Self {
        let mut text = String::new();
        for term in condition {
            let part = match term {
                Term::Text(text) => (*text).to_owned(),
                Term::Name(attribute) => self.name(attribute),
                Term::Value(value) => self.value(value.clone()),
            };
            text.push_str(&part);
        }
        self.condition = Some(text);
        self
    }

    /// Asks for the item as it is afterwards; only in a request of its own.
    pub(crate) fn returning(mut self) -> Self {
        self.returns = true;
        self
    }

    fn name(&mut self, attribute: &str) -> String {
        if let Some((name, _)) = self.names.iter().find(|(_, known)| *known == attribute) {
            return name.clone();
        }
        let name = format!("#n{}", self.names.len());
        self.names.insert(name.clone(), attribute.to_owned());
        name
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }

    fn expression(&self) -> Option<String> {
        let clauses = [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)];
        let clauses: Vec<_> = clauses
            .iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect();
        (!clauses.is_empty()).then(|| clauses.join(" "))
    }

    /// Fills a request of its own. When the condition fails, the answer holds the item as it is.
    pub(crate) fn fill(&self, request: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        request
            .table_name(&self.table)
            .key(crate::tables::attribute::PK, AttributeValue::S(self.pk.clone()))
            .set_update_expression(self.expression())
            .set_condition_expression(self.condition.clone())
            .set_expression_attribute_names(some(&self.names))
            .set_expression_attribute_values(some(&self.values))
            .return_values(if self.returns { ReturnValue::AllNew } else { ReturnValue::None })
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// The same as one action of a transaction.
    pub(crate) fn in_transaction(&self) -> Result<TransactWriteItem, BuildError> {
        let update = TransactUpdate::builder()
            .table_name(&self.table)
            .key(crate::tables::attribute::PK, AttributeValue::S(self.pk.clone()))
            .set_update_expression(self.expression())
            .set_condition_expression(self.condition.clone())
            .set_expression_attribute_names(some(&self.names))
            .set_expression_attribute_values(some(&self.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// A part of a condition.
#[derive(Debug, Clone)]
pub(crate) enum Term<'a> {
    /// Words of the expression language.
    Text(&'a str),
    /// An attribute.
    Name(&'a str),
    /// A value.
    Value(AttributeValue),
}

/// DynamoDB refuses an empty map where it accepts none.
fn some<V: Clone>(map: &HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then(|| map.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_writes_its_expression_with_placeholders_only() {
        let update = Update::new("t", "1#deal#2")
            .set("body", AttributeValue::S("{}".into()))
            .add("fence", AttributeValue::N("1".into()))
            .remove("due_at")
            .on(&[Term::Name("fence"), Term::Text(" = "), Term::Value(AttributeValue::N("3".into()))]);
        assert_eq!(update.expression().unwrap(), "SET #n0 = :v0 ADD #n1 :v1 REMOVE #n2");
        assert_eq!(update.condition.as_deref(), Some("#n1 = :v2"));
        assert_eq!(update.names.get("#n1").map(String::as_str), Some("fence"));
    }

    #[test]
    fn an_update_of_nothing_has_no_expression() {
        assert_eq!(Update::new("t", "1#deal#2").expression(), None);
        assert_eq!(some(&HashMap::<String, String>::new()), None);
    }
}
