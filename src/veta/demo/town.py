"""The demonstration's mayor gets the town with most of its subsistence miners, and one of these a link to his page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection

from veta.demo.officers import FOUNDERS, PEOPLE
from veta.hub.mayor.seats import decide_seat, municipality_of, propose_seat
from veta.hub.miner.links import new_link
from veta.site.models import User
from veta.site.roles import Role

_TOWN = """
SELECT v.municipalities[1] FROM registry_registrationversion AS v
WHERE v.producer_class IN ('subsistence', 'barequero', 'chatarrero') AND v.municipalities <> '{}'
GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
"""
_MINER = """
SELECT m.counterparty FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
WHERE m.kind = 'subsistence_purchase' AND v.status = 'accepted'
GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
"""


def seat_the_mayor() -> None:
    """Give the fictitious mayor its town, asked by one founder and given by the other; nothing where it has one."""
    email = next(email for role, email, _ in PEOPLE if role is Role.MAYOR)
    mayor = User.objects.filter(email=email).first()
    town = _one(_TOWN)
    if mayor is None or town is None or municipality_of(mayor.id) is not None:
        return
    asking, giving = (User.objects.get(email=email) for email, _ in FOUNDERS)
    seat = propose_seat(email=mayor.email, municipality=town, act="Credencial de demostración", by=asking)
    decide_seat(seat, granted=True, by=giving)


def link_of_a_miner(url: str) -> str:
    """The address, on the hub at `url`, of the page of the miner with most sales; empty where none sold."""
    miner = _one(_MINER)
    return url + new_link(miner).removeprefix(settings.PUBLIC_ORIGIN) if miner is not None else ""


def _one(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None
