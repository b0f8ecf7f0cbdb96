"""The files a page loads: our own and those that wheels bring; addresses carry each file's hash.

Nothing is loaded from another host; `tests/house` holds the hash of each third-party file.
"""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from app.errors import NotFound

router = APIRouter(include_in_schema=False)

OWN = Path(__file__).parent / "static"


def _package_folder(module: str) -> Path:
    # find_spec runs no code of the package: the htmx wheel imports Django in another module of its own.
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"the package {module} is not installed; run python3 dev.py setup")
    return Path(spec.submodule_search_locations[0])


@cache
def list_assets() -> dict[str, Path]:
    """Return every file that may be served, by its public name."""
    htmx = _package_folder("js_lib_htmx") / "static" / "htmx"
    leaflet = _package_folder("xstatic.pkg.leaflet") / "data"
    third_party = {
        "vendor/htmx.js": htmx / "htmx.min.js",
        "vendor/leaflet.js": leaflet / "leaflet.js",
        "vendor/leaflet.css": leaflet / "leaflet.css",
    }
    own = {str(path.relative_to(OWN)): path for path in sorted(OWN.rglob("*")) if path.is_file()}
    return own | third_party


@cache
def get_hash(name: str) -> str:
    """Return the first 12 hex digits of a file's SHA-256; KeyError for an unknown name."""
    return hashlib.sha256(list_assets()[name].read_bytes()).hexdigest()[:12]


def asset_url(name: str) -> str:
    """Return the address of a file; it changes whenever the file does."""
    return f"/assets/{get_hash(name)}/{name}"


@router.get("/assets/{digest}/{name:path}")
def get_asset(digest: str, name: str) -> Response:
    """Serve one file; a browser may keep it for a year, since its address names its content."""
    if name not in list_assets() or digest != get_hash(name):
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(
        list_assets()[name], media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@router.get("/coordinator/worker.js")
def get_worker() -> Response:
    """Serve the worker that opens a kept roll while the server is away; it may see the coordinator's pages only."""
    headers = {"Service-Worker-Allowed": "/coordinator", "Cache-Control": "no-cache"}
    return FileResponse(OWN / "worker.js", media_type="text/javascript", headers=headers)
