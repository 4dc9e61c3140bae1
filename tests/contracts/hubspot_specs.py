"""HubSpot's OpenAPI documents as a check of single calls."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import jsonschema
import pytest

from recordings import REPOSITORY, Call

# Which document describes the records of an object type; the others are described by objects.json.
DOCUMENT_OF = {
    "companies": "companies",
    "0-2": "companies",
    "contacts": "contacts",
    "0-1": "contacts",
    "deals": "deals",
    "0-3": "deals",
    "products": "products",
    "0-7": "products",
    "line_items": "lineItems",
    "line_item": "lineItems",
    "0-8": "lineItems",
}


@dataclass(frozen=True)
class Deviation:
    """A difference between the documents and the service that we know of and accept."""

    side: str  # "request" or "response"
    path: str  # pattern of the path template
    finding: str  # pattern of the finding
    reason: str


DEVIATIONS = [
    Deviation(
        "request",
        r"/crm/objects/2026-09/\{objectType\}(/batch/create)?$",
        r"'associations' is a required property",
        "the create schema requires associations, HubSpot's guides and examples leave it out (hubspot.md 4.3)",
    ),
    Deviation(
        "request",
        r"/search$",
        r"\$\.sorts\[\d+\]: .* is not of type 'string'",
        "sorts are typed as strings, the guides use {propertyName, direction} objects (hubspot.md 4.4)",
    ),
    Deviation(
        "request",
        r"/search$",
        r"\$: '(after|limit|properties|sorts|filterGroups)' is a required property",
        "the search schema requires all fields, the guides leave out what is not needed (hubspot.md 4.4)",
    ),
    Deviation(
        "response",
        r"/crm/associations/2026-09/",
        r"\.label: None is not of type 'string'",
        "plain associations have the label null; the schema forgot to say nullable (hubspot.md 4.5)",
    ),
    Deviation(
        "response",
        r"/batch/",
        r"\.subCategory: .* is not of type 'object'",
        "sub-categories are texts wherever they have been seen; the schema of batch errors says object",
    ),
    Deviation(
        "response",
        r".*",
        r"^error \$: Additional properties are not allowed "
        r"\(('(status|errorType|policyName|requestId)'(, )?)+ (was|were) unexpected",
        "error bodies carry status, and those of limits errorType, policyName, requestId (hubspot.md 5)",
    ),
]

_DATE_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")
_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

_formats = jsonschema.FormatChecker(formats=())
_formats.checks("date-time")(lambda value: not isinstance(value, str) or bool(_DATE_TIME.match(value)))
_formats.checks("uuid")(lambda value: not isinstance(value, str) or bool(_UUID.match(value)))
_formats.checks("int32")(lambda value: not isinstance(value, int) or -(2**31) <= value < 2**31)


class Operation:
    """One method of one path template of one document."""

    def __init__(self, document: dict[str, Any], template: str, method: str, definition: dict[str, Any]):
        self.document = document
        self.template = template
        self.method = method
        self.definition = definition
        self.segments = template.strip("/").split("/")

    def literals(self, segments: list[str]) -> int | None:
        """How many segments match literally; None where the path is another one."""
        if len(segments) != len(self.segments):
            return None
        literal = 0
        for own, given in zip(self.segments, segments):
            if own.startswith("{"):
                continue
            if own != given:
                return None
            literal += 1
        return literal

    def query_names(self) -> tuple[set[str], set[str]]:
        """All and required query parameters."""
        parameters = [one for one in self.definition.get("parameters", []) if one.get("in") == "query"]
        return {one["name"] for one in parameters}, {one["name"] for one in parameters if one.get("required")}

    def request_schema(self) -> dict[str, Any] | None:
        return self._schema((self.definition.get("requestBody") or {}).get("content"))

    def responses(self) -> dict[str, Any]:
        return self.definition.get("responses", {})

    def response_schema(self, status: str) -> dict[str, Any] | None:
        response = self.responses().get(status) or {}
        if "$ref" in response:
            response = self._resolve(response["$ref"])
        return self._schema(response.get("content"))

    def _schema(self, content: dict[str, Any] | None) -> dict[str, Any] | None:
        for media in (content or {}).values():
            if media and media.get("schema"):
                return media["schema"]
        return None

    def _resolve(self, reference: str) -> dict[str, Any]:
        found: Any = self.document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return found

    def findings(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value, each finding with its place."""
        root = {"components": self.document["components"], **schema}
        validator = jsonschema.Draft202012Validator(root, format_checker=_formats)
        found = []
        for error in validator.iter_errors(value):
            place = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.path)
            found.append(f"{place}: {error.message[:200]}")
        return found


def _strict(node: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: nullable becomes a type, and undeclared fields are refused."""
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    turned = {name: _strict(value) for name, value in node.items() if name not in ("nullable", "example", "xml")}
    if node.get("nullable") is True and isinstance(turned.get("type"), str):
        turned["type"] = [turned["type"], "null"]
        if "enum" in turned:
            turned["enum"] = [*turned["enum"], None]
    if turned.get("type") == "object" and isinstance(turned.get("properties"), dict):
        turned.setdefault("additionalProperties", False)
    return turned


class Documents:
    """All documents of a folder."""

    def __init__(self, folder: Path):
        self.operations: list[tuple[str, Operation]] = []
        for file in sorted(folder.glob("*.json")):
            document = json.loads(file.read_text(encoding="utf-8"))
            document["components"] = {
                **document["components"],
                "schemas": {name: _strict(schema) for name, schema in document["components"]["schemas"].items()},
            }
            for template, methods in document["paths"].items():
                for method, definition in methods.items():
                    if method in ("get", "post", "put", "patch", "delete"):
                        operation = Operation(document, template, method.upper(), definition)
                        self.operations.append((file.stem, operation))

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of a call: the most literal template, in the object type's own document."""
        segments = [unquote(part) for part in path.strip("/").split("/")]
        preferred = next((DOCUMENT_OF[part] for part in segments if part in DOCUMENT_OF), "objects")
        candidates = []
        for name, operation in self.operations:
            if operation.method == method:
                literals = operation.literals(segments)
                if literals is not None:
                    candidates.append((literals, name == preferred, name == "objects", operation))
        if not candidates:
            return None
        return max(candidates, key=lambda one: one[:3])[3]

    def check(self, call: Call) -> list[str] | None:
        """The findings about a call that are not known deviations; None where no document covers it."""
        operation = self.find(call.method, call.path)
        if operation is None:
            return None
        found = [("request", one) for one in _request(operation, call)]
        found += [("response", one) for one in _response(operation, call)]
        return [
            f"{call.method} {operation.template} {side}: {one}"
            for side, one in found
            if not deviates(side, operation.template, one)
        ]


def deviates(side: str, template: str, finding: str) -> bool:
    """Whether a finding is a known deviation."""
    return any(
        known.side == side and re.search(known.path, template) and re.search(known.finding, finding)
        for known in DEVIATIONS
    )


def _request(operation: Operation, call: Call) -> list[str]:
    # A refused request has been found wanting already; other failures say nothing about the request.
    if 400 <= call.status < 500 and call.status not in (401, 403, 423, 429):
        return []
    known, required = operation.query_names()
    given = {name for name, _ in parse_qsl(call.query, keep_blank_values=True)}
    found = [f"unknown query parameter {name}" for name in sorted(given - known)]
    found += [f"missing query parameter {name}" for name in sorted(required - given)]
    schema = operation.request_schema()
    if schema is None:
        if call.request is not None:
            found.append("a body where none is described")
    elif call.request is None:
        found.append("no body where one is described")
    else:
        found += operation.findings(schema, call.request)
    return found


def _response(operation: Operation, call: Call) -> list[str]:
    if call.status == 0 or call.status >= 500:
        return []
    if call.status >= 400:
        schema = operation.response_schema("default")
        return [f"error {one}" for one in operation.findings(schema, call.response)] if schema else []
    documented = [status for status in operation.responses() if status.startswith("2")]
    status = str(call.status)
    # The documents know no 207; a batch with failures has the shape of one without.
    if status == "207" and documented:
        status = documented[0]
    if status not in documented:
        return [f"status {call.status} instead of {documented}"]
    schema = operation.response_schema(status)
    if schema is None:
        return [] if call.response is None else ["a body where none is described"]
    return operation.findings(schema, call.response)


def documents() -> Documents:
    """The documents, or a skip that says where they were looked for."""
    default = REPOSITORY.parent / "shared" / "specs" / "hubspot-2026-09"
    named = os.environ.get("HUBSPOT_SPECS")
    folder = Path(named) if named else default
    if not folder.is_dir():
        pytest.skip("HubSpot's OpenAPI documents are absent: name their folder in HUBSPOT_SPECS")
    return Documents(folder)
