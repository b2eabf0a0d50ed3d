"""A node's book made to differ from the hub's, by the database's superuser and through another operator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from playwright.sync_api import Page

from tests.movements.world import World
from tests.node.stage import Stage, until
from veta.config.postgres.cluster import SUPERUSER

SAYS_ACCEPTED = """
    CREATE FUNCTION by_itself() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.state = 'accepted'; NEW.attempts = 1; RETURN NEW; END $$;
    CREATE TRIGGER by_itself BEFORE INSERT ON node_outboxitem FOR EACH ROW EXECUTE FUNCTION by_itself()
"""
AS_BEFORE = "DROP TRIGGER by_itself ON node_outboxitem; DROP FUNCTION by_itself()"


@contextmanager
def at_the_nodes_database(stage: Stage) -> Iterator[psycopg.Connection[Any]]:
    """As its superuser, past grants and triggers."""
    owner = re.sub(r"user=\w+", f"user={SUPERUSER}", stage.node_dsn)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


@contextmanager
def accepted_by_itself(stage: Stage) -> Iterator[None]:
    """While this lasts, what the node captures stands as accepted, and is never sent."""
    with at_the_nodes_database(stage) as database:
        database.execute(SAYS_ACCEPTED)
        try:
            yield
        finally:
            database.execute(AS_BEFORE)


def sent_after_all(stage: Stage, record: str) -> None:
    """What never left takes its place in the queue again, and gets the hub's own word."""
    with at_the_nodes_database(stage) as database:
        database.execute("UPDATE node_outboxitem SET state = 'queued', attempts = 0 WHERE record_id = %s", [record])
    until(lambda: bool(stage.at_node("SELECT FROM node_verdict WHERE movement = %s", record)), seconds=60)


def decided_here(stage: Stage, record: str, status: str) -> None:
    """The verdict that the node keeps of a record becomes another."""
    with at_the_nodes_database(stage) as database:
        database.execute(
            "UPDATE node_verdict SET status = %s, body = jsonb_set(body, '{status}', to_jsonb(%s::text))"
            " WHERE movement = %s", [status, status, record],
        )  # fmt: skip
        database.execute("UPDATE node_outboxitem SET state = %s WHERE record_id = %s", [status, record])


def through_another(stage: Stage) -> str:
    """A movement of the mine's that the other operator reports: its id."""
    item = stage.world.world.production(
        "0.100", holder=World.PARTIES["holder"], origin={"kind": "title", "code": "DEMO-ORO"}, mineral="oro", unit="g",
        fineness="900", assay="declared", occurred_at=datetime.now(UTC).isoformat(),
    )  # fmt: skip
    with stage.connect(stage.world.second) as hub:
        (result,) = hub.submit([item])
    assert result["verdict"]["status"] == "accepted", result
    return str(item["id"])


def compared(stage: Stage, name: str, page: Page) -> dict[str, list[str]]:
    """Ask for a comparison on a client's page; what it says of each movement that differs, once it is done."""
    client = stage.clients[name].id
    runs = lambda: stage.at_node("SELECT count(*) FROM node_reconciliation WHERE client_id = %s", client)  # noqa: E731
    before = runs()
    page.goto(f"/clientes/{client}/conciliacion/")
    page.get_by_role("button", name="Comparar ahora").click()
    until(lambda: runs() != before, seconds=60)
    page.reload()
    rows = page.locator("tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}
