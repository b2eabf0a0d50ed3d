"""What each group of movements wrote, digested again by SQL of its own, against the leaf that sealed it."""

from datetime import UTC, datetime
from typing import Any

import psycopg

from veta.transparency.verifier import words
from veta.transparency.verifier.log import PROMISE, Log
from veta.transparency.verifier.report import Report
from veta.transparency.verifier.rows import Claimed

PAGE = 200
_SEALED = "SELECT of_id, digests, salt, group_id, position, form FROM transparency_sealed_rows ORDER BY of_id"
_MOVEMENTS = """
SELECT "group", array_agg(movement_id::text ORDER BY position) FROM movements_verdict
WHERE "group" = ANY (%s::bigint[]) GROUP BY 1
"""


def _line(letter: str, *columns: str) -> str:
    """One line of a digest: the table's letter and its columns, U+001F between them, an empty one as U+2205."""
    fields = " || E'\\x1f' || ".join(f"COALESCE({column}::text, '∅')" for column in columns)
    return f"'{letter}' || E'\\x1f' || {fields}"


_M = _line("M", "m.id", "m.kind", "m.operator", "m.subject", "m.author", "m.counterparty", "m.occurred_at",
           "m.received_at", "m.digest", "m.request", "m.place_in_request")  # fmt: skip
_V = _line("V", "v.status", "v.facts", 'v."group"', "v.position")
_W = _line("W", "p.kind", "p.author", "p.counterparty", "p.occurred_at", "p.confirm_by", "p.municipality", "p.undoes")
_O = _line("O", "o.position", "o.lot", "o.amount", "o.new_lot")
_X = _line("X", "x.movement_id", "x.step", "x.outcome")
_E = _line("E", "e.movement", "e.seq", "e.source", "e.target", "e.commodity", "e.amount")
_L = _line("L", "l.account", "l.mineral", "l.origin", "l.composition", "l.accreditation", "l.municipality",
           "l.facility", "l.movement", "l.occurred_at", "l.fineness", "l.grade", "l.processed_by")  # fmt: skip
_P = _line("P", "f.parent", "f.child", "f.movement")
_A = _line("A", "a.id", "a.commodity", "a.kind", "a.holder")
_Q = _line("Q", "q.account", "q.subject", "q.basis", "q.quota_group", "q.period_start", "q.period_end", "q.source")
_S = _line("S", "s.act", "s.lot")
_N = _line("N", "n.origin", "n.type", "n.number", "n.movement")
_K = _line("K", "k.movement", "k.party_id", "k.counterparty", "k.operator", "k.recorded_at")
_C = _line("C", "c.id", "c.purpose", "c.party_id", "c.counterparty", "c.operator", "c.mineral", "c.amount",
           "c.price_cop", "c.method", "c.code_hmac", "c.recorded_at", "c.expires_at")  # fmt: skip
_R = _line("R", "r.id", "r.operator", "r.key_id", "r.method", "r.target_uri", "r.signature_input", "r.signature",
           "r.body_digest", "r.frame", "r.received_at")  # fmt: skip
# Whose entries a verdict stands for: the first form forgot what a receipt posts itself, beside the load it ends.
_MADE = {1: "= COALESCE(x.movement_id, own.id)", 2: "IN (x.movement_id, own.id)"}
# When a lot was made, or an act decided, in the order of groups: a suspension belongs to the later of the two.
_BORN = """
(SELECT (b."group", b.position) < (v."group", v.position) FROM movements_verdict AS b WHERE b.movement_id = COALESCE(
    (SELECT z.step FROM movements_pendingend AS z WHERE z.movement_id = y.movement), y.movement))
"""
_ACTED = """
(SELECT (b."group", b.position) < (v."group", v.position) FROM movements_verdict AS b WHERE b.movement_id = s.act)
"""


def _first(made: str) -> str:
    """The lines of a movement that both forms have."""
    posted = f"ledger_entry AS e WHERE e.movement {made}"
    return f"""
        SELECT {_M} AS line
        UNION ALL SELECT {_V}
        UNION ALL SELECT {_W} FROM movements_pending AS p WHERE p.movement_id = v.movement_id
        UNION ALL SELECT {_O} FROM movements_pendingline AS o WHERE o.movement = v.movement_id
        UNION ALL SELECT {_X} WHERE x.step IS NOT NULL
        UNION ALL SELECT {_E} FROM {posted}
        UNION ALL SELECT {_L} FROM ledger_lot AS l WHERE l.movement {made}
            AND l.account IN (SELECT e.target FROM {posted})
        UNION ALL SELECT {_P} FROM ledger_lot_parent AS f WHERE f.movement {made}
            AND f.child IN (SELECT e.target FROM {posted})
    """  # noqa: S608 - made of constants


def _second(made: str) -> str:
    """What the second form, which every new digest has, covers besides: accounts, suspensions and papers."""
    posted = f"ledger_entry AS e WHERE e.movement {made}"
    return f"""{_first(made)}
        UNION ALL SELECT {_A} FROM ledger_account AS a WHERE a.id IN (SELECT e.target FROM {posted})
        UNION ALL SELECT {_Q} FROM ledger_quota AS q WHERE q.account IN (SELECT e.target FROM {posted})
        UNION ALL SELECT {_S} FROM ledger_lot_suspension AS s JOIN ledger_lot AS y ON y.account = s.lot
            WHERE s.act {made} AND {_BORN}
        UNION ALL SELECT {_S} FROM ledger_lot_suspension AS s JOIN ledger_lot AS y ON y.account = s.lot
            WHERE y.account IN (SELECT e.target FROM {posted}) AND y.movement {made} AND {_ACTED}
        UNION ALL SELECT {_N} FROM movements_papernumber AS n WHERE n.movement {made}
        UNION ALL SELECT {_K} FROM registry_assertedconsent AS k WHERE k.movement = v.movement_id
        UNION ALL SELECT {_C} FROM registry_consentuse AS u JOIN registry_consentrequest AS c ON c.id = u.consent_id
            WHERE u.used_by = v.movement_id
        UNION ALL SELECT {_R} FROM operators_signedrequest AS r
            WHERE r.id = m.request AND m.place_in_request = v.earliest
    """  # noqa: S608 - made of constants


_AGAIN = """
SELECT v."group", v.position, sha256(convert_to(array_to_string(ARRAY(
    SELECT line FROM ({lines}) AS lines ORDER BY line COLLATE "C"), E'\\n'), 'UTF8'))
FROM (
    SELECT c.*, min(h.place_in_request) OVER (PARTITION BY c."group", h.request) AS earliest
    FROM movements_verdict AS c JOIN movements_movement AS h ON h.id = c.movement_id
    WHERE c."group" = ANY (%s::bigint[])
) AS v JOIN movements_movement AS m ON m.id = v.movement_id
LEFT JOIN movements_pendingend AS x ON x.movement_id = m.subject AND x.step = v.movement_id
LEFT JOIN LATERAL (SELECT v.movement_id AS id WHERE v.status = 'accepted') AS own ON true
"""
_FORMS = {1: _AGAIN.format(lines=_first(_MADE[1])), 2: _AGAIN.format(lines=_second(_MADE[2]))}


def check_written(database: psycopg.Connection[Any], log: Log, claimed: Claimed, report: Report) -> None:
    """Each movement's rows against the digest that was sealed; groups that nobody sealed."""
    sealed = {row[0]: row[1:] for row in database.execute(_SEALED)}
    with_verdicts = [row[0] for row in database.execute('SELECT DISTINCT "group" FROM movements_verdict ORDER BY 1')]
    now = datetime.now(UTC)
    for start in range(0, len(with_verdicts), PAGE):
        page = with_verdicts[start : start + PAGE]
        again: dict[int, dict[int, bytes]] = {}
        for form in _FORMS:
            again |= _digests(database, form, [each for each in page if sealed.get(each, (form,))[-1] == form])
        names = {row[0]: row[1] for row in database.execute(_MOVEMENTS, (page,))}
        for group in page:
            report.saw("written", len(names[group]))
            if group in sealed:
                _compare(group, sealed.pop(group), again.get(group, {}), names[group], claimed, report)
            elif group in log.received and now - log.received[group] > PROMISE:
                report.wrong("written", f"grupo {group}", "lo que escribió no está en el registro, pasado un minuto")
    for group in sealed:
        report.wrong("written", f"grupo {group}", "está en el registro y no queda ninguno de sus movimientos")


def _digests(database: psycopg.Connection[Any], form: int, groups: list[int]) -> dict[int, dict[int, bytes]]:
    found: dict[int, dict[int, bytes]] = {}
    for group, position, digest in database.execute(_FORMS[form], (groups,)) if groups else ():
        found.setdefault(group, {})[position] = bytes(digest)
    return found


def _compare(
    group: int,
    sealed: tuple[Any, ...],
    again: dict[int, bytes],
    names: list[str],
    claimed: Claimed,
    report: Report,
) -> None:
    digests, salt, inside, position, form = sealed
    digests = bytes(digests)
    if claimed.leaf(inside, position) != words.rows_leaf(bytes(salt), group, digests, form=form):
        report.wrong("written", f"grupo {group}", "los resúmenes de lo que escribió no dan su hoja")
    kept = [digests[at : at + 32] for at in range(0, len(digests), 32)]
    for place, digest in enumerate(kept):
        if again.get(place) != digest:
            name = names[place] if place < len(names) else f"lugar {place}"
            what = "sus filas (movimiento, asientos, lotes, espera) no son las que se escribieron"
            report.wrong("written", f"movimiento {name} (grupo {group}, lugar {place})", what)
    for place in again.keys() - set(range(len(kept))):
        report.wrong("written", f"grupo {group}, lugar {place}", "ese veredicto no estaba cuando se registró el grupo")
