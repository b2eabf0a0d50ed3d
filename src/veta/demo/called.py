"""The 2026 call in its middle: eight fictitious firms, the preliminary list published, the term to cure open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from stdnum.co import nit as nit_rule

from veta.calls.domain.application import CURE, FAILS, MEETS
from veta.calls.domain.commands import evaluator, publication, setup
from veta.calls.domain.seed import call_of_2026
from veta.calls.queries import find_call
from veta.calls.services import applicants, create_call, perform
from veta.calls.services.clock import set_clock
from veta.config.postgres.cluster import APP, OWNER
from veta.demo.officers import APPLICANT, PEOPLE
from veta.kernel.period import BOGOTA
from veta.site.models import User
from veta.site.roles import Role

CODE = "DEMO-OTTM-2026"
NORM = "Anexo Técnico de la Resolución ANM 759 de 2024"
SIGNER_POST = "Vicepresidencia de Seguimiento, Control y Seguridad Minera"
# Firm, NIT and what its items got where they do not meet.
FIRMS: tuple[tuple[str, str, Mapping[str, tuple[str, str]]], ...] = (
    ("Trazas del Cauca (ficticia) SAS", "901900001", {
        "J-01": (CURE, "El certificado tiene más de 30 días."), "T-02": (CURE, "Falta la custodia de llaves."),
    }),
    ("Minerales al Día (ficticia) SAS", "901900002", {}),
    ("Rastro Andino (ficticia) SAS", "901900003", {"F-03": (CURE, "Falta la planilla de febrero.")}),
    ("Origen Claro (ficticia) SAS", "901900004", {"J-04": (FAILS, "No trae la declaración firmada.")}),
    ("Cuenca Digital (ficticia) SAS", "901900005", {}),
    ("Sello de Mina (ficticia) SAS", "901900006", {"T-03": (CURE, "No dice cómo trabaja sin conexión.")}),
    ("Ruta del Oro (ficticia) SAS", "901900007", {"T-04": (FAILS, "No acredita soporte en campo.")}),
    ("Lingote Limpio (ficticia) SAS", "901900008", {}),
)  # fmt: skip
FIGURES = {
    "current_assets": "1250000000", "current_liabilities": "480000000", "total_assets": "3100000000",
    "total_liabilities": "1400000000", "equity": "1700000000", "operating_profit": "390000000", "interest": "85000000",
}  # fmt: skip


@dataclass
class Stage:
    """The call and the hour that its actors act at."""

    call: UUID
    now: datetime

    def do(self, person: str, command: Any, /, *args: Any, **kwargs: Any) -> Any:
        return perform(self.call, lambda call: command(call, *args, **kwargs), by=person, now=self.now)


def ready_call(people: bool) -> str:
    """The call of this database, made now if it is not there; returns its code, or nothing where there are no people.

    Effects: marks the database as a simulation (as its owner), writes the call, sets its clock to 20 April 2026.
    """
    if not people or find_call(CODE) is not None:
        return CODE if people else ""
    _mark()
    with transaction.atomic():
        _play()
    set_clock(bogota("2026-04-20 09:00"), by="demostración")
    return CODE


def bogota(text: str) -> datetime:
    """An hour of Bogotá's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA)


def _mark() -> None:
    """Say, as the owner of the tables, that this database is a demonstration: the application could not."""
    owner = connection.copy()
    given = owner.settings_dict
    user = OWNER if given["USER"] in {OWNER, APP} else given["USER"]
    options = {**given["OPTIONS"], "options": given["OPTIONS"]["options"].replace(f"role={APP}", f"role={OWNER}")}
    owner.settings_dict = {**given, "USER": user, "OPTIONS": options}
    try:
        with owner.cursor() as cursor:
            cursor.execute(
                "INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'demostración') ON CONFLICT DO NOTHING"
            )
    finally:
        owner.close()


def _people(role: Role) -> list[str]:
    return [email for held, email, _name in PEOPLE if held is role]


def _play() -> None:
    [press], [signer] = _people(Role.COMMUNICATIONS), _people(Role.SIGNER)
    data = call_of_2026(
        code=CODE, title="Convocatoria de demostración, según el cronograma de 2026", number="DEMO 000001 de 2026"
    )
    now = bogota("2026-02-18 10:00")
    stage = Stage(create_call(data, by=press, now=now), now)
    team = {"juridico": Role.LEGAL, "financiero": Role.ROYALTIES, "tecnico": Role.IT}
    pairs = {component: _people(role)[:2] for component, role in team.items()}
    for component, pair in pairs.items():
        for person in pair:
            stage.do(press, setup.name_evaluator, person, component)
    _publish(stage, "2026-02-19 08:00", "invitation", press, signer)
    firms = [_enter(stage, *firm[:2], first=n == 0) for n, firm in enumerate(FIRMS)]
    stage.now = bogota("2026-03-13 09:00")
    for id, (_name, _nit, verdicts) in zip(firms, FIRMS, strict=True):
        _evaluate(stage, id, verdicts, pairs)
    _publish(stage, "2026-03-17 10:00", "preliminary", press, signer)
    _observed(stage, firms[6], pairs)
    _publish(stage, "2026-03-26 10:00", "answers", press, signer)
    _cures(stage, firms, pairs)


def _publish(stage: Stage, at: str, kind: str, press: str, signer: str) -> None:
    stage.now = bogota(at)
    prepared = stage.do(press, publication.prepare, kind, number=f"DEMO {kind}", at=stage.now)
    signed = {"role": SIGNER_POST, "acting": True}
    stage.do(signer, publication.publish, signer=signed, seen=prepared.place, by=signer, at=stage.now)


def _enter(stage: Stage, firm: str, nit: str, *, first: bool) -> UUID:
    """One firm registers, fills every requirement and hands in; the first is the printed account's."""
    stage.now = bogota("2026-03-02 11:00")
    owner = str(User.objects.get(email=APPLICANT).id) if first else f"demo-{nit}"
    person = applicants.Person("Representante Demo", f"CC {nit[-6:]}", APPLICANT, "+570000000000")
    made = applicants.register(
        stage.call, owner=owner, firm=firm, nit=nit, check=str(nit_rule.calc_check_digit(nit)), person=person,
        now=stage.now,
    )  # fmt: skip
    id = made.application
    assert id is not None
    add = partial(applicants.add_document, stage.call, id, owner=owner, now=stage.now)
    for requirement in call_of_2026()["requirements"]:
        if requirement["proof"] == "document":
            add(requirement["code"], (f"{requirement['code']}.pdf", _paper(f"{firm}: {requirement['text']}")))
    applicants.give_figures(stage.call, id, FIGURES, owner=owner, now=stage.now)
    applicants.submit(stage.call, id, owner=owner, now=stage.now)
    return id


def _paper(text: str) -> bytes:
    """A PDF of one blank page; what it says of itself is in a comment."""
    return (
        b"%PDF-1.4\n% " + text.encode() + b"\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def _evaluate(stage: Stage, id: UUID, verdicts: Mapping[str, tuple[str, str]], pairs: Mapping[str, list[str]]) -> None:
    for pair in pairs.values():
        for person in pair:
            stage.do(person, evaluator.declare_interest, id, conflict=False, reason="", by=person)
    for requirement in call_of_2026()["requirements"]:
        verdict, reason = verdicts.get(requirement["code"], (MEETS, "Está completo."))
        _judge(stage, id, requirement, verdict, reason, pairs)


def _judge(
    stage: Stage,
    id: UUID,
    requirement: Mapping[str, Any],
    verdict: str,
    reason: str,
    pairs: Mapping[str, list[str]],
) -> None:
    first, second = pairs[requirement["component"]]
    made = stage.do(
        first, evaluator.propose_verdict, id, requirement["code"], verdict, reason=reason, norm=NORM, seen=0, by=first,
        at=stage.now,
    )  # fmt: skip
    stage.do(second, evaluator.confirm_verdict, id, requirement["code"], seen=made.place, by=second, at=stage.now)


def _observed(stage: Stage, id: UUID, pairs: Mapping[str, list[str]]) -> None:
    """Who did not meet observes, and the answer does not uphold it."""
    stage.now = bogota("2026-03-19 15:00")
    call = find_call(CODE)
    assert call is not None
    owner = call.application(id).owner
    applicants.observe(
        stage.call, id, "El soporte en campo está en el folio 9.", item="T-04", owner=owner, now=stage.now
    )
    stage.now = bogota("2026-03-24 09:00")
    call = find_call(CODE)
    assert call is not None
    seen = call.application(id).observations[0]
    said = "El folio 9 no trae certificaciones: no se acoge."
    stage.do(pairs["tecnico"][0], evaluator.answer_observation, id, seen.id, said, upheld=False, by=pairs["tecnico"][0])


def _cures(stage: Stage, firms: list[UUID], pairs: Mapping[str, list[str]]) -> None:
    """What has to be cured was asked; one firm cured all of it, one half, one nothing yet."""
    stage.now = bogota("2026-04-09 16:00")
    person = pairs["tecnico"][0]
    for id, (_name, _nit, verdicts) in zip(firms, FIRMS, strict=True):
        if any(verdict == CURE for verdict, _reason in verdicts.values()):
            stage.do(person, evaluator.request_cures, id, by=person, at=stage.now)
    stage.now = bogota("2026-04-15 10:00")
    call = find_call(CODE)
    assert call is not None
    for n, item in ((0, "J-01"), (2, "F-03")):
        found = call.application(firms[n])
        paper = (f"{item} corregido.pdf", _paper(f"{found.firm}: {item} corregido"))
        applicants.cure(stage.call, found.id, item, [paper], owner=found.owner, now=stage.now)
