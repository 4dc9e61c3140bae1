"""template.yaml holds what reviewers and operators rely on, and the checks that say so can fail.

Run: `python -m pytest tests/aws/test_template.py` with the packages of requirements.txt.
"""

from __future__ import annotations

import copy
import json
import pathlib
import re
import subprocess
import sys
from typing import Any, Callable

import checks
import pytest
import template as template_file

INFRA = template_file.ROOT / "infra"


@pytest.fixture(scope="module")
def template() -> dict:
    return template_file.load()


# ------------------------------------------------------------------------------------------------------- public linter


def lint(path: pathlib.Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from cfnlint.runner.cli import main; main()"]
    options = ["--include-checks", "I", "--append-rules", "cfn_lint_serverless.rules", "--template", str(path)]
    return subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)


def test_cfn_lint_with_serverless_rules_finds_nothing():
    result = lint(template_file.TEMPLATE)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.strip() == ""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Tracing: Active", "Tracing: PassThrough", "WS1000"),
        ("FifoThroughputLimit: perMessageGroupId", "FifoThrouhputLimit: perMessageGroupId", "E3002"),
        ("!GetAtt CompanyDeadLetterQueue.Arn", "!GetAtt NoSuchQueue.Arn", "E1010"),
    ],
)
def test_cfn_lint_is_awake(tmp_path, old, new, rule):
    """Guards against a linter that runs without rules, or on nothing."""
    text = template_file.TEMPLATE.read_text(encoding="utf-8")
    assert old in text
    faulty = tmp_path / "template.yaml"
    faulty.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = lint(faulty)
    assert result.returncode != 0
    assert rule in result.stdout


def test_every_suppression_has_a_reason():
    lines = template_file.TEMPLATE.read_text(encoding="utf-8").splitlines()
    suppressed = [at for at, line in enumerate(lines) if re.fullmatch(r"\s*- [EWI]S?\d{4}", line)]
    assert suppressed
    for at in suppressed:
        code = lines[at].strip().removeprefix("- ")
        above = []
        while lines[at - 1 - len(above)].strip().startswith("#"):
            above.append(lines[at - 1 - len(above)])
        assert code in "".join(above), f"line {at + 1}: {code} is suppressed without a reason"


# ---------------------------------------------------------------------------------------------------------- own checks


@pytest.mark.parametrize("name", checks.CHECKS)
def test_template_passes(template, name):
    assert checks.CHECKS[name](template) == []


Change = Callable[[dict], Any]


def properties(template: dict, name: str) -> dict:
    return template["Resources"][name]["Properties"]


def put(path: str, value: Any) -> Change:
    """Sets a value in a resource: `CompanyQueue.VisibilityTimeout`."""

    def change(template: dict) -> None:
        *way, last = path.split(".")
        at = properties(template, way[0])
        for step in way[1:]:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if isinstance(at, list):
            at[int(last)] = value
        else:
            at[last] = value

    return change


def drop(path: str) -> Change:
    def change(template: dict) -> None:
        *way, last = path.split(".")
        at = properties(template, way[0])
        for step in way[1:]:
            at = at[int(step)] if isinstance(at, list) else at[step]
        del at[last]

    return change


def without(name: str) -> Change:
    return lambda template: template["Resources"].pop(name)


def resource(name: str, key: str, value: Any) -> Change:
    return lambda template: template["Resources"][name].__setitem__(key, value)


def parameter(name: str, key: str, value: Any) -> Change:
    return lambda template: template["Parameters"].setdefault(name, {"Type": "String"}).__setitem__(key, value)


def common(path: str, value: Any) -> Change:
    def change(template: dict) -> None:
        *way, last = path.split(".")
        at = template["Globals"]["Function"]
        for step in way:
            at = at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value

    return change


def granted(role: str, action: str, to: Any) -> Change:
    def change(template: dict) -> None:
        policy = properties(template, role)["Policies"][0]["PolicyDocument"]
        policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": to})

    return change


def revoked(role: str, sid: str) -> Change:
    def change(template: dict) -> None:
        policy = properties(template, role)["Policies"][0]["PolicyDocument"]
        before = len(policy["Statement"])
        policy["Statement"] = [s for s in policy["Statement"] if s.get("Sid") != sid]
        assert len(policy["Statement"]) == before - 1

    return change


def granted_in(role: str, sid: str, key: str, value: Any) -> Change:
    def change(template: dict) -> None:
        (statement,) = [s for s in checks.statements(properties(template, role)) if s.get("Sid") == sid]
        statement[key] = value

    return change


STATE_ARN = {"Fn::GetAtt": ["StateTable", "Arn"]}
DEAL_QUEUE_ARN = {"Fn::GetAtt": ["DealQueue", "Arn"]}
EVENT = "SyncWorkerDealFunction.Events.Queue.Properties"

# (what was done to the template, which check must notice, how)
FAULTS: list[tuple[str, str, Change]] = [
    ("visibility below six timeouts", "visibility_covers_six_timeouts", put("CompanyQueue.VisibilityTimeout", 539)),
    ("timeout raised alone", "visibility_covers_six_timeouts", put("SyncWorkerLineItemFunction.Timeout", 91)),
    ("visibility left to the default", "visibility_covers_six_timeouts", drop("ProductQueue.VisibilityTimeout")),
    ("batch of 100", "fifo_batches_are_small_and_partial", put(f"{EVENT}.BatchSize", 100)),
    ("no partial answer", "fifo_batches_are_small_and_partial", drop(f"{EVENT}.FunctionResponseTypes")),
    ("batching window", "fifo_batches_are_small_and_partial", put(f"{EVENT}.MaximumBatchingWindowInSeconds", 5)),
    ("no maximum concurrency", "concurrency_stays_below_zuora", drop(f"{EVENT}.ScalingConfig")),
    ("concurrency of 1", "concurrency_stays_below_zuora", parameter("DealConcurrency", "MinValue", 1)),
    ("concurrency unbounded", "concurrency_stays_below_zuora", put(f"{EVENT}.ScalingConfig.MaximumConcurrency", 5)),
    ("more than our share by default", "concurrency_stays_below_zuora", parameter("DealConcurrency", "Default", 3)),
    ("more than Zuora's limit", "concurrency_stays_below_zuora", parameter("DealConcurrency", "MaxValue", 12)),
    (
        "reservation of another kind",
        "concurrency_stays_below_zuora",
        put("SyncWorkerDealFunction.ReservedConcurrentExecutions.Fn::If.1", {"Ref": "CompanyConcurrency"}),
    ),
    ("no dead-letter queue", "queues_have_the_right_dead_letter_queue", without("DealDeadLetterQueue")),
    ("no redrive policy", "queues_have_the_right_dead_letter_queue", drop("DealQueue.RedrivePolicy")),
    ("ten receives", "queues_have_the_right_dead_letter_queue", put("DealQueue.RedrivePolicy.maxReceiveCount", 10)),
    (
        "dead-letter queue of another type",
        "queues_have_the_right_dead_letter_queue",
        drop("DealDeadLetterQueue.FifoQueue"),
    ),
    (
        "dead letters for four days",
        "queues_have_the_right_dead_letter_queue",
        put("DealDeadLetterQueue.MessageRetentionPeriod", 345600),
    ),
    (
        "schedule's dead letters for four days",
        "queues_have_the_right_dead_letter_queue",
        drop("ScheduleDeadLetterQueue.MessageRetentionPeriod"),
    ),
    (
        "anyone may redrive",
        "queues_have_the_right_dead_letter_queue",
        drop("DealDeadLetterQueue.RedriveAllowPolicy"),
    ),
    (
        "another queue may redrive",
        "queues_have_the_right_dead_letter_queue",
        lambda t: put(
            "DealDeadLetterQueue.RedriveAllowPolicy",
            properties(t, "CompanyDeadLetterQueue")["RedriveAllowPolicy"],
        )(t),
    ),
    (
        "two queues share a dead-letter queue",
        "queues_have_the_right_dead_letter_queue",
        put("DealQueue.RedrivePolicy.deadLetterTargetArn", {"Fn::GetAtt": ["CompanyDeadLetterQueue", "Arn"]}),
    ),
    ("not FIFO", "queues_are_fast_encrypted_and_private", drop("DealQueue.FifoQueue")),
    ("throughput per queue", "queues_are_fast_encrypted_and_private", drop("DealQueue.FifoThroughputLimit")),
    ("de-duplication per queue", "queues_are_fast_encrypted_and_private", drop("DealQueue.DeduplicationScope")),
    (
        "de-duplication by content",
        "queues_are_fast_encrypted_and_private",
        put("DealQueue.ContentBasedDeduplication", True),
    ),
    ("queue without key", "queues_are_fast_encrypted_and_private", drop("ContactDeadLetterQueue.KmsMasterKeyId")),
    ("plain transport", "queues_are_fast_encrypted_and_private", without("LineItemQueuePolicy")),
    (
        "plain transport allowed by a typing error",
        "queues_are_fast_encrypted_and_private",
        put("DealQueuePolicy.PolicyDocument.Statement.0.Condition", {"Bool": {"aws:SecureTransport": "true"}}),
    ),
    ("name without .fifo", "queues_are_fast_encrypted_and_private", put("DealQueue.QueueName", {"Fn::Sub": "deal"})),
    ("kind without worker", "every_kind_is_complete", without("SyncWorkerContactFunction")),
    ("kind without queue", "every_kind_is_complete", without("ContactQueue")),
    ("kind without age alarm", "every_kind_is_complete", without("ContactQueueAgeAlarm")),
    ("kind without dead-letter alarm", "every_kind_is_complete", without("ContactDeadLetterAlarm")),
    (
        "dead-letter alarm on the wrong queue",
        "every_kind_is_complete",
        put("DealDeadLetterAlarm.Dimensions.0.Value", {"Fn::GetAtt": ["DealQueue", "QueueName"]}),
    ),
    (
        "worker on the queue of another kind",
        "every_kind_is_complete",
        put(f"{EVENT}.Queue", {"Fn::GetAtt": ["CompanyQueue", "Arn"]}),
    ),
    (
        "queue address of another kind",
        "every_kind_is_complete",
        common("Environment.Variables.CONNECTOR_QUEUES__DEAL", {"Ref": "CompanyQueue"}),
    ),
    ("queue missing in outputs", "every_kind_is_complete", lambda t: t["Outputs"].pop("DealQueueUrl")),
    ("misspelt runtime", "functions_are_prebuilt_binaries", common("Runtime", "provided.al2022")),
    ("another handler", "functions_are_prebuilt_binaries", put("CrmCardFunction.Handler", "main")),
    ("fixed architecture", "functions_are_prebuilt_binaries", common("Architectures", ["x86_64"])),
    ("other default architecture", "functions_are_prebuilt_binaries", parameter("Architecture", "Default", "x86_64")),
    ("built by SAM", "functions_are_prebuilt_binaries", put("CrmCardFunction.CodeUri", "functions/crm-card")),
    ("timeout by accident", "functions_are_prebuilt_binaries", drop("CrmCardFunction.Timeout")),
    ("128 MB", "functions_are_prebuilt_binaries", common("MemorySize", 128)),
    ("no tracing", "functions_are_prebuilt_binaries", common("Tracing", "PassThrough")),
    ("plain text logs", "functions_are_prebuilt_binaries", common("LoggingConfig.LogFormat", "Text")),
    ("alias with old settings", "functions_are_prebuilt_binaries", common("AutoPublishAlias", "live")),
    (
        "reservation that cannot be turned off",
        "functions_are_prebuilt_binaries",
        put("CrmCardFunction.ReservedConcurrentExecutions", 10),
    ),
    ("no role", "roles_are_own_and_narrow", drop("CrmCardFunction.Role")),
    (
        "shared role",
        "roles_are_own_and_narrow",
        put("CrmCardFunction.Role", {"Fn::GetAtt": ["WebhookIntakeRole", "Arn"]}),
    ),
    ("managed policy", "roles_are_own_and_narrow", put("CrmCardRole.ManagedPolicyArns", ["arn:aws:iam::aws:policy/X"])),
    ("SAM policies", "roles_are_own_and_narrow", put("CrmCardFunction.Policies", ["AmazonSQSFullAccess"])),
    ("wildcard action", "roles_are_own_and_narrow", granted("CrmCardRole", "dynamodb:*", STATE_ARN)),
    (
        "wildcard in the schedule's role",
        "roles_are_own_and_narrow",
        granted("ScheduleRole", "sqs:Send*", DEAL_QUEUE_ARN),
    ),
    ("scan", "roles_are_own_and_narrow", granted("ReconcileRole", "dynamodb:Scan", STATE_ARN)),
    (
        "card may scan records",
        "roles_are_own_and_narrow",
        granted("CrmCardRole", "dynamodb:Scan", {"Fn::GetAtt": ["AuditTable", "Arn"]}),
    ),
    ("card may write items", "roles_are_own_and_narrow", granted("CrmCardRole", "dynamodb:PutItem", STATE_ARN)),
    ("any table", "roles_are_own_and_narrow", granted_in("SyncWorkerDealRole", "State", "Resource", "*")),
    (
        "any index",
        "roles_are_own_and_narrow",
        granted_in("SyncWorkerDealRole", "State", "Resource", {"Fn::Sub": "${StateTable.Arn}/index/*"}),
    ),
    (
        "audit records may be deleted",
        "roles_are_own_and_narrow",
        granted("SyncWorkerDealRole", "dynamodb:DeleteItem", {"Fn::GetAtt": ["AuditTable", "Arn"]}),
    ),
    (
        "worker reads another queue",
        "roles_are_own_and_narrow",
        granted("SyncWorkerDealRole", "sqs:ReceiveMessage", {"Fn::GetAtt": ["CompanyQueue", "Arn"]}),
    ),
    ("intake cannot send", "roles_are_own_and_narrow", revoked("WebhookIntakeRole", "RingAnyQueue")),
    (
        "intake misses a queue",
        "roles_are_own_and_narrow",
        granted_in("WebhookIntakeRole", "RingAnyQueue", "Resource", DEAL_QUEUE_ARN),
    ),
    (
        "reconcile reads the secret",
        "roles_are_own_and_narrow",
        granted("ReconcileRole", "secretsmanager:GetSecretValue", {"Ref": "ConnectorSecret"}),
    ),
    ("key without service", "roles_are_own_and_narrow", granted_in("CrmCardRole", "KeyForTables", "Condition", {})),
    (
        "log of another function",
        "roles_are_own_and_narrow",
        granted_in("CrmCardRole", "OwnLog", "Resource", {"Fn::GetAtt": ["ReconcileLogGroup", "Arn"]}),
    ),
    (
        "role for anyone",
        "roles_are_own_and_narrow",
        put("CrmCardRole.AssumeRolePolicyDocument.Statement.0.Principal", "*"),
    ),
    ("variable missing", "environment_is_complete", common("Environment.Variables.CONNECTOR_PUBLIC__URL", None)),
    ("store not aws", "environment_is_complete", common("Environment.Variables.CONNECTOR_STORE__KIND", "sqlite")),
    (
        "secret's address missing",
        "environment_is_complete",
        drop("SyncWorkerDealFunction.Environment.Variables.CONNECTOR_STORE__SECRET_ARN"),
    ),
    ("variable that nobody reads", "environment_is_complete", common("Environment.Variables.STATE_TABLE", "x")),
    (
        "tables exchanged",
        "environment_is_complete",
        common("Environment.Variables.CONNECTOR_STORE__STATE_TABLE", {"Ref": "AuditTable"}),
    ),
    ("logs for ever", "logs_have_retention_and_key", drop("SyncWorkerDealLogGroup.RetentionInDays")),
    ("log group missing", "logs_have_retention_and_key", without("SyncWorkerDealLogGroup")),
    ("function without log group", "logs_have_retention_and_key", drop("SyncWorkerDealFunction.LoggingConfig")),
    ("logs without key", "logs_have_retention_and_key", drop("ApiLogGroup.KmsKeyId")),
    ("log outside the key's policy", "logs_have_retention_and_key", put("ApiLogGroup.LogGroupName", "/aws/lambda/x")),
    (
        "sweep each five minutes",
        "the_sweep_runs_each_minute",
        put("ReconcileFunction.Events.Due.Properties.ScheduleExpression", "rate(5 minute)"),
    ),
    ("sweep of nothing", "the_sweep_runs_each_minute", put("ReconcileFunction.Events.Due.Properties.Input", "{}")),
    (
        "schedule without dead-letter queue",
        "the_sweep_runs_each_minute",
        drop("ReconcileFunction.Events.Due.Properties.DeadLetterConfig"),
    ),
    ("schedule with a fixed name", "the_sweep_runs_each_minute", drop("ReconcileFunction.Events.Due.Properties.Name")),
    ("schedule without alarm", "the_sweep_runs_each_minute", without("ScheduleDeadLetterAlarm")),
    ("table deleted with the stack", "tables_survive", resource("StateTable", "DeletionPolicy", "Delete")),
    ("table deleted by replacement", "tables_survive", resource("AuditTable", "UpdateReplacePolicy", "Delete")),
    ("no deletion protection", "tables_survive", put("StateTable.DeletionProtectionEnabled", False)),
    ("no point-in-time recovery", "tables_survive", drop("AuditTable.PointInTimeRecoverySpecification")),
    ("table without key", "tables_survive", drop("StateTable.SSESpecification")),
    ("table without brake", "tables_survive", drop("AuditTable.OnDemandThroughput")),
    ("index without brake", "tables_survive", drop("StateTable.GlobalSecondaryIndexes.0.OnDemandThroughput")),
    ("provisioned table", "tables_survive", put("StateTable.BillingMode", "PROVISIONED")),
    ("key deleted with the stack", "tables_survive", resource("DataKey", "DeletionPolicy", "Delete")),
    ("key without rotation", "tables_survive", put("DataKey.EnableKeyRotation", False)),
    (
        "index misspelt",
        "tables_have_the_keys_that_the_code_reads",
        put("StateTable.GlobalSecondaryIndexes.1.IndexName", "wating"),
    ),
    (
        "parked objects without their reason",
        "tables_have_the_keys_that_the_code_reads",
        put("StateTable.GlobalSecondaryIndexes.2.Projection.ProjectionType", "KEYS_ONLY"),
    ),
    (
        "due_at as text",
        "tables_have_the_keys_that_the_code_reads",
        put("StateTable.AttributeDefinitions.2.AttributeType", "S"),
    ),
    (
        "other expiry attribute",
        "tables_have_the_keys_that_the_code_reads",
        put("StateTable.TimeToLiveSpecification.AttributeName", "ttl"),
    ),
    (
        "audit that expires",
        "tables_have_the_keys_that_the_code_reads",
        put("AuditTable.TimeToLiveSpecification", {"AttributeName": "expires_at", "Enabled": True}),
    ),
    ("secret as parameter", "no_secret_is_in_the_open", parameter("ZuoraClientSecret", "Type", "String")),
    (
        "secret in the environment",
        "no_secret_is_in_the_open",
        common("Environment.Variables.HUBSPOT_CLIENT_SECRET", "x"),
    ),
    (
        "secret resolved into the environment",
        "no_secret_is_in_the_open",
        common("Environment.Variables.RUST_LOG", {"Fn::Sub": "{{resolve:secretsmanager:${ConnectorSecret}}}"}),
    ),
    (
        "hidden parameter in an output",
        "no_secret_is_in_the_open",
        lambda t: (
            parameter("ZuoraPassword", "NoEcho", True)(t),
            t["Outputs"]["ApiUrl"].update(Value={"Ref": "ZuoraPassword"}),
        ),
    ),
    ("secret's value in the template", "no_secret_is_in_the_open", put("ConnectorSecret.SecretString", "{}")),
    (
        "filled-in secret",
        "no_secret_is_in_the_open",
        put("ConnectorSecret.GenerateSecretString.SecretStringTemplate", json.dumps({"hubspot_client_secret": "x"})),
    ),
    ("secret without key", "no_secret_is_in_the_open", drop("ConnectorSecret.KmsKeyId")),
    ("named stage", "the_entrance_is_explicit", put("HttpApi.StageName", "prod")),
    ("no throttle", "the_entrance_is_explicit", drop("HttpApi.DefaultRouteSettings.ThrottlingBurstLimit")),
    ("no access log", "the_entrance_is_explicit", drop("HttpApi.AccessLogSettings")),
    ("access log as text", "the_entrance_is_explicit", put("HttpApi.AccessLogSettings.Format", "$context.requestId")),
    (
        "path in the access log",
        "the_entrance_is_explicit",
        put("HttpApi.AccessLogSettings.Format", '{"path": "$context.path"}'),
    ),
    (
        "catch-all route",
        "the_entrance_is_explicit",
        put("CrmCardFunction.Events.DealSync.Properties.Path", "/{proxy+}"),
    ),
    ("route missing", "the_entrance_is_explicit", drop("CrmCardFunction.Events.DealSync")),
    ("second API", "the_entrance_is_explicit", drop("WebhookIntakeFunction.Events.Liveness.Properties.ApiId")),
    ("errors unheard", "functions_have_alarms", without("CrmCardErrorsAlarm")),
    ("throttles unheard", "functions_have_alarms", without("SyncWorkerDealThrottlesAlarm")),
    ("intake errors unheard", "intake_trouble_is_heard", without("IntakeServerErrorsAlarm")),
    (
        "no metrics by route",
        "intake_trouble_is_heard",
        put("HttpApi.DefaultRouteSettings.DetailedMetricsEnabled", False),
    ),
    ("alarm without action", "alarms_reach_someone_who_knows_what_to_do", put("DealQueueAgeAlarm.AlarmActions", [])),
    (
        "alarm without runbook",
        "alarms_reach_someone_who_knows_what_to_do",
        put("DealQueueAgeAlarm.AlarmDescription", "Old."),
    ),
    (
        "expensive dashboards",
        "idle_stack_is_cheap",
        lambda t: t["Resources"].update({f"Dashboard{n}": {"Type": "AWS::CloudWatch::Dashboard"} for n in range(3)}),
    ),
]


@pytest.mark.parametrize(("fault", "name", "change"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_planted_fault_is_found(template, fault, name, change):
    faulty = copy.deepcopy(template)
    change(faulty)
    assert faulty != template
    assert checks.CHECKS[name](faulty), f"{name} did not notice: {fault}"


def test_every_check_has_been_seen_to_fail():
    assert {name for _, name, _ in FAULTS} == set(checks.CHECKS)


# -------------------------------------------------------------------------------------- what SAM makes of the template


@pytest.fixture(scope="module")
def transformed() -> Callable[..., dict]:
    """CloudFormation's view: the template after the SAM transform, offline."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    def transform(extra: dict | None = None, **parameters: str) -> dict:
        source = template_file.load()
        for function in checks.of_type(source, "AWS::Serverless::Function").values():
            function.update(extra or {})
            function["CodeUri"] = f"s3://bucket/{function['CodeUri'].strip('/').rsplit('/', 1)[-1]}"
        given = {"HubSpotPortalId": "1", "HubSpotAppId": "2", **parameters}
        values = {name: p.get("Default") for name, p in source["Parameters"].items()} | given
        return Translator({}, Parser(), boto_session=_Session()).translate(source, values)

    class _Session:
        region_name = "eu-west-1"

        def get_partition_for_region(self, _region: str) -> str:
            return "aws"

    return transform


def test_sam_adds_no_role_and_no_second_api(transformed, template):
    result = transformed()
    roles = set(checks.of_type(result, "AWS::IAM::Role"))
    assert roles == set(checks.of_type(template, "AWS::IAM::Role"))
    assert set(checks.of_type(result, "AWS::ApiGatewayV2::Api")) == {"HttpApi"}
    assert [s["StageName"] for s in checks.of_type(result, "AWS::ApiGatewayV2::Stage").values()] == ["$default"]


def test_sam_resources_count_stays_below_the_limit(transformed):
    assert len(transformed()["Resources"]) < 500


def test_an_alias_would_still_keep_the_old_parameters(transformed):
    """SAM's issue 3820, the reason why the template has no AutoPublishAlias. If this fails, it is repaired."""
    alias = {"AutoPublishAlias": "live", "AutoPublishAliasAllProperties": True}
    before, after = (
        set(checks.of_type(transformed(alias, PublicUrl=url), "AWS::Lambda::Version"))
        for url in ("https://a.example.com", "https://b.example.com")
    )
    assert len(before) == 8
    assert before == after


def test_every_event_source_keeps_its_settings(transformed):
    mappings = checks.of_type(transformed(), "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == len(checks.KINDS)
    for mapping in mappings.values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"]


# --------------------------------------------------------------------------------------- parameters and documentation


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "PublicUrl",
            ["https://abc123.execute-api.eu-west-1.amazonaws.com", "http://127.0.0.1:8787"],
            ["http://example.com", "https://example.com/", "https://example.com/prod", "https://user@example.com", ""],
        ),
        (
            "ZuoraBaseUrl",
            ["https://rest.eu.zuora.com"],
            ["http://rest.zuora.com", "http://127.0.0.1.evil.com", "ftp://x"],
        ),
        ("HubSpotPortalId", ["24680135"], ["", "abc", "12 34"]),
        ("SecretArn", ["", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf"], ["hunter2"]),
        ("AlarmTopicArn", ["", "arn:aws:sns:eu-west-1:123456789012:alarms"], ["me@example.com"]),
        ("DomainName", ["", "billing.example.com"], ["https://billing.example.com", "localhost"]),
    ],
)
def test_parameters_refuse_what_cannot_work(template, name, good, bad):
    pattern = template["Parameters"][name]["AllowedPattern"]
    assert [value for value in good if not re.search(pattern, value)] == []
    assert [value for value in bad if re.search(pattern, value)] == []


def test_every_parameter_is_described_and_listed(template):
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])
    assert [name for name, p in template["Parameters"].items() if not p.get("Description")] == []


def test_every_alarm_has_its_runbook(template):
    readme = (INFRA / "README.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", h.lower()).strip().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", readme, re.M)
    }
    wanted = {checks.runbook_of(alarm) for alarm in checks.of_type(template, "AWS::CloudWatch::Alarm").values()}
    assert wanted - headings == set()


def test_readme_names_every_parameter(template):
    readme = (INFRA / "README.md").read_text(encoding="utf-8")
    assert [name for name in template["Parameters"] if f"`{name}`" not in readme] == []


def test_stack_policy_protects_what_is_retained(template):
    policy = json.loads((INFRA / "stack-policy.json").read_text(encoding="utf-8"))
    (denied,) = [s for s in policy["Statement"] if s["Effect"] == "Deny"]
    retained = {name for name, r in template["Resources"].items() if r.get("DeletionPolicy") == "Retain"}
    assert {name.removeprefix("LogicalResourceId/") for name in denied["Resource"]} == retained
    assert set(denied["Action"]) == {"Update:Replace", "Update:Delete"}
