"""Which kinds of bodies the recordings must hold: a body that no story sends would be walked by nobody.

A kind is a short text that is read off a call of the connector, `order UpdateProduct recurringPerUnit` for one.
`expected()` is what the connector can send; the check fails on a kind that the recordings lack, and on one that they
hold and that is not listed. What the adapter's own tests list in full (`golden/bodies.txt`) must be listed here too.
"""

from __future__ import annotations

from typing import Any, Iterator

from recordings import Call

# Stories also call Zuora as finance would; what they send is nobody's promise.
AGENT = "hubspot-zuora-connector"

_LISTS = {"POST /v1/orders": "order", "POST /v1/orders/preview": "preview"}

# The fields of these parts are kinds of their own: each is a wish that sales can have.
_PARTS_BY_FIELD = ("termsAndConditions", "ownerTransfer", "removeProduct")


def of_call(call: Call) -> set[str]:
    """The kinds of a call that Zuora took as it should."""
    if not 200 <= call.status < 300 or call.faulty or _says_no(call.response) or AGENT not in call.agent:
        return set()
    return set(of_body(call.method, call.path, call.request)) | set(_of_read(call))


def of_body(method: str, path: str, body: Any) -> Iterator[str]:
    """The kinds of a request."""
    if not isinstance(body, dict):
        return
    parts = path.strip("/").split("/")
    purpose = _LISTS.get(f"{method} {path}")
    if purpose is not None:
        yield from _of_order(purpose, body)
    elif parts[:2] == ["v1", "accounts"]:
        use = "account" if method == "POST" else "account update"
        yield use
        for name in ("billToContact", "soldToContact", "soldToContactId", "soldToSameAsBillTo", "parentId"):
            if name in body:
                yield f"{use} {name}"
        yield from (f"{use} taxInfo {name}" for name in body.get("taxInfo") or {})
    elif parts[:2] == ["v1", "contacts"]:
        yield "contact"
    elif parts[:2] == ["v1", "object"]:
        yield from _of_catalogue(parts[2], "" if method == "POST" else " update", body)
    elif parts[:2] == ["v1", "orders"] and parts[-1] == "triggerDates":
        yield "trigger dates"


def _says_no(body: Any) -> bool:
    return isinstance(body, dict) and (body.get("success") is False or body.get("Success") is False)


def _of_order(purpose: str, body: dict[str, Any]) -> Iterator[str]:
    if "previewAccountInfo" in body:
        yield f"{purpose} for an account that is not there"
    options = body.get("previewOptions")
    if options:
        yield f"{purpose} of {'+'.join(sorted(options['previewTypes']))}"
    for subscription in body["subscriptions"]:
        for action in subscription["orderActions"]:
            yield from (f"{purpose} {one}" for one in _of_action(action))


def _of_action(action: dict[str, Any]) -> Iterator[str]:
    kind = action["type"]
    yield kind
    part = next((value for value in action.values() if isinstance(value, dict)), {})
    for plan in part.get("subscribeToRatePlans") or [part]:
        for charge in (plan.get("chargeOverrides") or []) + (plan.get("chargeUpdates") or []):
            yield from (f"{kind} {one}" for one in _of_charge(charge))
    for name, value in action.items():
        if name in _PARTS_BY_FIELD:
            yield from (f"{kind} {field}" for field in value)
    for policy in ("cancellationPolicy", "suspendPolicy", "resumePolicy"):
        if policy in part:
            yield f"{kind} {part[policy]}"
    if kind == "CreateSubscription":
        for name in ("billToContactId", "soldToContactId", "currency", "invoiceOwnerAccountNumber"):
            if name in part:
                yield f"{kind} {name}"
        terms = part["terms"]
        yield f"{kind} {terms['initialTerm']['termType']}"
        if terms["autoRenew"]:
            yield f"{kind} autoRenew"
        if "renewalSetting" in terms:
            yield f"{kind} {terms['renewalSetting']}"
        yield from (f"{kind} on {date['name']}" for date in action["triggerDates"])


def _of_charge(charge: dict[str, Any]) -> Iterator[str]:
    for name, pricing in (charge.get("pricing") or {}).items():
        table = " with its table" if "tiers" in pricing else ""
        off = next((f" {field}" for field in ("discountAmount", "discountPercentage") if field in pricing), "")
        nothing = " of nothing" if off and pricing[off.strip()] == 0 else ""
        yield f"{name}{table}{off}{nothing}"
    if "productRatePlanChargeId" in charge and "pricing" not in charge:
        yield "as planned"
    if "billing" in charge:
        yield f"each {charge['billing']['billingPeriod']}"
    if "startDate" in charge:
        yield f"from {charge['startDate']['triggerEvent']}"
    if "endDate" in charge:
        yield f"until {charge['endDate']['endDateCondition']}"


def _of_catalogue(what: str, use: str, body: dict[str, Any]) -> Iterator[str]:
    if what == "product":
        yield f"product{use}"
    elif what == "product-rate-plan":
        yield f"rate plan{use}"
    else:
        yield f"charge{use} {body['ChargeModel']}"
        if not use:
            yield f"charge {body['ChargeType']}"
            yield f"charge each {body.get('BillingPeriod', 'time')}"
            yield from ("charge with tax" for _ in [1] if body.get("Taxable"))


def _of_read(call: Call) -> Iterator[str]:
    parts = call.path.strip("/").split("/")
    if call.method != "GET":
        return
    if parts[0] == "object-query":
        yield f"read {parts[1]}{' by key' if len(parts) == 3 else ''}"
        if len(parts) == 3 or "expand" in call.query:
            yield from (f"read {parts[1]} with {part}" for part in _expanded(call.query))
    elif parts[:2] == ["v1", "subscriptions"]:
        yield "read subscription"


def _expanded(query: str) -> Iterator[str]:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in ("expand%5B%5D", "expand[]"):
            yield value
