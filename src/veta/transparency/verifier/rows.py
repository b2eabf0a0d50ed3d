"""Every stored record against its leaf: verdicts with their words, acts of the authority, and what each group wrote."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import orjson
import psycopg

from veta.transparency.verifier import words
from veta.transparency.verifier.log import PROMISE, Log
from veta.transparency.verifier.report import Report

Connection = psycopg.Connection[Any]
PAGE = 1000
# What the authority records of others, by primary key. Written here again; a test compares it with the triggers.
LOGGED = {
    "registry_actor": "id", "registry_actordocument": "hmac", "registry_actorname": "id", "registry_actorcontact": "id",
    "registry_municipalityversion": "id", "registry_title": "id", "registry_titleversion": "id",
    "registry_titleholder": "id", "registry_worksplanversion": "id", "registry_worksplanline": "id",
    "registry_registration": "id", "registry_registrationversion": "id", "registry_mandate": "id",
    "registry_mandateversion": "id", "registry_actproposal": "id", "registry_actdecision": "proposal_id",
    "operators_operator": "id", "operators_operatorversion": "id", "operators_operatorkey": "id",
    "operators_keyapproval": "id", "operators_keyrevocation": "id", "operators_hubkey": "id",
    "prices_resolution": "id", "prices_baseprice": "id", "prices_resolutiondecision": "resolution_id",
    "movements_erasure": "id", "movements_erasureitem": "id", "movements_erasuredecision": "erasure",
    "movements_actproposal": "id", "movements_actdecision": "proposal", "ledger_lot_mark": "id",
    "ledger_suspension_lift": "act", "veta_site_roleproposal": "id", "veta_site_roledecision": "id",
    "veta_site_rolerevocation": "id", "certificates_certificate": "id", "certificates_seal": "certificate_id",
    "certificates_use": "id", "certificates_ending": "certificate_id", "calls_callevent": "id",
    "registry_actorsourcekey": "hmac", "registry_card": "id", "registry_cardrevocation": "card_id",
    "registry_identitykey": "purpose", "registry_importrun": "id", "registry_importproposal": "id",
    "registry_importdecision": "proposal_id", "registry_mandateproposal": "id",
    "operators_webhook": "id", "operators_webhookend": "webhook_id", "prices_certificate": "id",
    "veta_site_accessrecord": "id", "transparency_log_key": "number", "transparency_log_key_retired": "key_id",
    "bonds_bond": "id", "bonds_bondevent": "id", "bonds_quotation": "code",
    "oversight_validation": "id", "oversight_validationevent": "id",
    "royalties_settlement": "id", "royalties_settlementevent": "id", "royalties_reportedrun": "id",
    "royalties_withholding": "id",
    "mayor_seat": "id", "mayor_seatdecision": "seat_id", "mayor_seatend": "seat_id",
}  # fmt: skip

_VERDICTS = """
SELECT v."group", v.position, v.movement_id, v.body, m.kind, m.subject, m.digest, m.received_at, m.request,
    r.key_seed, r.salt, r.ciphertext, q.body_digest, q.signature
FROM movements_verdict AS v LEFT JOIN movements_movement AS m ON m.id = v.movement_id
LEFT JOIN movements_rawitem AS r ON r.movement_id = v.movement_id
LEFT JOIN operators_signedrequest AS q ON q.id = m.request
ORDER BY v."group", v.position
"""
# Anti-joins, written so: «NOT IN» past what a hash may hold compares each row with every other.
STRAY = {
    "movements_movement": """
        SELECT m.id FROM movements_movement AS m
        WHERE NOT EXISTS (SELECT FROM movements_verdict AS v WHERE v.movement_id = m.id)
    """,
    "movements_rawitem": """
        SELECT r.movement_id FROM movements_rawitem AS r
        WHERE NOT EXISTS (SELECT FROM movements_verdict AS v WHERE v.movement_id = r.movement_id)
    """,
    "ledger_entry": """
        SELECT DISTINCT e.movement FROM ledger_entry AS e LEFT JOIN movements_verdict AS v ON v.movement_id = e.movement
        WHERE v.movement_id IS NULL OR v.status = 'rejected'
    """,
    "ledger_lot_suspension": """
        SELECT DISTINCT s.act FROM ledger_lot_suspension AS s
        WHERE NOT EXISTS (SELECT FROM movements_verdict AS v WHERE v.movement_id = s.act)
    """,
    "movements_papernumber": """
        SELECT DISTINCT n.movement FROM movements_papernumber AS n
        WHERE NOT EXISTS (SELECT FROM movements_verdict AS v WHERE v.movement_id = n.movement)
    """,
    "registry_assertedconsent": """
        SELECT k.movement FROM registry_assertedconsent AS k
        WHERE NOT EXISTS (SELECT FROM movements_verdict AS v WHERE v.movement_id = k.movement)
    """,
}
_CERTIFICATES = """
SELECT id, "group", item, document, salt, body_digest, signature, kind, number, lot::text, movement::text, mineral,
    amount FROM certificates_certificate ORDER BY "group"
"""
_ERASED = """
SELECT i.key FROM movements_erasureitem AS i JOIN movements_erasuredecision AS d ON d.erasure = i.erasure
WHERE i.relation = %s AND d.decision = 'approved' AND d.decided_by <> d.proposed_by
"""
_JSON = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND atttypid = 'jsonb'::regtype AND NOT attisdropped
"""
_ACTS = """
SELECT a.key, a.id, to_jsonb(a.recorded_at) #>> '{}', a.recorded_at, s.group_id, s.position, t.salt
FROM transparency_act AS a LEFT JOIN transparency_sealed_act AS s ON s.act_id = a.id
LEFT JOIN transparency_act_salt AS t ON t.act_id = a.id WHERE a.relation = %s ORDER BY a.key COLLATE "C", a.id
"""


class Claimed:
    """Which leaves of each group some record stands for, so that what is left over is named."""

    def __init__(self, log: Log) -> None:
        self._log, self._taken = log, {group: bytearray(len(leaves) // 32) for group, leaves in log.leaves.items()}

    def leaf(self, group: int | None, position: int | None) -> bytes | None:
        """The leaf at that place, once; None where there is none or another record took it."""
        taken = self._taken.get(group) if group is not None else None
        if group is None or taken is None or position is None or not 0 <= position < len(taken) or taken[position]:
            return None
        taken[position] = 1
        return self._log.leaves[group][position * 32 : position * 32 + 32]

    def left(self) -> Iterator[tuple[int, int]]:
        """The places that no record stands for."""
        for group, taken in self._taken.items():
            yield from ((group, position) for position, used in enumerate(taken) if not used)


def check_verdicts(database: Connection, log: Log, claimed: Claimed, items_key: bytes | None, report: Report) -> None:
    """Each verdict, with its words and its request, against its leaf. Without the items' key, only their salts."""
    erased = erased_of(database, "movements_rawitem")
    with database.cursor(name="verdicts", binary=True) as cursor:
        cursor.itersize = PAGE
        for row in cursor.execute(_VERDICTS):
            report.saw("verdicts")
            what = _verdict(row, log, claimed, items_key, erased)
            if what is None:
                report.looked["erased"] += 1
            elif what:
                report.wrong("verdicts", f"movimiento {row[2]} (grupo {row[0]}, lugar {row[1]})", what)
    for relation, query in STRAY.items():
        for (movement,) in database.execute(query):
            report.wrong(
                "verdicts", f"movimiento {movement}", f"hay filas suyas en {relation} sin veredicto que las pida"
            )


def _verdict(row: tuple[Any, ...], log: Log, claimed: Claimed, items_key: bytes | None, erased: set[str]) -> str | None:
    """What is wrong with a verdict, nothing, or None where its words were erased by an act."""
    group, position, movement, body, kind, subject, digest, received, request, seed, salt, ciphertext, said, by = row
    leaf = claimed.leaf(group, position)
    if leaf is None:
        return "no tiene hoja en ese lugar, u otro registro la ocupa"
    if kind is None:
        return "su movimiento no existe"
    if received != log.received[group]:
        return "no se recibió con su grupo"
    if salt is None:
        return None if str(movement) in erased else "faltan sus palabras y su sal, y ningún acto las borró"
    if request is not None and said is None:
        return "falta la solicitud firmada en que llegó"
    if request is not None and not by:
        return "falta la firma de la solicitud en que llegó, y ningún acto la borró"
    if items_key is None:
        return ""
    return _words(bytes(leaf), items_key, (body, kind, subject, digest, seed, salt, ciphertext, said, by))


def _words(leaf: bytes, items_key: bytes, row: tuple[Any, ...]) -> str:
    body, kind, subject, digest, seed, salt, ciphertext, said, by = row
    try:
        raw = words.opened(items_key, seed, ciphertext)
        item = words.item_form(raw, kind, subject)
    except ValueError:
        return "sus palabras no abren: se alteraron ellas o su llave"
    if digest not in words.claims(salt, item):
        return "sus palabras no son las que reclamaron su identificador"
    if words.verdict_leaf(salt, item, body, said if said is not None else _sha256(raw), by or b"") != leaf:
        return "su veredicto, su sal o su solicitud no dan su hoja"
    return ""


def _sha256(data: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(data).digest()


def check_certificates(database: Connection, log: Log, claimed: Claimed, report: Report) -> None:
    """Each certificate, as its request came and as it reads, against its leaf; what decides of it, against its words.

    Its whole row, what was signed, its uses and its end are acts, which `check_acts` compares.
    """
    with database.cursor(name="certificates", binary=True) as cursor:
        cursor.itersize = PAGE
        for id, group, item, document, salt, digest, signature, *columns in cursor.execute(_CERTIFICATES):
            report.saw("certificates")
            leaf = claimed.leaf(group, 0)
            if leaf is None:
                report.wrong("certificates", f"certificado {id}", "no tiene hoja en el registro")
            elif words.verdict_leaf(salt, item, document, digest, signature) != leaf:
                report.wrong("certificates", f"certificado {id}", "lo que dice, su sal o su solicitud no dan su hoja")
            elif _stated(orjson.loads(document)) != (str(id), *columns):
                report.wrong("certificates", f"certificado {id}", "sus columnas no son lo que dice su documento")


def _stated(document: dict[str, Any]) -> tuple[Any, ...]:
    """What a certificate's document says of its columns; the quantity in the mineral's smallest unit."""
    number, amount = int(document["number"].rpartition("-")[2]), int(document["quantity"].replace(".", ""))
    named = (document[name] for name in ("certificate", "kind"))
    return (*named, number, document["lot"], document["movement"], document["mineral"], amount)


def check_acts(database: Connection, claimed: Claimed, report: Report) -> None:
    """Each row of the registry against the leaf of its act; rows without act and acts without row."""
    for relation, key in LOGGED.items():
        gone = erased_of(database, relation)
        rows = f"""
            SELECT t.{key}::text, CASE WHEN {_plain(database, relation)} THEN '{{}}' ELSE (SELECT
                jsonb_object_agg(e.key, e.value) FROM jsonb_each_text(to_jsonb(t)) AS e WHERE e.value IS NOT NULL)::text
                END
            FROM {relation} AS t ORDER BY t.{key}::text COLLATE "C"
        """  # noqa: S608 - names of our own tables
        standing = {row[0]: row[1] for row in database.execute(rows)}
        acts = database.execute(_ACTS, (relation,))
        seen = set()
        for name, same in groupby(acts, key=lambda act: act[0]):
            seen.add(name)
            for act in same:
                report.saw("acts")
                _act(relation, act, standing.get(name), claimed, gone, report)
        for name in standing.keys() - seen:
            report.wrong("acts", f"{relation} {name}", "esa fila no entró por un acto del registro")


def _plain(database: Connection, relation: str) -> str:
    """Whether a column of JSON holds neither object nor list, as nothing writes there: in a leaf the text of an object
    would read as the object, and a null of JSON as an empty column. Such a row is not what was logged."""
    columns = [f't."{row[0]}"' for row in database.execute(_JSON, (relation,))]
    return " OR ".join(["false", *(f"jsonb_typeof({each}) NOT IN ('object', 'array')" for each in columns)])


def _act(
    relation: str, act: tuple[Any, ...], row: str | None, claimed: Claimed, gone: set[str], report: Report
) -> None:
    key, id, at, recorded, group, position, salt = act
    name = f"{relation} {key}"
    if group is None:
        if datetime.now(UTC) - recorded > PROMISE:
            report.wrong("acts", name, "no está en el registro y pasó más de un minuto")
        return
    leaf = claimed.leaf(group, position)
    if leaf is None:
        report.wrong("acts", name, "su acto no tiene hoja en ese lugar")
    elif row is None and salt is None and key in gone:
        report.looked["erased"] += 1
    elif row is None:
        report.wrong("acts", name, "la fila ya no existe y ningún acto la borró")
    elif salt is None:
        report.wrong("acts", name, "falta su sal y ningún acto la borró")
    else:
        document = {"act": str(id), "key": key, "recorded_at": at, "relation": relation, "row": orjson.loads(row)}
        if words.act_leaf(bytes(salt), document) != leaf:
            report.wrong("acts", name, "la fila o su sal no son las que se registraron")


def erased_of(database: Connection, relation: str) -> set[str]:
    """The keys that an act of two persons destroyed in a table."""
    found = database.execute(_ERASED, (relation,))
    return {row[0] for row in found}


def check_left(claimed: Claimed, report: Report) -> None:
    """Leaves that nothing stored stands for: something was removed."""
    for group, position in claimed.left():
        report.wrong("leaves", f"grupo {group}, lugar {position}", "lo que esa hoja registró ya no está")
