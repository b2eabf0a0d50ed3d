"""How much a run measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts of one run. A stretch of load must end within the life of its signatures, five minutes."""

    name: str
    titles: int = 40
    miners: int = 2_000
    traders: int = 20
    operators: int = 4
    clients: int = 64
    singles: int = 16_000  # requests one by one
    batch: int = 500
    batch_clients: int = 8
    batches: int = 200
    warm_singles: int = 1_280
    warm_batches: int = 16
    service: int = 50_000
    peer: int = 20_000
    lots: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    origins: tuple[int, ...] = (1, 300, 10_000)
    lookups: int = 2_000


FULL = Sizes("full")
QUICK = Sizes(
    "quick", miners=400, singles=3_200, batches=32, warm_singles=640, warm_batches=8, service=8_000, peer=4_000,
    lots=(1_000, 100_000), lookups=500,
)  # fmt: skip
SMOKE = Sizes(
    "smoke", titles=4, miners=8, traders=2, operators=2, clients=4, singles=32, batch=20, batch_clients=2, batches=4,
    warm_singles=8, warm_batches=2, service=100, peer=100, lots=(100,), origins=(1, 20), lookups=20,
)  # fmt: skip
PROFILES = {sizes.name: sizes for sizes in (FULL, QUICK, SMOKE)}
