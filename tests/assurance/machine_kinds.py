"""The machine's other half: the road, what is used up or lost, papers, and the authority's acts over lots."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import orjson

from tests.assurance.model import TITLES, Answer, Ask
from tests.assurance.model_kinds import FullModel
from tests.movements.world import TOWN, World
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7, uuid_of
from veta.movements.services import approve_act, propose_act

HOLDERS = ("holder", "holder2", "trader", "trader2", "exporter")
ACT = {"authority": "ANM (ficticio)", "act": "DEMO-A-1", "issued_on": "2026-11-09", "reason": "Denuncia verificada."}
KINDS = {
    "dispatch": 5, "receipt": 6, "consumption": 2, "loss": 2, "intake": 3, "suspension": 1, "lift": 2, "seizure": 1,
    "found": 1, "accredit": 3,
}  # fmt: skip
TAKING = "MAN-001 TIM-002 TIM-003 LOT-002 LOT-003 LOT-004"
KIND_PAIRS = {
    "dispatch": f"pending rejected {TAKING} LOT-005 ACC-001 EVI-001",
    "receipt": "accepted rejected TIM-002 TIM-006 LOT-005 LOT-006 LOT-009 LOT-010 CON-005",
    "consumption": f"accepted rejected {TAKING} ACC-001",
    "loss": f"accepted rejected {TAKING} ACC-003",
    "intake": "accepted rejected MAN-001 TIM-002 LOT-005 QUO-001 EVI-002 EVI-003",
    "suspension": "accepted rejected LOT-001",
    "lift": "accepted rejected LOT-011",
    "seizure": "accepted rejected LOT-001 LOT-003",
    "found": "accepted rejected LOT-005",
    "accredit": "accepted rejected LOT-001 ACC-004 QUO-001",
}


def text(amount: int) -> str:
    return f"{amount // 1000}.{amount % 1000:03}"


class OtherKinds:
    """Operations for the machine that has a world, a model, and a way to report."""

    world: World
    model: FullModel
    chance: random.Random

    def dispatch(self: Any, number: int, loose: int, amount: int) -> None:
        ask, lot, paper = self.ask(loose, number), self.lot(number, loose), loose != 5
        holder = self.holder(lot, number, loose, HOLDERS)
        others = [self.lot(number // 2, loose, of=holder)] if number % 5 == 0 and holder in self.model_holders() else []
        lots = list(dict.fromkeys([lot, *others]))
        parts = [(each, self.some(each, amount, number), self.new(number + n, loose)) for n, each in enumerate(lots)]
        expected = self.model.dispatch(ask, holder, parts, paper)
        certificate = [{"type": "origin_certificate", "number": "CO-1", "issued_on": "2026-11-10"}]
        self.report(
            "dispatch", ask, expected, kind="dispatch", holder=World.PARTIES[holder], to={"municipality": TOWN},
            items=[{"lot": lot, "quantity": text(part), "new_lot": new} for lot, part, new in parts],
            evidence=certificate if paper else [],
        )  # fmt: skip

    def model_holders(self: Any) -> set[str]:
        return {each.holder for each in self.model.lots.values()}

    def receipt(self: Any, number: int, loose: int, amount: int) -> None:
        sent = {id: each for id, each in self.model.waiting.items() if each.kind == "dispatch"}
        open_ = [id for id, each in sent.items() if each.status == "pending"]
        known = open_ if open_ and loose != 8 else list(sent)
        id = known[number % len(known)] if known and loose != 3 else str(uuid7())
        ask = self.ask(loose, number)
        if loose == 9 and id in sent:
            ask = Ask(ask.op, ask.id, sent[id].at - timedelta(seconds=1), ask.now)
        parts = sent[id].parts if id in sent else [(str(uuid7()), amount, "")]
        arrived = [(lot if loose != 7 else str(uuid7()), *self.weighed(part)) for lot, part, _ in parts]
        expected = self.model.receipt(ask, id, arrived)
        items = [{"lot": lot, "quantity": text(weighed), "lost": text(lost)} for lot, weighed, lost in arrived]
        self.report("receipt", ask, expected, kind="receipt", dispatch=id, items=items)

    def weighed(self: Any, sent: int) -> tuple[int, int]:
        """What arrived and what was lost: as sent, a little off, part lost, all lost, or beyond any scale."""
        how = self.chance.choice(("same", "same", "less", "more", "lost", "nothing", "beyond"))
        off = {"less": -(sent // 6000), "more": sent // 5000, "beyond": sent // 100 + 1}.get(how, 0)
        lost = {"lost": sent // 3, "nothing": sent}.get(how, 0)
        return sent - lost + off, lost

    def consumption(self: Any, number: int, loose: int, amount: int) -> None:
        self.used_up("consumption", number, loose, amount, use="Caldera")

    def loss(self: Any, number: int, loose: int, amount: int) -> None:
        self.used_up("loss", number, loose, amount, reason="Se perdió")

    def used_up(self: Any, kind: str, number: int, loose: int, amount: int, **why: str) -> None:
        ask, lot = self.ask(loose, number), self.lot(number, loose)
        holder, taken = self.holder(lot, number, loose, HOLDERS), max(1, self.some(lot, amount, number) // 3)
        expected = self.model.used_up(ask, kind, holder, lot, taken)
        items = [{"lot": lot, "quantity": text(taken)}]
        self.report(kind, ask, expected, kind=kind, holder=World.PARTIES[holder], items=items, **why)

    def intake(self: Any, number: int, loose: int, amount: int) -> None:
        ask, lot, title = self.ask(loose, number), self.new(number, loose), self.chance.choice(sorted(TITLES))
        mineral = TITLES[title][1]
        paper = f"CO-{number % 40}" if loose != 5 else None
        expected = self.model.intake(ask, title, lot, amount, paper)
        spelt = paper.lower().replace("-", self.chance.choice(("", " ", "-"))) if paper else ""
        proof = [{"type": "origin_certificate", "number": spelt, "issued_on": "2026-10-01"}] if paper else []
        gold = {"fineness": "1000"} if mineral == "oro" else {}
        self.report(
            "intake", ask, expected, kind="documented_intake", holder=World.PARTIES["trader"], mineral=mineral,
            lot=lot, origin={"kind": "title", "code": title}, quantity=text(amount),
            unit="g" if mineral == "oro" else "t", basis="paper_certificate", evidence=proof, **gold,
        )  # fmt: skip

    def decide_act(self: Any, kind: str, words: dict[str, Any]) -> tuple[Ask, Any]:
        """Proposed by one and approved by another, in a group of its own."""
        self.flush()
        clock = FixedClock(self.world.now)
        id = propose_act(kind, {**ACT, **words}, by="oficial-1", clock=clock)
        result = approve_act(id, by="oficial-2", clock=clock, signer=self.world.signer)
        return Ask("A", str(id), self.world.now, self.world.now), orjson.loads(result.verdict)

    def told(self: Any, kind: str, verdict: Any, expected: Answer) -> None:
        answer = verdict["status"], {finding["code"] for finding in verdict["findings"]}
        assert answer == expected, (kind, expected, verdict)
        self.note(kind, answer)
        self.compare()

    def suspension(self: Any, number: int, loose: int, amount: int) -> None:
        lots = list(dict.fromkeys([self.lot(number, loose), self.lot(number // 2, loose)][: 1 + number % 2]))
        ask, verdict = self.decide_act("suspension", {"lots": lots})
        self.told("suspension", verdict, self.model.suspension(ask, lots))

    def lift(self: Any, number: int, loose: int, amount: int) -> None:
        known = [act for act, is_open in self.model.open.items() if is_open or loose < 5]
        act = known[number % len(known)] if known and loose != 6 else str(uuid7())
        ask, verdict = self.decide_act("lift", {"suspension": act})
        self.told("lift", verdict, self.model.lift(ask, act))

    def seizure(self: Any, number: int, loose: int, amount: int) -> None:
        lot = self.lot(number, loose)
        taken = max(1, self.some(lot, amount, number) // 2) if loose > 4 else amount
        ask, verdict = self.decide_act("seizure", {"items": [{"lot": lot, "quantity": text(taken)}]})
        new = str(uuid_of("lot", ask.id, "0"))
        self.told("seizure", verdict, self.model.seizure(ask, lot, taken, new))

    def found(self: Any, number: int, loose: int, amount: int) -> None:
        """Gold that nobody had registered."""
        lot = self.new(number, loose)
        gold = {"mineral": "oro", "unit": "g", "fineness": "1000", "assay": "declared", "quantity": text(amount)}
        ask, verdict = self.decide_act(
            "seizure", {"place": {"municipality": TOWN}, "found": [{**gold, "lot": lot}]}
        )  # fmt: skip
        self.told("found", verdict, self.model.found(ask, lot, amount))

    def accredit(self: Any, number: int, loose: int, amount: int) -> None:
        doubtful = [lot for lot, each in self.model.lots.items() if not each.proven]
        lot = doubtful[number % len(doubtful)] if doubtful and loose > 5 else self.lot(number, loose)
        state = self.chance.choice(("accredited", "accredited", "documented", "unproven"))
        title = self.model.title_of(lot) if state == "accredited" and number % 2 else None
        origin = {"origin": {"kind": "title", "code": title}} if title else {}
        ask, verdict = self.decide_act("accredit", {"lot": lot, "accreditation": state, **origin})
        self.told("accredit", verdict, self.model.accredit(ask, lot, state, title))
