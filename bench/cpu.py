"""CPU and memory of other processes, read from /proc, so that client, hub and PostgreSQL are told apart."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of CPU by part of the system over a stretch of time, and what the machine did besides."""

    wall: float
    client: float
    hub: float
    database: float
    elsewhere: float

    def __sub__(self, other: Used) -> Used:
        return Used(
            self.wall - other.wall, self.client - other.client, self.hub - other.hub, self.database - other.database,
            self.elsewhere - other.elsewhere,
        )  # fmt: skip


def children_of(parent: int) -> list[int]:
    """The processes below `parent`, at any depth."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            below.setdefault(int(fields[1]), []).append(int(entry.name))
    found, frontier = [], [parent]
    while frontier:
        frontier = [child for process in frontier for child in below.get(process, ())]
        found += frontier
    return found


def seconds_of(processes: Iterable[int], *, reaped: bool = False) -> float:
    """User and system time of the processes that live; with `reaped`, that of children they waited for too."""
    total = 0
    for process in processes:
        if fields := _stat(process):
            total += sum(map(int, fields[11 : 15 if reaped else 13]))
    return total / _TICK


def resident(process: int) -> int:
    """Resident memory in bytes, 0 where the process is gone."""
    try:
        return int(Path("/proc", str(process), "statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def used(*, hub: int | None, database: int, client: float) -> Used:
    """What has been used until now; `hub` and `database` are the parents of their processes."""
    of_hub = seconds_of([hub, *children_of(hub)], reaped=True) if hub is not None else 0.0
    of_database = seconds_of([database, *children_of(database)], reaped=True)
    return Used(time.monotonic(), client, of_hub, of_database, _busy() - of_hub - of_database - client)


def _busy() -> float:
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / _TICK


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, …"""
    try:
        return Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
