"""A stand-in for the connector's functions: says what it was given, and makes the AWS calls it is asked for.

It proves the harness before and without the Rust packages. Being Python, it costs half a second at its first call.
"""

from __future__ import annotations

import pathlib
import sys

from .deployment import PACKAGES

_BOOTSTRAP = """#!{python}
import json, os, urllib.request
import boto3

api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
package = open("package.txt").read()


def handle(event):
    if "call" in event:
        service, operation, arguments = event["call"]
        try:
            return getattr(boto3.client(service), operation)(**arguments)
        except boto3.client(service).exceptions.ClientError as error:
            return {{"refused": error.response["Error"]["Code"]}}
    if "Records" in event:
        failed = []
        for record in event["Records"]:
            if "poison" in record["body"]:
                failed.append({{"itemIdentifier": record["messageId"]}})
                continue
            boto3.client("dynamodb").put_item(
                TableName=os.environ["CONNECTOR_STORE__STATE_TABLE"],
                Item={{
                    "pk": {{"S": "seen#" + record["body"]}},
                    "function": {{"S": os.environ["AWS_LAMBDA_FUNCTION_NAME"]}},
                    "group": {{"S": record["attributes"]["MessageGroupId"]}},
                    "package": {{"S": package}},
                }},
            )
        return {{"batchItemFailures": failed}}
    if "requestContext" in event:
        told = {{"event": event, "environment": dict(os.environ), "package": package}}
        return {{"statusCode": 200, "headers": {{"content-type": "application/json"}}, "body": json.dumps(told)}}
    if "raise" in event:
        raise RuntimeError(event["raise"])
    return {{"event": event, "package": package}}


while True:
    with urllib.request.urlopen(api + "next") as request:
        id = request.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(request)
    try:
        answer, way = handle(event), "response"
    except Exception as error:
        answer, way = {{"errorMessage": str(error), "errorType": type(error).__name__}}, "error"
    print(json.dumps({{"handled": way}}), flush=True)
    body = json.dumps(answer, default=str).encode()
    urllib.request.urlopen(urllib.request.Request(api + id + "/" + way, data=body)).read()
"""


def build(folder: pathlib.Path) -> pathlib.Path:
    """Writes all packages below `folder`, in the shape of target/lambda."""
    for name in PACKAGES:
        package = folder / name
        package.mkdir(parents=True)
        bootstrap = package / "bootstrap"
        bootstrap.write_text(_BOOTSTRAP.format(python=sys.executable), encoding="utf-8")
        bootstrap.chmod(0o755)
        (package / "package.txt").write_text(name, encoding="utf-8")
    return folder
