"""The plain model's other half: the road, what is used up or lost, papers, and the authority's acts over lots."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.assurance.model import (
    NOBODY,
    OF,
    ONLY_SAID,
    OUT,
    TITLES,
    Answer,
    Ask,
    Codes,
    Done,
    Entries,
    Lot,
    Model,
    bogota,
)

NEVER = datetime.max.replace(tzinfo=UTC)
SCALES = {"carbon_termico": 250, "oro": 5000, "dore": 5000}  # one in so many is what the scales may differ by


class FullModel(Model):
    def __init__(self, volumes: dict[str, int]) -> None:
        super().__init__(volumes)
        self.papers: set[tuple[str, str]] = set()
        self.open: dict[str, bool] = {}  # acts of suspension

    def dispatch(self, ask: Ask, holder: str, parts: list[tuple[str, int, str]], paper: bool) -> Answer:
        codes, _ = self.taken(ask, holder, [(lot, amount) for lot, amount, _ in parts], [new for _, _, new in parts])
        codes |= set() if paper else {"EVI-001"}
        if codes - ONLY_SAID:
            return self.end(ask, "dispatch", codes, [])
        self.wait(ask, Done("dispatch", "pending", ask.now, seller=holder, parts=parts), codes)
        self.done[ask.id].until = NEVER
        return "pending", codes

    def receipt(self, ask: Ask, id: str, arrived: list[tuple[str, int, int]]) -> Answer:
        """`arrived`: (lot, weighed, lost)."""
        waits, codes = self.done.get(id), ask.codes() - {"MAN-001"}
        if waits is None or waits.kind != "dispatch" or waits.until is None or ask.op == "C":
            return self.act(ask, "receipt", codes | {"LOT-009"}, [])
        assert waits.at is not None
        self.lapse(ask.now, {lot for lot, _, _ in waits.parts})  # whoever reports it again touches what it came from
        codes |= {"TIM-006"} if ask.at < waits.at else set()
        codes |= {"CON-005"} if waits.status != "pending" else set()
        if [lot for lot, _, _ in waits.parts] != [lot for lot, _, _ in arrived]:
            return self.act(ask, "receipt", codes | {"LOT-010"}, [])
        codes |= self.repeated([new for _, _, new in waits.parts])
        entries: Entries = []
        made: dict[str, Lot] = {}
        for (lot, sent, new), (_, weighed, lost) in zip(waits.parts, arrived, strict=True):
            gain, source = weighed + lost - sent, self.lots[lot]
            codes |= {"LOT-006"} if abs(gain) > sent // SCALES[source.mineral] or lost > sent else set()
            moved = [(lot, new, min(weighed, sent - lost)), (lot, OUT, lost), (OUT, new, gain), (lot, OUT, -gain)]
            entries += [entry for entry in moved if entry[2] > 0]
            made |= {new: replace(source, at=ask.at, parents=(lot,), suspended=set())} if weighed else {}
        if not codes - ONLY_SAID:
            self.close(waits, "accepted")
        return self.act(ask, "receipt", codes, entries, **made)

    def used_up(self, ask: Ask, kind: str, holder: str, lot: str, amount: int) -> Answer:
        """Consumption and loss: what was seized is the authority's to lose, what is unproven may be lost."""
        codes, told = self.taken(ask, holder, [(lot, amount)], [])
        if kind == "loss":
            codes -= {"ACC-001"}
            codes |= {"ACC-003"} if any(each.state == "seized" for each in told) else set()
        return self.end(ask, kind, codes, [(lot, OUT, amount)])

    def intake(self, ask: Ask, title: str, lot: str, amount: int, number: str | None) -> Answer:
        quota, volume = ("year", title, bogota(ask.at).year), self.volumes[title]
        codes = ask.codes() | self.repeated([lot])
        codes |= {"QUO-001"} if ask.op != "C" and amount > self.left(quota, volume) else set()
        codes |= {"EVI-002"} if number is None else {"EVI-003"} if (title, number) in self.papers else set()
        made = Lot(TITLES[title][1], "trader", ask.at, state="documented")
        entries = [(OUT, lot, amount), *self.use(quota, volume, amount)]
        answer = self.end(ask, "documented_intake", codes, entries, **{lot: made})
        if answer[0] == "accepted" and number is not None:
            self.papers.add((title, number))
        return answer

    def below(self, lots: list[str]) -> set[str]:
        reached, ahead = set[str](), set(lots)
        while ahead:
            reached |= ahead
            ahead = {lot for lot, each in self.lots.items() if ahead & set(each.parents)} - reached
        return reached

    def act(self, ask: Ask, kind: str, codes: Codes, entries: Entries, **new: Lot) -> Answer:
        """An act is nobody's report, and what arrived is there: nobody undoes them."""
        answer = self.end(ask, kind, codes, entries, **new)
        self.done[ask.id].author = False
        return answer

    def unknown(self, lots: list[str]) -> Codes:
        return {"LOT-001"} if any(lot not in self.lots for lot in lots) else set()

    def suspension(self, ask: Ask, lots: list[str]) -> Answer:
        self.lapse(ask.now, set(lots))
        answer = self.act(ask, "suspension", self.unknown(lots), [])
        if answer[0] == "accepted":
            self.open[ask.id] = True
            for lot in self.below(lots):
                self.lots[lot].suspended.add(ask.id)
        return answer

    def lift(self, ask: Ask, suspension: str) -> Answer:
        answer = self.act(ask, "lift", set() if self.open.get(suspension) else {"LOT-011"}, [])
        if answer[0] == "accepted":
            self.open[suspension] = False
            for lot in self.lots.values():
                lot.suspended.discard(suspension)
        return answer

    def seizure(self, ask: Ask, lot: str, amount: int, new: str) -> Answer:
        self.lapse(ask.now, {lot})
        codes = self.unknown([lot])
        if lot not in self.lots:
            return self.act(ask, "seizure", codes, [])
        codes |= {"LOT-003"} if amount > self.accounts[lot].free else set()
        made = replace(self.lots[lot], at=ask.at, state="seized", parents=(lot,), suspended=set())
        return self.act(ask, "seizure", codes, [(lot, new, amount)], **{new: made})

    def found(self, ask: Ask, lot: str, amount: int) -> Answer:
        """What nobody had registered is nobody's lot."""
        made = Lot("oro", NOBODY, ask.at, state="seized")
        return self.act(ask, "seizure", self.repeated([lot]), [(OUT, lot, amount)], **{lot: made})

    def accredit(self, ask: Ask, lot: str, state: str, title: str | None) -> Answer:
        """As a title's, it uses that title's right of the year for all that the lot ever received."""
        self.lapse(ask.now, {lot})
        codes, used = self.unknown([lot]), Entries()
        if lot in self.lots:
            codes |= {"ACC-004"} if self.lots[lot].proven == (state != "unproven") else set()
            if title is not None:
                quota, volume = ("year", title, bogota(ask.at).year), self.volumes[title]
                amount = self.accounts[lot].received
                codes |= {"QUO-001"} if amount > self.left(quota, volume) else set()
                used = self.use(quota, volume, amount)
        answer = self.act(ask, "accredit", codes, used)
        if answer[0] == "accepted":
            for each in self.below([lot]) if state == "unproven" else [lot]:
                self.lots[each].state = state
        return answer

    def title_of(self, lot: str) -> str | None:
        """The title whose mineral the lot is."""
        mineral = self.lots[lot].mineral if lot in self.lots else ""
        return next((OF[holder] for holder, named in TITLES.values() if named == mineral), None)
