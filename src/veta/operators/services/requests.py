"""What operators signed, stored in the transaction of what it caused."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import Cursor

_COPY = """
COPY operators_signedrequest (id, operator, key_id, method, target_uri, signature_input, signature, body_digest,
                              frame, received_at) FROM STDIN (FORMAT BINARY)
"""
_KEPT = "SELECT id FROM operators_signedrequest WHERE id = ANY (%s::uuid[])"
_TYPES = ("uuid", "uuid", "text", "text", "text", "text", "bytea", "bytea", "bytea", "timestamptz")


class Signed(Protocol):
    """The signature that a request came under; `frame` is its body with each item replaced by one 0x00 byte."""

    @property
    def request(self) -> UUID: ...
    @property
    def key_id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def target_uri(self) -> str: ...
    @property
    def signature_input(self) -> str: ...
    @property
    def signature(self) -> bytes: ...
    @property
    def body_digest(self) -> bytes: ...
    @property
    def frame(self) -> bytes: ...


class Request(Protocol):
    """An operator's request with its signature; one without (an act of the authority) has nothing to store here."""

    @property
    def operator(self) -> UUID: ...
    @property
    def signed(self) -> Signed | None: ...


def record(cursor: "Cursor[Any]", requests: Iterable[Request], *, received_at: datetime) -> None:
    """Store a group's requests by one binary COPY, in the caller's transaction. Ids are the caller's."""
    rows = [(request.operator, request.signed) for request in requests if request.signed is not None]
    if not rows:
        return
    with cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for operator, signed in rows:
            copy.write_row(
                (
                    signed.request,
                    operator,
                    signed.key_id,
                    signed.method,
                    signed.target_uri,
                    signed.signature_input,
                    signed.signature,
                    signed.body_digest,
                    signed.frame,
                    received_at,
                )
            )


def kept(cursor: "Cursor[Any]", ids: Collection[UUID]) -> set[UUID]:
    """Which of these requests are stored."""
    if not ids:
        return set()
    return {row[0] for row in cursor.execute(_KEPT, (list(ids),))}
