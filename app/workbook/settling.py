"""What a list may not do to registered people: move them, change their roles, or say twice what is known."""

from __future__ import annotations

from app.models.enums import NeedState
from app.workbook.lines import Tabs
from app.workbook.stores.record import Record


def settle_lists(tabs: Tabs, record: Record) -> None:
    """Leave a registered person's household and roles, and drop proofs and wishes that the record has already."""
    people = tabs.get("people")
    if people is None or people.clears:
        return
    for line in people.lines:
        known = record.codes.resolve(("people",), line.values["code"])
        if known is not None:
            line.values["household"] = record.stored("people")[known].values["household"]
            line.values.pop("roles", None)
    lived_in = {line.values["household"] for line in people.lines if not line.waits and not line.is_faulty}
    homes = tabs["households"]
    homes.lines = [line for line in homes.lines if line.is_faulty or line.values["code"] in lived_in]
    _drop_known(tabs, record, "evidence", ("person", "kind", "value"))
    _drop_known(tabs, record, "needs", ("person", "kind"))


def _drop_known(tabs: Tabs, record: Record, key: str, same: tuple[str, ...]) -> None:
    """Drop lines that repeat a row which the record has under another code."""
    tab = tabs[key]
    codes = record.codes
    known: dict[tuple[object, ...], set[str]] = {}
    for code, stored in record.stored(key).items():
        if stored.values.get("state") not in (NeedState.withdrawn, NeedState.ended):
            known.setdefault(tuple(stored.values.get(k) for k in same), set()).add(code)

    def is_known(values: dict[str, object]) -> bool:
        person = codes.resolve(("people",), str(values["person"]))
        others = known.get((person, *(values.get(k) for k in same[1:])), set())
        return bool(others) and values["code"] not in others

    tab.lines = [line for line in tab.lines if line.is_faulty or not is_known(line.values)]
