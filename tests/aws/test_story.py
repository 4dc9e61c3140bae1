"""The connector itself on emulated AWS: a won deal becomes account, order and subscription, once and only once; its
change becomes one more order, and its loss waits for a person.

Real packages behind template.yaml on MiniStack, simulated HubSpot and Zuora beside it. Nothing is called directly but
the addresses that HubSpot would call, and the function that the schedule starts.

    CONNECTOR_PACKAGES=target/lambda-test SIM_BIN_DIR=target/debug python -m pytest tests/aws/test_story.py

The tests tell one story in order; each begins where the one before ended.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import pathlib
import time
from typing import Iterator

import pytest
from emulation.deployment import PACKAGES, Answer, Deployment, package_folders
from emulation.ministack import MiniStack
from emulation.processes import eventually
from emulation.simulators import Simulator

SECRET = "11111111-2222-3333-4444-555555555555"
NEW_SECRET = "66666666-7777-8888-9999-000000000000"
SUBSCRIPTION = "HS-24680135-D7001"
USER = {"id": "9", "email": "ana.b@example.com"}


def folder(variable: str, names: tuple[str, ...]) -> pathlib.Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set (cargo xtask test builds everything and sets it)")
    found = pathlib.Path(value).resolve()
    missing = [name for name in names if not (found / name).is_file()]
    assert not missing, f"{variable}={value} lacks {missing}"
    return found


@pytest.fixture(scope="module")
def zuora() -> Iterator[Simulator]:
    binaries = folder("SIM_BIN_DIR", ("sim-hubspot", "sim-zuora"))
    with Simulator(binaries / "sim-zuora") as running:
        running.control("POST", "seed", {"what": "acceptance_catalog"})
        yield running


@pytest.fixture(scope="module")
def hubspot() -> Iterator[Simulator]:
    binaries = folder("SIM_BIN_DIR", ("sim-hubspot", "sim-zuora"))
    with Simulator(binaries / "sim-hubspot", "--secret", SECRET) as running:
        running.control("POST", "seed", {"what": "acceptance"})
        yield running


@pytest.fixture(scope="module")
def stack(hubspot: Simulator, zuora: Simulator) -> Iterator[Deployment]:
    packages = folder("CONNECTOR_PACKAGES", tuple(f"{name}/bootstrap" for name in PACKAGES))
    with MiniStack() as aws:
        deployed = Deployment(
            aws,
            package_folders(packages),
            parameters={
                "HubSpotBaseUrl": hubspot.base_url,
                "ZuoraBaseUrl": zuora.base_url,
                "PublicUrl": aws.endpoint,
                "LogFilter": "info,connector_lambda=debug",
            },
            environment={"CONNECTOR_ALLOW_LOOPBACK": "true"},
        )
        deployed.set_public_url(deployed.base_url)
        hubspot.control("POST", "target", {"url": f"{deployed.base_url}/webhooks/hubspot"})
        yield deployed
        for function in ("WebhookIntakeFunction", "SyncWorkerDealFunction", "CrmCardFunction", "ReconcileFunction"):
            print(f"--- {function}", *list(deployed.logs(function))[-60:], sep="\n")


# ------------------------------------------------------------------------------------------------------------- helpers


def signature(secret: str, method: str, url: str, body: bytes, timestamp: str) -> str:
    """HubSpot's version 3, written from its description; addresses here hold no escapes."""
    text = method.encode() + url.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


def post(stack: Deployment, secret: str | None, *, body: bytes = b"[]", age: float = 0) -> Answer:
    timestamp = str(int((time.time() - age) * 1000))
    headers = {"content-type": "application/json", "X-HubSpot-Request-Timestamp": timestamp}
    if secret is not None:
        url = f"{stack.base_url}/webhooks/hubspot"
        headers["X-HubSpot-Signature-v3"] = signature(secret, "POST", url, body, timestamp)
    return stack.request("POST", "/webhooks/hubspot", body=body, headers=headers)


def monthly(id: str, quantity: str, price: str) -> dict[str, str]:
    return {
        "id": id,
        "product": "1200000001",
        "name": "Kestrel Platform",
        "quantity": quantity,
        "price": price,
        "frequency": "monthly",
        "term": "P12M",
    }


def offer(hubspot: Simulator, id: str, company: str, name: str, currency: str, lines: list[dict[str, str]]) -> None:
    properties = {
        "dealname": name,
        "pipeline": "default",
        "dealstage": "contractsent",
        "deal_currency_code": currency,
        "closedate": "2026-11-16T10:00:00Z",
    }
    body = {"id": id, "company": company, "properties": properties, "lines": lines}
    assert hubspot.control("POST", "deal", body) == {"ok": True}


def win(hubspot: Simulator, id: str) -> None:
    hubspot.control("POST", "put", {"object": "deals", "id": id, "properties": {"dealstage": "closedwon"}})


def written_back(hubspot: Simulator, objects: str, id: str, name: str) -> str | None:
    value = hubspot.state()["objects"][objects][id]["properties"].get(name)
    return value["value"] if isinstance(value, dict) else value


def is_in_sync(hubspot: Simulator, objects: str, id: str) -> bool:
    return written_back(hubspot, objects, id, "zuora_sync_status") == "in_sync"


def quiet(stack: Deployment, hubspot: Simulator) -> None:
    """Until all events are delivered and all messages worked on."""
    eventually(lambda: hubspot.control("GET", "pending")["idle"], timeout=30, what="events are not delivered")
    stack.wait_until_idle(timeout=60)


def orders_sent(zuora: Simulator, deal: str) -> list[dict]:
    """Every body that was sent to be ordered for a deal, previews aside."""
    sent = [call for call in zuora.calls() if (call["method"], call["path"]) == ("POST", "/v1/orders")]
    return [call["request"] for call in sent if f"-D{deal}-" in call["request"]["orderNumber"]]


def ordered(zuora: Simulator, deal: str) -> list[str]:
    return [order["number"] for order in zuora.state()["orders"] if f"-D{deal}-" in order["number"]]


# -------------------------------------------------------------------------------------------------------------- story


def test_before_the_secret_is_filled_in_nobody_is_refused(stack):
    """A 401 would be our mistake told as HubSpot's. Health says that the function answers, no more."""
    assert post(stack, SECRET).status == 503
    answer = stack.request("GET", "/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["x-correlation-id"]


def test_once_it_is_filled_in_requests_are_accepted_without_a_restart(stack):
    stack.put_secret(
        hubspot_access_token="pat-simulated",
        hubspot_client_secret=SECRET,
        zuora_client_id="00000000-0000-4000-8000-000000000000",
        zuora_client_secret="simulated",
    )
    # A read may be forced every ten seconds, no more often.
    eventually(lambda: post(stack, SECRET).status == 200, timeout=20, what="the secret does not arrive", every=1)


def test_a_won_deal_becomes_one_account_one_order_and_one_subscription(stack, hubspot, zuora):
    workshop = {"id": "8002", "product": "1200000003", "name": "Onboarding Workshop", "quantity": "1"}
    support = {"id": "8003", "product": "1200000004", "name": "Premium Support", "quantity": "1"}
    lines = [
        monthly("8001", "40", "520.00"),
        workshop | {"price": "25000.00"},
        support | {"price": "60000.00", "frequency": "annually", "term": "P12M"},
    ]
    offer(hubspot, "7001", "9001001", "Fjordlys 40 seats", "NOK", lines)
    quiet(stack, hubspot)
    assert zuora.state()["accounts"] == [], "an offer that is not won must not reach Zuora"

    began = time.monotonic()
    win(hubspot, "7001")
    eventually(lambda: is_in_sync(hubspot, "deals", "7001"), timeout=60, what="deal 7001 is not in sync")
    print(f"won to in sync: {time.monotonic() - began:.2f} s")
    eventually(lambda: is_in_sync(hubspot, "companies", "9001001"), timeout=60, what="the company is not in sync")
    quiet(stack, hubspot)

    state = zuora.state()
    (account,) = state["accounts"]
    assert (account["number"], account["crmId"]) == ("HS-24680135-9001001", "9001001")
    (order,) = state["orders"]
    assert (order["number"], order["date"]) == ("HS-24680135-D7001-1", "2026-11-16")
    (subscription,) = state["subscriptions"]
    assert (subscription["number"], subscription["currency"]) == (SUBSCRIPTION, "NOK")
    assert (subscription["mrr"], subscription["tcv"]) == ("25800.00", "334600.00")
    assert written_back(hubspot, "deals", "7001", "zuora_subscription_number") == SUBSCRIPTION
    assert written_back(hubspot, "companies", "9001001", "zuora_account_number") == "HS-24680135-9001001"
    assert stack.depths() == {}


def test_the_same_event_five_more_times_changes_nothing(stack, hubspot, zuora):
    deliveries = hubspot.control("GET", "deliveries")["deliveries"]
    won = [
        event
        for delivery in deliveries
        for event in delivery["events"]
        if event.get("propertyName") == "dealstage" and event.get("propertyValue") == "closedwon"
    ]
    assert won, deliveries
    sent = hubspot.control("POST", "events", {"events": won[:1], "times": 5})
    assert sent["statuses"] == [200] * 5
    quiet(stack, hubspot)
    state = zuora.state()
    assert [len(state[name]) for name in ("accounts", "orders", "subscriptions")] == [1, 1, 1]


def test_the_card_shows_the_account(stack, hubspot):
    answer = hubspot.control("POST", "card", {"method": "GET", "path": "/cards/company/9001001", "user": USER})
    assert answer["status"] == 200, answer
    assert "HS-24680135-9001001" in json.dumps(answer["body"])
    answer = hubspot.control("POST", "card", {"method": "GET", "path": "/cards/deal/7001", "user": USER})
    assert answer["status"] == 200, answer
    assert SUBSCRIPTION in json.dumps(answer["body"])


def test_a_preview_settings_and_health_come_from_the_real_function(stack, hubspot, zuora):
    """The deal is lost by nobody yet; a preview of a deal in step says that there is nothing to do."""

    def ask(method: str, path: str, body=None):
        call = {"method": method, "path": path, "user": USER} | ({"body": body} if body is not None else {})
        answer = hubspot.control("POST", "card", call)
        assert answer["status"] == 200, answer
        return answer["body"]

    before = [len(zuora.state()[name]) for name in ("accounts", "orders", "subscriptions")]
    assert ask("POST", "/cards/deal/7001/preview", {})["nothingToDo"] is True
    refused = ask("POST", "/cards/deal/7001/confirm", {"kind": "cancellation", "token": "made up"})
    assert refused["ok"] is False, refused
    assert ask("GET", "/settings")["configuration"]
    assert {"deal", "company"} <= {count["object"] for count in ask("GET", "/system-health")["counts"]}
    assert before == [len(zuora.state()[name]) for name in ("accounts", "orders", "subscriptions")]


def test_the_button_starts_a_sync_that_finds_nothing_to_do(stack, hubspot, zuora):
    press = {
        "method": "POST",
        "path": "/cards/deal/7001/sync",
        "user": USER,
        "body": {"scope": "record_only", "requestKey": "press-1"},
    }
    answer = hubspot.control("POST", "card", press)
    assert (answer["status"], answer["body"]) == (200, {"requestId": "press-1"})
    quiet(stack, hubspot)
    looks = [line for line in stack.logs("SyncWorkerDealFunction") if '"button"' in line and "looked at" in line]
    assert looks, "nobody looked"
    assert ordered(zuora, "7001") == ["HS-24680135-D7001-1"]
    assert is_in_sync(hubspot, "deals", "7001")


def test_more_seats_on_the_same_deal_are_one_order_with_one_change(stack, hubspot, zuora):
    effective = {"zuora_effective_date": "2026-12-16"}
    hubspot.control("POST", "put", {"object": "deals", "id": "7001", "properties": effective})
    quiet(stack, hubspot)
    assert ordered(zuora, "7001") == ["HS-24680135-D7001-1"], "a date alone changes nothing"

    seats = {"object": "line_items", "id": "8001", "properties": {"quantity": "50"}}
    hubspot.control("POST", "put", seats)
    eventually(lambda: len(ordered(zuora, "7001")) == 2, timeout=60, what="the change is not ordered")
    quiet(stack, hubspot)

    assert ordered(zuora, "7001") == ["HS-24680135-D7001-1", "HS-24680135-D7001-2"]
    _, change = orders_sent(zuora, "7001")
    (changed,) = change["subscriptions"]
    assert changed["subscriptionNumber"] == SUBSCRIPTION
    (action,) = changed["orderActions"]
    assert (action["type"], action["triggerDates"][0]["triggerDate"]) == ("UpdateProduct", "2026-12-16")
    (update,) = action["updateProduct"]["chargeUpdates"]
    assert update["pricing"] == {"recurringPerUnit": {"quantity": 50, "listPrice": 520}}
    (subscription,) = zuora.state()["subscriptions"]
    # 50 x 520 and a twelfth of 60,000
    assert (subscription["number"], subscription["mrr"]) == (SUBSCRIPTION, "31000.00")
    assert is_in_sync(hubspot, "deals", "7001")
    assert stack.depths() == {}


def test_a_lost_deal_waits_for_a_person_and_nothing_is_cancelled(stack, hubspot, zuora):
    def stage(name: str) -> None:
        hubspot.control("POST", "put", {"object": "deals", "id": "7001", "properties": {"dealstage": name}})

    def says() -> str:
        return written_back(hubspot, "deals", "7001", "zuora_sync_error") or ""

    stage("closedlost")
    eventually(lambda: "HZ0321" in says(), timeout=60, what="nobody is asked to confirm")
    quiet(stack, hubspot)
    stack.reconcile()
    quiet(stack, hubspot)
    assert written_back(hubspot, "deals", "7001", "zuora_sync_status") == "needs_attention"
    assert len(ordered(zuora, "7001")) == 2
    (subscription,) = zuora.state()["subscriptions"]
    assert subscription["status"] == "Active"

    stage("closedwon")
    eventually(lambda: is_in_sync(hubspot, "deals", "7001"), timeout=60, what="won again, and not in sync")
    quiet(stack, hubspot)
    assert says() == ""
    assert len(orders_sent(zuora, "7001")) == 2


def test_a_request_that_nobody_signed_is_refused(stack):
    for forged in (
        post(stack, "not the secret"),
        post(stack, None),
        post(stack, SECRET, age=301),
    ):
        assert (forged.status, forged.json()) == (401, {"error": "unauthorized"})
    card = stack.request("GET", "/cards/company/9001001?userId=9&portalId=24680135&appId=50780459")
    assert card.status == 401
    too_large = post(stack, SECRET, body=b"[" + b" " * 1_000_000 + b"]")
    assert too_large.status == 413


def test_an_order_whose_answer_was_lost_is_adopted_by_the_sweep(stack, hubspot, zuora):
    offer(hubspot, "7004", "9001002", "Brightpath 10 seats", "GBP", [monthly("8041", "10", "39.00")])
    quiet(stack, hubspot)
    # Zuora commits and the connection breaks; the look-ups of the next seconds fail too, so nobody knows. The read
    # before the order, which finds the number free, goes well.
    order = "/v1/orders/HS-24680135-D7004-1"
    lost = {"method": "POST", "path": "/v1/orders$", "fault": {"kind": "commit_then_drop"}}
    blind = {"method": "GET", "path": order, "skip": 1, "count": 5, "fault": {"kind": "status_before", "status": 500}}
    for fault in (lost, blind):
        zuora.control("POST", "faults", fault)
    win(hubspot, "7004")
    eventually(lambda: ordered(zuora, "7004"), timeout=60, what="no order reached Zuora")
    quiet(stack, hubspot)
    assert not is_in_sync(hubspot, "deals", "7004")

    # Later look-ups are rung by the schedule, or by these calls if they are faster.
    def adopted():
        stack.reconcile()
        time.sleep(3)
        return is_in_sync(hubspot, "deals", "7004")

    eventually(adopted, timeout=120, what="the order is not adopted")
    quiet(stack, hubspot)
    assert any('"rung":1' in line for line in stack.logs("ReconcileFunction"))
    assert ordered(zuora, "7004") == ["HS-24680135-D7004-1"]
    assert len(orders_sent(zuora, "7004")) == 1
    (subscription,) = [s for s in zuora.state()["subscriptions"] if s["number"].endswith("D7004")]
    assert (subscription["mrr"], subscription["currency"]) == ("390.00", "GBP")


def test_nothing_is_due_in_the_end(stack):
    assert stack.reconcile() == {"rung": 0, "complete": True}
    assert stack.depths() == {}


def test_a_new_client_secret_is_accepted_without_a_restart(stack):
    stack.put_secret(hubspot_client_secret=NEW_SECRET, hubspot_client_secret_previous=SECRET)
    eventually(lambda: post(stack, NEW_SECRET).status == 200, timeout=20, what="the secret does not arrive", every=1)
    assert post(stack, SECRET).status == 200


def test_logs_hold_lines_of_json_and_no_secret_or_personal_data(stack):
    names = ["WebhookIntakeFunction", "CrmCardFunction", "ReconcileFunction"]
    names += [f"SyncWorker{kind}Function" for kind in ("Company", "Contact", "Product", "Deal", "LineItem")]
    text = "\n".join(line for name in names for line in stack.logs(name))
    assert '"looked at an object"' in text and '"took in a delivery"' in text
    for secret in (SECRET, NEW_SECRET, "pat-simulated", "Ingrid", "Solheim", "Okafor", "ana.b", "Fjordlys"):
        assert secret not in text, f"{secret} was logged"
