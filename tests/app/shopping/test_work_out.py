"""The list is true: what it promises happens when the room is there, and working it out changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.db import Database
from app.models import Placement, Slot, SlotCapacity, SlotTemplate, SlotTemplateCapacity
from app.models.enums import CapacityKind
from app.planning.child import GRACE_SECONDS, Limits, ask
from app.planning.errors import NoPlan
from app.shopping.commands import read_kept, work_out
from app.shopping.errors import NothingUnmet
from tests.app.planning.town import add_elder, add_need, list_live, make_town, night
from tests.factories.providers import make_class, make_week


def _quiet(_step: str, _share: float) -> None:
    pass


def test_list_names_the_class_and_the_need_that_one_more_place_serves(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        town = make_town(session, places=1)
        for _ in range(3):
            add_need(session, town, add_elder(session, town))
        # A class on one day only: by itself it serves nobody who asks for three.
        monday = make_class(session, town.service)
        make_week(session, monday, weekdays=[0], capacities={CapacityKind.places: 5})
        code, class_id = town.care_class.code, town.care_class.id
    night(database, tmp_path)
    before = list_live(database)
    assert len(before) == 1
    made = work_out(database, tmp_path, 1, _quiet)
    assert [each.class_code for each in made.bought] == [code]
    assert made.bought[0].weekdays == 0b10101
    assert made.bought[0].amounts == {CapacityKind.places: 1}
    assert (made.unmet, made.served, made.is_proven) == (2, 1, True)
    assert list_live(database) == before
    assert read_kept(tmp_path) == made

    def add_room(session) -> None:
        cells = select(SlotTemplate.id).where(SlotTemplate.class_id == class_id)
        dates = select(Slot.id).where(Slot.class_id == class_id)
        for table, rows in (
            (SlotTemplateCapacity, SlotTemplateCapacity.template_id.in_(cells)),
            (SlotCapacity, SlotCapacity.slot_id.in_(dates)),
        ):
            session.execute(update(table).where(rows).values(capacity=table.capacity + 1))

    database.write(add_room)
    night(database, tmp_path)
    assert {row[0] for row in list_live(database)} == {row[0] for row in before} | set(
        made.bought[0].need_ids
    )


def test_two_increments_are_chosen_together(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=0)
        second = make_class(session, town.service)
        make_week(session, second, capacities={CapacityKind.places: 0})
        for _ in range(2):
            add_need(session, town, add_elder(session, town))
    night(database, tmp_path)
    made = work_out(database, tmp_path, 2, _quiet)
    assert len(made.bought) == 2
    assert made.served == 2


def test_nothing_unmet_is_said(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        town = make_town(session, places=5)
        add_need(session, town)
    night(database, tmp_path)
    with pytest.raises(NothingUnmet):
        work_out(database, tmp_path, 3, _quiet)
    assert read_kept(tmp_path) is None
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Placement)) == 1


def test_a_broken_file_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "shopping-list.json").write_text('{"bought": 3}', encoding="utf-8")
    assert read_kept(tmp_path) is None


def test_a_child_that_hangs_or_breaks_off_is_said_in_the_words_of_the_night(tmp_path: Path) -> None:
    def run(text: str, seconds: float = 1.0, memory_mib: int = 2048) -> str:
        limits = Limits(seconds - GRACE_SECONDS, memory_mib, (sys.executable, "-c", text))
        with pytest.raises(NoPlan) as caught:
            ask(["shopping"], tmp_path / "answer.json", limits, solves=1)
        return str(caught.value.data["reason"])

    assert run("import time; time.sleep(60)") == "deadline"
    assert run("import sys; print('[0].adds: wrong', file=sys.stderr); sys.exit(2)", 20) == "problem_refused"
    assert run("print('no json')", 20) == "rubbish"
    grow = "import time; kept = bytearray(120_000_000); kept[:] = b'x' * len(kept); time.sleep(60)"
    assert run(grow, 20, memory_mib=40) == "out_of_memory"
