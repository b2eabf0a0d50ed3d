"""What must hold when many come at once: one use of a consent, one owner of a document, five PINs, one key file."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from django.db import IntegrityError, connection, transaction

import veta
from tests.registry.given import TWO, firm, person, places, plan_record, title
from veta.kernel.clock import FixedClock
from veta.kernel.identity import document
from veta.kernel.ids import uuid7
from veta.registry import queries
from veta.registry.domain import CARD_FAILURES
from veta.registry.refusals import RegistryRefused
from veta.registry.services import consents
from veta.registry.services.actors import register_actor
from veta.registry.services.cards import check_card, issue_card
from veta.registry.services.consents import ConsentAsked, Presented
from veta.registry.services.plans import record_plan
from veta.storage.keys import PURPOSES

THREADS = 8
NOW = datetime(2026, 7, 9, 15, 0, tzinfo=UTC)


def at_once(work: Callable[[int], object], times: int = THREADS) -> list[object]:
    """Run `work` in as many threads, each with its own connection; returns results or the errors raised."""

    def guarded(number: int) -> object:
        try:
            return work(number)
        except (RegistryRefused, IntegrityError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(guarded, range(times)))


def consent_and_code() -> tuple[Presented, ConsentAsked]:
    sent: list[str] = []

    class Port:
        def send(self, contact: object, text: str) -> None:
            sent.append(text)

    asked = ConsentAsked(
        purpose="sale", party=person(), operator=uuid7(), counterparty=firm(), mineral="oro", amount=1000
    )
    consent = consents.request_consent(asked, port=Port(), clock=FixedClock(NOW))
    return Presented(consent.id, sent[0].split("código es ")[1][:6]), asked


def test_of_many_uses_of_a_consent_exactly_one_stands(fresh_database: object) -> None:
    presented, _ = consent_and_code()

    def use(_: int) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            found = consents.present_consents(cursor, [presented])[presented]
            if not found.verified or found.used:
                return False
            consents.use_consents(cursor, [(presented.id, uuid7())])
            return True

    assert sorted(map(str, at_once(use, 40))) == ["False"] * 39 + ["True"]


def test_without_looking_first_the_key_alone_lets_one_use_stand(fresh_database: object) -> None:
    presented, _ = consent_and_code()

    def use(_: int) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            consents.use_consents(cursor, [(presented.id, uuid7())])
            return True

    assert at_once(use, 40).count(True) == 1


def test_many_wrong_pins_at_once_are_counted_one_by_one(fresh_database: object) -> None:
    card = issue_card(person(), pin="2580", by="a")
    refused = at_once(lambda _: check_card(card.token, "2581"), 12)
    assert all(isinstance(error, RegistryRefused) for error in refused)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_cardattempt")
        assert cursor.fetchone() == (CARD_FAILURES,)


def test_wrong_codes_in_parallel_groups_are_counted_one_by_one(fresh_database: object) -> None:
    presented, _ = consent_and_code()

    def guess(number: int) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            wrong = Presented(presented.id, f"{(int(presented.code or '0') + number + 1) % 10**6:06d}")
            return consents.present_consents(cursor, [wrong])[wrong].verified

    assert at_once(guess, 16) == [False] * 16
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_consentcheck")
        assert cursor.fetchone() == (consents.MAX_FAILURES,)
        assert not consents.present_consents(cursor, [presented])[presented].verified


def test_a_document_registered_by_many_at_once_has_one_owner(fresh_database: object) -> None:
    both = document("CC", "52123456")
    results = at_once(lambda n: register_actor("person", f"P{n}", documents=[both], by="o", source="DEMO"))
    winners = [result for result in results if not isinstance(result, Exception)]
    assert queries.actors_of([both]) == {both: winners[0]}
    assert len(winners) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_actor")
        assert cursor.fetchone() == (1,)


def test_a_reader_that_shares_the_title_holds_a_plan_back(fresh_database: object) -> None:
    places()
    title()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_title FOR SHARE")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(_record_with_short_patience)
            assert waiting.result() == "waited"
    record_plan(plan_record(), TWO)


def _record_with_short_patience() -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            record_plan(plan_record(), TWO)
        return "recorded"
    except Exception as error:
        return "waited" if "lock timeout" in str(error) else repr(error)
    finally:
        connection.close()


def test_processes_that_start_together_make_one_key_of_each(tmp_path: Path) -> None:
    program = (
        "import sys, time; from django.conf import settings; from pathlib import Path\n"
        "settings.configure(VETA_HOME=Path(sys.argv[1]), DATABASES={})\n"
        "from veta.storage.keys import PURPOSES, key_of\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "print([key_of(purpose).hex() for purpose in PURPOSES])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(veta.__file__).parents[1])}
    command, start = [sys.executable, "-c", program, str(tmp_path)], str(time.time() + 2)
    started = [
        subprocess.Popen([*command, start], env=environment, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1
    assert {file.name for file in (tmp_path / "keys").iterdir()} == {f"{purpose}.key" for purpose in PURPOSES}
