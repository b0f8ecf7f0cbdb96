"""Clients in processes of their own: each works through its list over one kept connection and notes every reply."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Sent:
    """One request with its reply; status 0 where no reply came."""

    method: str
    path: str
    body: dict[str, Any] | None
    status: int
    reply: Any
    seconds: float


@dataclass
class Client:
    """A program with a bearer token."""

    port: int
    token: str
    sent: list[Sent] = field(default_factory=list)
    _connection: HTTPConnection | None = None

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> Sent:
        """Send one request; a connection that broke is opened again for the next one."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        began = time.perf_counter()
        status, reply = 0, None
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = self._connection.getresponse()
            text = response.read()
            status, reply = response.status, json.loads(text) if text else None
        except (OSError, HTTPException, ValueError):
            self.close()
        made = Sent(method, path, body, status, reply, time.perf_counter() - began)
        self.sent.append(made)
        return made

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def run_together(jobs: Sequence[Callable[[], Any]], *, timeout: float = 600) -> list[Any]:
    """Run each job in a forked process, all let go at once; return their results in order."""
    barrier = FORK.Barrier(len(jobs))
    pipes = []
    for job in jobs:
        here, there = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_run, args=(job, barrier, there), daemon=True)
        process.start()
        there.close()
        pipes.append((process, here))
    results = []
    for process, here in pipes:
        if not here.poll(timeout):
            raise TimeoutError(f"a client did not finish within {timeout} s")
        result = here.recv()
        process.join(10)
        if isinstance(result, BaseException):
            raise result
        results.append(result)
    return results


def _run(job: Callable[[], Any], barrier: Any, there: Any) -> None:
    try:
        barrier.wait(60)
        there.send(job())
    except BaseException as fault:  # noqa: BLE001 - told to the parent, which raises it
        there.send(RuntimeError(f"{type(fault).__name__}: {fault}"))
    finally:
        there.close()


def count_codes(sent: Sequence[Sent]) -> Counter[str]:
    """Count refusals by code (`503 busy`, `no reply`)."""
    codes: Counter[str] = Counter()
    for each in sent:
        if each.status == 0:
            codes["no reply"] += 1
        elif each.status >= 400:
            code = each.reply.get("code", "?") if isinstance(each.reply, dict) else "?"
            codes[code if each.status < 500 else f"{each.status} {code}"] += 1
    return codes
