"""Nobody is named or numbered in what the node keeps: whoever copies its database, and not its keys, has no person."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import orjson
import pytest
from django.db import connection
from psycopg.types.json import Jsonb

from tests.conftest import _point_to
from tests.node.conftest import NOW, House, purchase
from tests.node.test_capturing import gold_lot
from tests.node.test_documents import answer
from tests.node.test_feed import ME, event, page
from tests.node.verifying_hub import verifying_hub
from veta.config.postgres.cluster import OWNER
from veta.kernel.clock import FixedClock
from veta.kernel.identity import Document
from veta.kernel.ids import uuid7
from veta.node.client import HubClient
from veta.node.domain.clients import ClientKind
from veta.node.domain.records import FIRST, Captured, Operation, sent
from veta.node.domain.scales import AccuracyClass
from veta.node.models import (
    BusinessRecord,
    Client,
    HubEvent,
    IssuedDocument,
    Sheet,
    SheetFile,
    SheetRow,
    SignedRequest,
    records,
)
from veta.node.queries.chains import breaks_of
from veta.node.queries.members import with_document
from veta.node.queries.mending import chain_of
from veta.node.services import feed, requests, sheets
from veta.node.services.branches import open_branch
from veta.node.services.capture import Given, capture
from veta.node.services.documents import issue, withdraw
from veta.node.services.joining import Joining, take_on
from veta.node.services.mending import dismiss
from veta.node.services.outbox import bury
from veta.node.services.scales import Certified, Weighs, record_calibration
from veta.site.models import User
from veta.storage import sealed_field
from veta.storage.keys import KeyRefused
from veta.storage.sealing import seal, unseal

CLIENT, SELLER, WRONG = "52987341", "1098765433", "79461325X"
NAME, PHONE = "Aurelia Quintaneda", "+573015550142"
SAID = "Robustiano Echavarria"
PLANTED = (CLIENT, SELLER, WRONG, NAME, PHONE, SAID, "Echavarria", "Quintaneda")
CSV = f"""Fecha;Cédula vendedor;Municipio;Producto;Peso bruto;Ley;Valor;Observaciones
09/11/2026;{SELLER};05250;Oro;1,25;920;350.000;{SAID}
09/11/2026;{WRONG};05250;Oro;1,25;920;350.000;{SAID}
"""
HOLDING = {
    "node_client", "node_clientpaper", "node_businessrecord", "node_hubevent", "node_issueddocument", "node_sheet",
    "node_sheetfile", "node_sheetrow", "node_resolution", "node_calibrationpaper",
    "node_documentending",
}  # fmt: skip
# Tables that never stood in clear: no migration has to seal them.
LATER = {"node_calibrationpaper", "node_documentending"}


def use(house: House) -> Client:
    """Everything that takes a person's name or number in: a client, captures, a workbook, the feed, a document."""
    client = take_on(
        Joining(
            kind=ClientKind.TRADER, name=NAME, document_type="CC", document_number=CLIENT, check_digit="",
            municipality="05001", contact=PHONE, papers={"identity": CLIENT, "rucom": "RUCOM-1"}, how="paper",
            given_on=date(2026, 1, 5),
        ),
        by=house.desk,
    )  # fmt: skip
    item = purchase(
        seller={"type": "CC", "number": SELLER}, buyer=client.party(), note=SAID, quantity=f"{SELLER}.123456"
    )
    (record,) = capture(client, [Given(item, late_reason=f"Lo trajo {SAID}")], now=NOW)
    bury(record.outbox, now=NOW, cause="SCH-003", fix="Corrija el dato.")
    dismiss(record, reason=f"{SAID} devolvió el oro", by=house.desk)
    place = open_branch(client, name="Bodega", municipality="05001", facility="")
    plate = Weighs(
        branch=place, serial="A1", accuracy_class=AccuracyClass.II, unit="g", largest=Decimal(2000), e=Decimal("0.1")
    )
    record_calibration(
        plate, Certified(certificate="C-1", on=date(2026, 1, 5), until=date(2027, 1, 5), paper=f"%PDF-{NAME}".encode()),
        by=house.desk,
    )  # fmt: skip
    sheet = sheets.upload(client, "subsistence_purchase", f"{NAME}.csv", CSV.encode(), by=house.desk)
    sheets.work(sheet.pk, clock=FixedClock(NOW))
    sheets.ask_to_apply(sheet, by=house.desk)
    sheets.work(sheet.pk, clock=FixedClock(NOW))
    told = event(7, str(uuid7()), status="pending")
    told["author"] = {"name": SAID, "documents": [{"type": "CC", "number": SELLER}]}
    feed.keep_page(page(told), now=NOW)
    lot = gold_lot(house)
    with verifying_hub({ME.key_id: ME.public_key}) as server, HubClient(server.url, ME, before=requests.keep) as hub:
        hub.submit([record.item()])
        server.answer = lambda body: answer(body) | {"credential": {"seller": SAID}}
        held = issue(house.clients["gold"], hub, id=uuid7(), kind="origin_certificate", lot=lot, by=house.desk, now=NOW)
        withdraw(held, hub, reason=f"Lo pidió {SAID}", by=house.desk)
    return client


def copied() -> dict[str, bytes]:
    """All that each table holds, whatever the column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(oid, 'SELECT')"
        )
        names = [name for (name,) in cursor.fetchall()]
        assert set(names) >= HOLDING
        found = {}
        for name in names:
            with cursor.copy(f"COPY {name} TO STDOUT") as rows:
                found[name] = b"".join(bytes(part) for part in rows)
    return found


def holding(forms: Iterable[bytes] = (), copy: Mapping[str, bytes] | None = None) -> set[str]:
    """The tables in which any of these can be read, or else a planted identity: as text, or as bytes, of either."""
    sought = list(forms) or [each.encode() for each in PLANTED]
    texts = [text for each in sought for text in (each, each.hex().encode(), base64.b64encode(each))]
    shown = {form for each in texts for form in (each, each.hex().encode())}
    return {name for name, content in (copy or copied()).items() if any(form in content for form in shown)}


def test_a_copy_of_the_whole_database_names_nobody(house: House) -> None:
    client = use(house)
    assert holding() == set()
    assert (client.name, client.document_number, client.contact) == (NAME, CLIENT, PHONE)
    again = with_document(Document("CC", CLIENT)).get()
    assert (again.name, again.party()) == (NAME, {"type": "CC", "number": CLIENT})
    told = BusinessRecord.objects.filter(client=client).order_by("sequence")
    assert [record.payload["seller"]["number"] for record in told] == [SELLER] * 2
    assert SELLER in str(told[0].local_findings), "what was told of it names it too"
    assert told[0].late_reason == f"Lo trajo {SAID}"
    assert WRONG in [mark["value"] for mark in SheetRow.objects.get(number=3).marks]
    assert (Sheet.objects.get().file_name, HubEvent.objects.get().body["author"]["name"]) == (f"{NAME}.csv", SAID)
    assert IssuedDocument.objects.get().body["credential"] == {"seller": SAID}


def test_the_search_finds_each_of_them_where_nothing_is_sealed(house: House, monkeypatch: Any) -> None:
    """The control: with the encryption off, every table that holds a person is found."""
    for module in (sealed_field, sheets):
        monkeypatch.setattr(module, "seal", lambda plain, **_: plain)
    monkeypatch.setattr(sealed_field, "unseal", lambda sealed, **_: bytes(sealed))
    use(house)
    assert holding() == HOLDING


DOCUMENTS = (SELLER, "1098765434", "52987342", "10200300")
DIGESTED = {"node_businessrecord", "node_device", "node_sheet", "node_signedrequest"}


def told_by_digests(client: Client) -> dict[str, set[str]]:
    """Of a list of documents, those that a copy confirms, and in which tables: each put into the words that it shows.

    What is tried has all but the document from the records themselves: nothing else of them is a secret here.
    """
    kept, confirmed, copy = list(BusinessRecord.objects.filter(client=client).order_by("sequence")), {}, copied()
    for document in DOCUMENTS:
        tried, before = [hashlib.sha256(CSV.replace(SELLER, document).encode()).digest()], FIRST
        for record in kept:
            seller = record.payload["seller"] | {"number": document}
            made = Captured(
                record.pk, record.device_id, record.sequence, Operation.SUBMIT, record.payload | {"seller": seller},
                record.captured_at, before, record.said_by,
            )  # fmt: skip
            before = made.digest()
            tried.append(bytes.fromhex(before))
            body = orjson.dumps({"movements": [sent(made.payload, late_reason=record.late_reason)]})
            tried.append(hashlib.sha256(body).digest())
        if found := holding(tried, copy):
            confirmed[document] = found
    return confirmed


def test_no_document_of_a_list_is_confirmed_by_a_copy(house: House) -> None:
    """Nor by a leaf, whose salt lies beside it: the signature that it covers is sealed, too."""
    client = use(house)
    assert told_by_digests(client) == {}
    assert holding([bytes(SignedRequest.objects.get().signature)]) == set()
    assert breaks_of(client.pk) == []
    for record in BusinessRecord.objects.filter(client=client):
        assert chain_of(record).whole


def test_the_list_finds_its_document_where_a_digest_is_plain(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with nothing keyed or sealed, every table with a digest confirms the one that is true."""
    for module in (records, requests, sheets):
        monkeypatch.setattr(module, "keyed", lambda _what, digest: bytes.fromhex(digest))
    monkeypatch.setattr(sealed_field, "seal", lambda plain, **_: plain)
    monkeypatch.setattr(sealed_field, "unseal", lambda sealed, **_: bytes(sealed))
    monkeypatch.setattr(sheets, "seal", lambda plain, **_: plain)
    client = use(house)
    assert told_by_digests(client) == {SELLER: DIGESTED}


def test_another_key_is_refused_before_anything_is_written(house: House, monkeypatch: Any) -> None:
    gold = house.clients["gold"]
    capture(gold, [Given(purchase())], now=NOW)
    monkeypatch.setenv("VETA_IDENTITY_KEY", base64.urlsafe_b64encode(b"k" * 32).decode())
    with pytest.raises(KeyRefused, match="identity"):
        capture(gold, [Given(purchase())], now=NOW)
    with pytest.raises(KeyRefused, match="identity"):
        feed.keep_page({"items": [], "cursor": "9"}, now=NOW)
    assert feed.place() == "", "read again once the key is back"
    with pytest.raises(KeyRefused, match="identity"):
        sheets.upload(gold, "subsistence_purchase", "hoja.csv", CSV.encode(), by=house.desk)
    with pytest.raises(KeyRefused, match="no abre"):
        assert BusinessRecord.objects.get().payload


def test_what_is_sealed_opens_in_its_own_row_and_is_not_searched_by(house: House) -> None:
    place = {"table": "node_client", "column": "name", "row": str(uuid7())}
    assert unseal(seal(b"x", **place), **place) == b"x"
    for other in ({"table": "node_sheet"}, {"column": "contact"}, {"row": str(uuid7())}):
        with pytest.raises(KeyRefused):
            unseal(seal(b"x", **place), **place | other)
    with pytest.raises(TypeError):
        Client.objects.filter(pk=house.clients["gold"].pk).update(name="otro")
    with pytest.raises(TypeError):
        Client.objects.filter(name="DEMO Oro (ficticio)").exists()


SEALING: Any = import_module("veta.node.migrations.0008_sealed")
REWRITING: Any = import_module("veta.node.migrations.0009_nothing_left_behind")
TYPES = {"text": "text NOT NULL DEFAULT ''", "json": "jsonb", "bytes": "bytea"}


@pytest.fixture
def in_clear(fresh_database: Any) -> Callable[..., Any]:
    """The tables with the columns that migration 0008 met, and how to insert into them; this process is their owner."""
    _point_to(fresh_database.name, OWNER)
    with connection.cursor() as cursor:
        for table, _key, _place, columns, *_ in SEALING.SEALED:
            cursor.execute(f"DROP TRIGGER append_only ON {table}")
            for name, kind in columns.items():
                cursor.execute(f"ALTER TABLE {table} DROP COLUMN {name}, ADD COLUMN {name} {TYPES[kind]}")

    def insert(table: str, **fields: Any) -> None:
        given = {name: Jsonb(value) if isinstance(value, dict | list) else value for name, value in fields.items()}
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO node_{table} ({', '.join(given)}) VALUES ({', '.join(['%s'] * len(given))})",
                list(given.values()),
            )

    return insert


def test_rows_that_stood_in_clear_are_sealed_by_the_migration(in_clear: Any) -> None:
    """One of each: it opens, it is found, it refers to what it did; the tables are written anew."""
    desk = User.objects.create(email="mesa@demo.invalid", name="Mesa Demo")
    offer, client, device, record, sheet = (uuid7() for _ in range(5))
    said = {"id": str(record), "movement": str(offer), "reason": SAID}
    body = {"verdict": {"status": "accepted", "outcome": "refused"}, "author": {"name": SAID}}
    in_clear(
        "client", id=client, kind="trader", name=NAME, document_type="CC", document_number=CLIENT, contact=PHONE,
        document_digest=b"", municipality="05001", created_by_id=desk.id,
    )  # fmt: skip
    in_clear("clientpaper", id=uuid7(), client_id=client, code="identity", number=CLIENT, recorded_by_id=desk.id)
    in_clear("device", id=device, client_id=client, name="Teléfono", last_sequence=1, last_digest="")
    in_clear(
        "businessrecord", id=record, client_id=client, device_id=device, sequence=1, operation="refuse", kind="refuse",
        payload=said, occurred_at=NOW, captured_at=NOW, source_digest="a" * 64, late_reason=SAID, previous=b"",
        link=b"", follows=b"", local_findings=[{"message": SELLER}],
    )  # fmt: skip
    in_clear("resolution", record_id=record, reason=SAID, by_id=desk.id)
    in_clear(
        "hubevent", number=7, movement=offer, kind="confirmation", occurred_at=NOW, body=body, status="", outcome=""
    )
    in_clear(
        "issueddocument", id=uuid7(), client_id=client, kind="origin_certificate", number="CO-1", lot=offer,
        body={"seller": SAID}, asked_by_id=desk.id,
    )  # fmt: skip
    in_clear(
        "sheet", id=sheet, client_id=client, kind="sale", file_name=SAID, digest="c" * 64, uploaded_by_id=desk.id,
        state="ready", rows=2, seen=2, repaired=0, rejected=1, known=0, applied=0, through=0, cause="",
    )  # fmt: skip
    in_clear("sheetfile", sheet_id=sheet, content=CSV.encode())
    row = {"sheet_id": sheet, "number": 2, "status": "ok", "item": {"seller": SELLER}, "marks": [], "digest": "a" * 64}
    in_clear("sheetrow", **row)
    in_clear("sheetrow", **row | {"number": 3, "status": "rejected", "item": None, "marks": [WRONG], "digest": ""})
    assert holding() == HOLDING - LATER
    before = files()
    with connection.schema_editor() as editor:
        SEALING.seal_rows(None, editor)
    with connection.schema_editor(atomic=False) as editor:
        REWRITING.rewrite(None, editor)
    assert holding() == set()
    assert {name for name, _file in before.items() & files().items()} == LATER, "what was there in clear is in no file"
    now, kept = with_document(Document("CC", CLIENT)).get(), BusinessRecord.objects.get()
    assert (now.name, now.contact, now.papers.get().number) == (NAME, PHONE, CLIENT)
    assert (kept.payload, kept.local_findings, kept.late_reason) == (said, [{"message": SELLER}], SAID)
    assert (kept.about, kept.source_digest, kept.resolution.reason) == (offer, sheets.source_of("a" * 64), SAID)
    told = HubEvent.objects.get()
    assert (told.status, told.outcome, told.body) == ("accepted", "refused", body)
    rows = [(row.item, row.marks, row.digest) for row in SheetRow.objects.order_by("number")]
    assert rows == [({"seller": SELLER}, None, kept.source_digest), (None, [WRONG], "")]
    assert (Sheet.objects.get().file_name, bytes(SheetFile.objects.get().content)) == (SAID, CSV.encode())


def files() -> dict[str, int]:
    """In which file each table lies: another one, once it was written anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relfilenode FROM pg_class WHERE relname = ANY (%s)", [list(HOLDING)])
        return dict(cursor.fetchall())
