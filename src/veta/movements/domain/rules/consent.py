"""The seller's own word, and the other party's answer to what waits for it."""

from collections.abc import Sequence
from typing import Final

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.registry.domain import Consent

NORM: Final = "Res. ANM 759 de 2024 (autenticación del vendedor)"
METHODS: Final = {
    "biometric": "biometría", "card_pin": "tarjeta y PIN", "code": "código por mensaje", "voice": "código por llamada",
}  # fmt: skip
OUTCOMES: Final = {
    "accepted": "aceptado",
    "refused": "rechazado por la contraparte",
    "withdrawn": "retirado",
    "lapsed": "vencido",
}


def given(case: Case) -> Consent | None:
    """The consent that the movement refers to, where the hub took one under that id; `verified` judges its code."""
    ref = case.item.consent
    return case.world.consents.get((ref.id, ref.code)) if ref is not None else None


def live(case: Case, consent: Consent) -> bool:
    """Whether the hub checked it by every method asked, it was not used, and its minutes are not over."""
    return consent.verified and fresh(case, consent)


def fresh(case: Case, consent: Consent) -> bool:
    """Whether it was not used and its minutes are not over at hub receipt."""
    return not consent.used and case.received_at <= consent.expires_at


def verified(case: Case) -> bool:
    """Whether the seller consented to this sale: to this buyer, mineral and quantity, once and in time."""
    consent = given(case)
    return consent is not None and live(case, consent) and covers(case, consent)


def covers(case: Case, consent: Consent) -> bool:
    """Whether it names these parties, this mineral and at least this quantity, as weighed: what the person was told."""
    gross = case.measured.gross if case.measured is not None else None
    return (
        consent.purpose == "sale"
        and consent.party == case.actors.get("seller")
        and consent.counterparty == case.actors.get("buyer")
        and consent.mineral == case.item.mineral
        and gross is not None
        and consent.amount is not None
        and gross <= consent.amount
    )


@rule(
    "CON-001",
    "subsistence_purchase",
    norm=NORM,
    status="unverified",
    instant="both",
    message="Falta el consentimiento verificado del vendedor por: {named}. Pídalo y vuelva a enviar.",
)
def consent_by_method(case: Case) -> Sequence[Hit]:
    """Where the dated parameter requires methods, the seller must have consented by all of them, in one consent.

    One that was asked by more than is required serves only once all of it is verified: half of it is never spent.
    """
    required = law.required_consent(case.on)
    if not required:
        return ()
    missing, consent = required, given(case)
    if consent is not None and fresh(case, consent) and covers(case, consent):
        missing = (required | frozenset(consent.methods)) - frozenset(consent.checked)
    if not missing:
        return ()
    named = ", ".join(METHODS.get(each, each) for each in sorted(missing))
    return hit("consent", required=", ".join(sorted(required)), missing=", ".join(sorted(missing)), named=named)


@rule(
    "CON-002",
    "subsistence_purchase",
    "confirmation",
    norm=NORM,
    status="unverified",
    instant="receipt",
    message="El plazo venció o ya se usó. Pida un consentimiento nuevo, o haga una nueva oferta.",
)
def consent_live(case: Case) -> Sequence[Hit]:
    """A consent serves once and within its minutes; an offer until its term, both at hub receipt."""
    if case.item.kind == "confirmation":
        return hit("movement") if _answers(case) and _over(case) else ()
    consent = given(case)
    over = consent is not None and (consent.used or case.received_at > consent.expires_at)
    return hit("consent") if over else ()


def _answers(case: Case) -> bool:
    """Whether the operator speaks for the counterparty of what waits; nobody else is told anything of it."""
    pending = case.pending
    return pending is not None and pending.kind != "dispatch" and case.speaks_for(pending.counterparty)


def _over(case: Case) -> bool:
    pending = case.pending
    if pending is None or pending.outcome is not None:
        return pending is not None and pending.outcome == "lapsed"
    return pending.confirm_by is not None and case.received_at > pending.confirm_by


@rule(
    "CON-003",
    "subsistence_purchase",
    "confirmation",
    norm=NORM,
    status="unverified",
    instant="receipt",
    message="No es la contraparte, o el consentimiento no cubre a este comprador, mineral o cantidad. Revise las "
    "partes.",
)
def right_counterparty(case: Case) -> Sequence[Hit]:
    """A consent counts for its counterparty, mineral and quantity as weighed; an offer is answered by the operator of
    its counterparty."""
    if case.item.kind == "confirmation":
        return () if _answers(case) else hit("movement")
    consent = given(case)
    return hit("consent") if consent is not None and not covers(case, consent) else ()


@rule(
    "CON-004",
    "subsistence_purchase",
    norm=NORM,
    status="unverified",
    severity="warning",
    instant="receipt",
    message="El vendedor no confirmó por sí mismo: solo lo afirma el comprador. Se cuenta por comprador y se avisa al "
    "minero. Pida su código o su tarjeta.",
)
def asserted_only(case: Case) -> Sequence[Hit]:
    """An operator's word is not a person's consent."""
    return () if verified(case) else hit("consent")


@rule(
    "CON-005",
    "confirmation",
    "withdrawal",
    "receipt",
    instant="receipt",
    message="Este movimiento ya no espera respuesta: quedó {outcome}. Consulte su estado.",
)
def still_waiting(case: Case) -> Sequence[Hit]:
    """What waits ends once."""
    outcome = case.pending.outcome if case.pending is not None else None
    if outcome is None or not case.speaks_for(case.author):
        return ()
    lapsed_answer = outcome == "lapsed" and case.item.kind == "confirmation"  # rule CON-002 says it
    field = "dispatch" if case.item.kind == "receipt" else "movement"
    return () if lapsed_answer else hit(field, outcome=OUTCOMES[outcome])
