//! Every object kind has its files, its queue and its worker. The compiler sees the matches; this sees the rest.

use crate::files::File;
use std::collections::BTreeSet;

/// The kinds by the names that `ObjectKind::as_str` gives them.
pub fn parse(object_rs: &str) -> Vec<String> {
    let body = object_rs.split_once("impl ObjectKind").map_or("", |(_, rest)| rest);
    let body = body.split_once("fn as_str").map_or("", |(_, rest)| rest);
    let body = body.split("\n    }\n").next().unwrap_or_default();
    body.lines()
        .filter_map(|line| {
            let (kind, name) = line.trim().strip_prefix("ObjectKind::")?.split_once("=>")?;
            let name = name.trim().trim_end_matches(',').trim_matches('"');
            (!kind.trim().is_empty() && !name.is_empty()).then(|| name.to_owned())
        })
        .collect()
}

/// `line_item` becomes `LineItem`.
fn in_template(kind: &str) -> String {
    kind.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
        })
        .collect()
}

/// Complaints about files that a kind lacks.
pub fn files(kinds: &[String], paths: &BTreeSet<String>) -> Vec<String> {
    let mut out = Vec::new();
    for kind in kinds {
        for path in [
            format!("shared/domain/src/crm/{kind}.rs"),
            format!("shared/engine/src/reconcilers/{kind}.rs"),
            format!("shared/hubspot/src/{kind}.rs"),
        ] {
            if !paths.contains(&path) {
                out.push(format!("{kind}: {path} is missing (docs/adding-an-object.md)"));
            }
        }
    }
    out
}

/// One resource of the template: its name and its indented lines.
fn resources(template: &str) -> Vec<(String, String)> {
    let body = template.split_once("\nResources:\n").map_or("", |(_, rest)| rest);
    let mut found: Vec<(String, String)> = Vec::new();
    for line in body.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_comment = line.trim_start().starts_with('#');
        if line.is_empty() || is_comment {
            continue;
        }
        if indent == 0 {
            break;
        }
        match (indent, line.trim().strip_suffix(':'), found.last_mut()) {
            (2, Some(name), _) => found.push((name.to_owned(), String::new())),
            (_, _, Some((_, lines))) => {
                lines.push_str(line.trim());
                lines.push('\n');
            }
            (_, _, None) => {}
        }
    }
    found
}

/// Complaints about resources that a kind lacks in the template, and about workers without a kind.
pub fn template(kinds: &[String], template: &File) -> Vec<String> {
    let resources = resources(&template.text);
    let lines_of = |name: &str| resources.iter().find(|(n, _)| n == name).map(|(_, lines)| lines.as_str());
    let mut out = Vec::new();
    let mut workers = BTreeSet::new();
    for kind in kinds {
        let name = in_template(kind);
        let worker = format!("SyncWorker{name}Function");
        let needed: [(String, Vec<String>); 3] = [
            (
                worker.clone(),
                vec![
                    "Type: AWS::Serverless::Function".into(),
                    format!("Queue: !GetAtt {name}Queue.Arn"),
                    // Without it the failures of a batch vanish.
                    "FunctionResponseTypes: [ReportBatchItemFailures]".into(),
                ],
            ),
            (
                format!("{name}Queue"),
                vec![
                    "Type: AWS::SQS::Queue".into(),
                    "FifoQueue: true".into(),
                    format!("deadLetterTargetArn: !GetAtt {name}DeadLetterQueue.Arn"),
                ],
            ),
            (format!("{name}DeadLetterQueue"), vec!["Type: AWS::SQS::Queue".into()]),
        ];
        workers.insert(worker);
        for (resource, contents) in needed {
            match lines_of(&resource) {
                None => out.push(format!("{}: {kind} has no resource {resource}", template.path)),
                Some(lines) => {
                    for content in contents.iter().filter(|c| !lines.lines().any(|line| line == c.as_str())) {
                        out.push(format!("{}: {resource} does not say `{content}`", template.path));
                    }
                }
            }
        }
        let variable = format!("CONNECTOR_QUEUES__{}: !Ref {name}Queue", kind.to_uppercase());
        if !template.text.lines().any(|line| line.trim() == variable) {
            out.push(format!("{}: the functions' environment lacks `{variable}`", template.path));
        }
    }
    for (name, _) in &resources {
        let is_worker = name.starts_with("SyncWorker") && name.ends_with("Function");
        if is_worker && !workers.contains(name) {
            out.push(format!("{}: {name} belongs to no object kind", template.path));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "pub enum ObjectKind { Company, LineItem }\nimpl ObjectKind {\n    pub fn as_str(self) -> &'static str {\n        match self {\n            ObjectKind::Company => \"company\",\n            ObjectKind::LineItem => \"line_item\",\n        }\n    }\n    pub fn type_id(self) -> &'static str {\n        match self {\n            ObjectKind::Company => \"0-2\",\n        }\n    }\n}\n";

    fn block(name: &str) -> String {
        format!(
            "  SyncWorker{name}Function:\n    Type: AWS::Serverless::Function\n    Properties:\n      # a comment\n      Queue: !GetAtt {name}Queue.Arn\n      FunctionResponseTypes: [ReportBatchItemFailures]\n\n  {name}Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      FifoQueue: true\n      deadLetterTargetArn: !GetAtt {name}DeadLetterQueue.Arn\n\n  {name}DeadLetterQueue:\n    Type: AWS::SQS::Queue\n"
        )
    }

    fn planted() -> String {
        format!(
            "Globals:\n  Environment:\n    CONNECTOR_QUEUES__COMPANY: !Ref CompanyQueue\n    CONNECTOR_QUEUES__LINE_ITEM: !Ref LineItemQueue\n\nResources:\n{}{}Outputs:\n  A:\n    Value: x\n",
            block("Company"),
            block("LineItem")
        )
    }

    fn complaints(text: &str) -> usize {
        template(&parse(OBJECT), &File::new("template.yaml", text)).len()
    }

    #[test]
    fn kinds_are_read_from_as_str_alone() {
        assert_eq!(parse(OBJECT), ["company", "line_item"]);
    }

    #[test]
    fn a_missing_file_is_found() {
        let paths = BTreeSet::from(["shared/engine/src/reconcilers/company.rs".to_owned()]);
        assert_eq!(files(&["company".to_owned()], &paths).len(), 2);
    }

    #[test]
    fn a_complete_template_passes_and_each_gap_is_found() {
        assert_eq!(complaints(&planted()), 0);
        for gap in [
            "SyncWorkerLineItemFunction:",
            "Queue: !GetAtt LineItemQueue.Arn",
            "FunctionResponseTypes: [ReportBatchItemFailures]",
            "FifoQueue: true",
            "deadLetterTargetArn: !GetAtt CompanyDeadLetterQueue.Arn",
            "  CompanyDeadLetterQueue:\n",
            "CONNECTOR_QUEUES__LINE_ITEM: !Ref LineItemQueue",
        ] {
            assert!(complaints(&planted().replacen(gap, "Nothing: here", 1)) > 0, "{gap}");
        }
        let more = planted().replace("Outputs:", &format!("{}Outputs:", block("Invoice")));
        assert_eq!(complaints(&more), 1);
    }
}
