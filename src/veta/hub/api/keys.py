"""An operator's own keys: asked for, listed and revoked by any live key of its own, a recovery key too."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.operation import READ, asked, operation, told
from veta.hub.api.reading import PAGE, page_from, page_of, read_body
from veta.hub.api.signed import operator_of, signed_act, signed_read, signed_write
from veta.hub.operators_told import tell_operator
from veta.kernel.clock import SystemClock
from veta.kernel.strict_json import fit_for_identifier
from veta.movements.domain.reader import Field, Reader, choice, pattern, text
from veta.operators.queries import KeyState, key_states, operator_named
from veta.operators.services import keys
from veta.operators.services.authenticate import ANY_KEY

router = Router(tags=["keys"])


def _octets(count: int) -> Reader:
    """Exactly so many bytes in base64 with its padding."""
    whole, rest = divmod(count, 3)
    tail = {0: "", 1: "[A-Za-z0-9+/][AQgw]==", 2: "[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]="}[rest]
    plain = pattern(f"[A-Za-z0-9+/]{{{whole * 4}}}{tail}", f"Envíe {count} bytes en base64, con su relleno.")

    def read(value: Any, path: str) -> bytes:
        return base64.b64decode(plain.read(value, path), validate=True)

    return Reader(read, plain.schema)


def _flag(value: Any, path: str) -> bool:
    return bool(_true_or_false.read(value, path) == "true")


_true_or_false: Final = choice("true", "false")
NEW_KEY: Final = (
    Field("public_key", _octets(32)),
    Field("purpose", choice("signing", "recovery")),
    Field("proof", _octets(64)),
)
REVOKED: Final = (
    Field("compromised", Reader(_flag, _true_or_false.schema), required=False),
    Field("reason", text(400), required=False),
)


@router.post("/keys", **operation(
    signed_write("keys", purposes=ANY_KEY), answer="Key", status=201, body=NEW_KEY, refusals=(403,),
    example={"public_key": f"{'A' * 43}=", "purpose": "signing", "proof": f"{'A' * 86}=="},
))  # fmt: skip
def propose_key(request: HttpRequest) -> HttpResponse:
    """Ask for a new key with proof of its possession: it counts after 24 hours, or when an officer approves it.

    The operator is told by a contact on record, whoever asked.
    """
    given = read_body(request, NEW_KEY)
    with signed_act(request, frame=request.body):
        made = keys.propose_key(
            by=request.auth.key_id, public_key=given["public_key"], purpose=given["purpose"], proof=given["proof"],  # type: ignore[attr-defined]
            now=SystemClock().now(),
        )  # fmt: skip
        transaction.on_commit(lambda: tell_operator(operator_of(request), f"se pidió una llave nueva, {made.id}"))
    return told(_key(made), status=201)


@router.api_operation(READ, "/keys", **operation(
    signed_read("read", purposes=ANY_KEY, query=PAGE), answer="KeyPage", query=PAGE,
))  # fmt: skip
def key_list(request: HttpRequest) -> HttpResponse:
    """The operator's keys with what follows from their approvals and revocations."""
    found = key_states(now=SystemClock().now(), operator=operator_of(request))
    return told(page_from(found, page_of(asked(request)), key=_order, shown=_key))


def _order(state: KeyState) -> str:
    return f"{state.proposed_at.isoformat()} {state.id}"


@router.delete("/keys/{key_id}", **operation(
    signed_write("keys", purposes=ANY_KEY, query=REVOKED), answer="RevokedKeys", query=REVOKED, refusals=(403, 404),
))  # fmt: skip
def revoke_key(request: HttpRequest, key_id: str) -> HttpResponse:
    """Revoke a key, in every worker within a minute; as compromised, with every key that it asked for."""
    if not fit_for_identifier(key_id):
        raise Http404
    query = asked(request)
    with signed_act(request, frame=request.body):
        gone = keys.revoke_key(
            key_id, by=operator_named(operator_of(request)).code, compromised=query.get("compromised", False),
            reason=query.get("reason", ""), asking=request.auth.key_id,  # type: ignore[attr-defined]
        )  # fmt: skip
        transaction.on_commit(lambda: tell_operator(operator_of(request), f"se revocó la llave {key_id}"))
    return told({"revoked": gone})


def _key(state: KeyState) -> dict[str, Any]:
    return {
        "keyid": state.id,
        "purpose": state.purpose,
        "state": state.state,
        "public_key": base64.b64encode(state.public_key).decode(),
        "proposed_by": state.proposed_by,
        "proposed_at": state.proposed_at.isoformat(),
        "active_from": _instant(state.active_from),
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
