"""The world enters the registry by its own services, with acts of two fictitious officers; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from uuid import UUID

from django.db import transaction

from veta.demo.country import Country
from veta.demo.keep import DemoRefused, keep_world, kept_world, key_path, new_key
from veta.demo.people import Actor
from veta.demo.world import LAPSED_ON, SINCE, Miner, Title, World, build
from veta.operators.domain.keys import possession_statement
from veta.operators.services.enrolment import enrol
from veta.operators.services.keys import approve_key, record_key
from veta.prices.services import load_demo
from veta.registry.domain import Act, PlanLine
from veta.registry.queries import kinds_of
from veta.registry.services.actors import NewActor, register_actors
from veta.registry.services.mandates import confirm_by_document, propose_mandate
from veta.registry.services.places import record_demo_municipalities
from veta.registry.services.plans import PlanRecord, record_plan
from veta.registry.services.registrations import RegistrationRecord, register_all
from veta.registry.services.titles import TitleRecord, record_title_versions

SOURCE = "demostración (ficticio)"
OFFICERS = ("funcionaria.demo.1", "funcionario.demo.2")
AUTHORIZATION = "Autorizo al operador a reportar por mí (texto de demostración)."
Said = Callable[[str], None]


def ready_world(home: Path, country: Country, *, seed: int, say: Said) -> tuple[World, bool]:
    """The world of this home, loaded now if it is not there; returns it and whether it was loaded now.

    A home keeps the world that it was first loaded with: another seed or other volumes take another home.
    Raises DemoRefused where database and home are not of one piece.
    """
    kept = kept_world(home)
    world = build(kept[0], seed=kept[1]) if kept is not None else build(country, seed=seed)
    loaded = _is_loaded(world)
    if loaded and kept is None:
        raise DemoRefused(
            f"La base de datos ya tiene actores de demostración, pero {home}/demo/world.json no está."
            " Restáurelo, o use otra base de datos y otro VETA_HOME."
        )
    if loaded:
        _require_keys(home, world)
        return world, False
    world = build(country, seed=seed)
    keys = {code: new_key(home, code) for code, _ in world.operators}
    with transaction.atomic():
        _record(world, say)
        operators = _enrol(world, keys)
        say("mandatos")
        _mandates(world, operators)
        keep_world(home, country, seed=seed)
    return world, True


def _is_loaded(world: World) -> bool:
    someone = world.titles[0].holder.id
    return someone in kinds_of([someone])


def _require_keys(home: Path, world: World) -> None:
    absent = [str(key_path(home, code)) for code, _ in world.operators if not key_path(home, code).exists()]
    if absent:
        raise DemoRefused(f"Faltan llaves de operadores: {', '.join(absent)}. Restáurelas, o use otro VETA_HOME.")


def _act(number: int) -> Act:
    return Act(reference=f"DEMO-ACTO-{number:04}", source=SOURCE, recorded_by=OFFICERS[0], approved_by=OFFICERS[1])


def _record(world: World, say: Said) -> None:
    say("municipios y actores")
    record_demo_municipalities()
    everybody = [*world.parties(), *(actor for _, actor in world.operators)]
    register_actors([_new_actor(actor) for actor in everybody], by=OFFICERS[0], source=SOURCE)
    say("títulos y planes")
    record_title_versions([_title(title) for title in world.titles], _act(1), new=True)
    for number, title in enumerate(world.titles, start=1001):
        record_plan(_plan(title), _act(number))
    say("precios base de demostración")
    load_demo()
    say("inscripciones")
    register_all([*map(_producer, world.titles), *map(_miner, world.miners), *_dealers(world)], _act(2))


def _new_actor(actor: Actor) -> NewActor:
    return NewActor(
        id=actor.id, kind="person" if actor.kind == "person" else "firm", name=actor.name, documents=(actor.document,)
    )


def _title(title: Title) -> TitleRecord:
    serial = title.code.removeprefix("DEMO-")
    return TitleRecord(
        code=title.code, kind=title.kind, modality=title.modality, stage="exploitation",  # type: ignore[arg-type]
        holders=((title.holder.id, "100"),), minerals=title.granted, associated=title.associated,
        municipalities=frozenset({title.municipality}), contract_date=title.contract_date,
        inscription_date=title.inscription_date, end_date=title.contract_date.replace(year=2050, day=1),
        environmental_instrument=f"Licencia ambiental DEMO-LA-{serial} (ficticia)", scale=title.scale,
        scale_act=f"DEMO-ESCALA-{serial}", valid_from=title.inscription_date,
    )  # fmt: skip


def _plan(title: Title) -> PlanRecord:
    return PlanRecord(
        title_code=title.code, kind=title.plan_kind, approved_on=SINCE,  # type: ignore[arg-type]
        lines=tuple(PlanLine(mineral, volumes) for mineral, volumes in title.volumes.items()),
        valid_from=title.inscription_date, scale=title.scale, duration_years=30,
        characteristics="Plan de demostración: volúmenes ficticios.",
    )  # fmt: skip


def _producer(title: Title) -> RegistrationRecord:
    return RegistrationRecord(
        actor=title.holder.id, role="producer", producer_class=title.kind, title_code=title.code,  # type: ignore[arg-type]
        minerals=frozenset(title.holder.minerals), municipalities=frozenset({title.municipality}), valid_from=SINCE,
    )  # fmt: skip


def _miner(miner: Miner) -> RegistrationRecord:
    return RegistrationRecord(
        actor=miner.actor.id, role="producer", producer_class=miner.producer_class,  # type: ignore[arg-type]
        minerals=frozenset({miner.mineral}), municipalities=frozenset({miner.actor.municipality}), valid_from=SINCE,
    )  # fmt: skip


def _dealers(world: World) -> Iterable[RegistrationRecord]:
    """Plants, traders and exporters: for every mineral, since what they deal in is the demonstration's choice alone."""
    for actor in (*world.plants, *world.traders, *world.exporters):
        yield RegistrationRecord(
            actor=actor.id, role=actor.role, plant_published=actor.published,  # type: ignore[arg-type]
            valid_from=SINCE, valid_to=LAPSED_ON if actor.lapsed else None,
        )  # fmt: skip


def _enrol(world: World, keys: Mapping[str, object]) -> dict[str, UUID]:
    operators = {}
    for number, (code, actor) in enumerate(world.operators, start=3):
        operator = enrol(
            code=code, name=actor.name, enabled_on=SINCE, act=f"DEMO-ACTO-{number:04}", officer=OFFICERS[0],
            actor=actor.id,
        )  # fmt: skip
        key = keys[code]
        public = key.public_key().public_bytes_raw()  # type: ignore[attr-defined]
        proof = key.sign(possession_statement(code, public))  # type: ignore[attr-defined]
        recorded = record_key(
            operator=operator.id, public_key=public, purpose="signing", officer=OFFICERS[0], proof=proof
        )
        approve_key(recorded, officer=OFFICERS[1])
        operators[code] = operator.id
    return operators


def _mandates(world: World, operators: Mapping[str, UUID]) -> None:
    act = Act(reference="DEMO-MANDATOS", source=SOURCE, recorded_by=OFFICERS[0])
    for actor in world.parties():
        for code in actor.operators:
            proposal = propose_mandate(
                actor.id, operators[code], authorization_text=AUTHORIZATION, authorization_version="demo-1"
            )
            confirm_by_document(proposal, valid_from=SINCE, act=act)
