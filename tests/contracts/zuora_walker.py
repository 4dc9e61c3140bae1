"""A strict check of bodies against the models of Zuora's official Python SDK.

The SDK itself validates nothing on construction and adds defaults on output, so a body is walked beside the model:
every field must be known, every required one present, every value fit the declared type, length and range, every word
of an enumeration be one of its words. What the models say in prose only, that one field asks for another, is in
`order_rules`. Rules of the business are checked by neither.
"""

from __future__ import annotations

import datetime
import enum
import functools
import inspect
import json
import re
import typing
import warnings
from dataclasses import dataclass
from typing import Any

import order_rules

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import zuora_sdk.models as models
    from pydantic import BaseModel, TypeAdapter, ValidationError

# Custom fields of a tenant stand beside the declared ones.
CUSTOM_FIELD = re.compile(r"__c$")

# Dates are days and nothing else; the type checker alone would take midnight and seconds since 1970 as well.
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")

PREVIEW_TYPES = frozenset(
    {
        "ChargeMetrics",
        "BillingDocs",
        "OrderDeltaMetrics",
        "OrderMetrics",
        "RampMetrics",
        "RampDeltaMetrics",
        "Funds",
    }
)


def _values(enumeration: type[enum.Enum]) -> frozenset[str]:
    return frozenset(member.value for member in enumeration)


# Words of fields that the models type as plain text although the vendor has an enumeration for them.
# In orders, subscriptions and previews one name has one enumeration; catalogue and object query spell otherwise.
ENUMERATIONS: dict[str, frozenset[str]] = {
    "applyDiscountTo": _values(models.ApplyDiscountTo),
    "billCycleType": _values(models.BillCycleType),
    "billingPeriod": _values(models.BillingPeriod),
    "billingPeriodAlignment": _values(models.BillingPeriodAlignment),
    "billingTiming": _values(models.BillingTiming),
    "cancellationPolicy": _values(models.SubscriptionCancellationPolicy),
    "discountLevel": _values(models.DiscountLevel),
    "endDateCondition": _values(models.EndDateCondition),
    "endDatePolicy": _values(models.EndDatePolicy),
    "listPriceBase": _values(models.ChargeListPriceBase),
    "periodType": _values(models.TermPeriodType),
    "previewThruType": _values(models.PreviewOptionsPreviewThruType),
    "previewTypes": PREVIEW_TYPES,
    "priceFormat": _values(models.PriceFormat),
    "processingType": _values(models.InvoiceItemPreviewResultProcessingType),
    "renewalSetting": _values(models.RenewalSetting),
    "resumePeriodsType": _values(models.ResumePeriodsType),
    "resumePolicy": _values(models.ResumePolicy),
    "startDatePolicy": _values(models.StartDatePolicy),
    "startPeriodsType": _values(models.StartPeriodsType),
    "suspendPeriodsType": _values(models.SuspendPeriodsType),
    "suspendPolicy": _values(models.SuspendPolicy),
    "taxMode": _values(models.TaxMode),
    "termType": _values(models.TermType),
    "triggerEvent": _values(models.TriggerEvent),
    "upToPeriodsType": _values(models.UpToPeriodsType),
    "weeklyBillCycleDay": _values(models.WeeklyBillCycleDay),
}

# The same, where the name alone says too little, or where the vendor's own words are others.
ENUMERATIONS_OF: dict[tuple[str, str], frozenset[str]] = {
    ("CreateOrderAction", "type"): _values(models.OrderActionType),
    ("PreviewOrderOrderAction", "type"): _values(models.OrderActionType),
    ("OrderAction", "type"): _values(models.OrderActionType),
    ("TriggerDate", "name"): _values(models.TriggerDateName),
    ("UpdateOrderActionTriggerDate", "name"): _values(models.OrderActionTriggerDatesName),
    # "Tier price format. Allowed values: `flat fee`, `per unit`", and answers of tenants have the spelling of orders.
    ("RatePlanChargeTier", "priceFormat"): _values(models.PriceFormat) | {"flat fee", "per unit"},
}


@dataclass(frozen=True)
class Allowed:
    """A finding that is right by Zuora's guides although the model says otherwise."""

    model: str
    finding: str
    when: typing.Callable[[dict[str, Any]], bool]
    reason: str


ALLOWED = [
    Allowed(
        "CreateProductRatePlanChargeRequest",
        "BillingPeriod: missing",
        lambda body: body.get("ChargeType") == "OneTime",
        "the model requires it, Zuora's catalogue guide leaves it out on one-time charges",
    ),
    Allowed(
        "UpdateProductRatePlanChargeRequest",
        "BillingPeriod: missing",
        # An update does not name the type; a recurring price always says what it stands for.
        lambda body: "ListPriceBase" not in body,
        "as for the creation",
    ),
]


def problems(model: type[BaseModel], body: Any, place: str = "$") -> list[str]:
    """What is wrong with a body by a model, each finding with its place."""
    shapes = _shapes(model)
    if shapes != [model]:
        return min((problems(shape, body, place) for shape in shapes), key=len)
    if not isinstance(body, dict):
        return [f"{place}: not an object"]
    declared = _declared(model)
    found = []
    for name, field in declared.items():
        if field.is_required and body.get(name) is None and not _allowed(model, f"{name}: missing", body):
            found.append(f"{place}.{name}: missing")
    for name, value in body.items():
        at = f"{place}.{name}"
        field = declared.get(name)
        if field is None:
            if not CUSTOM_FIELD.search(name):
                found.append(f"{at}: unknown in {model.__name__}")
        elif value is not None:
            found += _value(field, value, at)
            found += _enumeration(model, name, value, at)
    return found + [f"{place}{one}" for one in order_rules.broken(model.__name__, body)]


@dataclass(frozen=True, eq=False)
class Declared:
    """A field of a model; its checker is made once."""

    kind: Any
    is_required: bool

    @functools.cached_property
    def checker(self) -> TypeAdapter:
        return TypeAdapter(self.kind)

    @functools.cached_property
    def model(self) -> type[BaseModel] | None:
        return _model_of(self.kind)

    @functools.cached_property
    def is_list(self) -> bool:
        return _is_list(self.kind)

    @functools.cached_property
    def is_day(self) -> bool:
        return _is_day(self.kind)


@functools.cache
def _declared(model: type[BaseModel]) -> dict[str, Declared]:
    return {
        field.alias or name: Declared(
            typing.Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation,
            field.is_required(),
        )
        for name, field in model.model_fields.items()
        if name != "additional_properties"
    }


def _allowed(model: type[BaseModel], finding: str, body: dict[str, Any]) -> bool:
    return any(one.model == model.__name__ and one.finding == finding and one.when(body) for one in ALLOWED)


def _enumeration(model: type[BaseModel], name: str, value: Any, place: str) -> list[str]:
    known = ENUMERATIONS_OF.get((model.__name__, name))
    if known is None and not model.__name__.startswith("Expanded"):
        known = ENUMERATIONS.get(name)
    if known is None:
        return []
    wrong = [one for one in (value if isinstance(value, list) else [value]) if one not in known]
    return [f"{place}: {one!r} is none of {sorted(known)}" for one in wrong]


def _value(field: Declared, value: Any, place: str) -> list[str]:
    """Follows lists and nested models; everything else is the type checker's business."""
    inner = field.model
    if inner is None:
        return _plain(field, value, place)
    if field.is_list:
        if not isinstance(value, list):
            return [f"{place}: not a list"]
        return [one for at, item in enumerate(value) for one in problems(inner, item, f"{place}[{at}]")]
    return problems(inner, value, place)


def _shapes(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The models behind one that stands for any of several."""
    if "actual_instance" not in model.model_fields:
        return [model]
    return [part for part in typing.get_args(model.model_fields["actual_instance"].annotation) if _model_of(part)]


def _model_of(kind: Any) -> type[BaseModel] | None:
    """The one model that a type is about, however wrapped in Optional, List or Annotated."""
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        return kind
    found = {model for model in map(_model_of, typing.get_args(kind)) if model is not None}
    return found.pop() if len(found) == 1 else None


def _is_list(kind: Any) -> bool:
    return typing.get_origin(kind) is list or any(_is_list(part) for part in typing.get_args(kind))


def _is_day(kind: Any) -> bool:
    return kind is datetime.date or any(_is_day(part) for part in typing.get_args(kind))


def _plain(field: Declared, value: Any, place: str) -> list[str]:
    if field.is_day and not (isinstance(value, str) and DAY.match(value)):
        return [f"{place}: {value!r} is not a day"]
    try:
        field.checker.validate_json(json.dumps(value))
    except ValidationError as error:
        return [f"{place}: {first['msg']}" for first in error.errors()[:1]]
    return []


# --- which model describes which call ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """The models of one operation; None where there is no body or no model."""

    request: type[BaseModel] | None
    response: type[BaseModel] | None


def _shape(request: str | None, response: str | None) -> Shape:
    return Shape(
        getattr(models, request) if request else None,
        getattr(models, response) if response else None,
    )


_OPERATIONS: list[tuple[str, str, Shape]] = [
    (method, path, _shape(request, response))
    for method, path, request, response in [
        ("POST", "/v1/accounts", "CreateAccountRequest", "CreateAccountResponse"),
        ("PUT", "/v1/accounts/{}", "UpdateAccountRequest", "CommonResponse"),
        ("GET", "/v1/accounts/{}", None, "AccountDetailResponse"),
        ("GET", "/v1/accounts/{}/summary", None, "AccountSummaryResponse"),
        ("POST", "/v1/contacts", "CreateContactRequest", "ContactResponse"),
        ("PUT", "/v1/contacts/{}", "UpdateContactRequest", "ContactResponse"),
        ("GET", "/v1/contacts/{}", None, "ContactResponse"),
        ("POST", "/v1/object/product", "CreateProductRequest", "ProxyCreateOrModifyResponse"),
        ("PUT", "/v1/object/product/{}", "UpdateProductRequest", "ProxyCreateOrModifyResponse"),
        ("POST", "/v1/object/product-rate-plan", "CreateProductRatePlanRequest", "ProxyCreateOrModifyResponse"),
        ("PUT", "/v1/object/product-rate-plan/{}", "UpdateProductRatePlanRequest", "ProxyCreateOrModifyResponse"),
        (
            "POST",
            "/v1/object/product-rate-plan-charge",
            "CreateProductRatePlanChargeRequest",
            "ProxyCreateOrModifyResponse",
        ),
        (
            "PUT",
            "/v1/object/product-rate-plan-charge/{}",
            "UpdateProductRatePlanChargeRequest",
            "ProxyCreateOrModifyResponse",
        ),
        ("GET", "/v1/product-rate-plans/external-id/{}", None, "GetProductRatePlansByExternalIdResponse"),
        ("POST", "/v1/orders", "CreateOrderRequest", "CreateOrderResponse"),
        ("POST", "/v1/orders/preview", "PreviewOrderRequest", "PreviewOrderResponse"),
        ("POST", "/v1/async/orders", "CreateOrderAsyncRequest", "CreateOrderAsyncResponse"),
        (
            "PUT",
            "/v1/orders/{}/triggerDates",
            "UpdateOrderTriggerDatesRequest",
            "UpdateOrderTriggerDatesResponse",
        ),
        ("GET", "/v1/orders", None, "GetOrdersResponse"),
        ("GET", "/v1/orders/{}", None, "GetOrderResponse"),
        ("GET", "/v1/orders/subscriptionOwner/{}", None, "GetOrdersResponse"),
        ("GET", "/v1/orders/invoiceOwner/{}", None, "GetOrdersResponse"),
        ("GET", "/v1/orders/subscription/{}", None, "GetOrdersResponse"),
        ("GET", "/v1/async-jobs/{}", None, "GetAsyncOrderJobResponse"),
        ("POST", "/v1/subscriptions", "CreateSubscriptionRequest", "CreateSubscriptionResponse"),
        ("GET", "/v1/subscriptions/{}", None, "GetSubscriptionResponse"),
        ("GET", "/v1/subscriptions/accounts/{}", None, "GetSubscriptionsResponse"),
        ("GET", "/v1/credit-memos", None, "CreditMemosResponse"),
        ("GET", "/v1/debit-memos", None, "DebitMemosResponse"),
        ("GET", "/v1/payments", None, "GetPaymentsResponse"),
        ("POST", "/v1/action/query", "ProxyActionqueryRequest", "ProxyActionqueryResponse"),
        ("POST", "/v1/action/queryMore", "ProxyActionqueryMoreRequest", "ProxyActionqueryResponse"),
        ("POST", "/query/jobs", "SubmitDataQueryRequest", "SubmitDataQueryResponse"),
        ("POST", "/notifications/notification-definitions", "PostPublicNotificationDefinitionRequest", None),
    ]
]


# Calls that cannot be walked.
UNMODELLED = {
    ("POST", "/oauth/"): "neither credentials nor tokens are recorded",
    ("GET", "/v1/describe/"): "it is XML",
    ("GET", "/v1/object/"): "the SDK has the writes of object CRUD, of its reads none",
}


def is_unmodelled(method: str, path: str) -> bool:
    """Whether a call without a model is known to have none."""
    return any(method == own and path.startswith(start) for own, start in UNMODELLED)


def shape_of(method: str, path: str) -> Shape | None:
    """The models of a call; None where the SDK has none for it."""
    parts = path.strip("/").split("/")
    if parts[0] == "object-query" and method == "GET":
        return _object_query(parts[1:])
    best: tuple[int, Shape] | None = None
    for own_method, template, shape in _OPERATIONS:
        own = template.strip("/").split("/")
        if own_method != method or len(own) != len(parts):
            continue
        if all(left in ("{}", right) for left, right in zip(own, parts)):
            literal = sum(left != "{}" for left in own)
            if best is None or literal > best[0]:
                best = (literal, shape)
    return best[1] if best else None


def _object_query(parts: list[str]) -> Shape | None:
    """Lists answer `Query<Objects>Response`; a single object is the item of that list."""
    plural = "".join(word.capitalize() for word in parts[0].split("-"))
    plural = "Orderss" if plural == "Orders" else plural
    answer = getattr(models, f"Query{plural}Response", None)
    if answer is None:
        return None
    if len(parts) == 1:
        return Shape(None, answer)
    return Shape(None, _declared(answer)["data"].model)


# --- the body of a failure ---------------------------------------------------------------------------------------


def failed(status: int, body: Any) -> bool:
    """Whether an answer reports a failure, by status or in its body."""
    flags = isinstance(body, dict) and (body.get("success") is False or body.get("Success") is False)
    return flags or not 200 <= status < 300


def failure_problems(path: str, body: Any) -> list[str]:
    """What is wrong with the body of a failure: Zuora has a handful of shapes, by kind of path."""
    if body is None or body == "":
        return []
    if not isinstance(body, dict):
        return ["$: a failure that is not an object"]
    if path.startswith(("/v1/object/", "/v1/action/")) and "FaultCode" not in body and "reasons" not in body:
        entries, names, place = body.get("Errors"), ("Code", "Message"), "$.Errors"
    elif "reasons" in body or body.get("success") is False:
        entries, names, place = body.get("reasons"), ("code", "message"), "$.reasons"
    else:
        return []
    if not isinstance(entries, list) or not entries:
        return [f"{place}: missing or empty"]
    return [
        f"{place}[{at}].{name}: missing"
        for at, entry in enumerate(entries)
        for name in names
        if not isinstance(entry, dict) or name not in entry
    ]
