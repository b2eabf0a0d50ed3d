"""A scenario's world and the movements in it: drawn from the seed, so that a run can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from veta.conformance.domain.refusals import ScenarioRefused
from veta.conformance.domain.scenario import PartyKind, PartyWanted, Scenario

TOWN = "05001"
PLAN_KG = 1_000_000_000
_BOGOTA = timezone(timedelta(hours=-5))
_NAMES = {
    PartyKind.TRADER: "Comercializadora",
    PartyKind.MINER: "Minero de subsistencia",
    PartyKind.PRODUCER: "Explotador",
    PartyKind.PLANT: "Planta de beneficio",
    PartyKind.EXPORTER: "Exportadora",
}
_PAPERS = {
    "documented_intake": "support_document", "dispatch": "origin_certificate", "receipt": "weighbridge",
    "transformation": "assay", "export": "export_declaration", "retention": "act",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Party:
    """One party of a world as the register has it. `title`: of a producer; `volume`: its plan's, kilograms a year."""

    name: str
    kind: PartyKind
    called: str
    document: Mapping[str, str]
    ours: bool
    shared: bool = False
    title: str = ""
    volume: int = PLAN_KG

    def as_asked(self) -> dict[str, Any]:
        """As the office takes it."""
        return {
            "kind": self.kind.value, "called": self.called, "party": dict(self.document), "ours": self.ours,
            "shared": self.shared, "title": self.title, "volume": self.volume,
        }  # fmt: skip


def draw_world(scenario: Scenario, *, seed: int, run: str) -> dict[str, Party]:
    """The parties of a scenario under a seed; `run` keeps two candidates before one hub apart."""
    chance = Random(f"{seed} {run} {scenario.id}")  # noqa: S311 - fictitious numbers, to be drawn again
    return {wanted.name: _party(wanted, chance) for wanted in scenario.world}


def _party(wanted: PartyWanted, chance: Random) -> Party:
    if wanted.kind is PartyKind.MINER:
        document = {"type": wanted.document or "CC", "number": str(chance.randrange(1_000_000_000, 1_999_999_999))}
    else:
        document = {"type": "NIT", "number": str(chance.randrange(900_000_000, 999_999_999))}
    called = wanted.called or f"{_NAMES[wanted.kind]} {document['number'][-4:]} (ficticio)"
    title = f"ENSAYO-{document['number']}" if wanted.kind is PartyKind.PRODUCER else ""
    return Party(wanted.name, wanted.kind, called, document, wanted.ours, wanted.shared, title, wanted.volume)


def movement(
    form: str, *, by: Party, world: Mapping[str, Party], mark: str, now: datetime, given: Mapping[str, Any]
) -> dict[str, Any]:
    """A movement to be captured, without its id, which is the candidate's to choose.

    Args: `form`, one of FORMS; `by`, whose operator reports it; `mark`, the number of the paper that names it; `given`,
    fields instead of the form's (a party by its name in the world), and beside them `hours_ago`, `confirm_in`
    (seconds), `paper` (members of the first paper instead of its own) and `papers` (more of them, `times` each).
    Raises ScenarioRefused.
    """
    own = dict(given)
    if "confirm_in" in own:
        own["confirm_by"] = (now + timedelta(seconds=own.pop("confirm_in"))).isoformat(timespec="milliseconds")
    at = now - timedelta(hours=float(own.pop("hours_ago", 0)))
    made = _base(form, by, world, mark, at)
    first, more = own.pop("paper", {}), own.pop("papers", [])
    for name, value in own.items():
        made[name] = _resolved(value, world)
    issued = made["evidence"][0]["issued_on"]
    made["evidence"] = [made["evidence"][0] | first, *(paper for each in more for paper in _more(each, by, issued))]
    return made


def _more(given: Mapping[str, Any], by: Party, issued: str) -> list[dict[str, Any]]:
    """A paper beside the first, or `times` of them with their place in the number, which follows the party's."""
    number, rest = f"{by.document['number']}-{given['number']}", {k: v for k, v in given.items() if k != "times"}
    numbers = [f"{number}-{place}" for place in range(1, int(given["times"]) + 1)] if "times" in given else [number]
    return [{"issued_on": issued, **rest, "number": each} for each in numbers]


def _base(form: str, by: Party, world: Mapping[str, Party], mark: str, at: datetime) -> dict[str, Any]:
    moment = at.astimezone(_BOGOTA)
    common: dict[str, Any] = {"occurred_at": moment.isoformat(timespec="seconds")}
    paper = {"number": mark, "issued_on": moment.date().isoformat()}
    match form:
        case "purchase":
            miner = next((each for each in world.values() if each.kind is PartyKind.MINER), by)
            return common | {
                "kind": "subsistence_purchase", "seller": dict(miner.document), "buyer": dict(by.document),
                "origin": {"kind": "subsistence", "municipality": TOWN}, "mineral": "oro", "quantity": "1.000",
                "unit": "g", "fineness": "900", "assay": "declared",
                "evidence": [{"type": "production_declaration", **paper}],
            }  # fmt: skip
        case "production":
            return common | {
                "kind": "production", "holder": dict(by.document), "origin": {"kind": "title", "code": by.title},
                "mineral": "carbon_termico", "quantity": "5.000", "unit": "t",
                "evidence": [{"type": "other", **paper}],
            }  # fmt: skip
        case "sale":
            return common | {
                "kind": "sale", "seller": dict(by.document),
                "evidence": [{"type": "origin_certificate", **paper}],
            }  # fmt: skip
        case "documented_intake":
            return common | {
                "kind": form, "holder": dict(by.document), "origin": {"kind": "import", "code": "US"},
                "basis": "import", "mineral": "carbon_termico", "quantity": "10.000", "unit": "t",
                "evidence": [{"type": _PAPERS[form], **paper}],
            }  # fmt: skip
        case "receipt" | "reversal":
            return common | {"kind": form, "evidence": [{"type": _PAPERS.get(form, "other"), **paper}]}
        case _ if form in FORMS:
            held = {"holder": dict(by.document), "evidence": [{"type": _PAPERS.get(form, "other"), **paper}]}
            return common | {"kind": form} | held
    raise ScenarioRefused(f"«{form}» no es una forma de movimiento. Use una de: {', '.join(FORMS)}.")


FORMS = (
    "purchase", "production", "sale", "documented_intake", "dispatch", "receipt", "transformation", "regroup", "export",
    "consumption", "loss", "retention", "reversal",
)  # fmt: skip


def _resolved(value: Any, world: Mapping[str, Party]) -> Any:
    """A value of a scenario's file: `@name` is a party of its world."""
    if isinstance(value, str) and value.startswith("@"):
        return dict(world[value[1:]].document)
    return value
