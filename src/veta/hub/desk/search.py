"""One box for whatever is known: a code or an id goes in the address, a person's document only in a body."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk.allowed import may
from veta.hub.desk.tables import Cell, Table, columns
from veta.kernel.errors import DomainError
from veta.kernel.identity import DOCUMENT_TYPES, IdentityError, document, title_code
from veta.ledger.queries import lots
from veta.movements.queries.desk import by_id
from veta.operators.queries import operators_now
from veta.registry.queries import actors_of, kinds_of, titles_by_code
from veta.storage.connection import plain_cursor

MOST = 20
DOCUMENTS = [(each, each) for each in DOCUMENT_TYPES]


class DocumentForm(forms.Form):
    """A person's or a firm's document; it is sent in the body, never in an address that logs keep."""

    tipo = forms.ChoiceField(label=gettext_lazy("Tipo de documento"), choices=DOCUMENTS)
    numero = forms.CharField(
        label=gettext_lazy("Número"), max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def search(request: HttpRequest) -> HttpResponse:
    """What a code, an id or an operator's name finds; a document leads to its actor, who asks for the purpose."""
    may_see_people = may(request, "desk_actor")
    form = DocumentForm(request.POST or None) if may_see_people else None
    if form is not None and form.is_valid():
        found = _actor(form)
        if found is not None:
            return redirect("desk_actor", actor=found)
    text = request.GET.get("q", "").strip()[:60]
    rows = _found(request, text) if text else []
    if len(rows) == 1 and rows[0][0].url and request.GET.get("ir"):
        return redirect(rows[0][0].url)
    table = Table(
        _("Lo que se encontró"), columns(_("Resultado"), _("Qué es")), rows,
        empty=_("Nada con ese código. Escriba la placa completa, el identificador completo o el nombre del operador."),
    )  # fmt: skip
    context = {"text": text, "table": table if text else None, "form": form}
    return render(request, "hub/desk/search.html", context, status=422 if form is not None and form.errors else 200)


def _actor(form: DocumentForm) -> UUID | None:
    try:
        asked = document(form.cleaned_data["tipo"], form.cleaned_data["numero"])
    except DomainError as refused:
        form.add_error("numero", refused.message)
        return None
    found = actors_of([asked]).get(asked)
    if found is None:
        form.add_error("numero", _("Ese documento no está en el registro. Revise tipo y número."))
    return found


def _found(request: HttpRequest, text: str) -> list[list[Cell]]:
    found = [*_by_id(request, text), *_titles(request, text), *_operators(request, text)]
    return [[Cell(label, url=url), Cell(what)] for label, url, what in found[:MOST]]


def _by_id(request: HttpRequest, text: str) -> Any:
    try:
        id = UUID(text)
    except ValueError:
        return
    if may(request, "desk_movement") and by_id(plain_cursor(), [id]):
        yield text, reverse("desk_movement", args=[id]), _("Movimiento")
    if may(request, "desk_lot") and lots(plain_cursor(), [id]):
        yield text, reverse("desk_lot", args=[id]), _("Lote")
    if may(request, "desk_actor") and kinds_of([id]):
        yield text, reverse("desk_actor", args=[id]), _("Actor")


def _titles(request: HttpRequest, text: str) -> Any:
    try:
        code = title_code(text)
    except IdentityError:
        return
    if titles_by_code([code]):
        yield code, reverse("desk_title", args=[code]), _("Título minero")


def _operators(request: HttpRequest, text: str) -> Any:
    if not may(request, "desk_operator"):
        return
    wanted = text.casefold()
    for each in operators_now():
        if wanted in each.code.casefold() or wanted in each.name.casefold():
            yield f"{each.code} · {each.name}", reverse("desk_operator", args=[each.id]), _("Operador tecnológico")
