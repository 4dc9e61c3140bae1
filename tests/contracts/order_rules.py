"""What the SDK's models say in prose only: that one field asks for another, or excludes it.

Keyed by the models' names, so that the walker applies a rule wherever a model occurs. Sources are the descriptions of
the fields in `zuora_sdk.models`, if nothing else is said. Rules of the business are not here.
"""

from __future__ import annotations

from typing import Any, Callable

Body = dict[str, Any]
Rule = Callable[[Body], list[str]]


def broken(model: str, body: Body) -> list[str]:
    """What a body breaks, each finding with its place below the body."""
    return [finding for rule in _RULES.get(model, []) for finding in rule(body)]


def _has(body: Body, name: str) -> bool:
    return body.get(name) is not None


def _together(asked: str, by: str, *words: str) -> Rule:
    """`asked` stands there if `by` has one of the words, and only then."""

    def rule(body: Body) -> list[str]:
        wanted = body.get(by) in words
        if wanted == _has(body, asked):
            return []
        return [f".{asked}: missing with {by}" if wanted else f".{asked}: superfluous without {by} {'/'.join(words)}"]

    return rule


def _asks(by: str, word: Any, *asked: str) -> Rule:
    """With that word the others stand there; without it nothing is said about them."""

    def rule(body: Body) -> list[str]:
        return [f".{name}: missing with {by}" for name in asked if body.get(by) == word and not _has(body, name)]

    return rule


def _one_of(*names: str) -> Rule:
    """Exactly one of these stands there."""

    def rule(body: Body) -> list[str]:
        there = [name for name in names if _has(body, name)]
        return [] if len(there) == 1 else [f": {there or 'none'} instead of one of {'/'.join(names)}"]

    return rule


def _at_most_one(*names: str) -> Rule:
    def rule(body: Body) -> list[str]:
        there = [name for name in names if _has(body, name)]
        return [] if len(there) <= 1 else [f": {' and '.join(there)} exclude each other"]

    return rule


def _one_key(body: Body) -> list[str]:
    """`zuora.md` 5.3: one key, named after the charge's type and model."""
    there = sorted(name for name in body if _has(body, name))
    return [] if len(there) == 1 else [f": {there or 'nothing'} instead of one pricing"]


# The part of an order action that its type asks for.
_PARTS = {
    "AddProduct": "addProduct",
    "CancelSubscription": "cancelSubscription",
    "ChangePlan": "changePlan",
    "CreateSubscription": "createSubscription",
    "OwnerTransfer": "ownerTransfer",
    "RemoveProduct": "removeProduct",
    "RenewSubscription": "renewSubscription",
    "Resume": "resume",
    "Suspend": "suspend",
    "TermsAndConditions": "termsAndConditions",
    "UpdateProduct": "updateProduct",
}


def _part_of_its_type(body: Body) -> list[str]:
    wanted = _PARTS.get(str(body.get("type")))
    there = {part for part in _PARTS.values() if _has(body, part)}
    missing = [f".{wanted}: missing with type"] if wanted and wanted not in there else []
    return missing + [f".{part}: superfluous without its type" for part in sorted(there - {wanted})]


def _named_unless_new(body: Body) -> list[str]:
    """ "Leave this empty to represent new subscription creation."."""
    actions = body.get("orderActions")
    kinds = [one.get("type") for one in actions if isinstance(one, dict)] if isinstance(actions, list) else []
    if not kinds:
        return [".orderActions: empty"]
    if ("CreateSubscription" in kinds) == _has(body, "subscriptionNumber"):
        return [f".subscriptionNumber: {'superfluous' if _has(body, 'subscriptionNumber') else 'missing'}"]
    return []


def _ranges(tiers: Any, start: str, end: str) -> list[str]:
    """Ranges without gap and overlap: each begins above the end of the one before, only the last is open."""
    rows = [row for row in tiers if isinstance(row, dict)] if isinstance(tiers, list) else []
    found = []
    for at, (row, after) in enumerate(zip(rows, rows[1:])):
        upto, begins = row.get(end), after.get(start)
        if upto is None:
            found.append(f"[{at}].{end}: missing before another tier")
        elif isinstance(upto, (int, float)) and isinstance(begins, (int, float)) and not upto <= begins <= upto + 1:
            found.append(f"[{at + 1}].{start}: {begins} after an end of {upto}")
    return found


def _tiers_of_a_charge(body: Body) -> list[str]:
    tiers = body.get("tiers")
    if tiers is None:
        return []
    rows = [row for row in tiers if isinstance(row, dict)] if isinstance(tiers, list) else []
    if not rows:
        return [".tiers: empty"]
    numbers = [row.get("tier") for row in rows]
    counted = [] if numbers == list(range(1, len(rows) + 1)) else [f".tiers: numbered {numbers}"]
    return counted + [f".tiers{one}" for one in _ranges(rows, "startingUnit", "endingUnit")]


def _tiers_of_the_catalogue(body: Body) -> list[str]:
    """ "StartingUnit: required if the charge model is `Tiered Pricing`"; volume charges have the same tables."""
    data = body.get("ProductRatePlanChargeTierData")
    rows = data.get("ProductRatePlanChargeTier") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return []
    place = ".ProductRatePlanChargeTierData.ProductRatePlanChargeTier"
    if not rows:
        return [f"{place}: empty"]
    if body.get("ChargeModel") not in ("Tiered Pricing", "Volume Pricing", "Tiered with Overage Pricing"):
        return []
    currencies: dict[Any, list[Body]] = {}
    for row in rows:
        if isinstance(row, dict):
            currencies.setdefault(row.get("Currency"), []).append(row)
    found = []
    for currency, table in currencies.items():
        for name in ("StartingUnit", "Price", "PriceFormat"):
            found += [f"{place}({currency}).{name}: missing" for row in table if not _has(row, name)]
        found += [f"{place}({currency}){one}" for one in _ranges(table, "StartingUnit", "EndingUnit")]
    return found


_PLAN_NAMES = ("ratePlanId", "subscriptionRatePlanNumber", "uniqueToken", "productRatePlanNumber", "externalCatalogPlanId")
_TERM = [_together("period", "termType", "TERMED"), _together("periodType", "termType", "TERMED")]
_DISCOUNT = _at_most_one("discountAmount", "discountPercentage")
_TAX = _asks("Taxable", True, "TaxCode", "TaxMode")
_SPECIFIC_PERIOD = _together("SpecificBillingPeriod", "BillingPeriod", "Specific Months", "Specific Weeks")
_TERMS_OF_ACCOUNT = [
    _at_most_one(f"{party}ContactId", f"{party}Contact", f"clearingExisting{party[0].upper()}{party[1:]}Contact")
    for party in ("billTo", "soldTo", "shipTo")
]

_RULES: dict[str, list[Rule]] = {
    "ChargeOverrideBilling": [
        _together("specificBillingPeriod", "billingPeriod", "Specific_Months", "Specific_Weeks", "Specific_Days")
    ],
    "ChargeOverridePricing": [_one_key],
    "CreateOrderAction": [_part_of_its_type],
    "CreateOrderPricingUpdate": [_one_key],
    "CreateOrderRequest": [_one_of("existingAccountNumber", "newAccount")],
    "CreateOrderResume": [_together("resumeSpecificDate", "resumePolicy", "SpecificDate")],
    "CreateOrderSubscription": [_named_unless_new],
    "CreateOrderSuspend": [_together("suspendSpecificDate", "suspendPolicy", "SpecificDate")],
    "CreateOrderTermsAndConditions": _TERMS_OF_ACCOUNT,
    "CreateOrderUpdateProduct": [_one_of(*_PLAN_NAMES)],
    "CreateProductRatePlanChargeRequest": [_SPECIFIC_PERIOD, _TAX, _tiers_of_the_catalogue],
    "DiscountPricingOverride": [_one_of("discountAmount", "discountPercentage")],
    "DiscountPricingUpdate": [_DISCOUNT],
    "EndConditions": [_together("specificEndDate", "endDateCondition", "Specific_End_Date")],
    "InitialTerm": _TERM,
    "LastTerm": _TERM,
    "OrderActionCancelSubscription": [_together("cancellationEffectiveDate", "cancellationPolicy", "SpecificDate")],
    "OrderActionOwnerTransfer": _TERMS_OF_ACCOUNT,
    "OrderActionRemoveProduct": [_one_of(*_PLAN_NAMES)],
    "OrderActionRenewSubscription": _TERMS_OF_ACCOUNT,
    "PreviewOptions": [
        _together("previewNumberOfPeriods", "previewThruType", "NumberOfPeriods"),
        _together("specificPreviewThruDate", "previewThruType", "SpecificDate"),
    ],
    "PreviewOrderOrderAction": [_part_of_its_type],
    "PreviewOrderPricingUpdate": [_one_key],
    "PreviewOrderRatePlanUpdate": [_one_of(*_PLAN_NAMES)],
    # "It can be either the accountNumber or the account info. It will return an error if both are specified."
    "PreviewOrderRequest": [_one_of("existingAccountNumber", "previewAccountInfo")],
    "PreviewOrderSubscriptions": [_named_unless_new],
    "TriggerParams": [_together("specificTriggerDate", "triggerEvent", "SpecificDate")],
    "UpdateProductRatePlanChargeRequest": [_SPECIFIC_PERIOD, _tiers_of_the_catalogue],
    **{
        f"{kind}{model}Pricing{use}": [_tiers_of_a_charge]
        for kind in ("OneTime", "Recurring", "Usage")
        for model in ("Tiered", "Volume")
        for use in ("Override", "Update")
        if (kind, use) != ("OneTime", "Update")  # one-time charges cannot be updated
    },
}


def named_models() -> list[str]:
    """The models that have rules."""
    return sorted(_RULES)
