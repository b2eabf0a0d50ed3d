"""What a movement's own words say and no table keeps: opened of the request that is stored, where it was not erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import psycopg

from veta.movements import raw

Cursor = psycopg.Cursor[Any]

_WORDS = "SELECT key_seed, ciphertext FROM movements_rawitem WHERE movement_id = %s"


def price_said(cursor: Cursor, movement: UUID) -> str | None:
    """The price in pesos that a movement states, decimal text; None where it states none, or its words were erased."""
    row = cursor.execute(_WORDS, (movement,)).fetchone()
    if row is None:
        return None
    said = orjson.loads(raw.unseal(bytes(row[0]), bytes(row[1])))
    price: str | None = said.get("price_cop")
    return price
