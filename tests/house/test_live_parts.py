"""Every part of a page that looks at the server by itself is under the one guard (static/live.js)."""

from __future__ import annotations

import re

from tests.house.source import ROOT

TEMPLATES = sorted((ROOT / "app" / "web" / "templates").rglob("*.html"))
TAG = re.compile(r"<\w+(?:\{\{.*?\}\}|\{%.*?%\}|[^>{]|\{)*>", re.DOTALL)


def test_whatever_polls_is_guarded() -> None:
    tags = [tag for path in TEMPLATES for tag in TAG.findall(path.read_text(encoding="utf-8"))]
    polling = [tag for tag in tags if "every " in tag and "hx-trigger" in tag]
    assert len(polling) >= 4
    assert [tag for tag in polling if " data-live" not in tag or 'id="' not in tag] == []
    assert "live.js" in (ROOT / "app/web/templates/base.html").read_text(encoding="utf-8")
