"""What a round's draw would look like now, without telling anybody and without saying anything about the true one.

Until the public number is known, a trial seed stands in for it: the sealed secret is never used, so that nobody who
may still choose between public numbers can see what each of them would do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Need, Round
from app.models.enums import RoundState
from app.priority.rules import draw_number
from app.rounds.listing import Entry, Outcome, make_rows
from app.rounds.queries import get_order, load_classes, of_round

DRAWN = frozenset({RoundState.drawn, RoundState.published})


@dataclass(frozen=True)
class Preview:
    """Rows (need, band, draw) in order, and how many are in each band; a trial until the round is drawn."""

    is_trial: bool
    bands: dict[str, int]
    rows: list[tuple[str, str, int]]


def preview(session: Session, row: Round, today: date) -> Preview:
    """Return the order of the round's needs as it would be, or is."""
    is_trial = row.state not in DRAWN
    classes = load_classes(session, row.id, today, get_order(row))
    drawn = {
        each.code: each.draw_number
        for each in session.execute(select(Need.code, Need.draw_number).where(of_round(row.id)))
    }
    entries = []
    for code, class_ in classes.items():
        kept = None if is_trial else drawn.get(code)
        number = draw_number(f"trial:{row.code}", code) if kept is None else kept
        entries.append(Entry(code, number, class_, Outcome.waiting))
    rows = [(each["need"], each["band"], each["draw"]) for each in make_rows(entries)]
    return Preview(is_trial, dict(Counter(band for _, band, _ in rows)), rows)
