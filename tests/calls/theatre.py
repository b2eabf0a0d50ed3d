"""A call played on the real database under a simulated clock: who acts, at which hour of Bogotá, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from tests.calls.papers import pdf
from veta.calls.domain.application import Application
from veta.calls.domain.call import Call
from veta.calls.domain.commands import applicant, authority, evaluator, publication, setup
from veta.calls.domain.history import Drafted, Event
from veta.calls.domain.seed import call_of_2026
from veta.calls.history_rows import state_of
from veta.calls.services import applicants, create_call, enablement, handover, perform
from veta.calls.services.book import Command, perform_all
from veta.calls.services.receipts import Receipt
from veta.conformance.queries import whole
from veta.kernel.period import BOGOTA

DRAFTER, SIGNER = "prensa@demo.invalid", "firma@demo.invalid"
TEAM = {
    "juridico": ("juridica.1@demo.invalid", "juridica.2@demo.invalid"),
    "financiero": ("regalias.1@demo.invalid", "regalias.2@demo.invalid"),
    "tecnico": ("tecnologia.1@demo.invalid", "tecnologia.2@demo.invalid"),
}
FIGURES = {
    "current_assets": "900000000", "current_liabilities": "300000000", "total_assets": "2000000000",
    "total_liabilities": "800000000", "equity": "1200000000", "operating_profit": "250000000",
    "interest": "40000000",
}  # fmt: skip
WEAK = FIGURES | {"current_liabilities": "1000000000", "total_liabilities": "1000000000", "equity": "1000000000"}
PERSON = applicants.Person("Rita Ficticia", "CC 71600700", "rita@demo.invalid", "+573000000000")
NORM = "Anexo Técnico de la Resolución ANM 759 de 2024"


def bogota(text: str) -> datetime:
    """`2026-03-12 23:59:59.9` on Bogotá's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA).astimezone(UTC)


def check_of(nit: str) -> str:
    from stdnum.co import nit as rule

    return str(rule.calc_check_digit(nit))


def _proposed(call: Call, *, id: UUID, code: str, verdict: str, by: str, at: datetime) -> Drafted:
    seen = call.application(id).item(code).seen
    return evaluator.propose_verdict(
        call, id, code, verdict, reason=f"Motivo de {code}", norm=NORM, seen=seen, by=by, at=at
    )


def _confirmed(call: Call, *, id: UUID, code: str, verdict: str, by: str, at: datetime) -> Drafted:
    return evaluator.confirm_verdict(call, id, code, seen=call.application(id).item(code).seen, by=by, at=at)


@dataclass
class Theatre:
    """A call and its clock. `now` is moved by `at`."""

    call: UUID
    now: datetime
    firms: dict[str, UUID] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)  # of firms whose account is a real one

    @classmethod
    def opened(cls, *, code: str = "DEMO-OTTM-2026") -> Theatre:
        """The circular's call with its team, its invitation published on 19 February."""
        made = cls(UUID(int=0), bogota("2026-02-18 09:00:00"))
        data = call_of_2026(code=code, title="Convocatoria ficticia", number="DEMO 000001 de 2026")
        made.call = create_call(data, by=DRAFTER, now=made.now)
        for component, people in TEAM.items():
            for person in people:
                made.do(setup.name_evaluator, person, component)
        made.at("2026-02-19 08:00:00").publish("invitation", number="DEMO 000001 de 2026")
        return made

    def at(self, text: str) -> Theatre:
        self.now = bogota(text)
        return self

    @property
    def state(self) -> Call:
        return state_of(self.call)[0]

    def owner(self, name: str) -> str:
        return self.owners.get(name, f"cuenta-{name}")

    def of(self, name: str) -> Application:
        return self.state.application(self.firms[name])

    def do(self, command: Any, *args: Any, by: str = DRAFTER, **kwargs: Any) -> Event:
        return perform(self.call, lambda call: command(call, *args, **kwargs), by=by, now=self.now)

    def prepare(self, kind: str, *, number: str = "", data: Mapping[str, Any] | None = None) -> Event:
        return self.do(publication.prepare, kind, number=number or f"DEMO-{kind}", data=data, at=self.now)

    def sign(self, *, by: str = SIGNER) -> Event:
        signer = {"role": "Vicepresidencia de Seguimiento, Control y Seguridad Minera", "acting": True}
        seen = self.state.prepared.place if self.state.prepared else 0
        return self.as_person(by, publication.publish, signer=signer, seen=seen, at=self.now)

    def as_person(self, person: str, command: Any, *args: Any, **kwargs: Any) -> Event:
        """A command that is told who acts."""
        return perform(self.call, lambda call: command(call, *args, by=person, **kwargs), by=person, now=self.now)

    def publish(self, kind: str, *, number: str = "", data: Mapping[str, Any] | None = None) -> Event:
        self.prepare(kind, number=number, data=data)
        return self.sign()

    def register(self, name: str, nit: str) -> UUID:
        event = applicants.register(
            self.call, owner=self.owner(name), firm=f"{name} (ficticia) SAS", nit=nit, check=check_of(nit),
            person=PERSON, now=self.now,
        )  # fmt: skip
        assert event.application is not None
        self.firms[name] = event.application
        return event.application

    def fill(self, name: str, *, figures: Mapping[str, str] = FIGURES, without: Sequence[str] = ()) -> Theatre:
        """Every document and the figures, but for some items."""
        id, owner = self.firms[name], self.owner(name)
        commands: list[tuple[Command, str]] = []
        for code, requirement in self.state.requirements.items():
            if code in without:
                continue
            if requirement.proof == "figures":
                given = partial(applicant.give_figures, application=id, figures=figures, at=self.now)
            else:
                paper = applicants.keep_document(f"{code}.pdf", pdf(f"{name} {code}"))
                given = partial(applicant.add_document, application=id, item=code, added=paper, at=self.now)
            commands.append((given, owner))
        perform_all(self.call, commands, now=self.now)
        return self

    def submit(self, name: str) -> Receipt:
        return applicants.submit(self.call, self.firms[name], owner=self.owner(name), now=self.now)

    def enter(self, name: str, nit: str, *, figures: Mapping[str, str] = FIGURES) -> Receipt:
        self.register(name, nit)
        return self.fill(name, figures=figures).submit(name)

    def cure(self, name: str, item: str) -> Receipt:
        paper = (f"{item} corregido.pdf", pdf(f"{name} {item} corregido"))
        return applicants.cure(self.call, self.firms[name], item, [paper], owner=self.owner(name), now=self.now)

    def observe(self, name: str, text: str, *, item: str = "") -> Receipt:
        return applicants.observe(self.call, self.firms[name], text, item=item, owner=self.owner(name), now=self.now)

    def declare_all(self) -> Theatre:
        """Every evaluator declares no conflict with anyone."""
        people = [person for pair in TEAM.values() for person in pair]
        commands = [
            (partial(evaluator.declare_interest, application=id, conflict=False, reason="", by=person), person)
            for id in self.state.applications
            for person in people
        ]
        perform_all(self.call, commands, now=self.now)
        return self

    def declare(self, id: UUID, person: str, *, conflict: bool = False, reason: str = "") -> Event:
        return self.as_person(person, evaluator.declare_interest, id, conflict=conflict, reason=reason)

    def judge(self, name: str, verdicts: Mapping[str, str] | None = None, *, only: Sequence[str] = ()) -> Theatre:
        """Every item gets its verdict of two persons: `meets`, but for those named."""
        state = self.state
        wanted = {code: (verdicts or {}).get(code, "meets") for code in only or sorted(state.requirements)}
        commands = [
            (partial(command, id=self.firms[name], code=code, verdict=verdict, by=by, at=self.now), by)
            for code, verdict in wanted.items()
            for command, by in zip((_proposed, _confirmed), TEAM[state.requirements[code].component], strict=True)
        ]
        perform_all(self.call, commands, now=self.now)
        return self

    def pair(self, code: str) -> tuple[str, str]:
        return TEAM[self.state.requirements[code].component]

    def propose(self, name: str, code: str, verdict: str, *, by: str = "", seen: int | None = None) -> Event:
        known = self.of(name).item(code).seen if seen is None else seen
        return self.as_person(
            by or self.pair(code)[0], evaluator.propose_verdict, self.firms[name], code, verdict,
            reason=f"Motivo de {code}", norm=NORM, seen=known, at=self.now,
        )  # fmt: skip

    def confirm(self, name: str, code: str, *, by: str = "", seen: int | None = None) -> Event:
        known = self.of(name).item(code).seen if seen is None else seen
        return self.as_person(
            by or self.pair(code)[1], evaluator.confirm_verdict, self.firms[name], code, seen=known, at=self.now
        )

    def request_cures(self, name: str) -> Event:
        return self.as_person(TEAM["tecnico"][0], evaluator.request_cures, self.firms[name], at=self.now)

    def answer(self, name: str, text: str, *, upheld: bool) -> Event:
        seen = next(each for each in self.of(name).observations if not each.answer)
        return self.as_person(
            TEAM["tecnico"][0], evaluator.answer_observation, self.firms[name], seen.id, text, upheld=upheld
        )

    def test(self, name: str, round: int, *, passed: bool) -> Event:
        """One run of the test format, recorded by one and confirmed by another."""
        first, second = TEAM["tecnico"]
        id, run = self.firms[name], len(self.of(name).attempts)
        report = f'{{"firm": "{name}", "run": {run}, "passed": {str(passed).lower()}}}'.encode()
        handover.record_attempt(
            self.call, id, round=round, passed=passed, present="Gerencia técnica", report=("reporte.json", report),
            whole=whole(), by=first, now=self.now,
        )  # fmt: skip
        waiting = self.of(name).pending_attempt
        assert waiting is not None
        return self.as_person(second, evaluator.confirm_attempt, id, seen=waiting.at.isoformat())

    def hand_over(self, name: str) -> Receipt:
        id, owner, given = self.firms[name], self.owner(name), f"usuario {name}"
        if not self.state.services:
            handover.add_document(self.call, ("Servicios v1.pdf", pdf("servicios")), by=DRAFTER, now=self.now)
        handover.deliver(self.call, id, version="1.0", credentials=given, by=TEAM["tecnico"][0], now=self.now)
        assert handover.open_credentials(self.call, id, owner=owner, now=self.now).text == given
        return applicants.receive_services(self.call, self.firms[name], owner=self.owner(name), now=self.now)

    def act(self, name: str, act: str, *, second: str = SIGNER, approved: bool = True, **given: Any) -> Event:
        """An act over one firm, proposed by the drafter and decided by the signer."""
        said = {"number": f"DEMO-{act}", "reason": "Motivo", "norm": NORM, **given}
        self.do(authority.propose_act, self.firms[name], act, given=said, at=self.now)
        return self.settle(name, by=second, approved=approved)

    def settle(self, name: str, *, by: str = SIGNER, approved: bool = True) -> Event:
        seen = self.of(name).pending_act["place"]
        return enablement.settle(
            self.call, self.firms[name], approved=approved, reason="No", seen=seen, by=by, now=self.now
        )

    def outcomes(self, kind: str) -> dict[str, str]:
        """What a published list says, by the firm's short name."""
        found = self.state.act_of(kind)
        assert found is not None
        return {row["firm"].split(" (")[0]: row["outcome"] for row in found.rows if row["step"]}
