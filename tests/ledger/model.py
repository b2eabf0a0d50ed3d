"""The ledger as a reader of the design would write it: dictionaries and fractions, sharing no code with veta."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

Weights = dict[str, int]


@dataclass
class Account:
    received: int = 0
    released: int = 0
    held: int = 0

    @property
    def free(self) -> int:
        return self.received - self.released - self.held


@dataclass
class Lot(Account):
    weights: Weights = field(default_factory=dict)
    made: int = 0


@dataclass
class Model:
    """Every operation answers whether it is done; refused, it changes nothing."""

    quotas: dict[str, Account] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)

    def produce(self, lot: str, *, code: str, amount: int, quota: str) -> bool:
        if self.quotas[quota].free < amount:
            return False
        self.quotas[quota].released += amount
        self.lots[lot] = Lot(received=amount, made=amount, weights={code: 1})
        return True

    def sell(self, new: str, *, lot: str, amount: int) -> bool:
        if self.lots[lot].free < amount:
            return False
        self.lots[lot].released += amount
        self.lots[new] = Lot(received=amount, made=amount, weights=self.lots[lot].weights)
        return True

    def regroup(self, new: str, parts: list[tuple[str, int]]) -> bool:
        if any(self.lots[lot].free < amount for lot, amount in parts):
            return False
        shares: dict[str, Fraction] = {}
        for lot, amount in parts:
            weights = self.lots[lot].weights
            for code, weight in weights.items():
                shares[code] = shares.get(code, Fraction()) + Fraction(amount * weight, sum(weights.values()))
            self.lots[lot].released += amount
        self.lots[new] = Lot(received=sum(amount for _, amount in parts), weights=self.rounded(shares))
        return True

    def rounded(self, shares: dict[str, Fraction]) -> Weights:
        weights = {code: floor(share) for code, share in shares.items()}
        missing = int(sum(shares.values())) - sum(weights.values())
        for code in sorted(shares, key=lambda code: (weights[code] - shares[code], self.rank(code)))[:missing]:
            weights[code] += 1
        return {code: weight for code, weight in weights.items() if weight}

    def rank(self, code: str) -> int:
        """The place of an origin among all, by its id; the machine sets it."""
        raise NotImplementedError

    def export(self, lot: str, amount: int) -> bool:
        if self.lots[lot].free < amount:
            return False
        self.lots[lot].released += amount
        return True

    def hold(self, lot: str, amount: int) -> bool:
        if self.lots[lot].free < amount or self.lots[lot].held + amount < 0:
            return False
        self.lots[lot].held += amount
        return True

    def undo_sale(self, new: str, *, lot: str) -> bool:
        """What was sold goes back, if that much is left, whatever came back to it meanwhile."""
        sold = self.lots[new]
        if sold.free < sold.made:
            return False
        sold.released += sold.made
        self.lots[lot].received += sold.made
        return True
