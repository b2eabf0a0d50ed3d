"""The seller's own word, and the other party's answer to what waits for it."""

from collections.abc import Iterable

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.registry.domain import Consent, version_on

NORM = "Res. ANM 759 de 2024 (autenticación del vendedor)"


def given(case: Case) -> Consent | None:
    """The consent that the movement refers to, where the hub took one under that id; `verified` judges its code."""
    ref = case.item.consent
    return case.world.consents.get((ref.id, ref.code)) if ref is not None else None


def verified(case: Case) -> bool:
    """Whether the seller consented to this sale: to this buyer, mineral and at least this quantity, once and in time."""
    consent = given(case)
    return (
        consent is not None
        and consent.verified
        and not consent.used
        and not _lapsed(case, consent)
        and _covers(case, consent)
    )


def _lapsed(case: Case, consent: Consent) -> bool:
    return case.received_at > consent.expires_at


def _covers(case: Case, consent: Consent) -> bool:
    amount = case.measured.amount if case.measured is not None else None
    return (
        consent.purpose == "sale"
        and consent.party == case.actors.get("seller")
        and consent.counterparty == case.actors.get("buyer")
        and consent.mineral == case.item.mineral
        and amount is not None
        and (consent.amount is None or amount <= consent.amount)
    )


@rule(
    "CON-001", "subsistence_purchase", norm=NORM, status="unverified", instant="receipt",
    message="Falta el consentimiento verificado del vendedor por uno de estos medios: {required}. Pídalo y vuelva a enviar.",
)  # fmt: skip
def consent_by_method(case: Case) -> Iterable[Hit]:
    """Where the dated parameter requires methods, the seller must have consented by one of them."""
    required = law.required_consent(case.on)
    consent = given(case)
    if not required or (verified(case) and consent is not None and consent.method in required):
        return ()
    return hit("consent", required=", ".join(sorted(required)))


@rule(
    "CON-002", "subsistence_purchase", "confirmation", norm=NORM, status="unverified", instant="receipt",
    message="El plazo venció o ya se usó. Pida un consentimiento nuevo, o haga una nueva oferta.",
)  # fmt: skip
def consent_live(case: Case) -> Iterable[Hit]:
    """A consent serves once and within its minutes; an offer until its term."""
    if case.item.kind == "confirmation":
        pending = case.pending
        over = pending is not None and pending.outcome is None and _past(case)
        return hit("movement") if over or (pending is not None and pending.outcome == "lapsed") else ()
    consent = given(case)
    return hit("consent") if consent is not None and (consent.used or _lapsed(case, consent)) else ()


def _past(case: Case) -> bool:
    term = case.pending.confirm_by if case.pending is not None else None
    return term is not None and case.received_at > term


@rule(
    "CON-003", "subsistence_purchase", "confirmation", norm=NORM, status="unverified", instant="receipt",
    message="No es la contraparte, o el consentimiento no cubre a este comprador, mineral o cantidad. Revise las partes.",
)  # fmt: skip
def right_counterparty(case: Case) -> Iterable[Hit]:
    """A consent counts for its counterparty, mineral and quantity; an offer is answered by its counterparty's operator."""
    if case.item.kind == "confirmation":
        other = case.pending.counterparty if case.pending is not None else None
        version = version_on(case.world.mandates.get((other, case.operator), ()), case.received_on) if other else None
        return () if version is not None and version.status == "active" else hit("movement")
    consent = given(case)
    return hit("consent") if consent is not None and not _covers(case, consent) else ()


@rule(
    "CON-004", "subsistence_purchase", norm=NORM, status="unverified", severity="warning", instant="receipt",
    message="El vendedor no confirmó por sí mismo: solo lo afirma el comprador. Se cuenta por comprador y se avisa al minero.",
)  # fmt: skip
def asserted_only(case: Case) -> Iterable[Hit]:
    """An operator's word is not a person's consent."""
    return () if verified(case) else hit("consent")


@rule(
    "CON-005", "confirmation", "withdrawal", instant="receipt",
    message="Este movimiento ya no espera respuesta: quedó {outcome}. Consulte su estado.",
)  # fmt: skip
def still_waiting(case: Case) -> Iterable[Hit]:
    """A pending movement ends once."""
    outcome = case.pending.outcome if case.pending is not None else None
    return hit("movement", outcome=_OUTCOMES[outcome]) if outcome is not None and outcome != "lapsed" else ()


_OUTCOMES = {"accepted": "aceptado", "refused": "rechazado por la contraparte", "withdrawn": "retirado"}
