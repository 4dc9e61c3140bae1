"""DynamoDB Local starts, and has the tables of template.yaml as the store expects them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import boto3
import botocore.exceptions
import checks
import pytest
import template
from emulation.dynamodb_local import DynamoDbLocal

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def client():
    with DynamoDbLocal() as database:
        yield boto3.client(
            "dynamodb",
            endpoint_url=database.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture(scope="module")
def state_table(client) -> str:
    """StateTable, made from the lines of the template that describe its keys."""
    described = checks.of_type(template.load(), "AWS::DynamoDB::Table")["StateTable"]
    indexes = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        for index in described["GlobalSecondaryIndexes"]
    ]
    client.create_table(
        TableName="state",
        BillingMode=described["BillingMode"],
        AttributeDefinitions=described["AttributeDefinitions"],
        KeySchema=described["KeySchema"],
        GlobalSecondaryIndexes=indexes,
    )
    return "state"


def test_indexes_are_sparse(client, state_table):
    client.put_item(TableName=state_table, Item={"pk": {"S": "1#deal#1"}, "body": {"S": "{}"}})
    client.put_item(
        TableName=state_table,
        Item={"pk": {"S": "1#deal#2"}, "body": {"S": "{}"}, "due_shard": {"S": "0"}, "due_at": {"N": "5"}},
    )
    answer = client.query(
        TableName=state_table,
        IndexName="due",
        KeyConditionExpression="due_shard = :shard AND due_at <= :now",
        ExpressionAttributeValues={":shard": {"S": "0"}, ":now": {"N": "10"}},
    )
    assert answer["Items"] == [{"pk": {"S": "1#deal#2"}, "due_shard": {"S": "0"}, "due_at": {"N": "5"}}]


def test_a_key_of_the_wrong_type_is_refused(client, state_table):
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationException"):
        client.put_item(TableName=state_table, Item={"pk": {"S": "x"}, "due_shard": {"S": "0"}, "due_at": {"S": "5"}})


def test_the_command_line_passes_the_endpoint_and_the_exit_status_on():
    ask = "import os, sys; print(os.environ['DYNAMODB_ENDPOINT']); sys.exit(7)"
    command = [sys.executable, "-m", "emulation", "dynamodb", "--", sys.executable, "-c", ask]
    result = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120)
    assert result.returncode == 7, result.stderr
    assert result.stdout.startswith("http://127.0.0.1:")
