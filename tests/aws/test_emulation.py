"""The harness carries template.yaml: events reach their functions, and roles allow what they should and nothing else.

Run: `python -m pytest tests/aws/test_emulation.py` with the packages of requirements.txt. The functions are stand-ins
(`emulation/stand_in.py`); the connector itself is played by the end-to-end tests, through the same harness.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import botocore.exceptions
import pytest
import template
from checks import KINDS, ROUTES
from emulation import stand_in
from emulation.deployment import Deployment, DeploymentFailed, package_folders
from emulation.ministack import MiniStack
from emulation.processes import eventually

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> dict[str, pathlib.Path]:
    return package_folders(stand_in.build(tmp_path_factory.mktemp("lambda")))


@pytest.fixture(scope="module")
def aws():
    with MiniStack() as running:
        yield running


@pytest.fixture(scope="module")
def stack(aws, packages) -> Deployment:
    return Deployment(
        aws,
        packages,
        parameters={"ZuoraBaseUrl": "http://127.0.0.1:9001", "PublicUrl": "https://billing.example.com"},
        environment={"CONNECTOR_TEST__CLOCK_OFFSET": "0"},
    )


# ---------------------------------------------------------------------------------------------------------------- HTTP


@pytest.mark.parametrize(
    ("route", "function"), ROUTES.items(), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_each_route_reaches_its_function(stack, route, function):
    method, path = route
    answer = stack.request(method, path.replace("{id}", "9001001"))
    assert answer.status == 200, answer.body
    told = answer.json()
    assert told["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == stack.physical(function)
    assert told["event"]["routeKey"] == f"{method} {path}"
    assert told["event"]["rawPath"] == path.replace("{id}", "9001001")


def test_what_was_signed_arrives_unchanged(stack):
    body = json.dumps([{"portalId": 24680135, "name": "Grüße"}], ensure_ascii=False).encode()
    headers = {"content-type": "application/json", "X-HubSpot-Signature-v3": "c2ln", "X-HubSpot-Request-Timestamp": "1"}
    answer = stack.request("POST", "/webhooks/hubspot?a=b%20c&d=%2F", body=body, headers=headers)
    event = answer.json()["event"]
    assert event["version"] == "2.0"
    assert event["rawQueryString"] == "a=b%20c&d=%2F"
    assert event["body"].encode() == body
    assert event["isBase64Encoded"] is False
    assert event["headers"]["x-hubspot-signature-v3"] == "c2ln"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/webhooks/hubspot"), ("GET", "/cards/contact/1"), ("POST", "/cards/deal/1/elsewhere")],
)
def test_other_routes_are_refused_by_the_gateway(stack, method, path):
    assert stack.request(method, path).status == 404


def test_functions_see_what_the_template_says(stack):
    environment = stack.request("GET", "/healthz").json()["environment"]
    assert environment["CONNECTOR_STORE__KIND"] == "aws"
    assert environment["CONNECTOR_STORE__STATE_TABLE"] == stack.outputs["StateTable"]
    assert environment["CONNECTOR_STORE__AUDIT_TABLE"] == stack.outputs["AuditTable"]
    assert environment["CONNECTOR_STORE__SECRET_ARN"].startswith("arn:aws:secretsmanager:")
    assert environment["CONNECTOR_ZUORA__BASE_URL"] == "http://127.0.0.1:9001"
    assert environment["CONNECTOR_PUBLIC__URL"] == "https://billing.example.com"
    assert environment["CONNECTOR_TEST__CLOCK_OFFSET"] == "0"
    for kind, (_, variable, _) in KINDS.items():
        assert environment[f"CONNECTOR_QUEUES__{variable}"] == stack.queue_url(kind)


# --------------------------------------------------------------------------------------------------------------- queues


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_reaches_the_worker_of_its_kind(stack, kind):
    stack.send(kind, f"hello {kind}", group=f"{kind}-1", deduplication=f"hello-{kind}")
    seen = eventually(lambda: stack.item(f"seen#hello {kind}"), timeout=20, what=f"no worker saw the {kind}")
    assert seen["function"] == stack.physical(f"SyncWorker{KINDS[kind][0]}Function")
    assert seen["group"] == f"{kind}-1"
    assert seen["package"] == "sync-worker"
    stack.wait_until_idle()


def test_a_failing_message_goes_aside_and_stops_nobody_else(stack):
    stack.set_visibility("deal", 1)
    stack.send("deal", "poison", group="deal-666", deduplication="poison")
    for number in range(3):
        stack.send("deal", f"good {number}", group=f"deal-{number}", deduplication=f"good-{number}")
    for number in range(3):
        eventually(lambda n=number: stack.item(f"seen#good {n}"), timeout=20, what="a good message is stuck")
    eventually(lambda: stack.dead_letters("deal") == ["poison"], timeout=30, what="the poison is not put aside")
    assert stack.depths() == {"dead:deal": 1}
    stack.set_visibility("deal", 540)


def test_plain_transport_is_refused_by_the_policy_that_the_harness_leaves_out(stack):
    """The emulation is plain HTTP, so the harness deploys no queue policies. This shows what they do."""
    policy = template.load()["Resources"]["ProductQueuePolicy"]["Properties"]["PolicyDocument"]
    sqs = stack.client("sqs")
    url = sqs.create_queue(QueueName="refuses-plain.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    message = {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "x", "MessageDeduplicationId": "x"}
    sqs.send_message(**message)
    policy["Statement"][0]["Resource"] = arn
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        sqs.send_message(**message)


# --------------------------------------------------------------------------------------------------------------- rights


def calls(stack: Deployment) -> dict[str, list]:
    """One call of AWS for each right that a function may or may not have."""
    state, audit = stack.outputs["StateTable"], stack.outputs["AuditTable"]
    key = {"pk": {"S": "rights"}}
    record = {"pk": {"S": "rights"}, "sk": {"S": "1"}}
    by_shard = {"KeyConditionExpression": "due_shard = :s", "ExpressionAttributeValues": {":s": {"S": "0"}}}
    found = {
        "read the secret": ["secretsmanager", "get_secret_value", {"SecretId": stack.outputs["SecretArn"]}],
        "change the secret": [
            "secretsmanager",
            "put_secret_value",
            {"SecretId": stack.outputs["SecretArn"], "SecretString": "{}"},
        ],
        "get": ["dynamodb", "get_item", {"TableName": state, "Key": key}],
        "batch get": ["dynamodb", "batch_get_item", {"RequestItems": {state: {"Keys": [key]}}}],
        "query an index": ["dynamodb", "query", {"TableName": state, "IndexName": "due", **by_shard}],
        "put": ["dynamodb", "put_item", {"TableName": state, "Item": key}],
        "update": ["dynamodb", "update_item", {"TableName": state, "Key": key}],
        "delete": ["dynamodb", "delete_item", {"TableName": state, "Key": key}],
        "scan": ["dynamodb", "scan", {"TableName": state}],
        "transact": [
            "dynamodb",
            "transact_write_items",
            {
                "TransactItems": [
                    {
                        "Update": {
                            "TableName": state,
                            "Key": key,
                            "UpdateExpression": "SET a = :a",
                            "ExpressionAttributeValues": {":a": {"N": "1"}},
                        }
                    },
                    {"Delete": {"TableName": state, "Key": {"pk": {"S": "lock"}}}},
                    {
                        "ConditionCheck": {
                            "TableName": state,
                            "Key": {"pk": {"S": "x"}},
                            "ConditionExpression": "attribute_not_exists(pk)",
                        }
                    },
                    {"Put": {"TableName": audit, "Item": record}},
                ]
            },
        ],
        "record": ["dynamodb", "put_item", {"TableName": audit, "Item": record}],
        "read the record": [
            "dynamodb",
            "query",
            {
                "TableName": audit,
                "KeyConditionExpression": "pk = :p",
                "ExpressionAttributeValues": {":p": {"S": "rights"}},
            },
        ],
        "forget a record": ["dynamodb", "delete_item", {"TableName": audit, "Key": record}],
        "change a record": ["dynamodb", "update_item", {"TableName": audit, "Key": record}],
    }
    for kind in KINDS:
        url = stack.queue_url(kind)
        message = {"MessageBody": f"rights {kind}", "MessageGroupId": "rights", "MessageDeduplicationId": "rights"}
        found[f"ring {kind}"] = ["sqs", "send_message", {"QueueUrl": url, **message}]
        found[f"take {kind}"] = ["sqs", "receive_message", {"QueueUrl": url, "VisibilityTimeout": 0}]
        names = ["ApproximateNumberOfMessages"]
        found[f"measure {kind}"] = ["sqs", "get_queue_attributes", {"QueueUrl": url, "AttributeNames": names}]
    return found


RINGS = {f"ring {kind}" for kind in KINDS}
WORKER = {
    "read the secret",
    "get",
    "batch get",
    "query an index",
    "put",
    "update",
    "delete",
    "transact",
    "record",
    "read the record",
}
RIGHTS = {
    "WebhookIntakeFunction": RINGS | {"read the secret"},
    "CrmCardFunction": {"read the secret", "get", "batch get", "query an index", "scan", "update"}
    | {"ring company", "ring product", "ring deal"}
    | {f"measure {kind}" for kind in KINDS},
    "ReconcileFunction": RINGS | {"get", "query an index"},
    **{f"SyncWorker{prefix}Function": RINGS | WORKER | {f"take {kind}", f"measure {kind}"} for kind, (prefix, _, _) in KINDS.items()},
}


@pytest.mark.parametrize("function", RIGHTS)
def test_a_function_may_do_its_work_and_nothing_else(stack, function):
    """MiniStack judges by the roles of the template. It knows nothing of the key, whose rights stay untested here."""
    allowed = set()
    for name, call in calls(stack).items():
        answer = stack.invoke(function, {"call": call})
        assert answer.get("refused") in (None, "AccessDenied", "AccessDeniedException"), f"{name}: {answer}"
        if "refused" not in answer:
            allowed.add(name)
    assert allowed == RIGHTS[function]


# ---------------------------------------------------------------------------------------------------------- the helpers


def test_the_secret_is_made_with_the_keys_of_the_contract_and_can_be_filled_in(stack):
    made = stack.secret()
    assert len(made.pop("zuora_callout_secret")) == 40
    assert made == dict.fromkeys(
        ["hubspot_access_token", "hubspot_client_secret", "zuora_client_id", "zuora_client_secret"], ""
    )
    stack.put_secret(hubspot_client_secret="s3cret")
    assert stack.secret()["hubspot_client_secret"] == "s3cret"
    assert len(stack.secret()["zuora_callout_secret"]) == 40


def test_the_sweep_can_be_started(stack):
    assert stack.reconcile() == {"event": {"sweep": "due"}, "package": "reconcile"}


def test_the_schedule_targets_the_sweep(stack):
    found = stack.client("scheduler").get_schedule(Name=f"{stack.name}-due")
    assert found["ScheduleExpression"] == "rate(1 minute)"
    assert found["Target"]["Arn"] == stack.function_arn("ReconcileFunction")
    assert json.loads(found["Target"]["Input"]) == {"sweep": "due"}


def test_a_function_that_fails_is_noticed(stack):
    with pytest.raises(RuntimeError, match="on purpose"):
        stack.invoke("ReconcileFunction", {"raise": "on purpose"})


def test_logs_go_to_the_log_group_of_the_template(stack):
    stack.request("GET", "/healthz")
    eventually(
        lambda: any('"handled"' in line for line in stack.logs("WebhookIntakeFunction")), timeout=10, what="no log line"
    )


def test_a_template_that_cannot_be_deployed_says_why(aws, packages, monkeypatch):
    broken = template.load()
    broken["Resources"]["Broken"] = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 999_999}}
    monkeypatch.setattr(template, "load", lambda: broken)
    with pytest.raises(DeploymentFailed, match="Broken"):
        Deployment(aws, packages, name="broken")


def test_two_installations_live_side_by_side(aws, stack, packages):
    """Test and production may share an account and a region: no name is fixed."""
    second = Deployment(aws, packages, name="second")
    schedules = stack.client("scheduler").list_schedules()["Schedules"]
    assert len(schedules) == 2
    second.send("deal", "to the second", group="deal-1", deduplication="second")
    eventually(lambda: second.item("seen#to the second"), timeout=20, what="its own worker did not see it")
    assert stack.item("seen#to the second") is None


def test_a_missing_package_is_named(tmp_path):
    with pytest.raises(DeploymentFailed, match="crm-card/bootstrap"):
        package_folders(tmp_path)


def test_the_command_line_starts_tells_and_ends(tmp_path):
    packages = stand_in.build(tmp_path / "lambda")
    show = "import os, urllib.request as u; print(u.urlopen(os.environ['CONNECTOR_AWS_BASE_URL'] + '/healthz').status)"
    command = [sys.executable, "-m", "emulation", "up", "--packages", str(packages), "--", sys.executable, "-c", show]
    result = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout) == (0, "200\n"), result.stderr


def test_the_command_line_ends_with_its_caller(tmp_path):
    packages = stand_in.build(tmp_path / "lambda")
    command = [sys.executable, "-m", "emulation", "up", "--packages", str(packages)]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        told = json.loads(child.stdout.readline())
        assert told["CONNECTOR_AWS_BASE_URL"].startswith(told["AWS_ENDPOINT_URL"])
        assert told["CONNECTOR_AWS_OUTPUTS"]["StateTable"]
        child.stdin.close()
        assert child.wait(timeout=20) == 0
