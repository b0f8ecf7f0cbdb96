"""JSON as the contract wants it: no key twice, no NaN, limits on size and depth; every fault with its path."""

from __future__ import annotations

import gzip
import json
import math
import sys
import zlib
from pathlib import Path
from typing import Any, Final, NoReturn

from solver.faults import BadInput, Fault

MOST_FAULTS = 1_000
MOST_BYTES = 8 * 2**30  # of the unpacked text: a packed bomb must end as a sentence, not as a dead machine
NUMBER_LIMIT: Final = 2**53


class Repeated(dict[str, Any]):
    """An object in which a key was written twice; ``key`` is the first such key."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    repeated = Repeated(made)
    for key, _ in pairs:
        if key in seen:
            repeated.key = key
            break
        seen.add(key)
    return repeated


def load(path: str | Path) -> Any:
    """Read one JSON document from a file, a ``.gz`` file, or standard input (``-``)."""
    name = "standard input" if str(path) == "-" else str(path)
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except OSError as error:
        raise _bad(f"{name} cannot be read: {error.strerror or error}") from None
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = _unpack(raw)
        except (OSError, EOFError, zlib.error):
            raise _bad(f"{name} is not a whole gzip file") from None
    return loads(raw, name)


def _unpack(raw: bytes) -> bytes:
    import io  # noqa: PLC0415 - only packed files need it

    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise _bad("the unpacked file is larger than 8 GiB")
    return text


class _NoNumber(ValueError):
    """NaN, Infinity, or a number that no double holds: Python reads them, JSON does not know them."""


def _refuse(text: str) -> NoReturn:
    raise _NoNumber(text)


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse(text)
    return value


def loads(raw: bytes, name: str = "the file") -> Any:
    """Parse bytes; raise `BadInput` with line and column where they are not JSON in UTF-8."""
    try:
        return json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_refuse, parse_float=_real
        )
    except _NoNumber as error:
        raise _bad(f"{name} is not JSON: {str(error)[:40]} is no number") from None
    except UnicodeDecodeError as error:
        raise _bad(f"{name} is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise _bad(f"{name} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise _bad(f"{name} is nested too deeply") from None
    except ValueError:  # an integer of thousands of digits
        raise _bad(f"{name} holds a number that is not within +-2^53") from None


def _bad(message: str) -> BadInput:
    return BadInput([Fault("", message)])


class TooManyFaults(Exception):
    """The list of faults is full."""


class Checker:
    """Collects faults while a document is walked."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, message: str) -> None:
        """Note one fault; raise `TooManyFaults` when the list is full."""
        self.faults.append(Fault(path, message))
        if len(self.faults) >= MOST_FAULTS:
            raise TooManyFaults

    def finish(self) -> None:
        """Raise `BadInput` if anything was noted."""
        if self.faults:
            raise BadInput(self.faults)

    def object(
        self, value: Any, path: str, known: frozenset[str], needed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return the object, {} where it is none; unknown, repeated and missing keys are faults."""
        found = self.names(value, path)
        if not isinstance(value, dict):
            return found
        if not value.keys() <= known:
            for key in sorted(value.keys() - known):
                if key == "note" or key.startswith("x_"):
                    self.free(value[key], f"{path}.{key}" if path else key)
                else:
                    self.fault(path, f"unknown key {key!r}")
        for key in needed:
            if key not in value:
                self.fault(path, f"{key!r} is missing")
        return found

    def free(self, value: Any, path: str) -> Any:
        """Return a value of any shape; even inside it no key may stand twice."""
        waiting = [(value, path)]
        while waiting:
            each, at = waiting.pop()
            if isinstance(each, dict):
                waiting += [(inner, f"{at}.{key}") for key, inner in self.names(each, at).items()]
            elif isinstance(each, list):
                waiting += [(inner, f"{at}[{i}]") for i, inner in enumerate(each)]
        return value

    def names(self, value: Any, path: str) -> dict[str, Any]:
        """Return an object whose keys are free names."""
        if not isinstance(value, dict):
            self.fault(path, f"must be an object, not {kind(value)}")
            return {}
        if type(value) is Repeated:
            self.fault(path, f"the key {value.key!r} stands twice")
        named: dict[str, Any] = value
        return named

    def list(self, value: Any, path: str) -> list[Any]:
        """Return the list, [] where it is none."""
        if isinstance(value, list):
            return value
        self.fault(path, f"must be a list, not {kind(value)}")
        return []

    def integer(self, value: Any, path: str, least: int = -NUMBER_LIMIT) -> int:
        """Return a whole number within +-2^53, 0 where it is none."""
        if type(value) is int and least <= value <= NUMBER_LIMIT:
            return value
        if type(value) is not int:
            self.fault(path, f"must be a whole number, not {kind(value)}")
        elif least == 0 and value < 0:
            self.fault(path, f"must not be negative ({value})")
        else:
            self.fault(path, "must be within +-2^53")
        return 0

    def text(self, value: Any, path: str) -> str:
        """Return a non-empty string, "" where it is none."""
        if isinstance(value, str) and value:
            return value
        self.fault(path, "must not be empty" if value == "" else f"must be a text, not {kind(value)}")
        return ""

    def boolean(self, value: Any, path: str) -> bool:
        """Return true or false."""
        if isinstance(value, bool):
            return value
        self.fault(path, f"must be true or false, not {kind(value)}")
        return False


def kind(value: Any) -> str:
    """Name a JSON value in a sentence."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"the number {value!r}"
    if isinstance(value, int):
        return f"the number {value}" if abs(value) < 10**20 else "a very large number"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "a list" if isinstance(value, list) else "an object"
