"""The authority beside the suite's hub: `python -m veta.conformance.office`, one request and one answer a line.

It has the hub's settings and database: it enrols the candidate, makes each scenario's world, ends mandates, approves
keys, signs notices with the hub's key, and reads the ledger that the judge looks at.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

Asked = Mapping[str, Any]
SINCE = date(2020, 1, 1)
OFFICERS = ("oficial-1", "oficial-2")
TOWN = "05001"
COAL = "carbon_termico"


def enrol(asked: Asked) -> Any:
    """Enrol an operator with its key, that two officers approve."""
    from veta.operators.services import enrolment, keys

    made = enrolment.enrol(
        code=asked["code"], name=asked["name"], enabled_on=SINCE, act="Ensayo, sin efectos", officer=OFFICERS[0]
    )
    key_id = keys.record_key(
        operator=made.id, public_key=base64.b64decode(asked["public_key"]), purpose="signing", officer=OFFICERS[0],
        proof=base64.b64decode(asked["proof"]),
    )  # fmt: skip
    keys.approve_key(key_id, officer=OFFICERS[1])
    return {"operator": str(made.id), "keyid": key_id}


def world(asked: Asked) -> Any:
    """Register a scenario's parties; of each, its actor and the mandate of whoever reports for it."""
    return {name: _party(given, asked) for name, given in asked["parties"].items()}


def end_mandate(asked: Asked) -> Any:
    """End a mandate from today on."""
    from veta.registry.services import mandates

    mandates.revoke_mandate(UUID(asked["actor"]), UUID(asked["operator"]), on=_today(), act=_act())
    return {}


def approve_key(asked: Asked) -> Any:
    """One officer approves a key that the candidate asked for; its public part."""
    from veta.operators.queries import key_states
    from veta.operators.services.keys import approve_key as approve

    approve(asked["keyid"], officer=OFFICERS[1])
    states = {state.id: state for state in key_states(now=datetime.now(UTC), operator=UUID(asked["operator"]))}
    found = states[asked["keyid"]]
    return {"public_key": base64.b64encode(found.public_key).decode(), "state": found.state}


def notice(asked: Asked) -> Any:
    """The fields and body of a notice to a webhook, signed by this hub, `ago` seconds old."""
    from veta.kernel.canonical_json import canonical
    from veta.operators.domain.webhook import signed_headers
    from veta.operators.services.hub_keys import hub_signer

    signer = hub_signer()
    body = canonical({"type": "events", "items": [], "cursor": asked.get("cursor", ""), "more": False})
    fields = signed_headers(
        url=asked["url"], body=body, key_id=signer.key_id, key=signer.private,
        now=datetime.now(UTC) - timedelta(seconds=asked.get("ago", 0)), nonce=os.urandom(18).hex(),
    )  # fmt: skip
    return {"fields": fields, "body": base64.b64encode(body).decode()}


def ledger(asked: Asked) -> Any:
    """By movement: the verdict's status and findings, who reported it, and the entries that it wrote."""
    from django.db import connection

    ids = [UUID(each) for each in asked["ids"]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id::text, v.status, m.operator::text, m.kind, v.body,"
            " coalesce((SELECT json_agg(json_build_object('from', f.kind, 'to', t.kind, 'commodity', e.commodity,"
            " 'amount', e.amount::text) ORDER BY e.seq) FROM ledger_entry e JOIN ledger_account f ON f.id = e.source"
            " JOIN ledger_account t ON t.id = e.target WHERE e.movement = m.id), '[]')::text"
            " FROM movements_movement m JOIN movements_verdict v ON v.movement_id = m.id WHERE m.id = ANY (%s)",
            [ids],
        )
        rows = cursor.fetchall()
    return {row[0]: _written(row) for row in rows}


def outcomes(asked: Asked) -> Any:
    """How each movement that waited for an answer ended; only of those that did."""
    from django.db import connection

    ids = [UUID(each) for each in asked["ids"]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT movement_id::text, outcome FROM movements_pendingend WHERE movement_id = ANY (%s)", [ids]
        )
        return dict(cursor.fetchall())


def _written(row: Any) -> dict[str, Any]:
    _, status, operator, kind, body, entries = row
    codes = [found["code"] for found in orjson.loads(bytes(body)).get("findings", [])]
    return {"status": status, "operator": operator, "kind": kind, "codes": codes, "entries": orjson.loads(entries)}


def _party(given: Asked, asked: Asked) -> dict[str, str]:
    from veta.kernel.identity import document
    from veta.registry.services import actors

    party = given["party"]
    actor = actors.register_actor(
        "firm" if party["type"] == "NIT" else "person", given["called"],
        documents=[document(party["type"], party["number"])], by=OFFICERS[0], source="formato de pruebas",
    )  # fmt: skip
    _registered(actor, given)
    held = {"ours": asked["operator"], "theirs": asked["other"]}
    wanted = ["ours", "theirs"] if given["shared"] else ["ours" if given["ours"] else "theirs"]
    made = {each: str(_mandate(actor, UUID(held[each]))) for each in wanted}
    return {"actor": str(actor), "mandate": made.get("ours", "")}


def _mandate(actor: UUID, operator: UUID) -> UUID:
    from veta.registry.services import mandates

    proposal = mandates.propose_mandate(
        actor, operator, authorization_text="Autorizo el tratamiento de mis datos (ensayo).", authorization_version="1"
    )
    mandates.confirm_by_document(proposal, valid_from=SINCE, act=_act())
    return proposal


def _registered(actor: UUID, given: Asked) -> None:
    from veta.registry.services.registrations import RegistrationRecord, register

    match given["kind"]:
        case "miner":
            register(
                RegistrationRecord(
                    actor=actor, role="producer", valid_from=SINCE, producer_class="barequero",
                    municipalities=frozenset({TOWN}),
                ), _act(),
            )  # fmt: skip
        case "producer":
            _title(actor, given["title"])
            register(
                RegistrationRecord(
                    actor=actor, role="producer", valid_from=SINCE, producer_class="title", title_code=given["title"]
                ), _act(),
            )  # fmt: skip
            _plan(given["title"], int(given["volume"]))
        case kind:
            register(RegistrationRecord(actor=actor, role=kind, valid_from=SINCE), _act())


def _title(actor: UUID, code: str) -> None:
    from veta.registry.services.titles import TitleRecord, register_title

    register_title(
        TitleRecord(
            code=code, stage="exploitation", holders=((actor, "100"),), minerals=frozenset({COAL}),
            municipalities=frozenset({TOWN}), contract_date=SINCE, inscription_date=SINCE, end_date=date(2050, 1, 1),
            environmental_instrument="Licencia de ensayo", valid_from=SINCE,
        ), _act(),
    )  # fmt: skip


def _plan(code: str, volume: int) -> None:
    """A plan of so many kilograms for each contract year until the next one."""
    from veta.registry.domain import PlanLine
    from veta.registry.services.plans import PlanRecord, record_plan

    years = [SINCE.replace(year=year).isoformat() for year in range(SINCE.year, _today().year + 2)]
    line = PlanLine(COAL, dict.fromkeys(years, volume))
    record_plan(PlanRecord(title_code=code, kind="PTO", approved_on=SINCE, lines=(line,), valid_from=SINCE), _act())


def _act() -> Any:
    from veta.registry.domain import Act

    return Act(reference="Ensayo, sin efectos", source="ensayo", recorded_by=OFFICERS[0], approved_by=OFFICERS[1])


def _today() -> date:
    from veta.kernel.period import bogota_date

    return bogota_date(datetime.now(UTC))


def _open() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")
    django.setup()
    from veta.registry.queries import MunicipalityRecord
    from veta.registry.services.places import record_municipalities

    record_municipalities(
        [MunicipalityRecord(TOWN, "MEDELLÍN", "ANTIOQUIA", "Municipio", None, None)], source="formato de pruebas"
    )


VERBS: Mapping[str, Callable[[Asked], Any]] = {
    each.__name__: each for each in (enrol, world, end_mandate, approve_key, notice, ledger, outcomes)
}


def main() -> None:
    """Answer until the input ends."""
    # What a library prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    _open()
    answers.write(b'{"ready":true}\n')
    answers.flush()
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        try:
            answer = {"answer": VERBS[asked.pop("verb")](asked)}
        except Exception as trouble:
            answer = {"trouble": f"{type(trouble).__name__}: {trouble}"}
        answers.write(orjson.dumps(answer) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
