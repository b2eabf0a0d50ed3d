"""The life of a bond: required, presented, approved or objected, drawn, restored; and what to warn about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from veta.kernel.finding import Finding
from veta.kernel.period import Period, contract_year_of
from veta.norms import norms
from veta.prices.domain.figures import in_spanish

ART_280 = "Ley 685 de 2001, artículo 280"
Kind = Literal["required", "presented", "approved", "objected", "drawn", "restored"]
State = Literal["", "required", "presented", "approved", "objected", "drawn"]
COVERS: Mapping[str, str] = MappingProxyType(
    {
        "mineras": "obligaciones mineras",
        "ambientales": "obligaciones ambientales",
        "multas": "multas",
        "caducidad": "caducidad",
    }
)
# From each state, the kinds of event that may follow; a restoration waits for approval as a presentation does.
FOLLOWS: Mapping[State, frozenset[Kind]] = MappingProxyType(
    {
        "": frozenset({"required"}),
        "required": frozenset({"required", "presented"}),
        "presented": frozenset({"required", "approved", "objected"}),
        "objected": frozenset({"required", "presented"}),
        "approved": frozenset({"required", "presented", "drawn"}),
        "drawn": frozenset({"restored"}),
    }
)
STATE_OF: Mapping[Kind, State] = MappingProxyType(
    {
        "required": "required",
        "presented": "presented",
        "approved": "approved",
        "objected": "objected",
        "drawn": "drawn",
        "restored": "presented",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy as presented. The policyholder is an actor of the registry; the insured value is in whole pesos."""

    insurer: str
    insurer_nit: str
    number: str
    annex: str
    policyholder: UUID
    beneficiary: str
    covers: frozenset[str]
    validity: Period
    insured: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A step as recorded; `value` in whole pesos: what is required, what was drawn."""

    kind: Kind
    occurred_on: date
    by: str
    value: int | None = None
    policy: Policy | None = None
    act: str = ""
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """A bond's annuity and its events, in order."""

    annuity: Period
    events: tuple[Event, ...] = field(default=())

    @property
    def state(self) -> State:
        """Where it stands."""
        return STATE_OF[self.events[-1].kind] if self.events else ""

    @property
    def required(self) -> int | None:
        """The value last required, in pesos."""
        return next((e.value for e in reversed(self.events) if e.kind == "required"), None)

    @property
    def policy(self) -> Policy | None:
        """The policy last presented."""
        return next((e.policy for e in reversed(self.events) if e.policy is not None), None)

    @property
    def approved_policy(self) -> Policy | None:
        """The policy that the authority approved last, whatever came after."""
        approved: Policy | None = None
        last: Policy | None = None
        for event in self.events:
            last = event.policy or last
            approved = last if event.kind == "approved" else approved
        return approved

    def admits(self, kind: Kind) -> bool:
        """Whether an event of that kind may follow."""
        return kind in FOLLOWS[self.state]


def policy_findings(policy: Policy, life: Life) -> Iterator[Finding]:
    """What a presented policy lacks: BON-020 value, BON-021 validity, BON-022 covers. The authority decides."""
    required = life.required or 0
    if policy.insured < required:
        message = (
            f"La póliza asegura {_pesos(policy.insured)} y se exigen {_pesos(required)}: faltan"
            f" {_pesos(required - policy.insured)}. Pida un anexo que la aumente."
        )
        yield _warn("BON-020", "insured", message, required=str(required), insured=str(policy.insured))
    annuity, validity = life.annuity, policy.validity
    if validity.start > annuity.start or validity.end < annuity.end:
        message = (
            f"La vigencia ({validity.start} a {validity.end}) no cubre toda la anualidad ({annuity.start} a"
            f" {annuity.end}). Pida un anexo que la complete."
        )
        yield _warn("BON-021", "validity", message, start=str(annuity.start), end=str(annuity.end))
    missing = [name for code, name in COVERS.items() if code not in policy.covers]
    if missing:
        message = f"Faltan amparos: {', '.join(missing)}. La póliza debe cubrirlos."
        yield _warn("BON-022", "covers", message, missing=", ".join(missing))


def alerts(life: Life, *, on: date, needed: int | None = None) -> Iterator[Finding]:
    """What to warn about on a day: BON-023 none, BON-024 expired, BON-025 expiring within 60 or 30 days (its own days
    included), both until the annuity ends, for the next one has a bond of its own; BON-026 less than what the plan and
    prices ask now (`needed`, in pesos), BON-027 drawn and not restored.
    """
    policy = life.approved_policy
    if life.state == "drawn":
        yield _warn(
            "BON-027", "state", "La póliza se hizo efectiva y no se ha repuesto. El deber de reponerla subsiste."
        )
    if policy is None:
        if on >= life.annuity.start:
            yield _warn(
                "BON-023", "state", f"No hay póliza aprobada para la anualidad que empezó el {life.annuity.start}."
            )
    else:
        yield from _expiry(policy, on) if on <= life.annuity.end else ()
        if needed is not None and policy.insured < needed:
            message = (
                f"La póliza asegura {_pesos(policy.insured)} y el plan y los precios de hoy piden {_pesos(needed)}. El"
                " monto debe corresponder siempre: requiera el aumento."
            )
            yield _warn("BON-026", "insured", message, needed=str(needed), insured=str(policy.insured))


def _expiry(policy: Policy, on: date) -> Iterator[Finding]:
    end = policy.validity.end
    left = (end - on).days
    if left < 0:
        yield _warn("BON-024", "validity", f"La póliza venció el {end}. Requiera su renovación.", days=str(left))
        return
    reached = [days for days in norms().value("bond.alerts", on).value if left <= days]
    if reached:
        message = f"La póliza vence el {end}: faltan {left} días. Requiera su renovación."
        yield _warn("BON-025", "validity", message, days=str(left), notice=str(min(reached)))


def required_until(end: date, *, extensions: Sequence[date] = ()) -> date:
    """The last day on which a bond is required: three years more than the life of the title and its extensions.

    A title that ends on 29 February is covered until 28 February of the third year.
    """
    last = max((end, *extensions))
    years = norms().value("bond.tail", last).value
    following = last
    for _ in range(years):
        following = contract_year_of(following, anniversary=last).end + timedelta(days=1)
    return following


def _pesos(value: int) -> str:
    return f"{in_spanish(str(value))} COP"


def _warn(code: str, name: str, message: str, **params: str) -> Finding:
    return Finding(code, "warning", name, ART_280, message, params)
