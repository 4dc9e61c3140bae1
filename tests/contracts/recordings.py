"""The calls that simulators recorded while other tests ran."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Call:
    """One call as a simulator saw it; status 0 means that the connection was broken without an answer, and a
    faulty call was answered wrongly on purpose."""

    method: str
    path: str
    query: str
    request: Any
    status: int
    response: Any
    where: str
    faulty: bool = False
    agent: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status} ({self.where})"


def _lines(file: Path) -> Iterator[Call]:
    with file.open(encoding="utf-8") as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                entry = json.loads(line)
                yield Call(
                    method=entry["method"],
                    path=entry["path"],
                    query=entry.get("query") or "",
                    request=entry.get("request"),
                    status=entry.get("status") or 0,
                    response=entry.get("response"),
                    where=f"{file.name}:{number}",
                    faulty=bool(entry.get("fault")),
                    agent=next((value for name, value in _headers(entry) if name == "user-agent"), ""),
                )


def _headers(entry: dict[str, Any]) -> list[tuple[str, str]]:
    headers = entry.get("headers") or []
    return list(headers.items()) if isinstance(headers, dict) else [(name, value) for name, value in headers]


def recorded(vendor: str) -> list[Call]:
    """All recorded calls to a vendor, or a skip that says why there are none. A folder without them is a mistake."""
    folder = os.environ.get("SIM_RECORD_DIR")
    if not folder:
        pytest.skip("SIM_RECORD_DIR is not set: no recorded calls to check")
    calls = [call for file in sorted(Path(folder).glob(f"{vendor}-*.jsonl")) for call in _lines(file)]
    assert calls, f"no {vendor}-*.jsonl with calls in the folder of SIM_RECORD_DIR"
    return calls


def report(findings: list[str], what: str) -> None:
    """Fails with the findings, equal ones named once with their number."""
    if not findings:
        return
    counted: dict[str, int] = {}
    for finding in findings:
        counted[finding] = counted.get(finding, 0) + 1
    shown = [f"  {count} x {finding}" for finding, count in sorted(counted.items(), key=lambda one: -one[1])]
    more = f"\n  ... and {len(shown) - 60} more" if len(shown) > 60 else ""
    pytest.fail(f"{len(findings)} {what}, {len(shown)} different:\n" + "\n".join(shown[:60]) + more, pytrace=False)
