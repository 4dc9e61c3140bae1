"""For tests that are not in Python: starts something, tells where it is, and ends it again.

    python -m emulation up --packages ../../target/lambda --parameter ZuoraBaseUrl=http://127.0.0.1:9001
    python -m emulation up --packages ../../target/lambda --environment CONNECTOR_TEST__CLOCK_OFFSET=60 -- ./story
    python -m emulation services
    python -m emulation dynamodb
    python -m emulation dynamodb -- cargo nextest run -p connector-aws

Without a command one line of JSON is printed, and everything ends when standard input does (or on SIGTERM).
With a command behind `--` that command is run, with the same facts in its environment, and its exit status is ours.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
from typing import Any

from .deployment import Deployment, DeploymentFailed, package_folders
from .dynamodb_local import DynamoDbLocal
from .ministack import REGION, MiniStack
from .processes import NotReady


def main(arguments: list[str]) -> int:
    command: list[str] = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, command = arguments[:at], arguments[at + 1 :]
    options = _parser().parse_args(arguments)
    # SIGTERM ends the `with` blocks below in the same way as an interrupt from the keyboard.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.what == "dynamodb":
            with DynamoDbLocal() as database:
                return _hold({"DYNAMODB_ENDPOINT": database.endpoint}, command)
        if options.what == "services":
            with MiniStack(enforce_iam=False) as aws:
                return _hold({"SQS_ENDPOINT": aws.endpoint}, command)
        with MiniStack(enforce_iam=not options.without_iam) as aws:
            deployment = Deployment(
                aws,
                package_folders(options.packages.resolve()),
                parameters=dict(options.parameter),
                environment=dict(options.environment),
            )
            return _hold(facts(deployment), command)
    except (NotReady, DeploymentFailed) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def facts(deployment: Deployment) -> dict[str, Any]:
    """What a test needs to know: where requests go, and the variables with which the SDK finds the emulator."""
    return {
        "CONNECTOR_AWS_BASE_URL": deployment.base_url,
        "CONNECTOR_AWS_OUTPUTS": deployment.outputs,
        "AWS_ENDPOINT_URL": deployment.aws.endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def _hold(told: dict[str, Any], command: list[str]) -> int:
    if not command:
        print(json.dumps(told), flush=True)
        sys.stdin.read()
        return 0
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}
    return subprocess.run(command, env={**os.environ, **texts}).returncode


def _parser() -> argparse.ArgumentParser:
    def pair(text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not equals:
            raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
        return name, value

    parser = argparse.ArgumentParser(prog="python -m emulation", description=__doc__.splitlines()[0])
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("dynamodb", help="DynamoDB Local")
    what.add_parser("services", help="MiniStack alone, for queues")
    up = what.add_parser("up", help="the installation of template.yaml on MiniStack")
    up.add_argument("--packages", type=pathlib.Path, required=True, help="folder with <package>/bootstrap")
    up.add_argument("--parameter", type=pair, action="append", default=[], metavar="NAME=VALUE")
    up.add_argument("--environment", type=pair, action="append", default=[], metavar="NAME=VALUE")
    up.add_argument("--without-iam", action="store_true", help="do not enforce the roles' policies")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
