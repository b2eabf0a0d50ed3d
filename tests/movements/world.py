"""A small registry to decide in: two operators, titles with plans, traders, a plant, an exporter, a miner."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import FixedClock
from veta.kernel.identity import document
from veta.kernel.ids import uuid7
from veta.movements import group
from veta.movements.domain.submission import Result, Submission, receive
from veta.movements.services import receive_step
from veta.operators.services.hub_keys import HubSigner, hub_signer
from veta.registry.domain import Act, PlanLine
from veta.registry.queries import MunicipalityRecord
from veta.registry.services import actors, mandates, places, plans, registrations, titles

ACT = Act(reference="Acto de prueba 1", source="prueba", recorded_by="oficial-1", approved_by="oficial-2")
NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
SINCE = date(2020, 1, 1)
TOWN = "05001"


def nit(number: str) -> dict[str, str]:
    return {"type": "NIT", "number": number}


@dataclass
class World:
    """The registry of a test, and the ways to report into it. Quantities in the minerals' own units."""

    now: datetime = NOW
    operator: UUID = field(default_factory=uuid7)
    other_operator: UUID = field(default_factory=uuid7)
    signer: HubSigner = field(default_factory=hub_signer)
    actors: dict[str, UUID] = field(default_factory=dict)

    PARTIES: ClassVar[dict[str, dict[str, str]]] = {
        "holder": nit("900100001"),
        "holder2": nit("900100002"),
        "trader": nit("900200001"),
        "trader2": nit("900200002"),
        "plant": nit("900300001"),
        "exporter": nit("900400001"),
        "miner": {"type": "CC", "number": "10200300"},
    }

    def build(self, *, both: bool = True) -> World:
        """Register everybody, for the first operator or for both, with a gold and a coal title of ample volume."""
        town = MunicipalityRecord(TOWN, "MEDELLÍN", "ANTIOQUIA", "Municipio", None, None)
        places.record_municipalities([town], source="prueba")
        for name, party in self.PARTIES.items():
            self.actors[name] = actors.register_actor(
                "person" if party["type"] == "CC" else "firm", f"DEMO {name} (ficticio)",
                documents=[document(party["type"], party["number"])], by="oficial-1", source="prueba",
            )  # fmt: skip
        self.title("DEMO-ORO", "holder", {"oro": 10_000_000, "mineral_oro": 10_000_000})
        self.title("DEMO-CARBON", "holder2", {"carbon_termico": 1_000_000_000})
        for name, role in (("trader", "trader"), ("trader2", "trader"), ("exporter", "exporter")):
            self.register(name, role)
        self.register("plant", "plant", plant_published=True)
        self.register("miner", "producer", producer_class="barequero", municipalities=frozenset({TOWN}))
        for actor in self.actors.values():
            self.mandate(actor, self.operator)
            if both:
                self.mandate(actor, self.other_operator)
        return self

    def register(self, name: str, role: Any, **more: Any) -> UUID:
        record = registrations.RegistrationRecord(actor=self.actors[name], role=role, valid_from=SINCE, **more)
        return registrations.register(record, ACT)

    def title(self, code: str, holder: str, volumes: dict[str, int], *, contract: date = SINCE) -> UUID:
        """A title in exploitation with a plan for each contract year 2020 to 2030 (smallest units), its holder
        registered as its producer."""
        title = self.planned_title(code, holder, volumes, contract=contract)
        self.register(holder, "producer", producer_class="title", title_code=code)
        return title

    def planned_title(self, code: str, holder: str, volumes: dict[str, int], *, contract: date = SINCE) -> UUID:
        title = self._title(code, holder, frozenset(volumes), contract=contract)
        self.plan(code, volumes, contract=contract)
        return title

    def title_without_plan(self, code: str, holder: str, minerals: frozenset[str], *, contract: date = SINCE) -> UUID:
        title = self._title(code, holder, minerals, contract=contract)
        self.register(holder, "producer", producer_class="title", title_code=code)
        return title

    def _title(self, code: str, holder: str, minerals: frozenset[str], *, contract: date) -> UUID:
        record = titles.TitleRecord(
            code=code, stage="exploitation", holders=((self.actors[holder], "100"),), minerals=minerals,
            municipalities=frozenset({TOWN}), contract_date=contract, inscription_date=contract,
            end_date=date(2050, 1, 1), environmental_instrument="Licencia de prueba", valid_from=contract,
        )  # fmt: skip
        return titles.register_title(record, ACT)

    def plan(self, code: str, volumes: dict[str, int], *, contract: date = SINCE) -> Any:
        years = [contract.replace(year=year).isoformat() for year in range(contract.year, 2031)]
        lines = tuple(PlanLine(mineral, dict.fromkeys(years, amount)) for mineral, amount in volumes.items())
        record = plans.PlanRecord(title_code=code, kind="PTO", approved_on=contract, lines=lines, valid_from=contract)
        return plans.record_plan(record, ACT)

    def mandate(self, actor: UUID, operator: UUID) -> None:
        proposal = mandates.propose_mandate(
            actor, operator, authorization_text="Autorizo el tratamiento de mis datos.", authorization_version="1"
        )
        mandates.confirm_by_document(proposal, valid_from=SINCE, act=ACT)

    def send(self, *movements: dict[str, Any], operator: UUID | None = None) -> list[dict[str, Any]]:
        """Report movements in one request, as one group; returns the results as the API would give them."""
        submission = self.submission(*movements, operator=operator)
        self.run(submission)
        return [as_json(result) for result in submission.results]

    def submission(self, *movements: dict[str, Any], operator: UUID | None = None) -> Submission:
        return Submission(operator or self.operator, [receive(m, canonical(m)) for m in movements])

    def run(self, *submissions: Submission, dry: bool = False) -> None:
        group.run(submissions, clock=FixedClock(self.now), signer=self.signer, dry=dry)

    def answer(
        self, movement: str, decision: str, *, operator: UUID | None = None, id: str | None = None
    ) -> dict[str, Any]:
        """Confirm, refuse or withdraw a pending movement."""
        body: dict[str, Any] = {"id": id or str(uuid7())}
        kind = "withdrawal" if decision == "withdraw" else "confirmation"
        if kind == "confirmation":
            body["decision"] = decision
        step = receive_step(body, canonical(body), kind=kind, movement=UUID(movement), clock=FixedClock(self.now))
        submission = Submission(operator or self.operator, [step])
        self.run(submission)
        return as_json(submission.results[0])

    def movement(self, kind: str, **fields: Any) -> dict[str, Any]:
        return {"id": str(uuid7()), "kind": kind, "occurred_at": "2026-11-10T09:00:00-05:00", **fields}

    def production(self, quantity: str = "100.000", **more: Any) -> dict[str, Any]:
        """Thermal coal, in tonnes."""
        fields = {
            "holder": self.PARTIES["holder2"], "origin": {"kind": "title", "code": "DEMO-CARBON"},
            "mineral": "carbon_termico", "quantity": quantity, "unit": "t", "lot": str(uuid7()),
        }  # fmt: skip
        return self.movement("production", **{**fields, **more})

    def purchase(self, quantity: str = "10.000", fineness: str = "1000", **more: Any) -> dict[str, Any]:
        """Gold of a subsistence miner, gross grams."""
        fields = {
            "seller": self.PARTIES["miner"], "buyer": self.PARTIES["trader"],
            "origin": {"kind": "subsistence", "municipality": TOWN}, "mineral": "oro", "quantity": quantity,
            "unit": "g", "fineness": fineness, "assay": "declared", "lot": str(uuid7()),
            "evidence": [{"type": "production_declaration", "number": "DP-1", "issued_on": "2026-11-10"}],
        }  # fmt: skip
        return self.movement("subsistence_purchase", **{**fields, **more})

    def sale(
        self, lot: str, quantity: str, *, seller: str = "holder2", buyer: str = "trader", **more: Any
    ) -> dict[str, Any]:
        fields = {
            "seller": self.PARTIES[seller], "buyer": self.PARTIES[buyer],
            "items": [{"lot": lot, "quantity": quantity, "new_lot": str(uuid7())}],
            "evidence": [{"type": "origin_certificate", "number": "CO-1", "issued_on": "2026-11-10"}],
        }  # fmt: skip
        return self.movement("sale", **{**fields, **more})


def as_json(result: Result) -> dict[str, Any]:
    receipt = result.receipt.as_json() if result.receipt is not None else None
    return {"repeated": result.repeated, "verdict": orjson.loads(result.verdict), "receipt": receipt}


def codes(result: dict[str, Any], severity: str | None = None) -> set[str]:
    """The findings' codes of a result, of one severity or all."""
    return {f["code"] for f in result["verdict"]["findings"] if severity is None or f["severity"] == severity}
