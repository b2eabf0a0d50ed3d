"""What a run found, and the page that says it: figures against their targets, shares, and what was not measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.cpu import Used
from bench.http import Heard
from bench.origins import Looked
from bench.sizes import FULL, Sizes
from veta.norms import norms

MEGABYTE = 2**20
Transfers = tuple[int, Used]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that a run must reach."""

    name: str
    wanted: str
    found: str
    met: bool


@dataclass(slots=True)
class Results:
    """Everything a run measured."""

    sizes: Sizes
    database: str = ""
    looked: list[Looked] = field(default_factory=list)
    started_in: float = 0.0
    singles: Heard | None = None
    batches: Heard | None = None
    service: Heard | None = None
    floor: Transfers | None = None
    peer_batches: Transfers | None = None
    peer_singles: Transfers | None = None
    resident: dict[str, int] = field(default_factory=dict)
    group_sizes: dict[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return all(target.met for target in self.targets())

    @property
    def faultless(self) -> bool:
        """Whether every call was answered and every movement accepted, with HTTP and without."""
        return all(heard is not None and heard.faultless for heard in (self.singles, self.batches, self.service))

    def targets(self) -> list[Target]:
        """The figures of the design, each with what was found."""
        assert self.singles is not None
        assert self.batches is not None
        slowest = max(self.looked, key=lambda looked: looked.p99 if looked.lots == self.sizes.lots[-1] else 0.0)
        p99, largest = self.singles.quantile(0.99) * 1e3, max(self.resident.values(), default=0)
        return [
            Target("in batches over HTTP", "≥ 5,000/s", f"{self.batches.rate:,.0f}/s", self.batches.rate >= 5_000),
            Target("one by one, 64 at a time", "≥ 800/s", f"{self.singles.rate:,.0f}/s", self.singles.rate >= 800),
            Target("one by one, p99 of a call", "< 120 ms", f"{p99:.0f} ms", p99 < 120),
            Target(
                f"origins of a lot, p99, among {slowest.lots:,} lots", "< 5 ms", f"{slowest.p99 * 1e3:.2f} ms",
                slowest.p99 < 0.005,
            ),
            Target("largest process of the hub", "< 300 MB", f"{largest / MEGABYTE:.0f} MB", largest < 300 * MEGABYTE),
            Target("start on an existing database", "< 5 s", f"{self.started_in:.1f} s", self.started_in < 5),
            Target("all answered, none rejected", "yes", "yes" if self.faultless else "no", self.faultless),
        ]  # fmt: skip

    def page(self) -> str:
        """The page of results, in Markdown."""
        return "\n".join([*self._head(), *self._targets(), *self._rates(), *self._origins(), *self._rest()]) + "\n"

    def _head(self) -> Iterator[str]:
        now, found = datetime.now(UTC), platform.uname()
        yield "# Results of `make bench`"
        yield ""
        yield "Written by the run itself; what is measured and how is in [README.md](README.md)."
        if self.sizes is not FULL:
            yield f"\n**A short run (`{self.sizes.name}`)**: its figures are no measure of the product."
        yield ""
        yield f"- {now:%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores ({_processor()}), {found.system} {found.release}"
        yield f"- Python {platform.python_version()}, PostgreSQL {self.database}; fsync and synchronous commits on"
        yield f"- norms: {norms().digest[:19]}…, last checked {_last_checked()}"
        yield (
            f"- registry: {self.sizes.titles} titles, {self.sizes.miners:,} miners, {self.sizes.traders} traders,"
            f" {self.sizes.operators} operators"
        )
        yield ""

    def _targets(self) -> Iterator[str]:
        yield "| figure | target | found | |"
        yield "|---|---|---|---|"
        for target in self.targets():
            yield f"| {target.name} | {target.wanted} | {target.found} | {'met' if target.met else '**missed**'} |"
        yield ""

    def _rates(self) -> Iterator[str]:
        assert self.service is not None
        assert self.floor is not None
        yield "| | a second | of the floor | p50 | p99 | CPU µs each: client | hub | PostgreSQL | others |"
        yield "|---|---|---|---|---|---|---|---|---|"
        floor = self.floor[0] / self.floor[1].wall
        named = {"HTTP, one by one": self.singles, f"HTTP, batches of {self.sizes.batch}": self.batches}
        for name, heard in named.items():
            assert heard is not None
            yield _row(name, heard.movements, heard.used, floor, wall=heard.wall, heard=heard)
        yield _row("service, no HTTP", self.service.movements, self.service.used, floor, heard=self.service, own=True)
        yield _row("floor: bare binary COPY", *self.floor, floor)
        for name, done in (("batches", self.peer_batches), ("one by one", self.peer_singles)):
            assert done is not None
            yield _row(f"naive peer, {name} (transfers)", *done, floor)
        yield ""
        yield f"Movements in a group, on average: {self._groups()}. " + _OF_OTHERS
        yield ""

    def _groups(self) -> str:
        return ", ".join(f"{name} {size:.0f}" for name, size in self.group_sizes.items())

    def _origins(self) -> Iterator[str]:
        yield "| lots | origins of the lot | p50 ms | p99 ms |"
        yield "|---|---|---|---|"
        for looked in self.looked:
            yield f"| {looked.lots:,} | {looked.origins:,} | {looked.p50 * 1e3:.3f} | {looked.p99 * 1e3:.3f} |"
        yield ""

    def _rest(self) -> Iterator[str]:
        sizes = ", ".join(f"{name} {size / MEGABYTE:.0f} MB" for name, size in self.resident.items())
        yield f"Resident after the load: {sizes}."


_OF_OTHERS = "*Others* is what the machine did besides, in cores: a figure taken beside other work is too low."


def line(heard: Heard) -> str:
    """One stretch of load in a line, for the screen."""
    each, used = 1e6 / heard.movements, heard.used
    return (
        f"  {heard.movements:,} movements, {heard.rate:,.0f}/s; a call p50 {heard.quantile(0.5) * 1e3:.1f} ms,"
        f" p99 {heard.quantile(0.99) * 1e3:.1f} ms; CPU each: client {used.client * each:.0f} µs,"
        f" hub {used.hub * each:.0f} µs, PostgreSQL {used.database * each:.0f} µs;"
        f" others {used.elsewhere / used.wall:.2f} cores; {heard.answers} {heard.verdicts}"
    )


def _row(
    name: str, count: int, used: Used, floor: float, *, wall: float = 0.0, heard: Heard | None = None, own: bool = False
) -> str:
    """`own`: what this process used is the hub's work, not a client's."""
    each, rate = 1e6 / count, count / (wall or (heard.wall if heard else used.wall))
    client, hub = (0.0, used.client) if own else (used.client, used.hub)
    times = [f"{heard.quantile(share) * 1e3:.1f} ms" if heard else "" for share in (0.5, 0.99)]
    cells = [name, f"{rate:,.0f}", f"{rate / floor:.1%}", *times]
    cells += [f"{part * each:.0f}" if part else "" for part in (client, hub, used.database)]
    return f"| {' | '.join([*cells, f'{max(used.elsewhere / used.wall, 0):.2f}'])} |"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _last_checked() -> str:
    """The newest date on which a value of the norms was checked."""
    days = [value.last_checked for parameter in norms() for value in parameter.values if value.last_checked]
    return max(days).isoformat()
