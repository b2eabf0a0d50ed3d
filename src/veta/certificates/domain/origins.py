"""The origins of what a certificate covers, as the law lets them be public, and their shares.

Of a natural person: the municipality and the kind alone. Of a title held by firms: its code and who holds it. Rows of
one place and kind are one row, so that no single miner's grams can be read from the table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from veta.kernel.canonical_json import canonical

PER = 1000
SHOWN_IN_CODE = 5


@dataclass(frozen=True, slots=True)
class PublicOrigin:
    """A row of the table. `weight`: integer part of the composition's total; `code`: of a title or area, else None;
    `municipality`: DIVIPOLA, or empty where the origin has none; `holders`: firms by name, with NIT."""

    kind: str
    code: str | None
    municipality: str
    holders: tuple[str, ...]
    weight: int

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "code": self.code, "municipality": self.municipality, "holders": list(self.holders),
            "weight": str(self.weight),
        }  # fmt: skip


def table(rows: Iterable[PublicOrigin]) -> list[PublicOrigin]:
    """Rows of one kind, code, place and holders summed; the largest first, ties by their words."""
    sums: dict[tuple[str, str | None, str, tuple[str, ...]], int] = {}
    for row in rows:
        key = (row.kind, row.code, row.municipality, row.holders)
        sums[key] = sums.get(key, 0) + row.weight
    made = [PublicOrigin(*key, weight) for key, weight in sums.items()]
    return sorted(made, key=lambda row: (-row.weight, row.kind, row.code or "", row.municipality))


def digest(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """SHA-256 of the table's RFC 8785 form: what the QR carries of the rows that do not fit in it."""
    return sha256(canonical(list(rows))).digest()


def shares(weights: Sequence[int], *, per: int = PER) -> list[int]:
    """Whole parts in `per` of each weight, summing exactly to `per`: largest remainder, ties by place."""
    total = sum(weights)
    if total <= 0:
        raise ValueError("shares need something to share")
    whole = [weight * per // total for weight in weights]
    rest = sorted(range(len(weights)), key=lambda n: (-(weights[n] * per % total), n))
    for place in rest[: per - sum(whole)]:
        whole[place] += 1
    return whole


def by_place_and_class(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """(municipality, kind of producer, weight) of a stored table, the largest first: what a refiner is asked for."""
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["municipality"], row["kind"])
        sums[key] = sums.get(key, 0) + int(row["weight"])
    return sorted(((place, kind, weight) for (place, kind), weight in sums.items()), key=lambda r: (-r[2], r[0], r[1]))
