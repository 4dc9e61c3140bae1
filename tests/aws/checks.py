"""Rules of template.yaml that no public linter knows.

Each check takes the parsed template and returns findings as sentences; an empty list is a pass.
`test_template.py` runs them on the real template, and on copies with planted faults to prove that they can fail.
"""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Iterator

# Object kinds (contract.md: five queues) with the forms that their name takes.
# logical prefix, variable and queue-name suffix
KINDS = {
    "company": ("Company", "COMPANY", "company"),
    "contact": ("Contact", "CONTACT", "contact"),
    "product": ("Product", "PRODUCT", "product"),
    "deal": ("Deal", "DEAL", "deal"),
    "line_item": ("LineItem", "LINE_ITEM", "line-item"),
}

# Zuora serves 40 order-type requests at once; 10 of them are our share unless raised (D-25).
ZUORA_LIMIT = 40
ZUORA_SHARE = 10
FOURTEEN_DAYS = 14 * 24 * 3600
IDLE_COST_LIMIT_USD = 10.0

ROUTES = {
    ("POST", "/webhooks/hubspot"): "WebhookIntakeFunction",
    ("GET", "/healthz"): "WebhookIntakeFunction",
    ("GET", "/cards/company/{id}"): "CrmCardFunction",
    ("POST", "/cards/company/{id}/sync"): "CrmCardFunction",
    ("GET", "/cards/deal/{id}"): "CrmCardFunction",
    ("POST", "/cards/deal/{id}/sync"): "CrmCardFunction",
    ("POST", "/cards/deal/{id}/preview"): "CrmCardFunction",
    ("POST", "/cards/deal/{id}/confirm"): "CrmCardFunction",
    ("GET", "/settings"): "CrmCardFunction",
    ("GET", "/system-health"): "CrmCardFunction",
    ("POST", "/system-health/retry"): "CrmCardFunction",
}

_LOG = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
_KMS = {"kms:Decrypt", "kms:GenerateDataKey"}
_KMS_TABLE = {
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
}
_CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"}
_ITEMS = {
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
}
# What each kind of function may do, exactly: a new action is a decision, so it has to be written down here too.
ACTIONS = {
    "intake": _LOG | _KMS | {"sqs:SendMessage", "secretsmanager:GetSecretValue"},
    "worker": _LOG | _KMS_TABLE | _CONSUME | _ITEMS | {"sqs:SendMessage", "secretsmanager:GetSecretValue"},
    "card": _LOG
    | _KMS_TABLE
    | {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
        # The health page counts the states and says what waits in the queues.
        "dynamodb:Scan",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
        "secretsmanager:GetSecretValue",
    },
    "reconcile": _LOG | _KMS_TABLE | {"dynamodb:GetItem", "dynamodb:Query", "sqs:SendMessage"},
}
# A table action that is listed for the worker but may not be used on the audit table.
AUDIT_ACTIONS = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}
QUEUES_RUNG = {
    "intake": {prefix for prefix, _, _ in KINDS.values()},
    "worker": {prefix for prefix, _, _ in KINDS.values()},
    "card": {"Company", "Product", "Deal"},
    "reconcile": {prefix for prefix, _, _ in KINDS.values()},
}

# Keys of each index, and what it holds beside them; shared/aws/src/tables.rs says what is read from it.
INDEXES = {
    "due": ([("due_shard", "HASH", "S"), ("due_at", "RANGE", "N")], "KEYS_ONLY"),
    "waiting": ([("waits_on", "HASH", "S"), ("pk", "RANGE", "S")], "KEYS_ONLY"),
    "parked": ([("parked_shard", "HASH", "S"), ("pk", "RANGE", "S")], "ALL"),
}

Template = dict[str, Any]
Check = Callable[[Template], list[str]]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Registers a check under its own name."""
    CHECKS[function.__name__] = function
    return function


# ---------------------------------------------------------------------------------------------- reading the template


def of_type(template: Template, kind: str) -> dict[str, dict]:
    """Properties of every resource of one type, by logical name."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def functions(template: Template) -> dict[str, dict]:
    """Functions with Globals merged in, as SAM does it: maps are merged, everything else is replaced."""

    def merged(base: Any, over: Any) -> Any:
        if isinstance(base, dict) and isinstance(over, dict) and not _is_intrinsic(base) and not _is_intrinsic(over):
            return {key: merged(base.get(key), over.get(key, base.get(key))) for key in {**base, **over}}
        return over

    common = template.get("Globals", {}).get("Function", {})
    return {name: merged(common, own) for name, own in of_type(template, "AWS::Serverless::Function").items()}


def _is_intrinsic(value: dict) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def role_of(name: str) -> str:
    """intake, worker, card or reconcile."""
    if name.startswith("SyncWorker"):
        return "worker"
    return {"WebhookIntakeFunction": "intake", "CrmCardFunction": "card", "ReconcileFunction": "reconcile"}[name]


def referred(value: Any) -> str | None:
    """Logical name behind Ref, GetAtt or a Sub that is one reference."""
    if not isinstance(value, dict):
        return None
    if "Ref" in value:
        return value["Ref"]
    if "Fn::GetAtt" in value:
        return value["Fn::GetAtt"][0]
    if "Fn::Sub" in value and isinstance(value["Fn::Sub"], str):
        match = re.match(r"\$\{(\w+)", value["Fn::Sub"])
        return match.group(1) if match else None
    return None


def events(properties: dict, kind: str) -> Iterator[dict]:
    for event in properties.get("Events", {}).values():
        if event["Type"] == kind:
            yield event["Properties"]


def number(template: Template, value: Any, which: str = "Default") -> int | None:
    """A number, or the Default, MinValue or MaxValue of the parameter that stands for it."""
    if isinstance(value, int):
        return value
    parameter = template.get("Parameters", {}).get(referred(value) or "", {})
    return parameter.get(which)


def statements(role: dict) -> Iterator[dict]:
    for policy in role.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> Iterator[str]:
    """Every text inside a tree."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


def sources(template: Template) -> dict[str, dict]:
    """Queues that have a dead-letter queue, in other words those with work in them."""
    return {name: queue for name, queue in of_type(template, "AWS::SQS::Queue").items() if "RedrivePolicy" in queue}


def alarms_on(template: Template, namespace: str, metric: str, resource: str) -> list[str]:
    return [
        name
        for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items()
        if alarm.get("Namespace") == namespace
        and alarm.get("MetricName") == metric
        and any(referred(dimension["Value"]) == resource for dimension in alarm.get("Dimensions", []))
    ]


# ------------------------------------------------------------------------------------------------- queues and workers


@check
def visibility_covers_six_timeouts(template: Template) -> list[str]:
    found = []
    queues = of_type(template, "AWS::SQS::Queue")
    for name, function in functions(template).items():
        for event in events(function, "SQS"):
            queue = queues.get(referred(event["Queue"]) or "", {})
            visibility, timeout = queue.get("VisibilityTimeout", 30), function.get("Timeout", 3)
            if visibility < 6 * timeout:
                found.append(f"{name}: visibility {visibility} s is less than 6 x timeout {timeout} s")
    return found


@check
def fifo_batches_are_small_and_partial(template: Template) -> list[str]:
    found = []
    for name, function in functions(template).items():
        for event in events(function, "SQS"):
            if event.get("BatchSize", 10) > 10:
                found.append(f"{name}: a FIFO batch has at most 10 messages")
            if "MaximumBatchingWindowInSeconds" in event:
                found.append(f"{name}: FIFO sources know no batching window")
            if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
                found.append(f"{name}: ReportBatchItemFailures is missing")
    return found


@check
def concurrency_stays_below_zuora(template: Template) -> list[str]:
    found, by_default, at_most = [], 0, 0
    for name, function in functions(template).items():
        for event in events(function, "SQS"):
            value = event.get("ScalingConfig", {}).get("MaximumConcurrency")
            default, least, most = (number(template, value, which) for which in ("Default", "MinValue", "MaxValue"))
            if default is None or least is None or most is None:
                found.append(f"{name}: MaximumConcurrency is not set or not bounded on both sides")
                continue
            if least < 2:
                found.append(f"{name}: SQS refuses a MaximumConcurrency below 2")
            by_default, at_most = by_default + default, at_most + most
            reserved = function.get("ReservedConcurrentExecutions", {}).get("Fn::If", [None, None])
            if reserved[1] != value:
                found.append(f"{name}: reserved concurrency is not the event source's maximum")
    if by_default > ZUORA_SHARE:
        found.append(f"workers use {by_default} of Zuora's slots by default, our share is {ZUORA_SHARE}")
    if at_most >= ZUORA_LIMIT:
        found.append(f"workers may be set to {at_most} at once, Zuora's limit is {ZUORA_LIMIT}")
    return found


@check
def queues_have_the_right_dead_letter_queue(template: Template) -> list[str]:
    found, used = [], set()
    queues = of_type(template, "AWS::SQS::Queue")
    for name, queue in sources(template).items():
        policy = queue["RedrivePolicy"]
        target = referred(policy.get("deadLetterTargetArn"))
        dead = queues.get(target or "")
        if dead is None:
            found.append(f"{name}: its dead-letter queue does not exist")
            continue
        if target in used:
            found.append(f"{name}: shares {target} with another queue")
        used.add(target)
        if policy.get("maxReceiveCount") != 3:
            found.append(f"{name}: maxReceiveCount is not 3 (D-19)")
        if bool(dead.get("FifoQueue")) != bool(queue.get("FifoQueue")):
            found.append(f"{target}: a dead-letter queue must be of its source's type")
        allow = dead.get("RedriveAllowPolicy", {})
        own_name = queue.get("QueueName", {}).get("Fn::Sub")
        own_arn = {"Fn::Sub": f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{own_name}"}
        if allow.get("redrivePermission") != "byQueue" or allow.get("sourceQueueArns") != [own_arn]:
            found.append(f"{target}: only {name} may redrive into it")
    for name, queue in queues.items():
        if "RedrivePolicy" in queue:
            continue
        if name not in used and not _is_schedule_target(template, name):
            found.append(f"{name}: neither has a dead-letter queue nor is one")
        if queue.get("MessageRetentionPeriod") != FOURTEEN_DAYS:
            found.append(f"{name}: a dead-letter queue keeps messages for 14 days")
    return found


def _is_schedule_target(template: Template, queue: str) -> bool:
    return any(
        referred(event.get("DeadLetterConfig", {}).get("Arn")) == queue
        for function in functions(template).values()
        for event in events(function, "ScheduleV2")
    )


@check
def queues_are_fast_encrypted_and_private(template: Template) -> list[str]:
    found = []
    policies = of_type(template, "AWS::SQS::QueuePolicy").values()
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("FifoQueue"):
            if not str(queue.get("QueueName", {}).get("Fn::Sub", "")).endswith(".fifo"):
                found.append(f"{name}: the name of a FIFO queue ends in .fifo")
            if queue.get("DeduplicationScope") != "messageGroup":
                found.append(f"{name}: DeduplicationScope is not messageGroup")
            if queue.get("FifoThroughputLimit") != "perMessageGroupId":
                found.append(f"{name}: FifoThroughputLimit is not perMessageGroupId")
            if queue.get("ContentBasedDeduplication"):
                found.append(f"{name}: de-duplication by content swallows a second change of the same object")
        elif not _is_schedule_target(template, name):
            found.append(f"{name}: not a FIFO queue")
        if referred(queue.get("KmsMasterKeyId")) != "DataKey":
            found.append(f"{name}: not encrypted with the stack's key")
        denied = any(
            [referred(ref) for ref in policy["Queues"]] == [name]
            and statement["Effect"] == "Deny"
            and statement["Principal"] == "*"
            and statement["Action"] == "sqs:*"
            and referred(statement["Resource"]) == name
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            for policy in policies
            for statement in policy["PolicyDocument"]["Statement"]
        )
        if not denied:
            found.append(f"{name}: plain transport is not denied")
    return found


@check
def every_kind_is_complete(template: Template) -> list[str]:
    found = []
    queues, all_functions = of_type(template, "AWS::SQS::Queue"), functions(template)
    for kind, (prefix, variable, _) in KINDS.items():
        queue, dead, worker = f"{prefix}Queue", f"{prefix}DeadLetterQueue", f"SyncWorker{prefix}Function"
        found += [f"{kind}: {name} is missing" for name in (queue, dead) if name not in queues]
        if worker not in all_functions:
            found.append(f"{kind}: {worker} is missing")
        else:
            fed_by = [referred(event["Queue"]) for event in events(all_functions[worker], "SQS")]
            if fed_by != [queue]:
                found.append(f"{kind}: {worker} must read {queue} and nothing else, it reads {fed_by}")
            if all_functions[worker].get("CodeUri") != "target/lambda/sync-worker/":
                found.append(f"{kind}: {worker} is not the common sync-worker package")
        if queue in queues and referred(queues[queue].get("RedrivePolicy", {}).get("deadLetterTargetArn")) != dead:
            found.append(f"{kind}: {queue} does not redrive into {dead}")
        for metric, resource in (
            ("ApproximateAgeOfOldestMessage", queue),
            ("ApproximateNumberOfMessagesVisible", dead),
        ):
            if not alarms_on(template, "AWS/SQS", metric, resource):
                found.append(f"{kind}: no alarm on {metric} of {resource}")
        outputs = [referred(output["Value"]) for output in template.get("Outputs", {}).values()]
        found += [f"{kind}: {name} is not among the outputs" for name in (queue, dead) if name not in outputs]
        variables = template["Globals"]["Function"]["Environment"]["Variables"]
        if referred(variables.get(f"CONNECTOR_QUEUES__{variable}")) != queue:
            found.append(f"{kind}: CONNECTOR_QUEUES__{variable} is not {queue}")
    expected = {f"SyncWorker{prefix}Function" for prefix, _, _ in KINDS.values()}
    found += [
        f"{name}: worker of an unknown kind"
        for name in all_functions
        if role_of_or_none(name) == "worker" and name not in expected
    ]
    return found


def role_of_or_none(name: str) -> str | None:
    try:
        return role_of(name)
    except KeyError:
        return None


# ---------------------------------------------------------------------------------------------------------- functions


@check
def functions_are_prebuilt_binaries(template: Template) -> list[str]:
    found = []
    for name, function in functions(template).items():
        if function.get("Runtime") != "provided.al2023":
            found.append(f"{name}: runtime {function.get('Runtime')!r}, not provided.al2023")
        if function.get("Handler") != "bootstrap":
            found.append(f"{name}: handler is not bootstrap")
        if function.get("Architectures") != [{"Ref": "Architecture"}]:
            found.append(f"{name}: the architecture is not the parameter's")
        if not re.fullmatch(r"target/lambda/[a-z-]+/", str(function.get("CodeUri"))):
            found.append(f"{name}: CodeUri is not a prebuilt folder")
        if "Timeout" not in template["Resources"][name]["Properties"]:
            found.append(f"{name}: no timeout of its own")
        if function.get("MemorySize", 128) < 256:
            found.append(f"{name}: the first TLS handshake needs more than 128 MB")
        if function.get("Tracing") != "Active":
            found.append(f"{name}: tracing is off")
        if function.get("LoggingConfig", {}).get("LogFormat") != "JSON":
            found.append(f"{name}: logs are not JSON")
        if "AutoPublishAlias" in function:
            found.append(f"{name}: its alias would not follow a changed parameter")
        if "Fn::If" not in texts(function.get("ReservedConcurrentExecutions")):
            found.append(f"{name}: reserved concurrency is not a choice of the installation")
    if template["Parameters"]["Architecture"].get("Default") != "arm64":
        found.append("Architecture: the default is not arm64 (D-31)")
    return found


@check
def roles_are_own_and_narrow(template: Template) -> list[str]:
    found, taken = [], {}
    roles = of_type(template, "AWS::IAM::Role")
    for name, function in functions(template).items():
        if "Policies" in function:
            found.append(f"{name}: Policies beside Role are ignored by SAM")
        role_name = referred(function.get("Role"))
        role = roles.get(role_name or "")
        if role is None:
            found.append(f"{name}: no role of its own; SAM's would read any queue")
            continue
        if role_name in taken:
            found.append(f"{name}: shares {role_name} with {taken[role_name]}")
        taken[role_name] = name
        kind = role_of_or_none(name)
        if kind is None:
            found.append(f"{name}: unknown function, its actions are not decided")
            continue
        if "ManagedPolicyArns" in role:
            found.append(f"{role_name}: managed policies are wider than needed")
        principals = [s["Principal"] for s in role["AssumeRolePolicyDocument"]["Statement"]]
        if principals != [{"Service": "lambda.amazonaws.com"}]:
            found.append(f"{role_name}: may be assumed by more than Lambda")
        actions = {action for statement in statements(role) for action in listed(statement["Action"])}
        for action in sorted(actions - ACTIONS[kind]):
            found.append(f"{role_name}: may {action}, which a function of kind {kind} does not need")
        for action in sorted(ACTIONS[kind] - actions):
            found.append(f"{role_name}: may not {action}, which a function of kind {kind} needs")
        found += _resources_of(role_name, kind, name, role)
    for role_name, role in roles.items():
        for statement in statements(role):
            for action in listed(statement["Action"]):
                if "*" in action:
                    found.append(f"{role_name}: wildcard action {action}")
                if action == "dynamodb:Scan" and not _counts_states(role_name, statement):
                    found.append(f"{role_name}: may scan")
            if statement["Effect"] != "Allow" or "NotAction" in statement or "NotResource" in statement:
                found.append(f"{role_name}: only plain permissions, please")
    return found


def _counts_states(role_name: str, statement: dict) -> bool:
    """The card's scan of the state table, and nothing beside it in the same statement."""
    return role_name == "CrmCardRole" and statement["Action"] == "dynamodb:Scan" and statement["Resource"] == {
        "Fn::GetAtt": ["StateTable", "Arn"]
    }


def _resources_of(role_name: str, kind: str, function: str, role: dict) -> list[str]:
    found, rung, consumed = [], set(), set()
    for statement in statements(role):
        actions = set(listed(statement["Action"]))
        for resource in listed(statement["Resource"]):
            to = referred(resource)
            if resource == "*" and not all(action.startswith("xray:") for action in actions):
                found.append(f"{role_name}: {sorted(actions)} on any resource")
            if "sqs:SendMessage" in actions:
                rung.add((to or "").removesuffix("Queue"))
            if "sqs:ReceiveMessage" in actions:
                consumed.add(to)
            if any(action.startswith("logs:") for action in actions) and to != role_name.replace("Role", "LogGroup"):
                found.append(f"{role_name}: writes to a log that is not its own")
            if any(action.startswith("dynamodb:") for action in actions):
                if to == "AuditTable" and actions - AUDIT_ACTIONS:
                    found.append(f"{role_name}: may {sorted(actions - AUDIT_ACTIONS)} on the append-only table")
                if to not in ("StateTable", "AuditTable") or "*" in str(resource.get("Fn::Sub", "")):
                    found.append(f"{role_name}: table access on something else")
            if any(action.startswith("kms:") for action in actions) and "kms:ViaService" not in statement.get(
                "Condition", {}
            ).get("StringEquals", {}):
                found.append(f"{role_name}: may use the key other than through a service")
    if rung != QUEUES_RUNG[kind]:
        found.append(f"{role_name}: sends to {sorted(rung)}, not {sorted(QUEUES_RUNG[kind])}")
    own = {function.removeprefix("SyncWorker").replace("Function", "Queue")} if kind == "worker" else set()
    if consumed != own:
        found.append(f"{role_name}: consumes {consumed or 'nothing'}, not {own or 'nothing'}")
    return found


@check
def environment_is_complete(template: Template) -> list[str]:
    """The variables that the Rust side reads. The secret's address is given only to those who may read it."""
    everywhere: dict[str, Any] = {
        "CONNECTOR_CONFIG": "ConfigFile",
        "CONNECTOR_PUBLIC__URL": "PublicUrl",
        "CONNECTOR_STORE__STATE_TABLE": "StateTable",
        "CONNECTOR_STORE__AUDIT_TABLE": "AuditTable",
        "CONNECTOR_HUBSPOT__PORTAL_ID": "HubSpotPortalId",
        "CONNECTOR_HUBSPOT__APP_ID": "HubSpotAppId",
        "CONNECTOR_HUBSPOT__BASE_URL": "HubSpotBaseUrl",
        "CONNECTOR_ZUORA__BASE_URL": "ZuoraBaseUrl",
        "CONNECTOR_ZUORA__UI_URL": "ZuoraUiUrl",
        "RUST_LOG": "LogFilter",
    }
    for prefix, variable, _ in KINDS.values():
        everywhere[f"CONNECTOR_QUEUES__{variable}"] = f"{prefix}Queue"
    found = []
    for name, function in functions(template).items():
        variables = function.get("Environment", {}).get("Variables", {})
        for variable, source in everywhere.items():
            if referred(variables.get(variable)) != source:
                found.append(f"{name}: {variable} is not {source}")
        if variables.get("CONNECTOR_STORE__KIND") != "aws":
            found.append(f"{name}: CONNECTOR_STORE__KIND is not aws")
        reads_secret = "secretsmanager:GetSecretValue" in ACTIONS.get(role_of_or_none(name) or "", set())
        if reads_secret != ("CONNECTOR_STORE__SECRET_ARN" in variables):
            found.append(f"{name}: CONNECTOR_STORE__SECRET_ARN and the right to read it do not agree")
        unknown = set(variables) - set(everywhere) - {"CONNECTOR_STORE__KIND", "CONNECTOR_STORE__SECRET_ARN"}
        found += [f"{name}: nobody reads {variable}" for variable in sorted(unknown)]
    return found


@check
def logs_have_retention_and_key(template: Template) -> list[str]:
    found, used = [], set()
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, function in functions(template).items():
        group = referred(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            found.append(f"{name}: has no log group of its own")
        if group in used:
            found.append(f"{name}: shares {group}")
        used.add(group)
    for name, group in groups.items():
        if not number(template, group.get("RetentionInDays")):
            found.append(f"{name}: logs are kept for ever")
        if referred(group.get("KmsKeyId")) != "DataKey":
            found.append(f"{name}: not encrypted with the stack's key")
        # The key's policy admits only this prefix.
        if not any(text.startswith("/connector/${AWS::StackName}/") for text in texts(group.get("LogGroupName"))):
            found.append(f"{name}: the key's policy does not cover its name")
    return found


@check
def the_sweep_runs_each_minute(template: Template) -> list[str]:
    found = []
    schedules = [
        (name, event) for name, function in functions(template).items() for event in events(function, "ScheduleV2")
    ]
    if [name for name, _ in schedules] != ["ReconcileFunction"]:
        return [f"exactly one schedule of ReconcileFunction, found {schedules}"]
    event = schedules[0][1]
    if event.get("ScheduleExpression") != "rate(1 minute)":
        found.append(f"schedule is {event.get('ScheduleExpression')!r}")
    if json.loads(event.get("Input", "{}")) != {"sweep": "due"}:
        found.append("the schedule does not ask for the due sweep")
    if "AWS::StackName" not in str(event.get("Name")):
        found.append("a second installation would find the schedule's name taken")
    dead = referred(event.get("DeadLetterConfig", {}).get("Arn"))
    if dead not in of_type(template, "AWS::SQS::Queue"):
        found.append("the schedule has no dead-letter queue")
    elif not alarms_on(template, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dead):
        found.append("nobody hears of a schedule that failed")
    if referred(event.get("RoleArn")) != "ScheduleRole":
        found.append("SAM's role for the schedule may not use the key of the dead-letter queue")
    return found


# ------------------------------------------------------------------------------------------------------ tables and key


@check
def tables_survive(template: Template) -> list[str]:
    found = []
    tables = of_type(template, "AWS::DynamoDB::Table")
    if set(tables) != {"StateTable", "AuditTable"}:
        found.append(f"tables are {sorted(tables)}")
    for name, table in tables.items():
        resource = template["Resources"][name]
        if resource.get("DeletionPolicy") != "Retain" or resource.get("UpdateReplacePolicy") != "Retain":
            found.append(f"{name}: is deleted with the stack or by a replacement")
        if table.get("DeletionProtectionEnabled") is not True:
            found.append(f"{name}: no deletion protection")
        if table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
            found.append(f"{name}: no point-in-time recovery")
        encryption = table.get("SSESpecification", {})
        if encryption.get("SSEType") != "KMS" or referred(encryption.get("KMSMasterKeyId")) != "DataKey":
            found.append(f"{name}: not encrypted with the stack's key")
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            found.append(f"{name}: not on demand")
        for part in [table, *table.get("GlobalSecondaryIndexes", [])]:
            brake = part.get("OnDemandThroughput", {})
            if not {"MaxReadRequestUnits", "MaxWriteRequestUnits"} <= set(brake):
                found.append(f"{name} {part.get('IndexName', '')}: no brake on throughput")
        if "TableName" in table:
            found.append(f"{name}: a fixed name stands in the way of a restore beside it")
    for name in ("DataKey",):
        resource = template["Resources"].get(name, {})
        if resource.get("DeletionPolicy") != "Retain" or resource.get("UpdateReplacePolicy") != "Retain":
            found.append(f"{name}: retained tables are unreadable without their key")
        if resource.get("Properties", {}).get("EnableKeyRotation") is not True:
            found.append(f"{name}: does not rotate")
    return found


@check
def tables_have_the_keys_that_the_code_reads(template: Template) -> list[str]:
    found = []
    tables = of_type(template, "AWS::DynamoDB::Table")
    state, audit = tables.get("StateTable", {}), tables.get("AuditTable", {})

    def keys(table: dict, schema: list[dict]) -> list[tuple[str, str, str]]:
        types = {entry["AttributeName"]: entry["AttributeType"] for entry in table["AttributeDefinitions"]}
        return [(key["AttributeName"], key["KeyType"], types.get(key["AttributeName"], "?")) for key in schema]

    if keys(state, state["KeySchema"]) != [("pk", "HASH", "S")]:
        found.append("StateTable: key is not pk")
    if keys(audit, audit["KeySchema"]) != [("pk", "HASH", "S"), ("sk", "RANGE", "S")]:
        found.append("AuditTable: key is not pk, sk")
    indexes = {
        index["IndexName"]: (keys(state, index["KeySchema"]), index["Projection"]["ProjectionType"])
        for index in state.get("GlobalSecondaryIndexes", [])
    }
    if indexes != INDEXES:
        found.append(f"StateTable: indexes are {indexes}")
    ttl = state.get("TimeToLiveSpecification", {})
    if ttl != {"AttributeName": "expires_at", "Enabled": True}:
        found.append("StateTable: volatile items do not expire by expires_at")
    if "TimeToLiveSpecification" in audit:
        found.append("AuditTable: the record must not expire")
    return found


# ------------------------------------------------------------------------------------------------- secrets and entrance


_SECRET_LIKE = re.compile(r"secret|password|passwd|token|credential|api_?key|private_?key", re.IGNORECASE)


@check
def no_secret_is_in_the_open(template: Template) -> list[str]:
    found = []
    hidden = {name for name, parameter in template["Parameters"].items() if parameter.get("NoEcho")}
    for name in template["Parameters"]:
        # The address of a secret is not one.
        if _SECRET_LIKE.search(name) and not name.endswith("Arn") and name not in hidden:
            found.append(f"parameter {name}: looks like a secret and is echoed")
    environments = {name: f.get("Environment", {}).get("Variables", {}) for name, f in functions(template).items()}
    for name, variables in environments.items():
        for variable, value in variables.items():
            if _SECRET_LIKE.search(variable) and not variable.endswith("_ARN"):
                found.append(f"{name}: {variable} looks like a secret")
            if any("{{resolve:" in text for text in texts(value)) or set(texts(value)) & hidden:
                found.append(f"{name}: {variable} carries a secret")
    for name, output in template.get("Outputs", {}).items():
        inside = set(texts(output["Value"]))
        if inside & hidden or any("{{resolve:" in text for text in inside):
            found.append(f"output {name}: carries a secret")
        if _SECRET_LIKE.search(name) and not name.endswith("Arn"):
            found.append(f"output {name}: looks like a secret")
    for name, secret in of_type(template, "AWS::SecretsManager::Secret").items():
        if "SecretString" in secret:
            found.append(f"{name}: its value stands in the template")
        if referred(secret.get("KmsKeyId")) != "DataKey":
            found.append(f"{name}: not encrypted with the stack's key")
        generated = secret.get("GenerateSecretString", {})
        filled = json.loads(generated.get("SecretStringTemplate", "{}"))
        if any(filled.values()):
            found.append(f"{name}: its value stands in the template")
        expected = {
            "hubspot_access_token",
            "hubspot_client_secret",
            "zuora_client_id",
            "zuora_client_secret",
            "zuora_callout_secret",
        }
        if set(filled) | {generated.get("GenerateStringKey")} != expected:
            found.append(f"{name}: keys are not those of the contract")
    return found


@check
def the_entrance_is_explicit(template: Template) -> list[str]:
    found, routes = [], {}
    apis = of_type(template, "AWS::Serverless::HttpApi")
    if set(apis) != {"HttpApi"}:
        return [f"exactly one API, found {sorted(apis)}"]
    api = apis["HttpApi"]
    if api.get("StageName") != "$default":
        found.append("HttpApi: a named stage would change the path that HubSpot signs")
    settings = api.get("DefaultRouteSettings", {})
    if not {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(settings):
        found.append("HttpApi: no default throttle")
    log = api.get("AccessLogSettings", {})
    if referred(log.get("DestinationArn")) != "ApiLogGroup":
        found.append("HttpApi: no access log")
    try:
        fields = set(json.loads(log.get("Format", "")).values())
    except ValueError:
        fields = set()
        found.append("HttpApi: the access log is not JSON")
    for field in ("$context.requestId", "$context.integrationLatency", "$context.status", "$context.routeKey"):
        if field not in fields:
            found.append(f"HttpApi: the access log lacks {field}")
    if fields & {"$context.path", "$context.identity.sourceIp", "$context.identity.userAgent"}:
        found.append("HttpApi: the access log holds personal data")
    for name, function in functions(template).items():
        for event in events(function, "HttpApi"):
            route = (event.get("Method"), event.get("Path"))
            routes[route] = name
            if event.get("ApiId") != {"Ref": "HttpApi"}:
                found.append(f"{route}: without ApiId SAM creates a second API")
            if route[0] in (None, "ANY", "any") or "$default" in str(route[1]) or "+" in str(route[1]):
                found.append(f"{route}: a catch-all route")
    if routes != ROUTES:
        differing = set(map(str, routes.items())) ^ set(map(str, ROUTES.items()))
        found.append(f"routes differ from the contract: {sorted(differing)}")
    return found


# -------------------------------------------------------------------------------------------------------------- alarms


@check
def functions_have_alarms(template: Template) -> list[str]:
    return [
        f"{name}: no alarm on {metric}"
        for name in functions(template)
        for metric in ("Errors", "Throttles")
        if not alarms_on(template, "AWS/Lambda", metric, name)
    ]


@check
def intake_trouble_is_heard(template: Template) -> list[str]:
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions", [])}
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/ApiGateway", "5xx") and dimensions == {
            "ApiId": {"Ref": "HttpApi"},
            "Stage": "$default",
            "Method": "POST",
            "Resource": "/webhooks/hubspot",
        }:
            api = of_type(template, "AWS::Serverless::HttpApi")["HttpApi"]
            if api.get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled") is not True:
                return ["HttpApi: metrics by route need DetailedMetricsEnabled"]
            return []
    return ["no alarm on 5xx of the webhook route"]


@check
def alarms_reach_someone_who_knows_what_to_do(template: Template) -> list[str]:
    found = []
    topic = {"Fn::If": ["CreateAlarmTopic", {"Ref": "AlarmTopic"}, {"Ref": "AlarmTopicArn"}]}
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        if alarm.get("AlarmActions") != [topic]:
            found.append(f"{name}: no action")
        if not runbook_of(alarm):
            found.append(f"{name}: no runbook")
        if alarm.get("TreatMissingData") != "notBreaching":
            found.append(f"{name}: silence is not trouble here")
    return found


def runbook_of(alarm: dict) -> str | None:
    """Anchor of the runbook, out of the alarm's description."""
    description = alarm.get("AlarmDescription", {})
    text = str(description.get("Fn::Sub", "")) if isinstance(description, dict) else ""
    match = re.search(r"Runbook: \$\{RunbookUrl\}#([a-z-]+)$", text)
    return match.group(1) if match else None


# ---------------------------------------------------------------------------------------------------------------- cost


def idle_cost(template: Template) -> dict[str, float]:
    """US dollars a month for a stack that nobody uses; list prices of us-east-1, without free tiers, rounded up."""
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    workers = sum(1 for function in functions(template).values() for _ in events(function, "SQS"))
    minutes = 31 * 24 * 60
    return {
        "alarms": 0.10 * kinds.count("AWS::CloudWatch::Alarm"),
        # A key, plus its first two rotations.
        "key": 3.00 * kinds.count("AWS::KMS::Key"),
        "secret": 0.40 * kinds.count("AWS::SecretsManager::Secret"),
        # An idle event source keeps up to five long polls of 20 s open; FIFO requests are 0.50 a million.
        "polling": workers * 5 * 3 * minutes * 0.50 / 1e6,
        # One sweep a minute: request, 256 MB for 50 ms, one schedule call, a few index reads.
        "sweep": minutes * (0.20 + 0.25 * 0.05 * 13.34 + 1.00 + 8 * 0.125) / 1e6,
        "dashboards": 3.00 * kinds.count("AWS::CloudWatch::Dashboard"),
    }


@check
def idle_stack_is_cheap(template: Template) -> list[str]:
    costs = idle_cost(template)
    total = sum(costs.values())
    return [] if total <= IDLE_COST_LIMIT_USD else [f"idle stack costs {total:.2f} USD a month: {costs}"]
