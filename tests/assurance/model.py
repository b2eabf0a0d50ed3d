"""A plain model of the whole: who holds what, what waits, what was used; written from the contract, not from the code.

Amounts are integers of the smallest unit. Each operation returns the status and the codes of all its findings.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Codes = set[str]
Answer = tuple[str, Codes]
OUT, GRANT = "out", "grant"
ONLY_SAID = {"EXP-003", "OBL-001", "QUO-002", "QUO-004", "QUO-005", "CON-004", "TIM-002", "YLD-002", "PLA-005"}
TITLES = {"DEMO-CARBON": ("holder2", "carbon_termico"), "DEMO-ORO": ("holder", "oro")}
OF = {holder: title for title, (holder, _) in TITLES.items()}
TERM, WINDOW = timedelta(hours=72), timedelta(days=5)
MONTH, YEAR = 35_000, 420_000  # fine mg that a subsistence miner may sell


def bogota(at: datetime) -> date:
    return at.astimezone(ZoneInfo("America/Bogota")).date()


@dataclass
class Account:
    received: int = 0
    released: int = 0
    held: int = 0

    @property
    def free(self) -> int:
        return self.received - self.released - self.held


@dataclass
class Lot:
    mineral: str
    holder: str
    at: datetime
    proven: bool = True
    processed: bool = False


@dataclass
class Ask:
    """What every report has; operator C speaks for nobody."""

    op: str
    id: str
    at: datetime
    now: datetime

    def codes(self) -> Codes:
        late = {"TIM-002"} if self.now - self.at > WINDOW else set()
        return late | ({"MAN-001"} if self.op == "C" else set())


@dataclass
class Done:
    kind: str
    status: str
    received: datetime
    entries: list[tuple[Any, Any, int]] = field(default_factory=list)
    undone: bool = False
    answered_by: bool = False  # a sale with a buyer: undone only with his word
    author: bool = True  # known: there is none of a reversal of nothing


@dataclass
class Waiting:
    """An offer of (lot, amount, new lot), or the reversal (`undoes`) of a confirmed one."""

    seller: str
    buyer: str
    at: datetime
    until: datetime
    parts: list[tuple[str, int, str]]
    undoes: str | None = None
    outcome: str | None = None


class Model:
    def __init__(self, volumes: dict[str, int]) -> None:
        self.volumes = dict(volumes)
        self.accounts: dict[Any, Account] = defaultdict(Account)
        self.lots: dict[str, Lot] = {}
        self.done: dict[str, Done] = {}
        self.waiting: dict[str, Waiting] = {}

    def end(self, ask: Ask, kind: str, codes: Codes, entries: list[tuple[Any, Any, int]], **new: Lot) -> Answer:
        """A movement decided at once: its entries are posted and its lots made where nothing blocks."""
        blocked = bool(codes - ONLY_SAID)
        done = self.done[ask.id] = Done(kind, "rejected" if blocked else "accepted", ask.now)
        if not blocked:
            done.entries = entries
            self.lots |= new
            self.post(entries)
        return done.status, codes

    def post(self, entries: list[tuple[Any, Any, int]]) -> None:
        for source, target, amount in entries:
            self.accounts[source].released += amount
            self.accounts[target].received += amount

    def left(self, quota: Any, grant: int) -> int:
        return self.accounts[quota].free if self.accounts[quota].received else grant

    def use(self, quota: Any, grant: int, amount: int) -> list[tuple[Any, Any, int]]:
        """What uses a quota: granted by the first use, and exceeded where that only warns."""
        granted = [(GRANT, quota, grant)] if not self.accounts[quota].received and grant else []
        excess = [(OUT, quota, over)] if (over := amount - self.left(quota, grant)) > 0 else []
        return [*granted, *excess, (quota, OUT, amount)]

    def quarter(self, seller: str, parts: list[tuple[str, int]], at: datetime) -> tuple[Any, int, int] | None:
        """The quarter's quota that a producer's sale draws on, by its plan's mineral: (quota, its grant, how much)."""
        if seller not in OF:
            return None
        known = [(self.lots[lot], amount) for lot, amount in parts if lot in self.lots]
        amount = sum(amount for lot, amount in known if lot.mineral == TITLES[OF[seller]][1])
        if not amount:
            return None
        on = bogota(at)
        return ("quarter", OF[seller], on.year, (on.month - 1) // 3), self.volumes[OF[seller]] // 4, amount

    def over(self, drawn: tuple[Any, int, int] | None) -> Codes:
        return {"QUO-005"} if drawn is not None and drawn[2] > self.left(drawn[0], drawn[1]) else set()

    def near(self, ask: Ask, quota: Any, grant: int, amount: int) -> Codes:
        used = grant - self.left(quota, grant) + amount
        return {"QUO-004"} if ask.op != "C" and 5 * used >= 4 * grant and used <= grant else set()

    def taken(self, ask: Ask, holder: str, parts: list[tuple[str, int]], new: list[str]) -> Codes:
        """What is wrong with taking these amounts of these lots to make new ones; offers past their term end first."""
        self.lapse(ask.now, {lot for lot, _ in parts})
        codes, sums = ask.codes(), defaultdict(int)
        for lot, amount in parts:
            if (known := self.lots.get(lot)) is None:
                codes.add("LOT-001")
                continue
            sums[lot] += amount
            codes |= {"LOT-002"} if known.holder != holder else set()
            if self.told(ask, holder, lot):
                faults = {"LOT-003": sums[lot] > self.accounts[lot].free, "ACC-001": not known.proven,
                          "TIM-003": ask.at < known.at}  # fmt: skip
                codes |= {code for code, found in faults.items() if found}
        return codes | self.repeated(new)

    def told(self, ask: Ask, holder: str, lot: str) -> bool:
        """Of another's lot nothing is told but that it is another's."""
        return ask.op != "C" and lot in self.lots and self.lots[lot].holder == holder

    def repeated(self, new: list[str]) -> Codes:
        return {"LOT-005"} if len(set(new)) < len(new) or any(lot in self.lots for lot in new) else set()

    def lapse(self, now: datetime, touched: set[str] | None = None) -> int:
        due = [
            id for id, each in self.waiting.items()
            if each.outcome is None and each.until < now and (touched is None or touched & {p[0] for p in each.parts})
        ]  # fmt: skip
        for id in due:
            self.close(id, "lapsed")
        return len(due)

    def close(self, id: str, outcome: str) -> None:
        each = self.waiting[id]
        each.outcome = self.done[id].status = outcome
        for lot, amount, _ in each.parts:
            self.accounts[lot].held -= amount
        if each.undoes is not None:
            self.done[each.undoes].undone = outcome in ("accepted", "refused")

    def wait(self, ask: Ask, kind: str, waits: Waiting) -> None:
        self.waiting[ask.id], self.done[ask.id] = waits, Done(kind, "pending", ask.now, answered_by=kind == "sale")
        for lot, amount, _ in waits.parts:
            self.accounts[lot].held += amount

    def mirrored(self, id: str) -> list[tuple[Any, Any, int]]:
        return [(target, source, amount) for source, target, amount in self.done[id].entries if source != GRANT]

    def production(self, ask: Ask, title: str, lot: str, amount: int) -> Answer:
        quota, volume = ("year", title, bogota(ask.at).year), self.volumes[title]
        codes = ask.codes() | self.repeated([lot]) | {"OBL-001"} | self.near(ask, quota, volume, amount)
        codes |= {"QUO-001"} if amount > self.left(quota, volume) else set()
        made = Lot(TITLES[title][1], TITLES[title][0], ask.at)
        return self.end(ask, "production", codes, [(OUT, lot, amount), *self.use(quota, volume, amount)], **{lot: made})

    def purchase(self, ask: Ask, lot: str, amount: int, paper: bool) -> Answer:
        on = bogota(ask.at)
        caps = [("QUO-002", ("month", on.year, on.month), MONTH), ("QUO-003", ("miner", on.year), YEAR)]
        codes = ask.codes() | self.repeated([lot]) | {"CON-004"} | (set() if paper else {"EVI-001"})
        for code, quota, cap in caps:
            codes |= self.near(ask, quota, cap, amount) | ({code} if amount > self.left(quota, cap) else set())
        used = [entry for _, quota, cap in caps for entry in self.use(quota, cap, amount)]
        made = Lot("oro", "trader", ask.at)
        return self.end(ask, "subsistence_purchase", codes, [(OUT, lot, amount), *used], **{lot: made})

    def retention(self, ask: Ask, lot: str, amount: int) -> Answer:
        made = Lot("oro", "trader", ask.at, proven=False)
        return self.end(ask, "retention", ask.codes() | self.repeated([lot]), [(OUT, lot, amount)], **{lot: made})

    def sale(self, ask: Ask, seller: str, buyer: str | None, parts: list[tuple[str, int, str]], paper: bool) -> Answer:
        plain = [(lot, amount) for lot, amount, _ in parts]
        codes = self.taken(ask, seller, plain, [new for _, _, new in parts] if buyer else [])
        drawn = self.quarter(seller, plain, ask.at)
        codes |= self.over(drawn) | (set() if paper else {"EVI-001"}) | ({"IDE-010"} if buyer == seller else set())
        codes |= {"ROL-004"} if buyer == "plant" and seller not in OF else set()
        if buyer is None or codes - ONLY_SAID:
            used = self.use(*drawn) if drawn else []
            return self.end(ask, "sale", codes, [*used, *((lot, OUT, amount) for lot, amount in plain)])
        self.wait(ask, "sale", Waiting(seller, buyer, ask.at, ask.now + TERM, parts))
        return "pending", codes

    def regroup(self, ask: Ask, holder: str, inputs: list[tuple[str, int]], outputs: list[tuple[str, int]]) -> Answer:
        codes = self.taken(ask, holder, inputs, [lot for lot, _ in outputs])
        known = [self.lots[lot] for lot, _ in inputs if lot in self.lots]
        minerals = {lot.mineral for lot in known}
        told = {self.lots[lot].mineral for lot, _ in inputs if self.told(ask, holder, lot)}
        codes |= {"LOT-008"} if len(told) > 1 else set()
        uneven = sum(amount for _, amount in inputs) != sum(amount for _, amount in outputs)
        codes |= {"LOT-007"} if uneven and len(minerals) == 1 and len(known) == len(inputs) else set()
        processed = all(lot.processed for lot in known)
        new = {lot: Lot(known[0].mineral, holder, ask.at, processed=processed) for lot, _ in outputs if known}
        entries = [(lot, OUT, amount) for lot, amount in inputs] + [(OUT, lot, amount) for lot, amount in outputs]
        return self.end(ask, "regroup", codes, entries, **new)

    def transformation(self, ask: Ask, holder: str, lot: str, amount: int, new: str, out: int) -> Answer:
        codes, known = self.taken(ask, holder, [(lot, amount)], [new]), self.lots.get(lot)
        if known is not None and known.mineral not in ("oro", "dore"):
            codes.add("YLD-003")
        elif self.told(ask, holder, lot):
            codes |= {"YLD-001"} if out > amount else {"YLD-002"} if 20 * out < 19 * amount else set()
        made = Lot("dore", holder, ask.at, processed=True)
        codes |= {"EXP-003"} if ask.op == "C" else set()  # nobody gave it a mandate, the plant neither
        return self.end(ask, "transformation", codes, [(lot, OUT, amount), (OUT, new, out)], **{new: made})

    def export(self, ask: Ask, holder: str, parts: list[tuple[str, int]], paper: bool) -> Answer:
        codes = self.taken(ask, holder, parts, []) | (set() if paper else {"EXP-001"})
        codes |= {"ROL-001"} if holder != "exporter" else set()
        told = [self.lots[lot] for lot, _ in parts if self.told(ask, holder, lot)]
        codes |= {"EXP-002"} if any(lot.mineral in ("oro", "dore") and not lot.processed for lot in told) else set()
        return self.end(ask, "export", codes, [(lot, OUT, amount) for lot, amount in parts])

    def reversal(self, ask: Ask, id: str) -> Answer:
        target, codes = self.done.get(id), ask.codes() - {"MAN-001"}
        ends = {end for entry in target.entries for end in entry[:2] if end in self.lots} if target else set()
        self.lapse(ask.now, ends)
        if target is None or not target.author or ask.op == "C":
            answer = self.end(ask, "reversal", codes | {"REV-002"}, [])
            self.done[ask.id].author = target is not None and target.author
            return answer
        made: dict[str, int] = defaultdict(int)
        for _, end, amount in target.entries:
            if end in self.lots:
                made[end] += amount
        codes |= {"REV-001"} if any(self.accounts[lot].free < amount for lot, amount in made.items()) else set()
        codes |= {"REV-003"} if ask.now - target.received > WINDOW else set()
        codes |= {"REV-004"} if target.undone or target.status != "accepted" or target.kind == "reversal" else set()
        gone = target.kind in ("export", "retention") or (target.kind == "sale" and not target.answered_by)
        codes |= {"REV-005"} if gone and target.status == "accepted" else set()
        if codes - ONLY_SAID or not target.answered_by:
            answer = self.end(ask, "reversal", codes, self.mirrored(id))
            target.undone = target.undone or answer[0] == "accepted"
            return answer
        sold, parts = self.waiting[id], [(lot, self.accounts[lot].free, lot) for lot in made]
        self.wait(ask, "reversal", Waiting(sold.seller, sold.buyer, ask.at, ask.now + TERM, parts, undoes=id))
        target.undone = True
        return "pending", codes

    def step(self, ask: Ask, id: str, decision: str) -> Answer:
        waits, codes = self.waiting.get(id), set()
        if waits is None:
            return "rejected", {"REV-002" if decision == "withdraw" else "CON-003"}
        self.lapse(ask.now, {lot for lot, _, _ in waits.parts})
        plain, drawn = [(lot, amount) for lot, amount, _ in waits.parts], None
        if decision == "confirm" and waits.undoes is None:
            drawn = self.quarter(waits.seller, plain, waits.at)
            codes = self.over(drawn) | self.repeated([new for _, _, new in waits.parts])
        if ask.op == "C":
            codes.add("REV-002" if decision == "withdraw" else "CON-003")
        elif waits.outcome is not None:
            codes.add("CON-002" if waits.outcome == "lapsed" and decision != "withdraw" else "CON-005")
        if codes - ONLY_SAID:
            return "rejected", codes
        self.close(id, {"confirm": "accepted", "refuse": "refused", "withdraw": "withdrawn"}[decision])
        if decision == "confirm":
            entries = self.mirrored(waits.undoes) if waits.undoes else self.use(*drawn) if drawn else []
            for lot, amount, new in [] if waits.undoes else waits.parts:
                sold = self.lots[lot]
                self.lots[new] = Lot(sold.mineral, waits.buyer, waits.at, processed=sold.processed)
                entries.append((lot, new, amount))
            self.done[id].entries = entries
            self.post(entries)
        return "accepted", codes

    def change_plan(self, title: str, volume: int) -> list[Answer]:
        """Each quota granted before gets the difference; a reduction takes at most what is left."""
        difference, self.volumes[title] = volume - self.volumes[title], volume
        answers: list[Answer] = []
        for quota, account in self.accounts.items():
            if quota[:2] == ("year", title) and account.received:
                taken = min(-difference, account.free) if difference < 0 else 0
                answers.append(("accepted", {"PLA-005"} if -difference > taken and difference < 0 else set()))
                account.released += taken
                account.received += max(difference, 0)
        return answers
