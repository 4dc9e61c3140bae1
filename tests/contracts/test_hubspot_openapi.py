"""Every recorded HubSpot call against HubSpot's own OpenAPI documents (version 2026-09)."""

from __future__ import annotations

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
    report(findings, "deviations from HubSpot's documents")


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
