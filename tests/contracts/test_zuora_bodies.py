"""Every recorded Zuora body against the models of Zuora's official SDK."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

import kinds
import order_rules
from golden import bodies
from recordings import Call, recorded, report

if os.environ.get("SIM_RECORD_DIR"):
    # Who asks for recordings to be checked wants no skip.
    import zuora_walker as walker
else:
    walker = pytest.importorskip("zuora_walker", reason="zuora-sdk is not installed (see requirements.txt)")

ACCOUNT = {
    "name": "Fjordlys Energi AS",
    "currency": "NOK",
    "billCycleDay": 1,
    "autoPay": False,
    "crmId": "9001001",
    "billToContact": {"firstName": "Ingrid", "lastName": "Solheim", "country": "Norway", "crmId__c": "5001"},
}

ORDER = {
    "orderDate": "2026-11-16",
    "existingAccountNumber": "HS-24680135-9001001",
    "orderNumber": "HS-24680135-D7001-1",
    "subscriptions": [
        {
            "orderActions": [
                {
                    "type": "CreateSubscription",
                    "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-11-16"}],
                    "createSubscription": {
                        "subscriptionNumber": "HS-24680135-D7001",
                        "terms": {
                            "initialTerm": {"termType": "TERMED", "period": 12, "periodType": "Month"},
                            "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
                            "renewalTerms": [{"period": 12, "periodType": "Month"}],
                        },
                        "subscribeToRatePlans": [{"productRatePlanId": "8ad0a1b2c3d4e5f60718293a4b5c6d7e"}],
                    },
                }
            ],
            "customFields": {"hubspotDealId__c": "7001"},
        }
    ],
    "processingOptions": {"runBilling": False},
}

CHARGE = {
    "ProductRatePlanId": "8ad0a1b2c3d4e5f60718293a4b5c6d7e",
    "Name": "Kestrel Platform",
    "ChargeModel": "Per Unit Pricing",
    "ChargeType": "Recurring",
    "BillCycleType": "DefaultFromCustomer",
    "BillingPeriod": "Month",
    "TriggerEvent": "ContractEffective",
    "UseDiscountSpecificAccountingCode": False,
    "ListPriceBase": "Per Billing Period",
    "DefaultQuantity": 1,
    "UOM": "Each",
    "ProductRatePlanChargeTierData": {
        "ProductRatePlanChargeTier": [{"Currency": "USD", "Price": 49.0, "StartingUnit": 0}]
    },
}


def changed(body: dict, **changes) -> dict:
    """A copy with fields set; None takes a field away."""
    copy = {**body, **changes}
    return {name: value for name, value in copy.items() if value is not None}


def action(**changes) -> dict:
    one = ORDER["subscriptions"][0]["orderActions"][0]
    return changed(ORDER, subscriptions=[{"orderActions": [changed(one, **changes)]}])


def test_every_recorded_body_fits_its_model():
    findings: list[str] = []
    uncovered: dict[str, int] = {}
    checked = 0
    for call in recorded("zuora"):
        shape = walker.shape_of(call.method, call.path)
        if shape is None:
            name = f"{call.method} {call.path}"
            uncovered[name] = uncovered.get(name, 0) + 1
            if not walker.is_unmodelled(call.method, call.path):
                findings.append(f"{name}: no model")
            continue
        checked += 1
        what = f"{call.method} {call.path}"
        if shape.request is not None:
            if call.request is None:
                findings.append(f"{what} request: no body")
            else:
                findings += [f"{what} request: {one}" for one in walker.problems(shape.request, call.request)]
        # Broken connections, outages and answers that are wrong on purpose have no body to check.
        if call.status == 0 or call.status >= 500 or call.faulty:
            continue
        if walker.failed(call.status, call.response):
            found = walker.failure_problems(call.path, call.response)
            findings += [f"{what} failure: {one}" for one in found]
        elif shape.response is not None:
            found = walker.problems(shape.response, call.response)
            findings += [f"{what} response: {one}" for one in found]
    print(f"{checked} calls checked")
    for name, count in sorted(uncovered.items()):
        print(f"no model for: {count} x {name}")
    report(findings, "deviations from the SDK's models")


def dates(*names: str, day: str = "2027-02-01") -> list[dict]:
    return [{"name": name, "triggerDate": day} for name in names or ("ContractEffective",)]


def override(pricing: dict | None, **more) -> dict:
    body = {"productRatePlanChargeId": "8ad0a1b2c3d4e5f60718293a4b5c6d7f", **more}
    return body if pricing is None else {**body, "pricing": pricing}


def plan(*overrides: dict, **more) -> dict:
    return {
        "productRatePlanId": "8ad0a1b2c3d4e5f60718293a4b5c6d7e",
        "uniqueToken": "li-8001",
        "chargeOverrides": list(overrides),
        **more,
    }


TABLE = [
    {"tier": 1, "startingUnit": 1, "endingUnit": 10, "price": 9.9, "priceFormat": "PerUnit"},
    {"tier": 2, "startingUnit": 11, "price": 80, "priceFormat": "FlatFee"},
]
SEATS = {"recurringPerUnit": {"quantity": 25, "listPrice": 11.9, "listPriceBase": "Per_Billing_Period"}}
OFF = {"discount": {"discountPercentage": 10, "applyDiscountTo": "RECURRING", "discountLevel": "rateplan"}}
TERM = {"startDate": "2026-11-16", "termType": "TERMED", "period": 24, "periodType": "Month"}

# Each change of a subscription as it should be: its part, by type.
CHANGES: dict[str, dict] = {
    "AddProduct": plan(override(SEATS, chargeNumber="HS-1-L1"), override(OFF)),
    "UpdateProduct": {
        "subscriptionRatePlanNumber": "SRP-1",
        "chargeUpdates": [
            {"chargeNumber": "HS-1-L1", "pricing": {"recurringPerUnit": {"quantity": 30, "listPrice": 11.5}}},
            {"chargeNumber": "C-1", "pricing": {"discount": {"discountPercentage": 5}}},
        ],
    },
    "RemoveProduct": {"subscriptionRatePlanNumber": "SRP-1"},
    "TermsAndConditions": {
        "lastTerm": TERM,
        "autoRenew": True,
        "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
        "renewalTerms": [{"period": 6, "periodType": "Week"}],
        "billToContactId": "8ad0a1b2c3d4e5f60718293a4b5c6d80",
        "clearingExistingSoldToContact": True,
    },
    "RenewSubscription": {},
    "CancelSubscription": {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-06-30"},
    "Suspend": {"suspendPolicy": "SpecificDate", "suspendSpecificDate": "2027-02-01"},
    "Resume": {"resumePolicy": "SpecificDate", "resumeSpecificDate": "2027-03-01"},
    "OwnerTransfer": {"destinationInvoiceAccountNumber": "HS-1-7"},
}


def changes(**parts: dict) -> dict:
    """An order of changes; each part under the name of its type."""
    actions = [
        {"type": kind, "triggerDates": dates(), kind[0].lower() + kind[1:]: part} for kind, part in parts.items()
    ]
    return {
        "orderDate": "2027-02-01",
        "existingAccountNumber": "HS-24680135-9001001",
        "orderNumber": "HS-24680135-D7001-2",
        "subscriptions": [{"subscriptionNumber": "HS-24680135-D7001", "orderActions": actions}],
        "processingOptions": {"runBilling": False, "collectPayment": False},
    }


def previewed(order: dict) -> dict:
    """The same as a preview, whose model knows fewer fields."""
    options = {
        "previewThruType": "NumberOfPeriods",
        "previewNumberOfPeriods": 2,
        "previewTypes": ["ChargeMetrics", "BillingDocs"],
    }
    return changed(order, orderNumber=None, processingOptions=None, previewOptions=options)


def created(*overrides: dict, terms: dict | None = None, **more) -> dict:
    """A first order with these charges."""
    create = ORDER["subscriptions"][0]["orderActions"][0]["createSubscription"]
    create = {**create, "subscribeToRatePlans": [plan(*overrides)], **more}
    return action(createSubscription={**create, "terms": terms} if terms else create)


def updated(pricing: dict, **more) -> dict:
    update = {"chargeNumber": "HS-1-L1", "pricing": pricing, **more}
    return changes(UpdateProduct={"subscriptionRatePlanNumber": "SRP-1", "chargeUpdates": [update]})


def tiered(model: str, *rows: dict) -> dict:
    data = {"ProductRatePlanChargeTier": list(rows)}
    return changed(CHARGE, ChargeModel=model, DefaultQuantity=None, ProductRatePlanChargeTierData=data)


FIRST_RANGE = {"Currency": "EUR", "StartingUnit": 1, "EndingUnit": 10, "Price": 9.9, "PriceFormat": "Per Unit"}
LAST_RANGE = {"Currency": "EUR", "StartingUnit": 11, "Price": 80, "PriceFormat": "Flat Fee"}
PREVIEW_ACCOUNT = {
    "currency": "EUR",
    "billCycleDay": 1,
    "soldToContact": {"address1": "Hafenstr. 4", "city": "Hamburg", "postalCode": "20095", "country": "Germany"},
}
TRIGGER_DATES = {
    "subscriptions": [
        {
            "subscriptionNumber": "HS-24680135-D7001",
            "orderActions": [{"sequence": 0, "triggerDates": dates("ServiceActivation", "CustomerAcceptance")}],
        }
    ]
}
TAXED = changed(ACCOUNT, parentId="8ad0a1b2c3d4e5f60718293a4b5c6d80", taxInfo={"exemptStatus": "No", "VATId": "NO1"})

def test_every_kind_of_body_that_can_be_sent_is_in_the_recordings():
    seen = {kind for call in recorded("zuora") for kind in kinds.of_call(call)}
    report([f"no story sends: {kind}" for kind in sorted(kinds.EXPECTED - seen)], "kinds that nobody walks")
    unknown = sorted(kind for kind in seen if not kinds.is_known(kind))
    report([f"not listed in kinds.py: {kind}" for kind in unknown], "kinds that nobody expects")


def test_the_list_of_kinds_has_those_of_the_adapters_own_list():
    told = {kind for one in bodies() for kind in kinds.of_body(one.method, one.path, one.body)}
    assert [kind for kind in sorted(told) if not kinds.is_known(kind)] == []


def test_kinds_are_read_off_bodies():
    body = changes(**{kind: CHANGES[kind] for kind in ("UpdateProduct", "CancelSubscription")})
    assert set(kinds.of_body("POST", ORDERS, body)) == {
        "order UpdateProduct",
        "order UpdateProduct recurringPerUnit",
        "order UpdateProduct discount discountPercentage",
        "order CancelSubscription",
        "order CancelSubscription SpecificDate",
    }
    call = Call("POST", ORDERS, "", body, 200, {"success": True}, "here", agent=f"{kinds.AGENT}/0.1.0")
    assert kinds.of_call(call)
    # Refused, faulty, or not the connector's: nothing was shown.
    assert not kinds.of_call(replace(call, response={"success": False}))
    assert not kinds.of_call(replace(call, status=500)) and not kinds.of_call(replace(call, faulty=True))
    assert not kinds.of_call(replace(call, agent="finance"))


ORDERS, PREVIEWS = "/v1/orders", "/v1/orders/preview"
CHARGES = "/v1/object/product-rate-plan-charge"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/accounts", ACCOUNT),
        ("POST", "/v1/accounts", TAXED),
        ("PUT", "/v1/accounts/A1", {"parentId": "8ad0", "taxInfo": {"exemptStatus": "Yes", "VATId": ""}}),
        ("POST", ORDERS, ORDER),
        ("POST", ORDERS, changes(**CHANGES)),
        *[("POST", ORDERS, changes(**{kind: part})) for kind, part in CHANGES.items()],
        ("POST", PREVIEWS, previewed(changes(**CHANGES))),
        ("POST", PREVIEWS, previewed(ORDER)),
        (
            "POST",
            PREVIEWS,
            changed(previewed(ORDER), existingAccountNumber=None, previewAccountInfo=PREVIEW_ACCOUNT),
        ),
        *[
            ("POST", ORDERS, created(override({f"{kind}{model}": {"quantity": 12, "tiers": TABLE}})))
            for kind in ("oneTime", "recurring")
            for model in ("Tiered", "Volume")
        ],
        *[("POST", ORDERS, created(override({f"usage{model}": {"tiers": TABLE}}))) for model in ("Tiered", "Volume")],
        ("POST", ORDERS, created(override({"discount": {"discountAmount": 5}}))),
        ("POST", ORDERS, created(override(None))),
        *[
            ("POST", ORDERS, updated(pricing))
            for pricing in (
                {"recurringFlatFee": {"listPrice": 1}},
                {"recurringTiered": {"quantity": 12, "tiers": TABLE}},
                {"recurringVolume": {"quantity": 12}},
                {"usagePerUnit": {"listPrice": 0.05}},
                {"usageVolume": {"tiers": TABLE}},
            )
        ],
        ("PUT", "/v1/orders/HS-1-D7001-1/triggerDates", TRIGGER_DATES),
        ("POST", CHARGES, CHARGE),
        ("POST", CHARGES, changed(CHARGE, ChargeType="OneTime", BillingPeriod=None, ListPriceBase=None)),
        ("POST", CHARGES, tiered("Volume Pricing", FIRST_RANGE, LAST_RANGE)),
        ("POST", CHARGES, changed(CHARGE, Taxable=True, TaxCode="VAT", TaxMode="TaxExclusive")),
        ("POST", CHARGES, changed(CHARGE, BillingPeriod="Specific Months", SpecificBillingPeriod=24)),
    ],
)
def test_good_bodies_pass(method: str, path: str, body: dict):
    assert walker.problems(walker.shape_of(method, path).request, body) == []


@pytest.mark.parametrize("golden", bodies(), ids=lambda golden: golden.action)
def test_every_body_of_the_adapters_own_list_fits_its_model(golden):
    assert walker.problems(walker.shape_of(golden.method, golden.path).request, golden.body) == []


FIRST = "$.subscriptions[0].orderActions[0]"
SOLD = f"{FIRST}.createSubscription.subscribeToRatePlans[0].chargeOverrides[0]"
UPDATE = f"{FIRST}.updateProduct.chargeUpdates[0]"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/accounts", changed(ACCOUNT, name=None), "$.name: missing"),
        ("/v1/accounts", changed(ACCOUNT, currency="EURO"), "$.currency"),
        ("/v1/accounts", changed(ACCOUNT, autoPay="false"), "$.autoPay"),
        ("/v1/accounts", changed(ACCOUNT, crmID="9001001"), "$.crmID: unknown"),
        ("/v1/accounts", changed(ACCOUNT, billToContact={"lastName": "Solheim"}), "$.billToContact.firstName"),
        ("/v1/accounts", changed(ACCOUNT, billToContact="Ingrid"), "$.billToContact: not an object"),
        ("/v1/accounts", changed(ACCOUNT, parentID="8ad0"), "$.parentID: unknown"),
        ("/v1/accounts", changed(ACCOUNT, taxInfo={"VATId": "D" * 26}), "$.taxInfo.VATId"),
        ("/v1/accounts", changed(ACCOUNT, taxInfo={"vatId": "DE1"}), "$.taxInfo.vatId: unknown"),
        ("/v1/accounts", changed(ACCOUNT, taxInfo={"exemptStatus": True}), "$.taxInfo.exemptStatus"),
        ("/v1/accounts", changed(ACCOUNT, taxInfo={"exemptStatus": "no"}), "$.taxInfo.exemptStatus"),
        (ORDERS, changed(ORDER, orderDate=None), "$.orderDate: missing"),
        (ORDERS, changed(ORDER, orderDate="16.11.2026"), "$.orderDate"),
        (ORDERS, changed(ORDER, orderDate="2026-11-16T00:00:00"), "$.orderDate"),
        (ORDERS, changed(ORDER, orderNumber="x" * 101), "$.orderNumber"),
        (ORDERS, changed(ORDER, existingAccountNumber=None), "$: none instead of one of"),
        (ORDERS, changed(ORDER, subscriptions={}), "$.subscriptions: not a list"),
        (ORDERS, action(type="CreateSub"), f"{FIRST}.type"),
        (ORDERS, action(type="AddProduct"), f"{FIRST}.addProduct: missing"),
        (ORDERS, action(type="AddProduct"), f"{FIRST}.createSubscription: superfluous"),
        (ORDERS, action(triggerDates=dates("Contract")), f"{FIRST}.triggerDates[0].name"),
        (ORDERS, action(triggerDates=[{"name": "ContractEffective", "date": "2026-11-16"}]), f"{FIRST}.triggerDates"),
        (
            ORDERS,
            created(terms={"initialTerm": {**TERM, "termType": "EVERGREEN"}}),
            f"{FIRST}.createSubscription.terms.initialTerm.period: superfluous",
        ),
        (
            ORDERS,
            created(terms={"initialTerm": {**TERM, "periodType": "Months"}}),
            f"{FIRST}.createSubscription.terms.initialTerm.periodType",
        ),
        (ORDERS, created(override({**SEATS, **OFF})), f"{SOLD}.pricing: "),
        (ORDERS, created(override({})), f"{SOLD}.pricing: nothing"),
        (ORDERS, created(override({"recurringPerUnit": {"quantity": "25", "listPrice": 1}})), f"{SOLD}.pricing"),
        (
            ORDERS,
            created(override({"recurringFlatFee": {"listPrice": 1, "listPriceBase": "Per Billing Period"}})),
            f"{SOLD}.pricing.recurringFlatFee.listPriceBase",
        ),
        (ORDERS, created(override({"recurringFlatFee": {"price": 1}})), f"{SOLD}.pricing.recurringFlatFee.price"),
        (ORDERS, created(override({"oneTimeFlatFee": {"listPrice": 1, "quantity": 1}})), f"{SOLD}.pricing"),
        (ORDERS, created(override({"usageTiered": {"quantity": 1, "tiers": TABLE}})), f"{SOLD}.pricing"),
        (ORDERS, created(override({"recurringTiered": {"tiers": TABLE[1:]}})), f"{SOLD}.pricing.recurringTiered.tiers"),
        (
            ORDERS,
            created(override({"recurringVolume": {"tiers": [changed(TABLE[0], endingUnit=20), TABLE[1]]}})),
            f"{SOLD}.pricing.recurringVolume.tiers[1].startingUnit",
        ),
        (
            ORDERS,
            created(override({"recurringVolume": {"tiers": [changed(TABLE[0], priceFormat="Per Unit")]}})),
            f"{SOLD}.pricing.recurringVolume.tiers[0].priceFormat",
        ),
        (
            ORDERS,
            created(override({"recurringVolume": {"tiers": [changed(TABLE[0], price=None)]}})),
            f"{SOLD}.pricing.recurringVolume.tiers[0].price: missing",
        ),
        (ORDERS, created(override({"discount": {}})), f"{SOLD}.pricing.discount: none"),
        (
            ORDERS,
            created(override({"discount": {"discountPercentage": 1, "discountLevel": "RATEPLAN"}})),
            f"{SOLD}.pricing.discount.discountLevel",
        ),
        (
            ORDERS,
            created(override({"discount": {"discountPercentage": 1, "applyDiscountTo": "Recurring"}})),
            f"{SOLD}.pricing.discount.applyDiscountTo",
        ),
        (ORDERS, created(override(SEATS, billing={"billingPeriod": "Semi-Annual"})), f"{SOLD}.billing.billingPeriod"),
        (
            ORDERS,
            created(override(SEATS, billing={"billingPeriod": "Specific_Months"})),
            f"{SOLD}.billing.specificBillingPeriod: missing",
        ),
        (
            ORDERS,
            created(override(SEATS, startDate={"triggerEvent": "SpecificDate"})),
            f"{SOLD}.startDate.specificTriggerDate: missing",
        ),
        (
            ORDERS,
            created(override(SEATS, endDate={"endDateCondition": "SpecificEndDate"})),
            f"{SOLD}.endDate.endDateCondition",
        ),
        (ORDERS, created(override(SEATS, chargeNumber="x" * 51)), f"{SOLD}.chargeNumber"),
        (ORDERS, created(override(SEATS), invoiceOwner="A1"), f"{FIRST}.createSubscription.invoiceOwner: unknown"),
        # A change names its subscription, a creation does not.
        (
            ORDERS,
            changed(changes(RenewSubscription={}), subscriptions=[{"orderActions": [{"type": "RenewSubscription"}]}]),
            "$.subscriptions[0].subscriptionNumber: missing",
        ),
        (
            ORDERS,
            changed(ORDER, subscriptions=[{**ORDER["subscriptions"][0], "subscriptionNumber": "HS-1"}]),
            "$.subscriptions[0].subscriptionNumber: superfluous",
        ),
        (ORDERS, changes(), "$.subscriptions[0].orderActions: empty"),
        # Updates have pricing keys of their own: none for one-time charges, no price base, no amount off.
        (ORDERS, updated({"oneTimePerUnit": {"quantity": 1, "listPrice": 1}}), f"{UPDATE}.pricing.oneTimePerUnit"),
        (ORDERS, updated({"oneTimeFlatFee": {"listPrice": 1}}), f"{UPDATE}.pricing.oneTimeFlatFee: unknown"),
        (ORDERS, updated({"recurringDelivery": {"listPrice": 1}}), f"{UPDATE}.pricing.recurringDelivery: unknown"),
        (ORDERS, updated(SEATS), f"{UPDATE}.pricing.recurringPerUnit.listPriceBase: unknown"),
        (ORDERS, updated({"discount": {"discountAmount": 5}}), f"{UPDATE}.pricing.discount.discountAmount: unknown"),
        (ORDERS, updated({"usageTiered": {"quantity": 1}}), f"{UPDATE}.pricing.usageTiered.quantity: unknown"),
        (ORDERS, updated(OFF, startDate={"triggerEvent": "ContractEffective"}), f"{UPDATE}.startDate: unknown"),
        (ORDERS, changes(UpdateProduct={"chargeUpdates": []}), f"{FIRST}.updateProduct: none"),
        (
            ORDERS,
            changes(RemoveProduct={"subscriptionRatePlanNumber": "SRP-1", "ratePlanId": "8ad0"}),
            f"{FIRST}.removeProduct: ",
        ),
        (ORDERS, changes(RemoveProduct={"ratePlanNumber": "SRP-1"}), f"{FIRST}.removeProduct.ratePlanNumber: unknown"),
        (ORDERS, changes(AddProduct=plan(uniqueToken="x" * 51)), f"{FIRST}.addProduct.uniqueToken"),
        (ORDERS, changes(TermsAndConditions={"initialTerm": TERM}), f"{FIRST}.termsAndConditions.initialTerm: unknown"),
        (
            ORDERS,
            changes(TermsAndConditions={"lastTerm": changed(TERM, termType=None)}),
            f"{FIRST}.termsAndConditions.lastTerm.termType: missing",
        ),
        (
            ORDERS,
            changes(TermsAndConditions={"renewalSetting": "RENEW_EVERGREEN"}),
            f"{FIRST}.termsAndConditions.renewalSetting",
        ),
        (
            ORDERS,
            changes(TermsAndConditions={"billToContactId": "8ad0", "clearingExistingBillToContact": True}),
            f"{FIRST}.termsAndConditions: billToContactId and clearingExistingBillToContact",
        ),
        (ORDERS, changes(RenewSubscription={"terms": {}}), f"{FIRST}.renewSubscription.terms: unknown"),
        (
            ORDERS,
            changes(CancelSubscription={"cancellationPolicy": "SpecificDate"}),
            f"{FIRST}.cancelSubscription.cancellationEffectiveDate: missing",
        ),
        (
            ORDERS,
            changes(
                CancelSubscription={
                    "cancellationPolicy": "EndOfCurrentTerm",
                    "cancellationEffectiveDate": "2027-01-01",
                }
            ),
            f"{FIRST}.cancelSubscription.cancellationEffectiveDate: superfluous",
        ),
        (ORDERS, changes(CancelSubscription={}), f"{FIRST}.cancelSubscription.cancellationPolicy: missing"),
        (
            ORDERS,
            changes(CancelSubscription={"cancellationPolicy": "EndOfBilledPeriod"}),
            f"{FIRST}.cancelSubscription.cancellationPolicy",
        ),
        (ORDERS, changes(Suspend={"suspendPolicy": "SpecificDate"}), f"{FIRST}.suspend.suspendSpecificDate: missing"),
        (ORDERS, changes(Suspend={"suspendSpecificDate": "2027-02-01"}), f"{FIRST}.suspend.suspendPolicy: missing"),
        (ORDERS, changes(Resume={"resumePolicy": "SpecificDay"}), f"{FIRST}.resume.resumePolicy"),
        (ORDERS, changes(Resume={"suspendPolicy": "Today"}), f"{FIRST}.resume.suspendPolicy: unknown"),
        (
            ORDERS,
            changes(OwnerTransfer={"destinationInvoiceOwnerAccountNumber": "A1"}),
            f"{FIRST}.ownerTransfer.destinationInvoiceOwnerAccountNumber: unknown",
        ),
        # Previews know less than orders, and ask for more.
        (PREVIEWS, ORDER, "$.previewOptions: missing"),
        (PREVIEWS, ORDER, "$.processingOptions: unknown"),
        (
            PREVIEWS,
            previewed(changes(AddProduct=plan(externallyManagedPlanId="1200000001"))),
            f"{FIRST}.addProduct.externallyManagedPlanId: unknown",
        ),
        (
            PREVIEWS,
            previewed(changes(AddProduct=plan(override(SEATS, upsellOriginChargeNumber="C-1")))),
            f"{FIRST}.addProduct.chargeOverrides[0].upsellOriginChargeNumber: unknown",
        ),
        (
            PREVIEWS,
            previewed(updated({"oneTimeFlatFee": {"listPrice": 1}})),
            f"{UPDATE}.pricing.oneTimeFlatFee: unknown",
        ),
        (PREVIEWS, changed(previewed(ORDER), previewAccountInfo=PREVIEW_ACCOUNT), "$: ["),
        (
            PREVIEWS,
            changed(
                previewed(ORDER),
                existingAccountNumber=None,
                previewAccountInfo={**PREVIEW_ACCOUNT, "soldToContact": {"zipCode": "20095"}},
            ),
            "$.previewAccountInfo.soldToContact.zipCode: unknown",
        ),
        (
            PREVIEWS,
            changed(previewed(ORDER), previewOptions={"previewThruType": "NumberOfPeriods"}),
            "$.previewOptions.previewNumberOfPeriods: missing",
        ),
        (
            PREVIEWS,
            changed(previewed(ORDER), previewOptions={"previewThruType": "TermEnd", "previewTypes": ["Metrics"]}),
            "$.previewOptions.previewTypes",
        ),
        (CHARGES, changed(CHARGE, BillingPeriod=None), "$.BillingPeriod: missing"),
        (CHARGES, changed(CHARGE, BillingPeriod="Semi_Annual"), "$.BillingPeriod"),
        (CHARGES, changed(CHARGE, BillingPeriod="Specific Months"), "$.SpecificBillingPeriod: missing"),
        (CHARGES, changed(CHARGE, ListPrice=1), "$.ListPrice: unknown"),
        (CHARGES, changed(CHARGE, Taxable=True, TaxCode="VAT"), "$.TaxMode: missing"),
        (CHARGES, changed(CHARGE, TaxMode="Exclusive"), "$.TaxMode"),
        (CHARGES, changed(CHARGE, TaxCode="x" * 65), "$.TaxCode"),
        (CHARGES, tiered("Tiered", FIRST_RANGE), "$.ChargeModel"),
        (CHARGES, tiered("Tiered Pricing"), "$.ProductRatePlanChargeTierData.ProductRatePlanChargeTier: empty"),
        (
            CHARGES,
            tiered("Tiered Pricing", changed(FIRST_RANGE, Tier=1)),
            "$.ProductRatePlanChargeTierData.ProductRatePlanChargeTier[0].Tier: unknown",
        ),
        (
            CHARGES,
            tiered("Volume Pricing", changed(FIRST_RANGE, PriceFormat="PerUnit")),
            "$.ProductRatePlanChargeTierData.ProductRatePlanChargeTier[0].PriceFormat",
        ),
        (
            CHARGES,
            tiered("Tiered Pricing", FIRST_RANGE, changed(LAST_RANGE, StartingUnit=13)),
            "$.ProductRatePlanChargeTierData.ProductRatePlanChargeTier(EUR)[1].StartingUnit",
        ),
    ],
)
def test_bad_bodies_are_found(path: str, body: dict, expected: str):
    found = walker.problems(walker.shape_of("POST", path).request, body)
    assert any(one.startswith(expected) for one in found), found


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", "/v1/accounts/A1", {"currency": "EUR"}, "$.currency: unknown"),
        ("PUT", "/v1/accounts/A1", {"billToContact": {"city": "Hamburg"}}, "$.billToContact.firstName: missing"),
        ("PUT", "/v1/accounts/A1", {"taxInfo": {"VATId": 1}}, "$.taxInfo.VATId"),
        ("PUT", "/v1/orders/O1/triggerDates", changed(TRIGGER_DATES, orderNumber="O1"), "$.orderNumber: unknown"),
        (
            "PUT",
            "/v1/orders/O1/triggerDates",
            {"subscriptions": [{"subscriptionNumber": "S1", "orderActions": [{"triggerDates": dates("Activation")}]}]},
            "$.subscriptions[0].orderActions[0]",
        ),
    ],
)
def test_bad_updates_are_found(method: str, path: str, body: dict, expected: str):
    found = walker.problems(walker.shape_of(method, path).request, body)
    assert any(one.startswith(expected) for one in found), found


CHARGE_READ = {"number": "C-1", "model": "PerUnit", "type": "Recurring", "quantity": 3, "price": 9.9}
METRICS = {"chargeNumber": "C-1", "cmrr": {"discount": 0, "regular": 29.7}, "tcv": {"discount": 0, "regular": 356.4}}
INVOICE = {"amount": 29.7, "targetDate": "2027-01-01", "invoiceItems": [{"processingType": "Charge", "taxAmount": 0}]}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/v1/subscriptions/S1", {"ratePlans": [{"ratePlanCharges": [CHARGE_READ]}]}, None),
        ("GET", "/v1/subscriptions/S1", {"renewalTermPeriodType": "month"}, "$.renewalTermPeriodType"),
        ("GET", "/v1/subscriptions/S1", {"initialTerm": "12"}, "$.initialTerm"),
        ("GET", "/v1/subscriptions/S1", {"status": "Canceled"}, "$.status"),
        ("GET", "/v1/subscriptions/S1", {"cancelledDate": "2027-01-01"}, "$.cancelledDate: unknown"),
        ("GET", "/v1/subscriptions/S1", {"termEndDate": "2027-01-01T00:00:00Z"}, "$.termEndDate"),
        (
            "GET",
            "/v1/subscriptions/S1",
            {"ratePlans": [{"ratePlanCharges": [changed(CHARGE_READ, model="Per Unit Pricing")]}]},
            "$.ratePlans[0].ratePlanCharges[0].model",
        ),
        (
            "GET",
            "/v1/subscriptions/S1",
            {"ratePlans": [{"ratePlanCharges": [changed(CHARGE_READ, tiers=[{"tier": 1, "discount": 5}])]}]},
            "$.ratePlans[0].ratePlanCharges[0].tiers[0].discount: unknown",
        ),
        ("POST", PREVIEWS, {"previewResult": {"chargeMetrics": [{"charges": [METRICS]}], "invoices": [INVOICE]}}, None),
        (
            "POST",
            PREVIEWS,
            {"previewResult": {"chargeMetrics": [{"charges": [changed(METRICS, tcv="356.40")]}]}},
            "$.previewResult.chargeMetrics[0].charges[0].tcv: not an object",
        ),
        (
            "POST",
            PREVIEWS,
            {"previewResult": {"invoices": [changed(INVOICE, creditMemoItems=[])]}},
            "$.previewResult.invoices[0].creditMemoItems: unknown",
        ),
        (
            "POST",
            PREVIEWS,
            {"previewResult": {"invoices": [changed(INVOICE, invoiceItems=[{"processingType": "charge"}])]}},
            "$.previewResult.invoices[0].invoiceItems[0].processingType",
        ),
        ("GET", "/object-query/invoices", {"data": [{"invoiceNumber": "INV1", "balance": 1.5}]}, None),
        ("GET", "/object-query/invoices", {"data": [{"number": "INV1"}]}, "$.data[0].number: unknown"),
        ("GET", "/object-query/invoices", {"data": [{"balance": "1.50"}]}, "$.data[0].balance"),
        ("GET", "/object-query/payments", {"data": [{"paymentNumber": "P1", "amount": 1}], "nextPage": None}, None),
        ("GET", "/object-query/credit-memos", {"data": [{"memoNumber": 1}]}, "$.data[0].memoNumber"),
        ("GET", "/object-query/accounts/A1", {"subscriptions": [{"name": "S1", "number": "S1"}]}, "$.subscriptions[0]"),
        ("GET", "/v1/product-rate-plans/external-id/1", {"productRatePlans": [{"Id": "8ad0"}]}, "$.productRatePlans"),
    ],
)
def test_answers_are_checked_alike(method: str, path: str, body: dict, expected: str | None):
    found = walker.problems(walker.shape_of(method, path).response, body)
    assert found == [] if expected is None else any(one.startswith(expected) for one in found), found


def test_enumerations_and_rules_stand_at_fields_that_exist():
    """A misspelt name in a table would check nothing."""
    fields = {
        field.alias or name
        for kind in vars(walker.models).values()
        if isinstance(kind, type) and issubclass(kind, walker.BaseModel)
        for name, field in kind.model_fields.items()
    }
    assert set(walker.ENUMERATIONS) <= fields
    for model, name in walker.ENUMERATIONS_OF:
        declared = getattr(walker.models, model).model_fields
        assert name in {field.alias or own for own, field in declared.items()}, (model, name)
    missing = [name for name in order_rules.named_models() if not hasattr(walker.models, name)]
    assert missing == []


def test_paths_lead_to_their_models():
    names = {
        ("GET", "/v1/accounts/A1/summary"): "AccountSummaryResponse",
        ("GET", "/v1/orders/HS-1-D1-1"): "GetOrderResponse",
        ("GET", "/v1/subscriptions/accounts/A1"): "GetSubscriptionsResponse",
        ("GET", "/object-query/accounts"): "QueryAccountsResponse",
        ("GET", "/object-query/accounts/A1"): "ExpandedAccount",
        ("GET", "/object-query/orders"): "QueryOrderssResponse",
        ("GET", "/object-query/product-rate-plan-charges"): "QueryProductRatePlanChargesResponse",
    }
    assert {call: walker.shape_of(*call).response.__name__ for call in names} == names
    assert walker.shape_of("GET", "/v1/describe/account") is None


def test_failures_have_one_of_zuoras_shapes():
    good = {"success": False, "processId": "7F2E", "reasons": [{"code": 53100320, "message": "no"}]}
    assert walker.failed(200, good) and walker.failure_problems("/v1/orders", good) == []
    crud = {"Success": False, "Errors": [{"Code": "MISSING_REQUIRED_VALUE", "Message": "no"}]}
    assert walker.failed(200, crud) and walker.failure_problems("/v1/object/product", crud) == []
    assert walker.failure_problems("/v1/orders", {"success": False}) == ["$.reasons: missing or empty"]
    assert walker.failure_problems("/v1/object/product", {"Success": False, "Errors": [{"Code": "X"}]}) == [
        "$.Errors[0].Message: missing"
    ]
