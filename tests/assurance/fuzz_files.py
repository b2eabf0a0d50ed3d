"""Files of the registry's importers, spoilt: each is read, or refused with its remedy, and never anything else."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from tests.assurance.fuzz import NASTY, Found, Hang, resident_mb, watchdog
from veta.kernel.errors import DomainError
from veta.registry.importers import municipalities, rucom

TOWNS = (
    "cod_mpio,nom_mpio,cod_dpto,dpto,tipo_municipio,latitud,longitud\n"
    '05001,MEDELLÍN,05,ANTIOQUIA,Municipio,"6,257590","-75,611031"\n'
    '05736,SEGOVIA,05,ANTIOQUIA,Municipio,"7,080000","-74,701000"\n'
)
TITLES = (
    "departamento,nombre_persona,codigo_dane,codigo_expediente,planta_beneficio,municipio,mineral,tipo_persona\n"
    "ANTIOQUIA,DEMO UNO SAS,05001,DEMO-9,NO,MEDELLIN,ORO,JURIDICA\n"
    "ANTIOQUIA,DEMO DOS,5001,DEMO-10,POR CONFIRMAR,MEDELLIN,ARENA,NATURAL_U_OTRA\n"
)
RAW = [
    b"\x00",
    b"\xff",
    b'"',
    b'""',
    b"\n",
    b"\r",
    b",",
    b";" * 40,
    b"\t",
    b"\xef\xbb\xbf",
    b"\xfe\xff",
    b"A" * 140_000,
    b'"' + b"\n" * 500,
]


def previews(path: Path, kind: str) -> None:
    """Read a file as the importer does, and write what it accepts, undone at once."""
    if kind == "towns":
        preview = municipalities.preview_municipalities(path)
        with transaction.atomic():
            municipalities.apply_municipalities(preview, by="oficial-1", approved_by="oficial-2")
            transaction.set_rollback(True)
    else:
        rucom.preview_rucom(path)


def spoilt(draw: random.Random, text: str) -> bytes:
    """Cells of the dictionary, bytes put in or taken out, rows repeated, other encodings."""
    rows = [row.split(",") for row in text.splitlines()]
    for _ in range(draw.randint(0, 3)):
        row = draw.choice(rows)
        row[draw.randrange(len(row))] = str(draw.choice(NASTY)).replace("\ud800", "?")[:3000]
    if draw.random() < 0.1:
        rows += rows[1:] * 200
    body = bytearray(
        "\n".join(",".join(row) for row in rows).encode(draw.choice(["utf-8", "utf-8", "cp1252", "utf-16"]), "replace")
    )
    for _ in range(draw.randint(0, 3)):
        place = draw.randrange(len(body) + 1)
        body[place : place + draw.choice([0, 0, 5])] = draw.choice(RAW)
    return bytes(body)


def workbook(draw: random.Random) -> bytes:
    """What calls itself Excel: no archive, an empty one, one of garbage, one that is 400 times its size."""
    if draw.random() < 0.3:
        return bytes(draw.randrange(256) for _ in range(400))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("xl/workbook.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml"):
            if draw.random() < 0.8:
                archive.writestr(name, draw.choice([b"", b"<a>", b"\x00" * 100, b"<x>" * 50_000, b" " * 2_000_000]))
    return made.getvalue()


def run(
    folder: Path, *, files: int, seed: int, read: Callable[[Path, str], None] = previews, enough: bool = False
) -> Found:
    """Spoil and read so many files; whatever is neither read nor refused is a fault."""
    draw, found = random.Random(seed), Found()
    settled = 0.0
    for number in range(files):
        if number == files // 5:
            settled = resident_mb()
        kind, text = draw.choice([("towns", TOWNS), ("titles", TITLES)])
        excel = draw.random() < 0.2
        path = folder / ("fuzz.xlsx" if excel else "fuzz.csv")
        path.write_bytes(workbook(draw) if excel else spoilt(draw, text))
        fault = fault_of(read, path, kind)
        found.shots += 1
        if fault is not None:
            found.faults.setdefault(f"{kind} {path.suffix}: {fault}", repr(path.read_bytes()[:400]))
            found.culprit = (path, kind)
            if enough:
                return found
    found.grown_mb = resident_mb() - settled
    return found


def fault_of(read: Callable[[Path, str], Any], path: Path, kind: str) -> str | None:
    try:
        with watchdog():
            read(path, kind)
    except DomainError:
        return None
    except Hang:
        return "hang"
    except Exception as cause:  # whatever else escapes is a fault of the importer
        return f"{type(cause).__name__}: {str(cause)[:120]}"
    return None
