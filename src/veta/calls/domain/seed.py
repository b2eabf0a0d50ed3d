"""The call of the circular and the set of requirements that come with the code, as data for a new call."""

import tomllib
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parents[1] / "data"


def _loaded(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / name).read_text(encoding="utf-8"))


def call_of_2026(*, code: str = "", title: str = "", number: str = "") -> dict[str, Any]:
    """What makes the call of Circular VSCSM 000001 de 2026: act, timetable, requirements and terms.

    `code`, `title` and `number` take the place of the circular's own, for a call that is not that one: a demonstration
    is never shown as the authority's act.
    """
    made = _loaded("convocatoria_ottm_2026.toml")
    with_it = _loaded("requisitos.toml")
    requirements = [{"curable": True, **each} for each in with_it["requirement"]]
    act = {**made["act"], "number": number or made["act"]["number"]}
    return {
        **made, "code": code or made["code"], "title": title or made["title"], "act": act,
        "requirements": requirements, "terms": with_it["terms"],
    }  # fmt: skip
