"""What `carematch place`, `pin` and `unpin` do: codes to ids, the command, one line printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.actor import system_actor
from app.clock import now
from app.context import open_context
from app.db import WriteSession
from app.errors import DomainError
from app.models import CareClass, Need, Placement
from app.models.enums import WishPart
from app.placements.byhand import Order, place
from app.placements.commands import pin, unpin
from app.placements.queries import get_placement_by_code


class NoSuchCode(DomainError):
    """A code that no row has; data: `what`, `given`."""

    status = 404
    code = "not_found"
    zh = "没有编号为 {given} 的{what_zh}。"
    en = "There is no {what_en} with the code {given}."


class BadPattern(DomainError):
    """Weekdays or part that cannot be read; data: `given`."""

    status = 422
    code = "malformed"
    zh = "看不懂“{given}”：星期写作 1,3,5（1=周一），时段如 full_day、morning、wave_1700。"
    en = "'{given}' cannot be read: weekdays are 1,3,5 (1 = Monday), parts full_day, morning, wave_1700 ..."


@dataclass(frozen=True)
class ByHand:
    """The options of `carematch place`."""

    need: str
    care_class: str
    days: str
    part: str
    reason: str
    yes_by: str
    starts_on: date | None
    overrides: bool


def run_place(given: ByHand) -> None:
    """Place a need by hand and print the placement."""

    def work(session: WriteSession) -> Placement:
        need_id = session.scalar(select(Need.id).where(Need.code == given.need))
        class_id = session.scalar(select(CareClass.id).where(CareClass.code == given.care_class))
        if need_id is None:
            raise NoSuchCode(what_zh="需求", what_en="need", given=given.need)
        if class_id is None:
            raise NoSuchCode(what_zh="班级", what_en="class", given=given.care_class)
        order = Order(
            need_id=need_id,
            class_id=class_id,
            weekdays=parse_days(given.days),
            part=parse_part(given.part),
            reason=given.reason,
            said_yes_by=given.yes_by,
            starts_on=given.starts_on,
            overrides=given.overrides,
        )
        return place(session, system_actor(), order, now())

    row = open_context().database.write(work)
    print(f"{row.code}  {row.state.value}  {row.starts_on}")


def run_pin(code: str, reason: str, *, is_pinned: bool) -> None:
    """Pin or unpin a placement and print it."""

    def work(session: WriteSession) -> Placement:
        row = get_placement_by_code(session, code)
        act = pin if is_pinned else unpin
        return act(session, system_actor(), row.id, reason)

    row = open_context().database.write(work)
    print(f"{row.code}  {row.state.value}  {'固定 pinned' if row.is_pinned else '未固定 not pinned'}")


def parse_days(text: str) -> int:
    """Return the seven bits of `1,3,5` (1 = Monday); raise `BadPattern`."""
    words = [word.strip() for word in text.replace("，", ",").split(",")]
    if not words or not all(len(word) == 1 and word in "1234567" for word in words):
        raise BadPattern(given=text)
    return sum(1 << (int(word) - 1) for word in set(words))


def parse_part(text: str) -> WishPart:
    """Return a part of the day; raise `BadPattern`."""
    if text not in set(WishPart):
        raise BadPattern(given=text)
    return WishPart(text)
