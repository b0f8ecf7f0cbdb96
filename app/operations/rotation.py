"""`carematch key rotate`: another field key, also while the service runs; killed anywhere, it goes on when run again.

Where it stands, the key file says. 1. `next`: every process learns the new key before anything is sealed under it.
2. The new key is in use, `old` opens. 3. The audit chain goes on under the new key. 4. Every value is sealed anew, and
its blind indexes with it, a batch a transaction. 5. Nobody writes for a moment, none is left, the old key goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Table, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import keyfile, sealed
from app.actor import Actor
from app.audit.commands import change_key
from app.context import Context
from app.db import Base, Database, WriteSession
from app.keyring import Keyring
from app.operations.errors import KeyDoesNotFit, KeyElsewhere, KeyInUse
from app.sealed import HasSealedFields, SealBroken, Sealed, keyring, list_sealed

AT_ONCE: Final = 500
"""Rows in one transaction: a desk that wants to write waits for these at most."""
GRACE_SECONDS: Final = 3 * keyfile.LOOK_EVERY_SECONDS
"""By then every process has looked at the key file."""
_ATTEMPTS: Final = 3
_NAMED: Final = 5
"""So many records that could not be sealed anew are named."""

Tell = Callable[[str, int], None]
"""Gets each step and how many rows it has done."""


@dataclass
class Rotated:
    """What a rotation did."""

    key_id: str
    rows: int = 0
    is_resumed: bool = False
    put_aside: str = ""
    """Where the keyring before lies; backups made with it need it."""


@dataclass
class _Batch:
    last_id: int | None
    done: int = 0
    failed: list[str] = field(default_factory=list)


def rotate(
    context: Context,
    actor: Actor,
    tell: Tell = lambda _step, _rows: None,
    *,
    grace_seconds: float = GRACE_SECONDS,
) -> Rotated:
    """Change the field key, or finish a change that was cut short.

    Raises `KeyInUse` where values open under no key or stand twice, `KeyElsewhere` where the key is the environment's.
    """
    ring = keyring()
    made = Rotated("", is_resumed=bool(ring.next_id or ring.old_ids))
    if made.is_resumed:
        time.sleep(grace_seconds)  # the step before may have been a moment ago
    else:
        if context.settings.field_key is None:
            made.put_aside = str(keyfile.put_aside(context.settings.data))
        ring = _put(context, ring.announce(), tell, "announced", grace_seconds)
    if ring.next_id:
        ring = _put(context, ring.change_over(), tell, "changed_over", grace_seconds)
    context.database.write(lambda session: change_key(session, actor.label))
    tell("audit_chain", 0)
    made.key_id = ring.key_id
    for _ in range(_ATTEMPTS):
        made.rows += _seal_all(context.database, tell)
        # Whoever sealed under the old key has committed it before this begins, and nobody writes until it ends. An
        # import that sealed before it took the lock finds the chain changed since, and seals anew.
        with context.database.exclusively() as session:
            left = sum(count_stale(session).values())
            if not left:
                _put(context, ring.forget_old(), tell, "forgotten", 0)
                return made
    raise KeyInUse(count=left, places="?")


def list_models() -> list[type[HasSealedFields]]:
    """Return every table that holds sealed values."""
    found = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, HasSealedFields)]
    return sorted(found, key=lambda model: str(model.__name__))


def count_stale(session: Session) -> dict[str, int]:
    """Return by table how many rows hold a value that is not sealed under the key in use."""
    return {_table(model).name: _count(session, model) for model in list_models()}


def check_key_fits(session: Session) -> None:
    """Raise `KeyDoesNotFit` where the record was sealed under a key that is not here, before anything is sealed anew.

    A data folder that lost its key, or a second machine with a folder of its own, would go on with a fresh one.
    """
    for model in list_models():
        for each in list_sealed(model):
            column = _table(model).c[each.column]
            box = session.scalar(select(column).where(column.is_not(None)).limit(1))
            if box is not None and not keyring().knows(bytes(box)):
                raise KeyDoesNotFit(key=keyring().key_id, place=str(column))


def _put(context: Context, ring: Keyring, tell: Tell, step: str, wait_seconds: float) -> Keyring:
    if context.settings.field_key is not None:
        path = context.settings.data / "keys" / "field-key-for-the-environment.txt"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(ring.write().replace(b"\n", b","))
        raise KeyElsewhere(file=str(path))
    keyfile.replace(context.settings.data, ring)
    sealed.install_from(context.settings.data)
    tell(step, 0)
    time.sleep(wait_seconds)
    return ring


def _seal_all(database: Database, tell: Tell) -> int:
    """Seal every row anew that needs it; raises `KeyInUse` with those that could not be, after all others are done."""
    done, failed = 0, []
    for model in list_models():
        for batch in _seal_table(database, model):
            done += batch.done
            failed += batch.failed
            tell(_table(model).name, done)
    if failed:
        raise KeyInUse(count=len(failed), places=", ".join(failed[:_NAMED]))
    return done


def _seal_table(database: Database, model: type[HasSealedFields]) -> Iterator[_Batch]:
    after = 0
    while True:
        batch = database.write(lambda session, after=after: _seal_batch(session, model, after))  # type: ignore[misc]
        if batch.last_id is None:
            return
        after = batch.last_id
        yield batch


def _seal_batch(session: WriteSession, model: type[HasSealedFields], after: int) -> _Batch:
    table, fields = _table(model), list_sealed(model)
    (number,) = table.primary_key
    rows = session.execute(
        select(number.label("number"), table.c.row_key, *(table.c[each.column] for each in fields))
        .where(number > after, _is_stale(table, fields))
        .order_by(number)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    batch = _Batch(rows[-1].number if rows else None)
    for row in rows:
        try:
            values = _seal_row(table, fields, row)
            with session.begin_nested():
                session.execute(update(table).where(number == row.number).values(values))
            batch.done += 1
        except (SealBroken, IntegrityError):
            batch.failed.append(f"{table.name}:{row.number}")
    return batch


def _seal_row(table: Table, fields: list[Sealed], row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for each in fields:
        box = getattr(row, each.column)
        place = f"{table.name}.{each.column}:{row.row_key}"
        if box is not None:
            values |= each.columns(place, keyring().open(bytes(box), place))
    return values


def _count(session: Session, model: type[HasSealedFields]) -> int:
    table = _table(model)
    query = select(func.count()).select_from(table).where(_is_stale(table, list_sealed(model)))
    return session.scalar(query) or 0


def _is_stale(table: Table, fields: list[Sealed]) -> ColumnElement[bool]:
    prefix = keyring().prefix
    current = literal(prefix, LargeBinary)
    return or_(
        *(func.substr(table.c[each.column], 1, len(prefix), type_=LargeBinary) != current for each in fields)
    )


def _table(model: type[HasSealedFields]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
