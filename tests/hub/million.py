"""A database of a million movements, put set by set into the hub's own tables with their constraints on.

No movement was decided: what is measured over it is reading. One actor and one title have a tenth of everything, so
that the busiest is looked at too; 58 days, some 17,000 movements each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from hashlib import md5
from typing import Any
from uuid import UUID, uuid5

import psycopg
from django.db import connection

from tests.hub.operators import Signer
from veta.kernel.identity import document
from veta.ledger.domain.origin import Origin
from veta.movements.services import tally
from veta.registry.domain import Act, PlanLine
from veta.registry.services import actors, plans, registrations, titles

ACT = Act(reference="Acto de medición", source="medición", recorded_by="oficial-1", approved_by="oficial-2")
SINCE = date(2020, 1, 1)
ACTORS, TITLES = 300, 20
# A UUIDv7's shape: what a client draws now sorts after what it drew before.
_ID = "(lpad(to_hex(1780000000000 + {n}), 12, '0') || '7' || substr(md5({salt} || {n}), 1, 3) || '8'"
_ID += " || substr(md5({salt} || {n}), 4, 15))::uuid"
_BODY = """
convert_to('{{"decided_at":"2026-11-21T12:00:00.000000Z","findings":[' || CASE WHEN n %% 50 = 7
    THEN '{{"code":"QUO-001","field":"quantity","message":"Excede el volumen.","norm":"Ley 685 de 2001","params":{{}},'
        || '"severity":"blocking"}}'
    WHEN n %% 3 = 1
    THEN '{{"code":"CON-004","field":"consent","message":"Sin consentimiento comprobado.","norm":"Reglas de la PTM",'
        || '"params":{{}},"severity":"warning"}}' ELSE '' END
    || '],"lots":[],"movement":"' || {movement} || '","rules":"sha256:00","status":"accepted"}}', 'UTF8')
"""
MOVEMENT, LOT = _ID.format(n="n", salt="'m'"), _ID.format(n="n", salt="'l'")
PARENT = _ID.format(n="n - 1", salt="'l'")
AUTHOR = "(%(actors)s::uuid[])[CASE WHEN n %% 10 = 0 THEN 1 ELSE 2 + n %% (%(many)s - 1) END]"
OTHER = "CASE WHEN n %% 3 = 2 THEN (%(actors)s::uuid[])[2 + n * 7 %% (%(many)s - 1)] END"
ORIGIN = "(%(origins)s::uuid[])[CASE WHEN n %% 10 = 0 THEN 1 ELSE 2 + n %% (%(titles)s - 1) END]"
SERIES = "generate_series(1, %(number)s) AS n"
NUMBERED = (
    """
    INSERT INTO transparency_group (id, xid, received_at, size, leaves, root, signature, key_id)
    SELECT "group", '1', max(m.received_at), count(*), decode(repeat('00', 32 * count(*)::int), 'hex'),
        decode(repeat('00', 32), 'hex'), decode(repeat('00', 64), 'hex'), 'medida'
    FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id GROUP BY 1""",
    """
    INSERT INTO transparency_log_group (group_id, first_index, size)
    SELECT id, sum(size) OVER (ORDER BY id) - size, size FROM transparency_group""",
)
STEPS = (
    "INSERT INTO ledger_account (id, commodity, kind) VALUES (%(mine)s, 'oro', 'extraction')",
    "INSERT INTO ledger_origin (id, kind, code) SELECT unnest(%(origins)s::uuid[]), 'title', unnest(%(codes)s::text[])",
    f"""INSERT INTO movements_movement
    (id, kind, operator, author, counterparty, occurred_at, received_at, digest, place_in_request)
    SELECT {MOVEMENT}, (ARRAY['production', 'subsistence_purchase', 'sale'])[1 + n %% 3], %(operator)s,
        {AUTHOR}, {OTHER},
        now() - (%(number)s - n) * interval '5 seconds', now() - (%(number)s - n) * interval '5 seconds', '\\x00', 0
    FROM {SERIES}""",
    f"""INSERT INTO movements_verdict (movement_id, status, body, facts, "group", position)
    SELECT {MOVEMENT}, CASE WHEN n %% 50 = 7 THEN 'rejected' ELSE 'accepted' END,
        {_BODY.format(movement=MOVEMENT)}, '\\x00', 1 + n / 100, n %% 100
    FROM {SERIES}""",
    f"""INSERT INTO ledger_account (id, commodity, kind, holder, received, released)
    SELECT {LOT}, 'oro', 'lot', {AUTHOR}, 1000000, CASE WHEN n %% 3 = 1 THEN 1000000 ELSE 0 END FROM {SERIES}""",
    f"""INSERT INTO ledger_lot (account, mineral, origin, accreditation, municipality, movement, occurred_at)
    SELECT {LOT}, 'oro', {ORIGIN}, 'accredited', '05001', {MOVEMENT}, now() - (%(number)s - n) * interval '5 seconds'
    FROM {SERIES}""",
    f"""INSERT INTO ledger_entry (movement, seq, source, target, commodity, amount)
    SELECT {MOVEMENT}, 0, CASE WHEN n %% 3 = 2 THEN {PARENT} ELSE %(mine)s END, {LOT}, 'oro', 1000000 FROM {SERIES}""",
    f"""INSERT INTO ledger_lot_parent (parent, child, movement) SELECT {PARENT}, {LOT}, {MOVEMENT} FROM {SERIES}
    WHERE n %% 3 = 2""",
    *NUMBERED,
)


@dataclass(frozen=True, slots=True)
class Million:
    """What was put there: the busiest actor and title stand first."""

    number: int
    actors: list[UUID]
    codes: list[str]

    def movement(self, n: int) -> UUID:
        return _drawn(n, "m")

    def lot(self, n: int) -> UUID:
        return _drawn(n, "l")


def fill(dsn: str, *, number: int) -> Million:
    """Put so many movements, and let the planner know the tables."""
    operator = Signer.enrol("MEDIDA-1")
    firms = [document("NIT", str(900_100_000 + n)) for n in range(ACTORS)]
    people = actors.register_actors(
        [actors.NewActor(kind="firm", name=f"DEMO {each.number} (ficticio)", documents=(each,)) for each in firms],
        by="oficial-1", source=ACT.source,
    )  # fmt: skip
    codes = [f"MEDIDA-{n:03}" for n in range(TITLES)]
    for code, holder in zip(codes, people, strict=False):
        _title(code, holder)
    given: dict[str, Any] = {
        "number": number, "actors": people, "many": ACTORS, "titles": TITLES, "codes": codes,
        "origins": [Origin("title", code=code).id for code in codes], "operator": operator.operator,
        "mine": uuid5(UUID(int=0), "mine"),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step, given)
    started = time.perf_counter()
    passed = tally()
    print(f"tallied {passed:,} leaves in {time.perf_counter() - started:.0f} s")
    with psycopg.connect(dsn, user="postgres", autocommit=True) as session:
        session.execute("VACUUM ANALYZE")
    return Million(number, people, codes)


def _title(code: str, holder: UUID) -> None:
    record = titles.TitleRecord(
        code=code, stage="exploitation", holders=((holder, "100"),), minerals=frozenset({"oro"}),
        municipalities=frozenset(), contract_date=SINCE, inscription_date=SINCE, end_date=date(2050, 1, 1),
        environmental_instrument="Licencia de medición", valid_from=SINCE,
    )  # fmt: skip
    titles.register_title(record, ACT)
    registrations.register(
        registrations.RegistrationRecord(
            actor=holder, role="producer", producer_class="title", title_code=code, valid_from=SINCE
        ),
        ACT,
    )
    years = {SINCE.replace(year=year).isoformat(): 10**12 for year in range(2020, 2031)}
    plan = plans.PlanRecord(
        title_code=code, kind="PTO", approved_on=SINCE, lines=(PlanLine("oro", years),), valid_from=SINCE
    )
    plans.record_plan(plan, ACT)


def _drawn(n: int, salt: str) -> UUID:

    digest = md5(f"{salt}{n}".encode()).hexdigest()
    return UUID(f"{1780000000000 + n:012x}7{digest[:3]}8{digest[3:18]}")
