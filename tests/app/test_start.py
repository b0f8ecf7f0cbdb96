"""A process starts without the libraries that it may never need; they are loaded when somebody asks for them."""

from __future__ import annotations

import json
import subprocess
import sys

PRINTING = {"fpdf", "fontTools", "PIL", "xlsxwriter", "icalendar"}
TELL = """
    print(json.dumps([sorted({name.partition(".")[0] for name in sys.modules}), gc.isenabled(), gc.get_freeze_count()]))
"""
WORKER = f"""
import gc, json, sys
if True:
    from app.main import create_app
    create_app()
    assert "app.web.coordinator.paper_pages" in sys.modules
{TELL}"""
NIGHT = f"""
import gc, json, sys
if True:
    import app.planning.command
{TELL}"""
HELP = f"""
import gc, json, sys
from app.cli import main
sys.argv = ["carematch", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code
{TELL}"""


def run(program, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"DATA": str(tmp_path / "data"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    names, collects, frozen = json.loads(done.stdout.splitlines()[-1])
    return set(names), collects, frozen


def test_a_worker_starts_without_what_prints_and_keeps_the_collector_off_what_stays(tmp_path):
    names, collects, frozen = run(WORKER, tmp_path)
    assert not names & PRINTING
    assert "scipy" in names, "a first question about a walk would wait for it"
    assert collects
    assert frozen > 100_000


def test_help_needs_neither_the_database_nor_the_web(tmp_path):
    names, _, _ = run(HELP, tmp_path)
    assert not names & {"sqlalchemy", "fastapi", "pydantic", "numpy"}


def test_a_night_reads_scipy_only_when_somebody_walks(tmp_path):
    names, _, _ = run(NIGHT, tmp_path)
    assert "sqlalchemy" in names
    assert "scipy" not in names
