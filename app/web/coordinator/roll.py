"""Puts together one site's roll: every child under the wave in which it leaves, siblings beside each other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.actor import Actor
from app.attendance.children import Child, Pickup, load_children
from app.attendance.queries import list_open_alarms
from app.attendance.rules import Stay, is_open
from app.attendance.stamps import stamp_day
from app.clock import to_local
from app.db import ReadSession
from app.language.catalogue import say
from app.language.labels import WITHHELD, label
from app.models import Alarm, CareClass, Need, NeedGroup, Service, Site
from app.models.enums import AlarmState, ExceptionKind, Part, RollMark
from app.scope import check_runs_site
from app.web.coordinator.board import count_unclaimed, say_day, show_alarms, show_ratio
from app.web.coordinator.day import Day, load_day

KEPT_FOR = timedelta(hours=4)


def load_roll(
    session: ReadSession, actor: Actor, site_id: int, on: date, now: datetime, language: str
) -> dict[str, Any]:
    """Return everything that `coordinator/roll.html` names. Raises `NotFound`, `NotAllowed`."""
    check_runs_site(session, actor, site_id)
    local = to_local(now)
    day = load_day(session, actor, on, local, site_id=site_id)
    site = session.get_one(Site, site_id)
    children = load_children(session, {stay.person_id for stay in day.stays}, on)
    closed_alarms = _load_alarms(session, {stay.slot_id for stay in day.stays})
    rows = _Rows(session, day, children, closed_alarms, language)
    shown = show_alarms(session, list_open_alarms(session, actor), local, language)
    return {
        **say_day(day, day.services, language),
        "on": on,
        "is_today": day.is_today,
        "may_tick": is_open(on, local.date()),
        "keep_seconds": count_keep_seconds(on, local),
        "before": (on - timedelta(days=1)).isoformat(),
        "after": (on + timedelta(days=1)).isoformat(),
        "site_id": site_id,
        "site_name": site.name_zh if language == "zh" else site.name_en or site.name_zh,
        "stamp": stamp_day(session, [row.id for row in day.services], on),
        "counts": day.count(day.stays),
        "unclaimed": count_unclaimed(day, day.stays),
        "services": [rows.show_service(row) for row in day.services if day.list_parts(row)],
        "alarms": [row for row in shown if row["site_id"] == site_id],
        "children": children,
    }


def count_keep_seconds(on: date, now: datetime) -> int:
    """Return how long a tablet may keep the roll for a server that is away: today's, some hours, never past midnight.

    The roll tells of health and custody what whoever holds the children must know; more time than an afternoon needs
    would only leave it lying about.
    """
    if on != now.date():
        return 0
    midnight = datetime.combine(on + timedelta(days=1), time(), now.tzinfo)
    return min(int(KEPT_FOR.total_seconds()), int((midnight - now).total_seconds()))


def _load_alarms(session: ReadSession, slot_ids: set[int]) -> dict[tuple[int, int], Alarm]:
    rows = session.scalars(
        select(Alarm)
        .where(Alarm.slot_id.in_(slot_ids), Alarm.person_id.is_not(None), Alarm.state == AlarmState.closed)
        .order_by(Alarm.id)
    )
    return {(row.slot_id, row.person_id): row for row in rows if row.person_id is not None}


class _Rows:
    """Shows the children of one site; families are looked up once."""

    def __init__(
        self,
        session: ReadSession,
        day: Day,
        children: Mapping[int, Child],
        alarms: Mapping[tuple[int, int], Alarm],
        language: str,
    ) -> None:
        self._day, self._children, self._alarms, self._language = day, children, alarms, language
        self._classes = {
            row.id: row.name_zh if language == "zh" else row.name_en or row.name_zh
            for row in session.scalars(
                select(CareClass).where(CareClass.id.in_({stay.class_id for stay in day.stays}))
            )
        }
        gates = {stay.gate_site_id for stay in day.stays if stay.gate_site_id is not None}
        self._gates = {
            row.id: row.name_zh if language == "zh" else row.name_en or row.name_zh
            for row in session.scalars(select(Site).where(Site.id.in_(gates)))
        }
        twins = select(Need.person_id).join(NeedGroup, NeedGroup.id == Need.group_id)
        self._together = set(
            session.scalars(twins.where(NeedGroup.all_or_none, Need.person_id.in_(list(children))))
        )
        self._families: dict[int, list[Stay]] = defaultdict(list)
        for stay in day.stays:
            self._families[children[stay.person_id].household_id].append(stay)

    def show_service(self, service: Service) -> dict[str, Any]:
        """Return a service with its waves, each with those who leave in it."""
        stays = [stay for stay in self._day.stays if stay.service_id == service.id]
        return {
            "id": service.id,
            "name": service.name_zh if self._language == "zh" else service.name_en or service.name_zh,
            "waves": [self._show_wave(service, part, stays) for part in self._day.list_parts(service)],
        }

    def _show_wave(self, service: Service, part: Part, stays: Sequence[Stay]) -> dict[str, Any]:
        leaving = sorted(
            (stay for stay in stays if stay.exit_part is part),
            key=lambda stay: (self._children[stay.person_id].pinyin, stay.person_id),
        )
        return {
            "part": part.value,
            "label": label(part, self._language),
            "count": sum(not self._day.is_away(stay) for stay in leaving),
            "ratio": show_ratio(self._day, service, part, self._language),
            "rows": [self._show(stay) for stay in leaving],
        }

    def _show(self, stay: Stay) -> dict[str, Any]:
        child, day = self._children[stay.person_id], self._day
        marked = day.marks.get(stay.key)
        mark = RollMark.cleared if marked is None else marked.mark
        family = [other for other in self._families[child.household_id] if other.key != stay.key]
        # One tap takes siblings along that stand where this one stands: nobody is marked twice.
        near = [
            other for other in family if day.mark_of(other) is day.mark_of(stay) and not day.is_away(other)
        ]
        alarm = self._alarms.get(stay.key)
        handed = None if marked is None else marked.handed_to_id
        return {
            "key": f"{stay.slot_id}-{stay.person_id}",
            "slot_id": stay.slot_id,
            "person_id": stay.person_id,
            "placement_id": stay.placement_id,
            "name": child.name,
            "class": self._classes[stay.class_id],
            "mark": mark.value,
            "mark_text": label(mark, self._language),
            "at": "" if marked is None else f"{to_local(marked.marked_at):%H:%M}",
            "is_away": day.is_away(stay),
            "excused": None if stay.excused is None else label(stay.excused, self._language),
            "why": ""
            if stay.excused in {None, ExceptionKind.absent}
            else label(stay.excused, self._language),
            "frees": stay.frees_place,
            "flags": child.flags,
            "withheld": say(WITHHELD, self._language) if child.is_withheld else "",
            "ticks": _list_ticks([stay]),
            "family_ticks": _list_ticks([stay, *near]) if near else "",
            "pickups": [self._show_pickup(stay, each, near) for each in child.pickups],
            "handed_to": next((each for each in child.pickups if each.id == handed), None),
            "gate": "" if stay.gate_site_id is None else self._gates[stay.gate_site_id],
            "siblings": [self._children[other.person_id].name for other in family],
            "is_twin": stay.person_id in self._together,
            "ends_at": stay.ends_at.isoformat(),
            "is_over": day.is_today and mark is RollMark.present and day.now >= stay.ends_at,
            "outcome": "" if alarm is None or alarm.outcome is None else label(alarm.outcome, self._language),
        }

    def _show_pickup(self, stay: Stay, pickup: Pickup, near: Sequence[Stay]) -> dict[str, Any]:
        """Return who may fetch the child, with the ticks that note it; siblings go along where the adult is theirs too."""
        to = {stay.person_id: pickup.id}
        for other in near:
            same = [one for one in self._children[other.person_id].pickups if one.name == pickup.name]
            if same:
                to[other.person_id] = same[0].id
        everybody = [each for each in (stay, *near) if each.person_id in to]
        return {
            "name": pickup.name,
            "relation": pickup.relation,
            "ticks": _list_ticks([stay], to),
            "family_ticks": _list_ticks(everybody, to) if len(everybody) > 1 else "",
        }


def _list_ticks(stays: Sequence[Stay], to: Mapping[int, int] | None = None) -> str:
    """Return stays as a button carries them: slot, person and, for a hand-over, the authorisation."""
    return json.dumps([[stay.slot_id, stay.person_id, (to or {}).get(stay.person_id)] for stay in stays])
