"""The lock files: every package with hashes, no address inside, the two agree, what builds the project is in them."""

from __future__ import annotations

import ast
import re
import sys

from tests.house.source import ROOT, imported

LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(name: str) -> dict[str, str]:
    """Return package and markers with the version that a lock file pins."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)([^\\\n]*)", text, flags=re.MULTILINE)
    return {package + markers.strip(): version for package, version, markers in found}


def test_locks_carry_no_address() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert pins(name)
        assert "://" not in text, name
        assert not re.search(
            r"^(-i|--index-url|--extra-index-url|--find-links)\b", text, flags=re.MULTILINE
        ), name


def test_every_pin_has_a_hash() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.partition("\n")[2])
        pinned = [entry for entry in entries if "==" in entry.partition("\n")[0]]
        assert len(pinned) >= len(pins(name)) > 0
        assert all("--hash=sha256:" in entry for entry in pinned), name


def test_development_lock_holds_the_same_versions() -> None:
    runtime = {re.split(r"[ ;]", key)[0] for key in pins(LOCKS[0])}
    for lock in LOCKS:
        assert {re.split(r"[ ;]", key)[0] for key in pins(lock)} >= runtime
    differing = {
        key: (version, pins(LOCKS[1])[key])
        for key, version in pins(LOCKS[0]).items()
        if key in pins(LOCKS[1]) and pins(LOCKS[1])[key] != version
    }
    assert not differing


def test_what_builds_the_project_is_pinned() -> None:
    for name in LOCKS:
        assert any(key.startswith("setuptools") for key in pins(name)), name


def test_dev_needs_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    names = {name.split(".")[0] for node in ast.walk(tree) for name in imported(node)}
    assert names
    assert names <= sys.stdlib_module_names


def test_registry_addresses_are_not_committed_by_accident() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"uv.lock", "pylock.toml"} <= set(ignored)
