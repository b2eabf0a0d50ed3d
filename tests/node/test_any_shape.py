"""What a phone brings is kept as it comes, of any shape: no page of its client's may break for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tests.node.conftest import House
from tests.node.test_phones import Phone, on_the_road
from veta.kernel.ids import uuid7
from veta.node.domain.capturing import REPORTER
from veta.node.models import BusinessRecord, OutboxItem
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.books import BOOKS
from veta.node.urls import urlpatterns

DEEP: Final[Any] = {"type": ["x"], "number": {"a": [{"b": [None] * 3}] * 2}, "municipality": ["05001"], "lot": {}}
ODD: Final[tuple[Any, ...]] = (
    ["x"], [DEEP, 7, None], 5, None, True, DEEP, "1E999999", "0001-01-01T00:00:00+14:00",
    {"type": 1, "number": ["x"], "code": ["x"], "municipality": 5, "kind": []}, "2026-11-10T09:00:00",
    "9999-12-31T23:59:59-12:00", [{"lot": "x", "quantity": 1, "type": [], "mineral": {}, "grade": []}],
)  # fmt: skip
FIELDS: Final = (
    "seller", "buyer", "holder", "plant", "carrier", "origin", "place", "mineral", "quantity", "unit", "fineness",
    "grade", "assay", "lot", "items", "inputs", "outputs", "losses", "evidence", "to", "vehicle", "note", "price_cop",
    "royalty_withheld_cop", "buyer_kind", "occurred_at", "reason", "late", "consent", "recipe", "destination",
)  # fmt: skip


def odd(phone: Phone, kind: str, turn: int, dispatch: str) -> dict[str, Any]:
    """A record of a kind whose fields are each of another odd shape: all of them, after as many turns."""
    own = {REPORTER[kind]: phone.client.party()} if REPORTER[kind] else {"dispatch": dispatch}
    said = {name: ODD[(n + turn) % len(ODD)] for n, name in enumerate(FIELDS)}
    return phone.move(kind, **said | own)


def pages(client: UUID) -> list[str]:
    """Every address of a client's that asks for nothing else than which kind or book."""
    routes = [str(each.pattern) for each in urlpatterns if "<uuid:client>" in str(each.pattern)]
    made = [
        route.replace("<uuid:client>", str(client)).replace("<str:kind>", kind).replace("<str:book>", book)
        for route in routes
        for kind in (KINDS if "<str:kind>" in route else [""])
        for book in (BOOKS if "<str:book>" in route else [""])
    ]
    return [
        f"/{each}" for each in made if "<" not in each and not re.search("/(minero|consentimiento|sincronizar)", each)
    ]


def test_a_record_of_any_shape_breaks_no_page(house: House, node: Any, tmp_path: Path) -> None:
    node.NODE_HUB_URL, node.NODE_HOME = "sandbox:", tmp_path
    phone, owner = Phone(house), house.browser("gold owner")
    road = on_the_road(phone)
    assert [each["kept"] for each in phone.bring(road["made"], road["sent"])["kept"]] == [True] * 2
    turns = range(0, len(ODD))
    for turn in turns:
        told = phone.bring(*[odd(phone, kind, turn, road["sent"]["id"]) for kind in KINDS])
        assert isinstance(told, dict), told.content
        assert [each for each in told["kept"] if not each["kept"]] == []
    floats = {**phone.move("sale"), "payload": {"id": (id := str(uuid7())), "quantity": 1.5}, "id": id}
    assert [each["kept"] for each in phone.bring(floats)["kept"]] == [False], "it has no digest"
    OutboxItem.objects.filter(record__kind="dispatch").update(state="pending")
    base = f"/clientes/{phone.client.id}"
    broken = {path: _status(owner, path) for path in pages(phone.client.id)}
    for n, record in enumerate(BusinessRecord.objects.filter(client=phone.client).order_by("sequence")):
        own = f"{base}/registros/{record.pk}"
        paths = [f"{own}/", f"{base}/capturar/{record.kind}/?corrige={record.pk}"]
        paths += [f"{own}/recibo/"] if record.kind == "subsistence_purchase" else []
        paths += [f"{own}/paquete/"] if record.kind == "export" and n < 60 else []
        paths += [f"{own}/recibo.pdf"] if n % 17 == 0 else []
        broken |= {path: _status(owner, path) for path in paths}
    months = {each.occurred_at.strftime("%Y-%m") for each in BusinessRecord.objects.all()}
    broken |= {path: _status(owner, path) for path in (
        f"{base}/libros/{book}/?mes={month}" for book in BOOKS for month in months
    )}  # fmt: skip
    assert {path: status for path, status in broken.items() if status != 200} == {}


def _status(browser: Any, path: str) -> object:
    """200, or why it was not."""
    try:
        return browser.get(path).status_code
    except Exception as trouble:  # every page is asked: all that break are told at once
        frame = trouble.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else ""
        return f"{trouble!r} {where}"
