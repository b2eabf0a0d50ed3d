"""Workbooks whose movements have several rows: what binds them, what is said of each row, and what goes to the hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.node.conftest import NOW, House
from tests.node.test_sheets import CLOCK, known_places
from veta.movements.domain.submission import receive
from veta.node.domain.local import KnownLot, check
from veta.node.domain.sheets.examples import EXAMPLES
from veta.node.domain.sheets.header import find_header
from veta.node.domain.sheets.kinds import BINDS, KINDS
from veta.node.domain.sheets.lines import RowRead
from veta.node.domain.sheets.places import Places
from veta.node.domain.sheets.rows import RowReader
from veta.node.models import BusinessRecord, Sheet, SheetRow
from veta.node.services.sheets import ask_to_apply, upload, work

PARTY = {"type": "NIT", "number": "900200001"}
TOWNS = Places.of([("05250", "El Bagre", "Antioquia")])
Row = Mapping[str, str]
LOTS = [UUID(row["lot"]) for row in EXAMPLES["sale"][:2]]


def read(kind: str, rows: Sequence[Row]) -> list[RowRead]:
    """What becomes of rows under the template's own header; they begin at row 2."""
    columns = KINDS[kind]
    header = find_header([[column.title for column in columns]], columns)
    lots = {
        id: KnownLot(id=id, mineral="oro", amount=2_000_000, used=0, occurred_at=NOW - timedelta(days=9)) for id in LOTS
    }
    reader = RowReader(kind, columns, header, PARTY, TOWNS, lambda item, lots: check(item, now=NOW, lots=lots), lots)
    cells = ([row.get(column.key, "") for column in columns] for row in rows)
    return [each for group in reader.movements(enumerate(cells, start=2)) for each in reader.read(group)]


def said(rows: Sequence[RowRead]) -> list[tuple[int, str, str]]:
    """Row, column and code of each rejection."""
    return sorted((row.number, m.title, m.code) for row in rows for m in row.marks if m.severity == "rejected")


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_example_is_taken_whole(kind: str) -> None:
    rows = read(kind, EXAMPLES[kind])
    assert said(rows) == []
    for row in rows:
        assert row.item is None or receive(row.item, b"").findings == (), row.item
    assert {KINDS[kind][n].key for n in range(len(KINDS[kind])) if KINDS[kind][n].required} <= set().union(
        *EXAMPLES[kind]
    )


def items(kind: str, rows: Sequence[Row] | None = None) -> list[dict[str, Any]]:
    return [row.item for row in read(kind, EXAMPLES[kind] if rows is None else rows) if row.item is not None]


def test_what_several_rows_say_to_the_hub() -> None:
    first, second, third = items("sale")
    assert [part["quantity"] for part in first["items"]] == ["4.25", "7.3"]
    assert (first["price_cop"], first["note"], len(second["items"])) == ("9000000", "Ref. V-1", 1)
    assert (second["buyer"]["number"], "buyer_kind" in second) == ("900500018", False)
    assert (third.get("buyer"), third["buyer_kind"]) == (None, "final_consumer")
    (receipt,) = items("receipt")
    assert [part.get("lost") for part in receipt["items"]] == [None, "0.5"]
    assert receipt["evidence"] == [{"type": "weighbridge", "number": "B-91", "issued_on": "2026-11-09"}]
    (made,) = items("transformation")
    assert (made["recipe"], made["plant"], len(made["inputs"])) == ("fundicion_oro", PARTY, 2)
    assert [each["mineral"] for each in made["outputs"]] == ["dore"]
    assert made["outputs"][0]["lot"], "what leaves has an id of its own"
    (blend,) = items("regroup")
    assert ([each["quantity"] for each in blend["outputs"]], blend["outputs"][0]["unit"]) == (["11.55"], "g")
    whole = EXAMPLES["regroup"][:2]
    assert [each["quantity"] for each in items("regroup", whole)[0]["outputs"]] == ["11.55"]
    (intake,) = items("documented_intake")
    assert (intake["basis"], intake["origin"]["kind"]) == ("paper_certificate", "title")


def papers(kind: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    (item,) = items(kind, rows)
    return [(each["type"], each["number"]) for each in item.get("evidence", ())]


def test_a_movement_brings_as_many_papers_as_it_has() -> None:
    """Those of its first row, then those of the rows below; what a row repeats is not brought twice."""
    both = [("export_declaration", "DEX-9"), ("royalty_payment", "RG-4")]
    assert papers("export", EXAMPLES["export"]) == [*both, ("inspection", "IN-2")]
    assert papers("export", EXAMPLES["export"][:1]) == both, "of one lot, in one row"
    assert papers("sale", [V1, {**V1_MORE, **{key: V1[key] for key in PAPER_2}}]) == [("invoice", "FE-120")]
    first, more = EXAMPLES["receipt"]
    assert papers("receipt", [{**first, **PAPER_2}, {**more, **PAPER_2, "paper_number": "I-2"}]) == [
        ("weighbridge", "B-91"), ("inspection", "I-1"), ("inspection", "I-2"),
    ]  # fmt: skip


V1, V1_MORE, V2, V3 = EXAMPLES["sale"]
X1, X1_MORE = EXAMPLES["export"]
PAPER_2 = {"paper_type": "Inspección", "paper_number": "I-1", "paper_day": "08/11/2026"}
NOBODYS = "01980000-0000-7000-8000-0000000000ff"
T_IN, T_MORE, T_OUT = EXAMPLES["transformation"]
FAULTS: Sequence[tuple[str, Sequence[Row], list[tuple[int, str, str]]]] = [
    ("sale", [V1, V2, V1_MORE], [(4, "Fecha", "SHE-010"), (4, "Movimiento", "SHE-020"),
                                 (4, "Comprador: número", "SHE-010")]),
    ("sale", [V1, {**V1_MORE, "price": "9000000"}], [(2, "", "SHE-021"), (3, "Precio (COP)", "SHE-022")]),
    ("sale", [V1, {**V1_MORE, "date": "10/11/2026"}], [(2, "", "SHE-021"), (3, "Fecha", "SHE-022")]),
    ("sale", [V1, {**V1_MORE, "date": "09/11/2026", "hour": "14:05"}], []),
    ("sale", [V1, {**V1_MORE, "quantity": ""}], [(2, "", "SHE-021"), (3, "Cantidad", "SHE-010")]),
    ("sale", [V1, {**V1_MORE, "quantity": "0"}], [(2, "", "SHE-021"), (3, "Cantidad", "MIN-005")]),
    ("sale", [V1, {**V1_MORE, "lot": "no"}], [(2, "", "SHE-021"), (3, "Lote", "SCH-003")]),
    ("sale", [V1, {**V1_MORE, "lot": V1["lot"], "quantity": "1996"}], [(2, "", "SHE-021"), (3, "Cantidad", "LOT-003")]),
    ("sale", [{**V3, "buyer_number": "900500018"}], [(2, "Comprador: número", "SHE-012")]),
    ("sale", [{**V1, "buyer_number": ""}], [(2, "Comprador: número", "SHE-010")]),
    ("sale", [V1, {**V1_MORE, "buyer_type": "Consumidor final"}],
     [(2, "", "SHE-021"), (3, "Comprador: tipo de documento", "SHE-022")]),
    ("sale", [V1, {**V1_MORE, **PAPER_2}], []),
    ("sale", [V1, {**V1_MORE, **PAPER_2, "paper_day": ""}],
     [(2, "", "SHE-021"), (3, "Documento soporte: fecha", "SHE-010")]),
    ("export", [{**X1, "second_paper_number": ""}, X1_MORE],
     [(2, "Segundo documento soporte: número", "SHE-010"), (3, "", "SHE-021")]),
    ("sale", [{**V1, "movement": ""}, {**V1, "movement": ""}], [(3, "", "SHE-018")]),
    ("sale", [{**V1, "lot": f"{V1['lot'].upper()} · Oro · 12,5 g"}], []),
    ("receipt", [EXAMPLES["receipt"][0], EXAMPLES["receipt"][1] | {"dispatch": ""}],
     [(3, "Fecha", "SHE-010"), (3, "Despacho", "SHE-010")]),
    ("transformation", [T_IN, T_MORE, {**T_OUT, "mineral": ""}],
     [(2, "", "SHE-021"), (3, "", "SHE-021"), (4, "Mineral", "SHE-010")]),
    ("transformation", [T_IN, {**T_MORE, "mineral": "Oro"}, T_OUT],
     [(2, "", "SHE-021"), (3, "Mineral", "SHE-023"), (4, "", "SHE-021")]),
    ("transformation", [T_IN, T_MORE, {**T_OUT, "lot": V1["lot"]}],
     [(2, "", "SHE-021"), (3, "", "SHE-021"), (4, "Lote", "SHE-023")]),
    ("transformation", [T_IN, T_MORE], [(2, "Entra o sale", "SCH-002"), (3, "", "SHE-021")]),
    ("transformation", [T_IN, T_MORE, {**T_OUT, "unit": "kg"}],
     [(2, "", "SHE-021"), (3, "", "SHE-021"), (4, "Unidad", "MIN-002")]),
    ("transformation", [{**T_IN, "recipe": "alquimia"}], [(2, "Proceso", "SHE-016")]),
    ("regroup", [{**row, "lot": NOBODYS} for row in EXAMPLES["regroup"][:1]], [(2, "Unidad", "SHE-010")]),
    ("documented_intake", [{**EXAMPLES["documented_intake"][0], "basis": "disused"}],
     [(2, "Por qué es lícito", "SCH-003")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "rows", "expected"), FAULTS)
def test_what_is_said_of_each_row(kind: str, rows: Sequence[Row], expected: list[tuple[int, str, str]]) -> None:
    found = read(kind, rows)
    assert said(found) == sorted(expected)
    assert all(m.cause and m.remedy for row in found for m in row.marks if m.code.startswith("SHE"))
    assert all((row.status == "rejected") == any(number == row.number for number, _t, _c in expected) for row in found)


def test_a_voucher_is_applied_once_and_its_rows_share_its_record(house: House) -> None:
    """As a CSV, then again with its rows' shared cells repeated: the same movement."""
    known_places()
    sheet = applied(house, "sale", [V1, V1_MORE, V2])
    assert (sheet.rows, sheet.applied, BusinessRecord.objects.count()) == (3, 2, 2)
    records = set(BusinessRecord.objects.values_list("source_digest", flat=True))
    rows = SheetRow.objects.filter(sheet=sheet).order_by("number")
    assert {row.digest for row in rows} == records
    assert (rows[0].digest, rows[0].item is None, rows[1].item is None) == (rows[1].digest, False, True)
    shared = ("date", "buyer_number", "paper_type", "paper_number", "paper_day")
    repeated = {**V1_MORE, **{key: V1[key] for key in shared}}
    again = applied(house, "sale", [V1, repeated, V2])
    assert (again.known, again.applied, BusinessRecord.objects.count()) == (3, 0, 2)


def applied(house: House, kind: str, rows: Sequence[Row]) -> Sheet:
    """Rows as a CSV under the template's header, uploaded and applied."""
    lines = [[column.title for column in KINDS[kind]], *([row.get(c.key, "") for c in KINDS[kind]] for row in rows)]
    content = "\n".join(";".join(line) for line in lines).encode()
    sheet = upload(house.clients["gold"], kind, "hoja.csv", content, by=house.people["gold owner"])
    work(sheet.pk, clock=CLOCK)
    ask_to_apply(Sheet.objects.get(pk=sheet.pk), by=house.people["gold owner"])
    work(sheet.pk, clock=CLOCK)
    return Sheet.objects.get(pk=sheet.pk)


def test_each_kind_that_binds_rows_says_by_which_column() -> None:
    for kind, key in BINDS.items():
        (column,) = (each for each in KINDS[kind] if each.key == key)
        assert column.line
