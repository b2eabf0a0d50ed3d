"""The worker of background jobs: Procrastinate, its queue inside our PostgreSQL."""

from collections.abc import Mapping
from typing import Any, cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import DeleteJobCondition

# A job that has ended is deleted, however it ended: its arguments may name a person, and the log says what failed.
HOW: Mapping[str, Any] = {"concurrency": 4, "delete_jobs": DeleteJobCondition.ALWAYS}


def work() -> None:
    """Run jobs until SIGTERM; a job in progress is let to end. Ends with an error if the database goes away."""
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as worker:
        worker.run_worker(install_signal_handlers=True, **HOW)
