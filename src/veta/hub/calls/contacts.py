"""The people of a firm who are written to: as many as it gives, changed by its own account."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from veta.calls.domain.commands.applicant import MOST_CONTACTS
from veta.calls.services.clock import call_now
from veta.calls.services.contacts import Contact, contacts_of, give_contacts, last_row
from veta.hub.calls.applicant import done, own_of, owner_of, page_of
from veta.hub.calls.forms import ContactsForm
from veta.site.form_page import Button


def change(request: HttpRequest, code: str) -> HttpResponse:
    """Give the contacts, in the place of those that there were; the former ones are told too."""
    call, found = own_of(request, code)
    initial: dict[str, Any] = {}
    for n, each in enumerate(contacts_of(found.id, last_row(found.id)), start=1):
        initial |= {f"nombre_{n}": each.name, f"correo_{n}": each.email, f"telefono_{n}": each.phone}

    def act(given: dict[str, Any]) -> str:
        made = [
            Contact(given[f"nombre_{n}"], given[f"correo_{n}"], given[f"telefono_{n}"])
            for n in range(1, MOST_CONTACTS + 1)
            if given[f"correo_{n}"]
        ]
        give_contacts(call.id, found.id, made, owner=owner_of(request), now=call_now())
        return _("Sus contactos quedaron guardados. Avisamos a los de antes y a los nuevos.")

    lead = _("A todos les llegan los avisos. Se guardan cifrados y no se publican.")
    page = page_of(call, _("Contactos"), Button(_("Guardar")), lead=lead)
    return done(request, ContactsForm(request.POST or None, initial=initial), page, call, act)
