"""Coverage and gaps: who is out of reach of what, what stays unmet where and what would fix it, where a lift helps."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from app.auth import AREA_READERS, CurrentActor, Reading, require
from app.clock import today
from app.db import ReadSession
from app.language.catalogue import say
from app.language.days import say_weekdays
from app.language.labels import N_, label
from app.language.reasons import title
from app.models import Plan
from app.models.enums import Reason
from app.planning.queries import find_current_plan
from app.reports.changes import Cell, load_cells, load_service_names
from app.reports.coverage import FOR_ELDERS, CoveredCompound, measure_coverage
from app.reports.gaps import Gap, list_gaps
from app.reports.lifts import list_lift_cases
from app.reports.queries import SMALLEST_SHOWN
from app.web.templating import get_language, render

router = APIRouter(include_in_schema=False, dependencies=[require(*AREA_READERS)])

FULL_AT = N_(
    "More room at {service}: most often {day} {part}, {kind} (first option of {count} of these needs)"
)
NEAREST = N_("A site nearer by: the nearest is {site}, {metres} m away")
NO_SITE = N_("A site nearer by: none within 3,000 m")
CONSENT = N_("Ask for the missing consents: {count} needs")
ASSESS = N_("Arrange care assessments: {count} needs")
LIFT = N_("A lift, or care at home: {count} needs cannot get down the stairs")
LOOK = N_("Look at them one by one: {reason}")
ASKS_CONSENT = (Reason.consent_missing, Reason.guardian_consent_missing)
ASKS_GRADE = (Reason.care_grade_missing, Reason.care_grade_expired)


@router.get("/coverage")
def show_coverage(request: Request, actor: CurrentActor, session: Reading) -> Response:
    """Show who is out of reach, what is unmet and why, and where a lift would help."""
    language = get_language(request)
    coverage = measure_coverage(session, today())
    plan = find_current_plan(session)
    values: dict[str, Any] = {
        "coverage": coverage,
        "for_elders": FOR_ELDERS,
        "plan": plan,
        "smallest": SMALLEST_SHOWN,
    }
    if plan is not None:
        compounds = {one.area_id: one for one in coverage.compounds}
        values |= _load_gaps(session, plan, compounds, language)
        values["lifts"] = list_lift_cases(session, actor, plan, today())
    return render(request, "manager/coverage.html", actor=actor, **values)


def _load_gaps(
    session: ReadSession, plan: Plan, compounds: dict[int, CoveredCompound], language: str
) -> dict[str, Any]:
    gaps = list_gaps(session, plan)
    fullest = [gap.fullest for gap in gaps.listed if gap.fullest is not None]
    cells = load_cells(session, {resource for _, resource in fullest})
    names = load_service_names(session, {service for service, _ in fullest})
    return {
        "gaps": [
            {
                "compound": compounds[gap.compound_id],
                "kind": gap.kind,
                "count": gap.count,
                "reason": title(gap.reasons.most_common(1)[0][0], language),
                "fixes": list_fixes(gap, compounds[gap.compound_id], cells, names, language),
            }
            for gap in gaps.listed
            if gap.compound_id in compounds
        ],
        "small": gaps.small,
        "unmet": gaps.needs,
    }


def list_fixes(
    gap: Gap,
    compound: CoveredCompound,
    cells: dict[str, Cell],
    names: dict[str, tuple[str, str]],
    language: str,
) -> list[str]:
    """Return what would serve the most of these needs, in sentences; counts under five are never told."""
    found: list[tuple[int, str]] = []
    near = compound.nearest.get(gap.kind)
    far = gap.reasons[Reason.too_far]
    if near is not None and (far or not near.is_reached):
        site = near.site_zh if language == "zh" else near.site_en
        text = NO_SITE if near.metres is None else NEAREST
        found.append((far, say(text, language, {"site": site, "metres": f"{near.metres or 0:,}"})))
    full = gap.fullest
    if full is not None and full[1] in cells and full[0] in names:
        found.append((gap.reasons[Reason.full], _say_full(gap, full, cells[full[1]], names, language)))
    for text, reasons in ((CONSENT, ASKS_CONSENT), (ASSESS, ASKS_GRADE), (LIFT, (Reason.no_way_down,))):
        count = sum(gap.reasons[reason] for reason in reasons)
        if count:
            found.append((count, say(text, language, {"count": _hide(count)})))
    main, count = gap.reasons.most_common(1)[0]
    if main not in (Reason.full, Reason.too_far, Reason.no_way_down, *ASKS_CONSENT, *ASKS_GRADE):
        found.append((count, say(LOOK, language, {"reason": title(main, language)})))
    return [text for _, text in sorted(found, key=lambda row: -row[0])[:3]]


def _say_full(
    gap: Gap, full: tuple[str, str], cell: Cell, names: dict[str, tuple[str, str]], language: str
) -> str:
    figures = {
        "service": names[full[0]][0 if language == "zh" else 1],
        "day": say_weekdays(1 << cell.weekday, language),
        "part": label(cell.part, language),
        "kind": label(cell.kind, language),
        "count": _hide(gap.full_at[full]),
    }
    return say(FULL_AT, language, figures)


def _hide(count: int) -> str:
    return str(count) if count >= SMALLEST_SHOWN else f"<{SMALLEST_SHOWN}"
