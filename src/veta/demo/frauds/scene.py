"""Where a fraud happens: the month's actors, the operators' processes, and lots made on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from veta.demo.keep import DemoRefused
from veta.demo.links import Operators
from veta.demo.people import Actor
from veta.demo.tally import Tally
from veta.demo.traffic.pen import Pen, Stock
from veta.demo.world import Miner, Title

DAY, LATER = 24, 26


@dataclass(frozen=True, slots=True)
class Caught:
    """How a fraud ended: the finding that should meet it, those that did, and whether that is as it should be."""

    name: str
    code: str
    seen: tuple[str, ...]
    as_expected: bool


@dataclass(slots=True)
class Scene:
    pen: Pen
    operators: Operators
    tally: Tally

    def title(self, chain: str, *, shared: bool = False, granted: str = "") -> Title:
        """The first title of a chain: one that both operators report for, or one that was granted more than planned."""
        for title in self.pen.world.titles:
            apt = title.chain == chain and (not granted or (granted in title.granted and granted not in title.volumes))
            if apt and (not shared or len(title.holder.operators) > 1):
                return title
        raise DemoRefused(f"El mundo no tiene un título para «{chain}». Use otro VETA_HOME.")

    def traders(self, operator: str) -> list[Actor]:
        """The gold traders in force that an operator reports for."""
        return [
            trader
            for trader in self.pen.world.traders
            if "oro" in trader.minerals and trader.operator == operator and not trader.lapsed
        ]

    def freest_miner(self) -> Miner:
        """The gold miner with the most left of his year."""
        on = self.pen.month.last
        gold = [miner for miner in self.pen.world.miners if miner.mineral == "oro"]
        return max(gold, key=lambda miner: self.pen.room.left(self.pen.room.of_miner(miner, on)[1]))

    def lot(self, title: Title, grams: int) -> Stock:
        """An honest lot of gold in the hands of a title's holder, accepted now."""
        stock = self.pen.production(title, "oro", grams * 1000, self.pen.month.at(DAY))
        if stock is None:
            raise DemoRefused(f"Al título {title.code} no le queda volumen este año. Use otro VETA_HOME.")
        self.honest(title.holder.operator, self.last_body(0, title.holder.operator))
        return stock

    def last_body(self, round: int, operator: str) -> Mapping[str, Any]:
        """The movement that the pen wrote last for an operator."""
        return self.pen.book.rounds[round].sent[operator][-1].body

    def honest(self, operator: str, body: Mapping[str, Any], *, expected: str = "accepted") -> None:
        """Send what a fraud stands on: it must be taken."""
        result = self.attempt(operator, body)
        self.tally.count(result, expected=expected, what=f"{body['kind']} {body['id']}")

    def attempt(self, operator: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send one movement and give its result, uncounted; a request refused whole gives a rejection in its place."""
        return self.result_of(self.operators[operator].ask("submit", movements=[body]).result())

    def result_of(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "results" in answer:
            return dict(answer["results"][0])
        codes = [[code, "blocking"] for code in answer["codes"]]
        return {
            "movement": "",
            "status": "rejected",
            "findings": codes,
            "receipt": False,
            "messages": [answer["detail"]],
        }

    def judge(self, name: str, code: str, result: Mapping[str, Any]) -> Caught:
        """A movement that must be rejected, with `code` among its blocking findings."""
        seen = tuple(found for found, severity in result["findings"] if severity == "blocking")
        self.tally.states[result["status"]] += 1
        self.tally.findings.update((found, severity) for found, severity in result["findings"])
        return Caught(name, code, seen, result["status"] == "rejected" and code in seen)
