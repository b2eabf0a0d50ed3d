"""The log's own tables: groups and numbers, receipts, the tree, signed checkpoints, the index of leaves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from veta.transparency.verifier import merkle, signed
from veta.transparency.verifier.report import Report

Connection = psycopg.Connection[Any]
# A leaf is in the log within a minute of its commit (the log's promise); what is younger is not late.
PROMISE = timedelta(seconds=60)
PAGE = 2000

_GROUPS = """
SELECT g.id, g.size, g.leaves, g.root, g.signature, g.key_id, g.received_at, n.first_index, n.size, n.end_index
FROM transparency_group AS g FULL JOIN transparency_log_group AS n ON n.group_id = g.id
ORDER BY n.first_index NULLS LAST, g.id
"""
_CHECKPOINTS = "SELECT size, previous, root, note FROM transparency_checkpoint ORDER BY size"
_COSIGNED = "SELECT checkpoint_id, witness, line FROM transparency_cosignature ORDER BY 1, 2"
_HEAD = "SELECT size, root, published FROM transparency_head"
_INDEX = "SELECT prefix, index FROM transparency_leaf_index ORDER BY index"


@dataclass(slots=True)
class Log:
    """What the log's tables hold: entries in their order, each group's leaves, and when it was received."""

    entries: list[bytes] = field(default_factory=list)
    leaves: dict[int, bytes] = field(default_factory=dict)
    received: dict[int, datetime] = field(default_factory=dict)
    numbered: set[int] = field(default_factory=set)
    served: str = ""


def read_log(database: Connection, report: Report) -> Log:
    """Read and check groups, numbers and receipts."""
    keys = {row[0]: bytes(row[1]) for row in database.execute("SELECT id, public_key FROM operators_hubkey")}
    now, log = datetime.now(UTC), Log()
    with database.cursor(name="groups", binary=True) as cursor:
        cursor.itersize = PAGE
        for row in cursor.execute(_GROUPS):
            _number(log, row, now, report)
            if row[0] is not None:
                _receipt(log, row, keys, report)
    return log


def _number(log: Log, row: tuple[Any, ...], now: datetime, report: Report) -> None:
    group, size, leaves, *_, received, first, said, end = row
    report.saw("numbers")
    if group is None:
        report.wrong("numbers", f"hojas {first} a {end - 1}", "tienen número y su grupo no existe")
    elif first is None:
        if now - received > PROMISE:
            report.wrong("numbers", f"grupo {group}", "no tiene número y pasó más de un minuto")
        return
    if first != len(log.entries):
        report.wrong("numbers", f"grupo {group}", f"empieza en {first} y el anterior termina en {len(log.entries)}")
    if group is not None and (said != size or end != first + said):
        report.wrong("numbers", f"grupo {group}", f"tiene {size} hojas y la numeración dice {said}")
    own = [] if leaves is None else [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    # What is missing keeps its place, so that one fault does not make all that follows look wrong.
    wanted = end - len(log.entries)
    log.entries += (own + [b""] * wanted)[: max(0, wanted)]
    log.numbered.add(group)


def _receipt(log: Log, row: tuple[Any, ...], keys: dict[str, bytes], report: Report) -> None:
    group, size, leaves, root, signature, key_id, received = row[:7]
    report.saw("receipts")
    log.leaves[group], log.received[group] = leaves, received
    if len(leaves) != 32 * size or size < 1:
        report.wrong("receipts", f"grupo {group}", "no tiene tantas hojas como dice")
        return
    if merkle.mth(merkle.of_entry(leaves[at : at + 32]) for at in range(0, len(leaves), 32)) != root:
        report.wrong("receipts", f"grupo {group}", "sus hojas no dan la raíz que se firmó")
    if key_id not in keys:
        report.wrong("receipts", f"grupo {group}", f"la llave «{key_id}» no es de la plataforma")
    elif not signed.ed25519(keys[key_id], b"veta-receipt-v1\n" + root, signature):
        report.wrong("receipts", f"grupo {group}", "la firma de su recibo no verifica")


def check_tree(database: Connection, log: Log, report: Report) -> None:
    """Every checkpoint against the tree of the stored entries, with signatures; the head; what is served."""
    keys = [signed.key(row[0]) for row in database.execute("SELECT vkey FROM transparency_log_key ORDER BY number")]
    rows = database.execute(_CHECKPOINTS).fetchall()
    tree, at, last = merkle.Growing(), 0, None
    for size, previous, root, text in rows:
        while at < min(size, len(log.entries)):
            tree.add(merkle.of_entry(log.entries[at]))
            at += 1
            if at % 10_000 == 0:
                report.saw("tree", 10_000)
        if previous != last:
            report.wrong("checkpoints", f"punto de control {size}", f"sigue a {previous}; el anterior es {last}")
        _checkpoint(size, bytes(root), text, tree, keys, report)
        last = size
    report.saw("tree", at % 10_000)
    _head(database, rows, log, report)
    _cosignatures(database, {row[0]: row[3] for row in rows}, log, report)


def _checkpoint(
    size: int, root: bytes, text: str, tree: merkle.Growing, keys: list[signed.Key], report: Report
) -> None:
    name = f"punto de control {size}"
    report.saw("checkpoints")
    if (tree.size, tree.root()) != (size, root):
        report.wrong("checkpoints", name, "las entradas guardadas no dan su raíz")
    try:
        made = signed.note(text)
        said = signed.head(made.text)
    except ValueError as cause:
        report.wrong("checkpoints", name, str(cause))
        return
    if (said.origin, said.size, said.root) != (keys[0].name if keys else "", size, root):
        report.wrong("checkpoints", name, "su nota dice otro árbol u otro registro")
    verdicts = [signed.says(made, key) for key in keys]
    if False in verdicts or True not in verdicts or len(made.signatures) != verdicts.count(True):
        report.wrong("checkpoints", name, "una firma suya no verifica, o ninguna es del registro")


def _head(database: Connection, rows: list[Any], log: Log, report: Report) -> None:
    size, root, published = database.execute(_HEAD).fetchall()[0]
    last = (rows[-1][0], bytes(rows[-1][2])) if rows else (0, merkle.NOTHING)
    report.saw("head")
    if (size, bytes(root)) != last:
        report.wrong("head", f"cabeza {size}", f"el último punto de control es de {last[0]}")
    if rows and published not in {row[0] for row in rows}:
        report.wrong("head", f"publicado {published}", "no hay punto de control de ese tamaño")
    late = [group for group in log.numbered if group in log.received]
    young = [datetime.now(UTC) - log.received[group] <= PROMISE for group in late]
    if len(log.entries) > size and not any(young):
        report.wrong("head", f"cabeza {size}", f"hay {len(log.entries)} hojas numeradas hace más de un minuto")
    log.served = next((row[3] for row in rows if row[0] == published), "")


def _cosignatures(database: Connection, notes: dict[int, str], log: Log, report: Report) -> None:
    published = database.execute(_HEAD).fetchall()[0][2]
    for size, witness, line in database.execute(_COSIGNED):
        name = f"punto de control {size}, testigo {witness.partition('+')[0]}"
        report.saw("cosignatures")
        if size == published:
            log.served += line
        try:
            made = signed.note(notes[size].rpartition("\n\n")[0] + "\n\n" + line)
            good = signed.says(made, signed.key(witness)) is True and len(made.signatures) == 1
        except (ValueError, KeyError):
            good = False
        if not good:
            report.wrong("cosignatures", name, "la firma del testigo no verifica")


def check_index(database: Connection, log: Log, report: Report) -> None:
    """The index by which proofs are found, against the entries of the tree."""
    size, at = min(database.execute(_HEAD).fetchall()[0][0], len(log.entries)), 0
    with database.cursor(name="leaf_index", binary=True) as cursor:
        cursor.itersize = 50_000
        for prefix, place in cursor.execute(_INDEX):
            report.saw("index")
            _missing(at, min(place, size), report)
            if not at <= place < size or int.from_bytes(log.entries[place][:8], "big", signed=True) != prefix:
                report.wrong("index", f"hoja {place}", "el índice dice que está donde no está")
            at = max(at, place + 1)
    _missing(at, size, report)


def _missing(start: int, end: int, report: Report) -> None:
    for place in range(start, end):
        report.wrong("index", f"hoja {place}", "falta en el índice")
