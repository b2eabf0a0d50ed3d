"""Which of a client's lots are its own production and nothing else's, however often they were moved or processed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from veta.node.domain.lots import Said
from veta.node.models import BusinessRecord, LotLine
from veta.node.queries.book_lines import municipality_of

PRODUCTION = "production"


@dataclass(slots=True)
class OwnProduction:
    """Where lots come from by the client's own records: each to the records at its beginning."""

    gave: Mapping[UUID, tuple[UUID, str, UUID | None]]
    took: Mapping[UUID, list[UUID]]
    _roots: dict[UUID, frozenset[UUID | None]] = field(default_factory=dict)
    _towns: dict[UUID, str] = field(default_factory=dict)

    def municipality(self, lot: UUID) -> str | None:
        """Where it was mined: empty where in several places; None where anything of it is not the client's own."""
        roots = self._of(lot)
        if None in roots:
            return None
        towns = {self._town(root) for root in roots if root is not None}
        return towns.pop() if len(towns) == 1 else ""

    def _of(self, lot: UUID) -> frozenset[UUID | None]:
        """The productions at the beginning of a lot; None among them for what began otherwise."""
        waiting = [lot]
        while waiting:
            at = waiting[-1]
            parents = self._parents(at)
            unknown = [each for each in parents if each not in self._roots]
            if at not in self._roots and unknown and not set(unknown) & set(waiting):
                waiting += unknown
                continue
            record, kind, _about = self.gave.get(at, (None, "", None))
            own: frozenset[UUID | None] = frozenset({record if kind == PRODUCTION else None})
            found = [self._roots.get(each, frozenset({None})) for each in parents]
            self._roots.setdefault(at, frozenset().union(*found) if found else own)
            waiting.pop()
        return self._roots[lot]

    def _parents(self, lot: UUID) -> list[UUID]:
        """What the record that made it took; what a receipt's dispatch sent."""
        record, kind, about = self.gave.get(lot, (None, "", None))
        maker = about if kind == "receipt" else record
        return self.took.get(maker, []) if maker is not None else []

    def _town(self, record: UUID) -> str:
        if record not in self._towns:
            self._towns[record] = municipality_of(BusinessRecord.objects.get(pk=record).payload)
        return self._towns[record]


def own_production(client: UUID) -> OwnProduction:
    """The lots of a client with what made them; two queries over what is in clear."""
    found = LotLine.objects.filter(record__client=client)
    given = found.filter(said=Said.GIVEN.value).values_list("lot", "record_id", "record__kind", "record__about")
    took: dict[UUID, list[UUID]] = defaultdict(list)
    for record, lot in found.filter(said=Said.TAKEN.value).values_list("record_id", "lot"):
        took[record].append(lot)
    return OwnProduction({lot: (record, kind, about) for lot, record, kind, about in given}, took)
