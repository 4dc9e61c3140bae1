//! The XML of `GET /v1/describe/{object}` (<https://developer.zuora.com/v1-api-reference/api/operation/GET_Describe/>):
//! `object`, in it `fields`, in it a `field` for each field with `name`, `type` and more. The only XML that Zuora
//! sends us (`zuora.md` trap 22). What is not known is skipped; what is no such document is an error.

use connector_ports::installation::FieldFound;
use xmlparser::{ElementEnd, Token, Tokenizer};

/// The text is no description of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoDescription;

#[derive(Default)]
struct Open {
    name: Option<String>,
    type_word: Option<String>,
    longest: Option<u32>,
}

/// All fields that the document describes.
pub(super) fn fields(document: &str) -> Result<Vec<FieldFound>, NoDescription> {
    let mut fields = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    let mut open = Open::default();
    let mut is_description = false;
    for token in Tokenizer::from(document) {
        match token.map_err(|_| NoDescription)? {
            Token::ElementStart { local, .. } => path.push(local.as_str()),
            Token::ElementEnd { end: ElementEnd::Open, .. } => {
                is_description |= path == ["object", "fields"];
                if path == ["object", "fields", "field"] {
                    open = Open::default();
                }
            }
            Token::ElementEnd { end: ElementEnd::Close(..) | ElementEnd::Empty, .. } => {
                if path == ["object", "fields", "field"] {
                    fields.extend(std::mem::take(&mut open).close());
                }
                is_description |= path == ["object", "fields"];
                path.pop();
            }
            Token::Text { text } | Token::Cdata { text, .. } => {
                if let ["object", "fields", "field", element] = path.as_slice() {
                    open.take(element, text.as_str().trim());
                }
            }
            Token::Declaration { .. }
            | Token::ProcessingInstruction { .. }
            | Token::Comment { .. }
            | Token::DtdStart { .. }
            | Token::EmptyDtd { .. }
            | Token::EntityDeclaration { .. }
            | Token::DtdEnd { .. }
            | Token::Attribute { .. } => {}
        }
    }
    if is_description && path.is_empty() { Ok(fields) } else { Err(NoDescription) }
}

impl Open {
    fn take(&mut self, element: &str, text: &str) {
        match element {
            "name" => self.name = Some(text.to_owned()),
            "type" => self.type_word = Some(text.to_ascii_lowercase()),
            "maxlength" => self.longest = text.parse().ok(),
            _ => {}
        }
    }

    /// A field without a name is none; API names hold no characters that XML must escape.
    fn close(self) -> Option<FieldFound> {
        let name = self.name.filter(|name| !name.is_empty())?;
        Some(FieldFound { name, type_word: self.type_word.unwrap_or_default(), longest: self.longest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_types_and_lengths_are_read() {
        let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<object href=\"x\"><!-- a > b -->\n\
            <name>Contact</name><label>Contact &amp; more</label><fields>\n\
            <field><name>crmId__c</name><label>CRM &lt;Id&gt;</label><type>Text</type><maxlength>255</maxlength>\
            <contexts><context>export</context></contexts><unknown><name>no</name></unknown></field>\n\
            <field><name><![CDATA[State]]></name><type>picklist</type><options><option>TaxExclusive</option></options></field>\n\
            <field/><field><label>nameless</label></field>\n\
            </fields><related-objects><object><name>Account</name></object></related-objects></object>";
        let found = fields(document).unwrap();
        let told: Vec<(&str, &str, Option<u32>)> =
            found.iter().map(|f| (f.name.as_str(), f.type_word.as_str(), f.longest)).collect();
        assert_eq!(told, [("crmId__c", "text", Some(255)), ("State", "picklist", None)]);
    }

    #[test]
    fn an_object_without_fields_is_described_and_a_page_is_not() {
        assert_eq!(fields("<object><fields/></object>"), Ok(Vec::new()));
        assert_eq!(fields("<object><fields></fields></object>"), Ok(Vec::new()));
        for bad in
            ["", "{}", "<html><body>Maintenance</body></html>", "<object><fields><field>", "<object>", "<a"]
        {
            assert_eq!(fields(bad), Err(NoDescription), "{bad}");
        }
    }
}
