"""The title or other coded origin that the mineral comes from."""

from collections.abc import Sequence
from typing import Final

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.fields import ORIGIN_KINDS
from veta.movements.domain.rule import Hit, hit, rule

STAGES: Final = {"exploration": "exploración", "construction": "construcción y montaje", "closure": "cierre"}


@rule(
    "TIT-001",
    "production",
    "accredit",
    "documented_intake",
    norm="Ley 685 de 2001 art. 14",
    status="verified",
    message="El código {code} no está en el registro con esa clase de origen. Revise la placa y la clase.",
)
def title_known(case: Case) -> Sequence[Hit]:
    """The origin's code must be in the registry, with the kind that was reported."""
    named = case.item.origin is not None and case.item.origin.kind in ORIGIN_KINDS
    return () if case.titles or not named else hit("origin.code", code=case.item.origin.code)


@rule(
    "TIT-002",
    "production",
    norm="Ley 685 de 2001 arts. 14 y 70",
    status="verified",
    message="El título {code} no estaba vigente el {on}. Revise la fecha, o consulte el estado del título.",
)
def title_in_force(case: Case) -> Sequence[Hit]:
    """The title must be in force on the movement's date: inscribed, not ended, suspended or expired."""
    title = case.title
    if not case.titles:
        return ()
    if title is not None and title.status == "in_force":
        started = title.inscription_date is None or title.inscription_date <= case.on
        if started and (title.end_date is None or case.on <= title.end_date):
            return ()
    return hit("origin.code", code=case.titles[0].code, on=case.on.isoformat())


@rule(
    "TIT-003",
    "production",
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.1.1; Ley 685 de 2001 art. 94",
    status="verified",
    message="El título está en etapa de {stage}, no de explotación. Solo puede producir con un plan anticipado "
    "aprobado.",
)
def title_in_exploitation(case: Case) -> Sequence[Hit]:
    """A title produces in exploitation; an anticipated plan in force spares the stage. Other origins have no stage, and
    one that the registry does not know is not guessed."""
    title, plan = case.title, case.plan
    if title is None or title.kind != "title" or title.stage is None or title.stage == "exploitation":
        return ()
    if plan is not None and plan.version is not None and plan.version.kind == "anticipated":
        return ()
    return hit("origin.code", stage=STAGES[title.stage])


@rule(
    "TIT-004",
    "production",
    norm="Ley 685 de 2001 art. 14",
    status="verified",
    message="Quien reporta no es titular ni beneficiario de {code} en esa fecha. Revise el titular.",
)
def holder_of_title(case: Case) -> Sequence[Hit]:
    """The producer must be among the holders on the movement's date."""
    holder, title = case.actors.get("holder"), case.title
    if holder is None or title is None or any(actor == holder for actor, _ in title.holders):
        return ()
    return hit("holder", code=title.code)


@rule(
    "TIT-005",
    "production",
    norm="Ley 685 de 2001 art. 205; Ley 2250 de 2022 art. 16",
    status="inference",
    message="{code} no tiene instrumento ambiental registrado. Registre la licencia o la guía que le corresponde.",
)
def environmental_instrument(case: Case) -> Sequence[Hit]:
    """The origin needs its environmental instrument where the dated table asks it of its kind."""
    title = case.title
    if title is None or title.environmental_instrument or not law.environmental_required(title.kind, case.on):
        return ()
    return hit("origin.code", code=title.code)
