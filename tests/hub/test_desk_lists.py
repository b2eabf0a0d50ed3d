"""The lists of the desk: each goes on, and leaves as a file, whole and from its beginning."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.hub.country import Hub
from tests.hub.gold import gold_chain
from tests.hub.officers import Officers, say_purpose
from veta.hub.desk import paging
from veta.hub.mayor.seats import propose_seat
from veta.norms import norms
from veta.site.roles import Role

QUARTER = norms().value("sales.quarter", date(2026, 1, 1)).norm


@pytest.fixture(scope="module")
def officers(hub: Hub) -> Officers:
    return Officers.found()


@pytest.fixture(scope="module")
def chain(hub: Hub) -> dict[str, str]:
    return gold_chain(hub)


@pytest.fixture(scope="module")
def eva(officers: Officers) -> Client:
    return officers.session("eva", Role.OVERSIGHT)


def file_of(client: Client, address: str, **asked: str) -> list[list[str]]:
    response = client.get(address, {**asked, "formato": "csv"})
    assert response["Content-Type"].startswith("text/csv"), response
    return list(csv.reader(io.StringIO(bytes_of(response).decode("utf-8-sig"))))


def bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def read(client: Client, address: str, **asked: str) -> str:
    response = client.get(address, asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_titles_page_lists_the_movements_that_made_its_lots_and_leaves_as_files(
    hub: Hub, chain: dict[str, str], eva: Client, officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    mined = [hub.movement("production") for _ in range(3)]
    hub.report(*mined)
    title = reverse("desk_title", args=[chain["title"]])
    page = read(eva, title)
    for each in mined:
        assert reverse("desk_movement", args=[each["id"]]) in page
    assert reverse("desk_movement", args=[chain["refused"]]) not in page  # it made no lot
    movements = file_of(eva, title, tabla="movimientos")
    assert len(movements) == 5
    assert {row[0] for row in movements[1:]} == {"Producción"}
    assert len(file_of(eva, title)) == 5  # its lots
    quotas = file_of(eva, title, tabla="cupos")
    assert quotas[0][0] == "Cupo"
    assert [row[5] for row in quotas[1:]] == ["Acto de prueba 1", QUARTER]
    monkeypatch.setattr(paging, "SHORT_PAGE", 3)
    first = read(eva, title)
    assert first.count(">Producción<") == 3
    [more] = re.findall(r'href="\?(m=[^"]+)"', first)
    rest = eva.get(f"{title}?{more}").content.decode()
    assert rest.count(">Producción<") == 1
    assert len(file_of(eva, f"{title}?{more}", tabla="movimientos")) == 5
    insurer = officers.session("iris", Role.INSURER)
    assert "Su rol no ve los movimientos." in read(insurer, title)
    assert len(file_of(insurer, title, tabla="movimientos")) == 1


def test_an_actors_lists_leave_as_files_too(hub: Hub, chain: dict[str, str], eva: Client) -> None:
    trader = hub.actor("trader")
    say_purpose(eva, trader)
    address = reverse("desk_actor", args=[trader])
    assert {"Reagrupación", "Venta"} <= {row[0] for row in file_of(eva, address, tabla="movimientos")[1:]}
    assert chain["blend"][-8:] in str(file_of(eva, address, tabla="lotes"))
    assert file_of(eva, address, tabla="cupos")[0][0] == "Cupo"
    assert "tabla=movimientos&amp;formato=xlsx" in read(eva, address)


@pytest.mark.parametrize(
    ("name", "role", "says"),
    [
        ("people_file", Role.ADMINISTRATOR, "ana@demo.invalid"), ("mayor_seats", Role.REGISTRY, "05001 MEDELLÍN"),
        ("price_desk", Role.ROYALTIES, "Resolución"), ("desk_proposals", Role.REGISTRY, "Título"),
        ("desk_acts", Role.OVERSIGHT, "Propuso"), ("desk_imports", Role.REGISTRY, "Corte"),
        ("withholding_desk", Role.ROYALTIES, "Gramos finos"), ("desk_queue", Role.REGISTRY, "Desde"),
    ],
)  # fmt: skip
def test_each_list_has_its_file(hub: Hub, officers: Officers, name: str, role: Role, says: str) -> None:
    mayor = officers.user("mara", Role.MAYOR)
    if name == "mayor_seats":
        propose_seat(email=mayor.email, municipality="05001", act="Credencial 1", by=officers.founders[0])
    client = officers.session(f"quien-{role.value}", role)
    assert says in str(file_of(client, reverse(name)))
    made: Any = client.get(reverse(name), {"formato": "xlsx"})
    assert made.content[:2] == b"PK"


def test_a_long_list_is_sent_a_part_at_a_time_and_whole(
    hub: Hub, chain: dict[str, str], eva: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    trader = hub.actor("trader")
    say_purpose(eva, trader)
    lists = [
        (reverse("desk_movements"), {}), (reverse("desk_movements"), {"estado": "accepted", "despues": "x"}),
        (reverse("desk_actor", args=[trader]), {"tabla": "movimientos"}),
        (reverse("desk_actor", args=[trader]), {"tabla": "lotes"}),
        (reverse("desk_title", args=[chain["title"]]), {"tabla": "movimientos"}),
        (reverse("desk_trace", args=[chain["blend"], "atras"]), {}),
    ]  # fmt: skip
    before = [file_of(eva, address, **asked) for address, asked in lists]
    monkeypatch.setattr(paging, "CHUNK", 1)
    assert [file_of(eva, address, **asked) for address, asked in lists] == before
    assert min(map(len, before)) > 2
    made: Any = eva.get(lists[0][0], {"formato": "xlsx"})
    assert made.streaming
    rows = CalamineWorkbook.from_filelike(io.BytesIO(bytes_of(made))).get_sheet_by_index(0).to_python()
    assert [[str(cell) for cell in row] for row in rows] == before[0]


def test_a_list_whose_rows_change_place_is_read_at_once(eva: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is paid or decided between two parts would leave a row out: these never ask for a part."""
    monkeypatch.setattr(paging, "CHUNK", None)
    for name in ("settlement_desk", "withholding_desk", "validation_desk", "desk_acts", "desk_proposals"):
        assert eva.get(reverse(name), {"formato": "csv"}).status_code == 200, name
    with pytest.raises(TypeError):
        eva.get(reverse("desk_movements"), {"formato": "csv"})


def test_a_page_that_is_not_one_starts_the_list(eva: Client) -> None:
    for odd in ("-1", "x", "1e9", "9" * 30, "٣"):
        assert eva.get(reverse("bond_desk"), {"despues": odd, "faltan": odd}).status_code == 200
        assert eva.get(reverse("settlement_desk"), {"despues": odd}).status_code == 200
