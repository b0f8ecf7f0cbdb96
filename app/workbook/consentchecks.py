"""Who may have given a consent: the person, or a guardian in office on that day; the rule is that of the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from app.consents.rules import Flaw, find_flaw
from app.policies.queries import get_policy
from app.workbook.crossrules import Rows
from app.workbook.faults import Problem
from app.workbook.lines import Findings, Tabs
from app.workbook.sheet import Row

Span = tuple[date, date | None]


def check_consents(tabs: Tabs, rows: Rows, findings: Findings, *, skip_faulty: bool) -> None:
    """Note every new or changed consent of somebody who may not give it, once it is known who is who.

    One that is in the record already is left as it is: no reader counts it, and a workbook that was exported has to
    come in again.
    """
    if "consents" not in tabs:
        return
    tab, record = tabs["consents"], rows.record

    def name(code: Any) -> Any:
        return record.codes.resolve(("people",), code) or code if code else code

    faulty = {
        (name(line.values.get("child")), name(line.values.get("guardian")))
        for line in (tabs["guardianships"].lines if "guardianships" in tabs else ())
        if line.is_faulty
    }
    guardians = _list_guardians(rows, name, faulty)
    # Mended, the guardianship may be what the consent lacks: one fault is named, not two.
    doubtful = set() if skip_faulty else {child for child, _ in faulty}
    for line in tab.lines:
        row = line.values
        person, giver, given_on = name(row.get("person")), name(row.get("given_by")), row.get("given_on")
        born_on = _find(rows, row.get("person"), name).get("born_on")
        stored = record.find("consents", row.get("code")) or {}
        is_known = (stored.get("person"), stored.get("given_by"), stored.get("given_on")) == (
            person,
            giver,
            given_on,
        )
        if line.is_faulty or line.waits or is_known or person in doubtful:
            continue
        if not (person and giver and given_on and born_on):
            continue
        years = int(get_policy(record.session, "guardian_consent_under_years", given_on))
        spans = guardians[person, giver]
        is_guardian = any(first <= given_on and (last is None or given_on <= last) for first, last in spans)
        flaw = find_flaw(born_on, given_on, years, is_own=person == giver, is_guardian=is_guardian)
        if flaw is not None:
            data = {"giver": row["given_by"], "date": given_on}
            data |= {"years": years} if flaw is Flaw.not_a_guardian else {}
            findings.add(tab, line, Problem(flaw.value, "given_by", data))


def _list_guardians(
    rows: Rows, name: Callable[[Any], Any], faulty: set[tuple[Any, Any]]
) -> defaultdict[tuple[Any, Any], list[Span]]:
    found: defaultdict[tuple[Any, Any], list[Span]] = defaultdict(list)
    for row in rows.list_all("guardianships"):
        pair, first = (name(row.get("child")), name(row.get("guardian"))), row.get("valid_from")
        if first is not None and pair not in faulty:
            found[pair].append((first, row.get("valid_to")))
    return found


def _find(rows: Rows, code: Any, name: Callable[[Any], Any]) -> Row:
    """Return the person's row: of the file, else of the record under the code that the record has."""
    return rows.get("people", code) or rows.get("people", name(code))
