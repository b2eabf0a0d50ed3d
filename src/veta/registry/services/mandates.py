"""Mandates: an operator asks, and nothing is shown until the party itself consents or an officer holds the document."""

from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from veta.kernel.clock import Clock
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.registry.coherence import validity_findings
from veta.registry.domain import Act, Consent
from veta.registry.queries.actors import kinds_of
from veta.registry.recording import insert
from veta.registry.refusals import act_findings, finding, refuse, refuse_if_any
from veta.registry.services.consents import Presented, present_consents, use_consents
from veta.registry.services.titles import version_columns

_NORM = "Ley 1581 de 2012 art. 9 (autorización del titular)"


@transaction.atomic
def propose_mandate(actor: UUID, operator: UUID, *, authorization_text: str, authorization_version: str) -> UUID:
    """Record an operator's request to report for an actor; returns the proposal's id. It gives and shows nothing.

    Raises RegistryRefused: IDE-001 unknown actor, MAN-002 without the data authorization's text and version.
    """
    if actor not in kinds_of([actor]):
        raise refuse(finding("IDE-001", "party", "Esa persona no está en el registro. Regístrela primero."))
    if not authorization_text.strip() or not authorization_version.strip():
        message = "Falta el texto de la autorización de datos que la persona acepta, o su versión. Inclúyalos."
        raise refuse(finding("MAN-002", "data_authorization", message, norm=_NORM))
    proposal = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_mandate (id, actor_id, operator) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [uuid7(), actor, operator],
        )
        cursor.execute(
            "INSERT INTO registry_mandateproposal (id, mandate_id, authorization_version, authorization_text)"
            " SELECT %s, id, %s, %s FROM registry_mandate WHERE actor_id = %s AND operator = %s",
            [proposal, authorization_version, authorization_text, actor, operator],
        )
    return proposal


def confirm_by_consent(proposal: UUID, presented: Presented, *, clock: Clock) -> UUID:
    """Confirm a mandate by the party's own consent, from today on; returns the version's id.

    A wrong code is counted even though the confirmation is refused. Raises RegistryRefused: MAN-003 unknown proposal,
    CON-001 consent unknown, of another purpose or not verified, CON-002 expired, CON-003 of other parties or used.
    """
    now = clock.now()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        mandate, actor, operator = _lock_mandate_of(cursor, proposal)
        consent = present_consents(cursor, [presented]).get(presented)
        refusal = _consent_refusal(consent, actor, operator)
        if refusal is None and consent is not None and consent.expires_at < now:
            refusal = ("CON-002", "El código venció. Pida uno nuevo.")
        if refusal is None:
            act = Act(reference=f"consentimiento {presented.id}", source="parte", recorded_by=str(operator))
            version = _insert(mandate, proposal, status="active", valid_from=bogota_date(now), act=act)
            use_consents(cursor, [(presented.id, version)])
    if refusal is not None:
        raise refuse(finding(refusal[0], "consent", refusal[1]))
    return version


@transaction.atomic
def confirm_by_document(proposal: UUID, *, valid_from: date, act: Act, valid_to: date | None = None) -> UUID:
    """Confirm a mandate by the signed document that an officer holds; returns the version's id.

    Raises RegistryRefused: REG-001/002 (the document is the act's reference), MAN-003 unknown proposal, REG-007.
    """
    refuse_if_any([*act_findings(act, two_persons=False), *validity_findings(valid_from, valid_to)])
    with connection.cursor() as cursor:
        mandate, _, _ = _lock_mandate_of(cursor, proposal)
        return _insert(mandate, proposal, status="active", valid_from=valid_from, valid_to=valid_to, act=act)


@transaction.atomic
def revoke_mandate(actor: UUID, operator: UUID, *, on: date, act: Act) -> UUID:
    """End a mandate from `on` (inclusive), by either side; what was reported before stands. Returns the version's id.

    Raises RegistryRefused: REG-001/002, MAN-001 where there never was one.
    """
    refuse_if_any(act_findings(act, two_persons=False))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM registry_mandate m WHERE actor_id = %s AND operator = %s AND EXISTS"
            " (SELECT FROM registry_mandateversion v WHERE v.mandate_id = m.id) FOR UPDATE",
            [actor, operator],
        )
        row = cursor.fetchone()
        if row is None:
            message = "Ese operador no tiene mandato de esa persona. No hay nada que revocar."
            raise refuse(finding("MAN-001", "mandate", message))
        return _insert(row[0], None, status="revoked", valid_from=on, act=act)


def _lock_mandate_of(cursor: CursorWrapper, proposal: UUID) -> tuple[UUID, UUID, UUID]:
    cursor.execute(
        "SELECT m.id, m.actor_id, m.operator FROM registry_mandate m JOIN registry_mandateproposal p"
        " ON p.mandate_id = m.id WHERE p.id = %s FOR UPDATE OF m",
        [proposal],
    )
    row = cursor.fetchone()
    if row is None:
        raise refuse(finding("MAN-003", "mandate", "Esa propuesta de mandato no existe. Revise su número."))
    return row[0], row[1], row[2]


def _consent_refusal(consent: Consent | None, actor: UUID, operator: UUID) -> tuple[str, str] | None:
    if consent is None or consent.purpose != "mandate" or not consent.verified:
        return "CON-001", "El código no corresponde. Revíselo; tras cinco fallas pida uno nuevo."
    if consent.used or consent.party != actor or consent.counterparty != operator:
        return "CON-003", "Ese consentimiento ya se usó o es de otras partes. Pida uno nuevo."
    return None


def _insert(
    mandate: UUID,
    proposal: UUID | None,
    *,
    status: str,
    valid_from: date,
    act: Act,
    valid_to: date | None = None,
) -> UUID:
    id = uuid7()
    insert(
        "registry_mandateversion",
        [
            {
                "id": id,
                "mandate_id": mandate,
                "proposal_id": proposal,
                "status": status,
                **version_columns(valid_from, valid_to, act),
            }
        ],
    )
    return id
