"""The worker of background jobs: what it has done leaves nothing of the persons that it was done for."""

from __future__ import annotations

from typing import Any, cast

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from tests.conftest import FreshDatabase
from veta.config.serve.jobs import HOW
from veta.hub.tasks import mail_of_call, sweep_nonces


def test_a_job_that_ended_is_deleted_whether_it_was_done_or_failed(
    fresh_database: FreshDatabase, mailoutbox: list[Any]
) -> None:
    ended = [
        mail_of_call.defer(application="", to="rita@demo.invalid", subject="Aviso", text="Rita Ficticia"),
        sweep_nonces.defer(unknown="Rita Ficticia"),
    ]
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as worker:
        worker.run_worker(install_signal_handlers=False, wait=False, **HOW)
    assert [mail.to for mail in mailoutbox] == [["rita@demo.invalid"]]
    with connection.cursor() as cursor:
        # What the worker itself queues by the clock, at the tenth second, waits there with no argument.
        cursor.execute(
            "SELECT id, args FROM procrastinate_jobs WHERE id = ANY(%s) OR args::text LIKE '%%Rita%%'", [ended]
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT job_id FROM procrastinate_events WHERE job_id = ANY(%s)", [ended])
        assert cursor.fetchall() == []
