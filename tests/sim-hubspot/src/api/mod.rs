//! The simulated REST API: which part answers which path.
//!
//! Paths of version 2026-09 and their v3/v4 twins lead to the same places.

mod account;
mod associations;
mod batch;
mod labels;
mod objects;
mod pipelines;
mod properties;
mod search;
mod shape;

use crate::http::{Answer, Request};
use crate::kind::Kind;
use crate::state::State;

/// The version in paths.
const VERSION: &str = "2026-09";

/// Splits a path into its area (`objects`, `associations`, ...) and what follows the version.
fn area(request: &Request) -> Option<(&str, &str, Vec<&str>)> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let (root, rest) = segments.split_first()?;
    let versioned = |text: &str| text == VERSION || matches!(text, "v3" | "v4");
    match (*root, rest) {
        ("crm" | "settings", [version, area, rest @ ..]) if versioned(version) => {
            Some((root, area, rest.to_vec()))
        }
        ("crm" | "settings", [area, version, rest @ ..]) if versioned(version) => {
            Some((root, area, rest.to_vec()))
        }
        ("account-info", [version, rest @ ..]) if versioned(version) => Some((root, "", rest.to_vec())),
        ("oauth", ["v2", "private-apps", rest @ ..]) => Some((root, "", rest.to_vec())),
        _ => None,
    }
}

/// Answers a call of the API.
pub(crate) fn answer(state: &mut State, request: &Request, calls_today: usize) -> Answer {
    let Some((root, area, rest)) = area(request) else { return state.not_found() };
    if let Some(scope) = scope(request)
        && state.switches.missing_scopes.contains(&scope)
    {
        return state.missing_scopes(&[scope]);
    }
    let answer = match (root, area) {
        ("crm", "objects") => objects(state, request, &rest),
        ("crm", "associations") => match rest.as_slice() {
            [from, to, rest @ ..] => with_kinds(state, from, to, |state, from, to| match rest.first() {
                Some(&"labels") => labels::answer(state, request, from, to, rest),
                _ => associations::answer(state, request, from, to, rest),
            }),
            _ => None,
        },
        ("crm", "properties") => match rest.as_slice() {
            [kind, rest @ ..] => {
                with_kind(state, kind, |state, kind| properties::answer(state, request, kind, rest))
            }
            _ => None,
        },
        ("crm", "pipelines") => pipelines::answer(state, request, &rest),
        ("crm", "owners") => account::owners(state, request, &rest),
        ("account-info", _) => account::account_info(state, request, &rest, calls_today),
        ("settings", "currencies") => account::currencies(state, request, &rest),
        ("oauth", _) => account::token_info(state, request, &rest),
        _ => None,
    };
    answer.unwrap_or_else(|| state.not_found())
}

fn objects(state: &mut State, request: &Request, rest: &[&str]) -> Option<Answer> {
    let (kind, rest) = rest.split_first()?;
    with_kind(state, kind, |state, kind| match (request.method.as_str(), rest) {
        (_, ["batch", _]) => batch::answer(state, request, kind, rest),
        ("POST", ["search"]) => Some(search::answer(state, request, kind)),
        ("POST", ["merge"]) => Some(objects::merge(state, request, kind)),
        ("POST", ["gdpr-delete"]) if kind == Kind::Contact => Some(objects::privacy_delete(state, request)),
        ("GET", []) => Some(objects::list(state, request, kind)),
        ("POST", []) => Some(objects::create(state, request, kind)),
        ("GET", [id]) => Some(objects::get(state, request, kind, id)),
        ("PATCH", [id]) => Some(objects::update(state, request, kind, id)),
        ("DELETE", [id]) => Some(objects::archive(state, request, kind, id)),
        (_, [id, "associations", rest @ ..]) => associations::single(state, request, kind, id, rest),
        _ => None,
    })
}

fn with_kind(
    state: &mut State,
    name: &str,
    answer: impl FnOnce(&mut State, Kind) -> Option<Answer>,
) -> Option<Answer> {
    match Kind::parse(name) {
        Some(kind) => answer(state, kind),
        None => Some(state.invalid(&format!("Unable to infer object type from: {name}"))),
    }
}

fn with_kinds(
    state: &mut State,
    from: &str,
    to: &str,
    answer: impl FnOnce(&mut State, Kind, Kind) -> Option<Answer>,
) -> Option<Answer> {
    with_kind(state, from, |state, from| with_kind(state, to, |state, to| answer(state, from, to)))
}

/// The scope that a call needs, where it is one of an object type or of owners.
pub(crate) fn scope(request: &Request) -> Option<String> {
    let (root, area, rest) = area(request)?;
    if root != "crm" {
        return None;
    }
    if area == "owners" {
        return Some("crm.objects.owners.read".to_owned());
    }
    let kind = Kind::parse(rest.first()?)?;
    let reads =
        request.method == "GET" || request.path.ends_with("/batch/read") || request.path.ends_with("/search");
    let right = if reads { "read" } else { "write" };
    // There is no scope of their own for definitions of products and line items.
    if area == "properties" && !reads && matches!(kind, Kind::Product | Kind::LineItem) {
        return Some("e-commerce".to_owned());
    }
    let family = if matches!(area, "properties" | "pipelines") { "schemas" } else { "objects" };
    Some(format!("crm.{family}.{}.{right}", kind.plural()))
}
