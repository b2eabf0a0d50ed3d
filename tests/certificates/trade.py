"""A small trade that certificates are issued in: gold bought and mined, smelted by the plant, sold and exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tests.movements.world import TOWN, World
from veta.certificates.queries import CertificateView
from veta.certificates.services import Issue, issue, seal
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.operators.services.enrolment import enrol

DOCUMENTS = [
    {"type": "royalty_payment", "number": "RP-1", "issued_on": "2026-11-10"},
    {"type": "export_declaration", "number": "DEX-1", "issued_on": "2026-11-10"},
]


@dataclass
class Trade:
    """`world` with 10 g of a miner's gold, 90 g of the title's; all smelted into doré of the plant by `smelt`."""

    world: World

    @classmethod
    def open(cls) -> Trade:
        first, second = (
            enrol(
                code=f"DEMO-OTTM-{n}",
                name=f"Operador {n} (ficticio)",
                enabled_on=date(2026, 1, 1),
                act="Acto",
                officer="o",
            )
            for n in (1, 2)
        )
        return cls(World(operator=first.id, other_operator=second.id).build())

    def accepted(self, *movements: dict[str, Any]) -> None:
        results = self.world.send(*movements)
        states = [result["verdict"]["status"] for result in results]
        assert set(states) <= {"accepted", "pending"}, [r["verdict"]["findings"] for r in results]

    def purchase(self, quantity: str = "10.000", **more: Any) -> dict[str, Any]:
        made = self.world.purchase(quantity, **more)
        self.accepted(made)
        return made

    def gold(self, quantity: str = "90.000") -> dict[str, Any]:
        """Gold of the firm's title."""
        made = self.world.production(
            quantity, holder=World.PARTIES["holder"], origin={"kind": "title", "code": "DEMO-ORO"}, mineral="oro",
            unit="g", fineness="1000", assay="laboratory", place={"municipality": TOWN},
        )  # fmt: skip
        self.accepted(made)
        return made

    def coal(self, quantity: str = "100.000") -> dict[str, Any]:
        made = self.world.production(quantity, place={"municipality": TOWN})
        self.accepted(made)
        return made

    def sell(self, lot: str, quantity: str, *, seller: str, buyer: str) -> str:
        """A confirmed sale; the buyer's lot."""
        offer = self.world.sale(lot, quantity, seller=seller, buyer=buyer)
        self.accepted(offer)
        assert self.world.answer(offer["id"], "confirm")["verdict"]["outcome"] == "accepted"
        return str(offer["items"][0]["new_lot"])

    def smelt(self, *inputs: tuple[str, str], holder: str = "plant", quantity: str = "98.000") -> dict[str, Any]:
        """Doré of those (lot, quantity), at the published plant."""
        made = self.world.movement(
            "transformation", holder=World.PARTIES[holder], plant=World.PARTIES["plant"], recipe="fundicion_oro",
            inputs=[{"lot": lot, "quantity": amount} for lot, amount in inputs],
            outputs=[
                {"mineral": "dore", "quantity": quantity, "unit": "g", "fineness": "1000", "assay": "laboratory",
                 "lot": str(uuid7())}
            ],
            evidence=[{"type": "assay", "number": "EN-1", "issued_on": "2026-11-10"}], place={"municipality": TOWN},
        )  # fmt: skip
        self.accepted(made)
        return made

    def dore(self) -> str:
        """A lot of 98 g of doré of the plant: 10 parts of a miner, 90 of a title."""
        bought = self.purchase(buyer=World.PARTIES["plant"])["lot"]
        mined = self.sell(self.gold()["lot"], "90.000", seller="holder", buyer="plant")
        return str(self.smelt((bought, "10.000"), (mined, "90.000"))["outputs"][0]["lot"])

    def export(self, lot: str, quantity: str, *cited: str, holder: str = "exporter") -> dict[str, Any]:
        certificates = [{"type": "origin_certificate", "number": n, "issued_on": "2026-11-10"} for n in cited]
        return self.world.movement(
            "export", holder=World.PARTIES[holder], items=[{"lot": lot, "quantity": quantity}], country="CH",
            evidence=[*DOCUMENTS, *certificates],
        )  # fmt: skip

    def asked(self, lot: str, kind: str = "origin_certificate", amount: int | None = None, **more: Any) -> Issue:
        id = more.pop("id", None) or uuid7()
        item = {"id": str(id), "kind": kind, "lot": lot, "amount": str(amount)}
        return Issue(
            id=id, kind=kind, lot=UUID(lot), amount=amount, operator=more.pop("operator", self.world.operator),  # type: ignore[arg-type]
            item=item, body_digest=b"d" * 32, signature=b"s" * 64, **more,
        )  # fmt: skip

    def certify(
        self, lot: str, kind: str = "origin_certificate", amount: int | None = None, **more: Any
    ) -> CertificateView:
        """Issue and seal, as the API does."""
        asked = self.asked(lot, kind, amount, **more)
        issue(asked, clock=FixedClock(self.world.now), signer=self.world.signer)
        return seal(asked.id, signer=self.world.signer)
