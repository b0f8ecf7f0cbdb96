"""What is installed is whole: every folder is a package, every file beside the code goes along, third-party files are known."""

from __future__ import annotations

import hashlib
import tomllib

from app.web.assets import list_assets
from tests.house.source import ROOT

FOLDERS = ("app", "solver", "migrations")
THIRD_PARTY = {
    "vendor/htmx.js": "491955cd1810747d7d7b9ccb936400afb760e06d25d53e4572b64b6563b2784e",
    "vendor/leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "vendor/leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
}
"""SHA-256 of what browsers get from others' packages; a new version is read before its hash is changed here."""


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    assert folders
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_file_beside_the_code_is_installed_with_it() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["*"]
    files = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    ]
    assert files
    left_out = [str(path) for path in files if not any(path.match(pattern) for pattern in patterns)]
    assert not left_out, f"add their suffix to package-data: {left_out}"


def test_third_party_files_are_those_that_were_read() -> None:
    served = {name: path for name, path in list_assets().items() if name.startswith("vendor/")}
    assert {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in served.items()
    } == THIRD_PARTY
