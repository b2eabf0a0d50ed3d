"""An operator enrolled with its first key, or given another one later: one officer records, a second approves."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk.operators import PURPOSES, done, operator_of
from veta.hub.operators_told import tell_operator
from veta.hub.typed import DayInput
from veta.kernel.errors import DomainError
from veta.kernel.identity import document
from veta.operators.services.enrolment import enrol as enrol_operator
from veta.operators.services.keys import record_key
from veta.registry.queries import actors_of
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage

CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{1,30}[A-Za-z0-9]$"
_HELP = gettext_lazy("Como la muestra «veta hub new-key»: base64.")


class Octets(forms.CharField):
    """So many bytes in base64, as whoever made them sends them."""

    def __init__(self, count: int, **given: Any) -> None:
        super().__init__(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                         **given)  # fmt: skip
        self.count = count

    def clean(self, value: Any) -> bytes:
        """The bytes; ValidationError where they are more, fewer, or no base64."""
        text = super().clean(value)
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != self.count:
            said = _("No son %(count)s bytes en base64. Cópielos enteros, con su relleno.") % {"count": self.count}
            raise forms.ValidationError(said)
        return raw


class KeyForm(forms.Form):
    """A public key, and the signature that proves who holds its private one."""

    uso = forms.ChoiceField(label=gettext_lazy("Para qué es la llave"), choices=list(PURPOSES.items()))
    llave = Octets(32, label=gettext_lazy("Llave pública"), help_text=_HELP)
    prueba = Octets(
        64, label=gettext_lazy("Prueba de posesión"),
        help_text=gettext_lazy("La firma que hace la llave misma. Sin ella no se registra."),
    )  # fmt: skip


class EnrolForm(forms.Form):
    """An operator as its act says it, with its first key."""

    codigo = forms.RegexField(
        CODE, label=gettext_lazy("Código"),
        help_text=gettext_lazy("Letras, cifras y guiones: OTTM-EJEMPLO. No cambia después."),
        error_messages={"invalid": gettext_lazy("Use de 3 a 32 letras sin tilde, cifras o guiones.")},
    )  # fmt: skip
    nombre = forms.CharField(label=gettext_lazy("Nombre"), max_length=200)
    nit = forms.CharField(
        label=gettext_lazy("NIT, si el registro lo tiene"), max_length=16, required=False,
        help_text=gettext_lazy("Así se le avisa por el contacto registrado."),
    )  # fmt: skip
    acto = forms.CharField(label=gettext_lazy("Acto que lo habilita: número y fecha"), max_length=200)
    desde = forms.DateField(label=gettext_lazy("Habilitado desde"), widget=DayInput())
    llave = Octets(32, label=gettext_lazy("Llave pública de firma"), help_text=_HELP)
    prueba = Octets(
        64, label=gettext_lazy("Prueba de posesión"),
        help_text=gettext_lazy("La firma que hace la llave misma, para ese código. Sin ella no se inscribe."),
    )  # fmt: skip

    def clean_nit(self) -> UUID | None:
        """The firm with that NIT; ValidationError where the registry has none."""
        if not (typed := self.cleaned_data["nit"].strip()):
            return None
        try:
            found = actors_of([named := document("NIT", typed)]).get(named)
        except DomainError as refused:
            raise forms.ValidationError(refused.message) from None
        if found is None:
            raise forms.ValidationError(_("El registro no tiene esa firma. Revise el NIT o déjelo vacío."))
        return found


def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol an operator with its first key: all of it or nothing; it signs nothing until another officer approves."""
    form = EnrolForm(request.POST or None)
    if form.is_valid():
        try:
            made = _enrolled(form.cleaned_data, by=person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó inscrito. Su llave cuenta cuando otra persona la apruebe."))
            return redirect("desk_operator", operator=made)
    page = FormPage(
        title=_("Inscribir un operador"), back=reverse("desk_operators"), back_label=_("Operadores"),
        buttons=(Button(_("Inscribir")),),
        lead=_("Usted lo registra y aprueba su primera llave; no firma nada hasta que otra persona la apruebe."),
    )  # fmt: skip
    return page.respond(request, form)


@transaction.atomic
def _enrolled(given: dict[str, Any], *, by: str) -> UUID:
    made = enrol_operator(
        code=given["codigo"], name=given["nombre"], enabled_on=given["desde"], act=given["acto"], officer=by,
        actor=given["nit"],
    )  # fmt: skip
    record_key(operator=made.id, public_key=given["llave"], purpose="signing", officer=by, proof=given["prueba"])
    return made.id


def record(request: HttpRequest, operator: UUID) -> HttpResponse:
    """Record a first or recovery key of an operator, with this officer's approval."""
    owner = operator_of(operator)

    def act(given: dict[str, Any]) -> str:
        key = record_key(
            operator=operator, public_key=given["llave"], purpose=given["uso"], officer=person_of(request).email,
            proof=given["prueba"],
        )  # fmt: skip
        tell_operator(operator, _("la ANM registró la llave %(key)s") % {"key": key})
        return _("La llave %(key)s quedó registrada con su aprobación; falta la de otra persona.") % {"key": key}

    page = FormPage(
        title=_("Registrar una llave"), back=reverse("desk_operator", args=[operator]), back_label=owner.code,
        buttons=(Button(_("Registrar")),), facts=((_("Operador"), f"{owner.code} · {owner.name}"),),
        lead=_("Para la primera llave, la de recuperación, o si el operador perdió las que tenía."),
    )  # fmt: skip
    return done(request, KeyForm(request.POST or None), page, owner, act)
