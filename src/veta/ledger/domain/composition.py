"""Compositions: the origins of a mix with integer weights, and the exact arithmetic that makes them (ADR 0062).

A weight is a smallest unit of what was mixed, so the weights of a mix sum to its quantity (or, in a transformation, to
the contained metal that the caller gives as the amounts). Where exact shares are not whole, the largest remainders take
the missing units, ties by origin id: no weight is a whole unit away from the exact share, and the order of the parts
changes nothing. An origin whose share rounds to nothing leaves the mix; its lot stays an ancestor.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nsmallest
from math import gcd, lcm
from uuid import UUID

from veta.kernel.ids import uuid_of


@dataclass(frozen=True, slots=True)
class Composition:
    """Origins in the order of their ids, and their weights (> 0), in two arrays of the same length."""

    id: UUID
    origins: tuple[UUID, ...]
    weights: tuple[int, ...]
    total: int

    @classmethod
    def of(cls, weights: Mapping[UUID, int]) -> "Composition":
        """The composition of `weights`; its id is their digest, so equal mixes share one row. ValueError if not > 0."""
        if not weights or min(weights.values()) <= 0:
            raise ValueError("a composition has at least one origin and every weight is positive")
        origins = tuple(sorted(weights, key=_number))
        ordered = tuple(weights[origin] for origin in origins)
        return cls(composition_id(origins, ordered), origins, ordered, sum(ordered))

    def as_weights(self) -> dict[UUID, int]:
        """Weight by origin: what `mix` takes for a part."""
        return dict(zip(self.origins, self.weights, strict=True))


def composition_id(origins: Sequence[UUID], weights: Sequence[int]) -> UUID:
    """The content id of origins in id order with their weights (each below 2**63)."""
    packed = b"".join(origin.bytes for origin in origins) + struct.pack(f">{len(weights)}q", *weights)
    return uuid_of("composition", sha256(packed).hexdigest())


def mix(parts: Sequence[tuple[Mapping[UUID, int] | UUID, int]]) -> dict[UUID, int]:
    """The weights of what is made of `parts`: each an origin, or a composition's weights, with the amount taken of it.

    Amounts and weights are integers, amounts >= 0. The result sums exactly to the sum of the amounts, in origin order,
    without zeros. ValueError on a negative amount, or when nothing is mixed.
    """
    whole, numerators, denominator = _exact_shares(parts)
    total = sum(amount for _, amount in parts)
    if total <= 0:
        raise ValueError("a mix needs an amount above zero")
    remainders: dict[UUID, int] = {}
    for origin, numerator in numerators.items():
        units, rest = divmod(numerator, denominator)
        whole[origin] = whole.get(origin, 0) + units
        if rest:
            remainders[origin] = rest
    missing = total - sum(whole.values())
    for origin in nsmallest(missing, remainders, key=lambda origin: (-remainders[origin], origin.int)):
        whole[origin] += 1
    return {origin: whole[origin] for origin in sorted(whole, key=_number) if whole[origin]}


def _exact_shares(
    parts: Sequence[tuple[Mapping[UUID, int] | UUID, int]],
) -> tuple[dict[UUID, int], dict[UUID, int], int]:
    """Whole units of parts of one origin or taken entire; numerators of all others over one common denominator."""
    whole: dict[UUID, int] = {}
    fractional: list[tuple[Mapping[UUID, int], int, int]] = []
    for source, amount in parts:
        if amount < 0:
            raise ValueError("no part of a mix is negative")
        if isinstance(source, UUID):
            whole[source] = whole.get(source, 0) + amount
            continue
        total = sum(source.values())
        common = gcd(amount, total)
        if common == total:
            _add(whole, source, amount // total)
        else:
            fractional.append((source, amount // common, total // common))
    denominator = lcm(*(below for _, _, below in fractional))
    numerators: dict[UUID, int] = {}
    for source, above, below in fractional:
        _add(numerators, source, above * (denominator // below))
    return whole, numerators, denominator


def _add(sums: dict[UUID, int], weights: Mapping[UUID, int], factor: int) -> None:
    for origin, weight in weights.items():
        sums[origin] = sums.get(origin, 0) + weight * factor


def _number(origin: UUID) -> int:
    return origin.int
