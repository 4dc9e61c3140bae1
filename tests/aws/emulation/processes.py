"""Starting and ending of helper processes."""

from __future__ import annotations

import pathlib
import socket
import subprocess
import time
from typing import Callable, TypeVar

LOOPBACK = "127.0.0.1"

T = TypeVar("T")


class NotReady(Exception):
    """A helper process ended, or did not answer in time. The message carries the end of its log."""


def free_port() -> int:
    """A port that nobody listens on now. Somebody may take it before we do; then the start fails and says so."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def eventually(check: Callable[[], T | None], *, timeout: float, what: str, every: float = 0.05) -> T:
    """The first true answer of `check`; fails with `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise NotReady(f"gave up after {timeout:.0f} s: {what}")
        time.sleep(every)


class Process:
    """A child with its output in a file, ended at the latest with the `with` block."""

    def __init__(self, command: list[str], *, env: dict[str, str], folder: pathlib.Path, name: str):
        self.log = folder / f"{name}.log"
        self._name = name
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(
                command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def wait_until(self, ready: Callable[[], bool], *, timeout: float) -> None:
        """Waits for `ready`, but not longer than the process lives."""

        def check() -> bool:
            if self._child.poll() is not None:
                raise NotReady(f"{self._name} ended with {self._child.returncode}:\n{self.tail()}")
            return ready()

        try:
            eventually(check, timeout=timeout, what=f"{self._name} does not answer")
        except NotReady as error:
            raise NotReady(f"{error}\n{self.tail()}") from None

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(timeout=10)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
