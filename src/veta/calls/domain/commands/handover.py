"""Commands of the hand-over: documents of the services, their delivery, credentials opened once, the firm's keys."""

from datetime import datetime
from uuid import UUID

from veta.calls.domain.call import HANDING_OVER, Call
from veta.calls.domain.commands.evaluator import require_member
from veta.calls.domain.commands.setup import words
from veta.calls.domain.document import Document
from veta.calls.domain.history import Drafted
from veta.calls.domain.refusals import refused

MOST_DOCUMENTS = 20
# Who may be handed credentials: the eligible, and again who lost them while the tests last.
HANDED = ("elegible", "con_servicios", "ronda_1_superada")

# Whose application has ended: what was sealed for it stays closed.
OUT = ("excluida", "retirada", "no_habilitado", "revocado", "vencido")


def add_document(call: Call, added: Document) -> Drafted:
    """A document of the services enters what every firm is handed from now on. Raises CAL-006, CAL-007."""
    if any(each.digest == added.digest for each in call.services):
        raise refused("CAL-006", "Ese documento ya está entre los de los servicios.")
    if len(call.services) >= MOST_DOCUMENTS:
        raise refused("CAL-007", f"Los servicios llevan {MOST_DOCUMENTS} documentos como mucho. Quite alguno.")
    return Drafted(kind="service_document_added", data={"document": added.as_json()})


def remove_document(call: Call, digest: str) -> Drafted:
    """A document leaves what is handed over from now on; whoever got it keeps it. Raises CAL-001."""
    if all(each.digest != digest for each in call.services):
        raise refused("CAL-001", "Ese documento no está entre los de los servicios. Actualice la página.")
    return Drafted(kind="service_document_removed", data={"digest": digest})


def deliver(call: Call, application: UUID, *, version: str, credentials: str, by: str, at: datetime) -> Drafted:
    """The services are handed over to an eligible firm: version, documents, and credentials that it opens once.

    `credentials`: the salted SHA-256 of what is sealed apart. Raises CAL-002, CAL-003, CAL-009 without documents,
    CAL-012, CAL-013, CAL-016.
    """
    found = call.application(application)
    require_member(call, found, by)
    if found.state not in HANDED:
        call.procedure.after(found.state, "receive_services")
    call.timetable.require_begun(HANDING_OVER, at)
    if not call.services:
        raise refused("CAL-009", "Faltan los documentos de los servicios. Súbalos primero en la convocatoria.")
    given = {
        "version": words(version, "la versión de los servicios", longest=60), "digest": credentials,
        "documents": [each.as_json() for each in call.services],
    }  # fmt: skip
    return Drafted(kind="services_delivered", data=given, application=application)


def open_credentials(call: Call, application: UUID) -> Drafted:
    """That the firm opened its credentials. Raises CAL-023 where none wait, or its application has ended."""
    found = call.application(application)
    if found.state in OUT:
        raise refused("CAL-023", "Su solicitud terminó: estas credenciales ya no se abren. Pregunte a la ANM.")
    if not found.delivered or "opened_at" in found.delivered:
        raise refused("CAL-023", "Las credenciales ya se abrieron, o aún no se entregan. Pida otras a la ANM.")
    return Drafted(kind="credentials_opened", data={"digest": found.delivered["digest"]}, application=application)


def hand_in_key(call: Call, application: UUID, *, key: str, purpose: str) -> Drafted:
    """That the firm handed in a key of its operator, with its proof; two officers approve it. Raises CAL-028."""
    require_operator(call, application)
    return Drafted(kind="key_handed_in", data={"key": key, "purpose": purpose}, application=application)


def require_operator(call: Call, application: UUID) -> str:
    """The code of the operator that a firm is. Raises CAL-028 where it is none, or not now."""
    found = call.application(application)
    if found.state != "habilitado" or not found.enablement:
        raise refused("CAL-028", "Las llaves se entregan cuando la empresa ya es operador, y mientras lo sea.")
    return str(found.enablement["code"])
