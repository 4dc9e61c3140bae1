"""MiniStack: AWS as one Python process."""

from __future__ import annotations

import pathlib
import sys
import tempfile
import urllib.request
from typing import Any

import boto3
import botocore.config

from .processes import LOOPBACK, NotReady, Process, free_port

REGION = "eu-west-1"
ACCOUNT = "000000000000"


class MiniStack:
    """A running emulator with nothing in it.

    With `enforce_iam` each call is judged by the policies of its caller, so a role of the template that lacks a right
    fails here as it would on AWS. The account's owner (`client`) may do everything.
    """

    def __init__(self, *, enforce_iam: bool = True, log_level: str = "INFO"):
        self.port = free_port()
        self.endpoint = f"http://{LOOPBACK}:{self.port}"
        self._folder = tempfile.TemporaryDirectory(prefix="connector-ministack-")
        folder = pathlib.Path(self._folder.name)
        # A whole environment, not an addition to ours: functions inherit the emulator's, and they must see on this
        # machine what they would see on AWS. In particular no proxy, no credentials and no CONNECTOR_* of the caller.
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": LOOPBACK,
            # It would listen on all interfaces for MQTT and SFTP.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AUTH": "true" if enforce_iam else "false",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            # Handed on to every function: this is how their SDK finds the emulator.
            "AWS_ENDPOINT_URL": self.endpoint,
            "S3_PERSIST": "0",
            "S3_DATA_DIR": str(folder / "s3"),
            "STATE_DIR": str(folder / "state"),
            "LOG_LEVEL": log_level,
        }
        self._process = Process([sys.executable, "-m", "ministack"], env=environment, folder=folder, name="ministack")
        try:
            self._process.wait_until(self._ready, timeout=30)
        except NotReady:
            self.stop()
            raise

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 1}, proxies={}),
        )

    def log(self, lines: int = 200) -> str:
        return self._process.tail(lines)

    def stop(self) -> None:
        self._process.stop()
        self._folder.cleanup()

    def __enter__(self) -> MiniStack:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
