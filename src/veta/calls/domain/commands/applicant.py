"""Commands of an applicant: register, fill the dossiers, submit, withdraw, cure, observe, take the services, appeal."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.application import Application
from veta.calls.domain.call import (
    HANDING_OVER,
    LAST_OBSERVING,
    OBSERVING,
    REGISTRATION,
    Call,
)
from veta.calls.domain.commands.setup import words
from veta.calls.domain.curing import window_of
from veta.calls.domain.document import Document
from veta.calls.domain.history import Drafted
from veta.calls.domain.indicators import figures_of
from veta.calls.domain.refusals import refused
from veta.kernel.canonical_json import canonical
from veta.kernel.identity import document
from veta.kernel.ids import uuid7

GONE = {"retirada", "no_presentada"}
MOST_DOCUMENTS = 10
MOST_CONTACTS = 5
MOST_BYTES = 500 * 2**20  # of all that an application ever brings
PUBLISHED_FOR = {"preliminary": OBSERVING, "results": LAST_OBSERVING}


def register(call: Call, *, owner: str, firm: str, nit: str, check: str, at: datetime) -> Drafted:
    """An applicant registers. Raises CAL-003, CallLate, IdentityError for the NIT, CAL-016, and CAL-020 where the firm
    or the account is in the call already."""
    _require_published(call)
    call.timetable.require_open(REGISTRATION, at)
    if not check.strip():
        raise refused("CAL-020", "Escriba el dígito de verificación del NIT.")
    number = document("NIT", nit, check.strip()).number
    standing = [each for each in call.applications.values() if each.state not in GONE]
    if any(each.nit == number for each in standing):
        raise refused("CAL-020", "Esa empresa ya tiene una solicitud en esta convocatoria. Ingrese con su cuenta.")
    if any(each.owner == owner for each in standing):
        raise refused("CAL-020", "Esta cuenta ya tiene una solicitud en esta convocatoria. Continúe con ella.")
    given = {"owner": owner, "firm": words(firm, "el nombre de la empresa", longest=200), "nit": number}
    return Drafted(kind="registered", data=given, application=uuid7())


def _require_published(call: Call) -> None:
    if call.opened_at is None:
        raise refused("CAL-003", "La convocatoria aún no se publica. Vuelva cuando abra.")


def add_document(call: Call, application: UUID, item: str, added: Document, *, at: datetime) -> Drafted:
    """A document enters a dossier while it is being prepared. Raises CAL-002, CAL-003, CallLate, CAL-006 for an item
    that takes none, CAL-007 for more than ten, or more than an application may bring in all."""
    found = _drafting(call, application, at)
    _require_item(call, item, proof="document")
    held = found.item(item).documents
    if any(each.digest == added.digest for each in held):
        raise refused("CAL-006", "Ese documento ya está en ese requisito. No hace falta enviarlo otra vez.")
    if len(held) >= MOST_DOCUMENTS:
        raise refused("CAL-007", f"Cada requisito lleva {MOST_DOCUMENTS} documentos como mucho. Júntelos en uno.")
    _require_room(found, added.size)
    return Drafted(kind="document_added", data={"item": item, "document": added.as_json()}, application=application)


def _require_room(found: Application, size: int) -> None:
    """Raises CAL-007: what an application ever brought is kept, what it took out again too."""
    if found.brought + size > MOST_BYTES:
        raise refused("CAL-007", f"Su solicitud ya trajo {MOST_BYTES // 2**20} MiB. Envíe documentos más livianos.")


def _brought_with(found: Application, documents: Iterable[Document]) -> list[dict[str, Any]]:
    """The documents that come with a cure, an observation or an appeal, each once. Raises CAL-007."""
    made = list({each.digest: each.as_json() for each in documents}.values())
    if len(made) > MOST_DOCUMENTS:
        raise refused("CAL-007", f"Se envían {MOST_DOCUMENTS} documentos como mucho a la vez. Júntelos en uno.")
    _require_room(found, sum(each["size"] for each in made))
    return made


def remove_document(call: Call, application: UUID, item: str, digest: str, *, at: datetime) -> Drafted:
    """A document leaves the dossier while it is being prepared; its bytes stay in the history."""
    found = _drafting(call, application, at)
    if all(each.digest != digest for each in found.item(item).documents):
        raise refused("CAL-001", "Ese documento no está en ese requisito. Actualice la página.")
    return Drafted(kind="document_removed", data={"item": item, "digest": digest}, application=application)


def give_figures(call: Call, application: UUID, figures: Mapping[str, str], *, at: datetime) -> Drafted:
    """The figures of the financial statements. Raises CAL-024 and as `add_document`."""
    _drafting(call, application, at)
    made = {name: str(value) for name, value in figures_of(figures).items()}
    return Drafted(kind="figures_given", data={"figures": made}, application=application)


def _drafting(call: Call, application: UUID, at: datetime) -> Application:
    found = call.application(application)
    call.timetable.require_open(REGISTRATION, at)
    call.procedure.after(found.state, "submit")
    return found


def _require_item(call: Call, item: str, *, proof: str) -> None:
    found = call.requirements.get(item)
    if found is None or found.proof != proof:
        raise refused("CAL-006", "Ese requisito no existe o se prueba de otra manera. Vea la lista de requisitos.")


def missing(call: Call, application: Application) -> tuple[str, ...]:
    """The requirements that the dossiers do not answer yet."""
    return tuple(
        code
        for code, each in sorted(call.requirements.items())
        if not (application.figures if each.proof == "figures" else application.item(code).documents)
    )


def manifest_of(application: Application) -> dict[str, Any]:
    """What a submission holds: the hashes of each item's documents and of the figures."""
    held = {
        code: [each.digest for each in item.documents]
        for code, item in sorted(application.items.items())
        if item.documents
    }
    return {"documents": held, "figures": hashlib.sha256(canonical(dict(application.figures))).hexdigest()}


def submit(call: Call, application: UUID, *, at: datetime) -> Drafted:
    """The application is handed in, whole. Raises CAL-003, CallLate, CAL-002, and CAL-009 with what is missing."""
    found = _drafting(call, application, at)
    if lacking := missing(call, found):
        raise refused("CAL-009", f"Faltan estos requisitos: {', '.join(lacking)}. Complételos y presente otra vez.")
    return Drafted(kind="submitted", data={"manifest": manifest_of(found)}, application=application)


def withdraw(call: Call, application: UUID, reason: str) -> Drafted:
    """The applicant leaves, at any point before the official list. Raises CAL-002, CAL-016."""
    call.procedure.after(call.application(application).state, "withdraw")
    return Drafted(kind="withdrawn", data={"reason": words(reason, "el motivo", longest=1000)}, application=application)


def cure(
    call: Call,
    application: UUID,
    item: str,
    documents: Iterable[Document],
    *,
    figures: Mapping[str, str] | None = None,
    at: datetime,
) -> Drafted:
    """One item is cured, once, within the term.

    Raises CAL-011 where it was not asked, CAL-010 where it was answered before, CallLate, CAL-003, CAL-009 with nothing
    to show, CAL-024.
    """
    found = call.application(application)
    asked = found.item(item).cure
    if asked is None:
        raise refused("CAL-011", "Ese requisito no está por subsanar. Vea lo que se le pidió.")
    if asked.answered_at is not None:
        raise refused("CAL-010", "Ese requisito ya se subsanó, y se hace una sola vez. Espere la revisión.")
    window_of(call, found, at).require_open(at)
    if found.state != "por_subsanar":
        call.procedure.after(found.state, "answer_cure")
    made = _brought_with(found, documents)
    of_figures = call.requirements[item].proof == "figures"
    given = {name: str(value) for name, value in figures_of(figures or {}).items()} if of_figures else {}
    if not (made or given):
        raise refused("CAL-009", "Adjunte el documento con el que subsana.")
    return Drafted(kind="item_cured", data={"item": item, "documents": made, "figures": given}, application=application)


def observes(call: Call, found: Application) -> str:
    """The list that a firm may observe, in its window: `results`, `preliminary`, or none."""
    on = "results" if call.has("results") else "preliminary"
    return on if call.has(on) and found.state not in {*GONE, "borrador", "excluida"} else ""


def observe(
    call: Call,
    application: UUID,
    text: str,
    *,
    item: str = "",
    documents: Iterable[Document] = (),
    at: datetime,
) -> Drafted:
    """An observation of the list that was last published. Raises CAL-023 where there is none to observe, CAL-003,
    CallLate, CAL-016, CAL-007."""
    found = call.application(application)
    on = observes(call, found)
    if not on:
        raise refused("CAL-023", "No hay lista publicada que usted pueda observar. Espere la publicación.")
    call.timetable.require_open(PUBLISHED_FOR[on], at)
    if item and item not in call.requirements:
        raise refused("CAL-023", "Ese requisito no existe. Elija uno de la lista.")
    given: dict[str, Any] = {"id": str(uuid7()), "on": on, "text": words(text, "la observación"), "item": item}
    given["documents"] = _brought_with(found, documents)
    return Drafted(kind="observed", data=given, application=application)


def receive_services(call: Call, application: UUID, *, at: datetime) -> Drafted:
    """The eligible firm acknowledges what was handed over: version, documents, credentials that it opened.

    Raises CAL-002, CAL-003, CAL-023 with nothing delivered or opened.
    """
    found = call.application(application)
    call.procedure.after(found.state, "receive_services")
    call.timetable.require_begun(HANDING_OVER, at)
    if not found.delivered:
        raise refused("CAL-023", "La ANM aún no le entrega los servicios. Espere el aviso.")
    if "opened_at" not in found.delivered:
        raise refused("CAL-023", "Abra primero las credenciales: su recibo dice que las tiene.")
    given = {name: found.delivered[name] for name in ("version", "digest", "documents")}
    return Drafted(kind="services_received", data=given, application=application)


def appeal(
    call: Call, application: UUID, text: str, *, documents: Iterable[Document] = (), at: datetime
) -> Drafted:  # fmt: skip
    """An appeal against a decision, recorded with its day; its term is the norm's, which nobody here read. Raises
    CAL-023 where the procedure has no appeal from that state or one is open, CAL-016, CAL-007."""
    found = call.application(application)
    if found.open_appeal is not None:
        raise refused("CAL-023", "Ya tiene un recurso por decidir. Espere la decisión.")
    if not call.procedure.admits(found.state, "uphold_appeal"):
        raise refused("CAL-023", "No hay una decisión contra la cual recurrir. Vea en qué está su solicitud.")
    given: dict[str, Any] = {"id": str(uuid7()), "text": words(text, "el recurso"), "against": found.state}
    given["documents"] = _brought_with(found, documents)
    return Drafted(kind="appeal_filed", data=given, application=application)


def change_contacts(
    call: Call, application: UUID, *, contacts: UUID, before: str, count: int, digest: str
) -> Drafted:  # fmt: skip
    """A firm gives other contacts: they are sealed in the row `contacts`, whose bytes have that SHA-256.

    `before`: the row that they replace. Raises CAL-002 where the application has ended, CAL-016 for none or too many.
    """
    found = call.application(application)
    if found.state in GONE:
        raise refused("CAL-002", "Su solicitud terminó: sus contactos ya no cambian.")
    if not 1 <= count <= MOST_CONTACTS:
        raise refused("CAL-016", f"Escriba de uno a {MOST_CONTACTS} contactos.")
    given = {"contacts": str(contacts), "before": before, "count": count, "digest": digest}
    return Drafted(kind="contacts_changed", data=given, application=application)


def refuse_late(application: UUID | None, what: str, *, activity: str, closed_at: datetime) -> Drafted:
    """That something arrived late is written down, with the server's hour; the receipt says it too."""
    said = {"what": what, "activity": activity, "closed_at": closed_at.isoformat()}
    return Drafted(kind="refused_late", data=said, application=application)
