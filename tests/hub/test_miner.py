"""The miner's page and the desk that reads «No fui yo»: who gets in, what is shown, and that nobody else ever knows."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.hub.country import CARD_PIN, STRANGER, Hub
from tests.hub.test_events_api import numbered
from tests.registry.given import Mailbox
from tests.site.conftest import enrol, session_of
from veta.hub.miner import answers, checks, links, pages, session, shown
from veta.hub.miner.checks import checks_of
from veta.hub.miner.models import Answer, Link
from veta.kernel.period import bogota_date
from veta.movements import services as movements
from veta.operators.services.limits import limits
from veta.site.models import AccessRecord, User
from veta.site.roles import Role
from veta.site.services import create_account, decide_role, found_administrators, propose_role

ONE = "10.9.8.7"


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many calls from one address, which the pages' limit would stop."""
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


@pytest.fixture(scope="module")
def sold(hub: Hub) -> dict[str, Any]:
    """Two purchases from the stranger, one from the other miner, told by message; the link of each person's last."""
    mine = [hub.movement("purchase", seller=STRANGER, quantity=q) for q in ("2.500", "3.000")]
    other = hub.movement("purchase", quantity="4.000")
    results = hub.report(*mine, other)
    assert [r["verdict"]["status"] for r in results] == ["accepted"] * 3, results
    numbered()
    mailbox = Mailbox()
    movements.tell_miners(port=mailbox, link=links.new_link)
    texts = [text for contact, text in mailbox.sent if contact.value == "+573001234567"]
    assert len(texts) == 2, mailbox.sent
    return {"mine": [m["id"] for m in mine], "other": other["id"], "text": texts[-1]}


def link_of(text: str) -> str:
    [found] = re.findall(r"https?://\S+", text)
    return str(found).removeprefix(settings.PUBLIC_ORIGIN)


def opened(sold: dict[str, Any]) -> Client:
    client = Client()
    response = client.get(link_of(sold["text"]))
    assert (response.status_code, response["Location"]) == (302, "/mi/")
    return client


def plain(response: Any) -> bytes:
    """A page without the one thing that differs each time it is drawn: the token of its forms."""
    return re.sub(rb'(csrfmiddlewaretoken" value=")[^"]+', rb"\1", response.content)


def test_each_sale_is_told_with_a_link_that_opens_the_page(hub: Hub, sold: dict[str, Any]) -> None:
    assert "trader (ficticio) reportó que usted le vendió 3.000 g de oro" in sold["text"]
    page = opened(sold).get("/mi/")
    text = page.content.decode()
    assert page.status_code == 200
    for words in ("2,5 g", "3 g", "A DEMO trader (ficticio).", "29,5 g", "414,5 g", "Hola, M. P."):
        assert words in text, words
    assert "4 g" not in text, "another one's sale"
    assert "María" not in text


@pytest.mark.parametrize("name", ["miner_start", "miner_page", "miner_done", "miner_lost"])
def test_no_page_is_kept_anywhere(hub: Hub, sold: dict[str, Any], name: str) -> None:
    for response in (opened(sold).get(reverse(name)), Client().get(link_of(sold["text"]))):
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"


def test_no_address_says_who(hub: Hub, sold: dict[str, Any]) -> None:
    page = opened(sold).get("/mi/").content.decode()
    addresses = [*re.findall(r'(?:href|action|src)="([^"]+)"', page), link_of(sold["text"])]
    planted = (STRANGER["number"], "Mar", "3001234567", str(hub.actor("stranger")), hub.actor("stranger").hex)
    assert [a for a in addresses for secret in planted if secret in a] == []
    assert not any(movement in address for movement in sold["mine"] for address in addresses)


def test_a_link_serves_for_three_days_and_is_then_forgotten(hub: Hub, sold: dict[str, Any]) -> None:
    token = link_of(sold["text"]).split("/")[2]
    lapses = Link.objects.get(token=links._hmac(token)).lapses_at
    assert timedelta(days=3) - timedelta(minutes=5) < lapses - datetime.now(UTC) < timedelta(days=3)
    assert links.actor_of(token, now=lapses - timedelta(seconds=1)) == hub.actor("stranger")
    assert links.actor_of(token, now=lapses) is None
    other = links.new_link(hub.actor("miner")).rstrip("/").rpartition("/")[2]
    assert Client().get(f"/m/{other[:-1]}x/").status_code == 404
    assert Client().get(f"/m/{other}/").status_code == 302
    before = Link.objects.count()
    assert links.sweep(lapses - timedelta(seconds=1)) < before
    assert links.sweep(lapses + timedelta(days=1)) + Link.objects.count() <= before
    assert Client().get(link_of(sold["text"])).status_code == 404
    sold["text"] = links.new_link(hub.actor("stranger"))


def test_the_page_closes_by_itself_and_at_once_when_asked(
    hub: Hub, sold: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = opened(sold)
    left = client.post(reverse("miner_leave"))
    assert left["Location"] == reverse("price_list")
    assert client.get("/mi/")["Location"] == reverse("miner_start")
    client = opened(sold)
    now = session.time.time()
    monkeypatch.setattr(session.time, "time", lambda: now + session.LASTS_SECONDS - 1)
    assert client.get("/mi/").status_code == 200
    monkeypatch.setattr(session.time, "time", lambda: now + 3 * session.LASTS_SECONDS)
    assert client.get("/mi/").status_code == 302


def test_card_and_pin_open_it_and_five_wrong_pins_end_the_card(hub: Hub, sold: dict[str, Any]) -> None:
    token = hub.card["token"]
    client = Client()
    assert client.get(reverse("miner_card", args=[token])).status_code == 200
    right = client.post(reverse("miner_card", args=[token]), {"pin": CARD_PIN})
    assert right["Location"] == "/mi/"
    assert "Sirve." in client.get("/mi/").content.decode()
    wrong = [Client().post(reverse("miner_start"), {"tarjeta": token.lower(), "pin": "9999"}) for _ in range(5)]
    assert [r.status_code for r in wrong] == [422] * 5
    assert "bloqueada" in wrong[-1].content.decode()
    assert Client().post(reverse("miner_card", args=[token]), {"pin": CARD_PIN}).status_code == 422
    assert "ya no sirve" in client.get("/mi/").content.decode()


@pytest.mark.parametrize("given", [{"pin": ""}, {"pin": "abcd"}, {"tarjeta": "x", "pin": "1234"}])
def test_what_is_no_card_is_refused_with_its_remedy(hub: Hub, given: dict[str, str]) -> None:
    response = Client().post(reverse("miner_start"), given)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode() or "aria-invalid" in response.content.decode()


def test_a_lost_card_is_ended_by_its_owner(hub: Hub, sold: dict[str, Any]) -> None:
    from veta.registry.services.cards import issue_card

    issue_card(hub.actor("stranger"), pin=CARD_PIN, by="oficial-1")
    client = opened(sold)
    assert "Sirve." in client.get("/mi/").content.decode()
    assert client.get(reverse("miner_lost")).status_code == 200
    client.post(reverse("miner_lost"))
    assert "ya no sirve" in client.get("/mi/").content.decode()


# «No fui yo»


def tell(client: Client, movement: str, said: str) -> Any:
    return client.post(reverse("miner_answer"), {"venta": movement, "dijo": said})


def test_only_ones_own_sale_is_answered_and_by_two_words(hub: Hub, sold: dict[str, Any]) -> None:
    client = opened(sold)
    before = Answer.objects.count()
    for movement, said in (
        (sold["other"], "no"), (str(uuid4()), "no"), ("x", "no"), (sold["mine"][0], "quizas"), (sold["mine"][0], ""),
    ):  # fmt: skip
        assert tell(client, movement, said).status_code == 404
    assert Client().post(reverse("miner_answer"), {"venta": sold["mine"][0], "dijo": "no"}).status_code == 302
    assert Answer.objects.count() == before


def rows() -> dict[str, int]:
    """How many rows each table has, those of sessions left out: whoever opens a page has one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        names = [name for (name,) in cursor.fetchall() if name != "django_session"]
        counts = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts


def seen_outside(hub: Hub, sold: dict[str, Any]) -> list[bytes]:
    """All that the buyer's operator, and another one, can ask of the sale, its parties and its lot."""
    asked = [
        ("GET", f"/movements/{sold['mine'][0]}", None), ("GET", "/events", None), ("GET", "/mandates", None),
        ("POST", "/balances/query", {"party": STRANGER}), ("POST", "/actors/lookup", {"party": STRANGER}),
        ("POST", "/balances/query", {"party": hub.world.PARTIES["trader"]}),
    ]  # fmt: skip
    return [signer.call(*call).content for signer in (hub.first, hub.second) for call in asked]


def observed(hub: Hub, sold: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """All that somebody beside the person could see of an answer, but what the sealed row says."""
    client, other = opened(sold), opened(sold)
    before, outside, page = rows(), seen_outside(hub, sold), plain(other.get("/mi/"))
    caplog.clear()
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        response = tell(client, sold["mine"][0], said)
    mine = caplog.text
    done = client.get(response["Location"])
    after = rows()
    statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries.captured_queries]
    return {
        "status": response.status_code, "to": response["Location"], "headers": sorted(response.headers),
        "done": plain(done),
        "log": re.sub(r"\d+", "?", re.sub(r"'[^']*'", "?", mine)), "statements": statements,
        "rows": {name: after[name] - before[name] for name in after if after[name] != before[name]},
        "outside": seen_outside(hub, sold) == outside, "page": plain(other.get("/mi/")) == page,
        "own page": plain(client.get("/mi/")) == page,
    }  # fmt: skip


def test_nobody_beside_can_tell_what_was_answered_nor_that_it_was_no(
    hub: Hub, sold: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """T10 and T27 in one: the same bytes, statements, log and rows; no feed, count or job knows of it."""
    yes, no = observed(hub, sold, "si", caplog), observed(hub, sold, "no", caplog)
    assert yes == no
    assert no["rows"] == {"miner_answer": 1, "operators_nonce": no["rows"]["operators_nonce"]}
    assert (no["outside"], no["page"], no["own page"]) == (True, True, True)
    sealed = [bytes(row) for row in Answer.objects.values_list("sealed", flat=True)]
    assert len({len(row) for row in sealed}) == 1
    named = (UUID(sold["mine"][0]).bytes, sold["mine"][0].encode(), hub.actor("stranger").bytes, b'"no"')
    assert not any(name in row for name in named for row in sealed)


@pytest.mark.parametrize(
    "planted",
    ["only no is kept", "no is logged", "the page remembers"],
)
def test_control_a_leak_is_seen(
    hub: Hub, sold: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, planted: str
) -> None:
    keep = answers.keep

    def leaky(**given: Any) -> None:
        if planted == "only no is kept" and given["said"] == "si":
            return
        if planted == "no is logged" and given["said"] == "no":
            logging.getLogger("veta").warning("report received")
        keep(**given)

    def remembering(actor: UUID) -> dict[str, Any]:
        shown = page_of(actor)
        denied = {report.movement for report in answers.reports(today=datetime.now(UTC).date() + timedelta(days=1))}
        return {**shown, "sales": [sale for sale in shown["sales"] if sale.id not in denied]}

    page_of = pages.page_of
    monkeypatch.setattr(answers, "keep", leaky)
    if planted == "the page remembers":
        monkeypatch.setattr(pages, "page_of", remembering)
        tell(opened(sold), sold["mine"][0], "si")
    yes, no = observed(hub, sold, "si", caplog), observed(hub, sold, "no", caplog)
    assert yes != no


@pytest.fixture(scope="module")
def people(hub: Hub) -> dict[Role, User]:
    """One person a role, in the module's database."""
    ana, luis = found_administrators(("ana@demo.invalid", "Ana Demo"), ("luis@demo.invalid", "Luis Demo"))
    made = {}
    for role in Role:
        user = create_account(email=f"{role}@demo.invalid", name=f"{role} Demo", created_by=ana)
        asked = propose_role(user=user, role=role, reason="Prueba", proposed_by=ana)
        decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
        enrol(user)
        made[role] = user
    return made


def with_purpose(client: Client, path: str) -> Any:
    """Open a page as a person does: say what for where it is asked."""
    response = client.get(path)
    if response.status_code == 302 and "/finalidad/" in response["Location"]:
        client.post(response["Location"], {"purpose": "oversight", "reference": "EXP-1", "next": path})
        response = client.get(path)
    return response


def test_one_role_reads_it_and_each_reading_is_recorded_without_the_miner(
    hub: Hub, sold: dict[str, Any], people: dict[Role, User]
) -> None:
    tell(opened(sold), sold["mine"][0], "no")
    tell(opened(sold), sold["mine"][1], "no")
    tell(opened(sold), sold["mine"][1], "si")
    for role, user in people.items():
        status = session_of(user).get(reverse("miner_reports")).status_code
        assert status == (302 if role is Role.LEGAL else 403), role
    legal = session_of(people[Role.LEGAL])
    before = AccessRecord.objects.count()
    listed = with_purpose(legal, reverse("miner_reports")).content.decode()
    found = re.findall(r"/avisos/([0-9a-f-]{36})/", listed)
    assert len(found) == 1, "what was taken back is no report"
    assert "María" not in listed
    page = with_purpose(legal, reverse("miner_report", args=[found[0]])).content.decode()
    assert "María Pérez" in page
    assert "DEMO trader" in page
    records = list(AccessRecord.objects.order_by("at"))[before:]
    assert [record.endpoint for record in records] == ["miner_reports", "miner_report"]
    concerned = {hub.actor("stranger"), hub.actor("trader"), *map(UUID, sold["mine"])}
    assert not {record.subject for record in records} & concerned
    assert (
        session_of(people[Role.LEGAL], proved_seconds_ago=301)
        .get(reverse("miner_reports"))["Location"]
        .startswith(reverse("mfa_reauthenticate"))
    )


def test_a_measure_cites_a_check_that_holds_and_never_its_source(
    hub: Hub, sold: dict[str, Any], people: dict[Role, User]
) -> None:
    now = datetime.now(UTC)
    buyer, nobody = hub.actor("trader"), hub.actor("exporter")
    before = checks_of(buyer, now=now)
    tell(opened(sold), sold["mine"][0], "no")
    assert checks_of(buyer, now=now) == before, "with or without a report"
    assert [check.code for check in before] == ["asserted"]
    assert "De 3 compras de los últimos 90 días, 3 se reportaron" in before[0].text
    assert checks_of(nobody, now=now) == []
    assert checks_of(buyer, now=now + timedelta(days=91)) == []
    legal = session_of(people[Role.LEGAL])
    listed = with_purpose(legal, reverse("miner_reports")).content.decode()
    path = reverse("miner_report", args=[re.findall(r"/avisos/([0-9a-f-]{36})/", listed)[0]])
    with_purpose(legal, path)
    assert legal.post(path, {"comprobacion": "busiest-2026-01-01"}).status_code == 422, "a false one"
    assert legal.post(path, {"comprobacion": "asserted"}).status_code == 302
    page = legal.get(path).content.decode()
    assert before[0].text in page.split("Lo hecho")[1]
    for word in ("María", "M. P.", "aviso", "denuncia", STRANGER["number"]):
        assert word not in before[0].text


@pytest.mark.parametrize(("days", "late"), [(-1, 0), (0, 0), (1, 1)])
def test_purchases_reported_past_the_window_are_counted_however_old_they_are_said_to_be(days: int, late: int) -> None:
    from veta.movements.domain import law
    from veta.movements.queries.purchases import Purchase

    at = datetime(2026, 11, 10, 15, tzinfo=UTC)
    received = at + law.reporting_window(at.date()) + timedelta(days=days)
    found = [Purchase(uuid4(), at, uuid4(), uuid4(), "oro", 34_900, False, False, received)]
    assert [check.code for check in checks._checks(found)] == ["late"] * late


def test_a_purchase_reported_today_as_of_last_year_is_counted_of_its_buyer_and_shown_to_the_miner(hub: Hub) -> None:
    buyer, now = hub.actor("trader2"), datetime.now(UTC)
    old = hub.movement("purchase", seller=STRANGER, buyer=hub.world.PARTIES["trader2"], quantity="1.500")
    day = now - timedelta(days=300)
    (result,) = hub.report(old | {"occurred_at": day.isoformat()}, by=hub.second)
    assert result["verdict"]["status"] == "accepted", result
    assert [check.code for check in checks_of(buyer, now=now)] == ["asserted", "late"]
    sale = next(sale for sale in shown.page_of(hub.actor("stranger"))["sales"] if str(sale.id) == old["id"])
    assert (sale.day, sale.reported) == (bogota_date(day), bogota_date(now))


@pytest.mark.parametrize(("sellers", "codes"), [(2, 0), (3, 2)])
def test_the_counts_of_sellers_begin_at_three(sellers: int, codes: int) -> None:
    from veta.movements.queries.purchases import Purchase

    at = datetime(2026, 11, 10, 15, tzinfo=UTC)
    found = [Purchase(uuid4(), at, uuid4(), uuid4(), "oro", 34_900, False) for _ in range(sellers)]
    assert len([check for check in checks._checks(found) if check.code != "asserted"]) == codes
