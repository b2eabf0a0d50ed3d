"""The registry of the bench: fictitious titles, miners and traders, each a client of one of a few operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from bench.sizes import Sizes
from veta.kernel.identity import Document, document
from veta.operators.domain.keys import possession_statement
from veta.operators.services import enrolment, keys
from veta.registry.domain import Act, PlanLine
from veta.registry.queries import MunicipalityRecord
from veta.registry.services import actors, mandates, places, plans, registrations, titles

ACT = Act(reference="Acto de medición", source="medición", recorded_by="oficial-1", approved_by="oficial-2")
SINCE = date(2020, 1, 1)
TOWNS = ("05001", "05154", "15001", "20228", "27361")
GOLD, COAL = "oro", "carbon_termico"
# A year's volume in the smallest unit: 5,000 kg of gold and 50 Mt of coal a title, so that no quota ends in a run.
VOLUMES = {GOLD: 5_000_000_000, COAL: 50_000_000_000}


@dataclass(frozen=True, slots=True)
class Title:
    code: str
    mineral: str
    holder: Document


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, its key, and its clients."""

    id: UUID
    key_id: str
    key: Ed25519PrivateKey
    titles: Sequence[Title]
    miners: Sequence[tuple[Document, str]]  # with the municipality of each
    traders: Sequence[Document]


def build(sizes: Sizes) -> list[Operator]:
    """Register everybody in an empty database, by the registry's own services."""
    with transaction.atomic():
        records = [MunicipalityRecord(code, f"MUNICIPIO {code}", "DEMO", "Municipio", None, None) for code in TOWNS]
        places.record_municipalities(records, source=ACT.source)
        return [_operator(number, sizes) for number in range(sizes.operators)]


def _operator(number: int, sizes: Sizes) -> Operator:
    share = [count // sizes.operators for count in (sizes.titles, sizes.traders, sizes.miners)]
    firms = [document("NIT", str(900_100_000 + number * 1_000 + n)) for n in range(share[0] + share[1])]
    miners = [document("CC", str(10_000_000 + number * 10_000 + n)) for n in range(share[2])]
    ids = _actors(firms, miners)
    held = _titles(number, firms[: share[0]], ids)
    towns = [TOWNS[n % len(TOWNS)] for n in range(len(miners))]
    records = [
        registrations.RegistrationRecord(actor=ids[firm], role="trader", valid_from=SINCE) for firm in firms[share[0] :]
    ]
    records += [
        registrations.RegistrationRecord(
            actor=ids[miner], role="producer", producer_class="barequero", municipalities=frozenset({town}),
            valid_from=SINCE,
        )
        for miner, town in zip(miners, towns, strict=True)
    ]  # fmt: skip
    registrations.register_all(records, ACT)
    operator, key_id, key = _enrolled(f"BENCH-{number}")
    for actor in ids.values():
        proposal = mandates.propose_mandate(
            actor, operator, authorization_text="Autorizo el tratamiento de mis datos.", authorization_version="1"
        )
        mandates.confirm_by_document(proposal, valid_from=SINCE, act=ACT)
    return Operator(operator, key_id, key, held, list(zip(miners, towns, strict=True)), firms[share[0] :])


def _actors(firms: Sequence[Document], miners: Sequence[Document]) -> dict[Document, UUID]:
    everybody = [*firms, *miners]
    new = [
        actors.NewActor(
            kind="firm" if each.type == "NIT" else "person", name=f"DEMO {each.number} (ficticio)", documents=(each,)
        )
        for each in everybody
    ]
    return dict(zip(everybody, actors.register_actors(new, by="oficial-1", source=ACT.source), strict=True))


def _titles(number: int, holders: Sequence[Document], ids: dict[Document, UUID]) -> list[Title]:
    found = [
        Title(f"BENCH-{number}-{n:03}", (GOLD, COAL)[n % 2], holder) for n, holder in enumerate(holders)
    ]  # fmt: skip
    years = [SINCE.replace(year=year).isoformat() for year in range(SINCE.year, 2036)]
    for title in found:
        titles.register_title(
            titles.TitleRecord(
                code=title.code, stage="exploitation", holders=((ids[title.holder], "100"),),
                minerals=frozenset({title.mineral}), municipalities=frozenset(TOWNS), contract_date=SINCE,
                inscription_date=SINCE, end_date=date(2050, 1, 1), environmental_instrument="Licencia de medición",
                valid_from=SINCE,
            ),
            ACT,
        )  # fmt: skip
        line = PlanLine(title.mineral, dict.fromkeys(years, VOLUMES[title.mineral]))
        plans.record_plan(
            plans.PlanRecord(title_code=title.code, kind="PTO", approved_on=SINCE, lines=(line,), valid_from=SINCE), ACT
        )
    records = [
        registrations.RegistrationRecord(
            actor=ids[title.holder], role="producer", producer_class="title", title_code=title.code, valid_from=SINCE
        )
        for title in found
    ]
    registrations.register_all(records, ACT)
    return found


def _enrolled(code: str) -> tuple[UUID, str, Ed25519PrivateKey]:
    operator = enrolment.enrol(
        code=code, name=f"{code} (ficticio)", enabled_on=SINCE, act=ACT.reference, officer="oficial-1"
    )
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    key_id = keys.record_key(
        operator=operator.id, public_key=public, purpose="signing", officer="oficial-1",
        proof=key.sign(possession_statement(code, public)),
    )  # fmt: skip
    keys.approve_key(key_id, officer="oficial-2")
    return operator.id, key_id, key
