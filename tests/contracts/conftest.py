"""The simulators as processes, for the vendors' own clients."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest

from recordings import REPOSITORY


@dataclass
class Simulator:
    """A simulator that runs as a process of its own."""

    base_url: str

    def control(self, method: str, what: str, body: Any = None) -> Any:
        """One call of the control interface."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base_url}/_sim/{what}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


def _run(name: str, *arguments: str) -> Iterator[Simulator]:
    folder = Path(os.environ.get("SIM_BIN_DIR") or REPOSITORY / "target" / "debug")
    binary = folder / name
    if not binary.is_file():
        pytest.skip(f"the binary {name} is absent: build it with `cargo build -p {name}`, or set SIM_BIN_DIR")
    process = subprocess.Popen(
        [str(binary), "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline().strip()
        assert line.startswith("http://"), f"{name} did not print its base URL but {line!r}"
        yield Simulator(line)
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def zuora() -> Iterator[Simulator]:
    """A tenant with the catalogue of the acceptance stories."""
    for simulator in _run("sim-zuora"):
        simulator.control("POST", "seed", {"what": "acceptance_catalog"})
        yield simulator


@pytest.fixture(scope="module")
def hubspot() -> Iterator[Simulator]:
    """A portal with the data of the acceptance stories."""
    for simulator in _run("sim-hubspot", "--secret", "s3crét-key/+="):
        simulator.control("POST", "seed", {"what": "acceptance"})
        yield simulator
