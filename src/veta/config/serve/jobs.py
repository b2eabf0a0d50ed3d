"""The worker of background jobs: Procrastinate, its queue inside our PostgreSQL."""

from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

CONCURRENCY = 4


def work() -> None:
    """Run jobs until SIGTERM; a job in progress is let to end. Ends with an error if the database goes away."""
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as worker:
        worker.run_worker(concurrency=CONCURRENCY, install_signal_handlers=True)
