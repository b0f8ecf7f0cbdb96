"""The one way an unsafe route changes the record: `Once` does the work in a transaction and keeps the reply.

    @router.post("/bookings", status_code=201, response_model=BookingOut)
    def post_booking(body: BookingIn, once: Once) -> Response:
        return once.reply(lambda session: show(book(session, ...)), status=201)

The work is committed before the reply is sent, retried on deadlocks, and done once per `Idempotency-Key`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from app.auth import CurrentActor, CurrentDatabase
from app.db import Database, ReadSession, WriteSession
from app.errors import DomainError
from app.idempotency.commands import Kept, Key, do_once, find_kept, keep_refusal
from app.idempotency.errors import IdempotencyKeyMalformed
from app.idempotency.rules import hash_request, is_key
from app.problems import MEDIA_TYPE, find_language, reply

T = TypeVar("T")


class OnceRunner:
    """Runs one request's work; made by `Once`."""

    def __init__(self, database: Database, key: Key | None, language: str) -> None:
        self._database = database
        self._key = key
        self._language = language

    def reply(self, work: Callable[[WriteSession], BaseModel | None], *, status: int = 200) -> Response:
        """Return the reply of the work; without a model the status is 204.

        `work` must be repeatable: it runs again, in a fresh session, after a deadlock. It reads what its reply
        shows before it returns.
        """

        def keep(session: WriteSession) -> Kept:
            shown = work(session)
            if shown is None:
                return Kept(204, b"")
            return Kept(status, shown.model_dump_json().encode())

        return self._send(do_once(self._database, self._key, keep, self._refuse))

    def reply_prepared(
        self,
        prepare: Callable[[ReadSession], T],
        work: Callable[[WriteSession, T], BaseModel | None],
        *,
        status: int = 200,
    ) -> Response:
        """Return the reply of work that was prepared in a read session, so that the write transaction stays short.

        What `prepare` refuses is kept under the key like any other refusal. `work` checks again, under its locks,
        whatever may have changed since.
        """
        refusal: DomainError | None = None
        with self._database.reading() as session:
            kept = None if self._key is None else find_kept(session, self._key)
            if kept is None:
                try:
                    prepared = prepare(session)
                except DomainError as error:
                    if self._key is None or error.status >= 500:
                        raise
                    refusal = error
        if kept is None and refusal is not None and self._key is not None:
            kept = keep_refusal(self._database, self._key, self._refuse(refusal))
        if kept is not None:
            return self._send(kept)
        return self.reply(lambda writing: work(writing, prepared), status=status)

    def _send(self, kept: Kept) -> Response:
        media_type = MEDIA_TYPE if kept.status >= 400 else "application/json"
        headers = {"Idempotent-Replayed": "true"} if kept.is_replay else {}
        if kept.status == 204:
            return Response(status_code=204, headers=headers)
        return Response(kept.body, kept.status, headers, media_type)

    def _refuse(self, error: DomainError) -> Kept:
        return Kept(error.status, bytes(reply(error, self._language).body))


async def get_once(
    request: Request,
    database: CurrentDatabase,
    actor: CurrentActor,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A key of the client's own per request: sent again, it gets the same reply and no second effect.",
            examples=["5f0c6f1e-6f6d-4d7e-9f53-b1f9e7a1c0aa"],
        ),
    ] = None,
) -> OnceRunner:
    """Return what does this request's work once."""
    language = find_language(request)
    if idempotency_key is None or actor.user_id is None:
        return OnceRunner(database, None, language)
    if not is_key(idempotency_key):
        raise IdempotencyKeyMalformed
    asked = hash_request(request.method, request.url.path, request.url.query, await request.body())
    return OnceRunner(database, Key(actor.user_id, idempotency_key, asked), language)


Once = Annotated[OnceRunner, Depends(get_once)]
"""Does the work of an unsafe route for a signed-in actor, once per Idempotency-Key."""
