"""The authorization text: its versions on the operator's desk, and each client's acceptances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.node.domain.authorizing import FIRST
from veta.node.domain.spoken import moment
from veta.node.models import DataAuthorization
from veta.node.pages.joining_forms import DATE, HOW_LABELS, saved
from veta.node.queries.authorizing import acceptances, holders, outdated, texts, wording_on
from veta.node.queries.members import client_for
from veta.node.roles import NodeRole
from veta.node.services.authorizing import accept, record_text
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage, Text


class TextForm(forms.Form):
    """A new version of the text, no longer than what a proposal of a mandate may bring to the hub."""

    version = forms.CharField(label=gettext_lazy("Versión"), max_length=60)
    texto = forms.CharField(
        label=gettext_lazy("Texto"), max_length=4000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "Diga quién trata los datos, para qué, qué derechos tiene el titular y cómo los ejerce (Ley 1581 de 2012)."
        ),
    )  # fmt: skip
    desde = forms.DateField(label=gettext_lazy("Rige desde"), widget=DATE)


class AcceptForm(forms.Form):
    """A client accepts the text that holds."""

    autorizacion = forms.ChoiceField(
        label=gettext_lazy("Cómo aceptó el texto vigente"), choices=HOW_LABELS, widget=forms.RadioSelect
    )
    autorizada = forms.DateField(label=gettext_lazy("Fecha en que lo aceptó"), widget=DATE)


def versions(request: HttpRequest) -> HttpResponse:
    """The versions of the text, since when each holds, who recorded it, and how many clients stand by it."""
    count, holds = holders(), wording_on(_today())
    own = [(each.version, each.since, each.recorded_by.name, each.text) for each in texts()]
    first = (FIRST.version, None, "", FIRST.text)
    rows = [(*each, count[each[0]], each[0] == holds.version) for each in (*own, first)]
    return render(request, "node/texts.html", {"rows": rows, "today": _today()})


def new_version(request: HttpRequest) -> HttpResponse:
    """Record a version of the text; those of before, and who accepted them, stay."""
    today = _today()
    holds = wording_on(today)
    form = TextForm(request.POST or None, initial={"desde": today, "texto": holds.text})
    if form.is_valid():
        given, by = form.cleaned_data, person_of(request)
        made = saved(
            form,
            lambda: record_text(
                version=given["version"], text=given["texto"], since=given["desde"], today=today, by=by
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("La versión quedó guardada: se pide a quien llegue, y a quien aceptó otra."))
            return redirect("node_texts")
    page = FormPage(
        title=_("Nueva versión"), back=reverse("node_texts"), back_label=_("Autorización de datos"),
        buttons=(Button(_("Guardar la versión")),),
        lead=_("Una versión guardada no se cambia ni se borra: si tiene un error, guarde otra."),
        facts=((_("Rige hoy"), holds.version),),
    )  # fmt: skip
    return page.respond(request, form)


def authorization(request: HttpRequest, client: UUID) -> HttpResponse:
    """What the client accepted, when and how; where a later text holds, it is shown and its acceptance recorded."""
    found, today = client_for(person_of(request).id, client, NodeRole.OWNER), _today()
    asked = outdated(found.id, today)
    form = AcceptForm(request.POST or None, initial={"autorizada": today})
    if asked is not None and form.is_valid():
        given, by = form.cleaned_data, person_of(request)
        made = saved(
            form,
            lambda: accept(
                found, how=given["autorizacion"], given_on=given["autorizada"], today=today, by=by,
                shown=request.POST.get("decision"),
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("La aceptación quedó guardada, con el texto y la versión."))
            return redirect("node_authorization", client=found.id)
    page = FormPage(
        title=_("Autorización de datos"), back=reverse("node_client", args=[found.id]), back_label=found.name,
        buttons=(Button(_("Guardar la aceptación"), value=asked.version),) if asked is not None else (),
        lead=_("El cliente no ha aceptado el texto que rige. Muéstreselo y anote cómo lo aceptó.")
        if asked is not None else _("El cliente aceptó el texto que rige."),
        facts=(
            *(((_("Texto que rige"), asked.text), (_("Versión"), asked.version)) if asked is not None else ()),
            *_accepted(acceptances(found.id)),
        ),
    )  # fmt: skip
    if asked is None:
        form.fields.clear()
    return page.respond(request, form)


def _accepted(given: Iterable[DataAuthorization]) -> Iterator[tuple[Text, Text]]:
    """Each acceptance: which version, when, how, and who recorded it; its words below."""
    how = dict(HOW_LABELS)
    for each in given:
        words = _("%(version)s, el %(day)s, %(how)s; lo anotó %(by)s el %(at)s") % {
            "version": each.version, "day": each.given_on.isoformat(), "how": str(how[each.how]).lower(),
            "by": each.recorded_by.name, "at": moment(each.recorded_at),
        }  # fmt: skip
        yield _("Aceptó"), words
        yield _("Con estas palabras"), each.text


def _today() -> date:
    return bogota_date(SystemClock().now())
