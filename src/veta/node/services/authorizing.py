"""The authorization text gets a new version, and clients accept the one that holds; neither is ever changed.

The hub is told of an acceptance with the proposal of a mandate alone: one made while it is in force stays here until
the next proposal.
"""

from __future__ import annotations

import hashlib
from datetime import date

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.node.models import AuthorizationText, Client, DataAuthorization
from veta.node.queries.authorizing import is_version, wording_on
from veta.site.models import User

HOW = ("paper", "screen", "voice")


class JoiningRefused(DomainError):
    """The client cannot be taken on so, or its authorization taken: the message says what is missing."""

    code = "NOD-013"


def record_text(*, version: str, text: str, since: date, today: date, by: User) -> AuthorizationText:
    """Record a version of the text, from a day on that has not passed: nobody accepted it before.

    Raises JoiningRefused for a version that is there already, a text that says what the one of that day says, or a day
    that has passed. Effects: who joins from then on is given it; who accepted an older one is asked for it.
    """
    version, text = version.strip(), "\n".join(text.strip().splitlines())
    if since < today:
        raise JoiningRefused(gettext("Una versión nueva rige desde hoy o después: lo ya aceptado no se cambia."))
    with transaction.atomic():
        if is_version(version):
            raise JoiningRefused(gettext("Ya hay una versión con ese nombre. Escriba otro."))
        if wording_on(since).text == text:
            raise JoiningRefused(gettext("Ese texto ya rige ese día: no hace falta otra versión."))
        return AuthorizationText.objects.create(version=version, text=text, since=since, recorded_by=by)


def accept(
    client: Client, *, how: str, given_on: date, today: date, by: User, shown: str | None = None
) -> DataAuthorization:
    """Record that a client accepted the text of the day on which it says so; `shown`: the version that the page showed.

    Raises JoiningRefused.
    """
    require_shown(shown, on=today)
    if given_on > today:
        raise JoiningRefused(gettext("Esa fecha no ha llegado. Escriba la del día en que autorizó."))
    if wording_on(given_on) != wording_on(today):
        raise JoiningRefused(
            gettext("Ese día regía otra versión. Muéstrele la de ahora y escriba el día en que la acepte.")
        )
    return keep_acceptance(client, how=how, given_on=given_on, by=by)


def require_shown(version: str | None, *, on: date) -> None:
    """The version that a page showed is still the one that holds: nobody accepts words that they did not see.

    None: no page showed any. Raises JoiningRefused.
    """
    if version is not None and version != wording_on(on).version:
        raise JoiningRefused(
            gettext("El texto cambió mientras llenaba la página. Muéstrele al cliente el de ahora y guarde de nuevo.")
        )


def keep_acceptance(client: Client, *, how: str, given_on: date, by: User) -> DataAuthorization:
    """Keep an acceptance, with the very words that held on its day."""
    if how not in HOW:
        raise JoiningRefused(gettext("Diga cómo dio el cliente la autorización de datos."))
    said = wording_on(given_on)
    return DataAuthorization.objects.create(
        client=client, version=said.version, text=said.text, digest=hashlib.sha256(said.text.encode()).hexdigest(),
        how=how, given_on=given_on, recorded_by=by,
    )  # fmt: skip
