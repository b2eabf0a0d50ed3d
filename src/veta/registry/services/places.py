"""Municipalities on record: those of DIVIPOLA as imported, and the product's own reviewed set for the demo."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from django.db import transaction

from veta.kernel.ids import uuid7
from veta.registry.queries.places import MunicipalityRecord, forget_municipalities, municipalities
from veta.registry.recording import insert


@transaction.atomic
def record_municipalities(records: Sequence[MunicipalityRecord], *, source: str) -> int:
    """Record units that are new or differ from what is known; returns how many versions were added."""
    known = municipalities()
    changed = [record for record in records if known.get(record.code) != record]
    insert("registry_municipality", [{"code": record.code} for record in changed], ignore_existing=True)
    insert("registry_municipalityversion", [_row(record, source) for record in changed])
    forget_municipalities()
    return len(changed)


def record_demo_municipalities() -> int:
    """Record the demo's municipalities that are not known yet; returns how many. A full import is never overwritten."""
    data = tomllib.loads(files("veta.registry.data").joinpath("municipalities_demo.toml").read_text(encoding="utf-8"))
    known = municipalities()
    new = [
        MunicipalityRecord(unit["code"], unit["name"], unit["department"], unit["kind"], None, None)
        for unit in data["municipality"]
        if unit["code"] not in known
    ]
    return record_municipalities(new, source=data["source"])


def _row(record: MunicipalityRecord, source: str) -> dict[str, object]:
    return {
        "id": uuid7(),
        "municipality_id": record.code,
        "name": record.name,
        "department": record.department,
        "kind": record.kind,
        "latitude": None if record.latitude is None else str(record.latitude),
        "longitude": None if record.longitude is None else str(record.longitude),
        "source": source,
    }
