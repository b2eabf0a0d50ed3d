"""What each group of movements wrote, digested again by SQL of its own, against the leaf that sealed it."""

from datetime import UTC, datetime
from typing import Any

import psycopg

from veta.transparency.verifier import words
from veta.transparency.verifier.forms import DIGESTS
from veta.transparency.verifier.log import PROMISE, Log
from veta.transparency.verifier.report import Report
from veta.transparency.verifier.rows import Claimed

PAGE = 200
_SEALED = "SELECT of_id, digests, salt, group_id, position, form FROM transparency_sealed_rows ORDER BY of_id"
_MOVEMENTS = """
SELECT "group", array_agg(movement_id::text ORDER BY position) FROM movements_verdict
WHERE "group" = ANY (%s::bigint[]) GROUP BY 1
"""


def check_written(database: psycopg.Connection[Any], log: Log, claimed: Claimed, report: Report) -> None:
    """Each movement's rows against the digest that was sealed; groups that nobody sealed."""
    sealed = {row[0]: row[1:] for row in database.execute(_SEALED)}
    with_verdicts = [row[0] for row in database.execute('SELECT DISTINCT "group" FROM movements_verdict ORDER BY 1')]
    now = datetime.now(UTC)
    for start in range(0, len(with_verdicts), PAGE):
        page = with_verdicts[start : start + PAGE]
        again: dict[int, dict[int, bytes]] = {}
        for form in DIGESTS:
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
    for group, position, digest in database.execute(DIGESTS[form], (groups,)) if groups else ():
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
