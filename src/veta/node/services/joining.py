"""A client joins: who it is, its papers, its authorization; then the mandate, which the person confirms at the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.identity import document
from veta.node.answers import Registration
from veta.node.domain.clients import ClientKind, MandateState
from veta.node.domain.papers import PAPERS, due_papers
from veta.node.models import Client, ClientChange, ClientPaper, DataAuthorization, MandateStep
from veta.node.port import HubPort
from veta.node.queries.mandates import last_steps
from veta.node.queries.members import with_document
from veta.node.services.authorizing import HOW, JoiningRefused, keep_acceptance
from veta.node.services.capture import lock
from veta.node.services.identities import require_same_keys
from veta.node.services.mandates import AT_THE_HUB, record_step
from veta.site.models import User

__all__ = [
    "Joining", "JoiningRefused", "add_paper", "ask_code", "confirm", "correct", "end", "look_up", "propose",
    "take_on",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Who joins. `papers`: number by code, as written on each; `how` the authorization was given, and on which day."""

    kind: ClientKind
    name: str
    document_type: str
    document_number: str
    check_digit: str
    municipality: str
    contact: str
    papers: Mapping[str, str]
    how: str
    given_on: date


def take_on(joining: Joining, *, by: User) -> Client:
    """Record a new client with its papers and its authorization, in the text of the day it gave it: one transaction.

    Raises JoiningRefused (a client already, a paper or the authorization missing), IdentityError (number, check digit).
    """
    known = document(joining.document_type, joining.document_number, joining.check_digit or None)
    papers = {code: number.strip() for code, number in joining.papers.items() if number.strip()}
    if due_papers(joining.kind) - papers.keys():
        raise JoiningRefused(gettext("Falta el número de un papel obligatorio. Escríbalo como está en el papel."))
    if joining.how not in HOW:
        raise JoiningRefused(gettext("Diga cómo dio el cliente la autorización de datos."))
    with transaction.atomic():
        require_same_keys()
        if with_document(known).exists():
            raise JoiningRefused(gettext("Ya es cliente. Búsquelo en la lista."))
        client = Client.objects.create(
            kind=joining.kind.value, name=joining.name.strip(), document_type=known.type, document_number=known.number,
            check_digit=joining.check_digit, municipality=joining.municipality, contact=joining.contact.strip(),
            created_by=by,
        )  # fmt: skip
        for code, number in papers.items():
            ClientPaper.objects.create(client=client, code=code, number=number, recorded_by=by)
        keep_acceptance(client, how=joining.how, given_on=joining.given_on, by=by)
    return client


def add_paper(client: Client, code: str, number: str, *, by: User) -> ClientPaper:
    """Record one more paper of a client: a second title, a RUCOM that was renewed; those of before stay.

    Raises JoiningRefused for a paper that its kind does not bring, without a number, or one that is there already.
    """
    number = number.strip()
    if code not in {paper.code for paper in PAPERS[ClientKind(client.kind)]}:
        raise JoiningRefused(gettext("Ese papel no es de esta clase de cliente. Escoja uno de la lista."))
    if not number:
        raise JoiningRefused(gettext("Falta el número del papel. Escríbalo como está en el papel."))
    with transaction.atomic():
        require_same_keys()
        lock(client)
        if any(each.number == number for each in ClientPaper.objects.filter(client=client, code=code)):
            raise JoiningRefused(gettext("Ese papel ya está anotado con ese número. Revise el número."))
        return ClientPaper.objects.create(client=client, code=code, number=number, recorded_by=by)


def correct(client: Client, *, name: str, contact: str, municipality: str, by: User) -> Client:
    """Correct what the operator wrote of a client; what stood before is kept, with who changed it and when.

    Its document is never changed: another document is another client. The same words again change nothing. Raises
    JoiningRefused without a name.
    """
    after = {"name": name.strip(), "contact": contact.strip(), "municipality": municipality}
    if not after["name"]:
        raise JoiningRefused(gettext("Escriba el nombre del cliente."))
    with transaction.atomic():
        require_same_keys()
        lock(client)
        client.refresh_from_db()
        before = {each: getattr(client, each) for each in after}
        if before == after:
            return client
        ClientChange.objects.create(client=client, before=before, changed_by=by)
        for each, value in after.items():
            setattr(client, each, value)
        client.save(update_fields=list(after))
    return client


def look_up(client: Client, hub: HubPort) -> list[Registration]:
    """The registrations that the hub's registry has of a client. Raises HubRefused (404: none), HubUnreachable."""
    return hub.look_up(client.party())["registrations"]


def propose(client: Client, hub: HubPort) -> MandateStep:
    """Propose the client's mandate to the hub, with its data authorization; it counts once the person confirms it.

    Raises JoiningRefused without an authorization or under a mandate in force, HubRefused, HubUnreachable.
    """
    authorization = DataAuthorization.objects.filter(client=client).order_by("-id").first()
    if authorization is None:
        raise JoiningRefused(
            gettext("Falta la autorización de datos del cliente. Tómela antes de proponer el mandato.")
        )
    step = last_steps([client.id]).get(client.id)
    if step is not None and step.state == MandateState.IN_FORCE.value:
        raise JoiningRefused(gettext("El mandato ya está vigente."))
    words = {"version": authorization.version, "text": authorization.text}
    proposed = hub.propose_mandate(client.party(), data_authorization=words)
    return record_step(client, MandateState.PROPOSED, mandate=UUID(proposed["id"]))


def ask_code(client: Client, hub: HubPort) -> str:
    """Have the hub send the person a code, to the contact it holds; the consent's id. Raises what the hub refuses."""
    return str(hub.ask_consent(purpose="mandate", party=client.party())["id"])


def confirm(client: Client, hub: HubPort, *, consent: str, code: str) -> MandateStep:
    """Give the hub the code that the person said; the step that its answer makes. Raises what the hub refuses."""
    step = last_steps([client.id]).get(client.id)
    if step is None or step.mandate is None or step.state != MandateState.PROPOSED.value:
        raise JoiningRefused(gettext("No hay un mandato propuesto que confirmar. Propóngalo antes."))
    shown = hub.confirm_mandate(str(step.mandate), consent={"id": consent, "code": code})
    state = AT_THE_HUB.get(str(shown["status"]), MandateState.PROPOSED)
    return record_step(client, state, mandate=step.mandate)


def end(client: Client, hub: HubPort, *, by: User) -> MandateStep:
    """End the client's mandate at the hub, from today on; what waits to be sent is held. The step says who asked.

    Raises JoiningRefused where none is in force, HubRefused, HubUnreachable: then it stands as it did, and asking
    again is harmless.
    """
    step = last_steps([client.id]).get(client.id)
    if step is None or step.mandate is None or step.state != MandateState.IN_FORCE.value:
        raise JoiningRefused(gettext("No hay un mandato vigente que terminar. Vea cómo está en Mandato."))
    hub.end_mandate(str(step.mandate))
    return record_step(client, MandateState.ENDED, mandate=step.mandate, cause=f"node: {by.pk}")
