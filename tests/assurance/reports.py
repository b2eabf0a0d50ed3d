"""Reports as the clients of the trials write them, where no Django is loaded; parties of `tests.movements.world`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from veta.kernel.ids import uuid7

HOLDER = {"type": "NIT", "number": "900100002"}
TRADER = {"type": "NIT", "number": "900200001"}
TOWN = "05001"


def text(amount: int) -> str:
    return f"{amount // 1000}.{amount % 1000:03}"


def _movement(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": str(uuid7()), "kind": kind, "occurred_at": datetime.now(UTC).isoformat(), **fields}


def production(quantity: str, lot: str | None, *, title: str = "DEMO-CARBON") -> dict[str, Any]:
    """Thermal coal of a title, in tonnes."""
    return _movement(
        "production", holder=HOLDER, origin={"kind": "title", "code": title}, mineral="carbon_termico",
        quantity=quantity, unit="t", **({"lot": lot} if lot is not None else {}),
    )  # fmt: skip


def sale(lot: str, quantity: str, **buyer: Any) -> dict[str, Any]:
    """A sale of coal by its producer."""
    return _movement(
        "sale", seller=HOLDER, items=[{"lot": lot, "quantity": quantity}], **buyer,
        evidence=[{"type": "origin_certificate", "number": "CO-1", "issued_on": "2026-11-10"}],
    )  # fmt: skip


def purchase(miner: str, grams: str) -> dict[str, Any]:
    """Fine gold of a subsistence miner."""
    return _movement(
        "subsistence_purchase", seller={"type": "CC", "number": miner}, buyer=TRADER,
        origin={"kind": "subsistence", "municipality": TOWN}, mineral="oro", quantity=grams, unit="g", fineness="1000",
        assay="declared", evidence=[{"type": "production_declaration", "number": "DP-1", "issued_on": "2026-11-10"}],
    )  # fmt: skip
