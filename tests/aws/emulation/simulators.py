"""The simulated vendors as processes on loopback: `sim-hubspot` and `sim-zuora` of this repository."""

from __future__ import annotations

import json
import pathlib
import tempfile
import urllib.error
import urllib.request
from typing import Any

from .processes import LOOPBACK, NotReady, Process


class Simulator:
    """A running simulator and its controls (`/_sim/...`, see control.rs of each)."""

    def __init__(self, binary: pathlib.Path, *arguments: str):
        self._folder = tempfile.TemporaryDirectory(prefix=f"connector-{binary.name}-")
        folder = pathlib.Path(self._folder.name)
        self._process = Process(
            [str(binary), "--listen", f"{LOOPBACK}:0", *arguments], env={}, folder=folder, name=binary.name
        )
        try:
            self._process.wait_until(lambda: self._process.tail(1).startswith("http://"), timeout=10)
        except NotReady:
            self.stop()
            raise
        self.base_url = self._process.tail(1).strip().rstrip("/")

    def control(self, method: str, what: str, body: Any = None) -> Any:
        """A control call; a refused one is an error of the test."""
        request = urllib.request.Request(
            f"{self.base_url}/_sim/{what}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{what}: {error.code} {error.read().decode(errors='replace')}") from None

    def state(self) -> Any:
        return self.control("GET", "state")

    def calls(self) -> list[dict[str, Any]]:
        """Every call so far."""
        found = self.control("GET", "calls")
        return found["calls"] if isinstance(found, dict) else found

    def stop(self) -> None:
        self._process.stop()
        self._folder.cleanup()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
