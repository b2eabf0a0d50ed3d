"""Forms of the site's own pages, and how every form is drawn: label, help, error and control tied to each other."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from veta.site.models import role_choices
from veta.site.purposes import PURPOSES


class Renderer(TemplatesSetting):
    """Draws each field with `site/field.html`."""

    field_template_name = "site/field.html"


class InvitationForm(forms.Form):
    """A new account."""

    name = forms.CharField(label=_("Nombre completo"), max_length=200)
    email = forms.EmailField(
        label=_("Correo institucional"),
        max_length=254,
        help_text=_("A este correo llega el enlace para fijar la contraseña."),
    )


class RoleForm(forms.Form):
    """A role asked for a person."""

    role = forms.ChoiceField(label=_("Rol"), choices=role_choices)
    reason = forms.CharField(
        label=_("Motivo"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cite el acto o la función que lo justifica; queda en el registro."),
    )


class ReasonForm(forms.Form):
    """The reason of an act."""

    reason = forms.CharField(label=_("Motivo de su decisión"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ConfirmForm(forms.Form):
    """An act that needs no more than to be confirmed."""


class PurposeForm(forms.Form):
    """What for a person's data are about to be read."""

    purpose = forms.ChoiceField(label=_("Finalidad"), choices=PURPOSES, widget=forms.Select)
    reference = forms.CharField(
        label=_("Expediente, acto o caso"), max_length=200, help_text=_("Por ejemplo el número del expediente.")
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].widget.attrs["autocomplete"] = "off"
