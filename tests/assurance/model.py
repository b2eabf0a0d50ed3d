"""A plain model of the whole: who holds what, what waits, what was used; written from the contract, not from the code.

Amounts are integers of the smallest unit. Each operation returns the status and the codes of all its findings.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Codes = set[str]
Answer = tuple[str, Codes]
Entries = list[tuple[Any, Any, int]]
OUT, GRANT = "out", "grant"
ONLY_SAID = {"OBL-001", "QUO-002", "QUO-004", "QUO-005", "CON-004", "TIM-002", "YLD-002", "PLA-005",
             "EXP-003"}  # fmt: skip
TITLES = {"DEMO-CARBON": ("holder2", "carbon_termico"), "DEMO-ORO": ("holder", "oro")}
OF = {holder: title for title, (holder, _) in TITLES.items()}
TERM, WINDOW = timedelta(hours=72), timedelta(days=5)
NOBODY = ""
MONTH, YEAR = 35_000, 420_000  # fine mg that a subsistence miner may sell
NEVER_UNDONE = ("reversal", "dispatch", "receipt")
AUTHORITYS = ("export", "retention", "consumption", "loss", "documented_intake")
ENDS = {"confirm": "accepted", "refuse": "refused", "withdraw": "withdrawn"}


def bogota(at: datetime) -> date:
    return at.astimezone(ZoneInfo("America/Bogota")).date()


@dataclass
class Account:
    received: int = 0
    released: int = 0
    held: int = 0
    granted: int = 0  # of a quota, net of what reductions took

    @property
    def free(self) -> int:
        return self.received - self.released - self.held


@dataclass
class Lot:
    mineral: str
    holder: str
    at: datetime
    state: str = "accredited"
    processed: bool = False
    parents: tuple[str, ...] = ()
    suspended: set[str] = field(default_factory=set)  # the acts that are open on it

    @property
    def proven(self) -> bool:
        return self.state not in ("unproven", "seized")


@dataclass
class Ask:
    """What every report has; operator C speaks for nobody."""

    op: str
    id: str
    at: datetime
    now: datetime

    def codes(self) -> Codes:
        return ({"TIM-002"} if self.now - self.at > WINDOW else set()) | ({"MAN-001"} if self.op == "C" else set())


@dataclass
class Done:
    """A movement. What waits, or waited, is an offer of (lot, amount, new lot), or `undoes` a confirmed one."""

    kind: str
    status: str
    received: datetime
    entries: Entries = field(default_factory=list)
    undone: bool = False
    author: bool = True  # the reversal of nothing has none
    seller: str = ""
    buyer: str = ""
    at: datetime | None = None
    until: datetime | None = None
    parts: list[tuple[str, int, str]] = field(default_factory=list)
    undoes: str | None = None


class Model:
    def __init__(self, volumes: dict[str, int]) -> None:
        self.volumes, self.lots = dict(volumes), dict[str, Lot]()
        self.accounts: dict[Any, Account] = defaultdict(Account)
        self.done: dict[str, Done] = {}

    @property
    def waiting(self) -> dict[str, Done]:
        return {id: each for id, each in self.done.items() if each.until is not None}

    def end(self, ask: Ask, kind: str, codes: Codes, entries: Entries, **new: Lot) -> Answer:
        """A movement decided at once: posted, and its lots made, where nothing blocks."""
        done = self.done[ask.id] = Done(kind, "rejected" if codes - ONLY_SAID else "accepted", ask.now)
        if done.status == "accepted":
            done.entries = entries
            self.make(new)
            self.post(entries)
        return done.status, codes

    def wait(self, ask: Ask, waits: Done, codes: Codes) -> Answer:
        waits.at, waits.until, self.done[ask.id] = ask.at, ask.now + TERM, waits
        for lot, amount, _ in waits.parts:
            self.accounts[lot].held += amount
        return "pending", codes

    def close(self, each: Done, outcome: str) -> None:
        each.status = outcome
        for lot, amount, _ in each.parts:
            self.accounts[lot].held -= amount
        if each.undoes is not None:
            self.done[each.undoes].undone = outcome in ("accepted", "refused")  # who refused is not asked again

    def lapse(self, now: datetime, touched: set[str] | None = None) -> int:
        """End offers past their term: all, or those of the lots that are touched."""
        due = [d for d in self.waiting.values() if d.status == "pending" and d.until is not None and d.until < now]
        due = [d for d in due if touched is None or touched & {lot for lot, _, _ in d.parts}]
        for each in due:
            self.close(each, "lapsed")
        return len(due)

    def make(self, new: dict[str, Lot]) -> None:
        """What is made of suspended lots is suspended too."""
        for each in new.values():
            each.suspended = each.suspended.union(*(self.lots[parent].suspended for parent in each.parents))
        self.lots |= new

    def post(self, entries: Entries) -> None:
        for source, target, amount in entries:
            self.accounts[source].released += amount
            self.accounts[target].received += amount
            self.accounts[target].granted += amount if source == GRANT else 0

    def mirrored(self, id: str) -> Entries:
        return [(target, source, amount) for source, target, amount in self.done[id].entries if source != GRANT]

    def left(self, quota: Any, grant: int) -> int:
        return self.accounts[quota].free if self.accounts[quota].received else grant

    def use(self, quota: Any, grant: int, amount: int) -> Entries:
        """What uses a quota: granted by the first use, and exceeded where that only warns."""
        granted = [(GRANT, quota, grant)] if not self.accounts[quota].received and grant else []
        excess = [(OUT, quota, over)] if (over := amount - self.left(quota, grant)) > 0 else []
        return [*granted, *excess, (quota, OUT, amount)]

    def drawn(self, code: str, ask: Ask, quota: Any, grant: int, amount: int) -> Codes:
        """`code` where a quota is exceeded; QUO-004 where its use nears it."""
        used = grant - self.left(quota, grant) + amount
        near = {"QUO-004"} if ask.op != "C" and 5 * used >= 4 * grant and used <= grant else set()
        return near | ({code} if ask.op != "C" and amount > self.left(quota, grant) else set())

    def quarter(self, seller: str, parts: list[tuple[str, int]], at: datetime) -> tuple[Any, int, int] | None:
        """The quarter's quota that a producer's sale draws on, by its plan's mineral: (quota, its grant, how much)."""
        own = [(lot, amount) for lot, amount in parts if lot in self.lots and self.lots[lot].holder == seller]
        known = [(self.lots[lot], amount) for lot, amount in own if seller in OF]
        amount = sum(amount for lot, amount in known if lot.mineral == TITLES[OF[seller]][1])
        title, on = OF.get(seller, ""), bogota(at)
        return (("quarter", title, on.year, (on.month - 1) // 3), self.volumes[title] // 4, amount) if amount else None

    def over(self, ask: Ask, drawn: tuple[Any, int, int] | None) -> Codes:
        told = drawn is not None and ask.op != "C"
        return {"QUO-005"} if told and drawn is not None and drawn[2] > self.left(drawn[0], drawn[1]) else set()

    def taken(self, ask: Ask, holder: str, parts: list[tuple[str, int]], new: list[str]) -> tuple[Codes, list[Lot]]:
        """What is wrong with taking these amounts of these lots to make new ones, and those of them that are told of:
        of another's lot only that there is none of the holder's. Offers past their term end first."""
        self.lapse(ask.now, {lot for lot, _ in parts})
        codes, sums, told = ask.codes() | self.repeated(new), defaultdict[str, int](int), list[Lot]()
        for lot, amount in parts:
            known = self.lots.get(lot)
            codes |= {"LOT-002"} if known is None or known.holder != holder else set()
            if known is not None and known.holder == holder and ask.op != "C":
                told.append(known)
                sums[lot] += amount
                faults = {"LOT-003": sums[lot] > self.accounts[lot].free, "ACC-001": not known.proven}
                faults |= {"TIM-003": ask.at < known.at, "LOT-004": bool(known.suspended)}
                codes |= {code for code, found in faults.items() if found}
        return codes, told

    def repeated(self, new: list[str]) -> Codes:
        return {"LOT-005"} if len(set(new)) < len(new) or any(lot in self.lots for lot in new) else set()

    def production(self, ask: Ask, title: str, lot: str, amount: int) -> Answer:
        quota, volume = ("year", title, bogota(ask.at).year), self.volumes[title]
        codes = ask.codes() | self.repeated([lot]) | {"OBL-001"} | self.drawn("QUO-001", ask, quota, volume, amount)
        made = Lot(TITLES[title][1], TITLES[title][0], ask.at)
        return self.end(ask, "production", codes, [(OUT, lot, amount), *self.use(quota, volume, amount)], **{lot: made})

    def purchase(self, ask: Ask, lot: str, amount: int, paper: bool) -> Answer:
        on = bogota(ask.at)
        caps = [("QUO-002", ("month", on.year, on.month), MONTH), ("QUO-003", ("miner", on.year), YEAR)]
        codes = ask.codes() | self.repeated([lot]) | {"CON-004"} | (set() if paper else {"EVI-001"})
        codes = codes.union(*(self.drawn(code, ask, quota, cap, amount) for code, quota, cap in caps))
        used = [entry for _, quota, cap in caps for entry in self.use(quota, cap, amount)]
        made = Lot("oro", "trader", ask.at)
        return self.end(ask, "subsistence_purchase", codes, [(OUT, lot, amount), *used], **{lot: made})

    def retention(self, ask: Ask, lot: str, amount: int) -> Answer:
        made = Lot("oro", "trader", ask.at, state="unproven")
        return self.end(ask, "retention", ask.codes() | self.repeated([lot]), [(OUT, lot, amount)], **{lot: made})

    def sale(self, ask: Ask, seller: str, buyer: str | None, parts: list[tuple[str, int, str]], paper: bool) -> Answer:
        plain = [(lot, amount) for lot, amount, _ in parts]
        codes, _ = self.taken(ask, seller, plain, [new for _, _, new in parts] if buyer else [])
        drawn = self.quarter(seller, plain, ask.at)
        codes |= self.over(ask, drawn) | (set() if paper else {"EVI-001"}) | ({"IDE-010"} if buyer == seller else set())
        codes |= {"ROL-004"} if buyer == "plant" and seller not in OF else set()
        if buyer is not None and not codes - ONLY_SAID:
            waits = Done("sale", "pending", ask.now, seller=seller, buyer=buyer, parts=parts)
            return self.wait(ask, waits, codes)
        used = self.use(*drawn) if drawn else []
        return self.end(ask, "sale", codes, [*used, *((lot, OUT, amount) for lot, amount in plain)])

    def regroup(self, ask: Ask, holder: str, inputs: list[tuple[str, int]], outputs: list[tuple[str, int]]) -> Answer:
        codes, told = self.taken(ask, holder, inputs, [lot for lot, _ in outputs])
        known = [self.lots[lot] for lot, _ in inputs if lot in self.lots and self.lots[lot].holder == holder]
        one = len({lot.mineral for lot in known}) == 1 and len(known) == len(inputs)
        uneven = sum(amount for _, amount in inputs) != sum(amount for _, amount in outputs)
        codes |= {"LOT-007"} if one and uneven else set()
        codes |= {"LOT-008"} if len({lot.mineral for lot in told}) > 1 else set()
        made = {"holder": holder, "at": ask.at, "processed": all(lot.processed for lot in known)}
        made["parents"] = tuple(lot for lot, _ in inputs if lot in self.lots)
        new = {lot: Lot(known[0].mineral, **made) for lot, _ in outputs if known}
        entries = [(lot, OUT, amount) for lot, amount in inputs] + [(OUT, lot, amount) for lot, amount in outputs]
        return self.end(ask, "regroup", codes, entries, **new)

    def transformation(self, ask: Ask, holder: str, lot: str, amount: int, new: str, out: int) -> Answer:
        codes, told = self.taken(ask, holder, [(lot, amount)], [new])
        codes |= {"EXP-003"} if ask.op == "C" else set()  # the plant's word is the plant's
        own = lot in self.lots and self.lots[lot].holder == holder
        if own and self.lots[lot].mineral not in ("oro", "dore"):
            codes.add("YLD-003")
        elif told:
            codes |= {"YLD-001"} if out > amount else {"YLD-002"} if 20 * out < 19 * amount else set()
        made = Lot("dore", holder, ask.at, processed=True, parents=(lot,))
        return self.end(ask, "transformation", codes, [(lot, OUT, amount), (OUT, new, out)], **{new: made})

    def export(self, ask: Ask, holder: str, parts: list[tuple[str, int]], paper: bool) -> Answer:
        codes, told = self.taken(ask, holder, parts, [])
        codes |= (set() if paper else {"EXP-001"}) | ({"ROL-001"} if holder != "exporter" else set())
        codes |= {"EXP-002"} if any(lot.mineral in ("oro", "dore") and not lot.processed for lot in told) else set()
        return self.end(ask, "export", codes, [(lot, OUT, amount) for lot, amount in parts])

    def reversal(self, ask: Ask, id: str) -> Answer:
        target, codes, made = self.done.get(id), ask.codes() - {"MAN-001"}, defaultdict[str, int](int)
        self.lapse(ask.now, {end for entry in target.entries for end in entry[:2]} if target else set())
        if target is None or not target.author or ask.op == "C":
            answer = self.end(ask, "reversal", codes | {"REV-002"}, [])
            self.done[ask.id].author = target is not None and target.author
            return answer
        for _, end, amount in target.entries:
            if end in self.lots:
                made[end] += amount
        codes |= {"REV-001"} if any(self.accounts[lot].free < amount for lot, amount in made.items()) else set()
        codes |= {"REV-003"} if ask.now - target.received > WINDOW else set()
        codes |= {"LOT-004"} if any(self.lots[lot].suspended for lot in made) else set()
        over = target.undone or target.status != "accepted" or target.kind in NEVER_UNDONE
        codes |= {"REV-004"} if over else set()
        authoritys = target.kind in AUTHORITYS or (target.kind == "sale" and not target.buyer)
        codes |= {"REV-005"} if authoritys and target.status == "accepted" else set()
        undone = not codes - ONLY_SAID
        target.undone = target.undone or undone
        if undone and target.buyer:
            parts = [(lot, self.accounts[lot].free, lot) for lot in made]
            return self.wait(ask, Done("reversal", "pending", ask.now, parts=parts, undoes=id), codes)
        return self.end(ask, "reversal", codes, self.mirrored(id))

    def step(self, ask: Ask, id: str, decision: str) -> Answer:
        waits, codes, drawn = self.done.get(id), Codes(), None
        if waits is None or waits.at is None or ask.op == "C":
            return "unseen", Codes()  # as one to nothing: whoever has no mandate of a party is told no more
        self.lapse(ask.now, {lot for lot, _, _ in waits.parts})
        if decision == "confirm" and waits.kind == "sale":
            drawn = self.quarter(waits.seller, [(lot, amount) for lot, amount, _ in waits.parts], waits.at)
            codes = self.over(ask, drawn) | self.repeated([new for _, _, new in waits.parts])
            lots = [self.lots[lot] for lot, _, _ in waits.parts]
            codes |= {"LOT-004"} if any(lot.suspended for lot in lots) else set()
            codes |= {"ACC-001"} if not all(lot.proven for lot in lots) else set()
        if waits.undoes is not None and decision == "confirm":
            undone = {end for entry in self.done[waits.undoes].entries for end in entry[1:2] if end in self.lots}
            codes |= {"LOT-004"} if any(self.lots[lot].suspended for lot in undone) else set()
        if waits.kind == "dispatch" and decision != "withdraw":
            codes.add("CON-003")  # it is received or comes back
        if waits.status != "pending":
            codes.add("CON-002" if waits.status == "lapsed" and decision != "withdraw" else "CON-005")
        if codes - ONLY_SAID:
            return "rejected", codes
        self.close(waits, ENDS[decision])
        if decision == "confirm":
            waits.entries = self.mirrored(waits.undoes) if waits.undoes else self.use(*drawn) if drawn else []
            for lot, amount, new in [] if waits.undoes else waits.parts:
                sold = self.lots[lot]
                self.make({new: replace(sold, holder=waits.buyer, at=waits.at, parents=(lot,), suspended=set())})
                waits.entries.append((lot, new, amount))
            self.post(waits.entries)
        return "accepted", codes

    def change_plan(self, title: str, volume: int) -> list[Answer]:
        """Each quota granted before comes to what is approved now; a reduction takes at most what is left."""
        self.volumes[title] = volume
        answers: list[Answer] = []
        for quota, account in self.accounts.items():
            more = volume - account.granted
            if quota[:2] == ("year", title) and account.received and more:
                answers.append(("accepted", {"PLA-005"} if -more > account.free else set()))
                account.granted += max(more, -account.free)
                account.released += min(max(-more, 0), account.free)
                account.received += max(more, 0)
        return answers
