"""Tiles and bundles as C2SP tlog-tiles lays them out, read back and compared with the tree of the entries."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from veta.transparency.verifier.merkle import mth, of_entry
from veta.transparency.verifier.report import Report

# What is at an address under the log's prefix, or None.
Fetch = Callable[[str], bytes | None]
CHECK = "tiles"
_WHOLE = re.compile(r"tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}")


def address(level: str, number: int, width: int) -> str:
    """Where a tile is: three digits a step, an «x» before all but the last."""
    digits = str(number)
    digits = "0" * (-len(digits) % 3) + digits
    steps = [digits[n : n + 3] for n in range(0, len(digits), 3)]
    return (
        f"tile/{level}/"
        + "".join(f"x{step}/" for step in steps[:-1])
        + steps[-1]
        + (f".p/{width}" if width != 256 else "")
    )


def read_entries(fetch: Fetch, size: int, report: Report) -> list[bytes] | None:
    """Every entry of the log by its bundles; None where one is missing or misshapen."""
    entries: list[bytes] = []
    while len(entries) < size:
        width = min(256, size - len(entries))
        place = address("entries", len(entries) // 256, width)
        data = fetch(place)
        if data is None or len(data) != width * 34 or any(data[n * 34 : n * 34 + 2] != b"\0\x20" for n in range(width)):
            report.wrong("entries", place, "falta, o no tiene sus entradas de 32 bytes")
            return None
        entries += [data[n * 34 + 2 : n * 34 + 34] for n in range(width)]
        report.saw("entries", width)
    return entries


def compare_others(folder: Path, report: Report) -> None:
    """Every file that the tree of today does not need: what was kept of a tile while it was narrower, and no more.

    The files of the tree were compared before; what a killed writer left, under a hidden name, is no part of the log.
    """
    for path in sorted((folder / "tile").rglob("*")):
        place = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name.startswith("."):
            continue
        report.saw(CHECK)
        wide = place.partition(".p/")
        step = 34 if place.startswith("tile/entries/") else 32
        if _WHOLE.fullmatch(place) and path.stat().st_size == 256 * step:
            continue
        if not wide[2].isdigit() or not _WHOLE.fullmatch(wide[0]):
            report.wrong(CHECK, place, "no es un archivo del registro")
            continue
        wider = [folder / wide[0], *(each for each in path.parent.iterdir() if each.name.isdigit())]
        best = max((each for each in wider if each.is_file()), key=lambda each: each.stat().st_size)
        if path.read_bytes() != best.read_bytes()[: int(wide[2]) * step]:
            report.wrong(CHECK, place, f"no es el comienzo de {best.relative_to(folder).as_posix()}")


def compare(fetch: Fetch, entries: Sequence[bytes], report: Report, *, bundles: bool) -> None:
    """Every tile of the tree of these entries, at its size, against what is at its address; bundles of entries too."""
    if bundles:
        for start in range(0, len(entries), 256):
            part = entries[start : start + 256]
            _one(fetch, "entries", start // 256, b"".join(b"\0\x20" + entry for entry in part), len(part), report)
    level, hashes = 0, [of_entry(entry) for entry in entries]
    while hashes:
        for start in range(0, len(hashes), 256):
            part = hashes[start : start + 256]
            _one(fetch, str(level), start // 256, b"".join(part), len(part), report)
        hashes = [mth(hashes[n : n + 256]) for n in range(0, len(hashes) - 255, 256)]
        level += 1


def _one(fetch: Fetch, level: str, number: int, right: bytes, width: int, report: Report) -> None:
    place = address(level, number, width)
    data = fetch(place)
    report.saw(CHECK)
    if data is None:
        report.wrong(CHECK, place, "falta")
    elif data != right:
        report.wrong(CHECK, place, "no es lo que dan las entradas del registro")
