"""template.yaml, deployed to MiniStack, and what a test wants to do with it."""

from __future__ import annotations

import hashlib
import io
import json
import pathlib
import platform
import urllib.error
import urllib.request
import zipfile
from typing import Any, Iterator, NamedTuple

import template as template_file
from boto3.dynamodb.types import TypeDeserializer
from checks import KINDS, events, functions, of_type

from .ministack import REGION, MiniStack
from .processes import eventually

PACKAGES = ("webhook-intake", "sync-worker", "crm-card", "reconcile")


class DeploymentFailed(Exception):
    """CloudFormation refused the template; the message lists the failed resources."""


class Answer(NamedTuple):
    """An HTTP answer; an error status is an answer too."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def package_folders(root: pathlib.Path) -> dict[str, pathlib.Path]:
    """Folders below `root` that hold a `bootstrap` for each package; says which are missing."""
    folders = {name: root / name for name in PACKAGES}
    missing = [str(folder / "bootstrap") for folder in folders.values() if not (folder / "bootstrap").is_file()]
    if missing:
        raise DeploymentFailed(f"not built: {', '.join(missing)} (cargo xtask package)")
    return folders


def _zipped(folder: pathlib.Path) -> bytes:
    """The folder as Lambda wants it: `bootstrap` at the top, executable, no times that would change the hash."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(folder)))
            entry.external_attr = (0o100755 if path.name == "bootstrap" else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return target.getvalue()


class Deployment:
    """One stack on a running emulator.

    What is deployed is template.yaml as `sam deploy` sends it (`CodeUri` names the uploaded package), with one thing
    left out: the queue policies. All they do is refuse plain transport, and loopback is plain; MiniStack enforces them.
    One thing is added: MiniStack knows a right to send batches, which on AWS is part of the right to send.
    `environment` adds variables to every function, for test switches only.
    """

    def __init__(
        self,
        aws: MiniStack,
        packages: dict[str, pathlib.Path],
        *,
        parameters: dict[str, str] | None = None,
        environment: dict[str, str] | None = None,
        name: str = "connector",
    ):
        self.aws = aws
        self.name = name
        self._bucket = f"{name}-packages"
        self._clients: dict[str, Any] = {}
        self.template = template_file.load()
        given = {
            "HubSpotPortalId": "24680135",
            "HubSpotAppId": "50780459",
            "Architecture": {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64"),
            **(parameters or {}),
        }
        self._upload(packages, environment or {})
        self._create(given)
        self.outputs = self._outputs()
        self._physical = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in self.client("cloudformation")
            .get_paginator("list_stack_resources")
            .paginate(StackName=self.name)
            for resource in page["StackResourceSummaries"]
        }
        self._create_routes()

    # ------------------------------------------------------------------------------------------------------ deploying

    def client(self, service: str) -> Any:
        """boto3 client of the account's owner."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    def _upload(self, packages: dict[str, pathlib.Path], environment: dict[str, str]) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        addresses = {}
        for name, folder in packages.items():
            content = _zipped(folder)
            key = f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.zip"
            s3.put_object(Bucket=self._bucket, Key=key, Body=content)
            addresses[f"target/lambda/{name}/"] = f"s3://{self._bucket}/{key}"
        for function in of_type(self.template, "AWS::Serverless::Function").values():
            function["CodeUri"] = addresses[function["CodeUri"]]
        self.template["Globals"]["Function"]["Environment"]["Variables"].update(environment)
        for name in of_type(self.template, "AWS::SQS::QueuePolicy"):
            del self.template["Resources"][name]
        for role in of_type(self.template, "AWS::IAM::Role").values():
            for policy in role.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    if statement["Action"] == "sqs:SendMessage":
                        statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
        s3.put_object(Bucket=self._bucket, Key="template.json", Body=json.dumps(self.template).encode())

    def _create(self, parameters: dict[str, str]) -> None:
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=self.name,
            # By address, as `sam deploy` does: the text is longer than a request may carry.
            TemplateURL=f"{self.aws.endpoint}/{self._bucket}/template.json",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )

        def finished() -> str | None:
            status = cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
            return None if status.endswith("IN_PROGRESS") else status

        status = eventually(finished, timeout=120, what=f"stack {self.name} is not finished", every=0.2)
        if status != "CREATE_COMPLETE":
            reasons = [
                f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason')}"
                for event in cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
                if event["ResourceStatus"].endswith("FAILED")
            ]
            raise DeploymentFailed(f"{status}\n" + "\n".join(reasons))

    def _outputs(self) -> dict[str, str]:
        stack = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def _create_routes(self) -> None:
        """MiniStack reads no routes from the OpenAPI body that SAM writes, so they are made by hand here.

        What this leaves untested is SAM's own translation; the routes come from the same lines of the template.
        """
        gateway = self.client("apigatewayv2")
        api = self.outputs["ApiId"]
        self.routes: list[str] = [route["RouteKey"] for route in gateway.get_routes(ApiId=api)["Items"]]
        for name, function in functions(self.template).items():
            wanted = [f"{event['Method']} {event['Path']}" for event in events(function, "HttpApi")]
            missing = [route for route in wanted if route not in self.routes]
            if not missing:
                continue
            integration = gateway.create_integration(
                ApiId=api,
                IntegrationType="AWS_PROXY",
                IntegrationUri=self.function_arn(name),
                PayloadFormatVersion="2.0",
            )["IntegrationId"]
            for route in missing:
                gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
                self.routes.append(route)

    # -------------------------------------------------------------------------------------------------------- using it

    def physical(self, logical: str) -> str:
        """Name, address or ARN, whatever CloudFormation calls the physical id of a resource."""
        return self._physical[logical]

    def function_arn(self, logical: str) -> str:
        answer = self.client("lambda").get_function_configuration(FunctionName=self.physical(logical))
        return answer["FunctionArn"]

    @property
    def base_url(self) -> str:
        """Where requests go. Not what HubSpot signs: that is the parameter PublicUrl and the path behind it."""
        return f"{self.aws.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/$default"

    def set_public_url(self, url: str) -> None:
        """What the second deployment does on AWS: the address is known after the first one only.

        Not by the parameter, whose pattern allows no path; the emulated gateway is reached by one.
        """
        client = self.client("lambda")
        for logical in functions(self.template):
            name = self.physical(logical)
            variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            variables["CONNECTOR_PUBLIC__URL"] = url
            client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """A request through the emulated API gateway; `path` with its query, already encoded."""
        request = urllib.request.Request(self.base_url + path, data=body, headers=headers or {}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def put_secret(self, **values: str) -> None:
        """Fills in the secret, keeping keys that are not given."""
        client, arn = self.client("secretsmanager"), self.outputs["SecretArn"]
        stored = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
        client.put_secret_value(SecretId=arn, SecretString=json.dumps(stored | values))

    def secret(self) -> dict[str, str]:
        answer = self.client("secretsmanager").get_secret_value(SecretId=self.outputs["SecretArn"])
        return json.loads(answer["SecretString"])

    def items(self, table: str = "StateTable") -> list[dict[str, Any]]:
        """Every item of StateTable or AuditTable, as Python values."""
        read = TypeDeserializer().deserialize
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs[table])
        return [{key: read(value) for key, value in item.items()} for page in pages for item in page["Items"]]

    def item(self, pk: str, sk: str | None = None) -> dict[str, Any] | None:
        """One item of StateTable, or with `sk` of AuditTable."""
        key = {"pk": {"S": pk}} | ({"sk": {"S": sk}} if sk is not None else {})
        table = self.outputs["StateTable" if sk is None else "AuditTable"]
        answer = self.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
        read = TypeDeserializer().deserialize
        return {name: read(value) for name, value in answer["Item"].items()} if "Item" in answer else None

    def queue_url(self, kind: str, *, dead: bool = False) -> str:
        """Queue of an object kind: company, contact, product, deal or line_item."""
        return self.outputs[f"{KINDS[kind][0]}{'DeadLetter' if dead else ''}QueueUrl"]

    def depth(self, kind: str, *, dead: bool = False) -> int:
        """Messages in a queue, those in work included."""
        answer = self.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url(kind, dead=dead),
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(value) for value in answer["Attributes"].values())

    def depths(self) -> dict[str, int]:
        """All queues that are not empty; dead-letter queues as `dead:company`."""
        found = {kind: self.depth(kind) for kind in KINDS}
        found |= {f"dead:{kind}": self.depth(kind, dead=True) for kind in KINDS}
        return {name: depth for name, depth in found.items() if depth}

    def wait_until_idle(self, *, timeout: float = 30) -> None:
        """Until no message waits or is in work; dead letters do not count."""
        eventually(
            lambda: not any(self.depth(kind) for kind in KINDS),
            timeout=timeout,
            what="queues are not empty",
            every=0.1,
        )

    def send(self, kind: str, body: str, *, group: str, deduplication: str) -> None:
        self.client("sqs").send_message(
            QueueUrl=self.queue_url(kind),
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=deduplication,
        )

    def dead_letters(self, kind: str) -> list[str]:
        """Bodies of dead letters; they stay where they are."""
        answer = self.client("sqs").receive_message(
            QueueUrl=self.queue_url(kind, dead=True), MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in answer.get("Messages", [])]

    def set_visibility(self, kind: str, seconds: int) -> None:
        """Nine minutes are long in a test of redelivery."""
        self.client("sqs").set_queue_attributes(
            QueueUrl=self.queue_url(kind), Attributes={"VisibilityTimeout": str(seconds)}
        )

    def invoke(self, logical: str, event: Any) -> Any:
        """Calls a function directly and returns its answer; a function's error is raised."""
        answer = self.client("lambda").invoke(FunctionName=self.physical(logical), Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise RuntimeError(f"{logical}: {payload}")
        return payload

    def reconcile(self, sweep: str = "due") -> Any:
        """What the schedule does each minute, now."""
        return self.invoke("ReconcileFunction", {"sweep": sweep})

    def logs(self, logical: str) -> Iterator[str]:
        """Log lines of a function, oldest first."""
        group = self.physical(logical.replace("Function", "LogGroup"))
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        for page in pages:
            for event in page["events"]:
                yield event["message"]
