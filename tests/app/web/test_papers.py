"""The papers of a site's day: roll, sign-out sheet, letters, and all of it as one."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from app.models import ReadLogRow

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.app.attendance.day_town import DayTown
    from tests.support.service import Service


@pytest.mark.parametrize("name", ["roll", "sign-out", "letters"])
def test_papers_come_as_pdf_and_excel(coordinator: TestClient, town: DayTown, name: str) -> None:
    paper = f"/coordinator/sites/{town.site_id}/papers/{name}"
    made = coordinator.get(f"{paper}.pdf")
    assert made.headers["content-type"] == "application/pdf"
    pages = PdfReader(BytesIO(made.content)).pages
    text = re.sub(r"[\s\x00]", "", "".join(page.extract_text() for page in pages))
    assert all(child in text for child in ("安安", "本本", "可可"))
    if name == "letters":
        assert len(pages) == 3
    book = load_workbook(BytesIO(coordinator.get(f"{paper}.xlsx").content))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert "可可" in cells
    assert coordinator.get(f"{paper}.docx").status_code == 422


def test_the_whole_day_comes_as_one_paper_and_everybody_on_it_is_noted(
    coordinator: TestClient, service: Service, town: DayTown
) -> None:
    assert (
        f"/coordinator/sites/{town.site_id}/pack.pdf"
        in coordinator.get(f"/coordinator/sites/{town.site_id}").text
    )
    made = coordinator.get(f"/coordinator/sites/{town.site_id}/pack.pdf")
    assert made.headers["content-type"] == "application/pdf"
    text = re.sub(r"[\s\x00]", "", "".join(p.extract_text() for p in PdfReader(BytesIO(made.content)).pages))
    assert all(child in text for child in ("安安", "本本", "可可"))
    with service.database.reading() as session:
        rows = session.scalars(select(ReadLogRow).where(ReadLogRow.reason == "pack.pdf")).all()
    assert town.cora_id in {row.person_id for row in rows}
    assert len(rows) >= 3
