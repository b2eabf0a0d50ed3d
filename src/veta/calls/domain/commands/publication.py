"""Commands of publication: one person prepares an act, another signs it, and it says what the history says."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from veta.calls.domain.call import (
    CURING,
    LAST_OBSERVING,
    OBSERVING,
    REGISTRATION,
    ROUND_2,
    Call,
    Prepared,
)
from veta.calls.domain.commands.setup import words
from veta.calls.domain.history import Drafted
from veta.calls.domain.lists import ACTIVITY, BEFORE, KINDS, digest_of, rows_of, undecided
from veta.calls.domain.public import content_of
from veta.calls.domain.refusals import refused
from veta.calls.domain.timetable import require_fit
from veta.kernel.canonical_json import canonical
from veta.norms.workdays import is_working_day

# A list is drawn once this window has closed, so that nothing that it should hold can still arrive.
AFTER: Mapping[str, int] = {
    "preliminary": REGISTRATION, "answers": OBSERVING, "results": CURING, "stage_results": LAST_OBSERVING,
    "official": ROUND_2, "supplement": ROUND_2,
}  # fmt: skip
ONCE = {"invitation", "preliminary", "answers", "results", "stage_results", "official"}


def prepare(
    call: Call, kind: str, *, number: str, note: str = "", data: Mapping[str, Any] | None = None, at: datetime
) -> Drafted:
    """An act is drafted, with the rows that the call gives today; it waits for its signer.

    Raises CAL-018 where it is out of its turn, something is undecided or another waits; CAL-003; CAL-021; CAL-016.
    """
    if call.prepared is not None:
        raise refused("CAL-018", "Hay un acto por firmar. Fírmelo o retírelo antes de preparar otro.")
    given = _addendum(call, data or {}, at) if kind == "addendum" else _own_data(call, kind)
    rows = _drawn(call, kind, at)
    said = {
        "kind": kind, "number": words(number, "el número del acto", longest=60), "note": note.strip()[:2000],
        "digest": digest_of(rows, given), "data": given,
    }  # fmt: skip
    return Drafted(kind="act_prepared", data=said)


def _drawn(call: Call, kind: str, at: datetime) -> list[dict[str, Any]]:
    """The rows of an act whose turn it is."""
    if kind not in KINDS or (kind in ONCE and call.has(kind)):
        raise refused("CAL-018", "Ese acto no existe o ya se publicó. Vea los actos publicados.")
    if kind in BEFORE and not call.has(BEFORE[kind]):
        raise refused("CAL-018", f"Antes se publica: {KINDS[BEFORE[kind]]}.")
    if kind == "addendum" and call.opened_at is None:
        raise refused("CAL-018", "La convocatoria aún no se publica: corrija el cronograma antes de abrirla.")
    if kind in ACTIVITY:
        call.timetable.require_begun(ACTIVITY[kind], at)
    if kind in AFTER and not call.timetable.is_late(AFTER[kind], at):
        waiting = call.timetable.activity(AFTER[kind], at)
        raise refused("CAL-003", f"«{waiting.name}» cierra el {waiting.closes}. La lista se prepara después.")
    if open_ones := undecided(call, kind, at):
        raise refused("CAL-018", f"Falta decidir sobre: {', '.join(open_ones)}. Complételo y prepare otra vez.")
    return rows_of(call, kind)


def _addendum(call: Call, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    windows = {
        int(order): (date.fromisoformat(opens) if opens else None, date.fromisoformat(closes))
        for order, (opens, closes) in data["windows"].items()
    }
    require_fit(call.timetable, windows, now=at, is_working_day=is_working_day)
    said = {str(order): [str(opens) if opens else "", str(closes)] for order, (opens, closes) in windows.items()}
    return {
        "windows": said, "date": date.fromisoformat(data["date"]).isoformat(),
        "reason": words(data["reason"], "el motivo"),
    }  # fmt: skip


def digest_now(call: Call, waiting: Prepared) -> str:
    """What a prepared act would say as the call stands: another digest than its own is not signed."""
    data = waiting.data if waiting.kind == "addendum" else _own_data(call, waiting.kind)
    return digest_of(rows_of(call, waiting.kind), data)


def _own_data(call: Call, kind: str) -> dict[str, str]:
    """What an act says beside its rows: an invitation, the whole of the call."""
    if kind != "invitation":
        return {}
    return {"content": hashlib.sha256(canonical(content_of(call))).hexdigest()}


def withdraw_act(call: Call, reason: str) -> Drafted:
    """What was prepared is not signed. Raises CAL-018 where nothing waits, CAL-016."""
    waiting = _waiting(call)
    said = {"kind": waiting.kind, "number": waiting.number, "reason": words(reason, "el motivo", longest=1000)}
    return Drafted(kind="act_withdrawn", data=said)


def publish(call: Call, *, signer: Mapping[str, Any], seen: int, by: str, at: datetime) -> Drafted:
    """The signer publishes what was prepared, if it still says what the history says.

    `signer`: `role` and `acting` (encargado); `seen`: the prepared act that was read. Raises CAL-015 for who prepared
    it, CAL-018 where it changed since, and as `prepare`.
    """
    waiting = _waiting(call)
    if waiting.by == by:
        raise refused("CAL-015", "Usted lo preparó: lo firma otra persona.")
    if waiting.place != seen:
        raise refused("CAL-018", "Se preparó otro acto mientras usted leía este. Lea el que espera.")
    rows = _drawn(call, waiting.kind, at)
    data = _addendum(call, waiting.data, at) if waiting.kind == "addendum" else _own_data(call, waiting.kind)
    if digest_of(rows, data) != waiting.digest:
        raise refused("CAL-018", "Algo cambió desde que se preparó. Retírelo y prepárelo otra vez.")
    late = waiting.kind in ACTIVITY and call.timetable.is_late(ACTIVITY[waiting.kind], at)
    roles = {
        "drafters": list(call.act["drafters"]), "reviewers": list(call.act["reviewers"]),
        "signer": words(str(signer["role"]), "el cargo de quien firma", longest=200), "acting": bool(signer["acting"]),
    }  # fmt: skip
    said = {
        "kind": waiting.kind, "number": waiting.number, "note": waiting.note, "rows": rows, "digest": waiting.digest,
        "roles": roles, "late": late, "data": data,
    }  # fmt: skip
    return Drafted(kind="act_published", data=said, proposed_by=waiting.by)


def _waiting(call: Call) -> Prepared:
    if call.prepared is None:
        raise refused("CAL-018", "No hay acto por firmar.")
    return call.prepared
