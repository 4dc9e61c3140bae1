"""The vendors' own Python clients against the simulators: what they cannot read, no connector could rely on."""

from __future__ import annotations

import json
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

warnings.simplefilter("ignore")

SECRET = "s3crét-key/+="


# --- Zuora -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zuora_client(zuora):
    sdk = pytest.importorskip("zuora_sdk", reason="zuora-sdk is not installed (see requirements.txt)")
    from zuora_sdk.zuora_client import ZuoraClient

    client = ZuoraClient(
        "00000000-0000-4000-8000-000000000000",
        "secret",
        env=None,
        config=sdk.Configuration(host=zuora.base_url),
    )
    client.set_retry_config(1, 1)
    client.initialize()
    return client


@pytest.fixture(scope="module")
def account_number(zuora_client) -> str:
    made = zuora_client.accounts_api().create_account(
        {
            "name": "Fjordlys Energi AS",
            "accountNumber": "HS-24680135-9001001",
            "crmId": "9001001",
            "currency": "NOK",
            "billCycleDay": 1,
            "autoPay": False,
            "paymentTerm": "Due Upon Receipt",
            "billToContact": {
                "firstName": "Ingrid",
                "lastName": "Solheim",
                "address1": "Strandgaten 14",
                "city": "Bergen",
                "state": "Vestland",
                "zipCode": "5003",
                "country": "Norway",
                "crmId__c": "5001",
            },
        }
    )
    assert made.success, made
    assert made.account_id
    return made.account_number


def plan_id(zuora_client, name: str) -> str:
    found = zuora_client.object_queries_api().query_products(
        filter=["sku.EQ:KP-CORE"], expand=["productrateplans"], page_size=20
    )
    product = next(one for one in found.data if one.name == name)
    return product.product_rate_plans[0].id


def order(account: str, plan: str, number: str) -> dict:
    return {
        "orderDate": "2026-11-16",
        "existingAccountNumber": account,
        "orderNumber": f"{number}-1",
        "subscriptions": [
            {
                "orderActions": [
                    {
                        "type": "CreateSubscription",
                        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-11-16"}],
                        "createSubscription": {
                            "subscriptionNumber": number,
                            "terms": {
                                "initialTerm": {
                                    "startDate": "2026-11-16",
                                    "termType": "TERMED",
                                    "period": 12,
                                    "periodType": "Month",
                                },
                                "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
                                "renewalTerms": [{"period": 12, "periodType": "Month"}],
                                "autoRenew": False,
                            },
                            "subscribeToRatePlans": [{"productRatePlanId": plan}],
                        },
                    }
                ],
            }
        ],
        "processingOptions": {"runBilling": False, "collectPayment": False},
    }


def test_zuora_account_is_created_read_and_found(zuora_client, account_number):
    assert account_number == "HS-24680135-9001001"
    read = zuora_client.accounts_api().get_account(account_number)
    assert read.success
    assert read.basic_info.name == "Fjordlys Energi AS"
    assert read.bill_to_contact.first_name == "Ingrid"
    found = zuora_client.object_queries_api().query_accounts(
        filter=["crmid.EQ:9001001"], expand=["billto", "subscriptions"], page_size=20
    )
    assert [one.account_number for one in found.data] == [account_number]
    assert found.data[0].bill_to.last_name == "Solheim"


def test_zuora_order_with_one_idempotency_key_is_placed_once(zuora_client, account_number):
    number = "HS-24680135-D7001"
    body = order(account_number, plan_id(zuora_client, "Kestrel Platform"), number)
    first = zuora_client.orders_api().create_order(body, idempotency_key="deal-7001-1")
    assert first.success, first
    assert first.order_number == f"{number}-1"
    again = zuora_client.orders_api().create_order(body, idempotency_key="deal-7001-1")
    assert again.success and again.order_number == first.order_number
    read = zuora_client.orders_api().get_order(first.order_number)
    assert read.order.order_number == first.order_number
    subscription = zuora_client.subscriptions_api().get_subscription_by_key(number)
    assert subscription.success and subscription.subscription_number == number
    orders = zuora_client.object_queries_api().query_orderss(
        filter=["ordernumber.EQ:" + first.order_number], page_size=20
    )
    assert len(orders.data) == 1


def change(account: str, subscription: str, number: str, *actions: dict) -> dict:
    dates = [{"name": "ContractEffective", "triggerDate": "2027-02-01"}]
    return {
        "orderDate": "2027-02-01",
        "existingAccountNumber": account,
        "orderNumber": number,
        "subscriptions": [
            {
                "subscriptionNumber": subscription,
                "orderActions": [{"triggerDates": dates, **action} for action in actions],
            }
        ],
        "processingOptions": {"runBilling": False, "collectPayment": False},
    }


def test_zuora_preview_is_read_with_metrics_and_invoices(zuora_client, account_number):
    body = order(account_number, plan_id(zuora_client, "Kestrel Platform"), "HS-24680135-D7002")
    del body["orderNumber"], body["processingOptions"]
    body["previewOptions"] = {
        "previewThruType": "NumberOfPeriods",
        "previewNumberOfPeriods": 2,
        "previewTypes": ["ChargeMetrics", "BillingDocs"],
    }
    told = zuora_client.orders_api().preview_order(body)
    assert told.success, told
    (subscription,) = told.preview_result.charge_metrics
    seats = max(subscription.charges, key=lambda charge: charge.tcv.regular)
    # One seat at 520 crowns a month for a year.
    assert (seats.cmrr.regular, seats.tcv.regular) == (520, 6240)
    assert seats.product_rate_plan_charge_id
    invoices = told.preview_result.invoices
    assert len(invoices) == 2 and all(one.amount_without_tax == 520 for one in invoices)
    item = invoices[0].invoice_items[0]
    assert str(item.service_start_date).startswith("2026-11-16") and item.charge_name
    # Nothing came of it.
    assert zuora_client.object_queries_api().query_subscriptions(filter=["name.EQ:HS-24680135-D7002"]).data == []


def test_zuora_change_orders_of_every_kind_are_taken_and_read(zuora_client, account_number):
    api, number = zuora_client.orders_api(), "HS-24680135-D7003"
    first = order(account_number, plan_id(zuora_client, "Kestrel Platform"), number)
    assert api.create_order(first, idempotency_key="deal-7003-1").success

    def read():
        return zuora_client.subscriptions_api().get_subscription_by_key(number)

    seen = read()
    (plan,) = seen.rate_plans
    charge = next(one for one in plan.rate_plan_charges if one.model == "PerUnit")
    update = {"chargeNumber": charge.number, "pricing": {"recurringPerUnit": {"quantity": 3, "listPrice": 500}}}
    day = {"SpecificDate": "2027-02-01"}
    steps = [
        {
            "type": "UpdateProduct",
            "updateProduct": {
                "subscriptionRatePlanNumber": plan.subscription_rate_plan_number,
                "chargeUpdates": [update],
            },
        },
        {
            "type": "AddProduct",
            "addProduct": {"productRatePlanId": storage_plan(zuora_client), "uniqueToken": "li-1"},
        },
        {
            "type": "TermsAndConditions",
            "termsAndConditions": {
                "lastTerm": {
                    "startDate": "2026-11-16",
                    "termType": "TERMED",
                    "period": 24,
                    "periodType": "Month",
                },
                "autoRenew": True,
            },
        },
    ]
    for at, step in enumerate(steps, start=2):
        answer = api.create_order(change(account_number, number, f"{number}-{at}", step))
        assert answer.success, (step["type"], answer)
    seen = read()
    assert (seen.auto_renew, str(seen.term_end_date)[:10]) == (True, "2028-11-16")
    kinds = {one.product_name: one.last_change_type for one in seen.rate_plans}
    assert kinds["Kestrel Platform"] == "Update" and kinds["Metered Storage"] == "Add"
    kestrel = next(one for one in seen.rate_plans if one.product_name == "Kestrel Platform")
    seats = next(one for one in kestrel.rate_plan_charges if one.number == charge.number)
    assert (seats.quantity, seats.price, seats.segment) == (3, 500, 2)

    pause = {"type": "Suspend", "suspend": {"suspendPolicy": "SpecificDate", "suspendSpecificDate": "2027-03-01"}}
    again = {"type": "Resume", "resume": {"resumePolicy": "SpecificDate", "resumeSpecificDate": "2027-04-01"}}
    storage = next(one for one in seen.rate_plans if one.product_name == "Metered Storage")
    gone = {
        "type": "RemoveProduct",
        "removeProduct": {"subscriptionRatePlanNumber": storage.subscription_rate_plan_number},
    }
    renewal = {
        "type": "RenewSubscription",
        "renewSubscription": {},
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2028-11-16"}],
    }
    end = {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2028-12-16"}
    cancel = {"type": "CancelSubscription", "cancelSubscription": end}
    for at, actions in enumerate([[gone], [pause, again], [renewal], [cancel]], start=5):
        answer = api.create_order(change(account_number, number, f"{number}-{at}", *actions))
        assert answer.success, ([one["type"] for one in actions], answer)
    told = api.get_order(f"{number}-8").order.subscriptions[0].order_actions[0]
    assert told.type == "CancelSubscription"
    assert str(told.cancel_subscription.cancellation_effective_date)[:10] == "2028-12-16"


def storage_plan(zuora_client) -> str:
    found = zuora_client.object_queries_api().query_products(
        filter=["sku.EQ:KP-STO"], expand=["productrateplans"], page_size=20
    )
    return found.data[0].product_rate_plans[0].id


def test_zuora_price_tables_are_read_in_the_catalogue_and_on_a_subscription(zuora_client, account_number):
    found = zuora_client.object_queries_api().query_products(
        filter=["sku.EQ:KP-API"],
        expand=[
            "productrateplans",
            "productrateplans.productrateplancharges",
            "productrateplans.productrateplancharges.productrateplanchargetiers",
        ],
        page_size=20,
    )
    plan = found.data[0].product_rate_plans[0]
    tiers = plan.product_rate_plan_charges[0].product_rate_plan_charge_tiers
    crowns = sorted((one.tier, one.starting_unit, one.price) for one in tiers if one.currency == "NOK")
    assert [price for _, _, price in crowns] == [1, 0.8, 0.5]
    number = "HS-24680135-D7004"
    assert zuora_client.orders_api().create_order(order(account_number, plan.id, number)).success
    seen = zuora_client.subscriptions_api().get_subscription_by_key(number)
    charge = seen.rate_plans[0].rate_plan_charges[0]
    assert charge.model == "Tiered" and [one.price for one in charge.tiers] == [1, 0.8, 0.5]


def test_zuora_owner_parent_and_taxes_of_an_account(zuora_client, account_number):
    api = zuora_client.accounts_api()
    parent = api.get_account(account_number).basic_info.id
    contact = {"firstName": "Ola", "lastName": "Nordmann", "state": "Vestland", "country": "Norway"}
    made = api.create_account(
        {
            "name": "Fjordlys Kraft AS",
            "accountNumber": "HS-24680135-9001101",
            "currency": "NOK",
            "billCycleDay": 1,
            "autoPay": False,
            "parentId": parent,
            "taxInfo": {"exemptStatus": "No", "VATId": "NO987654321MVA"},
            "billToContact": contact,
        }
    )
    assert made.success, made
    read = api.get_account(made.account_number)
    assert read.tax_info.vatid == "NO987654321MVA" and read.tax_info.exempt_status == "No"
    assert read.basic_info.parent_id == parent
    assert api.update_account(made.account_number, {"taxInfo": {"exemptStatus": "Yes", "VATId": "NO1"}}).success
    assert api.get_account(made.account_number).tax_info.exempt_status == "Yes"
    body = order(account_number, plan_id(zuora_client, "Kestrel Platform"), "HS-24680135-D7005")
    assert zuora_client.orders_api().create_order(body).success
    transfer = {
        "type": "OwnerTransfer",
        "ownerTransfer": {"destinationInvoiceAccountNumber": made.account_number},
    }
    answer = zuora_client.orders_api().create_order(
        change(account_number, "HS-24680135-D7005", "HS-24680135-D7005-2", transfer)
    )
    assert answer.success, answer
    seen = zuora_client.subscriptions_api().get_subscription_by_key("HS-24680135-D7005")
    assert seen.invoice_owner_account_number == made.account_number


def test_zuora_documents_of_the_cards_are_listed(zuora, zuora_client, account_number):
    documents = {
        "invoices": {"invoiceNumber": "INV-1", "amount": 520, "balance": 20, "status": "Posted"},
        "payments": {"paymentNumber": "P-1", "amount": 500, "status": "Processed"},
        "credit-memos": {"memoNumber": "CM-1", "totalAmount": 5, "balance": 5, "status": "Posted"},
        "debit-memos": {"memoNumber": "DM-1", "totalAmount": 7, "balance": 7, "status": "Posted"},
    }
    for kind, fields in documents.items():
        told = {"kind": kind, "fields": {"accountNumber": account_number, **fields}}
        zuora.control("POST", "documents", told)
    account = zuora_client.accounts_api().get_account(account_number).basic_info.id
    api = zuora_client.object_queries_api()
    mine = {"filter": [f"accountid.EQ:{account}"], "page_size": 20}
    assert [one.balance for one in api.query_invoices(**mine).data] == [20]
    assert [one.payment_number for one in api.query_payments(**mine).data] == ["P-1"]
    assert [one.memo_number for one in api.query_credit_memos(**mine).data] == ["CM-1"]
    assert [one.memo_number for one in api.query_debit_memos(**mine).data] == ["DM-1"]
    one = api.query_account_by_key(account_number, expand=["invoices", "payments", "subscriptions"])
    assert [invoice.invoice_number for invoice in one.invoices] == ["INV-1"]
    assert {subscription.name for subscription in one.subscriptions} >= {"HS-24680135-D7001"}


def test_zuora_refusal_in_a_200_is_not_an_exception(zuora_client, account_number):
    from zuora_sdk.exceptions import ApiException

    body = order("no-such-account", plan_id(zuora_client, "Kestrel Platform"), "HS-24680135-D7999")
    try:
        answer = zuora_client.orders_api().create_order(body, idempotency_key="deal-7999-1")
    except ApiException as refused:  # Zuora uses both: 200 with a flag, and 4xx with the same body
        reasons = json.loads(refused.body)["reasons"]
        assert reasons[0]["code"] and reasons[0]["message"]
    else:
        assert answer.success is False
        assert answer.reasons[0].code and answer.reasons[0].message


def test_zuora_missing_objects_are_not_found(zuora_client):
    from zuora_sdk.exceptions import NotFoundException

    try:
        answer = zuora_client.orders_api().get_order("no-such-order")
    except NotFoundException as missing:
        assert missing.status == 404
    else:
        assert answer.success is False and str(answer.reasons[0].code).endswith("40")


def test_zuora_saw_a_token_request(zuora, zuora_client):
    calls = zuora.control("GET", "calls")
    entries = calls["calls"] if isinstance(calls, dict) else calls
    # The SDK only prints when it gets no token: a call without one would have been answered 401.
    assert not any(entry["status"] == 401 for entry in entries)


# --- HubSpot -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hubspot_client(hubspot):
    package = pytest.importorskip("hubspot", reason="hubspot-api-client is not installed (see requirements.txt)")
    return package.HubSpot(access_token="pat-na1-test", host=hubspot.base_url)


def test_hubspot_batch_read_and_its_errors(hubspot_client):
    companies = hubspot_client.crm.companies
    answer = companies.batch_api.read(
        {
            "inputs": [{"id": "9001001"}, {"id": "77"}],
            "properties": ["name", "country"],
            "propertiesWithHistory": ["name"],
        }
    )
    assert [one.id for one in answer.results] == ["9001001"]
    assert answer.results[0].properties["country"] == "Norway"
    assert answer.results[0].properties_with_history["name"][0].value == "Fjordlys Energi AS"
    assert answer.num_errors == 1 and answer.errors[0].category == "OBJECT_NOT_FOUND"


def test_hubspot_histories_of_many_records_tell_when_each_value_came(hubspot, hubspot_client):
    for quantity in ("40", "55"):
        told = {"object": "line_items", "id": "8001", "properties": {"quantity": quantity}}
        hubspot.control("POST", "put", told)
    answer = hubspot_client.crm.line_items.batch_api.read(
        {"inputs": [{"id": "8001"}], "properties": ["quantity"], "propertiesWithHistory": ["quantity", "price"]}
    )
    (line,) = answer.results
    history = line.properties_with_history["quantity"]
    assert [one.value for one in history][:2] == ["55", "40"], "the newest stands first"
    assert history[0].timestamp >= history[1].timestamp


def test_hubspot_record_is_created_changed_and_archived(hubspot_client):
    deals = hubspot_client.crm.deals.basic_api
    made = deals.create(
        {
            "properties": {"dealname": "Made by the client", "dealstage": "closedwon", "pipeline": "default"},
            "associations": [
                {
                    "to": {"id": "9001001"},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}],
                }
            ],
        }
    )
    changed = deals.update(made.id, {"properties": {"amount": "12.50"}})
    assert changed.properties["amount"] == "12.50"
    read = deals.get_by_id(made.id, properties=["hs_is_closed_won"], associations=["companies"])
    assert read.properties["hs_is_closed_won"] == "true"
    assert read.associations["companies"].results[0].id == "9001001"
    deals.archive(made.id)
    from hubspot.crm.deals.exceptions import ApiException

    with pytest.raises(ApiException) as missing:
        deals.get_by_id(made.id)
    assert missing.value.status == 404


def test_hubspot_associations_with_labels(hubspot_client):
    batch = hubspot_client.crm.associations.v4.batch_api
    answer = batch.get_page("companies", "contacts", {"inputs": [{"id": "9001001"}]})
    found = {
        str(one.to_object_id): {kind.label for kind in one.association_types} for one in answer.results[0].to
    }
    assert found["5001"] >= {"Bill To", None}
    assert found["5002"] >= {"Sold To"}
    assert "5003" in found
    labels = hubspot_client.crm.associations.v4.schema.definitions_api.get_all("companies", "contacts")
    assert any(one.type_id == 930 for one in labels.results)


def test_hubspot_definitions_and_pipelines(hubspot_client):
    from hubspot.crm.properties.exceptions import ApiException

    properties = hubspot_client.crm.properties
    status = properties.core_api.get_by_name("companies", "zuora_sync_status")
    assert [one.value for one in status.options] == ["in_sync", "pending", "needs_attention", "not_linked"]
    with pytest.raises(ApiException) as missing:
        properties.core_api.get_by_name("companies", "no_such_property")
    assert missing.value.status == 404
    made = properties.core_api.create(
        "companies",
        {
            "name": "made_by_client",
            "label": "Made",
            "groupName": "zuora_billing",
            "type": "string",
            "fieldType": "text",
        },
    )
    assert made.name == "made_by_client"
    pipelines = hubspot_client.crm.pipelines.pipelines_api.get_all("deals").results
    signed = next(one for pipeline in pipelines for one in pipeline.stages if one.label == "Signed")
    assert signed.metadata == {"isClosed": "true", "probability": "1.0"}


def test_hubspot_search(hubspot_client):
    answer = hubspot_client.crm.companies.search_api.do_search(
        {
            "filterGroups": [
                {"filters": [{"propertyName": "country", "operator": "EQ", "value": "United States"}]}
            ],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["name"],
            "limit": 1,
            "after": "0",
        }
    )
    assert answer.total == 2
    assert answer.results[0].id == "9001004"
    assert answer.paging.next.after == "1"


def test_hubspot_refusals_are_api_exceptions(hubspot_client):
    from hubspot.crm.companies.exceptions import ApiException

    with pytest.raises(ApiException) as refused:
        hubspot_client.crm.companies.basic_api.update("9001001", {"properties": {"no_such_property": "1"}})
    body = json.loads(refused.value.body)
    assert refused.value.status == 400
    assert body["category"] == "VALIDATION_ERROR"
    assert body["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"


# --- HubSpot's signatures ----------------------------------------------------------------------------------------


class Receiver:
    """A web server that keeps what it gets."""

    def __init__(self):
        received = self.received = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                received.append((self.command, self.path, dict(self.headers.items()), body))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self, seconds: float = 5):
        end = time.monotonic() + seconds
        while not self.received and time.monotonic() < end:
            time.sleep(0.02)
        assert self.received, "nothing arrived"
        return self.received.pop(0)


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.server.shutdown()


def valid(method: str, url: str, headers: dict, body: bytes) -> bool:
    from hubspot.utils.signature import Signature

    lower = {name.lower(): value for name, value in headers.items()}
    return Signature.is_valid(
        signature=lower["x-hubspot-signature-v3"],
        client_secret=SECRET,
        request_body=body.decode(),
        http_uri=url,
        http_method=method,
        signature_version="v3",
        timestamp=lower["x-hubspot-request-timestamp"],
    )


def test_hubspot_helper_accepts_the_signature_of_webhooks(hubspot, hubspot_client, receiver):
    from hubspot.utils.signature import Signature

    hubspot.control("POST", "target", {"url": f"{receiver.base_url}/webhooks/hubspot"})
    hubspot.control(
        "POST", "put", {"object": "company", "id": "9001001", "properties": {"name": "Fjordlys – Énergi"}}
    )
    method, path, headers, body = receiver.next()
    # Events of earlier tests may have waited for a target: any batch is signed.
    assert isinstance(json.loads(body), list)
    url = receiver.base_url + path
    assert valid(method, url, headers, body)
    assert not valid(method, url, headers, body + b" ")
    assert headers["x-hubspot-signature"] == Signature.get_signature(SECRET, body.decode(), "v1")


def test_hubspot_helper_accepts_the_signature_of_card_calls(hubspot, hubspot_client, receiver):
    hubspot.control("POST", "auto_deliver", {"on": False})
    hubspot.control("POST", "target", {"url": f"{receiver.base_url}/webhooks/hubspot"})
    answer = hubspot.control(
        "POST",
        "card",
        {
            "method": "GET",
            "path": "/cards/company/9001001?locale=en-GB",
            "user": {"id": "9", "email": "ana.b+x@example.com"},
        },
    )
    assert answer == {"status": 200, "body": {}}
    method, path, headers, body = receiver.next()
    assert path.endswith("&userId=9&portalId=24680135&userEmail=ana.b%2Bx%40example.com&appId=50780459")
    # HubSpot signs the URL with a dozen escapes decoded, %40 among them; %2B stays.
    assert valid(method, (receiver.base_url + path).replace("%40", "@"), headers, body)
    assert not valid(method, receiver.base_url + path, headers, body)
