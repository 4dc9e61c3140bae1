"""Which kinds of bodies the recordings must hold: a body that no story sends would be walked by nobody.

A kind is a short text that is read off a call of the connector, `order UpdateProduct recurringPerUnit` for one.
`EXPECTED` must occur, `POSSIBLE` may. The check fails on a kind that is expected and that the recordings lack, and on
one that they hold, or the adapter's own list of bodies, and that is in neither: then the connector learnt to send
something, and a story must send it.
"""

from __future__ import annotations

from typing import Any, Iterator

from recordings import Call

# What the override of a charge can say.
CHARGES = """
as planned
discount discountAmount
discount discountAmount of nothing
discount discountPercentage
discount discountPercentage of nothing
each Annual
each Month
each Quarter
each Semi_Annual
each Specific_Months
each Specific_Weeks
each Week
from ContractEffective
from CustomerAcceptance
from ServiceActivation
from SpecificDate
oneTimeFlatFee
oneTimePerUnit
oneTimeTiered
oneTimeTiered with its table
oneTimeVolume
oneTimeVolume with its table
recurringFlatFee
recurringPerUnit
recurringTiered
recurringTiered with its table
recurringVolume
recurringVolume with its table
until Specific_End_Date
usagePerUnit
usageTiered with its table
usageVolume with its table
"""

CREATION = """
EVERGREEN
RENEW_WITH_SPECIFIC_TERM
TERMED
autoRenew
billToContactId
currency
invoiceOwnerAccountNumber
on ContractEffective
on CustomerAcceptance
on ServiceActivation
"""

ACTIONS = """
AddProduct
AddProduct discount discountAmount
AddProduct recurringFlatFee
AddProduct recurringPerUnit
AddProduct usagePerUnit
CancelSubscription
CancelSubscription EndOfCurrentTerm
CancelSubscription EndOfLastInvoicePeriod
CancelSubscription SpecificDate
CreateSubscription
OwnerTransfer
OwnerTransfer destinationInvoiceAccountNumber
RemoveProduct
RemoveProduct subscriptionRatePlanNumber
RenewSubscription
Resume
Resume SpecificDate
Suspend
Suspend SpecificDate
TermsAndConditions
TermsAndConditions autoRenew
TermsAndConditions billToContactId
TermsAndConditions clearingExistingBillToContact
TermsAndConditions clearingExistingSoldToContact
TermsAndConditions lastTerm
TermsAndConditions renewalSetting
TermsAndConditions renewalTerms
TermsAndConditions soldToContactId
UpdateProduct
UpdateProduct discount discountPercentage
UpdateProduct recurringFlatFee
UpdateProduct recurringPerUnit
UpdateProduct recurringTiered
UpdateProduct recurringTiered with its table
UpdateProduct recurringVolume
UpdateProduct recurringVolume with its table
UpdateProduct usagePerUnit
UpdateProduct usageTiered with its table
UpdateProduct usageVolume with its table
"""

OTHERS = """
account
account billToContact
account parentId
account soldToContact
account soldToSameAsBillTo
account taxInfo VATId
account taxInfo exemptStatus
account update
account update billToContact
account update parentId
account update soldToContact
account update soldToContactId
account update taxInfo VATId
account update taxInfo exemptStatus
charge OneTime
charge Per Unit Pricing
charge Recurring
charge Tiered Pricing
charge Volume Pricing
charge each Month
charge each Specific Months
charge each time
charge update Per Unit Pricing
charge update Tiered Pricing
charge with tax
contact
order CreateSubscription soldToContactId
preview for an account that is not there
preview of BillingDocs+ChargeMetrics
preview of ChargeMetrics
product
product update
rate plan
rate plan update
read accounts
read accounts by key
read accounts with billto
read accounts with creditmemos
read accounts with debitmemos
read accounts with invoices
read accounts with payments
read accounts with subscriptions
read contacts
read credit-memos
read debit-memos
read invoices
read orders
read payments
read products
read products with productrateplans.productrateplancharges.productrateplanchargetiers
read subscription
read subscriptions
trigger dates
"""


def _lines(text: str) -> set[str]:
    return set(text.strip().splitlines())


def _in_orders_and_previews(kinds: set[str]) -> set[str]:
    return {f"{purpose} {kind}" for purpose in _PURPOSES.values() for kind in kinds}


def _with(action: str, *texts: str) -> set[str]:
    return {f"{action} {kind}" for text in texts for kind in _lines(text)}


_PURPOSES = {"POST /v1/orders": "order", "POST /v1/orders/preview": "preview"}

EXPECTED = _lines(OTHERS) | _in_orders_and_previews(
    _lines(ACTIONS) | _with("CreateSubscription", CHARGES, CREATION)
)

POSSIBLE = _in_orders_and_previews(
    _with("AddProduct", CHARGES)
    # A subscription whose rate plans have no numbers; a renewal without end.
    | {"RemoveProduct ratePlanId", "CreateSubscription RENEW_TO_EVERGREEN"}
    # A preview cannot name a contact that an earlier step would create.
    | {"CreateSubscription soldToContactId"}
)

# Prefixes of what depends on the catalogue and on how a view is read, not on what sales want.
_FREE = ("charge each ", "charge update ", "read ")


def is_known(kind: str) -> bool:
    """Whether a kind may occur."""
    return kind in EXPECTED or kind in POSSIBLE or kind.startswith(_FREE)


# Stories also call Zuora as finance would; what they send is nobody's promise.
AGENT = "hubspot-zuora-connector"

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
    purpose = _PURPOSES.get(f"{method} {path}")
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
