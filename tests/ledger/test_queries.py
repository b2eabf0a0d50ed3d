"""Origins of any lot by one look-up; genealogy both ways, in pages."""

from uuid import UUID

import pytest

from tests.ledger.book import Book
from veta.kernel.ids import uuid7
from veta.ledger import queries
from veta.ledger.domain.batch import LedgerBatch, NewAccount, NewLot
from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin, origin_id
from veta.ledger.queries.packed import packed_ids


def walk(book: Book, lot: UUID, direction: str, *, limit: int) -> list[queries.Edge]:
    """Every page, one after the other."""
    found: list[queries.Edge] = []
    while True:
        after = (found[-1].parent, found[-1].child) if found else queries.FIRST
        with book.connection.cursor() as cursor:
            page = queries.trace(cursor, lot, direction=direction, limit=limit, after=after)  # type: ignore[arg-type]
        found += page
        if len(page) < limit:
            return found


@pytest.fixture
def family(book: Book) -> dict[str, UUID]:
    """a → b → mix ← c; mix → d, mix → e; a diamond closes in `last`."""
    a, c = book.produce(1_000), book.produce(1_000, code="DEMO-002")
    b = book.sell(a, 600)
    mix = book.regroup([(b, 100), (c, 200)])
    d, e = book.sell(mix, 60), book.sell(mix, 70)
    last = book.regroup([(d, 30), (e, 40), (a, 1)])
    return {"a": a, "b": b, "c": c, "mix": mix, "d": d, "e": e, "last": last}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_trace_reaches_every_ancestor_and_descendant_once(limit: int, book: Book, family: dict[str, UUID]) -> None:
    names = {lot: name for name, lot in family.items()}

    def traced(lot: str, direction: str) -> set[tuple[str, str]]:
        edges = walk(book, family[lot], direction, limit=limit)
        assert len(edges) == len(set(edges))
        assert edges == sorted(edges)
        return {(names[edge.parent], names[edge.child]) for edge in edges}

    above = {("a", "b"), ("b", "mix"), ("c", "mix")}
    below = {("mix", "d"), ("mix", "e"), ("d", "last"), ("e", "last")}
    assert traced("mix", "back") == above
    assert traced("mix", "forward") == below
    assert traced("last", "back") == above | below | {("a", "last")}
    assert traced("a", "forward") == (above | below | {("a", "last")}) - {("c", "mix")}
    assert traced("a", "back") == traced("last", "forward") == set()


def test_a_trace_names_the_movement(book: Book, family: dict[str, UUID]) -> None:
    edges = walk(book, family["b"], "back", limit=10)
    assert edges == [queries.Edge(family["a"], family["b"], book.lot(family["b"]).movement)]


def test_children_are_the_direct_ones(book: Book, family: dict[str, UUID]) -> None:
    with book.connection.cursor() as cursor:
        found = queries.children(cursor, [family["mix"], family["last"]])
    assert {edge.child for edge in found} == {family["d"], family["e"]}


def test_origins_of_a_lot_of_one_origin(book: Book) -> None:
    lot = book.produce(500)
    book.sell(lot, 200)
    with book.connection.cursor() as cursor:
        found = queries.origins_of(cursor, lot)
    origin = origin_id(kind="title", code="DEMO-001")
    assert found is not None
    assert (found.received, found.released, found.held, found.composition, found.total) == (500, 200, 0, None, 1)
    assert (list(found.origins), list(found.weights)) == ([origin], [1])


def test_origins_of_a_sale_of_a_mix_are_those_of_the_mix(book: Book, family: dict[str, UUID]) -> None:
    with book.connection.cursor() as cursor:
        found, mix = queries.origins_of(cursor, family["d"]), queries.origins_of(cursor, family["mix"])
        assert found is not None
        assert mix is not None
        stored = queries.compositions(cursor, [found.composition])[found.composition]  # type: ignore[list-item, index]
    weights = {origin_id(kind="title", code="DEMO-001"): 100, origin_id(kind="title", code="DEMO-002"): 200}
    assert stored == Composition.of(weights)
    assert dict(zip(found.origins, found.weights, strict=True)) == weights
    assert (found.composition, found.total, found.received) == (mix.composition, 300, 60)


@pytest.mark.parametrize("count", [1, 300, 10_000])
def test_compositions_of_any_size_come_back_whole(count: int, book: Book) -> None:
    made = Composition.of({UUID(int=number): number for number in range(1, count + 1)})
    batch, lot = LedgerBatch(compositions={made.id: made}), uuid7()
    batch.accounts.append(NewAccount(lot, "oro", "lot", book.holder, made.total, 0, 0))
    row = book.lot(book.produce(1))
    batch.lots.append(
        NewLot(lot, "oro", None, made.id, "mixed", None, None, uuid7(), row.occurred_at, None, "9.5", None)
    )
    book.write(batch)
    with book.connection.cursor() as cursor:
        assert queries.compositions(cursor, [made.id]) == {made.id: made}
        found = queries.origins_of(cursor, lot)
    assert found is not None
    assert (tuple(found.origins), tuple(found.weights), found.total) == (made.origins, made.weights, made.total)
    assert (len(found.origins), found.origins[-1], found.weights[0]) == (count, UUID(int=count), 1)
    assert found.origins[1:3] == list(made.origins[1:3])


@pytest.mark.parametrize("data", [b"", bytes(15) + b"\x01" + bytes(28), bytes(15) + b"\x02" + bytes(24)])
def test_what_is_no_array_of_ids_is_not_read_as_one(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an array"):
        packed_ids(data)


@pytest.mark.parametrize(
    "origin",
    [
        Origin("title", code="DEMO-001"),
        Origin("subsistence", municipality="05120", person=UUID(int=7)),
        Origin("unproven"),
    ],
)
def test_origins_come_back_as_they_were(origin: Origin, book: Book) -> None:
    book.write(LedgerBatch(origins={origin.id: origin}))
    book.write(LedgerBatch(origins={origin.id: origin}))
    with book.connection.cursor() as cursor:
        assert queries.origins(cursor, [origin.id]) == {origin.id: origin}


def test_an_origin_has_a_code_or_a_municipality() -> None:
    with pytest.raises(ValueError):
        origin_id(kind="title", code="DEMO-001", municipality="05120")
