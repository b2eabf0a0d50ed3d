"""The facts that a case's tables describe, as the rules read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from veta.kernel.identity import Document, document
from veta.kernel.quantity import amount_of
from veta.ledger.domain.accounts import boundary_id, quota_id
from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin
from veta.ledger.domain.posting import Posting
from veta.movements.domain.facts import (
    LotFacts,
    PaperNumber,
    PendingFacts,
    PendingLineFacts,
    RunningBalance,
    TargetFacts,
    World,
)
from veta.movements.domain.item import Grant, Item, Step
from veta.movements.domain.papers import PaperFacts
from veta.movements.domain.shape import read_act, read_decision, read_item
from veta.norms.catalogue import catalogue
from veta.registry.domain import Consent, MandateVersion, PlanLine, PlanVersion, RegistrationVersion, TitleVersion

Table = Mapping[str, Any]
NAMED = ("lote", "oferta", "movimiento", "consentimiento", "acto", "nuevo")


class Names:
    """Ids by name: the same name, the same UUID version 7."""

    def id(self, name: str) -> UUID:
        number = int.from_bytes(sha256(name.encode()).digest()[:16], "big")
        number = number & ~(0xF << 76) | 0x7 << 76
        return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


def smallest(quantity: str, mineral: str) -> int:
    """The integer that a quantity of a mineral (or of a quota group) is."""
    found = catalogue().mineral(mineral)
    return amount_of(quantity, factor=found.factor if found is not None else 1000)


def world_of(table: Table, names: Names) -> World:
    """The world of a case."""
    world = World(municipalities=frozenset(table["municipalities"]))
    world.accounts_taken = {names.id(f"nuevo:{name}") for name in table["taken"]}
    for name, text in table["actors"].items():
        world.actors[_document(text)] = _actor(names, name)
    for name, text in table.get("same_actor", {}).items():
        world.actors[_document(text)] = _actor(names, name)
    _registry(world, table, names)
    _titles(world, table, names)
    _ledger(world, table, names)
    _waiting(world, table, names)
    for each in table["paper_numbers"].values():
        paper = PaperNumber(Origin(**each["origin"]).id, each["type"], each["number"].replace("-", ""))
        world.paper_numbers[paper] = names.id("movimiento:anterior")
    world.suspensions_open = {names.id(f"acto:{name}"): each["open"] for name, each in table["suspensions"].items()}
    return world


def _document(text: str) -> Document:
    kind, number = text.split()
    return document(kind, number)


def _actor(names: Names, name: str) -> UUID:
    return names.id(f"persona:{name}")


def _registry(world: World, table: Table, names: Names) -> None:
    for name, each in table["registrations"].items():
        actor = _actor(names, each["actor"])
        version = RegistrationVersion(
            id=names.id(f"inscripcion:{name}"), entity=names.id(f"inscripcion:{name}"), actor=actor, role=each["role"],
            producer_class=each.get("class"), minerals=frozenset(each["minerals"]), municipalities=frozenset(),
            status=each["status"], valid_from=each["from"], valid_to=each.get("to"),
            plant_published=each.get("published", False),
        )  # fmt: skip
        world.registrations.setdefault(actor, []).insert(0, version)
    for name, each in table["mandates"].items():
        actor, operator = _actor(names, each["actor"]), names.id(f"operador:{each['operator']}")
        mandate = MandateVersion(
            id=names.id(f"mandato:{name}"), actor=actor, operator=operator, status=each["status"],
            valid_from=each["from"], valid_to=each.get("to"),
        )  # fmt: skip
        world.mandates.setdefault((actor, operator), []).insert(0, mandate)


def _titles(world: World, table: Table, names: Names) -> None:
    for name, each in table["titles"].items():
        title = TitleVersion(
            id=names.id(f"version:{name}"), title=names.id(f"titulo:{name}"), code=each["code"], kind=each["kind"],
            modality="", stage=each.get("stage"), status=each["status"],
            holders=tuple((_actor(names, holder), "") for holder in each["holders"]), minerals=frozenset(),
            associated=frozenset(each["associated"]), municipalities=frozenset(each["municipalities"]),
            contract_date=each.get("contract"), inscription_date=each.get("inscribed"), end_date=each.get("ends"),
            environmental_instrument=each.get("environment"), scale=each.get("scale"), valid_from=each["from"],
            valid_to=each.get("to"),
        )  # fmt: skip
        world.titles.setdefault(title.code, []).insert(0, title)
    for name, each in table["plans"].items():
        title_id = names.id(f"titulo:{each['title']}")
        lines = tuple(
            PlanLine(mineral, {str(start): smallest(amount, mineral) for start, amount in years.items()})
            for mineral, years in each["volumes"].items()
        )
        plan = PlanVersion(
            id=names.id(f"plan:{name}"), title=title_id, kind=each["kind"], act="", approved_on=each["from"],
            valid_from=each["from"], valid_to=each.get("to"), lines=lines,
            heading_required_from=each.get("heading_required"),
        )  # fmt: skip
        world.plans.setdefault(title_id, []).insert(0, plan)


def _ledger(world: World, table: Table, names: Names) -> None:
    origins: dict[str, Origin] = {}
    for name, each in table["origins"].items():
        person = _actor(names, each["person"]) if "person" in each else None
        origins[name] = Origin(each["kind"], each.get("code"), each.get("municipality"), person)
        world.origins[origins[name].id] = origins[name]
    for name, each in table["lots"].items():
        _lot(world, names, name, each, origins)
    for each in table["quotas"].values():
        spent = smallest(each["used"], each["group"])
        world.balances[quota(names, each)] = RunningBalance(smallest(each["granted"], each["group"]), spent)


def quota(names: Names, each: Table) -> UUID:
    """The account of a quota."""
    kind = "titulo" if each["basis"].startswith("title") else "persona"
    subject = names.id(f"{kind}:{each['subject']}")
    return quota_id(basis=each["basis"], subject=subject, quota_group=each["group"], period_start=each["start"])


def _lot(world: World, names: Names, name: str, each: Table, origins: Mapping[str, Origin]) -> None:
    lot, mineral = names.id(f"lote:{name}"), each["mineral"]
    mix = each.get("mix")
    blend = Composition.of({origins[o].id: weight for o, weight in mix.items()}) if mix is not None else None
    if blend is not None:
        world.compositions[blend.id] = blend
    world.lots[lot] = LotFacts(
        id=lot, mineral=mineral, holder=_actor(names, each["holder"]), accreditation=each["accreditation"],
        movement=names.id("movimiento:anterior"), occurred_at=datetime.fromisoformat(each["occurred_at"]),
        origin=origins[each["origin"]].id if blend is None else None, composition=blend.id if blend else None,
        grade=each.get("grade"), processed_by=_actor(names, each["plant"]) if "plant" in each else None,
        suspended_by=(names.id(f"acto:{each['suspended']}"),) if each.get("suspended") else (),
    )  # fmt: skip
    integers = (smallest(each.get(name, "0"), mineral) for name in ("quantity", "gone", "held"))
    world.balances[lot] = RunningBalance(*integers)


def _waiting(world: World, table: Table, names: Names) -> None:
    for name, each in table["consents"].items():
        consent = Consent(
            id=names.id(f"consentimiento:{name}"), purpose=each.get("purpose", "sale"),
            party=_actor(names, each["party"]), counterparty=_actor(names, each["counterparty"]),
            mineral=each.get("mineral"), amount=smallest(each["quantity"], "oro") if "quantity" in each else None,
            methods=tuple(each["methods"]), checked=tuple(each["checked"]), used=each["used"],
            expires_at=datetime.fromisoformat(each["expires_at"]),
        )  # fmt: skip
        world.consents[consent.id, each.get("code")] = consent
    for name, each in table["offers"].items():
        offer = _offer(table, names, name, each)
        world.pending[offer.movement] = offer
    for name, each in table["done"].items():
        target = _target(world, names, name, each)
        world.targets[target.movement] = target
        if each["certified"]:
            world.certified[target.movement] = each["certified"]
    for each in table["papers"].values():
        covers = tuple(names.id(f"lote:{lot}") for lot in each["covers"])
        left = smallest(each["left"], each["mineral"])
        paper = PaperFacts(names.id(f"certificado:{each['number']}"), each["number"], each["state"], left, covers)
        world.papers[each["number"]] = paper


def _offer(table: Table, names: Names, name: str, each: Table) -> PendingFacts:
    lines = tuple(
        PendingLineFacts(
            names.id(f"lote:{line['lot']}"),
            smallest(line["quantity"], table["lots"][line["lot"]]["mineral"]),
            names.id(f"nuevo:{line['new_lot']}"),
        )
        for line in each["lines"]
    )
    return PendingFacts(
        movement=names.id(f"oferta:{name}"), kind=each["kind"], author=_actor(names, each["seller"]),
        counterparty=_actor(names, each["buyer"]), occurred_at=datetime.fromisoformat(each["occurred_at"]),
        confirm_by=datetime.fromisoformat(each["confirm_by"]) if "confirm_by" in each else None, lines=lines,
        outcome=each.get("outcome"), municipality=each.get("to"),
    )  # fmt: skip


def _target(world: World, names: Names, name: str, each: Table) -> TargetFacts:
    made = tuple(names.id(f"lote:{lot}") for lot in each["made"])
    mineral = world.lots[made[0]].mineral
    source = boundary_id("extraction", mineral)
    return TargetFacts(
        movement=names.id(f"movimiento:{name}"), kind=each["kind"], status=each["status"],
        author=_actor(names, each["author"]),
        counterparty=_actor(names, each["counterparty"]) if "counterparty" in each else None,
        occurred_at=datetime.fromisoformat(each["occurred_at"]),
        received_at=datetime.fromisoformat(each["received_at"]),
        entries=tuple(Posting(source, lot, mineral, world.balances[lot].received) for lot in made),
        boundaries={source: ("extraction", mineral)}, made=made,
        descendants=tuple(names.id(f"lote:{lot}") for lot in each["descendants"]), reversed=each["reversed"],
        suspended_by=(names.id(f"acto:{each['suspended']}"),) if each.get("suspended") else (),
    )  # fmt: skip


def item_of(sent: Any, table: Table, names: Names, *, received: datetime) -> Item:
    """The report as read: by the API's own reader, or as the hub itself makes it (answers and grants)."""
    kind = sent.get("kind") if isinstance(sent, Mapping) else None
    if kind == "grant":
        return _grant(sent, table, names, received)
    written = written_out(sent, table, names)
    if kind in ("confirmation", "withdrawal", "lapse"):
        movement = UUID(written.pop("movement"))
        body = {name: value for name, value in written.items() if name != "kind"}
        read = read_decision(body, "withdrawal" if kind == "lapse" else kind)
        return Step(id=read["id"], kind=kind, occurred_at=received, movement=movement, decision=read["decision"])
    return read_act(written) if str(sent["id"]).startswith("nuevo:acto-") else read_item(written)


def _grant(sent: Table, table: Table, names: Names, received: datetime) -> Grant:
    sign = -1 if sent["amount"].startswith("-") else 1
    return Grant(
        id=names.id(sent["id"]), kind="grant", occurred_at=received, title=names.id(f"titulo:{sent['title']}"),
        quota=quota(names, table["quotas"][sent["quota"]]), group=sent["group"],
        amount=sign * smallest(sent["amount"].removeprefix("-"), sent["group"]), unit=sent["unit"], act=sent["act"],
    )  # fmt: skip


def written_out(value: Any, table: Table, names: Names) -> Any:
    """A report with its names replaced by documents and ids."""
    if isinstance(value, Mapping):
        return {name: written_out(each, table, names) for name, each in value.items()}
    if isinstance(value, list):
        return [written_out(each, table, names) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    prefix, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    if prefix == "persona":
        kind, number = table["actors"].get(name, name).split()
        return {"type": kind, "number": number}
    if prefix == "documento":
        kind, _, number = name.partition("/")
        return {"type": kind, "number": number or "DEMO-1", "issued_on": "2026-11-01"}
    return str(names.id(value)) if prefix in NAMED else value
