"""Every recorded HubSpot call against HubSpot's own OpenAPI documents (version 2026-09)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from hubspot_specs import Documents, documents
from recordings import Call, recorded, report

BATCH_READ = "/crm/objects/2026-09/companies/batch/read"


@pytest.fixture(scope="module")
def specs() -> Documents:
    return documents()


def made(method: str, path: str, request=None, status: int = 0, response=None, query: str = "") -> Call:
    return Call(method, path, query, request, status, response, "made up")


def test_every_recorded_call_fits_the_documents(specs: Documents):
    findings: list[str] = []
    uncovered: dict[str, int] = {}
    checked = 0
    for call in recorded("hubspot"):
        found = specs.check(call)
        if found is None:
            if call.status != 404:
                name = f"{call.method} {call.path}"
                uncovered[name] = uncovered.get(name, 0) + 1
            continue
        checked += 1
        findings += found
    print(f"{checked} calls checked")
    for name, count in sorted(uncovered.items()):
        print(f"not covered by any document: {count} x {name}")
    if not checked:
        pytest.skip("none of the recorded calls is covered by a document")
    report(findings, "deviations from HubSpot's documents")


def test_every_kind_of_read_that_a_deal_needs_is_in_the_recordings():
    """What nobody sends would be checked by nobody."""
    seen = set()
    for call in recorded("hubspot"):
        histories = isinstance(call.request, dict) and call.request.get("propertiesWithHistory")
        if call.status == 200 and call.path.endswith("/batch/read"):
            seen.add((call.path.split("/")[-3], bool(histories)))
        if call.status == 200 and call.method == "GET" and "propertiesWithHistory" in call.query:
            seen.add((call.path.split("/")[-2], True))
    expected = {("line_items", True), ("companies", False), ("products", False)}
    report([f"nobody reads: {one}" for one in sorted(expected - seen)], "reads that nobody checks")


OBJECTS = "/crm/objects/2026-09"
ASSOCIATIONS = "/crm/associations/2026-09"
DEAL = {"dealname": "Walked", "dealstage": "contractsent", "pipeline": "default"}
SPEC = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}
PAIR = {"from": {"id": "{deal}"}, "to": {"id": "5001"}}

# One call for each operation that the simulator answers, in an order in which they can be made.
# `{deal}` and `{label}` stand for what the first calls made.
WALK = [
    ("POST", f"{OBJECTS}/deals", {"properties": DEAL, "associations": [{"to": {"id": "9001001"}, "types": [
        {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]}]}),
    ("GET", f"{OBJECTS}/deals?limit=2&properties=dealname", None),
    ("GET", f"{OBJECTS}/deals/{{deal}}?associations=companies,line_items&propertiesWithHistory=dealstage", None),
    ("PATCH", f"{OBJECTS}/deals/{{deal}}", {"properties": {"dealstage": "closedwon", "closedate": "2026-11-16"}}),
    ("POST", f"{OBJECTS}/deals/batch/read", {"inputs": [{"id": "{deal}"}, {"id": "1"}],
        "properties": ["amount"], "propertiesWithHistory": ["dealstage"]}),
    ("POST", f"{OBJECTS}/deals/batch/update", {"inputs": [{"id": "{deal}", "properties": {"amount": "5"}}]}),
    ("POST", f"{OBJECTS}/contacts/batch/upsert", {"inputs": [{"id": "walk@lumen.example", "idProperty": "email",
        "properties": {"firstname": "Walk"}}]}),
    ("POST", f"{OBJECTS}/line_items/batch/create", {"inputs": [{"properties": {"name": "Ad hoc", "price": "5"},
        "associations": [{"to": {"id": "{deal}"}, "types": [
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 20}]}]}]}),
    ("POST", f"{OBJECTS}/products/search", {"filterGroups": [{"filters": [
        {"propertyName": "hs_sku", "operator": "EQ", "value": "KP-CORE"}]}], "sorts": [], "properties": ["name"],
        "limit": 1, "after": "0"}),
    ("POST", f"{OBJECTS}/companies/search", {"filterGroups": [], "sorts": [], "properties": [], "limit": 1,
        "after": "0"}),
    ("PUT", f"{OBJECTS}/deals/{{deal}}/associations/contacts/5001", [SPEC]),
    ("PUT", f"{OBJECTS}/deals/{{deal}}/associations/default/contacts/5002", None),
    ("POST", f"{ASSOCIATIONS}/deals/contacts/batch/create", {"inputs": [{**PAIR, "types": [SPEC]}]}),
    ("POST", f"{ASSOCIATIONS}/deals/contacts/batch/associate/default", {"inputs": [PAIR]}),
    ("POST", f"{ASSOCIATIONS}/deals/contacts/batch/read", {"inputs": [{"id": "{deal}"}, {"id": "2"}]}),
    ("GET", f"{ASSOCIATIONS}/deals/contacts/labels", None),
    ("POST", f"{ASSOCIATIONS}/deals/contacts/labels", {"name": "walked", "label": "Walked"}),
    ("PUT", f"{ASSOCIATIONS}/deals/contacts/labels", {"associationTypeId": "{label}", "label": "Walked on"}),
    ("POST", f"{ASSOCIATIONS}/deals/contacts/batch/labels/archive", {"inputs": [{**PAIR, "types": [
        {"associationCategory": "USER_DEFINED", "associationTypeId": "{label}"}]}]}),
    ("DELETE", f"{ASSOCIATIONS}/deals/contacts/labels/{{label}}", None),
    ("POST", f"{ASSOCIATIONS}/deals/contacts/batch/archive", {"inputs": [{"from": PAIR["from"],
        "to": [PAIR["to"]]}]}),
    ("DELETE", f"{OBJECTS}/deals/{{deal}}/associations/contacts/5002", None),
    ("POST", f"{OBJECTS}/companies/merge", {"primaryObjectId": "9001004", "objectIdToMerge": "9001005"}),
    ("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": "5003"}),
    ("POST", f"{OBJECTS}/deals/batch/archive", {"inputs": [{"id": "{deal}"}]}),
    ("GET", f"{OBJECTS}/deals/{{deal}}?archived=true", None),
    ("GET", f"{OBJECTS}/deals/{{deal}}", None),
    ("DELETE", f"{OBJECTS}/companies/9001007", None),
    ("GET", "/crm/properties/2026-09/deals", None),
    ("GET", "/crm/properties/2026-09/deals/groups", None),
    ("POST", "/crm/properties/2026-09/deals/groups", {"name": "walked", "label": "Walked", "displayOrder": -1}),
    ("GET", "/crm/properties/2026-09/deals/groups/walked", None),
    ("PATCH", "/crm/properties/2026-09/deals/groups/walked", {"label": "Walked on"}),
    ("POST", "/crm/properties/2026-09/deals", {"name": "walked", "label": "Walked", "groupName": "walked",
        "type": "enumeration", "fieldType": "select", "options": [
            {"label": "A", "value": "a", "displayOrder": 0, "hidden": False}]}),
    ("POST", "/crm/properties/2026-09/deals", {"name": "walked", "label": "Walked", "groupName": "walked",
        "type": "string", "fieldType": "text"}),
    ("GET", "/crm/properties/2026-09/deals/walked", None),
    ("PATCH", "/crm/properties/2026-09/deals/walked", {"label": "Walked on"}),
    ("POST", "/crm/properties/2026-09/deals/batch/read", {"inputs": [{"name": "walked"}, {"name": "nothing"}],
        "archived": False, "dataSensitivity": "non_sensitive"}),
    ("POST", "/crm/properties/2026-09/deals/batch/create", {"inputs": [{"name": "walked_too", "label": "Walked",
        "groupName": "walked", "type": "string", "fieldType": "text"}]}),
    ("POST", "/crm/properties/2026-09/deals/batch/archive", {"inputs": [{"name": "walked_too"}]}),
    ("DELETE", "/crm/properties/2026-09/deals/walked", None),
    ("DELETE", "/crm/properties/2026-09/deals/groups/walked", None),
    ("GET", "/crm/pipelines/2026-09/deals", None),
    ("GET", "/crm/pipelines/2026-09/deals/default", None),
    ("GET", "/crm/pipelines/2026-09/deals/default/stages", None),
    ("GET", "/crm/pipelines/2026-09/deals/default/stages/closedwon", None),
    ("POST", "/crm/pipelines/2026-09/deals", {"label": "Walked", "displayOrder": 2, "stages": [
        {"label": "Done", "displayOrder": 0, "metadata": {"probability": "1.0"}}]}),
    ("GET", "/crm/owners/2026-09?email=nobody%40example.com", None),
    ("GET", "/crm/owners/2026-09", None),
    ("GET", "/crm/owners/2026-09/88201", None),
    ("GET", "/account-info/2026-09/details", None),
    ("GET", "/account-info/2026-09/api-usage/daily/private-apps", None),
    ("GET", "/settings/currencies/2026-09/codes", None),
    ("GET", "/settings/currencies/2026-09/company-currency", None),
    ("GET", "/settings/currencies/2026-09/exchange-rates", None),
    ("GET", "/settings/currencies/2026-09/exchange-rates/current", None),
]


def filled(value, made: dict):
    """Puts the ids of what was made into the places that stand for them."""
    if isinstance(value, dict):
        return {name: filled(one, made) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, made) for one in value]
    if value == "{label}":
        return made["label"]
    return value.format(**made) if isinstance(value, str) else value


def ask(hubspot, method: str, target: str, body) -> Call:
    """Makes one call of the simulated API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(hubspot.base_url + target, data=data, method=method)
    request.add_header("Authorization", "Bearer pat-na1-test")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        status, text = refused.code, refused.read()
    path, _, query = target.partition("?")
    return Call(method, path, query, body, status, json.loads(text) if text else None, "walk")


def test_every_operation_of_the_simulator_fits_the_documents(specs: Documents, hubspot):
    made: dict = {}
    findings: list[str] = []
    for method, target, body in WALK:
        call = ask(hubspot, method, filled(target, made), filled(body, made))
        assert call.status < 500, call
        assert call.status != 404 or target.endswith("{deal}"), f"{call}: {call.response}"
        assert call.status != 400, f"{call}: {call.response}"
        if method == "POST" and target == f"{OBJECTS}/deals":
            made["deal"] = call.response["id"]
        if method == "POST" and target.endswith("/labels"):
            made["label"] = call.response["results"][0]["typeId"]
        found = specs.check(call)
        assert found is not None, f"{call} is covered by no document"
        findings += found
    report(findings, "deviations of the simulator from HubSpot's documents")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (made("POST", BATCH_READ, {"inputs": [{"id": "1"}], "properties": []}), "propertiesWithHistory"),
        (
            made("POST", BATCH_READ, {"inputs": [{"id": 1}], "properties": [], "propertiesWithHistory": []}),
            "is not of type 'string'",
        ),
        (
            made("POST", BATCH_READ, {"input": [], "inputs": [], "properties": [], "propertiesWithHistory": []}),
            "'input' was unexpected",
        ),
        (made("GET", "/crm/objects/2026-09/deals/1", query="propertys=name"), "unknown query parameter propertys"),
        (made("PATCH", "/crm/objects/2026-09/deals/1", {"properties": {"amount": 5}}), "is not of type 'string'"),
        (
            made("GET", "/crm/objects/2026-09/deals/1", status=200, response={"id": "1", "properties": {}}),
            "'createdAt' is a required property",
        ),
        (made("POST", "/crm/objects/2026-09/deals", {"properties": {}}, 200, None), "status 200 instead of"),
        (
            made("GET", "/crm/objects/2026-09/deals/1", status=404, response={"status": "error", "message": "no"}),
            "'category' is a required property",
        ),
    ],
)
def test_wrong_calls_are_found(specs: Documents, call: Call, expected: str):
    found = specs.check(call)
    assert found and any(expected in one for one in found), found


@pytest.mark.parametrize(
    "call",
    [
        made("POST", "/crm/objects/2026-09/deals", {"properties": {"dealname": "A"}}),
        made(
            "POST",
            "/crm/objects/2026-09/deals/search",
            {"filterGroups": [], "sorts": [{"propertyName": "createdate", "direction": "ASCENDING"}]},
        ),
        made("DELETE", "/crm/objects/2026-09/0-3/1", status=204),
        made("POST", BATCH_READ, {"inputs": 5}, 400, {"message": "no", "category": "VALIDATION_ERROR",
             "correlationId": "c0331a7e-0000-4000-8000-000000000001", "status": "error"}),
    ],
)
def test_known_deviations_and_good_calls_pass(specs: Documents, call: Call):
    assert specs.check(call) == []


def test_uncovered_paths_are_told_apart(specs: Documents):
    assert specs.check(made("GET", "/crm/v3/objects/companies/1")) is None
