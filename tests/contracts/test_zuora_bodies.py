"""Every recorded Zuora body against the models of Zuora's official SDK."""

from __future__ import annotations

import pytest

from recordings import recorded, report

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
            continue
        checked += 1
        what = f"{call.method} {call.path}"
        refused = 400 <= call.status < 500 and call.status not in (401, 403, 429)
        if shape.request is not None and not refused:
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


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/accounts", ACCOUNT),
        ("POST", "/v1/orders", ORDER),
        ("POST", "/v1/object/product-rate-plan-charge", CHARGE),
        (
            "POST",
            "/v1/object/product-rate-plan-charge",
            changed(CHARGE, ChargeType="OneTime", BillingPeriod=None, ListPriceBase=None),
        ),
    ],
)
def test_good_bodies_pass(method: str, path: str, body: dict):
    assert walker.problems(walker.shape_of(method, path).request, body) == []


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/accounts", changed(ACCOUNT, name=None), "$.name: missing"),
        ("/v1/accounts", changed(ACCOUNT, currency="EURO"), "$.currency"),
        ("/v1/accounts", changed(ACCOUNT, autoPay="false"), "$.autoPay"),
        ("/v1/accounts", changed(ACCOUNT, crmID="9001001"), "$.crmID: unknown"),
        ("/v1/accounts", changed(ACCOUNT, billToContact={"lastName": "Solheim"}), "$.billToContact.firstName"),
        ("/v1/accounts", changed(ACCOUNT, billToContact="Ingrid"), "$.billToContact: not an object"),
        ("/v1/orders", changed(ORDER, orderDate=None), "$.orderDate: missing"),
        ("/v1/orders", changed(ORDER, orderDate="16.11.2026"), "$.orderDate"),
        ("/v1/orders", changed(ORDER, orderNumber="x" * 101), "$.orderNumber"),
        ("/v1/orders", changed(ORDER, subscriptions={}), "$.subscriptions: not a list"),
        ("/v1/orders", action(type="CreateSub"), "$.subscriptions[0].orderActions[0].type"),
        (
            "/v1/orders",
            action(triggerDates=[{"name": "Contract", "triggerDate": "2026-11-16"}]),
            "$.subscriptions[0].orderActions[0].triggerDates[0].name",
        ),
        ("/v1/object/product-rate-plan-charge", changed(CHARGE, BillingPeriod=None), "$.BillingPeriod: missing"),
        ("/v1/object/product-rate-plan-charge", changed(CHARGE, BillingPeriod="Semi_Annual"), "$.BillingPeriod"),
        ("/v1/object/product-rate-plan-charge", changed(CHARGE, ListPrice=1), "$.ListPrice: unknown"),
    ],
)
def test_bad_bodies_are_found(path: str, body: dict, expected: str):
    found = walker.problems(walker.shape_of("POST", path).request, body)
    assert any(one.startswith(expected) for one in found), found


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
